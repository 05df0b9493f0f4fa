"""The two sides of an act, chosen together from what the rules found and what the reader may mean.

Invariant: an answer is the rules' own or words that the reader points at; of two sides that would be the same words, at least
one takes its next likely answer, for nobody fights themselves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from tarikh import reference
from tarikh.extract.reader import Told, Words
from tarikh.model import Phrase

LEAST = 1e-4
_UNSURE = 0.05
"""The reader's classes are sharper than they are right: no class counts as less or more sure than this allows."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Phrases of a side, or none, and their log-chance."""

    phrases: tuple[Phrase, ...]
    score: float


def log(chance: float) -> float:
    """The logarithm of a chance; that of none is that of the least."""
    return math.log(max(chance, LEAST))


def supported(act: Told, role: str, phrases: Sequence[Phrase]) -> float:
    """The chance that the reader gives to an answer, which may be that nothing is said."""
    return max((_pointed(act, role, phrase) for phrase in phrases), default=act.silent(role))


def _pointed(act: Told, role: str, phrase: Phrase) -> float:
    return max((act.near(role, span) for span in phrase.spans), default=act.roles[role].probability / 2)


def _by_name(phrase: Phrase) -> bool:
    """Whether a phrase has a party's proper name in it, not a common noun that may mean one."""
    return any(not use.told for name in reference.named(phrase.text) for use in name.uses)


def _class(phrase: Phrase) -> str | None:
    if phrase.role in ("thing", "armed", "militia", None) and _by_name(phrase):
        return "named"
    return None if phrase.role == "thing" else phrase.role


def fit(act: Told, side: str, phrases: Sequence[Phrase]) -> float:
    """Log-chance that a side is of the classes that its phrases show and of no other, by the reader's chance for each.

    Things ("a convoy") and names that nobody knows show no class: they fit as the likeliest single class would.
    """
    chances = act.classes.get(side, {})
    shown = [_class(phrase) for phrase in phrases]
    classes = {name for name in shown if name is not None}
    if phrases and not classes:
        classes = {max(chances, key=lambda name: chances[name])} if chances else set()
    total = 0.0
    for name, chance in chances.items():
        likely = min(max(chance, _UNSURE), 1 - _UNSURE)
        total += math.log(likely if name in classes else 1 - likely)
    return total


def _same(left: Sequence[Phrase], right: Sequence[Phrase]) -> bool:
    """Whether two sides share words."""
    pairs = [(a, b) for p in left for a in p.spans for q in right for b in q.spans]
    return any(a.overlaps(b) for a, b in pairs)


def _holds(more: Sequence[Phrase], fewer: Sequence[Phrase]) -> bool:
    """Whether every phrase of an answer shares words with one of another."""
    return all(_same((phrase,), more) for phrase in fewer)


Phrased = Callable[[str, Words], tuple[Phrase, ...]]
"""The phrases of a side that the reader's words are."""


def answers(act: Told, side: str, phrased: Phrased, fitting: float) -> list[Answer]:
    """The reader's answers for a side with their scores; `fitting` is the weight of how well their class fits."""
    first = act.roles[side]
    silent = Words(None, act.silent(side))
    said = [words for words in (first, *act.others.get(side, ())) if words.span is not None]
    found: list[Answer] = []
    for words in (*said, silent):
        phrases = phrased(side, words)
        if words.span is not None and not phrases:
            continue
        found.append(Answer(phrases, log(words.probability) + fitting * fit(act, side, phrases)))
    return found


def chosen(
    act: Told,
    own: Mapping[str, tuple[Phrase, ...]] | None,
    phrased: Phrased,
    weights: tuple[float, float, float, float],
    sides: Sequence[str] = ("attackers", "targets"),
) -> dict[str, tuple[Phrase, ...]]:
    """The phrases of each side. `own` are the rules' (None: they did not see the act); `weights` is added to the log-chance of
    these, then of none where they found none, then how much the class counts, then what it costs that both sides are the same."""
    party, blank, fitting, both = weights
    rows: list[list[Answer]] = []
    for side in sides:
        found = answers(act, side, phrased, fitting)
        if own is not None:
            mine = own.get(side, ())
            score = log(supported(act, side, mine)) + fitting * fit(act, side, mine)
            # Words around the rules' answer that name more parties with it: "soldiers and volunteers".
            found = [
                replace(a, score=a.score + party)
                if len(a.phrases) > len(mine) > 0 and _holds(a.phrases, mine)
                else a
                for a in found
                if {p.spans for p in a.phrases} != {p.spans for p in mine}
            ]
            found.insert(0, Answer(mine, score + (party if mine else blank)))
        rows.append(found)
    best = max(
        product(*rows),
        key=lambda row: (
            sum(a.score for a in row)
            - (both if len(row) > 1 and _same(row[0].phrases, row[1].phrases) else 0)
        ),
    )
    return {side: answer.phrases for side, answer in zip(sides, best, strict=True)}
