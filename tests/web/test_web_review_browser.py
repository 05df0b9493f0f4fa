"""Review in a real browser: by keyboard alone, with two people at work, and by mouse where one likes."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from review_sample import made, of

from conftest import serving
from tarikh import review
from tarikh.model import Count
from tarikh.store import open_store

WAIT = 20_000
READY = "[data-review=ready]"


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("review") / "tarikh.db")


@pytest.fixture
def path(ready: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TARIKH_USER", "ana")
    return Path(shutil.copy(ready, tmp_path / "tarikh.db"))


@pytest.fixture
def address(path: Path, index: Path) -> Iterator[str]:
    with serving(path, index) as served:
        yield served


@contextmanager
def opened(browser: Any, allowed: str = "", **options: Any) -> Iterator[Any]:
    """A window of one person; at its end no error must have been told but those `allowed`."""
    errors: list[str] = []
    context = browser.new_context(**({"viewport": {"width": 1280, "height": 800}} | options))
    page = context.new_page()
    page.set_default_timeout(WAIT)
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: errors.append(str(e)))
    try:
        yield page
        assert [error for error in errors if not (allowed and allowed in error)] == []
    finally:
        context.close()


def _go(page: Any, to: str) -> None:
    page.goto(to)
    page.locator(READY).wait_for()


def _press(page: Any, *keys: str) -> None:
    """Keys that lead to another page."""
    with page.expect_navigation(timeout=WAIT):
        for key in keys:
            page.keyboard.press(key)
    page.locator(READY).wait_for()


def _acts(path: Path) -> list[Any]:
    with open_store(path) as store:
        return [act for act in store.acts.log(standing=True) if act.by == "user:ana"]


def test_ten_incidents_are_reviewed_by_keyboard_alone(browser: Any, address: str, path: Path) -> None:
    with opened(browser) as page:
        page.add_init_script(
            "addEventListener('pointerdown', () => { document.title = 'a mouse was used'; }, true)"
        )
        began = time.monotonic()
        _go(page, f"{address}/review")
        # Of two that may be one the first page of the queue holds one; all else are single incidents.
        for number in range(10):
            if page.locator("button[data-key=m]").count():
                _press(page, "s")
                continue
            if number == 3:
                page.keyboard.press("r")
                page.keyboard.type("a drill, and no attack")
                _press(page, "Enter")
            elif number == 5:
                _press(page, "7")
                page.keyboard.type("12")
                _press(page, "Enter")
                page.locator(".rv-told", has_text="Killed corrected to: 12").wait_for()
                _press(page, "a")
            elif number == 7:
                _press(page, "a")
                _press(page, "u")
                page.locator(".rv-told", has_text="Taken back").wait_for()
                _press(page, "a")
            else:
                _press(page, "a")
        seconds = time.monotonic() - began
        print(f"ten incidents by keyboard alone: {seconds:.1f} s, without the time to read")
        assert seconds < 180
        assert "mouse" not in page.title()
    acts = _acts(path)
    assert len({act.mentions for act in acts}) >= 10
    assert sum(getattr(act.record, "verdict", "") == "rejected" for act in acts) == 1


def test_no_key_is_heard_while_a_field_is_typed_in(browser: Any, address: str, path: Path) -> None:
    with opened(browser) as page:
        _go(page, f"{address}/review/incidents/{of(path, 'Gao')}")
        page.keyboard.press("r")
        page.keyboard.type("arjkmsueon?")
        assert page.locator(".rv-pop input[name=note]").input_value() == "arjkmsueon?"
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        assert not page.locator("details.rv-more[open]").count()
        page.keyboard.press("Control+a")
        page.keyboard.press("?")
        assert page.locator(".rv-keys").is_visible()
        page.keyboard.press("?")
        page.keyboard.press("e")
        assert page.evaluate("document.activeElement.className") == "rv-edit"
        assert page.url.endswith(of(path, "Gao"))
    assert _acts(path) == []


def test_a_place_is_corrected_by_its_name(browser: Any, address: str, path: Path) -> None:
    incident = of(path, "San")
    with opened(browser) as page:
        _go(page, f"{address}/review/incidents/{incident}")
        _press(page, "6")
        page.keyboard.type("menak")
        page.locator(".rv-suggested li", has_text="Ménaka").first.wait_for()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        assert page.locator("input[name=place]").input_value() == "Ménaka, Ménaka, Mali"
        page.locator("input[value=near]").check()
        page.locator("button", has_text="Save").click()
        page.locator(".rv-told", has_text="near Ménaka").wait_for()
    with open_store(path) as store:
        where = store.incident(incident).where
        assert (where.place, where.precision) == ("Ménaka", "near")


def test_a_place_is_corrected_on_the_map_as_precisely_as_it_is_said(
    browser: Any, address: str, path: Path
) -> None:
    incident = of(path, "Gao")
    with opened(browser) as page:
        _go(page, f"{address}/review/incidents/{incident}?edit=place")
        page.locator(".rv-point summary").click()
        page.locator(".rv-map[data-ready]").wait_for()
        page.locator(".rv-map").click()
        page.locator(".rv-meant button", has_text="Gao Region").wait_for()
        assert not page.locator("[name=precision]:checked").count()
        assert float(page.locator("[name=latitude]").input_value()) == pytest.approx(16.3, abs=1)
        page.locator(".rv-meant button", has_text="Gao Region").click()
        assert page.locator("[name=precision]:checked").input_value() == "admin1"
        page.locator("button", has_text="Save").click()
        page.locator(".rv-told", has_text="somewhere in Gao").wait_for()
    with open_store(path) as store:
        assert store.incident(incident).where.precision == "admin1"


def test_a_party_is_found_in_the_register(browser: Any, address: str, path: Path) -> None:
    incident = of(path, "Gao")
    with opened(browser) as page:
        _go(page, f"{address}/review/incidents/{incident}?edit=attackers")
        page.keyboard.type("; islamic state sah")
        page.locator(".rv-suggested li", has_text="IS Sahel").first.click()
        assert page.locator("input[name=value]").input_value() == "JNIM; IS Sahel Province"
        page.locator("button", has_text="Save").click()
        page.locator(".rv-told", has_text="IS Sahel Province").wait_for()
    with open_store(path) as store:
        assert store.incident(incident).attackers == ("JNIM", "IS Sahel Province")


def test_a_merge_and_its_undo(browser: Any, address: str, path: Path) -> None:
    one, two = of(path, "Gao"), of(path, "Kidal")
    with opened(browser) as page:
        _go(page, f"{address}/review/incidents/{one}")
        _press(page, "m")
        page.locator("input[type=search]").fill("Kidal")
        page.keyboard.press("Enter")
        page.locator(f"input[value='{two}']").wait_for()
        page.locator("button", has_text="Compare").click()
        assert page.locator("tr.apart").count() >= 2
        page.locator(READY).wait_for()
        _press(page, "m")
        page.locator(".rv-told", has_text="You merged into one incident").wait_for()
        with open_store(path) as store:
            assert store.incident(one).id == store.incident(two).id
        page.locator(".rv-told button", has_text="Undo").click()
        page.locator(".rv-told", has_text="Taken back").wait_for()
        with open_store(path) as store:
            assert store.incident(one).id != store.incident(two).id


def test_a_stale_save_is_told_and_keeps_what_was_entered(browser: Any, address: str, path: Path) -> None:
    incident = of(path, "Gao")
    editor = f"{address}/review/incidents/{incident}?edit=killed"
    with opened(browser) as first, opened(browser, "409 (Conflict)") as second:
        _go(first, editor)
        _go(second, editor)
        for page, number in ((first, "7"), (second, "9")):
            page.locator("input[name=best]").fill(number)
            page.locator("input[name=note]").last.fill(f"counted {number}")
            page.locator("button", has_text="Save").click()
        first.locator(".rv-told", has_text="Killed corrected to: 7").wait_for()
        second.locator(".rv-stale", has_text="nothing was overwritten").wait_for()
        assert "Killed corrected to: 7" in second.locator(".rv-changes").inner_text()
        assert "counted 7" in second.locator(".rv-changes").inner_text()
        assert second.locator("input[name=best]").input_value() == "9"
        assert second.locator("input[name=note]").last.input_value() == "counted 9"
        with open_store(path) as store:
            assert store.incident(incident).harm["killed"] == Count(7, 7, 7)
        second.locator("button", has_text="Apply mine again").click()
        second.locator(".rv-told", has_text="Killed corrected to: 9").wait_for()


def test_an_open_page_tells_what_another_does(browser: Any, address: str, path: Path) -> None:
    with opened(browser) as page:
        _go(page, f"{address}/review")
        with open_store(path) as store:
            review.accept(store, of(path, "Kidal"), "ben", "seen on film")
        page.locator(".rv-moved", has_text="ben: accepted as an incident").wait_for()
        assert page.locator(".rv-item.moved", has_text="Kidal").count() == 1
        page.locator("[data-reload]").click()
        page.locator(READY).wait_for()
        assert not page.locator(".rv-item", has_text="Kidal").count()


def test_it_works_without_scripts_and_on_a_phone(browser: Any, address: str, path: Path) -> None:
    phone = {"viewport": {"width": 360, "height": 740}, "java_script_enabled": False}
    with opened(browser, **phone) as page:
        page.goto(f"{address}/review")
        page.locator("button[data-key=a]").click()
        assert "what=accepted" in page.url
        page.goto(f"{address}/review/incidents/{of(path, 'Gao')}")
        page.locator("details.rv-more summary").click()
        page.locator(".rv-pop input[name=note]").fill("a drill")
        page.locator(".rv-pop button").click()
        assert "what=rejected" in page.url
        page.locator(".rv-told button", has_text="Undo").click()
        assert "what=undo" in page.url
    with opened(browser, viewport={"width": 360, "height": 740}) as page:
        for to in (
            "/review",
            f"/review/incidents/{of(path, 'Gao')}?edit=place",
            f"/review/incidents/{of(path, 'Gao')}/merge",
        ):
            _go(page, address + to)
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, to
            assert page.evaluate("scrollY") < 400 or "edit" in to, to


EVIL = '"><script>window.pwned=1</script><img src=x onerror=window.pwned=2>{{7*7}}'


def test_what_people_write_stays_text(browser: Any, address: str, path: Path) -> None:
    incident = of(path, "Gao")
    with open_store(path) as store:
        review.correct(store, incident, "attackers", EVIL.replace(";", ""), "ben", EVIL)
        review.correct(store, incident, "attackers", "JNIM", "<b>eve", EVIL)
    with opened(browser) as page:
        for to in (
            "/review",
            f"/review/incidents/{incident}?edit=attackers",
            f"/review/incidents/{incident}/merge",
        ):
            _go(page, address + to)
            assert page.evaluate("window.pwned") is None
            assert not page.locator("main img, main script").count()
        assert re.search("script", page.goto(f"{address}/review").text())
