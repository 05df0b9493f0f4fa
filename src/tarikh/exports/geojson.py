"""Incidents as GeoJSON (RFC 7946): one feature each, for maps.

Invariant: no geometry where the place is unknown. Above town level the point is the unit's drawing point, and
`place_precision` and `point_is` say so on the same feature: it is no place where anything happened.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from tarikh.exports.context import ExportContext
from tarikh.exports.destination import Destination, encoded, opened
from tarikh.exports.record import record
from tarikh.model import Incident, Where

POINT_IS: Mapping[str, str] = {
    "exact": "the place itself",
    "near": "a place nearby",
    "admin2": "only a drawing point of the second-order unit",
    "admin1": "only a drawing point of the first-order unit",
    "country": "only a drawing point of the country",
}
"""What the point of a feature stands for, by `place_precision`."""


def write(incidents: Sequence[Incident], destination: Destination, context: ExportContext) -> None:
    """Writes one FeatureCollection, a feature a line. Raises `TarikhError` when a file cannot be written."""
    with opened(destination) as stream:
        head = _json({"type": "FeatureCollection", "metadata": context.metadata()})
        stream.write(encoded(head[:-1] + ',"features":['))
        for number, incident in enumerate(incidents):
            stream.write(encoded((",\n" if number else "\n") + _json(feature(incident, context))))
        stream.write(b"\n]}\n")


def feature(incident: Incident, context: ExportContext) -> dict[str, Any]:
    """One GeoJSON feature; unknown properties are null."""
    properties: dict[str, Any] = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in record(incident, context).items()
    }
    shape = geometry(incident.where)
    properties["point_is"] = None if shape is None else POINT_IS[incident.where.precision]
    return {"type": "Feature", "id": incident.id, "geometry": shape, "properties": properties}


def geometry(where: Where) -> dict[str, Any] | None:
    """The point to draw, or None where there is none."""
    if where.precision not in POINT_IS or where.latitude is None or where.longitude is None:
        return None
    return {"type": "Point", "coordinates": [where.longitude, where.latitude]}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
