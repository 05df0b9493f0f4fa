"""The party register as records: parties, their names with where and when each holds, communities; built from files and checked.

Invariant: a register is taken whole or refused whole, with the file, the line and the way out; no entry is dropped in silence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from tarikh.errors import RegisterError
from tarikh.reference.claims import check_kin, check_names
from tarikh.reference.countries import by_code, country_by_name
from tarikh.reference.entries import Entry, File, read
from tarikh.reference.loading import data_path, flat, languages, lexicon, mapping, shown, strings
from tarikh.reference.members import Community, Party, Use
from tarikh.settings import Settings
from tarikh.text import fold


@dataclass(frozen=True, slots=True)
class Register:
    """Parties and communities, in the order of the files."""

    parties: tuple[Party, ...]
    communities: tuple[Community, ...]


CATEGORIES = (
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
)
PARTY_KEYS = (
    "class",
    "ucdp",
    "countries",
    "from",
    "to",
    "parent",
    "successor",
    "inherits",
    "aliases",
    "local",
    "drop",
)
USE_KEYS = ("name", "countries", "units", "from", "to", "told")
COMMUNITY_KEYS = ("words", "countries", "nationality")


# --- fields of an entry -----------------------------------------------------------------------------------


def _keys(entry: Entry, row: object, known: Sequence[str], what: str) -> Mapping[str, Any]:
    return mapping(row, known, lambda told, key: RegisterError(f"{entry.at(key)}: {what} {told}"))


def _strings(entry: Entry, row: Mapping[str, Any], key: str, what: str) -> tuple[str, ...]:
    example = '["MLI", "NER"]' if key == "countries" else '["NO", "3R"]'

    def fault(told: str, _: str | None) -> RegisterError:
        return RegisterError(f"{entry.at(key)}: {key!r} of {what} {told}")

    return strings(row.get(key), fault, example)


def _name(entry: Entry, text: str, what: str) -> str:
    """A name that can be looked for: one with a letter or digit."""
    if not fold(text):
        raise RegisterError(
            f"{entry.at(text)}: {what} is {shown(text)}, which has no letter or digit; write a name or take it out"
        )
    return text


def _codes(entry: Entry, row: Mapping[str, Any], what: str) -> tuple[str, ...]:
    found = _strings(entry, row, "countries", what)
    for code in found:
        if code not in by_code() or len(code) != 3:
            near = country_by_name(code)
            way = f"write {near.iso3}" if near else "write ISO 3166-1 alpha-3 codes such as MLI"
            raise RegisterError(f"{entry.at(code)}: {what} names an unknown country {shown(code)}; {way}")
    return found


def _day(entry: Entry, row: Mapping[str, Any], key: str, what: str) -> date | None:
    value = row.get(key)
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    raise RegisterError(
        f"{entry.at(key)}: {key!r} of {what} is no day: {shown(value)}; write it as 2017-03-02"
    )


def _days(
    entry: Entry, row: Mapping[str, Any], what: str, outer: tuple[date | None, date | None] = (None, None)
) -> tuple[date | None, date | None]:
    start = _day(entry, row, "from", what) or outer[0]
    end = _day(entry, row, "to", what) or outer[1]
    if start and end and start > end:
        raise RegisterError(f"{entry.at('to')}: {what} ends on {end}, before it begins on {start}; mend one")
    return start, end


def _other(entry: Entry, row: Mapping[str, Any], key: str) -> str | None:
    value = row.get(key)
    if value is None or (isinstance(value, str) and value.strip()):
        return value
    raise RegisterError(
        f"{entry.at(key)}: {key!r} of {shown(entry.name)} must be the name of a party, not {shown(value)}"
    )


# --- names that say too little ----------------------------------------------------------------------------


@cache
def _common_words() -> frozenset[str]:
    """Words that any report may have: the party lexicons' common nouns and what stands around them, in every language."""
    found: set[str] = set()
    for language in languages():
        raw = lexicon(language, "parties")
        lists = [*raw["heads"].values(), *raw["loose"].values(), *raw["things"].values()]
        marks = (
            "armed_modifiers",
            "determiners",
            "definite",
            "of",
            "and",
            "breaks",
            "modifiers",
            "quantities",
        )
        for words in (*lists, *(raw[mark] for mark in marks)):
            found.update(fold(str(word)) for word in words)
    # Some lexicons have a group's name as a word for its members: "un taliban".
    return frozenset(found - {fold(entry.name) for file in _shipped() for entry in file.parties})


def _too_common(text: str) -> bool:
    """Whether a name has nothing of its own: only words of any report, written as such or alone ("fighters", "Volunteers")."""
    words = fold(text).split()
    written_as_name = any(c.isupper() for c in text[1:]) or (len(words) > 1 and text[0].isupper())
    return not written_as_name and all(
        w.rstrip("s") in _common_words() or w in _common_words() for w in words
    )


# --- building ---------------------------------------------------------------------------------------------


