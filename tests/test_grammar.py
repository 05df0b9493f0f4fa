"""Relations of a parse in words of grammar: two parsers with other labels must answer alike."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from spacy.tokens import Token

import tarikh.extract
from conftest import needs_spanish
from tarikh import reference
from tarikh.extract import grammar as grammar_module
from tarikh.extract.grammar import Grammar
from test_triggers import scene

EXTRACT = Path(tarikh.extract.__file__).parent
ASKING = ("scene", "triggers", "reality", "grouping", "attribution", "roles", "aspect", "kinds", "grammar")


def parsed(text: str, language: str, verb: str) -> tuple[Grammar, Token]:
    """The grammar and the token of a word."""
    here = scene(text, language)
    return here.grammar, next(t for t in here.doc if t.text == verb)


TWINS = [
    ("Rebels attacked the village.", "en", "attacked", ("Rebels", ["village"], False)),
    ("Les rebelles ont attaqué le village.", "fr", "attaqué", ("rebelles", ["village"], False)),
    ("The village was attacked by rebels.", "en", "attacked", ("village", [], True)),
    ("Le village a été attaqué par les rebelles.", "fr", "attaqué", ("village", [], True)),
    ("Les rebelles se sont emparés de la ville.", "fr", "emparés", ("rebelles", [], False)),
    pytest.param(
        *("Los rebeldes atacaron la aldea.", "es", "atacaron", ("rebeldes", ["aldea"], False)),
        marks=needs_spanish,
    ),
    pytest.param(
        *("La aldea fue atacada por los rebeldes.", "es", "atacada", ("aldea", [], True)),
        marks=needs_spanish,
    ),
    pytest.param(
        *("Los rebeldes se llevaron a cinco mujeres.", "es", "llevaron", ("rebeldes", ["mujeres"], False)),
        marks=needs_spanish,
    ),
]


@pytest.mark.parametrize(("text", "language", "verb", "expected"), TWINS)
def test_subject_object_and_voice(
    text: str, language: str, verb: str, expected: tuple[str, list[str], bool]
) -> None:
    grammar, token = parsed(text, language, verb)
    subject = grammar.subject_of(token)
    assert subject is not None
    objects = [t.text for t in grammar.objects_of(token)]
    assert (subject.text, objects, grammar.is_passive(token)) == expected


@pytest.mark.parametrize(
    ("text", "language", "word", "prepositions", "expected"),
    [
        ("The village was attacked by rebels.", "en", "attacked", {"by"}, ["rebels"]),
        ("Le village a été attaqué par des rebelles.", "fr", "attaqué", {"par"}, ["rebelles"]),
        ("The fall of the town was swift.", "en", "fall", {"of"}, ["town"]),
        ("La chute de la ville a été rapide.", "fr", "chute", {"de"}, ["ville"]),
        ("The fall of the town was swift.", "en", "fall", {"by"}, []),
        ("La chute de la ville a été rapide.", "fr", "chute", {"par"}, []),
    ],
)
def test_nouns_by_their_preposition(
    text: str, language: str, word: str, prepositions: set[str], expected: list[str]
) -> None:
    grammar, token = parsed(text, language, word)
    assert [t.text for t in grammar.prepositional(token, frozenset(prepositions))] == expected


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_relation_and_mark_that_code_asks_for_is_named_by_the_language(language: str) -> None:
    """A relation that a language does not name would never hold, in silence."""
    raw = reference.lexicon(language, "events")["grammar"]
    code = "\n".join((EXTRACT / f"{name}.py").read_text(encoding="utf-8") for name in ASKING)
    marks = set(re.findall(r'marked\([^()]+, "(\w+)"\)', code))
    relations = set(
        re.findall(r'"(\w+)"', " ".join(re.findall(r"\.(?:has|children|any_child)\(([^()]*)\)", code)))
    )
    assert marks
    assert relations
    assert marks <= set(raw["marks"])
    assert relations <= set(raw["relations"])
    named = {
        name
        for group in (
            grammar_module.SUBJECT,
            grammar_module.LINK,
            grammar_module.HUNG,
            grammar_module.NOT_IN_PHRASE,
        )
        for name in group
    }
    assert named <= set(raw["relations"])


def test_both_languages_name_the_same_relations() -> None:
    blocks = [reference.lexicon(language, "events")["grammar"] for language in ("en", "fr")]
    for part in ("relations", "marks", "words"):
        assert set(blocks[0][part]) == set(blocks[1][part])


@pytest.mark.parametrize("name", ASKING)
def test_no_label_of_a_parser_stands_in_code(name: str) -> None:
    code = (EXTRACT / f"{name}.py").read_text(encoding="utf-8")
    labels = r'"(?:nsubj|nsubjpass|dobj|pobj|pcomp|relcl|acl|ccomp|xcomp|advcl|amod|nmod|auxpass|NNS|VBN|VBZ|obl:\w+)"'
    assert not re.findall(labels, code)
    if name != "grammar":
        assert ".dep_" not in code
        assert ".tag_" not in code
