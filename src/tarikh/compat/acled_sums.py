"""Actors, types of actors, countries and regions of all events, with first and last day and how many there are.

Invariant: made of the rows that who asks may see, once for a state of the database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tarikh import reference
from tarikh.codebooks import Column, Row, codebook
from tarikh.compat.rows import Asked, Reader
from tarikh.queries import Filter

_DAYS = (
    Column("first_event_date", "day", "first day"),
    Column("last_event_date", "day", "last day"),
    Column("event_count", "count", "number of events"),
)
COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "actor": (Column("actor_name", "text", "name"), *_DAYS),
    "country": (
        Column("country", "text", "name"),
        Column("iso", "count", "ISO 3166-1 numeric"),
        Column("iso3", "text", "ISO 3166-1 alpha-3"),
        *_DAYS,
    ),
    "region": (Column("region", "count", "number"), Column("region_name", "text", "name"), *_DAYS),
    "actortype": (
        Column("actor_type_id", "count", "number"),
        Column("actor_type_name", "text", "name"),
        *_DAYS,
    ),
}
"""The columns of each list."""

Sums = Mapping[str, list[dict[str, Any]]]


@dataclass(slots=True)
class _Sum:
    """First and last day and number of what has one name."""

    first: date
    last: date
    count: int = 0

    def add(self, day: date) -> None:
        self.first, self.last, self.count = min(self.first, day), max(self.last, day), self.count + 1

    def cells(self) -> dict[str, Any]:
        return {"first_event_date": self.first, "last_event_date": self.last, "event_count": self.count}


def of(reader: Reader) -> Sums:
    """The four lists, each by name or number."""
    asked = Asked("acled", Filter(), lambda row: (row,), "sums")
    return reader.remembered(asked, "sums", lambda: _made(reader, asked))


def _made(reader: Reader, asked: Asked) -> Sums:
    found: dict[str, dict[Any, _Sum]] = {name: {} for name in COLUMNS}
    for row, _ in reader.rows(asked, bare=True):
        day = row["event_date"]
        if isinstance(day, date):
            for what, key in _keys(row):
                found[what].setdefault(key, _Sum(day, day)).add(day)
    return {
        what: [{**_named(what, key), **sums[key].cells()} for key in sorted(sums)]
        for what, sums in found.items()
    }


def _keys(row: Row) -> Iterator[tuple[str, Any]]:
    """Of one row each name once, whichever side it is on."""
    listed = [row[name] for name in ("actor1", "actor2")]
    for name in ("assoc_actor_1", "assoc_actor_2"):
        listed += str(row[name] or "").split("; ")
    for actor in dict.fromkeys(each for each in listed if each):
        yield "actor", actor
    for kind in {row["inter1"], row["inter2"]} - {None, 0}:
        yield "actortype", kind
    for what in ("country", "region"):
        if row[what] is not None:
            yield what, row[what]


def _named(what: str, key: Any) -> dict[str, Any]:
    book = codebook("acled")
    if what == "actor":
        return {"actor_name": key}
    if what == "actortype":
        return {"actor_type_id": key, "actor_type_name": book.tables["inter_names"].get(str(key))}
    if what == "region":
        return {"region": book.tables["regions"].get(key), "region_name": key}
    table = book.tables["countries"]
    code = next(
        (c.iso3 for c in reference.countries() if table.get(c.iso3, {}).get("name", c.name) == key), None
    )
    return {"country": key, "iso": table.get(code or "", {}).get("iso"), "iso3": code}
