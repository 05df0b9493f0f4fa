"""GTD-style rows: one an incident whose perpetrators are no state's.

Invariant: 0 and -9 stand only where the scheme gives them a meaning; a count that is not known is empty.
"""

from __future__ import annotations

from tarikh.codebooks.loading import Needs
from tarikh.codebooks.record import Cell, Row
from tarikh.codebooks.sheet import Sheet, best, point
from tarikh.model import LOCATED, When

NEEDS = Needs(
    questions=("refuse", "attack", "where", "date", "doubt", "group"),
    tables={
        "constants": (),
        "attacktypes": (),
        "targtypes": (),
        "weaptypes": (),
        "regions": (),
        "targets": (),
        "countries": ("region", "code", "name"),
    },
)
_MOST = 3
"""Precisions of a place that is a town and not a unit."""


def rows(sheet: Sheet) -> tuple[Row, ...]:
    """One row. Raises `Inexpressible` where the record has no place in it."""
    sheet.ask(*NEEDS.questions)
    sheet.needed("attacktype1")
    incident = sheet.incident
    cells: dict[str, Cell] = {
        "eventid": incident.id,
        **_when(incident.when, bool(sheet.set.get("extended"))),
        **_where(sheet),
        **_groups(sheet),
        **_targets(sheet),
        "attacktype1_txt": sheet.table("attacktypes", sheet.set.get("attacktype1")),
        "weaptype1_txt": sheet.table("weaptypes", sheet.set.get("weaptype1")),
        "nkill": best(incident, "killed"),
        "nkillter": best(incident, "killed_attackers"),
        "nwound": best(incident, "injured"),
        "nhostkid": best(incident, "abducted"),
    }
    if best(incident, "abducted"):
        cells["ishostkid"] = 1
    return (sheet.row({**sheet.book.tables["constants"], **sheet.set, **cells}),)


def _when(when: When, extended: bool) -> dict[str, Cell]:
    start, end = when.start, when.end
    if start is None:
        return {}
    exact = when.precision == "day"
    return {
        "iyear": start.year,
        "imonth": 0 if when.precision == "year" else start.month,
        "iday": start.day if exact else 0,
        "approxdate": None if exact else f"{start.isoformat()} to {(end or start).isoformat()}",
        "resolution": end if extended else None,
    }


def _where(sheet: Sheet) -> dict[str, Cell]:
    where, region = sheet.incident.where, sheet.of_country(sheet.incident.where.country, "region")
    latitude, longitude = point(sheet.incident)
    return {
        "country": sheet.of_country(where.country, "code"),
        "country_txt": sheet.country(where.country),
        "region": region,
        "region_txt": sheet.table("regions", region),
        "provstate": where.admin1,
        "city": where.place if where.precision in LOCATED else None,  # a unit is no city
        "latitude": latitude,
        "longitude": longitude,
    }


def _groups(sheet: Sheet) -> dict[str, Cell]:
    if "gname" in sheet.set:
        return {}
    names = [party.name for party in sheet.facts.attackers if party.kind != "unidentified"]
    keys = ("gname", "gname2", "gname3")
    return dict(zip(keys, names[:_MOST], strict=False))


def _targets(sheet: Sheet) -> dict[str, Cell]:
    kinds = [party.kind for party in sheet.facts.targets] or ["unknown"]
    types = list(dict.fromkeys(sheet.table("targets", kind) for kind in kinds))[:_MOST]
    cells: dict[str, Cell] = {}
    for number, found in enumerate(types, 1):
        cells[f"targtype{number}"] = found
        cells[f"targtype{number}_txt"] = sheet.table("targtypes", found)
    return cells
