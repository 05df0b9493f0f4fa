"""Errors as pages: each of Tarikh's own becomes a status and its sentence; any other says only that we are at fault.

Invariant: no page shows a traceback, a path of the server's code or the words of a foreign exception.
"""

from __future__ import annotations

import logging

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from tarikh import errors as known
from tarikh.errors import MissingError, StoreError, TarikhError, UnknownIdError, UsageError
from tarikh.web.pages import render
from tarikh.web.security import ForbiddenError, TooLargeError

STATUS: tuple[tuple[type[TarikhError], int], ...] = (
    (TooLargeError, 413),
    (ForbiddenError, 403),
    (known.ForbiddenError, 403),
    (known.StaleError, 409),
    (UnknownIdError, 404),
    (UsageError, 400),
    (MissingError, 503),
    (StoreError, 503),
    (TarikhError, 500),
)
"""The first that fits."""

_log = logging.getLogger("tarikh.web")


def status_of(error: TarikhError) -> int:
    """The HTTP status of an error of ours."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, TarikhError)
    status = status_of(error)
    if status >= 500:
        _log.error("%s %s: %s", request.method, request.url.path, error)
    return problem(request, status, str(error))


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(request, error.status_code, None)


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
