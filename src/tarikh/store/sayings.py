"""Judgements, corrections and problems: rows that are added, marked as withdrawn, and never changed otherwise.

Invariant: what a person said is found again under the mention that is current now, or among the orphans.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from tarikh.errors import UnknownIdError
from tarikh.model import Correction, Decision, Judgement, Mention, Problem
from tarikh.store import ends, queues, rows
from tarikh.store.incidents import chunks
from tarikh.store.schema import PEOPLE, correction, decision, judgement, linked, mention, problem
from tarikh.store.succession import Lineage, Orphan


def _must_exist(connection: sa.Connection, ids: Iterable[str]) -> None:
    for part in chunks(sorted(set(ids))):
        query = sa.select(mention.c.id).where(mention.c.id.in_(part))
        missing = sorted(set(part) - set(connection.execute(query).scalars()))
        if missing:
            raise UnknownIdError(
                f"there is no mention {missing[0]!a}; add the mention before what is said of it"
            )


# ---- judgements ------------------------------------------------------------------------------------------


def add_judgements(connection: sa.Connection, judgements: Iterable[Judgement], now: datetime) -> int:
    """Inserts those that were not said before; returns their number."""
    given = [replace(j, left=min(j.left, j.right), right=max(j.left, j.right)) for j in judgements]
    _must_exist(connection, (key for each in given for key in (each.left, each.right)))
    known = _said(connection, {each.left for each in given})
    fresh = []
    for each in given:
        said = known.setdefault((each.left, each.right), [])
        if not _is_known(each, said):
            kept = replace(each, at=each.at or now)
            said.append(kept)
            fresh.append(rows.judgement_row(kept))
    if fresh:
        connection.execute(judgement.insert(), ends.placed(connection, fresh))
        queues.add(connection, {row["left"] for row in fresh if not row["by"].startswith("user:")})
    return len(fresh)


def mark_linked(connection: sa.Connection, compared: Iterable[Mention], by: str, now: datetime) -> None:
    """Notes that a linker has compared these mentions with all others."""
    known = sa.select(linked.c.mention_id).where(linked.c.by == by)
    for part in chunks(dict.fromkeys(each.id for each in compared)):
        done = set(connection.execute(known.where(linked.c.mention_id.in_(part))).scalars())
        fresh = [{"mention_id": key, "by": by, "at": now} for key in part if key not in done]
        if fresh:
            connection.execute(linked.insert(), fresh)


def _said(connection: sa.Connection, lefts: Iterable[str]) -> dict[tuple[str, str], list[Judgement]]:
    """What was said of pairs so far, in order of writing."""
    found: dict[tuple[str, str], list[Judgement]] = {}
    for part in chunks(lefts):
        query = sa.select(judgement).where(ends.at_left(part)).order_by(judgement.c.id)
        for row in connection.execute(query).mappings():
            said = rows.judgement_of(row)
            found.setdefault((said.left, said.right), []).append(said)
    return found


def _is_known(given: Judgement, said: list[Judgement]) -> bool:
    """Whether a judgement adds nothing to what was said of its pair.

    A rule says the same whenever it is asked. A person who says anew what was answered since, or withdrawn, means it.
    """
    same = [old for old in said if (old.by, old.verdict, old.score) == (given.by, given.verdict, given.score)]
    if given.at is not None and any(old.at == given.at for old in same):
        return True
    standing = [old for old in said if old.withdrawn_at is None and old.by_person() == given.by_person()]
    if given.by_person():
        return given.at is None and bool(standing) and standing[-1] in same
    return any(old.withdrawn_at is None for old in same)


def judgements(connection: sa.Connection) -> list[Judgement]:
    """All, in order of writing."""
    query = sa.select(judgement).order_by(judgement.c.id)
    return [rows.judgement_of(row) for row in connection.execute(query).mappings()]


def _standing_judgements(connection: sa.Connection, people: bool = False) -> list[Judgement]:
    query = sa.select(judgement).where(judgement.c.withdrawn_at.is_(None)).order_by(judgement.c.id)
    if people:
        query = query.where(sa.text(PEOPLE))
    found = (rows.judgement_of(row) for row in connection.execute(query).mappings())
    return [each for each in found if each.by_person() or not people]


def current_judgements(connection: sa.Connection, lineage: Lineage) -> list[Judgement]:
    """The standing ones on current mentions, people's followed to the successors."""
    heard = (lineage.judgement(each) for each in _standing_judgements(connection))
    return [each for each in heard if isinstance(each, Judgement)]


