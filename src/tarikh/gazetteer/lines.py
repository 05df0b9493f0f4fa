"""Files of other people, read line by line: what a line has wrong costs that line, and is counted with its number.

Invariant: whatever the bytes, memory stays bounded, nothing is written to disk, no name inside an archive is used as a path.
"""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from tarikh.errors import RefusedError

_LONGEST = 1_000_000
"""Bytes of a line; the longest of GeoNames has 20,000."""
_SHOWN = 5
_MOST_REASONS = 300
_MOST_BAD = 0.05
"""Share of bad lines above which a file is refused, where they are more than a handful."""
_NOT_UTF8 = "is not UTF-8"
_PATIENCE = 1_000
"""Lines after which a file that is mostly bad is given up."""
_RATIO = 100
"""Bytes out of one byte in: dumps have 4 to 6, GeoJSON up to 15, a bomb 1,000."""
_SMALL = 10_000_000
_MOST_ENTRIES = 100
_ANY = re.compile(rb".*")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(slots=True)
class Faults:
    """What a file had wrong: `bad` rows of `lines`, the first few with their numbers, `left_out` on purpose."""

    name: str
    lines: int = 0
    bad: int = 0
    left_out: int = 0
    first: list[str] = field(default_factory=list)
    each: str = "line"
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, line: int, why: str) -> None:
        """Count a bad row. Raises `RefusedError` where the file is mostly bad."""
        self.bad += 1
        if len(self.first) < _SHOWN:
            self.first.append(f"{self.each} {line}: {why}")
        if self.bad >= _PATIENCE and self.bad > self.lines / 2:
            raise self.refusal()

    def leave(self, why: str) -> None:
        """Count a row that is sound and cannot be used; the reason is told."""
        self.left_out += 1
        self.reasons[
            why if why in self.reasons or len(self.reasons) < _MOST_REASONS else "other reasons"
        ] += 1

    def close(self) -> None:
        """Raises `RefusedError` where the file is empty, or too much of it is bad for the rest to be trusted."""
        if not self.lines:
            raise RefusedError(f"{self.name} is empty: fetch it again")
        few = self.each != "line" or self.bad <= _SHOWN
        if self.bad * 2 > self.lines or (not few and self.bad > self.lines * _MOST_BAD):
            raise self.refusal()

    def refusal(self) -> RefusedError:
        """Says which lines could not be read."""
        text = any(why.endswith(_NOT_UTF8) for why in self.first)
        advice = "Save it as UTF-8" if text else "Check that it is the right file, and fetch it again"
        return RefusedError(
            f"{self.name} cannot be used: {self.bad:,} of its first {self.lines:,} {self.each}s are bad"
            f" ({'; '.join(self.first)}). {advice}"
        )

    def told(self) -> str:
        """A sentence about the rows that were left out; "" where there is nothing to tell."""
        parts = []
        if self.bad:
            parts.append(
                f"{self.bad:,} of {self.lines:,} {self.each}s are bad and were left out ({'; '.join(self.first)})"
            )
        rows = "row" if self.each == "line" else self.each
        for why, count in self.reasons.most_common(_SHOWN):
            parts.append(f"{count:,} {rows}{'s' if count > 1 else ''} left out: {why}")
        return f"{self.name}: {'; '.join(parts)}" if parts else ""


@dataclass(frozen=True, slots=True)
class Member:
    """A file, or one file in an archive; `called` is its name for messages, `size` in bytes when unpacked."""

    path: Path
    called: str
    inner: str | None
    size: int
    packed: int

    @property
    def name(self) -> str:
        """The file, and what is read in it."""
        return self.called if self.inner is None else f"{self.called}/{self.base}"

    @property
    def base(self) -> str:
        """The last part of the name."""
        return self.called if self.inner is None else PurePosixPath(self.inner).name

    @contextlib.contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """Its bytes. Raises `RefusedError` where the archive is broken, also while it is being read."""
        if self.inner is None:
            with self.path.open("rb") as stream:
                yield stream
            return
        with contextlib.ExitStack() as stack:
            try:
                archive = stack.enter_context(zipfile.ZipFile(self.path))
                packed = stack.enter_context(archive.open(self.inner))
            except Exception as error:
                if isinstance(error, RuntimeError) and "password" in str(error):
                    raise RefusedError(
                        f"{self.name} is locked with a password: unpack it and give the file inside"
                    ) from error
                raise _broken(self.name, error) from error
            yield io.BufferedReader(_Bounded(packed, self), 1 << 18)

    def head(self, size: int = 1 << 16) -> bytes:
        """Its first bytes."""
        with self.opened() as stream:
            return stream.read(size)


