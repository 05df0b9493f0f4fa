"""The application: one function makes it of a database and a clock, and one list says which routes it has.

Invariant: there is no global; what routes share is in `app.state`, and two applications of one process
know nothing of each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from fastapi import Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware

from tarikh.store import open_store
from tarikh.web import errors, pages, security
from tarikh.web.routes import assets, incident, incidents, preferences, report, trends

ROUTES = (incidents, trends, incident, report, preferences, assets)
"""The modules of `routes/`; each has a `router`. A new page is a module and a line here."""

Clock = Callable[[], datetime]


def _utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(
    database: Path,
    gazetteer: Path | None = None,
    clock: Clock = _utc_now,
    hosts: tuple[str, ...] = security.LOOPBACK,
    body_limits: Mapping[str, int] | None = None,
) -> FastAPI:
    """The pages of one database. `gazetteer` is the index of places, where anything must be resolved.

    `hosts` are the names under which it may be asked. `body_limits` are bytes by the beginning of a path, where
    `security.BODY` is too little. Raises `StoreError` when the database cannot be opened.

    `app.state` has `store`, `gazetteer`, `clock`, `secret` (of tokens), `templates` and `static_version`.
    """
    app = FastAPI(
        title="Tarikh",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(security.checked)],
    )
    app.state.store = open_store(database)
    app.state.gazetteer = gazetteer
    app.state.clock = clock
    app.state.secret = security.new_secret()
    app.state.templates = pages.environment()
    app.state.static_version = pages.static_version()
    for module in ROUTES:
        app.include_router(module.router)
    errors.install(app)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=6)
    app.add_middleware(security.Guard, hosts=hosts, limits=body_limits)
    return app
