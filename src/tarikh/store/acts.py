"""What people said, as rows to be read: acts with who, when and note, and the mentions and incidents that they concern.

Invariant: nothing is written here; each call sees one state of the database, and none reads all mentions.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from tarikh.errors import UnknownIdError
from tarikh.model import Correction, Decision, Incident, Judgement, Mention, Verdict
from tarikh.store import coding, ends, rows
from tarikh.store import incidents as derived
from tarikh.store.incidents import chunks
from tarikh.store.schema import (
    DEADLY,
    DISPUTED,
    DOUBTFUL,
    KILLED,
    PEOPLE,
    UNLIKE,
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

NOTE = "note"
"""The feature of a judgement's reason that holds what its author wrote beside it."""

_SHORTEST = 6
_ROW = re.compile(r"([jcd])([1-9][0-9]{0,17})")
TABLES: dict[str, tuple[sa.Table, Callable[[sa.RowMapping], Record]]] = {
    "j": (judgement, rows.judgement_of),
    "c": (correction, rows.correction_of),
    "d": (decision, rows.decision_of),
}
"""The table of each letter, and how its rows are read."""


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


class Reading:
    """The rows of people in one database; `opened` gives a connection for the length of one call."""

    def __init__(self, opened: Callable[[], AbstractContextManager[sa.Connection]]) -> None:
        self._reading = opened

    @classmethod
    def within(cls, connection: sa.Connection) -> Reading:
        """What can be read within a transaction."""
        return Reading(lambda: nullcontext(connection))

    # ---- acts --------------------------------------------------------------------------------------------

    def log(self, by: str | None = None, standing: bool = False) -> list[Act]:
        """Rows of people (of one person), newest first; `standing` leaves out those that were withdrawn."""
        with self._reading() as connection:
            return _sorted(connection, [(letter, _author(letter, by)) for letter in TABLES], standing)

    def acts_on(self, mention_ids: Iterable[str], standing: bool = True) -> list[Act]:
        """Rows of people on these mentions, or on mentions that these have taken the place of, newest first; `standing` as in `log`."""
        with self._reading() as connection:
            trail = sorted(_before(connection, mention_ids))
            wanted = [
                (letter, sa.and_(_author(letter, None), _on(letter, part)))
                for part in chunks(trail)
                for letter in TABLES
            ]
            return _sorted(connection, wanted, standing)

    def act(self, name: str) -> Act:
        """The row of this name, also where it was withdrawn. Raises `UnknownIdError` when no person's row is called so."""
        letter, number = parts(name)
        with self._reading() as connection:
            wanted = sa.and_(_author(letter, None), TABLES[letter][0].c.id == number)
            found = _sorted(connection, [(letter, wanted)], standing=False)
        if not found:
            raise UnknownIdError(f"there is no row {name}; see: tarikh review log")
        return found[0]

    # ---- mentions and incidents --------------------------------------------------------------------------

    def lineage(self, mention_ids: Iterable[str] | None = None) -> Lineage:
        """Which mentions are current, and the steps that lead to them; of all, or of what became of these."""
        with self._reading() as connection:
            return coding.lineage(connection) if mention_ids is None else _lineage_of(connection, mention_ids)

    def homes(self, mention_ids: Iterable[str]) -> dict[str, str]:
        """The incident of each mention that is in one."""
        table = incident_member.c
        query = sa.select(table.mention_id, table.incident_id)
        with self._reading() as connection:
            return {
                key: home
                for part in chunks(dict.fromkeys(mention_ids))
                for key, home in connection.execute(query.where(table.mention_id.in_(part)))
            }

    def members(self, incident_ids: Iterable[str]) -> dict[str, list[str]]:
        """The mentions of each of these incidents, the founding one first."""
        with self._reading() as connection:
            return derived.members(connection, incident_ids)

    def incident(self, given: str) -> Incident:
        """The incident of an id that is or was its own, or of its first characters. Raises `UnknownIdError`."""
        with self._reading() as connection:
            return derived.by_id(connection, given)

    def incidents_of(self, ids: Iterable[str]) -> list[Incident]:
        """The incidents of these ids, in their order; of ids that are none now there is none."""
        with self._reading() as connection:
            return derived.of_ids(connection, ids)

    def mention(self, given: str) -> Mention:
        """The current mention that an id, a former id, or its first six or more characters stand for.

        Raises `UnknownIdError` when there is none, more than one, or none any more.
        """
        with self._reading() as connection:
            key = _one_mention(connection, given)
            end = _lineage_of(connection, [key]).head(key)
            if end is None:
                raise UnknownIdError(
                    f"mention {key} is no more: the current coder finds no such event in its report"
                )
            return coding.mentions(connection, sa.select(mention).where(mention.c.id == end))[0]

    # ---- what the machine is not sure of -----------------------------------------------------------------

    def of_rule(
        self, by: str, verdict: Verdict, bounds: tuple[float, float], limit: int, offset: int = 0
    ) -> list[Judgement]:
        """The doubtful judgements of one linker with this verdict and a score from the first bound to the second.

        Those nearest to the first bound come first, so that bounds may fall; ties by the pair.
        """
        score = judgement.c.score
        low, high = sorted(bounds)
        query = sa.select(judgement).where(
            sa.text(DOUBTFUL),
            judgement.c.by == by,
            judgement.c.verdict == verdict,
            score.between(low, high),
        )
        order = score.asc() if bounds[0] <= bounds[1] else score.desc()
        query = query.order_by(order, judgement.c.left, judgement.c.right).limit(limit).offset(offset)
        with self._reading() as connection:
            return [rows.judgement_of(row) for row in connection.execute(query).mappings()]

    def among(self, by: str, verdict: Verdict, mention_ids: Iterable[str]) -> list[Judgement]:
        """The standing judgements of one linker with this verdict, of which both ends are among these mentions; without
        their reasons."""
        wanted, table = set(mention_ids), judgement.c
        columns = (table.left, table.right, table.score, table.by, table.withdrawn_at)
        # Not by the index of authors or verdicts, which would read them all.
        of_verdict = sa.literal_column("+verdict") == verdict
        with self._reading() as connection:
            return [
                Judgement(left, right, verdict, score, by)
                for part in chunks(sorted(wanted))
                for left, right, score, whose, withdrawn_at in connection.execute(
                    sa.select(*columns).where(ends.at_left(part), of_verdict)
                )
                if right in wanted and whose == by and withdrawn_at is None
            ]

    def deadly(
        self, unlike: bool, bounds: tuple[float, int], past: str, limit: int, offset: int = 0
    ) -> list[str]:
        """Ids of unreviewed incidents with so many killed, `bounds` from most to fewest, the deadliest first, ties by id.

        Of those with the most, only those whose ids come after `past`. `unlike`: only those whose tolls may be far apart.
        """
        killed = sa.literal_column(KILLED, sa.Integer)
        conditions: list[sa.ColumnElement[bool] | sa.TextClause] = [sa.text(UNLIKE if unlike else DEADLY)]
        if bounds[1] > 0:
            conditions.append(killed >= bounds[1])
        if bounds[0] != math.inf:
            most = int(bounds[0])
            conditions += [killed <= most, sa.or_(killed < most, incident.c.id > past)]
        query = sa.select(incident.c.id).where(*conditions).order_by(killed.desc(), incident.c.id)
        with self._reading() as connection:
            return list(connection.execute(query.limit(limit).offset(offset)).scalars())

    def disputed(self, past: str, limit: int, offset: int = 0) -> list[tuple[str, list[Mention]]]:
        """Unreviewed incidents after `past`, by id, with those of their mentions of which two coders disagree on a field."""
        waiting = (
            sa.select(incident_member.c.incident_id)
            .join(mention, mention.c.id == incident_member.c.mention_id)
            .join(incident, incident.c.id == incident_member.c.incident_id)
            .where(sa.text(DISPUTED), incident.c.review == "unreviewed", incident.c.id > past)
            .distinct()
            .order_by(incident_member.c.incident_id)
        )
        with self._reading() as connection:
            ids = list(connection.execute(waiting.limit(limit).offset(offset)).scalars())
            told = (
                sa.select(mention, incident_member.c.incident_id.label("home"))
                .join(incident_member, mention.c.id == incident_member.c.mention_id)
                .where(sa.text(DISPUTED), incident_member.c.incident_id.in_(ids))
                .order_by(mention.c.id)
            )
            found: dict[str, list[Mention]] = {key: [] for key in ids}
            for row in connection.execute(told).mappings():
                found[row["home"]].append(rows.mention_of(row))
        return list(found.items())


