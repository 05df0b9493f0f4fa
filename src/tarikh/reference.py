"""What is known before any report is read: codebook, lexicons, countries, party register. Data under `data/`, no rules here.

Invariant: everything is loaded once, read-only, and the same for every report; faulty data raises `MissingError` naming its entry.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import ahocorasick_rs
import yaml

from tarikh.errors import MissingError
from tarikh.text import fold


def data_path(*parts: str) -> Path:
    """A file or folder below the package's `data/`."""
    return Path(str(resources.files("tarikh") / "data")).joinpath(*parts)


def _load(path: Path) -> Any:
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 (a safe loader)
    except FileNotFoundError as error:
        raise MissingError(
            f"{path} is not there: the installation is incomplete, install tarikh again"
        ) from error
    except yaml.YAMLError as error:
        raise MissingError(f"{path} is not valid YAML: {error}") from error


@cache
def languages() -> tuple[str, ...]:
    """ISO 639-1 codes of the languages that have a lexicon folder."""
    return tuple(sorted(p.name for p in data_path("lexicons").iterdir() if (p / "events.yaml").exists()))


@cache
def lexicon(language: str, section: str) -> Mapping[str, Any]:
    """One section (`events`, `parties`, `places`, `dates`, `counts`, `status`) of a language's lexicon.

    Raises `MissingError` when the language has no such file.
    """
    loaded = _load(data_path("lexicons", language, f"{section}.yaml"))
    if not isinstance(loaded, dict):
        raise MissingError(f"lexicon {language}/{section}.yaml must be a mapping")
    return loaded


# --- the codebook's kinds ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of incident: its family, its name for people, and what it is, in the order of precedence."""

    name: str
    family: str
    label: str
    what: str


@cache
def kinds() -> tuple[Kind, ...]:
    """The kinds of the codebook, the one that wins first."""
    rows = _load(data_path("codebook.yaml"))["kinds"]
    return tuple(Kind(name, row["family"], row["label"], row["what"]) for name, row in rows.items())


# --- folding that keeps offsets ---------------------------------------------------------------------------

_SIGNS = {
    **dict.fromkeys("’‘ʼʻ`´ʿʾ′", "'"),
    **dict.fromkeys("-‐‑‒–—", " "),
    **dict.fromkeys("“”«»„‟", '"'),
    "\xa0": " ",
}
_SIGNS |= {"ı": "i", "İ": "i", "ł": "l", "ø": "o", "đ": "d", "ɓ": "b", "ɗ": "d", "ƙ": "k"}


