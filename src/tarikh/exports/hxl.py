"""Tables as CSV with hashtags of the Humanitarian Exchange Language (HXL 1.1) in the second row, for HDX and its tools.

Invariant: as of CSV; each column that has a tag stands under it, and one without a tag is left to people.
"""

from __future__ import annotations

from tarikh.errors import UsageError
from tarikh.exports.csv import lines
from tarikh.exports.destination import Destination, opened
from tarikh.exports.table import Table


def write(table: Table, destination: Destination) -> None:
    """Writes UTF-8. Raises `TarikhError` when a file cannot be written, `UsageError` for a table without tags."""
    tags = [column.tag or "" for column in table.columns]
    if not any(tags):
        raise UsageError(f"HXL needs tags, and the columns of {table.name} have none; take csv")
    with opened(destination) as stream:
        for part in lines(table.columns, table.rows, tags):
            stream.write(part)
