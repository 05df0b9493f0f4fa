"""The one rule: incidents = fold(mentions, judgements, corrections)."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tarikh.errors import UsageError
from tarikh.link import conflicts, correction_value, fold, incident_id, judge
from tarikh.model import (
    Correction,
    Count,
    Evidence,
    Incident,
    Judgement,
    Mention,
    Verdict,
    When,
    Where,
)

NOON = datetime(2024, 5, 8, 12, tzinfo=UTC)
MONDAY = date(2024, 5, 6)
TANDOU = Where("MLI", "Mopti", None, "Tandou", 14.30, -3.40, "exact")


def mention(key: str, **fields: Any) -> Mention:
    defaults: dict[str, Any] = {
        "report_id": f"report-{key}",
        "coder": "hand",
        "kind": "armed_clash",
        "attackers": ("JNIM",),
        "targets": ("Military of Mali",),
        "when": When(MONDAY, MONDAY, "day"),
        "where": TANDOU,
        "published": MONDAY + timedelta(1),
        "source": f"source-{key}",
        "recorded_at": NOON,
    }
    return Mention(id=key, **{**defaults, **fields})


def toll(low: int | None, best: int | None, high: int | None) -> Mapping[str, Count]:
    return {"killed": Count(low, best, high)}


def says(
    left: str, right: str, verdict: Verdict, by: str = "linker@1", score: float = 8.0, **more: Any
) -> Judgement:
    left, right = sorted((left, right))
    return Judgement(left, right, verdict, score if verdict == "same" else -score, by, **more)


def ana(left: str, right: str, verdict: Verdict, hour: int = 0, **more: Any) -> Judgement:
    return says(left, right, verdict, "user:ana", at=NOON + timedelta(hours=hour), **more)


def groups(incidents: Sequence[Incident]) -> set[frozenset[str]]:
    return {frozenset(incident.members) for incident in incidents}


def together(incidents: Sequence[Incident], left: str, right: str) -> bool:
    return any(left in incident.members and right in incident.members for incident in incidents)


def one(*members: Mention, **options: Any) -> Incident:
    """The one incident of mentions that the linker calls the same."""
    first = members[0].id
    incidents = fold(members, [says(first, other.id, "same") for other in members[1:]], **options)
    assert len(incidents) == 1
    return incidents[0]


# --- grouping ---------------------------------------------------------------------------------------


def vague(key: str) -> Mention:
    """A mention that contradicts no other: nothing is known of it."""
    return mention(key, attackers=(), targets=(), when=When(), where=Where())


VERDICTS: list[Verdict] = ["same", "unsure"]


@st.composite
def spoken(draw: st.DrawFn, verdicts: Sequence[Verdict]) -> tuple[list[Mention], list[Judgement]]:
    count = draw(st.integers(2, 9))
    ids = [f"m{number}" for number in range(count)]
    pairs = [(left, right) for left in ids for right in ids if left < right]
    judgements = []
    for left, right in draw(st.lists(st.sampled_from(pairs), max_size=14)):
        verdict = draw(st.sampled_from(verdicts))
        by = draw(st.sampled_from(["linker@1", "user:ana", "user:ben"]))
        at = NOON + timedelta(hours=draw(st.integers(0, 3)))
        withdrawn = draw(st.sampled_from([None, None, None, NOON]))
        score = draw(st.floats(0, 9, allow_nan=False))
        judgements.append(says(left, right, verdict, by, score, at=at, withdrawn_at=withdrawn))
    mentions = []
    for key in ids:
        harm = draw(st.sampled_from([{}, toll(3, 3, 3), toll(7, 7, None)]))
        recorded = draw(st.sampled_from([NOON, NOON + timedelta(hours=1), None]))
        mentions.append(
            replace(
                vague(key), harm=harm, recorded_at=recorded, source=draw(st.sampled_from(["A", "B", None]))
            )
        )
    return mentions, judgements


@settings(max_examples=150, deadline=None)
@given(spoken(["same", "different", "unsure"]), st.integers(0, 1000))
def test_order_never_matters(case: tuple[list[Mention], list[Judgement]], seed: int) -> None:
    mentions, judgements = case
    chance = random.Random(seed)
    shuffled = chance.sample(mentions, len(mentions))
    said = [
        replace(j, left=j.right, right=j.left) if chance.random() < 0.3 else j
        for j in chance.sample(judgements, len(judgements))
    ]
    straight = fold(mentions, judgements)
    turned = fold(shuffled, said)
    assert [replace(i, judgements=()) for i in straight] == [replace(i, judgements=()) for i in turned]


@settings(max_examples=150, deadline=None)
@given(spoken(VERDICTS))
def test_without_different_it_is_connected_components(case: tuple[list[Mention], list[Judgement]]) -> None:
    mentions, judgements = case
    latest: dict[tuple[str, str], Judgement] = {}
    # The oracle shares the rule of which row counts for a pair: a person's before a rule's, then the newest;
    # of one moment, the later name, the higher score, the later word.
    for j in judgements:
        if j.withdrawn_at is None:
            key = (j.left, j.right)
            rank = (j.by_person(), j.at, len(j.by), j.by, j.score, j.verdict)
            old = latest.get(key)
            if old is None or rank > (old.by_person(), old.at, len(old.by), old.by, old.score, old.verdict):
                latest[key] = j
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(m.id for m in mentions)
    graph.add_edges_from(
        pair for pair, j in latest.items() if j.verdict == "same" and (j.score > 0 or j.by_person())
    )
    assert groups(fold(mentions, judgements)) == {frozenset(c) for c in nx.connected_components(graph)}


@settings(max_examples=200, deadline=None)
@given(spoken(["same", "same", "different"]))
def test_a_persons_different_always_holds(case: tuple[list[Mention], list[Judgement]]) -> None:
    mentions, judgements = case
    incidents = fold(mentions, judgements)
    newest: dict[tuple[str, str], tuple[Any, ...]] = {}
    for j in judgements:
        if j.by_person() and j.withdrawn_at is None:
            rank = (j.at, len(j.by), j.by, j.score, j.verdict)
            newest[j.left, j.right] = max(rank, newest.get((j.left, j.right), rank))
    for (left, right), rank in newest.items():
        if rank[-1] == "different":
            assert not together(incidents, left, right)
    overruled = conflicts(mentions, judgements)
    for (left, right), rank in newest.items():
        if rank[-1] == "same" and not together(incidents, left, right):
            assert any((j.left, j.right) == (left, right) for j in overruled)


def test_a_persons_different_holds_through_chains() -> None:
    rows = [mention("a"), mention("b"), mention("c")]
    incidents = fold(rows, [*judge(rows), ana("a", "c", "different")])
    assert not together(incidents, "a", "c")
    assert len(incidents) == 2


def test_a_persons_same_joins_what_the_rules_keep_apart() -> None:
    far = replace(TANDOU, place="Korima", latitude=15.9)
    rows = [mention("a"), mention("b", where=far), mention("c", report_id="report-a", kind="arrest")]
    incidents = fold(rows, [*judge(rows), ana("a", "b", "same"), ana("a", "c", "same")])
    assert groups(incidents) == {frozenset("abc")}


def test_a_same_against_a_different_stays_visible_on_both_sides() -> None:
    rows = [vague("a"), vague("b"), vague("c")]
    said = [ana("a", "b", "same", 3), ana("b", "c", "same", 1), ana("a", "c", "different", 2)]
    incidents = fold(rows, said)
    assert groups(incidents) == {frozenset("ab"), frozenset("c")}
    assert conflicts(rows, said) == (said[1],)
    assert all(said[1] in incident.judgements for incident in incidents)


def test_a_withdrawn_judgement_says_nothing() -> None:
    rows = [mention("a"), mention("b")]
    said = [says("a", "b", "same"), ana("a", "b", "different", withdrawn_at=NOON)]
    assert len(fold(rows, said)) == 1
    assert len(fold(rows, [ana("a", "b", "same", withdrawn_at=NOON)])) == 2


def test_the_newest_version_of_the_rules_counts() -> None:
    rows = [vague("a"), vague("b")]
    said = [says("a", "b", "different", "linker@9"), says("a", "b", "same", "linker@10")]
    assert len(fold(rows, said)) == 1
    assert len(fold(rows, [*said, ana("a", "b", "unsure")])) == 2


def test_one_report_never_gives_two_members_by_rule() -> None:
    rows = [mention("a"), mention("b"), mention("c", report_id="report-a")]
    incidents = fold(rows, judge(rows))
    assert not together(incidents, "a", "c")


def test_a_vague_mention_does_not_bridge_two_villages() -> None:
    region = Where("MLI", "Mopti", None, None, None, None, "admin1")
    far = replace(TANDOU, place="Sofara", latitude=14.9)
    rows = [mention("a"), mention("b", where=region), mention("c", where=far)]
    incidents = fold(rows, judge(rows))
    assert not together(incidents, "a", "c")


# --- identity ---------------------------------------------------------------------------------------


def test_the_id_belongs_to_the_founder() -> None:
    early, late = mention("z", recorded_at=NOON - timedelta(1)), mention("a")
    incident = one(early, late)
    assert (incident.id, incident.founder) == (incident_id("z"), "z")
    assert incident.members == ("z", "a")
    alone = fold([late], [])[0]
    merged = fold([early, late], [says("a", "z", "same")], previous=[alone.id, incident.id])[0]
    assert merged.absorbed == (alone.id,)


def test_a_mention_without_a_moment_founds_last_and_zones_do_not_matter() -> None:
    naive = mention("b", recorded_at=datetime(2024, 5, 8, 11))
    assert one(mention("a", recorded_at=None), mention("c"), naive).founder == "b"


def test_a_founder_coded_anew_keeps_the_id() -> None:
    again = mention("new", recorded_at=NOON + timedelta(9), succeeds="old")
    incident = fold([again], [], origins={"new": (NOON, "old")})[0]
    assert (incident.id, incident.founder) == (incident_id("old"), "new")


# --- fields -----------------------------------------------------------------------------------------


def test_kind_by_support_then_by_the_order_of_the_codebook() -> None:
    clash, bomb = mention("a"), mention("b", kind="bombing")
    assert one(clash, bomb).kind == "bombing"
    incident = one(clash, bomb, mention("c"))
    assert (incident.kind, incident.support["kind"]) == ("armed_clash", ("a", "c"))


def test_named_beats_unidentified() -> None:
    unknown = ("Unidentified armed group (Mali)",)
    rows = [
        mention("a", attackers=unknown),
        mention("b", attackers=unknown),
        mention("c"),
        mention("d", attackers=()),
    ]
    incident = one(*rows)
    assert incident.attackers == ("JNIM",)
    assert incident.support["attackers"] == ("a", "b", "c")


def test_unidentified_is_not_beaten_by_a_party_that_it_cannot_be() -> None:
    unknown = ("Unidentified armed group (Mali)",)
    rows = [
        mention("a", targets=unknown),
        mention("b", targets=unknown),
        mention("c", targets=("Civilians (Mali)",)),
    ]
    assert one(*rows).targets == unknown


def test_a_clash_keeps_the_sides_that_most_tell() -> None:
    turned = mention("c", attackers=("Military of Mali",), targets=("JNIM",))
    incident = one(mention("a"), mention("b"), turned)
    assert (incident.attackers, incident.targets) == (("JNIM",), ("Military of Mali",))
    assert "c" not in incident.support["attackers"]
    assert {c.mention_id for c in incident.ledger if c.field == "attackers"} == {"a", "b", "c"}


def test_the_finest_date_and_place() -> None:
    may = When(date(2024, 5, 1), date(2024, 5, 31), "month")
    region = Where("MLI", "Mopti", None, None, 14.5, -4.2, "admin1")
    near = replace(TANDOU, precision="near")
    incident = one(
        mention("a", when=may, where=region),
        mention("b", where=near),
        mention("c", when=may),
        mention("d", when=When(), where=Where()),
    )
    assert incident.when == When(MONDAY, MONDAY, "day")
    assert incident.support["date"] == ("b",)
    assert incident.where == TANDOU
    assert incident.support["place"] == ("b", "c")


def test_unknown_stays_unknown() -> None:
    incident = one(vague("a"), vague("b"))
    assert incident.when == When()
    assert incident.where == Where()
    assert (dict(incident.harm), incident.attackers) == ({}, ())
    assert "date" not in incident.support


def test_status() -> None:
    claimed, alleged = mention("a", status="claimed"), mention("b", status="alleged")
    assert one(claimed, alleged).status == "claimed"
    assert one(claimed, mention("c")).status == "reported"
    assert one(claimed, mention("c", status="disputed")).status == "disputed"
    assert one(mention("d"), mention("c", status="disputed")).status == "disputed"
    assert one(mention("d"), mention("e"), mention("c", status="disputed")).status == "reported"


def test_confidence_rises_with_independent_voices() -> None:
    alone, again = one(mention("a")), one(mention("a"), mention("b", source="source-a"))
    two = one(mention("a"), mention("b"))
    assert alone.confidence == again.confidence < two.confidence < 1
    assert one(mention("a", status="claimed")).confidence < alone.confidence


# --- figures ----------------------------------------------------------------------------------------


def told() -> list[Mention]:
    return [
        mention("a", harm=toll(9, 9, 9), published=MONDAY),
        mention("b", harm=toll(14, 14, None), published=MONDAY + timedelta(3)),
        mention("c", harm=toll(60, 60, 60), status="claimed", published=MONDAY + timedelta(5)),
        mention("d", harm={}),
    ]


@pytest.mark.parametrize(
    ("rule", "expected", "support"),
    [
        ("codebook", Count(9, 14, 60), ("b",)),
        ("lowest", Count(9, 9, 9), ("a",)),
        ("highest", Count(60, 60, 60), ("c",)),
        ("newest", Count(60, 60, 60), ("c",)),
        ("without-parties", Count(9, 14, None), ("b",)),
    ],
)
def test_rules_for_figures(rule: str, expected: Count, support: tuple[str, ...]) -> None:
    incident = one(*told(), rule=rule)
    assert incident.harm["killed"] == expected
    assert incident.support["harm.killed"] == support
    assert "injured" not in incident.harm


def test_a_rule_that_does_not_exist() -> None:
    with pytest.raises(UsageError, match="mean"):
        fold([], [], rule="mean")


def test_only_parties_speak() -> None:
    incident = one(mention("a", status="claimed", harm=toll(5, 5, 5)), rule="without-parties")
    assert dict(incident.harm) == {}
    assert [claim.value for claim in incident.ledger] == [Count(5, 5, 5)]


def test_a_monitor_is_heard_before_the_press() -> None:
    rows = [
        mention("a", harm=toll(9, 9, 9), source="Hospital"),
        mention("b", harm=toll(14, 14, 14), published=MONDAY + timedelta(9)),
    ]
    assert one(*rows).harm["killed"].best == 14
    assert one(*rows, report_sources={"Hospital": "monitor"}).harm["killed"].best == 9


def test_the_attacker_by_name_is_heard_last() -> None:
    rows = [
        mention("a", harm=toll(9, 9, 9)),
        mention("b", harm=toll(31, 31, 31), attribution="a JNIM statement", published=MONDAY + timedelta(9)),
    ]
    assert one(*rows).harm["killed"] == Count(9, 9, 31)


def test_zero_is_told_and_kept() -> None:
    assert one(mention("a", harm=toll(0, 0, 0)), mention("b")).harm["killed"] == Count(0, 0, 0)


# --- ledger and corrections -------------------------------------------------------------------------


def test_the_ledger_keeps_every_figure_with_its_words() -> None:
    words = Evidence(words=("nine dead",))
    rows = [replace(told()[0], evidence={"harm.killed": words}, attribution="a nurse"), *told()[1:]]
    ledger = [claim for claim in one(*rows).ledger if claim.field == "harm.killed"]
    assert [(c.mention_id, c.chosen) for c in ledger] == [("a", False), ("b", True), ("c", False)]
    assert (ledger[0].words, ledger[0].attribution, ledger[0].source) == (
        ("nine dead",),
        "a nurse",
        "source-a",
    )


def test_fields_are_in_the_ledger_where_sources_differ() -> None:
    other_day = When(MONDAY, MONDAY + timedelta(1), "day")
    incident = one(mention("a"), mention("b", when=other_day))
    assert {c.field for c in incident.ledger} == {"date"}
    assert [c.chosen for c in incident.ledger].count(True) == 1


def corrects(key: str, field: str, value: Any, hour: int = 0, **more: Any) -> Correction:
    return Correction(key, field, value, "user:ana", NOON + timedelta(hours=hour), **more)


def test_the_newest_correction_counts_and_all_are_listed() -> None:
    said = [
        corrects("a", "harm.killed", [10, 11, None], 2),
        corrects("a", "harm.killed", 3, 1),
        corrects("b", "kind", "bombing"),
        corrects("a", "status", "disputed", withdrawn_at=NOON),
        corrects("a", "date", {"start": "2024-05-07"}),
        corrects("a", "place", {"country": "MLI", "precision": "country"}),
        corrects("a", "review", "accepted"),
        corrects("gone", "kind", "riot"),
    ]
    rows = [mention("a", harm=toll(9, 9, 9)), mention("b")]
    for order in (said, said[::-1]):
        incident = one(*rows, corrections=order)
        assert incident.harm["killed"] == Count(10, 11, None)
        assert (incident.kind, incident.status, incident.review) == ("bombing", "reported", "accepted")
        assert incident.when.start == date(2024, 5, 7)
        assert incident.where == Where("MLI", precision="country")
        assert len(incident.corrections) == 6
        assert "harm.killed" not in incident.support
        assert [c.value for c in incident.ledger if c.field == "harm.killed"] == [Count(9, 9, 9)]


def test_a_correction_to_unknown() -> None:
    incident = one(mention("a", harm=toll(9, 9, 9)), corrections=[corrects("a", "harm.killed", None)])
    assert "killed" not in incident.harm


def test_a_correction_that_cannot_be_read_changes_nothing_and_is_listed() -> None:
    incident = one(mention("a"), corrections=[corrects("a", "kind", "earthquake")])
    assert incident.kind == "armed_clash"
    assert len(incident.corrections) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "earthquake"),
        ("attackers", "JNIM"),
        ("attackers", [3]),
        ("date", "yesterday"),
        ("date", {"start": "2024-05-07", "end": "2024-05-01"}),
        ("date", 5),
        ("place", {"latitude": 120.0}),
        ("place", {"town": "Tandou"}),
        ("harm.killed", -1),
        ("harm.killed", [1, 2, 3, 4]),
        ("harm.killed", [9, 5, 9]),
        ("harm.killed", True),
        ("harm.killed", "many"),
        ("harm.hopes", 1),
        ("color", "red"),
    ],
)
def test_what_is_no_value_of_a_field(field: str, value: Any) -> None:
    with pytest.raises(UsageError):
        correction_value(field, value)


def test_every_members_claim_and_support_is_inside() -> None:
    incident = one(*told())
    inside = set(incident.members)
    assert {c.mention_id for c in incident.ledger} <= inside
    assert {key for ids in incident.support.values() for key in ids} <= inside
    assert {j.left for j in incident.judgements} | {j.right for j in incident.judgements} <= inside
