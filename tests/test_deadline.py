"""Servers that drip: no request outlives its deadline, though every wait for the next byte is short."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tarikh.errors import SourceError
from tarikh.model import Problem
from tarikh.settings import Settings
from tarikh.sources import ReadOptions, download, read
from tarikh.sources.download import Terms, fetch

HEADERS = b"HTTP/1.1 200 OK\r\n"
BODY = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;"
"""A chunk whose length never ends: no byte of the body comes, so nothing that counts bytes is asked."""
PATIENCE = 10.0

Drip = Callable[[bytes, bytes], str]


@pytest.fixture
def drip() -> Iterator[Drip]:
    """Starts a server that answers with a beginning, then the same bytes again and again; gives its address."""
    done = threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))

    def answer(connection: socket.socket, beginning: bytes, rest: bytes) -> None:
        with connection:
            try:
                connection.recv(10_000)
                connection.sendall(beginning)
                while not done.wait(0.05):
                    connection.sendall(rest)
            except OSError:
                return

    def serve(beginning: bytes, rest: bytes) -> None:
        while not done.is_set():
            try:
                connection = listening.accept()[0]
            except OSError:
                return
            threading.Thread(target=answer, args=(connection, beginning, rest), daemon=True).start()

    def started(beginning: bytes, rest: bytes) -> str:
        threading.Thread(target=serve, args=(beginning, rest), daemon=True).start()
        return f"http://127.0.0.1:{listening.getsockname()[1]}/ML.zip"

    yield started
    done.set()
    listening.close()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARIKH_FETCH_TIMEOUT", "0.2")
    monkeypatch.setattr(download, "_MINUTE", 0.2)


@pytest.mark.parametrize(("beginning", "rest"), [(HEADERS, b"X-A: b\r\n"), (HEADERS, b"a"), (BODY, b"a")])
def test_a_server_that_drips_does_not_hold_a_source(drip: Drip, beginning: bytes, rest: bytes) -> None:
    began = time.monotonic()
    options = ReadOptions(allow_private=True, settings=Settings(fetch_timeout=0.2))
    (found,) = read(drip(beginning, rest), options)
    assert time.monotonic() - began < PATIENCE
    assert isinstance(found, Problem)
    assert "too slowly" in found.reason


@pytest.mark.parametrize(("beginning", "rest"), [(HEADERS, b"X-A: b\r\n"), (HEADERS, b"a"), (BODY, b"a")])
def test_a_server_that_drips_does_not_hold_a_download(
    drip: Drip, beginning: bytes, rest: bytes, hurried: None, tmp_path: Path
) -> None:
    began = time.monotonic()
    with pytest.raises(SourceError, match=r"5 attempts \(the server sends too slowly\)"):
        fetch(drip(beginning, rest), tmp_path / "ML.zip", Terms(secure=False, private=True, wait=0.0))
    assert time.monotonic() - began < PATIENCE
