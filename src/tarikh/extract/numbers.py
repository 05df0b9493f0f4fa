"""Number expressions in a text, as low, best and high of a number of people (codebook section 7).

Invariant: spans are offsets in the given string; years, dates, clock times, measures, money, ages, ordinals and
names of units are never returned; a bound that the words leave open is None.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from text_to_num import text2num

from tarikh import reference
from tarikh.model import Count
from tarikh.text import lower, straight

_WORD = re.compile(r"\d{1,3}(?:[,\u00a0\u202f ]\d{3})+(?!\d)|\d+(?:[.,]\d+)?|[^\W\d_]+|[^\w\s]")
_GROUPED = re.compile(r"[,\u00a0\u202f ]")
_LARGEST = 1_000_000_000
_MOST = 16
"""Pieces of a spelled-out number; a longer run is no number but costs time."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number expression: offsets of the whole ("at least 12"), of its core ("12"), and its bounds."""

    start: int
    end: int
    core: int
    core_end: int
    low: int | None
    best: int | None
    high: int | None
    vague: bool = False

    def count(self) -> Count:
        """The bounds as a `Count`."""
        return Count(self.low, self.best, self.high)


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    end: int
    word: str


@dataclass(frozen=True, slots=True)
class _Words:
    """Phrases that begin at a word are kept by their first word, phrases that end there by their last; longest first."""

    vague: Mapping[str, tuple[tuple[tuple[str, ...], int], ...]]
    before: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]
    after: Mapping[str, tuple[tuple[str, ...], ...]]
    not_before: Mapping[str, tuple[tuple[str, ...], ...]]
    not_after: Mapping[str, tuple[tuple[str, ...], ...]]
    ages: Mapping[str, tuple[tuple[str, ...], ...]]
    ranges: frozenset[tuple[str, ...]]
    sets: Mapping[str, frozenset[str]]
    scales: Mapping[str, int]
    ordinals: Mapping[str, int]
    lower_months: bool


def _split(phrase: object) -> tuple[str, ...]:
    return tuple(m.group() for m in _WORD.finditer(straight(str(phrase)).lower()))


def _phrases(raw: Mapping[str, Any], *names: str) -> tuple[tuple[str, ...], ...]:
    found = {_split(p) for name in names for p in raw[name]}
    return tuple(sorted(found, key=lambda p: (-len(p), p)))


_Row = TypeVar("_Row")


def _keyed(rows: Iterable[tuple[str, _Row]]) -> Mapping[str, tuple[_Row, ...]]:
    found: dict[str, list[_Row]] = {}
    for word, row in rows:
        found.setdefault(word, []).append(row)
    return {word: tuple(rows) for word, rows in found.items()}


@cache
def _words(language: str) -> _Words:
    raw = reference.lexicon(language, "counts")["numbers"]
    before = [(p, way) for way in ("low", "high", "about") for p in _phrases(raw, way)]
    vague = [(_split(p), int(n)) for p, n in raw["vague"].items()]
    names = (
        "words",
        "starters",
        "joiners",
        "months",
        "year_before",
        "between",
        "between_and",
        "one_not_after",
        "one_not_before",
        "articles",
        "one_before",
        "joined",
        "points",
        "date_joins",
        "age_units",
        "rising",
    )
    return _Words(
        vague=_keyed((row[0][0], row) for row in sorted(vague, key=lambda row: -len(row[0]))),
        before=_keyed((row[0][-1], row) for row in sorted(before, key=lambda row: -len(row[0]))),
        after=_keyed((p[0], p) for p in _phrases(raw, "low_after")),
        not_before=_keyed((p[0], p) for p in _phrases(raw, "not_before")),
        not_after=_keyed((p[-1], p) for p in _phrases(raw, "not_after")),
        ages=_keyed((p[-1], p) for p in _phrases(raw, "ages")),
        ranges=frozenset(_phrases(raw, "ranges")),
        sets={name: frozenset(str(w).lower() for w in raw.get(name, ())) for name in names},
        lower_months=bool(raw.get("lower_months", False)),
        scales={str(k): int(v) for k, v in raw["scales"].items()},
        ordinals={str(k): int(v) for k, v in raw["ordinals"].items()},
    )


