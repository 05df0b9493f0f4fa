"""What every form of table is written from: columns with what they mean, rows of cells, and what goes with the data.

Invariant: a table is read once, row by row, so that its length costs no memory; unknown is None (of a list: empty), and 0 is 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, Literal

from tarikh.errors import UsageError

Cell = str | int | float | date | list[str] | None
Row = Sequence[Cell]
Form = Literal["text", "list", "day", "count", "degrees", "share"]

AT_ONCE = 5_000
"""Rows that a form takes in one go where it takes several."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, the form of its cells, what it means, and the HXL tag that means the same, if any."""

    name: str
    form: Form
    what: str
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """Where a row is drawn (degrees, WGS 84), and in words what the point stands for."""

    longitude: float
    latitude: float
    stands_for: str


def _nothing() -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows, each row with a cell for each column in their order; `name` is what the rows are.

    `about` gives what goes with the data (`ExportContext.metadata`): whole only once the rows were read, for it counts
    what is withheld in them. `drawn` says where a row lies; without it forms for maps refuse the table. `beside` are
    small tables that explain it, such as its kinds.
    """

    name: str
    columns: tuple[Column, ...]
    rows: Iterable[Row]
    about: Callable[[], Mapping[str, Any]] = _nothing
    drawn: Callable[[Row], Point | None] | None = None
    beside: tuple[Table, ...] = ()

    def places(self) -> dict[str, int]:
        """The place of each column in a row, by its name."""
        return {column.name: place for place, column in enumerate(self.columns)}

    def needs(self, form: str, *names: str) -> list[int]:
        """The places of these columns. Raises `UsageError` where the table has not all of them."""
        there = self.places()
        if any(name not in there for name in names):
            raise UsageError(f"{form} is for incidents, and this is a table of {self.name}; take csv or xlsx")
        return [there[name] for name in names]

    def drawing(self, form: str) -> Callable[[Row], Point | None]:
        """`drawn`. Raises `UsageError` where the rows have no places."""
        if self.drawn is None:
            raise UsageError(
                f"{form} needs places, and the rows of {self.name} have none; take csv or parquet"
            )
        return self.drawn


def portions(rows: Iterable[Row], size: int = AT_ONCE) -> Iterator[list[Row]]:
    """The rows in lists of at most `size`."""
    source = iter(rows)
    while part := list(islice(source, size)):
        yield part


def described(table: Table) -> Table:
    """The columns of a table as a table: name, form, meaning."""
    columns = (
        Column("column", "text", "name of the column"),
        Column("form", "text", "form of its cells"),
        Column("what", "text", "what it means"),
    )
    return Table("columns", columns, [[each.name, FORMS[each.form], each.what] for each in table.columns])


FORMS: Mapping[Form, str] = {
    "text": "text",
    "list": "list of texts",
    "day": "ISO date",
    "count": "whole number",
    "degrees": "decimal degrees",
    "share": "number from 0 to 1",
}
"""The forms of cells in words."""
