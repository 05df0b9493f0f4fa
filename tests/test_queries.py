"""Filters and views: what is asked for is checked with a sentence, unknown never passes as known."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_sample import Clock, made, mention, recode, refold, replace_incidents, report, said, tell
from tarikh import queries
from tarikh.errors import UnknownIdError, UsageError
from tarikh.model import Claim, Count, Incident, Mention, When, Where
from tarikh.queries import Filter, find, show
from tarikh.store import Store, open_store, to_json
from tarikh.store.filtering import box_around, kilometers, within


def _days(first: str, last: str | None = None) -> When:
    return When(date.fromisoformat(first), date.fromisoformat(last or first), "day", "weekday")


def _killed(low: int | None, best: int | None, high: int | None) -> dict[str, Count]:
    return {"killed": Count(low, best, high)}


_GAO = Where("MLI", "Gao", "Gao", "Gao", 16.2717, -0.0447, "exact")
_WABARIA = Where("MLI", "Gao", "Gao", "Wabaria", 16.2167, 0.05, "near")
_REGION = Where("MLI", "Gao", None, None, 16.3, 0.0, "admin1")
_SUVA = Where("FJI", None, None, "Naselesele", -16.70, 179.90, "exact")
_TAVEUNI = Where("FJI", None, None, "Lavena", -16.87, -179.89, "exact")

ROWS: dict[str, dict[str, Any]] = {
    "market": {
        "kind": "bombing",
        "where": _GAO,
        "when": _days("2024-03-10"),
        "harm": _killed(4, 4, None),
        "targets": ("Civilians (Mali)",),
    },
    "post": {
        "kind": "armed_clash",
        "where": _WABARIA,
        "when": _days("2024-03-12", "2024-03-14"),
        "harm": _killed(9, None, None),
        "attackers": ("JNIM",),
        "targets": ("Military of Mali",),
        "status": "claimed",
    },
    "region": {
        "kind": "armed_clash",
        "where": _REGION,
        "when": When(date(2024, 3, 1), date(2024, 3, 31), "month"),
        "harm": _killed(None, None, 50),
        "attackers": ("IS Sahel Province",),
    },
    "island": {"kind": "riot", "where": _SUVA, "when": _days("2023-07-01"), "harm": _killed(0, 0, 0)},
    "shore": {"kind": "riot", "where": _TAVEUNI, "when": _days("2023-07-02")},
    "nowhere": {"kind": "abduction"},
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(tmp_path_factory.mktemp("queries") / "chronicle.db", Clock()) as opened:
        incidents = [
            made(f"i-{name}", tell(opened, name), **{"kind": "riot", **fields})
            for name, fields in ROWS.items()
        ]
        first = incidents[0]
        words = ("Four traders",)
        claim = Claim(
            "harm.killed", Count(4, 4, None), first.founder, "r", "The Herald", None, "a nurse", words
        )
        incidents[0] = replace(first, ledger=(claim,), sources=("The Herald",))
        replace_incidents(opened, incidents)
        yield opened


def names(found: list[Incident]) -> list[str]:
    return [each.id.removeprefix("i-") for each in found]


GAO_POINT = (16.2717, -0.0447)

CASES: list[tuple[dict[str, Any], set[str]]] = [
    ({}, set(ROWS)),
    ({"countries": ("MLI",)}, {"market", "post", "region"}),
    ({"countries": ("MLI", "FJI")}, set(ROWS) - {"nowhere"}),
    ({"countries": ("NER",)}, set()),
    ({"place": "gao"}, {"market", "post", "region"}),
    ({"place": "Wabária"}, {"post"}),
    ({"place": "Wabar"}, set()),
    ({"place": "Gao", "point": GAO_POINT, "radius_km": 1}, {"market"}),
    ({"point": GAO_POINT, "radius_km": 20}, {"market", "post"}),
    ({"point": GAO_POINT, "radius_km": 30_000}, {"market", "post", "island", "shore"}),
    ({"point": (-16.8, -179.99), "radius_km": 20}, {"island", "shore"}),
    ({"point": (-16.7, 179.99), "radius_km": 12}, {"island"}),
    ({"bbox": (-1, 16, 1, 17)}, {"market", "post", "region"}),
    ({"bbox": (179, -18, -179, -16)}, {"island", "shore"}),
    ({"bbox": (-179, -18, 179, -16)}, set()),
    ({"since": date(2024, 3, 14)}, {"post", "region"}),
    ({"until": date(2024, 3, 9)}, {"region", "island", "shore"}),
    ({"since": date(2024, 3, 13), "until": date(2024, 3, 13)}, {"post", "region"}),
    ({"kinds": ("riot", "abduction")}, {"island", "shore", "nowhere"}),
    ({"parties": ("JNIM",)}, {"post"}),
    ({"parties": ("jnim", "civilians (mali)")}, {"post", "market"}),
    ({"parties": ("GSIM",)}, {"post"}),
    ({"parties": ("Military",)}, set()),
    ({"minimum_killed": 0}, {"market", "post", "island"}),
    ({"minimum_killed": 1}, {"market", "post"}),
    ({"minimum_killed": 9}, {"post"}),
    ({"status": ("claimed",)}, {"post"}),
    ({"status": ("claimed", "reported"), "kinds": ("armed_clash",)}, {"post", "region"}),
    ({"text": "TRADERS nurse"}, {"market"}),
    ({"text": "trad"}, {"market"}),
    ({"text": "raders"}, set()),
    ({"text": "news shore"}, {"shore"}),
    ({"text": "armed clash"}, {"post", "region"}),
    ({"text": "100%"}, set()),
]


@pytest.mark.parametrize(("asked", "expected"), CASES)
def test_filters(store: Store, asked: dict[str, Any], expected: set[str]) -> None:
    assert set(names(find(store, Filter(**asked)))) == expected


def test_the_longest_text_is_still_a_query(store: Store) -> None:
    assert find(store, Filter(text="a " * 150, parties=tuple(f"p{n}" for n in range(300)))) == []


def test_order_and_pages(store: Store) -> None:
    assert names(find(store, Filter())) == ["post", "market", "region", "shore", "island", "nowhere"]
    assert names(find(store, Filter(order="oldest"))) == [
        "island",
        "shore",
        "region",
        "market",
        "post",
        "nowhere",
    ]
    deadliest = ["post", "market", "island", "region", "shore", "nowhere"]
    assert names(find(store, Filter(order="deadliest"))) == deadliest
    assert names(find(store, Filter(order="deadliest", limit=2, offset=1))) == deadliest[1:3]
    assert names(find(store, Filter(offset=5))) == ["nowhere"]
    assert find(store, Filter(offset=6)) == []


def test_pages_of_a_radius_count_what_lies_in_it(store: Store) -> None:
    around = Filter(point=(-16.8, -179.99), radius_km=20, order="oldest")
    assert names(find(store, replace(around, limit=1))) == ["island"]
    assert names(find(store, replace(around, limit=1, offset=1))) == ["shore"]
    assert names(find(store, replace(around, offset=2))) == []


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"since": date(2024, 3, 2), "until": date(2024, 3, 1)}, "2024-03-01 is before since 2024-03-02"),
    ({"kinds": ("ambush",)}, "no kind 'ambush'"),
    ({"kinds": ("airstrike",)}, "did you mean air_strike"),
    ({"kinds": ("clash",)}, "did you mean armed_clash"),
    ({"kinds": ("Air strike",)}, "did you mean air_strike"),
    ({"kinds": "riot"}, "kinds is a list"),
    ({"countries": ("Mali",)}, "did you mean MLI"),
    ({"countries": ("mli",)}, "did you mean MLI"),
    ({"countries": ("XXX",)}, "no country 'XXX'"),
    ({"status": ("sure",)}, "no status 'sure'"),
    ({"order": "random"}, "no order 'random'"),
    ({"radius_km": 10.0}, "a radius needs a place"),
    ({"place": "Gao", "radius_km": 10.0}, "a radius needs a place"),
    ({"point": GAO_POINT}, "a point needs a radius"),
    ({"point": GAO_POINT, "radius_km": 0}, "finds nothing"),
    ({"point": GAO_POINT, "radius_km": math.nan}, "finds nothing"),
    ({"point": (91, 0), "radius_km": 5}, "91 is no latitude"),
    ({"point": (0, math.nan), "radius_km": 5}, "no longitude"),
    ({"bbox": (0, 0, 0)}, "four numbers"),
    ({"bbox": (0, 10, 5, 1)}, "west, south, east, north"),
    ({"bbox": (0, 0, 181, 1)}, "181 is no longitude"),
    ({"minimum_killed": -1}, "minimum_killed -1"),
    ({"limit": 0}, "limit 0"),
    ({"offset": -1}, "offset -1"),
    ({"limit": 10**30}, "limit"),
    ({"text": "…"}, "no letter or digit"),
    ({"parties": ("",)}, "no letter or digit"),
    ({"place": " "}, "no letter or digit"),
    ({"text": "a " * 5000}, "text is longer than 300"),
    ({"kinds": ("riot",) * 500}, "kinds is longer than 300"),
]


@pytest.mark.parametrize(("asked", "words"), WRONG)
def test_wrong_filters_are_told(asked: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        Filter(**asked)
    assert words in str(caught.value)
    assert caught.value.exit_code == 2


_LATITUDES, _LONGITUDES = st.floats(-90, 90), st.floats(-180, 180)
_POINTS = st.tuples(_LATITUDES, _LONGITUDES)


@given(_POINTS, _POINTS, st.floats(0.001, 21_000))
def test_the_box_never_cuts_the_circle(
    center: tuple[float, float], point: tuple[float, float], radius: float
) -> None:
    west, south, east, north = box_around(center, radius)
    latitude, longitude = point
    inside = west <= longitude <= east if west <= east else longitude >= west or longitude <= east
    if within(Filter(point=center, radius_km=radius), latitude, longitude):
        assert inside
        assert south <= latitude <= north


@given(_POINTS, st.floats(0.01, 5_000), st.floats(0, 360))
def test_the_box_holds_the_rim_of_the_circle(
    center: tuple[float, float], radius: float, bearing: float
) -> None:
    latitude, longitude = _gone(center, radius * 0.999999, bearing)
    assert kilometers(center, (latitude, longitude)) == pytest.approx(radius, rel=1e-3, abs=1e-3)
    west, south, east, north = box_around(center, radius)
    inside = west <= longitude <= east if west <= east else longitude >= west or longitude <= east
    assert inside
    assert south <= latitude <= north


def _gone(start: tuple[float, float], km: float, bearing: float) -> tuple[float, float]:
    """Where one arrives after so many kilometers on a bearing in degrees: the direct problem on the sphere."""
    angle, course = km / 6371.0, math.radians(bearing)
    lat, lon = map(math.radians, start)
    up = math.sin(lat) * math.cos(angle) + math.cos(lat) * math.sin(angle) * math.cos(course)
    east = math.sin(course) * math.sin(angle) * math.cos(lat)
    end = lon + math.atan2(east, math.cos(angle) - math.sin(lat) * up)
    turned = (math.degrees(end) + 540) % 360 - 180
    return math.degrees(math.asin(max(-1.0, min(1.0, up)))), turned


def test_distances_are_those_of_the_sphere() -> None:
    quarter = math.pi * 6371.0 / 2
    assert kilometers((0, 0), (0, 90)) == pytest.approx(quarter)
    assert kilometers((0, 179.5), (0, -179.5)) == pytest.approx(quarter / 90)
    assert kilometers((90, 10), (-90, 77)) == pytest.approx(2 * quarter)


# ---- one incident ----------------------------------------------------------------------------------------


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "chronicle.db", Clock()) as opened:
        yield opened


def _joined(store: Store) -> tuple[Mention, Mention, Incident]:
    told = [report("undated"), report("dated", published=date(2024, 3, 2), text="A shell fell, two died.")]
    found: list[Mention] = []
    for each in told:
        store.add_report(each)
        one = mention(each, harm=_killed(len(found) + 1, len(found) + 1, None))
        found += store.add_mentions(each.id, "rules@1", [one])
    refold(store)
    store.add_judgements([said(found[0], found[1], "same")])
    return found[0], found[1], refold(store)[0]


def test_a_view_holds_all_that_opens_an_incident(own: Store) -> None:
    one, two, whole = _joined(own)
    view = show(own, whole.id)
    assert view.incident == whole
    assert view.mentions == (one, two)
    assert [each.id for each in view.reports] == [two.report_id, one.report_id]
    assert [claim.mention_id for claim in view.ledger] == [two.id, one.id]
    assert [judgement.by for judgement in view.judgements] == ["user:ana"]
    (former,) = view.redirects
    assert show(own, former) == show(own, former[:8]) == view
    assert to_json(view)["mentions"][0]["id"] == one.id


def test_a_view_of_mentions_that_are_being_coded_anew(own: Store) -> None:
    one, two, whole = _joined(own)
    recode(own, one, "rules@2")
    assert show(own, whole.id).mentions == (one, two)


def test_an_unknown_incident_is_told(own: Store) -> None:
    with pytest.raises(UnknownIdError, match="no incident i-0000"):
        show(own, "i-0000")


def test_the_names_of_the_room() -> None:
    asked = {"counts", "find", "overview", "page", "show", "timeline", "trends"}
    assert {name for name in queries.__all__ if name[0].islower()} == asked | {"areas_of"}
    assert all(hasattr(queries, name) for name in queries.__all__)
