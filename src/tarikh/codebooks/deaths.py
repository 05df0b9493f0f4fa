"""Deaths by UCDP's sides, from the counts of an incident.

Invariant: `best` is the sum of the four parts that are known, always; a part of which nothing is told is None, never 0,
but for the sides of one-sided violence, which have 0 by UCDP's rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tarikh.model import Count, Incident

Split = Literal["whole", "rest", "one_sided", "contradictory"]


@dataclass(frozen=True, slots=True)
class Deaths:
    """The cells of UCDP's deaths, and how they add up."""

    a: int | None
    b: int | None
    civilians: int | None
    unknown: int
    best: int
    low: int | None
    high: int | None
    split: Split


def _count(incident: Incident, what: str) -> Count:
    return incident.harm.get(what, Count())


def _bounds(given: Count, best: int) -> tuple[int | None, int | None]:
    """Low and high, each only where it is on its side of the best figure."""
    low = given.low if given.low is not None and given.low <= best else None
    high = given.high if given.high is not None and given.high >= best else None
    return low, high


def fought(incident: Incident, attackers_are_a: bool, unarmed_targets: bool) -> Deaths:
    """Deaths of a fight. `attackers_are_a` is which side of UCDP's the attackers are.

    `unarmed_targets` is whether people without arms are among the targets: then they are counted in `killed_targets` too
    (codebook, section 7), and are taken out of it. The incident must have a best figure of the killed.
    """
    total = _count(incident, "killed")
    best = total.best or 0
    attackers, civilians = (
        _count(incident, "killed_attackers").best,
        _count(incident, "killed_civilians").best,
    )
    targets = _count(incident, "killed_targets").best
    if unarmed_targets and targets is not None:
        targets = None if civilians is None or civilians > targets else targets - civilians
    parts = (attackers, targets, civilians)
    told = sum(part for part in parts if part is not None)
    low, high = _bounds(total, best)
    if told > best:
        return Deaths(None, None, None, best, best, low, high, "contradictory")
    a, b = (attackers, targets) if attackers_are_a else (targets, attackers)
    whole = told == best and None not in parts
    return Deaths(a, b, civilians, best - told, best, low, high, "whole" if whole else "rest")


def one_sided(incident: Incident) -> Deaths:
    """Deaths of one-sided violence: those of civilians; the attackers' own are left out, where they are told.

    `best` is 0 where nobody but attackers died.
    """
    total, targets = _count(incident, "killed"), _count(incident, "killed_targets")
    civilians, attackers = _count(incident, "killed_civilians"), _count(incident, "killed_attackers").best
    told = max((n for n in (targets.best, civilians.best) if n is not None), default=None)
    best = max((total.best or 0) - (attackers or 0), 0)
    if attackers:
        source = civilians if civilians.best == told else targets
        low, high = _bounds(source, best) if told == best else (None, None)
    else:
        low, high = _bounds(total, best)
    if told is not None and told > best:
        return Deaths(0, 0, None, best, best, low, high, "contradictory")
    if told is None and attackers is not None:
        told = best
    return Deaths(0, 0, told, best - (told or 0), best, low, high, "one_sided")
