"""Who asks and what it may do: one place, so that accounts can put their visitor into `request.state.visitor`.

Invariant: where there is a visitor its role decides; without accounts the pages are one person's, who may do all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from tarikh.accounts import Visitor, roles
from tarikh.settings import Settings

LOCAL = "local"
"""The name of who works without accounts and without `TARIKH_USER`."""


def _visitor(request: Request) -> Visitor | None:
    return getattr(request.state, "visitor", None)


def author(request: Request) -> str:
    """Under which name rows are kept."""
    visitor = _visitor(request)
    return visitor.by if visitor is not None else Settings().user or LOCAL


def may(permission: str) -> Callable[[Request], None]:
    """A dependency of routes: raises `ForbiddenError` where the visitor's role lacks the permission."""

    def permitted(request: Request) -> None:
        visitor = _visitor(request)
        if visitor is not None:
            visitor.require(permission)

    return permitted


def can(request: Request, permission: str) -> bool:
    """Whether who asks has a permission, for what a page offers."""
    visitor = _visitor(request)
    return visitor is None or roles.may(visitor.role, permission)


By = Annotated[str, Depends(author)]
