"""`/`, `/conformance`, `/api`: what the service is.

Invariant: every link is absolute, under the name and path by which who asks reached it.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from tarikh.api.mounting import address
from tarikh.api.ogc.asked import given
from tarikh.api.ogc.document import OPENAPI, document
from tarikh.exports import NOTICE
from tarikh.web.pages import Json
from tarikh.web.people import AskedFirst, may, needs_log_in

router = APIRouter(dependencies=[Depends(may("read"))], route_class=AskedFirst)

CONFORMS_TO = tuple(
    f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}" for name in ("core", "geojson", "oas30")
)


def link(request: Request, rel: str, path: str, title: str, form: str = "application/json") -> dict[str, str]:
    """A link to a path of the service."""
    return {"rel": rel, "type": form, "title": title, "href": address(request, path)}


@router.get("/")
def landing(request: Request) -> Response:
    """The landing page."""
    given(request)
    links = [
        link(request, "self", "/", "this page"),
        link(request, "service-desc", "/api", "what can be asked", OPENAPI),
        link(request, "conformance", "/conformance", "what it conforms to"),
        link(request, "data", "/collections", "the collections"),
    ]
    return Json({"title": "Tarikh", "description": NOTICE, "links": links})


@router.get("/conformance")
def conformance(request: Request) -> Response:
    """The parts of the standard that it follows."""
    given(request)
    return Json({"conformsTo": list(CONFORMS_TO)})


@router.get("/api")
def api(request: Request) -> Response:
    """The document in OpenAPI 3.0."""
    given(request)
    told: dict[str, Any] = document(address(request), needs_log_in(request))
    return Json(told, media_type=OPENAPI)
