"""The pages in a real browser: the filter is the address, a field opens to its words, hostile text stays text, and
nothing is asked of any other server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from conftest import serving
from tarikh import pipeline
from tarikh.model import Count, Evidence, Mention, Report, Span, When, Where
from tarikh.store import open_store

EVIL = (
    "</script><script>window.pwned=1</script>",
    '"><img src=x onerror="window.pwned=2">',
    "'-alert(3)-'{{7*7}}${7*7}",
    "<svg/onload=window.pwned=4>",
    "javascript:window.pwned=5",
)
WAIT = 20_000


@dataclass(slots=True)
class Seen:
    """What went wrong or out while a page was open."""

    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)


@contextmanager
def opened(browser: Any, address: str, **options: Any) -> Iterator[tuple[Any, Seen]]:
    """A window whose errors and requests are noted; at its end there must be none that should not be."""
    seen = Seen()
    context = browser.new_context(**({"viewport": {"width": 1280, "height": 800}} | options))
    page = context.new_page()
    page.on("console", lambda m: seen.errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: seen.errors.append(str(e)))
    page.on("dialog", lambda d: (seen.errors.append(f"dialog {d.message}"), d.dismiss()))
    page.on("request", lambda r: None if r.url.startswith((address, "data:")) else seen.outside.append(r.url))
    try:
        yield page, seen
        assert not seen.errors
        assert not seen.outside
    finally:
        context.close()


@pytest.fixture(scope="module")
def address(chronicle: Path, index: Path) -> Iterator[str]:
    with serving(chronicle, index) as served:
        yield served


def _map(page: Any) -> int:
    page.locator("#map[data-spots]").wait_for(timeout=WAIT)
    return int(page.locator("#map").get_attribute("data-spots"))


def test_the_filter_changes_address_list_and_map(browser: Any, address: str) -> None:
    with opened(browser, address) as (page, _):
        page.goto(address)
        assert _map(page) == 4
        page.select_option("select[name=country]", "MLI")
        page.locator("#map[data-spots='1']").wait_for(timeout=WAIT)
        assert page.url == f"{address}/?country=MLI"
        page.select_option("select[name=country]", "SDN")
        page.locator("#map[data-spots='2']").wait_for(timeout=WAIT)
        assert page.locator(".list .what a").count() == 2
        page.locator(".list-head .chip", has_text="Mali").click()
        page.locator("#map[data-spots='1']").wait_for(timeout=WAIT)
        assert page.url == f"{address}/?country=SDN"
        page.locator("#told", has_text="1 incident").wait_for(state="attached", timeout=WAIT)


def test_the_way_back_restores_the_filter(browser: Any, address: str) -> None:
    from playwright.sync_api import expect

    with opened(browser, address) as (page, _):
        page.goto(address)
        page.locator("#f-text").fill("convoy")
        page.wait_for_url(f"{address}/?text=convoy", timeout=WAIT)
        page.locator(".list-head .clear").click()
        page.wait_for_url(f"{address}/", timeout=WAIT)
        expect(page.locator("#f-text")).to_have_value("")  # the address is there a moment before the page
        page.go_back()
        page.wait_for_url(f"{address}/?text=convoy", timeout=WAIT)
        page.locator(".list-head .chip", has_text="convoy").wait_for(timeout=WAIT)
        expect(page.locator("#f-text")).to_have_value("convoy")


def test_the_view_of_the_map_is_an_area(browser: Any, address: str) -> None:
    with opened(browser, address) as (page, _):
        page.goto(f"{address}/?country=MLI")
        _map(page)
        page.locator("#map-here").click()
        page.wait_for_url(re.compile("bbox="), timeout=WAIT)
        assert page.locator(".list .what a").count() == 1
        page.locator("#map-anywhere").click()
        page.wait_for_url(f"{address}/?country=MLI", timeout=WAIT)


def _drag(page: Any, *points: tuple[float, float]) -> None:
    """Presses at the first of points, in parts of the map's width and height, and lets go at the last."""
    frame = page.locator("#map").bounding_box()
    at = [(frame["x"] + frame["width"] * x, frame["y"] + frame["height"] * y) for x, y in points]
    page.mouse.move(*at[0])
    page.mouse.down()
    for point in at[1:]:
        page.mouse.move(*point, steps=4)
    page.mouse.up()


