"""The party lexicon of a language, compiled: what each word or fixed phrase can be in a party's noun phrase.

Invariant: entries are keyed by folded words, so one machinery serves every language; words are data.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from tarikh import reference
from tarikh.reference import Named, flat


@dataclass(slots=True)
class Entry:
    """What a word or fixed phrase of the lexicon can be; several at once ("army": head and owner)."""

    lemma: str = ""
    role: str | None = None
    loose: bool = False
    thing: str | None = None
    owner: str | None = None
    countries: tuple[str, ...] = ()
    adjective: bool = False
    people: bool = False
    seat: str | None = None
    marks: frozenset[str] = frozenset()


MARKS = (
    "armed_modifiers",
    "unarmed_modifiers",
    "protest_modifiers",
    "former",
    "quantities",
    "determiners",
    "definite",
    "of",
    "and",
    "backed",
    "linked",
    "breaks",
    "modifiers",
    "months",
)
_AGREEING = frozenset(("armed_modifiers", "unarmed_modifiers", "protest_modifiers", "modifiers"))
"""Marks of adjectives, which take the number and gender of their noun where heads come first."""
WORD = re.compile(r"[^\W_]+")
_PARTS = re.compile(r"[^\s'’-]+['’]?")
Key = tuple[str, ...]


class PartyLexicon:
    """The party lexicon of a language: entries by their words, and the longest phrase that each word begins."""

    def __init__(self, language: str) -> None:
        raw = reference.lexicon(language, "parties")
        self._endings = sorted(raw["inflections"].items(), key=lambda row: -len(row[0]))
        self.head_first = raw.get("order") == "first"
        self.lower_adjectives = raw.get("adjectives") == "lower"
        self._uninflected = frozenset(str(word) for word in raw.get("uninflected", ()))
        self._invariable = frozenset(str(word) for word in raw.get("invariable", ()))
        self.entries: dict[Key, Entry] = {}
        self.longest: dict[str, int] = {}
        for role, words in raw["heads"].items():
            self._heads(words, Entry(role=role))
        for role, words in raw["loose"].items():
            self._heads(words, Entry(role=role, loose=True))
        for whose, words in raw["things"].items():
            self._heads(words, Entry(role="thing", loose=True, thing=whose))
        for role, words in raw["owners"].items():
            for word in words:
                for form in self._forms(str(word)) if self.head_first else (word,):
                    self._at(form).owner = role
        for mark in MARKS:
            inflected = mark == "quantities" or (self.head_first and mark in _AGREEING)
            for word in raw[mark]:
                for form in self._forms(str(word)) if inflected else (str(word),):
                    self._at(form).marks |= {mark}
        self._countries(language)
        self._communities()

    def _at(self, words: str) -> Entry:
        key = tuple(WORD.findall(flat(words)))
        self.longest[key[0]] = max(self.longest.get(key[0], 0), len(key))
        return self.entries.setdefault(key, Entry())

    def _forms(self, words: str) -> tuple[str, ...]:
        return self._agreeing(words) if self._uninflected else self._inflected(words)

    def _agreeing(self, words: str) -> tuple[str, ...]:
        """The forms of a phrase whose words agree: "groupe armé", "groupes armés" and, where there is one, the feminine."""
        parts = _PARTS.findall(words)
        cut = next((n for n, part in enumerate(parts) if part in self._uninflected), len(parts))
        rows = [(p,) if p in self._invariable else self._inflected(p) for p in parts[:cut]]
        most = max((len(row) for row in rows), default=1)
        found = []
        for number in range(most):
            head = [row[min(number, len(row) - 1)] for row in rows]
            found.append(" ".join((*head, *parts[cut:])))
            # A noun keeps its gender where its adjective changes: "force armée", "milices armées".
            if number >= 2 and len(rows) > 1:
                found.append(" ".join((rows[0][min(number % 2, len(rows[0]) - 1)], *head[1:], *parts[cut:])))
        return tuple(dict.fromkeys(found))

    def _inflected(self, words: str) -> tuple[str, ...]:
        for ending, others in self._endings:
            if words.endswith(ending):
                stem = words[: len(words) - len(ending)]
                return (words, *(stem + other for other in others))
        return (words,)

    def _heads(self, words: Sequence[str], like: Entry) -> None:
        for word in words:
            for form in self._forms(word):
                entry = self._at(form)
                if entry.role is None:  # the first class wins: heads before loose words before things
                    entry.role, entry.loose, entry.thing, entry.lemma = (
                        like.role,
                        like.loose,
                        like.thing,
                        word,
                    )

    def _countries(self, language: str) -> None:
        for country in reference.countries():
            adjectives = country.adjectives.get(language, ())
            for word in (*country.names, *adjectives):
                entry = self._at(word)
                entry.countries = (*entry.countries, country.iso3)
                entry.adjective = entry.adjective or word in adjectives
                entry.people = word in adjectives and word[:-1] in adjectives
                entry.lemma = entry.lemma or country.name
            for seat in country.seats:
                entry = self._at(seat)
                entry.seat, entry.lemma = country.iso3, seat

    def _communities(self) -> None:
        for community in reference.communities():
            for word in community.words:
                self._at(word).marks |= {"community"}


@cache
def lexicon(language: str) -> PartyLexicon:
    return PartyLexicon(language)


class Words:
    """A string cut into words, with register names and lexicon entries looked up at each."""

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self.flat = flat(text)
        self.lexicon = lexicon(language)
        self.spans = [match.span() for match in WORD.finditer(self.flat)]
        self.words = [self.flat[low:high] for low, high in self.spans]
        names = reference.named(text)
        starts = {low: n for n, (low, _) in enumerate(self.spans)} if names else {}
        ends = {high: n + 1 for n, (_, high) in enumerate(self.spans)} if names else {}
        self.names: dict[int, tuple[int, Named]] = {}
        # Every word is asked for many times over: from its left, from "of" and from itself.
        self._entries: dict[int, tuple[int, Entry] | None] = {}
        for found in names:
            low = starts.get(found.start)
            high = ends.get(found.end, ends.get(found.end - 1))
            if low is not None and high is not None and high > low:
                self.names[low] = (high, found)

    def raw(self, token: int) -> str:
        low, high = self.spans[token]
        return self.text[low:high]

    def entry(self, at: int) -> tuple[int, Entry] | None:
        """The longest lexicon entry at a word, and the word after it."""
        if at not in self._entries:
            longest = self.lexicon.longest.get(self.words[at], 0)
            self._entries[at] = self._longest(at, longest) if longest else None
        return self._entries[at]

    def _longest(self, at: int, longest: int) -> tuple[int, Entry] | None:
        for size in range(min(longest, len(self.words) - at), 0, -1):
            found = self.lexicon.entries.get(tuple(self.words[at : at + size]))
            if found is not None and self._close(at, at + size):
                if "months" in found.marks and self.raw(at)[0].isupper():
                    continue
                if (found.countries or found.seat or "community" in found.marks) and not self._capital(
                    at, found
                ):
                    continue
                return at + size, found
        return None

    def _capital(self, at: int, entry: Entry) -> bool:
        """Whether a proper word is written as one: "Turkey" and "US", not "turkey" and "us"."""
        word = self.raw(at)
        if self.lexicon.lower_adjectives and (entry.adjective or "community" in entry.marks):
            return True
        if len(word) <= 2:
            return word.isupper()
        return word[0].isupper() or (not entry.countries and entry.role is not None) or not word[0].islower()

    def _close(self, low: int, high: int) -> bool:
        return all(self.joined(n) for n in range(low + 1, high))

    def joined(self, token: int) -> bool:
        """Whether only blanks, hyphens, quotes or an abbreviation's point part a word from the one before."""
        left, right = self.spans[token - 1], self.spans[token]
        gap = self.flat[left[1] : right[0]]
        if gap in (" ", "'", ""):
            return True
        if "." in gap:
            return gap.strip() == "." and left[1] - left[0] == 1 and self.raw(token - 1).isupper()
        return len(gap) <= 3 and not gap.strip(" '\"")

    def hyphened(self, token: int) -> bool:
        """Whether a hyphen stands right before a word."""
        low = self.spans[token][0]
        return low > 0 and self.text[low - 1] in "-‐‑–"

    def possessive(self, token: int) -> bool:
        """Whether a word is the ending of a possessive ("s" in "army's")."""
        low, high = self.spans[token]
        return (
            high - low == 1 and low > 0 and self.flat[low - 1] == "'" and low == self.spans[token - 1][1] + 1
        )
