"""`/users`: who may log in, for admins; the same use cases as `tarikh user`.

Invariant: what a form asks for is done or told why not; the last admin cannot be lost here either.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from tarikh import accounts
from tarikh.accounts import ROLES, Visitor
from tarikh.errors import TarikhError
from tarikh.web.errors import status_of
from tarikh.web.pages import render
from tarikh.web.people import AskedFirst, may
from tarikh.web.state import HashingOf, StoreOf

router = APIRouter(dependencies=[Depends(may("manage_users"))], route_class=AskedFirst)
Admin = Annotated[Visitor, Depends(may("manage_users"))]
Text = Annotated[str, Form(max_length=5000)]


def _shown(request: Request, store: StoreOf, status: int = 200, **values: Any) -> Response:
    known: dict[str, Any] = {"wrong": None, "name": "", "role": ROLES[0], "done": ""}
    found = accounts.users(store.accounts)
    return render(request, "users.html", status=status, users=found, roles=ROLES, **(known | values))


@router.get("/users")
def users(request: Request, store: StoreOf) -> Response:
    """The users with their roles, and the form to add one."""
    return _shown(request, store)


@router.post("/users")
async def add(
    request: Request,
    store: StoreOf,
    hashing: HashingOf,
    visitor: Admin,
    name: Text = "",
    password: Text = "",
    role: Text = "",
) -> Response:
    """Adds a user."""
    try:
        await hashing.run(lambda: accounts.add(store.accounts, name, password, role, visitor.user.name))
    except TarikhError as error:
        again = {"name": name[:64], "role": role if role in ROLES else ROLES[0]}
        return _shown(request, store, status_of(error), wrong=str(error), **again)
    return RedirectResponse("/users", 303)


@router.post("/users/{name}/role")
def change_role(request: Request, store: StoreOf, name: str, role: Text = "") -> Response:
    """Gives a user another role, from the next request on."""
    return _tried(request, store, lambda: accounts.change_role(store.accounts, name, role))


@router.post("/users/{name}/password")
async def set_password(
    request: Request, store: StoreOf, hashing: HashingOf, name: str, password: Text = ""
) -> Response:
    """Gives a user another password; all sessions of the user end."""
    try:
        await hashing.run(lambda: accounts.set_password(store.accounts, name, password))
    except TarikhError as error:
        return _shown(request, store, status_of(error), wrong=str(error))
    return RedirectResponse("/users", 303)


@router.post("/users/{name}/disable")
def disable(request: Request, store: StoreOf, name: str) -> Response:
    """Shuts a user out, until `enable`."""
    return _tried(request, store, lambda: accounts.disable(store.accounts, name))


@router.post("/users/{name}/enable")
def enable(request: Request, store: StoreOf, name: str) -> Response:
    """Lets a disabled user in again."""
    return _tried(request, store, lambda: accounts.enable(store.accounts, name))


@router.post("/users/{name}/remove")
def remove(request: Request, store: StoreOf, name: str) -> Response:
    """Removes a user for good."""
    return _tried(request, store, lambda: accounts.remove(store.accounts, name))


def _tried(request: Request, store: StoreOf, change: Callable[[], Any]) -> Response:
    try:
        change()
    except TarikhError as error:
        return _shown(request, store, status_of(error), wrong=str(error))
    return RedirectResponse("/users", 303)
