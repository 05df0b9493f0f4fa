"""What every export gets besides the incidents, and the notice that travels with the data.

Invariant: nothing here asks a clock; who calls says when the export was made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from tarikh import __version__
from tarikh.disclosure import Level, Noted, Shown, Withheld, policy
from tarikh.model import GED, Incident, Mention, Report

NOTICE = (
    "Coded by machine from news reports: check the words before you rely on a record. "
    "Unknown is not zero. Places: GeoNames, CC BY 4.0. Texts of reports belong to their publishers."
)
"""Goes with every export whose form has room for it."""
NOTICES: Mapping[str, str] = {
    GED: "Events of UCDP GED: Uppsala Conflict Data Program (ucdp.uu.se), CC BY 4.0; Sundberg and Melander 2013."
}
"""What goes with it where mentions of these coders are in it (the beginning of their names)."""


class Counts(dict[Noted, int]):
    """How many incidents were written, by what is withheld of them."""

    def add(self, notes: Noted) -> None:
        """Counts one more."""
        self[notes] = self.get(notes, 0) + 1

    def rows(self) -> int:
        """How many."""
        return sum(self.values())

    def coarser(self) -> int:
        """How many at a coarser place than is known."""
        return sum(number for of, number in self.items() if any(each.field == "place" for each in of.notes))


NO_LICENSE = "no license stated; places: GeoNames, CC BY 4.0"
"""Where the user has not said under which license the data may be used."""


@dataclass(frozen=True, slots=True)
class ExportContext:
    """`mentions` and `reports` by id give the evidence; `filters` says in words what was selected, `query` as an address does.

    `made` is when, or None. `words` off leaves the reports' own words out of the one form that
    holds them (jsonl): they may name private people, which a file for publication must not. `level` and `policy` are
    those of the disclosure policy at which the incidents were shown, `withheld` by incident what was withheld. `license`
    is what the user says the data may be used under, `versions` are those of the parts that made it.
    """

    mentions: Mapping[str, Mention] = field(default_factory=dict)
    reports: Mapping[str, Report] = field(default_factory=dict)
    title: str = "Tarikh"
    filters: str = ""
    made: datetime | None = None
    words: bool = True
    level: Level = "full"
    policy: int = 0
    withheld: Mapping[str, tuple[Withheld, ...]] = field(default_factory=dict)
    query: str = ""
    license: str | None = None
    versions: Mapping[str, str | None] = field(default_factory=dict)

    def disclosure(self, counted: Mapping[Noted, int] | None = None) -> dict[str, Any]:
        """Level, version of the policy, and how many incidents have what withheld by which of its rules.

        `counted` are incidents by what is withheld of them, where they were counted; else those of `withheld`.
        """
        counts: Counter[tuple[str, str, str]] = Counter()
        told = [(notes, 1) for notes in self.withheld.values()]
        for notes, number in told if counted is None else [(n.notes, m) for n, m in counted.items()]:
            for each in notes:
                counts[each.field, each.rule, each.done] += number
        rows = [{"field": f, "rule": r, "done": d, "incidents": n} for (f, r, d), n in sorted(counts.items())]
        return {"level": self.level, "policy": self.disclosure_version(), "withheld": rows}

    def disclosure_version(self) -> int:
        """The version of the policy at which the incidents were shown."""
        return self.policy or policy().version

    def notice(self) -> str:
        """The notice, with that of each data set whose events may be in the export."""
        coders = {
            *(self.versions.get("coders") or "").split(", "),
            *(m.coder for m in self.mentions.values()),
        }
        told = (text for start, text in NOTICES.items() if any(c.startswith(start) for c in coders))
        return " ".join((NOTICE, *told))

    def metadata(self, counted: Mapping[Noted, int] | None = None) -> dict[str, Any]:
        """Title, versions, notice, license, filter, disclosure and time, as the exports carry them."""
        return {
            "title": self.title,
            "software": f"tarikh {__version__}",
            "notice": self.notice(),
            "license": self.license or NO_LICENSE,
            "filters": self.filters or None,
            "query": self.query or None,
            "disclosure": self.disclosure(counted),
            "versions": dict(self.versions),
            "made": None if self.made is None else self.made.isoformat(),
        }


def context(
    mentions: Sequence[Mention] = (),
    reports: Sequence[Report] = (),
    title: str = "Tarikh",
    filters: str = "",
    made: datetime | None = None,
    words: bool = True,
    shown: Shown | None = None,
) -> ExportContext:
    """An `ExportContext` of plain lists; of what is `shown` by the disclosure policy, its mentions and reports."""
    if shown is not None:
        mentions, reports = shown.mentions, shown.reports
    by_id = {m.id: m for m in mentions}
    made_of = ExportContext(by_id, {r.id: r for r in reports}, title, filters, made, words)
    if shown is None:
        return made_of
    return replace(made_of, level=shown.level, policy=shown.version, withheld=shown.withheld)


def report_ids(incident: Incident, given: ExportContext) -> tuple[str, ...]:
    """The reports that tell of an incident, oldest first, those without a date last."""
    ids = {given.mentions[m].report_id for m in incident.members if m in given.mentions}
    ids |= {claim.report_id for claim in incident.ledger}

    def age(report_id: str) -> tuple[bool, str, str]:
        report = given.reports.get(report_id)
        published = None if report is None else report.published
        return (published is None, "" if published is None else published.isoformat(), report_id)

    return tuple(sorted(ids, key=age))
