"""Lists of incidents, page by page: slim rows, and cursors that say where the next page begins.

Invariant: a page begins after the last row of the one before, wherever rows have come or gone meanwhile: none that was
there and stays is repeated or lost.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from tarikh.errors import UsageError
from tarikh.model import Count, When, Where
from tarikh.store.filtering import Filter, Order
from tarikh.store.listed_schema import listed
from tarikh.store.schema import incident
from tarikh.store.search import FEW, FIRST_DATED, Condition, Segment, plan
from tarikh.store.sqlite_search import unindexed

LARGEST = 1_000
"""The most rows of one page."""

_TABLE = listed.c
_COLUMNS = (
    _TABLE.key, _TABLE.id, _TABLE.kind, _TABLE.status, _TABLE.review, _TABLE.first_day, _TABLE.last_day,
    _TABLE.date_precision, _TABLE.country, _TABLE.admin1, _TABLE.admin2, _TABLE.place, _TABLE.latitude, _TABLE.longitude,
    _TABLE.place_precision, _TABLE.attackers, _TABLE.targets, _TABLE.toll, _TABLE.killed_low, _TABLE.killed_best,
    _TABLE.killed_high, _TABLE.sources, _TABLE.confidence, _TABLE.version,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """An incident as a list shows it. The coordinates of `where` are only for drawing where `where.precision` is a unit.

    `killed` is all None where no figure is known; `sources` is how many tell of it; `version` changes with anything that
    the incident shows, also with what this row does not hold. `when` comes without its basis.
    """

    id: str
    kind: str
    status: str
    review: str
    when: When
    where: Where
    attackers: tuple[str, ...]
    targets: tuple[str, ...]
    killed: Count
    sources: int
    confidence: float
    version: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows in order; `next_cursor` is what `after` is for the rows that follow, None at the end."""

    items: tuple[IncidentRow, ...]
    next_cursor: str | None = None


def page(
    connection: sa.Connection,
    wanted: Filter,
    after: str | None = None,
    limit: int = 50,
    only: Sequence[Condition] = (),
) -> Page:
    """The rows that a filter asks for, from the start or after a cursor. The filter's own limit and offset do not count.

    `only` are conditions on `incident` that hold besides: a row that fails them is as one that is not there, also for
    whether there is a next page.

    Raises `UsageError` for a cursor that is none of this filter and order, and a `limit` that is not 1 to 1,000.
    """
    if not 1 <= limit <= LARGEST:
        raise UsageError(f"a page holds 1 to {LARGEST} incidents, not {limit}; follow the cursor for more")
    phase, toll, key = (0, None, None) if after is None else _read(after, wanted)
    segments = plan(connection, wanted, most=FEW, also=_allowed(only), by_key=wanted.order != "deadliest")
    phases = _PHASES[wanted.order]
    found: list[tuple[int, sa.RowMapping]] = []
    while phase < len(phases) and len(found) <= limit:
        rows = _rows(connection, segments, phases[phase], toll, key, limit + 1 - len(found))
        found += [(phase, row) for row in rows]
        phase, toll, key = phase + 1, None, None
    shown = found[:limit]
    more = len(found) > limit
    return Page(tuple(_incident_row(row) for _, row in shown), _cursor(wanted, *shown[-1]) if more else None)


def _allowed(only: Sequence[Condition]) -> list[Condition]:
    """Asked row by row, since a page is soon full, and not as a list of all that pass."""
    if not only:
        return []
    return [sa.exists().where(incident.c.id == _TABLE.id, *only).correlate(listed)]


@dataclass(frozen=True, slots=True)
class _Phase:
    """Rows that are listed before all others in one way: with or without a first day, with or without a toll."""

    dated: bool | None = None
    known: bool | None = None
    rising: bool = False


_PHASES: dict[Order, tuple[_Phase, ...]] = {
    "newest": (_Phase(),),
    "oldest": (_Phase(dated=True, rising=True), _Phase(dated=False, rising=True)),
    "deadliest": (_Phase(known=True), _Phase(known=False)),
}


def _rows(
    connection: sa.Connection,
    segments: list[Segment],
    phase: _Phase,
    toll: int | None,
    key: int | None,
    limit: int,
) -> list[sa.RowMapping]:
    found: list[sa.RowMapping] = []
    for segment in segments:
        asked = segment.select(*_COLUMNS).where(
            *_in_phase(segment, phase), *_after(segment, phase, toll, key)
        )
        query = asked.order_by(*_order(segment, phase)).limit(limit)
        found += connection.execute(query).mappings()
    found.sort(key=lambda row: _place(row, phase))
    return found[:limit]


