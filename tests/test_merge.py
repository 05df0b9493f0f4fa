"""Resolved mentions of one report: which become one, what the one keeps, and which are recalled from long before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarikh import reference
from tarikh.model import Count, Evidence, Mention, Phrase, Span, When, Where
from tarikh.resolve.aspect import RECALLED_AFTER, aspects
from tarikh.resolve.merge import joined, same

DAY = date(2025, 3, 11)
GAO = Where("MLI", "Gao", "Gao", "Gao", 16.2717, -0.0447, "exact")
KIDAL = Where("MLI", "Kidal", "Kidal", "Kidal", 18.4411, 1.4078, "exact")
GAO_REGION = Where("MLI", "Gao", None, "Gao", 16.27, -0.04, "admin1")
MALI = Where("MLI", None, None, "Mali", 17.0, -4.0, "country")
NOWHERE = Where()


def on(start: date | None = DAY, end: date | None = None) -> When:
    return When(start, end or start, "day" if start else "unknown")


def mention(kind: str = "armed_clash", id: str = "m-1", **fields: Any) -> Mention:
    given: dict[str, Any] = {"when": on(), "where": GAO, **fields}
    return Mention(id, "r-1", "test@1", kind, **given)


# --- the same or not ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (on(), on(), True),
        (on(), on(DAY + timedelta(1)), False),
        (on(), on(DAY - timedelta(1), DAY + timedelta(1)), True),
        (on(DAY, DAY + timedelta(2)), on(DAY + timedelta(2), DAY + timedelta(3)), True),
        (on(DAY, DAY + timedelta(2)), on(DAY + timedelta(3)), False),
        (on(None), on(None), True),
        (on(), on(None), False),
    ],
)
def test_days_must_overlap_or_both_be_unknown(left: When, right: When, expected: bool) -> None:
    assert same(mention(when=left), mention(when=right)) is expected
    assert same(mention(when=right), mention(when=left)) is expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (GAO, GAO, True),
        (GAO, KIDAL, False),
        (GAO, replace(GAO, place="Gadeye", latitude=16.30, precision="near"), True),
        (GAO, replace(GAO, place="Forgho", latitude=16.44), False),
        (GAO, replace(GAO, latitude=None, longitude=None), False),
        (GAO, GAO_REGION, True),
        (KIDAL, GAO_REGION, False),
        (GAO, MALI, True),
        (GAO, replace(MALI, country="NER", place="Niger"), False),
        (GAO, NOWHERE, True),
        (GAO_REGION, replace(GAO_REGION, admin1="Kidal", place="Kidal"), False),
        (MALI, MALI, True),
        (NOWHERE, NOWHERE, True),
    ],
)
def test_places_must_be_one_town_or_hold_one_another(left: Where, right: Where, expected: bool) -> None:
    assert same(mention(where=left), mention(where=right)) is expected
    assert same(mention(where=right), mention(where=left)) is expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("armed_clash", "armed_clash", True),
        ("armed_clash", "bombing", True),
        ("armed_clash", "attack_on_civilians", True),
        ("shelling", "attack_on_civilians", True),
        ("riot", "peaceful_protest", True),
        ("mob_violence", "excessive_force", True),
        ("armed_clash", "arrest", False),
        ("attack_on_civilians", "peaceful_protest", False),
        ("agreement", "withdrawal", False),
        ("coup", "armed_clash", False),
    ],
)
def test_kinds_must_be_one_or_phases_of_one(left: str, right: str, expected: bool) -> None:
    assert same(mention(left), mention(right)) is expected
    assert same(mention(right), mention(left)) is expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (("JNIM",), ("JNIM",), True),
        (("JNIM", "Ansarul Islam"), ("Ansarul Islam",), True),
        (("JNIM",), (), True),
        ((), (), True),
        (("JNIM",), ("Military of Mali",), False),
    ],
)
def test_phases_of_one_attack_have_one_attacker(
    left: tuple[str, ...], right: tuple[str, ...], expected: bool
) -> None:
    assert same(mention("armed_clash", attackers=left), mention("bombing", attackers=right)) is expected


def test_of_one_kind_on_one_day_in_one_town_is_one_whoever_is_named() -> None:
    assert same(mention(attackers=("JNIM",)), mention(attackers=("Military of Mali",)))


def test_what_is_recalled_is_no_phase_of_what_is_new() -> None:
    assert not same(mention("armed_clash"), mention("bombing", aspect="background"))
    assert same(mention("armed_clash"), mention("armed_clash", aspect="background"))


# --- what the one keeps -------------------------------------------------------------------------------------


def one_of(left: Mention, right: Mention) -> Mention:
    (one,) = joined([left, right])[0]
    return one


def test_the_first_telling_stays_and_the_kind_ranked_first_wins() -> None:
    first = mention(
        "attack_on_civilians", "m-1", trigger="raid", evidence={"kind": Evidence(words=("raid",))}
    )
    second = mention("suicide_bombing", "m-2", trigger="blast", evidence={"kind": Evidence(words=("blast",))})
    one = one_of(first, second)
    assert (one.id, one.trigger, one.kind) == ("m-1", "raid", "suicide_bombing")
    assert one.evidence["kind"].words == ("blast",)
    assert one_of(second, first).kind == "suicide_bombing"


@pytest.mark.parametrize("kind", ["bombing", "attack_on_civilians", "armed_clash"])
def test_precedence_is_that_of_the_codebook(kind: str) -> None:
    order = [k.name for k in reference.kinds()]
    other = "shelling"
    expected = min(kind, other, key=order.index)
    assert one_of(mention(kind), mention(other)).kind == expected


def test_what_is_missing_is_taken_from_the_other() -> None:
    one = one_of(
        mention(targets=("Military of Mali",), harm={"killed": Count(6, 6, 6)}),
        mention(
            attackers=("JNIM",),
            targets=("Civilians (Mali)",),
            attribution="the army",
            harm={"killed": Count(9, 9, 9), "injured": Count(2, 2, 2)},
        ),
    )
    assert (one.attackers, one.targets, one.attribution) == (("JNIM",), ("Military of Mali",), "the army")
    assert one.harm == {"killed": Count(6, 6, 6), "injured": Count(2, 2, 2)}


def test_the_finer_place_is_kept_with_its_evidence() -> None:
    coarse = mention(where=MALI, evidence={"place": Evidence(words=("Mali",))})
    fine = mention(where=GAO, evidence={"place": Evidence(words=("Gao",))})
    for one in (one_of(coarse, fine), one_of(fine, coarse)):
        assert one.where == GAO
        assert one.evidence["place"].words == ("Gao",)


def test_phrases_of_both_are_kept() -> None:
    phrases = [Phrase(w, (Span("text", n, n + 1),)) for n, w in enumerate(("gunmen", "rebels"))]
    one = one_of(mention(phrases={"attackers": (phrases[0],)}), mention(phrases={"attackers": (phrases[1],)}))
    assert one.phrases["attackers"] == tuple(phrases)


def test_mentions_that_differ_stay_in_the_order_of_their_telling() -> None:
    told = [mention(where=KIDAL, id="m-1"), mention(id="m-2"), mention(id="m-3", when=on(DAY + timedelta(9)))]
    assert joined(told)[0] == told
    assert joined([])[0] == []


def test_a_third_telling_joins_the_one_that_it_fits() -> None:
    found = joined([mention(where=KIDAL, id="m-1"), mention(id="m-2"), mention("bombing", id="m-3")])[0]
    assert [(m.id, m.kind) for m in found] == [("m-1", "armed_clash"), ("m-2", "bombing")]


MENTIONS = st.builds(
    lambda kind, shift, where, harm: mention(
        kind, when=on(DAY + timedelta(shift)), where=where, harm={"killed": Count(harm, harm, harm)}
    ),
    st.sampled_from([k.name for k in reference.kinds()]),
    st.integers(0, 2),
    st.sampled_from([GAO, KIDAL, GAO_REGION, MALI]),
    st.integers(0, 9),
)


@given(st.lists(MENTIONS, max_size=8))
def test_no_merge_loses_a_day_a_town_or_invents_a_value(told: list[Mention]) -> None:
    found = joined(told)[0]
    assert len(found) <= len(told)
    assert {m.when.start for m in found} == {m.when.start for m in told}
    assert {m.kind for m in found} <= {m.kind for m in told}
    towns = {m.where.place for m in told if m.where.precision == "exact"}
    assert towns == {m.where.place for m in found if m.where.precision == "exact"}
    assert {m.harm["killed"] for m in found} <= {m.harm["killed"] for m in told}


# --- recalled from long before ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days_before", "aspect"),
    [
        (0, "new"),
        (RECALLED_AFTER, "new"),
        (RECALLED_AFTER + 1, "background"),
        (400, "background"),
    ],
)
def test_what_lies_more_than_a_month_before_the_newest_is_background(days_before: int, aspect: str) -> None:
    newest, older = aspects([mention(), mention(when=on(DAY - timedelta(days_before)))])
    assert newest.aspect == "new"
    assert older.aspect == aspect


def test_the_only_event_of_a_report_is_new_however_old() -> None:
    assert aspects([mention(when=on(date(2001, 1, 1)))])[0].aspect == "new"


def test_unknown_days_change_nothing() -> None:
    told = [mention(when=on(None)), mention(when=on())]
    assert aspects(told) == told
    assert aspects([mention(when=on(None))]) == [mention(when=on(None))]


def test_the_day_is_given_as_the_reason() -> None:
    evidence = Evidence((Span("text", 3, 9),), ("in May",))
    _, old = aspects([mention(), mention(when=on(date(2024, 5, 1)), evidence={"date": evidence})])
    assert (old.evidence["aspect"].words, old.evidence["aspect"].spans) == (("in May",), evidence.spans)
    assert old.evidence["date"] == evidence


def test_a_mention_that_its_words_made_background_keeps_their_evidence() -> None:
    cue = Evidence((), ("last year",), 0.6, "recalled")
    recalled = mention(when=on(date(2024, 5, 1)), aspect="background", evidence={"aspect": cue})
    kept = aspects([mention(), recalled])[1]
    assert kept.aspect == "background"
    assert kept.evidence["aspect"].reason == "recalled"
