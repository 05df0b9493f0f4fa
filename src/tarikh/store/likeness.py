"""Which kept reports are copies of a text, asked before that text is erased.

Invariant: reads only. What makes a copy is said from outside (`Likeness`): the store knows no rule of it. A report that
was forgotten has nothing to compare, and is never found.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice

import sqlalchemy as sa

from tarikh.model import Fingerprint, Mention, Report
from tarikh.store import rows
from tarikh.store.incidents import chunks
from tarikh.store.schema import fingerprint, report, tombstone

_AT_ONCE = 2000
"""Fingerprints compared at a time: 2 MB."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """The rules by which texts and speakers are known again.

    `printed` makes a report's fingerprint, `copies` gives which of some fingerprints (by id) are copies of one,
    `speaker` gives who speaks in a mention by its coded fields alone, None where these do not say.
    """

    printed: Callable[[Report], Fingerprint]
    copies: Callable[[Fingerprint, Mapping[str, Fingerprint]], list[str]]
    speaker: Callable[[Mention], str | None]


@dataclass(frozen=True, slots=True)
class Copy:
    """A report that is kept and is a copy of one that was forgotten."""

    report_id: str
    source: str | None
    published: date | None
    title: str


def copies(
    connection: sa.Connection, likeness: Likeness, marks: Mapping[str, Fingerprint], besides: Collection[str]
) -> dict[str, list[str]]:
    """For each of some reports, by id, the kept reports that are copies of it, without those of `besides`."""
    found: dict[str, list[str]] = {key: [] for key in marks}
    printed = _printed(connection, likeness)
    while part := dict(islice(printed, _AT_ONCE)):
        others = {key: mark for key, mark in part.items() if key not in besides}
        for key, mark in marks.items():
            found[key] += likeness.copies(mark, others)
    return {key: sorted(ids) for key, ids in found.items()}


def _printed(connection: sa.Connection, likeness: Likeness) -> Iterator[tuple[str, Fingerprint]]:
    """The fingerprint of every report that has words; made where a report of an older version lacks it."""
    table = fingerprint.c
    query = sa.select(table.report_id, table.shingles, table.whole, table.credit)
    for key, shingles, whole, credit in connection.execute(query.execution_options(yield_per=_AT_ONCE)):
        yield key, Fingerprint(shingles, whole, credit)
    lacking = sa.select(report).where(report.c.id.not_in(sa.select(table.report_id)), report.c.text != "")
    for row in connection.execute(lacking.execution_options(yield_per=_AT_ONCE)).mappings():
        yield row["id"], likeness.printed(rows.report_of(row))


def kept(connection: sa.Connection, ids: Collection[str]) -> tuple[Copy, ...]:
    """Those of some reports that are not forgotten, in order of id; of several versions each."""
    gone = sa.select(tombstone.c.report_id).where(tombstone.c.lifted_at.is_(None))
    found = []
    for part in chunks(sorted(ids)):
        query = sa.select(report.c.id, report.c.source, report.c.published, report.c.title)
        query = query.where(report.c.id.in_(part), report.c.id.not_in(gone)).order_by(report.c.id)
        found += [Copy(*row) for row in connection.execute(query)]
    return tuple(found)
