"""Making a snapshot: incidents as JSON lines and CSV, a checksum of every row behind them, and the manifest.

Invariant: what is written depends on the rows, the moment, the versions and the options alone; the manifest is last
and names every other file with its SHA-256.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tarikh import disclosure, history
from tarikh.disclosure.masking import unnamed
from tarikh.exports import FORMATS, NOTICE, context
from tarikh.exports.destination import encoded, opened
from tarikh.exports.versions import versions
from tarikh.settings import Settings
from tarikh.snapshots.container import MANIFEST, written
from tarikh.store import Filter, Store
from tarikh.store.digests import COLUMNS, FORMAT, WITHOUT_ROLES

KNOWN = tuple(COLUMNS)
"""Formats of the files that `verify` reads; what is written has the newest, `FORMAT`."""

ROWS = "rows.csv"
FILES = ("incidents.jsonl", "incidents.csv", ROWS)
"""What a snapshot holds besides its manifest."""

KEYS = (
    *("format", "moment", "notice", "versions", "coders", "settings"),
    *("incidents", "rows", "forgotten", "files"),
)
"""What a manifest holds."""

RULE = "codebook"
"""The rule by which figures are chosen."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Made:
    """A snapshot that was written: where, how many incidents, of which moment, the SHA-256 of its manifest."""

    path: Path
    incidents: int
    moment: datetime
    sha256: str


def make(
    store: Store,
    destination: Path,
    then: datetime,
    words: bool = True,
    progress: Progress | None = None,
    level: str = "full",
) -> Made:
    """Writes what the data said at a moment as a new folder or archive. `words` off leaves the reports' words out.

    `level` is that of the disclosure policy; what is fresh is so at the moment, and units have no points, so that
    it follows from the rows alone. Raises `UsageError` where the destination is there already, `TarikhError` where it cannot be written.
    """
    with written(destination) as folder:
        manifest = build(store, folder, then, words, progress, level)
        content = encoded(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")
        with opened(folder / MANIFEST) as stream:
            stream.write(content)
    return Made(destination, manifest["incidents"], then, hashlib.sha256(content).hexdigest())


def build(
    store: Store,
    folder: Path,
    then: datetime,
    words: bool = True,
    progress: Progress | None = None,
    level: str = "full",
) -> dict[str, Any]:
    """Writes the files without the manifest, which is returned."""
    past = store.past()
    form = FORMAT if level == "full" else WITHOUT_ROLES
    counts = past.counts(then, form)
    write_rows(store, folder / ROWS, then, progress, form)
    number = write_incidents(store, folder, then, words, level)
    return {
        "format": form,
        "moment": then.isoformat(),
        "notice": NOTICE,
        "versions": versions(),
        "coders": coders(store, then, level),
        "settings": {
            "rule": RULE,
            "words": words,
            "max_text": Settings().max_text,
            "disclosure": level,
            "policy": disclosure.policy().version,
        },
        "incidents": number,
        "rows": {"counts": counts, "sha256": sha256_of(folder / ROWS)},
        "forgotten": forgotten(store, then),
        "files": {
            name: {"sha256": sha256_of(folder / name), "bytes": (folder / name).stat().st_size}
            for name in FILES
        },
    }


def forgotten(store: Store, then: datetime) -> int:
    """How many reports were forgotten at a moment."""
    return len({each.report_id for each in store.past().forgotten() if each.stood(then)})


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_rows(
    store: Store, path: Path, then: datetime, progress: Progress | None = None, form: int = FORMAT
) -> None:
    """Writes the checksum of every append-only row that was there at a moment."""
    total = sum(store.past().counts(then, form).values()) if progress is not None else 0
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(("table", "key", "of", "sha256"))
        for number, row in enumerate(store.past().digests(then, form), 1):
            writer.writerow((row.table, row.key, row.of, row.sha256))
            if progress is not None and number % 1000 == 0:
                progress(number, total)


def coders(store: Store, then: datetime, level: str) -> dict[str, int]:
    """How many reports each coder coded by a moment; people are counted together where a level does not name them."""
    found = store.past().coders(then)
    if disclosure.policy().done("reviewers", disclosure.checked_level(level)) == "shown":
        return found
    told: dict[str, int] = {}
    for coder, number in found.items():
        told[unnamed(coder)] = told.get(unnamed(coder), 0) + number
    return told


def write_incidents(store: Store, folder: Path, then: datetime, words: bool, level: str = "full") -> int:
    """Writes the incidents of a moment in both forms, in order of id, as a level shows them; returns how many."""
    chronicle = history.AsOf(store, then)
    found = sorted(chronicle.incidents(Filter()), key=lambda incident: incident.id)
    mentions = chronicle.mentions(ids=[m for i in found for m in i.members], all_coders=True)
    reports = list(chronicle.reports(dict.fromkeys(m.report_id for m in mentions)))
    shown = disclosure.disclosed_all(found, mentions, reports, disclosure.checked_level(level), then)
    given = context(words=words, shown=shown)
    for name in ("jsonl", "csv"):
        FORMATS[name].write(shown.incidents, folder / f"incidents.{name}", given)
    return len(found)


def manifest_of(raw: bytes) -> Mapping[str, Any] | None:
    """A manifest that is well formed as far as `verify` relies on it, else None."""
    try:
        data = json.loads(raw)
        datetime.fromisoformat(data["moment"])
        known = data["files"]
        fine = (
            all(isinstance(f["sha256"], str) and isinstance(f["bytes"], int) for f in known.values())
            and isinstance(data["versions"], dict)
            and isinstance(data["settings"]["words"], bool)
            and data["settings"].get("disclosure", "full") in disclosure.LEVELS
            and isinstance(data["rows"]["counts"], dict)
            and isinstance(data["format"], int)
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return data if fine else None
