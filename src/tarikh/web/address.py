"""A page's query string and what it asks for: the filter is the address, so what one sees can be sent to another.

Invariant: `read` and `written` are each other's inverse; what is unknown or contradicts itself is refused with a reason,
never passed over in silence.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from tarikh import asking
from tarikh.earth import Point
from tarikh.errors import UsageError
from tarikh.store import Filter
from tarikh.store.filtering import Order
from tarikh.store.grid import Box
from tarikh.web import drawn_area
from tarikh.web.drawn_area import rounded

SIZE = 50
LARGEST = 200
"""Incidents on one page of the list."""

_MANY = ("country", "admin1", "kind", "party", "source", "status", "review", "precision")
_ONE = (
    "text", "place", "radius", "bbox", "area", "since", "until", "min_killed", "toll", "order", "size", "after",
)  # fmt: skip
NAMES = (*_MANY, *_ONE)
"""What an address may ask for, in its order of writing."""

_LONGEST = 4000
"""Characters of a query string; every browser and server passes so many on."""
_TOLLS = {"known": True, "unknown": False}
Pairs = Iterable[tuple[str, str]]
Locate = Callable[[str, Sequence[str]], Point]
"""Latitude and longitude of a named place in one of these countries (in any where none is given)."""

_ALL = Filter()


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for: a filter, how many incidents a page has, and after which key it begins."""

    filter: Filter = _ALL
    size: int = SIZE
    after: str | None = None

    def query(self, **changes: Any) -> str:
        """The canonical query string, "" for all; `changes` are fields of the filter, `size` or `after`.

        A change of the filter leads to its first page.
        """
        own = {name: changes.pop(name) for name in ("size", "after") if name in changes}
        if changes:
            own = {"after": None, **own}
        other = replace(self, filter=replace(self.filter, **changes), **own)
        return urlencode(written(other), safe=",;", errors="replace")

    def address(self, path: str = "/", /, **changes: Any) -> str:
        """A path with the canonical query string."""
        query = self.query(**changes)
        return f"{path}?{query}" if query else path

    @property
    def area(self) -> str:
        """The drawn areas as the address tells them, "" for none."""
        return drawn_area.written(self.filter.areas) or ""

    @property
    def narrowed(self) -> bool:
        """Whether anything is asked for beyond order and page."""
        return replace(self.filter, order="newest") != Filter()


def _nowhere(name: str, _: Sequence[str]) -> Point:
    raise UsageError(
        f"{name!r} cannot be looked up here, so no radius can be drawn around it; leave radius out"
    )


def read(pairs: Pairs, locate: Locate = _nowhere) -> Asked:
    """What the pairs of a query string ask for; an empty value asks for nothing. `locate` finds what a radius is around.

    Raises `UsageError` with the reason where a name or value is unknown, or two contradict each other.
    """
    given: dict[str, list[str]] = defaultdict(list)
    length = 0
    for name, value in pairs:
        length += len(name) + len(value)
        if name not in NAMES:
            raise UsageError(f"there is no filter {name!r}{near(name, NAMES)}; there are: {', '.join(NAMES)}")
        if value.strip():
            given[name].append(value.strip())
    if length > _LONGEST:
        raise UsageError(f"the address is longer than {_LONGEST} characters; ask for less at a time")
    for name in _ONE:
        if len(given.get(name, ())) > 1:
            raise UsageError(f"{name} is given {len(given[name])} times; it can only have one value")
    one = {name: values[0] for name, values in given.items() if name in _ONE}
    return Asked(_filter(given, one, locate), _size(one.get("size")), one.get("after"))


