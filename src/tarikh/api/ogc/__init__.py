"""`/ogc`: OGC API – Features (part 1: core, GeoJSON, OpenAPI 3.0) over the incidents, for QGIS, ogr2ogr and others.

Invariant: paths of its document are relative to its landing page, without which GDAL pushes no filter down; so it is an
application of its own.
"""

from __future__ import annotations

from fastapi import FastAPI

from tarikh.api.mounting import mounted
from tarikh.api.ogc import collection, landing

__all__ = ["PATH", "install"]

PATH = "/ogc"


def install(app: FastAPI) -> None:
    """Mounts it on the application of the pages."""
    mounted(app, PATH, (landing.router, collection.router), title="Tarikh")
