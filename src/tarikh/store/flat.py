"""Incidents as flat rows for exports: read in the filter's order, a portion at a time, and no whole incident built.

Invariant: all portions are of one state of the database; memory is a number for each incident and one portion of rows.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from tarikh.model import HARMS, Incident
from tarikh.store.filtering import Filter
from tarikh.store.listed_schema import listed
from tarikh.store.schema import Words, incident
from tarikh.store.search import Condition, conditions, ordering
from tarikh.store.sensitivity import careful
from tarikh.store.store import Store

AT_ONCE = 2_000
"""Incidents of a portion."""

Progress = Callable[[int, int], None]
Bounds = tuple[int | None, int | None, int | None]
Harm = dict[str, Bounds]


class Flat(NamedTuple):
    """The values of one incident, without ledger, evidence and reasons. A tuple, since making a frozen dataclass costs five times
    as much, a million times. Lists may be shared between rows: they must not be changed.

    `harm` has low, best and high of each count that is told; `reports` is None where it is not known; `recorded` is the
    moment, as the database writes it (ISO, UTC), at which the newest of its mentions was.
    """

    id: str
    kind: str
    status: str
    review: str
    attackers: list[str]
    targets: list[str]
    date_start: date | None
    date_end: date | None
    date_precision: str
    place: str | None
    place_precision: str
    latitude: float | None
    longitude: float | None
    admin2: str | None
    admin1: str | None
    country: str | None
    geonameid: int | None
    harm: Harm
    sources: list[str]
    reports: int | None
    mentions: int
    confidence: float
    absorbed: list[str]
    recorded: str | None = None


@dataclass(frozen=True, slots=True)
class Guard:
    """What makes a row one that may hide something: `rules` of the kept ones (`sensitivity`) of a `policy`, days from
    `fresh_from` on (None: no day), and a report that such an incident shares."""

    policy: int
    rules: tuple[str, ...]
    fresh_from: date | None


class Portion(NamedTuple):
    """Some rows; which of them may hide something by a guard, and on which of them a person has judged or corrected."""

    rows: list[Flat]
    hides: frozenset[str]
    by_people: frozenset[str]


def count(store: Store, wanted: Filter, only: Sequence[Condition] = ()) -> int:
    """How many rows `portions` gives."""
    with store._read() as connection:
        return len(_keys(connection, wanted, only))


def portions(
    store: Store,
    wanted: Filter,
    only: Sequence[Condition] = (),
    guard: Guard | None = None,
    size: int = AT_ONCE,
    progress: Progress | None = None,
) -> Iterator[Portion]:
    """The rows that a filter asks for, in its order; `only` are conditions on `incident` that hold besides.

    Without a guard nothing is said to hide anything. `progress` is told how many of how many were given.
    """
    with store._read() as connection:
        keys = _keys(connection, wanted, only)
        for first in range(0, len(keys), size):
            yield _portion(connection, keys[first : first + size], guard)
            if progress is not None:
                progress(min(first + size, len(keys)), len(keys))


def ids(
    store: Store,
    wanted: Filter,
    only: Sequence[Condition] = (),
    size: int = AT_ONCE,
    progress: Progress | None = None,
) -> Iterator[list[str]]:
    """The same as ids alone."""
    with store._read() as connection:
        keys = _keys(connection, wanted, only)
        for first in range(0, len(keys), size):
            asked = json.dumps(list(keys[first : first + size]))
            yield [row[0] for row in fetched(connection, _IDS, (asked,))]
            if progress is not None:
                progress(min(first + size, len(keys)), len(keys))


def _keys(connection: sa.Connection, wanted: Filter, only: Sequence[Condition]) -> array[int]:
    query = sa.select(listed.c.key).where(*conditions(wanted)).order_by(*ordering(wanted.order))
    if only:
        query = query.where(sa.exists().where(incident.c.id == listed.c.id, *only).correlate(listed))
    query = query.limit(-1 if wanted.limit is None else wanted.limit).offset(wanted.offset)
    found = connection.execute(query.execution_options(yield_per=10_000)).scalars()
    return array("q", found)


_PLAIN = (
    "id", "kind", "status", "review", "attackers", "targets", "date_start", "date_end", "date_precision", "place",
    "place_precision", "latitude", "longitude", "admin2", "admin1", "country", "geonameid", "harm", "sources", "confidence",
    "absorbed",
)  # fmt: skip
_GUARDED = "i.published, i.corrections <> '[]' OR instr(i.judgements, '\"by\":\"user:') > 0, s.rules"
# The driver's own rows: what SQLAlchemy makes of forty columns costs more than the reading itself.
_ROWS = (
    f"SELECT {', '.join(f'i.{name}' for name in _PLAIN)}{{also}} FROM json_each(?) AS k"  # noqa: S608 (names of ours)
    " CROSS JOIN listed AS l ON l.key = k.value CROSS JOIN incident AS i ON i.id = l.id{join} ORDER BY k.key"
)
_ALL = _ROWS.format(also="", join="")
_WATCHED = _ROWS.format(
    also=f", {_GUARDED}", join=" LEFT JOIN sensitivity AS s ON s.incident_id = i.id AND s.policy = ?"
)
_IDS = "SELECT l.id FROM json_each(?) AS k CROSS JOIN listed AS l ON l.key = k.value ORDER BY k.key"
_MEMBERS = (
    "SELECT k.key, m.report_id, m.recorded_at FROM json_each(?) AS k"
    " CROSS JOIN incident_member AS im ON im.incident_id = k.value LEFT JOIN mention AS m ON m.id = im.mention_id"
)


def _portion(connection: sa.Connection, keys: Sequence[int], guard: Guard | None) -> Portion:
    asked = json.dumps(list(keys))
    if guard is None:
        raw = fetched(connection, _ALL, (asked,))
    else:
        raw = fetched(connection, _WATCHED, (asked, guard.policy))
    ids = [row[0] for row in raw]
    reports, mentions, recorded = _members(connection, ids)
    made = [
        _flat(row, len(reports[place]) or None, mentions[place], recorded[place])
        for place, row in enumerate(raw)
    ]
    if guard is None:
        return Portion(made, frozenset(), frozenset())
    hides = _hiding(connection, raw, reports, guard)
    return Portion(made, hides, frozenset(row[0] for row in raw if row[-2]))


def fetched(connection: sa.Connection, query: str, values: tuple[Any, ...]) -> list[Any]:
    """The rows of the driver itself: plain values, as the file has them."""
    cursor = connection.connection.cursor()
    try:
        return list(cursor.execute(query, values).fetchall())
    finally:
        cursor.close()


def _members(
    connection: sa.Connection, ids: Sequence[str]
) -> tuple[list[set[str]], list[int], list[str | None]]:
    """Of each incident its reports, how many mentions it has, and when the newest came."""
    reports: list[set[str]] = [set() for _ in ids]
    mentions = [0] * len(ids)
    recorded: list[str | None] = [None] * len(ids)
    for place, report, at in fetched(connection, _MEMBERS, (json.dumps(list(ids)),)):
        mentions[place] += 1
        if report is not None:
            reports[place].add(report)
            before = recorded[place]
            recorded[place] = at if before is None or at > before else before
    return reports, mentions, recorded


def _hiding(
    connection: sa.Connection, raw: Sequence[Any], reports: Sequence[Collection[str]], guard: Guard
) -> frozenset[str]:
    """The rows that may not be shown as they are: they or what shares a report with them."""
    found, clear = set(), []
    for place, row in enumerate(raw):
        rules, published = row[-1], row[-3]
        known = rules is not None and not any(rule in rules.split(",") for rule in guard.rules)
        last = row[7] or row[6] or published
        fresh = guard.fresh_from is not None and (last is None or last >= guard.fresh_from.isoformat())
        if known and not fresh:
            clear.append(place)
        else:
            found.add(row[0])
    told = sorted({report for place in clear for report in reports[place]})
    watched = careful(connection, told, guard.policy, guard.rules, guard.fresh_from)
    found |= {raw[place][0] for place in clear if not watched.isdisjoint(reports[place])}
    return frozenset(found)


# ---- values ----------------------------------------------------------------------------------------------


def _flat(row: Any, reports: int | None, mentions: int, recorded: str | None) -> Flat:
    return Flat(
        _text(row[0]) or "",
        _text(row[1]) or "",
        row[2],
        row[3],
        _names(row[4]),
        _names(row[5]),
        None if row[6] is None else date.fromisoformat(row[6]),
        None if row[7] is None else date.fromisoformat(row[7]),
        row[8],
        _text(row[9]),
        row[10],
        row[11],
        row[12],
        _text(row[13]),
        _text(row[14]),
        _text(row[15]),
        row[16],
        _harm(row[17]),
        _names(row[18]),
        reports,
        mentions,
        row[19],
        _names(row[20]),
        recorded,
    )


_WORDS = Words()


def _text(value: str | None) -> str | None:
    if value is None or value[:1] != "\x1a":
        return value
    return whole(_WORDS.process_result_value(value, None))  # type: ignore[arg-type]


def whole(text: str | None) -> str | None:
    """The text without halves of surrogate pairs, which no file may hold: "?" stands for each."""
    return None if text is None else text.encode("utf-8", "replace").decode("utf-8")


@lru_cache(maxsize=50_000)
def _names(raw: str) -> list[str]:
    read = json.loads(raw)
    if not isinstance(read, list):
        raise ValueError("should hold a JSON array")
    # Only an escaped sign can be half a surrogate pair.
    return [whole(name) or "" for name in read] if "\\u" in raw else read


@lru_cache(maxsize=50_000)
def _harm(raw: str) -> Harm:
    read = json.loads(raw)
    if not isinstance(read, dict):
        raise ValueError("should hold a JSON object")
    return {what: _bounds(read[what]) for what in HARMS if what in read}


def _bounds(raw: Sequence[Any]) -> Bounds:
    low, best, high = raw
    for number in (low, best, high):
        if number is not None and not isinstance(number, int):
            raise ValueError("a count is none")
    return low, best, high


def flat_of(given: Incident, reports: int | None, recorded: str | None = None) -> Flat:
    """The same of a whole incident."""
    where, when = given.where, given.when
    return Flat(
        whole(given.id) or "",
        whole(given.kind) or "",
        given.status,
        given.review,
        [whole(name) or "" for name in given.attackers],
        [whole(name) or "" for name in given.targets],
        when.start,
        when.end,
        when.precision,
        whole(where.place),
        where.precision,
        where.latitude,
        where.longitude,
        whole(where.admin2),
        whole(where.admin1),
        whole(where.country),
        where.geonameid,
        {what: (n.low, n.best, n.high) for what in HARMS if (n := given.harm.get(what)) is not None},
        [whole(name) or "" for name in given.sources],
        reports,
        len(given.members),
        given.confidence,
        [whole(name) or "" for name in given.absorbed],
        recorded,
    )
