"""`/export.csv` and the other forms: the incidents of the filter as a file, by the code of `tarikh export`, entered in its log.

Invariant: a file has the disclosure level of who takes it away, and of nobody more than a role may; below `full` only
forms of one row an incident are made. It is written whole before its first byte is sent.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from fastapi import APIRouter, Depends, Request
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from tarikh.disclosure import flat
from tarikh.disclosure.sight import Sight
from tarikh.errors import ForbiddenError, UnknownIdError, UsageError
from tarikh.exports import FORMATS, taking
from tarikh.settings import Settings
from tarikh.store import Store
from tarikh.store.export_log import ExportLog
from tarikh.store.flat import count
from tarikh.web.address import Asked
from tarikh.web.pages import render
from tarikh.web.people import AskedFirst, By, may
from tarikh.web.state import AskedOf, Now, SightOf, StoreOf, taken_away

router = APIRouter(route_class=AskedFirst)

MOST = 100_000
"""Incidents of one file; more are for the command line, which writes them without a browser that waits."""
MOST_WHOLE = 5_000
"""The same of forms that hold ledger and evidence."""
_SHOWN = 500
NAMES = {
    "csv": "CSV", "xlsx": "Excel", "geojson": "GeoJSON", "geoparquet": "GeoParquet", "parquet": "Parquet", "kml": "KML",
    "sqlite": "SQLite", "hxl": "HXL", "datapackage": "Data package", "atom": "Atom", "jsonl": "JSON lines",
}  # fmt: skip
"""The forms that pages offer, by the name that `exports` knows them by, the usual ones first."""
TYPES = {form: FORMATS[form].media for form in NAMES}
"""Their media types."""


@router.get("/exports", dependencies=[Depends(may("manage_users"))])
def log(request: Request, store: StoreOf) -> Response:
    """Who took what, for admins."""
    return render(request, "exports.html", taken=ExportLog(store).taken(most=_SHOWN))


@router.get("/export.{form}", dependencies=[Depends(may("export"))])
def file(
    request: Request, form: str, store: StoreOf, asked: AskedOf, sight: SightOf, now: Now, by: By
) -> Response:
    """The incidents of the filter. Raises `UsageError` for more than `MOST`, `ForbiddenError` for what the level withholds."""
    if form not in TYPES:
        raise UnknownIdError(f"there is no export in this form; there are: {', '.join(TYPES)}")
    sight = taken_away(request, sight)
    if not sight.full and not FORMATS[form].flat:
        raise ForbiddenError(
            "JSON lines hold words of reports; they are taken away at the level full alone. Take CSV or GeoJSON"
        )
    _check(store, asked, sight, MOST if FORMATS[form].flat else MOST_WHOLE)
    folder = Path(tempfile.mkdtemp(prefix="tarikh-export-"))
    try:
        name = f"tarikh-{now:%Y-%m-%d}-{sight.level}{FORMATS[form].suffix}"
        query = asked.query(after=None)
        made = now.replace(microsecond=0)
        order = taking.Order(form, f"user:{by}", query, query, Settings().license, made)
        _take(store, sight, asked, order, folder / name)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    gone = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
    return FileResponse(folder / name, media_type=TYPES[form], filename=name, background=gone)


def _take(store: Store, sight: Sight, asked: Asked, order: taking.Order, path: Path) -> None:
    if FORMATS[order.form].flat:
        taking.take(store, sight, order, path, flat.rows(sight, asked.filter))
    else:
        taking.take_whole(store, sight, order, path, flat.wholes(sight, asked.filter))


def _check(store: Store, asked: Asked, sight: Sight, most: int) -> None:
    if count(store, replace(asked.filter, limit=most + 1), sight.only(asked.filter)) > most:
        raise UsageError(
            f"these are more than {most} incidents; narrow the filter, or write the file with tarikh export"
        )
