"""The page of trends: an unknown toll is never zero, plots of one scale are of one scale, each figure leads to its incidents."""

from __future__ import annotations

import csv
import re
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from conftest import LOCAL
from store_sample import tell
from tarikh import pipeline
from tarikh.disclosure import policy
from tarikh.disclosure.sight import Guarding
from tarikh.model import Count, When, Where
from tarikh.store import Filter, Store, open_store
from tarikh.web import trends
from tarikh.web.address import Asked
from tarikh.web.app import create_app
from tarikh.web.language import texts
from tarikh.web.trends import BELOW, HEIGHT, LONGEST, TrendsAsked, View
from tarikh.web.wording import Wording

SAY = Wording(texts("en"))
PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


def _where(country: str, admin1: str, at: float) -> Where:
    return Where(country, admin1, None, f"Town {at}", at, at, "exact")


ROWS: tuple[tuple[str, str, str, str, str, Count | None], ...] = (
    ("a", "MLI", "Gao", "2025-01-05", "bombing", Count(3, 5, 9)),
    ("b", "MLI", "Gao", "2025-01-20", "bombing", None),
    ("c", "MLI", "Kidal", "2025-03-10", "riot", Count(0, 0, 0)),
    ("d", "NER", "Gao", "2025-03-11", "bombing", Count(20, None, None)),
    ("e", "NER", "=Tahoua", "2025-03", "riot", Count(1, 1, 1)),
    ("f", "NER", "Zinder", "", "riot", None),
)


def _when(day: str) -> When:
    if not day:
        return When()
    if len(day) == 7:
        return When(date.fromisoformat(f"{day}-01"), date.fromisoformat(f"{day}-31"), "month")
    return When(date.fromisoformat(day), date.fromisoformat(day), "day")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("trends") / "tarikh.db"
    with open_store(path) as store:
        for number, (name, country, admin1, day, kind, killed) in enumerate(ROWS):
            harm = {} if killed is None else {"killed": killed}
            where = _where(country, admin1, 10.0 + 3 * number)
            tell(store, name, where=where, when=_when(day), kind=kind, harm=harm)
        pipeline.relink(store)
    return path


@pytest.fixture
def store(database: Path) -> Store:
    return open_store(database)


@pytest.fixture
def client(database: Path) -> TestClient:
    return TestClient(create_app(database), LOCAL)


def _view(store: Store, wanted: Filter | None = None, **chosen: Any) -> View:
    sight = Guarding(store, None, policy()).sight("full", datetime(2025, 6, 1, tzinfo=UTC))
    return trends.view(sight, TrendsAsked(Asked(wanted or Filter()), **chosen), SAY, table=True)


def test_an_unknown_toll_is_drawn_as_unknown_and_never_as_zero(store: Store) -> None:
    view = _view(store, measure="killed")
    whole, bombing, riot = view.plots
    january = bombing.bars[0]
    assert (january.unknown, january.height > 0) == (BELOW, True)
    assert january.words == "Jan 2025: 2 incidents, 5 (3–9) known killed, 1 unknown"
    assert january.unknown_words == "Jan 2025: number of killed unknown for 1"
    assert january.line is not None
    # A toll that is known to be none is 0 and adds nothing; nothing is hatched.
    (march,) = [bar for bar in riot.bars if bar.x == 2]
    assert (march.height, march.unknown) == (HEIGHT / 20, 0.0)
    assert "1 known killed" in march.words
    assert whole.total.unknown == 2


def test_a_lower_bound_alone_says_that_it_is_one(store: Store) -> None:
    (march,) = [bar for bar in _view(store, measure="killed").plots[1].bars if bar.x == 2]
    assert "20 or more known killed" in march.words


def test_what_no_period_can_hold_is_told_beside(store: Store) -> None:
    weeks, months = _view(store, by="week"), _view(store)
    assert (weeks.plots[0].beside.incidents, months.plots[0].beside.incidents) == (2, 1)
    assert sum(1 for row in weeks.rows) == 3
    assert [row.words for row in months.rows] == ["Mar 2025", "Jan 2025"]


def test_small_plots_have_one_scale_or_each_its_own(store: Store) -> None:
    common, own = _view(store, split="country"), _view(store, split="country", scale="own")
    assert len({plot.top for plot in common.plots[1:]}) == 1
    for plot in own.plots[1:]:
        assert max(bar.height for bar in plot.bars) == HEIGHT


