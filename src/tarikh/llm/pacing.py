"""When the next request may go: a rate, pauses that the server asks for, and waiting after failures.

Invariant: waits are bounded; a pause that the server asks for holds back all requests of the run, not only the one that it
was told to. Clock, sleep and chance are given, so that tests wait for nothing.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 60.0
"""Seconds of the longest wait between two tries."""
FIRST = 1.0
"""Seconds of the first wait after a failure; each next one is twice as long."""
PATIENCE = 300.0
"""A server that asks for a longer pause than this is not waited for."""

Sleep = Callable[[float], object]
Clock = Callable[[], float]


class Pace:
    """The pace of one run, shared by its threads."""

    def __init__(
        self,
        per_minute: int | None = None,
        clock: Clock = time.monotonic,
        sleep: Sleep | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._gap = 60.0 / per_minute if per_minute else 0.0
        self._clock, self._chance = clock, chance
        self.stopped = threading.Event()
        self._sleep = sleep or self.stopped.wait  # ends at once when the run is stopped
        self._lock = threading.Lock()
        self._next = self._paused = -math.inf

    def turn(self) -> None:
        """Waits until a request may go."""
        with self._lock:
            now = self._clock()
            at = max(self._next, now)
            self._next = at + self._gap
        if at > now:
            self._sleep(at - now)
        while (left := self._paused - self._clock()) > 0 and not self.stopped.is_set():
            self._sleep(left)

    def pause(self, seconds: float) -> None:
        """No request of the run goes for so many seconds."""
        with self._lock:
            self._paused = max(self._paused, self._clock() + min(seconds, PATIENCE))

    def after(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row (from 1): doubled each time, capped, by chance up to a half less,
        so that requests which failed together do not come back together."""
        whole: float = min(LONGEST, FIRST * 2 ** min(failures - 1, 16))
        return whole * (0.5 + 0.5 * self._chance())

    def rest(self, seconds: float) -> None:
        """Waits for so long, or until the run is stopped."""
        self._sleep(min(seconds, PATIENCE))


def asked_for(header: str | None, now: datetime | None = None) -> float | None:
    """Seconds that a `Retry-After` asks to wait, as a number or a moment (RFC 9110, 10.2.3); None where it says nothing."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.replace(".", "", 1).isdigit() and len(text) < 16:
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())
