"""What is known before any report is read: codebook, lexicons, countries, party register. Data under `data/`, no rules here.

Invariant: everything is loaded once, read-only, and the same for every report.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from tarikh.errors import MissingError


def data_path(*parts: str) -> Path:
    """A file or folder below the package's `data/`."""
    return Path(str(resources.files("tarikh") / "data")).joinpath(*parts)


def _load(path: Path) -> Any:
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 (a safe loader)
    except FileNotFoundError as error:
        raise MissingError(f"{path} is not there: the installation is incomplete, install tarikh again") from error
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
