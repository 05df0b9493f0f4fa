"""Adding reports in pages: what is given is coded by a job and told as it is; what cannot be is refused in a sentence."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from add_sample import AMBUSH, LINES, TOLL, Held, Page, asks, pasted, stored, text_of

from conftest import serving
from tarikh import review
from tarikh.store import open_store
from tarikh.web import jobs, uploads


@pytest.fixture
def page(tmp_path: Path, index: Path) -> Iterator[Page]:
    made = Page(tmp_path / "tarikh.db", index)
    yield made
    made.jobs.close()


# ---- a text ----------------------------------------------------------------------------------------------------


def test_a_pasted_text_founds_an_incident_and_a_second_one_joins_it(page: Page) -> None:
    first = page.ended(page.add(**pasted(AMBUSH)))
    assert "New incident" in text_of(first)
    assert "near Ménaka" in text_of(first)
    assert re.search(r"<mark[^>]*>Gunmen<", first)
    (incident,) = set(re.findall(r'href="(/incidents/i-\w+)"', first))
    second = page.ended(page.add(**pasted(TOLL)))
    assert "Joined an incident, now of 2 reports" in text_of(second)
    assert incident in second
    assert page.client.get(incident).status_code == 200


def test_what_is_there_already_is_told_as_such(page: Page) -> None:
    page.ended(page.add(**pasted(AMBUSH)))
    again = text_of(page.ended(page.add(**pasted(AMBUSH))))
    assert "1 was there already" in again
    assert "Its incident, of 1 report" in again
    assert "new incident" not in again
    assert len(stored(page)) == 1


def test_line_breaks_of_a_browser_make_no_other_report(page: Page) -> None:
    page.ended(page.add(**pasted(AMBUSH | {"text": AMBUSH["text"] + "\nSo far."})))
    page.ended(page.add(**pasted(AMBUSH | {"text": AMBUSH["text"] + "\r\nSo far."})))
    assert len(stored(page)) == 1


def test_a_forgotten_report_is_refused_with_the_reason(page: Page) -> None:
    page.ended(page.add(**pasted(AMBUSH)))
    with open_store(page.jobs.database) as store:
        review.forget(store, stored(page)[0].id, "user:ana", "it names a child")
    told = text_of(page.ended(page.add(**pasted(AMBUSH))))
    assert "1 forgotten, not added" in told
    assert "it names a child" in told


def test_code_only_keeps_nothing_until_it_is_asked_to(page: Page) -> None:
    address = page.add(**pasted(AMBUSH, do="code"))
    told = page.ended(address)
    assert "Nothing of it is kept" in text_of(told)
    assert "Four other soldiers were wounded." in text_of(told.partition('id="why"')[2])
    assert "/incidents/" not in told
    assert stored(page) == []
    kept = page.post(f"{address}/keep").headers["location"]
    assert "New incident" in page.ended(kept)
    assert [report.source for report in stored(page)] == ["Sahel Post"]
    assert page.post(f"{kept}/keep").status_code == 400


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"way": "text", "text": " \r\n\t"}, "there is no text"),
        ({"way": "text", "text": "Gunmen came.", "published": "yesterday"}, "'yesterday' is no day"),
        ({"way": "text", "text": "Gunmen came.", "title": "x" * 1001}, "1,001 characters"),
        ({"way": "address", "address": ""}, "there is no address"),
        ({"way": "address", "address": "/etc/passwd"}, "no address of a page"),
        ({"way": "address", "address": "file:///etc/passwd"}, "no address of a page"),
        ({"way": "address", "address": "-"}, "no address of a page"),
        ({"way": "address", "address": "http://a.example/\u202ex"}, "no address has"),
        ({"way": "files"}, "no file was chosen"),
        ({}, "say what to add"),
        ({"way": "x"}, "say what to add"),
    ],
)
def test_what_cannot_be_added_is_refused_in_the_form(page: Page, fields: dict[str, str], words: str) -> None:
    answer = page.post(**fields)
    assert answer.status_code == 400
    assert words.casefold() in text_of(answer.text).casefold()
    assert "Paste a text" in answer.text
    assert page.jobs.by("local") == []


def test_a_refused_form_keeps_the_words(page: Page) -> None:
    evil = '"><script>x</script> </textarea>'
    html = page.post(way="text", text=f"Gunmen {evil}", title=evil, published="no").text
    assert "&lt;script&gt;x" in html
    assert "<script>x" not in html
    assert html.count("</textarea>") == 1


def test_an_overlong_text_is_a_problem_with_its_reason(page: Page) -> None:
    told = text_of(page.ended(page.add(way="text", text="Gunmen came. " * 20_000)))
    assert "1 problem" in told
    assert "200,000" in told
    answer = page.post(way="text", text="Gunmen came. " * 400_000, files={"x": ("x", b"")})
    assert answer.status_code == 400
    assert "send less" in text_of(answer.text)


def test_another_scope_and_a_missing_gazetteer_are_told(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.ended(page.add(**pasted(AMBUSH)))
    page.jobs.gazetteer = tmp_path / "none.sqlite"
    assert "run `tarikh gazetteer build`" in text_of(page.ended(page.add(**pasted(TOLL)), "failed"))
    monkeypatch.setenv("TARIKH_SCOPE", "any_violence")
    assert "set TARIKH_SCOPE=conflict" in text_of(page.ended(page.add(**pasted(TOLL)), "failed"))


def test_a_missing_parser_costs_the_report_and_says_so(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tarikh.parsers.model_missing", lambda language: "its parser xx is not installed")
    told = text_of(page.ended(page.add(**pasted(AMBUSH))))
    assert "its parser xx is not installed" in told


# ---- files -----------------------------------------------------------------------------------------------------


def _rows(form: str) -> bytes:
    between = "," if form == "csv" else "\t"
    return f'headline{between}body\nRaid{between}"{TOLL["text"]}"\n'.encode()


FEED = f"<rss version='2.0'><channel><item><title>Raid</title><description>{TOLL['text']}</description></item></channel></rss>"
HTML = f"<html><head><title>Raid</title></head><body><article><h1>Raid</h1><p>{TOLL['text']}</p></article></body></html>"


@pytest.mark.parametrize(
    ("name", "content", "mapped"),
    [
        ("a.txt", TOLL["text"].encode(), {}),
        ("a.jsonl", json.dumps(TOLL).encode(), {}),
        ("a.jsonl.gz", gzip.compress(json.dumps(TOLL).encode()), {}),
        ("a.json", json.dumps([TOLL]).encode(), {}),
        ("a.csv", _rows("csv"), {"map_text": "body", "map_title": "headline"}),
        ("a.tsv", _rows("tsv"), {"map_text": "body", "map_title": "headline"}),
        ("a.xml", FEED.encode(), {}),
        ("a.html", HTML.encode(), {}),
        ("", TOLL["text"].encode(), {}),
    ],
)
def test_every_form_of_file_is_read(page: Page, name: str, content: bytes, mapped: dict[str, str]) -> None:
    address = page.add(files={"files": (name or "..", content)}, way="files", **mapped)
    assert "New incident" in text_of(page.ended(address))
    assert re.search("[Ff]ourteen Malian soldiers", stored(page)[0].text)


def test_several_files_each_with_its_own_fault(page: Page) -> None:
    files = [
        ("files", ("reports.jsonl", LINES)),
        ("files", ("paper.pdf", b"%PDF-1.7 ...")),
        ("files", ("broken.jsonl", b'{"text": "\n{"headline": "x"}\n')),
        ("files", ("cut.gz", gzip.compress(LINES)[:100])),
        ("files", ("nothing.txt", b"")),
    ]
    address = page.add(files=files, way="files")
    told = text_of(page.ended(address))
    assert "6 reports coded" in told
    assert "Joined an incident, now of 2 reports" in told
    assert "Tomato prices" in told
    assert "Nothing in this report was coded as an incident" in told
    for name, words in (("paper.pdf", "PDF"), ("cut.gz", "cut off"), ("broken.jsonl:2", "no 'text'")):
        assert name in told
        assert words in told
    only = page.client.get(f"{address}?only=problems").text
    assert "Tomato prices" not in only
    assert "paper.pdf" in only


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\news\\a.csv", "a.csv"),
        ("a\0\x1b[2J\u202egpj.txt", "a[2Jgpj.txt"),
        ("..", "file 7"),
        ("", "file 7"),
        ("x" * 300 + ".jsonl", "x" * 100 + "….jsonl"),
        ("<img src=x onerror=alert(1)>.txt", "<img src=x onerror=alert(1)>.txt"),
    ],
)
def test_the_name_of_a_file_is_only_shown(given: str, shown: str) -> None:
    assert uploads.shown(given, 7) == shown


def test_a_hostile_name_reaches_no_path_and_no_markup(page: Page, tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())
    files = {"files": ('../../../<svg onload="x">.txt', AMBUSH["text"].encode())}
    html = page.ended(page.add(files=files, way="files"))
    assert "<svg onload" not in html
    assert "&lt;svg onload" in html
    assert {p.name for p in set(tmp_path.iterdir()) - before} <= {
        "tarikh.db",
        "tarikh.db-wal",
        "tarikh.db-shm",
    }


def test_files_are_removed_when_the_job_is_over_or_was_never_begun(
    tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    (folder / "tarikh-add-999999999-x").mkdir()
    (folder / "tarikh-add-1-y").mkdir()
    held = Held()
    page = Page(tmp_path / "x.db", index, held)
    assert [p.name for p in folder.iterdir()] == ["tarikh-add-1-y"]  # process 1 always runs
    files = {"files": ("a.txt", AMBUSH["text"].encode())}
    first, second = (page.add(files=files, way="files") for _ in range(2))
    assert len(list(folder.iterdir())) == 3
    assert all(p.stat().st_mode & 0o077 == 0 for p in folder.iterdir() if not p.name.endswith("-y"))
    page.post(f"{second}/stop")
    assert len(list(folder.iterdir())) == 2
    held.let.set()
    page.ended(first)
    assert len(list(folder.iterdir())) == 1
    page.jobs.options = replace(page.jobs.options, format="nonsense")
    assert page.post(files=files, way="files").status_code == 400
    assert len(list(folder.iterdir())) == 1


# ---- too much --------------------------------------------------------------------------------------------------


def test_two_gigabytes_are_refused_before_they_are_read(chronicle: Path, index: Path) -> None:
    with serving(chronicle, index) as address:
        asked = http.client.HTTPConnection(address.removeprefix("http://"), timeout=10)
        asked.putrequest("POST", "/add")
        asked.putheader("Content-Type", "multipart/form-data; boundary=x")
        asked.putheader("Content-Length", str(2 << 30))
        asked.endheaders()
        answer = asked.getresponse()  # not a byte of the body was sent
        assert answer.status == 413
        assert b"50,000,000 bytes" in answer.read()
        asked.close()


def test_a_body_without_a_length_is_refused_while_it_streams(tmp_path: Path, index: Path) -> None:
    page = Page(tmp_path / "x.db", index, body_limits={"/add": 300_000})
    sent = 0

    def body() -> Iterator[bytes]:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
        for _ in range(100):
            sent += 1
            yield b"a" * 10_000

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = page.client.post("/add", content=body(), headers=headers)
    assert answer.status_code == 413
    assert "300,000 bytes" in answer.text
    assert page.client.post("/add", content=b"x" * 400_000, headers=headers).status_code == 413


def test_too_many_files_and_a_body_that_is_no_form_are_refused(page: Page) -> None:
    many = [("files", (f"{n}.txt", b"x")) for n in range(250)]
    answer = page.post(files=many, way="files")
    assert (answer.status_code, "Too many files" in answer.text) == (400, True)
    headers = {"X-Tarikh-Token": page.token, "Content-Type": "multipart/form-data; boundary=x"}
    assert page.client.post("/add", content=b"nonsense", headers=headers).status_code == 400
    headers["Content-Type"] = "application/json"
    assert page.client.post("/add", content=b"{}", headers=headers).status_code == 400


def test_the_line_is_bounded(tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held()
    page = Page(tmp_path / "x.db", index, held)
    for _ in range(jobs.WAITING_OF_ONE + 1):
        page.add(**pasted(AMBUSH))
        time.sleep(0.05)  # the first one is taken out of the line
    answer = page.post(**pasted(AMBUSH))
    assert answer.status_code == 429
    assert "5 of them yours" in text_of(answer.text)
    assert AMBUSH["title"] in answer.text
    asks(monkeypatch, "ben", "coder")
    waiting = page.add(**pasted(AMBUSH))
    assert "6 jobs are before it" in text_of(page.client.get(waiting).text)
    page.jobs.close()
    held.let.set()


# ---- an address ------------------------------------------------------------------------------------------------


class _News(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = {"/page": HTML.encode(), "/lines": LINES}.get(self.path, b"")
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "application/x-ndjson" if self.path == "/lines" else "text/html")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def news() -> Iterator[str]:
    running = ThreadingHTTPServer(("127.0.0.1", 0), _News)
    threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_address[1]}"
    running.shutdown()
    running.server_close()


def test_an_address_is_fetched_and_coded(page: Page, news: str) -> None:
    page.jobs.options = replace(page.jobs.options, allow_private=True)
    assert "New incident" in text_of(page.ended(page.add(way="address", address=f"{news}/page")))
    told = text_of(page.ended(page.add(way="address", address=f"{news}/lines")))
    assert "6 reports coded" in told
    gone = text_of(page.ended(page.add(way="address", address=f"{news}/gone")))
    assert "404" in gone
    assert "check the address" in gone


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "169.254.169.254", "[::1]", "0x7f000001"])
def test_an_address_in_a_private_network_is_never_read(page: Page, news: str, host: str) -> None:
    told = text_of(page.ended(page.add(way="address", address=news.replace("127.0.0.1", host) + "/page")))
    assert "no public address" in told
    assert stored(page) == []


def test_offline_is_said_in_a_sentence(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*_: Any, **__: Any) -> Any:
        raise OSError("Temporary failure in name resolution")

    monkeypatch.setattr("socket.getaddrinfo", offline)
    told = text_of(page.ended(page.add(way="address", address="https://news.example/feed")))
    assert "news.example cannot be resolved" in told
    assert "check the address and the network" in told
