"""Why each sentence of a report is or is not an incident, from what the extraction kept of its decisions.

Invariant: it decides nothing anew; a sentence, a trigger or a refusal that coding saw is told here, and no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tarikh.extract import gate, reader
from tarikh.extract.coder import Extraction
from tarikh.extract.sentences import Sentence, split
from tarikh.model import Report, Span

Verdict = Literal["parsed", "no_word", "unrelated", "cold"]
"""What became of a sentence: parsed; without a word that can tell of an act; in a passage about other things; or such that
the reader found no act in it or shortly before it."""

REASONS: Mapping[Verdict, str] = {
    "parsed": "read: it has a word that can tell of an act, a weapon or a count of harm",
    "no_word": "not read: no word in it can tell of an act, a weapon or a count of harm",
    "cold": "not parsed: it has such a word, but the reader finds no act in it",
    "unrelated": "not read: its passage speaks of other things than armed conflict",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """A trigger in a sentence: its words, its act, the mention it went to; without one, the reason."""

    span: Span
    words: str
    act: str | None
    mention: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence, what the gate said of it, its triggers, and the ids of the mentions that they went to."""

    span: Span
    text: str
    verdict: Verdict
    triggers: tuple[Heard, ...] = ()

    @property
    def mentions(self) -> tuple[str, ...]:
        """Ids of the mentions that the sentence tells of."""
        return tuple(dict.fromkeys(h.mention for h in self.triggers if h.mention is not None))

    @property
    def reason(self) -> str:
        """In words, why the sentence is or is not an incident."""
        if self.verdict != "parsed":
            return REASONS[self.verdict]
        if not self.triggers:
            return "read, and no word in it tells of an act"
        if self.mentions:
            return "it tells of an incident"
        return "no incident: each word that tells of an act was refused or dropped"


@dataclass(frozen=True, slots=True)
class Explanation:
    """A report's sentences in order, and what the gate said of it as a whole."""

    passed: bool
    sentences: tuple[Told, ...]

    @property
    def gate(self) -> str:
        """What the gate said of the report."""
        read = sum(s.verdict == "parsed" for s in self.sentences)
        if not self.passed:
            return "the report's words do not speak of armed conflict; none of its sentences was read"
        return f"{read} of {len(self.sentences)} sentences were read"


def explain(report: Report, found: Extraction, home: Mapping[str, str] | None = None) -> Explanation:
    """The story of each sentence. `home` leads from an extracted mention's id to that of the one it was merged into."""
    parsed = set(found.parsed)
    heard = sorted(_heard(found, home or {}), key=lambda h: h.span)
    passages = gate.passages(report)
    sentences = tuple(
        _told(s, report.language, parsed, heard, gate.lets_by(s, passages, report.language))
        for s in split(report)
    )
    return Explanation(bool(passages), sentences)


def _heard(found: Extraction, home: Mapping[str, str]) -> Iterator[Heard]:
    for fate in found.fates:
        mention = home.get(fate.mention, fate.mention) if fate.mention is not None else None
        yield Heard(fate.span, fate.words, fate.act, mention, fate.reason)
    for refused in found.refusals:
        yield Heard(refused.span, refused.words, None, None, refused.reason)


def _told(sentence: Sentence, language: str, parsed: set[Span], heard: Sequence[Heard], let_by: bool) -> Told:
    span = sentence.span(0, len(sentence.text))
    if span not in parsed:
        may = gate.sentence_may_matter(sentence.text, language)
        away: Verdict = "cold" if let_by and reader.reads(language) else "unrelated"
        return Told(span, sentence.text, away if may else "no_word")
    inside = tuple(h for h in heard if h.span.part == span.part and span.start <= h.span.start < span.end)
    return Told(span, sentence.text, "parsed", inside)
