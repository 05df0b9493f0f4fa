"""ETag and 304 for answers that are whole in memory: who has an answer already is not sent it again.

Invariant: a tag is made of the bytes that are sent, so that it differs wherever they do, also by who asks.
"""

from __future__ import annotations

import hashlib
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders

from tarikh.web.security import App, Receive, Scope, Send

VARY = ("Authorization", "Cookie")
PACKED = 1000
"""Bytes from which answers are packed (`web.app`); a packed one is another sequence of bytes, and has another tag."""


class Conditional:
    """A layer of an application (ASGI). A tag that a route gave is kept."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            return await self.app(scope, receive, send)
        return await self.app(scope, receive, _Held(Headers(scope=scope), send).send)


class _Held:
    """An answer that waits until all of it is known."""

    def __init__(self, asked: Headers, send: Send) -> None:
        self._asked, self._send = asked, send
        self._start: MutableMapping[str, Any] = {}
        self._body = bytearray()

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """Takes the next part, and sends all with the last one."""
        if message["type"] == "http.response.start":
            self._start = message
        elif message["type"] == "http.response.body":
            self._body.extend(message.get("body", b""))
            if not message.get("more_body", False):
                await self._finish()
        else:
            await self._send(message)

    async def _finish(self) -> None:
        start, body = self._start, bytes(self._body)
        headers = MutableHeaders(scope=start)
        for name in VARY:
            headers.add_vary_header(name)
        if start["status"] == 200:
            tag = headers["etag"] = self._tag(headers.get("etag") or _tag(body))
            if _fits(tag, self._asked.get("if-none-match")):
                start["status"], body = 304, b""
                for name in ("content-length", "content-type"):
                    del headers[name]
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})

    def _tag(self, tag: str) -> str:
        packed = len(self._body) >= PACKED and "gzip" in self._asked.get("accept-encoding", "")
        return f'{tag[:-1]}-gzip"' if packed else tag


def _tag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def weak(content: bytes) -> str:
    """A tag of an answer that may differ in what means nothing, such as the moment at which it was made."""
    return "W/" + _tag(content)


def _fits(tag: str, known: str | None) -> bool:
    """Whether who asks has it already: by weak comparison (RFC 9110, 13.1.2), in whichever packing."""
    if known is None:
        return False
    if known.strip() == "*":
        return True
    return _plain(tag) in {_plain(each) for each in known.split(",")}


def _plain(tag: str) -> str:
    return tag.strip().removeprefix("W/").strip('"').removesuffix("-gzip")
