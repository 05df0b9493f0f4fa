"""What an address of the API may ask for: one table of parameters, by which it is read and of which its document is made.

Invariant: what is not in the table of an address is refused with a reason, never passed over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_args
from urllib.parse import urlencode

from starlette.requests import Request

from tarikh import reference
from tarikh.errors import UsageError
from tarikh.model import PlacePrecision, Status
from tarikh.store import Filter
from tarikh.store.filtering import REVIEWS, Order
from tarikh.store.paging import LARGEST
from tarikh.store.trends import By, Split
from tarikh.web.address import near
from tarikh.web.state import asked_of

SIZE = 100
"""Rows of a page, unless another number is asked for."""
_LONGEST = 4_000
"""Characters of any value."""
Schema = dict[str, Any]

NAME: Schema = {"type": "string", "minLength": 1, "maxLength": 300}
"""A name or words: something of it must be a letter or digit of any script, which no schema says alike everywhere."""
CURSOR: Schema = {"type": "string", "maxLength": 1000, "pattern": "^[A-Za-z0-9_-]+$"}
_LONGITUDE = r"-?(180(\.0+)?|(1[0-7][0-9]|[1-9]?[0-9])(\.[0-9]{1,6})?)"
_LATITUDE = r"-?(90(\.0+)?|[1-8]?[0-9](\.[0-9]{1,6})?)"
_CORNER = f"{_LONGITUDE},{_LATITUDE}"
_RING = f"{_CORNER}(,{_CORNER}){{2,100}}"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the query: what it is, the schema of its value, whether it may be given several times.

    `again` is one of which the document says that it is given once, and that clients give several times.
    """

    name: str
    what: str
    schema: Mapping[str, Any]
    many: bool = False
    required: bool = False
    exploded: bool = True
    again: bool = False

    def document(self) -> dict[str, Any]:
        """As OpenAPI writes it."""
        schema = {"type": "array", "items": dict(self.schema)} if self.many else dict(self.schema)
        told: dict[str, Any] = {"name": self.name, "in": "query", "required": self.required, "schema": schema}
        also = {"style": "form", "explode": self.exploded} if self.many or not self.exploded else {}
        return {**told, "description": self.what, **also}


def words(allowed: Iterable[str]) -> Schema:
    """The schema of one of these words."""
    return {"type": "string", "enum": list(allowed)}


FILTER: tuple[Parameter, ...] = (
    Parameter("text", "words that all occur in places, parties, quoted words or titles", NAME),
    Parameter("since", "first day, inclusive", {"type": "string", "format": "date"}),
    Parameter("until", "last day, inclusive", {"type": "string", "format": "date"}),
    Parameter(
        "country", "ISO 3166-1 alpha-3", words(sorted(c.iso3 for c in reference.countries())), many=True
    ),
    Parameter("kind", "kind of the codebook", words(kind.name for kind in reference.kinds()), many=True),
    Parameter("status", "how sure it is that it happened", words(get_args(Status)), many=True),
    Parameter(
        "review", "what people said of it; without it all but the rejected ones", words(REVIEWS), many=True
    ),
    Parameter("party", "a party on either side, as coded or an alias of it", NAME, many=True),
    Parameter("source", "who told of it", NAME, many=True),
    Parameter("place", "the name of a place or unit", NAME),
    Parameter(
        "radius",
        "kilometers around `place`, which must be given with it and be a town of the gazetteer",
        {"type": "number", "exclusiveMinimum": 0},
    ),
    Parameter("admin1", "a first-level unit that holds it", NAME, many=True),
    Parameter(
        "bbox",
        "west, south, east, north in degrees; west greater than east crosses the 180th meridian. It finds all that a map"
        " draws in it, also at the drawing point of a unit: see `place_precision`",
        {"type": "string", "pattern": f"^{_CORNER},{_CORNER}$"},
    ),
    Parameter(
        "area",
        "corners of an area, longitude before latitude; several areas by `;`. It holds only what is known at, or near, a place",
        {"type": "string", "pattern": f"^{_RING}(;{_RING})*$", "maxLength": 3000},
    ),
    Parameter("precision", "how exactly the place is known", words(get_args(PlacePrecision)), many=True),
    Parameter("toll", "whether the number of killed is known", words(("known", "unknown"))),
    Parameter(
        "min_killed",
        "known to be killed, at least; an unknown toll never passes",
        {"type": "integer", "minimum": 0, "maximum": 999_999_999_999},
    ),
)
"""The words of the filter, which are those of the pages."""
ORDER = Parameter("order", "which incidents come first; newest by default", words(get_args(Order)))
SIZED = Parameter(
    "size",
    f"rows of a page; {SIZE} by default",
    {"type": "integer", "minimum": 1, "maximum": LARGEST, "default": SIZE},
)
AFTER = Parameter(
    "after",
    "where the page begins: the cursor that the page before gave. It is bound to the filter and the order",
    CURSOR,
)
PAGED = (SIZED, AFTER)
BY = Parameter("by", "the periods; weeks begin on Monday", words(get_args(By)))
SPLIT = Parameter("split", "what the series are of", words(get_args(Split)))
MOST = Parameter("most", "series at most, those with most incidents first", {**SIZED.schema, "default": 50})


