"""The weights of status and aspect and the curves of confidence in force: those shipped, or those that the user had fitted (`tarikh train`).

Invariant: a fitted part is used whole or not at all; where one file of them is damaged, or they were fitted for another
version of the coder, the shipped ones hold, `current().fault` says why, and the coder's name says what holds.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from tarikh.errors import MissingError
from tarikh.reference.loading import data_path, load
from tarikh.settings import Settings

CODER = "fused@7"
"""The version of the embedded coder: what is fitted for one is of no use to another, whose signs mean other things."""
FORMAT = 1
MANIFEST = "manifest.json"
FILES: Mapping[str, str] = {
    "status": "weights/status.json",
    "aspect": "weights/aspect.json",
    "curves": "calibration.json",
}
"""Part: its file in the folder of fitted parts."""
OFF = "off"
"""Value of `TARIKH_TRAINED` that leaves the shipped parts in force."""
_MOST_BYTES = 1_000_000
_HEAVIEST = 50.0
"""No weight is as heavy; a file with such a one was not written by us."""

Curve = Sequence[tuple[float, float]]
"""Points (raw, share right), rising in both."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts that stand in the place of shipped ones; None or no curve: the shipped one. `raw` leaves all curves out.

    `mark` is of six hexadecimal digits, the same for the same parts; empty where all are shipped.
    """

    status: Mapping[str, Any] | None = None
    aspect: Mapping[str, Any] | None = None
    curves: Mapping[str, Curve] = field(default_factory=dict)
    raw: bool = False
    mark: str = ""
    fault: str = ""
    manifest: Mapping[str, Any] = field(default_factory=dict)


SHIPPED = Parts()
_using: ContextVar[Parts | None] = ContextVar("parts", default=None)


@contextmanager
def using(parts: Parts) -> Iterator[None]:
    """Codes with other parts in this context alone: for fitting, which must not see what it fitted before."""
    token = _using.set(parts)
    try:
        yield
    finally:
        _using.reset(token)


def current() -> Parts:
    """The parts in force."""
    return _using.get() or kept()


@cache
def kept() -> Parts:
    """The user's fitted parts, read once a process; `SHIPPED` where there are none, with `fault` where they cannot be used."""
    where = folder()
    if where is None or not (where / MANIFEST).exists():
        return SHIPPED
    try:
        return _read(where)
    except (OSError, ValueError) as error:
        reason = error.strerror or error if isinstance(error, OSError) else error
        return Parts(
            fault=f"the trained parts in {where} are not used ({reason}), and the shipped ones code;"
            " fit them anew by tarikh train, or take them away by tarikh train --reset"
        )


def folder() -> Path | None:
    """Where the user's fitted parts are kept: `TARIKH_TRAINED`, else `trained/` in the home folder; None where it is `off`."""
    settings = Settings()
    if settings.trained is not None and str(settings.trained).lower() == OFF:
        return None
    return settings.trained or settings.home / "trained"


def named(coder: str) -> str:
    """A coder's name with the mark of the fitted parts in force: "fused@7+trained.1a2b3c"."""
    mark = current().mark
    return f"{coder}+trained.{mark}" if mark else coder


def weights(name: str) -> Mapping[str, Any]:
    """The weights of a scored table (`status`, `aspect`) in force."""
    parts = current()
    table = parts.status if name == "status" else parts.aspect
    return table if table is not None else shipped_weights(name)


@cache
def shipped_weights(name: str) -> Mapping[str, Any]:
    """The shipped weights of a scored table, as `training/stance.py` writes them."""
    loaded = load(data_path("weights", f"{name}.json"))
    if not isinstance(loaded, dict):
        raise MissingError(f"weights/{name}.json must be a mapping")
    return loaded


@cache
def shipped_curves() -> Mapping[str, Curve]:
    """The shipped curve of each field, as `training/calibrate.py` writes them."""
    path = data_path("calibration.json")
    if not path.exists():
        return {}
    rows = json.loads(path.read_text(encoding="utf-8"))["curves"]
    return {name: [(float(x), float(y)) for x, y in points] for name, points in rows.items() if points}


