"""Tables as CSV (RFC 4180, UTF-8): for spreadsheets and statistics.

Invariant: an empty cell is unknown and 0 is 0; no text cell can start a formula.
The form has no place for a notice: `beside` makes the file of metadata that stands beside it (CSV on the Web, W3C).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from tarikh.exports.destination import Destination, encoded, opened
from tarikh.exports.table import Cell, Column, Form, Row, Table, portions

SEPARATOR = "; "
MARK = b"\xef\xbb\xbf"
_STARTS_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""Signs that make a spreadsheet read a cell as a formula, with their full-width twins (OWASP)."""
_RISKY = frozenset((*_STARTS_FORMULA, " "))
"""First signs of a text that `harmless` must look at."""
_DATATYPES: dict[Form, Any] = {
    "day": "date",
    "count": "integer",
    "degrees": "number",
    "share": {"base": "number", "minimum": 0, "maximum": 1},
}


def write(table: Table, destination: Destination) -> None:
    """Writes plain UTF-8. Raises `TarikhError` when a file cannot be written."""
    with opened(destination) as stream:
        for part in lines(table.columns, table.rows):
            stream.write(part)


def write_for_excel(table: Table, destination: Destination) -> None:
    """The same with the byte order mark, without which Excel garbles "Tillabéri"; other programs stumble on it."""
    with opened(destination) as stream:
        stream.write(MARK)
        for part in lines(table.columns, table.rows):
            stream.write(part)


def lines(columns: Sequence[Column], rows: Iterable[Row], *second: Iterable[str]) -> Iterator[bytes]:
    """The file in portions: names, what is to stand under them, rows."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(column.name for column in columns)
    writer.writerows(second)
    forms = [column.form for column in columns]
    for part in portions(rows):
        told = (_written(form, cells) for form, cells in zip(forms, zip(*part, strict=True), strict=True))
        writer.writerows(zip(*told, strict=True))
        yield encoded(buffer.getvalue())
        buffer.seek(0)
        buffer.truncate()
    yield encoded(buffer.getvalue())


def _written(form: Form, cells: Sequence[Any]) -> Iterable[Any]:
    """The cells of one column as `cell` has them; numbers and days as they are, for the writer writes them so."""
    if form == "text":
        return ["" if v is None else harmless(v) if v[:1] in _RISKY else v for v in cells]
    if form == "list":
        return [_joined(tuple(v)) if v else "" for v in cells]
    return cells


def cell(value: Cell) -> str | int | float:
    """A cell as it is written: texts made harmless, lists joined, days as ISO, unknown empty."""
    kind = type(value)
    if value is None:
        return ""
    if kind is int or kind is float:
        return value  # type: ignore[return-value]
    if kind is list:
        return _joined(tuple(value)) if value else ""  # type: ignore[arg-type]
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, date):
        return value.isoformat()
    return value  # type: ignore[return-value]


@lru_cache(maxsize=20_000)
def _joined(names: tuple[str, ...]) -> str:
    # The separator inside a name would make two of one; the exact names are in the other exports.
    return SEPARATOR.join(harmless(name.replace(";", ",")) for name in names)


def harmless(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would read a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(_STARTS_FORMULA) else text


def beside(table: Table, name: str) -> dict[str, Any]:
    """What stands beside a file of this name: its columns, license, versions, filter and disclosure."""
    about = table.about()
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": name,
        "dc:title": about.get("title"),
        "dc:description": about.get("notice"),
        "dc:rights": about.get("license"),
        "dc:created": about.get("made"),
        "null": "",
        "tableSchema": {"columns": [_column(each) for each in table.columns]},
        "notes": [dict(about)],
    }


def _column(column: Column) -> dict[str, Any]:
    told: dict[str, Any] = {"name": column.name, "titles": column.name, "dc:description": column.what}
    if column.form == "list":
        told["separator"] = SEPARATOR
    return told | {"datatype": _DATATYPES.get(column.form, "string")}
