#!/usr/bin/env python3
"""Measures how well copies of one text are known: made copies must be found, other reports of the same event must not.

Invariant: only numbers and ids are printed, never words of the texts; the same seed makes the same copies.
Usage: benchmarks/copies.py LABELLED.jsonl [--seed 7]   (lines of the codebook's section 10, with incidents)
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

from tarikh.link.independence import containment, copies, fingerprint, same_texts

_FOOT = (
    "This article was first published on our site. Follow us for the latest news from the region and subscribe to"
    " our newsletter. All rights reserved. Readers can write to the editors at any time."
)
_SENTENCE = re.compile(r"(?<=[.!?»”\"])\s+")


def _sentences(text: str) -> list[str]:
    return [part for part in _SENTENCE.split(text) if part.strip()]


def _lead(text: str, _: random.Random) -> str:
    whole = _sentences(text)
    return " ".join(whole[: max(2, len(whole) // 3)])


def _dropped(share: float) -> Callable[[str, random.Random], str]:
    def cut(text: str, chance: random.Random) -> str:
        kept = [s for s in _sentences(text) if chance.random() >= share]
        return " ".join(kept) or text

    return cut


def _byline(text: str, _: random.Random) -> str:
    return (
        "By our own correspondent\n\n" + text.partition(" - ")[2]
        if " - " in text[:80]
        else "By staff. " + text
    )


def _footed(text: str, _: random.Random) -> str:
    return f"{text}\n\n{_FOOT}"


def _touched(text: str, chance: random.Random) -> str:
    """One word in fifteen replaced: what an editor's house style does."""
    return " ".join("so-called" if chance.random() < 1 / 15 else word for word in text.split(" "))


WAYS: dict[str, Callable[[str, random.Random], str]] = {
    "the same": lambda text, _: text,
    "another byline": _byline,
    "boilerplate appended": _footed,
    "10 % of sentences dropped": _dropped(0.1),
    "20 % of sentences dropped": _dropped(0.2),
    "30 % of sentences dropped": _dropped(0.3),
    "first third alone": _lead,
    "one word in 15 changed": _touched,
    "30 % dropped, byline, boilerplate": lambda t, c: _footed(_byline(_dropped(0.3)(t, c), c), c),
}


def main() -> None:
    """Prints recall by kind of copy, false joins by kind of pair, and the cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    rows = [json.loads(line) for line in given.file.read_text(encoding="utf-8").splitlines() if line.strip()]
    chance = random.Random(given.seed)
    began = time.perf_counter()
    prints = {row["id"]: fingerprint(row["title"], row["text"], row.get("source")) for row in rows}
    took = time.perf_counter() - began
    found = {name: _recall(rows, prints, way, chance) for name, way in WAYS.items()}
    for name, (hit, of) in found.items():
        print(f"found, {name}: {hit} of {of} ({hit / of:.1%})")
    cut = _dropped(0.3)
    both = [
        (fingerprint("", cut(r["text"], chance)), fingerprint("", _byline(cut(r["text"], chance), chance)))
        for r in rows
    ]
    print(
        f"found, two cuts of one text, each without 30 %: {sum(copies(*pair) for pair in both)} of {len(rows)}"
    )
    _false(rows, prints, chance)
    characters = sum(len(row["text"]) for row in rows)
    print(f"fingerprints: {1000 * took / len(rows):.2f} ms a text of {characters // len(rows)} characters")
    _growth(chance)


def _recall(
    rows: list[dict[str, Any]], prints: dict[str, Any], way: Callable[..., str], chance: random.Random
) -> tuple[int, int]:
    hit = sum(
        copies(prints[row["id"]], fingerprint("Another headline", way(row["text"], chance))) for row in rows
    )
    return hit, len(rows)


def _false(rows: list[dict[str, Any]], prints: dict[str, Any], chance: random.Random) -> None:
    of: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for mention in row["mentions"]:
            of[str(mention["incident"])].add(row["id"])
    same = sorted({pair for ids in of.values() for pair in combinations(sorted(ids), 2)})
    ids = sorted(prints)
    other = [tuple(sorted(chance.sample(ids, 2))) for _ in range(50_000)]
    for name, pairs in (("of one incident", same), ("at random", sorted(set(other) - set(same)))):
        wrong = [(a, b) for a, b in pairs if copies(prints[a], prints[b])]
        top = max((containment(prints[a], prints[b])[0] for a, b in pairs), default=0.0)
        print(
            f"joined wrongly, pairs {name}: {len(wrong)} of {len(pairs)}; largest share {top:.2f} {wrong[:5]}"
        )


def _growth(chance: random.Random) -> None:
    words = [f"word{n}" for n in range(4000)]
    for count in (1_000, 4_000, 16_000):
        texts = [" ".join(chance.choices(words, k=200)) + " " + _FOOT for _ in range(count // 2)]
        made = {f"r{n}": fingerprint("", text) for n, text in enumerate(texts + texts)}
        began = time.perf_counter()
        groups = same_texts(made)
        took = time.perf_counter() - began
        print(
            f"grouping {count} texts, each once copied: {took:.2f} s, {len(groups)} groups", file=sys.stdout
        )


if __name__ == "__main__":
    main()
