"""The HTML page in a real browser: it filters, opens fields to their words, and a hostile report stays text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import chronicle_sample as sample
from tarikh import reference
from tarikh.errors import TarikhError
from tarikh.exports import context, page
from tarikh.model import Claim, Count, Evidence, Incident, Mention, Reason, Report, Span, When, Where

EVIL = '</script><script>window.pwned=1</script><img src=x onerror="window.pwned=2">\'"&amp;<!--'


# ---- without a browser ------------------------------------------------------------------------------------


def test_the_page_is_one_file_that_names_no_other() -> None:
    html = page.page(page.data([], context()), "A & B")
    assert "<title>A &amp; B</title>" in html
    assert not re.search(r'(?:src|href)="(?!#|data:)', html)
    assert "default-src &#x27;none&#x27;" in html
    assert "unsafe-inline" not in html


def test_json_in_html_cannot_end_its_element() -> None:
    text = page.json_in_html({"x": EVIL + "\u2028"})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"x": EVIL + "\u2028"}


def test_a_title_like_a_placeholder_is_only_a_title() -> None:
    html = page.page(page.data([], context()), "{{script}} {{data}}")
    assert html.count("{{script}} {{data}}") == 2
    assert html.count('<script type="application/json"') == 1


def test_only_reports_that_are_told_of_are_in_the_page() -> None:
    shown = [i for i in sample.incidents() if i.kind == "bombing"]
    content = page.data(shown, context(sample.mentions(), sample.reports()))
    assert set(content["reports"]) == {"r04", "r16"}
    assert set(content["mentions"]) == {"m04", "m16"}


def test_scripts_are_short_and_all_are_used() -> None:
    folder = Path(page.__file__).parent / "templates" / "page"
    assert {path.name for path in folder.iterdir()} == set(page.SCRIPTS)
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) < 500
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|fetch\(|XMLHttp", text
        )


def test_the_page_cannot_be_written_into_no_folder(tmp_path: Path) -> None:
    with pytest.raises(TarikhError, match="cannot be written"):
        page.write([], [], [], tmp_path / "nowhere" / "x.html")


def test_no_outline_crosses_the_180th_meridian() -> None:
    path = reference.data_path("basemap.json")
    assert path.stat().st_size < 400_000
    basemap = json.loads(path.read_text(encoding="utf-8"))
    for country in basemap["countries"]:
        for ring in country["rings"]:
            points = _decoded(ring, basemap["alphabet"], basemap["unit"])
            assert all(-180 <= x <= 180 and -90 <= y <= 90 for x, y in points)
            closed = [*points, points[0]]
            jumps = [abs(b[0] - a[0]) for a, b in pairwise(closed) if a[1] != b[1]]
            assert max(jumps, default=0) < 180
    codes = {country["id"] for country in basemap["countries"]}
    assert {"NER", "MLI", "BFA", "SDN", "SSD", "COD", "RUS", "FJI", "UKR", "PSE", "MMR"} <= codes


def _decoded(ring: str, alphabet: str, unit: float) -> list[tuple[float, float]]:
    numbers, value, shift = [], 0, 0
    for letter in ring:
        bits = alphabet.index(letter)
        value |= (bits & 31) << shift
        shift += 5
        if not bits & 32:
            numbers.append(-(value + 1) // 2 if value % 2 else value // 2)
            value = shift = 0
    points, x, y = [], 0, 0
    for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
        x, y = x + dx, y + dy
        points.append((x * unit, y * unit))
    return points


# ---- in a browser -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "chronicle.html"
    page.write(sample.incidents(), sample.mentions(), sample.reports(), path, "Sample chronicle")
    return path


@contextmanager
def _opened(browser: Any, path: Path, address: str = "", **options: Any) -> Iterator[Any]:
    """The page, opened; fails if it complains, or asks for anything but itself."""
    complaints: list[str] = []
    tab = browser.new_page(**{"viewport": {"width": 1400, "height": 900}, **options})
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("dialog", lambda dialog: complaints.append(f"dialog {dialog.message}"))
    own = path.as_uri()
    tab.on("request", lambda r: complaints.append(r.url) if not r.url.startswith((own, "data:,")) else None)
    tab.goto(own + address)
    tab.wait_for_selector("html[data-ready]")
    yield tab
    tab.wait_for_timeout(50)
    assert complaints == []
    tab.close()


def _rows(tab: Any) -> int:
    return int(tab.locator("#rows tbody tr").count())


def _wait_for_rows(tab: Any, number: int) -> None:
    from playwright.sync_api import expect

    expect(tab.locator("#rows tbody tr")).to_have_count(number)


def test_filters_act_on_list_map_and_timeline_together(browser: Any, file: Path) -> None:
    with _opened(browser, file) as tab:
        total = len(sample.incidents())
        placed = sum(i.where.precision != "unknown" for i in sample.incidents())
        bars = tab.locator("#bars rect.fill").count()
        assert _rows(tab) == total
        assert tab.get_attribute("#map", "data-shown") == str(placed)
        tab.select_option("select[name=country]", "NER")
        assert _rows(tab) == 2
        assert tab.get_attribute("#map", "data-shown") == "2"
        assert tab.locator("#bars rect.fill").count() == 2 < bars
        tab.fill("input[name=text]", "TERA")  # no accent, and in capitals
        _wait_for_rows(tab, 1)
        assert "1 of 12 incidents" in tab.inner_text("#summary")
        tab.click("#clear")
        assert _rows(tab) == total


def test_words_of_a_report_are_found(browser: Any, file: Path) -> None:
    with _opened(browser, file) as tab:
        tab.fill("input[name=text]", "state of emergency")
        _wait_for_rows(tab, 1)
        assert "Armed clash" in tab.inner_text("#rows")


def test_a_period_keeps_what_may_have_happened_in_it(browser: Any, file: Path) -> None:
    with _opened(browser, file) as tab:
        tab.fill("#from", "2024-02-25")
        tab.fill("#to", "2024-02-26")
        tab.locator("#to").dispatch_event("change")
        assert tab.locator("#rows tbody tr").all_inner_texts()[0].count("Some time 22–29 Feb 2024") == 1
        assert _rows(tab) == 1
        tab.click("#all-time")
        box = tab.locator("#bars").bounding_box()
        tab.mouse.move(box["x"] + box["width"] - 12, box["y"] + 40)
        tab.mouse.down()
        tab.mouse.move(box["x"] + box["width"] - 60, box["y"] + 40, steps=4)
        tab.mouse.up()
        assert 0 < _rows(tab) < len(sample.incidents())
        assert tab.input_value("#from") >= "2024-03-20"


def test_kinds_switch_off_and_on(browser: Any, file: Path) -> None:
    with _opened(browser, file) as tab:
        tab.click("[data-family=battle]")
        assert "Armed clash" not in tab.inner_text("#rows")
        assert tab.get_attribute("[data-family=battle]", "aria-pressed") == "false"
        tab.click("[data-family=battle]")
        assert _rows(tab) == len(sample.incidents())


def test_unknown_is_said_and_zero_is_zero(browser: Any, file: Path) -> None:
    with _opened(browser, file) as tab:
        killed = {
            row.locator("td.kind a").inner_text(): row.locator("td.killed").inner_text()
            for row in tab.locator("#rows tbody tr").all()
        }
        assert killed["Looting or arson"] == "0"
        assert killed["Peaceful protest"] == "unknown"
        texts = tab.inner_text("#rows")
        for words in ("Somewhere in Kidal", "Near Téra", "Somewhere in Chad", "Somewhere in Bokkos"):
            assert words in texts
        assert "Place unknown" in texts
        assert "Date unknown" in texts


def test_sorting_puts_unknown_last(browser: Any, file: Path) -> None:
    with _opened(browser, file) as tab:
        for _ in range(2):
            tab.click("[data-sort=killed]")
            cells = tab.locator("td.killed").all_inner_texts()
            known = [cell for cell in cells if cell != "unknown"]
            assert cells == known + ["unknown"] * (len(cells) - len(known))
        assert tab.get_attribute("th.killed", "aria-sort") == "ascending"


def test_a_field_opens_to_its_words(browser: Any, file: Path) -> None:
    with _opened(browser, file) as tab:
        tab.locator("#rows tr", has_text="Near Téra").locator("a").click()
        assert tab.locator("mark.on").count() == 0
        tab.click('[data-field="harm.killed"]')
        # "soldiers" carries the targets as well, so the marks of a count may come in pieces.
        marked = "".join(tab.locator("mark.on").all_inner_texts())
        assert marked == "Seventeen soldiersmore than thirty22 soldiers"
        assert tab.locator(".quote b").all_inner_texts() == [
            "Seventeen soldiers",
            "more than thirty",
            "22 soldiers",
        ]
        tab.click('[data-field="place"]')
        assert set(tab.locator("mark.on").all_inner_texts()) == {"near Téra"}
        assert "weighed" not in tab.inner_text("#panel")
        ledger = tab.inner_text(".ledger")
        for words in ("30 or more", "Az-Zallaqa channel", "a doctor at the regional hospital", "✓ used"):
            assert words in ledger
        tab.locator("details.link").first.locator("summary").click()
        assert "0 km apart" in tab.inner_text("#panel")


def test_offsets_count_code_points_not_utf_16(browser: Any, tmp_path: Path) -> None:
    report = Report("r", "𝔗itle 💔 strike", "💔💔 A strike 💔 on the town.", "en", source="S")
    spans = (Span("text", 5, 11), Span("title", 8, 14))
    mention = Mention("m", "r", "t@1", "air_strike", evidence={"kind": Evidence(spans, ("strike",), 0.5)})
    incident = replace(_bare(), members=("m",))
    path = tmp_path / "p.html"
    page.write([incident], [mention], [report], path, "T")
    with _opened(browser, path, f"#incident={incident.id}") as tab:
        tab.click("[data-field=kind]")
        assert tab.locator("mark.on").all_inner_texts() == ["strike", "strike"]


def test_a_contested_place_says_who_claims_and_who_holds_it(browser: Any, tmp_path: Path) -> None:
    kidal = Where("MLI", "Kidal", None, "Kidal", 18.44, 1.41, "exact")
    incident = replace(_bare(), where=kidal, when=When(date(2015, 6, 1), date(2015, 6, 1), "day"))
    path = tmp_path / "p.html"
    page.write([incident], [], [], path, "T")
    with _opened(browser, path, f"#incident={incident.id}") as tab:
        words = tab.inner_text("#panel")
        assert "Claimed by: Mali\n" in words
        assert "Held by: CMA, from 2014-05 to 2023-11" in words


def test_the_address_keeps_the_incident_and_escape_gives_the_focus_back(browser: Any, file: Path) -> None:
    with _opened(browser, file) as tab:
        link = tab.locator("#rows tr", has_text="Djibo").locator("a")
        link.focus()
        tab.keyboard.press("Enter")
        assert tab.locator("#panel-title").inner_text() == "Bombing, Djibo"
        assert tab.evaluate("document.activeElement.id") == "panel-title"
        address = "#" + tab.url.partition("#")[2]
        tab.keyboard.press("Escape")
        assert tab.locator("#panel").is_hidden()
        assert tab.evaluate("document.activeElement.textContent") == "Bombing"
    with _opened(browser, file, address) as tab:
        assert tab.locator("#panel-title").inner_text() == "Bombing, Djibo"


def test_the_map_answers_keys_and_clicks(browser: Any, file: Path) -> None:
    with _opened(browser, file) as tab:
        tab.select_option("select[name=kind]", "looting_or_arson")
        tab.click("[data-zoom=all]")
        tab.wait_for_timeout(100)
        box = tab.locator("#map").bounding_box()
        tab.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        assert tab.locator("#panel-title").inner_text() == "Looting or arson, somewhere in Bokkos"
        tab.keyboard.press("Escape")
        before = tab.locator("#map").screenshot()
        tab.focus("#map")
        for key in ("ArrowLeft", "+"):
            tab.keyboard.press(key)
        tab.wait_for_timeout(100)
        assert tab.locator("#map").screenshot() != before


def test_a_phone_has_no_sideways_scroll_and_a_whole_panel(browser: Any, file: Path) -> None:
    with _opened(
        browser, file, viewport={"width": 375, "height": 812}, color_scheme="dark", has_touch=True
    ) as tab:
        assert tab.evaluate("document.documentElement.scrollWidth") <= 375
        tab.locator("#rows tr", has_text="Djibo").locator("a").tap()
        box = tab.locator("#panel").bounding_box()
        assert (box["width"], box["height"]) == (375, 812)
        assert tab.evaluate("document.querySelector('#panel').scrollWidth") <= 375


def _bare() -> Incident:
    first = sample.incidents()[0]
    return replace(first, ledger=(), judgements=(), support={}, sources=())


def test_a_hostile_report_stays_text(browser: Any, tmp_path: Path) -> None:
    report = Report("r", EVIL, f"{EVIL} killed 3. {EVIL}", "en", source=EVIL, url="javascript:window.pwned=3")
    where = replace(_bare().where, place=EVIL, admin1=EVIL, admin2=EVIL, country=EVIL)
    found = Evidence(
        (Span("title", 0, len(EVIL)), Span("text", 0, 400), Span("text", 3, 9), Span("text", 9, 2)),
        (EVIL,),
        0.5,
        EVIL,
    )
    fields = {"kind": found, "place": found, "harm.killed": found}
    mention = Mention(
        "m", "r", "t@1", "bombing", attackers=(EVIL,), where=where, attribution=EVIL, evidence=fields
    )
    incident = replace(
        _bare(),
        id=f"i-{EVIL}",
        kind=EVIL,
        status=EVIL,  # type: ignore[arg-type]
        members=("m",),
        attackers=(EVIL,),
        targets=(EVIL,),
        where=where,
        sources=(EVIL,),
        harm={"killed": Count(3, 3, 3)},
        ledger=(
            Claim("harm.killed", Count(3, 3, 3), "m", "r", EVIL, None, EVIL, (EVIL,), True),
            Claim(EVIL, EVIL, "m", "r", EVIL, None, EVIL),
        ),
        judgements=tuple(
            replace(j, reasons=(Reason(EVIL, EVIL, 1.0),), by=EVIL) for j in sample.incidents()[0].judgements
        ),
    )
    path = tmp_path / "evil.html"
    page.write([incident], [mention], [report], path, EVIL)
    with _opened(browser, path) as tab:
        assert tab.inner_text("h1") == EVIL
        tab.locator("#rows a").click()
        for field in ("kind", "place", "harm.killed"):
            tab.locator(f'[data-field="{field}"]').click()
        assert EVIL in tab.inner_text(".report h4")
        assert tab.locator("#panel img, #panel script, #rows img").count() == 0
        assert tab.locator("#panel a[href^='javascript']").count() == 0
        box = tab.locator("#map").bounding_box()
        tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        assert tab.evaluate("window.pwned") is None


def test_no_incident_at_all_is_said(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "empty.html"
    page.write([], [], [], path, "Nothing")
    with _opened(browser, path) as tab:
        assert "There are no incidents." in tab.inner_text("#rows")
        assert "No incident has a known date." in tab.inner_text("#bars")


def test_two_thousand_incidents_stay_usable(browser: Any, tmp_path: Path) -> None:
    many = [
        replace(i, id=f"{i.id}-{n}", where=replace(i.where, latitude=(i.where.latitude or 10.0) + n / 100))
        for n in range(167)
        for i in sample.incidents()
    ]
    path = tmp_path / "many.html"
    page.write(many, sample.mentions(), sample.reports(), path, "Many")
    with _opened(browser, path) as tab:
        assert _rows(tab) == 100
        tab.locator(".more").scroll_into_view_if_needed()
        _wait_for_rows(tab, 200)
        took = tab.evaluate(
            "() => { const c = document.querySelector('select[name=country]'); const t = performance.now();"
            " c.value = 'NER'; c.dispatchEvent(new Event('change')); return performance.now() - t }"
        )
        assert took < 1000
        assert "334 of 2,004" in tab.inner_text("#summary")
