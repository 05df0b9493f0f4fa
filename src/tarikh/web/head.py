"""HEAD as GET without its body, for every page.

Invariant: the headers are those of GET, and no byte of a body is sent.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from tarikh.web.security import App, Receive, Scope, Send


class Head:
    """A layer of the application (ASGI). Routes know nothing of HEAD, which link checkers and proxies ask with."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            return await self.app(scope, receive, send)

        async def bodiless(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.body":
                if message.get("more_body"):
                    return
                message = {**message, "body": b""}
            await send(message)

        return await self.app({**scope, "method": "GET"}, receive, bodiless)
