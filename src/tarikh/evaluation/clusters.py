"""Scores of two clusterings of the same elements.

Invariant: every function takes (gold cluster, predicted cluster) of each element and knows nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

Link = tuple[str, str]


def prf(hits: float, predicted: float, gold: float) -> dict[str, float]:
    """Precision, recall and F1; 0 where undefined."""
    precision = hits / predicted if predicted else 0.0
    recall = hits / gold if gold else 0.0
    total = precision + recall
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / total if total else 0.0}


def b_cubed(links: Sequence[Link]) -> dict[str, float]:
    """B-cubed (Bagga and Baldwin 1998) over elements."""
    if not links:
        return prf(0, 0, 0)
    both, gold, predicted = Counter(links), Counter(g for g, _ in links), Counter(p for _, p in links)
    precision = sum(both[link] / predicted[link[1]] for link in links) / len(links)
    recall = sum(both[link] / gold[link[0]] for link in links) / len(links)
    total = precision + recall
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / total if total else 0.0}


def alone(links: Sequence[Link]) -> list[Link]:
    """The same elements with no two put together: what a clustering must beat."""
    return [(gold, str(number)) for number, (gold, _) in enumerate(links)]


def pairwise(links: Sequence[Link]) -> dict[str, float]:
    """Of two elements put together, were they one? Precision, recall and F1 over pairs."""

    def pairs(keys: Iterable[object]) -> int:
        return sum(n * (n - 1) // 2 for n in Counter(keys).values())

    return prf(pairs(links), pairs(p for _, p in links), pairs(g for g, _ in links))
