"""How two parties, or two sides of an incident, stand to each other.

Invariant: pure, symmetric, and about the codebook's written forms alone (section 4), never about a group's label.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Relation = Literal["same", "compatible", "kin", "other"]
Meeting = Literal["same", "shared", "compatible", "silent", "kin", "other"]

_OF = re.compile(r"^(Military|Police|Government) of (.+)$")
_IN = re.compile(
    r"^(Military faction|Civilians|Protesters|Rioters|Unidentified armed group|Aid workers) \((.+)\)$"
)
_MILITIA = re.compile(r"^Militia of ([^()]+) \((.+)\)$")
_PEACEKEEPERS = re.compile(r"^Peacekeepers \((.+)\)$")

_STATE = frozenset({"Military", "Police", "Government", "Military faction"})
_UNARMED = frozenset({"Civilians", "Aid workers", "Protesters", "Rioters"})
_CROWD = frozenset({"Protesters", "Rioters"})


@dataclass(frozen=True, slots=True)
class Form:
    """A party's written form: `kind` is the generic word or `named`; `owner` the country or community."""

    kind: str
    owner: str


@lru_cache(maxsize=20_000)
def form(name: str) -> Form:
    """The codebook form of a party name.

    >>> form("Military of Niger")
    Form(kind='Military', owner='Niger')
    """
    for pattern in (_OF, _IN):
        if found := pattern.match(name):
            return Form(found[1], found[2])
    if found := _MILITIA.match(name):
        return Form("Militia", found[2])
    if found := _PEACEKEEPERS.match(name):
        return Form("Peacekeepers", found[1])
    return Form("named", name)


def named(name: str) -> bool:
    """Whether a name tells more than "unidentified": it beats an unidentified one in a consolidated field."""
    return form(name).kind != "Unidentified armed group"


def specific(name: str) -> bool:
    """Whether sharing this party says much: a group or militia of its own name, not soldiers or civilians."""
    return form(name).kind in ("named", "Militia", "Peacekeepers")


@lru_cache(maxsize=100_000)
def relation(left: str, right: str) -> Relation:
    """`same` name; `compatible` (one may be the other, less known); `kin` (often mixed up); or `other`."""
    if left == right:
        return "same"
    one, two = form(left), form(right)
    if _may_be(one, two) or _may_be(two, one):
        return "compatible"
    both = {one.kind, two.kind}
    if both <= _STATE and one.owner == two.owner:
        return "kin"
    if both <= _CROWD or (both <= _UNARMED and "Civilians" in both):
        return "kin"
    if one.kind == "Militia" and two.kind == "Militia" and one.owner == two.owner:
        return "kin"
    return "kin" if _one_name_in_the_other(one, two) else "other"


def _may_be(vague: Form, exact: Form) -> bool:
    """Whether an unidentified armed group may be this other party."""
    if vague.kind != "Unidentified armed group":
        return False
    if exact.kind == "named":
        return True
    return exact.kind == "Militia" and exact.owner == vague.owner


def _one_name_in_the_other(one: Form, two: Form) -> bool:
    """Branches carry the mother's name: "Islamic State" and "Islamic State Khorasan"."""
    if one.kind != "named" or two.kind != "named":
        return False
    short, long = sorted((one.owner.casefold().split(), two.owner.casefold().split()), key=len)
    return len(short) < len(long) and set(short) <= set(long)


def meeting(left: tuple[str, ...], right: tuple[str, ...]) -> Meeting:
    """How two sides meet: the best relation between any two of their parties; `silent` when one is empty."""
    if not left or not right:
        return "silent"
    if set(left) == set(right):
        return "same"
    found = {relation(one, two) for one in left for two in right}
    if "same" in found:
        return "shared"
    if "compatible" in found:
        return "compatible"
    return "kin" if "kin" in found else "other"
