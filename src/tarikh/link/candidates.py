"""Which pairs of mentions are worth comparing: those that share a block, never all with all.

Invariant: symmetric (a pair found from one side is found from the other), so that judging in one go and
judging as mentions come in see the same pairs; two mentions of one report are never a pair.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from tarikh.link.blocks import keys, probes
from tarikh.link.compare import date_level, kind_level, told_apart, where_level
from tarikh.model import Mention


def candidates(mentions: Iterable[Mention]) -> Iterator[tuple[Mention, Mention]]:
    """Every pair that shares a block, each once, the smaller id first, in stable order."""
    rows = sorted(mentions, key=lambda mention: mention.id)
    yield from _pairs(rows, rows)


def candidates_of(new: Sequence[Mention], existing: Iterable[Mention]) -> Iterator[tuple[Mention, Mention]]:
    """Every pair of a new mention with another, new or existing, that shares a block."""
    fresh = {mention.id: mention for mention in new}
    rows = sorted((*fresh.values(), *(m for m in existing if m.id not in fresh)), key=lambda m: m.id)
    yield from _pairs([fresh[key] for key in sorted(fresh)], rows)


def _pairs(asking: Sequence[Mention], rows: Sequence[Mention]) -> Iterator[tuple[Mention, Mention]]:
    index: dict[int, list[int]] = defaultdict(list)
    for number, mention in enumerate(rows):
        for key in keys(mention):
            index[key].append(number)
    asked: set[str] = set()
    for mention in asking:
        met = {number for key in probes(mention) for number in index.get(key, ())}
        asked.add(mention.id)
        for number in sorted(met):
            other = rows[number]
            if other.id not in asked and worth_comparing(mention, other):
                yield (mention, other) if mention.id < other.id else (other, mention)


def worth_comparing(left: Mention, right: Mention) -> bool:
    """Whether a pair of one block can be one incident at all: the blocks are coarse, this is exact.

    What it refuses is proof against one incident by itself (`compare.contradiction`), and needs no judgement to
    be kept; it also cuts off those beyond 40 km of which only one sees the other's cell.
    """
    return (
        told_apart(left, right) is None
        and kind_level(left.kind, right.kind) != "other act"
        and date_level(left, right) != "apart"
        and where_level(left, right)[0] not in ("far", "other country")
    )
