"""`tarikh review` and `tarikh forget`: judge, correct, decide and take back from the command line.

Invariant: nothing is decided here; every act is a call of `tarikh.review`, under a name, and its sentence is shown.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tarikh.command_options import By, Database, Index, Json, Note

if TYPE_CHECKING:
    from tarikh.review import Done
    from tarikh.review_queue import Item
    from tarikh.store import Act, Store

app = typer.Typer(
    no_args_is_help=True,
    help="What waits for a person, and what people decide: every word is kept with who and when, and can be taken back.",
)
Seen = Annotated[
    str | None,
    typer.Option(
        "--if-unchanged",
        metavar="VERSION",
        help="only if the incident is still as in this version of it (tarikh show ID; of several with commas)",
    ),
]
IncidentId = Annotated[str, typer.Argument(help="an incident's id, or its first characters")]
Thing = Annotated[str, typer.Argument(help="an incident's or a mention's id, or its first characters")]


def _store(path: Path | None) -> Store:
    from tarikh import asking

    return asking.kept(path)


def _who(by: str | None) -> str:
    from tarikh import asking

    return asking.who(by)


def _tell(done: Done) -> None:
    from tarikh import terminal

    terminal.say(done.sentence)
    for conflict in done.conflicts:
        for line in conflict.settle:
            terminal.say(f"to settle it: {line}")
    for line in done.advice:
        terminal.say(line)


@app.command("next")
def next_(
    number: Annotated[int, typer.Argument(help="how many")] = 10,
    after: Annotated[
        str | None, typer.Option("--after", help="go on after the item with this cursor (--json)")
    ] = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Show what is most useful to look at, each with its reasons and what would settle it: conflicts between people,
    their work that no incident bears, links in doubt, tolls that differ, high harm, coders who disagree.

    Example:  tarikh review next 5
    """
    from tarikh import review_queue, terminal

    found = review_queue.queue(_store(database), after, number)
    if as_json:
        terminal.print_json([_plain_item(item) for item in found])
        return
    if not found:
        terminal.say("nothing waits for review")
    for item in found:
        rows: list[tuple[str, str]] = [("look at", ", ".join(item.incidents) or "a person's row")]
        rows.append(("why", item.why))
        rows += [("because", reason) for reason in item.reasons]
        terminal.pairs([*rows, *(("to settle", line) for line in item.settle)])


@app.command()
def accept(
    incident: IncidentId, note: Note = "", by: By = None, seen: Seen = None, database: Database = None
) -> None:
    """Say that an incident happened and is rightly told as it stands.

    Example:  tarikh review accept i-3f2a90c1
    """
    from tarikh import review

    _tell(review.accept(_store(database), incident, _who(by), note, seen))


@app.command()
def reject(
    incident: IncidentId, note: Note = "", by: By = None, seen: Seen = None, database: Database = None
) -> None:
    """Say that an incident is none. It is kept, and left out of `list` and `export` unless they are given --review rejected.

    Example:  tarikh review reject i-3f2a90c1 --note "a football match"
    """
    from tarikh import review

    _tell(review.reject(_store(database), incident, _who(by), note, seen))


@app.command()
def same(
    left: Thing,
    right: Thing,
    note: Note = "",
    by: By = None,
    seen: Seen = None,
    database: Database = None,
) -> None:
    """Say that two mentions tell one event. Of an incident its founding mention is judged.

    Example:  tarikh review same i-3f2a90c1 i-77b01f3e --note "same village, the night between the two days"
    """
    from tarikh import review

    _tell(review.same(_store(database), left, right, _who(by), note, seen))


@app.command()
def different(
    left: Thing,
    right: Thing,
    note: Note = "",
    by: By = None,
    seen: Seen = None,
    database: Database = None,
) -> None:
    """Say that two mentions, or the founding mentions of two incidents, tell two events; it holds through chains.
    Of a mention and an incident: split the mention off, by judging it against each other member.

    Example:  tarikh review different m-0c1de2f3 i-3f2a90c1 --note "another bridge"
    """
    from tarikh import review

    _tell(review.different(_store(database), left, right, _who(by), note, seen))


@app.command()
def merge(
    left: IncidentId,
    right: IncidentId,
    note: Note = "",
    by: By = None,
    seen: Seen = None,
    database: Database = None,
) -> None:
    """Say that two incidents are one, with all their mentions: also with those that the rules would keep apart.

    Example:  tarikh review merge i-3f2a90c1 i-77b01f3e --note "one convoy, two villages named"
    """
    from tarikh import review

    _tell(review.merge(_store(database), left, right, _who(by), note, seen))


@app.command()
def split(
    incident: IncidentId,
    mentions: Annotated[list[str], typer.Argument(help="mentions of it, by id or its first characters")],
    note: Note = "",
    by: By = None,
    seen: Seen = None,
    database: Database = None,
) -> None:
    """Say that mentions of an incident tell other events than the rest of it. The public id stays with the founding mention.

    Example:  tarikh review split i-3f2a90c1 m-0c1de2f3 m-9b1f22aa --note "the attack of the day before"
    """
    from tarikh import review

    _tell(review.split(_store(database), incident, mentions, _who(by), note, seen))


@app.command()
def correct(
    incident: IncidentId,
    field: Annotated[
        str, typer.Argument(help="kind, status, attackers, targets, date, place, killed, injured …")
    ],
    value: Annotated[str, typer.Argument(help="the value, or unknown; forms: docs/review.md")],
    note: Note = "",
    by: By = None,
    seen: Seen = None,
    database: Database = None,
    index: Index = None,
) -> None:
    """Say what a field of an incident is. It outranks what the reports say; their claims stay in the ledger.

    Example:  tarikh review correct i-3f2a90c1 killed 11,12,14 --note "hospital list"
    """
    from tarikh import review
    from tarikh.gazetteer import open_index

    gazetteer = None if index is None else open_index(index)
    store = _store(database)
    _tell(review.correct(store, incident, field, value, _who(by), note, seen, gazetteer))


