"""How an incident stands: its status, the steps by which it came there, and how sure it is that it happened.

Invariant: pure; the order of the mentions never matters; a copy of a report raises neither status nor confidence;
what a party says of its own deed is one voice, however many print it, and never makes the deed a fact.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from tarikh.link.compare import distance_km
from tarikh.link.consolidate import Field
from tarikh.link.independence import Prints, Sources, sources
from tarikh.link.speakers import ROLE_RANKS, Roles, independence, moment, own_outlet, said_by
from tarikh.model import LOCATED, Mention, Reason, Status


@dataclass(frozen=True, slots=True)
class Voice:
    """One who says something of the incident: a source, or a party whose claim others print.

    `printed` are the sources in which it stands, `mentions` those that carry it.
    """

    name: str
    says: Status
    printed: tuple[str, ...]
    mentions: tuple[Mention, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A status and since which day of publication it holds (None: of undated reports), with the reason."""

    day: date | None
    status: Status
    why: str
    mentions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Status and confidence with all that led there.

    `sources` are the independent sources by name, sorted; `of` gives that of each report by its id.
    """

    status: Status
    steps: tuple[Step, ...]
    confidence: float
    reasons: tuple[Reason, ...]
    sources: tuple[str, ...]
    of: Mapping[str, str]


def standing(
    members: Sequence[Mention], roles: Roles | None = None, prints: Prints | None = None
) -> Standing:
    """Status, steps and confidence of the members of one incident."""
    told = sources(members, prints)
    sure, reasons = confidence(members, roles or {}, told)
    return Standing(
        status(members, roles or {}, told).value,
        steps(members, roles or {}, told),
        sure,
        reasons,
        tuple(sorted({told.source(m) for m in members})),
        told.of,
    )


# ---- voices ----------------------------------------------------------------------------------------------

_CAREFUL: Mapping[Status, int] = {"alleged": 0, "claimed": 1, "disputed": 2, "reported": 3}


def voices(members: Sequence[Mention], roles: Roles, told: Sources) -> tuple[Voice, ...]:
    """Who says what, each once, sorted by name. A claim is its party's, whoever prints it."""
    weakest: dict[str, Status] = {}
    for mention in members:
        text, says = told.text.get(mention.report_id, mention.report_id), _says(mention, roles)
        weakest[text] = min(weakest.get(text, says), says, key=_CAREFUL.__getitem__)
    by: dict[tuple[str, Status], list[Mention]] = defaultdict(list)
    for mention in members:
        says = _says(mention, roles)
        if says != "disputed":  # copies differ only in how they were read: the more careful reading holds
            says = weakest[told.text.get(mention.report_id, mention.report_id)]
        by[said_by(mention) if says == "claimed" else told.source(mention), says].append(mention)
    return tuple(
        Voice(name, says, tuple(sorted({told.source(m) for m in said})), tuple(said))
        for (name, says), said in sorted(by.items())
    )


def _says(mention: Mention, roles: Roles) -> Status:
    """What a mention is worth: a party's own outlet states its own deeds as facts, and they are claims."""
    role = roles.get(mention.report_id) or roles.get(mention.source or "")
    own = role == "party" or own_outlet(mention)
    return "claimed" if own and mention.status == "reported" else mention.status


# ---- status ----------------------------------------------------------------------------------------------


def status(members: Sequence[Mention], roles: Roles, told: Sources) -> Field[Status]:
    """The status now, and the mentions that bear it.

    `reported` as soon as one independent source states it as fact, unless as many dispute it. Without one:
    `disputed` before `claimed` before `alleged`, since a denial must be seen and a deed owned up to is firmer than
    one of which another is accused.
    """
    heard = _by_status(voices(members, roles, told))
    chosen = _chosen(heard)
    return Field(chosen, tuple(sorted(m.id for voice in heard[chosen] for m in voice.mentions)))


def _by_status(heard: Sequence[Voice]) -> dict[Status, list[Voice]]:
    by: dict[Status, list[Voice]] = defaultdict(list)
    for voice in heard:
        by[voice.says].append(voice)
    return by


