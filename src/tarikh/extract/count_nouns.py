"""How many a noun phrase names: the number that hangs on it, the number after "of", or one for a singular.

Invariant: a number belongs to one noun, and a plural without a number names nobody.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from tarikh.extract import numbers
from tarikh.extract.count_words import Lexicon
from tarikh.extract.numbers import Number
from tarikh.model import Count

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

Quantity = tuple[Count, tuple[int, int], "Token"]
"""A count, the character offsets of the words that carry it, and the noun that it belongs to."""


class Nouns:
    """The noun phrases of one parsed sentence. `lower` holds its words in lower case."""

    def __init__(
        self, doc: Doc, lower: list[str], lex: Lexicon, found: tuple[Number, ...], language: str
    ) -> None:
        self.doc, self.lower, self.lex, self.language = doc, lower, lex, language
        self.words, self.g = lex.words, lex.grammar
        self.number_of: dict[int, Number] = {}
        self.owner_of: dict[Number, Token] = {}
        self.inside: dict[int, Number] = {}
        self.starts = [t.idx for t in doc] if found else []
        for number in found:
            self._hang(number)

    def _hang(self, number: Number) -> None:
        low, high = bisect_left(self.starts, number.start), bisect_left(self.starts, number.end)
        within = list(self.doc[low:high])
        core = [t for t in within if number.core <= t.idx < number.core_end]
        if not core:
            return
        for token in within:
            self.inside[token.i] = number
        members = {t.i for t in within}
        owner = next((t for t in core if t.head.i not in members), core[-1])
        for _ in range(6):
            head = owner.head
            follows = within[-1].i < head.i <= within[-1].i + 8
            if (head.i in members and head is not owner) or (
                owner.dep_ in self.g["number"] and follows and not self.breaks(within[-1].i + 1, head.i)
            ):
                owner = head
            else:
                break
        if (following := self._harmed(within[-1].i + 1)) is not None:
            owner = following
        elif owner.i <= within[-1].i:
            owner = self._run_on(within[-1].i) or owner
        self.owner_of[number] = owner
        self.number_of.setdefault(owner.i, number)

    def _harmed(self, at: int) -> Token | None:
        """The word of harm right after a number that it counts ("et de 20 blessés"), whatever the parser hung the number on."""
        if not self.g["behind"] or at >= len(self.doc) or self.lower[at] not in self.lex.cues:
            return None
        tag = self.lex.tag(self.doc[at])
        return self.doc[at] if tag in self.g["plural"] | self.g["singular"] | self.g["past"] else None

    def _run_on(self, last: int) -> Token | None:
        """The plural that closes the words right after a number, where the parser hung the number elsewhere."""
        for token in self.doc[last + 1 : last + 5]:
            if self.lower[token.i] in self.words["quotes"]:
                continue
            if self.lex.tag(token) in self.g["plural"] or self.lower[token.i] in self.words["people"]:
                return token
            if self.lex.tag(token) not in self.g["noun_run"] and (
                self.lex.tag(token) not in self.g["conjunction"] or self.breaks(token.i, token.i + 1)
            ):
                break
        return None

    def breaks(self, low: int, high: int) -> bool:
        def joins(i: int) -> bool:
            return (
                i + 1 < len(self.doc)
                and self.lex.tag(self.doc[i - 1]) in self.g["adjective"]
                and self.lex.tag(self.doc[i + 1]) in self.g["adjective"]
            )

        return any(
            self.lower[i] in (",", ";", ":")
            or (self.lex.tag(self.doc[i]) in self.g["conjunction"] and not joins(i))
            for i in range(low, high)
        )

    def of(self, token: Token) -> list[Token]:
        """What stands after "of" under a token."""
        return self.lex.of(token, self.lower)

    def resolved(self, token: Token) -> Token:
        """A relative pronoun's noun; the noun itself else."""
        if self.lower[token.i] in self.words["relative"]:
            for above in (token.head, token.head.head, token.head.head.head):
                if above.dep_ in self.g["relative"]:
                    return above.head
        return self._whole(token) or token

    def _whole(self, token: Token) -> Token | None:
        """The noun before an aside that names some of its people, where the parser took these for the subject.

        "Cinq personnes, dont deux enfants, ont été tuées": the five.
        """
        if not self.g["behind"]:
            return None
        for at in range(token.i - 1, max(-1, token.i - 9), -1):
            if self.lex.phrase_at("subset", self.lower, at) is None:
                continue
            before = [t for t in self.owner_of.values() if at - 9 <= t.i < at]
            clause = self.lower[before[-1].i : at] if before else []
            return max(before, key=lambda t: t.i) if before and ";" not in clause else None
        return None

    def enumerated(self, token: Token) -> list[Token]:
        """The counted noun that "et" joins to a subject, where the parser left it outside: "trois rangers et leur chauffeur"."""
        at = token.left_edge.i - 1
        if not self.g["behind"] or at < 1 or self.lex.tag(self.doc[at]) not in self.g["conjunction"]:
            return []
        before = [t for t in self.owner_of.values() if at - 5 <= t.i < at]
        owner = max(before, key=lambda t: t.i, default=None)
        if owner is None or self.lex.tag(owner.head) in self.g["verb"] or owner.head is token:
            return []
        return [] if self.breaks(owner.i + 1, at) else [owner]

    def conjuncts(self, token: Token) -> list[Token]:
        found, queue = [token], [token]
        while queue and len(found) < 12:
            for child in queue.pop().children:
                if (
                    child.dep_ in self.g["conjunct"]
                    and self.lex.tag(child) not in self.g["verb"]
                    and child.i > token.i
                ):
                    found.append(child)
                    queue.append(child)
        return found

    def doubtful(self, token: Token, number: tuple[int, int], joined: bool) -> bool:
        """A singular after a noun of harm counts only as a person ("the murder of a priest", not "of Tuesday")."""
        if token.i in self.inside or number != (token.idx, token.idx + len(token)):
            return False
        word = self.lower[token.i]
        article = any(c.dep_ in self.g["article_only"] for c in token.children)
        return joined or not (
            word in self.words["people"]
            or word in self.words["civilians"]
            or (article and self.lex.tag(token) not in self.g["name"])
        )

    def quantity(self, token: Token) -> Quantity | None:
        """How many a noun phrase names: its number, the number after "of", or one for a singular."""
        number = self.number_of.get(token.i) or self.inside.get(token.i)
        if number is not None:
            return number.count(), (number.start, number.end), token
        rank = self.rank(token)
        if rank is not None:
            return rank
        if self.lower[token.i] in self.words["group_nouns"] or self.lex.tag(token) in self.g["plural"]:
            for inner in self.of(token):
                got = self.quantity(inner) if inner.i > token.i else None
                if got is not None:
                    return got
        return self._single(token)

    def rank(self, token: Token) -> Quantity | None:
        """ "A third man died": the dead are three."""
        for child in token.children:
            value = numbers.ordinal(child.text, self.language) if child.dep_ in self.g["number"] else None
            if value is not None and any(
                c.i < child.i and self.lower[c.i] in self.words["an"] for c in token.children
            ):
                return Count(value, value, value), (child.idx, child.idx + len(child)), token
        return None

    def _single(self, token: Token) -> Quantity | None:
        word = self.lower[token.i]
        one = (Count(1, 1, 1), (token.idx, token.idx + len(token)), token)
        if word in self.words["pronouns"]:
            return one
        nobody = self.words["zero_people"] | (
            self.words["zero_indefinite"] if not self._led(token) else frozenset()
        )
        barred = word in self.words["collective"] or word in nobody
        if self.lex.tag(token) not in self.g["singular"] or barred:
            return None
        near = [c for c in token.children if c.i < token.i]
        # "The second man" is one of those already told; "no man" is nobody.
        if any(
            self.lower[c.i] in self.words["zero_words"] or numbers.ordinal(c.text, self.language)
            for c in near
        ):
            return None
        if word in self.words["people"] or word in self.words["civilians"]:
            return one
        if self.lex.tag(token) in self.g["name"]:
            return one if self._is_person(near) else None
        return one if any(c.dep_ in self.g["article"] for c in near) else None

    def _led(self, token: Token) -> bool:
        """Whether an article or number stands before a noun: "une personne", not "personne"."""
        return any(c.i < token.i and c.dep_ in self.g["article"] for c in token.children)

    def _is_person(self, near: list[Token]) -> bool:
        """Whether a proper name can be a person's: of two words or more, and without an article."""
        named = any(c.dep_ in self.g["compound"] for c in near)
        return named and not any(c.dep_ in self.g["article_only"] for c in near)
