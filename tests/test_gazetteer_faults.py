"""Bad sources of places and failing builds: what is bad costs itself, and the old index stays in use."""

from __future__ import annotations

import errno
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from conftest import Tarikh
from gazetteer_sample import DUMP, Put, add, geojson, grown, row, square, the
from tarikh.errors import GazetteerError, MissingError
from tarikh.gazetteer import open_index, register, writing

pytestmark = pytest.mark.usefixtures("packages")


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
def test_a_bad_row_costs_itself_and_is_counted(bad: bytes, small: Path, put: Put) -> None:
    done = add(small, put("ML.txt", GOOD + bad + GOOD.replace(b"31", b"32")))
    assert done is not None
    assert done.faults[0].startswith("ML.txt: 1 of 3 lines are bad and were left out (line 2: ")
    assert len(open_index(small).find("Boulikessi")) == 2


def test_what_is_left_out_is_told_and_nothing_is_refused(small: Path, put: Put) -> None:
    unknown = "".join(row(n, f"Town{n}", 12, -1, country="XX") + "\n" for n in range(100, 130))
    done = add(small, put("some.txt", GOOD + unknown.encode()))
    assert done is not None
    assert done.faults == ("some.txt: 30 rows left out: country code XX is unknown",)
    with pytest.raises(GazetteerError, match=r"gives nothing .*30 rows left out: country code XX is unknown"):
        add(small, put("none.txt", unknown))
    for depth in (0, 9):
        kind = {"shapeName": "A", "shapeGroup": "MLI", "shapeType": f"ADM{depth}"}
        with pytest.raises(GazetteerError, match="1 feature left out: only units of the first and second"):
            add(small, put("u.geojson", geojson((kind, square(-3, 13)))))
    flat = ({"adm1_name": "Gao", "adm0_pcode": "ML"}, square(0, 15, 0.0))
    with pytest.raises(GazetteerError, match="outline without area"):
        add(small, put("flat.geojson", geojson(flat)))
    assert [s.name for s in register.read(small)] == ["some.txt"]


def test_each_bad_file_of_an_archive_is_told(small: Path, tmp_path: Path) -> None:
    path = tmp_path / "three.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in (("ML.txt", DUMP), ("NE.txt", "<html>"), ("BF.txt", ""), ("readme.txt", "Words")):
            archive.writestr(name, text)
    done = add(small, path)
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
    name: str, content: bytes, said: str, small: Path, put: Put
) -> None:
    add(small, put("first.txt", DUMP))
    before, kept = small.read_bytes(), register.read(small)
    with pytest.raises(GazetteerError, match=said) as refused:
        add(small, put(name, content))
    assert name in str(refused.value)
    assert small.read_bytes() == before
    assert register.read(small) == kept
    assert [p.name for p in small.parent.glob(".*.partial")] == []
    assert sorted(p.name for p in register.folder(small).iterdir()) == ["first.txt", "register.json"]


def test_a_disk_that_fills_leaves_the_old_index(
    small: Path, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    before = small.read_bytes()
    monkeypatch.setattr(writing.Writer, "sort", full)
    with pytest.raises(GazetteerError, match="no room left; the old index, if there was one, stays in use"):
        add(small, put("ML.txt", DUMP))
    assert small.read_bytes() == before
    assert register.read(small) == ()


def test_a_disk_that_fills_while_a_source_is_copied(
    small: Path, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(GazetteerError, match=r"No space left on device.*make room there") as told:
        add(small, put("ML.txt", DUMP))
    assert str(register.folder(small)) in str(told.value)
    assert list(register.folder(small).iterdir()) == []


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


def test_a_killed_build_leaves_the_old_index_and_the_next_one_works(small: Path, put: Put) -> None:
    before, dump = small.read_bytes(), put("ML.txt", DUMP)
    script = _KILLED.format(tests=str(Path(__file__).parent), index=str(small), dump=str(dump))
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -9
    assert small.read_bytes() == before
    assert register.read(small) == ()
    assert list(small.parent.glob(".*.partial"))
    assert the(grown(small, dump).find("Boulikessi"))
    assert not list(small.parent.glob(".*.partial"))


def test_two_builds_at_once_the_second_is_refused(small: Path, put: Put) -> None:
    with register.locked(small), pytest.raises(GazetteerError, match="another process is building"):
        add(small, put("ML.txt", DUMP))


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


def test_an_index_that_may_not_be_read_is_told(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr(sqlite3, "connect", closed)
    with pytest.raises(MissingError, match="check your right to read it"):
        open_index(small)
