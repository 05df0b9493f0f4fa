#!/usr/bin/env python3
"""Pictures of the main views for the README and docs: docs/images/*.png, of the bundled sample in a temporary database.

Invariant: the same code and chromium give the same pictures; nothing is asked of another host. A new view is a line.
Usage: scripts/screenshots.py [NAME…]   (needs chromium and the `dev` packages; by default all views)
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
LARGEST = 250_000
"""Bytes of a picture."""
NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
DESK = {"width": 1180, "height": 720}
PHONE = {"width": 390, "height": 844}
WAIT = 30_000

Page = Any


def _first(pattern: str) -> Callable[[Page], str]:
    """The first address on the open page that fits."""

    def found(page: Page) -> str:
        links = page.locator("a").evaluate_all("all => all.map(each => each.getAttribute('href'))")
        return next(link for link in links if link and re.fullmatch(pattern, link))

    return found


def _opened(selector: str) -> Callable[[Page], None]:
    return lambda page: page.locator(selector).first.click()


@dataclass(frozen=True, slots=True)
class View:
    """A picture: steps from page to page (an address, or how to find it on the page before), what is opened there."""

    name: str
    steps: tuple[str | Callable[[Page], str], ...]
    act: Callable[[Page], None] | None = None
    size: dict[str, int] | None = None
    scheme: str = "light"
    language: str = "en"


INCIDENT = ("/?text=ambush&order=deadliest", _first(r"/incidents/i-\w+"))
REPORT = (*INCIDENT, _first(r"/reports/r-\w+"))
VIEWS = (
    View("view", ("/",)),
    View("view-dark", ("/?order=deadliest",), scheme="dark"),
    View("view-phone", ("/",), size=PHONE),
    View("incident", INCIDENT, _opened("details[data-field='harm.killed'] > summary")),
    View("incident-phone", INCIDENT, _opened("details[data-field='place'] > summary"), PHONE, language="fr"),
    View("report", REPORT),
    View("trends", ("/trends?measure=killed",)),
    View("review", ("/review",)),
    View("add", ("/add",)),
)
"""What there is a picture of."""


def sample(folder: Path) -> tuple[Path, Path]:
    """The bundled reports coded into a database in a folder, and the gazetteer's index."""
    from tarikh import demonstration, pipeline
    from tarikh.sources import ReadOptions, read
    from tarikh.store import open_store

    index, database = demonstration.ready_gazetteer(), folder / "tarikh.db"
    with open_store(database, clock=lambda: NOW) as store:
        pipeline.add(read(demonstration.sample(), ReadOptions()), store, pipeline.Rules(index, NOW.date()))
    return database, index


@contextmanager
def served(database: Path, index: Path) -> Iterator[str]:
    """The pages at an address of this machine."""
    import uvicorn

    from tarikh.web.app import create_app
    from tarikh.web.serving import listening

    listener = listening("127.0.0.1", 0)
    app = create_app(database, index, clock=lambda: NOW)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener.socket]}, daemon=True)
    thread.start()
    try:
        yield listener.address.rstrip("/")
    finally:
        server.should_exit = True
        thread.join(10)


def take(browser: Any, address: str, view: View) -> int:
    """Writes one picture; returns its bytes."""
    context = browser.new_context(
        viewport=view.size or DESK, color_scheme=view.scheme, locale=view.language, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(address + str(view.steps[0]))
    for step in view.steps[1:]:
        page.goto(address + (step if isinstance(step, str) else step(page)))
    if page.locator("#map").count():
        page.locator("#map[data-spots]").wait_for(timeout=WAIT)
    if view.act is not None:
        view.act(page)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(700)  # the map's last frames
    path = IMAGES / f"{view.name}.png"
    page.screenshot(path=path, caret="hide", animations="disabled")
    context.close()
    return path.stat().st_size


def main(names: list[str]) -> int:
    """Takes the pictures that are named, or all."""
    from playwright.sync_api import sync_playwright

    known = {view.name: view for view in VIEWS}
    unknown = [name for name in names if name not in known]
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if unknown or program is None:
        told = (
            f"no view {unknown[0]!r}; there are: {', '.join(known)}"
            if unknown
            else "chromium is not installed"
        )
        print(f"screenshots: {told}", file=sys.stderr)
        return 2
    IMAGES.mkdir(parents=True, exist_ok=True)
    large = 0
    with (
        tempfile.TemporaryDirectory() as folder,
        served(*sample(Path(folder))) as address,
        sync_playwright() as run,
    ):
        browser = run.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--force-color-profile=srgb"]
        )
        for view in [known[name] for name in names] or VIEWS:
            size = take(browser, address, view)
            large += size > LARGEST
            print(
                f"{view.name}.png: {size:,} bytes{' (too large)' if size > LARGEST else ''}", file=sys.stderr
            )
        browser.close()
    return 1 if large else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
