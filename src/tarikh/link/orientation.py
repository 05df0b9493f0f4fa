"""Events of data sets that do not say who began, turned the way in which the reports of the same incident tell it.

Invariant: pure, and the order never matters; only a fight of two sides is turned, with all that is told of each side; what
reports say is never turned.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from tarikh.link.compare import TWO_WAY_KINDS
from tarikh.link.sides import Meeting, meeting
from tarikh.model import EVENT_SETS, Incident, Mention

Value = TypeVar("Value")

_OTHER_SIDE = {
    "attackers": "targets",
    "targets": "attackers",
    "killed_attackers": "killed_targets",
    "killed_targets": "killed_attackers",
    "harm.killed_attackers": "harm.killed_targets",
    "harm.killed_targets": "harm.killed_attackers",
}
_AGREES: Mapping[Meeting, int] = {"same": 3, "shared": 3, "compatible": 2, "kin": 2, "silent": 0, "other": -2}


def oriented(members: Sequence[Mention]) -> Sequence[Mention]:
    """The members in their order, those of data sets with the sides that the others give them."""
    if not any(_may_turn(each) for each in members):
        return members
    reports = [m for m in members if not m.coder.startswith(EVENT_SETS) and m.attackers and m.targets]
    return [_turned(m) if _may_turn(m) and sum(_gain(m, r) for r in reports) > 0 else m for m in members]


def oriented_of(incidents: Iterable[Incident], mentions: Mapping[str, Mention]) -> dict[str, Mention]:
    """The mentions by id, those of data sets with the sides that their incidents give them."""
    made = dict(mentions)
    for incident in incidents:
        turned = oriented([mentions[key] for key in incident.members if key in mentions])
        made |= {mention.id: mention for mention in turned}
    return made


def _may_turn(mention: Mention) -> bool:
    return mention.coder.startswith(EVENT_SETS) and mention.kind in TWO_WAY_KINDS


def _gain(mention: Mention, report: Mention) -> int:
    """By how much the sides agree better the other way round."""
    crossed = (
        _AGREES[meeting(mention.attackers, report.targets)]
        + _AGREES[meeting(mention.targets, report.attackers)]
    )
    straight = (
        _AGREES[meeting(mention.attackers, report.attackers)]
        + _AGREES[meeting(mention.targets, report.targets)]
    )
    return crossed - straight


def _turned(mention: Mention) -> Mention:
    return replace(
        mention,
        attackers=mention.targets,
        targets=mention.attackers,
        harm=_swapped(mention.harm),
        evidence=_swapped(mention.evidence),
    )


def _swapped(told: Mapping[str, Value]) -> dict[str, Value]:
    return {_OTHER_SIDE.get(name, name): value for name, value in told.items()}
