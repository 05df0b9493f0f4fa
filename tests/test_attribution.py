"""Who says it, how sure the report is, and who is named as the author of an act told elsewhere."""

from __future__ import annotations

import pytest

from tarikh.extract.authorship import authors
from tarikh.model import Mention
from test_triggers import report, scene, told

pytestmark = pytest.mark.usefixtures("rules_alone")

GAO = "attacked an army post near Gao on Sunday"
DJIBO = "killed six herders near Djibo on Sunday"


def only(text: str, source: str | None = None) -> Mention:
    (mention,) = told(text, source=source)
    return mention


# --- status -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        f"Gunmen {DJIBO}.",
        f"Gunmen {DJIBO}, the mayor said.",
        f"According to a doctor, gunmen {DJIBO}.",
        f"Gunmen {DJIBO}, two security sources told the radio.",
        f"Witnesses said gunmen {DJIBO}.",
        f"The army said that gunmen {DJIBO}.",
        "The Malian army said that gunmen had attacked its post near Gao on Sunday.",
        "The army confirmed that six of its soldiers died on Sunday when gunmen attacked a post near Gao.",
    ],
)
def test_facts_officials_witnesses_and_losses_suffered_are_reported(text: str) -> None:
    assert only(text).status == "reported"


@pytest.mark.parametrize(
    "text",
    [
        f"JNIM said on Monday that its fighters had {GAO}.",
        "JNIM claimed responsibility for an attack on an army post near Gao on Sunday.",
        "The Malian army said that its soldiers had killed nine jihadists near Gao on Sunday.",
        "The RSF claimed that it shot down a drone near Nyala on Sunday.",
        "The army claimed that six jihadists had been killed near Gao on Sunday.",
        "Hamas said its fighters fired rockets at Ashkelon on Sunday.",
    ],
)
def test_a_deed_told_by_its_author_alone_is_claimed(text: str) -> None:
    mention = only(text)
    assert mention.status == "claimed"
    assert mention.evidence["status"].spans


@pytest.mark.parametrize(
    ("source", "text", "status"),
    [
        ("Nigerian Army statement", "Troops killed nine Boko Haram fighters near Bama on Sunday.", "claimed"),
        ("Radio Bama", "Troops killed nine Boko Haram fighters near Bama on Sunday.", "reported"),
        ("Amaq", "Islamic State fighters killed nine soldiers near Bama on Sunday.", "claimed"),
        (
            "Nigerian Army statement",
            "Boko Haram fighters killed nine traders near Bama on Sunday.",
            "reported",
        ),
        ("Amaq", "Troops killed nine traders near Bama on Sunday.", "reported"),
    ],
)
def test_the_mouth_of_a_party_claims_its_own_deeds_only(source: str, text: str, status: str) -> None:
    assert only(text, source).status == status


@pytest.mark.parametrize(
    "text",
    [
        "The Sudanese army accused the RSF of shelling a hospital in El Fasher on Sunday.",
        "Residents accused soldiers of killing six herders near Djibo on Sunday.",
        "Ukraine accused Russia of shelling Kharkiv on Sunday.",
    ],
)
def test_an_act_that_rests_on_an_accusation_is_alleged(text: str) -> None:
    assert only(text).status == "alleged"


def test_an_act_that_is_denied_is_disputed() -> None:
    denied = only(f"The army denied that its soldiers had {DJIBO}.")
    assert denied.status == "disputed"
    assert denied.evidence["status"].words == ("denied",)


@pytest.mark.parametrize(
    "text",
    [
        f"Gunmen {GAO}. The army blamed JNIM for the attack.",
        f"Gunmen {GAO}. JNIM claimed responsibility for the attack.",
        "A bomb killed four people in Quetta on Sunday. Police blamed the Taliban.",
    ],
)
def test_an_act_stated_as_fact_stays_reported_whoever_is_named_for_it(text: str) -> None:
    assert only(text).status == "reported"


