"""Which acts a sentence tells, and who did what to whom as far as its grammar says.

The makers of reports, scenes and mentions at the head serve the other tests of extraction as well.
"""

from __future__ import annotations

import os
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from tarikh.extract import coder, counts, gate, lexicon, parties, times, toponyms, triggers
from tarikh.extract.parse import parse
from tarikh.extract.scene import Scene
from tarikh.extract.sentences import split
from tarikh.extract.triggers import Trigger
from tarikh.gazetteer import Gazetteer, open_index
from tarikh.model import Mention, Report

HOME = Path(os.environ.get("TARIKH_HOME", Path(__file__).resolve().parent.parent / ".tarikh"))
FRIDAY = date(2025, 3, 14)
"""The day on which the reports of these tests were published."""


@cache
def gazetteer() -> Gazetteer:
    return open_index(HOME / "gazetteer.sqlite")


def report(text: str, title: str = "", source: str | None = None, language: str = "en") -> Report:
    return Report("r", title, text, language, FRIDAY, source=source)


@cache
def scenes(text: str, title: str = "", language: str = "en") -> tuple[Scene, ...]:
    """The scenes of a report, whatever the gate thinks of it."""
    given = report(text, title, language=language)
    places, found = toponyms.find(given, gazetteer(), language), times.find(given, language)
    made = []
    for s, doc in parse(split(given), language):
        here = [p for p in places if p.spans[0].part == s.part and s.start <= p.spans[0].start < s.end]
        when = [
            t
            for t in found
            if t.phrase.spans[0].part == s.part and s.start <= t.phrase.spans[0].start < s.end
        ]
        hits, tolls, words = (
            parties.find(s.text, language),
            counts.find(s, doc, language),
            lexicon.events(language),
        )
        made.append(Scene(s, doc, words, language, tuple(hits), tuple(here), tuple(when), tuple(tolls)))
    return tuple(made)


def scene(text: str, language: str = "en") -> Scene:
    (only,) = scenes(text, language=language)
    return only


