"""`/compat/ucdp/api/gedevents/…`: the user's own incidents, for scripts that were written against UCDP's API.

Invariant: the rows are those of `tarikh export --codebook ucdp`; nothing of them is UCDP's, and every answer says so.
Source: requests and answers of UCDP's API as the package `ucdp.api` for R reads them. Pages count from 0.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any, TypeVar

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from tarikh import reference
from tarikh.codebooks import Row, codebook
from tarikh.compat.dialect import NOTICE, as_json, known_by, plain, told
from tarikh.compat.rows import Asked, ReaderOf
from tarikh.errors import UnknownIdError, UsageError
from tarikh.queries import Filter
from tarikh.web.people import AskedFirst, may

PAGE = 100
LARGEST = 1_000
HEADER = "x-ucdp-access-token"
_PARAMETERS = (
    "pagesize",
    "page",
    "Country",
    "StartDate",
    "EndDate",
    "TypeOfViolence",
    "Geography",
    "Actor",
    "Dyad",
)
_VERSION = re.compile(r"\d{2}(\.\d{1,2}){1,3}")
_LONGEST = 2_000

T = TypeVar("T")
Box = tuple[float, float, float, float]


def fault(status: int, sentence: str, headers: Mapping[str, str]) -> Response:
    """An error as the API's framework says it."""
    return as_json({"Message": sentence}, status, headers)


def by_header(request: Request) -> None:
    """Who asks, by the header of UCDP's API with a token of ours."""
    known_by(request, request.headers.get(HEADER))


