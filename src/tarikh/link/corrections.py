"""A person's values over the consolidated ones.

Invariant: the newest correction of a field that is not withdrawn counts; one whose value cannot be read as its
field changes nothing and stays listed, so that one bad row never hides an incident.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, get_args

from tarikh import reference
from tarikh.errors import UsageError
from tarikh.link.compare import kinds
from tarikh.link.speakers import moment
from tarikh.model import (
    HARMS,
    Correction,
    Count,
    DatePrecision,
    Incident,
    PlacePrecision,
    Status,
    When,
    Where,
)

FIELDS = ("kind", "status", "attackers", "targets", "date", "place", "review", *(f"harm.{w}" for w in HARMS))
"""What a person can correct; the names are those of evidence and ledger, and `review`."""

_REVIEW = ("unreviewed", "accepted", "rejected")
_LONGEST = 300
"""Characters of a name that a person gives."""
_MOST = 50
"""Parties of one side."""
_LARGEST = 10**10
"""More people than there are."""
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_DAYS = re.compile(r"(\d{4}-\d{2}-\d{2})(?: *(?:/|\.\.| to ) *(\d{4}-\d{2}-\d{2}))?", re.ASCII)
_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
UNKNOWN = "unknown"
"""What a person writes for a value that is not known; it is never 0 and never an empty text."""


def correction_value(field: str, value: Any) -> Any:
    """A correction's value as the field holds it, from what a form or a JSON row gives.

    Parties are a list of names; a date is {start, end, precision} or an ISO day; a place is a mapping of
    `Where`; a count is a number, [low, best, high] or {low, best, high}; None is unknown.
    Raises `UsageError` when the field does not exist or the value does not fit it.
    """
    try:
        if field in ("kind", "status", "review"):
            return _one_of(
                value, {"kind": tuple(kinds()), "status": get_args(Status), "review": _REVIEW}[field]
            )
        if field in ("attackers", "targets"):
            return _parties(value)
        if field == "date":
            return _when(value)
        if field == "place":
            return _where(value)
        if field.removeprefix("harm.") in HARMS and field.startswith("harm."):
            return _count(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise UsageError(f"{value!r} cannot be the {field} of an incident: {error}") from error
    raise UsageError(f"an incident has no field {field!r} to correct; there are: {', '.join(FIELDS)}")


def _one_of(value: Any, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ValueError(f"it must be one of {', '.join(allowed)}")
    return str(value)


def _name(value: Any) -> str:
    """A name as other people will read it: it must not move a cursor or turn a line around."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a name must be a text")
    if len(value) > _LONGEST:
        raise ValueError(f"a name has at most {_LONGEST} characters")
    if _CONTROLS.search(value):
        raise ValueError("a name must not hold control characters")
    return value


def _parties(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str | Mapping) or not all(isinstance(name, str) and name.strip() for name in value):
        raise ValueError("it must be a list of names")
    if len(value) > _MOST:
        raise ValueError(f"a side has at most {_MOST} parties")
    return tuple(dict.fromkeys(_name(name).strip() for name in value))


def _day(value: Any) -> date | None:
    return value if value is None or isinstance(value, date) else date.fromisoformat(value)


def _when(value: Any) -> When:
    if value is None or isinstance(value, When):
        return value or When()
    if isinstance(value, str | date):
        return When(_day(value), _day(value), "day", "correction")
    if not isinstance(value, Mapping):
        raise ValueError("it must be a day or {start, end, precision}")
    start = _day(value.get("start"))
    end = _day(value.get("end")) or start
    precision = _one_of(value.get("precision", "day" if start else "unknown"), get_args(DatePrecision))
    if start is not None and end is not None and end < start:
        raise ValueError("it ends before it starts")
    return When(start, end, precision, "correction")  # type: ignore[arg-type]  # checked by _one_of


def _where(value: Any) -> Where:
    if value is None or isinstance(value, Where):
        return value or Where()
    if not isinstance(value, Mapping):
        raise ValueError("it must be country, admin1, place, latitude, longitude and precision")
    place = Where(**value)
    _one_of(place.precision, get_args(PlacePrecision))
    for name in (place.country, place.admin1, place.admin2, place.place):
        if name is not None:
            _name(name)
    if place.country is not None:
        known = reference.country(place.country)
        if known is None or known.iso3 != place.country:
            raise ValueError(f"there is no country {place.country!r}; write ISO alpha-3 codes such as MLI")
    if place.geonameid is not None and not (
        isinstance(place.geonameid, int) and 0 < place.geonameid < 1 << 31
    ):
        raise ValueError("geonameid is a GeoNames id, a whole number such as 2453348")
    for degrees, limit in ((place.latitude, 90), (place.longitude, 180)):
        if degrees is not None and not -limit <= degrees <= limit:
            raise ValueError(f"{degrees} degrees are not on the earth")
    return place


def _count(value: Any) -> Count:
    if value is None or isinstance(value, Count):
        return value or Count()
    if isinstance(value, int):
        value = (value, value, value)
    count = Count(**value) if isinstance(value, Mapping) else Count(*value)
    for number in (count.low, count.best, count.high):
        if number is not None and (not isinstance(number, int) or isinstance(number, bool) or number < 0):
            raise ValueError("numbers of people are whole and not below 0")
        if number is not None and number > _LARGEST:
            raise ValueError("there are not so many people")
    known = [number for number in (count.low, count.best, count.high) if number is not None]
    if known != sorted(known):
        raise ValueError("low, best and high must rise")
    return count


