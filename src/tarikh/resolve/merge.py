"""Mentions of one report that turn out, once resolved, to be the same incident become one.

Invariant: no merge joins two known days that do not overlap, two towns more than 10 km apart, or two families of kinds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from tarikh import earth, reference
from tarikh.model import LOCATED, Count, Evidence, Mention, When, Where

SAME_TOWN_KM = 10.0
_VIOLENT = frozenset(("battle", "remote", "civilians"))


def _km(left: Where, right: Where) -> float:
    points = (left.latitude, left.longitude, right.latitude, right.longitude)
    lat1, lon1, lat2, lon2 = (math.inf if v is None else v for v in points)
    return math.inf if None in points else earth.kilometers((lat1, lon1), (lat2, lon2))


def _same_day(left: When, right: When) -> bool:
    if left.start is None or right.start is None:
        return left.start is right.start
    return left.start <= (right.end or right.start) and right.start <= (left.end or left.start)


def _same_place(left: Where, right: Where) -> bool:
    if left.precision in LOCATED and right.precision in LOCATED:
        return _km(left, right) <= SAME_TOWN_KM
    if left.country != right.country:
        return left.country is None or right.country is None
    if left.precision == right.precision:
        return left.place == right.place
    finer, coarser = (left, right) if left.precision in LOCATED else (right, left)
    return coarser.precision == "country" or coarser.admin1 in (None, finer.admin1)


def _same_kind(left: Mention, right: Mention, families: Mapping[str, str]) -> bool:
    if left.kind == right.kind:
        return True
    pair = {families.get(left.kind), families.get(right.kind)}
    if pair == {"crowd"}:
        return True
    # One attack in phases is told with several words: a raid, the shots, the fire that was set.
    return pair <= _VIOLENT and bool(
        set(left.attackers) & set(right.attackers) or not left.attackers or not right.attackers
    )


def same(left: Mention, right: Mention) -> bool:
    """Whether two mentions of one report tell the same incident."""
    families = {kind.name: kind.family for kind in reference.kinds()}
    return (
        _same_kind(left, right, families)
        and _same_day(left.when, right.when)
        and _same_place(left.where, right.where)
        and not (left.aspect != right.aspect and left.kind != right.kind)
    )


def _rank(kind: str) -> int:
    return next((n for n, k in enumerate(reference.kinds()) if k.name == kind), 99)


def _both(first: Mapping[str, Count], second: Mapping[str, Count]) -> dict[str, Count]:
    return {**second, **first}


def _joined(left: Mention, right: Mention) -> Mention:
    """The earlier mention with what the later one adds; the kind that the codebook ranks first."""
    lead = left if _rank(left.kind) <= _rank(right.kind) else right
    finer = left if left.where.precision in LOCATED or right.where.precision not in LOCATED else right
    dated = left if left.when.start is not None else right
    evidence: dict[str, Evidence] = {
        **right.evidence,
        **left.evidence,
        "kind": lead.evidence.get("kind", Evidence()),
    }
    sides = {side: left if getattr(left, side) else right for side in ("attackers", "targets", "attribution")}
    for field, source in (("place", finer), ("date", dated), *sides.items()):
        if field in source.evidence:
            evidence[field] = source.evidence[field]
    return replace(
        left,
        kind=lead.kind,
        attackers=left.attackers or right.attackers,
        targets=left.targets or right.targets,
        when=dated.when,
        where=finer.where,
        harm=_both(left.harm, right.harm),
        attribution=left.attribution or right.attribution,
        evidence=evidence,
        phrases={
            key: left.phrases.get(key, ()) + right.phrases.get(key, ())
            for key in {*left.phrases, *right.phrases}
        },
    )


def joined(mentions: Sequence[Mention]) -> tuple[list[Mention], dict[str, str]]:
    """The mentions with the same ones joined, in order of their first telling, and for each id that of the mention that it became
    part of."""
    kept: list[Mention] = []
    home: dict[str, str] = {}
    for mention in mentions:
        for index, other in enumerate(kept):
            if same(other, mention):
                kept[index] = _joined(other, mention)
                home[mention.id] = other.id
                break
        else:
            kept.append(mention)
            home[mention.id] = mention.id
    return kept, home
