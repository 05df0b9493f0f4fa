"""The tables of an index, and how rows get into them: in chunks, keys staged apart and sorted once at the end.

Invariant: one row a GeoNames id, whatever number of sources has it; memory does not grow with the rows.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

from tarikh.gazetteer.index import FORMAT
from tarikh.gazetteer.keys import loose_key, skeleton
from tarikh.gazetteer.overrides import Entry
from tarikh.text import fold

T = TypeVar("T")
Tick = Callable[[int], None]
"""Told the number of rows that were written since the last call."""

_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -64000;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE place (
    id INTEGER PRIMARY KEY, geonameid INTEGER, name TEXT NOT NULL, latitude REAL NOT NULL, longitude REAL NOT NULL,
    level TEXT NOT NULL, country TEXT NOT NULL, admin1 TEXT, admin2 TEXT, population INTEGER, feature TEXT
);
CREATE TABLE name (key TEXT NOT NULL, place INTEGER NOT NULL, PRIMARY KEY (key, place)) WITHOUT ROWID;
CREATE TABLE loose (key TEXT NOT NULL, place INTEGER NOT NULL, PRIMARY KEY (key, place)) WITHOUT ROWID;
CREATE TABLE spelling (skeleton TEXT NOT NULL, loose TEXT NOT NULL, PRIMARY KEY (skeleton, loose)) WITHOUT ROWID;
CREATE TEMP TABLE met (key TEXT NOT NULL, loose TEXT NOT NULL, place INTEGER NOT NULL);
"""
# Packaged units and countries keep their names, as the codebook has them, and the point of their main town; a town's
# record is taken from the dump, its units from where they were known first.
_PUT = """
INSERT INTO place VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
    name = iif(level = 'town', excluded.name, name),
    latitude = iif(level = 'town', excluded.latitude, latitude),
    longitude = iif(level = 'town', excluded.longitude, longitude),
    country = iif(level = 'town', excluded.country, country),
    admin1 = coalesce(admin1, excluded.admin1), admin2 = coalesce(admin2, excluded.admin2),
    population = coalesce(excluded.population, population), feature = coalesce(excluded.feature, feature)
"""
# Sorted by SQLite on disk: in memory the million keys would take as much again as the source does.
_SORTED = (
    "INSERT INTO name SELECT DISTINCT key, place FROM met ORDER BY key, place",
    "INSERT INTO loose SELECT DISTINCT loose, place FROM met WHERE loose <> '' AND loose <> key ORDER BY loose, place",
    "INSERT INTO spelling SELECT DISTINCT skeleton(loose) AS bones, loose FROM met"
    " WHERE loose <> '' AND bones <> '' ORDER BY bones, loose",
)
_MARKS = re.compile(r"['’‘ʼʻ`´ʿʾ′]")
"""Apostrophes and ayns: news write "Ta'iz" and "Taiz", and `fold` alone makes two words of the first."""
_CHUNK = 5_000
_OWN = 1 << 40
"""Ids of rows without a GeoNames id begin here."""
SORTING = 0.35
"""Time of sorting as a share of that of writing the rows, measured; for the estimate."""


