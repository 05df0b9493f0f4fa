"""Quarters, streets and airports: names that the gazetteer lacks or has elsewhere, told as parts of a town.

Invariant: a town is answered only where the words tie it to the name, or a word for a part of a town stands by the name and
the report has spoken of a town before.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from tarikh import reference
from tarikh.gazetteer import Place, kilometers
from tarikh.model import Phrase, Span
from tarikh.resolve.place_signs import PlaceContext
from tarikh.text import fold

_REACH = 45
"""Characters between a quarter and its town: "Texas, a neighborhood in the south of Nyala"."""
_SAME_TOWN_KM = 40.0
"""A place of the quarter's name this near to the town may be the quarter itself."""
_STOP = re.compile(r"[.;:!?\n]")
_CITY = 300_000
_NO_TOWN = frozenset(("demonym", "country", "admin1", "admin2", "toward", "origin"))


@cache
def _words(language: str, key: str) -> frozenset[str]:
    return frozenset(fold(str(word)) for word in reference.lexicon(language, "places").get(key) or ())


def small_unit(phrase: Phrase, language: str) -> bool:
    """Whether a phrase names a unit below the second level, told by the name of its seat ("the commune of Xa")."""
    return not _words(language, "small_units").isdisjoint(fold(phrase.head).split())


def town_of(
    phrase: Phrase, own: Place | None, known: PlaceContext, town: Callable[[Phrase], Place | None]
) -> tuple[Phrase, Place] | None:
    """The town that a phrase's name is a part of, with its own phrase; None where it is no quarter, or a place of its own near it.

    `town` reads a phrase as a town that the report speaks for; `own` is the place that the name is taken for, if any.
    """
    if not phrase.spans:
        return None
    quarters = _words(known.report.language, "quarters")
    tied = _tied(phrase, known, quarters, town)
    if tied is None and own is None and _by_word(phrase, known, quarters):
        tied = _spoken_of(phrase, known, town)
    if tied is None or (own is not None and kilometers(own, tied[1]) <= _SAME_TOWN_KM):
        return None
    return tied


def _text(known: PlaceContext, span: Span) -> str:
    return known.report.title if span.part == "title" else known.report.text


def is_village(phrase: Phrase, known: PlaceContext) -> bool:
    """Whether a word for a settlement of its own stands by a name: "the village of Xa", "Xa village"."""
    return bool(phrase.spans) and _by_word(phrase, known, _words(known.report.language, "villages"))


def _by_word(phrase: Phrase, known: PlaceContext, words: frozenset[str]) -> bool:
    """Whether one of these words stands within three words before a name, or directly behind it."""
    span = phrase.spans[0]
    text = _text(known, span)
    before = fold(text[max(0, span.start - 30) : span.start]).split()[-3:]
    after = fold(text[span.end : span.end + 20]).split()[:1]
    return not words.isdisjoint((*before, *after))


def _tied(
    phrase: Phrase, known: PlaceContext, quarters: frozenset[str], town: Callable[[Phrase], Place | None]
) -> tuple[Phrase, Place] | None:
    """The town right behind a quarter's name ("the Texas quarter of Nyala") or right before ("Nyala's Texas quarter")."""
    span = phrase.spans[0]
    text = _text(known, span)
    word_by_it = _by_word(phrase, known, quarters)
    village, inside = is_village(phrase, known), _words(known.report.language, "inside")
    for other in known.toponyms:
        there = other.spans[0]
        if there.part != span.part or other.role in _NO_TOWN or other.role == "dateline":
            continue
        if 0 <= there.start - span.end <= _REACH:
            gap = text[span.end : there.start]
            said = word_by_it or not quarters.isdisjoint(fold(gap).split())
        elif 0 < span.start - there.end <= 25 and other.head == "'s":
            gap, said = text[there.end : span.start], word_by_it
        else:
            continue
        plainly = not said and not village and fold(gap) in inside
        found = town(other) if (said or plainly) and not _STOP.search(gap) else None
        if found is not None and (said or _only_a_city(found, known)):
            return other, found
    return None


def _only_a_city(place: Place, known: PlaceContext) -> bool:
    """Whether "Xa, in T" can but mean the town T: a country's capital, or a city that no unit around it shares its name with."""
    nation = reference.country(place.country)
    if nation is not None and fold(place.name) in (fold(seat) for seat in nation.seats[:1]):
        return True
    rows = known.gazetteer.find(place.name)
    units = any(p.level in ("admin1", "admin2") and p.country == place.country for p in rows)
    return not units and (place.population or 0) >= _CITY


def _spoken_of(
    phrase: Phrase, known: PlaceContext, town: Callable[[Phrase], Place | None]
) -> tuple[Phrase, Place] | None:
    """The town last spoken of before a quarter that is told without one; the title's or the dateline's where none was."""
    span = phrase.spans[0]
    text = [p for p in known.toponyms if p.spans[0].part == "text" and p.role not in _NO_TOWN]
    title = [p for p in known.toponyms if p.spans[0].part == "title" and p.role not in _NO_TOWN]
    before = [p for p in text if span.part == "text" and p.spans[0].start < span.start]
    ordered = sorted(before, key=lambda p: (p.role == "dateline", -p.spans[0].start))
    for other in (*ordered, *title):
        if fold(other.text) != fold(phrase.text) and (found := town(other)) is not None:
            return other, found
    return None
