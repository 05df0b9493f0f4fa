"""The figures of a ledger over the days on which they were published, as the parts of a small drawing.

Invariant: a claim without a number or without a day is not drawn but counted; an open bound is drawn as open.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tarikh.model import Claim, Count

WIDTH, HEIGHT = 320.0, 96.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 34.0, 12.0, 8.0, 20.0


@dataclass(frozen=True, slots=True)
class Dot:
    """One claim: its place in the drawing, the ends of its bounds (None where open), and the claim."""

    x: float
    y: float
    low: float | None
    high: float | None
    claim: Claim


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across the drawing and its number."""

    y: float
    number: int


@dataclass(frozen=True, slots=True)
class Plot:
    """The claims on one count, in order of time; `left_out` have no number or no day."""

    field: str
    dots: tuple[Dot, ...]
    ticks: tuple[Tick, ...]
    first: date
    last: date
    left_out: int


def plots(ledger: Iterable[Claim]) -> list[Plot]:
    """A plot for each count of which two claims or more can be drawn."""
    by_field: dict[str, list[Claim]] = {}
    for claim in ledger:
        if claim.field.startswith("harm."):
            by_field.setdefault(claim.field, []).append(claim)
    made = (_plot(field, claims) for field, claims in by_field.items())
    return [plot for plot in made if plot is not None]


def _number(claim: Claim) -> int | None:
    value = claim.value
    if not isinstance(value, Count):
        return None
    return next((n for n in (value.best, value.low, value.high) if n is not None), None)


def _plot(field: str, claims: Sequence[Claim]) -> Plot | None:
    known = [(c.published, n, c) for c in claims if c.published is not None and (n := _number(c)) is not None]
    if len(known) < 2:
        return None
    known.sort(key=lambda row: (row[0], row[2].mention_id))
    first, last = known[0][0], known[-1][0]
    most = max(max(n, c.value.high or 0) for _, n, c in known)
    ticks = _ticks(most)
    top = ticks[-1]

    def y(number: int) -> float:
        return round(HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * number / top, 1)

    dots = [
        Dot(
            _x(day, first, last),
            y(number),
            None if claim.value.low is None else y(claim.value.low),
            None if claim.value.high is None else y(claim.value.high),
            claim,
        )
        for day, number, claim in known
    ]
    lines = tuple(Tick(y(number), number) for number in ticks)
    return Plot(field, tuple(dots), lines, first, last, len(claims) - len(known))


def _x(day: date, first: date, last: date) -> float:
    span = max((last - first) / timedelta(days=1), 1.0)
    return round(_LEFT + 6 + (WIDTH - _LEFT - _RIGHT - 12) * ((day - first) / timedelta(days=1)) / span, 1)


def _ticks(most: int) -> list[int]:
    """0 and two or three round numbers, the last one at least `most`."""
    most = max(1, most)
    step = most / 2
    unit = 10 ** math.floor(math.log10(step)) if step >= 1 else 1
    nice = next(int(unit * f) for f in (1, 2, 5, 10) if unit * f >= step)
    return [number for number in range(0, nice * 3, nice) if number < most + nice]
