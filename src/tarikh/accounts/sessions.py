"""Logging in and out, and who it is that asks with a session.

Invariant: a session's secret is random, made at log-in and never before it, and kept only as a hash; a wrong name and
a wrong password cannot be told apart. An attempt counts before the password is looked at, in any number of processes.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from tarikh.accounts.names import key_of
from tarikh.accounts.passwords import right
from tarikh.accounts.users import User, require, user_of
from tarikh.errors import ClosedAccountError, NotLoggedInError, TooManyAttemptsError
from tarikh.store.accounts import Accounts, UserRow, user

IDLE = timedelta(hours=8)
"""A session that is not used for so long is over."""
ABSOLUTE = timedelta(days=7)
"""And so is one that began so long ago."""

WINDOW = timedelta(minutes=15)
PER_NAME = 10
PER_ADDRESS = 40
PER_NAME_ANYWHERE = 200
"""Wrong passwords within `WINDOW`: for one name from one network, from one network for all names (a team behind one router
is more than one person), and for one name from everywhere, so high that a stranger does not easily shut out its owner."""

_WRONG = "the name or the password is wrong"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks: the user, with what role, and until when. `role` is the user's, or the lesser one of a token."""

    user: User
    role: str
    ends_at: datetime
    token: str | None = None

    @property
    def by(self) -> str:
        """How rows are signed."""
        return self.user.by

    def require(self, permission: str) -> None:
        """Nothing where it is permitted. Raises `ForbiddenError`."""
        require(self.role, permission)


def digest(secret: str) -> str:
    """What is kept of a secret. It is random and long, so that no slow hash is needed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


# ---- in and out --------------------------------------------------------------------------------------------


def log_in(
    accounts: Accounts, name: str, password: str, address: str = "", previous: str | None = None
) -> str:
    """The secret of a new session. `address` is the caller's, for the limits; `previous` a session's secret to end.

    Raises `NotLoggedInError` for a wrong name or password alike, `TooManyAttemptsError`, and, where the password
    is right, `ClosedAccountError` of a disabled user.
    """
    keys = _limit_keys(key_of(name[:200]), network_of(address))
    numbers = _allowed(accounts, keys)
    row = accounts.by_key(key_of(name[:200]))
    fits, anew = right(password, None if row is None else row.password)
    if row is None or not fits:
        raise NotLoggedInError(_WRONG)
    _open(row)
    secret = secrets.token_urlsafe(32)
    with accounts.write() as connection:
        now = accounts.user(connection, user.c.id == row.id)
        if now is None or now.password != row.password:
            raise NotLoggedInError(_WRONG)  # changed while the hash was computed
        _open(now)
        accounts.drop_attempts(connection, keys[0], numbers)
        if anew is not None:
            accounts.change_user(connection, row.id, {"password": anew})
        accounts.insert_session(connection, row.id, digest(secret), accounts.now() + ABSOLUTE)
    if previous:
        log_out(accounts, previous)
    return secret


def log_out(accounts: Accounts, secret: str) -> None:
    """Ends a session; one that is none is left in peace."""
    accounts.revoke_session(digest(secret))


def network_of(address: str) -> str:
    """What one caller has of addresses: of IPv6 the first 64 bits, within which a machine chooses freely; else all of it."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found), 64), strict=False))


def _limit_keys(name: str, network: str) -> list[str]:
    """Under what an attempt counts, in the order of `_LIMITS`; that of a network is left out where none is known."""
    sorts = (("name", f"{name}\x1f{network}"), ("anywhere", name), ("address", network))
    return [digest(f"{sort}\x1f{value}") for sort, value in sorts if sort != "address" or network]


_LIMITS = (
    (PER_NAME, "for this name"),
    (PER_NAME_ANYWHERE, "for this name"),
    (PER_ADDRESS, "from this address"),
)


def _allowed(accounts: Accounts, keys: list[str]) -> list[int]:
    """Counts an attempt under each key. Raises `TooManyAttemptsError` where one has had its share."""
    now = accounts.now()
    with accounts.write() as connection:
        for key, (most, whose) in zip(keys, _LIMITS, strict=False):
            tried = accounts.attempts(connection, key, now - WINDOW)
            if len(tried) >= most:
                wait = max(1, int((tried[-most] + WINDOW - now).total_seconds()) + 1)
                raise TooManyAttemptsError(
                    f"too many wrong passwords {whose}; try again in {-(-wait // 60)} minutes", wait
                )
        return accounts.insert_attempts(connection, keys, now - WINDOW)


def _open(row: UserRow) -> None:
    if row.removed_at is not None:
        raise ClosedAccountError(f"the account {row.name} was removed; ask an admin")
    if row.disabled_at is not None:
        raise ClosedAccountError(f"the account {row.name} is disabled; ask an admin")


# ---- who asks ----------------------------------------------------------------------------------------------


def visitor(accounts: Accounts, secret: str | None) -> Visitor:
    """Whose session this is. Raises `NotLoggedInError` where it is none or over, `ClosedAccountError`."""
    if not secret:
        raise NotLoggedInError("nobody is logged in; log in first")
    found = accounts.session(digest(secret))
    if found is None:
        raise NotLoggedInError("there is no such session; log in again")
    row, owner = found
    _open(owner)
    now = accounts.now()
    if row.revoked_at is not None:
        raise NotLoggedInError("this session was ended; log in again")
    ends_at = min(row.ends_at, row.seen_at + IDLE)
    if now >= ends_at:
        raise NotLoggedInError("this session is over; log in again")
    accounts.see_session(row)
    whose = user_of(owner)
    return Visitor(whose, whose.role, ends_at)


def csrf_token(secret: str) -> str:
    """What a page of this session puts into its forms: HMAC-SHA256 under the session's secret, which no other site has."""
    return hmac.new(secret.encode("utf-8", "surrogatepass"), b"tarikh csrf 1", hashlib.sha256).hexdigest()


def csrf_fits(secret: str, given: str | None) -> bool:
    """Whether a form was made for this session."""
    return hmac.compare_digest(csrf_token(secret).encode(), (given or "").encode("utf-8", "surrogatepass"))
