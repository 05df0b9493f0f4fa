"""Adding reports in pages: what is given is coded by a job and told as it is; what cannot be is refused in a sentence."""

from __future__ import annotations

import gzip
import http.client
import json
import pickle
import re
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from conftest import LOCAL, REPORTS, serving
from tarikh import pipeline, review
from tarikh.accounts import User, Visitor
from tarikh.marking import Mark
from tarikh.model import Report
from tarikh.pipeline import Rules
from tarikh.sources import ReadOptions
from tarikh.store import open_store
from tarikh.web import job_process, jobs, people, uploads
from tarikh.web.app import create_app
from tarikh.web.job_events import Event, Files, Home, Item, Pasted, Task, excerpts
from tarikh.web.jobs import CodingProcess, Job, Jobs

AMBUSH, TOLL = REPORTS[0], REPORTS[1]
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
LINES = b"".join(json.dumps(row).encode() + b"\n" for row in REPORTS)


class Here:
    """Works in the thread of the jobs, on the models that this process has loaded already."""

    def run(self, task: Task, stopped: Callable[[], bool]) -> Iterator[Event]:
        told: list[Event] = []
        job_process.run(task, told.append, stopped)
        yield from told

    def close(self) -> None:
        """Nothing to close."""


class Held(Here):
    """Begins a task when it is let."""

    def __init__(self) -> None:
        self.let = threading.Event()

    def run(self, task: Task, stopped: Callable[[], bool]) -> Iterator[Event]:
        self.let.wait(20)
        yield from super().run(task, stopped)


class Page:
    """A browser of the form: it has a token, and follows a job to its end."""

    def __init__(self, database: Path, index: Path | None, work: Any = None, **options: Any) -> None:
        self.app = create_app(database, index, **options)
        self.jobs = self.app.state.jobs = Jobs(database, index, work=work or Here())
        self.client = TestClient(self.app, LOCAL, raise_server_exceptions=False)
        found = re.search(r'name="tarikh-token" content="(\w+)"', self.client.get("/add").text)
        assert found is not None
        self.token = found[1]

    def post(self, path: str = "/add", files: Any = None, **fields: str) -> Any:
        data = {"token": self.token, **fields}
        return self.client.post(path, data=data, files=files, follow_redirects=False)

    def add(self, files: Any = None, **fields: str) -> str:
        answer = self.post(files=files, **fields)
        assert answer.status_code == 303, _text(answer.text)
        return str(answer.headers["location"])

    def job(self, address: str) -> Job:
        job: Job = self.jobs.job(address.removeprefix("/add/"))
        return job

    def ended(self, address: str, phase: str = "done") -> str:
        deadline = time.monotonic() + 60
        while not self.job(address).over and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.02)  # the folder is removed right after
        assert self.job(address).phase == phase, self.job(address)
        return str(self.client.get(address).text)


def _text(html: str) -> str:
    main = html.partition("<main")[2].partition("</main>")[0] or html
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", main)))


@pytest.fixture
def page(tmp_path: Path, index: Path) -> Iterator[Page]:
    made = Page(tmp_path / "tarikh.db", index)
    yield made
    made.jobs.close()


def _paste(row: dict[str, Any], **more: str) -> dict[str, str]:
    return {"way": "text", **{k: row[k] for k in ("title", "text", "published", "source")}, **more}


def _stored(page: Page) -> list[Any]:
    with open_store(page.jobs.database) as store:
        return list(store.reports())


def _asks(monkeypatch: pytest.MonkeyPatch, name: str, role: Any) -> None:
    """From now on somebody else asks."""
    ever = datetime(2100, 1, 1, tzinfo=UTC)
    visitor = Visitor(User(name, role, "active", "", ever), role, ever)
    monkeypatch.setattr(people, "current_visitor", lambda request: visitor)


# ---- a text ----------------------------------------------------------------------------------------------------


def test_a_pasted_text_founds_an_incident_and_a_second_one_joins_it(page: Page) -> None:
    first = page.ended(page.add(**_paste(AMBUSH)))
    assert "New incident" in _text(first)
    assert "near Ménaka" in _text(first)
    assert re.search(r"<mark[^>]*>Gunmen<", first)
    (incident,) = set(re.findall(r'href="(/incidents/i-\w+)"', first))
    second = page.ended(page.add(**_paste(TOLL)))
    assert "Joined an incident, now of 2 reports" in _text(second)
    assert incident in second
    assert page.client.get(incident).status_code == 200


