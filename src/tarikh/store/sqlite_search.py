"""What only SQLite can do, in one place: full-text search by FTS5, functions called from SQL, hints for its planner.

Invariant: `listed_words` holds the words of exactly the incidents that have any, each word once, under the key of
`listed`; it stores no text, and after `purge` no word that was taken out is left in its tables either.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from tarikh.earth import kilometers
from tarikh.store.grid import inside_named
from tarikh.store.listed_schema import listed

T = TypeVar("T")

# `fold` leaves lower-case letters, digits and spaces alone, and "ascii" splits at nothing else: every other character is
# a letter to it, whatever version of Unicode SQLite knows. Without positions and sizes, for neither is asked. Beginnings of one and two
# letters have an index of their own: without it "a" costs a fifth of a second of a million incidents.
CREATE = (
    "CREATE VIRTUAL TABLE listed_words USING fts5"
    "(words, content='', columnsize=0, detail=none, prefix='1 2', tokenize='ascii')"
)

SHADOWS = frozenset(
    f"listed_words{part}" for part in ("", "_data", "_idx", "_content", "_docsize", "_config")
)
"""The names of the table and of those in which FTS5 keeps it."""

sa.event.listen(
    listed,
    "after_create",
    sa.DDL(  # type: ignore[no-untyped-call]
        CREATE.replace("%", "%%")
    ).execute_if(dialect="sqlite"),
)

words_table = sa.table("listed_words", sa.column("rowid", sa.Integer), sa.column("listed_words", sa.Text))


def register(connection: Any) -> None:
    """Gives a new connection of the driver the functions that conditions call."""
    connection.create_function("inside_areas", 3, inside_named, deterministic=True)
    connection.create_function("within_km", 5, _within_km, deterministic=True)


def _within_km(
    latitude: float | None, longitude: float | None, center: float, meridian: float, radius_km: float
) -> int:
    if latitude is None or longitude is None:
        return 0
    return int(kilometers((center, meridian), (latitude, longitude)) <= radius_km)


def unindexed(column: sa.Column[T]) -> sa.ColumnElement[T]:
    """The column, by no index: SQLite knows nothing of how many rows a value has, and takes any index rather than none.

    So that a country that half of a million incidents bear does not send each of them through a sort, `search` chooses
    what a query is driven by, and hides everything else.
    """
    return sa.type_coerce(sa.literal_column(f"+{column.table.name}.{column.name}"), column.type)


def keys_in(keys: Sequence[int]) -> sa.Select[Any]:
    """The numbers given, as a query: a list of parameters would be cut at some thousands."""
    values = sa.func.json_each(json.dumps(list(keys))).table_valued("value")
    return sa.select(sa.cast(values.c.value, sa.Integer))


# ---- words -----------------------------------------------------------------------------------------------


def matching(words: Iterable[str], whole: bool = False) -> sa.Select[Any]:
    """The keys of incidents in which every word, folded, occurs: by its beginning, or as a whole."""
    asked = " AND ".join(f'"{word}"{"" if whole else "*"}' for word in dict.fromkeys(words))
    return sa.select(words_table.c.rowid).where(words_table.c.listed_words.op("MATCH")(asked))


def put_words(connection: sa.Connection, words: Mapping[int, str]) -> None:
    """Files the folded words of incidents by key."""
    lines = [(key, text) for key, text in words.items() if text]
    if lines:
        connection.exec_driver_sql("INSERT INTO listed_words (rowid, words) VALUES (?, ?)", lines)


def drop_words(connection: sa.Connection, words: Mapping[int, str]) -> None:
    """Takes them out; they must be the very words that were put in, for the table does not know them."""
    lines = [(key, text) for key, text in words.items() if text]
    if lines:
        connection.exec_driver_sql(
            "INSERT INTO listed_words (listed_words, rowid, words) VALUES ('delete', ?, ?)", lines
        )


def purge(connection: sa.Connection) -> None:
    """Writes the index anew without the words that were taken out, which until then are only marked so.

    FTS5's own option secure-delete came with SQLite 3.42, and makes a file that older ones cannot read.
    """
    connection.exec_driver_sql("INSERT INTO listed_words (listed_words) VALUES ('optimize')")


# ---- sums ------------------------------------------------------------------------------------------------


def add_up(
    connection: sa.Connection, table: sa.Table, sums: Sequence[str], lines: Sequence[dict[str, Any]]
) -> None:
    """Adds lines to the rows of their `code`, column by column of `sums`; a row that sums nothing any more goes."""
    if not lines:
        return
    fresh = insert(table)
    added = {name: table.c[name] + fresh.excluded[name] for name in sums}
    connection.execute(fresh.on_conflict_do_update(index_elements=[table.c.code], set_=added), lines)
    if any(line["incidents"] <= 0 for line in lines):
        codes = [line["code"] for line in lines if line["incidents"] <= 0]
        connection.execute(table.delete().where(table.c.code.in_(keys_in(codes)), table.c.incidents == 0))
