"""Place phrases of a report: capitalized names, what the gazetteer knows of them, and the relation they stand in.

Invariant: a phrase's one span covers exactly its toponym words. Which place is meant is decided in `resolve.places`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from tarikh import reference
from tarikh.extract.place_words import LONGEST_CUE, Cues, PlaceWords, place_words
from tarikh.gazetteer import Gazetteer
from tarikh.model import Part, Phrase, Report, Span
from tarikh.text import fold, straight

_TOKEN = re.compile(r"[^\W_]+(?:['’ʼ‘‐‑-][^\W_]+)*")
_PLAIN_GAP = re.compile(r"[ \t\xa0]+\Z")
_DASH = re.compile(r"\s*[–—/-]\s*\Z")
_POSSESSIVE = re.compile(r"['’]s\Z|(?<=s)['’]\Z")
_OPENING = re.compile(r"[.!?:;…\n•*]\s*[\"'“‘«(\[–—-]*\s*\Z|\A[\s\"'“‘«(\[–—-]*\Z")
_DATELINE_END = re.compile(r"\s(?:[–—-]|--)\s|\)\s*[–—]\s?|[–—]\s")
_PARAGRAPH = re.compile(r"[^\n]+")
_LONGEST_NAME = 6
_CONTAINERS = frozenset(("in", "near", "admin1", "admin2", "origin", "toward"))

_folded = lru_cache(maxsize=50_000)(fold)


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    text: str
    words: tuple[str, ...]
    capital: bool
    gap: str

    @property
    def joined(self) -> bool:
        """Whether nothing but blanks stands between it and the token before."""
        return _PLAIN_GAP.match(self.gap) is not None


@dataclass(slots=True)
class _Found:
    """A phrase while its neighbors are still being read. `first` and `last` are token numbers."""

    text: str
    start: int
    end: int
    first: int
    last: int
    role: str | None = None
    head: str = ""
    left: tuple[str, ...] = ()
    nationality: str | None = None
    known: bool = True


def find(report: Report, gazetteer: Gazetteer, language: str) -> tuple[Phrase, ...]:
    """All place phrases of title and text, in their order. Raises `MissingError` without a lexicon of the language.

    `role` is `in`, `near`, `toward`, `origin`, `admin1`, `admin2`, `country`, `dateline`, `demonym`, `metonym` or None
    (a bare name); `head` is the cue, unit word or direction that it was read from ("region", "km north of", "border").
    A demonym carries its country as `nationality`. Names that the gazetteer lacks are given after a locative cue only.
    """
    words = place_words(language)
    body = _Reading("text", report.text, words, gazetteer, language).found()
    if unlisted := frozenset(_folded(f.text) for f in body if not f.known or _folded(f.text) in words.plain):
        # A village told once with a cue ("in Xa") is the same village where it stands bare.
        body = _Reading("text", report.text, words, gazetteer, language, unlisted).found()
    told = frozenset(_folded(f.text) for f in body if f.role != "demonym")
    title = _Reading("title", report.title, words, gazetteer, language, told).found()
    return tuple(
        Phrase(f.text, (Span(part, f.start, f.end),), f.head, f.role, f.nationality)
        for part, rows in (("title", title), ("text", body))
        for f in rows
    )


def _tokens(text: str, particles: frozenset[str]) -> list[_Token]:
    found: list[_Token] = []
    end = 0
    for match in _TOKEN.finditer(text):
        word = match.group()
        words = tuple(_folded(word).split())
        # "al-Ayn": a small word hyphened to a name.
        capital = word[0].isupper() or (
            len(words) > 1 and words[0] in particles and word[len(words[0]) + 1].isupper()
        )
        found.append(_Token(match.start(), match.end(), word, words, capital, text[end : match.start()]))
        end = match.end()
    return found


def _shouted(tokens: Sequence[_Token]) -> bool:
    """Whether capitals tell nothing here: a title in title case, or a text in capitals."""
    long = [t for t in tokens if len(t.text) > 3 and t.text[0].isalpha()]
    return len(long) > 2 and sum(t.capital for t in long) > 0.75 * len(long)


@dataclass
class _Reading:
    """One reading of a title or text."""

    part: Part
    text: str
    words: PlaceWords
    gazetteer: Gazetteer
    language: str
    told: frozenset[str] = frozenset()
    tokens: list[_Token] = field(default_factory=list)
    masked: list[tuple[int, int]] = field(default_factory=list)
    rows: list[_Found] = field(default_factory=list)

    def found(self) -> list[_Found]:
        """The phrases, in order."""
        self.text = straight(self.text)
        self.tokens = _tokens(self.text, self.words.particles)
        self.masked = [(n.start, n.end) for n in reference.named(self.text)]
        shouted = _shouted(self.tokens)
        lower = frozenset(word for t in self.tokens if not t.capital for word in t.words)
        at = 0
        while at < len(self.tokens):
            token = self.tokens[at]
            if not token.capital or self._is_masked(token):
                self._capital(at)
                at += 1
                continue
            at = self._take(at, self._run(at), shouted, lower)
        self._join()
        self._datelines()
        return self.rows

    # ---- names ---------------------------------------------------------------------------------------------

    def _is_masked(self, token: _Token) -> bool:
        return any(start < token.end and token.start < end for start, end in self.masked)

    def _run(self, at: int, bonds: frozenset[str] = frozenset()) -> int:
        """The last token of the capitalized run that begins here; small words count inside it only."""
        last = at
        for n in range(at + 1, min(at + _LONGEST_NAME, len(self.tokens))):
            token = self.tokens[n]
            if not token.joined or self._is_masked(token) or _POSSESSIVE.search(self.tokens[n - 1].text):
                break
            if token.capital:
                last = n
            elif (word := " ".join(token.words)) not in self.words.particles and word not in bonds:
                break
        return last

    def _take(self, first: int, last: int, shouted: bool, lower: frozenset[str]) -> int:
        """Read the run from `first` on; the number of the token to go on with."""
        token = self.tokens[first]
        if self._demonym(first):
            return first + 1
        short = not shouted and len(token.text) <= 3 and token.text.isupper()  # "US" is no "us"
        if " ".join(token.words) in self.words.common and not (short and self._nation_name(token.text)):
            return first + 1
        for end in range(self._run(first, self.words.bonds), first - 1, -1):
            if self.tokens[end].capital and self._known(first, end):
                return self._place(first, end, last, shouted, lower)
        if (split := self._axis(first)) is not None:
            return split
        if self._title_before(first + 1) and last > first:
            return last + 1  # "Colonel X": a person from here to the end of the run
        if not shouted and self._unknown(first, last):
            return last + 1
        return first + 1

    def _name(self, first: int, last: int) -> tuple[str, int]:
        """The characters of a name without its possessive ending, and where they end."""
        start, end = self.tokens[first].start, self.tokens[last].end
        text = _POSSESSIVE.sub("", self.text[start:end])
        return text, start + len(text)

    def _known(self, first: int, last: int) -> bool:
        name = self._name(first, last)[0]
        rows = self.gazetteer.find(name)
        return bool(rows) and rows[0].matched == "exact"

    def _place(self, first: int, end: int, last: int, shouted: bool, lower: frozenset[str]) -> int:
        """A name that the gazetteer has, unless its surroundings say that it is none. The token to go on with."""
        text, stop = self._name(first, end)
        left, cue, role = self._before(first)
        after, after_role = self._after(end, stop)
        folded = _folded(text)
        if self._title_before(first) or role == "person":
            return last + 1
        if first == end and self._plain_word(first, folded, cue, after_role, lower):
            return first + 1
        if shouted and not (
            cue or after_role in ("admin1", "admin2") or folded in self.told or self._big(text)
        ):
            return end + 1
        rest = " ".join(self.tokens[end + 1].words) if end < last else ""
        if rest and self.tokens[end + 1].capital and not shouted and not after_role:
            if rest in self.words.organizations:
                after_role, after = "metonym", rest
            elif not self._goes_on(rest, end + 1):
                # "Kano Ibrahim": a longer name, of which the gazetteer has a part only.
                return last + 1 if self._unknown(first, last) else max(end, last) + 1
        if self._part_of_name(first) and not shouted:
            return end + 1
        row = _Found(text, self.tokens[first].start, stop, first, end, left=left)
        row.role, row.head = self._relation(row, cue, role, after, after_role)
        self.rows.append(row)
        return end + 1

    def _goes_on(self, rest: str, at: int) -> bool:
        """Whether a capitalized word after a name is no part of it."""
        w = self.words
        if rest in w.common or rest in w.sayers or rest in w.titles or rest in w.joints:
            return True
        rows = self.gazetteer.find(self._name(at, at)[0])
        return bool(rows) and rows[0].level in ("country", "admin1") and rows[0].matched == "exact"

    def _part_of_name(self, first: int) -> bool:
        """Whether the name is the end of a longer one: "Ibrahim Kano", "Lake Chad", "Operation Mopti"."""
        if first == 0 or not self.tokens[first].joined:
            return False
        before = self.tokens[first - 1]
        word = " ".join(before.words)
        if word in self.words.features:
            return True
        if not before.capital or (self.rows and self.rows[-1].last == first - 1):
            return False
        w = self.words
        plain = word in w.common or word in w.directional or word in w.settlements or word in w.skip
        cue = tuple(before.words) in w.before or tuple(before.words) in w.after
        return not (
            plain
            or cue
            or _POSSESSIVE.search(before.text)
            or self._adjective(first - 1)
            or self._opens(first - 1)
        )

    def _plain_word(
        self, at: int, folded: str, cue: str, after_role: str | None, lower: frozenset[str]
    ) -> bool:
        """Whether a single known word is more likely a plain word or a name of something else."""
        w = self.words
        if folded in w.titles or folded in w.organizations or folded in w.features:
            return True
        if folded in w.directional or folded in w.settlements:
            return after_role not in ("admin1", "admin2")
        if folded in w.plain and folded not in self.told:
            return after_role not in ("admin1", "admin2") and tuple(cue.split()) not in w.firm
        if len(folded) < 3 and not cue:
            return not self._nation_name(self.tokens[at].text)
        return self._opens(at) and not cue and (folded in lower or folded in w.sayers)

    def _nation_name(self, text: str) -> bool:
        return any(p.level == "country" for p in self.gazetteer.find(text))

    def _opens(self, at: int) -> bool:
        """Whether a sentence opens with this token, where any word has a capital."""
        start = self.tokens[at].start
        return _OPENING.search(self.text[max(0, start - 8) : start]) is not None or start == 0

    def _big(self, text: str) -> bool:
        """Whether the name is that of a country, a first-level unit or a city: known without a cue."""
        return any(
            p.level in ("country", "admin1") or (p.population or 0) > 100_000
            for p in self.gazetteer.find(text)
        )

    def _title_before(self, first: int) -> bool:
        if first == 0:
            return False
        token, before = self.tokens[first] if first < len(self.tokens) else None, self.tokens[first - 1]
        if token is None or not (token.joined or token.gap == ". "):
            return False
        return before.capital and " ".join(before.words) in self.words.titles

    def _unknown(self, first: int, last: int) -> bool:
        """Keep a name that the gazetteer lacks, where a firm cue says that it is a place."""
        w = self.words
        left, cue, role = self._before(first)
        text, stop = self._name(first, last)
        after, after_role = self._after(last, stop)
        folded = [" ".join(t.words) for t in self.tokens[first : last + 1]]
        if self._title_before(first) or any(
            f in w.organizations or f in w.titles or f in w.common for f in folded
        ):
            return False
        told = bool(cue) and tuple(cue.split()) in w.firm
        firm = role in ("near", "admin1", "admin2") or (role in ("in", "bare") and told)
        united = after_role in ("admin1", "admin2", "near") and (role in ("in", "near") or not cue)
        if not (firm or united or _folded(text) in self.told) or role == "person" or len(text) < 3:
            return False
        if any(c.isdigit() for c in text) or (text.isupper() and len(text) < 5):
            return False
        row = _Found(text, self.tokens[first].start, stop, first, last, left=left, known=False)
        row.role, row.head = self._relation(row, cue, role, after, after_role)
        self.rows.append(row)
        return True

    def _axis(self, at: int) -> int | None:
        """A road named by its two ends in one token ("Tera-Dori road"): the first end counts."""
        token = self.tokens[at]
        halves = re.split(r"[‐‑-]", token.text)
        if len(halves) != 2 or not all(h[:1].isupper() and len(h) > 2 for h in halves):
            return None
        after, after_role = self._after(at, token.end)
        known = [bool(rows) and rows[0].matched == "exact" for rows in map(self.gazetteer.find, halves)]
        if after_role != "near" or not any(known):
            return None
        cut = token.start + len(halves[0])
        self.rows.append(_Found(halves[0], token.start, cut, at, at, "near", after, known=known[0]))
        self.rows.append(_Found(halves[1], cut + 1, token.end, at, at, "toward", after, known=known[1]))
        return at + 1

    # ---- demonyms ------------------------------------------------------------------------------------------

    def _adjective(self, at: int) -> tuple[reference.Country, ...]:
        return reference.countries_by_adjective(_POSSESSIVE.sub("", self.tokens[at].text), self.language)

    def _demonym(self, at: int) -> bool:
        """Keep "Malian" as a word for a country that is no place of an event."""
        nations = self._adjective(at)
        if not nations or reference.country_by_name(self._name(at, at)[0]) is not None:
            return False
        token = self.tokens[at]
        text, stop = self._name(at, at)
        only = nations[0].iso3 if len(nations) == 1 else None
        self.rows.append(_Found(text, token.start, stop, at, at, "demonym", nationality=only))
        return True

    # ---- relations -----------------------------------------------------------------------------------------

    def _before(self, first: int) -> tuple[tuple[str, ...], str, str | None]:
        """Up to eight words before a name, the cue among them that it depends on, and its role."""
        left: list[str] = []
        owners: list[int] = []
        at = first
        while at > 0 and len(left) < 8 and self.tokens[at].joined:
            at -= 1
            left[:0] = self.tokens[at].words
            owners[:0] = [at] * len(self.tokens[at].words)
        words, settled, k = self.words, False, len(left)
        if self._quarter(left, first):
            return tuple(left), " ".join(left[-2:]), "in"
        for _ in range(7):
            cue = _longest(words.before, left, k)
            if cue:
                return tuple(left), " ".join(cue), words.before[cue]
            if not k or not (
                left[k - 1] in words.skip or left[k - 1] in words.directional or self._owns(owners[k - 1])
            ):
                break
            settled = settled or left[k - 1] in words.settlements
            k -= 1
        return tuple(left), (left[k] if settled else ""), ("in" if settled else None)

    def _quarter(self, left: Sequence[str], first: int) -> bool:
        """Whether "district of" before a name follows a name of its own: "the Xa district of Bo" is a part of Bo."""
        if len(left) < 3 or self.words.before.get(tuple(left[-2:])) not in ("admin1", "admin2"):
            return False
        return self.tokens[first - 3].capital and self.words.after.get((left[-2],)) in ("admin1", "admin2")

    def _owns(self, at: int) -> bool:
        """Whether a word before a name is a demonym or an owner: "in Mali's Gao", "the Sudanese city of"."""
        return bool(_POSSESSIVE.search(self.tokens[at].text) or self._adjective(at))

    def _after(self, last: int, stop: int) -> tuple[str, str | None]:
        """The words after a name that say what it is, and their role."""
        if stop < self.tokens[last].end:
            return "'s", None
        right = self._right(last + 1)
        if not right and (road := self._road(last)):
            return road, "near"
        for n in range(min(LONGEST_CUE, len(right)), 0, -1):
            cue = tuple(right[:n])
            if cue in self.words.after:
                return " ".join(cue), self.words.after[cue]
        if right and right[0] in self.words.sayers:
            return right[0], "sayer"
        return "", None

    def _right(self, at: int) -> list[str]:
        right: list[str] = []
        for token in self.tokens[at : at + 3]:
            if not token.joined:
                break
            right.extend(token.words)
        return right

    def _road(self, last: int) -> str:
        """The word for a road after two names with a dash between them: "Xa–Bo road"."""
        at = last + 1
        if at >= len(self.tokens) or not self.tokens[at].capital or not _DASH.match(self.tokens[at].gap):
            return ""
        right = self._right(self._run(at) + 1)
        return right[0] if right and self.words.after.get((right[0],)) == "near" else ""

    def _leads_on(self, row: _Found) -> bool:
        """Whether the name is the first of two that a road or stretch runs between: "from Xa to Bo"."""
        if row.last + 2 >= len(self.tokens):
            return False
        joint, other = self.tokens[row.last + 1], self.tokens[row.last + 2]
        between = " ".join(joint.words)
        return (
            joint.joined
            and other.joined
            and other.capital
            and any((w, between) in self.words.pairs for w in row.left)
        )

    def _relation(
        self, row: _Found, cue: str, role: str | None, after: str, after_role: str | None
    ) -> tuple[str | None, str]:
        """Role and head of a name from the words on both sides of it."""
        if after_role in ("admin1", "admin2"):
            return after_role, after
        if role in ("origin", "in", "near", "toward") and self._leads_on(row):
            return "near", cue
        if after_role == "metonym" or role == "metonym":
            return "metonym", after if after_role == "metonym" else cue
        nation = row.known and any(p.level == "country" for p in self.gazetteer.find(row.text))
        if nation and not (after_role == "near" or role in ("admin1", "admin2")):
            return self._nation(row, cue, role, after, after_role)
        if after_role == "near" and role in (None, "bare", "in", "toward", "origin", "near"):
            return "near", after
        if role is None and after_role == "sayer":
            return "metonym", after
        if role not in (None, "bare"):
            return role, cue
        return ("in", after) if after_role == "in" else (None, after if after == "'s" else "")

    def _nation(
        self, row: _Found, cue: str, role: str | None, after: str, after_role: str | None
    ) -> tuple[str | None, str]:
        """A country's name: where something happened, or who did something."""
        if after_role == "border":
            return "country", after
        if after_role == "sayer" and role is None:
            return "metonym", after
        if after == "'s" and row.last + 1 < len(self.tokens):
            follows = self.tokens[row.last + 1]
            word = follows.words[0] if follows.words else ""
            local = follows.capital or word in self.words.directional or word in self.words.settlements
            return ("country" if local or role == "in" else "metonym"), after
        return "country", cue

    def _capital(self, at: int) -> None:
        """Keep "in the capital", where no name stands with it, as the place that it is; `head` says so."""
        w, token = self.words, self.tokens[at]
        long = next(
            (
                n
                for n in (2, 1)
                if at + n <= len(self.tokens) and tuple(self._right_from(at, n)) in w.capitals
            ),
            0,
        )
        if not long or self._is_masked(token):
            return
        left, _, role = self._before(at)
        nations = [n for k in range(max(0, at - 3), at) for n in self._nations_at(k)]
        if (role not in ("in", "near", "origin", "toward") and not nations) or (
            left and left[-1] in w.lesser
        ):
            return
        last = at + long - 1
        follows = self.tokens[last + 1] if last + 1 < len(self.tokens) else None
        if (
            follows is not None
            and (follows.capital or " ".join(follows.words) == "of")
            and len(follows.gap) <= 2
        ):
            return
        nationality = nations[-1].iso3 if nations else None
        start, stop = token.start, self.tokens[last].end
        self.rows.append(
            _Found(
                self.text[start:stop],
                start,
                stop,
                at,
                last,
                None if role == "bare" else role,
                "capital",
                left,
                nationality,
            )
        )

    def _right_from(self, at: int, n: int) -> list[str]:
        return [word for token in self.tokens[at : at + n] for word in token.words]

    def _nations_at(self, at: int) -> tuple[reference.Country, ...]:
        named = reference.country_by_name(_POSSESSIVE.sub("", self.tokens[at].text))
        return (named,) if named and self.tokens[at].capital else self._adjective(at)

    # ---- neighbors -----------------------------------------------------------------------------------------

    def _join(self) -> None:
        """What names say of each other: roads between two, lists of several."""
        for before, row in zip(self.rows, self.rows[1:], strict=False):
            if before.last >= row.first or row.role in ("demonym",) or before.role == "demonym":
                continue
            gap = self.text[before.end : row.start]
            if len(gap) > 30:
                continue
            between = _folded(gap)
            if self._pair(before, row, between):
                before.role, row.role = ("near" if before.role != "country" else before.role), "toward"
            elif _DASH.match(gap) and row.role == "near" and before.role in (None, "in", "near", "toward"):
                before.role, before.head, row.role = "near", row.head, "toward"
            elif between in self.words.joints or (not between and "," in gap):
                self._list(before, row, comma=not between)

    def _pair(self, before: _Found, row: _Found, between: str) -> bool:
        return any((word, between) in self.words.pairs for word in before.left)

    def _list(self, before: _Found, row: _Found, comma: bool) -> None:
        if row.role is None and before.role in _CONTAINERS and row.head == "":
            row.role, row.head = before.role, "," if comma else before.head
        elif row.role in ("admin1", "admin2") and not comma and before.role in (None, "in") and before.known:
            if any(p.level == row.role for p in self.gazetteer.find(before.text)):
                before.role, before.head = row.role, row.head

    # ---- datelines -----------------------------------------------------------------------------------------

    def _datelines(self) -> None:
        """Names before the dash that opens a paragraph: where the reporter sits."""
        if self.part == "title":
            return
        for number, paragraph in enumerate(_PARAGRAPH.finditer(self.text)):
            if number > 3:
                return
            if (end := self._dateline_end(paragraph.start(), paragraph.group()[:90])) is not None:
                for row in self.rows:
                    if paragraph.start() <= row.start < end and row.role != "demonym":
                        row.role, row.head = "dateline", ""
                return

    def _dateline_end(self, start: int, opening: str) -> int | None:
        match = _DATELINE_END.search(opening)
        if match is None:
            return None
        words = [t for t in _TOKEN.findall(opening[: match.start()])]
        small = [w for w in words if w[0].islower() and _folded(w) not in self.words.particles]
        return start + match.start() + 1 if words and len(words) <= 9 and not small else None


def _longest(cues: Cues, left: Sequence[str], k: int) -> tuple[str, ...] | None:
    for n in range(min(LONGEST_CUE, k), 0, -1):
        cue = tuple(left[k - n : k])
        if cue in cues:
            return cue
    return None


def named_places(phrases: Sequence[Phrase]) -> Iterator[Phrase]:
    """The phrases that may be the place of an event."""
    return (p for p in phrases if p.role not in ("dateline", "demonym", "metonym"))
