"""A large file from the network to the disk: goes on where it was interrupted, checks size and checksum.

Invariant: the target is a whole file or not there; what lies beside it as partial is a prefix of what the server had.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import fcntl
import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpcore2
import httpx2

from tarikh.errors import SourceError
from tarikh.settings import Settings
from tarikh.sources import guard

Progress = Callable[[int, int], None]
"""Told bytes that are there and bytes that there will be (0: the server does not say)."""

_RETRIES = 5
_STEP = 100_000
"""Bytes that make an attempt no failure."""
_REDIRECTS = (301, 302, 303, 307, 308)
_MAX_REDIRECTS = 5
_LARGEST = 5_000_000_000
"""Bytes; all countries of GeoNames are 400 MB."""
_SLOWEST = 500
"""Bytes a second, over a minute: a server that drips must not hold a command for days."""
_MINUTE = 60.0
_PATIENCE = 3
"""Time-outs that may pass until an answer begins: its head, with all redirects."""
_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})")
_DIGEST = re.compile(r"(?:^|[,\s])(sha-256|sha-512|md5)=:?([A-Za-z0-9+/=]{20,100})", re.IGNORECASE)
_FAILURES = (
    httpx2.HTTPError,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.TimeoutException,
    TimeoutError,
    ConnectionError,
)


@dataclass(frozen=True, slots=True)
class Terms:
    """How to fetch. `secure` refuses all but https; `private` lets the host of the address be of a private network."""

    secure: bool = True
    private: bool = False
    wait: float = 1.0
    resolve: guard.Resolve = guard.resolve


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that is whole: its path, size in bytes, SHA-256, and whether a checksum of the server's was compared."""

    path: Path
    size: int
    sha256: str
    checked: bool


class _Again(Exception):
    """The attempt failed in a way that another may not."""


def fetch(
    address: str, target: Path, terms: Terms | None = None, progress: Progress | None = None
) -> Fetched:
    """Fetch an address into a file; an earlier attempt that was interrupted is gone on with.

    Raises `SourceError` with what to do where it cannot be had, OSError where it cannot be written.
    """
    terms = terms or Terms()
    target.parent.mkdir(parents=True, exist_ok=True)
    attempt = _Attempt(address, target, terms, progress)
    with _alone(target):
        why: Exception | None = None
        failures = 0
        while failures < _RETRIES:
            before = attempt.have()
            try:
                with attempt.client() as client:
                    return attempt.run(client)
            except (_Again, *_FAILURES) as error:
                why = error
            # A connection that breaks again and again, but brings something each time, gets there.
            failures = 0 if attempt.have() >= before + _STEP else failures + 1
            time.sleep(terms.wait * 2 ** max(0, failures - 1) if failures < _RETRIES else 0)
        way = (
            "what came is kept: type the command again later, and it goes on from there"
            if attempt.kept()[0]
            else "nothing of it is kept: check the network and type the command again later"
        )
        raise SourceError(
            f"{address} could not be fetched in {_RETRIES} attempts ({why or 'no answer'}); {way}"
        ) from why


