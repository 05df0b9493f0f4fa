"""Towns from the events of UCDP GED (CC BY 4.0): each name of a place that was coded exactly, with its most frequent point.

Invariant: one name in one unit gives one point; rows that are coded to a unit or an area give none.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import IO

from tarikh import earth, reference
from tarikh.errors import RefusedError
from tarikh.gazetteer.index import Place
from tarikh.gazetteer.lines import Faults, lines
from tarikh.gazetteer.overrides import Entry
from tarikh.gazetteer.packaged import Packaged
from tarikh.text import fold

COLUMNS = ("where_prec", "where_coordinates", "adm_1", "country", "latitude", "longitude")
"""Columns of GED (codebook 20 and later) that are read."""
_EXACT = ("1", "1.0")
KIND = re.compile(
    r" (?:town|village|city|settlement|hamlet|locality|villages|camp|suburb|neighbou?rhood)$", re.I
)
_NO_TOWN = re.compile(
    r"\b(?:road|between|border|area|river|forest|mountains?|district|province|state|lga)\b", re.I
)
_BRACKETS = re.compile(r"\s*\([^()]{0,80}\)\s*$")
_ONE_PLACE_KM = 15.0
_LONGEST = 120


def entries(stream: IO[bytes], faults: Faults, packaged: Packaged) -> Iterator[Entry]:
    """The towns of a GED table. Raises `RefusedError` where it lacks a column."""
    points: dict[tuple[str, str, str], Counter[tuple[float, float]]] = defaultdict(Counter)
    spellings: dict[tuple[str, str, str], str] = {}
    for row in _rows(stream, faults):
        name = KIND.sub("", (row["where_coordinates"] or "").strip())
        nation = nation_of(row["country"] or "")
        if row["where_prec"] not in _EXACT or not name or len(name) > _LONGEST or _NO_TOWN.search(name):
            faults.left_out += 1
            continue
        try:
            point = (float(row["latitude"] or ""), float(row["longitude"] or ""))
        except ValueError:
            faults.add(faults.lines, "has no number for latitude or longitude")
            continue
        if nation is None or not (-90 <= point[0] <= 90 and -180 <= point[1] <= 180):
            faults.add(faults.lines, f"has country {row['country']!r} and point {point}")
            continue
        key = (nation, _unit(row["adm_1"] or "", nation, packaged), fold(name))
        points[key][point] += 1
        spellings.setdefault(key, name)
    for key, found in points.items():
        latitude, longitude = max(found.items(), key=lambda item: (item[1], item[0]))[0]
        name = spellings[key]
        yield Entry(Place(None, name, latitude, longitude, "town", key[0], key[1] or None), _forms(name))


def _forms(name: str) -> tuple[str, ...]:
    """GED writes two spellings as "Murbai/Murubai"."""
    parts = [part.strip() for part in name.split("/")]
    return (name, *(part for part in parts if part)) if len(parts) > 1 else (name,)


def _rows(stream: IO[bytes], faults: Faults) -> Iterator[Mapping[str, str | None]]:
    # Strict: a quote that is not closed would otherwise make one field of all rows behind it.
    reader = csv.DictReader((text + "\n" for _, text in lines(stream, faults)), strict=True)
    began = 1
    try:
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise RefusedError(f"{faults.name} has no column {missing[0]}: give the CSV of UCDP GED")
        began = faults.lines + 1
        for row in reader:
            if None in row or None in row.values():
                faults.add(
                    began,
                    f"has another number of columns than the {len(reader.fieldnames or ())} of the head",
                )
            else:
                yield row
            began = faults.lines + 1
    except csv.Error as error:
        raise RefusedError(
            f"{faults.name} cannot be used: the row that begins in line {began:,} is no CSV ({error}), mostly a quote"
            " that is not closed. Put that line right, or fetch the file again"
        ) from error


def nation_of(name: str) -> str | None:
    """GED writes "DR Congo (Zaire)", "Yemen (North Yemen)"."""
    found = reference.country_by_name(name) or reference.country_by_name(_BRACKETS.sub("", name))
    return found.iso3 if found is not None else None


def _unit(name: str, nation: str, packaged: Packaged) -> str:
    """The index's name of a first-level unit: "Borno state" → "Borno"."""
    short = KIND.sub("", packaged.rules.short(name.strip()))
    return packaged.unit_named(nation, name) or packaged.unit_named(nation, short) or short


def same_town(left: Entry, right: Entry) -> bool:
    """Whether two records of one name are one town."""
    a, b = left.place, right.place
    near = earth.kilometers((a.latitude, a.longitude), (b.latitude, b.longitude)) <= _ONE_PLACE_KM
    return a.country == b.country and b.level == "town" and near


def is_table(head: str) -> bool:
    """Whether a file's first line is the head of such a table."""
    try:
        first = next(csv.reader(io.StringIO(head.split("\n", 1)[0])), [])
    except csv.Error:
        return False
    return "where_coordinates" in first and "latitude" in first
