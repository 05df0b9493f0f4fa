"""The days that a coder weighed for a mention and did not take: what they say where the days of two mentions differ.

Invariant: symmetric; only a town and a few days make two accounts of one act that differ in the day worth a look.
"""

from __future__ import annotations

from datetime import date

from tarikh.model import LOCATED, Mention

NEAR_DAYS = 14
"""A day that was weighed is of the act that is told, or of its context; further off it is of the context."""


def weighed_days(mention: Mention) -> list[tuple[int, int]]:
    """First and last day, as ordinals, of what was weighed for the mention's day and not taken, within days of it."""
    evidence, start = mention.evidence.get("date"), mention.when.start
    if evidence is None or start is None or mention.when.precision != "day":
        return []
    if mention.where.precision not in LOCATED:
        return []
    taken = (start.toordinal(), (mention.when.end or start).toordinal())
    found = (_span(candidate.value) for candidate in evidence.rejected)
    return [
        span for span in found if span and _gap(span, taken) <= NEAR_DAYS and span[1] - span[0] <= NEAR_DAYS
    ]


def weighed_same(left: Mention, right: Mention) -> bool:
    """Whether the day of one of two mentions, both known to the day, was weighed for the other."""
    return _weighed_for(left, right) or _weighed_for(right, left)


def _weighed_for(mention: Mention, other: Mention) -> bool:
    start = other.when.start
    if start is None or other.when.precision != "day" or other.where.precision not in LOCATED:
        return False
    taken = (start.toordinal(), (other.when.end or start).toordinal())
    return any(_gap(span, taken) <= 0 for span in weighed_days(mention))


def _gap(one: tuple[int, int], two: tuple[int, int]) -> int:
    """Days between two spans; 0 and less where they meet."""
    return max(two[0] - one[1], one[0] - two[1])


def _span(text: str) -> tuple[int, int] | None:
    first, _, last = text.partition("/")
    try:
        return date.fromisoformat(first).toordinal(), date.fromisoformat(last).toordinal()
    except ValueError:  # of an end that is not known, or of another coder
        return None
