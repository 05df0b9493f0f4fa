"""Exports: unknown stays unknown, precision travels with place and date, and a file appears only when it is whole."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chronicle_sample as sample
from tarikh.errors import TarikhError
from tarikh.exports import FORMATS, ExportContext, context, gold_form
from tarikh.exports import csv as csv_export
from tarikh.exports.record import COLUMNS
from tarikh.model import HARMS, Count, Incident, Report


@pytest.fixture(scope="module")
def incidents() -> list[Incident]:
    return sample.incidents()


@pytest.fixture(scope="module")
def around() -> ExportContext:
    return context(sample.mentions(), sample.reports(), "Sample", "country is NER")


def _written(name: str, incidents: list[Incident], around: ExportContext) -> bytes:
    stream = io.BytesIO()
    FORMATS[name].write(incidents, stream, around)
    return stream.getvalue()


def _csv(incidents: list[Incident], around: ExportContext) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(_written("csv", incidents, around).decode(), newline="")))


def _of_kind(incidents: list[Incident], kind: str, **fields: Any) -> Incident:
    return next(i for i in incidents if i.kind == kind and all(getattr(i, k) == v for k, v in fields.items()))


# ---- CSV --------------------------------------------------------------------------------------------------


def test_csv_has_one_row_an_incident_and_keeps_unknown_apart_from_zero(
    incidents: list[Incident], around: ExportContext
) -> None:
    rows = {row["id"]: row for row in _csv(incidents, around)}
    assert len(rows) == len(incidents)
    burnt = rows[_of_kind(incidents, "looting_or_arson").id]
    assert (burnt["killed_low"], burnt["killed_best"], burnt["killed_high"]) == ("0", "0", "0")
    march = rows[_of_kind(incidents, "peaceful_protest").id]
    assert (march["killed_low"], march["killed_best"], march["killed_high"]) == ("", "", "")
    drone = rows[_of_kind(incidents, "air_strike", status="claimed").id]
    assert (drone["killed_low"], drone["killed_best"], drone["killed_high"]) == ("3", "3", "")


def test_precision_stands_beside_place_and_date() -> None:
    names = [column.name for column in COLUMNS]
    assert names.index("place_precision") == names.index("place") + 1 == names.index("latitude") - 1
    assert names.index("date_precision") == names.index("date_end") + 1


def test_csv_joins_lists_and_separators_in_names_do_not_split_them(
    incidents: list[Incident], around: ExportContext
) -> None:
    odd = replace(incidents[0], attackers=("Ali; and sons", "RSF"), sources=())
    row = _csv([odd], around)[0]
    assert row["attackers"] == "Ali, and sons; RSF"
    assert row["sources"] == ""


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " =", "＝"])
def test_no_text_cell_starts_a_formula(start: str, incidents: list[Incident], around: ExportContext) -> None:
    evil = f"{start}HYPERLINK(1)"
    odd = replace(
        incidents[0],
        attackers=(evil,),
        targets=("RSF", evil),
        sources=(evil,),
        where=replace(incidents[0].where, place=evil),
    )
    row = _csv([odd], around)[0]
    for cell in (row["attackers"], row["place"], row["sources"]):
        assert cell == "'" + evil
    assert row["targets"] == f"RSF; '{evil}"


def test_negative_degrees_stay_numbers(incidents: list[Incident], around: ExportContext) -> None:
    row = _csv([_of_kind(incidents, "bombing")], around)[0]
    assert float(row["longitude"]) == pytest.approx(-1.6306)


@given(st.text())
def test_harmless_cells_never_start_with_a_sign_of_a_formula(text: str) -> None:
    assert not csv_export.harmless(text).lstrip(" ").startswith(tuple("=+-@\t\r"))


def test_only_the_csv_for_excel_has_a_byte_order_mark(
    incidents: list[Incident], around: ExportContext
) -> None:
    plain, excel = _written("csv", incidents, around), _written("csv-excel", incidents, around)
    assert excel == b"\xef\xbb\xbf" + plain


# ---- GeoJSON ----------------------------------------------------------------------------------------------


def test_geojson_draws_no_point_that_the_words_do_not_bear(
    incidents: list[Incident], around: ExportContext
) -> None:
    written = json.loads(_written("geojson", incidents, around))
    assert written["type"] == "FeatureCollection"
    assert written["metadata"]["filters"] == "country is NER"
    assert "GeoNames" in written["metadata"]["notice"]
    by_id = {feature["id"]: feature for feature in written["features"]}
    assert len(by_id) == len(incidents)
    for incident in incidents:
        feature = by_id[incident.id]
        assert feature["properties"]["place_precision"] == incident.where.precision
        if incident.where.precision == "unknown":
            assert feature["geometry"] is None
            assert feature["properties"]["point_is"] is None
        else:
            assert feature["geometry"]["coordinates"] == [incident.where.longitude, incident.where.latitude]
        if incident.where.precision in ("admin2", "admin1", "country"):
            assert feature["properties"]["point_is"].startswith("only a drawing point")


def test_geojson_of_nothing_is_valid(around: ExportContext) -> None:
    assert json.loads(_written("geojson", [], around))["features"] == []


def test_a_point_with_unknown_precision_is_not_drawn(
    incidents: list[Incident], around: ExportContext
) -> None:
    odd = replace(incidents[0], where=replace(incidents[0].where, precision="unknown"))
    assert json.loads(_written("geojson", [odd], around))["features"][0]["geometry"] is None


# ---- JSON lines -------------------------------------------------------------------------------------------


def test_jsonl_keeps_ledger_evidence_and_reasons(incidents: list[Incident], around: ExportContext) -> None:
    rows = [json.loads(line) for line in _written("jsonl", incidents, around).decode().splitlines()]
    assert [row["id"] for row in rows] == [incident.id for incident in incidents]
    clash = next(row for row in rows if len(row["reports"]) == 3)
    killed = {tuple(claim["value"]) for claim in clash["ledger"] if claim["field"] == "harm.killed"}
    assert killed == {(17, 17, 17), (22, 22, 22), (30, 30, None)}
    assert any(mention["spans"]["harm.killed"] for mention in clash["mentions"])
    assert clash["judgements"][0]["reasons"][0] == {
        "feature": "kind",
        "value": "both armed_clash",
        "weight": 1.5,
    }
    march = next(row for row in rows if row["kind"] == "peaceful_protest")
    assert march["harm"] == {}


def test_jsonl_without_words_quotes_no_report(incidents: list[Incident], around: ExportContext) -> None:
    written = _written("jsonl", incidents, replace(around, words=False)).decode()
    for quoted in ("Seventeen soldiers", "a doctor at the regional hospital", "toll rises to 22"):
        assert quoted in _written("jsonl", incidents, around).decode()
        assert quoted not in written


# ---- Parquet ----------------------------------------------------------------------------------------------


def test_parquet_is_typed_and_unknown_is_null(
    incidents: list[Incident], around: ExportContext, tmp_path: Path
) -> None:
    path = tmp_path / "incidents.parquet"
    FORMATS["parquet"].write(incidents, path, around)
    table = pq.read_table(path)
    assert table.schema.field("date_start").type == pa.date32()
    assert table.schema.field("killed_best").type == pa.int64()
    assert table.schema.field("attackers").type == pa.list_(pa.string())
    assert json.loads(table.schema.metadata[b"tarikh"])["title"] == "Sample"
    rows = {row["id"]: row for row in table.to_pylist()}
    assert rows[_of_kind(incidents, "looting_or_arson").id]["killed_best"] == 0
    assert rows[_of_kind(incidents, "peaceful_protest").id]["killed_best"] is None
    assert rows[_of_kind(incidents, "bombing").id]["date_start"] == date(2024, 3, 18)
    assert pd.read_parquet(path)["killed_best"].sum() == sum(
        (i.harm.get("killed", Count()).best or 0) for i in incidents
    )


def test_parquet_of_nothing_has_its_columns(around: ExportContext) -> None:
    table = pq.read_table(io.BytesIO(_written("parquet", [], around)))
    assert table.column_names == [column.name for column in COLUMNS]


# ---- all of them ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
def test_half_a_surrogate_pair_breaks_no_export(name: str, incidents: list[Incident]) -> None:
    report = Report("r", "a \ud800 title", "text \udfff", "en", source="\ud83d")
    odd = replace(incidents[0], attackers=("\ud800",), sources=("\udc00",))
    assert _written(name, [odd], context(reports=[report]))


@pytest.mark.parametrize("name", FORMATS)
def test_a_failed_export_leaves_the_old_file_and_no_rest(
    name: str, incidents: list[Incident], around: ExportContext, tmp_path: Path
) -> None:
    path = tmp_path / f"out{FORMATS[name].suffix}"
    path.write_bytes(b"old")
    broken = replace(incidents[0], harm=None)  # type: ignore[arg-type]
    with pytest.raises((AttributeError, TypeError)):
        FORMATS[name].write([broken], path, around)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    FORMATS[name].write(incidents, path, around)
    assert path.stat().st_size > 100
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", FORMATS)
def test_a_folder_that_is_not_there_is_said_in_a_sentence(
    name: str, incidents: list[Incident], around: ExportContext, tmp_path: Path
) -> None:
    with pytest.raises(TarikhError, match="cannot be written"):
        FORMATS[name].write(incidents, tmp_path / "nowhere" / "x", around)


# ---- the codebook's lines ---------------------------------------------------------------------------------


def test_report_line_has_the_codebooks_keys() -> None:
    mention = sample.mentions()[0]
    line = gold_form.report_line("given-r01", [mention], {mention.id: "A1"})
    assert list(line) == ["id", "mentions", "interactions"]
    coded = line["mentions"][0]
    expected = "incident kind status aspect attackers targets date_start date_end date_precision country admin1 place"
    expected += " latitude longitude place_precision harm trigger attribution words confidence spans"
    assert list(coded) == expected.split()
    assert coded["incident"] == "A1"
    assert coded["harm"] == {
        "killed": [17, 17, 17],
        "killed_targets": [17, 17, 17],
        "injured": [20, 20, None],
    }
    assert coded["date_start"] == "2024-03-12"
    assert coded["words"]["killed"] == "Seventeen soldiers"
    assert coded["words"]["trigger"] == "ambushed"
    json.dumps(line)


def test_spans_are_code_points_into_the_report_as_given() -> None:
    reports = {report.id: report for report in sample.reports()}
    for mention in sample.mentions():
        entry = gold_form.mention_entry(mention, None)
        assert "kind" not in entry["spans"]
        assert entry["spans"]["trigger"]
        for field, spans in entry["spans"].items():
            report = reports[mention.report_id]
            words = [
                (report.title if s["in"] == "title" else report.text)[s["start"] : s["end"]] for s in spans
            ]
            assert " … ".join(words) == entry["words"][field.removeprefix("harm.")]
        assert set(entry["spans"]) <= {
            *("trigger", "status", "aspect", "attackers", "targets", "date", "place", "attribution"),
            *(f"harm.{what}" for what in HARMS),
        }
        assert all(0 <= value <= 1 for value in entry["confidence"].values())


def test_unknown_is_null_in_a_line() -> None:
    mention = next(m for m in sample.mentions() if m.id == "m13")
    coded = gold_form.mention_entry(mention, "A2")
    for field in (
        "date_start",
        "date_end",
        "country",
        "admin1",
        "place",
        "latitude",
        "longitude",
        "attribution",
    ):
        assert coded[field] is None
    assert (coded["date_precision"], coded["place_precision"]) == ("unknown", "unknown")


def test_a_count_of_three_unknowns_is_absent() -> None:
    mention = replace(sample.mentions()[0], harm={"killed": Count(), "injured": Count(None, 4, 4)})
    assert gold_form.mention_entry(mention, None)["harm"] == {"injured": [None, 4, 4]}


def test_problem_line() -> None:
    assert gold_form.problem_line(None, 7, "reading", "it is empty") == {
        "id": None,
        "line": 7,
        "mentions": [],
        "interactions": [],
        "problem": {"stage": "reading", "reason": "it is empty"},
    }
