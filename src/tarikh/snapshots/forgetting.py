"""What forgetting has changed since a snapshot was made: `tarikh forget` erases a report's words and spans on purpose,
`tarikh add --again` brings them back.

Invariant: only rows and words of such a report are explained by it; a figure that was changed stays a difference.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from tarikh.store import Store
from tarikh.store.past import Forgotten

_WORDS = ("trigger", "attribution", "words", "spans", "confidence")
"""What of a mention is erased with its report; how it was coded is compared still."""


_KEPT = ("id", "source", "published", "language")
"""What of a report stays when it is forgotten."""

_TABLES = frozenset({"report", "mention", "problem", "fingerprint"})
"""Tables whose rows are of a report, and are touched when it is forgotten or added again."""


class Forgetting:
    """The reports that were forgotten, or added again, after a moment, with their mentions by the rows of the database."""

    def __init__(self, store: Store, moment: datetime, rows: Path) -> None:
        touched = [
            each
            for each in store.past().forgotten()
            if each.at > moment or (each.lifted_at is not None and each.lifted_at > moment)
        ]
        # The last word on a report: what was forgotten twice may have been added again in between.
        self.reports: dict[str, Forgotten] = {each.report_id: each for each in touched}
        self.mentions: set[str] = set()
        self._explained: set[str] = set()
        if self.reports:
            with rows.open(encoding="utf-8", newline="") as stream:
                self.mentions = {
                    row[1] for row in csv.reader(stream) if row[0] == "mention" and row[2] in self.reports
                }

    def sentences(self) -> Iterator[str]:
        """How many reports were forgotten since, and how many added again; none where none was."""
        gone = sorted(key for key, told in self.reports.items() if told.lifted_at is None)
        if gone:
            yield (
                f"{_were(gone)} forgotten since the snapshot was made ({_some(gone)}): their words are in the snapshot"
                " still and in the database no more; this is no tampering, and a copy of the snapshot that is public"
                " should be made anew"
            )
        back = sorted(key for key, told in self.reports.items() if told.lifted_at is not None)
        if back:
            by = sorted({told.lifted_by or "unknown" for key, told in self.reports.items() if key in back})
            yield (
                f"{_were(back)} forgotten and then added again on purpose since the snapshot was made, by"
                f" {', '.join(by[:5])} ({_some(back)}): their words are in the database as they were added; this is no"
                " tampering"
            )

    def explains_row(self, given: Sequence[str], made: Sequence[str] | None) -> bool:
        """Whether a row differs because its report was forgotten: (table, key, of, checksum)."""
        return len(given) > 2 and self._of(given[0], given[2]) and (made is None or given[2] == made[2])

    def explains_key(self, key: str) -> bool:
        """Whether a row is gone because its report was forgotten."""
        table, _, rest = key.partition(" ")
        return table in ("report", "mention", "fingerprint") and (
            rest in self.reports or rest in self.mentions
        )

    def _of(self, table: str, of: str) -> bool:
        if table in _TABLES:
            return of in self.reports
        # Of judgements the reasons go, which quote; what people said stays as it was.
        return table == "judgement" and any(key in self.mentions for key in of.split(" "))

    def explains_incident(self, key: str, given: Any = None, made: Any = None) -> bool:
        """Whether an incident differs because mentions of a forgotten report are gone from it altogether.

        The lines of the JSON file tell; what they told of an id holds for its row of the other file.
        """
        if isinstance(given, Mapping) and isinstance(made, Mapping) and self.reports:
            before, after = (
                {m.get("report") for m in _dicts(line.get("mentions"))} & set(self.reports)
                for line in (given, made)
            )
            if before - after:
                self._explained.add(key)
        return key in self._explained

    def blanked(self, line: Mapping[str, Any]) -> Mapping[str, Any]:
        """An incident's line without the words of forgotten reports."""
        if not self.reports:
            return line
        return {
            **line,
            "ledger": [self._claim(c) for c in _dicts(line.get("ledger"))],
            "mentions": [self._mention(m) for m in _dicts(line.get("mentions"))],
            "reports": [
                {key: r.get(key) for key in _KEPT} if r.get("id") in self.reports else r
                for r in _dicts(line.get("reports"))
            ],
            "judgements": [self._judgement(j) for j in _dicts(line.get("judgements"))],
        }

    def _claim(self, claim: Mapping[str, Any]) -> Mapping[str, Any]:
        if not self.reports.keys() & {claim.get("report"), claim.get("report_id")}:
            return claim
        return {k: v for k, v in claim.items() if k not in ("words", "attribution")}

    def _mention(self, mention: Mapping[str, Any]) -> Mapping[str, Any]:
        if mention.get("report") not in self.reports:
            return mention
        return {k: v for k, v in mention.items() if k not in _WORDS}

    def _judgement(self, judgement: Mapping[str, Any]) -> Mapping[str, Any]:
        if not self.mentions & {judgement.get("left"), judgement.get("right")}:
            return judgement
        return {k: v for k, v in judgement.items() if k != "reasons"}


def _were(ids: Sequence[str]) -> str:
    return "1 report was" if len(ids) == 1 else f"{len(ids)} reports were"


def _some(ids: Sequence[str]) -> str:
    return ", ".join(ids[:5]) + (" …" if len(ids) > 5 else "")


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list in a line that anybody may have written."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
