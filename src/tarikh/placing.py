"""A place that a person gives, looked up in the gazetteer.

Invariant: a name or unit that the gazetteer does not have is refused with names that are near; a point lies in the country
that is named; the precision is never finer than the words, and a unit's point is the gazetteer's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from tarikh import reference
from tarikh.errors import UsageError
from tarikh.gazetteer import Gazetteer, Place, kilometers, open_index
from tarikh.link import correction_value, typed
from tarikh.link.corrections import UNKNOWN
from tarikh.model import Where
from tarikh.reference import outlines
from tarikh.settings import Settings
from tarikh.text import fold

BORDER_KM = 15.0
"""How far from its country's outline a point may lie: the outlines are coarse, and rivers and islands are cut off."""
SPOT_KM = 25.0
"""Records of one name that are nearer to each other are one place."""
LONGEST = 300
"""Characters of a place in words."""
OTHERWISE = "; write another spelling, or give its point:"
"""What follows the names that are near to one that the gazetteer does not have; a form of `link.typed` comes after it."""
_CITY, _TIMES = 50_000, 20
"""A town of so many people is meant where its namesakes have so many times fewer."""
_SHOWN = 5
_UNITS = ("admin1", "admin2", "country")


def placed(value: Any, gazetteer: Gazetteer | None = None) -> Where:
    """The place that a person gives: words as `Gao, Mali`, `near Gao, Mali`, `Gao Region, Mali` or `Mali`; the form of
    `link.typed`; or a value that `link.correction_value` takes.

    Without `gazetteer` it is the user's. Raises `UsageError` with what would be right, `MissingError` when there is none.
    """
    if isinstance(value, str) and _is_words(value.strip()):
        if len(value) > LONGEST:
            raise UsageError(f"the place has {len(value)} characters; name it with at most {LONGEST}")
        correction_value("place", {"place": value.strip()})  # refuses control characters
        return _named(value.strip(), gazetteer or open_index(Settings().gazetteer_path()))
    meant = typed("place", value) if isinstance(value, str) else correction_value("place", value)
    assert isinstance(meant, Where)
    if meant == Where():
        return meant
    return _checked(meant, gazetteer or open_index(Settings().gazetteer_path()))


def _is_words(text: str) -> bool:
    return bool(text) and "=" not in text and text[0] not in "[{" and text.casefold() != UNKNOWN


# ---- words -------------------------------------------------------------------------------------------------


def _named(text: str, gazetteer: Gazetteer) -> Where:
    near = text.casefold().startswith("near ")
    name, *holders = (part.strip() for part in (text[5:] if near else text).split(","))
    if not name or not all(holders):
        raise UsageError(f"{text[:80]!r} is no place; write for example: Gao, Mali")
    country = reference.country_by_name(holders[-1]) if holders else None
    if not holders and (alone := reference.country_by_name(name)) is not None:
        if near:
            raise UsageError(f"{name} is a country; a place near it must be named by a town")
        return _unit_where(_nation(alone.iso3, gazetteer))
    if holders and country is None:
        raise UsageError(
            f"no country is called {holders[-1][:60]!r}; write the country last, for example: Gao, Mali"
        )
    iso3 = country.iso3 if country is not None else None
    rows = _exact(gazetteer, name, iso3)
    for holder in holders[:-1]:
        rows = _inside(rows, holder, iso3, gazetteer)
    if not rows:
        raise UsageError(_unknown(gazetteer, name, iso3, ", ".join(holders[:-1])))
    towns = [row for row in rows if row.level == "town"]
    if not towns:
        if near:
            raise UsageError(f"{name} is a unit, not a town; leave out near: {name}, …")
        return _unit_where(_only(rows, name))
    town = _only(towns, name)
    return _town_where(town, near or town.extended)


def _exact(gazetteer: Gazetteer, name: str, country: str | None) -> list[Place]:
    return [row for row in gazetteer.find(name) if row.matched == "exact" and country in (None, row.country)]


def _inside(rows: Sequence[Place], holder: str, country: str | None, gazetteer: Gazetteer) -> list[Place]:
    """Those of the rows that lie in a unit. Raises `UsageError` where the country has no such unit."""
    unit = _unit(gazetteer, holder, country)
    return [row for row in rows if fold(unit.admin1 or "-") == fold(row.admin1 or "")]


