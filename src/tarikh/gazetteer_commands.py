"""The commands of `tarikh gazetteer`: build the index of place names, let it grow, look at it, look a name up.

Invariant: nothing is fetched but what `add` names; until a new index is whole, the old one stays in use.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tarikh.errors import RefusedError, UsageError

if TYPE_CHECKING:
    from tarikh.gazetteer import Gazetteer, Given, Place, Summary
    from tarikh.reference.areas import Area, Contested

app = typer.Typer(
    no_args_is_help=True,
    help="The index of place names: build it, add places to it, look at it, look a name up.",
)

Json = Annotated[bool, typer.Option("--json", help="print JSON for programs")]
Index = Annotated[Path | None, typer.Option("--gazetteer", help="another gazetteer index")]
Country = Annotated[
    list[str] | None, typer.Option("--country", help="ISO alpha-3 code or English name (repeatable)")
]
_ALL = "allCountries"
_FRESH_SECONDS = 24 * 3600
"""Age up to which a file that an earlier command fetched, and could not use any more, is not fetched again."""


def _path(index: Path | None) -> Path:
    from tarikh.settings import Settings

    return index or Settings().gazetteer_path()


def _told(summary: Summary) -> None:
    from tarikh import terminal

    for fault in summary.faults:
        terminal.say(f"problem: {fault}")
    for sentence in summary.replaced:
        terminal.say(sentence)
    terminal.say(
        f"{summary.places:,} places with {summary.names:,} names in {summary.path} ({summary.seconds:.0f} s)"
    )


@app.command("build")
def build(index: Index = None) -> None:
    """Build the index from the installed GeoNames packages (235,000 places, half a minute) and from all sources that were added."""
    from tarikh import gazetteer, terminal

    path = _path(index)
    gazetteer.check_target(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with terminal.bar("building the gazetteer") as progress:
        summary = gazetteer.build(path, progress)
    _told(summary)


@app.command("add")
def add(
    countries: Annotated[
        list[str] | None,
        typer.Argument(help="countries whose GeoNames dumps are fetched: ML, MLI or Mali; all for the world"),
    ] = None,
    files: Annotated[
        list[Path] | None,
        typer.Option("--file", help="a GeoNames dump, GeoJSON or GED table on this machine (repeatable)"),
    ] = None,
    corrections: Annotated[
        Path | None, typer.Option("--overrides", help="a YAML file with points and names put right")
    ] = None,
    index: Index = None,
) -> None:
    """Add places: GeoNames dumps of countries, fetched or from files; outlines of units; towns from UCDP GED; your own corrections.

    Example:  tarikh gazetteer add ML NE BF
    """
    from tarikh import gazetteer, terminal
    from tarikh.gazetteer import Given

    path = _path(index)
    given = [Given(file, str(file.resolve())) for file in files or ()]
    if corrections is not None:
        given.append(Given(corrections, str(corrections.resolve()), is_overrides=True))
    if not countries and not given:
        raise UsageError("name a country or a file, for example: tarikh gazetteer add ML")
    for each in given:
        gazetteer.check_file(each)
    gazetteer.check_target(path)
    dumps = dict.fromkeys(_dump(name) for name in countries or ())
    fetched = [_fetched(dump, gazetteer.incoming(path)) for dump in dumps]
    try:
        with terminal.bar("building the gazetteer") as progress:
            summary = gazetteer.add(path, [*given, *fetched], progress)
    except RefusedError as error:
        # What is damaged is not to be met again; what is good is not to be fetched again.
        _clear(each for each in fetched if str(error).startswith(each.path.name))
        raise
    _clear(fetched)
    if summary is None:
        terminal.say("the index holds all of this already; nothing was changed")
        return
    _told(summary)
    terminal.say(
        "Name the sources where you publish; their terms: tarikh gazetteer info. Reports that were coded before: tarikh recode"
    )


def _dump(country: str) -> str:
    """The name of a country's dump: its ISO alpha-2 code."""
    from tarikh import asking, reference

    if country.lower() in ("all", _ALL.lower()):
        return _ALL
    found = reference.country(asking.country_code(country))
    assert found is not None
    return found.iso2


def _fetched(dump: str, folder: Path) -> Given:
    from tarikh import terminal
    from tarikh.gazetteer import Given
    from tarikh.settings import Settings
    from tarikh.sources import download

    address = f"{Settings().geonames.rstrip('/')}/{dump}.zip"
    target = folder / f"{dump}.zip"
    if target.exists() and time.time() - target.stat().st_mtime < _FRESH_SECONDS:
        return Given(target, address)
    with terminal.bar(f"fetching {dump}.zip (bytes)") as progress:
        done = download.fetch(address, target, progress=progress)
    terminal.say(f"fetched {address}: {done.size:,} bytes, SHA-256 {done.sha256}")
    return Given(target, address)


def _clear(fetched: Iterable[Given]) -> None:
    for each in fetched:
        each.path.unlink(missing_ok=True)


@app.command("remove")
def remove(
    names: Annotated[list[str], typer.Argument(help="sources as `list` names them: ML.zip, or just ML")],
    index: Index = None,
) -> None:
    """Take sources out of the index again.

    Example:  tarikh gazetteer remove ML
    """
    from tarikh import gazetteer, terminal

    with terminal.bar("building the gazetteer") as progress:
        summary = gazetteer.remove(_path(index), names, progress)
    _told(summary)


