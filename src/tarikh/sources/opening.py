"""From a stream of bytes to lines and text: gzip, byte order marks, encodings, limits.

Invariant: nothing here holds more than its limit in memory, whatever the stream contains.
"""

from __future__ import annotations

import codecs
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from tarikh.errors import SourceError
from tarikh.sources.options import ReadOptions

GZIP = b"\x1f\x8b"
_CHUNK = 1 << 16
_MAX_RATIO = 200
"""News packs 3 to 10 times; deflate reaches 1,032 only on a bomb."""
_RATIO_FLOOR = 10_000_000
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A stream that is ready to be read: where it stands for people, and what the server said of it."""

    stream: io.BufferedReader
    origin: str
    options: ReadOptions
    url: str | None = None
    charset: str | None = None

    def head(self) -> bytes:
        """The first bytes, which stay to be read."""
        return self.stream.peek(_CHUNK)[:_CHUNK]

    def beginning(self) -> bytes:
        """The first bytes as UTF-8 where the encoding is given, to guess the form by."""
        encoding = self.options.encoding
        return self.head().decode(encoding, "ignore").encode("utf-8", "ignore") if encoding else self.head()


class Allowance:
    """How many bytes may be unpacked, of one file or of several that share it."""

    def __init__(self, whole: int, whose: str = "") -> None:
        self._whole, self._left, self._whose = whole, whole, whose

    def take(self, size: int) -> None:
        """So many bytes more were unpacked. Raises `SourceError` where they are too many."""
        self._left -= size
        if self._left < 0:
            limit = f"the limit of {self._whole:,} bytes{self._whose}"
            raise SourceError(f"unpacks to more than {limit}; unpack and split it first")


class Gunzip(io.RawIOBase):
    """Unpacks gzip in steps; raises `SourceError` on damage, a cut, a bomb or more output than is allowed."""

    def __init__(self, packed: BinaryIO, allowed: Allowance) -> None:
        self._packed, self._allowed = packed, allowed
        self._unpacker = zlib.decompressobj(wbits=31)
        self._rest, self._came, self._gone = b"", 0, 0

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fills the buffer as far as one step gives; 0 at the end."""
        while True:
            if not self._rest:
                self._rest = self._packed.read(_CHUNK)
                self._came += len(self._rest)
                if not self._rest:
                    return self._at_end()
            if self._unpacker.eof:
                # Archives are often several gzip members one after the other, padded with zeros.
                self._rest = self._rest.lstrip(b"\0")
                if not self._rest:
                    continue
                self._unpacker = zlib.decompressobj(wbits=31)
            if data := self._step(len(buffer)):
                buffer[: len(data)] = data
                return len(data)

    def _step(self, size: int) -> bytes:
        try:
            data = self._unpacker.decompress(self._rest, size)
        except zlib.error as error:
            raise SourceError(f"the gzip data are damaged after {self._gone:,} bytes ({error})") from error
        self._rest = self._unpacker.unused_data if self._unpacker.eof else self._unpacker.unconsumed_tail
        self._gone += len(data)
        self._allowed.take(len(data))
        if self._gone > max(_RATIO_FLOOR, _MAX_RATIO * self._came):
            raise SourceError(
                f"packed more than {_MAX_RATIO}:1, as no news is; unpack it yourself if you trust it"
            )
        return data

    def _at_end(self) -> int:
        if not self._unpacker.eof:
            raise SourceError(f"the gzip data are cut off: they end in the middle after {self._gone:,} bytes")
        return 0


