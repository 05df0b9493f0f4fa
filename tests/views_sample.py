"""Random incidents and filters, and the slow reading of what a filter finds, on a map and over time: the oracle of views."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from store_sample import made, replace_incidents, tell
from tarikh.earth import kilometers
from tarikh.model import Claim, Count, Incident, When, Where, stable_id
from tarikh.queries import Filter, Tally
from tarikh.store import Store, listing
from tarikh.store.filtering import Order, party_keys
from tarikh.text import fold

SQUARE = ((0.0, 10.0), (4.0, 10.0), (4.0, 14.0), (0.0, 14.0), (0.0, 10.0))
HOLE = ((1.0, 11.0), (2.0, 11.0), (2.0, 12.0), (1.0, 12.0), (1.0, 11.0))
KINDS = ("armed_clash", "bombing", "riot")
WORDS = ("Dembélé", "Dem", "market", "marketplace", "N’Djaména", "ܥܡܐ", "𞤆𞤵𞤤𞤢𞤪", "100%", "x")
DAYS = [date(2023, 1, 1) + timedelta(n) for n in (0, 1, 5, 30, 31, 40, 200, 364, 365, 800)]

# ---- random incidents ------------------------------------------------------------------------------------

_DEGREES = st.sampled_from([-180.0, -0.5, 0.3, 1.5, 1.5000005, 3.9, 11.0, 13.99, 179.9, 180.0])
_LATITUDES = st.sampled_from([-90.0, -16.7, 0.0, 10.5, 11.5, 11.5000005, 13.0, 14.0, 90.0])


@st.composite
def _whens(draw: st.DrawFn) -> When:
    start = draw(st.sampled_from(DAYS))
    precision: Any = draw(st.sampled_from(["day", "day", "day", "week", "month", "year", "unknown"]))
    length = draw(st.sampled_from([0, 0, 0, 2, 6, 30, 364, 900]))
    whole = When(start, start + timedelta(length), precision)
    return draw(st.sampled_from([whole, whole, replace(whole, end=None), replace(whole, start=None), When()]))


@st.composite
def _wheres(draw: st.DrawFn) -> Where:
    country = draw(st.sampled_from(["MLI", "NER", "FJI", None]))
    names = [draw(st.sampled_from([None, "", "Gao", "Ménaka"])) for _ in range(3)]
    point = draw(st.tuples(_LATITUDES, _DEGREES) | st.just((None, None)))
    precision = draw(st.sampled_from(["exact", "exact", "near", "admin2", "admin1", "country", "unknown"]))
    return Where(country, *names, *point, precision)  # type: ignore[arg-type]


_FIGURES = st.none() | st.integers(0, 30) | st.sampled_from([10**9, 10**18, 2**70])
_PARTIES = st.lists(
    st.sampled_from(["JNIM", "GSIM", "Military of Mali", "Civilians (Mali)"]), max_size=2, unique=True
)


@st.composite
def _fields(draw: st.DrawFn) -> dict[str, Any]:
    figures = Count(draw(_FIGURES), draw(_FIGURES), draw(_FIGURES))
    sources = tuple(
        draw(st.lists(st.sampled_from(["The Herald", "L’Écho", "Radio"]), max_size=2, unique=True))
    )
    told = tuple(draw(st.lists(st.sampled_from(WORDS), max_size=3)))
    return {
        "kind": draw(st.sampled_from(KINDS)),
        "status": draw(st.sampled_from(["reported", "claimed"])),
        "attackers": tuple(draw(_PARTIES)),
        "targets": tuple(draw(_PARTIES)),
        "when": draw(_whens()),
        "where": draw(_wheres()),
        "harm": {"killed": figures} if draw(st.booleans()) else {},
        "sources": sources,
        "ledger": (Claim("kind", "riot", "m", "r", "The Herald", None, None, told),),
        "review": draw(st.sampled_from(["unreviewed", "unreviewed", "accepted", "rejected"])),
        "confidence": 0.5,
    }


INCIDENTS = st.lists(_fields(), max_size=14)

FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "countries": st.sampled_from([("MLI",), ("MLI", "FJI"), ("TCD",)]),
        "kinds": st.sampled_from([("riot",), ("riot", "bombing")]),
        "place": st.sampled_from(["gao", "Menaka"]),
        "admin1": st.sampled_from([("gao",), ("Gao", "Ménaka")]),
        "bbox": st.sampled_from(
            [(0.0, 10.0, 4.0, 14.0), (179.0, -90.0, -179.0, 90.0), (-180.0, -90.0, 180.0, 90.0)]
        ),
        "areas": st.sampled_from([((SQUARE,),), ((SQUARE, HOLE),)]),
        "since": st.sampled_from(DAYS[:6]),
        "until": st.sampled_from(DAYS[5:]),
        "parties": st.sampled_from([("JNIM",), ("gsim", "civilians (mali)")]),
        "sources": st.sampled_from([("the herald",), ("L'Echo", "Radio")]),
        "minimum_killed": st.sampled_from([0, 5, 2**40]),
        "has_toll": st.booleans(),
        "status": st.just(("claimed",)),
        "review": st.sampled_from([(), ("accepted",), ("rejected", "unreviewed")]),
        "place_precision": st.sampled_from([("exact",), ("admin1", "country"), ("unknown", "near")]),
        "text": st.sampled_from(["dem", "DEMBELE herald", "market", "marketp", "n djam", "ܥ", "𞤆𞤵", "r", "100"]),
    },
)  # fmt: skip
ROUND = st.none() | st.sampled_from([((12.0, 1.5), 60.0), ((0.0, -179.9), 30_000.0)])
ORDERS: st.SearchStrategy[Order] = st.sampled_from(["newest", "oldest", "deadliest"])


# ---- the slow reading ------------------------------------------------------------------------------------


def toll_of(each: Incident) -> int | None:
    killed = each.harm.get("killed", Count())
    toll = killed.low if killed.best is None else killed.best
    return None if toll is None else min(toll, 2**63 - 1)


def _last(each: Incident) -> date | None:
    return each.when.end or each.when.start


def in_box(each: Incident, box: tuple[float, float, float, float]) -> bool:
    west, south, east, north = box
    if each.where.latitude is None or each.where.longitude is None:
        return False
    x = each.where.longitude
    inside = west <= x <= east if west <= east else x >= west or x <= east
    return south <= each.where.latitude <= north and inside


def is_point(each: Incident) -> bool:
    return each.where.precision in ("exact", "near") and each.where.latitude is not None


def _in_square(each: Incident, holes: bool) -> bool:
    y, x = each.where.latitude, each.where.longitude
    assert y is not None
    assert x is not None
    return 0 < x < 4 and 10 <= y < 14 and not (holes and 1 <= x < 2 and 11 <= y < 12)


def _names(each: Incident) -> set[str]:
    where = each.where
    return {fold(name) for name in (where.place, where.admin2, where.admin1) if name}


def _words(each: Incident) -> str:
    told = [*_names(each), each.kind, *each.attackers, *each.targets, *each.sources, f"News {each.id[2:]}"]
    told += [word for claim in each.ledger for word in claim.words]
    return " " + " ".join(fold(text) for text in told)


def passes(each: Incident, wanted: Filter) -> bool:
    """Each condition as the docstring of `Filter` has it."""
    toll, last, start = toll_of(each), _last(each), each.when.start
    keys = {key for name in wanted.parties for key in party_keys(name)}
    parties = {fold(name) for name in (*each.attackers, *each.targets)}
    return all(
        (
            not wanted.countries or each.where.country in wanted.countries,
            not wanted.kinds or each.kind in wanted.kinds,
            not wanted.status or each.status in wanted.status,
            not wanted.review or each.review in wanted.review,
            not wanted.place_precision or each.where.precision in wanted.place_precision,
            wanted.place is None or wanted.point is not None or fold(wanted.place) in _names(each),
            not wanted.admin1 or fold(each.where.admin1 or "") in map(fold, wanted.admin1),
            not wanted.parties or bool(keys & parties),
            not wanted.sources or bool({fold(n) for n in wanted.sources} & {fold(n) for n in each.sources}),
            wanted.since is None or (last is not None and last >= wanted.since),
            wanted.until is None or (start is not None and start <= wanted.until),
            wanted.minimum_killed is None or (toll is not None and toll >= wanted.minimum_killed),
            wanted.has_toll is None or wanted.has_toll == (toll is not None),
            wanted.bbox is None or in_box(each, wanted.bbox),
            not wanted.areas or (is_point(each) and _in_square(each, len(wanted.areas[0]) > 1)),
            wanted.point is None or (is_point(each) and _near(each, wanted)),
            all(f" {word}" in _words(each) for word in fold(wanted.text or "").split()),
        )
    )


def _near(each: Incident, wanted: Filter) -> bool:
    assert wanted.point is not None
    assert wanted.radius_km is not None
    here = (each.where.latitude or 0.0, each.where.longitude or 0.0)
    return kilometers(wanted.point, here) <= wanted.radius_km


def ordered(found: list[Incident], order: Order) -> list[str]:
    def key(each: Incident) -> Any:
        tie = listing.key_of(each.id, each.when.start)
        if order == "oldest":
            return each.when.start is None, tie
        toll = toll_of(each)
        return -math.inf if toll is None else toll, tie

    if order == "newest":
        found = sorted(found, key=lambda each: -listing.key_of(each.id, each.when.start))
    else:
        found = sorted(found, key=key, reverse=order == "deadliest")
    return [each.id for each in found]


def summed(found: list[Incident]) -> Tally:
    total = Tally()
    for each in found:
        toll, killed = toll_of(each), each.harm.get("killed", Count())
        if toll is None:
            total += Tally(1, 1)
            continue
        low, high = (toll if bound is None else bound for bound in (killed.low, killed.high))
        figures = (min(n, 10**9) for n in (low, toll, high))
        total += Tally(1, 0, int(killed.high is None), *figures)
    return total


def period(each: Incident, by: str) -> date | None:
    """The first day of its period, where it is known to lie in one."""
    start, end = each.when.start, each.when.end
    if each.when.precision == "day":
        end = start
    if start is None or end is None or each.when.precision == "unknown":
        return None
    first = {
        "day": lambda day: day,
        "week": lambda day: day - timedelta(day.weekday()),
        "month": lambda day: day.replace(day=1),
    }[by]
    return first(start) if first(start) == first(end) else None


def slow_timeline(found: list[Incident], by: str) -> tuple[dict[date, Tally], Tally, Tally]:
    periods: dict[date, list[Incident]] = defaultdict(list)
    apart: list[Incident] = []
    for each in found:
        first = period(each, by)
        (apart if first is None else periods[first]).append(each)
    dated = [each for each in apart if each.when.start or each.when.end]
    undated = [each for each in apart if not (each.when.start or each.when.end)]
    return {day: summed(of) for day, of in periods.items()}, summed(dated), summed(undated)


# ---- the store ------------------------------------------------------------------------------------------


def kept(store: Store, told: list[dict[str, Any]]) -> list[Incident]:
    """These incidents in the place of all others."""
    incidents = []
    for number, fields in enumerate(told):
        key = stable_id("x", number)[2:]
        one = tell(store, key)
        incidents.append(made(f"i-{key}", one, **fields))
    replace_incidents(store, incidents)
    return incidents
