"""The parts that pages are made of: marked texts, columns of time, plots, places on the map, neighbors, pages by key."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_sample import tell
from tarikh import pipeline, queries
from tarikh.disclosure import policy
from tarikh.disclosure.sight import Guarding, Sight
from tarikh.marking import Mark, pieces, quotation
from tarikh.model import Claim, Count, When, Where
from tarikh.queries import Period, Series, Tally, Timeline, Trends
from tarikh.store import Filter, Store, open_store
from tarikh.web import ledger_plot, map_features, neighbors, overview
from tarikh.web.language import texts
from tarikh.web.overview import Spot, UnitAsked
from tarikh.web.timeline import FEWEST, HEIGHT, MOST, Ask, columns
from tarikh.web.wording import Wording

SAY = Wording(texts("en"))

# ---- marks ---------------------------------------------------------------------------------------------------


@given(
    st.text(max_size=40),
    st.lists(st.builds(Mark, st.integers(-3, 45), st.integers(-3, 45), st.sampled_from("abc")), max_size=8),
)
def test_marking_loses_no_character_and_marks_what_it_should(text: str, marks: list[Mark]) -> None:
    made = pieces(text, marks)
    assert "".join(piece.text for piece in made) == text
    fitting = [m for m in marks if 0 <= m.start < m.end <= len(text)]
    for piece in made:
        for at in range(piece.start, piece.start + len(piece.text)):
            assert set(piece.of) == {m.of for m in fitting if m.start <= at < m.end}


def test_a_quotation_is_cut_between_words() -> None:
    text = "one " * 30 + "HERE" + " two" * 30
    before, words, after = quotation(text, 120, 124)
    assert words == "HERE"
    assert before.startswith("… one ")
    assert after.endswith(" two …")


# ---- time ----------------------------------------------------------------------------------------------------


_HOLDS = {"day": ("day",), "week": ("day", "week"), "month": ("day", "week", "month")}


def _asked(*rows: tuple[date | None, str, int]) -> Ask:
    """What the store would answer of incidents of these days and precisions."""

    def ask(by: str) -> Trends:
        sums: dict[tuple[date, date], int] = {}
        beside = {True: 0, False: 0}
        for day, precision, n in rows:
            if day is None or precision not in _HOLDS[by]:
                beside[day is not None] += n
                continue
            span = _span(by, day)
            sums[span] = sums.get(span, 0) + n
        periods = tuple(Period(*span, Tally(n)) for span, n in sorted(sums.items()))
        line = Timeline(by, periods, Tally(beside[True]), Tally(beside[False]))  # type: ignore[arg-type]
        return Trends(by, "kind", (Series("bombing", None, line),))  # type: ignore[arg-type]

    return ask


def _span(by: str, day: date) -> tuple[date, date]:
    if by == "week":
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=6)
    if by == "month":
        return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
    return day, day


def test_an_incident_is_only_in_a_column_as_wide_as_its_day_is_known() -> None:
    made = columns(_asked((date(2025, 3, 1), "day", 2), (date(2025, 3, 1), "month", 3), (None, "unknown", 4)))
    assert made.width == "day"
    assert sum(column.incidents for column in made.columns) == 2
    assert (made.coarse, made.undated) == (3, 4)


def test_one_day_is_no_wall() -> None:
    made = columns(_asked((date(2025, 3, 1), "day", 2)))
    assert len(made.columns) >= FEWEST
    assert [c.start for c in made.columns if c.incidents] == [date(2025, 3, 1)]


@given(
    st.lists(
        st.tuples(st.dates(date(1950, 1, 1), date(2030, 1, 1)), st.integers(1, 9)), min_size=1, max_size=20
    )
)
def test_columns_hold_every_day_once_and_are_not_too_many(rows: list[tuple[date, int]]) -> None:
    made = columns(_asked(*((day, "day", n) for day, n in rows)))
    assert sum(column.incidents for column in made.columns) == sum(n for _, n in rows)
    assert len(made.columns) <= max(MOST + 4, 82)
    for left, right in zip(made.columns, made.columns[1:], strict=False):
        assert right.start == left.end + timedelta(days=1)
    assert max(bar.height for c in made.columns for bar in made.bars(c)) == HEIGHT


def test_days_before_the_filter_begins_count_in_its_first_column() -> None:
    asked = _asked((date(2025, 1, 1), "day", 1), (date(2025, 3, 1), "day", 1))
    made = columns(asked, date(2025, 2, 27), date(2025, 3, 2))
    assert [(c.start, c.incidents) for c in made.columns if c.incidents] == [
        (date(2025, 2, 27), 1),
        (date(2025, 3, 1), 1),
    ]


def test_the_last_days_that_there_are_have_columns() -> None:
    made = columns(_asked((date(9999, 12, 31), "day", 1), (date(1, 1, 1), "day", 1)))
    assert sum(column.incidents for column in made.columns) == 2


# ---- the ledger ----------------------------------------------------------------------------------------------


def _claim(number: int, day: date | None, count: Count) -> Claim:
    return Claim("harm.killed", count, f"m-{number}", f"r-{number}", "Wire", day, None)


def test_a_plot_draws_what_has_a_number_and_a_day_and_counts_the_rest() -> None:
    day = date(2025, 3, 1)
    (plot,) = ledger_plot.plots(
        [
            _claim(1, day, Count(11, 11, 11)),
            _claim(2, day + timedelta(days=3), Count(10, 14, 27)),
            _claim(3, None, Count(5, 5, 5)),
            _claim(4, day, Count(None, None, None)),
        ]
    )
    assert len(plot.dots) == 2
    assert plot.left_out == 2
    assert plot.dots[0].x < plot.dots[1].x
    assert plot.dots[0].y > plot.dots[1].y
    assert plot.ticks[-1].number >= 27


@given(st.integers(0, 10**9))
def test_ticks_are_few_and_reach_the_top(most: int) -> None:
    ticks = ledger_plot._ticks(most)
    assert ticks[0] == 0
    assert ticks[-1] >= most
    assert 2 <= len(ticks) <= 3


# ---- the map and its neighbors -------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Nine mentions that are nine incidents: of every precision, and on both sides of the 180th meridian."""
    made = open_store(tmp_path / "tarikh.db")
    rows = [
        ("a", "exact", 15.0, 2.0, "2025-03-01"),
        ("b", "near", 15.2, 2.0, "2025-03-05"),
        ("c", "admin2", 15.0, 2.0, "2025-03-02"),
        ("d", "admin1", 15.0, 2.0, "2025-03-03"),
        ("e", "country", 17.0, 1.0, "2025-03-04"),
        ("f", "unknown", None, None, "2025-03-06"),
        ("g", "exact", -17.0, 179.5, "2025-03-07"),
        ("h", "exact", -17.0, -179.5, "2025-03-08"),
        ("i", "exact", 15.0, 2.0, "2025-05-01"),
    ]
    for name, precision, latitude, longitude, day in rows:
        at = date.fromisoformat(day)
        where = Where("MLI", "Gao", "Ansongo", "Labbezanga", latitude, longitude, precision)  # type: ignore[arg-type]
        tell(made, name, where=where, when=When(at, at, "day"), kind="bombing")
    pipeline.relink(made)
    return made


