"""`tarikh sources`: which sources there are, and what a person says that they are.

Invariant: nothing is decided here; what is said is a call of `tarikh.source_roles`, under a name, and its sentence is shown.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tarikh.command_options import By, Database, Json, Note

if TYPE_CHECKING:
    from tarikh.store import KnownSource, Store

app = typer.Typer(invoke_without_command=True)


def _store(path: Path | None) -> Store:
    from tarikh import asking

    return asking.kept(path)


@app.callback()
def sources(
    context: typer.Context,
    find: Annotated[str, typer.Option("--find", help="only sources whose name holds these words")] = "",
    database: Database = None,
    as_json: Json = False,
) -> None:
    """List the sources of the database: how many reports, what each is said to be (its role), by whom and when.

    Example:  tarikh sources --find ministry
    """
    from tarikh import source_roles, terminal
    from tarikh.errors import UsageError

    if context.invoked_subcommand is not None:
        if find or as_json or database is not None:
            raise UsageError(
                "options go behind the command: tarikh sources role NAME ROLE --db FILE --note WHY"
            )
        return
    found = source_roles.listed(_store(database), find)
    if as_json:
        terminal.print_json([_plain(each) for each in found])
    elif not found:
        terminal.say(
            f"no source is called like {find!r}" if find else "no report of the database names a source"
        )
    else:
        terminal.table(("source", "reports", "role", "said by", "on", "note"), [_row(e) for e in found])


@app.command()
def role(
    name: Annotated[str, typer.Argument(help="the source's name, to the letter")],
    role: Annotated[
        str, typer.Argument(help="monitor, press, authority or party; none takes back what was said")
    ],
    note: Note = "",
    by: By = None,
    database: Database = None,
) -> None:
    """Say what a source is. A party's word for its own deed stays a claim, and a monitor's figures go before others'. The
    incidents that it tells of are computed anew.

    Example:  tarikh sources role "Army Press Service" party --note "it is the army's own"
    """
    from tarikh import asking, source_roles, terminal

    done = source_roles.say(_store(database), name, role, asking.who(by), note)
    terminal.say(done.sentence)


def _row(source: KnownSource) -> tuple[str, ...]:
    from tarikh.text import one_line

    said, name = source.said, one_line(source.name, 80)
    if said is None:
        return (name, str(source.reports), "", "", "", "")
    day = f"{said.at:%Y-%m-%d}"
    return (name, str(source.reports), said.role or "none", said.by, day, one_line(said.note, 60))


def _plain(source: KnownSource) -> dict[str, Any]:
    said = source.said
    return {
        "source": source.name,
        "reports": source.reports,
        "role": source.role,
        "by": None if said is None else said.by,
        "at": None if said is None else said.at.isoformat(),
        "note": None if said is None else said.note,
    }
