"""Floors of accuracy on the hand-coded reports, and the golden cases: a change of coding never goes by unseen."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from tarikh.demonstration import ready_gazetteer
from tarikh.evaluation import gold
from tarikh.evaluation.coding import coded_lines
from tarikh.pipeline import Rules

HERE = Path(__file__).parent
FLOORS: Mapping[str, Mapping[str, float]] = yaml.safe_load((HERE / "floors.yaml").read_text(encoding="utf-8"))


def _rows(name: str) -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for line in (HERE / "gold" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]


@pytest.fixture(scope="module")
def coded() -> dict[str, Any]:
    rows = [row for name in FLOORS for row in _rows(name)]
    return dict(coded_lines(rows, Rules(ready_gazetteer(), date(2030, 1, 1))))


@pytest.mark.parametrize("name", FLOORS)
def test_floors(name: str, coded: dict[str, Any]) -> None:
    scores = gold.score(_rows(name), coded)
    reached = {"mention": scores["mention"]["f1"], "record": scores["record"]["f1"], **scores["fields"]}
    short = {
        key: (round(reached[key], 3), floor)
        for key, floor in FLOORS[name].items()
        if key in reached and reached[key] < floor
    }
    assert not short, f"below the floor (reached, floor): {short}"
    assert scores["false_alarms_per_empty_report"] <= FLOORS[name]["most_false_alarms"]


def test_golden_cases_are_as_kept() -> None:
    spec = importlib.util.spec_from_file_location("golden", HERE.parent / "scripts" / "golden.py")
    assert spec is not None
    assert spec.loader is not None
    golden = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(golden)
    found = golden.made()
    kept = {path.stem: path.read_text(encoding="utf-8") for path in golden.FOLDER.glob("*.json")}
    changed = sorted(name for name in {*found, *kept} if found.get(name) != kept.get(name))
    assert not changed, (
        f"coding changed for {changed}: read the change, then `make golden` and look at git diff"
    )


def test_an_ambush_with_feared_losses_and_a_coup_next_door(coded: dict[str, Any]) -> None:
    """The shape of report that the project began with: nothing invented, unknown stays unknown."""
    mentions = coded["g01"]["mentions"]
    assert [(m["kind"], m["aspect"]) for m in mentions] == [("armed_clash", "new"), ("coup", "background")]
    ambush = mentions[0]
    assert ambush["harm"] == {}
    assert (ambush["place"], ambush["place_precision"], ambush["date_start"]) == (
        "Bandiagara",
        "near",
        "2026-02-12",
    )
    assert ambush["attackers"] == ["Unidentified armed group (Mali)"]
    assert ambush["targets"] == ["Military of Mali"]
