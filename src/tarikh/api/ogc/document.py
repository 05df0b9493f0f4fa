"""The document of the service in OpenAPI 3.0.3, made of the parameters by which it reads.

Invariant: paths are relative to the landing page, and the collection stands in them by its name: GDAL looks for its
parameters there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tarikh import __version__
from tarikh.api.asked import Parameter
from tarikh.api.ogc.asked import ITEMS, F
from tarikh.api.problems import Problem, documented
from tarikh.api.v1.document import SECURITY
from tarikh.exports import NOTICE

OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
GEOJSON = "application/geo+json"
SCHEMA = "application/schema+json"
_JSON = "application/json"
_STRING = {"type": "string"}


def document(server: str, log_in: bool) -> dict[str, Any]:
    """The document for who reached the service at an address; `log_in` is whether somebody must."""
    return {
        "openapi": "3.0.3",
        "info": {"title": "Tarikh", "version": __version__, "description": NOTICE},
        "servers": [{"url": server}],
        "security": [{"token": []}, {"session": []}, *([] if log_in else [{}])],
        "paths": _paths(),
        "components": {"schemas": _schemas(), "securitySchemes": SECURITY},
    }


def _paths() -> dict[str, Any]:
    incidents = "/collections/incidents"
    feature = {
        "name": "featureId",
        "in": "path",
        "required": True,
        "schema": _STRING,
        "description": "id of an incident",
    }
    moved = {
        status: {"description": "the incident is there now", "headers": {"Location": {"schema": _STRING}}}
        for status in ("307", "308")
    }
    return {
        "/": _reads("getLandingPage", "Landing page", "landingPage"),
        "/conformance": _reads("getConformance", "Conformance", "confClasses"),
        "/api": _reads("getApi", "This document", "object", OPENAPI),
        "/collections": _reads("getCollections", "The collections", "collections"),
        incidents: _reads("describeIncidents", "The incidents", "collection"),
        f"{incidents}/schema": _reads("getSchema", "Properties of the incidents", "object", SCHEMA),
        f"{incidents}/items": _reads(
            "getIncidents", "Incidents as features", "featureCollection", GEOJSON, ITEMS
        ),
        f"{incidents}/items/{{featureId}}": _reads(
            "getIncident",
            "One incident as a feature",
            "feature",
            GEOJSON,
            also=(feature,),
            errors=(404,),
            moved=moved,
        ),
    }


def _reads(
    name: str,
    summary: str,
    schema: str,
    form: str = _JSON,
    parameters: Iterable[Parameter] = (F,),
    also: Iterable[dict[str, Any]] = (),
    errors: Iterable[int] = (),
    moved: dict[str, Any] | None = None,
) -> dict[str, Any]:
    answer = {
        "description": summary,
        "content": {form: {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
        "headers": {"ETag": {"schema": _STRING, "description": "a name of this answer"}},
    }
    answers = {str(status): told for status, told in documented(400, *errors).items()}
    same = {"304": {"description": "who asks has this answer already (If-None-Match)"}}
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "parameters": [*also, *(each.document() for each in parameters)],
            "responses": {"200": answer, **same, **(moved or {}), **answers},
        }
    }


def _schemas() -> dict[str, Any]:
    links = {"type": "array", "items": {"$ref": "#/components/schemas/link"}}
    collection = {"$ref": "#/components/schemas/collection"}
    number = {"type": "integer", "minimum": 0}
    return {
        "Problem": _problem(),
        "object": {"type": "object"},
        "link": _object({"href": _STRING, "rel": _STRING, "type": _STRING, "title": _STRING}, "href", "rel"),
        "landingPage": _object({"title": _STRING, "description": _STRING, "links": links}, "links"),
        "confClasses": _object({"conformsTo": {"type": "array", "items": _STRING}}, "conformsTo"),
        "collections": _object(
            {"links": links, "collections": {"type": "array", "items": collection}}, "links", "collections"
        ),
        "collection": _object(
            {
                "id": _STRING,
                "title": _STRING,
                "description": _STRING,
                "extent": {"type": "object"},
                "links": links,
            },
            "id",
            "links",
        ),
        "point": _object(
            {
                "type": {"type": "string", "enum": ["Point"]},
                "coordinates": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
            },
            "type",
            "coordinates",
        ),
        "feature": _object(
            {
                "type": {"type": "string", "enum": ["Feature"]},
                "id": _STRING,
                "geometry": {"nullable": True, "allOf": [{"$ref": "#/components/schemas/point"}]},
                "properties": {"type": "object"},
                "links": links,
            },
            *("type", "geometry", "properties"),
        ),
        "featureCollection": _object(
            {
                "type": {"type": "string", "enum": ["FeatureCollection"]},
                "features": {"type": "array", "items": {"$ref": "#/components/schemas/feature"}},
                "links": links,
                "timeStamp": {"type": "string", "format": "date-time"},
                "numberMatched": {**number, "description": "left out where counting would take long"},
                "numberReturned": number,
            },
            *("type", "features", "links", "numberReturned"),
        ),
    }


def _object(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


def _problem() -> dict[str, Any]:
    """As of the models, in the words of OpenAPI 3.0, which has no type null."""
    made = Problem.model_json_schema()
    for told in made["properties"].values():
        if "anyOf" in told:
            told.update(type="string", nullable=True)
            del told["anyOf"]
    return made
