"""`tarikh coverage`: how many independent sources saw each incident, how many were missed, which source is silent.

Invariant: it changes nothing; where there is no estimate its reason is printed, never a number.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from tarikh.analysis import Coverage, Row
    from tarikh.estimates import Estimate, Refusal

COLUMNS = (
    "area",
    "month",
    "incidents",
    "seen_by_1",
    "seen_by_2",
    "seen_by_3_or_more",
    "sources",
    "at_least",
    "at_least_low",
    "at_least_high",
    "at_least_why_not",
    "two_sources",
    "two_sources_low",
    "two_sources_high",
    "two_sources_why_not",
    "first_source",
    "second_source",
)
"""Columns of the CSV; the names are those of the JSON."""


def coverage(
    database: Annotated[
        Path | None,
        typer.Option("--db", help="the database file (default: TARIKH_DATABASE or the user's data folder)"),
    ] = None,
    by: Annotated[str, typer.Option("--by", help="country or admin1: what an area is")] = "country",
    country: Annotated[
        list[str] | None, typer.Option("--country", help="ISO alpha-3 code or English name (repeatable)")
    ] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="only this first-level unit")] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="YYYY-MM-DD", help="incidents on or after this day")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="YYYY-MM-DD", help="incidents on or before this day")
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="print CSV; alarms go to stderr")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON for programs")] = False,
) -> None:
    """Say per area and month how many independent sources saw each incident, estimate what was missed, and raise an alarm
    for each source that went silent. The estimates rest on assumptions, which are printed with them.

    Example:  tarikh coverage --country MLI --by admin1 --since 2025-01-01
    """
    from tarikh import analysis, asking, terminal

    area = _area(by)
    if as_csv and as_json:
        raise _usage("--csv and --json cannot both be printed; choose one")
    wanted = asking.filter_of(country=country, since=since, until=until)
    with _opened(database) as store:
        found = analysis.coverage(store, wanted, area, unit)
    if as_json:
        terminal.print_json(plain(found))
    elif as_csv:
        _print_csv(found)
        _alarms(found)
    else:
        _table(found)
        _alarms(found)


def _usage(sentence: str) -> Exception:
    from tarikh.errors import UsageError

    return UsageError(sentence)


def _area(by: str) -> Any:
    if by not in ("country", "admin1"):
        raise _usage(f"--by {by!r} is no area; write country or admin1")
    return by


def _opened(path: Path | None) -> Any:
    from tarikh.settings import Settings
    from tarikh.store import open_store

    where = path or Settings().database_path()
    if not where.exists():
        raise _usage(f"there is no database at {where} yet; type: tarikh add FILE… (or name one with --db)")
    return open_store(where)


# ---- forms -----------------------------------------------------------------------------------------------


def _numbers(name: str, found: Estimate | Refusal) -> dict[str, Any]:
    from tarikh.estimates import Refusal

    if isinstance(found, Refusal):
        return {name: None, f"{name}_low": None, f"{name}_high": None, f"{name}_why_not": found.reason}
    low, high = round(found.low, 1), round(found.high, 1)
    return {name: round(found.value, 1), f"{name}_low": low, f"{name}_high": high, f"{name}_why_not": None}


def record(row: Row) -> dict[str, Any]:
    """A row by `COLUMNS`; unknown is None."""
    pair = (*row.pair, None, None)
    return {
        "area": row.area,
        "month": row.month,
        "incidents": row.incidents,
        "seen_by_1": row.by_one,
        "seen_by_2": row.by_two,
        "seen_by_3_or_more": row.by_more,
        "sources": row.sources,
        **_numbers("at_least", row.lower_bound),
        **_numbers("two_sources", row.two_sources),
        "first_source": pair[0],
        "second_source": pair[1],
    }


def plain(found: Coverage) -> dict[str, Any]:
    """All of it as JSON values."""
    from tarikh.analysis import ALARM

    silent = found.silences
    return {
        "rows": [record(row) for row in found.rows],
        "alarms": [
            {
                "source": each.source,
                "since": each.since.isoformat(),
                "last_report": each.last.isoformat(),
                "reports": each.seen,
                "expected": each.expected,
                "chance": each.chance,
            }
            for each in silent.alarms
        ],
        "alarm_at_chance": ALARM,
        "sources_judged": silent.judged,
        "sources_with_too_little_past": silent.unjudged,
        "until": None if silent.until is None else silent.until.isoformat(),
        "assumptions": list(found.assumptions),
    }


def _print_csv(found: Coverage) -> None:
    import csv
    import sys

    from tarikh.exports.csv import cell

    writer = csv.writer(sys.stdout)
    writer.writerow(COLUMNS)
    for row in found.rows:
        told = record(row)
        writer.writerow([cell(told[name]) for name in COLUMNS])


def _table(found: Coverage) -> None:
    from tarikh import terminal
    from tarikh.estimates import FEWEST_SEEN, FEWEST_SHARED

    heads = (
        "area",
        "month",
        "incidents",
        "by 1",
        "by 2",
        "by 3+",
        "at least (95 %)",
        "by two sources (95 %)",
    )
    terminal.table(heads, [_cells(row) for row in found.rows])
    terminal.say(
        f"– is no estimate: one source alone, fewer than {FEWEST_SEEN} incidents seen, or fewer than {FEWEST_SHARED} of them"
        " shared by two sources; --json gives each reason"
    )
    for sentence in found.assumptions:
        terminal.say(f"assumes: {sentence}")


def _cells(row: Row) -> tuple[str, ...]:
    counts = (row.incidents, row.by_one, row.by_two, row.by_more)
    pair = f" [{' · '.join(row.pair)}]" if len(row.pair) == 2 else ""
    two = _range(row.two_sources)
    return (
        row.area or "unknown",
        row.month or "unknown",
        *map(str, counts),
        _range(row.lower_bound),
        two if two.startswith("–") else two + pair,
    )


def _range(found: Estimate | Refusal) -> str:
    from tarikh.estimates import Refusal

    if isinstance(found, Refusal):
        return f"– {found.short}"
    return f"{found.value:.0f} ({found.low:.0f}–{found.high:.0f})"


def _alarms(found: Coverage) -> None:
    from tarikh import terminal
    from tarikh.analysis import ALARM

    silent = found.silences
    for each in silent.alarms:
        terminal.say(
            f"silent: {each.source} told {each.seen} reports since {each.since}, {each.expected:.1f} were expected by its"
            f" past (chance {each.chance:.1g}); its last report is of {each.last}"
        )
    terminal.say(
        f"{silent.judged} sources judged up to {silent.until or 'no day'}, alarm at a chance of {ALARM:g} or less:"
        f" {silent.judged * ALARM:.1g} false alarms are to be expected; {silent.unjudged} sources have too little past"
    )
