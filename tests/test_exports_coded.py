"""Exports in another codebook: rows and refusals are all there is, each with its clauses, and nothing withheld gets out."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import chronicle_sample as sample
from conftest import Tarikh
from tarikh.codebooks import CODEBOOKS, codebook
from tarikh.errors import TarikhError, UsageError
from tarikh.exports import ExportContext, coded, context
from tarikh.model import Incident


@pytest.fixture(scope="module")
def incidents() -> list[Incident]:
    return sample.incidents()


@pytest.fixture(scope="module")
def around() -> ExportContext:
    return context(sample.mentions(), sample.reports(), "Sample", "country is NER")


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


@pytest.mark.parametrize("name", CODEBOOKS)
def test_every_incident_is_in_the_rows_or_among_the_refused(
    name: str, incidents: list[Incident], around: ExportContext, tmp_path: Path
) -> None:
    form = ".csv" if codebook(name).flat else ".jsonl"
    done = coded.write([(iter(incidents), around)], tmp_path / f"out{form}", around, name)
    text = (tmp_path / f"out{form}").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = (
        _rows(tmp_path / "out.csv") if form == ".csv" else [json.loads(line) for line in text.splitlines()]
    )
    refused = _rows(tmp_path / "out.refused.csv")
    key = codebook(name).columns[0].name
    ids = {row[key] for row in rows}
    assert ids | {row["id"] for row in refused} == {incident.id for incident in incidents}
    assert not ids & {row["id"] for row in refused}
    assert all(row["reason"] and row["clause"].startswith(name) for row in refused)
    assert all(row["tarikh_clauses"].startswith(name) for row in rows)
    assert (done.incidents, done.rows, sum(done.refused.values())) == (len(ids), len(rows), len(refused))


def test_what_the_file_is_stands_beside_it(
    incidents: list[Incident], around: ExportContext, tmp_path: Path
) -> None:
    coded.write([(incidents, around)], tmp_path / "out.csv", around, "ucdp")
    about = json.loads((tmp_path / "out.about.json").read_text(encoding="utf-8"))
    assert about["codebook"] == "ucdp"
    assert "not UCDP's data" in about["codebook_notice"]
    assert about["filters"] == "country is NER"
    assert about["disclosure"]["level"] == "full"
    assert [column["name"] for column in about["columns"]] == list(_rows(tmp_path / "out.csv")[0])


def test_parquet_has_the_same_rows(incidents: list[Incident], around: ExportContext, tmp_path: Path) -> None:
    coded.write([(incidents, around)], tmp_path / "out.csv", around, "acled")
    coded.write([(incidents, around)], tmp_path / "out.parquet", around, "acled")
    table = pq.read_table(tmp_path / "out.parquet").to_pylist()
    flat = _rows(tmp_path / "out.csv")
    assert [row["event_id_cnty"] for row in table] == [row["event_id_cnty"] for row in flat]
    assert [row["fatalities"] for row in table] == [
        int(row["fatalities"]) if row["fatalities"] else None for row in flat
    ]
    assert json.loads(pq.read_metadata(tmp_path / "out.parquet").metadata[b"tarikh"])["codebook"] == "acled"


def test_headlines_leave_at_the_level_full_alone(
    incidents: list[Incident], around: ExportContext, tmp_path: Path
) -> None:
    coded.write([(incidents, around)], tmp_path / "full.csv", around, "ucdp")
    coded.write(
        [(incidents, replace(around, level="public"))],
        tmp_path / "public.csv",
        replace(around, level="public"),
        "ucdp",
    )
    assert any(row["source_headline"] for row in _rows(tmp_path / "full.csv"))
    assert not any(row["source_headline"] or row["source_article"] for row in _rows(tmp_path / "public.csv"))


def test_no_cell_can_start_a_formula(
    incidents: list[Incident], around: ExportContext, tmp_path: Path
) -> None:
    evil = replace(incidents[0], sources=("=HYPERLINK(1)",), attackers=("+evil",), id="@id")
    coded.write([([evil], around)], tmp_path / "out.csv", around, "acled")
    cells = [
        cell
        for file in ("out.csv", "out.refused.csv")
        for row in _rows(tmp_path / file)
        for cell in row.values()
    ]
    assert not any(cell.startswith(("=", "+", "@")) for cell in cells)


def test_a_form_that_does_not_fit_is_refused_before_anything_is_written(
    incidents: list[Incident], around: ExportContext, tmp_path: Path
) -> None:
    for name, file, form in (
        ("plover", "out.csv", None),
        ("ucdp", "out.geojson", None),
        ("ucdp", "out.csv", "html"),
    ):
        with pytest.raises(UsageError, match="is written as"):
            coded.write([(incidents, around)], tmp_path / file, around, name, form)
    with pytest.raises(TarikhError, match="cannot be written"):
        coded.write([(incidents, around)], tmp_path / "none" / "out.csv", around, "ucdp")
    assert not list(tmp_path.iterdir())


def test_the_commands(tarikh: Tarikh, tmp_path: Path) -> None:
    assert tarikh("export", "out.csv", "--codebook", "acled").code == 2  # no database yet
    assert tarikh("add", str(_reports(tmp_path))).code == 0
    ran = tarikh("export", "out.csv", "--codebook", "acled")
    assert (ran.code, ran.out) == (0, "")
    (row,) = _rows(tmp_path / "out.csv")
    assert (row["sub_event_type"], row["fatalities"], row["tarikh_clauses"][:17]) == (
        "Armed clash",
        "11",
        "acled.type.clash;",
    )
    shown = tarikh("show", row["event_id_cnty"], "--codebook", "acled")
    assert "acled.type.clash" in shown.out
    assert "not ACLED's data" in shown.out
    assert (
        tarikh("show", row["event_id_cnty"], "--codebook", "acled", "--json").json()["rows"][0]["fatalities"]
        == 11
    )
    refused = tarikh("export", "ucdp.csv", "--codebook", "ucdp")
    assert "cannot be expressed" in refused.err
    assert "(ucdp.refuse." in refused.err
    assert "cannot be expressed in ucdp" in tarikh("show", row["event_id_cnty"], "--codebook", "ucdp").out
    assert "no codebook is called 'gdelt'" in tarikh("export", "out.csv", "--codebook", "gdelt").sentence()


def _reports(folder: Path) -> Path:
    path = folder / "reports.jsonl"
    told = {
        "published": "2025-03-14",
        "language": "en",
        "source": "Sahel Post",
        "title": "Ambush near Ménaka",
        "text": "Gunmen on motorcycles ambushed an army convoy near Ménaka in Mali on Thursday, killing eleven"
        " Malian soldiers, a security source said. Four other soldiers were wounded.",
    }
    path.write_text(json.dumps(told) + "\n", encoding="utf-8")
    return path
