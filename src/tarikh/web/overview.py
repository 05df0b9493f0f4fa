"""All that the first page reads of the store: a page of the list, counts, places and days. One module, so that it can be swapped.

Invariant: nothing here grows with the chronicle but what is counted in the database; what is left out is said in numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tarikh.model import Incident
from tarikh.store import Filter, Store
from tarikh.store.sensitivity import Guarded
from tarikh.store.spots import Day, Listing, Page, Spot
from tarikh.web.address import Asked
from tarikh.web.guarding import Sight

MOST_SPOTS = 20_000
"""Places that a map is given at once; the ones with the fewest incidents are left out."""
LISTED = 12
"""Incidents of one place that the map tells one by one."""

Place = tuple[float, float, str]
"""Latitude, longitude and precision of what is drawn at one point."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the map draws at one point: all incidents there, with the most frequent kind."""

    spot: Spot
    incidents: int
    killed: int
    tolled: int
    sure: int
    kinds: int


@dataclass(frozen=True, slots=True)
class Undrawn:
    """Incidents that have no place on the map, by country; the country None is unknown."""

    country: str | None
    incidents: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What one filter finds: its size, a page of it, its days, and what no map can show.

    `unjudged` are incidents of which is not known yet whether their place may be shown.
    """

    total: int
    page: Page
    days: tuple[Day, ...]
    undrawn: tuple[Undrawn, ...]
    unjudged: int = 0


def overview(store: Store, asked: Asked, sight: Sight) -> Overview:
    """Everything but the map's places, as it may be shown."""
    listing = Listing(store, sight.only(asked.filter))
    found = listing.page(asked.filter, asked.size, asked.after)
    days = listing.days(asked.filter)
    total = sum(day.incidents for day in days)
    if sight.full:
        by_country, unjudged = listing.placeless(asked.filter), 0
    else:
        found = replace(found, incidents=tuple(sight.incidents(found.incidents)))
        by_country, unjudged = _undrawn(sight.guarded(asked.filter))
    placeless = [Undrawn(country, number) for country, number in by_country.items()]
    placeless.sort(key=lambda each: (-each.incidents, each.country or "~"))
    return Overview(total, found, tuple(days), tuple(placeless), unjudged)


def _undrawn(found: Sequence[Guarded]) -> tuple[dict[str | None, int], int]:
    by_country: dict[str | None, int] = defaultdict(int)
    for each in found:
        if not _drawable(each.spot):
            by_country[each.spot.country] += each.spot.incidents
    return by_country, sum(each.spot.incidents for each in found if each.rules is None)


def _drawable(spot: Spot) -> bool:
    return (
        spot.precision not in ("country", "unknown")
        and spot.latitude is not None
        and spot.longitude is not None
    )


def drawn(store: Store, wanted: Filter, sight: Sight) -> tuple[list[Drawn], int]:
    """What the map draws, and how many incidents are left out since there are too many places."""
    by_place: dict[tuple[object, ...], list[Spot]] = defaultdict(list)
    spots = Listing(store).spots(wanted) if sight.full else [each.spot for each in sight.guarded(wanted)]
    for spot in spots:
        if _drawable(spot):
            by_place[spot.latitude, spot.longitude, spot.precision].append(spot)
    made = [_together(spots) for spots in by_place.values()]
    made.sort(key=lambda d: -d.incidents)
    return made[:MOST_SPOTS], sum(d.incidents for d in made[MOST_SPOTS:])


def _together(spots: Sequence[Spot]) -> Drawn:
    by_kind: dict[str, int] = defaultdict(int)
    for spot in spots:
        by_kind[spot.kind] += spot.incidents
    kind = max(sorted(by_kind), key=lambda name: by_kind[name])
    return Drawn(
        replace(spots[0], kind=kind),
        sum(s.incidents for s in spots),
        sum(s.killed for s in spots),
        sum(s.tolled for s in spots),
        sum(s.sure for s in spots),
        len(by_kind),
    )


def at(store: Store, wanted: Filter, place: Place, sight: Sight) -> list[Incident]:
    """The first incidents that are drawn at one point."""
    if sight.full:
        return Listing(store).at(wanted, place, LISTED)
    return sight.at(wanted, lambda spot: _drawable(spot) and _near(spot, place), LISTED)


def _near(spot: Spot, place: Place) -> bool:
    assert spot.latitude is not None
    assert spot.longitude is not None
    same = spot.precision == place[2]
    return same and abs(spot.latitude - place[0]) <= 1e-6 and abs(spot.longitude - place[1]) <= 1e-6


def sources(store: Store, sight: Sight) -> list[str]:
    """Names of sources to choose from, the most frequent first."""
    return Listing(store, () if sight.full else (sight.harmless(),)).sources()
