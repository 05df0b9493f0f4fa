"""The sources that a user has added to an index: copies of the files beside it, and a list of them.

Invariant: the list names only files that are whole, with the hash they had; one process at a time changes it or the index.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tarikh.errors import GazetteerError, UsageError

_FORMAT = 1
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """A source: its file name, SHA-256 and size in bytes, where it came from, when it was added (ISO, UTC), its forms."""

    name: str
    sha256: str
    size: int
    origin: str
    added: str
    forms: tuple[str, ...] = field(default=())


def folder(index: Path) -> Path:
    """Where the sources of an index are kept."""
    return index.with_name(f"{index.name}.sources")


def incoming(index: Path) -> Path:
    """Where downloads wait until they are whole."""
    return folder(index) / "incoming"


def check_target(index: Path) -> None:
    """See that an index may be written to a path. Raises `UsageError` where something else is there already."""
    if not index.exists() or (index.is_file() and _is_index(index)):
        return
    raise UsageError(
        f"{index} is there already and is no gazetteer index: it is left as it is; name another file with"
        " --gazetteer, or move this one away, and type the command again"
    )


def _is_index(path: Path) -> bool:
    """Whether a file is an index of ours, of whatever format version."""
    address = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
    try:
        with contextlib.closing(sqlite3.connect(address, uri=True)) as connection:
            rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    except sqlite3.Error:
        return False
    return {"meta", "place", "name"} <= {name for (name,) in rows}


def read(index: Path) -> tuple[Source, ...]:
    """The sources of an index, in the order in which they were added. Raises `GazetteerError` on a faulty list."""
    path = folder(index) / "register.json"
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw["format"] != _FORMAT:
            raise ValueError(f"format {raw['format']!r}")
        return tuple(_source(row) for row in raw["sources"])
    except FileNotFoundError:
        return ()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise GazetteerError(
            f"{path} cannot be read ({error!r}): remove it, and add the files that lie beside it again"
            " with: tarikh gazetteer add --file FILE"
        ) from error


def _source(row: dict[str, Any]) -> Source:
    name = str(row["name"])
    if not allowed(name):
        raise ValueError(f"the name {name!r}")
    return Source(
        name,
        str(row["sha256"]),
        int(row["size"]),
        str(row["origin"]),
        str(row["added"]),
        tuple(map(str, row["forms"])),
    )


def allowed(name: str) -> bool:
    """Whether a source may have this name: a plain one, that no file of ours has."""
    plain = Path(name).name == name and not name.startswith(".") and name.isprintable()
    return plain and name not in ("", "register.json", "register.partial", incoming(Path("x")).name)


def sweep(index: Path) -> None:
    """Remove copies that a killed command left; the caller holds the lock."""
    for left in folder(index).glob(".*.partial"):
        with contextlib.suppress(OSError):
            left.unlink()


def write(index: Path, sources: Sequence[Source]) -> None:
    """Put a new list in the place of the old one."""
    path = folder(index) / "register.json"
    text = json.dumps(
        {"format": _FORMAT, "sources": [asdict(s) for s in sources]}, ensure_ascii=False, indent=1
    )
    partial = path.with_suffix(".partial")
    with partial.open("w", encoding="utf-8") as stream:
        stream.write(text + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(path)


def path_of(index: Path, source: Source) -> Path:
    """The file of a source. Raises `GazetteerError` where it is gone or was changed since."""
    path = folder(index) / source.name
    what = (
        "is not there any more"
        if not path.is_file()
        else "was changed"
        if digest(path) != source.sha256
        else ""
    )
    if what:
        raise GazetteerError(
            f"{path} {what}: add it again, or take it out with: tarikh gazetteer remove {source.name}"
        )
    return path


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def keep(index: Path, path: Path, origin: str, forms: Sequence[str]) -> tuple[Source, Path]:
    """Copy a file among the sources under a passing name; its entry for the list, and that copy.

    Raises `GazetteerError` where it cannot be copied; nothing is left of the copy then.
    """
    place = folder(index)
    copy = place / f".{path.name}.partial"
    try:
        place.mkdir(parents=True, exist_ok=True)
        sha256, size = _copied(path, copy)
    except BaseException as error:
        with contextlib.suppress(OSError):
            copy.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        raise GazetteerError(
            f"{path} could not be copied into {place} ({error.strerror or error}): make room there, or check your right"
            " to write there, and type the command again; or keep the index elsewhere with --gazetteer"
        ) from error
    added = datetime.now(UTC).isoformat(timespec="seconds")
    return Source(path.name, sha256, size, origin, added, tuple(dict.fromkeys(forms))), copy


def _copied(path: Path, copy: Path) -> tuple[str, int]:
    """Copy a file; SHA-256 and size in bytes of what was copied."""
    hashed = hashlib.sha256()
    with path.open("rb") as source, copy.open("wb") as target:
        while block := source.read(_BLOCK):
            hashed.update(block)
            target.write(block)
        target.flush()
        os.fsync(target.fileno())
        return hashed.hexdigest(), target.tell()


@contextlib.contextmanager
def locked(index: Path, patience: float = 0.0) -> Iterator[None]:
    """Be the only process that changes an index and its sources; wait up to so many seconds for another one.

    Raises `GazetteerError` where another is still at work then, `UsageError` where the path is that of another kind
    of file. The lock ends with the process, however it ends.
    """
    check_target(index)
    index.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + patience
    with (index.parent / f".{index.name}.lock").open("a+") as handle:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise GazetteerError(
                        f"another process is building {index}: wait until it is done, and type the command again"
                    ) from None
                time.sleep(0.1)
        yield
