"""A text cut at the edges of its marks, and the words of a mark with a little of what stands around them.

Invariant: offsets are code points; a mark that does not fit the text is left out and costs no other; no character is lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

AROUND = 55
"""Characters before and after the words of a quotation."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Half-open range of code points that belongs to something: `of` is its name (a field, a mention)."""

    start: int
    end: int
    of: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters with the names of all marks that cover them, in the order in which the marks were given."""

    text: str
    start: int
    of: tuple[str, ...] = ()


def pieces(text: str, marks: Iterable[Mark]) -> list[Piece]:
    """The text in pieces at whose edges a mark begins or ends; marks may overlap and nest."""
    fitting = [mark for mark in marks if 0 <= mark.start < mark.end <= len(text)]
    edges = sorted({0, len(text), *(m.start for m in fitting), *(m.end for m in fitting)})
    opening: dict[int, list[int]] = {}
    closing: dict[int, list[int]] = {}
    for number, mark in enumerate(fitting):
        opening.setdefault(mark.start, []).append(number)
        closing.setdefault(mark.end, []).append(number)
    made, current = [], set[int]()
    for start, end in pairwise(edges):
        current.difference_update(closing.get(start, ()))
        current.update(opening.get(start, ()))
        names = dict.fromkeys(fitting[number].of for number in sorted(current))
        made.append(Piece(text[start:end], start, tuple(names)))
    return made


def quotation(text: str, start: int, end: int) -> tuple[str, str, str]:
    """What stands before the words, the words, and what stands after, cut between words; breaks are spaces."""
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    if start > AROUND:
        before = "… " + before.partition(" ")[2]
    if end + AROUND < len(text):
        after = after.rpartition(" ")[0] + " …"
    return _level(before), _level(text[start:end]), _level(after)


def _level(text: str) -> str:
    return "".join(" " if letter.isspace() else letter for letter in text)
