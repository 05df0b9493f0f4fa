"""Which form a source of places has, found by its bytes and not by its name.

Invariant: a file that has none of the forms is refused with what was seen in it; nothing is guessed from a suffix.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from tarikh.errors import RefusedError
from tarikh.gazetteer import dumps, lines, towns
from tarikh.gazetteer.lines import Member

Form = Literal["geonames", "admin1", "admin2", "alternates", "boundaries", "ged"]
WHAT: Mapping[Form, str] = {
    "geonames": "GeoNames dump",
    "admin1": "GeoNames names of first-level units",
    "admin2": "GeoNames names of second-level units",
    "alternates": "GeoNames alternate names",
    "boundaries": "outlines of administrative units",
    "ged": "towns from UCDP GED events",
}
_GEONAMES = "GeoNames (geonames.org), CC BY 4.0"
LICENCES: Mapping[Form, str] = {
    "geonames": _GEONAMES,
    "admin1": _GEONAMES,
    "admin2": _GEONAMES,
    "alternates": _GEONAMES,
    "boundaries": "terms of its publisher: see the page that it was taken from (COD-AB mostly CC BY-IGO)",
    "ged": "UCDP Georeferenced Event Dataset, Uppsala Conflict Data Program (ucdp.uu.se), CC BY 4.0",
}
_ADVICE = (
    "give a GeoNames dump (XX.zip, XX.txt, allCountries.zip, admin1CodesASCII.txt, admin2Codes.txt, alternateNamesV2),"
    " COD-AB or geoBoundaries GeoJSON, or the CSV of UCDP GED"
)
_SAMPLE = 20


def read(
    path: Path, called: str | None = None, tell: Callable[[str], None] | None = None
) -> list[tuple[Form, Member]]:
    """The usable files in a file, with their forms; `tell` is told of each other one but a readme. Raises `RefusedError` where there is none."""
    found: list[tuple[Form, Member]] = []
    refused: list[tuple[Member, RefusedError]] = []
    for member in lines.members(path, called):
        try:
            found.append((_form(member), member))
        except RefusedError as error:  # a readme beside the dump
            refused.append((member, error))
    worth = [error for member, error in refused if not member.base.lower().startswith("readme")]
    if not found:
        first = [*worth, *(error for _, error in refused)][:1]
        raise (
            first[0] if first else RefusedError(f"{called or path.name} is an empty archive: fetch it again")
        )
    if tell is not None:
        for fault in worth:
            tell(f"{fault} (it was left out; the rest of the archive was taken)")
    return found


def _form(member: Member) -> Form:
    head = member.head()
    text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors="replace").lstrip()
    if not text:
        raise RefusedError(f"{member.name} is empty: fetch it again")
    if text.startswith("<"):
        raise RefusedError(
            f"{member.name} is a web page, not data: the server, or a login page before it, answered something else;"
            " fetch it again"
        )
    if head.startswith(b"PK\3\4"):
        raise RefusedError(f"{member.name} is an archive in an archive: unpack it and give the file inside")
    if text.startswith("{"):
        return "boundaries"
    if text.startswith("["):
        raise RefusedError(
            f"{member.name} is a list in JSON, and GeoJSON is an object: give the whole FeatureCollection"
        )
    if towns.is_table(text):
        return "ged"
    return _tabular(member, text)


def _tabular(member: Member, text: str) -> Form:
    rows = [line.split("\t") for line in text.split("\n")[:_SAMPLE] if line.strip()]
    columns = Counter(map(len, rows)).most_common(1)[0][0]
    row = next(row for row in rows if len(row) == columns)
    if columns == dumps.COLUMNS:
        return "geonames"
    if columns == 4 and (code := re.fullmatch(r"[A-Z]{2}\.[^.\s]+(\.[^\s]+)?", row[0])):
        return "admin2" if code[1] else "admin1"
    if columns in (8, 10) and row[0].isdecimal() and row[1].isdecimal():
        return "alternates"
    seen = f"its rows have {columns} columns" if columns > 1 else "it is no table"
    raise RefusedError(f"{member.name} is no source of places that can be read ({seen}): {_ADVICE}")
