"""`/compat/acled`: the real `acled` client gets the rows of the export; queries, ways in, and faults in that API's form."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from acled import AcledClient
from acled.auth import OAuthTokenAuth
from acled.clients.base_http_client import BaseHttpClient
from acled.exceptions import ApiError, ClientError
from fastapi.routing import APIRoute
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from starlette.testclient import TestClient

from compat_sample import PASSWORD, fill, token
from conftest import LOCAL, Tarikh, serving
from tarikh import accounts, compat, review
from tarikh.accounts import passwords
from tarikh.codebooks import codebook
from tarikh.store import open_store
from tarikh.web import people
from tarikh.web.app import create_app

READ = "/compat/acled/api/acled/read"
LOGIN = "/compat/acled/oauth/token"


@pytest.fixture(scope="module", autouse=True)
def _cheap() -> Iterator[None]:
    cheap = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "hasher", lambda: cheap)
        yield


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("compat") / "tarikh.db")


@pytest.fixture(scope="module")
def live(team: Path) -> Iterator[str]:
    with serving(team, also=compat.install) as address, pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseHttpClient, "BASE_URL", f"{address}/compat/acled/api")
        patch.setattr(BaseHttpClient, "MAX_RETRIES", 1)
        patch.setattr(BaseHttpClient, "RETRY_BACKOFF_FACTOR", 0.01)
        patch.setattr(OAuthTokenAuth, "TOKEN_ENDPOINT", address + LOGIN)
        yield address


@pytest.fixture(scope="module")
def asked(team: Path) -> Iterator[TestClient]:
    """A program that asks with the token of an editor."""
    app = create_app(team)
    compat.install(app)
    headers = {"Authorization": f"Bearer {token(team)}"}
    with TestClient(app, LOCAL, raise_server_exceptions=False, headers=headers) as client:
        yield client


@pytest.fixture(scope="module")
def stranger(team: Path) -> Iterator[TestClient]:
    app = create_app(team)
    compat.install(app)
    with TestClient(app, LOCAL, raise_server_exceptions=False) as client:
        yield client


def data(client: TestClient, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(READ, params=query)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["success"] is True
    assert body["count"] == len(body["data"])
    assert "not ACLED's data" in body["messages"][0]
    assert "not ACLED's data" in answer.headers["x-tarikh-notice"]
    found: list[dict[str, Any]] = body["data"]
    return found


def message(answer: Any) -> str:
    """The sentence of an error, which must be in the API's form."""
    body = answer.json()
    assert set(body) == {"status", "success", "error"}
    assert (body["success"], body["status"]) == (False, answer.status_code)
    ((one),) = body["error"]
    return str(one["message"])


# ---- the real client ---------------------------------------------------------------------------------------


