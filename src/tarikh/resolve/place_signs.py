"""What a report says of the countries it plays in: its signs, each with a weight and a place in the text.

Invariant: a sign never speaks for itself: a name's own candidates do not count when that name is weighed.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from tarikh import reference
from tarikh.gazetteer import Gazetteer, Place
from tarikh.model import Phrase, Report, Span
from tarikh.text import fold

BORDER = "border"
"""Head of a phrase that names a country's border: what lies there may be in the other country."""
CAPITAL = "capital"
"""Head of a phrase that says "the capital" and no name."""
_REACH = 300.0
"""Characters over which the words around a name lose most of their weight for it."""
_ACROSS = 0.4
"""What is left of a word's weight in the next paragraph."""
_RIVAL = 0.5
"""A country is clear where no other has more than this share of its support."""
_FAINT = 0.6
"""Less than this in all is a rumor of a country, and leads to none."""
_LEADS = 0.9
_PLAYS = 0.4
"""From this weight on a name places a report in a country."""
_OFTEN = 20
_TOWN_OFTEN = 3
"""A country's and a town's name count this often, so that a long text costs no more than its different names."""


@dataclass(frozen=True, slots=True)
class Sign:
    """A word of the report that speaks for a country: where it stands (None: everywhere) and its weight; `place`: it names a place."""

    country: str
    weight: float
    span: Span | None = None
    name: str = ""
    place: bool = False


@dataclass(frozen=True)
class PlaceContext:
    """What a report as a whole says of where it plays. Made by `context`, once per report."""

    gazetteer: Gazetteer
    report: Report
    toponyms: tuple[Phrase, ...] = ()
    signs: tuple[Sign, ...] = ()
    units: Mapping[tuple[str, str], float] = field(default_factory=dict)
    anchors: tuple[Place, ...] = ()
    breaks: tuple[int, ...] = ()

    def support(self, span: Span | None, name: str = "") -> dict[str, float]:
        """How much speaks for each country at a place of the text, 0 to 1; a name not for itself.

        The strongest has 1, or less where hardly anything speaks for any country.
        """
        total: dict[str, float] = defaultdict(float)
        for sign in self.signs:
            if name and sign.name == name:
                continue
            total[sign.country] += sign.weight * self._nearness(sign.span, span)
        most = max((_FAINT, *total.values()))
        return {country: weight / most for country, weight in total.items()}

    def plays_in(self, country: str, name: str) -> bool:
        """Whether other names of places than this one stand for a country; a nationality alone says who acts, perhaps abroad."""
        return any(
            s.place and s.country == country and s.name != name and s.weight >= _PLAYS for s in self.signs
        )

    def _nearness(self, sign: Span | None, span: Span | None) -> float:
        if sign is None or span is None or sign.part != span.part:
            return 0.3
        near = math.exp(-abs(sign.start - span.start) / _REACH)
        if sign.part == "text":  # digests tell another country in the next paragraph
            near *= _ACROSS ** min(3, abs(bisect(self.breaks, sign.start) - bisect(self.breaks, span.start)))
        return 0.15 + near


@cache
def _cues(language: str, role: str) -> frozenset[str]:
    return frozenset(fold(str(cue)) for cue in reference.lexicon(language, "places")["before"][role])


def comes_from(phrase: Phrase, language: str) -> bool:
    """Whether a phrase says where somebody comes from ("rebels from Mali"); a country keeps its role and has the cue as head."""
    return phrase.role == "origin" or fold(phrase.head) in _cues(language, "origin")


def leading(support: Mapping[str, float], rival: float = _RIVAL) -> str | None:
    """The one country that is clearly spoken of."""
    ranked = sorted(support.items(), key=lambda row: (-row[1], row[0]))
    if not ranked or ranked[0][1] < _LEADS:
        return None
    return ranked[0][0] if len(ranked) == 1 or ranked[1][1] < rival else None


def signs_of(
    report: Report, toponyms: Sequence[Phrase], gazetteer: Gazetteer, parties: Sequence[str]
) -> tuple[Sign, ...]:
    """Everything in a report that speaks for a country."""
    return (
        *_of_names(toponyms, gazetteer, report.language),
        *_of_parties(parties),
        *_of_source(report, gazetteer),
    )


def _country_weight(phrase: Phrase, language: str) -> float:
    """How much a country's name speaks for the country: least where it is only a border, or where somebody came from."""
    if phrase.head == BORDER:
        return 0.2
    if comes_from(phrase, language):
        return 0.3
    return 0.7 if phrase.role in ("metonym", "dateline") or phrase.head == "'s" else 1.5


