"""Triggers into events: what is one incident told again, and what are two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarikh.extract import grouping, reality, triggers
from tarikh.extract.grouping import COUP, CROWD, HARM_ONLY, POLICE, VIOLENT, Event, compatible, is_means
from tarikh.model import Count, Mention
from test_triggers import kinds, scenes, told

pytestmark = pytest.mark.usefixtures("rules_alone")


def places(mention: Mention) -> list[str]:
    return [p.text for p in mention.phrases["place"]]


def days(mention: Mention) -> list[str]:
    return [p.text for p in mention.phrases["date"]]


def grouped(text: str) -> list[Event]:
    """The events of a report before any of them is coded."""
    groups = []
    for scene in scenes(text):
        kept = [t for t in triggers.find(scene) if reality.refusal(t) is None]
        groups.append(grouping.in_sentence(scene, kept))
    return grouping.in_report(groups)


# --- two -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (
            "Gunmen killed six farmers in Téra on Sunday. In Tillabéri, two herders were killed.",
            ["Téra", "Tillabéri"],
        ),
        (
            "Gunmen attacked farmers in Téra on Sunday. On Monday, gunmen attacked herders in Tillabéri.",
            ["Téra", "Tillabéri"],
        ),
        ("Shells hit Kharkiv on Monday and drones hit Odesa on Tuesday.", ["Kharkiv", "Odesa"]),
        (
            "Gunmen raided a village near Gao on Monday, and a mine killed two soldiers near Mopti on Tuesday.",
            ["Gao", "Mopti"],
        ),
        (
            "The raid on Téra on Sunday killed four. Another raid, on Tillabéri, killed two on Monday.",
            ["Téra", "Tillabéri"],
        ),
    ],
)
def test_two_places_are_two_events(text: str, where: list[str]) -> None:
    assert [[p.removeprefix("near ") for p in places(m)] for m in told(text)] == [[w] for w in where]


@pytest.mark.parametrize(
    ("text", "when"),
    [
        (
            "Rebels shelled Kupyansk on Monday. They shelled the town again on Wednesday.",
            ["Monday", "Wednesday"],
        ),
        (
            "Gunmen killed six farmers in Téra on Sunday. Gunmen returned to Téra on Tuesday and killed two herders.",
            ["Sunday", "Tuesday"],
        ),
        (
            "Gunmen killed six farmers in Téra on Sunday. On Tuesday, gunmen killed two herders in Téra.",
            ["Sunday", "Tuesday"],
        ),
        (
            "A blast hit a market in Kano on Monday. On Thursday, a second blast hit the market.",
            ["Monday", "Thursday"],
        ),
    ],
)
def test_two_days_are_two_events(text: str, when: list[str]) -> None:
    assert [[d.split()[-1] for d in days(m)] for m in told(text)] == [[day] for day in when]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Residents marched in Goma on Monday. Gunmen killed a teacher in Bukavu on Tuesday.",
            ["peaceful_protest", "attack_on_civilians"],
        ),
        (
            "Gunmen attacked a village near Gao on Tuesday. Soldiers arrested six suspects in Bamako on Wednesday.",
            ["attack_on_civilians", "arrest"],
        ),
        (
            "Rebels attacked an army post near Kidal on Monday. The rebels and the government signed a ceasefire in Bamako on Friday.",
            ["armed_clash", "agreement"],
        ),
    ],
)
def test_two_families_of_acts_are_two_events(text: str, expected: list[str]) -> None:
    assert kinds(text) == expected


def test_an_earlier_event_recalled_in_the_same_sentence_is_its_own() -> None:
    text = "Gunmen killed three farmers in Téra on Sunday, a week after an ambush near Ayorou killed nine soldiers."
    new, recalled = told(text)
    assert (new.aspect, recalled.aspect) == ("new", "background")
    assert (places(new), places(recalled)) == (["Téra"], ["Ayorou"])
    assert (new.harm["killed"], recalled.harm["killed"]) == (Count(3, 3, 3), Count(9, 9, 9))


# --- one -----------------------------------------------------------------------------------------------------


def test_headline_lead_and_body_tell_one_event() -> None:
    (mention,) = told(
        "Gunmen attacked a village near Téra on Sunday, killing four farmers. The attack began before dawn."
        " Two more people were wounded, the mayor said.",
        "Gunmen raid village near Téra",
    )
    assert mention.trigger == "attacked"
    assert {s.part for s in mention.evidence["kind"].spans} == {"title", "text"}
    assert (mention.harm["killed"], mention.harm["injured"]) == (Count(4, 4, 4), Count(2, 2, 2))


@pytest.mark.parametrize(
    ("text", "killed"),
    [
        (
            "A bomb exploded in a market in Kano on Tuesday. At least nine people were killed.",
            Count(9, 9, None),
        ),
        ("Gunmen attacked a village near Gao on Tuesday. The attack left four people dead.", Count(4, 4, 4)),
        (
            "Gunmen attacked a village near Gao on Tuesday. Three people died on the spot. Two more died in hospital.",
            Count(5, 5, 5),
        ),
        (
            "Gunmen ambushed an army convoy near Gao on Tuesday. Six soldiers were killed, the army said.",
            Count(6, 6, 6),
        ),
    ],
)
def test_tolls_join_the_event_they_belong_to(text: str, killed: Count) -> None:
    (mention,) = told(text)
    assert mention.harm["killed"] == killed


@pytest.mark.parametrize(
    "again",
    [
        "The attack was the worst of the month.",
        "This raid left the district in fear.",
        "The assailants burned huts and stole cattle.",
        "The gunmen shot at everything that moved.",
        "Its survivors said that the attack lasted two hours.",
    ],
)
def test_what_points_back_joins(again: str) -> None:
    assert kinds(f"Gunmen attacked a village near Gao on Tuesday. {again}") == ["attack_on_civilians"]


def test_phases_of_one_attack_are_one_event() -> None:
    text = (
        "A suicide bomber blew himself up at the gate of a base in Mogadishu on Tuesday."
        " Gunmen then stormed the base. Soldiers fired back."
    )
    assert kinds(text) == ["suicide_bombing"]


def test_a_release_is_a_follow_up_of_the_abduction() -> None:
    text = "Bandits kidnapped nine pupils in Kaduna on Monday. The pupils were freed on Thursday."
    (mention,) = told(text)
    assert (mention.kind, days(mention)) == ("abduction", ["on Monday"])


def test_what_a_sentence_lacks_is_carried_from_the_event_before() -> None:
    text = "Rebels shelled Kupyansk on Monday. They shelled the town again on Wednesday."
    assert [places(m) for m in told(text)] == [["Kupyansk"], ["Kupyansk"]]


def test_talk_without_a_day_or_a_place_is_no_event_of_its_own() -> None:
    text = "Gunmen attacked a village near Gao on Tuesday. The rebels and the government signed a ceasefire."
    assert [e.acts for e in grouped(text)] == [{"attack"}]
    assert kinds(text) == ["attack_on_civilians"]
    dated = text.removesuffix(".") + " on Friday."
    assert [e.acts for e in grouped(dated)] == [{"attack"}, {"agree"}]


def test_a_dateline_is_not_where_it_happened() -> None:
    (mention,) = told("BAMAKO (Wire) — Gunmen attacked a village near Gao on Tuesday.")
    assert all("BAMAKO" not in place for place in places(mention))


# --- rules by themselves ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("attack", "kill", True),
        ("raid clash", "shell", True),
        ("protest", "disperse", True),
        ("protest kill", "fire", True),
        ("coup", "arrest", True),
        ("arrest", "find", True),
        ("attack", "toll", True),
        ("attack", "means:air", True),
        ("protest", "shell", False),
        ("attack", "agree", False),
        ("agree", "withdraw", False),
        ("move", "base", False),
        ("coup", "protest", False),
        ("abduct", "coup", False),
    ],
)
def test_which_acts_can_be_phases_of_one_incident(left: str, right: str, expected: bool) -> None:
    assert compatible(left.split(), right.split()) is expected
    assert compatible(right.split(), left.split()) is expected


ACTS = sorted(VIOLENT | CROWD | POLICE | COUP | {"agree", "move", "base", "withdraw", "means:air"})


@given(left=st.sets(st.sampled_from(ACTS), max_size=4), right=st.sets(st.sampled_from(ACTS), max_size=4))
def test_compatible_is_symmetric_and_weapons_never_part_events(left: set[str], right: set[str]) -> None:
    assert compatible(left, right) == compatible(right, left)
    assert compatible(left | {"means:shell"}, right) == compatible(left, right)
    acts = {a for a in left | right if not is_means(a)}
    if compatible(left, right) and len(acts) > 1:
        assert any(acts <= family for family in (VIOLENT, CROWD, POLICE, COUP))


def test_an_event_of_harm_alone_has_no_core() -> None:
    (event,) = grouped("Six people died in Kano on Tuesday.")
    assert event.acts <= HARM_ONLY
    assert not event.core
    assert told("Six people died in Kano on Tuesday.") == ()


@pytest.mark.parametrize(
    "text",
    [
        "Gunmen killed six farmers in Téra on Sunday. In Tillabéri, two herders were killed on Monday.",
        "Shells hit Kharkiv on Monday and drones hit Odesa on Tuesday.",
        "Gunmen attacked a village near Gao on Tuesday. The attack left four dead. Rebels shelled Kidal on Thursday.",
    ],
)
def test_no_event_holds_two_days_or_two_towns(text: str) -> None:
    events = grouped(text)
    assert len(events) == 2
    for event in events:
        assert len(event.day_keys()) <= 1
        assert len(event.town_keys()) <= 1
        assert [t.scene.sentence.index for t in event.triggers if not is_means(t.act)] == sorted(
            t.scene.sentence.index for t in event.triggers if not is_means(t.act)
        )


# --- French -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Des hommes armés ont tué six paysans lundi à Téra. L'attaque a fait aussi quatre blessés.",
            ["attack_on_civilians"],
        ),
        (
            "Des hommes armés ont tué six paysans lundi à Téra. Mardi, deux infirmiers ont été enlevés à Tillabéri.",
            ["attack_on_civilians", "abduction"],
        ),
        (
            "Un kamikaze s'est fait exploser lundi à Maiduguri. L'explosion a tué neuf fidèles.",
            ["suicide_bombing"],
        ),
    ],
)
def test_french_events_are_one_or_two_as_days_and_towns_are(text: str, expected: list[str]) -> None:
    assert kinds(text, language="fr") == expected
