"""Whose forces a phrase speaks of where it says only "its troops", and which mission the peacekeepers of a country are.

Invariant: of the states of a sentence its subject owns; where none can be the subject, the one named first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache

from tarikh import reference
from tarikh.text import fold

_BEFORE = 160
"""Characters before "its troops" within which the state is named whose they are."""
_LONGEST = 60
"""Characters of the longest name of a country: a name that the window cuts is seen whole, and left out."""
_STOP = re.compile(r"(?<!\b[A-Z]\.)(?<=[.!?;])\s|\n")
"""The end of a sentence; the full stop of "the U.S." is none."""
_WORD = re.compile(r"[^\W_]+")


@cache
def _words(language: str, section: str) -> frozenset[str]:
    return frozenset(fold(str(word)) for word in reference.lexicon(language, "parties")[section])


@cache
def _directions(language: str) -> frozenset[str]:
    return frozenset(fold(w) for w in reference.lexicon(language, "places")["classes"]["directional"])


def _sentence(text: str, at: int) -> tuple[str, int]:
    """What stands before `at`, and where in it the sentence begins, or the characters that are looked at."""
    low = max(0, at - _BEFORE - _LONGEST)
    before = text[low:at]
    begins = max((match.end() for match in _STOP.finditer(before)), default=0)
    return before, max(begins, len(before) - _BEFORE)


def _word_before(text: str, language: str) -> str:
    """The last word of a text, but for articles and words of direction: what governs the name that follows."""
    idle = _words(language, "definite") | _directions(language)
    return next((w for w in reversed(_WORD.findall(fold(text[-40:]))) if w not in idle), "")


def _subjects(before: str, begins: int, language: str) -> Iterator[reference.Told]:
    """The states that may own, the likeliest last: first named, first that no preposition governs, subject of the last clause."""
    states = [told for told in reference.told_countries(before) if told.start >= begins]
    governed = [_word_before(before[begins : told.start], language) for told in states]
    yield from states[:1]
    free = [
        told for told, word in zip(states, governed, strict=True) if word not in _words(language, "around")
    ]
    yield from free[:1]
    for told, word in zip(states, governed, strict=True):
        if word in _words(language, "clauses"):
            yield told


def state_before(text: str, at: int, language: str, country: str | None) -> str | None:
    """ISO alpha-3 code of the state whose "its" at `at` is: the subject of the same sentence. Of a word for several
    countries ("Congolese") the place's `country` is meant, else nobody."""
    for told in reversed(list(_subjects(*_sentence(text, at), language))):
        codes = [state.iso3 for state in told.countries]
        if country in codes:
            return country
        if len(codes) == 1:
            return codes[0]
    return None


@cache
def _idle(language: str) -> frozenset[str]:
    """Words that own nothing, though a sentence may begin with them or they have capitals: "Two", "June"."""
    times = reference.lexicon(language, "dates")["classes"]
    found = (_words(language, section) for section in ("determiners", "quantities", "modifiers"))
    return frozenset().union(*found, (fold(word) for word in (*times["weekday"], *times["month"])))


_LAST_WORD = re.compile(r"([^\W\d_][\w'’-]*) $")


def ends_with_owner(text: str, language: str) -> bool:
    """Whether a text ends with a proper name, whose the noun after it is: "Oxfam" in "Oxfam volunteers"; no state's adjective."""
    owner = _LAST_WORD.search(text[-40:])
    if owner is None or not owner[1][0].isupper():
        return False
    return fold(owner[1]) not in _idle(language) and not reference.countries_by_adjective(owner[1], language)


def mission(country: str | None, day: date | None, parent: str | None) -> str | None:
    """The peacekeepers of a country on a day, of the organization that is asked for (`parent`; None: of any)."""
    for entry in reference.parties():
        if entry.category != "peacekeepers" or country not in entry.countries:
            continue
        if entry.active(country, day) and parent in (None, entry.parent):
            return entry.name
    return None
