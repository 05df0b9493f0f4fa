"""Building the index: into a file beside the target, moved over it when whole.

Invariant: whatever happens during a build, the target is the old index or the new one, never half of one.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tarikh.errors import GazetteerError, MissingError, RefusedError
from tarikh.gazetteer import dumps, forms, register, towns
from tarikh.gazetteer.boundaries import Areas
from tarikh.gazetteer.index import open_index
from tarikh.gazetteer.lines import Faults, Member
from tarikh.gazetteer.overrides import Entry, read
from tarikh.gazetteer.packaged import LICENCE, Packaged, overrides, sources
from tarikh.gazetteer.writing import SORTING, Writer

Progress = Callable[[int, int], None]
_BYTES_OF_ROW = {"geonames": 105, "alternates": 42}
_PATIENCE = 3600.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What was built: how many places, under how many names, what was wrong with the sources, and which
    earlier sources gave way to new ones of their names (a sentence each)."""

    path: Path
    places: int
    names: int
    seconds: float
    faults: tuple[str, ...] = ()
    notes: dict[str, Any] = field(default_factory=dict)
    replaced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Added:
    """A source to build from: its entry in the register, the file (which may not have its final name yet), and whether it is new."""

    source: register.Source
    path: Path
    fresh: bool = False


def build(path: Path, progress: Progress | None = None) -> Summary:
    """Build the index of the installed packages and of all sources that the user has added to it.

    `progress` is told (done, total) now and then. Raises `MissingError` where a package is not installed,
    `GazetteerError` where a source cannot be used, there is no room, or another process is building it; OSError where
    the folder is not writable.
    """
    with register.locked(path):
        return _from_register(path, progress)


def ensure(path: Path, progress: Progress | None = None) -> None:
    """Build the index where there is none of this version's format; where another process is building it, wait for that."""
    with register.locked(path, _PATIENCE):
        if not usable(path):
            _from_register(path, progress)


def usable(path: Path) -> bool:
    """Whether an index stands there that this version reads."""
    try:
        open_index(path)
    except MissingError:
        return False
    return True


def _from_register(path: Path, progress: Progress | None) -> Summary:
    added = [Added(source, register.path_of(path, source)) for source in register.read(path)]
    return rebuilt(path, added, progress)


def rebuilt(
    path: Path,
    added: Sequence[Added],
    progress: Progress | None = None,
    whole: Callable[[Summary], None] | None = None,
) -> Summary:
    """Build from the packages and these sources; the caller holds the lock.

    `whole` is called when the new index is whole, just before it takes the old one's place.
    """
    started = time.monotonic()
    versions = sources()
    with _told(path), _beside(path) as partial:
        job = _Job(partial, added, progress)
        notes = {"sources": versions, **job.run()}
        places, names = job.writer.finish({**notes, "licence": _licences(added)})
        job.writer.close()
        summary = Summary(path, places, names, time.monotonic() - started, tuple(job.told), notes)
        if whole is not None:
            whole(summary)
    return summary


def _licences(added: Sequence[Added]) -> str:
    has = {form for each in added for form in each.source.forms}
    return "; ".join(
        (LICENCE, *dict.fromkeys(terms for form, terms in forms.LICENCES.items() if form in has))
    )


