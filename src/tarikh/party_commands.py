"""`tarikh parties`: look a party up, ask what a name means at a place on a day, check a register of one's own.

Invariant: it answers with the same functions that coding uses, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from datetime import date

    from tarikh.reference import Party, Use

app = typer.Typer(
    no_args_is_help=True, help="The register of parties: look one up, ask what a name means, check your own."
)
Json = Annotated[bool, typer.Option("--json", help="print JSON for programs")]
_SHOWN = 12


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(help="a party's name or any other name of it")], as_json: Json = False
) -> None:
    """Show all that the register knows of a party: its kind, where and when it acts, its kin, its names.

    Example:  tarikh parties show ISGS
    """
    from tarikh import terminal
    from tarikh.errors import UnknownIdError

    _readable(name)
    found = list(_called(name))
    if not found:
        raise UnknownIdError(
            f"no party is called {name!r}{_near(name)}; look for words with: tarikh parties find"
        )
    if as_json:
        terminal.print_json([_plain(party) for party in found])
        return
    for party in found:
        terminal.pairs(_told(party))


@app.command("find")
def find(
    words: Annotated[str, typer.Argument(help="a name, or a sentence with names in it")],
    country: Annotated[
        str | None, typer.Option("--country", help="ISO alpha-3 code or English name of the place")
    ] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="first-level unit of the place")] = None,
    day: Annotated[str | None, typer.Option("--date", metavar="YYYY-MM-DD", help="day of the event")] = None,
    as_json: Json = False,
) -> None:
    """Say which party each name in some words means, at a place and on a day, and what else it might mean.

    Example:  tarikh parties find "ISIS near Ménaka" --country MLI --date 2023-05-01
    """
    from tarikh import asking, reference, terminal

    for given in (words, country, unit):
        _readable(given or "")
    code = asking.country_code(country) if country is not None else None
    when = asking.day(day, "--date")
    rows: list[dict[str, Any]] = [
        {
            "name": found.text,
            "means": reference.meaning(found.uses, code, when, unit),
            "might_mean": [_use(use) for use in dict.fromkeys(replace(u, text="") for u in found.uses)],
        }
        for found in reference.named(words)
    ]
    for row in rows:  # what it means there and then stands first
        row["might_mean"].sort(key=lambda use: use["party"] != row["means"])
    if as_json:
        terminal.print_json(rows)
    elif not rows:
        terminal.say(f"no name of the register in {words!r}{_near(words)}")
    else:
        for row in rows:
            terminal.pairs(_answer(row))
    raise typer.Exit(0 if any(row["means"] for row in rows) else 1)


@app.command("check")
def check(file: Annotated[Path, typer.Argument(help="a YAML file of parties")]) -> None:
    """Check a register file of your own against the shipped one; says file, line and the way out of the first fault.

    Example:  tarikh parties check my-parties.yaml
    """
    from tarikh import reference, terminal

    parties, communities = reference.checked(file)
    terminal.say(
        f"{file} is sound: {parties} parties, {communities} communities. To use it, put it into the folder `parties`"
        " of Tarikh's home or set TARIKH_PARTIES; then type: tarikh recode"
    )


# --- what is told -----------------------------------------------------------------------------------------


def _readable(given: str) -> None:
    """Refuses an argument whose bytes were no text: Python keeps them as halves of surrogate pairs."""
    from tarikh.errors import UsageError

    if any("\ud800" <= char <= "\udfff" for char in given):
        raise UsageError(f"{given!r} is not valid UTF-8; give the words as UTF-8 text")


def _called(name: str) -> Iterable[Party]:
    from tarikh import reference
    from tarikh.text import fold

    exact = reference.party(name)
    if exact is not None:
        return [exact]
    key = fold(name)
    return [p for p in reference.parties() if key in (fold(p.name), *(fold(alias) for alias in p.aliases))]


def _near(name: str) -> str:
    from tarikh import reference

    names = {use.text for party in reference.parties() for use in party.uses}
    close = get_close_matches(name, names, 3, 0.7)
    return f"; near it are {', '.join(close)}" if close else ""


def _days(start: date | None, end: date | None) -> str:
    if start is None and end is None:
        return "always"
    return f"{start or '…'} to {end or '…'}"


def _use(use: Use) -> dict[str, Any]:
    return {
        "party": use.party,
        "countries": list(use.countries),
        "units": list(use.units),
        "from": use.start,
        "to": use.end,
        "only_there": use.strict,
    }


def _where(use: Use) -> str:
    places = ", ".join((*use.units, *use.countries))
    return f"only {places}" if use.strict else f"anywhere, first in {places}" if places else "anywhere"


def _plain(party: Party) -> dict[str, Any]:
    from tarikh import reference

    return {
        "name": party.name,
        "class": party.category,
        "ucdp": party.ucdp,
        "countries": list(party.countries),
        "from": party.start,
        "to": party.end,
        "parent": party.parent,
        "parts": [other.name for other in reference.parties() if other.parent == party.name],
        "successor": party.successor,
        "source": party.source,
        "names": [{"name": use.text} | _use(use) for use in party.uses],
    }


def _told(party: Party) -> list[tuple[str, str]]:
    plain = _plain(party)
    rows = [("party", party.name), ("class", party.category)]
    rows += [("UCDP id", str(party.ucdp))] if party.ucdp is not None else []
    rows += [("countries", ", ".join(party.countries) or "any"), ("active", _days(party.start, party.end))]
    rows += [(kind, plain[kind]) for kind in ("parent", "successor") if plain[kind]]
    rows += [("parts", ", ".join(plain["parts"]))] if plain["parts"] else []
    rows.append(("from the file", party.source))
    for use in party.uses:
        own = (use.start, use.end) != (party.start, party.end)
        when = f", {_days(use.start, use.end)}" if own else ""
        restricted = use.strict or own
        rows.append(("name", f"{use.text}  ({_where(use)}{when})" if restricted else use.text))
    return rows


def _answer(row: dict[str, Any]) -> list[tuple[str, str]]:
    from tarikh.reference import Use

    told = [("name", row["name"]), ("means", row["means"] or "no party of the register there and then")]
    for might in row["might_mean"][:_SHOWN]:
        use = Use(
            "", might["party"], tuple(might["countries"]), tuple(might["units"]), strict=might["only_there"]
        )
        told.append(("might mean", f"{use.party}  ({_where(use)}; {_days(might['from'], might['to'])})"))
    left = len(row["might_mean"]) - _SHOWN
    return [*told, ("", f"and {left} more; --json has them all")] if left > 0 else told
