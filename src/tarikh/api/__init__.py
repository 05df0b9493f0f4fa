"""Doors for programs: `/api/v1`, the HTTP API, and `/ogc`, OGC API – Features, both on the application of the pages.

Invariant: everything is read and nothing changed; what is shown is what the disclosure policy shows to who asks.
"""

from __future__ import annotations

from fastapi import FastAPI

from tarikh.api import ogc, v1

__all__ = ["install"]


def install(app: FastAPI) -> None:
    """Mounts both on an application that `web.create_app` made."""
    v1.install(app)
    ogc.install(app)