def _use(
    raw: object, at: str, entry: Entry, region: tuple[str, ...], days: tuple[date | None, date | None]
) -> Use:
    """The use that one alias tells; `at` is where it stands."""
    name, owner = entry.name, shown(entry.name)
    if isinstance(raw, str):
        return Use(_name(entry, raw, f"an alias of {owner}"), name, region, (), *days)
    if not isinstance(raw, Mapping):
        raise RegisterError(
            f'{at}: an alias of {owner} must be a text or {{name: …}}, not {shown(raw)}; quote it, as in ["NO", "3R"]'
        )
    row = _keys(entry, raw, USE_KEYS, f"an alias of {owner}")
    text = row.get("name")
    if not isinstance(text, str):
        raise RegisterError(
            f"{at}: {owner} has an alias without a name; give it as name: … (a text, in quotes)"
        )
    _name(entry, text, f"an alias of {owner}")
    what = f"the alias {shown(text)} of {owner}"
    own, units = _codes(entry, row, what), _strings(entry, row, "units", what)
    if units and not own:
        raise RegisterError(f"{entry.at(text)}: {what} has units but no countries; say whose units they are")
    told = row.get("told", False)
    if not isinstance(told, bool) or (told and not own):
        raise RegisterError(
            f"{entry.at('told')}: 'told' of {what} must be true or false, and only where it has countries"
        )
    return Use(text, name, own or region, units, *_days(entry, row, what, days), strict=bool(own), told=told)


def _uses(entry: Entry, party: Party, row: Mapping[str, Any]) -> Iterator[Use]:
    """The names that one entry gives a party."""
    days = party.start, party.end
    aliases = row.get("aliases")
    aliases = [] if aliases is None else aliases
    if not isinstance(aliases, list):
        raise RegisterError(f"{entry.at('aliases')}: 'aliases' of {shown(party.name)} must be a list")
    yield Use(_name(entry, party.name, "a party's name"), party.name, party.countries, (), *days)
    for n, raw in enumerate(aliases):
        use = _use(raw, entry.item("aliases", n), entry, party.countries, days)
        if not use.strict and not entry.shipped and _too_common(use.text):
            raise RegisterError(
                f"{entry.at(use.text)}: the alias {shown(use.text)} of {shown(party.name)} is made of common words and would be found"
                f" everywhere; restrict it: {{name: {shown(use.text)}, countries: [MLI]}}"
            )
        yield use
    for text in _strings(entry, row, "local", shown(party.name)):
        if not party.countries:
            raise RegisterError(
                f"{entry.at('local')}: {shown(party.name)} has local names but no countries; give them"
            )
        _name(entry, text, f"a local name of {shown(party.name)}")
        yield Use(text, party.name, party.countries, (), *days, strict=True)


def _check_marks(entry: Entry, row: Mapping[str, Any], what: str) -> None:
    ucdp, inherits = row.get("ucdp"), row.get("inherits", False)
    if ucdp is not None and (not isinstance(ucdp, int) or isinstance(ucdp, bool) or ucdp < 0):
        raise RegisterError(
            f"{entry.at('ucdp')}: 'ucdp' of {what} must be the number of an actor, not {shown(ucdp)}"
        )
    if not isinstance(inherits, bool):
        raise RegisterError(
            f"{entry.at('inherits')}: 'inherits' of {what} must be true or false, not {shown(inherits)}"
        )
    if inherits and row.get("parent") is None:
        raise RegisterError(
            f"{entry.at('inherits')}: {what} inherits but has no parent; give it one or take 'inherits' out"
        )


def _kept(uses: Mapping[Use, None], layer: Entry, row: Mapping[str, Any], what: str) -> dict[Use, None]:
    """The uses of earlier files that an entry does not drop; each that it drops must be there."""
    dropped = {flat(text): text for text in _strings(layer, row, "drop", what)}
    names = [use.text for use in uses if use.text != layer.name]
    there = {flat(text) for text in names}
    gone = next((text for key, text in dropped.items() if key not in there), None)
    if gone is not None:
        near = get_close_matches(gone, names, 1)
        way = f"did you mean {shown(near[0])}?" if near else "take it out"
        raise RegisterError(
            f"{layer.at(gone)}: {what} drops {shown(gone)}, which no earlier file gives it; {way}"
        )
    return {use: None for use in uses if flat(use.text) not in dropped or use.text == layer.name}


def _party(layers: Sequence[Entry]) -> Party:
    """A party from its entries, the shipped one first: later fields win, names add up, `drop` takes names away."""
    entry, name, what = layers[-1], layers[-1].name, shown(layers[-1].name)
    rows = [_keys(layer, layer.row, PARTY_KEYS, what) for layer in layers]
    row = {key: value for layer in rows for key, value in layer.items()}
    if row.get("class") not in CATEGORIES:
        raise RegisterError(
            f"{entry.at('class')}: {what} has an unknown class {shown(row.get('class'))}; it is one of {', '.join(CATEGORIES)}"
        )
    _check_marks(entry, row, what)
    start, end = _days(entry, row, what)
    party = Party(
        name,
        row["class"],
        countries=_codes(entry, row, what),
        start=start,
        end=end,
        parent=_other(entry, row, "parent"),
        successor=_other(entry, row, "successor"),
        ucdp=row.get("ucdp"),
        source=entry.file,
    )
    uses: dict[Use, None] = {}
    for layer, own in zip(layers, rows, strict=True):
        uses = _kept(uses, layer, own, what)
        uses |= dict.fromkeys(_uses(layer, party, own))
    aliases = tuple(dict.fromkeys(use.text for use in uses if use.text != name))
    return replace(party, aliases=aliases, uses=tuple(uses))


