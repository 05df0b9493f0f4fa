"""`/api/v1`: incidents, reports, mentions, judgements, problems, changes and sums as JSON."""

from __future__ import annotations

from fastapi import FastAPI

from tarikh.api.mounting import mounted
from tarikh.api.v1 import about, incidents, records, sums

__all__ = ["PATH", "install"]

PATH = "/api/v1"


def install(app: FastAPI) -> None:
    """Mounts it on the application of the pages."""
    routers = (about.router, incidents.router, records.router, sums.router)
    mounted(app, PATH, routers, title="Tarikh", description=about.DESCRIPTION)