def parts(name: str) -> tuple[str, int]:
    """Letter and number of a row's name. Raises `UnknownIdError` when it is none."""
    found = _ROW.fullmatch(name)
    if found is None:
        raise UnknownIdError(
            f"there is no row {name!a}; rows look like j12, c3 or d5, see: tarikh review log"
        )
    return found[1], int(found[2])


# ---- queries that several methods share --------------------------------------------------------------------


def _author(letter: str, by: str | None) -> sa.ColumnElement[bool]:
    column = TABLES[letter][0].c.by
    if letter == "j":
        # In these very words, else the index of people's judgements is not used, and those of the rules are read as well.
        return sa.and_(sa.text(PEOPLE)) if by is None else sa.and_(sa.text(PEOPLE), column == by)
    return sa.and_(column >= "user:", column < "user;") if by is None else column == by


def _on(letter: str, ids: Sequence[str]) -> sa.ColumnElement[bool]:
    table = TABLES[letter][0].c
    if letter == "j":
        return sa.or_(table.left.in_(ids), table.right.in_(ids))
    return table.mention_id.in_(ids)


def _sorted(
    connection: sa.Connection,
    wanted: Iterable[tuple[str, sa.ColumnElement[bool]]],
    standing: bool = True,
) -> list[Act]:
    """Rows that meet a condition, newest first, each once; `standing` leaves out those that were withdrawn."""
    found: dict[str, Act] = {}
    for letter, condition in wanted:
        table, read = TABLES[letter]
        query = sa.select(table).where(condition)
        if standing:
            query = query.where(table.c.withdrawn_at.is_(None))
        for row in connection.execute(query).mappings():
            name = f"{letter}{row['id']}"
            found[name] = Act(name, read(row))
    taken = _taken(connection, [act.row for act in found.values() if not act.standing])
    acts = (Act(act.row, act.record, taken.get(act.row)) for act in found.values())
    return sorted(acts, key=lambda act: (act.at, act.row[0], int(act.row[1:])), reverse=True)


