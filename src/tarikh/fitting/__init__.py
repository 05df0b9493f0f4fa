"""Fits parts of the embedded coder to reports that people coded: weights of status and aspect, curves of confidence.

Invariant: every figure is of reports on which what is scored was not fitted; a part is given back only where its figure is better
by more than noise, and nothing is written here (`fitting.keeping`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from math import log
from typing import Any

import numpy as np

from tarikh.errors import UsageError
from tarikh.evaluation.coding import Uncoded
from tarikh.extract import aspect, status
from tarikh.fitting import figures
from tarikh.fitting.figures import Verdict
from tarikh.fitting.regression import NARROWEST, Floats, curve, logistic
from tarikh.fitting.samples import Beside, Pair, Row, Sure, beside, fold_of
from tarikh.outcomes import Rules
from tarikh.reference import trained
from tarikh.resolve.confidence import along

FEWEST = 30
"""Reports below which nothing is fitted: a class of status then has a handful of mentions."""
FOLDS = 5
RARE_BONUS = 1.0
"""Added to the bias of every status but reported: a claim taken for a fact costs a reader more than the reverse."""
BACKGROUND_AT = 0.33
"""The chance of background at which the sum of its signs is nought."""
PULL = 5.0
"""How strongly weights are held to the shipped ones: as much as five mentions a sign or so, whatever is given. Not tuned."""
HELD = 10.0
"""The shipped curve counts as so many fields of each step of a new one, which has `NARROWEST` or more. Not tuned."""
STATUSES = ("reported", *status.UNSURE)
Tick = Callable[[int, int], None]
Points = dict[str, list[tuple[str, float, bool]]]


@dataclass(frozen=True, slots=True)
class Fitted:
    """What fitting gave: the verdict on each part, the parts adopted by their names in `trained.FILES`, and of how much."""

    reports: int
    mentions: int
    verdicts: tuple[Verdict, ...]
    parts: Mapping[str, Any]
    uncoded: Uncoded = field(default_factory=dict)


def fitted(rows: Sequence[Row], rules: Rules, folds: int = FOLDS, tick: Tick = lambda *_: None) -> Fitted:
    """Fits on labelled reports (`samples.labelled`), each part scored on the fold that it was not fitted on.

    Every report is coded twice: with the shipped parts, and with weights fitted on the other folds. Raises `UsageError`
    where fewer than `FEWEST` reports could be coded.
    """
    uncoded: Uncoded = {}
    done = 0

    def count() -> None:
        nonlocal done
        done += 1
        tick(done, 2 * len(rows))

    _enough(len(rows))
    before = list(beside(rows, rules, lambda _: trained.Parts(raw=True), count))
    uncoded |= {each.report: each.problem for each in before if each.problem}
    _enough(len(rows) - len(uncoded), uncoded)
    pairs = [pair for each in before for pair in each.pairs]
    held = [weighed([p for p in pairs if fold_of(p.report, folds) != n]) for n in range(folds)]
    after = list(beside(rows, rules, lambda report: held[fold_of(report, folds)], count))
    uncoded |= {each.report: each.problem for each in after if each.problem}

    told = _told(before, after)
    verdicts = [
        figures.status([(p, p.gold[0], b[0], a[0]) for p, b, a in told], STATUSES),
        figures.aspect([(p, p.gold[1], b[1], a[1]) for p, b, a in told]),
    ]
    whole = weighed(pairs)
    parts: dict[str, Any] = {v.part: getattr(whole, v.part) for v in verdicts if v.adopted}
    curved, found = _curves(_points(before, after, parts), folds)
    if found:
        parts["curves"] = {"curves": found}
    return Fitted(len(rows) - len(uncoded), len(pairs), (*verdicts, *curved), parts, uncoded)


def _enough(reports: int, uncoded: Uncoded | None = None) -> None:
    if reports < FEWEST:
        lost = f" ({len(uncoded)} could not be coded)" if uncoded else ""
        raise UsageError(
            f"{reports} coded reports{lost} are too few to fit anything on; give at least {FEWEST}, better some hundreds"
        )


def _told(
    before: Sequence[Beside], after: Sequence[Beside]
) -> list[tuple[Pair, tuple[str, str], tuple[str, str]]]:
    """The mentions of gold that were found both times, with what was said of each."""
    again = {(p.report, p.number): p.coded for each in after for p in each.pairs}
    pairs = (p for each in before for p in each.pairs)
    return [(p, p.coded, again[p.report, p.number]) for p in pairs if (p.report, p.number) in again]


# ---- weights -----------------------------------------------------------------------------------------------------


def matrix(found: Sequence[frozenset[str]], names: Sequence[str]) -> Floats:
    """Samples × signs, and a last column of ones for the bias."""
    return np.array([[*(name in signs for name in names), True] for signs in found], float).reshape(
        len(found), len(names) + 1
    )


def weighed(pairs: Sequence[Pair]) -> trained.Parts:
    """The tables of status and aspect fitted on pairs that have signs, from the shipped ones on; without curves."""
    signed = [(p.gold, p.signs) for p in pairs if p.signs is not None]
    stances = [(signs.status, gold[0]) for gold, signs in signed]
    positions = [(signs.aspect, gold[1]) for gold, signs in signed]
    return trained.Parts(status=_status(stances), aspect=_aspect(positions), raw=True)


def _status(found: Sequence[tuple[frozenset[str], str]]) -> dict[str, Any]:
    shipped, names = trained.shipped_weights("status"), list(status.SIGNS)
    prior = np.array(
        [[*(shipped["weights"][n][c] for n in names), shipped["bias"][c] - RARE_BONUS] for c in status.UNSURE]
    )
    classes = np.array([STATUSES.index(gold) for _, gold in found], np.int64)
    made = logistic(matrix([signs for signs, _ in found], names), classes, prior, PULL).round(2)
    bias = {c: float(round(made[k, -1] + RARE_BONUS, 2)) for k, c in enumerate(status.UNSURE)}
    table = {
        name: {c: float(made[k, n]) for k, c in enumerate(status.UNSURE)} for n, name in enumerate(names)
    }
    return {"bias": bias, "weights": table}


def _aspect(found: Sequence[tuple[frozenset[str], str]]) -> dict[str, Any]:
    shipped = trained.shipped_weights("aspect")
    names, days = list(aspect.SIGNS), list(shipped["days"])
    lifted = -log(BACKGROUND_AT / (1 - BACKGROUND_AT))
    values = [*(shipped["weights"][n] for n in names), *(shipped["days"][n] for n in days)]
    prior = np.array([[*values, shipped["bias"] - lifted]])
    classes = np.array([gold == "background" for _, gold in found], np.int64)
    x = matrix([signs for signs, _ in found], [*names, *days])
    made = [float(w) for w in logistic(x, classes, prior, PULL)[0].round(2)]
    return {
        "bias": round(made[-1] + lifted, 2),
        "weights": dict(zip(names, made, strict=False)),
        "days": dict(zip(days, made[len(names) :], strict=False)),
    }


# ---- curves ------------------------------------------------------------------------------------------------------


def _points(before: Sequence[Beside], after: Sequence[Beside], parts: Mapping[str, Any]) -> Points:
    """The raw confidences of each field, as the parts that are adopted give them."""
    said: list[Sure] = [s for each in before for s in each.sure if s.field not in parts]
    said += [s for each in after for s in each.sure if s.field in parts]
    said.sort(key=lambda s: s.field)  # stable: within a field the order of the reports
    return {
        name: [(s.report, s.raw, s.right) for s in group]
        for name, group in groupby(said, key=lambda s: s.field)
    }


def _curves(points: Points, folds: int) -> tuple[list[Verdict], dict[str, list[list[float]]]]:
    """The verdict on each field's curve, and the curves that are adopted, fitted on all."""
    verdicts, found = [], {}
    for name, said in points.items():
        known = trained.shipped_curves().get(name)
        if known is None or len(said) < 2 * NARROWEST:
            continue
        shipped = partial(along, known)
        made = [
            curve([(raw, right) for report, raw, right in said if fold_of(report, folds) != n], shipped, HELD)
            for n in range(folds)
        ]
        told = [(r, shipped(raw), along(made[fold_of(r, folds)], raw), right) for r, raw, right in said]
        verdicts.append(figures.confidence(f"confidence of {name}", told))
        if verdicts[-1].adopted:
            whole = curve([(raw, right) for _, raw, right in said], shipped, HELD)
            found[name] = [list(point) for point in whole]
    return verdicts, found
