"""Which incidents are asked for, checked when it is said; `search` asks the database for them.

Invariant: unknown never passes a filter as if it were known: no date passes `since`, no figure `minimum_killed`,
and a point that is only for drawing passes no `radius_km`.
"""

from __future__ import annotations

import difflib
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from typing import Literal, get_args

from tarikh import reference
from tarikh.earth import RADIUS_KM, Point, kilometers
from tarikh.errors import UsageError
from tarikh.model import PlacePrecision, Status
from tarikh.store.grid import Area, Box, check_areas
from tarikh.text import fold

Order = Literal["newest", "oldest", "deadliest"]
REVIEWS = ("unreviewed", "accepted", "rejected")
"""What people may have said of an incident."""

_LONGEST = 300
"""Characters of a text, entries of a list: beyond it SQLite refuses the query, and nobody types it."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked for; a condition that is left out lets everything pass, and all that are given must hold.

    - `countries`: ISO 3166-1 alpha-3 codes.
    - `place`: a name of the place or of its units, as the gazetteer writes it. With `point` (latitude, longitude
      in degrees) it only says what the point is.
    - `radius_km` around `point`: incidents located `exact` or `near` a place within it.
    - `bbox`: west, south, east, north in degrees; west greater than east crosses the antimeridian. A window on the
      map: it sees every point drawn in it, also that of a unit.
    - `since`, `until`: inclusive days; an incident passes when its days overlap them.
    - `kinds`, `status`: words of the codebook. `parties`: names on either side, canonical or an alias.
    - `minimum_killed`: at least so many are known to be killed (best figure, else the lower bound). `has_toll`: whether
      such a figure is known at all.
    - `sources`: names of sources, one of which tells of it. `admin1`: names of first-level units that hold it.
    - `areas`: polygons (`grid.areas_of` reads GeoJSON): incidents located `exact` or `near` a place inside one.
    - `place_precision`: words of the codebook for how exactly the place is known.
    - `review`: what people said of it; what was rejected as no incident is left out unless asked for.
    - `text`: words that must all occur (by their beginnings) in places, parties, quoted words or titles.
    - `limit`, `offset`, `order`: by first day, newest first by default, unknown days last.

    Raises `UsageError` with a sentence when a value does not exist or two contradict each other.
    """

    countries: tuple[str, ...] = ()
    place: str | None = None
    point: Point | None = None
    radius_km: float | None = None
    bbox: Box | None = None
    since: date | None = None
    until: date | None = None
    kinds: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    minimum_killed: int | None = None
    status: tuple[str, ...] = ()
    review: tuple[str, ...] = ("unreviewed", "accepted")
    text: str | None = None
    limit: int | None = None
    offset: int = 0
    order: Order = "newest"
    sources: tuple[str, ...] = ()
    areas: tuple[Area, ...] = ()
    admin1: tuple[str, ...] = ()
    place_precision: tuple[str, ...] = ()
    has_toll: bool | None = None

    @property
    def asks_review(self) -> bool:
        """Whether what people said of an incident decides."""
        return bool(self.review) and set(self.review) != set(REVIEWS)

    def __post_init__(self) -> None:
        for field in fields(self):
            _check_size(field.name, getattr(self, field.name), many=isinstance(field.default, tuple))
        _check_words(self)
        _check_place(self)
        _check_numbers(self)


def _check_size(name: str, value: object, many: bool) -> None:
    if many and isinstance(value, str):
        raise UsageError(f"{name} is a list of words, not one word")
    if isinstance(value, str | tuple | list) and len(value) > _LONGEST:
        raise UsageError(f"{name} is longer than {_LONGEST}; ask for less at a time")


def _check_words(wanted: Filter) -> None:
    for code in wanted.countries:
        if (found := reference.country(code)) is None or found.iso3 != code:
            raise UsageError(
                f"there is no country {code!r}{_code_of(code)}; write ISO alpha-3 codes such as MLI"
            )
    _known("kind", wanted.kinds, [kind.name for kind in reference.kinds()])
    _known("status", wanted.status, get_args(Status))
    _known("review", wanted.review, REVIEWS)
    _known("place precision", wanted.place_precision, get_args(PlacePrecision))
    _known("order", (wanted.order,), get_args(Order))
    for what, given in (
        *(("party", name) for name in wanted.parties),
        *(("source", name) for name in wanted.sources),
        *(("admin1", name) for name in wanted.admin1),
        ("text", wanted.text),
        ("place", wanted.place),
    ):
        if given is not None and not fold(given):
            raise UsageError(f"{what} {given!r} holds no letter or digit to look for; leave it out")
    if wanted.since and wanted.until and wanted.until < wanted.since:
        raise UsageError(f"until {wanted.until} is before since {wanted.since}; swap the two days")