def _broken(name: str, error: BaseException) -> RefusedError:
    return RefusedError(
        f"{name} is cut off or damaged ({str(error) or type(error).__name__}): fetch it again"
    )


class _Bounded(io.RawIOBase):
    """A packed stream that refuses to become far larger than it is packed."""

    def __init__(self, stream: IO[bytes], member: Member) -> None:
        self._stream, self._name = stream, member.name
        self._left = max(_SMALL, member.packed * _RATIO)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill a buffer."""
        try:
            got = self._stream.read(len(buffer))
        except Exception as error:  # damaged bytes make zlib, bz2, lzma and zipfile raise what they like
            raise _broken(self._name, error) from error
        self._left -= len(got)
        if self._left < 0:
            raise RefusedError(
                f"{self._name} unpacks to more than {_RATIO} times its size: it is no honest archive and is not read"
            )
        buffer[: len(got)] = got
        return len(got)


def members(path: Path, called: str | None = None) -> list[Member]:
    """The files in a file: itself, or those in the archive. Raises `RefusedError` where it cannot be opened."""
    name = called or path.name
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise RefusedError(f"{path} is no file: give the file itself")
        with path.open("rb") as stream:
            start = stream.read(4)
    except OSError as error:
        raise RefusedError(
            f"{path} cannot be read ({error.strerror}): check the path and your rights"
        ) from error
    if not size:
        raise RefusedError(f"{name} is empty: fetch it again")
    if not start.startswith(b"PK") and not name.lower().endswith(".zip"):
        return [Member(path, name, None, size, size)]
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [info for info in archive.infolist() if not info.is_dir()]
            if len(entries) > _MOST_ENTRIES:
                raise RefusedError(
                    f"{name} holds {len(entries):,} files: unpack it and give the one that is meant"
                )
            return [_member(path, name, info) for info in entries]
    except RefusedError:
        raise
    except Exception as error:
        if start.lstrip()[:1] == b"<":
            raise RefusedError(
                f"{name} is a web page, no archive: the server answered something else; fetch it again"
            ) from error
        raise _broken(name, error) from error


def _member(path: Path, called: str, info: zipfile.ZipInfo) -> Member:
    name = info.filename.replace("\\", "/")
    if name.startswith("/") or ".." in name.split("/") or ":" in name.split("/")[0]:
        raise RefusedError(
            f"{called} holds an entry that leads out of it ({info.filename!r}): it is no dump of places and is not read"
        )
    return Member(path, called, info.filename, info.file_size, info.compress_size)


def lines(
    stream: IO[bytes], faults: Faults, columns: int | None = None, whole: re.Pattern[bytes] = _ANY
) -> Iterator[tuple[int, str]]:
    """Numbered lines without their ends; bad ones are counted in `faults` and left out.

    Raises `RefusedError` where the file is mostly bad, or where it has columns and stops in the middle of a row:
    its last one lacks columns, or its last column is not `whole`.
    """
    number = 0
    while line := stream.readline(_LONGEST):
        number += 1
        faults.lines = number
        if not line.endswith(b"\n"):
            if len(line) == _LONGEST:
                while (rest := stream.readline(_LONGEST)) and not rest.endswith(b"\n"):
                    pass
                faults.add(number, f"is longer than {_LONGEST:,} bytes")
                continue
            last = line.rpartition(b"\t")[2].strip()
            if columns is not None and (line.count(b"\t") != columns - 1 or not whole.fullmatch(last)):
                raise RefusedError(
                    f"{faults.name} is cut off: it stops in the middle of line {number:,}; fetch it again"
                )
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        try:
            text = line.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            faults.add(number, _NOT_UTF8)
            continue
        if _CONTROL.search(text):
            faults.add(number, "holds control characters")
        elif text:
            yield number, text
    faults.close()
