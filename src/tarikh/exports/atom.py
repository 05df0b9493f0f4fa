"""The newest incidents as an Atom feed (RFC 4287), with points of GeoRSS Simple.

Invariant: an entry keeps its id for ever; a point stands for the place itself or one nearby, and never for a unit.
"""

from __future__ import annotations

from itertools import islice
from typing import Any

from tarikh.exports.destination import Destination, encoded, opened
from tarikh.exports.markup import escaped
from tarikh.exports.record import RECORDED
from tarikh.exports.table import Row, Table
from tarikh.exports.telling import Teller

MEDIA = "application/atom+xml; charset=utf-8"
MOST = 100
"""Entries of a feed: who follows it asks again before as many have come."""
_BEFORE = "1970-01-01T00:00:00Z"


def write(table: Table, destination: Destination) -> None:
    """Writes the first `MOST` rows. Raises `TarikhError` when a file cannot be written, `UsageError` for a table of no incidents."""
    tell = Teller(table, "Atom")
    places = table.needs("Atom", "id", RECORDED.name, "kind")
    drawn = table.drawing("Atom")
    rows = list(islice(table.rows, MOST))
    entries = []
    for row in rows:
        point = drawn(row)
        near = point is not None and point.stands_for in ("the place itself", "a place nearby")
        at = f"<georss:point>{point.latitude} {point.longitude}</georss:point>" if point and near else ""
        entries.append(_entry(row, tell, places, at))
    with opened(destination) as stream:
        stream.write(encoded(_head(table.about(), [_moment(row[places[1]]) for row in rows])))
        stream.write(encoded("".join(entries)))
        stream.write(b"</feed>\n")


def _head(about: Any, moments: list[str]) -> str:
    made = about.get("made")
    updated = _moment(made) if made else max(moments, default=_BEFORE)
    asked = about.get("query") or "all"
    level = about.get("disclosure", {}).get("level")
    told = f"{about.get('notice')} Filter: {about.get('filters') or 'all incidents'}. Disclosure: {level}."
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:georss="http://www.georss.org/georss">\n'
        f"<id>urn:tarikh:feed:{escaped(asked)}</id>\n<title>{escaped(str(about.get('title')))}</title>\n"
        f"<subtitle>{escaped(told)}</subtitle>\n<updated>{updated}</updated>\n"
        f"<author><name>{escaped(str(about.get('software')))}</name></author>\n"
        f"<rights>{escaped(str(about.get('license')))}</rights>\n"
        f"<generator>{escaped(str(about.get('software')))}</generator>\n"
    )


def _entry(row: Row, tell: Teller, places: list[int], at: str) -> str:
    key, recorded, kind = (row[place] for place in places)
    return (
        f"<entry><id>urn:tarikh:incident:{escaped(str(key))}</id><title>{escaped(tell.title(row))}</title>"
        f"<updated>{_moment(recorded)}</updated>"
        f'<category term="{escaped(str(kind))}" label="{escaped(tell.kind(row))}"/>'
        f'<summary type="text">{escaped(" ".join(tell.sentences(row)))}</summary>{at}</entry>\n'
    )


def _moment(value: object) -> str:
    """A moment as RFC 3339 writes it, in UTC; of an unknown one the earliest."""
    if not value:
        return _BEFORE
    text = str(value).replace(" ", "T").partition(".")[0].partition("+")[0]
    return f"{text}Z"
