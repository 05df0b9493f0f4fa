"""The fields of a correction's form: what they hold at first, and what value of the incident's field they mean.

Invariant: an empty form means nothing and is refused; unknown is ticked or chosen, never the same as 0; a place is never
finer than the precision that the person chose.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, get_args

from tarikh import placing, reference
from tarikh.errors import UsageError
from tarikh.gazetteer import Gazetteer
from tarikh.link import field_of
from tarikh.model import Count, DatePrecision, Incident, Mention, PlacePrecision, When, Where
from tarikh.reference import outlines
from tarikh.web import suggesting
from tarikh.web.places_index import gazetteer_at
from tarikh.web.wording import raw

UNKNOWN = "unknown"
PRECISIONS: tuple[PlacePrecision, ...] = get_args(PlacePrecision)
"""From the finest; the last one is that nothing is known."""
DATE_PRECISIONS: tuple[DatePrecision, ...] = get_args(DatePrecision)
LONGEST = 2_000
"""Characters of one field of the form."""

_TYPED = re.compile(r"say precision=(\w+)")

Given = Mapping[str, str]


def form_of(field: str) -> str:
    """How a field is filled in: choice, parties, date, place or count. Raises `UsageError` where there is no such field."""
    name = field_of(field)
    if name.startswith("harm."):
        return "count"
    return {"attackers": "parties", "targets": "parties", "date": "date", "place": "place"}.get(
        name, "choice"
    )


# ---- what the form holds at first --------------------------------------------------------------------------


def filled(record: Incident | Mention, field: str) -> dict[str, str]:
    """The form of a field as the incident has it now."""
    value = raw(record, field)
    made = {
        "choice": lambda: {"value": str(value)},
        "parties": lambda: {"value": "; ".join(value)},
        "date": lambda: _filled_date(value),
        "place": lambda: _filled_place(value),
        "count": lambda: _filled_count(value or Count()),
    }
    return made[form_of(field)]()


def _filled_date(when: When) -> dict[str, str]:
    end = "" if when.end in (None, when.start) else str(when.end)
    return {"start": str(when.start or ""), "end": end, "precision": when.precision}


def _filled_place(where: Where) -> dict[str, str]:
    country = reference.country(where.country)
    unit = {"admin1": where.admin1, "admin2": where.admin2, "country": None}.get(where.precision, where.place)
    names = [where.place or unit if where.precision != "country" else None]
    if where.precision in ("exact", "near") and where.admin1 != where.place:
        names.append(where.admin1)
    names.append(country.name if country is not None else where.country)
    known = ", ".join(dict.fromkeys(name for name in names if name))
    return {"place": known, "precision": where.precision, "latitude": "", "longitude": ""}


def _filled_count(count: Count) -> dict[str, str]:
    if count.low == count.best == count.high:
        return {"low": "", "best": _plain(count.best), "high": ""}
    return {"low": _plain(count.low), "best": _plain(count.best), "high": _plain(count.high)}


def _plain(number: int | None) -> str:
    return "" if number is None else str(number)


# ---- what it means -----------------------------------------------------------------------------------------


def value(field: str, given: Given, path: Any) -> Any:
    """The value that a form means, as `review.correct` takes it. `path` is where the gazetteer's index is.

    Raises `UsageError` with what would be right.
    """
    long = next((name for name, text in given.items() if len(text) > LONGEST), None)
    if long is not None:
        raise UsageError(f"{long} has {len(given[long])} characters; write at most {LONGEST}")
    form = form_of(field)
    if form == "place":
        return _place(given, gazetteer_at(path))
    return {"choice": _choice, "parties": _parties, "date": _date, "count": _count}[form](given)


def _choice(given: Given) -> str:
    chosen = given.get("value", "").strip()
    if not chosen:
        raise UsageError("nothing was chosen; choose a word of the list")
    return chosen


def _parties(given: Given) -> list[str]:
    if given.get(UNKNOWN):
        return []
    names = [name.strip() for name in given.get("value", "").split(";") if name.strip()]
    if not names:
        raise UsageError("no party is named; name one, or tick that nobody is known")
    if any(name.casefold() == UNKNOWN for name in names):
        raise UsageError("unknown stands among names; tick that nobody is known, or leave it out")
    return names


def _count(given: Given) -> list[int | None] | None:
    bounds = [_number(given.get(name, ""), name) for name in ("low", "best", "high")]
    if given.get(UNKNOWN):
        if any(bound is not None for bound in bounds):
            raise UsageError("the number is ticked as unknown, and given as well; leave one of them out")
        return None
    if bounds == [None, None, None]:
        raise UsageError(
            "no number is given; give one, 0 where nobody was harmed, or tick that it is unknown"
        )
    low, best, high = bounds
    return [best, best, best] if low is None and high is None else bounds


def _number(text: str, name: str) -> int | None:
    plain = text.strip()
    if not plain:
        return None
    if not (plain.isascii() and plain.isdigit() and len(plain) <= 12):
        raise UsageError(f"{name}: {plain[:20]!r} is no number of people; write digits, or leave it empty")
    return int(plain)


def _date(given: Given) -> Mapping[str, Any] | None:
    precision = given.get("precision", "").strip()
    if precision not in DATE_PRECISIONS:
        raise UsageError(f"say how precise the date is: {', '.join(DATE_PRECISIONS)}")
    if precision == UNKNOWN:
        return None
    start, end = _day(given.get("start", ""), "from"), _day(given.get("end", ""), "to")
    if start is None:
        raise UsageError("no first day is given; give one, or choose that the date is unknown")
    if end is not None and end < start:
        raise UsageError(f"the last day, {end}, is before the first, {start}; see which is which")
    try:
        first, last = _span(precision, start, end)
    except OverflowError:
        raise UsageError(f"{start} is in the future; an incident has happened") from None
    return {"start": first, "end": last, "precision": precision}


def _day(text: str, name: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"{name}: {text[:40]!r} is no day; write it as 2025-03-14") from None


def _span(precision: str, start: date, end: date | None) -> tuple[date, date]:
    """The days that are meant: the whole week (from Monday), month or year of the days given."""
    last = end or start
    if precision == "week" and end is None:
        first = start - timedelta(start.weekday())
        return first, first + timedelta(6)
    if precision == "month":
        return start.replace(day=1), last.replace(day=monthrange(last.year, last.month)[1])
    if precision == "year":
        return date(start.year, 1, 1), date(last.year, 12, 31)
    return start, last


def in_the_form(sentence: str) -> str:
    """Why a value was refused, with what to do in the form instead of what to type on the command line."""
    fact, typed, _ = sentence.partition(placing.OTHERWISE)
    if typed:
        return f"{fact}; write another spelling, or choose the place on the map below and name it"
    return _TYPED.sub(r"choose \1 as the precision", sentence)


# ---- places ------------------------------------------------------------------------------------------------


def _place(given: Given, gazetteer: Gazetteer) -> Any:
    precision = given.get("precision", "").strip()
    if precision not in PRECISIONS:
        raise UsageError(f"say how precise the place is: {', '.join(PRECISIONS)}")
    if precision == UNKNOWN:
        return UNKNOWN
    words = given.get("place", "").strip()
    point = _point(given)
    if point is not None:
        return _pointed(words, point, precision, gazetteer)
    if not words:
        raise UsageError("no place is named; name one, choose it on the map, or choose that it is unknown")
    if precision == "near" and not words.casefold().startswith("near "):
        words = f"near {words}"
    found = placing.placed(words, gazetteer)
    if found.precision == precision:
        return words
    if PRECISIONS.index(found.precision) > PRECISIONS.index(precision):
        raise UsageError(
            f"{words} is known to {found.precision} and no finer than that; choose {found.precision},"
            " or name a place in it"
        )
    return _coarser(found, precision)


def _coarser(found: Where, precision: str) -> Mapping[str, Any]:
    """The unit or country of a place that was named more precisely than the person says it is known."""
    made: dict[str, Any] = {"country": found.country, "precision": precision}
    if precision == "country":
        return made
    unit = found.admin2 if precision == "admin2" else found.admin1
    if unit is None:
        raise UsageError(
            f"the gazetteer does not say in which {precision} {found.place} lies; name the unit, or choose country"
        )
    return {**made, precision: unit}


def _point(given: Given) -> tuple[float, float] | None:
    texts = given.get("latitude", "").strip(), given.get("longitude", "").strip()
    if not any(texts):
        return None
    try:
        latitude, longitude = (float(text) for text in texts)
    except ValueError:
        raise UsageError(
            "latitude and longitude are degrees such as 14.35 and -3.61, and go together"
        ) from None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise UsageError(f"{latitude}, {longitude} is not on the earth; latitude comes first")
    return latitude, longitude


def _pointed(
    words: str, point: tuple[float, float], precision: str, gazetteer: Gazetteer
) -> Mapping[str, Any]:
    """A point of the person's own, as precise as the person says."""
    name, *holders = (part.strip() for part in words.split(","))
    close = suggesting.places_at(gazetteer, *point)
    if precision in ("admin1", "admin2", "country"):
        unit = next((each.value for each in close if each.sort == precision), None)
        if unit is None:
            raise UsageError(
                f"the gazetteer does not know the {precision} of this point; name it, and leave the point out"
            )
        return _coarser(placing.placed(unit, gazetteer), precision)
    if not name and precision == "near" and close and close[0].sort == "town":
        name = close[0].name
    if not name:
        raise UsageError("a point needs the name of its place; write it, or choose a coarser precision")
    country = reference.country_by_name(holders[-1]) if holders else None
    if holders and country is None:
        raise UsageError(f"no country is called {holders[-1][:60]!r}; write the country last")
    iso3 = country.iso3 if country is not None else outlines.country_at(*point)
    made = {"country": iso3, "place": name, "latitude": point[0], "longitude": point[1]}
    return {name: each for name, each in (made | {"precision": precision}).items() if each is not None}
