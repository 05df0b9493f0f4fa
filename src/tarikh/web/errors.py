"""Errors as pages: each of Tarikh's own becomes a status and its sentence; any other says only that we are at fault.

Invariant: no page shows a traceback, a path of the server's code or the words of a foreign exception.
"""

from __future__ import annotations

import logging
from urllib.parse import urlencode

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tarikh.errors import (
    ClosedAccountError,
    ForbiddenError,
    MissingError,
    NotLoggedInError,
    ReportError,
    StaleError,
    StoreError,
    TarikhError,
    TooManyAttemptsError,
    UnknownIdError,
    UsageError,
)
from tarikh.web import people
from tarikh.web.pages import is_part, render
from tarikh.web.security import SAFE, ForeignFormError, TooLargeError, TooSlowError

STATUS: tuple[tuple[type[TarikhError], int], ...] = (
    (TooLargeError, 413),
    (TooSlowError, 408),
    (ForeignFormError, 403),
    (TooManyAttemptsError, 429),
    (NotLoggedInError, 401),
    (ForbiddenError, 403),
    (StaleError, 409),
    (UnknownIdError, 404),
    (UsageError, 400),
    (ReportError, 422),
    (MissingError, 503),
    (StoreError, 503),
    (TarikhError, 500),
)
"""The first that fits."""

CLOSED = "this cannot be answered now; try again later, or ask who runs these pages"
"""To who is not logged in: the words of a fault may hold a path of the server."""

_log = logging.getLogger("tarikh.web")


def status_of(error: TarikhError) -> int:
    """The HTTP status of an error of ours."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, TarikhError)
    status = status_of(error)
    if status >= 500:
        _log.error("%s %s: %s", request.method, request.url.path, error)
    if isinstance(error, NotLoggedInError):
        return _unknown(request, error, status)
    if status >= 500 and people.is_stranger(request):
        return problem(request, status, CLOSED)
    return problem(request, status, str(error))


def _unknown(request: Request, error: NotLoggedInError, status: int) -> Response:
    """To where one logs in, for a person at a browser who only looks; else the sentence."""
    if isinstance(error, TooManyAttemptsError):
        answer = problem(request, status, str(error))
        answer.headers["retry-after"] = str(error.seconds)
        return answer
    query = request.url.query
    here = request.url.path + (f"?{query}" if query else "")
    there = "/login" if here == "/" else f"/login?{urlencode({'next': here})}"
    looks = request.method in SAFE and "authorization" not in request.headers
    reads = "text/html" in request.headers.get("accept", "")
    if looks and reads and not is_part(request) and not isinstance(error, ClosedAccountError):
        return RedirectResponse(there, 303, headers={"vary": "Cookie"})
    answer = problem(request, status, str(error))
    answer.headers["www-authenticate"] = "Bearer"
    if is_part(request):
        answer.headers["hx-redirect"] = "/login"
    return answer


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = problem(request, error.status_code, None)
    answer.headers.update(error.headers or {})  # which methods there are, to who asked with another
    return answer


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fields = ", ".join(dict.fromkeys(str(fault["loc"][-1]) for fault in error.errors()))
    return problem(request, 400, f"these values cannot be read: {fields}")


def _unforeseen(request: Request, error: Exception) -> Response:
    # The server writes the traceback, since the error goes on to it.
    _log.error("%s %s failed: %s", request.method, request.url.path, type(error).__name__)
    return problem(request, 500, None)


def problem(request: Request, status: int, sentence: str | None) -> Response:
    """A page that says what is wrong; for a part of a page only that part."""
    return render(request, "problem.html", status=status, sentence=sentence)


def install(app: FastAPI) -> None:
    """Has the application answer with these pages."""
    app.add_exception_handler(TarikhError, _ours)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unforeseen)
