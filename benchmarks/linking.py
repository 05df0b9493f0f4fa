#!/usr/bin/env python3
"""How does linking grow? Links and folds synthetic mentions in a database, and one new report into the largest.

Invariant: the mentions follow from size and seed alone; truth is known; each size is a process of its own.
Usage: benchmarks/linking.py [SIZE…] [--per-day 275 | --years 10]   (sizes by default 10000 100000)
"""

from __future__ import annotations

import argparse
import heapq
import json
import math
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, islice, pairwise
from pathlib import Path

from tarikh import link, pipeline
from tarikh.model import Count, Evidence, Mention, Report, Span, When, Where, stable_id
from tarikh.store import Store, open_store, rows
from tarikh.store.schema import coded, mention, report

COUNTRIES, REGIONS, TOWNS = 40, 8, 300
START = date(2015, 1, 1)
CODER = "synthetic@1"
TEXT = "Gunmen attacked a post near the town at dawn, residents and a security source said. " * 6

# Shares of the hand-coded training reports, rounded: what mentions look like before anybody links them.
PRECISION = {
    "exact": 0.66,
    "near": 0.29,
    "admin2": 0.018,
    "admin1": 0.012,
    "country": 0.015,
    "unknown": 0.005,
}
DATING = {"day": 0.92, "week": 0.02, "month": 0.03, "unknown": 0.03}
BACKGROUND, DIGEST, UNPUBLISHED, NAMELESS, TURNED = 0.14, 0.2, 0.02, 0.25, 0.05
KINDS = {
    "armed_clash": 0.27, "attack_on_civilians": 0.2, "bombing": 0.12, "shelling": 0.1, "air_strike": 0.1,
    "abduction": 0.07, "arrest": 0.06, "looting_or_arson": 0.04, "movement": 0.04,
}  # fmt: skip
TOLD_AS = {"armed_clash": "attack_on_civilians", "bombing": "armed_clash", "shelling": "air_strike"}


def _zipf(count: int, slope: float) -> list[float]:
    return list(accumulate((rank + 1) ** -slope for rank in range(count)))


_COUNTRY, _TOWN, _REPORTS = _zipf(COUNTRIES, 1.0), _zipf(TOWNS, 1.0), _zipf(12, 1.4)


@dataclass(frozen=True, slots=True)
class Happened:
    """What truly happened."""

    number: int
    kind: str
    where: Where
    day: date
    attackers: tuple[str, ...]
    targets: tuple[str, ...]
    killed: int


