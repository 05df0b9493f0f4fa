"""The filter of a page as a file: the same incidents, at the level of who takes it away."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from test_web_disclosure import ONE, WORDS, build, seen_by

from tarikh import accounts
from tarikh.store import open_store
from tarikh.store.export_log import ExportLog
from tarikh.web.routes import export


def _rows(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_the_links_of_a_page_give_its_incidents(tmp_path: Path) -> None:
    with seen_by(build(tmp_path / "one.db", ONE), "eli") as browser:
        page = browser.get("/?party=JNIM").text
        for form in export.TYPES:
            assert f'href="/export.{form}?party=JNIM"' in page
        answer = browser.get("/export.csv?party=JNIM")
        assert answer.headers["content-disposition"] == 'attachment; filename="tarikh-2025-06-01-full.csv"'
        rows = _rows(answer)
        assert rows
        assert all("JNIM" in row["attackers"] + row["targets"] for row in rows)
        everything = browser.get("/export.geojson").json()["features"]
        lines = [json.loads(line) for line in browser.get("/export.jsonl").text.splitlines()]
        assert {each["id"] for each in everything} == {line["id"] for line in lines}
        assert len(_rows(browser.get("/export.csv"))) == len(lines) > len(rows)
        assert ONE.site[0] in answer.text + browser.get("/export.csv").text


def test_every_form_that_is_offered_is_made_and_entered_in_the_log(tmp_path: Path) -> None:
    path = build(tmp_path / "one.db", ONE)
    with seen_by(path, "eli") as browser:
        for form in export.TYPES:
            answer = browser.get(f"/export.{form}?party=JNIM")
            assert answer.status_code == 200, form
            assert answer.headers["content-type"].startswith(export.TYPES[form].partition(";")[0])
            assert len(answer.content) > 100, form
        assert browser.get("/export.csv?text=%20%22").status_code == 400
        assert browser.get("/exports").status_code == 403
    with open_store(path) as store:
        log = ExportLog(store).taken()
        accounts.add(store.accounts, "ada", WORDS, "admin")
    with seen_by(path, "ada") as browser:
        page = browser.get("/exports").text
        assert page.count("<td><bdi>eli</bdi></td>") == len(log)
        assert log[0].sha256 in page
    assert [each.form for each in reversed(log)] == list(export.TYPES)
    assert {(each.by, each.level, each.query, each.rows) for each in log} == {
        ("user:eli", "full", "party=JNIM", 2)
    }
    assert log[0].sha256 == hashlib.sha256(answer.content).hexdigest()
    assert log[0].name == "tarikh-2025-06-01-full.jsonl"


def test_a_refused_file_is_not_in_the_log_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = build(tmp_path / "one.db", ONE)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    with seen_by(path, "ida") as browser:
        assert browser.get("/export.csv?text=market").status_code == 403
        assert browser.get("/export.jsonl").status_code == 403
        assert browser.get("/export.xlsx").status_code == 200
    assert list((tmp_path / "scratch").iterdir()) == []
    with open_store(path) as store:
        assert [each.form for each in ExportLog(store).taken()] == ["xlsx"]


def test_a_reader_takes_away_what_he_may_see(tmp_path: Path) -> None:
    with seen_by(build(tmp_path / "one.db", ONE), "ida") as browser:
        answer = browser.get("/export.csv")
        assert "-partner.csv" in answer.headers["content-disposition"]
        for text in (answer.text, browser.get("/export.geojson").text):
            assert not [secret for secret in ONE.secrets() if secret in text]
        assert len(_rows(answer)) == 4
        assert len(_rows(browser.get("/export.csv?bbox=-20,0,20,30"))) == 2
        assert browser.get("/export.csv?text=market").status_code == 403
        refused = browser.get("/export.jsonl")
        assert (refused.status_code, "Take CSV or GeoJSON" in refused.text) == (403, True)
        assert "/export.jsonl" not in browser.get("/").text


def test_too_many_and_unknown_forms_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MOST", 2)
    monkeypatch.setattr(export, "MOST_WHOLE", 2)
    path = build(tmp_path / "one.db", ONE)
    for who in ("eli", "ida"):
        with seen_by(path, who) as browser:
            answer = browser.get("/export.csv")
            assert (answer.status_code, "narrow the filter" in answer.text) == (400, True)
            assert browser.get("/export.exe").status_code == 404
