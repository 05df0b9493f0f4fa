"""What is said on the review pages: each act is one call of `tarikh.review`, bound to the version that was seen.

Invariant: nothing is overwritten: an act must tell all versions seen; what is stale (409) or wrong (400) comes back as a
page with the reason, what has changed since and all that was entered; what is done leads on (303) with its row, to undo it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import RedirectResponse, Response

from tarikh import errors, review
from tarikh.disclosure.sight import Sight
from tarikh.errors import StaleError, UnknownIdError, UsageError
from tarikh.link import field_of
from tarikh.model import Incident
from tarikh.review import Done
from tarikh.store import Filter, Store
from tarikh.web import neighbors, review_desk, review_values
from tarikh.web.pages import render
from tarikh.web.people import AskedFirst, By, can, may
from tarikh.web.places_index import gazetteer_at
from tarikh.web.review_desk import One, Two
from tarikh.web.routes.review import address, common
from tarikh.web.security import form_of
from tarikh.web.state import GazetteerOf, SightOf, StoreOf

router = APIRouter(prefix="/review", dependencies=[Depends(may("review"))], route_class=AskedFirst)
LINK = [Depends(may("link"))]

FOUND = 8
"""Incidents that a search for another one lists."""
STAYING = ("correction", "merge", "split")
"""Acts after which the incident stays open, though the queue may have it no more."""

_UNSEEN = "the form tells no version in which the incident was seen; load the page again, and say it anew"


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it was sent: single fields, and the mentions that were ticked."""

    fields: Mapping[str, str]
    mentions: tuple[str, ...] = ()

    @property
    def seen(self) -> str | None:
        """The versions that the person saw."""
        return self.fields.get("seen", "").strip() or None

    @property
    def note(self) -> str:
        """What was written beside the act."""
        return self.fields.get("note", "")

    def lead(self, fallback: str) -> str:
        """Where to go when it is done: a page of review, never another server."""
        given = self.fields.get("to", "")
        ours = given == "/review" or given.startswith(("/review?", "/review/"))
        return given if ours and given.isprintable() and len(given) < 2_000 else fallback


async def _sent(request: Request) -> Sent:
    form = await form_of(request)
    fields = {name: text for name, text in form.multi_items() if isinstance(text, str)}
    ticked = tuple(text for text in form.getlist("mention") if isinstance(text, str))
    return Sent(fields, ticked)


SentOf = Annotated[Sent, Depends(_sent)]


@dataclass(frozen=True, slots=True)
class Attempt:
    """An act that is tried: what it is, on which incident (and which other), with what was sent."""

    request: Request
    store: Store
    by: str
    sent: Sent
    act: str
    incident: str
    other: str | None = None

    def tried(self, doing: Callable[[], Done], what: str) -> Response:
        """The way on, or the page that says why not. Raises `UnknownIdError` where there is no such incident."""
        try:
            if self.sent.seen is None:
                raise UsageError(_UNSEEN)
            done = doing()
        except StaleError as error:
            return self._refused(409, str(error))
        except UsageError as error:
            self.store.version(self.incident)
            return self._refused(400, str(error))
        return _on(self.sent.lead(f"/review/incidents/{self.incident}"), done, what, self._about(what))

    def _about(self, what: str) -> str | None:
        """The incident that the person goes on with: the same one, but for judgements that settle an item of the queue."""
        return self.incident if what in STAYING else None

    def _refused(self, status: int, sentence: str) -> Response:
        versions = (self.sent.seen or "").split(",") if status == 409 else []
        found = review_desk.moved(self.store, versions) if versions else []
        return act_page(self, status=status, sentence=sentence if status == 400 else None, moved=found)


def _on(lead: str, done: Done, what: str, about: str | None = None) -> Response:
    path, _, query = lead.partition("?")
    pairs = {name: value for name, value in parse_qsl(query) if name not in ("did", "what", "on")}
    if about is not None and path == "/review":
        pairs["on"] = about
    pairs |= {"did": done.rows[0].row, "what": what} if done.rows else {"what": "nothing"}
    return RedirectResponse(f"{path}?{urlencode(pairs)}", 303)


def act_page(attempt: Attempt, status: int = 200, **values: Any) -> Response:
    """The page of one act, with what was entered."""
    shown, two = _shown(attempt)
    known: dict[str, Any] = {
        "act": attempt.act,
        "shown": shown,
        "two": two,
        "sent": attempt.sent,
        "field": field_of(attempt.sent.fields["field"]) if attempt.act == "correct" else "",
        "sentence": None,
        "moved": [],
        "query": "",
        "candidates": [],
        "stay": attempt.sent.lead(f"/review/incidents/{attempt.incident}"),
    }
    extra = common(attempt.request, attempt.store, attempt.by)
    return render(attempt.request, "review_act.html", status=status, **(known | extra | values))


def _shown(attempt: Attempt) -> tuple[One | None, Two | None]:
    try:
        if attempt.other is not None and attempt.act in ("merge", "same", "different"):
            return None, review_desk.two(attempt.store, attempt.incident, attempt.other)
    except UnknownIdError:
        pass
    try:
        return review_desk.one(attempt.store, attempt.incident), None
    except UnknownIdError:
        return None, None


# ---- decisions and corrections -------------------------------------------------------------------------------


@router.post("/incidents/{incident_id}/accept")
def accept(request: Request, incident_id: str, store: StoreOf, by: By, sent: SentOf) -> Response:
    """It is an incident, and rightly told."""
    attempt = Attempt(request, store, by, sent, "accept", incident_id)
    return attempt.tried(lambda: review.accept(store, incident_id, by, sent.note, sent.seen), "accepted")


