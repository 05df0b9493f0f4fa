"""Fields that are not sure enough are left open, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarikh.model import Candidate, Count, Evidence, Mention, Span, When, Where
from tarikh.resolve.abstain import abstain

TOWN = Where("MLI", "Ménaka", "Ménaka", "Ménaka", 15.92, 2.4, "near", 1)
FIELDS = {
    "kind": 0.9,
    "status": 0.1,
    "aspect": 0.1,
    "attackers": 0.3,
    "targets": 0.4,
    "date": 0.5,
    "place": 0.6,
    "attribution": 0.7,
    "harm.killed": 0.55,
    "harm.injured": 0.8,
}
MENTION = Mention(
    "m",
    "r",
    "c",
    "armed_clash",
    status="claimed",
    aspect="background",
    attackers=("JNIM",),
    targets=("Military of Mali",),
    when=When(date(2025, 3, 13), date(2025, 3, 13), "day"),
    where=TOWN,
    harm={"killed": Count(3, 3, 3), "injured": Count(0, 0, 0)},
    attribution="the army",
    evidence={name: Evidence((Span("text", 0, 3),), ("abc",), sure, "why") for name, sure in FIELDS.items()},
)


def _place(*rejected: str, precision: str = "near") -> Mention:
    found = Evidence((), (), 0.2, "", tuple(Candidate(value, 1.0) for value in rejected))
    where = replace(TOWN, precision=precision)  # type: ignore[arg-type]
    return replace(MENTION, where=where, evidence={"place": found})


def test_nothing_is_below_zero() -> None:
    assert abstain(MENTION, 0.0) == MENTION


def test_a_mention_whose_kind_is_not_sure_is_none() -> None:
    assert abstain(MENTION, 0.91) is None
    assert abstain(MENTION, 0.9) is not None


def test_each_field_is_left_open_in_the_codebook_s_way() -> None:
    found = abstain(MENTION, 0.75)
    assert found is not None
    assert (found.attackers, found.targets, found.attribution) == ((), (), None)
    assert found.when == When()
    assert found.where == Where(country="MLI", place="Mali", precision="country")
    assert found.harm == {"injured": Count(0, 0, 0)}
    assert (found.kind, found.status, found.aspect) == ("armed_clash", "claimed", "background")


def test_a_threshold_is_not_below_itself() -> None:
    found = abstain(MENTION, 0.5)
    assert found is not None
    assert (found.attackers, found.targets) == ((), ())
    assert found.when == MENTION.when


@pytest.mark.parametrize(
    ("mention", "wanted"),
    [
        (_place("Ménaka (town), Kayes, MLI"), Where(country="MLI", place="Mali", precision="country")),
        (_place("Ménaka (town), Kayes, MLI", "Menaka (town), NER"), Where()),
        (_place(precision="admin1"), Where(country="MLI", place="Mali", precision="country")),
        (_place(precision="country"), Where()),
        (_place(precision="unknown"), Where()),
    ],
)
def test_doubt_within_a_country_leaves_the_country(mention: Mention, wanted: Where) -> None:
    found = abstain(mention, 0.3)
    assert found is not None
    assert found.where == wanted


def test_the_words_stay_and_say_that_the_field_was_left_open() -> None:
    found = abstain(MENTION, 0.75)
    assert found is not None
    assert found.evidence["date"].words == ("abc",)
    assert found.evidence["date"].confidence == 0.5
    assert found.evidence["date"].reason == "left open: 0.50 is below 0.75 (why)"
    assert found.evidence["status"] == MENTION.evidence["status"]
    assert found.evidence["harm.injured"] == MENTION.evidence["harm.injured"]


def test_a_field_without_evidence_is_not_judged() -> None:
    bare = replace(MENTION, evidence={})
    assert abstain(bare, 1.0) == bare


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_higher_threshold_never_says_more(one: float, other: float) -> None:
    low, high = abstain(MENTION, min(one, other)), abstain(MENTION, max(one, other))
    if high is None:
        return
    assert low is not None
    assert set(high.harm) <= set(low.harm)
    assert set(high.attackers) <= set(low.attackers)
    assert low.when.start is not None or high.when.start is None
