"""Opening the files of an import: their lines as text, with numbers, unpacked where they are gzip.

Invariant: what cannot be read at all is a `SourceError` that names the file; nothing here holds more than a line.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tarikh.errors import SourceError
from tarikh.sources import opening
from tarikh.sources.options import ReadOptions

STAGE = "import"
"""Stage of the problems of rows and lines that were not taken."""
LONGEST_LINE = 20_000_000
"""Bytes of one line; a report has 200,000 characters at most."""


@contextmanager
def opened(path: Path) -> Iterator[opening.Opened]:
    """The file, ready to be read. Raises `SourceError` where it is not there, may not be read, or is damaged."""
    options = ReadOptions(max_line_bytes=LONGEST_LINE)
    try:
        with path.open("rb") as stream:
            allowed = opening.Allowance(options.max_unpacked_bytes)
            ready = opening.unpacked(opening.buffered(stream), allowed)
            yield opening.Opened(ready, str(path), options)
    except FileNotFoundError as error:
        raise SourceError(f"{path} is not there; check the path") from error
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}") from error
    except SourceError as error:
        told = str(error)
        raise SourceError(told if told.startswith(str(path)) else f"{path}: {told}") from error


def lines(path: Path) -> Iterator[tuple[int, str | None]]:
    """Each line with its number from 1, blank ones left out; None for one that is too long or not UTF-8."""
    with opened(path) as ready:
        for number, raw in opening.lines(ready):
            if raw is None:
                yield number, None
            elif raw.strip():
                try:
                    yield number, raw.decode(opening.line_encoding(ready))
                except UnicodeDecodeError:
                    yield number, None


UNREADABLE = f"the line is not UTF-8, or longer than {LONGEST_LINE:,} bytes"
