"""`/stats`, `/changes`: how many incidents a filter finds, over time and by kind or area; and what has changed since a moment.

Invariant: what follows one answer of `/changes` begins where that one ended, so that nothing is lost or told twice.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import Request
from starlette.responses import Response

from tarikh import changes as feed
from tarikh import history
from tarikh.api.asked import BY, FILTER, MOST, SIZED, SPLIT, Given, Parameter
from tarikh.api.v1 import models, rows
from tarikh.api.v1.answering import answer, given, here, href, operations, reads
from tarikh.api.v1.changed import entry
from tarikh.errors import UsageError
from tarikh.store.records import Records
from tarikh.web.state import SightOf, StoreOf

router = operations("sums")
TIMELINE = (*FILTER, BY)
TRENDS = (*FILTER, BY, SPLIT, MOST)
_WHEN = {"type": "string", "maxLength": 40}
CHANGES = (
    Parameter(
        "since",
        "from when on: a moment such as 2025-03-14T18:30Z, or a day (its end, UTC); `until` of the answer before",
        {**_WHEN, "example": "2025-03-14"},
        required=True,
    ),
    Parameter("until", "up to when: a moment or day; now by default", _WHEN),
    SIZED,
)


@reads(router, "/stats", models.Stats, FILTER, summary="How many incidents a filter finds")
def stats(request: Request, sight: SightOf) -> Response:
    """Their number. At the level full counting stops where it would take long, and `exact` is false: there are at least so many."""
    found = sight.counts(given(request, FILTER).filter)
    return answer({"incidents": found.total, "exact": found.exact, "disclosure": rows.disclosed(sight)})


@reads(router, "/stats/timeline", models.WholeTimeline, TIMELINE, summary="Incidents and killed over time")
def timeline(request: Request, sight: SightOf) -> Response:
    """Sums by day, week or month. An incident stands only in a period that its day is known to lie in."""
    asked = given(request, TIMELINE)
    found = sight.timeline(asked.filter, _by(asked))
    return answer({**rows.timeline(found), "disclosure": rows.disclosed(sight)})


@reads(
    router,
    "/stats/trends",
    models.Trends,
    TRENDS,
    summary="Incidents and killed over time by kind, area or party",
)
def trends(request: Request, sight: SightOf) -> Response:
    """A timeline for each kind, country, region or party. Split by party an incident stands in several of them."""
    asked = given(request, TRENDS)
    split: Any = asked.one("split") or "kind"
    found = sight.trends(asked.filter, _by(asked), split, asked.number(MOST))
    return answer({**rows.trends(found), "disclosure": rows.disclosed(sight)})


def _by(asked: Given) -> Any:
    return asked.one("by") or "month"


@reads(router, "/changes", models.Changes, CHANGES, summary="What has changed since a moment")
def changes(request: Request, store: StoreOf, sight: SightOf) -> Response:
    """What rows that came in, or were withdrawn, changed of incidents: new, updated, merged, split, withdrawn.

    `size` is about how many rows one answer goes through. Below the level full earlier places and parties are withheld,
    and the incident is told by its address.
    """
    asked = given(request, CHANGES)
    past = store.past()
    latest = past.now()
    since, until = _moment(asked, "since", latest), _moment(asked, "until", latest)
    if since is None:
        raise UsageError(f"say from when on with since=…; {history.FORM}")
    until = until or latest
    if until < since:
        raise UsageError(f"until {until.isoformat()} is before since {since.isoformat()}; swap the two")
    end = Records(store).until(since, until, asked.size)
    items = []
    for each in feed.changes(store, since, end):
        there = each.what not in ("merged", "withdrawn")
        items.append(entry(each, sight, href(request, "incidents", each.id) if there else None))
    following = here(request, asked.query(since=end.isoformat()))
    content = {"since": since.isoformat(), "until": end.isoformat(), "more": end < until, "next": following}
    return answer({**content, "items": items, "disclosure": rows.disclosed(sight)}, following)


def _moment(asked: Given, name: str, latest: datetime) -> datetime | None:
    text = asked.one(name)
    if text is None:
        return None
    # A plus in an address is a blank: the moment that the answer before gave may be put in as it stands.
    whole = text.replace(" ", "+") if "T" in text else text
    return history.moment(whole, name, latest)
