"""The two ends of a judgement: how a row is written so that it is found by them, and how it is looked for.

Invariant: beside an end's id stands the second in which its mention was recorded, which never changes. Ids are hashes: in
an index of these alone each new row would land on a page of its own; what is recorded together lies together.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from tarikh.store.schema import judgement, mention

RECORDED = "CAST(strftime('%s', substr(m.recorded_at, 1, 19)) AS INTEGER)"
"""The second in which the mention `m` was recorded, in a query in words; cut off, for whether fractions are rounded is the database's."""


def _second(of: Any) -> sa.ColumnElement[int]:
    second = sa.func.substr(sa.type_coerce(of.c.recorded_at, sa.Text), 1, 19)
    return sa.cast(sa.func.strftime("%s", second), sa.Integer)


def placed(connection: sa.Connection, fresh: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of judgements (`rows.judgement_row`) with the seconds of their ends: all that `judgement.insert()` asks."""
    ids = sa.func.json_each(json.dumps(sorted({row[end] for row in fresh for end in ("left", "right")})))
    given = ids.table_valued("value")
    query = sa.select(mention.c.id, _second(mention)).join_from(given, mention, mention.c.id == given.c.value)
    when: dict[str, int] = {key: second for key, second in connection.execute(query)}  # noqa: C416  # a row is no pair
    return [{**row, "left_at": when.get(row["left"]), "right_at": when.get(row["right"])} for row in fresh]


def at_left(ids: Iterable[str]) -> sa.ColumnElement[bool]:
    """Judgements whose left end is one of these mentions."""
    return _at("left", ids)


def at_right(ids: Iterable[str]) -> sa.ColumnElement[bool]:
    """Judgements whose right end is one of these mentions."""
    return _at("right", ids)


def _at(end: str, ids: Iterable[str]) -> sa.ColumnElement[bool]:
    # By their numbers: with a pair of columns IN a query the database would use no more of the index than the second.
    told, said = mention.alias(), judgement.alias()
    here = sa.and_(said.c[f"{end}_at"] == _second(told), said.c[end] == told.c.id)
    return judgement.c.id.in_(
        sa.select(said.c.id).join_from(told, said, here).where(told.c.id.in_(list(ids)))
    )
