"""Place phrases: which names are taken for places, and the relation they stand in."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tarikh.extract import toponyms
from tarikh.gazetteer import Gazetteer, Place, building, open_index
from tarikh.gazetteer.packaged import Entry
from tarikh.model import Phrase, Report


def _town(number: int, name: str, country: str, admin1: str, people: int = 5_000, *names: str) -> Entry:
    return Entry(
        Place(number, name, 10.0, float(number % 60), "town", country, admin1, None, people), (name, *names)
    )


ENTRIES = (
    _town(1, "Ansongo", "MLI", "Gao", 3_000),
    _town(2, "Gao", "MLI", "Gao", 86_000),
    _town(3, "Ménaka", "MLI", "Ménaka", 14_000, "Menaka"),
    _town(4, "Bungudu", "NGA", "Zamfara"),
    _town(5, "Gusau", "NGA", "Zamfara", 220_000),
    _town(6, "Kano", "NGA", "Kano", 3_000_000),
    _town(7, "Bamako", "MLI", "Bamako", 1_300_000),
    _town(8, "Reading", "GBR", "England", 240_000),
    _town(9, "Juba", "SSD", "Central Equatoria", 450_000),
    _town(10, "Sake", "COD", "North Kivu"),
    _town(11, "Most", "CZE", "Ústecký", 67_000),
    _town(12, "Ain", "YEM", "Shabwah"),
    _town(13, "Zara", "TUR", "Sivas"),
    _town(14, "Moscow", "RUS", "Moscow", 10_000_000),
    _town(15, "Téra", "NER", "Tillabéri", 30_000, "Tera"),
    _town(16, "Nimule", "SSD", "Eastern Equatoria"),
    Entry(Place(20, "Gao Region", 16.0, 0.0, "admin1", "MLI", "Gao"), ("Gao", "Gao Region")),
    Entry(Place(21, "Zamfara State", 12.0, 6.0, "admin1", "NGA", "Zamfara"), ("Zamfara", "Zamfara State")),
    Entry(Place(22, "Niger State", 10.0, 6.0, "admin1", "NGA", "Niger"), ("Niger", "Niger State")),
    Entry(Place(23, "Sahel", 14.0, 0.0, "admin1", "BFA", "Sahel"), ("Sahel",)),
    Entry(Place(24, "Nord", 13.0, -2.0, "admin1", "BFA", "Nord"), ("Nord",)),
    Entry(Place(30, "Mali", 17.0, -4.0, "country", "MLI"), ("Mali",)),
    Entry(Place(31, "Niger", 17.0, 8.0, "country", "NER"), ("Niger",)),
    Entry(Place(32, "Chad", 15.0, 18.0, "country", "TCD"), ("Chad",)),
    Entry(Place(33, "Ukraine", 49.0, 31.0, "country", "UKR"), ("Ukraine",)),
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Gazetteer:
    path = tmp_path_factory.mktemp("toponyms") / "g.sqlite"
    building.write(path, ENTRIES)
    return open_index(path)


def _find(index: Gazetteer, text: str, title: str = "") -> list[Phrase]:
    report = Report("r", title, text, "en")
    found = toponyms.find(report, index, "en")
    assert all(report.words(p.spans[0]) == p.text and len(p.spans) == 1 for p in found)
    return list(found)


def _roles(index: Gazetteer, text: str, title: str = "") -> dict[str, str | None]:
    return {p.text: p.role for p in _find(index, text, title)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rockets fell in Gao at dusk.", {"Gao": "in"}),
        ("The mayor of the town of Ansongo fled.", {"Ansongo": "in"}),
        ("They fought in the besieged northern city of Gao.", {"Gao": "in"}),
        ("A bus was hit near Ansongo.", {"Ansongo": "near"}),
        ("They camped on the outskirts of Gao.", {"Gao": "near"}),
        ("The post lies some 30 km north of Ansongo.", {"Ansongo": "near"}),
        ("A village five kilometres from Gusau was burned.", {"Gusau": "near"}),
        ("He was seized on the Juba road.", {"Juba": "near"}),
        ("A convoy burned between Gao and Ansongo.", {"Gao": "near", "Ansongo": "toward"}),
        ("A lorry going from Gao to Ansongo was robbed.", {"Gao": "near", "Ansongo": "toward"}),
        ("A mine went off on the Gao–Ansongo road.", {"Gao": "near", "Ansongo": "toward"}),
        ("A mine went off on the Gao-Ansongo axis.", {"Gao": "near", "Ansongo": "toward"}),
        ("Cattle were driven off in Gao region.", {"Gao": "admin1"}),
        ("Cattle were driven off in the region of Gao.", {"Gao": "admin1"}),
        ("Cattle were driven off in Niger State.", {"Niger": "admin1"}),
        ("Raids on Bungudu LGA of Zamfara State went on.", {"Bungudu": "admin2", "Zamfara": "admin1"}),
        ("Shots rang out in the commune of Ansongo.", {"Ansongo": "admin2"}),
        ("Families left the Nord and Sahel regions.", {"Nord": "admin1", "Sahel": "admin1"}),
        ("Grenades were thrown in Tera and Ansongo.", {"Tera": "in", "Ansongo": "in"}),
        ("War goes on in northern Mali.", {"Mali": "country"}),
        ("People arrived from Ménaka.", {"Ménaka": "origin"}),
        ("They rode near the Niger border.", {"Niger": "country"}),
    ],
)
def test_relations(index: Gazetteer, text: str, expected: dict[str, str | None]) -> None:
    assert _roles(index, text) == expected


def test_heads_keep_the_words_that_were_read(index: Gazetteer) -> None:
    heads = {
        p.text: p.head
        for p in _find(index, "In Gao region, 12 miles east of Ansongo, near the Niger border.")
    }
    assert heads == {"Gao": "region", "Ansongo": "east of", "Niger": "border"}


@pytest.mark.parametrize(
    "text",
    [
        "BAMAKO (XP) — Nothing happened today.",
        "BAMAKO, Sept 3 - Nothing happened today.",
        "(Bamako) – Nothing happened today.",
        "Bamako, 3 May 2024 – Nothing happened today.",
    ],
)
def test_datelines(index: Gazetteer, text: str) -> None:
    assert [p.role for p in _find(index, text)] == ["dateline"]


def test_a_dash_in_a_sentence_makes_no_dateline(index: Gazetteer) -> None:
    assert _roles(index, "Fighters entered Gao on Monday – and left again.") == {"Gao": "in"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Moscow said that nobody was hurt.", "Moscow"),
        ("The Bamako government met.", "Bamako"),
        ("Mali's army was absent.", "Mali"),
        ("Bamako denied it.", "Bamako"),
    ],
)
def test_metonyms(index: Gazetteer, text: str, name: str) -> None:
    assert _roles(index, text) == {name: "metonym"}


def test_residents_who_speak_do_not_make_their_town_a_metonym(index: Gazetteer) -> None:
    assert _roles(index, "Residents of Gusau say that nobody came.") == {"Gusau": None}


def test_demonyms_carry_their_country(index: Gazetteer) -> None:
    (phrase,) = _find(index, "Two Ukrainian drivers were hurt.")
    assert (phrase.role, phrase.nationality) == ("demonym", "UKR")


@pytest.mark.parametrize(
    "text",
    [
        "Colonel Gao took the floor.",
        "Mr Kano Bello was absent, said Ibrahim Kano.",
        "Most were asleep. Reading was impossible.",
        "On Sunday in March they prayed.",
        "The Kano Pillars Ladies Club won their match again.",
        "Fishermen on Lake Chad saw nothing.",
        "They walked along Mobutu Avenue with Doctor Juba.",
        "They lived in Peace and spoke in Congress.",
    ],
)
def test_what_is_no_place_is_left_out(index: Gazetteer, text: str) -> None:
    assert _find(index, text) == []


def test_names_of_parties_hold_no_places(index: Gazetteer) -> None:
    assert _roles(index, "The Islamic State in the Greater Sahara struck in Gao.") == {"Gao": "in"}


def test_a_plain_word_is_a_place_after_a_firm_cue(index: Gazetteer) -> None:
    assert _roles(index, "Shells fell at Sake. Later Sake was quiet. He did it for the sake of peace.") == {
        "Sake": None
    }
    assert [p.role for p in _find(index, "Shells fell at Sake. Later Sake was quiet.")] == ["in", None]


def test_names_that_the_gazetteer_lacks_are_kept_after_a_cue(index: Gazetteer) -> None:
    text = "Riders burned the village of Xalifa, near Douwgo. Zurbia sleeps."
    assert _roles(index, text) == {"Xalifa": "in", "Douwgo": "near"}


def test_a_name_told_once_with_a_cue_is_kept_where_it_is_bare(index: Gazetteer) -> None:
    found = _find(index, "They slept at Xalifa. The next day Xalifa burned.", "Xalifa burned")
    assert [(p.spans[0].part, p.role) for p in found] == [("title", None), ("text", "in"), ("text", None)]


def test_a_longer_name_is_not_taken_apart(index: Gazetteer) -> None:
    assert _roles(index, "A bomb fell in Ain Zara.") == {"Ain Zara": "in"}


def test_the_capital_without_a_name(index: Gazetteer) -> None:
    (phrase,) = _find(index, "Crowds gathered in the capital on Monday.")
    assert (phrase.text, phrase.role, phrase.head, phrase.nationality) == ("capital", "in", "capital", None)
    found = _find(index, "Crowds gathered in Mali's capital on Monday.")
    assert [(p.text, p.nationality) for p in found] == [("Mali", None), ("capital", "MLI")]


@pytest.mark.parametrize(
    "text",
    [
        "In the capital Bamako they met.",
        "In the state capital they met.",
        "In the capital of Zamfara they met.",
    ],
)
def test_a_capital_with_a_name_or_of_a_state_is_no_phrase(index: Gazetteer, text: str) -> None:
    assert "capital" not in _roles(index, text)


def test_title_case_needs_a_cue_a_big_name_or_the_text(index: Gazetteer) -> None:
    title = "Most Soldiers Leave Ansongo And Moscow Most Angry"
    assert [p.text for p in _find(index, "Nothing else is known.", title)] == ["Moscow"]
    found = _find(index, "They left camps in Ansongo.", title)
    assert [p.text for p in found if p.spans[0].part == "title"] == ["Ansongo", "Moscow"]


def test_typographic_apostrophes_and_offsets(index: Gazetteer) -> None:
    (phrase,) = _find(index, "«Rien» — so it was in Gao’s market.")
    assert phrase.text == "Gao"


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="aAGao MlkiéÉ’'-–.,\n0( )inrt東س", max_size=200))
def test_any_text_gives_spans_that_fit(index: Gazetteer, text: str) -> None:
    _find(index, text, text[:40])


@pytest.mark.parametrize(
    "text", ["Gao " * 20_000, "in Gao, " * 15_000, "Bo-" * 40_000, "A" * 100_000, "d'" * 40_000]
)
def test_hostile_text_takes_linear_time(index: Gazetteer, text: str) -> None:
    import time

    started = time.process_time()
    toponyms.find(Report("r", "", text, "en"), index, "en")
    assert time.process_time() - started < 10
