"""What the interfaces for programs tell a reader: nothing that the disclosure policy withholds, in no answer to any question.

Invariant: two databases that differ only in what is withheld give a reader the same answers, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from starlette.testclient import TestClient
from test_web_disclosure import NOW, ONE, TWO, World, _corners, _told, boxes, build, spans, units

from conftest import LOCAL
from store_sample import Clock
from tarikh import accounts, api, review
from tarikh.disclosure import MARK
from tarikh.model import Problem
from tarikh.store import open_store
from tarikh.web.app import create_app

V1, ITEMS = "/api/v1", "/ogc/collections/incidents/items"
CHANGES = f"{V1}/changes?since=2020-01-01T00:00Z&until=2024-12-31"
LISTS = ("incidents", "incidents.geojson", "stats", "stats/timeline", "stats/trends")


@contextmanager
def seen_by(path: Path, name: str) -> Iterator[TestClient]:
    """A program with a token of somebody."""
    with open_store(path) as store:
        secret, _ = accounts.add_token(store.accounts, name, "test")
    app = create_app(path, clock=lambda: NOW)
    app.state.guarding.__dict__["units"] = units
    api.install(app)
    headers = {"Authorization": f"Bearer {secret}"}
    with TestClient(app, LOCAL, raise_server_exceptions=False, headers=headers) as client:
        yield client


def told_apart(path: Path, world: World) -> Path:
    """A database in which people also said something of the second place, and something could not be read."""
    build(path, world, linked=True)
    clock = Clock()
    clock.moment += timedelta(days=1)
    with open_store(path, clock) as store:
        key = next(each.id for each in store.incidents() if "m-held" in each.members)
        words = f"{world.person} in {world.site[0]}"
        review.correct(store, key, "killed", "7", world.reviewer, words)
        review.correct(store, key, "targets", [world.person], world.reviewer, words)
        review.reject(store, key, world.reviewer, words)
        review.accept(store, key, world.reviewer, words)
        store.add_problems([Problem("sources", f"no line of {world.person}", f"{world.site[0]}.txt", 3)])
    return path


def questions() -> list[str]:
    """What a curious reader would ask."""
    asked: list[dict[str, str]] = [{}, {"country": "BFA"}, {"kind": "abduction"}, {"min_killed": "1"}]
    asked += [{"party": "JNIM"}, {"review": "accepted"}, {"admin1": "Sahel"}]
    asked += [{"precision": name} for name in ("exact", "near", "admin2", "admin1", "country", "unknown")]
    for world in (ONE, TWO):
        for name in (world.site[0], world.held[0], world.unit):
            asked += [{"place": name}, {"text": name}, {"source": f"Radio {name}"}, {"admin1": name}]
        asked += [{"party": world.person}]
        asked += [{"bbox": box} for box in boxes(world)] + [{"area": _corners(box)} for box in boxes(world)]
    made = [f"{V1}/{path}?{urlencode(one)}" for one in asked for path in LISTS]
    made += [
        f"{V1}/{path}?{urlencode({name: area, 'size': '1', 'order': order})}"
        for path in LISTS[:2]
        for world in (ONE, TWO)
        for box in spans(world)
        for name, area in (("bbox", box), ("area", _corners(box)))
        for order in ("newest", "oldest", "deadliest")
    ]
    renamed = {"precision": "place_precision"}
    known = {"country", "kind", "party", "review", "admin1", "precision", "source", "bbox"}
    made += [
        f"{ITEMS}?{urlencode({renamed.get(k, k): v for k, v in one.items()})}&limit=2"
        for one in asked
        if one.keys() <= known
    ]
    made += [f"{V1}/stats/trends?split={split}" for split in ("kind", "country", "admin1", "party")]
    made += [f"{V1}/{name}?size=2" for name in ("reports", "mentions", "judgements", "problems")]
    made += [f"{CHANGES}&size={size}" for size in (1, 3, 1000)]
    return [*made, f"{V1}/", f"{V1}/nowhere", f"{V1}/incidents/i-", f"{V1}/reports/r-0", "/ogc/", "/ogc/api"]


def _links(value: Any) -> Iterator[str]:
    """The addresses in an answer."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name in ("href", "next") and isinstance(part, str):
                yield part.removeprefix(LOCAL)
            yield from _links(part)
    elif isinstance(value, list):
        for part in value:
            yield from _links(part)


