"""Questions to the store, for the command line, pages and exports: `find` and `show`.

Invariant: nothing is computed here that the fold should have said; unknown passes no filter as if it were known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from tarikh.model import Claim, Incident, Judgement, Mention, Report
from tarikh.reference import contested
from tarikh.reference.areas import Contested
from tarikh.store import Filter

__all__ = ["Chronicle", "Filter", "IncidentView", "find", "show"]


class Chronicle(Protocol):
    """What can be asked for incidents: the store as it is now, or as it was at a moment (`history.AsOf`)."""

    def incidents(self, wanted: Filter | None = None) -> list[Incident]: ...

    def incident(self, incident_id: str) -> Incident: ...

    def redirects(self, incident_id: str) -> tuple[str, ...]: ...

    def mentions(
        self,
        report_ids: Iterable[str] | None = None,
        ids: Iterable[str] | None = None,
        all_coders: bool = False,
    ) -> list[Mention]: ...

    def reports(self, ids: Iterable[str] | None = None) -> Iterator[Report]: ...


@dataclass(frozen=True, slots=True)
class IncidentView:
    """An incident with all that opens its fields to the words.

    `mentions` are its members, the founding one first; `reports` are theirs, the earliest published first, those
    without a day last; `redirects` are former ids that lead here; `contested` are the contested areas of its place, with
    who claims and holds them on its days.
    """

    incident: Incident
    mentions: tuple[Mention, ...]
    reports: tuple[Report, ...]
    redirects: tuple[str, ...] = ()
    contested: tuple[Contested, ...] = ()

    @property
    def ledger(self) -> tuple[Claim, ...]:
        """Who said what, also what was not chosen."""
        return self.incident.ledger

    @property
    def judgements(self) -> tuple[Judgement, ...]:
        """What was judged of pairs of its members."""
        return self.incident.judgements


def find(store: Chronicle, wanted: Filter) -> list[Incident]:
    """The incidents that a filter asks for, in its order."""
    return store.incidents(wanted)


def show(store: Chronicle, incident_id: str) -> IncidentView:
    """One incident with its mentions and reports, by its id, a former id, or its first four or more characters.

    Raises `UnknownIdError` when there is none or more than one.
    """
    incident = store.incident(incident_id)
    members = {each.id: each for each in store.mentions(ids=incident.members, all_coders=True)}
    mentions = tuple(members[key] for key in incident.members if key in members)
    reports = list(store.reports(dict.fromkeys(each.report_id for each in mentions)))
    reports.sort(key=lambda each: (each.published is None, each.published, each.id))
    areas = contested.at(incident.where, incident.when.start, incident.when.end)
    return IncidentView(incident, mentions, tuple(reports), store.redirects(incident.id), areas)
