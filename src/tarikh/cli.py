"""The command line: one small door on the use cases. Errors become a sentence and an exit code here, once.

Invariant: nothing heavy is imported before a command needs it (`tarikh --help` answers at once); progress goes to stderr.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tarikh import (
    coverage_commands,
    gazetteer_commands,
    history_commands,
    import_commands,
    model_commands,
    party_commands,
    query_commands,
    review_commands,
    serve_commands,
    source_commands,
    train_commands,
    user_commands,
)
from tarikh.command_options import Database, Index, Json
from tarikh.errors import TarikhError
from tarikh.model_commands import Coder, Yes

if TYPE_CHECKING:
    from tarikh.model import Report

STOPPED = 130
"""Exit code after Ctrl-C, as shells have it: 128 and the number of the signal."""

app = typer.Typer(
    name="tarikh",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="""Reads news reports on armed conflict and keeps a chronicle of incidents.

    \b
    Try:  tarikh demo                            code the bundled sample, write a page with map and evidence
          tarikh add news/ feed.xml              code files, folders, feeds or addresses into the database
          tarikh list --country MLI --since 2025-01-01
          tarikh show ID                         one incident with its words, ledger and reasons
          tarikh serve                           map, timeline, list and words in the browser
          tarikh export --format geojson out.geojson
          tarikh code reports.jsonl > coded.jsonl     without a database""",
)
app.add_typer(gazetteer_commands.app, name="gazetteer")
app.add_typer(party_commands.app, name="parties")
app.command("coverage")(coverage_commands.coverage)
app.add_typer(review_commands.app, name="review")
app.command()(review_commands.forget)
app.add_typer(source_commands.app, name="sources")
app.add_typer(import_commands.app, name="import")
app.add_typer(user_commands.app, name="user")
app.add_typer(user_commands.token_app, name="token")

Sources = Annotated[
    list[str], typer.Argument(help="files, folders, http(s) addresses, or - for standard input")
]
Mapping_ = Annotated[
    list[str] | None,
    typer.Option("--map", help="column of a table or key of a JSON line: title=headline (repeatable)"),
]
Form = Annotated[
    str | None, typer.Option("--form", help="force the form: text, jsonl, json, csv, tsv, html, feed")
]
Encoding = Annotated[
    str | None, typer.Option(help="character encoding of the files (default: UTF-8, found by mark)")
]
Private = Annotated[
    bool, typer.Option("--allow-private", help="let an address that is given be of a private network")
]
Workers = Annotated[int, typer.Option(min=1, help="processes that code at once")]
Published = Annotated[
    str | None, typer.Option(metavar="YYYY-MM-DD", help="publication date of reports that carry none")
]


def _rules(index: Path | None, published: str | None = None) -> Any:
    from tarikh import asking
    from tarikh.demonstration import ready_gazetteer
    from tarikh.pipeline import Rules
    from tarikh.settings import Settings

    today = datetime.now(UTC).date()
    default = asking.day_of_publication(published, today)
    train_commands.tell_fault()
    chosen = Settings()
    return Rules(index or ready_gazetteer(), today, default, chosen.max_text, chosen.scope)


def _reports(items: Any, rules: Any) -> list[Report]:
    """The reports among what was read, to say beforehand what will be sent."""
    from tarikh import pipeline

    return [outcome.report for outcome in pipeline.read(items, rules) if outcome.report is not None]


def _print_json(value: Any, indent: int | None = 1) -> None:
    from tarikh import terminal  # late: `tarikh --help` needs no tables

    terminal.print_json(value, indent)


# ---- coding ------------------------------------------------------------------------------------------------


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="where the page and the database go")] = Path("demo"),
) -> None:
    """Code the bundled sample of reports; print its incidents; write one HTML page with map and evidence."""
    from tarikh import demonstration

    demonstration.run(folder)


@app.command()
def code(
    sources: Sources,
    published: Published = None,
    workers: Workers = 1,
    index: Index = None,
    columns: Mapping_ = None,
    form: Form = None,
    encoding: Encoding = None,
    allow_private: Private = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="say of each sentence why it is or is no incident")
    ] = False,
    min_confidence: Annotated[
        float, typer.Option(min=0, max=1, help="leave open each field that is less sure than this")
    ] = 0.0,
    coder: Coder = "rules",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Code reports without a database: one JSON line a report, in the order of the input.

    Example:  tarikh code reports.jsonl --published 2025-03-14 > coded.jsonl
    """
    from tarikh import asking, coding, terminal

    rules = _rules(index, published)
    documents = asking.documents(sources, asking.read_options(columns, form, encoding, allow_private))
    items = documents if coder == "rules" else list(documents)
    with model_commands.coding_with(coder, yes, rules, lambda chosen: _reports(items, chosen)) as chosen:
        done = coding.code(items, chosen, workers, explain, min_confidence)
    if explain and not as_json:
        coding.show(done)
    else:
        for line in coding.lines(done):
            _print_json(line, None)
    coding.tell_unused(done)
    problems = [c.outcome.problem for c in done if c.outcome.problem is not None]
    fields = [c.outcome.field_problem for c in done if c.outcome.field_problem is not None]
    raise typer.Exit(terminal.closing(problems, len(done), fields))