class _Transcoded(io.RawIOBase):
    """A stream of another encoding as UTF-8, for encodings in which a line break is no single byte."""

    def __init__(self, source: BinaryIO, encoding: str) -> None:
        self._source, self._encoding = source, encoding
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._ready, self._read, self._done = b"", 0, False

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fills the buffer; 0 at the end. Raises `SourceError` where the bytes are not of the encoding."""
        while not self._ready and not self._done:
            chunk = self._source.read(_CHUNK)
            self._done = not chunk
            try:
                self._ready = self._decoder.decode(chunk, final=self._done).encode("utf-8", "surrogatepass")
            except UnicodeDecodeError as error:
                raise SourceError(_undecodable(error, self._encoding, self._read)) from error
            self._read += len(chunk)
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size


def gunzipped(packed: BinaryIO, limit: int) -> io.BufferedReader:
    """What gzip data unpack to, at most `limit` bytes; reading raises `SourceError` as `Gunzip` does."""
    return _gunzipped(packed, Allowance(limit))


def _gunzipped(packed: BinaryIO, allowed: Allowance) -> io.BufferedReader:
    raw: Any = Gunzip(packed, allowed)
    return io.BufferedReader(raw, _CHUNK)


def buffered(stream: BinaryIO) -> io.BufferedReader:
    """The stream with the ability to look ahead."""
    if isinstance(stream, io.BufferedReader):
        return stream
    raw: Any = stream
    return io.BufferedReader(raw, _CHUNK)


def unpacked(stream: io.BufferedReader, allowed: Allowance) -> io.BufferedReader:
    """The stream, unpacked if it is gzip. Raises `SourceError` when what comes out is gzip again."""
    if not stream.peek(2).startswith(GZIP):
        return stream
    inner = _gunzipped(stream, allowed)
    if inner.peek(2).startswith(GZIP):
        raise SourceError("is packed by gzip twice; unpack it once first")
    return inner


def whole(opened: Opened, limit: int) -> bytes:
    """All bytes. Raises `SourceError` when there are more than `limit`."""
    data = opened.stream.read(limit + 1)
    if len(data) > limit:
        raise SourceError(
            f"holds more than the limit of {limit:,} bytes; split it, or use JSON lines, which have none"
        )
    return data


def mark(head: bytes) -> str | None:
    """The encoding that a byte order mark names."""
    return next((name for sign, name in _MARKS if head.startswith(sign)), None)


def text(data: bytes, options: ReadOptions) -> str:
    """Bytes as text by `options.encoding`, a byte order mark, or UTF-8. Raises `SourceError` naming the byte."""
    encoding = options.encoding or mark(data) or "utf-8"
    if encoding == "utf-8" and data[:1000].count(0) > len(data[:1000]) // 4:
        raise SourceError("looks like UTF-16 without its mark; say --encoding utf-16-le (or utf-16-be)")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise SourceError(_undecodable(error, encoding)) from error


def _undecodable(error: UnicodeDecodeError, encoding: str, before: int = 0) -> str:
    what = f"byte 0x{error.object[error.start]:02x}" if error.start < len(error.object) else "the end"
    return f"is not {encoding}: {what} at offset {before + error.start:,}; say which it is, for example --encoding cp1252"


def lines(opened: Opened) -> Iterator[tuple[int, bytes | None]]:
    """Each line with its number from 1, without byte order mark; None for one over `max_line_bytes`.

    UTF-16 and UTF-32 arrive as UTF-8; other encodings are left to `line_encoding`.
    """
    stream, limit = opened.stream, opened.options.max_line_bytes
    if _wide(opened):
        wide = opened.options.encoding or mark(opened.head()) or "utf-16"
        raw: Any = _Transcoded(stream, wide)
        stream = io.BufferedReader(raw, _CHUNK)
    number = 0
    while line := stream.readline(limit + 1):
        number += 1
        if number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        if len(line) > limit:
            while line and not line.endswith(b"\n"):
                line = stream.readline(_CHUNK)
            yield number, None
        else:
            yield number, line


def line_encoding(opened: Opened) -> str:
    """The encoding in which `lines` gives the lines of a stream."""
    return "utf-8" if _wide(opened) else opened.options.encoding or "utf-8"


def _wide(opened: Opened) -> bool:
    name = opened.options.encoding or mark(opened.head()) or "utf-8"
    return codecs.lookup(name).name.startswith(("utf-16", "utf-32"))