def test_a_box_drawn_on_the_map_changes_address_and_list(browser: Any, address: str) -> None:
    with opened(browser, address) as (page, _):
        page.goto(f"{address}/?country=MLI")
        assert _map(page) == 1
        page.locator("#draw-box").click()
        _drag(page, (0.25, 0.25), (0.75, 0.75))  # the one incident is in the middle
        page.wait_for_url(re.compile("bbox="), timeout=WAIT)
        page.locator(".list-head .chip", has_text="Box").wait_for(timeout=WAIT)
        assert page.locator(".list .what a").count() == 1
        page.locator("#draw-box").click()
        _drag(page, (0.05, 0.75), (0.2, 0.95))
        page.locator(".nothing").wait_for(timeout=WAIT)
        page.locator("#draw-clear").click()
        page.wait_for_url(f"{address}/?country=MLI", timeout=WAIT)
        page.locator(".list .what a").wait_for(timeout=WAIT)


def test_an_area_drawn_on_the_map_changes_address_and_list(browser: Any, address: str) -> None:
    with opened(browser, address) as (page, _):
        page.goto(f"{address}/?country=MLI")
        assert _map(page) == 1
        page.locator("#draw-area").click()
        for point in ((0.2, 0.2), (0.8, 0.25), (0.9, 0.9), (0.5, 0.85)):
            _drag(page, point)
        page.keyboard.press("Backspace")
        page.keyboard.press("Escape")
        page.locator("#draw-area").click()
        for point in ((0.2, 0.25), (0.8, 0.25), (0.5, 0.95), (0.2, 0.25)):
            _drag(page, point)
        page.wait_for_url(re.compile("area="), timeout=WAIT)
        page.locator(".list-head .chip", has_text="3 corners").wait_for(timeout=WAIT)
        assert page.locator(".list .what a").count() == 1


def test_an_area_can_be_typed(browser: Any, address: str) -> None:
    with opened(browser, address) as (page, _):
        page.goto(address)
        page.locator("details.more summary").click()
        page.locator("#f-area").fill("1,15,5,15,3,18")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{address}/?area=1,15,5,15,3,18", timeout=WAIT)
        assert page.locator(".list .what a").count() == 1


def test_a_bar_of_trends_opens_its_incidents_by_keyboard(browser: Any, address: str) -> None:
    with opened(browser, address) as (page, _):
        page.goto(f"{address}/trends?country=MLI")
        page.locator(".choice a", has_text="killed").click()
        page.wait_for_url(f"{address}/trends?country=MLI&measure=killed", timeout=WAIT)
        page.select_option("select[name=country]", "SDN")
        page.wait_for_url(f"{address}/trends?country=SDN&country=MLI&measure=killed", timeout=WAIT)
        page.locator(".list-head .chip", has_text="Sudan").click()
        page.wait_for_url(f"{address}/trends?country=MLI&measure=killed", timeout=WAIT)
        bars = page.locator(".plots .plot-bars").first.locator("a.bar")
        page.locator(".plots a.bar[tabindex='0']").first.wait_for(timeout=WAIT)
        assert page.locator(".plots a.bar[tabindex='0']").count() == page.locator(".plots .plot-bars").count()
        bars.last.focus()
        assert "known killed" in page.locator(".plots .readout").first.inner_text()
        page.keyboard.press("Home")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/\?country=MLI&kind=.*since="), timeout=WAIT)
        assert page.locator(".list .what a").count() == 1


def test_a_field_opens_to_its_words_by_keyboard(browser: Any, address: str) -> None:
    with opened(browser, address) as (page, _):
        page.goto(f"{address}/?country=MLI")
        page.locator(".list .what a").first.focus()
        page.keyboard.press("Enter")
        summary = page.locator("details[data-field='harm.killed'] > summary")
        summary.wait_for(timeout=WAIT)
        summary.focus()
        page.keyboard.press("Enter")
        page.locator("mark.on").first.wait_for(timeout=WAIT)
        # Words of another field may lie within these and cut them.
        lit = "".join(page.locator("mark.on").all_text_contents())
        assert "killing eleven Malian soldiers" in lit
        assert "fourteen Malian soldiers" in lit
        page.locator("[data-back]").click()
        page.wait_for_url(f"{address}/?country=MLI", timeout=WAIT)


def test_skip_link_leads_to_the_main_part(browser: Any, address: str) -> None:
    with opened(browser, address) as (page, _):
        page.goto(address)
        page.keyboard.press("Tab")
        assert page.locator(".skip").evaluate("e => e === document.activeElement")
        page.keyboard.press("Enter")
        assert page.url.endswith("#main")


