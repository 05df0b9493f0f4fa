"""Scores of names of places alone and of the places of acts, on texts of a few lines."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from tarikh.demonstration import ready_gazetteer
from tarikh.evaluation import evaluate, event_places, geoparsing
from tarikh.evaluation.tables import TEXTS
from tarikh.gazetteer import open_index
from tarikh.pipeline import Rules

TEXT = "In Mali, gunmen attacked a post in Gao on Monday. Traders of Zanzuma fled."
ROW = {
    "docid": "1",
    "text": TEXT,
    "toponyms": [
        {"start": 3, "end": 7, "phrase": "Mali", "lat": 17.0, "lon": -4.0},
        {"start": 35, "end": 38, "phrase": "Gao", "lat": 16.27, "lon": -0.04},
        {"start": 61, "end": 68, "phrase": "Zanzuma", "lat": 1.0, "lon": 1.0},
    ],
}
ACT = {
    "id": "a",
    "text": "Gunmen killed five herders in Gao on Monday, the mayor of Bamako said.",
    "verb": [[7, 13, "killed"]],
    "locations": [[30, 33, "Gao"]],
}


def test_names_are_scored_against_the_key_and_against_an_oracle() -> None:
    errors: list[dict] = []
    found = geoparsing.score([ROW], ready_gazetteer(), errors)
    assert found["keys"] == 3
    assert 1 / 3 <= found["near"] <= 2 / 3
    assert found["ceiling"] <= 2 / 3
    assert found["of_ceiling"] == pytest.approx(found["near"] / found["ceiling"])
    moved = {**ROW, "toponyms": [{**ROW["toponyms"][1], "lat": 60.0}]}
    assert geoparsing.score([moved], ready_gazetteer())["near"] == 0.0


def test_the_place_of_an_act_is_scored_by_its_words() -> None:
    found = event_places.score([ACT], ready_gazetteer())
    assert (found["acts"], found["precision"], found["recall"]) == (1.0, 1.0, 1.0)
    said = {**ACT, "verb": [[65, 69, "said"]], "locations": []}
    assert event_places.places_of(said, open_index(ready_gazetteer())) is None
    assert event_places.score([said], ready_gazetteer())["acts"] == 0.0


def test_the_kind_places_takes_both_sorts_of_rows(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in (ROW, ACT)) + "\n", encoding="utf-8")

    result = evaluate("places", [path], Rules(ready_gazetteer(), date(2025, 1, 1)), errors=5)
    assert {"names", "acts"} <= set(result)
    told = TEXTS["places"](result)
    assert "an oracle" in told
    assert "R of all" in told
