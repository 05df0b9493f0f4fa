"""Templates to answers: what every page knows, and the two ways to show one, whole or as a part of a page that is open.

Invariant: autoescape is on for every template, and none marks a text from outside as safe.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from tarikh import __version__
from tarikh.accounts import may
from tarikh.web import language, people, security
from tarikh.web.in_force import chips
from tarikh.web.wording import Wording, family

TEMPLATES = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"


def environment() -> jinja2.Environment:
    """The templates; a name that is not given to one is an error and never an empty text."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"family": family, "in_force": chips}
    return made


def static_version() -> str:
    """A name for the static files as they are, so that browsers may keep them for ever under it."""
    digest = hashlib.sha256()
    for path in sorted(p for p in STATIC.rglob("*") if p.is_file()):
        digest.update(path.relative_to(STATIC).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


class Json(Response):
    """JSON whose texts may hold half a surrogate, which no UTF-8 has: it becomes a question mark, and costs no answer."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The content as bytes; what is no number in JSON (NaN) raises `ValueError`."""
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode("utf-8", "replace")


def is_part(request: Request) -> bool:
    """Whether a page that is open asks for a part of itself."""
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-request-type") != "full"


def render(
    request: Request,
    template: str,
    part: str | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **values: Any,
) -> HTMLResponse:
    """The answer of a template; of `part` instead where a page that is open asks for it.

    Every template knows `t` (texts), `say` (values in words), `static` (addresses of files), `token`, `part` (is it one),
    `version`, `languages`, `here` (the address of the page), `path`, `visitor` (None: nobody), `alone` (the one person of
    this machine) and `can`, which says whether the visitor has a permission.
    """
    words = language.chosen(request)
    asks = people.shown(request)
    browser, fresh = security.browser_of(request)
    root = f"/static/{request.app.state.static_version}"
    partial = is_part(request)
    query = request.url.query
    known = {
        "t": words,
        "say": Wording(words),
        "static": lambda name: f"{root}/{name}",
        "token": security.masked(security.token_of(request, browser)),
        "visitor": asks.visitor,
        "alone": asks.alone,
        "can": lambda permission: asks.visitor is not None and may(asks.visitor.role, permission),
        "part": partial,
        "version": __version__,
        "languages": language.LANGUAGES,
        "here": quote(request.url.path + (f"?{query}" if query else ""), safe=""),
        "path": request.url.path,
        "status": status,
    }
    name = part if part is not None and partial else template
    html = request.app.state.templates.get_template(name).render(known | values)
    answer = HTMLResponse(html.encode("utf-8", "replace"), status, headers)
    # Also here: the page of an unforeseen fault is made outside of `security.Guard`.
    answer.headers.update(security.HEADERS)
    answer.headers["vary"] = "Accept-Language, Cookie, HX-Request"
    answer.headers["content-language"] = words.code
    if fresh:
        answer.set_cookie(
            security.COOKIE, browser, httponly=True, samesite="strict", secure=request.url.scheme == "https"
        )
    return answer
