"""The command line for tests: run in this process, on the built gazetteer, with a home and a database of the test's own.

Invariant: no test reads or writes the user's database; the gazetteer is built once, and only where there is none.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gazetteer_sample import Packages, Put
from tarikh import gazetteer, parsers
from tarikh.gazetteer import building

WITHOUT_SPANISH = parsers.model_missing("es")
needs_spanish = pytest.mark.skipif(WITHOUT_SPANISH is not None, reason=f"Spanish: {WITHOUT_SPANISH}")
"""The Spanish parser is no dependency, so tests that parse Spanish run where somebody installed it."""

PROGRAM = (sys.executable, "-c", "from tarikh.cli import main; main()")
ROOT = Path(__file__).parents[1]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@dataclass(frozen=True, slots=True)
class Run:
    """What one command left behind."""

    code: int
    out: str
    err: str

    def lines(self) -> list[dict[str, Any]]:
        """Standard output as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    def json(self) -> Any:
        """Standard output as one JSON value."""
        return json.loads(self.out)

    def sentence(self) -> str:
        """The one sentence on standard error, where nothing else is."""
        assert self.err.startswith("tarikh: "), self.err
        assert self.err.endswith("\n")
        assert self.err.count("\n") == 1, self.err
        assert "Traceback" not in self.err
        return self.err.removeprefix("tarikh: ").rstrip("\n")


Tarikh = Callable[..., Run]


class _Input:
    """Standard input as the command line sees it: only its bytes."""

    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


def run(*arguments: object, stdin: bytes = b"") -> Run:
    """One command in this process, its streams as UTF-8 text."""
    from tarikh import cli

    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr("sys.stdin", _Input(stdin))
        with pytest.raises(SystemExit) as ended:
            cli.main([str(argument) for argument in arguments])
    read = []
    for stream in (out, err):
        stream.flush()
        assert isinstance(stream.buffer, io.BytesIO)
        read.append(stream.buffer.getvalue().decode("utf-8"))
    code = ended.value.code
    assert isinstance(code, int), code
    return Run(code, *read)


def json_lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Writes rows as JSON lines."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


@contextmanager
def started(*arguments: object, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A command in a process of its own, ended by its id whatever happens."""
    pipes: Any = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    process = subprocess.Popen([*PROGRAM, *map(str, arguments)], **(pipes | options))
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for_reports(database: Path, count: int) -> None:
    """Waits until another process has kept so many coded reports."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with (
            suppress(sqlite3.OperationalError),
            sqlite3.connect(f"file:{database}?mode=ro", uri=True) as read,
        ):
            if read.execute("SELECT count(*) FROM coded").fetchone()[0] >= count:
                return
        time.sleep(0.05)
    pytest.fail(f"{count} reports were not coded in 30 seconds")


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The gazetteer index: the environment's, the checkout's, or one built now."""
    from tarikh import gazetteer
    from tarikh.settings import Settings

    for path in (Settings().gazetteer_path(), ROOT / ".tarikh" / "gazetteer.sqlite"):
        if path.exists():
            return path.resolve()
    built = tmp_path_factory.mktemp("gazetteer") / "gazetteer.sqlite"
    gazetteer.build(built)
    return built


@pytest.fixture
def tarikh(tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> Tarikh:
    """Runs a command with a home, a working folder and so a database of this test's own."""
    _isolate(monkeypatch, tmp_path / "home", index)
    monkeypatch.chdir(tmp_path)
    return run


def _isolate(patch: pytest.MonkeyPatch, home: Path, index: Path) -> None:
    for name in [name for name in os.environ if name.startswith("TARIKH_")]:
        patch.delenv(name)
    patch.setenv("TARIKH_HOME", str(home))
    patch.setenv("TARIKH_GAZETTEER", str(index))


