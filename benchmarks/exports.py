#!/usr/bin/env python3
"""How long does an export of many incidents take, and in how much memory? Each form in a process of its own.

Invariant: the incidents are those of `pages.py`, each with reports and mentions of its own, one in twelve at a sensitive site.
Usage: benchmarks/exports.py SIZE [--keep FOLDER] [--level public] [--forms csv,parquet]
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pages

from tarikh import asking, disclosure
from tarikh.exports import FORMATS
from tarikh.store import Filter, Store, open_store

FLAT = tuple(name for name, export in FORMATS.items() if export.flat and name != "atom")
_HIDDEN = 12
"""One incident in so many falls under a rule of places."""


def fill(store: Store, size: int) -> None:
    """As `pages.fill`, with two reports and mentions to every second incident and one to the others, and rules that are kept.

    Every fiftieth shares its report with the incident before.
    """
    pages.fill(store, size)
    with store._database._engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute("PRAGMA synchronous = OFF")
        raw.execute("BEGIN")
        raw.execute("DELETE FROM incident_member")
        raw.execute("CREATE TEMP TABLE made AS SELECT id, rowid AS n FROM incident")
        raw.execute(
            "INSERT INTO report (id, title, text, language, version, recorded_at)"
            " SELECT 'r-' || n, 'News', 'Soldiers were killed.', 'en', 1, '2026-01-01 00:00:00.000000' FROM made"
        )
        raw.execute(
            "INSERT INTO coded (report_id, coder, at) SELECT id, 'bench', recorded_at FROM report ORDER BY rowid"
        )
        for part, where, report in (("a", "1", "n - (n % 50 = 0)"), ("b", "n % 2 = 0", "max(1, n - 1)")):
            raw.execute(_MENTIONS.format(part=part, where=where, report=report))
            raw.execute(
                f"INSERT INTO incident_member SELECT 'm-{part}-' || n, id, {int(part == 'b')} FROM made WHERE {where}"
            )
        raw.execute(
            "INSERT INTO sensitivity SELECT id, ?, CASE WHEN n % ? = 0 THEN 'sites' ELSE '' END FROM made",
            (disclosure.policy().version, _HIDDEN),
        )
        raw.execute("COMMIT")


_MENTIONS = """
INSERT INTO mention (id, report_id, coder, kind, status, aspect, attackers, targets, date_precision, date_basis,
  place_precision, harm, "trigger", evidence, phrases, recorded_at)
SELECT 'm-{part}-' || n, 'r-' || ({report}), 'bench', 'armed_clash', 'reported', 'new', '[]', '[]', 'unknown', '',
  'unknown', '{{}}', 'killed', '{{}}', '{{}}', '2026-01-01 00:00:00.000000' FROM made WHERE {where}
"""


def one(path: Path, form: str, level: str, folder: Path) -> None:
    """Writes one file and prints seconds, rows, peak memory and size."""
    destination = folder / f"out{FORMATS[form].suffix}"
    with open_store(path) as store:
        start, cpu = time.perf_counter(), time.process_time()
        taken = asking.export(store, Filter(), destination, form, "user:bench", level=level)
        spent, worked = time.perf_counter() - start, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    size = destination.stat().st_size / 1e6
    print(
        f"| `{form}` | {level} | {spent:,.1f} | {worked:,.1f} | {taken.rows / worked:,.0f} | {peak:,.0f} | {size:,.0f} |"
    )
    destination.unlink()


def main() -> None:
    """Fills, exports, prints a table."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("size", type=int)
    asked.add_argument("--keep", type=Path, help="a folder in which the database stays, and is used again")
    asked.add_argument("--level", default="full,public", help="levels of disclosure, between commas")
    asked.add_argument("--forms", default=",".join(FLAT), help="forms, between commas")
    asked.add_argument("--one", help=argparse.SUPPRESS)
    given = asked.parse_args()
    with nullcontext(given.keep) if given.keep else tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / f"exports-{given.size}.db"
        if given.one:
            form, level = given.one.split(":")
            one(path, form, level, folder)
            return
        if not path.exists():
            with open_store(path) as store:
                fill(store, given.size)
        print(f"{given.size:,} incidents, file of {path.stat().st_size / 1e6:,.0f} MB\n")
        print(
            "| form | level | s | CPU s | rows a CPU second | peak MB | file MB |\n|---|---|---|---|---|---|---|"
        )
        for level in given.level.split(","):
            for form in given.forms.split(","):
                again = [
                    sys.executable,
                    __file__,
                    str(given.size),
                    "--keep",
                    str(folder),
                    "--one",
                    f"{form}:{level}",
                ]
                subprocess.run(again, check=True, env=os.environ)


if __name__ == "__main__":
    main()
