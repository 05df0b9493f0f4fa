"""`/incidents`: lists of incidents by the filter of the pages, as rows or features; one incident with all its evidence.

Invariant: the filter is that of the pages, with the same answers to the same words and the same refusals.
"""

from __future__ import annotations

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from tarikh.api import shown
from tarikh.api.asked import AFTER, FILTER, ORDER, SIZED
from tarikh.api.v1 import models, rows
from tarikh.api.v1.answering import GeoJson, answer, following, given, href, operations, reads
from tarikh.exports import jsonl
from tarikh.model import Incident
from tarikh.store import Store
from tarikh.web.state import SightOf, StoreOf, taken_away

router = operations("incidents")
LISTED = (*FILTER, ORDER, SIZED, AFTER)

_MOVED = {
    308: {"description": "the id merged into another incident, or leads to it: `Location` has its address"},
    307: {"description": "the beginning of an id: `Location` has the address of the incident"},
}


@reads(router, "/incidents", models.Incidents, LISTED, summary="Incidents that a filter finds")
def incidents(request: Request, store: StoreOf, sight: SightOf) -> Response:
    """A page of incidents, the newest first unless `order` says otherwise.

    Rejected incidents are left out unless `review` asks for them. Below the level full a question for a place, region,
    area or source finds only incidents whose place is shown as it is known; words cannot be searched.
    """
    asked = given(request, LISTED)
    found, cursor = shown.rows(store, sight, asked.filter, asked.size, asked.after)
    more = following(request, asked, cursor)
    items = [rows.incident(row, href(request, "incidents", row.id)) for row in found]
    return answer(rows.paged(items, more, sight), more)


@reads(
    router,
    "/incidents.geojson",
    models.Features,
    LISTED,
    written=GeoJson,
    summary="Incidents that a filter finds, as GeoJSON",
)
def features(request: Request, store: StoreOf, sight: SightOf) -> Response:
    """As `/incidents`, as a FeatureCollection whose properties are the columns of the exports.

    It is a layer to take away: with nothing withheld for roles that may take away such files, else at the level of exports.
    """
    asked, sight = given(request, LISTED), taken_away(request, sight)
    found, cursor = shown.features(store, sight, asked.filter, asked.size, asked.after)
    more = following(request, asked, cursor)
    links = [] if more is None else [{"rel": "next", "href": more, "type": GeoJson.media_type}]
    content = {"type": "FeatureCollection", "features": found, "links": links}
    return answer({**content, "disclosure": rows.disclosed(sight)}, more, GeoJson)


@reads(
    router,
    "/incidents/{incident_id}",
    models.Incident,
    errors=(404,),
    responses=_MOVED,
    summary="One incident",
)
def incident(request: Request, incident_id: str, store: StoreOf, sight: SightOf) -> Response:
    """The whole incident: fields, ledger of claims, mentions with their words, reports, links and corrections."""
    given(request)
    found = _found(request, store, incident_id)
    if isinstance(found, Response):
        return found
    made = shown.whole(sight, found)
    return answer(jsonl.entry(made.incident, made.around))


@reads(
    router,
    "/incidents/{incident_id}/mentions",
    models.MentionsOf,
    errors=(404,),
    responses=_MOVED,
    summary="The mentions of one incident",
)
def incident_mentions(request: Request, incident_id: str, store: StoreOf, sight: SightOf) -> Response:
    """What each report says of it, in which words."""
    given(request)
    found = _found(request, store, incident_id, "mentions")
    if isinstance(found, Response):
        return found
    made = shown.whole(sight, found)
    items = [rows.mention(each, found.id) for each in made.mentions]
    return answer({"items": items, "disclosure": rows.disclosed(sight)})


def _found(request: Request, store: Store, incident_id: str, *below: str) -> Incident | Response:
    """The incident of an id, or where the incident of this former id or beginning is. Raises `UnknownIdError`."""
    found = store.incident(incident_id)
    if found.id == incident_id:
        return found
    lasting = incident_id in store.redirects(found.id)
    return RedirectResponse(href(request, "incidents", found.id, *below), 308 if lasting else 307)