def _community(layers: Sequence[Entry]) -> Community:
    entry, what = layers[-1], f"the community {shown(layers[-1].name)}"
    row = _keys(entry, entry.row, COMMUNITY_KEYS, what)
    words = _strings(entry, row, "words", what)
    if not words:
        raise RegisterError(f"{entry.at()}: {what} has no words; give words: [{shown(entry.name)}]")
    for word in (_name(entry, entry.name, "a community's name"), *words):
        _name(entry, word, f"a word of {what}")
        if not entry.shipped and fold(word) in _common_words():
            raise RegisterError(
                f"{entry.at(word)}: {shown(word)} of {what} is a common word and would be found everywhere; take it out"
            )
    whose = row.get("nationality")
    if whose is not None and (not isinstance(whose, str) or whose not in by_code()):
        raise RegisterError(
            f"{entry.at('nationality')}: {what} has an unknown nationality {shown(whose)};"
            " write one ISO 3166-1 alpha-3 code such as MLI"
        )
    return Community(entry.name, words, _codes(entry, row, what), whose)


def _inherited(parties: Sequence[Party], inherits: frozenset[str]) -> Iterator[Party]:
    """The parties, those that inherit with their parent's names in their own countries and time."""
    by_name = {party.name: party for party in parties}
    for party in parties:
        if party.name in inherits and party.parent is not None:
            mine = {flat(use.text) for use in party.uses}
            names = [
                use.text
                for use in by_name[party.parent].uses
                if not use.strict and flat(use.text) not in mine
            ]
            days = party.start, party.end
            more = (Use(text, party.name, party.countries, (), *days, strict=True) for text in names)
            yield replace(party, uses=(*party.uses, *more))
        else:
            yield party


def built(files: Sequence[File]) -> Register:
    """The register of these files; a later file adds to the entries of those before. Raises `RegisterError`."""
    layers: dict[str, list[Entry]] = defaultdict(list)
    people: dict[str, list[Entry]] = defaultdict(list)
    for file in files:
        for entry in file.parties:
            layers[entry.name].append(entry)
        for entry in file.communities:
            people[entry.name].append(entry)
    entries = {name: rows[-1] for name, rows in layers.items()}
    parties = [_party(rows) for rows in layers.values()]
    check_kin(parties, entries)
    inherits = frozenset(n for n, rows in layers.items() if any(r.row.get("inherits") for r in rows))
    parties = list(_inherited(parties, inherits))
    check_names(parties, entries)
    return Register(tuple(parties), tuple(_community(rows) for rows in people.values()))


# --- where the files are ----------------------------------------------------------------------------------


def shipped_files() -> list[Path]:
    """The files of the register that comes with Tarikh."""
    return sorted(data_path("parties").glob("*.yaml"))


def own_files() -> list[Path]:
    """The user's own register: the file or folder that `TARIKH_PARTIES` names, else `parties/` in the home folder.

    Raises `RegisterError` where the setting names what is not there.
    """
    settings = Settings()
    where = settings.parties or settings.home / "parties"
    if where.is_dir():
        return sorted(p for p in where.iterdir() if p.suffix in (".yaml", ".yml"))
    if where.exists():
        return [where]
    if settings.parties is not None:
        raise RegisterError(f"TARIKH_PARTIES names {where}, which is not there; set it anew or unset it")
    return []


@cache
def _shipped() -> tuple[File, ...]:
    return tuple(read(path, path.name, shipped=True) for path in shipped_files())


@cache
def register() -> Register:
    """The shipped register with the user's own merged over it. Raises `RegisterError` where a file cannot be used."""
    return built([*_shipped(), *(read(path) for path in own_files())])


def checked(path: Path) -> tuple[int, int]:
    """Checks one file as if it were the user's own, over the shipped register alone: its parties and communities, counted.

    Raises `RegisterError` with file, line and the way out.
    """
    file = read(path)
    built([*_shipped(), file])
    return len(file.parties), len(file.communities)


def parties() -> tuple[Party, ...]:
    """The parties of the register, in the order of the files."""
    return register().parties


@cache
def _parties_by_name() -> Mapping[str, Party]:
    return {party.name: party for party in parties()}


def party(name: str) -> Party | None:
    """The party with this canonical name."""
    return _parties_by_name().get(name)


def communities() -> tuple[Community, ...]:
    """The communities of the register, in the order of the files."""
    return register().communities