def _known(what: str, given: Iterable[str], allowed: Sequence[str]) -> None:
    for word in given:
        if word not in allowed:
            plain = fold(word).replace(" ", "_")
            near = difflib.get_close_matches(plain, allowed, n=3, cutoff=0.5)
            near += [other for other in allowed if plain and plain in other and other not in near]
            hint = f"did you mean {' or '.join(near[:3])}?" if near else f"there are: {', '.join(allowed)}"
            raise UsageError(f"there is no {what} {word!r}; {hint}")


def _code_of(word: str) -> str:
    found = reference.country_by_name(word)
    return f" (did you mean {found.iso3}, {found.name}?)" if found else ""


def _check_place(wanted: Filter) -> None:
    if wanted.radius_km is not None and wanted.point is None:
        raise UsageError("a radius needs a place to be counted from; name one with it")
    if wanted.point is not None and wanted.radius_km is None:
        raise UsageError("a point needs a radius in kilometers; say how far around it to look")
    if wanted.radius_km is not None and not 0 < wanted.radius_km < math.inf:
        raise UsageError(f"a radius of {wanted.radius_km} km finds nothing; give a number above 0")
    if wanted.point is not None:
        _check_degrees(latitudes=wanted.point[:1], longitudes=wanted.point[1:])
    check_areas(wanted.areas)
    if wanted.bbox is not None:
        if len(wanted.bbox) != 4:
            raise UsageError("a box is four numbers: west, south, east, north, in degrees")
        west, south, east, north = wanted.bbox
        _check_degrees((south, north), (west, east))
        if north < south:
            raise UsageError(
                f"the box ends at {north}° north of {south}°; the order is west, south, east, north"
            )


def _check_degrees(latitudes: Iterable[float], longitudes: Iterable[float]) -> None:
    for name, values, limit in (("latitude", latitudes, 90), ("longitude", longitudes, 180)):
        for value in values:
            if not -limit <= value <= limit:
                raise UsageError(f"{value} is no {name}; it lies between -{limit} and {limit} degrees")


def _check_numbers(wanted: Filter) -> None:
    for what, number, least in (
        ("minimum_killed", wanted.minimum_killed, 0),
        ("limit", wanted.limit, 1),
        ("offset", wanted.offset, 0),
    ):
        if number is not None and not least <= number < 2**63:
            raise UsageError(f"{what} {number} makes no sense; give a whole number of at least {least}")


# ---- what the conditions are made of ----------------------------------------------------------------------


def party_keys(name: str) -> set[str]:
    """The folded names that a party may have been coded with: as given, and as the register calls it."""
    key = fold(name)
    return {key} | _canonical().get(key, set())


@cache
def _canonical() -> Mapping[str, set[str]]:
    """Folded alias → the folded names of the parties that it may mean."""
    found: dict[str, set[str]] = defaultdict(set)
    for party in reference.parties():
        for alias in party.aliases:
            found[fold(alias)].add(fold(party.name))
    return dict(found)


def box_around(point: Point, radius_km: float) -> Box:
    """The smallest box that holds a circle; west is greater than east where it crosses the antimeridian."""
    latitude, longitude = point
    # A hair wider than the circle, so that rounding loses nothing; `within` has the last word.
    angle = math.degrees(radius_km / RADIUS_KM) * 1.000001 + 1e-9
    south, north = latitude - angle, latitude + angle
    if south <= -90 or north >= 90:
        return (-180.0, max(south, -90.0), 180.0, min(north, 90.0))
    wide = math.degrees(math.asin(min(1.0, math.sin(math.radians(angle)) / math.cos(math.radians(latitude)))))
    return _around(longitude - wide), south, _around(longitude + wide), north


def _around(longitude: float) -> float:
    if longitude < -180:
        return longitude + 360
    return longitude - 360 if longitude > 180 else longitude


def within(wanted: Filter, latitude: float | None, longitude: float | None) -> bool:
    """Whether a point lies in the radius asked for; every point does where none is."""
    if wanted.point is None or wanted.radius_km is None:
        return True
    if latitude is None or longitude is None:
        return False
    return kilometers(wanted.point, (latitude, longitude)) <= wanted.radius_km
