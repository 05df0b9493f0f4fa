"""The kind `dates` of `tarikh evaluate`: values of words of time, and the words that gold names."""

from __future__ import annotations

from datetime import date as Day
from typing import Any

import pytest

from tarikh.evaluation import dates
from tarikh.evaluation.tables import dates_text
from tarikh.extract.times import Form
from tarikh.model import When

HISTORY = "On 4 June 1940 the town fell. In September the army left."


def history(*values: str) -> dict[str, Any]:
    words = ("4 June 1940", "September")
    return {
        "id": "h",
        "text": HISTORY,
        "timex3": [
            {"start": HISTORY.index(w), "end": HISTORY.index(w) + len(w), "value": v}
            for w, v in zip(words, values, strict=True)
        ],
    }


@pytest.mark.parametrize(
    ("form", "found", "expected"),
    [
        (Form("date", day=4), When(Day(1940, 6, 4), Day(1940, 6, 4), "day"), "1940-06-04"),
        (Form("date", month=6), When(Day(1940, 6, 1), Day(1940, 6, 30), "month"), "1940-06"),
        (Form("season", season="winter"), When(Day(1939, 12, 1), Day(1940, 2, 29), "month"), "1939-WI"),
        (Form("duration", amount=3, unit="day"), When(), "P3D"),
        (Form("vague"), When(), None),
    ],
)
def test_values(form: Form, found: When, expected: str | None) -> None:
    assert dates.value(form, found) == expected


def test_value_f_is_relaxed_f_times_right_values() -> None:
    whole = dates.score([history("1940-06-04", "1940-09")])["timex3"]["all"]
    assert (whole["relaxed_f"], whole["value_f"]) == (1.0, 1.0)
    half = dates.score([history("1940-06-04", "1941-09")])["timex3"]["all"]
    assert (half["relaxed_f"], half["value_accuracy"], half["value_f"]) == (1.0, 0.5, 0.5)


def test_the_words_that_gold_names_are_resolved() -> None:
    mention = {
        "kind": "armed_clash",
        "date_start": "2024-05-07",
        "date_end": "2024-05-07",
        "date_precision": "day",
        "words": {"trigger": "raided", "date": "on Tuesday"},
    }
    row = {
        "id": "r",
        "language": "en",
        "published": "2024-05-10",
        "text": "Rebels raided Boma on Tuesday.",
        "mentions": [mention],
    }
    errors: list[Any] = []
    result = dates.score([row], errors)
    assert result["gold"]["all"]["right"] == 1.0
    assert errors == []
    wrong = {**row, "mentions": [{**mention, "date_start": "2024-05-06"}]}
    assert dates.score([wrong], errors)["gold"]["all"]["right"] == 0.0
    assert errors[0]["words"] == "on Tuesday"
    assert "weekday" in dates_text(result)
