"""The rows as they stood at an earlier moment: what was recorded by then and not withdrawn by then.

Invariant: reads only; `basis(then)` is what `Store.basis` gave at that moment, whatever was added since. Words of a
report that was forgotten are gone from its rows, so no past has them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from tarikh.model import Correction, Judgement, Mention, SourceRole
from tarikh.store import coding, digests, ends, rows, source_roles
from tarikh.store.basis import Part
from tarikh.store.digests import FORMAT
from tarikh.store.incidents import chunks
from tarikh.store.opening import Database
from tarikh.store.schema import (
    coded,
    correction,
    decision,
    judgement,
    mention,
    public_id,
    report,
    succession,
    tombstone,
)
from tarikh.store.succession import Lineage, origins

Said = TypeVar("Said", Judgement, Correction)
Query = sa.Select[Any]


@dataclass(frozen=True, slots=True)
class Led:
    """A public id, where it led (itself while it lived, None nowhere), and its founding mention."""

    shown_id: str
    leads_to: str | None
    founder: str


@dataclass(frozen=True, slots=True)
class Coding:
    """A report that was coded: `previous` is the version that it replaces, `anew` whether it was coded before."""

    report_id: str
    previous: str | None
    source: str | None
    published: Any
    coder: str
    at: datetime
    anew: bool


@dataclass(frozen=True, slots=True)
class Happened:
    """The rows that came or were withdrawn after one moment and up to another; `touched` are their mentions."""

    codings: list[Coding]
    judgements: list[Judgement]
    corrections: list[Correction]
    touched: frozenset[str]
    roles: list[SourceRole]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A report whose words were erased on purpose: why, by whom, when; and since when they are back, by whom, if ever."""

    report_id: str
    reason: str
    by: str
    at: datetime
    lifted_at: datetime | None = None
    lifted_by: str | None = None

    def stood(self, then: datetime) -> bool:
        """Whether the report was forgotten at a moment."""
        return self.at <= then and (self.lifted_at is None or self.lifted_at > then)