def exported(tarikh: Tarikh, team: Path, folder: Path) -> list[dict[str, str]]:
    made = tarikh(
        "export", str(folder / "a.csv"), "--codebook", "acled", "--db", str(team), "--disclosure", "full"
    )
    assert made.code == 0, made.err
    with (folder / "a.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def as_cells(event: Any) -> dict[str, str]:
    """An event of the client as the cells of a CSV file."""
    return {name: _cell(value) for name, value in event.items()}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return str(int(value.timestamp()))
    return value.isoformat() if isinstance(value, date) else str(value)


def _same(event: dict[str, str], row: dict[str, str]) -> bool:
    numbers = {c.name for c in codebook("acled").columns if c.form == "degrees"}
    return all(
        float(event[n] or 0) == float(row[n] or 0) if n in numbers else event[n] == row[n] for n in event
    )


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("way", ["oauth", "legacy"])
def test_the_real_client_gets_the_rows_of_the_export(
    way: str, live: str, team: Path, tarikh: Tarikh, tmp_path: Path
) -> None:
    client = (
        AcledClient(auth_method="oauth", username="editor", password=PASSWORD)
        if way == "oauth"
        else AcledClient(auth_method="legacy", api_key=token(team), email="ana@example.org")
    )
    with client:
        events = [as_cells(e) for page in (1, 2, 3) for e in client.get_data(limit=20, page=page)]
    rows = exported(tarikh, team, tmp_path)
    assert len(events) == len(rows) == 55
    assert list(events[0]) == [column.name for column in codebook("acled").columns]
    assert all(_same(event, row) for event, row in zip(events, rows, strict=True))
    assert any(row["fatalities"] == "" for row in rows)
    assert any(row["fatalities"] == "0" for row in rows)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_real_client_filters_and_reads_lists(live: str, team: Path) -> None:
    with AcledClient(auth_method="legacy", api_key=token(team), email="a@b.c") as client:
        battles = client.get_data(event_type="Battles", country="Mali")
        assert battles
        assert {(e["event_type"], e["country"]) for e in battles} == {("Battles", "Mali")}
        between = client.get_data(
            event_date="2024-02-01|2024-02-29",
            query_params={"event_date_where": "BETWEEN"},
            fields="event_date",
        )
        assert between
        assert all(date(2024, 2, 1) <= e["event_date"] <= date(2024, 2, 29) for e in between)
        actors = {each["actor_name"]: each["event_count"] for each in client.get_actor_data()}
        assert actors["JNIM"] == sum(
            "JNIM" in (e["actor1"], e["actor2"], e["assoc_actor_2"]) for e in client.get_data(limit=100)
        )
        assert {each["country"] for each in client.get_country_data()} == {
            "Mali",
            "Niger",
            "Burkina Faso",
            "Democratic Republic of Congo",
        }
        assert {each["region_name"] for each in client.get_region_data()} == {
            "Western Africa",
            "Middle Africa",
        }
        assert {each["actor_type_name"] for each in client.get_actor_type_data()} >= {
            "Rebel Forces",
            "State Forces",
        }
        with pytest.raises(ClientError, match="400"):
            client.get_data(query_params={"fatalities_where": "IS"}, fatalities=3)


def test_a_wrong_password_fails_in_the_real_client(live: str) -> None:
    with pytest.raises(ApiError, match="401"):
        AcledClient(auth_method="oauth", username="editor", password="wrong")


# ---- ways in -----------------------------------------------------------------------------------------------


def test_every_route_says_its_permission() -> None:
    said = {
        route.path: people.asked_of(route)
        for dialect in compat.DIALECTS
        for router in dialect.routers
        for route in router.routes
        if isinstance(route, APIRoute)
    }
    assert said.pop("/oauth/token") == ["public"]
    assert set(map(tuple, said.values())) == {("export",)}


def test_it_is_off_by_default(team: Path) -> None:
    with TestClient(create_app(team), LOCAL, raise_server_exceptions=False) as client:
        assert client.get(READ).status_code == 404


def test_who_is_nobody_is_told_so_in_the_apis_form(stranger: TestClient) -> None:
    for query in ({}, {"key": "tarikh_wrong", "email": "a@b.c"}, {"key": ""}):
        answer = stranger.get(READ, params=query)
        assert answer.status_code == 401
        assert message(answer)
        assert "tarikh_wrong" not in answer.text
    assert stranger.get(READ, headers={"Authorization": "Bearer tarikh_none"}).status_code == 401


def test_a_token_is_given_for_a_password_and_renewed_once(stranger: TestClient, team: Path) -> None:
    form = {"grant_type": "password", "client_id": "acled", "username": "editor", "password": PASSWORD}
    given = stranger.post(LOGIN, data=form)
    assert given.status_code == 200
    body = given.json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 86_400)
    assert stranger.get(READ, headers={"Authorization": f"Bearer {body['access_token']}"}).status_code == 200
    renew = {"grant_type": "refresh_token", "client_id": "acled", "refresh_token": body["refresh_token"]}
    fresh = stranger.post(LOGIN, data=renew)
    assert (
        stranger.get(READ, headers={"Authorization": f"Bearer {fresh.json()['access_token']}"}).status_code
        == 200
    )
    assert stranger.post(LOGIN, data=renew).status_code == 401
    assert stranger.post(LOGIN, data={**renew, "refresh_token": body["access_token"]}).status_code == 401
    stranger.post(LOGIN, data=form)
    with open_store(team) as store:
        kept = [
            t for t in accounts.tokens(store.accounts, "editor") if t.label.startswith("ACLED-style client")
        ]
    assert len(kept) >= 5
    assert all(each.revoked_at is None for each in kept)  # those that are over do not pile up


