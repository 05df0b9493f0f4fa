"""Jobs: reports that are added while somebody watches, or has closed the page. One is worked at, the others wait in line.

Invariant: coding is done by another process, so that pages need not wait for it; a job's files are removed when it is over;
what a job kept stays kept, whatever becomes of the job.
"""

from __future__ import annotations

import atexit
import logging
import multiprocessing
import secrets
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from tarikh.errors import UnknownIdError, UsageError
from tarikh.pipeline import Rules
from tarikh.settings import Settings
from tarikh.sources import ReadOptions
from tarikh.web import job_events as tell
from tarikh.web import job_process, uploads
from tarikh.web.job_events import Event, Given, Home, Item, Task

UPLOAD = 50_000_000
"""Bytes that may be sent at a time; what is larger is for the command line."""
UNPACKED = 100_000_000
"""Bytes that the packed files of a job may unpack to together: all documents of a job are in memory at once."""
WAITING = 20
"""Jobs in line; with files of full size they take 1 GB of disk."""
WAITING_OF_ONE = 5
"""Jobs in line of one person, so that nobody fills it alone."""
REMEMBERED = 40
"""Jobs that are over and can still be looked at."""
TOLD = 300
"""Documents of a job whose outcome can be looked at; the rest are counted."""
PATIENCE = 30.0
"""Seconds until a process that does not hear a stop is ended; what it kept is kept."""
IDLE = 600.0
"""Seconds after which a process without work gives its memory back."""

Phase = Literal["waiting", "loading", "reading", "coding", "done", "stopped", "failed"]
_OVER: tuple[Phase, ...] = ("done", "stopped", "failed")
_log = logging.getLogger("tarikh.web")


class BusyError(UsageError):
    """Too many jobs wait already."""


class LostError(UnknownIdError):
    """A job that this run of the server does not know."""

    @classmethod
    def of(cls, job_id: str) -> LostError:
        """That there is no job of an id."""
        return cls(f"there is no job {job_id[:40]!a} in this run of the server")


@dataclass(slots=True)
class Job:
    """One job, and what is known of it so far; `version` rises with all that could be shown."""

    id: str
    by: str
    at: datetime
    label: str
    way: Literal["text", "address", "files"]
    task: Task
    folder: Path | None = None
    phase: Phase = "waiting"
    total: int | None = None
    counts: Counter[str] = field(default_factory=Counter)
    items: deque[Item] = field(default_factory=lambda: deque(maxlen=TOLD))
    homes: dict[str, Home] = field(default_factory=dict)
    founded: set[str] = field(default_factory=set)
    joined: set[str] = field(default_factory=set)
    sizes: dict[str, int] = field(default_factory=dict)
    explanation: Any = None
    sentence: str | None = None
    stop: bool = False
    began: float | None = None
    ended: float | None = None
    version: int = 0

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.phase in _OVER

    @property
    def done(self) -> int:
        """Documents whose outcome is known."""
        return sum(self.counts[state] for state in ("coded", "known", "forgotten", "problem"))

    @property
    def seconds(self) -> float:
        """How long it has been worked at."""
        return 0.0 if self.began is None else (self.ended or time.monotonic()) - self.began

    @property
    def left(self) -> float | None:
        """Seconds that it will still take at its speed so far; None where nothing is known of it yet."""
        if self.phase != "coding" or self.total is None or self.done < 3 or self.seconds < 4:
            return None
        return self.seconds / self.done * (self.total - self.done)

    def hear(self, event: Event) -> None:
        """Notes what the process tells."""
        if isinstance(event, Item):
            self.phase = "coding"
            self.items.append(event)
            self.counts[event.state] += 1
            self.counts["mentions"] += len(event.mentions) + event.more if event.state == "coded" else 0
        elif isinstance(event, tell.Counted):
            self.total = event.documents
            self.phase = "coding" if self.phase == "reading" else self.phase
        elif isinstance(event, tell.Loading):
            self.phase = "loading"
        elif isinstance(event, tell.Linked):
            self.homes |= event.homes
            # What joins later makes an incident larger for those that came before.
            self.sizes |= {home.incident_id: home.reports for home in event.homes.values()}
            self.founded |= {home.incident_id for home in event.homes.values() if home.how == "founded"}
            self.joined |= {
                home.incident_id for home in event.homes.values() if home.how == "joined"
            } - self.founded
        elif isinstance(event, tell.Explained):
            self.explanation = event.explanation
        elif isinstance(event, tell.Ended):
            self.finish("stopped" if event.stopped else "done")
        else:
            self.sentence = event.sentence
            self.finish("failed")
        self.version += 1

    def finish(self, phase: Phase) -> None:
        """Nothing more will come."""
        self.phase, self.ended = phase, time.monotonic()
        self.version += 1


