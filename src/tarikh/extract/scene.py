"""One parsed sentence with everything found in it: parties, places, times, counts. Questions about its tokens.

Invariant: offsets here count from the sentence's start; `Sentence.span` turns them into the report's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tarikh.extract.counts import Toll
from tarikh.extract.grammar import Grammar
from tarikh.extract.lexicon import EventLexicon
from tarikh.extract.parties import PartyHit
from tarikh.extract.sentences import Sentence
from tarikh.extract.times import TimePhrase
from tarikh.model import Phrase, Span

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

CLASS_OF_ROLE = {
    "military": "forces",
    "police": "forces",
    "peacekeepers": "forces",
    "armed": "armed",
    "militia": "armed",
    "faction": "forces",
    "civilians": "people",
    "aid_workers": "people",
    "government": "people",
    "protesters": "protesters",
    "rioters": "protesters",
}


@dataclass(frozen=True, slots=True)
class Scene:
    """A sentence, its parse, and what the finders found in it."""

    sentence: Sentence
    doc: Doc
    lexicon: EventLexicon
    language: str
    parties: tuple[PartyHit, ...]
    places: tuple[Phrase, ...]
    times: tuple[TimePhrase, ...]
    tolls: tuple[Toll, ...]

    @property
    def grammar(self) -> Grammar:
        """How the labels of the sentence's parse are read."""
        return self.lexicon.grammar

    def span(self, start: int, end: int) -> Span:
        """The report's span of sentence offsets."""
        return self.sentence.span(start, end)

    def local(self, span: Span) -> tuple[int, int]:
        """Sentence offsets of a report span."""
        return span.start - self.sentence.start, span.end - self.sentence.start

    def party_at(self, token: Token) -> PartyHit | None:
        """The party hit whose characters hold the token."""
        for hit in self.parties:
            if hit.start <= token.idx < hit.end:
                return hit
        return None

    def party_within(self, start: int, end: int) -> Iterator[PartyHit]:
        """Party hits that begin within these offsets."""
        return (hit for hit in self.parties if start <= hit.start < end)

    def place_at(self, token: Token) -> Phrase | None:
        """The place phrase whose characters hold the token."""
        for phrase in self.places:
            low, high = self.local(phrase.spans[0])
            if low <= token.idx < high:
                return phrase
        return None

    def time_at(self, token: Token) -> TimePhrase | None:
        """The time phrase whose characters hold the token."""
        for time in self.times:
            low, high = self.local(time.phrase.spans[0])
            if low <= token.idx < high:
                return time
        return None

    def classes_of(self, token: Token) -> set[str]:
        """The object classes of a noun phrase by its head: party roles, places, common nouns."""
        found = self._party_class(token)
        found |= self.lexicon.classes.get(token.lemma_.lower(), frozenset())
        found |= self.lexicon.classes.get(token.lower_, frozenset())
        if not found & {"forces", "armed", "people"} and self.place_at(token) is not None:
            found.add("place")
        if token.pos_ == "PRON" and token.lower_ not in self.grammar.words["things"]:
            found.add("people")
        if not found and token.pos_ == "PROPN" and not self.party_at(token) and not self.time_at(token):
            found.add("name")
        if token.pos_ == "NUM" and not found:
            found.add("people")
        if "people" in found and self.party_at(token) is not None:
            found -= {"goods", "weapon"}
        return found | self._counted_classes(token)

    def _party_class(self, token: Token) -> set[str]:
        hit = self.party_at(token)
        if hit is None:
            return set()
        if hit.role in CLASS_OF_ROLE:
            return {CLASS_OF_ROLE[hit.role]}
        return {"armed"} if hit.name is not None else set()

    def _counted_classes(self, token: Token) -> set[str]:
        """The classes of what a number or a counting noun counts: "five of the soldiers", "dozens of cattle"."""
        if token.pos_ != "NUM" and token.lemma_.lower() not in self.grammar.words["counting_nouns"]:
            return set()
        counted = self.grammar.prepositional(token, self.lexicon.words["genitive"])
        return set().union(*(self.classes_of(inner) for inner in counted))
