"""Days back from today as links, and the way on where all is older."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from test_web_disclosure import ONE, build, seen_by


def test_spans_go_back_from_today(tmp_path: Path) -> None:
    with seen_by(build(tmp_path / "one.db", ONE), "eli") as browser:
        html = browser.get("/?party=JNIM").text
        assert 'href="/?party=JNIM&amp;since=2025-05-02"' in html
        assert 'href="/?party=JNIM&amp;since=2024-06-01"' in html


def test_where_all_is_older_the_newest_day_is_told(tmp_path: Path) -> None:
    path = build(tmp_path / "one.db", ONE)
    for who in ("eli", "ida"):
        with seen_by(path, who) as browser:
            html = browser.get("/?since=2025-05-31").text
            assert "No incident passes" in html
            found = re.search(r"The newest incident[^<]*<a href=\"([^\"]*)\"", html)
            assert found is not None
            assert "/incidents/i-" in browser.get(unescape(found[1])).text
            assert "The newest incident" not in browser.get("/?country=FRA").text
