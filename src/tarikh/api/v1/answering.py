"""How operations of the API are made and answered: what all have in common.

Invariant: every operation reads, says who may use it, and documents its parameters, its answer and its errors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from urllib.parse import quote

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from tarikh.api import asked, problems
from tarikh.api.asked import Given, Parameter
from tarikh.api.mounting import address
from tarikh.web.pages import Json
from tarikh.web.people import AskedFirst, may

Route = TypeVar("Route", bound=Callable[..., Any])


class GeoJson(Json):
    """GeoJSON (RFC 7946)."""

    media_type = "application/geo+json"


def operations(tag: str) -> APIRouter:
    """A router of operations for whoever may read."""
    return APIRouter(dependencies=[Depends(may("read"))], route_class=AskedFirst, tags=[tag])


def reads(
    to: APIRouter,
    path: str,
    model: type[BaseModel],
    parameters: Iterable[Parameter] = (),
    errors: Iterable[int] = (),
    written: type[Response] = Json,
    **also: Any,
) -> Callable[[Route], Route]:
    """A decorator: an operation that answers GET. `errors` are its own, besides those that all have.

    The answer is written by the route itself: a text with half a surrogate, which no model takes, must cost no answer.
    """
    responses: dict[int | str, dict[str, Any]] = {
        **problems.documented(400, *errors),
        **also.pop("responses", {}),
    }
    responses[200] = {"model": model, "description": (model.__doc__ or "").strip()}
    responses[304] = {"description": "who asks has this very answer already (If-None-Match)"}
    made: Callable[[Route], Route] = to.get(
        path,
        response_model=None,
        response_class=written,
        responses=responses,
        openapi_extra=asked.documented(parameters),
        **also,
    )
    return made


def given(request: Request, parameters: Iterable[Parameter] = ()) -> Given:
    """What was asked for. Raises `UsageError`."""
    return asked.given(request, parameters)


def href(request: Request, *parts: str) -> str:
    """The absolute address of a record."""
    return address(request, "".join(f"/{quote(part.encode('utf-8', 'replace'), safe='')}" for part in parts))


def here(request: Request, query: str) -> str:
    """The address that was asked, with another query."""
    return f"{request.url.scheme}://{request.url.netloc}{request.url.path}" + (f"?{query}" if query else "")


def following(request: Request, what: Given, cursor: str | None) -> str | None:
    """The address of the next page, None where there is none."""
    return None if cursor is None else here(request, what.query(after=cursor))


def answer(content: Any, following: str | None = None, written: type[Json] = Json) -> Response:
    """An answer, with the next page in its head (RFC 8288)."""
    headers = {} if following is None else {"link": f'<{following}>; rel="next"'}
    return written(content, headers=headers)
