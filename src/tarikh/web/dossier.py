"""An incident opened to its words: for each field what each report says of it, and the reports with all words marked.

Invariant: every word shown is cut out of the report by a span of the mention that bears it; nothing is searched for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tarikh.marking import Mark, Piece, pieces, quotation
from tarikh.model import HARMS, Claim, Evidence, Mention, Report, Span
from tarikh.queries import IncidentView

TITLED = ("kind", "status", "attackers", "targets", "date", "place")
"""The fields of every incident, besides its counts."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a report with what stands around them; `mark` is the id of the marked words in the report's text, or ""."""

    before: str
    words: str
    after: str
    mark: str


@dataclass(frozen=True, slots=True)
class Saying:
    """What one mention says of one field, in which words; `bears` is whether the incident's value rests on it."""

    mention: Mention
    report: Report | None
    evidence: Evidence
    quotes: tuple[Quote, ...]
    bears: bool


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an incident with all that was said of it."""

    name: str
    sayings: tuple[Saying, ...]


@dataclass(frozen=True, slots=True)
class Marked:
    """A report whose title and text are cut at their marks; `of` of a piece are names of fields."""

    report: Report
    title: tuple[Piece, ...]
    text: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that an incident's page opens."""

    fields: tuple[Field, ...]
    reports: tuple[Marked, ...]
    claims: tuple[tuple[str, tuple[Claim, ...]], ...]


def dossier(view: IncidentView) -> Dossier:
    """The dossier of an incident."""
    reports = {report.id: report for report in view.reports}
    order = {report.id: number for number, report in enumerate(view.reports)}
    mentions = sorted(view.mentions, key=lambda m: order.get(m.report_id, len(order)))
    fields = [_field(name, view, mentions, reports) for name in _names(view)]
    marked = [_marked(report, [m for m in mentions if m.report_id == report.id]) for report in view.reports]
    by_field: dict[str, list[Claim]] = {}
    for claim in view.ledger:
        by_field.setdefault(claim.field, []).append(claim)
    claims = tuple((name, tuple(sorted(said, key=_age))) for name, said in by_field.items())
    return Dossier(tuple(fields), tuple(marked), claims)


def _age(claim: Claim) -> tuple[bool, str]:
    return claim.published is None, "" if claim.published is None else claim.published.isoformat()


def _names(view: IncidentView) -> Iterable[str]:
    """The fields to show: the first count always, for unknown dead must be said; another where anybody tells of it."""
    told = {field for mention in view.mentions for field in mention.evidence}
    harm = [f"harm.{w}" for w in HARMS if w == "killed" or w in view.incident.harm or f"harm.{w}" in told]
    return [*TITLED, *harm]


def _field(
    name: str, view: IncidentView, mentions: Sequence[Mention], reports: Mapping[str, Report]
) -> Field:
    support = set(view.incident.support.get(name, ()))
    found = []
    for mention in mentions:
        evidence = mention.evidence.get(name)
        if evidence is None:
            continue
        report = reports.get(mention.report_id)
        quotes = () if report is None else tuple(_quotes(report, evidence.spans))
        if not evidence.spans:  # where it is withheld where they stand, or nobody knows
            quotes = tuple(Quote("", words, "", mark="") for words in evidence.words)
        found.append(Saying(mention, report, evidence, quotes, mention.id in support))
    return Field(name, tuple(found))


def _quotes(report: Report, spans: Iterable[Span]) -> Iterable[Quote]:
    for span in spans:
        whole = report.title if span.part == "title" else report.text
        if 0 <= span.start < span.end <= len(whole):
            mark = mark_id(report.id, span.part, span.start)
            yield Quote(*quotation(whole, span.start, span.end), mark=mark)


def mark_id(report_id: str, part: str, start: int) -> str:
    """The id of the marked piece of a text that begins at a character."""
    return f"w-{report_id}-{part}-{start}"


def _marked(report: Report, mentions: Sequence[Mention]) -> Marked:
    marks: dict[str, list[Mark]] = {"title": [], "text": []}
    for mention in mentions:
        for field, evidence in mention.evidence.items():
            for span in evidence.spans:
                marks[span.part].append(Mark(span.start, span.end, field))
    return Marked(
        report, tuple(pieces(report.title, marks["title"])), tuple(pieces(report.text, marks["text"]))
    )
