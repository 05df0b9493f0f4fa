"""When an event happened: the time that its words, its paragraph or its report tell (codebook section 5).

Invariant: only `when` and `evidence["date"]` of a mention are filled; without words of time a background event is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache

from tarikh import reference
from tarikh.model import Candidate, Evidence, Mention, Report, Span, When
from tarikh.resolve.calendar import resolve, when
from tarikh.resolve.date_context import (
    IN_A_NAME,
    DateContext,
    context,
    counts,
    day_told_with,
    frame_at,
    stems,
)
from tarikh.resolve.frame import LENGTHS, UNKNOWN, Form, Time, known, months_on, whole_month
from tarikh.text import fold

__all__ = ["DateContext", "context", "date", "when"]

# --- a mention's date -------------------------------------------------------------------------------------

_POINTS = frozenset(
    (
        "attack_on_civilians",
        "arrest",
        "air_strike",
        "territory_taken",
        "base_established",
        "withdrawal",
        "movement",
        "coup",
        "agreement",
        "bombing",
        "suicide_bombing",
        "abduction",
        "looting_or_arson",
        "chemical_attack",
        "grenade",
        "weapons_seized",
        "sexual_violence",
    )
)
"""Kinds that happen once: "since Saturday" tells the day on which the town was taken."""


def _weight(time: Time) -> int:
    """How much a phrase says of the day by itself; the best is tried first, whatever its place."""
    if time.form.kind in ("duration", "vague") or time.general:
        return 3
    if time.form.kind == "part" or time.future or time.dateline:
        return 2
    if time.form.kind == "offset" and time.form.anchor in ("event", "fact"):
        return 2
    return 0 if time.form.kind == "date" and time.form.day is not None else 1


def _times_of(mention: Mention, context: DateContext) -> list[int]:
    """Indexes of the mention's time phrases in the context, best first."""
    found: list[int] = []
    for phrase in mention.phrases.get("date", ()):
        for index, time in enumerate(context.times):
            if index not in found and phrase.spans[0].overlaps(time.phrase.spans[0]):
                found.append(index)
    return sorted(found, key=lambda i: _weight(context.times[i]))


def _triggers(mention: Mention) -> tuple[Span, ...]:
    evidence = mention.evidence.get("kind")
    return evidence.spans if evidence is not None else ()


_COMPLEMENT_REACH = 80
_SENTENCE_END = re.compile(r"[.!?;\n]")
_CLAUSE_END = re.compile(r"[.;!?\n]|, ")


def _is_complement(time: Time, trigger: Span, report: Report) -> bool:
    """Whether the event itself is what the words "two days after" go on to name, so that they count from another.

    At the head of a sentence they need a comma that closes them, else the event is told from them on.
    """
    span = time.phrase.spans[0]
    begins = max(trigger.start, span.end)  # a trigger may have the words of time in it
    if trigger.part != span.part or trigger.end <= span.end or begins >= span.end + _COMPLEMENT_REACH:
        return False
    text = report.title if span.part == "title" else report.text
    if _CLAUSE_END.search(text[span.end : begins]) is not None:
        return False
    behind = trigger.end if trigger.start >= span.end else begins
    rest = _SENTENCE_END.split(text[behind : behind + 200], maxsplit=1)[0]
    return "," in rest or not text[span.start].isupper()


def _elsewhere(index: int, context: DateContext, previous: When | None) -> When | None:
    """The time of the clause that "two days after the raid" hangs on: in its sentence, else told before, else publication."""
    span = context.times[index].phrase.spans[0]
    text = context.report.title if span.part == "title" else context.report.text
    for other in (index - 1, index + 1):
        if 0 <= other < len(context.times) and context.resolved[other].precision == "day":
            spans = sorted((span, context.times[other].phrase.spans[0]))
            if spans[0].part == spans[1].part and not re.search(
                r"[.!?\n]", text[spans[0].end : spans[1].start]
            ):
                return context.resolved[other]
    if previous is not None and previous.start is not None:
        return previous
    return known(context.published, basis="published") if context.published else None


