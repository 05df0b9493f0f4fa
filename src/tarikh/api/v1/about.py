"""`/`, `/openapi.json`, `/docs`: what the API is, for programs and for people.

Invariant: the documents are made of the routes as they are; the page asks no other server.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from fastapi import Request
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from tarikh import __version__
from tarikh.api.mounting import address
from tarikh.api.v1 import models, rows
from tarikh.api.v1.answering import answer, given, operations, reads
from tarikh.api.v1.document import document
from tarikh.exports import NOTICE
from tarikh.web.pages import Json
from tarikh.web.people import needs_log_in
from tarikh.web.state import SightOf

router = operations("about")

DESCRIPTION = (
    "Reads a chronicle of incidents of armed conflict, each of whose fields leads to the words of news reports. Null is"
    " unknown, and never 0; `[withheld]` is known and not shown. Lists go on with `next`, in the answer and as the header"
    " `Link`. Errors are `application/problem+json`. Answers have an `ETag`: with `If-None-Match` the same one is not sent"
    " twice. Nothing is changed by asking."
)
LICENCES = {
    "software": "Apache-2.0",
    "places": "GeoNames, CC BY 4.0",
    "texts": "the publishers' own; quoted words stand as evidence",
}
_WHAT = {
    "incidents": "incidents that a filter finds, page by page",
    "incidents.geojson": "the same as GeoJSON",
    "reports": "reports, in the order in which they came in",
    "mentions": "mentions, likewise",
    "judgements": "what was judged of mentions, likewise",
    "problems": "what could not be read or coded, likewise",
    "changes": "what has changed since a moment",
    "stats": "how many incidents a filter finds",
    "stats/timeline": "incidents and killed over time",
    "stats/trends": "the same by kind, area or party",
    "openapi.json": "this API for programs (OpenAPI 3.1)",
    "docs": "this API for people",
}


@reads(router, "/", models.Index, summary="What the API is and has")
def index(request: Request, sight: SightOf) -> Response:
    """Versions, licences and addresses."""
    given(request)
    links = {name: {"href": address(request, f"/{name}"), "what": what} for name, what in _WHAT.items()}
    content: dict[str, Any] = {"title": "Tarikh", "software": f"tarikh {__version__}", "version": "v1"}
    content |= {"notice": NOTICE, "licences": LICENCES, "links": links}
    return answer({**content, "disclosure": rows.disclosed(sight)})


@router.get("/openapi.json", include_in_schema=False)
def openapi(request: Request) -> Response:
    """The document of the API."""
    given(request)
    return Json(_document(request))


@router.get("/docs", include_in_schema=False)
def docs(request: Request) -> Response:
    """The document as a page."""
    given(request)
    told = _document(request)
    root = f"/static/{request.app.state.static_version}"
    return HTMLResponse(_template().render(told=told, parameters=_parameters, static=root))


def _document(request: Request) -> dict[str, Any]:
    return document(request.app, address(request), needs_log_in(request))


def _parameters(operation: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Name, what it is, and which values it takes, in words."""
    for each in operation.get("parameters", ()):
        schema, many = each["schema"], each["schema"].get("type") == "array"
        schema = schema["items"] if many else schema
        words = schema.get("enum", ())
        value = schema.get("format") or schema["type"]
        if words:
            value = (
                ", ".join(words)
                if len(words) < 40
                else f"one of {len(words)}, such as {words[len(words) // 2]}"
            )
        elif "maximum" in schema:
            value = f"{schema['minimum']:,} to {schema['maximum']:,}"
        also = ["several times"] if many else ["required"] if each["required"] else []
        yield each["name"], "; ".join((each.get("description", "its id"), *also)), value


@cache
def _template() -> jinja2.Template:
    folder = Path(__file__).parents[1] / "templates"
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    made.filters["said"] = _said
    return made.get_template("docs.html")


def _said(text: str) -> Markup:
    """A sentence whose `words` are set as code."""
    parts = text.split("`")
    return Markup("").join(Markup("<code>{}</code>").format(p) if n % 2 else p for n, p in enumerate(parts))