def test_what_is_there_already_is_told_as_such(page: Page) -> None:
    page.ended(page.add(**_paste(AMBUSH)))
    again = _text(page.ended(page.add(**_paste(AMBUSH))))
    assert "1 was there already" in again
    assert "Its incident, of 1 report" in again
    assert "new incident" not in again
    assert len(_stored(page)) == 1


def test_line_breaks_of_a_browser_make_no_other_report(page: Page) -> None:
    page.ended(page.add(**_paste(AMBUSH | {"text": AMBUSH["text"] + "\nSo far."})))
    page.ended(page.add(**_paste(AMBUSH | {"text": AMBUSH["text"] + "\r\nSo far."})))
    assert len(_stored(page)) == 1


def test_a_forgotten_report_is_refused_with_the_reason(page: Page) -> None:
    page.ended(page.add(**_paste(AMBUSH)))
    with open_store(page.jobs.database) as store:
        review.forget(store, _stored(page)[0].id, "user:ana", "it names a child")
    told = _text(page.ended(page.add(**_paste(AMBUSH))))
    assert "1 forgotten, not added" in told
    assert "it names a child" in told


def test_code_only_keeps_nothing_until_it_is_asked_to(page: Page) -> None:
    address = page.add(**_paste(AMBUSH, do="code"))
    told = page.ended(address)
    assert "Nothing of it is kept" in _text(told)
    assert "Four other soldiers were wounded." in _text(told.partition('id="why"')[2])
    assert "/incidents/" not in told
    assert _stored(page) == []
    kept = page.post(f"{address}/keep").headers["location"]
    assert "New incident" in page.ended(kept)
    assert [report.source for report in _stored(page)] == ["Sahel Post"]
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
    assert words.casefold() in _text(answer.text).casefold()
    assert "Paste a text" in answer.text
    assert page.jobs.by(people.author(None)) == []  # type: ignore[arg-type]


def test_a_refused_form_keeps_the_words(page: Page) -> None:
    evil = '"><script>x</script> </textarea>'
    html = page.post(way="text", text=f"Gunmen {evil}", title=evil, published="no").text
    assert "&lt;script&gt;x" in html
    assert "<script>x" not in html
    assert html.count("</textarea>") == 1


def test_an_overlong_text_is_a_problem_with_its_reason(page: Page) -> None:
    told = _text(page.ended(page.add(way="text", text="Gunmen came. " * 20_000)))
    assert "1 problem" in told
    assert "200,000" in told
    answer = page.post(way="text", text="Gunmen came. " * 400_000, files={"x": ("x", b"")})
    assert answer.status_code == 400
    assert "send less" in _text(answer.text)


def test_another_scope_and_a_missing_gazetteer_are_told(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.ended(page.add(**_paste(AMBUSH)))
    page.jobs.gazetteer = tmp_path / "none.sqlite"
    assert "run `tarikh gazetteer build`" in _text(page.ended(page.add(**_paste(TOLL)), "failed"))
    monkeypatch.setenv("TARIKH_SCOPE", "any_violence")
    assert "set TARIKH_SCOPE=conflict" in _text(page.ended(page.add(**_paste(TOLL)), "failed"))


def test_a_missing_parser_costs_the_report_and_says_so(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tarikh.parsers.model_missing", lambda language: "its parser xx is not installed")
    told = _text(page.ended(page.add(**_paste(AMBUSH))))
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
    assert "New incident" in _text(page.ended(address))
    assert re.search("[Ff]ourteen Malian soldiers", _stored(page)[0].text)


def test_several_files_each_with_its_own_fault(page: Page) -> None:
    files = [
        ("files", ("reports.jsonl", LINES)),
        ("files", ("paper.pdf", b"%PDF-1.7 ...")),
        ("files", ("broken.jsonl", b'{"text": "\n{"headline": "x"}\n')),
        ("files", ("cut.gz", gzip.compress(LINES)[:100])),
        ("files", ("nothing.txt", b"")),
    ]
    address = page.add(files=files, way="files")
    told = _text(page.ended(address))
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
        page.add(**_paste(AMBUSH))
        time.sleep(0.05)  # the first one is taken out of the line
    answer = page.post(**_paste(AMBUSH))
    assert answer.status_code == 429
    assert "5 of them yours" in _text(answer.text)
    assert AMBUSH["title"] in answer.text
    _asks(monkeypatch, "ben", "coder")
    waiting = page.add(**_paste(AMBUSH))
    assert "6 jobs are before it" in _text(page.client.get(waiting).text)
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
    assert "New incident" in _text(page.ended(page.add(way="address", address=f"{news}/page")))
    told = _text(page.ended(page.add(way="address", address=f"{news}/lines")))
    assert "6 reports coded" in told
    gone = _text(page.ended(page.add(way="address", address=f"{news}/gone")))
    assert "404" in gone
    assert "check the address" in gone


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "169.254.169.254", "[::1]", "0x7f000001"])
def test_an_address_in_a_private_network_is_never_read(page: Page, news: str, host: str) -> None:
    told = _text(page.ended(page.add(way="address", address=news.replace("127.0.0.1", host) + "/page")))
    assert "no public address" in told
    assert _stored(page) == []


