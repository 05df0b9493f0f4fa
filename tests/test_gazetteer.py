"""The gazetteer: keys, building without half an index, looking up, refusing what it cannot read."""

from __future__ import annotations

import pickle
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarikh import gazetteer
from tarikh.errors import MissingError
from tarikh.gazetteer import Place, building, kilometers, loose_key, open_index, packaged
from tarikh.gazetteer.packaged import Entry, Overrides, usable
from tarikh.text import fold

ENTRIES = (
    Entry(
        Place(1, "Ménaka", 15.92, 2.40, "town", "MLI", "Ménaka", "Ménaka", 14_000),
        ("Ménaka", "Menaka", "منكا"),
    ),
    Entry(Place(2, "Ménaka Region", 15.92, 2.40, "admin1", "MLI", "Ménaka"), ("Ménaka", "Ménaka Region")),
    Entry(Place(3, "Mali", 17.0, -4.0, "country", "MLI", population=19_000_000), ("Mali",)),
    Entry(Place(4, "I-n-Atès", 15.6, 1.1, "town", "NER", "Tillabéri"), ("I-n-Atès",)),
    Entry(Place(5, "Bali", -8.5, 115.0, "admin1", "IDN", "Bali"), ("Bali",)),
    Entry(Place(6, "Bali", 5.9, 10.0, "town", "CMR", "North-West", None, 27_000), ("Bali",)),
    Entry(Place(7, "Bāli", 22.6, 88.3, "town", "IND", "West Bengal", None, 290_000), ("Bāli",)),
    Entry(Place(8, "Ra’s al ‘Ayn", 36.85, 40.07, "town", "SYR", "Al-Hasakah"), ("Ra’s al ‘Ayn",)),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    target = tmp_path / "gazetteer.sqlite"
    building.write(target, ENTRIES, {"sources": {"made": "up"}})
    return target


# ---- keys -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Inates", "I-n-Atès"),
        ("Labbézanga", "Labezanga"),
        ("Goundam", "Gundam"),
        ("Djigoué", "Jigoue"),
        ("Boulkessy", "Boulkessi"),
        ("N'Tillit", "In Tillit"),
        ("Khan Younis", "Kan Yunis"),
        ("Al-Fasher", "El Fasher"),
        ("Bani-Bangou", "Banibangou"),
        ("Ouagadougou", "Wagadugu"),
    ],
)
def test_spellings_of_one_name_share_a_loose_key(left: str, right: str) -> None:
    assert loose_key(left) == loose_key(right) != ""


@pytest.mark.parametrize(("left", "right"), [("Merawi", "Merowe"), ("Pensa", "Penza"), ("Bol", "Bal")])
def test_other_names_do_not(left: str, right: str) -> None:
    assert loose_key(left) != loose_key(right) or loose_key(left) == ""


@given(st.text(max_size=40))
def test_a_loose_key_depends_on_the_folded_name_alone(name: str) -> None:
    assert loose_key(name) == loose_key(fold(name))


def test_short_names_and_other_scripts_have_no_loose_key() -> None:
    assert loose_key("Di") == loose_key("موسكو") == loose_key("") == ""


@pytest.mark.parametrize(
    ("name", "fine"), [("Gao", True), ("mei na ka", False), ("BKO", False), ("غاو", True), ("3", False)]
)
def test_machine_names_and_airport_codes_are_no_names(name: str, fine: bool) -> None:
    assert usable(name) is fine


# ---- looking up -------------------------------------------------------------------------------------------------


def test_find_folds_accents_and_orders_units_before_towns(path: Path) -> None:
    found = open_index(path).find("MENAKA")
    assert [(p.geonameid, p.level, p.matched) for p in found] == [
        (2, "admin1", "exact"),
        (1, "town", "exact"),
    ]


def test_towns_of_one_name_stand_by_population(path: Path) -> None:
    assert [p.country for p in open_index(path).find("Bali")] == ["IDN", "IND", "CMR"]


def test_other_scripts_are_found(path: Path) -> None:
    assert [p.geonameid for p in open_index(path).find("منكا")] == [1]


def test_another_spelling_is_loose_and_only_where_nothing_is_exact(path: Path) -> None:
    index = open_index(path)
    assert [(p.geonameid, p.matched) for p in index.find("Inates")] == [(4, "loose")]
    assert all(p.matched == "exact" for p in index.find("Bali"))
    assert index.find("Nowhereville") == index.find("") == index.find("  ") == ()


def test_apostrophes_may_be_left_out(path: Path) -> None:
    index = open_index(path)
    assert [p.geonameid for p in index.find("Ras al-Ayn")] == [8]
    assert [p.geonameid for p in index.find("Ra's al Ayn")] == [8]


def test_countries_and_info(path: Path) -> None:
    index = open_index(path)
    assert [p.name for p in index.countries()] == ["Mali"]
    assert index.country("MLI") == index.countries()[0]
    assert index.country("XXX") is None
    info = index.info()
    assert info["places"] == len(ENTRIES)
    assert "CC BY 4.0" in info["licence"]
    assert info["sources"] == {"made": "up"}


