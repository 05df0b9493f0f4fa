"""Whether a report speaks to a program: such a report is not sent, and nothing is quoted from a sentence that orders.

Invariant: this only ever refuses. Wording that it does not know is met by the checks of each quote (docs/language-model.md).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from tarikh import reference
from tarikh.extract.scene import Scene
from tarikh.model import Report
from tarikh.text import fold, one_line

if TYPE_CHECKING:
    from spacy.tokens import Token

_CLAUSE = re.compile(r"[.!?:;,\n()\[\]\"«»“”—–]+")
_REACH = 7
"""Words behind the verb in which its object is looked for."""


@cache
def _words() -> Mapping[str, Any]:
    raw: dict[str, Any] = reference.load(reference.data_path("llm", "instructions.yaml"))
    return {name: tuple(map(str, rows)) for name, rows in raw.items()}


def speaks_to_program(report: Report) -> str | None:
    """The words by which a report speaks to a program, or None."""
    words = _words()
    for text in (report.title, report.text):
        for mark in words["marks"]:
            if mark in text:
                return str(mark)
        for clause in _CLAUSE.split(text):
            if _request(clause, words):
                return one_line(clause, 80)
    return None


def _request(clause: str, words: Mapping[str, Any]) -> bool:
    folded = fold(clause)
    if not folded:
        return False
    if any(f" {phrase} " in f" {folded} " for phrase in words["phrases"]):
        return True
    said = folded.split()
    while said and said[0] in words["fillers"]:
        said.pop(0)
    return (
        bool(said)
        and said[0] in words["verbs"]
        and not set(words["objects"]).isdisjoint(said[1 : 1 + _REACH])
    )


def orders(scene: Scene) -> bool:
    """Whether a sentence of the text orders somebody to do something, or speaks to a reader: its main verb, or its first word, is
    an imperative or a request, or its subject is who is spoken to."""
    if scene.sentence.part == "title":
        return False  # headlines leave subjects out
    words = _words()
    said = [t for t in scene.doc if not t.is_punct and not t.is_space]
    while said and fold(said[0].text) in words["fillers"]:
        said.pop(0)
    if not said:
        return False
    roots = [t for t in said if t.head is t]
    return (
        any(_imperative(scene, token) for token in (*roots, said[0]))
        or (fold(said[0].text) in words["requests"] and len(said) > 1 and said[1].pos_ not in ("VERB", "AUX"))
        or any(_spoken_to(scene, root, words["person"]) for root in roots)
    )


def _imperative(scene: Scene, token: Token) -> bool:
    grammar = scene.grammar
    bare = not grammar.any_child(
        token, "subject", "passive_subject", "auxiliary", "passive_auxiliary", "marker"
    )
    return grammar.marked(token, "imperative") and bare


def _spoken_to(scene: Scene, root: Token, person: Collection[str]) -> bool:
    subject = scene.grammar.subject_of(root)
    if subject is None:
        return False
    return any(fold(t.text) in person for t in (subject, *subject.children))
