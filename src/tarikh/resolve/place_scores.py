"""The scored table: every candidate of a name, with a weight and a reason for each small feature.

Invariant: pure functions; a feature looks at one thing and says in words what it saw.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tarikh.gazetteer import Place, kilometers
from tarikh.model import Phrase
from tarikh.resolve.place_signs import CAPITAL, PlaceContext, candidates, capital_of, leading
from tarikh.text import fold

RANK = {"country": 0, "admin1": 1, "admin2": 2, "town": 3}
"""How fine a level is."""
FAR_KM = 20.0
"""Records of one name nearer than this are one place."""
_FAMOUS = 300_000
_TOWN = 5_000


@dataclass(frozen=True, slots=True)
class Weighed:
    """A candidate with its score and the reasons for it."""

    place: Place
    score: float
    reasons: tuple[str, ...]
    supported: bool


_LEVELS: Mapping[str, Mapping[str, float]] = {
    "admin1": {"admin1": 2.5, "admin2": 2.0, "town": -1.0, "country": -4.0},
    "admin2": {"admin2": 2.5, "admin1": 1.5, "town": 0.5, "country": -4.0},
    "country": {"country": 4.0, "admin1": 0.0, "admin2": 0.0, "town": 0.0},
    "in": {"town": 1.5, "admin1": 0.7, "admin2": 0.2, "country": 2.0},
}


def _otherwise(phrase: Phrase, known: PlaceContext, rows: Sequence[Place]) -> list[Place]:
    """Other things that a name may stand for, where the report speaks for none of its namesakes.

    A longer name in the report that begins with it ("Fada" after "Fada N'Gourma"), and other spellings of it.
    """
    start, more = fold(phrase.text) + " ", list(known.gazetteer.similar(phrase.text))
    for other in known.toponyms:
        if fold(other.text).startswith(start) and other.role not in ("demonym", "country"):
            more = [*known.gazetteer.find(other.text), *more]
            break
    ids = {p.geonameid for p in rows}
    return [p for p in dict.fromkeys(more) if p.geonameid not in ids]


def table(phrase: Phrase, known: PlaceContext, inside: Sequence[Place]) -> list[Weighed]:
    """The candidates of a phrase, best first. `inside` are units and countries that the words say it lies in."""
    span = phrase.spans[0] if phrase.spans else None
    support = known.support(span, fold(phrase.text))
    rows = candidates(phrase, known.gazetteer)
    if phrase.head == CAPITAL:
        rows = capital_of(phrase.nationality or leading(support, 0.75), known.gazetteer)
    elif not any(support.get(p.country, 0.0) > 0.2 for p in rows):
        rows = (*rows, *_otherwise(phrase, known, rows))
    weighed = [_weigh(p, rows, phrase, known, support, inside) for p in rows]
    return sorted(weighed, key=lambda w: (-w.score, w.place.country, w.place.geonameid or 0))


def _weigh(
    place: Place,
    rows: Sequence[Place],
    phrase: Phrase,
    known: PlaceContext,
    support: Mapping[str, float],
    inside: Sequence[Place],
) -> Weighed:
    parts = [
        _by_country(place, support),
        _by_container(place, inside),
        _by_unit(place, known),
        _by_distance(place, known),
        _by_level(place, phrase),
        _by_feature(place),
        _by_population(place),
        _by_fame(place, rows, fold(phrase.text)),
        _by_name(place, phrase),
        (-1.5, "spelled otherwise") if place.matched == "loose" else (0.0, ""),
    ]
    supported = support.get(place.country, 0.0) > 0.2 if support else place.matched == "exact"
    return Weighed(
        place,
        round(sum(weight for weight, _ in parts), 3),
        tuple(f"{why} {weight:+.1f}" for weight, why in parts if why),
        supported,
    )


def _by_country(place: Place, support: Mapping[str, float]) -> tuple[float, str]:
    if not support:
        return 0.0, ""
    share = support.get(place.country, 0.0)
    if share < 0.2:
        return 10.0 * share - 2.0, f"little speaks for {place.country}"
    return 3.0 * share, f"the report speaks of {place.country}"


def _by_container(place: Place, inside: Sequence[Place]) -> tuple[float, str]:
    total, why = 0.0, ""
    for outer in inside:
        if lies_in(place, outer):
            total, why = total + (1.5 if outer.level == "country" else 2.5), f"named with {outer.name}"
        elif outer.country != place.country:
            total, why = total - 2.0, f"not in {outer.name}"
    return total, why


def _by_unit(place: Place, known: PlaceContext) -> tuple[float, str]:
    if place.level != "country" and place.admin1 and (place.country, fold(place.admin1)) in known.units:
        return 0.8, f"{place.admin1} is named"
    return 0.0, ""


def _by_distance(place: Place, known: PlaceContext) -> tuple[float, str]:
    if place.level == "country":
        return 0.0, ""
    gaps = [
        (kilometers(place, other), other.name) for other in known.anchors if other.country == place.country
    ]
    apart, name = min(((km, n) for km, n in gaps if km > 0.5), default=(math.inf, ""))
    weight = next((w for limit, w in ((30.0, 1.0), (100.0, 0.7), (300.0, 0.4)) if apart <= limit), 0.0)
    return (weight, f"{apart:.0f} km from {name}") if weight else (0.0, "")


def _by_level(place: Place, phrase: Phrase) -> tuple[float, str]:
    row = _LEVELS.get(phrase.role or "in", _LEVELS["in"])
    return row[place.level], f"{place.level} for {phrase.role or 'a bare name'}"


_FEATURES: Mapping[str, tuple[float, str]] = {
    "P.PPLA": (0.4, "a seat of administration"),
    "P.PPLC": (0.4, "a capital"),
    "P.PPLG": (0.4, "a seat of government"),
    "P.PPLQ": (-0.6, "abandoned"),
    "P.PPLH": (-0.6, "abandoned"),
    "S": (-0.6, "a site"),
    "L": (-0.6, "an area"),
    "R": (-1.0, "a road"),
    "H": (-1.0, "a water"),
    "T": (-1.0, "a height"),
    "V": (-1.0, "a forest"),
    "U": (-1.0, "under the sea"),
}
"""By GeoNames' feature class or code: a well or a hill of a village's name is seldom what a report means."""


def _by_feature(place: Place) -> tuple[float, str]:
    if place.level != "town" or place.feature is None:
        return 0.0, ""
    return _FEATURES.get(place.feature[:6]) or _FEATURES.get(place.feature[0]) or (0.0, "")


def _by_population(place: Place) -> tuple[float, str]:
    if place.level != "town" or not place.population:
        return 0.0, ""
    return round(math.log10(place.population) / 3, 2), f"{place.population:,} people"


def _by_fame(place: Place, rows: Sequence[Place], text: str) -> tuple[float, str]:
    """A city far larger than its namesakes abroad; a first-level unit that no town in it shares its name with."""
    if place.level == "admin1":
        # A hamlet that is also called so by somebody does not make the state's name a town's.
        own = any(
            p.level == "town" and lies_in(p, place) and (fold(p.name) == text or (p.population or 0) >= _TOWN)
            for p in rows
        )
        return (0.0, "") if own else (2.6, "a first-level unit")
    largest = max(
        (p.population or 0 for p in rows if p.level == "town" and p.country != place.country), default=0
    )
    people = place.population or 0
    if place.level != "town" or people < _FAMOUS or people < 10 * largest:
        return 0.0, ""
    return min(3.5, round(1.8 * math.log10(people / max(largest, 1000)), 1)), "by far the largest of its name"


def _by_name(place: Place, phrase: Phrase) -> tuple[float, str]:
    same = fold(phrase.text) in (
        fold(place.name),
        fold(place.admin1 or "") if place.level == "admin1" else "",
    )
    return (0.6, "its main name") if same else (0.0, "")


def lies_in(place: Place, outer: Place) -> bool:
    """Whether a place lies in a unit or country, as far as the gazetteer says."""
    if place.country != outer.country or RANK[place.level] <= RANK[outer.level]:
        return False
    if outer.level == "country":
        return True
    if outer.level == "admin1":
        return fold(place.admin1 or "") == fold(outer.admin1 or "-")
    return fold(place.admin2 or "") == fold(outer.admin2 or "-") or (
        place.admin2 is None and fold(place.name) == fold(outer.name)
    )


def same_spot(left: Place, right: Place) -> bool:
    """A town and the unit of its name, or two records of one town."""
    return left.country == right.country and kilometers(left, right) <= FAR_KM
