"""Scores of place names alone (kind `geoparsing`): which words are places, and which place each name means.

Rows are texts with `toponyms` (code points of title-less text, WGS 84 degrees). Invariant: a label gives the resolver nothing
but where a name stands, and that only where it is asked to resolve the names of the key.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tarikh import earth
from tarikh.extract import toponyms
from tarikh.gazetteer import Gazetteer, open_index
from tarikh.model import Mention, Phrase, Report, Span
from tarikh.resolve import places

Row = Mapping[str, Any]
Range = tuple[int, int]
Point = tuple[float, float]

NEAR_KM = 161.0
"""100 miles: within it a name is resolved rightly (Gritta et al. 2018, and before them Leidner 2007)."""
_NOWHERE_KM = 20039.0
"""What a name that is left unresolved counts as: half of the earth's circumference."""
_MOST = 400
"""Names of one text that are weighed as its context."""


@dataclass(frozen=True, slots=True)
class _Key:
    span: Range
    point: Point
    phrase: str


def _keys(row: Row) -> list[_Key]:
    return [
        _Key((int(t["start"]), int(t["end"])), (float(t["lat"]), float(t["lon"])), str(t["phrase"]))
        for t in row.get("toponyms") or ()
        if t.get("lat") is not None and t.get("lon") is not None
    ]


def _report(row: Row) -> Report:
    return Report(
        str(row.get("docid") or row.get("id")), "", str(row["text"]), str(row.get("language") or "en")
    )


def _where(phrase: Phrase, known: places.PlaceContext) -> Point | None:
    # What a country's name means is asked, not whether anything was done there: it is read as after "in".
    phrase = replace(phrase, head="in") if phrase.role == "country" else phrase
    told = Mention("m", known.report.id, "key", "bombing", phrases={"place": (phrase,)})
    where = places.place(told, known).where
    if where.latitude is None or where.longitude is None:
        return None
    return where.latitude, where.longitude


def _as_named(key: _Key, found: Mapping[Range, Phrase]) -> Phrase:
    """The finder's own phrase at a key's span, else the bare name. A demonym or a government's seat is a place for these keys."""
    own = found.get(key.span)
    if own is not None and own.role not in ("demonym", "metonym", "dateline"):
        return own
    return Phrase(key.phrase, (Span("text", *key.span),), "", None)


def _ceiling(key: _Key, gazetteer: Gazetteer) -> bool:
    """Whether an oracle that chooses among the gazetteer's candidates of a name would be right."""
    return any(
        earth.kilometers((p.latitude, p.longitude), key.point) <= NEAR_KM for p in gazetteer.find(key.phrase)
    )


def _text(row: Row, gazetteer: Gazetteer, errors: list[Row]) -> Iterator[tuple[str, float]]:
    report, keys = _report(row), _keys(row)
    told = toponyms.find(report, gazetteer, report.language)[:_MOST]
    at = {(p.spans[0].start, p.spans[0].end): p for p in told}
    tagged = {span for span, p in at.items() if p.role != "demonym"}
    named = {key.span for key in keys}
    yield "tagged right", len(tagged & named)
    yield "tagged", len(tagged)
    yield "keys", len(keys)
    extra = tuple(_as_named(key, at) for key in keys if key.span not in at)
    known = places.context(report, (*told, *extra), gazetteer)
    for key in keys:
        point = _where(_as_named(key, at), known)
        apart = earth.kilometers(point, key.point) if point is not None else _NOWHERE_KM
        yield "near", apart <= NEAR_KM
        yield "kilometers", apart
        yield "logarithm", math.log(1 + min(apart, _NOWHERE_KM)) / math.log(1 + _NOWHERE_KM)
        possible = _ceiling(key, gazetteer)
        yield "possible", possible
        if possible and apart > NEAR_KM:
            errors.append({"id": report.id, "name": key.phrase, "key": key.point, "given": point})


def score(rows: Iterable[Row], index: Path, errors: list[Row] | None = None) -> dict[str, float]:
    """Tagging by exact span, resolution of the key's own names, and how far an oracle would get with the same gazetteer.

    `near` is the share within 161 km, `ceiling` the oracle's, `of_ceiling` their quotient; `auc` the area under the
    logarithm of the errors (smaller is better; Gritta et al. 2018). `errors` is filled with the names that were resolved
    wrongly though the gazetteer has the right place.
    """
    gazetteer = open_index(index)
    total: dict[str, float] = {}
    texts = 0
    for row in rows:
        texts += 1
        for name, value in _text(row, gazetteer, [] if errors is None else errors):
            total[name] = total.get(name, 0.0) + value
    keys = max(1.0, total.get("keys", 0.0))
    right = total.get("tagged right", 0.0)
    precision, recall = right / max(1.0, total.get("tagged", 0.0)), right / keys
    ceiling = total.get("possible", 0.0) / keys
    near = total.get("near", 0.0) / keys
    return {
        "texts": texts,
        "keys": total.get("keys", 0.0),
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / (precision + recall) if right else 0.0,
        "near": near,
        "ceiling": ceiling,
        "of_ceiling": near / ceiling if ceiling else 0.0,
        "mean_km": total.get("kilometers", 0.0) / keys,
        "auc": total.get("logarithm", 0.0) / keys,
    }