def _in_phase(segment: Segment, phase: _Phase) -> list[Condition]:
    made: list[Condition] = []
    if phase.dated is not None:
        made.append(segment.key >= FIRST_DATED if phase.dated else segment.key < FIRST_DATED)
    if phase.known is not None:
        toll = unindexed(_TABLE.toll) if segment.bounded or not phase.known else _TABLE.toll
        made.append(toll.is_not(None) if phase.known else toll.is_(None))
    return made


def _after(segment: Segment, phase: _Phase, toll: int | None, key: int | None) -> list[Condition]:
    if key is None:
        return []
    beyond = segment.key > key if phase.rising else segment.key < key
    if not phase.known or toll is None:
        return [beyond]
    column = unindexed(_TABLE.toll) if segment.bounded else _TABLE.toll
    # The first is what the index is entered by, the second what decides among equals.
    return [column <= toll, sa.or_(unindexed(_TABLE.toll) < toll, unindexed(_TABLE.key) < key)]


def _order(segment: Segment, phase: _Phase) -> list[sa.ColumnElement[Any]]:
    key = segment.key.asc() if phase.rising else segment.key.desc()
    return [_TABLE.toll.desc(), key] if phase.known else [key]


def _place(row: sa.RowMapping, phase: _Phase) -> tuple[int, int]:
    key = row["key"] if phase.rising else -row["key"]
    return (-row["toll"] if phase.known else 0), key


def _incident_row(row: sa.RowMapping) -> IncidentRow:
    last = _day(row["last_day"])
    return IncidentRow(
        id=row["id"],
        kind=row["kind"],
        status=row["status"],
        review=row["review"],
        when=When(_day(row["first_day"]), last, row["date_precision"]),
        where=Where(
            row["country"],
            row["admin1"],
            row["admin2"],
            row["place"],
            row["latitude"],
            row["longitude"],
            row["place_precision"],
        ),
        attackers=tuple(row["attackers"]),
        targets=tuple(row["targets"]),
        killed=Count(row["killed_low"], row["killed_best"], row["killed_high"]),
        sources=row["sources"],
        confidence=row["confidence"],
        version=row["version"],
    )


def _day(ordinal: int | None) -> date | None:
    return None if ordinal is None else date.fromordinal(ordinal)


def rows_of(
    connection: sa.Connection, segments: list[Segment], limit: int, *also: Condition
) -> tuple[IncidentRow, ...]:
    """The newest rows of segments, at most `limit`."""
    found: list[sa.RowMapping] = []
    for segment in segments:
        query = segment.select(*_COLUMNS).where(*also).order_by(segment.key.desc()).limit(limit)
        found += connection.execute(query).mappings()
    found.sort(key=lambda row: -row["key"])
    return tuple(_incident_row(row) for row in found[:limit])


# ---- cursors ---------------------------------------------------------------------------------------------


def _print(wanted: Filter) -> str:
    """By which a cursor knows its filter."""
    told = repr(replace(wanted, limit=None, offset=0)).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(told, digest_size=6).hexdigest()


def _check(body: bytes) -> bytes:
    """Against slips and tampering. It guards no secret: a cursor only says where among the filter's own rows to go on."""
    return hashlib.blake2b(body, digest_size=6, person=b"tarikh cursor").digest()


def _cursor(wanted: Filter, phase: int, row: sa.RowMapping) -> str:
    toll = row["toll"] if _PHASES[wanted.order][phase].known else None
    return seal([_print(wanted), phase, toll, row["key"]])


def seal(values: Sequence[str | int | None]) -> str:
    """The cursor of values that say where a list goes on."""
    body = json.dumps(values, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_check(body) + body).decode().rstrip("=")


def unseal(cursor: str) -> Any:
    """The values of a cursor. Raises `UsageError` where `seal` never made it."""
    try:
        whole = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        raise damaged() from None
    given, body = whole[:6], whole[6:]
    # Bits that the last letter carries in vain would let two texts be one cursor.
    if given != _check(body) or base64.urlsafe_b64encode(whole).decode().rstrip("=") != cursor:
        raise damaged()
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise damaged() from None


def damaged() -> UsageError:
    """What is said of a cursor that no page gave."""
    return UsageError(
        "the cursor is damaged or was made up; take it as the page before gave it, or start anew without it"
    )


def _read(cursor: str, wanted: Filter) -> tuple[int, int | None, int]:
    try:
        print_, phase, toll, key = unseal(cursor)
        whole = type(phase) is type(key) is int and (toll is None or type(toll) is int)
        fits = whole and 0 <= phase < len(_PHASES[wanted.order]) and 0 <= key < 2**63
    except (ValueError, TypeError):
        raise damaged() from None
    if print_ != _print(wanted):
        raise UsageError(
            "the cursor belongs to another filter or order; start anew without it, or ask as before"
        )
    if not fits or not (toll is None or abs(toll) < 2**63):
        raise damaged()
    return phase, toll, key
