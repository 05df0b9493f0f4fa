"""A report cut into windows that the reader's encoder can take: its words, with names of groups and loaded words made neutral.

Invariant: every word keeps its code points in the report, whatever neutral word the encoder sees in its place, so a label
that is exchanged for another gives the same window.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import yaml

from tarikh import reference
from tarikh.reference import Named

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MOST_TOKENS = 384
"""Tokens of one window. Nine in ten news reports fit; the encoder's cost grows with the square of it."""
MOST_TITLE = 96
"""Tokens of the title, which stands before every window: the rest of a long text is read in its light."""
MOST_SOURCE = 12
"""Tokens of the source's name."""
START, END = 0, 2
"""The encoder's marks of the beginning of a text and of the end of a part."""
_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*|[^\w\s]|_")
_CUT = re.compile(r"[.!?…»\"”]\s+(?=[A-ZÀ-Ý«\"“(])|\n+")


@dataclass(frozen=True, slots=True)
class Window:
    """Token ids for the encoder; the words in them as half-open code points of title + newline + text; for each word the
    index of its first token. `opening`: the first window of its report."""

    ids: tuple[int, ...]
    words: tuple[tuple[int, int], ...]
    first: tuple[int, ...]
    opening: bool


@dataclass(frozen=True, slots=True)
class _Neutral:
    """A text with its labels replaced, and for each word of it the code points that it stands for."""

    text: str
    shown: tuple[tuple[int, int], ...]
    meant: tuple[tuple[int, int], ...]


@cache
def _words() -> Mapping[str, Any]:
    raw: dict[str, Any] = yaml.safe_load(
        reference.data_path("reader", "neutral.yaml").read_text(encoding="utf-8")
    )
    return raw


@cache
def loaded_words(language: str) -> Mapping[str, str]:
    """Each loaded word of a language, in lower case, with the plain one that the reader sees in its place."""
    table = _words()["loaded"].get(language) or {}
    return {word: neutral for neutral, loaded in table.items() for word in loaded}


@cache
def _groups() -> frozenset[str]:
    """Canonical names of the register's armed groups."""
    categories = frozenset(_words()["categories"])
    return frozenset(p.name for p in reference.parties() if p.category in categories)


def _plain(name: Named) -> str | None:
    """The neutral word for a register name, or None where it may name something else than an armed party."""
    if all(use.party in _groups() for use in name.uses):
        return str(_words()["group"])
    roles = {use.role for use in name.uses}
    role = roles.pop() if len(roles) == 1 else None
    return _words()["forces"].get(role) if role is not None else None


def groups(text: str) -> list[tuple[int, int]]:
    """Ranges of a text that are proper names of armed groups and nothing else; "separatist fighters" only describes one."""
    return [
        (name.start, name.end)
        for name in reference.named(text)
        if all(use.party in _groups() for use in name.uses) and not all(u.text.islower() for u in name.uses)
    ]


def neutral(text: str, language: str = "en") -> list[tuple[int, int, str]]:
    """Ranges of a text that the reader is not to see, each with the word that takes its place, in order."""
    loaded = loaded_words(language)
    found = [(n.start, n.end, word) for n in reference.named(text) if (word := _plain(n)) is not None]
    taken = [(start, end) for start, end, _ in found]
    ends = 0
    words = list(_WORD.finditer(text))
    for number, match in enumerate(words):
        pair = " ".join(w.group().lower() for w in words[number : number + 2])
        two = number + 1 < len(words) and pair in loaded
        plain = loaded[pair] if two else loaded.get(match.group().lower())
        start, end = match.start(), words[number + two].end()
        if plain is None or start < ends or any(a < end and start < b for a, b in taken):
            continue
        found.append((start, end, plain))
        ends = end
    return sorted(found)


