"""Building the index: into a file beside the target, moved over it when whole.

Invariant: whatever happens during a build, the target is the old index or the new one, never half of one.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tarikh.gazetteer.index import FORMAT
from tarikh.gazetteer.keys import loose_key
from tarikh.gazetteer.packaged import LICENCE, Entry, Packaged, overrides, sources
from tarikh.text import fold

Progress = Callable[[int, int], None]

_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE place (
    id INTEGER PRIMARY KEY, geonameid INTEGER, name TEXT NOT NULL, latitude REAL NOT NULL, longitude REAL NOT NULL,
    level TEXT NOT NULL, country TEXT NOT NULL, admin1 TEXT, admin2 TEXT, population INTEGER
);
CREATE TABLE name (key TEXT NOT NULL, place INTEGER NOT NULL, PRIMARY KEY (key, place)) WITHOUT ROWID;
CREATE TABLE loose (key TEXT NOT NULL, place INTEGER NOT NULL, PRIMARY KEY (key, place)) WITHOUT ROWID;
CREATE TEMP TABLE met (key TEXT NOT NULL, loose TEXT NOT NULL, place INTEGER NOT NULL);
"""
# Sorted by SQLite on disk: in memory the million keys would take as much again as the source does.
_SORTED = """
INSERT INTO name SELECT DISTINCT key, place FROM met ORDER BY key, place;
INSERT INTO loose SELECT DISTINCT loose, place FROM met WHERE loose <> '' AND loose <> key ORDER BY loose, place;
DROP TABLE met;
"""
_MARKS = re.compile(r"['’‘ʼʻ`´ʿʾ′]")
"""Apostrophes and ayns: news write "Ta'iz" and "Taiz", and `fold` alone makes two words of the first."""
_CHUNK = 5_000
_STALE_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Summary:
    """What was built: how many places, and under how many different names."""

    path: Path
    places: int
    names: int
    seconds: float


def build(path: Path, progress: Progress | None = None) -> Summary:
    """Build the index of the installed packages at a path; `progress` is told (done, total) now and then.

    Raises `MissingError` where a package or data file is not installed, OSError where the folder is not writable.
    """
    started = time.monotonic()
    versions = sources()
    packaged = Packaged(overrides())
    total = packaged.total()
    with _beside(path) as partial:
        places, names = write(partial, packaged.entries(), {"sources": versions}, total, progress)
    if progress is not None:
        progress(total, total)
    return Summary(path, places, names, time.monotonic() - started)


def write(
    path: Path,
    entries: Iterable[Entry],
    notes: dict[str, object] | None = None,
    total: int = 0,
    progress: Progress | None = None,
) -> tuple[int, int]:
    """Write entries as an index into an empty or absent file; how many places and names it holds."""
    connection = sqlite3.connect(path)
    try:
        connection.executescript(_TABLES)
        connection.execute("BEGIN")
        places = 0
        for chunk in _chunks(entries):
            _insert(connection, chunk, places)
            places += len(chunk)
            if progress is not None:
                progress(min(places, total), total)
        connection.commit()
        connection.executescript(_SORTED)
        names = int(connection.execute("SELECT count(*) FROM name").fetchone()[0])
        _describe(connection, {"places": places, "names": names, **(notes or {})})
    finally:
        connection.close()
    return places, names


def _describe(connection: sqlite3.Connection, notes: dict[str, object]) -> None:
    meta = {"format": FORMAT, **notes, "licence": LICENCE}
    connection.executemany("INSERT INTO meta VALUES (?, ?)", [(k, json.dumps(v)) for k, v in meta.items()])
    connection.commit()
    connection.execute("ANALYZE")
    connection.commit()


def _chunks(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    rest = iter(entries)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk


def _insert(connection: sqlite3.Connection, chunk: list[Entry], first: int) -> None:
    rows, met = [], []
    for number, entry in enumerate(chunk, first + 1):
        p = entry.place
        rows.append(
            (
                number,
                p.geonameid,
                p.name,
                p.latitude,
                p.longitude,
                p.level,
                p.country,
                p.admin1,
                p.admin2,
                p.population,
            )
        )
        for key in {fold(form) for name in entry.names for form in (name, _MARKS.sub("", name))}:
            if key:
                met.append((key, loose_key(key), number))
    connection.executemany("INSERT INTO place VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    connection.executemany("INSERT INTO met VALUES (?, ?, ?)", met)


@contextlib.contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A new file beside the target, moved over it at the end; removed where anything failed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.chmod(0o644)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _sweep(path: Path) -> None:
    """Remove what killed builds left behind; a build that is still running is younger."""
    for left in path.parent.glob(f".{path.name}.*.partial"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _STALE_SECONDS:
                left.unlink()