def _all(store: Store) -> Sight:
    return Guarding(store, None, policy()).sight("full", datetime(2025, 6, 1, tzinfo=UTC))


def _drawn(store: Store, wanted: Filter | None = None, **window: Any) -> dict[str, Any]:
    return map_features.collection(store, wanted or Filter(), window.get("box"), window.get("zoom", 2), SAY)


def test_precision_decides_how_a_place_is_drawn(store: Store) -> None:
    collection = _drawn(store)
    by_precision = {f["properties"]["precision"]: f["properties"] for f in collection["features"]}
    assert set(by_precision) == {"exact", "near", "admin2", "admin1"}
    assert by_precision["exact"]["km"] == 0
    assert by_precision["admin1"]["unit"] == "Gao"
    assert by_precision["admin2"]["unit"] == "Ansongo"
    # Large areas first, so that the small ones lie above them.
    assert [f["properties"]["km"] for f in collection["features"]] == sorted(
        (f["properties"]["km"] for f in collection["features"]), reverse=True
    )
    assert collection["whole"]
    assert (
        collection["note"] == "Not on the map: 1 incident somewhere in Mali · 1 incident at no known place."
    )


def test_an_area_over_the_antimeridian_holds_both_its_sides(store: Store) -> None:
    box = (179.0, -20.0, -179.0, -10.0)
    for collection in (_drawn(store, Filter(bbox=box)), _drawn(store, box=box)):
        drawn = [f["geometry"]["coordinates"][0] for f in collection["features"]]
        assert sorted(drawn) == [-179.5, 179.5]


