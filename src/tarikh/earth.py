"""Distances on the earth taken as a sphere: good to half a percent, which is finer than any place in a news text.

Invariant: points are (latitude, longitude) in degrees, WGS 84; distances are kilometers.
"""

from __future__ import annotations

import math

RADIUS_KM = 6371.0
"""Mean radius (IUGG)."""

Point = tuple[float, float]


def kilometers(left: Point, right: Point) -> float:
    """The great-circle distance of two points, by haversine."""
    lat1, lon1, lat2, lon2 = map(math.radians, (*left, *right))
    h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * RADIUS_KM * math.asin(min(1.0, math.sqrt(h)))