def test_offline_is_said_in_a_sentence(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*_: Any, **__: Any) -> Any:
        raise OSError("Temporary failure in name resolution")

    monkeypatch.setattr("socket.getaddrinfo", offline)
    told = _text(page.ended(page.add(way="address", address="https://news.example/feed")))
    assert "news.example cannot be resolved" in told
    assert "check the address and the network" in told


# ---- jobs ------------------------------------------------------------------------------------------------------


def _task(database: Path, index: Path, *rows: dict[str, Any], **options: Any) -> Task:
    path = database.parent / "kept"
    path.write_bytes(b"".join(json.dumps(row).encode() + b"\n" for row in rows))
    rules = Rules(index, date(2025, 6, 1))
    return Task(Files(((path, "a.jsonl"),)), database, rules, ReadOptions(**options))


def test_a_stopped_job_keeps_what_is_done_and_links_it(tmp_path: Path, index: Path) -> None:
    told: list[Event] = []
    database = tmp_path / "x.db"
    task = _task(database, index, *REPORTS)
    job_process.run(task, told.append, lambda: sum(isinstance(e, Item) for e in told) >= 2)
    assert [e.heading for e in told if isinstance(e, Item)] == [AMBUSH["title"], TOLL["title"]]
    assert type(told[-1]).__name__ == "Ended"
    with open_store(database) as store:
        assert (store.stats().reports, store.stats().incidents, store.stats().folded) == (2, 1, True)
    told.clear()
    job_process.run(task, told.append, lambda: False)
    assert [e.state for e in told if isinstance(e, Item)] == ["known", "known", *["coded"] * 4]


def test_the_incidents_are_those_of_adding_all_at_once(tmp_path: Path, index: Path, chronicle: Path) -> None:
    told: list[Event] = []
    job_process.run(_task(tmp_path / "x.db", index, *REPORTS), told.append, lambda: False)
    with open_store(tmp_path / "x.db") as ours, open_store(chronicle) as theirs:
        left, right = ({i.members for i in store.incidents()} for store in (ours, theirs))
    assert {frozenset(m) for m in left} == {frozenset(m) for m in right}
    homes = [home for e in told for home in getattr(e, "homes", {}).values()]
    assert {home.how for home in homes} == {"founded", "joined"}
    assert max(homes, key=lambda home: home.reports) == Home(homes[1].incident_id, "joined", 2)