@cache
def extracted(
    text: str, title: str = "", source: str | None = None, language: str = "en"
) -> coder.Extraction:
    """What the coder makes of a report with the gate held open: the gate has tests of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gate, "passages", lambda given: [(0, len(given.text))])
        patch.setattr(gate, "sentence_may_matter", lambda _text, _language: True)
        return coder.extract(report(text, title, source, language), gazetteer())


def told(text: str, title: str = "", source: str | None = None, language: str = "en") -> tuple[Mention, ...]:
    return extracted(text, title, source, language).mentions


def kinds(text: str, title: str = "", language: str = "en") -> list[str]:
    return [m.kind for m in told(text, title, language=language)]


def acting(text: str, language: str = "en") -> list[Trigger]:
    return [t for t in triggers.find(scene(text, language)) if not t.act.startswith("means:")]


def acts(text: str, language: str = "en") -> list[str]:
    return [t.act for t in acting(text, language)]


def frame(text: str, language: str = "en") -> tuple[str, str, list[str], list[str]]:
    """Act, words, agents and patients of the first trigger."""
    found = acting(text, language)
    assert found, f"no trigger in {text!r}"
    first = found[0]
    return first.act, first.words, [t.text for t in first.agents], [t.text for t in first.patients]


# --- verbs --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "act", "words", "agents", "patients"),
    [
        ("Gunmen attacked a village near Gao.", "attack", "attacked", ["Gunmen"], ["village"]),
        ("Militants ambushed a convoy of soldiers.", "raid", "ambushed", ["Militants"], ["convoy"]),
        ("Rebels clashed with soldiers.", "clash", "clashed", ["Rebels"], ["soldiers"]),
        ("Soldiers fought insurgents near Gao.", "clash", "fought", ["Soldiers"], ["insurgents"]),
        ("Soldiers shot a farmer.", "fire", "shot", ["Soldiers"], ["farmer"]),
        ("Fighters massacred villagers in Solhan.", "kill", "massacred", ["Fighters"], ["villagers"]),
        ("Militiamen burned houses.", "burn", "burned", ["Militiamen"], ["houses"]),
        ("Bandits looted a market.", "loot", "looted", ["Bandits"], ["market"]),
        ("Police arrested two suspects.", "arrest", "arrested", ["Police"], ["suspects"]),
        ("Police dispersed the demonstrators.", "disperse", "dispersed", ["Police"], ["demonstrators"]),
        ("A mob lynched a thief.", "lynch", "lynched", ["mob"], ["thief"]),
        ("Soldiers raped four women.", "rape", "raped", ["Soldiers"], ["women"]),
        ("The army shelled the market.", "shell", "shelled", ["army"], ["market"]),
        ("Soldiers overthrew the president.", "coup", "overthrew", ["Soldiers"], ["president"]),
        ("Soldiers mutinied in Kati.", "mutiny", "mutinied", ["Soldiers"], []),
        ("Deminers defused a bomb.", "find", "defused", ["Deminers"], ["bomb"]),
        ("Troops withdrew from the base.", "withdraw", "withdrew", ["Troops"], []),
        ("The army deployed troops to the border.", "move", "deployed", ["army"], ["troops"]),
        ("Thousands of people marched in Goma.", "protest", "marched", ["Thousands"], []),
        ("Villagers released two hostages.", "release", "released", ["Villagers"], ["hostages"]),
        ("Suspected militants have killed a nurse.", "kill", "killed", ["militants"], ["nurse"]),
    ],
)
def test_verbs(text: str, act: str, words: str, agents: list[str], patients: list[str]) -> None:
    assert frame(text) == (act, words, agents, patients)


@pytest.mark.parametrize(
    ("verb", "by_object"),
    [
        (
            "seized",
            {
                "the town of Kidal": ["take"],
                "two drivers": ["abduct"],
                "weapons": ["find"],
                "cattle": ["loot"],
                "power": ["coup"],
            },
        ),
        ("captured", {"the town": ["take"], "two soldiers": ["abduct"], "three rebels": ["arrest"]}),
        ("made off with", {"two women": ["abduct"], "cattle": ["loot"]}),
        ("beat", {"the guards": ["assault"], "the record": []}),
        ("executed", {"three farmers": ["kill"], "the order": []}),
    ],
)
def test_what_a_verb_tells_follows_from_its_object(verb: str, by_object: dict[str, list[str]]) -> None:
    assert {o: acts(f"The men {verb} {o}.") for o in by_object} == by_object


@pytest.mark.parametrize(
    ("text", "act", "words", "agents", "patients"),
    [
        ("A gunman shot dead two traders.", "kill", "shot dead", ["gunman"], ["traders"]),
        ("Gunmen gunned down a chief.", "kill", "gunned down", ["Gunmen"], ["chief"]),
        ("Bandits took hostage two priests.", "abduct", "took hostage", ["Bandits"], ["priests"]),
        ("They took him away.", "abduct", "took him away", ["They"], ["him"]),
        ("Raiders drove off the cattle.", "loot", "drove off", ["Raiders"], ["cattle"]),
        ("A crowd beat a man to death.", "lynch", "beat a man to death", ["crowd"], ["man"]),
        ("Soldiers shot down a drone.", "find_down", "shot down", ["Soldiers"], ["drone"]),
        ("The soldiers set up a base in Mueda.", "base", "set up a base", ["soldiers"], ["base"]),
        ("The soldiers pulled out of Kidal.", "withdraw", "pulled out", ["soldiers"], []),
        ("The soldiers left their post.", "withdraw", "left", ["soldiers"], ["post"]),
        ("Soldiers arrived in Bol.", "move", "arrived in", ["Soldiers"], ["Bol"]),
        ("Residents took to the streets of Goma.", "protest", "took to the streets", ["Residents"], []),
        ("The rebels entered the town.", "take_weak", "entered", ["rebels"], ["town"]),
        ("The convoy came under attack.", "attack", "came under attack", [], ["convoy"]),
        ("The soldiers came under fire.", "attack", "came under fire", [], ["soldiers"]),
    ],
)
def test_phrases_of_several_words(
    text: str, act: str, words: str, agents: list[str], patients: list[str]
) -> None:
    assert frame(text) == (act, words, agents, patients)


def test_a_phrase_hides_the_words_inside_it() -> None:
    assert acts("Gunmen shot dead two traders.") == ["kill"]
    assert acts("Soldiers shot down a drone.") == ["find_down"]
    assert acts("The rebels and the government signed a peace agreement.") == ["agree"]


# --- nouns --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "act", "agents", "patients"),
    [
        ("The abduction of five pupils by gunmen shocked the town.", "abduct", ["gunmen"], ["pupils"]),
        ("The killing of a priest by soldiers angered residents.", "kill", ["soldiers"], ["priest"]),
        ("The attack on the village by gunmen left three dead.", "attack", ["gunmen"], ["village"]),
        ("The army's attack on the camp failed.", "attack", ["army"], ["camp"]),
        ("A rebel attack on the base failed.", "attack", ["rebel"], ["base"]),
        ("The American strike on the camp failed.", "strike_noun", ["American"], ["camp"]),
        ("The army carried out a raid on a hideout.", "raid", ["army"], ["hideout"]),
        ("The garrison suffered an attack.", "attack", [], ["garrison"]),
        ("Residents fled an attack by gunmen.", "attack", ["gunmen"], ["Residents"]),
        ("Clashes between rebels and soldiers broke out.", "clash", ["rebels"], ["soldiers"]),
        ("An air strike hit a camp.", "air", [], []),
        ("Mortar fire hit a house.", "shell", [], []),
    ],
)
def test_nouns_and_light_verbs(text: str, act: str, agents: list[str], patients: list[str]) -> None:
    found = frame(text)
    assert (found[0], *found[2:]) == (act, agents, patients)
    assert acting(text)[0].nominal


@pytest.mark.parametrize(
    "text",
    [
        "He crossed the ceasefire line.",
        "An arrest warrant was issued.",
        "A general strike paralyzed Lagos.",
        "Prisoners went on hunger strike.",
        "The Peace March Party won.",
        "The team beat its rivals.",
        "The wounded man spoke.",
        "The minister opened a school.",
        "Farmers found water under the hill.",
        "The union left the talks.",
        "Doctors took the samples away.",
    ],
)
def test_words_that_look_like_acts_and_are_none(text: str) -> None:
    assert acts(text) == []


# --- who did what to whom -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Rebels killed three soldiers.",
        "Three soldiers were killed by rebels.",
        "The killing of three soldiers by rebels angered the town.",
        "The rebels who killed the soldiers fled.",
        "The soldiers, who were killed by rebels, came from Kati.",
        "The soldiers killed by rebels came from Kati.",
        "Six soldiers killed by rebels in Kati",
    ],
)
def test_voice_and_clause_do_not_change_the_sides(text: str) -> None:
    act, _, agents, patients = frame(text)
    assert (act, [a.lower() for a in agents], patients) == ("kill", ["rebels"], ["soldiers"])


@pytest.mark.parametrize(
    ("text", "agents", "patients"),
    [
        ("The army and militiamen attacked the camp.", ["army", "militiamen"], ["camp"]),
        ("Gunmen attacked a school and a clinic.", ["Gunmen"], ["school", "clinic"]),
        ("Five soldiers and a driver were killed.", [], ["soldiers", "driver"]),
        ("The chief, his wife and a guard were abducted.", [], ["chief", "wife", "guard"]),
    ],
)
def test_lists_are_all_of_one_side(text: str, agents: list[str], patients: list[str]) -> None:
    assert frame(text)[2:] == (agents, patients)


def test_who_does_the_second_verb_is_the_subject_of_the_first() -> None:
    found = acting("Gunmen stormed the village, killing four people and burning huts.")
    assert [(t.act, [a.text for a in t.agents], [p.text for p in t.patients]) for t in found] == [
        ("raid", ["Gunmen"], ["village"]),
        ("kill", ["Gunmen"], ["people"]),
        ("burn", ["Gunmen"], ["huts"]),
    ]


@pytest.mark.parametrize(
    "text", ["Three soldiers were killed.", "Three soldiers died.", "Three soldiers killed"]
)
def test_without_an_agent_nobody_is_made_one(text: str) -> None:
    _, _, agents, patients = frame(text)
    assert (agents, patients) == ([], ["soldiers"])


@pytest.mark.parametrize(
    ("text", "patients"),
    [
        ("A truck hit a mine.", ["truck"]),
        ("A roadside bomb exploded under a truck.", ["truck"]),
        ("A mine went off.", []),
    ],
)
def test_a_blast_befalls_the_vehicle_and_has_no_agent(text: str, patients: list[str]) -> None:
    (blast,) = acting(text)
    assert (blast.act, blast.agents, [p.text for p in blast.patients]) == ("blast", [], patients)


# --- weapons, spans -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("Jets bombed a camp.", "air"),
        ("The drone hit the depot.", "air"),
        ("Artillery pounded the district.", "shell"),
        ("A roadside bomb killed two drivers.", "blast"),
        ("He carried an explosive belt.", "suicide"),
        ("A hand grenade wounded four guests.", "grenade"),
        ("Sarin killed nine people.", "gas"),
    ],
)
def test_weapons_are_found_as_means(text: str, means: str) -> None:
    assert f"means:{means}" in [t.act for t in triggers.find(scene(text))]


def test_triggers_stand_in_order_and_point_at_their_words() -> None:
    text = "A drone strike killed two men, then gunmen raided the camp and burned huts."
    found = triggers.find(scene(text))
    assert [t.start for t in found] == sorted(t.start for t in found)
    assert [text[t.start : t.end] for t in found] == [t.words for t in found]
    assert [t.act for t in found] == ["air", "kill", "raid", "burn"]


# --- French -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "act", "words", "agents", "patients"),
    [
        ("Des rebelles ont attaqué un village.", "attack", "attaqué", ["rebelles"], ["village"]),
        ("Un village a été attaqué par des rebelles.", "attack", "attaqué", ["rebelles"], ["village"]),
        ("Trois éleveurs ont été tués par des bandits.", "kill", "tués", ["bandits"], ["éleveurs"]),
        ("Des bandits ont enlevé deux infirmiers.", "abduct", "enlevé", ["bandits"], ["infirmiers"]),
        ("Des soldats ont violé quatre femmes.", "rape", "violé", ["soldats"], ["femmes"]),
        ("Les miliciens ont incendié des cases.", "burn", "incendié", ["miliciens"], ["cases"]),
        ("La police a dispersé les manifestants.", "disperse", "dispersé", ["police"], ["manifestants"]),
        ("La police a interpellé deux suspects.", "arrest", "interpellé", ["police"], ["suspects"]),
        ("La police a interpellé à Gao deux suspects.", "arrest", "interpellé", ["police"], ["suspects"]),
        ("Les rebelles ont pris la ville.", "take", "pris la ville", ["rebelles"], ["ville"]),
        ("Les rebelles se sont emparés de la ville.", "take", "emparés de", ["rebelles"], ["ville"]),
        ("Les putschistes se sont emparés du pouvoir.", "coup", "emparés du", ["putschistes"], ["pouvoir"]),
        ("Un kamikaze s'est fait exploser.", "suicide", "fait exploser", ["kamikaze"], []),
        ("Un convoi a sauté sur une mine.", "blast", "sauté sur", [], ["convoi"]),
        ("Les soldats ont ouvert le feu sur la foule.", "fire", "ouvert le feu", ["soldats"], ["foule"]),
        ("Les rebelles s'en sont pris au poste.", "attack", "pris au", ["rebelles"], ["poste"]),
        ("Le camp a fait l'objet d'une attaque.", "attack", "fait l'objet d'une attaque", [], ["camp"]),
        ("La base a été la cible de tirs.", "attack", "été la cible", ["tirs"], ["base"]),
        ("Deux agents se sont fait enlever par des bandits.", "abduct", "enlever", ["bandits"], ["agents"]),
        ("Trois paysans ont trouvé la mort.", "die", "trouvé la mort", [], ["paysans"]),
    ],
)
def test_french_verbs(text: str, act: str, words: str, agents: list[str], patients: list[str]) -> None:
    found = frame(text, "fr")
    assert found[:2] == (act, words)
    if act != "die":
        assert found[2:] == (agents, patients)


@pytest.mark.parametrize(
    ("text", "act", "agents", "patients"),
    [
        ("Une embuscade tendue par des rebelles a fait six morts.", "raid", ["rebelles"], []),
        ("L'assaut mené par des bandits contre un camp a échoué.", "raid", ["bandits"], ["camp"]),
        ("Le rapt de deux infirmiers inquiète la ville.", "abduct", [], ["infirmiers"]),
        ("Des tirs d'obus ont fait deux morts.", "shell", [], []),
        ("Une frappe de drone a fait deux morts.", "air", [], []),
        ("Le coup d'État a surpris la ville.", "coup", [], []),
    ],
)
def test_french_nouns(text: str, act: str, agents: list[str], patients: list[str]) -> None:
    found = frame(text, "fr")
    assert (found[0], found[2], found[3]) == (act, agents, patients)


@pytest.mark.parametrize(
    "text",
    [
        "Le ministre a pris la parole.",
        "Les douaniers ont présenté des fusils d'assaut.",
        "Les experts étudient la violation de la trêve.",
        "Le suspect est en garde à vue.",
        "Il a été emmené.",
    ],
)
def test_french_words_that_only_look_like_acts(text: str) -> None:
    assert not [a for a in acts(text, "fr") if a != "abduct"]


def test_a_curly_apostrophe_is_read_like_a_straight_one() -> None:
    straight, curly = "L'attaque d'un camp a fait deux morts.", "L’attaque d’un camp a fait deux morts."
    assert frame(curly, "fr") == frame(straight, "fr")
    assert [(t.start, t.end) for t in acting(curly, "fr")] == [
        (t.start, t.end) for t in acting(straight, "fr")
    ]
