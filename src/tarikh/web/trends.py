"""What the page of trends shows: plots of one scale or each of its own, a table, and a file; each figure leads to its incidents.

Invariant: an unknown toll is counted as unknown and drawn as such, never as 0; what no period can hold is told beside.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal
from urllib.parse import urlencode

from tarikh.disclosure import MARK
from tarikh.disclosure.sight import Sight
from tarikh.errors import UsageError
from tarikh.exports.csv import cell
from tarikh.queries import Filter, Period, Series, Tally, Trends
from tarikh.store.trends import By, Split
from tarikh.web.address import Asked
from tarikh.web.wording import Wording, family

Measure = Literal["incidents", "killed"]
Scale = Literal["common", "own"]
OWN: dict[str, tuple[str, ...]] = {
    "by": ("month", "week"),
    "split": ("kind", "country", "admin1", "party"),
    "measure": ("incidents", "killed"),
    "scale": ("common", "own"),
    "plots": ("12", "48"),
}
"""What the page asks for beyond the filter; the first one is the usual."""
LONGEST = 160
"""Periods of a plot: more are no wider than a line. The last ones are shown."""
HEIGHT, BELOW = 60.0, 14.0
"""Of a plot: above its ground, and below it, where unknown tolls are counted."""
_ANY_DAY: dict[str, Any] = {"since": None, "until": None}
_ALL = 1_000
_OLDEST = 40 * 366
"""Days before the last one that are gone through at all, for a wrong year must not cost memory."""


@dataclass(frozen=True, slots=True)
class TrendsAsked:
    """The filter with what the page of trends adds to it."""

    asked: Asked
    by: By = "month"
    split: Split = "kind"
    measure: Measure = "incidents"
    scale: Scale = "common"
    plots: int = 12

    def own(self) -> list[tuple[str, str]]:
        """What is asked for beyond the filter, but for the usual."""
        given = {name: str(getattr(self, name)) for name in OWN}
        return [(name, value) for name, value in given.items() if value != OWN[name][0]]

    def address(self, path: str = "/trends", **changes: Any) -> str:
        """The address of the page, or of its file, with changes."""
        other = replace(self, **changes)
        query = "&".join(part for part in (self.asked.query(after=None), urlencode(other.own())) if part)
        return f"{path}?{query}" if query else path

    def without(self, query: str) -> str:
        """The address of the page with another filter, of this query string."""
        told = "&".join(part for part in (query, urlencode(self.own())) if part)
        return f"/trends?{told}" if told else "/trends"


def read(given: dict[str, str], asked: Asked) -> TrendsAsked:
    """What the pairs ask for. Raises `UsageError` where a value does not exist."""
    for name, value in given.items():
        if value not in OWN[name]:
            raise UsageError(f"there is no {name} {value[:40]!r}; there are: {', '.join(OWN[name])}")
    chosen: Any = {name: given.get(name, usual) for name, (usual, *_) in OWN.items()}
    return TrendsAsked(replace(asked, after=None), **chosen | {"plots": int(chosen["plots"])})


@dataclass(frozen=True, slots=True)
class Bar:
    """One period of a plot, in the drawing's units; `x` counts periods. `line` is where low and high lie, where they differ.

    `unknown` is how far the count of unknown tolls reaches below the ground. Addresses are None where a filter cannot
    say them.
    """

    x: int
    words: str
    address: str | None
    y: float
    height: float
    line: tuple[float, float] | None
    unknown: float
    unknown_words: str
    unknown_address: str | None


@dataclass(frozen=True, slots=True)
class Plot:
    """A series: its name, the incidents of all of it, its sums, and what its drawing's top and bottom stand for."""

    name: str
    look: str
    address: str | None
    total: Tally
    beside: Tally
    top: int
    most_unknown: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of the table with the incidents that it counts."""

    tally: Tally
    address: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """A period of the table: its words, all incidents of it, and those of each series."""

    words: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class View:
    """The page. `earlier` is how many periods lie before those that are shown; `plots` begins with all together."""

    starts: tuple[date, ...]
    ends: tuple[date, ...]
    earlier: int
    plots: tuple[Plot, ...]
    rows: tuple[Row, ...]
    left_out: int


def view(sight: Sight, wanted: TrendsAsked, say: Wording, table: bool = False) -> View:
    """All that the page shows of a filter; its table only where it is asked for, for it is as long as the plots."""
    asked = wanted.asked.filter
    found = sight.trends(asked, wanted.by, wanted.split, wanted.plots)
    whole = Series(None, None, sight.timeline(asked, wanted.by, wanted.split))
    grid = _grid(wanted.by, [p.start for p in whole.timeline.periods], asked)
    shown = grid[-LONGEST:]
    lines = [_line(each, grid)[-LONGEST:] for each in (whole, *found.series)]
    tops = [_top(line, wanted.measure) for line in lines]
    if wanted.scale == "common" and len(tops) > 1:
        common = max(top for top, _ in tops[1:]), max(below for _, below in tops[1:])
        tops = [tops[0], *[common] * (len(tops) - 1)]
    drawer = _Drawer(wanted, say, shown)
    plots = [
        drawer.plot(each, line, top, whole=number == 0)
        for number, (each, line, top) in enumerate(zip((whole, *found.series), lines, tops, strict=True))
    ]
    rows = drawer.rows((whole, *found.series), lines) if table else ()
    starts, ends = tuple(start for start, _ in shown), tuple(end for _, end in shown)
    return View(starts, ends, len(grid) - len(shown), tuple(plots), rows, found.left_out)


def _grid(by: By, starts: Sequence[date], asked: Filter) -> list[tuple[date, date]]:
    """All periods from the first to the last in which something lies; those before the days asked for count in the first."""
    if not starts:
        return []
    first = _floor(by, max(min(starts), asked.since or date.min))
    last = max(max(starts), first)
    first = max(first, _floor(by, date.fromordinal(max(1, last.toordinal() - _OLDEST))))
    made = []
    while first <= last:
        end = _end(by, first)
        made.append((first, end))
        if end >= date.max - timedelta(days=7):
            break
        first = end + timedelta(days=1)
    return made


def _floor(by: By, day: date) -> date:
    if by == "week":
        return date.fromordinal(max(1, day.toordinal() - day.weekday()))
    return day.replace(day=1)


def _end(by: By, start: date) -> date:
    if by == "week":
        return date.fromordinal(min(start.toordinal() + 6, date.max.toordinal()))
    if start.month == 12:
        return start.replace(day=31)
    return start.replace(month=start.month + 1) - timedelta(days=1)


def _line(series: Series, grid: Sequence[tuple[date, date]]) -> list[Tally]:
    """The sums of each period of the grid."""
    place = {start: number for number, (start, _) in enumerate(grid)}
    line = [Tally()] * len(grid)
    for period in series.timeline.periods:
        at = place.get(period.start, 0)
        line[at] += period.tally
    return line


def _top(line: Sequence[Tally], measure: Measure) -> tuple[int, int]:
    if measure == "incidents":
        return max((tally.incidents for tally in line), default=0), 0
    highest = max((max(tally.killed_best, tally.killed_high) for tally in line), default=0)
    return highest, max((tally.unknown for tally in line), default=0)


@dataclass(frozen=True, slots=True)
class _Drawer:
    wanted: TrendsAsked
    say: Wording
    periods: Sequence[tuple[date, date]]

    def plot(self, series: Series, line: Sequence[Tally], top: tuple[int, int], whole: bool) -> Plot:
        apart = series.timeline.imprecise + series.timeline.undated
        bases = self._list(series, whole, **_ANY_DAY), self._list(series, whole, **_ANY_DAY, has_toll=False)
        bars = tuple(
            self._bar(bases, number, tally, top) for number, tally in enumerate(line) if tally.incidents
        )
        name = self.say.t("trends.all") if whole else name_of(series, self.wanted.split, self.say)
        look = family(series.value) if self.wanted.split == "kind" and series.value and not whole else "plain"
        return Plot(
            name, look, self._list(series, whole), series.timeline.total, apart, *top, bars
        )  # fmt: skip

    def _bar(
        self, bases: tuple[str | None, str | None], number: int, tally: Tally, top: tuple[int, int]
    ) -> Bar:
        def height(value: int) -> float:
            return round(HEIGHT * value / max(1, top[0]), 2)

        deaths = self.wanted.measure == "killed"
        tall = height(tally.killed_best if deaths else tally.incidents)
        low, high = height(tally.killed_low), height(tally.killed_high)
        span = self.span(number)
        return Bar(
            number,
            self.say.t("timeline.column", span=span, incidents=self.say.t.count("count.incidents", tally.incidents),
                       killed=self.say.tolls(tally)),
            self._in(bases[0], number),
            round(HEIGHT - tall, 2),
            tall,
            (HEIGHT - high, HEIGHT - low) if deaths and low != high else None,
            round(BELOW * tally.unknown / max(1, top[1]), 2) if deaths else 0.0,
            self.say.t("trends.unknown_bar", span=span, n=self.say.t.number(tally.unknown)) if deaths else "",
            self._in(bases[1], number) if deaths else None,
        )  # fmt: skip

    def span(self, number: int) -> str:
        """A period in words."""
        start, end = self.periods[number]
        if self.wanted.by == "month":
            return f"{self.say.month(start.month)} {start.year}"
        return f"{self.say.day(start)} – {self.say.day(end)}"

    def rows(self, series: Sequence[Series], lines: Sequence[Sequence[Tally]]) -> tuple[Row, ...]:
        """The newest period first."""
        bases = [self._list(each, whole=column == 0, **_ANY_DAY) for column, each in enumerate(series)]
        return tuple(
            Row(
                self.span(number),
                tuple(
                    Cell(line[number], self._in(base, number))
                    for base, line in zip(bases, lines, strict=True)
                ),
            )
            for number in reversed(range(len(self.periods)))
            if lines[0][number].incidents
        )

    def _list(self, series: Series, whole: bool, **also: Any) -> str | None:
        """The address of the list of a series, whenever they were; None where no filter can say it."""
        narrowed = {} if whole else narrowing(series, self.wanted.split, self.wanted.asked.filter)
        if narrowed is None:
            return None
        try:
            return self.wanted.asked.address("/", **narrowed | also)
        except UsageError:  # a name without a letter, or longer than a filter takes
            return None

    def _in(self, base: str | None, number: int) -> str | None:
        """The address narrowed to a period. The text is put together, since a filter for each figure would take long."""
        if base is None:
            return None
        start, end = self.periods[number]
        asked = self.wanted.asked.filter
        since = max(start, asked.since) if asked.since else start
        until = max(since, min(end, asked.until) if asked.until else end)
        return f"{base}{'&' if '?' in base else '?'}since={since}&until={until}"


def name_of(series: Series, split: Split, say: Wording) -> str:
    """A series in words."""
    if series.value is None:
        return say.t(f"trends.none.{split}")
    if split == "kind":
        return say.kind(series.value)
    if split == "country":
        return say.country(series.value) or series.value
    if split == "admin1" and series.country:
        return f"{series.value}, {say.country(series.country)}"
    return series.value


def narrowing(series: Series, split: Split, asked: Filter) -> dict[str, Any] | None:
    """The change of the filter that lets by this series alone; None where no filter can say it."""
    if series.value in (None, MARK):
        return None
    assert series.value is not None
    value = (series.value,)
    if split == "kind":
        return {"kinds": value}
    if split == "country":
        return {"countries": value}
    if split == "party":
        # Of several parties any may pass, so one more cannot be asked for beside those.
        return {"parties": value} if not asked.parties or series.value in asked.parties else None
    if not series.country:
        return None
    return {"admin1": value, "countries": (series.country,)}


# ---- the file --------------------------------------------------------------------------------------------------

_HEAD = (
    "period_start", "period_end", "dated", "series", "country", "incidents", "toll_unknown", "killed_low", "killed_best",
    "killed_high", "high_open",
)  # fmt: skip


def table(sight: Sight, wanted: TrendsAsked, made: str) -> Iterator[str]:
    """All series and periods as CSV, the filter in its head; `made` says when. Figures of killed sum known tolls alone."""
    found = sight.trends(wanted.asked.filter, wanted.by, wanted.split, _ALL)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for line in _notes(wanted, found, made, sight):
        writer.writerow([f"# {line}"])
    writer.writerow(_HEAD)
    for series in found.series:
        for period in series.timeline.periods:
            writer.writerow(_record(series, period, "yes", period.tally))
        for dated, tally in (("imprecise", series.timeline.imprecise), ("no", series.timeline.undated)):
            if tally.incidents:
                writer.writerow(_record(series, None, dated, tally))
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _notes(wanted: TrendsAsked, found: Trends, made: str, sight: Sight) -> Iterator[str]:
    yield f"Tarikh: incidents and killed by {wanted.by} and {wanted.split}; made {made}"
    yield f"filter: {wanted.asked.query(after=None) or 'none'}"
    yield "killed sums known tolls alone: best figure, else the lower bound; toll_unknown incidents add nothing; high is a least where high_open is not 0"
    yield "dated: yes, in the period; imprecise, somewhere in several periods; no, without a day"
    if wanted.split == "party":
        yield "an incident stands in the series of each of its parties, so series do not add up"
    if not sight.full:
        yield f"disclosure: {sight.level}; what is withheld stands as {MARK}, and by region incidents whose place is withheld are left out"
    if found.left_out:
        yield f"{found.left_out} further series are left out"


def _record(series: Series, period: Period | None, dated: str, tally: Tally) -> list[str | int | float]:
    start, end = (None, None) if period is None else (period.start.isoformat(), period.end.isoformat())
    known = tally.incidents > tally.unknown
    killed = (tally.killed_low, tally.killed_best, tally.killed_high) if known else (None, None, None)
    values = (
        start,
        end,
        dated,
        series.value,
        series.country,
        tally.incidents,
        tally.unknown,
        *killed,
        tally.open,
    )
    return [cell(value) for value in values]
