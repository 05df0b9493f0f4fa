"""A large JSON object read member by member: only one member's value is in memory at a time.

Invariant: what it yields is what `json.load` would give, but for absurdly long whole numbers, which become infinite;
anything else raises `ValueError` with words for people, whatever the input.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any, TextIO

_CHUNK = 1 << 20
_LARGEST = 1 << 27
"""Characters of one value: the outline of the most indented coast has a tenth of that."""
_BLANK = " \t\r\n"
_DIGITS = 400
"""More than any number has that a floating point number can hold; Python reads no more than 4,300."""


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) < _DIGITS else math.inf


class _Reader:
    """A window on the text that grows where a value does not fit in it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._text, self._at, self._ended = stream, "", 0, False
        self._before = 0  # characters that the window has left behind
        self._decoder = json.JSONDecoder(parse_int=_whole)

    def _more(self, count: int) -> bool:
        got = "" if self._ended else self._stream.read(count)
        self._ended = not got
        self._before += self._at
        self._text, self._at = self._text[self._at :] + got, 0
        return not self._ended

    def peek(self) -> str:
        """The next character that is no blank; "" at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _BLANK:
                    return self._text[self._at]
                self._at += 1
            if not self._more(_CHUNK):
                return ""

    def place(self) -> str:
        return f"character {self._before + self._at + 1:,}"

    def take(self, wanted: str) -> str:
        """The next character, which must be one of those wanted."""
        char = self.peek()
        if not char or char not in wanted:
            must = " or ".join(wanted)
            raise ValueError(
                f"{f'has {char!r}' if char else 'ends'} where {must} must stand ({self.place()})"
            )
        self._at += 1
        return char

    def value(self) -> Any:
        """The next value, whole."""
        self.peek()
        size = _CHUNK
        while True:
            try:
                found, end = self._decoder.raw_decode(self._text, self._at)
            except RecursionError:
                raise ValueError(f"is nested too deeply ({self.place()})") from None
            except json.JSONDecodeError as error:
                if len(self._text) > _LARGEST:
                    raise ValueError(f"has a value of more than {_LARGEST:,} characters") from error
                at = self._before + error.pos + 1
                if not self._more(size):
                    raise ValueError(f"is no JSON (character {at:,})") from error
            else:
                # A number that touches the end of the window may go on behind it.
                length = end - self._at
                if end < len(self._text) or not self._more(size):
                    self._at = end if end < len(self._text) else length
                    return found
            size *= 2  # so that a value is read at most twice its own length


def members(stream: TextIO, lists: Sequence[str] = ()) -> Iterator[tuple[str, Any]]:
    """The members of the object in a stream; of those named in `lists`, which are arrays, each element as one.

    Raises `ValueError` where the stream is no JSON object, ends early, or holds a value that is too large or deep.
    """
    reader = _Reader(stream)
    reader.take("{")
    if reader.peek() == "}":
        return
    while True:
        name = reader.value()
        if not isinstance(name, str):
            raise ValueError(f"has a value where a name in quotes must stand ({reader.place()})")
        reader.take(":")
        if name in lists:
            if reader.peek() != "[":
                raise ValueError(f"has {name!r} that is no list ({reader.place()})")
            for element in _elements(reader):
                yield name, element
        else:
            yield name, reader.value()
        if reader.take(",}") == "}":
            return


def _elements(reader: _Reader) -> Iterator[Any]:
    reader.take("[")
    if reader.peek() == "]":
        reader.take("]")
        return
    while True:
        yield reader.value()
        if reader.take(",]") == "]":
            return
