"""The application behind a socket.

Invariant: the address is taken before anything is told of it, so that a port in use is a sentence and no traceback.
"""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass

import uvicorn
from fastapi import FastAPI

from tarikh.disclosure.sight import keep_up
from tarikh.errors import UsageError


@dataclass(frozen=True, slots=True)
class Listener:
    """A socket that is bound, and the address under which browsers reach it."""

    socket: socket.socket
    address: str


def listening(host: str, port: int) -> Listener:
    """Takes an address. Raises `UsageError` where it is taken or is none of this machine's."""
    try:
        (family, kind, protocol, _, where), *_ = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(where)
        bound.listen(128)  # whoever is told the address may ask at once, and waits until the server runs
    except OSError as error:
        raise UsageError(
            f"{host} port {port} cannot be listened on ({error.strerror or error}); choose another with --port"
        ) from None
    name = f"[{host}]" if ":" in host else host
    return Listener(bound, f"http://{name}:{bound.getsockname()[1]}/")


def run(app: FastAPI, listener: Listener, proxy: str | None = None) -> None:
    """Serves until it is stopped. Paths are in no log: they may hold what a reader looks for.

    What a request says of its caller and scheme (X-Forwarded-For, -Proto) is believed of the address `proxy` alone.
    """
    settings = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=True,
        lifespan="off",
        proxy_headers=proxy is not None,
        forwarded_allow_ips=proxy or "",
    )
    stopped = threading.Event()
    state = app.state

    def wanted() -> bool:  # whoever is alone sees everything; users may come while it runs
        return bool(state.door.team or state.store.accounts.any())

    args = {"guarding": state.guarding, "stopped": stopped, "wanted": wanted}
    threading.Thread(target=keep_up, kwargs=args, daemon=True).start()
    try:
        uvicorn.Server(settings).run(sockets=[listener.socket])
    finally:
        stopped.set()
