"""What a person typed: days, sources, filters and exports; names to codes, places to points, suffixes to forms.

Invariant: a name that means nothing or too much is refused with the names that would do; nothing is guessed.
"""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from tarikh import history, queries, reading, reference
from tarikh.disclosure import Shown, flat
from tarikh.disclosure.sight import Sight
from tarikh.errors import UsageError
from tarikh.gazetteer import Place, open_index
from tarikh.model import Document, Problem
from tarikh.queries import Filter
from tarikh.settings import Settings
from tarikh.store import Store, open_store

if TYPE_CHECKING:
    from tarikh.exports.coded import Written
    from tarikh.exports.taking import Order, Taken
    from tarikh.sources import ReadOptions

DEFAULT_RADIUS_KM = 25.0
_CITY = 50_000
"""People from which a town is meant where its namesakes abroad are hamlets of a full dump."""
_FORM_OF_SUFFIX = {".html": "html", ".htm": "html"}


def chronicle(path: Path | None, must_exist: bool = False) -> Store:
    """The database that was named, or the user's. Raises `UsageError` where it must exist and does not."""
    where = path or Settings().database_path()
    if must_exist and not where.exists():
        raise UsageError(
            f"there is no database at {where} yet; type: tarikh add FILE… (or name one with --db)"
        )
    where.parent.mkdir(parents=True, exist_ok=True)
    return open_store(where)


def who(by: str | None) -> str:
    """Under which name rows are kept. Raises `UsageError` where nobody can be found out."""
    named = by if by is not None else Settings().user
    if named is not None:
        return named
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        raise UsageError(
            "the system does not say who you are; give a name with --by or TARIKH_USER"
        ) from None


def as_of(store: Store, text: str | None) -> tuple[queries.Chronicle, str | None]:
    """The store as it was at the moment that `--as-of` was given, and a sentence where it held nothing by then.

    Without one it is the store as it is. Raises `UsageError` where it is no moment, or in the future.
    """
    if text is None:
        return store, None
    then = history.moment(text, "--as-of", datetime.now(UTC))
    return history.AsOf(store, then), history.emptiness(store, then)


def day(text: str | None, option: str) -> date | None:
    """The day that an option was given. Raises `UsageError` where it is none."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text!r} is no date; write it as 2025-03-14") from None


def day_of_publication(text: str | None, today: date) -> date | None:
    """The day that undated reports are to have, refused once here where every report would be."""
    given = day(text, "--published")
    if given is not None and not reading.EARLIEST <= given <= today + reading.AHEAD:
        side = "in the future" if given > today else "before there was such news"
        raise UsageError(f"--published {given} is {side}; give the day on which the reports were published")
    return given


def read_options(
    columns: Sequence[str] | None, form: str | None, encoding: str | None, allow_private: bool
) -> ReadOptions:
    """How to read. `columns` are `field=column`. Raises `UsageError` where something does not exist."""
    from tarikh.sources import (
        ReadOptions,
    )  # late: it brings the network's libraries, which `list` never needs
    from tarikh.sources.options import check

    pairs = {}
    for entry in columns or ():
        name, separator, column = entry.partition("=")
        if not separator or not name or not column:
            raise UsageError(f"--map {entry!r} is not field=column; write for example --map title=headline")
        pairs[name] = column
    options = ReadOptions(columns=pairs, format=form, encoding=encoding, allow_private=allow_private)
    check(options)
    return options


def documents(sources: Sequence[str], options: ReadOptions) -> Iterator[Document | Problem]:
    """What the sources hold, one after the other. Raises `UsageError` where a name is empty."""
    if not all(source.strip() for source in sources):
        # An unset variable of a script; as a path it would be the whole current folder.
        raise UsageError(
            "the name of a source is empty; give a file, a folder, an address, or - for standard input"
        )
    return _all(sources, options)


def _all(sources: Sequence[str], options: ReadOptions) -> Iterator[Document | Problem]:
    from tarikh import sources as readers

    stdin = sys.stdin.buffer if sys.stdin is not None else None
    for source in sources:
        yield from readers.read(source, options, stdin if source == "-" else None)


def kept(path: Path | None) -> Store:
    """The database that is named, or the user's, where it is there already. Raises `UsageError` where it is not."""
    where = path or Settings().database_path()
    if not where.exists():
        raise UsageError(
            f"there is no database at {where} yet; type: tarikh add FILE… (or name one with --db)"
        )
    return open_store(where)