class _Job:
    """One build: the packages, then the sources by form, in the order in which each needs the others."""

    def __init__(self, partial: Path, added: Sequence[Added], progress: Progress | None) -> None:
        self._progress, self._done, self._added = progress, 0, added
        self.told: list[str] = []
        self._rows: dict[str, int] = {}
        rules = overrides()
        self._members: dict[str, list[tuple[Added, Member]]] = {}
        for each in added:
            if "overrides" in each.source.forms:
                rules = rules.with_(read(each.path, RefusedError, each.source.name))
                self._rows[each.source.name] = 1
            else:
                for form, member in forms.read(each.path, each.source.name, self.told.append):
                    self._members.setdefault(form, []).append((each, member))
        self._packaged = Packaged(rules)
        rows = self._packaged.total() + sum(
            member.size // size
            for form, size in _BYTES_OF_ROW.items()
            for _, member in self._members.get(form, ())
        )
        self._total = int(rows * (1 + SORTING))
        self.writer = Writer(partial)

    def run(self) -> dict[str, Any]:
        """All steps; what the index tells of itself."""
        try:
            codes, areas = dumps.Codes(self._packaged), Areas(self._packaged)
            for form in ("admin1", "admin2"):
                self._each(form, lambda stream, faults: dumps.sidecar(stream, faults, codes))
            self._each("boundaries", areas.take)
            areas.settle()
            self.writer.put(areas.placed(self._packaged.entries()), self._tick)
            self._each("geonames", lambda s, f: self._put(areas.placed(dumps.entries(s, f, codes))))
            self._each("alternates", lambda s, f: self.writer.name(dumps.alternates(s, f), self._tick))
            known, new = areas.split()
            self.writer.put(known)
            rows = self._done
            self.writer.sort(lambda share: self._say(rows + int((self._total - rows) * share)))
            self.writer.put_late(new, _same_unit)
            self._each("ged", self._towns)
            self._check_gain(added for added in self._added if added.fresh)
            self._say(self._total)
        except BaseException:
            self.writer.close()
            raise
        return {"added": self._rows, "full_countries": codes.full(), "outlines": areas.countries()}

    def _put(self, entries: Iterator[Entry]) -> int:
        return self.writer.put(entries, self._tick)

    def _towns(self, stream: Any, faults: Faults) -> int:
        return self.writer.put_late(towns.entries(stream, faults, self._packaged), towns.same_town)[0]

    def _each(self, form: str, work: Callable[[Any, Faults], int | None]) -> None:
        """Do a piece of work with every file of a form, and keep what was wrong with it."""
        for added, member in self._members.get(form, ()):
            faults = Faults(member.name)
            with member.opened() as stream:
                count = work(stream, faults)
            name = added.source.name
            got = count if count is not None else faults.lines - faults.bad
            self._rows[name] = self._rows.get(name, 0) + got
            if faults.told():
                self.told.append(faults.told())

    def _check_gain(self, fresh: Iterable[Added]) -> None:
        """Raises `RefusedError` where a new source gave nothing: whoever adds it would take it to be there."""
        for name in (each.source.name for each in fresh):
            if not self._rows.get(name):
                why = "; ".join(told for told in self.told if told.startswith((f"{name}:", f"{name}/")))
                raise RefusedError(
                    f"{name} gives nothing that can be used ({why or 'no row names a place'}): check that it is the"
                    " right file; alternate names need the dump of their country"
                )

    def _tick(self, rows: int) -> None:
        self._say(self._done + rows)
        self._done += rows

    def _say(self, done: int) -> None:
        if self._progress is not None:
            self._progress(min(done, self._total), self._total)


def _same_unit(left: Entry, right: Entry) -> bool:
    a, b = left.place, right.place
    return (a.country, a.level) == (b.country, b.level)


def write(path: Path, entries: Iterable[Entry], notes: dict[str, object] | None = None) -> tuple[int, int]:
    """Write entries as an index into an empty or absent file; how many places and names it holds."""
    writer = Writer(path)
    try:
        writer.put(entries)
        writer.sort()
        return writer.finish({**(notes or {}), "licence": LICENCE})
    finally:
        writer.close()


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """A full disk, from wherever it is reported, as a sentence."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        said = isinstance(error, sqlite3.Error) and "full" in str(error)
        full = said or getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT)
        if not full and isinstance(error, OSError):
            raise
        why = "there is no room left" if full else str(error)
        raise GazetteerError(
            f"the gazetteer index {path} could not be built: {why}; the old index, if there was one, stays in use."
            f" Make room in {path.parent} and in the folder for temporary files, and type the command again"
        ) from error


@contextlib.contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A new file beside the target, moved over it at the end; removed where anything failed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.chmod(0o644)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _sweep(path: Path) -> None:
    """Remove what killed builds left behind: whoever holds the lock is the only one that builds."""
    for left in path.parent.glob(f".{path.name}.*.partial"):
        with contextlib.suppress(OSError):
            left.unlink()
