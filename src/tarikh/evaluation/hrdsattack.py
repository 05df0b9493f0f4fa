"""Scores against the HRDsAttack set (kind `hrdsattack`): attacks on human rights defenders, one record an article.

Source of the figures to compare with: Ran et al. 2023. Invariant: gold that is null is left out, as the paper counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from tarikh import reference
from tarikh.evaluation.clusters import prf
from tarikh.model import Mention
from tarikh.text import fold

Row = Mapping[str, Any]
SLOTS = ("country", "region", "city", "year", "month", "day")

VIOLATIONS = {
    "abduction": ("kidnapping",),
    "arrest": ("arbitrary detention",),
    "attack_on_civilians": ("killing",),
    "bombing": ("killing",),
    "excessive_force": ("killing",),
}


def _country_key(name: str | None) -> str | None:
    """ISO code of the one country that a gold value names; None where it names none or several."""
    text = re.sub(r"^the\s+", "", fold(name or ""))
    if not text or (" and " in f" {text} " and text != "bosnia and herzegovina"):
        return None
    country = reference.country_by_name(text)
    return country.iso3 if country else None


def record(mentions: Sequence[Mention], spoken_of: Sequence[str] = ()) -> dict[str, Any]:
    """The article's one record: place and day of its main new event.

    `spoken_of` are the countries that the article speaks of, weightiest first: where it tells no located event (a trial,
    a law, an obituary) the first of them is its country.
    """
    ranked = sorted(
        mentions, key=lambda m: (m.aspect != "new", m.where.country is None, m.when.start is None)
    )
    if not ranked:
        return {"country": _state(next(iter(spoken_of), None))}
    main = ranked[0]
    start: date | None = main.when.start
    fine = main.when.precision
    town = main.where.place if main.where.precision in ("exact", "near") else None
    types = sorted({v for m in mentions if m.aspect == "new" for v in VIOLATIONS.get(m.kind, ())})
    return {
        "country": _state(main.where.country or next(iter(spoken_of), None)),
        "region": main.where.admin1,
        "city": town,
        "year": start.year if start else None,
        "month": start.month if start and fine != "year" else None,
        "day": start.day if start and fine == "day" else None,
        "violation_types": types,
    }


_STATES = {"HKG": "CHN", "MAC": "CHN", "PRI": "USA"}
"""Territories that this set's gold files under their state."""


def _state(code: str | None) -> str | None:
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
                value = _country_key(value)
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
