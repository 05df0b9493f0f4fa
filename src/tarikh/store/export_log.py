"""Who took what away: one row for each file of incidents that was written or handed out.

Invariant: rows are added and never changed, in the same act in which the file appears: an export that fails is not in it.
It is no part of the chronicle, and in no snapshot: it tells of people, not of incidents.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from tarikh.store.schema import export_log
from tarikh.store.store import Store


@dataclass(frozen=True, slots=True)
class Export:
    """One file that was taken. `by` is `user:NAME`; `filters` says in words what was asked for, `query` as an address does
    ("" for all); `name` is the file's name without its folder; `sha256` is that of its bytes."""

    by: str
    form: str
    level: str
    filters: str
    query: str
    rows: int
    name: str
    sha256: str
    at: datetime | None = None


_COLUMNS = ("by", "form", "level", "filters", "query", "rows", "name", "sha256")


class ExportLog:
    """The log of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @contextmanager
    def entering(self, taken: Export) -> Iterator[None]:
        """Keeps the row when the block, in which the file is put in its place, has ended well; `at` is the store's clock's."""
        with self._store._write() as connection:
            row = {name: getattr(taken, name) for name in _COLUMNS}
            connection.execute(export_log.insert(), {**row, "at": self._store._database.now()})
            yield

    def taken(self, by: str | None = None, most: int = 100) -> list[Export]:
        """The newest rows first, of all or of one person (`user:NAME`)."""
        query = sa.select(export_log).order_by(export_log.c.id.desc()).limit(most)
        if by is not None:
            query = query.where(export_log.c.by == by)
        with self._store._read() as connection:
            found = connection.execute(query).mappings().all()
        return [Export(**{name: row[name] for name in _COLUMNS}, at=row["at"]) for row in found]
