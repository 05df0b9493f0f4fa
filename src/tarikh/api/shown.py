"""Records as they may be shown to who asks: incidents as rows and features, reports and mentions by way of their incidents.

Invariant: below `full` nothing is shown that has not gone through `disclosure`; a report or mention that is in no incident
has no rules that could be asked, so none of its words are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tarikh import queries
from tarikh.disclosure import Shown
from tarikh.disclosure.sight import Sight
from tarikh.exports import context, geojson
from tarikh.exports.context import ExportContext
from tarikh.model import Count, Incident, Mention, Report
from tarikh.queries import IncidentRow
from tarikh.store import Filter, Store
from tarikh.store.records import Records
from tarikh.store.spots import Listing
from tarikh.web.reading_room import bare

# ---- incidents -----------------------------------------------------------------------------------------------


def rows(
    store: Store, sight: Sight, wanted: Filter, size: int, after: str | None
) -> tuple[list[IncidentRow], str | None]:
    """A page of slim rows, and the cursor of the next one. Raises `UsageError`, `ForbiddenError`."""
    if sight.full:
        page = queries.page(store, wanted, after, size)
        return list(page.items), page.next_cursor
    shown, cursor = _allowed(store, sight, wanted, size, after)
    return [_row(each) for each in shown.incidents], cursor


def _row(shown: Incident) -> IncidentRow:
    return IncidentRow(
        shown.id, shown.kind, shown.status, shown.review, shown.when, shown.where, shown.attackers, shown.targets,
        shown.harm.get("killed", Count()), len(shown.sources), shown.confidence, "",
    )  # fmt: skip


def _allowed(
    store: Store, sight: Sight, wanted: Filter, size: int, after: str | None
) -> tuple[Shown, str | None]:
    page = Listing(store, sight.only(wanted)).page(wanted, size, after)
    shown = sight.all(page.incidents, flat=True)
    return shown.placed() if sight.asks_place(wanted) else shown, page.next


def features(
    store: Store, sight: Sight, wanted: Filter, size: int, after: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of GeoJSON features, and the cursor of the next one. Raises `UsageError`, `ForbiddenError`."""
    if sight.full:
        page = queries.page(store, wanted, after, size)
        found = store.acts.incidents_of([row.id for row in page.items])
        return _features(found, _light(store, found)), page.next_cursor
    shown, cursor = _allowed(store, sight, wanted, size, after)
    return _features(shown.incidents, context(shown=shown)), cursor


def feature(store: Store, sight: Sight, incident: Incident) -> dict[str, Any]:
    """One incident as a GeoJSON feature."""
    if sight.full:
        return geojson.feature(incident, _light(store, [incident]))
    shown = sight.all([incident], flat=True)
    return geojson.feature(shown.incidents[0], context(shown=shown))


def _features(found: Iterable[Incident], around: ExportContext) -> list[dict[str, Any]]:
    return [geojson.feature(each, around) for each in found]


def _light(store: Store, found: Iterable[Incident]) -> ExportContext:
    """What a flat row needs to know of the mentions: how many reports they are of."""
    return context(mentions=Records(store).reports_of(key for each in found for key in each.members))


@dataclass(frozen=True, slots=True)
class Whole:
    """An incident as it may be shown, with what stands around it."""

    incident: Incident
    mentions: tuple[Mention, ...]
    around: ExportContext


def whole(sight: Sight, incident: Incident) -> Whole:
    """An incident with its evidence."""
    if sight.full:
        mentions, reports = sight.guarding.around([incident])
        around = context(mentions=mentions, reports=reports)
        shown = incident
    else:
        made = sight.all([incident])
        around, shown = context(shown=made), made.incidents[0]
    members = tuple(around.mentions[key] for key in shown.members if key in around.mentions)
    return Whole(shown, members, around)


# ---- reports and mentions ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """Reports and mentions as they may be shown, by id; `homes` is the incident of each mention that is in one."""

    reports: Mapping[str, Report]
    mentions: Mapping[str, Mention]
    homes: Mapping[str, str]


def reports(store: Store, sight: Sight, found: Sequence[Report]) -> Mapping[str, Report]:
    """Some reports by id. What comes of one does not depend on the others."""
    if sight.full:  # without a look at their mentions, which are long
        return {each.id: each for each in found}
    return told(store, sight, found).reports


def told(store: Store, sight: Sight, reports: Sequence[Report]) -> Told:
    """Some reports with their current mentions."""
    mentions = store.mentions(report_ids=[report.id for report in reports])
    return _told(store, sight, mentions, reports)


def mentions(store: Store, sight: Sight, found: Sequence[Mention]) -> Told:
    """Some mentions. Below `full` those that are in no incident are left out."""
    return _told(store, sight, found, ())


def _told(store: Store, sight: Sight, found: Sequence[Mention], reports: Sequence[Report]) -> Told:
    homes = store.acts.homes([mention.id for mention in found])
    if sight.full:
        return Told({r.id: r for r in reports}, {m.id: m for m in found}, homes)
    shown = sight.all(store.acts.incidents_of(dict.fromkeys(homes.values())))
    known = {each.id: each for each in shown.mentions}
    careful = {each.id: each for each in shown.reports}
    apart = {mention.report_id for mention in found if mention.id not in known}
    made = {
        report.id: bare(report) if report.id in apart or report.id not in careful else careful[report.id]
        for report in reports
    }
    return Told(made, {m.id: known[m.id] for m in found if m.id in known}, homes)
