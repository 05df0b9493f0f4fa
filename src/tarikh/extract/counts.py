"""How many people were killed, injured, taken, driven out or arrested, by the words of one parsed sentence (codebook section 7).

Invariant: a toll is made only of words that stand in the sentence; a plural without a number gives none, and what a
sentence does not say is never 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from tarikh import reference
from tarikh.extract import numbers
from tarikh.extract.numbers import Number
from tarikh.extract.sentences import Sentence
from tarikh.extract.tally import combine
from tarikh.extract.toll import Toll
from tarikh.model import Count, Span

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

__all__ = ["Count", "Toll", "combine", "find"]

Pattern = tuple[frozenset[str] | None, ...]
_GAP = 5
_WAYS = ("patient", "subject", "state", "noun", "toll", "lost")


@dataclass(frozen=True, slots=True)
class _Cue:
    harm: str
    way: str
    weak: bool
    first: int
    last: int


@dataclass(slots=True)
class _Draft:
    """A toll in the making. `token` is the head of the victims' noun phrase."""

    cue: _Cue
    count: Count
    token: Token | None
    number: tuple[int, int] | None
    group: int
    victims: tuple[int, int] | None = None
    flags: set[str] = field(default_factory=set)
    harm: str = ""
    hint: Literal["attackers", "targets", "civilians"] | None = None


@dataclass(frozen=True, slots=True)
class _Lexicon:
    cues: Mapping[str, tuple[tuple[Pattern, str, str, bool], ...]]
    grammar: Mapping[str, frozenset[str]]
    words: Mapping[str, frozenset[str]]
    phrases: Mapping[str, tuple[Pattern, ...]]
    zero_harms: Mapping[str, tuple[str, ...]]
    zero_nouns: tuple[tuple[Pattern, tuple[str, ...]], ...]
    zero_verbs: Mapping[str, tuple[str, ...]]
    ranks: Mapping[str, int]


def _pattern(words: object) -> Pattern:
    return tuple(None if w == "~" else frozenset(w.split("|")) for w in str(words).lower().split())


def _patterns(rows: Iterable[object]) -> tuple[Pattern, ...]:
    return tuple(sorted((_pattern(r) for r in rows), key=len, reverse=True))


def _cue_table(raw: Mapping[str, Any]) -> Mapping[str, tuple[tuple[Pattern, str, str, bool], ...]]:
    table: dict[str, list[tuple[Pattern, str, str, bool]]] = {}
    for harm, ways in raw.items():
        for way, rows in ways.items():
            for row in rows:
                pattern = _pattern(row)
                for word in pattern[0] or ():
                    table.setdefault(word, []).append((pattern, harm, way.removeprefix("weak_"), way.startswith("weak_")))
    order = {way: n for n, way in enumerate(_WAYS)}
    return {w: tuple(sorted(rows, key=lambda r: (-len(r[0]), r[3], order[r[2]]))) for w, rows in table.items()}


@cache
def _lexicon(language: str) -> _Lexicon:
    raw = reference.lexicon(language, "counts")
    zero, rise = raw["zero"], raw["rise"]
    sets = {**raw["words"], **{f"zero_{k}": zero[k] for k in ("words", "people", "indefinite", "without", "filler", "cancel")}}
    sets |= {f"rise_{k}": v for k, v in rise.items()}
    sets |= {k: raw[k] for k in ("speech", "claims", "counts_as")} | {"own": raw["speakers"]["own"]}
    lists = ("subset", "superseded", "superseded_after", "aggregate", "according")
    return _Lexicon(
        cues=_cue_table(raw["cues"]),
        grammar={k: frozenset(v) for k, v in raw["grammar"].items()},
        words={k: frozenset(str(w).lower() for w in v) for k, v in sets.items()},
        phrases={k: _patterns(raw[k]) for k in lists} | {"people_pairs": _patterns(zero["people_pairs"])},
        zero_harms={k: tuple(v) for k, v in zero["harms"].items()},
        zero_nouns=tuple((_pattern(k), tuple(v)) for k, v in zero["nouns"].items()),
        zero_verbs={w: tuple(v) for k, v in zero["verbs"].items() for w in k.split("|")},
        ranks={str(w): rank for rank in (1, 2, 3) for w in raw["speakers"][rank]},
    )


def find(sentence: Sentence, doc: Doc, language: str) -> list[Toll]:
    """The tolls of one sentence, in the order of their words; `doc` is its parse, with the same text.

    Old figures, parts of a total and running tolls are returned as well, flagged, so that nobody counts them by mistake.
    Raises `MissingError` where the language has no lexicon of counts.
    """
    return _Reader(sentence, doc, language).run()
