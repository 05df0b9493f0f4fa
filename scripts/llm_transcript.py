#!/usr/bin/env python3
"""Writes what a run of the small model gave, with everything that was refused and why, into docs/language-model.md.

Invariant: only what stands between the two marks is touched, and it is only what the run printed.
Usage: scripts/llm_transcript.py RUN.jsonl SECONDS   (RUN.jsonl: tarikh code … --coder llm --explain --json)
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

PAGE = Path("docs/language-model.md")
MARK = re.compile(r"(<!-- begin transcript -->\n).*?(<!-- end transcript -->)", re.DOTALL)
SHOWN = 12
"""Reports that are shown in full."""
MOST = 8
"""Refusals of one report that are shown."""

Row = Mapping[str, Any]


def asked(rows: Sequence[Row]) -> list[Row]:
    """The reports that the model was asked about."""
    return [row for row in rows if isinstance(row.get("explanation"), dict)]


def summary(rows: Sequence[Row], seconds: int) -> Iterator[str]:
    """The figures of the run, and each reason for which something was refused."""
    told = asked(rows)
    failed = [r for r in told if r["explanation"]["problem"]]
    kept = [r for r in told if not r["explanation"]["problem"]]
    mentions = sum(len(r["mentions"]) for r in kept)
    refused = [f for r in told for f in r["explanation"]["refused"]]
    yield f"{len(rows)} reports in {seconds // 60} min {seconds % 60} s on the machine of the run."
    yield f"{mentions} mentions of the model's stand; {len(failed)} reports were coded by the rules alone."
    yield f"{len(refused)} quotes and mentions were refused:"
    yield ""
    yield "| times | field | why |"
    yield "| --- | --- | --- |"
    table = Counter((f["field"], re.sub(r"“[^”]*”", "“…”", f["reason"])) for f in refused)
    for (field, reason), times in sorted(table.items(), key=lambda row: (-row[1], row[0])):
        yield f"| {times} | `{field}` | {reason} |"
    yield ""
    yield "Why the rules coded reports:"
    yield ""
    problems = Counter(re.sub(r"\d[\d,.]*", "…", str(r["explanation"]["problem"])) for r in failed)
    for problem, times in problems.most_common():
        yield f"- {times} × {problem}"


def transcript(row: Row) -> Iterator[str]:
    """What became of one report."""
    told = row["explanation"]
    yield f"{row['id']}: {len(row['mentions'])} mentions by {'the rules' if told['problem'] else told['model']}"
    if told["problem"]:
        yield f"  {told['problem']}"
    for mention in row["mentions"] if not told["problem"] else ():
        sides = " → ".join(" & ".join(mention[side]) or "nobody" for side in ("attackers", "targets"))
        place = f"{mention['place'] or mention['country'] or 'nowhere'} ({mention['place_precision']})"
        yield f"  {mention['kind']} “{mention['trigger']}”: {sides}; {mention['date_start'] or 'no day'}; {place}; {mention['harm']}"
    refused = told["refused"]
    for each in refused[:MOST]:
        yield f"  refused: {each['field']} “{each['words']}”: {each['reason']}"
    if len(refused) > MOST:
        yield f"  … and {len(refused) - MOST} more refusals"


def main(run: Path, seconds: int) -> None:
    """Writes the section and prints it."""
    rows = [json.loads(line) for line in run.read_text(encoding="utf-8").splitlines()]
    lines = [*summary(rows, seconds), "", f"The first {SHOWN} reports:", "", "```text"]
    for row in asked(rows)[:SHOWN]:
        lines += transcript(row)
    section = "\n".join([*lines, "```", ""])
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(MARK.sub(lambda m: m[1] + section + m[2], page), encoding="utf-8")
    print(section)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
