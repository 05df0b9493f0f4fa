#!/usr/bin/env python3
"""How often incidents of each confidence happened: an incident is right when a labelled mention matches one of its own.

Invariant: only counts are printed. The labelled reports must be those of the database; that the reader was trained on
some of them makes the shares too good, so read differences between rows, not the rows.
Usage: benchmarks/certainty.py LABELLED.jsonl DATABASE   (made by: tarikh add LABELLED.jsonl --db DATABASE)
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path

from tarikh import link
from tarikh.evaluation.gold import pair_mentions
from tarikh.exports.gold_form import mention_entry
from tarikh.store import Filter, open_store


def right_mentions(path: Path, database: Path) -> tuple[set[str], set[str]]:
    """Ids of current mentions in labelled reports: those that match a labelled one, and all."""
    labelled = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            row = json.loads(line)
            labelled[str(row["id"])] = row["mentions"]
    right: set[str] = set()
    every: set[str] = set()
    with open_store(database) as store:
        given = {report.id: report.given_id for report in store.reports()}
        by_report = defaultdict(list)
        for mention in store.mentions():
            by_report[mention.report_id].append(mention)
    for report_id, mentions in by_report.items():
        gold = labelled.get(str(given[report_id]))
        if gold is None:
            continue
        every |= {m.id for m in mentions}
        pairs = pair_mentions(gold, [mention_entry(m, None) for m in mentions])
        right |= {mentions[j].id for _, j, _ in pairs}
    return right, every


def main() -> None:
    """Prints a table of confidence, incidents, and the share that is right; then the same for each feature."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("database", type=Path)
    asked = parser.parse_args()
    right, every = right_mentions(asked.file, asked.database)
    bins: dict[str, list[bool]] = defaultdict(list)
    features: dict[str, list[bool]] = defaultdict(list)
    error = 0.0
    with open_store(asked.database) as store:
        mentions = {m.id: m for m in store.mentions()}
        prints = store.fingerprints({m.report_id for m in mentions.values()})
        for incident in store.incidents(Filter()):
            members = [mentions[key] for key in incident.members if key in every]
            if not members:
                continue
            told, good = link.standing(members, prints=prints), any(m.id in right for m in members)
            bins[f"{int(told.confidence * 10) / 10:.1f}"].append(good)
            error += (told.confidence - good) ** 2
            features[f"{min(len(told.sources), 4)} independent sources"].append(good)
            for reason in told.reasons:
                features[reason.feature].append(good)
    count = sum(map(len, bins.values()))
    for name, rows in (("confidence from", bins), ("with", features)):
        for key, goods in sorted(rows.items()):
            print(f"{name} {key}: {len(goods)} incidents, {sum(goods) / len(goods):.0%} right")
    print(f"Brier score {error / count:.3f} of {count} incidents")


if __name__ == "__main__":
    main()
