"""An interface for programs as an application of its own, mounted on that of the pages.

Invariant: it has the state and the guards of the pages (who asks, what is shown, limits, headers), answers errors in its
own form, and every answer says by which headers it varies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from starlette.requests import Request
from starlette.routing import Mount
from starlette.types import ASGIApp

from tarikh import __version__
from tarikh.api import problems
from tarikh.api.conditional import Conditional
from tarikh.web import people, security


def mounted(
    app: FastAPI,
    path: str,
    routers: Sequence[APIRouter],
    errors: Callable[[FastAPI], None] = problems.install,
    **about: Any,
) -> FastAPI:
    """Mounts an application with these routers under a path. `errors` installs how it tells of errors; `about` is for FastAPI.

    Raises `RuntimeError` for a route that does not say who may use it.
    """
    made = FastAPI(
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(people.asking), Depends(security.checked)],
        **about,
    )
    made.state = app.state
    for router in routers:
        people.check_routes(router)
        made.include_router(router)
    errors(made)
    made.add_middleware(Conditional)
    app.router.routes.append(_Mount(path, made))
    return made


class _Mount(Mount):
    """A mount that also takes paths with the end of a line in them, so that their errors are told in its form."""

    def __init__(self, path: str, app: ASGIApp) -> None:
        super().__init__(path, app)
        self.path_regex = re.compile(self.path_regex.pattern, re.DOTALL)


def address(request: Request, path: str = "") -> str:
    """The absolute address of a path of the interface that was asked, as who asks reached it."""
    root = request.scope.get("root_path", "")
    return f"{request.url.scheme}://{request.url.netloc}{root}{path}"
