#!/usr/bin/env python3
"""Writes docs/notebook.ipynb from the cells below, without outputs, so that a change of it reads like a change of text.

Invariant: the same cells give the same bytes; no output and no path of a machine is in the file. tests/test_notebook.py runs it.
Usage: scripts/write_notebook.py [--check]  (with --check nothing is written; exit 1 where the file is stale)
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

NOTEBOOK = Path(__file__).resolve().parent.parent / "docs" / "notebook.ipynb"

CELLS: tuple[tuple[str, str], ...] = (
    (
        "markdown",
        """# Tarikh in a notebook

Codes a text, opens a chronicle, and makes a table of it. Everything here runs without a network; the events are invented.
The functions are told in [Tarikh from Python](python.md). For tables, install it with `pip install "tarikh[pandas]"`.""",
    ),
    ("markdown", "## One text"),
    (
        "code",
        """import tarikh

coded = tarikh.code(
    "Gunmen on motorcycles ambushed an army convoy near Ménaka in Mali on Thursday, killing at least "
    "eleven Malian soldiers, a security source said. Two vehicles were burned.",
    published="2025-03-14",
)
coded""",
    ),
    (
        "markdown",
        """Each field has the words that it came from, how sure it is, and why. The day is counted from the day of publication;
without one it would be unknown, and never be counted from today.""",
    ),
    (
        "code",
        """mention = coded[0]
for field, evidence in mention.evidence.items():
    print(f"{field:22} {' … '.join(evidence.words)!r:45} {evidence.confidence:.2f}")
mention.when, mention.where.place, mention.harm["killed"]""",
    ),
    (
        "markdown",
        "## A chronicle\n\nThe bundled sample of reports, coded into a database of its own. This takes a few seconds.",
    ),
    (
        "code",
        """import tempfile
from pathlib import Path

from tarikh.demonstration import sample

folder = Path(tempfile.mkdtemp())
chronicle = tarikh.open(folder / "sample.db", create=True)
added = chronicle.add(sample())
added.reports, added.mentions, added.incidents""",
    ),
    (
        "markdown",
        """The conditions are those of `tarikh list`. What is wrong is refused with what would be right.""",
    ),
    (
        "code",
        """incidents = chronicle.incidents(country=["MLI", "NER", "BFA"], since="2024-01-01")
len(incidents), incidents[0].kind, incidents[0].sources""",
    ),
    (
        "code",
        """try:
    chronicle.incidents(contry="MLI")
except tarikh.TarikhError as error:
    print(error)""",
    ),
    ("markdown", "## A table\n\nThe columns are those of every flat export; unknown is `<NA>`."),
    (
        "code",
        """frame = chronicle.incidents().to_pandas()
columns = ["date_start", "kind", "country", "place", "place_precision", "killed_best", "sources"]
frame[columns].head(8)""",
    ),
    (
        "markdown",
        """Deaths by country. **Unknown tolls are left out, and counted beside**: a sum alone would make them look like zero.
An unknown country is a row of its own.""",
    ),
    (
        "code",
        """deaths = frame.groupby("country", dropna=False).agg(
    incidents=("id", "size"),
    toll_unknown=("killed_best", lambda column: int(column.isna().sum())),
    killed=("killed_best", lambda column: column.sum(min_count=1)),
)
deaths.sort_values("incidents", ascending=False)""",
    ),
    ("markdown", "By month. What is dated less exactly than to a month is told apart."),
    (
        "code",
        """timeline = chronicle.timeline("month")
for period in timeline.periods:
    tally = period.tally
    told = f"{tally.incidents}, killed {tally.killed_best}, toll unknown of {tally.unknown}"
    print(f"{period.start:%Y-%m}  {'█' * tally.incidents} {told}")
print("dated less exactly:", timeline.imprecise.incidents, " undated:", timeline.undated.incidents)""",
    ),
    (
        "markdown",
        """## From a figure to its words

Several sources, several tolls: the ledger keeps them all, and says which one the incident uses.""",
    ),
    (
        "code",
        """most = max(chronicle.incidents(), key=lambda each: len(each.sources))
view = chronicle.incident(most.id)
print(most.kind, most.where.place, most.when.start, most.harm["killed"])
for claim in view.ledger:
    if claim.field == "harm.killed":
        used = "used" if claim.chosen else "kept"
        print(used, claim.value, "|", claim.source, claim.published, "|", *claim.words)""",
    ),
    (
        "markdown",
        """## Away

An export is for others, so it shows what the [disclosure policy](disclosure.md) lets the public see, unless told otherwise.""",
    ),
    (
        "code",
        """count = chronicle.export(folder / "sample.geojson", country="MLI")
chronicle.close()
count""",
    ),
)


def notebook() -> dict[str, Any]:
    """The notebook in its format 4.5."""
    return {
        "cells": [_cell(number, kind, text) for number, (kind, text) in enumerate(CELLS, 1)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(number: int, kind: str, text: str) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": kind, "id": f"cell-{number:02}", "metadata": {}}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    return {**cell, "source": text.splitlines(keepends=True)}


def main(arguments: list[str]) -> int:
    """Writes the file, or checks it. Returns the exit code."""
    text = json.dumps(notebook(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if "--check" not in arguments:
        NOTEBOOK.write_text(text, encoding="utf-8")
        return 0
    if NOTEBOOK.exists() and NOTEBOOK.read_text(encoding="utf-8") == text:
        return 0
    print("docs/notebook.ipynb is stale; run scripts/write_notebook.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