def _of_names(toponyms: Sequence[Phrase], gazetteer: Gazetteer, language: str) -> Iterator[Sign]:
    seen: dict[tuple[str, str], int] = defaultdict(int)
    for phrase in toponyms:
        span = phrase.spans[0]
        key = phrase.role or "", fold(phrase.text)
        seen[key] += 1
        if seen[key] > _OFTEN:
            continue
        if phrase.role == "demonym":
            if phrase.nationality:
                yield Sign(phrase.nationality, 0.8, span)
            continue
        rows = candidates(phrase, gazetteer)
        nation = next((p for p in rows if p.level == "country"), None)
        if nation is not None and phrase.role not in ("admin1", "admin2"):
            yield Sign(nation.country, _country_weight(phrase, language), span, place=True)
            continue
        if phrase.role in ("admin1", "admin2"):
            rows = tuple(p for p in rows if p.level in ("admin1", "admin2")) or rows
        if rows and rows[0].matched == "exact" and seen[key] <= _TOWN_OFTEN:
            weight = 0.4 if phrase.role in ("dateline", "metonym") else 1.0
            yield from _shared(rows, weight, span, key[1])


def _shared(rows: Sequence[Place], weight: float, span: Span, name: str) -> Iterator[Sign]:
    """One name's weight, shared among its countries by how likely each is meant at sight."""
    likely: dict[str, float] = defaultdict(float)
    for place in rows:
        bonus = {"admin1": 50_000, "country": 10_000_000}.get(place.level, 500)
        likely[place.country] = max(likely[place.country], math.sqrt((place.population or 0) + bonus))
    total = sum(likely.values())
    crowd = 1.0 if len(likely) == 1 else 0.6
    for country, value in likely.items():
        if value / total > 0.05:
            yield Sign(country, weight * crowd * value / total, span, name, place=True)


def _of_parties(parties: Sequence[str]) -> Iterator[Sign]:
    for name in dict.fromkeys(parties):
        for country, weight in _countries_of_party(name):
            yield Sign(country, weight)


def _countries_of_party(name: str) -> Iterator[tuple[str, float]]:
    inner = name.rpartition("(")[2].rstrip(")") if name.endswith(")") else name.rpartition(" of ")[2]
    nation = reference.country_by_name(inner)
    if nation is not None:
        yield nation.iso3, 1.0
    elif (known := reference.party(name)) is not None and len(known.countries) <= 4:
        for code in known.countries:
            yield code, 0.8 / len(known.countries)


def _of_source(report: Report, gazetteer: Gazetteer) -> Iterator[Sign]:
    words = (report.source or "").replace("/", " ").split()
    for size in (2, 1):
        for at in range(len(words) - size + 1):
            name = " ".join(words[at : at + size]).strip("().,'’")
            if not name[:1].isupper():
                continue
            nations = reference.countries_by_adjective(name, report.language)
            nation = reference.country_by_name(name) if len(name) > 3 else None
            for found in (nation,) if nation else nations:
                yield Sign(found.iso3, 0.6 / max(1, len(nations)))
            if not nation and not nations and len(name) > 3:
                rows = [p for p in gazetteer.find(name) if p.matched == "exact"]
                if len({p.country for p in rows}) == 1:
                    yield Sign(rows[0].country, 0.3)


def candidates(phrase: Phrase, gazetteer: Gazetteer) -> tuple[Place, ...]:
    if phrase.head == CAPITAL:
        return capital_of(phrase.nationality, gazetteer)
    rows = gazetteer.find(phrase.text)
    if phrase.role in ("admin1", "admin2") and not any(p.level == phrase.role for p in rows):
        # "Cross River State", "Sector 5 District": the unit word may belong to the name.
        worded = gazetteer.find(f"{phrase.text} {phrase.head}")
        rows = (*rows, *(p for p in worded if p.matched == "exact" and p not in rows))
    return rows


def capital_of(iso3: str | None, gazetteer: Gazetteer) -> tuple[Place, ...]:
    nation = reference.country(iso3)
    if nation is None or not nation.seats:
        return ()
    rows = [p for p in gazetteer.find(nation.seats[0]) if p.country == nation.iso3 and p.level == "town"]
    return (max(rows, key=lambda p: p.population or 0),) if rows else ()
