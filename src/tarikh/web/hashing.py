"""Where passwords are looked at: in few threads of their own, since each takes 64 MB and much of a core.

Invariant: no number of log-ins at once makes the other pages wait; those beyond `MOST` are told to come back.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from tarikh.errors import TooManyAttemptsError

T = TypeVar("T")
THREADS = 2
MOST = 40
"""Passwords that are looked at or wait for it: about three seconds' work."""


class Hashing:
    """The threads of one application."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="passwords")
        self._places = threading.BoundedSemaphore(MOST)

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` gives. Raises `TooManyAttemptsError` where too many wait, and what `work` raises."""
        if not self._places.acquire(blocking=False):
            raise TooManyAttemptsError("too many people log in at this moment; try again in a few seconds", 5)
        # Given back by the work itself: who does not wait for the answer holds the place all the same.
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._done, work)

    def _done(self, work: Callable[[], T]) -> T:
        try:
            return work()
        finally:
            self._places.release()
