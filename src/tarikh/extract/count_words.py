"""The lexicon of counts of a language, compiled for matching, and the draft of a toll. Words are data; this holds none.

Invariant: patterns are short tuples of word sets with bounded gaps, so matching is linear in the sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from tarikh import reference
from tarikh.extract.tally import Side
from tarikh.model import Count

if TYPE_CHECKING:
    from spacy.tokens import Token

Pattern = tuple[frozenset[str] | None, ...]
Row = tuple[Pattern, str, str, bool, bool]
"""Pattern, harm, way, weak (only people), late (only where nothing stronger took the number)."""
_GAP = 5
_WAYS = ("patient", "subject", "state", "noun", "toll", "lost")


@dataclass(frozen=True, slots=True)
class Cue:
    """A word of harm: its first and last token, the harm, and the way in which the harmed stand to it."""

    harm: str
    way: str
    weak: bool
    first: int
    last: int
    late: bool = False


@dataclass(slots=True)
class Draft:
    """A toll in the making. `token` is the head of the victims' noun phrase."""

    cue: Cue
    count: Count
    token: Token | None
    number: tuple[int, int] | None
    group: int
    victims: tuple[int, int] | None = None
    flags: set[str] = field(default_factory=set)
    hint: Side = None
    like: Draft | None = None

    @property
    def harmful(self) -> bool:
        """Whether it counts people who were hurt in some way, and not a zero."""
        return self.count.best != 0 and self.cue.way != "zero"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Cues by their first word, the parser's labels, named sets of words, and lists of phrases, whole and by first word."""

    cues: Mapping[str, tuple[Row, ...]]
    grammar: Mapping[str, frozenset[str]]
    words: Mapping[str, frozenset[str]]
    phrases: Mapping[str, tuple[Pattern, ...]]
    openings: Mapping[str, Mapping[str, tuple[Pattern, ...]]]
    zero_harms: Mapping[str, tuple[str, ...]]
    zero_nouns: tuple[tuple[Pattern, tuple[str, ...]], ...]
    zero_verbs: Mapping[str, tuple[str, ...]]
    ranks: Mapping[str, int]
    features: Mapping[str, tuple[str, ...]]

    def tag(self, token: Token) -> str:
        """The parser's tag of a word; where its tags are parts of speech alone, with the features that tell words apart.

        So "tués" is VERB.Part.Past where the lexicon's `features` name VerbForm and Tense for verbs.
        """
        if not self.features:
            return token.tag_
        names = self.features.get(token.pos_, ())
        return ".".join((token.pos_, *(value for name in names for value in token.morph.get(name, [])[:1])))

    def phrase_at(self, name: str, lower: Sequence[str], at: int) -> int | None:
        """Index of the last word of a phrase of this list that starts here."""
        opened = self.openings[name].get(lower[at], ())
        return next((last for p in opened if (last := matches(p, lower, at)) is not None), None)

    def phrases_in(self, name: str, lower: Sequence[str]) -> Iterator[tuple[int, int]]:
        """First and last word of each phrase of this list."""
        opened = self.openings[name]
        for at, word in enumerate(lower):
            if word in opened and (last := self.phrase_at(name, lower, at)) is not None:
                yield at, last

    def of(self, token: Token, lower: Sequence[str]) -> list[Token]:
        """What stands after "of" under a token, whether the parser hangs the noun on the preposition or the reverse."""
        found = []
        for child in token.children:
            if child.i <= token.i:
                continue
            if lower[child.i] in self.words["of"]:
                found += [o for o in child.children if o.dep_ in self.grammar["preposition_object"]]
            elif child.dep_ in self.grammar["of_object"] and any(
                c.dep_ in self.grammar["case"]
                and lower[c.i] in self.words["of"]
                and not any(f.dep_ in self.grammar["fixed"] for f in c.children)
                for c in child.children
            ):
                found.append(child)
        return found


def _pattern(words: object) -> Pattern:
    return tuple(None if w == "~" else frozenset(w.split("|")) for w in str(words).lower().split())


def _patterns(rows: Iterable[object]) -> tuple[Pattern, ...]:
    return tuple(sorted((_pattern(r) for r in rows), key=len, reverse=True))


def _by_first(patterns: Iterable[Pattern]) -> Mapping[str, tuple[Pattern, ...]]:
    """The patterns by each word that can open them: nearly every word of a sentence opens none."""
    found: dict[str, tuple[Pattern, ...]] = {}
    for pattern in patterns:
        for word in pattern[0] or ():
            found[word] = (*found.get(word, ()), pattern)
    return found


def _cue_table(raw: Mapping[str, Any]) -> Mapping[str, tuple[Row, ...]]:
    table: dict[str, list[Row]] = {}
    for harm, ways in raw.items():
        for way, rows in ways.items():
            for row in rows:
                pattern = _pattern(row)
                for word in pattern[0] or ():
                    bare = way.removeprefix("late_").removeprefix("weak_")
                    table.setdefault(word, []).append(
                        (pattern, harm, bare, "weak_" in way, way.startswith("late_"))
                    )
    order = {way: n for n, way in enumerate(_WAYS)}
    return {
        w: tuple(sorted(rows, key=lambda r: (-len(r[0]), r[3], order[r[2]]))) for w, rows in table.items()
    }


@cache
def lexicon(language: str) -> Lexicon:
    """The compiled lexicon. Raises `MissingError` where the language has none."""
    raw = reference.lexicon(language, "counts")
    zero, rise = raw["zero"], raw["rise"]
    sets = {
        **raw["words"],
        **{
            f"zero_{k}": zero[k]
            for k in ("words", "people", "indefinite", "without", "filler", "cancel", "sided")
        },
    }
    sets |= {f"rise_{k}": v for k, v in rise.items()}
    sets |= {k: raw[k] for k in ("speech", "claims", "counts_as")} | {"own": raw["speakers"]["own"]}
    sets |= {f"{rule}_{harm}": v for rule in ("only", "never") for harm, v in raw[rule].items()}
    lists = ("subset", "superseded", "superseded_after", "aggregate", "according", "besides")
    phrases = {k: _patterns(raw[k]) for k in lists} | {"people_pairs": _patterns(zero["people_pairs"])}
    return Lexicon(
        cues=_cue_table(raw["cues"]),
        grammar={k: frozenset(v) for k, v in raw["grammar"].items()},
        words={k: frozenset(str(w).lower() for w in v) for k, v in sets.items()},
        phrases=phrases,
        openings={name: _by_first(patterns) for name, patterns in phrases.items()},
        zero_harms={k: tuple(v) for k, v in zero["harms"].items()},
        zero_nouns=tuple((_pattern(k), tuple(v)) for k, v in zero["nouns"].items()),
        zero_verbs={w: tuple(v) for k, v in zero["verbs"].items() for w in k.split("|")},
        ranks={str(w): rank for rank in (1, 2, 3) for w in raw["speakers"][rank]},
        features={str(k): tuple(v) for k, v in raw.get("features", {}).items()},
    )


def matches(pattern: Pattern, words: Sequence[str], at: int) -> int | None:
    """Index of the last word of a pattern that starts here; a gap spans at most `_GAP` words."""
    pos, gap = at, 0
    for element in pattern:
        if element is None:
            gap = _GAP
            continue
        reach = range(pos, min(len(words), pos + gap + 1))
        hit = next((i for i in reach if words[i] in element), None)
        if hit is None:
            return None
        pos, gap = hit + 1, 0
    return pos - 1
