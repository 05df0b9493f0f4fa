"""Which place a mention's words mean, and how precisely they say it: a scored table over the gazetteer's candidates.

Invariant: never a point more precise than the words, never a country that nothing in the report speaks for.
"""

from __future__ import annotations

import math
import re
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from tarikh import reference
from tarikh.gazetteer import Gazetteer, Place, kilometers
from tarikh.model import Candidate, Evidence, Mention, Phrase, PlacePrecision, Report, Span, Where
from tarikh.text import fold

_SILENT = frozenset(("demonym", "metonym", "dateline"))
_BORDER = "border"
CAPITAL = "capital"
"""Head of a phrase that says "the capital" and no name."""
_RANK = {"country": 0, "admin1": 1, "admin2": 2, "town": 3}
_REACH = 300.0
"""Characters over which the words around a name lose most of their weight for it."""
_ACROSS = 0.4
"""What is left of a word's weight in the next paragraph."""
_FAR_KM = 20.0
_TIED = 0.1
_CITY = 50_000
_FAMOUS = 300_000
_RIVAL = 0.5
"""A country is clear where no other has more than this share of its support."""


@cache
def holders_of(language: str) -> frozenset[str]:
    """Words that may stand between a place and what it lies in, folded."""
    raw = reference.lexicon(language, "places")
    words = (*raw["holders"], *raw["classes"]["directional"])
    return frozenset(part for word in words for part in fold(str(word)).split())


@dataclass(frozen=True, slots=True)
class Weighed:
    """A candidate with its score and the reasons for it."""

    place: Place
    score: float
    reasons: tuple[str, ...]
    supported: bool


@dataclass(frozen=True, slots=True)
class Sign:
    """A word of the report that speaks for a country: where it stands (None: everywhere) and its weight."""

    country: str
    weight: float
    span: Span | None = None
    name: str = ""


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
        """How much speaks for each country at a place of the text, the strongest 1; a name not for itself."""
        total: dict[str, float] = defaultdict(float)
        for sign in self.signs:
            if name and sign.name == name:
                continue
            total[sign.country] += sign.weight * self._nearness(sign.span, span)
        most = max(total.values(), default=0.0)
        return {country: weight / most for country, weight in total.items()} if most else {}

    def _nearness(self, sign: Span | None, span: Span | None) -> float:
        if sign is None or span is None or sign.part != span.part:
            return 0.3
        near = math.exp(-abs(sign.start - span.start) / _REACH)
        if sign.part == "text":  # digests tell another country in the next paragraph
            near *= _ACROSS ** min(3, abs(bisect(self.breaks, sign.start) - bisect(self.breaks, span.start)))
        return 0.15 + near


# ---- the context of a report ----------------------------------------------------------------------------------


def context(
    report: Report, toponyms: Sequence[Phrase], gazetteer: Gazetteer, parties: Sequence[str] = ()
) -> PlaceContext:
    """Weigh what the report names: countries, units, towns, nationalities, dateline, source.

    `parties` are names like "Military of Mali", "Civilians (Niger)" or a register party's, or ISO alpha-3 codes.
    """
    signs = [
        *_signs_of_names(toponyms, gazetteer),
        *_signs_of_parties(parties),
        *_signs_of_source(report, gazetteer),
    ]
    breaks = tuple(n for n, char in enumerate(report.text) if char == "\n")
    first = PlaceContext(gazetteer, report, tuple(toponyms), tuple(signs), breaks=breaks)
    units: dict[tuple[str, str], float] = defaultdict(float)
    anchors: dict[tuple[float, float], Place] = {}
    more: list[Sign] = []
    for phrase in toponyms:
        if phrase.role in ("demonym", "dateline", "country") or phrase.head == _BORDER:
            continue
        best = _sure(phrase, first)
        if best is None:
            continue
        more.append(Sign(best.country, 0.4, phrase.spans[0], fold(phrase.text)))
        if best.level in ("admin1", "admin2") and best.admin1:
            units[best.country, fold(best.admin1)] += 1.0
        elif best.level == "town":
            anchors[best.latitude, best.longitude] = best
    return replace(first, signs=(*signs, *more), units=dict(units), anchors=tuple(anchors.values()))


