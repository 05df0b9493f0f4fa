"""Incidents over time as columns: how wide a column is, what stands in it, and what no column can hold.

Invariant: an incident stands only in a column that is as wide as its day is known; all others are counted beside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from tarikh.queries import Tally, Trends
from tarikh.store.trends import By
from tarikh.web.wording import FAMILIES, family

Width = Literal["day", "week", "month", "year"]
MOST = 60
"""Columns that still can be told apart and hit."""
FEWEST = 15
"""Columns at least, so that one day is no wall; those added around it are empty."""
HEIGHT = 64.0

Ask = Callable[[By], Trends]
"""The sums by kind of the filter, for one of the periods."""


@dataclass(slots=True)
class Column:
    """Incidents whose first day lies in `start` to `end` (inclusive), by family; `tally` is all of them."""

    start: date
    end: date
    families: Counter[str] = field(default_factory=Counter)
    tally: Tally = field(default_factory=Tally)

    @property
    def incidents(self) -> int:
        """How many there are."""
        return self.families.total()


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of one family in a column, in the units of the drawing."""

    family: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns in order, without gaps; `coarse` are incidents known less precisely, `undated` without any day."""

    width: Width
    columns: tuple[Column, ...]
    coarse: int
    undated: int

    @property
    def highest(self) -> int:
        """The number of incidents of the highest column."""
        return max((column.incidents for column in self.columns), default=0)

    def bars(self, column: Column) -> list[Bar]:
        """The column's rectangles from the ground up."""
        made, ground = [], HEIGHT
        for name in FAMILIES:
            if column.families[name]:
                tall = HEIGHT * column.families[name] / max(1, self.highest)
                ground -= tall
                made.append(Bar(name, round(ground, 2), round(tall, 2)))
        return made


def columns(ask: Ask, since: date | None = None, until: date | None = None) -> Columns:
    """Columns of one width over all days on which incidents are known to lie, within those asked for where they are.

    It asks first for what is cheapest to know and is enough: months, unless the days asked for are few.
    """
    span = (until - since).days + 1 if since and until else None
    tried: list[By] = ["month", "week", "day"]
    if span is not None and span <= MOST * 7:
        tried = ["day", "week", "month"] if span <= MOST else ["week", "month", "day"]
    for first in tried:
        made = ask(first)
        if (bounds := _bounds(made, since, until)) is not None:
            break
    else:
        undated = sum(each.timeline.undated.incidents for each in made.series)
        return Columns("day", (), _beside(made), undated)
    width: Width = first
    for finer in _finer(first, *bounds):
        closer = ask(finer)
        within = _bounds(closer, since, until)
        if within is not None and _fits(finer, *within):
            made, bounds, width = closer, within, finer
            break
    if width == "month" and (bounds[1] - bounds[0]).days + 1 > MOST * 30.5:
        width = "year"
    return _filled(width, made, bounds)


def _bounds(made: Trends, since: date | None, until: date | None) -> tuple[date, date] | None:
    periods = [period for each in made.series for period in each.timeline.periods]
    if not periods:
        return None
    first, last = min(period.start for period in periods), max(period.end for period in periods)
    first = max(first, since) if since else first
    return first, max(first, min(last, until) if until else last)


def _finer(by: By, first: date, last: date) -> list[By]:
    """Periods that may do better than months; a month at each end may hold a single day."""
    days = (last - first).days + 1
    if by != "month":
        return []
    return [
        *(["day"] if days <= MOST + 60 else []),  # type: ignore[list-item]
        *(["week"] if days <= MOST * 7 + 60 else []),  # type: ignore[list-item]
    ]


def _fits(by: By, first: date, last: date) -> bool:
    return (last - first).days + 1 <= (MOST if by == "day" else (MOST + 1) * 7)


def _filled(width: Width, made: Trends, bounds: tuple[date, date]) -> Columns:
    empty = _columns(width, *_widened(width, *bounds))
    by_start = {column.start: column for column in empty}
    for series in made.series:
        name = family(series.value or "")
        for period in series.timeline.periods:
            start = min(max(period.start, bounds[0]), bounds[1])
            column = by_start.get(_floor(width, start), empty[-1])
            column.families[name] += period.tally.incidents
            column.tally += period.tally
    undated = sum(each.timeline.undated.incidents for each in made.series)
    return Columns(width, tuple(empty), _beside(made), undated)


def _beside(made: Trends) -> int:
    return sum(each.timeline.imprecise.incidents for each in made.series)


def _floor(width: Width, day: date) -> date:
    if width == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if width == "month" else day.replace(month=1, day=1) if width == "year" else day


def _next(width: Width, start: date) -> date:
    if width in ("day", "week"):
        return start + timedelta(days=1 if width == "day" else 7)
    if width == "month":
        return (start.replace(day=28) + timedelta(days=4)).replace(day=1)
    return start.replace(year=start.year + 1)


def _widened(width: Width, first: date, last: date) -> tuple[date, date]:
    """The days with as many around them as make the fewest columns."""
    step = {"day": 1, "week": 7, "month": 31, "year": 366}[width]
    missing = FEWEST - (last - first).days // step - 1
    if missing <= 0 or first.year < 100 or last.year > 9000:
        return first, last
    return first - timedelta(days=step * (missing // 2)), last + timedelta(
        days=step * (missing - missing // 2)
    )


def _columns(width: Width, first: date, last: date) -> list[Column]:
    made: list[Column] = []
    start = _floor(width, first)
    while start <= last:
        if start.year == date.max.year:
            made.append(Column(start, date.max))
            break
        after = _next(width, start)
        made.append(Column(start, after - timedelta(days=1)))
        start = after
    return made