def curves() -> Mapping[str, Curve]:
    """The curve of each field in force; a field without one keeps its raw figure."""
    parts = current()
    if parts.raw:
        return {}
    return {**shipped_curves(), **parts.curves} if parts.curves else shipped_curves()


# ---- reading the user's ------------------------------------------------------------------------------------------


def digest(content: bytes) -> str:
    """The SHA-256 of a file's bytes."""
    return hashlib.sha256(content).hexdigest()


def mark_of(digests: Mapping[str, str]) -> str:
    """The mark of parts by the digests of their files: the same parts, the same mark, whenever they were fitted."""
    told = "\n".join(f"{name} {digests[name]}" for name in sorted(digests))
    return digest(told.encode())[:6]


def _read(where: Path) -> Parts:
    """Raises `ValueError` with the reason where a part cannot be used."""
    manifest = _object(_bytes(where / MANIFEST), MANIFEST)
    if manifest.get("format") != FORMAT:
        raise ValueError(
            f"{MANIFEST} has the format {manifest.get('format')!r}, and this version reads {FORMAT}"
        )
    if manifest.get("coder") != CODER:
        raise ValueError(f"they were fitted for the coder {manifest.get('coder')!r}, and this one is {CODER}")
    digests = manifest.get("files")
    if not isinstance(digests, dict) or not digests or not set(digests) <= set(FILES):
        raise ValueError(f"{MANIFEST} names no parts that are known")
    found: dict[str, Any] = {}
    for name, expected in digests.items():
        content = _bytes(where / FILES[name])
        if digest(content) != expected:
            raise ValueError(
                f"{FILES[name]} is not the file that {MANIFEST} names: it was changed or cut off"
            )
        found[name] = checked(name, _object(content, FILES[name]))
    return Parts(**found, mark=mark_of(digests), manifest=manifest)


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ValueError(f"{path.name} has more than {_MOST_BYTES} bytes")
    return content


def _object(content: bytes, name: str) -> dict[str, Any]:
    try:
        loaded = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{name} is not JSON") from error
    if not isinstance(loaded, dict):
        raise ValueError(f"{name} is no JSON object")
    return loaded


def checked(name: str, table: Mapping[str, Any]) -> Mapping[str, Any]:
    """A part as it is used; raises `ValueError` where it has not the shape of the shipped one."""
    if name == "curves":
        return _checked_curves(table.get("curves"))
    _like(table, shipped_weights(name), FILES[name])
    return table


def _like(given: Any, shipped: Any, where: str) -> None:
    """The same keys, and numbers where the shipped table has them."""
    if isinstance(shipped, Mapping):
        if not isinstance(given, Mapping) or set(given) != set(shipped):
            raise ValueError(f"{where} has other entries than the shipped one")
        for key in shipped:
            _like(given[key], shipped[key], where)
    elif not _number(given) or abs(given) > _HEAVIEST:
        raise ValueError(f"{where} holds a weight that is no number up to {_HEAVIEST:g}")


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _checked_curves(rows: object) -> Mapping[str, Curve]:
    name = FILES["curves"]
    if not isinstance(rows, Mapping) or not rows or not set(rows) <= set(shipped_curves()):
        raise ValueError(f"{name} has no curves, or one of a field that is not known")
    found: dict[str, Curve] = {}
    for field_, points in rows.items():
        pairs = points if isinstance(points, list) else []
        good = all(isinstance(p, list) and len(p) == 2 and all(map(_number, p)) for p in pairs)
        if not pairs or not good or not all(0 <= v <= 1 for p in pairs for v in p):
            raise ValueError(f"{name}: the curve of {field_} needs pairs of numbers from 0 to 1")
        if any(a > b for (p, q) in pairwise(pairs) for a, b in zip(p, q, strict=True)):
            raise ValueError(f"{name}: the curve of {field_} does not rise")
        found[field_] = [(float(x), float(y)) for x, y in pairs]
    return found
