"""What the days of a report add to whether an event is its news or recalled: the longer before, the more likely background.

Invariant: fills only `aspect` and its evidence, and never makes the newest event of a report background by its day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from math import exp, log

from tarikh import reference
from tarikh.model import Aspect, Evidence, Mention

_GAPS = ((0, "gap0"), (2, "gap1_2"), (6, "gap3_6"), (13, "gap7_13"), (30, "gap14_30"))
"""Days before the newest event of the report, up to so many: the name of the weight."""
RECALLED_AFTER = 30
"""On the training reports 53 of 61 events more than a month before the newest are background, whatever their words."""
_SUREST = 0.98
"""No sum of signs is surer than this: the days must be able to speak."""


def aspects(mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions of one report, each weighed once more with its day beside the days of the others."""
    days = [m.when.end for m in mentions if m.when.end is not None]
    if not days:
        return list(mentions)
    return [_weighed(m, max(days), day_signs(m, mentions)) for m in mentions]


def _weighed(mention: Mention, newest: date, signs: set[str]) -> Mention:
    day = mention.when.end
    said = mention.evidence.get("aspect")
    if day is None:
        return mention
    gap = (newest - day).days
    if said is None:
        return _as(mention, "background", 0.8, gap) if gap > RECALLED_AFTER else mention
    sure = min(max(said.confidence, 1 - _SUREST), _SUREST)
    odds = log(sure / (1 - sure)) * (1 if mention.aspect == "background" else -1)
    table = reference.weights("aspect")["days"]
    total = odds + float(sum(table.get(name, 0.0) for name in signs))
    if gap > RECALLED_AFTER:
        total = max(total, 1.0)
    if gap == 0 and mention.aspect == "new":
        total = min(total, -0.1)
    chance = 1 / (1 + exp(-total))
    if total > 0:
        return _as(mention, "background", chance, gap)
    return _as(mention, "new", 1 - chance, gap)


def day_signs(mention: Mention, mentions: Sequence[Mention]) -> set[str]:
    """The names of what a mention's day shows: how long before the newest and the first told it lies, how precise it is."""
    days = [m.when.end for m in mentions if m.when.end is not None]
    day, lead = mention.when.end, mentions[0].when.end
    if day is None:
        return set()
    gap = (max(days) - day).days
    shown = {next((name for most, name in _GAPS if gap <= most), "gap31")}
    if mention.when.precision != "day":
        shown.add(f"prec_{mention.when.precision}")
    if lead is not None and lead != day:
        shown.add("before_lead" if day < lead else "after_lead")
    return shown


def _as(mention: Mention, aspect: Aspect, sure: float, gap: int) -> Mention:
    said = mention.evidence.get("aspect", Evidence())
    if mention.aspect == aspect:
        evidence = replace(said, confidence=sure)
    else:
        day = mention.evidence.get("date", Evidence())
        reason = (
            f"{gap} days before the newest event of the report"
            if aspect == "background"
            else "near the newest"
        )
        evidence = Evidence(day.spans, day.words, sure, reason)
    return replace(mention, aspect=aspect, evidence={**mention.evidence, "aspect": evidence})
