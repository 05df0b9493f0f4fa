"""The model's values as plain JSON values, by the names of the codebook's section 10.

Invariant: unknown is null or an absent count, spans are code points into the report as given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import date
from typing import Any

from tarikh.model import HARMS, Claim, Count, Evidence, Span, When, Where


def plain(value: Any) -> Any:
    """A field's value: a count as [low, best, high], a date or place by its codebook keys, the rest as JSON has it."""
    if isinstance(value, Count):
        return [value.low, value.best, value.high]
    if isinstance(value, When):
        return when(value)
    if isinstance(value, Where):
        return where(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list | set | frozenset):
        return [plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    return value


def when(value: When) -> dict[str, Any]:
    """`date_start`, `date_end`, `date_precision`."""
    return {"date_start": plain(value.start), "date_end": plain(value.end), "date_precision": value.precision}


def where(value: Where) -> dict[str, Any]:
    """`country`, `admin1`, `place`, `latitude`, `longitude`, `place_precision`."""
    return {
        "country": value.country,
        "admin1": value.admin1,
        "place": value.place,
        "latitude": value.latitude,
        "longitude": value.longitude,
        "place_precision": value.precision,
    }


def harm(counts: Mapping[str, Count]) -> dict[str, list[int | None]]:
    """Only the counts of which something is known, in the codebook's order."""
    return {what: plain(counts[what]) for what in HARMS if what in counts and counts[what].known()}


def spans(evidence: Mapping[str, Evidence]) -> dict[str, list[dict[str, Any]]]:
    """Field to its spans; those of the kind are the trigger's."""
    named = {"trigger" if field == "kind" else field: e.spans for field, e in evidence.items() if e.spans}
    return {field: [span(s) for s in found] for field, found in named.items()}


def span(value: Span) -> dict[str, Any]:
    """One span as the codebook writes it."""
    return {"in": value.part, "start": value.start, "end": value.end}


def confidence(evidence: Mapping[str, Evidence]) -> dict[str, float]:
    """Field to how sure, 0 to 1."""
    return {field: round(min(1.0, max(0.0, e.confidence)), 3) for field, e in evidence.items()}


def claim(value: Claim, words: bool = True) -> dict[str, Any]:
    """One entry of a ledger; without `words`, nothing in the report's own words."""
    return {
        "field": value.field,
        "value": plain(value.value),
        "mention": value.mention_id,
        "report": value.report_id,
        "source": value.source,
        "published": plain(value.published),
        "chosen": value.chosen,
        **({"attribution": value.attribution, "words": list(value.words)} if words else {}),
    }
