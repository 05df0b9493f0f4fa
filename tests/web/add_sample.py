"""A browser of the form for adding reports, and stand-ins for the process that codes."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from conftest import LOCAL, REPORTS
from tarikh.accounts import User, Visitor
from tarikh.store import open_store
from tarikh.web import job_process, people
from tarikh.web.app import create_app
from tarikh.web.job_events import Event, Task
from tarikh.web.jobs import Job, Jobs

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
        assert answer.status_code == 303, text_of(answer.text)
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


def text_of(html: str) -> str:
    main = html.partition("<main")[2].partition("</main>")[0] or html
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", main)))


def pasted(row: dict[str, Any], **more: str) -> dict[str, str]:
    return {"way": "text", **{k: row[k] for k in ("title", "text", "published", "source")}, **more}


def stored(page: Page) -> list[Any]:
    with open_store(page.jobs.database) as store:
        return list(store.reports())


def asks(monkeypatch: pytest.MonkeyPatch, name: str, role: Any) -> None:
    """From now on somebody else asks."""
    ever = datetime(2100, 1, 1, tzinfo=UTC)
    visitor = Visitor(User(name, role, "active", "", ever), role, ever)
    monkeypatch.setattr(people, "current_visitor", lambda request: visitor)
