"""Scores of articles put together by incident, beside baselines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import Tarikh

DOCS = [
    (
        "1",
        "a",
        "2015-05-04",
        "Two shot dead in Memphis",
        "Two men were shot dead in Memphis on Sunday, police said.",
    ),
    (
        "1",
        "b",
        "2015-05-05",
        "Memphis police name men shot dead",
        "Police named two men who were shot dead in Memphis on Sunday.",
    ),
    (
        "2",
        "c",
        "2015-05-20",
        "Five hurt in Tulsa",
        "Five people were wounded in a shooting in Tulsa on Tuesday, police said.",
    ),
    ("3", "d", "2015-05-21", "Bake sale", "The church sold forty cakes on Wednesday."),
]
KEY = [("1", "May 3, 2015", 2, 0), ("2", "May 19, 2015", 0, 5), ("3", "May 20, 2015", 1, 0)]


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    docs, key = tmp_path / "docs.jsonl", tmp_path / "incidents.jsonl"
    names = ("incident_id", "doc_id", "dct", "title", "text")
    docs.write_text(
        "\n".join(json.dumps(dict(zip(names, row, strict=True))) for row in DOCS), encoding="utf-8"
    )
    fields = ("incident_uri", "date", "num_killed", "num_injured")
    key.write_text(
        "\n".join(json.dumps(dict(zip(fields, row, strict=True))) for row in KEY), encoding="utf-8"
    )
    return [docs, key]


def test_articles_of_one_incident_are_put_together_and_its_figures_counted(
    tarikh: Tarikh, files: list[Path]
) -> None:
    found = tarikh("evaluate", "incidents", *files, "--json").json()
    assert (found["articles"], found["with a mention"]) == (4, 3)
    assert found["ours"]["pairwise"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert found["alone"]["b_cubed"]["precision"] == 1.0
    assert found["alone"]["pairwise"]["recall"] == 0.0
    assert found["fields"] == {"incidents": 3, "found": 2, "killed": 1.0, "injured": 1.0, "date": 1.0}
    shown = tarikh("evaluate", "incidents", *files).out
    assert "TF-IDF, single link at" in shown
    assert "of 2 incidents found (3 in the key)" in shown


def test_predictions_are_refused(tarikh: Tarikh, files: list[Path]) -> None:
    done = tarikh("evaluate", "incidents", files[0], "--predictions", files[0])
    assert done.code == 2
    assert "cannot use --predictions" in done.sentence()
