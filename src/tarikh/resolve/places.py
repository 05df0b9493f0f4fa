"""Which place a mention's words mean, and how precisely they say it: a scored table over the gazetteer's candidates.

Invariant: never a point more precise than the words, never a country that nothing in the report speaks for.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from tarikh import reference
from tarikh.gazetteer import Gazetteer, Place, kilometers
from tarikh.model import Candidate, Evidence, Mention, Phrase, PlacePrecision, Report, Where
from tarikh.resolve.place_scores import FAR_KM, RANK, Weighed, lies_in, same_spot, table
from tarikh.resolve.place_signs import BORDER, PlaceContext, Sign, comes_from, leading, signs_of
from tarikh.resolve.quarters import is_village, small_unit, town_of
from tarikh.text import fold

__all__ = ["PlaceContext", "context", "place"]

_SILENT = frozenset(("demonym", "metonym", "dateline"))
_TIED = 0.1
"""Namesakes whose scores differ by no more are not told apart."""
_MOST = 500
"""Different names that a report's context is read from; a text has no more, a hostile one costs no more."""
_CITY = 50_000
_LARGE = 20_000
"""People from which a town that nothing speaks for makes the country unknown rather than another one."""
_HINT = 0.04
_NOTABLE = 10_000
"""People from which a town that nothing speaks for may be taken: where it is the only one, or known at large."""
_KNOWN_AT_LARGE = 300_000
"""People from which a town abroad needs no word for its country in a report that speaks of another."""
_KNOWN_BY_NAME = 1_000_000
"""The same where no word says "in": "a Toyota minibus" is in no city."""
_ONLY_COUNTRY = 0.4
"""Confidence of a country that stands for a place nobody told."""
_SOME = 0.9
"""A country may stand for an unlisted name where no other has more than this share of its support around the name …"""
_WHO = 0.8
"""A country with less than this share of the support around it is named as a party, where no word says "in"."""
_UNTOLD = 0.8
"""The same of an act that no place is told of."""
_OVERALL = 0.8
"""… or this share in the whole report, which speaks less of one name than the words around it do."""
_ANYWHERE = 100_000
"""People from which a city may be meant wherever the report plays."""
_ALONE = 0.3
"""Where no country has more than this share beside the one spoken of, a city of that name in none of them is not meant."""


@cache
def holders_of(language: str) -> frozenset[str]:
    """Words that may stand between a place and what it lies in, folded."""
    raw = reference.lexicon(language, "places")
    words = (*raw["holders"], *raw["classes"]["directional"])
    return frozenset(part for word in words for part in fold(str(word)).split())


def context(
    report: Report, toponyms: Sequence[Phrase], gazetteer: Gazetteer, parties: Sequence[str] = ()
) -> PlaceContext:
    """Weigh what the report names: countries, units, towns, nationalities, dateline, source.

    `parties` are names like "Military of Mali", "Civilians (Niger)" or a register party's, or ISO alpha-3 codes.
    """
    signs = signs_of(report, toponyms, gazetteer, parties)
    breaks = tuple(n for n, char in enumerate(report.text) if char == "\n")
    first = PlaceContext(gazetteer, report, tuple(toponyms), signs, breaks=breaks)
    units: dict[tuple[str, str], float] = defaultdict(float)
    read: set[tuple[str, str | None]] = set()
    anchors: dict[tuple[float, float], Place] = {}
    more: list[Sign] = []
    for phrase in toponyms:
        if phrase.role in ("demonym", "dateline", "country") or phrase.head == BORDER:
            continue
        key = (fold(phrase.text), phrase.role)
        best = _sure(phrase, first) if key not in read and len(read) < _MOST else None
        read.add(key)
        if best is None:
            continue
        more.append(Sign(best.country, 0.4, phrase.spans[0], fold(phrase.text)))
        if best.level in ("admin1", "admin2") and best.admin1:
            units[best.country, fold(best.admin1)] += 1.0
        elif best.level == "town":
            anchors[best.latitude, best.longitude] = best
    return replace(first, signs=(*signs, *more), units=dict(units), anchors=tuple(anchors.values()))


def _sure(phrase: Phrase, known: PlaceContext) -> Place | None:
    """The place of a name that leaves no doubt."""
    rows = table(phrase, known, ())
    if not rows or not rows[0].supported or rows[0].place.matched != "exact":
        return None
    best, others = rows[0], rows[1:2]
    if any(best.score - other.score < 1.0 and not same_spot(best.place, other.place) for other in others):
        return None
    return best.place


