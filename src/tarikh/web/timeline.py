"""Incidents over time as columns: how wide a column is, what stands in it, and what no column can hold.

Invariant: an incident stands only in a column that is as wide as its day is known; all others are counted beside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from tarikh.store.spots import Day
from tarikh.web.wording import family

Width = Literal["day", "week", "month", "year"]
FAMILIES = ("battle", "remote", "civilians", "crowd", "strategic")
MOST = 60
"""Columns that still can be told apart and hit."""
FEWEST = 15
"""Columns at least, so that one day is no wall; those added around it are empty."""
HEIGHT = 64.0
_HOLDS: dict[Width, tuple[str, ...]] = {
    "day": ("day",),
    "week": ("day", "week"),
    "month": ("day", "week", "month"),
    "year": ("day", "week", "month", "year"),
}


@dataclass(slots=True)
class Column:
    """Incidents whose first day lies in `start` to `end` (inclusive), by family; `killed` is what is known."""

    start: date
    end: date
    families: Counter[str] = field(default_factory=Counter)
    killed: int = 0
    tolled: int = 0

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
class Timeline:
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


def timeline(days: Sequence[Day], since: date | None = None, until: date | None = None) -> Timeline:
    """Columns of one width over all first days that are known, within the days asked for where they are."""
    known = [day for day in days if day.start is not None and day.precision != "unknown"]
    undated = sum(day.incidents for day in days) - sum(day.incidents for day in known)
    if not known:
        return Timeline("day", (), 0, undated)
    starts = [day.start for day in known if day.start is not None]
    first, last = min(starts), max(starts)
    first = max(first, since) if since else first
    last = min(last, until) if until else last
    width = _width(first, max(first, last), known)
    columns = _columns(width, *_widened(width, first, max(first, last)))
    by_start = {column.start: column for column in columns}
    coarse = 0
    for day in known:
        assert day.start is not None
        column = by_start.get(_floor(width, max(day.start, first)))
        if day.precision not in _HOLDS[width] or column is None:
            coarse += day.incidents
            continue
        column.families[family(day.kind)] += day.incidents
        column.killed += day.killed
        column.tolled += day.tolled
    return Timeline(width, tuple(columns), coarse, undated)


def _width(first: date, last: date, days: Iterable[Day]) -> Width:
    span = (last - first).days + 1
    finest = {day.precision for day in days}
    if span <= MOST and "day" in finest:
        return "day"
    if span <= MOST * 7 and finest & {"day", "week"}:
        return "week"
    return "month" if span <= MOST * 30.5 else "year"


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
    while start <= last and len(made) < 1000 and start.year < date.max.year:
        after = _next(width, start)
        made.append(Column(start, after - timedelta(days=1)))
        start = after
    return made
