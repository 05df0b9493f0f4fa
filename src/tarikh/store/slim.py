"""Incidents, mentions and reports with no more than disclosure asks of a flat row: without evidence, words and texts.

Invariant: what is left out is empty and nothing else is changed: places, days, names and people's rows are as they are kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from tarikh.model import Claim, Correction, Count, Incident, Mention, Report, When, Where
from tarikh.store import coding
from tarikh.store.flat import fetched
from tarikh.store.json_form import from_json
from tarikh.store.rows import said_of
from tarikh.store.schema import Words, incident_member, mention
from tarikh.store.store import Store

_PLACE = "country, admin1, admin2, place, latitude, longitude, place_precision, geonameid"
_GIVEN = "json_each(?) AS k"
_INCIDENTS = (
    "SELECT i.id, i.founder, i.kind, i.status, i.attackers, i.targets, i.date_start, i.date_end, i.date_precision,"  # noqa: S608
    f" {', '.join('i.' + name for name in _PLACE.split(', '))}, i.harm, i.sources, i.ledger, i.corrections,"
    " CASE WHEN instr(i.judgements, '\"by\":\"user:') > 0 THEN i.judgements ELSE '[]' END, i.review, i.absorbed,"
    f" i.confidence FROM {_GIVEN} CROSS JOIN incident AS i ON i.id = k.value ORDER BY k.key"
)
_MEMBERS = (
    f"SELECT im.incident_id, m.id, m.report_id, m.coder, m.kind, m.published, m.source, {_PLACE} FROM {_GIVEN}"  # noqa: S608
    " CROSS JOIN incident_member AS im ON im.incident_id = k.value JOIN mention AS m ON m.id = im.mention_id"
    " ORDER BY k.key, im.position"
)
_REPORTS = f"SELECT r.id, r.source FROM {_GIVEN} CROSS JOIN report AS r ON r.id = k.value"  # noqa: S608
_WORDS = Words()


def incidents(store: Store, ids: Iterable[str]) -> tuple[list[Incident], list[Mention]]:
    """The incidents of these ids, in their order, with the mentions that are their members."""
    asked = (json.dumps(list(ids)),)
    with store._read() as connection:
        members = fetched(connection, _MEMBERS, asked)
        raw = fetched(connection, _INCIDENTS, asked)
        of: dict[str, list[str]] = {}
        for row in members:
            of.setdefault(row[0], []).append(row[1])
        return [_incident(row, of.get(row[0], [])) for row in raw], [_mention(row) for row in members]


def reports(store: Store, ids: Iterable[str]) -> list[Report]:
    """The reports of these ids, in no order."""
    with store._read() as connection:
        found = fetched(connection, _REPORTS, (json.dumps(list(ids)),))
    return [Report(key, "", "", "", source=_text(source)) for key, source in found]


def told(store: Store, report_ids: Sequence[str]) -> list[tuple[str, str | None]]:
    """Of each current mention of these reports its report, and the incident that it is in, if any."""
    ids = sa.func.json_each(json.dumps(list(report_ids))).table_valued("value")
    query = coding.current(sa.select(mention.c.report_id, incident_member.c.incident_id))
    query = query.outerjoin(incident_member, incident_member.c.mention_id == mention.c.id)
    with store._read() as connection:
        found = connection.execute(query.where(mention.c.report_id.in_(sa.select(ids.c.value))))
        return [(row.report_id, row.incident_id) for row in found]


# ---- rows ------------------------------------------------------------------------------------------------


def _text(value: str | None) -> str | None:
    return value if value is None or value[:1] != "\x1a" else _WORDS.process_result_value(value, None)  # type: ignore[arg-type]


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _where(row: Sequence[Any]) -> Where:
    country, admin1, admin2, place, latitude, longitude, precision, geonameid = row
    return Where(
        _text(country), _text(admin1), _text(admin2), _text(place), latitude, longitude, precision, geonameid
    )


def _incident(row: Any, members: Sequence[str]) -> Incident:
    return Incident(
        id=row[0],
        founder=row[1],
        members=tuple(members),
        kind=row[2],
        status=row[3],
        attackers=tuple(json.loads(row[4])),
        targets=tuple(json.loads(row[5])),
        when=When(_day(row[6]), _day(row[7]), row[8]),
        where=_where(row[9:17]),
        harm={what: Count(*bounds) for what, bounds in json.loads(row[17]).items()},
        sources=tuple(json.loads(row[18])),
        # Places alone: other claims tell nothing that a flat row shows.
        ledger=tuple(from_json(Claim, each) for each in json.loads(row[19]) if each["field"] == "place"),
        corrections=tuple(from_json(Correction, each) for each in json.loads(row[20])),
        judgements=tuple(said_of(each) for each in json.loads(row[21])),
        review=row[22],
        absorbed=tuple(json.loads(row[23])),
        confidence=row[24],
    )


def _mention(row: Any) -> Mention:
    _, key, report_id, coder, kind, published, source, *where = row
    return Mention(
        key, report_id, coder, kind, where=_where(where), published=_day(published), source=_text(source)
    )
