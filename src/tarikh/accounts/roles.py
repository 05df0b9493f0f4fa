"""Roles and what each may do: one table.

Invariant: the roles are ordered, and each may do all that the ones before it may. A permission that is not in the
table is nobody's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from tarikh.errors import UsageError

Role = Literal["reader", "coder", "editor", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
"""From the least to the most."""

Permission = Literal[
    "read",
    "export",
    "make_tokens",
    "read_sensitive",
    "add_reports",
    "review",
    "link",
    "export_sensitive",
    "forget",
    "manage_users",
]

MAY: Mapping[Permission, tuple[Role, str]] = {
    "read": ("reader", "see incidents, reports, trends, as the disclosure policy shows them"),
    "export": ("reader", "take files away, as the disclosure policy shows them"),
    "make_tokens": ("reader", "make and revoke tokens of their own"),
    "read_sensitive": ("coder", "see names, words and sites that the policy withholds"),
    "add_reports": ("coder", "add reports and have them coded"),
    "review": ("coder", "accept, reject and correct incidents, take back their own acts"),
    "link": ("editor", "merge and split incidents, take back the acts of others"),
    "export_sensitive": ("editor", "take files away with nothing withheld"),
    "forget": ("admin", "erase the words of a report"),
    "manage_users": ("admin", "add, change, disable and remove users, revoke anybody's tokens"),
}
"""What can be permitted: from which role on, and what it is."""


def checked_role(name: str) -> Role:
    """The role of this name. Raises `UsageError` when there is none."""
    for role in ROLES:
        if role == name:
            return role
    raise UsageError(f"there is no role {name[:40]!a}; there are: {', '.join(ROLES)}")


def may(role: str, permission: str) -> bool:
    """Whether a role has a permission; an unknown role or permission never has."""
    for name, (least, _) in MAY.items():
        if name == permission and role in ROLES:
            return ROLES.index(checked_role(role)) >= ROLES.index(least)
    return False


def weaker(left: Role, right: Role) -> Role:
    """The role of two that may do less."""
    return min(left, right, key=ROLES.index)
