"""Questions to the store, for the command line, pages, API and exports: `find` and `show` give whole incidents, the rest views.

Invariant: nothing is computed here that the fold should have said; unknown passes no filter as if it were known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from tarikh import link
from tarikh.link.certainty import Standing
from tarikh.link.harm import check
from tarikh.model import Claim, Fingerprint, Incident, Judgement, Mention, Report
from tarikh.reference import contested
from tarikh.reference.areas import Contested
from tarikh.store import Filter, Store
from tarikh.store.counting import Counts
from tarikh.store.grid import Area, Box, areas_of
from tarikh.store.overview import FEATURES, Cell, Overview, Unit
from tarikh.store.paging import IncidentRow, Page
from tarikh.store.trends import By, Period, Series, Split, Tally, Timeline, Trends

__all__ = [
    "Area",
    "Cell",
    "Chronicle",
    "Counts",
    "Filter",
    "IncidentRow",
    "IncidentView",
    "Overview",
    "Page",
    "Period",
    "Series",
    "Tally",
    "Timeline",
    "Trends",
    "Unit",
    "areas_of",
    "counts",
    "find",
    "overview",
    "page",
    "show",
    "timeline",
    "trends",
]


class Chronicle(Protocol):
    """What can be asked for incidents: the store as it is now, or as it was at a moment (`history.AsOf`)."""

    def incidents(self, wanted: Filter | None = None) -> list[Incident]: ...

    def incident(self, incident_id: str) -> Incident: ...

    def redirects(self, incident_id: str) -> tuple[str, ...]: ...

    def version(self, incident_id: str) -> str | None: ...

    def mentions(
        self,
        report_ids: Iterable[str] | None = None,
        ids: Iterable[str] | None = None,
        all_coders: bool = False,
    ) -> list[Mention]: ...

    def reports(self, ids: Iterable[str] | None = None) -> Iterator[Report]: ...

    def fingerprints(self, report_ids: Iterable[str]) -> dict[str, Fingerprint]: ...

    def roles(self) -> dict[str, str]: ...


DEFAULT_FIGURES = "codebook"
"""The rule by which the kept figures are chosen."""


@dataclass(frozen=True, slots=True)
class IncidentView:
    """An incident with all that opens its fields to the words.

    `mentions` are its members, the founding one first, events of data sets with the sides that the incident gives them; `reports` are theirs, the earliest published first, those
    without a day last; `redirects` are former ids that lead here; `contested` are the contested areas of its place, with
    who claims and holds them on its days. `figures` names the rule of its counts; `standing` says how its mentions make
    its status and confidence, before any correction. `version` is the version that an act of review can be bound to
    (`seen`); None of the past. `roles` is what people say that its sources are, by name.
    """

    incident: Incident
    mentions: tuple[Mention, ...]
    reports: tuple[Report, ...]
    redirects: tuple[str, ...] = ()
    contested: tuple[Contested, ...] = ()
    figures: str = DEFAULT_FIGURES
    standing: Standing | None = None
    version: str | None = None
    roles: Mapping[str, str] = field(default_factory=dict)

    @property
    def ledger(self) -> tuple[Claim, ...]:
        """Who said what, also what was not chosen."""
        return self.incident.ledger

    @property
    def judgements(self) -> tuple[Judgement, ...]:
        """What was judged of pairs of its members."""
        return self.incident.judgements


def find(store: Chronicle, wanted: Filter, figures: str = DEFAULT_FIGURES) -> list[Incident]:
    """The incidents that a filter asks for, in its order, their counts by the rule `figures`.

    By another rule than the default `minimum_killed` is asked of its figures. Raises `UsageError` when there is no such
    rule.
    """
    check(figures)
    if figures == DEFAULT_FIGURES:
        return store.incidents(wanted)
    if wanted.minimum_killed is None and wanted.order != "deadliest":
        return _recounted(store, store.incidents(wanted), figures)
    every = replace(wanted, minimum_killed=None, limit=None, offset=0)
    found = [
        i for i in _recounted(store, store.incidents(every), figures) if _deadly(i, wanted.minimum_killed)
    ]
    if wanted.order == "deadliest":
        found.sort(key=lambda i: -(_killed(i) or 0))
    return found[wanted.offset :][: wanted.limit]


def _killed(incident: Incident) -> int | None:
    count = incident.harm.get("killed")
    return None if count is None else count.best if count.best is not None else count.low


def _deadly(incident: Incident, minimum: int | None) -> bool:
    killed = _killed(incident)
    return minimum is None or (killed is not None and killed >= minimum)


def _recounted(store: Chronicle, found: Sequence[Incident], figures: str) -> list[Incident]:
    ids = [member for incident in found for member in incident.members]
    members = {each.id: each for each in store.mentions(ids=ids, all_coders=True)}
    prints, roles = store.fingerprints({each.report_id for each in members.values()}), store.roles()
    return [
        link.recounted(
            incident, [members[k] for k in incident.members if k in members], figures, roles, prints
        )
        for incident in found
    ]


def show(store: Chronicle, incident_id: str, figures: str = DEFAULT_FIGURES) -> IncidentView:
    """One incident with its mentions and reports, by its id, a former id, or its first four or more characters.

    Raises `UnknownIdError` when there is none or more than one, `UsageError` when there is no such rule for figures.
    """
    check(figures)
    version = store.version(incident_id)  # before all that is read: it must not be newer than what is seen
    incident = store.incident(incident_id)
    members = {each.id: each for each in store.mentions(ids=incident.members, all_coders=True)}
    mentions = tuple(link.oriented([members[key] for key in incident.members if key in members]))
    prints, roles = store.fingerprints({each.report_id for each in mentions}), store.roles()
    if figures != DEFAULT_FIGURES:
        incident = link.recounted(incident, mentions, figures, roles, prints)
    reports = list(store.reports(dict.fromkeys(each.report_id for each in mentions)))
    reports.sort(key=lambda each: (each.published is None, each.published, each.id))
    areas = contested.at(incident.where, incident.when.start, incident.when.end)
    standing = link.standing(mentions, roles, prints) if mentions else None
    redirects = store.redirects(incident.id)
    told = {name: roles[name] for each in mentions if (name := each.source) in roles}
    return IncidentView(
        incident, mentions, tuple(reports), redirects, areas, figures, standing, version, told
    )


# ---- views: quick, and without whole incidents -----------------------------------------------------------------


def page(store: Store, wanted: Filter, after: str | None = None, limit: int = 50) -> Page:
    """The slim rows that a filter asks for, in its order, from the start or after a page's `next_cursor`.

    `limit` is 1 to 1,000; the filter's own limit and offset do not count. An incident that comes or goes meanwhile repeats or
    hides no other. Raises `UsageError` for a cursor that was damaged, made up, or given for another filter or order.
    """
    return store.views.page(wanted, after, limit)


def overview(
    store: Store, wanted: Filter, bbox: Box | None = None, zoom: int = 2, most: int = FEATURES
) -> Overview:
    """What a map shows in a window (west, south, east, north in degrees; the world without one) at a zoom of web maps, 0 to 20.

    At most `most` (1 to 20,000) points, or else as many cells; incidents known to a unit alone, by unit, for the whole
    filter; how many have no place. Raises `UsageError` for a window off the earth or a zoom that there is not.
    """
    return store.views.overview(wanted, bbox, zoom, most)


def timeline(store: Store, wanted: Filter, by: By = "week") -> Timeline:
    """Incidents and killed by `day`, `week` (from Monday) or `month`; unknown tolls and imprecise days are told apart.

    Raises `UsageError` when there is no such period.
    """
    return store.views.timeline(wanted, by)


def trends(store: Store, wanted: Filter, by: By = "month", split: Split = "kind", most: int = 50) -> Trends:
    """Timelines by `kind`, `country`, `admin1` or `party`: at most `most` (1 to 1,000), those with most incidents first.

    Raises `UsageError` when there is no such period or split.
    """
    return store.views.trends(wanted, by, split, most)


def counts(store: Store, wanted: Filter) -> Counts:
    """How many incidents a filter finds: exactly where that is known or takes less than about 0.2 s, else at least so many."""
    return store.views.counts(wanted)
