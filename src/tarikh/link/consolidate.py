"""One value for each field of an incident out of what its mentions say, with the mentions that bear it.

Invariant: a value is always one that some mention told, never a blend; every choice has its tie-breaks, so
that the order of the mentions never matters.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from tarikh.link.compare import TWO_WAY_KINDS, distance_km, kinds
from tarikh.link.sides import meeting, named
from tarikh.link.speakers import Roles, independence, newness, voice
from tarikh.model import DatePrecision, Mention, PlacePrecision, Status, When, Where
from tarikh.text import fold as plain

Value = TypeVar("Value")

DATE_ORDER: tuple[DatePrecision, ...] = ("day", "week", "month", "year", "unknown")
PLACE_ORDER: tuple[PlacePrecision, ...] = ("exact", "near", "admin2", "admin1", "country", "unknown")
_TOWN = ("exact", "near")
_SAME_TOWN_KM = 2.0

TRUST: Mapping[Status, float] = {"reported": 0.6, "disputed": 0.3, "claimed": 0.35, "alleged": 0.3}
"""How far one voice alone makes an incident certain, by what it says of it."""


@dataclass(frozen=True, slots=True)
class Field(Generic[Value]):
    """A consolidated value and the ids of the mentions that bear it, sorted."""

    value: Value
    support: tuple[str, ...]


def _ids(mentions: Sequence[Mention]) -> tuple[str, ...]:
    return tuple(sorted(mention.id for mention in mentions))


def _weight(mentions: Sequence[Mention], roles: Roles) -> tuple[int, int, tuple[int, float, str]]:
    """Sort key of a value by its bearers: how many, the most independent of them, the newest."""
    return (
        len(mentions),
        max(independence(m, roles) for m in mentions),
        max(newness(m) for m in mentions),
    )


def kind(members: Sequence[Mention]) -> Field[str]:
    """The kind that most mentions give; of two alike, the one that the codebook ranks first."""
    votes = Counter(m.kind for m in members)
    ranks = {name: rank for rank, name in enumerate(kinds())}
    chosen = min(votes, key=lambda name: (-votes[name], ranks.get(name, len(ranks)), name))
    return Field(chosen, _ids([m for m in members if m.kind == chosen]))


def status(members: Sequence[Mention]) -> Field[Status]:
    """`reported` as soon as one voice states it as fact, unless as many voices dispute it.

    Without one: `disputed` before `claimed` before `alleged`, since a denial must be seen and a deed owned up
    to is firmer than one of which another is accused.
    """
    by: dict[Status, list[Mention]] = defaultdict(list)
    for mention in members:
        by[mention.status].append(mention)
    voices = {name: {voice(m) for m in said} for name, said in by.items()}
    order: list[Status] = ["reported", "disputed", "claimed", "alleged"]
    if len(voices.get("disputed", ())) >= len(voices.get("reported", ())):
        order = ["disputed", "reported", "claimed", "alleged"]
    chosen = next(name for name in order if by.get(name))
    return Field(chosen, _ids(by[chosen]))


def when(members: Sequence[Mention], roles: Roles) -> Field[When]:
    """The finest dating; of several, the one that most mentions give."""
    finest = min(DATE_ORDER.index(m.when.precision) if m.when.start else len(DATE_ORDER) for m in members)
    if finest == len(DATE_ORDER):
        return Field(When(), ())
    by: dict[Hashable, list[Mention]] = defaultdict(list)
    for mention in members:
        if mention.when.start is not None and mention.when.precision == DATE_ORDER[finest]:
            by[mention.when.start, mention.when.end].append(mention)
    bearers = max(by.values(), key=lambda said: _weight(said, roles))
    return Field(_told(bearers, roles).when, _ids(bearers))


def _told(bearers: Sequence[Mention], roles: Roles) -> Mention:
    return max(bearers, key=lambda m: (independence(m, roles), newness(m)))


def where(members: Sequence[Mention], roles: Roles) -> Field[Where]:
    """The finest level (town, admin2, admin1, country), there the place most mentions give, most exactly put."""
    level = min(_level(m.where) for m in members)
    if level == len(PLACE_ORDER) - 1:
        return Field(Where(), ())
    groups: list[list[Mention]] = []
    for mention in sorted((m for m in members if _level(m.where) == level), key=lambda m: m.id):
        home = next((g for g in groups if _one_place(g[0].where, mention.where)), None)
        if home is None:
            groups.append([mention])
        else:
            home.append(mention)
    bearers = max(groups, key=lambda said: _weight(said, roles))
    finest = min(PLACE_ORDER.index(m.where.precision) for m in bearers)
    exact = [m for m in bearers if m.where.precision == PLACE_ORDER[finest]]
    return Field(_told(exact, roles).where, _ids(bearers))


def _level(place: Where) -> int:
    """0 for a town, whether at it or near it; then as in `PLACE_ORDER`."""
    return 0 if place.precision in _TOWN else PLACE_ORDER.index(place.precision)


def _one_place(left: Where, right: Where) -> bool:
    if left.precision in _TOWN:
        km = distance_km(left, right)
        if km is not None:
            return km <= _SAME_TOWN_KM
        return left.country == right.country and plain(left.place or "") == plain(right.place or "")
    names = ("country", "admin1", "place") if left.precision != "country" else ("country",)
    return all(plain(getattr(left, n) or "") == plain(getattr(right, n) or "") for n in names)


def sides(members: Sequence[Mention], roles: Roles) -> tuple[Field[tuple[str, ...]], Field[tuple[str, ...]]]:
    """Attackers and targets. A named party takes the voices of those who left it unidentified.

    Where the act has two beginnings by two tellings (a clash), those who tell it the other way round than most
    have no say in the sides; the ledger keeps them.
    """
    alike = _told_alike(members, roles)
    return _side(alike, "attackers", roles), _side(alike, "targets", roles)


def _told_alike(members: Sequence[Mention], roles: Roles) -> list[Mention]:
    by: dict[Hashable, list[Mention]] = defaultdict(list)
    for mention in members:
        if mention.kind in TWO_WAY_KINDS and mention.attackers and mention.targets:
            by[frozenset(mention.attackers), frozenset(mention.targets)].append(mention)
    if not by:
        return list(members)
    model = max(by.values(), key=lambda said: _weight(said, roles))[0]
    return [m for m in members if not _turned(m, model)]


def _turned(mention: Mention, model: Mention) -> bool:
    crossed = {meeting(mention.attackers, model.targets), meeting(mention.targets, model.attackers)}
    straight = {meeting(mention.attackers, model.attackers), meeting(mention.targets, model.targets)}
    agree = {"same", "shared"}
    return bool(crossed & agree) and not straight & agree


def _side(members: Sequence[Mention], side: str, roles: Roles) -> Field[tuple[str, ...]]:
    by: dict[frozenset[str], list[Mention]] = defaultdict(list)
    for mention in members:
        if told := getattr(mention, side):
            by[frozenset(told)].append(mention)
    if not by:
        return Field((), ())
    bearers = {names: [*said, *_vaguer(by, names)] for names, said in by.items()}

    def strength(names: frozenset[str]) -> tuple[object, ...]:
        count, rank, newest = _weight(bearers[names], roles)
        known = all(named(name) for name in names)
        return count, known, len(by[names]), len(names), rank, newest, sorted(names)

    chosen = max(by, key=strength)
    return Field(_as_told(by[chosen], side, roles), _ids(bearers[chosen]))


def _vaguer(by: Mapping[frozenset[str], list[Mention]], names: frozenset[str]) -> list[Mention]:
    """Mentions that say of this side only that it was armed, where these names tell who it was."""
    if not all(named(name) for name in names):
        return []
    return [
        mention
        for other, said in by.items()
        if not any(named(name) for name in other) and meeting(tuple(other), tuple(names)) == "compatible"
        for mention in said
    ]


def _as_told(said: Sequence[Mention], side: str, roles: Roles) -> tuple[str, ...]:
    told: tuple[str, ...] = getattr(_told(said, roles), side)
    return told


def confidence(members: Sequence[Mention]) -> float:
    """How sure it is that this happened, 0 to 1: each further independent voice takes away part of the doubt."""
    best: dict[str, float] = {}
    for mention in members:
        best[voice(mention)] = max(best.get(voice(mention), 0.0), TRUST[mention.status])
    doubt = 1.0
    for trust in sorted(best.values()):
        doubt *= 1.0 - trust
    return round(min(0.99, 1.0 - doubt), 3)
