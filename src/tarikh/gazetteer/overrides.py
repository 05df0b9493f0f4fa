"""What the sources of places have wrong or lack: our file `gazetteer_overrides.yaml`, and the user's in the same form.

Invariant: a faulty file is refused with its name and the faulty entry; nothing in it is guessed at or left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
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
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as fault:
        raise error(f"{name} is not valid YAML: {' '.join(str(fault).split())}") from fault
    if not isinstance(raw, Mapping):
        raise error(f"{name} must be a mapping with some of the keys {', '.join(_KEYS)}")
    unknown = next((key for key in raw if key not in _KEYS), None)
    if unknown is not None:
        raise error(f"{name} has an unknown key {unknown!r}; the keys are {', '.join(_KEYS)}")
    try:
        return _overrides(raw)
    except (TypeError, ValueError, IndexError, KeyError, AttributeError) as fault:
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
    return Overrides(
        unit_words=tuple(str(word) for word in raw.get("unit_words") or ()),
        units={str(code): str(name) for code, name in (raw.get("units") or {}).items()},
        points={int(k): _point(v, f"points: {k}") for k, v in (raw.get("points") or {}).items()},
        names={int(k): _names(v, f"names: {k}") for k, v in (raw.get("names") or {}).items()},
        drop=frozenset(int(k) for k in raw.get("drop") or ()),
        places=tuple(_added(place) for place in raw.get("places") or ()),
    )


def _point(value: object, entry: str) -> tuple[float, float]:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        raise ValueError(f"{entry} needs [latitude, longitude], not {value!r}")
    latitude, longitude = float(value[0]), float(value[1])
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError(f"{entry} has no point on earth: {value!r} (latitude stands first)")
    return latitude, longitude


def _names(value: object, entry: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) and name.strip() for name in value):
        raise ValueError(f"{entry} needs a list of quoted names, not {value!r}")
    return tuple(value)


def _added(raw: object) -> Entry:
    """A place that no source has."""
    if not isinstance(raw, Mapping) or not isinstance(raw.get("name"), str):
        raise ValueError(f"places: {raw!r} needs name, country and point")
    entry, level, nation = f"places: {raw['name']}", raw.get("level", "town"), raw.get("country")
    if level not in get_args(Level):
        raise ValueError(f"{entry} has level {level!r}; it is one of {', '.join(get_args(Level))}")
    if (found := reference.country(str(nation))) is None:
        raise ValueError(f"{entry} has country {nation!r}; write an ISO code such as MLI")
    latitude, longitude = _point(raw.get("point"), entry)
    place = Place(
        None, raw["name"], latitude, longitude, level, found.iso3, raw.get("admin1"), raw.get("admin2")
    )
    return Entry(place, (place.name, *_names(raw.get("names") or [], entry)))
