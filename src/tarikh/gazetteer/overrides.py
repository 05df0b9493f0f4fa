"""What the sources of places have wrong or lack: our file `gazetteer_overrides.yaml`, and the user's in the same form.

Invariant: a faulty file is refused with its name and the faulty entry; nothing in it is guessed at or left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any, get_args

import yaml

from tarikh import reference
from tarikh.errors import MissingError, TarikhError
from tarikh.gazetteer.index import Level, Place

_KEYS = ("unit_words", "units", "points", "names", "drop", "places")
_PLACE_KEYS = ("name", "country", "point", "level", "admin1", "admin2", "names")
_LARGEST_ID = 1 << 31
_LONGEST = 400
"""Characters of a name."""
_FAULTS = (
    yaml.YAMLError,
    RecursionError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
)
"""What the YAML reader raises, also for a date or number that is none: UnicodeDecodeError is a ValueError."""
_LARGEST = 5_000_000
"""Bytes of an overrides file: it is written by hand."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A place with every name that it is found by."""

    place: Place
    names: tuple[str, ...]


@dataclass(frozen=True)
class Overrides:
    """What the sources have wrong or do not have. See the head of `gazetteer_overrides.yaml`."""

    unit_words: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    points: Mapping[int, tuple[float, float]] = field(default_factory=dict)
    names: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    drop: frozenset[int] = frozenset()
    places: tuple[Entry, ...] = ()

    @cached_property
    def unit_word(self) -> re.Pattern[str]:
        """A unit word at either end of a name, with the preposition that ties it to the name."""
        words = "|".join(sorted(map(re.escape, self.unit_words), key=len, reverse=True))
        return re.compile(
            rf"^(?:{words}) (?:(?:de|du|des|do|da|del|of|ya|wa|la|de la) |de l'|d')?|[ -](?:{words})$", re.I
        )

    def short(self, name: str) -> str:
        """The name without the word for its kind of unit: "Bam Province" → "Bam"."""
        return self.unit_word.sub("", name.replace("’", "'")).strip() or name

    def with_(self, more: Overrides) -> Overrides:
        """Both; where they speak of one record, `more` wins, and names are joined."""
        names = {
            key: tuple(dict.fromkeys((*self.names.get(key, ()), *more.names.get(key, ()))))
            for key in {**self.names, **more.names}
        }
        return Overrides(
            unit_words=tuple(dict.fromkeys((*self.unit_words, *more.unit_words))),
            units={**self.units, **more.units},
            points={**self.points, **more.points},
            names=names,
            drop=self.drop | more.drop,
            places=(*self.places, *more.places),
        )


def overrides() -> Overrides:
    """Our own overrides. Raises `MissingError` where the file is absent or faulty."""
    path = Path(str(resources.files("tarikh") / "data" / "gazetteer_overrides.yaml"))
    return read(path, MissingError)


def read(path: Path, error: Callable[[str], TarikhError], name: str | None = None) -> Overrides:
    """The overrides of a file. Raises `error` with the file's `name` and the faulty entry."""
    name = name or path.name
    try:
        if path.stat().st_size > _LARGEST:
            raise error(f"{name} is larger than {_LARGEST:,} bytes; an overrides file is a short list")
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 (a safe loader)
    except FileNotFoundError:
        raise error(f"{path} is not there: give the path of an overrides file") from None
    except OSError as fault:
        raise error(f"{path} cannot be read ({fault.strerror}): check the path and your rights") from fault
    except _FAULTS as fault:
        raise error(f"{name} is not valid YAML: {' '.join(str(fault).split())}") from fault
    if not isinstance(raw, Mapping):
        raise error(f"{name} must be a mapping with some of the keys {', '.join(_KEYS)}")
    unknown = next((key for key in raw if key not in _KEYS), None)
    if unknown is not None:
        raise error(f"{name} has an unknown key {unknown!r}; the keys are {', '.join(_KEYS)}")
    try:
        return _overrides(raw)
    except ValueError as fault:
        raise error(f"{name}: {fault}") from fault


