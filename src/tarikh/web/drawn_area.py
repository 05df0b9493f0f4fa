"""Areas drawn on the map as an address tells them: `lon,lat,lon,lat,…`, several of them divided by `;`.

Invariant: what is written is read as the same areas; a ring that holds nothing, or cannot be on the earth, is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise

from tarikh.errors import UsageError
from tarikh.store.grid import Area, Ring

CORNERS = 200
"""Corners of all areas of an address; more are not drawn by hand, and no address holds them."""
_EXAMPLE = "write longitude,latitude of each corner, such as -6,14,-2,17,1,14"

_FAR = 720.0
"""Degrees: who moved the map once around the earth draws beyond 180."""

Corner = tuple[float, float]


def rounded(degrees: float) -> float:
    """Degrees as an address writes them, so that a filter that is written and read is the same."""
    return float(f"{degrees:.6g}")


def read(text: str) -> tuple[Area, ...]:
    """The areas of a text; one that reaches over the 180th meridian (longitudes beyond it) becomes two.

    Raises `UsageError` with the reason where it is none.
    """
    rings = [_corners(part) for part in text.split(";") if part.strip()]
    if sum(map(len, rings)) > CORNERS:
        raise UsageError(f"the areas have more than {CORNERS} corners; draw them more simply")
    return tuple((ring,) for corners in rings for ring in _on_earth(corners))


def written(areas: Sequence[Area]) -> str | None:
    """The text of areas, None of none. Holes cannot be drawn, and are left out."""
    rings = [",".join(f"{n:.6g}" for corner in area[0][:-1] for n in corner) for area in areas]
    return ";".join(rings) or None


def _corners(text: str) -> list[Corner]:
    try:
        numbers = [float(part) for part in text.strip().rstrip(",").split(",")]
    except ValueError:
        raise UsageError(f"area {text.strip()[:60]!r} is no list of numbers; {_EXAMPLE}") from None
    if len(numbers) % 2:
        raise UsageError(f"an area of {len(numbers)} numbers leaves one over; {_EXAMPLE}")
    corners = list(zip(numbers[::2], numbers[1::2], strict=True))
    for longitude, latitude in corners:
        if not (-_FAR <= longitude <= _FAR and -90 <= latitude <= 90):
            raise UsageError(
                f"the corner {longitude:g},{latitude:g} of an area is off the earth; write longitude before latitude"
            )
    return corners[:-1] if len(corners) > 1 and corners[0] == corners[-1] else corners


def _on_earth(corners: list[Corner]) -> list[Ring]:
    """The ring of these corners, cut at the 180th meridian where it reaches over it."""
    if len(dict.fromkeys(corners)) < 3:
        raise UsageError("an area has at least three different corners; add some, or leave the area out")
    if max(x for x, _ in corners) - min(x for x, _ in corners) > 360:
        raise UsageError("an area reaches further than once around the earth; draw a smaller one")
    made = []
    for turn in (-720.0, -360.0, 0.0, 360.0, 720.0):
        moved = [(longitude + turn, latitude) for longitude, latitude in corners]
        part = _cut(_cut(moved, -180.0, 1), 180.0, -1)
        ring = [corner for corner, _ in groupby((rounded(x), rounded(y)) for x, y in part)]
        ring = ring[:-1] if len(ring) > 1 and ring[0] == ring[-1] else ring
        if not _flat(ring):
            made.append((*ring, ring[0]))
    if not made:
        raise UsageError("the corners of an area lie on one line, which holds nothing; move one of them")
    return made


def _cut(corners: list[Corner], rim: float, side: int) -> list[Corner]:
    """What of a ring lies east (side 1) or west (-1) of a meridian: Sutherland and Hodgman, 1974."""
    made: list[Corner] = []
    for (left, low), (right, high) in pairwise([*corners, *corners[:1]]):
        inside, following = (left - rim) * side >= 0, (right - rim) * side >= 0
        if inside:
            made.append((left, low))
        if inside != following:
            made.append((rim, low + (rim - left) * (high - low) / (right - left)))
    return made


def _flat(ring: Sequence[Corner]) -> bool:
    """Whether all corners lie on one line."""
    if len(ring) < 3:
        return True
    (x, y), (right, high) = ring[0], ring[1]
    return all((right - x) * (other[1] - y) == (high - y) * (other[0] - x) for other in ring[2:])
