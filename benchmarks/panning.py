#!/usr/bin/env python3
"""Does the map pan smoothly? Frames per second while 20,000 incidents are dragged and zoomed in a real browser.

Invariant: places follow from number and seed alone; nothing is asked of the server while the map moves, or it is told.
Usage: benchmarks/panning.py [--incidents 20000] [--seconds 4] [--db DATABASE]   (needs chromium; software drawing)
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tarikh.link.compare import BY
from tarikh.model import Count, Evidence, Mention, Report, Span, When, Where, stable_id
from tarikh.relinking import settle
from tarikh.store import Store, open_store

EACH = 250
"""Mentions of one synthetic report: a digest, so that filling is quick."""
KINDS = ("armed_clash", "bombing", "attack_on_civilians", "protest", "movement", "air_strike")
PRECISIONS = ("exact",) * 13 + ("near",) * 5 + ("admin2", "admin1")
FRAMES = """(seconds) => new Promise((done) => {
  const frames = [];
  const until = performance.now() + seconds * 1000;
  const next = (now) => { frames.push(now); now < until ? requestAnimationFrame(next) : done(frames); };
  requestAnimationFrame(next);
})"""


def told(number: int, count: int, draw: random.Random) -> tuple[Report, list[Mention]]:
    """A report and its mentions, each at a place and on a day of its own."""
    report = Report(
        f"r-{number:016x}", "Digest", f"Attack {number}.", "en", date(2024, 1, 1), source="Synthetic"
    )
    mentions = []
    for each in range(count):
        precision = draw.choice(PRECISIONS)
        where = Where(
            "MLI", f"Region {number % 40}", f"District {number}", f"Town {number}-{each}",
            draw.uniform(-30, 35), draw.uniform(-17, 50), precision,
        )  # fmt: skip
        day = date(2015, 1, 1) + timedelta(draw.randrange(3600))
        killed = Count(*[draw.randrange(30)] * 3) if draw.random() < 0.7 else Count()
        evidence = {"kind": Evidence((Span("text", 0, 6),), ("Attack",))}
        mentions.append(
            Mention(
                stable_id("m", report.id, str(each)), report.id, "synthetic@1", draw.choice(KINDS), when=When(day, day, "day"),
                where=where, harm={"killed": killed}, trigger="Attack", evidence=evidence, published=day, source="Synthetic",
                language="en",
            )
        )  # fmt: skip
    return report, mentions


def fill(store: Store, incidents: int) -> int:
    """Puts in so many incidents, none linked with another; returns how many there are."""
    draw = random.Random(7)
    for number, start in enumerate(range(0, incidents, EACH)):
        report, mentions = told(number, min(EACH, incidents - start), draw)
        store.add_report(report)
        store.add_mentions(report.id, "synthetic@1", mentions)
    waiting = list(store.mentions())
    store.add_judgements([], compared=waiting, by=BY)
    with store.linking(BY) as work:
        settle(work)
        return work.incidents()


@contextmanager
def served(database: Path) -> Iterator[str]:
    """The pages at an address of this machine."""
    import uvicorn

    from tarikh.web.app import create_app
    from tarikh.web.serving import listening

    listener = listening("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(create_app(database), log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener.socket]}, daemon=True)
    thread.start()
    try:
        yield listener.address.rstrip("/")
    finally:
        server.should_exit = True
        thread.join(10)


def _moved(page: Any, seconds: float, zoom: bool) -> list[float]:
    """Milliseconds between frames while the pointer drags, or the wheel turns."""
    box = page.locator("#map").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.evaluate(f"window.frames_ = ({FRAMES})({seconds})")
    started = time.monotonic()
    if not zoom:
        page.mouse.down()
    step = 0
    while time.monotonic() - started < seconds:
        step += 1
        if zoom:
            page.mouse.wheel(0, -60 if step % 60 < 30 else 60)
        else:
            page.mouse.move(x + 120 * ((step % 40) / 20 - 1), y + 60 * ((step % 60) / 30 - 1))
        page.wait_for_timeout(16)
    if not zoom:
        page.mouse.up()
    frames = page.evaluate("window.frames_")
    return [later - earlier for earlier, later in itertools.pairwise(frames)]


def measure(address: str, seconds: float) -> dict[str, Any]:
    """What one reader sees of a map of all incidents."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as run:
        browser = run.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--enable-unsafe-swiftshader"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        started = time.monotonic()
        page.goto(address)
        page.locator("#map[data-spots]").wait_for(timeout=120_000)
        drawn = time.monotonic() - started
        page.wait_for_timeout(3000)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        made: dict[str, Any] = {
            "spots": int(page.locator("#map").get_attribute("data-spots")),
            "seconds_until_drawn": round(drawn, 2),
        }
        for name, zoom in (("panning", False), ("zooming", True)):
            gaps = _moved(page, seconds, zoom)
            made[name] = {
                "frames_per_second": round(1000 / statistics.mean(gaps), 1),
                "slowest_tenth_ms": round(statistics.quantiles(gaps, n=10)[-1], 1),
            }
            page.wait_for_timeout(500)
        made["requests_while_moving"] = len(asked)
        browser.close()
    return made


def main() -> int:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--incidents", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument(
        "--db", type=Path, help="a database that is there, in place of a synthetic one; kept if new"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = given.db or Path(folder) / "tarikh.db"
        if not database.exists():
            with open_store(database) as store:
                print(f"{fill(store, given.incidents):,} incidents", file=sys.stderr)
        with served(database) as address:
            print(json.dumps(measure(address, given.seconds), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
