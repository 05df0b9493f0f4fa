"""`/review`: the queue by usefulness, and beside it what lies open; `/review/incidents/{id}` one incident without the queue.

Invariant: nothing is changed here; `review_acts` has what is said. What is open is in the address, so a reload shows it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import RedirectResponse, Response

from tarikh import review
from tarikh.link import field_of
from tarikh.store import Store
from tarikh.web import review_desk, review_keys, review_values
from tarikh.web.pages import render
from tarikh.web.people import AskedFirst, By, can, may
from tarikh.web.review_desk import One, Two, Window
from tarikh.web.state import StoreOf
from tarikh.web.wording import kinds_by_family

router = APIRouter(prefix="/review", dependencies=[Depends(may("review"))], route_class=AskedFirst)

Cursor = Annotated[str | None, Query(max_length=400)]
Name = Annotated[str | None, Query(max_length=40)]


def address(path: str = "/review", /, **pairs: str | None) -> str:
    """A path with what of the pairs is not None."""
    query = urlencode({name: value for name, value in pairs.items() if value is not None})
    return f"{path}?{query}" if query else path


def common(request: Request, store: Store, by: str) -> dict[str, Any]:
    """What every page of review knows: the keys, who acts, and the last act that could be taken back."""
    mine = store.acts.log(review.author(by), standing=True)[:1]
    return {
        "keys": review_keys.KEYS,
        "key": review_keys.of,
        "me": review.author(by),
        "last": mine[0] if mine else None,
        "may_link": can(request, "link"),
        "form_of": review_values.form_of,
        "families": [(name, [kind.name for kind in kinds]) for name, kinds in kinds_by_family().items()],
        "precisions": review_values.PRECISIONS,
        "date_precisions": review_values.DATE_PRECISIONS,
    }


def _editor(shown: One | Two | None, field: str | None) -> Mapping[str, Any] | None:
    """The field that is being corrected, with its form as it is now. Raises `UsageError` where there is no such field."""
    if field is None or not isinstance(shown, One):
        return None
    name = field_of(field)
    return {"field": name, "given": review_values.filled(shown.incident, name)}


@router.get("")
def desk(
    request: Request,
    store: StoreOf,
    by: By,
    after: Cursor = None,
    at: Cursor = None,
    past: Cursor = None,
    edit: Name = None,
    did: Name = None,
    what: Name = None,
    on: Name = None,
) -> Response:
    """The queue with one item open, or with the incident `on` that was just acted upon, whether or not it waits still."""
    window = review_desk.window(store, after, at, past)
    known = window.item.cursor if window.item is not None else None
    window, acted = review_desk.kept_open(store, window, on, pairs=what == "undo")
    if acted is None and window.item is not None:
        known = window.item.cursor
    shown: One | Two | None = acted
    if acted is None and window.item is not None:
        shown = review_desk.opened(store, window.item)
    own = acted.incident.id if acted is not None else None

    def link(**pairs: str | None) -> str:
        # A form of what is open; else of another item of the queue.
        base = {"after": window.after} if pairs.get("at") else {"after": window.after, "at": known, "on": own}
        return address(**(base | {name: value for name, value in pairs.items() if value is not None}))

    return render(
        request,
        "review.html",
        window=window,
        item=window.item,
        shown=shown,
        editor=_editor(shown, edit),
        stay=address(after=window.after, at=known, on=own),
        # What was just acted upon may have moved in the queue: whoever goes on from it begins at the top.
        onward=address(after=window.after) if on else address(after=window.after, past=known),
        link=link,
        told=review_desk.told(store, did, what),
        watched=_watched(store, window, shown),
        **common(request, store, by),
    )


def _watched(store: Store, window: Window, shown: One | Two | None) -> list[str]:
    versions = [*(shown.versions if shown is not None else ())]
    seen = {version.partition("@")[0] for version in versions}
    rest = [key for key in window.incidents if key not in seen]
    return [*versions, *review_desk.stood(store, rest)][: review_desk.WATCHED]


@router.get("/moved")
def moved(
    request: Request,
    store: StoreOf,
    by: By,
    seen: Annotated[str, Query(max_length=4_000)],
    known: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """What others have changed since these versions were seen; nothing (204) where that is `known`."""
    found = review_desk.moved(store, seen.split(","))
    digest = hashlib.sha256(repr(found).encode()).hexdigest()[:16] if found else ""
    if digest == known:
        return Response(status_code=204)
    return render(
        request, "parts/review_moved.html", found=found, watched=seen, known=digest, me=review.author(by)
    )


@router.get("/incidents/{incident_id}")
def one(
    request: Request,
    incident_id: str,
    store: StoreOf,
    by: By,
    edit: Name = None,
    did: Name = None,
    what: Name = None,
) -> Response:
    """One incident to be reviewed."""
    shown = review_desk.one(store, incident_id)
    own = f"/review/incidents/{shown.incident.id}"
    if shown.incident.id != incident_id:
        return RedirectResponse(address(own, did=did, what=what), 302)
    return render(
        request,
        "review.html",
        window=None,
        item=None,
        shown=shown,
        editor=_editor(shown, edit),
        stay=own,
        onward=own,
        link=lambda **pairs: address(own, **{name: v for name, v in pairs.items() if name == "edit"}),
        told=review_desk.told(store, did, what),
        watched=list(shown.versions),
        **common(request, store, by),
    )
