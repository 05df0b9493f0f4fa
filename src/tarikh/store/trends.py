"""Numbers of incidents and killed over time, as a whole or split; read from kept sums where these know the filter.

Invariant: unknown is counted as unknown and adds to no sum; an incident whose days are not known to lie in one period is
told apart and stands in none. Kept sums and counting on the fly give the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any, Literal, get_args

import sqlalchemy as sa

from tarikh.errors import UsageError
from tarikh.store.filtering import Filter
from tarikh.store.listed_schema import listed, tally
from tarikh.store.listing import AXES, MOST_KILLED, SUMS
from tarikh.store.schema import incident
from tarikh.store.search import MANY, Condition, plan

By = Literal["day", "week", "month"]
Split = Literal["kind", "country", "admin1", "party"]

_MOST_SERIES = 1_000


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums over incidents. `unknown` of the `incidents` have no known toll and add nothing to the killed.

    A toll is known by its best figure, else its lower bound; a missing bound of a known toll counts as that figure, and
    `open` is how many have no upper bound, so that `killed_high` is a least where it is not 0.
    """

    incidents: int = 0
    unknown: int = 0
    open: int = 0
    killed_low: int = 0
    killed_best: int = 0
    killed_high: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.incidents + other.incidents,
            self.unknown + other.unknown,
            self.open + other.open,
            self.killed_low + other.killed_low,
            self.killed_best + other.killed_best,
            self.killed_high + other.killed_high,
        )


@dataclass(frozen=True, slots=True)
class Period:
    """A day, week (from Monday) or month: first and last day, and what is known to fall into it."""

    start: date
    end: date
    tally: Tally


@dataclass(frozen=True, slots=True)
class Timeline:
    """Periods in order, those without incidents left out.

    `imprecise` are incidents of which it is only known that they lie somewhere in more than one period (a month, by
    weeks); `undated` those without any day. An incident dated to the day that goes on stands in its first day's period.
    """

    by: By
    periods: tuple[Period, ...]
    imprecise: Tally
    undated: Tally

    @property
    def total(self) -> Tally:
        """All of it."""
        return sum((each.tally for each in self.periods), self.imprecise + self.undated)


@dataclass(frozen=True, slots=True)
class Series:
    """The timeline of one kind, country, admin1 unit (with its `country`) or party; `value` is None where it is unknown."""

    value: str | None
    country: str | None
    timeline: Timeline


@dataclass(frozen=True, slots=True)
class Trends:
    """Series, the one with most incidents first; `left_out` is how many further ones there are.

    Split by party an incident stands in the series of each of its parties, so that series do not add up.
    """

    by: By
    split: Split
    series: tuple[Series, ...]
    left_out: int = 0


Line = tuple[str | None, str | None, int | None, bool, Tally]
"""Name, its country, period, whether it is dated at all, sums."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What some may see: incidents for which the conditions on `incident` in `only` hold; parties by what `party` calls them.

    Where two parties of an incident get one name, it is counted once under it.
    """

    only: tuple[Condition, ...] = ()
    party: Callable[[str], str] | None = None


UNLIMITED = Limits()


def timeline(
    connection: sa.Connection,
    wanted: Filter,
    by: By = "week",
    kept: bool = True,
    limits: Limits = UNLIMITED,
) -> Timeline:
    """Incidents and killed by day, week or month. The filter's order, limit and offset do not count.

    `kept=False` counts on the fly, whatever the filter. Raises `UsageError` when there is no such period.
    """
    _check("period", by, get_args(By))
    return _timeline(by, _lines(connection, wanted, by, None, kept, limits))


def trends(
    connection: sa.Connection,
    wanted: Filter,
    by: By = "month",
    split: Split = "kind",
    most: int = 50,
    kept: bool = True,
    limits: Limits = UNLIMITED,
) -> Trends:
    """The timelines of each kind, country, admin1 unit or party, at most `most` of them.

    Raises `UsageError` when there is no such period or split, or `most` is not 1 to 1,000.
    """
    _check("period", by, get_args(By))
    _check("split", split, get_args(Split))
    if not 1 <= most <= _MOST_SERIES:
        raise UsageError(f"trends have 1 to {_MOST_SERIES} series, not {most}")
    lines: dict[tuple[str | None, str | None], list[Line]] = defaultdict(list)
    for line in _lines(connection, wanted, by, split, kept, limits):
        lines[line[0], line[1]].append(line)
    counts = {key: sum(line[4].incidents for line in of) for key, of in lines.items()}
    ranked = sorted(lines, key=lambda key: (-counts[key], key[0] is None, key[0] or "", key[1] or ""))
    series = tuple(Series(*key, _timeline(by, lines[key])) for key in ranked[:most])
    return Trends(by, split, series, len(ranked) - len(series))


def _check(what: str, given: str, allowed: Iterable[str]) -> None:
    if given not in allowed:
        raise UsageError(f"there is no {what} {given!r}; there are: {', '.join(allowed)}")


def _timeline(by: By, lines: Iterable[Line]) -> Timeline:
    sums: dict[int, Tally] = {}
    apart = {True: Tally(), False: Tally()}
    for _, _, period, dated, adds in lines:
        if period is None:
            apart[dated] += adds
        else:
            sums[period] = sums[period] + adds if period in sums else adds
    periods = tuple(Period(*_days(by, number), sums[number]) for number in sorted(sums))
    return Timeline(by, periods, apart[True], apart[False])


