"""One parsed sentence with everything found in it: parties, places, times, counts. Questions about its tokens.

Invariant: offsets here count from the sentence's start; `Sentence.span` turns them into the report's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tarikh.extract.counts import Toll
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
_NOMINAL = ("NOUN", "PROPN", "PRON", "NUM", "ADJ")


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
        found: set[str] = set()
        hit = self.party_at(token)
        if hit is not None:
            if hit.role in CLASS_OF_ROLE:
                found.add(CLASS_OF_ROLE[hit.role])
            elif hit.name is not None:
                found.add("armed")
        lemma = token.lemma_.lower()
        found |= self.lexicon.classes.get(lemma, frozenset())
        found |= self.lexicon.classes.get(token.lower_, frozenset())
        if not found & {"forces", "armed", "people"} and self.place_at(token) is not None:
            found.add("place")
        if token.pos_ == "PRON" and token.lower_ not in ("it", "this", "that", "which", "what"):
            found.add("people")
        if token.pos_ == "PROPN" and hit is None and not found and self.time_at(token) is None:
            found.add("name")
        if token.pos_ == "NUM" and not found:
            found.add("people")
        if found & {"people"} and found & {"goods", "weapon"} and hit is not None:
            found -= {"goods", "weapon"}
        for child in token.children:  # "five of the soldiers", "a group of villagers", "dozens of cattle"
            if (
                child.dep_ == "prep"
                and child.lower_ in self.lexicon.words["genitive"]
                and (
                    token.pos_ == "NUM"
                    or lemma
                    in ("dozen", "number", "group", "hundred", "score", "member", "head", "one", "convoy")
                )
            ):
                for inner in child.children:
                    if inner.dep_ == "pobj":
                        found |= self.classes_of(inner)
        return found


def conjuncts(token: Token) -> list[Token]:
    """The token and the nouns that stand in a list with it."""
    return [token, *(t for t in token.conjuncts if t.i > token.i and t.pos_ in _NOMINAL)]


def noun_phrase(token: Token) -> tuple[int, int]:
    """Character range of the noun phrase that a token heads, without relative clauses and lists."""
    low, high = token.idx, token.idx + len(token)
    stack = list(token.children)
    while stack:
        child = stack.pop()
        if child.dep_ in ("relcl", "acl", "conj", "cc", "appos", "punct", "advcl", "ccomp", "parataxis"):
            continue
        if child.dep_ == "prep" and child.lower_ not in ("of", "from"):
            continue
        low, high = min(low, child.idx), max(high, child.idx + len(child))
        stack.extend(child.children)
    return low, high


def subject_of(verb: Token, depth: int = 0) -> Token | None:
    """The subject of a verb, its own or inherited from the clause that it hangs on."""
    for child in verb.children:
        if child.dep_ in ("nsubj", "nsubjpass", "csubj"):
            if child.tag_ in ("WDT", "WP") and verb.dep_ == "relcl":
                return verb.head
            return child
    if depth > 3:
        return None
    if verb.dep_ == "relcl" or (verb.dep_ == "acl" and verb.tag_ in ("VBG", "VBN", "VB", "VBD")):
        return verb.head
    if verb.dep_ in ("conj", "xcomp", "advcl", "ccomp", "pcomp") and verb.head.pos_ in ("VERB", "AUX"):
        return subject_of(verb.head, depth + 1)
    if verb.dep_ == "pcomp" and verb.head.dep_ == "prep" and verb.head.head.pos_ in ("VERB", "AUX"):
        return subject_of(verb.head.head, depth + 1)
    return None


def objects_of(verb: Token) -> list[Token]:
    """Direct objects of a verb."""
    return [
        child for child in verb.children if child.dep_ in ("dobj", "dative", "oprd") and child.dep_ != "oprd"
    ]


def prepositional(token: Token, prepositions: frozenset[str]) -> list[Token]:
    """Objects of the token's prepositions of the given words ("by", "on" …)."""
    found: list[Token] = []
    for child in token.children:
        if child.dep_ in ("prep", "agent", "prt") and child.lower_ in prepositions:
            found.extend(inner for inner in child.children if inner.dep_ in ("pobj", "pcomp"))
    return found


def is_passive(verb: Token) -> bool:
    """Whether the verb's grammatical subject is the one that it was done to."""
    if any(child.dep_ in ("nsubjpass", "auxpass") for child in verb.children):
        return True
    if (
        verb.tag_ == "VBN"
        and verb.dep_ == "acl"
        and not any(c.dep_ in ("nsubj", "aux") for c in verb.children)
    ):
        return True  # "villagers killed by …"; not "a statement that its men had killed …"
    if verb.tag_ == "VBN" and verb.dep_ == "conj" and not any(c.dep_ == "aux" for c in verb.children):
        return is_passive(verb.head) and not objects_of(verb)
    return verb.tag_ == "VBN" and any(child.dep_ == "agent" for child in verb.children)
