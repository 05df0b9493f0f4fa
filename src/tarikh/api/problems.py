"""Errors for programs: `application/problem+json` (RFC 9457), with a sentence that a person can act on.

Invariant: as of the pages, no answer shows a traceback, or the words of a foreign exception; who is not logged in hears
no path of the server.
"""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from tarikh.errors import NotLoggedInError, TarikhError
from tarikh.web import people
from tarikh.web.errors import CLOSED, status_of
from tarikh.web.pages import Json

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    409: "Conflict",
    413: "Content Too Large",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
"""The statuses in words (RFC 9110)."""
_log = logging.getLogger("tarikh.api")


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field(description="always `about:blank`: the status says what kind of error it is")
    title: str = Field(description="the status in words")
    status: int = Field(description="the HTTP status")
    detail: str | None = Field(description="what is wrong and what to do, in a sentence; in English")
    instance: str = Field(description="the path that was asked for")


def problem(request: Request, status: int, detail: str | None) -> Response:
    """The answer that tells of an error."""
    told = {
        "type": "about:blank",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
        "instance": quote(request.scope["path"].encode("utf-8", "replace")),
    }
    return Json(told, status, media_type=MEDIA_TYPE)


def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, TarikhError)
    status = status_of(error)
    if status >= 500:
        _log.error("%s %s: %s", request.method, request.url.path, error)
    hidden = status >= 500 and people.is_stranger(request)
    answer = problem(request, status, CLOSED if hidden else str(error))
    if isinstance(error, NotLoggedInError):
        answer.headers["www-authenticate"] = 'Bearer realm="tarikh"'
    return answer


_SAID = {
    404: "there is nothing at this address; the index of the interface lists what there is",
    405: "this address is only read, with GET or HEAD",
}


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = problem(request, error.status_code, _SAID.get(error.status_code))
    answer.headers.update(error.headers or {})
    allowed = answer.headers.get("allow")
    if allowed is not None and "HEAD" not in allowed:
        answer.headers["allow"] = allowed.replace("GET", "GET, HEAD")
    return answer


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fields = ", ".join(dict.fromkeys(str(fault["loc"][-1]) for fault in error.errors()))
    return problem(request, 400, f"these values cannot be read: {fields}")


def _unforeseen(request: Request, error: Exception) -> Response:
    _log.error("%s %s failed: %s", request.method, request.url.path, type(error).__name__)
    return problem(request, 500, "the fault is ours; the server's log has more of it")


def install(app: FastAPI) -> None:
    """Has an application answer so."""
    app.add_exception_handler(TarikhError, _ours)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unforeseen)


# ---- as documents tell of it -------------------------------------------------------------------------------------

_WHEN = {
    400: "something that was asked for does not exist, or contradicts itself",
    401: "nobody is known to ask: send a token of Tarikh, or log in",
    403: "who asks may not see it, or asks for what the disclosure policy withholds",
    404: "there is nothing of this id",
    503: "the database cannot be read now",
}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors of an operation, for its document; every one may find nobody who asks, or no database."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    made: dict[int | str, dict[str, Any]] = {
        status: {"description": _WHEN[status], "content": content}
        for status in sorted({*statuses, 401, 403, 503})
    }
    made[401]["headers"] = {
        "WWW-Authenticate": {"description": "`Bearer`: how to say who asks", "schema": {"type": "string"}}
    }
    return made
