"""Incidents and mentions as tables of pandas, and as points of geopandas, where these are installed.

Invariant: unknown is <NA> (a day: NaT, a point: None), 0 is 0; the columns are those of every flat export, in their order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tarikh.errors import MissingError
from tarikh.exports.context import ExportContext
from tarikh.exports.record import COLUMNS, record
from tarikh.exports.table import Form
from tarikh.model import HARMS, Count, Incident, Mention

if TYPE_CHECKING:
    import geopandas
    import pandas

_TYPES: Mapping[Form, str] = {
    "text": "string",
    "list": "object",
    "day": "datetime64[s]",
    "count": "Int64",
    "degrees": "Float64",
    "share": "Float64",
}
"""The type of each form of column; lists of names stay lists."""


def _package(name: str, what: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingError(f"{name} is not installed; type: pip install {what}") from error


def _column(pd: Any, form: Form, values: list[Any]) -> Any:
    if form == "day":
        return pd.Series(pd.to_datetime(pd.Series(values, dtype="object")), dtype=_TYPES[form])
    return pd.Series(values, dtype=_TYPES[form])


def incidents_frame(incidents: Sequence[Incident], context: ExportContext) -> pandas.DataFrame:
    """A row an incident. `attrs["tarikh"]` holds what every export says of itself: notice, version, disclosure.

    Raises `MissingError` where pandas is not installed.
    """
    pd = _package("pandas", "'tarikh[pandas]'")
    rows = [record(incident, context) for incident in incidents]
    made = pd.DataFrame({c.name: _column(pd, c.form, [row[c.name] for row in rows]) for c in COLUMNS})
    made.attrs["tarikh"] = context.metadata()
    return made


def incidents_geoframe(incidents: Sequence[Incident], context: ExportContext) -> geopandas.GeoDataFrame:
    """As `incidents_frame`, with points in WGS 84; above town level they are only for drawing, as `place_precision` says.

    Raises `MissingError` where geopandas or pandas is not installed.
    """
    made = incidents_frame(incidents, context)
    gpd = _package("geopandas", "geopandas")
    points = gpd.points_from_xy(
        made["longitude"].astype("float64"), made["latitude"].astype("float64"), crs="EPSG:4326"
    )
    known = [
        None if unknown else point for point, unknown in zip(points, made["longitude"].isna(), strict=True)
    ]
    framed = gpd.GeoDataFrame(made, geometry=gpd.GeoSeries(known, crs="EPSG:4326"))
    framed.attrs.update(made.attrs)
    return framed


_MENTION: tuple[tuple[str, Form], ...] = (
    *((name, "text") for name in ("kind", "status", "aspect")),
    *((name, "list") for name in ("attackers", "targets")),
    *((name, "day") for name in ("date_start", "date_end")),
    *((name, "text") for name in ("date_precision", "place", "place_precision")),
    *((name, "degrees") for name in ("latitude", "longitude")),
    *((name, "text") for name in ("admin1", "country", "attribution", "trigger")),
    *((f"{what}_{bound}", "count") for what in HARMS for bound in ("low", "best", "high")),
)


def mentions_frame(mentions: Sequence[Mention]) -> pandas.DataFrame:
    """A row a mention, its columns named as those of incidents. Raises `MissingError` where pandas is not installed."""
    pd = _package("pandas", "'tarikh[pandas]'")
    rows = [_cells(mention) for mention in mentions]
    return pd.DataFrame({name: _column(pd, form, [row[name] for row in rows]) for name, form in _MENTION})


def _cells(mention: Mention) -> dict[str, Any]:
    when, where = mention.when, mention.where
    cells: dict[str, Any] = {name: getattr(mention, name) for name in ("kind", "status", "aspect")}
    cells |= {side: list(getattr(mention, side)) for side in ("attackers", "targets")}
    cells |= {"date_start": when.start, "date_end": when.end, "date_precision": when.precision}
    cells |= {
        "place_precision": where.precision,
        "attribution": mention.attribution,
        "trigger": mention.trigger,
    }
    cells |= {name: getattr(where, name) for name in ("place", "latitude", "longitude", "admin1", "country")}
    for what in HARMS:
        count = mention.harm.get(what, Count())
        cells |= {f"{what}_{bound}": getattr(count, bound) for bound in ("low", "best", "high")}
    return cells
