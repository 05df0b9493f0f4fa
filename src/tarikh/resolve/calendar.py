"""What the words of time in a report mean in days (codebook section 5).

Invariant: days come from the words and the day of publication or a dated anchor in the text, never from a clock;
what cannot be counted from anything is unknown.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date as Day
from datetime import timedelta
from functools import cache
from typing import Any, Protocol

import yaml

from tarikh import reference
from tarikh.errors import MissingError
from tarikh.model import DatePrecision, Phrase, When

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
def anchor_data() -> Mapping[str, Any]:
    """`anchors.yaml`: feasts by year, and well-known events with their day and names."""
    path = reference.data_path("anchors.yaml")
    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise MissingError(f"{path} cannot be read: {error}; install tarikh again") from error
    return loaded if isinstance(loaded, Mapping) else {"feasts": {}, "events": []}


# --- counting days ----------------------------------------------------------------------------------------

ONE_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
LENGTHS = {"day": ONE_DAY, "week": _WEEK, "fortnight": 2 * _WEEK}
_COARSE: tuple[DatePrecision, ...] = ("day", "week", "month", "year", "unknown")


@dataclass(frozen=True, slots=True)
class Frame:
    """What a form may count from: day of publication, the event told before, days that the text dates in full."""

    published: Day | None
    previous: When | None = None
    dated: tuple[Day, ...] = ()
    event: When | None = None
    hint: Form | None = None
    week_end: Day | None = None


def known(start: Day, end: Day | None = None, precision: DatePrecision = "day", basis: str = "text") -> When:
    return When(start, end or start, precision, basis)


def whole_month(year: int, month: int, basis: str) -> When:
    return When(Day(year, month, 1), Day(year, month, monthrange(year, month)[1]), "month", basis)


def months_on(day: Day, months: int) -> tuple[int, int]:
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


def _base(form: Form, frame: Frame) -> When:
    """The When that a counted form counts from."""
    if form.first is not None:
        return resolve(form.first, frame)
    if form.anchor == "published":
        return known(frame.published, basis="published") if frame.published else UNKNOWN
    if form.anchor in ("event", "fact") and frame.event is not None:
        return frame.event
    return frame.previous or UNKNOWN


# --- one function a kind of form --------------------------------------------------------------------------


def _year_of(form: Form, frame: Frame) -> int | None:
    if form.year is not None:
        return form.year
    if form.year_shift is not None and frame.published is not None:
        return frame.published.year + form.year_shift
    return None


def _date(form: Form, frame: Frame) -> When:
    year, month = _year_of(form, frame), form.month
    if frame.hint is not None and frame.hint.kind == "date" and form.day:  # "from 5 to 8 May 2023"
        month = month or frame.hint.month
        year = year or frame.hint.year
    basis = "text" if year is not None and form.year_shift is None else "published"
    if form.month_shift is not None:
        if frame.published is None or form.day is None:
            return UNKNOWN
        return _day_of(*months_on(frame.published, form.month_shift), form.day, basis)
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
        return _portion(whole_month(year, month, basis), form.portion)
    return _day_of(year, month, form.day, basis)


def _day_of(year: int, month: int, day: int, basis: str) -> When:
    if day > monthrange(year, month)[1]:
        return UNKNOWN
    return known(Day(year, month, day), basis=basis)


def _day_of_some_month(day: int, frame: Frame) -> When:
    """ "On the 17th": the latest one not after publication, else the one nearest to a day that the text dates."""
    if frame.published is not None:
        for back in range(3):
            found = _day_of(*months_on(frame.published, -back), day, "published")
            if found.start is not None and found.start <= frame.published:
                return found
        return UNKNOWN
    near = _nearest_dated(frame)
    return _day_of(near.year, near.month, day, "anchor") if near else UNKNOWN


def _nearest_dated(frame: Frame) -> Day | None:
    if frame.previous is not None and frame.previous.start is not None:
        return frame.previous.start
    return frame.dated[0] if frame.dated else None


def _likely_year(month: int, day: int, frame: Frame) -> tuple[int | None, str]:
    if frame.published is not None:
        later = (month, day) > (frame.published.month, frame.published.day)
        return frame.published.year - later, "published"
    near = _nearest_dated(frame)
    if near is None:
        return None, ""
    months_off = (month - near.month + 5) % 12 - 5  # the year that puts it within half a year of the anchor
    return months_on(near, months_off)[0], "anchor"


def _latest(weekday: int, day: Day) -> Day:
    return day - timedelta(days=(day.isoweekday() - weekday) % 7)


def _weekday(form: Form, frame: Frame) -> When:
    number = form.weekday or 1
    if form.shift in ("same", "before", "after"):
        found = _weekday_told(number, form.shift, form.anchor, frame)
        if found is not None:
            return known(found, basis="previous")
    if frame.published is None:
        # Without a day of publication only a day that the text dates in full can be meant.
        named = [day for day in frame.dated if day.isoweekday() == number]
        return known(named[0], basis="anchor") if named else UNKNOWN
    if form.week_shift is not None:
        start = _monday(frame.published) + form.week_shift * _WEEK
        return known(start + timedelta(days=number - 1), basis="published")
    latest = _latest(number, (frame.week_end or frame.published) if form.shift is None else frame.published)
    if form.shift == "next":
        latest += _WEEK
    elif form.shift in ("last", "same") and latest == frame.published:
        latest -= _WEEK
    return known(latest, basis="published")


def _weekday_told(number: int, shift: str, anchor: str | None, frame: Frame) -> Day | None:
    previous = frame.event if anchor == "event" else frame.previous
    if previous is None or previous.start is None or previous.precision not in ("day", "week"):
        return None
    if shift == "before":
        return _latest(number, previous.start - ONE_DAY)
    if shift == "after":
        return _latest(number, (previous.end or previous.start) + _WEEK)
    for day in (previous.start, previous.end or previous.start, *reversed(frame.dated)):
        if day.isoweekday() == number:
            return day
    # Without a day of publication "the same Sunday" is that of the week told of.
    return _latest(number, previous.start + 6 * ONE_DAY) if frame.published is None else None


def _offset(form: Form, frame: Frame) -> When:
    base, amount, unit = _base(form, frame), form.amount or 0, form.unit
    if base.start is None or base.end is None:
        return UNKNOWN
    basis = form.anchor or base.basis
    if form.whole:
        return _calendar_unit(base, amount, unit, form, basis)
    if unit == "fortnight":
        amount, unit = amount * 2, "week"
    if unit == "month":
        return whole_month(*months_on(base.start, amount), basis)
    if unit == "year":
        return When(Day(base.start.year + amount, 1, 1), Day(base.start.year + amount, 12, 31), "year", basis)
    if base.precision not in ("day", "week"):
        return base if amount == 0 else UNKNOWN
    if unit == "week" and abs(amount) > 1:
        monday = _monday(base.start + amount * _WEEK)
        return When(monday, monday + 6 * ONE_DAY, "week", basis)
    if amount == 0:  # "that day" after a longer stretch is its first day
        long = unit == "day" and base.end - base.start > ONE_DAY
        return replace(base, end=base.start if long else base.end, basis=basis)
    origin = base.end if amount > 0 and base.precision == "day" else base.start
    return known(origin + amount * LENGTHS.get(unit or "", timedelta()), basis=basis)


def _calendar_unit(base: When, amount: int, unit: str | None, form: Form, basis: str) -> When:
    start = base.start
    assert start is not None
    open_end = start if amount == 0 and form.anchor == "published" else None
    if unit == "weekend":
        saturday = _latest(6, start) + (amount + (amount < 0 and start.isoweekday() < 6)) * _WEEK
        return known(saturday, min(saturday + ONE_DAY, open_end or saturday + ONE_DAY), basis=basis)
    if unit in ("week", "fortnight"):
        monday = _monday(start) + amount * _WEEK
        return When(monday, open_end or monday + 6 * ONE_DAY, "week", basis)
    if unit == "month":
        month = _portion(whole_month(*months_on(start, amount), basis), form.portion)
        return replace(month, end=open_end) if open_end and month.precision == "month" else month
    if unit == "year":
        return When(
            Day(start.year + amount, 1, 1), open_end or Day(start.year + amount, 12, 31), "year", basis
        )
    return known(start + timedelta(days=amount), basis=basis)


def _span(form: Form, frame: Frame) -> When:
    first, second = form.first, form.second
    if first is None or second is None:
        return UNKNOWN
    if "part" in (first.kind, second.kind):  # "between 8pm and midnight on Tuesday"
        return resolve(second if first.kind == "part" else first, frame)
    if second.anchor == "previous":  # "between the evening of 3 May and the following dawn"
        frame = replace(frame, previous=resolve(first, frame))
    end = resolve(second, frame)
    start = resolve(first, replace(frame, previous=frame.previous or end, hint=second))
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


def _night(form: Form, frame: Frame) -> When:
    base = _base(form, frame)
    if base.start is None or base.precision != "day":
        return base
    start = base.start + timedelta(days=form.amount or 0)
    return known(start, start + ONE_DAY, basis=base.basis)


def _since(form: Form, frame: Frame) -> When:
    """Up to the day of publication; from a month or a year on, only that month or year is told."""
    start = resolve(form.first, frame) if form.first is not None else UNKNOWN
    if start.start is None or frame.published is None or start.precision != "day":
        return start
    return replace(start, end=max(frame.published, start.start))


def _plain(form: Form, frame: Frame) -> When:
    return resolve(form.first, frame) if form.first is not None else UNKNOWN


_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}


def _season(form: Form, frame: Frame) -> When:
    month = _SEASONS.get(form.season or "")
    year = _year_of(form, frame)
    if month is None or (year is None and frame.published is None):
        return UNKNOWN
    if year is None and frame.published is not None:
        year = frame.published.year - (month > frame.published.month)
    start = Day(year or 1, month, 1)
    last = whole_month(*months_on(start, 2), "text")
    return When(start, last.end, "month", "text" if form.year else "published")


def _feast_days(name: str, year: int) -> tuple[Day, Day] | None:
    row = anchor_data()["feasts"].get(name)
    if row is None:
        return None
    if "of" in row:  # "two days before Easter"
        root = _feast_days(row["of"], year)
        return (root[0] + timedelta(days=row["days"]),) * 2 if root else None
    start = (
        row["days"].get(year) if isinstance(row.get("days"), Mapping) else Day(year, row["month"], row["day"])
    )
    return (start, start + timedelta(days=row.get("length", 1) - 1)) if start else None


def _feast(form: Form, frame: Frame) -> When:
    stated = _year_of(form, frame)
    if stated is None and frame.published is None:
        return UNKNOWN
    years = (
        [stated]
        if stated is not None
        else [frame.published.year, frame.published.year - 1]
        if frame.published
        else []
    )
    for year in years:
        days = _feast_days(form.feast or "", year)
        if days and (stated is not None or frame.published is None or days[0] <= frame.published):
            long = days[1] - days[0] > _WEEK
            return known(days[0], days[1], "month" if long else "day", "published")
    return UNKNOWN


def _month_meant(form: Form, frame: Frame) -> When:
    if form.first is not None:
        return resolve(form.first, frame)
    if form.feast is not None:
        return _feast(form, frame)
    if form.month is not None:
        year = _year_of(form, frame) or _likely_year(form.month, 1, frame)[0]
        return whole_month(year, form.month, "published") if year else UNKNOWN
    day = frame.published or _nearest_dated(frame)
    return whole_month(day.year, day.month, "published") if day else UNKNOWN


def _nth_week(form: Form, frame: Frame) -> When:
    whole, number = _month_meant(form, frame), form.amount or 1
    if whole.start is None or whole.end is None or whole.precision != "month":
        return UNKNOWN
    start = whole.start + (number - 1) * _WEEK
    return When(start, min(start + 6 * ONE_DAY, whole.end), "week", whole.basis)


def _nth_weekday(form: Form, frame: Frame) -> When:
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
            found = _latest(weekday, whole.start - ONE_DAY)  # the month that is over
        return known(found, basis=whole.basis)
    day = _latest(weekday, whole.start + 6 * ONE_DAY) + (number - 1) * _WEEK
    return known(day, basis=whole.basis) if whole.start <= day <= whole.end else UNKNOWN


def _tail(form: Form, frame: Frame) -> When:
    whole = _month_meant(form, frame)
    if whole.end is None or whole.precision != "month":
        return UNKNOWN
    return When(whole.end - timedelta(days=(form.amount or 1) - 1), whole.end, "week", whole.basis)


def _part(_form: Form, frame: Frame) -> When:
    """A time of day alone is of the day told last."""
    previous = frame.previous
    return replace(previous, basis="previous") if previous and previous.precision == "day" else UNKNOWN


_KINDS: Mapping[str, Callable[[Form, Frame], When]] = {
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


def resolve(form: Form, frame: Frame) -> When:
    rule = _KINDS.get(form.kind)
    if rule is None:
        return UNKNOWN
    try:
        found = rule(form, frame)
    except (OverflowError, ValueError):  # "nine hundred years ago": before the calendar begins
        return UNKNOWN
    # "The sixth week of May": words that no calendar bears out.
    return UNKNOWN if found.start is None or found.end is None or found.start > found.end else found


def when(form: Form, published: Day | None, previous: When | None = None) -> When:
    """What a form means, counted from the day of publication or, where it says so, from the event told before.

    Unknown where the form counts from something that is not there; `duration` and `vague` are always unknown.
    """
    return resolve(form, Frame(published, previous))
