"""Jobs of adding reports: stopped, died, lost, waiting in line, and who may see them."""

from __future__ import annotations

import gzip
import json
import pickle
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from add_sample import AMBUSH, HTMX, TOLL, Page, asks, pasted, stored, text_of

from conftest import REPORTS
from tarikh import pipeline
from tarikh.marking import Mark
from tarikh.model import Problem, Report
from tarikh.pipeline import Rules
from tarikh.sources import ReadOptions
from tarikh.store import open_store
from tarikh.web import job_process, jobs
from tarikh.web.job_events import Address, Event, Files, Item, Pasted, Task, excerpts
from tarikh.web.jobs import CodingProcess


@pytest.fixture
def page(tmp_path: Path, index: Path) -> Iterator[Page]:
    made = Page(tmp_path / "tarikh.db", index)
    yield made
    made.jobs.close()


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


def test_the_files_of_a_job_share_what_they_may_unpack_to(tmp_path: Path) -> None:
    rows = b"".join(json.dumps({"text": f"Convoy {n} came to Gao."}).encode() + b"\n" for n in range(20))
    kept = []
    for number in range(3):
        path = tmp_path / f"{number:04d}"
        path.write_bytes(gzip.compress(rows))
        kept.append((path, f"{number}.jsonl.gz"))
    rules = Rules(tmp_path / "none", date(2025, 6, 1))
    options = ReadOptions(max_unpacked_bytes=2 * len(rows) + 10)
    task = Task(Files(tuple(kept)), tmp_path / "x.db", rules, options)
    found = list(job_process._documents(task, lambda event: None, lambda: False))
    problems = [each for each in found if isinstance(each, Problem)]
    assert 40 <= len(found) - len(problems) < 60
    assert [("2.jsonl.gz" in p.origin, "for all files of a job" in p.reason) for p in problems] == [
        (True, True)
    ]


@pytest.mark.parametrize("follow", [True, False])
def test_the_pages_behind_a_feed_are_read_where_it_was_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, follow: bool
) -> None:
    asked: list[tuple[str, bool]] = []

    def read(url: str, options: ReadOptions) -> Iterator[Any]:
        asked.append((url, options.follow))
        return iter(())

    monkeypatch.setattr(job_process.sources, "read_address", read)
    given = Address("https://a.example/feed", follow)
    task = Task(given, tmp_path / "x.db", Rules(tmp_path / "none", date(2025, 6, 1)), ReadOptions())
    assert list(job_process._documents(task, lambda event: None, lambda: False)) == []
    assert asked == [(given.url, follow)]


def test_the_incidents_are_those_of_adding_all_at_once(tmp_path: Path, index: Path, chronicle: Path) -> None:
    told: list[Event] = []
    job_process.run(_task(tmp_path / "x.db", index, *REPORTS), told.append, lambda: False)
    with open_store(tmp_path / "x.db") as ours, open_store(chronicle) as theirs:
        left, right = ({i.members for i in store.incidents()} for store in (ours, theirs))
    assert {frozenset(m) for m in left} == {frozenset(m) for m in right}
    homes = [home for e in told for home in getattr(e, "homes", {}).values()]
    assert {home.how for home in homes} == {"founded", "joined"}
    joined = [home for home in homes if home.how == "joined"]
    assert {home.reports for home in joined} == {2}
    assert {home.incident_id for home in joined} <= {
        home.incident_id for home in homes if home.how == "founded"
    }


def test_a_process_codes_stops_dies_and_comes_back(tmp_path: Path, index: Path) -> None:
    page = Page(tmp_path / "x.db", index, CodingProcess())
    try:
        many = b"".join(
            json.dumps({"text": f"{AMBUSH['text']} It was convoy {n}."}).encode() + b"\n" for n in range(150)
        )
        address = page.add(files={"files": ("many.jsonl", many)}, way="files")
        waiting = page.add(**pasted(AMBUSH))
        assert "1 job is before it" in text_of(page.client.get(waiting).text)
        _until(lambda: page.job(address).done >= 2)
        assert page.job(address).total == 150
        page.post(f"{address}/stop")
        told = text_of(page.ended(address, "stopped"))
        assert "What was coded until then is kept" in told
        assert 2 <= page.job(address).done < 150
        assert "Done" in page.ended(waiting)
        assert page.job(waiting).seconds < 20

        dying = page.add(files={"files": ("many.jsonl", many)}, way="files")
        _until(lambda: page.job(dying).done >= 1)
        page.jobs._work._process.kill()
        assert "What was coded until then is kept" in text_of(page.ended(dying, "failed"))
        assert "Done" in page.ended(page.add(**pasted(TOLL)))
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
    address = page.add(**pasted(AMBUSH))
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
    address = page.add(**pasted(AMBUSH))
    page.ended(address)
    asks(monkeypatch, "ben", "admin")
    assert page.client.get(address).status_code == 200
    asks(monkeypatch, "ben", "editor")
    assert page.client.get(address).status_code == 404
    assert page.post(f"{address}/stop").status_code == 404
    assert page.post(f"{address}/keep").status_code == 404
    assert address not in page.client.get("/add").text
    asks(monkeypatch, "ben", "reader")
    assert page.client.get("/add").status_code == 403
    assert page.post(**pasted(AMBUSH)).status_code == 403


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
    addresses = [page.add(**pasted(AMBUSH)) for _ in range(4)]
    page.ended(addresses[-1])
    page.ended(page.add(**pasted(AMBUSH)))
    assert page.client.get(addresses[0]).status_code == 404


def test_a_job_needs_the_token(page: Page) -> None:
    assert page.client.post("/add", data=pasted(AMBUSH)).status_code == 403
    assert page.client.post("/add/x/stop", data={}).status_code == 403


def test_a_fault_of_ours_is_told_without_its_words(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr(pipeline, "add", broken)
    html = page.ended(page.add(**pasted(AMBUSH)), "failed")
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
    assert stored(page)[0].title == TOLL["title"]


def test_tasks_can_travel() -> None:
    task = Task(Pasted("x"), Path("x"), Rules(Path("x"), date(2025, 1, 1)), ReadOptions())
    assert pickle.loads(pickle.dumps(task)) == task
