"""The blocks of a mention: whole numbers under which it is filed (`keys`) and under which it looks (`probes`).

Invariant: a number depends on the mention alone, in every process alike, so that a database can keep it; every
block is bounded in time, so that none grows with the whole set of mentions.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date
from functools import cache, lru_cache

from tarikh.link.compare import kind_level, kinds
from tarikh.link.weighed import weighed_days
from tarikh.model import LOCATED, Mention, Where, rarity_of, share_of, stable_id, word_of
from tarikh.text import folded as plain

CELL = 1.0
"""Degrees. A town looks in its own cell and those beside it, of the rows above and below in the nearer: no town within
40 km is missed by one of two and seen by the other; up to 68 degrees north none is missed at all."""

LONG_SPAN = 14
"""From this many days on a date is a stretch of months rather than a few days."""

UNDATED_DAYS = 62
"""How far before its publication a report that gives no date may place its own news."""

RECALLED_MONTHS = 24
"""How far back a recalled event without a date is looked for: beyond it, place and parties alone prove nothing."""

TELLING = 5
"""From this many killed on, an equal figure is no accident."""

NAMES = 6
"""The rarest names of a mention by which it is filed …"""
RARE, RAREST = 20, 30
"""… with others of its months from this rarity on, and of its years from that one (`extract.details`)."""

WORDS = 4
"""The terms of a mention that weigh most, by which it is filed with others of its months (`extract.terms`): two accounts in like
words share one of them in four cases of five."""

_LONGEST_MONTHS = 36
_MASK = (1 << 63) - 1  # SQLite's whole numbers are signed
_DAY, _SHORT, _LONG, _RECALL, _EVER, _UNDATED = (tag << 40 for tag in range(1, 7))


def keys(mention: Mention) -> set[int]:
    """The blocks under which a mention can be found."""
    return _at(mention, Filed)


def probes(mention: Mention) -> set[int]:
    """The blocks in which a mention looks for its like; with `candidates.worth_comparing` symmetric to `keys`."""
    return _at(mention, Looked)


class Filed:
    """Where a mention is filed: under its own places, days, months and family."""

    @staticmethod
    def narrow(where: Where) -> list[int]:
        """Places by which a few days, or a month with the family, make a small block."""
        assert where.country is not None
        if where.precision in LOCATED:
            return [_place("within", where.country, _region(where)), *_name(where), *_cells(where)]
        if where.admin1:
            return [_place("unit", where.country), _place("unit", where.country, _region(where))]
        return []

    @staticmethod
    def monthly(where: Where) -> list[int]:
        return Filed.narrow(where)

    @staticmethod
    def wide(where: Where) -> list[int]:
        """Places that hold half a country's news of a day."""
        if where.country is None:
            return []
        wide = [_place("country", where.country)]
        return [*wide, _place("wide", where.country)] if _is_wide(where) else wide

    @staticmethod
    def anywhere(where: Where) -> list[int]:
        return [_place("any"), _place("nowhere")] if where.country is None else [_place("any")]

    @staticmethod
    def families(kind: str) -> tuple[int, ...]:
        return (_families()[kind],) if kind in _families() else (0,)

    @staticmethod
    def days(first: int, last: int) -> range:
        return range(first, last + 1)

    @staticmethod
    def months(mention: Mention) -> list[int]:
        span, stretch = _span(mention), _stretch(mention)
        if span is None:
            return [(_RECALL if mention.aspect == "background" else _UNDATED) + month for month in stretch]
        return [(_LONG if _is_long(span) else _SHORT) + month for month in stretch]


class Looked:
    """Where a mention looks: in the places, days and families that may tell of the same."""

    @staticmethod
    def narrow(where: Where) -> list[int]:
        assert where.country is not None
        unit = _place("unit", where.country, _region(where))
        if where.precision in LOCATED:
            around = unit if where.admin1 else _place("unit", where.country)
            return [around, *_name(where), *_cells(where, around=True)]
        if where.admin1:
            within = (_region(where), "")
            return [unit, *(_place("within", where.country, region) for region in within)]
        return []

    @staticmethod
    def monthly(where: Where) -> list[int]:
        if where.precision not in LOCATED:
            return Looked.narrow(where)
        assert where.country is not None
        region = _region(where)
        around = _place("unit", where.country, region) if region else _place("unit", where.country)
        return [around, *_name(where), *_cells(where)]

    @staticmethod
    def wide(where: Where) -> list[int]:
        if where.country is None:
            return []
        return [_place("country" if _is_wide(where) else "wide", where.country)]

    @staticmethod
    def anywhere(where: Where) -> list[int]:
        return [_place("any" if where.country is None else "nowhere")]

    @staticmethod
    def families(kind: str) -> tuple[int, ...]:
        return _families_beside(kind)

    @staticmethod
    def days(first: int, last: int) -> range:
        return range(first - 1, last + 2)

    @staticmethod
    def months(mention: Mention) -> list[int]:
        span, stretch = _span(mention), _stretch(mention)
        loose = span is None or _is_long(span)
        tags = (_LONG, _UNDATED, _RECALL, _SHORT) if loose else (_LONG, _UNDATED, _RECALL)
        return [tag + month for tag in tags for month in stretch]