@app.command()
def add(
    sources: Sources,
    database: Database = None,
    published: Published = None,
    workers: Workers = 1,
    index: Index = None,
    columns: Mapping_ = None,
    form: Form = None,
    encoding: Encoding = None,
    allow_private: Private = False,
    again: Annotated[bool, typer.Option("--again", help="also reports that were forgotten")] = False,
    coder: Coder = "rules",
    yes: Yes = False,
) -> None:
    """Code reports into the database and link them into incidents. Adding a report twice changes nothing.

    Example:  tarikh add archive.csv --map title=headline --map text=body
    """
    from tarikh import asking, pipeline, terminal

    rules = _rules(index, published)
    documents = asking.documents(sources, asking.read_options(columns, form, encoding, allow_private))
    store = asking.chronicle(database)
    items = documents if coder == "rules" else list(documents)
    problems, fields = [], []

    def wanted(chosen: pipeline.Rules) -> list[Report]:
        return [r for r in _reports(items, chosen) if not store.is_coded(r.id, chosen.coder)]

    with (
        model_commands.coding_with(coder, yes, rules, wanted) as chosen,
        terminal.counting("adding") as tick,
    ):

        def progress(outcome: pipeline.Outcome) -> None:
            if outcome.problem is not None:
                problems.append(outcome.problem)
            if outcome.asked is not None and outcome.asked.problem is not None:
                fields.append(outcome.asked.problem)
            if outcome.field_problem is not None:
                fields.append(outcome.field_problem)
            tick(outcome)

        back = f"user:{asking.who(None)}" if again else None
        done = pipeline.add(items, store, chosen, workers, progress, back)
    terminal.say(
        f"{done.reports} reports coded, {done.known} known already, {done.mentions} mentions;"
        f" the database now holds {done.incidents} incidents. See them: tarikh list"
    )
    raise typer.Exit(terminal.closing(problems, done.reports + done.known + done.problems, fields))


@app.command()
def recode(database: Database = None, index: Index = None, coder: Coder = "rules", yes: Yes = False) -> None:
    """Code the kept reports again with the current coder; corrections and judgements by people follow."""
    from tarikh import asking, pipeline, terminal

    store = asking.chronicle(database, True)

    def wanted(chosen: pipeline.Rules) -> list[Report]:
        return list(store.reports(not_coded_by=chosen.coder))

    with (
        model_commands.coding_with(coder, yes, _rules(index), wanted) as chosen,
        terminal.counting("recoding") as tick,
    ):
        done = pipeline.recode(store, chosen, datetime.now(UTC), tick)
    terminal.say(
        f"{done.reports} reports coded again, {done.mentions} mentions, {done.incidents} incidents, {done.problems} problems"
    )


@app.command()
def relink(
    database: Database = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="all mentions anew, not only what waits; judgements stay")
    ] = False,
) -> None:
    """Link and fold what waits: what a run that was stopped left, or what other rules would put together otherwise.
    It can be stopped, and goes on where it was.

    Example:  tarikh relink --whole
    """
    from tarikh import asking, pipeline, terminal

    store = asking.chronicle(database, True)
    with terminal.bar("linking") as progress:
        done = pipeline.relinked(store, whole, progress)
    if not done.linked and not done.folded:
        terminal.say(f"nothing waits; {done.incidents} incidents stand as they are (--whole: all anew)")
        return
    before = "as before" if done.before == done.incidents else f"{done.before} before"
    terminal.say(
        f"{done.linked} mentions linked, {done.folded} folded; {done.incidents} incidents, {before}. See: tarikh changes"
    )


for _name, _command in (*query_commands.COMMANDS, *history_commands.COMMANDS, *serve_commands.COMMANDS):
    app.command(_name)(_command)


# ---- measuring and looking after ---------------------------------------------------------------------------


