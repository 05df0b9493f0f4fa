"""An invented table in the form of UCDP GED, for tests of imports. Nothing in it happened; the names of columns are GED's."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from tarikh.imports.ged_columns import COLUMNS

API = tuple(name for name in COLUMNS if name != "iso3")
"""The 49 columns of the API and the candidate events."""

ROW: Mapping[str, str] = {
    "id": "900001",
    "relid": "MLI-2025-1-0-1",
    "year": "2025",
    "code_status": "Clear",
    "type_of_violence": "1",
    "conflict_name": "Mali: Government",
    "dyad_name": "Government of Mali - JNIM",
    "side_a_new_id": "72",
    "side_a": "Government of Mali",
    "side_b_new_id": "6716",
    "side_b": "JNIM",
    "number_of_sources": "1",
    "source_office": "Invented Wire",
    "source_date": "2025-03-14",
    "source_headline": "An invented headline",
    "source_original": "security source",
    "where_prec": "2",
    "where_coordinates": "Ménaka town",
    "where_description": "a road outside the town",
    "adm_1": "Ménaka region",
    "adm_2": "Ménaka cercle",
    "latitude": "15.9182",
    "longitude": "2.4022",
    "country": "Mali",
    "event_clarity": "1",
    "date_prec": "1",
    "date_start": "2025-03-13 00:00:00.000",
    "date_end": "2025-03-13 00:00:00.000",
    "deaths_a": "11",
    "deaths_b": "0",
    "deaths_civilians": "0",
    "deaths_unknown": "0",
    "best": "11",
    "high": "11",
    "low": "11",
}
"""A clash that tells the event of `conftest.REPORTS` c1 and c2."""

ONE_SIDED: Mapping[str, str] = {
    **ROW,
    "id": "900002",
    "type_of_violence": "3",
    "dyad_name": "IS - Civilians",
    "side_a_new_id": "234",
    "side_a": "IS",
    "side_b_new_id": "9999",
    "side_b": "Civilians",
    "where_prec": "4",
    "where_coordinates": "Ménaka region",
    "date_prec": "4",
    "date_start": "2025-02-03 00:00:00.000",
    "date_end": "2025-02-24 00:00:00.000",
    "deaths_a": "0",
    "deaths_b": "0",
    "deaths_civilians": "7",
    "deaths_unknown": "2",
    "best": "9",
    "low": "7",
    "high": "12",
}


def table(path: Path, rows: Iterable[Mapping[str, str]], columns: Iterable[str] = API) -> Path:
    """Writes rows as GED's CSV."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(columns), extrasaction="ignore", restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path
