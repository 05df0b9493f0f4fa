"""`/compat/ucdp`: a paging loop as the clients for R have it gets the rows of the export; filters and faults."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from starlette.testclient import TestClient

from compat_sample import fill, token
from conftest import LOCAL, Tarikh, serving
from tarikh import compat
from tarikh.codebooks import codebook
from tarikh.web.app import create_app

EVENTS = "/compat/ucdp/api/gedevents/25.1"


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("compat") / "tarikh.db")


@pytest.fixture(scope="module")
def asked(team: Path) -> Iterator[TestClient]:
    app = create_app(team)
    compat.install(app)
    headers = {"x-ucdp-access-token": token(team)}
    with TestClient(app, LOCAL, raise_server_exceptions=False, headers=headers) as client:
        yield client


def result(client: TestClient, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(EVENTS, params={"pagesize": 1000, **query})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert "not UCDP's data" in body["Notice"]
    assert body["TotalCount"] == len(body["Result"])
    found: list[dict[str, Any]] = body["Result"]
    return found


def test_a_paging_loop_gets_the_rows_of_the_export(team: Path, tarikh: Tarikh, tmp_path: Path) -> None:
    headers = {"x-ucdp-access-token": token(team)}
    rows: list[dict[str, Any]] = []
    with serving(team, also=compat.install) as address:
        url = f"{address}{EVENTS}?pagesize=7&Country=432,436,439,490"
        pages = 0
        while url:
            answer = requests.get(url, headers=headers, timeout=20)
            assert answer.status_code == 200
            body = answer.json()
            rows += body["Result"]
            url, pages = body["NextPageUrl"], pages + 1
        assert (pages, len(rows)) == (body["TotalPages"], body["TotalCount"])
        assert body["PreviousPageUrl"].endswith(f"page={pages - 2}")
        assert requests.get(f"{address}{EVENTS}", timeout=20).status_code == 401
    ran = tarikh(
        "export", str(tmp_path / "u.csv"), "--codebook", "ucdp", "--db", str(team), "--disclosure", "full"
    )
    assert ran.code == 0
    with (tmp_path / "u.csv").open(encoding="utf-8", newline="") as file:
        exported = list(csv.DictReader(file))
    columns = [column.name for column in codebook("ucdp").columns]
    assert len(rows) == len(exported) > 20
    for row, line in zip(rows, exported, strict=True):
        assert list(row) == columns
        assert {name: "" if row[name] is None else str(row[name]) for name in columns} == {
            name: line[name] for name in columns
        }


FILTERS: list[tuple[dict[str, Any], Any]] = [
    ({"Country": "432"}, lambda e: e["country_id"] == 432),
    ({"Country": "432, 490"}, lambda e: e["country_id"] in (432, 490)),
    ({"country": "436"}, lambda e: e["country_id"] == 436),
    ({"StartDate": "2024-03-01T00:00:00"}, lambda e: e["date_end"] >= "2024-03-01"),
    ({"StartDate": "2024-03-01"}, lambda e: e["date_end"] >= "2024-03-01"),
    ({"EndDate": "2024-03-01"}, lambda e: e["date_start"] <= "2024-03-01 00:00:00.000"),
    ({"TypeOfViolence": "3"}, lambda e: e["type_of_violence"] == 3),
    ({"TypeOfViolence": "1,2"}, lambda e: e["type_of_violence"] == 1),
    ({"Actor": "6716"}, lambda e: e["side_b"] == "JNIM"),
    ({"Geography": "10 -5,16 1"}, lambda e: e["latitude"] is not None and 10 <= e["latitude"] <= 16 and -5 <= e["longitude"] <= 1),
    ({"Geography": "-10 170,10 -170"}, lambda _: False),
]  # fmt: skip


@pytest.mark.parametrize(("query", "fits"), FILTERS, ids=[str(query) for query, _ in FILTERS])
def test_a_filter_finds_what_fits(asked: TestClient, query: dict[str, Any], fits: Any) -> None:
    every = result(asked)
    expected = [event for event in every if fits(event)]
    assert result(asked, **query) == expected
    assert len(expected) < len(every)


def test_pages_count_from_zero(asked: TestClient) -> None:
    every = result(asked)
    found = [
        e
        for page in range(5)
        for e in asked.get(EVENTS, params={"pagesize": 10, "page": page}).json()["Result"]
    ]
    assert found == every[:50]
    first, none = asked.get(EVENTS).json(), asked.get(EVENTS, params={"page": 99}).json()
    assert (first["PreviousPageUrl"], len(first["Result"])) == ("", len(every))
    assert (none["Result"], none["NextPageUrl"]) == ([], "")


def test_the_next_page_may_be_followed_however_the_first_was_asked(asked: TestClient) -> None:
    every = result(asked)
    address, found = f"{EVENTS}?Page=0&PageSize=20&country=432,436,439,490", []
    while address:
        answer = asked.get(address)
        assert answer.status_code == 200, answer.text
        found += answer.json()["Result"]
        address = answer.json()["NextPageUrl"]
    assert found == [each for each in every if each["country_id"] in (432, 436, 439, 490)]
    assert len(found) > 20


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"Contry": "432"}, "did you mean Country"),
        ({"Country": "Mali"}, "no whole number"),
        ({"Country": "9998"}, "number of no country"),
        ({"TypeOfViolence": "4"}, "from 1 to 3"),
        ({"StartDate": "01/02/2024"}, "write it as 2024-03-19"),
        ({"StartDate": "2024-03-19/2024-04-01"}, "write it as 2024-03-19"),
        ({"EndDate": "2024-03-199"}, "write it as 2024-03-19"),
        ({"StartDate": "2024-03-01", "EndDate": "2024-02-01"}, "swap the two days"),
        ({"pagesize": "1001"}, "from 1 to 1,000"),
        ({"page": "-1"}, "from 0"),
        ({"Geography": "1,2,3"}, "is no box"),
        ({"Geography": "nan 0,1 1"}, "is no box"),
        ({"Dyad": "5"}, "dyads have no ids"),
        ({"Country": ["432", "436"]}, "given twice"),
        ({"Country": "1" * 3000}, "more than 2000"),
    ],
)
def test_a_query_that_means_nothing_is_refused(asked: TestClient, query: dict[str, Any], told: str) -> None:
    answer = asked.get(EVENTS, params=query)
    assert answer.status_code == 400
    assert list(answer.json()) == ["Message"]
    assert told in answer.json()["Message"]


def test_other_datasets_and_versions_are_refused(asked: TestClient) -> None:
    assert "only gedevents" in asked.get("/compat/ucdp/api/dyadic/25.1").json()["Message"]
    assert "is no version" in asked.get("/compat/ucdp/api/gedevents/newest").json()["Message"]
    for version in ("25.1", "25.0.6", "25.01.25.06"):
        assert asked.get(f"/compat/ucdp/api/gedevents/{version}", params={"pagesize": 1}).status_code == 200


def test_below_full_the_policy_applies(team: Path) -> None:
    app = create_app(team)
    compat.install(app)
    with TestClient(app, LOCAL) as client:
        body = client.get(EVENTS, headers={"x-ucdp-access-token": token(team, "reader")}).json()
        assert "level partner" in body["Notice"]
        assert body["Result"]
        assert not any(event["source_headline"] or event["source_article"] for event in body["Result"])
        assert client.get(EVENTS, headers={"x-ucdp-access-token": "tarikh_no"}).status_code == 401
