"""Files that were sent: kept in a folder that only we can read, under names of our own, until their job is over.

Invariant: the name that came with a file is shown and says its form, and is part of no path; no folder outlives its
server for longer than until the next one starts.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from starlette.datastructures import UploadFile

from tarikh.web.job_events import Files

_LEAD = "tarikh-add-"
_LONGEST = 120
_OWNER = re.compile(rf"{_LEAD}(\d{{1,10}})-")


def new_folder() -> Path:
    """A folder that only this user can read, marked as that of this process."""
    return Path(tempfile.mkdtemp(prefix=f"{_LEAD}{os.getpid()}-"))


def save(files: Sequence[UploadFile], folder: Path) -> Files:
    """Keeps the files in a folder, in the order in which they came."""
    kept = []
    for number, file in enumerate(files, 1):
        path = folder / f"{number:04d}"
        with path.open("xb") as copy:
            shutil.copyfileobj(file.file, copy, 1 << 20)
        kept.append((path, shown(file.filename or "", number)))
    return Files(tuple(kept))


def shown(name: str, number: int) -> str:
    """A file's name for people: the last part of a path, without what cannot be seen, its suffix kept where it is long."""
    last = re.split(r"[/\\]", name)[-1]
    # Cc, Cf and the like: control characters, and those that turn the direction of writing.
    plain = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C").strip()
    if not plain.strip("."):
        return f"file {number}"
    if len(plain) > _LONGEST:
        stem, dot, suffix = plain.rpartition(".")
        plain = f"{stem[: _LONGEST - 20]}….{suffix}" if dot and len(suffix) < 12 else f"{plain[:_LONGEST]}…"
    return plain


def remove(folder: Path | None) -> None:
    """Removes a folder with all in it; one that is gone already is no fault."""
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def sweep() -> None:
    """Removes what servers left that did not end by themselves. A folder of somebody else stays: it cannot be removed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_LEAD}*"):
        owner = _OWNER.match(folder.name)
        if owner is not None and not folder.is_symlink() and not _runs(int(owner[1])):
            remove(folder)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
