"""Who asks, and what they may do. Without accounts it is whoever sits at this machine, who may do everything.

Invariant: routes ask here and nowhere else.
"""

from __future__ import annotations

import getpass
from collections.abc import Callable
from datetime import UTC, datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request

from tarikh.accounts import Permission, User, Visitor
from tarikh.errors import ForbiddenError
from tarikh.settings import Settings


def current_visitor(request: Request) -> Visitor:  # noqa: ARG001 - accounts will read it
    """Who asks."""
    named = Settings().user
    if named is None:
        try:
            named = getpass.getuser()
        except (OSError, KeyError, ImportError):
            named = "local"  # the system has no name for who runs this
    ever = datetime.max.replace(tzinfo=UTC)
    return Visitor(User(named, "admin", "active", "", datetime.min.replace(tzinfo=UTC)), "admin", ever)


def author(request: Request) -> str:
    """Under which name the acts of who asks are kept, without `user:`."""
    return current_visitor(request).user.name


def may(permission: Permission) -> Callable[[Request], Visitor]:
    """A dependency of routes that need a permission; without it the answer is 403."""

    def allowed(request: Request) -> Visitor:
        visitor = current_visitor(request)
        try:
            visitor.require(permission)
        except ForbiddenError:
            raise HTTPException(403) from None
        return visitor

    return allowed