class _Flattening(dict[int, str]):
    """A table for `str.translate` filled as characters are met: one character becomes one character."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        plain = _SIGNS.get(char)
        if plain is None:
            plain = unicodedata.normalize("NFD", char)[0].lower()
            plain = plain if len(plain) == 1 else char
        self[code] = plain
        return plain


_FLATTENING = _Flattening()


def flat(text: str) -> str:
    """The text in lower case, without accents, hyphens as spaces, quotes straight; its length does not change.

    >>> flat("al-Shabaab’s Côte")
    "al shabaab's cote"
    """
    return text.translate(_FLATTENING)


# --- countries --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Country:
    """A country: ISO codes, the codebook's short English `name`, and the words that news use for it.

    `names` holds every name in every language (the short one first); `adjectives` is keyed by language;
    `seats` are words that stand for its government (capital, palace); `forces` names its own forces by
    the role that they are coded with (`military`, `police`, `government`), `home` those that mean them only
    on the spot. `army` is the ISO alpha-3 code of the country whose forces "the army" means there, if another.
    """

    iso2: str
    iso3: str
    name: str
    names: tuple[str, ...]
    adjectives: Mapping[str, tuple[str, ...]]
    seats: tuple[str, ...] = ()
    forces: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    home: tuple[str, ...] = ()
    army: str | None = None


_LANGUAGES = ("en", "fr", "es")
_COUNTRY_KEYS = {"iso2", "name", *_LANGUAGES, "adjectives", "capital", "seats", "forces", "home", "army"}


def _check(entry: str, row: object, known: set[str], file: str) -> Mapping[str, Any]:
    if not isinstance(row, Mapping):
        raise MissingError(f"{file}: {entry} must be a mapping")
    for key in row:
        if key not in known:
            raise MissingError(f"{file}: {entry} has an unknown key {key!r}")
    return row


def _strings(values: object, entry: str, file: str) -> tuple[str, ...]:
    # YAML reads a bare NO, ON or 3 as no string at all: better told than matched never.
    if values is None:
        return ()
    if not isinstance(values, list) or not all(isinstance(v, str) and v.strip() for v in values):
        raise MissingError(f"{file}: {entry} needs a list of quoted words, not {values!r}")
    return tuple(values)


def _country(iso3: str, raw: object) -> Country:
    row = _check(iso3, raw, _COUNTRY_KEYS, "countries.yaml")
    if not isinstance(row.get("name"), str) or not isinstance(row.get("iso2"), str):
        raise MissingError(f"countries.yaml: {iso3} needs a name and an iso2 code, both quoted")
    names = (
        row["name"],
        *(name for code in _LANGUAGES for name in _strings(row.get(code), iso3, "countries.yaml")),
    )
    adjectives = {k: _strings(v, iso3, "countries.yaml") for k, v in (row.get("adjectives") or {}).items()}
    forces = {k: _strings(v, iso3, "countries.yaml") for k, v in (row.get("forces") or {}).items()}
    capital = (row["capital"],) if row.get("capital") else ()
    seats = (*capital, *_strings(row.get("seats"), iso3, "countries.yaml"))
    home = _strings(row.get("home"), iso3, "countries.yaml")
    found = tuple(dict.fromkeys(names))
    return Country(row["iso2"], iso3, row["name"], found, adjectives, seats, forces, home, row.get("army"))


@cache
def countries() -> tuple[Country, ...]:
    """Every country and territory with an ISO code, by alpha-3 code. Raises `MissingError` on faulty data."""
    rows = _load(data_path("countries.yaml"))["countries"]
    return tuple(_country(iso3, rows[iso3]) for iso3 in sorted(rows))


@cache
def _by_code() -> Mapping[str, Country]:
    return {code: c for c in countries() for code in (c.iso3, c.iso2)}


def country(code: str | None) -> Country | None:
    """The country with this ISO alpha-2 or alpha-3 code."""
    return _by_code().get(code.upper()) if code else None


def _index(pairs: Iterable[tuple[str, Country]]) -> Mapping[str, tuple[Country, ...]]:
    found: dict[str, dict[str, Country]] = defaultdict(dict)
    for word, owner in pairs:
        found[fold(word)][owner.iso3] = owner
    return {word: tuple(rows.values()) for word, rows in found.items()}


@cache
def _by_name() -> Mapping[str, tuple[Country, ...]]:
    return _index((name, c) for c in countries() for name in c.names)


@cache
def _by_adjective(language: str) -> Mapping[str, tuple[Country, ...]]:
    return _index((word, c) for c in countries() for word in c.adjectives.get(language, ()))


def country_by_name(name: str) -> Country | None:
    """The country of this name in any language, whatever its case and accents; its ISO codes work as well."""
    found = _by_name().get(fold(name))
    return found[0] if found else country(name.strip()) if len(name.strip()) in (2, 3) else None


def countries_by_adjective(word: str, language: str = "en") -> tuple[Country, ...]:
    """The countries that an adjective or demonym may mean ("Congolese": two), by alpha-3 code."""
    return _by_adjective(language).get(fold(word), ())


# --- the party register -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Use:
    """One name of a party, and where and when it means that party: countries, first-level units, days.

    Empty `countries` and `units` mean anywhere. `strict` names mean nothing outside their countries.
    `role` is set where the party is a country's own force ("UPDF": military, of the one country named).
    """

    text: str
    party: str
    countries: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    strict: bool = False
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """A party of the register: canonical `name` (codebook section 4), other names, where and when it acts.

    `category` is rebel, militia, communal, gang, pmc, political, igo, peacekeepers, coalition or state-force;
    `ucdp` is UCDP's actor id. `aliases` are plain strings in every language; `uses` tell where each holds.
    """

    name: str
    category: str
    aliases: tuple[str, ...] = ()
    uses: tuple[Use, ...] = ()
    countries: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    parent: str | None = None
    successor: str | None = None
    ucdp: int | None = None


@dataclass(frozen=True, slots=True)
class Community:
    """An ethnic or other community whose armed members are `Militia of NAME (X)`."""

    name: str
    words: tuple[str, ...]
    countries: tuple[str, ...] = ()
    nationality: str | None = None


CATEGORIES = frozenset(
    [
        "rebel",
        "militia",
        "communal",
        "gang",
        "pmc",
        "political",
        "igo",
        "peacekeepers",
        "coalition",
        "state-force",
    ]
)
_PARTY_KEYS = {"aliases", "countries", "from", "to", "parent", "successor", "class", "ucdp"}
_USE_KEYS = {"name", "countries", "units", "from", "to"}
_FILE = "parties.yaml"


def _day(value: object, entry: str) -> date | None:
    if value is None or isinstance(value, date):
        return value
    raise MissingError(f"{_FILE}: {entry} has a day that is no ISO date: {value!r}")


def _codes(values: object, entry: str) -> tuple[str, ...]:
    found = _strings(values, entry, _FILE)
    for code in found:
        if code not in _by_code():
            raise MissingError(f"{_FILE}: {entry} names an unknown country {code!r}")
    return found


def _use(raw: object, name: str, row: Mapping[str, Any], region: tuple[str, ...]) -> Use:
    days = _day(row.get("from"), name), _day(row.get("to"), name)
    if isinstance(raw, str):
        return Use(raw, name, region, (), *days)
    entry = _check(name, raw, _USE_KEYS, _FILE)
    text = entry.get("name")
    if not isinstance(text, str):
        raise MissingError(f"{_FILE}: {name} has an alias without a name")
    own = _codes(entry.get("countries"), name)
    days = _day(entry.get("from"), name) or days[0], _day(entry.get("to"), name) or days[1]
    return Use(text, name, own or region, _strings(entry.get("units"), name, _FILE), *days, strict=bool(own))


def _party(name: str, raw: object) -> Party:
    row = _check(name, raw, _PARTY_KEYS, _FILE)
    category = row.get("class")
    if category not in CATEGORIES:
        raise MissingError(f"{_FILE}: {name} has an unknown class {category!r}")
    region = _codes(row.get("countries"), name)
    uses = tuple(_use(alias, name, row, region) for alias in (name, *(row.get("aliases") or ())))
    aliases = tuple(dict.fromkeys(use.text for use in uses[1:]))
    ends = _day(row.get("from"), name), _day(row.get("to"), name)
    return Party(
        name, category, aliases, uses, region, *ends, row.get("parent"), row.get("successor"), row.get("ucdp")
    )


def _apart(left: Use, right: Use) -> bool:
    """Whether country, unit or day tell two uses of one name from each other."""
    if set(left.countries) != set(right.countries) or left.units != right.units:
        return True
    return bool(
        (left.end and right.start and left.end < right.start)
        or (right.end and left.start and right.end < left.start)
    )


def checked(rows: Mapping[str, Any]) -> tuple[Party, ...]:
    """The parties of a register as loaded from YAML. Raises `MissingError` with the entry's name on any fault."""
    parties = tuple(_party(name, row) for name, row in rows.items())
    names = {party.name for party in parties}
    seen: dict[str, list[Use]] = defaultdict(list)
    for party in parties:
        for other in (party.parent, party.successor):
            if other is not None and other not in names:
                raise MissingError(f"{_FILE}: {party.name} has an unknown parent or successor {other!r}")
        for use in party.uses:
            for twin in seen[fold(use.text)]:
                if twin.party != use.party and not _apart(twin, use):
                    raise MissingError(
                        f"{_FILE}: {use.party} and {twin.party} share the name {use.text!r} everywhere"
                    )
            seen[fold(use.text)].append(use)
    return parties


