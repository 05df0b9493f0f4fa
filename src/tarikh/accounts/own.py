"""What a user sees and does of the own account: sessions, and another password.

Invariant: nobody gets at another one's session, and a password is only changed by who knows the one before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tarikh.accounts.names import key_of
from tarikh.accounts.passwords import checked_password
from tarikh.accounts.sessions import IDLE, digest, log_in, log_out
from tarikh.accounts.users import set_password
from tarikh.errors import UnknownIdError, UsageError
from tarikh.store.accounts import Accounts


@dataclass(frozen=True, slots=True)
class Session:
    """A session as its owner sees it. `here` is whether it is the one that asks."""

    id: int
    at: datetime
    seen_at: datetime
    ends_at: datetime
    here: bool


def own_sessions(accounts: Accounts, name: str, secret: str | None = None) -> list[Session]:
    """The sessions of a user that are not over, the one used last first; `secret` is that of the one who asks."""
    now, here = accounts.now(), _number(accounts, secret)
    rows = accounts.sessions(_user_id(accounts, name))
    found = [Session(r.id, r.at, r.seen_at, min(r.ends_at, r.seen_at + IDLE), r.id == here) for r in rows]
    return [each for each in found if now < each.ends_at]


def end_session(accounts: Accounts, name: str, number: int) -> None:
    """Ends one of a user's sessions. One of somebody else, or that is over, is left in peace."""
    if 0 < number < 2**63:
        accounts.revoke_session_of(_user_id(accounts, name), number)


def change_password(accounts: Accounts, name: str, old: str, new: str, address: str = "") -> str:
    """Another password for a user who knows the one before; the secret of a new session. All others end.

    Raises `UsageError` where the new one cannot be, and what `log_in` raises where the old one is wrong.
    """
    checked_password(new, name)  # before the old one is tried: it counts
    if old == new:
        raise UsageError("the new password is the one before; choose another")
    log_out(accounts, log_in(accounts, name, old, address))
    set_password(accounts, name, new)
    return log_in(accounts, name, new, address)


def _user_id(accounts: Accounts, name: str) -> int:
    row = accounts.by_key(key_of(name))
    if row is None or row.removed_at is not None:
        raise UnknownIdError(f"there is no user {name[:64]!a}; see who is there with: tarikh user list")
    return row.id


def _number(accounts: Accounts, secret: str | None) -> int | None:
    found = accounts.session(digest(secret)) if secret else None
    return None if found is None else found[0].id
