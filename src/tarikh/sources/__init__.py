"""Sources: files, folders, tables, JSON lines, feeds, pages, addresses, standard input → documents. The only room with a network.

Invariant: whatever a source holds comes out as a `Document` or as a `Problem` that says where and what to do;
only wrong options raise (`UsageError`).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from urllib.parse import urlsplit

from tarikh.errors import SourceError, UsageError
from tarikh.model import Document, Problem
from tarikh.sources import feed, form, html, json_records, opening, plain, tabular, web
from tarikh.sources.opening import Allowance
from tarikh.sources.options import FIELDS, FORMS, ReadOptions, check
from tarikh.sources.records import STAGE, sound

__all__ = ["FIELDS", "FORMS", "READERS", "Allowance", "ReadOptions", "read", "read_address", "read_stream"]

READERS: Mapping[str, Callable[[opening.Opened], Iterator[Document | Problem]]] = {
    "text": plain.read,
    "jsonl": json_records.read_lines,
    "json": json_records.read_document,
    "csv": tabular.read_commas,
    "tsv": tabular.read_tabs,
    "html": html.read,
    "feed": feed.read,
}
"""Every form and its reader. A new form is a module and a line here and in `options.FORMS`."""


def read(
    source: str | Path, options: ReadOptions | None = None, stdin: BinaryIO | None = None
) -> Iterator[Document | Problem]:
    """The documents of a file, a folder, an http(s) address or standard input (`-`), as they come.

    What cannot be read is a `Problem` of stage `sources`, and the rest goes on. Raises `UsageError` for wrong
    options: an unknown form, field or encoding at once, a mapped column that a table lacks when it is met.
    """
    options = options or ReadOptions()
    check(options)
    if source == "-":
        if stdin is None:
            raise UsageError("standard input was named (-), but none is open")
        return _safely(partial(_opened, stdin, "-", options), "-")
    if isinstance(source, str) and web.is_address(source):
        return _safely(partial(_address, source, options), web.shown(source))
    path = Path(source)
    return _safely(partial(_path, path, options), _origin(path))


def read_address(address: str, options: ReadOptions) -> Iterator[Document | Problem]:
    """As `read`, of an address alone: what is none becomes a problem and is never taken for a path of this machine."""
    check(options)
    return _safely(partial(_address, address, options), web.shown(address))


def read_stream(
    stream: BinaryIO, name: str, options: ReadOptions, allowed: Allowance | None = None
) -> Iterator[Document | Problem]:
    """As `read`, of a file that was sent: `name` says where it stood and, by its suffix, its form; no path is opened.

    `allowed` is what it may unpack to together with others, where that is not `options.max_unpacked_bytes` of its own.
    """
    check(options)
    return _safely(partial(_opened, stream, sound(name), options, name, allowed=allowed), sound(name))


def _safely(start: Callable[[], Iterator[Document | Problem]], origin: str) -> Iterator[Document | Problem]:
    """What a reader yields; its failure becomes the last problem."""
    try:
        yield from start()
    except SourceError as error:
        yield Problem(STAGE, str(error), origin)
    except OSError as error:
        yield Problem(STAGE, _system_fault(error), origin)


def _system_fault(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "is not there; check the path"
    if isinstance(error, PermissionError):
        return "may not be read; check its permissions"
    if isinstance(error, IsADirectoryError):
        return "is a folder"
    return f"cannot be read: {error.strerror or error}"


def _origin(path: Path) -> str:
    # Names of files are bytes to the system; those that are no text must still be printable.
    return os.fsencode(path).decode("utf-8", "replace") if "\0" not in str(path) else sound(str(path))


def _path(path: Path, options: ReadOptions) -> Iterator[Document | Problem]:
    if "\0" in str(path):
        raise SourceError("is no path: it has a NUL character in it")
    return _folder(path, options) if path.is_dir() else _file(path, options)


def _file(path: Path, options: ReadOptions, strict: bool = False) -> Iterator[Document | Problem]:
    """The documents of one file; with `strict`, as in a folder, an unknown suffix is refused, not guessed."""
    with path.open("rb") as stream:
        yield from _opened(stream, _origin(path), options, path.name, strict=strict)


def _opened(
    stream: BinaryIO,
    origin: str,
    options: ReadOptions,
    name: str = "",
    page: web.Page | None = None,
    strict: bool = False,
    allowed: Allowance | None = None,
) -> Iterator[Document | Problem]:
    ready = opening.unpacked(opening.buffered(stream), allowed or Allowance(options.max_unpacked_bytes))
    opened = opening.Opened(
        ready, origin, options, page.url if page else None, page.charset if page else None
    )
    chosen = options.format or form.guess(name, opened.beginning(), page.media if page else "", strict)
    yield from READERS[chosen](opened)


def _address(source: str, options: ReadOptions) -> Iterator[Document | Problem]:
    with web.Fetcher(options, source) as fetcher:
        page = fetcher.get(source)
    name = PurePosixPath(urlsplit(page.url).path).name
    yield from _opened(BytesIO(page.data), web.shown(source), options, name, page)


def _folder(folder: Path, options: ReadOptions) -> Iterator[Document | Problem]:
    """The files below a folder in the order of their names; hidden ones are left out, links to folders named."""
    closed: list[OSError] = []
    empty = True
    for place, folders, files in os.walk(folder, onerror=closed.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for link in (Path(place) / name for name in folders):
            if link.is_symlink():
                yield Problem(
                    STAGE, "is a link to a folder and was not followed; name it to read it", _origin(link)
                )
        for name in sorted(name for name in files if not name.startswith(".")):
            empty = False
            path = Path(place) / name
            yield from _safely(partial(_regular, path, options), _origin(path))
    for error in closed:
        yield Problem(STAGE, _system_fault(error), _origin(Path(error.filename or folder)))
    if empty and not closed:
        yield Problem(STAGE, "the folder holds no files that can be read", _origin(folder))


def _regular(path: Path, options: ReadOptions) -> Iterator[Document | Problem]:
    if not stat.S_ISREG(path.stat().st_mode):
        raise SourceError("is no regular file (a pipe, device or socket) and was left out")
    yield from _file(path, options, strict=True)
