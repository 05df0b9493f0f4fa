"""Areas of the map: polygons as GeoJSON draws them, and the fixed grid of cells by which points are looked up.

Invariant: cells of every zoom nest in those of the zoom before, by exact powers of two; degrees are WGS 84.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

from tarikh.errors import UsageError

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees; west greater than east crosses the antimeridian."""
Ring = tuple[tuple[float, float], ...]
"""Longitude and latitude of each corner, the first again at the end."""
Area = tuple[Ring, ...]
"""The outer ring of a polygon, then its holes."""

BASE_ZOOM = 6
"""The zoom of the map whose cells are kept with the incidents."""

LEVELS = (3, BASE_ZOOM)
"""The zooms at whose cells sums are kept: a map of the world must not read all of the finer ones."""

COLUMNS = 512
SIZE = 360 / COLUMNS
"""Degrees of a kept cell: 45/64, which binary numbers hold exactly."""

FINEST_ZOOM = 20

CORNERS = 2_000
"""The most corners of all areas of one filter."""


def side(zoom: int) -> float:
    """Degrees of a cell at a zoom of the map: an eighth of a tile."""
    return float(SIZE * 2.0 ** (BASE_ZOOM - zoom))


def cell(latitude: float | None, longitude: float | None) -> int | None:
    """The number of the kept cell that holds a point: row × 512 + column; None without a point."""
    if latitude is None or longitude is None:
        return None
    row, column = place_in(latitude, longitude, SIZE)
    return row * COLUMNS + column


def coarser(cell: int, zoom: int) -> int:
    """The kept cell in the southwest corner of the cell of a zoom, up to the kept one, that holds a kept cell."""
    factor = 1 << (BASE_ZOOM - zoom)
    row, column = divmod(cell, COLUMNS)
    return row // factor * factor * COLUMNS + column // factor * factor


def place_in(latitude: float, longitude: float, size: float) -> tuple[int, int]:
    """Row from the south and column from the west of a point among cells of a size; the far rims belong to the last."""
    row = min(int((latitude + 90) / size), max(int(180 / size), 1) - 1)
    column = min(int((longitude + 180) / size), max(int(360 / size), 1) - 1)
    return max(row, 0), max(column, 0)


def halves(box: Box) -> list[Box]:
    """The box, or its two halves where it crosses the antimeridian."""
    west, south, east, north = box
    if west <= east:
        return [box]
    return [(west, south, 180.0, north), (-180.0, south, east, north)]


def snapped(box: Box, size: float) -> list[Box]:
    """The box, in its halves, widened to whole cells: what a cell holds must not change while the map is moved."""
    made = []
    for west, south, east, north in halves(box):
        low, left = place_in(south, west, size)
        high, right = place_in(north, east, size)
        top, rim = min((high + 1) * size - 90, 90.0), min((right + 1) * size - 180, 180.0)
        made.append((left * size - 180, low * size - 90, rim, top))
    return made


def cells(box: Box, most: int) -> list[int] | None:
    """The kept cells that a box touches; None where they are more than `most`."""
    ranges = []
    for west, south, east, north in halves(box):
        low, left = place_in(south, west, SIZE)
        high, right = place_in(north, east, SIZE)
        ranges.append((range(low, high + 1), range(left, right + 1)))
    if sum(len(rows) * len(columns) for rows, columns in ranges) > most:
        return None
    return [row * COLUMNS + column for rows, columns in ranges for row in rows for column in columns]


# ---- polygons --------------------------------------------------------------------------------------------


def areas_of(geojson: Mapping[str, Any] | Any) -> tuple[Area, ...]:
    """The areas of a GeoJSON Polygon, MultiPolygon, Feature, FeatureCollection or GeometryCollection.

    Raises `UsageError` when it is none of these, a corner is no pair of degrees, or a ring is not closed.
    """
    found = tuple(_areas(geojson, 0))
    if not found:
        raise UsageError("the area holds no polygon; draw one, or leave the area out")
    check_areas(found)
    return found


