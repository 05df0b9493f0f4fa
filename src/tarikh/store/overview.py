"""What a map shows of a filter in a window: each incident, or cells of a grid; units; and what has no place.

Invariant: only an incident located `exact` or `near` a place is a point or falls into a cell; all others are told by their
unit or counted apart. A cell holds all that lies in it, whatever part of it the window shows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from tarikh.errors import UsageError
from tarikh.store import grid
from tarikh.store.filtering import Filter
from tarikh.store.grid import Box
from tarikh.store.listed_schema import listed, map_tally
from tarikh.store.listing import MAP_SUMS, MOST_KILLED
from tarikh.store.paging import IncidentRow, rows_of
from tarikh.store.search import MANY, Condition, plan
from tarikh.store.sqlite_search import unindexed
from tarikh.store.trends import is_plain

FEATURES = 2_000
"""How many points are shown each by itself, at most."""

_MOST_FEATURES = 20_000
WORLD: Box = (-180.0, -90.0, 180.0, 90.0)


@dataclass(frozen=True, slots=True)
class Cell:
    """Incidents of one cell of the map: its box, the mean of their points, and the kind that most of them are.

    `killed` sums the known tolls (best figure, else the lower bound); `unknown` is how many have none.
    """

    box: Box
    latitude: float
    longitude: float
    incidents: int
    killed: int
    unknown: int
    kind: str


@dataclass(frozen=True, slots=True)
class Unit:
    """Incidents of which no more is known than the unit: `precision` is country, admin1 or admin2.

    The coordinates are the mean of those drawn for it, None where there are none; they are only for a label.
    """

    precision: str
    country: str | None
    admin1: str | None
    admin2: str | None
    latitude: float | None
    longitude: float | None
    incidents: int
    killed: int
    unknown: int
    kind: str


@dataclass(frozen=True, slots=True)
class Overview:
    """A window of the map. Either `points` holds each incident in it, newest first, or `cells` all of them in sums.

    `units` are those of the whole filter, most incidents first, for a unit reaches beyond the point it is drawn at;
    `placeless` is how many incidents of the filter have no place at all.
    """

    points: tuple[IncidentRow, ...] = ()
    cells: tuple[Cell, ...] = ()
    units: tuple[Unit, ...] = ()
    units_left_out: int = 0
    placeless: int = 0


def overview(
    connection: sa.Connection,
    wanted: Filter,
    bbox: Box | None = None,
    zoom: int = 2,
    most: int = FEATURES,
    kept: bool = True,
) -> Overview:
    """The filter in the window `bbox` (the world without one) at a `zoom` of web maps, 0 to 20; at most `most` features each.

    The filter's order, limit and offset do not count; `kept=False` counts on the fly. Raises `UsageError` for a window off
    the earth, a zoom that there is not, and `most` that is not 1 to 20,000.
    """
    if not 0 <= zoom <= grid.FINEST_ZOOM:
        raise UsageError(f"a map has zooms from 0 to {grid.FINEST_ZOOM}, not {zoom}")
    if not 1 <= most <= _MOST_FEATURES:
        raise UsageError(f"a map shows 1 to {_MOST_FEATURES} features, not {most}")
    window = replace(Filter(), bbox=bbox or WORLD).bbox or WORLD  # checked as a filter's box is
    units, left_out, placeless = _units(connection, wanted, most, kept)
    made = Overview(units=units, units_left_out=left_out, placeless=placeless)
    point: Condition = unindexed(listed.c.unit).is_(None)
    points = rows_of(connection, plan(connection, wanted, boxes=[window], also=[point]), most + 1)
    if len(points) <= most:
        return replace(made, points=points)
    return replace(made, cells=_grid(connection, wanted, window, zoom, most, kept))


@dataclass(slots=True)
class _Sum:
    incidents: int = 0
    unknown: int = 0
    killed: int = 0
    points: int = 0
    latitudes: int = 0
    longitudes: int = 0
    kinds: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, kind: str, numbers: Sequence[int]) -> None:
        self.kinds[kind] += numbers[0]
        self.incidents += numbers[0]
        self.unknown += numbers[1]
        self.killed += numbers[2]
        self.points += numbers[3]
        self.latitudes += numbers[4]
        self.longitudes += numbers[5]

    def told(self) -> dict[str, Any]:
        return {
            "latitude": self.latitudes / self.points / 1e6 if self.points else None,
            "longitude": self.longitudes / self.points / 1e6 if self.points else None,
            "incidents": self.incidents,
            "killed": self.killed,
            "unknown": self.unknown,
            "kind": min(self.kinds, key=lambda kind: (-self.kinds[kind], kind)),
        }


# ---- cells -----------------------------------------------------------------------------------------------


def _grid(
    connection: sa.Connection, wanted: Filter, window: Box, zoom: int, most: int, kept: bool
) -> tuple[Cell, ...]:
    """Cells of the zoom, or of the finest coarser one at which they are no more than asked for."""
    while True:
        size = grid.side(zoom)
        boxes = grid.snapped(window, size)
        sums: dict[tuple[int, int], _Sum] = defaultdict(_Sum)
        for row, column, kind, *numbers in _cells(connection, wanted, boxes, zoom, kept):
            sums[row, column].add(kind, numbers)
        if len(sums) <= most or zoom == 0:
            ranked = sorted(sums, key=lambda place: (-sums[place].incidents, place))
            return tuple(Cell(_box(*place, size), **sums[place].told()) for place in ranked[:most])
        zoom -= 1


def _box(row: int, column: int, size: float) -> Box:
    west, south = column * size - 180, row * size - 90
    return west, south, min(west + size, 180.0), min(south + size, 90.0)


def _cells(
    connection: sa.Connection, wanted: Filter, boxes: Sequence[Box], zoom: int, kept: bool
) -> Iterator[Sequence[Any]]:
    if zoom > grid.BASE_ZOOM:
        return _fine(connection, wanted, boxes, grid.side(zoom))
    if kept and is_plain(wanted):
        return _coarse(connection, wanted, boxes, zoom)
    return _grouped(connection, wanted, boxes, 1 << (grid.BASE_ZOOM - zoom))


def _coarse(
    connection: sa.Connection, wanted: Filter, boxes: Sequence[Box], zoom: int
) -> Iterator[Sequence[Any]]:
    """From kept sums, of the coarsest level that is fine enough."""
    table = map_tally.c
    row, column = _split(table.cell, 1 << (grid.BASE_ZOOM - zoom))
    level = next(each for each in grid.LEVELS if each >= zoom)
    query = sa.select(row.label("row"), column.label("column"), table.kind, *_kept_sums())
    query = query.where(table.level == level, _in_cells(table.cell, boxes), *_plainly(wanted))
    yield from connection.execute(query.group_by(row, column, table.kind))


def _grouped(
    connection: sa.Connection, wanted: Filter, boxes: Sequence[Box], factor: int
) -> Iterator[Sequence[Any]]:
    """Counted on the fly, by kept cells."""
    table = listed.c
    row, column = _split(unindexed(table.cell), factor)
    also = [unindexed(table.unit).is_(None), _in_cells(unindexed(table.cell), boxes)]
    for segment in plan(connection, wanted, MANY, boxes=_shrunk(boxes), also=also):
        query = segment.select(row.label("row"), column.label("column"), table.kind, *_sums())
        yield from connection.execute(query.group_by(row, column, table.kind))


def _shrunk(boxes: Sequence[Box]) -> list[Box]:
    """The same boxes, for looking up: their far rims are those of the last cells, not the first ones beyond."""
    return [(west, south, min(east, 180.0), min(north, 90.0)) for west, south, east, north in boxes]


def _fine(
    connection: sa.Connection, wanted: Filter, boxes: Sequence[Box], size: float
) -> Iterator[Sequence[Any]]:
    """Cells finer than those kept, by the coordinates."""
    table = listed.c
    also: list[Condition] = [unindexed(table.unit).is_(None)]
    for segment in plan(connection, wanted, MANY, boxes=boxes, also=also):
        query = segment.select(table.latitude, table.longitude, table.kind, *_sums())
        rims = [(box, grid.place_in(box[1], box[0], size)) for box in boxes]
        for latitude, longitude, kind, *numbers in connection.execute(
            query.group_by(table.latitude, table.longitude, table.kind)
        ):
            row, column = grid.place_in(latitude, longitude, size)
            if any(
                row >= low and column >= left and _before(box, row, column, size) for box, (low, left) in rims
            ):
                yield row, column, kind, *numbers


def _before(box: Box, row: int, column: int, size: float) -> bool:
    """Whether a cell begins before the far rims of a box."""
    return row * size - 90 < box[3] and column * size - 180 < box[2]


def _split(cell: sa.ColumnElement[int], factor: int) -> tuple[sa.ColumnElement[int], sa.ColumnElement[int]]:
    return (cell // (grid.COLUMNS * factor)), (cell % grid.COLUMNS // factor)


def _in_cells(cell: sa.ColumnElement[int], boxes: Sequence[Box]) -> Condition:
    """That a kept cell lies in one of these boxes, which are whole cells."""
    made = []
    for west, south, east, north in boxes:
        low, left = grid.place_in(south, west, grid.SIZE)
        high, right = round((north + 90) / grid.SIZE), round((east + 180) / grid.SIZE)
        row, column = _split(cell, 1)
        made.append(
            sa.and_(
                cell >= low * grid.COLUMNS,
                cell < high * grid.COLUMNS,
                column >= left,
                column < right,
                row >= low,
            )
        )
    return sa.or_(*made)


# ---- units -----------------------------------------------------------------------------------------------


def _units(
    connection: sa.Connection, wanted: Filter, most: int, kept: bool
) -> tuple[tuple[Unit, ...], int, int]:
    if wanted.areas or wanted.point is not None:
        return (), 0, 0  # where an area or a radius is asked for, only points pass
    sums: dict[tuple[Any, ...], _Sum] = defaultdict(_Sum)
    placeless = 0
    for precision, country, admin1, admin2, kind, *numbers in _by_unit(connection, wanted, kept):
        if precision is None:
            placeless += numbers[0]
        else:
            sums[precision, country, admin1, admin2].add(kind, numbers)
    ranked = sorted(sums, key=lambda key: (-sums[key].incidents, *((part or "") for part in key)))
    units = tuple(Unit(*key, **sums[key].told()) for key in ranked[:most])
    return units, len(ranked) - len(units), placeless


def _by_unit(connection: sa.Connection, wanted: Filter, kept: bool) -> Iterator[Sequence[Any]]:
    if kept and is_plain(wanted):
        table = map_tally.c
        of = (table.precision, table.country, table.admin1, table.admin2, table.kind)
        query = sa.select(*of, *_kept_sums()).where(table.level.is_(None), *_plainly(wanted))
        yield from connection.execute(query.group_by(*of))
        return
    for segment in plan(connection, wanted, MANY, units=True):
        columns = _unit_columns()
        query = segment.select(*columns, listed.c.kind, *_sums())
        yield from connection.execute(query.group_by(*columns, listed.c.kind))


def _unit_columns() -> tuple[sa.ColumnElement[Any], ...]:
    """As `listing.unit_of` says it."""
    table = listed.c
    precision, none = table.place_precision, sa.null()
    first = sa.case((table.admin1 == "", none), else_=table.admin1)
    second = sa.case((table.admin2 == "", none), else_=table.admin2)
    known = precision.in_(("country", "admin1", "admin2"))
    return (
        sa.case((known, precision), else_=none).label("precision"),
        table.country,
        sa.case(
            (precision == "admin1", sa.func.coalesce(first, table.place)),
            (precision == "admin2", table.admin1),
            else_=none,
        ).label("admin1"),
        sa.case((precision == "admin2", sa.func.coalesce(second, table.place)), else_=none).label("admin2"),
    )


# ---- sums ------------------------------------------------------------------------------------------------


def _kept_sums() -> list[sa.ColumnElement[int]]:
    table = map_tally.c
    return [sa.func.sum(table[name]) for name in MAP_SUMS]


def _sums() -> list[sa.ColumnElement[Any]]:
    table = listed.c
    none = table.toll.is_(None)
    killed = sa.case((none, 0), (table.toll > MOST_KILLED, MOST_KILLED), else_=table.toll)
    drawn = sa.and_(table.latitude.is_not(None), table.longitude.is_not(None))
    degrees = [_micro(each, drawn) for each in (table.latitude, table.longitude)]
    numbers = [
        sa.literal_column("1"),
        sa.case((none, 1), else_=0),
        killed,
        sa.case((drawn, 1), else_=0),
        *degrees,
    ]
    return [sa.func.sum(each) for each in numbers]


def _micro(degrees: sa.ColumnElement[float], drawn: Condition) -> sa.ColumnElement[int]:
    """As `listing.micro`."""
    return sa.case((drawn, sa.cast(sa.func.round(degrees * 1_000_000), sa.Integer)), else_=0)


def _plainly(wanted: Filter) -> Iterable[Condition]:
    table = map_tally.c
    if wanted.countries:
        yield table.country.in_(wanted.countries)
    if wanted.kinds:
        yield table.kind.in_(wanted.kinds)
    if wanted.asks_review:
        yield table.review.in_(wanted.review)
