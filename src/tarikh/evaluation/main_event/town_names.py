"""Names in an article that can be those of a town, also such as are read as no place of an event.

Invariant: a name is given with the span of its own words; what it is taken for is decided in `places`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

from tarikh import reference
from tarikh.evaluation.main_event.article import Article
from tarikh.model import Phrase, Span
from tarikh.text import fold

INSIDE, CUE = "inside", "cue"
"""Roles of names that stand only inside other names, and only after a word of place."""
_SPOKEN_OF = 0.5
"""How much must speak for a country before its towns are sought in the names of other things."""
_CITY_STATES = frozenset(("HKG", "MAC", "SGP", "MCO", "VAT", "GIB"))
_SILENT = frozenset(("demonym", "country"))
_NAME = r"[^\W\d_a-z][\w’'-]"


@cache
def opening_words(language: str) -> frozenset[str]:
    """Words that often open a sentence, folded: a capital there is no first name."""
    return frozenset(fold(str(word)) for word in reference.lexicon(language, "main_event")["opening"])


@cache
def _cued(language: str) -> re.Pattern[str]:
    raw = reference.lexicon(language, "main_event")
    cues, particles = ("|".join(map(re.escape, raw[name])) for name in ("place_cues", "name_particles"))
    return re.compile(rf"\b(?:{cues}) ({_NAME}{{2,}}(?: (?:(?:{particles}) )?{_NAME}+){{0,3}})")


def by_name(article: Article) -> dict[str, list[Phrase]]:
    """The phrases that can name a town, by folded name, in the order of the article's text."""
    named: dict[str, list[Phrase]] = defaultdict(list)
    in_text_first = sorted(article.toponyms, key=lambda p: (p.spans[0].part == "title", p.spans[0].start))
    for phrase in in_text_first:
        if phrase.role not in _SILENT or is_city_state(phrase):
            named[fold(phrase.text)].append(phrase)
    known = frozenset(named)
    for phrase in (*_inside_names(article, known), *_after_cues(article, known)):
        named[fold(phrase.text)].append(phrase)
    return named


def _after_cues(article: Article, known: frozenset[str]) -> Iterator[Phrase]:
    """Names after a word of place that are read as no place: a village that no gazetteer holds, or a firm."""
    taken = [p.spans[0] for p in article.toponyms] + [t.phrase.spans[0] for t in article.times.times]
    starts = sorted((s.start, s.end) for s in taken if s.part == "text")
    for match in _cued(article.report.language).finditer(article.report.text):
        start, end = match.span(1)
        name = re.sub(r"['’]s?\Z", "", match[1])
        at = bisect_right(starts, (start, end))
        inner = any(s < end and start < e for s, e in starts[max(0, at - 1) : at + 1])
        key = fold(name)
        if key in known or (inner and " " not in name) or reference.country_by_name(name) is not None:
            continue
        yield Phrase(name, (Span("text", start, start + len(name)),), role=CUE)


_RUN = re.compile(r"[^\W\d_a-z][\w’'-]{3,}(?:[ ][^\W\d_a-z][\w’'-]{3,})?")
_MANY = 50_000


def _inside_names(article: Article, known: frozenset[str]) -> Iterator[Phrase]:
    """Larger towns of the article's countries that stand only in names: "Minsk Tractor Works", "Central Jail Karachi"."""
    support = article.places.support(None)
    spoken_of = frozenset(code for code, weight in support.items() if weight >= _SPOKEN_OF)
    for match in _RUN.finditer(article.report.text):
        pieces = [match.span()]
        if " " in match.group():
            at = match.start() + match.group().index(" ")
            pieces += [(match.start(), at), (at + 1, match.end())]
        for start, end in pieces:
            name = article.report.text[start:end].removesuffix("'s").removesuffix("’s")
            if fold(name) not in known and _is_large_town(name, spoken_of, article):
                yield Phrase(name, (Span("text", start, start + len(name)),), role=INSIDE)


def _is_large_town(name: str, countries: frozenset[str], article: Article) -> bool:
    return any(
        place.level == "town"
        and place.matched == "exact"
        and place.country in countries
        and (place.population or 0) >= _MANY
        for place in article.places.gazetteer.find(name)
    )


def is_city_state(phrase: Phrase) -> bool:
    """Whether the name of a country or territory is that of its one town: Singapore, Hong Kong."""
    nation = reference.country_by_name(phrase.text)
    return nation is not None and (
        nation.iso3 in _CITY_STATES or fold(phrase.text) in map(fold, nation.seats)
    )
