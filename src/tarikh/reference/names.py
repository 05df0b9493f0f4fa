"""Register names in text, and the party that a name means at a place on a day.

Invariant: the same words at the same place on the same day mean the same party, in every report.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any

import ahocorasick_rs

from tarikh.reference.countries import countries, militaries
from tarikh.reference.loading import flat
from tarikh.reference.members import Party, Use
from tarikh.reference.register import parties, party
from tarikh.text import fold


@dataclass(frozen=True, slots=True)
class Named:
    """A register name in a text: half-open range of code points, its words, and what they may mean."""

    start: int
    end: int
    text: str
    uses: tuple[Use, ...]


_FORCES = {"military": "Military of {}", "police": "Police of {}", "government": "Government of {}"}


def _forces() -> Iterable[Use]:
    for owner in countries():
        for role, names in owner.forces.items():
            party_name = _FORCES[role].format(owner.name)
            for name in names:
                yield Use(name, party_name, (owner.iso3,), strict=name in owner.home, role=role)


@cache
def _names() -> tuple[Any, tuple[tuple[str, tuple[Use, ...]], ...]]:
    table: dict[str, list[Use]] = defaultdict(list)
    for entry in parties():
        for use in entry.uses:
            table[flat(use.text)].append(use)
    for use in _forces():
        table[flat(use.text)].append(use)
    rows = tuple((key, tuple(uses)) for key, uses in table.items())
    return ahocorasick_rs.AhoCorasick([key for key, _ in rows]), rows


_SHORT = 3
"""Acronyms up to this length must be written in capitals ("IS", "AA"); longer ones may not ("Unifil")."""


def _written(use: Use, words: str) -> bool:
    """Whether a name is written with the capitals that it needs: "IS" is no "is", "jihadists" may start a sentence."""
    if not any(c.isupper() for c in use.text):
        return True
    if len(use.text) <= _SHORT and sum(c.isupper() for c in use.text) > 1:
        return words == use.text
    return any(c.isupper() or (not c.islower() and c.isalpha()) for c in words)


@lru_cache(maxsize=128)
def named(text: str) -> tuple[Named, ...]:
    """Register names in a text, longest first where they overlap, in the order of the text."""
    plain = flat(text)
    matcher, rows = _names()
    found: list[Named] = []
    for index, start, end in sorted(
        matcher.find_matches_as_indexes(plain, overlapping=True), key=lambda m: (m[1], -m[2])
    ):
        if found and start < found[-1].end:
            continue
        if (start and plain[start - 1].isalnum()) or (end < len(plain) and plain[end].isalnum()):
            continue
        words = text[start:end]
        uses = tuple(use for use in rows[index][1] if _written(use, words))
        if uses and not _shouted(text, start, end, words):
            found.append(Named(start, end, words, uses))
    return tuple(found)


def _shouted(text: str, start: int, end: int, words: str) -> bool:
    """Whether a short acronym stands among words in capitals, where it is likely a plain word ("WHO IS IN")."""
    if len(words) > 2:
        return False
    around = text[max(0, start - 12) : start].split()[-1:] + text[end : end + 12].split()[:1]
    return bool(around) and all(word.isupper() and len(word) > 1 for word in around)


def _fits(use: Use, country: str | None, unit: str | None, day: date | None) -> int | None:
    """How well a use fits a place and a day; None where it cannot."""
    if day and ((use.start and day < use.start) or (use.end and day > use.end)):
        return None
    if use.units:
        if unit is None or country not in use.countries or fold(unit) not in {fold(u) for u in use.units}:
            return None
        return 4
    if use.strict:
        return 0 if country is None else 3 if country in use.countries else None
    if country and use.countries:
        return 2 if country in use.countries else 0
    return 1


def meaning(
    uses: Sequence[Use],
    country: str | None = None,
    day: date | None = None,
    unit: str | None = None,
    told: Collection[str] | None = None,
) -> str | None:
    """The canonical party that a name means at a place (ISO alpha-3, first-level unit) on a day; None where none.

    A unit tells more than a country, a country more than none; of equals an undated name means who still exists, then
    the entry that stands first. Where the name's party did not exist on the day, the name falls to its heir (`_heir`).
    `told` are the parties that the report names otherwise, without which a common noun means nobody; None: every use counts.
    """
    if told is not None:
        uses = [use for use in uses if not use.told or use.party in told]
    ranked = [
        (fit, day is not None or use.end is None, -n, use)
        for n, use in enumerate(uses)
        if (fit := _fits(use, country, unit, day)) is not None
    ]
    if ranked:
        return max(ranked, key=lambda row: row[:3])[3].party
    return _heir(uses, country, day, unit) if day is not None else None


def _heir(uses: Sequence[Use], country: str | None, day: date, unit: str | None) -> str | None:
    """The party that stands for one that did not exist on the day: after its end its successor, and theirs; before its
    beginning, or where nobody succeeded it, its parent. Only who was active there and then; else None."""
    placed = [
        (fit, -n, use) for n, use in enumerate(uses) if (fit := _fits(use, country, unit, None)) is not None
    ]
    for _, _, use in sorted(placed, key=lambda row: row[:2], reverse=True):
        owner = party(use.party)
        if owner is None or owner.active(None, day):
            continue  # the party exists, only this name of it does not hold
        for other in (*_line(owner, "successor", day), *_line(owner, "parent", day)):
            if other.active(country, day):
                return other.name
    return None


def _line(owner: Party, kind: str, day: date) -> Iterable[Party]:
    if kind == "successor" and not (owner.end and day > owner.end):
        return
    name = getattr(owner, kind)
    while name is not None and (other := party(name) or _military(name)) is not None:
        yield other
        name = getattr(other, kind)


def _military(name: str) -> Party | None:
    """A state's armed forces as a party: the end of a line of successors."""
    state = militaries().get(name)
    return Party(name, "state-force", countries=(state.iso3,)) if state is not None else None
