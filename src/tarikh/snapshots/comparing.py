"""Two files of one form, line by line: the snapshot's and the one that was rebuilt.

Invariant: the snapshot's file may be hostile: lines are bounded, what cannot be read is a finding and ends nothing else.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

LONGEST = 64_000_000
"""Bytes of a line; an incident of thousands of reports has a few million."""

_KEPT = 10_000
"""Differing rows that are kept for a closer look."""

csv.field_size_limit(LONGEST)


@dataclass(slots=True)
class Differences:
    """Rows by their key. `changed` holds both sides; `unread` says what of the snapshot could not be read."""

    gone: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    changed: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    found: int = 0

    def same(self) -> bool:
        """Whether there is none."""
        return not (self.gone or self.added or self.changed or self.unread)


def compared(given: IO[bytes], made: IO[bytes], form: str) -> Differences:
    """What differs between a given file and one that was made anew. `gone`: in the given one alone.

    `form` is jsonl, whose rows are objects with an `id`, or csv, whose key is the first cell (the first two of rows.csv).
    """
    told = Differences()
    read = _lines if form == "jsonl" else _cells
    width = 2 if form == "rows" else 1
    digests = {_key(row, width): _digest(row) for row in read(made, None)}
    seen: set[str] = set()
    for row in read(given, told):
        key = _key(row, width)
        if key in seen:
            told.unread.append(f"{key} stands in it twice")
            continue
        seen.add(key)
        if key not in digests:
            told.gone.append(key)
        elif digests[key] != _digest(row):
            if len(told.changed) < _KEPT:
                told.changed[key] = (row, None)
        else:
            told.found += 1
    told.found += len(told.changed)
    told.added = sorted(set(digests) - seen)
    made.seek(0)
    for row in read(made, None):
        key = _key(row, width)
        if key in told.changed:
            told.changed[key] = (told.changed[key][0], row)
    return told


def _key(row: Any, width: int) -> str:
    if isinstance(row, Mapping):
        return str(row.get("id"))
    return " ".join(str(cell) for cell in row[:width])


def _digest(row: Any) -> bytes:
    return hashlib.sha256(json.dumps(row).encode()).digest()


def _lines(stream: IO[bytes], told: Differences | None) -> Iterator[Mapping[str, Any]]:
    number = 0
    while line := stream.readline(LONGEST):
        number += 1
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if isinstance(row, Mapping) and isinstance(row.get("id"), str):
            yield row
        elif told is not None:
            told.unread.append(f"line {number} is no incident")


def _cells(stream: IO[bytes], told: Differences | None) -> Iterator[Sequence[str]]:
    text = io.TextIOWrapper(stream, "utf-8", "replace", newline="")
    rows = csv.reader(_bounded(text))
    try:
        yield from rows
    except csv.Error as error:
        if told is not None:
            told.unread.append(f"line {rows.line_num} cannot be read: {error}")
    text.detach()


def _bounded(text: io.TextIOWrapper) -> Iterator[str]:
    while line := text.readline(LONGEST):
        yield line
