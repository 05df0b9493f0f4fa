"""Trains the models of an article's main event on HRDsAttack (Ran et al. 2023, MIT License).

    python training/main_event.py HRDSATTACK/train.jsonl

Country, region, town, year, month and day: which candidate of the article is the right one, a softmax over its candidates.
Sorts of violation: a logistic regression for each label. All are penalized and linear in the features that
`tarikh.evaluation.main_event` reads. Prints five-fold cross-validated figures and writes `src/tarikh/data/main_event/en.json`.
Needs SciPy and scikit-learn, which using the models does not.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from tarikh import pipeline
from tarikh.evaluation.coding import documents
from tarikh.evaluation.hrdsattack import LABELS, country_key, state
from tarikh.evaluation.main_event import days, places, violations
from tarikh.evaluation.main_event.article import Article, read
from tarikh.evaluation.main_event.models import Models, chosen, fitting
from tarikh.gazetteer import open_index
from tarikh.reference import data_path
from tarikh.settings import Settings
from tarikh.text import fold

FOLDS, SEEDS = 5, (0, 1, 2)
PENALTY = {"country": 10.0, "region": 10.0, "town": 10.0, "year": 6.0, "month": 8.0, "day": 6.0}
SELDOM = 3
SOFTNESS = 0.02
THRESHOLD = 0.31
SMALLEST = 0.005

Candidates = list[tuple[object, dict[str, float]]]


def articles(path: Path, workers: int) -> Iterator[tuple[dict, Article]]:
    """The labelled articles, coded as `tarikh code` codes them."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rules = pipeline.Rules(Settings().gazetteer_path(), date.today())
    gazetteer = open_index(rules.gazetteer)
    outcomes = pipeline.code_all(pipeline.read(documents(rows), rules), rules, workers)
    for row, outcome in zip(rows, outcomes, strict=True):
        if outcome.report is not None:
            yield row["gold"], read(outcome.report, outcome.mentions, gazetteer)


def candidates(article: Article) -> dict[str, Candidates]:
    told, named = days.candidates(article), places.towns(article)
    by_name = [(fold(c.name), c.features) for c in named]
    return {
        "country": [(state(c.name), c.features) for c in places.countries(article)],
        "region": by_name,
        "town": by_name,
        "year": [(c.year, c.features) for c in told],
        "month": [(c.month, c.features) for c in told if c.month is not None],
        "day": [(c.day, c.features) for c in told if c.day is not None],
    }


def wanted(gold: dict, slot: str) -> object:
    value = gold["city" if slot == "town" else slot]
    if slot == "country":
        return country_key(value)
    return fold(value) if isinstance(value, str) else value


def fit_choice(groups: list[tuple[Candidates, object]], penalty: float) -> dict[str, float]:
    """Weights under which the right candidates of each group have most of its softmax."""
    groups = [(c, right) for c, right in groups if 0 < sum(v == right for v, _ in c) < len(c)]
    seen = Counter(name for c, _ in groups for name in {n for _, f in c for n in f})
    index = {name: i for i, name in enumerate(sorted(n for n, count in seen.items() if count >= SELDOM))}
    flat = [(number, v == right, f) for number, (c, right) in enumerate(groups) for v, f in c]
    cells = [(i, index[n], x) for i, (_, _, f) in enumerate(flat) for n, x in f.items() if n in index and x]
    row, column, value = zip(*cells, strict=True)
    design = csr_matrix((value, (row, column)), shape=(len(flat), len(index)))
    group = np.array([number for number, _, _ in flat])
    right = np.array([ok for _, ok, _ in flat], dtype=float)
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        score = design @ weights
        power = np.exp(score - np.maximum.reduceat(score, starts)[group])
        everything, good = np.add.reduceat(power, starts), np.add.reduceat(power * right, starts)
        slope = design.T @ (power / everything[group] - power * right / np.maximum(good[group], 1e-12))
        value = -np.log(np.maximum(good, 1e-12) / everything).sum() + penalty * (weights @ weights) / 2
        return value, slope + penalty * weights

    found = minimize(loss, np.zeros(len(index)), jac=True, method="L-BFGS-B", options={"maxiter": 100}).x
    return {n: round(float(found[i]), 3) for n, i in index.items() if abs(found[i]) >= SMALLEST}


def fit_labels(rows: list[dict[str, float]], labels: list[set[str]]) -> dict[str, dict[str, float]]:
    """A logistic regression for each label, with the scaling of its features folded into the weights."""
    vectorizer = DictVectorizer(sparse=False)
    design = vectorizer.fit_transform(rows)
    kept = (design != 0).sum(axis=0) >= SELDOM
    names, design = np.array(vectorizer.feature_names_)[kept], design[:, kept]
    scaler = StandardScaler().fit(design)
    found = {}
    for label in LABELS:
        answer = np.array([label in given for given in labels])
        model = LogisticRegression(C=SOFTNESS, max_iter=2000).fit(scaler.transform(design), answer)
        weights = model.coef_[0] / scaler.scale_
        bias = float(model.intercept_[0] - weights @ scaler.mean_)
        found[label] = {"": round(bias, 4)} | {
            str(n): round(float(w), 4) for n, w in zip(names, weights, strict=True)
        }
    return found


def cross_validate(golds: list[dict], read_: list[dict[str, Candidates]], seen: list[dict]) -> None:
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    hits = given = wished = 0
    violated = [set(g["violation_types"] or ["unknown"]) for g in golds]
    for seed in SEEDS:
        fold_of = np.random.default_rng(seed).permutation(len(golds)) % FOLDS
        for k in range(FOLDS):
            learn, test = np.flatnonzero(fold_of != k), np.flatnonzero(fold_of == k)
            for slot, penalty in PENALTY.items():
                groups = [(read_[i][slot], wanted(golds[i], slot)) for i in learn]
                weights = fit_choice([g for g in groups if g[1] is not None], penalty)
                for i in test:
                    answer = wanted(golds[i], slot)
                    if answer is not None:
                        asked[slot] += 1
                        right[slot] += chosen(read_[i][slot], weights) == answer
            known = Models({}, fit_labels([seen[i] for i in learn], [violated[i] for i in learn]), THRESHOLD)
            for i in test:
                guess = set(fitting(seen[i], known))
                hits += len(guess & violated[i])
                given, wished = given + len(guess), wished + len(violated[i])
    for slot in PENALTY:
        print(f"{slot}: {right[slot] / asked[slot]:.3f} of {asked[slot] // len(SEEDS)}")
    print(
        f"violations: precision {hits / given:.3f}, recall {hits / wished:.3f}, F1 {2 * hits / (given + wished):.3f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("train", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    train(list(articles(args.train, args.workers)))


def train(labelled: list[tuple[dict, Article]]) -> None:
    golds = [gold for gold, _ in labelled]
    read_ = [candidates(article) for _, article in labelled]
    seen = [violations.features(article) for _, article in labelled]
    cross_validate(golds, read_, seen)
    choices = {}
    for slot, penalty in PENALTY.items():
        groups = [(c[slot], wanted(g, slot)) for c, g in zip(read_, golds, strict=True)]
        choices[slot] = fit_choice([g for g in groups if g[1] is not None], penalty)
    labels = fit_labels(seen, [set(g["violation_types"] or ["unknown"]) for g in golds])
    path = data_path("main_event", "en.json")
    path.parent.mkdir(exist_ok=True)
    made = {"threshold": THRESHOLD, "labels": labels, "choices": choices}
    path.write_text(json.dumps(made, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    print(f"wrote {path.name}: {sum(map(len, (*labels.values(), *choices.values())))} weights")


if __name__ == "__main__":
    main()
