"""The derived half of the store: incidents are replaced as a whole or in part, and found by id or filter.

Invariant: an id that was ever shown leads somewhere for ever: to its incident, else to where its founding mention
is now, else to a sentence that says why not. Only rows that differ are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa

from tarikh.errors import UnknownIdError
from tarikh.model import Incident
from tarikh.store import listing, rows
from tarikh.store.filtering import Filter
from tarikh.store.listed_schema import listed
from tarikh.store.schema import (
    incident,
    incident_member,
    incident_redirect,
    mention,
    public_id,
    report,
)
from tarikh.store.search import conditions, ordering
from tarikh.store.succession import Lineage

T = TypeVar("T")

CHUNK = 500
"""Ids in one IN (…): well under the number of parameters that SQLite takes."""

SHORTEST = 4
"""The fewest characters of an id that stand for it."""

_SHOWN = 5


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterable[list[T]]:
    """The items in lists of at most `size`."""
    source = iter(items)
    while part := list(islice(source, size)):
        yield part


# ---- finding ---------------------------------------------------------------------------------------------


def found(connection: sa.Connection, wanted: Filter) -> list[Incident]:
    """The incidents that a filter asks for, in its order."""
    query = sa.select(listed.c.id).where(*conditions(wanted)).order_by(*ordering(wanted.order))
    query = query.limit(-1 if wanted.limit is None else wanted.limit).offset(wanted.offset)
    return of_ids(connection, connection.execute(query).scalars().all())


def of_ids(connection: sa.Connection, ids: Iterable[str]) -> list[Incident]:
    """The incidents of these ids, in their order; of ids that are none now there is none."""
    ids = list(ids)
    known = members(connection, ids)
    made: dict[str, Incident] = {}
    for part in chunks(ids):
        for row in connection.execute(sa.select(incident).where(incident.c.id.in_(part))).mappings():
            made[row["id"]] = rows.incident_of(row, tuple(known[row["id"]]))
    return [made[key] for key in ids if key in made]


def members(connection: sa.Connection, ids: Iterable[str]) -> dict[str, list[str]]:
    """The mentions of each of these incidents, the founding one first."""
    table = incident_member.c
    found: dict[str, list[str]] = {key: [] for key in ids}
    for part in chunks(found):
        query = sa.select(table.incident_id, table.mention_id).where(table.incident_id.in_(part))
        for incident_id, mention_id in connection.execute(query.order_by(table.incident_id, table.position)):
            found[incident_id].append(mention_id)
    return found


def by_id(connection: sa.Connection, wanted: str) -> Incident:
    """The incident of an id that is or was its own, or of the first characters of one.

    Raises `UnknownIdError` when there is none or more than one.
    """
    return of_ids(connection, [id_of(connection, wanted)])[0]


def id_of(connection: sa.Connection, wanted: str) -> str:
    """The id of the incident that `by_id` gives. Raises `UnknownIdError` as it does."""
    if not wanted.isascii():
        raise UnknownIdError(
            f"there is no incident {wanted[:80]!a}; ids look like i-3f2a90c1, see: tarikh list"
        )
    exact = led(connection, wanted)
    if exact is not None:
        return exact
    if len(wanted) < SHORTEST:
        raise UnknownIdError(
            f"{wanted!r} is too short for an id; write at least its first {SHORTEST} characters"
        )
    shown = _beginning(connection, wanted)
    live = {key: end for key in shown if (end := led(connection, key)) is not None}
    ends = sorted(set(live.values()))
    if len(ends) == 1:
        return ends[0]
    if ends:
        some = ", ".join(ends[:_SHOWN]) + (" …" if len(ends) > _SHOWN else "")
        raise UnknownIdError(f"{wanted} may be any of {len(ends)} incidents ({some}); write more of the id")
    if shown:
        raise UnknownIdError(
            f"incident {shown[0]} is no more: the current coder finds no such event in its reports;"
            " its mentions and what people said of them are kept"
        )
    said = wanted if wanted.isprintable() and len(wanted) <= 80 else ascii(wanted[:80])
    raise UnknownIdError(f"there is no incident {said}; see: tarikh list")


def _beginning(connection: sa.Connection, prefix: str) -> list[str]:
    """Ids shown now or before that begin so, in order; no more than needed to say that there are many."""
    found: set[str] = set()
    for column in (incident.c.id, incident_redirect.c.old_id):
        query = sa.select(column).where(column >= prefix, column < prefix + "\U0010ffff").order_by(column)
        found.update(connection.execute(query.limit(1000)).scalars())
    return sorted(found)


def led(connection: sa.Connection, key: str) -> str | None:
    """Where an id leads: itself while it lives, else along its redirects; None where they end."""
    seen: set[str] = set()
    while key not in seen:
        seen.add(key)
        if connection.execute(sa.select(incident.c.id).where(incident.c.id == key)).first():
            return key
        table = incident_redirect.c
        step = connection.execute(sa.select(table.new_id).where(table.old_id == key)).scalar()
        if step is None:
            return None
        key = step
    return None


def leading_to(connection: sa.Connection, key: str) -> tuple[str, ...]:
    """The ids that lead to an incident by redirects, in order."""
    table = incident_redirect.c
    found: set[str] = set()
    edge = [key]
    while edge:
        query = sa.select(table.old_id).where(table.new_id.in_(edge[:CHUNK]))
        fresh = [old for old in connection.execute(query).scalars() if old not in found and old != key]
        found.update(fresh)
        edge = edge[CHUNK:] + fresh
    return tuple(sorted(found))


def shown_ids(connection: sa.Connection) -> frozenset[str]:
    """Every public id that was ever shown."""
    live = connection.execute(sa.select(incident.c.id)).scalars()
    return frozenset(live) | frozenset(connection.execute(sa.select(incident_redirect.c.old_id)).scalars())


# ---- replacing -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """What an incident's row takes from the reports of its members: titles by mention, days by mention."""

    titles: Mapping[str, str]
    published: Mapping[str, date | None]


