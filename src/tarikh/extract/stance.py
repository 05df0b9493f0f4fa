"""How the sentences of a report stand to what it tells: who denies, keeps silent, accuses, vouches, or cannot check.

Invariant: cues are words of the text in sentences of the report, parsed or not; what a cue speaks of is decided by
nearness and by the parties that its sentence shares with the telling, never by what the report is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from tarikh import reference
from tarikh.extract import parties
from tarikh.extract.acts import HARM_ONLY, is_means
from tarikh.extract.grouping import Event
from tarikh.extract.parties import PartyHit
from tarikh.extract.scene import Scene
from tarikh.extract.sentences import Sentence, split
from tarikh.extract.triggers import Trigger
from tarikh.model import Evidence, Report, Span

REACH = 4
"""So many sentences behind a telling its denial still stands; farther ones deny something else."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The report around an event: its text, its parsed sentences and all its events."""

    report: Report
    scenes: tuple[Scene, ...] = ()
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that show a stance, their sentence, and the parties that this names."""

    name: str
    span: Span
    words: str
    sentence: Sentence
    parties: tuple[PartyHit, ...] = ()

    def evidence(self, reason: str, confidence: float = 0.6) -> Evidence:
        """The cue as evidence of a field."""
        return Evidence((self.span,), (self.words,), confidence, reason)


def core(event: Event) -> list[Trigger]:
    """The triggers that tell the act itself: the body's, before harm and means."""
    acting = [t for t in event.triggers if t.act not in HARM_ONLY and not is_means(t.act)] or event.triggers
    return [t for t in acting if t.scene.sentence.part != "title"] or acting


@cache
def _patterns(language: str) -> Mapping[str, re.Pattern[str]]:
    raw = reference.lexicon(language, "status").get("stance", {})
    return {
        str(name): re.compile(r"(?<!\w)(?:" + "|".join(map(str, entries)) + r")(?!\w)", re.IGNORECASE)
        for name, entries in raw.items()
    }


def plain(text: str) -> str:
    """The text with straight apostrophes and plain spaces, each character in its place."""
    return text.translate(_STRAIGHT)


_STRAIGHT = {0x2019: "'", 0x2018: "'", 0xA0: " ", 0x202F: " "}


@lru_cache(maxsize=16)
def cues(report: Report) -> tuple[Cue, ...]:
    """Every cue of a report, in order of the text."""
    found: list[Cue] = []
    for sentence in split(report):
        text = plain(sentence.text)
        for name, pattern in _patterns(report.language).items():
            for match in pattern.finditer(text):
                hits = parties.find(sentence.text, report.language)
                span = sentence.span(match.start(), match.end())
                found.append(Cue(name, span, sentence.text[match.start() : match.end()], sentence, hits))
    # "denied any involvement" denies the author alone, not the act.
    disowned = [c.span for c in found if c.name == "author_denial"]
    return tuple(c for c in found if c.name != "denial" or not any(c.span.overlaps(d) for d in disowned))


def named(setting: Setting, name: str) -> Iterator[Cue]:
    """The cues of one name."""
    return (c for c in cues(setting.report) if c.name == name)


def told_in(event: Event) -> dict[int, int]:
    """The sentences that tell the act, each with its paragraph."""
    return {t.scene.sentence.index: t.scene.sentence.paragraph for t in core(event)}


def _likeness(left: PartyHit, right: PartyHit) -> bool:
    if left.name is not None and right.name is not None:
        return left.name == right.name
    if left.text.lower() == right.text.lower():
        return True
    states = ("military", "police", "government")
    if left.role in states and right.role in states:
        return left.nationality == right.nationality or None in (left.nationality, right.nationality)
    return False


def share(left: Sequence[PartyHit], right: Sequence[PartyHit]) -> bool:
    """Whether two lists of parties have one in common, as far as their words tell."""
    return any(_likeness(a, b) for a in left for b in right)


def _nearness(cue: Cue, event: Event) -> float:
    """How near before a cue the event is told; 0 where it is not."""
    best = 0.0
    at = cue.sentence.index
    for trigger in core(event):
        sentence = trigger.scene.sentence
        if sentence.part != cue.sentence.part or not 0 <= at - sentence.index <= REACH:
            continue
        if cue.sentence.paragraph - sentence.paragraph > 1:
            continue
        near = 1.0 - 0.2 * (at - sentence.index) - 0.15 * (cue.sentence.paragraph - sentence.paragraph)
        if at == sentence.index:
            near = 1.0 if trigger.start < cue.span.start - sentence.start else 0.95
        if share(cue.parties, trigger.scene.parties):
            near += 0.35
        best = max(best, near)
    return best


def speaks_of(cue: Cue, event: Event, setting: Setting) -> bool:
    """Whether a cue speaks of this event: no other one is told nearer before it."""
    own = _nearness(cue, event)
    return own > 0 and own >= max((_nearness(cue, e) for e in setting.events), default=0.0)


def about(event: Event, setting: Setting, name: str) -> Cue | None:
    """The first cue of this name that speaks of the event."""
    return next((c for c in named(setting, name) if speaks_of(c, event, setting)), None)


def beside(event: Event, setting: Setting, name: str) -> Cue | None:
    """The first cue of this name in a sentence that tells the event."""
    told = told_in(event)
    return next((c for c in named(setting, name) if c.sentence.index in told), None)