def _at(mention: Mention, side: type[Filed] | type[Looked]) -> set[int]:
    where, span = mention.where, _span(mention)
    families, figure = side.families(mention.kind), _figure(mention)
    narrow = [*side.narrow(where), *figure] if where.country is not None else []
    months = side.months(mention)
    if span is None and mention.aspect == "background":
        monthly = _name(where)  # two years of a whole cell would be too many
    else:
        monthly = side.monthly(where) if where.country is not None else []
    # Where one of two tells no date at all, another family of acts in the same place is no candidate, but where an
    # equal figure or the same two sides speak for it.
    own = Filed.families(mention.kind)
    met = [
        (month, own if span is None or _tag(month) in (_UNDATED, _RECALL) else families) for month in months
    ]
    found = {_block(place, month, family) for place in monthly for month, beside in met for family in beside}
    if where.country is not None:
        sides = _sides_here(mention)
        found |= {_block(p, month, f) for p in (*figure, *sides) for month in months for f in families}
    if span is not None and not _is_long(span):
        # Narrow places are not crossed with the family: a few days of a town are few, whatever happened there.
        spans = [span, *weighed_days(mention)]
        found |= {_block(place, _DAY + day) for place in narrow for each in spans for day in side.days(*each)}
        wide = side.wide(where)
        found |= {
            _block(place, _DAY + day, f) for place in wide for day in Filed.days(*span) for f in families
        }
        kind = _place("kind", mention.kind)
        found |= {_block(p ^ kind, _DAY + day) for p in side.anywhere(where) for day in Filed.days(*span)}
    if span is not None:
        kind = _place("kind", mention.kind)
        found |= {_block(place ^ kind, month) for place in side.wide(where) for month in months}
    return found | _ever(mention, side) | _told_with(mention, side)


def _ever(mention: Mention, side: type[Filed] | type[Looked]) -> set[int]:
    """Without any day to go by only the very place, act, attacker and size of toll are worth a look.

    The one block that knows no time: it grows where one group does the same in one town for years, and only
    mentions that have neither a date nor a day of publication look into it.
    """
    timeless = mention.when.start is None and mention.published is None
    if side is Looked and not timeless:
        return {_block(place, _EVER, 1) for place in _signs(mention)}
    found = {_block(place, _EVER) for place in _signs(mention)}
    return found | {_block(place, _EVER, 1) for place in _signs(mention)} if timeless else found


def _told_with(mention: Mention, side: type[Filed] | type[Looked]) -> set[int]:
    """Accounts that share rare names or heavy words, wherever and whenever their coder put the act: of a month or two, the
    rarest names of a year."""
    if mention.published is None:
        return set()
    month = _month(mention.published.toordinal())
    year = month // 12
    beside = range(-1, 2) if side is Looked else range(1)
    rarest = sorted(mention.details, key=lambda detail: (-rarity_of(detail), detail))[:NAMES]
    heaviest = sorted(mention.terms, key=lambda term: (-share_of(term), term))[:WORDS]
    signs = [_place("told", d) for d in rarest if rarity_of(d) >= RARE]
    signs += [_place("worded", word_of(term)) for term in heaviest]
    found = {_block(sign, _SHORT + month + step) for sign in signs for step in beside}
    return found | {
        _block(_place("told", d), _EVER + year + step)
        for d in rarest
        if rarity_of(d) >= RAREST
        for step in beside
    }


def _signs(mention: Mention) -> list[int]:
    killed = mention.harm.get("killed")
    size = 0 if killed is None or killed.best is None else min(killed.best, 1 << 40).bit_length() + 1
    signs = [_place("sign", mention.kind, party, size) for party in mention.attackers]
    if killed is not None and (killed.best or 0) >= TELLING:
        signs.append(_place("toll", mention.kind, str(killed.best)))
    return [name ^ sign for name in _name(mention.where) for sign in signs]


