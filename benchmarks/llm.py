#!/usr/bin/env python3
"""How many reports a second does a language model of one second's latency give, with 16 questions in flight?

Invariant: the server is a stub of this process on this machine, so what is measured is Tarikh's own part: asking, and checking
and resolving the answers. Usage: benchmarks/llm.py [REPORTS]
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from llm_server import count, mention, mentions, serving
from tarikh import pipeline
from tarikh.gazetteer import open_index
from tarikh.llm.asking import Asker
from tarikh.llm.options import Options
from tarikh.model import Report
from tarikh.outcomes import Outcome, Rules
from tarikh.second_coder import SecondCoder
from tarikh.settings import Settings

LATENCY, IN_FLIGHT = 1.0, 16
TEXT = (
    "Gunmen on motorcycles ambushed an army escort near Ménaka on Thursday, killing eleven Malian soldiers, two security sources"
    " said. Nine others were wounded and flown to the military hospital in Gao. The escort was bringing fuel to the garrison when its"
    " lead vehicle came under fire. A resident said that he had heard heavy weapons for almost an hour. Market day {n} went on."
)
ANSWER = mention(
    "ambushed",
    attackers=["Gunmen on motorcycles"],
    targets=["an army escort"],
    date="on Thursday",
    place="near Ménaka",
    counts=[count("killed", "killing eleven Malian soldiers"), count("injured", "Nine others were wounded")],
)


def reports(number: int) -> list[Report]:
    """So many reports, no two alike."""
    return [
        Report(f"r{n}", "Ambush near Ménaka", TEXT.replace("{n}", str(n)), "en", date(2025, 3, 14))
        for n in range(number)
    ]


def main() -> None:
    """Prints asking alone, then asking with coding."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reports", type=int, nargs="?", default=320)
    given = parser.parse_args()
    rules = Rules(Settings().gazetteer_path(), datetime.now(UTC).date())
    with serving(replace(mentions(ANSWER), wait=LATENCY)) as server:
        options = Options(server.address + "/chat/completions", "stub", in_flight=IN_FLIGHT)
        with Asker(options) as asker:
            started = time.perf_counter()
            got = sum(isinstance(a, str) for _, a in asker.answers(reports(given.reports), lambda r: r))
            _tell("asking alone", got, time.perf_counter() - started)
        for report in reports(1):
            pipeline.code(
                report, open_index(rules.gazetteer)
            )  # parser and index are loaded once, however long a run is
        with Asker(options) as asker:
            second = replace(rules, second=SecondCoder("llm", asker))
            outcomes = (Outcome("bench", report=r) for r in reports(given.reports))
            started = time.perf_counter()
            got = sum(len(outcome.mentions) == 1 for outcome in pipeline.code_all(outcomes, second))
            _tell("asking, checking and coding", got, time.perf_counter() - started)


def _tell(what: str, number: int, seconds: float) -> None:
    print(
        f"{what:32} {number} reports in {seconds:5.1f} s: {number / seconds:5.1f} reports/s (at most {IN_FLIGHT / LATENCY:.0f})"
    )


if __name__ == "__main__":
    main()
