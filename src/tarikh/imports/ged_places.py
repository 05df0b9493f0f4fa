"""Where a GED event was, as the codebook writes places: never finer than its `where_prec`.

Invariant: precision falls with what the row lacks (a point, a unit's name), and never rises.
Source of the codes: UCDP GED Codebook, where_prec 1 to 7.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from tarikh import reference
from tarikh.gazetteer import Gazetteer, Place
from tarikh.gazetteer.overrides import Overrides
from tarikh.gazetteer.packaged import overrides
from tarikh.gazetteer.towns import KIND, nation_of
from tarikh.model import LOCATED, Where

ORDER = ("exact", "near", "admin2", "admin1", "country", "unknown")
PRECISION = {1: "exact", 2: "near", 3: "admin2", 4: "admin1", 5: "admin1", 6: "country", 7: "unknown"}
"""5 is a line or an area, whose point only stands for it: its first-level unit, or no more than the country. 7 is at sea or in
the air, where the row's country is only whom UCDP counts it with."""


def country(row: Mapping[str, str]) -> str | None:
    """The ISO alpha-3 code of a row's country."""
    known = reference.country(row.get("iso3") or None)
    return known.iso3 if known is not None else nation_of(row.get("country", ""))


def where(row: Mapping[str, str], prec: int, nation: str, gazetteer: Gazetteer | None) -> Where:
    """The place of a row. Raises `ValueError` where its point is none."""
    point = _point(row)
    admin1 = unit(row.get("adm_1", ""), "admin1", nation, gazetteer)
    admin2 = unit(row.get("adm_2", ""), "admin2", nation, gazetteer)
    place = KIND.sub("", row.get("where_coordinates", "")) or None
    precision = PRECISION[prec]
    if precision in LOCATED and place is not None and point != (None, None):
        return Where(nation, admin1, admin2, place, *point, precision)
    if precision in ("exact", "near", "admin2") and admin2 is not None:
        return Where(nation, admin1, admin2, admin2, *point, "admin2")
    if precision in ("exact", "near", "admin2", "admin1") and admin1 is not None:
        return Where(nation, admin1, None, admin1, *point, "admin1")
    if precision == "unknown":
        return Where()
    owner = reference.country(nation)
    return Where(nation, place=None if owner is None else owner.name, precision="country")


def _point(row: Mapping[str, str]) -> tuple[float | None, float | None]:
    texts = row.get("latitude", ""), row.get("longitude", "")
    if not all(texts):
        return None, None
    try:
        latitude, longitude = (float(text) for text in texts)
    except ValueError:
        raise ValueError(
            f"latitude {texts[0][:40]!r} and longitude {texts[1][:40]!r} are no degrees as 16.27 and -0.04"
        ) from None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError(f"latitude {latitude} and longitude {longitude} are not on the earth")
    return latitude, longitude


@cache
def _rules() -> Overrides:
    return overrides()


def unit(name: str, level: str, nation: str, gazetteer: Gazetteer | None) -> str | None:
    """A unit as the gazetteer names it ("Borno state" is Borno); as given, without its word, where it is not known there."""
    if not name:
        return None
    short = KIND.sub("", _rules().short(name))
    for each in dict.fromkeys((name, short)) if gazetteer is not None else ():
        found = next((p for p in gazetteer.find(each) if _is(p, level, nation)), None)  # type: ignore[union-attr]
        if found is not None:
            return (found.admin1 if level == "admin1" else found.admin2) or found.name
    return short


def _is(place: Place, level: str, nation: str) -> bool:
    return place.level == level and place.country == nation and place.matched == "exact"
