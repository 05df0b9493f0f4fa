"""`/collections` and the one collection that there is: the incidents, as features.

Invariant: a feature is shown as files are that who asks may take away; a page begins after a key, never after a number
of features.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from tarikh.api import shown
from tarikh.api.conditional import weak
from tarikh.api.mounting import address
from tarikh.api.ogc import asked
from tarikh.api.ogc.asked import ITEMS, given
from tarikh.api.ogc.document import GEOJSON, SCHEMA
from tarikh.api.ogc.landing import link
from tarikh.errors import UnknownIdError
from tarikh.exports.record import COLUMNS, POINT_IS
from tarikh.web.pages import Json
from tarikh.web.people import AskedFirst, may
from tarikh.web.state import SightOf, StoreOf, taken_away

router = APIRouter(dependencies=[Depends(may("read"))], route_class=AskedFirst)

INCIDENTS = "incidents"
_AT = f"/collections/{INCIDENTS}"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_ABOUT = (
    "Incidents of armed conflict, coded from news reports. A point is the place itself or near it at the precisions exact"
    " and near; at others it is only where a unit is drawn, as `point_is` says. Null is unknown, and never 0."
)


@router.get("/collections")
def collections(request: Request) -> Response:
    """The collections."""
    given(request)
    links = [link(request, "self", "/collections", "the collections")]
    return Json({"links": links, "collections": [_collection(request)]})


@router.get("/collections/{collection_id}")
def collection(request: Request, collection_id: str) -> Response:
    """One collection."""
    given(request)
    _check(collection_id)
    return Json(_collection(request))


def _check(collection_id: str) -> None:
    if collection_id != INCIDENTS:
        raise UnknownIdError(f"there is no collection {collection_id[:60]!a}; there is: {INCIDENTS}")


def _collection(request: Request) -> dict[str, Any]:
    return {
        "id": INCIDENTS,
        "title": "Incidents",
        "description": _ABOUT,
        "itemType": "feature",
        "crs": [CRS84],
        "extent": {
            "spatial": {"bbox": [[-180, -90, 180, 90]], "crs": CRS84},
            "temporal": {"interval": [[None, None]]},
        },
        "links": [
            link(request, "self", _AT, "this collection"),
            link(request, "items", f"{_AT}/items", "its features", GEOJSON),
            link(request, "describedby", f"{_AT}/schema", "its properties", SCHEMA),
            # As GDAL (3.6) wants it spelled; without the schema it guesses types from the first features.
            link(request, "describedBy", f"{_AT}/schema", "its properties", SCHEMA),
        ],
    }


@router.get("/collections/{collection_id}/schema")
def schema(request: Request, collection_id: str) -> Response:
    """The properties of the features as a JSON Schema."""
    given(request)
    _check(collection_id)
    return Json(_schema(address(request, f"{_AT}/schema")), media_type=SCHEMA)


_FORMS: Mapping[str, Mapping[str, Any]] = {
    "text": {"type": "string"},
    "list": {"type": "array", "items": {"type": "string"}},
    "day": {"type": "string", "format": "date"},
    "count": {"type": "integer"},
    "degrees": {"type": "number"},
    "share": {"type": "number"},
}


def _schema(own: str) -> dict[str, Any]:
    """Of a feature. Null is said by `nullable`: of a list of types GDAL reads none."""
    properties: dict[str, Any] = {
        column.name: {**_FORMS[column.form], "description": column.what} for column in COLUMNS
    }
    point = {"type": "string", "description": f"what the point is: {', '.join(POINT_IS.values())}"}
    for told in (properties | {"point_is": point}).values():
        if told["type"] != "array":
            told["nullable"] = True
    geometry = {"description": "a point, or null where the place is not known"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": own,
        "title": "Incidents",
        "type": "object",
        "properties": {
            "type": {"const": "Feature"},
            "id": {"type": "string"},
            "geometry": geometry,
            "properties": {"type": "object", "properties": {**properties, "point_is": point}},
        },
    }


@router.get("/collections/{collection_id}/items")
def items(request: Request, collection_id: str, store: StoreOf, sight: SightOf) -> Response:
    """A page of features."""
    _check(collection_id)
    found, sight = given(request, ITEMS), taken_away(request, sight)
    wanted, most = asked.wanted(found), asked.limit(found)
    features, cursor = shown.features(store, sight, wanted, most, found.one("after"))
    counted = sight.counts(wanted)
    query = request.url.query
    links = [
        link(request, "self", f"{_AT}/items" + (f"?{query}" if query else ""), "this answer", GEOJSON),
        link(request, "collection", _AT, "the collection"),
    ]
    if cursor is not None:
        following = found.query(after=cursor, limit=str(most))
        links.append(link(request, "next", f"{_AT}/items?{following}", "the next features", GEOJSON))
    content: dict[str, Any] = {"type": "FeatureCollection", "features": features, "links": links}
    if counted.exact:
        content["numberMatched"] = counted.total
    content["numberReturned"] = len(features)
    tag = weak(json.dumps(content, sort_keys=True).encode())
    now = datetime.now(UTC).replace(microsecond=0)
    content["timeStamp"] = now.isoformat().replace("+00:00", "Z")
    return Json(content, media_type=GEOJSON, headers={"etag": tag})


@router.get("/collections/{collection_id}/items/{feature_id}")
def item(request: Request, collection_id: str, feature_id: str, store: StoreOf, sight: SightOf) -> Response:
    """One feature; a former id leads to where its incident is now."""
    given(request)
    _check(collection_id)
    found = store.incident(feature_id)
    if found.id != feature_id:
        lasting = feature_id in store.redirects(found.id)
        return RedirectResponse(address(request, f"{_AT}/items/{found.id}"), 308 if lasting else 307)
    feature = shown.feature(store, taken_away(request, sight), found)
    links = [
        link(request, "self", f"{_AT}/items/{quote(found.id, safe='')}", "this feature", GEOJSON),
        link(request, "collection", _AT, "the collection"),
    ]
    return Json({**feature, "links": links}, media_type=GEOJSON)
