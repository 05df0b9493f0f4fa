"""Incidents as Parquet, typed: days are date32, counts nullable int64, lists of text; for DuckDB, pandas and R.

Invariant: unknown is null in every column; the notice, version and filter are in the file's metadata.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tarikh.exports.context import ExportContext
from tarikh.exports.destination import Destination, opened
from tarikh.exports.record import COLUMNS, Form, record
from tarikh.model import Incident

ROWS = 20_000
"""Rows a group: memory stays flat however long the chronicle is."""

_TYPES: Mapping[Form, Any] = {
    "text": pa.string(),
    "list": pa.list_(pa.string()),
    "day": pa.date32(),
    "count": pa.int64(),
    "degrees": pa.float64(),
    "share": pa.float64(),
}


def schema(context: ExportContext) -> Any:
    """The pyarrow schema: the columns with what they mean, and the context's metadata as JSON under `tarikh`."""
    fields = [pa.field(c.name, _TYPES[c.form], metadata={"what": c.what}) for c in COLUMNS]
    return pa.schema(fields, metadata={"tarikh": json.dumps(context.metadata(), ensure_ascii=True)})


def write(incidents: Sequence[Incident], destination: Destination, context: ExportContext) -> None:
    """Writes one Parquet file, compressed by zstd. Raises `TarikhError` when a file cannot be written."""
    shape = schema(context)
    with opened(destination) as stream, pq.ParquetWriter(stream, shape, compression="zstd") as writer:
        for start in range(0, len(incidents), ROWS):
            rows = [record(incident, context) for incident in incidents[start : start + ROWS]]
            writer.write_table(pa.Table.from_pylist(rows, schema=shape))
