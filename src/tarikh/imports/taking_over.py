"""Taking over what people said in another Tarikh, and writing what they said in this one.

Invariant: one transaction, with the fold of what it changes: all that applies is kept, or nothing. Each person keeps the mark of
the other Tarikh (user:ana@geneva), so that two who are at odds become a conflict; the same file again changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from tarikh import conflicts, review
from tarikh.accounts import checked_name
from tarikh.acting import acting
from tarikh.exports.destination import encoded, opened
from tarikh.imports.opening import STAGE
from tarikh.imports.review_form import HERE, Portable, Ref, Row, entry, head
from tarikh.model import Correction, Evidence, Judgement, Mention, Problem
from tarikh.store import Act, Saying, Store, successors


@dataclass(slots=True)
class TakenOver:
    """What came of a file: rows said here now, those said before, those taken back there and now here, those that do not
    apply, and the conflicts that the new rows are part of."""

    said: int = 0
    known: int = 0
    taken_back: int = 0
    problems: list[Problem] = field(default_factory=list)
    conflicts: list[conflicts.Conflict] = field(default_factory=list)


# ---- out -----------------------------------------------------------------------------------------------------


def export_rows(
    store: Store, destination: Path | BinaryIO, origin: str, made: datetime, by: str | None = None
) -> int:
    """Writes what people (one person) said here; returns how many rows. What was taken over from elsewhere is left to those
    who said it. Raises `UsageError` where `origin` is no name."""
    acts = [act for act in reversed(store.acts.log(by)) if HERE not in act.by]
    wanted = {key for act in acts for key in (*act.mentions, *getattr(act.record, "seen", ()))}
    mentions = {each.id: each for each in store.mentions(ids=wanted, all_coders=True)}
    rows = [head(origin, len(acts), made), *(entry(act, mentions) for act in acts)]
    with opened(destination) as stream:
        for row in rows:
            stream.write(encoded(json.dumps(row, ensure_ascii=False) + "\n"))
    return len(acts)


# ---- in ------------------------------------------------------------------------------------------------------

Thing = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Here:
    """A row with the mentions of this database that it is on."""

    row: Row
    by: str
    mentions: tuple[str, ...]
    seen: tuple[str, ...]

    @property
    def thing(self) -> Thing:
        """What it speaks of: a later word of the same person on it takes its place."""
        return self.by, self.row.what, self.row.field, tuple(sorted(self.mentions))


def take_over(store: Store, given: Portable, path: Path, origin: str | None = None) -> TakenOver:
    """Says here what was said there, under the names of there. `origin` is another name for the other Tarikh.

    Raises `UsageError` where it, or a person's name, cannot be kept.
    """
    name, done = checked_name(origin or given.origin), TakenOver()
    found = _found(store, given.rows)
    here: list[_Here] = []
    for row in given.rows:
        reason = _placed(row, found, name, here)
        if reason is not None:
            done.problems.append(Problem(STAGE, reason, f"{path}:{row.line}", row.line))
    with acting(store) as session:
        made = _say(session.saying, here, name, done)
        session.settle()
        if made:
            homes = set(session.saying.homes(key for act in made for key in act.mentions).values())
            done.conflicts = conflicts.around(session.saying, made, homes)
    store.add_problems(done.problems)
    return done


def _placed(row: Row, found: Mapping[Ref, str | None], origin: str, here: list[_Here]) -> str | None:
    """Puts a row among those that apply here; or why it does not."""
    keys = tuple(found[ref] for ref in row.mentions)
    lost = next((ref for ref, key in zip(row.mentions, keys, strict=True) if key is None), None)
    if lost is not None:
        return (
            f"{row.what} {row.row} of {row.by} does not apply: no current mention here is {lost.id} of report"
            f" {lost.report} ({lost.kind})"
        )
    known = tuple(key for key in keys if key is not None)
    if len(set(known)) < len(known):
        if row.said == "same":
            return None  # one mention here: it is so already
        return f"{row.what} {row.row} of {row.by} does not apply: both mentions are one here, {known[0]}"
    by = review.author(f"{row.by.removeprefix('user:')}{HERE}{origin}")
    seen = (key for ref in row.seen if (key := found[ref]) is not None)
    here.append(_Here(row, by, known, tuple(dict.fromkeys((known[0], *seen)))))
    return None


def _found(store: Store, rows: Iterable[Row]) -> dict[Ref, str | None]:
    """The current mention here of each that is named there: the same, its successor, or the one with its trigger."""
    refs = dict.fromkeys(ref for row in rows for ref in (*row.mentions, *row.seen))
    there = {each.id for each in store.mentions(ids=[ref.id for ref in refs], all_coders=True)}
    lineage = store.acts.lineage(there)
    found = {ref: lineage.head(ref.id) if ref.id in there else None for ref in refs}
    missing = [ref for ref in refs if ref.id not in there]
    current: dict[str, list[Mention]] = {}
    for each in store.mentions(report_ids={ref.report for ref in missing}):
        current.setdefault(each.report_id, []).append(each)
    for report, mentions in current.items():
        stand_in = [_stand_in(ref) for ref in missing if ref.report == report]
        heirs = successors(stand_in, mentions)
        found |= {ref: heirs.get(ref.id) for ref in missing if ref.report == report}
    return found


def _stand_in(ref: Ref) -> Mention:
    return Mention(ref.id, ref.report, ref.coder, ref.kind, evidence={"kind": Evidence(ref.spans)})


def _say(saying: Saying, here: Sequence[_Here], origin: str, done: TakenOver) -> list[Act]:
    """Each person's last word on each thing, oldest first; what was taken back there is taken back here."""
    last = {each.thing: each for each in here if not each.row.withdrawn}
    made: list[Act] = []
    for each in here:
        so_far = _own(saying, each)
        if each.row.withdrawn:
            gone = [act.row for act in so_far if each.thing not in last and _says(act, each.row)]
            who = each.row.withdrawn_by or each.row.by
            taken = saying.withdraw(gone, f"{who}{HERE}{origin}", "taken back there") if gone else 0
            done.taken_back += taken
            done.known += not taken
        elif last[each.thing] is not each or (so_far and _says(so_far[0], each.row)):
            done.known += 1
        else:
            fresh = _one(saying, each, origin)
            made += fresh
            done.said += bool(fresh)
            done.known += not fresh
    return made


