"""Outlines of countries, drawn from the map's: whether a point lies in a country, as far as the map can tell.

Invariant: points are (latitude, longitude) in degrees; the outlines stray by about a kilometer, and lack small islands.
Source: Natural Earth 1:50m (data/basemap.json, made by scripts/build_basemap.py), which takes no side on borders.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

from tarikh.reference.loading import data_path, load

Ring = tuple[tuple[float, float], ...]

_KM = 111.2
"""Kilometers in a degree of latitude."""


@cache
def _rings() -> Mapping[str, tuple[Ring, ...]]:
    """The rings of each country by ISO alpha-3 code, of points (longitude, latitude)."""
    drawn = load(data_path("basemap.json"))
    letters = {letter: number for number, letter in enumerate(drawn["alphabet"])}
    found: dict[str, tuple[Ring, ...]] = {}
    for country in drawn["countries"]:
        rings = tuple(_ring(text, float(drawn["unit"]), letters) for text in country["rings"])
        found[country["id"]] = (*found.get(country["id"], ()), *rings)
    return found


def _ring(text: str, unit: float, letters: Mapping[str, int]) -> Ring:
    """Steps in units, longitude then latitude, zigzag, five bits a letter, the lowest first."""
    points, at = [], [0, 0]
    axis = value = shift = 0
    for letter in text:
        number = letters[letter]
        value |= (number & 31) << shift
        shift += 5
        if number & 32:
            continue
        at[axis] += -(value + 1) // 2 if value % 2 else value // 2
        if axis:
            points.append((at[0] * unit, at[1] * unit))
        axis, value, shift = 1 - axis, 0, 0
    return tuple(points)


def country_at(latitude: float, longitude: float) -> str | None:
    """The ISO alpha-3 code of the country in which the map draws a point; None at sea and on small islands."""
    return next((code for code, rings in _rings().items() if _holds(rings, latitude, longitude)), None)


def lies_in(country: str, latitude: float, longitude: float, leeway_km: float = 0.0) -> bool:
    """Whether the map draws a point in a country, or at most so far from its outline."""
    rings = _rings().get(country, ())
    return _holds(rings, latitude, longitude) or _distance_km(rings, latitude, longitude) <= leeway_km


def _holds(rings: tuple[Ring, ...], y: float, x: float) -> bool:
    inside = False
    for ring in rings:
        for (x1, y1), (x2, y2) in zip(ring, (*ring[1:], ring[0]), strict=True):
            if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
                inside = not inside
    return inside


def _distance_km(rings: tuple[Ring, ...], y: float, x: float) -> float:
    """From a point to the nearest border, on a plane around it: good for the few kilometers that matter here."""
    wide = _KM * max(0.01, math.cos(math.radians(y)))
    best = math.inf
    for ring in rings:
        for (x1, y1), (x2, y2) in zip(ring, (*ring[1:], ring[0]), strict=True):
            ax, ay, bx, by = (x1 - x) * wide, (y1 - y) * _KM, (x2 - x) * wide, (y2 - y) * _KM
            dx, dy = bx - ax, by - ay
            length = dx * dx + dy * dy
            along = min(1.0, max(0.0, -(ax * dx + ay * dy) / length)) if length else 0.0
            best = min(best, math.hypot(ax + along * dx, ay + along * dy))
    return best
