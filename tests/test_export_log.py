"""Who took what: a row for each file that appeared, and none for one that did not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from conftest import Tarikh
from tarikh import disclosure
from tarikh.disclosure import flat
from tarikh.disclosure.sight import Guarding, Sight
from tarikh.errors import TarikhError
from tarikh.exports import FORMATS, taking
from tarikh.store import Filter, Store, open_store
from tarikh.store.export_log import ExportLog
from tarikh.store.schema import export_log

NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def fresh(chronicle: Path, tmp_path: Path) -> Path:
    """A copy of the chronicle from which nothing was taken."""
    path = tmp_path / "t.db"
    path.write_bytes(chronicle.read_bytes())
    with open_store(path) as opened, opened._write() as connection:
        connection.execute(export_log.delete())
    return path


@pytest.fixture
def store(fresh: Path) -> Iterator[Store]:
    with open_store(fresh) as opened:
        yield opened


def _sight(store: Store) -> Sight:
    return Sight(Guarding(store, None, disclosure.policy()), "public", NOW)


def _order(form: str) -> taking.Order:
    return taking.Order(form, "user:ana", "countries=('MLI',)", "country=MLI", None, NOW)


def _log(store: Store) -> list[tuple[str, int]]:
    return [(each.form, each.rows) for each in ExportLog(store).taken()]


def test_each_file_is_a_row_with_its_digest(store: Store, tmp_path: Path) -> None:
    sight = _sight(store)
    for form, export in FORMATS.items():
        path = tmp_path / f"out{export.suffix}"
        if export.flat:
            taken = taking.take(store, sight, _order(form), path, flat.rows(sight, Filter()))
        else:
            taken = taking.take_whole(store, sight, _order(form), path, flat.wholes(sight, Filter()))
        assert taken.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert (taken.rows, taken.level) == (len(store.incidents(Filter())), "public")
        newest = ExportLog(store).taken(most=1)[0]
        assert (newest.sha256, newest.name, newest.form) == (taken.sha256, path.name, form)
        assert (newest.by, newest.query, newest.level) == ("user:ana", "country=MLI", "public")
        assert newest.at is not None
        assert taking.aside_of(path).exists() == export.aside
    assert len(_log(store)) == len(FORMATS)
    assert [each.by for each in ExportLog(store).taken("user:bob")] == []


class _Failing:
    """A row, then a failure."""

    def __init__(self, rows: Iterator[Any], error: type[BaseException]) -> None:
        self._rows, self._error = rows, error

    def __iter__(self) -> Iterator[Any]:
        yield from islice(self._rows, 1)
        raise self._error("stopped")


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt, ValueError])
@pytest.mark.parametrize("form", [name for name, export in FORMATS.items() if export.flat])
def test_a_failed_or_stopped_export_leaves_the_old_file_and_no_row(
    form: str, error: type[BaseException], store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "out.file"
    for old in (path, taking.aside_of(path)):
        old.write_bytes(b"old")
    before = sorted(tmp_path.iterdir())
    sight = _sight(store)
    rows = _Failing(flat.rows(sight, Filter()), error)
    with pytest.raises((error, TarikhError)):
        taking.take(store, sight, _order(form), path, rows)
    assert path.read_bytes() == taking.aside_of(path).read_bytes() == b"old"
    assert sorted(tmp_path.iterdir()) == before
    assert _log(store) == []


def test_a_file_that_cannot_take_its_place_is_not_in_the_log(store: Store, tmp_path: Path) -> None:
    (tmp_path / "out.csv").mkdir()
    (tmp_path / "out.csv" / "x").touch()
    sight = _sight(store)
    with pytest.raises(TarikhError, match="cannot be written"):
        taking.take(store, sight, _order("csv"), tmp_path / "out.csv", flat.rows(sight, Filter()))
    assert _log(store) == []


def test_a_log_that_cannot_be_written_keeps_the_file_back(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any, **__: Any) -> Any:
        raise TarikhError("the log is full")

    sight = _sight(store)
    monkeypatch.setattr(ExportLog, "entering", refused)
    with pytest.raises(TarikhError, match="the log is full"):
        taking.take(store, sight, _order("csv"), tmp_path / "out.csv", flat.rows(sight, Filter()))
    assert not (tmp_path / "out.csv").exists()
    assert not list(tmp_path.glob(".out*"))


def test_the_commands(tarikh: Tarikh, fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = fresh
    assert "no file was taken yet" in tarikh("exports", "--db", path).err
    monkeypatch.setenv("TARIKH_USER", "ana")
    monkeypatch.setenv("TARIKH_LICENSE", "CC0-1.0")
    assert (
        tarikh("export", tmp_path / "a.csv", "--db", path, "--country", "MLI", "--since", "2020-01-01").code
        == 0
    )
    monkeypatch.setenv("TARIKH_USER", "bob")
    done = tarikh(
        "export", tmp_path / "b.xlsx", "--db", path, "--disclosure", "full", "--license", "ODbL-1.0"
    )
    assert done.code == 0
    assert tarikh("export", tmp_path / "c.csv", "--db", path, "--kind", "nonsense").code == 2
    shown = tarikh("exports", "--db", path)
    assert [line.split()[2:5] for line in shown.out.splitlines()] == [
        ["bob", "xlsx", "full"],
        ["ana", "csv", "public"],
    ]
    assert str(tmp_path) not in shown.out
    [row] = json.loads(tarikh("exports", "--db", path, "--by", "ana", "--json").out)
    assert (row["name"], row["query"], row["form"]) == ("a.csv", "country=MLI&since=2020-01-01", "csv")
    beside = json.loads((tmp_path / "a.csv-metadata.json").read_text(encoding="utf-8"))
    assert beside["dc:rights"] == "CC0-1.0"
    [note] = beside["notes"]
    assert {"coder", "coders", "codebook", "register", "gazetteer", "schema", "disclosure"} <= set(
        note["versions"]
    )
    assert note["filters"] == "country: MLI; since: 2020-01-01"
    assert note["query"] == "country=MLI&since=2020-01-01"
    assert note["disclosure"]["level"] == "public"
