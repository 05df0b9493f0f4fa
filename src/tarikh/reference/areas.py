"""Contested areas as records: who claims and who holds one and when, and whether a resolved place lies in it.

Invariant: no side is taken and no country is changed; a place of precision country or unknown lies in no area.
The point of a unit is never looked at: it is only for drawing.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Literal

from tarikh.model import Where
from tarikh.text import fold

Lies = Literal["in", "near", "part"]
"""`in`: the place lies in the area; `near`: the words say near such a place; `part`: only a part of the unit or town that
the words name is in the area, so whether the incident was there is not known."""
_RANK: Mapping[Lies, int] = {"in": 0, "near": 1, "part": 2}
Point = tuple[float, float]
_folded = lru_cache(maxsize=4096)(fold)


def first_day(text: str) -> date:
    """The first day of a day, month or year as ISO writes it: "2014", "2014-03", "2014-03-18"."""
    year, month, day = ([int(part) for part in text.split("-")] + [1, 1])[:3]
    return date(year, month, day)


def last_day(text: str) -> date:
    """The last day of a day, month or year as ISO writes it."""
    parts = [int(part) for part in text.split("-")]
    month = parts[1] if len(parts) > 1 else 12
    return date(parts[0], month, parts[2] if len(parts) > 2 else calendar.monthrange(parts[0], month)[1])


@dataclass(frozen=True, slots=True)
class Tenure:
    """One who claims or holds an area, and when: exactly one of `state` (ISO alpha-3), `party` (a canonical name of the
    party register) and `authority` (an id of the file) is set; `name` is its name for people.

    `start` and `end` are days, months or years as ISO writes them, both inclusive; None is not told: before all, or
    going on. `part` says in words which part of the area; None is all of it, or not told.
    """

    name: str
    state: str | None = None
    party: str | None = None
    authority: str | None = None
    start: str | None = None
    end: str | None = None
    part: str | None = None

    def words(self) -> str:
        """As people read it: "Russia, from 2014-03 (forces stationed)"."""
        days = [f"{word} {day}" for word, day in (("from", self.start), ("to", self.end)) if day is not None]
        told = ", ".join((self.name, " ".join(days)) if days else (self.name,))
        return f"{told} ({self.part})" if self.part is not None else told

    def overlaps(self, start: date | None, end: date | None) -> bool:
        """Whether it may hold on a day of the span; an open end of the span, or of its own, is no hindrance."""
        if self.end is not None and start is not None and last_day(self.end) < start:
            return False
        return self.start is None or end is None or first_day(self.start) <= end


@dataclass(frozen=True, slots=True)
class Patch:
    """One way in which an area is known in the gazetteer. All that is given must fit; `units` and the like are folded names.

    `outline` is a ring of (latitude, longitude) in degrees (WGS 84); it is asked only of towns. A `partly` patch names
    units or towns of which only a part is the area, and fits only these themselves.
    """

    countries: frozenset[str]
    units: frozenset[str] = frozenset()
    districts: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    outline: tuple[Point, ...] = ()
    partly: bool = False

    def lies(self, where: Where) -> Lies | None:
        """How a place lies in the patch; None where it does not, or where its words are not precise enough to tell."""
        if where.country not in self.countries or where.precision in ("country", "unknown"):
            return None
        town = where.precision in ("exact", "near")
        if self.partly:
            return "part" if self._own_level(where, town) and self._named(where) else None
        if not self._named(where) or (self.places and not town):
            return None
        if self.districts and where.precision == "admin1":
            return None
        if self.outline and not (town and self._holds(where)):
            return None
        return "near" if where.precision == "near" else "in"

    def _own_level(self, where: Where, town: bool) -> bool:
        if self.places:
            return town
        return where.precision == ("admin2" if self.districts else "admin1")

    def _named(self, where: Where) -> bool:
        pairs = ((self.units, where.admin1), (self.districts, where.admin2), (self.places, where.place))
        return all(not names or (name is not None and _folded(name) in names) for names, name in pairs)

    def _holds(self, where: Where) -> bool:
        """Whether the point lies inside the ring, by the even-odd rule."""
        if where.latitude is None or where.longitude is None:
            return False
        inside = False
        for (a, b), (c, d) in zip(self.outline, self.outline[1:] + self.outline[:1], strict=True):
            if (a > where.latitude) != (c > where.latitude):
                inside ^= b + (where.latitude - a) / (c - a) * (d - b) > where.longitude
        return inside


@dataclass(frozen=True, slots=True)
class Area:
    """A contested area: its names by language, how it is known, who claims and who holds it, and since when.

    `as_of` is the day, month or year up to which the entry tells: what came later is not in it. `source` is where to verify it. `file` is where the
    entry, or its last part, comes from.
    """

    id: str
    name: str
    names: Mapping[str, tuple[str, ...]] = field(hash=False)
    patches: tuple[Patch, ...]
    claimed_by: tuple[Tenure, ...]
    held_by: tuple[Tenure, ...]
    as_of: str
    source: str
    note: str | None = None
    file: str = ""

    def called(self) -> tuple[str, ...]:
        """Its id, its name and its names in other languages."""
        return (self.id, self.name, *(name for names in self.names.values() for name in names))

    def lies(self, where: Where) -> Lies | None:
        """How a place lies in the area, by the patch that says most; None where in none."""
        told = (patch.lies(where) for patch in self.patches)
        return min((lies for lies in told if lies is not None), key=_RANK.__getitem__, default=None)

    def seen(self, lies: Lies, start: date | None, end: date | None) -> Contested:
        """The area as it concerns an incident of these days (inclusive; None: not known)."""
        claims, holds = (
            tuple(each for each in rows if each.overlaps(start, end))
            for rows in (self.claimed_by, self.held_by)
        )
        latest = last_day(self.as_of)
        covered = end is not None and end <= latest
        disputed = len({each.name for each in (*claims, *holds)}) > 1
        return Contested(
            self.id, self.name, lies, claims, holds, disputed, self.as_of, covered, self.source, self.note
        )


@dataclass(frozen=True, slots=True)
class Contested:
    """An area that a place lies in, with those who claim and hold it on the days of an incident; where the days are not
    known, with all, each with its dates. No holder means that none is told, not that nobody holds it.

    `disputed` is whether more than one claims or holds it on these days: a town that was retaken may have one alone.
    `covered` is whether the entry tells up to the incident's last day; it is false where that day is not known.
    """

    area: str
    name: str
    lies: Lies
    claimed_by: tuple[Tenure, ...]
    held_by: tuple[Tenure, ...]
    disputed: bool
    as_of: str
    covered: bool
    source: str
    note: str | None = None
