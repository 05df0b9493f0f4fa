"""Outlines of administrative units from GeoJSON: COD-AB in its old and its new style of attributes, and geoBoundaries.

Invariant: a feature that cannot be read costs itself and is counted; a point is placed in the smallest unit that holds it.
"""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from tarikh import reference
from tarikh.errors import RefusedError
from tarikh.gazetteer import json_stream
from tarikh.gazetteer.index import Level, Place
from tarikh.gazetteer.lines import Faults
from tarikh.gazetteer.overrides import Entry
from tarikh.gazetteer.packaged import Packaged, Unit
from tarikh.reference.loading import shown
from tarikh.text import fold

Array = npt.NDArray[np.float64]
_NAME = re.compile(r"^adm(\d)(?:_name\d?|_(?:en|fr|es|pt|ar|ru|uk|so|ht|my|ref)|alt\d_?[a-z]{2})$")
"""A name in COD-AB: `adm2_name`, `adm2_name1` (new style); `ADM2_FR`, `ADM2ALT1FR` (old style), in lower case."""
_FINEST: Level = "admin2"
_DEEPEST = 2
_SLABS = 256
_LONGEST = 200


@dataclass(slots=True)
class Area:
    """A unit's outline: edges as rows of (latitude, longitude, latitude, longitude), by slabs of latitude."""

    depth: int
    country: str
    names: tuple[str, ...]
    outer: tuple[str, ...]
    box: tuple[float, float, float, float]
    edges: Array
    admin1: str | None = None
    admin2: str | None = None
    slabs: list[Array] = field(default_factory=list)

    def holds(self, latitude: float, longitude: float) -> bool:
        """Whether a point lies inside, by the even-odd rule, which respects holes."""
        south, west, north, east = self.box
        if not (south <= latitude <= north and west <= longitude <= east):
            return False
        if not self.slabs:
            self.slabs = self._sliced()
        at = min(_SLABS - 1, int((latitude - south) / (north - south or 1.0) * _SLABS))
        a, b, c, d = self.slabs[at].T
        crossing = (a > latitude) != (c > latitude)
        a, b, c, d = a[crossing], b[crossing], c[crossing], d[crossing]
        return bool(np.count_nonzero(b + (latitude - a) / (c - a) * (d - b) > longitude) % 2)

    def _sliced(self) -> list[Array]:
        """The edges that cross each slab: a point is then compared with a hundredth of them."""
        south, north = self.box[0], self.box[2]
        low = np.minimum(self.edges[:, 0], self.edges[:, 2])
        high = np.maximum(self.edges[:, 0], self.edges[:, 2])
        bounds = np.linspace(south, north, _SLABS + 1)
        # A hair wider, for points that rounding puts on the other side of a bound.
        hair = (north - south) * 1e-9
        return [self.edges[(high >= bounds[n] - hair) & (low <= bounds[n + 1] + hair)] for n in range(_SLABS)]

    def middle(self) -> tuple[float, float]:
        """A point for drawing: the mean of the outline."""
        latitude, longitude = self.edges[:, :2].mean(axis=0)
        return round(float(latitude), 5), round(float(longitude), 5)


