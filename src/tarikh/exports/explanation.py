"""An explanation as plain JSON values, beside the report's line in the codebook's form.

Invariant: mentions are called by their number in the line's `mentions`, from 0; spans are written as the codebook writes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tarikh.exports import plain
from tarikh.extract.explain import Explanation, Heard, Told
from tarikh.model import Mention


def explanation_entry(explanation: Explanation, mentions: Sequence[Mention]) -> dict[str, Any]:
    """`gate`, `sentences` with their triggers, and under `fields` the reasons of each mention's fields."""
    number = {mention.id: n for n, mention in enumerate(mentions)}
    return {
        "gate": {"passed": explanation.passed, "reason": explanation.gate},
        "sentences": [_sentence(told, number) for told in explanation.sentences],
        "fields": [
            {
                field: {
                    "words": list(evidence.words),
                    "confidence": round(evidence.confidence, 3),
                    "reason": evidence.reason,
                    "rejected": [plain.plain(candidate) for candidate in evidence.rejected],
                }
                for field, evidence in mention.evidence.items()
            }
            for mention in mentions
        ],
    }


def _sentence(told: Told, number: Mapping[str, int]) -> dict[str, Any]:
    return {
        **plain.span(told.span),
        "text": told.text,
        "gate": told.verdict,
        "reason": told.reason,
        "triggers": [_trigger(heard, number) for heard in told.triggers],
    }


def _trigger(heard: Heard, number: Mapping[str, int]) -> dict[str, Any]:
    at = number.get(heard.mention) if heard.mention is not None else None
    return {
        **plain.span(heard.span),
        "words": heard.words,
        "act": heard.act,
        "mention": at,
        # Its mention may have been left out by --min-confidence.
        "reason": heard.reason or ("its mention is left out" if at is None else None),
    }
