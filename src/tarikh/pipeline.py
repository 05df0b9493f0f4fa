"""The whole flow on one page: sources → reading → extract → resolve → link → store. Read this first.

Invariant: every document that comes in goes out as an outcome, in its order: coded, known already, or a problem.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from tarikh import link, parsers, reading, reference
from tarikh.errors import MissingError, RegisterError, ReportError, TarikhError, UsageError
from tarikh.extract import composing, details, terms
from tarikh.extract.casing import as_given, readable
from tarikh.extract.coder import Extraction, extract
from tarikh.extract.parse import cannot_be_coded
from tarikh.extract.scope import Scope, in_turn, scope_of
from tarikh.gazetteer import Gazetteer, open_index
from tarikh.llm import coder as second_reading
from tarikh.llm.answers import Refused
from tarikh.model import Document, Incident, Judgement, Mention, Phrase, Problem, Report
from tarikh.outcomes import Asked, Outcome, Rules
from tarikh.relinking import Relinked, relink, relinked, settle
from tarikh.resolve import aspect, confidence, dates, merge, parties, party_forms, places, specific
from tarikh.store import Store, Tombstone

__all__ = [
    "Added",
    "Asked",
    "Outcome",
    "Relinked",
    "Rules",
    "Traced",
    "add",
    "code",
    "code_all",
    "incident_ids",
    "incidents",
    "read",
    "recode",
    "relink",
    "relinked",
    "settle",
    "traced",
    "traced_safely",
]

MOST_PLACES = 400
"""Place names that are weighed as the context of one report: each is weighed against all, and hostile texts have thousands."""
CHUNK = 8
"""Reports a worker takes at a time: parses are batched, and a crash costs little."""
FORGOTTEN = "forgotten"
"""Stage of the problem that a forgotten report was to be added again."""


# ---- one report -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Traced:
    """A report's mentions with what `extract.explain` needs to say why; `home` as in `resolve.merge.joined`; `read` is the
    report as it was read (`extract.casing`, `extract.composing`), on whose characters the extraction's spans stand."""

    mentions: tuple[Mention, ...]
    extraction: Extraction
    home: Mapping[str, str]
    read: Report
    refused: tuple[Refused, ...] = ()
    unused: str | None = None
    """Why the language model's answer was of no use, and the rules coded the report."""


def code(report: Report, gazetteer: Gazetteer, scope: Scope = "conflict") -> tuple[Mention, ...]:
    """The mentions of one report, resolved and merged."""
    return traced(report, gazetteer, scope).mentions


def traced(
    report: Report, gazetteer: Gazetteer, scope: Scope = "conflict", asked: Asked | None = None
) -> Traced:
    """The heart of Tarikh, in the order of the design: the mentions, and the trace of how they came about.

    With an answer of a language model its quotes take the place of what the rules extract; all that follows is the same.

    Raises `ReportError` where the report's language needs a parser that is the user's choice and not installed.
    """
    missing = parsers.model_missing(report.language)
    if missing is not None:
        raise ReportError(cannot_be_coded(report.language, missing))
    whole = composing.composed(report)
    if whole is None:
        return _traced(report, gazetteer, scope, asked)
    made = _traced(whole.report, gazetteer, scope, asked)
    return replace(made, mentions=tuple(composing.as_given(m, whole) for m in made.mentions))


def _traced(report: Report, gazetteer: Gazetteer, scope: Scope, asked: Asked | None) -> Traced:
    given, report = report, readable(report, gazetteer)
    found, refused = _extracted(report, gazetteer, scope, asked)
    if not found.mentions:
        return Traced((), found, {}, report, refused)
    named = [
        party_forms.form(hit.role, hit.nationality) for hit in found.parties if hit.role and hit.nationality
    ]
    place_context = places.context(report, _distinct(found.toponyms), gazetteer, tuple(n for n in named if n))
    date_context = dates.context(report, found.times)
    weight = place_context.support(None)
    party_context = parties.context(
        report, found.parties, sorted(weight, key=lambda code: (-weight[code], code))
    )
    resolved: list[Mention] = []
    for told in found.mentions:
        previous = resolved[-1].when if resolved else None
        mention = dates.date(told, date_context, previous, resolved)
        mention = places.place(mention, place_context)
        mention = parties.parties(mention, party_context, resolved)
        resolved.append(confidence.supported(mention, told))
    mentions, home = merge.joined(aspect.aspects(specific.specific(resolved)))
    told_with = zip(details.detailed(mentions, report), terms.termed(mentions, report), strict=True)
    sure = (
        replace(confidence.calibrated(mention), details=names, terms=words)
        for mention, (names, words) in zip(mentions, told_with, strict=True)
    )
    return Traced(tuple(as_given(mention, given, report) for mention in sure), found, home, report, refused)


