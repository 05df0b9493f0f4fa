"""Where a quote stands in a report: tolerant of case, accents, white space, dashes and quotation marks, of nothing else.

Invariant: a span covers whole words of the title or text as given; a quote that stands nowhere has none.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from tarikh.model import Part, Report, Span

MOST_PLACES = 60
"""Places of one quote that are looked at: "the" stands everywhere, and tells nothing."""
_MARKS = dict.fromkeys("’‘ʼʻ`´ʿʾ′", "'") | dict.fromkeys("‐‑‒–—―−", "-") | dict.fromkeys('“”„«»‹›"', "")
"""How signs are compared; quotation marks, which some set off by blanks, not at all."""
_EDGE = " .,;:!?'()[]…*_"
"""Signs around a quote that the model may add or leave out."""
_APART = 1_000_000
"""How far the title is from the text, in characters: farther than anything within it."""


@dataclass(frozen=True, slots=True)
class _Folded:
    """A text as it is compared, and for each of its characters (and the end) where that stands in the text as given."""

    text: str
    at: tuple[int, ...]


def _fold(text: str) -> _Folded:
    letters: list[str] = []
    at: list[int] = []
    for number, given in enumerate(text):
        letter = _MARKS.get(given, given)
        if not letter.isascii():
            letter = "".join(c for c in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(c))
        for one in letter.casefold():
            if one.isspace():
                if letters and letters[-1] == " ":
                    continue
                one = " "
            letters.append(one)
            at.append(number)
    return _Folded("".join(letters), (*at, len(text)))


class Finder:
    """Looks for quotes in one report."""

    def __init__(self, report: Report) -> None:
        self._parts: tuple[tuple[Part, _Folded], ...] = (
            ("text", _fold(report.text)),
            ("title", _fold(report.title)),
        )

    def spans(self, quote: str) -> list[Span]:
        """Everywhere that a quote stands as whole words, in the text and then in the title."""
        wanted = _fold(quote).text.strip(_EDGE)
        found: list[Span] = []
        if not wanted:
            return found
        for part, folded in self._parts:
            start = folded.text.find(wanted)
            while start >= 0 and len(found) < MOST_PLACES:
                end = start + len(wanted)
                if _whole(folded.text, start, end):
                    found.append(Span(part, folded.at[start], folded.at[end - 1] + 1))
                start = folded.text.find(wanted, start + 1)
        return found

    def nearest(self, quote: str, to: Span) -> Span | None:
        """The place of a quote that is nearest to a span, the earlier of two alike."""
        return min(self.spans(quote), key=lambda span: distance(span, to), default=None)

    def trigger(self, quote: str, others: Sequence[str], taken: Sequence[Span] = ()) -> Span | None:
        """The place of a trigger: of several the one nearest to the mention's other quotes, that no mention has yet."""
        places = self.spans(quote)
        if len(places) < 2:
            return places[0] if places else None
        around = [spans for spans in map(self.spans, others) if spans]

        def far(span: Span) -> tuple[bool, int]:
            return span in taken, sum(min(distance(span, other) for other in spans) for spans in around)

        return min(places, key=far)


def _whole(text: str, start: int, end: int) -> bool:
    """Whether a stretch begins and ends with whole words."""
    before = start > 0 and text[start - 1].isalnum() and text[start].isalnum()
    after = end < len(text) and text[end].isalnum() and text[end - 1].isalnum()
    # "500" in "1,500" is no quote of it.
    number = start > 1 and text[start].isdigit() and text[start - 1] in ",." and text[start - 2].isdigit()
    longer = end + 1 < len(text) and text[end - 1].isdigit() and text[end] in ",." and text[end + 1].isdigit()
    return not (before or after or number or longer)


def distance(left: Span, right: Span) -> int:
    """Characters between two spans; title and text are far apart."""
    if left.part != right.part:
        return _APART
    return max(0, left.start - right.end, right.start - left.end)
