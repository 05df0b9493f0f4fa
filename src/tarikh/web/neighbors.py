"""Incidents near one in place and time, for whoever asks whether it is one of them.

Invariant: what is only known to lie in a unit has the others of that unit as neighbors, never those around a drawn point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tarikh.disclosure.sight import Sight
from tarikh.earth import kilometers
from tarikh.errors import UsageError
from tarikh.model import Incident
from tarikh.store import Filter, Store
from tarikh.store.listing import POINTS
from tarikh.store.spots import Listing

KM = 50.0
DAYS = 14
MOST = 12
ASKED = 200
"""The most that are looked at, the newest first."""


@dataclass(frozen=True, slots=True)
class Neighbor:
    """An incident with how far away it is: in kilometers (None where that cannot be said) and in days."""

    incident: Incident
    km: float | None
    days: int


def neighbors(store: Store, incident: Incident, sight: Sight) -> list[Neighbor]:
    """The nearest incidents within 50 km (or in the same unit) and 14 days, by days, then kilometers; none without a day.

    `incident` is as it may be shown; of the others only those have a place in this whose place is not withheld.
    """
    start = incident.when.start
    if start is None:
        return []
    try:
        wanted = _around(incident, start)
    except UsageError:
        return []  # a country or unit of a record that no filter takes has no others to be found by it
    if wanted is None:
        return []
    others = [other for other in _asked(store, wanted, sight) if other.id != incident.id]
    found = [_neighbor(incident, start, other) for other in sight.placed(others)]
    return sorted(found, key=lambda n: (abs(n.days), n.km or 0.0, n.incident.id))[:MOST]


def _asked(store: Store, wanted: Filter, sight: Sight) -> Sequence[Incident]:
    # What is hidden must not count: how many of the others are shown would tell how much of it there is.
    only = () if sight.full else (sight.harmless(),)
    return Listing(store, only).page(wanted, ASKED).incidents


def _around(incident: Incident, start: date) -> Filter | None:
    where, end = incident.where, incident.when.end or start
    span = timedelta(days=DAYS)
    days = {"since": max(start - span, date.min + span), "until": min(end + span, date.max - span)}
    if where.precision in POINTS and where.latitude is not None and where.longitude is not None:
        return Filter(point=(where.latitude, where.longitude), radius_km=KM, **days)  # type: ignore[arg-type]
    unit = {"admin2": where.admin2, "admin1": where.admin1}.get(where.precision)
    if unit and where.country:
        return Filter(countries=(where.country,), place=unit, **days)  # type: ignore[arg-type]
    return None


def _neighbor(incident: Incident, start: date, other: Incident) -> Neighbor:
    one, two = incident.where, other.where
    points = [(w.latitude, w.longitude) for w in (one, two) if w.precision in POINTS]
    known = [(a, b) for a, b in points if a is not None and b is not None]
    km = kilometers(known[0], known[1]) if len(known) == 2 else None
    return Neighbor(other, km, ((other.when.start or start) - start).days)
