"""GeoNames dumps and their sidecar files as entries. Format: readme.txt of download.geonames.org/export/dump.

Invariant: a row that cannot be read costs itself and is counted; codes are turned into the names that the index uses.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO

from tarikh.gazetteer.index import Level, Place
from tarikh.gazetteer.lines import Faults, lines
from tarikh.gazetteer.overrides import Entry, Overrides
from tarikh.gazetteer.packaged import Packaged, usable

COLUMNS = 19
_DATE = re.compile(rb"\d{4}-\d{2}-\d{2}")
_ID = re.compile(rb"\d{1,10}")
_LARGEST_ID = 1 << 31
_MOST_NAMES = 300
_LONGEST_NAME = 400
_MOST_PEOPLE = 10_000_000_000
_LEVELS: Mapping[str, Level] = {"ADM1": "admin1", "ADM2": "admin2"}
_NO_LANGUAGE = frozenset(
    ("link", "post", "iata", "icao", "faac", "unlc", "wkdt", "phon", "tcid", "abbr", "fr_1793")
)
"""What alternateNamesV2 has in the column of languages for things that are no names."""
_CLASSES_OF_A_FULL_DUMP = 3
"""A full dump of a country has rows of more kinds than towns; the extracts by population have towns only."""


@dataclass(slots=True)
class Codes:
    """What turns codes into names: the packaged units, then those of the sidecar files."""

    packaged: Packaged
    sidecar: dict[str, str] = field(default_factory=dict)
    seen: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def admin1(self, country: str, first: str) -> str | None:
        """The name of a first-level unit, "00" being none."""
        code = f"{country}.{first}"
        unit = self.packaged.by_code.get(code)
        return unit.admin1().name if unit is not None else self.sidecar.get(code)

    def admin2(self, country: str, first: str, second: str) -> str | None:
        """The name of a second-level unit."""
        if not second:
            return None
        code = f"{country}.{first}.{second}"
        unit = self.packaged.by_code.get(code)
        return unit.name if unit is not None and unit.level == "admin2" else self.sidecar.get(code)

    def full(self) -> list[str]:
        """ISO alpha-3 codes of the countries whose rows are of many kinds, as in a full dump."""
        return sorted(iso3 for iso3, classes in self.seen.items() if len(classes) >= _CLASSES_OF_A_FULL_DUMP)


def sidecar(stream: IO[bytes], faults: Faults, codes: Codes) -> None:
    """Take the names of admin1CodesASCII.txt or admin2Codes.txt: code, name, ASCII name, id."""
    for number, text in lines(stream, faults, 4, _ID):
        parts = text.split("\t")
        if len(parts) != 4 or not parts[1].strip():
            faults.add(number, f"has {len(parts)} columns instead of 4")
            continue
        codes.sidecar[parts[0]] = codes.packaged.rules.short(parts[1].strip())


def alternates(stream: IO[bytes], faults: Faults) -> Iterator[tuple[int, str]]:
    """Ids and names of alternateNamesV2.txt."""
    for number, text in lines(stream, faults):
        parts = text.split("\t")
        if len(parts) not in (8, 10) or not parts[1].isdecimal() or len(parts[1]) > 10:
            faults.add(number, f"has {len(parts)} columns instead of 10, or no id")
            continue
        name = parts[3].strip()
        if parts[2] in _NO_LANGUAGE or len(name) > _LONGEST_NAME or not usable(name):
            faults.left_out += 1
            continue
        yield int(parts[1]), name


def entries(stream: IO[bytes], faults: Faults, codes: Codes) -> Iterator[Entry]:
    """The places of a dump; rows without a country and countries that the packages lack are left out."""
    rules = codes.packaged.rules
    nations = {int(row["geonameid"]) for row in codes.packaged.nations}
    for number, text in lines(stream, faults, COLUMNS, _DATE):
        parts = text.split("\t")
        if len(parts) != COLUMNS:
            faults.add(number, f"has {len(parts)} columns instead of {COLUMNS}")
            continue
        try:
            key, latitude, longitude = int(parts[0]), float(parts[4]), float(parts[5])
        except ValueError:
            faults.add(number, "has no number for id, latitude or longitude")
            continue
        why = _wrong(key, latitude, longitude, parts[1])
        if why:
            faults.add(number, why)
            continue
        country = codes.packaged.by_iso2.get(parts[8])
        if country is None:
            if parts[8]:
                faults.leave(f"country code {parts[8][:8]} is unknown")
            else:
                faults.left_out += 1  # the seas, as in every dump of the world
            continue
        if key in rules.drop or (parts[7].startswith("PCL") and key not in nations):
            faults.left_out += 1
            continue
        codes.seen[country].add(parts[6])
        yield _entry(key, rules.points.get(key, (latitude, longitude)), country, parts, codes, rules)


def _wrong(key: int, latitude: float, longitude: float, name: str) -> str:
    if not 0 < key < _LARGEST_ID:
        return f"has the id {key}"
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return f"has no point on earth ({latitude}, {longitude})"
    if not name.strip() or len(name) > _LONGEST_NAME:
        return "has no name"
    return ""


def _entry(
    key: int, point: tuple[float, float], country: str, parts: list[str], codes: Codes, rules: Overrides
) -> Entry:
    name, level = parts[1].strip(), _LEVELS.get(parts[7], "town")
    admin1 = codes.admin1(parts[8], parts[10])
    admin2 = codes.admin2(parts[8], parts[10], parts[11])
    names = [name, parts[2]]
    if parts[3]:
        names += [n for n in parts[3].split(",", _MOST_NAMES)[:_MOST_NAMES] if usable(n)]
    if level != "town":
        names.append(rules.short(name))
        admin1 = admin1 or (names[-1] if level == "admin1" else None)
        admin2 = (admin2 or names[-1]) if level == "admin2" else None
    if key in rules.names:
        names += rules.names[key]
    return Entry(
        Place(
            key,
            name,
            point[0],
            point[1],
            level,
            country,
            admin1,
            admin2,
            _people(parts[14]),
            feature=f"{parts[6]}.{parts[7]}" if parts[7] else parts[6] or None,
        ),
        tuple(names),
    )


def _people(text: str) -> int | None:
    """The population; unknown where it is empty, 0 or no number."""
    if not text.isdecimal() or len(text) > 11:
        return None
    count = int(text)
    return count if 0 < count < _MOST_PEOPLE else None
