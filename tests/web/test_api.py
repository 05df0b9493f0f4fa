"""The HTTP API: what it answers, page by page, and how it refuses."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import api_sample
import pytest
from starlette.testclient import TestClient

from conftest import LOCAL
from tarikh import accounts, api
from tarikh.api.problems import MEDIA_TYPE
from tarikh.errors import UsageError
from tarikh.store import Filter, open_store, paging
from tarikh.web.app import create_app

ROOT = "/api/v1"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return api_sample.build(tmp_path_factory.mktemp("api") / "tarikh.db")


@pytest.fixture(scope="module")
def client(database: Path, index: Path) -> Iterator[TestClient]:
    app = create_app(database, index)
    api.install(app)
    with TestClient(app, LOCAL, raise_server_exceptions=False, follow_redirects=False) as made:
        yield made


def pages(client: TestClient, address: str) -> list[Any]:
    """The answers from one address to the end."""
    made = []
    following: str | None = address
    while following is not None:
        answer = client.get(following)
        assert answer.status_code == 200, answer.text
        content = answer.json()
        made.append(content)
        following = content["next"]
        head = f'<{following}>; rel="next"' if following else None
        assert answer.headers.get("link") == head
    return made


def _all(client: TestClient, path: str) -> list[Any]:
    return [item for page in pages(client, f"{ROOT}/{path}") for item in page["items"]]


# ---- lists ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["newest", "oldest", "deadliest"])
def test_pages_of_incidents_are_all_of_them_in_order(client: TestClient, database: Path, order: Any) -> None:
    with open_store(database) as store:
        wanted = [each.id for each in store.incidents(Filter(order=order))]
    assert [each["id"] for each in _all(client, f"incidents?size=7&order={order}")] == wanted
    assert [each["id"] for each in _all(client, f"incidents?size=1000&order={order}")] == wanted


def test_the_filter_is_that_of_the_pages(client: TestClient, database: Path) -> None:
    with open_store(database) as store:
        wanted = Filter(countries=("MLI", "FJI"), kinds=("armed_clash", "riot"), minimum_killed=1)
        ids = {each.id for each in store.incidents(wanted)}
    query = "country=MLI&country=FJI&kind=armed_clash&kind=riot&min_killed=1"
    assert {each["id"] for each in _all(client, f"incidents?{query}")} == ids
    assert client.get(f"{ROOT}/stats?{query}").json()["incidents"] == len(ids)


def test_a_row_says_what_is_unknown_as_null(client: TestClient) -> None:
    rows = _all(client, "incidents")
    unknown = [each for each in rows if each["killed_best"] is None]
    assert unknown
    assert any(each["killed_best"] == 0 for each in rows)
    nowhere = next(each for each in rows if each["place_precision"] == "unknown")
    assert (nowhere["country"], nowhere["latitude"]) == (None, None)
    assert any(each["date_start"] is None for each in rows)


def test_features_are_those_of_the_export(client: TestClient, database: Path) -> None:
    from tarikh.exports import context, geojson

    first = client.get(f"{ROOT}/incidents.geojson?size=1000")
    assert first.headers["content-type"] == "application/geo+json"
    with open_store(database) as store:
        found = store.incidents(Filter())
        mentions = store.mentions(ids=[m for each in found for m in each.members], all_coders=True)
        reports = list(store.reports({m.report_id for m in mentions}))
        expected = [geojson.feature(each, context(mentions, reports)) for each in found]
    assert first.json()["features"] == json.loads(json.dumps(expected))


@pytest.mark.parametrize("name", ["reports", "mentions", "judgements", "problems"])
def test_records_come_page_by_page_in_the_order_in_which_they_came_in(
    client: TestClient, database: Path, name: str
) -> None:
    with open_store(database) as store:
        wanted = {
            "reports": [each.id for each in store.reports()],
            "mentions": [each.id for each in store.mentions()],
            "judgements": list(range(1, len(store.judgements()) + 1)),
            "problems": [1],
        }[name]
    assert wanted
    assert [each["id"] for each in _all(client, f"{name}?size=7")] == wanted
    assert [each["id"] for each in _all(client, f"{name}?size=1000")] == wanted
    assert [each["id"] for each in _all(client, f"{name}?size=1")] == wanted


# ---- one record ----------------------------------------------------------------------------------------------


def test_an_incident_is_as_the_export_has_it(client: TestClient, database: Path) -> None:
    from tarikh.exports import context, jsonl

    with open_store(database) as store:
        found = store.incidents()[5]
        mentions = store.mentions(ids=found.members)
        expected = jsonl.entry(found, context(mentions, list(store.reports([m.report_id for m in mentions]))))
    answer = client.get(f"{ROOT}/incidents/{found.id}").json()
    assert answer == json.loads(json.dumps(expected))
    told = client.get(f"{ROOT}/incidents/{found.id}/mentions").json()["items"]
    assert [each["id"] for each in told] == list(found.members)
    assert told[0]["words"]["trigger"] == "Gunmen"


def test_an_id_that_merged_leads_on_for_good_and_a_beginning_for_now(
    client: TestClient, database: Path
) -> None:
    with open_store(database) as store:
        merged = next(each for each in store.incidents() if len(each.members) == 2)
        (old,) = store.redirects(merged.id)
    for below in ("", "/mentions"):
        answer = client.get(f"{ROOT}/incidents/{old}{below}")
        assert answer.status_code == 308
        assert answer.headers["location"].endswith(f"{ROOT}/incidents/{merged.id}{below}")
        assert client.get(answer.headers["location"]).status_code == 200
        assert client.get(f"{ROOT}/incidents/{merged.id[:8]}{below}").status_code == 307
    assert client.get(f"/ogc/collections/incidents/items/{old}").status_code == 308


def test_a_report_has_its_text_and_its_mentions(client: TestClient) -> None:
    row = _all(client, "reports?size=3")[4]
    assert "text" not in row
    whole = client.get(row["href"]).json()
    assert whole["text"].startswith("Gunmen came to village 4")
    mention = client.get(whole["mentions"][0]["href"]).json()
    assert (mention["report"], mention["incident"]) == (row["id"], whole["mentions"][0]["incident"])
    assert mention["spans"]["trigger"] == [{"in": "text", "start": 0, "end": 6}]


def test_sums_are_those_of_the_pages(client: TestClient) -> None:
    rows = _all(client, "incidents")
    total = client.get(f"{ROOT}/stats").json()
    assert (total["incidents"], total["exact"]) == (len(rows), True)
    timeline = client.get(f"{ROOT}/stats/timeline?by=week").json()
    parts = [*(p["tally"] for p in timeline["periods"]), timeline["imprecise"], timeline["undated"]]
    assert sum(each["incidents"] for each in parts) == len(rows)
    assert sum(each["killed_best"] or 0 for each in parts) == sum(row["killed_best"] or 0 for row in rows)
    assert all(each["killed_best"] is None for each in parts if each["incidents"] == each["unknown"])
    trends = client.get(f"{ROOT}/stats/trends?split=country&most=2").json()
    assert (len(trends["series"]), trends["left_out"]) == (2, 3)


# ---- changes -------------------------------------------------------------------------------------------------


def test_whoever_follows_the_changes_has_what_there_is(client: TestClient, database: Path) -> None:
    for size in (3, 1000):
        state: dict[str, Any] = {}
        following, answers = f"{ROOT}/changes?since=2020-01-01&size={size}", 0
        while True:
            content = client.get(following).json()
            answers += 1
            for each in content["items"]:
                if each["change"] in ("merged", "withdrawn"):
                    del state[each["id"]]
                else:
                    state[each["id"]] = each["incident"]
            following = content["next"]
            if not content["more"]:
                break
        with open_store(database) as store:
            from tarikh.store import to_json

            assert state == {each.id: json.loads(json.dumps(to_json(each))) for each in store.incidents()}
        assert (answers > 20) == (size == 3)
        assert client.get(following).json()["items"] == []


def test_a_moment_may_be_put_in_as_the_answer_has_it(client: TestClient) -> None:
    told = client.get(f"{ROOT}/changes?since=2024-05-01T08:30:00+00:00&until=2024-05-01").json()
    assert told["since"] == "2024-05-01T08:30:00+00:00"
    assert client.get(f"{ROOT}/changes?since={told['since']}&until=2024-05-01").json() == told


# ---- what is sent with it ------------------------------------------------------------------------------------


@pytest.mark.parametrize("packing", ["identity", "gzip"])
def test_who_has_an_answer_is_not_sent_it_again(client: TestClient, packing: str) -> None:
    paths = (
        f"{ROOT}/incidents",
        f"{ROOT}/",
        f"{ROOT}/openapi.json",
        "/ogc/collections/incidents/items",
        "/ogc/api",
    )
    for path in paths:
        first = client.get(path, headers={"Accept-Encoding": packing})
        tag = first.headers["etag"]
        assert tag.startswith("W/") == path.endswith("items")
        assert ("gzip" in tag) == (first.headers.get("content-encoding") == "gzip")
        assert {"Authorization", "Cookie"} <= {each.strip() for each in first.headers["vary"].split(",")}
        assert first.headers["cache-control"] == "no-store"
        for known in (tag, f'"x", {tag}', "*", tag.replace("-gzip", "")):
            again = client.get(path, headers={"If-None-Match": known, "Accept-Encoding": packing})
            assert (again.status_code, again.content) == (304, b""), (path, known)
            assert again.headers["etag"] == tag
        assert client.get(path, headers={"If-None-Match": '"x"'}).status_code == 200
    assert (
        client.get(f"{ROOT}/incidents?size=2").headers["etag"]
        != client.get(f"{ROOT}/incidents").headers["etag"]
    )


def test_the_index_leads_to_everything_and_the_page_needs_nobody_else(client: TestClient) -> None:
    index = client.get(f"{ROOT}/").json()
    for link in index["links"].values():
        query = "?since=2024-05-01" if link["href"].endswith("changes") else ""
        assert client.get(link["href"] + query).status_code == 200, link
    page = client.get(f"{ROOT}/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert not re.search(r'(src|href)="(https?:)?//', page.text)
    style = re.search(r'<link rel="stylesheet" href="([^"]+)"', page.text)
    assert style is not None
    assert client.get(style[1]).status_code == 200
    for path in client.get(f"{ROOT}/openapi.json").json()["paths"]:
        assert f"GET {path}" in page.text


def test_addresses_are_those_under_which_one_asks(database: Path) -> None:
    app = create_app(database, hosts=("tarikh.example.org",))
    api.install(app)
    with TestClient(app, "https://tarikh.example.org:8443") as client:
        found = client.get(f"{ROOT}/incidents?size=1").json()
        assert found["next"].startswith(f"https://tarikh.example.org:8443{ROOT}/incidents?size=1&after=")
        assert client.get(found["items"][0]["href"]).status_code == 200
        for each in client.get("/ogc/").json()["links"]:
            assert each["href"].startswith("https://tarikh.example.org:8443/ogc/")


# ---- refusals ------------------------------------------------------------------------------------------------


def refused(answer: Any, status: int, words: str) -> None:
    """An error in its form, with a sentence."""
    assert answer.headers["content-type"] == MEDIA_TYPE, answer.text
    told = answer.json()
    assert (answer.status_code, told["status"]) == (status, status), told
    assert set(told) == {"type", "title", "status", "detail", "instance"}
    assert told["instance"].isascii()
    assert told["instance"].isprintable()
    assert words in told["detail"], told


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("incidents?kinds=riot", "did you mean kind?"),
        ("incidents?kind=", "kind is empty"),
        ("incidents?kind=raid", "there is no kind 'raid'"),
        ("incidents?size=0", "no whole number of 1 to 1,000"),
        ("incidents?size=1001", "no whole number of 1 to 1,000"),
        ("incidents?size=" + "9" * 400, "no whole number"),
        ("incidents?size=１", "no whole number"),
        ("incidents?size=1&size=2", "given 2 times"),
        ("incidents?after=AAAA", "the cursor is damaged"),
        ("incidents?after=%00", "the cursor is damaged"),
        ("incidents?after=%ff%fe", "the cursor is damaged"),
        ("incidents?bbox=1,2,3", "is no area"),
        ("incidents?bbox=nan,0,1,1", "longitude"),
        ("incidents?since=2024-02-30", "is no date"),
        ("incidents?radius=5", "a radius needs a place"),
        ("incidents?place=Nowhereville&radius=5", "no town called"),
        ("incidents?text=%00", "no letter or digit"),
        ("incidents?order=random", "there is no order"),
        ("incidents?country=%ff", "no country is called"),
        ("incidents.geojson?size=5000", "no whole number"),
        ("reports?kind=riot", "there is no parameter 'kind'"),
        ("stats?size=3", "there is no parameter 'size'"),
        ("stats/timeline?by=year", "there is no period"),
        ("stats/trends?split=source", "there is no split"),
        ("stats/trends?most=0", "most '0' is no whole number"),
        ("changes", "say from when on"),
        ("changes?since=tomorrow", "2025-03-14"),
        ("changes?since=2999-01-01", "future"),
        ("changes?since=2024-06-01&until=2024-05-01", "swap the two"),
        ("?x=1", "there is no parameter 'x' here; there are: none"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_with_a_reason(client: TestClient, path: str, words: str) -> None:
    refused(client.get(f"{ROOT}/{path}"), 400, words)


def test_a_cursor_is_bound_to_its_list(client: TestClient) -> None:
    cursors = {}
    for name in ("incidents", "reports", "mentions", "judgements"):
        following = client.get(f"{ROOT}/{name}?size=2").json()["next"]
        cursors[name] = following.partition("after=")[2]
    for name in cursors:
        for other, cursor in cursors.items():
            wrong = cursor if other != name else cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
            answer = client.get(f"{ROOT}/{name}?after={wrong}")
            refused(answer, 400, "cursor")
    refused(client.get(f"{ROOT}/incidents?kind=riot&after={cursors['incidents']}"), 400, "another filter")
    assert client.get(f"{ROOT}/problems?after={cursors['reports']}").status_code == 400


MADE_UP: list[tuple[str, Any]] = [
    ("reports", ["reports", "2025-01-01T00:00:00+00:00", "\ud800"]),
    ("mentions", ["mentions", 1, "\udfff"]),
    ("reports", ["reports", "0001-01-01T00:00:00+23:59", "r-1"]),
    ("reports", ["reports", "9999-12-31T23:59:59-23:59", "r-1"]),
    ("incidents", ["", 0.5, None, 1]),
    ("incidents", ["", 0, 1.5, 1]),
    ("incidents", ["", 0, None, True]),
]


@pytest.mark.parametrize(("name", "values"), MADE_UP)
def test_a_cursor_that_was_made_up_with_care_is_refused(client: TestClient, name: str, values: Any) -> None:
    if name == "incidents":  # by which a cursor knows its filter, as anybody can read it in one
        following = client.get(f"{ROOT}/incidents?size=2").json()["next"]
        values = [paging.unseal(following.partition("after=")[2])[0], *values[1:]]
    refused(client.get(f"{ROOT}/{name}?after={paging.seal(values)}"), 400, "the cursor is damaged")


def test_a_cursor_of_endless_depth_is_refused() -> None:
    body = b"[" * 100_000
    cursor = base64.urlsafe_b64encode(paging._check(body) + body).decode().rstrip("=")
    with pytest.raises(UsageError, match="damaged"):
        paging.unseal(cursor)


@pytest.mark.parametrize("name", ["incidents", "reports", "mentions"])
@pytest.mark.parametrize("key", ["x", "i-0000000000000000", "%00", "%ff%fe", "a" * 3000, "😀", "%0ax"])
def test_what_is_not_there_is_said(client: TestClient, name: str, key: str) -> None:
    answer = client.get(f"{ROOT}/{name}/{key}")
    refused(answer, 404, "")
    detail = answer.json()["detail"]
    assert detail.isprintable()
    assert len(detail) < 300


def test_unknown_addresses_and_other_methods(client: TestClient) -> None:
    refused(client.get(f"{ROOT}/nowhere"), 404, "there is nothing at this address")
    refused(client.get("/ogc/nowhere"), 404, "there is nothing at this address")
    for path in (f"{ROOT}/incidents", f"{ROOT}/", "/ogc/", "/ogc/collections/incidents/items"):
        for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            answer = client.request(method, path)
            refused(answer, 405, "only read")
            assert answer.headers["allow"] == "GET, HEAD"
            assert "access-control-allow-origin" not in answer.headers
        head, whole = client.head(path), client.get(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["etag"] == whole.headers["etag"]
        assert head.headers["content-length"] == whole.headers["content-length"]


def test_texts_of_every_sort_cost_no_answer(hostile: Path) -> None:
    app = create_app(hostile)
    api.install(app)
    with TestClient(app, LOCAL, raise_server_exceptions=False) as client:
        for path in (
            "incidents",
            "incidents.geojson",
            "reports",
            "mentions",
            "judgements",
            "problems",
            "stats/trends?split=party",
        ):
            answer = client.get(f"{ROOT}/{path}")
            assert answer.status_code == 200, (path, answer.text)
            for each in answer.json().get("items", ())[:40]:
                if "href" in each:
                    assert client.get(each["href"]).status_code == 200
        assert client.get("/ogc/collections/incidents/items?limit=1000").status_code == 200
        assert client.get(f"{ROOT}/changes?since=2020-01-01&size=1000").status_code == 200


def test_a_fault_of_ours_says_nothing_of_the_server(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tarikh.api import shown

    def fails(*_: object) -> None:
        raise ValueError("secret words of /srv/tarikh")

    monkeypatch.setattr(shown, "rows", fails)
    app = create_app(database)
    api.install(app)
    with TestClient(app, LOCAL, raise_server_exceptions=False) as client:
        answer = client.get(f"{ROOT}/incidents")
        refused(answer, 500, "the fault is ours")
        assert "secret" not in answer.text
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_accounts_are_no_part_of_it(client: TestClient) -> None:
    assert accounts.ROLES
    for path in ("users", "account", "tokens", "add"):
        assert client.get(f"{ROOT}/{path}").status_code == 404