def ordinal(word: str, language: str) -> int | None:
    """The rank that an ordinal word names ("third" → 3), or None."""
    return _words(language).ordinals.get(word.lower())


def find(text: str, language: str) -> tuple[Number, ...]:
    """Number expressions that can count people, in order, not overlapping.

    Articles ("a soldier") are none: whoever reads a noun phrase counts one for them.
    Raises `MissingError` where the language has no lexicon of counts.
    """
    return _Finder(text, language).run()


@dataclass(frozen=True, slots=True)
class _Core:
    first: int
    last: int
    value: int
    vague: bool = False
    digits: bool = False


class _Finder:
    """One pass over one text. Positions are indices of its pieces."""

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self.language = language
        self.words = _words(language)
        flat = lower(straight(text))
        self.pieces = [_Piece(m.start(), m.end(), m.group()) for m in _WORD.finditer(flat)]
        self.free = 0  # pieces before this one belong to a number already found

    def run(self) -> tuple[Number, ...]:
        numbers: list[Number] = []
        at = 0
        while at < len(self.pieces):
            core = self._core(at)
            if core is None:
                at += 1
                continue
            at = core.last + 1
            if not self._excluded(core):
                number, at = self._dressed(core)
                self.free = at
                numbers.append(number)
        return tuple(numbers)

    def _word(self, at: int) -> str:
        return self.pieces[at].word if 0 <= at < len(self.pieces) else ""

    def _glued(self, at: int) -> bool:
        """Whether nothing stands between this piece and the one before it."""
        return 0 < at < len(self.pieces) and self.pieces[at - 1].end == self.pieces[at].start

    def _ends(self, phrase: tuple[str, ...], last: int) -> bool:
        first = last - len(phrase) + 1
        return first >= 0 and all(self._word(first + n) == w for n, w in enumerate(phrase))

    def _starts(self, phrase: tuple[str, ...], first: int) -> bool:
        return all(self._word(first + n) == w for n, w in enumerate(phrase))

    def _core(self, at: int) -> _Core | None:
        """The number that starts at this piece, without its qualifiers."""
        word = self._word(at)
        for phrase, value in self.words.vague.get(word, ()):
            if self._starts(phrase, at):
                return self._doubled(_Core(at, at + len(phrase) - 1, value, vague=True))
        if word[:1].isdigit():
            return self._digits(at, word)
        return self._spelled(at)

    def _digits(self, at: int, word: str) -> _Core | None:
        scale = self.words.scales.get(self._word(at + 1), 1)
        last = at + 1 if scale > 1 else at
        value: int | None
        try:
            if "." in word and self._grouped(word):
                value = int(word.replace(".", ""))
            elif "." in word or ("," in word and len(word.rpartition(",")[2]) != 3):
                value = int(float(word.replace(",", ".")) * scale) if scale > 1 else None
            else:
                value = int(_GROUPED.sub("", word)) * scale
        except ValueError:
            value = None
        if value is None or value > _LARGEST:
            return None
        return self._doubled(_Core(at, last, value, digits=True))

    def _grouped(self, word: str) -> bool:
        """Whether a point parts thousands here ("1.200"), as it does in some languages."""
        return "." in self.words.sets["points"] and len(word.rpartition(".")[2]) == 3

    def _spelled(self, at: int) -> _Core | None:
        names, joiners = self.words.sets["words"], self.words.sets["joiners"]
        if self._word(at) not in names and self._word(at) not in self.words.sets["starters"]:
            return None
        tied = self.words.scales.keys() | self.words.sets["joined"]
        last, run, pos = -1, [], at
        if self._word(at) in self.words.sets["starters"]:
            if self._word(at + 1) not in self.words.scales:
                return None
            pos = at + 1
        while pos < at + _MOST:
            word = self._word(pos)
            if word in names:
                run.append(word)
                last = pos
            elif not (
                run
                and (word == "-" or (word in joiners and run[-1] in tied))
                and self._word(pos + 1) in names
            ):
                break
            pos += 1
        for end in range(last, at - 1, -1):
            value = self._value(at, end)
            if value is not None:
                return self._doubled(_Core(at, end, value))
        return None

    def _value(self, first: int, last: int) -> int | None:
        words = [p.word for p in self.pieces[first : last + 1] if p.word != "-"]
        if words and words[0] in self.words.sets["starters"]:
            words = words[1:]
        if not words or words[-1] in self.words.sets["joiners"]:
            return None
        try:
            return min(int(text2num(" ".join(words), self.language)), _LARGEST)
        except (ValueError, KeyError):
            return None

    def _doubled(self, core: _Core) -> _Core:
        """ "fourteen (14)": the figure in brackets says the same again."""
        if (
            self._word(core.last + 1) == "("
            and self._word(core.last + 3) == ")"
            and self._word(core.last + 2).lstrip("0") == str(core.value)
        ):
            return _Core(core.first, core.last + 3, core.value, core.vague, core.digits)
        return core

    def _excluded(self, core: _Core) -> bool:
        before, after = self._word(core.first - 1), self._word(core.last + 1)
        if core.digits and (self._is_code(core) or self._is_year(core)):
            return True
        if self._is_date(core, before, after):
            return True
        hyphen = after == "-"
        noun_at = core.last + 2 if hyphen else core.last + 1
        if any(self._starts(p, noun_at) for p in self.words.not_before.get(self._word(noun_at), ())):
            return True
        if (
            hyphen
            and self._glued(core.last + 2)
            and self._glued(core.last + 1)
            and not self._word(noun_at)[:1].isdigit()
        ):
            return True
        if any(
            self._ends(p, core.first - 1)
            for p in self.words.not_after.get(before, ())
            if not (core.vague and p == ("n",))
        ):
            return True
        if self._is_age(core, before, after):
            return True
        if core.first != core.last:
            return False
        word = self._word(core.first)
        if word in self.words.sets["articles"]:  # "un soldat" has an article, "un mort" a number
            return after not in self.words.sets["one_before"]
        return word == "one" and self._is_pronoun(before, after)

    def _is_pronoun(self, before: str, after: str) -> bool:
        return before in self.words.sets["one_not_after"] or after in self.words.sets["one_not_before"]

    def _is_code(self, core: _Core) -> bool:
        """Digits glued to letters or other signs ("M23", "AK-47", "10:30", "14th", "20/20")."""
        before, after = self._word(core.first - 1), self._word(core.last + 1)
        if self._glued(core.first) and (
            before.isalnum() or (before in "-/:.+$€£#№°§" and not before.isspace())
        ):
            return not (before == "-" and self._range_mark(core.first - 1))
        if self._glued(core.last + 1) and (after.isalnum() or after in "/:+%°"):
            return True
        return after in ("%", "°")

    def _range_mark(self, dash: int) -> bool:
        return (
            self._word(dash - 1)[:1].isdigit()
            and self._word(dash) in "-–"
            and self._word(dash - 2) not in ("-", "–")
        )

    def _is_year(self, core: _Core) -> bool:
        piece = self.pieces[core.first]
        if len(piece.word) != 4 or not 1900 <= core.value <= 2099:
            return False
        after = self.text[self.pieces[core.last].end :].lstrip()
        # "2000 people" is a number; "in 2000", "2000)," and "the 2012 rebellion" are years.
        plural = re.match(r"(?:[^\W\d_]+ )?[^\W\d_]+(?:s|ple|men)\b", after)
        return plural is None or self._word(core.first - 1) in self.words.sets["year_before"]

    def _is_date(self, core: _Core, before: str, after: str) -> bool:
        if core.value > 31 or core.vague:
            return False
        months = self.words.sets["months"]
        if after in months and self._next_is_month(core):
            return True
        if before == "." and self._word(core.first - 2) in months:
            return True
        if (
            after in self.words.sets["date_joins"] | {"-", "–"}
            and self._word(core.last + 2)[:1].isdigit()
            and self._word(core.last + 3) in months | self.words.sets["age_units"]
        ):
            return True
        return before in months and core.digits and self._is_month(core.first - 1)

    def _next_is_month(self, core: _Core) -> bool:
        return self._is_month(core.last + 1)

    def _is_month(self, at: int) -> bool:
        return self.words.lower_months or self.text[self.pieces[at].start].isupper()

    def _is_age(self, core: _Core, before: str, after: str) -> bool:
        if any(self._ends(p, core.first - 1) for p in self.words.ages.get(before, ())):
            return True
        if core.value < 100 and core.digits and before == "," and after in (",", ".", ";", ")", ""):
            name = self.pieces[core.first - 2] if core.first >= 2 else None
            return name is not None and name.word.isalpha() and self.text[name.start].isupper()
        return core.value < 100 and core.digits and before == "(" and after == ")"

    def _dressed(self, core: _Core) -> tuple[Number, int]:
        """The number with its qualifiers and range, and the position after it."""
        pair = self._range(core)
        if pair is not None:
            return pair
        first, ways = self._before(core.first)
        last = core.last
        for phrase in self.words.after.get(self._word(last + 1), ()):
            if self._starts(phrase, last + 1):
                last, ways = last + len(phrase), ways | {"low"}
                break
        low, best, high = _bounds(core.value, core.vague, ways)
        return self._number(first, last, core.first, core.last, (low, best, high), core.vague), last + 1

    def _before(self, at: int) -> tuple[int, frozenset[str]]:
        ways: set[str] = set()
        first = at
        for _ in range(3):
            before = first - 1
            while before >= 0 and self._word(before) in "\"'“«" and self._word(before):
                before -= 1
            rows = self.words.before.get(self._word(before), ())
            row = next(((p, way) for p, way in rows if self._ends(p, before)), None)
            if row is None or before - len(row[0]) + 1 < self.free:
                break
            first = before - len(row[0]) + 1
            ways.add(row[1])
        return first, frozenset(ways)

    def _range(self, core: _Core) -> tuple[Number, int] | None:
        between = self._word(core.first - 1) in self.words.sets["between"]
        joins = (
            self.words.sets["between_and"]
            if between
            else frozenset(w[0] for w in self.words.ranges if len(w) == 1)
        )
        mark = self._word(core.last + 1)
        dash = mark in ("-", "–") and self._glued(core.last + 1) and self._glued(core.last + 2)
        if mark not in joins and not (dash and core.digits):
            return None
        if self.words.sets["rising"] & {self._word(core.first - 1), self._word(core.first - 2)}:
            return None  # "passé de 5 à 8": two figures, not a range
        other = self._core(core.last + 2)
        if (
            other is None
            or other.value <= core.value
            or core.vague
            or other.vague
            or (self._excluded(other) and not dash)
        ):
            return None
        if not between and not dash and other.value > 10 * core.value:
            return None
        first = core.first - 1 if between else self._before(core.first)[0]
        bounds = (core.value, (core.value + other.value) // 2, other.value)
        return self._number(first, other.last, core.first, other.last, bounds, False), other.last + 1

    def _number(
        self,
        first: int,
        last: int,
        core: int,
        core_end: int,
        bounds: tuple[int | None, int | None, int | None],
        vague: bool,
    ) -> Number:
        pieces = self.pieces
        return Number(
            pieces[first].start,
            pieces[last].end,
            pieces[core].start,
            pieces[core_end].end,
            *bounds,
            vague=vague,
        )


def _bounds(value: int, vague: bool, ways: frozenset[str]) -> tuple[int | None, int | None, int | None]:
    if "high" in ways and "low" not in ways:
        return None, value, value
    if vague or ways:
        return value, value, None
    return value, value, value
