"""What people do, as rows: judgements, corrections and decisions with who, when and note, and their withdrawal.

Invariant: a row is added or marked as withdrawn, never changed; who withdrew it is a row as well. One act is what
one person said at one moment; a row is named by letter and number: j12, c3, d5.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from tarikh.model import Correction, Decision, Judgement, Reason, Verdict
from tarikh.store import ends, rows, seen
from tarikh.store import incidents as derived
from tarikh.store.acts import NOTE, TABLES, Act, Reading, Record, parts
from tarikh.store.opening import Clock, Database
from tarikh.store.schema import correction, decision, judgement, withdrawal

Change = Callable[[sa.Connection], None]


class Saying(Reading):
    """What a person says within one transaction, which sees what it wrote; all of it bears one moment.

    `changed` notes that the fold's rows are others now. Made by `Store.acting`.
    """

    def __init__(self, connection: sa.Connection, clock: Clock, changed: Change) -> None:
        super().__init__(lambda: nullcontext(connection))
        self._connection, self._clock, self._changed = connection, clock, changed
        self._at: datetime | None = None

    @property
    def at(self) -> datetime:
        """The moment of all that is said here."""
        if self._at is None:
            self._at = self._clock()
        return self._at

    def judge(self, pairs: Iterable[tuple[str, str]], verdict: Verdict, by: str, note: str = "") -> list[Act]:
        """Adds a person's judgement on each pair of mentions; leaves out what the person's last word on it says already."""
        reasons = (Reason(NOTE, note, 0.0),) if note else ()
        fresh: list[Act] = []
        for left, right in dict.fromkeys((min(pair), max(pair)) for pair in pairs):
            query = _standing(judgement, by).where(ends.at_left([left]), judgement.c.right == right)
            last = self._connection.execute(query).mappings().first()
            if last is None or last["verdict"] != verdict:
                said = Judgement(left, right, verdict, 1.0, by, reasons, self.at)
                fresh.append(self._insert("j", said, rows.judgement_row(said)))
        return fresh

    def correct(self, mention_id: str, field: str, value: Any, by: str, note: str = "") -> list[Act]:
        """Adds a person's value of a field; nothing where it is the person's last word already."""
        said = Correction(mention_id, field, value, by, self.at, note)
        row = rows.correction_row(said)
        query = _standing(correction, by).where(
            correction.c.mention_id == mention_id, correction.c.field == field
        )
        last = self._connection.execute(query).mappings().first()
        if last is not None and last["value"] == row["value"]:
            return []
        return [self._insert("c", said, row)]

    def decide(
        self, seen: Sequence[str], verdict: Literal["accepted", "rejected"], by: str, note: str = ""
    ) -> list[Act]:
        """Adds a person's decision on an incident with these members, the founding one first.

        Nothing where the person's last word on it was the same with all of them in sight.
        """
        said = Decision(seen[0], verdict, by, self.at, note, seen=tuple(sorted(seen)))
        query = _standing(decision, by).where(decision.c.mention_id == said.mention_id)
        last = self._connection.execute(query).mappings().first()
        if last is not None and last["verdict"] == verdict and set(seen) <= set(last["seen"]):
            return []
        return [self._insert("d", said, rows.decision_row(said))]

    def withdraw(self, names: Sequence[str], by: str, note: str = "") -> int:
        """Marks rows as withdrawn by somebody; returns how many were standing until now."""
        count = 0
        for name in names:
            letter, number = parts(name)
            table = TABLES[letter][0]
            of_row = sa.and_(table.c.id == number, table.c.withdrawn_at.is_(None))
            marked = self._connection.execute(table.update().where(of_row).values(withdrawn_at=self.at))
            if marked.rowcount:
                count += 1
                line = {"row": name, "by": by, "at": self.at, "note": note}
                self._connection.execute(withdrawal.insert(), line)
        if count:
            self._changed(self._connection)
        return count

    def since(self, version: seen.Version) -> seen.Since | None:
        """What has come since an incident was seen in this version; None where it is the same still."""
        return seen.since(self._connection, version)

    def _insert(self, letter: str, said: Record, row: dict[str, Any]) -> Act:
        if letter == "j":
            (row,) = ends.placed(self._connection, [row])
        key = self._connection.execute(TABLES[letter][0].insert().values(row)).inserted_primary_key
        assert key is not None
        self._changed(self._connection)
        return Act(f"{letter}{key[0]}", said)


class Acts(Reading):
    """The rows of people in one database; each call is a transaction of its own, and what is said is not folded yet."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.read)

    def version(self, given: str) -> str:
        """The version in which an incident stands now, for `Saying.since`. Raises `UnknownIdError`.

        Ask for it before the incident is read: then it is never newer than what was seen.
        """
        with self._reading() as connection:
            return str(seen.current(connection, derived.id_of(connection, given)))

    def since(self, version: seen.Version) -> seen.Since | None:
        """As `Saying.since`, outside of an act: for a page that stays open."""
        with self._reading() as connection:
            return seen.since(connection, version)


def _standing(table: sa.Table, by: str) -> sa.Select[Any]:
    query = sa.select(table).where(table.c.by == by, table.c.withdrawn_at.is_(None))
    return query.order_by(table.c.at.desc(), table.c.id.desc()).limit(1)
