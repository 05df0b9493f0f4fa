"""What keeps a page from being turned against its reader: headers, who may send changes, how much may be sent.

Invariant: every answer has the headers, also of an error; no change is taken from another origin or without the token
of this browser; nothing is read beyond a body's limit, or waited for beyond `STALL`.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from starlette.datastructures import FormData, Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from tarikh.accounts import csrf_token
from tarikh.errors import UsageError

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""No inline script or style, nothing from elsewhere; `data:` are the icons in the map library's own style sheet."""

HEADERS: Mapping[str, str] = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Not "no-referrer": with that, browsers send the forms of our own pages with the origin "null".
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}

SAFE = ("GET", "HEAD", "OPTIONS")
BODY = 1_000_000
"""Bytes of a request's body, where `limits` says nothing else for its path."""
STALL = 30.0
"""Seconds in which something more of a body must come."""
FIELD_BYTES = 4_000_000
"""Bytes of one field of a form, which are held in memory; a text may have 200,000 characters of up to 4 bytes."""
MOST_FILES = 200
MOST_FIELDS = 200
LOOPBACK = ("127.0.0.1", "localhost", "::1")
COOKIE = "tarikh_browser"
FIELD = "token"
HEADER = "x-tarikh-token"


class ForeignFormError(UsageError):
    """A change that did not come from a page of ours."""


