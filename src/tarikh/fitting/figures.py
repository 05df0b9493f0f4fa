"""Before and after, on reports that nothing was fitted on: the figures that are printed, and whether they differ by more than noise.

Invariant: noise is that of reports: they are drawn anew with replacement, whole, with a fixed seed, before and after together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tarikh.fitting.regression import Floats, calibration_error
from tarikh.fitting.samples import Pair

DRAWS = 2000
BETTER = 0.975
"""A part is adopted where its figure is better in this share of the drawings."""

FEW = 5
"""Fields that must be right, and that must be wrong: drawing anew cannot show the noise of what was never seen."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure before and after, of `count` mentions, fields or reports."""

    name: str
    before: float
    after: float
    count: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """The figures of a part; the first one decides. `better` is the share of drawings in which it is."""

    part: str
    adopted: bool
    better: float
    why: str
    figures: tuple[Figure, ...]


Told = Sequence[tuple[Pair, str, str, str]]
"""A pair with its value by gold, before and after."""


def drawn_better(by_report: Mapping[str, Floats], figure: Callable[[Floats], Floats]) -> float:
    """The share of drawings of the reports in which the figure after is above the one before.

    `by_report` has sums of each report, (2, …) for before and after; `figure` makes (draws, …) of them into one number a draw.
    """
    sums = np.stack([by_report[name] for name in sorted(by_report)])
    times = np.random.default_rng(0).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), DRAWS)
    before, after = (figure(np.tensordot(times.astype(float), sums[:, n], 1)) for n in (0, 1))
    return float(np.mean(after > before))


def _mean_recall(sums: Floats) -> Floats:
    """The mean recall of the classes that a draw has; `sums` are draws × classes × (right, all)."""
    right, whole = sums[..., 0], sums[..., 1]
    recall = np.divide(right, whole, out=np.full_like(right, np.nan), where=whole > 0)
    return np.asarray(np.nanmean(recall, axis=-1))


def _f1(sums: Floats) -> Floats:
    """F1 of draws × (right, told, gold)."""
    told = sums[..., 1] + sums[..., 2]
    return np.asarray(np.divide(2 * sums[..., 0], told, out=np.zeros_like(told), where=told > 0))


def status(told: Told, classes: Sequence[str]) -> Verdict:
    """Recall of every status; the mean of them decides, and the share right must not fall."""
    seen = [name for name in classes if any(gold == name for _, gold, _, _ in told)]
    by_report: dict[str, Floats] = {}
    for pair, gold, *values in told:
        sums = by_report.setdefault(pair.report, np.zeros((2, len(seen), 2)))
        for n, value in enumerate(values):
            sums[n, seen.index(gold)] += (value == gold, 1)
    total = sum(by_report.values(), np.zeros((2, len(seen), 2)))
    before, after = _mean_recall(total)
    figures = [Figure("mean recall", float(before), float(after), len(told)), _share(told)]
    figures += [
        Figure(f"recall of {name}", _ratio(total[0, n]), _ratio(total[1, n]), int(total[0, n, 1]))
        for n, name in enumerate(seen)
    ]
    return _verdict("status", figures, drawn_better(by_report, _mean_recall), figures[1])


def aspect(told: Told) -> Verdict:
    """F1 of background decides, and the share right must not fall."""
    by_report: dict[str, Floats] = {}
    for pair, gold, *values in told:
        sums = by_report.setdefault(pair.report, np.zeros((2, 3)))
        for n, value in enumerate(values):
            both = value == gold == "background"
            sums[n] += (both, value == "background", gold == "background")
    total = sum(by_report.values(), np.zeros((2, 3)))
    before, after = _f1(total)
    figures = [Figure("F1 of background", float(before), float(after), int(total[0, 2])), _share(told)]
    return _verdict("aspect", figures, drawn_better(by_report, _f1), figures[1])


def _ratio(sums: Floats) -> float:
    return float(sums[0] / sums[1])


def _share(told: Told) -> Figure:
    before, after = (sum(row[n] == row[1] for row in told) / max(1, len(told)) for n in (2, 3))
    return Figure("share right", before, after, len(told))


def confidence(field: str, told: Sequence[tuple[str, float, float, bool]]) -> Verdict:
    """The mean squared error of a field's confidence decides, and its calibration error must not grow.

    `told` are report, confidence before and after, and whether the field is right.
    """
    by_report: dict[str, Floats] = {}
    for report, before, after, right in told:
        sums = by_report.setdefault(report, np.zeros((2, 2)))
        sums[0] += ((before - right) ** 2, 1)
        sums[1] += ((after - right) ** 2, 1)
    total = sum(by_report.values(), np.zeros((2, 2)))
    errors = [float(t[0] / t[1]) for t in total]
    expected = [
        calibration_error([(before, right) for _, before, _, right in told]),
        calibration_error([(after, right) for _, _, after, right in told]),
    ]
    figures = [
        Figure("squared error", errors[0], errors[1], len(told)),
        Figure("calibration error", expected[0], expected[1], len(told)),
    ]
    better = drawn_better(by_report, lambda sums: -sums[:, 0] / np.maximum(sums[:, 1], 1))
    rarer = min(sum(right for *_, right in told), sum(not right for *_, right in told))
    if rarer < FEW:
        why = f"left: {rarer} fields are the rarer of right and wrong, and {FEW} are asked for"
        return Verdict(field, False, better, why, tuple(figures))
    return _verdict(field, figures, better, figures[1], falling=True)


def _verdict(
    part: str, figures: Sequence[Figure], better: float, guarded: Figure, falling: bool = False
) -> Verdict:
    sign = -1 if falling else 1
    noise = f"{figures[0].name} better in {better:.1%} of {DRAWS} drawings of the reports"
    if better < BETTER:
        return Verdict(part, False, better, f"left: {noise}, and {BETTER:.1%} are asked for", tuple(figures))
    if sign * guarded.after < sign * guarded.before:
        return Verdict(part, False, better, f"left: {noise}, but {guarded.name} is worse", tuple(figures))
    return Verdict(part, True, better, f"adopted: {noise}", tuple(figures))
