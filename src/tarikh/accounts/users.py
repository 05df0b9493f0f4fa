"""Users: add, list, change, disable, remove.

Invariant: there is always somebody who can manage users, once there was; a removed user's name is never given anew,
since rows stay signed with it. What ends a user's access ends his sessions and tokens in the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from tarikh.accounts.names import checked_name, key_of
from tarikh.accounts.passwords import checked_password, hashed
from tarikh.accounts.roles import MAY, ROLES, Role, checked_role, may
from tarikh.errors import ForbiddenError, UnknownIdError, UsageError
from tarikh.store.accounts import Accounts, UserRow, user

State = Literal["active", "disabled", "removed"]


@dataclass(frozen=True, slots=True)
class User:
    """A user as others may see him: no hash, no secret. `by` is how rows are signed."""

    name: str
    role: Role
    state: State
    added_by: str
    added_at: datetime

    @property
    def by(self) -> str:
        """`user:NAME`, as judgements, corrections and decisions have it."""
        return f"user:{self.name}"

    def may(self, permission: str) -> bool:
        """Whether this user has a permission now."""
        return self.state == "active" and may(self.role, permission)


def user_of(row: UserRow) -> User:
    """A user of its row. A role that this version does not know may do nothing but read."""
    role = checked_role(row.role) if row.role in ROLES else ROLES[0]
    state: State = "removed" if row.removed_at else "disabled" if row.disabled_at else "active"
    return User(row.name, role, state, row.added_by, row.added_at)


def require(role: str, permission: str) -> None:
    """Nothing where the role has the permission. Raises `ForbiddenError` with what would be needed."""
    if may(role, permission):
        return
    least, what = next((row for name, row in MAY.items() if name == permission), ("nobody", permission))
    raise ForbiddenError(f"a {role} may not {what}; it needs the role {least}: ask an admin for it")


def users(accounts: Accounts, removed: bool = False) -> list[User]:
    """The users by name; with `removed` also those."""
    found = [user_of(row) for row in accounts.users()]
    return [each for each in found if removed or each.state != "removed"]


def add(accounts: Accounts, name: str, password: str, role: str, by: str = "") -> User:
    """A new user. Raises `UsageError` where name, password or role cannot be, or the name reads like another's."""
    name = checked_name(name)
    chosen = checked_role(role)
    password = hashed(checked_password(password, name))
    with accounts.write() as connection:
        same = accounts.user(connection, user.c.key == key_of(name))
        if same is not None:
            raise UsageError(_taken(name, same))
        row = {"name": name, "key": key_of(name), "role": chosen, "password": password, "added_by": by}
        accounts.insert_user(connection, row)
    return _found(accounts, name)


def _taken(name: str, same: UserRow) -> str:
    if same.removed_at is not None:
        return f"the name {name!a} was that of a removed user, and rows are signed with it; choose another"
    alike = "is there already" if same.name == name else f"can be taken for {same.name!a}"
    return f"the name {name!a} {alike}; choose another"


def change_role(accounts: Accounts, name: str, role: str) -> User:
    """Gives a user another role, from his next request on. Raises `UsageError`, `UnknownIdError`."""
    chosen = checked_role(role)
    return _change(accounts, name, {"role": chosen}, loses=chosen != ROLES[-1])


OF_LOGINS = "ACLED-style client"
"""How the labels of the tokens begin that programs are given for a name and a password."""


def set_password(accounts: Accounts, name: str, password: str) -> User:
    """Gives a user another password and ends all his sessions, and the tokens that programs were given for the one before;
    other tokens stay. Raises `UsageError`, `UnknownIdError`."""
    plain = checked_password(password, name)
    return _change(accounts, name, {"password": hashed(plain)}, ends=("sessions", "logged in"))


def disable(accounts: Accounts, name: str) -> User:
    """Shuts a user out, until `enable`; his sessions and tokens end. Raises `UsageError`, `UnknownIdError`."""
    return _change(accounts, name, {"disabled_at": accounts.now()}, loses=True, ends=("sessions", "tokens"))


def enable(accounts: Accounts, name: str) -> User:
    """Lets a disabled user in again; he logs in anew. Raises `UnknownIdError`."""
    return _change(accounts, name, {"disabled_at": None})


def remove(accounts: Accounts, name: str) -> User:
    """Removes a user for good: password, sessions and tokens. Rows signed with the name keep it.

    Raises `UsageError` for the last admin, `UnknownIdError`.
    """
    gone: dict[str, Any] = {"removed_at": accounts.now(), "password": None}
    return _change(accounts, name, gone, loses=True, ends=("sessions", "tokens"))


def _change(
    accounts: Accounts,
    name: str,
    values: dict[str, Any],
    loses: bool = False,
    ends: tuple[str, ...] = (),
) -> User:
    with accounts.write() as connection:
        row = accounts.user(connection, user.c.key == key_of(name))
        if row is None or row.removed_at is not None:
            raise _unknown(name)
        last = row.role == ROLES[-1] and not accounts.others_with(connection, ROLES[-1], row.id)
        if loses and last and row.disabled_at is None:
            raise UsageError(
                f"{row.name} is the last admin; nobody could manage users any more: make another one first"
            )
        accounts.change_user(connection, row.id, values)
        if "sessions" in ends:
            accounts.revoke_sessions(connection, row.id)
        if "tokens" in ends:
            accounts.revoke_tokens(connection, row.id)
        if "logged in" in ends:
            accounts.revoke_tokens(connection, row.id, OF_LOGINS)
    return _found(accounts, name)


def _unknown(name: str) -> UnknownIdError:
    return UnknownIdError(f"there is no user {name[:64]!a}; see who is there with: tarikh user list")


def _found(accounts: Accounts, name: str) -> User:
    row = accounts.by_key(key_of(name))
    if row is None:
        raise _unknown(name)
    return user_of(row)
