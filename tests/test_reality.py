"""What is refused as no event, and why; and what stands beside it and is one."""

from __future__ import annotations

import pytest

from tarikh.extract import reality, triggers
from tarikh.extract.triggers import Trigger
from test_triggers import FRIDAY, extracted, scene, told


def refusals(text: str, language: str = "en") -> list[str | None]:
    """Why each trigger of a sentence is refused, weapons left out; None for one that stands."""
    found = triggers.find(scene(text, language))
    return [reality.refusal(t) for t in found if not t.act.startswith("means:")]


def refusal(text: str, language: str = "en") -> str | None:
    (only,) = refusals(text, language)
    return only


# --- each reason, with the twin that stands -----------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "No attack took place in Mora.",
        "The soldiers did not fire on the crowd.",
        "The soldiers didn't fire on the crowd.",
        "Gunmen never attacked the village.",
        "Nobody was killed in the village.",
        "No villagers were killed.",
        "None were kidnapped.",
        "Neither side attacked.",
        "There was no fighting in Goma on Monday.",
        "There is no evidence of an attack on the village.",
        "There was no sign of an ambush.",
        "The army found no evidence of a massacre.",
    ],
)
def test_negated(text: str) -> None:
    assert "negated" in (refusal(text) or "stands")


@pytest.mark.parametrize(
    "text",
    [
        "Rebels may attack the town.",
        "Gunmen could storm the village.",
        "Gunmen can attack at any time.",
        "The army will bomb the camp.",
        "The army would bomb the camp.",
        "Soldiers should arrest the chief.",
        "The convoy could have been attacked.",
        "The army said that it would attack.",
        "An attack on Goma may follow.",
    ],
)
def test_modal(text: str) -> None:
    assert refusal(text) == "future, possible or called for"


@pytest.mark.parametrize(
    "text",
    [
        "The rebels threatened to attack the town.",
        "The army plans to raid the forest.",
        "The army intends to deploy troops to the border.",
        "The group vowed to kill the president.",
        "The general promised to withdraw from the town.",
        "Residents fear an attack on Friday.",
        "The mayor warned of an attack on Monday.",
        "The minister called for the arrest of the general.",
        "The opposition called for a protest on Saturday.",
        "The army asked for an air strike.",
        "The UN urged the rebels to withdraw from the town.",
        "Rebels refused to withdraw from Goma.",
        "The rebels are preparing an attack on Goma.",
        "Police foiled an attack on a church.",
        "Soldiers prevented an attack on the market.",
        "An attack was averted.",
        "Police banned a protest in Lagos.",
        "The council discussed a ceasefire.",
        "They are accused of planning an attack on a bank.",
    ],
)
def test_threat_plan_fear_call_and_what_was_prevented(text: str) -> None:
    assert "planned, threatened, feared, called for or prevented" in (refusal(text) or "stands")


@pytest.mark.parametrize(
    "text",
    [
        "The threat of an attack kept people at home.",
        "The risk of a suicide bombing is high.",
        "A film about the massacre opened on Friday.",
        "The anniversary of the massacre was marked on Friday.",
    ],
)
def test_nouns_that_make_unreal_what_hangs_on_them(text: str) -> None:
    assert "a threat, plan, risk or commemoration" in (refusal(text) or "stands")


def test_condition() -> None:
    assert refusals("If gunmen attack the village, residents leave.") == ["conditional"]
    assert refusals("Unless the rebels withdraw, talks end.") == ["conditional"]
    assert refusals("When gunmen attacked the village, residents left.") == [None]


@pytest.mark.parametrize("adverb", ["often", "regularly", "routinely", "repeatedly"])
def test_habit(adverb: str) -> None:
    assert refusal(f"Bandits {adverb} kidnap farmers here.") == "habitual"
    assert refusal("Bandits kidnapped farmers here.") is None


@pytest.mark.parametrize(
    "text",
    [
        "Attacks have multiplied in the region.",
        "Attacks increased in the north.",
        "Bombings doubled.",
        "Kidnappings have soared since January.",
    ],
)
def test_sum(text: str) -> None:
    assert refusal(text) == "a sum or series of events, not one"


def test_a_sum_over_months_is_refused_whole() -> None:
    text = "Attacks in the north have killed hundreds of people since January."
    assert refusals(text) == ["a sum or series of events, not one"] * 2


@pytest.mark.parametrize(
    "text",
    [
        "Ten people died when a bus overturned near Kano on Monday.",
        "A crash killed nine people near Kano on Monday.",
        "Floods killed twelve people in Kano.",
        "Two soldiers were killed when their truck overturned.",
        "Lightning killed a herder.",
        "An elephant killed a farmer.",
    ],
)
def test_accident_disaster_and_beast(text: str) -> None:
    assert refusal(text) == "an accident or disaster"


