"""A person's values over the consolidated ones.

Invariant: the newest correction of a field that is not withdrawn counts; one whose value cannot be read as its
field changes nothing and stays listed, so that one bad row never hides an incident.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, get_args

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


def _parties(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str) or not all(isinstance(name, str) and name.strip() for name in value):
        raise ValueError("it must be a list of names")
    return tuple(value)


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
    place = Where(**value)
    _one_of(place.precision, get_args(PlacePrecision))
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
    known = [number for number in (count.low, count.best, count.high) if number is not None]
    if known != sorted(known):
        raise ValueError("low, best and high must rise")
    return count


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
