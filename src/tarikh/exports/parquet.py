"""Tables as Parquet and GeoParquet, typed: days are date32, counts nullable int64, lists of text; for DuckDB, pandas and R.

Invariant: unknown is null in every column, also the geometry; notice, license, versions and filter are in the file's metadata.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from tarikh.exports.destination import Destination, opened
from tarikh.exports.table import Column, Form, Point, Row, Table, portions

ROWS = 20_000
"""Rows a group: memory stays flat however long the table is."""

_TYPES: Mapping[Form, Any] = {
    "text": pa.string(),
    "list": pa.list_(pa.string()),
    "day": pa.date32(),
    "count": pa.int64(),
    "degrees": pa.float64(),
    "share": pa.float64(),
}
_LARGEST = 2**63 - 1
_POINT = struct.Struct("<BIdd")
_STANDS_FOR = Column("point_is", "text", "what the point stands for")
GEOMETRY = "geometry"
_COLUMN = {"encoding": "WKB", "geometry_types": ["Point"]}
"""Of GeoParquet 1.1.0; without `crs` the points are OGC:CRS84: longitude, latitude on WGS 84."""


def write(table: Table, destination: Destination) -> None:
    """Writes one Parquet file, compressed by zstd. Raises `TarikhError` when a file cannot be written."""
    shape = pa.schema([_field(column) for column in table.columns])
    with opened(destination) as stream:
        _write(stream, shape, table, lambda part: _arrays(table, part), {})


def write_geo(table: Table, destination: Destination) -> None:
    """Writes one GeoParquet file: the same with `geometry`, null where the place is unknown, and `point_is`."""
    drawn = table.drawing("GeoParquet")
    box: list[float] = []

    def arrays(part: list[Row]) -> list[Any]:
        points = [drawn(row) for row in part]
        _widen(box, [each for each in points if each is not None])
        told = pa.array([None if each is None else each.stands_for for each in points], pa.string())
        return [*_arrays(table, part), told, pa.array([_wkb(each) for each in points], pa.binary())]

    fields = [*map(_field, (*table.columns, _STANDS_FOR)), pa.field(GEOMETRY, pa.binary())]
    with opened(destination) as stream:
        _write(stream, pa.schema(fields), table, arrays, {"geo": lambda: _geo(box)})


def _write(
    stream: BinaryIO,
    shape: Any,
    table: Table,
    arrays: Callable[[list[Row]], list[Any]],
    also: Mapping[str, Callable[[], Mapping[str, Any]]],
) -> None:
    # Without Arrow's own copy of the schema, since readers would take the metadata from it, which is written first.
    with pq.ParquetWriter(stream, shape, compression="zstd", store_schema=False) as writer:
        for part in portions(table.rows, ROWS):
            writer.write_table(pa.Table.from_arrays(arrays(part), schema=shape))
        # At the end, for it counts what was withheld in the rows.
        meanings = {column.name: column.what for column in table.columns}
        told = {
            "tarikh": {**table.about(), "columns": meanings},
            **{name: make() for name, make in also.items()},
        }
        writer.add_key_value_metadata({name: json.dumps(value) for name, value in told.items()})


def _field(column: Column) -> Any:
    return pa.field(column.name, _TYPES[column.form])


def _arrays(table: Table, part: list[Row]) -> list[Any]:
    return [
        _array(values, column.form)
        for column, values in zip(table.columns, zip(*part, strict=True), strict=True)
    ]


def _array(values: Sequence[Any], form: Form) -> Any:
    try:
        return pa.array(values, _TYPES[form])
    except (OverflowError, pa.ArrowInvalid):
        if form != "count":
            raise
        # A figure beyond a column's largest number is nonsense, and stands as the largest.
        return pa.array([None if v is None else min(v, _LARGEST) for v in values], _TYPES[form])


# ---- points ----------------------------------------------------------------------------------------------


def _wkb(point: Point | None) -> bytes | None:
    """A point as well-known binary (OGC 06-103r4): little-endian, kind 1, longitude, latitude."""
    return None if point is None else _POINT.pack(1, 1, point.longitude, point.latitude)


def _widen(box: list[float], points: Sequence[Point]) -> None:
    if not points:
        return
    east, north = [each.longitude for each in points], [each.latitude for each in points]
    fresh = [min(east), min(north), max(east), max(north)]
    if box:
        fresh = [
            *(min(a, b) for a, b in zip(box[:2], fresh[:2], strict=True)),
            *(max(a, b) for a, b in zip(box[2:], fresh[2:], strict=True)),
        ]
    box[:] = fresh


def _geo(box: list[float]) -> Mapping[str, Any]:
    column = {**_COLUMN, "bbox": box} if box else _COLUMN
    return {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