def _unit(
    gazetteer: Gazetteer, name: str, country: str | None, levels: Sequence[str] = ("admin1", "admin2")
) -> Place:
    found = [row for row in _exact(gazetteer, name, country) if row.level in levels]
    if not found:
        near = _near(gazetteer, name, country, levels)
        raise UsageError(
            f"the gazetteer has no unit called {name[:60]!r}{_in(country)}"
            f"{near or '; leave it out, or add its outlines: tarikh gazetteer add'}"
        )
    return found[0]


def _only(rows: Sequence[Place], name: str) -> Place:
    """The one place that is meant. Raises `UsageError` where there are several, with their units."""
    first = max(rows, key=lambda row: row.population or 0)
    others = [row for row in rows if row.country != first.country or kilometers(row, first) > SPOT_KM]
    people = max((row.population or 0 for row in others), default=0)
    if not others or (first.population or 0) >= max(_CITY, _TIMES * people):
        return first
    some = "; ".join(dict.fromkeys(_described(row) for row in (first, *others)))
    raise UsageError(f"{name[:60]!r} may be several places; write which: {some[:300]}")


def _described(row: Place) -> str:
    known = reference.country(row.country)
    unit = row.admin1 if row.admin1 and row.level in ("town", "admin2") else None
    return ", ".join(filter(None, (row.name, unit, known.name if known else row.country)))


def _in(country: str | None) -> str:
    known = reference.country(country)
    return "" if known is None else f" in {known.name}"


def _near(
    gazetteer: Gazetteer, name: str, country: str | None, levels: Iterable[str] = ("town", *_UNITS)
) -> str:
    """Names of these levels that are spelled like one, of its country where it has such, as the end of a sentence."""
    wanted = set(levels)
    alike = gazetteer.beginning(name, country)
    close = get_close_matches(fold(name), alike, _SHOWN, 0.7)
    candidates = (*gazetteer.find(name), *gazetteer.similar(name), *(alike[key] for key in close))
    rows = [row for row in candidates if row.level in wanted]
    rows = [row for row in rows if row.country == country] or (rows if "town" in wanted else [])
    some = list(dict.fromkeys(_described(row) for row in rows))[:_SHOWN]
    return f"; near to it are: {'; '.join(some)}" if some else ""


def _unknown(gazetteer: Gazetteer, name: str, country: str | None, unit: str = "") -> str:
    near = _near(gazetteer, name, country)
    where = f" in {unit}" if unit else _in(country)
    return (
        f"the gazetteer has no {name[:60]!r}{where}{near}{OTHERWISE}"
        f" country={country or 'MLI'}; place={name[:60]}; latitude=…; longitude=…; precision=exact or near"
    )


def _town_where(row: Place, near: bool) -> Where:
    point = row.latitude, row.longitude
    precision = "near" if near else "exact"
    return Where(row.country, row.admin1, row.admin2, row.name, *point, precision, row.geonameid)  # type: ignore[arg-type]


def _unit_where(row: Place) -> Where:
    known = reference.country(row.country)
    name = known.name if row.level == "country" and known is not None else row.name
    point = row.latitude, row.longitude
    precision: Any = row.level
    return Where(row.country, row.admin1, row.admin2, name, *point, precision, row.geonameid)


def _nation(iso3: str, gazetteer: Gazetteer) -> Place:
    found = gazetteer.country(iso3)
    if found is None:
        raise UsageError(f"the gazetteer has no country {iso3}; see: tarikh gazetteer info")
    return found


# ---- values ------------------------------------------------------------------------------------------------


def _checked(where: Where, gazetteer: Gazetteer) -> Where:
    """A place given field by field, with what the gazetteer knows of it."""
    if where.precision == "unknown" or where.country is None:
        raise UsageError(
            "a place needs a country and a precision: exact, near, admin2, admin1 or country; "
            f"or write {UNKNOWN}"
        )
    pinned = where.latitude is not None or where.longitude is not None
    if pinned and (where.latitude is None or where.longitude is None):
        raise UsageError("latitude and longitude go together")
    if pinned and where.precision in _UNITS:
        raise UsageError(
            f"precision={where.precision} is a unit, whose point is the gazetteer's: leave latitude and longitude"
            " out, or say precision=exact or near with a place"
        )
    where = _with_units(where, gazetteer)
    if where.precision in _UNITS:
        return _of_unit(where, gazetteer)
    if where.place is None:
        raise UsageError(
            f"precision={where.precision} needs a place; a unit alone is precision=admin1 or admin2"
        )
    if pinned:
        _lies_in_country(where, gazetteer)
    return _of_town(where, gazetteer)