# ---- as a person types it --------------------------------------------------------------------------------


def field_of(name: str) -> str:
    """The field that a person means: `killed` is `harm.killed`. Raises `UsageError` when there is none."""
    field = f"harm.{name}" if name in HARMS else name
    if field == "review":
        raise UsageError("what an incident is to a person is said with: tarikh review accept or reject")
    if field not in FIELDS:
        told = ", ".join(other.removeprefix("harm.") for other in FIELDS if other != "review")
        raise UsageError(f"an incident has no field {name[:60]!r} to correct; there are: {told}")
    return field


def typed(field: str, text: str) -> Any:
    """A correction's value out of what a person typed, checked by `correction_value`.

    `unknown` empties a field. Parties are names between semicolons; a date is a day, two days with `/` between,
    a month or a year; a count is a number, or low,best,high with ? for an open bound; a place is
    `country=MLI; admin1=Mopti; place=Tandou; latitude=14.3; longitude=-3.4; precision=near`. Each may be JSON instead.
    Raises `UsageError` with what would be right.
    """
    text = text.strip()
    if len(text) > _LONGEST * _MOST:
        raise UsageError(f"the value for {field} has {len(text)} characters; write it shorter")
    if not text:
        raise UsageError(f"the value for {field} is empty; write {UNKNOWN} where it is not known")
    if text.casefold() == UNKNOWN and field not in ("kind", "status"):
        return correction_value(field, None)
    try:
        return correction_value(field, _plain(field, text))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{text[:60]!r} cannot be the {field} of an incident: {error}") from error


def _plain(field: str, text: str) -> Any:
    if text[0] in "[{":
        given = json.loads(text)
        return _complete(given) if field == "place" and isinstance(given, Mapping) else given
    if field in ("attackers", "targets"):
        names = [name.strip() for name in text.split(";") if name.strip()]
        if not names or any(name.casefold() == UNKNOWN for name in names):
            raise ValueError(f"write names between semicolons, or {UNKNOWN} alone where nobody is known")
        return names
    if field == "date":
        return _days(text)
    if field == "place":
        return _place(text)
    if field.startswith("harm."):
        bounds = [None if part.strip() in ("?", "") else _number(part) for part in text.split(",")]
        if len(bounds) not in (1, 3):
            raise ValueError("write one number, or low,best,high")
        return bounds * 3 if len(bounds) == 1 else bounds
    return text


def _number(text: str) -> int:
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit() and len(plain) <= 12):
        raise ValueError(f"{plain[:20]!r} is no number of people; write digits, or ? for an open bound")
    return int(plain)


def _days(text: str) -> Mapping[str, Any]:
    if found := _DAYS.fullmatch(text):
        return {"start": found[1], "end": found[2] or found[1], "precision": "day"}
    if found := _MONTH.fullmatch(text):
        first = date(int(found[1]), int(found[2]), 1)
        last = (first.replace(day=28) + timedelta(4)).replace(day=1) - timedelta(1)
        return {"start": first, "end": last, "precision": "month"}
    if _YEAR.fullmatch(text):
        return {"start": date(int(text), 1, 1), "end": date(int(text), 12, 31), "precision": "year"}
    raise ValueError("write a day as 2024-03-19, two as 2024-03-19/2024-03-21, a month as 2024-03, or a year")


def _place(text: str) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or name not in Where.__slots__:
            raise ValueError(f"{part[:40]!r} is not one of {', '.join(Where.__slots__)} with = and a value")
        if name in found:
            raise ValueError(f"{name} stands twice; write it once")
        number = float if name in ("latitude", "longitude") else int if name == "geonameid" else str
        found[name] = number(value)
    if "precision" not in found:
        raise ValueError("say how precise it is: precision=exact, near, admin2, admin1 or country")
    return _complete(found)


def _complete(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Refuses a place that is said to be more precise than it is told."""
    precision = found.get("precision", UNKNOWN)
    needs = {"exact": ("country", "place"), "near": ("country", "place"), "country": ("country",)}
    lacks = [name for name in needs.get(precision, ("country", precision)) if name not in found]
    if precision != UNKNOWN and lacks:
        raise ValueError(f"precision={precision} needs {' and '.join(lacks)}")
    if ("latitude" in found) != ("longitude" in found):
        raise ValueError("latitude and longitude go together")
    return found


# ---- over the consolidated values --------------------------------------------------------------------------


def corrected(incident: Incident, corrections: Iterable[Correction]) -> Incident:
    """The incident with the newest standing correction of each field, and all standing ones listed."""
    standing = sorted(
        (c for c in corrections if c.withdrawn_at is None),
        key=lambda c: (moment(c.at), c.by, c.mention_id, c.field, repr(c.value)),
    )
    for correction in standing:
        try:
            value = correction_value(correction.field, correction.value)
        except UsageError:
            continue
        incident = _with(incident, correction.field, value)
    return replace(incident, corrections=tuple(standing))


def _with(incident: Incident, field: str, value: Any) -> Incident:
    support = {name: ids for name, ids in incident.support.items() if name != field}
    if field.startswith("harm."):
        what = field.removeprefix("harm.")
        harm = {name: count for name, count in incident.harm.items() if name != what}
        if value.known():
            harm[what] = value
        return replace(incident, harm={w: harm[w] for w in HARMS if w in harm}, support=support)
    name = {"date": "when", "place": "where"}.get(field, field)
    return replace(incident, support=support, **{name: value})
