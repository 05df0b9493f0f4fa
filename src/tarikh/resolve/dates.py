"""When an event happened: what the words of time in a report mean in days (codebook section 5).

Invariant: days come from the words and the day of publication or a dated anchor in the text, never from a clock;
what cannot be counted from anything is unknown. Only `when` and `evidence["date"]` of a mention are filled.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date as Day
from datetime import timedelta
from functools import cache
from typing import Any, Protocol

import yaml

from tarikh import reference
from tarikh.errors import MissingError
from tarikh.model import Candidate, DatePrecision, Evidence, Mention, Phrase, Report, Span, When
from tarikh.text import fold, straight

UNKNOWN = When()


class Form(Protocol):
    """What words of time say, free of language, as the extraction gives it (see `extract.times.Form`).

    Read by its shape: rooms of one level never import each other.
    """

    @property
    def kind(self) -> str: ...
    @property
    def year(self) -> int | None: ...
    @property
    def month(self) -> int | None: ...
    @property
    def day(self) -> int | None: ...
    @property
    def year_shift(self) -> int | None: ...
    @property
    def month_shift(self) -> int | None: ...
    @property
    def week_shift(self) -> int | None: ...
    @property
    def weekday(self) -> int | None: ...
    @property
    def shift(self) -> str | None: ...
    @property
    def amount(self) -> int | None: ...
    @property
    def unit(self) -> str | None: ...
    @property
    def anchor(self) -> str | None: ...
    @property
    def whole(self) -> bool: ...
    @property
    def portion(self) -> str | None: ...
    @property
    def season(self) -> str | None: ...
    @property
    def feast(self) -> str | None: ...
    @property
    def first(self) -> Form | None: ...
    @property
    def second(self) -> Form | None: ...


class Time(Protocol):
    """A time phrase of the report: its words and spans, what they mean, how they are used."""

    @property
    def phrase(self) -> Phrase: ...
    @property
    def form(self) -> Form: ...
    @property
    def future(self) -> bool: ...
    @property
    def dateline(self) -> bool: ...
    @property
    def general(self) -> bool: ...


# --- data -------------------------------------------------------------------------------------------------


@cache
def _data() -> Mapping[str, Any]:
    """`anchors.yaml`: feasts by year, and well-known events with their day and names."""
    path = reference.data_path("anchors.yaml")
    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise MissingError(f"{path} cannot be read: {error}; install tarikh again") from error
    return loaded if isinstance(loaded, Mapping) else {"feasts": {}, "events": []}


# --- counting days ----------------------------------------------------------------------------------------

_ONE = timedelta(days=1)
_WEEK = timedelta(days=7)
_LENGTHS = {"day": _ONE, "week": _WEEK, "fortnight": 2 * _WEEK}
_COARSE: tuple[DatePrecision, ...] = ("day", "week", "month", "year", "unknown")


@dataclass(frozen=True, slots=True)
class _Frame:
    """What a form may count from: day of publication, the event told before, days that the text dates in full."""

    published: Day | None
    previous: When | None = None
    dated: tuple[Day, ...] = ()
    event: When | None = None
    hint: Form | None = None
    week_end: Day | None = None


def _when(start: Day, end: Day | None = None, precision: DatePrecision = "day", basis: str = "text") -> When:
    return When(start, end or start, precision, basis)


def _month(year: int, month: int, basis: str) -> When:
    return When(Day(year, month, 1), Day(year, month, monthrange(year, month)[1]), "month", basis)


def _months_on(day: Day, months: int) -> tuple[int, int]:
    index = day.year * 12 + day.month - 1 + months
    return index // 12, index % 12 + 1


def _monday(day: Day) -> Day:
    return day - timedelta(days=day.isoweekday() - 1)


def _portion(month: When, portion: str | None) -> When:
    """Early, mid and late are thirds of a month; "the end of June" stays the month, as gold codes it."""
    if month.precision != "month" or month.start is None or month.end is None:
        return month
    first, last = month.start, month.end
    thirds = {"early": (1, 10), "mid": (11, 20), "late": (21, last.day)}
    if portion not in thirds:
        return month
    low, high = thirds[portion]
    return replace(month, start=first.replace(day=low), end=first.replace(day=high), precision="week")


def _base(form: Form, frame: _Frame) -> When:
    """The When that a counted form counts from."""
    if form.first is not None:
        return _resolve(form.first, frame)
    if form.anchor == "published":
        return _when(frame.published, basis="published") if frame.published else UNKNOWN
    if form.anchor in ("event", "fact") and frame.event is not None:
        return frame.event
    return frame.previous or UNKNOWN


# --- one function a kind of form --------------------------------------------------------------------------


def _year_of(form: Form, frame: _Frame) -> int | None:
    if form.year is not None:
        return form.year
    if form.year_shift is not None and frame.published is not None:
        return frame.published.year + form.year_shift
    return None


def _date(form: Form, frame: _Frame) -> When:
    year, month = _year_of(form, frame), form.month
    if frame.hint is not None and frame.hint.kind == "date" and form.day:  # "from 5 to 8 May 2023"
        month = month or frame.hint.month
        year = year or frame.hint.year
    basis = "text" if year is not None and form.year_shift is None else "published"
    if form.month_shift is not None:
        if frame.published is None or form.day is None:
            return UNKNOWN
        return _day_of(*_months_on(frame.published, form.month_shift), form.day, basis)
    if month is None:
        if form.day is not None:
            return _day_of_some_month(form.day, frame)
        if year is None:
            return UNKNOWN
        return When(Day(year, 1, 1), Day(year, 12, 31), "year", basis)
    if year is None:
        year, basis = _likely_year(month, form.day or 1, frame)
    if year is None:
        return UNKNOWN
    if form.day is None:
        return _portion(_month(year, month, basis), form.portion)
    return _day_of(year, month, form.day, basis)


def _day_of(year: int, month: int, day: int, basis: str) -> When:
    if day > monthrange(year, month)[1]:
        return UNKNOWN
    return _when(Day(year, month, day), basis=basis)


def _day_of_some_month(day: int, frame: _Frame) -> When:
    """ "On the 17th": the latest one not after publication, else the one nearest to a day that the text dates."""
    if frame.published is not None:
        for back in range(3):
            found = _day_of(*_months_on(frame.published, -back), day, "published")
            if found.start is not None and found.start <= frame.published:
                return found
        return UNKNOWN
    near = _nearest_dated(frame)
    return _day_of(near.year, near.month, day, "anchor") if near else UNKNOWN


def _nearest_dated(frame: _Frame) -> Day | None:
    if frame.previous is not None and frame.previous.start is not None:
        return frame.previous.start
    return frame.dated[0] if frame.dated else None


def _likely_year(month: int, day: int, frame: _Frame) -> tuple[int | None, str]:
    if frame.published is not None:
        later = (month, day) > (frame.published.month, frame.published.day)
        return frame.published.year - later, "published"
    near = _nearest_dated(frame)
    if near is None:
        return None, ""
    months_off = (month - near.month + 5) % 12 - 5  # the year that puts it within half a year of the anchor
    return _months_on(near, months_off)[0], "anchor"


def _latest(weekday: int, day: Day) -> Day:
    return day - timedelta(days=(day.isoweekday() - weekday) % 7)


def _weekday(form: Form, frame: _Frame) -> When:
    number = form.weekday or 1
    if form.shift in ("same", "before", "after"):
        found = _weekday_told(number, form.shift, form.anchor, frame)
        if found is not None:
            return _when(found, basis="previous")
    if frame.published is None:
        # Without a day of publication only a day that the text dates in full can be meant.
        named = [day for day in frame.dated if day.isoweekday() == number]
        return _when(named[0], basis="anchor") if named else UNKNOWN
    if form.week_shift is not None:
        start = _monday(frame.published) + form.week_shift * _WEEK
        return _when(start + timedelta(days=number - 1), basis="published")
    latest = _latest(number, (frame.week_end or frame.published) if form.shift is None else frame.published)
    if form.shift == "next":
        latest += _WEEK
    elif form.shift in ("last", "same") and latest == frame.published:
        latest -= _WEEK
    return _when(latest, basis="published")


def _weekday_told(number: int, shift: str, anchor: str | None, frame: _Frame) -> Day | None:
    previous = frame.event if anchor == "event" else frame.previous
    if previous is None or previous.start is None or previous.precision not in ("day", "week"):
        return None
    if shift == "before":
        return _latest(number, previous.start - _ONE)
    if shift == "after":
        return _latest(number, (previous.end or previous.start) + _WEEK)
    for day in (previous.start, previous.end or previous.start, *reversed(frame.dated)):
        if day.isoweekday() == number:
            return day
    # Without a day of publication "the same Sunday" is that of the week told of.
    return _latest(number, previous.start + 6 * _ONE) if frame.published is None else None


def _offset(form: Form, frame: _Frame) -> When:
    base, amount, unit = _base(form, frame), form.amount or 0, form.unit
    if base.start is None or base.end is None:
        return UNKNOWN
    basis = form.anchor or base.basis
    if form.whole:
        return _calendar_unit(base, amount, unit, form, basis)
    if unit == "fortnight":
        amount, unit = amount * 2, "week"
    if unit == "month":
        return _month(*_months_on(base.start, amount), basis)
    if unit == "year":
        return When(Day(base.start.year + amount, 1, 1), Day(base.start.year + amount, 12, 31), "year", basis)
    if base.precision not in ("day", "week"):
        return base if amount == 0 else UNKNOWN
    if unit == "week" and abs(amount) > 1:
        monday = _monday(base.start + amount * _WEEK)
        return When(monday, monday + 6 * _ONE, "week", basis)
    if amount == 0:  # "that day" after a longer stretch is its first day
        long = unit == "day" and base.end - base.start > _ONE
        return replace(base, end=base.start if long else base.end, basis=basis)
    origin = base.end if amount > 0 and base.precision == "day" else base.start
    return _when(origin + amount * _LENGTHS.get(unit or "", timedelta()), basis=basis)


def _calendar_unit(base: When, amount: int, unit: str | None, form: Form, basis: str) -> When:
    start = base.start
    assert start is not None
    open_end = start if amount == 0 and form.anchor == "published" else None
    if unit == "weekend":
        saturday = _latest(6, start) + (amount + (amount < 0 and start.isoweekday() < 6)) * _WEEK
        return _when(saturday, min(saturday + _ONE, open_end or saturday + _ONE), basis=basis)
    if unit in ("week", "fortnight"):
        monday = _monday(start) + amount * _WEEK
        return When(monday, open_end or monday + 6 * _ONE, "week", basis)
    if unit == "month":
        month = _portion(_month(*_months_on(start, amount), basis), form.portion)
        return replace(month, end=open_end) if open_end and month.precision == "month" else month
    if unit == "year":
        return When(
            Day(start.year + amount, 1, 1), open_end or Day(start.year + amount, 12, 31), "year", basis
        )
    return _when(start + timedelta(days=amount), basis=basis)


def _span(form: Form, frame: _Frame) -> When:
    first, second = form.first, form.second
    if first is None or second is None:
        return UNKNOWN
    if "part" in (first.kind, second.kind):  # "between 8pm and midnight on Tuesday"
        return _resolve(second if first.kind == "part" else first, frame)
    if second.anchor == "previous":  # "between the evening of 3 May and the following dawn"
        frame = replace(frame, previous=_resolve(first, frame))
    end = _resolve(second, frame)
    start = _resolve(first, replace(frame, previous=frame.previous or end, hint=second))
    if start.start is None or end.end is None:
        return UNKNOWN
    begins = start.start
    if begins > end.end:
        begins = begins - _WEEK if first.kind == "weekday" else begins
        if first.kind == "date" and first.year is None and begins > end.end:
            begins = _back_a_year(begins)
    if begins > end.end:
        return UNKNOWN
    coarser = max(start.precision, end.precision, key=_COARSE.index)
    return When(begins, end.end, coarser, end.basis)


def _back_a_year(day: Day) -> Day:
    return day.replace(year=day.year - 1, day=min(day.day, 28) if day.month == 2 else day.day)


def _night(form: Form, frame: _Frame) -> When:
    base = _base(form, frame)
    if base.start is None or base.precision != "day":
        return base
    start = base.start + timedelta(days=form.amount or 0)
    return _when(start, start + _ONE, basis=base.basis)


def _since(form: Form, frame: _Frame) -> When:
    """Up to the day of publication; from a month or a year on, only that month or year is told."""
    start = _resolve(form.first, frame) if form.first is not None else UNKNOWN
    if start.start is None or frame.published is None or start.precision != "day":
        return start
    return replace(start, end=max(frame.published, start.start))


def _plain(form: Form, frame: _Frame) -> When:
    return _resolve(form.first, frame) if form.first is not None else UNKNOWN


_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}


def _season(form: Form, frame: _Frame) -> When:
    month = _SEASONS.get(form.season or "")
    year = _year_of(form, frame)
    if month is None or (year is None and frame.published is None):
        return UNKNOWN
    if year is None and frame.published is not None:
        year = frame.published.year - (month > frame.published.month)
    start = Day(year or 1, month, 1)
    last = _month(*_months_on(start, 2), "text")
    return When(start, last.end, "month", "text" if form.year else "published")


def _feast_days(name: str, year: int) -> tuple[Day, Day] | None:
    row = _data()["feasts"].get(name)
    if row is None:
        return None
    if "of" in row:  # "two days before Easter"
        root = _feast_days(row["of"], year)
        return (root[0] + timedelta(days=row["days"]),) * 2 if root else None
    start = (
        row["days"].get(year) if isinstance(row.get("days"), Mapping) else Day(year, row["month"], row["day"])
    )
    return (start, start + timedelta(days=row.get("length", 1) - 1)) if start else None


def _feast(form: Form, frame: _Frame) -> When:
    known = _year_of(form, frame)
    if known is None and frame.published is None:
        return UNKNOWN
    years = (
        [known]
        if known is not None
        else [frame.published.year, frame.published.year - 1]
        if frame.published
        else []
    )
    for year in years:
        days = _feast_days(form.feast or "", year)
        if days and (known is not None or frame.published is None or days[0] <= frame.published):
            long = days[1] - days[0] > _WEEK
            return _when(days[0], days[1], "month" if long else "day", "published")
    return UNKNOWN


def _month_meant(form: Form, frame: _Frame) -> When:
    if form.first is not None:
        return _resolve(form.first, frame)
    if form.feast is not None:
        return _feast(form, frame)
    if form.month is not None:
        year = _year_of(form, frame) or _likely_year(form.month, 1, frame)[0]
        return _month(year, form.month, "published") if year else UNKNOWN
    day = frame.published or _nearest_dated(frame)
    return _month(day.year, day.month, "published") if day else UNKNOWN


def _nth_week(form: Form, frame: _Frame) -> When:
    whole, number = _month_meant(form, frame), form.amount or 1
    if whole.start is None or whole.end is None or whole.precision != "month":
        return UNKNOWN
    start = whole.start + (number - 1) * _WEEK
    return When(start, min(start + 6 * _ONE, whole.end), "week", whole.basis)


def _nth_weekday(form: Form, frame: _Frame) -> When:
    whole, number, weekday = _month_meant(form, frame), form.amount or 1, form.weekday or 1
    if whole.start is None or whole.end is None or whole.precision != "month":
        return UNKNOWN
    if number < 0:
        found = _latest(weekday, whole.end)
        if (
            form.month is None
            and form.first is None
            and frame.published is not None
            and found > frame.published
        ):
            found = _latest(weekday, whole.start - _ONE)  # the month that is over
        return _when(found, basis=whole.basis)
    return _when(_latest(weekday, whole.start + 6 * _ONE) + (number - 1) * _WEEK, basis=whole.basis)


def _tail(form: Form, frame: _Frame) -> When:
    whole = _month_meant(form, frame)
    if whole.end is None or whole.precision != "month":
        return UNKNOWN
    return When(whole.end - timedelta(days=(form.amount or 1) - 1), whole.end, "week", whole.basis)


def _part(_form: Form, frame: _Frame) -> When:
    """A time of day alone is of the day told last."""
    previous = frame.previous
    return replace(previous, basis="previous") if previous and previous.precision == "day" else UNKNOWN


_KINDS: Mapping[str, Callable[[Form, _Frame], When]] = {
    "date": _date,
    "weekday": _weekday,
    "offset": _offset,
    "span": _span,
    "night": _night,
    "since": _since,
    "until": _plain,
    "season": _season,
    "feast": _feast,
    "nth_week": _nth_week,
    "nth_weekday": _nth_weekday,
    "tail": _tail,
    "part": _part,
}


def _resolve(form: Form, frame: _Frame) -> When:
    rule = _KINDS.get(form.kind)
    if rule is None:
        return UNKNOWN
    try:
        return rule(form, frame)
    except (OverflowError, ValueError):  # "nine hundred years ago": before the calendar begins
        return UNKNOWN


def when(form: Form, published: Day | None, previous: When | None = None) -> When:
    """What a form means, counted from the day of publication or, where it says so, from the event told before.

    Unknown where the form counts from something that is not there; `duration` and `vague` are always unknown.
    """
    return _resolve(form, _Frame(published, previous))


# --- a report's context -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DateContext:
    """What the whole report says of time. `resolved` gives the When of each of `times`, in the order of the text.

    `main` is the first day that the text speaks of; `dated` are the days that it names in full; `anchors` are the
    well-known events that it names, with their days.
    """

    report: Report
    published: Day | None
    times: tuple[Time, ...] = ()
    resolved: tuple[When, ...] = ()
    main: When = UNKNOWN
    dated: tuple[Day, ...] = ()
    anchors: tuple[tuple[Span, Day], ...] = ()
    week_end: Day | None = None


def _order(span: Span) -> tuple[bool, int]:
    return span.part == "text", span.start


@cache
def _anchor_names() -> tuple[re.Pattern[str], Mapping[str, Day]]:
    days = {straight(name).casefold(): row["date"] for row in _data()["events"] for name in row["names"]}
    names = sorted(days, key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, names)) + r")(?!\w)", re.IGNORECASE), days


def _anchors(report: Report) -> Iterator[tuple[Span, Day]]:
    pattern, days = _anchor_names()
    for match in pattern.finditer(straight(report.text)):
        day = days.get(match.group().casefold())
        if day is not None:
            yield Span("text", match.start(), match.end()), day


def _full(form: Form) -> bool:
    return form.kind == "date" and None not in (form.year, form.month, form.day)


def _dated_days(times: Sequence[Time]) -> tuple[Day, ...]:
    found: list[Day] = []
    for time in times:
        for form in (time.form, time.form.first, time.form.second):
            if form is not None and _full(form) and not time.general:
                start = _resolve(form, _Frame(None)).start
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
        if time.form.kind == "span" and (span.part == "title" or span.start < _HEAD):
            found = _resolve(time.form, _Frame(published))
            if (
                found.start
                and found.end
                and 4 <= (found.end - found.start).days <= 8
                and (published - found.end).days in range(8)
            ):
                return found.end
    bare = {time.form.weekday for time in times if time.form.kind == "weekday" and time.form.shift is None}
    return published - _ONE if len(bare - {None}) >= _WEEKDAYS_OF_A_REVIEW else None


def context(report: Report, times: Sequence[Time]) -> DateContext:
    """Reads a report's time phrases once, in the order of the text. `times` are those of the title and text."""
    ordered = tuple(sorted(times, key=lambda t: _order(t.phrase.spans[0])))
    dated = _dated_days(ordered)
    anchors = tuple(_anchors(report)) if report.published is None else ()
    if report.published is None and not dated:
        dated = tuple(day for _, day in anchors)
    resolved: list[When] = []
    main = previous = UNKNOWN
    week_end = _week_end(report, ordered)
    for time in ordered:
        told, event = (previous if previous.start else None), (main if main.start else None)
        frame = _Frame(report.published, told, dated, event, week_end=week_end)
        found = _resolve(time.form, frame)
        resolved.append(found)
        if found.precision == "day" and not (time.future or time.general or time.dateline):
            previous = replace(found, end=found.start) if time.form.kind == "since" else found
            main = main if main.start else previous
    return DateContext(report, report.published, ordered, tuple(resolved), main, dated, anchors, week_end)


