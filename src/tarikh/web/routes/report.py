"""`/reports/{id}`: a report's text with all marks, what was coded of it, and on request what was not and why.

Invariant: a forgotten report has no text to show, and its page says so.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from tarikh.web import reading_room
from tarikh.web.pages import render
from tarikh.web.state import GazetteerOf, StoreOf

router = APIRouter()


@router.get("/reports/{report_id}")
def report(request: Request, report_id: str, store: StoreOf) -> Response:
    """The report's page."""
    return render(request, "report.html", read=reading_room.opened(store, report_id), why=None)


@router.get("/reports/{report_id}/why")
def why(request: Request, report_id: str, store: StoreOf, gazetteer: GazetteerOf) -> Response:
    """Sentence by sentence what the coder makes of it now, and why; it codes the report anew and keeps nothing."""
    read = reading_room.opened(store, report_id)
    told = reading_room.explained(read.report, gazetteer)
    return render(request, "report.html", "parts/why.html", read=read, why=told)
