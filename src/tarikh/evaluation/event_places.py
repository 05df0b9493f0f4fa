"""Scores of which place in a sentence is the place of which act (kind `event_places`), by words.

Rows are sentences with one `verb` and the `locations` of its act, as half-open code points. Invariant: the verb is shown, the places are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tarikh import pipeline
from tarikh.gazetteer import Gazetteer, open_index
from tarikh.model import Mention, Problem, Report, Span

Row = Mapping[str, Any]
Range = tuple[int, int]

_WORD = re.compile(r"\w+")


def _overlap(span: Span, verb: Range) -> bool:
    return span.part == "text" and span.start < verb[1] and verb[0] < span.end


def _of_act(mentions: Sequence[Mention], verb: Range) -> Mention | None:
    """The mention that the verb tells of: one of its triggers is the verb's words."""
    return next((m for m in mentions if any(_overlap(s, verb) for s in m.evidence["kind"].spans)), None)


def places_of(row: Row, gazetteer: Gazetteer) -> list[Range] | None:
    """The places of the act that the row's verb tells of, as code points of the text; None where the coder sees no act in it."""
    report = Report(str(row.get("id")), "", str(row["text"]), str(row.get("language") or "en"))
    verb = (int(row["verb"][0][0]), int(row["verb"][0][1]))
    traced = pipeline.traced_safely(report, gazetteer)
    told = None if isinstance(traced, Problem) else _of_act(traced.extraction.mentions, verb)
    if told is None:
        return None
    return [(s.start, s.end) for p in told.phrases.get("place", ()) for s in p.spans if s.part == "text"]


def score(rows: Iterable[Row], index: Path, errors: list[Row] | None = None) -> dict[str, float]:
    """Precision, recall and F1 of the words of places, for the verb given (Halterman 2019), of the verbs that are acts to the coder.

    `acts` is their share: the others (verbs of speech, planned and negated acts, aggregates) are no incidents by the codebook
    and are given no place; `recall_of_all` counts their places as missed.
    """
    gazetteer = open_index(index)
    right = given = gold = everything = acts = sentences = 0
    for row in rows:
        sentences += 1
        words = [m.span() for m in _WORD.finditer(str(row["text"]))]
        key = {w for w in words for start, end, *_ in row["locations"] if start <= w[0] < end}
        everything += len(key)
        told = places_of(row, gazetteer)
        if told is None:
            continue
        acts += 1
        answer = {w for w in words for start, end in told if start <= w[0] < end}
        if errors is not None and answer != key:
            text = str(row["text"])
            both = (("key", key), ("given", answer))
            errors.append(
                {
                    "id": row.get("id"),
                    "verb": row["verb"][0][2],
                    **{name: [text[a:b] for a, b in sorted(found)] for name, found in both},
                    "text": text,
                }
            )
        right, given, gold = right + len(key & answer), given + len(answer), gold + len(key)
    precision, recall = right / max(1, given), right / max(1, gold)
    return {
        "sentences": sentences,
        "acts": acts / max(1, sentences),
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / (precision + recall) if right else 0.0,
        "recall_of_all": right / max(1, everything),
    }
