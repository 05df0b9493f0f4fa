"""What the first page shows at once: a page of the list, how many there are, and their days where that is quick.

Below the level `full` everything goes through `Sight`, which takes longer.

Invariant: nothing here grows with the chronicle: what would is left for a part that the page asks for later.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from tarikh import queries, reference
from tarikh.disclosure.sight import Sight
from tarikh.errors import UsageError
from tarikh.model import Count, Incident
from tarikh.queries import Counts, Filter, IncidentRow, Page
from tarikh.store import Store
from tarikh.store.spots import Listing
from tarikh.store.spots import Spot as Placed
from tarikh.store.trends import is_plain
from tarikh.web.address import Asked
from tarikh.web.guarded_map import drawable
from tarikh.web.timeline import Columns, columns
from tarikh.web.wording import kinds_by_family

QUICK = 20_000
"""Incidents that are put on days while the page is made; of more, the days come after the list."""
LISTED = 12
"""Incidents of one place that the map tells one by one."""
_HAIR = 1e-6
"""Degrees by which a place that was written in an address may differ from itself."""


@dataclass(frozen=True, slots=True)
class Overview:
    """What one filter finds. `days` is None where they are to be asked for apart.

    `unjudged` are incidents of which is not known yet whether their place may be shown.
    """

    counts: Counts
    page: Page
    days: Columns | None
    unjudged: int = 0


@dataclass(frozen=True, slots=True)
class Spot:
    """A point that the map draws at: degrees and precision."""

    latitude: float
    longitude: float
    precision: Literal["exact", "near", "admin1", "admin2"]


@dataclass(frozen=True, slots=True)
class UnitAsked:
    """A unit that the map draws, by its names."""

    precision: Literal["admin1", "admin2"]
    country: str | None
    admin1: str | None
    admin2: str | None


def overview(store: Store, asked: Asked, sight: Sight) -> Overview:
    """The list and its size, as they may be shown. Raises `UsageError` where the page's key is none of this filter."""
    if not sight.full:
        return _guarded(store, asked, sight)
    listed = queries.page(store, asked.filter, asked.after, asked.size)
    found = queries.counts(store, asked.filter)
    return Overview(found, listed, days(asked.filter, sight) if quick(asked.filter, found) else None)


def quick(wanted: Filter, found: Counts, kept: bool = True) -> bool:
    """Whether what is counted of a filter comes at once: from the `kept` sums, or since there is little of it."""
    return (kept and is_plain(wanted)) or (found.exact and found.total <= QUICK)


def _guarded(store: Store, asked: Asked, sight: Sight) -> Overview:
    wanted = asked.filter
    found = Listing(store, sight.only(wanted)).page(wanted, asked.size, asked.after)
    items = tuple(_row(each) for each in sight.incidents(found.incidents))
    unjudged = sum(each.spot.incidents for each in sight.guarded(wanted) if each.rules is None)
    return Overview(sight.counts(wanted), Page(items, found.next), days(wanted, sight), unjudged)


def _row(shown: Incident) -> IncidentRow:
    """An incident as it may be shown, as a list has it."""
    return IncidentRow(
        shown.id, shown.kind, shown.status, shown.review, replace(shown.when, basis=""), shown.where,
        shown.attackers, shown.targets, shown.harm.get("killed", Count()), len(shown.sources), shown.confidence, "",
    )  # fmt: skip


def days(wanted: Filter, sight: Sight) -> Columns:
    """On which days the incidents lie, by family."""
    return columns(lambda by: sight.trends(wanted, by, "kind"), wanted.since, wanted.until)


def sources(store: Store, sight: Sight) -> list[str]:
    """Names of sources to choose from, the most frequent first."""
    return store.views.sources() if sight.full else Listing(store, (sight.harmless(),)).sources()


def choices(store: Store, sight: Sight) -> dict[str, Any]:
    """What the filter's form offers."""
    return {
        "families": kinds_by_family(),
        "countries": sorted(reference.countries(), key=lambda country: country.name),
        "sources": sources(store, sight),
    }


def at(store: Store, wanted: Filter, place: Spot | UnitAsked, sight: Sight) -> tuple[IncidentRow, ...]:
    """The first incidents that are drawn at one point or for one unit.

    Raises `UsageError` for a unit below the level `full`, where units are points as others.
    """
    if sight.full:
        return _at(store, wanted, place)
    if not isinstance(place, Spot):
        raise UsageError("a unit is asked for by its point; choose one on the map")
    return tuple(
        _row(each) for each in sight.at(wanted, lambda spot: drawable(spot) and _near(spot, place), LISTED)
    )


def _near(spot: Placed, place: Spot) -> bool:
    assert spot.latitude is not None
    assert spot.longitude is not None
    near = abs(spot.latitude - place.latitude) <= _HAIR and abs(spot.longitude - place.longitude) <= _HAIR
    return near and spot.precision == place.precision


def _at(store: Store, wanted: Filter, place: Spot | UnitAsked) -> tuple[IncidentRow, ...]:
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
    try:
        narrowed = replace(
            wanted,
            countries=(place.country,) if place.country else wanted.countries,
            place=wanted.place or name,
            admin1=wanted.admin1 or ((place.admin1,) if place.precision == "admin2" and place.admin1 else ()),
            place_precision=precision,
        )
    except UsageError:  # no country, or a name without a letter: no filter can say it
        return ()
    return queries.page(store, narrowed, limit=LISTED).items


def spot(text: str) -> Spot:
    """The point of `latitude,longitude,precision`. Raises `UsageError` where it is none."""
    try:
        latitude, longitude, precision = text.split(",")
        if precision in ("exact", "near", "admin1", "admin2"):
            return Spot(float(latitude), float(longitude), precision)  # type: ignore[arg-type]
    except ValueError:
        pass
    raise UsageError(f"{text[:60]!r} is no place on the map; choose one on it")