@dataclass(frozen=True, slots=True)
class Reading:
    """What one phrase is taken for. `place` None: a name that the gazetteer lacks."""

    phrase: Phrase
    place: Place | None
    table: tuple[Weighed, ...] = ()

    def rank(self) -> int:
        """Country 0, admin1 1, admin2 2, town or unknown name 3."""
        return 3 if self.place is None else RANK[self.place.level]


def place(mention: Mention, known: PlaceContext) -> Mention:
    """The mention with `where` and `evidence["place"]` from its phrases; both untouched where it has none.

    The caller decides about carrying a place over from an earlier mention.
    """
    phrases = [p for p in mention.phrases.get("place", ()) if p.role not in _SILENT]
    phrases = [p for p in phrases if not _only_who(p, known)]
    if not phrases:
        return _placeless(mention, known)
    readings = _readings(phrases, known)
    chosen = _choose(readings)
    where, used, why = _quarter(chosen, known) or _where(chosen, readings, known)
    evidence = _evidence(chosen, used, where, why)
    return replace(mention, where=where, evidence={**mention.evidence, "place": evidence})


def _placeless(mention: Mention, known: PlaceContext) -> Mention:
    """A mention whose place nobody says: it was in the country that the report speaks of there, if one is clear."""
    spans = mention.evidence["kind"].spans if "kind" in mention.evidence else ()
    country = leading(known.support(spans[0] if spans else None), _UNTOLD)
    if country is None:
        return mention
    why = "no place is told: the country that the report speaks of"
    return replace(
        mention,
        where=_nationwide(country, known.gazetteer),
        evidence={**mention.evidence, "place": Evidence((), (), _ONLY_COUNTRY, why)},
    )


def _quarter(chosen: Reading, known: PlaceContext) -> tuple[Where, Reading, str] | None:
    """The town of a quarter that the gazetteer lacks, or has in another town."""

    def town(phrase: Phrase) -> Place | None:
        found = _read(phrase, known, _behind(phrase, known))
        sure = found.place is not None and found.place.level == "town" and found.table[0].supported
        return found.place if sure else None

    found = town_of(chosen.phrase, chosen.place, known, town)
    if found is None:
        return None
    phrase, place_ = found
    precision: PlacePrecision = "near" if chosen.phrase.role == "near" else "exact"
    where = replace(_located(replace(phrase, role="in"), place_), precision=precision)
    why = f"{chosen.phrase.text} is a part of {place_.name}"
    return where, _read(phrase, known, _behind(phrase, known)), why


def _readings(phrases: Sequence[Phrase], known: PlaceContext) -> list[Reading]:
    """Each phrase read once alone, then again with the units and countries that the others are."""
    alone = [_read(p, known, ()) for p in phrases]
    outer = [r for r in alone if r.place is not None and r.place.level != "town" and r.phrase.head != BORDER]
    again = []
    for phrase in phrases:
        inside = [
            r.place
            for r in outer
            if r.phrase is not phrase and r.place is not None and _holds(r.phrase, phrase, known.report)
        ]
        again.append(_read(phrase, known, (*inside, *_behind(phrase, known))))
    return again


def _holds(outer: Phrase, phrase: Phrase, report: Report) -> bool:
    """Whether a unit or country is said to hold what another phrase names: it stands in the same sentence after "in" or a
    unit's word. A country alone may be who did it ("Israel bombed Damascus"), or whom another sentence is about."""
    if outer.role not in ("in", "admin1", "admin2", "country") or outer.head in ("'s", ""):
        return False
    if not (outer.spans and phrase.spans) or outer.spans[0].part != phrase.spans[0].part:
        return False
    first, last = sorted((outer.spans[0], phrase.spans[0]), key=lambda span: span.start)
    text = report.title if first.part == "title" else report.text
    return not _STOP.search(text[first.end : last.start])


def _behind(phrase: Phrase, known: PlaceContext) -> list[Place]:
    """Units and countries that directly follow a name in the text: "Rann, Borno State"."""
    found = []
    for other in _following(phrase, known):
        if other.role in ("admin1", "admin2", "country") and other.head not in ("'s", BORDER):
            rows = table(other, known, ())
            if rows and rows[0].supported and rows[0].place.level != "town":
                found.append(rows[0].place)
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
    rows = tuple(table(phrase, known, inside))
    support = known.support(phrase.spans[0] if phrase.spans else None, fold(phrase.text))
    taken = bool(rows) and _credible(phrase, rows, inside, support, known)
    return Reading(phrase, rows[0].place if taken else None, rows)


