"""JSON lines, read one by one whatever the file's size, and JSON arrays.

Invariant: every line that is not blank gives one document or one problem with its line number, in order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import count

from tarikh.errors import SourceError
from tarikh.model import Document, Problem
from tarikh.sources import opening, records
from tarikh.sources.records import STAGE

_DECODER = json.JSONDecoder(strict=False)
"""Not strict: raw tabs and line breaks inside strings are common and harm nothing."""
_BLANK = re.compile(r"[ \t\r\n]*")
_ID_WITHIN = 4000


def read_lines(opened: opening.Opened) -> Iterator[Document | Problem]:
    """One document or problem a line."""
    seen: set[str] = set()
    encoding = opening.line_encoding(opened)
    for number, raw in opening.lines(opened):
        origin = f"{opened.origin}:{number}"
        if raw is None:
            limit = opened.options.max_line_bytes
            yield Problem(STAGE, f"the line is longer than {limit:,} bytes and was left out", origin, number)
        elif raw.strip(b" \t\r\n"):
            yield _line(raw, encoding, opened, number, seen)
    if seen:
        yield from records.unmapped(opened.options, seen, opened.origin)


def _line(
    raw: bytes, encoding: str, opened: opening.Opened, number: int, seen: set[str]
) -> Document | Problem:
    origin, options = f"{opened.origin}:{number}", opened.options
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        given = _id_in(raw.decode(encoding, "replace"), options.column("id"))
        bad = f"byte 0x{raw[error.start]:02x} at offset {error.start:,} of the line"
        reason = f"is not {encoding}: {bad}; say which it is, for example --encoding cp1252"
        return Problem(STAGE, reason, origin, number, given)
    try:
        value = json.loads(text, cls=json.JSONDecoder, strict=False)
    except (ValueError, RecursionError) as error:
        return Problem(STAGE, _fault(error, text), origin, number, _id_in(text, options.column("id")))
    if not isinstance(value, dict):
        return Problem(STAGE, _no_object(value), origin, number)
    seen.update(value)
    return records.document(value, options, origin, number)


def _no_object(value: object) -> str:
    kind = {list: "a list", str: "a string", bool: "true or false", type(None): "null"}.get(
        type(value), "a number"
    )
    return f'is {kind}, not a JSON object; a report is written {{"text": "…"}}'


def _fault(error: Exception, text: str) -> str:
    if isinstance(error, RecursionError):
        return "is nested too deeply to be a report"
    if not isinstance(error, json.JSONDecodeError):
        return f"is not JSON that can be read: {error}"
    if error.msg.startswith("Unterminated string") or error.pos >= len(text.rstrip()):
        return f"is cut off: the JSON object does not end ({len(text.rstrip()):,} characters)"
    return f"is not JSON: {error.msg} at character {error.pos + 1:,}"


def _id_in(text: str, key: str) -> str | None:
    """The id of a broken object, where its beginning still shows it."""
    match = re.search(rf'"{re.escape(key)}"\s{{0,9}}:\s{{0,9}}("(?:[^"\\]|\\.)*"|\d+)', text[:_ID_WITHIN])
    if match is None or not text.lstrip().startswith("{"):
        return None
    try:
        return records.sound(str(_DECODER.decode(match[1]))) or None
    except ValueError:
        return None


def read_document(opened: opening.Opened) -> Iterator[Document | Problem]:
    """A JSON array of objects, one object, or JSON lines under a name ending in `.json`."""
    head = opened.head().lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"{") and _is_object(head.partition(b"\n")[0]):
        yield from read_lines(opened)
        return
    data = opening.whole(opened, opened.options.settings.max_file_bytes)
    text = opening.text(data, opened.options).removeprefix("\ufeff")
    at = _after_blank(text, 0)
    if text[at : at + 1] == "[":
        yield from _array(text, at + 1, opened)
    elif text[at : at + 1] == "{":
        value, _ = _value(text, at)
        yield (
            records.document(value, opened.options, opened.origin)
            if isinstance(value, dict)
            else Problem(STAGE, _no_object(value), opened.origin)
        )
    else:
        raise SourceError("is no JSON array and no JSON object")


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _array(text: str, at: int, opened: opening.Opened) -> Iterator[Document | Problem]:
    """The items of an array, one after the other, so that a cut costs only what comes after it."""
    seen: set[str] = set()
    for number in count(1):
        at = _after_blank(text, at)
        if text[at : at + 1] == "]":
            break
        value, at = _value(text, at, f"item {number} ")
        origin = f"{opened.origin}: item {number}"
        if isinstance(value, dict):
            seen.update(value)
            yield records.document(value, opened.options, origin)
        else:
            yield Problem(STAGE, _no_object(value), origin)
        at = _after_blank(text, at)
        if text[at : at + 1] not in (",", "]"):
            raise SourceError(
                f"is no JSON array: a comma or ] is missing after item {number}, at character {at + 1:,}"
            )
        at += text[at] == ","
    if seen:
        yield from records.unmapped(opened.options, seen, opened.origin)


def _value(text: str, at: int, what: str = "") -> tuple[object, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError) as error:
        line = text.count("\n", 0, at) + 1
        raise SourceError(
            f"{what}(line {line:,}) {_fault(error, text)}; nothing after it was read"
        ) from error


def _after_blank(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at
