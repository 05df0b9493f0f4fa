"""`tarikh doctor`: what is installed and built, what is missing, what to type.

Invariant: it looks and changes nothing; a language model that the user has named is asked about an empty report.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from typing import Any

from tarikh import __version__, parsers, reference
from tarikh.errors import TarikhError
from tarikh.reference import contested, trained
from tarikh.settings import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    fine: bool
    detail: str
    advice: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain, for JSON."""
        return asdict(self)


def examine() -> list[Finding]:
    """Everything, in the order in which it is needed."""
    return [
        *_python(),
        *_parsers(),
        *_parties(),
        *_contested(),
        *_trained(),
        *_gazetteer(),
        *_database(),
        *_model(),
    ]


def _python() -> Iterator[Finding]:
    fine = sys.version_info >= (3, 11)
    yield Finding("python", fine, platform.python_version(), "" if fine else "install Python 3.11 or newer")
    yield Finding("tarikh", True, __version__)


def _parsers() -> Iterator[Finding]:
    for language in reference.languages():
        model, name = parsers.model_name(language), f"parser ({language})"
        missing = parsers.model_missing(language)
        if missing is not None and parsers.left_out(language):  # a choice of the user's and no fault
            yield Finding(name, True, f"not ready: {missing}. Its reports become problems")
        elif not parsers.installed(model):
            yield Finding(name, False, f"{model} is not installed", f"pip install {model.replace('_', '-')}")
        else:
            yield Finding(name, True, f"ready: {model} {_version(model)}".rstrip())


def _version(model: str) -> str:
    try:
        return metadata.version(model)
    except metadata.PackageNotFoundError:
        return ""  # a folder


def _parties() -> Iterator[Finding]:
    try:
        own = [str(path) for path in reference.own_files()]
        told = f"{len(reference.parties())} in the register" + (f", with {', '.join(own)}" if own else "")
        yield Finding("parties", True, told)
    except TarikhError as error:
        yield Finding("parties", False, str(error), "tarikh parties check FILE")


def _contested() -> Iterator[Finding]:
    try:
        own = [str(path) for path in contested.own_files()]
        told = f"{len(contested.areas())} areas" + (f", with {', '.join(own)}" if own else "")
        yield Finding("contested places", True, told)
    except TarikhError as error:
        yield Finding("contested places", False, str(error), "tarikh gazetteer check FILE")


def _trained() -> Iterator[Finding]:
    where, parts = trained.folder(), trained.kept()
    if parts.fault:
        yield Finding("trained parts", False, parts.fault, "tarikh train --reset")
    elif not parts.mark:
        off = " (TARIKH_TRAINED is off)" if where is None else ""
        yield Finding("trained parts", True, f"none: {trained.CODER} codes as shipped{off}")
    else:
        told = ["weights of status"] if parts.status else []
        told += ["weights of aspect"] if parts.aspect else []
        told += [f"confidence of {', '.join(parts.curves)}"] if parts.curves else []
        of, at = parts.manifest.get("reports"), str(parts.manifest.get("at"))[:10]
        detail = (
            f"{trained.named(trained.CODER)}: {'; '.join(told)}; fitted on {of} reports on {at}, in {where}"
        )
        yield Finding("trained parts", True, detail)


def _gazetteer() -> Iterator[Finding]:
    from tarikh.gazetteer import open_index

    path = Settings().gazetteer_path()
    try:
        info = open_index(path).info()
        dumps = ", ".join(info.get("full_countries", ())) or "none (tarikh gazetteer add brings villages)"
        yield Finding("gazetteer", True, f"{path} ({info.get('places', '?')} places; full dumps: {dumps})")
    except TarikhError as error:
        yield Finding("gazetteer", False, str(error), "tarikh gazetteer build")


def _model() -> Iterator[Finding]:
    """Asks the language model about a report of nobody's, where one is named."""
    from tarikh.llm import prompt
    from tarikh.llm.answers import heard
    from tarikh.llm.client import Client
    from tarikh.llm.options import options, wanted
    from tarikh.model import Report

    settings = Settings()
    if not wanted(settings):
        yield Finding(
            "language model", True, "off: none is named, and the rules code alone (docs/language-model.md)"
        )
        return
    try:
        chosen = replace(options(settings), tries=1)
        client = Client(chosen)
        try:
            answer = client.ask(
                prompt.messages(Report("doctor", "A test", "Nothing happened.", "en")), prompt.schema()
            )
            heard(answer.text)
        finally:
            client.close()
        where = f"{chosen.model} at {chosen.host} answers; asked for JSON by {client.mode}"
        yield Finding("language model", True, f"ready: {where}")
    except TarikhError as error:
        yield Finding(
            "language model", False, str(error), "set TARIKH_LLM_… anew, see docs/language-model.md"
        )


def _database() -> Iterator[Finding]:
    from tarikh.store import open_store

    path = Settings().database_path()
    if not path.exists():
        yield Finding("database", True, f"none yet; `tarikh add` makes {path}")
        return
    try:
        stats = open_store(path).stats()
        yield Finding("database", True, f"{path} ({stats})")
    except TarikhError as error:
        yield Finding("database", False, str(error), "name another with --db, or restore a copy")
