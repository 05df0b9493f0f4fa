"""Which spaCy model parses a language, and whether it is here. The models of some languages are left to the user.

Invariant: nothing is loaded here; asking costs a look at what is installed.
"""

from __future__ import annotations

import os
from importlib import util
from pathlib import Path

from tarikh.reference import lexicon


def model_name(language: str) -> str:
    """The spaCy model of a language: the environment's `TARIKH_MODEL_EN` (and so on), else the lexicon's.

    Only a model with the same labels gives the same coding; see docs/models.md.
    """
    return os.environ.get(f"TARIKH_MODEL_{language.upper()}") or str(lexicon(language, "events")["model"])


def model_missing(language: str) -> str | None:
    """Why a language cannot be coded here and what to type, where its parser is left to the user and not installed.

    None where it is installed, or where it is a dependency of Tarikh (no `model_from` in the lexicon).
    """
    source, name = lexicon(language, "events").get("model_from"), model_name(language)
    if source is None or installed(name):
        return None
    variable = f"TARIKH_MODEL_{language.upper()}"
    return f"the parser {name} is not installed; type: {source}, or name another in {variable}"


def installed(model: str) -> bool:
    """Whether a spaCy model is there, as a package or as a folder."""
    try:
        return util.find_spec(model) is not None
    except (ImportError, ValueError):
        # A path, a dotted name whose first part is not there, or a name that is none.
        return Path(model).is_dir()
