"""What the command line shows: progress on stderr, tables and records on stdout. No decisions here.

Invariant: unknown is printed as "unknown", a precision always stands beside its place and date.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from json import dumps
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from tarikh.model import HARMS, Count, Evidence, Incident, Mention, Problem, When, Where, imported_alone
from tarikh.text import one_line

if TYPE_CHECKING:
    from tarikh.agreement import Agreement
    from tarikh.extract.explain import Explanation, Told
    from tarikh.pipeline import Outcome
    from tarikh.reference.areas import Contested

_SHOWN_PROBLEMS = 10
_MOST_IDS = 100
_WIDE = 150
"""Columns of a table that goes to a file or pipe, where no terminal says how wide it is."""
_OUT = Console(highlight=False, width=None if sys.stdout is not None and sys.stdout.isatty() else _WIDE)
_ERR = Console(stderr=True, highlight=False)


_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What could move the cursor, write a title or turn the line around: reports are other people's text."""


def safe(text: str) -> str:
    """Other people's text as it may go to a terminal: no markup, no control characters."""
    return escape(_CONTROLS.sub("\ufffd", text))


def say(sentence: str) -> None:
    """A line to the person, on stderr."""
    # Not broken into lines: who searches a log wants the place and the reason on one.
    _ERR.print(safe(sentence), soft_wrap=True)


def line(text: str) -> None:
    """A line on stdout, of words that may be other people's."""
    _OUT.print(safe(text), soft_wrap=True)


def print_json(value: Any, indent: int | None = 1) -> None:
    """A value for programs, on stdout."""
    # JSON is UTF-8 or, where the terminal is not, ASCII with escapes: whole in either case.
    ascii_ = "utf" not in (sys.stdout.encoding or "utf-8").lower()
    print(dumps(value, ensure_ascii=ascii_, indent=indent, default=str))


def pairs(rows: Sequence[tuple[str, str]]) -> None:
    """A record on stdout, a line a field, and an empty line behind it."""
    for name, value in rows:
        _OUT.print(f"{name:14}{safe(value)}", soft_wrap=True)
    _OUT.print()


@contextmanager
def counting(what: str, total: int | None = None) -> Iterator[Callable[[Outcome], None]]:
    """A counter on stderr for work of unknown length: reports, mentions, problems and the rate."""
    started, reports, mentions, problems = time.monotonic(), 0, 0, 0
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=_ERR, transient=False, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(what, total=total)

        def tick(outcome: Outcome) -> None:
            nonlocal reports, mentions, problems
            reports += 1
            mentions += len(outcome.mentions)
            problems += outcome.problem is not None
            rate = reports / max(0.001, time.monotonic() - started)
            progress.update(
                task,
                advance=1,
                description=f"{what}: {mentions} mentions, {problems} problems, {rate:.0f} reports/s",
            )

        yield tick


