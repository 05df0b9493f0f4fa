"""What an article's words say of the sorts of violation that it tells: counts of its word classes.

Invariant: the same features in training and in use; the labels are the models'.
"""

from __future__ import annotations

from collections import Counter
from math import log1p

from tarikh.evaluation.main_event.article import Article, Features

_LEAD = 600
_FEWEST_WORDS = 200


def features(article: Article) -> Features:
    """For each word class: how often, how densely, and whether in the title or lead."""
    everywhere: Counter[str] = Counter()
    title: set[str] = set()
    lead: Counter[str] = Counter()
    for sentence, found in zip(article.sentences, article.found, strict=True):
        for name, offset in found:
            if sentence.part == "title":
                title.add(name)
                continue
            everywhere[name] += 1
            lead[name] += sentence.start + offset < _LEAD
    size = max(_FEWEST_WORDS, len(article.report.text.split()))
    made: Features = {"size": log1p(size)}
    for name, count in everywhere.items():
        made[f"times.{name}"] = log1p(count)
        made[f"any.{name}"] = 1.0
        made[f"share.{name}"] = 100 * count / size
        made[f"lead.{name}"] = float(min(2, lead[name]))
    made |= {f"title.{name}": 1.0 for name in title}
    return made
