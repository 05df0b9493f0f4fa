"""`/reports/{id}`: a report's text with all marks, what was coded of it, and on request what was not and why.

Invariant: a forgotten report has no text to show, and its page says so.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from tarikh.web import reading_room
from tarikh.web.pages import render
from tarikh.web.people import AskedFirst, may
from tarikh.web.state import GazetteerOf, SightOf, StoreOf

router = APIRouter(route_class=AskedFirst)


@router.get("/reports/{report_id}", dependencies=[Depends(may("read"))])
def report(request: Request, report_id: str, store: StoreOf, sight: SightOf) -> Response:
    """The report's page."""
    read = reading_room.withheld(reading_room.opened(store, report_id), store, sight)
    return render(request, "report.html", read=read, why=None)


@router.get("/reports/{report_id}/why", dependencies=[Depends(may("read_sensitive"))])
def why(request: Request, report_id: str, store: StoreOf, gazetteer: GazetteerOf) -> Response:
    """Sentence by sentence what the coder makes of it now, and why; it codes the report anew and keeps nothing."""
    read = reading_room.opened(store, report_id)
    told = reading_room.explained(read.report, gazetteer)
    return render(request, "report.html", "parts/why.html", read=read, why=told)
