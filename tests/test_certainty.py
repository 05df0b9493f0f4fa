"""Status and confidence rise and fall with independent evidence, by steps that say why; figures by any rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tarikh.link import fold, recounted, standing
from tarikh.link.certainty import lines
from tarikh.link.independence import fingerprint
from tarikh.model import Correction, Count, Evidence, Fingerprint, Incident, Judgement, Mention, When, Where

MONDAY = date(2024, 5, 6)
NOON = datetime(2024, 5, 8, 12, tzinfo=UTC)
TANDOU = Where("MLI", "Mopti", None, "Tandou", 14.30, -3.40, "exact")
FAR = Where("MLI", "Gao", None, "Adjola", 16.30, -0.40, "exact")

TEXTS = [
    "The group said in a statement that its men attacked the post at Tandou and killed nine soldiers, and took arms.",
    "Residents of Tandou who fled across the river told this paper of a long fight around the army post on Monday night.",
    "The army denied on Wednesday that its post had been attacked, and called the pictures that went around old ones.",
    "A doctor of the district hospital counted nine bodies in uniform on Tuesday, and treated fourteen wounded soldiers.",
]
PRINTS = [fingerprint("", text) for text in TEXTS]


def mention(key: str, day: int = 1, **fields: Any) -> Mention:
    defaults: dict[str, Any] = {
        "report_id": f"r-{key}",
        "coder": "hand",
        "kind": "armed_clash",
        "attackers": ("JNIM",),
        "targets": ("Military of Mali",),
        "when": When(MONDAY, MONDAY, "day"),
        "where": TANDOU,
        "published": MONDAY + timedelta(day),
        "source": f"Paper {key}",
        "recorded_at": NOON + timedelta(days=day),
    }
    return Mention(id=key, **{**defaults, **fields})


def toll(number: int) -> dict[str, Count]:
    return {"killed": Count(number, number, number)}


def folded(members: list[Mention], prints: dict[str, Fingerprint] | None = None, **more: Any) -> Incident:
    ids = sorted(m.id for m in members)
    same = [Judgement(*sorted((ids[0], other)), "same", 8.0, "user:ana") for other in ids[1:]]  # type: ignore[misc]
    (made,) = fold(members, same, prints=prints, **more)
    return made


# ---- status ----------------------------------------------------------------------------------------------


def test_a_claim_becomes_reported_by_an_independent_source_and_disputed_by_a_denial() -> None:
    members = [
        mention("a", 1, status="claimed", attribution="JNIM said"),
        mention("b", 2, status="claimed"),
        mention("c", 3),
        mention("d", 4, status="disputed"),
        mention("e", 5),
    ]
    told = standing(members)
    assert [step.status for step in told.steps] == ["claimed", "reported", "disputed", "reported"]
    assert [step.day for step in told.steps] == [MONDAY + timedelta(n) for n in (1, 3, 4, 5)]
    assert "only JNIM says so, of its own deed, in Paper a" in told.steps[0].why
    assert "Paper c, which is no party to it" in told.steps[1].why
    assert "Paper d" in told.steps[2].why
    assert (
        "2 independent sources state it as fact: Paper c, Paper e; fewer report a denial" in told.steps[3].why
    )
    assert told.status == told.steps[-1].status == folded(members).status
    assert told.confidence == folded(members).confidence


def test_a_claim_printed_by_five_papers_is_one_voice_and_stays_a_claim() -> None:
    alone = standing([mention("a", status="claimed")])
    five = standing([mention(key, status="claimed") for key in "abcde"])
    assert five.status == "claimed"
    assert five.confidence == alone.confidence


def test_a_party_s_own_outlet_makes_no_fact_of_its_deed() -> None:
    assert standing([mention("a", source="JNIM Media")]).status == "claimed"
    assert standing([mention("a", source="Ministry")], {"Ministry": "party"}).status == "claimed"
    # What it suffered it reports.
    assert standing([mention("a", source="Military of Mali")]).status == "reported"


def test_a_copy_that_was_read_as_fact_does_not_lift_the_claim() -> None:
    members = [mention("a", status="claimed"), mention("b", 2)]
    assert standing(members, prints={"r-a": PRINTS[0], "r-b": PRINTS[0]}).status == "claimed"
    assert standing(members, prints={"r-a": PRINTS[0], "r-b": PRINTS[1]}).status == "reported"


def test_an_accusation_stays_one_however_many_repeat_it() -> None:
    told = standing([mention("a", status="alleged"), mention("b", status="alleged")])
    assert told.status == "alleged"
    assert "one accuses another" in told.steps[0].why


def test_undated_reports_come_last() -> None:
    told = standing([mention("a", status="claimed"), mention("b", published=None)])
    assert [step.day for step in told.steps] == [MONDAY + timedelta(1), None]
    assert any("an undated report" in text for _, text in lines(told))


# ---- confidence ------------------------------------------------------------------------------------------


def test_confidence_follows_its_table() -> None:
    one = standing([mention("a")])
    two = standing([mention("a"), mention("b")])
    five = standing([mention(key) for key in "abcde"])
    claim = standing([mention("a", status="claimed")])
    assert claim.confidence < one.confidence < two.confidence < five.confidence <= 0.99
    assert standing([mention("a"), mention("b", status="claimed")]).confidence > one.confidence
    assert standing([mention("a"), mention("b", where=FAR)]).confidence < two.confidence
    assert standing([mention("a"), mention("b")], {"Paper b": "monitor"}).confidence > two.confidence
    sure = mention("a", evidence={"kind": Evidence(confidence=0.95)})
    assert standing([sure]).confidence > one.confidence
    assert {reason.feature for reason in two.reasons} == {"stated as fact", "further sources"}
    assert lines(two)[-1][1].startswith(f"{two.confidence:.2f}: stated as fact")


STATUSES = ["reported", "claimed", "alleged", "disputed"]
CAREFUL = {"alleged": 0, "claimed": 0, "disputed": 0, "reported": 1}


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Mention], dict[str, Fingerprint]]:
    members, prints = [], {}
    for n in range(draw(st.integers(1, 7))):
        key = f"m{n}"
        members.append(
            mention(
                key,
                draw(st.integers(1, 4)),
                status=draw(st.sampled_from(STATUSES)),
                source=draw(st.sampled_from(["A", "B", "C", None, "JNIM Media"])),
                attribution=draw(st.sampled_from([None, "JNIM", "AFP", "residents"])),
                kind=draw(st.sampled_from(["armed_clash", "bombing"])),
                where=draw(st.sampled_from([TANDOU, FAR, Where()])),
                harm=draw(st.sampled_from([{}, toll(3), toll(9)])),
                evidence=draw(st.sampled_from([{}, {"kind": Evidence(confidence=0.9)}])),
            )
        )
        prints[f"r-{key}"] = draw(st.sampled_from(PRINTS))
    return members, prints


@settings(max_examples=200, deadline=None)
@given(cases(), st.integers(0, 6), st.integers(0, 3))
def test_a_copy_raises_neither_status_nor_confidence_nor_changes_a_figure(
    case: tuple[list[Mention], dict[str, Fingerprint]], of: int, later: int
) -> None:
    members, prints = case
    original = members[of % len(members)]
    assert original.published
    copy = replace(
        original,
        id="copy",
        report_id="r-copy",
        source="Z",
        published=original.published + timedelta(later),
        recorded_at=NOON + timedelta(days=30),
    )
    before = folded(members, prints)
    after = folded([*members, copy], prints | {"r-copy": prints[original.report_id]})
    assert CAREFUL[after.status] <= CAREFUL[before.status]
    assert after.confidence <= before.confidence
    assert after.harm == before.harm


@settings(max_examples=100, deadline=None)
@given(cases(), st.randoms(use_true_random=False), st.sampled_from(["codebook", "newest", "without-parties"]))
def test_order_never_matters(
    case: tuple[list[Mention], dict[str, Fingerprint]], chance: Any, rule: str
) -> None:
    members, prints = case
    shuffled = members[:]
    chance.shuffle(shuffled)
    assert folded(shuffled, prints, rule=rule) == folded(members, prints, rule=rule)
    assert standing(shuffled, prints=prints) == standing(members, prints=prints)


# ---- figures ---------------------------------------------------------------------------------------------


def test_a_story_printed_again_is_no_newer_figure() -> None:
    members = [mention("a", 1, harm=toll(5)), mention("b", 2, harm=toll(9)), mention("c", 6, harm=toll(5))]
    prints = {"r-a": PRINTS[1], "r-b": PRINTS[3], "r-c": PRINTS[1]}
    assert folded(members, prints).harm["killed"].best == 9
    assert folded(members).harm["killed"].best == 5
    changed = [*members[:2], replace(members[2], harm=toll(11))]
    assert folded(changed, prints).harm["killed"].best == 11


def test_ten_copies_do_not_outvote_two_sources() -> None:
    copies = [mention(f"c{n}", kind="bombing") for n in range(10)]
    members = [*copies, mention("x"), mention("y")]
    prints = {m.report_id: PRINTS[0] for m in copies} | {"r-x": PRINTS[1], "r-y": PRINTS[3]}
    assert folded(members, prints).kind == "armed_clash"


@pytest.mark.parametrize(
    ("rule", "killed"), [("codebook", (5, 9, None)), ("lowest", (5, 5, 5)), ("highest", (60, 60, 60))]
)
def test_figures_by_another_rule_are_those_of_a_fold_by_it(rule: str, killed: tuple[int | None, ...]) -> None:
    members = [
        mention("a", 1, harm=toll(5)),
        mention("b", 2, harm=toll(9)),
        mention("c", 3, status="claimed", harm=toll(60)),
    ]
    made = folded(members)
    again = recounted(made, members, rule)
    assert again.harm == folded(members, rule=rule).harm
    assert again.ledger == folded(members, rule=rule).ledger
    assert (again.status, again.when) == (made.status, made.when)
    if rule != "codebook":
        assert again.harm["killed"] == Count(*killed)


def test_a_person_s_figure_outranks_the_rule() -> None:
    members = [mention("a", harm=toll(5)), mention("b", 2, harm=toll(9))]
    said = Correction("a", "harm.killed", [7, 7, 7], "user:ana", NOON)
    made = folded(members, corrections=[said])
    again = recounted(made, members, "highest")
    assert again.harm["killed"] == Count(7, 7, 7)
    assert again.corrections == made.corrections
