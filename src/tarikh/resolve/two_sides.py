"""The two sides of an incident beside each other: who cannot be on both, and whom a kind always strikes.

Invariant: nothing is named here that the sides, the kind and the place do not say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from tarikh.model import Mention
from tarikh.resolve.party_forms import form, is_register_party

Side = Literal["attackers", "targets"]
FROM_AFAR = frozenset({"air_strike", "shelling"})
"""Kinds of those who have aircraft or guns."""


def state_seized(
    mention: Mention, attackers: tuple[str, ...], targets: tuple[str, ...], countries: Sequence[str]
) -> tuple[str, ...]:
    """The targets of a coup: a state's government is among them, whoever else is named."""
    country = mention.where.country or next(iter(countries), None)
    government = form("government", country)
    if mention.kind != "coup" or not attackers or government is None:
        return targets
    if any(name.startswith("Government of") for name in targets):
        return targets
    return (government, *(name for name in targets if not name.startswith("Civilians")))


_OWN_PEOPLE = frozenset(("arrest", "coup", "agreement", "mob_violence", "movement"))
"""Kinds in which a party may be on both sides: an army arrests soldiers, communities make peace."""


_ON_CIVILIANS = frozenset(("attack_on_civilians", "sexual_violence", "abduction", "looting_or_arson"))


def not_themselves(
    mention: Mention, sides: Mapping[Side, tuple[str, ...]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Attackers and targets without a party that is on both sides: nobody ambushes themselves, so of one nothing is told."""
    attackers, targets = sides["attackers"], sides["targets"]
    if mention.kind == "agreement":
        others = tuple(name for name in targets if name not in attackers)
        # Told in one breath ("A and B signed"): the first made it with the others.
        return (attackers, others) if others else (attackers[:1], attackers[1:] or targets)
    if mention.kind in _OWN_PEOPLE:
        return attackers, targets
    both = [name for name in attackers if name in targets]
    authors = {name for name in both if _rather_attackers(name, mention)}
    return (
        tuple(name for name in attackers if name not in both or name in authors),
        tuple(name for name in targets if name not in authors),
    )


def _rather_attackers(name: str, mention: Mention) -> bool:
    """Whether a party on both sides is the one that attacked: by which side says whose men they are, else by the act."""
    attackers, targets = mention.phrases.get("attackers", ()), mention.phrases.get("targets", ())
    if mention.kind in _ON_CIVILIANS:
        return True
    if {p.spans for p in attackers} & {p.spans for p in targets}:
        return False
    if not is_register_party(name):
        whose = [any(p.nationality for p in side) for side in (attackers, targets)]
        if whose[0] != whose[1]:
            return whose[0]
    # What falls from the sky is the army's; what it hits is told as a thing ("a position") whose owner nobody says.
    return mention.kind in FROM_AFAR
