"""`/incidents/{id}`: one incident, whose fields open to their words.

Invariant: an id that merged leads on for good (301), a beginning of one for now (302), an unknown one to a sentence (404).
"""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from tarikh import queries
from tarikh.web import dossier, ledger_plot, neighbors, past
from tarikh.web.pages import render
from tarikh.web.people import AskedFirst, may
from tarikh.web.state import Now, SightOf, StoreOf

router = APIRouter(dependencies=[Depends(may("read"))], route_class=AskedFirst)


@router.get("/incidents/{incident_id}")
def incident(request: Request, incident_id: str, store: StoreOf, sight: SightOf) -> Response:
    """The incident's page."""
    view = queries.show(store, incident_id)
    if view.incident.id != incident_id:
        lasting = incident_id in view.redirects
        return RedirectResponse(f"/incidents/{view.incident.id}", 301 if lasting else 302)
    shown = sight.view(view)
    view = shown.view
    made = dossier.dossier(view)
    return render(
        request,
        "incident.html",
        view=view,
        incident=view.incident,
        dossier=made,
        plots=ledger_plot.plots(view.ledger),
        neighbors=neighbors.neighbors(store, view.incident, sight),
        withheld=shown.withheld,
    )


@router.get("/incidents/{incident_id}/past")
def incident_past(request: Request, incident_id: str, store: StoreOf, now: Now, sight: SightOf) -> Response:
    """How the incident came to be what it is: its reports, what people said, and what each of them changed."""
    view = queries.show(store, incident_id)
    steps = past.steps(store, view, now)
    if not sight.full:
        view = sight.view(view).view
        steps = past.withheld(steps, view)
    return render(request, "past.html", "parts/past.html", incident=view.incident, steps=steps)
