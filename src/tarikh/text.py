"""Folding of names and text: pure functions on strings, used by every stage."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_LETTERS = {
    "ɓ": "b",
    "ɗ": "d",
    "ƙ": "k",
    "ƴ": "y",
    "ŋ": "n",
    "ɛ": "e",
    "ɔ": "o",
    "ł": "l",
    "ø": "o",
    "đ": "d",
    "ı": "i",
    "æ": "ae",
    "œ": "oe",
    "ß": "ss",
}
_OTHER_LETTERS = str.maketrans(_LETTERS)
_NO_SIGNS = str.maketrans({chr(c): " " for c in range(128) if not chr(c).isalnum()})
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼʻ`´ʿʾ′", "'"))


def fold(text: str) -> str:
    """Lower case, no accents, no punctuation, single spaces; letters of every script are kept.

    >>> fold("N’Djaména–Est")
    'n djamena est'
    """
    if text.isascii():  # most words, and far cheaper
        return " ".join(text.lower().translate(_NO_SIGNS).split())
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(c for c in decomposed if not unicodedata.combining(c)).translate(_OTHER_LETTERS)
    return " ".join("".join(c if c.isalnum() else " " for c in kept).split())


@lru_cache(100_000)
def folded(name: str) -> str:
    """`fold` of a name that is asked for again and again: a place, a party, a source."""
    return fold(name)


def lower(text: str) -> str:
    """The text in lower case with its length unchanged, so spans still fit ("İ" alone would become two characters)."""
    plain = text.lower()
    return (
        plain if len(plain) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    )


def straight(text: str) -> str:
    """The text with typographic apostrophes made straight, length unchanged, so spans still fit."""
    return text.translate(_APOSTROPHES)


_BLANK = re.compile(r"\s+")


def one_line(text: str, limit: int = 80) -> str:
    """The text on one line of at most `limit` characters, cut with an ellipsis."""
    line = _BLANK.sub(" ", text).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
