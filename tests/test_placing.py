"""A place that a person gives: looked up, refused with what is near, and never finer than its words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tarikh.errors import MissingError, UsageError
from tarikh.gazetteer import Gazetteer, open_index
from tarikh.model import Where
from tarikh.placing import placed
from tarikh.reference import outlines


@pytest.fixture(scope="module")
def gazetteer(index: Path) -> Gazetteer:
    return open_index(index)


FOUND: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "town": ("Gao, Mali", ("MLI", "Gao", "Gao", "exact")),
    "accents": ("menaka, mali", ("MLI", "Ménaka", "Ménaka", "exact")),
    "near": ("near Gao, Mali", ("MLI", "Gao", "Gao", "near")),
    "region": ("Gao Region, Mali", ("MLI", "Gao", "Gao Region", "admin1")),
    "country": ("Mali", ("MLI", None, "Mali", "country")),
    "unit between": ("Springfield, Illinois, United States", ("USA", "Illinois", "Springfield", "exact")),
    "fields": ("country=MLI; place=Gao; precision=near", ("MLI", "Gao", "Gao", "near")),
    "unit by fields": ("country=MLI; admin1=Gao; precision=admin1", ("MLI", "Gao", "Gao Region", "admin1")),
    "mapping": ({"country": "NER", "precision": "country"}, ("NER", None, "Niger", "country")),
    "unlisted with its point": (
        "country=MLI; admin1=Gao; place=Tandou; latitude=16.1; longitude=0.4; precision=near",
        ("MLI", "Gao", "Tandou", "near"),
    ),
    "contested, counted by the gazetteer": (
        "country=UKR; place=Sevastopol; latitude=44.6; longitude=33.5; precision=exact",
        ("UKR", "Sevastopol", "Sevastopol", "exact"),
    ),
    "unknown": ("unknown", (None, None, None, "unknown")),
}


@pytest.mark.parametrize(("value", "expected"), FOUND.values(), ids=FOUND)
def test_a_place_is_what_the_gazetteer_has(
    value: Any, expected: tuple[Any, ...], gazetteer: Gazetteer
) -> None:
    found = placed(value, gazetteer)
    country, admin1, place, precision = expected
    assert (found.country, found.place, found.precision) == (country, place, precision)
    assert found.admin1 == admin1
    assert (found.latitude is None) == (precision == "unknown")


REFUSED: dict[str, tuple[Any, str]] = {
    "no such place": ("Gaoo, Mali", "near to it are: .*Gao"),
    "no such place at all": ("Xqzwvk, Mali", "its point"),
    "several countries": ("Gao", "several places.*Mali.*Burkina Faso"),
    "several towns": ("Springfield, United States", "several places.*Illinois"),
    "another unit": ("Gao, Mopti, Mali", "no 'Gao' in Mopti"),
    "no such unit": ("Gao, Gaoland, Mali", "no unit called 'Gaoland' in Mali"),
    "no such country": ("Gao, Nowhere", "no country"),
    "near a unit": ("near Gao Region, Mali", "a unit"),
    "near a country": ("near Mali", "is a country"),
    "nothing between commas": ("Gao,,Mali", "Gao, Mali"),
    "a unit by fields": ("country=MLI; admin1=Gaoland; precision=admin1", "Gaoland"),
    "a unit of the second level": ("country=MLI; admin2=Gaoland; precision=admin2", "Gaoland"),
    "a point in another country": (
        "country=NER; place=Gao; latitude=16.27; longitude=-0.04; precision=exact",
        "lies in Mali, not in Niger",
    ),
    "at sea": ("country=MLI; place=X; latitude=0.5; longitude=-30.5; precision=near", "in no country"),
    "finer than a unit": ("country=MLI; place=Mali; precision=exact", "precision=country"),
    "a pin for a unit": (
        "country=MLI; admin1=Gao; latitude=16.1; longitude=0.4; precision=admin1",
        "leave latitude",
    ),
    "a pin for a region's name": (
        "country=MLI; place=Gao Region; latitude=16.1; longitude=0.4; precision=exact",
        "precision=admin1",
    ),
    "whole degrees": ("country=MLI; place=X; latitude=16; longitude=0; precision=exact", "whole degrees"),
    "half a point": ({"country": "MLI", "place": "Gao", "latitude": 16.1, "precision": "near"}, "together"),
    "no country": ({"place": "Gao", "precision": "exact"}, "a country"),
    "no place": ({"country": "MLI", "precision": "exact"}, "needs a place"),
    "another number": ({"country": "MLI", "place": "Gao", "geonameid": 7, "precision": "exact"}, "no 'Gao'"),
    "hostile": ("Ga\x1bo, Mali", "control"),
    "long": ("G" * 5000, "characters"),
}


@pytest.mark.parametrize(("value", "told"), REFUSED.values(), ids=REFUSED)
def test_what_it_does_not_have_or_contradicts_is_refused(value: Any, told: str, gazetteer: Gazetteer) -> None:
    with pytest.raises(UsageError, match=told) as caught:
        placed(value, gazetteer)
    assert len(str(caught.value)) < 700


def test_without_a_gazetteer_it_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TARIKH_GAZETTEER", str(tmp_path / "none.sqlite"))
    with pytest.raises(MissingError, match="tarikh gazetteer build"):
        placed("Gao, Mali")
    assert placed("unknown") == Where()


def test_outlines_tell_countries_apart() -> None:
    assert outlines.country_at(14.3, -3.4) == "MLI"
    assert outlines.country_at(48.9, 2.3) == "FRA"
    assert outlines.country_at(0.5, -30.5) is None
    assert outlines.lies_in("RUS", 66.0, -172.0), "east of the 180th meridian"
    assert not outlines.lies_in("NER", 14.3, -3.4, 15)
    assert outlines.lies_in("FRA", 43.28, 5.30, 15), "just off Marseille"