class _Loader(yaml.SafeLoader):
    """YAML without aliases: a few lines of them can stand for gigabytes."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuses an alias where it stands."""
        if self.check_event(yaml.events.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.YAMLError(f"an alias in line {mark.line + 1}; write the value out")
        return super().compose_node(parent, index)


def _overrides(raw: Mapping[str, Any]) -> Overrides:
    points, names = _mapping(raw, "points"), _mapping(raw, "names")
    return Overrides(
        unit_words=tuple(_text(word, "unit_words") for word in _list(raw, "unit_words")),
        units={
            _text(code, "units"): _text(name, f"units: {code}")
            for code, name in _mapping(raw, "units").items()
        },
        points={_number(k, "points"): _point(v, f"points: {k}") for k, v in points.items()},
        names={_number(k, "names"): _names(v, f"names: {k}") for k, v in names.items()},
        drop=frozenset(_number(k, "drop") for k in _list(raw, "drop")),
        places=tuple(_added(place) for place in _list(raw, "places")),
    )


def _mapping(raw: Mapping[str, Any], key: str) -> Mapping[Any, Any]:
    value = raw.get(key)
    if value is not None and not isinstance(value, Mapping):
        raise ValueError(f"{key} must be a mapping, not {_shown(value)}")
    return value or {}


def _list(raw: Mapping[str, Any], key: str) -> list[Any]:
    value = raw.get(key)
    if value is not None and not isinstance(value, list):
        raise ValueError(f"{key} must be a list such as [a, b], not {_shown(value)}")
    return value or []


def _shown(value: object) -> str:
    try:
        return repr(value)[:80]
    except ValueError:  # Python writes no number of thousands of digits
        return "a number of thousands of digits"


def _number(value: object, entry: str) -> int:
    # A truth value is a whole number to Python.
    if type(value) is not int or not 0 < value < _LARGEST_ID:
        raise ValueError(
            f"{entry}: {_shown(value)} is no GeoNames id; write a whole number from 1 up, without quotes"
        )
    return value


def _text(value: object, entry: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST:
        raise ValueError(f"{entry}: {_shown(value)} is no name; write a short text, in quotes where needed")
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise ValueError(f"{entry}: {_shown(value)} holds half a character (a lone surrogate)")
    return value


def _point(value: object, entry: str) -> tuple[float, float]:
    numbers = value if isinstance(value, list) and len(value) == 2 else []
    if not numbers or not all(type(number) in (int, float) for number in numbers):
        raise ValueError(f"{entry} needs [latitude, longitude], not {_shown(value)}")
    latitude, longitude = numbers
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError(f"{entry} has no point on earth: {_shown(value)} (latitude stands first)")
    return float(latitude), float(longitude)


def _names(value: object, entry: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ValueError(f"{entry} needs a list of quoted names, not {_shown(value)}")
    return tuple(_text(name, entry) for name in value)


def _added(raw: object) -> Entry:
    """A place that no source has."""
    if not isinstance(raw, Mapping) or not isinstance(raw.get("name"), str):
        raise ValueError(f"places: {_shown(raw)} needs name, country and point")
    entry = f"places: {_text(raw['name'], 'places')}"
    unknown = next((key for key in raw if key not in _PLACE_KEYS), None)
    if unknown is not None:
        raise ValueError(
            f"{entry} has an unknown key {_shown(unknown)}; the keys are {', '.join(_PLACE_KEYS)}"
        )
    level, nation = raw.get("level", "town"), raw.get("country")
    if level not in get_args(Level):
        raise ValueError(f"{entry} has level {_shown(level)}; it is one of {', '.join(get_args(Level))}")
    if not isinstance(nation, str) or (found := reference.country(nation)) is None:
        hint = " in quotes" if isinstance(nation, bool) else ""  # NO is Norway, and false in YAML
        raise ValueError(f"{entry} has country {_shown(nation)}; write an ISO code such as MLI{hint}")
    latitude, longitude = _point(raw.get("point"), entry)
    admin1, admin2 = (
        None if raw.get(key) is None else _text(raw[key], f"{entry}: {key}") for key in ("admin1", "admin2")
    )
    place = Place(None, raw["name"], latitude, longitude, level, found.iso3, admin1, admin2)
    return Entry(place, (place.name, *_names(raw.get("names") or [], entry)))
