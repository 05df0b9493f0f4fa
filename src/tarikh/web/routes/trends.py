"""`/trends`: incidents and killed over time by kind, area or party, as plots and a table; `/trends.csv` is the table as a file.

Invariant: it shows the filter of the address, and each figure leads to the list of its incidents.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response, StreamingResponse

from tarikh.web import language, overview, trends
from tarikh.web.pages import is_part, render
from tarikh.web.people import AskedFirst, may
from tarikh.web.state import Now, SightOf, StoreOf, asked_of
from tarikh.web.trends import OWN, TrendsAsked
from tarikh.web.wording import Wording

router = APIRouter(dependencies=[Depends(may("read"))], route_class=AskedFirst)


def _wanted(request: Request) -> TrendsAsked:
    pairs = request.query_params.multi_items()
    given = {name: value for name, value in pairs if name in OWN and value}
    return trends.read(given, asked_of(request, [(n, v) for n, v in pairs if n not in OWN]))


Wanted = Annotated[TrendsAsked, Depends(_wanted)]


@router.get("/trends")
def page(request: Request, store: StoreOf, wanted: Wanted, sight: SightOf) -> Response:
    """The page; what takes long is asked for by the page itself once it is open."""
    say = Wording(language.chosen(request))
    part = is_part(request)
    counted = sight.counts(wanted.asked.filter)
    quick = overview.quick(wanted.asked.filter, counted, kept=wanted.split == "kind")
    found = trends.view(sight, wanted, say) if part or quick else None
    headers = {"HX-Push-Url": wanted.address()} if part else None
    choices = {} if part else overview.choices(store, sight)
    return render(
        request, "trends.html", "parts/trends.html", headers=headers, wanted=wanted, asked=wanted.asked, found=found,
        own=OWN, counts=counted, sight=sight, **choices,
    )  # fmt: skip


@router.get("/trends/table")
def table(request: Request, wanted: Wanted, sight: SightOf) -> Response:
    """The figures of the plots, for the page that is open or as one of its own."""
    found = trends.view(sight, wanted, Wording(language.chosen(request)), table=True)
    return render(request, "trends_table.html", "parts/trends_table.html", wanted=wanted, found=found)


@router.get("/trends.csv")
def file(wanted: Wanted, sight: SightOf, now: Now) -> Response:
    """All series and periods of the filter."""
    made = now.replace(microsecond=0).isoformat()
    name = f"tarikh-trends-{wanted.by}-{wanted.split}.csv"
    lines = list(trends.table(sight, wanted, made))  # so that a fault is told as one, and not within the file
    return StreamingResponse(
        iter(lines),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )
