"""When an event happened: the time that its words, its paragraph or its report tell (codebook section 5).

Invariant: only `when` and `evidence["date"]` of a mention are filled; without words of time a background event is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date as Day
from datetime import timedelta

from tarikh.model import Candidate, Evidence, Mention, Report, Span, When
from tarikh.resolve.anchors import bounds, named_days
from tarikh.resolve.calendar import resolve, when
from tarikh.resolve.frame import (
    LENGTHS,
    ONE_DAY,
    UNKNOWN,
    Form,
    Frame,
    Time,
    known,
    months_on,
    whole_month,
)
from tarikh.text import fold

__all__ = ["DateContext", "context", "date", "when"]

# --- a report's context -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DateContext:
    """What the whole report says of time. `resolved` gives the When of each of `times`, in the order of the text.

    `main` is the first day that the text speaks of; `dated` are the days that it names in full; `anchors` are the
    well-known events that it names, with their days. `bounded`: times of an undated report, by their place in `times`,
    that hang on a well-known event ("last week's coup" in Niger).
    """

    report: Report
    published: Day | None
    times: tuple[Time, ...] = ()
    resolved: tuple[When, ...] = ()
    main: When = UNKNOWN
    dated: tuple[Day, ...] = ()
    anchors: tuple[tuple[Span, Day], ...] = ()
    bounded: Mapping[int, When] = field(default_factory=dict)
    week_end: Day | None = None


def _order(span: Span) -> tuple[bool, int]:
    return span.part == "text", span.start


def _full(form: Form) -> bool:
    return form.kind == "date" and None not in (form.year, form.month, form.day)


def _dated_days(times: Sequence[Time]) -> tuple[Day, ...]:
    found: list[Day] = []
    for time in times:
        for form in (time.form, time.form.first, time.form.second):
            if form is not None and _full(form) and not time.general:
                start = resolve(form, Frame(None)).start
                if start is not None:
                    found.append(start)
    return tuple(dict.fromkeys(found))


_WEEKDAYS_OF_A_REVIEW = 6
_HEAD = 300


def _week_end(report: Report, times: Sequence[Time]) -> Day | None:
    """The last day of the week that a weekly review is about: there "on Monday" is no day after it.

    Told by a stretch of about a week in its head ("3 to 9 June"), or by its naming six days of the week.
    """
    published = report.published
    if published is None:
        return None
    for time in times:
        span = time.phrase.spans[0]
        stretch = time.form.kind == "span" or (time.form.unit == "week" and time.form.anchor == "first")
        if stretch and (span.part == "title" or span.start < _HEAD):
            found = resolve(time.form, Frame(published))
            if (
                found.start
                and found.end
                and 4 <= (found.end - found.start).days <= 8
                and (published - found.end).days in range(8)
            ):
                return found.end
    bare = {time.form.weekday for time in times if time.form.kind == "weekday" and time.form.shift is None}
    return published - ONE_DAY if len(bare - {None}) >= _WEEKDAYS_OF_A_REVIEW else None


_BREAK = re.compile(r"[.!?;\n](?=\s|$)|\n")
_BACK, _BACK_UNDATED = 4, 20


def _stated(
    report: Report, times: Sequence[Time], resolved: Sequence[When], index: int
) -> tuple[When | None, bool]:
    """What the nearest words before it in its paragraph say that name a month or a year; whether in its sentence.

    A text without a day of publication tells of one time after another: there the paragraph is no bound.
    """
    reach = _BACK if report.published is not None else _BACK_UNDATED
    span = times[index].phrase.spans[0]
    text = report.title if span.part == "title" else report.text
    for other in range(index - 1, max(-1, index - 1 - reach), -1):
        time, found = times[other], resolved[other]
        before = time.phrase.spans[0]
        if before.part != span.part or (
            report.published is not None and "\n" in text[before.end : span.start]
        ):
            break
        form = time.form.second if time.form.kind == "span" and time.form.second is not None else time.form
        named = form.kind in ("date", "night") and (form.month is not None or form.year is not None)
        if named and form.shift != "since" and found.start is not None and not (time.future or time.dateline):
            return found, _BREAK.search(text[before.end : span.start]) is None
    return None, False


_LATE = frozenset(("afternoon", "evening", "night"))


def _late(time: Time) -> bool:
    return time.form.part in _LATE


def context(report: Report, times: Sequence[Time]) -> DateContext:
    """Reads a report's time phrases once, in the order of the text. `times` are those of the title and text."""
    ordered = tuple(sorted(times, key=lambda t: _order(t.phrase.spans[0])))
    dated = _dated_days(ordered)
    anchors = tuple(named_days(report)) if report.published is None else ()
    if report.published is None and not dated:
        dated = tuple(day for _, day in anchors)
    bounded = bounds(report, ordered) if report.published is None else {}
    resolved: list[When] = []
    main = previous = UNKNOWN
    week_end = _week_end(report, ordered)
    for index, time in enumerate(ordered):
        event = main if main.start else None
        stated, near = _stated(report, ordered, resolved, index)
        told = previous if previous.start else stated if report.published is None else None
        frame = Frame(
            report.published,
            told,
            dated,
            event,
            week_end=week_end,
            stated=stated,
            near=near,
            late=index > 0 and _late(ordered[index - 1]),
            ahead=time.ahead,
        )
        found = bounded.get(index) or resolve(time.form, frame)
        resolved.append(found)
        if found.precision == "day" and not (time.future or time.general or time.dateline):
            previous = replace(found, end=found.start) if time.form.kind == "since" else found
            main = main if main.start else previous
    return DateContext(
        report, report.published, ordered, tuple(resolved), main, dated, anchors, bounded, week_end
    )


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
_STEM = 5
_SENTENCE_END = re.compile(r"[.!?;\n]")
_CLAUSE_END = re.compile(r"[.;!?\n]|, ")


