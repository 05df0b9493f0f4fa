"""What waits for a person, the most useful first: conflicts, work without an incident, doubtful links, unlike tolls, harm,
fields on which two coders disagree.

Invariant: the queue is one order, that of `Item.key`; each part of it is read in that order by index and only as far as
is asked, so that no call reads all incidents, and a page goes on where the one before ended.
"""

from __future__ import annotations

import heapq
import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, islice
from typing import Literal, TypeVar

from tarikh.conflicts import Conflict, conflicts, orphans, said_words
from tarikh.errors import UsageError
from tarikh.link.compare import BY as LINKER
from tarikh.link.compare import SAME_FROM
from tarikh.model import Count, Decision, Incident, Judgement, Mention
from tarikh.store import DISAGREE, Act, Orphan, Store
from tarikh.store.succession import Lineage

T = TypeVar("T")

HIGH_HARM = 10
"""People killed from which an incident nobody has looked at waits for review."""
APART = 2.0
"""Tolls of one incident conflict when one is more than so many times another, and they differ by three or more."""
NEAR = 1.5
"""A link this little above the bar hangs by a hair."""
MOST = 10_000
"""Things to review that are shown at once."""

_PAGE = 100
"""Rows that are read at a time."""
_FEW = 10
"""Incidents that are read at a time, for they are large."""
_LOWEST = -1e6
"""Below any score."""