def _signs_of_names(toponyms: Sequence[Phrase], gazetteer: Gazetteer) -> Iterator[Sign]:
    seen: dict[tuple[str, str], int] = defaultdict(int)
    for phrase in toponyms:
        span = phrase.spans[0]
        if phrase.role == "demonym":
            if phrase.nationality:
                yield Sign(phrase.nationality, 0.8, span)
            continue
        rows = _candidates(phrase, gazetteer)
        nation = next((p for p in rows if p.level == "country"), None)
        if nation is not None and phrase.role not in ("admin1", "admin2"):
            aside = phrase.role in ("metonym", "dateline") or phrase.head == "'s"
            weight = 0.2 if phrase.head == _BORDER else 0.7 if aside else 1.5
            yield Sign(nation.country, weight, span)
            continue
        if phrase.role in ("admin1", "admin2"):
            rows = tuple(p for p in rows if p.level in ("admin1", "admin2")) or rows
        seen[phrase.role or "", fold(phrase.text)] += 1
        if rows and rows[0].matched == "exact" and seen[phrase.role or "", fold(phrase.text)] < 4:
            yield from _shared(
                rows, 0.4 if phrase.role in ("dateline", "metonym") else 1.0, span, fold(phrase.text)
            )


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
            yield Sign(country, weight * crowd * value / total, span, name)


def _signs_of_parties(parties: Sequence[str]) -> Iterator[Sign]:
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


def _signs_of_source(report: Report, gazetteer: Gazetteer) -> Iterator[Sign]:
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


def _sure(phrase: Phrase, known: PlaceContext) -> Place | None:
    """The place of a name that leaves no doubt."""
    table = _table(phrase, known, ())
    if not table or not table[0].supported or table[0].place.matched != "exact":
        return None
    if (
        len(table) > 1
        and table[0].score - table[1].score < 1.0
        and not _same_spot(table[0].place, table[1].place)
    ):
        return None
    return table[0].place


# ---- the table ------------------------------------------------------------------------------------------------

_LEVELS: Mapping[str, Mapping[str, float]] = {
    "admin1": {"admin1": 2.5, "admin2": 2.0, "town": -1.0, "country": -4.0},
    "admin2": {"admin2": 2.5, "admin1": 1.5, "town": 0.5, "country": -4.0},
    "country": {"country": 4.0, "admin1": 0.0, "admin2": 0.0, "town": 0.0},
    "in": {"town": 1.5, "admin1": 0.7, "admin2": 0.2, "country": 0.0},
}


def _candidates(phrase: Phrase, gazetteer: Gazetteer) -> tuple[Place, ...]:
    if phrase.head == CAPITAL:
        return _capital(phrase.nationality, gazetteer)
    rows = gazetteer.find(phrase.text)
    if phrase.role in ("admin1", "admin2") and not any(p.level == phrase.role for p in rows):
        # "Cross River State", "Sector 5 District": the unit word may belong to the name.
        worded = gazetteer.find(f"{phrase.text} {phrase.head}")
        rows = (*rows, *(p for p in worded if p.matched == "exact" and p not in rows))
    return rows


def _capital(iso3: str | None, gazetteer: Gazetteer) -> tuple[Place, ...]:
    nation = reference.country(iso3)
    if nation is None or not nation.seats:
        return ()
    rows = [p for p in gazetteer.find(nation.seats[0]) if p.country == nation.iso3 and p.level == "town"]
    return (max(rows, key=lambda p: p.population or 0),) if rows else ()


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


def _leading(support: Mapping[str, float], rival: float = _RIVAL) -> str | None:
    """The one country that is clearly spoken of."""
    ranked = sorted(support.items(), key=lambda row: (-row[1], row[0]))
    return ranked[0][0] if ranked and (len(ranked) == 1 or ranked[1][1] < rival) else None


def _table(phrase: Phrase, known: PlaceContext, inside: Sequence[Place]) -> list[Weighed]:
    """The candidates of a phrase, best first. `inside` are units and countries that the words say it lies in."""
    span = phrase.spans[0] if phrase.spans else None
    support = known.support(span, fold(phrase.text))
    rows = _candidates(phrase, known.gazetteer)
    if phrase.head == CAPITAL:
        rows = _capital(phrase.nationality or _leading(support, 0.75), known.gazetteer)
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
        _by_population(place),
        _by_fame(place, rows),
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