def _filter(many: Mapping[str, list[str]], one: Mapping[str, str], locate: Locate) -> Filter:
    countries = tuple(dict.fromkeys(asking.country_code(name) for name in many.get("country", ())))
    radius = _radius(one)
    return Filter(
        countries=countries,
        admin1=_distinct(many.get("admin1", ())),
        kinds=_distinct(many.get("kind", ())),
        parties=_distinct(many.get("party", ())),
        sources=_distinct(many.get("source", ())),
        status=_distinct(many.get("status", ())),
        review=_distinct(many.get("review", ())) or Filter().review,
        text=one.get("text"),
        place=one.get("place"),
        point=None if radius is None else locate(one["place"], countries),
        radius_km=radius,
        place_precision=_distinct(many.get("precision", ())),
        areas=drawn_area.read(one.get("area", "")),
        bbox=box(one["bbox"], "bbox") if "bbox" in one else None,
        since=_day(one.get("since"), "since"),
        until=_day(one.get("until"), "until"),
        minimum_killed=_number(one.get("min_killed"), "min_killed"),
        has_toll=_toll(one.get("toll")),
        order=_order(one.get("order")),
    )


def _radius(one: Mapping[str, str]) -> float | None:
    if "radius" not in one:
        return None
    if "place" not in one:
        raise UsageError("a radius needs a place to be counted from; give place=… with it, or leave it out")
    try:
        return rounded(float(one["radius"]))
    except ValueError:
        raise UsageError(f"radius {one['radius'][:40]!r} is no number of kilometers, such as 50") from None


def _toll(text: str | None) -> bool | None:
    if text is not None and text not in _TOLLS:
        raise UsageError(f"there is no toll {text[:40]!r}; there are: {', '.join(_TOLLS)}")
    return None if text is None else _TOLLS[text]


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def near(name: str, known: Iterable[str]) -> str:
    """What somebody may have meant who asked for what there is not, as the end of a clause; "" where nothing is like it."""
    alike = difflib.get_close_matches(name[:60], list(known), 1)
    return f" (did you mean {alike[0]}?)" if alike else ""


def _day(text: str | None, name: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{name} {text[:40]!r} is no date; write it as 2025-03-14") from None


def _number(text: str | None, name: str) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 12):
        raise UsageError(f"{name} {text[:40]!r} is no whole number of 0 or more")
    return int(text)


def _size(text: str | None) -> int:
    size = _number(text, "size")
    if size is not None and not 1 <= size <= LARGEST:
        raise UsageError(f"a page of {size} incidents is not to be had; ask for 1 to {LARGEST}")
    return SIZE if size is None else size


def _order(text: str | None) -> Order:
    # The filter refuses what is no order, with those that there are.
    return text or "newest"  # type: ignore[return-value]


def box(text: str, name: str) -> Box:
    """The box of `west,south,east,north` in degrees. Raises `UsageError` where it is no four numbers."""
    try:
        west, south, east, north = (rounded(float(part)) for part in text.split(","))
    except ValueError:
        raise UsageError(
            f"{name} {text[:60]!r} is no area; write west,south,east,north in degrees, such as -5.5,11,2,16"
        ) from None
    return (west, south, east, north)


def written(asked: Asked) -> list[tuple[str, str]]:
    """The pairs that `read` reads as this; what is as usual is left out."""
    wanted, usual = asked.filter, Filter()
    many = {
        "country": wanted.countries,
        "admin1": wanted.admin1,
        "kind": wanted.kinds,
        "party": wanted.parties,
        "source": wanted.sources,
        "status": wanted.status,
        "review": () if wanted.review == usual.review else wanted.review,
        "precision": wanted.place_precision,
    }
    one = {
        "text": wanted.text,
        "place": wanted.place,
        "radius": None if wanted.radius_km is None else f"{wanted.radius_km:.6g}",
        "bbox": None if wanted.bbox is None else ",".join(f"{degrees:.6g}" for degrees in wanted.bbox),
        "area": drawn_area.written(wanted.areas),
        "since": wanted.since,
        "until": wanted.until,
        "min_killed": wanted.minimum_killed,
        "toll": None if wanted.has_toll is None else "known" if wanted.has_toll else "unknown",
        "order": None if wanted.order == usual.order else wanted.order,
        "size": None if asked.size == SIZE else asked.size,
        "after": asked.after,
    }
    listed = [(name, value) for name, values in many.items() for value in values]
    return [*listed, *((name, str(value)) for name, value in one.items() if value is not None)]
