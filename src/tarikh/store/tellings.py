"""Fingerprints of reports, and who told of which incident when: what counting sources needs, without the texts.

Invariant: nothing here reads a text or a mention's evidence; a fingerprint is written once, and changed by `forget` alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from tarikh.model import Fingerprint, Mention
from tarikh.store.filtering import Filter
from tarikh.store.incidents import chunks
from tarikh.store.listed_schema import listed
from tarikh.store.schema import fingerprint, incident, incident_member, mention, report, tombstone
from tarikh.store.search import conditions


@dataclass(frozen=True, slots=True)
class Telling:
    """One incident as coverage sees it: where and when it was, and its mentions with no more than who tells them.

    `day` is its first day, `day_precision` how exact that is.
    """

    incident_id: str
    country: str | None
    admin1: str | None
    day: date | None
    day_precision: str
    mentions: tuple[Mention, ...]


def kept(connection: sa.Connection, report_ids: Iterable[str]) -> dict[str, Fingerprint]:
    """The fingerprints of these reports that are kept, by id; newer versions of a copy are copies as well."""
    found: dict[str, Fingerprint] = {}
    table = fingerprint.c
    for part in chunks(dict.fromkeys(report_ids)):
        query = sa.select(table.report_id, table.shingles, table.whole, table.credit, table.copies)
        for key, shingles, whole, credit, copies in connection.execute(
            query.where(table.report_id.in_(part))
        ):
            alike = with_versions(connection, copies) if copies else ()
            found[key] = Fingerprint(shingles, whole, credit, alike)
    return found


def with_versions(connection: sa.Connection, ids: Iterable[str]) -> tuple[str, ...]:
    """These reports and all that came as newer versions of them, sorted."""
    found: set[str] = set()
    edge = set(ids)
    while edge:
        found |= edge
        newer = [
            connection.execute(sa.select(report.c.id).where(report.c.previous.in_(part))).scalars()
            for part in chunks(sorted(edge))
        ]
        edge = {key for part in newer for key in part} - found
    return tuple(sorted(found))


def keep(connection: sa.Connection, prints: Mapping[str, Fingerprint], now: datetime) -> None:
    """Keeps the fingerprints of reports by id, from this moment on; those kept already stay.

    One that was erased with its report is put back when the report is; of a report that is forgotten none is kept.
    """
    gone = sa.select(tombstone.c.report_id).where(tombstone.c.lifted_at.is_(None))
    for part in chunks(prints):
        forgotten = set(connection.execute(gone.where(tombstone.c.report_id.in_(part))).scalars())
        known = sa.select(fingerprint.c.report_id, fingerprint.c.shingles)
        asked = known.where(fingerprint.c.report_id.in_(part))
        there: dict[str, bytes] = {key: shingles for key, shingles in connection.execute(asked)}  # noqa: C416
        fresh = []
        for key in (each for each in part if each not in forgotten):
            row = {name: getattr(prints[key], name) for name in ("shingles", "whole", "credit")}
            if key not in there:
                fresh.append({"report_id": key, **row, "recorded_at": now})
            elif not there[key] and row["shingles"]:
                back = fingerprint.update().where(fingerprint.c.report_id == key)
                connection.execute(back.values(**row, copies=sa.null()))
        if fresh:
            connection.execute(fingerprint.insert(), fresh)


def tellings(connection: sa.Connection, wanted: Filter | None = None) -> list[Telling]:
    """Who told of each incident that a filter asks for (by its conditions; order and limit are not read), by id."""
    table, told = incident.c, mention.c
    query = (
        sa.select(
            table.id.label("incident_id"),
            table.country,
            table.admin1,
            table.date_start,
            table.date_precision,
            told.id,
            told.report_id,
            told.kind,
            told.status,
            told.attackers,
            told.targets,
            told.attribution,
            told.source,
            told.published,
            told.recorded_at,
        )
        .join(incident_member, incident_member.c.incident_id == table.id)
        .join(mention, told.id == incident_member.c.mention_id)
        .where(table.id.in_(sa.select(listed.c.id).where(*conditions(wanted or Filter()))))
        .order_by(table.id, incident_member.c.position)
    )
    heads: dict[str, sa.RowMapping] = {}
    members: dict[str, list[Mention]] = {}
    for row in connection.execute(query).mappings():
        heads.setdefault(row["incident_id"], row)
        members.setdefault(row["incident_id"], []).append(_light(row))
    return [
        Telling(
            key,
            head["country"],
            head["admin1"],
            head["date_start"],
            head["date_precision"],
            tuple(members[key]),
        )
        for key, head in heads.items()
    ]


def _light(row: sa.RowMapping) -> Mention:
    return Mention(
        id=row["id"],
        report_id=row["report_id"],
        coder="",
        kind=row["kind"],
        status=row["status"],
        attackers=tuple(row["attackers"]),
        targets=tuple(row["targets"]),
        attribution=row["attribution"],
        source=row["source"],
        published=row["published"],
        recorded_at=row["recorded_at"],
    )


def published_days(connection: sa.Connection) -> dict[str, dict[date, int]]:
    """Reports by source and day of publication, whatever they tell; those without either are left out."""
    counted: dict[str, dict[date, int]] = {}
    columns = (report.c.source, report.c.published)
    query = sa.select(*columns, sa.func.count()).where(*(c.is_not(None) for c in columns)).group_by(*columns)
    for source, day, count in connection.execute(query):
        counted.setdefault(source, {})[day] = count
    return counted
