"""How two figures of one harm agree.

Invariant: symmetric; an open bound is unknown, never zero.
"""

from __future__ import annotations

import math

from tarikh.model import Count


def killed_level(one: Count, two: Count) -> str:
    """Figures that agree speak for one event, the more the rarer they are; figures that differ only whisper."""
    first, second = middle(one), middle(two)
    if first == second:
        return "same telling figure" if first >= 5 else "same figure"
    least, most = sorted((first, second))
    if least == 0:
        return "none and many" if most >= 5 else "moved"
    if _bounds_overlap(one, two):
        return "bounds overlap"
    return "far" if most > 3 * least and most - least > 5 else "moved"


def middle(count: Count) -> int:
    """The figure that a count stands for: its best, else what bounds it."""
    known = (n for n in (count.best, count.low, count.high) if n is not None)
    return next(known, 0)


def figure(count: Count) -> str:
    """Low, best and high as words."""
    return f"{_bound(count.low)}/{_bound(count.best)}/{_bound(count.high)}"


def _bound(number: int | None) -> str:
    return "?" if number is None else str(number)


def _bounds_overlap(one: Count, two: Count) -> bool:
    lows = [c.low if c.low is not None else 0 for c in (one, two)]
    highs = [c.high if c.high is not None else math.inf for c in (one, two)]
    return max(lows) <= min(highs)
