"""Linking and folding what waits in the database, a part at a time: the last steps of `pipeline`, and what follows an act.

Invariant: each part is a transaction; what was done when the work is stopped stays done, and is taken up again.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tarikh import link
from tarikh.link.compare import BY as LINKER
from tarikh.store import Linking, Store

LINKED_AT_ONCE = 2000
"""Mentions in one transaction of linking or folding: few enough that others who write need not wait for long."""


COLLECTED_EVERY = 60.0
"""Seconds of work after which cycles of dead objects are looked for. The rows of a part are millions of objects without cycles:
the interpreter's own count of them sets it looking again and again, which took three tenths of the time."""


@dataclass(slots=True)
class Relinked:
    """What one run of linking did: mentions linked and folded, and the incidents before and after."""

    linked: int = 0
    folded: int = 0
    before: int = 0
    incidents: int = 0


def relink(store: Store, whole: bool = False, progress: Callable[[int, int], None] | None = None) -> int:
    """As `relinked`. Returns the number of incidents."""
    return relinked(store, whole, progress).incidents


def relinked(
    store: Store, whole: bool = False, progress: Callable[[int, int], None] | None = None
) -> Relinked:
    """Judges the mentions that no linker has compared yet, and folds what has changed with all that hangs together
    with it.

    `whole` links and folds every mention anew. `progress` is told how much is done and how much there was to do;
    without it, work of more than a few seconds is told on stderr. What was done when it is stopped stays done.
    """
    if whole:
        store.refile()
    with _seldom_collected() as collect:
        return _relinked(store, progress or _told(), collect)


def _relinked(store: Store, told: Callable[[int, int], None], collect: Callable[[], None]) -> Relinked:
    made: Relinked | None = None
    while True:
        collect()
        with store.linking(LINKER) as work:
            made = made or Relinked(before=work.incidents())
            step = _step(work, made)
            waiting = work.waiting()
            if not step or waiting == (0, 0):
                made.incidents = work.incidents()
                return made
        done = made.linked + made.folded
        told(done, done + sum(waiting))


@contextmanager
def _seldom_collected() -> Iterator[Callable[[], None]]:
    """Leaves the search for cycles to the function that it gives, to be called before each part."""
    running, due = gc.isenabled(), time.monotonic() + COLLECTED_EVERY

    def collect() -> None:
        nonlocal due
        if time.monotonic() >= due:
            gc.collect()
            due = time.monotonic() + COLLECTED_EVERY

    gc.disable()
    try:
        yield collect
    finally:
        if running:
            gc.enable()


def _step(work: Linking, made: Relinked) -> int:
    """One part of linking or of folding; of few mentions both in one transaction."""
    linked = _linked(work)
    made.linked += linked
    folded = _folded(work) if not linked or work.waiting()[0] == 0 else 0
    made.folded += folded
    return linked + folded


def settle(work: Linking) -> None:
    """Links and folds all that waits within one transaction, so that an act and what it changes are kept together."""
    while _step(work, Relinked()):
        pass


def _linked(work: Linking) -> int:
    fresh = work.fresh(LINKED_AT_ONCE)
    if not fresh:
        return 0
    work.file({mention.id: link.keys(mention) for mention in fresh})
    met = work.met({mention.id: link.probes(mention) for mention in fresh})
    work.judged(link.judge_met(fresh, met), compared=fresh)
    return len(fresh)


def _folded(work: Linking) -> int:
    part = work.part(LINKED_AT_ONCE, link.clear_links, link.is_vague)
    if part is None:
        return 0
    folded = link.fold(
        part.mentions,
        part.judgements,
        part.corrections,
        report_sources=part.roles,
        origins=part.origins,
        previous=part.previous,
        prints=work.fingerprints({mention.report_id for mention in part.mentions}, link.printed),
        edge=part.edge,
    )
    work.replace(folded, part)
    return max(1, len(part.mentions))


def _told(after: float = 3.0, every: float = 5.0) -> Callable[[int, int], None]:
    """Tells stderr of long work, with an estimate of what is left."""
    started = time.monotonic()
    next_at = started + after

    def tell(done: int, total: int) -> None:
        nonlocal next_at
        now = time.monotonic()
        if now >= next_at and total:
            left = (now - started) / done * (total - done)
            print(f"linking: {done:,} of {total:,} steps, about {left:.0f} s left", file=sys.stderr)
            next_at = now + every

    return tell
