"""Checking a snapshot: its checksums, and file by file against what the database gives for the same moment.

Invariant: nothing is changed; every difference is one sentence that names the file, row or part. What differs because
a report was forgotten since is told as that, and is no tampering.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice, zip_longest
from pathlib import Path
from typing import IO, Any, Literal

from tarikh.errors import SourceError, TarikhError
from tarikh.exports import NOTICE
from tarikh.exports.versions import NAMES, versions
from tarikh.snapshots import making
from tarikh.snapshots.comparing import Differences, compared
from tarikh.snapshots.container import MANIFEST, Container, container
from tarikh.snapshots.forgetting import Forgetting
from tarikh.store import Store
from tarikh.text import one_line

Sort = Literal["file", "version", "row", "incident", "note"]

_SHOWN = 20
"""Sentences of one sort; of more only the number is told."""

_FIELDS = 4
_LARGEST_MANIFEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found. A `note` is no difference."""

    sort: Sort
    sentence: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found. `moment` is the snapshot's, `rebuilt` whether a database was compared."""

    path: Path
    moment: datetime | None
    rebuilt: bool
    findings: tuple[Finding, ...]

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return all(finding.sort == "note" for finding in self.findings)


def verify(path: Path, store: Store | None, progress: making.Progress | None = None) -> Verdict:
    """Checks a snapshot, without a store by its checksums alone.

    Raises `UsageError` where there is no snapshot, `SourceError` where it is no archive that can be read.
    """
    with container(path) as held:
        manifest, faults = _manifest(held)
        if manifest is None:
            return Verdict(path, None, False, tuple(faults))
        moment = datetime.fromisoformat(manifest["moment"])
        found = [*faults, *_keys(manifest), *_checksums(held, manifest)]
        if store is None:
            sentence = "the checksums alone were checked: there is no database to rebuild the snapshot from"
            return Verdict(path, moment, False, (*found, Finding("note", sentence)))
        found += _versions(manifest)
        found += _rebuilt(held, manifest, store, moment, progress)
    return Verdict(path, moment, True, tuple(found))


# ---- the snapshot by itself ------------------------------------------------------------------------------


def _manifest(held: Container) -> tuple[Mapping[str, Any] | None, list[Finding]]:
    if MANIFEST not in held.names():
        return None, [Finding("file", f"{MANIFEST} is missing, so that nothing can be checked")]
    try:
        with held.opened(MANIFEST) as stream:
            raw = stream.read(_LARGEST_MANIFEST)
    except SourceError as error:
        return None, [Finding("file", str(error))]
    manifest = making.manifest_of(raw)
    if manifest is None:
        return None, [
            Finding("file", f"{MANIFEST} is not as Tarikh writes it, so that nothing can be checked")
        ]
    if manifest["format"] not in making.KNOWN:
        told = f"the snapshot has format {manifest['format']}, this Tarikh knows up to {max(making.KNOWN)}"
        return None, [
            Finding("version", f"{told}; verify it with the version of Tarikh that its manifest names")
        ]
    return manifest, []


def _keys(manifest: Mapping[str, Any]) -> Iterator[Finding]:
    """What the manifest says of itself: its keys, its notice, and one checksum that stands in it twice."""
    for key in making.KEYS:
        if key not in manifest:
            yield Finding("file", f"{MANIFEST} has no {key}; somebody took it out")
    for key in manifest:
        if key not in making.KEYS:
            yield Finding("file", f"{one_line(key, 80)} is no key of {MANIFEST}; somebody added it")
    if manifest.get("notice") not in (NOTICE, None):
        told = one_line(json.dumps(manifest["notice"], ensure_ascii=False), 200)
        yield Finding("file", f"the notice of {MANIFEST} is not the one of this Tarikh: {told}")
    of_rows = manifest["files"].get(making.ROWS)
    if of_rows is not None and manifest["rows"].get("sha256") != of_rows["sha256"]:
        yield Finding("file", f"{MANIFEST} gives two checksums of {making.ROWS}, under rows and under files")
    rule = manifest["settings"].get("rule")
    if rule != making.RULE:
        told = f"{one_line(json.dumps(rule), 80)}, but snapshots are made by {making.RULE}"
        yield Finding("file", f"the rule of figures is {told}")


