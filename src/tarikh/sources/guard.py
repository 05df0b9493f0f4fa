"""The guard against requests into private networks: names are resolved here, and the checked address is connected to.

Invariant: no connection is made to an address that `public` refuses, whatever name, redirect or DNS trick led to it;
the one exception is the host and port that the user typed, and only when asked (`private_origin`). No wait goes past the deadline.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import httpcore2
import httpx2

from tarikh.errors import SourceError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Iterable[str]]

_EMBEDDING = tuple(
    ipaddress.ip_network(block)
    for block in (
        "::/96",  # v4-compatible
        "::ffff:0:0/96",  # v4-mapped
        "::ffff:0:0:0/96",  # v4-translated (SIIT)
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",  # NAT64, local
        "2001::/32",  # Teredo
        "2002::/16",  # 6to4
        "192.88.99.0/24",  # 6to4 relays
        "fec0::/10",  # site-local, withdrawn but routed in places
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation, RFC 9637
        "2620:4f:8000::/48",  # AS112, answered by whoever is near, RFC 7535
    )
)
_SLOW = "the server sends too slowly"
_OWN = tuple(ipaddress.ip_network(b) for b in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"))


def public(address: Address) -> bool:
    """Whether an address is on the public network and carries no other address inside."""
    if address.is_multicast or address.is_link_local or address.is_reserved or address.is_unspecified:
        return False
    inside = any(address in block for block in _EMBEDDING if block.version == address.version)
    return address.is_global and not inside


def _own(address: Address) -> bool:
    """Whether an address is this machine's or of a private network: what a user may mean to reach."""
    return address.is_loopback or any(address in block for block in _OWN if block.version == address.version)


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name by the system's resolver, which also reads 0x7f000001 and 2130706433."""
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in rows))


class Deadline:
    """When all waiting must end, on the monotonic clock; its owner may set it anew. A time-out alone ends nothing: it
    begins anew with each byte that a server drips."""

    def __init__(self) -> None:
        self._until: float | None = None

    def set(self, seconds: float) -> None:
        """Waiting ends in so many seconds from now."""
        self._until = time.monotonic() + seconds

    def passed(self) -> bool:
        """Whether it is over."""
        return self._until is not None and time.monotonic() >= self._until

    def left(self, timeout: float | None) -> float | None:
        """The time-out, cut at the deadline. Raises httpcore2's `ReadTimeout` where that has passed."""
        if self._until is None:
            return timeout
        left = self._until - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout(_SLOW)
        return left if timeout is None else min(left, timeout)


class _Stream(httpcore2.NetworkStream):
    """A connection of which every wait ends at the deadline."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            return self._stream.read(max_bytes, self._deadline.left(timeout))
        except httpcore2.ReadTimeout as error:
            if self._deadline.passed():
                raise httpcore2.ReadTimeout(_SLOW) from error
            raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        timeout = self._deadline.left(timeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, timeout), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class Guard(httpcore2.NetworkBackend):
    """Connects to checked addresses only. Raises `SourceError` where a name has none."""

    def __init__(
        self,
        private_origin: tuple[str, int] | None,
        resolve: Resolve = resolve,
        deadline: Deadline | None = None,
    ) -> None:
        self._private_origin, self._resolve = private_origin, resolve
        self._deadline = deadline or Deadline()
        self._backend = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """A stream to the first checked address of the host that answers."""
        failure: Exception | None = None
        for address in self.checked(host, port):
            try:
                wait = self._deadline.left(timeout)
                stream = self._backend.connect_tcp(address, port, wait, local_address, socket_options)
                return _Stream(stream, self._deadline)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore2.ConnectError(f"{host} has no address")

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore2.NetworkStream:
        """Never."""
        raise SourceError("sockets of this machine are not read")

    def checked(self, host: str, port: int) -> list[str]:
        """The addresses of a host that may be connected to. Raises `SourceError` when there are none."""
        try:
            found = [ipaddress.ip_address(text) for text in self._resolve(host, port)]
        except (OSError, UnicodeError, ValueError) as error:
            raise SourceError(
                f"the name {host} cannot be resolved ({error}); check the address and the network"
            ) from error
        typed = self._private_origin is not None and (host.lower(), port) == self._private_origin
        good = [str(a) for a in found if public(a) or (typed and _own(a))]
        if found and not good:
            # Which address it is, is told to nobody: on the pages that would be a map of the network behind them.
            raise SourceError(f"{host} has no public address; Tarikh reads none of private networks")
        return good


class _Body(httpx2.SyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        """Gives the connection back."""
        self._stream.close()


class Transport(httpx2.BaseTransport):
    """What an httpx2 client sends through, so that every connection passes the guard. No proxies, no retries."""

    def __init__(self, guard: Guard) -> None:
        self._pool = httpcore2.ConnectionPool(
            ssl_context=httpx2.create_ssl_context(),
            network_backend=guard,
            max_connections=4,
            keepalive_expiry=5.0,
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Sends one request; raises httpcore2's errors and `SourceError`."""
        url = httpcore2.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        response = self._pool.handle_request(
            httpcore2.Request(
                request.method, url, headers=request.headers.raw, content=b"", extensions=request.extensions
            )
        )
        return httpx2.Response(response.status, headers=response.headers, stream=_Body(response.stream))

    def close(self) -> None:
        """Closes the connections that are kept."""
        self._pool.close()
