"""Reports, mentions, judgements and problems page by page, in the order in which they came in; for programs that read all.

Invariant: a page begins after a key and never after a number of rows, so that it costs the same wherever it lies; what
comes in meanwhile stands on the pages that follow.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from tarikh.errors import UsageError
from tarikh.model import Judgement, Mention, Problem, Report
from tarikh.store import coding, rows
from tarikh.store.incidents import chunks
from tarikh.store.paging import LARGEST, damaged, seal, unseal
from tarikh.store.schema import (
    coded,
    correction,
    decision,
    in_utc,
    judgement,
    mention,
    problem,
    report,
    source_role,
)
from tarikh.store.store import Store

T = TypeVar("T")
Query = sa.Select[Any]


@dataclass(frozen=True, slots=True)
class Rows(Generic[T]):
    """Some rows in order; `next` is the cursor of those that follow, None at the end."""

    items: tuple[T, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A report without its text, how many-th version of its address it is, which was before, and when it came in."""

    report: Report
    version: int
    previous: str | None
    recorded_at: datetime


class Records:
    """Asks a store. Each method raises `UsageError` for a cursor that it never gave and a size that is not 1 to 1,000."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def reports(self, size: int, after: str | None = None) -> Rows[Kept]:
        """Reports by the moment at which they were recorded."""
        columns = [column for column in report.c if column.name != "text"]
        query = sa.select(*columns, sa.literal("").label("text"))
        query = query.order_by(report.c.recorded_at, report.c.id)
        if after is not None:
            moment, key = _key(after, "reports", str, str)
            beyond = (sa.literal(_moment(moment), report.c.recorded_at.type), sa.literal(key))
            query = query.where(sa.tuple_(report.c.recorded_at, report.c.id) > sa.tuple_(*beyond))
        found = self._rows(query, size)
        made = tuple(_kept(row) for row in found[:size])
        last = made[-1] if len(found) > size else None
        return Rows(
            made, None if last is None else seal(["reports", last.recorded_at.isoformat(), last.report.id])
        )

    def kept(self, report_id: str) -> Kept:
        """One report; it must be there."""
        with self._store._read() as connection:
            query = sa.select(report).where(report.c.id == report_id)
            return _kept(connection.execute(query).mappings().one())

    def mentions(self, size: int, after: str | None = None) -> Rows[Mention]:
        """Current mentions, by the coding that they came in with, then by id."""
        query = coding.current(sa.select(mention, coded.c.id.label("coding")))
        query = query.order_by(coded.c.id, mention.c.id)
        if after is not None:
            number, key = _key(after, "mentions", int, str)
            query = query.where(coded.c.id >= number, sa.or_(coded.c.id > number, mention.c.id > key))
        found = self._rows(query, size)
        made = tuple(rows.mention_of(row) for row in found[:size])
        more = len(found) > size
        return Rows(made, seal(["mentions", found[size - 1]["coding"], made[-1].id]) if more else None)

    def judgements(self, size: int, after: str | None = None) -> Rows[tuple[int, Judgement]]:
        """Judgements with their numbers, also those that were withdrawn."""
        return self._numbered("judgements", judgement, rows.judgement_of, size, after)

    def problems(self, size: int, after: str | None = None) -> Rows[tuple[int, Problem]]:
        """Problems with their numbers."""
        return self._numbered("problems", problem, rows.problem_of, size, after)

    def _numbered(
        self, name: str, table: sa.Table, made: Any, size: int, after: str | None
    ) -> Rows[tuple[int, Any]]:
        query = sa.select(table).order_by(table.c.id)
        if after is not None:
            query = query.where(table.c.id > _key(after, name, int)[0])
        found = self._rows(query, size)
        items = tuple((row["id"], made(row)) for row in found[:size])
        return Rows(items, seal([name, items[-1][0]]) if len(found) > size else None)

    def _rows(self, query: Query, size: int) -> list[sa.RowMapping]:
        """One more than the page holds, which says whether there is another."""
        if not 1 <= size <= LARGEST:
            raise UsageError(f"a page holds 1 to {LARGEST} rows, not {size}; follow the cursor for more")
        with self._store._read() as connection:
            return list(connection.execute(query.limit(size + 1)).mappings())

    def reports_of(self, mention_ids: Iterable[str]) -> list[Mention]:
        """Mentions with nothing but id, report, coder and kind: who tells of an incident, without reading what it says."""
        columns = (mention.c.id, mention.c.report_id, mention.c.coder, mention.c.kind)
        with self._store._read() as connection:
            return [
                Mention(*row)
                for part in chunks(dict.fromkeys(mention_ids))
                for row in connection.execute(sa.select(*columns).where(mention.c.id.in_(part)))
            ]

    def until(self, since: datetime, latest: datetime, most: int) -> datetime:
        """A moment up to which not many more than `most` rows came or were withdrawn since another; `latest` at most.

        All rows of one moment are taken together.
        """
        found: list[datetime] = []
        with self._store._read() as connection:
            for column in _MOMENTS:
                query = sa.select(column).where(column > since, column <= latest)
                found += connection.execute(query.order_by(column).limit(most)).scalars()
        return latest if len(found) < most else sorted(found)[most - 1]


_MOMENTS = (
    coded.c.at,
    source_role.c.at,
    *(table.c[name] for table in (judgement, correction, decision) for name in ("at", "withdrawn_at")),
)


def _kept(row: sa.RowMapping) -> Kept:
    return Kept(rows.report_of(row), row["version"], row["previous"], row["recorded_at"])


def _key(cursor: str, name: str, *kinds: type) -> Any:
    """What a cursor of this list says. Raises `UsageError` where it is none, or that of another list."""
    values = unseal(cursor)
    if not isinstance(values, list) or not values or values[0] != name:
        raise UsageError("the cursor belongs to another list; start anew without it, or ask as before")
    if len(values) != len(kinds) + 1 or any(type(v) is not k for v, k in zip(values[1:], kinds, strict=True)):
        raise damaged()
    if not all(0 <= v < 2**63 if isinstance(v, int) else _storable(v) for v in values):
        raise damaged()
    return values[1:]


def _storable(text: str) -> bool:
    """Whether a database takes it: no half of a surrogate pair, which JSON can spell."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _moment(text: str) -> datetime:
    try:
        return in_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        raise damaged() from None
