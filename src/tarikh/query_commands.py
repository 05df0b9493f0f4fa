"""The commands that look: `tarikh list`, `show` and `export`.

Invariant: they change nothing in the database; nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tarikh.command_options import Database, Disclosed, Index, Json

if TYPE_CHECKING:
    from tarikh.exports.coded import Written
    from tarikh.exports.taking import Taken
    from tarikh.queries import Filter, IncidentView

Country = Annotated[
    list[str] | None, typer.Option("--country", help="ISO alpha-3 code or English name (repeatable)")
]
Place = Annotated[str | None, typer.Option(help="a place name of the gazetteer; with --radius")]
Radius = Annotated[float | None, typer.Option(help="kilometers around --place")]
Since = Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="incidents on or after this day")]
Until = Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="incidents on or before this day")]
Kind = Annotated[
    list[str] | None, typer.Option("--kind", help="kind of incident, e.g. armed_clash (repeatable)")
]
Party = Annotated[list[str] | None, typer.Option("--party", help="a party on either side (repeatable)")]
MinKilled = Annotated[
    int | None,
    typer.Option("--min-killed", min=0, help="only incidents with at least this many known deaths"),
]
StatusOption = Annotated[
    list[str] | None, typer.Option("--status", help="reported, claimed, alleged or disputed (repeatable)")
]
Source = Annotated[
    list[str] | None, typer.Option("--source", help="a source that tells of it, by name (repeatable)")
]
Admin1 = Annotated[
    list[str] | None,
    typer.Option("--admin1", help="a first-level unit that holds it, such as Gao (repeatable)"),
]
Text = Annotated[
    str | None,
    typer.Option(help="words that all occur in places, parties, quoted words or titles"),
]
Figures = Annotated[
    str,
    typer.Option("--figures", help="rule for counts: codebook, lowest, highest, newest or without-parties"),
]
Review = Annotated[
    list[str] | None,
    typer.Option("--review", help="unreviewed, accepted, rejected (repeatable; default: all but rejected)"),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="DATE|MOMENT",
        help="what the data said then: at the end of this day, or at a moment such as 2025-03-14T18:30Z, in UTC",
    ),
]
Codebook = Annotated[
    str | None,
    typer.Option(
        help="in the rows of another codebook: acled, ucdp, plover, cameo or gtd (docs/codebooks.md)"
    ),
]
License = Annotated[
    str | None,
    typer.Option(
        "--license",
        help="under which license the data may be used: an SPDX name, an address or words (default: TARIKH_LICENSE)",
    ),
]
Limit = Annotated[int, typer.Option(min=1, help="at most this many")]


def _then(database: Path | None, as_of: str | None) -> Any:
    """The database as it is, or as it was; where it held nothing by then, that is said."""
    from tarikh import asking, terminal

    chronicle, sentence = asking.as_of(asking.chronicle(database, True), as_of)
    if sentence is not None:
        terminal.say(sentence)
    return chronicle


def _wanted(typed: Mapping[str, Any]) -> Filter:
    """The filter of what was typed for `list` or `export`: each option goes by the name of its argument."""
    from tarikh import asking

    names = inspect.signature(asking.filter_of).parameters
    return asking.filter_of(**{name: value for name, value in typed.items() if name in names})


def list_(
    database: Database = None,
    country: Country = None,
    place: Place = None,
    radius: Radius = None,
    admin1: Admin1 = None,
    since: Since = None,
    until: Until = None,
    kind: Kind = None,
    party: Party = None,
    min_killed: MinKilled = None,
    status: StatusOption = None,
    source: Source = None,
    text: Text = None,
    figures: Figures = "codebook",
    review: Review = None,
    limit: Limit = 50,
    as_of: AsOf = None,
    index: Index = None,
    as_json: Json = False,
) -> None:
    """List incidents, newest first.

    Example:  tarikh list --place Ménaka --radius 100 --since 2025-01-01 --min-killed 5
    """
    wanted = _wanted(locals())
    from tarikh import queries, terminal

    chronicle = _then(database, as_of)
    found = queries.find(chronicle, wanted, figures)
    if as_json:
        from tarikh.store import to_json

        terminal.print_json([to_json(i) for i in found])
    else:
        terminal.incidents(found)


def show(
    incident: Annotated[str, typer.Argument(help="an incident's id, or its first characters")],
    database: Database = None,
    figures: Figures = "codebook",
    as_of: AsOf = None,
    codebook: Codebook = None,
    as_json: Json = False,
) -> None:
    """Show one incident: its fields with their words in each report, the ledger of claims, how it was linked, why its status.

    With --codebook: its codes there and the clauses that made them, or the clause that says why there are none.

    Example:  tarikh show i-6308928e --codebook ucdp
    """
    from tarikh import queries, terminal

    view = queries.show(_then(database, as_of), incident, figures)
    if codebook is not None:
        _show_coded(view, codebook, as_json)
        return
    if as_json:
        from tarikh.store import to_json

        terminal.print_json(to_json(view))
    else:
        terminal.incident(view)


def _show_coded(view: IncidentView, name: str, as_json: bool) -> None:
    """An incident in another codebook, with the clauses that made it so."""
    from tarikh import terminal
    from tarikh.codebooks import Around, coded
    from tarikh.exports import coded as exporting

    changed = exporting.changed(view.incident, view.mentions)
    found = coded(view.incident, name, Around(view.reports, changed, headlines=True))
    if as_json:
        terminal.print_json(exporting.plain(found))
        return
    for line in exporting.lines(found):
        terminal.line(line)


def export(
    destination: Annotated[Path, typer.Argument(help="the file to write")],
    form: Annotated[
        str | None,
        typer.Option("--format", help="form of the file, see docs/exports.md (default: by its suffix)"),
    ] = None,
    database: Database = None,
    country: Country = None,
    place: Place = None,
    radius: Radius = None,
    admin1: Admin1 = None,
    since: Since = None,
    until: Until = None,
    kind: Kind = None,
    party: Party = None,
    min_killed: MinKilled = None,
    status: StatusOption = None,
    source: Source = None,
    text: Text = None,
    figures: Figures = "codebook",
    review: Review = None,
    as_of: AsOf = None,
    codebook: Codebook = None,
    disclosed: Disclosed = None,
    license_: License = None,
    index: Index = None,
) -> None:
    """Export incidents, with the filters of `list`. Names of persons, words and sensitive sites are withheld as the
    disclosure policy says, unless --disclosure full is given.

    Example:  tarikh export sahel.geojson --country MLI --country NER
    """
    wanted = _wanted(locals())
    from tarikh import asking, terminal
    from tarikh.asking import who

    by = f"user:{who(None)}"
    with terminal.bar("exporting") as progress:
        if codebook is not None:
            coded = asking.export_coded(
                _then(database, as_of),
                wanted,
                destination,
                form,
                by,
                codebook,
                figures,
                disclosed,
                license_,
                progress,
            )
            sentences = list(_told(coded, destination))
        else:
            taken = asking.export(
                _then(database, as_of), wanted, destination, form, by, figures, disclosed, license_, progress
            )
            progress(taken.rows, taken.rows)
            sentences = [f"{taken.rows} incidents written to {destination}{_withheld(taken, place, source)}"]
    for sentence in sentences:
        terminal.say(sentence)


def _told(coded: Written, destination: Path) -> Iterator[str]:
    """What an export in another codebook holds, and why some incidents are not in it."""
    rows = "" if coded.rows == coded.incidents else f" as {coded.rows:,} rows"
    yield f"{coded.incidents:,} incidents written{rows} to {destination}, in the codebook {coded.codebook}"
    if coded.refused:
        number = sum(coded.refused.values())
        yield f"{number:,} cannot be expressed in it; each is named with the reason in {coded.refusals}:"
        yield from (f"  {line}" for line in coded.told())


def exports(
    database: Database = None,
    by: Annotated[str | None, typer.Option("--by", help="only what this person took")] = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """List which files of incidents were taken, newest first: who, when, in which form and level, of which filter.

    Example:  tarikh exports --by ana
    """
    from tarikh import asking, terminal
    from tarikh.store import to_json
    from tarikh.store.export_log import ExportLog

    kept = ExportLog(asking.chronicle(database, True))
    found = kept.taken(None if by is None else f"user:{by}", limit)
    if as_json:
        terminal.print_json([to_json(each) for each in found])
        return
    for each in found:
        at = "" if each.at is None else f"{each.at:%Y-%m-%d %H:%M}"
        who = each.by.removeprefix("user:")
        told = f"{at}  {who}  {each.form}  {each.level}  {each.rows} incidents  {each.name}"
        terminal.line(f"{told}  {each.filters or 'all'}  sha256 {each.sha256[:12]}")
    if not found:
        terminal.say("no file was taken yet; one is with: tarikh export FILE")


def _withheld(taken: Taken, place: str | None, source: Sequence[str] | None) -> str:
    """What was withheld in a file, in words."""
    if taken.level == "full":
        return ", nothing withheld"
    told = f", as level {taken.level} of the disclosure policy shows them: {taken.coarser} at a coarser place"
    if place is not None or source:
        option = "--source" if place is None else "--place"
        told += f"; incidents whose place is withheld are left out, for {option} would tell it"
    return f"{told}; for your own use: --disclosure full"


COMMANDS: tuple[tuple[str, Callable[..., Any]], ...] = (
    ("list", list_),
    ("show", show),
    ("export", export),
    ("exports", exports),
)
"""The commands by name, in the order of the help."""
