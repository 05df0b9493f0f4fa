"""Slim mentions, as linking compares them, and which of them one process remembers from one part of its work to the next.

Invariant: what is remembered is what the database says, or it is let go; a slim mention has all that a comparison asks.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from tarikh.errors import StoreError
from tarikh.model import Candidate, Evidence, Mention
from tarikh.store import coding, rows
from tarikh.store.damage import sentence
from tarikh.store.incidents import chunks
from tarikh.store.schema import Words, mention

REMEMBERED = 80_000
"""Slim mentions kept between the parts of one run: new reports meet recent ones again and again. Some 90 MB."""

FOLDED = 200_000
"""Mentions of which it is kept in one run when they were folded: what is forgotten is folded once more."""

_LEFT_OUT = ("evidence", "phrases", "trigger")
_COLUMNS = tuple(column for column in mention.c if column.name not in _LEFT_OUT)
_NUMBERS = (sa.Float, sa.Integer, sa.LargeBinary)
_SLIM = (
    # As the file has them: the database's library would ask each of twenty values what it is, and most were seen before.
    *(
        column if isinstance(column.type, _NUMBERS) else sa.type_coerce(column, sa.Text)
        for column in _COLUMNS
    ),
    sa.func.json_extract(mention.c.evidence, "$.date.confidence"),
    sa.func.json_extract(mention.c.evidence, "$.date.rejected"),
)


@dataclass(slots=True)
class Remembered:
    """What one process knows from one part to the next: slim mentions, and as of which revision what was folded.

    Mentions change only where a report is forgotten or comes back, by whichever process, and are replaced only where one is
    coded: then all are read anew, and asked anew whether they are current.
    """

    rows: dict[str, Mention] = field(default_factory=dict)
    folded: dict[str, int] = field(default_factory=dict)
    forgotten: tuple[int, int] = (0, 0)
    coded: int | None = None
    current: set[str] = field(default_factory=set)

    def check(self, connection: sa.Connection) -> None:
        """Lets go of what may no longer hold: of all mentions when a report was forgotten, or came back, since they were
        read; of which are current when a report was coded."""
        now = connection.exec_driver_sql("SELECT count(*), count(lifted_at) FROM tombstone").one()
        if tuple(now) != self.forgotten:
            self.rows.clear()
            self.current.clear()
            self.forgotten = (now[0], now[1])
        last = connection.exec_driver_sql("SELECT max(id) FROM coded").scalar()
        if last != self.coded:
            self.current.clear()
            self.coded = last

    def forget(self) -> None:
        """Lets go of everything."""
        self.rows.clear()
        self.current.clear()
        self.folded.clear()
        self.coded = None

    def add(self, fresh: Iterable[Mention]) -> None:
        """Keeps these, at most `REMEMBERED` in all."""
        read = {each.id: each for each in fresh}
        self.rows.update(read)
        self.current.update(read)
        if len(self.rows) > REMEMBERED:
            for key in list(self.rows)[: len(self.rows) - REMEMBERED // 2]:
                del self.rows[key]
                self.current.discard(key)

    def fold(self, ids: Iterable[str], revision: int) -> None:
        """Keeps that these were folded from the rows of a revision; of the oldest this is let go."""
        self.folded.update(dict.fromkeys(ids, revision))
        if len(self.folded) > FOLDED:
            for key in list(self.folded)[: len(self.folded) - FOLDED // 2]:
                del self.folded[key]


def slim(connection: sa.Connection, ids: Iterable[str]) -> list[Mention]:
    """Those of these mentions that are current, without phrases and trigger, and of the evidence with the date's confidence and
    the days weighed alone. Raises `StoreError` for a row that cannot be read."""
    query = coding.current(sa.select(*_SLIM))
    return [
        _read(connection, row)
        for part in chunks(list(ids))
        for row in connection.execute(query.where(mention.c.id.in_(part)))
    ]


def _read(connection: sa.Connection, row: sa.Row[Any]) -> Mention:
    try:
        return _mention(row)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        key = str(row[0])
        # The slow way has the sentence for whatever is wrong.
        coding.mentions(connection, sa.select(mention).where(mention.c.id == key))
        raise StoreError(sentence("mention", key, str(error))) from error


_NAMES = tuple(column.name for column in _COLUMNS)
_WORDS = tuple(column.name for column in _COLUMNS if isinstance(column.type, Words))
_REPEATED = frozenset(("coder", "kind", "status", "aspect", "source", "language"))
_text = Words().process_result_value


def _mention(row: sa.Row[Any]) -> Mention:
    *values, confidence, weighed = tuple(row)
    told = dict(zip(_NAMES, values, strict=True))
    for name in _WORDS:
        value = told[name]
        if value is not None:
            if value[:1] == "\x1a":
                told[name] = _text(value, None)  # type: ignore[arg-type]
            elif name in _REPEATED:
                told[name] = sys.intern(value)  # of each word one object: tens of thousands of these are kept
    for name in ("attackers", "targets"):
        told[name] = _names(told[name])
    told["harm"] = json.loads(told["harm"])
    for name in ("date_start", "date_end", "published"):
        told[name] = _day(told[name])
    told["recorded_at"] = _moment(told["recorded_at"])
    evidence = (
        {} if confidence is None else {"date": Evidence(confidence=confidence, rejected=_days(weighed))}
    )
    return rows.mention_of({**told, "trigger": "", "evidence": {}, "phrases": {}}, evidence)


@lru_cache(20_000)
def _names(value: str) -> list[str]:
    names = json.loads(value)
    if not isinstance(names, list):
        raise ValueError("should hold a JSON array")
    return names


@lru_cache(20_000)
def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


@lru_cache(2_000)
def _moment(value: str) -> datetime:
    return datetime.fromisoformat(value).replace(tzinfo=UTC)


def _days(value: str | None) -> tuple[Candidate, ...]:
    return tuple(Candidate(each["value"], each["score"]) for each in json.loads(value or "[]"))
