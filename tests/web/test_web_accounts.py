"""Who is let in, and who may do what: every route for every kind of visitor, and the ways in and out.

Invariant: a route that is not in `TABLE` fails here, so that nobody adds one without saying who may use it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from starlette.requests import Request
from starlette.testclient import TestClient

from conftest import LOCAL, REPORTS, Tarikh, json_lines
from tarikh import accounts
from tarikh.accounts import passwords
from tarikh.store import Store, open_store
from tarikh.web import people
from tarikh.web.app import ROUTES, create_app
from tarikh.web.hashing import MOST
from tarikh.web.people import Door

WORDS = "three rivers meet here"
OTHER = "a door without a key"
HTML = {"Accept": "text/html"}
ROLES = ("reader", "coder", "editor", "admin")

TABLE: dict[tuple[str, str], tuple[str, str, int]] = {
    ("GET", "/"): ("read", "/", 200),
    ("GET", "/export.{form}"): ("export", "/export.csv", 200),
    ("GET", "/exports"): ("manage_users", "/exports", 200),
    ("GET", "/map.json"): ("read", "/map.json", 200),
    ("GET", "/at"): ("read", "/at?spot=1,2,exact", 200),
    ("GET", "/days"): ("read", "/days", 200),
    ("GET", "/trends"): ("read", "/trends", 200),
    ("GET", "/trends/table"): ("read", "/trends/table", 200),
    ("GET", "/trends.csv"): ("read", "/trends.csv", 200),
    ("GET", "/incidents/{incident_id}"): ("read", "/incidents/INCIDENT", 200),
    ("GET", "/incidents/{incident_id}/past"): ("read", "/incidents/INCIDENT/past", 200),
    ("GET", "/reports/{report_id}"): ("read", "/reports/REPORT", 200),
    ("GET", "/reports/{report_id}/why"): ("read_sensitive", "/reports/REPORT/why", 200),
    ("GET", "/review"): ("review", "/review", 200),
    ("GET", "/review/moved"): ("review", "/review/moved?seen=VERSION", 204),
    ("GET", "/review/incidents/{incident_id}"): ("review", "/review/incidents/INCIDENT", 200),
    ("POST", "/review/incidents/{incident_id}/accept"): ("review", "/review/incidents/INCIDENT/accept", 400),
    ("POST", "/review/incidents/{incident_id}/reject"): ("review", "/review/incidents/INCIDENT/reject", 400),
    ("POST", "/review/incidents/{incident_id}/correct"): (
        "review",
        "/review/incidents/INCIDENT/correct",
        400,
    ),
    ("POST", "/review/pair"): ("link review", "/review/pair", 400),
    ("GET", "/review/incidents/{incident_id}/merge"): (
        "link review",
        "/review/incidents/INCIDENT/merge",
        200,
    ),
    ("POST", "/review/incidents/{incident_id}/merge"): (
        "link review",
        "/review/incidents/INCIDENT/merge",
        400,
    ),
    ("GET", "/review/incidents/{incident_id}/split"): (
        "link review",
        "/review/incidents/INCIDENT/split",
        200,
    ),
    ("POST", "/review/incidents/{incident_id}/split"): (
        "link review",
        "/review/incidents/INCIDENT/split",
        400,
    ),
    ("POST", "/review/undo"): ("review", "/review/undo", 400),
    ("GET", "/suggest/places.json"): ("review", "/suggest/places.json?q=Gao", 200),
    ("GET", "/suggest/place-at.json"): ("review", "/suggest/place-at.json?latitude=16&longitude=0", 200),
    ("GET", "/suggest/parties.json"): ("review", "/suggest/parties.json?q=JNIM", 200),
    ("GET", "/add"): ("add_reports", "/add", 200),
    ("POST", "/add"): ("add_reports", "/add", 400),
    ("GET", "/add/{job_id}"): ("add_reports", "/add/nothing", 404),
    ("POST", "/add/{job_id}/stop"): ("add_reports", "/add/nothing/stop", 404),
    ("POST", "/add/{job_id}/keep"): ("add_reports", "/add/nothing/keep", 404),
    ("GET", "/login"): ("public", "/login", 200),
    ("POST", "/login"): ("public", "/login", 401),
    ("POST", "/logout"): ("public", "/logout", 303),
    ("GET", "/account"): ("read", "/account", 200),
    ("POST", "/account/password"): ("read", "/account/password", 400),
    ("POST", "/account/sessions/{number}/end"): ("read", "/account/sessions/999999/end", 303),
    ("GET", "/users"): ("manage_users", "/users", 200),
    ("POST", "/users"): ("manage_users", "/users", 400),
    ("POST", "/users/{name}/role"): ("manage_users", "/users/nobody/role", 400),
    ("POST", "/users/{name}/password"): ("manage_users", "/users/nobody/password", 400),
    ("POST", "/users/{name}/disable"): ("manage_users", "/users/nobody/disable", 404),
    ("POST", "/users/{name}/enable"): ("manage_users", "/users/nobody/enable", 404),
    ("POST", "/users/{name}/remove"): ("manage_users", "/users/nobody/remove", 404),
    ("GET", "/language/{code}"): ("public", "/language/en", 303),
    ("GET", "/static/{version}/{name:path}"): ("public", "/static/x/app.css", 200),
    ("GET", "/favicon.ico"): ("public", "/favicon.ico", 200),
}
"""Each route: what it asks for (all of it), an address of it, and the status for who may."""


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))
    monkeypatch.setattr(passwords, "hasher", lambda: cheap)


@pytest.fixture
def team(tmp_path: Path, tarikh: Tarikh) -> Path:
    """A database of a team, one user of each role, named so."""
    database = tmp_path / "team.db"
    assert tarikh("add", json_lines(tmp_path / "r.jsonl", REPORTS[:1]), "--db", database).code == 0
    with open_store(database) as store:
        for role in ROLES:
            accounts.add(store.accounts, f"ana-{role}", WORDS, role)
    return database


@contextmanager
def client(database: Path, index: Path | None = None, **options: Any) -> Iterator[TestClient]:
    """A browser before these pages."""
    app = create_app(database, index, **options)
    address = "https://localhost" if app.state.door.secure else LOCAL
    with TestClient(
        app, address, raise_server_exceptions=False, follow_redirects=False, headers=HTML
    ) as made:
        yield made


def token(browser: TestClient) -> str:
    found = re.search(r'name="tarikh-token" content="(\w+)"', browser.get("/nowhere").text)
    assert found is not None
    return found[1]


def log_in(browser: TestClient, name: str, password: str = WORDS, **more: str) -> Any:
    form = {"name": name, "password": password, "token": token(browser), **more}
    return browser.post("/login", data=form)


# ---- the table -----------------------------------------------------------------------------------------------


def _routes() -> list[tuple[str, str, APIRoute]]:
    return [
        (method, route.path, route)
        for module in ROUTES
        for route in module.router.routes
        if isinstance(route, APIRoute)
        for method in sorted(route.methods or ())
    ]


def test_the_table_names_every_route_and_what_it_asks_for() -> None:
    asked = {(method, path): people.asked_of(route) for method, path, route in _routes()}
    assert set(asked) == set(TABLE)
    for key, permissions in asked.items():
        assert set(permissions) == set(TABLE[key][0].split()), key


def test_the_application_does_not_start_with_a_route_that_says_nothing() -> None:
    router = APIRouter()

    @router.get("/forgotten")
    def forgotten() -> None: ...

    with pytest.raises(RuntimeError, match="/forgotten"):
        people.check_routes(router)


def _enter(browser: TestClient, store: Store, who: str) -> None:
    """Makes the browser that of a visitor."""
    kept = store.accounts
    if who in ROLES:
        assert log_in(browser, f"ana-{who}").status_code == 303
    elif who == "token":
        browser.headers["Authorization"] = f"Bearer {accounts.add_token(kept, 'ana-reader', 'map')[0]}"
    elif who == "token of a removed user":
        secret, _ = accounts.add_token(kept, "ana-reader", "map")
        accounts.remove(kept, "ana-reader")
        browser.headers["Authorization"] = f"Bearer {secret}"
    elif who == "disabled":
        assert log_in(browser, "ana-editor").status_code == 303
        accounts.disable(kept, "ana-editor")


def _expected(who: str, method: str, permission: str, status: int) -> int:
    if permission == "public":
        return status
    if who == "nobody":
        return 303 if method == "GET" else 401
    if who in ("disabled", "token of a removed user"):
        return 401
    role = "reader" if who == "token" else who
    if who == "token" and method == "POST":
        return 403
    return status if all(accounts.may(role, each) for each in permission.split()) else 403


@pytest.mark.parametrize("who", ["nobody", *ROLES, "token", "disabled", "token of a removed user"])
def test_every_route_for_every_visitor(team: Path, index: Path, who: str) -> None:
    with open_store(team) as store, client(team, index) as browser:
        incident, report = store.incidents()[0].id, next(store.reports()).id
        version = str(store.version(incident))
        _enter(browser, store, who)
        for (method, path), (permission, address, status) in TABLE.items():
            if path == "/logout":
                continue  # at last, since it changes who asks
            where = (
                address.replace("INCIDENT", incident).replace("REPORT", report).replace("VERSION", version)
            )
            data = {"token": token(browser)} if method == "POST" else None
            answer = browser.request(method, where, data=data)
            expected = _expected(who, method, permission, status)
            assert answer.status_code == expected, (who, method, path, answer.text[-600:])
            if answer.status_code == 303 and permission not in ("public",) and who == "nobody":
                assert answer.headers["location"].startswith("/login")
        assert browser.post("/logout", data={"token": token(browser)}).status_code == 303


@pytest.mark.parametrize(("method", "path"), [key for key in TABLE if key[0] == "POST"])
def test_no_change_is_taken_without_the_token_of_the_session(team: Path, method: str, path: str) -> None:
    with client(team) as browser:
        before = token(browser)
        log_in(browser, "ana-admin")
        address = TABLE[method, path][1]
        assert token(browser) != before
        for data in ({}, {"token": "0" * 64}, {"token": before}):
            assert browser.post(address, data=data).status_code == 403, data


# ---- alone on this machine -----------------------------------------------------------------------------------


def test_without_users_the_person_of_this_machine_may_do_everything(chronicle: Path) -> None:
    with client(chronicle, door=Door("ana")) as browser:
        assert browser.get("/users").status_code == 200
        assert browser.get("/login").headers["location"] == "/"
        assert "Log out" not in browser.get("/").text
        assert "There are no users here" in browser.get("/account").text


def test_where_others_can_come_nobody_is_let_in_without_users(chronicle: Path) -> None:
    with client(chronicle, door=Door(team=True)) as browser:
        assert browser.get("/").headers["location"] == "/login"
        assert browser.get("/map.json", headers={"Accept": "*/*"}).status_code == 401


def test_the_first_user_ends_the_time_without_log_in(tmp_path: Path) -> None:
    database = tmp_path / "x.db"
    open_store(database).close()
    with client(database) as browser:
        form = {"name": "ana", "password": WORDS, "role": "admin", "token": token(browser)}
        assert browser.post("/users", data=form).status_code == 303
        assert browser.get("/users").headers["location"] == "/login?next=%2Fusers"
        assert log_in(browser, "ana", next="/users").headers["location"] == "/users"
        assert "ana" in browser.get("/users").text


# ---- in and out ----------------------------------------------------------------------------------------------


def test_a_session_is_in_a_cookie_that_scripts_and_other_sites_cannot_use(team: Path) -> None:
    with client(team) as browser:
        cookie = log_in(browser, "ana-reader").headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Secure" not in cookie
        page = browser.get("/").text
        assert "ana-reader" in page
        assert ">reader<" in page
    with client(team, door=Door(team=True, secure=True)) as browser:
        cookie = log_in(browser, "ana-reader").headers["set-cookie"]
        assert cookie.startswith("__Host-tarikh_session=")
        assert "Secure" in cookie
        assert browser.get("/").status_code == 200


def test_a_wrong_name_and_a_wrong_password_are_told_alike(team: Path) -> None:
    with client(team) as browser:
        typed = "what was typed"
        one, two = log_in(browser, "ana-reader", typed), log_in(browser, "nobody", typed)
        assert (one.status_code, two.status_code) == (401, 401)
        words = "The name or the password is wrong"
        assert words in one.text
        assert words in two.text
        assert typed not in one.text
        assert "tarikh_session" not in one.headers.get("set-cookie", "")


def test_too_many_wrong_passwords_have_to_wait(team: Path) -> None:
    with client(team) as browser:
        answers = [log_in(browser, "ana-reader", "wrong") for _ in range(11)]
        assert [a.status_code for a in answers] == [401] * 10 + [429]
        assert 0 < int(answers[-1].headers["retry-after"]) <= 900
        assert log_in(browser, "ana-reader").status_code == 429


def test_no_crowd_at_the_door_holds_up_the_pages(team: Path) -> None:
    with client(team) as browser:
        hashing = browser.app.state.hashing  # type: ignore[attr-defined]
        for _ in range(MOST):
            assert hashing._places.acquire(blocking=False)
        answer = log_in(browser, "ana-reader")
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")
        assert browser.get("/login").status_code == 200


@pytest.mark.parametrize(
    "to",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "",
    ],
)
def test_after_log_in_nobody_is_led_to_another_server(team: Path, to: str) -> None:
    with client(team) as browser:
        assert 'name="next" value="/"' in browser.get("/login", params={"next": to}).text
        assert log_in(browser, "ana-reader", next=to).headers["location"] == "/"
        assert log_in(browser, "ana-reader", next="/?country=MLI").headers["location"] == "/?country=MLI"


def test_a_foreign_page_cannot_log_anybody_in(team: Path) -> None:
    with client(team) as browser:
        form = {"name": "ana-reader", "password": WORDS}
        assert browser.post("/login", data=form).status_code == 403
        form["token"] = token(browser)
        assert (
            browser.post("/login", data=form, headers={"Origin": "https://evil.example"}).status_code == 403
        )
        assert browser.post("/login", data=form, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_a_session_is_new_at_log_in_and_over_at_log_out(team: Path) -> None:
    with client(team) as browser:
        log_in(browser, "ana-reader")
        first = browser.cookies["tarikh_session"]
        log_in(browser, "ana-reader")
        second = browser.cookies["tarikh_session"]
        assert first != second
        browser.post("/logout", data={"token": token(browser)})
        for secret in (first, second, "x", "é" * 20):
            cookie = [(b"accept", b"text/html"), (b"cookie", f"tarikh_session={secret}".encode())]
            assert browser.get("/", headers=cookie).status_code == 303


def test_a_part_of_an_open_page_is_led_to_log_in_as_a_whole(team: Path) -> None:
    with client(team) as browser:
        answer = browser.get("/", headers={"HX-Request": "true", "HX-Request-Type": "partial"})
        assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/login")


# ---- the own account, users ----------------------------------------------------------------------------------


def test_another_password_ends_the_other_sessions(team: Path) -> None:
    with client(team) as here, client(team) as there:
        log_in(here, "ana-coder")
        log_in(there, "ana-coder")
        form = {"token": token(here), "old": "wrong", "new": OTHER}
        assert here.post("/account/password", data=form).status_code == 400
        assert here.post("/account/password", data=form | {"old": WORDS, "new": "short"}).status_code == 400
        assert there.get("/").status_code == 200
        done = here.post("/account/password", data=form | {"old": WORDS})
        assert done.headers["location"] == "/account?done=password"
        assert here.get("/account").status_code == 200
        assert there.get("/").status_code == 303
        assert log_in(there, "ana-coder").status_code == 401
        assert log_in(there, "ana-coder", OTHER).status_code == 303


def test_one_ends_ones_own_sessions_and_nobody_elses(team: Path) -> None:
    with client(team) as here, client(team) as there, client(team) as other:
        for browser, name in ((here, "ana-coder"), (there, "ana-coder"), (other, "ana-editor")):
            log_in(browser, name)
        ends = re.findall(r'action="(/account/sessions/\d+/end)"', here.get("/account").text)
        assert len(ends) == 1
        assert other.post(ends[0], data={"token": token(other)}).status_code == 303
        assert there.get("/").status_code == 200
        here.post(ends[0], data={"token": token(here)})
        assert there.get("/").status_code == 303
        assert here.get("/").status_code == 200


def test_an_admin_changes_disables_and_removes_users(team: Path) -> None:
    with client(team) as admin, client(team) as other:
        log_in(admin, "ana-admin")
        log_in(other, "ana-reader")
        form = {"token": token(admin)}
        assert admin.post("/users/ana-reader/role", data=form | {"role": "admin"}).status_code == 303
        assert other.get("/users").status_code == 200
        assert admin.post("/users/ana-reader/role", data=form | {"role": "king"}).status_code == 400
        admin.post("/users/ana-reader/disable", data=form)
        answer = other.get("/")
        assert answer.status_code == 401
        assert "is disabled; ask an admin" in answer.text
        assert log_in(other, "ana-reader").status_code == 401
        admin.post("/users/ana-reader/enable", data=form)
        admin.post("/users/ana-reader/password", data=form | {"password": OTHER})
        assert log_in(other, "ana-reader", OTHER).status_code == 303
        admin.post("/users/ana-reader/remove", data=form)
        assert other.get("/").status_code == 401
        assert "ana-reader" not in admin.get("/users").text
        last = admin.post("/users/ana-admin/remove", data=form)
        assert (last.status_code, "is the last admin" in last.text) == (400, True)
        again = admin.post("/users", data=form | {"name": "ana-reader", "password": OTHER, "role": "reader"})
        assert (again.status_code, "choose another" in again.text) == (400, True)


def test_what_is_done_is_signed_with_the_name_of_who_is_logged_in(team: Path) -> None:
    app = create_app(team)
    router = APIRouter()

    @router.get("/who")
    def who(request: Request) -> str:
        return people.author(request)

    app.include_router(router)
    with TestClient(app, LOCAL) as browser:
        log_in(browser, "ana-coder")
        assert browser.get("/who").json() == "ana-coder"


def test_hostile_names_are_only_text(team: Path) -> None:
    evil = '"><script>alert(1)</script>'
    with client(team) as admin:
        assert "<script>alert" not in log_in(admin, evil).text
        log_in(admin, "ana-admin")
        form = {"token": token(admin), "name": evil, "password": WORDS, "role": evil}
        answer = admin.post("/users", data=form)
        assert answer.status_code == 400
        assert "<script>alert" not in answer.text
        assert admin.post("/users", data=form | {"name": "x" * 6000}).status_code == 400