@router.post("/incidents/{incident_id}/reject")
def reject(request: Request, incident_id: str, store: StoreOf, by: By, sent: SentOf) -> Response:
    """It is none; needs a note."""
    attempt = Attempt(request, store, by, sent, "reject", incident_id)
    return attempt.tried(lambda: review.reject(store, incident_id, by, sent.note, sent.seen), "rejected")


@router.post("/incidents/{incident_id}/correct")
def correct(
    request: Request, incident_id: str, store: StoreOf, gazetteer: GazetteerOf, by: By, sent: SentOf
) -> Response:
    """A field has another value."""
    field = field_of(sent.fields.get("field", ""))  # what is no field has no form to come back to

    def doing() -> Done:
        index = gazetteer_at(gazetteer) if review_values.form_of(field) == "place" else None
        try:
            value = review_values.value(field, sent.fields, gazetteer)
            return review.correct(store, incident_id, field, value, by, sent.note, sent.seen, index)
        except UsageError as error:
            raise UsageError(review_values.in_the_form(str(error))) from error

    return Attempt(request, store, by, sent, "correct", incident_id).tried(doing, "correction")


# ---- one or two ------------------------------------------------------------------------------------------------


@router.post("/pair", dependencies=LINK)
def pair(request: Request, store: StoreOf, by: By, sent: SentOf) -> Response:
    """Two mentions tell one event, or two."""
    verdict = sent.fields.get("verdict", "")
    left, right = sent.fields.get("left", ""), sent.fields.get("right", "")
    if verdict not in ("same", "different"):
        raise UsageError("say whether they are the same or different")
    if not left or not right:
        raise UsageError("two are needed; name left and right")
    judged = review.same if verdict == "same" else review.different
    home = store.acts.homes([left]).get(left, left)
    attempt = Attempt(request, store, by, sent, verdict, home, right)
    return attempt.tried(lambda: judged(store, left, right, by, sent.note, sent.seen), verdict)


@router.get("/incidents/{incident_id}/merge", dependencies=LINK)
def merging(
    request: Request,
    incident_id: str,
    store: StoreOf,
    sight: SightOf,
    by: By,
    q: Annotated[str, Query(max_length=200)] = "",
    other: Annotated[str, Query(alias="with", max_length=80)] = "",
    to: Annotated[str, Query(max_length=2_000)] = "",
) -> Response:
    """Which other incident it is: a search, its neighbors, then both side by side."""
    incident = store.incident(incident_id)
    attempt = Attempt(request, store, by, Sent({"to": to}), "merge", incident.id, other.strip() or None)
    if attempt.other is not None:
        found = store.incident(attempt.other)
        if found.id == incident.id:
            raise UsageError(f"{attempt.other} is the incident itself; choose another one")
        return act_page(attempt)
    return act_page(attempt, query=q, candidates=_candidates(store, incident, q.strip(), sight))


def _candidates(store: Store, incident: Incident, text: str, sight: Sight) -> list[Incident]:
    """By id or words where those are given, else those near in place and time."""
    if text.startswith("i-"):
        try:
            found: Sequence[Incident] = [store.incident(text)]
        except UnknownIdError:
            found = []
    elif text:
        found = store.incidents(Filter(text=text, limit=FOUND + 1))
    else:
        found = [each.incident for each in neighbors.neighbors(store, incident, sight)]
    return [each for each in found if each.id != incident.id][:FOUND]


@router.post("/incidents/{incident_id}/merge", dependencies=LINK)
def merge(request: Request, incident_id: str, store: StoreOf, by: By, sent: SentOf) -> Response:
    """Both are one incident, with all their mentions."""
    other = sent.fields.get("other", "").strip()
    if not other:
        raise UsageError("choose the incident that it is the same as")
    attempt = Attempt(request, store, by, sent, "merge", incident_id, other)
    return attempt.tried(lambda: review.merge(store, incident_id, other, by, sent.note, sent.seen), "merge")


@router.get("/incidents/{incident_id}/split", dependencies=LINK)
def splitting(
    request: Request,
    incident_id: str,
    store: StoreOf,
    by: By,
    to: Annotated[str, Query(max_length=2_000)] = "",
) -> Response:
    """Which of its mentions tell another event."""
    incident = store.incident(incident_id)
    return act_page(Attempt(request, store, by, Sent({"to": to}), "split", incident.id))


@router.post("/incidents/{incident_id}/split", dependencies=LINK)
def split(request: Request, incident_id: str, store: StoreOf, by: By, sent: SentOf) -> Response:
    """These mentions tell another event than the rest."""
    attempt = Attempt(request, store, by, sent, "split", incident_id)
    return attempt.tried(
        lambda: review.split(store, incident_id, sent.mentions, by, sent.note, sent.seen), "split"
    )


# ---- taking back -------------------------------------------------------------------------------------------------


@router.post("/undo")
def undo(request: Request, store: StoreOf, by: By, sent: SentOf) -> Response:
    """Takes back the act of a row with all its rows, or the last act of who asks."""
    row = sent.fields.get("row", "").strip()
    force = False
    if row:
        act = store.acts.act(row)
        force = act.by != review.author(by)
        if force and not can(request, "link"):
            raise errors.ForbiddenError(f"{row} is an act of {act.by}; to take it back needs the role editor")
    done = review.undo(store, by, row or "1", force, sent.note, sent.seen, whole=True)
    about = done.incidents[0] if done.incidents else None
    home = address() if about is None else f"/review/incidents/{about}"
    lead = sent.lead(home)
    # What was taken back may be about another incident than the page it was taken back on.
    alone = lead.partition("?")[0].rpartition("/incidents/")[2]
    if lead.startswith("/review/incidents/") and alone not in done.incidents:
        lead = home
    return _on(lead, done, "undo", about)
