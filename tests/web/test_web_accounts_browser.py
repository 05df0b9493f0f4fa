"""Logging in, looking and logging out in a real browser, by keyboard, on a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from conftest import serving
from tarikh import accounts
from tarikh.store import open_store

WORDS = "three rivers meet here"


def test_one_logs_in_by_keyboard_on_a_phone_and_out_again(browser: Any, tmp_path: Path) -> None:
    with open_store(tmp_path / "x.db") as store:
        accounts.add(store.accounts, "ida", WORDS, "reader")
    context = browser.new_context(viewport={"width": 360, "height": 640}, locale="fr-FR")
    errors: list[str] = []
    with serving(tmp_path / "x.db") as address:
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{address}/?country=MLI")
        assert page.url == f"{address}/login?next=%2F%3Fcountry%3DMLI"
        page.keyboard.type("ida")  # the first field has the focus
        page.keyboard.press("Tab")
        page.keyboard.type("wrong words here")
        page.keyboard.press("Enter")
        page.get_by_role("alert").wait_for()
        assert "est faux" in page.get_by_role("alert").inner_text()
        page.keyboard.type(WORDS)  # the name is kept, the password is not
        page.keyboard.press("Enter")
        page.locator("#results").wait_for()
        assert page.url == f"{address}/?country=MLI"
        assert page.evaluate("document.cookie") == ""
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert page.locator(".who").inner_text().startswith("ida")
        page.get_by_role("button", name="Se déconnecter").click()
        page.locator("input[name=password]").wait_for()
        page.goto(f"{address}/account")
        assert "/login?" in page.url
    context.close()
    assert errors == []
