"""Opening the database file: create, upgrade or refuse it; and the transactions on it.

Invariant: a write is on the disk before its call returns (WAL, synchronous=FULL) and holds the write lock from its
first statement (BEGIN IMMEDIATE); whatever the database says against it leaves here as a `StoreError`.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tarikh.errors import StoreError
from tarikh.store import damage, sqlite_search
from tarikh.store.schema import APPLICATION_ID, HEAD, REVISIONS, in_utc

Clock = Callable[[], datetime]

BUSY_SECONDS = 30.0
"""How long a process waits for another one's transaction before it gives up."""

_ATTEMPTS = 300

LARGE = 50_000_000
"""Bytes of a database from which on it is told that an upgrade takes a while: two seconds for each 100 MB, and more."""


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


class Database:
    """One database file: its engine, its clock, its two kinds of transactions."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self._clock = clock
        self._process = os.getpid()
        self._engine = _engine(path)

    def now(self) -> datetime:
        """The clock's moment in UTC."""
        return in_utc(self._clock())

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that sees one state of the database, whatever others write meanwhile."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that writes; when it is left without an error, its rows are on the disk."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sa.Connection]:
        if os.getpid() != self._process:
            # A connection must never be shared with the process that forked us.
            self._engine.dispose(close=False)
            self._process = os.getpid()
        try:
            with self._engine.connect() as connection:
                connection = connection.execution_options(tarikh_begin=begin)
                with connection.begin():
                    yield connection
        except (sa.exc.DBAPIError, sqlite3.Error) as error:
            told = error.orig if isinstance(error, sa.exc.DBAPIError) else error
            row = self._damaged() if "malformed JSON" in str(told) else None
            raise StoreError(row or _sentence(told, self.path)) from error
        except (ValueError, TypeError, RecursionError) as error:
            # A value of a row may be none of its column's type: found only now, for looking costs a reading of all.
            row = self._damaged()
            if row is None:
                raise
            raise StoreError(row) from error

    def _damaged(self) -> str | None:
        """A sentence on a row that cannot be read; None where there is none, or no table either."""
        try:
            with self._engine.connect() as connection:
                row = damage.found(connection)
        except (sa.exc.DBAPIError, sqlite3.Error):
            return None
        return None if row is None else f"the database {self.path} has a damaged row: {row}"

    def log_ahead(self) -> None:
        """Sees to it that readers and the writer do not wait for each other (WAL, a property of the file)."""
        for attempt in range(_ATTEMPTS):
            try:
                with self._engine.connect() as connection:
                    raw = connection.connection.dbapi_connection
                    assert raw is not None
                    if raw.execute("PRAGMA journal_mode = WAL").fetchone()[0] == "wal":
                        return
            except sqlite3.OperationalError as error:
                # The change needs the file alone for a moment, and does not wait by itself.
                if "locked" not in str(error) or attempt == _ATTEMPTS - 1:
                    raise StoreError(_sentence(error, self.path)) from error
            time.sleep(BUSY_SECONDS / _ATTEMPTS)
        raise StoreError(
            f"the disk of {self.path} does not allow SQLite's WAL; put the database on a local disk"
        )

    def rebuild(self) -> bool:
        """Writes the file anew without freed space, zeros over what is freed, and empties the log.

        False where another process reads on in the log. Raises `StoreError` when the file cannot be had alone.
        """
        try:
            with self._engine.connect() as connection:
                raw = connection.connection.dbapi_connection
                assert raw is not None
                raw.execute("PRAGMA secure_delete = ON")
                raw.execute("VACUUM")
                return bool(raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)
        except sqlite3.Error as error:
            raise StoreError(_sentence(error, self.path)) from error

    def close(self) -> None:
        """Gives its connections back."""
        self._engine.dispose()


def open_database(path_or_url: str | os.PathLike[str], clock: Clock = system_clock) -> Database:
    """The database of this path or `sqlite:///` address, created or upgraded where need be.

    Raises `StoreError` when it cannot be used, with a sentence that says why and what to do.
    """
    path = _path(path_or_url)
    if path.is_dir():
        raise StoreError(f"{path} is a folder; name a file in it, for example {path / 'tarikh.db'}")
    if not path.parent.is_dir():
        raise StoreError(f"the folder {path.parent} does not exist; create it, or name another database file")
    database = Database(path, clock)
    try:
        # One writer at a time: of two processes that open a new file at once, one creates it, one finds it made.
        with database.write() as connection:
            _prepare(connection, path)
        database.log_ahead()
    except BaseException:
        database.close()
        raise
    return database