def _areas(geojson: Any, depth: int) -> Iterator[Area]:
    if not isinstance(geojson, Mapping) or depth > 8:
        raise UsageError("an area is a GeoJSON object: a Polygon, a MultiPolygon, or a Feature of one")
    sort = geojson.get("type")
    if sort == "Feature":
        yield from _areas(geojson.get("geometry"), depth + 1)
    elif sort in ("FeatureCollection", "GeometryCollection"):
        for each in _list(geojson.get("features" if sort == "FeatureCollection" else "geometries")):
            yield from _areas(each, depth + 1)
    elif sort == "Polygon":
        yield _area(geojson.get("coordinates"))
    elif sort == "MultiPolygon":
        yield from (_area(each) for each in _list(geojson.get("coordinates")))
    else:
        raise UsageError(
            f"an area of the GeoJSON type {sort!r} has no inside; give a Polygon or MultiPolygon"
        )


def _area(rings: Any) -> Area:
    return tuple(tuple(_corner(each) for each in _list(ring)) for ring in _list(rings))


def _corner(given: Any) -> tuple[float, float]:
    numbers = _list(given)[:2]
    if len(numbers) < 2 or any(isinstance(n, bool) or not isinstance(n, int | float) for n in numbers):
        raise UsageError("a corner of an area is two numbers: longitude and latitude, in degrees")
    return numbers[0], numbers[1]


def _list(given: Any) -> Sequence[Any]:
    if not isinstance(given, list | tuple):
        raise UsageError("the area is no GeoJSON: its coordinates are lists of rings of corners")
    return given


def check_areas(areas: Sequence[Area]) -> None:
    """Raises `UsageError` where a ring is not closed, a corner is off the earth, or there are too many."""
    rings = [ring for area in areas for ring in area]
    if any(not area for area in areas):
        raise UsageError("an area without a ring holds nothing; draw one, or leave it out")
    if sum(map(len, rings)) > CORNERS:
        raise UsageError(f"the areas have more than {CORNERS} corners; simplify their outlines")
    for ring in rings:
        if len(ring) < 4 or ring[0] != ring[-1]:
            raise UsageError("a ring of an area has at least three corners, and ends where it begins")
        for longitude, latitude in ring:
            if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
                raise UsageError(
                    f"the corner {longitude}, {latitude} of an area is off the earth;"
                    " write longitude, then latitude, and cut areas at the antimeridian"
                )


def bounds(areas: Sequence[Area]) -> Box:
    """The smallest box, not across the antimeridian, that holds all areas."""
    corners = [corner for area in areas for ring in area for corner in ring]
    longitudes, latitudes = [c[0] for c in corners], [c[1] for c in corners]
    return min(longitudes), min(latitudes), max(longitudes), max(latitudes)


def inside(areas: Sequence[Area], latitude: float, longitude: float) -> bool:
    """Whether a point lies in one of the areas and in none of its holes (even-odd rule); rims may fall on either side."""
    return any(_odd(area, latitude, longitude) for area in areas)


def _odd(area: Area, latitude: float, longitude: float) -> bool:
    odd = False
    for ring in area:
        for (west, south), (east, north) in pairwise(ring):
            if (south > latitude) != (north > latitude) and longitude < west + (latitude - south) * (
                east - west
            ) / (north - south):
                odd = not odd
    return odd


_REMEMBERED: OrderedDict[str, tuple[Sequence[Area], Box]] = OrderedDict()
_MOST_REMEMBERED = 1_000


def remember(areas: Sequence[Area]) -> str:
    """A short name for areas, by which the database asks for them: their whole text would be copied for every row."""
    told = json.dumps(areas).encode()
    name = hashlib.blake2b(told, digest_size=16).hexdigest()
    _REMEMBERED[name] = areas, bounds(areas)
    _REMEMBERED.move_to_end(name)
    while len(_REMEMBERED) > _MOST_REMEMBERED:
        _REMEMBERED.popitem(last=False)
    return name


def inside_named(name: str, latitude: float | None, longitude: float | None) -> int:
    """`inside` as the database asks it, of areas by their name; 0 without a point."""
    if latitude is None or longitude is None:
        return 0
    return _inside_named(name, latitude, longitude)


@lru_cache(1 << 16)
def _inside_named(name: str, latitude: float, longitude: float) -> int:
    """Remembered, for many incidents lie in one town."""
    areas, (west, south, east, north) = _REMEMBERED[name]
    if not (west <= longitude <= east and south <= latitude <= north):
        return 0
    return int(inside(areas, latitude, longitude))
