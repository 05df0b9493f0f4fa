"""The one exception to append-only, for harm: a report's words are erased, a tombstone stays.

Invariant: what is erased is erased in every version of the report, in the mentions of every coder, in the reasons of
rules, in problems and in the derived incidents, in one transaction; coded fields stay, and so do people's rows, and
of which kept reports its text was a copy, by their ids: so that it never becomes a source of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tarikh.errors import StoreError, UnknownIdError
from tarikh.model import Mention, Report
from tarikh.store import ends, listing, queues, rows, sqlite_search, tellings
from tarikh.store.incidents import chunks
from tarikh.store.likeness import Copy, Likeness, copies, kept
from tarikh.store.opening import Clock, Database
from tarikh.store.schema import (
    fingerprint,
    incident,
    incident_member,
    judgement,
    mention,
    problem,
    report,
    tombstone,
)

Change = Callable[[sa.Connection], None]

ERASED = "(forgotten)"
"""What stands in the place of a problem's reason that may quote a forgotten report."""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of a report: who had it forgotten, when and why."""

    report_id: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What `forget` did: the reports (all versions), their mentions, how many problems lost their words.

    `already` is the older tombstone where there was nothing left to erase; `copies` are the reports that are kept
    still and are copies of a forgotten one.
    """

    reports: tuple[str, ...]
    mentions: int
    problems: int
    already: Tombstone | None = None
    copies: tuple[Copy, ...] = ()


class Forgetting:
    """Erasing reports in one database, and knowing them again."""

    def __init__(self, database: Database, changed: Change) -> None:
        self._database, self._changed = database, changed

    def tombstones(self) -> list[Tombstone]:
        """Of all reports that are forgotten now, in order of forgetting."""
        with self._database.read() as connection:
            query = sa.select(tombstone).where(tombstone.c.lifted_at.is_(None)).order_by(tombstone.c.id)
            return [_tombstone(row) for row in connection.execute(query).mappings()]

    def of(self, given: Report) -> Tombstone | None:
        """The tombstone of this very report, or of one of the same source and address; None without one."""
        hashed = address(given)
        same = [tombstone.c.report_id == given.id]
        same += [tombstone.c.address == hashed] if hashed is not None else []
        query = sa.select(tombstone).where(tombstone.c.lifted_at.is_(None), sa.or_(*same))
        with self._database.read() as connection:
            itself = tombstone.c.report_id == given.id
            row = connection.execute(query.order_by(itself.desc(), tombstone.c.id.desc())).mappings().first()
        return None if row is None else _tombstone(row)

    def forget(
        self, given: str, reason: str, by: str, likeness: Likeness, with_copies: bool = False
    ) -> Forgotten:
        """Erases a report (by its id, or the id its file gave it) with all its versions; `with_copies` also the kept
        reports that are copies of one of these, by `likeness`.

        Raises `UnknownIdError` when there is no such report.
        """
        with self._database.write() as connection:
            # Freed space is filled with zeros as it is freed, in case the file cannot be rebuilt below.
            connection.exec_driver_sql("PRAGMA secure_delete = ON")
            done = self._forget(connection, _known(connection, given), reason, by, likeness)
            for each in done.copies if with_copies else ():
                if each.report_id not in done.reports:  # a version of one that is done is done with it
                    done = _both(done, self._forget(connection, each.report_id, reason, by, likeness))
            left = kept(connection, [each.report_id for each in done.copies])
            sqlite_search.purge(connection)
            self._changed(connection)
        return replace(done, copies=left)

    def _forget(
        self, connection: sa.Connection, given: str, reason: str, by: str, likeness: Likeness
    ) -> Forgotten:
        found = _versions(connection, given)
        ids = [row["id"] for row in found]
        done = _already(connection, ids)
        # Before anything is erased: afterwards nothing can say whose copy it was.
        alike = _erase_prints(connection, found, likeness, self._database.now)
        if done is None:
            now = self._database.now()
            told = [{"report_id": r["id"], "reason": reason, "by": by, "at": now} for r in found]
            marks = [{"address": address(rows.report_of(r))} for r in found]
            connection.execute(tombstone.insert(), [a | b for a, b in zip(told, marks, strict=True)])
        problems = _erase_problems(connection, found)
        _erase_reports(connection, ids)
        mentions = _erase_mentions(connection, ids, likeness)
        _erase_derived(connection, mentions)
        # Blocks are made of names as well: they are filed anew without them.
        queues.anew(connection, mentions)
        return Forgotten(tuple(ids), len(mentions), problems, done, kept(connection, alike))

    def overwrite(self) -> bool:
        """Rebuilds the file without the space that was freed, and empties the log; False where others are using it.

        SQLite can do no more: copies, backups, and blocks that the disk itself has put aside are out of its reach.
        """
        try:
            return self._database.rebuild()
        except StoreError:
            return False

    def remember(self, given: Report, mentions: Sequence[Mention], by: str) -> bool:
        """Lifts a report's tombstone: it and its mentions of this coder get their words back; False without one."""
        with self._database.write() as connection:
            now = self._database.now()
            of_report = sa.and_(tombstone.c.report_id == given.id, tombstone.c.lifted_at.is_(None))
            lifted = tombstone.update().where(of_report)
            count = connection.execute(lifted.values(lifted_at=now, lifted_by=by)).rowcount
            if not count:
                return False
            values = rows.report_row(given)
            connection.execute(report.update().where(report.c.id == given.id).values(values))
            for each in mentions:
                row = rows.mention_row(each)
                words = {name: row[name] for name in (*_WORDS, "details", "date_basis")}
                connection.execute(mention.update().where(mention.c.id == each.id).values(words))
            queues.anew(connection, [each.id for each in mentions])
            self._changed(connection)
        return True


