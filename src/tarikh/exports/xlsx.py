"""Tables as an Excel workbook: the rows, their columns with what they mean, and what goes with the data.

Invariant: a text is never a formula or a link; unknown is an empty cell and 0 is 0. Rows are written as they come, so that
memory stays flat; what is more than a sheet holds goes on in the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from itertools import chain, islice
from typing import Any

import xlsxwriter

from tarikh.exports.csv import SEPARATOR
from tarikh.exports.destination import Destination, opened
from tarikh.exports.markup import plain
from tarikh.exports.table import Row, Table, described

MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS = 1_048_575
"""Rows of a sheet below its head."""
LONGEST = 32_767
"""UTF-16 units of a cell."""
_CUT = " … [cut: longer than a cell of Excel holds]"
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}
_WIDTHS: Mapping[str, float] = {
    "text": 20,
    "list": 30,
    "day": 12,
    "count": 9,
    "degrees": 11,
    "share": 11,
}
"""Width of a column by the form of its cells, in characters. Excel shows a day that is wider than its column as ########."""
_WIDEST = 24
_EARLIEST = date(1900, 3, 1)
"""Excel counts a 29 February 1900 that was none; days before it stay texts."""


def write(table: Table, destination: Destination) -> None:
    """Writes one workbook. Raises `TarikhError` when a file cannot be written."""
    with opened(destination) as stream:
        book = xlsxwriter.Workbook(stream, _OPTIONS)
        formats = {
            "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        _rows(book, table, formats)
        for each in (described(table), *table.beside):
            _rows(book, each, formats)
        about = table.about()
        _about(book, about, formats)
        book.set_properties(
            {
                "title": str(about.get("title")),
                "comments": str(about.get("notice")),
                "author": str(about.get("software")),
                "created": _created(about.get("made")),
            }
        )
        book.close()


def _created(made: Any) -> datetime:
    """When it was made, so that the same gives the same bytes."""
    return datetime.fromisoformat(made).astimezone(UTC).replace(tzinfo=None) if made else datetime(2000, 1, 1)


def _rows(book: Any, table: Table, formats: dict[str, Any]) -> None:
    rows = iter(table.rows)
    first: list[Row] = []
    number = 1
    while number == 1 or first:
        sheet = book.add_worksheet(table.name if number == 1 else f"{table.name} {number}")
        sheet.freeze_panes(1, 1)
        for place, column in enumerate(table.columns):
            sheet.set_column(place, place, max(_WIDTHS[column.form], min(len(column.name) + 3, _WIDEST)))
            sheet.write_string(0, place, column.name, formats["head"])
        last = _fill(sheet, chain(first, islice(rows, ROWS - len(first))), formats["day"])
        sheet.autofilter(0, 0, last, len(table.columns) - 1)
        first = list(islice(rows, 1))
        number += 1


def _fill(sheet: Any, rows: Iterable[Row], days: Any) -> int:
    """Writes the rows below the head; returns the line of the last one."""
    # The methods behind the public ones, which ask the kind of each cell anew: half of the time of a million rows.
    text, number, day = sheet._write_string, sheet._write_number, sheet._write_datetime
    line = 0
    for line, row in enumerate(rows, 1):
        for place, cell in enumerate(row):
            if cell is None:
                continue
            kind = type(cell)
            if kind is str:
                text(line, place, readable(cell))  # type: ignore[arg-type]
            elif kind is int or kind is float:
                number(line, place, cell)
            elif kind is list:
                if cell:
                    text(line, place, readable(SEPARATOR.join(cell)))  # type: ignore[arg-type]
            elif isinstance(cell, date) and cell >= _EARLIEST:
                day(line, place, cell, days)
            else:
                text(line, place, str(cell))
    return line


def readable(text: str) -> str:
    """The text as a cell may hold it: cut where it is longer than one, and no markup of the writer's own."""
    text = plain(text)
    if len(text) * 2 > LONGEST and len(text.encode("utf-16-le")) // 2 > LONGEST:
        kept = text.encode("utf-16-le")[: (LONGEST - len(_CUT)) * 2].decode("utf-16-le", "ignore")
        text = kept + _CUT
    # The writer takes "<r>…</r>" for formatted text and would put it in as it is.
    return text + " " if text.startswith("<r>") and text.endswith("</r>") else text


def _about(book: Any, about: Any, formats: dict[str, Any]) -> None:
    sheet = book.add_worksheet("about")
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 100)
    for line, (name, value) in enumerate(
        _lines({**about, "filters": about.get("filters") or "all incidents"})
    ):
        sheet.write_string(line, 0, name, formats["head"])
        sheet.write_string(line, 1, readable(value))


def _lines(about: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What goes with the data as lines for people: a line a version, and one for each thing that is withheld."""
    for name, value in about.items():
        if isinstance(value, Mapping):
            yield from _lines({f"{name}: {key}": each for key, each in value.items()})
        elif isinstance(value, list):
            for each in value:
                told = each.items() if isinstance(each, Mapping) else [("", each)]
                yield name, ", ".join(f"{key} {part}".strip() for key, part in told)
        else:
            yield name, "" if value is None else str(value)
