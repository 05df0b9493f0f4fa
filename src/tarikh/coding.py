"""The work of `tarikh code`: reports to lines or explanations, without a database.

Invariant: one line or one explanation a report, in the order of the input; a mention that is left out is told on stderr.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from tarikh import pipeline, terminal
from tarikh.exports.explanation import explanation_entry
from tarikh.exports.gold_form import problem_line, report_line
from tarikh.extract.explain import Explanation, explain
from tarikh.gazetteer import open_index
from tarikh.model import Document, Mention, Problem
from tarikh.outcomes import Asked, Outcome, Rules
from tarikh.resolve.abstain import abstain
from tarikh.store import DISAGREE
from tarikh.text import one_line

MOST_TOLD = 20
"""Reports without an answer that are named."""


@dataclass(frozen=True, slots=True)
class Coded:
    """One report coded: its name for people, what became of it, and the explanation that was asked for."""

    name: str | None
    outcome: Outcome
    explanation: Explanation | None = None


def code(
    items: Iterable[Document | Problem],
    rules: Rules,
    workers: int = 1,
    explained: bool = False,
    min_confidence: float = 0.0,
) -> list[Coded]:
    """Codes every document; fields less sure than `min_confidence` are left open."""
    read = pipeline.read(items, rules)
    told = (
        explained and rules.second is None
    )  # what a model does is explained by what was refused of its answer
    source = _explained(read, rules) if told else ((o, None) for o in pipeline.code_all(read, rules, workers))
    done = []
    with terminal.counting("coding") as tick:
        for outcome, explanation in source:
            tick(outcome)
            # What is no line of anything is called by its file or address.
            name = outcome.id if outcome.id is not None or outcome.line is not None else outcome.origin
            kept = _sure(outcome, min_confidence, name) if min_confidence > 0 else outcome
            # An archive's texts need not wait for the last one.
            done.append(Coded(name, kept if explained else replace(kept, report=None), explanation))
    return done


def _explained(outcomes: Iterable[Outcome], rules: Rules) -> Iterator[tuple[Outcome, Explanation | None]]:
    """As `pipeline.code_all`, in this process, with the story of each report that was coded."""
    gazetteer = open_index(rules.gazetteer)
    for outcome in outcomes:
        if outcome.report is None or outcome.problem is not None:
            yield outcome, None
            continue
        traced = pipeline.traced_safely(outcome.report, gazetteer, rules.scope)
        if isinstance(traced, Problem):
            yield replace(outcome, problem=replace(traced, line=outcome.line)), None
        else:
            told = explain(traced.read, traced.extraction, traced.home)
            yield replace(outcome, mentions=traced.mentions), told


def _sure(outcome: Outcome, threshold: float, name: str | None) -> Outcome:
    kept: list[Mention] = []
    for mention in outcome.mentions:
        found = abstain(mention, threshold)
        if found is not None:
            kept.append(found)
            continue
        sure = mention.evidence["kind"].confidence
        terminal.say(
            f"left out: {name}: {mention.kind} “{mention.trigger}”: its kind is {sure:.2f} sure, less than {threshold:.2f}"
        )
    return replace(outcome, mentions=tuple(kept))


def lines(done: Iterable[Coded]) -> Iterator[dict[str, Any]]:
    """The codebook's line of each report; with its explanation under `explanation`, where there is one."""
    done = list(done)
    incident_of = pipeline.incident_ids([m for c in done for m in c.outcome.mentions])
    for coded in done:
        outcome = coded.outcome
        if outcome.problem is not None:
            yield problem_line(coded.name, outcome.line, outcome.problem.stage, outcome.problem.reason)
            continue
        line = report_line(str(coded.name), outcome.mentions, incident_of)
        if coded.explanation is not None:
            line["explanation"] = explanation_entry(coded.explanation, outcome.mentions)
        elif outcome.asked is not None and outcome.report is not None:
            line["explanation"] = _asked_entry(outcome.asked)
        yield line


def _asked_entry(asked: Asked) -> dict[str, Any]:
    """What a language model was asked, what of its answer was refused and why, or why the rules coded the report."""
    return {
        "model": asked.model,
        "refused": [{"field": r.field, "words": r.words, "reason": r.reason} for r in asked.refused],
        "problem": asked.problem.reason if asked.problem is not None else None,
    }


def show(done: Iterable[Coded]) -> None:
    """The explanations as text for people."""
    for coded in done:
        if coded.outcome.problem is not None:
            terminal.say(f"{coded.name}: {coded.outcome.problem.reason}")
        elif coded.explanation is not None:
            terminal.explanation(str(coded.name), coded.outcome, coded.explanation)
        else:
            for line in _told(str(coded.name), coded.outcome):
                terminal.line(line)


def _told(name: str, outcome: Outcome) -> Iterator[str]:
    """The mentions of a report with their words, and what of a language model's answer was refused."""
    yield f"{name}: {len(outcome.mentions)} mentions by {outcome.coder or 'the rules'}"
    for mention in outcome.mentions:
        yield f"  {mention.kind} “{mention.trigger}” ({mention.status}, {mention.aspect})"
        for field, found in mention.evidence.items():
            if found.words:
                yield f"    {field:22} “{' … '.join(found.words)}”"
            for other in found.rejected:
                if other.reasons[:1] == (DISAGREE,):
                    yield f"    {field:22} or {other.value}: {'; '.join(other.reasons[1:])}"
    asked = outcome.asked
    for refused in asked.refused if asked is not None else ():
        yield f"  refused: {refused.field} “{one_line(refused.words)}”: {refused.reason}"
    if asked is not None and asked.problem is not None:
        yield f"  {asked.problem.reason}"


def tell_unused(done: Iterable[Coded]) -> None:
    """Says of which reports a language model gave nothing of use, so that the rules coded them alone."""
    asked = [c for c in done if c.outcome.asked is not None]
    failed = [c.outcome.asked.problem for c in asked if c.outcome.asked and c.outcome.asked.problem]
    for problem in failed[:MOST_TOLD]:
        terminal.say(f"problem: {terminal.place_of(problem)}: {one_line(problem.reason, 300)}")
    if failed:
        terminal.say(f"{len(failed)} of {len(asked)} that were asked about are coded by the rules alone")
