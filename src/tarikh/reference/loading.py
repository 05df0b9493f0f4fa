"""The data files under `data/`: loading them, the codebook's kinds, the lexicons, and folding that keeps offsets.

Invariant: everything is loaded once, read-only, and the same for every report; faulty data raises `MissingError` naming its entry.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from tarikh.errors import MissingError
from tarikh.text import one_line


def data_path(*parts: str) -> Path:
    """A file or folder below the package's `data/`."""
    return Path(str(resources.files("tarikh") / "data")).joinpath(*parts)


def load(path: Path) -> Any:
    """A YAML file of ours. Raises `MissingError` where it is not there or is no YAML."""
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 (a safe loader)
    except FileNotFoundError as error:
        raise MissingError(
            f"{path} is not there: the installation is incomplete, install tarikh again"
        ) from error
    except yaml.YAMLError as error:
        raise MissingError(f"{path} is not valid YAML: {error}") from error


def shown(value: object) -> str:
    """A value as messages show it: as Python writes it, on one line of at most 80 characters."""
    return one_line(repr(value))


Fault = Callable[[str, str | None], Exception]
"""Makes the error of an entry out of what is wrong with it ("has an unknown key …") and the key, where it is one's."""


def mapping(raw: object, known: Collection[str], fault: Fault) -> Mapping[str, Any]:
    """A mapping of an entry, with known keys alone; raises what `fault` makes."""
    if not isinstance(raw, Mapping):
        raise fault(f"must be a mapping such as {{{next(iter(known))}: …}}, not {shown(raw)}", None)
    for key in raw:
        if key not in known:
            near = get_close_matches(str(key), known, 1)
            way = f"did you mean {near[0]!r}?" if near else f"the keys are {', '.join(known)}"
            raise fault(f"has an unknown key {shown(key)}; {way}", str(key))
    return raw


def strings(values: object, fault: Fault, example: str = '["NO", "3R"]') -> tuple[str, ...]:
    """A list of words, empty where there is none; raises what `fault` makes, which shows the example."""
    if values is None:
        return ()
    # YAML reads a bare NO, ON or 3 as no string at all: better told than matched never.
    if not isinstance(values, list) or not all(isinstance(v, str) and v.strip() for v in values):
        raise fault(f"needs a list of words, not {shown(values)}; write {example} with quotes", None)
    return tuple(values)


@cache
def languages() -> tuple[str, ...]:
    """ISO 639-1 codes of the languages that have a lexicon folder."""
    return tuple(sorted(p.name for p in data_path("lexicons").iterdir() if (p / "events.yaml").exists()))


@cache
def lexicon(language: str, section: str) -> Mapping[str, Any]:
    """One section (`events`, `parties`, `places`, `dates`, `counts`, `status`) of a language's lexicon.

    Raises `MissingError` when the language has no such file.
    """
    loaded = load(data_path("lexicons", language, f"{section}.yaml"))
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
    rows = load(data_path("codebook.yaml"))["kinds"]
    return tuple(Kind(name, row["family"], row["label"], row["what"]) for name, row in rows.items())


@cache
def kinds_by_force() -> frozenset[str]:
    """The kinds whose attackers are armed: fighting, weapons from afar, and force against civilians."""
    return frozenset(kind.name for kind in kinds() if kind.family in ("remote", "battle", "civilians"))


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
