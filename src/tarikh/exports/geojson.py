"""Tables as GeoJSON (RFC 7946): one feature a row, for maps.

Invariant: no geometry where the place is unknown. Above town level the point is the unit's drawing point, and
`place_precision` and `point_is` say so on the same feature: it is no place where anything happened.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from tarikh.exports.context import ExportContext
from tarikh.exports.destination import Destination, encoded, opened
from tarikh.exports.record import COLUMNS, drawn, flats, row
from tarikh.exports.table import Column, Point, Row, Table, portions
from tarikh.model import Incident

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
MEDIA = "application/geo+json"


def write(table: Table, destination: Destination) -> None:
    """Writes one FeatureCollection, a feature a line, with `metadata` after them. Raises `TarikhError` when a file cannot be written."""
    point = table.drawing("GeoJSON")
    names = [column.name for column in table.columns]
    with opened(destination) as stream:
        stream.write(b'{"type":"FeatureCollection","features":[')
        before = "\n"
        for part in portions(table.rows):
            told = ",\n".join(_JSON.encode(_feature(names, cells, point)) for cells in part)
            stream.write(encoded(before + told))
            before = ",\n"
        # After the features, for it counts what was withheld in them.
        stream.write(encoded('\n],"metadata":' + _JSON.encode(table.about()) + "}\n"))


def feature(incident: Incident, context: ExportContext) -> dict[str, Any]:
    """One GeoJSON feature of a whole incident; unknown properties are null."""
    [(flat, noted)] = flats([incident], context)
    return feature_of(COLUMNS, row(flat, context.level, noted.words), drawn)


def feature_of(
    columns: Sequence[Column], cells: Row, point: Callable[[Row], Point | None] = drawn
) -> dict[str, Any]:
    """One GeoJSON feature of a row (of incidents: `record.row`); unknown properties are null."""
    return _feature([column.name for column in columns], cells, point)


def _feature(names: Sequence[str], cells: Row, point: Callable[[Row], Point | None]) -> dict[str, Any]:
    values = [value.isoformat() if isinstance(value, date) else value for value in cells]
    properties = dict(zip(names, values, strict=True))
    at = point(cells)
    properties["point_is"] = None if at is None else at.stands_for
    shape = None if at is None else {"type": "Point", "coordinates": [at.longitude, at.latitude]}
    return {"type": "Feature", "id": values[0], "geometry": shape, "properties": properties}