def _extracted(
    report: Report, gazetteer: Gazetteer, scope: Scope, asked: Asked | None
) -> tuple[Extraction, tuple[Refused, ...]]:
    """What the rules, or the quotes of an answer, extract; and what of an answer was refused."""
    if asked is None or asked.answer is None:
        return extract(report, gazetteer, scope), ()
    checked = second_reading.extraction(report, gazetteer, asked.answer, asked.model)
    return checked.extraction, checked.refused


def _distinct(toponyms: Sequence[Phrase]) -> list[Phrase]:
    """Each name in each role twice at most, and not more names than can be weighed."""
    seen: Counter[tuple[str, str | None]] = Counter()
    kept: list[Phrase] = []
    for phrase in toponyms:
        seen[phrase.text, phrase.role] += 1
        if seen[phrase.text, phrase.role] <= 2 or len(toponyms) <= MOST_PLACES:
            kept.append(phrase)
    return kept[:MOST_PLACES]


# ---- many reports -----------------------------------------------------------------------------------------

_worker_gazetteer: Gazetteer | None = None
_worker_scope: Scope = "conflict"


def _start_worker(path: Path, scope: Scope) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent stops the work and says so, once
    global _worker_gazetteer, _worker_scope  # one index a process: it cannot be sent to a worker, only opened there
    _worker_gazetteer, _worker_scope = open_index(path), scope


Job = tuple[Report, Asked | None]


def _code_chunk(jobs: Sequence[Job]) -> list[Traced | Problem]:
    assert _worker_gazetteer is not None
    return [_slim(_code_safely(job, _worker_gazetteer, _worker_scope)) for job in jobs]


def _slim(made: Traced | Problem) -> Traced | Problem:
    """Without the trace, which holds parses and the text, and is not sent between processes."""
    if isinstance(made, Problem):
        return made
    return replace(made, extraction=Extraction(()), home={}, read=Report("", "", "", ""))


def _code_safely(job: Job, gazetteer: Gazetteer, scope: Scope) -> Traced | Problem:
    made = traced_safely(job[0], gazetteer, scope, job[1])
    unused = None if job[1] is None else _unused(made)
    if unused is None:
        return made
    alone = traced_safely(job[0], gazetteer, scope)
    if isinstance(alone, Problem):
        return alone
    refused = () if isinstance(made, Problem) else made.refused
    return replace(alone, refused=refused, unused=unused)


def _unused(made: Traced | Problem) -> str | None:
    """Why a language model's answer is of no use: it cannot be read, or it tells of acts and not one of them stands."""
    if isinstance(made, Problem):
        return made.reason
    lost = sum(each.field == "mention" for each in made.refused)
    return (
        f"of the mentions in it ({lost}) not one stands in the report" if lost and not made.mentions else None
    )


def traced_safely(
    report: Report, gazetteer: Gazetteer, scope: Scope = "conflict", asked: Asked | None = None
) -> Traced | Problem:
    """A defect of ours on one report costs that report and says so; the others go on."""
    try:
        return traced(report, gazetteer, scope, asked)
    except (MissingError, RegisterError):
        raise  # a part of ours that is not installed stops every report: it is said once
    except TarikhError as error:
        return Problem("extract", str(error), report.origin, report_id=report.id)
    except Exception as error:
        return Problem(
            "extract", f"coding failed: {type(error).__name__}: {error}", report.origin, report_id=report.id
        )


def read(items: Iterable[Document | Problem], rules: Rules) -> Iterator[Outcome]:
    """Documents as reports that are not coded yet; what cannot be read is an outcome with its problem."""
    for item in items:
        if isinstance(item, Problem):
            yield Outcome(item.origin or "-", item.line, item.report_id, problem=item)
            continue
        given = item.id if item.id is not None else f"line-{item.line}" if item.line is not None else None
        made = reading.report(item, rules.today, rules.published, reference.languages(), rules.max_text)
        if isinstance(made, Problem):
            yield Outcome(item.origin, item.line, given, problem=made)
        else:
            lost = reading.unread_day(item, made)
            kept = replace(made, given_id=given or made.given_id)
            yield Outcome(item.origin, item.line, given, kept, field_problem=lost)


