"""The command `tarikh serve`: the pages of a database, for the person of this machine or for a team.

Invariant: without users it is reached from this machine alone; where others reach it somebody must log in; nothing heavy is imported before the command needs it.
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


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address; of a name that is not known it is not assumed."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def serve(
    host: Annotated[
        str | None,
        typer.Option(help="the address to listen on (default: one that only this machine can reach)"),
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="the port to listen on; 0 takes a free one")
    ] = PORT,
    names: Annotated[
        list[str] | None,
        typer.Option(
            "--name", help="a name under which browsers ask, such as tarikh.example.org; several times"
        ),
    ] = None,
    proxy: Annotated[
        str | None,
        typer.Option(
            help="the IP address of the reverse proxy in front, which must set X-Forwarded-For and -Proto"
        ),
    ] = None,
    compat: Annotated[
        bool | None,
        typer.Option(
            "--compat/--no-compat",
            help="answer programs written for ACLED's and UCDP's services as well (docs/compat.md; default: TARIKH_COMPAT, else no)",
        ),
    ] = None,
    database: Database = None,
    index: Index = None,
) -> None:
    """Show a database in the browser: map, timeline and list, incidents with their words, reports. Stop it with Ctrl-C.

    On this machine alone nobody has to log in, until there are users. Others reach it only where there are users.

    Example:  tarikh serve --db demo/tarikh.db
    """
    from tarikh import api, asking, terminal
    from tarikh.settings import Settings
    from tarikh.web.app import create_app
    from tarikh.web.people import Door
    from tarikh.web.security import LOOPBACK as LOOPBACK_NAMES
    from tarikh.web.serving import listening, run

    host = host or LOOPBACK
    with asking.kept(database) as store:
        path, has_users = store.path, store.accounts.any()
    team = not is_loopback(host) or proxy is not None
    _refuse(host, proxy, has_users, names or [])
    gazetteer = index or Settings().gazetteer_path()
    door = Door(_person(), team, secure=team)
    hosts = (*LOOPBACK_NAMES, host, *(name.lower() for name in names or ()))
    app = create_app(path, gazetteer if gazetteer.exists() else None, hosts=hosts, door=door)
    if Settings().compat if compat is None else compat:
        from tarikh.compat import install

        install(app)
    api.install(app)
    listener = listening(host, port)
    terminal.say(_told(listener.address, team, has_users, names or []))
    with suppress(KeyboardInterrupt):  # the way to end it, and no failure
        run(app, listener, proxy)


def _person() -> str:
    """Whose acts are those of the one person of this machine: as the command line has it."""
    from tarikh.asking import who
    from tarikh.errors import UsageError

    try:
        return who(None)
    except UsageError:
        return "local"


def _refuse(host: str, proxy: str | None, has_users: bool, names: list[str]) -> None:
    """Raises `UsageError` where others would reach pages without users, or under no name that is answered."""
    from tarikh.errors import UsageError

    if proxy is not None:
        try:
            ipaddress.ip_address(proxy)
        except ValueError:
            raise UsageError(
                f"--proxy {proxy[:60]!a} is no IP address; write that of the proxy's machine"
            ) from None
    if not has_users and (not is_loopback(host) or proxy is not None):
        what = (
            f"{host} can be reached from other machines"
            if proxy is None
            else "a proxy lets other machines in"
        )
        raise UsageError(
            f"{what}, and there are no users who would have to log in; add one with"
            " `tarikh user add NAME --role admin`, or leave --host and --proxy out, and open the pages on this machine"
        )
    if (_is_any(host) or proxy is not None) and not names:
        raise UsageError(
            "the name under which browsers ask is not known, and others are not answered; give it with"
            " --name, such as --name tarikh.example.org"
        )


def _is_any(host: str) -> bool:
    """Whether it stands for all addresses of this machine, and so is no name that browsers could ask under."""
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _told(address: str, team: bool, has_users: bool, names: list[str]) -> str:
    if not team:
        log_in = "; log in as one of its users" if has_users else ""
        return f"The pages are at {address} (only on this machine{log_in}). Stop with Ctrl-C."
    under = f" for https://{names[0]}/" if names else ""
    return (
        f"The pages are at {address}{under}. Browsers keep a log-in over https alone: a reverse proxy must speak it"
        " to them (docs/pages.md). Stop with Ctrl-C."
    )


COMMANDS: tuple[tuple[str, Callable[..., Any]], ...] = (("serve", serve),)
