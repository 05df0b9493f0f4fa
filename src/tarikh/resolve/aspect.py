"""An event long before the others of its report is recalled, not reported: background by its day.

Invariant: fills only `aspect` and its evidence, and never makes the newest event of a report background.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from tarikh.model import Evidence, Mention

RECALLED_AFTER = timedelta(days=30)
"""On the training reports 53 of 61 events more than a month before the newest are background, nearer ones mostly new."""


def aspects(mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions of one report with those recalled from long before marked background."""
    days = [m.when.end for m in mentions if m.when.end is not None]
    if not days:
        return list(mentions)
    newest = max(days)
    return [
        _recalled(m) if m.when.end is not None and newest - m.when.end > RECALLED_AFTER else m
        for m in mentions
    ]


def _recalled(mention: Mention) -> Mention:
    if mention.aspect == "background":
        return mention
    date = mention.evidence.get("date", Evidence())
    evidence = Evidence(
        date.spans, date.words, 0.8, "more than a month before the newest event of the report"
    )
    return replace(mention, aspect="background", evidence={**mention.evidence, "aspect": evidence})
