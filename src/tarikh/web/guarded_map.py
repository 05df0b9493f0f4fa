"""What the map draws below the level `full`, from places as they may be shown: the same features as `map_features` makes.

Invariant: no feature, cell or note depends on a place that is withheld; each incident is drawn where it may be shown.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tarikh.disclosure.sight import Sight
from tarikh.model import Where
from tarikh.queries import Cell, Filter, Tally
from tarikh.store import grid
from tarikh.store.grid import Box
from tarikh.store.listing import POINTS
from tarikh.store.spots import Spot
from tarikh.web import map_features
from tarikh.web.map_features import Feature
from tarikh.web.wording import Wording, family


@dataclass(frozen=True, slots=True)
class Drawn:
    """All incidents that are drawn at one point, with the most frequent kind."""

    spot: Spot
    kinds: int
    tally: Tally
    sure: int


def drawable(spot: Spot) -> bool:
    """Whether there is a point to draw it at, and more than the country is known."""
    located = spot.latitude is not None and spot.longitude is not None
    return located and spot.precision not in ("country", "unknown")


def collection(wanted: Filter, window: Box | None, zoom: int, say: Wording, sight: Sight) -> dict[str, Any]:
    """As `map_features.collection`. Raises `UsageError` for a window off the earth, `ForbiddenError` as `Sight.only`."""
    window = replace(Filter(), bbox=window).bbox  # checked as a filter's box is
    # In an order of what is shown: that in which the database has them follows from what is not.
    spots = sorted((each.spot for each in sight.guarded(wanted)), key=repr)
    drawn = _by_place(spot for spot in spots if drawable(spot))
    units = [each for each in drawn if each.spot.precision not in POINTS]
    late = zoom < map_features.UNITS_FROM and len(units) > map_features.FEW_UNITS
    points = [each for each in drawn if each.spot.precision in POINTS and _in(window, each)]
    seen = [] if late else [each for each in units if _in(window, each)]
    cells: list[Cell] = []
    if len(points) > map_features.MOST:
        every = [each for each in drawn if each.spot.precision in POINTS]
        cells = _cells(every, window, zoom)
        while len(cells) > map_features.MOST and zoom:
            zoom -= 1
            cells = _cells(every, window, zoom)
        points = []
    features = [_feature(each, say) for each in (*seen, *points)]
    features += [map_features.cell(each, say) for each in cells]
    nowhere: Counter[str | None] = Counter()
    for spot in spots:
        if not drawable(spot):
            nowhere[spot.country] += spot.incidents
    waiting = sum(each.tally.incidents for each in units) if late else 0
    note = map_features.undrawn(nowhere, waiting, say)
    whole = window is None and not cells and not late
    return map_features.collected(features, wanted, whole, bool(cells) or late, note)


def _by_place(spots: Iterable[Spot]) -> list[Drawn]:
    found: dict[tuple[object, ...], list[Spot]] = defaultdict(list)
    for spot in spots:
        found[spot.latitude, spot.longitude, spot.precision].append(spot)
    return [_together(each) for each in found.values()]


def _together(spots: Sequence[Spot]) -> Drawn:
    kinds = _kinds(spots)
    spot = replace(spots[0], kind=map_features.most_of(kinds))
    return Drawn(spot, len(kinds), _tally(spots), sum(each.sure for each in spots))


def _kinds(spots: Iterable[Spot]) -> Counter[str]:
    kinds: Counter[str] = Counter()
    for spot in spots:
        kinds[spot.kind] += spot.incidents
    return kinds


def _tally(spots: Sequence[Spot]) -> Tally:
    incidents = sum(spot.incidents for spot in spots)
    known = sum(spot.tolled for spot in spots)
    return Tally(incidents, incidents - known, killed_best=sum(spot.killed for spot in spots))


def _in(window: Box | None, drawn: Drawn) -> bool:
    assert drawn.spot.latitude is not None
    assert drawn.spot.longitude is not None
    return map_features.within(window, drawn.spot.latitude, drawn.spot.longitude)


def _cells(drawn: Sequence[Drawn], window: Box | None, zoom: int) -> list[Cell]:
    """The cells of the zoom that the window meets, each with all that lies in it."""
    side = grid.side(zoom)
    found: dict[tuple[int, int], list[Drawn]] = defaultdict(list)
    for each in drawn:
        assert each.spot.latitude is not None
        assert each.spot.longitude is not None
        found[grid.place_in(each.spot.latitude, each.spot.longitude, side)].append(each)
    wide = [(-180.0, -90.0, 180.0, 90.0)] if window is None else grid.snapped(window, side)
    made = [_cell(each, row, column, side) for (row, column), each in sorted(found.items())]
    return [cell for cell in made if any(_meets(cell.box, box) for box in wide)]


def _cell(drawn: Sequence[Drawn], row: int, column: int, side: float) -> Cell:
    spots = [each.spot for each in drawn]
    tally = sum((each.tally for each in drawn), Tally())
    kinds: Counter[str] = Counter()
    for each in drawn:
        kinds[each.spot.kind] += each.tally.incidents
    west, south = column * side - 180, row * side - 90
    return Cell(
        (west, south, min(west + side, 180.0), min(south + side, 90.0)),
        sum(spot.latitude or 0.0 for spot in spots) / len(spots),
        sum(spot.longitude or 0.0 for spot in spots) / len(spots),
        tally.incidents,
        tally.killed_best,
        tally.unknown,
        map_features.most_of(kinds),
    )


def _meets(left: Box, right: Box) -> bool:
    return left[0] < right[2] and right[0] < left[2] and left[1] < right[3] and right[1] < left[3]


def _feature(drawn: Drawn, say: Wording) -> Feature:
    spot, tally = drawn.spot, drawn.tally
    where = Where(spot.country, spot.admin1, spot.admin2, spot.place, None, None, spot.precision)  # type: ignore[arg-type]
    named = {"admin2": spot.admin2 or spot.place, "admin1": spot.admin1 or spot.place}
    return map_features.feature(
        spot.longitude,
        spot.latitude,
        precision=spot.precision,
        family=family(spot.kind),
        several=drawn.kinds > 1,
        incidents=tally.incidents,
        killed=tally.killed_best if tally.unknown < tally.incidents else None,
        sure=drawn.sure > 0,
        km=map_features.RADIUS_KM.get(spot.precision, 0.0),
        unit=named.get(spot.precision) or "",
        title=map_features.title(tally.incidents, spot.kind, say.place(where), say),
        toll=say.toll(tally),
        at=map_features.asked(("spot", f"{spot.latitude},{spot.longitude},{spot.precision}")),
    )
