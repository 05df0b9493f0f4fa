"""The two methods by which parts are fitted, in numpy alone: logistic regression pulled to a prior, and rising curves.

Invariant: the same arrays give the same weights, bit for bit on one machine; nothing random is in here that has no fixed seed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Pairs = Sequence[tuple[float, bool]]
"""(confidence, whether the field was right)."""

NARROWEST = 25
"""A step of a curve is at least so many fields wide."""
BINS = 8
_STEPS = 100
_STILL = 1e-9


def chances(x: Floats, weights: Floats) -> Floats:
    """The chance of each class, the base first. `x` is samples × signs, `weights` classes without the base × signs."""
    sums = np.hstack([np.zeros((len(x), 1)), x @ weights.T])
    sums -= sums.max(axis=1, keepdims=True)
    raised = np.exp(sums)
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def logistic(x: Floats, classes: NDArray[np.int64], prior: Floats, pull: float) -> Floats:
    """Weights (classes without the base × signs) of multinomial logistic regression, by Newton's method with halved steps.

    `classes` are 0 for the base and 1 … K for the rows of `prior`. The loss is the sum over samples, so that `pull` (half of
    it times the squared distance from the prior) weighs less the more samples there are: few reports move little.
    """
    target = np.eye(len(prior) + 1)[classes]
    weights = prior.copy()
    loss = _loss(x, target, weights, prior, pull)
    for _ in range(_STEPS):
        step = _newton(x, target, weights, prior, pull)
        size, moved = 1.0, weights - step
        while (new := _loss(x, target, moved, prior, pull)) > loss and size > _STILL:
            size /= 2
            moved = weights - size * step
        if new >= loss - _STILL * max(1.0, abs(loss)):
            return moved if new < loss else weights
        weights, loss = moved, new
    return weights


def _loss(x: Floats, target: Floats, weights: Floats, prior: Floats, pull: float) -> float:
    told = (chances(x, weights) * target).sum(axis=1)
    return float(-np.log(np.maximum(told, 1e-300)).sum() + pull / 2 * ((weights - prior) ** 2).sum())


def _newton(x: Floats, target: Floats, weights: Floats, prior: Floats, pull: float) -> Floats:
    """The inverse of the matrix of second derivatives times the slope."""
    said = chances(x, weights)[:, 1:]
    slope = (said - target[:, 1:]).T @ x + pull * (weights - prior)
    rows, signs = weights.shape
    curved = np.empty((rows, signs, rows, signs))
    for a in range(rows):
        for b in range(rows):
            spread = said[:, a] * ((a == b) - said[:, b])
            curved[a, :, b, :] = (x * spread[:, None]).T @ x
    square = curved.reshape(rows * signs, -1) + pull * np.eye(rows * signs)
    return np.asarray(np.linalg.solve(square, slope.ravel()).reshape(rows, signs))


# ---- curves ------------------------------------------------------------------------------------------------------


def rising(values: Sequence[float], sizes: Sequence[float] | None = None) -> list[float]:
    """The nearest values, by squares, that never fall: neighbors that do are pooled (Ayer et al. 1955)."""
    pools: list[tuple[float, float, int]] = []
    for value, size in zip(values, sizes or [1.0] * len(values), strict=True):
        pool = (float(value), float(size), 1)
        while pools and pools[-1][0] >= pool[0]:
            mean, weight, members = pools.pop()
            both = weight + pool[1]
            pool = ((mean * weight + pool[0] * pool[1]) / both, both, members + pool[2])
        pools.append(pool)
    return [mean for mean, _, members in pools for _ in range(members)]


def shuffled(pairs: Pairs) -> Floats:
    """In order of confidence, equals in random order: sorted by right and wrong they would look uncalibrated."""
    order = np.random.default_rng(0).permutation(len(pairs))
    mixed = np.array(pairs, float)[order]
    return np.asarray(mixed[np.argsort(mixed[:, 0], kind="stable")])


def curve(
    pairs: Pairs, before: Callable[[float], float] = lambda _: 0.5, weight: float = 2.0
) -> list[tuple[float, float]]:
    """Points of a rising curve through groups of at least `NARROWEST` fields; `before` counts as `weight` fields of each group."""
    groups = np.array_split(shuffled(pairs), max(1, len(pairs) // NARROWEST))
    x = [float(g[:, 0].mean()) for g in groups]
    y = [
        (float(g[:, 1].sum()) + weight * before(at)) / (len(g) + weight)
        for at, g in zip(x, groups, strict=True)
    ]
    return [(round(a, 4), round(b, 4)) for a, b in zip(x, rising(y), strict=True)]


def calibration_error(pairs: Pairs) -> float:
    """Expected calibration error over bins of equal size; not a number where there are no pairs."""
    if not pairs:
        return float("nan")
    groups = [g for g in np.array_split(shuffled(pairs), BINS) if len(g)]
    return float(sum(len(g) * abs(g[:, 0].mean() - g[:, 1].mean()) for g in groups) / len(pairs))
