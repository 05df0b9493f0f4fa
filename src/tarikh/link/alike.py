"""Are two mentions told with the same names? What rare names shared say of one act or two (`extract.details`).

Invariant: symmetric; a mention without names says nothing either way.
"""

from __future__ import annotations

from functools import lru_cache

from tarikh.model import Mention, rarity_of

ALL = 14.0
MANY = 8.0
"""From this rarity of shared names on (tens of nats above a common word) two accounts tell of one act."""
SOME = 4.0
"""From this on they may be of one act."""
_ALIKE = ((ALL, "all alike"), (MANY, "many alike"), (SOME, "several alike"), (1.0, "a few alike"))
NAMED = 4
"""Two mentions with as many names each that share none are rather told of two acts."""
COMMON = 10
"""Rarity of a common word, which shared names are counted above (`extract.details`)."""
MISDATED = 31
"""Days by which accounts of one act that share many names may be apart …"""
LATER = 400
"""… and days between the publication of those that share all of them."""


@lru_cache(maxsize=100_000)
def _shared(left: tuple[int, ...], right: tuple[int, ...]) -> float:
    return sum(rarity_of(detail) - COMMON for detail in set(left) & set(right)) / 10


def told_alike(left: Mention, right: Mention) -> str | None:
    """ "told alike" where two accounts, published within weeks of each other, share so many rare names that they tell of one
    act, though one of them has another day or another town of the country: a coder's error, or a report's. "partly alike"
    where they share some. A trial is told of months later, with still more of the names."""
    shared = _shared(left.details, right.details)
    if shared < SOME:
        return None
    if left.published is not None and right.published is not None:
        apart = abs((left.published - right.published).days)
        if apart > (LATER if shared >= ALL else MISDATED):
            return None
    return "told alike" if shared >= MANY else "partly alike"


def alike(left: Mention, right: Mention) -> tuple[str | None, float]:
    """The level of agreement in names, None where nothing can be said, and the rarity shared (tens of nats)."""
    shared = _shared(left.details, right.details)
    level = next((name for least, name in _ALIKE if shared >= least), None)
    if level is None and min(len(left.details), len(right.details)) >= NAMED:
        level = "none alike"
    return level, shared
