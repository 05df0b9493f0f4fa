"""Scores coded reports against reports coded by the codebook (kind `gold`).

Invariant: a pair of mentions is compared field by field by the rules of the codebook's section 10, never by confidence.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from tarikh import earth, reference
from tarikh.evaluation.clusters import alone, b_cubed, pairwise, prf
from tarikh.evaluation.matching import best_pairs
from tarikh.text import fold

FIELDS = (
    "date",
    "place10",
    "place50",
    "precision",
    "country",
    "attackers",
    "targets",
    "killed_best",
    "killed_interval",
    "injured_best",
    "status",
    "aspect",
)
TOWN = ("exact", "near")

Row = Mapping[str, Any]


@cache
def families() -> Mapping[str, str]:
    """The family of each kind."""
    return {kind.name: kind.family for kind in reference.kinds()}


@cache
def _party_names() -> Mapping[str, str]:
    names: dict[str, str] = {}
    for entry in reference.parties():
        for name in (entry.name, *entry.aliases):
            names.setdefault(_plain_party(name), _plain_party(entry.name))
    return names


@cache
def _country_names() -> tuple[tuple[re.Pattern[str], str], ...]:
    rows = []
    for country in reference.countries():
        others = [fold(n) for n in country.names if fold(n) != fold(country.name) and len(fold(n)) > 1]
        if others:
            rows.append((re.compile(rf"\b({'|'.join(map(re.escape, others))})\b"), fold(country.name)))
    return tuple(rows)


@cache
def _plain_party(name: str) -> str:
    text = " ".join(word for word in fold(name).split() if word != "the")
    # Only a generic form holds a country's name ("Military of X", "Civilians (X)").
    head, separator, country = text.partition(" of ")
    if name.rstrip().endswith(")"):
        head, separator, country = fold(name.rpartition("(")[0]), " ", fold(name.rpartition("(")[2])
    for pattern, short in _country_names() if separator else ():
        if pattern.fullmatch(country):
            return f"{head}{separator}{short}"
    return text


def party_key(name: str) -> str:
    """The one plain name of a party, whichever of its spellings is given."""
    return _party_names().get(_plain_party(name), _plain_party(name))


def _parties(mention: Row, side: str) -> frozenset[str]:
    return frozenset(party_key(str(name)) for name in mention.get(side) or ())


def side_of(mention: Row, side: str) -> frozenset[str]:
    """One side's parties; the two sides of an agreement are one set."""
    if mention.get("kind") == "agreement":
        return _parties(mention, "attackers") | _parties(mention, "targets")
    return _parties(mention, side)


def distance_km(left: Row, right: Row) -> float:
    """Great-circle distance of two records, infinite when a coordinate is missing."""
    try:
        lat1, lon1, lat2, lon2 = (
            float(row[key]) for row in (left, right) for key in ("latitude", "longitude")
        )
    except (KeyError, TypeError, ValueError):
        return math.inf
    return earth.kilometers((lat1, lon1), (lat2, lon2))


def _count(mention: Row, what: str) -> tuple[int | None, int | None, int | None]:
    value = (mention.get("harm") or {}).get(what)
    return tuple(value) if value else (None, None, None)


def _precision(mention: Row, default: str) -> str:
    return str(mention.get("place_precision") or default)


def same_place(gold: Row, predicted: Row, km: float) -> bool:
    """At town level within `km` and given as a town; above it the same unit at the same precision."""
    wanted, given = _precision(gold, "exact"), _precision(predicted, "unknown")
    if wanted in TOWN:
        return given in TOWN and distance_km(gold, predicted) <= km
    if given != wanted:
        return False
    if wanted == "unknown":
        return True
    if gold.get("country") != predicted.get("country"):
        return False
    if wanted == "country":
        return True
    keys = ("place",) if wanted == "admin2" else ("place", "admin1")
    names = [{fold(str(row.get(key) or "")) for key in keys} - {""} for row in (gold, predicted)]
    return bool(names[0] & names[1])


def overlapping(gold: Row, predicted: Row) -> bool:
    """Whether two mentions' days overlap, or neither has any."""
    spans = [
        (row.get("date_start"), row.get("date_end") or row.get("date_start")) for row in (gold, predicted)
    ]
    (g_start, g_end), (p_start, p_end) = spans
    if not g_start or not p_start:
        return not g_start and not p_start
    return bool(g_start <= p_end and p_start <= g_end)


def compare(gold: Row, predicted: Row) -> dict[str, bool]:
    """Which fields of two mentions agree; `record` is all that an analyst would sign."""
    same = {
        "date": all(gold.get(key) == predicted.get(key) for key in ("date_start", "date_end")),
        "place10": same_place(gold, predicted, 10),
        "place50": same_place(gold, predicted, 50),
        "precision": _precision(gold, "unknown") == _precision(predicted, "unknown"),
        "country": gold.get("country") == predicted.get("country"),
        "attackers": side_of(gold, "attackers") == side_of(predicted, "attackers"),
        "targets": side_of(gold, "targets") == side_of(predicted, "targets"),
        "killed_best": _count(gold, "killed")[1] == _count(predicted, "killed")[1],
        "killed_interval": _count(gold, "killed") == _count(predicted, "killed"),
        "injured_best": _count(gold, "injured")[1] == _count(predicted, "injured")[1],
        "status": gold.get("status") == predicted.get("status"),
        "aspect": gold.get("aspect") == predicted.get("aspect"),
    }
    needed = ("date", "place10", "attackers", "targets", "killed_best")
    same["record"] = gold["kind"] == predicted.get("kind") and all(same[name] for name in needed)
    return same


