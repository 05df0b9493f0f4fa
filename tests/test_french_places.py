"""French names of places with their prepositions, elisions and units."""

from __future__ import annotations

from datetime import date

import pytest

from tarikh.extract import toponyms
from tarikh.gazetteer import Gazetteer, Place, building, open_index
from tarikh.gazetteer.packaged import Entry
from tarikh.model import Phrase, Report


def _town(number: int, name: str, country: str, admin1: str, *names: str) -> Entry:
    return Entry(
        Place(number, name, 10.0, float(number), "town", country, admin1, None, 5_000), (name, *names)
    )


ENTRIES = (
    _town(1, "Gao", "MLI", "Gao"),
    _town(2, "Ansongo", "MLI", "Gao"),
    _town(3, "Aleppo", "SYR", "Aleppo", "Alep"),
    _town(4, "Timbuktu", "MLI", "Tombouctou", "Tombouctou"),
    _town(5, "Abéché", "TCD", "Ouaddaï"),
    _town(6, "Bankass", "MLI", "Mopti"),
    _town(7, "Bouar", "CAF", "Nana-Mambéré"),
    _town(8, "Agadez", "NER", "Agadez"),
    _town(9, "Bamako", "MLI", "Bamako"),
    Entry(Place(20, "Ituri", 1.0, 30.0, "admin1", "COD", "Ituri"), ("Ituri",)),
    Entry(Place(21, "Est Region", 12.0, 1.0, "admin1", "BFA", "Est"), ("Est", "Est Region")),
    Entry(Place(22, "North Kivu", -1.0, 29.0, "admin1", "COD", "North Kivu"), ("North Kivu", "Nord-Kivu")),
)


@pytest.fixture(scope="module")
def gazetteer(tmp_path_factory: pytest.TempPathFactory) -> Gazetteer:
    path = tmp_path_factory.mktemp("gazetteer") / "gazetteer.sqlite"
    building.write(path, ENTRIES)
    return open_index(path)


def found(text: str, gazetteer: Gazetteer) -> list[tuple[str, str | None]]:
    report = Report("r", "", text, "fr", date(2024, 5, 10))
    return [(p.text, p.role) for p in toponyms.find(report, gazetteer, "fr")]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Un pont a sauté à Gao.", [("Gao", "in")]),
        ("Un pont a sauté près d’Alep.", [("Alep", "near")]),
        ("Un pont a sauté à 30 km au nord de Tombouctou.", [("Tombouctou", "near")]),
        ("Un pont a sauté aux abords d'Abéché.", [("Abéché", "near")]),
        ("Les raids visent la province de l'Ituri.", [("Ituri", "admin1")]),
        ("Les raids visent la région de l’Est.", [("Est", "admin1")]),
        ("Les raids visent la province du Nord-Kivu.", [("Nord-Kivu", "admin1")]),
        ("Les raids visent le cercle de Bankass.", [("Bankass", "admin2")]),
        ("Un pont a sauté entre Gao et Ansongo.", [("Gao", "near"), ("Ansongo", "toward")]),
        ("Un pont a sauté sur l'axe Bouar-Baboua.", [("Bouar", "near"), ("Baboua", "toward")]),
        ("Un pont a sauté à Alep-Est.", [("Alep", "in")]),
        ("Le cortège a traversé la capitale malienne.", [("malienne", "demonym")]),
        ("Le colonel Bamako Traoré a parlé.", []),
    ],
)
def test_names_and_their_relations(text: str, names: list[tuple[str, str]], gazetteer: Gazetteer) -> None:
    rows = found(text, gazetteer)
    assert [row for row in rows if row[0] != "capitale"] == names


def test_adjectives_without_capitals_speak_for_their_country(gazetteer: Gazetteer) -> None:
    report = Report("r", "", "Des soldats nigériens et nigérians patrouillent.", "fr")
    rows = toponyms.find(report, gazetteer, "fr")
    assert [(p.role, p.nationality) for p in rows] == [("demonym", "NER"), ("demonym", "NGA")]


def test_spans_cover_the_name_without_its_elided_word(gazetteer: Gazetteer) -> None:
    text = "La route d’Agadez est coupée."
    phrase: Phrase = toponyms.find(Report("r", "", text, "fr"), gazetteer, "fr")[0]
    span = phrase.spans[0]
    assert text[span.start : span.end] == "Agadez"