def _both(one: Forgotten, two: Forgotten) -> Forgotten:
    return replace(
        one,
        reports=(*one.reports, *two.reports),
        mentions=one.mentions + two.mentions,
        problems=one.problems + two.problems,
        copies=(*one.copies, *two.copies),
    )


def is_forgotten(connection: sa.Connection, report_id: str) -> bool:
    """Whether a report has a tombstone that stands."""
    query = sa.select(tombstone.c.id).where(
        tombstone.c.report_id == report_id, tombstone.c.lifted_at.is_(None)
    )
    return connection.execute(query.limit(1)).first() is not None


def address(given: Report) -> str | None:
    """By which a later version of a forgotten report is known: a hash of source and address; None without one."""
    if given.url is None:
        return None
    told = f"{given.source or ''}\x1f{given.url}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(told).hexdigest()


def _tombstone(row: sa.RowMapping) -> Tombstone:
    return Tombstone(row["report_id"], row["reason"], row["by"], row["at"])


def _known(connection: sa.Connection, given: str) -> str:
    for column in (report.c.id, report.c.given_id):
        query = sa.select(report.c.id).where(column == given).order_by(report.c.recorded_at.desc())
        found = list(connection.execute(query.limit(3)).scalars())
        if len(found) > 1:
            raise UnknownIdError(
                f"{given!a} is the id of several reports ({', '.join(found)}); write which of these"
            )
        if found:
            return str(found[0])
    raise UnknownIdError(
        f"there is no report {given!a}; write the id that your file gave it, or the one that"
        " tarikh show ID --json has as report_id"
    )


def _versions(connection: sa.Connection, report_id: str) -> list[sa.RowMapping]:
    """All versions: those before and after it."""
    found: dict[str, sa.RowMapping] = {}
    edge = [report_id]
    while edge:
        query = sa.select(report).where(
            sa.or_(report.c.id.in_(edge), report.c.previous.in_(edge)), report.c.id.not_in(found)
        )
        fresh = {row["id"]: row for row in connection.execute(query).mappings()}
        edge = [*fresh, *(row["previous"] for row in fresh.values() if row["previous"])]
        edge = [key for key in edge if key not in found]
        found |= fresh
    return sorted(found.values(), key=lambda row: (row["version"], row["id"]))


def _already(connection: sa.Connection, ids: Sequence[str]) -> Tombstone | None:
    """The tombstone, where every version has one."""
    query = sa.select(tombstone).where(tombstone.c.report_id.in_(ids), tombstone.c.lifted_at.is_(None))
    found = {row["report_id"]: row for row in connection.execute(query).mappings()}
    return _tombstone(found[ids[-1]]) if set(found) == set(ids) else None


# ---- erasing ---------------------------------------------------------------------------------------------

_WORDS = ("attribution", "trigger", "evidence", "phrases")
"""The columns of a mention that hold the report's own words and where they stand."""

_BASES = frozenset({"published", "event", "paragraph", "report", "correction", ""})


