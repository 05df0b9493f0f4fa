"""Leaving open what is not sure enough: a mention with the fields below a threshold made unknown.

Invariant: only fields that have evidence are judged; a value is made unknown, never changed into another value,
and what the codebook has no unknown for (status, aspect) stays as it is.
"""

from __future__ import annotations

from dataclasses import replace

from tarikh import reference
from tarikh.model import Evidence, Mention, When, Where

_ABOVE_COUNTRY = ("exact", "near", "admin2", "admin1")


def abstain(mention: Mention, threshold: float) -> Mention | None:
    """The mention with every field less sure than `threshold` left open; None where its kind is.

    A side becomes empty, a date and an attribution unknown, a count absent, a place its country or unknown.
    """
    weak = {name for name, found in mention.evidence.items() if found.confidence < threshold}
    if "kind" in weak:
        return None
    evidence = {
        name: _left_open(found, threshold) if name in weak and _has_unknown(name) else found
        for name, found in mention.evidence.items()
    }
    place = mention.evidence.get("place", Evidence())
    return replace(
        mention,
        attackers=() if "attackers" in weak else mention.attackers,
        targets=() if "targets" in weak else mention.targets,
        when=When() if "date" in weak else mention.when,
        where=_coarser(mention.where, place) if "place" in weak else mention.where,
        harm={what: count for what, count in mention.harm.items() if f"harm.{what}" not in weak},
        attribution=None if "attribution" in weak else mention.attribution,
        evidence=evidence,
    )


def _has_unknown(field: str) -> bool:
    return field not in ("status", "aspect")


def _left_open(evidence: Evidence, threshold: float) -> Evidence:
    """The same words and confidence, with the reason that nothing was made of them."""
    why = f"left open: {evidence.confidence:.2f} is below {threshold:.2f}"
    return replace(evidence, reason=f"{why} ({evidence.reason})" if evidence.reason else why)


def _coarser(where: Where, evidence: Evidence) -> Where:
    """The country alone, where the doubt is within it; unknown where another country was weighed, or it was the country."""
    # A candidate is described with its country's code last.
    rivals = {candidate.value.rpartition(", ")[2] for candidate in evidence.rejected}
    country = reference.country(where.country)
    if country is None or where.precision not in _ABOVE_COUNTRY or rivals - {country.iso3}:
        return Where()
    return Where(country=country.iso3, place=country.name, precision="country")