def _chosen(heard: Mapping[Status, Sequence[Voice]]) -> Status:
    order: list[Status] = ["reported", "disputed", "claimed", "alleged"]
    if len(heard.get("disputed", ())) >= len(heard.get("reported", ())):
        order = ["disputed", "reported", "claimed", "alleged"]
    return next(name for name in order if heard.get(name))


def steps(members: Sequence[Mention], roles: Roles, told: Sources) -> tuple[Step, ...]:
    """The statuses that the incident had, from its first report on; the last is the one that it has."""

    def day(mention: Mention) -> tuple[bool, int]:
        return mention.published is None, (mention.published or date.min).toordinal()

    ordered = sorted(members, key=lambda m: (day(m), moment(m.recorded_at), m.id))
    made: list[Step] = []
    known: list[Mention] = []
    for _, group in groupby(ordered, key=day):
        fresh = list(group)
        known += fresh
        heard = _by_status(voices(known, roles, told))
        chosen = _chosen(heard)
        if not made or made[-1].status != chosen:
            bearing = tuple(sorted(m.id for voice in heard[chosen] for m in voice.mentions))
            made.append(Step(fresh[0].published, chosen, _why(chosen, heard), bearing))
    return tuple(made)


def _why(chosen: Status, heard: Mapping[Status, Sequence[Voice]]) -> str:
    names = _listed([voice.name for voice in heard[chosen]])
    several = len(heard[chosen]) > 1
    if chosen == "reported":
        sentence = (
            f"{len(heard[chosen])} independent sources state it as fact: {names}"
            if several
            else f"{names}, which is no party to it, states it as fact"
        )
        if denied := heard.get("disputed"):
            sentence += f"; fewer report a denial: {_listed([v.name for v in denied])}"
        return sentence
    if chosen == "disputed":
        as_fact = heard.get("reported", ())
        beside = (
            f", and no more sources state it as fact ({_listed([v.name for v in as_fact])})"
            if as_fact
            else ""
        )
        return f"one side says it and another denies it, by {names}{beside}"
    if chosen == "claimed":
        printed = sorted({name for voice in heard[chosen] for name in voice.printed})
        who = f"{names} say" if several else f"{names} says"
        return f"only {who} so, of {'their' if several else 'its'} own deed, in {_listed(printed)}"
    return f"one accuses another, by {names}; nobody else confirms it"


def _listed(names: Sequence[str], most: int = 5) -> str:
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


# ---- confidence ------------------------------------------------------------------------------------------

Scored = tuple[str, float]
"""What a feature was, in words, and how many times its weight counts."""

WEIGHTS: Mapping[str, float] = {
    "stated as fact": 0.5,
    "further sources": 1.1,
    "claim alone": -0.6,
    "accusation alone": -0.9,
    "denied": -0.9,
    "a party says so too": 0.4,
    "a monitor among them": 0.6,
    "told as another kind": -0.3,
    "told of another day": -0.3,
    "told of another place": -0.4,
    "how sure the coding is": 0.8,
}
"""Log-odds that each feature adds to "this happened"; set by hand, checked by `benchmarks/certainty.py`."""

_MOST_FURTHER = 4
_USUAL_CODING = 0.6
_FAR_KM = 30.0
_MOST_TOWNS = 40


@dataclass(frozen=True, slots=True)
class _Case:
    members: Sequence[Mention]
    heard: Mapping[Status, Sequence[Voice]]
    status: Status
    roles: Roles


def confidence(members: Sequence[Mention], roles: Roles, told: Sources) -> tuple[float, tuple[Reason, ...]]:
    """How sure it is that this happened, 0 to 0.99, and each feature of `WEIGHTS` that spoke for or against."""
    heard = _by_status(voices(members, roles, told))
    case = _Case(members, heard, _chosen(heard), roles)
    reasons = []
    for name, weight in WEIGHTS.items():
        value, times = _FEATURES[name](case)
        if times:
            reasons.append(Reason(name, value, round(weight * times, 3)))
    total = sum(reason.weight for reason in reasons)
    return round(min(0.99, 1.0 / (1.0 + math.exp(-total))), 3), tuple(reasons)


