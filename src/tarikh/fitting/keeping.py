"""Fitted parts in the user's folder: written whole, told apart by a mark, taken away.

Invariant: the manifest is written last and taken away first, so that what stands half written is in force for nobody; no word of a
report is written.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy

from tarikh import __version__
from tarikh.errors import UsageError
from tarikh.fitting import FEWEST, Fitted, figures
from tarikh.reference import trained


def write(fitted: Fitted, files: Iterable[Path], at: datetime, folds: int) -> tuple[Path, str]:
    """Puts the adopted parts in the place of earlier ones; gives the folder and the mark.

    Raises `UsageError` where `TARIKH_TRAINED` is `off`, or the folder cannot be written.
    """
    where = _folder()
    contents = {name: _json(table) for name, table in sorted(fitted.parts.items())}
    digests = {name: trained.digest(content) for name, content in contents.items()}
    mark = trained.mark_of(digests)
    manifest = {
        "format": trained.FORMAT,
        "coder": trained.CODER,
        "mark": mark,
        "files": digests,
        "at": at.isoformat(timespec="seconds"),
        "tarikh": __version__,
        "numpy": numpy.__version__,
        "reports": fitted.reports,
        "mentions": fitted.mentions,
        "folds": folds,
        "fewest": FEWEST,
        "rule": f"better in {figures.BETTER:.1%} of {figures.DRAWS} drawings of the reports",
        "figures": [asdict(verdict) for verdict in fitted.verdicts],
        "inputs": [sha256(path.read_bytes()).hexdigest() for path in files],
    }
    try:
        where.mkdir(parents=True, exist_ok=True)
        reset()
        for name, content in contents.items():
            _put(where / trained.FILES[name], content)
        _put(where / trained.MANIFEST, _json(manifest))
    except OSError as error:
        raise UsageError(
            f"{where} cannot be written: {error.strerror or error}; see its permissions"
        ) from error
    trained.kept.cache_clear()
    return where, mark


def reset() -> bool:
    """Takes the fitted parts away, and nothing else that lies in the folder; whether there were any."""
    where = _folder()
    found = False
    try:
        for name in (trained.MANIFEST, *trained.FILES.values()):
            path = where / name
            if path.is_file():
                path.unlink()
                found = True
    except OSError as error:
        raise UsageError(
            f"{where} cannot be emptied: {error.strerror or error}; see its permissions"
        ) from error
    trained.kept.cache_clear()
    return found


def _folder() -> Path:
    where = trained.folder()
    if where is None:
        raise UsageError("TARIKH_TRAINED is off: unset it, or let it name the folder of the trained parts")
    return where


def _json(table: Mapping[str, Any]) -> bytes:
    return (json.dumps(table, indent=1, sort_keys=True) + "\n").encode()


def _put(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
