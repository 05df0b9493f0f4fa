"""The command `tarikh serve`: the pages of a database, for people, on this machine.

Invariant: without users it is reached from this machine alone; nothing heavy is imported before the command needs it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Any

import typer

from tarikh.command_options import Database, Index

LOOPBACK = "127.0.0.1"
PORT = 8321


def may_bind(host: str, has_users: bool) -> bool:
    """Whether the pages may be served under an address: a loopback one always, another only where there are users."""
    if host == "localhost":
        return True
    try:
        return has_users or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return has_users


def serve(
    host: Annotated[
        str | None,
        typer.Option(help="the address to listen on (default: one that only this machine can reach)"),
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="the port to listen on; 0 takes a free one")
    ] = PORT,
    database: Database = None,
    index: Index = None,
) -> None:
    """Show a database in the browser: map, timeline and list, incidents with their words, reports. Stop it with Ctrl-C.

    Example:  tarikh serve --db demo/tarikh.db
    """
    from tarikh import asking, terminal
    from tarikh.errors import UsageError
    from tarikh.settings import Settings
    from tarikh.web.app import create_app
    from tarikh.web.security import LOOPBACK as LOOPBACK_NAMES
    from tarikh.web.serving import listening, run

    host = host or LOOPBACK
    if not may_bind(host, has_users=False):
        raise UsageError(
            f"{host} can be reached from other machines, and these pages have no users yet who would have to sign in;"
            " leave --host out, and open the pages on this machine"
        )
    with asking.kept(database) as store:
        path = store.path
    gazetteer = index or Settings().gazetteer_path()
    app = create_app(path, gazetteer if gazetteer.exists() else None, hosts=(*LOOPBACK_NAMES, host))
    listener = listening(host, port)
    terminal.say(f"The pages are at {listener.address} (only on this machine). Stop with Ctrl-C.")
    with suppress(KeyboardInterrupt):  # the way to end it, and no failure
        run(app, listener)


COMMANDS: tuple[tuple[str, Callable[..., Any]], ...] = (("serve", serve),)