def _own(saying: Saying, each: _Here) -> list[Act]:
    """What the same person said of the same thing here so far and did not take back, newest first."""
    acts = [act for act in saying.acts_on(each.mentions) if act.by == each.by and _alike(act, each.row)]
    lineage = saying.lineage(key for act in acts for key in act.mentions)
    return [act for act in acts if {lineage.head(key) for key in act.mentions} == set(each.mentions)]


def _alike(act: Act, row: Row) -> bool:
    record = act.record
    if isinstance(record, Correction):
        return row.what == "correction" and record.field == row.field
    return row.what == ("judgement" if isinstance(record, Judgement) else "decision")


def _says(act: Act, row: Row) -> bool:
    record = act.record
    said: Any = record.value if isinstance(record, Correction) else record.verdict
    return bool(said == row.said)


def _one(saying: Saying, each: _Here, origin: str) -> list[Act]:
    row, note = each.row, _note(each.row, origin)
    if row.what == "judgement":
        left, right = each.mentions
        return saying.judge([(left, right)], row.said, each.by, note)
    if row.what == "correction":
        return saying.correct(each.mentions[0], row.field, row.said, each.by, note)
    return saying.decide(each.seen, row.said, each.by, note)


def _note(row: Row, origin: str) -> str:
    """The person's own note, and when it was said: the row here bears the moment at which it came."""
    said = f"[{row.row}, {row.at:%Y-%m-%d %H:%M} UTC in {origin}]"
    return f"{row.note} {said}" if row.note else said
