"""Answers that were paid for, kept on the disk: a run that was stopped goes on, and one that is repeated costs nothing.

Invariant: an answer is found again only by the same text, title, day and language, asked of the same model in the same words.
Keys are digests; the answers quote their reports, so `forget` takes them out by the report.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tarikh.errors import ModelError, StoreError
from tarikh.model import Report

NAME = "llm-answers.sqlite"
"""The file below the user's home of Tarikh."""
_TABLES = (
    """CREATE TABLE IF NOT EXISTS answer (key TEXT PRIMARY KEY, model TEXT NOT NULL, prompt TEXT NOT NULL,
       answer TEXT NOT NULL, at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS asked (report TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (report, key))
       WITHOUT ROWID""",
)


def digest(value: Any) -> str:
    """A digest of a JSON value."""
    whole = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(whole.encode("ascii")).hexdigest()


def key(report: Report, model: str, prompt: str, parameters: Mapping[str, Any]) -> str:
    """The key of the answer to a report: everything that the answer depends on."""
    day = report.published.isoformat() if report.published else None
    return digest([model, prompt, dict(parameters), report.title, report.text, day, report.language])


class Cache:
    """The answers in one SQLite file, or in memory where no path is given. Used from several threads."""

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.Lock()
        self._closed = False
        self._path = path
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path or ":memory:", check_same_thread=False, timeout=30)
            if path is not None:
                path.chmod(0o600)
                self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA secure_delete=ON")
            for table in _TABLES:
                self._database.execute(table)
            self._database.commit()
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"the kept answers at {path} cannot be opened ({error}); delete that file"
            ) from error

    def close(self) -> None:
        """Closes the file. A thread that comes later finds it closed, and never a connection that is being taken down."""
        with self._lock:
            self._closed = True
            self._database.close()

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """The database, in a transaction of this thread alone. Raises `ModelError` where the run has ended."""
        with self._lock:
            if self._closed:
                raise ModelError("the run was stopped before the language model answered")
            with self._database:
                yield self._database

    def get(self, key: str, report: Report) -> str | None:
        """The answer under a key, which is the answer to this report as well from now on."""
        with self._open() as database:
            row = database.execute("SELECT answer FROM answer WHERE key = ?", (key,)).fetchone()
            if row is None:
                return None
            database.execute("INSERT OR IGNORE INTO asked VALUES (?, ?)", (report.id, key))
        return str(row[0])

    def put(self, key: str, report: Report, model: str, prompt: str, answer: str) -> None:
        """Keeps an answer; it is on the disk when this returns."""
        row = (key, model, prompt, answer.encode("utf-8", "replace").decode("utf-8"))
        with self._open() as database:
            database.execute(
                "INSERT OR REPLACE INTO answer (key, model, prompt, answer) VALUES (?, ?, ?, ?)", row
            )
            database.execute("INSERT OR IGNORE INTO asked VALUES (?, ?)", (report.id, key))

    def forget(self, reports: Iterable[str]) -> int:
        """Takes out the answers to reports, by id, their bytes overwritten; returns how many."""
        taken = 0
        with self._open() as database:
            for report in reports:
                keys = database.execute("SELECT key FROM asked WHERE report = ?", (report,)).fetchall()
                taken += sum(
                    database.execute("DELETE FROM answer WHERE key = ?", row).rowcount for row in keys
                )
                database.execute("DELETE FROM asked WHERE report = ?", (report,))
        if taken and self._path is not None:
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return taken


def forget(home: Path, reports: Iterable[str]) -> int:
    """Takes the answers to reports out of the file below a home, where there is one; returns how many."""
    if not (home / NAME).exists():
        return 0
    cache = Cache(home / NAME)
    try:
        return cache.forget(reports)
    finally:
        cache.close()
