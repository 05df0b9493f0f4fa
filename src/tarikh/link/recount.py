"""The figures of an incident by another named rule, asked for after the fold.

Invariant: only counts, what supports them and the ledger's marks change; a person's figure outranks every rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tarikh.link.corrections import corrected
from tarikh.link.harm import counts
from tarikh.link.independence import Prints, sources
from tarikh.link.orientation import oriented
from tarikh.link.speakers import Roles
from tarikh.model import HARMS, Incident, Mention


def recounted(
    incident: Incident,
    members: Sequence[Mention],
    rule: str,
    roles: Roles | None = None,
    prints: Prints | None = None,
) -> Incident:
    """The incident with its figures by this rule of `harm.RULES`. Raises `UsageError` when there is no such rule."""
    members = oriented(members)
    harm = counts(members, rule, roles or {}, sources(members, prints))
    names = {f"harm.{what}" for what in HARMS}
    support = {name: ids for name, ids in incident.support.items() if name not in names}
    support |= {f"harm.{what}": chosen.support for what, chosen in harm.items()}
    ledger = tuple(
        replace(claim, chosen=claim.mention_id in support.get(claim.field, ()))
        if claim.field in names
        else claim
        for claim in incident.ledger
    )
    made = replace(
        incident, harm={what: chosen.count for what, chosen in harm.items()}, support=support, ledger=ledger
    )
    figures = [c for c in incident.corrections if c.field in names]
    return replace(corrected(made, figures), corrections=incident.corrections)
