"""Outlines of administrative units: what is taken from each style of GeoJSON, and what its faults cost."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from gazetteer_sample import DUMP, Put, add, geojson, grown, square, the
from tarikh.errors import RefusedError
from tarikh.gazetteer import open_index

pytestmark = pytest.mark.usefixtures("packages")


# ---- outlines ------------------------------------------------------------------------------------------------


STYLES: dict[str, list[tuple[str, str]]] = {
    "COD-AB, new": [
        (
            "mli_admin2.geojson",
            geojson(
                ({"adm2_name": "Gossi", "adm2_name1": "غوسي", "adm2_pcode": "ML0401", "adm1_name": "Mopti", "adm1_pcode": "ML04", "adm0_name": "Mali", "adm0_pcode": "ML"}, square(-2, 14)),
            ),
        )
    ],
    "COD-AB, old": [
        (
            "mli_admbnda_adm2.geojson",
            geojson(
                ({"ADM2_AR": "غوسي", "ADM2_FR": "Gossi", "ADM2_PCODE": "ML0401", "ADM1_FR": "Mopti", "ADM1_PCODE": "ML04", "ADM0_FR": "Mali", "ADM0_PCODE": "ML", "date": None}, square(-2, 14)),
            ),
        )
    ],
    "geoBoundaries": [
        ("a1.geojson", geojson(({"shapeName": "Mopti Region", "shapeISO": "ML-5", "shapeID": "1", "shapeGroup": "MLI", "shapeType": "ADM1"}, square(-3, 13, 3.1)))),
        ("a2.geojson", geojson(({"shapeName": "Gossi", "shapeID": "2", "shapeGroup": "MLI", "shapeType": "ADM2"}, square(-2, 14)))),
    ],
}  # fmt: skip


@pytest.mark.parametrize("files", STYLES.values(), ids=STYLES)
def test_outlines_place_rows_that_lack_a_unit(files: list[tuple[str, str]], small: Path, put: Put) -> None:
    opened = grown(small, put("ML.txt", DUMP), *(put(name, text) for name, text in files))
    inside, outside = the(opened.find("Boulikessi")), the(opened.find("N'Tahaka"))
    assert (inside.admin1, inside.admin2) == ("Mopti", "Gossi")
    assert (the(opened.find("Gourma")).admin1, outside.admin1) == ("Mopti", None)
    unit = the(opened.find("Gossi"))
    assert (unit.level, unit.country, unit.admin1, unit.admin2) == ("admin2", "MLI", "Mopti", "Gossi")
    assert opened.info()["outlines"] == ["MLI"]


def test_a_hole_is_outside_and_known_units_keep_their_record(small: Path, put: Put) -> None:
    names = {"adm2_name": "Cercle de Bankass", "adm1_name": "Mopti", "adm0_pcode": "MLI"}
    opened = grown(small, put("ML.txt", DUMP), put("u.geojson", geojson((names, square(-2.5, 14, 2.1, 0.5)))))
    assert the(opened.find("Boulikessi")).admin2 is None
    assert the(opened.find("Gourma")).admin2 == "Bankass"
    assert the(opened.find("Cercle de Bankass")).geonameid == 22


def test_bad_features_cost_themselves(small: Path, put: Put) -> None:
    good = ({"adm1_name": "Gao", "adm0_pcode": "ML"}, square(0, 15))
    rows = (
        good,
        ({"adm1_name": "Far", "adm0_pcode": "ML"}, square(500_000, 1_600_000)),
        ({"adm1_name": "Line", "adm0_pcode": "ML"}, {"type": "LineString", "coordinates": []}),
        ({"adm1_name": "Kidal", "adm0_pcode": "ML"}, square(0, 18)),
        ({"adm1_name": "Taoudénit", "adm0_pcode": "ML"}, square(-4, 20)),
    )
    done = add(small, put("u.geojson", geojson(*rows)))
    assert done is not None
    assert "2 of 5 features are bad" in done.faults[0]
    assert "degrees (WGS 84)" in done.faults[0]
    assert [p.level for p in open_index(small).find("Gao")] == ["admin1"]


MALI = {"adm1_name": "Gao", "adm0_pcode": "ML"}
CORNERS = [[1, 15], [1, 16], [0, 15]]


def _shape(coordinates: object, kind: object = "Polygon") -> tuple[dict[str, Any], dict[str, Any]]:
    return MALI, {"type": kind, "coordinates": coordinates}


def _first(corner: object) -> tuple[dict[str, Any], dict[str, Any]]:
    return _shape([[corner, *CORNERS]])


POINT = r"has a point that is not a list of two numbers, \[longitude, latitude\]"
LIST = "among its coordinates where a list must stand"
ODD: dict[str, tuple[Any, str]] = {
    "null geometry": ((MALI, None), "has no geometry"),
    "null properties": ((None, square(0, 15)), "has no properties"),
    "properties that are a list": (([1], square(0, 15)), "has a list as its properties, not an object"),
    "coordinates in a text": (_shape("0 15"), f"has a text {LIST}"),
    "null coordinates": (_shape(None), f"has null {LIST}"),
    "a polygon said to be many": (_shape([[[0, 15], *CORNERS]], "MultiPolygon"), f"has a number {LIST}|{POINT}"),
    "texts for numbers": (_first(["0", "15"]), POINT),
    "a text for a point": (_first("12"), POINT),
    "an object for a point": (_first({"x": 0}), POINT),
    "half a point": (_first([0]), POINT),
    "null for a number": (_first([None, 15]), POINT),
    "true for a number": (_first([True, 15]), POINT),
    "a number past all": (_first([10**350, 15]), POINT),
    "a number of thousands of digits": (_first([10**4200, 15]), "NaN or an infinite number"),
    "NaN": (_first([float("nan"), 15]), "NaN or an infinite number"),
    "infinite": (_first([0, float("inf")]), "NaN or an infinite number"),
    "a type that is a list": (_shape([], [1]), r"has a geometry of type \[1\], not a Polygon"),
    "no type": ((MALI, {"coordinates": []}), "has a geometry of type null, not a Polygon"),
    "no country": (({"adm1_name": "Gao"}, square(0, 15)), "of no country that is known .it has no adm0_pcode"),
    "null in geoBoundaries": (({"shapeName": None}, square(0, 15)), "has the shapeType null and the shapeGroup null"),
}  # fmt: skip
PYTHON = r"NoneType|Error|'(int|str|list|dict)'|subscript|iterable|codec|Exceeds|Expecting|broadcast"


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize(("odd", "said"), ODD.values(), ids=ODD)
def test_an_odd_feature_costs_itself_with_its_number_and_words_for_people(
    odd: Any, said: str, small: Path, put: Put
) -> None:
    good = ({"adm1_name": "Kidal", "adm0_pcode": "ML"}, square(0, 18))
    done = add(small, put("u.geojson", geojson(good, odd)))
    assert done is not None
    assert re.search(rf"^u\.geojson: 1 of 2 features are bad .*\(feature 2: .*({said})", done.faults[0])
    assert not re.search(PYTHON, done.faults[0])
    with pytest.raises(
        RefusedError, match=rf"^u\.geojson has no .* unit that can be read \(feature 1: .*({said})"
    ):
        add(small, put("u.geojson", geojson(odd)))


NO_FILES: dict[str, tuple[str | bytes, str]] = {
    "no list": ('{"features": null}', "u.geojson has 'features' that is no list"),
    "a list": ("[1, 2]", "u.geojson is a list in JSON"),
    "features of other things": ('{"features": [null, "x", 5, []]}', "feature 1: is null.*feature 2: is a text"),
    "deep": ('{"features": [{}, ' + "[" * 100_000, "u.geojson, after feature 1, is nested too deeply"),
    "cut off": (geojson(_first([0, 15]))[:-30], r"u.geojson is no JSON \(character \d+\): it is cut off"),
    "cut off behind a feature": ('{"features": [{}', "after feature 1, ends where , or ] must stand"),
    "no name": ('{5: "a"}', r"a value where a name in quotes must stand \(character 3\)"),
    "no UTF-8": (b'{"features": ["\xff"]}', "u.geojson is not UTF-8: save it as UTF-8"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "said"), NO_FILES.values(), ids=NO_FILES)
def test_a_file_that_is_no_geojson_is_refused_in_words_for_people(
    content: str | bytes, said: str, small: Path, put: Put
) -> None:
    with pytest.raises(RefusedError, match=said) as refused:
        add(small, put("u.geojson", content))
    assert not re.search(PYTHON, str(refused.value))
