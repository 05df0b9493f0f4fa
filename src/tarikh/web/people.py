"""Who asks, and what they may do. Without accounts it is whoever sits at this machine, who may do everything.

Invariant: routes ask here and nowhere else.
"""

from __future__ import annotations

import getpass
from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request

from tarikh import review
from tarikh.accounts import roles
from tarikh.accounts.roles import Permission, Role
from tarikh.settings import Settings


def author(request: Request) -> str:  # noqa: ARG001 - accounts will read it
    """The name under which what this request does is kept, as `user:NAME`."""
    named = Settings().user
    if named is None:
        try:
            named = getpass.getuser()
        except (OSError, KeyError, ImportError):
            named = "somebody"  # the system has no name for who runs this
    return review.author(named)


def role(request: Request) -> Role:  # noqa: ARG001 - accounts will read it
    """The role of who asks."""
    return "admin"


def permitted(request: Request, permission: Permission) -> bool:
    """Whether who asks may do something."""
    return roles.may(role(request), permission)


def may(permission: Permission) -> Callable[[Request], None]:
    """A dependency of routes that need a permission; without it the answer is 403."""

    def checked(request: Request) -> None:
        if not permitted(request, permission):
            raise HTTPException(403)

    return checked
