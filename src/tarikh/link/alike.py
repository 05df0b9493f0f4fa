"""Are two mentions told with the same names, or in the same words? What that says of one act or two.

Invariant: symmetric; a mention without names, or without terms, says nothing either way, nor do words of two languages.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from tarikh.model import Mention, rarity_of, share_of, word_of

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

_WORDED = (
    (0.35, "much alike"),
    (0.25, "alike"),
    (0.15, "a little alike"),
    (0.1, "somewhat alike"),
    (0.04, "hardly alike"),
    (0.0, "nothing alike"),
)
"""Cosines of the terms of two texts (`extract.terms`)."""
UNALIKE = 0.1
LONG = 32
"""Terms of a text that is so long that little alike says much against one act."""
SAME_PLACE, SAME_DAY = (0.4, 0.25), (0.25, 0.15)
"""Cosines from which on texts tell of one act, and may do, whose place agrees and whose days do not; and the other way round:
a town has many such acts, a day of it few."""


@lru_cache(maxsize=100_000)
def _shared(left: tuple[int, ...], right: tuple[int, ...]) -> float:
    return sum(rarity_of(detail) - COMMON for detail in set(left) & set(right)) / 10


@lru_cache(maxsize=20_000)
def _parts(terms: tuple[int, ...]) -> Mapping[int, int]:
    return {word_of(term): share_of(term) for term in terms}


def cosine(left: tuple[int, ...], right: tuple[int, ...]) -> float:
    """How alike two texts are worded, 0 to 1: the cosine of their terms."""
    one, two = _parts(left), _parts(right)
    return sum(one[word] * two[word] for word in one.keys() & two.keys()) / 255**2


def told_alike(left: Mention, right: Mention, by_place: bool = True) -> str | None:
    """ "told alike" where two accounts, published within weeks of each other, share so many rare names that they tell of one
    act, though one of them has another day or another town of the country: a coder's error, or a report's. "partly alike"
    where they share some. A trial is told of months later, with still more of the names. Words do as names do, except
    for what is told much later."""
    shared = _shared(left.details, right.details)
    _, worded = resemblance(left, right)
    surely, maybe = SAME_PLACE if by_place else SAME_DAY
    if shared < SOME and worded < maybe:
        return None
    if left.published is not None and right.published is not None:
        apart = abs((left.published - right.published).days)
        if apart > (LATER if shared >= ALL else MISDATED):
            return None
    return "told alike" if shared >= MANY or worded >= surely else "partly alike"


def alike(left: Mention, right: Mention) -> tuple[str | None, float]:
    """The level of agreement in names, None where nothing can be said, and the rarity shared (tens of nats)."""
    shared = _shared(left.details, right.details)
    level = next((name for least, name in _ALIKE if shared >= least), None)
    if level is None and min(len(left.details), len(right.details)) >= NAMED:
        level = "none alike"
    return level, shared


def resemblance(left: Mention, right: Mention) -> tuple[str | None, float]:
    """The level of agreement in words, None where nothing can be said, and the cosine."""
    if not left.terms or not right.terms or left.language != right.language:
        return None, 0.0
    worded = cosine(left.terms, right.terms)
    level = next(name for least, name in _WORDED if worded >= least)
    long = min(len(left.terms), len(right.terms)) >= LONG and worded < UNALIKE
    return f"{level}, long" if long else level, worded
