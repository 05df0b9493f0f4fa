"""What the checks cost: the quotes of people, who coded the sample by hand, in the place of a model's. Nearly all must pass.

Invariant: kind, status and aspect are people's as well, so only finding, checking and resolving the quotes is measured.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from tarikh import pipeline
from tarikh.evaluation import gold
from tarikh.evaluation.coding import documents
from tarikh.exports.gold_form import report_line
from tarikh.llm.prompt import COUNTED
from tarikh.outcomes import Asked, Rules
from test_triggers import gazetteer

SAMPLE = Path(__file__).with_name("gold") / "sample.jsonl"


def parts(words: str | None) -> list[str]:
    """The quotes of a field that people marked in several places."""
    return [part.strip() for part in (words or "").split("…") if part.strip()]


def quoted(mention: dict[str, Any]) -> dict[str, Any]:
    """A mention coded by people as a model would give it."""
    words = mention["words"]
    counts = [
        {"harm": name.partition("_")[0], "quote": quote}
        for name in words
        if name.partition("_")[0] in COUNTED
        for quote in parts(words[name])
    ]
    return {
        **{field: mention[field] for field in ("kind", "status", "aspect")},
        "trigger": parts(words["trigger"])[0],
        "attackers": parts(words.get("attackers")),
        "targets": parts(words.get("targets")),
        "date": next(iter(parts(words.get("date"))), None),
        "place": next(iter(parts(words.get("place"))), None),
        "attribution": None,
        "counts": counts,
    }


def test_quotes_of_people_pass_the_checks(index: Path) -> None:
    rows = [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
    lines, refused = {}, []
    for row, outcome in zip(
        rows, pipeline.read(documents(rows), Rules(index, date(2026, 1, 1))), strict=True
    ):
        assert outcome.report is not None
        answer = json.dumps({"mentions": [quoted(m) for m in row["mentions"]]}, ensure_ascii=False)
        made = pipeline.traced(outcome.report, gazetteer(), asked=Asked("people", answer))
        lines[str(row["id"])] = report_line(str(row["id"]), made.mentions, {})
        refused += made.refused
    scores = gold.score(rows, lines)
    assert scores["mention"]["f1"] == 1.0
    assert scores["record"]["f1"] >= 0.85, scores["fields"]
    assert len(refused) <= 4, refused
