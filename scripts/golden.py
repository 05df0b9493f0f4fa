"""The golden cases: what the coder makes of every hand-coded report of the project, one file a report.

    python scripts/golden.py             compare, list what changed, exit 1 if anything did
    python scripts/golden.py --rewrite   write them anew; git then shows the change

Fields that people read are kept (kind, status, aspect, parties, days, place, harm, trigger), so a diff can be judged.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tarikh.demonstration import ready_gazetteer
from tarikh.evaluation.coding import coded_lines
from tarikh.pipeline import Rules

ROOT = Path(__file__).parents[1]
SOURCES = (ROOT / "tests/gold/sample.jsonl", ROOT / "tests/gold/cases.jsonl")
FOLDER = ROOT / "tests/golden"
KEPT = (
    "kind", "status", "aspect", "attackers", "targets", "date_start", "date_end", "date_precision",
    "country", "place", "place_precision", "harm", "trigger", "attribution",
)  # fmt: skip


def reports() -> list[dict[str, Any]]:
    """Every hand-coded report of the project."""
    return [
        json.loads(line) for path in SOURCES for line in path.read_text(encoding="utf-8").splitlines() if line
    ]


def made() -> dict[str, str]:
    """The golden text of each report by its id, in stable order."""
    from datetime import date

    rows = reports()
    coded = coded_lines(rows, Rules(ready_gazetteer(), date(2030, 1, 1)))
    found = {}
    for row in rows:
        mentions = [{key: m[key] for key in KEPT} for m in coded[row["id"]]["mentions"]]
        case = {"id": row["id"], "title": row["title"], "published": row["published"], "mentions": mentions}
        found[row["id"]] = json.dumps(case, ensure_ascii=False, indent=1) + "\n"
    return found


def main(arguments: list[str]) -> int:
    """Compares or rewrites; returns the exit code."""
    found = made()
    if "--rewrite" in arguments:
        FOLDER.mkdir(exist_ok=True)
        for stale in FOLDER.glob("*.json"):
            stale.unlink()
        for name, text in found.items():
            (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")
        print(f"{len(found)} golden cases written to {FOLDER.relative_to(ROOT)}")
        return 0
    kept = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    changed = sorted(name for name in {*found, *kept} if found.get(name) != kept.get(name))
    print(f"{len(changed)} of {len(found)} golden cases changed: {', '.join(changed) or 'none'}")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
