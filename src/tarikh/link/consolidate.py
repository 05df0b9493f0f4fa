"""One value for each field of an incident out of what its mentions say, with the mentions that bear it.

Invariant: a value is always one that some mention told, never a blend; every choice has its tie-breaks, so
that the order of the mentions never matters. Votes are of independent sources: ten copies are one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from tarikh.link.compare import TWO_WAY_KINDS, distance_km, kinds
from tarikh.link.independence import Sources
from tarikh.link.sides import meeting, named
from tarikh.link.speakers import Roles, independence, newness
from tarikh.model import LOCATED, DatePrecision, Mention, PlacePrecision, When, Where
from tarikh.text import folded as plain

Value = TypeVar("Value")

DATE_ORDER: tuple[DatePrecision, ...] = ("day", "week", "month", "year", "unknown")
PLACE_ORDER: tuple[PlacePrecision, ...] = ("exact", "near", "admin2", "admin1", "country", "unknown")
_SAME_TOWN_KM = 2.0

ALONE = Sources()
"""Nothing is known of copies: each report is a source."""


@dataclass(frozen=True, slots=True)
class Field(Generic[Value]):
    """A consolidated value and the ids of the mentions that bear it, sorted."""

    value: Value
    support: tuple[str, ...]


def _ids(mentions: Sequence[Mention]) -> tuple[str, ...]:
    return tuple(sorted(mention.id for mention in mentions))


Weight = tuple[tuple[int, int], int, tuple[int, float, str]]


def _weight(mentions: Sequence[Mention], roles: Roles, told: Sources) -> Weight:
    """Sort key of a value by its bearers: how many sources and texts, the most independent of them, the newest."""
    return (
        told.weight(mentions),
        max(independence(m, roles) for m in mentions),
        max(newness(m) for m in mentions),
    )


def kind(members: Sequence[Mention], told: Sources = ALONE) -> Field[str]:
    """The kind that most sources give; of two alike, the one in more texts, then that which the codebook ranks first."""
    by: dict[str, list[Mention]] = defaultdict(list)
    for mention in members:
        by[mention.kind].append(mention)
    votes = {name: told.weight(said) for name, said in by.items()}
    ranks = {name: rank for rank, name in enumerate(kinds())}
    chosen = min(votes, key=lambda name: (*(-n for n in votes[name]), ranks.get(name, len(ranks)), name))
    return Field(chosen, _ids([m for m in members if m.kind == chosen]))


def when(members: Sequence[Mention], roles: Roles, told: Sources = ALONE) -> Field[When]:
    """The finest dating; of several, the one that most sources give."""
    finest = min(DATE_ORDER.index(m.when.precision) if m.when.start else len(DATE_ORDER) for m in members)
    if finest == len(DATE_ORDER):
        return Field(When(), ())
    by: dict[Hashable, list[Mention]] = defaultdict(list)
    for mention in members:
        if mention.when.start is not None and mention.when.precision == DATE_ORDER[finest]:
            by[mention.when.start, mention.when.end].append(mention)
    bearers = max(by.values(), key=lambda said: _weight(said, roles, told))
    return Field(_told(bearers, roles).when, _ids(bearers))


def _told(bearers: Sequence[Mention], roles: Roles) -> Mention:
    return max(bearers, key=lambda m: (independence(m, roles), newness(m)))


def where(members: Sequence[Mention], roles: Roles, told: Sources = ALONE) -> Field[Where]:
    """The finest level (town, admin2, admin1, country), there the place most sources give, most exactly put."""
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
    bearers = max(groups, key=lambda said: _weight(said, roles, told))
    finest = min(PLACE_ORDER.index(m.where.precision) for m in bearers)
    exact = [m for m in bearers if m.where.precision == PLACE_ORDER[finest]]
    return Field(_told(exact, roles).where, _ids(bearers))


def _level(place: Where) -> int:
    """0 for a town, whether at it or near it; then as in `PLACE_ORDER`."""
    return 0 if place.precision in LOCATED else PLACE_ORDER.index(place.precision)


def _one_place(left: Where, right: Where) -> bool:
    if left.precision in LOCATED:
        km = distance_km(left, right)
        if km is not None:
            return km <= _SAME_TOWN_KM
        return left.country == right.country and plain(left.place or "") == plain(right.place or "")
    names = ("country", "admin1", "place") if left.precision != "country" else ("country",)
    return all(plain(getattr(left, n) or "") == plain(getattr(right, n) or "") for n in names)


def sides(
    members: Sequence[Mention], roles: Roles, told: Sources = ALONE
) -> tuple[Field[tuple[str, ...]], Field[tuple[str, ...]]]:
    """Attackers and targets. A named party takes the voices of those who left it unidentified.

    Where the act has two beginnings by two tellings (a clash), those who tell it the other way round than most
    have no say in the sides; the ledger keeps them.
    """
    alike = _told_alike(members, roles, told)
    return _side(alike, "attackers", roles, told), _side(alike, "targets", roles, told)


def _told_alike(members: Sequence[Mention], roles: Roles, told: Sources) -> list[Mention]:
    by: dict[Hashable, list[Mention]] = defaultdict(list)
    for mention in members:
        if mention.kind in TWO_WAY_KINDS and mention.attackers and mention.targets:
            by[frozenset(mention.attackers), frozenset(mention.targets)].append(mention)
    if not by:
        return list(members)
    model = max(by.values(), key=lambda said: _weight(said, roles, told))[0]
    return [m for m in members if not _turned(m, model)]


def _turned(mention: Mention, model: Mention) -> bool:
    crossed = {meeting(mention.attackers, model.targets), meeting(mention.targets, model.attackers)}
    straight = {meeting(mention.attackers, model.attackers), meeting(mention.targets, model.targets)}
    agree = {"same", "shared"}
    return bool(crossed & agree) and not straight & agree


def _side(members: Sequence[Mention], side: str, roles: Roles, told: Sources) -> Field[tuple[str, ...]]:
    by: dict[frozenset[str], list[Mention]] = defaultdict(list)
    for mention in members:
        if names := getattr(mention, side):
            by[frozenset(names)].append(mention)
    if not by:
        return Field((), ())
    bearers = {names: [*said, *_vaguer(by, names)] for names, said in by.items()}

    def strength(names: frozenset[str]) -> tuple[object, ...]:
        count, rank, newest = _weight(bearers[names], roles, told)
        known = all(named(name) for name in names)
        return count, known, told.weight(by[names]), len(names), rank, newest, sorted(names)

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
