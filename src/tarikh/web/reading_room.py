"""A report as its page shows it: its text with the words of every mention marked, its incidents, its problems.

Invariant: the mentions are the current ones, so that what is marked is what the incidents are made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tarikh import pipeline, reference
from tarikh.disclosure import MARK
from tarikh.disclosure.sight import Sight
from tarikh.errors import ReportError
from tarikh.extract.explain import Explanation, explain
from tarikh.marking import Mark, Piece, pieces
from tarikh.model import DATA_SETS, Mention, Problem, Report
from tarikh.settings import Settings
from tarikh.store import Store, Tombstone
from tarikh.web.places_index import gazetteer_at


@dataclass(frozen=True, slots=True)
class Told:
    """A mention, its number on the page, and the incident that it is a part of."""

    number: int
    mention: Mention
    incident_id: str | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A report with all that was made of it; `of` of a piece is "number field"."""

    report: Report
    title: tuple[Piece, ...]
    text: tuple[Piece, ...]
    told: tuple[Told, ...]
    problems: tuple[Problem, ...]
    versions: tuple[Report, ...]
    tombstone: Tombstone | None


def opened(store: Store, report_id: str) -> Opened:
    """A report by its id. Raises `UnknownIdError`."""
    report = store.report(report_id)
    mentions = store.mentions(report_ids=[report.id])
    homes = store.acts.homes([mention.id for mention in mentions])
    told = tuple(Told(n, m, homes.get(m.id)) for n, m in enumerate(mentions, 1))
    return Opened(
        report,
        _marked(report.title, "title", told),
        _marked(report.text, "text", told),
        told,
        tuple(store.problems(report.id)),
        tuple(store.versions(report.id)),
        store.forgetting.of(report),
    )


def withheld(read: Opened, store: Store, sight: Sight) -> Opened:
    """The report as it may be shown: as the most careful of its incidents has it; without any, nothing of its words."""
    if sight.full:
        return read
    ids = list(dict.fromkeys(each.incident_id for each in read.told if each.incident_id))
    shown = sight.all(store.acts.incidents_of(ids))
    mentions = {each.id: each for each in shown.mentions}
    found = next((each for each in shown.reports if each.id == read.report.id), None)
    # What is in no incident has no rules that could be asked.
    apart = found is None or any(each.mention.id not in mentions for each in read.told)
    report = bare(read.report) if apart or found is None else found
    told = [
        replace(each, mention=mentions[each.mention.id]) for each in read.told if each.mention.id in mentions
    ]
    return Opened(
        report,
        tuple(pieces(report.title, [])),
        tuple(pieces(report.text, [])),
        tuple(told),
        tuple(replace(each, reason=MARK) for each in read.problems),
        read.versions,
        None if read.tombstone is None else replace(read.tombstone, by=f"user:{MARK}", reason=MARK),
    )


def bare(report: Report) -> Report:
    """The report without anything that somebody wrote."""
    hidden: dict[str, Any] = {
        name: MARK
        for name in ("title", "text", "source", "url", "given_id", "origin")
        if getattr(report, name)
    }
    return replace(report, **hidden)


def _marked(text: str, part: str, told: Sequence[Told]) -> tuple[Piece, ...]:
    marks = [
        Mark(span.start, span.end, f"{each.number} {field}")
        for each in told
        for field, evidence in each.mention.evidence.items()
        for span in evidence.spans
        if span.part == part
    ]
    return tuple(pieces(text, marks))


def explained(report: Report, gazetteer: Path | None) -> Explanation:
    """Why each sentence is or is not an incident, by coding the report once more.

    Raises `MissingError` where there is no gazetteer, `ReportError` where it cannot be coded.
    """
    if report.source in DATA_SETS:
        raise ReportError(
            f"it is an event of {report.source}, coded from its columns: no sentence of it is coded"
        )
    index = gazetteer_at(gazetteer)
    if report.language not in reference.languages():
        coded = ", ".join(sorted(reference.languages()))
        raise ReportError(f"reports in {report.language[:20]!r} are not coded; those in {coded} are")
    found = pipeline.traced_safely(report, index, Settings().scope)
    if isinstance(found, Problem):
        raise ReportError(found.reason)
    return explain(found.read, found.extraction, found.home)
