"""The model's values as plain JSON values, by the names of the codebook's section 10.

Invariant: unknown is null or an absent count, spans are code points into the report as given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import date
from typing import Any

from tarikh.model import HARMS, Claim, Count, Evidence, Incident, Span, When, Where
from tarikh.reference import contested as contested_places
from tarikh.reference.areas import Contested, Tenure


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


def contested(incident: Incident) -> list[dict[str, Any]]:
    """The contested areas that an incident's place lies in, with claimants and holders on its days; made anew at each output."""
    return [area(found) for found in contested_at(incident)]


def contested_at(incident: Incident) -> tuple[Contested, ...]:
    """As `contested`, as records. Raises `RegisterError` where a file of contested places cannot be used."""
    return contested_places.at(incident.where, incident.when.start, incident.when.end)


def area(found: Contested) -> dict[str, Any]:
    """One contested area as it concerns an incident or a place."""
    return {
        "area": found.area,
        "name": found.name,
        "lies": found.lies,
        "claimed_by": [_tenure(each) for each in found.claimed_by],
        "held_by": [_tenure(each) for each in found.held_by],
        "disputed": found.disputed,
        "as_of": found.as_of,
        "covered": found.covered,
        "source": found.source,
        "note": found.note,
    }


def _tenure(value: Tenure) -> dict[str, Any]:
    return {
        "name": value.name,
        "state": value.state,
        "party": value.party,
        "authority": value.authority,
        "from": value.start,
        "to": value.end,
        "part": value.part,
    }
