"""`/`: map, timeline and list as one view of one filter; `/map.json`, `/days` and `/at` are its parts that come later.

Invariant: the three parts always show the same filter, which is the address.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from tarikh.disclosure.sight import Sight
from tarikh.errors import UsageError
from tarikh.model import When
from tarikh.store import Store
from tarikh.web import address, guarded_map, language, map_features, overview, suggesting
from tarikh.web.address import Asked
from tarikh.web.overview import UnitAsked
from tarikh.web.pages import Json, is_part, render
from tarikh.web.people import AskedFirst, may
from tarikh.web.state import AskedOf, Now, SightOf, StoreOf, asked_of
from tarikh.web.wording import Wording

router = APIRouter(dependencies=[Depends(may("read"))], route_class=AskedFirst)

SPANS = (30, 90, 365)
"""Days back from today that are offered as they are."""


@router.get("/")
def incidents(request: Request, store: StoreOf, asked: AskedOf, sight: SightOf, now: Now) -> Response:
    """The view; for a page that is open only what the filter changes, and the address to show."""
    found = overview.overview(store, asked, sight)
    headers = {"HX-Push-Url": asked.address()} if is_part(request) else None
    values: dict[str, Any] = {"asked": asked, "found": found, "days": found.days, "sight": sight}
    values["spans"] = [
        (days, asked.address(since=now.date() - timedelta(days), until=None)) for days in SPANS
    ]
    values["called"] = [] if asked.filter.parties else suggesting.called(asked.filter.text or "")
    values["newest"] = None if found.page.items else _newest(store, asked, sight)
    return render(
        request,
        "incidents.html",
        "parts/results.html",
        headers=headers,
        **values,
        **({} if is_part(request) else overview.choices(store, sight)),
    )


def _newest(store: Store, asked: Asked, sight: Sight) -> When | None:
    """When the newest incident was that the filter finds without its days; None where it asks for none, or finds none."""
    if asked.filter.since is None and asked.filter.until is None:
        return None
    wanted = replace(asked.filter, since=None, until=None, order="newest")
    items = overview.overview(store, Asked(wanted, size=1), sight).page.items
    return items[0].when if items and items[0].when.start is not None else None


@router.get("/days")
def days(request: Request, asked: AskedOf, sight: SightOf) -> Response:
    """The incidents over time, for a page that did not wait for them."""
    found = overview.days(asked.filter, sight)
    return render(request, "days.html", "parts/days.html", asked=asked, days=found)


@router.get("/map.json")
def map_json(
    request: Request,
    store: StoreOf,
    sight: SightOf,
    window: Annotated[str | None, Query(max_length=100)] = None,
    zoom: Annotated[int, Query(ge=0, le=20)] = 2,
) -> Response:
    """What the map draws of a filter in a window (west,south,east,north; the world without one), as GeoJSON."""
    asked = asked_of(request, _others(request, "window", "zoom"))
    box = None if window is None else address.box(window, "window")
    say = Wording(language.chosen(request))
    if sight.full:
        content = map_features.collection(store, asked.filter, box, zoom, say)
    else:
        content = guarded_map.collection(asked.filter, box, zoom, say, sight)
    return Json(content, headers={"vary": "Accept-Language, Cookie"})


@router.get("/at")
def at(
    request: Request,
    store: StoreOf,
    sight: SightOf,
    spot: Annotated[str | None, Query(max_length=80)] = None,
    unit: Annotated[str | None, Query(pattern="^admin[12]$")] = None,
    of: Annotated[list[str] | None, Query(max_length=3)] = None,
) -> Response:
    """The incidents drawn at one point (latitude,longitude,precision) or for a unit, of those that the filter lets by.

    `unit` is the precision, `of` its country, admin1 and admin2, "" where there is none.
    """
    asked = asked_of(request, _others(request, "spot", "unit", "of"))
    if (spot is None) == (unit is None):
        raise UsageError("a place on the map is either a point or a unit; choose one on it")
    place = _unit(unit, of or []) if unit is not None else overview.spot(spot or "")
    found = overview.at(store, asked.filter, place, sight)
    return render(request, "parts/at.html", found=found, most=overview.LISTED)


def _unit(precision: str, of: list[str]) -> UnitAsked:
    country, admin1, admin2 = ([name[:300] or None for name in of] + [None] * 3)[:3]
    return UnitAsked(precision, country, admin1, admin2)  # type: ignore[arg-type]


def _others(request: Request, *own: str) -> list[tuple[str, str]]:
    """The pairs of the address that are the filter's."""
    return [(name, value) for name, value in request.query_params.multi_items() if name not in own]