def test_regions_of_one_name_in_two_countries_are_two(store: Store) -> None:
    names = [plot.name for plot in _view(store, split="admin1").plots]
    assert {"Gao, Mali", "Gao, Niger"} <= set(names)


@pytest.mark.parametrize("split", ["kind", "country", "admin1", "party"])
@pytest.mark.parametrize("by", ["week", "month"])
def test_each_figure_opens_its_incidents(client: TestClient, store: Store, split: Any, by: Any) -> None:
    wanted = Filter(place_precision=("exact",))
    for plot in _view(store, wanted, split=split, by=by).plots:
        for bar in plot.bars:
            counted = int(re.findall(r": ([\d,]+) incident", bar.words)[0])
            if bar.address is None:
                assert split == "party"  # a name that no filter takes
                continue
            opened = re.findall(r'class="what"><a href="/incidents/(i-\w+)"', client.get(bar.address).text)
            # The list holds also those that may lie in these days.
            assert counted <= len(opened) <= counted + 1


def test_the_filter_holds_in_each_address(store: Store) -> None:
    view = _view(store, Filter(countries=("MLI",), since=date(2025, 1, 10), until=date(2025, 3, 10)))
    addresses = [unescape(bar.address or "") for bar in view.plots[1].bars]
    assert addresses == ["/?country=MLI&kind=bombing&since=2025-01-10&until=2025-01-31"]


def test_only_the_last_periods_are_shown_and_the_rest_are_counted(tmp_path: Path) -> None:
    with open_store(tmp_path / "long.db") as store:
        for name, day in (("a", date(2001, 1, 1)), ("b", date(2020, 1, 1))):
            tell(store, name, where=_where("MLI", "Gao", 12.0), when=When(day, day, "day"))
        pipeline.relink(store)
        view = _view(store)
    assert (len(view.starts), view.earlier) == (LONGEST, 19 * 12 + 1 - LONGEST)
    assert len(view.plots[0].bars) == 1


def test_the_page_shows_plots_and_table_and_keeps_what_was_chosen(client: TestClient) -> None:
    html = client.get("/trends?split=admin1&measure=killed&country=MLI").text
    assert 'aria-label="Jan 2025: 2 incidents, 5 (3–9) known killed, 1 unknown"' in html
    assert html.count("<figure") == 3
    assert 'form="filter" name="split" value="admin1"' in html
    table = client.get("/trends/table?split=admin1&measure=killed&country=MLI").text
    assert "5 (3–9), 1 unknown</a>" in table
    part = client.get("/trends?split=admin1&by=month&text=&country=MLI", headers=PART)
    assert part.headers["HX-Push-Url"] == "/trends?country=MLI&split=admin1"
    assert "<html" not in part.text


def test_what_takes_long_is_asked_for_once_the_page_is_open(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tarikh.web.overview.QUICK", 0)
    for path in ("/trends", "/"):
        assert 'hx-trigger="load"' not in client.get(path).text
        html = client.get(f"{path}?status=reported").text
        later = unescape(re.findall(r'hx-get="([^"]+)" hx-trigger="load"', html)[0])
        assert client.get(later, headers=PART).text.count('class="hit"') > 0
    assert client.get("/days?status=reported").status_code == 200


def test_the_file_holds_the_filter_and_unknown_is_empty(client: TestClient) -> None:
    answer = client.get("/trends.csv?split=admin1&country=NER")
    assert answer.headers["content-disposition"] == 'attachment; filename="tarikh-trends-month-admin1.csv"'
    lines = list(csv.reader(answer.text.splitlines()))
    head = [line[0] for line in lines if line[0].startswith("#")]
    assert "# filter: country=NER" in head
    rows = [dict(zip(lines[len(head)], line, strict=True)) for line in lines[len(head) + 1 :]]
    (zinder,) = [row for row in rows if row["series"] == "Zinder"]
    assert (zinder["dated"], zinder["incidents"], zinder["toll_unknown"], zinder["killed_best"]) == (
        "no",
        "1",
        "1",
        "",
    )
    # A name can start no formula.
    assert [row["series"] for row in rows if "Tahoua" in row["series"]] == ["'=Tahoua"]


@pytest.mark.parametrize("query", ["by=year", "split=town", "measure=tears", "scale=log", "plots=7", "x=1"])
def test_what_there_is_not_is_refused(client: TestClient, query: str) -> None:
    for path in ("/trends", "/trends.csv"):
        assert client.get(f"{path}?{query}").status_code == 400


def test_nothing_found_is_said(client: TestClient) -> None:
    assert "No incident with a date." in client.get("/trends?text=nowhere").text
