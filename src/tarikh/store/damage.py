"""Rows that cannot be read, because the file was edited by hand or is damaged: which they are, and what to do.

Invariant: nothing is changed, and nothing is looked for before a row has failed to be read: that costs a look at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from tarikh.store.schema import Moment, Nested, Words, metadata

_ADVICE = "restore the file from a backup; which other rows are not what they were, a snapshot tells: tarikh verify SNAPSHOT"


def sentence(table: str, key: object, what: str) -> str:
    """What is wrong with a row, and what to do about it."""
    return f"row {key} of the table {table} cannot be read: {what}; {_ADVICE}"


def found(connection: sa.Connection) -> str | None:
    """A sentence on the first row that cannot be read, by table and key; None where all can."""
    for table in metadata.sorted_tables:
        for column in table.c:
            for key, raw in _suspects(connection, table, column):
                what = _fault(column, raw)
                if what is not None:
                    return sentence(table.name, key, what)
    return None


def _suspects(
    connection: sa.Connection, table: sa.Table, column: sa.Column[Any]
) -> Iterator[tuple[str, Any]]:
    """The rows whose value in a column may not be what its type says, with the value as the file has it."""
    raw: sa.ColumnElement[Any] = sa.type_coerce(column, sa.String())
    if isinstance(column.type, Nested):
        # The common case, a whole value of the right shape, is told by the database itself.
        fine: sa.ColumnElement[Any] = sa.func.json_valid(raw)
        if column.type.shape in (list, dict):
            named = "array" if column.type.shape is list else "object"
            fine = sa.case((fine == 1, sa.func.json_type(raw) == named), else_=sa.false())
        doubtful = sa.not_(fine)
    elif isinstance(column.type, Moment | sa.Date):
        day = sa.func.substr(raw, 1, 10)
        doubtful = sa.or_(sa.func.typeof(raw) != "text", sa.func.date(day, "+0 days").is_distinct_from(day))
        if isinstance(column.type, Moment):
            doubtful = sa.or_(doubtful, sa.func.datetime(raw).is_(None))
    elif isinstance(column.type, Words):
        doubtful = raw.startswith("\x1ajson:")
    else:
        return
    keys = [sa.type_coerce(each, sa.String()) for each in table.primary_key]
    for *named_by, value in connection.execute(sa.select(*keys, raw).where(column.is_not(None), doubtful)):
        yield " ".join(map(str, named_by)), value


def _fault(column: sa.Column[Any], raw: Any) -> str | None:
    if isinstance(column.type, Moment | sa.Date):
        return f"{column.name} is no {'moment' if isinstance(column.type, Moment) else 'day'}"
    try:
        column.type.process_result_value(raw, None)  # type: ignore[attr-defined]
    except (TypeError, json.JSONDecodeError, RecursionError):
        return f"{column.name} is no JSON"
    except ValueError as error:
        return f"{column.name} {error}"
    return None
