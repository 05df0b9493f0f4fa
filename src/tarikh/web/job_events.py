"""What is asked of the process that codes, and what it tells: records that travel between the two.

Invariant: everything here can be pickled, and is small whatever a report holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Literal

from tarikh.extract.explain import Explanation
from tarikh.marking import Mark, Piece, pieces
from tarikh.model import Mention, Report
from tarikh.pipeline import FORGOTTEN, Outcome, Rules
from tarikh.sources import ReadOptions

MOST_MENTIONS = 30
"""Mentions of one report that are told; a hostile text has thousands, and its page has all."""
_AROUND = 120
_WHOLE = 900
_MOST = 1800
"""Characters of a report that are told: all of a short one, of a long one those around its marks."""
_CUT = 300
_LONGEST_REASON = 600

# ---- what is asked ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pasted:
    """A text as a person gave it; `published` is an ISO day."""

    text: str
    title: str | None = None
    source: str | None = None
    published: str | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """A page or feed on the web; `follow` reads the pages behind a feed's entries."""

    url: str
    follow: bool = False


@dataclass(frozen=True, slots=True)
class Files:
    """Files that were sent: where each one is kept, and the name it came with, made harmless."""

    kept: tuple[tuple[Path, str], ...]


Given = Pasted | Address | Files


@dataclass(frozen=True, slots=True)
class Task:
    """One job: what to read, by which rules, into which database. Without `keep` the database is not opened."""

    given: Given
    database: Path
    rules: Rules
    options: ReadOptions
    keep: bool = True


# ---- what is told ----------------------------------------------------------------------------------------------

State = Literal["coded", "known", "forgotten", "problem"]


@dataclass(frozen=True, slots=True)
class Loading:
    """The models are being loaded: the first job of a process waits for them."""


@dataclass(frozen=True, slots=True)
class Counted:
    """All has been read, and holds so many documents; None where they are read while others are coded."""

    documents: int | None


@dataclass(frozen=True, slots=True)
class Item:
    """What became of one document. `title` and `text` are cut at the marks of the mentions, whose evidence is left out.

    `of` of a piece is "number field", as on a report's page; `more` are mentions that are not told here.
    """

    name: str
    state: State
    heading: str = ""
    report_id: str | None = None
    language: str = "en"
    mentions: tuple[Mention, ...] = ()
    more: int = 0
    title: tuple[Piece, ...] = ()
    text: tuple[tuple[Piece, ...], ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Home:
    """The incident of a mention, whether this job founded or joined it or the report was there already, and of how many
    reports it is made now."""

    incident_id: str
    how: Literal["founded", "joined", "known"]
    reports: int


@dataclass(frozen=True, slots=True)
class Linked:
    """The homes of mentions by their ids, once they were compared with all others."""

    homes: Mapping[str, Home]


@dataclass(frozen=True, slots=True)
class Explained:
    """Sentence by sentence, what was coded of a text and what was not."""

    explanation: Explanation


@dataclass(frozen=True, slots=True)
class Ended:
    """The job is over: done, or stopped where it was asked to."""

    stopped: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """The job cannot go on; the sentence says why and what to do. Of a fault of ours only its type is told."""

    sentence: str | None
    fault: str | None = None


Event = Loading | Counted | Item | Linked | Explained | Ended | Failed


# ---- an outcome as an item -------------------------------------------------------------------------------------


def item(outcome: Outcome, mentions: Sequence[Mention], whole: bool = False) -> Item:
    """What is told of an outcome; `mentions` are those that the report has now. `whole`: with all its text."""
    report, problem = outcome.report, outcome.problem
    reasons = tuple(p.reason[:_LONGEST_REASON] for p in (problem, outcome.field_problem) if p is not None)
    numbered = outcome.line is None or outcome.origin.endswith(f":{outcome.line}")
    name = outcome.origin[-_CUT:] + ("" if numbered else f":{outcome.line}")
    if report is None or problem is not None:
        state: State = "forgotten" if problem is not None and problem.stage == FORGOTTEN else "problem"
        heading = "" if report is None else report.title[:_CUT]
        return Item(name, state, heading, None if report is None else report.id, reasons=reasons)
    told = tuple(mentions[:MOST_MENTIONS])
    marks = [(s.part, Mark(s.start, s.end, f"{n} {f}")) for n, m in enumerate(told, 1) for f, e in m.evidence.items() for s in e.spans]  # fmt: skip
    return Item(
        name,
        "known" if outcome.known else "coded",
        report.title[:_CUT],
        report.id,
        report.language,
        tuple(replace(mention, evidence={}, details=(), terms=()) for mention in told),
        len(mentions) - len(told),
        tuple(pieces(report.title[:_CUT], [mark for part, mark in marks if part == "title"])),
        excerpts(report, [mark for part, mark in marks if part == "text"], whole),
        reasons,
    )


def excerpts(report: Report, marks: Sequence[Mark], whole: bool = False) -> tuple[tuple[Piece, ...], ...]:
    """The text in parts, each cut at its marks: all of it where it is short, else what stands around the marks."""
    text = report.text
    if whole or len(text) <= _WHOLE:
        return (tuple(pieces(text, marks)),)
    made, told = [], 0
    for start, end in _windows(text, marks) or [(0, min(len(text), _WHOLE // 2))]:
        if told >= _MOST:
            break
        end = min(end, start + _MOST - told)
        told += end - start
        inside = [
            Mark(max(m.start, start) - start, min(m.end, end) - start, m.of)
            for m in marks
            if m.start < end and m.end > start
        ]
        made.append(tuple(pieces(text[start:end], inside)))
    return tuple(made)


def _windows(text: str, marks: Sequence[Mark]) -> list[tuple[int, int]]:
    """Ranges around the marks in order, grown to whole words; those that touch are one."""
    wanted = sorted((max(0, m.start - _AROUND), min(len(text), m.end + _AROUND)) for m in marks)
    joined: list[tuple[int, int]] = []
    for start, end in wanted:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    words = [(text.rfind(" ", 0, start) + 1 if start else 0, end) for start, end in joined]
    assert all(left[1] <= right[1] for left, right in pairwise(words))
    grown: list[tuple[int, int]] = []
    for start, end in words:
        after = text.find(" ", end, end + 40)
        grown.append((max(start, grown[-1][1]) if grown else start, after if after >= 0 else end))
    return grown
