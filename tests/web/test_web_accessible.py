"""All pages for readers with a screen reader, a keyboard, a small screen or little patience with motion.

Pages are walked over all GET routes, so that one that comes later is looked at here without a change.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import routes_walk

from conftest import serving
from tarikh.store import open_store
from tarikh.web.app import create_app

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
GRAVE = ("serious", "critical")
WAIT = 20_000
MODES: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True},
    "french": {"locale": "fr-FR"},
}
FOUND = """async () => {
  for (const each of document.querySelectorAll('details:not([name])')) each.open = true;
  const first = document.querySelector('details[name]');
  if (first) first.open = true;
  const told = await axe.run(document, {resultTypes: ['violations']});
  return told.violations.map((each) => [each.impact, each.id, each.nodes.map((n) => n.html.slice(0, 160)).slice(0, 4)]);
}"""
REACHABLE = """() => {
  const all = document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]');
  const seen = (each) => each.checkVisibility({visibilityProperty: true}) && !each.disabled && each.tabIndex >= 0;
  const chosen = (each) => each.type !== 'radio' || each.checked;  // of a group of radio buttons Tab reaches one
  const found = [...all].filter(seen).filter(chosen);
  // Some forms take the focus when they are shown: who wants to start at the top can.
  document.documentElement.tabIndex = -1;
  document.documentElement.focus();
  document.documentElement.removeAttribute('tabindex');
  found.forEach((each, number) => { each.dataset.reach = String(number); });
  return found.length;
}"""
FOCUSED = """() => {
  const each = document.activeElement;
  const style = getComputedStyle(each);
  const drawn = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
  const instead = each.matches('svg a') && getComputedStyle(each.querySelector('rect') ?? each).fillOpacity !== '1';
  return [each.dataset?.reach ?? null, drawn || instead, each.outerHTML.slice(0, 120)];
}"""
MOVING = """() => [...document.querySelectorAll('*')].filter((each) => {
  const style = getComputedStyle(each);
  return style.animationName !== 'none' || style.transitionDuration.split(', ').some((time) => parseFloat(time) > 0.001);
}).map((each) => each.outerHTML.slice(0, 100)).filter((html) => !html.includes('maplibregl'))"""


@pytest.fixture(scope="module")
def served(chronicle: Path, index: Path) -> Iterator[str]:
    with serving(chronicle, index) as address:
        yield address


@pytest.fixture(scope="module")
def addresses(chronicle: Path) -> list[str]:
    """One address of each page, and two states of the first one."""
    with open_store(chronicle) as store:
        incidents, reports = [i.id for i in store.incidents()], [r.id for r in store.reports()]
    known = routes_walk.known(
        incidents,
        reports,
        [{"properties": {"at": "spot=13.5,2.1,exact"}}],
        routes_walk.versions(chronicle, incidents),
    )
    found = routes_walk.walked(create_app(chronicle), known, 1)
    pages = [
        each
        for each in found
        if not each.startswith(
            (
                "/static",
                "/favicon",
                "/map.json",
                "/language",
                "/at",
                "/days",
                "/trends.csv",
                "/export.",
                "/suggest",
                "/review/moved",
            )
        )
    ]
    assert {"/", "/trends", "/review", "/add", "/account", "/users"} <= set(pages)
    return [*pages, "/?country=MLI&kind=armed_clash&min_killed=1", "/?text=nothing+such", "/nowhere"]


@pytest.mark.parametrize("mode", MODES)
def test_no_page_has_a_grave_fault(browser: Any, served: str, addresses: list[str], mode: str) -> None:
    context = browser.new_context(**({"viewport": {"width": 1280, "height": 800}} | MODES[mode]))
    page = context.new_page()
    faults = []
    for address in addresses:
        page.goto(served + address)
        if "json" in page.evaluate("document.contentType"):
            continue
        if page.locator("#map").count():
            page.locator("#map[data-spots]").wait_for(timeout=WAIT)
        page.evaluate(AXE)
        faults += [(address, *each) for each in page.evaluate(FOUND) if each[0] in GRAVE]
    context.close()
    assert not faults


def test_the_keyboard_reaches_everything_in_order_and_is_seen(
    browser: Any, served: str, addresses: list[str]
) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    for address in addresses:
        page.goto(served + address)
        if page.locator("#map").count():
            page.locator("#map[data-spots]").wait_for(timeout=WAIT)
        there = page.evaluate(REACHABLE)
        reached = []
        for _ in range(there + 20):  # a field of a date has several stops
            page.keyboard.press("Tab")
            number, visible, html = page.evaluate(FOCUSED)
            if number is None:
                break
            assert visible, (address, html)
            reached.append(int(number))
        assert sorted(set(reached)) == list(range(there)), address
        assert reached[:1] == [0], address
    page.close()


def test_the_skip_link_leads_past_head_and_navigation(
    browser: Any, served: str, addresses: list[str]
) -> None:
    page = browser.new_page()
    for address in addresses:
        page.goto(served + address)
        page.evaluate(REACHABLE)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main", address
    page.close()


def test_nothing_moves_for_who_wants_no_motion(browser: Any, served: str, addresses: list[str]) -> None:
    page = browser.new_page(reduced_motion="reduce")
    for address in addresses:
        page.goto(served + address)
        assert page.evaluate(MOVING) == [], address
    page.close()


def test_no_page_needs_sideways_scrolling_on_a_phone_or_zoomed(
    browser: Any, served: str, addresses: list[str]
) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 600})
    for address in addresses:
        page.goto(served + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
    page.close()
