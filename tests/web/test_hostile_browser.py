"""Hostile texts in a real browser, with the content security policy and without it: nothing of them ever runs.

The canary is a property that the texts set; a look at it, at dialogs, at the console and at what is asked of other hosts
follows every page. Pages are walked over all GET routes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hostile_sample
import pytest
import routes_walk
from hostile_texts import HOSTILE

from conftest import serving
from tarikh.web.app import create_app

WAIT = 20_000
MOST = 5
"""Addresses of a route that a browser opens: the incidents that hold all texts, and one with a single text."""
CANARY = """
Object.defineProperty(window, '__xss', {set() { console.error('a hostile text ran'); }, get() { return undefined; }});
"""
TRIES = """async () => {
  for (const each of document.querySelectorAll('details')) each.open = true;
  const asking = [...document.querySelectorAll('main [hx-get]')].filter((each) => each.closest('svg') === null);
  const asked = new Set();
  for (const each of asking) {
    if (asked.size < 4 && !asked.has(each.getAttribute('hx-target'))) {
      asked.add(each.getAttribute('hx-target'));
      each.click();
      await new Promise((done) => setTimeout(done, 90));
    }
  }
  const touched = [...document.querySelectorAll('mark, main a, main summary, main input')];
  for (const each of touched.slice(0, 80)) {
    for (const kind of ['pointerover', 'mouseover', 'pointerenter', 'focus']) each.dispatchEvent(new Event(kind, {bubbles: true}));
  }
  return Object.prototype.polluted ?? null;
}"""
MARKUP = "img, iframe, object, embed, form[action*='evil'], [onerror], [onload], [srcdoc], a[href^='javascript:' i]"


@dataclass(slots=True)
class Watched:
    """A page, and all that must not have happened on it."""

    page: Any
    address: str
    faults: list[str] = field(default_factory=list)

    def listen(self) -> None:
        page = self.page
        page.add_init_script(CANARY)
        page.on("console", lambda m: self._said(m) if m.type == "error" else None)
        page.on("pageerror", lambda e: self.faults.append(f"{page.url}: {e}"))
        page.on("dialog", lambda d: (self.faults.append(f"{page.url}: dialog {d.message}"), d.dismiss()))
        page.on("request", lambda r: self._asked(r.url))
        page.on("popup", lambda p: self.faults.append(f"{page.url}: window {p.url}"))

    def _said(self, message: Any) -> None:
        # A report of which nothing can be coded is told with this status.
        if "422 (" not in message.text and "400 (" not in message.text:
            self.faults.append(f"{self.page.url}: {message.text}")

    def _asked(self, url: str) -> None:
        if not url.startswith((self.address + "/", "data:image/svg+xml", f"blob:{self.address}")):
            self.faults.append(f"{self.page.url}: asked for {url}")

    def look(self) -> None:
        """Tries what a reader may touch, and looks at what came of it."""
        assert self.page.evaluate(TRIES) is None
        assert self.page.locator(MARKUP).count() == 0, self.page.url
        assert not self.faults


@pytest.fixture(params=[False, True], ids=["policy", "stripped"])
def watched(request: pytest.FixtureRequest, browser: Any, served: str) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=request.param)
    made = Watched(context.new_page(), served)
    made.listen()
    yield made
    context.close()


@pytest.fixture(scope="module")
def served(hostile: Path, index: Path) -> Iterator[str]:
    with serving(hostile, index) as address:
        yield address


@pytest.fixture(scope="module")
def walked(hostile: Path, browser: Any, served: str) -> list[str]:
    """Addresses of all pages, a few of each route."""
    incidents, reports = hostile_sample.ids(hostile)
    page = browser.new_page()
    features = page.request.get(f"{served}/map.json").json()["features"]
    page.close()
    known = routes_walk.known(incidents, reports, features, routes_walk.versions(hostile, incidents))
    found = routes_walk.walked(create_app(hostile), known, MOST)
    # A browser opens neither files to take away nor an answer that says that nothing has moved; there is no job here.
    aside = ("/static", "/favicon", "/trends.csv", "/export.", "/review/moved", "/add/")
    return [each for each in found if not each.startswith(aside)]


@pytest.mark.parametrize("evil", ["<img src=x onerror=window.__xss=1>", "<img src=//evil.invalid/p>"])
def test_the_canary_sings(browser: Any, served: str, evil: str) -> None:
    """What is put into a page as markup is told: a test that cannot fail would be none."""
    context = browser.new_context(bypass_csp=True)
    made = Watched(context.new_page(), served)
    made.listen()
    made.page.goto(f"{served}/?text=none")
    made.page.evaluate("evil => { document.querySelector('main').innerHTML = evil; }", evil)
    made.page.wait_for_timeout(300)
    assert made.faults
    context.close()


def test_nothing_runs_on_any_page(watched: Watched, walked: list[str]) -> None:
    for path in (*walked, "/?size=200&order=oldest"):
        watched.page.goto(watched.address + path)
        watched.look()


def test_nothing_runs_in_what_the_map_opens(watched: Watched) -> None:
    page = watched.page
    page.goto(watched.address)
    page.locator("#map[data-spots]").wait_for(timeout=WAIT)
    holder = page.locator("#map").bounding_box()
    opened = 0
    for column, row in ((column, row) for column in range(2, 19, 2) for row in range(3, 16, 2)):
        x = holder["x"] + holder["width"] * column / 20
        y = holder["y"] + holder["height"] * row / 18
        page.mouse.move(x, y)
        page.wait_for_timeout(50)
        on_map = page.evaluate("at => document.elementFromPoint(...at)?.tagName === 'CANVAS'", [x, y])
        if on_map and page.locator(".map-tip:not([hidden])").count():
            with page.expect_response(lambda answer: "/at?" in answer.url, timeout=WAIT) as answered:
                page.mouse.down()
                page.mouse.up()
            assert answered.value.status == 200
            page.wait_for_timeout(100)
            opened += page.locator(".at-card").count()
    assert opened > 3
    watched.look()


def test_nothing_runs_when_parts_are_swapped_in(watched: Watched, walked: list[str]) -> None:
    """What is asked for by htmx goes through its own eyes: every place of the map, and pages of a report each."""
    page = watched.page
    page.goto(f"{watched.address}/?size=200")
    library = page.locator("#map").get_attribute("data-library").replace("maplibre-gl", "htmx")
    told = page.evaluate(
        """async ([library, most]) => {
          const htmx = (await import(library)).default;
          const answer = await (await fetch(document.querySelector('#results').dataset.map)).json();
          let swapped = 0;
          for (const each of answer.features.slice(0, most)) {
            await htmx.ajax('GET', `/at?${new URLSearchParams(each.properties.at)}`, {target: '#at'});
            swapped += document.querySelectorAll('.at-card li a').length;
          }
          return swapped;
        }""",
        [library, len(HOSTILE)],
    )
    assert told >= len(HOSTILE)
    watched.look()


def test_nothing_runs_in_hostile_filters(watched: Watched) -> None:
    page = watched.page
    page.goto(watched.address)
    for evil in [text for text in HOSTILE if text.isprintable()][::12]:
        page.evaluate("evil => { document.querySelector('#f-text').value = evil; }", evil)
        with page.expect_response(
            lambda answer: "text=" in answer.url and "/map.json" not in answer.url, timeout=WAIT
        ) as answered:  # one after the other: the form gives up a question for the next one
            page.evaluate("document.querySelector('#filter').requestSubmit()")
        assert answered.value.status in (200, 400)
        page.wait_for_load_state("networkidle")
        watched.look()