@pytest.mark.parametrize(
    "path", ["/", "/?kind=bombing&size=3", "/trends?measure=killed", "INCIDENT", "REPORT"]
)
def test_a_phone_needs_no_sideways_scrolling(browser: Any, address: str, path: str) -> None:
    with opened(browser, address, viewport={"width": 360, "height": 740}) as (page, _):
        page.goto(f"{address}/?country=MLI")
        if path == "INCIDENT":
            path = page.locator(".list .what a").first.get_attribute("href")
        elif path == "REPORT":
            page.goto(address + page.locator(".list .what a").first.get_attribute("href"))
            path = page.locator(".texts .from a").first.get_attribute("href")
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_pages_work_without_scripts(browser: Any, address: str) -> None:
    with opened(browser, address, java_script_enabled=False) as (page, _):
        page.goto(address)
        page.select_option("select[name=country]", "MLI")
        page.locator("button.apply").click()
        assert "country=MLI" in page.url
        page.locator(".list .what a").first.click()
        page.locator("details[data-field='place'] > summary").click()
        page.locator("details[data-field='place'] .quote").first.click()
        assert "#w-r-" in page.url
        page.locator("#past-steps a").click()
        assert page.locator(".steps li").count() >= 2


# ---- hostile text --------------------------------------------------------------------------------------------


def _tell(number: int, evil: str) -> tuple[Report, Mention]:
    text = f"{evil} Gunmen {evil} killed two people."
    report = Report(
        f"r-{number:016d}",
        f"{evil} title",
        text,
        "en",
        date(2025, 3, number + 1),
        source=evil,
        url=evil,
        given_id=evil,
    )
    evidence = {
        name: Evidence((Span("text", 3, 20), Span("title", 0, len(evil))), (evil,), 0.9, evil)
        for name in ("kind", "status", "attackers", "targets", "date", "place", "harm.killed")
    }
    where = Where("MLI", evil, evil, evil, 15.0 + number, 2.0, ("exact", "near", "admin1")[number % 3])  # type: ignore[arg-type]
    when = When(date(2025, 3, number + 1), date(2025, 3, number + 1), "day")
    mention = Mention(
        f"m-{number:016d}", report.id, "evil@1", "armed_clash", attackers=(evil,), targets=(evil,), when=when,
        where=where, harm={"killed": Count(2, 2, 2)}, attribution=evil, trigger="killed", evidence=evidence,
        published=report.published, source=evil, language="en",
    )  # fmt: skip
    return report, mention


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("hostile") / "tarikh.db"
    with open_store(path) as store:
        for number, evil in enumerate(EVIL):
            report, mention = _tell(number, evil)
            store.add_report(report)
            store.add_mentions(report.id, "evil@1", [mention])
        pipeline.relink(store)
    with serving(path) as served:
        yield served


def _harmless(page: Any) -> None:
    assert page.evaluate("window.pwned") is None
    assert not page.locator("img, iframe, object, embed, [onerror], [onload], a[href^='javascript:']").count()


@pytest.mark.parametrize("policy", [True, False], ids=["policy", "stripped"])
def test_hostile_text_shows_as_text(browser: Any, hostile: str, policy: bool) -> None:
    with opened(browser, hostile) as (page, _):
        if not policy:
            page.route("**/*", _without_policy)
        page.goto(hostile)
        assert _map(page) == len(EVIL)
        listed = page.locator(".list").inner_text()
        assert all(evil in listed for evil in EVIL)
        _harmless(page)
        incidents = [a.get_attribute("href") for a in page.locator(".list .what a").all()]
        for path in incidents:
            page.goto(hostile + path)
            page.locator("details.field summary").first.click()
            page.locator("#past-steps a").click()
            page.locator(".steps").wait_for(timeout=WAIT)
            _harmless(page)
            page.goto(hostile + page.locator(".texts .from a").first.get_attribute("href"))
            assert any(evil in page.locator("h1").inner_text() for evil in EVIL)
            _harmless(page)


def _without_policy(route: Any) -> None:
    answer = route.fetch()
    headers = {k: v for k, v in answer.headers.items() if k != "content-security-policy"}
    route.fulfill(response=answer, headers=headers)


def test_hostile_filters_show_as_text(browser: Any, hostile: str) -> None:
    with opened(browser, hostile) as (page, seen):
        said = quote("".join(EVIL))
        for query in (
            f"text={said}",
            f"party={said}&source={said}&place={said}",
            f"kind={said}",
            f"{said}=1",
        ):
            page.goto(f"{hostile}/?{query}")
            _harmless(page)
        # A 400 is told in the console; nothing else may be.
        seen.errors[:] = [e for e in seen.errors if "400 (Bad Request)" not in e]
