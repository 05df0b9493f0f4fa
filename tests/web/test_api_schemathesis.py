"""Schemathesis asks both interfaces all that their documents allow, and what they do not, and finds nothing.

Invariant: all of its checks are on; what `_sensible` changes in its questions is what JSON Schema cannot say.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from itertools import cycle
from pathlib import Path
from typing import Any

import api_sample
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import definitions
from starlette.testclient import TestClient

from conftest import LOCAL, serving
from tarikh import api
from tarikh.errors import UsageError
from tarikh.store import open_store
from tarikh.text import fold
from tarikh.web import drawn_area
from tarikh.web.app import create_app

DOCUMENTS = {
    "/api/v1/openapi.json": definitions.OPENAPI_31_VALIDATOR,
    "/ogc/api": definitions.OPENAPI_30_VALIDATOR,
}
NAMES = ("text", "place", "admin1", "party", "source")


def _sensible(query: dict[str, Any]) -> None:
    """Puts right what no schema can say: cursors are given by answers, ends come in order, days are in the calendar."""
    query.pop("after", None)
    if "radius" in query:
        query["place"] = "Ansongo"
        query.pop("country", None)
    for name in NAMES:
        values = query.get(name, ())
        if not all(fold(each) for each in ([values] if isinstance(values, str) else values)):
            query[name] = "Gao"
    box = query.get("bbox")
    if box is not None:
        numbers = box.split(",") if isinstance(box, str) else box
        north = 3 if len(numbers) == 4 else 4
        if float(numbers[1]) > float(numbers[north]):
            numbers[1], numbers[north] = numbers[north], numbers[1]
        query["bbox"] = ",".join(map(str, numbers))
    if "area" in query:
        try:
            drawn_area.read(query["area"])
        except UsageError:
            query["area"] = "-6,14,-2,17,1,14"
    if "datetime" in query:
        query["datetime"] = re.sub("-(29|30|31)", "-28", query["datetime"])
        if "/" in query["datetime"]:
            query["datetime"] = "2024-03-01/.."
    if {"since", "until"} <= query.keys():
        query["since"], query["until"] = sorted((query["since"], query["until"]))


class _Asking:
    """Asks all operations of a document, and keeps what was answered and what was found."""

    def __init__(self, address: str, token: str | None, ids: dict[str, list[str]]) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.schema = schemathesis.openapi.from_url(address, headers=headers)
        self.headers = headers
        self.ids = {name: cycle(["x", *known]) for name, known in ids.items()}
        self.answers: Counter[tuple[str, int]] = Counter()
        self.found: list[str] = []

    def ask(self, examples: int) -> None:
        for result in self.schema.get_all_operations():
            operation = result.ok()
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                try:
                    self._ask(operation, mode, examples)
                except Unsatisfiable:
                    assert mode.is_negative, operation.label  # an id may be any text

    def _ask(self, operation: Any, mode: GenerationMode, examples: int) -> None:
        @given(operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def one(case: Any) -> None:
            if mode.is_positive:
                self._put_right(operation.path, case)
            answer = case.call(headers=self.headers)
            self.answers[operation.label, answer.status_code] += 1
            try:
                case.validate_response(answer, headers=self.headers)
            except BaseExceptionGroup as group:  # told together, below
                told = [f"{operation.label}: {each}" for each in group.exceptions]
                # More than the maximum is no error there, says the standard (OGC 17-069r4, fc-limit-response-1).
                self.found += [each for each in told if "`limit` in query - violates `maximum`" not in each]

        one()

    def _put_right(self, path: str, case: Any) -> None:
        for name in case.path_parameters:
            case.path_parameters[name] = next(self.ids[name])
        if path == "/changes":
            case.query.update(since="2024-05-01T08:05Z", until="2025-01-01")
        _sensible(case.query)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return api_sample.build(tmp_path_factory.mktemp("asked") / "tarikh.db", users=True)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return api_sample.build(tmp_path_factory.mktemp("asked") / "alone.db")


def _ids(database: Path) -> dict[str, list[str]]:
    with open_store(database) as store:
        incidents = [each.id for each in store.incidents()][:4]
        merged = next(each.id for each in store.incidents() if len(each.members) == 2)
        incidents += [*store.redirects(merged)]
        mentions = [each.id for each in store.mentions()][:4]
        reports = [each.id for each in store.reports()][:4]
    return {"incident_id": incidents, "featureId": incidents, "mention_id": mentions, "report_id": reports}


@pytest.mark.slow
@pytest.mark.parametrize("role", [None, "reader", "editor"])
@pytest.mark.parametrize("path", DOCUMENTS)
def test_it_finds_nothing(database: Path, alone: Path, index: Path, path: str, role: str | None) -> None:
    asked = alone if role is None else database
    token = None if role is None else api_sample.token(database, role)
    with serving(asked, index) as address, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        asking = _Asking(address + path, token, _ids(asked))
        asking.ask(12 if role is None else 5)
    assert asking.found == []
    good = {label for label, status in asking.answers if status == 200}
    refused = {"GET /judgements"} if (role, path) == ("reader", "/api/v1/openapi.json") else set()
    assert {label for label, _ in asking.answers} - good == refused
    assert not any(status >= 500 for _, status in asking.answers)
    assert any(status == 400 for _, status in asking.answers)


@pytest.mark.parametrize("path", DOCUMENTS)
@pytest.mark.parametrize("users", [False, True])
def test_the_document_is_one(alone: Path, database: Path, path: str, users: bool) -> None:
    app = create_app(database if users else alone)
    api.install(app)
    headers = {"Authorization": f"Bearer {api_sample.token(database, 'reader')}"} if users else {}
    with TestClient(app, LOCAL, headers=headers) as client:
        told = client.get(path).json()
    assert list(DOCUMENTS[path].iter_errors(told)) == []
    assert ({} in told["security"]) != users
    for operations in told["paths"].values():
        assert set(operations) == {"get"}
        operation = operations["get"]
        assert operation["summary"]
        assert {"200", "304", "400", "401", "403", "503"} <= set(operation["responses"])
        assert "422" not in operation["responses"]
        for status, answer in operation["responses"].items():
            if status >= "400":
                assert set(answer["content"]) == {"application/problem+json"}
        assert all(
            each["schema"] and each.get("description", each["in"] == "path")
            for each in operation["parameters"]
        )
