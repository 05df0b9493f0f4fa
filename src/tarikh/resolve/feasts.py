"""Days of feasts: fixed days, those that hang on Easter, those of the Islamic calendar, and tables.

Invariant: `anchors.yaml` says which sort a feast is; a day that is only computed of a sighted moon is given as three.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date as Day
from datetime import timedelta
from functools import cache
from typing import Any

from tarikh import reference
from tarikh.errors import MissingError


@cache
def anchor_data() -> Mapping[str, Any]:
    """`anchors.yaml`: feasts and national days, and well-known events with their day and names.

    Raises `MissingError` where the file is not there, is no YAML or lacks a section.
    """
    path = reference.data_path("anchors.yaml")
    loaded = reference.load(path)
    if not isinstance(loaded, Mapping) or not {"feasts", "events", "nouns", "not_countries"} <= set(loaded):
        raise MissingError(f"{path} must have feasts, events, nouns and not_countries; install tarikh again")
    return loaded


def easter(year: int) -> Day:
    """Western Easter Sunday (the anonymous Gregorian rule in Meeus, Astronomical Algorithms, chapter 8)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    weekday = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * weekday) // 451
    month, day = divmod(h + weekday - 7 * m + 114, 31)
    return Day(year, month, day + 1)


def orthodox_easter(year: int) -> Day:
    """Easter Sunday of the Julian calendar, as a Gregorian day; right for 1900 to 2099 (Meeus, chapter 8)."""
    a, b, c = year % 4, year % 7, year % 19
    d = (19 * c + 15) % 30
    e = (2 * a + 4 * b - d + 34) % 7
    month, day = divmod(d + e + 114, 31)
    return Day(year, month, day + 1) + timedelta(days=13)


_ISLAMIC_EPOCH = 227014
"""Day number (`date.toordinal`) of the eve of 1 Muharram 1 in the tabular calendar."""


def islamic(year: int, month: int, day: int) -> Day:
    """A day of the tabular Islamic calendar (30-year cycle, leap years 2, 5, 7, 10, 13, 16, 18, 21, 24, 26, 29).

    The month begins with the moon that is sighted: the day that is kept may be one off.
    """
    months = 29 * (month - 1) + month // 2
    return Day.fromordinal(_ISLAMIC_EPOCH + 354 * (year - 1) + (11 * year + 3) // 30 + months + day)


def _islamic_days(month: int, day: int, year: int) -> list[Day]:
    """The days of a Gregorian year on which a day of the Islamic year falls: one, two or, rarely, none."""
    first = (year - 622) * 33 // 32
    return [
        found for hijri in range(first - 1, first + 3) if (found := islamic(hijri, month, day)).year == year
    ]


def feast_days(name: str, year: int) -> list[tuple[Day, Day, bool]]:
    """First and last day of a feast as often as it falls in a year, the earliest first, and whether they are sure.

    The Islamic year is shorter: a feast can fall twice (Mawlid in 2015), or not at all. Empty for one that is not known.
    """
    row = anchor_data()["feasts"].get(name)
    if row is None:
        return []
    sure = True
    starts = _starts(row, year)
    if not starts and "islamic" in row:
        month, day = row["islamic"]
        sure, starts = False, _islamic_days(month, day, year)
    more = timedelta(days=int(row.get("length", 1)) - 1)
    around = timedelta(days=0 if sure or more else 1)  # a moon that is only computed
    return [(start - around, start + more + around, sure) for start in starts]


def _starts(row: Mapping[str, Any], year: int) -> list[Day]:
    if "easter" in row:
        found = (orthodox_easter if row.get("orthodox") else easter)(year)
        return [found + timedelta(days=row["easter"])]
    if "month" in row:
        return [Day(year, row["month"], row["day"])]
    table: Mapping[int, Day | list[Day]] = row.get("days", {})
    days = table.get(year, [])
    return days if isinstance(days, list) else [days]