# --- a mention's date -------------------------------------------------------------------------------------

_POINTS = frozenset(
    (
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
        return 2
    return 1 if time.form.kind == "part" or time.future or time.dateline else 0


def _overlaps(left: Span, right: Span) -> bool:
    return left.part == right.part and left.start < right.end and right.start < left.end


def _times_of(mention: Mention, context: DateContext) -> list[int]:
    """Indexes of the mention's time phrases in the context, best first."""
    found: list[int] = []
    for phrase in mention.phrases.get("date", ()):
        for index, time in enumerate(context.times):
            if index not in found and _overlaps(phrase.spans[0], time.phrase.spans[0]):
                found.append(index)
    return sorted(found, key=lambda i: _weight(context.times[i]))


def _trigger(mention: Mention) -> Span | None:
    evidence = mention.evidence.get("kind")
    return evidence.spans[0] if evidence is not None and evidence.spans else None


_COMPLEMENT_REACH = 80
_STEM = 5
_SENTENCE_END = re.compile(r"[.!?;\n]")
_CLAUSE_END = re.compile(r"[.;!?\n]|, ")


def _is_complement(time: Time, trigger: Span | None, report: Report) -> bool:
    """Whether the event itself is what the words "two days after" go on to name, so that they count from another."""
    span = time.phrase.spans[0]
    if (
        trigger is None
        or trigger.part != span.part
        or not span.end <= trigger.start < span.end + _COMPLEMENT_REACH
    ):
        return False
    between = (report.title if span.part == "title" else report.text)[span.end : trigger.start]
    return _CLAUSE_END.search(between) is None


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
    return _when(context.published, basis="published") if context.published else None


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
    return {word[:_STEM] for word in fold(words).split() if len(word) >= _STEM}


def _event_named(time: Time, report: Report, earlier: Sequence[Mention]) -> When | None:
    """The event that "two days after the ambush" names: one told with a like word, else the first that is new."""
    span = time.phrase.spans[0]
    text = report.title if span.part == "title" else report.text
    words = _stems(_CLAUSE_END.split(text[span.end : span.end + _COMPLEMENT_REACH], maxsplit=1)[0])
    dated = [m for m in earlier if m.when.start is not None]
    for mention in dated:
        if words & _stems(mention.trigger):
            return mention.when
    return next((m.when for m in dated if m.aspect == "new"), None)


def _resolved_for(
    mention: Mention, index: int, context: DateContext, previous: When | None, earlier: Sequence[Mention]
) -> When:
    time = context.times[index]
    form, told = time.form, previous if previous and previous.start else None
    before = [
        w
        for t, w in zip(context.times[:index], context.resolved[:index], strict=True)
        if w.precision == "day" and not t.general
    ]
    told = _same_sentence(index, context) or told or (before[-1] if before else None)
    event = _event_named(time, context.report, earlier) or (context.main if context.main.start else told)
    frame = _Frame(context.published, told, context.dated, event, week_end=context.week_end)
    complement = form.anchor == "event" and _is_complement(time, _trigger(mention), context.report)
    if form.kind == "offset" and (complement or form.anchor == "fact"):
        return _counted_back(form, _elsewhere(index, context, previous))
    if (
        form.kind == "since"
        and form.first is not None
        and (mention.kind in _POINTS or form.first.anchor == "previous")
    ):
        return _resolve(form.first, frame)
    return _resolve(form, frame)


def _counted_back(form: Form, base: When | None) -> When:
    """ "It came three days after the raid": the raid is three days before it."""
    if base is None or base.start is None:
        return UNKNOWN
    amount, unit = -(form.amount or 0), form.unit
    if unit in ("month", "year"):
        return _month(*_months_on(base.start, amount * (12 if unit == "year" else 1)), "event")
    return _when(base.start + amount * _LENGTHS.get(unit or "", timedelta()), basis="event")


def _counts(time: Time, when: When) -> bool:
    return when.start is not None and not (time.future or time.general or time.dateline)


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
        trigger = _trigger(mention)
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
