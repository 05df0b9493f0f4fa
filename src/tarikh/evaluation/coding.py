"""Labelled rows through the coder, in the form that the scorers read.

Invariant: labels are cut off before a row reaches the coder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tarikh import pipeline
from tarikh.evaluation import hrdsattack, muc4
from tarikh.evaluation.main_event import main_event
from tarikh.exports.gold_form import report_line
from tarikh.extract.explain import Explanation, explain
from tarikh.gazetteer import open_index
from tarikh.model import Document, Mention, Problem
from tarikh.pipeline import Outcome, Rules

Row = Mapping[str, Any]


def documents(rows: Sequence[Row]) -> Iterator[Document]:
    """The rows as a source would yield them; `publish_date` is HRDsAttack's name for `published`."""
    for number, row in enumerate(rows, 1):
        published = row.get("published") or (
            str(row["publish_date"])[:10] if row.get("publish_date") else None
        )
        yield Document(
            origin="labelled",
            text=str(row.get("text") or ""),
            line=number,
            id=str(row["id"]),
            title=row.get("title"),
            published=published,
            source=row.get("source"),
            language=row.get("language"),
            url=row.get("url"),
        )


Uncoded = dict[str, str]
"""Why a report could not be read or coded, by its id; the functions here fill the one that they are given."""


def _outcomes(rows: Sequence[Row], rules: Rules, workers: int, uncoded: Uncoded | None) -> list[Outcome]:
    outcomes = list(pipeline.code_all(pipeline.read(documents(rows), rules), rules, workers))
    if uncoded is not None:
        uncoded |= {str(o.id): o.problem.reason for o in outcomes if o.problem is not None}
    return outcomes


def coded_lines(
    rows: Sequence[Row], rules: Rules, workers: int = 1, uncoded: Uncoded | None = None
) -> dict[str, Row]:
    """The codebook's line of each report by its id; an empty one where it could not be coded."""
    outcomes = _outcomes(rows, rules, workers, uncoded)
    incident_of = pipeline.incident_ids([m for o in outcomes for m in o.mentions])
    return {str(o.id): report_line(str(o.id), o.mentions, incident_of) for o in outcomes}


def coded_records(
    rows: Sequence[Row], rules: Rules, workers: int = 1, uncoded: Uncoded | None = None
) -> dict[str, Row]:
    """HRDsAttack's one record of each article by its id."""
    gazetteer = open_index(rules.gazetteer)
    return {
        str(outcome.id): hrdsattack.record(main_event(outcome.report, outcome.mentions, gazetteer))
        for outcome in _outcomes(rows, rules, workers, uncoded)
        if outcome.report is not None
    }


def coded_templates(
    rows: Sequence[Row], rules: Rules, workers: int = 1, uncoded: Uncoded | None = None
) -> dict[str, Row]:
    """MUC-4's answer templates of each report by its id, none twice."""
    found: dict[str, Row] = {}
    for outcome in _outcomes(rows, rules, workers, uncoded):
        if outcome.report is None:
            continue
        made = [muc4.template(mention, outcome.report) for mention in outcome.mentions]
        kept = [t for n, t in enumerate(made) if t is not None and t not in made[:n]]
        found[str(outcome.id)] = {"templates": kept}
    return found


@dataclass(frozen=True, slots=True)
class Trace:
    """A labelled report coded: its row, its line, and the story of its sentences, or the problem that it had.

    `mentions` are the line's, in its order, with their evidence; the story calls them by their ids.
    """

    row: Row
    line: Row
    mentions: tuple[Mention, ...] = ()
    story: Explanation | None = None
    problem: str | None = None


def traces(rows: Sequence[Row], rules: Rules) -> list[Trace]:
    """Every row coded as `coded_lines` codes it, with what is needed to say why."""
    gazetteer = open_index(rules.gazetteer)
    found: list[tuple[Row, tuple[Mention, ...], Explanation | None, str | None]] = []
    for row, outcome in zip(rows, pipeline.read(documents(rows), rules), strict=True):
        if outcome.report is None:
            found.append((row, (), None, outcome.problem.reason if outcome.problem else "not read"))
            continue
        traced = pipeline.traced_safely(outcome.report, gazetteer)
        if isinstance(traced, Problem):
            found.append((row, (), None, traced.reason))
        else:
            told = explain(traced.read, traced.extraction, traced.home)
            found.append((row, traced.mentions, told, None))
    incident_of = pipeline.incident_ids([m for _, mentions, _, _ in found for m in mentions])
    return [
        Trace(row, report_line(str(row["id"]), ms, incident_of), ms, told, problem)
        for row, ms, told, problem in found
    ]