@app.command()
def evaluate(
    kind: Annotated[str, typer.Argument(help="gold, hrdsattack, muc4, swap, dates, places or incidents")],
    files: Annotated[list[Path], typer.Argument(help="labelled files")],
    predictions: Annotated[
        Path | None, typer.Option(help="score these coded lines instead of coding")
    ] = None,
    errors: Annotated[int, typer.Option(min=0, help="print up to this many differences")] = 0,
    atlas: Annotated[Path | None, typer.Option(help="write all misses by cause to this HTML file")] = None,
    workers: Workers = 1,
    index: Index = None,
    as_json: Json = False,
) -> None:
    """Code the reports of a labelled file and score them; swap: code them again under other labels, and say what moves;
    dates: resolve the words of time alone (timex3, or labels of the codebook, whose kind and aspect are given).
    places: find and resolve names of places alone (toponyms), or the place of a given act (locations).
    incidents: put articles of one incident together (incident_id), beside baselines; with the key of incidents their figures.

    Example:  tarikh evaluate gold dev.jsonl --errors 20
    """
    from tarikh import evaluation, terminal

    result = evaluation.evaluate(
        kind, files, _rules(index), predictions, workers, errors, atlas, tell=terminal.uncoded
    )
    if as_json:
        _print_json(result)
    else:
        print(evaluation.as_text(kind, result))


app.command()(model_commands.compare_coders)
app.command()(train_commands.train)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Check what is installed and built, and say what to type for what is missing."""
    from tarikh import diagnosis, terminal

    findings = diagnosis.examine()
    if as_json:
        _print_json([f.as_dict() for f in findings])
    else:
        terminal.findings(findings)
    raise typer.Exit(0 if all(f.fine for f in findings) else 1)


# ---- the door ----------------------------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> None:
    """Runs a command. Exit codes: 0 done, 1 nothing done or a failure, 2 wrong usage, 130 stopped."""
    _prepare_streams()
    try:
        code_ = app(args=arguments, prog_name="tarikh", standalone_mode=False)
        sys.stdout.flush()
    except SystemExit:
        # So typer ends where the reader of a pipe had enough.
        code_ = _hang_up()
    except (Exception, KeyboardInterrupt) as error:
        code_ = _explain(error)
    if code_ == STOPPED:
        _tell("stopped; what was added to a database is kept, and the same command again goes on")
    sys.exit(code_ if isinstance(code_, int) else 0)


def _prepare_streams() -> None:
    """Streams that are closed lead nowhere; what an encoding lacks is shown by its number, not an error."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _tell(sentence: str) -> None:
    print(f"tarikh: {' '.join(sentence.split())}", file=sys.stderr)


def _hang_up() -> int:
    """Leads standard output nowhere, so that the interpreter's last flush does not fail once more."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _explain(error: BaseException) -> int:
    """The sentence and the exit code of an error; what is no error of ours is raised again."""
    name = type(error).__name__
    if isinstance(error, TarikhError):
        _tell(str(error))
        return error.exit_code
    if isinstance(error, KeyboardInterrupt) or name == "Abort":
        return STOPPED
    if name == "NoArgsIsHelpError":
        print(error)
        _tell("name a command, for example: tarikh demo")
        return 2
    if hasattr(error, "format_message"):
        context = getattr(error, "ctx", None)
        given = str(getattr(error, "option_name", ""))
        if given[1:2].isdigit():
            _tell(
                f"{given} is below 0, and is read as an option; numbers here are 0 or more"
                " (a text that begins with - goes after -- and a space)"
            )
            return 2
        path = context.command_path if context is not None else "tarikh"
        message = str(error.format_message()).strip().rstrip(".").replace(". Did you", ", did you")
        _tell(f"{message}; type: {path} --help")
        return 2
    if name == "ValidationError" and getattr(error, "title", "") == "Settings":
        _tell("; ".join(_setting(fault) for fault in error.errors()))  # type: ignore[attr-defined]
        return 2
    if isinstance(error, BrokenPipeError):
        return _hang_up()
    if isinstance(error, OSError):
        _hang_up()
        _tell(f"{error.filename or 'the output'} cannot be read or written: {error.strerror or error}")
        return 1
    raise error


def _setting(fault: Any) -> str:
    variable = "TARIKH_" + "_".join(str(part) for part in fault["loc"]).upper()
    return f"{variable} is {fault['input']!r}, which cannot be used ({fault['msg']}); set it anew or unset it"


if __name__ == "__main__":
    main()