class Past:
    """The earlier states of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def now(self) -> datetime:
        """A moment up to which all rows are on the disk: nobody else writes while the clock is read."""
        with self._database.write():
            return self._database.now()

    def first(self) -> datetime | None:
        """When the first report came in; None of an empty database."""
        with self._database.read() as connection:
            return connection.execute(sa.select(sa.func.min(report.c.recorded_at))).scalar()

    def forgotten(self) -> list[Forgotten]:
        """All that was ever forgotten, also what was added again since, in order of forgetting."""
        table = tombstone.c
        query = sa.select(
            table.report_id, table.reason, table.by, table.at, table.lifted_at, table.lifted_by
        ).order_by(table.id)
        with self._database.read() as connection:
            return [Forgotten(*row) for row in connection.execute(query)]

    def digests(self, then: datetime, form: int = FORMAT) -> Iterator[digests.RowDigest]:
        """The checksums of all rows that were there at a moment, by table and key, as a format of snapshots has them."""
        return digests.digests(self._database, then, form)

    def counts(self, then: datetime, form: int = FORMAT) -> dict[str, int]:
        """How many rows of each append-only table were there at a moment."""
        return digests.counts(self._database, then, form)

    def coders(self, then: datetime) -> dict[str, int]:
        """How many reports were coded at a moment, by the coder that was current for them."""
        later = coded.alias()
        newer = sa.exists().where(
            later.c.report_id == coded.c.report_id, later.c.id > coded.c.id, later.c.at <= then
        )
        query = sa.select(coded.c.coder, sa.func.count()).where(coded.c.at <= then, ~newer)
        with self._database.read() as connection:
            found = connection.execute(query.group_by(coded.c.coder).order_by(coded.c.coder))
            return {row[0]: row[1] for row in found}

    def basis(
        self, then: datetime, around: Collection[str] | None = None, ids: Iterable[str] | None = None
    ) -> Part:
        """What incidents were folded from at a moment. `around`: of these mentions only (see `neighbors`).

        `ids`: of the public ids shown by then only these are looked for.
        """
        with self._database.read() as connection:
            lineage = _lineage(connection, then, around)
            found = _mentions(connection, lineage.current)
            said = map(lineage.judgement, _judgements(connection, then, around))
            heard = [each for each in said if isinstance(each, Judgement)]
            hung = map(lineage.correction, _corrections(connection, then, around))
            corrections = [each for each in hung if isinstance(each, Correction)]
            first = origins(lineage, coding.recorded(connection, lineage))
            shown = sa.select(public_id.c.shown_id).where(public_id.c.at <= then).distinct()
            wanted = None if ids is None else dict.fromkeys(ids)
            previous = frozenset(row[0] for row in _each(connection, shown, public_id.c.shown_id, wanted))
            roles = source_roles.standing(connection, then)
        return Part(found, heard, corrections, first, previous, lineage, roles=roles)

    def roles(self, then: datetime) -> dict[str, str]:
        """What people said by a moment that sources are."""
        with self._database.read() as connection:
            return source_roles.standing(connection, then)

    def neighbors(self, seeds: Iterable[str], then: datetime) -> frozenset[str]:
        """The mentions that could be one incident with these by `then`: along every "same", whoever said it and
        whether it was withdrawn, and from coding to coding. The rest of the chronicle cannot touch their incidents."""
        found: set[str] = set()
        edge = set(seeds)
        with self._database.read() as connection:
            while edge:
                found |= edge
                edge = _beside(connection, edge, then) - found
        return frozenset(found)

    def ids(self, then: datetime) -> list[str]:
        """The ids of all mentions that were recorded by then."""
        with self._database.read() as connection:
            query = sa.select(mention.c.id).where(mention.c.recorded_at <= then)
            return list(connection.execute(query).scalars())

    def led(self, then: datetime, ids: Iterable[str] | None = None, prefix: str = "") -> list[Led]:
        """Where public ids led at that moment, in order of id: these, or those that begin so, or all."""
        table = public_id.c
        latest = sa.select(sa.func.max(table.id)).where(table.at <= then).group_by(table.shown_id)
        if prefix:
            latest = latest.where(table.shown_id >= prefix, table.shown_id < prefix + "\U0010ffff")
        parts: Iterable[Query] = [latest]
        if ids is not None:
            parts = [latest.where(table.shown_id.in_(part)) for part in chunks(dict.fromkeys(ids))]
        query = sa.select(table.shown_id, table.leads_to, table.founder)
        with self._database.read() as connection:
            found = [
                Led(*row) for part in parts for row in connection.execute(query.where(table.id.in_(part)))
            ]
        return sorted(found, key=lambda each: each.shown_id)

    def happened(self, since: datetime, until: datetime) -> Happened:
        """The rows of an interval: after `since`, up to and with `until`."""
        with self._database.read() as connection:
            codings = _codings(connection, since, until)
            judgements = [
                rows.judgement_of(row)
                for row in _between(connection, judgement, judgement.c.id, since, until)
            ]
            corrections = [
                rows.correction_of(row)
                for row in _between(connection, correction, correction.c.id, since, until)
            ]
            corrections += [
                rows.decision_of(row).heard()
                for row in _between(connection, decision, decision.c.id, since, until)
            ]
            reports = {c.report_id for c in codings} | {c.previous for c in codings if c.previous}
            touched = {key for j in judgements for key in (j.left, j.right)}
            touched |= {c.mention_id for c in corrections}
            for part in chunks(reports):
                query = sa.select(mention.c.id).where(mention.c.report_id.in_(part))
                touched.update(connection.execute(query.where(mention.c.recorded_at <= until)).scalars())
            roles = source_roles.between(connection, since, until)
            touched |= source_roles.mentions_of(connection, (said.source for said in roles), until)
        return Happened(codings, judgements, corrections, frozenset(touched), roles)


# ---- what stood then -------------------------------------------------------------------------------------


def current(query: Query, then: datetime) -> Query:
    """Of a query on mentions, those that were current at a moment: as `coding.current`, of the codings by then.

    Asked of each mention by itself, so that a few of a million cost little.
    """
    later, newer, its = coded.alias(), report.alias(), coded.alias()
    coded_later = sa.exists().where(
        later.c.report_id == coded.c.report_id, later.c.id > coded.c.id, later.c.at <= then
    )
    replaced = sa.exists().where(
        newer.c.previous == mention.c.report_id, its.c.report_id == newer.c.id, its.c.at <= then
    )
    both = sa.and_(coded.c.report_id == mention.c.report_id, coded.c.coder == mention.c.coder)
    return query.join(coded, both).where(coded.c.at <= then, ~coded_later, ~replaced)


def _lineage(connection: sa.Connection, then: datetime, around: Collection[str] | None) -> Lineage:
    ids = _each(connection, current(sa.select(mention.c.id), then), mention.c.id, around)
    steps = sa.select(succession.c.old_id, succession.c.new_id)
    # A step has no moment of its own: it came with its new mention.
    steps = steps.join(mention, mention.c.id == succession.c.new_id).where(mention.c.recorded_at <= then)
    taken = _each(connection, steps, succession.c.old_id, around)
    return Lineage(frozenset(row[0] for row in ids), {row[0]: row[1] for row in taken})


def _each(
    connection: sa.Connection, query: Query, column: sa.Column[Any], around: Iterable[str] | None
) -> list[Any]:
    """The rows of a query, of these ids only where some are given."""
    if around is None:
        return list(connection.execute(query))
    return [row for part in chunks(around) for row in connection.execute(query.where(column.in_(part)))]


def _mentions(connection: sa.Connection, ids: Iterable[str]) -> list[Mention]:
    return [
        rows.mention_of(row)
        for part in chunks(ids)
        for row in connection.execute(sa.select(mention).where(mention.c.id.in_(part))).mappings()
    ]


def _standing(table: sa.Table, then: datetime) -> Query:
    gone = sa.or_(table.c.withdrawn_at.is_(None), table.c.withdrawn_at > then)
    return sa.select(table).where(table.c.at <= then, gone)


def _as_then(said: Said) -> Said:
    """What was withdrawn later stood then."""
    return said if said.withdrawn_at is None else replace(said, withdrawn_at=None)


def _judgements(connection: sa.Connection, then: datetime, around: Collection[str] | None) -> list[Judgement]:
    query = _standing(judgement, then)
    if around is None:
        found = {row["id"]: row for row in connection.execute(query).mappings()}
    else:
        found = {
            row["id"]: row
            for part in chunks(around)
            for row in connection.execute(query.where(ends.at_left(part))).mappings()
            if row["right"] in around
        }
    return [_as_then(rows.judgement_of(found[key])) for key in sorted(found)]


def _corrections(
    connection: sa.Connection, then: datetime, around: Collection[str] | None
) -> list[Correction]:
    query = _standing(correction, then).order_by(correction.c.id)
    parts: Iterable[Query] = [query]
    if around is not None:
        parts = [query.where(correction.c.mention_id.in_(part)) for part in chunks(around)]
    said = [rows.correction_of(row) for part in parts for row in connection.execute(part).mappings()]
    return [_as_then(each) for each in (*said, *_decisions(connection, then, around))]


def _decisions(
    connection: sa.Connection, then: datetime, around: Collection[str] | None
) -> Iterator[Correction]:
    """What people decided by then, as the fold hears it: a value of `review`."""
    query = _standing(decision, then).order_by(decision.c.id)
    parts: Iterable[Query] = [query]
    if around is not None:
        parts = [query.where(decision.c.mention_id.in_(part)) for part in chunks(around)]
    for part in parts:
        yield from (rows.decision_of(row).heard() for row in connection.execute(part).mappings())


def _beside(connection: sa.Connection, edge: Iterable[str], then: datetime) -> set[str]:
    """The mentions one step away."""
    same = sa.and_(judgement.c.verdict == "same", judgement.c.at <= then)
    found: set[str] = set()
    for part in chunks(edge):
        for near, far in (
            (ends.at_left(part), judgement.c.right),
            (ends.at_right(part), judgement.c.left),
        ):
            found.update(connection.execute(sa.select(far).where(near, same)).scalars())
        for near, far in (
            (succession.c.old_id, succession.c.new_id),
            (succession.c.new_id, succession.c.old_id),
        ):
            found.update(connection.execute(sa.select(far).where(near.in_(part))).scalars())
    return found


# ---- what happened between -------------------------------------------------------------------------------


def _between(
    connection: sa.Connection, table: sa.Table, key: sa.Column[int], since: datetime, until: datetime
) -> Sequence[sa.RowMapping]:
    came = sa.and_(table.c.at > since, table.c.at <= until)
    went = sa.and_(table.c.withdrawn_at > since, table.c.withdrawn_at <= until)
    query = sa.select(table).where(sa.or_(came, went)).order_by(key)
    return connection.execute(query).mappings().all()


def _codings(connection: sa.Connection, since: datetime, until: datetime) -> list[Coding]:
    earlier = coded.alias()
    anew = sa.exists().where(earlier.c.report_id == coded.c.report_id, earlier.c.id < coded.c.id)
    query = (
        sa.select(
            coded.c.report_id,
            report.c.previous,
            report.c.source,
            report.c.published,
            coded.c.coder,
            coded.c.at,
            anew.label("anew"),
        )
        .join(report, report.c.id == coded.c.report_id)
        .where(coded.c.at > since, coded.c.at <= until)
        .order_by(coded.c.id)
    )
    return [Coding(**dict(row)) for row in connection.execute(query).mappings()]
