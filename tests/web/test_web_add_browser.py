"""Adding reports in a real browser: by paste, by dropping files, without scripts, with hostile words, and while it goes on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_web_browser import EVIL, WAIT, opened

from conftest import REPORTS, serving

AMBUSH = REPORTS[0]
DROP = """([name, text]) => {
  const files = new DataTransfer();
  files.items.add(new File([text], name));
  document.body.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: files }));
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, index: Path) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("adding") / "tarikh.db", index) as served:
        yield served


def _paste(page: Any, address: str, **fields: str) -> None:
    page.goto(f"{address}/add")
    for name, value in fields.items():
        page.locator(f"[name={name}]").fill(value)


def _drop(page: Any, name: str, text: str) -> None:
    page.locator("#add[data-ready]").wait_for(timeout=WAIT)
    page.evaluate(DROP, [name, text])


def _lines(count: int, word: str) -> str:
    rows = [{**AMBUSH, "id": str(n), "text": f"{AMBUSH['text']} {word} {n}."} for n in range(count)]
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_a_pasted_text_becomes_an_incident_while_one_watches(browser: Any, address: str) -> None:
    with opened(browser, address) as (page, _):
        page.goto(address)
        page.locator(".top nav a", has_text="Add").click()
        _paste(page, address, **{n: AMBUSH[n] for n in ("title", "source", "published", "text")})
        page.locator("button[value=keep]").focus()
        page.keyboard.press("Enter")
        page.locator("#job.done").wait_for(timeout=3 * WAIT)
        assert "Done" in page.locator("#job-told").text_content()
        assert page.locator(".item mark", has_text="Gunmen").count() == 1
        page.locator(".home a", has_text="New incident").click()
        page.locator("h1", has_text="Ménaka").wait_for(timeout=WAIT)
        assert "/incidents/i-" in page.url
        page.goto(f"{address}/add")
        assert page.locator(".mine a", has_text=AMBUSH["title"]).count() == 1


def test_dropped_files_are_listed_coded_and_stopped(browser: Any, address: str) -> None:
    with opened(browser, address) as (page, _):
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if "seen=" in request.url else None)
        page.goto(f"{address}/add")
        _drop(page, "convoys.jsonl", _lines(300, "Convoy"))
        page.locator("#chosen li", has_text="convoys.jsonl").wait_for(timeout=WAIT)
        page.locator("#add-files button.main").click()
        page.locator("#job .item").first.wait_for(timeout=3 * WAIT)
        assert "of 300 reports" in page.locator(".line").text_content()
        page.locator("#job button", has_text="Stop").focus()
        page.wait_for_timeout(1500)  # parts were put in meanwhile, and the focus stays
        assert page.evaluate("document.activeElement.textContent") == "Stop"
        page.keyboard.press("Enter")
        page.locator("#job.stopped").wait_for(timeout=WAIT)
        assert "kept" in page.locator(".progress").text_content()
        count = len(asked)
        page.wait_for_timeout(1500)
        assert len(asked) == count


def test_too_large_files_are_told_before_they_are_sent(browser: Any, address: str) -> None:
    with opened(browser, address) as (page, _):
        page.goto(f"{address}/add")
        page.evaluate("document.querySelector('#add').dataset.upload = '5000'")
        _drop(page, "a.txt", "x" * 5000)
        page.locator("#files-fault", has_text="50 MB").wait_for(timeout=WAIT)
        page.locator("#add-files button.main").click()
        assert page.url == f"{address}/add"


def test_a_job_that_is_lost_is_told_in_the_open_page(browser: Any, address: str) -> None:
    with opened(browser, address) as (page, seen):
        page.route(
            "**/add/*?seen=*",
            lambda route: route.continue_(url=re.sub(r"/add/\w+", "/add/gone", route.request.url)),
        )
        page.goto(f"{address}/add")
        _drop(page, "convoys.jsonl", _lines(20, "Column"))
        page.locator("#add-files button.main").click()
        page.locator("#job", has_text="The server was started again since").wait_for(timeout=WAIT)
        assert page.locator("[hx-trigger]").count() == 0
        seen.errors[:] = [e for e in seen.errors if "404 (Not Found)" not in e]


def test_code_only_shows_why_and_then_adds(browser: Any, address: str) -> None:
    with opened(browser, address) as (page, _):
        _paste(page, address, text=REPORTS[2]["text"])
        page.locator("button[value=code]").click()
        page.locator(".why-told").wait_for(timeout=3 * WAIT)
        assert "tells of an incident" in page.locator(".why-told").text_content()
        page.locator("button", has_text="Add this text").click()
        page.locator(".home a", has_text="New incident").wait_for(timeout=WAIT)


def test_it_works_without_scripts(browser: Any, address: str) -> None:
    with opened(browser, address, java_script_enabled=False) as (page, _):
        _paste(page, address, text=REPORTS[3]["text"], title="March")
        page.locator("button[value=keep]").click()
        page.locator("#job.done").wait_for(timeout=3 * WAIT)
        assert page.locator(".home a").count() == 1


@pytest.mark.parametrize("policy", [True, False], ids=["policy", "stripped"])
def test_hostile_words_show_as_text(browser: Any, address: str, policy: bool) -> None:
    with opened(browser, address) as (page, _):
        if not policy:
            page.route("**/*", _without_policy)
        evil = " ".join(EVIL)
        _paste(page, address, title=evil, source=evil[:200], text=f"{evil} {AMBUSH['text']} {evil} {policy}")
        page.locator("button[value=keep]").click()
        page.locator("#job.done").wait_for(timeout=3 * WAIT)
        assert "onerror" in page.locator("h1").inner_text()
        assert page.locator(".item .body", has_text="window.pwned=1").count() == 1
        for path in (page.url, f"{address}/add"):
            page.goto(path)
            assert page.evaluate("window.pwned") is None
            assert not page.locator("main img, main iframe, [onerror], [onload]").count()


def _without_policy(route: Any) -> None:
    if route.request.method != "GET":
        return route.continue_()
    answer = route.fetch()
    headers = {k: v for k, v in answer.headers.items() if k != "content-security-policy"}
    return route.fulfill(response=answer, headers=headers)


def test_a_phone_needs_no_sideways_scrolling(browser: Any, address: str) -> None:
    with opened(browser, address, viewport={"width": 360, "height": 740}) as (page, _):
        _paste(page, address, title="x" * 300, text=AMBUSH["text"] + "y" * 300)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.locator("button[value=keep]").click()
        page.locator("#job.done").wait_for(timeout=3 * WAIT)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.goto(f"{address}/add")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