Why = Literal[
    "conflict", "orphan", "new reports", "uncertain link", "conflicting tolls", "high harm", "coders disagree"
]
Key = tuple[float, str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits. `use` orders the queue, the greatest first; `reasons` say why, `settle` what to type.

    `about` are the ids of what it is about, which tell it from others of the same use.
    """

    why: Why
    use: float
    incidents: tuple[str, ...]
    reasons: tuple[str, ...]
    settle: tuple[str, ...]
    acts: tuple[Act, ...] = ()
    about: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """Its place in the queue."""
        return (-self.use, self.why, self.about or (*self.incidents, *(act.row for act in self.acts)))

    @property
    def cursor(self) -> str:
        """Its place in the queue as a text: the next page is asked `after` that of the last item."""
        return json.dumps([self.use, self.why, list(self.key[2])], separators=(",", ":"))


def queue(store: Store, after: str | None = None, limit: int = 10) -> list[Item]:
    """A page of what waits: at most `limit` items, those that come after the item with this `cursor`.

    An item that is settled between two calls neither hides another nor shows one twice. Raises `UsageError` when `limit`
    is out of bounds or `after` is no cursor.
    """
    if limit < 1:
        raise UsageError(f"{limit} things to review are none; ask for 1 or more")
    if limit > MOST:
        raise UsageError(f"{limit} things to review are too many at once; ask for at most {MOST:,}")
    start = (-math.inf, "", ()) if after is None else place(after)
    stuck = [*map(_conflict_item, conflicts(store)), *map(_orphan_item, orphans(store)), *_grown(store)]
    streams = (
        iter(sorted(stuck, key=_key_of)),
        *_links(store, start),
        _incidents(store, "conflicting tolls", start),
        _incidents(store, "high harm", start),
        _disputed(store, start),
    )
    found = (item for item in heapq.merge(*streams, key=_key_of) if item.key > start)
    return list(islice(found, limit))


def _key_of(item: Item) -> Key:
    return item.key


def place(cursor: str) -> Key:
    """The place in the queue that a cursor stands for. Raises `UsageError` when it is none."""
    try:
        use, why, about = json.loads(cursor)
        if not isinstance(why, str) or not all(isinstance(each, str) for each in about):
            raise TypeError
        key = (-float(use), why, tuple(about))
    except (ValueError, TypeError, RecursionError, OverflowError):
        raise UsageError(
            f"{cursor[:80]!r} is no place in the queue; take the cursor of its last item"
        ) from None
    if math.isnan(key[0]):
        raise UsageError("nan is no place in the queue; take the cursor of its last item")
    return key


def _paged(page: Callable[[int, int], Sequence[T]]) -> Iterator[T]:
    """Rows of a query that is asked for one page after the other, by limit and offset."""
    for number in count():
        rows = page(_PAGE, number * _PAGE)
        yield from rows
        if len(rows) < _PAGE:
            return


# ---- what people's rows ask for ----------------------------------------------------------------------------------


def _conflict_item(conflict: Conflict) -> Item:
    use = 1000.0 + max(act.at.timestamp() for act in conflict.acts) / 1e11
    return Item("conflict", use, conflict.incidents, (conflict.sentence,), conflict.settle, conflict.acts)


def _orphan_item(found: tuple[Act, Orphan]) -> Item:
    act, orphan = found
    reason = f"{act.by} said {said_words(act)} ({act.row}), which no incident bears: {orphan.reason}"
    settle = (
        f"say it anew of the incident that is meant now, then: tarikh review undo {act.row}",
        "a later coder that finds the event again takes it up by itself",
    )
    return Item("orphan", 900.0, (), (reason,), settle, (act,))


def _grown(store: Store) -> list[Item]:
    """Incidents that were decided upon before some of their mentions were there: a rejection would hide these."""
    acts = [act for act in store.acts.log(standing=True) if isinstance(act.record, Decision)]
    lineage = store.acts.lineage(key for act in acts for key in (*act.mentions, *_seen(act)))
    homes = store.acts.homes(filter(None, (lineage.head(act.mentions[0]) for act in acts)))
    decided: dict[str, list[Act]] = defaultdict(list)
    for act in acts:
        if (home := homes.get(lineage.head(act.mentions[0]) or "")) is not None:
            decided[home].append(act)
    members = store.acts.members(decided)
    fresh = {
        home: min((_unseen(members[home], act, lineage) for act in said), key=len)
        for home, said in decided.items()
    }
    grown = store.acts.incidents_of(sorted(home for home, keys in fresh.items() if keys))
    return [_grown_item(each, decided[each.id][0], fresh[each.id]) for each in grown]


def _seen(act: Act) -> tuple[str, ...]:
    assert isinstance(act.record, Decision)
    return tuple(act.record.seen)


def _unseen(members: Iterable[str], act: Act, lineage: Lineage) -> list[str]:
    seen = {lineage.head(key) for key in _seen(act)}
    return [key for key in members if key not in seen]


def _grown_item(incident: Incident, act: Act, fresh: Sequence[str]) -> Item:
    some = ", ".join(fresh[:5]) + (" …" if len(fresh) > 5 else "")
    reason = (
        f"{incident.id} is {incident.review} by {act.by} ({act.row}), who did not know these mentions: {some}"
    )
    settle = (
        f"tarikh show {incident.id}",
        f"tarikh review accept {incident.id}",
        f"tarikh review reject {incident.id} --note …",
        f"tarikh review different {fresh[0]} {incident.id}",
    )
    use = 80.0 if incident.review == "rejected" else 45.0
    return Item("new reports", use, (incident.id,), (reason,), settle, (act,))


# ---- what the machine is not sure of -----------------------------------------------------------------------------


def _closeness(score: float) -> float:
    return 50 + 10 * math.exp(-abs(score - SAME_FROM))


def _links(store: Store, start: Key) -> tuple[Iterator[Item], Iterator[Item]]:
    """Pairs that the linker could not decide, and links that hold an incident of two by a hair; from a place of the
    queue on."""
    most = -start[0]
    if most <= 50:
        return iter(()), iter(())
    off = max(0.0, -math.log((most - 50) / 10) - 1e-9) if most < 60 else 0.0
    said = _Said(store, start)

    def unsure(limit: int, offset: int) -> list[Judgement]:
        return store.acts.of_rule(LINKER, "unsure", (SAME_FROM - off, _LOWEST), limit, offset)

    def hair(limit: int, offset: int) -> list[Judgement]:
        if off >= NEAR:
            return []
        return store.acts.of_rule(LINKER, "same", (SAME_FROM + off, SAME_FROM + NEAR - 1e-9), limit, offset)

    return said.open(_paged(unsure)), said.open(_paged(hair))


class _Said:
    """Which doubtful links are open still: nobody has judged the pair, or kept its two incidents apart."""

    def __init__(self, store: Store, start: Key) -> None:
        self._acts, self._start, self._from_start = store.acts, start, start[0] == -math.inf
        self._met: set[tuple[str, ...]] = set()
        acts = [act for act in store.acts.log(standing=True) if isinstance(act.record, Judgement)]
        lineage = store.acts.lineage(key for act in acts for key in act.mentions)
        ends = [(act, tuple(sorted(lineage.head(key) or key for key in act.mentions))) for act in acts]
        homes = store.acts.homes(key for _, pair in ends for key in pair)
        self._pairs = {pair for _, pair in ends}
        self._apart = {
            tuple(sorted(homes[key] for key in pair))
            for act, pair in ends
            if isinstance(act.record, Judgement)
            and act.record.verdict == "different"
            and all(key in homes for key in pair)
        }

    def open(self, judgements: Iterator[Judgement]) -> Iterator[Item]:
        """An item for the best open judgement of each incident or two, in the order given.

        They come in order, so that of two here the first is the better; those before the page are looked for.
        """
        while part := list(islice(judgements, _PAGE)):
            homes = self._acts.homes(key for j in part for key in (j.left, j.right))
            fresh: dict[tuple[str, ...], Judgement] = {}
            for each in part:
                if (-_closeness(each.score), "uncertain link", (each.left, each.right)) <= self._start:
                    continue  # many have one score
                if (ends := self._open(each, homes)) is not None and ends not in self._met:
                    self._met.add(ends)
                    fresh[ends] = each
            passed = self._passed(fresh)
            yield from (_link(each, ends) for ends, each in fresh.items() if ends not in passed)

    def _open(self, judgement: Judgement, homes: dict[str, str]) -> tuple[str, ...] | None:
        pair = judgement.left, judgement.right
        if pair in self._pairs or any(key not in homes for key in pair):
            return None
        ends = tuple(sorted({homes[key] for key in pair}))
        together = len(ends) == 1
        return None if together == (judgement.verdict == "unsure") or ends in self._apart else ends

    def _passed(self, fresh: Mapping[tuple[str, ...], Judgement]) -> set[tuple[str, ...]]:
        """Those of which a better judgement came before the page; and the larger ones that no hair holds together."""
        asked = [ends for ends in fresh if len(ends) == 1 or not self._from_start]
        members = self._acts.members({key for ends in asked for key in ends})
        homes = {key: home for home, inside in members.items() for key in inside}
        found: set[tuple[str, ...]] = {
            ends for ends in asked if len(ends) == 1 and len(members[ends[0]]) != 2
        }
        for each in self._acts.among(LINKER, "unsure", homes) if not self._from_start else ():
            ends = self._open(each, homes)
            if ends is not None and (first := fresh.get(ends)) is not None and _order(each) < _order(first):
                found.add(ends)
        return found


def _order(judgement: Judgement) -> tuple[float, str, str]:
    return abs(judgement.score - SAME_FROM), judgement.left, judgement.right


def _link(judgement: Judgement, ends: tuple[str, ...]) -> Item:
    told = ", ".join(f"{r.feature} {r.value} ({r.weight:+.1f})" for r in judgement.reasons if r.weight)
    state = "are kept apart" if len(ends) == 2 else "are together"
    reason = f"{judgement.left} and {judgement.right} {state}, score {judgement.score:.1f} of {SAME_FROM:.1f}: {told}"
    settle = tuple(
        f"tarikh review {verdict} {judgement.left} {judgement.right}" for verdict in ("same", "different")
    )
    about = judgement.left, judgement.right
    return Item("uncertain link", _closeness(judgement.score), ends, (reason,), settle, about=about)


_BASE = {"conflicting tolls": 55.0, "high harm": 40.0}


def _incidents(store: Store, why: Literal["conflicting tolls", "high harm"], start: Key) -> Iterator[Item]:
    """Unreviewed incidents with unlike tolls, or with many dead and no unlike tolls; from a place of the queue on."""
    fewest = HIGH_HARM if why == "high harm" else 0
    power = (-start[0] - _BASE[why]) / 5
    if power < -1e-9:
        return
    dead = math.floor(10**power - 1 + 1e-6) if power < 10 else math.inf
    past = start[2][0] if start[1] == why and start[2] else ""

    def page(limit: int, offset: int) -> list[str]:
        return store.acts.deadly(why == "conflicting tolls", (dead, fewest), past, limit, offset)

    ids = _paged(page)
    while part := list(islice(ids, _FEW)):
        for each in store.acts.incidents_of(part):
            item = _incident(each)
            if item is not None and item.why == why:
                yield item


def _incident(incident: Incident) -> Item | None:
    killed = incident.harm.get("killed", Count())
    dead = killed.best or 0
    told = _tolls(incident)
    reasons = []
    if told:
        reasons.append("reports tell unlike tolls: " + ", ".join(told))
    if dead >= HIGH_HARM:
        reasons.append(f"{dead} people are said to be killed, and nobody has looked at it")
    if not reasons:
        return None
    settle = [f"tarikh show {incident.id}", f"tarikh review accept {incident.id}"]
    settle += [f"tarikh review correct {incident.id} killed LOW,BEST,HIGH --note …"] if told else []
    settle += [f"tarikh review reject {incident.id} --note …"]
    why: Why = "conflicting tolls" if told else "high harm"
    return Item(why, _BASE[why] + 5 * math.log10(1 + dead), (incident.id,), tuple(reasons), tuple(settle))


def _tolls(incident: Incident) -> list[str]:
    """Who says how many, where that is far apart."""
    said = [
        (number, claim.source or claim.report_id)
        for claim in incident.ledger
        if claim.field == "harm.killed" and isinstance(claim.value, Count)
        if (number := claim.value.best if claim.value.best is not None else claim.value.low) is not None
    ]
    if not said:
        return []
    low, high = min(said)[0], max(said)[0]
    if high - low < 3 or high <= APART * low:
        return []
    return [f"{number} ({source})" for number, source in sorted(dict.fromkeys(said))]


# ---- what two coders do not agree on -----------------------------------------------------------------------------

_DISPUTED = 35.0
"""The use of an incident of which coders disagree: below many dead, since a coder may be a poor one."""


def _disputed(store: Store, start: Key) -> Iterator[Item]:
    """Unreviewed incidents with a mention of which two coders disagree on a field, by id; from a place of the queue on."""
    if -start[0] < _DISPUTED:
        return
    past = start[2][0] if start[1] == "coders disagree" and start[2] else ""

    def page(limit: int, offset: int) -> list[tuple[str, list[Mention]]]:
        return store.acts.disputed(past, limit, offset)

    for home, mentions in _paged(page):
        reasons = tuple(dict.fromkeys(reason for each in mentions for reason in _contradictions(each)))
        settle = (
            f"tarikh show {home}",
            f"tarikh review accept {home}",
            f"tarikh review correct {home} FIELD VALUE --note …",
            f"tarikh review reject {home} --note …",
        )
        yield Item("coders disagree", _DISPUTED, (home,), reasons, settle)


def _contradictions(mention: Mention) -> Iterator[str]:
    """Each field on which the coders disagree, with both values and their words."""
    for field, evidence in mention.evidence.items():
        for other in evidence.rejected:
            if other.reasons[:1] == (DISAGREE,):
                words = " … ".join(evidence.words)
                yield f"{field} by “{words}”, or {other.value} by {'; '.join(other.reasons[1:])}"
