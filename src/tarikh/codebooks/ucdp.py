"""UCDP GED-style rows: one an incident of deadly force between two sides that UCDP has.

Invariant: best = deaths_a + deaths_b + deaths_civilians + deaths_unknown, of those that are known; the ids of events
are ours, ids of actors and countries only what the register and the table have.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date

from tarikh.codebooks.deaths import Deaths, fought, one_sided
from tarikh.codebooks.facts import Party
from tarikh.codebooks.loading import Needs, classes
from tarikh.codebooks.record import Cell, Row
from tarikh.codebooks.sheet import Sheet, best, joined, place, point
from tarikh.model import Report

NEEDS = Needs(
    questions=("refuse", "type", "status", "where", "date", "clarity", "dead", "deaths"),
    tables={"regions": (), "countries": ("gw", "name", "government")},
    extra=("government",),
)
_NO_DAY = "1753-01-01"
"""What UCDP writes for a day that is not known."""
_FINE = (1, 2)


def rows(sheet: Sheet) -> tuple[Row, ...]:
    """One row. Raises `Inexpressible` where the record has no place in it."""
    sheet.ask("refuse", "type", "status", "where", "date", "clarity")
    side_a, side_b = _sides(sheet)
    dead = _dead(sheet)
    sheet.asked["split"] = dead.split
    sheet.asked["deaths"] = "some" if dead.best or dead.high else "none"
    sheet.ask("dead", "deaths")
    cells = {
        **_who(sheet, side_a, side_b),
        **_when(sheet),
        **_where(sheet),
        **_sources(sheet),
        **_cells(dead),
    }
    if sheet.incident.status != "reported":
        cells["code_status"] = f"{sheet.needed('code_status')}: {sheet.incident.status}"
    return (sheet.row({"id": sheet.incident.id, "relid": sheet.incident.id, **cells}),)


def grid(latitude: float, longitude: float) -> int:
    """The cell of the PRIO grid: half degrees, counted from the south-west, 720 a row."""
    row = min(math.floor((latitude + 90) * 2), 359) + 1
    column = min(math.floor((longitude + 180) * 2), 719) + 1
    return (row - 1) * 720 + column


# --- the sides --------------------------------------------------------------------------------------------


def _armed(side: Iterable[Party]) -> tuple[Party, ...]:
    return tuple(party for party in side if party.kind not in classes().unarmed)


def _sides(sheet: Sheet) -> tuple[tuple[Party, ...], tuple[Party, ...]]:
    """Side A and side B: in type 1 the government is A, else the attackers; of type 3 B has no party."""
    attackers, targets = _armed(sheet.facts.attackers), _armed(sheet.facts.targets)
    if sheet.needed("type_of_violence") == 3:
        return attackers, ()
    return (targets, attackers) if sheet.set.get("government") == "targets" else (attackers, targets)


def _states(side: Sequence[Party]) -> tuple[Party, ...]:
    return tuple(party for party in side if party.kind in classes().groups["state"])


def _side(sheet: Sheet, side: Sequence[Party]) -> tuple[str, int | None, int | None]:
    """A side's name, UCDP's id of it where it is one actor that has one, and the state's number.

    States are told by their first alone, whose dyad it is; so are none beside a state.
    """
    if not side:
        raise sheet.lacking("sides", "one of the two sides is not known")
    states = _states(side)
    if states:
        code = states[0].country
        return (
            f"Government of {sheet.country(code)}",
            sheet.of_country(code, "government"),
            sheet.of_country(code, "gw"),
        )
    names = tuple(dict.fromkeys(party.name for party in side))
    return ", ".join(names), side[0].ucdp if len(names) == 1 else None, None


def _who(sheet: Sheet, side_a: Sequence[Party], side_b: Sequence[Party]) -> dict[str, Cell]:
    name_a, id_a, number_a = _side(sheet, side_a)
    name_b, id_b, number_b = _side(sheet, side_b) if side_b else ("Civilians", None, None)
    return {
        "dyad_name": f"{name_a} - {name_b}",
        "side_a": name_a,
        "side_a_new_id": id_a,
        "side_b": name_b,
        "side_b_new_id": id_b,
        "gwnoa": number_a,
        "gwnob": number_b,
    }


# --- deaths, time, place, sources -------------------------------------------------------------------------


def _dead(sheet: Sheet) -> Deaths:
    if best(sheet.incident, "killed") is None:
        raise sheet.lacking("best", "no best figure of the deaths is known")
    if sheet.needed("type_of_violence") == 3:
        return one_sided(sheet.incident)
    unarmed = any(party.kind in classes().unarmed for party in sheet.facts.targets)
    return fought(sheet.incident, sheet.set.get("government") != "targets", unarmed)


def _cells(dead: Deaths) -> dict[str, Cell]:
    return {
        "deaths_a": dead.a,
        "deaths_b": dead.b,
        "deaths_civilians": dead.civilians,
        "deaths_unknown": dead.unknown,
        "best": dead.best,
        "low": dead.low,
        "high": dead.high,
    }


def _when(sheet: Sheet) -> dict[str, Cell]:
    start, end = sheet.incident.when.start, sheet.incident.when.end
    if start is None:
        raise sheet.lacking("date", "the day is not known")
    return {"year": start.year, "date_start": _midnight(start), "date_end": _midnight(end or start)}


def _midnight(day: date) -> str:
    return f"{day.isoformat()} 00:00:00.000"


def _where(sheet: Sheet) -> dict[str, Cell]:
    where = sheet.incident.where
    latitude, longitude = point(sheet.incident)
    fine = sheet.set.get("where_prec") in _FINE
    number = sheet.of_country(where.country, "gw")
    cells: dict[str, Cell] = {
        "where_coordinates": place(sheet.incident) or sheet.country(where.country),
        "adm_1": where.admin1,
        "adm_2": where.admin2,
        "country": sheet.country(where.country),
        "iso3": where.country,
        "country_id": number,
        "region": _region(sheet, number),
    }
    if latitude is not None and longitude is not None:
        cells |= {"latitude": latitude, "longitude": longitude, "geom_wkt": f"POINT ({longitude} {latitude})"}
        cells["priogrid_gid"] = grid(latitude, longitude) if fine else None
    return cells


def _region(sheet: Sheet, number: int | None) -> str | None:
    """The region by the country's number; the table has the ranges."""
    ranges = sheet.book.tables["regions"].items()
    return next(
        (name for name, (least, most) in ranges if number is not None and least <= number <= most), None
    )


def _sources(sheet: Sheet) -> dict[str, Cell]:
    given, reports = sheet.incident.sources, sheet.around.reports
    if not reports:
        return {"number_of_sources": len(given) or None, "source_office": joined(given, ";")}
    days = tuple(_NO_DAY if report.published is None else report.published.isoformat() for report in reports)
    cells: dict[str, Cell] = {
        "number_of_sources": len(given) or None,
        "source_office": joined(tuple(report.source or "" for report in reports), ";"),
        "source_date": ";".join(days),
        "source_article": ";".join(
            _article(report, day, sheet) for report, day in zip(reports, days, strict=True)
        ),
    }
    if sheet.around.headlines:
        cells["source_headline"] = joined(tuple(_plain(report.title) for report in reports), ";")
    return cells


def _article(report: Report, day: str, sheet: Sheet) -> str:
    title = f",{_plain(report.title)}" if sheet.around.headlines else ""
    return f'"{_plain(report.source or "")},{day}{title}"'


def _plain(text: str) -> str:
    return " ".join(text.replace('"', "'").replace(";", ",").split())