def withdraw_judgements(
    connection: sa.Connection, lineage: Lineage, pair: set[str], by: str | None, now: datetime
) -> int:
    """Marks the standing ones on a pair, or on mentions that it succeeds."""
    ends = {lineage.head(key) or key for key in pair}
    query = sa.select(judgement).where(judgement.c.withdrawn_at.is_(None))
    query = query.where(sa.text(PEOPLE) if by is None else judgement.c.by == by)
    marked = [
        row["id"]
        for row in connection.execute(query).mappings()
        if {row["left"], row["right"]} == pair
        or {lineage.head(row["left"]) or row["left"], lineage.head(row["right"]) or row["right"]} == ends
    ]
    return _mark(connection, judgement, marked, now)


def _mark(connection: sa.Connection, table: sa.Table, ids: list[int], now: datetime) -> int:
    for part in chunks(ids):
        connection.execute(table.update().where(table.c.id.in_(part)).values(withdrawn_at=now))
    return len(ids)


# ---- corrections -----------------------------------------------------------------------------------------


def add_correction(connection: sa.Connection, given: Correction) -> bool:
    """Inserts a correction unless the very same was said."""
    _must_exist(connection, [given.mention_id])
    row = rows.correction_row(given)
    same = [correction.c[name] == row[name] for name in ("mention_id", "field", "value", "by", "at", "note")]
    if connection.execute(sa.select(correction.c.id).where(*same)).first():
        return False
    connection.execute(correction.insert(), row)
    return True


def corrections(connection: sa.Connection) -> list[Correction]:
    """All, in order of writing."""
    query = sa.select(correction).order_by(correction.c.id)
    return [rows.correction_of(row) for row in connection.execute(query).mappings()]


def decisions(connection: sa.Connection) -> list[Decision]:
    """All, in order of writing."""
    query = sa.select(decision).order_by(decision.c.id)
    return [rows.decision_of(row) for row in connection.execute(query).mappings()]


def _standing_corrections(connection: sa.Connection) -> list[Correction]:
    """Decisions among them: to the fold they are values of the field `review`."""
    said = [*corrections(connection), *(each.heard() for each in decisions(connection))]
    return [each for each in said if each.withdrawn_at is None]


def current_corrections(connection: sa.Connection, lineage: Lineage) -> list[Correction]:
    """The standing ones, decisions as values of `review`, followed to the current mentions."""
    heard = (lineage.correction(each) for each in _standing_corrections(connection))
    return [each for each in heard if isinstance(each, Correction)]


def withdraw_corrections(
    connection: sa.Connection, lineage: Lineage, mention_id: str, field: str, by: str | None, now: datetime
) -> int:
    """Marks the standing ones of a field on a mention, or on those that it succeeds."""
    end = lineage.head(mention_id) or mention_id
    query = sa.select(correction).where(correction.c.withdrawn_at.is_(None), correction.c.field == field)
    if by is not None:
        query = query.where(correction.c.by == by)
    marked = [
        row["id"]
        for row in connection.execute(query).mappings()
        if row["mention_id"] == mention_id or lineage.head(row["mention_id"]) == end
    ]
    return _mark(connection, correction, marked, now)


def orphans(connection: sa.Connection, lineage: Lineage) -> list[Orphan]:
    """People's standing judgements, then corrections, that no current mention bears."""
    heard = [
        *(lineage.judgement(each) for each in _standing_judgements(connection, people=True)),
        *(lineage.correction(each) for each in _standing_corrections(connection)),
    ]
    return [each for each in heard if isinstance(each, Orphan)]


# ---- problems --------------------------------------------------------------------------------------------


def add_problems(connection: sa.Connection, problems: Iterable[Problem], now: datetime) -> int:
    """Inserts problems; one of a line or a report only once. Returns how many were inserted."""
    added = 0
    for each in problems:
        row = rows.problem_row(replace(each, at=each.at or now))
        same = [
            problem.c[name].is_not_distinct_from(row[name])
            for name in ("origin", "line", "report_id", "stage", "reason")
        ]
        of_document = each.line is not None or each.report_id is not None
        if of_document and connection.execute(sa.select(problem.c.id).where(*same)).first():
            continue
        connection.execute(problem.insert(), row)
        added += 1
    return added
