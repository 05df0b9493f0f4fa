"""The rows of a codebook for a filter, read in parts, as who asks may see them.

Invariant: a filter that goes to the store asks for country, day and kind alone, which no level withholds; all else is
asked of the rows as they are shown, so that no answer tells more than a row does. At most `PART` incidents are in memory.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, TypeVar

from fastapi import Depends, Request

from tarikh import codebooks
from tarikh.codebooks import Coded, Refused, Row
from tarikh.compat.dialect import Taken
from tarikh.disclosure.sight import Sight
from tarikh.exports import coded, context
from tarikh.model import Incident
from tarikh.queries import Filter
from tarikh.store.spots import Listing

PART = 200
_BACK = 1_000
"""Pages back in which a known beginning is looked for."""
KEPT = 4_096
"""Answers that are remembered: where pages begin, and sums."""

T = TypeVar("T")
Shape = Callable[[Row], Iterable[Row]]
"""What becomes of a coded row: none where it does not fit, one, or several."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where to go on: after a cursor of the store, and how many of the rows behind it were given already."""

    after: str | None = None
    given: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: a codebook, the filter of the store, how rows are shaped, and what stands for this shape in a memory.

    `never` is that nothing can fit.
    """

    codebook: str
    filter: Filter
    shape: Shape
    key: Hashable
    never: bool = False


class Memory:
    """What was found out for the last state of the database, in this process; the oldest is dropped.

    The first part of a key is the state: what was known of an earlier one is of no use any more, and may be large.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state: Hashable = None
        self._found: OrderedDict[tuple[Hashable, ...], object] = OrderedDict()

    def get(self, key: tuple[Hashable, ...]) -> object | None:
        """What is known, or None."""
        with self._lock:
            return self._found.get(key)

    def put(self, key: tuple[Hashable, ...], value: object) -> None:
        """Remembers."""
        with self._lock:
            if key[0] != self._state:
                self._found.clear()
                self._state = key[0]
            self._found[key] = value
            self._found.move_to_end(key)
            while len(self._found) > KEPT:
                self._found.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads for one request: what it may see, and the memory of its application."""

    sight: Sight
    memory: Memory

    def rows(
        self, asked: Asked, start: Start | None = None, bare: bool = False
    ) -> Iterator[tuple[Row, Start]]:
        """The rows from a start on, each with where to go on behind it.

        `bare` leaves out what reports give (sources' days, the last change), where nothing is withheld: twice as fast, for sums.
        """
        if asked.never:
            return
        listing = Listing(self.sight.guarding.store, self.sight.only(asked.filter))
        after, skip = (None, 0) if start is None else (start.after, start.given)
        while True:
            part = listing.page(asked.filter, PART, after)
            for number, row in enumerate(self._coded(part.incidents, asked, bare), 1):
                if number > skip:
                    yield row, Start(after, number)
            after, skip = part.next, 0
            if after is None:
                return

    def _coded(self, incidents: Sequence[Incident], asked: Asked, bare: bool) -> Iterator[Row]:
        if bare and self.sight.full:
            for incident in incidents:
                yield from self._shaped(codebooks.coded(incident, asked.codebook), asked)
            return
        shown = self.sight.all(incidents, flat=not self.sight.full)
        if self.sight.asks_place(asked.filter):
            shown = shown.placed()
        around = context(shown=shown)
        for incident in shown.incidents:
            found = codebooks.coded(incident, asked.codebook, coded.around(incident, around))
            yield from self._shaped(found, asked)

    def _shaped(self, found: Coded | Refused, asked: Asked) -> Iterator[Row]:
        return (row for one in (found.rows if isinstance(found, Coded) else ()) for row in asked.shape(one))

    def page(self, asked: Asked, number: int, size: int) -> Iterator[Row]:
        """The rows of a page (from 1), of `size` rows; where the next one begins is remembered and need not be looked for."""
        base = self._key(asked, size)
        known = next((n for n in range(number, max(0, number - _BACK), -1) if self.memory.get((*base, n))), 1)
        start = self.memory.get((*base, known))
        found = self.rows(asked, start if isinstance(start, Start) else None)
        for n in range(known, number):
            last = _last(islice(found, size))
            if last is None:
                return
            self.memory.put((*base, n + 1), last)
        for count, (row, behind) in enumerate(islice(found, size), 1):
            if count == size:
                self.memory.put((*base, number + 1), behind)
            yield row

    def remembered(self, asked: Asked, what: str, ask: Callable[[], T]) -> T:
        """What `ask` finds out of all rows, once for a state of the database and a level."""
        key = (*self._key(asked, 0), what)
        known = self.memory.get(key)
        if known is None:
            known = ask()
            self.memory.put(key, known)
        return known  # type: ignore[return-value]

    def _key(self, asked: Asked, size: int) -> tuple[Hashable, ...]:
        sight = self.sight
        moment = sight.guarding.kept.moment()
        return (moment, sight.level, sight.fresh_from, asked.codebook, repr(asked.filter), asked.key, size)


def _last(found: Iterable[tuple[Row, Start]]) -> Start | None:
    last = None
    for _, start in found:
        last = start
    return last


def _memory(request: Request) -> Memory:
    memory: Memory = request.app.state.compat
    return memory


def _reader(sight: Taken, memory: Annotated[Memory, Depends(_memory)]) -> Reader:
    return Reader(sight, memory)


ReaderOf = Annotated[Reader, Depends(_reader)]
"""The rows that who asks may take away."""
