"""What may be asked of the features, and what it means for the filter of the chronicle.

Invariant: what the standard calls invalid is refused with a reason; what it calls too much is cut, never refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from starlette.requests import Request

from tarikh.api import asked
from tarikh.api.asked import CURSOR, FILTER, Given, Parameter, words
from tarikh.errors import UsageError
from tarikh.store import Filter
from tarikh.store.grid import Box
from tarikh.store.paging import LARGEST
from tarikh.web.state import asked_of

LIMIT = 100
"""Features of an answer, unless another number is asked for."""
PROPERTIES = ("kind", "status", "country", "admin1", "party", "source", "review", "place_precision")
"""Properties that are filtered by. `party` is in attackers or targets, `source` in sources; the others are of their name."""
_OWN_NAME = {"place_precision": "precision"}
_DAY = r"(0[1-9]|[12][0-9])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_INSTANT = (
    _DAY + r"(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9]))?"
)

F = Parameter("f", "the form of the answer, of which there is one", words(("json",)))
_NUMBERS = {"type": "array", "items": {"type": "number"}}
BBOX = Parameter(
    "bbox",
    "west, south, east, north in degrees (CRS84), or west, south, least height, east, north, greatest height; west greater"
    " than east crosses the 180th meridian. It finds what a map draws in it, also at the drawing point of a unit: see"
    " `place_precision` and `point_is`",
    {**_NUMBERS, "oneOf": [{"minItems": n, "maxItems": n} for n in (4, 6)]},
    exploded=False,
)
DATETIME = Parameter(
    "datetime",
    "a day or moment, or an interval of two with `/` between, of which one may be open: `..` or nothing. It finds incidents"
    " whose days overlap it (days in UTC); those without a known day never pass",
    {"type": "string", "pattern": f"^({_INSTANT}|{_INSTANT}/({_INSTANT}|(\\.\\.)?)|(\\.\\.)?/{_INSTANT})$"},
    again=True,
)
"""GDAL asks for the two ends of a span as two intervals: what all of them hold is meant."""
LIMITED = Parameter(
    "limit",
    "features of an answer at most; more than the maximum gives the maximum",
    {"type": "integer", "minimum": 1, "maximum": LARGEST, "default": LIMIT},
)
AFTER = Parameter("after", "the cursor in a link `next`", CURSOR)


def _properties() -> tuple[Parameter, ...]:
    known = {each.name: each for each in FILTER}
    return tuple(replace(known[_OWN_NAME.get(name, name)], name=name, many=False) for name in PROPERTIES)


ITEMS = (LIMITED, BBOX, DATETIME, *_properties(), AFTER, F)


def given(request: Request, parameters: Sequence[Parameter] = (F,)) -> Given:
    """What was asked for. Raises `UsageError`, also for another form than JSON."""
    if "bbox-crs" in request.query_params:
        raise UsageError("bbox-crs is not known here: boxes are in degrees (CRS84); leave it out")
    found = asked.given(request, parameters)
    if found.one("f") not in (None, "json"):
        raise UsageError("the one form of the answers is f=json; leave it out, or ask for that")
    return found


def limit(found: Given) -> int:
    """How many features are asked for, at most the maximum. Raises `UsageError`."""
    text = found.one("limit")
    if text is not None and text.isascii() and text.isdecimal() and int(text[:20]) > LARGEST:
        return LARGEST
    return found.number(LIMITED)


def wanted(found: Given) -> Filter:
    """The filter. Raises `UsageError` with the reason where something cannot be asked for."""
    pairs = []
    for name in PROPERTIES:
        value = found.one(name)
        if value is not None:
            pairs.append((_OWN_NAME.get(name, name), value))
    made = asked_of(found.request, pairs).filter
    since, until = _interval(found.values.get("datetime", ()))
    return replace(made, bbox=_box(found.one("bbox")), since=since, until=until)


# ---- boxes ---------------------------------------------------------------------------------------------------


def _box(text: str | None) -> Box | None:
    """The box on the earth: what reaches beyond a pole ends there, and longitudes beyond 180 go around."""
    if text is None:
        return None
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (4, 6) or not all(map(math.isfinite, numbers)):
        raise UsageError(
            f"bbox {text[:80]!r} is no box; write west,south,east,north in degrees, such as -5.5,11,2,16"
        )
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    west, south, east, north = numbers
    if south > north:
        raise UsageError(f"bbox ends at {north:g}° north of {south:g}°; the order is west,south,east,north")
    west, east = (-180.0, 180.0) if east - west >= 360 else (_around(west), _around(east))
    return west, min(max(south, -90.0), 90.0), east, min(max(north, -90.0), 90.0)


def _around(longitude: float) -> float:
    return longitude if -180 <= longitude <= 180 else (longitude + 180) % 360 - 180


# ---- time ----------------------------------------------------------------------------------------------------

_INSTANT_OF = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})([Tt].*)?", re.ASCII)


def _interval(texts: Sequence[str]) -> tuple[date | None, date | None]:
    """The days that all intervals hold, inclusive; None where they are open. Raises `UsageError` where there are none."""
    found = [_ends(text) for text in texts]
    since = max((first for first, _ in found if first is not None), default=None)
    until = min((last for _, last in found if last is not None), default=None)
    if len(texts) > 1 and since is not None and until is not None and until < since:
        raise UsageError(f"the {len(texts)} intervals of datetime have no day in common; ask for one of them")
    return since, until


def _ends(text: str) -> tuple[date | None, date | None]:
    """The days of an instant or interval."""
    first, bar, last = text.partition("/")
    if not bar:
        day = _day(first)
        return day, day
    since, until = (None if end in ("", "..") else _day(end) for end in (first, last))
    if since is None and until is None:
        raise UsageError("datetime is open at both ends, which asks for nothing; leave it out")
    return since, until


def _day(text: str) -> date:
    found = _INSTANT_OF.fullmatch(text)
    try:
        if found is not None and found[2] in (None, "T"):  # GDAL writes a day with nothing behind its T
            return date.fromisoformat(found[1])
        moment = datetime.fromisoformat(text.upper()) if found is not None else datetime.min
        if moment.tzinfo is not None:
            return moment.astimezone(UTC).date()
    except (ValueError, OverflowError):
        pass
    raise UsageError(
        f"datetime {text[:40]!r} is no day or moment; write 2025-03-14, 2025-03-14T18:30:00Z, or two with / between"
    )
