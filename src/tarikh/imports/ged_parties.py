"""The sides of a GED event by the names of the register and the codebook's forms; whom neither knows keeps the name given.

Invariant: nothing is said of a side that its row does not say: a government stays one, though soldiers may have fought.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache

from tarikh import reference
from tarikh.gazetteer.towns import nation_of
from tarikh.reference import Party
from tarikh.resolve import party_forms

CIVILIANS = "civilians"
_GOVERNMENT = "Government of "


def side(name: str, ucdp: int | None, country: str | None, day: date | None) -> tuple[str, ...]:
    """The parties of one side. `ucdp` is the actor's id, `country` (ISO alpha-3) and `day` those of the event.

    Empty where the row names nobody, or civilians of an unknown country.
    """
    if not name or name.casefold() in ("xxx", "unknown", "n/a"):
        return ()
    if name.casefold() == CIVILIANS:
        found = party_forms.form("civilians", country)
        return (found,) if found is not None else ()
    return tuple(dict.fromkeys(_party(part, key, country, day) for part, key in _parts(name, ucdp)))


def _parts(name: str, ucdp: int | None) -> list[tuple[str, int | None]]:
    """GED writes allies of one side as "A, B"; the id is then of both together."""
    parts = [part.strip() for part in name.split(", ") if part.strip()]
    return [(name, ucdp)] if len(parts) < 2 else [(part, None) for part in parts]


def _party(name: str, ucdp: int | None, country: str | None, day: date | None) -> str:
    if name.startswith(_GOVERNMENT):
        owner = nation_of(name.removeprefix(_GOVERNMENT))
        return party_forms.form("government", owner) or name
    by_name = _called(name, country, day)
    by_id = _by_id().get(ucdp) if ucdp is not None else None
    if by_id is not None and not _is_of(by_name, by_id):
        # UCDP has one actor for all provinces of the Islamic State; the name at the place tells which.
        branch = _called(by_id.name, country, day)
        return branch if branch is not None and _is_of(branch, by_id) else by_id.name
    return by_name or _militia(name, country) or name


def _called(name: str, country: str | None, day: date | None) -> str | None:
    """The party that a whole name means at the place on the day."""
    found = reference.named(name)
    if len(found) != 1 or (found[0].start, found[0].end) != (0, len(name)):
        return None
    return reference.meaning(found[0].uses, country, day)


@cache
def _by_id() -> Mapping[int, Party]:
    return {each.ucdp: each for each in reversed(reference.parties()) if each.ucdp is not None}


def _is_of(name: str | None, mother: Party) -> bool:
    """Whether a party is the one of the id, or a branch of it."""
    for _ in range(10):
        if name is None or name == mother.name:
            return name is not None
        known = reference.party(name)
        name = known.parent if known is not None else None
    return False


@cache
def _communities() -> Mapping[str, str]:
    return {
        word.casefold(): each.name for each in reference.communities() for word in (each.name, *each.words)
    }


def _militia(name: str, country: str | None) -> str | None:
    """Fighters of a community ("Fulani"), as the codebook writes them."""
    owner, community = reference.country(country), _communities().get(name.casefold())
    return f"Militia of {community} ({owner.name})" if owner is not None and community else None