def _by_population(place: Place) -> tuple[float, str]:
    if place.level != "town" or not place.population:
        return 0.0, ""
    return round(math.log10(place.population) / 3, 2), f"{place.population:,} people"


def _by_fame(place: Place, rows: Sequence[Place]) -> tuple[float, str]:
    """A city far larger than its namesakes abroad; a first-level unit that no town in it shares its name with."""
    if place.level == "admin1":
        own = any(p.level == "town" and lies_in(p, place) for p in rows)
        return (0.0, "") if own else (2.6, "a first-level unit")
    largest = max((p.population or 0 for p in rows if p.level == "town" and p.country != place.country), default=0)
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
    if place.country != outer.country or _RANK[place.level] <= _RANK[outer.level]:
        return False
    if outer.level == "country":
        return True
    if outer.level == "admin1":
        return fold(place.admin1 or "") == fold(outer.admin1 or "-")
    return fold(place.admin2 or "") == fold(outer.admin2 or "-") or (
        place.admin2 is None and fold(place.name) == fold(outer.name)
    )


def _same_spot(left: Place, right: Place) -> bool:
    """A town and the unit of its name, or two records of one town."""
    return left.country == right.country and kilometers(left, right) <= _FAR_KM


# ---- a mention's place ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reading:
    """What one phrase is taken for. `place` None: a name that the gazetteer lacks."""

    phrase: Phrase
    place: Place | None
    table: tuple[Weighed, ...] = ()

    def rank(self) -> int:
        """Country 0, admin1 1, admin2 2, town or unknown name 3."""
        return 3 if self.place is None else _RANK[self.place.level]


def place(mention: Mention, known: PlaceContext) -> Mention:
    """The mention with `where` and `evidence["place"]` from its phrases; both untouched where it has none.

    The caller decides about carrying a place over from an earlier mention.
    """
    phrases = [p for p in mention.phrases.get("place", ()) if p.role not in _SILENT]
    if not phrases:
        return mention
    readings = _readings(phrases, known)
    chosen = _choose(readings)
    where, used, why = _where(chosen, readings, known)
    evidence = _evidence(chosen, used, where, why)
    return replace(mention, where=where, evidence={**mention.evidence, "place": evidence})


def _readings(phrases: Sequence[Phrase], known: PlaceContext) -> list[Reading]:
    """Each phrase read once alone, then again with the units and countries that the others are."""
    alone = [_read(p, known, ()) for p in phrases]
    outer = [r for r in alone if r.place is not None and r.place.level != "town" and r.phrase.head != _BORDER]
    again = []
    for phrase in phrases:
        inside = [
            r.place for r in outer if r.phrase is not phrase and r.place is not None and _stated(r.phrase)
        ]
        again.append(_read(phrase, known, (*inside, *_behind(phrase, known))))
    return again


def _stated(phrase: Phrase) -> bool:
    return phrase.role in ("in", "admin1", "admin2", "country") and phrase.head != "'s"


def _behind(phrase: Phrase, known: PlaceContext) -> list[Place]:
    """Units and countries that directly follow a name in the text: "Rann, Borno State"."""
    found = []
    for other in _following(phrase, known):
        if other.role in ("admin1", "admin2", "country") and other.head not in ("'s", _BORDER):
            table = _table(other, known, ())
            if table and table[0].supported and table[0].place.level != "town":
                found.append(table[0].place)
    return found


def _following(phrase: Phrase, known: PlaceContext, reach: int = 40) -> list[Phrase]:
    """Toponyms after a phrase that say what it lies in or near, each tied to the one before."""
    if not phrase.spans:
        return []
    holders = holders_of(known.report.language)
    end, part, found = phrase.spans[0].end, phrase.spans[0].part, []
    text = known.report.title if part == "title" else known.report.text
    for other in known.toponyms:
        span = other.spans[0]
        if span.part != part or not 0 <= span.start - end <= reach:
            continue
        gap = text[end : span.start]
        if not _tied_by(gap, other, holders):
            break
        end = span.end
        if other.role not in _SILENT:
            found.append(other)
    return found


_STOP = re.compile(r"[.;:!?\n]")