def _checksums(held: Container, manifest: Mapping[str, Any]) -> Iterator[Finding]:
    there = held.names()
    for name in making.FILES:
        named = manifest["files"].get(name)
        if named is None:
            yield Finding("file", f"the manifest does not name {name}")
        elif name not in there:
            yield Finding("file", f"{name} is missing")
        else:
            yield from _checksum(held, name, named)
    for name in there:
        if name not in (*making.FILES, MANIFEST):
            yield Finding("file", f"{one_line(name, 80)} is no file of the snapshot; somebody added it")


def _checksum(held: Container, name: str, named: Mapping[str, Any]) -> Iterator[Finding]:
    hashed, size = hashlib.sha256(), 0
    try:
        with held.opened(name) as stream:
            # An archive can unpack to more than a disk holds; beyond the size named it differs anyway.
            while size <= named["bytes"] and (part := stream.read(1 << 20)):
                hashed.update(part)
                size += len(part)
    except SourceError as error:
        yield Finding("file", str(error))
        return
    if (size, hashed.hexdigest()) != (named["bytes"], named["sha256"]):
        yield Finding(
            "file", f"{name} was changed after the snapshot was made: its checksum is not the manifest's"
        )


def _versions(manifest: Mapping[str, Any]) -> Iterator[Finding]:
    here = versions()
    for part, called in NAMES.items():
        then, now = manifest["versions"].get(part), here[part]
        if then != now:
            told = f"{called} is another: {then or 'unknown'} in the snapshot, {now or 'not installed'} here"
            yield Finding("version", told)


# ---- against the database --------------------------------------------------------------------------------


def _rebuilt(
    held: Container,
    manifest: Mapping[str, Any],
    store: Store,
    moment: datetime,
    progress: making.Progress | None,
) -> list[Finding]:
    with tempfile.TemporaryDirectory(prefix="tarikh-verify-") as name:
        folder = Path(name)
        making.write_rows(store, folder / making.ROWS, moment, progress, manifest["format"])
        rows = _difference(held, folder, making.ROWS, "rows")
        # The head of the file is a row as well, and always found.
        if rows is not None and rows.found <= 1 and any(k.startswith("report ") for k in rows.gone):
            told = f"the database {store.path} holds none of the snapshot's rows: it is another chronicle"
            return [Finding("row", f"{told}; name the right one with --db, or leave it out with --checksums")]
        found = list(_counted(manifest, store, moment))
        since = Forgetting(store, moment, folder / making.ROWS)
        found += [] if rows is None else _few("row", _rows(rows, since))
        try:
            settings = manifest["settings"]
            number = making.write_incidents(
                store, folder, moment, settings["words"], settings.get("disclosure", "full")
            )
        except Exception as error:
            if not found and isinstance(error, TarikhError):
                raise
            # A row that was changed by hand may be none that can be read; its finding stands above.
            what = str(error) if isinstance(error, TarikhError) else f"{type(error).__name__}: {error}"
            told = f"the incidents cannot be rebuilt from the database: {what}"
            return [*found, Finding("incident", one_line(told, 500))]
        if manifest.get("incidents") != number:
            said = one_line(json.dumps(manifest.get("incidents")), 80)
            told = f"the number of incidents is {said} by the manifest, {number} by the database"
            found.append(Finding("incident", told))
        for file, form, blank in (
            ("incidents.jsonl", "jsonl", since.blanked),
            ("incidents.csv", "csv", None),
        ):
            made = _difference(held, folder, file, form)
            header = _header(folder / file) if form == "csv" else ()
            if made is not None:
                found += _few("incident", _incidents(file, made, since, blank, header))
        found += [Finding("note", sentence) for sentence in since.sentences()]
    return found


def _counted(manifest: Mapping[str, Any], store: Store, moment: datetime) -> Iterator[Finding]:
    past, form = store.past(), manifest["format"]
    level = manifest.get("settings", {}).get("disclosure", "full")
    there: list[tuple[str, Any, Any]] = [
        ("rows of each table", manifest["rows"]["counts"], past.counts(moment, form)),
        ("reports of each coder", manifest.get("coders"), making.coders(store, moment, level)),
    ]
    if form > 1:  # the first counted what was forgotten when it was made, whatever its moment
        there.append(("reports forgotten", manifest.get("forgotten"), making.forgotten(store, moment)))
    for what, said, made in there:
        if said != made:
            one, two = (one_line(json.dumps(v), 200) for v in (said, made))
            yield Finding("row", f"the {what} are {one} by the manifest, {two} by the database")