@contextmanager
def bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr for work of known length."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    log = _Log(what)
    with Progress(*columns, console=_ERR, transient=False, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(what, total=None)

        def update(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total or None)
            if not sys.stderr.isatty():
                log.tell(done, total)

        yield update


class _Log:
    """What a bar says where stderr is a file: a line now and then, with an estimate."""

    every = 20.0

    def __init__(self, what: str) -> None:
        self._what, self._started = what, time.monotonic()
        self._last = self._started

    def tell(self, done: int, total: int) -> None:
        """Says how far the work is, where that was not said lately."""
        now = time.monotonic()
        if now - self._last < self.every or not 0 < done < total:
            return
        self._last = now
        left = (now - self._started) * (total - done) / done
        say(f"{self._what}: {100 * done // total} %, about {max(1, round(left / 60))} min left")


def closing(problems: Sequence[Problem], documents: int, fields: Sequence[Problem] = ()) -> int:
    """Says how many documents had a problem and where; returns the exit code (1 when nothing was coded).

    `fields` are the problems that cost a field of a report, not the report.
    """
    for some in (problems, fields):
        for problem in some[:_SHOWN_PROBLEMS]:
            say(f"problem: {place_of(problem)}: {one_line(problem.reason, 300)}")
        if len(some) > _SHOWN_PROBLEMS:
            say(f"… and {len(some) - _SHOWN_PROBLEMS} more problems")
    if not documents:
        say("there was nothing to read: the input holds no reports")
    if fields:
        say(f"{len(fields)} of {documents} have a date of publication that could not be read")
    if problems:
        say(f"{len(problems)} of {documents} could not be read or coded")
    return 1 if documents == len(problems) else 0


def uncoded(reasons: Mapping[str, str], reports: int) -> None:
    """Says which of the reports of a labelled file could not be coded: they count as reports without incidents."""
    for name, reason in islice(reasons.items(), _SHOWN_PROBLEMS):
        say(f"problem: {one_line(name)}: {one_line(reason, 300)}")
    more = f", and {len(reasons) - _MOST_IDS} more" if len(reasons) > _MOST_IDS else ""
    ids = ", ".join(one_line(name) for name in islice(reasons, _MOST_IDS))
    say(
        f"{len(reasons)} of {reports} could not be coded, and are scored as if nothing was found: {ids}{more}"
    )


def place_of(problem: Problem) -> str:
    """Where a problem stands: file and line, or address."""
    origin = problem.origin or "-"
    if problem.line is not None and not origin.endswith(f":{problem.line}"):
        return f"{origin}:{problem.line}"
    return origin


def when_words(when: When) -> str:
    """A date with its precision in words."""
    if when.start is None:
        return "unknown"
    days = f"{when.start}" if when.end in (None, when.start) else f"{when.start} – {when.end}"
    return days if when.precision == "day" else f"{days} ({when.precision})"


def where_words(where: Where) -> str:
    """A place with its precision in words."""
    if where.precision == "unknown" or where.country is None:
        return "unknown" if where.country is None else f"somewhere in {where.country}"
    unit = ", ".join(part for part in (where.admin1, where.country) if part)
    if where.precision in ("exact", "near"):
        return f"{'near ' if where.precision == 'near' else ''}{where.place} ({unit})"
    if where.precision == "country":
        return f"{where.country} (country only)"
    return f"{where.place or where.admin1}, {where.country} ({where.precision} only)"


_LIES = {"near": "near it", "part": "only a part of the named place is in it"}


def contested_words(area: Contested) -> list[tuple[str, str]]:
    """A contested area as lines: its name, who claims it, who holds it, up to when that is told."""
    late = "" if area.covered else ", which may be before the incident"
    lies = f" ({_LIES[area.lies]})" if area.lies in _LIES else ""
    lies += "" if area.disputed else ", not disputed on these days"
    return [
        ("contested", f"{area.name}{lies}; told up to {area.as_of}{late}"),
        ("  claimed by", "; ".join(each.words() for each in area.claimed_by) or "nobody that is told"),
        ("  held by", "; ".join(each.words() for each in area.held_by) or "unknown"),
    ]


def count_words(count: Count | None) -> str:
    """A count as best (low–high); unknown is a word."""
    if count is None or not count.known():
        return "unknown"
    best = "?" if count.best is None else str(count.best)
    if count.low == count.best == count.high:
        return best
    low = "?" if count.low is None else str(count.low)
    return f"{best} ({low}–{'?' if count.high is None else count.high})"


def incidents(found: Sequence[Incident], title: str | None = None) -> None:
    """A table of incidents."""
    if not found:
        _OUT.print("no incidents match")
        return
    table = Table(title=title, box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in ("id", "date", "kind", "place", "parties", "killed", "reports"):
        table.add_column(
            name, no_wrap=name in ("id", "date"), justify="right" if name in ("killed", "reports") else "left"
        )
    for item in found:
        sure = "" if item.status == "reported" else f" ({item.status})"
        sure += "" if item.review == "unreviewed" else f" ({item.review})"
        sure += f" ({', '.join(item.sources)} alone)" if imported_alone(item) else ""
        sides = f"{', '.join(item.attackers) or 'unknown'} → {', '.join(item.targets) or 'unknown'}"
        cells = (
            item.id[:10],
            when_words(item.when),
            item.kind.replace("_", " ") + sure,
            where_words(item.where),
            sides if item.attackers or item.targets else "unknown",
            count_words(item.harm.get("killed")),
            str(len(item.members)),
        )
        table.add_row(*(safe(cell) for cell in cells))
    _OUT.print(table)


def incident(view: Any) -> None:
    """One incident: fields, evidence in each report, ledger, reasons of the links."""
    from tarikh.link import certainty  # late: it brings numpy, which a table never needs

    item: Incident = view.incident
    _OUT.print(
        f"[bold]{safe(item.id)}[/bold]  {safe(item.kind.replace('_', ' '))}, {item.status}, {item.review}"
    )
    rows = [("when", when_words(item.when)), ("where", where_words(item.where))]
    rows += [
        ("attackers", ", ".join(item.attackers) or "unknown"),
        ("targets", ", ".join(item.targets) or "unknown"),
    ]
    rows += [(name.replace("_", " "), count_words(count)) for name, count in item.harm.items()] or [
        ("killed", "unknown")
    ]
    rows += [row for area in view.contested for row in contested_words(area)]
    if imported_alone(item):
        rows.append(
            ("imported", f"from {', '.join(item.sources)} alone; no report that was read here tells it")
        )
    rows += [("figures", f"by the rule {view.figures}")] if view.figures != "codebook" else []
    rows += certainty.lines(view.standing) if view.standing is not None else []
    rows += [("version", view.version)] if view.version is not None else []
    for name, value in rows:
        _OUT.print(f"  {name:24}{safe(value)}", soft_wrap=True)
    reports = {report.id: report for report in view.reports}
    for mention in view.mentions:
        report = reports.get(mention.report_id)
        head = f"{mention.source or 'unknown source'}, {mention.published or 'undated'}"
        # Only a report that was forgotten has no text.
        title = (
            ""
            if report is None
            else one_line(report.title, 120)
            if report.text
            else "its words are forgotten"
        )
        _OUT.print(
            f"\n[bold]{safe(head)}[/bold]  {safe(title)}  ({mention.aspect}, {mention.status})  [dim]{safe(mention.id)}[/dim]"
        )
        for field, evidence in mention.evidence.items():
            words = " … ".join(dict.fromkeys(one_line(w, 70) for w in evidence.words if w))
            note = f" — {evidence.reason}" if evidence.reason else ""
            if words or note:
                _OUT.print(
                    f"  {field:24}{safe(f'“{words}”' if words else '')}{safe(note)} [dim]{evidence.confidence:.2f}[/dim]"
                )
    _ledger(view)
    for said in item.corrections:
        note = f": {one_line(said.note, 200)}" if said.note else ""
        _OUT.print(f"[dim]{safe(said.field)} said by {safe(said.by)}, {said.at:%Y-%m-%d}{safe(note)}[/dim]")
    for judgement in item.judgements:
        reasons = ", ".join(f"{r.feature} {r.value} ({r.weight:+.1f})" for r in judgement.reasons)
        _OUT.print(
            f"[dim]linked {judgement.verdict} by {safe(judgement.by)}, score {judgement.score:.2f}: {safe(reasons)}[/dim]"
        )


def _ledger(view: Any) -> None:
    item: Incident = view.incident
    if not item.ledger:
        return
    links = {report.id: report.url for report in view.reports if report.url}
    origin = {} if view.standing is None else view.standing.of
    heads = [
        "",
        "field",
        "value",
        "source",
        "published",
        "who says it",
        "words",
        *(["link"] if links else []),
    ]
    rows = []
    for claim in item.ledger:
        value = count_words(claim.value) if isinstance(claim.value, Count) else str(claim.value)
        source, first = claim.source or "unknown", origin.get(claim.report_id)
        copied = first not in (None, claim.source, claim.report_id)
        beside = [role for role in (view.roles.get(claim.source),) if role] + [f"from {first}"] * copied
        cells = (
            "•" if claim.chosen else "",
            claim.field,
            value,
            f"{source} ({'; '.join(beside)})" if beside else source,
            str(claim.published or "undated"),
            claim.attribution or "",
            one_line(" … ".join(dict.fromkeys(claim.words)), 60),
            *([links.get(claim.report_id, "")] if links else []),
        )
        rows.append(cells)
    _OUT.print("\n[bold]Ledger of claims[/bold]")
    table(heads, rows)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table of texts."""
    made = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for head in heads:
        made.add_column(head)
    for row in rows:
        made.add_row(*map(safe, row))
    _OUT.print(made)


def explanation(name: str, outcome: Outcome, told: Explanation) -> None:
    """Why each sentence of a report is or is no incident, then each field of its mentions with words and reason."""
    title = outcome.report.title if outcome.report is not None else ""
    _OUT.print(f"\n[bold]{safe(name)}[/bold]  {safe(one_line(title, 120))}")
    _OUT.print(f"[dim]gate: {safe(told.gate)}[/dim]")
    number = {mention.id: n for n, mention in enumerate(outcome.mentions, 1)}
    for sentence in told.sentences:
        _sentence(sentence, number)
    for n, mention in enumerate(outcome.mentions, 1):
        _OUT.print(f"\n[bold]mention {n}[/bold]")
        for field, value in _values(mention).items():
            _field(field, value, mention.evidence.get(field, Evidence(confidence=1.0)))


def _sentence(told: Told, number: Mapping[str, int]) -> None:
    mark = "+" if told.mentions else "-" if told.verdict == "parsed" else " "
    style = None if told.verdict == "parsed" else "dim"
    _OUT.print(f"\n{mark} {safe(one_line(told.text, 400))}", style=style, soft_wrap=True)
    if not told.triggers:
        _OUT.print(f"    [dim]{safe(told.reason)}[/dim]", soft_wrap=True)
    for heard in told.triggers:
        act = f" ({heard.act})" if heard.act else ""
        at = number.get(heard.mention) if heard.mention is not None else None
        # Its mention may have been left out by --min-confidence.
        went = f"→ mention {at}" if at is not None else f"no: {heard.reason or 'its mention is left out'}"
        _OUT.print(safe(f"    “{one_line(heard.words, 60)}”{act} {went}"), soft_wrap=True)


def _values(mention: Mention) -> dict[str, str]:
    """Each coded field in words, under the name that its evidence has."""
    values = {
        "kind": mention.kind.replace("_", " "),
        "status": mention.status,
        "aspect": mention.aspect,
        "attackers": ", ".join(mention.attackers) or "unknown",
        "targets": ", ".join(mention.targets) or "unknown",
        "date": when_words(mention.when),
        "place": where_words(mention.where),
        "attribution": mention.attribution or "unknown",
    }
    names = [f"harm.{what}" for what in HARMS]
    told = [name for name in names if name in mention.evidence or name.partition(".")[2] in mention.harm]
    return values | {name: count_words(mention.harm.get(name.partition(".")[2])) for name in told}


def _field(name: str, value: str, evidence: Evidence) -> None:
    words = " … ".join(dict.fromkeys(one_line(w, 70) for w in evidence.words if w))
    parts = (value, f"“{words}”" if words else "", evidence.reason)
    shown = " — ".join(part for part in parts if part)
    _OUT.print(f"  {name:24}{safe(shown)} [dim]{evidence.confidence:.2f}[/dim]", soft_wrap=True)
    for candidate in evidence.rejected[:3]:
        _OUT.print(
            f"  {'':24}[dim]weighed and not taken: {safe(one_line(candidate.value, 90))}[/dim]",
            soft_wrap=True,
        )


def places(name: str, found: Sequence[Any]) -> None:
    """Candidates of a place name."""
    if not found:
        _OUT.print(f"no place called {safe(name)} in the index")
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for column in (
        "name",
        "level",
        "feature",
        "country",
        "admin1",
        "admin2",
        "population",
        "latitude",
        "longitude",
        "match",
    ):
        table.add_column(column)
    for place in found:
        cells = (
            place.name,
            place.level,
            place.feature or "",
            place.country,
            place.admin1 or "",
            place.admin2 or "",
            f"{place.population:,}" if place.population else "unknown",
            f"{place.latitude:.4f}",
            f"{place.longitude:.4f}",
            place.matched,
        )
        table.add_row(*(safe(str(cell)) for cell in cells))
    _OUT.print(table)


def sources(found: Sequence[Any]) -> None:
    """The sources that were added to the gazetteer."""
    if not found:
        _OUT.print("no sources were added; the index has the installed packages alone")
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for column in ("name", "what", "bytes", "added", "from"):
        table.add_column(column)
    for source in found:
        cells = (source.name, ", ".join(source.forms), f"{source.size:,}", source.added[:10], source.origin)
        table.add_row(*map(safe, cells))
    _OUT.print(table)


def agreement(found: Agreement) -> None:
    """How far two coders agree, a line a field."""
    say(
        f"{found.unit}: {found.both} looked at by both, {found.only_left} by {found.left} alone,"
        f" {found.only_right} by {found.right} alone"
    )
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for column in ("field", "scale", "units", "equal", "alpha", ""):
        table.add_column(column, justify="right" if column in ("units", "equal", "alpha") else "left")
    for each in found.fields:
        equal = "" if each.equal is None else f"{each.equal:.0%}"
        score = "undefined" if each.alpha is None else f"{each.alpha:.2f}"
        table.add_row(each.field, each.scale, str(each.units), equal, score, each.note)
    _OUT.print(table)


def findings(found: Sequence[Any]) -> None:
    """What `doctor` found."""
    for finding in found:
        mark = "[green]ok[/green]     " if finding.fine else "[red]missing[/red]"
        _OUT.print(f"{mark}  {finding.name:22}{safe(finding.detail)}")
        if not finding.fine and finding.advice:
            _OUT.print(f"         {'':22}type: {safe(finding.advice)}")
