"""How sure each field is, in the sense that of a hundred fields at .8 about eighty are right.

Invariant: only `Evidence.confidence` changes, and never its order within a field: the raw figures of reader and resolvers
are put through a rising curve for each field, fitted on reports that neither was trained on (`training/calibrate.py`, `fitting`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import replace

from tarikh.model import Mention
from tarikh.reference import trained
from tarikh.reference.trained import Curve


def curves() -> Mapping[str, Curve]:
    """The curve of each field in force, shipped or fitted by the user; a field without one keeps its raw figure."""
    return trained.curves()


def along(curve: Curve, raw: float) -> float:
    """The curve's value at a raw figure, straight between its points and level beyond them."""
    at = bisect_right([x for x, _ in curve], raw)
    if at == 0:
        return curve[0][1]
    if at == len(curve):
        return curve[-1][1]
    (x0, y0), (x1, y1) = curve[at - 1], curve[at]
    return y0 + (y1 - y0) * (raw - x0) / (x1 - x0)


POINTED = ("attackers", "targets", "place", "date")
"""Fields for which the reader says how much it points at the words that they were resolved from."""


def supported(mention: Mention, before: Mention) -> Mention:
    """The resolved mention with each resolver's confidence times the support that its words had before it was resolved."""
    evidence = dict(mention.evidence)
    for field in POINTED:
        own = evidence.get(field)
        if own is not None and field in before.evidence and own is not before.evidence[field]:
            share = before.evidence[field].confidence
            evidence[field] = replace(own, confidence=own.confidence * share)
    return replace(mention, evidence=evidence)


def calibrated(mention: Mention) -> Mention:
    """The mention with every confidence calibrated."""
    known = curves()
    if not known:
        return mention
    evidence = {
        field: replace(e, confidence=round(along(known[curve_of(field)], e.confidence), 3))
        if curve_of(field) in known
        else e
        for field, e in mention.evidence.items()
    }
    return replace(mention, evidence=evidence)


def curve_of(field: str) -> str:
    """Counts of the dead share a curve, the other counts another."""
    if field.startswith("harm."):
        return "harm.killed" if field.startswith("harm.killed") else "harm"
    return field