@dataclass(slots=True)
class World:
    """Countries, towns and parties, skewed as the press is, and what happens there day by day."""

    draw: random.Random
    per_day: float
    told: list[tuple[date, int, Happened]] = field(default_factory=list)
    serial: int = 0

    def happened(self, number: int, day: date) -> Happened:
        draw = self.draw
        country = _ranked(draw, _COUNTRY)
        town = _ranked(draw, _TOWN)
        code = f"{chr(65 + country // 26)}{chr(65 + country % 26)}Z"
        # The towns of a country lie where their numbers put them, always the same, in eight degrees by eight.
        place = random.Random(country * TOWNS + town)
        latitude = -30 + 10 * (country % 7) + 8 * place.random()
        longitude = -100 + 30 * (country // 7) + 8 * place.random()
        where = Where(
            code, f"Region {town % REGIONS}", None, f"Town {country}-{town}", latitude, longitude, "exact"
        )
        group = (f"Front {country}-{draw.choice((0, 0, 0, 1, 1, 2))}",)
        army = (f"Military of {code}",)
        people = (f"Civilians ({code})",)
        kind = draw.choices(list(KINDS), KINDS.values())[0]
        attackers = army if kind in ("air_strike", "arrest", "movement") else group
        targets = people if kind in ("attack_on_civilians", "abduction", "looting_or_arson") else army
        if attackers == army:
            targets = group
        killed = min(200, int(draw.paretovariate(1.2)) - 1)
        return Happened(number, kind, where, day, attackers, targets, killed)

    def run(self) -> Iterator[tuple[date, Happened, bool]]:
        """Day of publication, event, and whether it is only recalled; in order of publication, without end."""
        mean = sum((n + 1) * (n + 1) ** -1.4 for n in range(12)) / _REPORTS[-1]
        waiting: list[tuple[date, int, Happened, bool]] = []
        number = order = 0
        owed = 0.0
        for passed in range(10**6):
            day = START + timedelta(passed)
            owed += self.per_day / (mean * (1 + BACKGROUND))
            while owed >= 1:
                owed -= 1
                number += 1
                event = self.happened(number, day)
                for _ in range(1 + _ranked(self.draw, _REPORTS)):
                    lag = min(30, int(self.draw.expovariate(0.7)))
                    heapq.heappush(waiting, (day + timedelta(lag), order, event, False))
                    order += 1
                    if self.draw.random() < BACKGROUND:
                        later = self.draw.randrange(14, 400)
                        heapq.heappush(waiting, (day + timedelta(later), order, event, True))
                        order += 1
            while waiting and waiting[0][0] <= day:
                published, _, event, recalled = heapq.heappop(waiting)
                yield published, event, recalled


def _ranked(draw: random.Random, weights: Sequence[float]) -> int:
    return draw.choices(range(len(weights)), cum_weights=weights)[0]


def synthetic(
    count: int, seed: int = 7, per_day: float = 275.0
) -> Iterator[tuple[Report, list[Mention], list[int]]]:
    """Reports with their mentions and the numbers of the true incidents, `count` mentions in all."""
    draw = random.Random(seed)
    digests: dict[tuple[str, date], list[Happened]] = defaultdict(list)
    made = serial = 0
    for published, event, recalled in World(draw, per_day).run():
        if made >= count:
            return
        events = [(event, recalled)]
        if not recalled and draw.random() < DIGEST:
            # A round-up of one country and day gathers events until it has enough of them.
            gathered = digests[event.where.country or "", published]
            if all(other.number != event.number for other in gathered):
                gathered.append(event)
            if len(gathered) < 5:
                continue
            events = [(each, False) for each in gathered]
            del digests[event.where.country or "", published]
        if len(digests) > 5000:
            digests.clear()
        serial += 1
        day = None if draw.random() < UNPUBLISHED else published
        key = stable_id("r", seed, serial)
        source = f"Source {_ranked(draw, _TOWN)}"
        told = Report(key, f"News {serial}", TEXT, "en", day, source=source)
        yield (
            told,
            [_mention(draw, told, n, *each) for n, each in enumerate(events)],
            [e.number for e, _ in events],
        )
        made += len(events)


def _mention(draw: random.Random, told: Report, number: int, event: Happened, recalled: bool) -> Mention:
    span = Span("text", 80 * number % 400, 80 * number % 400 + 6)
    attackers, targets = event.attackers, event.targets
    if draw.random() < NAMELESS:
        attackers = (f"Unidentified armed group ({event.where.country})",) if draw.random() < 0.5 else ()
    kind = TOLD_AS.get(event.kind, event.kind) if draw.random() < TURNED else event.kind
    return Mention(
        id=stable_id("m", told.id, number),
        report_id=told.id,
        coder=CODER,
        kind=kind,
        aspect="background" if recalled else "new",
        attackers=attackers,
        targets=targets,
        when=_when(draw, event.day, recalled),
        where=_where(draw, event.where),
        harm=_harm(draw, event.killed),
        trigger="attack",
        evidence={
            name: Evidence((span,), ("attack",), 0.8)
            for name in ("kind", "date", "place", "attackers", "harm.killed")
        },
        published=told.published,
        source=told.source,
        language="en",
    )


def _when(draw: random.Random, day: date, recalled: bool) -> When:
    weights = dict(DATING) | ({"month": 0.3, "unknown": 0.1} if recalled else {})
    precision = draw.choices(list(weights), weights.values())[0]
    if precision == "day":
        return When(day, day, "day")
    if precision == "week":
        return When(first := day - timedelta(day.weekday()), first + timedelta(6), "week")
    if precision == "month":
        first = day.replace(day=1)
        return When(first, (first + timedelta(31)).replace(day=1) - timedelta(1), "month")
    return When()


def _where(draw: random.Random, where: Where) -> Where:
    precision = draw.choices(list(PRECISION), PRECISION.values())[0]
    if precision in ("exact", "near"):
        return replace(where, precision=precision)
    if precision in ("admin1", "admin2"):
        unit = f"District of {where.place}" if precision == "admin2" else where.admin1
        return replace(where, precision=precision, place=unit)
    return Where(where.country, precision="country") if precision == "country" else Where()


def _harm(draw: random.Random, killed: int) -> Mapping[str, Count]:
    if draw.random() < 0.3:
        return {}
    told = killed if draw.random() < 0.7 else max(0, killed + draw.randrange(-3, 6))
    return {"killed": Count(told, told, told)}


# ---- measuring -------------------------------------------------------------------------------------------


def load(store: Store, count: int, seed: int, per_day: float) -> dict[str, int]:
    """Puts synthetic reports and mentions in, as many at once as no user would; returns the truth by mention."""
    truth: dict[str, int] = {}
    source = synthetic(count, seed, per_day)
    at = datetime(2025, 1, 1, tzinfo=UTC)
    while batch := list(islice(source, 5000)):
        at += timedelta(minutes=1)
        with store._write() as connection:
            told = [
                {**rows.report_row(r), "version": 1, "previous": None, "recorded_at": at} for r, _, _ in batch
            ]
            connection.execute(report.insert(), told)
            found = [rows.mention_row(replace(m, recorded_at=at)) for _, ms, _ in batch for m in ms]
            connection.execute(mention.insert(), found)
            connection.execute(
                coded.insert(), [{"report_id": r.id, "coder": CODER, "at": at} for r, _, _ in batch]
            )
        for _, mentions, numbers in batch:
            truth.update((m.id, number) for m, number in zip(mentions, numbers, strict=True))
    return truth


class Counting:
    """Counts what `link.judge_met` is given and what it compares."""

    def __init__(self) -> None:
        self.met = self.compared = 0
        self._judge = link.judge_met
        link.judge_met = self  # type: ignore[assignment]  # a benchmark may look over a shoulder

    def __call__(self, new: Sequence[Mention], met: Mapping[str, list[Mention]]) -> list[object]:
        made = self._judge(new, met)
        self.met += sum(map(len, met.values()))
        self.compared += len(made)
        return made  # type: ignore[return-value]


def measured(count: int, seed: int, per_day: float, path: Path) -> dict[str, float]:
    """Links one size from scratch, then one new report at a time."""
    with open_store(path) as store:
        truth = load(store, count, seed, per_day)
        counting = Counting()
        started, used = time.monotonic(), time.process_time()
        incidents = pipeline.relink(store)
        found: dict[str, float] = {
            "mentions": len(truth),
            "cpu": time.process_time() - used,
            "wall": time.monotonic() - started,
            "met": counting.met,
            "compared": counting.compared,
            "incidents": incidents,
            **_agreement(store, truth),
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "file_mb": path.stat().st_size / 1e6,
        }
        return found | _new_reports(store, count, seed, per_day)


def _agreement(store: Store, truth: Mapping[str, int]) -> dict[str, float]:
    """Pairwise precision and recall of the incidents, and of the pairs of one event those that were compared."""
    with store._read() as connection:
        run = connection.exec_driver_sql
        cells = Counter(
            (home, truth[key])
            for key, home in run("SELECT mention_id, incident_id FROM incident_member")
            if key in truth
        )
        compared = sum(
            truth[left] == truth[right]
            for left, right in run('SELECT "left", "right" FROM judgement WHERE "by" LIKE \'linker%\'')
        )
    homes, events = Counter[str](), Counter[int]()
    for (home, event), size in cells.items():
        homes[home] += size
        events[event] += size

    def pairs(sizes: Iterator[int]) -> int:
        return sum(size * (size - 1) // 2 for size in sizes)

    both, made, true = pairs(iter(cells.values())), pairs(iter(homes.values())), pairs(iter(events.values()))
    return {"precision": both / max(1, made), "recall": both / true, "true": true, "blocked": compared / true}


def _new_reports(store: Store, count: int, seed: int, per_day: float, tries: int = 30) -> dict[str, float]:
    """Milliseconds to link and show one new report, best and median, each of mentions like those at the end."""
    source = synthetic(count, seed, per_day)
    fresh = list(islice(source, count))[-tries:]
    linking: list[float] = []
    adding: list[float] = []
    for number, (told, mentions, _) in enumerate(fresh):
        new = replace(told, id=stable_id("r", "new", number))
        again = [
            replace(m, id=stable_id("m", "new", number, n), report_id=new.id) for n, m in enumerate(mentions)
        ]
        started = time.perf_counter()
        store.add_report(new)
        store.add_mentions(new.id, CODER, again)
        added = time.perf_counter()
        pipeline.relink(store)
        for each in again:
            store.incident(link.incident_id(each.id)) if _is_shown(store, each.id) else None
        linking.append(1000 * (time.perf_counter() - added))
        adding.append(1000 * (added - started))
    linking.sort()
    return {
        "new_best": linking[0],
        "new_median": linking[len(linking) // 2],
        "new_most": linking[-1],
        "add_best": min(adding),
    }


def _is_shown(store: Store, key: str) -> bool:
    with store._read() as connection:
        query = "SELECT i.id FROM incident_member m JOIN incident i ON i.id = m.incident_id WHERE m.mention_id = ?"
        shown = connection.exec_driver_sql(query, (key,)).scalar()
    store.incident(str(shown))
    return False


def printed(found: Sequence[Mapping[str, float]]) -> None:
    """The table."""
    print(
        "| mentions | CPU s | ms each | pairs met | compared | incidents | true pairs compared | P / R of incidents | peak MB | file MB |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for one in found:
        print(
            f"| {one['mentions']:,.0f} | {one['cpu']:.1f} | {1000 * one['cpu'] / one['mentions']:.2f} | {one['met']:,.0f} "
            f"| {one['compared']:,.0f} | {one['incidents']:,.0f} | {100 * one['blocked']:.2f} % "
            f"| {one['precision']:.3f} / {one['recall']:.3f} | {one['peak_mb']:.0f} | {one['file_mb']:.0f} |"
        )
    for one, two in pairwise(found):
        size = math.log(two["mentions"] / one["mentions"])
        told = ", ".join(
            f"{what} n^{math.log(two[what] / one[what]) / size:.2f}" for what in ("cpu", "met", "compared")
        )
        print(f"growth {one['mentions']:,.0f} to {two['mentions']:,.0f}: {told}")
    for one in found:
        print(
            f"one new report against {one['mentions']:,.0f}: linked and shown in {one['new_best']:.0f} ms at best, median "
            f"{one['new_median']:.0f}, most {one['new_most']:.0f} (kept before that in {one['add_best']:.0f} ms)"
        )


def main(arguments: Sequence[str]) -> int:
    """Measure each size in a process of its own, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--per-day", type=float, default=275.0, help="mentions a day: the archive grows in time"
    )
    parser.add_argument(
        "--years", type=float, help="all sizes in so many years: the archive grows in density"
    )
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.one:
        print(json.dumps(measured(given.sizes[0], given.seed, given.per_day, Path(given.one))))
        return 0
    found = []
    for size in given.sizes or [10_000, 100_000]:
        per_day = size / (365.25 * given.years) if given.years else given.per_day
        with tempfile.TemporaryDirectory() as folder:
            command = [
                sys.executable,
                __file__,
                str(size),
                "--seed",
                str(given.seed),
                "--per-day",
                str(per_day),
            ]
            run = subprocess.run([*command, "--one", f"{folder}/t.db"], stdout=subprocess.PIPE, check=True)
        found.append(json.loads(run.stdout))
        print(f"{size:,}: {run.stdout.decode().strip()}", file=sys.stderr)
    printed(found)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