@pytest.mark.parametrize(
    "text",
    ["Soldiers killed two herders in a stampede.", "Gunmen killed a driver after a crash."],
)
def test_where_armed_men_did_it_a_word_of_accidents_refuses_nothing(text: str) -> None:
    assert refusal(text) is None


def test_a_participle_that_only_describes_somebody() -> None:
    assert refusal("The killed soldiers were buried on Friday.") == "only describes somebody"


# --- what stands --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Gunmen attacked a village near Gao.",
        "The attack left six dead.",
        "The rebels claimed to have attacked the town.",
        "The army confirmed that rebels had attacked the town.",
        "Rebels tried to storm the base on Friday.",
        "The parties agreed to a ceasefire.",
        "The governor denied that soldiers had killed villagers.",
        "Rebels attacked the town on Friday as expected.",
    ],
)
def test_what_happened_stands(text: str) -> None:
    assert refusal(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Gunmen attacked the village but did not kill anyone.", [False, True]),
        ("Gunmen killed two men and threatened to kill more.", [False, True]),
        ("The army attacked the camp after rebels refused to withdraw.", [False, True]),
        ("Gunmen attacked the market, and people fear another attack.", [False, True]),
    ],
)
def test_a_refusal_reaches_no_further_than_its_own_clause(text: str, expected: list[bool]) -> None:
    assert [r is not None for r in refusals(text)] == expected


# --- through the coder --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Rebels threatened to attack Goma on Monday.",
        "No attack took place in Goma on Monday.",
        "Residents of Goma feared an attack on Monday.",
        "Attacks around Goma have doubled since January.",
        "Ten people died near Goma on Monday when a bus overturned.",
    ],
)
def test_a_report_of_nothing_that_happened_has_no_mention_and_says_why(text: str) -> None:
    found = extracted(text)
    assert found.mentions == ()
    assert found.refusals
    for refused in found.refusals:
        assert refused.reason
        assert text[refused.span.start : refused.span.end] == refused.words


def test_a_refused_sentence_leaves_the_next_one_alone() -> None:
    text = "Rebels threatened to attack Goma. On Monday, gunmen killed a teacher in Bukavu."
    (only,) = told(text)
    assert (only.kind, only.trigger, only.published) == ("attack_on_civilians", "killed", FRIDAY)


def test_a_reason_is_given_for_triggers_only() -> None:
    assert extracted("The harvest was good in Goma on Monday.").refusals == ()
    assert all(isinstance(t, Trigger) for t in triggers.find(scene("Gunmen fled.")))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("A withdrawal demanded by the junta was discussed in Niamey on Tuesday.", "wanted"),
        ("Read also: Gunmen attack a village near Gao.", "another story"),
    ],
)
def test_what_is_wanted_or_told_elsewhere(text: str, reason: str) -> None:
    assert reason in (refusal(text) or "stands")


# --- French -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "L'armée n'a pas attaqué le village.",
        "Les soldats n'ont jamais attaqué le village.",
        "Aucun soldat n'a été tué.",
        "L'armée n'a tué aucun civil.",
        "Aucune attaque n'a eu lieu à Mora.",
        "Personne n'a été tué à Mora.",
    ],
)
def test_french_negation(text: str) -> None:
    assert "negated" in (refusal(text, "fr") or "stands")


@pytest.mark.parametrize(
    "text",
    [
        "Les rebelles attaqueront la ville.",
        "Les rebelles menacent d'attaquer la ville.",
        "Les rebelles pourraient attaquer la ville.",
        "L'armée prévoit de bombarder le camp.",
        "Le ministre craint une attaque contre la ville.",
        "L'armée attaquerait la ville lundi.",
        "La police a déjoué un attentat à Gao.",
        "Le risque d'un attentat inquiète Gao.",
        "La junte a exigé le retrait des troupes.",
    ],
)
def test_french_plans_threats_and_fears(text: str) -> None:
    assert refusal(text, "fr") is not None


@pytest.mark.parametrize(
    "text",
    [
        "L'armée aurait tué trois civils à Gao.",
        "Trois civils auraient été tués à Gao.",
        "Les rebelles ont dû se retirer de Gao.",
        "L'armée affirme avoir tué trois rebelles.",
        "Les habitants accusent l'armée d'avoir tué trois éleveurs.",
        "Une attaque a visé le camp de Gao mardi.",
    ],
)
def test_french_acts_that_happened_or_are_told_by_hearsay(text: str) -> None:
    assert None in refusals(text, "fr")


def test_a_french_look_alike_is_no_incident() -> None:
    assert told("Trois passagers sont morts mardi dans un accident de bus près de Gao.", language="fr") == ()
