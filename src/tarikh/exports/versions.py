"""What a release depends on besides the rows: versions of the parts of Tarikh, as a manifest names them.

Invariant: no path and no name of a machine; a part that is not there is None, which is not "the same".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tarikh import __version__, reference
from tarikh.errors import TarikhError
from tarikh.extract.coder import CODER
from tarikh.gazetteer import open_index
from tarikh.link.compare import BY as LINKER
from tarikh.reference import contested, trained
from tarikh.reference.register import own_files, shipped_files
from tarikh.settings import Settings

NAMES: Mapping[str, str] = {
    "tarikh": "Tarikh",
    "coder": "the coder",
    "linker": "the linker",
    "codebook": "the codebook",
    "register": "the register of parties",
    "contested": "the register of contested places",
    "gazetteer": "the gazetteer",
}
"""The parts, as sentences call them."""


def versions() -> dict[str, str | None]:
    """The version of each part; of files the beginning of their SHA-256."""
    codebook = reference.data_path("codebook.yaml")
    number = reference.load(codebook).get("version")
    return {
        "tarikh": __version__,
        "coder": trained.named(CODER),
        "linker": LINKER,
        "codebook": f"{number} ({_files([codebook])})",
        "register": f"{len(reference.parties())} parties ({_files([*shipped_files(), *own_files()])})",
        "contested": f"{len(contested.areas())} areas ({_files(_contested_files())})",
        "gazetteer": _gazetteer(),
    }


def _contested_files() -> list[Path]:
    return [*sorted(reference.data_path("contested").glob("*.yaml")), *contested.own_files()]


def _files(paths: Iterable[Path]) -> str:
    hashed = hashlib.sha256()
    for path in paths:
        hashed.update(hashlib.sha256(path.read_bytes()).digest())
    return hashed.hexdigest()[:16]


def _gazetteer() -> str | None:
    try:
        info: Mapping[str, Any] = open_index(Settings().gazetteer_path()).info()
    except TarikhError:
        return None
    told = hashlib.sha256(json.dumps(info, sort_keys=True, default=str).encode()).hexdigest()[:16]
    return f"{info.get('places', 'unknown number of')} places ({told})"