def _is_complement(time: Time, trigger: Span, report: Report) -> bool:
    """Whether the event itself is what the words "two days after" go on to name, so that they count from another.

    At the head of a sentence they need a comma that closes them, else the event is told from them on.
    """
    span = time.phrase.spans[0]
    if trigger.part != span.part or not span.end <= trigger.start < span.end + _COMPLEMENT_REACH:
        return False
    text = report.title if span.part == "title" else report.text
    if _CLAUSE_END.search(text[span.end : trigger.start]) is not None:
        return False
    rest = _SENTENCE_END.split(text[trigger.end : trigger.end + 200], maxsplit=1)[0]
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


def _stems(words: str) -> set[str]:
    return {word[:_STEM] for word in re.findall(r"\w+", fold(words)) if len(word) >= _STEM}


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
    words = _stems(" ".join(rest[:_WORDS_OF_THE_EVENT]))
    dated = [m for m in earlier if m.when.start is not None]
    for mention in dated:
        if words & _stems(mention.trigger):
            return mention.when
    if rest and fold(rest[0]) in _DEMONSTRATIVES and told is not None:
        return told
    found = _day_told_with(words, span, context)
    return found or next((m.when for m in dated if m.aspect == "new"), None)


_DEMONSTRATIVES = frozenset(
    (
        "that",
        "this",
        "these",
        "those",
        "ce",
        "cet",
        "cette",
        "ces",
        "cela",
        "esa",
        "ese",
        "este",
        "esta",
        "eso",
    )
)


def _day_told_with(words: set[str], span: Span, context: DateContext) -> When | None:
    """The first day that stands in a sentence with one of the words: "the vote was held on 3 May"."""
    for time, found in zip(context.times, context.resolved, strict=True):
        other = time.phrase.spans[0]
        if (
            not _counts(time, found)
            or found.precision != "day"
            or other == span
            or time.form.anchor == "event"
        ):
            continue
        text = context.report.title if other.part == "title" else context.report.text
        start = max(
            (m.end() for m in _BREAK.finditer(text, max(0, other.start - 300), other.start)),
            default=max(0, other.start - 300),
        )
        end = _BREAK.search(text, other.end)
        sentence = text[start : min(end.start() if end else len(text), other.end + 300)]
        if other.part == span.part and start <= span.start < start + len(sentence):
            continue
        if words & _stems(sentence):
            return found
    return None


def _resolved_for(
    mention: Mention, index: int, context: DateContext, previous: When | None, earlier: Sequence[Mention]
) -> When:
    if index in context.bounded:
        return context.bounded[index]
    time = context.times[index]
    form, told = time.form, previous if previous and previous.start else None
    before = [
        w
        for t, w in zip(context.times[:index], context.resolved[:index], strict=True)
        if w.precision == "day" and not t.general
    ]
    told = _same_sentence(index, context) or told or (before[-1] if before else None)
    event = _event_named(time, context, told, earlier) or (context.main if context.main.start else told)
    stated, near = _stated(context.report, context.times, context.resolved, index)
    frame = Frame(
        context.published,
        told,
        context.dated,
        event,
        week_end=context.week_end,
        stated=stated,
        near=near,
        late=index > 0 and _late(context.times[index - 1]),
        ahead=time.ahead,
    )
    complement = form.anchor == "event" and any(
        _is_complement(time, span, context.report) for span in _triggers(mention)
    )
    if form.kind == "offset" and (complement or form.anchor == "fact"):
        return _counted_back(form, _elsewhere(index, context, previous))
    if (
        form.kind == "since"
        and form.first is not None
        and (mention.kind in _POINTS or mention.aspect == "background" or form.first.anchor == "previous")
    ):
        return resolve(form.first, frame)
    return resolve(form, frame)


def _counted_back(form: Form, base: When | None) -> When:
    """ "It came three days after the raid": the raid is three days before it."""
    if base is None or base.start is None:
        return UNKNOWN
    amount, unit = -(form.amount or 0), form.unit
    if unit in ("month", "year"):
        return whole_month(*months_on(base.start, amount * (12 if unit == "year" else 1)), "event")
    return known(base.start + amount * LENGTHS.get(unit or "", timedelta()), basis="event")


def _counts(time: Time, found: When) -> bool:
    return found.start is not None and not (time.future or time.general or time.dateline)


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
            and _counts(time, found)
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
            _CONFIDENCE.get(found.basis, 0.7),
            f"{context.times[chosen[0]].form.kind} from {found.basis}",
        )
    rejected = tuple(
        Candidate(
            f"{w.start}/{w.end}",
            _CONFIDENCE.get(w.basis, 0.5),
            (context.report.words(context.times[i].phrase.spans[0]),),
        )
        for i, w in weighed
        if w.start is not None and (chosen is None or i != chosen[0])
    )
    words = tuple(context.report.words(span) for span in spans)
    evidence = {**mention.evidence, "date": Evidence(spans, words, confidence, reason, rejected)}
    return replace(mention, when=found, evidence=evidence)
