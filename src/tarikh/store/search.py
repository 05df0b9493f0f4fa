"""How a filter is asked of the database: the conditions, and by which index the rows are fetched.

Invariant: the conditions alone say what passes; a plan only says where to look first, and never changes the answer.
Unknown passes no condition as if it were known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from tarikh.store import grid
from tarikh.store.filtering import Filter, Order, box_around, party_keys
from tarikh.store.grid import Box
from tarikh.store.listed_schema import listed, listed_name
from tarikh.store.listing import LONG_DAYS, POINTS, first_key, name_code
from tarikh.store.schema import incident
from tarikh.store.sqlite_search import keys_in, matching, unindexed, words_table
from tarikh.text import fold

Condition = sa.ColumnElement[bool]

FEW = 20_000
"""Rows that are cheaper fetched one by one and sorted than met on the way through all, for a page."""

MANY = 150_000
"""The same where all rows that pass are wanted, in no order."""

_MOST_CELLS = 4_000
_MOST_LONG = 50_000

FIRST_DATED = first_key(1)
"""The least key of an incident with a first day."""


# ---- what passes -----------------------------------------------------------------------------------------


def conditions(wanted: Filter) -> list[Condition]:
    """What a row of `listed` must fulfill."""
    made = rest(wanted)
    words = _words(wanted)
    if words:
        made.append(unindexed(listed.c.key).in_(matching(words)))
    if wanted.until is not None:
        made += [listed.c.key >= FIRST_DATED, listed.c.key < first_key(wanted.until.toordinal() + 1)]
    return made


def rest(wanted: Filter) -> list[Condition]:
    """All conditions but the words and the last day, which a plan asks in its own way."""
    made: list[Condition] = []
    for name, allowed in (
        ("country", wanted.countries),
        ("kind", wanted.kinds),
        ("status", wanted.status),
        ("place_precision", wanted.place_precision),
    ):
        if allowed:
            made.append(unindexed(listed.c[name]).in_(allowed))
    if wanted.asks_review:
        made.append(unindexed(listed.c.review).in_(wanted.review))
    if wanted.since is not None:
        made.append(listed.c.last_day >= wanted.since.toordinal())
    if wanted.minimum_killed is not None:
        made.append(unindexed(listed.c.toll) >= wanted.minimum_killed)
    if wanted.has_toll is not None:
        toll = unindexed(listed.c.toll)
        made.append(toll.is_not(None) if wanted.has_toll else toll.is_(None))
    made += [_named(codes) for codes in name_codes(wanted)]
    return made + _by_point(wanted)


def name_codes(wanted: Filter) -> list[list[int]]:
    """For each condition on names the codes of `listed_name`, one of which an incident must bear."""
    parties = sorted({name_code("party", key) for name in wanted.parties for key in party_keys(name)})
    sources = sorted({name_code("source", name) for name in wanted.sources})
    units = sorted({name_code("admin1", name) for name in wanted.admin1})
    place = wanted.place is not None and wanted.point is None
    places = [name_code("place", wanted.place or "")] if place else []
    return [codes for codes in (parties, sources, units, places) if codes]


def _named(codes: Sequence[int]) -> Condition:
    same = sa.and_(listed_name.c.code.in_(codes), listed_name.c.key == listed.c.key)
    return sa.exists(sa.select(sa.literal(1)).select_from(listed_name).where(same).correlate(listed))


def _by_point(wanted: Filter) -> list[Condition]:
    table = listed.c
    made: list[Condition] = []
    if wanted.bbox is not None:
        made.append(in_boxes([wanted.bbox]))
    if wanted.radius_km is not None or wanted.areas:
        made.append(unindexed(table.place_precision).in_(POINTS))
    if wanted.point is not None and wanted.radius_km is not None:
        made.append(in_boxes([box_around(wanted.point, wanted.radius_km)]))
        asked = (table.latitude, table.longitude, *wanted.point, wanted.radius_km)
        made.append(sa.func.within_km(*asked) == 1)
    if wanted.areas:
        made.append(in_boxes([grid.bounds(wanted.areas)]))
        asked_ = (grid.remember(wanted.areas), table.latitude, table.longitude)
        made.append(sa.func.inside_areas(*asked_) == 1)
    return made


def in_boxes(boxes: Iterable[Box]) -> Condition:
    """That the point drawn lies in one of the boxes."""
    table = listed.c
    return sa.or_(
        *(
            sa.and_(table.latitude.between(south, north), table.longitude.between(west, east))
            for box in boxes
            for west, south, east, north in grid.halves(box)
        )
    )


def ordering(order: Order) -> Sequence[sa.ColumnElement[Any]]:
    """The columns to sort by; the key last, so that pages never overlap."""
    key = listed.c.key
    orders: dict[Order, Sequence[sa.ColumnElement[Any]]] = {
        "newest": [key.desc()],
        "oldest": [(key < FIRST_DATED).asc(), key.asc()],
        "deadliest": [listed.c.toll.desc().nulls_last(), key.desc()],
    }
    return orders[order]


def _words(wanted: Filter) -> list[str]:
    return fold(wanted.text or "").split()


# ---- where to look first ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of what is asked: rows of `source` under `conditions`; `key` is the column that stands for `listed.key`.

    `bounded` is whether few rows are looked at, so that sorting them costs nothing.
    """

    source: sa.FromClause
    key: sa.ColumnElement[int]
    conditions: tuple[Condition, ...]
    bounded: bool

    def select(self, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
        """These columns of the rows that pass."""
        return sa.select(*columns).select_from(self.source).where(*self.conditions)


def plan(
    connection: sa.Connection,
    wanted: Filter,
    most: int = FEW,
    boxes: Sequence[Box] = (),
    also: Sequence[Condition] = (),
    units: bool = False,
    by_key: bool = True,
) -> list[Segment]:
    """Parts that hold each row that passes once; with `boxes` only what is drawn in one of them, with `also` what passes it.

    `units`: only what is no point. `by_key` is False where the rows are wanted in another order than the key's. Where `most`
    is no more than `FEW`, a page is wanted, not all rows.
    """
    common = [*rest(wanted), *also]
    if boxes:
        common.append(in_boxes(boxes))
    if units:
        common.append(unindexed(listed.c.unit).is_not(None))
    low, high = _range(wanted)
    segments = _long(connection, wanted, low, common)
    words = _words(wanted)
    driver, kept = _smallest(connection, _drivers(wanted, boxes, units), words, (low, high), most)
    if driver is None and words and most > FEW:
        key = words_table.c.rowid
        joined = words_table.join(listed, listed.c.key == key)
        asked = [matching(words).whereclause, *_between(key, low, high), *common]
        return [Segment(joined, key, tuple(asked), False), *segments]  # type: ignore[arg-type]
    if words and driver is None:
        common.append(_written(words))
    elif words and not kept:
        heard = matching(words).where(*_between(words_table.c.rowid, low, high))
        common.append(unindexed(listed.c.key).in_(heard))
    if driver is not None:
        common.append(listed.c.key.in_(driver))
    unsorted = driver is None and not by_key and not _few(connection, low, high, most)
    key_ = unindexed(listed.c.key) if unsorted or driver is not None else listed.c.key
    between = _between(key_, low, high)
    return [Segment(listed, listed.c.key, (*between, *common), driver is not None), *segments]


def _range(wanted: Filter) -> tuple[int | None, int | None]:
    """The keys, from and below, between which all but long incidents lie."""
    low = None if wanted.until is None else FIRST_DATED
    if wanted.since is not None:
        low = first_key(max(wanted.since.toordinal() - LONG_DAYS, 1))
    return low, None if wanted.until is None else first_key(wanted.until.toordinal() + 1)


def _between(key: sa.ColumnElement[int], low: int | None, high: int | None) -> list[Condition]:
    return [*([key >= low] if low is not None else []), *([key < high] if high is not None else [])]


def _long(
    connection: sa.Connection, wanted: Filter, low: int | None, common: Sequence[Condition]
) -> list[Segment]:
    """Those that began long before `since` and last until it: few if any, asked by their keys."""
    if wanted.since is None or low is None:
        return []
    least = FIRST_DATED if wanted.until is not None else 0
    query = sa.select(listed.c.key).where(
        listed.c.span.is_not(None), unindexed(listed.c.key).between(least, low - 1)
    )
    keys = connection.execute(query.where(listed.c.last_day >= wanted.since.toordinal())).scalars().all()
    if not keys:
        return []
    asked = [listed.c.key.in_(keys_in(keys)), *common]
    if words := _words(wanted):
        asked.append(unindexed(listed.c.key).in_(matching(words)))
    return [Segment(listed, listed.c.key, tuple(asked), len(keys) < _MOST_LONG)]


def _drivers(wanted: Filter, boxes: Sequence[Box], units: bool) -> Iterator[tuple[Any, sa.Select[Any]]]:
    """Queries for keys, each of which holds all that pass, with the column of the key: one for each index that may help."""
    yield from (
        (listed_name.c.key, sa.select(listed_name.c.key).where(listed_name.c.code.in_(codes)))
        for codes in name_codes(wanted)
    )
    table = listed.c
    key = sa.select(table.key)
    windows: list[list[Box]] = [list(boxes)] if boxes else []
    windows += [[box] for box in _windows(wanted)]
    for window in windows:
        cells = _cells(window)
        if cells is not None:
            yield table.key, key.where(table.cell.in_(keys_in(cells)))
    if wanted.countries:
        yield table.key, key.where(table.country.in_(wanted.countries))
    if wanted.kinds:
        yield table.key, key.where(table.kind.in_(wanted.kinds))
    if wanted.minimum_killed:
        yield table.key, key.where(table.toll >= wanted.minimum_killed)
    if wanted.review and "unreviewed" not in wanted.review:
        yield table.key, key.where(table.review.in_(wanted.review), table.review != "unreviewed")
    if units or (wanted.place_precision and not set(wanted.place_precision) & set(POINTS)):
        yield table.key, key.where(table.unit.is_not(None))


def _windows(wanted: Filter) -> Iterator[Box]:
    if wanted.bbox is not None:
        yield wanted.bbox
    if wanted.point is not None and wanted.radius_km is not None:
        yield box_around(wanted.point, wanted.radius_km)
    if wanted.areas:
        yield grid.bounds(wanted.areas)


def _cells(boxes: Iterable[Box]) -> list[int] | None:
    found: set[int] = set()
    for box in boxes:
        cells = grid.cells(box, _MOST_CELLS)
        if cells is None:
            return None
        found.update(cells)
    return sorted(found)


def _smallest(
    connection: sa.Connection,
    drivers: Iterable[tuple[Any, sa.Select[Any]]],
    words: Sequence[str],
    between: tuple[int | None, int | None],
    most: int,
) -> tuple[sa.Select[Any] | None, bool]:
    """The query that names the fewest rows, at most `most`, and whether it is that of the words; None where all name more.

    Each is counted no further than the best so far.
    """
    best: sa.Select[Any] | None = None
    kept = False
    least = most + 1
    if words and (keys := _heard(connection, words, between)) is not None:
        best, least, kept = keys_in(keys), len(keys), True
    for key, query in drivers:
        query = query.where(*_between(key, *between))
        count = _count(connection, query, least)
        if count < least:
            best, least, kept = query, count, False
    if best is not None and not kept and least > 0 and _few(connection, *between, least - 1):
        return None, False  # the days name fewer still
    return best, kept


def _heard(
    connection: sa.Connection, words: Sequence[str], between: tuple[int | None, int | None]
) -> Sequence[int] | None:
    """The keys of few incidents that hold the words by their beginnings; None where they are many."""
    within = _between(words_table.c.rowid, *between)
    # Whole words are read as they come, beginnings only once all that begin so are gathered: where the words alone
    # are many, the question is spared.
    if _count(connection, matching(words, whole=True).where(*within), FEW + 1) > FEW:
        return None
    keys = connection.execute(matching(words).where(*within).limit(FEW + 1)).scalars().all()
    return keys if len(keys) <= FEW else None


def _written(words: Iterable[str]) -> Condition:
    """That the words stand in the incident's own: for words of so many incidents that a page is soon full."""
    told = sa.select(incident.c.words).where(incident.c.id == listed.c.id).correlate(listed).scalar_subquery()
    # fold leaves letters, digits and spaces alone, so that nothing in it is a wildcard of LIKE.
    return sa.and_(*(told.contains(f" {word}") for word in words))


def _count(connection: sa.Connection, query: sa.Select[Any], most: int) -> int:
    return connection.execute(
        sa.select(sa.func.count()).select_from(query.limit(most).subquery())
    ).scalar_one()


def _few(connection: sa.Connection, low: int | None, high: int | None, most: int) -> bool:
    """Whether the days asked for hold at most so many rows."""
    if low is None and high is None:
        return False
    query = sa.select(listed.c.key).where(*_between(listed.c.key, low, high))
    return _count(connection, query, most + 1) <= most
