"""Addresses: what a server may answer, and no request into private networks."""

from __future__ import annotations

import gzip
import ipaddress
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import httpcore2
import pytest

from sources_sample import PAGE, RSS
from tarikh.errors import SourceError
from tarikh.model import Document, Problem
from tarikh.settings import Settings
from tarikh.sources import ReadOptions, guard, read, web

# ---- addresses ---------------------------------------------------------------------------------------------


class _Server(BaseHTTPRequestHandler):
    """Answers by path; counts what reaches it."""

    seen: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.seen.append(self.path)
        name = self.path.partition("?")[0].strip("/")
        getattr(self, f"_{name}", self._missing)()

    def _send(self, body: bytes, media: str, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media)
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _page(self) -> None:
        self._send(PAGE.format(charset="x").encode("cp1252"), "text/html; charset=windows-1252")

    def _packed(self) -> None:
        self._send(gzip.compress(PAGE.format(charset="utf-8").encode()), "text/html", Content_Encoding="gzip")

    def _feed(self) -> None:
        port = str(self.server.server_address).partition(", ")[2].rstrip(")")
        body = RSS.format(encoding="utf-8").replace("https://lake.example/1", f"http://127.0.0.1:{port}/page")
        self._send(
            body.replace("https://lake.example/2", f"http://127.0.0.1:{port}/gone").encode(), "text/html"
        )

    def _western(self) -> None:
        body = RSS.replace(' encoding="{encoding}"', "").encode("cp1252")
        self._send(body, "application/rss+xml; charset=windows-1252")

    def _lines(self) -> None:
        self._send(b'{"text": "a"}\n{"text": "b"}\n', "application/x-ndjson")

    def _gone(self) -> None:
        self._send(b"", "text/plain", 404)

    def _busy(self) -> None:
        self._send(b"", "text/plain", 429)

    def _empty(self) -> None:
        self._send(b"", "text/html")

    def _large(self) -> None:
        self._send(b"a" * 50_000, "text/plain")

    def _promised(self) -> None:
        self._send(b"", "text/plain", Content_Length="99999999999")

    def _bomb(self) -> None:
        self._send(gzip.compress(b"a" * 5_000_000), "text/plain", Content_Encoding="gzip")

    def _unasked(self) -> None:
        self._send(b"abc", "text/plain", Content_Encoding="br")

    def _cut(self) -> None:
        self._send(b"abc", "text/plain", Content_Length="100")

    def _slow(self) -> None:
        time.sleep(0.8)

    def _drip(self) -> None:
        self._send(b"", "text/plain")
        for _ in range(20):
            time.sleep(0.1)
            self.wfile.write(b"a")

    def _hop(self) -> None:
        self._send(b"", "text/plain", 302, Location="/page")

    def _loop(self) -> None:
        self._send(b"", "text/plain", 301, Location="/loop")

    def _inside(self) -> None:
        self._send(b"", "text/plain", 307, Location="http://169.254.169.254/latest/meta-data")

    def _neighbor(self) -> None:
        self._send(b"", "text/plain", 302, Location="http://localhost:1/page")

    def _file(self) -> None:
        self._send(b"", "text/plain", 302, Location="file:///etc/passwd")

    def _missing(self) -> None:
        self._send(b"", "text/plain", 500)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    running = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_address[1]}"
    running.shutdown()
    running.server_close()


def fetched(address: str, **options: Any) -> list[Document | Problem]:
    settings = Settings(fetch_timeout=0.4, fetch_max_bytes=20_000)
    return list(read(address, ReadOptions(allow_private=True, settings=settings, follow_pause=0, **options)))


@pytest.mark.parametrize("name", ["page", "packed", "hop"])
def test_a_page_is_fetched(server: str, name: str) -> None:
    (found,) = fetched(f"{server}/{name}")
    assert isinstance(found, Document), found
    assert "Ménaka" in found.text
    assert found.url == f"{server}/{'page' if name == 'hop' else name}"
    assert found.origin == f"{server}/{name}"


