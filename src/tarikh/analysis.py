"""What the chronicle does not know: how many sources saw each incident, how many were missed, which source went silent.

Invariant: pure; sources are the independent ones of `link.sources`; where the data bear no estimate there is a reason
and no number; unknown area and unknown month are rows of their own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from tarikh import link
from tarikh.errors import UsageError
from tarikh.estimates import ONE_SOURCE, Estimate, Refusal, chao, chapman, tail
from tarikh.store import Filter, Store
from tarikh.store.tellings import Telling
from tarikh.text import fold

Area = Literal["country", "admin1"]

ASSUMPTIONS = (
    "An incident is counted once, by its first day and its area; reports of one outlet, copies of one text and"
    " dispatches of one agency are one source.",
    "Chao's number is a lower bound: it needs sources that see independently of each other, not that all incidents are"
    " equally visible. Sources that follow each other make it too low, sources that divide the country among them too high.",
    "Chapman's number is of the two largest sources: it also needs that each incident is as likely to be seen as another."
    " Big incidents are seen by both, so it is mostly too low.",
    "Both take for granted that mentions of one incident were linked and others not: a missed link makes them too high,"
    " a wrong link too low.",
    "What no source can see (no telephone, no witness) is in neither.",
)
"""What the estimates rest on, for people."""

ALARM = 0.01
"""A source is silent when so few reports had at most this chance, by its own past."""

PERIOD_DAYS = 7
PAST_PERIODS = 52
FEWEST_PERIODS = 8
FEWEST_REPORTS = 10
"""A source's past counts in weeks, at most a year of them; below these two nothing is said of it."""

WINDOW_WEEKS = 2


@dataclass(frozen=True, slots=True)
class Row:
    """One area in one month; `month` is "2024-05", None for unknown, "all" for the whole span.

    `by_one`, `by_two`, `by_more`: incidents that so many independent sources saw. `pair` are the two largest sources.
    """

    area: str | None
    month: str | None
    incidents: int
    by_one: int
    by_two: int
    by_more: int
    sources: int
    lower_bound: Estimate | Refusal
    two_sources: Estimate | Refusal
    pair: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Silence:
    """A source that told less than its past made likely, since `since`: `seen` reports where `expected` were due."""

    source: str
    since: date
    last: date
    seen: int
    expected: float
    chance: float


@dataclass(frozen=True, slots=True)
class Silences:
    """Alarms, the likeliest first; `judged` sources had enough of a past, `unjudged` had not. `until` is the last day."""

    alarms: tuple[Silence, ...]
    judged: int
    unjudged: int
    until: date | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Rows by area and month, each area's whole first; and who went silent."""

    rows: tuple[Row, ...]
    silences: Silences
    assumptions: tuple[str, ...] = ASSUMPTIONS


def coverage(store: Store, wanted: Filter, by: Area = "country", unit: str | None = None) -> Coverage:
    """The coverage of the incidents that a filter asks for. `unit` keeps one first-level unit.

    Raises `UsageError` when there are no incidents, or none in the unit.
    """
    found = store.tellings(wanted)
    if not found:
        raise UsageError(
            "no incidents match, so there is nothing to say of their coverage; ask for less, or add reports: tarikh add"
        )
    if unit is not None:
        found = _within(found, unit)
    days = store.published_days()
    return Coverage(rows(found, seen(store, found), by), silences(days))


def _within(found: Sequence[Telling], unit: str) -> list[Telling]:
    inside = [each for each in found if each.admin1 is not None and fold(each.admin1) == fold(unit)]
    if inside:
        return inside
    units = sorted({each.admin1 for each in found if each.admin1})
    near = f"; there are incidents in {', '.join(units[:8])}" if units else ""
    raise UsageError(f"no incident is in a unit called {unit!r}{near}")


# ---- who saw what ----------------------------------------------------------------------------------------


