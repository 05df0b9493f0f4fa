"""A row that was spoiled by hand: every command that meets it ends with one sentence that names it, and no traceback."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from conftest import REPORTS, Tarikh, json_lines
from store_sample import Clock, refold, said, tell
from tarikh import review
from tarikh.errors import StoreError
from tarikh.link.compare import BY
from tarikh.model import Correction, Count
from tarikh.store import Store, open_store
from tarikh.store.schema import Nested, metadata

BEFORE = "2024-05-01T08:00:30Z"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    clock = Clock()
    path = tmp_path / "old.db"
    with open_store(path, clock) as store:
        one = tell(store, "a", harm={"killed": Count(2, 2, 2)})
        two = tell(store, "b", harm={"killed": Count(5, 5, 5)})
        store.add_judgements([said(one, two, "same", "user:ana")])
        store.add_correction(Correction(one.id, "kind", "bombing", "user:ben", clock(), "a mine"))
        refold(store)
        with store.acting(BY) as (saying, _):  # not by review.accept, which would link what `add` is to link
            saying.decide([one.id, two.id], "accepted", "user:ana", "")
        refold(store)
    return path


def spoil(path: Path, table: str, column: str, value: Any) -> None:
    with sqlite3.connect(path) as raw:
        assert raw.execute(f'UPDATE {table} SET "{column}" = ?', (value,)).rowcount


COMMANDS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "snapshot": ("mention", ("snapshot", "out")),
    "changes": ("mention", ("changes", "--since", BEFORE)),
    "coverage": ("mention", ("coverage",)),
    "add": ("mention", ("add", "r.jsonl")),
    "review accept": ("incident", ("review", "accept", "ID", "--by", "ana")),
    "review next": ("incident", ("review", "next")),
    "list": ("incident", ("list",)),
    "list of then": ("mention", ("list", "--as-of", "2024-05-01")),
    "show": ("incident", ("show", "ID")),
    "show, its mentions": ("mention", ("show", "ID")),
    "export": ("incident", ("export", "out.csv")),
}
COLUMN = {"mention": "attackers", "incident": "attackers"}


@pytest.mark.parametrize("value", ["{nonsense", "7", ""], ids=["no JSON", "another shape", "empty"])
@pytest.mark.parametrize(("table", "command"), COMMANDS.values(), ids=COMMANDS)
def test_each_command_names_the_row(
    tarikh: Tarikh, path: Path, tmp_path: Path, table: str, command: tuple[Any, ...], value: str
) -> None:
    with open_store(path) as store:
        (found,) = store.incidents()
        if command == ("review", "next"):
            review.undo(store, "ana", "d1")  # what is accepted waits for nobody
    json_lines(tmp_path / "r.jsonl", REPORTS[:1])
    spoil(path, table, COLUMN[table], value)
    given = [found.id if part == "ID" else part for part in command]
    given = [tmp_path / part if part in ("r.jsonl", "out", "out.csv") else part for part in given]
    done = tarikh(*given, "--db", path)
    assert done.code == 1
    assert "Traceback" not in done.err
    assert f"of the table {table} cannot be read: attackers" in done.err
    assert "restore the file from a backup" in done.err
    assert "tarikh verify" in done.err


@pytest.mark.parametrize("value", ["{nonsense", "7"])
def test_verify_names_the_row(tarikh: Tarikh, path: Path, tmp_path: Path, value: str) -> None:
    assert tarikh("snapshot", tmp_path / "release", "--db", path).code == 0
    whole = tmp_path / "whole.db"
    shutil.copy(path, whole)
    spoil(path, "mention", "evidence", value)
    done = tarikh("verify", tmp_path / "release", "--db", path)
    assert done.code == 1
    assert "Traceback" not in done.err
    assert "of the table mention cannot be read: evidence" in done.out
    assert "is not what it was" in done.out
    assert tarikh("verify", tmp_path / "release", "--db", whole).code == 0


READINGS = {
    "report": lambda s: list(s.reports()),
    "mention": lambda s: s.basis(),
    "judgement": lambda s: s.judgements(),
    "correction": lambda s: s.corrections(),
    "decision": lambda s: s.acts.log(),
    "incident": lambda s: s.incidents(),
}
CELLS = [
    (table.name, column.name)
    for table in metadata.sorted_tables
    if table.name in READINGS
    for column in table.c
    if isinstance(column.type, Nested)
] + [
    ("report", "published"),
    ("report", "fetched"),
    ("report", "title"),
    ("mention", "recorded_at"),
    ("mention", "date_start"),
]


@pytest.mark.parametrize(("table", "column"), CELLS)
def test_every_column_is_told(path: Path, table: str, column: str) -> None:
    spoil(path, table, column, "\x1ajson:{nonsense")
    with open_store(path) as store, pytest.raises(StoreError, match=f"of the table {table} .*{column}"):
        READINGS[table](store)


DEEP = {
    "a reason": ("judgement", "reasons", "[1]", "judgement"),
    "a count": ("mention", "harm", '{"killed":["x",2,3]}', "mention"),
    "evidence": ("mention", "evidence", '{"kind":[1]}', "mention"),
    "a correction": ("correction", "value", '{"$":"Count","low":{}}', "correction"),
    "a confidence": ("mention", "evidence", '{"kind":{"confidence":"high"}}', "mention"),
    "a claim": ("incident", "ledger", "[5]", "incident"),
}


@pytest.mark.parametrize(("table", "column", "value", "read"), DEEP.values(), ids=DEEP)
def test_values_within_are_told(path: Path, table: str, column: str, value: str, read: str) -> None:
    spoil(path, table, column, value)
    with (
        open_store(path) as store,
        pytest.raises(StoreError, match=f"of the table {table} cannot be read"),
    ):
        READINGS[read](store)


def test_a_sound_database_passes_other_errors_on(path: Path) -> None:
    with open_store(path) as store, pytest.raises(ValueError, match="ours"), store._read():
        raise ValueError("ours")


def test_a_day_that_is_none_is_told(path: Path) -> None:
    spoil(path, "report", "published", "2024-02-30")
    with open_store(path) as store, pytest.raises(StoreError, match="published is no day"):
        list(store.reports())
    spoil(path, "report", "published", date(2024, 2, 28).isoformat())
    with open_store(path) as store:
        assert len(list(_titles(store))) == 2


def _titles(store: Store) -> list[str]:
    return [each.title for each in store.reports()]