REPORTS: list[dict[str, Any]] = [
    {
        "id": "c1",
        "published": "2025-03-14",
        "language": "en",
        "source": "Sahel Post",
        "title": "Ambush near Ménaka",
        "text": "Gunmen on motorcycles ambushed an army convoy near Ménaka in Mali on Thursday, killing eleven"
        " Malian soldiers, a security source said. Four other soldiers were wounded.",
    },
    {
        "id": "c2",
        "published": "2025-03-15",
        "language": "en",
        "source": "River Radio",
        "title": "Fourteen soldiers dead in ambush near Ménaka",
        "text": "Gunmen ambushed an army convoy near Ménaka in Mali on Thursday and killed fourteen Malian soldiers,"
        " a hospital doctor said.",
    },
    {
        "id": "c3",
        "published": "2025-03-20",
        "language": "en",
        "source": "Nile Daily",
        "title": "Air strike on a market",
        "text": "A warplane bombed the market in Nyala in Sudan on Tuesday, killing nine civilians, hospital staff said.",
    },
    {
        "id": "c4",
        "published": "2025-02-10",
        "language": "en",
        "source": "Harbor News",
        "title": "March in Tunis",
        "text": "Protesters marched peacefully through Tunis in Tunisia on Saturday to demand the release of a lawyer.",
    },
    {
        "id": "c5",
        "published": "2025-01-05",
        "language": "en",
        "source": "Sahel Post",
        "title": "Attack claimed",
        "text": "The jihadist group JNIM said in a statement that its fighters attacked a military post at Djibo in"
        " Burkina Faso on Friday and killed five soldiers.",
    },
    {
        "id": "c6",
        "published": "2025-01-06",
        "language": "en",
        "source": "Harbor News",
        "title": "Tomato prices",
        "text": "The price of tomatoes has doubled at the harbor market since the new year, traders said.",
    },
]
"""Six plain reports: c1 and c2 tell one event, c6 tells none. Simple enough that their coding is no question."""


@pytest.fixture(scope="session")
def chronicle(tmp_path_factory: pytest.TempPathFactory, index: Path) -> Path:
    """A database that holds `REPORTS`. Tests must only read it."""
    folder = tmp_path_factory.mktemp("chronicle")
    with pytest.MonkeyPatch.context() as patch:
        _isolate(patch, folder / "home", index)
        made = run("add", json_lines(folder / "reports.jsonl", REPORTS), "--db", folder / "tarikh.db")
    assert made.code == 0, made.err
    return folder / "tarikh.db"


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A real Chromium for pages; without one its tests are skipped, in CI they fail."""
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("chromium is not installed, and in CI the page must be tested in it")
        pytest.skip("chromium is not installed (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def rules_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Coding without the reader: what the rules make of a text."""
    monkeypatch.setattr("tarikh.extract.reader.reads", lambda language: False)


# ---- the gazetteer -------------------------------------------------------------------------------------------


@pytest.fixture
def packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few rows stand for the installed packages of places."""
    monkeypatch.setattr(building, "Packaged", Packages)


@pytest.fixture
def small(packages: None, tmp_path: Path) -> Path:
    """An index of the packages alone."""
    path = tmp_path / "home" / "gazetteer.sqlite"
    gazetteer.build(path)
    return path


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Writes a file, and gives its path."""

    def write(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


# ---- pages ---------------------------------------------------------------------------------------------------


LOCAL = "http://localhost"
"""Where a client in this process asks."""


@pytest.fixture
def pages(chronicle: Path, index: Path) -> Iterator[Any]:
    """A client of the pages of `REPORTS`, in this process. Tests must only read."""
    from starlette.testclient import TestClient

    from tarikh import api
    from tarikh.web.app import create_app

    app = create_app(chronicle, index)
    api.install(app)
    with TestClient(app, LOCAL, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of which every text is hostile (`hostile_sample`). Tests must only read it."""
    import hostile_sample

    path = tmp_path_factory.mktemp("hostile") / "tarikh.db"
    hostile_sample.fill(path)
    return path


@contextmanager
def serving(
    database: Path, index: Path | None = None, also: Callable[[Any], None] = lambda _: None
) -> Iterator[str]:
    """The pages of a database behind a port of this machine; gives the address. `also` adds to the application."""
    import uvicorn

    from tarikh import api
    from tarikh.web.app import create_app
    from tarikh.web.serving import listening

    listener = listening("127.0.0.1", 0)
    app = create_app(database, index)
    also(app)
    api.install(app)
    settings = uvicorn.Config(app, log_level="warning", lifespan="off")
    server = uvicorn.Server(settings)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener.socket]}, daemon=True)
    thread.start()
    try:
        yield listener.address.rstrip("/")
    finally:
        server.should_exit = True
        thread.join(10)
