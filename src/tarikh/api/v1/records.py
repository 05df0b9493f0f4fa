"""`/reports`, `/mentions`, `/judgements`, `/problems`: what incidents are made of, in the order in which it came in.

Invariant: texts of reports, and what was judged of mentions in different incidents, are shown at the level full alone.
"""

from __future__ import annotations

from dataclasses import replace

from fastapi import Request
from starlette.responses import Response

from tarikh.api import shown
from tarikh.api.asked import PAGED
from tarikh.api.v1 import models, rows
from tarikh.api.v1.answering import answer, following, given, href, operations, reads
from tarikh.disclosure import MARK
from tarikh.errors import ForbiddenError, UnknownIdError
from tarikh.store.records import Records
from tarikh.web.state import SightOf, StoreOf

router = operations("records")


@reads(router, "/reports", models.Reports, PAGED, summary="Reports, without their texts")
def reports(request: Request, store: StoreOf, sight: SightOf) -> Response:
    """A page of reports, the one recorded first in front: what comes in later stands at the end, so that one can go on."""
    asked = given(request, PAGED)
    page = Records(store).reports(asked.size, asked.after)
    found = shown.reports(store, sight, [each.report for each in page.items])
    items = [
        rows.report(found[each.report.id], each, href(request, "reports", each.report.id))
        for each in page.items
    ]
    more = following(request, asked, page.next)
    return answer(rows.paged(items, more, sight), more)


@reads(router, "/reports/{report_id}", models.WholeReport, errors=(404,), summary="One report")
def report(request: Request, report_id: str, store: StoreOf, sight: SightOf) -> Response:
    """A report with what was coded of it. Its text is shown at the level full alone; spans of mentions count in it."""
    given(request)
    found = store.report(report_id)
    kept = Records(store).kept(found.id)
    told = shown.told(store, sight, [found])
    read = told.reports[found.id]
    mentions = [
        {"id": key, "incident": told.homes.get(key), "href": href(request, "mentions", key)}
        for key in told.mentions
    ]
    forgotten = store.forgetting.of(found) is not None
    content = rows.report(read, kept, href(request, "reports", found.id))
    content |= {"text": read.text, "forgotten": forgotten, "mentions": mentions}
    return answer({**content, "disclosure": rows.disclosed(sight)})


@reads(router, "/mentions", models.Mentions, PAGED, summary="Mentions")
def mentions(request: Request, store: StoreOf, sight: SightOf) -> Response:
    """A page of the current mentions of all reports, in the order in which they came in.

    When a report is coded anew its mentions stand at the end, and those before are gone.
    """
    asked = given(request, PAGED)
    page = Records(store).mentions(asked.size, asked.after)
    told = shown.mentions(store, sight, page.items)
    items = [rows.kept_mention(each, told.homes.get(key)) for key, each in told.mentions.items()]
    more = following(request, asked, page.next)
    return answer(rows.paged(items, more, sight), more)


@reads(router, "/mentions/{mention_id}", models.KeptMention, errors=(404,), summary="One mention")
def mention(request: Request, mention_id: str, store: StoreOf, sight: SightOf) -> Response:
    """A mention, also one that a later coding has replaced; below the level full only one that is part of an incident."""
    given(request)
    found = store.mentions(ids=[mention_id], all_coders=True)
    told = shown.mentions(store, sight, found)
    if mention_id not in told.mentions:
        raise UnknownIdError(f"there is no mention {mention_id[:80]!a}, or none that may be shown")
    return answer(rows.kept_mention(told.mentions[mention_id], told.homes.get(mention_id)))


@reads(router, "/judgements", models.Judgements, PAGED, summary="Judgements, at the level full")
def judgements(request: Request, store: StoreOf, sight: SightOf) -> Response:
    """All that was judged of two mentions, also what was withdrawn, in the order in which it was said.

    What is judged tells what lies near: at other levels there are only the judgements within an incident, with it.
    """
    asked = given(request, PAGED)
    if not sight.full:
        raise ForbiddenError(
            f"judgements tell which places lie near each other, so they are not listed at the level {sight.level};"
            " those within an incident are shown with it"
        )
    page = Records(store).judgements(asked.size, asked.after)
    more = following(request, asked, page.next)
    items = [rows.judgement(number, each) for number, each in page.items]
    return answer(rows.paged(items, more, sight), more)


@reads(router, "/problems", models.Faults, PAGED, summary="What could not be read or coded")
def problems(request: Request, store: StoreOf, sight: SightOf) -> Response:
    """A page of problems. Where they came from and why is shown at the level full alone."""
    asked = given(request, PAGED)
    page = Records(store).problems(asked.size, asked.after)
    more = following(request, asked, page.next)
    items = []
    for number, each in page.items:
        known = each if sight.full else replace(each, reason=MARK, origin=each.origin and MARK, line=None)
        items.append(rows.problem(number, known))
    return answer(rows.paged(items, more, sight), more)
