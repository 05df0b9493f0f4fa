"""What a person typed as a filter, and exports of what it finds: names to codes, places to points, suffixes to forms.

Invariant: a name that means nothing or too much is refused with the names that would do; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from tarikh import queries, reference
from tarikh.errors import UsageError
from tarikh.exports import FORMATS, context, page
from tarikh.gazetteer import Place, open_index
from tarikh.queries import Filter
from tarikh.settings import Settings
from tarikh.store import Store

DEFAULT_RADIUS_KM = 25.0
_FORM_OF_SUFFIX = {".html": "html", ".htm": "html"}


def country_code(name: str) -> str:
    """The ISO alpha-3 code of a code or name. Raises `UsageError` when no country is called so."""
    found = reference.country(name.upper()) or reference.country_by_name(name)
    if found is None:
        raise UsageError(
            f"no country is called {name!r}; write an ISO code such as MLI or an English name such as Mali"
        )
    return found.iso3


def _town(name: str, countries: Sequence[str], index: Path | None) -> Place:
    rows = open_index(index or Settings().gazetteer_path()).find(name)
    towns = [p for p in rows if p.level == "town" and (not countries or p.country in countries)]
    if not towns:
        raise UsageError(
            f"the gazetteer has no town called {name!r}; look for spellings with: tarikh gazetteer find {name!r}"
        )
    nations = list(dict.fromkeys(p.country for p in towns if p.matched == towns[0].matched))
    if len(nations) > 1:
        raise UsageError(f"{name!r} is in {', '.join(nations[:6])}; say which with --country {nations[0]}")
    return towns[0]


def filter_of(
    country: Sequence[str] | None = None,
    place: str | None = None,
    radius: float | None = None,
    since: date | None = None,
    until: date | None = None,
    kind: Sequence[str] | None = None,
    party: Sequence[str] | None = None,
    min_killed: int | None = None,
    status: Sequence[str] | None = None,
    limit: int | None = None,
    index: Path | None = None,
) -> Filter:
    """A filter of what was typed. `radius` is in kilometers. Raises `UsageError` with what would be right."""
    countries = tuple(country_code(name) for name in country or ())
    point = None
    if place is not None:
        town = _town(place, countries, index)
        point, radius, place = (town.latitude, town.longitude), radius or DEFAULT_RADIUS_KM, town.name
    return Filter(
        countries=countries,
        place=place,
        point=point,
        radius_km=radius,
        since=since,
        until=until,
        kinds=tuple(kind or ()),
        parties=tuple(party or ()),
        minimum_killed=min_killed,
        status=tuple(status or ()),
        limit=limit,
    )


def _form(destination: Path, form: str | None) -> str:
    by_suffix = {export.suffix: name for name, export in reversed(list(FORMATS.items()))} | _FORM_OF_SUFFIX
    wanted = form or by_suffix.get(destination.suffix.lower())
    if wanted not in (*FORMATS, "html"):
        raise UsageError(
            f"--format is one of {', '.join((*FORMATS, 'html'))}; {destination.name!r} does not say which"
        )
    return wanted


def export(store: Store, wanted: Filter, destination: Path, form: str | None) -> int:
    """Writes the incidents that a filter finds, with their evidence; returns how many."""
    name = _form(destination, form)
    found = queries.find(store, wanted)
    members = [member for incident in found for member in incident.members]
    mentions = store.mentions(ids=members, all_coders=True)
    reports = list(store.reports(dict.fromkeys(m.report_id for m in mentions)))
    made = datetime.now(UTC).replace(microsecond=0)
    if name == "html":
        page.write(found, mentions, reports, destination, "Tarikh")
    else:
        asked = "; ".join(f"{k}={v}" for k, v in _asked(wanted).items())
        FORMATS[name].write(found, destination, context(mentions, reports, filters=asked, made=made))
    return len(found)


def _asked(wanted: Filter) -> dict[str, object]:
    return {name: value for name in wanted.__slots__ if (value := getattr(wanted, name)) not in (None, (), 0)}
