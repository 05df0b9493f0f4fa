"""What the rules ask of a parse, in words of grammar instead of a parser's labels. The labels are data (`grammar` in events.yaml).

Invariant: no dependency label, tag or word of a language stands in code outside the lexicons; a new parser is a new table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spacy.tokens import Token

SUBJECT = ("subject", "passive_subject")
CLAUSE_SUBJECT = (*SUBJECT, "clause_subject")
LINK = ("preposition", "agent", "particle")
"""Where a parser hangs a noun on its preposition: what the preposition hangs with."""
HUNG = ("oblique", "agent_noun", "noun_modifier", "indirect_object")
"""Where a parser hangs the preposition on its noun: what the noun hangs with."""
NOT_IN_PHRASE = (
    *("relative", "noun_clause", "conjunct", "coordinator", "apposition"),
    *("punctuation", "adverbial_clause", "complement", "parataxis"),
)
_INHERITS = ("conjunct", "open_complement", "adverbial_clause", "complement", "preposition_clause")
_NOMINAL = ("NOUN", "PROPN", "PRON", "NUM", "ADJ")
_VERBAL = ("VERB", "AUX")

Mark = tuple[tuple[tuple[str, str], ...], ...]
"""Alternatives, each a list of features with their values; the feature "" is the tag."""


def _mark(entries: Any) -> Mark:
    return tuple(
        tuple((f, v) for f, _, v in (part.rpartition("=") for part in str(entry).split("|")))
        for entry in entries
    )


@dataclass(frozen=True, slots=True)
class _Narrowed:
    """What a label means on some tokens only: of this form or lemma, with this feature, or tied by this word."""

    sort: str
    value: str
    relations: frozenset[str]

    def fits(self, token: Token, grammar: Grammar) -> bool:
        """Whether the token is one of those."""
        if self.sort == "word":
            return self.value in (token.lower_, token.lemma_.lower())
        if self.sort == "tie":
            return any(case.lower_ == self.value for case in grammar.children(token, "case"))
        return self.value in token.morph.get(self.sort, [])


def _narrowed(condition: str, relations: Iterable[str]) -> _Narrowed:
    feature, _, value = condition.rpartition("=")
    sort = feature or ("tie" if condition.startswith("+") else "word")
    return _Narrowed(sort, value.removeprefix("+"), frozenset(relations))


@dataclass(frozen=True, slots=True)
class Grammar:
    """A parser's labels as relations, its tags and features as marks, and the words that only grammar needs."""

    relations: Mapping[str, frozenset[str]]
    narrowed: Mapping[str, tuple[_Narrowed, ...]]
    marks: Mapping[str, Mark]
    words: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Grammar:
        """The grammar of a lexicon: relation → labels, `marks`: mark → tags or features, `words`: lists.

        A label may bear a condition, for parsers that label by less than the rules ask: "aux ser" (form or lemma),
        "amod VerbForm=Part" (a feature), "obl +por" (tied by this word). The first that fits counts, instead of the bare label.
        """
        relations: dict[str, set[str]] = defaultdict(set)
        for name, labels in raw["relations"].items():
            for label in labels:
                relations[str(label)].add(str(name))
        narrowed: dict[str, list[_Narrowed]] = defaultdict(list)
        for entry, names in relations.items():
            label, _, condition = entry.partition(" ")
            if condition:
                narrowed[label].append(_narrowed(condition, names))
        return cls(
            {label: frozenset(names) for label, names in relations.items() if " " not in label},
            {label: tuple(rows) for label, rows in narrowed.items()},
            {str(name): _mark(entries) for name, entries in raw["marks"].items()},
            {str(name): frozenset(map(str, words)) for name, words in raw["words"].items()},
        )

    def has(self, token: Token, *relations: str) -> bool:
        """Whether the token hangs on its head with one of these relations."""
        return not self._relations(token).isdisjoint(relations)

    def _relations(self, token: Token) -> frozenset[str]:
        for row in self.narrowed.get(token.dep_, ()):
            if row.fits(token, self):
                return row.relations
        return self.relations.get(token.dep_, frozenset())

    def marked(self, token: Token, mark: str) -> bool:
        """Whether the token bears one of the mark's tags or sets of features."""
        return any(
            all(
                value in token.morph.get(feature, []) if feature else value == token.tag_
                for feature, value in features
            )
            for features in self.marks[mark]
        )

    def children(self, token: Token, *relations: str) -> Iterator[Token]:
        """The token's dependents of these relations."""
        return (child for child in token.children if self.has(child, *relations))

    def any_child(self, token: Token, *relations: str) -> bool:
        """Whether the token has a dependent of one of these relations."""
        return any(True for _ in self.children(token, *relations))

    # ---- prepositions --------------------------------------------------------------------------------------

    def prepositions(self, noun: Token) -> set[str]:
        """The word that ties a noun to what it hangs on, by form and lemma, alone and with those fixed to it."""
        if self.has(noun, "preposition_object", "preposition_clause"):
            return {noun.head.lower_}
        found: set[str] = set()
        for case in self.children(noun, "case"):
            whole = " ".join(t.lower_ for t in (case, *self.children(case, "fixed")))
            found |= {case.lower_, case.lemma_.lower(), whole}
        return found

    def behind(self, preposition: Token) -> list[Token]:
        """The nouns that a preposition ties."""
        if self.has(preposition, "case"):
            return [preposition.head]
        return list(self.children(preposition, "preposition_object"))

    def prepositional(self, token: Token, prepositions: frozenset[str]) -> list[Token]:
        """Nouns that hang on the token by a preposition of the given words ("by", "on" …)."""
        found: list[Token] = []
        for child in token.children:
            if self.has(child, *LINK) and child.lower_ in prepositions:
                found.extend(self.children(child, "preposition_object", "preposition_clause"))
            elif self.has(child, *HUNG) and self.prepositions(child) & prepositions:
                found.append(child)
        return found

    def governor(self, noun: Token) -> Token:
        """What a noun hangs on, over its preposition where that stands between."""
        return noun.head.head if self.has(noun, "preposition_object") else noun.head

    def conditional(self, verb: Token) -> bool:
        """Whether a verb says what would happen; by its spelling too, for taggers take it for the past: "attaquerait"."""
        stem = verb.lemma_.lower().removesuffix("e")
        spelled = any(verb.lower_ == stem + ending for ending in self.words["conditional_endings"])
        return spelled or self.marked(verb, "conditional")

    # ---- verbs ---------------------------------------------------------------------------------------------

    def subject_of(self, verb: Token, depth: int = 0) -> Token | None:
        """The subject of a verb, its own or inherited from the clause that it hangs on."""
        for child in self.children(verb, *CLAUSE_SUBJECT):
            if self.marked(child, "relative_pronoun") and self.has(verb, "relative"):
                return verb.head
            return child
        if depth > 3:
            return None
        if self.has(verb, "relative") or (self.has(verb, "noun_clause") and self.marked(verb, "clause_verb")):
            return verb.head
        if self.has(verb, *_INHERITS) and verb.head.pos_ in _VERBAL:
            return self.subject_of(verb.head, depth + 1)
        over = verb.head
        if (
            self.has(verb, "preposition_clause")
            and self.has(over, "preposition")
            and over.head.pos_ in _VERBAL
        ):
            return self.subject_of(over.head, depth + 1)
        return None

    def objects_of(self, verb: Token) -> list[Token]:
        """Direct objects of a verb; a second subject behind it is one that the parser took for another: "castigó Ayo"."""
        objects = list(self.children(verb, "object", "second_object"))
        subjects = [] if objects else list(self.children(verb, "subject"))
        twice = len(subjects) > 1 and subjects[0].i < verb.i and not self.is_passive(verb)
        return [s for s in subjects if s.i > verb.i] if twice else objects

    def is_passive(self, verb: Token) -> bool:
        """Whether the verb's grammatical subject is the one that it was done to."""
        if verb.lemma_.lower() in self.words["never_passive"]:
            return False
        if self.any_child(verb, "reflexive"):
            return self.caused(verb)  # "se sont emparés" did it, "se sont fait enlever" suffered it
        if self.any_child(verb, "passive_subject", "passive_auxiliary"):
            return True
        if not self.marked(verb, "participle"):
            return False
        if self.has(verb, "noun_clause") and not self.any_child(verb, "subject", "auxiliary"):
            return True  # "villagers killed by …"; not "a statement that its men had killed …"
        if self.has(verb, "conjunct") and not self.any_child(verb, "auxiliary"):
            return self.is_passive(verb.head) and not self.objects_of(verb)
        return self.any_child(verb, "agent", "agent_noun") and not self.any_child(verb, "auxiliary")

    def caused(self, verb: Token) -> bool:
        """Whether the subject had it done to itself: "se sont fait enlever"."""
        helping = self.children(verb, "helping_verb")
        return self.any_child(verb, "reflexive") and any(
            c.lemma_.lower() in self.words["causative"] for c in helping
        )

    # ---- nouns ---------------------------------------------------------------------------------------------

    def conjuncts(self, token: Token) -> list[Token]:
        """The token and the nouns that stand in a list with it."""
        return [token, *(t for t in token.conjuncts if t.i > token.i and t.pos_ in _NOMINAL)]

    def noun_phrase(self, token: Token) -> tuple[int, int]:
        """Character range of the noun phrase that a token heads, without relative clauses and lists."""
        low, high = token.idx, token.idx + len(token)
        stack = list(token.children)
        while stack:
            child = stack.pop()
            if self.has(child, *NOT_IN_PHRASE) or self._loose(child):
                continue
            low, high = min(low, child.idx), max(high, child.idx + len(child))
            stack.extend(child.children)
        return low, high

    def _loose(self, child: Token) -> bool:
        """Whether a phrase with a preposition is told of the noun and no part of it: "soldiers near Gao"."""
        if self.has(child, "preposition"):
            return child.lower_ not in self.words["phrase_prepositions"]
        own = self.prepositions(child) if self.has(child, *HUNG) else set()
        return bool(own) and not own & self.words["phrase_prepositions"]
