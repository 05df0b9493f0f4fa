"""Trains the weights of status and aspect: linear models over the named signs of `extract.status` and `extract.aspect`.

    python training/stance.py GOLD.jsonl [MORE.jsonl …]

Codes the reports, pairs mentions with gold ones as the scorer does, and fits the signs that each telling shows to its
gold status and aspect. Writes `src/tarikh/data/weights/{status,aspect}.json` and prints the recall of every class by
five-fold cross-validation over reports.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from math import log
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from tarikh.extract import aspect, reader, status
from tarikh.fitting import BACKGROUND_AT, RARE_BONUS
from tarikh.fitting.samples import beside
from tarikh.outcomes import Rules
from tarikh.reference import data_path, trained
from tarikh.settings import Settings

FOLDS = 5
PENALTY = {"status": 0.5, "aspect": 1.0}


def samples(rows: list[dict[str, Any]]) -> Iterator[tuple[str, frozenset[str], str, frozenset[str], str]]:
    """Report, signs of status, gold status, signs of aspect, gold aspect of every pair."""
    rules = Rules(Settings().gazetteer_path(), datetime.now(UTC).date())
    # The signs are the rules', of all that they find: the reader would leave some of it out.
    reader.reads = lambda _: False
    for found in beside(rows, rules, lambda _: trained.Parts(raw=True), lambda: None):
        for pair in found.pairs:
            if pair.signs is not None:
                yield pair.report, pair.signs.status, pair.gold[0], pair.signs.aspect, pair.gold[1]


def matrix(found: list[frozenset[str]], names: list[str]) -> np.ndarray:
    return np.array([[name in signs for name in names] for signs in found], float)


def model(kind: str) -> LogisticRegression:
    return LogisticRegression(C=PENALTY[kind], max_iter=3000)


def bonus(classes: np.ndarray) -> np.ndarray:
    rare = {"reported": 0.0, "new": 0.0, "background": -log(BACKGROUND_AT / (1 - BACKGROUND_AT))}
    return np.array([rare.get(c, RARE_BONUS) for c in classes])


def recall(kind: str, x: np.ndarray, gold: np.ndarray, groups: list[str]) -> None:
    told = np.empty(len(gold), object)
    for seen, held in GroupKFold(FOLDS).split(x, gold, groups):
        fitted = model(kind).fit(x[seen], gold[seen])
        told[held] = fitted.classes_[(fitted.predict_log_proba(x[held]) + bonus(fitted.classes_)).argmax(1)]
    for name in sorted(set(gold)):
        mine = gold == name
        print(f"{kind} {name:<10} recall {np.mean(told[mine] == name):.3f} of {mine.sum()}")


def write(kind: str, table: dict[str, Any]) -> None:
    path = data_path("weights", f"{kind}.json")
    path.write_text(json.dumps(table, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("gold", nargs="+", type=Path)
    rows = [
        json.loads(line)
        for path in parser.parse_args().gold
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    found = list(samples(rows))
    groups = [report for report, *_ in found]

    names = list(status.SIGNS)
    x, gold = matrix([signs for _, signs, *_ in found], names), np.array([s for _, _, s, *_ in found])
    recall("status", x, gold, groups)
    fitted = model("status").fit(x, gold)
    base = list(fitted.classes_).index("reported")
    rare = [(n, c) for n, c in enumerate(fitted.classes_) if c != "reported"]
    lifted = fitted.intercept_ - fitted.intercept_[base] + bonus(fitted.classes_)
    tilt = fitted.coef_ - fitted.coef_[base]
    weights = {name: {c: round(float(tilt[n][k]), 2) for n, c in rare} for k, name in enumerate(names)}
    write("status", {"bias": {c: round(float(lifted[n]), 2) for n, c in rare}, "weights": weights})

    days = sorted({name for *_, signs, _ in found for name in signs} - set(aspect.SIGNS))
    names = [*aspect.SIGNS, *days]
    x, gold = matrix([signs for *_, signs, _ in found], names), np.array([a for *_, a in found])
    recall("aspect", x, gold, groups)
    fitted = model("aspect").fit(x, gold == "background")
    weight = {name: round(float(w), 2) for name, w in zip(names, fitted.coef_[0], strict=True)}
    bias = float(fitted.intercept_[0]) - log(BACKGROUND_AT / (1 - BACKGROUND_AT))
    parts = {"weights": {n: weight[n] for n in aspect.SIGNS}, "days": {n: weight[n] for n in days}}
    write("aspect", {"bias": round(bias, 2), **parts})


if __name__ == "__main__":
    main()