def seen(store: Store, found: Iterable[Telling]) -> dict[str, frozenset[str]]:
    """Incident id -> the independent sources that saw it."""
    made = {}
    for part in _parts(list(found), 2000):
        prints = store.fingerprints({m.report_id for each in part for m in each.mentions})
        for each in part:
            told = link.sources(each.mentions, prints)
            made[each.incident_id] = frozenset(told.source(m) for m in each.mentions)
    return made


def _parts(found: Sequence[Telling], size: int) -> Iterable[Sequence[Telling]]:
    return (found[at : at + size] for at in range(0, len(found), size))


def rows(found: Sequence[Telling], by_incident: Mapping[str, frozenset[str]], by: Area) -> tuple[Row, ...]:
    """A row for each area and each month in it, in their order; unknown ones last."""
    areas: dict[str | None, dict[str | None, list[frozenset[str]]]] = defaultdict(lambda: defaultdict(list))
    for each in found:
        areas[_area(each, by)][_month(each)].append(by_incident[each.incident_id])
    made = []
    for area in sorted(areas, key=lambda name: (name is None, name or "")):
        months = areas[area]
        made.append(_row(area, "all", [names for each in months.values() for names in each]))
        for month in sorted(months, key=lambda name: (name is None, name or "")):
            made.append(_row(area, month, months[month]))
    return tuple(made)


def _area(each: Telling, by: Area) -> str | None:
    if by == "country" or each.country is None:
        return each.country
    return None if each.admin1 is None else f"{each.country} {each.admin1}"


def _month(each: Telling) -> str | None:
    if each.day is None or each.day_precision not in ("day", "week", "month"):
        return None
    return f"{each.day:%Y-%m}"


def _row(area: str | None, month: str | None, incidents: Sequence[frozenset[str]]) -> Row:
    counts = [len(names) for names in incidents]
    sources = Counter(name for names in incidents for name in names)
    largest = sorted(sources, key=lambda name: (-sources[name], name))[:2]
    two: Estimate | Refusal = ONE_SOURCE
    if len(largest) == 2:
        both = sum(names.issuperset(largest) for names in incidents)
        two = chapman(sources[largest[0]], sources[largest[1]], both)
    return Row(
        area,
        month,
        len(incidents),
        counts.count(1),
        counts.count(2),
        sum(count >= 3 for count in counts),
        len(sources),
        chao(counts, len(sources)),
        two,
        tuple(largest),
    )


# ---- silence ---------------------------------------------------------------------------------------------


def silences(by_source: Mapping[str, Mapping[date, int]], weeks: int = WINDOW_WEEKS) -> Silences:
    """Which sources told less in the last weeks than their past made likely (chance at most `ALARM`).

    The last day is that of the newest report of any source: a database that nobody feeds is no silence of its sources.
    """
    until = max((day for days in by_source.values() for day in days), default=None)
    if until is None:
        return Silences((), 0, 0, None)
    since = until - timedelta(weeks * PERIOD_DAYS - 1)
    alarms, judged, unjudged = [], 0, 0
    for source, days in sorted(by_source.items()):
        past = _weeks_before(days, since)
        if len(past) < FEWEST_PERIODS or sum(past) < FEWEST_REPORTS:
            unjudged += 1
            continue
        judged += 1
        count = sum(number for day, number in days.items() if day >= since)
        expected, chance = tail(count, past, weeks)
        if count < expected and chance <= ALARM:
            alarms.append(Silence(source, since, max(days), count, round(expected, 1), chance))
    return Silences(tuple(sorted(alarms, key=lambda a: (a.chance, a.source))), judged, unjudged, until)


def _weeks_before(days: Mapping[date, int], since: date) -> list[int]:
    """Reports in each whole week before a day, from the source's first report on, at most `PAST_PERIODS`."""
    before = [day for day in days if day < since]
    if not before:
        return []
    count = min(PAST_PERIODS, (since - min(before)).days // PERIOD_DAYS)
    weeks = [0] * count
    for day in before:
        at = ((since - day).days - 1) // PERIOD_DAYS
        if at < count:
            weeks[at] += days[day]
    return weeks
