"""Contested places: the areas of the data files, checked, and those that a resolved place lies in on the days of an incident.

Invariant: files are taken whole or refused whole, with the file, the line and the way out; what is not told stays unknown.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from tarikh.errors import RegisterError
from tarikh.model import Where
from tarikh.reference.areas import Area, Contested, Patch, Point, Tenure, first_day, last_day
from tarikh.reference.countries import by_code, country, country_by_name
from tarikh.reference.entries import Entry, Form, sections
from tarikh.reference.loading import data_path, mapping, shown, strings
from tarikh.settings import Settings
from tarikh.text import fold

FORM = Form(("areas", "authorities"), "contested places", "docs/gazetteers.md")
AREA_KEYS = ("name", "names", "where", "claimed_by", "held_by", "as_of", "source", "note", "drop")
PATCH_KEYS = ("countries", "units", "districts", "places", "box", "outline", "partly")
TENURE_KEYS = ("state", "party", "authority", "from", "to", "part")
_NEEDED = ("name", "where", "claimed_by", "held_by", "as_of", "source")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DATE = re.compile(r"\d{4}(?:-\d\d){0,2}")
_LANGUAGE = re.compile(r"[a-z]{2}")


# --- fields of an entry -----------------------------------------------------------------------------------


def _fault(entry: Entry, key: str | None, told: str) -> RegisterError:
    return RegisterError(f"{entry.at(key)}: {shown(entry.name)} {told}")


def _mapping(entry: Entry, raw: object, known: Sequence[str], what: str) -> Mapping[str, Any]:
    return mapping(raw, known, lambda told, key: _fault(entry, key, f"{what}{told}"))


def _words(entry: Entry, row: Mapping[str, Any], key: str) -> str | None:
    value = row.get(key)
    if value is None or (isinstance(value, str) and value.strip()):
        return value
    raise _fault(entry, key, f"needs words for {key!r}, not {shown(value)}; write them in quotes")


def _date(entry: Entry, row: Mapping[str, Any], key: str, what: str = "") -> str | None:
    """A day, month or year as ISO writes it."""
    value = row.get(key)
    if value is None:
        return None
    bare = isinstance(value, str | int | date) and not isinstance(value, bool | datetime)
    text = str(value) if bare else ""
    try:
        if _DATE.fullmatch(text):
            first_day(text)
            return text
    except ValueError:
        pass
    way = "write a year, month or day: 2014, 2014-03 or 2014-03-18"
    raise _fault(entry, key, f"{what}has {key!r} {shown(value)}, which is no date; {way}")


def _tenure(entry: Entry, raw: object, what: str, authorities: Mapping[str, str]) -> Tenure:
    row = _mapping(entry, raw, TENURE_KEYS, f"in {what} ")
    who = [key for key in TENURE_KEYS[:3] if row.get(key) is not None]
    if len(who) != 1 or not isinstance(row[who[0]], str):
        way = "give one of state: MLI, party: a name of the party register, authority: an id of this file"
        raise _fault(entry, what, f"has {shown(raw)} in {what}, which does not say who; {way}")
    given = row[who[0]]
    name = _who(entry, who[0], given, authorities)
    start, end = _date(entry, row, "from", f"in {what} "), _date(entry, row, "to", f"in {what} ")
    if start and end and first_day(start) > last_day(end):
        raise _fault(
            entry,
            end,
            f"says that {given} is in {what} from {start} to {end}, an end before the beginning; mend one",
        )
    return Tenure(name, **{who[0]: given}, start=start, end=end, part=_words(entry, row, "part"))


def _who(entry: Entry, kind: str, given: str, authorities: Mapping[str, str]) -> str:
    """The name of one who claims or holds; raises `RegisterError` where nobody is called so."""
    if kind == "state":
        _known_country(entry, given)
        found = country(given)
        return found.name if found else given
    if kind == "authority":
        if given not in authorities:
            near = get_close_matches(given, authorities, 1)
            way = f"did you mean {shown(near[0])}?" if near else "add it to the section 'authorities'"
            raise _fault(entry, given, f"names an unknown authority {shown(given)}; {way}")
        return authorities[given]
    # A test has looked at the shipped files: so that an export needs not read the whole register of parties.
    if not entry.shipped:
        _known_party(entry, given)
    return given


def _known_party(entry: Entry, given: str) -> None:
    from tarikh.reference.register import parties, party

    if party(given) is None:
        names = {name: each.name for each in parties() for name in (*each.aliases, each.name)}
        near = get_close_matches(given, names, 1)
        way = (
            f"did you mean {shown(names[near[0]])}?"
            if near
            else "write a canonical name (tarikh parties find), or an entry of 'authorities'"
        )
        raise _fault(entry, given, f"names an unknown party {shown(given)}; {way}")


def _known_country(entry: Entry, code: str) -> None:
    if code not in by_code() or len(code) != 3:
        near = country_by_name(code)
        way = f"write {near.iso3}" if near else "write ISO 3166-1 alpha-3 codes such as MLI"
        raise _fault(entry, code, f"names an unknown country {shown(code)}; {way}")


def _tenures(
    entry: Entry, row: Mapping[str, Any], key: str, authorities: Mapping[str, str]
) -> tuple[Tenure, ...]:
    raw = row.get(key)
    if not isinstance(raw, list):
        raise _fault(entry, key, f"needs a list for {key!r}, [] where nobody does; not {shown(raw)}")
    return tuple(_tenure(entry, each, key, authorities) for each in raw)


# --- where an area is -------------------------------------------------------------------------------------


def _names(entry: Entry, row: Mapping[str, Any], key: str) -> tuple[str, ...]:
    found = strings(row.get(key), lambda told, _: _fault(entry, key, f"at {key!r} {told}"), '["Kidal"]')
    for name in found:
        if not fold(name):
            raise _fault(
                entry, name, f"has {shown(name)} in {key!r}, which has no letter or digit; take it out"
            )
    return found


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _point(entry: Entry, raw: object, key: str) -> Point:
    if not (isinstance(raw, list) and len(raw) == 2 and all(_number(value) for value in raw)):
        raise _fault(entry, key, f"has {shown(raw)} in {key!r}; write each corner as [latitude, longitude]")
    if not (-90 <= raw[0] <= 90 and -180 <= raw[1] <= 180):
        raise _fault(
            entry,
            key,
            f"has {shown(raw)} in {key!r}, which is not on earth; latitude comes first, in degrees",
        )
    return float(raw[0]), float(raw[1])


def _outline(entry: Entry, row: Mapping[str, Any]) -> tuple[Point, ...]:
    box, ring = row.get("box"), row.get("outline")
    if box is not None:
        if ring is not None:
            raise _fault(entry, "box", "has a box and an outline in one place; give two places")
        if not isinstance(box, list) or len(box) != 4:
            raise _fault(entry, "box", f"has box {shown(box)}; write [south, west, north, east] in degrees")
        south, west = _point(entry, box[:2], "box")
        north, east = _point(entry, box[2:], "box")
        if south >= north or west >= east:
            raise _fault(
                entry, "box", f"has box {shown(box)}, which is empty; write [south, west, north, east]"
            )
        return (south, west), (south, east), (north, east), (north, west)
    if ring is None:
        return ()
    if not isinstance(ring, list) or len(ring) < 3:
        raise _fault(
            entry, "outline", "has an outline of less than three corners; write [[latitude, longitude], …]"
        )
    return tuple(_point(entry, corner, "outline") for corner in ring)


def _patch(entry: Entry, raw: object) -> Patch:
    row = _mapping(entry, raw, PATCH_KEYS, "in 'where' ")
    countries = _names(entry, row, "countries")
    if not countries:
        raise _fault(
            entry,
            "where",
            f"has {shown(raw)} in 'where' without countries; give those of the gazetteer: [MLI]",
        )
    for code in countries:
        _known_country(entry, code)
    named = {key: frozenset(fold(n) for n in _names(entry, row, key)) for key in PATCH_KEYS[1:4]}
    outline, partly = _outline(entry, row), row.get("partly", False)
    if not isinstance(partly, bool):
        raise _fault(entry, "partly", f"has partly {shown(partly)}; write true or false")
    if partly and (outline or sum(bool(names) for names in named.values()) != 1):
        raise _fault(
            entry, "partly", "has a partly that needs just units, districts or places; leave the rest out"
        )
    return Patch(frozenset(countries), outline=outline, partly=partly, **named)


# --- building ---------------------------------------------------------------------------------------------


def _local_names(entry: Entry, row: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    raw = row.get("names")
    if raw is None:
        return {}
    if not isinstance(raw, Mapping):
        raise _fault(entry, "names", "needs names by language: {fr: [Crimée]}")
    for language in raw:
        if not isinstance(language, str) or not _LANGUAGE.fullmatch(language):
            raise _fault(
                entry, str(language), f"has names in {shown(language)}; write an ISO 639-1 code in quotes"
            )
    return {language: _names(entry, raw, language) for language in raw}


def _area(layers: Sequence[Entry], authorities: Mapping[str, str]) -> Area | None:
    """An area from its entries, the shipped one first: what later ones give wins. None where the last one drops it."""
    entry = layers[-1]
    if not _ID.fullmatch(entry.name):
        raise _fault(entry, None, "is no id; write small letters, digits and hyphens: kidal-region")
    rows = [_mapping(layer, layer.row, AREA_KEYS, "") for layer in layers]
    drop = rows[-1].get("drop", False)
    if not isinstance(drop, bool) or (drop and (len(rows[-1]) > 1 or len(layers) == 1)):
        raise _fault(
            entry, "drop", "can only be dropped as {drop: true}, and only where an earlier file has it"
        )
    if drop:
        return None
    row = {key: value for layer in rows for key, value in layer.items() if key != "drop"}
    missing = next((key for key in _NEEDED if row.get(key) is None), None)
    if missing is not None:
        raise _fault(entry, None, f"lacks {missing!r}; an area has {', '.join(_NEEDED)}")
    return _made(entry, row, authorities)


def _made(entry: Entry, row: Mapping[str, Any], authorities: Mapping[str, str]) -> Area:
    if not isinstance(row["where"], list) or not row["where"]:
        raise _fault(entry, "where", "needs a list for 'where': [{countries: [MLI], units: [Kidal]}]")
    return Area(
        entry.name,
        _words(entry, row, "name") or "",
        _local_names(entry, row),
        tuple(_patch(entry, raw) for raw in row["where"]),
        _tenures(entry, row, "claimed_by", authorities),
        _tenures(entry, row, "held_by", authorities),
        _date(entry, row, "as_of") or "",
        _words(entry, row, "source") or "",
        _words(entry, row, "note"),
        entry.file,
    )


File = Mapping[str, tuple[Entry, ...]]


def _once(files: Sequence[File]) -> None:
    """Refuses an id that two files of one owner give: which of them should win?"""
    first: dict[tuple[bool, str, str], Entry] = {}
    for file in files:
        for section, entries in file.items():
            for entry in entries:
                other = first.setdefault((entry.shipped, section, entry.name), entry)
                if other is not entry:
                    raise _fault(entry, None, f"stands in two files, first in {other.at()}; make them one")


def built(files: Sequence[File]) -> tuple[Area, ...]:
    """The areas of these files; the user's own entries are laid over the shipped ones. Raises `RegisterError`."""
    _once(files)
    authorities: dict[str, str] = {}
    layers: dict[str, list[Entry]] = defaultdict(list)
    for file in files:
        for entry in file.get("authorities", ()):
            row = _mapping(entry, entry.row, ("name",), "")
            authorities[entry.name] = _words(entry, row, "name") or entry.name
        for entry in file.get("areas", ()):
            layers[entry.name].append(entry)
    made = (_area(rows, authorities) for rows in layers.values())
    return tuple(area for area in made if area is not None)


