"""Status and aspect by the sum of their signs: denials behind, silence, communiqués, recall; in both languages."""

from __future__ import annotations

from datetime import date

import pytest

from tarikh.extract import aspect, status
from tarikh.gazetteer import open_index
from tarikh.model import Mention, Report
from tarikh.pipeline import code
from tarikh.reference import weights
from tarikh.settings import Settings


def coded(text: str, language: str = "en", title: str = "", source: str | None = None) -> list[Mention]:
    given = Report("r", title, text, language, published=date(2024, 5, 16), source=source)
    return list(code(given, open_index(Settings().gazetteer_path())))


def at(found: list[Mention], place: str) -> Mention:
    return next(m for m in found if m.where.place == place)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (
            "en",
            "Villagers said that soldiers had shot dead nine herders near Djibo on Monday.\n\n"
            "The army spokesman denied it and called the story a fabrication.",
            "disputed",
        ),
        (
            "en",
            "JNIM said that its fighters had captured the town of Djibo on Monday. "
            "The army said that its soldiers still held the town and that the attack had been repelled.",
            "disputed",
        ),
        (
            "en",
            "A women's league accused JNIM of killing nine traders near Djibo on Monday. The group has not commented.",
            "alleged",
        ),
        (
            "en",
            "Gunmen killed nine traders near Djibo on Monday, the mayor said. JNIM denied any involvement.",
            "reported",
        ),
        (
            "fr",
            "Selon des villageois, des militaires ont tué neuf éleveurs lundi près de Djibo. "
            "L'armée dément et parle de propagande.",
            "disputed",
        ),
        (
            "fr",
            "Une association accuse le GSIM d'avoir tué neuf commerçants lundi près de Djibo. "
            "Le mouvement n'a pas réagi.",
            "alleged",
        ),
        (
            "fr",
            "Le GSIM affirme que ses combattants ont tué neuf soldats lundi près de Djibo. "
            "Aucune autre source ne l'a confirmé.",
            "claimed",
        ),
        ("fr", "Des hommes armés ont tué neuf commerçants lundi près de Djibo, selon le maire.", "reported"),
    ],
)
def test_what_others_say_behind_the_telling_makes_the_status(language: str, text: str, expected: str) -> None:
    found = coded(text, language)
    assert found
    assert found[0].status == expected
    if expected != "reported":
        assert found[0].evidence["status"].words


@pytest.mark.parametrize(
    ("language", "source", "text"),
    [
        (
            "en",
            "Army Headquarters, communiqué",
            "Our gallant troops neutralized nine terrorists near Djibo on Monday. The fleeing terrorists left their hideout.",
        ),
        (
            "fr",
            "Communiqué de l'état-major",
            "Nos vaillants soldats ont neutralisé neuf terroristes lundi près de Djibo. L'ennemi est aux abois.",
        ),
    ],
)
def test_a_communique_in_its_own_tongue_claims_its_own_deeds(language: str, source: str, text: str) -> None:
    assert coded(text, language, source=source)[0].status == "claimed"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "en",
            "Gunmen killed nine soldiers near Djibo on Tuesday, the army said.\n\nIt was the worst attack since "
            "insurgents, in March last year, had raided a gendarmes' post in Dori, killing twelve.",
        ),
        (
            "fr",
            "Des hommes armés ont tué neuf soldats mardi près de Djibo, selon l'armée.\n\nC'est l'attaque la plus "
            "meurtrière depuis que des insurgés avaient attaqué, en mars 2023, un poste à Dori, tuant douze gendarmes.",
        ),
    ],
)
def test_the_older_event_that_explains_the_news_is_background(language: str, text: str) -> None:
    found = coded(text, language)
    assert at(found, "Djibo").aspect == "new"
    assert at(found, "Dori").aspect == "background"
    assert at(found, "Dori").evidence["aspect"].reason


def test_the_items_of_a_round_up_are_all_new() -> None:
    found = coded(
        "Gunmen killed nine soldiers near Djibo on Monday.\n\nIn Dori, rebels abducted four teachers on Tuesday.\n\n"
        "In Kaya, a roadside bomb wounded two gendarmes on Wednesday."
    )
    assert [m.aspect for m in found] == ["new"] * len(found)
    assert len(found) >= 2


def test_every_sign_has_its_weight_and_every_weight_its_sign() -> None:
    assert set(weights("status")["weights"]) == set(status.SIGNS)
    assert set(weights("aspect")["weights"]) == set(aspect.SIGNS)
