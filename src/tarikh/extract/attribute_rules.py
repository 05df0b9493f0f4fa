"""A spaCy pipeline's attribute rules, answered from memory.

Invariant: a document comes out as the pipeline's own rules would leave it. Nearly all of these rules look at one token, so what
they make of a token depends on a few of its attributes alone and need be worked out once; matching all rules anew at every token
costs as much as half of the parse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from spacy.language import Language
from spacy.matcher import Matcher
from spacy.tokens import Doc

if TYPE_CHECKING:
    from spacy.pipeline import AttributeRuler
    from spacy.tokens import Token

_SEEN = frozenset({"TAG", "POS", "DEP", "LOWER", "IS_SPACE"})
"""What the rules of one token may look at for its answer to be remembered."""
_MOST = 50_000
"""Answers that are kept: hostile text has words without end."""
_Key = tuple[int, int, int, int, int]
_Answer = tuple[tuple[str, int], ...]


class RememberedRules:
    """The rules of an attribute ruler. Made by `remember`."""

    def __init__(self, ruler: AttributeRuler, long: Matcher) -> None:
        self._ruler = ruler
        self._long = long
        self._answers: dict[_Key, _Answer] = {}

    def __call__(self, doc: Doc) -> Doc:
        if len(self._long) and self._long(doc, allow_missing=True):
            return self._ruler(doc)
        for token in doc:
            morph: Any = token.morph
            key = (token.orth, token.tag, token.pos, token.dep, morph.key)
            answer = self._answers.get(key)
            if answer is None:
                answer = self._alone(token)
                if len(self._answers) < _MOST:
                    self._answers[key] = answer
            for name, value in answer:
                setattr(token, name, value)
        return doc

    def pipe(self, docs: Iterable[Doc], **_: Any) -> Iterator[Doc]:
        """Each document in turn."""
        for doc in docs:
            yield self(doc)

    def _alone(self, token: Token) -> _Answer:
        """What the rules change of a token that stands alone."""
        doc = Doc(token.vocab, words=[token.text], spaces=[False])
        only: Any = doc[0]
        morph: Any = token.morph
        only.tag, only.pos, only.dep = token.tag, token.pos, token.dep
        only.set_morph(morph.key)
        before = {name: get(only) for name, get in _READ.items()}
        self._ruler(doc)
        return tuple((name, get(only)) for name, get in _READ.items() if get(only) != before[name])


_READ: Mapping[str, Callable[[Token], Any]] = {
    "tag": lambda token: token.tag,
    "pos": lambda token: token.pos,
    "dep": lambda token: token.dep,
    "lemma": lambda token: token.lemma,
    "morph": lambda token: token.morph,
}


def _looks_at(pattern: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    return frozenset(name.upper() for token in pattern for name in token)


def remember(pipeline: Language) -> None:
    """Puts remembered rules in the place of a pipeline's attribute ruler, where all its rules of one token allow it."""
    if "attribute_ruler" not in pipeline.pipe_names:
        return
    ruler: Any = pipeline.get_pipe("attribute_ruler")
    patterns = [pattern for rule in ruler.patterns for pattern in rule["patterns"]]
    if not all(_looks_at(p) <= _SEEN for p in patterns if len(p) == 1):
        return
    long = Matcher(pipeline.vocab, validate=False)
    for number, pattern in enumerate(p for p in patterns if len(p) > 1):
        long.add(str(number), [pattern])
    pipeline.add_pipe(_NAME, after="attribute_ruler")
    remembered: Any = pipeline.get_pipe(_NAME)
    remembered.rules = RememberedRules(ruler, long)
    pipeline.disable_pipe("attribute_ruler")


class _Component:
    """The place of the rules in a pipeline, which builds its components before they know of each other."""

    rules: RememberedRules

    def __call__(self, doc: Doc) -> Doc:
        return self.rules(doc)

    def pipe(self, docs: Iterable[Doc], **_: Any) -> Iterator[Doc]:
        return self.rules.pipe(docs)


_NAME = "remembered_rules"


@Language.factory(_NAME)
def _component(nlp: Language, name: str) -> _Component:  # noqa: ARG001 - spaCy calls it by these names
    return _Component()
