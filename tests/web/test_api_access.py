"""Who may ask the interfaces for programs, by token or session, and what strangers hear: every route, every role."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import api_sample
import pytest
import routes_walk
from fastapi import APIRouter, FastAPI
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from starlette.routing import Mount
from starlette.testclient import TestClient
from test_api import refused

from conftest import LOCAL
from tarikh import accounts, api
from tarikh.accounts import passwords
from tarikh.api.mounting import mounted
from tarikh.store import open_store
from tarikh.web import people
from tarikh.web.app import create_app

ROUTES = {
    "/api/v1": {
        "/", "/openapi.json", "/docs", "/incidents", "/incidents.geojson", "/incidents/{incident_id}",
        "/incidents/{incident_id}/mentions", "/reports", "/reports/{report_id}", "/mentions", "/mentions/{mention_id}",
        "/judgements", "/problems", "/stats", "/stats/timeline", "/stats/trends", "/changes",
    },
    "/ogc": {
        "/", "/conformance", "/api", "/collections", "/collections/{collection_id}", "/collections/{collection_id}/schema",
        "/collections/{collection_id}/items", "/collections/{collection_id}/items/{feature_id}",
    },
}  # fmt: skip
"""All that there is."""


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))
    monkeypatch.setattr(passwords, "hasher", lambda: cheap)


@pytest.fixture
def team(tmp_path: Path) -> Path:
    return api_sample.build(tmp_path / "team.db", users=True)


@contextmanager
def asked(path: Path, token: str | None = None, **options: Any) -> Iterator[TestClient]:
    app = create_app(path, **options)
    api.install(app)
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    with TestClient(
        app, LOCAL, raise_server_exceptions=False, headers=headers, follow_redirects=False
    ) as client:
        yield client


def mounts(app: Any) -> dict[str, FastAPI]:
    """The interfaces that are mounted on the application of the pages."""
    return {each.path: each.app for each in app.routes if isinstance(each, Mount)}


def addresses(app: Any, database: Path) -> list[str]:
    """An address of every route of the interfaces."""
    with open_store(database) as store:
        incident, report, mention = store.incidents()[0].id, next(store.reports()).id, store.mentions()[0].id
    values = {
        "incident_id": [incident],
        "feature_id": [incident],
        "report_id": [report],
        "mention_id": [mention],
        "collection_id": ["incidents"],
        "unknown": ["x"],
    }
    made = []
    for path, inner in mounts(app).items():
        for route in routes_walk.routes(inner):
            assert route.methods == {"GET"}, route
            query = "?since=2024-05-01" if route.path == "/changes" else ""
            made += [path + each + query for each in routes_walk.addresses(route, values)]
    return made


def test_there_is_no_route_that_is_not_known(team: Path) -> None:
    app = create_app(team)
    api.install(app)
    found = {path: {each.path for each in routes_walk.routes(inner)} for path, inner in mounts(app).items()}
    assert found == ROUTES


def test_a_route_that_does_not_say_who_may_use_it_is_no_route(team: Path) -> None:
    router = APIRouter(route_class=people.AskedFirst)

    @router.get("/open")
    def opened() -> None: ...

    with pytest.raises(RuntimeError, match="says no permission"):
        mounted(create_app(team), "/x", [router])


@pytest.mark.parametrize("role", [None, *accounts.ROLES])
def test_every_route_and_every_role(team: Path, role: str | None) -> None:
    token = None if role is None else api_sample.token(team, role)
    with asked(team, token) as client:
        for address in addresses(client.app, team):
            answer = client.get(address)
            if role is None:
                refused(answer, 401, "log in")
                assert answer.headers["www-authenticate"].startswith("Bearer")
            elif role == "reader" and address.endswith("/judgements"):
                refused(answer, 403, "at the level partner")
            else:
                assert answer.status_code == 200, (address, answer.text)


def test_alone_on_this_machine_nobody_must_log_in(tmp_path: Path) -> None:
    path = api_sample.build(tmp_path / "alone.db")
    with asked(path) as client:
        for address in addresses(client.app, path):
            assert client.get(address).status_code == 200, address
        assert client.get("/api/v1/").json()["disclosure"]["level"] == "full"


def test_a_team_without_users_lets_nobody_in(tmp_path: Path) -> None:
    path = api_sample.build(tmp_path / "alone.db")
    with asked(path, door=people.Door(team=True)) as client:
        for address in addresses(client.app, path):
            refused(client.get(address), 401, "")


@pytest.mark.parametrize("role", accounts.ROLES)
def test_a_session_of_the_pages_lets_in_as_well(team: Path, role: str) -> None:
    with asked(team) as client:
        found = re.search(r'name="token" value="(\w+)"', client.get("/login").text)
        assert found is not None
        form = {"name": f"a{role}", "password": api_sample.WORDS, "token": found[1]}
        assert client.post("/login", data=form).status_code == 303
        level = client.get("/api/v1/").json()["disclosure"]["level"]
        assert level == ("partner" if role == "reader" else "full")
        tag = client.get("/api/v1/incidents").headers["etag"]
        client.cookies.clear()
        refused(client.get("/api/v1/incidents", headers={"If-None-Match": tag}), 401, "")


def test_layers_are_taken_away_as_files_are(team: Path) -> None:
    levels = {}
    for role in accounts.ROLES:
        with asked(team, api_sample.token(team, role)) as client:
            read = client.get("/api/v1/incidents").json()["disclosure"]["level"]
            away = client.get("/api/v1/incidents.geojson").json()["disclosure"]["level"]
            features = client.get("/ogc/collections/incidents/items").json()["features"]
            assert {each["properties"]["disclosure"] for each in features} == {away}
            one = client.get(f"/ogc/collections/incidents/items/{features[0]['id']}").json()
            assert one["properties"]["disclosure"] == away
            levels[role] = (read, away)
    assert levels == {
        "reader": ("partner", "partner"),
        "coder": ("full", "public"),
        "editor": ("full", "full"),
        "admin": ("full", "full"),
    }


# ---- tokens that let nobody in ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("disabled", "was disabled"),
        ("removed", "was removed"),
        ("revoked", "was revoked"),
        ("expired", "has expired"),
    ],
)
def test_what_is_over_lets_nobody_in(team: Path, what: str, words: str) -> None:
    token = api_sample.token(team, "editor")
    with asked(team, token) as client:
        assert client.get("/api/v1/").status_code == 200
        kept = client.app.state.store.accounts  # type: ignore[attr-defined]
        if what == "disabled":
            accounts.disable(kept, "aeditor")
        elif what == "removed":
            accounts.remove(kept, "aeditor")
        elif what == "revoked":
            accounts.revoke_token(kept, 1)
        else:
            late = datetime.now(UTC) + timedelta(days=400)
            kept._database._clock = lambda: late
        for path in ("/api/v1/", "/api/v1/incidents", "/ogc/collections/incidents/items"):
            answer = client.get(path)
            refused(answer, 401, words)
            assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "given",
    [
        "Bearer",
        "Bearer ",
        "Bearer tarikh_",
        "Bearer tarikh_x",
        "Bearer x",
        "Basic YTpi",
        "x" * 5000,
        "Bearer tarikh_\xff",
        "",
    ],
)
def test_what_is_no_token_lets_nobody_in(team: Path, given: str) -> None:
    with asked(team) as client:
        answer = client.get("/api/v1/incidents", headers={b"Authorization": given.encode("latin-1")})  # type: ignore[dict-item]
        refused(answer, 401, "oken")


def test_a_token_changes_nothing_anywhere(team: Path) -> None:
    with asked(team, api_sample.token(team, "admin")) as client:
        for address in addresses(client.app, team):
            for method in ("POST", "PUT", "PATCH", "DELETE"):
                refused(client.request(method, address), 405, "only read")


def test_a_foreign_page_or_name_is_refused_as_in_pages(team: Path) -> None:
    with asked(team, api_sample.token(team, "admin")) as client:
        assert client.get("/api/v1/", headers={"Host": "evil.example"}).status_code == 400
        assert client.post("/api/v1/", headers={"Origin": "https://evil.example"}).status_code == 403
        answer = client.get("/api/v1/", headers={"Origin": "https://evil.example"})
        assert not any(name.startswith("access-control") for name in answer.headers)
        for name in ("content-security-policy", "x-content-type-options", "cross-origin-resource-policy"):
            assert name in answer.headers


def test_a_database_that_fails_tells_no_stranger_where_it_is(
    team: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tarikh.errors import StoreError

    def fails(*_: Any) -> Any:
        raise StoreError("the database /srv/tarikh/team.db is locked; try again")

    with asked(team, door=people.Door(team=True)) as client:
        monkeypatch.setattr(type(client.app.state.store.accounts), "session", fails)  # type: ignore[attr-defined]
        client.cookies.set(people.Door().cookie, "x")
        refused(client.get("/api/v1/incidents"), 503, "ask who runs these pages")
