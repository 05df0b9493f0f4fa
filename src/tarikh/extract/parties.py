"""Party phrases in a raw string: register names and the noun phrases of the lexicon, with role, nationality and owner.

Invariant: hits never overlap and stand in the order of the text; `text` is exactly the string between `start` and `end`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tarikh.extract.noun_phrases import NounPhrases, PartyHit, Reading

__all__ = ["PartyHit", "classify", "coordinated", "find"]


def _shared_role(text: NounPhrases, readings: Sequence[Reading]) -> Iterator[Reading]:
    """Readings with the role of the last for bare nationalities before it: "Malian and Russian soldiers"."""
    for number, reading in enumerate(readings):
        if text.lexicon.head_first:
            _share_behind(text, reading, readings[number - 1] if number else None)
        elif reading.bare and reading.role == "government" and number + 1 < len(readings):
            other = readings[number + 1]
            if not other.bare and _and_between(text, reading.high, other.low):
                reading.role, reading.loose, reading.bare, reading.lemma = (
                    other.role,
                    other.loose,
                    False,
                    other.lemma,
                )
                reading.owned = True
        yield reading


def _share_behind(text: NounPhrases, reading: Reading, before: Reading | None) -> None:
    """The role of the phrase before for a bare nationality: "des soldats maliens et russes"."""
    if before is None or before.bare or not reading.bare or reading.role != "government":
        return
    if text.raw(reading.head)[0].islower() and _and_between(text, before.high, reading.low):
        reading.role, reading.loose, reading.bare = before.role, before.loose, False
        reading.lemma, reading.owned = before.lemma, True


def _worth_finding(reading: Reading) -> bool:
    """Whether a phrase speaks of a party without its sentence: not a bare country, bridge or office."""
    if reading.name is not None or reading.owned:
        return True
    if reading.bare or (reading.quantity and reading.role == "civilians" and not reading.lemma):
        return reading.bare and reading.role == "civilians"
    if reading.role == "thing":
        return reading.nationality is not None
    return not (reading.loose and reading.role in ("government", "police"))


def find(text: str, language: str) -> tuple[PartyHit, ...]:
    """Every party phrase in a string, in order, nested ones merged into the longest.

    Raises `MissingError` where the language has no party lexicon.
    """
    words = NounPhrases(text, language)
    return tuple(
        words.hit(reading)
        for reading in _shared_role(words, list(words.readings()))
        if _worth_finding(reading)
    )


def coordinated(words: str, language: str) -> tuple[PartyHit, ...]:
    """The parties of a noun phrase with "and" in it: "soldiers and volunteers" gives two."""
    text = NounPhrases(words, language)
    found: list[PartyHit] = []
    last: Reading | None = None
    for reading in _shared_role(text, list(text.readings())):
        if last is not None and not _and_between(text, last.high, reading.low):
            break
        found.append(text.hit(reading))
        last = reading
    return tuple(found)


def _and_between(text: NounPhrases, low: int, high: int) -> bool:
    """Whether only "and", a comma or a possessive part two phrases."""
    token = low
    while token < high:
        found = text.entry(token)
        joins = found is not None and "and" in found[1].marks
        if not joins and not text.possessive(token):
            return False
        token = found[0] if joins and found is not None else token + 1
    gap = text.flat[text.spans[low - 1][1] : text.spans[high][0]]
    return low < high or "," in gap


def classify(words: str, language: str) -> PartyHit | None:
    """The best single reading of a short noun phrase: its first party, or the name that explains it."""
    text = NounPhrases(words, language)
    readings = list(text.readings())
    if not readings:
        return None
    first = readings[0]
    for other in readings[1:]:  # "militiamen, the so-called Wazalendo"
        if (
            first.name is None
            and first.role in ("armed", "militia")
            and other.name is not None
            and other.role is None
        ):
            return replace(
                text.hit(first),
                name=other.name,
                end=text.hit(other).end,
                text=words[text.hit(first).start : text.hit(other).end],
            )
    return text.hit(first)
