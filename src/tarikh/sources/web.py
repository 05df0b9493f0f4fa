"""Addresses: one GET through the guard, with limits on time, size and redirects.

Invariant: every request, redirects as well, is http or https, without credentials, and passes `guard`.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from types import TracebackType

import httpcore2
import httpx2

from tarikh.errors import SourceError
from tarikh.sources import guard, opening
from tarikh.sources.options import ReadOptions

_MAX_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_PORTS = {"http": 80, "https": 443}
_PATIENCE = 3
"""An answer with its redirects may take this many time-outs in all: a server that drips a byte a second meets none."""
_CHARSET = re.compile(r"charset\s{0,9}=\s{0,9}[\"']?([A-Za-z0-9_:.\-]{2,40})", re.IGNORECASE)
_CREDENTIALS = re.compile(r"(?<=//)[^/@\s]*@")
_ADVICE = {
    401: "it wants a login; save the page and give the file",
    403: "it does not let programs in; save the page and give the file",
    404: "check the address",
    410: "the page is gone",
    429: "it asks for fewer requests; try later",
}


@dataclass(frozen=True, slots=True)
class Page:
    """What an address answered: where it was found in the end, its bytes, and what the server says they are."""

    url: str
    data: bytes
    media: str = ""
    charset: str | None = None


def is_address(source: str) -> bool:
    """Whether a source is an address of some scheme, not a path."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.\-]{1,20}://", source) is not None


def shown(url: str) -> str:
    """An address without credentials, for messages."""
    return _CREDENTIALS.sub("…@", url)


class Fetcher:
    """A client for one source; `typed` is the address that the user gave. Connects only when asked to `get`."""

    def __init__(
        self, options: ReadOptions, typed: str | None = None, resolve: guard.Resolve = guard.resolve
    ) -> None:
        self.options = options
        self._typed, self._resolve = typed, resolve
        self._client: httpx2.Client | None = None
        self._deadline = guard.Deadline()

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            self._client.close()

    def get(self, address: str) -> Page:
        """The page at an address. Raises `SourceError` with a sentence that says what to do."""
        limit = self.options.settings.fetch_timeout
        try:
            self._deadline.set(_PATIENCE * limit)
            return self._get(address)
        except (httpx2.TimeoutException, httpcore2.TimeoutException) as error:
            if self._deadline.passed():
                raise SourceError("sends too slowly; try later") from error
            raise SourceError(f"did not answer within {limit:g} seconds; try later") from error
        except (httpx2.InvalidURL, UnicodeError, ValueError) as error:
            raise SourceError(f"is no address that can be read ({error})") from error
        except (httpx2.HTTPError, httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
            raise SourceError(
                f"does not answer ({error or type(error).__name__}); check the address"
            ) from error

    def _get(self, address: str) -> Page:
        url = httpx2.URL(address.strip())
        for _ in range(_MAX_REDIRECTS + 1):
            _check(url)
            with self._opened().stream("GET", url) as response:
                if response.status_code in _REDIRECTS and "location" in response.headers:
                    url = url.join(response.headers["location"])
                    continue
                if response.status_code != 200:
                    raise SourceError(_refusal(response))
                return self._page(url, response)
        raise SourceError(
            f"leads through more than {_MAX_REDIRECTS} redirects; give the address at their end"
        )

    def _page(self, url: httpx2.URL, response: httpx2.Response) -> Page:
        media = response.headers.get("content-type", "")
        charset = _CHARSET.search(media)
        data = self._body(response)
        if not data:
            raise SourceError("answered with an empty page")
        kind = media.partition(";")[0].strip().lower()
        return Page(str(url.copy_with(fragment=None)), data, kind, charset[1] if charset else None)

    def _body(self, response: httpx2.Response) -> bytes:
        limit = self.options.settings.fetch_max_bytes
        too_large = SourceError(f"is larger than the limit of {limit:,} bytes (TARIKH_FETCH_MAX_BYTES)")
        promised = response.headers.get("content-length", "")
        if promised.isdecimal() and int(promised[:20]) > limit:
            raise too_large
        packing = response.headers.get("content-encoding", "identity").strip().lower()
        if packing not in ("identity", "", "gzip", "x-gzip"):
            raise SourceError(f"answered in the encoding {packing!r}, which was not asked for")
        got = bytearray()
        for chunk in response.iter_raw():
            got += chunk
            if len(got) > limit:
                raise too_large
        if packing.endswith("gzip") and got.startswith(opening.GZIP):
            # Unpacked here and not by the client, which would unpack a bomb in one step.
            return opening.gunzipped(io.BytesIO(got), limit).read()
        return bytes(got)

    def _opened(self) -> httpx2.Client:
        if self._client is None:
            self._client = httpx2.Client(
                transport=guard.Transport(guard.Guard(self._private_origin(), self._resolve, self._deadline)),
                timeout=self.options.settings.fetch_timeout,
                headers={"User-Agent": self.options.settings.user_agent, "Accept-Encoding": "gzip"},
                follow_redirects=False,
                trust_env=False,
            )
        return self._client

    def _private_origin(self) -> tuple[str, int] | None:
        """The host and port that may be private: those that the user typed, when that is allowed."""
        if not self.options.allow_private or self._typed is None:
            return None
        url = httpx2.URL(self._typed.strip())
        return url.raw_host.decode("ascii").lower(), url.port or _PORTS.get(url.scheme, 0)


def _check(url: httpx2.URL) -> None:
    if url.scheme not in _PORTS:
        raise SourceError(
            f"leads to {url.scheme or 'no'}: and only http and https are read; for a file, give its path"
        )
    if url.userinfo:
        raise SourceError(
            "has a user name or password in it; Tarikh sends none, save the page and give the file"
        )
    if not url.host:
        raise SourceError("names no host")


def _refusal(response: httpx2.Response) -> str:
    advice = _ADVICE.get(response.status_code) or (
        "try later" if response.status_code >= 500 else "check the address"
    )
    return f"answered {response.status_code} {response.reason_phrase}".rstrip() + f"; {advice}"
