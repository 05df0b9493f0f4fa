"""Incidents of an earlier moment, to be asked like those of now: in tables of their own, gone with the object.

Invariant: filters, order and ids go through the very queries of the store; nothing is written to the user's database.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from tarikh.model import Incident
from tarikh.store import incidents as derived
from tarikh.store import sqlite_search
from tarikh.store.filtering import Filter
from tarikh.store.listed_schema import listed, listed_name, map_tally, tally
from tarikh.store.schema import incident, incident_member, incident_redirect

_LISTS = (listed, listed_name, tally, map_tally)


def _private() -> sqlite3.Connection:
    connection = sqlite3.connect("", check_same_thread=False)
    sqlite_search.register(connection)
    return connection


class Recalled:
    """The incidents given, and where former ids led: `redirects` is old id → (where it led, founding mention)."""

    def __init__(
        self,
        given: Sequence[Incident],
        reports: derived.Told,
        redirects: Mapping[str, tuple[str | None, str]],
        then: datetime,
    ) -> None:
        # An empty name is SQLite's private file that is deleted on closing: it may be larger than the memory.
        self._engine = sa.create_engine(
            "sqlite://",
            creator=_private,
            poolclass=sa.StaticPool,
        )
        tables = [incident, incident_member, incident_redirect, *_LISTS]
        rows = [
            {"old_id": old, "new_id": new, "founder": founder, "at": then}
            for old, (new, founder) in redirects.items()
        ]
        with self._engine.begin() as connection:
            for table in tables:
                table.create(connection)
            fresh = derived.prepared(given, reports)
            derived.insert(connection, list(fresh.values()))
            if rows:
                connection.execute(incident_redirect.insert(), rows)

    def incidents(self, wanted: Filter) -> list[Incident]:
        """The incidents that a filter asks for, in its order."""
        with self._engine.begin() as connection:
            return derived.found(connection, wanted)

    def incident(self, incident_id: str) -> Incident:
        """As `Store.incident`. Raises `UnknownIdError`."""
        with self._engine.begin() as connection:
            return derived.by_id(connection, incident_id)

    def redirects(self, incident_id: str) -> tuple[str, ...]:
        """The former ids that led to this one."""
        with self._engine.begin() as connection:
            return derived.leading_to(connection, incident_id)