@dataclass(frozen=True, slots=True)
class Given:
    """The parameters of a request, each known; `filter` is what they ask of incidents."""

    request: Request
    values: Mapping[str, list[str]]

    def one(self, name: str) -> str | None:
        """The value of a parameter, None where it is not given."""
        found = self.values.get(name)
        return found[0] if found else None

    def number(self, parameter: Parameter) -> int:
        """A whole number within its bounds, or its default. Raises `UsageError`."""
        text, schema = self.one(parameter.name), parameter.schema
        if text is None:
            return int(schema["default"])
        number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 12 else -1
        if not schema["minimum"] <= number <= schema["maximum"]:
            bounds = f"{schema['minimum']:,} to {schema['maximum']:,}"
            raise UsageError(f"{parameter.name} {text[:40]!r} is no whole number of {bounds}")
        return number

    @property
    def size(self) -> int:
        """Rows of the page."""
        return self.number(SIZED)

    @property
    def after(self) -> str | None:
        """The cursor after which the page begins."""
        return self.one("after")

    @property
    def filter(self) -> Filter:
        """What is asked of incidents. Raises `UsageError` as the pages do."""
        own = {each.name for each in (*FILTER, ORDER)}
        pairs = [(name, value) for name, found in self.values.items() for value in found if name in own]
        return asked_of(self.request, pairs).filter

    def query(self, **changes: str | None) -> str:
        """The query string with some parameters put in the place of those given, or left out where None."""
        values = {**self.values, **{name: [value] for name, value in changes.items() if value is not None}}
        left = {name for name, value in changes.items() if value is None}
        pairs = [(n, v) for n, found in values.items() for v in found if n not in left]
        return urlencode(pairs, safe=",;:", errors="replace")


def given(request: Request, parameters: Iterable[Parameter]) -> Given:
    """What a request asks for. Raises `UsageError` for a parameter that there is not, is empty, or is given too often."""
    known = {each.name: each for each in parameters}
    values: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        if name not in known:
            raise UsageError(
                f"there is no parameter {name[:60]!r} here{near(name, known)}; there are: {', '.join(known) or 'none'}"
            )
        if not value.strip():
            raise UsageError(f"{name} is empty; give it a value, or leave it out")
        most = known[name].schema.get("maxLength", _LONGEST)
        if len(value) > most:
            raise UsageError(f"{name} is longer than {most:,} characters; ask for less at a time")
        values.setdefault(name, []).append(value)
    often = [n for n, count in Counter({n: len(v) for n, v in values.items()}).items() if count > 1]
    for name in often:
        if not (known[name].many or known[name].again):
            raise UsageError(f"{name} is given {len(values[name])} times; it can only have one value")
    return Given(request, values)


def documented(parameters: Iterable[Parameter]) -> dict[str, Any]:
    """The parameters for `openapi_extra` of a route."""
    return {"parameters": [each.document() for each in parameters]}