def _neutral(text: str, base: int, language: str) -> _Neutral:
    """The text as the encoder sees it. `base` is added to the code points that its words stand for."""
    parts: list[str] = []
    shown: list[tuple[int, int]] = []
    meant: list[tuple[int, int]] = []
    length = at = 0

    def plain(start: int, end: int) -> None:
        nonlocal length
        for match in _WORD.finditer(text, start, end):
            shown.append((length + match.start() - start, length + match.end() - start))
            meant.append((base + match.start(), base + match.end()))
        parts.append(text[start:end])
        length += end - start

    for start, end, word in neutral(text, language):
        plain(at, start)
        shown.append((length, length + len(word)))
        meant.append((base + start, base + end))
        parts.append(word)
        length += len(word)
        at = end
    plain(at, len(text))
    return _Neutral("".join(parts), tuple(shown), tuple(meant))


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Ranges of a text between the ends of its sentences, roughly: windows are cut there."""
    start = 0
    for match in _CUT.finditer(text):
        if text[start : match.end()].strip():
            yield start, match.end()
        start = match.end()
    if text[start:].strip():
        yield start, len(text)


Token = tuple[int, int, int]
"""Id and range in the text that was encoded."""


def _tokens(tokenizer: Tokenizer, text: str) -> list[Token]:
    encoded = tokenizer.encode(text)
    return [(i, s, e) for i, (s, e) in zip(encoded.ids, encoded.offsets, strict=True)]


def _firsts(tokens: Sequence[Token], seen: _Neutral, at: int) -> tuple[list[tuple[int, int]], list[int]]:
    """The words that begin within these tokens, and the index of the first token of each; `at` is the first's own index."""
    words: list[tuple[int, int]] = []
    first: list[int] = []
    if not tokens:
        return words, first
    low, high, number = tokens[0][1], tokens[-1][2], 0
    starts = [start for start, _ in seen.shown]
    for place in range(bisect_left(starts, low), bisect_left(starts, high)):
        while number < len(tokens) and tokens[number][2] <= starts[place]:
            number += 1
        if number == len(tokens):
            break
        words.append(seen.meant[place])
        first.append(at + number)
    return words, first


def windows(
    title: str, text: str, tokenizer: Tokenizer, source: str | None = None, language: str = "en"
) -> list[Window]:
    """The windows of a report: its source and title, then as many sentences as fit. A sentence that fits in none is read in
    parts, so that no word is in no window.

    The source is seen because a party's own mouth claims where a wire reports; it has no words of its own to point at.
    """
    by = _tokens(tokenizer, _neutral((source or "")[: MOST_SOURCE * 20], 0, language).text)[:MOST_SOURCE]
    head = _neutral(title, 0, language)
    title_tokens = _tokens(tokenizer, head.text)[:MOST_TITLE]
    title_words, title_first = _firsts(title_tokens, head, len(by) + 2)
    opening = [START, *(i for i, _, _ in by), END, *(i for i, _, _ in title_tokens), END]
    room = MOST_TOKENS - len(opening) - 1
    filled: list[_Filled] = [_Filled()]
    for start, end in _pieces(text):
        seen = _neutral(text[start:end], len(title) + 1 + start, language)
        tokens = _tokens(tokenizer, seen.text)
        for part in (tokens[n : n + room] for n in range(0, len(tokens), room)):
            if filled[-1].ids and len(filled[-1].ids) + len(part) > room:
                filled.append(_Filled())
            words, first = _firsts(part, seen, len(opening) + len(filled[-1].ids))
            filled[-1].ids.extend(i for i, _, _ in part)
            filled[-1].words.extend(words)
            filled[-1].first.extend(first)
    return [
        Window((*opening, *body.ids, END), (*title_words, *body.words), (*title_first, *body.first), n == 0)
        for n, body in enumerate(filled)
    ]


@dataclass(slots=True)
class _Filled:
    """What one window holds of the text: token ids, words, and the index of each word's first token."""

    ids: list[int] = field(default_factory=list)
    words: list[tuple[int, int]] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
