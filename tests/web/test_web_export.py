"""The filter of a page as a file: the same incidents, at the level of who takes it away."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from test_web_disclosure import ONE, build, seen_by

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
    path = build(tmp_path / "one.db", ONE)
    for who in ("eli", "ida"):
        with seen_by(path, who) as browser:
            answer = browser.get("/export.csv")
            assert (answer.status_code, "narrow the filter" in answer.text) == (400, True)
            assert browser.get("/export.exe").status_code == 404
