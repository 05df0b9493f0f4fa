"""How an incident came to be what it is: each report and each word of a person, and what the data said after it.

Invariant: states are folded from the rows of their moment (`history.AsOf`), never guessed from those of now.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tarikh import history
from tarikh.disclosure import MARK
from tarikh.errors import UnknownIdError
from tarikh.model import Correction, Decision, Incident, Judgement, Mention
from tarikh.queries import IncidentView
from tarikh.store import Act, Store
from tarikh.web.wording import FIELDS, comparable, raw

MOST = 12
"""Moments of which the state is folded; older ones are listed without it."""
_TELLING = ("place", "attackers", "targets")
"""Fields whose values may be withheld."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to an incident, and which fields it changed (before, after).

    `row` names a person's row that stands still and so can be taken back. `what` is report, linked, accepted, rejected, same, different, unsure, correction, and with `withdrawn` that it was taken back; role_ with what a source is said to be (none: no longer), role alone where that is withheld.
    """

    at: datetime
    what: str
    by: str = ""
    field: str = ""
    value: Any = None
    note: str = ""
    report_id: str = ""
    source: str = ""
    withdrawn: bool = False
    row: str = ""
    changed: Mapping[str, tuple[Any, Any]] = dataclasses.field(default_factory=dict)


def steps(store: Store, view: IncidentView, now: datetime) -> list[Step]:
    """What happened, the latest first."""
    members = set(view.incident.members)
    found = [_reported(mention) for mention in view.mentions if mention.recorded_at is not None]
    for act in store.acts.acts_on(members, standing=False):
        if members & set(act.mentions):
            found += _acted(act)
    found += _linked(view)
    found += _weighed(store, view)
    found.sort(key=lambda step: step.at)
    return _with_changes(store, view.incident, found, now)[::-1]


def withheld(found: list[Step], shown: IncidentView) -> list[Step]:
    """The steps for whom some is withheld: `shown` is the incident as it may be shown.

    An earlier place or party may be one that its own rules would withhold, so none is told; nor who said it.
    """
    sources = {mention.report_id: mention.source for mention in shown.mentions}
    return [_withheld(step, sources) for step in found]


def _withheld(step: Step, sources: Mapping[str, str | None]) -> Step:
    changed = {field: (MARK, MARK) if field in _TELLING else values for field, values in step.changed.items()}
    if step.what.startswith("role_"):  # neither of which source, nor what, nor whether there is a note
        step = dataclasses.replace(step, what="role", source="", note="")
    return dataclasses.replace(
        step,
        by=f"user:{MARK}" if step.by.startswith("user:") else step.by,
        value=MARK if step.field in _TELLING else step.value,
        note=MARK if step.note else "",
        source=(sources.get(step.report_id, MARK) or "") if step.source else "",
        changed=changed,
    )


def _reported(mention: Mention) -> Step:
    assert mention.recorded_at is not None
    return Step(
        mention.recorded_at, "report", mention.coder, report_id=mention.report_id, source=mention.source or ""
    )


def _linked(view: IncidentView) -> list[Step]:
    """What a linker said of its members, once for each moment."""
    said = {(j.at, j.by) for j in view.judgements if j.at is not None and not j.by_person()}
    return [Step(at, "linked", by) for at, by in said]


def _weighed(store: Store, view: IncidentView) -> list[Step]:
    """What was said of its sources since it was first told of."""
    first = min((m.recorded_at for m in view.mentions if m.recorded_at is not None), default=None)
    said = store.source_roles.words(m.source for m in view.mentions if m.source)
    return [
        Step(each.at, f"role_{each.role or 'none'}", each.by, note=each.note, source=each.source)
        for each in said
        if first is not None and each.at >= first
    ]


def _acted(act: Act) -> list[Step]:
    record = act.record
    made: dict[str, Any] = {"by": act.by, "note": act.note, "row": act.row if act.standing else ""}
    if isinstance(record, Correction):
        step = Step(act.at, "correction", field=record.field, value=record.value, **made)
    elif isinstance(record, Decision | Judgement):
        step = Step(act.at, record.verdict, **made)
    if record.withdrawn_at is None:
        return [step]
    back = Step(
        record.withdrawn_at, step.what, act.withdrawn_by or "", step.field, step.value, withdrawn=True
    )
    return [step, back]


def _with_changes(store: Store, incident: Incident, found: list[Step], now: datetime) -> list[Step]:
    moments = sorted({step.at for step in found if step.at <= now})[-MOST:]
    states = {moment: _state(store, incident.id, moment) for moment in moments}
    made, shown = [], set[datetime]()
    for step in found:
        if step.at not in states or step.at in shown:
            made.append(step)
            continue
        shown.add(step.at)
        at = moments.index(step.at)
        before = states[moments[at - 1]] if at else None
        made.append(_changed(step, before, states[step.at]))
    return made


def _state(store: Store, incident_id: str, then: datetime) -> Incident | None:
    try:
        return history.AsOf(store, then).incident(incident_id)
    except UnknownIdError:
        return None


def _changed(step: Step, before: Incident | None, after: Incident | None) -> Step:
    if before is None or after is None:
        return step
    pairs = {name: (raw(before, name), raw(after, name)) for name in FIELDS}
    changed = {name: pair for name, pair in pairs.items() if comparable(pair[0]) != comparable(pair[1])}
    return dataclasses.replace(step, changed=changed)
