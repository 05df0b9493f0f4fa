#!/usr/bin/env python3
"""How quick are lists, map and plots? Fills a database with synthetic incidents and asks what a page asks.

Invariant: the incidents follow from size and seed alone; the database is in a folder of its own and goes with it.
Usage: benchmarks/pages.py SIZE [--rounds 20] [--keep FOLDER] [--http]
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import date, timedelta
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

import page_requests

from tarikh import queries, reference
from tarikh.model import Claim, Count, Incident, When, Where, stable_id
from tarikh.queries import Filter
from tarikh.store import Store, open_store, rows
from tarikh.store import incidents as derived
from tarikh.store.grid import BASE_ZOOM, LEVELS, Box
from tarikh.store.listing import AXES, TIE_BITS

START, DAYS = date(2016, 1, 1), 3650
SAHEL = {
    "MLI": (-8.0, 12.0, 2.0, 18.0),
    "BFA": (-5.0, 10.0, 2.0, 15.0),
    "NER": (1.0, 12.0, 14.0, 19.0),
    "NGA": (3.0, 5.0, 14.0, 13.5),
    "TCD": (14.0, 8.0, 23.0, 20.0),
}
PRECISION = {"exact": 0.6, "near": 0.3, "admin2": 0.03, "admin1": 0.04, "country": 0.02, "unknown": 0.01}
DATING = {"day": 0.92, "week": 0.03, "month": 0.03, "unknown": 0.02}
REVIEW = {"unreviewed": 0.9, "accepted": 0.07, "rejected": 0.03}
WRITTEN = 50_000
RARE, COMMON = "zalihatou", "soldiers"
"""A word of 20 incidents in all, and one of four in ten."""


def _zipf(count: int, slope: float = 1.0) -> list[float]:
    return list(accumulate((rank + 1) ** -slope for rank in range(count)))


_TOWN, _SOURCE, _VOCABULARY = _zipf(300), _zipf(300), _zipf(30_000)


def _one(draw: random.Random, shares: dict[str, float]) -> str:
    return draw.choices(list(shares), shares.values())[0]


def _ranked(draw: random.Random, weights: list[float]) -> int:
    return draw.choices(range(len(weights)), cum_weights=weights)[0]


class World:
    """Countries, towns, parties and words, skewed as the press is: half of it in five countries of the Sahel."""

    def __init__(self, size: int, seed: int = 11, copies: int = 1) -> None:
        self.draw = draw = random.Random(seed)
        self.size = size
        self.every = max(1, size * copies // 20)
        self.boxes = dict(SAHEL)
        for country in draw.sample([c for c in reference.countries() if c.iso3 not in SAHEL], 60):
            west, south = draw.uniform(-120, 140), draw.uniform(-35, 50)
            self.boxes[country.iso3] = (west, south, west + 10, south + 8)
        self.countries = list(self.boxes)
        self.weights = list(accumulate(12.0 if c in SAHEL else 1.0 for c in self.countries))
        letters = "aaabcdeeefghiiijklmnooopqrstuuvwxyz"
        self.words = ["".join(draw.choices(letters, k=draw.randint(3, 10))) for _ in range(len(_VOCABULARY))]
        self.kinds = [kind.name for kind in reference.kinds()]
        self.kind_weights = _zipf(len(self.kinds))

    def incidents(self) -> Iterator[Incident]:
        """All incidents in no order of time, as ids and folding leave them."""
        return (self._incident(n, rare=n % self.every == 0) for n in range(self.size))

    def _incident(self, number: int, rare: bool) -> Incident:
        draw = self.draw
        country = self.countries[_ranked(draw, self.weights)]
        town = _ranked(draw, _TOWN)
        founder = stable_id("m", number)
        front, army = f"Front {country}-{draw.choice((0, 0, 0, 1, 1, 2))}", f"Military of {country}"
        sides = [(front,), (army,) if draw.random() < 0.5 else (f"Civilians ({country})",)]
        draw.shuffle(sides)
        sources = tuple(
            dict.fromkeys(f"Source {_ranked(draw, _SOURCE)}" for _ in range(draw.choice((1, 1, 2, 4))))
        )
        told = " ".join(self.words[_ranked(draw, _VOCABULARY)] for _ in range(22))
        told += (f" {RARE}" if rare else "") + (f" {COMMON}" if draw.random() < 0.4 else "")
        return Incident(
            id=stable_id("i", number),
            founder=founder,
            members=(founder,),
            kind=self.kinds[_ranked(draw, self.kind_weights)],
            status="reported",
            attackers=sides[0] if draw.random() < 0.8 else (),
            targets=sides[1],
            when=self._when(),
            where=self._where(country, town),
            harm=self._harm(),
            sources=sources,
            ledger=tuple(
                Claim("harm.killed", 3, founder, "r", source, None, None, (told,)) for source in sources
            ),
            review=_one(draw, REVIEW),  # type: ignore[arg-type]
            confidence=round(draw.random(), 2),
        )

    def _when(self) -> When:
        day = START + timedelta(self.draw.randrange(DAYS))
        precision = _one(self.draw, DATING)
        if precision == "day":
            return When(day, day, "day")
        if precision == "week":
            first = day - timedelta(day.weekday())
            return When(first, first + timedelta(6), "week")
        if precision == "month":
            first = day.replace(day=1)
            return When(first, (first + timedelta(31)).replace(day=1) - timedelta(1), "month")
        return When()

    def _where(self, country: str, town: int) -> Where:
        west, south, east, north = self.boxes[country]
        lies = random.Random(f"{country}{town}")
        longitude, latitude = lies.uniform(west, east), lies.uniform(south, north)
        region, district = f"Region {country}-{town % 8}", f"District {country}-{town % 40}"
        precision: Any = _one(self.draw, PRECISION)
        name = f"Town {country}-{town}"
        return {
            "exact": Where(country, region, district, name, latitude, longitude, "exact"),
            "near": Where(country, region, district, name, latitude, longitude, "near"),
            "admin2": Where(country, region, district, None, latitude, longitude, "admin2"),
            "admin1": Where(country, region, None, None, latitude, longitude, "admin1"),
            "country": Where(country, None, None, None, (south + north) / 2, (west + east) / 2, "country"),
            "unknown": Where(),
        }[precision]

    def _harm(self) -> dict[str, Count]:
        if self.draw.random() < 0.35:
            return {}
        killed = min(200, int(self.draw.paretovariate(1.2)) - 1)
        return {"killed": Count(killed, killed, killed if self.draw.random() < 0.8 else None)}


def fill(store: Store, size: int) -> None:
    """Puts the incidents in without the reports and mentions that they would come from.

    Up to `WRITTEN` go the store's own way; the others are copies of these in SQL, with ids and days of their own, for Python
    would take an hour for a million.
    """
    world = World(min(size, WRITTEN), copies=max(1, size // WRITTEN))
    with store._database._engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute("PRAGMA synchronous = OFF")
        done = 0
        source = world.incidents()
        while batch := list(islice(source, 10_000)):
            made = [(each, rows.incident_row(each, (f"News of {each.kind}",))) for each in batch]
            with connection.begin():
                derived.insert(connection, made)
            done += len(batch)
            print(f"\r{done:,} of {size:,} written ", end="", file=sys.stderr)
        raw.execute("CREATE TEMP TABLE written AS SELECT key, id, date_precision FROM listed ORDER BY key")
        _copy(raw, done, size)
        raw.execute("PRAGMA foreign_keys = ON")
    print(file=sys.stderr)


def _copy(raw: Any, done: int, size: int) -> None:
    raw.execute(
        "CREATE TEMP TABLE pair (old INTEGER PRIMARY KEY, id TEXT, fresh TEXT, key INTEGER, day INTEGER)"
    )
    names = [row[1] for row in raw.execute("PRAGMA table_info(listed)")]
    columns = [row[1] for row in raw.execute("PRAGMA table_info(incident)")]
    last = raw.execute("SELECT count(*) FROM listed").fetchone()[0]
    start, first = time.monotonic(), done
    copy = 0
    while done < size:
        copy += 1
        raw.execute("BEGIN")
        raw.execute("DELETE FROM pair")
        raw.execute(_PAIR, (copy, last, min(last, size - done)))
        changed = {
            "key": "p.key",
            "id": "p.fresh",
            "first_day": "coalesce(p.day, first_day)",
            "last_day": "coalesce(p.day, last_day)",
            "week": "CASE WHEN p.day IS NULL THEN week ELSE (p.day - 1) / 7 END",
            "month": f"CASE WHEN p.day IS NULL THEN month ELSE {_MONTH} END",
        }
        changed["day"] = "CASE WHEN p.day IS NULL THEN l.day ELSE p.day END"
        told = ", ".join(changed.get(name, f"l.{name}") for name in names)
        raw.execute(
            f"INSERT INTO listed SELECT {told} FROM pair p JOIN listed l ON l.key = p.old ORDER BY p.key"
        )
        iso = f"CASE WHEN p.day IS NULL THEN i.%s ELSE {_ISO} END"
        other = {"id": "p.fresh", "date_start": iso % "date_start", "date_end": iso % "date_end"}
        told = ", ".join(other.get(name, f"i.{name}") for name in columns)
        raw.execute(f"INSERT INTO incident SELECT {told} FROM pair p JOIN incident i ON i.id = p.id")
        raw.execute(
            "INSERT INTO listed_name SELECT n.code, p.key FROM temp.base n JOIN pair p ON p.old = n.key"
            if raw.execute("SELECT 1 FROM sqlite_temp_master WHERE name = 'base'").fetchone()
            else _names(raw)
        )
        raw.execute(
            "INSERT INTO listed_words (rowid, words) SELECT p.key, i.words FROM pair p JOIN incident i ON i.id = p.id ORDER BY p.key"
        )
        done += raw.execute("SELECT count(*) FROM pair").fetchone()[0]
        raw.execute("COMMIT")
        left = (time.monotonic() - start) / (done - first) * (size - done)
        print(f"\r{done:,} of {size:,}, about {left:.0f} s left   ", end="", file=sys.stderr)
    if copy:
        _sum(raw)


def _names(raw: Any) -> str:
    raw.execute("CREATE TEMP TABLE base AS SELECT code, key FROM listed_name ORDER BY code, key")
    return "INSERT INTO listed_name SELECT n.code, p.key FROM temp.base n JOIN pair p ON p.old = n.key"


_ISO = "date(p.day + 1721424.5)"
_MONTH = f"CAST(strftime('%Y', {_ISO}) AS INTEGER) * 12 + CAST(strftime('%m', {_ISO}) AS INTEGER) - 1"

_PAIR = f"""
INSERT INTO pair
SELECT key, id, fresh, (coalesce(day, key >> {TIE_BITS}) << {TIE_BITS}) + abs(random()) % (1 << {TIE_BITS}), day
FROM (SELECT key, id, printf('i-%03x', ?1) || substr(id, 3) AS fresh,
  CASE WHEN date_precision = 'day' THEN {START.toordinal()} + abs(random()) % {DAYS} END AS day
  FROM (SELECT * FROM written LIMIT ?2) LIMIT ?3)
