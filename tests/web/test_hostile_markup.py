"""Hostile texts in every field of a database leave the markup of every page as harmless ones do; no browser needed.

Pages are walked over all GET routes, so that one that comes later is looked at here without a change.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import hostile_sample
import pytest
import routes_walk
from hostile_texts import HOSTILE
from starlette.testclient import TestClient

from conftest import LOCAL
from tarikh.web.address import NAMES
from tarikh.web.app import ROUTES, create_app

PLAIN = tuple(f"plain words {number}" for number in range(60))
ADDRESSES = ("href", "src", "action", "formaction", "hx-get", "hx-post", "poster", "data-map", "data-at")
MANY, FEW = 24, 6
"""Addresses of a route whose path ends with its only parameter, and of another; the first incidents hold all texts."""
Shape = set[tuple[str, str]]


class Markup(HTMLParser):
    """The elements with the names of their attributes, and all addresses."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.shape: Shape = set()
        self.links: list[dict[str, str | None]] = []
        self.scripts = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.shape |= {(tag, ""), *((tag, name) for name, _ in attrs)}
        self.scripts += tag == "script"
        if any(name in ADDRESSES for name, _ in attrs):
            self.links.append({"": tag, **dict(attrs)})


ALLOWED = {("a", "target"), ("a", "rel"), ("g", "role"), ("g", "aria-label")}
"""What harmless texts have no need of: links to other sites, and bars of a name that no filter takes."""


def most(route: routes_walk.Walked) -> int:
    """How many addresses of a route are worth a look."""
    return MANY if route.path.count("{") == 1 and route.path.endswith("}") else FEW


ODD = {
    "/review/moved": {204},
    "/reports/{report_id}/why": {422},
    "/add/{job_id}": {404},
    "/login": {303},
    "/language/{code}": {303},
}
"""Nothing new, a report of which nothing can be coded, no job here, and ways on: answers that only these give."""


def _pages(app: Any, client: TestClient, path: Path) -> Iterator[tuple[str, str]]:
    incidents, reports = hostile_sample.ids(path)
    features = client.get("/map.json").json()["features"]
    known = routes_walk.known(incidents, reports, features, routes_walk.versions(path, incidents))
    for route in routes_walk.routes(app):
        if "GET" not in route.methods:
            continue
        for address in routes_walk.addresses(route, known, most(route)):
            answer = client.get(address, follow_redirects=False)
            assert answer.status_code in {200, *ODD.get(route.path, ())}, (address, answer.status_code)
            if answer.headers.get("content-type", "").startswith("text/html"):
                yield address, answer.text


def _client(path: Path, index: Path) -> tuple[Any, TestClient]:
    app = create_app(path, index)
    return app, TestClient(app, LOCAL, raise_server_exceptions=False)


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory, index: Path) -> Shape:
    """The elements and attributes of all pages of a database like the hostile one, with harmless texts."""
    path = tmp_path_factory.mktemp("plain") / "tarikh.db"
    hostile_sample.fill(path, PLAIN)
    shape: Shape = set()
    app, client = _client(path, index)
    asked = ("/?text=plain&country=MLI&kind=armed_clash&size=9", "/?text=none", "/nowhere")
    for html in (
        *(html for _, html in _pages(app, client, path)),
        *(client.get(each).text for each in asked),
    ):
        shape |= Markup(html).shape
    return shape


def _own(link: dict[str, str | None]) -> bool:
    """Whether all addresses of an element are ours, or one is a report's own, which tells its host nothing."""
    for name in ADDRESSES:
        address = link.get(name)
        if address is None or (address.startswith(("/", "#", "?")) and not address.startswith(("//", "/\\"))):
            continue
        outside = link[""] == "a" and name == "href" and address.startswith(("http://", "https://"))
        kept = set((link.get("rel") or "").split()) >= {"noopener", "noreferrer"}
        if not (outside and kept):
            return False
    return True


def test_the_corpus_is_large_and_each_text_is_there_once() -> None:
    assert len(HOSTILE) >= 200
    assert len(set(HOSTILE)) == len(HOSTILE)


def test_every_route_is_walked(hostile: Path) -> None:
    walked = {route.path for route in routes_walk.routes(create_app(hostile))}
    assert walked >= {route.path for module in ROUTES for route in module.router.routes}  # type: ignore[attr-defined]


def test_hostile_texts_add_no_element_no_attribute_and_no_address(
    hostile: Path, index: Path, usual: Shape
) -> None:
    seen = 0
    for address, html in _pages(*_client(hostile, index), hostile):
        markup = Markup(html)
        assert markup.shape <= usual | ALLOWED, address
        assert markup.scripts == (0 if "<html" not in html else 1), address
        assert [link for link in markup.links if not _own(link)] == [], address
        seen += 1
    assert seen > 2 * MANY


def test_only_addresses_of_the_web_become_links(hostile: Path, index: Path, usual: Shape) -> None:
    _, reports = hostile_sample.ids(hostile)
    _, client = _client(hostile, index)
    linked = []
    for evil, report in zip(HOSTILE, reports, strict=False):
        markup = Markup(client.get(f"/reports/{report}").text)
        assert markup.shape <= usual | ALLOWED
        outside = [link for link in markup.links if not (link.get("href") or "/").startswith(("/", "#"))]
        assert [link for link in outside if not _own(link)] == []
        linked += [evil] if outside else []
    assert linked
    assert all(evil.startswith(("https://", "http://")) for evil in linked)


def test_the_map_is_told_texts_as_json(hostile: Path) -> None:
    told = TestClient(create_app(hostile), LOCAL).get("/map.json")
    assert told.headers["content-type"] == "application/json"
    assert told.headers["x-content-type-options"] == "nosniff"
    features = json.loads(told.content)["features"]
    assert sum(each["properties"]["incidents"] for each in features) >= len(HOSTILE)


@pytest.mark.parametrize("evil", [text for text in HOSTILE if text.isascii()][::9])
def test_hostile_questions_are_told_as_text(hostile: Path, usual: Shape, evil: str) -> None:
    with TestClient(create_app(hostile), LOCAL, raise_server_exceptions=False) as client:
        for name in (*NAMES, evil):
            answer = client.get("/", params={name: evil})
            assert answer.status_code in (200, 400)
            markup = Markup(answer.text)
            assert markup.shape <= usual
            assert all(_own(link) for link in markup.links)
        for path in ("/incidents", "/reports", "/language", "/static/x", ""):
            answer = client.get(f"{path}/{evil.encode().hex()}", params={"to": evil}, follow_redirects=False)
            assert answer.status_code in (400, 404)
            assert client.get("/language/fr", params={"to": evil}, follow_redirects=False).status_code in (
                303,
                400,
            )
