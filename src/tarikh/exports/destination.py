"""Where an export goes: a stream as it is, a file by way of a temporary name.

Invariant: a file of the name asked for is always whole: the old one or the new one, never half of it.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO

from tarikh.errors import TarikhError

Destination = Path | BinaryIO
Within = AbstractContextManager[None]


@contextmanager
def opened(destination: Destination, within: Callable[[Path], Within] | None = None) -> Iterator[BinaryIO]:
    """A stream to write bytes to; a path gets them when the block has ended well, inside of what `within` opens for the
    written file.

    Raises `TarikhError` when the file cannot be written. A stream that was given stays open.
    """
    if not isinstance(destination, Path):
        yield destination
        return
    # In the same folder, so that the move is one step of the file system; "x" keeps the user's umask.
    partial = destination.with_name(f".{destination.name}.{secrets.token_hex(4)}.partial")
    try:
        with partial.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        with nullcontext() if within is None else within(partial):
            partial.replace(destination)
    except OSError as error:
        raise TarikhError(f"{destination} cannot be written: {error.strerror or error}") from error
    finally:
        partial.unlink(missing_ok=True)


def encoded(text: str) -> bytes:
    """UTF-8; half a surrogate pair, which no file may hold, becomes "?" so that offsets still fit."""
    return text.encode("utf-8", "replace")


def whole(text: str) -> str:
    """The text without halves of surrogate pairs."""
    return encoded(text).decode("utf-8")
