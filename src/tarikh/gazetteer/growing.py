"""Adding sources to an index and taking them out: each time the whole index is built anew, beside the one in use.

Invariant: a source is in the register only after an index was built with it; what fails leaves index and register as they were.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tarikh.errors import RefusedError, UsageError
from tarikh.gazetteer import building, forms, overrides, register
from tarikh.gazetteer.building import Added, Progress, Summary
from tarikh.gazetteer.index import built_with


@dataclass(frozen=True, slots=True)
class Given:
    """A file to add: where it is, where it came from (an address or path), and whether it is a file of overrides."""

    path: Path
    origin: str
    is_overrides: bool = False


def add(index: Path, given: Sequence[Given], progress: Progress | None = None) -> Summary | None:
    """Add files to an index and build it; None where it holds them all already.

    A file of the name of an earlier one takes its place. Raises `RefusedError` where a file cannot be used,
    `GazetteerError` where the index cannot be built.
    """
    names = [each.path.name for each in given]
    if len(set(names)) < len(names):
        raise UsageError("two of the files have one name; give the one that is to be used, or rename one")
    for name in names:
        if not register.allowed(name):
            raise UsageError(f"a source cannot be called {name!r}; rename the file")
    with register.locked(index):
        register.sweep(index)
        before = register.read(index)
        fresh: list[Added] = []
        try:
            for each in given:
                source, copy = register.keep(index, each.path, each.origin, _forms(each))
                fresh.append(Added(source, copy, fresh=True))
            if _known(index, before, fresh):
                return None
            kept = [s for s in before if s.name not in names]
            added = [*(Added(s, register.path_of(index, s)) for s in kept), *fresh]
            summary = building.rebuilt(index, added, progress, lambda _: _settle(index, kept, fresh))
            return replace(summary, replaced=_replaced(before, fresh))
        finally:
            for each_added in fresh:
                each_added.path.unlink(missing_ok=True)


def _replaced(before: Sequence[register.Source], fresh: Sequence[Added]) -> tuple[str, ...]:
    new = {each.source.name: each.source for each in fresh}
    return tuple(
        f"{old.name} from {new[old.name].origin} took the place of the earlier {old.name} ({old.size:,} bytes, added"
        f" {old.added[:10]} from {old.origin}); to have both, rename one"
        for old in before
        if old.name in new and old.sha256 != new[old.name].sha256
    )


def check_file(given: Given) -> None:
    """See that a file can be a source. Raises `UsageError` where it is no file, `RefusedError` where it has no known form."""
    path = given.path
    if path.is_dir():
        raise UsageError(f"{path} is a directory; give the files in it, each with --file")
    if not path.exists():
        raise UsageError(f"there is no file {path}; check the path")
    if not path.is_file():
        raise UsageError(f"{path} is no regular file; copy what it holds into a file, and give that")
    _forms(given)


def _forms(given: Given) -> list[str]:
    if given.is_overrides:
        overrides.read(given.path, RefusedError)
        return ["overrides"]
    return [form for form, _ in forms.read(given.path)]


def _known(index: Path, before: Sequence[register.Source], fresh: Sequence[Added]) -> bool:
    known = {source.name: source.sha256 for source in before}
    same = all(known.get(added.source.name) == added.source.sha256 for added in fresh)
    return same and built_with(index) == set(known)


def _settle(index: Path, kept: Sequence[register.Source], fresh: Sequence[Added]) -> None:
    """The new files get their names, then the list names them."""
    for added in fresh:
        added.path.replace(register.folder(index) / added.source.name)
    register.write(index, [*kept, *(added.source for added in fresh)])


def remove(index: Path, names: Sequence[str], progress: Progress | None = None) -> Summary:
    """Take sources out by name ("ML.zip" or "ML") and build the index without them. Raises `UsageError` on an unknown one."""
    with register.locked(index):
        before = register.read(index)
        gone = {_called(name, before).name for name in names}
        kept = [source for source in before if source.name not in gone]
        added = [Added(source, register.path_of(index, source)) for source in kept]
        summary = building.rebuilt(index, added, progress, lambda _: register.write(index, kept))
        for name in gone:
            with contextlib.suppress(OSError):
                (register.folder(index) / name).unlink()
        return summary


def _called(name: str, sources: Sequence[register.Source]) -> register.Source:
    wanted = name.lower()
    for source in sources:
        if wanted in (source.name.lower(), source.name.lower().partition(".")[0]):
            return source
    known = ", ".join(source.name for source in sources) or "none"
    raise UsageError(f"no source is called {name!r}; the index has: {known}")
