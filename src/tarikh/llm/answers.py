"""The model's answer as records of quotes: JSON is found, repaired where it was cut off, and held against the schema.

Invariant: what is no value of the schema is dropped with its reason and never bent into one; nothing here is believed yet.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tarikh import reference
from tarikh.errors import ModelError
from tarikh.llm.prompt import ASPECTS, COUNTED, LONGEST_QUOTE, MOST_MENTIONS, MOST_QUOTES, STATUSES
from tarikh.text import one_line

_THOUGHT = "</think>"
_SEPARATOR = re.compile(r",(\s*[}\]])")
_DEEPEST = 40
"""Brackets within brackets that are followed."""


@dataclass(frozen=True, slots=True)
class Refused:
    """What was not taken from an answer: the field (`mention` for the whole), its words and why."""

    field: str
    words: str
    reason: str


@dataclass(frozen=True, slots=True)
class Said:
    """One mention as the model gives it: values of fixed lists, and quotes that are not looked for yet."""

    kind: str
    status: str
    aspect: str
    trigger: str
    attackers: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    date: str | None = None
    place: str | None = None
    attribution: str | None = None
    counts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """The mentions of an answer, and what of it was refused."""

    mentions: tuple[Said, ...]
    refused: tuple[Refused, ...] = ()


def heard(text: str) -> Heard:
    """The mentions of an answer. Raises `ModelError` where it is no JSON of the schema's outer form."""
    value, whole = _json(text)
    if isinstance(value, dict) and "mentions" in value:
        value = value["mentions"]
    elif isinstance(value, dict) and "trigger" in value:
        value = [value]  # one mention without its list
    if not isinstance(value, list):
        raise ModelError('the answer is no JSON object with a list under "mentions"')
    refused = (
        []
        if whole
        else [Refused("answer", "", "it was cut off: mentions behind the last whole one are lost")]
    )
    found: list[Said] = []
    for row in value[:MOST_MENTIONS]:
        said = _said(row, refused)
        if said is not None:
            found.append(said)
    if len(value) > MOST_MENTIONS:
        refused.append(Refused("mention", "", f"more than {MOST_MENTIONS} mentions of one report"))
    return Heard(tuple(found), tuple(refused))


# ---- one mention -----------------------------------------------------------------------------------------------


def _said(row: Any, refused: list[Refused]) -> Said | None:
    if not isinstance(row, dict):
        refused.append(Refused("mention", _shown(row), "it is no object with the keys of the schema"))
        return None
    kinds = frozenset(kind.name for kind in reference.kinds())
    for field, known in (("kind", kinds), ("status", STATUSES), ("aspect", ASPECTS)):
        if not isinstance(row.get(field), str) or row[field] not in known:
            reason = f"its {field} {_shown(row.get(field))} is none of the codebook's"
            refused.append(Refused("mention", _shown(row.get("trigger")), reason))
            return None
    trigger = _quote(row.get("trigger"))
    if trigger is None:
        refused.append(Refused("mention", _shown(row.get("trigger")), "it quotes no words that tell the act"))
        return None
    return Said(
        row["kind"],
        row["status"],
        row["aspect"],
        trigger,
        _quotes(row, "attackers", refused),
        _quotes(row, "targets", refused),
        _one(row, "date", refused),
        _one(row, "place", refused),
        _one(row, "attribution", refused),
        _counts(row, refused),
    )


def _quote(value: Any) -> str | None:
    """A quote of the schema: a text of a line or so."""
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_QUOTE:
        return None
    return value


def _one(row: Mapping[str, Any], field: str, refused: list[Refused]) -> str | None:
    value = row.get(field)
    if value is None or value == "":
        return None
    quote = _quote(value)
    if quote is None:
        refused.append(Refused(field, _shown(value), "it is no quote of a line"))
    return quote


def _quotes(row: Mapping[str, Any], field: str, refused: list[Refused]) -> tuple[str, ...]:
    value = row.get(field)
    if value is None:
        return ()
    if not isinstance(value, list):
        value = [value]  # one quote without its list
    found: list[str] = []
    for each in value[:MOST_QUOTES]:
        quote = _quote(each)
        if quote is None:
            refused.append(Refused(field, _shown(each), "it is no quote of a line"))
        elif quote not in found:
            found.append(quote)
    if len(value) > MOST_QUOTES:
        refused.append(Refused(field, "", f"more than {MOST_QUOTES} quotes"))
    return tuple(found)


def _counts(row: Mapping[str, Any], refused: list[Refused]) -> tuple[tuple[str, str], ...]:
    value = row.get("counts")
    if value is None:
        return ()
    if not isinstance(value, list):
        refused.append(Refused("counts", _shown(value), "it is no list"))
        return ()
    found: list[tuple[str, str]] = []
    for each in value[:MOST_QUOTES]:
        harm, quote = (
            (each.get("harm"), _quote(each.get("quote"))) if isinstance(each, dict) else (None, None)
        )
        if not isinstance(harm, str) or harm not in COUNTED or quote is None:
            refused.append(
                Refused("counts", _shown(each), "it is no count with a harm of the schema and a quote")
            )
        else:
            found.append((harm, quote))
    if len(value) > MOST_QUOTES:
        refused.append(Refused("counts", "", f"more than {MOST_QUOTES} counts"))
    return tuple(found)


def _shown(value: Any) -> str:
    return one_line(value if isinstance(value, str) else repr(value)[:200], 80)


# ---- finding the JSON ----------------------------------------------------------------------------------------------


def _json(text: str) -> tuple[Any, bool]:
    """The JSON value in an answer, and whether it was whole."""
    text = text.rpartition(_THOUGHT)[2]
    starts = [at for at in (text.find("{"), text.find("[")) if at >= 0]
    if not starts:
        raise ModelError("the answer holds no JSON")
    text = text[min(starts) :]
    try:
        return json.JSONDecoder(strict=False).raw_decode(text)[0], True
    except (ValueError, RecursionError):
        pass
    for whole, mended in ((True, _SEPARATOR.sub(r"\1", text)), (False, _closed(text))):
        try:
            return json.JSONDecoder(strict=False).raw_decode(mended)[0], whole
        except (ValueError, RecursionError):
            continue
    raise ModelError("the answer's JSON is broken")


def _closed(text: str) -> str:
    """The text up to the end of the last whole mention, with the brackets that are open there closed."""
    open_: list[str] = []
    inside = escaped = False
    last, closing = 0, ""
    for at, letter in enumerate(text):
        if inside:
            if escaped:
                escaped = False
            elif letter == "\\":
                escaped = True
            elif letter == '"':
                inside = False
        elif letter == '"':
            inside = True
        elif letter in "{[":
            open_.append("}" if letter == "{" else "]")
            if len(open_) > _DEEPEST:
                break
        elif letter in "}]":
            if not open_ or open_.pop() != letter:
                break
            if letter == "}" and open_ and open_[-1] == "]" and len(open_) <= 2:
                last, closing = at + 1, "".join(reversed(open_))
    return text[:last] + closing