class Areas:
    """All outlines, with the names that the index uses for their units."""

    def __init__(self, packaged: Packaged) -> None:
        self._packaged = packaged
        self._known: dict[tuple[str, Level, str], list[Unit]] = defaultdict(list)
        for unit in packaged.units:
            if unit is not None:
                for name in {fold(packaged.rules.short(n)) for n in unit.names}:
                    self._known[unit.country, unit.level, name].append(unit)
        self._areas: dict[str, list[Area]] = defaultdict(list)
        self._matched: dict[int, Unit] = {}

    def __bool__(self) -> bool:
        return bool(self._areas)

    def countries(self) -> list[str]:
        """ISO alpha-3 codes of the countries that have outlines."""
        return sorted(self._areas)

    def take(self, stream: IO[bytes], faults: Faults) -> int:
        """Read a GeoJSON file; how many units were taken. Raises `RefusedError` where it is none, or has no unit that can be used."""
        taken, faults.each = 0, "feature"
        try:
            text = io.TextIOWrapper(stream, encoding="utf-8-sig")
            for name, feature in json_stream.members(text, ("features",)):
                if name == "features":
                    faults.lines += 1
                    taken += self._feature(feature, faults)
        except UnicodeError as error:
            raise RefusedError(f"{faults.name} is not UTF-8: save it as UTF-8, or fetch it again") from error
        except ValueError as error:
            behind = f", after feature {faults.lines}," if faults.lines else ""
            raise RefusedError(
                f"{faults.name}{behind} {error}: it is cut off or no GeoJSON; fetch it again"
            ) from error
        if not taken and not faults.left_out:
            why = f" ({'; '.join(faults.first)})" if faults.first else ""
            raise RefusedError(
                f"{faults.name} has no administrative unit that can be read{why}: give COD-AB or geoBoundaries GeoJSON"
            )
        faults.close()
        return taken

    def _feature(self, feature: Any, faults: Faults) -> bool:
        try:
            area = _area(feature)
        except ValueError as error:
            faults.add(faults.lines, str(error))
            return False
        if area is None:
            faults.leave("only units of the first and second level are used")
            return False
        self._areas[area.country].append(area)
        return True

    def settle(self) -> None:
        """After the last file: find the name of each unit, and the first-level unit of each second-level one."""
        for areas in self._areas.values():
            areas.sort(key=lambda area: area.depth)
            for area in areas:
                outer = area.names if area.depth == 1 else area.outer[:1]
                area.admin1 = self._named(area, "admin1", outer) if outer else self._around(area, areas)
                if area.depth >= 2:
                    inner = area.names if area.depth == 2 else area.outer[1:2]
                    area.admin2 = self._named(area, "admin2", inner) if inner else None

    def _around(self, area: Area, areas: list[Area]) -> str | None:
        point = area.middle()
        return next((a.admin1 for a in areas if a.depth == 1 and a.holds(*point)), None)

    def _named(self, area: Area, level: Level, names: tuple[str, ...]) -> str:
        """The index's name of a unit: that of the packaged unit of one of these names, else the first of them."""
        short = [self._packaged.rules.short(name) for name in names]
        for name in short:
            found = self._known.get((area.country, level, fold(name)), [])
            if level == "admin2":
                found = [u for u in found if u.admin1().name == area.admin1] or found
            if found:
                if area.depth == (1 if level == "admin1" else 2):
                    self._matched[id(area)] = found[0]
                return found[0].name
        return short[0]

    def split(self) -> tuple[list[Entry], list[Entry]]:
        """The units themselves: those that the packages have, with further names; and the others."""
        areas = [area for each in self._areas.values() for area in each if area.depth <= 2]
        known = [self._entry(a) for a in areas if self._numbered(a)]
        return known, [self._entry(a) for a in areas if not self._numbered(a)]

    def _numbered(self, area: Area) -> bool:
        unit = self._matched.get(id(area))
        return unit is not None and unit.geonameid is not None

    def _entry(self, area: Area) -> Entry:
        unit, level = self._matched.get(id(area)), ("admin1" if area.depth == 1 else _FINEST)
        short = tuple(self._packaged.rules.short(name) for name in area.names)
        latitude, longitude = area.middle()
        if unit is not None and unit.main is not None:
            latitude, longitude = unit.main[2:]
        place = Place(
            unit.geonameid if unit is not None else None,
            unit.full if unit is not None else area.names[0],
            latitude,
            longitude,
            level,
            area.country,
            area.admin1,
            area.admin2,
        )
        return Entry(place, tuple(dict.fromkeys((*area.names, *short))))

    def locate(self, country: str, latitude: float, longitude: float) -> tuple[str | None, str | None]:
        """The first- and second-level units that hold a point, as far as there are outlines."""
        admin1 = admin2 = None
        for area in reversed(self._areas.get(country, ())):
            if (admin1 is None or (area.depth >= 2 and admin2 is None)) and area.holds(latitude, longitude):
                admin1, admin2 = admin1 or area.admin1, admin2 or area.admin2
                if admin1 and admin2:
                    break
        return admin1, admin2

    def placed(self, entries: Iterator[Entry]) -> Iterator[Entry]:
        """Entries with the units of the outlines where they lack one; both then come from the outline."""
        for entry in entries:
            p = entry.place
            if p.level == "town" and (p.admin1 is None or p.admin2 is None) and p.country in self._areas:
                admin1, admin2 = self.locate(p.country, p.latitude, p.longitude)
                if admin1 is not None:
                    entry = Entry(replace(p, admin1=admin1, admin2=admin2 or p.admin2), entry.names)
            yield entry


# ---- one feature -------------------------------------------------------------------------------------------------


def _area(feature: Any) -> Area | None:
    """The outline of a feature; None for a country, or a unit that is too small and does not name the larger one. Raises `ValueError` with what is wrong."""
    if not isinstance(feature, Mapping):
        raise ValueError(f"is {_what(feature)}, no GeoJSON feature")
    properties = {str(k).lower(): v for k, v in _object(feature, "properties").items()}
    found = _geoboundaries(properties) if "shapename" in properties else _cod(properties)
    depth, country, names, outer = found
    if depth == 0 or (depth > _DEEPEST and not outer):
        return None
    if not names:
        raise ValueError("has no name")
    edges = _edges(_object(feature, "geometry"))
    south, west = np.minimum(edges[:, :2], edges[:, 2:]).min(axis=0)
    north, east = np.maximum(edges[:, :2], edges[:, 2:]).max(axis=0)
    if south < -90 or north > 90 or west < -180 or east > 180:
        raise ValueError("has points that are not on earth: coordinates must be degrees (WGS 84)")
    return Area(depth, country, names, outer, (float(south), float(west), float(north), float(east)), edges)


