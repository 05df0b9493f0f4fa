"""Who asks, and what that person may do: by a session of these pages, by a token, or as the one person of this machine.

Invariant: every route says a permission (`may`) or that it is for everybody (`public`), and asks before it reads a body,
else the application does not start; who cannot be told is nobody, and nobody may do anything.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.concurrency import run_in_threadpool
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from tarikh import accounts
from tarikh.accounts import Permission, User, Visitor
from tarikh.errors import ForbiddenError, NotLoggedInError, StoreError
from tarikh.web import security

_EVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Door:
    """How an application is entered. `local` names the one person of this machine while there are no users.

    `team` is whether somebody must log in even then, since others can reach it; `secure` whether cookies are for https alone.
    """

    local: str = "local"
    team: bool = False
    secure: bool = False

    @property
    def cookie(self) -> str:
        """The name of the session's cookie; with `__Host-` browsers refuse one that another site of the domain sets."""
        return "__Host-tarikh_session" if self.secure else "tarikh_session"


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks: a visitor, or why there is none. `secret` is the session's; `alone` is the person of this machine."""

    visitor: Visitor | None
    why: NotLoggedInError | None = None
    secret: str | None = None
    alone: bool = False


def asking(request: Request) -> Asking:
    """Who asks with this request; found out once."""
    known: Asking | None = getattr(request.state, "asking", None)
    if known is None:
        known = request.state.asking = _asking(request)
        request.state.session_secret = known.secret
    return known


def _asking(request: Request) -> Asking:
    door: Door = request.app.state.door
    kept = request.app.state.store.accounts
    if not needs_log_in(request):
        person = User(door.local, "admin", "active", "", datetime.min.replace(tzinfo=UTC))
        return Asking(Visitor(person, "admin", _EVER), alone=True)
    given = request.headers.get("authorization")
    secret = request.cookies.get(door.cookie)
    try:
        if given is not None:
            sort, _, token = given.partition(" ")
            if sort.lower() != "bearer":
                raise NotLoggedInError("programs ask with a token: Authorization: Bearer tarikh_…")
            return Asking(accounts.bearer(kept, token.strip()))
        return Asking(accounts.visitor(kept, secret), secret=secret)
    except NotLoggedInError as error:
        return Asking(None, error)


def shown(request: Request) -> Asking:
    """As `asking`, for a page that must be shown whatever fails: nobody, where the database cannot say."""
    try:
        return asking(request)
    except StoreError:
        return Asking(None)


def is_stranger(request: Request) -> bool:
    """Whether a fault is told to nobody in particular: its words may hold a path. Alone on this machine there are none."""
    try:
        return asking(request).visitor is None
    except StoreError:
        door: Door = request.app.state.door
        return door.team


def needs_log_in(request: Request) -> bool:
    """Whether somebody must log in: where others can reach the pages, and wherever there are users."""
    door: Door = request.app.state.door
    return door.team or request.app.state.store.accounts.any()


def current_visitor(request: Request) -> Visitor:
    """Who asks. Raises `NotLoggedInError`, `ClosedAccountError`."""
    found = asking(request)
    if found.visitor is None:
        raise found.why or NotLoggedInError("nobody is logged in; log in first")
    return found.visitor


def author(request: Request) -> str:
    """Under which name the acts of who asks are kept, without `user:`. Raises as `current_visitor` does."""
    return current_visitor(request).user.name


# ---- what a route asks for -----------------------------------------------------------------------------------

MARK = "tarikh_permission"


def can(request: Request, permission: Permission) -> bool:
    """Whether who asks has a permission, for what a page offers."""
    visitor = asking(request).visitor
    return visitor is not None and accounts.may(visitor.role, permission)


By = Annotated[str, Depends(author)]
"""Under which name a route keeps what it is asked to do."""


def may(permission: Permission) -> Callable[[Request], Visitor]:
    """A dependency: `Depends(may("review"))` gives the visitor who has the permission.

    Raises `NotLoggedInError` where nobody is logged in, `ForbiddenError` where the role does not allow it.
    """

    def allowed(request: Request) -> Visitor:
        visitor = current_visitor(request)
        visitor.require(permission)
        if visitor.token is not None and request.method not in security.SAFE:
            raise ForbiddenError("a token may read and nothing else; log in to change something")
        return visitor

    setattr(allowed, MARK, permission)
    return allowed


def public() -> None:
    """A dependency: the route is for everybody."""


setattr(public, MARK, "public")


def asked_of(route: APIRoute) -> list[str]:
    """The permissions that a route asks for, "public" of one for everybody."""
    return [getattr(call, MARK) for call in _calls(route.dependant) if hasattr(call, MARK)]


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    for each in dependant.dependencies:
        if each.call is not None:
            yield each.call
        yield from _calls(each)


class AskedFirst(APIRoute):
    """A route that refuses a change before it reads a byte of it, where who asks may not make it.

    FastAPI reads the body before it asks the dependencies; a stranger's would be taken in, to be refused thereafter.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """As of any route, behind what the route asks for."""
        handle = super().get_route_handler()

        async def asked_first(request: Request) -> Response:
            if request.method not in security.SAFE:
                await run_in_threadpool(self._asked, request)
            return await handle(request)

        return asked_first

    def _asked(self, request: Request) -> None:
        asking(request)  # also of a route for everybody: its form has the token of the session
        for call in _calls(self.dependant):
            if getattr(call, MARK, "public") != "public":
                call(request)


def check_routes(router: APIRouter) -> None:
    """Raises `RuntimeError` for a route that does not say who may use it: it is a fault of ours, seen at the start."""
    for route in router.routes:
        path = getattr(route, "path", route)
        if not isinstance(route, APIRoute) or not asked_of(route):
            raise RuntimeError(f"{path} says no permission: give it Depends(may(…)) or Depends(public)")
        if not isinstance(route, AskedFirst):
            raise RuntimeError(f"{path} reads before it asks: give its router route_class=people.AskedFirst")


# ---- cookies -------------------------------------------------------------------------------------------------


def let_in(request: Request, answer: Response, secret: str) -> None:
    """Gives a browser the secret of its session, until the browser is closed or the session is over."""
    door: Door = request.app.state.door
    most = int(accounts.ABSOLUTE.total_seconds())
    answer.set_cookie(
        door.cookie, secret, max_age=most, path="/", httponly=True, samesite="lax", secure=door.secure
    )


def let_out(request: Request, answer: Response) -> None:
    """Takes the session's secret from a browser."""
    door: Door = request.app.state.door
    answer.delete_cookie(door.cookie, path="/", httponly=True, samesite="lax", secure=door.secure)
