"""Records (a JSON object, a row of a table) as documents.

Invariant: a record becomes one document or one problem that names its field; strings stay as they are (so does a day of
publication that is no string, as printed, for `reading` to judge), but for lone surrogates, which no database or terminal can hold and which become U+FFFD (one for one, so spans fit).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from tarikh.model import Document, Problem
from tarikh.sources.options import FIELDS, ReadOptions

STAGE = "sources"
_SURROGATE = re.compile("[\ud800-\udfff]")
_KINDS = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
_SHOWN_KEYS = 12
_LONGEST_SHOWN = 80


def sound(value: str) -> str:
    """The string with lone surrogates replaced, its length unchanged."""
    return value if value.isascii() else _SURROGATE.sub("\ufffd", value)


def identity(record: Mapping[str, object], options: ReadOptions) -> str | None:
    """The record's own id; a whole number counts as one."""
    value = record.get(options.column("id"))
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return sound(value) if isinstance(value, str) and value.strip() else None


def names(keys: Iterable[str]) -> str:
    """Column names for a sentence, cut where they are many."""
    shown = [sound(key) for key in keys]
    rest = f" and {len(shown) - _SHOWN_KEYS} more" if len(shown) > _SHOWN_KEYS else ""
    return (", ".join(shown[:_SHOWN_KEYS]) + rest) or "none"


def document(
    record: Mapping[str, object], options: ReadOptions, origin: str, line: int | None = None
) -> Document | Problem:
    """The document of a record; a problem where it has no text or a field is no string."""
    given = identity(record, options)
    if options.column("text") not in record:
        reason = f"has no {options.column('text')!r}; there is {names(record)}. Say which holds the text: --map text=NAME"
        return Problem(STAGE, reason, origin, line, given)
    values: dict[str, str | None] = {"id": given}
    for name in FIELDS[1:]:
        value = record.get(options.column(name))
        if name == "published" and value is not None:
            # A day that is no text costs the day, not the report.
            value = value if isinstance(value, str) else str(value)[:_LONGEST_SHOWN]
        if value is not None and not isinstance(value, str):
            reason = (
                f"{options.column(name)!r} is {_KINDS.get(type(value), 'of another type')}, it must be text"
            )
            return Problem(STAGE, reason, origin, line, given)
        values[name] = sound(value) if value is not None else None
    text = values.pop("text") or ""
    return Document(origin, text, line, **values)


def unmapped(options: ReadOptions, seen: set[str], origin: str) -> list[Problem]:
    """A problem for each mapped key that no record of a source had: most likely a typing error."""
    missing = [(name, key) for name, key in options.columns.items() if key not in seen]
    return [
        Problem(STAGE, f"--map {name}={key}: no record has {key!r}; there is {names(sorted(seen))}", origin)
        for name, key in missing
    ]
