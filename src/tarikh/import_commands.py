"""`tarikh import`: events of UCDP GED, reports coded by people, and what people said in another Tarikh.

Invariant: every file is looked at before anything of the first is kept; each row that is not taken is told with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tarikh.command_options import Database, Index

if TYPE_CHECKING:
    from tarikh.imports.coded import ReportOf
    from tarikh.imports.keeping import Imported
    from tarikh.model import Problem, Report
    from tarikh.store import Brought, Store

app = typer.Typer(
    no_args_is_help=True,
    help="Take in what was coded or judged elsewhere; each row keeps a name that says where it is from.",
)
Files = Annotated[list[Path], typer.Argument(help="files, also packed by gzip")]
_SHOWN = 10


@app.command()
def ged(files: Files, database: Database = None, index: Index = None) -> None:
    """Take in events of UCDP GED (CSV of the download, the candidate events, or HDX) as reports of the source "UCDP GED", for
    context, baselines and linking. An event that is there already changes nothing; a changed one is a new version.

    Example:  tarikh import ged GEDEvent_v26_1.csv
    """
    from tarikh import asking, terminal
    from tarikh.gazetteer import open_index, usable
    from tarikh.imports import ged as events
    from tarikh.imports import ged_columns
    from tarikh.settings import Settings

    for path in files:
        others = ged_columns.unknown(ged_columns.header(path))
        if others:
            terminal.say(
                f"{path}: columns that this Tarikh does not know are left out: {', '.join(others[:12])}"
            )
    where = index or Settings().gazetteer_path()
    gazetteer = open_index(where) if index is not None or usable(where) else None
    today = datetime.now(UTC).date()
    items = (each for path in files for each in events.read(path, gazetteer, today))
    store = asking.chronicle(database)
    _finish(store, _kept(store, items, files, goes_back=True), "events", "tarikh list --source 'UCDP GED'")


@app.command()
def coded(
    files: Files,
    by: Annotated[str, typer.Option("--by", help="who coded them; kept as the coder person:NAME")],
    reports: Annotated[
        list[Path] | None,
        typer.Option("--reports", help="file of the reports whose texts the lines do not bring (repeatable)"),
    ] = None,
    database: Database = None,
) -> None:
    """Take in reports that people coded: JSON lines as `tarikh code` writes them, or with title and text in the line.
    Their mentions become the current ones of these reports; those of other coders are kept beside them.

    Example:  tarikh import coded coded.jsonl --by ana --reports reports.jsonl
    """
    from tarikh import accounts, asking
    from tarikh.imports import coded as lines

    coder = lines.coder_of(accounts.checked_name(by))
    for path in files:
        lines.check(path)
    store = asking.chronicle(database)
    today = datetime.now(UTC).date()
    report_of = _report_of(store, reports or ())
    items = (each for path in files for each in lines.read(path, coder, report_of, today))
    _finish(store, _kept(store, items, files), "reports", "tarikh list")


@app.command()
def review(
    file: Annotated[Path, typer.Argument(help="a file of tarikh review export")],
    origin: Annotated[
        str | None, typer.Option("--from", help="another name for the Tarikh that it comes from")
    ] = None,
    database: Database = None,
) -> None:
    """Take over what people said in another Tarikh of mentions that are here as well, as user:NAME@THERE. Where they are at
    odds with what was said here, that is a conflict for review.

    Example:  tarikh import review geneva.jsonl
    """
    from tarikh import asking, terminal
    from tarikh.imports import review_form, taking_over

    given = review_form.read(file)
    done = taking_over.take_over(asking.kept(database), given, file, origin)
    _problems(done.problems)
    terminal.say(
        f"{done.said} rows taken over from {origin or given.origin}, {done.known} said already, {done.taken_back} taken back,"
        f" {len(done.problems)} do not apply here"
    )
    for conflict in done.conflicts[:_SHOWN]:
        terminal.say(f"conflict: {conflict.sentence}")
    if done.conflicts:
        terminal.say(f"{len(done.conflicts)} conflicts to settle: tarikh review conflicts")


# ---- what they share -------------------------------------------------------------------------------------


def _report_of(store: Store, files: Sequence[Path]) -> ReportOf:
    """Reports by the id that a file gave them, first those of the files named, then those of the database."""
    from tarikh import asking, pipeline
    from tarikh.errors import UnknownIdError

    named: dict[str, Report] = {}
    if files:
        rules = pipeline.Rules(Path(), datetime.now(UTC).date())
        options = asking.read_options(None, None, None, False)
        for outcome in pipeline.read(asking.documents([str(path) for path in files], options), rules):
            if outcome.report is not None and outcome.id is not None:
                named[outcome.id] = outcome.report

    def found(given: str) -> Report:
        if given in named:
            return named[given]
        try:
            return store.report_by_given_id(given)
        except UnknownIdError:
            return store.report(given)

    return found


def _kept(
    store: Store, items: Iterator[Brought | Problem], files: Sequence[Path], goes_back: bool = False
) -> Imported:
    from tarikh import terminal
    from tarikh.imports import keeping

    total = _lines(files)
    with terminal.bar("importing") as progress:
        return keeping.keep(store, items, lambda done: progress(min(done, total), total), goes_back)


def _lines(files: Sequence[Path]) -> int:
    """About how many rows there are: lines, which may be fewer rows where cells hold line breaks."""
    from tarikh.imports.opening import lines

    return sum(1 for path in files for _ in lines(path))


def _problems(problems: Sequence[Problem]) -> None:
    """Each reason once, with where it was met first."""
    from tarikh import terminal
    from tarikh.text import one_line

    alike: dict[str, list[Problem]] = {}
    for problem in problems:
        alike.setdefault(problem.reason, []).append(problem)
    for reason, found in list(alike.items())[:_SHOWN]:
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        terminal.say(f"problem: {terminal.place_of(found[0])}{more}: {one_line(reason, 300)}")
    if len(alike) > _SHOWN:
        terminal.say(
            f"… and {len(alike) - _SHOWN} other reasons; every row with its reason is kept in the database (in Python: tarikh.open().problems())"
        )


def _finish(store: Store, done: Imported, what: str, see: str) -> None:
    """Links what came and says the sum of an import; exit code 1 where nothing was taken."""
    from tarikh import pipeline, terminal

    with terminal.bar("linking") as progress:
        incidents = pipeline.relink(store, progress=progress)
    _problems(done.problems)
    terminal.say(
        f"{done.new} {what} are new, {done.changed} changed, {done.known} known already, {done.mentions} mentions;"
        f" {len(done.problems)} rows were not taken; the database now holds {incidents} incidents. See them: {see}"
    )
    raise typer.Exit(0 if done.taken else 1)
