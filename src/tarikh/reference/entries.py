"""A register file as entries: YAML read with the line of every name, so that a fault can be told where it stands.

Invariant: nothing of a file is skipped: an unknown section, an entry given twice or a value that YAML cannot build is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tarikh.errors import RegisterError

MOST_BYTES = 5_000_000
"""Largest register file: forty times the shipped one."""
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SECTIONS = ("parties", "communities")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a register file: its name, its plain value, the file as people know it, and the line of its name.

    `shipped` entries are Tarikh's own, whose names a test has looked at.
    """

    name: str
    row: Any
    file: str
    line: int
    shipped: bool = False
    node: Any = field(default=None, repr=False, compare=False)

    def at(self, word: str | None = None) -> str:
        """`file, line n` of a word in the entry; of the entry's name where the word is not in it."""
        found = next((n for n in _scalars(self.node) if n.value == word), None) if word is not None else None
        return f"{self.file}, line {found.start_mark.line + 1 if found is not None else self.line}"


@dataclass(frozen=True, slots=True)
class File:
    """A register file: the entries of its two sections, in their order."""

    parties: tuple[Entry, ...] = ()
    communities: tuple[Entry, ...] = ()


def _scalars(node: Any, depth: int = 0) -> Iterator[Any]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif node is not None and depth < 6:
        for child in node.value:
            for part in child if isinstance(child, tuple) else (child,):
                yield from _scalars(part, depth + 1)


def _text(path: Path, shown: str) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise RegisterError(
                f"{shown} has more than {MOST_BYTES:,} bytes; a register is split into files of a region each"
            )
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise RegisterError(f"{shown} is not UTF-8 (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise RegisterError(
            f"{shown} cannot be read: {error.strerror or error}; name a file of parties"
        ) from None


def _root(path: Path, shown: str) -> Any:
    try:
        return yaml.compose(_text(path, shown), Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or "a fault"
        raise RegisterError(
            f"{shown}{line}: this is not valid YAML ({problem}); see docs/parties.md for the form"
        ) from None
    except RecursionError:
        raise RegisterError(
            f"{shown} is nested too deep to be a register; see docs/parties.md for the form"
        ) from None


def _pairs(node: Any, shown: str, what: str) -> Iterator[tuple[Any, Any]]:
    """The pairs of a mapping, each key once."""
    if not isinstance(node, yaml.MappingNode):
        line = node.start_mark.line + 1
        raise RegisterError(
            f"{shown}, line {line}: {what} must be a mapping; see docs/parties.md for the form"
        )
    seen: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise RegisterError(f"{shown}, line {line}: a name in {what} is no text; put it in quotes")
        if key.value in seen:
            raise RegisterError(
                f"{shown}, line {line}: {key.value!r} stands twice in {what}, first on line {seen[key.value]}; make them one"
            )
        seen[key.value] = line
        yield key, value


def _entry(key: Any, node: Any, shown: str, shipped: bool) -> Entry:
    line = key.start_mark.line + 1
    for _ in _pairs(node, shown, repr(key.value)):
        pass
    try:
        row = _LOADER("").construct_document(node)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        told = getattr(error, "problem", None) or error
        raise RegisterError(
            f"{shown}, line {line}: {key.value!r} has a value that cannot be read ({told}); write days as 2017-03-02"
        ) from None
    return Entry(key.value, row, shown, line, shipped, node)


def read(path: Path, shown: str | None = None, shipped: bool = False) -> File:
    """The entries of a register file; `shown` is what messages call it. Raises `RegisterError` with the line of a fault."""
    name = shown or str(path)
    root = _root(path, name)
    if root is None:
        raise RegisterError(f"{name} is empty; a register begins with 'parties:' (see docs/parties.md)")
    sections: dict[str, tuple[Entry, ...]] = {}
    for key, node in _pairs(root, name, "the file"):
        if key.value not in _SECTIONS:
            raise RegisterError(
                f"{name}, line {key.start_mark.line + 1}: {key.value!r} is no section of a register;"
                f" its sections are {' and '.join(_SECTIONS)}"
            )
        sections[key.value] = tuple(
            _entry(k, n, name, shipped) for k, n in _pairs(node, name, repr(key.value))
        )
    return File(**sections)
