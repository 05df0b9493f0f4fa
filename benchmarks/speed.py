"""Speed and memory of coding, as ratios within one run (machines differ; ratios of one run do not).

    python benchmarks/speed.py [RELEVANT.jsonl [UNRELATED.jsonl]]

Prints, as medians of five alternating rounds of CPU time: coding relevant reports against a bare full parse of the same
texts by the same spaCy model; unrelated news against that parse; peak memory of a process that codes; and, as wall time of whole
processes, `tarikh --help` and coding one report from cold. Without files it uses the bundled sample and `unrelated.jsonl`.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import spacy

from tarikh import pipeline
from tarikh.demonstration import ready_gazetteer, sample
from tarikh.gazetteer import open_index
from tarikh.model import Document
from tarikh.reference import lexicon

ROUNDS = 5
HERE = Path(__file__).parent


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def wall(command: list[str], data: bytes = b"") -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        subprocess.run(command, input=data, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    files = [Path(a) for a in sys.argv[1:3]]
    relevant = rows(files[0] if files else sample())
    unrelated = rows(files[1] if len(files) > 1 else HERE / "unrelated.jsonl")
    rules = pipeline.Rules(ready_gazetteer(), date.today())
    tarikh = str(Path(sys.executable).with_name("tarikh"))
    # First of all: a child's peak counts that of the process it was forked from, and the full parser is large.
    everything = "\n".join(json.dumps({**r, "language": "en"}) for r in relevant).encode()
    subprocess.run([tarikh, "code", "-"], input=everything, capture_output=True, check=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    gazetteer = open_index(rules.gazetteer)
    full = spacy.load(str(lexicon("en", "events")["model"]))

    def texts(reports: list[dict]) -> list[str]:
        return [f"{r.get('title') or ''}\n{r['text']}" for r in reports]

    def parse(reports: list[dict]) -> None:
        for _ in full.pipe(texts(reports)):
            pass

    def code(reports: list[dict]) -> None:
        items = [
            Document(
                "bench",
                r["text"],
                title=r.get("title"),
                published=(r.get("published") or r.get("date") or "")[:10] or None,
                language="en",
                id=str(n),
            )
            for n, r in enumerate(reports)
        ]
        for outcome in pipeline.read(items, rules):
            if outcome.report is not None:
                pipeline.code(outcome.report, gazetteer)

    for work in (parse, code):
        work(relevant), work(unrelated)
    ratios: dict[str, list[float]] = {"coding / parse, relevant": [], "parse / coding, unrelated": []}
    for _ in range(ROUNDS):
        a, b = seconds(lambda: parse(relevant)), seconds(lambda: code(relevant))
        c, d = seconds(lambda: parse(unrelated)), seconds(lambda: code(unrelated))
        ratios["coding / parse, relevant"].append(b / a)
        ratios["parse / coding, unrelated"].append(c / d)
    for name, values in ratios.items():
        print(
            f"{name:32}{statistics.median(values):8.2f}   (min {min(values):.2f}, max {max(values):.2f}, {ROUNDS} rounds)"
        )
    print(f"{'peak memory, MB':32}{peak:8.0f}   (one process of `tarikh code` on the relevant reports)")
    print(f"{'tarikh --help, wall s':32}{wall([tarikh, '--help']):8.2f}")
    one = json.dumps({k: relevant[0].get(k) for k in ("id", "title", "text", "published")}).encode()
    print(
        f"{'one report from cold, wall s':32}{wall([tarikh, 'code', '-'], one):8.2f}   (load average {os.getloadavg()[0]:.1f})"
    )


if __name__ == "__main__":
    main()
