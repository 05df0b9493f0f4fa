"""How many there are when several lists each saw some: capture–recapture, and tails of counts. Numbers in, numbers out.

Invariant: no estimate without the data for it: then a `Refusal` says why. Every formula names where it was published.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Z = 1.959963984540054
"""Two-sided 95 %."""

FEWEST_SEEN = 10
"""Incidents below which no estimate is made: its interval would say nothing."""

FEWEST_SHARED = 3
"""Incidents seen by two sources below which no estimate is made: the overlap is what everything is worked out from."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimated number with its 95 % interval; `observed` of them were seen."""

    value: float
    low: float
    high: float
    observed: int

    @property
    def missed(self) -> float:
        """How many were not seen, by the estimate."""
        return self.value - self.observed


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no estimate; `short` is the reason in two words, for tables."""

    reason: str
    short: str


ONE_SOURCE = Refusal("only one source: nothing tells what it misses", "one source")


def chao(seen_by: Sequence[int], sources: int) -> Estimate | Refusal:
    """The least number of incidents that there can have been, from how many sources saw each of those seen.

    `seen_by` is one count for each incident, `sources` how many sources there were. It is a lower bound: it holds where
    some incidents are seen by many sources and others by few, as long as sources see independently of each other.
    Source: A. Chao, "Estimating the population size for capture-recapture data with unequal catchability", Biometrics
    43 (1987), 783-791, in the bias-corrected form of A. Chao and R. K. Colwell, SORT 41 (2017), 3-54; variance and
    log-transformed interval as there.
    """
    once, twice = sum(n == 1 for n in seen_by), sum(n == 2 for n in seen_by)
    observed, shared = len(seen_by), sum(n >= 2 for n in seen_by)
    if refused := _too_little(observed, shared, sources):
        return refused
    part = (sources - 1) / sources
    unseen = part * once * (once - 1) / (2 * (twice + 1))
    if unseen <= 0:
        return _complete(observed, sum(seen_by))
    variance = (
        unseen
        + part**2 * once * (2 * once - 1) ** 2 / (4 * (twice + 1) ** 2)
        + part**2 * once**2 * twice * (once - 1) ** 2 / (4 * (twice + 1) ** 4)
    )
    return _logged(observed, unseen, variance)


def chapman(first: int, second: int, both: int) -> Estimate | Refusal:
    """How many incidents there were, from two sources: those that the first saw, the second saw, both saw.

    Holds where the two see independently and each is as likely to see one incident as another.
    Source: D. G. Chapman (1951); variance by G. A. F. Seber, "The effects of trap response on tag recapture estimates",
    Biometrics 26 (1970), 13-22; the interval is that of Chao (1987), which never falls below what was seen.
    """
    observed = first + second - both
    if refused := _too_little(observed, both, 2):
        return refused
    value = (first + 1) * (second + 1) / (both + 1) - 1
    variance = (first + 1) * (second + 1) * (first - both) * (second - both) / ((both + 1) ** 2 * (both + 2))
    if value - observed <= 0 or variance <= 0:
        return _complete(observed, first + second)
    return _logged(observed, value - observed, variance)


def _too_little(observed: int, shared: int, sources: int) -> Refusal | None:
    if sources < 2:
        return ONE_SOURCE
    if observed < FEWEST_SEEN:
        return Refusal(f"only {observed} seen, {FEWEST_SEEN} are needed", "few seen")
    if shared < FEWEST_SHARED:
        return Refusal(
            f"only {shared} seen by both or several sources, {FEWEST_SHARED} are needed", "few shared"
        )
    return None


def _logged(observed: int, unseen: float, variance: float) -> Estimate:
    """The interval that is symmetric in the logarithm of the unseen (Chao 1987)."""
    spread = math.exp(Z * math.sqrt(math.log(1 + variance / unseen**2)))
    return Estimate(observed + unseen, observed + unseen / spread, observed + unseen * spread, observed)


def _complete(observed: int, captures: int) -> Estimate:
    """Where the estimate is what was seen: the upper end by the mean number of captures (EstimateS 9, equation 14)."""
    absent = math.exp(-captures / observed)
    half = Z * math.sqrt(observed * absent) / (1 - absent)
    high = max(float(observed), observed / (1 - absent) + half)
    return Estimate(float(observed), float(observed), high, observed)


# ---- silence ---------------------------------------------------------------------------------------------


def tail(seen: int, past: Sequence[int], periods: int) -> tuple[float, float]:
    """Expected count of the next `periods` periods, and the chance that it is `seen` or less.

    `past` are counts of equal periods. The count is negative binomial by the moments of the past, which is Poisson where
    they spread no more than chance; the sum over independent periods is of the same family.
    Source: J. F. Lawless, "Negative binomial and mixed Poisson regression", Canadian Journal of Statistics 15 (1987).
    """
    mean = sum(past) / len(past)
    spread = sum((count - mean) ** 2 for count in past) / max(1, len(past) - 1)
    expected = mean * periods
    if expected <= 0:
        return 0.0, 1.0
    if spread <= mean * 1.0001:
        terms = (count * math.log(expected) - expected - math.lgamma(count + 1) for count in range(seen + 1))
    else:
        size = periods * mean**2 / (spread - mean)
        miss, hit = math.log(size / (size + expected)), math.log(expected / (size + expected))
        terms = (
            math.lgamma(count + size) - math.lgamma(size) - math.lgamma(count + 1) + size * miss + count * hit
            for count in range(seen + 1)
        )
    return expected, min(1.0, sum(math.exp(term) for term in terms))
