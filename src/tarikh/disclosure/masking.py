"""Names taken out of quoted words, and parties that are none of the register's.

Invariant: a word that could be a name is withheld unless it is known to be none: a state, a party of the register, a
day, a common word that begins a sentence. A text without capitals, or in a script that has none, is withheld whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import Any

from tarikh import reference
from tarikh.disclosure.policy import MARK
from tarikh.disclosure.sensitive import pattern
from tarikh.text import fold, lower

_TOKEN = re.compile(r"[^\W_]+(?:['’ʼ.\-·][^\W_]+)*")
_PLAIN = re.compile(r"[a-zà-ÿ0-9 ,.;:!?'’\-_()%]*")
_ELISION = re.compile(r"^(?:[dlnsctjm]|qu)['’ʼ]", re.IGNORECASE)
_OPENS = re.compile(r"[.!?:;…“\"«(\[–—]\s*$")
_DIGITS = 6
"""Digits in a row from which a number may be a telephone's, an account's or a document's."""
_DIGITS_APART = 8
_NUMBER = re.compile(r"\+?[0-9][0-9 ./()\-]{6,30}[0-9]")
_DATED = re.compile(
    r"[0-9]{4}[-/.][0-9]{2}[-/.][0-9]{2}|[0-9]{2}[-/.][0-9]{2}[-/.][0-9]{4}|[0-9]{4} ?[-/] ?[0-9]{4}"
)
_GENERIC = re.compile(
    r"^(?:(?:Military|Police|Government) of (?P<of>.+)"
    r"|(?:Military faction|Civilians|Protesters|Rioters|Unidentified armed group|Aid workers) \((?P<in>[^()]+)\)"
    r"|Militia of (?P<community>[^()]+) \((?P<where>[^()]+)\))$"
)


# ---- parties -----------------------------------------------------------------------------------------------


@lru_cache(maxsize=10_000)
def known_party(name: str) -> bool:
    """Whether a name is one of the register's or a generic form of the codebook, and so no private person's."""
    if name == MARK or reference.party(name) is not None:
        return True
    if any((use.start, use.end) == (0, len(name)) for use in reference.named(name)):
        return True
    found = _GENERIC.match(name)
    if found is None:
        return False
    country = found["of"] or found["in"] or found["where"]
    community = found["community"]
    stands_for = country in _countries() or reference.party(country) is not None
    return stands_for and (community is None or community in _communities())


@cache
def _countries() -> frozenset[str]:
    return frozenset(country.name for country in reference.countries())


@cache
def _communities() -> frozenset[str]:
    return frozenset(community.name for community in reference.communities())


# ---- words -------------------------------------------------------------------------------------------------


def cased(texts: Iterable[str]) -> bool:
    """Whether a text tells names by capitals: it has capitals, and more small letters than these."""
    text = " ".join(texts)
    capitals = sum(letter.isupper() for letter in text)
    small = sum(letter.islower() for letter in text)
    return 0 < capitals < small and capitals * 200 >= small


def masked(words: str, names: Sequence[str] = (), by_case: bool = True) -> str:
    """The words with every run of capitals withheld that is not known to name no person.

    `names` are shown where they occur (the disclosed place, the sources); `by_case` off withholds all of it.
    """
    if not words.strip() or words == MARK:
        return words
    if not by_case:
        return MARK
    words = _NUMBER.sub(lambda found: MARK if _reaches(found[0]) else found[0], words)
    if _PLAIN.fullmatch(words) and sum(map(str.isdigit, words)) < _DIGITS:
        return words  # most words are small letters alone; this is ten times as fast
    return _without(words, list(_runs(words, _shown(words, names))))


def unnamed(by: str) -> str:
    """Who said or coded it, without the name of a person; what is no person's (`rules@1`) stays as it is."""
    kind, found, _ = by.partition(":")
    return f"{kind}:{MARK}" if found and kind in ("user", "person") else by


def _reaches(number: str) -> bool:
    """Whether digits with signs between them are as many as a telephone's, and no day and no span of years."""
    return sum(map(str.isdigit, number)) >= _DIGITS_APART and not _DATED.fullmatch(number.strip())


def _shown(words: str, names: Sequence[str]) -> list[tuple[int, int]]:
    """Where names stand that are no person's."""
    spans = [(found.start, found.end) for found in reference.named(words)]
    spans += [
        (found.start, found.end)
        for found in reference.told_countries(words)
        if fold(words[found.start : found.end]) not in _seats()
    ]
    plain = lower(words)
    for name in dict.fromkeys(lower(name) for name in names if name):
        start = plain.find(name)
        while start >= 0:
            spans.append((start, start + len(name)))
            start = plain.find(name, start + len(name))
    return spans


