"""The list of added sources, and the commands that look after it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import Tarikh
from gazetteer_sample import DUMP, Put, add, the
from tarikh import gazetteer
from tarikh.errors import GazetteerError, UsageError
from tarikh.gazetteer import open_index, register

pytestmark = pytest.mark.usefixtures("packages")


# ---- the register --------------------------------------------------------------------------------------------


def test_build_takes_all_added_sources_again(small: Path, put: Put) -> None:
    dump = put("ML.txt", DUMP)
    add(small, dump)
    dump.unlink()
    small.unlink()
    gazetteer.ensure(small)
    assert the(open_index(small).find("Boulikessi"))
    gazetteer.build(small)
    assert the(open_index(small).find("Boulikessi"))


def test_adding_the_same_again_is_nothing_to_do(small: Path, put: Put) -> None:
    dump = put("ML.txt", DUMP)
    assert add(small, dump) is not None
    assert add(small, dump) is None
    done = add(small, put("ML.txt", DUMP.replace("Boulikessi", "Boulikessi Nord")))
    assert done is not None
    assert "took the place of the earlier ML.txt" in done.replaced[0]
    assert the(open_index(small).find("Boulikessi Nord")).geonameid == 31
    assert len(register.read(small)) == 1


@pytest.mark.parametrize("name", [".ML.txt", "register.json", "incoming"])
def test_a_source_has_a_name_of_its_own(name: str, small: Path, put: Put) -> None:
    with pytest.raises(UsageError, match="rename the file"):
        add(small, put(name, DUMP))


def test_remove_takes_a_source_out(small: Path, put: Put) -> None:
    add(small, put("ML.txt", DUMP))
    with pytest.raises(UsageError, match=r"no source is called 'BF'; the index has: ML\.txt"):
        gazetteer.remove(small, ["BF"])
    gazetteer.remove(small, ["ml"])
    assert open_index(small).find("Boulikessi") == ()
    assert [p.name for p in register.folder(small).iterdir()] == ["register.json"]


@pytest.mark.parametrize(
    "change", [lambda p: p.unlink(), lambda p: p.write_text("other")], ids=["gone", "changed"]
)
def test_a_kept_file_that_is_not_what_it_was_is_told(
    change: Callable[[Path], Any], small: Path, put: Put
) -> None:
    add(small, put("ML.txt", DUMP))
    change(register.folder(small) / "ML.txt")
    with pytest.raises(
        GazetteerError, match=r"add it again, or take it out with: tarikh gazetteer remove ML\.txt"
    ):
        gazetteer.build(small)
    assert the(open_index(small).find("Boulikessi"))


@pytest.mark.parametrize("text", ["{", '{"format": 9}', '{"format": 1, "sources": [{"name": "../x"}]}'])
def test_a_faulty_register_is_told(text: str, small: Path, put: Put) -> None:
    add(small, put("ML.txt", DUMP))
    (register.folder(small) / "register.json").write_text(text)
    with pytest.raises(GazetteerError, match=r"register\.json cannot be read"):
        gazetteer.build(small)


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