@app.command("list")
def list_(index: Index = None, as_json: Json = False) -> None:
    """List the sources that were added to the index."""
    from tarikh import gazetteer, terminal
    from tarikh.gazetteer.index import built_with

    path = _path(index)
    sources, built = gazetteer.added(path), built_with(path)
    if as_json:
        from dataclasses import asdict

        terminal.print_json([asdict(source) for source in sources])
        return
    terminal.sources(sources)
    if built != {source.name for source in sources}:
        terminal.say("the index was not built with exactly these sources; type: tarikh gazetteer build")


@app.command("info")
def info(index: Index = None, as_json: Json = False) -> None:
    """Say what the index holds, where it comes from, and under which terms; and how many contested areas are known."""
    from tarikh import gazetteer, terminal
    from tarikh.reference import contested

    facts = gazetteer.open_index(_path(index)).info()
    facts["contested"] = len(contested.areas())
    if as_json:
        terminal.print_json(facts)
        return
    for key, value in facts.items():
        if isinstance(value, dict):
            value = ", ".join(f"{name} {what}" for name, what in value.items()) or "none"
        elif isinstance(value, list):
            value = ", ".join(map(str, value)) or "none"
        print(f"{key:18} {value}")


@app.command("find")
def find(name: str, country: Country = None, index: Index = None, as_json: Json = False) -> None:
    """Look a name up: every candidate, best first, with the reasons.

    Example:  tarikh gazetteer find Menaka
    """
    from tarikh import asking, terminal
    from tarikh.gazetteer import open_index

    wanted = {asking.country_code(c) for c in country or ()}
    found = open_index(_path(index)).find(name)
    rows = [p for p in found if not wanted or p.country in wanted]
    if as_json:
        from tarikh.exports import plain
        from tarikh.store import to_json

        areas = ({"contested": [plain.area(a) for a in _contested(p)]} for p in rows)
        terminal.print_json([to_json(p) | more for p, more in zip(rows, areas, strict=True)])
    else:
        terminal.places(name, rows)
        for place in rows:
            for area in _contested(place):
                terminal.pairs([("place", f"{place.name} ({place.country})"), *_told_area(area)])
    raise typer.Exit(0 if rows else 1)


# --- contested places ---------------------------------------------------------------------------------------


def _contested(place: Place) -> tuple[Contested, ...]:
    """The contested areas that a place of the index lies in, with all who claimed or held them."""
    from tarikh.model import Where
    from tarikh.reference import contested

    where = Where(
        place.country,
        place.admin1,
        place.admin2,
        place.name,
        place.latitude,
        place.longitude,
        "exact" if place.level == "town" else place.level,
    )
    return contested.at(where)


def _not_in_index(area: Area, gazetteer: Gazetteer) -> list[str]:
    """The units and towns of an area, folded, by whose name the index knows nothing in its countries."""
    from tarikh.text import fold

    levels = {"units": "admin1", "districts": "admin2", "places": "name"}
    missing = []
    for patch in area.patches:
        for key, field in levels.items():
            for name in sorted(getattr(patch, key)):
                found = [p for p in gazetteer.find(name) if p.country in patch.countries]
                if not any(fold(getattr(p, field) or "") == name for p in found):
                    missing.append(name)
    return missing


def _told_area(area: Contested | Area) -> list[tuple[str, str]]:
    from tarikh.reference.areas import Area

    rows = [("contested", f"{area.name} ({area.id if isinstance(area, Area) else area.area})")]
    rows += [("claimed by", each.words()) for each in area.claimed_by] or [
        ("claimed by", "nobody that is told")
    ]
    rows += [("held by", each.words()) for each in area.held_by] or [("held by", "unknown")]
    rows += [("told up to", area.as_of), ("verify in", area.source)]
    return [*rows, ("note", area.note)] if area.note is not None else rows


@app.command("contested")
def contested_(
    area: Annotated[
        str | None, typer.Argument(help="an area's id or name; a list of all where left out")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show contested places: who claims them and who holds them, since when, where to verify it.

    Example:  tarikh gazetteer contested kidal
    """
    from dataclasses import asdict

    from tarikh import terminal
    from tarikh.errors import UnknownIdError
    from tarikh.reference import contested
    from tarikh.text import fold

    known = contested.areas()
    wanted = fold(area) if area is not None else ""
    found = [a for a in known if not wanted or wanted in {fold(name) for name in a.called()}]
    if not found:
        raise UnknownIdError(
            f"no contested area is called {area!r}; see all with: tarikh gazetteer contested"
        )
    if as_json:
        terminal.print_json([{k: v for k, v in asdict(a).items() if k != "patches"} for a in found])
        return
    if area is None:
        terminal.pairs([(f"{each.id:28}", each.name) for each in found])
        return
    for each in found:
        terminal.pairs(_told_area(each))


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="a YAML file of contested places")], index: Index = None
) -> None:
    """Check a file of contested places of your own; says file, line and the way out of the first fault, and the units and
    towns that the index does not have.

    Example:  tarikh gazetteer check my-areas.yaml
    """
    from tarikh import terminal
    from tarikh.gazetteer import open_index
    from tarikh.reference import contested

    areas = contested.checked(file)
    path = _path(index)
    if path.is_file():
        gazetteer = open_index(path)
        for area in areas:
            for name in _not_in_index(area, gazetteer):
                terminal.say(
                    f"warning: {file}: {area.id!r} has {name!r}, which no place of its countries is called in the index"
                )
    terminal.say(
        f"{file} is sound: {len(areas)} contested areas. To use it, put it into the folder `contested` of Tarikh's home"
        " or set TARIKH_CONTESTED"
    )
