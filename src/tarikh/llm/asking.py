"""Many reports put to the model at once: from the cache, or by a question, repaired once, within budget and pace.

Invariant: answers come in the order of the reports; a report that fails costs itself, is told why, and is asked anew in the next
run. An address, name or key that is wrong stops the run.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Self, TypeVar

from tarikh.errors import EndpointError, ModelError
from tarikh.llm import cache, prompt
from tarikh.llm.answers import heard
from tarikh.llm.budget import Estimate, Purse, estimate
from tarikh.llm.cache import Cache
from tarikh.llm.client import Answer, Client, Message
from tarikh.llm.instructions import speaks_to_program
from tarikh.llm.options import Options
from tarikh.model import Report

T = TypeVar("T")
AHEAD = 4
"""Reports, for each question in flight, that are asked about before the first of them is waited for."""
PATIENCE = 8
"""Questions that fail one after the other before the endpoint is given up for this run."""


@dataclass(slots=True)
class Tally:
    """What a run did so far."""

    asked: int = 0
    cached: int = 0
    again: int = 0
    failed: int = 0


class Asker:
    """Asks one model about reports. Close it, or use it as a context: waits and connections end."""

    def __init__(self, options: Options, client: Client | None = None, kept: Cache | None = None) -> None:
        self.options = options
        self.purse = Purse(options)
        self.tally = Tally()
        self._client = client or Client(options)
        self._cache = kept or Cache(options.cache)
        self._lock = threading.Lock()
        self._lost = 0
        self._schema = prompt.schema()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends waits and connections."""
        self._client.close()
        self._cache.close()

    def estimate(self, reports: Iterable[Report]) -> Estimate:
        """What asking about these reports takes at most, those in the cache for nothing."""
        fresh = (
            r for r in reports if speaks_to_program(r) is None and self._cache.get(self._key(r), r) is None
        )
        return estimate(self.options, (prompt.size(prompt.messages(r)) for r in fresh))

    def answers(
        self, items: Iterable[T], report_of: Callable[[T], Report | None]
    ) -> Iterator[tuple[T, str | ModelError | None]]:
        """Each item with the answer to its report, or why there is none; None for an item without a report to ask about.

        Raises `EndpointError` where nothing can be asked.
        """
        window = self.options.in_flight * AHEAD
        waiting: deque[tuple[T, Future[str] | None]] = deque()
        source = iter(items)
        pool = _Pool(self.options.in_flight, self.answer)
        try:
            while True:
                while len(waiting) < window and (item := next(source, _END)) is not _END:
                    report = report_of(item)  # type: ignore[arg-type]
                    waiting.append((item, None if report is None else pool.submit(report)))  # type: ignore[arg-type]
                if not waiting:
                    return
                item, future = waiting.popleft()
                yield item, None if future is None else _result(future)
        finally:
            if waiting:  # the run was stopped: nobody waits for what is still asked
                self._client.pace.stopped.set()
            pool.close()

    def answer(self, report: Report) -> str:
        """The answer to one report. Raises `ModelError` with the reason why there is none."""
        try:
            return self._answer(report)
        except ModelError:
            self._count("failed")
            raise

    def _key(self, report: Report) -> str:
        return cache.key(
            report, self.options.model, prompt.prompt().digest, {"max_tokens": self.options.answer_tokens}
        )

    def _answer(self, report: Report) -> str:
        order = speaks_to_program(report)
        if order is not None:
            raise ModelError(
                f"the report speaks to a program (“{order}”), so it is not sent; the rules code it"
            )
        key = self._key(report)
        known = self._cache.get(key, report)
        if known is not None:
            self._count("cached")
            return known
        asked = prompt.messages(report)
        answer = self._ask(asked)
        try:
            text = _usable(answer)
        except _UnusableError as error:
            self._count("again")
            text = _last(self._ask(prompt.once_more(asked, answer.text, str(error))))
        self._cache.put(key, report, self.options.model, prompt.prompt().version, text)
        return text

    def _ask(self, asked: list[Message]) -> Answer:
        """One question, paid for. Raises `ModelError` where it fails."""
        if self._lost >= PATIENCE:
            raise ModelError(
                f"{self.options.host} failed {PATIENCE} times in a row and is not asked any more in this run;"
                " the same command again asks anew"
            )
        ticket = self.purse.take(prompt.size(asked))
        there, back = 0, 0
        answer: Answer | None = None
        try:
            answer = self._client.ask(asked, self._schema)
        except ModelError:
            with self._lock:
                self._lost += 1
            raise
        finally:
            if answer is None:
                self.purse.settle(ticket, there, back)
            else:
                self.purse.settle(ticket, answer.tokens_in, answer.tokens_out)
        self._count("asked")
        with self._lock:
            self._lost = 0
        return answer

    def _count(self, what: str) -> None:
        with self._lock:
            setattr(self.tally, what, getattr(self.tally, what) + 1)


class _Pool:
    """Threads that ask, and that do not keep a program from ending while a server is silent, as an executor's would."""

    def __init__(self, size: int, ask: Callable[[Report], str]) -> None:
        self._ask, self._size = ask, size
        self._jobs: SimpleQueue[tuple[Future[str], Report] | None] = SimpleQueue()
        for number in range(size):
            threading.Thread(target=self._work, name=f"llm-{number}", daemon=True).start()

    def submit(self, report: Report) -> Future[str]:
        """Has a report asked about."""
        future: Future[str] = Future()
        self._jobs.put((future, report))
        return future

    def close(self) -> None:
        """Ends the threads once they are done; what they have not begun is left."""
        with suppress(Empty):
            while True:
                self._jobs.get_nowait()
        for _ in range(self._size):
            self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            future, report = job
            try:
                future.set_result(self._ask(report))
            except BaseException as error:
                future.set_exception(error)


_END = object()


class _UnusableError(Exception):
    """Why an answer is none, in words for the model."""


def _result(future: Future[str]) -> str | ModelError:
    try:
        return future.result()
    except EndpointError:
        raise
    except ModelError as error:
        return error


def _usable(answer: Answer) -> str:
    """The answer's text. Raises `ModelError` where the model refused, `_UnusableError` where another try may mend it."""
    if answer.refused is not None:
        raise ModelError(f"the language model refuses: {answer.refused}")
    try:
        heard(answer.text)
    except ModelError as error:
        if answer.cut:  # it would be cut off again
            raise ModelError(
                "the language model's answer was cut off before its first whole mention; raise TARIKH_LLM_ANSWER_TOKENS"
            ) from None
        raise _UnusableError(str(error)) from None
    return answer.text


def _last(answer: Answer) -> str:
    try:
        return _usable(answer)
    except _UnusableError as error:
        raise ModelError(f"the language model's answer cannot be used, twice: {error}") from None
