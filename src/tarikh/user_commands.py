"""`tarikh user` and `tarikh token`: who may use the pages and interfaces, set from the machine that holds the database.

Invariant: a password comes from a prompt or standard input, never from an argument, which others could read; whoever
can write the database file may run these commands, and needs no account.
"""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tarikh.command_options import Database, Json

if TYPE_CHECKING:
    from pathlib import Path

    from tarikh.accounts import Token, User
    from tarikh.store.accounts import Accounts

app = typer.Typer(
    no_args_is_help=True,
    help="Accounts of a team: who may log in, and what each role may do. Passwords are asked for, or read from standard input.",
)
token_app = typer.Typer(
    no_args_is_help=True,
    help="Tokens, by which programs ask in the name of a user. One is shown once, when it is made.",
)
_LONGEST_LINE = 10_000
"""Bytes of standard input that are read for a password."""
Name = Annotated[str, typer.Argument(help="the user's name")]
RoleArgument = Annotated[str, typer.Argument(help="reader, coder, editor or admin")]


def _accounts(database: Path | None, must_exist: bool = True) -> Accounts:
    from tarikh import asking

    return asking.chronicle(database, must_exist).accounts


def _password(name: str) -> str:
    """A password that was typed twice, or the first line of standard input."""
    from tarikh.errors import UsageError

    if sys.stdin is None:
        raise UsageError("there is no standard input to read a password from; type it at a terminal")
    if getattr(sys.stdin, "isatty", lambda: False)():
        typed: str = typer.prompt(f"password of {name}", hide_input=True, confirmation_prompt=True, err=True)
        return typed
    line = sys.stdin.buffer.readline(_LONGEST_LINE).rstrip(b"\r\n")
    if not line:
        raise UsageError(
            "standard input holds no password; give it on the first line, or type it at a terminal"
        )
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError("the password on standard input is not UTF-8; save it so, or type it") from None


def _say(sentence: str) -> None:
    from tarikh import terminal

    terminal.say(sentence)


# ---- users ---------------------------------------------------------------------------------------------------


FIRST = "there are users now: from now on the pages of this database ask everybody for a log-in, on this machine as well"
"""What changes with the first user."""


@app.command("add")
def add_user(
    name: Name,
    role: Annotated[str, typer.Option(help="reader, coder, editor or admin")] = "reader",
    database: Database = None,
) -> None:
    """Add a user. The name signs what the user does, so it may not read like another one.

    Example:  tarikh user add ana --role editor
    """
    from tarikh import accounts
    from tarikh.accounts.roles import checked_role
    from tarikh.asking import who

    checked_role(role)  # before anybody types a password
    name = accounts.checked_name(name)
    kept = _accounts(database, must_exist=False)
    password = _password(name)
    first = not kept.any()
    user = accounts.add(kept, name, password, role, who(None))
    _say(f"{user.name} is added as {user.role}")
    if first:
        _say(FIRST)


@app.command("list")
def list_users(
    database: Database = None,
    removed: Annotated[bool, typer.Option("--removed", help="also those who were removed")] = False,
    as_json: Json = False,
) -> None:
    """List the users with their roles."""
    from tarikh import accounts, terminal

    found = accounts.users(_accounts(database), removed)
    if as_json:
        terminal.print_json([_user(each) for each in found])
        return
    if not found:
        terminal.say("there are no users; add one with: tarikh user add NAME --role admin")
    for each in found:
        terminal.line(f"{each.name:24}{each.role:10}{each.state:10}since {each.added_at:%Y-%m-%d}")


def _user(user: User) -> dict[str, Any]:
    return {
        "name": user.name,
        "role": user.role,
        "state": user.state,
        "added_by": user.added_by,
        "added_at": user.added_at.isoformat(),
    }


@app.command()
def role(name: Name, new: RoleArgument, database: Database = None) -> None:
    """Give a user another role, from the next request on.

    Example:  tarikh user role ana admin
    """
    from tarikh import accounts

    user = accounts.change_role(_accounts(database), name, new)
    _say(f"{user.name} is {user.role} now")


@app.command()
def password(name: Name, database: Database = None) -> None:
    """Give a user another password; all sessions of the user end."""
    from tarikh import accounts

    kept = _accounts(database)
    user = accounts.set_password(kept, name, _password(name))
    _say(f"{user.name} has a new password and must log in again")


@app.command()
def disable(name: Name, database: Database = None) -> None:
    """Shut a user out until `enable`; the user's sessions and tokens end at once."""
    from tarikh import accounts

    user = accounts.disable(_accounts(database), name)
    _say(f"{user.name} is disabled; sessions and tokens have ended")


@app.command()
def enable(name: Name, database: Database = None) -> None:
    """Let a disabled user in again."""
    from tarikh import accounts

    user = accounts.enable(_accounts(database), name)
    _say(f"{user.name} can log in again; tokens have to be made anew")


@app.command()
def remove(name: Name, database: Database = None) -> None:
    """Remove a user for good. What the user did stays, signed with the name, which nobody else gets."""
    from tarikh import accounts

    user = accounts.remove(_accounts(database), name)
    _say(f"{user.name} is removed; rows signed with the name keep it")


# ---- tokens --------------------------------------------------------------------------------------------------


@token_app.command("add")
def add_token(
    name: Name,
    label: Annotated[str, typer.Option(help="what it is for")],
    role: Annotated[
        str | None, typer.Option(help="what it may do at most (default: the user's role)")
    ] = None,
    days: Annotated[int, typer.Option(help="how many days it lasts")] = 90,
    database: Database = None,
) -> None:
    """Make a token and print it, once.

    Example:  tarikh token add ana --label "map of the office" --role reader
    """
    from tarikh import accounts, terminal

    secret, token = accounts.add_token(_accounts(database), name, label, role, days)
    terminal.line(secret)
    _say(
        f"token {token.id} of {token.user} as {token.role}, until {token.ends_at:%Y-%m-%d}; it is not shown again"
    )


@token_app.command("list")
def list_tokens(
    database: Database = None,
    user: Annotated[str | None, typer.Option("--user", help="only those of this user")] = None,
    as_json: Json = False,
) -> None:
    """List the tokens, without their secrets."""
    from tarikh import accounts, terminal

    kept = _accounts(database)
    found = accounts.tokens(kept, user)
    if as_json:
        terminal.print_json([_token(each, kept.now()) for each in found])
        return
    if not found:
        terminal.say("there are no tokens; make one with: tarikh token add NAME --label WHAT")
    for each in found:
        used = f"used {each.last_used:%Y-%m-%d}" if each.last_used else "never used"
        until = f"{each.state(kept.now())} until {each.ends_at:%Y-%m-%d}"
        terminal.line(f"{each.id:<6}{each.user:24}{each.role:10}{until}, {used}: {each.label}")


def _token(token: Token, now: datetime) -> dict[str, Any]:
    return {
        "id": token.id,
        "user": token.user,
        "label": token.label,
        "role": token.role,
        "state": token.state(now),
        "at": token.at.isoformat(),
        "ends_at": token.ends_at.isoformat(),
        "last_used": None if token.last_used is None else token.last_used.isoformat(),
    }


@token_app.command("revoke")
def revoke_token(
    number: Annotated[int, typer.Argument(help="the token's number in the list")], database: Database = None
) -> None:
    """End a token at once."""
    from tarikh import accounts

    token = accounts.revoke_token(_accounts(database), number)
    _say(f"token {token.id} of {token.user} is revoked")