def _path(path_or_url: str | os.PathLike[str]) -> Path:
    text = os.fspath(path_or_url)
    if "://" in text:
        try:
            url = sa.make_url(text)
        except sa.exc.ArgumentError as error:
            raise StoreError(
                f"{text} is no database address; write a file's path or sqlite:///path"
            ) from error
        if url.get_backend_name() != "sqlite":
            raise StoreError(
                f"this version of Tarikh keeps its store in SQLite, not in {url.get_backend_name()};"
                " name a file, or sqlite:///path"
            )
        text = url.database or ""
    if text in ("", ":memory:"):
        raise StoreError(
            "the store must be a file that outlives the process; name one, for example tarikh.db"
        )
    return Path(text)


# ---- the engine ------------------------------------------------------------------------------------------


def _engine(path: Path) -> sa.Engine:
    url = sa.URL.create("sqlite", database=str(path))
    # Room for a server's threads: transactions are short, but a thread must not fail for want of a connection.
    limits: dict[str, Any] = {"pool_size": 8, "max_overflow": 56}
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_SECONDS}, **limits)
    sa.event.listen(engine, "connect", _set_up)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _set_up(connection: Any, _record: object) -> None:
    # The driver must not open transactions by itself: it would do so without IMMEDIATE, and too late for reads.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    # 64 MB of pages: ids are hashes, so that every row lands elsewhere in its index.
    connection.execute("PRAGMA cache_size = -65536")
    sqlite_search.register(connection)


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("tarikh_begin", "BEGIN"))


# ---- creating and upgrading ------------------------------------------------------------------------------


def _prepare(connection: sa.Connection, path: Path) -> None:
    found = _revision(connection, path)
    if found == HEAD:
        return
    if found is not None and path.stat().st_size > LARGE:
        size = path.stat().st_size / 1e6
        print(
            f"upgrading {path} ({size:,.0f} MB) from schema {found} to {HEAD}, once: this can take minutes",
            file=sys.stderr,
        )
    _upgrade(connection)
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")


def _revision(connection: sa.Connection, path: Path) -> str | None:
    """The schema's revision; None of an empty database. Raises `StoreError` for one that is not ours."""
    mark = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
    if mark != APPLICATION_ID:
        tables = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()
        if mark != 0 or tables != 0:
            raise StoreError(f"{path} is a database of another program, it is left alone; name another file")
        return None
    revision: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    if revision not in REVISIONS:
        raise StoreError(
            f"{path} was written by a newer Tarikh (schema {revision}, this one knows up to {HEAD});"
            " install the newer version, or name another file"
        )
    return revision


def _upgrade(connection: sa.Connection) -> None:
    # Imported here: it costs a tenth of a second, and most openings find the newest schema.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "tarikh.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)


# ---- sentences -------------------------------------------------------------------------------------------


def _sentence(error: BaseException | None, path: Path) -> str:
    """What the database's complaint means for a person, and what to do."""
    told = str(error)
    for sign, sentence in _SENTENCES:
        if sign in told:
            return sentence.format(path=path)
    return f"the database {path} cannot be used: {told}"


_SENTENCES = (
    (
        "not a database",
        "{path} is no database; name another file, or move this one away and let Tarikh create it",
    ),
    (
        "malformed",
        "the database {path} is damaged; restore it from a copy, or rescue its rows with: sqlite3 FILE .recover",
    ),
    (
        "readonly",
        "the database {path} cannot be written; make the file and its folder writable, or name a copy of it",
    ),
    (
        "unable to open",
        "the database {path} cannot be opened; see that its folder exists and that you may write to both",
    ),
    (
        "locked",
        f"another process has held the database {{path}} for more than {BUSY_SECONDS:.0f} seconds;"
        " wait until it is done and try again",
    ),
    ("full", "the disk of {path} is full; make room and try again, what was kept so far is safe"),
    ("disk I/O error", "the disk of {path} fails to read or write; check it, then restore from a copy"),
)
