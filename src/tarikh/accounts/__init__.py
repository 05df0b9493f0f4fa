"""Accounts for teams: users with roles, sessions of the pages, tokens of programs.

Invariant: whoever asks is known by a secret of which only a hash is kept; what a role may do stands in one table (`roles`).
The functions take the `store.Accounts` of a database (`Store.accounts`); its clock is the only one that is asked.
"""

from __future__ import annotations

from tarikh.accounts.names import checked_name, key_of
from tarikh.accounts.own import Session, change_password, end_session, own_sessions
from tarikh.accounts.passwords import SHORTEST
from tarikh.accounts.roles import MAY, ROLES, Permission, Role, may, weaker
from tarikh.accounts.sessions import (
    ABSOLUTE,
    IDLE,
    Visitor,
    csrf_fits,
    csrf_token,
    log_in,
    log_out,
    visitor,
)
from tarikh.accounts.tokens import PREFIX, Token, add_token, bearer, revoke_token, tokens
from tarikh.accounts.users import (
    OF_LOGINS,
    User,
    add,
    change_role,
    disable,
    enable,
    remove,
    require,
    set_password,
    user_of,
    users,
)

__all__ = [
    "ABSOLUTE",
    "IDLE",
    "MAY",
    "OF_LOGINS",
    "PREFIX",
    "ROLES",
    "SHORTEST",
    "Permission",
    "Role",
    "Session",
    "Token",
    "User",
    "Visitor",
    "add",
    "add_token",
    "bearer",
    "change_password",
    "change_role",
    "checked_name",
    "csrf_fits",
    "csrf_token",
    "disable",
    "enable",
    "end_session",
    "key_of",
    "log_in",
    "log_out",
    "may",
    "own_sessions",
    "remove",
    "require",
    "revoke_token",
    "set_password",
    "tokens",
    "user_of",
    "users",
    "visitor",
    "weaker",
]
