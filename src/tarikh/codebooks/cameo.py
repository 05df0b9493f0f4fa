"""CAMEO rows: one for each pair of a source and a target, since an event of CAMEO has one of each.

Invariant: an actor's code is made of its class and state alone; a side that is not told has no code.
"""

from __future__ import annotations

from itertools import product

from tarikh.codebooks.facts import Party
from tarikh.codebooks.loading import Needs
from tarikh.codebooks.record import Cell, Row
from tarikh.codebooks.sheet import Sheet, joined, place, point, slot

NEEDS = Needs(
    questions=("refuse", "code"),
    tables={"quads": (), "roles": ("role", "country"), "organizations": ()},
)


def rows(sheet: Sheet) -> tuple[Row, ...]:
    """One row a pair. Raises `Inexpressible` where the record has no place in it."""
    sheet.ask(*NEEDS.questions)
    pairs = product(sheet.facts.attackers or (None,), sheet.facts.targets or (None,))
    same = _same(sheet)
    return tuple(
        sheet.row({**same, "pair": number, **_actor(sheet, "source", one), **_actor(sheet, "target", two)})
        for number, (one, two) in enumerate(pairs, 1)
    )


def _same(sheet: Sheet) -> dict[str, Cell]:
    incident, root = sheet.incident, str(sheet.needed("code"))[:2]
    latitude, longitude = point(incident)
    return {
        "event_id": incident.id,
        "date": incident.when.start,
        "date_end": incident.when.end,
        "date_precision": incident.when.precision,
        "root_code": root,
        "quad_class": sheet.table("quads", root),
        "place": place(incident),
        "country": incident.where.country,
        "admin1": incident.where.admin1,
        "latitude": latitude,
        "longitude": longitude,
        "place_precision": incident.where.precision,
        "sources": joined(incident.sources),
    }


def _actor(sheet: Sheet, side: str, party: Party | None) -> dict[str, Cell]:
    if party is None:
        return {}
    row = sheet.table("roles", party.kind) or {}
    code = (slot(sheet, party, row) or "") + row.get("role", "")
    return {f"{side}_code": code or None, f"{side}_name": party.name}