@cache
def parties() -> tuple[Party, ...]:
    """The party register, in the file's order. Raises `MissingError` on faulty data."""
    return checked(_load(data_path("parties.yaml"))["parties"])


@cache
def party(name: str) -> Party | None:
    """The party with this canonical name."""
    return next((p for p in parties() if p.name == name), None)


@cache
def communities() -> tuple[Community, ...]:
    """The communities of the register, in the file's order."""
    rows = _load(data_path("parties.yaml"))["communities"]
    return tuple(
        Community(
            name,
            _strings(row["words"], name, _FILE),
            _codes(row.get("countries"), name),
            row.get("nationality"),
        )
        for name, row in rows.items()
    )


@dataclass(frozen=True, slots=True)
class Named:
    """A register name in a text: half-open range of code points, its words, and what they may mean."""

    start: int
    end: int
    text: str
    uses: tuple[Use, ...]


_FORCES = {"military": "Military of {}", "police": "Police of {}", "government": "Government of {}"}


def _forces() -> Iterable[Use]:
    for owner in countries():
        for role, names in owner.forces.items():
            party_name = _FORCES[role].format(owner.name)
            for name in names:
                yield Use(name, party_name, (owner.iso3,), strict=name in owner.home, role=role)


@cache
def _names() -> tuple[Any, tuple[tuple[str, tuple[Use, ...]], ...]]:
    table: dict[str, list[Use]] = defaultdict(list)
    for entry in parties():
        for use in entry.uses:
            table[flat(use.text)].append(use)
    for use in _forces():
        table[flat(use.text)].append(use)
    rows = tuple((key, tuple(uses)) for key, uses in table.items())
    return ahocorasick_rs.AhoCorasick([key for key, _ in rows]), rows


