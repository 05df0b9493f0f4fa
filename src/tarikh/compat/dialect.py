"""What the dialects share: an application of their own on that of the pages, whose errors are in the dialect's form.

Invariant: every route says its permission; a key in an address is looked at and never written anywhere; a fault of ours
is told without its words.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from tarikh import accounts
from tarikh.codebooks import codebook
from tarikh.disclosure.sight import Sight
from tarikh.errors import NotLoggedInError, TarikhError, TooManyAttemptsError
from tarikh.exports.destination import encoded
from tarikh.web import people
from tarikh.web.errors import status_of
from tarikh.web.people import Asking
from tarikh.web.state import SightOf, taken_away

Fault = Callable[[int, str, Mapping[str, str]], Response]
"""An error in a dialect's form: status, sentence, headers."""

NOTICE = "x-tarikh-notice"
_CLOSED = "this cannot be answered now; try again later, or ask who runs this server"
_log = logging.getLogger("tarikh.compat")


@dataclass(frozen=True, slots=True)
class Dialect:
    """A dialect: the codebook of its rows, where it is, its routes, and how it says errors."""

    codebook: str
    path: str
    routers: Sequence[APIRouter]
    fault: Fault


def mounted(app: FastAPI, dialect: Dialect) -> FastAPI:
    """The application of a dialect, on the state of the pages' one."""
    inner = FastAPI(title=f"Tarikh, {dialect.path}", docs_url=None, redoc_url=None, openapi_url=None)
    inner.state = app.state
    for router in dialect.routers:
        people.check_routes(router)
        inner.include_router(router)
    _handle(inner, dialect)
    return inner


def _handle(inner: FastAPI, dialect: Dialect) -> None:
    notice = {NOTICE: codebook(dialect.codebook).notice}

    def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, TarikhError)
        status, headers = status_of(error), dict(notice)
        if status >= 500:
            _log.error("%s %s: %s", request.method, request.url.path, error)
        if isinstance(error, TooManyAttemptsError):
            headers["retry-after"] = str(error.seconds)
        elif isinstance(error, NotLoggedInError):
            headers["www-authenticate"] = "Bearer"
        hidden = status >= 500 and people.is_stranger(request)
        return dialect.fault(status, _CLOSED if hidden else str(error), headers)

    def http(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        headers, said = {**notice, **(error.headers or {})}, str(error.detail)
        if error.status_code == 404:
            said = "there is nothing at this address"
        elif error.status_code == 405:
            allowed = headers["allow"] = headers.get("Allow", "").replace("GET", "GET, HEAD")
            headers.pop("Allow", None)
            said = f"this address is asked with {allowed} and nothing else"
        return dialect.fault(error.status_code, said, headers)

    def invalid(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        fields = ", ".join(dict.fromkeys(str(fault["loc"][-1]) for fault in error.errors()))
        return dialect.fault(400, f"these values cannot be read: {fields}", notice)

    def unforeseen(request: Request, error: Exception) -> Response:
        _log.error("%s %s failed: %s", request.method, request.url.path, type(error).__name__)
        return dialect.fault(500, _CLOSED, notice)

    inner.add_exception_handler(TarikhError, ours)
    inner.add_exception_handler(HTTPException, http)
    inner.add_exception_handler(RequestValidationError, invalid)
    inner.add_exception_handler(Exception, unforeseen)


def known_by(request: Request, secret: str | None) -> None:
    """Has a request be asked by the owner of a token of ours that came in another way than `Authorization: Bearer`."""
    if secret is None or "authorization" in request.headers or not people.needs_log_in(request):
        return
    try:
        request.state.asking = Asking(accounts.bearer(request.app.state.store.accounts, secret.strip()))
    except NotLoggedInError as error:
        request.state.asking = Asking(None, error)
    request.state.session_secret = None


def _taken(request: Request, sight: SightOf) -> Sight:
    return taken_away(request, sight)


Taken = Annotated[Sight, Depends(_taken)]
"""What who asks may take away."""


def told(sight: Sight, name: str) -> list[str]:
    """What every answer says of its rows."""
    said = [codebook(name).notice, "Unknown is empty and never 0. See docs/codebooks.md for what is lost."]
    if not sight.full:
        said.append(f"Shown as the level {sight.level} of the disclosure policy allows.")
    return said


def as_json(body: Any, status: int, headers: Mapping[str, str]) -> Response:
    """An answer as JSON; half a surrogate pair, which no text may hold, is "?"."""
    text = json.dumps(body, ensure_ascii=False, allow_nan=False)
    return Response(encoded(text), status, dict(headers), "application/json")


def plain(value: Any) -> Any:
    """A cell as JSON has it."""
    return value.isoformat() if hasattr(value, "isoformat") else value
