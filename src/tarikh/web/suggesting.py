"""What a person who types the beginning of a place or a party may mean.

Invariant: what is suggested for a place is text that `placing.placed` reads as that place; only a few are given, and little is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tarikh import reference
from tarikh.earth import kilometers
from tarikh.gazetteer import Gazetteer, Place
from tarikh.reference import outlines
from tarikh.resolve.party_forms import ROLES
from tarikh.text import fold

MOST = 8
"""Suggestions at a time."""
LONGEST = 100
"""Characters of what is looked for; nobody types more before he looks."""
NEAR_KM = 60.0
"""How far around a point the nearest places are looked for."""
_LEVELS = {"country": 0, "admin1": 1, "town": 1, "admin2": 2}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`value` is what goes into the field, `note` tells it from its namesakes; `sort` is a level of the gazetteer or a
    category of the register, `km` how far it is from the point that was asked for."""

    value: str
    name: str
    note: str
    sort: str
    km: float | None = None


# ---- places ------------------------------------------------------------------------------------------------


def places(index: Gazetteer, text: str, home: str | None = None) -> list[Suggestion]:
    """Places whose names begin like the text, `Gao` or `Gao, Mali`: those of the country `home` (ISO alpha-3) first, then
    the name itself, then by people who live there."""
    name, _, holders = text[:LONGEST].partition(",")
    country = reference.country_by_name(holders.rpartition(",")[2].strip()) if holders.strip() else None
    wanted = fold(name)
    if len(wanted) < 2:
        return []
    iso3 = country.iso3 if country is not None else None
    rows = [row for row in index.find(name) if row.matched == "exact"]
    rows += index.beginning(name, iso3, whole=True).values()
    fitting = [row for row in dict.fromkeys(rows) if iso3 in (None, row.country)]
    fitting.sort(
        key=lambda row: (
            not fold(row.name).startswith(wanted),
            row.country != home,
            fold(row.name) != wanted,
            _LEVELS[row.level],
            -(row.population or 0),
        )
    )
    named = {said.value: said for row in fitting[:50] if (said := _place(row)) is not None}
    return list(named.values())[:MOST]


def _place(row: Place, km: float | None = None) -> Suggestion | None:
    country = reference.country(row.country)
    if country is None:
        return None
    if row.level == "country":
        return Suggestion(country.name, country.name, "", "country", km)
    units = [unit for unit in (row.admin1,) if unit and row.level in ("town", "admin2")]
    around = ", ".join([*units, country.name])
    return Suggestion(f"{row.name}, {around}", row.name, around, row.level, km)


def places_at(index: Gazetteer, latitude: float, longitude: float) -> list[Suggestion]:
    """The towns nearest to a point, then the units and the country that hold it: what a click on the map may mean."""
    itself = latitude, longitude
    close = sorted(
        ((kilometers(itself, (row.latitude, row.longitude)), row) for row in index.around(*itself, NEAR_KM)),
        key=lambda pair: pair[0],
    )
    found = [said for km, row in close[:4] if (said := _place(row, km)) is not None]
    holder = close[0][1] if close else None
    if holder is not None:
        found += _units(index, holder)
    iso3 = outlines.country_at(*itself) or (holder.country if holder else None)
    nation = reference.country(iso3)
    return [*found, Suggestion(nation.name, nation.name, "", "country")] if nation is not None else found


def _units(index: Gazetteer, row: Place) -> Iterator[Suggestion]:
    for level, name in (("admin2", row.admin2), ("admin1", row.admin1)):
        units = (
            unit
            for unit in (index.find(name) if name else ())
            if (unit.level, unit.country, unit.matched) == (level, row.country, "exact")
        )
        said = next((said for unit in units if (said := _place(unit)) is not None), None)
        if said is not None:
            yield said


# ---- parties -----------------------------------------------------------------------------------------------


@cache
def _register() -> tuple[tuple[str, tuple[str, ...], str, str, tuple[str, ...]], ...]:
    """Folded name, other folded names, name, category, countries of each party of the register."""
    return tuple(
        (
            fold(party.name),
            tuple({fold(name) for name in (*party.aliases, *(use.text for use in party.uses))}),
            party.name,
            party.category,
            party.countries,
        )
        for party in reference.parties()
    )


@cache
def _unnamed() -> tuple[tuple[str, str], ...]:
    """What stands for people without a name of their own in each country, with the country's code."""
    return tuple(
        (form.format(country.name), country.iso3)
        for country in reference.countries()
        for form in ROLES.values()
    )


def parties(text: str, country: str | None = None) -> list[Suggestion]:
    """Parties of the register, and unnamed ones of a country, with a word that begins like the text; those that act in
    the country (ISO alpha-3) first."""
    wanted = fold(text[:LONGEST])
    if len(wanted) < 2:
        return []
    found: list[tuple[tuple[int, bool, str], Suggestion]] = []
    for folded, others, name, category, countries in _register():
        rank = _rank(wanted, folded)
        if rank is None and any(other.startswith(wanted) for other in others):
            rank = 2
        if rank is not None:
            where = ", ".join(known.name for code in countries[:3] if (known := reference.country(code)))
            elsewhere = country is not None and country not in countries
            found.append(((rank, elsewhere, name), Suggestion(name, name, where, category)))
    for name, iso3 in _unnamed():
        rank = _rank(wanted, fold(name))
        if rank is not None and (iso3 == country or wanted in fold(name).split()[-1] or " " in wanted):
            found.append(((rank, iso3 != country, name), Suggestion(name, name, "", "unnamed")))
    found.sort(key=lambda pair: pair[0])
    return list({said.value: said for _, said in found}.values())[:MOST]


def called(text: str) -> list[str]:
    """The parties of the register that have this very text for a name or an alias ("EIS"), as the register writes them."""
    wanted = fold(text[:LONGEST])
    return [name for folded, others, name, _, _ in _register() if wanted and wanted in (folded, *others)][
        :MOST
    ]


def _rank(wanted: str, folded: str) -> int | None:
    if folded.startswith(wanted):
        return 0
    return 1 if f" {wanted}" in folded else None