@cache
def _seats() -> frozenset[str]:
    return frozenset(fold(seat) for country in reference.countries() for seat in country.seats)


def _runs(words: str, shown: list[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    """Ranges to withhold: runs of capitals, with the particles inside, of which a part is not known."""
    run: list[tuple[int, int, bool]] = []
    last = 0
    for found in _TOKEN.finditer(words):
        start, end = found.span()
        between = words[last:start]
        particle = bool(run) and fold(found[0]) in _particles() and found[0].islower()
        joined = not between.strip(" \t-'’") and bool(run)
        if particle and joined:
            last = end
            continue
        if _nameable(found[0]):
            known = _known(words, start, end, shown)
            if run and not joined:
                yield from _withheld(run)
                run = []
            run.append((start, end, known))
        elif run:
            yield from _withheld(run)
            run = []
        last = end
    yield from _withheld(run)


def _withheld(run: list[tuple[int, int, bool]]) -> Iterable[tuple[int, int]]:
    if run and not all(known for _, _, known in run):
        yield run[0][0], run[-1][1]


def _nameable(token: str) -> bool:
    """Whether a token could be (a part of) a name, or a number by which a person could be reached."""
    if any(letter.isalpha() and not letter.islower() for letter in token):
        return True  # a capital, or a letter of a script without them
    return sum(letter.isdigit() for letter in token) >= _DIGITS and not _DATED.fullmatch(token)


def _known(words: str, start: int, end: int, shown: list[tuple[int, int]]) -> bool:
    if any(left <= start and end <= right for left, right in shown):
        return True
    elided = _ELISION.match(words[start:end])
    if elided and any(left <= start + elided.end() and end <= right for left, right in shown):
        return True
    plain = fold(_ELISION.sub("", words[start:end]))
    if plain in _days():
        return True
    begins = start == 0 or bool(_OPENS.search(words[max(0, start - 3) : start])) or not words[:start].strip()
    return begins and plain in _common()


def _without(words: str, ranges: list[tuple[int, int]]) -> str:
    parts, last = [], 0
    for start, end in ranges:
        parts += [words[last:start], MARK]
        last = end
    text = "".join([*parts, words[last:]])
    # What is left beside "@" is a part of an address.
    return " ".join(MARK if "@" in piece or "://" in piece else piece for piece in text.split(" "))


# ---- what could tell who a person is -----------------------------------------------------------------------


def faceless(words: str) -> str:
    """Withholds the words whole where they tell an age, a sex or an occupation."""
    plain = fold(words)
    return MARK if _traits().search(plain) or _ages().search(plain) else words


@cache
def _data() -> Any:
    return reference.load(reference.data_path("disclosure", "people.yaml"))


@cache
def _particles() -> frozenset[str]:
    return frozenset(_data()["particles"])


@cache
def _traits() -> re.Pattern[str]:
    return pattern(word for words in _data()["occupations"].values() for word in words)


@cache
def _ages() -> re.Pattern[str]:
    after, before = (pattern(_data()[key], plural=False).pattern for key in ("years", "aged"))
    return re.compile(rf"\b[0-9]+ {after}|{before} (?:de )?[0-9]+")


@cache
def _days() -> frozenset[str]:
    classes = [reference.lexicon(language, "dates")["classes"] for language in reference.languages()]
    return frozenset(
        fold(str(word)) for each in classes for name in ("weekday", "month") for word in each.get(name, ())
    )


def _acts(language: str) -> list[str]:
    """Nouns and means of acts, as they begin headlines: "Shells struck …", "Raids on …"."""
    events = reference.lexicon(language, "events")
    listed = [
        *events.get("nouns", ()),
        *(word for words in events.get("means", {}).values() for word in words),
    ]
    return [form for word in listed for form in (str(word), f"{word}s", f"{word}es")]


@cache
def _common() -> frozenset[str]:
    words = set()
    for language in reference.languages():
        words |= {fold(str(word)) for word in reference.lexicon(language, "places").get("common", ())}
        heads = reference.lexicon(language, "parties").get("heads", {})
        listed = [head for each in heads.values() for head in each]
        listed += reference.lexicon(language, "counts").get("numbers", {}).get("words", ())
        listed += _acts(language)
        words |= {part for entry in listed for part in fold(str(entry)).split()}
    return frozenset(words)
