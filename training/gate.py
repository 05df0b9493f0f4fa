"""Trains the gate: a linear model over the words of a report, from labelled reports and unrelated news.

    python training/gate.py GOLD.jsonl UNRELATED.jsonl [--language en] [--positive MORE.jsonl]

GOLD has `mentions` (none: an unrelated or look-alike report); UNRELATED has `title` and `text` of general news; every line
whose `relevant` is true counts as positive. Writes `src/tarikh/data/gate/LANGUAGE.json`: a weight for each word and the
threshold. Prints recall and the share of unrelated news let through, both by five-fold cross-validation.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

import numpy as np

from tarikh.extract.gate import words_of
from tarikh.reference import data_path

FOLDS, ITERATIONS, PENALTY, SMALLEST, KEPT = 5, 400, 2.0, 4, 1500


def read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def bag(row: dict) -> set[str]:
    return set(words_of(f"{row.get('title') or ''}\n{row['text']}"))


def proper_names(rows: list[dict]) -> set[str]:
    """Words mostly written with a capital inside sentences: a place, person or outlet must not open or close the gate."""
    upper: dict[str, int] = {}
    lower: dict[str, int] = {}
    for row in rows:
        for before, word in re.findall(r"(\S?)\s([^\W\d_]{3,})", row["text"]):
            if before not in '.!?\u201d"' or word[0].islower():
                counts = upper if word[0].isupper() else lower
                counts[word.lower()] = counts.get(word.lower(), 0) + 1
    return {w for w, n in upper.items() if n > 0.5 * (n + lower.get(w, 0))}


def matrix(bags: list[set[str]], index: dict[str, int]) -> np.ndarray:
    x = np.zeros((len(bags), len(index)), dtype=np.float32)
    for i, words in enumerate(bags):
        known = [index[w] for w in words if w in index]
        # Length must not decide: a long report has more words of every sort.
        x[i, known] = 1 / np.sqrt(max(20, len(words)))
    return x


def fit(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Ridge-penalized logistic regression by gradient descent with momentum; classes weigh the same."""
    weight = np.where(y > 0, weight * 0.5 / weight[y > 0].sum(), weight * 0.5 / weight[y <= 0].sum())
    w, velocity = np.zeros(x.shape[1] + 1), np.zeros(x.shape[1] + 1)
    design = np.hstack([x, np.ones((len(x), 1))])
    for _ in range(ITERATIONS):
        p = 1 / (1 + np.exp(-design @ w))
        gradient = design.T @ (weight * (p - y)) + PENALTY * 1e-4 * np.append(w[:-1], 0)
        velocity = 0.9 * velocity - 8.0 * gradient
        w = w + velocity
    return w


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("gold", type=Path)
    parser.add_argument("unrelated", type=Path)
    parser.add_argument("--positive", type=Path, action="append", default=[])
    parser.add_argument(
        "--relevant-lines", default="", help="comma-separated 0-based lines of UNRELATED that are related"
    )
    parser.add_argument("--language", default="en")
    parser.add_argument(
        "--trust", type=float, default=0.2, help="weight of a line of --positive against one of GOLD"
    )
    parser.add_argument("--recall", type=float, default=0.995)
    args = parser.parse_args()
    gold = [r for r in read(args.gold) if r["language"] == args.language]
    related = {int(n) for n in args.relevant_lines.split(",") if n}
    news = read(args.unrelated)
    rows = [(bag(r), float(bool(r["mentions"]))) for r in gold]
    rows += [(bag(r), float(n in related)) for n, r in enumerate(news)]
    rows += [(bag(r), 1.0) for path in args.positive for r in read(path)]
    kinds = np.array(
        ["gold"] * len(gold) + ["news"] * len(news) + ["more"] * (len(rows) - len(gold) - len(news))
    )
    trust = np.where(kinds == "more", args.trust, 1.0)
    bags, y = [b for b, _ in rows], np.array([v for _, v in rows])
    frequency: dict[str, int] = {}
    for words in bags:
        for word in words:
            frequency[word] = frequency.get(word, 0) + 1
    names = proper_names(gold + news)
    vocabulary = sorted(
        w for w, n in frequency.items() if n >= SMALLEST and w not in names and n < 0.45 * len(bags)
    )
    index = {w: i for i, w in enumerate(vocabulary)}
    x = matrix(bags, index)
    fold = np.random.default_rng(7).permutation(len(y)) % FOLDS
    scores = np.zeros(len(y))
    for k in range(FOLDS):
        w = fit(x[fold != k], y[fold != k], trust[fold != k])
        scores[fold == k] = x[fold == k] @ w[:-1] + w[-1]
    positive = np.sort(scores[(y > 0) & (kinds == "gold")])
    threshold = float(positive[int(len(positive) * (1 - args.recall))]) - 1e-6
    for name in ("gold", "news", "more"):
        on, off = (kinds == name) & (y > 0), (kinds == name) & (y == 0)
        print(
            f"{name}: recall {np.mean(scores[on] >= threshold) if on.any() else float('nan'):.3f} of {on.sum()},"
            f" unrelated let through {np.mean(scores[off] >= threshold) if off.any() else float('nan'):.3f} of {off.sum()}"
        )
    w = fit(x, y, trust)
    order = np.argsort(-np.abs(w[:-1]))[:KEPT]
    weights = {vocabulary[i]: round(float(w[i]), 3) for i in sorted(order)}
    path = data_path("gate", f"{args.language}.json")
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        json.dumps(
            {"bias": round(float(w[-1]), 4), "threshold": round(threshold, 4), "weights": weights},
            ensure_ascii=False,
            indent=0,
        )
        + "\n",
        encoding="utf-8",
    )
    print(f"wrote {len(weights)} weights to {path.name}; threshold {threshold:.3f}")


if __name__ == "__main__":
    main()
