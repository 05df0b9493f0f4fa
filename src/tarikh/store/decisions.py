"""What people did, as rows: judgements, corrections and decisions with who, when and note, and their withdrawal.

Invariant: a row is added or marked as withdrawn, never changed; who withdrew it is a row as well. One act is what
one person said at one moment; a row is named by letter and number: j12, c3, d5.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from tarikh.errors import UnknownIdError
from tarikh.model import Correction, Decision, Judgement, Mention, Reason, Verdict
from tarikh.store import coding, rows, sayings
from tarikh.store.incidents import chunks
from tarikh.store.opening import Database
from tarikh.store.schema import (
    correction,
    decision,
    incident,
    incident_member,
    judgement,
    mention,
    succession,
    withdrawal,
)
from tarikh.store.succession import Lineage

Record = Judgement | Correction | Decision
Change = Callable[[sa.Connection], None]

NOTE = "note"
"""The feature of a judgement's reason that holds what its author wrote beside it."""

_SHORTEST = 6
_ROW = re.compile(r"([jcd])([1-9][0-9]{0,17})")
_TABLES: dict[str, tuple[sa.Table, Callable[[sa.RowMapping], Record]]] = {
    "j": (judgement, rows.judgement_of),
    "c": (correction, rows.correction_of),
    "d": (decision, rows.decision_of),
}


@dataclass(frozen=True, slots=True)
class Act:
    """One row of a person. `row` names it; `withdrawn_by` is who took it back, None where nobody did."""

    row: str
    record: Record
    withdrawn_by: str | None = None

    @property
    def by(self) -> str:
        """Who said it, as `user:NAME`."""
        return self.record.by

    @property
    def at(self) -> datetime:
        """When it was said."""
        assert self.record.at is not None, "the store sets the moment of every row"
        return self.record.at

    @property
    def standing(self) -> bool:
        """Whether it was not withdrawn."""
        return self.record.withdrawn_at is None

    @property
    def note(self) -> str:
        """What its author wrote beside it."""
        if isinstance(self.record, Judgement):
            return next((reason.value for reason in self.record.reasons if reason.feature == NOTE), "")
        return self.record.note

    @property
    def mentions(self) -> tuple[str, ...]:
        """The ids of the mentions that it was said of."""
        if isinstance(self.record, Judgement):
            return self.record.left, self.record.right
        return (self.record.mention_id,)


class Acts:
    """The rows of people in one database; `changed` notes that the fold's rows are others now."""

    def __init__(self, database: Database, changed: Change) -> None:
        self._database, self._changed = database, changed

    # ---- reading -----------------------------------------------------------------------------------------

    def log(self, by: str | None = None, standing: bool = False) -> list[Act]:
        """Rows of people (of one person), newest first; `standing` leaves out those that were withdrawn."""
        with self._database.read() as connection:
            taken = {
                row.row: row.by for row in connection.execute(sa.select(withdrawal.c.row, withdrawal.c.by))
            }
            found = [act for letter in _TABLES for act in _acts(connection, letter, by, standing, taken)]
        return sorted(found, key=lambda act: (act.at, act.row[0], int(act.row[1:])), reverse=True)

    def decisions(self) -> list[Decision]:
        """All decisions as they were made, also withdrawn ones, in order of writing."""
        with self._database.read() as connection:
            return sayings.decisions(connection)

    def lineage(self) -> Lineage:
        """Which mentions are current, and the steps that lead to them."""
        with self._database.read() as connection:
            return coding.lineage(connection)

    def homes(self, mention_ids: Iterable[str]) -> dict[str, str]:
        """The incident of each mention that is in one."""
        table = incident_member.c
        query = sa.select(table.mention_id, table.incident_id)
        with self._database.read() as connection:
            return {
                key: home
                for part in chunks(dict.fromkeys(mention_ids))
                for key, home in connection.execute(query.where(table.mention_id.in_(part)))
            }

    def mention(self, given: str) -> Mention:
        """The current mention that an id, a former id, or its first six or more characters stand for.

        Raises `UnknownIdError` when there is none, more than one, or none any more.
        """
        with self._database.read() as connection:
            key = _one_mention(connection, given)
            while not _is_current(connection, key):
                step = connection.execute(
                    sa.select(succession.c.new_id).where(succession.c.old_id == key)
                ).scalar()
                if step is None:
                    raise UnknownIdError(
                        f"mention {key} is no more: the current coder finds no such event in its report"
                    )
                key = step
            return coding.mentions(connection, sa.select(mention).where(mention.c.id == key))[0]

    def of_rule(self, by: str, verdict: Verdict, limit: int, weakest: bool = False) -> list[Judgement]:
        """The standing judgements of one linker with this verdict, best score first (`weakest`: last first)."""
        order = judgement.c.score.asc() if weakest else judgement.c.score.desc()
        query = sa.select(judgement).where(
            judgement.c.by == by, judgement.c.verdict == verdict, judgement.c.withdrawn_at.is_(None)
        )
        query = query.order_by(order, judgement.c.left, judgement.c.right).limit(limit)
        with self._database.read() as connection:
            return [rows.judgement_of(row) for row in connection.execute(query).mappings()]

    def unlike_tolls(self, limit: int) -> list[str]:
        """Ids of unreviewed incidents whose dead are told from low to high, the widest span first."""
        table = incident.c
        span = table.killed_high - table.killed_low
        query = sa.select(table.id).where(table.review == "unreviewed", span > 0)
        with self._database.read() as connection:
            return list(connection.execute(query.order_by(span.desc(), table.id).limit(limit)).scalars())

    # ---- saying ------------------------------------------------------------------------------------------

    def judge(self, pairs: Iterable[tuple[str, str]], verdict: Verdict, by: str, note: str = "") -> list[Act]:
        """Adds a person's judgement on each pair of mentions; leaves out what the person's last word on it says already."""
        with self._database.write() as connection:
            now = self._database.now()
            reasons = (Reason(NOTE, note, 0.0),) if note else ()
            fresh: list[Act] = []
            for left, right in dict.fromkeys((min(pair), max(pair)) for pair in pairs):
                query = _standing(judgement, by).where(judgement.c.left == left, judgement.c.right == right)
                last = connection.execute(query).mappings().first()
                if last is None or last["verdict"] != verdict:
                    said = Judgement(left, right, verdict, 1.0, by, reasons, now)
                    fresh.append(_insert(connection, "j", said, rows.judgement_row(said)))
            if fresh:
                self._changed(connection)
        return fresh

    def correct(self, mention_id: str, field: str, value: Any, by: str, note: str = "") -> list[Act]:
        """Adds a person's value of a field; nothing where it is the person's last word already."""
        with self._database.write() as connection:
            said = Correction(mention_id, field, value, by, self._database.now(), note)
            row = rows.correction_row(said)
            query = _standing(correction, by).where(
                correction.c.mention_id == mention_id, correction.c.field == field
            )
            last = connection.execute(query).mappings().first()
            if last is not None and last["value"] == row["value"]:
                return []
            self._changed(connection)
            return [_insert(connection, "c", said, row)]

    def decide(
        self, seen: Sequence[str], verdict: Literal["accepted", "rejected"], by: str, note: str = ""
    ) -> list[Act]:
        """Adds a person's decision on an incident with these members, the founding one first.

        Nothing where the person's last word on it was the same with all of them in sight.
        """
        with self._database.write() as connection:
            said = Decision(seen[0], verdict, by, self._database.now(), note, seen=tuple(sorted(seen)))
            query = _standing(decision, by).where(decision.c.mention_id == said.mention_id)
            last = connection.execute(query).mappings().first()
            if last is not None and last["verdict"] == verdict and set(seen) <= set(last["seen"]):
                return []
            self._changed(connection)
            return [_insert(connection, "d", said, rows.decision_row(said))]

    def withdraw(self, names: Sequence[str], by: str, note: str = "") -> int:
        """Marks rows as withdrawn by somebody; returns how many were standing until now."""
        with self._database.write() as connection:
            now, count = self._database.now(), 0
            for name in names:
                letter, number = parts(name)
                table = _TABLES[letter][0]
                of_row = sa.and_(table.c.id == number, table.c.withdrawn_at.is_(None))
                if connection.execute(table.update().where(of_row).values(withdrawn_at=now)).rowcount:
                    count += 1
                    connection.execute(withdrawal.insert(), {"row": name, "by": by, "at": now, "note": note})
            if count:
                self._changed(connection)
        return count