class Writer:
    """Writes one new index. Use: `put` and `join` any number of times, `sort`, `put_late`, `finish`, always `close`."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path)
        self._connection.create_function("skeleton", 1, skeleton, deterministic=True)
        self._connection.executescript(_TABLES)
        self._connection.execute("BEGIN")
        self._own = _OWN

    def put(self, entries: Iterable[Entry], tick: Tick | None = None) -> int:
        """Write entries; one whose GeoNames id is there already is joined with it. How many were read."""
        done = 0
        for chunk in _chunks(entries):
            self._put(chunk)
            done += len(chunk)
            if tick is not None:
                tick(len(chunk))
        return done

    def _put(self, chunk: Sequence[Entry]) -> None:
        rows, met = [], []
        for entry in chunk:
            p, number = entry.place, entry.place.geonameid
            if number is None:
                self._own += 1
            key = number if number is not None else self._own
            rows.append(
                (
                    key,
                    number,
                    p.name,
                    p.latitude,
                    p.longitude,
                    p.level,
                    p.country,
                    p.admin1,
                    p.admin2,
                    p.population,
                    p.feature,
                )
            )
            met += [(form, loose_key(form), key) for form in keys(entry.names)]
        self._connection.executemany(_PUT, rows)
        self._connection.executemany("INSERT INTO met VALUES (?, ?, ?)", met)

    def name(self, pairs: Iterable[tuple[int, str]], tick: Tick | None = None) -> int:
        """Further names of places by GeoNames id; those of unknown ids are left out. How many were taken."""
        done = 0
        for chunk in _chunks(pairs):
            asked = json.dumps(list({number for number, _ in chunk}))
            rows = self._connection.execute(
                "SELECT id FROM place WHERE id IN (SELECT value FROM json_each(?))", (asked,)
            )
            there = {number for (number,) in rows}
            met = [
                (form, loose_key(form), number)
                for number, name in chunk
                if number in there
                for form in keys((name,))
            ]
            self._connection.executemany("INSERT INTO met VALUES (?, ?, ?)", met)
            done += sum(number in there for number, _ in chunk)
            if tick is not None:
                tick(len(chunk))
        return done

    def sort(self, tick: Callable[[float], None] | None = None) -> None:
        """Build the tables of keys; `tick` is told the share that is done."""
        self._connection.commit()
        for number, statement in enumerate(_SORTED, 1):
            self._connection.execute(statement)
            self._connection.commit()
            if tick is not None:
                tick(number / len(_SORTED))
        self._connection.execute("DELETE FROM met")

    def put_late(self, entries: Iterable[Entry], near: Callable[[Entry, Entry], bool]) -> tuple[int, int]:
        """After `sort`: entries that have no place of their name in the index for which `near` is true.

        How many were added, and how many there were.
        """
        fresh, count = [], 0
        for entry in entries:
            count += 1
            if not any(near(entry, other) for name in entry.names for other in self._named(name)):
                fresh.append(entry)
        self.put(fresh)
        self._connection.execute("INSERT OR IGNORE INTO name SELECT key, place FROM met")
        self._connection.execute(
            "INSERT OR IGNORE INTO loose SELECT loose, place FROM met WHERE loose <> '' AND loose <> key"
        )
        self._connection.execute(
            "INSERT OR IGNORE INTO spelling SELECT skeleton(loose), loose FROM met WHERE skeleton(loose) <> ''"
        )
        self._connection.execute("DELETE FROM met")
        return len(fresh), count

    def _named(self, name: str) -> Iterator[Entry]:
        from tarikh.gazetteer.index import Place

        rows = self._connection.execute(
            "SELECT p.geonameid, p.name, p.latitude, p.longitude, p.level, p.country"
            " FROM name n JOIN place p ON p.id = n.place WHERE n.key = ?",
            (fold(name),),
        )
        return (Entry(Place(*row), ()) for row in rows)

    def finish(self, notes: dict[str, object]) -> tuple[int, int]:
        """Write what the index tells of itself; how many places and names it holds."""
        places, names = (
            int(self._connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608
            for table in ("place", "name")
        )
        meta = {"format": FORMAT, "places": places, "names": names, **notes}
        self._connection.executemany(
            "INSERT INTO meta VALUES (?, ?)", [(k, json.dumps(v)) for k, v in meta.items()]
        )
        self._connection.commit()
        self._connection.execute("ANALYZE")
        self._connection.commit()
        return places, names

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()


def keys(names: Iterable[str]) -> set[str]:
    """The folded forms under which names are found."""
    found = set()
    for name in names:
        found.add(fold(name))
        if _MARKS.search(name):
            found.add(fold(_MARKS.sub("", name)))
    found.discard("")
    return found


def _chunks(entries: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(entries)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk
