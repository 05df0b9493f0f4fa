"""`/language/{code}`: the reader's choice of language, kept in a cookie of this browser.

Invariant: it leads back to a page of ours, never to another server.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import RedirectResponse, Response

from tarikh.errors import UsageError
from tarikh.web import language, security
from tarikh.web.people import AskedFirst, public

router = APIRouter(dependencies=[Depends(public)], route_class=AskedFirst)
_YEAR = 365 * 24 * 3600


@router.get("/language/{code}")
def choose(request: Request, code: str, to: str = Query("/", max_length=5000)) -> Response:
    """Keeps the language and goes back to where the reader was."""
    if code not in language.LANGUAGES:
        raise UsageError(
            f"there is no interface in {code[:20]!r}; there are: {', '.join(language.LANGUAGES)}"
        )
    answer = RedirectResponse(security.own_path(to), 303)
    secure = request.url.scheme == "https"
    answer.set_cookie(language.COOKIE, code, max_age=_YEAR, httponly=True, samesite="lax", secure=secure)
    return answer