class Guard:
    """The outermost layer of the application (ASGI).

    `hosts` are the names under which it may be asked, which stops pages elsewhere that point a name of theirs at this
    machine; `limits` are bytes of a body by path. A body of which no part comes for `stall` seconds is given up, and what
    was answered before all of a body came ends the connection: nobody is waited for who is refused.
    """

    def __init__(
        self,
        app: App,
        hosts: tuple[str, ...] = LOOPBACK,
        limits: Mapping[str, int] | None = None,
        stall: float = STALL,
    ) -> None:
        self.app = app
        self.hosts = hosts
        self.limits = dict(limits or {})
        self.stall = stall

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        body = _Body(receive, self._most(scope["path"]), self.stall, _has_body(scope))

        async def guarded(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if not body.ended:
                    headers["connection"] = "close"
                headers.setdefault("cache-control", "no-store")  # what a role may see is left on no disk
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            return await refusal(scope, receive, guarded)
        return await self.app(scope, body.receive, guarded)

    def _most(self, path: str) -> int:
        return self.limits.get(path, BODY)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if _name(headers.get("host", "")) not in self.hosts:
            return _plain(
                400, "this server is not asked under that name; open the address that `tarikh serve` told"
            )
        if scope["method"] not in SAFE and not _own(headers, scope["scheme"]):
            return _plain(403, "a page of another origin asked for a change; nothing was done")
        length = headers.get("content-length", "0")
        most = self._most(scope["path"])
        if not length.isdecimal() or int(length) > most:
            return _plain(413, f"more than {most:,} bytes were sent; send less at a time")
        return None


def _has_body(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return "transfer-encoding" in headers or headers.get("content-length", "0").strip("0") != ""


class _Body:
    """The body of a request as it comes: at most so many bytes, and never a long wait for the next ones."""

    def __init__(self, receive: Receive, most: int, stall: float, coming: bool) -> None:
        self._receive, self._most, self._stall = receive, most, stall
        self._read = 0
        self.ended = not coming

    async def receive(self) -> MutableMapping[str, Any]:
        """The next part. Raises `TooLargeError`, `TooSlowError`."""
        if self.ended:
            return await self._receive()  # that the browser is gone, whenever it goes
        try:
            message = await asyncio.wait_for(self._receive(), self._stall)
        except TimeoutError:
            raise TooSlowError(f"nothing more came for {self._stall:g} seconds; send it again") from None
        self._read += len(message.get("body", b""))
        if self._read > self._most:
            raise TooLargeError(f"more than {self._most:,} bytes were sent; send less at a time")
        self.ended = not message.get("more_body", False)
        return message


class TooSlowError(UsageError):
    """A body of which nothing more came."""


class TooLargeError(UsageError):
    """A body without an honest length that went beyond its limit."""


def _plain(status: int, sentence: str) -> Response:
    return Response(sentence + "\n", status, media_type="text/plain; charset=utf-8")


def _name(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() and ":" in host else host


def _own(headers: Headers, scheme: str) -> bool:
    """Whether a browser says that the request is of a page of ours; one that says nothing is no browser of today."""
    fetched = headers.get("sec-fetch-site")
    if fetched is not None and fetched not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    # Of a plain form a browser hides the origin, since our pages ask it to tell nobody where they came from.
    if origin == "null" and fetched == "same-origin":
        return True
    return origin is None or origin == f"{scheme}://{headers.get('host', '')}"


# ---- the token of a browser ------------------------------------------------------------------------------------


def new_secret() -> bytes:
    """A key for tokens; a new one ends the forms that are open."""
    return secrets.token_bytes(32)


def browser_of(request: Request) -> tuple[str, bool]:
    """The random name of this browser, and whether it is new and must be set as a cookie."""
    known = request.cookies.get(COOKIE, "")
    if len(known) == 43 and known.replace("-", "").replace("_", "").isalnum():
        return known, False
    return secrets.token_urlsafe(32), True


def token_for(secret: bytes, browser: str) -> str:
    """What a form of this browser must send along while nobody is logged in."""
    return hmac.new(secret, browser.encode(), hashlib.sha256).hexdigest()


async def form_of(request: Request) -> FormData:
    """The fields and files of a form. Raises `UsageError` where it has too many, or one that is no file is too long."""
    try:
        return await request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=FIELD_BYTES)
    except HTTPException as error:
        raise UsageError(f"the form cannot be read ({error.detail}); send less at a time") from None


def token_of(request: Request, browser: str) -> str:
    """What a form must send along: it is made of the session where there is one, else of the browser."""
    session: str | None = getattr(request.state, "session_secret", None)
    return csrf_token(session) if session else token_for(request.app.state.secret, browser)


def masked(token: str) -> str:
    """A token as one answer carries it: never twice alike, so that the length of a packed page that repeats what it was
    asked tells nothing of it (BREACH). Twice as long: random bytes, and the token's with these xored."""
    known = bytes.fromhex(token)
    pad = secrets.token_bytes(len(known))
    return pad.hex() + _xored(pad, known).hex()


def _unmasked(sent: str, length: int) -> str:
    """The token, of `length` hexadecimal digits, that was sent masked or plain."""
    if len(sent) != 2 * length:
        return sent
    try:
        return _xored(bytes.fromhex(sent[:length]), bytes.fromhex(sent[length:])).hex()
    except ValueError:
        return sent


def _xored(left: bytes, right: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(left, right, strict=True))


def own_path(to: str) -> str:
    """An address that leads to a page of ours, and to no other server; "/" for any other."""
    inside = to.startswith("/") and not to.startswith(("//", "/\\")) and to.isprintable()
    return to if inside else "/"


async def checked(request: Request) -> None:
    """A dependency of every route: a change must carry the token of its session or browser, as header or field of a form.

    Raises `ForeignFormError`.
    """
    if request.method in SAFE:
        return
    browser, fresh = browser_of(request)
    sent = request.headers.get(HEADER)
    if sent is None and request.headers.get("content-type", "").startswith(
        ("application/x-www-form-urlencoded", "multipart/form-data")
    ):
        field = (await form_of(request)).get(FIELD)
        sent = field if isinstance(field, str) else None
    right = token_of(request, browser)
    nobody = fresh and not getattr(request.state, "session_secret", None)
    sent = None if sent is None else _unmasked(sent, len(right))
    if nobody or sent is None or not hmac.compare_digest(sent.encode(), right.encode()):
        raise ForeignFormError(
            "the form is too old or was not ours; go back, load the page again, and send it anew"
        )