def code_all(outcomes: Iterable[Outcome], rules: Rules, workers: int = 1) -> Iterator[Outcome]:
    """Codes what `read` gave, in order. With several workers a crash of one costs the report that caused it."""
    if rules.second is not None:
        alone = replace(rules, second=None)
        yield from rules.second.run(outcomes, lambda some: code_all(some, alone, workers))
        return
    reference.parties()  # a faulty register is told here, once, and not by every report
    if workers <= 1:
        gazetteer = open_index(rules.gazetteer)
        for outcome in outcomes:
            yield (
                _coded(outcome, _code_safely((outcome.report, outcome.asked), gazetteer, rules.scope))
                if _open(outcome) and outcome.report
                else outcome
            )
        return
    open_index(rules.gazetteer)  # a missing index is told here, once, and not by every worker
    pool = _Pool(rules, workers)
    waiting: deque[tuple[list[Outcome], Future[list[Traced | Problem]]]] = deque()
    source = iter(outcomes)
    try:
        while True:
            while len(waiting) < workers * 3 and (chunk := list(islice(source, CHUNK))):
                waiting.append((chunk, pool.submit(_jobs(chunk))))
            if not waiting:
                return
            chunk, future = waiting.popleft()
            results = iter(pool.result(future, _jobs(chunk)))
            for outcome in chunk:
                yield _coded(outcome, next(results)) if _open(outcome) else outcome
    finally:
        pool.close()


def _open(outcome: Outcome) -> bool:
    return (
        outcome.report is not None and outcome.problem is None and not outcome.known and not outcome.settled
    )


def _jobs(chunk: Sequence[Outcome]) -> list[Job]:
    return [(o.report, o.asked) for o in chunk if _open(o) and o.report is not None]


def _coded(outcome: Outcome, result: Traced | Problem) -> Outcome:
    if isinstance(result, Problem):
        return replace(outcome, problem=replace(result, line=outcome.line))
    asked = outcome.asked and replace(outcome.asked, refused=result.refused)
    if asked is not None and result.unused is not None:
        reason = f"the language model's answer was of no use ({result.unused}); coded by the rules alone"
        asked = replace(asked, problem=Problem("llm", reason, outcome.origin, outcome.line, outcome.id))
    return replace(outcome, mentions=result.mentions, asked=asked)


class _Pool:
    """A process pool that outlives the death of a worker."""

    def __init__(self, rules: Rules, workers: int) -> None:
        self.rules, self.workers = rules, workers
        self.executor = self._new()

    def _new(self) -> ProcessPoolExecutor:
        # "spawn": forking a process that already holds a parser and database handles is unsafe.
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(
            self.workers, context, _start_worker, (self.rules.gazetteer, self.rules.scope)
        )

    def submit(self, jobs: list[Job]) -> Future[list[Traced | Problem]]:
        try:
            return self.executor.submit(_code_chunk, jobs)
        except BrokenProcessPool:
            self.executor = self._new()
            return self.executor.submit(_code_chunk, jobs)

    def result(self, future: Future[list[Traced | Problem]], jobs: list[Job]) -> list[Traced | Problem]:
        try:
            return future.result()
        except (BrokenProcessPool, CancelledError):
            # Each by itself in a process of its own, so that only the report that kills it is lost, to a problem.
            return [self._alone(job) for job in jobs]

    def _alone(self, job: Job) -> Traced | Problem:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(
            1, context, _start_worker, (self.rules.gazetteer, self.rules.scope)
        ) as lonely:
            try:
                return lonely.submit(_code_chunk, [job]).result()[0]
            except BrokenProcessPool:
                reason = "the worker process died while coding this report"
                return Problem("extract", reason, job[0].origin, report_id=job[0].id)

    def close(self) -> None:
        self.executor.shutdown(wait=False, cancel_futures=True)


# ---- incidents --------------------------------------------------------------------------------------------


def incidents(mentions: Sequence[Mention]) -> tuple[list[Incident], list[Judgement]]:
    """Incidents of mentions that are in no database, with the judgements that made them."""
    judgements = link.judge(mentions)
    return link.fold(mentions, judgements), judgements


def incident_ids(mentions: Sequence[Mention]) -> dict[str, str]:
    """The incident of each mention, by id."""
    return {member: incident.id for incident in incidents(mentions)[0] for member in incident.members}


@dataclass(slots=True)
class Added:
    """What one run of `add` did."""

    reports: int = 0
    known: int = 0
    mentions: int = 0
    problems: int = 0
    incidents: int = 0


