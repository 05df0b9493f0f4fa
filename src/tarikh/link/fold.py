"""incidents = fold(mentions, judgements, corrections): the one rule of Tarikh.

Invariant: pure; the same rows in any order give the same incidents, in the same order; a public id belongs to
the founding mention, the earliest by (`recorded_at`, id), whatever joins it later.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from tarikh.link import certainty, consolidate
from tarikh.link.cluster import Grouping, group
from tarikh.link.corrections import corrected
from tarikh.link.harm import check, counts
from tarikh.link.independence import Prints, sources
from tarikh.link.ledger import ledger
from tarikh.link.orientation import oriented
from tarikh.link.speakers import Roles, moment
from tarikh.model import Correction, Edge, Incident, Judgement, Mention, stable_id

Origin = tuple[datetime | None, str]
"""When a mention was first recorded, and under which id, before it was coded anew."""


def incident_id(mention_id: str) -> str:
    """The public id that a mention gives to the incident it founds; any id ever shown is that of a mention."""
    return stable_id("i", mention_id)


def fold(
    mentions: Iterable[Mention],
    judgements: Iterable[Judgement],
    corrections: Iterable[Correction] = (),
    rule: str = "codebook",
    report_sources: Roles | None = None,
    origins: Mapping[str, Origin] | None = None,
    previous: Iterable[str] = (),
    prints: Prints | None = None,
    edge: Edge | None = None,
) -> list[Incident]:
    """Incidents in the order of their founding.

    `rule` names the rule for figures (`harm.RULES`). `report_sources` says of reports (by id) or sources (by
    name) what they are: `monitor`, `press`, `authority` or `party`. `origins` gives for a mention coded anew
    its first coding, so that the public id stays. `previous` are public ids shown before: those that now lead
    to another incident are its `absorbed`. `prints` are the fingerprints of reports (by id), by which copies are
    known: without them each outlet is a source. `edge` is what leads out of the mentions where these are a part. Raises `UsageError` when there is no such rule.
    """
    check(rule)
    rows = {mention.id: mention for mention in mentions}
    said = [judgement for judgement in judgements if judgement.withdrawn_at is None]
    grouping = group(list(rows.values()), said, edge)
    heard = _by_group(grouping, said, corrections)
    first, shown, roles = origins or {}, frozenset(previous), report_sources or {}
    incidents = []
    for number, ids in enumerate(grouping.groups):
        members = sorted((rows[key] for key in ids), key=lambda m: _origin(m, first))
        incident = _incident(members, rule, roles, _origin(members[0], first)[1], prints)
        others = {incident_id(_origin(m, first)[1]) for m in members} | {incident_id(m.id) for m in members}
        incident = replace(
            incident,
            judgements=tuple(sorted(heard[number].judgements, key=_line)),
            absorbed=tuple(sorted((others & shown) - {incident.id})),
        )
        incident = corrected(incident, heard[number].corrections)
        incidents.append((_origin(members[0], first), incident))
    return [incident for _, incident in sorted(incidents, key=lambda pair: pair[0])]


def conflicts(mentions: Iterable[Mention], judgements: Iterable[Judgement]) -> tuple[Judgement, ...]:
    """What a person called "same" although a person's "different" forbids it: for the review queue."""
    return group(list({m.id: m for m in mentions}.values()), judgements).overruled


@dataclass(slots=True)
class _Heard:
    """What persons and rules said inside one group."""

    judgements: list[Judgement] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)


def _origin(mention: Mention, first: Mapping[str, Origin]) -> tuple[float, str]:
    """Sort key of founding; a mention without a moment of recording comes last."""
    at, key = first.get(mention.id, (mention.recorded_at, mention.id))
    return moment(at, unknown=math.inf), key


def _line(judgement: Judgement) -> tuple[str, str, float, str, float, str]:
    j = judgement
    return j.left, j.right, moment(j.at), j.by, j.score, j.verdict


def _by_group(
    grouping: Grouping, said: Iterable[Judgement], corrections: Iterable[Correction]
) -> Mapping[int, _Heard]:
    """Judgements and corrections by the number of their group.

    A person's "same" that was overruled goes to the groups on both of its ends, so that the conflict is seen.
    """
    home = {key: number for number, ids in enumerate(grouping.groups) for key in ids}
    heard: dict[int, _Heard] = defaultdict(_Heard)
    overruled = set(grouping.overruled)
    for judgement in said:
        ends = {home[key] for key in (judgement.left, judgement.right) if key in home}
        inside = len(ends) == 1 and judgement.left in home and judgement.right in home
        for number in ends if inside or judgement in overruled else ():
            heard[number].judgements.append(judgement)
    for correction in corrections:
        if correction.mention_id in home:
            heard[home[correction.mention_id]].corrections.append(correction)
    return heard


def _incident(
    members: Sequence[Mention], rule: str, roles: Roles, founded_as: str, prints: Prints | None
) -> Incident:
    """What the members say together; the first of them is the founder."""
    members = oriented(members)
    told = sources(members, prints)
    kind, status = consolidate.kind(members, told), certainty.status(members, roles, told)
    attackers, targets = consolidate.sides(members, roles, told)
    when, where = consolidate.when(members, roles, told), consolidate.where(members, roles, told)
    harm = counts(members, rule, roles, told)
    support = {
        "kind": kind.support,
        "status": status.support,
        "attackers": attackers.support,
        "targets": targets.support,
        "date": when.support,
        "place": where.support,
        **{f"harm.{what}": chosen.support for what, chosen in harm.items()},
    }
    support = {name: ids for name, ids in support.items() if ids}
    return Incident(
        id=incident_id(founded_as),
        founder=members[0].id,
        members=tuple(member.id for member in members),
        kind=kind.value,
        status=status.value,
        attackers=attackers.value,
        targets=targets.value,
        when=when.value,
        where=where.value,
        harm={what: chosen.count for what, chosen in harm.items()},
        sources=tuple(sorted({m.source for m in members if m.source})),
        support=support,
        ledger=ledger(members, support),
        confidence=certainty.confidence(members, roles, told)[0],
    )