@contextlib.contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Two processes must not write one file."""
    with target.with_name(f".{target.name}.lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SourceError(f"another process is fetching {target.name}: wait until it is done") from None
        yield


class _Attempt:
    def __init__(self, address: str, target: Path, terms: Terms, progress: Progress | None) -> None:
        self._address, self._target, self._terms, self._progress = address, target, terms, progress
        self._partial = target.with_name(f"{target.name}.partial")
        self._marks = target.with_name(f"{target.name}.partial.json")
        self._deadline = guard.Deadline()

    def client(self) -> httpx2.Client:
        """A client that connects through the guard only."""
        settings = Settings()
        self._deadline.set(_PATIENCE * settings.fetch_timeout)
        url = httpx2.URL(self._address)
        typed = (
            (url.raw_host.decode("ascii").lower(), url.port or (443 if url.scheme == "https" else 80))
            if self._terms.private
            else None
        )
        return httpx2.Client(
            transport=guard.Transport(guard.Guard(typed, self._terms.resolve, self._deadline)),
            timeout=settings.fetch_timeout,
            headers={"User-Agent": settings.user_agent, "Accept-Encoding": "identity"},
            follow_redirects=False,
            trust_env=False,
        )

    def have(self) -> int:
        """How many bytes are there."""
        return self._partial.stat().st_size if self._partial.exists() else 0

    def run(self, client: httpx2.Client) -> Fetched:
        """One attempt, from where the last one ended."""
        have, mark, length = self.kept()
        headers = {"Range": f"bytes={have}-", "If-Range": mark} if have else {}
        with self._answer(client, headers) as response:
            if response.status_code == 416:
                self._forget()
                raise _Again("the file changed on the server")
            start, total = self._extent(response, have)
            if start and (total != (length or total) or self._mark(response) not in ("", mark)):
                # A server that does not know If-Range sends the end of another file.
                self._forget()
                raise _Again("the file changed on the server")
            self._remember(response, total)
            self._receive(response, start, total)
            return self._settle(response)

    @contextlib.contextmanager
    def _answer(self, client: httpx2.Client, headers: Mapping[str, str]) -> Iterator[httpx2.Response]:
        url = httpx2.URL(self._address)
        for _ in range(_MAX_REDIRECTS + 1):
            self._check(url)
            with client.stream("GET", url, headers=dict(headers)) as response:
                if response.status_code in _REDIRECTS and "location" in response.headers:
                    url = url.join(response.headers["location"])
                    continue
                if response.status_code >= 500 or response.status_code == 429:
                    raise _Again(f"the server answered {response.status_code}")
                if response.status_code not in (200, 206, 416):
                    raise SourceError(
                        f"{self._address} answered {response.status_code}; check the name, or fetch the file yourself and give it with --file"
                    )
                yield response
                return
        raise SourceError(f"{self._address} leads through more than {_MAX_REDIRECTS} redirects")

    def _check(self, url: httpx2.URL) -> None:
        if url.scheme != "https" and (self._terms.secure or url.scheme != "http"):
            raise SourceError(
                f"{self._address} leads to {url.scheme}: and only https is used for data that is kept; fetch the file yourself and give it with --file"
            )
        if url.userinfo:
            raise SourceError(f"{url.host} is given with a user name or password; Tarikh sends none")

    # ---- what is there already -------------------------------------------------------------------------------

    def kept(self) -> tuple[int, str, int]:
        """How many bytes an earlier attempt left, the mark by which the server knows that file, its length (0: not said)."""
        try:
            marks = json.loads(self._marks.read_text(encoding="utf-8"))
            if marks["address"] == self._address and marks["mark"]:
                return self._partial.stat().st_size, str(marks["mark"]), int(marks["total"])
        except (OSError, ValueError, KeyError, TypeError):
            pass
        self._forget()
        return 0, "", 0

    def _forget(self) -> None:
        self._partial.unlink(missing_ok=True)
        self._marks.unlink(missing_ok=True)

    def _remember(self, response: httpx2.Response, total: int) -> None:
        mark = self._mark(response)
        text = json.dumps({"address": self._address, "mark": mark, "total": total})
        self._marks.write_text(text, encoding="utf-8")

    @staticmethod
    def _mark(response: httpx2.Response) -> str:
        etag = response.headers.get("etag", "")
        # A weak mark does not promise the same bytes.
        return etag if etag and not etag.startswith("W/") else response.headers.get("last-modified", "")

    # ---- what comes ------------------------------------------------------------------------------------------

    def _extent(self, response: httpx2.Response, have: int) -> tuple[int, int]:
        """Where the body begins in the file, and how long the file is (0: not said)."""
        length = response.headers.get("content-length", "")
        size = int(length) if length.isdecimal() and len(length) < 16 else 0
        if response.status_code == 206:
            span = _RANGE.fullmatch(response.headers.get("content-range", ""))
            if span is None or int(span[1]) != have:
                self._forget()
                raise _Again("the server sent another part than was asked for")
            size = int(span[3])
        if size > _LARGEST:
            raise SourceError(
                f"{self._address} has {size:,} bytes, more than {_LARGEST:,}: it is not fetched"
            )
        if "text/html" in response.headers.get("content-type", ""):
            raise SourceError(
                f"{self._address} answered with a web page, not a file: is there a login page before the network? Fetch the file yourself and give it with --file"
            )
        return (have if response.status_code == 206 else 0), size

    def _receive(self, response: httpx2.Response, start: int, total: int) -> None:
        done, began, counted = start, time.monotonic(), start
        self._deadline.set(2 * _MINUTE)
        with self._partial.open("r+b" if start else "wb") as file:
            file.seek(start)
            file.truncate()
            for chunk in response.iter_raw():
                file.write(chunk)
                done += len(chunk)
                if done > (total or _LARGEST):
                    raise SourceError(
                        f"{self._address} sends more than the {total or _LARGEST:,} bytes it announced"
                    )
                if self._progress is not None:
                    self._progress(done, total)
                now = time.monotonic()
                if now - began > _MINUTE:
                    if done - counted < _SLOWEST * (now - began):
                        raise _Again("the server sends too slowly")
                    began, counted = now, done
                    self._deadline.set(2 * _MINUTE)
        if total and done < total:
            raise _Again(f"the connection ended after {done:,} of {total:,} bytes")

    def _settle(self, response: httpx2.Response) -> Fetched:
        size = self._partial.stat().st_size
        if not size:
            raise _Again("the answer was empty")
        checked = self._compared(response)
        with self._partial.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        self._partial.replace(self._target)
        self._marks.unlink(missing_ok=True)
        return Fetched(self._target, size, sha256, checked)

    def _compared(self, response: httpx2.Response) -> bool:
        """Compare with the server's own checksum of the whole file, where it sends one."""
        sent = ", ".join(response.headers.get(name, "") for name in ("repr-digest", "digest"))
        pairs = [(m[1].lower().replace("-", ""), m[2]) for m in _DIGEST.finditer(sent)]
        if response.status_code == 200 and (md5 := response.headers.get("content-md5")):
            pairs.append(("md5", md5))
        for name, text in pairs:
            hashed = hashlib.new(name, usedforsecurity=False)
            with self._partial.open("rb") as file:
                while block := file.read(1 << 20):
                    hashed.update(block)
            found = hashed.digest()
            with contextlib.suppress(binascii.Error, ValueError):
                if base64.b64decode(text, validate=True) != found:
                    self._forget()
                    raise _Again(f"the {name} of what came is not the one that the server gives")
        return bool(pairs)
