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

from tarikh import disclosure
from tarikh.disclosure.sight import Guarding
from tarikh.settings import Settings
from tarikh.store import open_store
from tarikh.web import errors, pages, people, security
from tarikh.web.hashing import Hashing
from tarikh.web.head import Head
from tarikh.web.jobs import UPLOAD, Jobs
from tarikh.web.people import Door
from tarikh.web.routes import (
    account,
    add,
    assets,
    export,
    incident,
    incidents,
    preferences,
    report,
    review,
    review_acts,
    suggestions,
    trends,
    users,
)

ROUTES = (
    incidents,
    export,
    trends,
    incident,
    report,
    review,
    review_acts,
    suggestions,
    add,
    account,
    users,
    preferences,
    assets,
)
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
    door: Door | None = None,
) -> FastAPI:
    """The pages of one database. `gazetteer` is the index of places, where anything must be resolved.

    `hosts` are the names under which it may be asked. `body_limits` are bytes by path, where
    `security.BODY` is too little. `door` says who is let in, without one the person of this machine. Raises `StoreError` when
    the database cannot be opened.

    `app.state` has `store`, `gazetteer`, `clock`, `jobs`, `door`, `guarding` (the disclosure policy), `hashing`, `secret` (of tokens),
    `templates` and `static_version`.
    """
    app = FastAPI(
        title="Tarikh",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(people.asking), Depends(security.checked)],
    )
    settings = Settings()
    app.state.store = open_store(database)
    app.state.gazetteer = gazetteer
    app.state.clock = clock
    app.state.jobs = Jobs(database, gazetteer)
    app.state.door = door or Door(settings.user or Door().local)
    app.state.guarding = Guarding(app.state.store, gazetteer, disclosure.policy(settings.fresh_hours))
    app.state.hashing = Hashing()
    app.state.secret = security.new_secret()
    app.state.templates = pages.environment()
    app.state.templates.globals["export_names"] = export.NAMES
    app.state.static_version = pages.static_version()
    for module in ROUTES:
        people.check_routes(module.router)
        app.include_router(module.router)
    errors.install(app)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=6)
    app.add_middleware(Head)
    app.add_middleware(security.Guard, hosts=hosts, limits={add.PATH: UPLOAD} | dict(body_limits or {}))
    return app
