"""Place phrases of a report: capitalized names, what the gazetteer knows of them, and the relation they stand in.

Invariant: a phrase's one span covers exactly its toponym words. Which place is meant is decided in `resolve.places`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tarikh import reference
from tarikh.extract.place_surface import DASH, POSSESSIVE, Surface, folded, shouted, tokens_of
from tarikh.extract.place_words import place_words
from tarikh.gazetteer import Gazetteer
from tarikh.model import Part, Phrase, Report, Span

_DATELINE_END = re.compile(r"\s(?:[–—-]|--)\s|\)\s*[–—]\s?|[–—]\s|\.[-–—]\s?")
_PARAGRAPH = re.compile(r"[^\n]+")
_UNITS = frozenset(("admin1", "admin2"))
_CONTAINERS = frozenset(("in", "near", "admin1", "admin2", "origin", "toward"))


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
    surface = Surface(report.text, words, language)
    body = _Reading("text", surface, gazetteer).found()
    if unlisted := frozenset(folded(f.text) for f in body if not f.known or folded(f.text) in words.plain):
        # A village told once with a cue ("in Xa") is the same village where it stands bare.
        body = _Reading("text", surface, gazetteer, unlisted).found()
    told = frozenset(folded(f.text) for f in body if f.role != "demonym")
    title = _Reading("title", Surface(report.title, words, language), gazetteer, told).found()
    return (*_phrases("title", title), *_phrases("text", body))


def _phrases(part: Part, rows: Sequence[_Found]) -> Iterator[Phrase]:
    return (Phrase(f.text, (Span(part, f.start, f.end),), f.head, f.role, f.nationality) for f in rows)


@dataclass
class _Reading:
    """One reading of a title or text; `told` are names that are known to be places of this report."""

    part: Part
    surface: Surface
    gazetteer: Gazetteer
    told: frozenset[str] = frozenset()
    rows: list[_Found] = field(default_factory=list)
    persons: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.words, self.text = self.surface.words, self.surface.text
        self.capitals = frozenset(words[0] for words in self.words.capitals)
        # Capitals tell nothing in a title in title case, or in a text in capitals.
        self.shouted = shouted(self.surface.tokens)
        self.lower = frozenset(word for t in self.surface.tokens if not t.capital for word in t.words)

    def found(self) -> list[_Found]:
        """The phrases, in order."""
        at = 0
        while at < len(self.surface.tokens):
            token = self.surface.tokens[at]
            if not token.capital or self.surface.is_masked(token):
                if token.words and token.words[0] in self.capitals:
                    self._capital(at)
                elif self.words.lower_demonyms and not token.capital:
                    self._demonym(at)
                at += 1
                continue
            at = self._take(at, self.surface.run(at))
        self._join()
        self._datelines()
        return self.rows

    # ---- names ---------------------------------------------------------------------------------------------

    def _take(self, first: int, last: int) -> int:
        """Read the run from `first` on; the number of the token to go on with."""
        token = self.surface.tokens[first]
        if self._demonym(first):
            return first + 1
        if " ".join(token.words) in self.words.common and not self._still_a_name(first):
            return first + 1
        for end in range(self.surface.run(first, self.words.bonds), first - 1, -1):
            if self.surface.tokens[end].capital and self._known(first, end):
                return self._place(first, self._without_unit(first, end), last)
        if (split := self._axis(first)) is not None or (split := self._side(first)) is not None:
            return split
        if self.surface.titled(first + 1) and last > first:
            return last + 1  # "Colonel X": a person from here to the end of the run
        if not self.shouted and self._unknown(first, last):
            return last + 1
        return first + 1

    def _still_a_name(self, at: int) -> bool:
        """Whether a common word is a place here: "US" is no "us", "Sahel region" is more than the Sahel."""
        token = self.surface.tokens[at]
        if not self.shouted and len(token.text) <= 3 and token.text.isupper():
            return self._nation_name(token.text)
        return self._is_unit(at, self.surface.after(at, token.end)[1])

    def _is_unit(self, at: int, after_role: str | None) -> bool:
        """Whether a unit word stands by a name: "Sahel region", "la région du Sahel"."""
        return after_role in _UNITS or self.surface.before(at)[2] in _UNITS

    def _without_unit(self, first: int, end: int) -> int:
        """Where a name ends without its unit word: the index has "Niger State", the name is "Niger"."""
        unit = self.words.after.get(self.surface.tokens[end].words) in ("admin1", "admin2")
        return end - 1 if end > first and unit and self._known(first, end - 1) else end

    def _known(self, first: int, last: int) -> bool:
        name = self.surface.name(first, last)[0]
        rows = self.gazetteer.find(name)
        return bool(rows) and rows[0].matched == "exact"

    def _place(self, first: int, end: int, last: int) -> int:
        """A name that the gazetteer has, unless its surroundings say that it is none. The token to go on with."""
        text, stop = self.surface.name(first, end)
        left, cue, role = self.surface.before(first)
        after, after_role = self.surface.after(end, stop)
        if self.surface.titled(first) or role == "person":
            return last + 1
        if first == end and self._plain_word(first, folded(text), cue, after_role):
            return first + 1
        if self.shouted:
            if not (
                cue or after_role in ("admin1", "admin2") or folded(text) in self.told or self._big(text)
            ):
                return end + 1
        elif after_role is None and (rest := self._rest(end, last)):
            if rest in self.words.organizations:
                after, after_role = rest, "metonym"
            elif not self._goes_on(rest, end + 1):
                # "Kano Ibrahim": a longer name, of which the gazetteer has a part only.
                if not self._unknown(first, last):
                    self.persons.add(folded(self.surface.name(last, last)[0]))
                return last + 1
        if not self.shouted and self._part_of_name(first):
            self.persons.add(folded(text))
            return end + 1
        if folded(text) in self.persons and (not cue or after == "'s"):
            return end + 1  # "Kano's house", after "Aminu Kano": the person's family name alone
        row = _Found(text, self.surface.tokens[first].start, stop, first, end, left=left)
        row.role, row.head = self._relation(row, cue, role, after, after_role)
        self.rows.append(row)
        return end + 1

    def _rest(self, end: int, last: int) -> str:
        """The capitalized word that stands in one run with a name, behind it."""
        token = self.surface.tokens[end + 1] if end < last else None
        return " ".join(token.words) if token is not None and token.capital else ""

    def _goes_on(self, rest: str, at: int) -> bool:
        """Whether a capitalized word after a name is no part of it."""
        w = self.words
        if rest in w.common or rest in w.sayers or rest in w.titles or rest in w.joints:
            return True
        rows = self.gazetteer.find(self.surface.name(at, at)[0])
        return bool(rows) and rows[0].level in ("country", "admin1") and rows[0].matched == "exact"

    def _part_of_name(self, first: int) -> bool:
        """Whether the name is the end of a longer one: "Ibrahim Kano", "Lake Chad", "Operation Mopti"."""
        if first == 0 or not self.surface.tokens[first].joined:
            return False
        before = self.surface.tokens[first - 1]
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
            or POSSESSIVE.search(before.text)
            or self.surface.nations(first - 1)
            or self.surface.opens(first - 1)
        )

    def _plain_word(self, at: int, key: str, cue: str, after_role: str | None) -> bool:
        """Whether a single known word is more likely a plain word or a name of something else."""
        w = self.words
        unit = self._is_unit(at, after_role)
        if key in w.titles or key in w.organizations or key in w.features:
            return not unit or after_role in _UNITS
        if key in w.directional or key in w.settlements:
            return not unit
        if key in w.plain and key not in self.told:
            return not unit and tuple(cue.split()) not in w.firm
        if len(key) < 3 and not cue:
            return not self._nation_name(self.surface.tokens[at].text)
        return self.surface.opens(at) and not cue and (key in self.lower or key in w.sayers)

    def _nation_name(self, text: str) -> bool:
        return any(p.level == "country" for p in self.gazetteer.find(text))

    def _big(self, text: str) -> bool:
        """Whether the name is that of a country, a first-level unit or a city: known without a cue."""
        return any(
            p.level in ("country", "admin1") or (p.population or 0) > 100_000
            for p in self.gazetteer.find(text)
        )

    def _unknown(self, first: int, last: int) -> bool:
        """Keep a name that the gazetteer lacks, where a firm cue says that it is a place."""
        w = self.words
        left, cue, role = self.surface.before(first)
        text, stop = self.surface.name(first, last)
        after, after_role = self.surface.after(last, stop)
        inner = [" ".join(t.words) for t in self.surface.tokens[first : last + 1]]
        if self.surface.titled(first) or any(
            f in w.organizations or f in w.titles or f in w.common for f in inner
        ):
            return False
        if first == last and inner[0] in w.plain:
            return False
        told = bool(cue) and tuple(cue.split()) in w.firm
        firm = role in ("near", "admin1", "admin2") or (role in ("in", "bare") and told)
        united = after_role in ("admin1", "admin2", "near") and (role in ("in", "near") or not cue)
        if not (firm or united or folded(text) in self.told) or role == "person" or len(text) < 3:
            return False
        if any(c.isdigit() for c in text) or (text.isupper() and len(text) < 5):
            return False
        row = _Found(text, self.surface.tokens[first].start, stop, first, last, left=left, known=False)
        row.role, row.head = self._relation(row, cue, role, after, after_role)
        self.rows.append(row)
        return True

    def _axis(self, at: int) -> int | None:
        """A road named by its two ends in one token ("Tera-Dori road"): the first end counts."""
        token = self.surface.tokens[at]
        halves = re.split(r"[‐‑-]", token.text)
        if len(halves) != 2 or not all(h[:1].isupper() and len(h) > 2 for h in halves):
            return None
        after, after_role = self.surface.after(at, token.end)
        known = [bool(rows) and rows[0].matched == "exact" for rows in map(self.gazetteer.find, halves)]
        if after_role != "near":
            _, after, _ = self.surface.before(at)
            after_role = "near" if self.words.roads & set(after.split()) else None
        if after_role != "near" or not any(known):
            return None
        cut = token.start + len(halves[0])
        self.rows.append(_Found(halves[0], token.start, cut, at, at, "near", after, known=known[0]))
        self.rows.append(_Found(halves[1], cut + 1, token.end, at, at, "toward", after, known=known[1]))
        return at + 1

    def _side(self, at: int) -> int | None:
        """A side of a town hyphened to its name ("Alep-Est"): the town."""
        token = self.surface.tokens[at]
        base, hyphen, side = token.text.rpartition("-")
        if not hyphen or folded(side) not in self.words.sides:
            return None
        rows = self.gazetteer.find(base)
        if not rows or rows[0].matched != "exact":
            return None
        left, cue, role = self.surface.before(at)
        row = _Found(base, token.start, token.start + len(base), at, at, left=left)
        row.role, row.head = self._relation(row, cue, role, "", None)
        self.rows.append(row)
        return at + 1

    # ---- demonyms ------------------------------------------------------------------------------------------

    def _demonym(self, at: int) -> bool:
        """Keep "Malian" as a word for a country that is no place of an event."""
        nations = self.surface.nations(at)
        if not nations or reference.country_by_name(self.surface.name(at, at)[0]) is not None:
            return False
        token = self.surface.tokens[at]
        text, stop = self.surface.name(at, at)
        only = nations[0].iso3 if len(nations) == 1 else None
        self.rows.append(_Found(text, token.start, stop, at, at, "demonym", nationality=only))
        return True

    # ---- relations -----------------------------------------------------------------------------------------

    def _leads_on(self, row: _Found) -> bool:
        """Whether the name is the first of two that a road or stretch runs between: "from Xa to Bo"."""
        if row.last + 2 >= len(self.surface.tokens):
            return False
        joint, other = self.surface.tokens[row.last + 1], self.surface.tokens[row.last + 2]
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
        if after == "'s" and row.last + 1 < len(self.surface.tokens):
            follows = self.surface.tokens[row.last + 1]
            word = follows.words[0] if follows.words else ""
            local = follows.capital or word in self.words.directional or word in self.words.settlements
            return ("country" if local or role == "in" else "metonym"), after
        return "country", cue

    def _capital(self, at: int) -> None:
        """Keep "in the capital", where no name stands with it, as the place that it is; `head` says so."""
        tokens = self.surface.tokens
        last = next((n for n in (at + 1, at) if self._span_words(at, n) in self.words.capitals), None)
        if last is None or self.surface.is_masked(tokens[at]) or self._names_another(last):
            return
        left, _, role = self.surface.before(at)
        if self.words.lower_demonyms and self.words.lesser & set(self._span_words(last + 1, last + 1)):
            return
        around = [*range(max(0, at - 3), at)]
        if self.words.lower_demonyms and last + 1 < len(tokens) and tokens[last + 1].joined:
            around.append(last + 1)  # "la capitale malienne"
        nations = [n for k in around for n in self.surface.nations_named(k)]
        stated = role in ("in", "near", "origin", "toward")
        if not (stated or nations) or (left and left[-1] in self.words.lesser):
            return
        start, stop = tokens[at].start, tokens[last].end
        nationality = nations[-1].iso3 if nations else None
        row = _Found(self.text[start:stop], start, stop, at, last, role if stated else None, "capital")
        row.left, row.nationality = left, nationality
        self.rows.append(row)

    def _span_words(self, first: int, last: int) -> tuple[str, ...]:
        if last >= len(self.surface.tokens):
            return ()
        return tuple(word for token in self.surface.tokens[first : last + 1] for word in token.words)

    def _names_another(self, last: int) -> bool:
        """Whether a name or "of" follows: "the capital Bo", "the capital of Xa province"."""
        if last + 1 >= len(self.surface.tokens):
            return False
        follows = self.surface.tokens[last + 1]
        return len(follows.gap) <= 2 and (follows.capital or self.words.before.get(follows.words) == "bare")

    # ---- neighbors -----------------------------------------------------------------------------------------

    def _join(self) -> None:
        """What names say of each other: roads between two, lists of several."""
        for before, row in zip(self.rows, self.rows[1:], strict=False):
            if before.last >= row.first or row.role in ("demonym",) or before.role == "demonym":
                continue
            gap = self.text[before.end : row.start]
            if len(gap) > 30:
                continue
            between = folded(gap)
            if self._pair(before, between):
                before.role, row.role = ("near" if before.role != "country" else before.role), "toward"
            elif DASH.match(gap) and before.role == "near" and self.words.roads & set(before.head.split()):
                row.role = "toward"
            elif DASH.match(gap) and row.role == "near" and before.role in (None, "in", "near", "toward"):
                before.role, before.head, row.role = "near", row.head, "toward"
            elif between in self.words.joints or (not between and "," in gap):
                self._list(before, row, comma=not between)

    def _pair(self, before: _Found, between: str) -> bool:
        return any((word, between) in self.words.pairs for word in before.left)

    def _list(self, before: _Found, row: _Found, comma: bool) -> None:
        if row.role is None and before.role in _CONTAINERS and row.head == "":
            row.role, row.head = before.role, "," if comma else before.head
        elif row.role in ("admin1", "admin2") and not comma and before.role in (None, *_CONTAINERS):
            united = before.known and any(p.level == row.role for p in self.gazetteer.find(before.text))
            if united:
                before.role, before.head = row.role, row.head  # "the Xa and Bo regions"

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
        words = [t.text for t in tokens_of(opening[: match.start()], self.words.particles)]
        small = [
            w
            for before, w in zip(("", *words), words, strict=False)
            if w[0].islower() and folded(w) not in self.words.particles and not before.isdigit()  # "2 abr"
        ]
        return start + match.start() + 1 if words and len(words) <= 9 and not small else None