def _tied_by(gap: str, other: Phrase, holders: frozenset[str]) -> bool:
    """Whether the characters between two names tie them: "Rann, a town in Borno", "Xa, 5 km north of Bo"."""
    if _STOP.search(gap):
        return False
    words = fold(gap).split()
    near = other.role == "near" and fold(other.head) in " ".join(words)
    return all(w in holders or w.isdigit() for w in words) or near


def _read(phrase: Phrase, known: PlaceContext, inside: Sequence[Place]) -> Reading:
    table = tuple(_table(phrase, known, inside))
    one_country = (
        _leading(known.support(phrase.spans[0] if phrase.spans else None, fold(phrase.text))) is not None
    )
    taken = bool(table) and _credible(phrase.text, table, inside, one_country)
    return Reading(phrase, table[0].place if taken else None, table)


def _credible(text: str, table: Sequence[Weighed], inside: Sequence[Place], one_country: bool) -> bool:
    """Whether the best candidate may be taken: a far namesake of an unlisted village must not be."""
    best = table[0]
    if best.place.level == "country":
        return True
    if any(outer.level == "country" and outer.country != best.place.country for outer in inside):
        return False
    if best.place.matched == "loose":
        return best.supported and best.score > 2.0
    if best.supported:
        return True
    if best.place.level == "admin1":
        return True
    # Nothing but its fame speaks for it: a namesake of an unlisted village is the likelier, the smaller it is.
    main = fold(best.place.name) == fold(text)
    alone = len({w.place.country for w in table}) == 1
    enough = 10_000 if alone and not one_country else 200_000
    return main and (best.place.population or 0) >= enough


def _choose(readings: Sequence[Reading]) -> Reading:
    """The reading that says where it was: the extractor's first, or a finer one inside it."""
    order = sorted(readings, key=lambda r: (r.phrase.head == _BORDER, r.phrase.role == "toward"))
    chosen = order[0]
    for other in order[1:]:
        if other.phrase.head == _BORDER:
            continue
        if chosen.place is not None and other.place is not None and lies_in(other.place, chosen.place):
            chosen = other
        elif chosen.rank() < 3 and other.place is None and other.phrase.role in ("in", "near"):
            chosen = other  # "in Zamfara …, in the village of X": finer, though the gazetteer lacks it
    return chosen


def _where(chosen: Reading, readings: Sequence[Reading], known: PlaceContext) -> tuple[Where, Reading, str]:
    """Where it was, the reading that it was taken from, and why."""
    if chosen.place is None:
        return _instead(chosen, readings, known)
    tied = _tied(chosen)
    if tied:
        return _common_unit(tied), chosen, f"{len(tied)} places of this name: their common unit"
    return _located(chosen.phrase, chosen.place), chosen, "; ".join(chosen.table[0].reasons)


def _located(phrase: Phrase, found: Place) -> Where:
    precision: PlacePrecision
    name, admin1, admin2 = found.name, found.admin1, found.admin2
    if found.level != "town":
        precision = found.level
    elif phrase.role == "admin2" and (found.population or 0) < _CITY * 4:
        precision, admin2, name = (
            "admin2",
            found.admin2 or found.name,
            phrase.text,
        )  # the unit of its seat's name
    elif phrase.role == "admin1":
        precision, name, admin2 = (
            ("admin1", admin1, None) if admin1 else ("country", _country_name(found.country), None)
        )
    else:
        precision = "near" if phrase.role == "near" else "exact"
    return Where(
        found.country, admin1, admin2, name, found.latitude, found.longitude, precision, found.geonameid
    )


def _country_name(iso3: str) -> str:
    known = reference.country(iso3)
    return known.name if known is not None else iso3


def _tied(chosen: Reading) -> list[Place]:
    """The namesakes of one country between which nothing decides, [] where something does."""
    best = chosen.table[0]
    if best.place.level != "town":
        return []
    rows = [w.place for w in chosen.table if w.place.level == "town" and best.score - w.score < _TIED]
    rows = [p for p in rows if p.country == best.place.country]
    return rows if any(kilometers(best.place, p) > _FAR_KM for p in rows) else []