def pair_mentions(gold: Sequence[Row], predicted: Sequence[Row]) -> list[tuple[int, int, dict[str, bool]]]:
    """Matched (gold index, predicted index, agreement): same kind or family, and date or place alike."""
    if not gold or not predicted:
        return []
    family = families()
    agreement = [[compare(g, p) for p in predicted] for g in gold]
    weights = [[0.0] * len(predicted) for _ in gold]
    for i, g in enumerate(gold):
        for j, p in enumerate(predicted):
            alike = overlapping(g, p) or agreement[i][j]["place50"]
            if alike and family.get(g["kind"]) == family.get(str(p.get("kind")), "?"):
                weights[i][j] = (
                    1 + 2 * (g["kind"] == p["kind"]) + sum(agreement[i][j][name] for name in FIELDS)
                )
    return [(i, j, agreement[i][j]) for i, j in best_pairs(weights)]


class _Tally:
    """Running sums of one scoring."""

    def __init__(self) -> None:
        self.kind_hits = self.family_hits = self.gold = self.predicted = self.records = 0
        self.empty = self.false_alarms = self.empty_hit = 0
        self.fields: Counter[str] = Counter()
        self.found: list[tuple[str, str]] = []
        self.all: list[tuple[str, str]] = []
        self.classes: dict[str, dict[str, Counter[str]]] = {
            "status": defaultdict(Counter),
            "aspect": defaultdict(Counter),
        }

    def add(self, report: Row, guess: Row, errors: list[Row] | None) -> None:
        gold, predicted = report["mentions"], guess.get("mentions") or []
        self.gold += len(gold)
        self.predicted += len(predicted)
        if not gold:
            self.empty += 1
            self.false_alarms += len(predicted)
            self.empty_hit += bool(predicted)
        pairs = pair_mentions(gold, predicted)
        for i, j, same in pairs:
            self._pair(report, gold[i], predicted[j], j, same, errors)
        self._unmatched(report, gold, predicted, pairs, errors)

    def _pair(
        self, report: Row, g: Row, p: Row, j: int, same: dict[str, bool], errors: list[Row] | None
    ) -> None:
        self.family_hits += 1
        self.kind_hits += g["kind"] == p.get("kind")
        self.records += same["record"]
        self.fields.update(name for name in FIELDS if same[name])
        link = (str(g.get("incident")), str(p.get("incident") or f"{report['id']}/{j}"))
        self.found.append(link)
        self.all.append(link)
        for name, rows in self.classes.items():
            rows[str(g[name])][str(p.get(name))] += 1
        if errors is not None and not same["record"]:
            wrong = [name for name in FIELDS if not same[name]] + ["kind"] * (g["kind"] != p.get("kind"))
            errors.append(
                {"report": report["id"], "what": "differs", "wrong": wrong, "gold": g, "predicted": p}
            )

    def _unmatched(
        self,
        report: Row,
        gold: Sequence[Row],
        predicted: Sequence[Row],
        pairs: Sequence[Any],
        errors: list[Row] | None,
    ) -> None:
        hit_gold, hit_predicted = {i for i, _, _ in pairs}, {j for _, j, _ in pairs}
        for i, mention in enumerate(gold):
            if i not in hit_gold:
                self.all.append((str(mention.get("incident")), f"missed/{report['id']}/{i}"))
                if errors is not None:
                    errors.append(
                        {
                            "report": report["id"],
                            "what": "missed",
                            "wrong": [],
                            "gold": mention,
                            "predicted": None,
                        }
                    )
        for j, mention in enumerate(predicted):
            if j not in hit_predicted:
                self.all.append(
                    (f"invented/{report['id']}/{j}", str(mention.get("incident") or f"{report['id']}/{j}"))
                )
                if errors is not None:
                    errors.append(
                        {
                            "report": report["id"],
                            "what": "invented",
                            "wrong": [],
                            "gold": None,
                            "predicted": mention,
                        }
                    )

    def result(self, reports: int) -> dict[str, Any]:
        matched = self.family_hits or 1
        return {
            "reports": reports,
            "gold_mentions": self.gold,
            "predicted_mentions": self.predicted,
            "mention": prf(self.kind_hits, self.predicted, self.gold),
            "family": prf(self.family_hits, self.predicted, self.gold),
            "fields": {name: self.fields[name] / matched for name in FIELDS},
            "record": prf(self.records, self.predicted, self.gold),
            "false_alarms_per_empty_report": self.false_alarms / self.empty if self.empty else 0.0,
            "empty_reports_with_false_alarm": self.empty_hit / self.empty if self.empty else 0.0,
            "linking_of_found": b_cubed(self.found),
            "singletons_of_found": b_cubed(alone(self.found)),
            "pairs_of_found": pairwise(self.found),
            "linking_end_to_end": b_cubed(self.all),
            "pairs_end_to_end": pairwise(self.all),
            "recall_by_class": {
                value: row[value] / sum(row.values())
                for rows in self.classes.values()
                for value, row in sorted(rows.items())
            },
        }


def score(
    reports: Iterable[Row], predictions: Mapping[str, Row], errors: list[Row] | None = None
) -> dict[str, Any]:
    """All figures of the codebook's section 10; a report without predictions counts as coded empty.

    `errors`, if given, receives one row for each difference: report, what (differs, missed, invented), wrong fields.
    """
    tally, count = _Tally(), 0
    for report in reports:
        tally.add(report, predictions.get(str(report["id"]), {}), errors)
        count += 1
    return tally.result(count)
