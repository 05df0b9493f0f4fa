"""What the endpoints in other services' form tell a reader: nothing that the disclosure policy withholds, whatever is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
import requests
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from starlette.testclient import TestClient
from test_web_disclosure import NOW, ONE, TWO, World, build, units

from compat_sample import fill
from conftest import LOCAL, started
from tarikh import accounts, compat
from tarikh.accounts import passwords
from tarikh.store import open_store
from tarikh.web.app import create_app

ACLED = "/compat/acled/api"
UCDP = "/compat/ucdp/api/gedevents/25.1"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))
    monkeypatch.setattr(passwords, "hasher", lambda: cheap)


@contextmanager
def asked_by(path: Path, name: str) -> Iterator[TestClient]:
    """A program that asks with the token of somebody."""
    app = create_app(path, clock=lambda: NOW)
    app.state.guarding.__dict__["units"] = units
    compat.install(app)
    with open_store(path) as store:
        secret = accounts.add_token(store.accounts, name, "a script")[0]
    headers = {"Authorization": f"Bearer {secret}", "x-ucdp-access-token": secret}
    with TestClient(app, LOCAL, raise_server_exceptions=False, headers=headers) as client:
        yield client


def questions(*worlds: World) -> list[str]:
    """What a curious reader would ask."""
    asked: list[dict[str, str]] = [
        {},
        {"export_type": "monadic"},
        {"_format": "csv"},
        {"inter_num": "0"},
        {"limit": "1", "page": "2"},
    ]
    asked += [{"timestamp": "0"}, {"geo_precision": "1"}, {"fatalities": "3"}, {"fatalities": "5"}]
    boxes = []
    for world in worlds:
        for name in (world.site[0], world.held[0], world.unit):
            asked += [
                {column: name} for column in ("location", "admin1", "admin2", "source", "notes", "tags")
            ]
            asked += [{"source": f"Radio {name}"}, {"location": f"{name}:OR:country=Burkina Faso"}]
        asked += [{"actor1": world.person}, {"actor2": world.person}]
        for _, latitude, longitude in (world.site, world.held):
            for half in (4.0, 0.5, 0.001):
                asked.append(
                    {"latitude": f"{latitude - half}|{latitude + half}", "latitude_where": "BETWEEN"}
                )
                asked.append({"longitude": f"{longitude - half}", "longitude_where": ">"})
                boxes.append(f"{latitude - half} {longitude - half},{latitude + half} {longitude + half}")
    lists = [f"{ACLED}/{what}/read" for what in ("actor", "country", "region", "actortype", "deleted")]
    return [
        *(f"{ACLED}/acled/read?{urlencode(one)}" for one in asked),
        *lists,
        UCDP,
        *(f"{UCDP}?{urlencode({'Geography': box, 'pagesize': '1'})}" for box in boxes),
    ]  # fmt: skip


def test_two_worlds_that_differ_in_what_is_withheld_answer_alike(tmp_path: Path) -> None:
    one, two = build(tmp_path / "one.db", ONE), build(tmp_path / "two.db", TWO)
    with asked_by(one, "ida") as left, asked_by(two, "ida") as right:
        answers = {address: left.get(address) for address in questions(ONE, TWO)}
        for address, answer in answers.items():
            other = right.get(address)
            assert (answer.status_code, other.text) == (200, answer.text), address
            assert other.headers.get("content-length") == answer.headers.get("content-length")
        told = {
            address: [s for s in ONE.secrets() if s in answer.text] for address, answer in answers.items()
        }
        assert {address: found for address, found in told.items() if found and _quoted(address, found)} == {}


def _quoted(address: str, found: list[str]) -> bool:
    """Whether anything is told but what the next page's address says again of the question."""
    return not address.startswith(f"{UCDP}?") or any(
        not each.replace("-", "").replace(".", "").isdigit() for each in found
    )


def test_an_editor_is_told_everything(tmp_path: Path) -> None:
    with asked_by(build(tmp_path / "one.db", ONE), "eli") as client:
        text = client.get(f"{ACLED}/acled/read").text
        assert all(name in text for name in (ONE.site[0], ONE.held[0], ONE.unit, f"Radio {ONE.site[0]}"))


def test_the_command_has_it_only_where_it_is_asked_for(tmp_path: Path) -> None:
    path = fill(tmp_path / "t.db", users=False)
    for options, status in ((["--compat"], 200), ([], 404)):
        with started("serve", "--port", "0", "--db", path, *options) as process:
            assert process.stderr is not None
            found = re.search(r"http://\S+", process.stderr.readline().decode())
            assert found is not None
            address = f"{found[0].rstrip('/')}{ACLED}/acled/read?limit=1"
            assert requests.get(address, timeout=30).status_code == status
