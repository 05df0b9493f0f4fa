"""Tables with named columns: CSV and TSV.

Invariant: every row gives one document or one problem with the line on which it begins; rows are never merged silently.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from tarikh.errors import SourceError, UsageError
from tarikh.model import Document, Problem
from tarikh.sources import opening, records
from tarikh.sources.options import FIELDS
from tarikh.sources.records import STAGE

_UNDECODED = re.compile("[\udc80-\udcff]")


class Lines:
    """Decoded lines for the csv reader; remembers over-long lines and whether the end was reached."""

    def __init__(self, opened: opening.Opened) -> None:
        self._encoding = opening.line_encoding(opened)
        self._lines = opening.lines(opened)
        self.number, self.ended = 0, False
        self.left_out: list[int] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        for number, raw in self._lines:
            self.number = number
            if raw is None:
                self.left_out.append(number)
                continue
            # Bytes that do not decode are kept as lone surrogates, so that only their row is lost.
            return raw.decode(self._encoding, "surrogateescape")
        self.ended = True
        raise StopIteration


def read_commas(opened: opening.Opened) -> Iterator[Document | Problem]:
    """A CSV with a header; semicolons or tabs are taken where the header shows them and no comma."""
    yield from _read(opened, None)


def read_tabs(opened: opening.Opened) -> Iterator[Document | Problem]:
    """A TSV with a header."""
    yield from _read(opened, "\t")


def _read(opened: opening.Opened, delimiter: str | None) -> Iterator[Document | Problem]:
    # The csv module's own limit (131,072 characters a cell) is one for the whole process; a report may be longer.
    csv.field_size_limit(opened.options.max_line_bytes)
    lines = Lines(opened)
    first = next(lines, "")
    if not first.strip():
        raise SourceError("is empty where the header with the names of the columns should be")
    reader = csv.reader(_again(first, lines), delimiter=delimiter or _delimiter(first))
    try:
        cells = next(reader)
    except csv.Error as error:
        raise SourceError(f"the header with the names of the columns cannot be read: {error}") from error
    header = _header(cells, opened)
    yield from _rows(reader, lines, header, opened)


def _again(first: str, rest: Lines) -> Iterator[str]:
    yield first
    yield from rest


def _delimiter(header: str) -> str:
    return next((sign for sign in ",;\t" if sign in header), ",")


def _header(cells: list[str], opened: opening.Opened) -> list[str]:
    """The column names, with those that are fields in lower case ("Title" → "title")."""
    header = [records.sound(cell.strip()) for cell in cells]
    for name, column in opened.options.columns.items():
        if column not in header:
            raise UsageError(
                f"--map {name}={column}: {opened.origin} has no column {column!r}; it has {records.names(header)}"
            )
    header = [low if (low := cell.lower()) in FIELDS and low not in header else cell for cell in header]
    if opened.options.column("text") not in header:
        raise SourceError(
            f"has no column 'text'; it has {records.names(header)}. Say which: --map text=COLUMN"
        )
    return header


def _rows(
    reader: Iterator[list[str]], lines: Lines, header: list[str], opened: opening.Opened
) -> Iterator[Document | Problem]:
    while True:
        begin = lines.number + 1
        origin = f"{opened.origin}:{begin}"
        try:
            row = next(reader, None)
        except csv.Error as error:
            yield Problem(STAGE, f"the row cannot be read: {error}", origin, begin)
            continue
        yield from _left_out(lines, opened)
        if row is None:
            return
        if lines.ended:
            # The reader asked for more lines in the middle of a row: an opening quote was never closed.
            reason = f"a quote opened in this row is never closed, so all to line {lines.number:,} was left out; close it"
            yield Problem(STAGE, reason, origin, begin)
        elif any(cell.strip() for cell in row):
            yield _row(row, header, opened, origin, begin)


def _left_out(lines: Lines, opened: opening.Opened) -> Iterator[Problem]:
    limit = opened.options.max_line_bytes
    for number in lines.left_out:
        reason = f"the line is longer than {limit:,} bytes and was left out"
        yield Problem(STAGE, reason, f"{opened.origin}:{number}", number)
    lines.left_out.clear()


def _row(
    row: list[str], header: list[str], opened: opening.Opened, origin: str, line: int
) -> Document | Problem:
    options = opened.options
    record: dict[str, object] = {}
    for name, cell in zip(header, row, strict=False):
        record.setdefault(name, cell)
    given = records.identity(record, options)
    if any(cell.strip() for cell in row[len(header) :]):
        reason = (
            f"has {len(row)} cells under {len(header)} columns; a text with the separator in it needs quotes"
        )
        return Problem(STAGE, reason, origin, line, given)
    if any(_UNDECODED.search(cell) for cell in row if not cell.isascii()):
        reason = "has bytes that are not of the encoding; say which it is, for example --encoding cp1252"
        return Problem(STAGE, reason, origin, line, given)
    used = {options.column(name) for name in FIELDS}
    return records.document({k: v or None for k, v in record.items() if k in used}, options, origin, line)
