"""Ways out: incidents as files that other programs read. A new form is a module and a line in `FORMATS`.

Invariant: every writer takes (incidents, destination, context), and a file appears only when it is whole.
The HTML page (`page.write`) and the codebook's lines (`gold_form`) have arguments of their own and stand apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tarikh.exports import csv, geojson, jsonl, parquet
from tarikh.exports.context import NOTICE, ExportContext, context
from tarikh.exports.destination import Destination
from tarikh.model import Incident

__all__ = ["FORMATS", "NOTICE", "Destination", "Export", "ExportContext", "context"]


@dataclass(frozen=True, slots=True)
class Export:
    """A form of file: its usual suffix, what it is for, its writer, and whether it is one row of values an incident."""

    suffix: str
    what: str
    write: Callable[[Sequence[Incident], Destination, ExportContext], None]
    flat: bool = False


FORMATS: Mapping[str, Export] = {
    "csv": Export(".csv", "one incident a row, for statistics", csv.write, flat=True),
    "csv-excel": Export(
        ".csv", "the same with the byte order mark that Excel needs", csv.write_for_excel, flat=True
    ),
    "geojson": Export(".geojson", "one feature an incident, for maps", geojson.write, flat=True),
    "jsonl": Export(".jsonl", "whole incidents with ledger, evidence and reasons", jsonl.write),
    "parquet": Export(
        ".parquet", "one typed row an incident, for DuckDB, pandas and R", parquet.write, flat=True
    ),
}
"""Every export by the name that commands know it by."""