def test_lines_and_feeds_are_fetched(server: str) -> None:
    assert [d.text for d in fetched(f"{server}/lines") if isinstance(d, Document)] == ["a", "b"]
    _Server.seen.clear()
    first, _ = fetched(f"{server}/feed")
    assert isinstance(first, Document)
    assert "burned" in first.text
    assert _Server.seen == ["/feed"]


def test_a_feed_that_declares_no_encoding_has_the_one_that_the_server_says(server: str) -> None:
    first, _ = fetched(f"{server}/western")
    assert isinstance(first, Document), first
    assert "Ménaka" in first.text


@pytest.mark.parametrize(
    "address", ["http://user@news.example/", "http://user:pw@news.example/", "https://:pw@news.example/"]
)
def test_credentials_are_never_sent(address: str) -> None:
    def resolved(*_: Any) -> list[str]:
        raise AssertionError("the name was looked up")

    with pytest.raises(SourceError, match="user name or password"):
        web.Fetcher(ReadOptions(), None, resolved).get(address)


def test_following_reads_the_pages_behind_a_feed_and_keeps_what_the_feed_knows(server: str) -> None:
    first, gone = fetched(f"{server}/feed", follow=True)
    assert isinstance(first, Document)
    assert "motorcycles" in first.text
    assert (first.id, first.published, first.source) == ("g1", "Tue, 04 Mar 2025 05:06:07 GMT", "Lake Post")
    assert isinstance(gone, Problem)
    assert "404" in gone.reason


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gone", "404"),
        ("busy", "try later"),
        ("nothing", "500"),
        ("empty", "empty page"),
        ("large", "larger than the limit of 20,000"),
        ("promised", "larger than the limit"),
        ("bomb", "limit of 20,000"),
        ("unasked", "not asked for"),
        ("cut", "does not answer"),
        ("slow", "within 0.4 seconds"),
        ("drip", "too slowly"),
        ("loop", "5 redirects"),
        ("inside", "no public address"),
        ("neighbor", "no public address"),
        ("file", "only http and https"),
    ],
)
def test_what_an_address_may_answer(server: str, name: str, words: str) -> None:
    (found,) = fetched(f"{server}/{name}")
    assert isinstance(found, Problem), found
    assert words in found.reason
    assert found.origin == f"{server}/{name}"


def test_an_address_that_does_not_answer(server: str) -> None:
    (found,) = fetched("http://127.0.0.1:9/")
    assert isinstance(found, Problem)
    assert "does not answer" in found.reason


def test_a_private_address_is_refused_unless_it_is_allowed(server: str) -> None:
    _Server.seen.clear()
    (found,) = read(f"{server}/page", ReadOptions())
    assert isinstance(found, Problem)
    assert "no public address" in found.reason
    assert _Server.seen == []


def _words(text: str) -> list[str]:
    return text.split()


PRIVATE = _words("""127.0.0.1 127.1.2.3 0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 169.254.169.254
169.254.0.1 100.64.0.1 100.127.255.255 192.0.0.1 192.0.2.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1
239.255.255.255 240.0.0.1 255.255.255.255 192.88.99.1 ::1 :: fe80::1 fe80::1%1 fc00::1 fd12:3456::1 fec0::1 ff02::1 ff0e::1
::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:8.8.8.8 ::ffff:0:127.0.0.1 ::127.0.0.1 ::7f00:1 64:ff9b::7f00:1 64:ff9b::a00:1
64:ff9b:1::1 2002:7f00:1:: 2002:a00:1::1 2001:0:7f00:1::1 2001::1 2001:db8::1 100::1 fd00:ec2::254
3fff::1 3fff:fff::1 2620:4f:8000::1""")
PUBLIC = _words(
    "8.8.8.8 1.1.1.1 93.184.216.34 172.15.0.1 172.32.0.1 100.128.0.1 2606:4700::1111 2a00:1450:4001::1"
)


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not guard.public(ipaddress.ip_address(address))
    with pytest.raises(SourceError, match="no public address") as told:
        guard.Guard(None, lambda *_: [address]).checked("news.example", 80)
    assert address not in str(
        told.value
    )  # whose inside a name has is not for everybody who may add an address


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_that_are_public(address: str) -> None:
    assert guard.Guard(None, lambda *_: [address]).checked("news.example", 80) == [address]


