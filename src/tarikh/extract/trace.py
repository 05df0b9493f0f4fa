"""What became of each trigger: the mention that it went to, or why it went to none.

Invariant: every trigger of the rules that was not refused has exactly one fate; nothing is decided here. What the reader
dropped or added is entered by `coder` (there `act` is the kind that it read).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tarikh.extract.grouping import Event, is_means
from tarikh.extract.triggers import Trigger
from tarikh.model import Mention, Span


@dataclass(frozen=True, slots=True)
class Fate:
    """A trigger, its act, and the id of its mention; where there is none, `reason` says why."""

    span: Span
    words: str
    act: str
    mention: str | None = None
    reason: str = ""


def fates(triggers: Sequence[Trigger], told: Sequence[tuple[Event, Mention | None]]) -> tuple[Fate, ...]:
    """The fate of each trigger, in their order; `told` are the report's events with what was made of each."""
    home = {id(t): (event, mention) for event, mention in told for t in event.triggers}
    return tuple(_fate(trigger, home.get(id(trigger))) for trigger in triggers)


def _fate(trigger: Trigger, home: tuple[Event, Mention | None] | None) -> Fate:
    span = trigger.scene.span(trigger.start, trigger.end)
    if home is None:
        return Fate(span, trigger.words, trigger.act, None, _homeless(trigger))
    event, mention = home
    if mention is None:
        return Fate(span, trigger.words, trigger.act, None, _nothing(event))
    return Fate(span, trigger.words, trigger.act, mention.id)


def _homeless(trigger: Trigger) -> str:
    """Why a trigger is part of no event of the report."""
    if is_means(trigger.act):
        return "a weapon that is named and not used"
    return "told without a day or a place of its own, after the report's first event: general talk"


def _nothing(event: Event) -> str:
    """Why an event became no mention."""
    if not event.core and not event.means:
        return "it tells of harm, and of no act that did it"
    if not event.times and not event.places:
        return "nobody, nowhere, at no time: talk, and no event"
    return "its words and parties fit no kind of the codebook"
