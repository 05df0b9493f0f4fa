"""The ledger of an incident: who said what, when, in which words, and which of it was chosen.

Invariant: nothing that a mention states of a count is left out, whatever was chosen; a field on which all agree
needs no entries.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from tarikh.model import HARMS, Claim, Mention

FIELDS: Mapping[str, Callable[[Mention], Any]] = {
    "kind": lambda m: m.kind,
    "status": lambda m: m.status,
    "attackers": lambda m: m.attackers or None,
    "targets": lambda m: m.targets or None,
    "date": lambda m: m.when if m.when.start is not None else None,
    "place": lambda m: m.where if m.where.precision != "unknown" else None,
}
"""The fields besides the counts, and what a mention says of each; None is nothing."""

_SAME: Mapping[str, Callable[[Any], Hashable]] = {
    "attackers": frozenset,
    "targets": frozenset,
    "date": lambda when: (when.start, when.end, when.precision),
    "place": lambda where: (where.country, where.admin1, where.admin2, where.place, where.precision),
}
"""What makes two values one for the ledger, where it is not the value itself."""


def ledger(members: Sequence[Mention], support: Mapping[str, tuple[str, ...]]) -> tuple[Claim, ...]:
    """All claims, counts first, in the order of fields, then from the oldest report to the newest."""
    claims: list[Claim] = []
    ordered = sorted(members, key=lambda m: (m.published is None, m.published, m.id))
    for what in HARMS:
        for mention in ordered:
            count = mention.harm.get(what)
            if count is not None and count.known():
                claims.append(_claim(f"harm.{what}", count, mention, support))
    for field, read in FIELDS.items():
        same = _SAME.get(field)
        told = [(m, read(m)) for m in ordered if read(m) is not None]
        if len({same(value) if same else value for _, value in told}) > 1:
            claims += [_claim(field, value, mention, support) for mention, value in told]
    return tuple(claims)


def _claim(field: str, value: Any, mention: Mention, support: Mapping[str, tuple[str, ...]]) -> Claim:
    evidence = mention.evidence.get(field)
    return Claim(
        field=field,
        value=value,
        mention_id=mention.id,
        report_id=mention.report_id,
        source=mention.source,
        published=mention.published,
        attribution=mention.attribution,
        words=() if evidence is None else evidence.words,
        chosen=mention.id in support.get(field, ()),
    )
