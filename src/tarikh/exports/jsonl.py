"""Incidents as JSON lines: each with its ledger, its mentions' evidence, and why they were linked.

Invariant: the names are those of the codebook's section 10; a count that is absent is unknown.
Lines hold incidents only, so the notice stands in the other exports; texts of reports are not in it, quoted words are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tarikh.exports import plain
from tarikh.exports.context import ExportContext, report_ids
from tarikh.exports.destination import Destination, encoded, opened
from tarikh.exports.gold_form import mention_entry
from tarikh.model import Correction, Incident, Judgement, Report

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_IN_WORDS = ("trigger", "attribution", "words")


def write(portions: Iterable[tuple[Iterable[Incident], ExportContext]], destination: Destination) -> None:
    """Writes one incident a line, each with its portion's context. Raises `TarikhError` when a file cannot be written."""
    with opened(destination) as stream:
        for incidents, context in portions:
            for incident in incidents:
                stream.write(encoded(_JSON.encode(entry(incident, context)) + "\n"))


def entry(incident: Incident, context: ExportContext) -> dict[str, Any]:
    """The whole incident as JSON values."""
    return {
        "id": incident.id,
        "kind": incident.kind,
        "status": incident.status,
        "review": incident.review,
        "attackers": list(incident.attackers),
        "targets": list(incident.targets),
        **plain.when(incident.when),
        **plain.where(incident.where),
        "admin2": incident.where.admin2,
        "geonameid": incident.where.geonameid,
        "contested": plain.contested(incident),
        "harm": plain.harm(incident.harm),
        "confidence": incident.confidence,
        "sources": list(incident.sources),
        "support": {field: list(ids) for field, ids in incident.support.items()},
        "ledger": [plain.claim(claim, context.words) for claim in incident.ledger],
        "mentions": _mentions(incident, context),
        "reports": [
            _report(context.reports[r], context.words)
            for r in report_ids(incident, context)
            if r in context.reports
        ],
        "judgements": [judgement(j) for j in incident.judgements],
        "corrections": [_correction(c, context.words) for c in incident.corrections],
        "absorbed": list(incident.absorbed),
        "disclosure": {
            "level": context.level,
            "policy": context.disclosure_version(),
            "withheld": [plain.plain(note) for note in context.withheld.get(incident.id, ())],
        },
    }


def _mentions(incident: Incident, context: ExportContext) -> list[dict[str, Any]]:
    rows = []
    for mention in (context.mentions[m] for m in incident.members if m in context.mentions):
        row = {"id": mention.id, "report": mention.report_id, "coder": mention.coder}
        row |= mention_entry(mention, incident.id)
        rows.append({key: value for key, value in row.items() if context.words or key not in _IN_WORDS})
    return rows


def _correction(correction: Correction, words: bool) -> dict[str, Any]:
    row: dict[str, Any] = plain.plain(correction)
    return row if words else {key: value for key, value in row.items() if key != "note"}


def _report(report: Report, words: bool) -> dict[str, Any]:
    return {
        "id": report.id,
        "given_id": report.given_id,
        **({"title": report.title} if words else {}),
        "source": report.source,
        "published": plain.plain(report.published),
        "language": report.language,
        "url": report.url,
    }


def judgement(value: Judgement) -> dict[str, Any]:
    """A judgement with its reasons, each a feature, its value and the weight that it added."""
    return {
        "left": value.left,
        "right": value.right,
        "verdict": value.verdict,
        "score": round(value.score, 3),
        "by": value.by,
        "reasons": [
            {"feature": r.feature, "value": r.value, "weight": round(r.weight, 3)} for r in value.reasons
        ],
    }
