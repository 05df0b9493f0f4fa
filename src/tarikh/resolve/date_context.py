"""What a whole report says of time, read once before its mentions are dated (codebook section 5).

Invariant: `resolved` has the When of every time phrase in the order of the text; a name alone dates no weekday and no month.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date as Day
from functools import lru_cache

from tarikh.model import Report, Span, When
from tarikh.resolve.anchors import bounds, named_events
from tarikh.resolve.calendar import resolve
from tarikh.resolve.frame import ONE_DAY, UNKNOWN, Form, Frame, Time
from tarikh.text import fold


@dataclass(frozen=True, slots=True)
class DateContext:
    """What the whole report says of time. `resolved` gives the When of each of `times`, in the order of the text.

    `main` is the first day that the text speaks of; `dated` are the days that it names in full. Of an undated report,
    by place in `times`: `hung` is the well-known event that a phrase counts from ("two days after the fall of Goma"),
    `beside` the day of one named in its sentence, `bounded` what hangs on a sort of event ("last week's coup" in Niger).
    `stems_of` keeps what `day_told_with` has read of the sentences.
    """

    report: Report
    published: Day | None
    times: tuple[Time, ...] = ()
    resolved: tuple[When, ...] = ()
    main: When = UNKNOWN
    dated: tuple[Day, ...] = ()
    hung: Mapping[int, When] = field(default_factory=dict)
    beside: Mapping[int, Day] = field(default_factory=dict)
    bounded: Mapping[int, When] = field(default_factory=dict)
    week_end: Day | None = None
    stems_of: dict[int, tuple[int, int, frozenset[str]]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def dated_at(self, index: int) -> tuple[Day, ...]:
        """The days that a phrase may be near to: those named in full, else that of a well-known event in its sentence."""
        return self.dated or ((self.beside[index],) if index in self.beside else ())


IN_A_NAME = "part of a name"
"""Basis of a day in the name of a well-known event ("the October 7 attack"): nothing else is counted from it."""


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
        if (
            named
            and form.shift != "since"
            and found.basis != IN_A_NAME
            and found.start is not None
            and not (time.future or time.dateline)
        ):
            return found, _BREAK.search(text[before.end : span.start]) is None
    return None, False


_LATE = frozenset(("afternoon", "evening", "night"))


def _late(time: Time) -> bool:
    return time.form.part in _LATE


_OF_THE_CALENDAR = frozenset(("date", "nth_week", "nth_weekday", "tail", "season"))
"""Kinds that a day told before gives month or year; one that is only counted from a well-known event does not."""


def frame_at(
    report: Report,
    times: Sequence[Time],
    resolved: Sequence[When],
    index: int,
    told: When | None,
    event: When | None,
) -> Frame:
    """What the phrase at `index` may count from, given the event told before it and the one that it may name.

    A text without a day of publication goes on from the month or year that it named last.
    """
    stated, near = _stated(report, times, resolved, index)
    form = times[index].form
    if told is not None and told.basis.startswith("anchor:"):
        told = None if form.kind in _OF_THE_CALENDAR and form.anchor != "previous" else told
    return Frame(
        report.published,
        told or (stated if report.published is None else None),
        event=event,
        stated=stated,
        near=near,
        late=index > 0 and _late(times[index - 1]),
        ahead=times[index].ahead,
    )


def context(report: Report, times: Sequence[Time]) -> DateContext:
    """Reads a report's time phrases once, in the order of the text. `times` are those of the title and text."""
    ordered = tuple(sorted(times, key=lambda t: _order(t.phrase.spans[0])))
    read = DateContext(
        report, report.published, ordered, dated=_dated_days(ordered), week_end=_week_end(report, ordered)
    )
    if report.published is None:
        hung, beside, inside = named_events(report, ordered)
        news = _dated_days([time for index, time in enumerate(ordered) if index not in inside])
        read = replace(read, hung=hung, beside=beside, bounded=bounds(report, ordered), dated=news)
    else:
        inside = frozenset()
    resolved: list[When] = []
    main = previous = UNKNOWN
    for index, time in enumerate(ordered):
        hung_on = read.hung.get(index)
        event = hung_on or (main if main.start else None)
        frame = frame_at(report, ordered, resolved, index, previous if previous.start else None, event)
        frame = replace(frame, dated=read.dated_at(index), week_end=read.week_end)
        found = read.bounded.get(index) or resolve(time.form, frame)
        if hung_on is not None and found.start is not None:
            found = replace(found, basis=hung_on.basis)
        if index in inside:
            found = replace(found, basis=IN_A_NAME)
        resolved.append(found)
        if found.precision == "day" and not (index in inside or time.future or time.general or time.dateline):
            previous = replace(found, end=found.start) if time.form.kind == "since" else found
            # A well-known event is no news: what is told of it is not the day of the report.
            main = main if main.start or hung_on is not None else previous
    return replace(read, resolved=tuple(resolved), main=main)


# --- days told with a word --------------------------------------------------------------------------------

_STEM = 5
_SENTENCE_REACH = 300


@lru_cache(maxsize=4096)
def stems(words: str) -> frozenset[str]:
    """The first letters of the long words, by which "ambush" and "ambushed" are one."""
    return frozenset(word[:_STEM] for word in re.findall(r"\w+", fold(words)) if len(word) >= _STEM)


def counts(time: Time, found: When) -> bool:
    """Whether a phrase tells a day of what has happened."""
    return found.start is not None and not (
        found.basis == IN_A_NAME or time.future or time.general or time.dateline
    )


def _sentence(index: int, context: DateContext) -> tuple[int, int, frozenset[str]]:
    """Start and end of the sentence of a phrase, and its stems; read once."""
    known_already = context.stems_of.get(index)
    if known_already is not None:
        return known_already
    span = context.times[index].phrase.spans[0]
    text = context.report.title if span.part == "title" else context.report.text
    low = max(0, span.start - _SENTENCE_REACH)
    start = max((m.end() for m in _BREAK.finditer(text, low, span.start)), default=low)
    end = _BREAK.search(text, span.end, span.end + _SENTENCE_REACH)
    stop = end.start() if end else min(len(text), span.end + _SENTENCE_REACH)
    context.stems_of[index] = (start, stop, stems(text[start:stop]))
    return context.stems_of[index]


def day_told_with(words: frozenset[str], span: Span, context: DateContext) -> When | None:
    """The first day that stands in another sentence with one of the words: "the vote was held on 3 May"."""
    if not words:
        return None
    for index, (time, found) in enumerate(zip(context.times, context.resolved, strict=True)):
        other = time.phrase.spans[0]
        if not counts(time, found) or found.precision != "day" or time.form.anchor == "event":
            continue
        start, end, told = _sentence(index, context)
        if (other.part != span.part or not start <= span.start < end) and words & told:
            return found
    return None
