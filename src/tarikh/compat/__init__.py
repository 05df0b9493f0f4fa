"""Read endpoints in the form of two services that conflict analysts' scripts already speak: ACLED's and UCDP's.

Invariant: off unless `install` is called; all data is the user's own, every answer says that it is a lossy mapping and
nobody else's data, and the disclosure policy applies as on the pages. Nothing can be changed here.
"""

from __future__ import annotations

from fastapi import FastAPI

from tarikh.compat import acled, acled_login, ucdp
from tarikh.compat.dialect import Dialect, mounted
from tarikh.compat.rows import Memory

__all__ = ["DIALECTS", "install"]

DIALECTS: tuple[Dialect, ...] = (
    Dialect("acled", "/compat/acled", (acled.router, acled_login.router), acled.fault),
    Dialect("ucdp", "/compat/ucdp", (ucdp.router,), ucdp.fault),
)
"""Every dialect: a new one is a module with a router and a form of errors, and a line here."""


def install(app: FastAPI) -> None:
    """Has an application of `web.create_app` answer in these dialects as well."""
    app.state.compat = Memory()
    for dialect in DIALECTS:
        app.mount(dialect.path, mounted(app, dialect))