_WHAT = {bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list"}


def _what(value: object) -> str:
    return "null" if value is None else _WHAT.get(type(value), "an object")


def _said(row: Mapping[str, Any], key: str) -> str:
    return "null" if row.get(key) is None else shown(row[key])


def _object(row: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = row.get(key)
    if not isinstance(value, Mapping):
        raise ValueError(
            f"has no {key}" if value is None else f"has {_what(value)} as its {key}, not an object"
        )
    return value


_Found = tuple[int, str, tuple[str, ...], tuple[str, ...]]


def _geoboundaries(row: Mapping[str, Any]) -> _Found:
    depth = re.fullmatch(r"ADM(\d)", str(row.get("shapetype")))
    nation = reference.country(str(row.get("shapegroup")))
    if depth is None or nation is None:
        raise ValueError(
            f"has the shapeType {_said(row, 'shapetype')} and the shapeGroup {_said(row, 'shapegroup')}, where one"
            " such as ADM1 and a country's code must stand"
        )
    name = _text(row["shapename"])
    return int(depth[1]), nation.iso3, (name,) if name else (), ()


def _cod(row: Mapping[str, Any]) -> _Found:
    by_depth: dict[int, list[str]] = defaultdict(list)
    for key in sorted(row, key=_preference):
        match = _NAME.match(key)
        if match and (name := _text(row[key])):
            by_depth[int(match[1])].append(name)
    if not by_depth:
        raise ValueError("has neither shapeName nor an attribute such as adm1_name or ADM1_FR")
    depth = max(by_depth)
    outer = [by_depth[n][0] for n in range(1, depth) if by_depth.get(n)]
    return depth, _nation(row, by_depth), tuple(dict.fromkeys(by_depth[depth])), tuple(outer)


def _preference(key: str) -> tuple[int, str]:
    """The name in the language of the chronicle first: `adm2_name`, else English, French, Spanish, then the others."""
    for rank, end in enumerate(("_name", "_en", "_fr", "_es", "_pt")):
        if key.endswith(end):
            return rank, key
    return 9, key


def _nation(row: Mapping[str, Any], by_depth: Mapping[int, list[str]]) -> str:
    codes = [str(row.get(key) or "") for key in ("iso3", "adm0_pcode", "iso2")]
    codes += [str(row.get(f"adm{n}_pcode") or "")[:2] for n in (1, 2)]
    for code in codes:
        if len(code) in (2, 3) and (nation := reference.country(code.upper())) is not None:
            return nation.iso3
    for name in by_depth.get(0, ()):
        if (nation := reference.country_by_name(name)) is not None:
            return nation.iso3
    given = [code for code in codes if code]
    told = f"its codes are {shown(given)}" if given else "it has no adm0_pcode"
    raise ValueError(f"is of no country that is known ({told})")


def _text(value: object) -> str:
    if not isinstance(value, str):
        return ""
    if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
        raise ValueError("has a name with half a character (a lone surrogate)")
    return " ".join(value.split())[:_LONGEST]


def _edges(geometry: Mapping[str, Any]) -> Array:
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon"):
        raise ValueError(f"has a geometry of type {_said(geometry, 'type')}, not a Polygon or MultiPolygon")
    rings = []
    for polygon in _list(coordinates if kind == "MultiPolygon" else [coordinates]):
        for ring in _list(polygon):
            points = _points(_list(ring))
            if len(points) >= 4:
                rings.append(np.hstack([points[:-1], points[1:]]))
    if not rings:
        raise ValueError("has an empty outline")
    edges = np.vstack(rings)
    # All corners on one line: each triangle of an edge and the first corner is empty.
    a, b, c, d = (edges - np.tile(edges[0, :2], 2)).T
    if not (a * d - b * c).any():
        raise ValueError("has an outline without area")
    return edges


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"has {_what(value)} among its coordinates where a list must stand")
    return value


def _points(ring: list[Any]) -> Array:
    """The corners of a ring as rows of (latitude, longitude)."""
    wrong = "has a point that is not a list of two numbers, [longitude, latitude]"
    try:
        # numpy would read texts and null as numbers.
        if not {type(number) for point in ring for number in point[:2]} <= {int, float}:
            raise ValueError(wrong)
        points = np.array([(point[1], point[0]) for point in ring], dtype=np.float64)
    except (TypeError, IndexError, KeyError, OverflowError) as error:
        raise ValueError(wrong) from error
    if not np.isfinite(points).all():
        raise ValueError("has a point with NaN or an infinite number")
    return points
