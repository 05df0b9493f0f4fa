"""What cannot be asked for is refused with a clear 4xx and its reason, on every route: never a 5xx, never a traceback."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import routes_walk
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from conftest import LOCAL, serving
from tarikh.store import open_store
from tarikh.web.address import NAMES
from tarikh.web.app import create_app

TWO_GB = 2_000_000_000


@pytest.fixture(scope="module")
def app(chronicle: Path, index: Path) -> Any:
    return create_app(chronicle, index)


@pytest.fixture(scope="module")
def client(app: Any) -> Iterator[TestClient]:
    with TestClient(app, LOCAL, raise_server_exceptions=False) as made:
        yield made


@pytest.fixture(scope="module")
def known(chronicle: Path, client: TestClient) -> routes_walk.Values:
    with open_store(chronicle) as store:
        incidents, reports = [i.id for i in store.incidents()], [r.id for r in store.reports()]
    features = client.get("/map.json").json()["features"]
    return routes_walk.known(incidents, reports, features, routes_walk.versions(chronicle, incidents))


def _reason(answer: Any) -> str:
    html = answer.text.partition("<main")[2].partition("</main>")[0] or answer.text
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html)))


def _refused(answer: Any, words: str = "") -> None:
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.text[:200])
    reason = _reason(answer)
    assert len(reason) > 40, reason
    assert "Traceback" not in answer.text
    assert words.lower() in reason.lower(), reason


# ---- the filter ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("colour=red", "there is no filter 'colour'"),
        ("kinds=bombing", "did you mean kind?"),
        ("__proto__=1", "there is no filter"),
        ("kind=bombing&kind=nonsense", "there is no kind 'nonsense'"),
        ("status=true", "there is no status"),
        ("review=maybe", "there is no review"),
        ("order=random", "there is no order"),
        ("country=Atlantis", "Atlantis"),
        ("since=2025-03-02&until=2025-03-01", "swap the two days"),
        ("since=2025-02-30", "is no date"),
        ("since=yesterday", "is no date"),
        ("since=0000-00-00", "is no date"),
        ("since=99999-01-01", "is no date"),
        ("bbox=1", "is no area"),
        ("bbox=1,2,3", "is no area"),
        ("bbox=1,2,3,4,5", "is no area"),
        ("bbox=a,b,c,d", "is no area"),
        ("bbox=nan,nan,nan,nan", "is no"),
        ("bbox=-inf,-inf,inf,inf", "is no"),
        ("bbox=0,0,1e400,1", "is no"),
        ("bbox=-181,0,1,1", "is no longitude"),
        ("bbox=0,-91,1,1", "is no latitude"),
        ("bbox=0,10,1,-10", "north"),
        ("size=1000000", "ask for 1 to 200"),
        ("size=0", "ask for 1 to 200"),
        ("size=-1", "no whole number"),
        ("size=1.5", "no whole number"),
        ("size=NaN", "no whole number"),
        ("size=٣", "no whole number"),
        ("size=" + "9" * 5000, ""),
        ("min_killed=-3", "no whole number"),
        ("min_killed=1e9", "no whole number"),
        ("min_killed=" + "9" * 13, "no whole number"),
        ("text=" + "x" * 10_000, "longer than"),
        ("text=%00", "no letter or digit"),
        ("text=---", "no letter or digit"),
        ("&".join(f"party=p{n}" for n in range(301)), "longer than"),
        ("text=a&text=b", "given 2 times"),
        ("size=10&size=20", "given 2 times"),
        ("after=x", "is damaged"),
        ("after=2025-01-01~~i-0000~", "is damaged"),
        ("after=2025-13-01~~i-0000", "is damaged"),
        ("after=~" + "9" * 40 + "~i-0000", "is damaged"),
        ("after=~%C3%A9~i", "is damaged"),
        ("after=~~" + "i" * 65, "is damaged"),
        ("after=%00", "is damaged"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/map.json"])
def test_what_no_filter_takes_is_refused_with_the_reason(
    client: TestClient, path: str, query: str, words: str
) -> None:
    answer = client.get(f"{path}?{query}")
    if path == "/map.json" and query.startswith("after="):
        assert answer.status_code == 200  # a map has no pages
    else:
        _refused(answer, words)


@pytest.mark.parametrize("query", ["bbox=170,-60,-170,60", "bbox=2,-60,-170,60", "bbox=-180,-90,180,90"])
def test_an_area_may_cross_the_antimeridian(client: TestClient, query: str) -> None:
    answer = client.get(f"/?{query}")
    assert answer.status_code == 200
    features = client.get(f"/map.json?{query}").json()["features"]
    crossing = query == "bbox=170,-60,-170,60"
    assert bool(features) is not crossing


def test_empty_values_and_repeated_ones_ask_for_nothing_more(client: TestClient) -> None:
    plain = client.get("/map.json").json()
    assert client.get("/map.json?kind=&text=&since=&bbox=%20").json() == plain
    assert (
        client.get("/map.json?country=MLI&country=MLI").json() == client.get("/map.json?country=Mali").json()
    )


ODD = st.text(max_size=40) | st.floats().map(str) | st.integers().map(str) | st.dates().map(str)
PAIRS = st.lists(
    st.tuples(
        st.sampled_from([*NAMES, "spot", "unit", "of", "window", "zoom", "by", "split", "to", "x"])
        | st.text(max_size=9),
        ODD,
    ),
    max_size=5,
)


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    PAIRS,
    st.sampled_from(
        [
            "/",
            "/map.json",
            "/at",
            "/days",
            "/trends",
            "/trends.csv",
            "/language/fr",
            "/incidents/i-",
            "/reports/r-",
        ]
    ),
)
@example([("spot", "1.1.1,2,exact")], "/at")
@example([("spot", "-" + "9" * 50 + ",1,exact")], "/at")
@example([("after", "0001-01-01~~")], "/")
@example([("since", "0001-01-01"), ("until", "9999-12-31")], "/")
def test_no_question_is_a_fault_of_ours(client: TestClient, pairs: list[tuple[str, str]], path: str) -> None:
    query = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)
    answer = client.get(f"{path}?{query}", follow_redirects=False)
    assert answer.status_code < 500, (path, query)
    if answer.status_code >= 400:
        _refused(answer)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.binary(max_size=60), st.sampled_from(["/?text=", "/?", "/incidents/", "/reports/", "/static/", "/"])
)
def test_no_bytes_in_an_address_are_a_fault_of_ours(client: TestClient, raw: bytes, path: str) -> None:
    answer = client.get(path + quote(raw, safe="%&=;+"), follow_redirects=False)
    assert answer.status_code < 500


# ---- every route ---------------------------------------------------------------------------------------------


def test_every_page_answers_and_its_head_has_no_body(
    client: TestClient, app: Any, known: routes_walk.Values
) -> None:
    for address in routes_walk.walked(app, known, 2):
        answer, head = (
            client.get(address, follow_redirects=False),
            client.head(address, follow_redirects=False),
        )
        no_job = address.startswith("/add/")
        assert answer.status_code == 404 if no_job else answer.status_code < 400, address
        assert (head.status_code, head.content) == (answer.status_code, b""), address
        assert head.headers.get("content-type") == answer.headers.get("content-type")


def test_other_methods_are_refused_on_every_route(
    client: TestClient, app: Any, known: routes_walk.Values
) -> None:
    for route in routes_walk.routes(app):
        (address,) = routes_walk.addresses(route, known, 1)
        for method in {"PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "POST", "NONSENSE"} - route.methods:
            if _takes(app, route.path, method):
                continue
            answer = client.request(method, address, follow_redirects=False)
            assert answer.status_code == 405, (method, address)
            assert set(re.findall(r"\w+", answer.headers["allow"])) & _allowed(app, route.path)


def _allowed(app: Any, path: str) -> set[str]:
    return set().union(*(other.methods for other in routes_walk.routes(app) if other.path == path))


def _takes(app: Any, path: str, method: str) -> bool:
    return any(other.path == path and method in other.methods for other in routes_walk.routes(app))


def test_unknown_ids_are_not_found_on_every_route(client: TestClient, app: Any) -> None:
    ids = (
        "i-0000000000000000",
        "r-ffffffffffffffff",
        "%00",
        "%0d%0a",
        "i-%1b[31m",
        "x" * 300,
        "%F0%9F%92%A9",
    )
    for route in routes_walk.routes(app):
        if "GET" not in route.methods or "{" not in route.path:
            continue
        for given_id in ids:
            path = re.sub(r"\{\w+(:\w+)?\}", given_id, route.path)
            answer = client.get(path, follow_redirects=False)
            assert 300 <= answer.status_code < 500, path
            if answer.status_code >= 400:
                _refused(answer)


@pytest.mark.parametrize("cookie", ["x", "é".encode("latin-1").decode("latin-1"), "a" * 5000, '";', "fr\tde"])
def test_odd_cookies_are_passed_over(app: Any, cookie: str) -> None:
    with TestClient(app, LOCAL, raise_server_exceptions=False) as client:
        raw = f"tarikh_browser={cookie}; tarikh_language={cookie}".encode("latin-1")
        for name, value in (("cookie", raw), ("accept-language", cookie.encode("latin-1") + b";q=x, ;q=nan")):
            assert client.get("/nowhere", headers={name: value}).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"HX-Request": "true", "HX-Request-Type": "partial"},
        {"HX-Request": "true", "HX-Target": "<script>"},
        {"Range": "bytes=0-1,5-9,-3"},
        {"If-None-Match": "*"},
        {"If-Modified-Since": "never"},
        {"Accept": "application/x-nonsense"},
        {"X-Forwarded-Host": "evil.example"},
        {"X-HTTP-Method-Override": "DELETE"},
    ],
)
def test_odd_headers_are_no_fault_of_ours(
    client: TestClient, app: Any, known: routes_walk.Values, headers: dict[str, str]
) -> None:
    for address in routes_walk.walked(app, known, 1):
        answer = client.get(address, headers=headers, follow_redirects=False)
        assert answer.status_code < 500, address
        assert "evil.example" not in answer.text


# ---- over a socket -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served(chronicle: Path) -> Iterator[str]:
    with serving(chronicle) as address:
        yield address


def _raw(address: str, request: bytes) -> tuple[int, str]:
    """The status and all of the answer to bytes as they are."""
    where = urlsplit(address)
    with socket.create_connection((where.hostname, where.port), 10) as connection:
        connection.sendall(request)
        connection.settimeout(10)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return int(answer.split(b" ", 2)[1]), answer.decode("utf-8", "replace")


def _asked(line: bytes, *headers: bytes, host: bytes = b"127.0.0.1") -> bytes:
    return b"\r\n".join((line + b" HTTP/1.1", b"Host: " + host, b"Connection: close", *headers, b"", b""))


@pytest.mark.parametrize(
    ("request_bytes", "statuses"),
    [
        (_asked(b"GET /?text=%ff%fe%80"), (200, 400)),
        (_asked(b"GET /?%ff=1"), (400,)),
        (_asked(b"GET /?text=\xff\xfe"), (200, 400)),
        (_asked(b"GET /incidents/%ff"), (404,)),
        (_asked(b"GET /incidents/%00%0d%0aSet-Cookie:x"), (404,)),
        (_asked(b"GET /static/x/../../../etc/passwd"), (404,)),
        (_asked(b"GET /static/x/%2e%2e/%2e%2e/app.py"), (404,)),
        (_asked(b"GET /static/x/..%5c..%5capp.py"), (404,)),
        (_asked(b"GET /static/x//etc/passwd"), (404,)),
        (_asked(b"GET /static/x/%00"), (404,)),
        (_asked(b"GET /static/x/app.css%00.png"), (404,)),
        (_asked(b"GET /static/x/" + b"a" * 5000), (404,)),
        (_asked(b"GET //evil.example/"), (404,)),
        (_asked(b"GET http://evil.example/"), (200, 400, 404)),
        (_asked(b"GET /", host=b"evil.example"), (400,)),
        (_asked(b"GET /", host=b"127.0.0.1.evil.example"), (400,)),
        (_asked(b"GET /", host=b"localhost@evil.example"), (400,)),
        (_asked(b"GET /", host=b""), (400,)),
        (_asked(b"GET /", host=b"\xff"), (400,)),
        (_asked(b"POST /", b"Content-Length: 0"), (405,)),
        (_asked(b"POST /", b"Content-Length: 0", b"Origin: https://evil.example"), (403,)),
        (_asked(b"POST /", b"Content-Length: %d" % TWO_GB), (413,)),
        (_asked(b"GET /", b"Content-Length: %d" % TWO_GB), (413,)),
        (_asked(b"POST /", b"Content-Length: -1"), (400, 413)),
        (_asked(b"POST /", b"Content-Length: 1e3"), (400, 413)),
        (_asked(b"GET /", b"X-Long: " + b"a" * 100_000), (200, 400, 431)),
        (_asked(b"GET /?" + b"a" * 100_000), (400, 414)),
        (b"NONSENSE\r\n\r\n", (400,)),
    ],
)  # fmt: skip
def test_bytes_that_no_browser_sends(served: str, request_bytes: bytes, statuses: tuple[int, ...]) -> None:
    status, answer = _raw(served, request_bytes)
    assert status in statuses, answer[:300]
    assert "Traceback" not in answer
    assert "root:" not in answer
    assert "set-cookie:x" not in answer.partition("\r\n\r\n")[0].lower()
