"""Which pairs of mentions are worth comparing: blocks of place and time, never all with all.

Invariant: symmetric (a pair found from one side is found from the other), so that judging in one go and
judging as mentions come in see the same pairs; two mentions of one report are never a pair.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from tarikh.link.compare import kind_level
from tarikh.model import Mention, Where
from tarikh.text import fold as plain

# Half a degree is 55 km north to south: with its eight neighbors a cell loses no pair within 40 km
# up to 60 degrees north, where a degree of longitude has shrunk by half.
CELL = 0.5
LONG_SPAN = 14
"""From this many days on a date is a stretch of months rather than a few days."""
UNDATED_DAYS = 62
"""How far before its publication a report that gives no date may place its own news."""

TELLING = 5
"""From this many killed on, an equal figure is no accident."""

Key = tuple[Any, ...]

_TOWN = ("exact", "near")
_NARROW = ("cell", "name", "region", "within")


def candidates(mentions: Iterable[Mention]) -> Iterator[tuple[Mention, Mention]]:
    """Every pair that shares a block, each once, the smaller id first, in stable order."""
    rows = sorted(mentions, key=lambda mention: mention.id)
    yield from _pairs(rows, rows)


def candidates_of(new: Sequence[Mention], existing: Iterable[Mention]) -> Iterator[tuple[Mention, Mention]]:
    """Every pair of a new mention with another, new or existing, that shares a block."""
    fresh = {mention.id: mention for mention in new}
    rows = sorted((*fresh.values(), *(m for m in existing if m.id not in fresh)), key=lambda m: m.id)
    yield from _pairs([fresh[key] for key in sorted(fresh)], rows)


def _pairs(asking: Sequence[Mention], rows: Sequence[Mention]) -> Iterator[tuple[Mention, Mention]]:
    index: dict[Key, list[int]] = defaultdict(list)
    for number, mention in enumerate(rows):
        for key in keys(mention):
            index[key].append(number)
    asked: set[str] = set()
    for mention in asking:
        met = {number for key in probes(mention) for number in index.get(key, ())}
        asked.add(mention.id)
        for number in sorted(met):
            other = rows[number]
            if other.id not in asked and _worth_comparing(mention, other):
                yield (mention, other) if mention.id < other.id else (other, mention)


def _worth_comparing(left: Mention, right: Mention) -> bool:
    return left.report_id != right.report_id and kind_level(left.kind, right.kind) != "other act"


def keys(mention: Mention) -> set[Key]:
    """The blocks under which a mention can be found."""
    places, times = _place_keys(mention.where), _time_keys(mention)
    return _crossed(places, times, "undated" if mention.when.start is None else "dated") | _figures(mention)


def probes(mention: Mention) -> set[Key]:
    """The blocks in which a mention looks for its like; symmetric with `keys`."""
    places, times = _place_probes(mention.where), _time_probes(mention)
    found = _crossed(places, times, "undated") | _figures(mention)
    return found if mention.when.start is not None else found | _crossed(places, (), "dated")


def _crossed(places: Iterable[Key], times: Iterable[Key], dating: str) -> set[Key]:
    """Places by times; whether a mention is dated at all is a block only in a narrow place."""
    places, times = list(places), list(times)
    crossed = {(*place, *time) for place in places for time in times}
    return crossed | {(*place, dating) for place in places if place[0] in _NARROW}


def _figures(mention: Mention) -> set[Key]:
    """A telling figure on one day in one country is worth a look wherever the place was put."""
    killed, day = mention.harm.get("killed"), mention.when.start
    if killed is None or (killed.best or 0) < TELLING or day is None or mention.where.country is None:
        return set()
    return {("figure", mention.where.country, day.toordinal(), killed.best)}


# --- place: a town is found by its cell and its name, a unit by its country --------------------------


def _cell(where: Where) -> tuple[int, int] | None:
    if where.latitude is None or where.longitude is None:
        return None
    return math.floor(where.latitude / CELL), math.floor(where.longitude / CELL)


def _place_keys(where: Where) -> list[Key]:
    if where.country is None:
        return [("any",), ("nowhere",)]
    region = [plain(where.admin1)] if where.admin1 else []
    if where.precision not in _TOWN:
        return [("any",), ("unit", where.country), *(("region", where.country, name) for name in region)]
    found: list[Key] = [("any",), ("town", where.country)]
    found += [("within", where.country, name) for name in region]
    if where.place:
        found.append(("name", where.country, plain(where.place)))
    if (cell := _cell(where)) is not None:
        found.append(("cell", *cell))
    return found


def _place_probes(where: Where) -> list[Key]:
    if where.country is None:
        return [("any",)]
    found: list[Key] = [("nowhere",), ("unit", where.country)]
    if where.admin1:
        found.append(("region", where.country, plain(where.admin1)))
    if where.precision not in _TOWN:
        within = [("within", where.country, plain(where.admin1))] if where.admin1 else []
        return [*found, ("town", where.country), *within]
    if where.place:
        found.append(("name", where.country, plain(where.place)))
    if (cell := _cell(where)) is not None:
        found += [("cell", cell[0] + y, cell[1] + x) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    return found


# --- time: days for a short span, months for a long one, a class of its own for an unknown date ------


def _span(mention: Mention) -> tuple[date, date] | None:
    start = mention.when.start
    if start is None:
        return None
    return start, max(start, mention.when.end or start)


def _months(start: date, end: date) -> list[tuple[int, int]]:
    first, last = start.year * 12 + start.month - 1, end.year * 12 + end.month - 1
    # A span of more than three years is no date to link by; hostile dates must not make a million keys.
    return [divmod(number, 12) for number in range(first, min(last, first + 36) + 1)]


def _time_keys(mention: Mention) -> list[Key]:
    span = _span(mention)
    if span is None:
        return [("long", *month) for month in _undated_months(mention)]
    months = _months(*span)
    if (span[1] - span[0]).days > LONG_SPAN:
        return [("long", *month) for month in months]
    return [*_days(span, 0), *(("short", *month) for month in months)]


def _time_probes(mention: Mention) -> list[Key]:
    span = _span(mention)
    months = _undated_months(mention) if span is None else _months(*span)
    found: list[Key] = [("long", *month) for month in months]
    if span is None or (span[1] - span[0]).days > LONG_SPAN:
        return [*found, *(("short", *month) for month in months)]
    return [*found, *_days(span, 1)]


def _days(span: tuple[date, date], margin: int) -> list[Key]:
    return [("day", day) for day in range(span[0].toordinal() - margin, span[1].toordinal() + margin + 1)]


def _undated_months(mention: Mention) -> list[tuple[int, int]]:
    """The months to which the news of a report without dates may belong; background may be of any time."""
    if mention.published is None or mention.aspect == "background":
        return []
    earliest = max(1, mention.published.toordinal() - UNDATED_DAYS)
    return _months(date.fromordinal(earliest), mention.published)
