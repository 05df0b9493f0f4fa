"""An incident as one flat row: the columns that CSV, GeoJSON and Parquet share, in their order.

Invariant: unknown is None (a side of parties: an empty list), 0 is 0; a precision stands beside every place and date.
The row holds no words of any report, so it names nobody but parties, places and sources.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from tarikh.exports import plain
from tarikh.exports.context import ExportContext, report_ids
from tarikh.exports.destination import whole
from tarikh.model import HARMS, Count, Incident
from tarikh.reference.areas import Contested, Tenure

Cell = str | int | float | date | list[str] | None
Form = Literal["text", "list", "day", "count", "degrees", "share"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, the form of its cells, what it means, and how it is read from an incident."""

    name: str
    form: Form
    what: str
    read: Callable[[Incident, ExportContext], Cell]


def _names(names: Sequence[str]) -> list[str]:
    return [whole(name) for name in names]


def _text(value: str | None) -> str | None:
    return None if value is None else whole(value)


def _bound(what: str, bound: Literal["low", "best", "high"]) -> Callable[[Incident, ExportContext], Cell]:
    def read(incident: Incident, _: ExportContext) -> Cell:
        number: int | None = getattr(incident.harm.get(what, Count()), bound)
        return number

    return read


def _contested(told: Callable[[Contested], Sequence[str]]) -> Callable[[Incident, ExportContext], Cell]:
    def read(incident: Incident, _: ExportContext) -> Cell:
        return [whole(text) for found in plain.contested_at(incident) for text in told(found)]

    return read


def _tenures(found: Contested, tenures: Sequence[Tenure]) -> list[str]:
    return [f"{found.area}: {tenure.words()}" for tenure in tenures]


def _contested_columns() -> tuple[Column, ...]:
    told: tuple[tuple[str, str, Callable[[Contested], Sequence[str]]], ...] = (
        ("contested", "ids of the contested areas that the place lies in; empty is none", lambda f: [f.area]),
        ("contested_names", "their names", lambda f: [f.name]),
        (
            "contested_lies",
            "for each: in, near, or part (only a part of the place is in it)",
            lambda f: [f.lies],
        ),
        (
            "contested_claimed_by",
            "who claims each on the days of the incident",
            lambda f: _tenures(f, f.claimed_by),
        ),
        (
            "contested_held_by",
            "who holds each on these days; none is unknown",
            lambda f: _tenures(f, f.held_by),
        ),
        (
            "contested_disputed",
            "for each: yes where more than one claims or holds it on these days, else no",
            lambda f: ["yes" if f.disputed else "no"],
        ),
        ("contested_as_of", "for each: up to when the entry tells", lambda f: [f.as_of]),
    )
    return tuple(Column(name, "list", what, _contested(read)) for name, what, read in told)


def _harm_columns() -> tuple[Column, ...]:
    meaning = {"low": "lower bound", "best": "best figure", "high": "upper bound"}
    bounds: tuple[Literal["low", "best", "high"], ...] = ("low", "best", "high")
    return tuple(
        Column(
            f"{what}_{bound}",
            "count",
            f"people {what.replace('_', ', ')}: {meaning[bound]}",
            _bound(what, bound),
        )
        for what in HARMS
        for bound in bounds
    )


COLUMNS: tuple[Column, ...] = (
    Column("id", "text", "public id of the incident", lambda i, _: whole(i.id)),
    Column("kind", "text", "kind of the codebook", lambda i, _: whole(i.kind)),
    Column("status", "text", "reported, claimed, alleged or disputed", lambda i, _: i.status),
    Column("review", "text", "unreviewed, accepted or rejected by a person", lambda i, _: i.review),
    Column("attackers", "list", "who started it; empty is unknown", lambda i, _: _names(i.attackers)),
    Column(
        "targets", "list", "whom it was done to; empty is unknown or nobody", lambda i, _: _names(i.targets)
    ),
    Column("date_start", "day", "first day, inclusive", lambda i, _: i.when.start),
    Column("date_end", "day", "last day, inclusive", lambda i, _: i.when.end),
    Column("date_precision", "text", "day, week, month, year or unknown", lambda i, _: i.when.precision),
    Column("place", "text", "most specific named place", lambda i, _: _text(i.where.place)),
    Column(
        "place_precision",
        "text",
        "exact, near, admin2, admin1, country or unknown",
        lambda i, _: i.where.precision,
    ),
    Column(
        "latitude",
        "degrees",
        "WGS 84; of the unit's drawing point above town level",
        lambda i, _: i.where.latitude,
    ),
    Column(
        "longitude",
        "degrees",
        "WGS 84; of the unit's drawing point above town level",
        lambda i, _: i.where.longitude,
    ),
    Column("admin2", "text", "second-order unit", lambda i, _: _text(i.where.admin2)),
    Column("admin1", "text", "first-order unit", lambda i, _: _text(i.where.admin1)),
    Column("country", "text", "ISO 3166-1 alpha-3", lambda i, _: _text(i.where.country)),
    Column("geonameid", "count", "GeoNames id of the place", lambda i, _: i.where.geonameid),
    *_contested_columns(),
    *_harm_columns(),
    Column("sources", "list", "names of the sources", lambda i, _: _names(i.sources)),
    Column(
        "reports", "count", "number of reports that tell of it", lambda i, c: len(report_ids(i, c)) or None
    ),
    Column("mentions", "count", "number of mentions in them", lambda i, _: len(i.members)),
    Column("confidence", "share", "0 to 1", lambda i, _: i.confidence),
    Column("absorbed", "list", "ids that now lead to this incident", lambda i, _: _names(i.absorbed)),
    Column("disclosure", "text", "level at which it is shown: public, partner or full", lambda _, c: c.level),
    Column(
        "withheld",
        "list",
        "what is known and not shown, each with the rule of the policy; empty is nothing",
        lambda i, c: [note.words() for note in c.withheld.get(i.id, ())],
    ),
)


def record(incident: Incident, context: ExportContext) -> Mapping[str, Cell]:
    """The incident's cells by column name, in the order of `COLUMNS`."""
    return {column.name: column.read(incident, context) for column in COLUMNS}