def _credible(
    phrase: Phrase,
    rows: Sequence[Weighed],
    inside: Sequence[Place],
    support: Mapping[str, float],
    known: PlaceContext,
) -> bool:
    """Whether the best candidate may be taken: a far namesake of an unlisted village must not be."""
    best, text = rows[0].place, phrase.text
    if best.level == "country":
        return True
    if any(outer.level == "country" and outer.country != best.country for outer in inside):
        return False
    if best.matched == "loose":
        return rows[0].supported and rows[0].score > 2.0
    if rows[0].supported:
        return True
    spoken = leading(support)
    if spoken is not None and not known.plays_in(spoken, fold(text)):
        spoken = None
    if best.level == "admin1":  # "the North East" of the country at hand is no district of another
        elsewhere = spoken is not None or (phrase.role != "admin1" and any(v >= 1 for v in support.values()))
        return not elsewhere or support.get(best.country, 0.0) > _HINT
    known_at_large = _KNOWN_AT_LARGE if phrase.role in ("in", "near") else _KNOWN_BY_NAME
    if spoken is not None and (best.population or 0) < known_at_large:
        return False
    # Nothing but its fame speaks for it: a namesake of an unlisted village is the likelier, the smaller it is.
    alone = len({w.place.country for w in rows}) == 1
    main = fold(best.name) == fold(text)
    if main and alone and support.get(best.country, 0.0) > _HINT:
        return True
    enough = _NOTABLE if alone and spoken is None else _LARGE
    # A city's name in another language ("Tyr") is as good as its own where no namesake has it.
    return (main and (best.population or 0) >= enough) or (
        alone and (best.population or 0) >= _CITY and support.get(best.country, 0.0) > _HINT
    )


def _choose(readings: Sequence[Reading]) -> Reading:
    """The reading that says where it was: the extractor's first, or a finer one inside it."""
    order = sorted(
        readings, key=lambda r: (r.phrase.head == BORDER, r.phrase.role == "toward", _may_be_who(r, readings))
    )
    chosen = order[0]
    for other in order[1:]:
        if other.phrase.head == BORDER:
            continue
        if chosen.place is not None and other.place is not None and lies_in(other.place, chosen.place):
            chosen = other
        elif chosen.rank() < 3 and other.place is None and other.phrase.role in ("in", "near"):
            chosen = other  # "in Zamfara …, in the village of X": finer, though the gazetteer lacks it
    return chosen


def _only_who(phrase: Phrase, known: PlaceContext) -> bool:
    """Whether a country is named as somebody ("Denmark's troops", "Rwanda sent") where the words around it speak of another."""
    if phrase.role != "country" or phrase.head not in ("", "'s", "to"):
        return False
    nation = reference.country_by_name(phrase.text)
    around = known.support(phrase.spans[0] if phrase.spans else None)
    return (
        nation is not None
        and around.get(nation.iso3, 0.0) < _WHO
        and max(around.values(), default=0.0) >= 1.0
    )


def _may_be_who(reading: Reading, readings: Sequence[Reading]) -> bool:
    """Whether a country may be a party and no place: it stands without a word for "in" beside a place that has one."""
    return (
        reading.phrase.role == "country"
        and reading.phrase.head in ("", "'s", "to")
        and any(r.phrase.role in ("in", "near") for r in readings)
    )


def _where(chosen: Reading, readings: Sequence[Reading], known: PlaceContext) -> tuple[Where, Reading, str]:
    """Where it was, the reading that it was taken from, and why."""
    if chosen.place is None:
        return _instead(chosen, readings, known)
    tied = _tied(chosen)
    if tied:
        return (
            _common_unit(tied, known.gazetteer),
            chosen,
            f"{len(tied)} places of this name: their common unit",
        )
    phrase = chosen.phrase
    if chosen.place.level == "town" and small_unit(phrase, known.report.language):
        phrase = replace(phrase, role="near")  # a commune has no unit of its own here: it is around its seat
    return _located(phrase, chosen.place), chosen, "; ".join(chosen.table[0].reasons)


def _located(phrase: Phrase, found: Place) -> Where:
    precision: PlacePrecision
    name, admin1, admin2 = found.name, found.admin1, found.admin2
    if found.level != "town":
        precision = found.level
    elif phrase.role == "admin2":
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
        # A river's or a commune's point only stands for it: it is somewhere around there.
        precision = "near" if phrase.role == "near" or found.extended else "exact"
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
    return rows if any(kilometers(best.place, p) > FAR_KM for p in rows) else []


def _common_unit(rows: Sequence[Place], gazetteer: Gazetteer) -> Where:
    first = rows[0]
    point = first.latitude, first.longitude
    if first.admin2 and all(p.admin2 == first.admin2 and p.admin1 == first.admin1 for p in rows):
        return Where(first.country, first.admin1, first.admin2, first.admin2, *point, "admin2")
    if first.admin1 and all(p.admin1 == first.admin1 for p in rows):
        return Where(first.country, first.admin1, None, first.admin1, *point, "admin1")
    return _nationwide(first.country, gazetteer)


