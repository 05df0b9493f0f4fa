"""ACLED-style rows: one an incident, with its actors, their types and their interaction.

Invariant: unknown stays empty, fatalities as well; a type of 0 stands only where the act needs no second actor and
none is told, and the interaction is made of two types that are known.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date

from tarikh.codebooks.facts import Party
from tarikh.codebooks.loading import Needs
from tarikh.codebooks.record import Cell, Row
from tarikh.codebooks.sheet import Sheet, best, joined, place, point

NEEDS = Needs(
    questions=("refuse", "type", "sides", "sole", "targeting", "time", "geo", "fatalities", "tags"),
    tables={
        "inter": (),
        "inter_names": (),
        "actors": (),
        "disorder": (),
        "regions": (),
        "countries": ("iso", "region", "name"),
    },
    extra=("swapped",),
)
_MIDDLE = 15
_UNARMED = ("civilians", "aid_workers", "protesters", "rioters")


def rows(sheet: Sheet) -> tuple[Row, ...]:
    """One row. Raises `Inexpressible` where the record has no place in it."""
    sheet.ask(*NEEDS.questions)
    sheet.needed("event_type")
    return (sheet.row({**_types(sheet), **_actors(sheet), **_where_and_when(sheet), **_rest(sheet)}),)


def interaction(first: int | None, second: int | None) -> int | None:
    """The pair of two types, the smaller first; of a sole actor ten times its type; None where one is unknown.

    Formula: ACLED's codebook, as `a, b = sorted(types); 10 * a + b`.
    """
    if first is None or second is None:
        return None
    known = sorted(each for each in (first, second) if each)
    return 10 * known[0] + (known[1] if len(known) > 1 else 0) if known else None


def _types(sheet: Sheet) -> dict[str, Cell]:
    return {"disorder_type": sheet.table("disorder", sheet.set.get("sub_event_type"))}


def _actors(sheet: Sheet) -> dict[str, Cell]:
    sides = (sheet.facts.attackers, sheet.facts.targets)
    one, two = reversed(sides) if sheet.set.get("swapped") else sides
    kind = sheet.set.get("event_type")
    one = _led(one, unarmed=kind == "Protests")
    two = _led(two, unarmed=kind in ("Violence against civilians", "Protests"))
    first, second = _inter(sheet, one), _inter(sheet, two)
    if not two and "inter2" in sheet.set:
        second = sheet.set["inter2"]
    named = [[_name(sheet, party) for party in side] for side in (one, two)]
    return {
        "actor1": named[0][0] if one else None,
        "assoc_actor_1": joined(tuple(named[0][1:])),
        "inter1": first,
        "actor2": named[1][0] if two else None,
        "assoc_actor_2": joined(tuple(named[1][1:])),
        "inter2": second,
        "interaction": interaction(first, second),
    }


def _led(side: Sequence[Party], unarmed: bool) -> tuple[Party, ...]:
    """A side with the party first that the type of event is about: its unarmed, or its armed."""
    return tuple(sorted(side, key=lambda party: (party.kind in _UNARMED) != unarmed))


def _inter(sheet: Sheet, side: Sequence[Party]) -> int | None:
    return sheet.table("inter", side[0].kind) if side else None


def _name(sheet: Sheet, party: Party) -> str:
    kind = party.kind if party.country is not None or party.community is not None else None
    form = sheet.table("actors", kind)
    country = sheet.country(party.country)
    if form is None or country is None or (party.community is None and "{community}" in form):
        return party.name
    return str(form).replace("{country}", country).replace("{community}", party.community or "")


def _where_and_when(sheet: Sheet) -> dict[str, Cell]:
    incident, code = sheet.incident, sheet.incident.where.country
    start = incident.when.start
    latitude, longitude = point(incident)
    day = None if start is None else _day(start, incident.when.precision)
    return {
        "event_date": day,
        "year": None if day is None else day.year,
        "iso": sheet.of_country(code, "iso"),
        "region": sheet.of_country(code, "region"),
        "country": sheet.country(code),
        "admin1": incident.where.admin1,
        "admin2": incident.where.admin2,
        "location": place(incident),
        "latitude": latitude,
        "longitude": longitude,
    }


def _day(start: date, precision: str) -> date:
    """The first day; the middle of the month where only that is known, as ACLED writes it."""
    if precision != "month" or start.day > 1:
        return start
    return start.replace(day=min(_MIDDLE, calendar.monthrange(start.year, start.month)[1]))


def _rest(sheet: Sheet) -> dict[str, Cell]:
    incident, changed = sheet.incident, sheet.around.changed
    return {
        "event_id_cnty": incident.id,
        "source": joined(incident.sources),
        "fatalities": best(incident, "killed"),
        "tags": None if incident.status == "reported" else f"status={incident.status}",
        "timestamp": None if changed is None else int(changed.timestamp()),
    }
