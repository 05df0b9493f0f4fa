"""Reports as the codebook's section 10 writes them: what `tarikh code` prints, and the scorer reads.

Invariant: exactly the keys of the codebook; a count that is not stated is absent; one line a report, whatever befell it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tarikh.exports import plain
from tarikh.model import Evidence, Mention


def report_line(
    report_given_id: str, mentions: Sequence[Mention], incident_of: Mapping[str, str]
) -> dict[str, Any]:
    """The line of a report that was coded. `incident_of` maps mention ids to incident ids."""
    coded = [mention_entry(mention, incident_of.get(mention.id)) for mention in mentions]
    return {"id": report_given_id, "mentions": coded, "interactions": []}


def problem_line(id: str | None, line: int | None, stage: str, reason: str) -> dict[str, Any]:
    """The line of a report that could not be read or coded."""
    problem = {"stage": stage, "reason": reason}
    return {"id": id, "line": line, "mentions": [], "interactions": [], "problem": problem}


def mention_entry(mention: Mention, incident: str | None) -> dict[str, Any]:
    """One mention; `incident` is null only for one that nobody linked."""
    return {
        "incident": incident,
        "kind": mention.kind,
        "status": mention.status,
        "aspect": mention.aspect,
        "attackers": list(mention.attackers),
        "targets": list(mention.targets),
        **plain.when(mention.when),
        **plain.where(mention.where),
        "harm": plain.harm(mention.harm),
        "trigger": mention.trigger,
        "attribution": mention.attribution,
        "words": _words(mention.evidence),
        "confidence": plain.confidence(mention.evidence),
        "spans": plain.spans(mention.evidence),
    }


def _words(evidence: Mapping[str, Evidence]) -> dict[str, str]:
    """Field to its words; counts by their bare names, as the gold files have them."""
    named = {
        ("trigger" if f == "kind" else f.removeprefix("harm.")): e.words
        for f, e in evidence.items()
        if e.words
    }
    return {field: " … ".join(words) for field, words in named.items()}
