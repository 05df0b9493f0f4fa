"""Where the words of a labelled mention stand in its report: gold gives words without offsets.

Invariant: a span that is returned holds the words as they are given, but for case; words that are not found have none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tarikh.model import Part, Span

Row = Mapping[str, Any]
PARTS: tuple[Part, ...] = ("title", "text")


def text_of(row: Row, part: Part) -> str:
    """A labelled report's title or text."""
    return str(row.get(part) or "")


def _occurrences(row: Row, words: str) -> list[Span]:
    if not words.strip():
        return []
    pattern = re.compile(rf"(?<!\w){re.escape(words.strip())}(?!\w)", re.IGNORECASE)
    return [Span(part, *m.span()) for part in PARTS for m in pattern.finditer(text_of(row, part))]


def _distance(left: Span, right: Span) -> int:
    # The body before the headline: it is what gold's words are taken from.
    return abs(left.start - right.start) if left.part == right.part else 10_000


def gold_spans(row: Row, mention: Row) -> dict[str, tuple[Span, ...]]:
    """Spans of each field's words, by the names of `words`; of several occurrences those that stand closest together."""
    given = {"trigger": mention.get("trigger") or "", **(mention.get("words") or {})}
    found = {field: [_occurrences(row, w) for w in str(words).split(" … ")] for field, words in given.items()}
    anchor = _anchor(found)
    return {field: spans for field, lists in found.items() if (spans := tuple(_nearest(lists, anchor)))}


def _anchor(found: Mapping[str, Sequence[Sequence[Span]]]) -> Span | None:
    """The trigger's occurrence to which the other words are closest."""
    triggers = [span for spans in found["trigger"] for span in spans]
    others = [spans for field, lists in found.items() if field != "trigger" for spans in lists if spans]

    def apart(span: Span) -> tuple[int, bool]:
        return sum(min(_distance(span, other) for other in spans) for spans in others), span.part == "title"

    return min(triggers, key=apart, default=None)


def _nearest(lists: Sequence[Sequence[Span]], anchor: Span | None) -> Iterator[Span]:
    for spans in lists:
        if spans:
            yield spans[0] if anchor is None else min(spans, key=lambda s: _distance(s, anchor))


def predicted_spans(mention: Row) -> dict[str, tuple[Span, ...]]:
    """Spans of a coded mention, by the names that its line gives them."""
    return {
        field: tuple(Span(s["in"], s["start"], s["end"]) for s in spans)
        for field, spans in (mention.get("spans") or {}).items()
    }
