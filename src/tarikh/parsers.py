"""Which spaCy model parses a language, and whether it is here. The models of some languages are left to the user.

Invariant: nothing is loaded here; asking costs a look at what is installed.
"""

from __future__ import annotations

import os
from importlib import util
from pathlib import Path

from tarikh.reference import lexicon


def _variable(language: str) -> str:
    return f"TARIKH_MODEL_{language.upper()}"


def model_name(language: str) -> str:
    """The spaCy model of a language: the environment's `TARIKH_MODEL_EN` (and so on), else the lexicon's.

    Only a model with the same labels gives the same coding; see docs/models.md.
    """
    return os.environ.get(_variable(language)) or str(lexicon(language, "events")["model"])


def model_missing(language: str) -> str | None:
    """Why a language cannot be coded here and what to type, where its parser is the user's choice and not installed:
    it is left to the user (`model_from` in the lexicon), or the environment names it.

    None where it is installed, or where it is a dependency of Tarikh.
    """
    source, name = lexicon(language, "events").get("model_from"), model_name(language)
    if (source is None and not chosen(language)) or installed(name):
        return None
    if source is None:
        return wrong_choice(language)
    return f"the parser {name} is not installed; type: {source}, or name another in {_variable(language)}"


def left_out(language: str) -> bool:
    """Whether the parser of a language is left to the user to install."""
    return lexicon(language, "events").get("model_from") is not None


def chosen(language: str) -> bool:
    """Whether the environment names the parser of a language."""
    return bool(os.environ.get(_variable(language)))


def wrong_choice(language: str) -> str:
    """What to do where the parser that the environment names cannot be used."""
    return (
        f"{_variable(language)} names {model_name(language)}, which is no installed spaCy model;"
        f" name one that is, or take {_variable(language)} out of the environment"
    )


def installed(model: str) -> bool:
    """Whether a spaCy model is there, as a package or as a folder."""
    try:
        return util.find_spec(model) is not None
    except (ImportError, ValueError):
        # A path, a dotted name whose first part is not there, or a name that is none.
        return Path(model).is_dir()