def parts(name: str) -> tuple[str, int]:
    """Letter and number of a row's name. Raises `UnknownIdError` when it is none."""
    found = _ROW.fullmatch(name)
    if found is None:
        raise UnknownIdError(
            f"there is no row {name!a}; rows look like j12, c3 or d5, see: tarikh review log"
        )
    return found[1], int(found[2])


def _acts(
    connection: sa.Connection, letter: str, by: str | None, standing: bool, taken: dict[str, str]
) -> Iterable[Act]:
    table, read = _TABLES[letter]
    query = sa.select(table).where(table.c.by.startswith("user:") if by is None else table.c.by == by)
    if standing:
        query = query.where(table.c.withdrawn_at.is_(None))
    for row in connection.execute(query.order_by(table.c.id)).mappings():
        name = f"{letter}{row['id']}"
        yield Act(name, read(row), taken.get(name))


def _standing(table: sa.Table, by: str) -> sa.Select[Any]:
    query = sa.select(table).where(table.c.by == by, table.c.withdrawn_at.is_(None))
    return query.order_by(table.c.at.desc(), table.c.id.desc()).limit(1)


def _insert(connection: sa.Connection, letter: str, said: Record, row: dict[str, Any]) -> Act:
    key = connection.execute(_TABLES[letter][0].insert().values(row)).inserted_primary_key
    assert key is not None
    return Act(f"{letter}{key[0]}", said)


def _one_mention(connection: sa.Connection, given: str) -> str:
    if coding.exists(connection, mention.c.id, given):
        return given
    if len(given) < _SHORTEST or not given.isascii():
        raise UnknownIdError(
            f"there is no mention {given!a}; tarikh show ID tells the mentions of an incident"
        )
    query = sa.select(mention.c.id).where(mention.c.id >= given, mention.c.id < given + "\U0010ffff")
    found = list(connection.execute(query.order_by(mention.c.id).limit(2)).scalars())
    if not found:
        raise UnknownIdError(
            f"there is no mention {given!a}; tarikh show ID tells the mentions of an incident"
        )
    if len(found) > 1:
        raise UnknownIdError(f"{given} may be {' or '.join(found)}; write more of the id")
    return str(found[0])


def _is_current(connection: sa.Connection, key: str) -> bool:
    query = coding.current(sa.select(mention.c.id)).where(mention.c.id == key)
    return connection.execute(query).first() is not None
