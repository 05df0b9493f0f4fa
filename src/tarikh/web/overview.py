"""What the first page shows at once: a page of the list, how many there are, and their days where that is quick.

Invariant: nothing here grows with the chronicle: what would is left for a part that the page asks for later.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from tarikh import queries
from tarikh.errors import UsageError
from tarikh.queries import Counts, Filter, IncidentRow, Page
from tarikh.store import Store
from tarikh.store.trends import is_plain
from tarikh.web.address import Asked
from tarikh.web.timeline import Columns, columns

QUICK = 20_000
"""Incidents that are put on days while the page is made; of more, the days come after the list."""
LISTED = 12
"""Incidents of one place that the map tells one by one."""
_HAIR = 1e-6
"""Degrees by which a place that was written in an address may differ from itself."""


@dataclass(frozen=True, slots=True)
class Overview:
    """What one filter finds. `days` is None where they are to be asked for apart."""

    counts: Counts
    page: Page
    days: Columns | None


@dataclass(frozen=True, slots=True)
class Spot:
    """A point that the map draws: degrees, and `exact` or `near`."""

    latitude: float
    longitude: float
    precision: Literal["exact", "near"]


@dataclass(frozen=True, slots=True)
class UnitAsked:
    """A unit that the map draws, by its names."""

    precision: Literal["admin1", "admin2"]
    country: str | None
    admin1: str | None
    admin2: str | None


def overview(store: Store, asked: Asked) -> Overview:
    """The list and its size. Raises `UsageError` where the page's key is none of this filter."""
    listed = queries.page(store, asked.filter, asked.after, asked.size)
    found = queries.counts(store, asked.filter)
    quick = is_plain(asked.filter) or (found.exact and found.total <= QUICK)
    return Overview(found, listed, days(store, asked.filter) if quick else None)


def days(store: Store, wanted: Filter) -> Columns:
    """On which days the incidents lie, by family."""
    return columns(lambda by: queries.trends(store, wanted, by, "kind"), wanted.since, wanted.until)


def at(store: Store, wanted: Filter, place: Spot | UnitAsked) -> tuple[IncidentRow, ...]:
    """The first incidents that are drawn at one point or for one unit."""
    precision = (place.precision,)
    if wanted.place_precision and place.precision not in wanted.place_precision:
        return ()
    if isinstance(place, Spot):
        latitude, longitude = place.latitude, place.longitude
        box = (
            max(longitude - _HAIR, -180.0),
            max(latitude - _HAIR, -90.0),
            min(longitude + _HAIR, 180.0),
            min(latitude + _HAIR, 90.0),
        )
        return queries.page(store, replace(wanted, bbox=box, place_precision=precision), limit=LISTED).items
    if place.country and wanted.countries and place.country not in wanted.countries:
        return ()
    name = place.admin2 if place.precision == "admin2" else place.admin1
    narrowed = replace(
        wanted,
        countries=(place.country,) if place.country else wanted.countries,
        place=wanted.place or name,
        admin1=wanted.admin1 or ((place.admin1,) if place.precision == "admin2" and place.admin1 else ()),
        place_precision=precision,
    )
    return queries.page(store, narrowed, limit=LISTED).items


def spot(text: str) -> Spot:
    """The point of `latitude,longitude,precision`. Raises `UsageError` where it is none."""
    try:
        latitude, longitude, precision = text.split(",")
        if precision in ("exact", "near"):
            return Spot(float(latitude), float(longitude), precision)  # type: ignore[arg-type]
    except ValueError:
        pass
    raise UsageError(f"{text[:60]!r} is no place on the map; choose one on it")
