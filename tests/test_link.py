"""Pairs: which are compared, and what codebook section 9 says of each."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tarikh.link import candidates, compare, explain, judge, judge_new
from tarikh.link.compare import contradiction, distance_km
from tarikh.link.sides import meeting, relation
from tarikh.link.weights import WEIGHTS
from tarikh.model import Candidate, Count, Evidence, Judgement, Mention, When, Where

TANDOU = Where("MLI", "Mopti", None, "Tandou", 14.30, -3.40, "exact")
# 40 km north of Tandou.
KORIMA = Where("MLI", "Mopti", None, "Korima", 14.66, -3.40, "exact")
MOPTI = Where("MLI", "Mopti", None, None, 14.5, -4.2, "admin1")
GAO = Where("MLI", "Gao", None, None, 16.3, -0.05, "admin1")
MALI = Where("MLI", precision="country")
MONDAY = date(2024, 5, 6)


def day(value: date = MONDAY, days: int = 1) -> When:
    return When(value, value + timedelta(days - 1), "day")


def killed(low: int | None, best: int | None = None, high: int | None = None) -> Mapping[str, Count]:
    if best is None and high is None:
        best = high = low
    return {"killed": Count(low, best, high)}


def mention(key: str, **fields: Any) -> Mention:
    defaults: dict[str, Any] = {
        "report_id": f"report-{key}",
        "coder": "hand",
        "kind": "armed_clash",
        "attackers": ("JNIM",),
        "targets": ("Military of Mali",),
        "when": day(),
        "where": TANDOU,
        "harm": killed(12),
        "published": MONDAY + timedelta(1),
        "source": f"source-{key}",
    }
    return Mention(id=key, **{**defaults, **fields})


def verdict(**right: Any) -> str:
    return compare(mention("a"), mention("b", **right)).verdict


def test_two_reports_of_one_event_are_the_same() -> None:
    assert verdict() == "same"


def test_villages_40_km_apart_are_two_events() -> None:
    assert verdict(where=KORIMA) == "different"


def test_a_village_at_20_km_joins_only_with_the_same_figures() -> None:
    beside = replace(TANDOU, place="Yourou", latitude=14.48)
    assert verdict(where=beside, harm={}) != "same"
    assert verdict(where=beside) == "same"
    assert verdict(where=replace(beside, latitude=14.35, precision="near"), harm={}) == "same"


def test_the_same_village_on_different_days_is_two_events() -> None:
    assert verdict(when=day(MONDAY + timedelta(1)), harm={}) == "different"
    assert verdict(when=day(MONDAY + timedelta(2))) == "different"


def weighed(*days: date | None) -> dict[str, Any]:
    """What a coder keeps of the days that it weighed and did not take."""
    return {"date": Evidence(rejected=tuple(Candidate(f"{day}/{day}", 0.7) for day in days))}


def test_a_day_that_was_weighed_for_one_excuses_the_other() -> None:
    thursday = MONDAY + timedelta(3)
    assert verdict(when=day(thursday), evidence=weighed(MONDAY)) == "same"
    assert verdict(when=day(thursday), evidence=weighed(MONDAY + timedelta(1), None)) == "different"
    assert verdict(when=day(thursday), evidence=weighed(MONDAY), where=KORIMA) == "different"
    assert verdict(when=day(thursday), evidence=weighed(MONDAY), where=MOPTI) == "different"
    assert verdict(when=day(MONDAY + timedelta(20)), evidence=weighed(MONDAY)) == "different"
    assert verdict(when=day(thursday), evidence=weighed(MONDAY), harm=killed(70)) != "same"
    pair = [mention("a"), mention("b", when=day(thursday), evidence=weighed(MONDAY))]
    assert [j.verdict for j in judge(pair)] == ["same"]
    assert contradiction(*pair) is None


def test_the_next_day_with_another_toll_is_never_joined() -> None:
    assert verdict(when=day(MONDAY + timedelta(1)), harm=killed(4)) != "same"


def test_the_next_day_is_weaker_when_the_coder_doubted_its_date() -> None:
    doubted = mention(
        "b", when=day(MONDAY + timedelta(1)), harm={}, evidence={"date": Evidence(confidence=0.3)}
    )
    sure = replace(doubted, evidence={"date": Evidence(confidence=0.9)})
    assert compare(mention("a"), doubted).score > compare(mention("a"), sure).score


@pytest.mark.parametrize("toll", [killed(15), killed(12, 12, None), killed(None, 20, 20), killed(9), {}])
def test_tolls_move(toll: Mapping[str, Count]) -> None:
    assert verdict(harm=toll, published=MONDAY + timedelta(5)) == "same"


def test_a_background_mention_months_later_joins() -> None:
    later = {"aspect": "background", "published": MONDAY + timedelta(200)}
    assert verdict(**later) == "same"
    at_once = compare(mention("a"), mention("b", aspect="background"))
    assert compare(mention("a"), mention("b", **later)).score == at_once.score


def test_a_month_given_months_later_joins_with_a_telling_figure() -> None:
    may = When(date(2024, 5, 1), date(2024, 5, 31), "month")
    assert verdict(when=may, aspect="background", published=date(2024, 11, 2)) == "same"


def test_an_unknown_date_is_no_agreement() -> None:
    dated = compare(mention("a"), mention("b"))
    undated = compare(mention("a"), mention("b", when=When(), published=None))
    both = compare(mention("a", when=When(), published=None), mention("b", when=When(), published=None))
    assert undated.score < dated.score
    assert both.score < dated.score


def test_news_cannot_come_before_the_event() -> None:
    assert verdict(when=When(), published=MONDAY - timedelta(9)) == "different"


def test_units_compare_as_units() -> None:
    assert verdict(where=MOPTI) == "same"
    assert verdict(where=GAO) == "different"
    assert compare(mention("a", where=MOPTI), mention("b", where=GAO)).verdict == "different"
    assert compare(mention("a", where=MOPTI), mention("b", where=MOPTI)).verdict == "same"
    # The point of a unit is only for drawing: that of Gao's beside Tandou's would prove nothing.
    assert compare(mention("a"), mention("b", where=replace(MOPTI, latitude=10.0))).verdict == "same"


def test_a_country_alone_weighs_little() -> None:
    silent: dict[str, Any] = {"attackers": (), "targets": (), "harm": {}}
    left = mention("a", where=MALI, when=When(), published=None, **silent)
    right = mention("b", where=MALI, when=When(), published=None, **silent)
    assert compare(left, right).verdict == "different"


def test_other_country_is_other_event() -> None:
    assert verdict(where=replace(TANDOU, country="BFA", latitude=11.0), harm={}) == "different"


def test_an_unidentified_group_may_be_any() -> None:
    assert verdict(attackers=("Unidentified armed group (Mali)",)) == "same"
    assert verdict(attackers=()) == "same"


def test_other_parties_speak_against_one_event() -> None:
    other = {"attackers": ("CODECO",), "targets": ("Civilians (Mali)",)}
    assert verdict(**other, harm={}) != "same"
    assert verdict(**other, harm=killed(80)) == "different"


def test_a_bombing_may_be_told_as_a_clash_but_not_as_an_arrest() -> None:
    assert verdict(kind="bombing") == "same"
    assert verdict(kind="arrest") == "different"
    assert contradiction(mention("a"), mention("b", kind="agreement")) == "other act"


def test_a_clash_told_from_the_other_side() -> None:
    assert verdict(attackers=("Military of Mali",), targets=("JNIM",)) == "same"


def test_two_mentions_of_one_report_are_two_events() -> None:
    one, two = mention("a", report_id="r"), mention("b", report_id="r")
    assert compare(one, two).verdict == "different"
    assert contradiction(one, two) == "same report"
    assert list(candidates([one, two])) == []


def test_every_reason_is_a_line_of_the_table() -> None:
    judgement = compare(mention("b"), mention("a", where=KORIMA))
    assert (judgement.left, judgement.right, judgement.by) == ("a", "b", "linker@5")
    assert judgement.score == pytest.approx(sum(reason.weight for reason in judgement.reasons))
    for reason in judgement.reasons:
        assert reason.weight in WEIGHTS[reason.feature].values()
    assert "40 km" in next(r.value for r in judgement.reasons if r.feature == "place")
    assert explain(mention("a"), mention("b", where=KORIMA))[0].feature == "place"


# --- sides ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("JNIM", "JNIM", "same"),
        ("JNIM", "Unidentified armed group (Niger)", "compatible"),
        ("Military of Mali", "Unidentified armed group (Mali)", "other"),
        ("Military of Chad", "Police of Chad", "kin"),
        ("Military of Chad", "Military of Niger", "other"),
        ("Aid workers (Chad)", "Civilians (Chad)", "kin"),
        ("Rioters (Kenya)", "Protesters (Kenya)", "kin"),
        ("Militia of Dozo (Mali)", "Unidentified armed group (Mali)", "compatible"),
        ("Islamic State", "Islamic State Khorasan", "kin"),
        ("M23", "ADF", "other"),
    ],
)
def test_relations_of_parties(left: str, right: str, expected: str) -> None:
    assert relation(left, right) == relation(right, left) == expected


def test_sides_meet_at_their_best() -> None:
    assert meeting(("M23",), ()) == "silent"
    assert meeting(("M23", "AFC"), ("M23",)) == "shared"
    assert meeting(("VDP", "Military of Mali"), ("Police of Mali",)) == "kin"


# --- candidates -------------------------------------------------------------------------------------


PLACES = [
    TANDOU,
    KORIMA,
    MOPTI,
    GAO,
    MALI,
    Where(),
    replace(TANDOU, precision="near", latitude=14.5, place="Sanga"),
    Where("NER", "Tahoua", None, "Bagaba", 15.0, 5.2, "exact"),
]
SPANS = [
    day(),
    day(MONDAY + timedelta(1)),
    day(MONDAY - timedelta(1), 3),
    When(date(2024, 5, 6), date(2024, 5, 12), "week"),
    When(date(2024, 5, 1), date(2024, 5, 31), "month"),
    When(date(2024, 1, 1), date(2024, 12, 31), "year"),
    When(),
]


def rows_of(seed: int, count: int) -> list[Mention]:
    chance = random.Random(seed)
    return [
        mention(
            f"m{number:03d}",
            report_id=f"r{chance.randrange(count)}",
            where=chance.choice(PLACES),
            when=chance.choice(SPANS),
            kind=chance.choice(["armed_clash", "bombing", "attack_on_civilians", "arrest"]),
            attackers=chance.choice([("JNIM",), (), ("Unidentified armed group (Mali)",)]),
            harm=chance.choice([killed(12), killed(3), {}]),
            aspect=chance.choice(["new", "background"]),
            published=chance.choice([None, MONDAY + timedelta(2), MONDAY + timedelta(90)]),
            evidence=chance.choice([{}, {}, weighed(MONDAY), weighed(MONDAY + timedelta(3), None)]),
        )
        for number in range(count)
    ]


def promised(one: Mention) -> bool:
    """Blocks may lose pairs that hardly a thing holds together: no unit to look in, or no day to count from."""
    at_once = one.aspect == "new" and one.published is not None and one.published < MONDAY + timedelta(60)
    return one.where.admin1 is not None and (one.when.start is not None or at_once)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_blocks_lose_no_pair_that_would_be_the_same(seed: int) -> None:
    rows = rows_of(seed, 24)
    found = {(left.id, right.id) for left, right in candidates(rows)}
    for number, left in enumerate(rows):
        for right in rows[number + 1 :]:
            if compare(left, right).verdict == "same" and promised(left) and promised(right):
                assert (left.id, right.id) in found, explain(left, right)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 19))
def test_judging_as_they_come_finds_what_judging_in_one_go_finds(seed: int, split: int) -> None:
    rows = rows_of(seed, 20)
    at_once = judge(rows)
    shuffled = random.Random(seed).sample(rows, len(rows))
    before, new = shuffled[:split], shuffled[split:]
    in_steps = judge(before) + judge_new(new, before)
    assert sorted(in_steps, key=lambda j: (j.left, j.right)) == sorted(
        at_once, key=lambda j: (j.left, j.right)
    )


@settings(max_examples=200, deadline=None)
@given(st.floats(-66, 66), st.floats(-170, 170), st.floats(-0.6, 0.6), st.floats(-1.2, 1.2))
def test_near_towns_see_each_other(latitude: float, longitude: float, north: float, east: float) -> None:
    """From both sides or from none, and always within 40 km, whatever cells they lie in."""
    one = mention("a", where=Where("MLI", None, None, "Aa", latitude, longitude, "near"), harm={})
    there = Where("MLI", None, None, "Bb", latitude + north, longitude + east, "near")
    two = mention("b", where=there, harm={})
    seen = [len(judge_new([new], [old])) for new, old in ((one, two), (two, one))]
    assert seen[0] == seen[1]
    if (km := distance_km(one.where, there)) is not None and km <= 40:
        assert seen == [1, 1]


def test_what_was_judged_is_not_judged_again() -> None:
    rows = [mention("a"), mention("b"), mention("c")]
    so_far = judge(rows[:2])
    assert {(j.left, j.right) for j in judge(rows, so_far)} == {("a", "c"), ("b", "c")}
    older = [replace(so_far[0], by="linker@0")]
    assert len(judge(rows, older)) == 3
    person = [Judgement("b", "a", "different", 0.0, "user:ana")]  # outranks the rule, and may be withdrawn
    assert len(judge(rows, person)) == 3


def test_far_places_and_days_are_not_compared() -> None:
    rows = [
        mention(
            f"m{number:04d}",
            when=day(MONDAY + timedelta(number % 200)),
            where=replace(TANDOU, latitude=10.0 + number % 17, place=f"Village {number % 17}"),
            harm={},
        )
        for number in range(1500)
    ]
    assert sum(1 for _ in candidates(rows)) < 1500 * 10


def test_hostile_dates_do_not_blow_up() -> None:
    rows = [
        mention("a", when=When(date.min, date.max, "year")),
        mention("b", when=When(date.max, date.max, "day")),
        mention("c", when=When(date.min, date.min, "day"), published=date.min),
        mention("d", when=When(), published=date.min),
        mention("e", when=When(date(2024, 5, 6), date(2024, 5, 1), "day")),
    ]
    judge(rows)
