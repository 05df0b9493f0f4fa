"""An incident has a time of a month or finer: what is only dated to a year or a long stretch is a sum or background.

Invariant: an unknown date is kept; only a known one that is too coarse is left out (codebook section 1).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from tarikh.model import Mention

LONGEST = timedelta(days=62)
"""Two calendar months: the longest stretch that can still be one continuous incident (a siege, a sit-in)."""


def specific(mentions: Iterable[Mention]) -> list[Mention]:
    """The mentions that tell of one incident, not of a year's."""
    return [m for m in mentions if not _too_coarse(m)]


def _too_coarse(mention: Mention) -> bool:
    when = mention.when
    if when.precision == "year":
        return True
    return when.start is not None and when.end is not None and when.end - when.start > LONGEST
