"""Keeping what comes in already coded: in parts, each known again when it comes again.

Invariant: a part is one transaction, so an import that was stopped goes on where it was; the same content changes nothing,
other content of the same report is a new turn of its coder, and older rows stay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from tarikh.extract.scope import in_turn
from tarikh.imports.opening import STAGE
from tarikh.model import Problem, Report, stable_id
from tarikh.store import Brought, Store
from tarikh.store.bringing import content

PART = 200
"""Reports in one transaction."""


@dataclass(slots=True)
class Imported:
    """What one import did: reports that are new, that changed (a new version, or coded otherwise), and that were known."""

    new: int = 0
    changed: int = 0
    known: int = 0
    mentions: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """Rows or lines that were right, whether they changed anything or not."""
        return self.new + self.changed + self.known


def keep(
    store: Store,
    items: Iterable[Brought | Problem],
    progress: Callable[[int], None] | None = None,
    goes_back: bool = False,
) -> Imported:
    """Keeps coded reports and problems as they come. `progress` is told how many came so far.

    `goes_back` is of a data set with one row to an address, each as it is now: what such a row said long ago is then a new
    version, if it says it again. A file of articles may hold several of one address, and speak of an old one.
    They are not linked yet: `pipeline.relink` does it, and takes it up again where it was stopped.
    """
    done = Imported()
    source, count = iter(items), 0
    while part := list(islice(source, PART)):
        problems = [each for each in part if isinstance(each, Problem)]
        problems += _part(store, [each for each in part if isinstance(each, Brought)], done, goes_back)
        store.add_problems(problems)
        done.problems += problems
        count += len(part)
        if progress is not None:
            progress(count)
    return done


def _part(store: Store, part: list[Brought], done: Imported, goes_back: bool) -> list[Problem]:
    """Keeps what is new or other than it was; the problems are of reports that were forgotten."""
    problems: list[Problem] = []
    fresh: dict[str, Brought] = {}
    for each in part:
        stone = store.forgetting.of(each.report)
        if stone is not None:
            problems.append(_forgotten(each, f"{stone.at:%Y-%m-%d}", stone.report_id))
        else:
            fresh[each.report.id] = each  # twice in one part: the later counts, as it would in two
    if goes_back:
        fresh = {each.report.id: each for each in _as_versions(store, list(fresh.values()))}
    wanted = list(_worth_keeping(store, list(fresh.values())))
    done.known += len(part) - len(problems) - len(wanted)
    there = store.bringing.keep(wanted)
    versions = store.bringing.newer(each.report.id for each in wanted)
    for each, was_there in zip(wanted, there, strict=True):
        changed = was_there or each.report.id in versions
        done.changed += changed
        done.new += not changed
        done.mentions += len(each.mentions)
    return problems


def _as_versions(store: Store, part: list[Brought]) -> Iterator[Brought]:
    """Each as it is; one that goes back to what it was before its newest version as a version of its own.

    A report's id is made of its words, so that the words of long ago are those of a report that was replaced. Two rows of one
    address are no state of it.
    """
    rows = Counter((each.report.url, each.report.source) for each in part)
    replaced = store.bringing.replaced((each.report.id for each in part), part[0].coder) if part else {}
    for each in part:
        if each.report.id not in replaced or rows[each.report.url, each.report.source] > 1:
            yield each
            continue
        version, newest = replaced[each.report.id]
        key = newest.id
        if _words(newest) != _words(each.report):
            key = stable_id("r", each.report.id, "version", version + 1)
        told = tuple(replace(m, id=stable_id("m", m.id, key), report_id=key) for m in each.mentions)
        yield replace(each, report=replace(each.report, id=key), mentions=told)


def _words(report: Report) -> tuple[object, ...]:
    return report.title, report.text, report.published


def _worth_keeping(store: Store, part: list[Brought]) -> Iterator[Brought]:
    last = store.bringing.last([each.report.id for each in part], part[0].coder) if part else {}
    for each in part:
        turns, said = last.get(each.report.id, (0, []))
        if not turns:
            yield each
        elif content(said) != content(each.mentions):
            coder, mentions = in_turn(each.coder, each.mentions, turns + 1)
            yield replace(each, coder=coder, mentions=mentions)


def _forgotten(each: Brought, day: str, report_id: str) -> Problem:
    reason = f"this report was forgotten here on {day}, and is not taken in again by an import"
    return Problem(STAGE, reason, each.report.origin, None, report_id)
