"""Scores of which place in a sentence is the place of which act (kind `event_places`), by words.

Rows are sentences with one `verb` and the `locations` of its act, as half-open code points. Invariant: the verb is shown, the places are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tarikh import pipeline
from tarikh.extract import toponyms
from tarikh.gazetteer import Gazetteer, open_index
from tarikh.model import Mention, Phrase, Problem, Report, Span

Row = Mapping[str, Any]
Range = tuple[int, int]

_WORD = re.compile(r"\w+")
_NOT_THERE = frozenset(("demonym", "metonym", "dateline"))
_ASIDE = frozenset(("toward", "origin"))


def _overlap(span: Span, verb: Range) -> bool:
    return span.part == "text" and span.start < verb[1] and verb[0] < span.end


def _of_act(mentions: Sequence[Mention], verb: Range) -> Mention | None:
    """The mention that the verb tells of: one of its triggers is the verb's words."""
    return next((m for m in mentions if any(_overlap(s, verb) for s in m.evidence["kind"].spans)), None)


def _nearest(named: Sequence[Phrase], verb: Range) -> list[Phrase]:
    """For a verb that is no incident's: the places that the sentence says something to be in, else the one nearest to it."""
    there = [p for p in named if p.role not in _NOT_THERE and p.spans[0].part == "text"]
    said = [p for p in there if p.role in ("in", "near", "admin1", "admin2")]
    pool = said or [p for p in there if p.role not in _ASIDE] or there
    if not pool:
        return []
    best = min(pool, key=lambda p: min(abs(p.spans[0].start - verb[1]), abs(verb[0] - p.spans[0].end)))
    chain = [p for p in pool if p is not best and 0 <= p.spans[0].start - best.spans[0].end <= _CHAIN]
    return [best, *chain[:1]]


_CHAIN = 4
"""Characters between a place and what it lies in: "Rann, Borno"."""


def places_of(row: Row, gazetteer: Gazetteer) -> list[Range]:
    """The places of the act that the row's verb tells of, as code points of the text."""
    report = Report(str(row.get("id")), "", str(row["text"]), str(row.get("language") or "en"))
    verb = (int(row["verb"][0][0]), int(row["verb"][0][1]))
    traced = pipeline.traced_safely(report, gazetteer)
    told = None if isinstance(traced, Problem) else _of_act(traced.extraction.mentions, verb)
    if told is not None:
        phrases = list(told.phrases.get("place", ()))
    else:
        phrases = _nearest(toponyms.find(report, gazetteer, report.language), verb)
    return [(s.start, s.end) for p in phrases for s in p.spans if s.part == "text"]


def score(rows: Iterable[Row], index: Path, errors: list[Row] | None = None) -> dict[str, float]:
    """Precision, recall and F1 of the words of places, for the verb given (Halterman 2019)."""
    gazetteer = open_index(index)
    right = given = gold = sentences = 0
    for row in rows:
        sentences += 1
        words = [m.span() for m in _WORD.finditer(str(row["text"]))]
        key = {w for w in words for start, end, *_ in row["locations"] if start <= w[0] < end}
        answer = {w for w in words for start, end in places_of(row, gazetteer) if start <= w[0] < end}
        if errors is not None and answer != key:
            text = str(row["text"])
            told = {
                name: [text[a:b] for a, b in sorted(found)]
                for name, found in (("key", key), ("given", answer))
            }
            errors.append({"id": row.get("id"), "verb": row["verb"][0][2], **told, "text": text})
        right, given, gold = right + len(key & answer), given + len(answer), gold + len(key)
    precision, recall = right / max(1, given), right / max(1, gold)
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return {"sentences": sentences, "precision": precision, "recall": recall, "f1": f1}
