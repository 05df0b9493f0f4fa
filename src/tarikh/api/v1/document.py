"""The OpenAPI document of the API, made of its routes.

Invariant: it tells what is answered: errors are problem+json, and no status stands in it that is never given.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from fastapi import FastAPI

from tarikh.api.problems import Problem

SECURITY = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "a token of Tarikh (`tarikh token add`), `Authorization: Bearer tarikh_…`",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "tarikh_session",
        "description": "the session of who is logged in to the pages (`__Host-tarikh_session` over https)",
    },
}
_NEVER = ("HTTPValidationError", "ValidationError")


def document(app: FastAPI, server: str, log_in: bool) -> dict[str, Any]:
    """The document for who reached the API at an address; `log_in` is whether somebody must."""
    made = deepcopy(app.openapi())
    made["servers"] = [{"url": server}]
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    for name in _NEVER:
        schemas.pop(name, None)
    schemas["Problem"] = Problem.model_json_schema()
    made["components"]["securitySchemes"] = SECURITY
    made["security"] = [{"token": []}, {"session": []}, *([] if log_in else [{}])]
    for operations in made["paths"].values():
        for operation in operations.values():
            _corrected(operation)
    return made


def _corrected(operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    answers.pop("422", None)  # FastAPI adds it of itself; ours are 400
    answers["200"]["headers"] = {
        "ETag": {"description": "a name of this answer", "schema": {"type": "string"}}
    }
    for content in answers["200"]["content"].values():
        content["schema"].pop("type", None)  # FastAPI takes an answer that is written by hand for a text
    for status in [status for status in answers if status in ("304", "307", "308")]:
        answers[status].pop("content", None)
