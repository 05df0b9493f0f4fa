"""The question put to the model: the codebook's rules and kinds, examples, and one report as material.

Invariant: of a report nothing goes in but title, text, day of publication and language; it stands between marks that its own
words cannot hold, since they are a digest of these.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

from tarikh import reference
from tarikh.llm import budget
from tarikh.llm.cache import digest
from tarikh.llm.client import Message
from tarikh.model import Aspect, Report, Status

STATUSES: tuple[str, ...] = get_args(Status)
ASPECTS: tuple[str, ...] = get_args(Aspect)
COUNTED = ("killed", "injured", "abducted", "displaced", "arrested")
"""What the model is asked to find numbers of; the sides of the killed are worked out from the words."""
MOST_MENTIONS = 40
MOST_QUOTES = 8
"""Quotes of one side, or counts, of one mention."""
LONGEST_QUOTE = 300
"""Characters of a quote."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """The part of the question that is the same for all reports; `digest` changes whenever a word of it does."""

    version: str
    opening: tuple[Message, ...]
    again: str
    digest: str


def schema() -> dict[str, Any]:
    """The JSON schema of an answer; every key is required and no other allowed, as strict servers want it."""
    quote: dict[str, Any] = {"type": "string"}
    none_or_quote: dict[str, Any] = {"anyOf": [quote, {"type": "null"}]}
    count = _object({"harm": _one_of(COUNTED), "quote": quote})
    mention = _object(
        {
            "kind": _one_of(tuple(kind.name for kind in reference.kinds())),
            "status": _one_of(STATUSES),
            "aspect": _one_of(ASPECTS),
            "trigger": quote,
            "attackers": {"type": "array", "items": quote},
            "targets": {"type": "array", "items": quote},
            "date": none_or_quote,
            "place": none_or_quote,
            "attribution": none_or_quote,
            "counts": {"type": "array", "items": count},
        }
    )
    return _object({"mentions": {"type": "array", "items": mention}})


def _one_of(names: Sequence[str]) -> dict[str, Any]:
    return {"type": "string", "enum": list(names)}


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


@cache
def prompt() -> Prompt:
    """The prompt of the package. Raises `MissingError` where its file is not there."""
    raw = reference.load(reference.data_path("llm", "prompt.yaml"))
    kinds = "\n".join(f"- {kind.name}: {kind.what}" for kind in reference.kinds())
    rules = "\n".join(f"- {' '.join(str(rule).split())}" for rule in raw["rules"])
    parts = (
        str(raw["task"]).strip(),
        f"Rules:\n{rules}",
        f"Kinds, the first that fits wins:\n{kinds}",
        str(raw["answer"]).strip(),
    )
    opening: list[Message] = [{"role": "system", "content": "\n\n".join(parts)}]
    for example in raw["examples"]:
        asked = _material(example["title"], example["text"], example["published"], example["language"])
        told = json.dumps({"mentions": example["mentions"]}, ensure_ascii=False)
        opening += [{"role": "user", "content": asked}, {"role": "assistant", "content": told}]
    again = str(raw["again"]).strip()
    whole = digest([opening, again, schema()])
    return Prompt(str(raw["version"]), tuple(opening), again, whole)


def messages(report: Report) -> list[Message]:
    """The question about a report."""
    day = report.published.isoformat() if report.published else None
    asked = _material(report.title, report.text, day, report.language)
    return [*prompt().opening, {"role": "user", "content": asked}]


def once_more(asked: Sequence[Message], answer: str, reason: str) -> list[Message]:
    """The question put a second time, with the answer that cannot be used."""
    said = answer[:2_000] or "(nothing)"
    again = prompt().again.replace("{reason}", reason)
    return [*asked, {"role": "assistant", "content": said}, {"role": "user", "content": again}]


def size(asked: Sequence[Message]) -> int:
    """About how many tokens a question is."""
    return sum(budget.tokens(m["content"]) + 8 for m in asked)


def _material(title: str, text: str, published: str | None, language: str) -> str:
    """A report between its marks. A text cannot close them: it would have to hold a digest of itself."""
    mark = f"report-{digest([title, text])[:16]}"
    head = f"Published: {published or 'unknown'}\nLanguage: {language}"
    return f"{head}\n<{mark}>\nTitle: {title}\n\n{text}\n</{mark}>"