def _taken(connection: sa.Connection, names: Iterable[str]) -> dict[str, str]:
    query = sa.select(withdrawal.c.row, withdrawal.c.by)
    return {
        name: by
        for part in chunks(names)
        for name, by in connection.execute(query.where(withdrawal.c.row.in_(part)))
    }


def _before(connection: sa.Connection, ids: Iterable[str]) -> set[str]:
    """These mentions and all that they have taken the place of."""
    found = edge = set(ids)
    while edge:
        query = sa.select(succession.c.old_id)
        old = {
            key
            for part in chunks(edge)
            for key in connection.execute(query.where(succession.c.new_id.in_(part))).scalars()
        }
        edge = old - found
        found = found | edge
    return found


def _lineage_of(connection: sa.Connection, ids: Iterable[str]) -> Lineage:
    """What became of these mentions; the rest of the database is not read."""
    steps: dict[str, str] = {}
    known = edge = set(ids)
    while edge:
        query = sa.select(succession.c.old_id, succession.c.new_id)
        fresh = {
            old: new
            for part in chunks(edge)
            for old, new in connection.execute(query.where(succession.c.old_id.in_(part)))
        }
        steps |= fresh
        edge = set(fresh.values()) - known
        known = known | edge
    current = coding.current(sa.select(mention.c.id))
    return Lineage(
        frozenset(
            key
            for part in chunks(known)
            for key in connection.execute(current.where(mention.c.id.in_(part))).scalars()
        ),
        steps,
    )


def _one_mention(connection: sa.Connection, given: str) -> str:
    if coding.exists(connection, mention.c.id, given):
        return given
    unknown = f"there is no mention {given!a}; tarikh show ID tells the mentions of an incident"
    if len(given) < _SHORTEST or not given.isascii():
        raise UnknownIdError(unknown)
    query = sa.select(mention.c.id).where(mention.c.id >= given, mention.c.id < given + "\U0010ffff")
    found = list(connection.execute(query.order_by(mention.c.id).limit(2)).scalars())
    if not found:
        raise UnknownIdError(unknown)
    if len(found) > 1:
        raise UnknownIdError(f"{given} may be {' or '.join(found)}; write more of the id")
    return str(found[0])
