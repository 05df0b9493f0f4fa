"""Decomposed letters: a report is coded as if composed, and its spans stand on the report as given."""

from __future__ import annotations

import unicodedata
from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tarikh import pipeline
from tarikh.demonstration import ready_gazetteer
from tarikh.extract import composing
from tarikh.gazetteer import open_index
from tarikh.model import Report, Span

TEXT = "Des hommes armés ont tué sept bergers à Ménaka mercredi, a annoncé l'état-major."


def report(text: str, title: str = "") -> Report:
    return Report("r", title, text, "fr", published=date(2025, 3, 14))


def test_decomposed_accents_change_no_coding() -> None:
    gazetteer = open_index(ready_gazetteer())
    split = unicodedata.normalize("NFD", TEXT)
    (plain,) = pipeline.code(report(TEXT), gazetteer)
    (apart,) = pipeline.code(report(split), gazetteer)
    assert (apart.kind, apart.attackers, apart.targets, apart.when, apart.where) == (
        plain.kind,
        plain.attackers,
        plain.targets,
        plain.when,
        plain.where,
    )
    for field, found in apart.evidence.items():
        for span, other in zip(found.spans, plain.evidence[field].spans, strict=True):
            assert unicodedata.normalize("NFC", report(split).words(span)) == report(TEXT).words(other)
    assert split[apart.evidence["place"].spans[0].start :].startswith(unicodedata.normalize("NFD", "Ménaka"))


@given(st.text(st.sampled_from("aeé\u0301\u0327\u0323n\u0303 각ᄀ\u1161\u11a8\n"), max_size=30))
def test_every_code_point_is_kept(text: str) -> None:
    made = composing.composed(report(text))
    if made is None:
        assert unicodedata.is_normalized("NFC", text)
        return
    plain = made.report.text
    assert plain == unicodedata.normalize("NFC", text)
    letters = [at for at in range(len(plain)) if not at or made.text[at] > made.text[at - 1]]
    for low, high in pairwise((*letters, len(plain))):
        span = made.span(Span("text", low, high))
        assert unicodedata.normalize("NFC", text[span.start : span.end]) == plain[low:high]
    assert made.span(Span("text", 0, len(plain))) == Span("text", 0, len(text))
