"""Tables of incidents as KML 2.2: a placemark a row, for Google Earth and maps on paper.

Invariant: no geometry where the place is unknown; the description of a point that stands for a unit says so, and its icon
is another one. A text stays a text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tarikh.exports.csv import SEPARATOR
from tarikh.exports.destination import Destination, encoded, opened
from tarikh.exports.markup import escaped
from tarikh.exports.table import Cell, Row, Table, portions
from tarikh.exports.telling import Teller

MEDIA = "application/vnd.google-earth.kml+xml"
_COLORS = {
    "battle": "b3202f", "remote": "c9650a", "civilians": "7a3aa3", "crowd": "1f6fb5", "strategic": "2c7a55", "other": "5a646c",
}  # fmt: skip
"""By family of kinds, as the pages have them; red, green, blue."""
_ICON = "https://maps.google.com/mapfiles/kml/shapes/"
_EXACT = "the place itself", "a place nearby"


def write(table: Table, destination: Destination) -> None:
    """Writes one document. Raises `TarikhError` when a file cannot be written, `UsageError` for a table of no incidents."""
    placemark = _Placemarks(table)
    about = table.about()
    with opened(destination) as stream:
        stream.write(encoded(_head(about)))
        for part in portions(table.rows):
            stream.write(encoded("".join(map(placemark, part))))
        stream.write(b"</Document>\n</kml>\n")


def _head(about: Any) -> str:
    disclosure = about.get("disclosure", {})
    told = [
        about.get("notice", ""),
        f"License: {about.get('license')}.",
        f"Filter: {about.get('filters') or 'all incidents'}.",
        f"Disclosure: level {disclosure.get('level')} of policy {disclosure.get('policy')}; each placemark says what is withheld.",
        f"Made by {about.get('software')}{' on ' + about['made'] if about.get('made') else ''}.",
        *(f"{part}: {version}." for part, version in about.get("versions", {}).items()),
    ]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">\n<Document>\n'
        f"<name>{escaped(str(about.get('title')))}</name>\n<description>{escaped(' '.join(told))}</description>\n"
        + "".join(_styles())
    )


def _styles() -> Iterator[str]:
    for family, color in _COLORS.items():
        color = f"ff{color[4:]}{color[2:4]}{color[:2]}"  # KML has blue first
        for name, icon, scale in (
            (family, "shaded_dot", "0.8"),
            (f"{family}-unit", "open-diamond", "1.1"),
        ):
            yield (
                f'<Style id="{name}"><IconStyle><color>{color}</color><scale>{scale}</scale>'
                f"<Icon><href>{_ICON}{icon}.png</href></Icon></IconStyle>"
                "<LabelStyle><scale>0</scale></LabelStyle></Style>\n"
            )


class _Placemarks:
    """The placemark of each row of a table."""

    def __init__(self, table: Table) -> None:
        self._tell, self._drawn = Teller(table, "KML"), table.drawing("KML")
        self._names = [escaped(column.name) for column in table.columns]
        self._start, self._end = table.needs("KML", "date_start", "date_end")

    def __call__(self, row: Row) -> str:
        point = self._drawn(row)
        family = self._tell.family(row)
        style = family if family in _COLORS else "other"
        if point is not None and point.stands_for not in _EXACT:
            style += "-unit"
        told = " ".join(self._tell.sentences(row))
        return (
            f"<Placemark><name>{escaped(self._tell.title(row))}</name><description>{escaped(told)}</description>"
            f"{self._when(row)}<styleUrl>#{style}</styleUrl><ExtendedData>{self._data(row)}"
            + (f'<Data name="point_is"><value>{point.stands_for}</value></Data>' if point else "")
            + "</ExtendedData>"
            + (
                f"<Point><coordinates>{point.longitude},{point.latitude}</coordinates></Point>"
                if point
                else ""
            )
            + "</Placemark>\n"
        )

    def _when(self, row: Row) -> str:
        start, end = row[self._start], row[self._end]
        begin = "" if start is None else f"<begin>{start}</begin>"
        last = "" if end is None else f"<end>{end}</end>"
        return f"<TimeSpan>{begin}{last}</TimeSpan>" if begin or last else ""

    def _data(self, row: Row) -> str:
        return "".join(
            f'<Data name="{name}"><value>{_value(cell)}</value></Data>'
            for name, cell in zip(self._names, row, strict=True)
            if cell is not None and cell != []
        )


def _value(cell: Cell) -> str:
    if isinstance(cell, list):
        return escaped(SEPARATOR.join(cell))
    return escaped(cell) if isinstance(cell, str) else str(cell)
