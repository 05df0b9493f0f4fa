"""The cheap gate: text without any word of conflict goes by in microseconds and is never parsed.

Invariant: a gate errs on the side of letting through; its recall is measured on the gold reports.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tarikh import reference
from tarikh.model import Report

if TYPE_CHECKING:
    from ahocorasick_rs import AhoCorasick

_SHORTEST = 3


def _stems(language: str) -> set[str]:
    raw = reference.lexicon(language, "events")
    found: set[str] = set()
    for word in (*raw["verbs"], *raw["nouns"]):
        found.add(_stem(str(word)))
    for entry in (*raw["phrases"], *raw["noun_phrases"]):
        found.update(_stem(word) for word in str(entry["words"]).split()[:1])
    for words in raw["means"].values():
        found.update(_stem(str(w).split()[0]) for w in words)
    found.update(str(w) for w in raw.get("gate", {}).get("also", ()))
    return {s for s in found if len(s) >= _SHORTEST} - set(raw.get("gate", {}).get("never", ()))


def _stem(word: str) -> str:
    """The part of a lemma that its forms share: silent e and final y fall off."""
    return word[:-1] if len(word) > _SHORTEST and word[-1] in "ey" else word


@cache
def _automaton(language: str) -> AhoCorasick:
    import ahocorasick_rs

    # A leading blank stands for a word's beginning; `_padded` makes every word begin with one.
    return ahocorasick_rs.AhoCorasick([f" {stem}" for stem in sorted(_stems(language))])


_BREAKS = str.maketrans({c: " " for c in "\n\t\r\"'“”‘’«»()[]{}<>—–-/.,;:!?…•*|\u00a0\u202f"})


def _padded(text: str) -> str:
    return f" {text.lower().translate(_BREAKS)}"


def sentence_may_matter(text: str, language: str) -> bool:
    """Whether a sentence holds any word that can be a trigger, a weapon or a count of harm."""
    return bool(_automaton(language).find_matches_as_indexes(_padded(text)))


def may_matter(report: Report) -> bool:
    """Whether the report can be about an incident at all."""
    return sentence_may_matter(f"{report.title}\n{report.text}", report.language)
