"""`tarikh serve` for a team: what it refuses, and what it believes of a proxy."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from conftest import Tarikh, started
from tarikh import accounts
from tarikh.store import open_store

WORDS = "three rivers meet here"
NAME = "tarikh.example"


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """An empty database with one user."""
    with open_store(tmp_path / "team.db") as store:
        accounts.add(store.accounts, "ana", WORDS, "admin")
    return tmp_path / "team.db"


def test_no_other_machine_is_served_without_users(tarikh: Tarikh, tmp_path: Path) -> None:
    open_store(tmp_path / "x.db").close()
    for options in (("--host", "0.0.0.0"), ("--host", "192.0.2.1"), ("--proxy", "192.0.2.1")):
        told = tarikh("serve", *options, "--name", NAME, "--db", tmp_path / "x.db")
        assert told.code == 2
        assert "other machines" in told.sentence()
        assert "tarikh user add NAME --role admin" in told.sentence()


def test_a_team_needs_a_name_and_a_proxy_an_address(tarikh: Tarikh, team: Path) -> None:
    assert "--name" in tarikh("serve", "--host", "::", "--db", team).sentence()
    assert "--name" in tarikh("serve", "--proxy", "::1", "--db", team).sentence()
    assert "IP address" in tarikh("serve", "--proxy", "my proxy", "--name", NAME, "--db", team).sentence()


@pytest.fixture
def behind(team: Path) -> Iterator[tuple[str, int]]:
    """A server that believes a proxy of this machine; where it listens."""
    options = ("--port", "0", "--name", NAME, "--proxy", "127.0.0.1", "--db", team)
    with started("serve", *options) as process:
        assert process.stderr is not None
        line = process.stderr.readline().decode()
        found = re.search(r"http://\S+", line)
        assert found is not None, line
        assert f"https://{NAME}/" in line
        parts = urlsplit(found[0])
        assert parts.hostname is not None
        assert parts.port is not None
        yield parts.hostname, parts.port


def _ask(
    where: tuple[str, int], method: str, path: str, body: str = "", **headers: str
) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection(*where, timeout=30)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body or None, {"Host": NAME, "Accept": "text/html", **given})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, text


def test_a_proxy_tells_the_scheme_and_cookies_are_for_https_alone(behind: tuple[str, int]) -> None:
    assert _ask(behind, "GET", "/", Host="evil.example")[0] == 400
    status, headers, _ = _ask(behind, "GET", "/")
    assert (status, headers["location"]) == (303, "/login")
    _, headers, page = _ask(behind, "GET", "/login", X_Forwarded_Proto="https")
    browser = headers["set-cookie"].partition(";")[0]
    assert "Secure" in headers["set-cookie"]
    token = re.search(r'name="token" value="(\w+)"', page)
    assert token is not None
    form = urlencode({"name": "ana", "password": WORDS, "token": token[1]})
    sent = {
        "Origin": f"https://{NAME}",
        "Cookie": browser,
        "Content_Type": "application/x-www-form-urlencoded",
    }
    assert _ask(behind, "POST", "/login", form, **sent)[0] == 403  # over http the origin is another
    status, headers, _ = _ask(behind, "POST", "/login", form, X_Forwarded_Proto="https", **sent)
    assert (status, headers["location"]) == (303, "/")
    assert headers["set-cookie"].startswith("__Host-tarikh_session=")
    assert "Secure" in headers["set-cookie"]
    session = headers["set-cookie"].partition(";")[0]
    assert _ask(behind, "GET", "/users", Cookie=session)[0] == 200