def _same_sentence(index: int, context: DateContext) -> When | None:
    """The day named just before in the same sentence: "said on Sunday that … the day before"."""
    if index == 0 or context.resolved[index - 1].precision != "day":
        return None
    before, span = context.times[index - 1], context.times[index].phrase.spans[0]
    left = before.phrase.spans[0]
    if left.part != span.part or _is_today(before.form) or before.form.kind == "part":
        return None
    text = context.report.title if span.part == "title" else context.report.text
    return None if _SENTENCE_END.search(text[left.end : span.start]) else context.resolved[index - 1]


def _is_today(form: Form) -> bool:
    """ "He said today": the day of speaking, from which nothing else is counted."""
    return form.kind == "offset" and form.anchor == "published" and not form.amount


_WORDS_OF_THE_EVENT = 6


def _event_named(
    time: Time, context: DateContext, told: When | None, earlier: Sequence[Mention]
) -> When | None:
    """The event that "two days after the ambush" names: one told with a like word, else a day told in a sentence with a like word.

    "That bloodshed" is the event told before; what nothing tells of is taken for the first event that is new.
    """
    span = time.phrase.spans[0]
    text = context.report.title if span.part == "title" else context.report.text
    rest = _CLAUSE_END.split(text[span.end : span.end + _COMPLEMENT_REACH], maxsplit=1)[0].split()
    words = stems(" ".join(rest[:_WORDS_OF_THE_EVENT]))
    dated = [m for m in earlier if m.when.start is not None]
    for mention in dated:
        if words & stems(mention.trigger):
            return mention.when
    if rest and fold(rest[0]) in _demonstratives(context.report.language) and told is not None:
        return told
    found = day_told_with(words, span, context)
    return found or next((m.when for m in dated if m.aspect == "new"), None)


@cache
def _demonstratives(language: str) -> frozenset[str]:
    return frozenset(
        fold(str(word)) for word in reference.lexicon(language, "dates").get("demonstratives", ())
    )


def _names_an_event(form: Form | None) -> bool:
    """Whether it, or an end of it, counts from an event that the words name or point at."""
    if form is None:
        return False
    return form.anchor in ("event", "fact") or _names_an_event(form.first) or _names_an_event(form.second)


def _day_before(index: int, context: DateContext) -> When | None:
    """The day that was told last before it."""
    for other in range(index - 1, -1, -1):
        found = context.resolved[other]
        if found.precision == "day" and found.basis != IN_A_NAME and not context.times[other].general:
            return found
    return None


def _as_told(
    mention: Mention, index: int, context: DateContext, previous: When | None, earlier: Sequence[Mention]
) -> When:
    if index in context.bounded:
        return context.bounded[index]
    time = context.times[index]
    form, told = time.form, previous if previous and previous.start else None
    told = _same_sentence(index, context) or told or _day_before(index, context)
    event = context.main if context.main.start else told
    hung = context.hung.get(index)
    if _names_an_event(form):
        event = hung or _event_named(time, context, told, earlier) or event
    frame = frame_at(context.report, context.times, context.resolved, index, told, event)
    frame = replace(frame, dated=context.dated_at(index), week_end=context.week_end)
    complement = form.anchor == "event" and any(
        _is_complement(time, span, context.report) for span in _triggers(mention)
    )
    if hung is not None:
        return hung if complement else replace(resolve(form, frame), basis=hung.basis)
    if form.kind == "offset" and (complement or form.anchor == "fact"):
        return _counted_back(form, _elsewhere(index, context, previous))
    if (
        form.kind == "since"
        and form.first is not None
        and (mention.kind in _POINTS or mention.aspect == "background" or form.first.anchor == "previous")
    ):
        return resolve(form.first, frame)
    return resolve(form, frame)


def _ahead(found: When, context: DateContext) -> bool:
    """Whether a day is after the report that tells of it."""
    return bool(found.start and context.published and found.start > context.published)


def _resolved_for(
    mention: Mention, index: int, context: DateContext, previous: When | None, earlier: Sequence[Mention]
) -> When:
    """What a phrase of a mention tells; where "nine days after" would be after the report, it counts from another day."""
    found = _as_told(mention, index, context, previous, earlier)
    time = context.times[index]
    if time.form.kind != "offset" or time.form.anchor == "published" or not _ahead(found, context):
        return found
    days = [*(m.when for m in reversed(earlier)), context.main]
    others = [
        context.resolved[n] for n in range(index - 1, -1, -1) if counts(context.times[n], context.resolved[n])
    ]
    for base in (*others, *days):
        if base.start is None or base.precision != "day":
            continue
        frame = frame_at(context.report, context.times, context.resolved, index, base, base)
        other = resolve(time.form, frame)
        if other.start is not None and not _ahead(other, context):
            return other
    if time.form.anchor != "event":
        return found
    # No day that was told lies far enough back: then it is the event itself that something came nine days after.
    back = _counted_back(time.form, _elsewhere(index, context, previous))
    return found if back.start is None or _ahead(back, context) else back


