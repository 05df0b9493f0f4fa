"""What clauses may ask of an incident: its kind, precisions and deaths, and the classes of its parties.

Invariant: a fact never holds a name, so no clause can depend on one; classes come from the party register and the
codebook's generic forms alone. An empty side has the class `unknown`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tarikh import reference
from tarikh.disclosure import MARK
from tarikh.model import Count, Incident

FACTS: Mapping[str, str] = {
    "kind": "the kind of the incident",
    "status": "reported, claimed, alleged or disputed",
    "place": "precision of the place: exact, near, admin2, admin1, country or unknown",
    "date": "precision of the date: day, week, month, year or unknown",
    "days": "length from the first to the last day, as [least, most]; null is no limit",
    "country": "known or unknown",
    "deaths": "some, none, bounds (only a bound is known) or unknown",
    "split": "how the deaths of UCDP's sides add up: whole, rest, one_sided or contradictory",
    "states": "same where forces of one state are on both sides, else different",
    "attackers": "a class of the attackers is among these",
    "attackers_only": "all classes of the attackers are among these",
    "attackers_armed": "the same as attackers, of those who are armed; `none` where nobody is",
    "attackers_armed_only": "all of those who are armed",
    "targets": "a class of the targets is among these",
    "targets_only": "all classes of the targets are among these",
    "targets_armed": "the same as targets, of those who are armed; `none` where nobody is",
    "targets_armed_only": "all of those who are armed",
}
"""Every fact that a clause may ask, and what it is."""

VALUES: Mapping[str, tuple[str, ...]] = {
    "status": ("reported", "claimed", "alleged", "disputed"),
    "place": ("exact", "near", "admin2", "admin1", "country", "unknown"),
    "date": ("day", "week", "month", "year", "unknown"),
    "country": ("known", "unknown"),
    "deaths": ("some", "none", "bounds", "unknown"),
    "states": ("same", "different"),
    "split": ("whole", "rest", "one_sided", "contradictory"),
}
"""The values of the facts that have a fixed list."""

_FORMS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"Military of (?P<country>.+)", "military"),
        (r"Police of (?P<country>.+)", "police"),
        (r"Government of (?P<country>.+)", "government"),
        (r"Military faction \((?P<country>.+)\)", "faction"),
        (r"Civilians \((?P<country>.+)\)", "civilians"),
        (r"Aid workers \((?P<country>.+)\)", "aid_workers"),
        (r"Protesters \((?P<country>.+)\)", "protesters"),
        (r"Rioters \((?P<country>.+)\)", "rioters"),
        (r"Unidentified armed group \((?P<country>.+)\)", "unidentified"),
        (r"Militia of (?P<community>[^()]+) \((?P<country>.+)\)", "communal"),
        (r"Peacekeepers \([^()]+\)", "peacekeepers"),
    )
)
_REGISTER = {"state-force": "state_force"}
_STATE = ("military", "police", "government")


@dataclass(frozen=True, slots=True)
class Party:
    """A party as codebooks see it: its name, its class, and where the form or the register has them its country (alpha-3),
    community and UCDP's actor id.
    """

    name: str
    kind: str
    country: str | None = None
    community: str | None = None
    ucdp: int | None = None


@lru_cache(maxsize=20_000)
def _party(name: str, of_states: frozenset[str]) -> Party:
    if name == MARK:
        return Party(name, "withheld")
    known = reference.party(name)
    if known is not None:
        if name in of_states:
            return Party(name, "state_coalition", ucdp=known.ucdp)
        owner = known.countries[0] if known.category == "state-force" and len(known.countries) == 1 else None
        return Party(name, _REGISTER.get(known.category, known.category), owner, ucdp=known.ucdp)
    for pattern, kind in _FORMS:
        if found := pattern.fullmatch(name):
            parts = found.groupdict()
            state = reference.country_by_name(parts["country"]) if "country" in parts else None
            if "country" in parts and state is None and kind in _STATE:
                return Party(name, "unregistered")
            return Party(name, kind, None if state is None else state.iso3, parts.get("community"))
    return Party(name, "unregistered")


def party(name: str, place: str | None, of_states: frozenset[str]) -> Party:
    """A party at a place (alpha-3 of its country); forces of a state elsewhere than at home are foreign ones."""
    found = _party(name, of_states)
    if found.kind in _STATE and place is not None and found.country != place:
        return Party(name, f"foreign_{found.kind}", found.country)
    return found


def days(incident: Incident) -> int | None:
    """Days from the first to the last, both counted."""
    start, end = incident.when.start, incident.when.end
    return None if start is None else ((end or start) - start).days + 1


def deaths(killed: Count) -> str:
    """Whether anybody was killed: some, none, bounds or unknown."""
    if killed.best is None:
        return "bounds" if killed.known() else "unknown"
    return "some" if killed.best > 0 or (killed.high or 0) > 0 else "none"


@dataclass(frozen=True, slots=True)
class Facts:
    """An incident with its parties told by class; `asked` has the facts by name."""

    incident: Incident
    attackers: tuple[Party, ...]
    targets: tuple[Party, ...]
    asked: Mapping[str, str | int | frozenset[str] | None]


def facts(incident: Incident, unarmed: frozenset[str], of_states: frozenset[str]) -> Facts:
    """The facts of an incident. `unarmed` are the classes without arms, `of_states` the coalitions of states by name."""
    place = incident.where.country
    attackers = tuple(party(name, place, of_states) for name in incident.attackers)
    targets = tuple(party(name, place, of_states) for name in incident.targets)
    precision = incident.when.precision if incident.when.start is not None else "unknown"
    asked: dict[str, str | int | frozenset[str] | None] = {
        "kind": incident.kind,
        "status": incident.status,
        "place": incident.where.precision,
        "date": precision,
        "days": days(incident),
        "country": "unknown" if place is None else "known",
        "deaths": deaths(incident.harm.get("killed", Count())),
        "states": "same" if _states(attackers) & _states(targets) else "different",
        "split": None,
    }
    for side, found in (("attackers", attackers), ("targets", targets)):
        classes = _classes(found)
        armed = frozenset(classes - unarmed - {"unknown"}) or frozenset({"none"})
        asked |= {side: classes, f"{side}_only": classes, f"{side}_armed": armed, f"{side}_armed_only": armed}
    return Facts(incident, attackers, targets, asked)


def _classes(found: Sequence[Party]) -> frozenset[str]:
    return frozenset(each.kind for each in found) or frozenset({"unknown"})


def _states(found: Sequence[Party]) -> frozenset[str]:
    kinds = (*_STATE, *(f"foreign_{kind}" for kind in _STATE), "state_force")
    return frozenset(each.country for each in found if each.kind in kinds and each.country is not None)


def fits(
    asked: Mapping[str, str | int | frozenset[str] | None], conditions: Mapping[str, frozenset[str] | range]
) -> bool:
    """Whether all conditions of a clause hold."""
    for name, wanted in conditions.items():
        value = asked[name]
        if isinstance(value, frozenset) and isinstance(wanted, frozenset):
            if not (value <= wanted if name.endswith("_only") else not value.isdisjoint(wanted)):
                return False
        elif value not in wanted:
            return False
    return True
