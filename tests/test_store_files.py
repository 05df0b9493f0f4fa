"""The store's file: created, upgraded or refused; nothing acknowledged is lost, whoever writes or dies."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from store_sample import Clock, made, replace_incidents, report, tell
from tarikh.errors import StoreError, TarikhError
from tarikh.model import (
    Judgement,
    Problem,
)
from tarikh.store import Store, open_store, schema, sqlite_search


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chronicle.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with open_store(path, Clock()) as opened:
        yield opened


# ---- the file --------------------------------------------------------------------------------------------


def _shape(engine: sa.Engine) -> dict[str, Any]:
    look = sa.inspect(engine)
    return {
        name: {
            "columns": [{**column, "type": str(column["type"])} for column in look.get_columns(name)],
            "key": look.get_pk_constraint(name),
            "foreign": sorted(look.get_foreign_keys(name), key=str),
            "indexes": sorted(
                (
                    {**index, "dialect_options": {k: str(v) for k, v in index["dialect_options"].items()}}
                    for index in look.get_indexes(name)
                ),
                key=str,
            ),
            "unique": sorted(look.get_unique_constraints(name), key=str),
        }
        for name in look.get_table_names()
        if name != "alembic_version"
    }


def test_migrations_and_the_schema_make_the_same_tables(store: Store, tmp_path: Path) -> None:
    direct = sa.create_engine(f"sqlite:///{tmp_path / 'direct.db'}")
    schema.metadata.create_all(direct)
    migrated = sa.create_engine(f"sqlite:///{store.path}")
    try:
        assert _shape(migrated) == _shape(direct)
        assert set(_shape(migrated)) - sqlite_search.SHADOWS == set(schema.metadata.tables)
    finally:
        direct.dispose()
        migrated.dispose()


def test_the_revisions_known_are_those_shipped() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "tarikh.store:migrations")
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_current_head() == schema.HEAD
    assert {script.revision for script in scripts.walk_revisions()} == schema.REVISIONS


def test_the_file_is_in_wal_mode_and_keeps_its_rows_when_opened_again(store: Store, path: Path) -> None:
    one = tell(store, "a")
    with sqlite3.connect(path) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    with open_store(f"sqlite:///{path}") as again, again._read() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert again.mentions() == [one]


def _newer(path: Path) -> None:
    open_store(path).close()
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")


def _other(path: Path) -> None:
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE places (name TEXT)")


def _damaged(path: Path) -> None:
    with open_store(path) as store:
        for n in range(50):
            store.add_report(report(str(n)))
    data = bytearray(path.read_bytes())
    data[4096 : 3 * 4096] = b"\xff" * (2 * 4096)
    path.write_bytes(data)


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "text": (lambda p: p.write_text("id,title\n1,none\n" * 200), "no database"),
    "short text": (lambda p: p.write_text("hello"), "no database"),
    "folder": (lambda p: p.mkdir(), "is a folder"),
    "newer": (_newer, "newer Tarikh"),
    "another program's": (_other, "another program"),
    "damaged": (_damaged, "damaged"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_are_refused_with_a_sentence_and_left_alone(case: str, path: Path) -> None:
    spoil, words = BAD[case]
    spoil(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(StoreError, match=words) as caught, open_store(path) as opened:
        list(opened.reports())
    assert str(path) in str(caught.value)
    assert len(str(caught.value)) > 30
    if before is not None:
        assert path.read_bytes() == before


@pytest.mark.parametrize(
    "name", ["", ":memory:", "sqlite://", "postgresql://localhost/tarikh", "://", "missing/tarikh.db"]
)
def test_what_is_no_file_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError):
        open_store(name)
    assert list(tmp_path.iterdir()) == []


@contextmanager
def _nobody(folder: Path) -> Iterator[None]:
    """As a user who may not write there: root may write everywhere."""
    folder.chmod(0o555)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o755)


def test_a_read_only_file_is_refused(tmp_path: Path) -> None:
    # Not below tmp_path: its parents are closed to others.
    folder = Path(tempfile.mkdtemp())
    try:
        open_store(folder / "kept.db").close()
        (folder / "kept.db").chmod(0o444)
        with _nobody(folder):
            with pytest.raises(StoreError, match=r"cannot be (written|opened)"):
                open_store(folder / "kept.db")
            with pytest.raises(StoreError, match=r"cannot be (written|opened)"):
                open_store(folder / "new.db")
    finally:
        shutil.rmtree(folder)


def test_a_writer_that_waits_too_long_is_told_so(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tarikh.store.opening.BUSY_SECONDS", 0.05)
    with open_store(path) as other, store._write():
        assert other.stats().reports == 0
        with pytest.raises(StoreError, match="another process"):
            other.add_report(report("a"))
    assert store.add_report(report("a"))


def test_a_failed_write_leaves_nothing_behind(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store._write() as connection:
        connection.execute(schema.meta.insert(), {"name": "half", "value": 1 // 0})
    with pytest.raises(TarikhError):
        store.add_judgements([Judgement("m-1", "m-2", "same", 1.0, "user:ana")])
    assert store.add_report(report("a"))


# ---- several processes -----------------------------------------------------------------------------------


def _work(path: Path, first: int, last: int) -> None:
    with open_store(path) as store:
        for n in range(first, last):
            one = tell(store, str(n))
            basis = store.basis()
            replace_incidents(store, [made(f"i-{m.id}", m) for m in basis.mentions], basis)
            store.add_problems([Problem("reading", "empty", "news.jsonl", n)])
            assert one in store.mentions()


def test_two_processes_write_at_once(path: Path) -> None:
    # The file is new: both try to create it. Half of the reports are the same.
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_work, args=(path, first, first + 20)) for first in (0, 10)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0]
    with open_store(path) as store:
        stats = store.stats()
        assert (stats.reports, stats.mentions, stats.incidents, stats.problems) == (30, 30, 30, 30)
        assert stats.folded


def test_many_threads_share_a_store(store: Store) -> None:
    with ThreadPoolExecutor(24) as pool:
        told = list(pool.map(lambda n: tell(store, str(n % 40)), range(60)))
    assert len({one.id for one in told}) == len(store.mentions()) == 40


def _add_in_a_fork(store: Store) -> None:
    tell(store, "child")


def test_a_forked_process_and_its_parent_both_write(store: Store) -> None:
    tell(store, "parent")
    child = multiprocessing.get_context("fork").Process(target=_add_in_a_fork, args=(store,))
    child.start()
    child.join(30)
    assert child.exitcode == 0
    tell(store, "parent again")
    assert store.stats().mentions == 3


_WRITER = """
import sys
from tarikh.model import Mention, Report
from tarikh.store import open_store
store = open_store(sys.argv[1])
n = 0
while True:
    store.add_report(Report(f"r-{n}", "Title", f"Text {n}", "en"))
    store.add_mentions(f"r-{n}", "rules@1", [Mention(f"m-{n}", f"r-{n}", "rules@1", "riot")])
    print(n, flush=True)
    n += 1
"""


def test_a_killed_writer_loses_nothing_that_it_acknowledged(path: Path) -> None:
    command = [sys.executable, "-c", _WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for line in writer.stdout:
            if int(line) >= 25:
                break
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read().split()
    last = int(rest[-1]) if rest else 25
    with open_store(path) as store:
        kept = {m.id for m in store.mentions()}
        assert {f"m-{n}" for n in range(last + 1)} <= kept
        assert store.stats().reports - len(kept) in (0, 1)
        assert store.add_report(report("after"))
