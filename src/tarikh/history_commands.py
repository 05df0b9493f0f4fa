"""The commands of time: `tarikh changes`, `snapshot` and `verify`.

Invariant: they change nothing in the database; nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tarikh.command_options import Database, Disclosed, Json

if TYPE_CHECKING:
    from tarikh.changes import Cause, Change, Update
    from tarikh.snapshots import Verdict

_LONGEST = 120
"""Characters of a value in the words of a change; the whole one is in the JSON lines."""


def changes(
    since: Annotated[
        str,
        typer.Option(
            metavar="DATE|MOMENT",
            help="changes after the end of this day, or after a moment such as 2025-03-14T18:30Z, in UTC",
        ),
    ],
    until: Annotated[
        str | None, typer.Option(metavar="DATE|MOMENT", help="up to then (default: up to now)")
    ] = None,
    database: Database = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="print one JSON line a change, for programs")
    ] = False,
) -> None:
    """Say what changed between two moments: which incidents are new, updated, merged, split or withdrawn, and which
    report or person did it.

    Example:  tarikh changes --since 2025-03-14 --json
    """
    from tarikh import asking, history, terminal
    from tarikh import changes as feed
    from tarikh.errors import UsageError

    now = datetime.now(UTC)
    start = history.moment(since, "--since", now)
    end = now if until is None else history.moment(until, "--until", now)
    if start > now:  # the end of today: nothing can have happened after it
        start = now
    if end < start:
        raise UsageError(f"--until {until} is before --since {since}; swap the two")
    store = asking.chronicle(database, True)
    sentence = history.emptiness(store, end)
    if sentence is not None:
        terminal.say(sentence)
    found = feed.changes(store, start, end)
    for change in found:
        if as_json:
            terminal.print_json(feed.entry(change), None)
        else:
            for line in _told(change):
                terminal.line(line)
    if not as_json:
        terminal.say(_sum(found))


def _sum(found: list[Change]) -> str:
    counts: dict[str, int] = {}
    for change in found:
        counts[change.what] = counts.get(change.what, 0) + 1
    told = ", ".join(f"{number} {what}" for what, number in sorted(counts.items()))
    return f"incidents: {told}" if told else "nothing changed"


def _told(change: Change) -> Iterator[str]:
    joined = {"merged": "into", "split": "from", "new": "in the place of"}.get(change.what, "with")
    others = f" {joined} {', '.join(change.others)}" if change.others else ""
    what = ""
    if change.incident is not None and change.what != "updated":
        what = f": {change.incident.kind.replace('_', ' ')}, {change.incident.status}"
    yield f"{change.what:10}{change.id}{others}{what}"
    for name, update in change.fields.items():
        yield f"    {_field(name, update)}"
    if change.what == "updated" and not change.fields:
        yield f"    only its evidence: {', '.join(change.evidence)}"
    for cause in change.because:
        yield f"    because of {_because(cause)}"


def _field(name: str, update: Update) -> str:
    from tarikh.text import one_line

    if name == "members":
        one, two = set(update.before), set(update.after)
        return f"mentions: {len(two - one)} more, {len(one - two)} fewer, now {len(two)}"
    left, right = (one_line(_value(v), _LONGEST) for v in (update.before, update.after))
    return f"{name}: {left} → {right}"


def _value(value: Any) -> str:
    if value in (None, [], {}):
        return "unknown"
    if isinstance(value, dict):
        known = {k: v for k, v in value.items() if v not in (None, "")}
        return ", ".join(f"{k} {v}" for k, v in known.items()) or "unknown"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _because(cause: Cause) -> str:
    from tarikh.text import one_line

    when = f"{cause.at:%Y-%m-%d %H:%M} UTC"
    if cause.what in ("report", "coding"):
        source = f"{cause.source or 'unknown source'}, {cause.published or 'undated'}"
        anew = f", coded anew by {cause.by}" if cause.what == "coding" else ""
        return f"report {cause.report} ({source}){anew}, {when}"
    note = f" ({one_line(cause.note, _LONGEST)})" if cause.note else ""
    verb = " withdrawn" if cause.withdrawn else ""
    if cause.what == "role":
        word = f"the role {cause.detail}" if cause.detail else "no role any more"
        return f"{word} of source {one_line(cause.source or '', _LONGEST)}, by {cause.by}{note}, {when}"
    said = f"“{cause.detail}”" if cause.what == "judgement" else f"the correction of {cause.detail}"
    return f"{said} by {cause.by}{verb}{note}, {when}"


def snapshot(
    name: Annotated[
        Path, typer.Argument(help="the folder to make, or a file ending in .zip, .tar or .tar.gz")
    ],
    database: Database = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE|MOMENT", help="what the data said then (default: now)"),
    ] = None,
    without_words: Annotated[
        bool,
        typer.Option(
            "--without-words", help="leave out the reports' own words, which may name private people"
        ),
    ] = False,
    disclosed: Disclosed = None,
) -> None:
    """Freeze a release, as the disclosure policy shows it: incidents as JSON lines and CSV, checksums of all rows behind them, and a manifest of versions.

    Example:  tarikh snapshot release-2025-03.zip --without-words
    """
    from tarikh import asking, history, snapshots, terminal
    from tarikh.settings import Settings

    store = asking.chronicle(database, True)
    now = store.past().now()
    then = now if as_of is None else min(now, history.moment(as_of, "--as-of", now))
    sentence = history.emptiness(store, then)
    if sentence is not None:
        terminal.say(sentence)
    level = disclosed or Settings().disclosure
    with terminal.bar("checksums of rows") as progress:
        made = snapshots.make(store, name, then, not without_words, progress, level)
    terminal.say(
        f"{made.incidents} incidents of {made.moment:%Y-%m-%d %H:%M:%S} UTC written to {made.path};"
        f" publish the SHA-256 of its manifest elsewhere: {made.sha256}"
    )


def verify(
    snapshot: Annotated[Path, typer.Argument(help="the snapshot: a folder, .zip or .tar")],
    database: Database = None,
    checksums: Annotated[
        bool, typer.Option("--checksums", help="check its checksums alone, without a database")
    ] = False,
    as_json: Json = False,
) -> None:
    """Rebuild a snapshot from the database, compare file by file, and say what differs. Exit code 1 where anything does.

    Example:  tarikh verify release-2025-03.zip
    """
    from tarikh import asking, snapshots, terminal
    from tarikh.settings import Settings

    there = database is not None or Settings().database_path().exists()
    store = asking.chronicle(database, True) if there and not checksums else None
    with terminal.bar("checksums of rows") as progress:
        verdict = snapshots.verify(snapshot, store, progress)
    if as_json:
        terminal.print_json(_verdict(verdict))
    else:
        for finding in verdict.findings:
            terminal.line(f"{finding.sort:10}{finding.sentence}")
        terminal.say(_conclusion(verdict))
    raise typer.Exit(0 if verdict.same else 1)


def _conclusion(verdict: Verdict) -> str:
    if not verdict.same:
        number = sum(finding.sort != "note" for finding in verdict.findings)
        return f"{verdict.path} differs: {number} finding{'s' if number > 1 else ''}"
    how = "follows from the database" if verdict.rebuilt else "is whole by its checksums"
    return f"{verdict.path} {how}"


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "snapshot": str(verdict.path),
        "moment": None if verdict.moment is None else verdict.moment.isoformat(),
        "same": verdict.same,
        "rebuilt": verdict.rebuilt,
        "findings": [{"sort": f.sort, "sentence": f.sentence} for f in verdict.findings],
    }


COMMANDS: tuple[tuple[str, Callable[..., Any]], ...] = (
    ("changes", changes),
    ("snapshot", snapshot),
    ("verify", verify),
)
"""The commands by name, in the order of the help."""
