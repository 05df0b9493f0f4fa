"""What the map draws, as GeoJSON: a point, a ring around one, or a disc that stands for a unit.

Invariant: a feature's `precision` says how it must be drawn; what is only known to lie in a unit is never a bare point.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tarikh.model import Where
from tarikh.store.spots import Spot
from tarikh.web.overview import Drawn
from tarikh.web.wording import Wording, family

RADIUS_KM = {"near": 10.0, "admin2": 25.0, "admin1": 60.0}
"""How far the drawing reaches. `near` is what reports mean by it, some kilometers; no outline of a unit is at hand, so a
disc of a usual size stands for it, with its name."""


def collection(drawn: Sequence[Drawn], say: Wording) -> dict[str, Any]:
    """A FeatureCollection; large areas first, so that small ones are drawn over them."""
    order = sorted(drawn, key=lambda d: -RADIUS_KM.get(d.spot.precision, 0.0))
    return {
        "type": "FeatureCollection",
        "features": [_feature(number, d, say) for number, d in enumerate(order)],
    }


def _feature(number: int, drawn: Drawn, say: Wording) -> dict[str, Any]:
    spot = drawn.spot
    where = Where(spot.country, spot.admin1, spot.admin2, spot.place, None, None, spot.precision)  # type: ignore[arg-type]
    place = say.place(where)
    return {
        "type": "Feature",
        "id": number,
        "geometry": {"type": "Point", "coordinates": [spot.longitude, spot.latitude]},
        "properties": {
            "precision": spot.precision,
            "family": family(spot.kind),
            "several": drawn.kinds > 1,
            "incidents": drawn.incidents,
            "killed": drawn.killed if drawn.tolled else None,
            "sure": drawn.sure > 0,
            "km": RADIUS_KM.get(spot.precision, 0.0),
            "unit": _unit(spot),
            "title": _title(drawn, place, say),
            "toll": _toll(drawn, say),
            "spot": f"{spot.latitude},{spot.longitude},{spot.precision}",
        },
    }


def _unit(spot: Spot) -> str:
    """The name of the unit that a disc stands for; a place that is no unit has none."""
    named = {"admin2": spot.admin2 or spot.place, "admin1": spot.admin1 or spot.place}
    return named.get(spot.precision) or ""


def _title(drawn: Drawn, place: str, say: Wording) -> str:
    if drawn.incidents == 1:
        return say.t("incident.title", kind=say.kind(drawn.spot.kind), place=place)
    return say.t("map.several", incidents=say.t.count("count.incidents", drawn.incidents), place=place)


def _toll(drawn: Drawn, say: Wording) -> str:
    """What is known of the dead; a sum over some incidents says of how many it is."""
    if not drawn.tolled:
        return say.t("map.toll_unknown")
    known = say.t.count("count.killed", drawn.killed)
    if drawn.tolled == drawn.incidents:
        return known
    return say.t("map.toll_partly", known=known, of=drawn.tolled, all=drawn.incidents)
