"""OGC API – Features as the standard has it: what it says of itself, boxes, intervals, limits, links."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import api_sample
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient
from test_api import refused

from conftest import LOCAL
from tarikh import api
from tarikh.api.ogc.document import GEOJSON, OPENAPI, SCHEMA
from tarikh.store import Filter, open_store
from tarikh.web.app import create_app

ITEMS = "/ogc/collections/incidents/items"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return api_sample.build(tmp_path_factory.mktemp("ogc") / "tarikh.db")


@pytest.fixture(scope="module")
def client(database: Path) -> Iterator[TestClient]:
    app = create_app(database)
    api.install(app)
    with TestClient(app, LOCAL, raise_server_exceptions=False) as made:
        yield made


def _found(client: TestClient, query: str = "") -> list[Any]:
    """All features, by the links; each answer says of itself what the standard wants."""
    made: list[Any] = []
    following: str | None = f"{ITEMS}?{query}"
    while following is not None:
        answer = client.get(following)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == GEOJSON
        told = answer.json()
        assert told["numberReturned"] == len(told["features"])
        assert told["timeStamp"].endswith("Z")
        made += told["features"]
        links = {each["rel"]: each["href"] for each in told["links"]}
        assert client.get(links["self"]).json()["features"] == told["features"]
        following = links.get("next")
    assert told["numberMatched"] == len(made) == len({each["id"] for each in made})
    return made


def _ids(database: Path, **wanted: Any) -> list[str]:
    with open_store(database) as store:
        return [each.id for each in store.incidents(Filter(**wanted))]


def test_the_service_says_what_it_is(client: TestClient) -> None:
    landing = client.get("/ogc/").json()
    links = {each["rel"]: each for each in landing["links"]}
    assert set(links) == {"self", "service-desc", "conformance", "data"}
    assert links["service-desc"]["type"] == OPENAPI
    for each in links.values():
        assert each["href"].startswith(f"{LOCAL}/ogc/")
        assert client.get(each["href"]).headers["content-type"] == each["type"]
    classes = client.get(links["conformance"]["href"]).json()["conformsTo"]
    assert {each.rpartition("/")[2] for each in classes} == {"core", "geojson", "oas30"}
    (collection,) = client.get(links["data"]["href"]).json()["collections"]
    assert client.get("/ogc/collections/incidents").json() == collection
    for each in collection["links"]:
        assert client.get(each["href"]).headers["content-type"] == each["type"]
    assert {each["rel"] for each in collection["links"]} == {"self", "items", "describedby", "describedBy"}


def test_the_schema_has_the_properties_of_the_features(client: TestClient) -> None:
    answer = client.get("/ogc/collections/incidents/schema")
    assert answer.headers["content-type"] == SCHEMA
    told = set(answer.json()["properties"]["properties"]["properties"])
    assert all(set(each["properties"]) == told for each in _found(client))


def test_paths_of_the_document_are_relative_to_the_landing_page(client: TestClient) -> None:
    document = client.get("/ogc/api").json()
    assert document["openapi"] == "3.0.3"
    assert document["servers"] == [{"url": f"{LOCAL}/ogc"}]
    told = document["paths"]["/collections/incidents/items"]["get"]["parameters"]
    known = {each["name"]: each for each in told}
    assert {"bbox", "datetime", "limit", "kind", "status", "place_precision"} <= set(known)
    assert "armed_clash" in known["kind"]["schema"]["enum"]
    assert known["limit"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}


@pytest.mark.parametrize("limit", [1, 7, 1000, 100_000])
def test_pages_are_all_of_them(client: TestClient, database: Path, limit: int) -> None:
    assert [each["id"] for each in _found(client, f"limit={limit}")] == _ids(database)
    one = client.get(f"{ITEMS}/{_ids(database)[0]}").json()
    assert {k: v for k, v in one.items() if k != "links"} == _found(client)[0]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("kind=riot", {"kinds": ("riot",)}),
        ("country=MLI&kind=armed_clash", {"countries": ("MLI",), "kinds": ("armed_clash",)}),
        ("admin1=Borno", {"admin1": ("Borno",)}),
        ("party=GSIM", {"parties": ("JNIM",)}),
        ("source=Radio 3", {"sources": ("Radio 3",)}),
        ("review=rejected", {"review": ("rejected",)}),
        ("place_precision=admin1", {"place_precision": ("admin1",)}),
        ("status=claimed", {"status": ("claimed",)}),
        ("bbox=-10,0,20,30", {"bbox": (-10.0, 0.0, 20.0, 30.0)}),
        ("bbox=-10,0,-100,20,30,9000", {"bbox": (-10.0, 0.0, 20.0, 30.0)}),
        ("bbox=179,-20,-179,-10", {"bbox": (179.0, -20.0, -179.0, -10.0)}),
        ("bbox=179,-20,181,-10", {"bbox": (179.0, -20.0, -179.0, -10.0)}),
        ("bbox=-1000,-90,1000,1e9", {"bbox": (-180.0, -90.0, 180.0, 90.0)}),
        ("datetime=2024-03-04", {"since": date(2024, 3, 4), "until": date(2024, 3, 4)}),
        ("datetime=2024-03-04T", {"since": date(2024, 3, 4), "until": date(2024, 3, 4)}),
        ("datetime=2024-03-01/2024-05-01", {"since": date(2024, 3, 1), "until": date(2024, 5, 1)}),
        ("datetime=2024-03-01T00:00:00Z/..", {"since": date(2024, 3, 1)}),
        ("datetime=2024-03-01t00:00:00z/..", {"since": date(2024, 3, 1)}),  # RFC 3339 takes small letters
        ("datetime=2024-03-01T/..", {"since": date(2024, 3, 1)}),
        ("datetime=2024-03-01T23:00:00-05:00/", {"since": date(2024, 3, 2)}),
        ("datetime=../2024-03-01", {"until": date(2024, 3, 1)}),
        (
            "datetime=2024-03-01T/..&datetime=../2024-05-01T",
            {"since": date(2024, 3, 1), "until": date(2024, 5, 1)},
        ),
        ("datetime=/2024-03-01T", {"until": date(2024, 3, 1)}),
    ],
)
def test_what_is_asked_for_is_what_is_found(
    client: TestClient, database: Path, query: str, wanted: dict[str, Any]
) -> None:
    ids = _ids(database, **wanted)
    assert [each["id"] for each in _found(client, f"{query}&limit=5")] == ids
    assert ids or query == "status=claimed"


def test_a_box_finds_what_a_map_draws_in_it_and_says_what_the_point_is(client: TestClient) -> None:
    found = _found(client, "bbox=-180,-90,180,90")
    assert all(each["geometry"] is not None for each in found)
    units = [each for each in found if each["properties"]["place_precision"] == "admin1"]
    assert units
    assert all("only a drawing point" in each["properties"]["point_is"] for each in units)
    nowhere = [each for each in _found(client) if each["geometry"] is None]
    assert nowhere
    assert not {each["id"] for each in nowhere} & {each["id"] for each in found}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("colour=red", "there is no parameter 'colour'"),
        ("kinds=riot", "did you mean kind?"),
        ("bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4326", "bbox-crs is not known here"),
        ("crs=x", "there is no parameter 'crs'"),
        ("f=html", "f=json"),
        ("limit=0", "no whole number"),
        ("limit=-1", "no whole number"),
        ("limit=1e3", "no whole number"),
        ("limit=" + "9" * 30 + "x", "no whole number"),
        ("bbox=1,2,3", "is no box"),
        ("bbox=1,2,3,4,5", "is no box"),
        ("bbox=a,b,c,d", "is no box"),
        ("bbox=0,0,inf,1", "is no box"),
        ("bbox=nan,0,1,1", "is no box"),
        ("bbox=0,20,1,10", "the order is west,south,east,north"),
        ("bbox=0,0,1,1&bbox=0,0,1,1", "given 2 times"),
        ("datetime=yesterday", "is no day or moment"),
        ("datetime=2024-02-30", "is no day or moment"),
        ("datetime=2024-02-01T10:00", "is no day or moment"),
        ("datetime=20240201", "is no day or moment"),
        ("datetime=2024-W05-1", "is no day or moment"),
        ("datetime=0001-01-01T00:00:00%2B10:00", "is no day or moment"),
        ("datetime=..", "is no day or moment"),
        ("datetime=../..", "open at both ends"),
        ("datetime=/", "open at both ends"),
        ("datetime=a/b/c", "is no day or moment"),
        ("datetime=2024-03-02/2024-03-01", "swap the two days"),
        ("datetime=2024-03-02/..&datetime=../2024-03-01", "no day in common"),
        ("kind=raid", "there is no kind"),
        ("kind=riot&kind=arrest", "given 2 times"),
        ("country=XYZ", "no country is called"),
        ("party=!", "holds no letter"),
        ("after=zzz", "the cursor is damaged"),
        ("kind=%00", "there is no kind"),
        ("admin1=%ff", "holds no letter"),
        ("%00=1", "there is no parameter"),
        ("kind=", "is empty"),
        ("admin1=" + "a" * 301, "longer than 300 characters"),
        ("bbox=" + "1" * 4001, "longer than 4,000 characters"),
    ],
)
def test_what_the_standard_calls_invalid_is_refused(client: TestClient, query: str, words: str) -> None:
    refused(client.get(f"{ITEMS}?{query}"), 400, words)


def test_there_is_one_collection(client: TestClient) -> None:
    for path in ("", "/schema", "/items", "/items/x"):
        refused(client.get(f"/ogc/collections/events{path}"), 404, "there is no collection 'events'")
    refused(client.get(f"{ITEMS}/i-0000000000000000"), 404, "")
    refused(client.get("/ogc/?x=1"), 400, "there is no parameter 'x'")
    assert client.get("/ogc/?f=json").status_code == 200
    assert client.get("/ogc", follow_redirects=False).headers["location"] == f"{LOCAL}/ogc/"


def test_a_change_begins_another_list_only_where_it_stands(client: TestClient, database: Path) -> None:
    first = client.get(f"{ITEMS}?limit=5&kind=riot").json()
    following = next(each["href"] for each in first["links"] if each["rel"] == "next")
    refused(client.get(following.replace("kind=riot", "kind=arrest")), 400, "another filter")
    assert client.get(following.replace("limit=5", "limit=9")).status_code == 200


@given(st.text(max_size=30))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_words_for_a_time_or_box_are_a_fault_of_ours(client: TestClient, text: str) -> None:
    for name in ("datetime", "bbox", "limit", "after", "country"):
        assert client.get(ITEMS, params={name: text}).status_code in (200, 400)
