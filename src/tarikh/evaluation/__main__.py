"""`make eval DATA=DIR`: every labelled set of a folder, printed beside the published figures and written to docs/accuracy.md.

Invariant: the page holds only what this run measured; what is wrong and why is kept by hand between its markers.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tarikh.errors import TarikhError
from tarikh.evaluation import evaluate
from tarikh.evaluation.tables import accuracy_page
from tarikh.pipeline import Rules
from tarikh.settings import Settings

PAGE = Path("docs/accuracy.md")


@dataclass(frozen=True, slots=True)
class Set:
    """A labelled set: its kind, where it stands in the folder, and what a reader must know of it."""

    name: str
    kind: str
    file: str
    note: str
    every: int = 1
    """Each nth row is taken: large sets cost more than they tell."""


SETS = (
    Set(
        "gold/train",
        "gold",
        "gold/train.jsonl",
        "worked on: the rules were written while reading its errors, and the reader was trained on it",
    ),
    Set("gold/dev", "gold", "gold/dev.jsonl", "looked at rarely and in bulk"),
    Set(
        "hrdsattack/train",
        "hrdsattack",
        "data/hrdsattack/train.jsonl",
        "real articles; the gate and the models of an article's main event were trained on it",
    ),
    Set("hrdsattack/dev", "hrdsattack", "data/hrdsattack/dev.jsonl", "real articles"),
    Set(
        "muc4/dev",
        "muc4",
        "data/muc4/dev.jsonl",
        "real reports of 1989 and 1990, in capitals alone; the mapping to the set's types was written on its train part",
    ),
    Set(
        "wikiwars",
        "dates",
        "data/temporal/wikiwars.jsonl",
        "histories of wars; errors were read in texts 1, 3, 5 …, never in the others; each is read as undated",
    ),
    Set(
        "LGL",
        "places",
        "data/geoparsing/LGL.jsonl",
        "local news of the United States; errors were read in every other text",
    ),
    Set(
        "GeoVirus",
        "places",
        "data/geoparsing/GeoVirus.jsonl",
        "news of epidemics; the names resolved wrongly in 200 texts were read",
    ),
    Set(
        "event_location",
        "places",
        "data/event_location/train.jsonl",
        "sentences of wires, one of ten of 9,686; errors were read in one of sixty",
        10,
    ),
    Set(
        "incidents_gva",
        "incidents",
        "data/incidents_gva",
        "real articles on 900 shootings; errors were read in every other one",
    ),
    Set("own sample", "gold", "tests/gold/sample.jsonl", "the bundled sample, coded by hand"),
    Set(
        "own hard cases", "gold", "tests/gold/cases.jsonl", "short reports written to be hard, coded by hand"
    ),
)


def _files(folder: Path) -> Iterator[tuple[Set, Path]]:
    for labelled in SETS:
        path = Path(labelled.file) if labelled.file.startswith("tests/") else folder / labelled.file
        if path.exists():
            yield labelled, path


def main(arguments: list[str]) -> int:
    """Runs every set that is there; returns the exit code."""
    folder = Path(arguments[0]) if arguments and arguments[0] else None
    if folder is None or not folder.is_dir():
        print(
            "eval needs a folder of labelled sets, with gold/train.jsonl, gold/dev.jsonl and data/hrdsattack/dev.jsonl in it;"
            " type: make eval DATA=path/to/folder",
            file=sys.stderr,
        )
        return 2
    today = datetime.now(UTC).date()
    rules = Rules(Settings().gazetteer_path(), today)
    results: list[tuple[Set, Mapping[str, Any]]] = []
    swaps: list[tuple[Set, Mapping[str, Any]]] = []
    times: list[tuple[Set, Mapping[str, Any]]] = []
    spots: list[tuple[Set, Mapping[str, Any]]] = []
    many: list[tuple[Set, Mapping[str, Any]]] = []
    for labelled, path in _files(folder):
        print(f"coding {labelled.name} …", file=sys.stderr)
        if labelled.kind in ("gold", "dates"):
            times.append((labelled, evaluate("dates", [path], rules)))
        if labelled.kind == "dates":
            continue
        if labelled.kind == "places":
            spots.append((labelled, evaluate("places", [path], rules, every=labelled.every)))
            continue
        if labelled.kind == "incidents":
            files = [path / "docs.jsonl", path / "incidents.jsonl"]
            many.append((labelled, evaluate("incidents", files, rules, workers=2)))
            continue
        results.append((labelled, evaluate(labelled.kind, [path], rules, workers=2)))
        if labelled.kind == "gold":
            swaps.append((labelled, evaluate("swap", [path], rules, workers=2)))
    page = accuracy_page(
        results, PAGE.read_text(encoding="utf-8") if PAGE.exists() else "", swaps, times, spots, many
    )
    PAGE.write_text(page, encoding="utf-8")
    print(page.partition("<!-- by hand -->")[0])
    print(f"written to {PAGE}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except TarikhError as error:
        print(f"tarikh: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