def _common_unit(rows: Sequence[Place]) -> Where:
    first = rows[0]
    point = first.latitude, first.longitude
    if first.admin2 and all(p.admin2 == first.admin2 and p.admin1 == first.admin1 for p in rows):
        return Where(first.country, first.admin1, first.admin2, first.admin2, *point, "admin2")
    if first.admin1 and all(p.admin1 == first.admin1 for p in rows):
        return Where(first.country, first.admin1, None, first.admin1, *point, "admin1")
    return _nationwide(first.country, None)


def _nationwide(iso3: str, gazetteer: Gazetteer | None) -> Where:
    found = gazetteer.country(iso3) if gazetteer else None
    point = (found.latitude, found.longitude) if found else (None, None)
    return Where(iso3, None, None, _country_name(iso3), *point, "country", found.geonameid if found else None)


# ---- names that the gazetteer lacks ---------------------------------------------------------------------------


def _instead(chosen: Reading, readings: Sequence[Reading], known: PlaceContext) -> tuple[Where, Reading, str]:
    """The place for a name that the gazetteer lacks: the town it is near, else the finest unit named with it."""
    others = [r for r in readings if r is not chosen and r.place is not None and r.phrase.role != "toward"]
    following = [_read(p, known, _behind(p, known)) for p in _following(chosen.phrase, known)]
    close = [r for r in following if r.place is not None]
    for reading in (*close, *others):
        if reading.place is not None and reading.place.level == "town" and reading.phrase.role == "near":
            return (
                _located(reading.phrase, reading.place),
                reading,
                f"{chosen.phrase.text} is not in the gazetteer: near {reading.place.name}",
            )
    outer = [r for r in close if r.place is not None] or others
    if outer:
        finest = max(outer, key=lambda r: r.rank())
        return (
            _around(chosen.phrase, finest),
            finest,
            f"{chosen.phrase.text} is not in the gazetteer: the place named with it",
        )
    return _by_context(chosen, known)




def _around(phrase: Phrase, outer: Reading) -> Where:
    """An unlisted name in a listed place: a quarter of a city is the city; a village is in the unit of its seat."""
    found = outer.place
    assert found is not None
    if found.level != "town" or outer.phrase.role in ("admin1", "admin2"):
        return _located(outer.phrase, found)
    precision: PlacePrecision = (
        "exact" if (found.population or 0) >= _CITY and phrase.role != "near" else "near"
    )
    return replace(_located(replace(outer.phrase, role="in"), found), precision=precision)


def _by_context(chosen: Reading, known: PlaceContext) -> tuple[Where, Reading, str]:
    span = chosen.phrase.spans[0] if chosen.phrase.spans else None
    famous = any(w.place.level == "town" and (w.place.population or 0) > 200_000 for w in chosen.table)
    country = None if famous else _leading(known.support(span, fold(chosen.phrase.text)))
    if country is not None:
        why = f"{chosen.phrase.text} is not in the gazetteer: the country that the report speaks of"
        return _nationwide(country, known.gazetteer), chosen, why
    return Where(), chosen, f"{chosen.phrase.text} is not in the gazetteer, and no country is clear"


def _evidence(chosen: Reading, used: Reading, where: Where, why: str) -> Evidence:
    words = tuple(p.text for p in dict.fromkeys((chosen.phrase, used.phrase)))
    spans = tuple(s for p in dict.fromkeys((chosen.phrase, used.phrase)) for s in p.spans)
    others = [w for w in used.table if w.place != used.place][:5]
    rejected = tuple(Candidate(_described(w.place), w.score, w.reasons) for w in others)
    return Evidence(spans, words, _confidence(chosen, where), why, rejected)


def _confidence(chosen: Reading, where: Where) -> float:
    if where.precision == "unknown":
        return 0.0
    if chosen.place is None:
        return 0.4
    best = chosen.table[0]
    rivals = [w for w in chosen.table[1:] if not _same_spot(w.place, best.place)]
    margin = best.score - rivals[0].score if rivals else 3.0
    loose = 0.7 if best.place.matched == "loose" else 1.0
    return round(loose / (1 + math.exp(-(margin + (0.5 if best.supported else -1.0)))), 2)


def _described(place: Place) -> str:
    holders = [h for h in (place.admin2, place.admin1) if h and h != place.name]
    return ", ".join((f"{place.name} ({place.level})", *dict.fromkeys(holders), place.country))
