"""Linking: which mentions are one incident, and what each incident then is.

`candidates` blocks, `compare` scores a pair, `judge` does both, `fold` groups and consolidates.
Invariant: plain functions of their arguments; the same rows in any order give the same incidents.
"""

from __future__ import annotations

from tarikh.link.blocks import keys, probes
from tarikh.link.candidates import candidates
from tarikh.link.cluster import clear_links
from tarikh.link.compare import compare, explain
from tarikh.link.corrections import correction_value
from tarikh.link.fold import conflicts, fold, incident_id
from tarikh.link.harm import RULES
from tarikh.link.judging import judge, judge_met, judge_new

__all__ = [
    "RULES",
    "candidates",
    "clear_links",
    "compare",
    "conflicts",
    "correction_value",
    "explain",
    "fold",
    "incident_id",
    "judge",
    "judge_met",
    "judge_new",
    "keys",
    "probes",
]
