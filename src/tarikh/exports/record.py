"""An incident as one flat row: the columns that all tables of incidents share, in their order.

Invariant: unknown is None (a side of parties: an empty list), 0 is 0; a precision stands beside every place and date.
The row holds no words of any report, so it names nobody but parties, places and sources.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache

from tarikh import reference
from tarikh.disclosure import Noted, noted
from tarikh.exports.context import Counts, ExportContext, report_ids
from tarikh.exports.table import Cell, Column, Point, Row, Table
from tarikh.model import HARMS, Incident, Where
from tarikh.reference import contested
from tarikh.reference.areas import Contested, Tenure
from tarikh.store.flat import Flat, flat_of, whole

POINT_IS: Mapping[str, str] = {
    "exact": "the place itself",
    "near": "a place nearby",
    "admin2": "only a drawing point of the second-order unit",
    "admin1": "only a drawing point of the first-order unit",
    "country": "only a drawing point of the country",
}
"""What the point of an incident stands for, by `place_precision`."""


def _harm_columns() -> tuple[Column, ...]:
    meaning = {"low": "lower bound", "best": "best figure", "high": "upper bound"}
    tags = {"low": "+min", "best": "", "high": "+max"}
    return tuple(
        Column(
            f"{what}_{bound}",
            "count",
            f"people {what.replace('_', ', ')}: {meaning[bound]}",
            f"#affected+{what.replace('_', '+')}{tags[bound]}",
        )
        for what in HARMS
        for bound in meaning
    )


_CONTESTED: tuple[tuple[str, str, Callable[[Contested], list[str]]], ...] = (
    ("contested", "ids of the contested areas that the place lies in; empty is none", lambda f: [f.area]),
    ("contested_names", "their names", lambda f: [f.name]),
    ("contested_lies", "for each: in, near, or part (only a part of the place is in it)", lambda f: [f.lies]),
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

COLUMNS: tuple[Column, ...] = (
    Column("id", "text", "public id of the incident", "#event+code"),
    Column("kind", "text", "kind of the codebook", "#event+type"),
    Column("status", "text", "reported, claimed, alleged or disputed", "#status+claim"),
    Column("review", "text", "unreviewed, accepted or rejected by a person", "#status+review"),
    Column("attackers", "list", "who started it; empty is unknown", "#group+name+first"),
    Column("targets", "list", "whom it was done to; empty is unknown or nobody", "#group+name+second"),
    Column("date_start", "day", "first day, inclusive", "#date+start"),
    Column("date_end", "day", "last day, inclusive", "#date+end"),
    Column("date_precision", "text", "day, week, month, year or unknown", "#date+precision"),
    Column("place", "text", "most specific named place", "#loc+name"),
    Column("place_precision", "text", "exact, near, admin2, admin1, country or unknown", "#geo+precision"),
    Column("latitude", "degrees", "WGS 84; of the unit's drawing point above town level", "#geo+lat"),
    Column("longitude", "degrees", "WGS 84; of the unit's drawing point above town level", "#geo+lon"),
    Column("admin2", "text", "second-order unit", "#adm2+name"),
    Column("admin1", "text", "first-order unit", "#adm1+name"),
    Column("country", "text", "ISO 3166-1 alpha-3", "#country+code"),
    Column("geonameid", "count", "GeoNames id of the place", "#loc+code"),
    *(Column(name, "list", what) for name, what, _ in _CONTESTED),
    *_harm_columns(),
    Column("sources", "list", "names of the sources", "#meta+source"),
    Column("reports", "count", "number of reports that tell of it", "#meta+reports+num"),
    Column("mentions", "count", "number of mentions in them", "#meta+mentions+num"),
    Column("confidence", "share", "0 to 1", "#indicator+confidence+num"),
    Column("absorbed", "list", "ids that now lead to this incident", "#event+code+former"),
    Column("disclosure", "text", "level at which it is shown: public, partner or full", "#meta+disclosure"),
    Column(
        "withheld",
        "list",
        "what is known and not shown, each with the rule of the policy; empty is nothing",
        "#meta+withheld",
    ),
)
RECORDED = Column("recorded", "text", "when the newest of its mentions was recorded, in UTC")
"""A last column for forms that say when something changed; not among `COLUMNS`."""

Shown = tuple[Flat, Noted]
"""An incident as it may be shown, and what is withheld of it."""


# ---- contested areas -------------------------------------------------------------------------------------


def _tenures(found: Contested, tenures: Sequence[Tenure]) -> list[str]:
    return [f"{found.area}: {tenure.words()}" for tenure in tenures]


_NONE: tuple[list[str], ...] = tuple([] for _ in _CONTESTED)


@lru_cache(maxsize=20_000)
def _cells_there(where: Where, start: date | None, end: date | None) -> tuple[list[str], ...]:
    found = contested.at(where, start, end)
    return tuple([whole(text) or "" for each in found for text in told(each)] for _, _, told in _CONTESTED)


@lru_cache(maxsize=100_000)
def _lies(
    country: str,
    admin1: str | None,
    admin2: str | None,
    place: str | None,
    at: tuple[float | None, float | None],
    precision: str,
) -> Where | None:
    """The place, where it lies in a contested area at any time: of most places there is nothing to look up by day."""
    where = Where(country, admin1, admin2, place, *at, precision)  # type: ignore[arg-type]
    return where if contested.at(where) else None


def _contested(flat: Flat) -> tuple[list[str], ...]:
    if flat.country is None or flat.country not in contested.countries():
        return _NONE
    at = flat.latitude, flat.longitude
    where = _lies(flat.country, flat.admin1, flat.admin2, flat.place, at, flat.place_precision)
    return _NONE if where is None else _cells_there(where, flat.date_start, flat.date_end)


# ---- rows ------------------------------------------------------------------------------------------------

_UNTOLD = (None, None, None)


def row(flat: Flat, level: str, withheld: Sequence[str] = ()) -> list[Cell]:
    """The cells of `COLUMNS` of one incident, in their order. Lists are shared between rows: they must not be changed."""
    harm = flat.harm
    cells: list[Cell] = [
        *flat[:17],
        *_contested(flat),
    ]  # fmt: skip
    for what in HARMS:
        cells += harm.get(what, _UNTOLD)
    cells += (
        flat.sources,
        flat.reports,
        flat.mentions,
        flat.confidence,
        flat.absorbed,
        level,
        list(withheld),
    )
    return cells


def table(
    shown: Iterable[Shown], context: ExportContext, stamped: bool = False, counts: Counts | None = None
) -> Table:
    """The table of incidents; `stamped` with `RECORDED` as its last column. `counts` are added to as rows are read."""
    counted = Counts() if counts is None else counts

    def rows() -> Iterator[Row]:
        level = context.level
        for flat, notes in shown:
            counted.add(notes)
            cells = row(flat, level, notes.words)
            if stamped:
                cells.append(flat.recorded)
            yield cells

    columns = (*COLUMNS, RECORDED) if stamped else COLUMNS
    return Table("incidents", columns, rows(), lambda: context.metadata(counted), drawn, (kinds(),))


_LATITUDE, _LONGITUDE, _PRECISION = (
    [column.name for column in COLUMNS].index(name) for name in ("latitude", "longitude", "place_precision")
)


def drawn(cells: Row) -> Point | None:
    """Where an incident is drawn; None where its place is unknown."""
    latitude, longitude = cells[_LATITUDE], cells[_LONGITUDE]
    stands_for = POINT_IS.get(str(cells[_PRECISION]))
    if stands_for is None or latitude is None or longitude is None:
        return None
    return Point(float(longitude), float(latitude), stands_for)  # type: ignore[arg-type]


def flats(incidents: Iterable[Incident], context: ExportContext) -> Iterator[Shown]:
    """Whole incidents as rows, with what the context says was withheld of each."""
    for each in incidents:
        yield flat_of(each, len(report_ids(each, context)) or None), noted(context.withheld.get(each.id, ()))


def record(incident: Incident, context: ExportContext) -> Mapping[str, Cell]:
    """An incident's cells by column name, in the order of `COLUMNS`."""
    [(flat, notes)] = flats([incident], context)
    return dict(zip([column.name for column in COLUMNS], row(flat, context.level, notes.words), strict=True))


def kinds() -> Table:
    """The kinds of the codebook as a table."""
    columns = (
        Column("kind", "text", "name of the kind"),
        Column("family", "text", "family of kinds"),
        Column("label", "text", "name for people"),
        Column("what", "text", "what it is"),
    )
    return Table("kinds", columns, [[k.name, k.family, k.label, k.what] for k in reference.kinds()])
