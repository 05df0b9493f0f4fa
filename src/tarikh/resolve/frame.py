"""What the rules of the calendar count with: forms and time phrases by their shape, the frame of a report, days and months.

Invariant: nothing here reads a clock; `basis` of every When says what it was counted from.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date as Day
from datetime import timedelta
from typing import Protocol

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
    def part(self) -> str | None: ...
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
    def ahead(self) -> bool: ...
    @property
    def dateline(self) -> bool: ...
    @property
    def general(self) -> bool: ...


# --- counting days ----------------------------------------------------------------------------------------

ONE_DAY = timedelta(days=1)
WEEK = timedelta(days=7)
LENGTHS = {"day": ONE_DAY, "week": WEEK, "fortnight": 2 * WEEK}
COARSE: tuple[DatePrecision, ...] = ("day", "week", "month", "year", "unknown")


@dataclass(frozen=True, slots=True)
class Frame:
    """What a form may count from: day of publication, the event told before, days that the text dates in full.

    `stated` is what the nearest words before it in the paragraph say that name a month or a year; `near` says that
    they stand in the same sentence. `late`: the event told before was in an afternoon, evening or night; `ahead`: the words speak of what is to come.
    """

    published: Day | None
    previous: When | None = None
    dated: tuple[Day, ...] = ()
    event: When | None = None
    hint: Form | None = None
    week_end: Day | None = None
    stated: When | None = None
    near: bool = False
    late: bool = False
    ahead: bool = False


def known(start: Day, end: Day | None = None, precision: DatePrecision = "day", basis: str = "text") -> When:
    return When(start, end or start, precision, basis)


def whole_month(year: int, month: int, basis: str) -> When:
    return When(Day(year, month, 1), Day(year, month, monthrange(year, month)[1]), "month", basis)


def months_on(day: Day, months: int) -> tuple[int, int]:
    index = day.year * 12 + day.month - 1 + months
    return index // 12, index % 12 + 1


def monday(day: Day) -> Day:
    return day - timedelta(days=day.isoweekday() - 1)


def portion_of(month: When, portion: str | None) -> When:
    """Early, mid and late are thirds of a month; "the end of June" stays the month, as gold codes it."""
    if month.precision != "month" or month.start is None or month.end is None:
        return month
    first, last = month.start, month.end
    thirds = {
        "early": (1, 10),
        "mid": (11, 20),
        "late": (21, last.day),
        "first_half": (1, 15),
        "second_half": (16, last.day),
    }
    if portion not in thirds:
        return month
    low, high = thirds[portion]
    return replace(month, start=first.replace(day=low), end=first.replace(day=high), precision="week")


def day_of(year: int, month: int, day: int, basis: str) -> When:
    """A day, or the month of one that no calendar has ("31 February")."""
    if day > monthrange(year, month)[1]:
        return whole_month(year, month, basis)
    return known(Day(year, month, day), basis=basis)


def latest(weekday: int, day: Day) -> Day:
    return day - timedelta(days=(day.isoweekday() - weekday) % 7)


def one_day(base: When) -> When:
    """ "That day" after a night is the day in which it ends, after a longer stretch its first."""
    if base.start is None or base.end is None or base.precision != "day":
        return base
    if base.end - base.start == ONE_DAY:
        return replace(base, start=base.end)
    return replace(base, end=base.start)


def back_a_year(day: Day) -> Day:
    return day.replace(year=day.year - 1, day=min(day.day, 28) if day.month == 2 else day.day)
