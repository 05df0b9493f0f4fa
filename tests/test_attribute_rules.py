"""Attribute rules answered from memory leave a parse as the pipeline's own rules do."""

from __future__ import annotations

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from tarikh import parsers
from tarikh.extract import attribute_rules, parse

TEXTS = {
    "en": "There's no doubt: soldiers had got into Gao, and they're gonna be back; the US's 3 trucks\n\nwere set on fire, weren't they?",
    "fr": "L'armée n'a pas dit qu'elle s'était retirée ; des soldats\n\nont tué 3 bergers près d'Ayorou, a-t-on appris.",
}


def plain(language: str) -> Language:
    return spacy.load(parsers.model_name(language), exclude=["ner", "senter"])


PLAIN = {language: plain(language) for language in TEXTS}


def told(pipeline: Language, text: str) -> list[tuple[object, ...]]:
    return [(t.text, t.tag_, t.pos_, t.dep_, t.lemma_, str(t.morph), t.head.i) for t in pipeline(text)]


@pytest.mark.parametrize("language", TEXTS)
def test_a_parse_is_the_same(language: str) -> None:
    quick = parse.pipeline(language)
    assert "attribute_ruler" not in quick.pipe_names
    for _ in range(2):  # worked out, then remembered
        assert told(quick, TEXTS[language]) == told(PLAIN[language], TEXTS[language])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.sampled_from([*TEXTS["en"].split(" "), "is", "there", "expl", "\n", "who's", "'s", "got"]),
        max_size=20,
    )
)
def test_any_order_of_words_is_the_same(words: list[str]) -> None:
    text = " ".join(words)
    assert told(parse.pipeline("en"), text) == told(PLAIN["en"], text)


def test_rules_that_look_at_more_are_left_alone() -> None:
    made = spacy.blank("en")
    made.add_pipe("attribute_ruler").add([[{"SHAPE": "Xx"}]], {"POS": "PROPN"})  # type: ignore[attr-defined]
    attribute_rules.remember(made)
    assert made.pipe_names == ["attribute_ruler"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Then terrorists stormed Gao and killed two men.", "Then fighters stormed Gao and killed two men."),
        ("Naa stormed Gao and killed two men.", "Naamaaaaaa stormed Gao and killed two men."),
    ],
)
def test_a_label_does_not_change_the_parse(one: str, other: str) -> None:
    def shape(text: str) -> list[tuple[str, str, int]]:
        return [(t.tag_, t.dep_, t.head.i) for t in parse.pipeline("en")(text)]

    assert shape(one) == shape(other)
    assert [t.text for t in parse.pipeline("en")(one)][1 if "Then" in one else 0] in one