def told(connection: sa.Connection, incidents: Iterable[Incident]) -> Told:
    """Titles and days of the reports of all members."""
    titles: dict[str, str] = {}
    days: dict[str, date | None] = {}
    query = sa.select(mention.c.id, report.c.title, report.c.published).join(
        report, report.c.id == mention.c.report_id
    )
    for part in chunks(key for each in incidents for key in each.members):
        for key, title, day in connection.execute(query.where(mention.c.id.in_(part))):
            titles[key], days[key] = title, day
    return Told(titles, days)


def prepared(incidents: Iterable[Incident], reports: Told) -> dict[str, tuple[Incident, dict[str, Any]]]:
    """Incidents with their rows, by id."""
    made = {}
    for each in incidents:
        titles = {reports.titles[key] for key in each.members if key in reports.titles}
        days = [day for key in each.members if (day := reports.published.get(key)) is not None]
        made[each.id] = each, rows.incident_row(each, titles, max(days, default=None))
    return made


def exchange(
    connection: sa.Connection,
    fresh: Mapping[str, tuple[Incident, dict[str, Any]]],
    kept: Mapping[str, str],
    lineage: Lineage,
    at: datetime,
    founders: sa.Select[Any] | None = None,
) -> int:
    """Puts incidents in the place of kept ones (digest by id); returns how many were written.

    `founders`: only redirects of these founding mentions can lead elsewhere now; without it, all are looked at.
    """
    homes = {key: each.id for each, _ in fresh.values() for key in each.members}
    gone = sorted(set(kept) - set(fresh))
    changed = [key for key, (_, row) in fresh.items() if kept.get(key) != row["digest"]]
    _redirect_gone(connection, gone, homes, lineage, at)
    _redirect_moved(connection, homes, lineage, at, founders)
    for part in chunks([*gone, *(key for key in changed if key in kept)]):
        listing.drop(connection, part)
        connection.execute(incident.delete().where(incident.c.id.in_(part)))
    insert(connection, [fresh[key] for key in changed])
    shown = [(key, key, fresh[key][0].founder) for key in changed if key not in kept]
    _note(connection, shown, at)
    for part in chunks(changed):
        connection.execute(incident_redirect.delete().where(incident_redirect.c.old_id.in_(part)))
    return len(changed)


def insert(connection: sa.Connection, fresh: Sequence[tuple[Incident, dict[str, Any]]]) -> None:
    """Puts in incidents with their rows, none of which is there."""
    if not fresh:
        return
    connection.execute(incident.insert(), [row for _, row in fresh])
    members = [
        {"mention_id": key, "incident_id": each.id, "position": position}
        for each, _ in fresh
        for position, key in enumerate(each.members)
    ]
    connection.execute(incident_member.insert(), members)
    listing.put(connection, [row for _, row in fresh])


def _redirect_gone(
    connection: sa.Connection, gone: Sequence[str], homes: Mapping[str, str], lineage: Lineage, at: datetime
) -> None:
    """Redirects for ids that vanish now."""
    founders = {
        key: founder
        for part in chunks(gone)
        for key, founder in connection.execute(
            sa.select(incident.c.id, incident.c.founder).where(incident.c.id.in_(part))
        )
    }
    for key, inside in members(connection, gone).items():
        ends = (homes.get(lineage.head(member) or "") for member in (founders[key], *inside))
        target = next((end for end in ends if end is not None), None)
        row = {"old_id": key, "new_id": target, "founder": founders[key], "at": at}
        connection.execute(incident_redirect.delete().where(incident_redirect.c.old_id == key))
        connection.execute(incident_redirect.insert(), row)
        _note(connection, [(key, target, founders[key])], at)


def _redirect_moved(
    connection: sa.Connection,
    homes: Mapping[str, str],
    lineage: Lineage,
    at: datetime,
    founders: sa.Select[Any] | None,
) -> None:
    """Redirects anew for ids that vanished before and whose founding mention has moved since."""
    table = incident_redirect.c
    query = sa.select(table.old_id, table.new_id, table.founder)
    if founders is not None:
        query = query.where(table.founder.in_(founders))
    for old, new, founder in connection.execute(query).all():
        target = homes.get(lineage.head(founder) or "")
        if target not in (None, new, old):
            connection.execute(
                incident_redirect.update().where(table.old_id == old).values(new_id=target, at=at)
            )
            _note(connection, [(old, target, founder)], at)


def _note(connection: sa.Connection, led: Iterable[tuple[str, str | None, str]], at: datetime) -> None:
    """Keeps for the past where public ids lead from now on: (id, where it leads, its founding mention)."""
    noted = [{"shown_id": key, "leads_to": end, "founder": founder, "at": at} for key, end, founder in led]
    if noted:
        connection.execute(public_id.insert(), noted)