def country_code(name: str) -> str:
    """The ISO alpha-3 code of a code or name. Raises `UsageError` when no country is called so."""
    found = reference.country(name.upper()) or reference.country_by_name(name)
    if found is None:
        raise UsageError(
            f"no country is called {name!r}; write an ISO code such as MLI or an English name such as Mali"
        )
    return found.iso3


def town(name: str, countries: Sequence[str], index: Path | None) -> Place:
    """The town of a name, in one of the countries where they are given. Raises `UsageError` where there is none, or several."""
    rows = open_index(index or Settings().gazetteer_path()).find(name)
    towns = [p for p in rows if p.level == "town" and (not countries or p.country in countries)]
    if not towns:
        raise UsageError(
            f"the gazetteer has no town called {name!r}; look for spellings with: tarikh gazetteer find {name!r}"
        )
    nations = list(dict.fromkeys(p.country for p in towns if p.matched == towns[0].matched))
    people = [max(p.population or 0 for p in towns if p.country == nation) for nation in nations]
    if len(nations) > 1 and people[0] < max(_CITY, 20 * max(people[1:])):
        raise UsageError(
            f"{name!r} is in {', '.join(nations[:6])}; give the country as well, such as {nations[0]}"
        )
    return towns[0]


def filter_of(
    country: Sequence[str] | None = None,
    place: str | None = None,
    radius: float | None = None,
    since: str | None = None,
    until: str | None = None,
    kind: Sequence[str] | None = None,
    party: Sequence[str] | None = None,
    min_killed: int | None = None,
    status: Sequence[str] | None = None,
    review: Sequence[str] | None = None,
    limit: int | None = None,
    index: Path | None = None,
    source: Sequence[str] | None = None,
    admin1: Sequence[str] | None = None,
    text: str | None = None,
) -> Filter:
    """A filter of what was typed. `radius` is in kilometers. Raises `UsageError` with what would be right."""
    countries = tuple(country_code(name) for name in country or ())
    point = None
    if place is not None:
        found = town(place, countries, index)
        radius = DEFAULT_RADIUS_KM if radius is None else radius
        point, place = (found.latitude, found.longitude), found.name
    return Filter(
        countries=countries,
        place=place,
        point=point,
        radius_km=radius,
        since=day(since, "--since"),
        until=day(until, "--until"),
        kinds=tuple(kind or ()),
        parties=tuple(party or ()),
        minimum_killed=min_killed,
        status=tuple(status or ()),
        review=tuple(review) if review else Filter().review,
        limit=limit,
        sources=tuple(source or ()),
        admin1=tuple(admin1 or ()),
        text=text,
    )


def _form(destination: Path, form: str | None) -> str:
    from tarikh.exports import FORMATS, taking

    by_suffix = {export.suffix: name for name, export in reversed(list(FORMATS.items()))} | _FORM_OF_SUFFIX
    suffixes = sorted((s for s in by_suffix if destination.name.lower().endswith(s)), key=len)
    wanted = form or (by_suffix[suffixes[-1]] if suffixes else None)
    if wanted not in (*FORMATS, taking.HTML):
        raise UsageError(
            f"--format is one of {', '.join((*FORMATS, taking.HTML))}; {destination.name!r} does not say which"
        )
    return wanted


