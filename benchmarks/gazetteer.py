#!/usr/bin/env python3
"""How fast and how large is an index of many places? Builds one of synthetic rows and looks names up in it.

Invariant: the rows are resampled at run time from dumps on this machine (new ids, shifted points); none are kept.
Usage: benchmarks/gazetteer.py DUMP.txt… [--rows 1000000]   (GeoNames country dumps, unpacked)
"""

from __future__ import annotations

import argparse
import random
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tarikh import gazetteer
from tarikh.gazetteer import Given

_FIRST_ID = 100_000_000
_LOOKUPS = 3_000


def synthetic(dumps: Sequence[Path], rows: int, seed: int = 7) -> Iterator[str]:
    """Rows drawn from the dumps; half with one letter of the name changed, as a new place would have."""
    real = [line for dump in dumps for line in dump.read_text(encoding="utf-8").splitlines()]
    draw = random.Random(seed)
    for number in range(rows):
        parts = draw.choice(real).split("\t")
        parts[0] = str(_FIRST_ID + number)
        parts[4] = f"{max(-89.0, min(89.0, float(parts[4]) + draw.uniform(-1, 1))):.5f}"
        if number % 2 and len(parts[1]) > 4:
            at = draw.randrange(1, len(parts[1]))
            parts[1] = parts[1][:at] + draw.choice("abdegiklmnorstu") + parts[1][at + 1 :]
            parts[2] = parts[1]
        yield "\t".join(parts)


def lookups(index: Path) -> tuple[list[float], list[float]]:
    """Milliseconds of cold look-ups: of names that are there, and of such with a vowel changed."""
    with sqlite3.connect(index) as connection:
        names = [
            name
            for (name,) in connection.execute(
                "SELECT name FROM place ORDER BY (id * 2654435761) % 4294967296 LIMIT ?", (_LOOKUPS,)
            )
        ]
    opened = gazetteer.open_index(index)
    swapped = str.maketrans("aeiou", "eiaua")
    return [_timed(opened, n) for n in names], [
        _timed(opened, n[:3] + n[3:].translate(swapped)) for n in names
    ]


def _timed(opened: gazetteer.Gazetteer, name: str) -> float:
    started = time.perf_counter()
    opened.find(name)
    return 1000 * (time.perf_counter() - started)


def main(arguments: Sequence[str]) -> int:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dumps", nargs="+", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        dump, index = Path(folder) / "synthetic.txt", Path(folder) / "gazetteer.sqlite"
        with dump.open("w", encoding="utf-8") as stream:
            stream.writelines(line + "\n" for line in synthetic(given.dumps, given.rows))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        started, used = time.monotonic(), time.process_time()
        gazetteer.build(index)
        packages = time.process_time() - used
        alone = index.stat().st_size
        used = time.process_time()
        summary = gazetteer.add(index, [Given(dump, "synthetic")])
        both = time.process_time() - used
        assert summary is not None
        size, peak = index.stat().st_size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"packages alone          {packages:6.1f} s CPU, {alone / 1e6:.0f} MB")
        print(
            f"with {given.rows:,} rows     {both:6.1f} s CPU, {size / 1e6:.0f} MB; {time.monotonic() - started:.0f} s wall for both builds"
        )
        print(f"the rows alone          {both - packages:6.1f} s CPU, {(size - alone) / 1e6:.0f} MB")
        print(f"peak memory             {peak:6.0f} MB (before the builds {before:.0f} MB)")
        for what, times in zip(("look-up", "look-up, other vowels"), lookups(index), strict=True):
            cut = statistics.quantiles(times, n=100)
            print(
                f"{what:23} median {statistics.median(times):.3f} ms, 95 % {cut[94]:.2f}, 99 % {cut[98]:.2f}, most {max(times):.1f}"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