def _erase_reports(connection: sa.Connection, ids: Sequence[str]) -> None:
    blank: dict[str, Any] = {"title": "", "text": "", "url": None, "origin": None, "given_id": None}
    connection.execute(report.update().where(report.c.id.in_(ids)).values(blank))


def _erase_prints(
    connection: sa.Connection, found: Sequence[sa.RowMapping], likeness: Likeness, clock: Clock
) -> tuple[str, ...]:
    """Of a fingerprint the hashes go, which could confirm a guess of the text; the agency that it credits stays, and of
    which reports it was a copy. Returns these, with their newer versions."""
    ids = [row["id"] for row in found]
    marks = tellings.kept(connection, ids)
    fresh = {key: mark for key, mark in marks.items() if mark.shingles}
    for row in found:
        if row["id"] not in marks and row["text"]:
            fresh[row["id"]] = likeness.printed(rows.report_of(row))
    alike = copies(connection, likeness, fresh, ids) if fresh else {}
    for key, mark in fresh.items():
        its = fingerprint.c.report_id == key
        left = {"shingles": b"", "whole": True, "credit": mark.credit, "copies": alike[key]}
        if connection.execute(fingerprint.update().where(its).values(left)).rowcount == 0:
            connection.execute(fingerprint.insert(), {"report_id": key, "recorded_at": clock(), **left})
    known = {key for mark in marks.values() for key in mark.copies}
    return tellings.with_versions(connection, known.union(*alike.values()))


def _erase_mentions(connection: sa.Connection, ids: Sequence[str], likeness: Likeness) -> list[str]:
    """Of all coders; how sure each field is stays, the words, reasons and rejected candidates go."""
    erased = []
    for row in connection.execute(sa.select(mention).where(mention.c.report_id.in_(ids))).mappings().all():
        key, evidence, basis = row["id"], row["evidence"], row["date_basis"]
        bare = {field: {"confidence": each.get("confidence", 0.5)} for field, each in evidence.items()}
        blank = {
            # Who speaks decides what a claim is worth; a party of the mention, or an agency, is no word of the report.
            "attribution": likeness.speaker(rows.mention_of(row)),
            "trigger": "",
            "phrases": {},
            "details": None,  # its hashes could confirm a guess of a name
            "evidence": bare,
            # A basis may go on to name what it counts from, in the report's words.
            "date_basis": basis if basis in _BASES else basis.partition(":")[0],
        }
        connection.execute(mention.update().where(mention.c.id == key).values(blank))
        erased.append(key)
    return erased


def _erase_derived(connection: sa.Connection, mentions: Iterable[str]) -> None:
    """The reasons of rules, whose values may be words; and the incidents, which the next fold makes again."""
    keys = list(mentions)
    for part in chunks(keys):
        query = sa.select(judgement.c.id, judgement.c.reasons).where(
            sa.or_(ends.at_left(part), ends.at_right(part)),
            sa.not_(judgement.c.by.startswith("user:")),
        )
        for key, reasons in connection.execute(query).all():
            bare = rows.bare_reasons(reasons)
            connection.execute(judgement.update().where(judgement.c.id == key).values(reasons=bare))
        table = incident_member.c
        query_ = sa.select(table.incident_id).where(table.mention_id.in_(part)).distinct()
        homes = list(connection.execute(query_).scalars())
        listing.erase_words(connection, homes, ERASED)
        blank: dict[str, Any] = {"ledger": [], "judgements": [], "words": "", "digest": ERASED}
        connection.execute(incident.update().where(incident.c.id.in_(homes)).values(blank))


def _erase_problems(connection: sa.Connection, found: Sequence[sa.RowMapping]) -> int:
    """Problems with these reports: by id, or by the id that their file gave them, or their line, in that very file."""
    count = 0
    for row in found:
        same = [problem.c.report_id == row["id"]]
        if row["origin"] not in (None, "-"):
            nameless = problem.c.report_id.is_(None)
            here = problem.c.origin == row["origin"]
            same.append(sa.and_(here, sa.or_(nameless, problem.c.report_id == row["given_id"])))
        elif row["given_id"]:
            same.append(sa.and_(problem.c.origin.is_(None), problem.c.report_id == row["given_id"]))
        blank = {"reason": ERASED, "origin": None, "report_id": row["id"]}
        told = problem.update().where(sa.or_(*same), problem.c.reason != ERASED)
        count += connection.execute(told.values(blank)).rowcount
    return count
