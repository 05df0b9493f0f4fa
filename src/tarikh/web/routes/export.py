"""`/export.csv`, `/export.geojson`, `/export.jsonl`: the incidents of the filter as a file, by the code of `tarikh export`.

Invariant: a file has the disclosure level of who takes it away, and of nobody more than a role may; below `full` only
forms of one row an incident are made.
"""

from __future__ import annotations

import io
from dataclasses import replace

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from tarikh.disclosure.sight import Sight
from tarikh.errors import ForbiddenError, UnknownIdError, UsageError
from tarikh.exports import FORMATS, context
from tarikh.model import Incident
from tarikh.store import Store
from tarikh.store.spots import Listing
from tarikh.web.address import Asked
from tarikh.web.people import AskedFirst, can, may
from tarikh.web.state import AskedOf, Now, SightOf, StoreOf

router = APIRouter(route_class=AskedFirst)

MOST = 5_000
"""Incidents of one file; more are for the command line, which writes them without a browser that waits."""
_AT_ONCE = 200
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "jsonl": "application/x-ndjson; charset=utf-8",
}
"""The forms that pages offer, by the name that `exports` knows them by."""


@router.get("/export.{form}", dependencies=[Depends(may("export"))])
def file(request: Request, form: str, store: StoreOf, asked: AskedOf, sight: SightOf, now: Now) -> Response:
    """The incidents of the filter. Raises `UsageError` for more than `MOST`, `ForbiddenError` for what the level withholds."""
    if form not in TYPES:
        raise UnknownIdError(f"there is no export in this form; there are: {', '.join(TYPES)}")
    if sight.full and not can(request, "export_sensitive"):
        sight = sight.guarding.sight(sight.guarding.policy.exports, now)
    if not sight.full and not FORMATS[form].flat:
        raise ForbiddenError(
            "JSON lines hold words of reports; they are taken away at the level full alone. Take CSV or GeoJSON"
        )
    shown = sight.all(_found(store, asked, sight), flat=FORMATS[form].flat)
    if sight.asks_place(asked.filter):
        shown = shown.placed()
    stream = io.BytesIO()
    around = context(filters=asked.query(after=None), made=now.replace(microsecond=0), shown=shown)
    FORMATS[form].write(shown.incidents, stream, around)
    name = f"tarikh-{now:%Y-%m-%d}-{shown.level}{FORMATS[form].suffix}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(stream.getvalue(), media_type=TYPES[form], headers=headers)


def _found(store: Store, asked: Asked, sight: Sight) -> list[Incident]:
    if sight.full:
        found = list(store.incidents(replace(asked.filter, limit=MOST + 1)))
    else:
        found = _allowed(store, asked, sight)
    if len(found) > MOST:
        raise UsageError(
            f"these are more than {MOST} incidents; narrow the filter, or write the file with tarikh export"
        )
    return found


def _allowed(store: Store, asked: Asked, sight: Sight) -> list[Incident]:
    listing, found, after = Listing(store, sight.only(asked.filter)), list[Incident](), None
    while len(found) <= MOST:
        page = listing.page(asked.filter, _AT_ONCE, after)
        found += page.incidents
        after = page.next
        if after is None:
            break
    return found
