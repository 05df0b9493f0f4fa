"""Linking: which mentions are one incident, and what each incident then is.

`candidates` blocks, `compare` scores a pair, `judge` does both, `fold` groups and consolidates.
Invariant: plain functions of their arguments; the same rows in any order give the same incidents.
"""

from __future__ import annotations

from tarikh.link.blocks import keys, probes
from tarikh.link.candidates import candidates
from tarikh.link.certainty import Standing, standing
from tarikh.link.cluster import better_links, clear_links, is_vague
from tarikh.link.compare import compare, explain
from tarikh.link.corrections import correction_value, field_of, typed
from tarikh.link.fold import conflicts, fold, incident_id
from tarikh.link.harm import RULES
from tarikh.link.independence import copies, copies_among, fingerprint, printed, sources
from tarikh.link.judging import judge, judge_met, judge_new
from tarikh.link.orientation import oriented, oriented_of
from tarikh.link.recount import recounted
from tarikh.link.speakers import speaker

__all__ = [
    "RULES",
    "Standing",
    "better_links",
    "candidates",
    "clear_links",
    "compare",
    "conflicts",
    "copies",
    "copies_among",
    "correction_value",
    "explain",
    "field_of",
    "fingerprint",
    "fold",
    "incident_id",
    "is_vague",
    "judge",
    "judge_met",
    "judge_new",
    "keys",
    "oriented",
    "oriented_of",
    "printed",
    "probes",
    "recounted",
    "sources",
    "speaker",
    "standing",
    "typed",
]