"""
"""Copies keep imprecise days, which are few; the rest are strewn over all days."""


def _sum(raw: Any) -> None:
    """The kept sums of all incidents, as `listing` would have added them up; their codes only tell the axes apart."""
    toll = "sum(toll IS NULL), sum(toll IS NOT NULL AND killed_high IS NULL)"
    killed = "sum(coalesce(min(coalesce(killed_low, toll), 1000000000), 0)), sum(coalesce(toll, 0))"
    killed += ", sum(coalesce(killed_high, toll, 0))"
    when = "review, week, month, first_day IS NOT NULL OR last_day IS NOT NULL"
    raw.execute("DELETE FROM tally")
    raw.execute("DELETE FROM map_tally")
    each = "(SELECT l.*, value AS party FROM listed l, json_each((SELECT json_group_array(value) FROM"
    each += " (SELECT value FROM json_each(l.attackers) UNION SELECT value FROM json_each(l.targets)))))"
    for axis, name, country, source in (
        ("all", "NULL", "NULL", "listed"),
        ("country", "NULL", "country", "listed"),
        ("kind", "kind", "NULL", "listed"),
        ("admin1", "admin1", "country", "listed"),
        ("party", "party", "country", each),
    ):
        raw.execute(
            f"INSERT INTO tally SELECT ({AXES[axis]} << 60) + row_number() OVER (), '{axis}', {name}, {country}, {when},"
            f" count(*), {toll}, {killed} FROM {source} GROUP BY {name}, {country}, {when}"
        )
    micro = "sum(CASE WHEN {0} IS NULL THEN 0 ELSE CAST(round({0} * 1000000) AS INTEGER) END)"
    sums = "count(*), sum(toll IS NULL), sum(coalesce(toll, 0)), sum(latitude IS NOT NULL), "
    sums += f"{micro.format('latitude')}, {micro.format('longitude')}"
    for level in LEVELS:
        size = 1 << (BASE_ZOOM - level)
        cell = f"cell / (512 * {size}) * {size} * 512 + cell % 512 / {size} * {size}"
        _map(raw, f"{level}, {cell}, NULL, country, NULL, NULL, kind, review", sums, "unit IS NULL")
    unit = "NULL, NULL, nullif(place_precision, 'unknown'), country"
    unit += ", CASE WHEN place_precision <> 'country' THEN admin1 END, CASE place_precision WHEN 'admin2' THEN admin2 END"
    _map(raw, f"{unit}, kind, review", sums, "unit IS NOT NULL")


def _map(raw: Any, of: str, sums: str, where: str) -> None:
    there = raw.execute("SELECT coalesce(max(code), 0) FROM map_tally").fetchone()[0]
    groups = ", ".join(str(n) for n in range(3, 10))
    raw.execute(
        f"INSERT INTO map_tally SELECT {there} + row_number() OVER (), {of}, {sums} FROM listed WHERE {where} GROUP BY {groups}"
    )


def timed(ask: Callable[[int], object], rounds: int) -> tuple[float, float, float]:
    """Median and 95th percentile of the time that passed, and median of CPU time, in milliseconds; the first of all included."""
    spent, worked = [], []
    for number in range(rounds):
        start, cpu = time.perf_counter(), time.process_time()
        ask(number)
        spent.append((time.perf_counter() - start) * 1000)
        worked.append((time.process_time() - cpu) * 1000)
    spent.sort()
    return statistics.median(spent), spent[round(0.95 * (len(spent) - 1))], statistics.median(worked)


def questions(store: Store, draw: random.Random) -> dict[str, Callable[[int], object]]:
    """What is asked, by name; each is told which round it is."""
    everything = Filter()

    def first_view(_: int) -> None:
        queries.page(store, everything)
        queries.overview(store, everything)
        queries.timeline(store, everything)
        queries.counts(store, everything)

    def ninety(width: float) -> Filter:
        west, south = draw.uniform(-6, 8), draw.uniform(6, 14)
        since = START + timedelta(draw.randrange(DAYS - 90))
        box: Box = (west, south, west + width, south + width * 0.6)
        return Filter(bbox=box, since=since, until=since + timedelta(89))

    def map_of(wanted: Filter) -> None:
        queries.overview(store, wanted, wanted.bbox, 7)

    cursors: list[str | None] = [None]
    for _ in range(99):
        cursors.append(queries.page(store, everything, cursors[-1]).next_cursor)

    def view(wanted: Filter, box: Box | None = None, zoom: int = 2) -> None:
        queries.page(store, wanted)
        queries.overview(store, wanted, box, zoom)
        queries.timeline(store, wanted)
        queries.counts(store, wanted)

    rare_pair = Filter(countries=("TCD",), kinds=(reference.kinds()[-1].name,), minimum_killed=50)
    diamond = ((-6.0, 14.0), (-2.0, 17.0), (1.0, 14.0), (-2.0, 11.0), (-6.0, 14.0))
    return {
        "first view: list, map, timeline, counts": first_view,
        "box of 3° and 90 days, list": lambda _: queries.page(store, ninety(3)),
        "box of 12° and 90 days, list": lambda _: queries.page(store, ninety(12)),
        "box of 12° and 90 days, map": lambda _: map_of(ninety(12)),
        "rare word, list": lambda _: queries.page(store, Filter(text=RARE)),
        "common word, list": lambda _: queries.page(store, Filter(text=COMMON)),
        "common word, counts": lambda _: queries.counts(store, Filter(text=COMMON)),
        "two words, list": lambda n: queries.page(store, Filter(text=f"{COMMON} source {n}")),
        "one letter, list": lambda _: queries.page(store, Filter(text="a")),
        "page 100 by cursor": lambda _: queries.page(store, everything, cursors[99]),
        "deadliest, list": lambda _: queries.page(store, Filter(order="deadliest")),
        "rare conjunction, list": lambda _: queries.page(store, rare_pair),
        "drawn area, list, map, timeline, counts": lambda _: view(Filter(areas=((diamond,),)), (-8, 10, 3, 18), 6),
        "one country, list, map, timeline, counts": lambda _: view(Filter(countries=("MLI",)), (-13, 10, 5, 25), 5),
        "one year, list, map, timeline, counts": lambda _: view(Filter(since=date(2024, 1, 1), until=date(2024, 12, 31))),
        "one source, list, map, timeline, counts": lambda _: view(Filter(sources=("Source 3",))),
        "common word, list, map, timeline, counts": lambda _: view(Filter(text=COMMON)),
        "trends of all time by kind": lambda _: queries.trends(store, everything, "month", "kind"),
        "trends of all time by country": lambda _: queries.trends(store, everything, "week", "country"),
        "trends of all time by admin1": lambda _: queries.trends(store, everything, "month", "admin1"),
        "trends of all time by party": lambda _: queries.trends(store, everything, "month", "party"),
        "timeline of all time by day": lambda _: queries.timeline(store, everything, "day"),
    }  # fmt: skip


def main() -> None:
    """Fills, asks, prints a table."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("size", type=int)
    asked.add_argument("--rounds", type=int, default=20)
    asked.add_argument("--only", default="", help="what the names of the questions asked hold")
    asked.add_argument("--keep", type=Path, help="a folder in which the database stays, and is used again")
    asked.add_argument("--http", action="store_true", help="ask the pages themselves, as a browser would")
    given = asked.parse_args()
    with nullcontext(given.keep) if given.keep else tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"pages-{given.size}.db"
        there = path.exists()
        with open_store(path) as store:
            start = time.monotonic()
            if not there:
                fill(store, given.size)
            spent = time.monotonic() - start
            size = path.stat().st_size / 1e6
            print(f"{given.size:,} incidents, filled in {spent:.0f} s, file of {size:,.0f} MB\n")
            print("| asked | p50 ms | p95 ms | CPU p50 ms |\n|---|---|---|---|")
            if given.http:
                asking = page_requests.requests(path, store, RARE, COMMON)
            else:
                asking = questions(store, random.Random(3))
            for name, ask in asking.items():
                if given.only not in name:
                    continue
                middle, high, cpu = timed(ask, given.rounds)
                print(f"| {name} | {middle:,.1f} | {high:,.1f} | {cpu:,.1f} |", flush=True)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        print(f"\npeak memory {peak:,.0f} MB")


if __name__ == "__main__":
    main()
