"""Counts in how many stories each word is written: what the words that mark a text are weighed by (`extract.terms`).

    python training/background.py FILE.jsonl … [--language en] [--least 4] [--out FOLDER]

Each line of a file has `text`, and may have `title` and `language`. Lines that tell of one incident are one story, so that a
name is no commoner for having been told of often: `incident_id`, or the incidents of its `mentions`. Without a `--language`
all that the package has a lexicon of are written. Writes `src/tarikh/data/background/LANGUAGE.txt`: the number of
stories, then for each half nat of rarity the words of it.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tarikh.extract.terms import STEP, words_of
from tarikh.extract.terms import rarity_from as rarity
from tarikh.reference import data_path

LEAST = 4
"""Stories that a word must stand in to be kept: one that fewer have is as rare as an unknown one."""


def stories(rows: Iterable[Mapping[str, Any]], language: str) -> Iterator[set[str]]:
    """The distinct words of each story."""
    told: dict[object, set[str]] = defaultdict(set)
    for number, row in enumerate(rows):
        if row.get("language", "en") == language:
            incidents = [m["incident"] for m in row.get("mentions") or () if m.get("incident")]
            key = row.get("incident_id") or (incidents[0] if incidents else number)
            told[key] |= set(words_of(f"{row.get('title') or ''}\n{row['text']}"))
    yield from told.values()


def table(found: Iterable[set[str]], least: int = LEAST) -> str:
    """The file: the number of stories, then a line for each step of rarity, commonest first."""
    counted: Counter[str] = Counter()
    total = 0
    for words in found:
        counted.update(words)
        total += 1
    steps: dict[int, list[str]] = defaultdict(list)
    for word, number in counted.items():
        if number >= least:
            steps[round(rarity(number, total) / STEP)].append(word)
    lines = [f"{step} {' '.join(sorted(words))}" for step, words in sorted(steps.items())]
    return "\n".join([str(total), *lines, ""])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--language", action="append")
    parser.add_argument("--least", type=int, default=LEAST)
    parser.add_argument("--out", type=Path, default=data_path("background"))
    given = parser.parse_args()
    rows = [json.loads(line) for path in given.files for line in path.open(encoding="utf-8") if line.strip()]
    for language in given.language or ["en", "es", "fr"]:
        path = given.out / f"{language}.txt"
        path.write_text(table(stories(rows, language), given.least), encoding="utf-8")
        print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