def test_a_renewal_gives_no_more_than_its_token_may_and_only_once(
    stranger: TestClient, team: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(team) as store:
        kept = store.accounts
        label = f"{accounts.OF_LOGINS}, to renew"
        secret, _ = accounts.add_token(kept, "editor", label, role="reader")
        renew = {"grant_type": "refresh_token", "refresh_token": secret}
        both: list[Any] = []
        known = accounts.bearer

        def twice(store_of: Any, given_secret: str | None) -> Any:
            found = known(store_of, given_secret)
            if not both:  # another program asks with it before this one has used it up
                both.append(None)
                both.append(stranger.post(LOGIN, data=renew))
            return found

        monkeypatch.setattr(accounts, "bearer", twice)
        assert stranger.post(LOGIN, data=renew).status_code == 401
        monkeypatch.undo()
        assert both[1].status_code == 200
        for name in ("access_token", "refresh_token"):
            assert accounts.bearer(kept, both[1].json()[name]).role == "reader"


def test_a_new_password_ends_what_the_one_before_was_given(tmp_path: Path) -> None:
    path = fill(tmp_path / "t.db")
    app = create_app(path)
    compat.install(app)
    with TestClient(app, LOCAL, raise_server_exceptions=False) as client:
        form = {"grant_type": "password", "username": "editor", "password": PASSWORD}
        given = client.post(LOGIN, data=form).json()
        own = token(path, "editor")
        with open_store(path) as store:
            accounts.set_password(store.accounts, "editor", "another few words of mine")
        renew = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
        assert client.post(LOGIN, data=renew).status_code == 401
        bearer = {"Authorization": f"Bearer {given['access_token']}"}
        assert client.get(READ, headers=bearer).status_code == 401
        assert client.get(READ, headers={"Authorization": f"Bearer {own}"}).status_code == 200


def test_a_deleted_users_token_is_refused(tmp_path: Path) -> None:
    path = fill(tmp_path / "t.db")
    secret = token(path, "coder")
    app = create_app(path)
    compat.install(app)
    with TestClient(app, LOCAL, raise_server_exceptions=False) as client:
        assert client.get(READ, params={"key": secret, "limit": 1}).status_code == 200
        with open_store(path) as store:
            accounts.remove(store.accounts, "coder")
        answer = client.get(READ, params={"key": secret})
        assert answer.status_code == 401
        assert "removed" in message(answer)


def test_too_many_wrong_passwords_are_told_when_to_come_back(tmp_path: Path) -> None:
    app = create_app(fill(tmp_path / "t.db"))
    compat.install(app)
    form = {"grant_type": "password", "username": "editor", "password": "wrong"}
    with TestClient(app, LOCAL, raise_server_exceptions=False) as client:
        answers = [client.post(LOGIN, data=form) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert "too many wrong passwords" in message(answers[-1])
    assert message(answers[0]) == "the name or the password is wrong"


def test_alone_on_this_machine_nobody_logs_in(tmp_path: Path) -> None:
    app = create_app(fill(tmp_path / "t.db", users=False))
    compat.install(app)
    with TestClient(app, LOCAL) as client:
        assert len(data(client, key="anything", email="a@b.c", limit=0)) == 55
        form = {"grant_type": "password", "username": "a", "password": "b"}
        assert "no users" in message(client.post(LOGIN, data=form))


def test_a_page_elsewhere_cannot_log_in_here(stranger: TestClient) -> None:
    form = {"grant_type": "password", "username": "editor", "password": PASSWORD}
    assert stranger.post(LOGIN, data=form, headers={"Origin": "https://evil.example"}).status_code == 403


def test_below_full_the_policy_applies(team: Path, stranger: TestClient) -> None:
    answer = stranger.get(READ, params={"key": token(team, "reader"), "limit": 5})
    assert "level partner" in " ".join(answer.json()["messages"])
    full = stranger.get(READ, params={"key": token(team, "editor"), "limit": 5})
    assert "level" not in " ".join(full.json()["messages"])
    # A coder sees all on the pages, but may not take it away.
    coder = stranger.get(READ, params={"key": token(team, "coder"), "limit": 5})
    assert "level public" in " ".join(coder.json()["messages"])


# ---- queries -----------------------------------------------------------------------------------------------


QUERIES: list[tuple[dict[str, Any], Any]] = [
    ({"country": "Mali"}, lambda e: e["country"] == "Mali"),
    ({"country": "Mali|Niger"}, lambda e: e["country"] in ("Mali", "Niger")),
    ({"country": "Mali:OR:Niger"}, lambda e: e["country"] in ("Mali", "Niger")),
    ({"country": "Mali:OR:country=Niger"}, lambda e: e["country"] in ("Mali", "Niger")),
    ({"country": "Mali:OR:sub_event_type=Attack"}, lambda e: e["country"] == "Mali" or e["sub_event_type"] == "Attack"),
    ({"country": "repub", "country_where": "LIKE"}, lambda e: e["country"] == "Democratic Republic of Congo"),
    ({"iso": "466"}, lambda e: e["iso"] == 466),
    ({"region": "1"}, lambda e: e["region"] == "Western Africa"),
    ({"region": "Middle Africa"}, lambda e: e["region"] == "Middle Africa"),
    ({"event_type": "battles"}, lambda e: e["event_type"] == "Battles"),
    ({"event_type": "Battles|Protests"}, lambda e: e["event_type"] in ("Battles", "Protests")),
    ({"event_type": "Explosions/Remote violence"}, lambda e: e["event_type"].startswith("Explosions")),
    ({"sub_event_type": "territory"}, lambda e: "territory" in e["sub_event_type"]),
    ({"disorder_type": "Demonstrations"}, lambda e: e["disorder_type"] == "Demonstrations"),
    ({"actor1": "jnim"}, lambda e: e["actor1"] == "JNIM"),
    ({"actor1": "Military%Mali"}, lambda e: e["actor1"] == "Military Forces of Mali"),
    ({"assoc_actor_2": "Civilians"}, lambda e: e["assoc_actor_2"] is not None),
    ({"inter1": "2"}, lambda e: e["inter1"] == 2),
    ({"inter1": "Rebel Forces"}, lambda e: e["inter1"] == 2),
    ({"interaction": "12"}, lambda e: e["interaction"] == 12),
    ({"fatalities": "4", "fatalities_where": ">"}, lambda e: (e["fatalities"] or 0) > 4),
    ({"fatalities": "4", "fatalities_where": ">="}, lambda e: (e["fatalities"] or 0) >= 4),
    ({"fatalities": "0"}, lambda e: e["fatalities"] == 0),
    ({"fatalities": "5", "fatalities_where": "<"}, lambda e: e["fatalities"] is not None and e["fatalities"] < 5),
    ({"fatalities": "1|9", "fatalities_where": "BETWEEN"}, lambda e: e["fatalities"] in (4, 9)),
    ({"event_date": "2024-01-07"}, lambda e: e["event_date"] == "2024-01-07"),
    ({"event_date": "2024-03-01", "event_date_where": ">"}, lambda e: e["event_date"] > "2024-03-01"),
    ({"event_date": "2024-03-01", "event_date_where": "<="}, lambda e: e["event_date"] <= "2024-03-01"),
    ({"event_date": "2024-02-01|2024-03-01", "event_date_where": "between"}, lambda e: "2024-02-01" <= e["event_date"] <= "2024-03-01"),
    ({"year": "2024", "geo_precision": "1"}, lambda e: e["geo_precision"] == 1),
    ({"latitude": "0", "latitude_where": "<"}, lambda e: e["latitude"] < 0),
    ({"civilian_targeting": "Civilian targeting"}, lambda e: e["civilian_targeting"] is not None),
    ({"tags": "status=disputed"}, lambda e: e["tags"] == "status=disputed"),
    ({"timestamp": "1714550400"}, lambda e: e["timestamp"] >= 1714550400),
    ({"timestamp": "1999999999"}, lambda _: False),
    ({"year": "1999"}, lambda _: False),
    ({"country": "Mali", "iso": "562"}, lambda _: False),
    ({"country": "Atlantis"}, lambda _: False),
    ({"country": " ", "iso": "466"}, lambda e: e["iso"] == 466),
]  # fmt: skip


@pytest.mark.parametrize(("query", "fits"), QUERIES, ids=[str(query) for query, _ in QUERIES])
def test_a_query_finds_what_fits_and_nothing_else(
    asked: TestClient, query: dict[str, Any], fits: Any
) -> None:
    every = data(asked, limit=0)
    expected = [event for event in every if fits(event)]
    assert data(asked, limit=0, **query) == expected
    assert len(expected) < len(every) or query.get("timestamp") == "1714550400"


def test_pages_follow_each_other(asked: TestClient) -> None:
    every = data(asked, limit=0)
    assert [e for page in range(1, 9) for e in data(asked, limit=7, page=page)] == every
    assert data(asked, limit=7, page=9) == []
    assert data(asked, limit=7, page=5) == every[28:35]
    mali = data(asked, limit=0, country="Mali")
    assert data(asked, limit=4, page=3, country="Mali") == mali[8:12]
    assert data(asked, limit=0, page=1) == every


def test_fields_words_halves_and_csv(asked: TestClient) -> None:
    assert list(data(asked, fields="country|fatalities", limit=1)[0]) == ["country", "fatalities"]
    words = data(asked, inter_num="0", limit=0)
    fought = {(e["country"], e["inter1"], e["interaction"]) for e in words if e["actor1"] == "JNIM"}
    assert fought == {
        ("Mali", "Rebel Forces", "State Forces-Rebel Forces"),
        ("Burkina Faso", "Rebel Forces", "Rebel Forces-Foreign / Others"),
    }
    assert {e["interaction"] for e in words if e["event_type"] == "Protests"} == {"Sole Protesters"}
    halves = data(asked, export_type="monadic", limit=0)
    whole = data(asked, limit=0)
    assert len(halves) == len(whole) + sum(e["actor2"] is not None for e in whole)
    assert {e["actor2"] for e in halves} == {None}
    assert all(
        e["actor1"] == "Military Forces of Mali"
        for e in data(asked, export_type="monadic", actor1="Military Forces of Mali", limit=0)
    )
    answer = asked.get(READ, params={"_format": "csv", "limit": 3, "fields": "event_date|fatalities"})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert (rows[0], len(rows)) == (["event_date", "fatalities"], 4)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"contry": "Mali"}, "did you mean country"),
        ({"fatalities": "many"}, "is no number"),
        ({"fatalities": "nan"}, "is no number"),
        ({"fatalities": "1", "fatalities_where": "IS"}, "there are =, >, <"),
        ({"fatalities": "1|2|3", "fatalities_where": "BETWEEN"}, "needs two values"),
        ({"fatalities": "1|2", "fatalities_where": ">"}, "needs one value"),
        ({"fatalities_where": ">"}, "given without fatalities"),
        ({"event_date": "2026-06-01T/.."}, "is no day; write it as"),
        ({"event_date": "2024-02-30"}, "is no day"),
        ({"inter1": "Pirates"}, "is no number"),
        ({"limit": "-1"}, "no whole number from 0"),
        ({"limit": "9" * 400}, "no whole number"),
        ({"page": "0"}, "no whole number from 1"),
        ({"page": "٣"}, "no whole number"),
        ({"fields": "country|secrets"}, "fields has 'secrets'"),
        ({"_format": "xml"}, "json and csv"),
        ({"export_type": "both"}, "dyadic and monadic"),
        ({"country": "x" * 3000}, "more than 2000 characters"),
        ({"country": ":OR:".join("a" * 600)}, "more than"),
        ({"country": ["Mali", "Niger"]}, "given twice"),
        ({"event_date": "2024-03-01|2024-02-01", "event_date_where": "BETWEEN"}, "swap the two"),
        ({"fatalities": "9|1", "fatalities_where": "BETWEEN"}, "swap the two"),
        ({"actor1": "JNIM|"}, "an empty value among others"),
        ({"actor1": "JNIM:OR:"}, "actor1 has an empty value; leave it out"),
        ({"actor1": "JNIM:OR:country="}, "country has an empty value"),
        ({name: "|".join("ab" * 200) for name in ("actor1", "notes")}, "more than 500 values in all"),
    ],
)
def test_a_query_that_means_nothing_is_refused(asked: TestClient, query: dict[str, Any], told: str) -> None:
    answer = asked.get(READ, params=query)
    assert answer.status_code == 400
    assert told in message(answer)


