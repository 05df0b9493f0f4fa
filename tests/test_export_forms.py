"""Every form of tables read back by the programs that people use, against the CSV of the same incidents."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import feedparser
import frictionless
import geopandas
import hxl
import openpyxl
import pandas
import pyarrow.parquet as pq
import pytest
from lxml import etree
from openpyxl.utils import get_column_letter

import chronicle_sample as sample
from tarikh.errors import UsageError
from tarikh.exports import FORMATS, Column, ExportContext, Table, context, xlsx
from tarikh.exports import csv as csv_form
from tarikh.exports.record import COLUMNS
from tarikh.model import Count, Incident, Where

MADE = datetime(2026, 3, 1, 12, 30, 7, tzinfo=UTC)
FLAT = [name for name, export in FORMATS.items() if export.flat]
OGR = shutil.which("ogrinfo")
HOSTILE = [
    '=HYPERLINK("http://example.org","x")',
    "+cmd|' /C calc'!A0",
    "]]><script>alert(1)</script>",
    "<r><t>bold</t></r>",
    "a\x00b\x07c\x1b[31m\ufffe\uffff",
    "half \ud800 pair",
    "_x0041_ & <b> \"quoted\" 'single'",
    "https://example.org/" + "x" * 50,
    "long " + "é" * 40_000,
    "long 😀" * 9_000,
    "line\r\nbreak\u2028and\ttab",
    "; semi; colons;",
    "#tag+x",
]


@pytest.fixture(scope="module")
def incidents() -> list[Incident]:
    first = sample.incidents()
    odd = [
        replace(
            first[0],
            id=f"i-odd{n}",
            attackers=(text,),
            targets=(text, "RSF"),
            sources=(text,),
            where=replace(first[0].where, place=text, admin1=text),
            harm={"killed": Count(0, 0, 0), "injured": Count(2**70, None, None)},
        )
        for n, text in enumerate(HOSTILE)
    ]
    nowhere = replace(first[1], id="i-nowhere", where=Where(), harm={}, attackers=(), targets=(), sources=())
    return [*first, *odd, nowhere]


@pytest.fixture(scope="module")
def around() -> ExportContext:
    made = context(sample.mentions(), sample.reports(), "Sample", "countries=('NER',)", MADE)
    return replace(
        made, query="country=NER", license="CC-BY-SA-4.0", versions={"coder": "rules@1", "schema": "0014"}
    )


@pytest.fixture(scope="module")
def written(
    incidents: list[Incident], around: ExportContext, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("forms")

    def write(form: str) -> Path:
        path = folder / f"{form}{FORMATS[form].suffix}"
        if not path.exists():
            FORMATS[form].write(incidents, path, around)
        return path

    return write


@pytest.fixture(scope="module")
def rows(written: Callable[[str], Path]) -> dict[str, dict[str, str]]:
    """The CSV by id, as another program reads it."""
    text = written("csv").read_bytes().decode("utf-8")
    return {row["id"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}


LISTS = [column.name for column in COLUMNS if column.form == "list"]
NUMBERS = [column.name for column in COLUMNS if column.form in ("count", "degrees", "share")]
TEXTS = [column.name for column in COLUMNS if column.form == "text"]
_MOST = 2**63 - 1


def _bare(text: str) -> str:
    """A cell of the CSV without the apostrophe that keeps it from being a formula."""
    return text[1:] if text.startswith("'") else text


def _same(row: dict[str, str], got: dict[str, Any], names: list[str]) -> None:
    for name in names:
        told, value = row[name], got[name]
        if value is None or value == "" or (isinstance(value, float) and value != value):
            assert told == "", (row["id"], name, told)
        elif name in NUMBERS:
            assert float(value) == pytest.approx(min(float(told), _MOST)), (row["id"], name)
        else:
            assert str(value) == _bare(told), (row["id"], name)


# ---- tables ----------------------------------------------------------------------------------------------


def test_the_csv_has_its_metadata_beside_it(incidents: list[Incident], around: ExportContext) -> None:
    from tarikh.exports import record

    table = record.table(record.flats(incidents, around), around)
    list(table.rows)
    told = csv_form.beside(table, "chronicle.csv")
    assert told["url"] == "chronicle.csv"
    assert [each["name"] for each in told["tableSchema"]["columns"]] == [column.name for column in COLUMNS]
    [note] = told["notes"]
    assert note["license"] == "CC-BY-SA-4.0"
    assert note["versions"]["coder"] == "rules@1"
    assert (note["query"], note["made"]) == ("country=NER", MADE.isoformat())


def test_parquet_and_geoparquet(written: Callable[[str], Path], rows: dict[str, dict[str, str]]) -> None:
    for form in ("parquet", "geoparquet"):
        table = pq.read_table(written(form))
        got = {row["id"]: row for row in table.to_pylist()}
        assert got.keys() == rows.keys()
        for key, row in rows.items():
            _same(row, got[key], [*NUMBERS, *TEXTS, "date_start", "date_end"])
            assert got[key]["attackers"] == [] if row["attackers"] == "" else got[key]["attackers"]
        about = json.loads(table.schema.metadata[b"tarikh"])
        assert about["license"] == "CC-BY-SA-4.0"
        assert about["columns"]["killed_best"] == "people killed: best figure"
    frame = geopandas.read_parquet(written("geoparquet"))
    assert frame.crs == "OGC:CRS84"
    drawn = {row["id"]: row for row in json.loads(written("geojson").read_bytes())["features"]}
    for key, shape, what in zip(frame["id"], frame.geometry, frame["point_is"], strict=True):
        told = drawn[key]["geometry"]
        assert (shape is None) == (told is None)
        if shape is not None:
            assert [shape.x, shape.y] == told["coordinates"]
            assert what == drawn[key]["properties"]["point_is"]
    assert frame.geometry.isna().any()
    geo = json.loads(pq.read_metadata(written("geoparquet")).metadata[b"geo"])
    assert geo["version"] == "1.1.0"
    assert geo["columns"]["geometry"]["encoding"] == "WKB"
    west, _, _, north = geo["columns"]["geometry"]["bbox"]
    assert (west, north) == (frame.geometry.x.min(), frame.geometry.y.max())


def test_the_workbook(written: Callable[[str], Path], rows: dict[str, dict[str, str]]) -> None:
    book = openpyxl.load_workbook(written("xlsx"))
    assert book.sheetnames == ["incidents", "columns", "kinds", "about"]
    head, *lines = book["incidents"].iter_rows()
    names = [cell.value for cell in head]
    assert names == [column.name for column in COLUMNS]
    assert len(lines) == len(rows)
    for line in lines:
        assert not [cell.coordinate for cell in line if cell.data_type == "f" or cell.hyperlink]
        got = dict(zip(names, [cell.value for cell in line], strict=True))
        row = rows[got["id"]]
        if not got["id"].startswith("i-odd"):
            _same(row, got, [*NUMBERS, *TEXTS])
            assert (got["date_start"] is None) == (row["date_start"] == "")
            if row["date_start"]:
                assert got["date_start"].date().isoformat() == row["date_start"]
        for name in ("killed_low", "injured_best"):
            assert (got[name] is None) == (row[name] == ""), name
        for name in LISTS:
            assert len(got[name] or "") <= 32_767
    place = {line[0].value: line[names.index("place")].value for line in lines}
    assert place["i-odd0"] == HOSTILE[0]
    assert place["i-odd3"].strip() == HOSTILE[3]
    assert place["i-odd4"] == "a\ufffdb\ufffdc\ufffd[31m\ufffd\ufffd"
    assert place["i-odd7"] == HOSTILE[7]
    assert place["i-odd8"].endswith("[cut: longer than a cell of Excel holds]")
    about = {row[0]: row[1] for row in book["about"].iter_rows(values_only=True)}
    assert about["license"] == "CC-BY-SA-4.0"
    assert (about["filters"], about["disclosure: level"]) == ("countries=('NER',)", "full")
    assert not [value for value in about.values() if str(value).startswith(("{", "["))], (
        "cells are for people"
    )
    sheet = book["incidents"]
    assert sheet.auto_filter.ref == sheet.dimensions
    widths = {name: sheet.column_dimensions[get_column_letter(n)].width for n, name in enumerate(names, 1)}
    assert widths["date_start"] > 10, "a day in a narrower column is shown as ########"
    assert min(widths.values()) > 8
    meanings = {row[0]: row[2] for row in book["columns"].iter_rows(values_only=True)}
    assert meanings["killed_best"] == "people killed: best figure"


def test_rows_beyond_a_sheet_go_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "ROWS", 4)
    for number, sheets in ((4, 1), (5, 2), (9, 3), (0, 1)):
        table = Table("things", (Column("n", "count", "a number"),), ([n] for n in range(number)))
        stream = io.BytesIO()
        xlsx.write(table, stream)
        book = openpyxl.load_workbook(stream)
        found = [name for name in book.sheetnames if name.startswith("things")]
        assert len(found) == sheets
        got = [row[0] for name in found for row in book[name].iter_rows(2, values_only=True)]
        assert got == list(range(number))


def test_days_before_excel_stay_texts() -> None:
    table = Table("things", (Column("d", "day", "a day"),), [[date(1899, 1, 2)], [date(2024, 5, 6)]])
    stream = io.BytesIO()
    xlsx.write(table, stream)
    got = [row[0] for row in openpyxl.load_workbook(stream)["things"].iter_rows(2, values_only=True)]
    assert got == ["1899-01-02", datetime(2024, 5, 6)]


def test_sqlite(written: Callable[[str], Path], rows: dict[str, dict[str, str]]) -> None:
    connection = sqlite3.connect(written("sqlite"))
    connection.row_factory = sqlite3.Row
    got = {row["id"]: dict(row) for row in connection.execute("SELECT * FROM incidents")}
    assert got.keys() == rows.keys()
    for key, row in rows.items():
        _same(row, got[key], [*NUMBERS, *TEXTS, "date_start", "date_end"])
        for name in LISTS:
            assert isinstance(json.loads(got[key][name]), list)
    assert got["i-odd9"]["place"] == HOSTILE[9]
    names = [row["name"] for row in connection.execute("PRAGMA table_info(incidents)")]
    assert names == [column.name for column in COLUMNS]
    about = dict(tuple(row) for row in connection.execute("SELECT name, value FROM about"))
    assert (about["license"], about["query"]) == ("CC-BY-SA-4.0", "country=NER")
    kinds = connection.execute(
        "SELECT count(*) FROM incidents LEFT JOIN kinds USING (kind) WHERE family IS NULL"
    )
    assert kinds.fetchone()[0] == 0
    connection.close()


def test_hxl_is_read_by_its_own_library(
    written: Callable[[str], Path], rows: dict[str, dict[str, str]]
) -> None:
    with hxl.data(hxl.input.make_input(str(written("hxl")), hxl.InputOptions(allow_local=True))) as data:
        tags = [column.display_tag for column in data.columns]
        assert {"#event+code", "#date+start", "#geo+lat", "#affected+killed"} <= set(tags)
        got = {row.get("#event+code"): row for row in data}
        assert got.keys() == rows.keys()
        for key, row in rows.items():
            killed = got[key].get("#affected+killed-targets-attackers-civilians-min-max")
            assert (killed or "") == row["killed_best"]
            assert (got[key].get("#country+code") or "") == row["country"]
    plain = written("hxl").read_bytes().split(b"\r\n", 2)
    assert plain[0] + b"\r\n" + plain[2] == written("csv").read_bytes()


def test_the_data_package_is_valid(
    written: Callable[[str], Path], rows: dict[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any, **__: Any) -> Any:
        raise AssertionError("nothing of a package is fetched")

    monkeypatch.setattr("socket.socket.connect", refused)
    report = frictionless.validate(str(written("datapackage")), type="package")
    assert report.valid, report.flatten(["title", "message"])
    with zipfile.ZipFile(written("datapackage")) as archive:
        assert archive.testzip() is None
        assert archive.read("incidents.csv") == written("csv").read_bytes()
        told = json.loads(archive.read("datapackage.json"))
        sources = pandas.read_csv(archive.open("sources.csv"))
        assert "CC-BY-SA-4.0" in archive.read("README.md").decode()
    assert told["licenses"] == [{"name": "CC-BY-SA-4.0"}]
    assert told["created"] == MADE.isoformat()
    assert [each["name"] for each in told["resources"]] == ["incidents", "sources", "kinds", "columns"]
    assert sources["incidents"].sum() == sum(len(i.split("; ")) for r in rows.values() if (i := r["sources"]))


# ---- maps ------------------------------------------------------------------------------------------------

KML = "{http://www.opengis.net/kml/2.2}"


def test_kml_is_well_formed_and_says_what_a_point_is(
    written: Callable[[str], Path], rows: dict[str, dict[str, str]]
) -> None:
    root = etree.parse(written("kml"), etree.XMLParser(resolve_entities=False)).getroot()
    marks = list(root.iter(f"{KML}Placemark"))
    assert len(marks) == len(rows)
    for mark in marks:
        data = {each.get("name"): each[0].text for each in mark.iter(f"{KML}Data")}
        row = rows[data["id"]]
        assert data.get("killed_best", "") == row["killed_best"]
        point = mark.find(f"{KML}Point/{KML}coordinates")
        assert (point is None) == (row["latitude"] == "" or row["place_precision"] == "unknown")
        text = mark.findtext(f"{KML}description")
        style = mark.findtext(f"{KML}styleUrl")
        if row["place_precision"] in ("admin1", "admin2", "country"):
            assert "no place where anything happened" in text
            assert style.endswith("-unit")
        if row["killed_best"] == "" and row["killed_low"] == "":
            assert "Killed: unknown" in text or "at most" in text
    described = root.findtext(f"{KML}Document/{KML}description")
    assert "CC-BY-SA-4.0" in described
    assert "countries=('NER',)" in described
    assert root.find(f".//{KML}script") is None


@pytest.mark.skipif(OGR is None, reason="no ogrinfo")
@pytest.mark.parametrize("form", ["geojson", "kml", "sqlite"])
def test_gdal_reads_as_many_features(
    form: str, written: Callable[[str], Path], rows: dict[str, dict[str, str]]
) -> None:
    layer = {"geojson": "geojson", "kml": "Sample", "sqlite": "incidents"}[form]
    done = subprocess.run(
        [OGR or "", "-ro", "-so", str(written(form)), layer], capture_output=True, text=True, check=False
    )
    assert f"Feature Count: {len(rows)}" in done.stdout, done.stdout + done.stderr


# ---- feed ------------------------------------------------------------------------------------------------


def test_the_feed(written: Callable[[str], Path], rows: dict[str, dict[str, str]]) -> None:
    raw = written("atom").read_bytes()
    root = etree.fromstring(raw)
    assert root.tag == "{http://www.w3.org/2005/Atom}feed"
    feed = feedparser.parse(raw)
    assert not feed.bozo
    assert feed.feed.updated == "2026-03-01T12:30:07Z"
    assert feed.feed.id == "urn:tarikh:feed:country=NER"
    assert feed.feed.rights == "CC-BY-SA-4.0"
    assert len(feed.entries) == len(rows)
    for entry in feed.entries:
        row = rows[entry.id.removeprefix("urn:tarikh:incident:")]
        assert entry.tags[0].term == row["kind"]
        assert ("georss_point" in entry or "where" in entry) == (row["place_precision"] in ("exact", "near"))
        assert entry.updated.endswith("Z")
        if row["killed_best"] == row["killed_low"] == row["killed_high"] == "":
            assert "Killed: unknown" in entry.summary
    assert len({entry.id for entry in feed.entries}) == len(rows)


# ---- all of them -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_input_gives_the_same_bytes(
    form: str, written: Callable[[str], Path], incidents: list[Incident], around: ExportContext
) -> None:
    stream = io.BytesIO()
    FORMATS[form].write(incidents, stream, around)
    assert stream.getvalue() == written(form).read_bytes()


@pytest.mark.parametrize("form", FLAT)
def test_a_table_of_any_columns_goes_out_or_is_refused_with_a_way_out(form: str, tmp_path: Path) -> None:
    columns = (
        Column("code", "text", "a code"),
        Column("n", "count", "how many"),
        Column("who", "list", "names"),
    )
    table = Table("events", columns, iter([["a", 0, []], ["b", None, ["x", "y"]]]))
    path = tmp_path / f"out{FORMATS[form].suffix}"
    write = FORMATS[form].table
    assert write is not None
    if form in ("geojson", "geoparquet", "kml", "hxl", "atom"):
        with pytest.raises(UsageError, match="take csv"):
            write(table, path)
        assert not path.exists()
        return
    write(table, path)
    assert path.stat().st_size > 10


@pytest.mark.parametrize("form", FLAT)
def test_nothing_is_still_a_file(form: str, around: ExportContext, tmp_path: Path) -> None:
    path = tmp_path / f"none{FORMATS[form].suffix}"
    FORMATS[form].write([], path, around)
    assert path.stat().st_size > 10
