"""What the map draws, as GeoJSON: points, rings around one, discs that stand for a unit, or circles that count a cell.

Invariant: a feature's `precision` says how it must be drawn; what is only known to lie in a unit is never a bare point,
and what is not drawn is told in the note.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from tarikh import queries
from tarikh.model import Where
from tarikh.queries import Cell, Filter, IncidentRow, Overview, Tally, Unit
from tarikh.store import Store
from tarikh.store.grid import Box
from tarikh.web.wording import Wording, family

MOST = 2_000
"""Incidents drawn each at its place; where a window holds more, cells count them."""
FEW_UNITS = 150
"""Units that a map of continents can show; of more, none is drawn before `UNITS_FROM`."""
UNITS_FROM = 4
"""The zoom from which all units of the window are drawn."""
RADIUS_KM = {"near": 10.0, "admin2": 25.0, "admin1": 60.0}
"""How far the drawing reaches. `near` is what reports mean by it, some kilometers; no outline of a unit is at hand, so a
disc of a usual size stands for it, with its name."""
_TOLD = 4
"""Countries that the note names."""

Feature = dict[str, Any]


def collection(store: Store, wanted: Filter, window: Box | None, zoom: int, say: Wording) -> dict[str, Any]:
    """A FeatureCollection of the window, large areas first, so that small ones are drawn over them.

    `whole` is whether it holds all that the map could ever show of the filter, `by_zoom` whether it differs with the
    zoom; `note` says what it does not show.
    Raises `UsageError` for a window off the earth and a zoom that there is not.
    """
    seen = queries.overview(store, wanted, window, zoom, MOST)
    places = [unit for unit in seen.units if unit.precision != "country" and unit.latitude is not None]
    drawn = [unit for unit in places if within(window, unit.latitude, unit.longitude)]
    late = zoom < UNITS_FROM and len(places) > FEW_UNITS
    features = [] if late else [_unit(each, say) for each in drawn]
    features += [cell(each, say) for each in seen.cells]
    features += [_spot(rows, say) for rows in _by_place(seen.points)]
    whole = window is None and not seen.cells and not late
    note = _note(seen, places if late else [], say)
    return collected(features, wanted, whole, bool(seen.cells) or late, note)


def collected(
    features: list[Feature], wanted: Filter, whole: bool, by_zoom: bool, note: str
) -> dict[str, Any]:
    """The FeatureCollection of these; see `collection`."""
    features.sort(key=lambda one: -one["properties"]["km"])
    for number, one in enumerate(features):
        one["id"] = number
    return {
        "type": "FeatureCollection",
        "features": features,
        "whole": whole,
        "by_zoom": by_zoom,
        "asked": _asked(wanted),
        "note": note,
    }


def _asked(wanted: Filter) -> dict[str, Any]:
    """The area that is asked for: outer rings, and the longitude, latitude and kilometers of a circle, or None."""
    rings = [[list(corner) for corner in area[0]] for area in wanted.areas]
    if wanted.bbox is not None:
        west, south, east, north = wanted.bbox
        east = east + 360 if west > east else east
        rings.append([[west, south], [east, south], [east, north], [west, north], [west, south]])
    around = None if wanted.point is None else [wanted.point[1], wanted.point[0], wanted.radius_km]
    return {"rings": rings, "around": around}


def within(window: Box | None, latitude: float | None, longitude: float | None) -> bool:
    """Whether a point lies in a window; without a window or a point it does."""
    if window is None or latitude is None or longitude is None:
        return True
    west, south, east, north = window
    between = west <= longitude <= east if west <= east else longitude >= west or longitude <= east
    return between and south <= latitude <= north


def _by_place(rows: Sequence[IncidentRow]) -> list[list[IncidentRow]]:
    found: dict[tuple[object, ...], list[IncidentRow]] = defaultdict(list)
    for row in rows:
        found[row.where.latitude, row.where.longitude, row.where.precision].append(row)
    return list(found.values())


def feature(longitude: float | None, latitude: float | None, **properties: Any) -> Feature:
    """A point with what is told of it."""
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [longitude, latitude]},
        "properties": properties,
    }


def asked(*pairs: tuple[str, str]) -> str:
    """What `/at` is asked of a feature, as in an address: the map hands on strings alone."""
    return urlencode(pairs, errors="replace")


def most_of(kinds: Counter[str]) -> str:
    """The most frequent kind; of several the first by name."""
    return min(kinds, key=lambda kind: (-kinds[kind], kind))


def _spot(rows: Sequence[IncidentRow], say: Wording) -> Feature:
    where = rows[0].where
    kinds = Counter(row.kind for row in rows)
    tolls = [
        toll
        for row in rows
        if (toll := row.killed.best if row.killed.best is not None else row.killed.low) is not None
    ]
    return feature(
        where.longitude,
        where.latitude,
        precision=where.precision,
        family=family(most_of(kinds)),
        several=len(kinds) > 1,
        incidents=len(rows),
        killed=sum(tolls) if tolls else None,
        sure=any(row.status == "reported" for row in rows),
        km=RADIUS_KM.get(where.precision, 0.0),
        unit="",
        title=title(len(rows), rows[0].kind, say.place(where), say),
        toll=say.toll(Tally(len(rows), len(rows) - len(tolls), killed_best=sum(tolls))),
        at=asked(("spot", f"{where.latitude},{where.longitude},{where.precision}")),
    )


def _unit(unit: Unit, say: Wording) -> Feature:
    where = Where(unit.country, unit.admin1, unit.admin2, None, None, None, unit.precision)  # type: ignore[arg-type]
    names = [unit.country, unit.admin1, unit.admin2]
    return feature(
        unit.longitude,
        unit.latitude,
        precision=unit.precision,
        family=family(unit.kind),
        several=unit.incidents > 1,
        incidents=unit.incidents,
        killed=unit.killed if unit.unknown < unit.incidents else None,
        sure=True,
        km=RADIUS_KM[unit.precision],
        unit=(unit.admin2 if unit.precision == "admin2" else unit.admin1) or "",
        title=title(unit.incidents, unit.kind, say.place(where), say),
        toll=say.toll(Tally(unit.incidents, unit.unknown, killed_best=unit.killed)),
        at=asked(("unit", unit.precision), *(("of", name or "") for name in names)),
    )


def cell(one: Cell, say: Wording) -> Feature:
    """The circle that counts the incidents of a cell."""
    return feature(
        one.longitude,
        one.latitude,
        precision="cell",
        family=family(one.kind),
        several=True,
        incidents=one.incidents,
        killed=one.killed,
        sure=True,
        km=0.0,
        unit="",
        short=say.t.short(one.incidents),
        title=say.t("map.cell", incidents=say.t.count("count.incidents", one.incidents), kind=say.kind(one.kind)),
        toll=say.toll(Tally(one.incidents, one.unknown, killed_best=one.killed)),
        box=list(one.box),
    )  # fmt: skip


def title(number: int, kind: str, place: str, say: Wording) -> str:
    """What is drawn at one place, in a line."""
    if number == 1:
        return say.t("incident.title", kind=say.kind(kind), place=place)
    return say.t("map.several", incidents=say.t.count("count.incidents", number), place=place)


def _note(seen: Overview, late: Sequence[Unit], say: Wording) -> str:
    by_country: Counter[str | None] = Counter({None: seen.placeless} if seen.placeless else {})
    for unit in seen.units:
        if unit.precision == "country" or unit.latitude is None:
            by_country[unit.country] += unit.incidents
    note = undrawn(by_country, sum(unit.incidents for unit in late), say)
    if seen.units_left_out:
        left_out = say.t("map.units_left_out", n=say.t.number(seen.units_left_out))
        note = f"{note} {left_out}".strip()
    return note


def undrawn(by_country: Counter[str | None], late: int, say: Wording) -> str:
    """Incidents that have no place on this map, in a sentence or none; `late` are those of units that wait for a closer look."""
    t = say.t
    known = sorted((-number, code) for code, number in by_country.items() if code is not None)
    told = [
        t("map.undrawn_country", incidents=t.count("count.incidents", -number), country=say.country(code))
        for number, code in known[:_TOLD]
    ]
    if rest := -sum(number for number, _ in known[_TOLD:]):
        told.append(t("map.undrawn_rest", incidents=t.count("count.incidents", rest)))
    if by_country[None]:
        told.append(t("map.undrawn_unknown", incidents=t.count("count.incidents", by_country[None])))
    notes = [t("map.undrawn", list=" · ".join(told))] if told else []
    if late:
        notes.append(t("map.units_late", incidents=t.count("count.incidents", late)))
    return " ".join(notes)