def _days(by: By, number: int) -> tuple[date, date]:
    if by == "day":
        return date.fromordinal(number), date.fromordinal(number)
    if by == "week":
        first = number * 7 + 1
        return date.fromordinal(first), date.fromordinal(min(first + 6, date.max.toordinal()))
    start = date(number // 12, number % 12 + 1, 1)
    if start.month == 12:
        return start, start.replace(day=31)
    return start, date(start.year, start.month + 1, 1) - timedelta(1)


# ---- sums ------------------------------------------------------------------------------------------------


def is_plain(wanted: Filter) -> bool:
    """Whether nothing is asked for but countries, kinds and review: what kept sums are kept by."""
    usual = Filter()
    free = {"countries", "kinds", "review", "order", "limit", "offset"}
    return all(
        getattr(wanted, f.name) == getattr(usual, f.name) for f in fields(Filter) if f.name not in free
    )


def _lines(
    connection: sa.Connection, wanted: Filter, by: By, split: Split | None, kept: bool, limits: Limits
) -> Iterator[Line]:
    if limits.only or (limits.party is not None and split == "party"):
        kept = False
    axis = _axis(wanted, split) if kept and by != "day" and is_plain(wanted) else None
    if axis is not None:
        return _kept(connection, wanted, by, split, axis)
    return _counted(connection, wanted, by, split, limits)


def _axis(wanted: Filter, split: Split | None) -> str | None:
    """Of the kept sums, those that know the split and the conditions, and are fewest; None where none do."""
    if wanted.kinds:
        return None if wanted.countries or split not in (None, "kind") else "kind"
    if wanted.countries:
        return None if split == "kind" else split or "country"
    return split or "all"


def _kept(
    connection: sa.Connection, wanted: Filter, by: By, split: Split | None, axis: str
) -> Iterator[Line]:
    table = tally.c
    first = AXES[axis] << 60
    none = sa.literal(None)
    name = {None: none, "country": table.country}.get(split, table.name)
    country = table.country if split == "admin1" else none
    columns = (name.label("name"), country.label("of"), table[by].label("period"), table.dated)
    summed = [sa.func.sum(table[each]) for each in SUMS]
    query = sa.select(*columns, *summed).where(table.code >= first, table.code < first + (1 << 60))
    if wanted.countries:
        query = query.where(table.country.in_(wanted.countries))
    if wanted.kinds:
        query = query.where(table.name.in_(wanted.kinds))
    if wanted.asks_review:
        query = query.where(table.review.in_(wanted.review))
    grouped = query.group_by(*_grouping(split, name, country), table[by], table.dated)
    for named, of, period, dated, *numbers in connection.execute(grouped):
        yield named, of, period, bool(dated), Tally(*numbers)


def _grouping(split: Split | None, *columns: sa.ColumnElement[Any]) -> list[sa.ColumnElement[Any]]:
    return list(columns[: {None: 0, "admin1": 2}.get(split, 1)])


def _tally_columns() -> list[sa.ColumnElement[int]]:
    """The sums of a `Tally` over rows of `listed`."""
    table = listed.c
    toll = table.toll
    none = toll.is_(None)
    open_ = sa.and_(toll.is_not(None), table.killed_high.is_(None))
    bounds = (sa.func.coalesce(table.killed_low, toll), toll, sa.func.coalesce(table.killed_high, toll))
    killed = [sa.case((none, 0), (each > MOST_KILLED, MOST_KILLED), else_=each) for each in bounds]
    numbers = [sa.literal_column("1"), sa.case((none, 1), else_=0), sa.case((open_, 1), else_=0), *killed]
    return [sa.func.sum(each) for each in numbers]


def _counted(
    connection: sa.Connection, wanted: Filter, by: By, split: Split | None, limits: Limits
) -> Iterator[Line]:
    table = listed.c
    period = table[by]
    dated = sa.or_(table.first_day.is_not(None), table.last_day.is_not(None))
    none = sa.literal(None)
    one, two = {
        None: (none, none),
        "kind": (table.kind, none),
        "country": (table.country, none),
        "admin1": (table.admin1, table.country),
        "party": (table.attackers, table.targets),
    }[split]
    grouped = [] if split is None else [one] if two is none else [one, two]
    own = [table.id.in_(sa.select(incident.c.id).where(*limits.only))] if limits.only else []
    for segment in plan(connection, wanted, MANY):
        query = segment.select(
            one.label("one"), two.label("two"), period, dated.label("dated"), *_tally_columns()
        ).where(*own)
        for first, second, number, known, *sums in connection.execute(
            query.group_by(*grouped, period, dated)
        ):
            adds = Tally(*sums)
            if split == "party":
                for party in _named(limits, (*first, *second)):
                    yield party, None, number, bool(known), adds
            else:
                yield first, second, number, bool(known), adds


def _named(limits: Limits, parties: Sequence[str]) -> Iterable[str | None]:
    names = parties if limits.party is None else [limits.party(name) for name in parties]
    return dict.fromkeys(names) or (None,)
