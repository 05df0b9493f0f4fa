"""PLOVER records: one an incident, with its actors and recipients as lists.

Invariant: what is unknown is left out or has PLOVER's own code for it (UNK); no words of a report are in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tarikh.codebooks.facts import Party
from tarikh.codebooks.loading import Needs
from tarikh.codebooks.record import Cell, Row
from tarikh.codebooks.sheet import Sheet, best, place, point, slot

NEEDS = Needs(
    questions=("refuse", "event", "sides"),
    tables={
        "events": (),
        "scores": (),
        "sectors": ("sector", "country"),
        "organizations": (),
        "resolution": (),
    },
    extra=("both",),
)
_SIZES = {"dead": "killed", "injured": "injured", "arrested": "arrested"}


def rows(sheet: Sheet) -> tuple[Row, ...]:
    """One record. Raises `Inexpressible` where the record has no place in it."""
    sheet.ask(*NEEDS.questions)
    when, event, mode = sheet.incident.when, sheet.needed("event"), sheet.set.get("mode")
    size = {name: best(sheet.incident, what) for name, what in _SIZES.items()}
    cells: dict[str, Cell] = {
        "id": sheet.incident.id,
        "date": when.start,
        "enddate": None if when.end == when.start else when.end,
        "event": [event],
        "mode": None if mode is None else [mode],
        "quad_code": sheet.table("events", event),
        "event_scale": _scale(sheet, event, mode),
        "event_loc": _location(sheet) or None,
        "size": {name: number for name, number in size.items() if number is not None} or None,
        "cite_info": _cited(sheet),
    }
    return (sheet.row({**cells, **_sides(sheet)}),)


def _scale(sheet: Sheet, event: str, mode: str | None) -> float | None:
    keys = (event,) if mode is None else (f"{event} {mode}", event)
    found: list[float | None] = [sheet.table("scores", key) for key in keys]
    return next((score for score in found if score is not None), None)


def _sides(sheet: Sheet) -> dict[str, Cell]:
    attackers, targets = sheet.facts.attackers, sheet.facts.targets
    if sheet.set.get("both"):
        return {"actor": _entities(sheet, (*attackers, *targets)), "recipient": None}
    recipients = _entities(sheet, targets) if targets or "recipient" in sheet.set else None
    return {"actor": _entities(sheet, attackers), "recipient": recipients}


def _entities(sheet: Sheet, side: Sequence[Party]) -> list[Any]:
    return [_entity(sheet, party) for party in side] or [{"sector": "UNK"}]


def _entity(sheet: Sheet, party: Party) -> dict[str, str]:
    row = sheet.table("sectors", party.kind) or {}
    found = {"code": slot(sheet, party, row), "sector": row.get("sector"), "entity_text": party.name}
    return {key: value for key, value in found.items() if value is not None}


def _location(sheet: Sheet) -> dict[str, Any]:
    where = sheet.incident.where
    latitude, longitude = point(sheet.incident)
    found = {
        "resolved_place": place(sheet.incident),
        "geonameid": where.geonameid,
        "lat": latitude,
        "lon": longitude,
        "district": where.admin2,
        "province": where.admin1,
        "country": sheet.country_name(where.country),
        "country_code": where.country,
        "resolution": sheet.table("resolution", where.precision),
    }
    return {key: value for key, value in found.items() if value is not None}


def _cited(sheet: Sheet) -> dict[str, Any]:
    sources = {"publication": list(sheet.incident.sources)} if sheet.incident.sources else {}
    return {**sources, "coder": "Tarikh", "codebook": sheet.book.scheme, "version": sheet.book.version}
