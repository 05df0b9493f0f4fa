"""Sources that users add to the gazetteer: what is taken from GeoNames dumps, UCDP GED and corrections."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from gazetteer_sample import DUMP, Put, add, grown, row, the
from tarikh.errors import GazetteerError
from tarikh.gazetteer import lines, open_index

pytestmark = pytest.mark.usefixtures("packages")


# ---- GeoNames dumps ------------------------------------------------------------------------------------------


def test_a_dump_brings_villages_of_every_feature_class(small: Path, put: Put) -> None:
    opened = grown(small, put("ML.txt", DUMP))
    village = the(opened.find("Ogossogou"))
    assert (village.geonameid, village.country, village.admin1, village.admin2) == (
        33,
        "MLI",
        "Mopti",
        "Bankass",
    )
    assert (village.feature, village.level, village.population) == ("P.PPL", "town", None)
    assert the(opened.find("Gourma")).extended
    assert not village.extended
    assert the(opened.find("In Ates")).feature_class == "H"
    assert the(opened.find("Intahaka")).geonameid == 34
    assert the(opened.find("موبتي")).geonameid == 1
    assert opened.find("Nowhere") == ()


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("Boulkessi", 31),
        ("Boulikéssy", 31),
        ("Inates", 32),
        ("Ogossagou", 33),
        ("N'Tahaka", 34),
        ("I-n-Tahaka", 34),
    ],
)
def test_spellings_of_the_press_find_the_records(written: str, number: int, small: Path, put: Put) -> None:
    assert the(grown(small, put("ML.txt", DUMP)).find(written)).geonameid == number


def test_records_of_both_are_joined_by_id(small: Path, put: Put) -> None:
    opened = grown(small, put("ML.txt", DUMP))
    town = next(p for p in opened.find("Mopti") if p.level == "town")
    assert (town.latitude, town.population, town.feature) == (14.4843, 114_296, "P.PPLA")
    moved = the(opened.find("Menaka Ville"))
    assert (moved.geonameid, moved.admin1) == (2, "Ménaka")
    assert the(opened.find("Ménaka")) == moved
    unit = next(p for p in opened.find("Mopti") if p.level == "admin1")
    assert (unit.name, unit.latitude, unit.feature) == ("Mopti Region", 14.48, "A.ADM1")
    assert [p.name for p in opened.countries()] == ["Mali"]


def test_the_index_knows_full_dumps_and_terms(small: Path, put: Put) -> None:
    towns = "".join(row(n, f"Town{n}", 12, -1, country="BF") + "\n" for n in range(100, 104))
    info = grown(small, put("ML.txt", DUMP), put("towns.txt", towns)).info()
    assert info["full_countries"] == ["MLI"]
    assert open_index(small).full_countries() == {"MLI"}
    assert info["added"] == {"ML.txt": 9, "towns.txt": 4}
    assert "GeoNames (geonames.org), CC BY 4.0" in info["licence"]


def test_sidecar_files_and_alternate_names(small: Path, put: Put) -> None:
    units = put(
        "admin1CodesASCII.txt", "ML.09\tGao Region\tGao Region\t30\nML.08\tTombouctou\tTombouctou\t31\n"
    )
    inner = put("admin2Codes.txt", "ML.09.5\tCercle de Bourem\tBourem\t40\nML.09.6\tAnsongo\tAnsongo\t41\n")
    more = put(
        "alternateNamesV2.txt",
        "1\t31\tfr\tBoulkessy-Ville\t\t\t\t\t\t\n2\t31\tlink\thttps://example.org/Town\t\t\t\t\t\t\n3\t999\ten\tElsewhere\t\t\t\t\t\t\n",
    )
    dump = put("ML.txt", DUMP + row(37, "Taboye", 17.1, -0.2, admin1="09", admin2="5") + "\n")
    opened = grown(small, units, inner, more, dump)
    place = the(opened.find("Taboye"))
    assert (place.admin1, place.admin2) == ("Gao", "Bourem")
    assert the(opened.find("Boulkessy-Ville")).geonameid == 31
    assert opened.find("Elsewhere") == ()


def test_a_zip_is_read_without_its_readme(small: Path, put: Put, tmp_path: Path) -> None:
    path = tmp_path / "ML.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("readme.txt", "Readme for the dump\nof places\n")
        archive.writestr("ML.txt", DUMP)
    assert the(grown(small, path).find("Boulikessi")).geonameid == 31


def test_a_row_without_its_end_is_taken_where_it_is_whole() -> None:
    import io

    faults = lines.Faults("x")
    assert [text for _, text in lines.lines(io.BytesIO(b"\xef\xbb\xbfa\tb\r\nc\td"), faults, 2)] == [
        "a\tb",
        "c\td",
    ]


# ---- UCDP GED ------------------------------------------------------------------------------------------------


def test_ged_gives_towns_that_no_other_source_has(small: Path, put: Put) -> None:
    rows = (
        "1,Boulikessi village,Mopti region,Mali,14.96,-1.45",
        "1,Murbai/Murubai town,X,Nigeria,8.9,11.2",
        '1,"Tin Hama town",Gao region,Mali,15.7,1.5',
        "1,Tin Hama town,Gao region,Mali,15.7,1.5",
        "1,Tin Hama town,Gao region,Mali,15.9,1.9",
        "1,Road between Gao and Ansongo,Gao region,Mali,15.9,0.3",
        "4,Gao region,Gao region,Mali,16.9,0.3",
        "1,Goma town,Nord Kivu province,DR Congo (Zaire),-1.67,29.22",
        "1,Atlantis town,X,Nowhere,1,1",
    )
    head = "where_prec,where_coordinates,adm_1,country,latitude,longitude"
    done = add(small, put("GED.csv", "\n".join((head, *rows)) + "\n"), put("ML.txt", DUMP))
    assert done is not None
    opened = open_index(small)
    town = the(opened.find("Tin Hama"))
    assert (town.latitude, town.admin1, town.geonameid) == (15.7, "Gao", None)
    assert the(opened.find("Goma")).country == "COD"
    assert the(opened.find("Boulikessi")).geonameid == 31
    assert the(opened.find("Murubai")).country == "NGA"
    assert opened.find("Gao region") == ()
    assert "1 of 10 lines are bad" in done.faults[0]
    assert "UCDP Georeferenced Event Dataset" in opened.info()["licence"]


@pytest.mark.parametrize("bad", ['1,"Gao town,Gao,Mali,16.2,0.1', '1,"Gao" town,Gao,Mali,16.2,0.1'])
def test_a_quote_that_is_not_closed_is_refused_with_its_line(bad: str, small: Path, put: Put) -> None:
    rows = [f'1,"Town {n}",Gao,Mali,16.{n},0.1' for n in range(30)]
    head = "where_prec,where_coordinates,adm_1,country,latitude,longitude"
    rows[9] = bad
    with pytest.raises(GazetteerError, match="the row that begins in line 11 is no CSV"):
        add(small, put("GED.csv", "\n".join((head, *rows)) + "\n"))


# ---- overrides -----------------------------------------------------------------------------------------------


def test_overrides_win_over_dumps(small: Path, put: Put) -> None:
    text = "points: {31: [15.01, -1.5]}\nnames: {33: [Ogossagou-Peul]}\ndrop: [32]\nplaces:\n- {name: Kobé, country: ML, point: [14.1, -3.4], admin1: Mopti}\n"
    add(small, put("ML.txt", DUMP), corrections=put("mine.yaml", text))
    opened = open_index(small)
    assert the(opened.find("Boulikessi")).latitude == 15.01
    assert the(opened.find("Ogossagou Peul")).geonameid == 33
    assert opened.find("I-n-Atès") == ()
    assert (the(opened.find("Kobe")).country, the(opened.find("Kobe")).admin1) == ("MLI", "Mopti")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pionts: {1: [1, 2]}", "unknown key 'pionts'; the keys are"),
        ("points: {1: [95, 2]}", "points: 1 has no point on earth"),
        ("names: {1: Gao}", "needs a list of quoted names"),
        ("places: [{name: A, country: Atlantis, point: [1, 1]}]", "write an ISO code"),
        ("places: [{name: A, country: ML, point: [1, 1], level: hamlet}]", "it is one of town"),
        ("- a", "must be a mapping"),
        ('drop: "123456"', "drop must be a list"),
        ("drop: [true]", "drop: True is no GeoNames id"),
        ("drop: [1.0]", "drop: 1.0 is no GeoNames id"),
        ("drop: [.inf]", "drop: inf is no GeoNames id"),
        ("drop: [0x" + "f" * 5000 + "]", "drop: a number of thousands of digits is no GeoNames id"),
        ("drop: [" + "1" * 5000 + "]", "not valid YAML: Exceeds the limit"),
        ("points: {1: [.inf, 2]}", "points: 1 has no point on earth"),
        ("points: {1: [true, 2]}", "points: 1 needs .latitude, longitude."),
        ("points: {.inf: [1, 2]}", "points: inf is no GeoNames id"),
        ("points: {1: 2020-13-45}", "not valid YAML: month must be in"),
        ("points: {1: 2020-12-05}", "points: 1 needs .latitude, longitude."),
        ("unit_words: region", "unit_words must be a list"),
        ("unit_words: [no]", "unit_words: False is no name"),
        ('names: {1: ["\\ud800"]}', "names: 1: .* holds half a character|not valid YAML"),
        ("places: [{name: A, country: ML, point: [1, 1], lvl: town}]", "places: A has an unknown key 'lvl'"),
        ("places: [{name: A, country: NO, point: [1, 1]}]", "such as MLI in quotes"),
        ("places: [{name: A, country: ML, point: [1, 1], admin1: 4}]", "places: A: admin1: 4 is no name"),
        ("names: [", "not valid YAML"),
        ("names: &a {1: [A]}\nunits: *a", "alias in line 2"),
    ],
)
def test_faulty_overrides_are_refused_with_the_entry(text: str, said: str, small: Path, put: Put) -> None:
    with pytest.raises(GazetteerError, match=said) as refused:
        add(small, corrections=put("mine.yaml", text))
    assert "mine.yaml" in str(refused.value)