def _nationwide(iso3: str, gazetteer: Gazetteer) -> Where:
    found = gazetteer.country(iso3)
    if found is None:
        return Where(country=iso3, place=_country_name(iso3), precision="country")
    return Where(
        country=iso3,
        place=_country_name(iso3),
        latitude=found.latitude,
        longitude=found.longitude,
        precision="country",
        geonameid=found.geonameid,
    )


# ---- names that the gazetteer lacks ---------------------------------------------------------------------------


def _instead(chosen: Reading, readings: Sequence[Reading], known: PlaceContext) -> tuple[Where, Reading, str]:
    """The place for a name that the gazetteer lacks: the town it is near, else the finest unit named with it."""
    others = [r for r in readings if r is not chosen and r.place is not None]
    others = [
        r
        for r in others
        if r.phrase.role != "toward"
        and r.phrase.head != BORDER
        and not comes_from(r.phrase, known.report.language)
    ]
    following = [_read(p, known, _behind(p, known)) for p in _following(chosen.phrase, known)]
    close = [r for r in following if r.place is not None and r.phrase.head != BORDER]
    for reading in (*close, *others):
        if reading.place is not None and reading.place.level == "town" and reading.phrase.role == "near":
            return (
                _located(reading.phrase, reading.place),
                reading,
                f"{_unlisted(chosen)}: near {reading.place.name}",
            )
    outer = [r for r in close if r.place is not None] or others
    finest = max(outer, key=lambda r: r.rank(), default=None)
    if finest is not None and (finest.rank() > 0 or finest in close or _spoken_of(finest, chosen, known)):
        return (
            _around(chosen.phrase, finest, known),
            finest,
            f"{_unlisted(chosen)}: the place named with it",
        )
    return _by_context(chosen, known)


def _unlisted(chosen: Reading) -> str:
    if chosen.table:
        return f"nothing in the report speaks for any {chosen.phrase.text} of the gazetteer"
    return f"{chosen.phrase.text} is not in the gazetteer"


def _spoken_of(outer: Reading, chosen: Reading, known: PlaceContext) -> bool:
    """Whether a country that was only named in the same breath is also what the report speaks of there."""
    assert outer.place is not None
    return _likely_country(chosen, known) in (None, outer.place.country)


def _likely_country(chosen: Reading, known: PlaceContext) -> str | None:
    """The country of a name that the gazetteer lacks: what is spoken of around it, else in the report."""
    text = fold(chosen.phrase.text)
    span = chosen.phrase.spans[0] if chosen.phrase.spans else None
    return leading(known.support(span, text), _SOME) or leading(known.support(None, text), _OVERALL)


def _around(phrase: Phrase, outer: Reading, known: PlaceContext) -> Where:
    """An unlisted name in a listed place: a quarter of a city is the city; a village is near its town."""
    found = outer.place
    assert found is not None
    if found.level != "town" or outer.phrase.role in ("admin1", "admin2"):
        return _located(outer.phrase, found)
    part = (found.population or 0) >= _CITY and phrase.role != "near" and not is_village(phrase, known)
    precision: PlacePrecision = "exact" if part else "near"
    return replace(_located(replace(outer.phrase, role="in"), found), precision=precision)


def _by_context(chosen: Reading, known: PlaceContext) -> tuple[Where, Reading, str]:
    text = fold(chosen.phrase.text)
    around = known.support(chosen.phrase.spans[0] if chosen.phrase.spans else None, text)
    least = 0.0 if leading(around, _ALONE) is None else _HINT
    famous = any(
        (w.place.population or 0) > _LARGE
        and fold(w.place.name) == text
        and (around.get(w.place.country, 0.0) >= least or (w.place.population or 0) >= _ANYWHERE)
        for w in chosen.table
    )
    country = None if famous else _likely_country(chosen, known)
    if country is not None:
        why = f"{_unlisted(chosen)}: the country that the report speaks of"
        return _nationwide(country, known.gazetteer), chosen, why
    return Where(), chosen, f"{_unlisted(chosen)}, and no country is clear"


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
    rivals = [w for w in chosen.table[1:] if not same_spot(w.place, best.place)]
    margin = best.score - rivals[0].score if rivals else 3.0
    loose = 0.7 if best.place.matched == "loose" else 1.0
    return round(loose / (1 + math.exp(-(margin + (0.5 if best.supported else -1.0)))), 2)


def _described(place: Place) -> str:
    holders = [h for h in (place.admin2, place.admin1) if h and h != place.name]
    return ", ".join((f"{place.name} ({place.level})", *dict.fromkeys(holders), place.country))
