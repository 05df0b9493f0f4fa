"""Where a snapshot's files are: a folder, a zip or a tar; written whole or not at all, read without unpacking.

Invariant: nothing that stands in an archive decides where something is written; files are read as streams.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from tarikh.errors import SourceError, TarikhError, UsageError

MANIFEST = "manifest.json"
FORMS = (".zip", ".tar", ".tar.gz", ".tgz")
"""Suffixes of archives that can be written and read."""

_OTHER = re.compile(
    r"\.(7z|ace|arj|br|bz2|cab|cpio|csv|db|dmg|geojson|gz|html?|iso|jar|jsonl?|lha|lz|lz4|lzh|lzma|lzo|parquet|pax|rar"
    r"|sqlite3?|tbz2?|tlz|txz|tzst|xlsx?|xz|z|zipx|zst)",
)
"""Suffixes of other archives and files: a folder of such a name would be taken for one."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The moment of files in archives: that of their making is in the manifest, and the same files give the same archive."""

_LARGEST = 5_000_000_000
"""Bytes of the largest file of a snapshot that is read."""
_MOST_NAMES = 1000
_BROKEN = (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


def _form(path: Path) -> str:
    name = path.name.lower()
    return next((suffix for suffix in FORMS if name.endswith(suffix)), "")


def check_free(destination: Path) -> None:
    """Raises `UsageError` where something is there already, its folder is not, or the name is that of another archive."""
    ending = destination.suffix.lower()
    if not _form(destination) and _OTHER.fullmatch(ending):
        raise UsageError(
            f"a snapshot cannot be written as {ending} ({destination}): the name of an archive ends in"
            f" {', '.join(FORMS[:-1])} or {FORMS[-1]}, that of a folder in none of this sort"
        )
    if destination.exists() or destination.is_symlink():
        raise UsageError(f"{destination} is there already; a snapshot is never written over, name another")
    if not destination.name or not destination.parent.is_dir():
        raise UsageError(f"the folder {destination.parent} does not exist; create it, or name another path")


@contextmanager
def written(destination: Path) -> Iterator[Path]:
    """A folder to write files to; when the block has ended well, they are the snapshot. Raises `TarikhError`."""
    check_free(destination)
    partial = destination.with_name(f".{destination.name}.{secrets.token_hex(4)}.partial")
    try:
        partial.mkdir()
        yield partial
        form = _form(destination)
        if not form:
            partial.replace(destination)
            return
        packed = partial / f"packed{form}"
        _pack(sorted(partial.iterdir()), packed, form)
        with packed.open("rb") as stream:
            os.fsync(stream.fileno())
        packed.replace(destination)
    except OSError as error:
        raise TarikhError(f"{destination} cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _pack(files: Sequence[Path], packed: Path, form: str) -> None:
    if form == ".zip":
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in files:
                info = zipfile.ZipInfo(path.name, _EPOCH)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = 0o644 << 16
                with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as target:
                    shutil.copyfileobj(source, target)
        return
    with tarfile.open(packed, "w" if form == ".tar" else "w:gz") as tar:
        for path in files:
            member = tarfile.TarInfo(path.name)
            member.size = path.stat().st_size
            with path.open("rb") as source:
                tar.addfile(member, source)


class Container:
    """The files of a snapshot that is there."""

    def __init__(self, path: Path, zipped: zipfile.ZipFile | None, tarred: tarfile.TarFile | None) -> None:
        self.path = path
        self._zip, self._tar = zipped, tarred
        self._prefix = ""
        self._names = self._listed()

    def _listed(self) -> list[str]:
        if self._zip is not None:
            names = [i.filename for i in self._zip.infolist()[:_MOST_NAMES] if not i.is_dir()]
        elif self._tar is not None:
            names = []
            for member in self._tar:
                if member.isfile():
                    names.append(member.name)
                if len(names) >= _MOST_NAMES:
                    break
        else:
            names = [p.name for p in sorted(self.path.iterdir())][:_MOST_NAMES]
        # Who packs a folder by hand packs it with its name before each file.
        holder = next((n.removesuffix(MANIFEST) for n in names if n.endswith("/" + MANIFEST)), "")
        if MANIFEST not in names and holder:
            self._prefix = holder
        return [n.removeprefix(self._prefix) for n in names]

    def names(self) -> list[str]:
        """The files, in their order."""
        return list(self._names)

    @contextmanager
    def opened(self, name: str) -> Iterator[IO[bytes]]:
        """A file to read. Raises `SourceError` where it cannot be."""
        try:
            with self._open(self._prefix + name) as stream:
                yield stream
        except (OSError, KeyError, *_BROKEN) as error:
            raise SourceError(f"{name} of {self.path} cannot be read: {_said(error)}") from error

    def _open(self, name: str) -> IO[bytes]:
        if self._zip is not None:
            return self._zip.open(name)
        if self._tar is not None:
            member = self._tar.extractfile(name)
            if member is None:
                raise KeyError(f"{name} is no file")
            return member
        path = self.path / name
        # A link would show what lies elsewhere, a pipe would never end.
        if path.is_symlink() or not path.is_file():
            raise KeyError(f"{name} is a link or no file")
        if path.stat().st_size > _LARGEST:
            raise KeyError(f"{name} has more than {_LARGEST // 1_000_000_000} GB")
        return path.open("rb")


@contextmanager
def container(path: Path) -> Iterator[Container]:
    """A snapshot to read. Raises `UsageError` where there is none, `SourceError` where it is damaged."""
    if not path.is_dir() and not path.is_file():
        raise UsageError(f"there is no snapshot at {path}; name its folder, .zip or .tar")
    with suppress_broken(path):
        if path.is_dir():
            yield Container(path, None, None)
        elif zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as zipped:
                yield Container(path, zipped, None)
        else:
            with tarfile.open(path, "r:*") as tarred:
                yield Container(path, None, tarred)


@contextmanager
def suppress_broken(path: Path) -> Iterator[None]:
    """What an archive's reader says of a damaged file, as a sentence."""
    try:
        yield
    except (OSError, *_BROKEN) as error:
        told = "" if isinstance(error, tarfile.ReadError) else f" ({_said(error)})"
        raise SourceError(
            f"{path} is no folder, .zip or .tar that can be read{told}; get a whole copy of the snapshot"
        ) from error


def _said(error: BaseException) -> str:
    """What an error says, without its number or quotes."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[:1].lower() + error.strerror[1:]
    return str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)


def discard(path: Path) -> None:
    """Removes a folder of ours, whatever is in it."""
    with suppress(OSError):
        shutil.rmtree(path)
