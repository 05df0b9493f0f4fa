"""Tables as an SQLite database: the rows with types, their columns with what they mean, and what goes with the data.

Invariant: unknown is NULL; a list is a JSON array, for `json_each`; days are ISO texts.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from tarikh.exports.destination import Destination, opened
from tarikh.exports.table import Cell, Form, Table, described, portions

MEDIA = "application/vnd.sqlite3"
_TYPES: dict[Form, str] = {
    "text": "TEXT", "list": "TEXT", "day": "TEXT", "count": "INTEGER", "degrees": "REAL", "share": "REAL",
}  # fmt: skip
_LARGEST = 2**63 - 1
_JSON: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def write(table: Table, destination: Destination) -> None:
    """Writes a database of the tables of rows, of `columns`, `about` and those beside. Raises `TarikhError` when a file cannot be written."""
    with opened(destination) as stream, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.sqlite"
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("BEGIN")
            for each in (table, described(table), *table.beside):
                _put(connection, each)
            _about(connection, table)
            connection.execute("COMMIT")
        finally:
            connection.close()
        with path.open("rb") as made:
            shutil.copyfileobj(made, stream, 1 << 20)


def _put(connection: sqlite3.Connection, table: Table) -> None:
    names = ", ".join(f"{_quoted(c.name)} {_TYPES[c.form]}" for c in table.columns)
    connection.execute(f"CREATE TABLE {_quoted(table.name)} ({names})")
    marks = ", ".join("?" * len(table.columns))
    for part in portions(table.rows):
        connection.executemany(
            f"INSERT INTO {_quoted(table.name)} VALUES ({marks})",  # noqa: S608 (quoted)
            [[_value(cell) for cell in row] for row in part],
        )


def _about(connection: sqlite3.Connection, table: Table) -> None:
    connection.execute("CREATE TABLE about (name TEXT, value TEXT)")
    rows = [(k, v if v is None or isinstance(v, str) else _JSON(v)) for k, v in table.about().items()]
    connection.executemany("INSERT INTO about VALUES (?, ?)", rows)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _value(cell: Cell) -> Any:
    if isinstance(cell, list):
        return _JSON(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    return min(cell, _LARGEST) if isinstance(cell, int) else cell
