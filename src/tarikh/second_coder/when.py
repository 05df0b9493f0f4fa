"""When the model is asked beside the rules: one table of thresholds.

Invariant: it looks at the rules' mentions and the report's length alone, so a run can say beforehand what it will ask.
"""

from __future__ import annotations

from collections.abc import Sequence

from tarikh.extract import gate
from tarikh.model import Mention, Report

LONG = 450
"""Words from which on a report is long: the rules and the reader were fitted on shorter ones, and several events are told."""
UNSURE = {
    "kind": 0.60,
    "status": 0.50,
    "aspect": 0.60,
    "attackers": 0.50,
    "targets": 0.50,
    "date": 0.50,
    "place": 0.50,
    "harm.killed": 0.60,
}
"""Below these confidences (0 to 1, calibrated) a field of the rules is unsure."""
OPEN = ("sides", "date", "place")
"""Fields that the rules leave open: neither side known, no day, no place finer than a country."""


def worth_asking(report: Report, mentions: Sequence[Mention]) -> str | None:
    """Why the model is asked about a report that the rules have coded, or None where they are sure enough."""
    words = len(report.title.split()) + len(report.text.split())
    if words >= LONG:
        return f"the report is long ({words} words)"
    if not mentions:
        return (
            "the rules find no incident, and the gate does not rule one out"
            if gate.passages(report)
            else None
        )
    for mention in mentions:
        for field, least in UNSURE.items():
            evidence = mention.evidence.get(field)
            if evidence is not None and evidence.confidence < least:
                return f"the rules are unsure of a field ({field}: {evidence.confidence:.2f} of {least:.2f})"
        left = _open(mention)
        if left is not None:
            return f"the rules leave a field open ({left})"
    return None


def _open(mention: Mention) -> str | None:
    if not mention.attackers and not mention.targets:
        return "sides"
    if mention.when.start is None:
        return "date"
    return "place" if mention.where.precision in ("unknown", "country") else None
