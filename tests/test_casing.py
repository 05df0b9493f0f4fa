"""Texts in capitals and texts broken at a width, as the parser and the finders see them, and the words given back.

Invariant: the sentences are invented; every expected text was written by hand.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tarikh import pipeline
from tarikh.extract.casing import as_given, in_capitals, readable, unwrapped
from tarikh.gazetteer import Gazetteer, open_index
from tarikh.model import Report


@pytest.fixture(scope="module")
def gazetteer(index: Path) -> Gazetteer:
    return open_index(index)


def report(text: str, title: str = "", language: str = "en") -> Report:
    return Report("r-1", title, text, language, published=date(1991, 3, 5))


CASES = {
    "names of places": (
        "GUNMEN KIDNAPPED TWO TEACHERS IN SAN MIGUEL AND LA PAZ ON MONDAY.",
        "Gunmen kidnapped two teachers in San Miguel and La Paz on Monday.",
    ),
    "nationalities and countries": (
        "SALVADORAN SOLDIERS LEFT EL SALVADOR, THE PERUVIAN EMBASSY SAID.",
        "Salvadoran soldiers left El Salvador, the Peruvian embassy said.",
    ),
    "persons and their titles": (
        "THE BODY OF COLONEL RIGOBERTO QUISPE WAS FOUND. MR. QUISPE WAS A JUDGE.",
        "The body of Colonel Rigoberto Quispe was found. Mr. Quispe was a judge.",
    ),
    "names of the register": (
        "FIGHTERS OF THE SHINING PATH BURNED A BUS.",
        "Fighters of the Shining Path burned a bus.",
    ),
    "acronyms": (
        "THE PEASANT UNION (CTRP) DENIED IT, AND THE CTRP BLAMED U.S. TROOPS.",
        "The peasant union (CTRP) denied it, and the CTRP blamed U.S. troops.",
    ),
    "months that are words": (
        "THEY MAY MARCH AGAIN ON 5 MARCH OR IN MAY 1991, HE SAID TODAY.",
        "They may march again on 5 March or in May 1991, he said today.",
    ),
    "a car is no country": (
        "A CAR BOMB DESTROYED THE CAR OF A MAYOR NEAR BOGOTA.",
        "A car bomb destroyed the car of a mayor near Bogota.",
    ),
    "a dateline as it is": (
        "LIMA, 4 MAR 91 (XYZ) -- [TEXT] POLICE SAID A BRIDGE WAS BLOWN UP.",
        "LIMA, 4 MAR 91 (XYZ) -- [TEXT] Police said a bridge was blown up.",
    ),
    "paragraphs and quotations": (
        'THE ARMY LEFT.\n\n   "WE FLED," SHE SAID.  THE ROAD IS OPEN AGAIN.',
        'The army left.\n\n   "We fled," she said.  The road is open again.',
    ),
}


@pytest.mark.parametrize(("given", "expected"), CASES.values(), ids=CASES)
def test_names_and_sentences_keep_their_capitals(given: str, expected: str, gazetteer: Gazetteer) -> None:
    assert readable(report(given), gazetteer).text == expected


def test_french_articles_are_no_names(gazetteer: Gazetteer) -> None:
    text = "DES HOMMES ARMES ONT ATTAQUE LA GENDARMERIE DE BAMAKO AU MALI, SELON LA POLICE."
    read = readable(report(text, language="fr"), gazetteer)
    assert read.text == "Des hommes armes ont attaque la gendarmerie de Bamako au Mali, selon la police."


def test_normal_text_is_the_very_same(gazetteer: Gazetteer) -> None:
    given = report(
        "Gunmen of the FARC killed two people in Bogotá. NATO and the EU condemned it.\n\nIt rained."
    )
    assert readable(given, gazetteer) is given
    assert not in_capitals("UN, EU AND NATO leaders met on Monday to talk about the killings")
    assert not in_capitals("OK")


def test_a_headline_in_capitals_alone(gazetteer: Gazetteer) -> None:
    given = report("Two people were killed in Lima.", title="TWO PEOPLE KILLED IN LIMA, PERU")
    read = readable(given, gazetteer)
    assert (read.title, read.text) == ("Two people killed in Lima, Peru", given.text)


WRAPPED = (
    "The mayor said on Monday that three people had been killed in San\n"
    "Miguel when a bomb went off at the market, and that the police of El\n"
    "Salvador were looking for two men who had fled on a motorcycle that\n"
    "was found later.\n"
    "\n"
    "- The market is closed.\n"
)


def test_lines_broken_at_a_width_are_joined_and_no_others() -> None:
    joined = unwrapped(WRAPPED)
    assert "in San Miguel when" in joined
    assert "of El Salvador were" in joined
    assert joined.endswith("was found later.\n\n- The market is closed.\n")
    assert len(joined) == len(WRAPPED)
    lines = "First point\nSecond point\nThird point\nFourth point\n"
    assert unwrapped(lines) is lines
    long = f"{WRAPPED}{'A paragraph on one line. ' * 20}"
    assert unwrapped(long) is long


def test_mentions_have_the_words_as_given(gazetteer: Gazetteer) -> None:
    given = report(
        "ARMED MEN KIDNAPPED THREE NURSES IN MEDELLIN, COLOMBIA, ON MONDAY, POLICE SAID. THE NURSES WERE ON THEIR WAY HOME."
    )
    (mention,) = pipeline.code(given, gazetteer)
    assert (mention.kind, mention.where.country, mention.where.place) == ("abduction", "COL", "Medellín")
    assert mention.trigger == "KIDNAPPED"
    for found in mention.evidence.values():
        for words, span in zip(found.words, found.spans, strict=False):
            assert given.words(span) == words
    assert as_given(mention, given, given) is mention
