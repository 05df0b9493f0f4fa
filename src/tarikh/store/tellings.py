"""Fingerprints of reports, and who told of which incident when: what counting sources needs, without the texts.

Invariant: nothing here reads a text or a mention's evidence; a fingerprint is written once and never changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from tarikh.model import Fingerprint, Mention
from tarikh.store.filtering import Filter
from tarikh.store.incidents import chunks
from tarikh.store.listed_schema import listed
from tarikh.store.schema import fingerprint, incident, incident_member, mention, report
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
    """The fingerprints of these reports that are kept, by id."""
    found: dict[str, Fingerprint] = {}
    table = fingerprint.c
    for part in chunks(dict.fromkeys(report_ids)):
        query = sa.select(table.report_id, table.shingles, table.whole, table.credit)
        for key, shingles, whole, credit in connection.execute(query.where(table.report_id.in_(part))):
            found[key] = Fingerprint(shingles, whole, credit)
    return found


def keep(connection: sa.Connection, prints: Mapping[str, Fingerprint]) -> None:
    """Keeps the fingerprints of reports by id; those kept already stay."""
    for part in chunks(prints):
        known = sa.select(fingerprint.c.report_id).where(fingerprint.c.report_id.in_(part))
        there = set(connection.execute(known).scalars())
        fresh = [
            {
                "report_id": key,
                "shingles": prints[key].shingles,
                "whole": prints[key].whole,
                "credit": prints[key].credit,
            }
            for key in part
            if key not in there
        ]
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