router = APIRouter(
    prefix="/api", route_class=AskedFirst, dependencies=[Depends(by_header), Depends(may("export"))]
)


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked for; empty is no condition. `box` is south, west, north, east."""

    size: int = PAGE
    page: int = 0
    countries: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    types: tuple[int, ...] = ()
    actors: tuple[int, ...] = ()
    box: Box | None = None

    def fits(self, row: Mapping[str, Any]) -> bool:
        """Whether a row passes."""
        if self.types and row["type_of_violence"] not in self.types:
            return False
        if self.actors and not {row["side_a_new_id"], row["side_b_new_id"]} & set(self.actors):
            return False
        return self.box is None or _inside(self.box, row["latitude"], row["longitude"])


@router.get("/gedevents/{version}")
def gedevents(request: Request, version: str, reader: ReaderOf) -> Response:
    """Events. Any version in UCDP's form is answered with what there is. Raises `UsageError`, `UnknownIdError`."""
    if not _VERSION.fullmatch(version):
        raise UnknownIdError(f"{version[:40]!a} is no version; write one such as 25.1, any will do")
    query = read(request.query_params.multi_items())
    # No incident without a figure of the dead becomes an event of UCDP's.
    wanted = Filter(countries=query.countries, since=query.since, until=query.until, has_toll=True)
    fits = replace(query, size=PAGE, page=0)
    asked = Asked("ucdp", wanted, lambda row: _shape(query, row), repr(fits))
    total = reader.remembered(asked, "count", lambda: sum(1 for _ in reader.rows(asked, bare=True)))
    pages = -(-total // query.size)
    rows = reader.page(asked, query.page + 1, query.size) if query.page < pages else iter(())
    body = {
        "TotalCount": total,
        "TotalPages": pages,
        "PreviousPageUrl": _link(request, query.page - 1) if 0 < query.page <= pages else "",
        "NextPageUrl": _link(request, query.page + 1) if query.page + 1 < pages else "",
        "Result": [{name: plain(value) for name, value in row.items()} for row in rows],
        "Notice": " ".join(told(reader.sight, "ucdp")),
    }
    return as_json(body, 200, {NOTICE: codebook("ucdp").notice})


@router.get("/{dataset}/{version}")
def others(dataset: str) -> Response:
    """There are none. Raises `UnknownIdError`."""
    raise UnknownIdError(
        f"{dataset[:40]!a} is not served here: only gedevents is, made of the user's own incidents"
    )


def _shape(query: Query, row: Row) -> Iterable[Row]:
    return (row,) if query.fits(row) else ()


def _link(request: Request, page: int) -> str:
    named = next((name for name in request.query_params if name.lower() == "page"), "page")
    return str(request.url.include_query_params(**{named: page}))


# ---- the query ---------------------------------------------------------------------------------------------


def read(pairs: Sequence[tuple[str, str]]) -> Query:
    """The query of a request; names of parameters in any case. Raises `UsageError` with what is wrong."""
    given = _named(pairs)
    if "Dyad" in given:
        raise UsageError("Dyad is not served here: dyads have no ids in these data; ask for Actor or Country")
    since, until = _day("StartDate", given.get("StartDate")), _day("EndDate", given.get("EndDate"))
    if since and until and since > until:
        raise UsageError(f"EndDate {until} is before StartDate {since}; swap the two days")
    return Query(
        _number("pagesize", given.get("pagesize"), PAGE, 1, LARGEST),
        _number("page", given.get("page"), 0, 0, 1_000_000),
        _countries(given.get("Country")),
        since,
        until,
        _listed(given.get("TypeOfViolence"), _type),
        _listed(given.get("Actor"), lambda text: _number("Actor", text, 0, 1, 10**9)),
        _box(given.get("Geography")),
    )


def _named(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    known = {name.lower(): name for name in _PARAMETERS}
    given: dict[str, str] = {}
    for name, value in pairs:
        right = known.get(name.lower())
        if right is None:
            near = get_close_matches(name.lower(), known, 1)
            way = f"did you mean {known[near[0]]}?" if near else f"there are {', '.join(_PARAMETERS)}"
            raise UsageError(f"{name[:60]!a} is no parameter of this endpoint; {way}")
        if right in given:
            raise UsageError(f"{right} is given twice; join several values by a comma")
        if len(value) > _LONGEST:
            raise UsageError(f"{right} has more than {_LONGEST} characters; ask for less at a time")
        if value.strip():
            given[right] = value.strip()
    return given


def _number(name: str, text: str | None, usual: int, least: int, most: int) -> int:
    if text is None:
        return usual
    if not text.isascii() or not text.isdecimal() or len(text) > 12 or not least <= int(text) <= most:
        raise UsageError(f"{name}={text[:40]!a} is no whole number from {least} to {most:,}")
    return int(text)


def _parts(text: str | None, one: Callable[[str], T]) -> list[T]:
    return [] if text is None else [one(part.strip()) for part in dict.fromkeys(text.split(","))]


def _listed(text: str | None, one: Callable[[str], T]) -> tuple[T, ...]:
    return tuple(_parts(text, one))


def _type(text: str) -> int:
    return _number("TypeOfViolence", text, 0, 1, 3)


def _countries(text: str | None) -> tuple[str, ...]:
    table = codebook("ucdp").tables["countries"]
    by_number: dict[int, list[str]] = {}
    for code, row in table.items():
        if "gw" in row and reference.country(code):
            by_number.setdefault(row["gw"], []).append(code)

    def one(part: str) -> list[str]:
        codes = by_number.get(_number("Country", part, 0, 1, 9_999))
        if codes is None:
            raise UsageError(f"Country={part[:40]!a} is the number of no country in the table; Mali has 432")
        return codes

    return tuple(code for codes in _parts(text, one) for code in codes)


def _day(name: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).date()  # some clients write a time behind the day
    except ValueError:
        raise UsageError(f"{name}={text[:40]!a} is no day; write it as 2024-03-19") from None


def _box(text: str | None) -> Box | None:
    """A box, of two corners as latitude and longitude: `10 -5,20 5`."""
    if text is None:
        return None
    try:
        (south, west), (north, east) = (
            [float(part) for part in corner.split()] for corner in text.split(",")
        )
    except ValueError:
        south, west, north, east = (float("nan"),) * 4
    if not (-90 <= south <= north <= 90 and -180 <= west <= 180 and -180 <= east <= 180):
        raise UsageError(
            f"Geography={text[:60]!a} is no box; write its south-west and north-east corners as latitude longitude: 10 -5,20 5"
        )
    return south, west, north, east


def _inside(box: Box, latitude: float | None, longitude: float | None) -> bool:
    """Whether a point is in a box; one whose west is east of its east crosses the antimeridian."""
    if latitude is None or longitude is None:
        return False
    south, west, north, east = box
    across = west <= longitude <= east if west <= east else longitude >= west or longitude <= east
    return south <= latitude <= north and across


__all__ = ["Query", "fault", "gedevents", "read", "router"]
