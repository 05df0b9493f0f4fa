"""The error atlas: all misses on labelled files by cause, the dearest cause first.

Invariant: what a cause costs is the record F1 that mending it alone would bring; causes are never added up as if independent.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tarikh.evaluation.clusters import prf
from tarikh.evaluation.coding import Trace
from tarikh.evaluation.gold import score
from tarikh.evaluation.misses import Miss, misses

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause, or a whole group of them: its misses, the records that mending it would make right, and the gain in F1.

    Of missed mentions it is not known which of their fields would be right once found: they count at the share of
    records among the mentions that are found now.
    """

    name: str
    misses: tuple[Miss, ...]
    records: float
    gain: float

    @property
    def languages(self) -> Mapping[str, int]:
        """How many of its misses are of each language."""
        return dict(sorted(Counter(miss.language for miss in self.misses).items()))


@dataclass(frozen=True, slots=True)
class Group:
    """A field or a way of missing with its causes, the dearest first."""

    whole: Cause
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class Atlas:
    """Groups, the dearest first; `figures` is the scorer's result, `rows` the reports that have a miss."""

    groups: tuple[Group, ...]
    figures: Row
    rows: Mapping[str, Row]
    stories: Mapping[str, Trace]


def atlas(traces: Sequence[Trace]) -> Atlas:
    """The atlas of coded labelled reports."""
    lines = {str(t.row["id"]): t.line for t in traces}
    figures = score([t.row for t in traces], lines)
    found: dict[str, dict[str, list[Miss]]] = defaultdict(lambda: defaultdict(list))
    for trace in traces:
        for miss in misses(trace):
            found[miss.group][miss.cause].append(miss)
    groups = tuple(_group(name, rows, figures) for name, rows in found.items())
    named = {m.report for group in groups for m in group.whole.misses}
    return Atlas(
        tuple(sorted(groups, key=lambda g: _dearest(g.whole))),
        figures,
        {str(t.row["id"]): t.row for t in traces if str(t.row["id"]) in named},
        {str(t.row["id"]): t for t in traces if str(t.row["id"]) in named},
    )


def _dearest(cause: Cause) -> tuple[float, int, str]:
    return -cause.gain, -len(cause.misses), cause.name


_SHOWN = 8
_RARE = 2
"""Causes of so few misses, behind the dearest of a group, stand together: a contents page is for choosing."""


def _group(name: str, rows: Mapping[str, Sequence[Miss]], figures: Row) -> Group:
    causes = sorted((_cause(cause, found, figures) for cause, found in rows.items()), key=_dearest)
    rare = [c for c in causes[_SHOWN:] if len(c.misses) <= _RARE]
    if len(rare) > 1:
        others = _cause(f"{len(rare)} rare causes", [m for c in rare for m in c.misses], figures)
        causes = [*(c for c in causes if c not in rare), others]
    everything = [miss for found in rows.values() for miss in found]
    return Group(_cause(name, everything, figures), tuple(causes))


def _cause(name: str, found: Sequence[Miss], figures: Row) -> Cause:
    gold, predicted = figures["gold_mentions"], figures["predicted_mentions"]
    hits = figures["record"]["recall"] * gold
    matched = figures["family"]["recall"] * gold
    share = hits / matched if matched else 0.0
    records = sum(miss.record * (share if miss.more else 1.0) for miss in found)
    coded = predicted + sum(miss.more - miss.fewer for miss in found)
    gain = prf(hits + records, coded, gold)["f1"] - figures["record"]["f1"]
    return Cause(name, tuple(found), records, gain)