@app.command()
def undo(
    what: Annotated[str, typer.Argument(help="how many acts of yours, or a row of the log such as c3")] = "1",
    note: Note = "",
    force: Annotated[bool, typer.Option("--force", help="also a row of another person")] = False,
    by: By = None,
    seen: Seen = None,
    database: Database = None,
) -> None:
    """Take back your last act, your last N, or one row. The rows stay in the log, marked.

    Example:  tarikh review undo 2
    """
    from tarikh import review

    _tell(review.undo(_store(database), _who(by), what, force, note, seen))


@app.command()
def log(
    by: Annotated[str | None, typer.Option("--by", help="only of this person")] = None,
    limit: Annotated[int, typer.Option(min=1, help="at most this many")] = 50,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Show what people said, newest first: row, when, who, what, note, and who took it back."""
    from tarikh import review, terminal

    found = _store(database).acts.log(None if by is None else review.author(by))[:limit]
    if as_json:
        terminal.print_json([_plain_act(act) for act in found])
        return
    if not found:
        terminal.say("nobody has said anything yet")
    for act in found:
        terminal.pairs(_act(act))


@app.command()
def conflicts(database: Database = None, as_json: Json = False) -> None:
    """Show rows of people that cannot all be in force, what is meanwhile, and what would settle it."""
    from tarikh import conflicts as of_people
    from tarikh import terminal

    found = of_people.conflicts(_store(database))
    if as_json:
        rows = [
            {
                "incidents": each.incidents,
                "says": each.sentence,
                "settle": each.settle,
                "rows": [_plain_act(act) for act in each.acts],
            }
            for each in found
        ]
        terminal.print_json(rows)
        return
    if not found:
        terminal.say("there are no conflicts")
    for each in found:
        rows_ = [("conflict", ", ".join(each.incidents)), ("because", each.sentence)]
        terminal.pairs([*rows_, *(("to settle", line) for line in each.settle)])


@app.command()
def agreement(
    left: Annotated[str, typer.Argument(help="a person, or a coder such as rules@1")],
    right: Annotated[str, typer.Argument(help="another of the same sort")],
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Measure how far two people, or two coders, agree on what both looked at: Krippendorff's alpha per field.

    Example:  tarikh review agreement ana ben
    """
    from tarikh import agreement as measured
    from tarikh import terminal
    from tarikh.store import to_json

    found = measured.agreement(_store(database), left, right)
    if as_json:
        terminal.print_json(to_json(found))
    else:
        terminal.agreement(found)


@app.command("export")
def export_(
    destination: Annotated[Path, typer.Argument(help="the file to write: JSON lines")],
    origin: Annotated[
        str, typer.Option("--as", help="the name of this Tarikh, by which others know its people")
    ],
    by: Annotated[str | None, typer.Option("--by", help="only what this person said")] = None,
    database: Database = None,
) -> None:
    """Write what people said here as a file that another Tarikh can take over (`tarikh import review`). It holds names of
    reviewers, notes and corrected values, and no word of any report.

    Example:  tarikh review export geneva.jsonl --as geneva
    """
    from datetime import UTC, datetime

    from tarikh import review, terminal
    from tarikh.imports import taking_over

    whose = None if by is None else review.author(by)
    count = taking_over.export_rows(_store(database), destination, origin, datetime.now(UTC), whose)
    terminal.say(f"{count} rows written to {destination}")


def forget(
    report: Annotated[str, typer.Argument(help="a report's id, or the id that your file gave it")],
    reason: Annotated[str, typer.Option("--reason", help="why; kept on the tombstone")],
    copies: Annotated[
        bool, typer.Option("--copies", help="also the kept reports whose text is a copy of it, cut or not")
    ] = False,
    by: By = None,
    database: Database = None,
) -> None:
    """Erase a report's words for ever, in all its versions; that it existed and what it was coded as stay.
    Copies of its text in other reports are named.

    Example:  tarikh forget r-7 --reason "names a witness"
    """
    from tarikh import review

    _tell(review.forget(_store(database), report, _who(by), reason, copies))


# ---- what is told -------------------------------------------------------------------------------------------


def _act(act: Act) -> list[tuple[str, str]]:
    from tarikh import conflicts
    from tarikh.text import one_line

    rows = [(act.row, f"{act.at:%Y-%m-%d %H:%M:%S} UTC, {act.by}"), ("said", conflicts.said_words(act))]
    rows += [("note", one_line(act.note, 300))] if act.note else []
    if act.record.withdrawn_at is not None:
        whose = f" by {act.withdrawn_by}" if act.withdrawn_by else ""
        rows.append(("taken back", f"{act.record.withdrawn_at:%Y-%m-%d %H:%M:%S} UTC{whose}"))
    return rows


def _plain_act(act: Act) -> dict[str, Any]:
    from tarikh import conflicts
    from tarikh.store import to_json

    return {
        "row": act.row,
        "at": act.at.isoformat(),
        "by": act.by,
        "says": conflicts.said_words(act),
        "note": act.note,
        "withdrawn_at": act.record.withdrawn_at.isoformat() if act.record.withdrawn_at else None,
        "withdrawn_by": act.withdrawn_by,
        "record": to_json(act.record),
    }


def _plain_item(item: Item) -> dict[str, Any]:
    return {
        "why": item.why,
        "use": item.use,
        "cursor": item.cursor,
        "incidents": item.incidents,
        "reasons": item.reasons,
        "settle": item.settle,
        "rows": [act.row for act in item.acts],
    }
