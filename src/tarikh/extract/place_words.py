"""The place lexicon of a language, compiled for matching. Words are data; this holds none.

Invariant: cues are tuples of folded words, looked up by their length, so matching is linear in the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

from tarikh import reference
from tarikh.text import fold

Cues = Mapping[tuple[str, ...], str]
"""Folded words → the role that they give a name."""

LONGEST_CUE = 5
"""Words of the longest cue that is looked for."""


@dataclass(frozen=True, slots=True)
class PlaceWords:
    """The lexicon section `places`, folded. `units` maps a unit word to `admin1` or `admin2`."""

    before: Cues
    after: Cues
    firm: frozenset[tuple[str, ...]]
    pairs: frozenset[tuple[str, str]]
    directions: frozenset[str]
    directional: frozenset[str]
    settlements: frozenset[str]
    skip: frozenset[str]
    holders: frozenset[str]
    capitals: frozenset[tuple[str, ...]]
    lesser: frozenset[str]
    particles: frozenset[str]
    bonds: frozenset[str]
    joints: frozenset[str]
    titles: frozenset[str]
    sayers: frozenset[str]
    features: frozenset[str]
    organizations: frozenset[str]
    common: frozenset[str]
    plain: frozenset[str]
    roads: frozenset[str] = frozenset()
    sides: frozenset[str] = frozenset()
    elisions: frozenset[str] = frozenset()
    lower_demonyms: bool = False


def _words(raw: Mapping[str, Any], key: str) -> frozenset[str]:
    return frozenset(fold(str(word)) for word in raw.get(key) or ())


def _expanded(cue: str, classes: Mapping[str, Iterable[str]]) -> Iterable[tuple[str, ...]]:
    """A cue with its {classes} filled in: one tuple of words for each filling."""
    parts: list[list[tuple[str, ...]]] = []
    for part in cue.split():
        if part.startswith("{") and part.endswith("}"):
            parts.append([tuple(fold(word).split()) for word in classes[part[1:-1]]])
        else:
            parts.append([tuple(fold(part).split())])
    for filling in product(*parts):
        yield tuple(word for words in filling for word in words)


def _cues(table: Mapping[str, Iterable[str]], classes: Mapping[str, Iterable[str]]) -> Cues:
    found: dict[tuple[str, ...], str] = {}
    for role, cues in table.items():
        for cue in cues:
            for words in _expanded(str(cue), classes):
                if 0 < len(words) <= LONGEST_CUE:
                    found.setdefault(words, str(role))
    return found


@cache
def place_words(language: str) -> PlaceWords:
    """The compiled section of a language. Raises `MissingError` where the language has none."""
    raw = reference.lexicon(language, "places")
    classes = {str(name): [str(word) for word in words] for name, words in raw["classes"].items()}
    return PlaceWords(
        before=_cues(raw["before"], classes),
        after=_cues(raw["after"], classes),
        firm=frozenset(words for cue in raw["firm"] for words in _expanded(str(cue), classes)),
        pairs=frozenset((fold(a), fold(b)) for a, b in raw["pairs"]),
        directions=frozenset(fold(w) for w in classes["direction"]),
        directional=frozenset(fold(w) for w in classes["directional"]),
        settlements=frozenset(fold(w) for w in classes["settlement"]),
        skip=_words(raw, "skip"),
        holders=_words(raw, "holders"),
        capitals=frozenset(tuple(w.split()) for w in _words(raw, "capitals")),
        lesser=_words(raw, "lesser"),
        particles=_words(raw, "particles"),
        bonds=_words(raw, "bonds"),
        joints=_words(raw, "joints"),
        titles=_words(raw, "titles"),
        sayers=_words(raw, "sayers"),
        features=_words(raw, "features"),
        organizations=_words(raw, "organizations"),
        common=_words(raw, "common"),
        plain=_words(raw, "plain"),
        roads=_words(raw, "roads"),
        sides=_words(raw, "sides"),
        elisions=_words(raw, "elisions"),
        lower_demonyms=bool(raw.get("lower_demonyms", False)),
    )
