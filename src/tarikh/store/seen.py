"""In which version a person saw an incident, and what has come since.

Invariant: a version is the incident's digest with the numbers of the last rows of that moment, read in one transaction;
so what came since is told by rows alone, whatever clocks say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import sqlalchemy as sa

from tarikh.errors import UsageError
from tarikh.store import incidents as derived
from tarikh.store.acts import TABLES, Act, Reading
from tarikh.store.schema import coded, incident, mention, report, tombstone, withdrawal

_KEPT = 16
"""Characters of the digest: an incident has few versions."""
_FORM = re.compile(r"(i-[0-9a-z]{1,64})@([0-9a-f]{16})-([0-9]{1,18}(?:\.[0-9]{1,18}){5})", re.ASCII)
_COUNTED = (*(TABLES[letter][0] for letter in "jcd"), withdrawal, coded, tombstone)


@dataclass(frozen=True, slots=True)
class Version:
    """An incident as it was seen. `last` are the numbers of the last judgement, correction, decision, withdrawal, coding
    and forgetting then."""

    incident: str
    digest: str
    last: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.incident}@{self.digest}-{'.'.join(map(str, self.last))}"


@dataclass(frozen=True, slots=True)
class Since:
    """What has come to an incident since it was seen. `now` is where its id leads, None: nowhere.

    `said` and `taken_back` are rows of people, `told` sources and ids of reports that were coded since, `forgotten` ids of
    reports. All may be empty, where the incident was folded anew by other rules.
    """

    now: str | None
    said: tuple[Act, ...] = ()
    taken_back: tuple[Act, ...] = ()
    told: tuple[tuple[str | None, str], ...] = ()
    forgotten: tuple[str, ...] = ()


def read(text: str) -> Version:
    """The version that a text stands for. Raises `UsageError` where it is none."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise UsageError(
            f"{text[:80]!a} is no version of an incident; take it as it stands from: tarikh show ID"
        )
    return Version(found[1], found[2], tuple(int(each) for each in found[3].split(".")))


def current(connection: sa.Connection, incident_id: str) -> Version:
    """The version in which an incident stands; its id must be live."""
    digest = connection.execute(sa.select(incident.c.digest).where(incident.c.id == incident_id)).scalar_one()
    last = (connection.execute(sa.select(sa.func.max(table.c.id))).scalar() or 0 for table in _COUNTED)
    return Version(incident_id, str(digest)[:_KEPT], tuple(last))


def since(connection: sa.Connection, version: Version) -> Since | None:
    """What has come since; None where the incident is the same still."""
    query = sa.select(incident.c.digest).where(incident.c.id == version.incident)
    digest = connection.execute(query).scalar()
    if digest is not None and digest[:_KEPT] == version.digest:
        return None
    now = derived.led(connection, version.incident)
    members = derived.members(connection, [now])[now] if now is not None else []
    return Since(
        now,
        _said(connection, version, members),
        _taken_back(connection, version, members),
        _told(connection, version.last[4], members),
        _forgotten(connection, version.last[5], members),
    )


def _said(connection: sa.Connection, version: Version, members: list[str]) -> tuple[Act, ...]:
    last = dict(zip("jcd", version.last, strict=False))
    acts = Reading.within(connection).acts_on(members)
    return tuple(act for act in reversed(acts) if int(act.row[1:]) > last[act.row[0]])


def _taken_back(connection: sa.Connection, version: Version, members: list[str]) -> tuple[Act, ...]:
    reading = Reading.within(connection)
    query = sa.select(withdrawal.c.row).where(withdrawal.c.id > version.last[3]).order_by(withdrawal.c.id)
    acts = [reading.act(row) for row in connection.execute(query).scalars()]
    heads = reading.lineage(key for act in acts for key in act.mentions)
    inside = set(members)
    return tuple(act for act in acts if inside & {heads.head(key) for key in act.mentions})


def _told(connection: sa.Connection, last: int, members: list[str]) -> tuple[tuple[str | None, str], ...]:
    query = (
        sa.select(report.c.source, report.c.id)
        .join(mention, mention.c.report_id == report.c.id)
        .join(coded, sa.and_(coded.c.report_id == report.c.id, coded.c.coder == mention.c.coder))
        .where(coded.c.id > last)
        .order_by(coded.c.id)
    )
    found = (
        (source, key)
        for part in derived.chunks(members)
        for source, key in connection.execute(query.where(mention.c.id.in_(part)))
    )
    return tuple(dict.fromkeys(found))


def _forgotten(connection: sa.Connection, last: int, members: list[str]) -> tuple[str, ...]:
    query = (
        sa.select(tombstone.c.report_id)
        .join(mention, mention.c.report_id == tombstone.c.report_id)
        .where(tombstone.c.id > last)
    )
    found = (
        key
        for part in derived.chunks(members)
        for key in connection.execute(query.where(mention.c.id.in_(part))).scalars()
    )
    return tuple(dict.fromkeys(found))
