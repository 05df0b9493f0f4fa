"""`/compat/acled/oauth/token`: name and password of a user for a token, as ACLED's clients ask for one.

Invariant: what is given is a token of ours with an end, in the list of the user's tokens and revocable there; wrong
passwords count as at the pages' log-in.
"""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tarikh import accounts
from tarikh.codebooks import codebook
from tarikh.compat.dialect import NOTICE
from tarikh.errors import NotLoggedInError, UsageError
from tarikh.store.accounts import Accounts
from tarikh.web.people import AskedFirst, public
from tarikh.web.security import form_of
from tarikh.web.state import HashingOf, StoreOf

router = APIRouter(route_class=AskedFirst)

DAYS = 1
REFRESH_DAYS = 14
_DAY = 86_400
_REFRESH = f"{accounts.OF_LOGINS}, to renew"


@router.post("/oauth/token", dependencies=[Depends(public)])
async def token(request: Request, store: StoreOf, hashing: HashingOf) -> Response:
    """A token for a day, and one that renews it for 14. Raises `NotLoggedInError`, `TooManyAttemptsError`, `UsageError`."""
    form = await form_of(request)
    given = {
        name: str(form.get(name) or "") for name in ("grant_type", "username", "password", "refresh_token")
    }
    kept, address = store.accounts, request.client.host if request.client else ""
    if given["grant_type"] == "password":
        made = await hashing.run(lambda: _by_password(kept, given["username"], given["password"], address))
    elif given["grant_type"] == "refresh_token":
        made = await hashing.run(lambda: _renewed(kept, given["refresh_token"]))
    else:
        raise UsageError("grant_type is password or refresh_token")
    body = {
        "token_type": "Bearer",
        "expires_in": DAYS * _DAY,
        "access_token": made[0],
        "refresh_token": made[1],
        "refresh_token_expires_in": REFRESH_DAYS * _DAY,
    }
    return JSONResponse(body, headers={NOTICE: codebook("acled").notice, "cache-control": "no-store"})


def _by_password(kept: Accounts, name: str, password: str, address: str) -> tuple[str, str]:
    if not kept.any():
        raise NotLoggedInError(
            "there are no users, so nobody needs a token; ask without one, or with any key"
        )
    session = accounts.log_in(kept, name, password, address)
    who = accounts.visitor(kept, session).user.name
    accounts.log_out(kept, session)
    return _tokens(kept, who)


def _renewed(kept: Accounts, secret: str) -> tuple[str, str]:
    """New tokens for one that renews, of its role; it is then over, also where two ask at once. Raises `NotLoggedInError`."""
    found = accounts.bearer(kept, secret)
    if found.token is None or not found.token.startswith(_REFRESH):
        raise NotLoggedInError("this token renews nothing; log in with name and password")
    own = [
        each.id
        for each in accounts.tokens(kept, found.user.name)
        if each.label == found.token and each.ends_at == found.ends_at
    ]
    if not any(kept.revoke_token(number) for number in own):
        raise NotLoggedInError("this token was used before; log in with name and password")
    return _tokens(kept, found.user.name, found.role)


def _tokens(kept: Accounts, who: str, role: str | None = None) -> tuple[str, str]:
    kept.drop_ended_tokens(accounts.OF_LOGINS)  # a script that logs in every hour would fill the list
    told = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    secret, _ = accounts.add_token(kept, who, f"{accounts.OF_LOGINS}, {told}", role, DAYS)
    renews, _ = accounts.add_token(kept, who, f"{_REFRESH}, {told}", role, REFRESH_DAYS)
    return secret, renews