def test_a_process_codes_stops_dies_and_comes_back(tmp_path: Path, index: Path) -> None:
    page = Page(tmp_path / "x.db", index, CodingProcess())
    try:
        many = b"".join(
            json.dumps({"text": f"{AMBUSH['text']} It was convoy {n}."}).encode() + b"\n" for n in range(150)
        )
        address = page.add(files={"files": ("many.jsonl", many)}, way="files")
        waiting = page.add(**_paste(AMBUSH))
        assert "1 job is before it" in _text(page.client.get(waiting).text)
        _until(lambda: page.job(address).done >= 2)
        assert page.job(address).total == 150
        page.post(f"{address}/stop")
        told = _text(page.ended(address, "stopped"))
        assert "What was coded until then is kept" in told
        assert 2 <= page.job(address).done < 150
        assert "Done" in page.ended(waiting)
        assert page.job(waiting).seconds < 20

        dying = page.add(files={"files": ("many.jsonl", many)}, way="files")
        _until(lambda: page.job(dying).done >= 1)
        page.jobs._work._process.kill()
        assert "What was coded until then is kept" in _text(page.ended(dying, "failed"))
        assert "Done" in page.ended(page.add(**_paste(TOLL)))
        with open_store(tmp_path / "x.db") as store:
            assert store.stats().folded
    finally:
        page.jobs.close()


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_page_that_has_seen_all_is_sent_nothing(page: Page) -> None:
    address = page.add(**_paste(AMBUSH))
    page.ended(address)
    part = page.client.get(address, headers=HTMX)
    assert 'id="job"' in part.text
    assert "<html" not in part.text
    assert "hx-trigger" not in part.text
    seen = page.job(address).version
    assert page.client.get(f"{address}?seen={seen}", headers=HTMX).status_code == 204
    assert page.client.get(f"{address}?seen={seen - 1}", headers=HTMX).status_code == 200
    assert page.client.get(f"{address}?seen={seen}").status_code == 200


def test_a_job_is_seen_by_who_started_it_and_by_admins(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    address = page.add(**_paste(AMBUSH))
    page.ended(address)
    _asks(monkeypatch, "ben", "admin")
    assert page.client.get(address).status_code == 200
    _asks(monkeypatch, "ben", "editor")
    assert page.client.get(address).status_code == 404
    assert page.post(f"{address}/stop").status_code == 404
    assert page.post(f"{address}/keep").status_code == 404
    assert address not in page.client.get("/add").text
    _asks(monkeypatch, "ben", "reader")
    assert page.client.get("/add").status_code == 403
    assert page.post(**_paste(AMBUSH)).status_code == 403


def test_a_job_of_before_a_restart_is_told_as_lost(page: Page) -> None:
    html = page.client.get("/add/0123456789abcdef01234567")
    assert html.status_code == 404
    assert "The server was started again since" in html.text
    part = page.client.get("/add/0123456789abcdef01234567?seen=3", headers=HTMX).text
    assert 'id="job"' in part
    assert "hx-trigger" not in part
    ours = page.client.get(f"/add/{page.jobs._run}0123456789abcdef")
    assert "It ended long ago" in ours.text


def test_old_jobs_are_forgotten(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "REMEMBERED", 1)
    addresses = [page.add(**_paste(AMBUSH)) for _ in range(4)]
    page.ended(addresses[-1])
    page.ended(page.add(**_paste(AMBUSH)))
    assert page.client.get(addresses[0]).status_code == 404


def test_a_job_needs_the_token(page: Page) -> None:
    assert page.client.post("/add", data=_paste(AMBUSH)).status_code == 403
    assert page.client.post("/add/x/stop", data={}).status_code == 403


def test_a_fault_of_ours_is_told_without_its_words(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr(pipeline, "add", broken)
    html = page.ended(page.add(**_paste(AMBUSH)), "failed")
    assert "secret" not in html
    assert "The fault is in Tarikh" in html


# ---- what is told of a report ----------------------------------------------------------------------------------


def test_a_long_text_is_told_around_its_marks() -> None:
    text = "Nothing of note was said here. " * 300 + AMBUSH["text"] + " And on it went." * 300
    report = Report("r-1", "", text, "en")
    start = text.index("Gunmen")
    parts = excerpts(
        report, [Mark(start, start + 6, "1 attackers"), Mark(len(text) - 9, len(text), "1 date")]
    )
    assert len(parts) == 2
    assert sum(len(piece.text) for part in parts for piece in part) < 1000
    assert [piece.text for part in parts for piece in part if piece.of] == ["Gunmen", text[-9:]]
    assert "".join(piece.text for piece in excerpts(report, [], whole=True)[0]) == text
    assert excerpts(report, [])[0][0].text == text[:450]


def test_a_title_is_taken_from_the_first_line_where_none_is_given(page: Page) -> None:
    page.ended(page.add(way="text", text=f"{TOLL['title']}\r\n\r\n{TOLL['text']}"))
    assert _stored(page)[0].title == TOLL["title"]


def test_tasks_can_travel() -> None:
    task = Task(Pasted("x"), Path("x"), Rules(Path("x"), date(2025, 1, 1)), ReadOptions())
    assert pickle.loads(pickle.dumps(task)) == task
