"""Tables as a Frictionless Data Package (version 2) in one archive: rows, sources, codebook, columns, and what goes with them.

Invariant: the same rows and moment give the same bytes; every file in it is described, with its columns and their types.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, BinaryIO

from tarikh.exports.csv import SEPARATOR, lines
from tarikh.exports.destination import Destination, encoded, opened
from tarikh.exports.table import Column, Form, Row, Table, described

MEDIA = "application/zip"
SCHEMA = "https://datapackage.org/profiles/2.0/datapackage.json"
_TYPES: Mapping[Form, str] = {
    "text": "string", "list": "string", "day": "date", "count": "integer", "degrees": "number", "share": "number",
}  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9.+-]+")
_ADDRESS = re.compile(r"https?://\S+")
_FIRST = (1980, 1, 1, 0, 0, 0)
"""The earliest moment that an archive can tell."""
_PLACES = {"title": "GeoNames (places), CC BY 4.0", "path": "https://www.geonames.org/"}
_EVENTS = {
    "title": "UCDP GED, Uppsala Conflict Data Program, CC BY 4.0; Sundberg and Melander 2013",
    "path": "https://ucdp.uu.se/",
}


def write(table: Table, destination: Destination) -> None:
    """Writes the archive. Raises `TarikhError` when a file cannot be written."""
    with opened(destination) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        packing = _Packing(archive, _moment(table.about().get("made")))
        told = _Sources(table)
        tables = [replace(table, rows=told.noting(table.rows))]
        resources = [packing.table(each) for each in tables]
        for each in (*told.table(), *table.beside, described(table)):
            resources.append(packing.table(each))
        _refer(resources)
        about = table.about()
        packing.file("README.md", _readme(about, resources))
        text = json.dumps(_package(about, resources), ensure_ascii=False, indent=1)
        packing.file("datapackage.json", text + "\n")


def _moment(made: Any) -> tuple[int, int, int, int, int, int]:
    if not made:
        return _FIRST
    at = datetime.fromisoformat(made)
    return max(_FIRST, (at.year, at.month, at.day, at.hour, at.minute, at.second))


@dataclass(frozen=True, slots=True)
class _Packing:
    """Puts files into an archive, with one moment for all."""

    archive: zipfile.ZipFile
    at: tuple[int, int, int, int, int, int]

    def _opened(self, name: str) -> BinaryIO:
        entry = zipfile.ZipInfo(name, self.at)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        entry.create_system = 3
        return self.archive.open(entry, "w", force_zip64=True)  # type: ignore[return-value]

    def file(self, name: str, text: str) -> None:
        with self._opened(name) as stream:
            stream.write(encoded(text))

    def table(self, table: Table) -> dict[str, Any]:
        """Puts a table in as CSV; returns its description."""
        name = f"{table.name}.csv"
        size = 0
        with self._opened(name) as stream:
            for part in lines(table.columns, table.rows):
                size += stream.write(part)
        return {
            "name": table.name,
            "type": "table",
            "path": name,
            "scheme": "file",
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "bytes": size,
            "schema": {"fields": [_field(each) for each in table.columns], "missingValues": [""]},
        }


def _field(column: Column) -> dict[str, Any]:
    told = column.what + (f"; joined by {SEPARATOR!r}" if column.form == "list" else "")
    made: dict[str, Any] = {"name": column.name, "type": _TYPES[column.form], "description": told}
    if column.form == "share":
        made["constraints"] = {"minimum": 0, "maximum": 1}
    return made


def _refer(resources: list[dict[str, Any]]) -> None:
    """Says which column is the key, and that each kind is one of the codebook."""
    names = {each["name"] for each in resources}
    for each in resources:
        fields = [one["name"] for one in each["schema"]["fields"]]
        if each["name"] == "incidents" and "id" in fields:
            each["schema"]["primaryKey"] = ["id"]
            if "kinds" in names and "kind" in fields:
                reference = {"resource": "kinds", "fields": ["kind"]}
                each["schema"]["foreignKeys"] = [{"fields": ["kind"], "reference": reference}]


def _package(about: Mapping[str, Any], resources: list[dict[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "$schema": SCHEMA,
        "name": "tarikh-incidents",
        "title": about.get("title"),
        "description": f"{about.get('notice')} License: {about.get('license')}.",
        "created": about.get("made"),
        "licenses": _licenses(about.get("license")),
        "sources": [_PLACES, _EVENTS] if "UCDP GED" in str(about.get("notice")) else [_PLACES],
        "tarikh": dict(about),
        "resources": resources,
    }
    return {name: value for name, value in made.items() if value}


def _licenses(given: Any) -> list[dict[str, str]]:
    text = str(given or "")
    if _ADDRESS.fullmatch(text):
        return [{"path": text}]
    if _NAME.fullmatch(text):
        return [{"name": text}]
    return [{"name": "other", "title": text}] if text else []


def _readme(about: Mapping[str, Any], resources: list[dict[str, Any]]) -> str:
    disclosure = about.get("disclosure", {})
    files = "".join(f"- `{each['path']}`\n" for each in resources)
    versions = "".join(f"- {part}: {version}\n" for part, version in about.get("versions", {}).items())
    return (
        f"# {about.get('title')}\n\n{about.get('notice')}\n\nLicense: {about.get('license')}\n\n"
        f"Filter: {about.get('filters') or 'all incidents'}\n\n"
        f"Disclosure: level {disclosure.get('level')} of policy {disclosure.get('policy')}; the column `withheld` says what"
        " is known and not shown.\n\nAn empty cell is unknown, 0 is 0. A precision stands beside every place and day.\n\n"
        f"## Files\n\n{files}\n## Made by\n\n{about.get('software')}, {about.get('made') or 'moment not told'}\n\n{versions}"
    )


# ---- sources ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Sources:
    """The sources of the rows that went by: as the rows show them, so that none is named that is withheld."""

    of: Table
    found: dict[str, list[Any]] = field(default_factory=dict)

    def noting(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows, of which it notes the sources."""
        there = self.of.places()
        sources, start, end = (there.get(name) for name in ("sources", "date_start", "date_end"))
        for row in rows:
            names = row[sources] if sources is not None else None
            if isinstance(names, list):
                first = row[start] if start is not None else None
                last = row[end] if end is not None else None
                for name in names:
                    self._note(name, first, last or first)
            yield row

    def _note(self, name: str, first: Any, last: Any) -> None:
        kept = self.found.setdefault(name, [0, None, None])
        kept[0] += 1
        if isinstance(first, date) and (kept[1] is None or first < kept[1]):
            kept[1] = first
        if isinstance(last, date) and (kept[2] is None or last > kept[2]):
            kept[2] = last

    def table(self) -> list[Table]:
        """Each source with its incidents; none where the rows have no sources."""
        if "sources" not in self.of.places():
            return []
        columns = (
            Column("source", "text", "name of the source"),
            Column("incidents", "count", "incidents of this package of which it tells"),
            Column("first_day", "day", "first day of any of them"),
            Column("last_day", "day", "last day of any of them"),
        )
        return [Table("sources", columns, [[name, *self.found[name]] for name in sorted(self.found)])]
