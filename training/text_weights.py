"""Fits what likeness in words weighs when two mentions are compared (`text` of `link.weights`), beside all the other weights.

    python training/text_weights.py GOLD/train.jsonl INCIDENTS_GVA/docs.jsonl [--workers 2]

A line with `mentions` is labelled by the incident of each; one with an `incident_id` is an article on one incident, and of the
pairs of two articles only the likeliest counts. A logistic regression over the pairs that share a block: the sum of the other weights goes in
as it is, each level of likeness gets a weight of its own, drawn toward nothing. Each file has its own intercept, for it says how
often pairs of a block are one incident there. Printed are the weights of each file in the units of the table (log2 odds), with
pairs and true pairs, and for five folds over incidents the log-loss of pairs left out, without the feature, with the
fitted weights and with those of the table. The table's are rounded by hand between the files: the longer the texts, the more likeness says.
"""

from __future__ import annotations

import argparse
import json
import math
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from tarikh import link, pipeline
from tarikh.demonstration import ready_gazetteer
from tarikh.evaluation.coding import documents
from tarikh.evaluation.gold import pair_mentions
from tarikh.evaluation.incident_articles import coded
from tarikh.exports.gold_form import report_line
from tarikh.link.compare import SAME_FROM
from tarikh.link.weights import WEIGHTS
from tarikh.model import Judgement, Mention

LEVELS = tuple(WEIGHTS["text"])
FOLDS, ITERATIONS, PENALTY, MOST = 5, 60, 0.05, 12.0
Pair = tuple[Judgement, bool, str]
"""A judgement, whether the two are one incident, and an incident of theirs, by which folds are made."""


def of_mentions(rows: Sequence[Mapping[str, Any]], rules: pipeline.Rules) -> list[Pair]:
    """Pairs of mentions that labelled ones match."""
    by_id = {str(row["id"]): row for row in rows}
    incident: dict[str, str] = {}
    mentions: list[Mention] = []
    for outcome in pipeline.code_all(pipeline.read(documents(rows), rules), rules, 1):
        told = outcome.mentions or ()
        mentions += told
        if not told:
            continue
        row = by_id[str(outcome.id)]
        found = report_line(str(outcome.id), told, {m.id: m.id for m in told})["mentions"]
        for gold, ours, _ in pair_mentions(row["mentions"], found):
            incident[told[ours].id] = str(row["mentions"][gold].get("incident") or (outcome.id, gold))
    return [
        (j, incident[j.left] == incident[j.right], incident[j.left])
        for j in link.judge(mentions)
        if j.left in incident and j.right in incident
    ]


def of_articles(rows: Sequence[Mapping[str, Any]], rules: pipeline.Rules, workers: int) -> list[Pair]:
    """The likeliest pair of mentions of each two articles."""
    told = coded(rows, rules, workers, {})
    incident = {str(row["doc_id"]): str(row["incident_id"]) for row in rows}
    home = {mention.id: doc for doc, each in told.items() for mention in each}
    best: dict[tuple[str, ...], Judgement] = {}
    for judgement in link.judge(mention for each in told.values() for mention in each):
        key = tuple(sorted((home[judgement.left], home[judgement.right])))
        if key not in best or judgement.score > best[key].score:
            best[key] = judgement
    return [(j, incident[one] == incident[two], incident[one]) for (one, two), j in best.items()]


def level_of(judgement: Judgement) -> str | None:
    told = next((reason.value for reason in judgement.reasons if reason.feature == "text"), None)
    return told.partition(":")[0] if told is not None else None


def matrix(pairs: Iterable[Pair]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Levels with an intercept, the other weights and those of the table as natural log-odds, and what is true."""
    x, others, table, y = [], [], [], []
    for judgement, same, _ in pairs:
        level = level_of(judgement)
        text = WEIGHTS["text"][level] if level else 0.0
        x.append([1.0, *(float(level == name) for name in LEVELS)])
        others.append(min(MOST, max(-MOST, (judgement.score - text - SAME_FROM) * math.log(2))))
        table.append(text * math.log(2))
        y.append(float(same))
    return np.array(x), np.array(others), np.array(table), np.array(y)


def fit(x: np.ndarray, offset: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Newton's method for a ridge-penalized logistic regression with an offset; the intercept is free."""
    weights = np.zeros(x.shape[1])
    penalty = np.array([1e-6, *[PENALTY] * (x.shape[1] - 1)])
    for _ in range(ITERATIONS):
        p = 1 / (1 + np.exp(-(x @ weights + offset)))
        slope = x.T @ (y - p) - penalty * weights
        weights += np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + np.diag(penalty), slope)
    return weights


def loss(odds: np.ndarray, y: np.ndarray) -> float:
    return float(np.sum(np.logaddexp(0, np.where(y > 0, -odds, odds))))


def crossed(pairs: Sequence[Pair]) -> tuple[float, float, float]:
    """Mean log-loss of pairs left out: without the feature, with fitted weights, with those of the table."""
    fold = np.array([zlib.crc32(key.encode()) % FOLDS for *_, key in pairs])
    x, others, table, y = matrix(pairs)
    sums = np.zeros(3)
    for out in range(FOLDS):
        kept, left = fold != out, fold == out
        alone, both = fit(x[kept, :1], others[kept], y[kept]), fit(x[kept], others[kept], y[kept])
        set_by_hand = fit(x[kept, :1], others[kept] + table[kept], y[kept])
        sums += (
            loss(alone[0] + others[left], y[left]),
            loss(x[left] @ both + others[left], y[left]),
            loss(set_by_hand[0] + others[left] + table[left], y[left]),
        )
    return tuple(float(total) / len(pairs) for total in sums)  # type: ignore[return-value]


def tell(name: str, pairs: Sequence[Pair]) -> None:
    x, others, _, y = matrix(pairs)
    weights = fit(x, others, y) / math.log(2)
    print(f"{name}: {len(pairs)} pairs, {int(y.sum())} true")
    for number, level in enumerate(LEVELS, 1):
        count = x[:, number]
        print(
            f"  {level:24} {weights[number]:6.1f}  table {WEIGHTS['text'][level]:5.1f}  pairs {int(count.sum()):5}"
            f"  true {int((count * y).sum()):5}"
        )
    print("  log-loss left out: {:.3f} without, {:.3f} fitted, {:.3f} table".format(*crossed(pairs)))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    rules = pipeline.Rules(ready_gazetteer(), date(2026, 1, 1))
    for path in given.files:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        articles = "incident_id" in rows[0]
        tell(path.name, of_articles(rows, rules, given.workers) if articles else of_mentions(rows, rules))


if __name__ == "__main__":
    main()
