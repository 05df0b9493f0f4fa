"""How far coders agree on the same reports, field by field (Krippendorff's alpha), and how often each flips by a label.

Invariant: nobody is taken for the truth: people are one coder among the others, and a mention that one alone has counts for no field.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from itertools import combinations
from typing import Any

from tarikh.agreement import SCALES, Agreement, field_agreement
from tarikh.evaluation import swap
from tarikh.evaluation.coding import Uncoded, coded_lines
from tarikh.evaluation.gold import pair_mentions, side_of
from tarikh.outcomes import Rules

Row = Mapping[str, Any]
PEOPLE = "people"
"""The coder whose mentions stand in the labelled file."""


def compare(
    rows: Sequence[Row],
    coders: Mapping[str, Rules],
    workers: int = 1,
    swapped: bool = True,
    uncoded: Uncoded | None = None,
) -> tuple[list[Agreement], dict[str, dict[str, Any]]]:
    """The agreement of each two coders, people first where the file has their mentions, and the flip rates of each coder.

    `coders` are the rules by which each codes, by name. A report that a coder cannot code counts as coded empty.
    """
    told = {name: coded_lines(rows, rules, workers, uncoded) for name, rules in coders.items()}
    people = {str(row["id"]): row for row in rows if isinstance(row.get("mentions"), list)}
    if people:
        told = {PEOPLE: people, **told}
    found = [_agreement(left, right, told[left], told[right]) for left, right in combinations(told, 2)]
    flips = (
        {name: swap.score(rows, rules, workers)["all"] for name, rules in coders.items()} if swapped else {}
    )
    return found, flips


def plain(found: Sequence[Agreement], flips: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The figures as JSON values."""
    return {
        "agreement": [asdict(each) for each in found],
        "label_swap": {k: dict(v) for k, v in flips.items()},
    }


def _agreement(left: str, right: str, one: Mapping[str, Row], two: Mapping[str, Row]) -> Agreement:
    both = only_left = only_right = 0
    labels: tuple[dict[str, dict[str, Hashable]], dict[str, dict[str, Hashable]]] = ({}, {})
    for report in sorted(one.keys() & two.keys()):
        first, second = one[report].get("mentions") or [], two[report].get("mentions") or []
        pairs = pair_mentions(first, second)
        both += len(pairs)
        only_left += len(first) - len(pairs)
        only_right += len(second) - len(pairs)
        for i, j, _ in pairs:
            for said, mention in zip(labels, (first[i], second[j]), strict=True):
                for field, label in _labels(mention).items():
                    said.setdefault(field, {})[f"{report}/{i}"] = label
    fields = [field_agreement(name, labels[0].get(name, {}), labels[1].get(name, {})) for name in SCALES]
    kept = tuple(each for each in fields if each is not None)
    return Agreement(left, right, "mentions", both, only_left, only_right, kept)


def _labels(mention: Row) -> dict[str, Hashable]:
    """The values of a mention of the codebook's form as labels; what is unknown of days and figures is none."""
    found: dict[str, Hashable] = {field: str(mention.get(field)) for field in ("kind", "status", "aspect")}
    for side in ("attackers", "targets"):
        found[side] = " & ".join(sorted(side_of(mention, side))) or "unknown"
    found["country"] = str(mention.get("country") or "unknown")
    place = mention.get("place") or mention.get("admin1")
    found["place"] = f"{mention.get('country')} {place} {mention.get('place_precision')}"
    day = _day(mention.get("date_start"))
    if day is not None:
        found["date"] = day
    for what, bounds in (mention.get("harm") or {}).items():
        if isinstance(bounds, list) and len(bounds) == 3 and isinstance(bounds[1], int):
            found[f"harm.{what}"] = bounds[1]
    return found


def _day(value: Any) -> int | None:
    try:
        return date.fromisoformat(str(value)).toordinal()
    except ValueError:
        return None
