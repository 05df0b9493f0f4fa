"""Pages, map, plots and counts of random incidents are what a slow reading of the incidents themselves says."""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store_sample import Clock, made, replace_incidents, set_back, tell
from tarikh import queries
from tarikh.errors import UsageError
from tarikh.model import Count, Incident, When, Where
from tarikh.queries import Filter, IncidentRow
from tarikh.store import Store, counting, grid, open_store, overview, paging, search, trends
from tarikh.store.filtering import Order
from views_sample import (
    DAYS,
    FILTERS,
    HOLE,
    INCIDENTS,
    ORDERS,
    ROUND,
    SQUARE,
    in_box,
    is_point,
    kept,
    ordered,
    passes,
    slow_timeline,
    summed,
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with the mentions of fourteen incidents."""
    with open_store(tmp_path_factory.mktemp("views") / "t.db", Clock()) as opened:
        yield opened


def rows(store: Store, wanted: Filter, size: int) -> list[IncidentRow]:
    found: list[IncidentRow] = []
    after: str | None = None
    while True:
        one = queries.page(store, wanted, after, size)
        assert len(one.items) <= size
        found += one.items
        if one.next_cursor is None:
            return found
        assert len(one.items) == size
        after = one.next_cursor


_SETTINGS = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@_SETTINGS
@given(INCIDENTS, FILTERS, ROUND, ORDERS, st.sampled_from([1, 3, 20]), st.sampled_from([0, 1, 20_000]))
def test_filters_orders_and_pages(
    base: Store, told: Any, asked: Any, around: Any, order: Order, size: int, few: int
) -> None:
    incidents = kept(base, told)
    if asked.get("since") and asked.get("until"):
        asked = asked | {"until": max(asked["since"], asked["until"])}
    wanted = Filter(**asked, order=order)
    if around:
        wanted = replace(wanted, point=around[0], radius_km=around[1])
    passing = [each for each in incidents if passes(each, wanted)]
    expected = ordered(passing, order)
    with pytest.MonkeyPatch.context() as patch:
        for module, name in ((search, "FEW"), (paging, "FEW")):  # so that every kind of plan is taken
            patch.setattr(module, name, few)
        assert [row.id for row in rows(base, wanted, size)] == expected
    assert [each.id for each in base.incidents(wanted)] == expected
    assert queries.counts(base, wanted).total == len(expected)
    with base._database.read() as connection:
        assert counting.counts(connection, wanted, kept=False).total == len(expected)
        for by in ("day", "week", "month"):
            line = trends.timeline(connection, wanted, by, kept=False)  # type: ignore[arg-type]
            assert ({p.start: p.tally for p in line.periods}, line.imprecise, line.undated) == slow_timeline(
                passing, by
            )


@_SETTINGS
@given(INCIDENTS, INCIDENTS, st.integers(0, 3))
def test_kept_sums_are_those_of_counting(base: Store, before: Any, told: Any, dims: int) -> None:
    kept(base, before)
    incidents = kept(base, told)
    asked: dict[str, Any] = {"countries": ("MLI", "NER")} if dims & 1 else {}
    asked |= {"kinds": ("riot", "bombing")} if dims & 2 else {}
    wanted = Filter(**asked)
    passing = [each for each in incidents if passes(each, wanted)]
    with base._database.read() as connection:
        for by in ("week", "month"):
            quick = trends.timeline(connection, wanted, by)  # type: ignore[arg-type]
            slow = trends.timeline(connection, wanted, by, kept=False)  # type: ignore[arg-type]
            assert quick == slow
            assert quick.total == summed(passing)
            for split in ("kind", "country", "admin1", "party"):
                one, two = (
                    trends.trends(connection, wanted, by, split, kept=kept_)  # type: ignore[arg-type]
                    for kept_ in (True, False)
                )
                assert one == two
                _check_series(one, passing, by, split)
        for zoom in (0, 2, 4, 6):
            one_, two_ = (
                overview.overview(connection, wanted, None, zoom, 1, kept=kept_) for kept_ in (True, False)
            )
            assert one_ == two_


def _check_series(found: queries.Trends, passing: list[Incident], by: str, split: str) -> None:
    of: dict[tuple[str | None, str | None], list[Incident]] = defaultdict(list)
    for each in passing:
        where = each.where
        parties = {(name, None) for name in (*each.attackers, *each.targets)} or {(None, None)}
        keys: Any = {
            "kind": {(each.kind, None)},
            "country": {(where.country, None)},
            "admin1": {(where.admin1, where.country)},
            "party": parties,
        }[split]
        for key in keys:
            of[key].append(each)
    assert {(s.value, s.country) for s in found.series} == set(of)
    for series in found.series:
        line = series.timeline
        slow = slow_timeline(of[series.value, series.country], by)
        assert ({p.start: p.tally for p in line.periods}, line.imprecise, line.undated) == slow


@_SETTINGS
@given(
    INCIDENTS,
    FILTERS,
    st.sampled_from([None, (0.0, 10.0, 4.0, 14.0), (179.0, -20.0, -179.0, 14.0), (1.5, 11.5, 1.5, 11.5)]),
    st.integers(0, 20),
    st.sampled_from([1, 2, 100]),
)
def test_the_map(base: Store, told: Any, asked: Any, box: Any, zoom: int, most: int) -> None:
    incidents = kept(base, told)
    asked = {k: v for k, v in asked.items() if k != "until" or "since" not in asked}
    wanted = Filter(**asked)
    passing = [each for each in incidents if passes(each, wanted)]
    points = [each for each in passing if is_point(each) and (box is None or in_box(each, box))]
    found = queries.overview(base, wanted, box, zoom, most)
    units = [each for each in passing if not is_point(each)]
    placeless = [each for each in units if each.where.precision not in ("country", "admin1", "admin2")]
    assert found.placeless == len(placeless)
    assert len(found.units) <= most
    if not found.units_left_out:
        assert sum(unit.incidents for unit in found.units) == len(units) - len(placeless)
    if len(points) <= most:
        assert [row.id for row in found.points] == ordered(points, "newest")
        assert not found.cells
        return
    assert not found.points
    assert len(found.cells) <= most
    seen: Counter[str] = Counter()
    for cell in found.cells:
        inside = [each for each in passing if is_point(each) and _holds(cell, each)]
        seen.update(each.id for each in inside)
        sums = summed(inside)
        assert (cell.incidents, cell.unknown) == (sums.incidents, sums.unknown)
        assert cell.killed == sums.killed_best
        kinds = Counter(each.kind for each in inside)
        assert kinds[cell.kind] == max(kinds.values())
        mean = sum(each.where.latitude or 0 for each in inside) / len(inside)
        assert cell.latitude == pytest.approx(mean, abs=2e-6)
    assert set(seen.values()) <= {1}
    if len(found.cells) < most:
        assert {each.id for each in points} <= set(seen)


def _holds(cell: queries.Cell, each: Incident) -> bool:
    west, south, east, north = cell.box
    y, x = each.where.latitude, each.where.longitude
    assert y is not None
    assert x is not None
    return (south <= y < north or y == north == 90) and (west <= x < east or x == east == 180)


def test_units_are_told_by_name_and_never_as_points(base: Store) -> None:
    where = Where("MLI", "Gao", "Ansongo", None, 16.0, 0.0, "admin2")
    places = [
        where,
        where,
        replace(where, admin2=None, precision="admin1"),
        Where("MLI", precision="country"),
    ]
    incidents = [{"kind": "riot", "where": each, "harm": {"killed": Count(2, 3, None)}} for each in places]
    kept(base, [*incidents, {"kind": "riot"}])
    found = queries.overview(base, Filter(), (-180.0, -90.0, 180.0, 90.0), 2)
    assert [(u.precision, u.admin1, u.admin2, u.incidents, u.killed) for u in found.units] == [
        ("admin2", "Gao", "Ansongo", 2, 6),
        ("admin1", "Gao", None, 1, 3),
        ("country", None, None, 1, 3),
    ]
    assert found.units[-1].latitude is None
    assert (found.points, found.cells, found.placeless) == ((), (), 1)
    assert queries.counts(base, Filter(areas=((SQUARE,),))).total == 0


# ---- pages while others write -------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["newest", "oldest", "deadliest"])
def test_what_comes_or_goes_meanwhile_repeats_and_loses_nothing(base: Store, order: Order) -> None:
    def fields(number: int) -> dict[str, Any]:
        when = When() if number % 5 == 0 else When(DAYS[number % 7], DAYS[number % 7], "day")
        return {"when": when, "harm": {"killed": Count(number % 3)} if number % 4 else {}}

    told = [fields(number) for number in range(24)]
    first = kept(base, told[:12])
    wanted = Filter(order=order)
    expected = ordered(first, order)
    one = queries.page(base, wanted, None, 5)
    kept(base, told)  # twelve more, on the same days
    seen = [row.id for row in one.items]
    after = one.next_cursor
    while after is not None:
        more = queries.page(base, wanted, after, 5)
        seen += [row.id for row in more.items]
        after = more.next_cursor
    assert len(seen) == len(set(seen))
    assert [key for key in seen if key in expected] == expected


def test_cursors_that_are_not_as_they_were_given_are_refused(base: Store) -> None:
    kept(base, [{"when": When(day, day, "day")} for day in DAYS])
    cursor = queries.page(base, Filter(), None, 3).next_cursor
    assert cursor is not None
    for position in range(len(cursor)):
        other = "A" if cursor[position] != "A" else "B"
        with pytest.raises(UsageError, match="cursor is damaged"):
            queries.page(base, Filter(), cursor[:position] + other + cursor[position + 1 :])
    for wrong in ("", "é", cursor + "A", cursor[:-1], "=" * 9, cursor + "=", " " + cursor, "A" * 100_000):
        with pytest.raises(UsageError, match="cursor is damaged"):
            queries.page(base, Filter(), wrong)
    for other_ in (Filter(order="oldest"), Filter(kinds=("riot",))):
        with pytest.raises(UsageError, match="another filter"):
            queries.page(base, other_, cursor)
    assert queries.page(base, Filter(limit=2, offset=1), cursor).items
    for limit in (0, -1, 1_000_000):
        with pytest.raises(UsageError, match="1 to 1000"):
            queries.page(base, Filter(), None, limit)


def test_rows_are_slim_incidents(base: Store) -> None:
    (one,) = kept(
        base,
        [
            {
                "kind": "bombing",
                "attackers": ("JNIM",),
                "when": When(DAYS[0], DAYS[1], "day"),
                "where": Where("MLI", "Gao", None, "Gao", 16.27, -0.04, "exact"),
                "harm": {"killed": Count(2, None, 4)},
                "sources": ("The Herald", "Radio"),
            }
        ],
    )
    (row,) = queries.page(base, Filter()).items
    assert (row.id, row.kind, row.attackers, row.sources) == (one.id, "bombing", ("JNIM",), 2)
    assert (row.when, row.where, row.killed) == (one.when, one.where, one.harm["killed"])
    kept(base, [{"kind": "bombing", "confidence": 0.9}])
    assert queries.page(base, Filter()).items[0].version != row.version


def test_wrong_questions_are_told(base: Store) -> None:
    for ask, words in (
        (lambda: queries.timeline(base, Filter(), "year"), "no period 'year'"),  # type: ignore[arg-type]
        (lambda: queries.trends(base, Filter(), "week", "status"), "no split 'status'"),  # type: ignore[arg-type]
        (lambda: queries.trends(base, Filter(), most=0), "1 to 1000 series"),
        (lambda: queries.overview(base, Filter(), zoom=21), "zooms from 0 to 20"),
        (lambda: queries.overview(base, Filter(), most=0), "1 to 20000 features"),
        (lambda: queries.overview(base, Filter(), (0.0, 0.0, 200.0, 1.0)), "200.0 is no longitude"),
        (lambda: Filter(admin1=("…",)), "no letter or digit"),
        (lambda: Filter(place_precision=("town",)), "no place precision 'town'"),
        (lambda: Filter(areas=((SQUARE[:3],),)), "at least three corners"),
        (lambda: Filter(areas=(((*SQUARE[:2], (0.0, 95.0), SQUARE[0]),),)), "off the earth"),
        (lambda: Filter(areas=((SQUARE * 500,),)), "more than 2000 corners"),
    ):
        with pytest.raises(UsageError, match=words.replace("(", r"\(")):
            ask()  # type: ignore[no-untyped-call]


AREAS: list[tuple[Any, str | int]] = [
    ({"type": "Polygon", "coordinates": [SQUARE, HOLE]}, 1),
    ({"type": "Feature", "geometry": {"type": "MultiPolygon", "coordinates": [[SQUARE], [HOLE]]}}, 2),
    ({"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [SQUARE]}}]}, 1),
    ({"type": "Point", "coordinates": [0, 0]}, "no inside"),
    ({"type": "FeatureCollection", "features": []}, "no polygon"),
    ({"type": "Polygon", "coordinates": [[["a", 1]]]}, "two numbers"),
    ({"type": "Polygon", "coordinates": [[[True, 1]]]}, "two numbers"),
    ({"type": "Polygon", "coordinates": []}, "without a ring"),
    ({"type": "Polygon", "coordinates": 3}, "lists of rings"),
    ({"type": "Polygon", "coordinates": [[[math.nan, 0]] * 4]}, "ends where it begins|off the earth"),
    ("POLYGON((0 0))", "GeoJSON object"),
]  # fmt: skip


@pytest.mark.parametrize(("given_", "expected"), AREAS)
def test_areas_are_read_from_geojson(given_: Any, expected: str | int) -> None:
    given_ = json.loads(json.dumps(given_))
    if isinstance(expected, int):
        areas = queries.areas_of(given_)
        assert len(areas) == expected
        assert grid.inside(areas, 13.0, 3.0)
        return
    with pytest.raises(UsageError, match=expected):
        queries.areas_of(given_)


def test_counting_stops_when_it_takes_too_long(base: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(base, [{"when": When(day, day, "day")} for day in DAYS])
    monkeypatch.setattr(counting, "_STEP", 3)
    monkeypatch.setattr(search, "FEW", 0)
    monkeypatch.setattr(counting, "MANY", 0)
    with base._database.read() as connection:
        hurried = counting.counts(connection, Filter(status=("reported",)), patience=-1)
        assert (hurried.total, hurried.exact, str(hurried)) == (3, False, "3+")
        assert counting.counts(connection, Filter(status=("reported",))).total == len(DAYS)
    assert str(counting.Counts(10_000, False)) == "10,000+"


def test_two_incidents_of_one_key_stand_beside_each_other(base: Store) -> None:
    keys = ["i-0000000000aa", "i-0000000000bb", "i-0000000000cc"]
    replace_incidents(base, [made(key, tell(base, key)) for key in keys])
    assert {row.id for row in rows(base, Filter(), 1)} == set(keys)


# ---- the tables follow the incidents -----------------------------------------------------------------------


def test_an_older_database_gets_the_tables_filled(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with open_store(path, Clock()) as store:
        kept(store, [{"kind": "riot", "when": When(DAYS[0], DAYS[0], "day"), "sources": ("Radio",)}] * 3)
        before = [queries.page(store, Filter(text="radio")), queries.timeline(store, Filter())]
        assert len(before[0].items) == 3  # type: ignore[union-attr]
    set_back(path, "0006")
    with open_store(path, Clock()) as store:
        assert [queries.page(store, Filter(text="radio")), queries.timeline(store, Filter())] == before


def _dump(store: Store) -> dict[str, list[Any]]:
    with store._database.read() as connection:
        names = ("listed", "listed_name", "tally", "map_tally")
        return {
            name: sorted(connection.exec_driver_sql(f"SELECT * FROM {name}").all(), key=str) for name in names
        }


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, *_SETTINGS.suppress_health_check],
)
@given(INCIDENTS, INCIDENTS)
def test_what_was_put_in_and_taken_out_leaves_nothing(base: Store, one: Any, two: Any) -> None:
    kept(base, one)
    alone = _dump(base)
    kept(base, two)
    kept(base, one)
    assert _dump(base) == alone
    kept(base, [])
    assert not any(_dump(base).values())
    with base._database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM listed_words('a*')").scalar() == 0
