"""Clusterings of articles that the linker must beat: by town and day, and by the likeness of their texts.

Invariant: a baseline sees the same articles and the same coded mentions as the linker, and nothing of the key.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise as neighbors
from typing import Any

from tarikh.model import Mention

Row = Mapping[str, Any]
NEAR_DAYS = 3
"""Days between two mentions of one town that the first baseline takes for one incident."""
THRESHOLDS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6)
"""Cosines at which TF-IDF single link is tried."""
_WORD = re.compile(r"[a-z]{3,}")
_COMMON = 0.5
"""Share of articles from which on a word says nothing."""
_HOT = 200
"""A word of more articles is not looked up: too many pairs, and it weighs little."""


def by_city(mentions: Iterable[Mention]) -> dict[str, str]:
    """Mention id -> cluster: those of one town that lie within days of each other, and what hangs together so."""
    mentions = list(mentions)
    towns: dict[tuple[str | None, ...], list[tuple[date, str]]] = defaultdict(list)
    for told in mentions:
        if told.when.start is not None and told.where.precision in ("exact", "near"):
            towns[told.where.country, told.where.admin1, told.where.place].append((told.when.start, told.id))
    links = []
    for days in towns.values():
        days.sort()
        links += [
            (1.0, one, two)
            for (first, one), (second, two) in neighbors(days)
            if (second - first).days <= NEAR_DAYS
        ]
    return joined((told.id for told in mentions), links, 1.0)


def joined(docs: Iterable[str], links: Iterable[tuple[float, str, str]], least: float) -> dict[str, str]:
    """Single link: whatever hangs together by links of at least this weight."""
    parent = {doc: doc for doc in docs}

    def root(doc: str) -> str:
        while parent[doc] != doc:
            parent[doc] = parent[parent[doc]]
            doc = parent[doc]
        return doc

    for weight, one, two in links:
        if weight >= least:
            parent[root(one)] = root(two)
    return {doc: root(doc) for doc in parent}


def alike(articles: Sequence[Row]) -> Iterator[tuple[float, str, str]]:
    """Cosines of TF-IDF vectors (log term frequency, log inverse document frequency) of articles that share a rarer word."""
    counts = [Counter(_WORD.findall(f"{row['title']} {row['text']}".lower())) for row in articles]
    spread = Counter(word for words in counts for word in words)
    total = len(articles)
    index: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for number, words in enumerate(counts):
        weights = {
            word: (1 + math.log(n)) * math.log(total / spread[word])
            for word, n in words.items()
            if spread[word] < total * _COMMON
        }
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        for word, weight in weights.items():
            index[word].append((number, weight / length))
    cosines: Counter[tuple[int, int]] = Counter()
    for found in index.values():
        if len(found) <= _HOT:
            for at, (one, left) in enumerate(found):
                for two, right in found[:at]:
                    cosines[two, one] += left * right  # type: ignore[assignment]
    for (one, two), cosine in cosines.items():
        if cosine >= THRESHOLDS[0]:
            yield float(cosine), str(articles[one]["doc_id"]), str(articles[two]["doc_id"])
