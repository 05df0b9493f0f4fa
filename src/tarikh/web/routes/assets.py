"""Files that never change under their address: style, scripts, the map library, the outlines of countries.

Invariant: a file is only served from the package's own folder, under a name that is among those listed at the start.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from tarikh.reference import data_path
from tarikh.web.pages import STATIC
from tarikh.web.people import AskedFirst, public

router = APIRouter(dependencies=[Depends(public)], route_class=AskedFirst)
_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".txt": "text/plain",
}
_FOR_EVER = "public, max-age=31536000, immutable"
OUTLINES = "outlines.json"
_FILES = {
    path.relative_to(STATIC).as_posix(): path
    for path in STATIC.rglob("*")
    if path.is_file() and path.suffix in _TYPES
} | {OUTLINES: data_path("basemap.json")}
"""All that may be served: a name that comes in is looked up here and never made into a path."""


@router.get("/static/{version}/{name:path}")
def static(request: Request, version: str, name: str) -> Response:
    """A file of this version of the package; of another version it is not kept."""
    path = _FILES.get(name)
    if path is None:
        raise HTTPException(404)
    kept = _FOR_EVER if version == request.app.state.static_version else "no-cache"
    return FileResponse(path, media_type=_TYPES[path.suffix], headers={"cache-control": kept})


@router.get("/favicon.ico")
def icon() -> Response:
    """The icon, for browsers that ask for it unasked."""
    return FileResponse(STATIC / "icon.svg", media_type="image/svg+xml")
