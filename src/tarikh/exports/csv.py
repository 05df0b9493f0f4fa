"""Incidents as CSV (RFC 4180, UTF-8): one a row, for spreadsheets and statistics.

Invariant: an empty cell is unknown and 0 is 0; no text cell can start a formula.
The form has no place for a notice; it stands in the other exports and in the documentation.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date

from tarikh.exports.context import ExportContext
from tarikh.exports.destination import Destination, encoded, opened
from tarikh.exports.record import COLUMNS, Cell, record
from tarikh.model import Incident

SEPARATOR = "; "
_STARTS_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""Signs that make a spreadsheet read a cell as a formula, with their full-width twins (OWASP)."""


def write(incidents: Sequence[Incident], destination: Destination, context: ExportContext) -> None:
    """Writes plain UTF-8. Raises `TarikhError` when a file cannot be written."""
    with opened(destination) as stream:
        for line in _lines(incidents, context):
            stream.write(line)


def write_for_excel(incidents: Sequence[Incident], destination: Destination, context: ExportContext) -> None:
    """The same with the byte order mark, without which Excel garbles "Tillabéri"; other programs stumble on it."""
    with opened(destination) as stream:
        stream.write(b"\xef\xbb\xbf")
        for line in _lines(incidents, context):
            stream.write(line)


def _lines(incidents: Sequence[Incident], context: ExportContext) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(column.name for column in COLUMNS)
    for incident in incidents:
        yield encoded(buffer.getvalue())
        buffer.seek(0)
        buffer.truncate()
        writer.writerow(cell(value) for value in record(incident, context).values())
    yield encoded(buffer.getvalue())


def cell(value: Cell) -> str | int | float:
    """A cell as it is written: texts made harmless, lists joined, days as ISO, unknown empty."""
    if value is None:
        return ""
    if isinstance(value, list):
        # The separator inside a name would make two of one; the exact names are in the other exports.
        return SEPARATOR.join(harmless(name.replace(";", ",")) for name in value)
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, date):
        return value.isoformat()
    return value


def harmless(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would read a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(_STARTS_FORMULA) else text
