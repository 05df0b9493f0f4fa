"""Names that are suggested while a field is typed in: few, fitting, and read as what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tarikh import placing
from tarikh.web import suggesting
from tarikh.web.places_index import gazetteer_at


def _suggested(pages: Any, address: str) -> list[str]:
    return [each["value"] for each in pages.get(address).json()["found"]]


def test_places_and_parties_are_suggested(pages: Any) -> None:
    assert _suggested(pages, "/suggest/places.json?q=gao&country=MLI")[0] == "Gao, Gao, Mali"
    assert "Ménaka, Ménaka, Mali" in _suggested(pages, "/suggest/places.json?q=menak")
    assert _suggested(pages, "/suggest/places.json?q=m") == []
    assert _suggested(pages, "/suggest/parties.json?q=jnim") == ["JNIM"]
    assert _suggested(pages, "/suggest/parties.json?q=civ&country=MLI")[0] == "Civilians (Mali)"
    near = pages.get("/suggest/place-at.json?latitude=16.3&longitude=-0.1").json()["found"]
    assert [each["sort"] for each in near] == ["town", "admin1", "country"]


@pytest.mark.parametrize(
    "address",
    [
        "/suggest/places.json",
        f"/suggest/places.json?q={'x' * 101}",
        "/suggest/places.json?q=gao&country=mali",
        "/suggest/place-at.json?latitude=91&longitude=0",
        "/suggest/place-at.json?latitude=nan&longitude=0",
        f"/suggest/parties.json?q={'x' * 101}",
    ],
)
def test_a_wrong_question_for_names_is_refused(pages: Any, address: str) -> None:
    assert pages.get(address).status_code == 400


def test_every_suggested_place_is_read_as_a_place(index: Path) -> None:
    gazetteer = gazetteer_at(index)
    for text in ("gao", "bam", "spring", "san j", "mali", "niger", "khar"):
        for found in suggesting.places(gazetteer, text):
            placing.placed(found.value, gazetteer)