def test_threads_and_pickles_share_an_index(path: Path) -> None:
    index = open_index(path)
    results: list[int] = []
    workers = [
        threading.Thread(target=lambda: results.append(len(index.find("Bali")) + len(index.find("Menaka"))))
        for _ in range(8)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert results == [5] * 8
    assert pickle.loads(pickle.dumps(index)).find("Mali") == index.find("Mali")


def test_kilometers() -> None:
    bamako = Place(None, "Bamako", 12.65, -8.0, "town", "MLI")
    mopti = Place(None, "Mopti", 14.48, -4.18, "town", "MLI")
    assert kilometers(bamako, bamako) == 0
    assert 440 < kilometers(bamako, mopti) == kilometers(mopti, bamako) < 480


# ---- what cannot be read ------------------------------------------------------------------------------------------


def test_an_absent_index_says_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="tarikh gazetteer build"):
        open_index(tmp_path / "none.sqlite")


def test_another_format_is_refused(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE meta SET value = '\"0\"' WHERE key = 'format'")
    connection.close()
    with pytest.raises(MissingError, match="format '0'"):
        open_index(path)


@pytest.mark.parametrize("content", [b"", b"this is no database, only words that fill a file " * 40])
def test_rubbish_is_refused(tmp_path: Path, content: bytes) -> None:
    target = tmp_path / "odd name?#.sqlite"
    target.write_bytes(content)
    with pytest.raises(MissingError, match="cannot be read"):
        open_index(target)


# ---- building ---------------------------------------------------------------------------------------------------


class _Source:
    """A source that fails after some entries, or does not."""

    fail = False
    units: ClassVar[list[packaged.Unit | None]] = []

    def __init__(self, _: Overrides) -> None:
        pass

    def total(self) -> int:
        return len(ENTRIES)

    def entries(self) -> Iterator[Entry]:
        yield from ENTRIES[:3]
        if self.fail:
            raise OSError("no space left")
        yield from ENTRIES[3:]


def test_build_moves_a_whole_index_into_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "Packaged", _Source)
    told: list[tuple[int, int]] = []
    target = tmp_path / "deep" / "g.sqlite"
    summary = gazetteer.build(target, lambda done, total: told.append((done, total)))
    assert (summary.places, summary.path) == (len(ENTRIES), target)
    assert told[-1][0] == told[-1][1] >= len(ENTRIES)
    assert len(open_index(target).find("Bali")) == 3
    assert sorted(p.name for p in target.parent.iterdir()) == [".g.sqlite.lock", "g.sqlite"]


def test_a_failed_build_leaves_the_old_index(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "Packaged", _Source)
    monkeypatch.setattr(_Source, "fail", True)
    before = path.read_bytes()
    with pytest.raises(OSError, match="no space"):
        gazetteer.build(path)
    assert path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == [f".{path.name}.lock", path.name]


def test_what_a_killed_build_left_is_swept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "Packaged", _Source)
    left = path.with_name(f".{path.name}.killed.partial")
    left.write_bytes(b"x")
    gazetteer.build(path)
    assert not left.exists()


def test_overrides_are_read_and_unit_words_stripped() -> None:
    rules = packaged.overrides()
    assert rules.short("Bam Province") == "Bam"
    assert rules.short("Cercle de Gao") == "Gao"
    assert rules.short("Département d'Abala") == "Abala"
    assert rules.short("Centre-Nord") == "Centre-Nord"
    assert rules.points


def test_a_missing_package_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import metadata

    def absent(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", absent)
    with pytest.raises(MissingError, match="not installed"):
        packaged.sources()


@pytest.mark.slow
def test_the_packages_as_they_are(tmp_path: Path) -> None:
    summary = gazetteer.build(tmp_path / "g.sqlite")
    index = open_index(summary.path)
    assert summary.places > 250_000
    assert summary.path.stat().st_size < 80_000_000
    towns = {
        name: next((p.country, p.admin1) for p in index.find(name) if p.level == "town")
        for name in ("Ansongo", "Maiduguri", "Kramatorsk", "El Fasher", "Bunia", "Djibo")
    }
    assert towns == {
        "Ansongo": ("MLI", "Gao"),
        "Maiduguri": ("NGA", "Borno"),
        "Kramatorsk": ("UKR", "Donetsk"),
        "El Fasher": ("SDN", "North Darfur"),
        "Bunia": ("COD", "Ituri"),
        "Djibo": ("BFA", "Sahel"),
    }
    assert [p.country for p in index.find("DR Congo") if p.level == "country"] == ["COD"]
    tessit = next(p for p in index.find("Tessit") if p.country == "MLI")
    assert tessit.longitude > 0  # an override: the record has the sign wrong


def test_an_index_of_an_earlier_format_is_built_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "earlier.sqlite"
    building.write(path, ENTRIES)
    assert gazetteer.usable(path)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE meta SET value = '\"1\"' WHERE key = 'format'")
    connection.commit()
    connection.close()
    assert not gazetteer.usable(path)
    made: list[Path] = []
    monkeypatch.setattr(building, "_from_register", lambda index, _progress: made.append(index))
    gazetteer.ensure(path)
    assert made == [path]
