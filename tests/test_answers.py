"""The two sides of an act, chosen together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tarikh.extract import reader
from tarikh.extract.answers import chosen
from tarikh.extract.reader import ROLES, Told, Words
from tarikh.model import Phrase, Span

TEXT = "rebels shot soldiers and volunteers near town"
WORDS = [Span("text", start, start + len(word)) for start, word in ((TEXT.index(w), w) for w in TEXT.split())]
CLASSES = ("armed", "military", "named", "civilians")
WEIGHTS = (3.5, 3.0, 0.2, 3.0)


def phrase(low: int, high: int, role: str) -> Phrase:
    span = Span("text", WORDS[low].start, WORDS[high].end)
    return Phrase(TEXT[span.start : span.end], (span,), TEXT.split()[high], role)


REBELS, SOLDIERS, VOLUNTEERS = phrase(0, 0, "armed"), phrase(2, 2, "military"), phrase(4, 4, "militia")


def phrased(side: str, words: Words) -> tuple[Phrase, ...]:
    """What stands in words, as the finders would give it."""
    if words.span is None:
        return ()
    return tuple(p for p in (REBELS, SOLDIERS, VOLUNTEERS) if p.spans[0].overlaps(words.span))


def act(
    begins: Mapping[str, Mapping[int, float]],
    words: Mapping[str, tuple[Words, ...]],
    classes: Mapping[str, Mapping[str, float]] | None = None,
) -> Told:
    """An act whose pointers begin at words of TEXT; -1 says that nothing is said."""
    ruler = reader.Ruler(0, np.array([w.start for w in WORDS]), np.array([w.end for w in WORDS]))
    chances = {}
    for role in ROLES:
        row = np.full(len(WORDS) + 1, 0.001, np.float32)
        for at, chance in begins.get(role, {-1: 0.9}).items():
            row[at] = chance
        chances[role] = row
    first = {role: words.get(role, (Words(None, 0.9),))[0] for role in ROLES}
    others = {role: words.get(role, ())[1:] for role in ROLES[:2]}
    seen = classes or {side: dict.fromkeys(CLASSES, 0.3) for side in ROLES[:2]}
    return Told(
        WORDS[1], 0.9, {"armed_clash": 1.0}, {"reported": 1.0}, {"new": 1.0}, first, seen, chances, ruler, others
    )  # fmt: skip


def at(low: int, high: int, chance: float) -> Words:
    return Words(Span("text", WORDS[low].start, WORDS[high].end), chance)


def test_both_sides_are_never_the_same_words_where_another_answer_is_likely() -> None:
    told = act(
        {"attackers": {0: 0.9}, "targets": {0: 0.5, 2: 0.3}},
        {"attackers": (at(0, 0, 0.9),), "targets": (at(0, 0, 0.5), at(2, 2, 0.3))},
    )
    assert chosen(told, None, phrased, WEIGHTS) == {"attackers": (REBELS,), "targets": (SOLDIERS,)}
    alike = chosen(told, None, phrased, (3.5, 3.0, 0.2, 0.0))
    assert alike["targets"] == (REBELS,)


def test_words_around_the_rules_answer_that_name_more_parties_are_preferred() -> None:
    both = {"attackers": {}, "targets": {"military": 0.9, "militia": 0.7}}
    told = act({"targets": {2: 0.9}}, {"targets": (at(2, 4, 0.9),)}, both)
    own = {"attackers": (REBELS,), "targets": (SOLDIERS,)}
    assert chosen(told, own, phrased, WEIGHTS)["targets"] == (SOLDIERS, VOLUNTEERS)


def test_the_rules_answer_stands_unless_the_reader_points_far_more_at_another() -> None:
    own = {"attackers": (REBELS,), "targets": (SOLDIERS,)}
    unsure = act({"targets": {2: 0.2, 4: 0.6}}, {"targets": (at(4, 4, 0.6),)})
    assert chosen(unsure, own, phrased, WEIGHTS)["targets"] == (SOLDIERS,)
    sure = act({"targets": {2: 0.001, 4: 0.99}}, {"targets": (at(4, 4, 0.99),)})
    assert chosen(sure, own, phrased, WEIGHTS)["targets"] == (VOLUNTEERS,)


def test_an_answer_of_the_expected_class_wins_a_near_tie() -> None:
    soldiers = {"attackers": dict.fromkeys(CLASSES, 0.3), "targets": {"military": 0.95, "armed": 0.05}}
    told = act(
        {"targets": {0: 0.45, 2: 0.4}}, {"targets": (at(0, 0, 0.45), at(2, 2, 0.4))}, soldiers
    )  # fmt: skip
    assert chosen(told, None, phrased, (0, 0, 0.0, 3))["targets"] == (REBELS,)
    assert chosen(told, None, phrased, (0, 0, 0.5, 3))["targets"] == (SOLDIERS,)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.booleans())
def test_an_answer_is_the_rules_or_the_readers(one: float, two: float, three: float, blank: bool) -> None:
    told = act(
        {"attackers": {0: one}, "targets": {0: two, 2: three}},
        {"attackers": (at(0, 0, one),), "targets": (at(0, 0, two), at(2, 2, three))},
    )
    own = {"attackers": () if blank else (REBELS,), "targets": (VOLUNTEERS,)}
    found = chosen(told, own, phrased, WEIGHTS)
    assert found["attackers"] in ((), (REBELS,))
    assert found["targets"] in ((), (REBELS,), (SOLDIERS,), (VOLUNTEERS,))
