"""`tarikh demo`: the whole flow on the bundled sample, ending in a page. Also what `make demo` runs.

Invariant: it uses the same functions as `add`, `list` and `export`; nothing is prepared beforehand.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tarikh import gazetteer, pipeline, queries, terminal
from tarikh.exports import page
from tarikh.reference import data_path
from tarikh.settings import Settings
from tarikh.sources import ReadOptions, read
from tarikh.store import open_store


def sample() -> Path:
    """The bundled reports: invented events in real places."""
    return data_path("sample", "reports.jsonl")


def ready_gazetteer() -> Path:
    """The path of the gazetteer index, built now if it is not there or of an earlier format."""
    path = Settings().gazetteer_path()
    if not gazetteer.usable(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with terminal.bar("building the gazetteer, once") as progress:
            # Another process may be building it just now, for the same reason.
            gazetteer.ensure(path, progress)
    return path


def run(folder: Path) -> None:
    """Codes the sample into `folder`/tarikh.db, prints the incidents, writes `folder`/chronicle.html."""
    now = datetime.now(UTC)
    rules = pipeline.Rules(ready_gazetteer(), now.date())
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / "tarikh.db"
    store = open_store(database)
    total = sum(1 for line in sample().open(encoding="utf-8") if line.strip())
    with terminal.counting("coding the sample", total) as tick:
        done = pipeline.add(read(sample(), ReadOptions()), store, rules, progress=tick)
    found = queries.find(store, queries.Filter())
    terminal.incidents(found, f"{done.reports + done.known} reports, {len(found)} incidents")
    destination = folder / "chronicle.html"
    mentions = store.mentions()
    page.write(found, mentions, list(store.reports()), destination, "Tarikh: the sample")
    terminal.say(
        f"\nThe page with map, timeline and evidence: {destination.resolve()}\n"
        "Open it in a browser; it needs no network.\n\n"
        "Next:\n"
        f"  tarikh serve --db {database}      the sample in the browser, with map, filter and evidence\n"
        f"  tarikh show {found[0].id[:10] if found else 'ID'} --db {database}      one incident with its words\n"
        "  tarikh code reports.jsonl                          your own reports, without a database\n"
        "  tarikh add FILE, FOLDER, FEED or ADDRESS           your own chronicle\n"
        "(tarikh is .venv/bin/tarikh until you activate the environment: . .venv/bin/activate)"
    )