def _difference(held: Container, folder: Path, name: str, form: str) -> Differences | None:
    """None where the files are the same, or the snapshot's cannot be read, which its checksum has told."""
    try:
        with held.opened(name) as given:
            if _sha256(given) == making.sha256_of(folder / name):
                return None
        with held.opened(name) as given, (folder / name).open("rb") as made:
            return compared(given, made, form)
    except SourceError:
        return None


def _sha256(stream: IO[bytes]) -> str:
    hashed = hashlib.sha256()
    while part := stream.read(1 << 20):
        hashed.update(part)
    return hashed.hexdigest()


def _header(path: Path) -> tuple[str, ...]:
    with path.open(encoding="utf-8") as stream:
        return tuple(stream.readline().rstrip("\r\n").split(","))


def _few(sort: Sort, sentences: Iterable[str]) -> Iterator[Finding]:
    told = list(sentences)
    yield from (Finding(sort, sentence) for sentence in told[:_SHOWN])
    if len(told) > _SHOWN:
        yield Finding(sort, f"and {len(told) - _SHOWN} more of this sort")


def _rows(rows: Differences, since: Forgetting) -> Iterator[str]:
    for key, (given, made) in rows.changed.items():
        if not since.explains_row(given, made):
            yield f"{_row(key)} of the database is not what it was when the snapshot was made"
    for key in rows.gone:
        if not since.explains_key(key):
            yield f"{_row(key)} is gone from the database, or was never in it"
    for key in rows.added:
        yield f"{_row(key)} of the database has a moment before the snapshot's and is not in it: it was put in later"
    yield from (f"{making.ROWS}: {fault}" for fault in rows.unread)


def _row(key: str) -> str:
    table, _, rest = key.partition(" ")
    return f"{one_line(table, 20).replace('_', ' ')} {one_line(rest, 60)}"


def _incidents(
    file: str,
    made: Differences,
    since: Forgetting,
    blank: Callable[[Any], Any] | None,
    header: tuple[str, ...],
) -> Iterator[str]:
    for key, (given, anew) in made.changed.items():
        one, two = (blank(given), blank(anew)) if blank is not None else (given, anew)
        if one == two or since.explains_incident(key, given, anew):
            continue
        yield f"{file}: incident {key} differs: {_fields(one, two, header)}"
    for key in made.gone:
        if not since.explains_incident(key):
            yield f"{file}: incident {one_line(key, 60)} does not follow from the database"
    for key in made.added:
        if not since.explains_incident(key):
            yield f"{file}: incident {key} is missing, the database has it for that moment"
    yield from (f"{file}: {fault}" for fault in made.unread)


def _fields(given: Any, made: Any, header: tuple[str, ...]) -> str:
    """The fields that differ, with the value of the snapshot and that of the database."""
    if not isinstance(given, Mapping):
        given, made = (
            dict(zip_longest(header, row[: len(header)])) | {"": row[len(header) :]} for row in (given, made)
        )
    told = []
    for name, left, right in islice(_apart("", given, made), _FIELDS + 1):
        values = [one_line(json.dumps(v, ensure_ascii=False), 60) for v in (left, right)]
        told.append(f"{one_line(name, 80)} is {values[0]} in the snapshot, {values[1]} by the database")
    return "; ".join(told[:_FIELDS]) + ("; and more" if len(told) > _FIELDS else "")


def _apart(name: str, left: Any, right: Any) -> Iterator[tuple[str, Any, Any]]:
    """The deepest places in which two JSON values differ, named by their path."""
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        for key in dict.fromkeys([*right, *left]):
            yield from _apart(f"{name}.{key}" if name else str(key), left.get(key), right.get(key))
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for number, pair in enumerate(zip(left, right, strict=True)):
            yield from _apart(f"{name}[{number}]", *pair)
    elif left != right:
        yield name, left, right
