"""The trained weights and the two ways to use them: choosing one candidate, and saying which labels fit.

Invariant: plain arithmetic on features by name; a feature without a weight says nothing.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from math import exp
from typing import TypeVar

from tarikh import reference
from tarikh.evaluation.main_event.article import Features

Value = TypeVar("Value", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Models:
    """Weights by slot for choosing (`choices`) and by label for saying yes or no (`labels`, with a bias under "")."""

    choices: Mapping[str, Mapping[str, float]]
    labels: Mapping[str, Mapping[str, float]]
    threshold: float


@cache
def models(language: str) -> Models | None:
    """The models of a language, None where none were trained."""
    path = reference.data_path("main_event", f"{language}.json")
    if not path.exists():
        return None
    raw = json.loads(path.read_text(encoding="utf-8"))
    return Models(raw["choices"], raw["labels"], raw["threshold"])


def total(features: Features, weights: Mapping[str, float]) -> float:
    """The weighted sum of the features."""
    return sum(weights[name] * value for name, value in features.items() if name in weights)


def chosen(candidates: Iterable[tuple[Value, Features]], weights: Mapping[str, float]) -> Value | None:
    """The value for which most is said, all candidates that have it taken together; the earlier one in a tie."""
    scored = [(value, total(features, weights)) for value, features in candidates]
    if not scored:
        return None
    most = max(score for _, score in scored)
    share: dict[Value, float] = defaultdict(float)
    for value, score in scored:
        share[value] += exp(score - most)
    return max(share, key=lambda value: share[value])


def fitting(features: Features, known: Models) -> tuple[str, ...]:
    """The labels that are likely enough, in the order of the models; the likeliest where none is."""
    score = {
        label: 1 / (1 + exp(-total(features, weights) - weights.get("", 0.0)))
        for label, weights in known.labels.items()
    }
    found = tuple(label for label, chance in score.items() if chance >= known.threshold)
    return found or tuple(sorted(score, key=lambda label: -score[label])[:1])
