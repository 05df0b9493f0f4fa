"""What people say that sources are: rows that are added and never changed, of which the newest of a source counts.

Invariant: names are compared to the letter, as the fold compares them; a trigger of the same transaction queues all mentions of
the source to be folded anew (`queues`), so that no incident stays weighed by what no longer holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from tarikh.errors import UnknownIdError
from tarikh.model import SourceRole
from tarikh.store import coding, rows
from tarikh.store.incidents import chunks
from tarikh.store.opening import Database
from tarikh.store.schema import incident, incident_member, mention, report, source_role

Change = Callable[[sa.Connection], None]


@dataclass(frozen=True, slots=True)
class KnownSource:
    """A source of the database: its name, how many reports it has (each version is one), and the newest word on what it is."""

    name: str
    reports: int
    said: SourceRole | None = None

    @property
    def role(self) -> str | None:
        """What it is said to be; None where nobody said, or it was taken back."""
        return None if self.said is None else self.said.role


class SourceRoles:
    """What is said of the sources of one database; each call is a transaction of its own, and what is said is not folded yet."""

    def __init__(self, database: Database, changed: Change) -> None:
        self._database, self._changed = database, changed

    def known(self) -> list[KnownSource]:
        """All sources that reports name, those with the most reports first."""
        number = sa.func.count()
        query = sa.select(report.c.source, number).where(report.c.source.is_not(None))
        with self._database.read() as connection:
            newest = {
                row["source"]: rows.source_role_of(row) for row in connection.execute(_newest()).mappings()
            }
            found = connection.execute(query.group_by(report.c.source)).all()
        made = (KnownSource(name, count, newest.get(name)) for name, count in found if name)
        return sorted(made, key=lambda each: (-each.reports, each.name))

    def said(self, source: str) -> SourceRole | None:
        """The newest word on a source, also one that takes back; None where nobody said anything."""
        with self._database.read() as connection:
            return _last(connection, source)

    def words(self, sources: Iterable[str]) -> list[SourceRole]:
        """All that was ever said of these sources, of each in order of writing."""
        query = sa.select(source_role).order_by(source_role.c.id)
        with self._database.read() as connection:
            return [
                rows.source_role_of(row)
                for part in chunks(dict.fromkeys(sources))
                for row in connection.execute(query.where(source_role.c.source.in_(part))).mappings()
            ]

    def say(self, source: str, role: str | None, by: str, note: str = "") -> bool:
        """Adds a person's word on a source; False where the newest one says the same, whoever said it.

        None takes back what was said; of a source of which nobody said anything it says nothing new. Raises
        `UnknownIdError` when no report is of this source.
        """
        with self._database.write() as connection:
            if not coding.exists(connection, report.c.source, source):
                raise UnknownIdError(f"no report is of a source called {source[:80]!a}")
            last = _last(connection, source)
            if role == (None if last is None else last.role):
                return False
            said = SourceRole(source, role, by, self._database.now(), note)
            connection.execute(source_role.insert(), rows.source_role_row(said))
            self._changed(connection)
        return True

    def digests(self, source: str) -> dict[str, str]:
        """The incidents that this source tells of, by id, each with its digest: what changed between two moments is told by these."""
        query = (
            sa.select(incident.c.id, incident.c.digest)
            .join(incident_member, incident_member.c.incident_id == incident.c.id)
            .join(mention, mention.c.id == incident_member.c.mention_id)
            .where(mention.c.source == source)
            .distinct()
        )
        with self._database.read() as connection:
            return {row.id: row.digest for row in connection.execute(query)}


def standing(connection: sa.Connection, then: datetime | None = None) -> dict[str, str]:
    """The role of each source that has one, now or as it stood at a moment."""
    found = connection.execute(_newest(then)).mappings()
    return {row["source"]: row["role"] for row in found if row["role"] is not None}


def _last(connection: sa.Connection, source: str) -> SourceRole | None:
    row = connection.execute(_newest().where(source_role.c.source == source)).mappings().first()
    return None if row is None else rows.source_role_of(row)


def between(connection: sa.Connection, since: datetime, until: datetime) -> list[SourceRole]:
    """What was said after one moment, up to and with another, in order of writing."""
    table = source_role.c
    query = sa.select(source_role).where(table.at > since, table.at <= until).order_by(table.id)
    return [rows.source_role_of(row) for row in connection.execute(query).mappings()]


def mentions_of(connection: sa.Connection, sources: Iterable[str], until: datetime) -> set[str]:
    """The mentions of these sources that were recorded by a moment, by id."""
    query = sa.select(mention.c.id).where(mention.c.recorded_at <= until)
    return {
        key
        for part in chunks(dict.fromkeys(sources))
        for key in connection.execute(query.where(mention.c.source.in_(part))).scalars()
    }


def _newest(then: datetime | None = None) -> sa.Select[tuple[object, ...]]:
    """The newest row of each source, of those that were there at a moment."""
    table = source_role.c
    latest = sa.select(sa.func.max(table.id)).group_by(table.source)
    if then is not None:
        latest = latest.where(table.at <= then)
    return sa.select(source_role).where(table.id.in_(latest))