# --- where the files are ----------------------------------------------------------------------------------


def own_files() -> list[Path]:
    """The user's own files: the file or folder that `TARIKH_CONTESTED` names, else `contested/` in the home folder.

    Raises `RegisterError` where the setting names what is not there.
    """
    settings = Settings()
    where = settings.contested or settings.home / "contested"
    if where.is_dir():
        return sorted(p for p in where.iterdir() if p.suffix in (".yaml", ".yml"))
    if where.exists():
        return [where]
    if settings.contested is not None:
        raise RegisterError(f"TARIKH_CONTESTED names {where}, which is not there; set it anew or unset it")
    return []


@cache
def _shipped() -> tuple[File, ...]:
    paths = sorted(data_path("contested").glob("*.yaml"))
    return tuple(sections(path, FORM, path.name, shipped=True) for path in paths)


@cache
def areas() -> tuple[Area, ...]:
    """The shipped areas with the user's own laid over them. Raises `RegisterError` where a file cannot be used."""
    return built([*_shipped(), *(sections(path, FORM) for path in own_files())])


def checked(path: Path) -> tuple[Area, ...]:
    """Checks one file as if it were the user's own, over the shipped ones alone: the areas that it adds or changes.

    Raises `RegisterError` with file, line and the way out.
    """
    file = sections(path, FORM)
    return tuple(area for area in built([*_shipped(), file]) if area.file == str(path))


@cache
def _by_country() -> Mapping[str, tuple[Area, ...]]:
    found: dict[str, dict[str, Area]] = defaultdict(dict)
    for area in areas():
        for code in {code for patch in area.patches for code in patch.countries}:
            found[code][area.id] = area
    return {code: tuple(rows.values()) for code, rows in found.items()}


def countries() -> Mapping[str, tuple[Area, ...]]:
    """The areas by the countries that a place in them may have. Raises `RegisterError` where a file cannot be used."""
    return _by_country()


@lru_cache(maxsize=4096)
def at(where: Where, start: date | None = None, end: date | None = None) -> tuple[Contested, ...]:
    """The contested areas that a place lies in, in the order of the files, with those who claim and hold them on the days
    from `start` to `end` (inclusive); where the days are not known, with all of them, each with its dates.

    Empty for a place of precision country or unknown. Raises `RegisterError` where a file cannot be used.
    """
    if where.country is None or where.precision in ("country", "unknown"):
        return ()
    pairs = ((area, area.lies(where)) for area in _by_country().get(where.country, ()))
    return tuple(area.seen(lies, start, end or start) for area, lies in pairs if lies is not None)
