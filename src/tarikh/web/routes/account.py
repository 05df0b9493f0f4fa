"""`/login`, `/logout`, `/account`: in, out, and what a user does of the own account.

Invariant: a password is never shown again, not even to who typed it; after log-in one is led to a page of ours alone.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from tarikh import accounts
from tarikh.accounts import Visitor
from tarikh.errors import NotLoggedInError, TarikhError, TooManyAttemptsError
from tarikh.web import people, security
from tarikh.web.errors import status_of
from tarikh.web.pages import render
from tarikh.web.people import AskedFirst, may, public
from tarikh.web.state import HashingOf, StoreOf

router = APIRouter(route_class=AskedFirst)
Own = Annotated[Visitor, Depends(may("read"))]
Name = Annotated[str, Form(max_length=300)]
Password = Annotated[str, Form(max_length=5000)]
_EVERYBODY = [Depends(public)]


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


# ---- in and out ----------------------------------------------------------------------------------------------


@router.get("/login", dependencies=_EVERYBODY)
def login_page(request: Request, next: str = Query("/", max_length=5000)) -> Response:
    """The form; where nobody needs to log in, the first page."""
    if people.asking(request).alone:
        return RedirectResponse("/", 303)
    return render(request, "login.html", to=security.own_path(next), name="", wrong=None, usual=False)


@router.post("/login", dependencies=_EVERYBODY)
async def log_in(
    request: Request,
    store: StoreOf,
    hashing: HashingOf,
    name: Name = "",
    password: Password = "",
    next: Annotated[str, Form(max_length=5000)] = "/",
) -> Response:
    """Begins a session; a wrong name or password shows the form again with what was wrong."""
    door, to = request.app.state.door, security.own_path(next)
    before, address = request.cookies.get(door.cookie), _address(request)
    try:
        secret = await hashing.run(
            lambda: accounts.log_in(store.accounts, name, password, address, previous=before)
        )
    except NotLoggedInError as error:
        wait = {"retry-after": str(error.seconds)} if isinstance(error, TooManyAttemptsError) else None
        status, usual = status_of(error), type(error) is NotLoggedInError
        return render(
            request,
            "login.html",
            status=status,
            headers=wait,
            to=to,
            name=name[:64],
            wrong=str(error),
            usual=usual,
        )
    answer = RedirectResponse(to, 303)
    people.let_in(request, answer, secret)
    return answer


@router.post("/logout", dependencies=_EVERYBODY)
def log_out(request: Request, store: StoreOf) -> Response:
    """Ends the session of this browser, and has it forget the pages that it kept."""
    secret = request.cookies.get(request.app.state.door.cookie)
    if secret:
        accounts.log_out(store.accounts, secret)
    answer = RedirectResponse("/login", 303, headers={"clear-site-data": '"cache"'})
    people.let_out(request, answer)
    return answer


# ---- the own account -----------------------------------------------------------------------------------------


def _account(request: Request, store: StoreOf, visitor: Visitor, **values: Any) -> Response:
    asks = people.asking(request)
    sessions = [] if asks.alone else accounts.own_sessions(store.accounts, visitor.user.name, asks.secret)
    known: dict[str, Any] = {"wrong": None, "done": False}
    return render(request, "account.html", sessions=sessions, **(known | values))


@router.get("/account")
def account(request: Request, store: StoreOf, visitor: Own, done: str = "") -> Response:
    """The user's role, sessions, and the form for another password."""
    return _account(request, store, visitor, done=done == "password")


@router.post("/account/password")
async def change_password(
    request: Request,
    store: StoreOf,
    hashing: HashingOf,
    visitor: Own,
    old: Password = "",
    new: Password = "",
) -> Response:
    """Another password; every other session of the user ends."""
    _must_have_account(request)
    address = _address(request)
    try:
        secret = await hashing.run(
            lambda: accounts.change_password(store.accounts, visitor.user.name, old, new, address)
        )
    except TarikhError as error:
        return _account(request, store, visitor, wrong=str(error), status=_changing(error))
    answer = RedirectResponse("/account?done=password", 303)
    people.let_in(request, answer, secret)
    return answer


def _changing(error: TarikhError) -> int:
    # Who asks is known; it is the old password that is wrong.
    wrong = isinstance(error, NotLoggedInError) and not isinstance(error, TooManyAttemptsError)
    return 400 if wrong else status_of(error)


@router.post("/account/sessions/{number}/end")
def end_session(request: Request, store: StoreOf, visitor: Own, number: int) -> Response:
    """Ends one of the user's own sessions."""
    _must_have_account(request)
    accounts.end_session(store.accounts, visitor.user.name, number)
    return RedirectResponse("/account", 303)


def _must_have_account(request: Request) -> None:
    if people.asking(request).alone:
        raise NotLoggedInError("there are no users here; add one with: tarikh user add NAME --role admin")
