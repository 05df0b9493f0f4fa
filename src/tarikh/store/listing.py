"""Keeps the tables of `listed_schema` in step with the incidents, in the transaction that writes these.

Invariant: `put` after an incident's row is written, `drop` before it goes, with the same row: what one adds the other
takes away to the last unit. Sums are whole numbers.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import Any

import sqlalchemy as sa

from tarikh.store import grid, sqlite_search
from tarikh.store.listed_schema import listed, listed_name, map_tally, tally
from tarikh.store.schema import incident
from tarikh.text import fold

Row = Mapping[str, Any] | sa.RowMapping

POINTS = ("exact", "near")
"""The precisions of which the coordinates are those of the place itself."""

LONG_DAYS = 400
"""An incident that lasts longer, as far as is known, is looked for apart (`search`)."""

MOST_KILLED = 10**9
"""A figure counts for no more in a sum: beyond it it is no number of people, and the sum would not fit a column."""

AXES = {"all": 1, "country": 2, "kind": 3, "admin1": 4, "party": 5}
"""What `tally` sums by; the number makes the rows of one axis lie together. By kind it does not know the country, for both
together are hardly fewer than the incidents."""

TIE_BITS = 40
_CHUNK = 500
_FIELDS = (
    "id", "kind", "status", "review", "date_start", "date_end", "date_precision", "country", "admin1", "admin2", "place",
    "latitude", "longitude", "place_precision", "attackers", "targets", "killed_low", "killed_best", "killed_high",
    "sources", "confidence", "places", "words", "digest",
)  # fmt: skip
"""The columns of an incident that are read here."""


# ---- one row ---------------------------------------------------------------------------------------------


def key_of(incident_id: str, first: date | None) -> int:
    """Rises with the first day, 0 where it is unknown; within a day it falls with the id, so that from new to old ids rise."""
    body = incident_id.partition("-")[2]
    try:
        tie = int(body[:10], 16) if len(body) >= 10 and body.isascii() and body.isalnum() else None
    except ValueError:
        tie = None
    if tie is None:  # no id of ours
        tie = int.from_bytes(hashlib.sha256(incident_id.encode("utf-8", "surrogatepass")).digest()[:5], "big")
    return first_key(first) + (1 << TIE_BITS) - 1 - tie


def first_key(day: date | int | None) -> int:
    """The least key of a day."""
    ordinal = day.toordinal() if isinstance(day, date) else day or 0
    return ordinal << TIE_BITS


def month_of(day: date) -> int:
    """Months since the year 0."""
    return day.year * 12 + day.month - 1


def week_of(day: date) -> int:
    """Weeks, from Monday, since the year 1."""
    return (day.toordinal() - 1) // 7


def periods(start: date | None, end: date | None, precision: str) -> dict[str, int | None]:
    """The day, week and month that an incident is put on: of a day its first, else one that holds all its days, if any."""
    none: dict[str, int | None] = {"day": None, "week": None, "month": None}
    last = start if precision == "day" else end
    if start is None or last is None or precision == "unknown":
        return none
    return {
        "day": start.toordinal() if start == last else None,
        "week": week_of(start) if week_of(start) == week_of(last) else None,
        "month": month_of(start) if month_of(start) == month_of(last) else None,
    }


def _span(start: date | None, last: date | None) -> int | None:
    if last is None:
        return None
    days = last.toordinal() - (0 if start is None else start.toordinal())
    return days if days > LONG_DAYS else None


def is_point(row: Row) -> bool:
    """Whether it can be drawn as a point."""
    return row["place_precision"] in POINTS and row["latitude"] is not None and row["longitude"] is not None


def _listed(row: Row, key: int) -> dict[str, Any]:
    start, end = row["date_start"], row["date_end"]
    last = end or start
    best = row["killed_best"]
    same = (
        "id", "kind", "status", "review", "date_precision", "country", "admin1", "admin2", "place", "latitude", "longitude",
        "place_precision", "attackers", "targets", "killed_low", "killed_best", "killed_high", "confidence",
    )  # fmt: skip
    return {
        **{name: row[name] for name in same},
        **periods(start, end, row["date_precision"]),
        "key": key,
        "first_day": None if start is None else start.toordinal(),
        "last_day": None if last is None else last.toordinal(),
        "span": _span(start, last),
        "cell": grid.cell(row["latitude"], row["longitude"]),
        "unit": None if is_point(row) else 1,
        "toll": row["killed_low"] if best is None else best,
        "sources": len(row["sources"]),
        "version": row["digest"],
    }


@lru_cache(100_000)
def name_code(what: str, name: str) -> int:
    """The number of a name in `listed_name`: of what it names (party, source, place, admin1), and its folded letters."""
    return _hash(f"{what}\x1f{fold(name)}") - (1 << 63)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], "big")


def _names(row: Row) -> set[int]:
    told = [("party", name) for name in (*row["attackers"], *row["targets"])]
    told += [("source", name) for name in row["sources"]]
    told += [("place", name) for name in row["places"].split("|") if name]
    told += [("admin1", name) for name in (row["admin1"],) if name]
    return {name_code(what, name) for what, name in told}


# ---- sums ------------------------------------------------------------------------------------------------

SUMS = ("incidents", "unknown", "open", "low", "best", "high")
"""The sums of `tally`: incidents; those of unknown toll; those known to have killed at least so many, with no upper bound;
and the killed of those known. In the order of `trends.Tally`."""

MAP_SUMS = ("incidents", "unknown", "killed", "points", "latitudes", "longitudes")
"""The sums of `map_tally`, in the order in which `overview` adds them up."""


def harm_sums(low: int | None, best: int | None, high: int | None) -> dict[str, int]:
    """What one incident adds to the sums, but for itself. A figure is known by its best, else its lower bound."""
    toll = low if best is None else best
    if toll is None:
        return {"unknown": 1, "open": 0, "low": 0, "best": 0, "high": 0}
    bounds = {"low": toll if low is None else low, "best": toll, "high": toll if high is None else high}
    return {"unknown": 0, "open": int(high is None)} | {k: min(v, MOST_KILLED) for k, v in bounds.items()}


def _tallied(row: Row) -> Iterable[tuple[str, str | None, str | None]]:
    """Axis, name and country of each sum that an incident is part of."""
    yield "all", None, None
    yield "country", None, row["country"]
    yield "kind", row["kind"], None
    yield "admin1", row["admin1"], row["country"]
    parties = dict.fromkeys((*row["attackers"], *row["targets"]))
    yield from (("party", name, row["country"]) for name in (parties or {None: None}))


def _by_period(row: Row) -> Iterable[tuple[int, dict[str, Any], dict[str, int]]]:
    when = periods(row["date_start"], row["date_end"], row["date_precision"])
    dated = row["date_start"] is not None or row["date_end"] is not None
    sums = harm_sums(row["killed_low"], row["killed_best"], row["killed_high"])
    for axis, name, country in _tallied(row):
        of = {"axis": axis, "name": name, "country": country, "review": row["review"]}
        of |= {"week": when["week"], "month": when["month"], "dated": dated}
        code = AXES[axis] << 60 | _hash(repr(tuple(of.values()))) >> 4
        yield code, of, {"incidents": 1} | sums


def unit_of(row: Row) -> tuple[str | None, str | None, str | None]:
    """Precision and names of the unit that is all that is known of a place; nothing of one that is not known at all."""
    precision = row["place_precision"]
    if precision == "country":
        return precision, None, None
    if precision == "admin1":
        return precision, row["admin1"] or row["place"], None
    if precision == "admin2":
        return precision, row["admin1"], row["admin2"] or row["place"]
    return None, None, None


def _by_place(row: Row) -> Iterable[tuple[int, dict[str, Any], dict[str, int]]]:
    if not is_point(row):
        precision, admin1, admin2 = unit_of(row)
        yield _placed(row, {"level": None, "cell": None, "precision": precision}, admin1, admin2)
        return
    cell = grid.cell(row["latitude"], row["longitude"]) or 0
    for level in grid.LEVELS:
        yield _placed(row, {"level": level, "cell": grid.coarser(cell, level), "precision": None}, None, None)


def _placed(
    row: Row, of: dict[str, Any], admin1: str | None, admin2: str | None
) -> tuple[int, dict[str, Any], dict[str, int]]:
    of |= {"country": row["country"], "admin1": admin1, "admin2": admin2}
    of |= {"kind": row["kind"], "review": row["review"]}
    sums = harm_sums(row["killed_low"], row["killed_best"], row["killed_high"])
    drawn = row["latitude"] is not None and row["longitude"] is not None
    return (
        _hash(repr(tuple(of.values()))) >> 2,
        of,
        {
            "incidents": 1,
            "unknown": sums["unknown"],
            "killed": sums["best"],
            "points": int(drawn),
            "latitudes": micro(row["latitude"]) if drawn else 0,
            "longitudes": micro(row["longitude"]) if drawn else 0,
        },
    )


def micro(degrees: float) -> int:
    """Millionths of a degree, whole: sums of them are the same in every order. Halves go away from 0, as in SQL."""
    return int(degrees * 1_000_000 + (0.5 if degrees >= 0 else -0.5))


def _summed(parts: Iterable[tuple[int, dict[str, Any], dict[str, int]]], sign: int) -> list[dict[str, Any]]:
    lines: dict[int, dict[str, Any]] = {}
    sums: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for code, of, adds in parts:
        lines[code] = of
        for name, number in adds.items():
            sums[code][name] += sign * number
    return [{"code": code, **of, **sums[code]} for code, of in lines.items()]


def _add(connection: sa.Connection, rows: Sequence[Row], sign: int) -> None:
    periods_ = _summed((line for row in rows for line in _by_period(row)), sign)
    places = _summed((line for row in rows for line in _by_place(row)), sign)
    sqlite_search.add_up(connection, tally, SUMS, periods_)
    sqlite_search.add_up(connection, map_tally, MAP_SUMS, places)


# ---- writing ---------------------------------------------------------------------------------------------


def put(connection: sa.Connection, rows: Sequence[Row]) -> None:
    """Lists incidents of these rows, none of which is listed."""
    for first in range(0, len(rows), _CHUNK * 10):
        _put(connection, rows[first : first + _CHUNK * 10])


def _put(connection: sa.Connection, rows: Sequence[Row]) -> None:
    keys = _free(connection, rows)
    if not keys:
        return
    connection.execute(listed.insert(), [_listed(row, keys[row["id"]]) for row in rows])
    names = sorted((code, keys[row["id"]]) for row in rows for code in _names(row))
    if names:
        connection.execute(listed_name.insert(), [{"code": code, "key": key} for code, key in names])
    sqlite_search.put_words(connection, {keys[row["id"]]: row["words"] for row in rows})
    _add(connection, rows, 1)


def _free(connection: sa.Connection, rows: Sequence[Row]) -> dict[str, int]:
    """A key for each id. Two of one day share their first ten digits once in a trillion pairs: the second is put beside."""
    wanted = {row["id"]: key_of(row["id"], row["date_start"]) for row in rows}
    query = sa.select(listed.c.key).where(listed.c.key.in_(sqlite_search.keys_in(list(wanted.values()))))
    taken = set(connection.execute(query).scalars())
    for incident_id, value in wanted.items():
        if value in taken:
            wanted[incident_id] = value = _beside(connection, value, taken | set(wanted.values()))
        taken.add(value)
    return wanted


def _beside(connection: sa.Connection, value: int, taken: set[int]) -> int:
    day = value >> TIE_BITS
    query = sa.select(listed.c.key)
    while value in taken or connection.execute(query.where(listed.c.key == value)).first() is not None:
        value = (day << TIE_BITS) + (value + 1) % (1 << TIE_BITS)
    return value


def drop(connection: sa.Connection, ids: Sequence[str]) -> None:
    """Takes incidents off the lists that are still in their table."""
    columns = [incident.c[name] for name in _FIELDS]
    query = sa.select(listed.c.key, *columns).join(incident, incident.c.id == listed.c.id)
    for first in range(0, len(ids), _CHUNK):
        part = ids[first : first + _CHUNK]
        rows = connection.execute(query.where(listed.c.id.in_(part))).mappings().all()
        sqlite_search.drop_words(connection, {row["key"]: row["words"] for row in rows})
        for row in rows:
            mine = sa.and_(listed_name.c.code.in_(_names(row)), listed_name.c.key == row["key"])
            connection.execute(listed_name.delete().where(mine))
        _add(connection, rows, -1)
        connection.execute(listed.delete().where(listed.c.id.in_(part)))


def erase_words(connection: sa.Connection, ids: Sequence[str], version: str) -> None:
    """Takes the words of incidents out of the search, while they are still in their table, and marks the rows as stale."""
    query = sa.select(listed.c.key, incident.c.words).join(incident, incident.c.id == listed.c.id)
    for first in range(0, len(ids), _CHUNK):
        part = ids[first : first + _CHUNK]
        words = {row.key: row.words for row in connection.execute(query.where(listed.c.id.in_(part)))}
        sqlite_search.drop_words(connection, words)
        connection.execute(listed.update().where(listed.c.id.in_(part)).values(version=version))


def fill(connection: sa.Connection) -> None:
    """Lists all incidents of a database that has the tables and nothing in them."""
    found = connection.execute(sa.select(*(incident.c[name] for name in _FIELDS)).order_by(incident.c.id))
    source = iter(found.mappings())
    while part := list(islice(source, _CHUNK * 10)):
        put(connection, part)
