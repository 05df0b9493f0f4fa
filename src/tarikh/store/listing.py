"""What pages ask of the incidents that a filter lets by: one page of them, how many, where, and on which days.

Invariant: only columns are read, never whole incidents, but for the one page; a page begins after a key and never after
a number of rows, so that it costs the same wherever it lies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from tarikh.errors import UsageError
from tarikh.model import Incident
from tarikh.store import incidents as derived
from tarikh.store.filtering import Filter, conditions, ordering
from tarikh.store.schema import incident
from tarikh.store.store import Store

_KILLED = sa.func.coalesce(incident.c.killed_best, incident.c.killed_low)
_MARK = "~"
"""Between the parts of a key; no id and no day holds it."""


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


@dataclass(frozen=True, slots=True)
class Day:
    """Incidents of one kind whose first day is this, known to this precision; None is unknown."""

    start: date | None
    precision: str
    kind: str
    incidents: int
    killed: int
    tolled: int


class Listing:
    """Asks a store. A radius around a point is not looked at: ask `Store.incidents` for that.

    `only` are conditions that hold besides every filter.
    """

    def __init__(self, store: Store, only: Sequence[sa.ColumnElement[bool]] = ()) -> None:
        self._store = store
        self._only = tuple(only)

    def _of(self, wanted: Filter) -> list[sa.ColumnElement[bool]]:
        return [*conditions(wanted), *self._only]

    def page(self, wanted: Filter, size: int, after: str | None = None) -> Page:
        """At most `size` incidents after a key. Raises `UsageError` where the key is none of ours."""
        beyond = [] if after is None else [_beyond(wanted.order, after)]
        query = sa.select(incident.c.id, incident.c.date_start, _KILLED.label("killed"))
        query = query.where(*self._of(wanted), *beyond).order_by(*ordering(wanted.order)).limit(size + 1)
        with self._store._read() as connection:
            rows = connection.execute(query).all()
            shown = derived.of_ids(connection, [row.id for row in rows[:size]])
        return Page(tuple(shown), _key(rows[size - 1]) if len(rows) > size else None)

    def count(self, wanted: Filter) -> int:
        """How many incidents a filter lets by."""
        query = sa.select(sa.func.count()).select_from(incident).where(*self._of(wanted))
        with self._store._read() as connection:
            return connection.execute(query).scalar_one()

    def spots(self, wanted: Filter) -> list[Spot]:
        """Where they are, by place, precision and kind, the most frequent first."""
        table = incident.c
        where = (table.place_precision, table.country, table.admin1, table.admin2, table.place)
        by = (*where, table.latitude, table.longitude, table.kind)
        query = sa.select(*by, *figures()).where(*self._of(wanted)).group_by(*by)
        with self._store._read() as connection:
            found = [Spot(*tuple(row)) for row in connection.execute(query)]
        return sorted(found, key=lambda s: (-s.incidents, s.country or "", s.place or "", s.kind))

    def placeless(self, wanted: Filter) -> dict[str | None, int]:
        """How many have no place on a map (only a country is known, or nothing), by country; None is unknown."""
        table = incident.c
        nowhere = sa.or_(table.place_precision.in_(("country", "unknown")), table.latitude.is_(None))
        query = sa.select(table.country, sa.func.count()).where(*self._of(wanted), nowhere)
        with self._store._read() as connection:
            return {row[0]: row[1] for row in connection.execute(query.group_by(table.country))}

    def days(self, wanted: Filter) -> list[Day]:
        """On which first days, by precision and kind, in order of time, unknown last."""
        by = (incident.c.date_start, incident.c.date_precision, incident.c.kind)
        query = sa.select(*by, *figures()[:3]).where(*self._of(wanted)).group_by(*by)
        with self._store._read() as connection:
            found = [Day(*row) for row in connection.execute(query)]
        return sorted(found, key=lambda d: (d.start is None, d.start or date.min, d.kind, d.precision))

    def at(self, wanted: Filter, spot: tuple[float, float, str], most: int) -> list[Incident]:
        """At most so many of the incidents drawn at one (latitude, longitude, precision), in the filter's order."""
        table = incident.c
        latitude, longitude, precision = spot
        here = (
            table.latitude.between(latitude - 1e-6, latitude + 1e-6),
            table.longitude.between(longitude - 1e-6, longitude + 1e-6),
            table.place_precision == precision,
        )
        query = sa.select(table.id).where(*self._of(wanted), *here).order_by(*ordering(wanted.order))
        with self._store._read() as connection:
            return derived.of_ids(connection, connection.execute(query.limit(most)).scalars().all())

    def sources(self, most: int = 500) -> list[str]:
        """Names of sources of incidents, the most frequent first."""
        told = sa.func.json_each(sa.type_coerce(incident.c.sources, sa.Text)).table_valued("value")
        query = sa.select(told.c.value).select_from(incident.join(told, sa.true()))
        query = query.where(*self._only).group_by(told.c.value)
        query = query.order_by(sa.func.count().desc(), told.c.value).limit(most)
        with self._store._read() as connection:
            return [str(name) for name in connection.execute(query).scalars()]


def figures() -> tuple[sa.ColumnElement[Any], ...]:
    """How many incidents, their known dead, of how many these are known, and how many have the status `reported`."""
    sure = sa.func.sum(sa.case((incident.c.status == "reported", 1), else_=0))
    return sa.func.count(), sa.func.coalesce(sa.func.sum(_KILLED), 0), sa.func.count(_KILLED), sure


# ---- keys ------------------------------------------------------------------------------------------------------


def _key(row: Any) -> str:
    day = "" if row.date_start is None else row.date_start.isoformat()
    return _MARK.join((day, "" if row.killed is None else str(row.killed), row.id))


def _read_key(key: str) -> tuple[date | None, int | None, str]:
    try:
        day, killed, incident_id = key.split(_MARK)
        if not incident_id.isascii() or len(incident_id) > 64 or len(killed) > 12:
            raise ValueError(key)
        return (date.fromisoformat(day) if day else None), (int(killed) if killed else None), incident_id
    except ValueError:
        raise UsageError("this page of the list is not known; go back to its first page") from None


def _beyond(order: str, key: str) -> sa.ColumnElement[bool]:
    day, killed, incident_id = _read_key(key)
    by_day: list[tuple[sa.ColumnElement[Any], Any, bool]] = [(incident.c.date_start, day, order != "oldest")]
    columns = [(_KILLED, killed, True), *by_day] if order == "deadliest" else by_day
    return _after(columns, incident_id)


def _after(columns: Sequence[tuple[sa.ColumnElement[Any], Any, bool]], last: str) -> sa.ColumnElement[bool]:
    """Rows behind one in an order whose unknown values come last: (column, its value, whether it falls)."""
    if not columns:
        return incident.c.id > last
    (column, value, falls), *rest = columns
    behind = _after(rest, last)
    if value is None:
        return sa.and_(column.is_(None), behind)
    strictly = column < value if falls else column > value
    return sa.or_(strictly, column.is_(None), sa.and_(column == value, behind))
