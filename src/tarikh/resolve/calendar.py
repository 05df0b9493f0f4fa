"""What the words of time in a report mean in days (codebook section 5).

Invariant: days come from the words and the day of publication or a dated anchor in the text, never from a clock;
what cannot be counted from anything is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date as Day
from datetime import timedelta

from tarikh.model import DatePrecision, When
from tarikh.resolve.feasts import feast_days
from tarikh.resolve.frame import (
    COARSE,
    LENGTHS,
    ONE_DAY,
    UNKNOWN,
    WEEK,
    Form,
    Frame,
    back_a_year,
    day_of,
    known,
    latest,
    monday,
    months_on,
    one_day,
    portion_of,
    whole_month,
)


def _base(form: Form, frame: Frame) -> When:
    """The When that a counted form counts from."""
    if form.first is not None:
        return resolve(form.first, frame)
    if form.anchor == "published":
        return known(frame.published, basis="published") if frame.published else UNKNOWN
    if form.anchor in ("event", "fact") and frame.event is not None:
        return frame.event
    if form.whole and form.unit == "year" and frame.published is None and frame.stated is not None:
        return frame.stated  # a history goes on from the year that it named last
    if frame.previous is not None:
        return frame.previous
    if form.anchor == "previous" and (form.kind == "night" or (form.amount or 0) < 0):
        # With nothing told before, "the day before" is counted from the day of the report.
        return known(frame.published, basis="nothing told") if frame.published else UNKNOWN
    return UNKNOWN


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
    if form.anchor == "previous":  # "on the 7th of that month", "on 28 February of that year"
        said = frame.stated or frame.previous
        if said is None or said.start is None:
            return UNKNOWN
        year, month, basis = said.start.year, month or said.start.month, "previous"
    if form.month_shift is not None:
        if frame.published is None or form.day is None:
            return UNKNOWN
        return day_of(*months_on(frame.published, form.month_shift), form.day, basis)
    if month is None:
        if form.day is not None:
            return _day_of_some_month(form.day, frame)
        if year is None:
            return UNKNOWN
        return When(Day(year, 1, 1), Day(year, 12, 31), "year", basis)
    if year is None:
        year, basis = _year_said(month, form.day or 1, frame) or _likely_year(month, form.day or 1, frame)
    if year is None:
        return UNKNOWN
    if form.day is None:
        return portion_of(whole_month(year, month, basis), form.portion)
    return day_of(year, month, form.day, basis)


def _year_said(month: int, day: int, frame: Frame) -> tuple[int, str] | None:
    """The year that the words before it name: "in 2019, on 1 May"; "the last days of March 2022: from 27 March"."""
    said = frame.stated
    if said is None or said.start is None or not (frame.near or said.start.month == month):
        return None
    if said.precision == "year" and not frame.near:
        return None
    year = said.start.year
    if said.precision != "year" and (month, day) < (said.start.month, 1):
        year += 1
    if frame.published is not None and (year, month, day) > frame.published.timetuple()[:3]:
        return None
    return year, "text"


_HALF_A_MONTH = 15


def _day_of_month_said(day: int, frame: Frame) -> When:
    """ "In May it fell, on the 18th": the month that the words before name; well before the day that they name, the next."""
    said = frame.stated
    if said is None or said.start is None or said.precision == "year":
        return UNKNOWN
    back = said.precision == "day" and said.start.day - day > _HALF_A_MONTH
    found = day_of(*months_on(said.start, int(back)), day, "previous")
    if found.start is None or found.precision != "day":
        return UNKNOWN
    return found if frame.published is None or found.start <= frame.published else UNKNOWN


def _day_of_some_month(day: int, frame: Frame) -> When:
    """ "On the 17th": of the month told of, else the latest one not after publication, else near a day that the text dates."""
    said = _day_of_month_said(day, frame)
    if said.start is not None:
        return said
    if frame.published is not None:
        for back in range(3):
            found = day_of(*months_on(frame.published, -back), day, "published")
            if found.start is not None and found.precision == "day" and found.start <= frame.published:
                return found
        return UNKNOWN
    near = _nearest_dated(frame)
    return day_of(near.year, near.month, day, "anchor") if near else UNKNOWN


def _nearest_dated(frame: Frame) -> Day | None:
    if frame.published is None and frame.stated is not None and frame.stated.start is not None:
        return frame.stated.start
    if frame.previous is not None and frame.previous.start is not None:
        return frame.previous.start
    return frame.dated[0] if frame.dated else None


def _likely_year(month: int, day: int, frame: Frame) -> tuple[int | None, str]:
    if frame.published is not None:
        today = (frame.published.month, frame.published.day)
        if frame.ahead:
            return frame.published.year + ((month, day) < today), "published"
        return frame.published.year - ((month, day) > today), "published"
    if frame.stated is not None and frame.stated.start is not None and frame.stated.precision == "year":
        return frame.stated.start.year, "previous"
    near = _nearest_dated(frame)
    if near is None:
        return None, ""
    months_off = (month - near.month + 5) % 12 - 5  # the year that puts it within half a year of the anchor
    return months_on(near, months_off)[0], "anchor"


def _weekday(form: Form, frame: Frame) -> When:
    number = form.weekday or 1
    if form.shift == "told":
        return _weekday_of_the_week_told(number, frame)
    if form.shift in ("same", "before", "after"):
        found = _weekday_told(number, form.shift, form.anchor, frame)
        if found is not None:
            return known(found, basis="previous")
    if form.week_shift is not None and frame.published is not None:
        start = monday(frame.published) + form.week_shift * WEEK
        return known(start + timedelta(days=number - 1), basis="published")
    return _latest_weekday(number, form.shift, frame)


def _latest_weekday(number: int, shift: str | None, frame: Frame) -> When:
    if frame.published is None:
        # Without a day of publication only a day that the text dates in full can be meant.
        named = [day for day in frame.dated if day.isoweekday() == number]
        return known(named[0], basis="anchor") if named else UNKNOWN
    found = latest(number, (frame.week_end or frame.published) if shift is None else frame.published)
    if shift == "next" or (frame.ahead and shift is None and frame.week_end is None):
        found += WEEK
    elif shift in ("last", "same") and found == frame.published:
        found -= WEEK
    return known(found, basis="published")


def _weekday_of_the_week_told(number: int, frame: Frame) -> When:
    """ "The soldiers came on the Monday": of the week that is told of, else the latest."""
    told = frame.previous
    if told is not None and told.start is not None and told.precision == "day":
        found = monday(told.start) + timedelta(days=number - 1)
        if frame.published is None or found <= frame.published:
            return known(found, basis="previous")
    return _latest_weekday(number, None, frame)


def _weekday_told(number: int, shift: str, anchor: str | None, frame: Frame) -> Day | None:
    previous = frame.event if anchor == "event" else frame.previous
    if previous is None or previous.start is None or previous.precision not in ("day", "week"):
        return None
    if shift == "before":
        return latest(number, previous.start - ONE_DAY)
    if shift == "after":
        return latest(number, (previous.end or previous.start) + WEEK)
    for day in (previous.start, previous.end or previous.start, *reversed(frame.dated)):
        if day.isoweekday() == number:
            return day
    # Without a day of publication "the same Sunday" is that of the week told of.
    return latest(number, previous.start + 6 * ONE_DAY) if frame.published is None else None


def _offset(form: Form, frame: Frame) -> When:
    base, amount, unit = _base(form, frame), form.amount or 0, form.unit
    if base.start is None or base.end is None:
        return UNKNOWN
    basis = form.anchor or base.basis
    if form.anchor == "previous" and base.basis == "nothing told":
        basis = "published"
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
        first = monday(base.start + amount * WEEK)
        return When(first, first + 6 * ONE_DAY, "week", basis)
    if amount == 0:
        return replace(one_day(base) if unit == "day" and form.part != "night" else base, basis=basis)
    if unit == "hour":
        return _hours(base.start, base.end, amount, basis)
    origin = base.end if amount > 0 and base.precision == "day" else base.start
    return known(origin + amount * LENGTHS.get(unit or "", timedelta()), basis=basis)


def _hours(start: Day, end: Day, amount: int, basis: str) -> When:
    """24 hours are a day; of another number it is not known on which side of midnight it falls: two days."""
    days = amount // 24
    return known(start + timedelta(days=days), end + timedelta(days=days + (amount % 24 > 0)), basis=basis)


def _calendar_unit(base: When, amount: int, unit: str | None, form: Form, basis: str) -> When:
    start = base.start
    assert start is not None
    open_end = start if amount == 0 and form.anchor == "published" else None
    if unit == "weekend":
        saturday = latest(6, start) + (amount + (amount < 0 and start.isoweekday() < 6)) * WEEK
        return known(saturday, min(saturday + ONE_DAY, open_end or saturday + ONE_DAY), basis=basis)
    if unit in ("week", "fortnight"):
        first = monday(start) + amount * WEEK
        return When(first, open_end or first + 6 * ONE_DAY, "week", basis)
    if unit == "month":
        month = portion_of(whole_month(*months_on(start, amount), basis), form.portion)
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
    if first.kind == "date" and second.kind == "weekday" and second.shift is None and first.day is not None:
        return _to_weekday(resolve(first, frame), second)
    if second.anchor == "previous":  # "between the evening of 3 May and the following dawn"
        frame = replace(frame, previous=resolve(first, frame))
    end = resolve(second, frame)
    start = resolve(first, replace(frame, previous=frame.previous or end, hint=second))
    if start.start is None or end.end is None:
        return UNKNOWN
    begins = start.start
    if begins > end.end:
        begins = begins - WEEK if first.kind == "weekday" else begins
        if first.kind == "date" and first.year is None and begins > end.end:
            begins = back_a_year(begins)
    if begins > end.end:
        return UNKNOWN
    coarser = max(start.precision, end.precision, key=COARSE.index)
    return When(begins, end.end, coarser, end.basis)


def _to_weekday(start: When, second: Form) -> When:
    """ "From 7 July to Sunday": the Sunday after it."""
    if start.start is None or start.precision != "day":
        return UNKNOWN
    return replace(start, end=latest(second.weekday or 1, start.start + WEEK))


def _night(form: Form, frame: Frame) -> When:
    """A night is two days. Told on the day of publication, or with nothing told before, it is the one that ends on that day."""
    base, amount = _base(form, frame), form.amount or 0
    if base.start is None or base.end is None or base.precision != "day":
        return base
    if form.anchor == "previous" and amount == 0:
        if base.end - base.start == ONE_DAY:
            return base
        amount = -1 if base.start == frame.published else 0
    start = base.start + timedelta(days=amount)
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
    if year is None and frame.published is None and frame.stated is not None and frame.stated.start:
        year = frame.stated.start.year
    if month is None or (year is None and frame.published is None):
        return UNKNOWN
    if year is None and frame.published is not None:
        year = frame.published.year - (month > frame.published.month)
    start = Day(year or 1, month, 1)
    last = whole_month(*months_on(start, 2), "text")
    return When(start, last.end, "month", "text" if form.year else "published")


def _feast(form: Form, frame: Frame) -> When:
    stated = _year_of(form, frame)
    if stated is None and frame.published is None:
        return UNKNOWN
    years = (
        [stated]
        if stated is not None
        else [frame.published.year - 1, frame.published.year]
        if frame.published
        else []
    )
    found = [days for year in years for days in feast_days(form.feast or "", year)]
    past = [days for days in found if frame.published is not None and days[0] <= frame.published]
    if past:
        start, end, sure = past[-1]
    elif stated is not None and len(found) == 1:
        start, end, sure = found[0]
    else:
        return UNKNOWN  # not yet, or twice in the year that is named
    length: DatePrecision = "month" if end - start > WEEK else "day" if sure else "week"
    return known(start, end, length, "published")


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
    start = whole.start + (number - 1) * WEEK
    return When(start, min(start + 6 * ONE_DAY, whole.end), "week", whole.basis)


def _nth_weekday(form: Form, frame: Frame) -> When:
    whole, number, weekday = _month_meant(form, frame), form.amount or 1, form.weekday or 1
    if whole.start is None or whole.end is None or whole.precision != "month":
        return UNKNOWN
    if number < 0:
        found = latest(weekday, whole.end)
        if (
            form.month is None
            and form.first is None
            and frame.published is not None
            and found > frame.published
        ):
            found = latest(weekday, whole.start - ONE_DAY)  # the month that is over
        return known(found, basis=whole.basis)
    day = latest(weekday, whole.start + 6 * ONE_DAY) + (number - 1) * WEEK
    return known(day, basis=whole.basis) if whole.start <= day <= whole.end else UNKNOWN


def _tail(form: Form, frame: Frame) -> When:
    whole = _month_meant(form, frame)
    if whole.end is None or whole.precision != "month":
        return UNKNOWN
    return When(whole.end - timedelta(days=(form.amount or 1) - 1), whole.end, "week", whole.basis)


def _part(form: Form, frame: Frame) -> When:
    """A time of day alone is of the day told last; dawn after an evening is of the next."""
    previous = frame.previous
    if previous is None or previous.start is None or previous.end is None or previous.precision != "day":
        return UNKNOWN
    told_by_part = form.part not in (None, "clock", "night")
    day = one_day(previous) if told_by_part and previous.end - previous.start == ONE_DAY else previous
    after = frame.late and previous.start == previous.end and form.part in ("dawn", "morning")
    if after and day.start is not None and (frame.published is None or day.start < frame.published):
        day = known(day.start + ONE_DAY)
    return replace(day, basis="previous")


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
