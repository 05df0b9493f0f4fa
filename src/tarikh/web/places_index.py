"""The gazetteer index that the pages look places up in, opened once for all requests.

Invariant: one index a path and process; it has a lock of its own, so that threads may share it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tarikh.errors import MissingError
from tarikh.gazetteer import Gazetteer, open_index


@cache
def gazetteer_at(path: Path | None) -> Gazetteer:
    """The index at a path. Raises `MissingError` where there is none."""
    if path is None:
        raise MissingError("there is no gazetteer index: run `tarikh gazetteer build`")
    return open_index(path)