def _counted_back(form: Form, base: When | None) -> When:
    """ "It came three days after the raid": the raid is three days before it."""
    if base is None or base.start is None:
        return UNKNOWN
    amount, unit = -(form.amount or 0), form.unit
    if unit in ("month", "year"):
        return whole_month(*months_on(base.start, amount * (12 if unit == "year" else 1)), "event")
    return known(base.start + amount * LENGTHS.get(unit or "", timedelta()), basis="event")


def _in_paragraph(trigger: Span, context: DateContext) -> int | None:
    """The first dated phrase of the trigger's paragraph: a paragraph tells its day once."""
    if trigger.part == "title":
        return None
    text = context.report.text
    low, high = text.rfind("\n", 0, trigger.start) + 1, text.find("\n", trigger.end)
    for index, (time, found) in enumerate(zip(context.times, context.resolved, strict=True)):
        span = time.phrase.spans[0]
        if (
            span.part == "text"
            and low <= span.start
            and (high < 0 or span.start < high)
            and counts(time, found)
        ):
            return index
    return None


def _fallback(mention: Mention, context: DateContext) -> tuple[When, float, str]:
    """Where no words of time belong to the event: its paragraph's day, else the report's (measured on gold).

    A background event without a time stays unknown: nothing ties it to the days of the news.
    """
    if mention.aspect == "new":
        trigger = next(iter(_triggers(mention)), None)
        index = _in_paragraph(trigger, context) if trigger is not None else None
        if index is not None:
            return (
                replace(context.resolved[index], basis="paragraph"),
                0.5,
                "the first day that its paragraph tells",
            )
        if context.main.start is not None:
            return replace(context.main, basis="report"), 0.35, "the first day that the report tells"
    return UNKNOWN, 0.5, "no words of time"


_CONFIDENCE = {
    "text": 0.95,
    "published": 0.9,
    "previous": 0.75,
    "first": 0.85,
    "anchor": 0.6,
    "event": 0.65,
    "fact": 0.65,
}


def _sure(found: When, otherwise: float) -> float:
    """How sure a day is by what it counts from; a basis may go on to name it ("anchor: fall of Goma, …")."""
    return _CONFIDENCE.get(found.basis.partition(":")[0], otherwise)


def date(
    mention: Mention, context: DateContext, previous: When | None = None, earlier: Sequence[Mention] = ()
) -> Mention:
    """The mention with `when` and `evidence["date"]`.

    `previous` is the When of the event told before it; `earlier` are the report's mentions that are dated already.
    """
    indexes = _times_of(mention, context)
    weighed = [(i, _resolved_for(mention, i, context, previous, earlier)) for i in indexes]
    chosen = next(((i, w) for i, w in weighed if w.start is not None), None)
    if chosen is None:
        found, confidence, reason = UNKNOWN, 0.5, "counted from nothing known"
        if all(context.times[i].form.kind in ("part", "duration") for i in indexes):
            found, confidence, reason = _fallback(mention, context)
        spans = tuple(context.times[i].phrase.spans[0] for i in indexes[:1])
    else:
        found = chosen[1]
        spans = context.times[chosen[0]].phrase.spans
        confidence, reason = (
            _sure(found, 0.7),
            f"{context.times[chosen[0]].form.kind} from {found.basis}",
        )
    rejected = tuple(
        Candidate(
            f"{w.start}/{w.end}",
            _sure(w, 0.5),
            (context.report.words(context.times[i].phrase.spans[0]),),
        )
        for i, w in weighed
        if w.start is not None and (chosen is None or i != chosen[0])
    )
    words = tuple(context.report.words(span) for span in spans)
    evidence = {**mention.evidence, "date": Evidence(spans, words, confidence, reason, rejected)}
    return replace(mention, when=found, evidence=evidence)
