"""Checksums of the append-only rows as they stood at a moment, a row each, so that one that was changed can be named.

Invariant: a row's checksum depends on what it said then alone: a later withdrawal leaves it as it was. The columns are
fixed here by the format of a snapshot, so that a newer schema gives the same checksums for old rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tarikh.store import schema
from tarikh.store.opening import Database
from tarikh.store.schema import dumps

_SAID = ("verdict", "score", "by", "reasons", "at")
_TOLD = ("id", "report_id", "coder", "kind", "status", "aspect", "attackers", "targets")
_WHEN = ("date_start", "date_end", "date_precision", "date_basis")
_WHERE = (
    *("country", "admin1", "admin2", "place"),
    *("latitude", "longitude", "place_precision", "geonameid"),
)
_REST = ("harm", "attribution", "trigger", "evidence", "phrases", "published", "source", "language")

_FIRST: Mapping[str, tuple[str, ...]] = {
    "report": (
        *("id", "given_id", "source", "url", "title", "text", "language", "published"),
        *("fetched", "origin", "version", "previous", "recorded_at"),
    ),
    "coded": ("id", "report_id", "coder", "at"),
    "mention": (*_TOLD, *_WHEN, *_WHERE, *_REST, "recorded_at", "succeeds"),
    "succession": ("old_id", "new_id"),
    "judgement": ("id", "left", "right", *_SAID, "withdrawn_at"),
    "linked": ("mention_id", "by", "at"),
    "correction": ("id", "mention_id", "field", "value", "by", "at", "note", "withdrawn_at"),
    "decision": ("id", "mention_id", "verdict", "seen", "by", "at", "note", "withdrawn_at"),
    "withdrawal": ("id", "row", "by", "at", "note"),
    "problem": ("id", "stage", "reason", "origin", "line", "report_id", "at"),
    "public_id": ("id", "shown_id", "leads_to", "founder", "at"),
}
_SECOND: Mapping[str, tuple[str, ...]] = {
    **_FIRST,
    "mention": (*_FIRST["mention"], "details"),
    "fingerprint": ("report_id", "shingles", "whole", "credit", "copies"),
    "tombstone": ("id", "report_id", "reason", "by", "at", "address", "lifted_by", "lifted_at"),
}
_THIRD: Mapping[str, tuple[str, ...]] = {
    **_SECOND,
    "source_role": ("id", "source", "role", "by", "at", "note"),
}
COLUMNS: Mapping[int, Mapping[str, tuple[str, ...]]] = {1: _FIRST, 2: _SECOND, 3: _THIRD}
"""By format of a snapshot: the append-only tables and the columns that a checksum covers."""

FORMAT = 3
"""The newest format …"""
WITHOUT_ROLES = 2
"""… and that of what is shown below the level `full`: a word on a source is so short that its checksum would tell it."""

_KEYS: Mapping[str, tuple[str, ...]] = {
    "succession": ("old_id",),
    "linked": ("mention_id", "by"),
    "fingerprint": ("report_id",),
}
_OF: Mapping[str, tuple[str, ...]] = {
    "report": ("id",),
    "coded": ("report_id",),
    "mention": ("report_id",),
    "succession": ("old_id", "new_id"),
    "judgement": ("left", "right"),
    "linked": ("mention_id",),
    "correction": ("mention_id",),
    "decision": ("mention_id",),
    "withdrawal": ("row",),
    "problem": ("report_id",),
    "public_id": ("founder",),
    "fingerprint": ("report_id",),
    "tombstone": ("report_id",),
    "source_role": (),
}
"""Whom a row is of: reports, or mentions; of what a source is, nobody, for files of all levels hold these lines."""


@dataclass(frozen=True, slots=True)
class RowDigest:
    """A row: its table, its key, the reports or mentions that it is of, the SHA-256 of what it said."""

    table: str
    key: str
    of: str
    sha256: str


def digests(database: Database, then: datetime, form: int = FORMAT) -> Iterator[RowDigest]:
    """All rows that were there at a moment, by table and key, in one reading; `form` is one of `COLUMNS`."""
    with database.read() as connection:
        for name, columns in COLUMNS[form].items():
            yield from _of_table(connection, name, columns, then)


def counts(database: Database, then: datetime, form: int = FORMAT) -> dict[str, int]:
    """How many rows of each table were there at a moment."""
    with database.read() as connection:
        return {
            name: connection.execute(
                sa.select(sa.func.count()).select_from(_there(name, columns, then).subquery())
            ).scalar_one()
            for name, columns in COLUMNS[form].items()
        }


def _table(name: str) -> sa.Table:
    return schema.metadata.tables[name]


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value


def _raw(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    # As the file has it: a row that was spoiled by hand must give another checksum, not an error of reading.
    return sa.type_coerce(column, sa.String()).label(column.name)


def _there(name: str, columns: tuple[str, ...], then: datetime) -> sa.Select[Any]:
    table = _table(name)
    query = sa.select(*(_raw(table.c[column]) for column in columns))
    if name == "fingerprint":
        its = _table("report")
        since = sa.func.coalesce(table.c.recorded_at, its.c.recorded_at)
        return query.join(its, its.c.id == table.c.report_id).where(since <= then)
    if name == "succession":
        new = _table("mention")
        return query.join(new, new.c.id == table.c.new_id).where(new.c.recorded_at <= then)
    at = table.c.recorded_at if "recorded_at" in table.c else table.c.at
    return query.where(at <= then)


_LATER = ("withdrawn_at", "lifted_at")
"""Moments at which something became of a row; what became of it after a moment it did not say then."""


def _of_table(
    connection: sa.Connection, name: str, columns: tuple[str, ...], then: datetime
) -> Iterator[RowDigest]:
    table = _table(name)
    keys = _KEYS.get(name, ("id",))
    query = _there(name, columns, then).order_by(*(table.c[key] for key in keys))
    limit = then.replace(tzinfo=None).isoformat(" ", "microseconds")
    for row in connection.execute(query.execution_options(yield_per=1000)).mappings():
        values = {column: _plain(row[column]) for column in columns}
        for mark in _LATER:
            if str(values.get(mark) or "") > limit:
                values[mark] = None
                if mark == "lifted_at":
                    values["lifted_by"] = None
        digest = hashlib.sha256(dumps(list(values.values())).encode()).hexdigest()
        key, of = (" ".join(str(values[c]) for c in wanted) for wanted in (keys, _OF[name]))
        yield RowDigest(name, key, of, digest)
