"""What is asked below the level `full` of the incidents that a filter lets by: one page of them, and what a place on the map is.

Slower than the quick views (`views`), for each incident must pass conditions besides the filter (`sensitivity`).

Invariant: only columns are read, never whole incidents, but for the one page; a page begins after a key and never after
a number of rows, so that it costs the same wherever it lies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from tarikh.model import Incident
from tarikh.store import incidents as derived
from tarikh.store.filtering import Filter
from tarikh.store.listed_schema import listed
from tarikh.store.listing import MOST_KILLED
from tarikh.store.schema import incident, incident_member, mention
from tarikh.store.store import Store

_NEWEST = 5_000
"""Incidents whose sources are offered."""
_KILLED = sa.func.min(sa.func.coalesce(incident.c.killed_best, incident.c.killed_low), MOST_KILLED)
"""Of the unknown the least is unknown, as of all scalar functions."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some incidents in the filter's order, and the key after which the next ones begin; None where these are the last."""

    incidents: tuple[Incident, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Spot:
    """Incidents of one kind that are drawn at one place with one precision. Degrees are WGS 84, None where unknown.

    `killed` sums what is known (best figure, else the lower bound); `tolled` is of how many incidents it is known at
    all. `sure` is how many have the status `reported`.
    """

    precision: str
    country: str | None
    admin1: str | None
    admin2: str | None
    place: str | None
    latitude: float | None
    longitude: float | None
    kind: str
    incidents: int
    killed: int
    tolled: int
    sure: int


class Listing:
    """Asks a store. `only` are conditions that hold besides every filter."""

    def __init__(self, store: Store, only: Sequence[sa.ColumnElement[bool]] = ()) -> None:
        self._store = store
        self._only = tuple(only)

    def page(self, wanted: Filter, size: int, after: str | None = None) -> Page:
        """At most `size` incidents after a key. Raises `UsageError` where the key is none of ours."""
        found = self._store.views.page(wanted, after, size, self._only)
        with self._store._read() as connection:
            ids = [row.id for row in found.items]
            return Page(tuple(derived.of_ids(connection, ids)), found.next_cursor)

    def sources(self, most: int = 500) -> list[str]:
        """Names of sources of the newest incidents, the most frequent first.

        None of an incident that shares a report with one for which `only` does not hold: its name may tell of that one.
        """
        mine, theirs = incident_member.alias("mine"), incident_member.alias("theirs")
        its, other = mention.alias("its"), mention.alias("other")
        newest = sa.select(incident.c.id).join(listed, listed.c.id == incident.c.id).where(*self._only)
        newest = newest.order_by(listed.c.key.desc()).limit(_NEWEST)
        allowed = sa.exists().where(incident.c.id == theirs.c.incident_id, *self._only).correlate(theirs)
        shared = (
            sa.select(mine.c.incident_id)
            .join(its, its.c.id == mine.c.mention_id)
            .join(other, other.c.report_id == its.c.report_id)
            .join(theirs, theirs.c.mention_id == other.c.id)
            .where(mine.c.incident_id.in_(newest), sa.not_(allowed))
        )
        query = sa.select(incident.c.sources).where(incident.c.id.in_(newest.correlate(None)))
        query = query.where(incident.c.id.not_in(shared.correlate(None)))
        with self._store._read() as connection:
            counted = Counter(name for names in connection.execute(query).scalars() for name in names)
        return [name for name, _ in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:most]]


def figures() -> tuple[sa.ColumnElement[Any], ...]:
    """How many incidents, their known dead, of how many these are known, and how many have the status `reported`."""
    sure = sa.func.sum(sa.case((incident.c.status == "reported", 1), else_=0))
    return sa.func.count(), sa.func.coalesce(sa.func.sum(_KILLED), 0), sa.func.count(_KILLED), sure
