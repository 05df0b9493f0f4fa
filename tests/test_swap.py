"""The label-swap test on the project's own reports: a floor that no change of rules or lexicons may break."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import Tarikh, json_lines
from tarikh.evaluation.tables import accuracy_page, swap_text

GOLD = Path(__file__).with_name("gold")
MOST = 0.02
"""Share of mentions of which anything moves when only a label does. Lower it when the coder gets better."""
LEAST = {"all": 90, "label": 60, "name": 30}
"""Swaps that the files give at least: a rate over nothing proves nothing."""


def test_a_label_moves_nothing_else(tarikh: Tarikh) -> None:
    result = tarikh("evaluate", "swap", GOLD / "cases.jsonl", GOLD / "sample.jsonl", "--json").json()
    for sort, least in LEAST.items():
        assert result[sort]["swaps"] >= least, sort
    assert result["all"]["rate"] <= MOST, swap_text(result)
    assert result["label"]["rate"] == 0, swap_text(result)


def test_swap_needs_no_labels_and_no_ids(tarikh: Tarikh, tmp_path: Path) -> None:
    row = {
        "published": "2025-03-14",
        "text": "Terrorists killed four soldiers near Tera in Niger on Tuesday.",
    }
    done = tarikh("evaluate", "swap", json_lines(tmp_path / "bare.jsonl", [row]))
    assert done.code == 0
    assert "== label: 2 swaps, 2 mentions, 0 flipped, flip rate 0.0000" in done.out


def test_swap_codes_itself(tarikh: Tarikh, tmp_path: Path) -> None:
    file = json_lines(tmp_path / "bare.jsonl", [{"id": "a", "text": "Nothing."}])
    done = tarikh("evaluate", "swap", file, "--predictions", file)
    assert done.code == 2
    assert "--predictions" in done.sentence()


def test_the_accuracy_page_has_a_row_for_each_set() -> None:
    class Named:
        name, kind, note = "own cases", "gold", "short"

    rates = {"swaps": 3, "mentions": 4, "flipped": 1, "rate": 0.25}
    fields = dict.fromkeys(
        ("mention", "kind", "harm", "date", "place", "attackers", "targets", "status", "aspect"), 0.0
    )
    rows = {sort: rates | {"fields": fields | {"harm": 0.25}} for sort in ("all", "label", "name")}
    result = rows | {"army": rates | {"mentions": 0, "fields": fields}, "flips": []}
    page = accuracy_page([], "", [(Named(), result)])
    assert "## Label swap: flip rate" in page
    (line,) = [line for line in page.splitlines() if line.startswith("| own cases")]
    assert line == (
        "| own cases | 3 | 4 | 25.0 % | 25.0 % | – | 25.0 % | 0.0 % | 0.0 % | 25.0 % | 0.0 % | 0.0 % | 0.0 % | 0.0 % | 0.0 % | 0.0 % |"
    )
    assert "Label swap" not in accuracy_page([], "")


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_every_language_s_swaps_have_the_same_keys(language: str) -> None:
    from tarikh import reference

    words = reference.lexicon(language, "swaps")
    assert set(words) == set(reference.lexicon("en", "swaps"))
    text = json.dumps(words, ensure_ascii=False)
    assert "true" not in text, "YAML read a bare word as true"
    assert "false" not in text, "YAML read a bare word as false"
    for code in words["armies"]["countries"]:
        assert reference.country(code) is not None, code