def _as_fact(case: _Case) -> Scored:
    first = case.heard.get("reported", ())
    return (first[0].name, 1.0) if first else ("", 0.0)


def _further(case: _Case) -> Scored:
    count = max(0, len(case.heard.get("reported", ())) - 1)
    return f"{count} more", float(min(count, _MOST_FURTHER))


def _alone(status_: Status) -> Callable[[_Case], Scored]:
    def scored(case: _Case) -> Scored:
        return (case.heard[status_][0].name, 1.0) if case.status == status_ else ("", 0.0)

    return scored


def _denied(case: _Case) -> Scored:
    denied = case.heard.get("disputed", ())
    return _listed([voice.name for voice in denied]), 1.0 if denied else 0.0


def _party_too(case: _Case) -> Scored:
    """A party's claim beside other sources, or the second party to claim it."""
    claims = case.heard.get("claimed", ())
    beside = len(claims) - (case.status == "claimed")
    return _listed([voice.name for voice in claims]), float(min(1, beside))


def _monitor(case: _Case) -> Scored:
    stated = [m for voice in case.heard.get("reported", ()) for m in voice.mentions]
    found = sorted(
        {m.source or m.report_id for m in stated if independence(m, case.roles) == ROLE_RANKS["monitor"]}
    )
    return _listed(found), 1.0 if found else 0.0


def _kinds(case: _Case) -> Scored:
    kinds = sorted({m.kind for m in case.members})
    return ", ".join(kinds), float(len(kinds) > 1)


def _days(case: _Case) -> Scored:
    days = sorted({m.when.start for m in case.members if m.when.start and m.when.precision == "day"})
    return _listed([day.isoformat() for day in days]), float(len(days) > 1)


def _places(case: _Case) -> Scored:
    told = {
        (m.where.latitude, m.where.longitude): m.where for m in case.members if m.where.precision in LOCATED
    }
    towns = [told[point] for point in sorted(told, key=repr)][:_MOST_TOWNS]
    far = any((distance_km(one, two) or 0.0) > _FAR_KM for one in towns for two in towns)
    return _listed(sorted({t.place or "unnamed" for t in towns})), float(far)


def _coding(case: _Case) -> Scored:
    """The surest coding of its kind among the members: the log-odds of a calibrated share, against a usual one's."""
    sure = [m.evidence["kind"].confidence for m in case.members if "kind" in m.evidence]
    if not sure:
        return "", 0.0
    return f"{max(sure):.2f}", _log_odds(max(sure)) - _log_odds(_USUAL_CODING)


def _log_odds(share: float) -> float:
    within = min(0.97, max(0.05, share))
    return math.log(within / (1.0 - within))


_FEATURES: Mapping[str, Callable[[_Case], Scored]] = {
    "stated as fact": _as_fact,
    "further sources": _further,
    "claim alone": _alone("claimed"),
    "accusation alone": _alone("alleged"),
    "denied": _denied,
    "a party says so too": _party_too,
    "a monitor among them": _monitor,
    "told as another kind": _kinds,
    "told of another day": _days,
    "told of another place": _places,
    "how sure the coding is": _coding,
}


def lines(told: Standing) -> list[tuple[str, str]]:
    """A standing as labelled lines for people."""
    rows = [("independent sources", f"{len(told.sources)}: {_listed(told.sources, 8)}")]
    for step in told.steps:
        rows.append((f"status {step.status}", f"since {step.day or 'an undated report'}: {step.why}"))
    why = "; ".join(f"{r.feature}{f' ({r.value})' if r.value else ''} {r.weight:+.1f}" for r in told.reasons)
    return [*rows, ("confidence", f"{told.confidence:.2f}: {why}")]
