"""Tokens, by which programs ask in the name of a user.

Invariant: a token is shown once, when it is made, and kept as a hash; it never may do more than its owner may now.
"""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from tarikh.accounts.names import key_of
from tarikh.accounts.roles import ROLES, Role, checked_role, weaker
from tarikh.accounts.sessions import Visitor, digest
from tarikh.accounts.users import User, user_of
from tarikh.errors import ClosedAccountError, ForbiddenError, NotLoggedInError, UnknownIdError, UsageError
from tarikh.store.accounts import Accounts, TokenRow, user

PREFIX = "tarikh_"
"""By which a token is known for one, also by those who look for secrets in files that should hold none."""
LONGEST_DAYS = 366
LONGEST_LABEL = 80


@dataclass(frozen=True, slots=True)
class Token:
    """A token as its owner sees it. `role` is what it may do at most."""

    id: int
    user: str
    label: str
    role: Role
    at: datetime
    ends_at: datetime
    last_used: datetime | None
    revoked_at: datetime | None

    def state(self, now: datetime) -> str:
        """`active`, `revoked` or `expired`."""
        return "revoked" if self.revoked_at else "expired" if now >= self.ends_at else "active"


def add_token(
    accounts: Accounts, name: str, label: str, role: str | None = None, days: int = 90
) -> tuple[str, Token]:
    """A new token of a user, and its secret, which is never shown again. `role` is at most the owner's (default: his).

    Raises `UsageError`, `ForbiddenError` where the role is more than the owner's, `UnknownIdError`.
    """
    label = _label(label)
    if not 1 <= days <= LONGEST_DAYS:
        raise UsageError(f"a token lasts from 1 to {LONGEST_DAYS} days, not {days}")
    secret = PREFIX + secrets.token_urlsafe(32)
    ends_at = accounts.now() + timedelta(days=days)
    with accounts.write() as connection:
        owner = accounts.user(connection, user.c.key == key_of(name))
        if owner is None or owner.removed_at is not None:
            raise UnknownIdError(f"there is no user {name[:64]!a}; see who is there with: tarikh user list")
        if owner.disabled_at is not None:
            raise ClosedAccountError(f"the account {owner.name} is disabled; enable it first")
        has = user_of(owner).role
        wanted = has if role is None else checked_role(role)
        if weaker(has, wanted) != wanted:
            raise ForbiddenError(
                f"{owner.name} is {has}, and a token may do no more than its owner; not {wanted}"
            )
        row = {
            "digest": digest(secret),
            "user_id": owner.id,
            "label": label,
            "role": wanted,
            "ends_at": ends_at,
        }
        number = accounts.insert_token(connection, row)
    return secret, next(each for each in tokens(accounts) if each.id == number)


def _label(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain or len(plain) > LONGEST_LABEL:
        raise UsageError(f"a token needs a label of 1 to {LONGEST_LABEL} characters that says what it is for")
    if any(unicodedata.category(sign).startswith("C") for sign in plain):
        raise UsageError("the label of a token holds control characters; write it as plain text")
    return plain


def tokens(accounts: Accounts, name: str | None = None) -> list[Token]:
    """All tokens, or those of a user, also those that are over, the oldest first."""
    wanted = None if name is None else key_of(name)
    return [_token(row, user_of(owner)) for row, owner in accounts.tokens() if wanted in (None, owner.key)]


def _token(row: TokenRow, owner: User) -> Token:
    role = checked_role(row.role) if row.role in ROLES else ROLES[0]
    return Token(row.id, owner.name, row.label, role, row.at, row.ends_at, row.last_used, row.revoked_at)


def revoke_token(accounts: Accounts, number: int, name: str | None = None) -> Token:
    """Ends a token, at once. `name` says whose it must be. Raises `UnknownIdError`."""
    for each in tokens(accounts, name):
        if each.id == number:
            accounts.revoke_token(number)
            return next(token for token in tokens(accounts) if token.id == number)
    raise UnknownIdError(f"there is no token {number}; see which are there with: tarikh token list")


def bearer(accounts: Accounts, secret: str | None) -> Visitor:
    """Who asks with this token. Raises `NotLoggedInError` where it is none or over, `ClosedAccountError`."""
    if not secret or not secret.startswith(PREFIX):
        raise NotLoggedInError(f"this is no token of Tarikh; one starts with {PREFIX}")
    found = accounts.token(digest(secret))
    if found is None:
        raise NotLoggedInError("there is no such token; make one with: tarikh token add")
    row, owner = found
    whose = user_of(owner)
    if whose.state != "active":
        raise ClosedAccountError(f"the account {whose.name} of this token was {whose.state}; ask an admin")
    if row.revoked_at is not None:
        raise NotLoggedInError("this token was revoked; make another one")
    if accounts.now() >= row.ends_at:
        raise NotLoggedInError("this token has expired; make another one")
    accounts.see_token(row)
    token = _token(row, whose)
    return Visitor(whose, weaker(token.role, whose.role), row.ends_at, token.label)