def walked(client: TestClient) -> dict[str, Any]:
    """All answers, with those that they lead to."""
    answers: dict[str, Any] = {}
    queue = questions()
    while queue:
        address = queue.pop()
        if address in answers or len(answers) > 1500:
            continue
        answer = answers[address] = client.get(address)
        assert answer.status_code < 500, (address, answer.text)
        if "json" in answer.headers["content-type"]:
            found = list(_links(answer.json()))
            # What changes cannot say from now on differs with the clock.
            queue += [each for each in found if "/changes?" not in each or "until=" in each]
            queue += [f"{each}/mentions" for each in found if "/incidents/i-" in each and "/ogc/" not in each]
            queue += [f"{ITEMS}/{each.rpartition('/')[2]}" for each in found if "/v1/incidents/i-" in each]
    return answers


def test_no_answer_tells_a_reader_what_is_withheld(tmp_path: Path) -> None:
    with seen_by(told_apart(tmp_path / "one.db", ONE), "ida") as client:
        answers = walked(client)
    assert len(answers) > 400
    assert sum(answer.status_code == 200 for answer in answers.values()) > 200
    for part in ("/mentions/m-", "/reports/r-", "/incidents/i-", "/changes", f"{ITEMS}/i-"):
        assert any(part in address and answer.status_code == 200 for address, answer in answers.items()), part
    told = {address: found for address, answer in answers.items() if (found := _told(ONE, address, answer))}
    assert told == {}


def test_an_editor_is_told_everything(tmp_path: Path) -> None:
    with seen_by(told_apart(tmp_path / "one.db", ONE), "eli") as client:
        paths = ("incidents", "reports", "mentions", "judgements", "changes?since=2020-01-01")
        answers = {path: client.get(f"{V1}/{path}") for path in paths}
        answers["problems"] = client.get(f"{V1}/problems")
        for each in answers["reports"].json()["items"]:
            answers[each["id"]] = client.get(each["href"])
    told = {secret for address, answer in answers.items() for secret in _told(ONE, address, answer)}
    assert told >= {ONE.site[0], ONE.held[0], ONE.unit, *ONE.person.split(), ONE.reviewer}


def test_two_worlds_that_differ_in_what_is_withheld_answer_alike(tmp_path: Path) -> None:
    one, two = told_apart(tmp_path / "one.db", ONE), told_apart(tmp_path / "two.db", TWO)
    with seen_by(one, "ida") as left, seen_by(two, "ida") as right:
        answers = walked(left)
        assert len(answers) > 400
        for address, answer in answers.items():
            other = right.get(address)
            assert other.status_code == answer.status_code, address
            if "timeStamp" in answer.text:
                assert other.headers["etag"] == answer.headers["etag"], address
                assert _untimed(other) == _untimed(answer), address
            else:
                assert other.text == answer.text, address
                assert other.headers.get("etag") == answer.headers.get("etag"), address


def _untimed(answer: Any) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name != "timeStamp"}


def test_what_is_withheld_says_so_and_is_counted(tmp_path: Path) -> None:
    with seen_by(told_apart(tmp_path / "one.db", ONE), "ida") as client:
        every = client.get(f"{V1}/incidents").json()["items"]
        assert len(every) == client.get(f"{V1}/stats").json()["incidents"] == 5
        inside = client.get(f"{V1}/incidents?bbox=-20,0,20,30").json()["items"]
        assert len(inside) == client.get(f"{V1}/stats?bbox=-20,0,20,30").json()["incidents"] == 2
        features = client.get(f"{ITEMS}?bbox=-20,0,20,30").json()
        assert features["numberMatched"] == features["numberReturned"] == 2
        site = next(each for each in every if each["kind"] == "attack_on_civilians")
        whole = client.get(site["href"]).json()
        assert {each["rule"] for each in whole["disclosure"]["withheld"]} >= {"sites", "persons"}
        assert whole["attackers"] == [MARK]
        report = client.get(f"{V1}/reports/r-site").json()
        assert (report["text"], report["title"]) == (MARK, MARK)
        changed = []
        following, more = f"{CHANGES}&size=1", True
        while more:
            told = client.get(following).json()
            following, more = told["next"], told["more"]
            changed += [each for each in told["items"] if each["change"] == "updated"]
        for each in changed:
            assert "incident" not in each
            for name in {"place", "attackers", "targets", "sources"} & each["fields"].keys():
                assert {each["fields"][name][end] for end in ("from", "to")} <= {MARK, None}
        assert any("targets" in each["fields"] for each in changed)
        assert {each["by"] for one in changed for each in one["because"]} >= {f"user:{MARK}"}
        for path in ("text=market", "party=Moussa Traoré"):
            assert client.get(f"{V1}/incidents?{path}").status_code == 403