def _with_units(where: Where, gazetteer: Gazetteer) -> Where:
    if where.admin1 is not None:
        where = replace(where, admin1=_unit(gazetteer, where.admin1, where.country, ("admin1",)).admin1)
    if where.admin2 is not None:
        unit = _unit(gazetteer, where.admin2, where.country, ("admin2",))
        if where.admin1 is not None and fold(unit.admin1 or where.admin1) != fold(where.admin1):
            raise UsageError(
                f"{unit.name} lies in {unit.admin1}, not in {where.admin1}; leave one of them out"
            )
        where = replace(where, admin1=where.admin1 or unit.admin1, admin2=unit.admin2 or unit.name)
    return where


def _of_unit(where: Where, gazetteer: Gazetteer) -> Where:
    assert where.country is not None
    if where.precision == "country":
        row = _nation(where.country, gazetteer)
    else:
        name = where.admin1 if where.precision == "admin1" else where.admin2
        if name is None:
            raise UsageError(f"precision={where.precision} needs {where.precision}")
        row = _unit(gazetteer, name, where.country, (where.precision,))
    found = _unit_where(row)
    return found if where.place is None else replace(found, place=where.place)


def _lies_in_country(where: Where, gazetteer: Gazetteer) -> None:
    assert where.country is not None
    assert where.latitude is not None
    assert where.longitude is not None
    point = where.latitude, where.longitude
    if outlines.lies_in(where.country, *point, BORDER_KM):
        return
    # The map draws contested areas as they are held; the gazetteer, and the person, may count them otherwise.
    if any(row.country == where.country for row in gazetteer.around(*point, SPOT_KM)):
        return
    other = reference.country(outlines.country_at(*point))
    lies = f"lies in {other.name}" if other is not None else "lies in no country"
    known = reference.country(where.country)
    raise UsageError(
        f"the point {point[0]}, {point[1]} {lies}, not in {known.name if known else where.country};"
        " see that latitude comes first and that the signs are right"
    )


def _of_town(where: Where, gazetteer: Gazetteer) -> Where:
    assert where.place is not None
    rows = _exact(gazetteer, where.place, where.country)
    towns = [row for row in rows if row.level == "town" and _agrees(row, where)]
    if where.latitude is not None and where.longitude is not None:
        return _pinned(where, rows, towns)
    if not towns:
        units = [row.level for row in rows if row.level != "town"]
        if units and len(units) == len(rows):
            raise UsageError(
                f"{where.place} is a unit, and precision={where.precision} is finer; say precision={units[0]}"
            )
        raise UsageError(_unknown(gazetteer, where.place, where.country, where.admin2 or where.admin1 or ""))
    town = _only(towns, where.place)
    if town.extended and where.precision == "exact":
        raise UsageError(f"{town.name} is a line or an area, no spot; say precision=near")
    return _town_where(town, where.precision == "near")


def _agrees(row: Place, where: Where) -> bool:
    """Whether a town may be the one that is told by its units and number."""
    same = where.admin1 is None or fold(row.admin1 or where.admin1) == fold(where.admin1)
    return same and where.geonameid in (None, row.geonameid)


def _pinned(where: Where, rows: Sequence[Place], towns: Sequence[Place]) -> Where:
    """A point of a person's own: as it is given, with the units of the town of its name where that is there."""
    assert where.latitude is not None
    assert where.longitude is not None
    if where.precision == "exact" and where.latitude.is_integer() and where.longitude.is_integer():
        raise UsageError(
            "a point in whole degrees is good to 50 kilometers; give it with decimals, or say precision=near"
        )
    if rows and all(row.level in _UNITS for row in rows):
        raise UsageError(
            f"{where.place} is a unit, and a point of your own is finer; say precision={rows[0].level} without it"
        )
    if where.geonameid is not None and not towns:
        raise UsageError(f"{where.place} has no GeoNames id {where.geonameid} in the gazetteer; leave it out")
    itself = Place(None, where.place or "", where.latitude, where.longitude, "town", where.country or "")
    close = [row for row in towns if kilometers(row, itself) <= SPOT_KM]
    if not close:
        return where
    town = min(close, key=lambda row: kilometers(row, itself))
    return replace(
        where,
        admin1=where.admin1 or town.admin1,
        admin2=where.admin2 or town.admin2,
        place=town.name,
        geonameid=town.geonameid,
    )