def _block(place: int, time: int, family: int = 0) -> int:
    # Those of one time lie side by side: a database then writes what is new at one end of its index, and need not
    # hold ten years of it in memory.
    mixed = (place * 0x9E3779B97F4A7C15 + time * 0xD6E8FEB86659FD93 + family * 0xC2B2AE3D27D4EB4F) & _MASK
    return _era(time) << 46 | mixed >> 17


def _tag(time: int) -> int:
    return time >> 40 << 40


@lru_cache(10_000)
def _era(time: int) -> int:
    """The number of the thirty days in which a day, a month or a year begins."""
    tag, number = _tag(time), time & ((1 << 40) - 1)
    days = number if tag == _DAY else number * 366 if tag == _EVER else number * 30.5
    return int(days) // 30


@lru_cache(200_000)
def _place(*parts: str | int) -> int:
    return int(stable_id("", *parts)[1:], 16)


# --- place ---------------------------------------------------------------------------------------------


def _region(where: Where) -> str:
    return plain(where.admin1) if where.admin1 else ""


def _name(where: Where) -> list[int]:
    if where.country is None or not where.place or where.precision not in LOCATED:
        return []
    return [_place("name", where.country, plain(where.place))]


def _is_wide(where: Where) -> bool:
    return where.precision not in LOCATED and not where.admin1


def _cells(where: Where, around: bool = False) -> list[int]:
    """The cell of a point, or the six that hold all within 40 km of it."""
    if where.latitude is None or where.longitude is None:
        return []
    y, x = where.latitude / CELL, where.longitude / CELL
    row, column = math.floor(y), math.floor(x)
    if not around:
        return [_place("cell", row, column)]
    rows = (row, row + (1 if y - row >= 0.5 else -1))
    columns = (
        column - 1,
        column,
        column + 1,
    )  # half a degree of longitude is less than 40 km north of 43 degrees
    return [_place("cell", one, two) for one in rows for two in columns]


def _figure(mention: Mention) -> list[int]:
    """A telling figure in one country is worth a look wherever the place was put."""
    killed, country = mention.harm.get("killed"), mention.where.country
    if killed is None or (killed.best or 0) < TELLING or country is None:
        return []
    return [_place("figure", country, str(killed.best))]


def _sides_here(mention: Mention) -> list[int]:
    """Who did it to whom in the very place."""
    sides = [_place("sides", one, two) for one in mention.attackers for two in mention.targets]
    return [name ^ side for name in _name(mention.where) for side in sides]


# --- act -----------------------------------------------------------------------------------------------


@cache
def _families() -> dict[str, int]:
    numbers = {name: number for number, name in enumerate(dict.fromkeys(kinds().values()), 1)}
    return {kind: numbers[family] for kind, family in kinds().items()}


@cache
def _families_beside(kind: str) -> tuple[int, ...]:
    """The families of which a kind may be told as one; a kind that the codebook lacks meets its own alone."""
    met = {number for other, number in _families().items() if kind_level(kind, other) != "other act"}
    return tuple(sorted(met)) or (0,)


# --- time: days for a short span, months for a long one or an unknown date ---------------------------------


def _span(mention: Mention) -> tuple[int, int] | None:
    """First and last day as ordinals."""
    start = mention.when.start
    if start is None:
        return None
    return start.toordinal(), max(start, mention.when.end or start).toordinal()


def _is_long(span: tuple[int, int]) -> bool:
    return span[1] - span[0] > LONG_SPAN


def _month(day: int) -> int:
    on = date.fromordinal(day)
    return on.year * 12 + on.month - 1


def _stretch(mention: Mention) -> Iterable[int]:
    """The months to which a mention may belong, none without any day to count from."""
    span, published = _span(mention), mention.published
    if span is not None:
        first, last = _month(span[0]), _month(span[1])
    elif published is None:
        return ()
    elif mention.aspect == "background":
        last = _month(published.toordinal())
        first = last - RECALLED_MONTHS + 1
    else:
        last = _month(published.toordinal())
        first = _month(max(1, published.toordinal() - UNDATED_DAYS))
    # A span of more than three years is no date to link by; hostile dates must not make a million keys.
    return range(first, min(last, first + _LONGEST_MONTHS) + 1)
