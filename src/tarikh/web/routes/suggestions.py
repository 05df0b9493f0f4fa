"""`/suggest/…`: what may be meant by the beginning of a name or a point on the map, as JSON for a field that is typed in.

Invariant: nothing is changed; what is asked for is short, and so is the answer.
"""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import JSONResponse, Response

from tarikh.web import language, suggesting
from tarikh.web.people import AskedFirst, may
from tarikh.web.places_index import gazetteer_at
from tarikh.web.state import GazetteerOf
from tarikh.web.suggesting import LONGEST, Suggestion

router = APIRouter(prefix="/suggest", dependencies=[Depends(may("review"))], route_class=AskedFirst)
COUNTRY = Query(None, pattern="^[A-Z]{3}$")
"""The country of the incident, ISO alpha-3."""


def _answer(request: Request, found: Sequence[Suggestion]) -> Response:
    t = language.chosen(request)
    rows = []
    for each in found:
        note = [t.word("review_page.sort", each.sort), each.note]
        if each.km is not None:
            note.append(t.count("count.kilometers", round(each.km)))
        rows.append(
            {
                "value": each.value,
                "name": each.name,
                "sort": each.sort,
                "note": " · ".join(filter(None, note)),
            }
        )
    return JSONResponse({"found": rows}, headers={"vary": "Accept-Language, Cookie"})


@router.get("/places.json")
def places(
    request: Request,
    gazetteer: GazetteerOf,
    q: str = Query(max_length=LONGEST),
    country: str | None = COUNTRY,
) -> Response:
    """Places whose names begin so; those of the country first."""
    return _answer(request, suggesting.places(gazetteer_at(gazetteer), q, country))


@router.get("/place-at.json")
def place_at(
    request: Request,
    gazetteer: GazetteerOf,
    latitude: float = Query(ge=-90, le=90),
    longitude: float = Query(ge=-180, le=180),
) -> Response:
    """What a point on the map may mean: towns near it, the units and the country around it."""
    return _answer(request, suggesting.places_at(gazetteer_at(gazetteer), latitude, longitude))


@router.get("/parties.json")
def parties(
    request: Request,
    q: str = Query(max_length=LONGEST),
    country: str | None = COUNTRY,
) -> Response:
    """Parties with a word that begins so; those of the country first."""
    return _answer(request, suggesting.parties(q, country))
