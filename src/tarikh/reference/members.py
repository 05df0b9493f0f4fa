"""What the party register holds: parties, the uses of their names, and communities.

Invariant: records only; they are made and checked in `register`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Use:
    """One name of a party, and where and when it means that party: countries, first-level units, days.

    Empty `countries` and `units` mean anywhere. `strict` names mean nothing outside their countries.
    `role` is set where the party is a country's own force ("UPDF": military, of the one country named).
    `told` names are common nouns ("volunteers"): they mean the party only in a report that names it otherwise.
    """

    text: str
    party: str
    countries: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    strict: bool = False
    role: str | None = None
    told: bool = False


@dataclass(frozen=True, slots=True)
class Party:
    """A party of the register: canonical `name` (codebook section 4), other names, where and when it acts.

    `category` is rebel, militia, communal, gang, pmc, political, igo, peacekeepers, coalition or state-force;
    `ucdp` is UCDP's actor id. `aliases` are plain strings in every language; `uses` tell where each holds.
    `source` is the file that the entry, or its last part, comes from.
    """

    name: str
    category: str
    aliases: tuple[str, ...] = ()
    uses: tuple[Use, ...] = ()
    countries: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    parent: str | None = None
    successor: str | None = None
    ucdp: int | None = None
    source: str = ""

    def active(self, country: str | None, day: date | None) -> bool:
        """Whether the party exists on the day and acts in the country (ISO alpha-3); what is unknown is no hindrance."""
        if day and ((self.start and day < self.start) or (self.end and day > self.end)):
            return False
        return not (country and self.countries) or country in self.countries


@dataclass(frozen=True, slots=True)
class Community:
    """An ethnic or other community whose armed members are `Militia of NAME (X)`."""

    name: str
    words: tuple[str, ...]
    countries: tuple[str, ...] = ()
    nationality: str | None = None
