"""Ways out: incidents as files that other programs read. A new form is a module and a line in `FORMATS`.

Invariant: a file appears only when it is whole. A form writes a `Table` of any columns (so that other codebooks go out as
well), or whole incidents. The HTML page (`page.write`) and the codebook's lines (`gold_form`) stand apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from tarikh.exports import atom, csv, datapackage, geojson, hxl, jsonl, kml, parquet, record, sqlite, xlsx
from tarikh.exports.context import NOTICE, ExportContext, context
from tarikh.exports.destination import Destination
from tarikh.exports.table import Column, Table
from tarikh.model import Incident

__all__ = ["FORMATS", "NOTICE", "Column", "Destination", "Export", "ExportContext", "Table", "context"]


@dataclass(frozen=True, slots=True)
class Export:
    """A form of file: its usual suffix, what it is for, what opens it, its media type, and its writer.

    `table` writes any `Table`; `whole` writes incidents with ledger and evidence. One of the two is set. `aside` is
    whether the form has no room for license, versions and filter, so that they stand in a file beside it.
    """

    suffix: str
    what: str
    opens: str
    media: str
    table: Callable[[Table, Destination], None] | None = None
    whole: Callable[[Iterable[tuple[Iterable[Incident], ExportContext]], Destination], None] | None = None
    aside: bool = False
    stamped: bool = False

    @property
    def flat(self) -> bool:
        """Whether it is rows of values alone, without words of reports."""
        return self.table is not None

    def write(self, incidents: Iterable[Incident], destination: Destination, context: ExportContext) -> None:
        """Writes whole incidents. Raises `TarikhError` when a file cannot be written."""
        if self.whole is not None:
            self.whole([(incidents, context)], destination)
        elif self.table is not None:
            shown = record.flats(incidents, context)
            self.table(record.table(shown, context, self.stamped), destination)


FORMATS: Mapping[str, Export] = {
    "csv": Export(
        ".csv", "one row an incident, for statistics", "R, pandas, DuckDB, any spreadsheet", "text/csv; charset=utf-8",
        csv.write, aside=True,
    ),
    "csv-excel": Export(
        ".csv", "the same with the byte order mark that Excel needs", "Excel", "text/csv; charset=utf-8",
        csv.write_for_excel, aside=True,
    ),
    "geojson": Export(
        ".geojson", "one feature an incident, for maps", "QGIS, ogr2ogr, Leaflet, geopandas", geojson.MEDIA, geojson.write
    ),
    "jsonl": Export(
        ".jsonl", "whole incidents with ledger, evidence and reasons", "jq, Python, any program",
        "application/x-ndjson; charset=utf-8", whole=jsonl.write, aside=True,
    ),
    "parquet": Export(
        ".parquet", "one typed row an incident", "DuckDB, pandas, R (arrow), Spark", "application/vnd.apache.parquet",
        parquet.write,
    ),
    "geoparquet": Export(
        ".geoparquet", "the same with a geometry", "geopandas, QGIS, DuckDB (spatial), R (sfarrow)",
        "application/vnd.apache.parquet", parquet.write_geo,
    ),
    "xlsx": Export(".xlsx", "a workbook with the columns' meanings and what goes with the data", "Excel, LibreOffice", xlsx.MEDIA, xlsx.write),
    "kml": Export(".kml", "one placemark an incident", "Google Earth, QGIS, ogr2ogr", kml.MEDIA, kml.write),
    "sqlite": Export(
        ".sqlite", "a database with typed columns", "sqlite3, DuckDB, Datasette, R (RSQLite)", sqlite.MEDIA, sqlite.write
    ),
    "hxl": Export(
        ".hxl.csv", "CSV with HXL hashtags in the second row", "HDX, HXL Proxy, libhxl", "text/csv; charset=utf-8", hxl.write,
        aside=True,
    ),
    "datapackage": Export(
        ".zip", "a Frictionless data package: incidents, sources and codebook as CSV", "frictionless, R, pandas, any unzip",
        datapackage.MEDIA, datapackage.write,
    ),
    "atom": Export(
        ".atom", f"a feed of the first {atom.MOST} incidents in order", "feed readers", atom.MEDIA, atom.write, stamped=True
    ),
}  # fmt: skip
"""Every export by the name that commands know it by."""