_SHORT = 3
"""Acronyms up to this length must be written in capitals ("IS", "AA"); longer ones may not ("Unifil")."""


def _written(use: Use, words: str) -> bool:
    """Whether a name is written with the capitals that it needs: "IS" is no "is", "jihadists" may start a sentence."""
    if not any(c.isupper() for c in use.text):
        return True
    if len(use.text) <= _SHORT and sum(c.isupper() for c in use.text) > 1:
        return words == use.text
    return any(c.isupper() or (not c.islower() and c.isalpha()) for c in words)


@lru_cache(maxsize=128)
def named(text: str) -> tuple[Named, ...]:
    """Register names in a text, longest first where they overlap, in the order of the text."""
    plain = flat(text)
    matcher, rows = _names()
    found: list[Named] = []
    for index, start, end in sorted(
        matcher.find_matches_as_indexes(plain, overlapping=True), key=lambda m: (m[1], -m[2])
    ):
        if found and start < found[-1].end:
            continue
        if (start and plain[start - 1].isalnum()) or (end < len(plain) and plain[end].isalnum()):
            continue
        words = text[start:end]
        uses = tuple(use for use in rows[index][1] if _written(use, words))
        if uses and not _shouted(text, start, end, words):
            found.append(Named(start, end, words, uses))
    return tuple(found)


def _shouted(text: str, start: int, end: int, words: str) -> bool:
    """Whether a short acronym stands among words in capitals, where it is likely a plain word ("WHO IS IN")."""
    if len(words) > 2:
        return False
    around = text[max(0, start - 12) : start].split()[-1:] + text[end : end + 12].split()[:1]
    return bool(around) and all(word.isupper() and len(word) > 1 for word in around)


def _fits(use: Use, country: str | None, unit: str | None, day: date | None) -> int | None:
    """How well a use fits a place and a day; None where it cannot."""
    if day and ((use.start and day < use.start) or (use.end and day > use.end)):
        return None
    if use.units:
        if unit is None or country not in use.countries or fold(unit) not in {fold(u) for u in use.units}:
            return None
        return 3
    if country and use.countries:
        return 2 if country in use.countries else (None if use.strict else 0)
    return 0 if use.strict else 1


def meaning(
    uses: Sequence[Use], country: str | None = None, day: date | None = None, unit: str | None = None
) -> str | None:
    """The canonical party that a name means at a place (ISO alpha-3, first-level unit) on a day; None where none."""
    ranked = [
        (fit, -n, use) for n, use in enumerate(uses) if (fit := _fits(use, country, unit, day)) is not None
    ]
    return max(ranked, key=lambda row: row[:2])[2].party if ranked else None


@cache
def weights(name: str) -> Mapping[str, Any]:
    """The weights of a scored table (`status`, `aspect`), as `training/stance.py` writes them."""
    loaded = _load(data_path("weights", f"{name}.json"))
    if not isinstance(loaded, dict):
        raise MissingError(f"weights/{name}.json must be a mapping")
    return loaded
