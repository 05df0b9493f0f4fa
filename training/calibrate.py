"""Fits the curves that make confidences mean something, and draws how well they do.

    python training/calibrate.py HELD.jsonl [CHECK.jsonl]

HELD are reports in the gold form that the reader was not trained on: each field's raw confidence is compared with whether the
field was right (of mentions that match one of gold; for `kind` of all). Writes `src/tarikh/data/calibration.json` (isotonic
regression, a step at least 25 fields wide). CHECK, or half of HELD in turn, gives the reliability plot `docs/reliability.svg`
and the expected calibration error that is printed. Needs scikit-learn and matplotlib, which the package does not.
"""

from __future__ import annotations

import argparse
import json
from datetime import date
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt
import numpy as np
from sklearn.isotonic import IsotonicRegression

from tarikh import pipeline
from tarikh.demonstration import ready_gazetteer
from tarikh.evaluation.coding import coded_lines
from tarikh.evaluation.gold import pair_mentions
from tarikh.reference import data_path
from tarikh.resolve import confidence

FIELDS = {
    "kind": "kind",
    "date": "date",
    "place": "place10",
    "attackers": "attackers",
    "targets": "targets",
    "status": "status",
    "aspect": "aspect",
    "harm.killed": "killed_best",
    "harm": "injured_best",
}
NARROWEST = 25
BINS = 8
Points = dict[str, list[tuple[float, bool]]]


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def points(reports: list[dict]) -> Points:
    """(confidence, right) of every field coded."""
    lines = coded_lines(reports, pipeline.Rules(ready_gazetteer(), date.today()))
    found: Points = {field: [] for field in FIELDS}
    for report in reports:
        predicted = list(lines.get(str(report["id"]), {}).get("mentions") or [])
        pairs = {j: (i, same) for i, j, same in pair_mentions(report["mentions"], predicted)}
        for j, mention in enumerate(predicted):
            sure = mention["confidence"]
            gold = report["mentions"][pairs[j][0]] if j in pairs else None
            found["kind"].append((sure["kind"], gold is not None and gold["kind"] == mention["kind"]))
            if gold is None:
                continue
            for field, name in FIELDS.items():
                key = "harm.injured" if field == "harm" else field
                if field != "kind" and key in sure:
                    found[field].append((sure[key], pairs[j][1][name]))
    return found


def shuffled(pairs: list[tuple[float, bool]]) -> np.ndarray:
    """In order of confidence, equals in random order: sorted by right and wrong they would look uncalibrated."""
    order = np.random.default_rng(0).permutation(len(pairs))
    mixed = np.array(pairs, float)[order]
    return mixed[np.argsort(mixed[:, 0], kind="stable")]


def curve(pairs: list[tuple[float, bool]]) -> list[tuple[float, float]]:
    """Points of a rising curve through groups of at least `NARROWEST` fields."""
    groups = np.array_split(shuffled(pairs), max(1, len(pairs) // NARROWEST))
    x = np.array([g[:, 0].mean() for g in groups])
    y = np.array([(g[:, 1].sum() + 1) / (len(g) + 2) for g in groups])
    fitted = IsotonicRegression().fit_transform(x, y)
    return [(round(float(a), 4), round(float(b), 4)) for a, b in zip(x, fitted, strict=True)]


def error(pairs: list[tuple[float, bool]]) -> float:
    """Expected calibration error over bins of equal size."""
    groups = np.array_split(shuffled(pairs), BINS)
    return float(sum(len(g) * abs(g[:, 0].mean() - g[:, 1].mean()) for g in groups) / len(pairs))


def draw(found: Points, path: Path) -> None:
    figure, axes = plt.subplots(2, 4, figsize=(10, 5.4), sharex=True, sharey=True)
    for axis, field in zip(axes.flat, [f for f in FIELDS if f != "harm"], strict=True):
        axis.plot([0, 1], [0, 1], color="0.7", linewidth=1)
        groups = np.array_split(shuffled(found[field]), BINS)
        groups = [g for g in groups if len(g)]
        x, y = [g[:, 0].mean() for g in groups], [g[:, 1].mean() for g in groups]
        spread = [1.96 * float(np.sqrt(b * (1 - b) / len(g))) for b, g in zip(y, groups, strict=True)]
        axis.errorbar(x, y, yerr=spread, fmt="o-", markersize=3, linewidth=1, color="#1f5f8b")
        axis.set_title(f"{field} (n = {len(found[field])})", fontsize=9)
    figure.supxlabel("confidence", fontsize=9)
    figure.supylabel("share right", fontsize=9)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("held", type=Path)
    parser.add_argument("check", type=Path, nargs="?")
    options = parser.parse_args()
    confidence.curves = dict  # raw figures
    held = rows(options.held)
    raw = points(held)
    curves = {field: curve(pairs) for field, pairs in raw.items() if len(pairs) >= NARROWEST}
    data_path("calibration.json").write_text(
        json.dumps({"reports": len(held), "curves": curves}, indent=1) + "\n", encoding="utf-8"
    )
    if options.check:
        confidence.curves = lambda: curves
        checked = points(rows(options.check))
    else:  # each half by the curves of the other
        checked = {field: [] for field in FIELDS}
        for field, pairs in raw.items():
            for fold in (0, 1):
                own, other = pairs[fold::2], pairs[1 - fold :: 2]
                if len(other) >= NARROWEST:
                    fitted = curve(other)
                    checked[field] += [(confidence.along(fitted, x), y) for x, y in own]
    for field, pairs in checked.items():
        if pairs:
            before = error(raw[field]) if raw[field] else float("nan")
            print(f"{field:14}{len(pairs):6}  error {error(pairs):.3f}  (raw {before:.3f})")
    draw(checked, Path("docs/reliability.svg"))


if __name__ == "__main__":
    main()
