"""Fits the curves that make confidences mean something, and draws how well they do.

    python training/calibrate.py HELD.jsonl [CHECK.jsonl]

HELD are reports in the gold form that the reader was not trained on: each field's raw confidence is compared with whether the
field was right (of mentions that match one of gold; for `kind` of all). Writes `src/tarikh/data/calibration.json` (isotonic
regression, a step at least 25 fields wide). CHECK, or half of HELD in turn, gives the reliability plot `docs/reliability.svg`
and the expected calibration error that is printed. Needs matplotlib, which the package does not.
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

from tarikh.demonstration import ready_gazetteer
from tarikh.fitting.regression import BINS, NARROWEST, calibration_error, curve, shuffled
from tarikh.fitting.samples import SAME, beside
from tarikh.outcomes import Rules
from tarikh.reference import data_path, trained
from tarikh.resolve import confidence

Points = dict[str, list[tuple[float, bool]]]


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def points(reports: list[dict], parts: trained.Parts) -> Points:
    """(confidence, right) of every field coded."""
    found: Points = {field: [] for field in SAME}
    rules = Rules(ready_gazetteer(), date.today())
    for report in beside(reports, rules, lambda _: parts, lambda: None):
        for each in report.sure:
            found[each.field].append((each.raw, each.right))
    return found


def draw(found: Points, path: Path) -> None:
    figure, axes = plt.subplots(2, 4, figsize=(10, 5.4), sharex=True, sharey=True)
    for axis, field in zip(axes.flat, [f for f in SAME if f != "harm"], strict=True):
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
    held = rows(options.held)
    raw = points(held, trained.Parts(raw=True))
    curves = {field: curve(pairs) for field, pairs in raw.items() if len(pairs) >= NARROWEST}
    data_path("calibration.json").write_text(
        json.dumps({"reports": len(held), "curves": curves}, indent=1) + "\n", encoding="utf-8"
    )
    if options.check:
        checked = points(rows(options.check), trained.Parts(curves=curves))
    else:  # each half by the curves of the other
        checked = {field: [] for field in SAME}
        for field, pairs in raw.items():
            for fold in (0, 1):
                own, other = pairs[fold::2], pairs[1 - fold :: 2]
                if len(other) >= NARROWEST:
                    fitted = curve(other)
                    checked[field] += [(confidence.along(fitted, x), y) for x, y in own]
    for field, pairs in checked.items():
        if pairs:
            before = calibration_error(raw[field])
            print(f"{field:14}{len(pairs):6}  error {calibration_error(pairs):.3f}  (raw {before:.3f})")
    draw(checked, Path("docs/reliability.svg"))


if __name__ == "__main__":
    main()
