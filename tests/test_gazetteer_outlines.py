"""Outlines of administrative units: what is taken from each style of GeoJSON, and what its faults cost."""

from __future__ import annotations

from pathlib import Path

import pytest

from gazetteer_sample import DUMP, Put, add, geojson, grown, square, the
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
