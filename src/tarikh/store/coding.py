"""Mentions in the database: which are current, who succeeds whom, and how new ones come in.

Invariant: the current mentions of a report are those of its latest coding, also where it found nothing; rows of
older coders stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tarikh.errors import StoreError
from tarikh.model import EVENT_SETS, Mention
from tarikh.store import rows
from tarikh.store.incidents import chunks
from tarikh.store.schema import coded, mention, report, succession
from tarikh.store.succession import Lineage, Origin, heads, successors

Query = sa.Select[Any]


def exists(connection: sa.Connection, column: sa.Column[Any], value: str) -> bool:
    """Whether a row has this value."""
    return connection.execute(sa.select(column).where(column == value).limit(1)).first() is not None


def is_coded(connection: sa.Connection, report_id: str, coder: str) -> bool:
    """Whether this coder has coded the report."""
    query = sa.select(coded.c.id).where(coded.c.report_id == report_id, coded.c.coder == coder)
    return connection.execute(query).first() is not None


def current(query: Query) -> Query:
    """Of a query on mentions, those of each report's latest coding, without reports that a coded newer version replaces."""
    # Asked of each mention by itself, by index, so that a few cost the same however many there are.
    other, newer = coded.alias(), report.alias()
    latest = sa.select(sa.func.max(other.c.id)).where(other.c.report_id == mention.c.report_id)
    replaced = sa.select(newer.c.id).where(
        newer.c.previous == mention.c.report_id, newer.c.id == other.c.report_id
    )
    both = sa.and_(coded.c.report_id == mention.c.report_id, coded.c.coder == mention.c.coder)
    return query.join(coded, both).where(
        coded.c.id == latest.correlate(mention).scalar_subquery(),
        ~sa.exists(replaced.correlate(mention)),
    )


def mentions(connection: sa.Connection, query: Query) -> list[Mention]:
    """The mentions of a query, in the order of recording."""
    ordered = query.order_by(mention.c.recorded_at, mention.c.id)
    return [rows.mention_of(row) for row in connection.execute(ordered).mappings()]


def insert(
    connection: sa.Connection, report_id: str, coder: str, found: Sequence[Mention], now: datetime
) -> None:
    """Inserts what a coder found in a report that it has not coded before, and who succeeds whom.

    Raises `StoreError` when one id stands for two mentions.
    """
    fresh = _distinct(found)
    for each in fresh:
        if exists(connection, mention.c.id, each.id):
            raise StoreError(f"mention {each.id} is there already, from another coder; its id must differ")
    known = mentions(connection, sa.select(mention).where(mention.c.report_id == report_id))
    steps = successors(heads(known, _steps(connection, [each.id for each in known])), fresh)
    first = {new: old for old, new in reversed(steps.items())}
    kept = [replace(each, recorded_at=now, succeeds=first.get(each.id)) for each in fresh]
    if kept:
        connection.execute(mention.insert(), [rows.mention_row(each) for each in kept])
    if steps:
        connection.execute(succession.insert(), [{"old_id": o, "new_id": n} for o, n in steps.items()])
    connection.execute(coded.insert(), {"report_id": report_id, "coder": coder, "at": now})


def _distinct(found: Sequence[Mention]) -> list[Mention]:
    kept: dict[str, Mention] = {}
    for each in found:
        if kept.setdefault(each.id, each) != each:
            raise StoreError(
                f"two mentions of report {each.report_id} have one id, {each.id}; each needs its own"
            )
    return list(kept.values())


def _steps(connection: sa.Connection, ids: Iterable[str]) -> dict[str, str]:
    table = succession.c
    query = sa.select(table.old_id, table.new_id)
    return {
        old: new
        for part in chunks(ids)
        for old, new in connection.execute(query.where(table.old_id.in_(part)))
    }


def lineage(connection: sa.Connection) -> Lineage:
    """Which mentions are current, and the steps that lead to them."""
    ids = connection.execute(current(sa.select(mention.c.id))).scalars()
    steps = connection.execute(sa.select(succession.c.old_id, succession.c.new_id))
    return Lineage(frozenset(ids), {row.old_id: row.new_id for row in steps})


def recorded(connection: sa.Connection, of: Lineage) -> dict[str, Origin]:
    """Moment and id of every mention in the steps."""
    query = sa.select(mention.c.id, mention.c.recorded_at)
    wanted = dict.fromkeys([*of.steps.keys(), *of.steps.values()])
    return {
        key: (at, key)
        for part in chunks(wanted)
        for key, at in connection.execute(query.where(mention.c.id.in_(part)))
    }


# ---- coding again by the same coder ------------------------------------------------------------------------

TURN = "~"
"""Between a coder's name and the number of the time that it codes a report, from the second on: rules@1~2. A coder that comes
back after another must say its mentions anew, since rows are never changed, and the past is told by them."""


def _of_coder(coder: str) -> sa.ColumnElement[bool]:
    first = f"{coder}{TURN}"
    last = f"{coder}{chr(ord(TURN) + 1)}"
    return sa.or_(coded.c.coder == coder, sa.and_(coded.c.coder > first, coded.c.coder < last))


def turns(connection: sa.Connection, report_id: str, coder: str) -> int:
    """How often a coder has coded a report."""
    query = sa.select(sa.func.count()).select_from(coded).where(coded.c.report_id == report_id)
    return connection.execute(query.where(_of_coder(coder))).scalar_one()


def turns_of(connection: sa.Connection, report_ids: Iterable[str], coder: str) -> dict[str, int]:
    """How often a coder has coded each of a few reports; those that it has not are left out."""
    query = sa.select(coded.c.report_id, sa.func.count()).where(
        coded.c.report_id.in_(list(report_ids)), _of_coder(coder)
    )
    return {key: count for key, count in connection.execute(query.group_by(coded.c.report_id))}  # noqa: C416


def coded_last_by(coder: str) -> Query:
    """The ids of the reports whose latest coding is of this coder, whichever turn."""
    other = coded.alias()
    latest = sa.select(sa.func.max(other.c.id)).where(other.c.report_id == coded.c.report_id)
    return sa.select(coded.c.report_id).where(
        _of_coder(coder), coded.c.id == latest.correlate(coded).scalar_subquery()
    )


# ---- coded elsewhere ---------------------------------------------------------------------------------------

BROUGHT = ("person:", *EVENT_SETS)
"""How the names of coders begin whose mentions were imported: no coder of this machine may put its own in their place."""


def is_brought(coder: str) -> bool:
    """Whether a coder's mentions were imported."""
    return coder.startswith(BROUGHT)


def _of_brought(column: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    return sa.or_(*(column.startswith(prefix, autoescape=True) for prefix in BROUGHT))


def brought() -> Query:
    """The ids of the reports whose latest coding was imported."""
    other = coded.alias()
    latest = sa.select(sa.func.max(other.c.id)).where(other.c.report_id == coded.c.report_id)
    return sa.select(coded.c.report_id).where(
        _of_brought(coded.c.coder), coded.c.id == latest.correlate(coded).scalar_subquery()
    )


def last_coder(connection: sa.Connection) -> str | None:
    """Who coded last, imports left out; None where nobody has."""
    query = sa.select(coded.c.coder).where(~_of_brought(coded.c.coder)).order_by(coded.c.id.desc())
    return connection.execute(query.limit(1)).scalar()
