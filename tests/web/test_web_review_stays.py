"""After an act of review the incident that was acted upon is the one that lies open, so that the next key means it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from review_sample import Hand, made, of, words
from starlette.testclient import TestClient

from conftest import LOCAL
from tarikh.review_queue import queue
from tarikh.store import open_store
from tarikh.web.app import create_app


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("review") / "tarikh.db")


@pytest.fixture
def path(ready: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TARIKH_USER", "ana")
    return Path(shutil.copy(ready, tmp_path / "tarikh.db"))


@pytest.fixture
def hand(path: Path, index: Path) -> Iterator[Hand]:
    with TestClient(create_app(path, index), LOCAL, raise_server_exceptions=False) as client:
        yield Hand(client)


def _accepts(html: str) -> str:
    """The incident that the key `a` would accept."""
    found = re.search(r'action="/review/incidents/([^"]*)/accept"', html)
    return "" if found is None else found[1]


def _first(path: Path) -> tuple[str, str]:
    """The first item of the queue, which is about one incident: its incident and its cursor."""
    with open_store(path) as store:
        item = queue(store)[0]
    assert len(item.incidents) == 1
    return item.incidents[0], item.cursor


def test_a_correction_that_settles_the_item_leaves_its_incident_open(hand: Hand, path: Path) -> None:
    incident, cursor = _first(path)
    page = f"/review?at={cursor}&edit=killed"
    given = {"low": "3", "best": "3", "high": "3"}
    answer = hand.send(page, f"/review/incidents/{incident}/correct", **given)
    assert answer.status_code == 303, words(answer.text)
    html = hand.client.get(answer.headers["location"]).text
    assert _accepts(html) == incident
    assert f'<a href="/review/incidents/{incident}">' in html.partition("rv-told")[2].partition("</div>")[0]
    again = hand.client.get(
        re.search(r'href="([^"]*edit=harm.killed)#edit"', html)[1].replace("&amp;", "&")
    ).text  # type: ignore[index]
    assert f'action="/review/incidents/{incident}/correct"' in again
    following = re.search(r'href="([^"]*)" data-key="j n"', html)
    assert following is not None
    assert hand.client.get(following[1].replace("&amp;", "&")).status_code == 200


def test_a_merge_from_the_queue_leaves_the_merged_incident_open(hand: Hand, path: Path) -> None:
    incident, cursor = _first(path)
    other = of(path, "Kidal")
    merging = hand.client.get(f"/review/incidents/{incident}/merge?with={other}&to=/review?at={cursor}").text
    action = f"/review/incidents/{incident}/merge"
    answer = hand.client.post(action, data=hand.form(merging, action), follow_redirects=False)
    assert answer.status_code == 303, words(answer.text)
    html = hand.client.get(answer.headers["location"]).text
    with open_store(path) as store:
        assert _accepts(html) == store.incident(incident).id == store.incident(other).id


def test_what_is_taken_back_lies_open_again(hand: Hand, path: Path) -> None:
    incident, cursor = _first(path)
    accepted = hand.send(f"/review?at={cursor}", f"/review/incidents/{incident}/accept")
    html = hand.client.get(accepted.headers["location"]).text
    assert _accepts(html) != incident
    undone = hand.client.post("/review/undo", data=hand.form(html, "/review/undo"))
    assert _accepts(undone.text) == incident


def test_an_undo_on_the_page_of_another_incident_leads_to_its_own(hand: Hand, path: Path) -> None:
    incident, other = of(path, "Gao"), of(path, "Kidal")
    hand.send(f"/review/incidents/{incident}", f"/review/incidents/{incident}/accept")
    undone = hand.send(f"/review/incidents/{other}", "/review/undo")
    assert undone.headers["location"].startswith(f"/review/incidents/{incident}?")


def test_an_incident_that_is_no_more_leaves_the_queue_as_it_is(hand: Hand, path: Path) -> None:
    assert _accepts(hand.client.get("/review?on=i-0000000000000000").text) == _first(path)[0]