class Work(Protocol):
    """What works at tasks: the process, or a stand-in of a test."""

    def run(self, task: Task, stopped: Callable[[], bool]) -> Iterator[Event]:
        """What becomes of a task, as it comes; the last is `Ended` or `Failed`."""
        ...

    def close(self) -> None:
        """Gives its memory back; it may be asked again."""
        ...


class CodingProcess:
    """A process of its own, started when there is work, and again when it has died."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._process: Any = None
        self._pipe: Any = None
        self._stops: Any = None
        self._number = 0

    def run(self, task: Task, stopped: Callable[[], bool]) -> Iterator[Event]:
        """What becomes of a task. A process that dies is told as a failure."""
        if self._process is None or not self._process.is_alive():
            yield tell.Loading()
            self._start()
        self._number += 1
        asked: float | None = None
        sent = False
        while True:
            try:
                if not sent:
                    self._pipe.send((self._number, task))
                    sent = True
                if self._pipe.poll(0.2):
                    event: Event = self._pipe.recv()
                    yield event
                    if isinstance(event, tell.Ended | tell.Failed):
                        return
            except (EOFError, OSError):
                self.close()
                yield tell.Failed(None, "the process died")
                return
            if not stopped():
                continue
            if asked is None:
                asked = time.monotonic()
                with suppress(OSError):  # it died; the next look tells
                    self._stops.send(self._number)
            if time.monotonic() - asked > PATIENCE:
                self.close()
                yield tell.Ended(True)
                return

    def _start(self) -> None:
        self.close()
        self._pipe, tasks = self._context.Pipe()
        stops, self._stops = self._context.Pipe(duplex=False)
        self._process = self._context.Process(
            target=job_process.serve, args=(tasks, stops), daemon=True, name="tarikh-coding"
        )
        self._process.start()
        tasks.close()  # so that its death is the end of the pipe
        stops.close()

    def close(self) -> None:
        """Ends the process, if there is one. A transaction that is open is undone by the database."""
        process, self._process = self._process, None  # the thread and the end of the server may both close it
        if process is not None:
            self._pipe.close()
            self._stops.close()
            process.terminate()
            process.join(5)


class Jobs:
    """The jobs of one application. `options` say how sources are read."""

    def __init__(
        self,
        database: Path,
        gazetteer: Path | None = None,
        options: ReadOptions | None = None,
        work: Work | None = None,
    ) -> None:
        self.database, self.gazetteer = database.resolve(), gazetteer
        self.options = options or ReadOptions(max_unpacked_bytes=UNPACKED)
        self._run = secrets.token_hex(4)
        self._work = work or CodingProcess()
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._line: deque[Job] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        uploads.sweep()

    # ---- what pages ask ------------------------------------------------------------------------------------------

    def start(
        self,
        given: Given,
        by: str,
        at: datetime,
        label: str,
        keep: bool = True,
        options: ReadOptions | None = None,
        folder: Path | None = None,
    ) -> Job:
        """Puts a job in line; `folder` is removed when it is over. Raises `BusyError`, and removes nothing then."""
        settings = Settings()
        rules = Rules(
            self.gazetteer or settings.gazetteer_path(),
            today=at.date(),
            max_text=settings.max_text,
            scope=settings.scope,
        )
        task = Task(given, self.database, rules, options or self.options, keep)
        way: Any = {tell.Pasted: "text", tell.Address: "address", tell.Files: "files"}[type(given)]
        with self._changed:
            self._room_for(by)
            job = Job(f"{self._run}{secrets.token_hex(8)}", by, at, label, way, task, folder)
            self._jobs[job.id] = job
            self._line.append(job)
            self._forget_old()
            if self._thread is None:
                self._thread = threading.Thread(target=self._working, name="tarikh-jobs", daemon=True)
                self._thread.start()
                atexit.register(self.close)
            self._changed.notify_all()
        return job

    def job(self, job_id: str) -> Job:
        """The job of an id. Raises `LostError` where this run of the server has none."""
        with self._changed:
            job = self._jobs.get(job_id)
        if job is None:
            raise LostError.of(job_id)
        return job

    def of_this_run(self, job_id: str) -> bool:
        """Whether an id can be of this run; others were given before the server was started again."""
        return job_id.startswith(self._run)

    def by(self, author: str) -> list[Job]:
        """The jobs of a person, newest first."""
        with self._changed:
            return [job for job in reversed(self._jobs.values()) if job.by == author]

    def items(self, job: Job) -> list[Item]:
        """What is told of a job's documents, in their order."""
        with self._changed:
            return list(job.items)

    def ahead(self, job: Job) -> int:
        """How many jobs are worked at or wait before this one."""
        with self._changed:
            running = any(not j.over and j.phase != "waiting" for j in self._jobs.values())
            waiting = list(self._line)
        return waiting.index(job) + running if job in waiting else 0

    def stop(self, job: Job) -> None:
        """Stops a job: at once where it waits, else after the report that is being coded."""
        with self._changed:
            job.stop = True
            job.version += 1
            if job in self._line:
                self._line.remove(job)
                self._over(job, "stopped")

    def close(self) -> None:
        """Ends the work and removes all files, when the server ends."""
        with self._changed:
            for job in self._jobs.values():
                job.stop = True
            waiting = list(self._line)
            self._line.clear()
        for job in waiting:
            self._over(job, "stopped")
        self._work.close()
        for job in list(self._jobs.values()):
            uploads.remove(job.folder)

    # ---- the line ------------------------------------------------------------------------------------------------

    def _room_for(self, by: str) -> None:
        mine = sum(job.by == by for job in self._line)
        if len(self._line) >= WAITING or mine >= WAITING_OF_ONE:
            raise BusyError(
                f"{len(self._line)} jobs wait already, {mine} of them yours; nothing was added."
                " Send it again when one of them is done"
            )

    def _forget_old(self) -> None:
        over = [job for job in self._jobs.values() if job.over]
        for job in over[: max(0, len(over) - REMEMBERED)]:
            del self._jobs[job.id]

    def _working(self) -> None:
        while True:
            with self._changed:
                if not self._line and not self._changed.wait(IDLE) and not self._line:
                    self._work.close()
                    self._changed.wait()
                if not self._line:
                    continue
                job = self._line.popleft()
                job.phase, job.began = "reading", time.monotonic()
                job.version += 1
            try:
                self._worked(job)
            except (
                Exception
            ) as error:  # the thread must outlive a fault of ours, or all later jobs wait for ever
                _log.error("job failed: %s: %s", type(error).__name__, error)
                self._over(job, "failed")

    def _worked(self, job: Job) -> None:
        for event in self._work.run(job.task, lambda: job.stop):
            if isinstance(event, tell.Failed) and event.fault is not None and not job.stop:
                _log.error("a job of %s failed: %s", job.by, event.fault)
            with self._changed:
                job.hear(event)
        self._over(job, job.phase if job.over else "failed")

    def _over(self, job: Job, phase: Phase) -> None:
        uploads.remove(job.folder)
        job.folder = None
        if isinstance(job.task.given, tell.Pasted) and job.task.keep:
            # The text is in the database now; a text that was only coded stays here, so that it can be added.
            job.task = replace(job.task, given=replace(job.task.given, text=""))
        if not job.over:
            job.finish(phase)
