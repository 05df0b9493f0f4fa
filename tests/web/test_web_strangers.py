"""What strangers may cost: nothing that they send is read before they are refused, and nobody waits for them."""

from __future__ import annotations

import asyncio
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter
from starlette.testclient import TestClient

from conftest import LOCAL, serving
from tarikh import accounts
from tarikh.errors import StoreError
from tarikh.store import open_store
from tarikh.web import security
from tarikh.web.app import create_app
from tarikh.web.people import Door

FORM = "multipart/form-data; boundary=x"
HEAD = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'


def _run(told: Any) -> Any:
    """In a thread of its own: a browser of other tests may have left a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, told).result()


@pytest.fixture
def team(tmp_path: Path) -> Path:
    with open_store(tmp_path / "team.db") as store:
        accounts.add(store.accounts, "ana", "three rivers meet here", "admin")
    return tmp_path / "team.db"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/add", 401),
        ("/add/x/stop", 401),
        ("/review/undo", 401),
        ("/users", 401),
        ("/account/password", 401),
        ("/addx", 404),
    ],
)
def test_a_stranger_is_refused_before_a_byte_is_read(team: Path, path: str, status: int) -> None:
    read = 0

    async def receive() -> dict[str, Any]:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": HEAD, "more_body": True}

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"host", b"localhost"), (b"content-type", FORM.encode()), (b"content-length", b"900000")]
    scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b""}
    scope |= {"headers": headers, "scheme": "http", "http_version": "1.1", "client": ("192.0.2.1", 1)}
    _run(create_app(team)(scope | {"server": ("localhost", 80)}, receive, send))  # type: ignore[arg-type]
    assert (sent[0]["status"], read) == (status, 0)
    assert (b"connection", b"close") in sent[0]["headers"]


def test_a_stalled_upload_of_a_stranger_does_not_stay_open(team: Path) -> None:
    with serving(team) as address:
        host, _, port = address.removeprefix("http://").rpartition(":")
        with socket.create_connection((host, int(port.strip("/"))), timeout=10) as asked:
            lead = (
                f"POST /add HTTP/1.1\r\nHost: localhost\r\nContent-Type: {FORM}\r\nContent-Length: 40000000"
            )
            asked.sendall(lead.encode() + b"\r\n\r\n" + HEAD)
            told = b""
            while part := asked.recv(1 << 16):  # ends when the server hangs up
                told += part
    assert told.startswith(b"HTTP/1.1 401")


def test_of_a_body_something_more_must_come(tmp_path: Path) -> None:
    guard = security.Guard(create_app(tmp_path / "x.db"), stall=0.05)
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(5)
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"host", b"localhost"), (b"content-type", FORM.encode()), (b"content-length", b"9")]
    scope = {"type": "http", "method": "POST", "path": "/add", "raw_path": b"/add", "query_string": b""}
    scope |= {"headers": headers, "scheme": "http", "http_version": "1.1", "client": ("127.0.0.1", 1)}
    _run(guard(scope | {"server": ("localhost", 80)}, receive, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 408


def test_much_may_be_sent_to_the_one_page_that_takes_it(tmp_path: Path) -> None:
    with TestClient(create_app(tmp_path / "x.db"), LOCAL, raise_server_exceptions=False) as client:
        body, headers = b"x" * (security.BODY + 1), {"Content-Type": FORM}
        for path in ("/addx", "/add/x/stop", "/add/x/keep", "/users"):
            assert client.post(path, content=body, headers=headers).status_code == 413, path
        assert client.post("/add", content=body, headers=headers).status_code == 400


# ---- what strangers hear -----------------------------------------------------------------------------------------


def _faulty(database: Path, **options: Any) -> TestClient:
    app = create_app(database, **options)
    router = APIRouter()

    @router.get("/faulty")
    def faulty() -> None:
        raise StoreError("the database /srv/tarikh/team.db is locked; try again")

    app.include_router(router)
    return TestClient(app, LOCAL, raise_server_exceptions=False)


def test_the_words_of_a_fault_are_for_who_is_logged_in(team: Path, tmp_path: Path) -> None:
    with _faulty(team) as client:
        answer = client.get("/faulty")
        assert (answer.status_code, "srv" in answer.text, "ask who runs" in answer.text) == (503, False, True)
    with _faulty(tmp_path / "alone.db") as client:
        assert "srv" in client.get("/faulty").text


def test_a_database_that_fails_tells_no_stranger_where_it_is(
    team: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with TestClient(create_app(team, door=Door(team=True)), LOCAL, raise_server_exceptions=False) as client:

        def fails(self: Any, *_: Any) -> Any:
            raise StoreError("the database /srv/tarikh/team.db is locked; try again")

        monkeypatch.setattr(type(client.app.state.store.accounts), "session", fails)  # type: ignore[attr-defined]
        client.cookies.set(Door().cookie, "x")
        answer = client.get("/")
        assert (answer.status_code, "srv" in answer.text) == (503, False)


def test_no_page_of_somebody_stays_on_a_disk(team: Path) -> None:
    with TestClient(create_app(team), LOCAL, follow_redirects=False) as client:
        for path in ("/", "/login", "/nowhere", "/map.json", "/trends.csv"):
            assert client.get(path).headers["cache-control"] == "no-store", path
        style = re.search(r'href="(/static/[^"]*css)"', client.get("/login").text)
        assert style is not None
        assert "no-store" not in client.get(style[1]).headers["cache-control"]


def test_the_token_is_never_twice_alike_and_is_taken_masked_or_plain(tmp_path: Path) -> None:
    with TestClient(create_app(tmp_path / "x.db"), LOCAL, raise_server_exceptions=False) as client:
        tokens = [re.findall(r'tarikh-token" content="(\w+)"', client.get("/add").text)[0] for _ in range(3)]
        plain = security.token_for(client.app.state.secret, client.cookies[security.COOKIE])  # type: ignore[attr-defined]
        assert len({*tokens, plain}) == 4
        assert not any(plain in token for token in tokens)
        for token in (*tokens, plain):
            assert client.post("/add", data={"token": token}).status_code == 400
        wrong = (tokens[0][:64], tokens[0][:64] + tokens[1][64:], "0" * 128, "z" * 128, plain * 2, "é" * 128)
        for token in wrong:
            assert client.post("/add", data={"token": token}).status_code == 403, token
