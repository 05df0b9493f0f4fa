"""The label-swap test: what happened must not depend on what those who did it are called.

Invariant: a report is compared with itself under one other label at a time; a flip is a field that moved and must not have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tarikh import pipeline
from tarikh.evaluation.causes import class_of
from tarikh.evaluation.coding import documents
from tarikh.evaluation.matching import best_pairs
from tarikh.evaluation.relabel import Swap, swaps
from tarikh.exports import plain
from tarikh.model import Mention
from tarikh.pipeline import Outcome, Rules

Row = Mapping[str, Any]
FIELDS = ("mention", "kind", "status", "aspect", "harm", "date", "place", "attackers", "targets")
"""What must not move; `mention`: one was lost or came up."""
SORTS = ("label", "name", "army")


@dataclass(frozen=True, slots=True)
class Flip:
    """One field that moved: in which report, by which swap, from what to what."""

    report: str
    sort: str
    old: str
    new: str
    field: str
    before: str
    after: str


def compare(before: Sequence[Mention], after: Sequence[Mention], swap: Swap, report: str) -> list[list[Flip]]:
    """The flips of each mention: of those before in their order, then of those that came up."""
    weights = [[1.0 + len(FIELDS) - len(_moved(b, a, swap)) for a in after] for b in before]
    pairs = dict(best_pairs(weights)) if before and after else {}

    def flips(moved: Iterable[tuple[str, object, object]]) -> list[Flip]:
        return [Flip(report, swap.sort, swap.old, swap.new, f, str(b), str(a)) for f, b, a in moved]

    found = [
        flips(_moved(b, after[pairs[i]], swap)) if i in pairs else flips([("mention", _named(b), "gone")])
        for i, b in enumerate(before)
    ]
    taken = set(pairs.values())
    return found + [flips([("mention", "none", _named(a))]) for j, a in enumerate(after) if j not in taken]


def _named(mention: Mention) -> str:
    return f"{mention.kind} “{mention.trigger}”"


def _moved(before: Mention, after: Mention, swap: Swap) -> list[tuple[str, object, object]]:
    values: list[tuple[str, object, object]] = [
        ("kind", before.kind, after.kind),
        ("status", before.status, after.status),
        ("aspect", before.aspect, after.aspect),
        ("harm", plain.harm(before.harm), plain.harm(after.harm)),
        ("date", plain.when(before.when), plain.when(after.when)),
        ("place", plain.where(before.where), plain.where(after.where)),
    ]
    moved = [row for row in values if row[1] != row[2]]
    sides = [("attackers", before.attackers, after.attackers), ("targets", before.targets, after.targets)]
    return [*moved, *(row for row in sides if not same_side(row[1], row[2], swap))]


def same_side(before: Sequence[str], after: Sequence[str], swap: Swap) -> bool:
    """Whether a side is the one before, under the names that the swap gives."""
    renamed = {swap.renamed.get(name, name) for name in before}
    if not swap.partly:
        return renamed == set(after)
    return set(map(class_of, before)) == set(map(class_of, after)) and set(after) <= {*before, *renamed}


# ---- a file ------------------------------------------------------------------------------------------------


def coded_again(rows: Sequence[Row], rules: Rules, workers: int = 1) -> list[tuple[Swap, list[list[Flip]]]]:
    """Each swap of each report with the flips of each mention; a report without mentions has none to swap."""
    outcomes = list(pipeline.code_all(pipeline.read(documents(rows), rules), rules, workers))
    made = [(o, swap) for o in outcomes if o.report and o.mentions for swap in swaps(o.report, o.mentions)]
    again = pipeline.code_all((Outcome("swap", report=swap.report) for _, swap in made), rules, workers)
    return [
        (swap, compare(before.mentions, after.mentions, swap, str(before.id)))
        for (before, swap), after in zip(made, again, strict=True)
    ]


def score(rows: Sequence[Row], rules: Rules, workers: int = 1) -> dict[str, Any]:
    """Flip rates of a file, of all swaps and of each sort, and the flips."""
    found = coded_again(rows, rules, workers)
    result: dict[str, Any] = {"all": _rates(found)}
    for sort in SORTS:
        result[sort] = _rates([row for row in found if row[0].sort == sort])
    flips = [flip for _, told in found for of_one in told for flip in of_one]
    return result | {"flips": [{name: getattr(flip, name) for name in Flip.__slots__} for flip in flips]}


def _rates(found: Sequence[tuple[Swap, list[list[Flip]]]]) -> dict[str, Any]:
    told = [of_one for _, mentions in found for of_one in mentions]
    fields = Counter(flip.field for of_one in told for flip in of_one)
    flipped, mentions = sum(map(bool, told)), len(told)
    return {
        "swaps": len(found),
        "mentions": mentions,
        "flipped": flipped,
        "rate": flipped / mentions if mentions else 0.0,
        "fields": {name: fields[name] / mentions if mentions else 0.0 for name in FIELDS},
    }
