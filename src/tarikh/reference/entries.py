"""A register file as entries: YAML read with the line of every name, so that a fault can be told where it stands.

Parties and contested places share this form of file; `Form` says which sections one has and which page tells of it.
Invariant: nothing of a file is skipped: an unknown section, an entry given twice or a value that YAML cannot build is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tarikh.errors import RegisterError
from tarikh.reference.loading import shown as told

MOST_BYTES = 5_000_000
"""Largest register file: forty times the shipped one."""
MOST_ENTRIES = 20_000
"""Most parties, and most communities, of one file: twenty times the shipped ones."""
_LONGEST = 500
_DEEPEST = 8
_CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What YAML does not allow unescaped, and no name has."""
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Form:
    """What a kind of register file may hold: its sections, the plural of its content, the page that tells of it."""

    sections: tuple[str, ...]
    content: str
    page: str


PARTIES = Form(("parties", "communities"), "parties", "docs/parties.md")


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

    def item(self, key: str, index: int) -> str:
        """`file, line n` of one item of a list of the entry."""
        row = next((value for name, value in self.node.value if name.value == key), None)
        if not isinstance(row, yaml.SequenceNode):
            return self.at(key)
        return f"{self.file}, line {row.value[index].start_mark.line + 1}"


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


def _checked(root: Any, shown: str, form: Form) -> None:
    """Refuses what a register needs nowhere and a hostile file uses: aliases, depth, endless or unprintable words, a key twice."""
    seen: set[int] = set()
    ahead = [(root, 0)]
    while ahead:
        node, depth = ahead.pop()
        at = f"{shown}, line {node.start_mark.line + 1}"
        if id(node) in seen:
            raise RegisterError(
                f"{at}: what stands here is used again by an alias (*); write it out each time"
            )
        seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            if len(node.value) > _LONGEST:
                raise RegisterError(f"{at}: a text of more than {_LONGEST} characters is no name; shorten it")
            if "\n" in node.value or _CONTROL.search(node.value):
                raise RegisterError(
                    f"{at}: {told(node.value)} has a line break or control character; take it out"
                )
            continue
        if depth > _DEEPEST:
            raise RegisterError(
                f"{at}: this is nested too deep to be a register; see {form.page} for the form"
            )
        if isinstance(node, yaml.MappingNode):
            _once(node, shown, "one entry")
        parts = [p for child in node.value for p in (child if isinstance(child, tuple) else (child,))]
        ahead += [(part, depth + 1) for part in reversed(parts)]


def _once(node: Any, shown: str, what: str) -> None:
    """Refuses a mapping with a key that is no text or stands twice."""
    seen: dict[str, int] = {}
    for key, _ in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or key.tag == "tag:yaml.org,2002:merge":
            raise RegisterError(
                f"{shown}, line {line}: a name in {what} is no text, or a merge (<<); put it in quotes or write it out"
            )
        if key.value in seen:
            raise RegisterError(
                f"{shown}, line {line}: {told(key.value)} stands twice in {what}, first on line {seen[key.value]}; make them one"
            )
        seen[key.value] = line


def _text(path: Path, shown: str, form: Form) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise RegisterError(
                f"{shown} has more than {MOST_BYTES:,} bytes; a register is split into files of a region each"
            )
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise RegisterError(f"{shown} is not UTF-8 (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise RegisterError(
            f"{shown} cannot be read: {error.strerror or error}; name a file of {form.content}"
        ) from None
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise RegisterError(
            f"{shown}, line {line}: a control character ({found[0]!r}) is not valid YAML; take it out"
        )
    return text


def _root(path: Path, shown: str, form: Form) -> Any:
    try:
        return yaml.compose(_text(path, shown, form), Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or "a fault"
        raise RegisterError(
            f"{shown}{line}: this is not valid YAML ({problem}); see {form.page} for the form"
        ) from None
    except RecursionError:
        raise RegisterError(
            f"{shown} is nested too deep to be a register; see {form.page} for the form"
        ) from None


def _pairs(node: Any, shown: str, what: str, form: Form) -> Iterator[tuple[Any, Any]]:
    """The pairs of a mapping, each key once."""
    if not isinstance(node, yaml.MappingNode):
        line = node.start_mark.line + 1
        raise RegisterError(f"{shown}, line {line}: {what} must be a mapping; see {form.page} for the form")
    _once(node, shown, what)
    yield from node.value


def _buildable(node: Any) -> bool:
    try:
        _LOADER("").construct_document(node)
    except (ValueError, yaml.YAMLError):
        return False
    return True


def _entry(key: Any, node: Any, shown: str, shipped: bool, form: Form) -> Entry:
    line = key.start_mark.line + 1
    for _ in _pairs(node, shown, told(key.value), form):
        pass
    try:
        row = _LOADER("").construct_document(node)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        problem = told(getattr(error, "problem", None) or str(error))
        line = next((n.start_mark.line + 1 for n in _scalars(node) if not _buildable(n)), line)
        raise RegisterError(
            f"{shown}, line {line}: {told(key.value)} has a value that cannot be read ({problem}); write days as 2017-03-02"
        ) from None
    return Entry(key.value, row, shown, line, shipped, node)


def sections(
    path: Path, form: Form, shown: str | None = None, shipped: bool = False
) -> Mapping[str, tuple[Entry, ...]]:
    """The entries of a file by section; `shown` is what messages call it. Raises `RegisterError` with the line of a fault."""
    name = shown or str(path)
    root = _root(path, name, form)
    if root is None:
        raise RegisterError(
            f"{name} is empty; a register begins with '{form.sections[0]}:' (see {form.page})"
        )
    if not shipped:
        _checked(root, name, form)
    found: dict[str, tuple[Entry, ...]] = {}
    for key, node in _pairs(root, name, "the file", form):
        if key.value not in form.sections:
            raise RegisterError(
                f"{name}, line {key.start_mark.line + 1}: {told(key.value)} is no section of a register;"
                f" its sections are {' and '.join(form.sections)}"
            )
        pairs = list(_pairs(node, name, repr(key.value), form))
        if len(pairs) > MOST_ENTRIES:
            raise RegisterError(
                f"{name} has {len(pairs):,} {key.value}, more than {MOST_ENTRIES:,}; split it into files of a region each"
            )
        found[key.value] = tuple(_entry(k, n, name, shipped, form) for k, n in pairs)
    return found


def read(path: Path, shown: str | None = None, shipped: bool = False) -> File:
    """The entries of a file of parties; as `sections`."""
    return File(**sections(path, PARTIES, shown, shipped))
