"""The Spanish lexicons read words of time, parties and tolls, in sentences made for these tests."""

from __future__ import annotations

import warnings
from datetime import date
from functools import cache

import pytest
import spacy

from conftest import needs_spanish
from tarikh import parsers
from tarikh.extract import numbers, parties, times
from tarikh.extract.counts import find
from tarikh.extract.sentences import Sentence
from tarikh.model import Report
from tarikh.resolve import dates


@cache
def _parser() -> spacy.language.Language:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"\[W095\]")  # a model of an older spaCy
        return spacy.load(parsers.model_name("es"), exclude=["ner"])


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ("el martes pasado", "2024-05-07", "2024-05-07"),
        ("en la noche del viernes al sábado", "2024-05-03", "2024-05-04"),
        ("en la madrugada del miércoles", "2024-05-08", "2024-05-08"),
        ("a mediados de junio", "2023-06-11", "2023-06-20"),
        ("el fin de semana pasado", "2024-05-04", "2024-05-05"),
        ("hace diez días", "2024-04-30", "2024-04-30"),
        ("el 3 de mayo de 2024", "2024-05-03", "2024-05-03"),
        ("anoche", "2024-05-09", "2024-05-09"),
        ("desde el lunes", "2024-05-06", "2024-05-10"),
    ],
)
def test_words_become_days(words: str, start: str, end: str) -> None:
    report = Report("r", "", f"El puente fue volado {words}.", "es", date(2024, 5, 10))
    context = dates.context(report, times.find(report, "es"))
    assert [t.phrase.text for t in context.times] == [words]
    assert [(str(w.start), str(w.end)) for w in context.resolved] == [(start, end)]


@pytest.mark.parametrize(
    ("text", "role", "nationality", "name"),
    [
        ("soldados colombianos", "military", "COL", None),
        ("tres policías", "police", None, None),
        ("hombres fuertemente armados", "armed", None, None),
        ("guerrilleros del ELN", "armed", None, "ELN"),
        ("un grupo de indígenas", "civilians", None, None),
    ],
)
def test_phrases_are_read(text: str, role: str, nationality: str | None, name: str | None) -> None:
    hit = parties.classify(text, "es")
    assert hit is not None
    assert (hit.role, hit.nationality, hit.name) == (role, nationality, name)


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("1.200 personas", (1200, 1200, 1200)),
        ("treinta y dos soldados", (32, 32, 32)),
        ("una veintena de civiles", (20, 20, None)),
        ("al menos 12 civiles", (12, 12, None)),
        ("hasta 30 civiles", (None, 30, 30)),
        ("decenas de civiles", (24, 24, None)),
    ],
)
def test_numbers(text: str, bounds: tuple[int | None, int | None, int | None]) -> None:
    assert [(n.low, n.best, n.high) for n in numbers.find(text, "es")] == [bounds]


@needs_spanish
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Al menos 12 soldados murieron.", [("killed", 12)]),
        ("El ataque dejó un muerto y tres heridos.", [("killed", 1), ("injured", 3)]),
        ("Una veintena de estudiantes fueron secuestrados.", [("abducted", 20)]),
        ("La policía detuvo a 20 manifestantes.", [("arrested", 20)]),
        ("No hubo víctimas.", [("killed", 0), ("injured", 0)]),
    ],
)
def test_tolls(text: str, expected: list[tuple[str, int]]) -> None:
    tolls = find(Sentence("text", 0, len(text), text, 1, 1), _parser()(text), "es")
    assert [(t.harm, t.count.best) for t in tolls if not t.subset] == expected
