"""Which place is meant: namesakes, units, names that the gazetteer lacks, and how precise the words are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tarikh.extract import toponyms
from tarikh.gazetteer import Gazetteer, Place, building, open_index
from tarikh.gazetteer.packaged import Entry
from tarikh.model import Mention, Phrase, Report, Where
from tarikh.resolve import places


def _town(
    number: int, name: str, point: tuple[float, float], country: str, admin1: str, people: int | None = None
) -> Entry:
    return Entry(Place(number, name, *point, "town", country, admin1, None, people), (name,))


def _unit(number: int, full: str, short: str, point: tuple[float, float], country: str) -> Entry:
    return Entry(Place(number, full, *point, "admin1", country, short), (full, short))


ENTRIES = (
    _town(1, "Bali", (5.89, 10.01), "CMR", "North-West", 27_000),
    _town(2, "Bali", (22.65, 88.34), "IND", "West Bengal", 290_000),
    _unit(3, "Bali", "Bali", (-8.5, 115.0), "IDN"),
    _town(4, "Bamenda", (5.96, 10.15), "CMR", "North-West", 390_000),
    _town(5, "Gao", (16.27, -0.04), "MLI", "Gao", 86_000),
    _unit(6, "Gao Region", "Gao", (16.27, -0.04), "MLI"),
    _town(7, "Ansongo", (15.66, 0.5), "MLI", "Gao", 3_000),
    _town(8, "Bungudu", (12.27, 6.55), "NGA", "Zamfara", 20_000),
    _unit(9, "Zamfara State", "Zamfara", (12.17, 6.66), "NGA"),
    Entry(Place(10, "Bungudu", 12.27, 6.55, "admin2", "NGA", "Zamfara", "Bungudu"), ("Bungudu",)),
    _town(11, "Argelia", (2.26, -77.25), "COL", "Cauca", 4_000),
    _town(12, "Argelia", (5.73, -75.14), "COL", "Antioquia", 4_000),
    _town(13, "Cairo", (37.0, -89.18), "USA", "Illinois", 2_000),
    _town(14, "Cairo", (30.06, 31.25), "EGY", "Cairo", 9_000_000),
    _town(40, "Toyota", (35.08, 137.16), "JPN", "Aichi", 426_000),
    Entry(Place(41, "Japan", 36.0, 138.0, "country", "JPN"), ("Japan",)),
    _town(15, "Bamako", (12.65, -8.0), "MLI", "Bamako", 1_300_000),
    _town(16, "Inates", (15.6, 1.1), "NER", "Tillabéri"),
    Entry(Place(17, "Xindian", 25.0, 121.5, "town", "TWN", "Taipei", None, 300_000), ("Xindian", "Sindian")),
    _unit(18, "Tillabéri", "Tillabéri", (14.2, 1.45), "NER"),
    _town(19, "Fada N'gourma", (12.06, 0.36), "BFA", "Est", 73_000),
    _town(20, "Fada", (17.2, 21.6), "TCD", "Ennedi-Ouest", 17_000),
    Entry(Place(30, "Mali", 17.0, -4.0, "country", "MLI"), ("Mali",)),
    Entry(Place(31, "Niger", 17.0, 8.0, "country", "NER"), ("Niger",)),
    Entry(Place(32, "Cameroon", 6.0, 12.0, "country", "CMR"), ("Cameroon",)),
    Entry(Place(33, "Nigeria", 9.0, 8.0, "country", "NGA"), ("Nigeria",)),
    Entry(Place(34, "Colombia", 4.0, -73.0, "country", "COL"), ("Colombia",)),
    Entry(Place(35, "India", 20.0, 79.0, "country", "IND"), ("India",)),
    Entry(Place(36, "Senegal", 14.5, -14.4, "country", "SEN"), ("Senegal",)),
    Entry(Place(37, "Burkina Faso", 12.2, -1.6, "country", "BFA"), ("Burkina Faso",)),
    Entry(Place(38, "Egypt", 27.0, 30.0, "country", "EGY"), ("Egypt",)),
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Gazetteer:
    path = tmp_path_factory.mktemp("places") / "g.sqlite"
    building.write(path, ENTRIES)
    return open_index(path)


def _resolved(
    index: Gazetteer, text: str, *names: str, parties: tuple[str, ...] = (), source: str | None = None
) -> Mention:
    report = Report("r", "", text, "en", source=source)
    found = toponyms.find(report, index, "en")
    chosen = tuple(p for name in names for p in found if p.text == name)
    assert len(chosen) >= len(names), found
    known = places.context(report, found, index, parties)
    return places.place(Mention("m", "r", "test", "bombing", phrases={"place": chosen}), known)


def _where(index: Gazetteer, text: str, *names: str, parties: tuple[str, ...] = ()) -> tuple[str | None, ...]:
    where = _resolved(index, text, *names, parties=parties).where
    return where.country, where.admin1, where.place, where.precision


# ---- namesakes --------------------------------------------------------------------------------------------------


def test_the_report_decides_between_namesakes(index: Gazetteer) -> None:
    text = "Troops of Cameroon left Bamenda. A grenade was thrown in Bali."
    assert _where(index, text, "Bali") == ("CMR", "North-West", "Bali", "exact")
    text = "Police in India closed the roads. A grenade was thrown in Bali."
    assert _where(index, text, "Bali") == ("IND", "West Bengal", "Bali", "exact")


@pytest.mark.parametrize("party", ["Military of Cameroon", "Civilians (Cameroon)", "CMR"])
def test_parties_speak_for_their_country(index: Gazetteer, party: str) -> None:
    assert _where(index, "A grenade was thrown in Bali.", "Bali", parties=(party,))[0] == "CMR"


def test_a_source_speaks_for_its_country(index: Gazetteer) -> None:
    found = _resolved(index, "A grenade was thrown in Bali.", "Bali", source="Cameroon Post")
    assert found.where.country == "CMR"


def test_the_country_named_with_a_place_wins(index: Gazetteer) -> None:
    text = "Farmers of India, envoys from India and India itself were silent when a grenade fell in Bali, Cameroon."
    assert _where(index, text, "Bali", "Cameroon")[0] == "CMR"


def test_fame_decides_where_nothing_else_speaks(index: Gazetteer) -> None:
    assert _where(index, "A bomb went off in Cairo.", "Cairo")[0] == "EGY"


def test_tied_namesakes_become_their_common_unit(index: Gazetteer) -> None:
    found = _resolved(index, "In Colombia, shots were fired in Argelia.", "Argelia")
    assert (found.where.country, found.where.precision, found.where.place) == ("COL", "country", "Colombia")


def test_rejected_candidates_and_reasons_are_kept(index: Gazetteer) -> None:
    evidence = _resolved(index, "Cameroon mourns: a grenade was thrown in Bali.", "Bali").evidence["place"]
    assert evidence.words == ("Bali",)
    assert "CMR" in evidence.reason
    assert 0.5 < evidence.confidence <= 1
    assert {c.value.rpartition(", ")[2] for c in evidence.rejected} == {"IND", "IDN"}
    assert all(c.reasons for c in evidence.rejected)


# ---- precision --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("Mali: shells fell in Ansongo.", ["Ansongo"], ("MLI", "Gao", "Ansongo", "exact")),
        ("Mali: shells fell near Ansongo.", ["Ansongo"], ("MLI", "Gao", "Ansongo", "near")),
        (
            "Mali: a bus burned between Ansongo and Gao.",
            ["Ansongo", "Gao"],
            ("MLI", "Gao", "Ansongo", "near"),
        ),
        ("Mali: herds were taken in Gao region.", ["Gao"], ("MLI", "Gao", "Gao Region", "admin1")),
        ("Mali: shells fell in Gao.", ["Gao"], ("MLI", "Gao", "Gao", "exact")),
        ("Nigeria: raids in Bungudu LGA.", ["Bungudu"], ("NGA", "Zamfara", "Bungudu", "admin2")),
        # A commune lies below the second level: it is told by its seat, around which it lies.
        ("Mali: raids in the commune of Ansongo.", ["Ansongo"], ("MLI", "Gao", "Ansongo", "near")),
        ("Nigeria: raids in the commune of Bungudu.", ["Bungudu"], ("NGA", "Zamfara", "Bungudu", "admin2")),
        ("Nigeria: raids in Zamfara.", ["Zamfara"], ("NGA", "Zamfara", "Zamfara State", "admin1")),
        ("Attacks went on in northern Mali.", ["Mali"], ("MLI", None, "Mali", "country")),
    ],
)
def test_precision_follows_the_words(
    index: Gazetteer, text: str, names: list[str], expected: tuple[str | None, ...]
) -> None:
    assert _where(index, text, *names) == expected


def test_the_finest_of_nested_phrases_counts(index: Gazetteer) -> None:
    text = "In Mali, in Gao region, a mine went off in Ansongo."
    assert _where(index, text, "Mali", "Gao", "Ansongo") == ("MLI", "Gao", "Ansongo", "exact")


def test_the_first_of_two_towns_counts(index: Gazetteer) -> None:
    text = "Mali: a mine went off in Ansongo and the wounded lie in Bamako."
    assert _where(index, text, "Ansongo", "Bamako")[2] == "Ansongo"


def test_the_capital_is_the_town(index: Gazetteer) -> None:
    assert _where(index, "Crowds gathered in Mali's capital.", "capital") == (
        "MLI",
        "Bamako",
        "Bamako",
        "exact",
    )
    assert _where(index, "Mali woke up. Crowds gathered in the capital.", "capital")[2] == "Bamako"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Senegal bombed a depot in Bamako.", ["Senegal", "Bamako"]),
        ("Senegal flew soldiers into Bamako on Monday.", ["Senegal", "Bamako"]),
    ],
)
def test_a_country_that_acts_is_not_where_it_was(index: Gazetteer, text: str, names: list[str]) -> None:
    assert _where(index, text, *names)[:3] == ("MLI", "Bamako", "Bamako")


def test_a_well_of_a_town_s_name_is_not_meant(tmp_path: Path) -> None:
    well = _town(41, "Dargol", (13.88, 1.54), "NER", "Tillabéri")
    town = _town(42, "Dargol", (13.0, 1.24), "NER", "Tillabéri")
    rows = (
        Entry(replace(well.place, feature="H.WLL"), well.names),
        Entry(replace(town.place, feature="P.PPL"), town.names),
        *ENTRIES,
    )
    building.write(tmp_path / "g.sqlite", rows)
    found = _resolved(open_index(tmp_path / "g.sqlite"), "Niger: a mine went off in Dargol.", "Dargol").where
    assert (found.latitude, found.precision) == (13.0, "exact")


# ---- parts of towns ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("In Mali, a grenade fell in the Argelia neighborhood of Bamako.", "Argelia"),
        ("In Mali, a grenade fell in Bamako's Argelia quarter.", "Argelia"),
        ("In Mali, a grenade fell in Zanzuma, a suburb of Bamako.", "Zanzuma"),
        ("In Mali, a grenade fell at Argelia in Bamako.", "Argelia"),
        ("Traders of Bamako, Mali, closed their shops. A grenade fell in the Zanzuma quarter.", "Zanzuma"),
    ],
)
def test_a_quarter_is_its_town(index: Gazetteer, text: str, name: str) -> None:
    assert _where(index, text, name) == ("MLI", "Bamako", "Bamako", "exact")


def test_a_quarter_with_no_town_near_it_is_none(index: Gazetteer) -> None:
    found = _where(
        index,
        "Troops of Mali fired in the village of Zanzuma. Traders of Bamako closed their shops.",
        "Zanzuma",
    )
    assert found == ("MLI", None, "Mali", "country")


@pytest.mark.parametrize(
    "text",
    [
        "In Mali, a grenade fell in the village of Qoxxa, in Bamako.",
        "In Mali, shots were fired in Qoxxa village, in Bamako.",
    ],
)
def test_a_village_is_no_part_of_a_town(index: Gazetteer, text: str) -> None:
    assert _where(index, text, "Qoxxa", "Bamako")[2:] == ("Bamako", "near")


def test_where_somebody_comes_from_is_not_where_it_was(index: Gazetteer) -> None:
    text = "In Senegal's north, rebels from Mali killed two gendarmes near Qoxxa."
    assert _where(index, text, "Qoxxa", "Mali")[0] == "SEN"


def test_a_mention_without_a_place_is_in_the_country_at_hand(index: Gazetteer) -> None:
    report = Report("r", "", "Soldiers of Mali were killed, said the government of Mali.", "en")
    known = places.context(report, toponyms.find(report, index, "en"), index)
    assert places.place(Mention("m", "r", "test", "bombing"), known).where == places._nationwide("MLI", index)
    silent = places.context(replace(report, text="Soldiers were killed."), (), index)
    assert places.place(Mention("m", "r", "test", "bombing"), silent).where == Where()


# ---- names that the gazetteer lacks -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        (
            "Riders burned Nigeria's village of Furfo, close to Bungudu.",
            ["Furfo", "Bungudu"],
            ("NGA", "Bungudu", "near"),
        ),
        ("Riders struck the village of Xegui, Tillabéri region.", ["Xegui"], ("NER", "Tillabéri", "admin1")),
        ("Riders struck the village of Xegui in northern Mali.", ["Xegui"], ("MLI", "Mali", "country")),
        ("Mali mourns. Riders struck the village of Xegui.", ["Xegui"], ("MLI", "Mali", "country")),
        ("Cameroon: shots were heard at Hamdou in Bamenda.", ["Hamdou"], ("CMR", "Bamenda", "exact")),
        ("Riders struck the village of Xegui.", ["Xegui"], (None, None, "unknown")),
    ],
)
def test_the_place_named_with_an_unlisted_one(
    index: Gazetteer, text: str, names: list[str], expected: tuple[str | None, ...]
) -> None:
    where = _resolved(index, text, *names).where
    assert (where.country, where.place, where.precision) == expected


def test_a_far_namesake_of_an_unlisted_village_is_never_taken(index: Gazetteer) -> None:
    text = "Senegal said that rebels of Senegal were hit near Sindian."
    assert _where(index, text, "Sindian") == ("SEN", None, "Senegal", "country")


def test_a_city_of_a_village_s_name_is_not_meant_where_nothing_speaks_for_its_country(
    index: Gazetteer,
) -> None:
    text = "Mali's army said that Mali lost two men of Mali's guard in an ambush at Fada."
    found = _resolved(index, text, "Fada")
    assert (found.where.country, found.where.precision) == ("MLI", "country")
    assert "nothing in the report speaks for any Fada" in found.evidence["place"].reason
    assert _where(index, text.replace("Fada", "Cairo, it said"), "Cairo")[0] != "MLI"


def test_a_name_without_a_word_for_in_is_no_city_abroad(index: Gazetteer) -> None:
    text = "Mali: a mine blew up a Toyota minibus near Gao. Mali's army came. Mali mourns."
    assert _where(index, text, "Toyota") == ("MLI", "Gao", "Gao", "near")
    assert _where(index, text.replace("a Toyota minibus near Gao", "men in Toyota"), "Toyota")[0] == "JPN"


def test_a_country_that_only_acts_is_not_where_it_was(index: Gazetteer) -> None:
    text = "In Mali, a base in Mali: Senegal sent men. Bamako thanked them."
    assert _where(index, text, "Senegal")[0] == "MLI"
    assert _where(index, "Senegal sent men.", "Senegal")[0] == "SEN"


def test_an_unlisted_village_between_two_countries_is_unknown(index: Gazetteer) -> None:
    assert (
        _where(index, "Mali and Niger traded words over Xegui and those killed at Xegui.", "Xegui")[0] is None
    )


def test_a_border_named_with_an_unlisted_village_is_no_country_of_it(index: Gazetteer) -> None:
    text = "Soldiers of Mali, guides from Mali and drivers fell at Xegui, on the Niger border."
    assert _where(index, text, "Xegui")[0] == "MLI"


def test_another_spelling_is_taken_where_the_country_is_known(index: Gazetteer) -> None:
    assert _where(index, "Niger: the post of I-n-Ates was hit.", "I-n-Ates")[2] == "Inates"


def test_a_short_form_of_a_name_in_the_report(index: Gazetteer) -> None:
    text = "Burkina Faso: a parade was held at Fada N'Gourma. A mine went off south of Fada."
    assert _where(index, text, "Fada") == ("BFA", "Est", "Fada N'gourma", "near")


# ---- nothing to go by -----------------------------------------------------------------------------------------------


def test_without_phrases_the_place_stays_unknown(index: Gazetteer) -> None:
    mention = _resolved(index, "Nothing is named.")
    assert mention.where == Where()
    assert "place" not in mention.evidence


@pytest.mark.parametrize("role", ["dateline", "demonym", "metonym"])
def test_silent_phrases_are_no_place(index: Gazetteer, role: str) -> None:
    report = Report("r", "", "Bamako", "en")
    found = tuple(replace(p, role=role) for p in toponyms.find(report, index, "en"))
    known = places.context(report, found, index)
    assert places.place(Mention("m", "r", "c", "riot", phrases={"place": found}), known).where == Where()


def test_a_phrase_without_spans_is_read_too(index: Gazetteer) -> None:
    report = Report("r", "", "", "en")
    known = places.context(report, (), index, ("Military of Mali",))
    mention = Mention("m", "r", "c", "riot", phrases={"place": (Phrase("Gao", (), role="in"),)})
    assert places.place(mention, known).where.place == "Gao"


def test_resolving_is_pure(index: Gazetteer) -> None:
    first, second = (_resolved(index, "Mali: shells fell near Ansongo.", "Ansongo") for _ in range(2))
    assert first == second


def test_what_is_no_point_is_never_given_as_one(tmp_path: Path) -> None:
    river = _town(43, "Zanzuma", (13.0, 1.24), "NER", "Tillabéri")
    building.write(
        tmp_path / "g.sqlite", (Entry(replace(river.place, feature="H.STM"), river.names), *ENTRIES)
    )
    found = _resolved(
        open_index(tmp_path / "g.sqlite"), "Niger: a mine went off in Zanzuma.", "Zanzuma"
    ).where
    assert found.precision == "near"