ATTACKS = _words("""http://127.0.0.1:{port}/ http://localhost:{port}/ http://LOCALHOST:{port}/ http://localhost.:{port}/ http://127.1:{port}/
http://2130706433:{port}/ http://0x7f000001:{port}/ http://0x7f.0.0.1:{port}/ http://0177.0.0.1:{port}/ http://017700000001:{port}/
http://127.0.1:{port}/ http://0:{port}/ http://0.0.0.0:{port}/ http://[::1]:{port}/ http://[::]:{port}/ http://[::ffff:127.0.0.1]:{port}/
http://[::ffff:7f00:1]:{port}/ http://[0:0:0:0:0:0:0:1]:{port}/ http://[64:ff9b::7f00:1]:{port}/ http://[2002:7f00:1::]:{port}/
http://[::127.0.0.1]:{port}/ http://user@127.0.0.1:{port}/ http://user:pw@127.0.0.1:{port}/ http://news.example@127.0.0.1:{port}/
http://127.0.0.1:{port}#@news.example/ http://①②⑦.⓪.⓪.①:{port}/ http://127。0。0。1:{port}/ http://ⓛocalhost:{port}/
http://%31%32%37.0.0.1:{port}/ http://127.0.0.1%00.example:{port}/ http://127.0.0.1%0d%0a:{port}/ http:///127.0.0.1:{port}/
http://127.0.0.1\\@news.example:{port}/ http://10.0.0.1:{port}/ http://169.254.169.254/ http://[fe80::1%25lo]:{port}/ http://:{port}/
https://127.0.0.1:{port}/ HTTP://127.0.0.1:{port}/ file:///etc/passwd file://localhost/etc/passwd gopher://127.0.0.1:{port}/
ftp://127.0.0.1:{port}/ dict://127.0.0.1:{port}/ ldap://127.0.0.1:{port}/ jar:http://127.0.0.1:{port}/ data://text/plain,a
unix:///run/x.sock ws://127.0.0.1:{port}/""")


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_disguise_reaches_this_machine(server: str, attack: str) -> None:
    _Server.seen.clear()
    found = list(
        read(attack.format(port=server.rpartition(":")[2]), ReadOptions(settings=Settings(fetch_timeout=0.5)))
    )
    assert [type(item) for item in found] == [Problem]
    assert "pw@" not in str(found)
    assert _Server.seen == []


def test_the_name_is_resolved_once_and_the_checked_address_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    tried: list[str] = []

    def connect(self: Any, host: str, *_: Any) -> Any:
        tried.append(host)
        raise httpcore2.ConnectError("no network in tests")

    monkeypatch.setattr(httpcore2.SyncBackend, "connect_tcp", connect)
    fetcher = web.Fetcher(ReadOptions(), None, lambda *_: next(answers))
    for words in ("does not answer", "no public address"):
        with fetcher, pytest.raises(SourceError, match=words):
            fetcher.get("http://rebinding.example/")
        fetcher = web.Fetcher(ReadOptions(), None, lambda *_: next(answers))
    assert tried == ["93.184.216.34"]


def test_of_several_addresses_only_public_ones_are_tried() -> None:
    mixed = guard.Guard(None, lambda *_: ["127.0.0.1", "8.8.8.8", "::1"])
    assert mixed.checked("mixed.example", 443) == ["8.8.8.8"]


def test_what_is_allowed_is_the_typed_host_and_port_and_never_the_link() -> None:
    typed = guard.Guard(("here.example", 8000), lambda *_: ["192.168.1.5"])
    assert typed.checked("here.example", 8000) == ["192.168.1.5"]
    for host, port in (("here.example", 8001), ("there.example", 8000)):
        with pytest.raises(SourceError):
            typed.checked(host, port)
    with pytest.raises(SourceError):
        guard.Guard(("meta.example", 80), lambda *_: ["169.254.169.254"]).checked("meta.example", 80)


def test_a_name_that_does_not_exist() -> None:
    def unknown(*_: Any) -> list[str]:
        raise OSError(-2, "Name or service not known")

    with pytest.raises(SourceError, match=r"nowhere\.example cannot be resolved"):
        web.Fetcher(ReadOptions(), None, unknown).get("http://nowhere.example/")