def export(
    store: queries.Chronicle,
    wanted: Filter,
    destination: Path,
    form: str | None,
    by: str,
    figures: str = queries.DEFAULT_FIGURES,
    level: str | None = None,
    license_: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Taken:
    """Writes the incidents that a filter finds, as the disclosure policy shows them at a level, and enters it in the log.

    `by` is `user:NAME`. Raises `UsageError` where there is no such level or form, `ForbiddenError` where the filter asks
    for what it withholds.
    """
    from tarikh.exports import FORMATS, taking  # late: they bring libraries that `list` never needs

    name = _form(destination, form)
    kept, sight, order = _ordered(store, wanted, name, by, figures, level, license_)
    flat_only = name in FORMATS and FORMATS[name].flat
    if store is not kept or figures != queries.DEFAULT_FIGURES or name == taking.HTML:
        shown = _at_once(store, wanted, figures, sight, flat_only)
        if flat_only:
            return taking.take(kept, sight, order, destination, flat.rows_of(shown))
        return taking.take_whole(kept, sight, order, destination, [shown])
    if flat_only:
        return taking.take(kept, sight, order, destination, flat.rows(sight, wanted, progress))
    return taking.take_whole(kept, sight, order, destination, flat.wholes(sight, wanted, progress=progress))


def export_coded(
    store: queries.Chronicle,
    wanted: Filter,
    destination: Path,
    form: str | None,
    by: str,
    codebook: str,
    figures: str = queries.DEFAULT_FIGURES,
    level: str | None = None,
    license_: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Written:
    """As `export`, as rows of another codebook; what it cannot express is told in a file beside it (`exports.coded`)."""
    from tarikh import codebooks
    from tarikh.exports import coded, taking

    name = coded.chosen(codebooks.codebook(codebook), destination, form)  # before all that takes long
    kept, sight, order = _ordered(store, wanted, f"{codebook} {name}", by, figures, level, license_)
    if store is not kept or figures != queries.DEFAULT_FIGURES:
        portions = iter([_at_once(store, wanted, figures, sight, True)])
    else:
        portions = flat.wholes(sight, wanted, progress=progress)
    return taking.take_coded(kept, sight, order, destination, portions, codebook, name)


def _ordered(
    store: queries.Chronicle,
    wanted: Filter,
    form: str,
    by: str,
    figures: str,
    level: str | None,
    license_: str | None,
) -> tuple[Store, Sight, Order]:
    """The database itself, what a level may see of it, and what is asked for, as the log of exports has it."""
    from tarikh.exports import taking

    settings, now = Settings(), datetime.now(UTC)
    kept = _kept(store)
    sight = taking.sight_of(kept, level or settings.disclosure, now)
    also = {} if figures == queries.DEFAULT_FIGURES else {"figures": figures}
    asked = _asked(wanted, store) | also
    told, query = _in_words(asked), _query(asked)
    order = taking.Order(form, by, told, query, license_ or settings.license, now.replace(microsecond=0))
    return kept, sight, order


def _kept(store: queries.Chronicle) -> Store:
    kept = store.store if isinstance(store, history.AsOf) else store
    assert isinstance(kept, Store), "files are written of a database"
    return kept


def shown_at(
    store: queries.Chronicle, wanted: Filter, level: str, figures: str, now: datetime, flat_only: bool = False
) -> Shown:
    """The incidents that a filter finds, with mentions and reports, as the policy shows them at a level; `flat_only` without words.

    Raises `ForbiddenError` where the filter asks for what the level withholds.
    """
    from tarikh.exports import taking

    return _at_once(store, wanted, figures, taking.sight_of(_kept(store), level, now), flat_only)


def _at_once(store: queries.Chronicle, wanted: Filter, figures: str, sight: Sight, flat_only: bool) -> Shown:
    """What must be in memory as a whole: the past, other figures, the page."""
    placed = sight.asks_place(wanted)
    found = queries.find(store, wanted, figures)
    now = isinstance(store, Store)
    shown = sight.all(found, flat_only) if now else flat.of_chronicle(store, found, sight, flat_only)
    return shown.placed() if placed else shown


def _query(asked: Mapping[str, object]) -> str:
    pairs = [
        (name, v) for name, value in asked.items() for v in (value if isinstance(value, tuple) else [value])
    ]
    return urlencode([(name, str(value)) for name, value in pairs], errors="replace")


_NAMES: Mapping[str, str] = {
    "countries": "country",
    "radius_km": "radius",
    "kinds": "kind",
    "parties": "party",
    "minimum_killed": "min_killed",
    "sources": "source",
    "areas": "area",
    "place_precision": "precision",
    "has_toll": "toll",
}
"""Conditions whose names in an address of the pages, and as options, are others than in a filter."""


def _in_words(asked: Mapping[str, object]) -> str:
    """What was asked for, for people: "country: MLI, NER; since: 2025-01-01"."""
    told = {
        name.replace("_", " "): ", ".join(map(str, value)) if isinstance(value, tuple) else value
        for name, value in asked.items()
    }
    return "; ".join(f"{name}: {value}" for name, value in told.items())


def _asked(wanted: Filter, store: queries.Chronicle) -> dict[str, object]:
    usual = Filter()
    then = {"as_of": store.then.isoformat()} if isinstance(store, history.AsOf) else {}
    return then | {
        _NAMES.get(name, name): value
        for name in wanted.__slots__
        if (value := getattr(wanted, name)) not in (None, (), 0) and value != getattr(usual, name)
    }
