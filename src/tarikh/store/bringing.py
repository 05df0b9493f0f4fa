"""Reports that come with their mentions, coded elsewhere: by people, or by another data set.

Invariant: a report is never there without the mentions that came with it, so no coder of this machine takes it for one that
waits; each call is one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from tarikh.model import Fingerprint, Mention, Report
from tarikh.store import coding, rows, tellings
from tarikh.store.editions import before
from tarikh.store.forgetting import is_forgotten
from tarikh.store.incidents import chunks
from tarikh.store.opening import Database
from tarikh.store.schema import coded, dumps, mention, report


@dataclass(frozen=True, slots=True)
class Brought:
    """A report with what `coder` found in it, and what its text is known by."""

    report: Report
    coder: str
    mentions: tuple[Mention, ...]
    fingerprint: Fingerprint


class Bringing:
    """What comes into one database already coded."""

    def __init__(self, database: Database, changed: Callable[[sa.Connection], None]) -> None:
        self._database, self._changed = database, changed

    def is_brought(self, report_id: str) -> bool:
        """Whether what is current of a report was imported."""
        with self._database.read() as connection:
            query = coding.brought().where(coded.c.report_id == report_id)
            return connection.execute(query).first() is not None

    def last(self, report_ids: Iterable[str], coder: str) -> dict[str, tuple[int, list[Mention]]]:
        """Of the reports that a coder has coded: how often, and the mentions of the last time."""
        found: dict[str, tuple[int, list[Mention]]] = {}
        with self._database.read() as connection:
            for part in chunks(dict.fromkeys(report_ids)):
                for key, count in coding.turns_of(connection, part, coder).items():
                    name = coder if count < 2 else f"{coder}{coding.TURN}{count}"
                    query = sa.select(mention).where(mention.c.report_id == key, mention.c.coder == name)
                    found[key] = count, coding.mentions(connection, query)
        return found

    def newer(self, report_ids: Iterable[str]) -> set[str]:
        """Those of these reports that are newer versions of others."""
        query = sa.select(report.c.id).where(report.c.previous.is_not(None))
        with self._database.read() as connection:
            return {
                key
                for part in chunks(dict.fromkeys(report_ids))
                for key in connection.execute(query.where(report.c.id.in_(part))).scalars()
            }

    def replaced(self, report_ids: Iterable[str], coder: str) -> dict[str, tuple[int, Report]]:
        """Those of these reports in whose place a newer version stands that this coder brought: the newest one, and its number."""
        newest, old = report.alias(), report.alias()
        same = (newest.c.url == old.c.url, newest.c.source.is_not_distinct_from(old.c.source))
        query = (
            sa.select(old.c.id.label("old_id"), newest)
            .join_from(old, newest, sa.and_(*same, newest.c.version > old.c.version))
            .where(newest.c.id.in_(coding.coded_last_by(coder)))
            .order_by(newest.c.version)
        )
        with self._database.read() as connection:
            return {
                row["old_id"]: (row["version"], rows.report_of(row))
                for part in chunks(dict.fromkeys(report_ids))
                for row in connection.execute(query.where(old.c.id.in_(part))).mappings()
            }

    def keep(self, batch: Sequence[Brought]) -> list[bool]:
        """Keeps reports and mentions; for each whether the report was there already. A forgotten report keeps nothing.

        Raises `StoreError` when one id stands for two mentions.
        """
        there = []
        with self._database.write() as connection:
            now = self._database.now()
            for each in batch:
                known = coding.exists(connection, report.c.id, each.report.id)
                there.append(known)
                if known and is_forgotten(connection, each.report.id):
                    continue
                if not known:
                    version, previous = before(connection, each.report)
                    row = {"version": version, "previous": previous, "recorded_at": now}
                    connection.execute(report.insert(), {**rows.report_row(each.report), **row})
                tellings.keep(connection, {each.report.id: each.fingerprint}, now)
                if not coding.is_coded(connection, each.report.id, each.coder):
                    coding.insert(connection, each.report.id, each.coder, each.mentions, now)
            self._changed(connection)
        return there


def content(found: Iterable[Mention]) -> list[str]:
    """What mentions say, whatever their ids, coder and moment: equal lists say the same."""
    apart = ("id", "coder", "recorded_at", "succeeds", "details")
    plain = ({k: v for k, v in rows.mention_row(m).items() if k not in apart} for m in found)
    return sorted(
        dumps({k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in p.items()}) for p in plain
    )