def test_more_incidents_than_can_be_told_apart_are_counted_by_cells(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(map_features, "MOST", 3)
    collection = _drawn(store)
    cells = [f["properties"] for f in collection["features"] if f["properties"]["precision"] == "cell"]
    assert sorted(cell["incidents"] for cell in cells) == [1, 1, 3]
    assert not collection["whole"]
    assert all("killed unknown" in cell["toll"] for cell in cells)


def test_many_units_wait_for_a_closer_look_and_are_told_of(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(map_features, "FEW_UNITS", 1)
    far, near = _drawn(store), _drawn(store, zoom=5)
    assert not any(f["properties"]["precision"].startswith("admin") for f in far["features"])
    assert "2 incidents known only to a region or district" in far["note"]
    assert sum(f["properties"]["precision"].startswith("admin") for f in near["features"]) == 2


def test_a_place_that_is_opened_has_those_of_its_precision_alone(store: Store) -> None:
    assert len(overview.at(store, Filter(), Spot(15.0, 2.0, "exact"), _all(store))) == 2
    assert len(overview.at(store, Filter(), UnitAsked("admin1", "MLI", "Gao", None), _all(store))) == 1
    assert len(overview.at(store, Filter(), UnitAsked("admin2", "MLI", "Gao", "Ansongo"), _all(store))) == 1
    assert (
        overview.at(store, Filter(countries=("NER",)), UnitAsked("admin1", "MLI", "Gao", None), _all(store))
        == ()
    )


def test_short_numbers_never_say_more_than_there_are() -> None:
    english, french = texts("en"), texts("fr")
    told = [english.short(n) for n in (0, 999, 1000, 1250, 9999, 12_999, 3_450_000)]
    assert told == ["0", "999", "1k", "1.2k", "9.9k", "12k", "3.4M"]
    assert french.short(1250) == "1,2k"


def test_neighbors_are_near_in_place_and_time(store: Store) -> None:
    first = next(i for i in store.incidents(Filter(order="oldest")) if i.where.precision == "exact")
    found = neighbors.neighbors(store, first, _all(store))
    assert [n.incident.where.precision for n in found] == ["near"]
    assert found[0].days == 4
    assert 20 < (found[0].km or 0) < 25


def test_a_unit_has_the_others_of_the_unit_as_neighbors(store: Store) -> None:
    unit = next(i for i in store.incidents() if i.where.precision == "admin1")
    found = neighbors.neighbors(store, unit, _all(store))
    assert found
    assert all(n.km is None for n in found)


# ---- pages by key --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["newest", "oldest", "deadliest"])
@pytest.mark.parametrize("size", [1, 2, 4, 9, 10])
def test_pages_by_key_are_the_whole_list(store: Store, order: str, size: int) -> None:
    wanted = Filter(order=order)  # type: ignore[arg-type]
    seen, key = [], None
    for _ in range(20):
        page = queries.page(store, wanted, key, size)
        seen += [row.id for row in page.items]
        key = page.next_cursor
        if key is None:
            break
    assert seen == [incident.id for incident in store.incidents(wanted)]
    assert queries.counts(store, wanted).total == len(seen)
