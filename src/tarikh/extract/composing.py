"""Letters that are written as a letter and an accent after it, composed for coding: "e" + "´" is "é".

Invariant: spans of what was coded are put back on the report as given, code point by code point; a report that is composed
already, as nearly all are, is left as it is. Texts out of PDF files and from some systems come decomposed, and no word of a
lexicon would be found in them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from tarikh.model import Evidence, Mention, Part, Phrase, Report, Span


@dataclass(frozen=True, slots=True)
class Composed:
    """A composed report, and for each of its code points (and for the end) where it begins in the report as given."""

    report: Report
    given: Report
    title: tuple[int, ...]
    text: tuple[int, ...]

    def span(self, span: Span) -> Span:
        """The span of the report as given that a span of the composed one covers."""
        starts = self._starts(span.part)
        return Span(span.part, starts[span.start], starts[span.end])

    def words(self, words: str, spans: Sequence[Span]) -> str:
        """The characters as given for composed words that stand whole at one of the spans; else the words themselves."""
        for span in spans:
            if self.report.words(span) == words:
                return self.given.words(self.span(span))
        return words

    def _starts(self, part: Part) -> tuple[int, ...]:
        return self.title if part == "title" else self.text


def composed(report: Report) -> Composed | None:
    """The report composed (Unicode's form NFC), or None where it is so already."""
    if unicodedata.is_normalized("NFC", report.title) and unicodedata.is_normalized("NFC", report.text):
        return None
    title, titles = _compose(report.title)
    text, texts = _compose(report.text)
    return Composed(replace(report, title=title, text=text), report, titles, texts)


def _compose(text: str) -> tuple[str, tuple[int, ...]]:
    """The text composed, with where each of its code points begins in the text as given, and where that ends."""
    letters: list[str] = []
    for char in (
        text
    ):  # a letter with the marks after it, which is all that composition looks at but for Hangul's syllables
        if letters and (unicodedata.combining(char) or _syllable(letters[-1], char)):
            letters[-1] += char
        else:
            letters.append(char)
    made = [unicodedata.normalize("NFC", letter) for letter in letters]
    begins = accumulate((len(letter) for letter in letters), initial=0)
    starts = [at for at, letter in zip(begins, made, strict=False) for _ in letter]
    return "".join(made), (*starts, len(text))


def _syllable(before: str, char: str) -> bool:
    return "\u1160" <= char <= "\u11ff" and len(unicodedata.normalize("NFC", before + char)) == 1


def as_given(mention: Mention, made: Composed) -> Mention:
    """The mention with its spans and words on the report as given."""

    def evidence(found: Evidence) -> Evidence:
        return replace(
            found,
            spans=tuple(made.span(span) for span in found.spans),
            words=tuple(made.words(words, found.spans) for words in found.words),
        )

    def phrase(found: Phrase) -> Phrase:
        return replace(
            found,
            text=made.words(found.text, found.spans),
            spans=tuple(made.span(span) for span in found.spans),
        )

    return replace(
        mention,
        evidence={field: evidence(found) for field, found in mention.evidence.items()},
        phrases={field: tuple(phrase(p) for p in found) for field, found in mention.phrases.items()},
    )
