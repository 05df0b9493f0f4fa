"""Countries and territories: codes, names, adjectives, seats of government and the names of their own forces.

Invariant: a word may mean several countries, and then all are given; nothing is chosen here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import ahocorasick_rs

from tarikh.errors import MissingError
from tarikh.reference.loading import data_path, flat, load, mapping, strings
from tarikh.text import fold


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
_COUNTRY_KEYS = ("iso2", "name", *_LANGUAGES, "adjectives", "capital", "seats", "forces", "home", "army")


def _country(iso3: str, raw: object) -> Country:
    def fault(told: str, _: str | None = None) -> MissingError:
        return MissingError(f"countries.yaml: {iso3} {told}")

    row = mapping(raw, _COUNTRY_KEYS, fault)
    if not isinstance(row.get("name"), str) or not isinstance(row.get("iso2"), str):
        raise fault("needs a name and an iso2 code, both quoted")
    names = (row["name"], *(name for code in _LANGUAGES for name in strings(row.get(code), fault)))
    adjectives = {k: strings(v, fault) for k, v in (row.get("adjectives") or {}).items()}
    forces = {k: strings(v, fault) for k, v in (row.get("forces") or {}).items()}
    capital = (row["capital"],) if row.get("capital") else ()
    seats = (*capital, *strings(row.get("seats"), fault))
    home = strings(row.get("home"), fault)
    found = tuple(dict.fromkeys(names))
    return Country(row["iso2"], iso3, row["name"], found, adjectives, seats, forces, home, row.get("army"))


@cache
def countries() -> tuple[Country, ...]:
    """Every country and territory with an ISO code, by alpha-3 code. Raises `MissingError` on faulty data."""
    rows = load(data_path("countries.yaml"))["countries"]
    return tuple(_country(iso3, rows[iso3]) for iso3 in sorted(rows))


@cache
def by_code() -> Mapping[str, Country]:
    """Countries by alpha-2 and alpha-3 code."""
    return {code: c for c in countries() for code in (c.iso3, c.iso2)}


def country(code: str | None) -> Country | None:
    """The country with this ISO alpha-2 or alpha-3 code."""
    return by_code().get(code.upper()) if code else None


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


@cache
def _by_seat() -> Mapping[str, tuple[Country, ...]]:
    return _index((seat, c) for c in countries() for seat in c.seats)


def country_by_seat(word: str) -> Country | None:
    """The country whose government a word stands for ("Moscow"), where it stands for one only."""
    found = _by_seat().get(fold(word), ())
    return found[0] if len(found) == 1 else None


def countries_by_adjective(word: str, language: str = "en") -> tuple[Country, ...]:
    """The countries that an adjective or demonym may mean ("Congolese": two), by alpha-3 code."""
    return _by_adjective(language).get(fold(word), ())


@cache
def militaries() -> Mapping[str, Country]:
    """Every state by the name of its armed forces ("Military of Syria"), into which a party may be taken."""
    return {f"Military of {owner.name}": owner for owner in countries()}


# --- countries in text ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """A country's name, adjective or seat in a text: half-open range of code points, and the countries it may mean."""

    start: int
    end: int
    countries: tuple[Country, ...]


@cache
def _words() -> tuple[Any, tuple[tuple[tuple[str, Country], ...], ...]]:
    """Every word for a country in every language, as a matcher and for each the spellings that it stands for."""
    table: dict[str, list[tuple[str, Country]]] = defaultdict(list)
    for owner in countries():
        adjectives = (word for words in owner.adjectives.values() for word in words)
        for word in dict.fromkeys((*owner.names, *owner.seats, *adjectives)):
            table[flat(word)].append((word, owner))
    return ahocorasick_rs.AhoCorasick(list(table)), tuple(tuple(rows) for rows in table.values())


def _as_written(spelling: str, words: str) -> bool:
    """Whether a word has the capitals that it needs: "Turkey" is no "turkey", "US" neither "us" nor "Us"."""
    if spelling.isupper():
        return words.isupper()
    return words[0].isupper() or not spelling[0].isupper()


def told_countries(text: str) -> Iterator[Told]:
    """Names, adjectives and seats of countries in a text, in every language, in the order of the text.

    The longest wins where they overlap: "South Sudan" is no "Sudan", "Papua New Guinea" no "Guinea".
    """
    plain = flat(text)
    matcher, rows = _words()
    ends = 0
    matches = matcher.find_matches_as_indexes(plain, overlapping=True)
    for index, start, end in sorted(matches, key=lambda match: (match[1], -match[2])):
        inside = (start and plain[start - 1].isalnum()) or (end < len(plain) and plain[end].isalnum())
        if start < ends or inside:
            continue
        found = {c.iso3: c for spelling, c in rows[index] if _as_written(spelling, text[start:end])}
        if found:
            ends = end
            yield Told(start, end, tuple(found.values()))
