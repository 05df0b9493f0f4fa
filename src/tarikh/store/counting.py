"""How many incidents a filter finds: all where that is known or quick, else at least so many.

Invariant: an exact number is exact, and any other is never more than there are.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import sqlalchemy as sa

from tarikh.store.filtering import Filter
from tarikh.store.listed_schema import listed
from tarikh.store.search import MANY, Segment, plan
from tarikh.store.trends import is_plain, timeline

CAP = 10_000
"""Counting goes on to here, if time is left, and no further unless the whole is quick."""

PATIENCE = 0.2
"""Seconds after which counting stops at what it has."""

_STEP = 50_000


@dataclass(frozen=True, slots=True)
class Counts:
    """`total` incidents, exactly, or at least so many."""

    total: int
    exact: bool = True

    def __str__(self) -> str:
        """As a page writes it: "812", "10,000+"."""
        return f"{self.total:,}{'' if self.exact else '+'}"


def counts(
    connection: sa.Connection, wanted: Filter, patience: float = PATIENCE, kept: bool = True
) -> Counts:
    """How many incidents pass; its order, limit and offset do not count.

    After `patience` seconds it stops, with 10,000 if so many were found, else with what was.
    """
    if kept and is_plain(wanted):
        return Counts(timeline(connection, wanted, "month").total.incidents)
    end = time.monotonic() + patience
    total, exact = 0, True
    for segment in plan(connection, wanted, MANY):
        found, whole = _counted(connection, segment, end)
        total, exact = total + found, exact and whole
    return Counts(total) if exact else Counts(CAP if total >= CAP else total, False)


def _counted(connection: sa.Connection, segment: Segment, end: float) -> tuple[int, bool]:
    """Rows of a segment by stretches of keys from new to old; whether all were counted before the moment `end`."""
    if segment.bounded:
        return _between(connection, segment, None, None), True
    total = 0
    below: int | None = None
    while True:
        start = _stretch(connection, below)
        total += _between(connection, segment, start, below)
        if start is None:
            return total, True
        if time.monotonic() > end:
            return total, False
        below = start


def _stretch(connection: sa.Connection, below: int | None) -> int | None:
    """The key so many incidents further back; None where there are fewer."""
    query = sa.select(listed.c.key).order_by(listed.c.key.desc()).offset(_STEP - 1).limit(1)
    return connection.execute(query if below is None else query.where(listed.c.key < below)).scalar()


def _between(connection: sa.Connection, segment: Segment, start: int | None, below: int | None) -> int:
    query = segment.select(sa.func.count())
    if start is not None:
        query = query.where(segment.key >= start)
    if below is not None:
        query = query.where(segment.key < below)
    return int(connection.execute(query).scalar_one())
