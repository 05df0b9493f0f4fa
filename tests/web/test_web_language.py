"""Every language says everything, with the same values in it, and no template says anything by itself."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from starlette.requests import Request

from tarikh import reference
from tarikh.model import HARMS, Where
from tarikh.web import language
from tarikh.web.language import texts
from tarikh.web.pages import TEMPLATES
from tarikh.web.wording import Wording

ALL = sorted(language.LANGUAGES)
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
SPOKEN = re.compile(r'\b(?:aria-label|title|placeholder|alt|label)="([^"]*)"')


def _values(entry: language.Entry) -> set[str]:
    forms = [entry] if isinstance(entry, str) else list(entry.values())
    return {name for form in forms for _, name, _, _ in string.Formatter().parse(form) if name}


@pytest.mark.parametrize("code", ALL)
def test_languages_hold_the_same_keys_and_values(code: str) -> None:
    ours, english = language.texts(code).entries, language.texts("en").entries
    assert set(ours) == set(english)
    for key, entry in ours.items():
        assert isinstance(entry, str) == isinstance(english[key], str), key
        assert _values(entry) == _values(english[key]), key
        assert all(form.strip() for form in ([entry] if isinstance(entry, str) else entry.values())), key


@pytest.mark.parametrize("code", ALL)
def test_every_word_of_the_codebook_has_a_text(code: str) -> None:
    texts = language.texts(code)
    for kind in reference.kinds():
        assert texts.has(f"kind.{kind.name}"), kind.name
        assert texts.has(f"family.{kind.family}"), kind.family
    assert all(texts.has(f"field.harm.{what}") for what in HARMS)
    assert len(texts("months").split()) == 12


def test_english_kinds_are_those_of_the_codebook() -> None:
    texts = language.texts("en")
    assert {k.name: texts(f"kind.{k.name}") for k in reference.kinds()} == {
        k.name: k.label for k in reference.kinds()
    }


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda p: p.name)
def test_no_template_speaks_a_language_of_its_own(path: Path) -> None:
    bare = JINJA.sub("", path.read_text(encoding="utf-8"))
    for spoken in SPOKEN.findall(bare):
        assert not re.search(r"[A-Za-z]{2}", spoken), spoken
    text = re.sub(r"<[^>]*>", "\n", re.sub(r'[\w-]+="[^"]*"', "", bare))
    assert not re.search(r"[A-Za-z]{2}", text), re.findall(r".*[A-Za-z]{2}.*", text)


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda p: p.name)
def test_no_template_lets_text_through_or_runs_anything_inline(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(
        r"\|\s*safe|autoescape|Markup|<script(?![^>]*\bsrc=)|<style|\bstyle=|\son\w+=|hx-on|javascript:", text
    )


def test_every_text_that_a_template_names_is_there() -> None:
    known = language.texts("en").entries
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        for key in re.findall(r'(?<![\w.])t(?:\.count)?\("([\w.]+)"[,)]', text):
            assert key in known, f"{path.name}: {key}"


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("fr", "fr"),
        ("fr-CH,en;q=0.5", "fr"),
        ("de,en;q=0.3,fr;q=0.2", "en"),
        ("", "en"),
        (";;q=x,fr;q=nan", "en"),
    ],
)
def test_the_browser_says_which_language(accepted: str, code: str) -> None:
    headers = [(b"accept-language", accepted.encode())]
    assert language.chosen(Request({"type": "http", "headers": headers})).code == code


@pytest.mark.parametrize(
    ("place", "words"), [("Abala", "près d’Abala"), ("Éfoulan", "près d’Éfoulan"), ("Gao", "près de Gao")]
)
def test_french_elides_before_a_vowel(place: str, words: str) -> None:
    where = Where("NER", None, None, place, 14.0, 3.0, "near")
    assert Wording(texts("fr")).place(where) == words
    assert Wording(texts("en")).place(where) == f"near {place}"


def test_french_names_a_country_without_a_preposition() -> None:
    assert Wording(texts("fr")).place(Where("NER", precision="country")) == "Niger, lieu imprécis"
