"""Looking names up in a built index.

Invariant: read-only; one `Gazetteer` may be used by several threads, each process opens its own.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Literal
from urllib.parse import quote

from tarikh import earth
from tarikh.errors import MissingError
from tarikh.gazetteer.keys import loose_key, one_vowel_apart, skeleton
from tarikh.text import fold

FORMAT = "2"
"""Version of the file's tables; an index of another version is refused."""

_EXTENDED = (
    *("A.", "L.", "V.", "R.", "U."),
    *(
        "H.STM",
        "H.WAD",
        "H.LK",
        "H.MRSH",
        "H.WTLD",
        "H.CNL",
        "H.RV",
        "H.SEA",
        "H.OCN",
        "H.GULF",
        "H.BAY",
        "H.RSV",
    ),
    *(
        "T.MTS",
        "T.HLLS",
        "T.DSRT",
        "T.ERG",
        "T.PLN",
        "T.PLAT",
        "T.VAL",
        "T.DPR",
        "T.RDGE",
        "T.DUNE",
        "T.SAND",
    ),
    *("T.PEN", "T.ISLS", "T.SCRP", "T.UPLD", "T.TRGD", "S.RES", "S.MIL"),
)
"""Features whose point is the middle of something large."""
_FEW = 60
"""Spellings of one skeleton that are looked at; the world has few skeletons with more."""

