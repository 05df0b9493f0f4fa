"""`/`: map, timeline and list as one view of one filter; `/map.json` is what the map draws, `/at` who is at one point.

Invariant: the three parts always show the same filter, which is the address.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from tarikh import reference
from tarikh.errors import UsageError
from tarikh.web import address, language, map_features, overview
from tarikh.web.pages import Json, is_part, render
from tarikh.web.people import may
from tarikh.web.state import AskedOf, SightOf, StoreOf
from tarikh.web.timeline import FAMILIES, timeline
from tarikh.web.wording import Wording

router = APIRouter(dependencies=[Depends(may("read"))])


@router.get("/")
def incidents(request: Request, store: StoreOf, asked: AskedOf, sight: SightOf) -> Response:
    """The view; for a page that is open only what the filter changes, and the address to show."""
    found = overview.overview(store, asked, sight)
    values: dict[str, Any] = {
        "asked": asked,
        "found": found,
        "sight": sight,
        "timeline": timeline(found.days, asked.filter.since, asked.filter.until),
    }
    headers = {"HX-Push-Url": asked.address()} if is_part(request) else None
    return render(
        request,
        "incidents.html",
        "parts/results.html",
        headers=headers,
        **values,
        **_choices(request, store, sight),
    )


def _choices(request: Request, store: StoreOf, sight: SightOf) -> dict[str, Any]:
    """What the form offers; a part of the page has no form."""
    if is_part(request):
        return {}
    by_family = {name: [k for k in reference.kinds() if k.family == name] for name in FAMILIES}
    return {
        "families": by_family,
        "countries": sorted(reference.countries(), key=lambda country: country.name),
        "sources": overview.sources(store, sight),
    }


@router.get("/map.json")
def map_json(request: Request, store: StoreOf, asked: AskedOf, sight: SightOf) -> Response:
    """What the map draws for a filter, as GeoJSON."""
    drawn, left_out = overview.drawn(store, asked.filter, sight)
    say = Wording(language.chosen(request))
    content = map_features.collection(drawn, say) | {"left_out": left_out}
    return Json(content, headers={"vary": "Accept-Language, Cookie"})


@router.get("/at")
def at(
    request: Request,
    store: StoreOf,
    sight: SightOf,
    spot: str = Query(max_length=60, pattern=r"^-?[\d.]+,-?[\d.]+,[a-z0-9]+$"),
) -> Response:
    """The incidents drawn at one point (latitude,longitude,precision) of those that the filter lets by."""
    pairs = [(name, value) for name, value in request.query_params.multi_items() if name != "spot"]
    asked = address.read(pairs)
    found = overview.at(store, asked.filter, _point(spot), sight)
    return render(request, "parts/at.html", found=found, most=overview.LISTED)


def _point(text: str) -> overview.Place:
    latitude, longitude, precision = text.split(",")
    try:
        return float(latitude), float(longitude), precision
    except ValueError:
        raise UsageError(f"{text!r} is no place on the map; choose one on it") from None