def add(
    items: Iterable[Document | Problem],
    store: Store,
    rules: Rules,
    workers: int = 1,
    progress: Callable[[Outcome], None] | None = None,
    again: str | None = None,
) -> Added:
    """Reads, codes, links and keeps. A report that is there already (same text, same coder) is not coded again.

    One that was forgotten is refused with the reason, unless a person (`again`, as `user:NAME`) wants it back.
    Each report is kept as soon as it is coded, so an interrupted run loses nothing and goes on where it stopped.
    Raises `UsageError` when the database holds what another scope codes: `recode` changes it.
    """
    _of_this_scope(store, rules)
    done = Added()
    for outcome in code_all(
        _unknown(read(items, rules), store, rules.coder, again is not None), rules, workers
    ):
        if outcome.problem is not None:
            done.problems += 1
            if outcome.report is not None:
                store.add_report(outcome.report)
            if (
                outcome.problem.stage != FORGOTTEN
            ):  # its tombstone is the record; a problem could name its address
                store.add_problems([outcome.problem])
        elif outcome.known:
            done.known += 1
        elif outcome.report is not None:
            if again is not None:
                store.forgetting.remember(outcome.report, outcome.mentions, again)
            store.add_report(outcome.report)
            store.add_fingerprints({outcome.report.id: link.printed(outcome.report)})
            store.add_mentions(outcome.report.id, outcome.coder or rules.coder, outcome.mentions)
            store.add_problems(_of_second(outcome))
            done.reports += 1
            done.mentions += len(outcome.mentions)
        if outcome.field_problem is not None and not outcome.known:
            store.add_problems([outcome.field_problem])
        if progress is not None:
            progress(outcome)
    done.incidents = relink(store)
    return done


def _of_second(outcome: Outcome) -> list[Problem]:
    """Why a report that the language model was asked about was coded by the rules alone."""
    return [outcome.asked.problem] if outcome.asked is not None and outcome.asked.problem is not None else []


def _of_this_scope(store: Store, rules: Rules) -> None:
    """A database has the scope of its last coding: with two, nobody could say what is left out."""
    last = store.last_coder()
    kept = scope_of(last) if last is not None else rules.scope
    if kept != rules.scope:
        raise UsageError(
            f"this database is coded with the scope {kept}, and you code with {rules.scope}: set TARIKH_SCOPE={kept}"
            f" to add to it, type tarikh recode to code all of it with {rules.scope}, or name another database"
        )


def _unknown(outcomes: Iterator[Outcome], store: Store, coder: str, again: bool = False) -> Iterator[Outcome]:
    for outcome in outcomes:
        if outcome.report is None or outcome.problem is not None:
            yield outcome
            continue
        stone = store.forgetting.of(outcome.report)
        itself = stone is not None and stone.report_id == outcome.report.id
        kept = store.is_coded(outcome.report.id, coder) or store.bringing.is_brought(outcome.report.id)
        if not itself and kept:
            yield replace(outcome, known=True)
        elif stone is not None and not again:
            yield replace(outcome, report=None, field_problem=None, problem=_forgotten(outcome, stone))
        else:
            yield outcome


def _forgotten(outcome: Outcome, stone: Tombstone) -> Problem:
    reason = f"this report was forgotten on {stone.at:%Y-%m-%d} ({stone.reason}); to have it back, add it with --again"
    return Problem(FORGOTTEN, reason, outcome.origin, outcome.line, stone.report_id)


def recode(
    store: Store, rules: Rules, at: datetime, progress: Callable[[Outcome], None] | None = None
) -> Added:
    """Codes every kept report again whose mentions of now are not of this coder; rows of older coders stay, people's work
    follows. A coder that comes back after another, by a change of the scope and back, has a new turn (`rules@1~2`).
    """
    done = Added()
    pending = (
        Outcome(r.origin or r.id, id=r.given_id, report=r) for r in store.reports(not_coded_by=rules.coder)
    )
    for outcome in code_all(pending, rules):
        if outcome.report is None:
            continue
        if outcome.problem is not None:
            store.add_problems([replace(outcome.problem, at=at)])
            done.problems += 1
        else:
            name = outcome.coder or rules.coder
            store.add_problems(replace(each, at=at) for each in _of_second(outcome))
            if name != rules.coder and store.is_coded(outcome.report.id, name):
                continue  # the rules coded it before, and the model gave nothing to put in their place
            coder, mentions = in_turn(name, outcome.mentions, store.next_turn(outcome.report.id, name))
            store.add_mentions(outcome.report.id, coder, mentions)
            done.reports += 1
            done.mentions += len(mentions)
        if progress is not None:
            progress(outcome)
    done.incidents = relink(store)
    return done