def test_other_addresses_are_refused_in_the_apis_form(asked: TestClient) -> None:
    assert asked.get("/compat/acled/api/cast/read").status_code == 404
    assert "no forecasts" in message(asked.get("/compat/acled/api/cast/read"))
    assert message(asked.get("/compat/acled/api/nothing")) == "there is nothing at this address"
    refused = asked.delete(READ)
    assert refused.status_code == 405
    assert refused.headers["allow"] == "GET, HEAD"
    assert message(refused) == "this address is asked with GET, HEAD and nothing else"
    assert message(asked.get(LOGIN)) == "this address is asked with POST and nothing else"
    assert "grant_type" in message(asked.post(LOGIN, data={"grant_type": "magic"}))


def test_ids_that_are_gone_are_listed(tmp_path: Path) -> None:
    path = fill(tmp_path / "t.db", users=False)
    app = create_app(path)
    compat.install(app)
    with TestClient(app, LOCAL) as client:
        one = data(client, limit=1)[0]["event_id_cnty"]
        assert client.get("/compat/acled/api/deleted/read").json()["data"] == []
        with open_store(path) as store:
            review.reject(store, one, "ana", "no incident")
        assert one not in [e["event_id_cnty"] for e in data(client, limit=0)]
        (gone,) = client.get("/compat/acled/api/deleted/read", params={"event_id_cnty": one}).json()["data"]
        assert gone["event_id_cnty"] == one
        assert gone["deleted_timestamp"] > 1_700_000_000
        late = {"deleted_timestamp": "9999999999", "deleted_timestamp_where": ">="}
        assert client.get("/compat/acled/api/deleted/read", params=late).json()["data"] == []


def test_an_incident_that_was_rejected_and_merged_is_gone_under_both_ids(tmp_path: Path) -> None:
    path = fill(tmp_path / "t.db", users=False)
    app = create_app(path)
    compat.install(app)
    with TestClient(app, LOCAL) as client:
        one, two = (each["event_id_cnty"] for each in data(client, limit=2))
        with open_store(path) as store:
            review.reject(store, one, "ana", "no incident")
            review.merge(store, one, two, "ana", "the same")
        shown = {each["event_id_cnty"] for each in data(client, limit=0)}
        told = client.get("/compat/acled/api/deleted/read", params={"limit": 0}).json()["data"]
        assert {one, two} - shown == {each["event_id_cnty"] for each in told} == {one, two}