Level = Literal["town", "admin2", "admin1", "country"]


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the gazetteer. Degrees are WGS 84; `country` is ISO alpha-3; `population` None is unknown.

    For an `admin1`, `admin2` or `country` the point is only for drawing: its main town's, or the mean of its towns'.
    `admin1` and `admin2` are the short names of the units that hold it, itself included ("Borno State" lies in
    "Borno"). `matched` says which key found it. `feature` is the GeoNames feature class and code ("P.PPL", "H.STM") where
    a dump has it. Everything that is no unit or country has level `town`; `feature` says whether it is one.
    """

    geonameid: int | None
    name: str
    latitude: float
    longitude: float
    level: Level
    country: str
    admin1: str | None = None
    admin2: str | None = None
    population: int | None = None
    matched: Literal["exact", "loose"] = "exact"
    feature: str | None = None

    @property
    def feature_class(self) -> str | None:
        """The letter of the GeoNames feature class: P towns, A units, H water, T heights, S sites, L and V areas, R, U."""
        return self.feature[0] if self.feature else None

    @property
    def extended(self) -> bool:
        """Whether its point only stands for a line or an area: a river, a range, a forest, a region, a commune."""
        return self.feature is not None and self.feature.startswith(_EXTENDED)


def kilometers(left: Place, right: Place) -> float:
    """Great-circle distance of two places."""
    return earth.kilometers((left.latitude, left.longitude), (right.latitude, right.longitude))


_COLUMNS = "p.geonameid, p.name, p.latitude, p.longitude, p.level, p.country, p.admin1, p.admin2, p.population, 'exact', p.feature"
_BY_NAME = f"SELECT {_COLUMNS} FROM name n JOIN place p ON p.id = n.place WHERE n.key = ?"  # noqa: S608
_BY_LOOSE = f"SELECT {_COLUMNS} FROM loose n JOIN place p ON p.id = n.place WHERE n.key = ?"  # noqa: S608
_SPELLINGS = "SELECT loose FROM spelling WHERE skeleton = ?"
_LETTERS, _MANY = 2, 5_000
_BEGINNING = (
    f"SELECT n.key, {_COLUMNS} FROM name n JOIN place p ON p.id = n.place"  # noqa: S608
    " WHERE n.key >= ? AND n.key < ? AND (? IS NULL OR p.country = ?) LIMIT ?"
)
_AROUND = (
    f"SELECT {_COLUMNS} FROM place p WHERE p.level = 'town'"  # noqa: S608
    " AND p.latitude BETWEEN ? AND ? AND p.longitude BETWEEN ? AND ?"
)
_RANK = {"country": 0, "admin1": 1, "town": 2, "admin2": 3}
_CLASSES = {None: 0, "P": 0, "A": 1, "S": 2, "L": 2}
_CACHED = 50_000


def _order(place: Place) -> tuple[int, int, int, str, int]:
    kind = _CLASSES.get(place.feature_class, 3)
    return (_RANK[place.level], -(place.population or 0), kind, place.country, place.geonameid or 0)


class Gazetteer:
    """An open index. Made by `open_index`."""

    def __init__(self, path: Path, connection: sqlite3.Connection, info: Mapping[str, Any]) -> None:
        self.path = path
        self._connection = connection
        self._info = dict(info)
        self._lock = Lock()
        self._find = lru_cache(maxsize=_CACHED)(self._look_up)
        self._similar = lru_cache(maxsize=_CACHED)(self._look_around)
        self._countries = self._all_countries()
        self._by_code = {place.country: place for place in self._countries}

    def find(self, name: str) -> tuple[Place, ...]:
        """Every place of this name, countries first, then units, then towns by population, then other features.

        By the folded name; only where nothing has it, as `similar` does (`matched` "loose").
        """
        return self._find(name)

    def similar(self, name: str) -> tuple[Place, ...]:
        """The places whose names are this one in another spelling, `matched` "loose", also where the name itself is found.

        By the spelling-tolerant key; where that finds nothing else, by names of the same consonants that are one vowel apart.
        """
        return self._similar(name)

    def beginning(self, name: str, country: str | None = None, whole: bool = False) -> dict[str, Place]:
        """A place for each folded name that begins with the first letters of this one, with all of them where `whole`; at
        most a few thousand."""
        begin = fold(name) if whole else fold(name)[:_LETTERS]
        if len(begin) < _LETTERS:
            return {}
        values = (begin, begin + "\U0010ffff", country, country, _MANY)
        with self._lock:
            rows = self._connection.execute(_BEGINNING, values).fetchall()
        return {key: Place(*row) for key, *row in reversed(rows)}

    def around(self, latitude: float, longitude: float, km: float) -> tuple[Place, ...]:
        """The towns so near to a point, in no order; it reads all places, which takes a moment."""
        high = km / 111.0
        wide = high / max(0.05, math.cos(math.radians(latitude)))
        box = (latitude - high, latitude + high, longitude - wide, longitude + wide)
        with self._lock:
            rows = self._connection.execute(_AROUND, box).fetchall()
        here = (latitude, longitude)
        found = (Place(*row) for row in rows)
        return tuple(p for p in found if earth.kilometers(here, (p.latitude, p.longitude)) <= km)

    def countries(self) -> tuple[Place, ...]:
        """The countries and territories, by ISO alpha-3 code."""
        return self._countries

    def country(self, iso3: str) -> Place | None:
        """The country of this ISO alpha-3 code."""
        return self._by_code.get(iso3)

    def full_countries(self) -> frozenset[str]:
        """ISO alpha-3 codes of the countries whose villages are in: a name that is missing there is truly unknown."""
        return frozenset(self._info.get("full_countries", ()))

    def info(self) -> dict[str, Any]:
        """Format version, sources, counts and licence of the index."""
        return dict(self._info)

    def _rows(self, statement: str, key: str) -> list[Place]:
        with self._lock:
            rows = self._connection.execute(statement, (key,)).fetchall()
        return [Place(*row) for row in rows]

    def _look_up(self, name: str) -> tuple[Place, ...]:
        plain = fold(name)
        found = self._rows(_BY_NAME, plain) if plain else []
        return tuple(sorted(found, key=_order)) if found else self._similar(name)

    def _look_around(self, name: str) -> tuple[Place, ...]:
        key = loose_key(name)
        if not key:
            return ()
        rows = self._of_key(key)
        itself = fold(name)
        if not rows or set(rows) <= set(self._rows(_BY_NAME, itself)):
            for other in self._near(key):
                rows.update(self._of_key(other))
        return tuple(sorted((replace(place, matched="loose") for place in rows), key=_order))

    def _of_key(self, key: str) -> dict[Place, None]:
        # Names whose two keys are one are kept once, under `name`.
        return dict.fromkeys((*self._rows(_BY_LOOSE, key), *self._rows(_BY_NAME, key)))

    def _near(self, key: str) -> list[str]:
        bones = skeleton(key)
        if not bones:
            return []
        with self._lock:
            found = self._connection.execute(_SPELLINGS, (bones,)).fetchall()
        return [loose for (loose,) in found if loose != key and one_vowel_apart(key, loose)][:_FEW]

    def _all_countries(self) -> tuple[Place, ...]:
        statement = f"SELECT {_COLUMNS} FROM place p WHERE p.level = ? ORDER BY p.country"  # noqa: S608
        return tuple(self._rows(statement, "country"))

    def __reduce__(self) -> tuple[Any, ...]:
        # A handle cannot travel to another process: it is opened there.
        return open_index, (self.path,)


def _advice(path: Path, what: str) -> MissingError:
    return MissingError(f"the gazetteer index {path} {what}: run `tarikh gazetteer build`")


def open_index(path: Path) -> Gazetteer:
    """The index at a path. Raises `MissingError` where it is not there or of another format version."""
    if not path.is_file():
        raise _advice(path, "is not there")
    address = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
    try:
        connection = sqlite3.connect(address, uri=True, check_same_thread=False, cached_statements=16)
    except sqlite3.Error as error:
        raise MissingError(
            f"the gazetteer index {path} cannot be opened ({error}): check your right to read it"
        ) from error
    try:
        info = {key: json.loads(value) for key, value in connection.execute("SELECT key, value FROM meta")}
        if info.get("format") != FORMAT:
            raise _advice(path, f"has format {info.get('format')!r}, this version reads {FORMAT!r}")
        connection.execute("PRAGMA mmap_size = 268435456")
        return Gazetteer(path, connection, info)
    except (sqlite3.DatabaseError, ValueError) as error:
        connection.close()
        raise MissingError(
            f"the gazetteer index {path} cannot be read ({error}): move it away, and run `tarikh gazetteer build`"
        ) from error
    except MissingError:
        connection.close()
        raise


def built_with(path: Path) -> set[str] | None:
    """Names of the added sources that are in the index at a path; None where there is no index of this version."""
    try:
        return set(open_index(path).info().get("added", {}))
    except MissingError:
        return None
