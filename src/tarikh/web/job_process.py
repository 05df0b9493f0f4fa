"""The process that codes: it takes tasks from one end of a pipe and tells what becomes of each document.

Invariant: it ends by itself when the server is gone; each task ends with `Ended` or `Failed`, and what was kept before is kept.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from multiprocessing.connection import Connection
from typing import Literal

from tarikh import pipeline, sources
from tarikh.errors import TarikhError
from tarikh.extract.explain import explain
from tarikh.gazetteer import open_index
from tarikh.model import Document, Problem
from tarikh.pipeline import Outcome
from tarikh.sources import plain
from tarikh.store import Store, open_store
from tarikh.web import job_events as tell
from tarikh.web.job_events import Address, Event, Files, Home, Pasted, Task

PASTED = "pasted text"
"""Where a pasted text stood, in the words of problems."""
LINKED_AT_MOST = 64
"""Reports between two linkings. The first ones are linked one by one, so that whoever watches sees their incidents."""

Tell = Callable[[Event], None]
Stopped = Callable[[], bool]


class Stops:
    """Which tasks are to be stopped, heard from a pipe by their numbers: a stop that comes late stops no other task."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe, self._heard = pipe, 0

    def heard(self, number: int) -> bool:
        """Whether the task of this number is to be stopped."""
        while self._pipe.poll(0):
            self._heard = self._pipe.recv()
        return self._heard == number


def serve(tasks: Connection, stops: Connection) -> None:
    """Works at one task after the other until the other end of the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's to hear, once
    os.nice(5)  # pages go first
    stopping = Stops(stops)
    while True:
        try:
            number, task = tasks.recv()
            run(task, tasks.send, partial(stopping.heard, number))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return


def run(task: Task, told: Tell, stopped: Stopped) -> None:
    """One task to its end. What goes wrong is told and never raised, but for a pipe that is closed."""
    try:
        _kept(task, told, stopped) if task.keep else _shown(task, told)
        told(tell.Ended(stopped()))
    except (BrokenPipeError, ConnectionResetError, EOFError):
        raise
    except TarikhError as error:
        told(tell.Failed(str(error)))
    except Exception as error:
        told(tell.Failed(None, type(error).__name__))


# ---- kept --------------------------------------------------------------------------------------------------------


def _kept(task: Task, told: Tell, stopped: Stopped) -> None:
    """Adds all documents, in parts that grow, each of which is linked before the next is read."""
    with open_store(task.database) as store:
        documents = _documents(task, told, stopped)
        size = 1
        while _part(islice(documents, size), store, task, told, stopped) == size:
            size = min(2 * size, LINKED_AT_MOST)


def _part(
    documents: Iterable[Document | Problem], store: Store, task: Task, told: Tell, stopped: Stopped
) -> int:
    """Adds some documents and links them; gives their number, 0 where it was stopped."""
    taken = 0
    mentions: dict[str, bool] = {}

    def taking() -> Iterator[Document | Problem]:
        nonlocal taken
        for document in documents:
            if stopped():
                return
            taken += 1
            yield document

    def progress(outcome: Outcome) -> None:
        found = outcome.mentions
        if outcome.known and outcome.report is not None:
            found = tuple(store.mentions(report_ids=[outcome.report.id]))
        made = tell.item(outcome, found)
        mentions.update((mention.id, outcome.known) for mention in made.mentions)
        told(made)

    pipeline.add(taking(), store, task.rules, progress=progress)
    if mentions:
        told(tell.Linked(_homes(store, mentions)))
    return 0 if stopped() else taken


def _homes(store: Store, mentions: Mapping[str, bool]) -> dict[str, Home]:
    """The incident of each of these mentions; of each it says whether its report was known."""
    homes = store.acts.homes(mentions)
    members = store.acts.members(set(homes.values()))
    report_of = {m.id: m.report_id for m in store.mentions(ids=chain.from_iterable(members.values()))}
    made = {}
    for mention, incident in homes.items():
        founder, *_ = inside = members[incident]
        founded = report_of.get(founder) == report_of.get(mention)
        how: Literal["founded", "joined", "known"] = "founded" if founded else "joined"
        reports = {report_of[member] for member in inside if member in report_of}
        made[mention] = Home(incident, "known" if mentions[mention] else how, len(reports))
    return made


# ---- only shown ----------------------------------------------------------------------------------------------------


def _shown(task: Task, told: Tell) -> None:
    """Codes the first document and says why each sentence is or is no incident; nothing is kept."""
    for outcome in pipeline.read(islice(_documents(task, told, lambda: False), 1), task.rules):
        if outcome.report is None or outcome.problem is not None:
            told(tell.item(outcome, ()))
            continue
        found = pipeline.traced_safely(outcome.report, open_index(task.rules.gazetteer), task.rules.scope)
        if isinstance(found, Problem):
            told(tell.item(Outcome(outcome.origin, problem=found), ()))
        else:
            told(tell.item(outcome, found.mentions, whole=True))
            told(tell.Explained(explain(found.read, found.extraction, found.home)))


# ---- reading -------------------------------------------------------------------------------------------------------


def _documents(task: Task, told: Tell, stopped: Stopped) -> Iterator[Document | Problem]:
    """What was given, as documents. All is read before any is coded, so that their number is known, but for addresses:
    the pages behind a feed come slowly."""
    given = task.given
    if isinstance(given, Address):
        told(tell.Counted(None))
        return sources.read_address(given.url, replace(task.options, follow=given.follow))
    found: list[Document | Problem] = []
    for document in [_pasted(given)] if isinstance(given, Pasted) else _filed(given, task):
        if stopped():
            break
        found.append(document)
    told(tell.Counted(len(found)))
    return iter(found)


def _pasted(given: Pasted) -> Document:
    title, text = (given.title, given.text) if given.title else plain.titled(given.text)
    return Document(PASTED, text, title=title, published=given.published, source=given.source)


def _filed(given: Files, task: Task) -> Iterator[Document | Problem]:
    # One for all: the documents of a job are in memory together.
    allowed = sources.Allowance(task.options.max_unpacked_bytes, " for all files of a job")
    for path, name in given.kept:
        with path.open("rb") as stream:
            yield from sources.read_stream(stream, name, task.options, allowed)
