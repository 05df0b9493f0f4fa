"""Scores against the HRDsAttack set (kind `hrdsattack`): attacks on human rights defenders, one record an article.

Source of the figures to compare with: Ran et al. 2023. Invariant: gold that is null is left out, as the paper counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from tarikh import reference
from tarikh.evaluation.clusters import prf
from tarikh.evaluation.main_event import MainEvent
from tarikh.text import fold

Row = Mapping[str, Any]
SLOTS = ("country", "region", "city", "year", "month", "day")

LABELS = (
    "arbitrary detention",
    "enforced disappearance",
    "kidnapping",
    "killing",
    "other",
    "torture",
    "unknown",
)
"""The set's sorts of violation."""


def country_key(name: str | None) -> str | None:
    """ISO code of the one country that a gold value names; None where it names none or several."""
    text = re.sub(r"^the\s+", "", fold(name or ""))
    if not text or (" and " in f" {text} " and text != "bosnia and herzegovina"):
        return None
    country = reference.country_by_name(text)
    return country.iso3 if country else None


def record(event: MainEvent) -> dict[str, Any]:
    """The article's one record in the set's form."""
    return {
        "country": state(event.country),
        "region": event.region,
        "city": event.town,
        "year": event.year,
        "month": event.month,
        "day": event.day,
        "violation_types": list(event.violations),
    }


_STATES = {"HKG": "CHN", "MAC": "CHN", "PRI": "USA"}
"""Territories that this set's gold files under their state."""


def state(code: str | None) -> str | None:
    """The country that the set files a country or territory under."""
    return _STATES.get(code, code) if code is not None else None


def score(
    reports: Iterable[Row], predictions: Mapping[str, Row], errors: list[Row] | None = None
) -> dict[str, Any]:
    """Share right of non-null gold for each slot, and F1 of violation types."""
    right = dict.fromkeys(SLOTS, 0)
    total = dict.fromkeys(SLOTS, 0)
    hits = predicted = wanted = 0
    for report in reports:
        gold, guess = report["gold"], predictions.get(str(report["id"]), {})
        for slot in SLOTS:
            value, given = gold.get(slot), guess.get(slot)
            if slot == "country":
                value = country_key(value)
            if value is None:
                continue
            total[slot] += 1
            same = given is not None and fold(str(value)) == fold(str(given))
            right[slot] += same
            if errors is not None and not same:
                errors.append({"report": report["id"], "what": slot, "gold": value, "predicted": given})
        g = set(gold.get("violation_types") or ["unknown"])
        p = set(guess.get("violation_types") or ["unknown"])
        hits, predicted, wanted = hits + len(g & p), predicted + len(p), wanted + len(g)
    slots = {
        slot: {
            "right": right[slot],
            "of": total[slot],
            "share": right[slot] / total[slot] if total[slot] else None,
        }
        for slot in SLOTS
    }
    return {"slots": slots, "violation_types": prf(hits, predicted, wanted)}
