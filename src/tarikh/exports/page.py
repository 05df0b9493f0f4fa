"""One HTML file that shows a chronicle and needs nothing else: no server, no network, no other file.

Invariant: a report's text is hostile; it gets into the page only as JSON that holds no "<", and out of it only as
text. The policy in the page lets nothing run but the one script of this package, and nothing be fetched.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tarikh import __version__, reference
from tarikh.disclosure import Shown
from tarikh.errors import UsageError
from tarikh.exports import gold_form, plain
from tarikh.exports.context import ExportContext, context, report_ids
from tarikh.exports.destination import Destination, encoded, opened
from tarikh.exports.jsonl import judgement
from tarikh.link.corrections import correction_value
from tarikh.model import Correction, Evidence, Incident, Mention, Report

SCRIPTS = (
    "elements.js",
    "words.js",
    "state.js",
    "symbols.js",
    "map.js",
    "pointing.js",
    "legend.js",
    "timeline.js",
    "list.js",
    "texts.js",
    "panel.js",
    "main.js",
)
"""The parts of the page's one script, in the order in which they stand in it."""

NOTICE = (
    "Coded by machine from news reports by Tarikh {version}: check the words before you rely on a record. "
    "Unknown is not zero. Places © GeoNames, CC BY 4.0. Outlines: Natural Earth; they take no side on borders. "
    "Texts of reports belong to their publishers."
)
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


def write(
    incidents: Sequence[Incident],
    mentions: Sequence[Mention],
    reports: Sequence[Report],
    destination: Destination,
    title: str = "Tarikh",
    shown: Shown | None = None,
) -> None:
    """Writes the page of these incidents, with the mentions and reports that tell of them and no others.

    `shown` are the same records as the disclosure policy shows them; the page then says so.

    Raises `TarikhError` when the file cannot be written, `MissingError` when a part of the package is not there.
    """
    with opened(destination) as stream:
        given = context(mentions, reports, title, shown=shown)
        incidents = incidents if shown is None else shown.incidents
        stream.write(encoded(page(data(incidents, given), title)))


def page(content: Mapping[str, Any], title: str) -> str:
    """The page's HTML for what `data` gives."""
    style, script = _template("page.css"), _script()
    fields = {
        "policy": html.escape(policy(style, script)),
        "title": html.escape(title),
        "notice": html.escape(NOTICE.format(version=__version__) + _withheld(content["disclosure"])),
        "style": style,
        "data": json_in_html(content),
        "script": script,
    }
    # One pass: what is filled in is never searched for placeholders itself.
    return _PLACEHOLDER.sub(lambda found: fields[found[1]], _template("page.html"))


def _withheld(disclosure: Mapping[str, Any]) -> str:
    """The sentence of the notice on what the policy withholds."""
    if disclosure["level"] == "full":
        return ""
    return (
        f" Disclosure: level {disclosure['level']} of policy {disclosure['policy']}. Names of persons, texts of reports"
        " and exact sensitive places are withheld; each incident says what."
    )


def json_in_html(value: Any) -> str:
    """JSON that no HTML parser takes for anything else: `</script>`, `<!--` and entities cannot occur in it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def policy(style: str, script: str) -> str:
    """The Content-Security-Policy of a page that runs this script and style, and fetches nothing."""
    return (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _template(*parts: str) -> str:
    return Path(__file__).parent.joinpath("templates", *parts).read_text(encoding="utf-8")


def _script() -> str:
    parts = "\n".join(_template("page", name) for name in SCRIPTS)
    return f'(() => {{\n"use strict";\n{parts}\n}})();'


# ---- what the page knows ----------------------------------------------------------------------------------


def data(incidents: Sequence[Incident], given: ExportContext) -> dict[str, Any]:
    """Everything that the page shows, as JSON values."""
    cited = {report_id for incident in incidents for report_id in report_ids(incident, given)}
    members = {mention_id for incident in incidents for mention_id in incident.members}
    basemap = json.loads(reference.data_path("basemap.json").read_text(encoding="utf-8"))
    return {
        "kinds": {kind.name: {"label": kind.label, "family": kind.family} for kind in reference.kinds()},
        "countries": _country_names(incidents),
        "incidents": [_incident(incident, given) for incident in incidents],
        "mentions": {m: _mention(given.mentions[m]) for m in sorted(members & given.mentions.keys())},
        "reports": {r: _report(given.reports[r]) for r in sorted(cited & given.reports.keys())},
        "disclosure": given.disclosure(),
        "basemap": basemap,
    }


def _country_names(incidents: Iterable[Incident]) -> dict[str, str]:
    codes = {incident.where.country for incident in incidents if incident.where.country}
    found = {code: reference.country(code) for code in sorted(codes)}
    return {code: code if country is None else country.name for code, country in found.items()}


def _incident(incident: Incident, given: ExportContext) -> dict[str, Any]:
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
        "contested": plain.contested(incident),
        "harm": plain.harm(incident.harm),
        "sources": list(incident.sources),
        "members": list(incident.members),
        "reports": list(report_ids(incident, given)),
        "ledger": [plain.claim(claim) for claim in incident.ledger],
        "judgements": [judgement(j) for j in incident.judgements],
        "corrections": [_correction(correction) for correction in incident.corrections],
        "absorbed": list(incident.absorbed),
        "withheld": [note.words() for note in given.withheld.get(incident.id, ())],
    }


def _correction(correction: Correction) -> dict[str, Any]:
    row: dict[str, Any] = plain.plain(correction)
    # A value that does not fit its field changed nothing; it is shown as it was written.
    with suppress(UsageError):
        row["value"] = plain.plain(correction_value(correction.field, correction.value))
    return row


def _mention(mention: Mention) -> dict[str, Any]:
    entry = gold_form.mention_entry(mention, None)
    values = {
        field: entry[field] for field in ("kind", "status", "aspect", "attackers", "targets", "attribution")
    }
    values |= {
        "date": plain.when(mention.when),
        "place": {**plain.where(mention.where), "admin2": mention.where.admin2},
    }
    values |= {f"harm.{what}": count for what, count in entry["harm"].items()}
    return {
        "report": mention.report_id,
        "values": values,
        "evidence": {field: _evidence(evidence) for field, evidence in mention.evidence.items()},
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "spans": [[span.part, span.start, span.end] for span in evidence.spans],
        "confidence": round(min(1.0, max(0.0, evidence.confidence)), 3),
        "reason": evidence.reason,
        "rejected": [{"value": candidate.value} for candidate in evidence.rejected],
    }


def _report(report: Report) -> dict[str, Any]:
    return {
        "title": report.title,
        "text": report.text,
        "source": report.source,
        "published": plain.plain(report.published),
        "language": report.language,
        "url": report.url,
    }
