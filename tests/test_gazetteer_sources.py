"""Sources that users add to the gazetteer: what is taken from each form, and that bad ones leave the old index in use."""

from __future__ import annotations

import errno
import json
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import Tarikh
from gazetteer_sample import DUMP, Packages, row
from tarikh import gazetteer
from tarikh.errors import GazetteerError, MissingError, UsageError
from tarikh.gazetteer import Given, Place, building, lines, open_index, register, writing


@pytest.fixture(autouse=True)
def _packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "Packaged", Packages)


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """An index of the packages alone."""
    path = tmp_path / "home" / "gazetteer.sqlite"
    gazetteer.build(path)
    return path


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, bytes | str], Path]:
    """Writes a file."""

    def write(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


Put = Callable[[str, "bytes | str"], Path]


def add(index: Path, *paths: Path, corrections: Path | None = None) -> gazetteer.Summary | None:
    given = [Given(path, str(path)) for path in paths]
    if corrections is not None:
        given.append(Given(corrections, "", is_overrides=True))
    return gazetteer.add(index, given)


def grown(index: Path, *paths: Path) -> gazetteer.Gazetteer:
    assert add(index, *paths) is not None
    return open_index(index)


def the(found: tuple[Place, ...]) -> Place:
    assert len(found) == 1, found
    return found[0]


# ---- GeoNames dumps ------------------------------------------------------------------------------------------


def test_a_dump_brings_villages_of_every_feature_class(index: Path, put: Put) -> None:
    opened = grown(index, put("ML.txt", DUMP))
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
def test_spellings_of_the_press_find_the_records(written: str, number: int, index: Path, put: Put) -> None:
    assert the(grown(index, put("ML.txt", DUMP)).find(written)).geonameid == number


def test_records_of_both_are_joined_by_id(index: Path, put: Put) -> None:
    opened = grown(index, put("ML.txt", DUMP))
    town = next(p for p in opened.find("Mopti") if p.level == "town")
    assert (town.latitude, town.population, town.feature) == (14.4843, 114_296, "P.PPLA")
    moved = the(opened.find("Menaka Ville"))
    assert (moved.geonameid, moved.admin1) == (2, "Ménaka")
    assert the(opened.find("Ménaka")) == moved
    unit = next(p for p in opened.find("Mopti") if p.level == "admin1")
    assert (unit.name, unit.latitude, unit.feature) == ("Mopti Region", 14.48, "A.ADM1")
    assert [p.name for p in opened.countries()] == ["Mali"]


def test_the_index_knows_full_dumps_and_terms(index: Path, put: Put) -> None:
    towns = "".join(row(n, f"Town{n}", 12, -1, country="BF") + "\n" for n in range(100, 104))
    info = grown(index, put("ML.txt", DUMP), put("towns.txt", towns)).info()
    assert info["full_countries"] == ["MLI"]
    assert open_index(index).full_countries() == {"MLI"}
    assert info["added"] == {"ML.txt": 9, "towns.txt": 4}
    assert "GeoNames (geonames.org), CC BY 4.0" in info["licence"]


def test_sidecar_files_and_alternate_names(index: Path, put: Put) -> None:
    units = put(
        "admin1CodesASCII.txt", "ML.09\tGao Region\tGao Region\t30\nML.08\tTombouctou\tTombouctou\t31\n"
    )
    inner = put("admin2Codes.txt", "ML.09.5\tCercle de Bourem\tBourem\t40\nML.09.6\tAnsongo\tAnsongo\t41\n")
    more = put(
        "alternateNamesV2.txt",
        "1\t31\tfr\tBoulkessy-Ville\t\t\t\t\t\t\n2\t31\tlink\thttps://example.org/Town\t\t\t\t\t\t\n3\t999\ten\tElsewhere\t\t\t\t\t\t\n",
    )
    dump = put("ML.txt", DUMP + row(37, "Taboye", 17.1, -0.2, admin1="09", admin2="5") + "\n")
    opened = grown(index, units, inner, more, dump)
    place = the(opened.find("Taboye"))
    assert (place.admin1, place.admin2) == ("Gao", "Bourem")
    assert the(opened.find("Boulkessy-Ville")).geonameid == 31
    assert opened.find("Elsewhere") == ()


def test_a_zip_is_read_without_its_readme(index: Path, put: Put, tmp_path: Path) -> None:
    path = tmp_path / "ML.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("readme.txt", "Readme for the dump\nof places\n")
        archive.writestr("ML.txt", DUMP)
    assert the(grown(index, path).find("Boulikessi")).geonameid == 31


# ---- what is bad ---------------------------------------------------------------------------------------------

GOOD = row(31, "Boulikessi", 14.97, -1.46).encode() + b"\n"
BAD_ROWS: dict[str, bytes] = {
    "columns": b"1\ttwo\tthree\n",
    "no number": row(41, "A", "north", 1).encode() + b"\n",
    "not on earth": row(41, "A", 91, 1).encode() + b"\n",
    "no point": row(41, "A", "nan", "inf").encode() + b"\n",
    "zero byte": row(41, "A\0B", 1, 1).encode() + b"\n",
    "not UTF-8": row(41, "Aé", 1, 1).encode("latin-1") + b"\n",
    "huge id": row(10**30, "A", 1, 1).encode() + b"\n",
    "ten megabytes": b"x" * 10_000_000 + b"\n",
    "no name": row(41, " ", 1, 1).encode() + b"\n",
}


@pytest.mark.parametrize("bad", BAD_ROWS.values(), ids=BAD_ROWS)
def test_a_bad_row_costs_itself_and_is_counted(bad: bytes, index: Path, put: Put) -> None:
    done = add(index, put("ML.txt", GOOD + bad + GOOD.replace(b"31", b"32")))
    assert done is not None
    assert done.faults[0].startswith("ML.txt: 1 of 3 lines are bad and were left out (line 2: ")
    assert len(open_index(index).find("Boulikessi")) == 2


def test_what_is_left_out_is_told_and_nothing_is_refused(index: Path, put: Put) -> None:
    unknown = "".join(row(n, f"Town{n}", 12, -1, country="XX") + "\n" for n in range(100, 130))
    done = add(index, put("some.txt", GOOD + unknown.encode()))
    assert done is not None
    assert done.faults == ("some.txt: 30 rows left out: country code XX is unknown",)
    with pytest.raises(GazetteerError, match=r"gives nothing .*30 rows left out: country code XX is unknown"):
        add(index, put("none.txt", unknown))
    for depth in (0, 9):
        kind = {"shapeName": "A", "shapeGroup": "MLI", "shapeType": f"ADM{depth}"}
        with pytest.raises(GazetteerError, match="1 feature left out: only units of the first and second"):
            add(index, put("u.geojson", _geojson((kind, _square(-3, 13)))))
    flat = ({"adm1_name": "Gao", "adm0_pcode": "ML"}, _square(0, 15, 0.0))
    with pytest.raises(GazetteerError, match="outline without area"):
        add(index, put("flat.geojson", _geojson(flat)))
    assert [s.name for s in register.read(index)] == ["some.txt"]


def test_each_bad_file_of_an_archive_is_told(index: Path, tmp_path: Path) -> None:
    path = tmp_path / "three.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in (("ML.txt", DUMP), ("NE.txt", "<html>"), ("BF.txt", ""), ("readme.txt", "Words")):
            archive.writestr(name, text)
    done = add(index, path)
    assert done is not None
    told = [fault.partition(" is")[0] for fault in done.faults]
    assert told[:2] == ["three.zip/NE.txt", "three.zip/BF.txt"]
    assert not any("readme" in fault for fault in done.faults)


def _zip(content: bytes, name: str = "ML.txt") -> bytes:
    import io

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def _many() -> bytes:
    import io

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(101):
            archive.writestr(f"{number}.txt", GOOD)
    return packed.getvalue()


def _damaged(method: int) -> bytes:
    import io

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.writestr("ML.txt", DUMP)
    return packed.getvalue()[:60] + b"x" * 40 + packed.getvalue()[100:]


BAD_FILES: dict[str, tuple[str, bytes, str]] = {
    "web page": ("ML.txt", b"<!DOCTYPE html><html>Log in</html>", "web page"),
    "web page as archive": ("ML.zip", b"  <html>404</html>", "web page"),
    "cut off in its last column": ("ML.txt", DUMP.encode()[:-4], "stops in the middle of line 10"),
    "a third is latin-1": (
        "ML.txt",
        (GOOD * 2 + row(41, "Aé", 1, 1).encode("latin-1") + b"\n") * 6,
        "6 of its first 18 lines are bad .* Save it as UTF-8",
    ),
    "web page in archive": ("ML.zip", _zip(b"<html></html>"), "web page"),
    "cut off": ("ML.txt", DUMP.encode()[:-40], "stops in the middle of line 10"),
    "cut off archive": ("ML.zip", _zip(DUMP.encode())[:-30], "cut off or damaged"),
    "broken archive": (
        "ML.zip",
        _zip(DUMP.encode() * 9).replace(b"Bo", b"oB", 1)[:60] + b"x" * 900,
        "damaged",
    ),
    "bomb": ("ML.zip", _zip(GOOD + b" " * 30_000_000), "no honest archive"),
    "way out": ("ML.zip", _zip(GOOD, "../../ML.txt"), "leads out of it"),
    "absolute": ("ML.zip", _zip(GOOD, "/etc/ML.txt"), "leads out of it"),
    "many files": ("ML.zip", _many(), "holds 101 files"),
    "empty": ("ML.txt", b"", "empty"),
    "empty archive": ("ML.zip", _zip(b"")[-22:], "damaged|empty|no source"),
    "other columns": ("ML.txt", b"1\t2\t3\n" * 9, "have 3 columns"),
    "prose": ("notes.txt", b"Only words.\nNothing else.\n", "no source of places"),
    "mostly bad": (
        "ML.txt",
        GOOD + row(5, "A", 99, 0).encode() + b"\n" + row(6, "B", 0, 999).encode() + b"\n",
        "line 2: ",
    ),
    "half a GeoJSON": ("x.geojson", b'{"type": "FeatureCollection", "features": [{"type": "Fea', "cut off"),
    "nested GeoJSON": ("x.geojson", b'{"a": ' + b"[" * 100_000, "deep|cut off"),
    "archive in archive": ("ML.zip", _zip(_zip(GOOD), "a.zip"), "an archive in an archive"),
    "damaged LZMA": ("ML.zip", _damaged(zipfile.ZIP_LZMA), "damaged"),
    "damaged bzip2": ("ML.zip", _damaged(zipfile.ZIP_BZIP2), "damaged"),
    "name that is no UTF-8": (
        "ML.zip",
        _zip(GOOD, "Mé.txt").replace("é".encode(), b"\xff\xff"),
        "damaged",
    ),
    "number without end": (
        "x.geojson",
        b'{"features": [{"properties": {"adm1_name": "Gao", "adm0_pcode": "ML"}, "geometry": {"type": "Polygon",'
        b' "coordinates": [[[1' + b"0" * 400 + b", 1], [2, 2], [2, 3], [1, 1]]]}}]}",
        "feature 1",
    ),
    "half a character": (
        "x.geojson",
        b'{"features": [{"properties": {"adm1_name": "\\ud800", "adm0_pcode": "ML"}, "geometry": {"type": "Polygon",'
        b' "coordinates": [[[1, 1], [2, 2], [2, 3], [1, 1]]]}}]}',
        "half a character",
    ),
    "TopoJSON": ("x.json", b'{"type": "Topology", "objects": {}}', "no administrative unit"),
}


@pytest.mark.parametrize(("name", "content", "said"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_is_refused_and_changes_nothing(
    name: str, content: bytes, said: str, index: Path, put: Put
) -> None:
    add(index, put("first.txt", DUMP))
    before, kept = index.read_bytes(), register.read(index)
    with pytest.raises(GazetteerError, match=said) as refused:
        add(index, put(name, content))
    assert name in str(refused.value)
    assert index.read_bytes() == before
    assert register.read(index) == kept
    assert [p.name for p in index.parent.glob(".*.partial")] == []
    assert sorted(p.name for p in register.folder(index).iterdir()) == ["first.txt", "register.json"]


def test_a_disk_that_fills_leaves_the_old_index(
    index: Path, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    before = index.read_bytes()
    monkeypatch.setattr(writing.Writer, "sort", full)
    with pytest.raises(GazetteerError, match="no room left; the old index, if there was one, stays in use"):
        add(index, put("ML.txt", DUMP))
    assert index.read_bytes() == before
    assert register.read(index) == ()


def test_a_disk_that_fills_while_a_source_is_copied(
    index: Path, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(GazetteerError, match=r"No space left on device.*make room there") as told:
        add(index, put("ML.txt", DUMP))
    assert str(register.folder(index)) in str(told.value)
    assert list(register.folder(index).iterdir()) == []


_KILLED = """
import os, sys
sys.path[:0] = [{tests!r}]
from gazetteer_sample import Packages
from pathlib import Path
from tarikh import gazetteer
from tarikh.gazetteer import building
building.Packaged = Packages
building.Writer.finish = lambda *_: os.kill(os.getpid(), 9)
gazetteer.add(Path({index!r}), [gazetteer.Given(Path({dump!r}), "")])
"""


def test_a_killed_build_leaves_the_old_index_and_the_next_one_works(index: Path, put: Put) -> None:
    before, dump = index.read_bytes(), put("ML.txt", DUMP)
    script = _KILLED.format(tests=str(Path(__file__).parent), index=str(index), dump=str(dump))
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -9
    assert index.read_bytes() == before
    assert register.read(index) == ()
    assert list(index.parent.glob(".*.partial"))
    assert the(grown(index, dump).find("Boulikessi"))
    assert not list(index.parent.glob(".*.partial"))


def test_two_builds_at_once_the_second_is_refused(index: Path, put: Put) -> None:
    with register.locked(index), pytest.raises(GazetteerError, match="another process is building"):
        add(index, put("ML.txt", DUMP))


# ---- the register --------------------------------------------------------------------------------------------


def test_build_takes_all_added_sources_again(index: Path, put: Put) -> None:
    dump = put("ML.txt", DUMP)
    add(index, dump)
    dump.unlink()
    index.unlink()
    gazetteer.ensure(index)
    assert the(open_index(index).find("Boulikessi"))
    gazetteer.build(index)
    assert the(open_index(index).find("Boulikessi"))


def test_adding_the_same_again_is_nothing_to_do(index: Path, put: Put) -> None:
    dump = put("ML.txt", DUMP)
    assert add(index, dump) is not None
    assert add(index, dump) is None
    done = add(index, put("ML.txt", DUMP.replace("Boulikessi", "Boulikessi Nord")))
    assert done is not None
    assert "took the place of the earlier ML.txt" in done.replaced[0]
    assert the(open_index(index).find("Boulikessi Nord")).geonameid == 31
    assert len(register.read(index)) == 1


@pytest.mark.parametrize("name", [".ML.txt", "register.json", "incoming"])
def test_a_source_has_a_name_of_its_own(name: str, index: Path, put: Put) -> None:
    with pytest.raises(UsageError, match="rename the file"):
        add(index, put(name, DUMP))


def test_remove_takes_a_source_out(index: Path, put: Put) -> None:
    add(index, put("ML.txt", DUMP))
    with pytest.raises(UsageError, match=r"no source is called 'BF'; the index has: ML\.txt"):
        gazetteer.remove(index, ["BF"])
    gazetteer.remove(index, ["ml"])
    assert open_index(index).find("Boulikessi") == ()
    assert [p.name for p in register.folder(index).iterdir()] == ["register.json"]


@pytest.mark.parametrize(
    "change", [lambda p: p.unlink(), lambda p: p.write_text("other")], ids=["gone", "changed"]
)
def test_a_kept_file_that_is_not_what_it_was_is_told(
    change: Callable[[Path], Any], index: Path, put: Put
) -> None:
    add(index, put("ML.txt", DUMP))
    change(register.folder(index) / "ML.txt")
    with pytest.raises(
        GazetteerError, match=r"add it again, or take it out with: tarikh gazetteer remove ML\.txt"
    ):
        gazetteer.build(index)
    assert the(open_index(index).find("Boulikessi"))


@pytest.mark.parametrize("text", ["{", '{"format": 9}', '{"format": 1, "sources": [{"name": "../x"}]}'])
def test_a_faulty_register_is_told(text: str, index: Path, put: Put) -> None:
    add(index, put("ML.txt", DUMP))
    (register.folder(index) / "register.json").write_text(text)
    with pytest.raises(GazetteerError, match=r"register\.json cannot be read"):
        gazetteer.build(index)


# ---- outlines ------------------------------------------------------------------------------------------------


def _square(west: float, south: float, size: float = 2.0, hole: float = 0.0) -> dict[str, Any]:
    def ring(w: float, s: float, d: float) -> list[list[float]]:
        return [[w, s], [w + d, s], [w + d, s + d], [w, s + d], [w, s]]

    rings = [ring(west, south, size)]
    if hole:
        rings.append(ring(west + (size - hole) / 2, south + (size - hole) / 2, hole))
    return {"type": "Polygon", "coordinates": rings}


def _geojson(*features: tuple[dict[str, Any], dict[str, Any]]) -> str:
    rows = [{"type": "Feature", "properties": p, "geometry": g} for p, g in features]
    return json.dumps({"type": "FeatureCollection", "name": "x", "features": rows})


STYLES: dict[str, list[tuple[str, str]]] = {
    "COD-AB, new": [
        (
            "mli_admin2.geojson",
            _geojson(
                ({"adm2_name": "Gossi", "adm2_name1": "غوسي", "adm2_pcode": "ML0401", "adm1_name": "Mopti", "adm1_pcode": "ML04", "adm0_name": "Mali", "adm0_pcode": "ML"}, _square(-2, 14)),
            ),
        )
    ],
    "COD-AB, old": [
        (
            "mli_admbnda_adm2.geojson",
            _geojson(
                ({"ADM2_AR": "غوسي", "ADM2_FR": "Gossi", "ADM2_PCODE": "ML0401", "ADM1_FR": "Mopti", "ADM1_PCODE": "ML04", "ADM0_FR": "Mali", "ADM0_PCODE": "ML", "date": None}, _square(-2, 14)),
            ),
        )
    ],
    "geoBoundaries": [
        ("a1.geojson", _geojson(({"shapeName": "Mopti Region", "shapeISO": "ML-5", "shapeID": "1", "shapeGroup": "MLI", "shapeType": "ADM1"}, _square(-3, 13, 3.1)))),
        ("a2.geojson", _geojson(({"shapeName": "Gossi", "shapeID": "2", "shapeGroup": "MLI", "shapeType": "ADM2"}, _square(-2, 14)))),
    ],
}  # fmt: skip


@pytest.mark.parametrize("files", STYLES.values(), ids=STYLES)
def test_outlines_place_rows_that_lack_a_unit(files: list[tuple[str, str]], index: Path, put: Put) -> None:
    opened = grown(index, put("ML.txt", DUMP), *(put(name, text) for name, text in files))
    inside, outside = the(opened.find("Boulikessi")), the(opened.find("N'Tahaka"))
    assert (inside.admin1, inside.admin2) == ("Mopti", "Gossi")
    assert (the(opened.find("Gourma")).admin1, outside.admin1) == ("Mopti", None)
    unit = the(opened.find("Gossi"))
    assert (unit.level, unit.country, unit.admin1, unit.admin2) == ("admin2", "MLI", "Mopti", "Gossi")
    assert opened.info()["outlines"] == ["MLI"]


def test_a_hole_is_outside_and_known_units_keep_their_record(index: Path, put: Put) -> None:
    names = {"adm2_name": "Cercle de Bankass", "adm1_name": "Mopti", "adm0_pcode": "MLI"}
    opened = grown(
        index, put("ML.txt", DUMP), put("u.geojson", _geojson((names, _square(-2.5, 14, 2.1, 0.5))))
    )
    assert the(opened.find("Boulikessi")).admin2 is None
    assert the(opened.find("Gourma")).admin2 == "Bankass"
    assert the(opened.find("Cercle de Bankass")).geonameid == 22


def test_bad_features_cost_themselves(index: Path, put: Put) -> None:
    good = ({"adm1_name": "Gao", "adm0_pcode": "ML"}, _square(0, 15))
    rows = (
        good,
        ({"adm1_name": "Far", "adm0_pcode": "ML"}, _square(500_000, 1_600_000)),
        ({"adm1_name": "Line", "adm0_pcode": "ML"}, {"type": "LineString", "coordinates": []}),
        ({"adm1_name": "Kidal", "adm0_pcode": "ML"}, _square(0, 18)),
        ({"adm1_name": "Taoudénit", "adm0_pcode": "ML"}, _square(-4, 20)),
    )
    done = add(index, put("u.geojson", _geojson(*rows)))
    assert done is not None
    assert "2 of 5 features are bad" in done.faults[0]
    assert "degrees (WGS 84)" in done.faults[0]
    assert [p.level for p in open_index(index).find("Gao")] == ["admin1"]


# ---- UCDP GED ------------------------------------------------------------------------------------------------


def test_ged_gives_towns_that_no_other_source_has(index: Path, put: Put) -> None:
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
    done = add(index, put("GED.csv", "\n".join((head, *rows)) + "\n"), put("ML.txt", DUMP))
    assert done is not None
    opened = open_index(index)
    town = the(opened.find("Tin Hama"))
    assert (town.latitude, town.admin1, town.geonameid) == (15.7, "Gao", None)
    assert the(opened.find("Goma")).country == "COD"
    assert the(opened.find("Boulikessi")).geonameid == 31
    assert the(opened.find("Murubai")).country == "NGA"
    assert opened.find("Gao region") == ()
    assert "1 of 10 lines are bad" in done.faults[0]
    assert "UCDP Georeferenced Event Dataset" in opened.info()["licence"]


@pytest.mark.parametrize("bad", ['1,"Gao town,Gao,Mali,16.2,0.1', '1,"Gao" town,Gao,Mali,16.2,0.1'])
def test_a_quote_that_is_not_closed_is_refused_with_its_line(bad: str, index: Path, put: Put) -> None:
    rows = [f'1,"Town {n}",Gao,Mali,16.{n},0.1' for n in range(30)]
    head = "where_prec,where_coordinates,adm_1,country,latitude,longitude"
    rows[9] = bad
    with pytest.raises(GazetteerError, match="the row that begins in line 11 is no CSV"):
        add(index, put("GED.csv", "\n".join((head, *rows)) + "\n"))


# ---- overrides -----------------------------------------------------------------------------------------------


def test_overrides_win_over_dumps(index: Path, put: Put) -> None:
    text = "points: {31: [15.01, -1.5]}\nnames: {33: [Ogossagou-Peul]}\ndrop: [32]\nplaces:\n- {name: Kobé, country: ML, point: [14.1, -3.4], admin1: Mopti}\n"
    add(index, put("ML.txt", DUMP), corrections=put("mine.yaml", text))
    opened = open_index(index)
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
def test_faulty_overrides_are_refused_with_the_entry(text: str, said: str, index: Path, put: Put) -> None:
    with pytest.raises(GazetteerError, match=said) as refused:
        add(index, corrections=put("mine.yaml", text))
    assert "mine.yaml" in str(refused.value)


# ---- commands ------------------------------------------------------------------------------------------------


def test_the_commands(tarikh: Tarikh, put: Put, tmp_path: Path) -> None:
    where = ("--gazetteer", tmp_path / "own" / "g.sqlite")
    done = tarikh("gazetteer", "add", "--file", put("ML.txt", DUMP), *where)
    assert (done.code, done.out) == (0, "")
    assert "recode" in done.err
    assert "nothing was changed" in tarikh("gazetteer", "add", "--file", tmp_path / "ML.txt", *where).err
    assert [s["name"] for s in tarikh("gazetteer", "list", "--json", *where).json()] == ["ML.txt"]
    assert "geonames" in tarikh("gazetteer", "list", *where).out
    assert "full_countries     MLI" in tarikh("gazetteer", "info", *where).out
    assert "P.PPL" in tarikh("gazetteer", "find", "Boulkessi", *where).out
    assert tarikh("gazetteer", "remove", "ML", *where).code == 0
    assert "no sources were added" in tarikh("gazetteer", "list", *where).out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name a country or a file"),
        (["Atlantis"], "MLI"),
        (["--file", "absent.txt"], "there is no file absent.txt"),
        (["--overrides", "absent.yaml"], "there is no file absent.yaml"),
        (["--file", "."], "is a directory; give the files in it"),
        (["--file", "/dev/null"], "is no regular file"),
    ],
)
def test_wrong_words_of_add(words: list[str], said: str, tarikh: Tarikh) -> None:
    done = tarikh("gazetteer", "add", *words)
    assert done.code == 2
    assert said in done.sentence()


def test_a_row_without_its_end_is_taken_where_it_is_whole() -> None:
    import io

    faults = lines.Faults("x")
    assert [text for _, text in lines.lines(io.BytesIO(b"\xef\xbb\xbfa\tb\r\nc\td"), faults, 2)] == [
        "a\tb",
        "c\td",
    ]


def test_a_file_of_another_kind_is_never_overwritten(tarikh: Tarikh, put: Put, tmp_path: Path) -> None:
    text, base = put("notes.txt", "Mine."), tmp_path / "other.db"
    with sqlite3.connect(base) as connection:
        connection.execute("CREATE TABLE report (id TEXT)")
    connection.close()
    dump, kept = put("ML.txt", DUMP), base.read_bytes()
    before = sorted(p.name for p in tmp_path.iterdir())
    for path in (text, base):
        for words in (("add", "--file", dump), ("build",), ("remove", "ML")):
            done = tarikh("gazetteer", *words, "--gazetteer", path)
            assert done.code == 2
            assert "is no gazetteer index: it is left as it is" in done.sentence()
    assert (text.read_text(), base.read_bytes()) == ("Mine.", kept)
    assert sorted(p.name for p in tmp_path.iterdir()) == before


def test_an_index_that_may_not_be_read_is_told(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr(sqlite3, "connect", closed)
    with pytest.raises(MissingError, match="check your right to read it"):
        open_index(index)