# --- authors ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("JNIM claimed responsibility for the attack.", ["JNIM"]),
        ("The Taliban have claimed the bombing.", ["Taliban"]),
        ("The army blamed JNIM for the attack.", ["JNIM"]),
        ("Police blamed the Taliban.", ["Taliban"]),
        ("Officials attributed the raid to M23 fighters.", ["M23 fighters"]),
        ("No group claimed responsibility.", []),
        ("JNIM has not claimed responsibility.", []),
        ("Nobody has claimed the attack.", []),
        ("The mayor blamed the rain.", []),
        ("It was an attack bearing the hallmarks of JNIM.", ["JNIM"]),
        ("JNIM is blamed for the attack.", ["JNIM"]),
        ("The attack was blamed on JNIM.", ["JNIM"]),
        ("The attackers are thought to belong to JNIM.", ["JNIM"]),
        ("The goats are thought to belong to JNIM.", []),
        ("JNIM was behind the attack, he said.", ["JNIM"]),
        ("JNIM was responsible for the attack.", ["JNIM"]),
        ("JNIM was not responsible for the attack.", []),
        ("JNIM hid behind the hill.", []),
        ("JNIM denied being behind the attack.", []),
        ("JNIM rejected the claim that it was behind the attack.", []),
        ("The party claimed victory.", []),
    ],
)
def test_who_claimed_it_or_is_blamed_for_it(text: str, named: list[str]) -> None:
    assert [a.phrase.text.removeprefix("the ").removeprefix("The ") for a in authors(scene(text))] == named


@pytest.mark.parametrize(
    ("after", "attackers"),
    [
        ("JNIM claimed responsibility for the attack.", ["JNIM"]),
        ("The army blamed JNIM for the attack.", ["JNIM"]),
        ("No group claimed responsibility.", ["Gunmen"]),
        ("The mayor blamed the weather for the delay.", ["Gunmen"]),
    ],
)
def test_a_named_author_takes_the_place_of_men_only_described(after: str, attackers: list[str]) -> None:
    mention = only(f"Gunmen {GAO}. {after}")
    assert [p.text for p in mention.phrases["attackers"]] == attackers


def test_two_acts_have_one_author_where_both_are_told_of() -> None:
    first, second = told(
        f"A bomb went off in Gao on Monday and killed two traders. On Tuesday gunmen {DJIBO}. Both attacks were blamed on JNIM."
    )
    assert [p.text for p in first.phrases["attackers"]] == [p.text for p in second.phrases["attackers"]]


def test_who_accuses_is_no_attacker() -> None:
    text = "Des hommes armés ont tué neuf paysans près de Gao. L'armée attribue l'attaque au JNIM."
    found = told(text, language="fr")
    assert ["JNIM" in p.text for m in found for p in m.phrases["attackers"]] == [True]


def test_a_claim_gives_an_author_to_a_blast_that_has_none() -> None:
    mention = only("A bomb exploded in a mosque in Kabul on Sunday. Islamic State claimed responsibility.")
    assert [p.text for p in mention.phrases["attackers"]] == ["Islamic State"]


# --- attribution --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        (f"Gunmen {DJIBO}, the mayor said.", "the mayor"),
        (f"Gunmen {DJIBO}, two security sources told the radio.", "two security sources"),
        (f"Witnesses said gunmen {DJIBO}.", "Witnesses"),
        (f"According to a doctor, gunmen {DJIBO}.", "a doctor"),
        (f"Gunmen {DJIBO}, according to a local official.", "a local official"),
        (f"The governor of the region said on Monday that gunmen {DJIBO}.", "The governor of the region"),
        (f"Gunmen {DJIBO}.", None),
        (f"Gunmen {DJIBO}, he said.", None),
    ],
)
def test_the_speaker_is_given_in_the_words_of_the_report(text: str, speaker: str | None) -> None:
    mention = only(text)
    assert mention.attribution == speaker
    if speaker is None:
        assert "attribution" not in mention.evidence
    else:
        (span,) = mention.evidence["attribution"].spans
        assert report(text).words(span) == speaker


# --- French -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Des hommes armés ont tué six éleveurs près de Djibo dimanche, selon le maire.", "reported"),
        ("L'armée malienne affirme avoir tué neuf jihadistes près de Gao dimanche.", "claimed"),
        ("Les habitants accusent l'armée d'avoir tué six éleveurs près de Djibo dimanche.", "alleged"),
        ("L'armée aurait tué six éleveurs près de Djibo dimanche.", "alleged"),
        ("L'armée dément avoir tué six éleveurs près de Djibo dimanche.", "disputed"),
    ],
)
def test_french_status(text: str, status: str) -> None:
    (mention,) = told(text, language="fr")
    assert mention.status == status


@pytest.mark.parametrize(
    "text",
    [
        "Le M23 a revendiqué l'attaque.",
        "L'attaque a été revendiquée par le M23.",
        "L'armée a attribué l'attaque au M23.",
        "Cela porte la marque du M23.",
        "Les assaillants appartiennent au M23.",
    ],
)
def test_french_authors(text: str) -> None:
    assert [a.phrase.text.removeprefix("le ").removeprefix("Le ") for a in authors(scene(text, "fr"))] == [
        "M23"
    ]
