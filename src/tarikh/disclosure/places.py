"""Places made coarser: the unit in the place of the town, with the unit's own point or none.

Invariant: nothing of the finer place stays; a unit's point depends on the unit alone, so that all of its incidents share it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from tarikh.disclosure.policy import MARK
from tarikh.gazetteer import Gazetteer
from tarikh.model import PlacePrecision, Where

Point = tuple[float, float, int | None]
Units = Callable[[Where], Point | None]
"""Latitude, longitude and GeoNames id of a unit that is given as a `Where` without a point; None where it is not known."""

_COARSENESS = {"exact": 0, "near": 0, "admin2": 1, "admin1": 2, "country": 3, "withheld": 4}


def no_points(_: Where) -> Point | None:
    """Where there is no gazetteer, a unit has no point."""
    return None


@dataclass(frozen=True, slots=True)
class UnitsOf:
    """The points of units as a gazetteer has them."""

    gazetteer: Gazetteer

    def __call__(self, where: Where) -> Point | None:
        """The point of the unit; None where the gazetteer has no unit of this name and level, or more than one."""
        if where.country is None:
            return None
        if where.precision == "country":
            nation = self.gazetteer.country(where.country)
            return None if nation is None else (nation.latitude, nation.longitude, nation.geonameid)
        name = where.admin1 if where.precision == "admin1" else where.admin2
        found = [
            place
            for place in (self.gazetteer.find(name) if name else ())
            if place.level == where.precision
            and place.country == where.country
            and (where.precision == "admin1" or where.admin1 in (None, place.admin1))
        ]
        return (found[0].latitude, found[0].longitude, found[0].geonameid) if len(found) == 1 else None


def coarsest(steps: list[str]) -> str | None:
    """The coarsest of what several rules ask for; None where none asks."""
    asked = [step for step in steps if step in _COARSENESS]
    return max(asked, key=_COARSENESS.__getitem__) if asked else None


def coarsened(where: Where, to: str, units: Units) -> Where:
    """The place at `to` (admin2, admin1, country) or coarser, where the finer unit is not known; `withheld` tells nothing.

    One that is as coarse already is written anew from its unit all the same: its name and point may be anything.
    """
    if to == "withheld":
        return Where(place=MARK) if where != Where() else where
    if where.precision == "unknown":
        return Where(country=where.country)
    step = max(to, where.precision, key=lambda name: _COARSENESS[name])
    if step == "admin2" and where.admin2 is None:
        step = "admin1"
    if step == "admin1" and where.admin1 is None:
        step = "country"
    if where.country is None:
        return Where(place=MARK)
    return _unit(where, step, units)


def _unit(where: Where, step: str, units: Units) -> Where:
    precision: PlacePrecision = "admin2" if step == "admin2" else "admin1" if step == "admin1" else "country"
    hidden = MARK if where.admin2 is not None and step != "admin2" else where.admin2
    unit = Where(
        country=where.country,
        admin1=None if step == "country" else where.admin1,
        admin2=None if step == "country" else hidden,
        place={"admin2": where.admin2, "admin1": where.admin1}.get(step),
        precision=precision,
    )
    point = units(unit)
    if point is None:
        return unit
    return replace(unit, latitude=point[0], longitude=point[1], geonameid=point[2])
