"""What changed between two moments, incident by incident, and which rows did it.

Invariant: computed from the two states alone, so that the changes applied to the earlier state give the later one
(`applied`); only what rows of the interval touch is folded. The rows in between say why. The order is stable.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from tarikh import history
from tarikh.errors import UsageError
from tarikh.model import Correction, Incident, Judgement, SourceRole
from tarikh.store import Store, to_json
from tarikh.store.basis import Part
from tarikh.store.past import Coding, Happened

What = Literal["new", "updated", "merged", "split", "withdrawn"]

FIELDS = ("kind", "status", "attackers", "targets", "date", "place", "review", "confidence", "sources")
"""Fields whose old and new value a change gives, besides `harm.…` and `members`."""

_ATTRIBUTES = {"date": "when", "place": "where"}
_WEIGHED_ALIKE = ("kind", "review", "sources", "members")
"""Fields that are the same whatever a source is."""
_EVIDENCE = ("ledger", "support", "judgements", "corrections", "absorbed", "founder")
"""Parts of which a change only says that they differ; the whole incident is in it."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A row that came, or was withdrawn, in the interval.

    `what` is `report` (a new report, or a new version of one), `coding` (a report that was there before was coded
    anew), `judgement`, `correction` or `role`. `by` is a person (`user:ana`), a linker or a coder; `detail` the verdict, the
    field, or what a source was said to be (none where that was taken back: `withdrawn`); `mentions` are those that it speaks of.
    """

    what: Literal["report", "coding", "judgement", "correction", "role"]
    at: datetime
    by: str | None = None
    report: str | None = None
    source: str | None = None
    published: str | None = None
    detail: str | None = None
    note: str | None = None
    withdrawn: bool = False
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Update:
    """A field's value before and after, as JSON values, and the rows that bear the difference."""

    before: Any
    after: Any
    because: tuple[Cause, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one public id.

    - `new`: it is told of for the first time; `others` are ids that it stands in for, where their founding is gone.
    - `updated`: `fields` differ, or `evidence` does.
    - `merged`: it is no more; its mentions are now in `others`.
    - `split`: it came out of `others`.
    - `withdrawn`: none of its mentions is current any more.

    `incident` is the whole incident after, None where there is none; `at` is the latest of its causes.
    """

    what: What
    id: str
    at: datetime | None = None
    others: tuple[str, ...] = ()
    fields: Mapping[str, Update] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()
    because: tuple[Cause, ...] = ()
    incident: Incident | None = None


@dataclass(frozen=True, slots=True)
class _State:
    """The incidents that the interval may have touched, at one end of it."""

    basis: Part
    incidents: Mapping[str, Incident]

    def home(self) -> dict[str, str]:
        """The incident of each current mention."""
        return {key: each.id for each in self.incidents.values() for key in each.members}


def changes(store: Store, since: datetime, until: datetime) -> list[Change]:
    """What rows that came or were withdrawn after `since`, up to `until`, have changed, in order of time, then id.

    Raises `UsageError` when the interval ends before it begins.
    """
    if until < since:
        raise UsageError(f"--until {until.isoformat()} is before --since {since.isoformat()}; swap the two")
    past = store.past()
    happened = past.happened(since, until)
    near = past.neighbors(happened.touched, until)
    ids = history.ids_of(near)
    before, after = (_state(past.basis(then, near, ids), store) for then in (since, until))
    causes = _Causes(happened, before, after, since, until)
    found = [*_gone(before, after, causes), *_there(before, after, causes)]
    return sorted(found, key=lambda c: (c.at.isoformat() if c.at else "", c.id, c.what))


def applied(incidents: Iterable[Incident], made: Iterable[Change]) -> list[Incident]:
    """The later state of an earlier one, by id: what a reader of the feed does."""
    state = {each.id: each for each in incidents}
    for change in made:
        if change.incident is None:
            del state[change.id]
        else:
            state[change.id] = change.incident
    return [state[key] for key in sorted(state)]


def _state(basis: Part, store: Store) -> _State:
    return _State(basis, {each.id: each for each in history.folded(basis, store)})


def _gone(before: _State, after: _State, causes: _Causes) -> Iterable[Change]:
    home = after.home()
    for key, old in before.incidents.items():
        if key in after.incidents:
            continue
        heads = [after.basis.lineage.head(member) for member in old.members]
        ends = tuple(dict.fromkeys(home[head] for head in heads if head in home))
        because = causes.of(old, *(after.incidents[end] for end in ends))
        yield Change("merged" if ends else "withdrawn", key, _latest(because), ends, because=because)


def _there(before: _State, after: _State, causes: _Causes) -> Iterable[Change]:
    home = before.home()
    origin: dict[str, list[str]] = defaultdict(list)
    for member, incident_id in home.items():
        head = after.basis.lineage.head(member)
        if head is not None:
            origin[head].append(incident_id)
    for key, new in after.incidents.items():
        came_from = dict.fromkeys(old for member in new.members for old in origin[member])
        others = tuple(old for old in came_from if old != key)
        related = [before.incidents[old] for old in came_from]
        if key not in before.incidents:
            because = causes.of(new, *related)
            # All that the others were is in this one: their founding is gone, and it stands in for them.
            alone = all(_went(before.incidents[old], after) == {key} for old in others)
            what: What = "new" if alone else "split"
            yield Change(what, key, _latest(because), others, because=because, incident=new)
        elif new != before.incidents[key]:
            yield _updated(before.incidents[key], new, causes.of(before.incidents[key], new, *related))


def _went(old: Incident, after: _State) -> set[str]:
    home = after.home()
    heads = (after.basis.lineage.head(member) for member in old.members)
    return {home[head] for head in heads if head in home}


def _updated(old: Incident, new: Incident, because: tuple[Cause, ...]) -> Change:
    one, two = _fields(old), _fields(new)
    fields = {
        name: Update(one.get(name), two.get(name), _for(name, new, because))
        for name in dict.fromkeys([*one, *two])
        if one.get(name) != two.get(name)
    }
    evidence = tuple(name for name in _EVIDENCE if getattr(old, name) != getattr(new, name))
    return Change("updated", new.id, _latest(because), (), fields, evidence, because, new)


def _fields(incident: Incident) -> dict[str, Any]:
    """The fields as JSON values, under the names of evidence and ledger; a count that is unknown is not there."""
    plain = to_json(incident)
    values = {name: plain[_ATTRIBUTES.get(name, name)] for name in FIELDS}
    values |= {f"harm.{what}": count for what, count in plain["harm"].items()}
    return values | {"members": plain["members"]}


def _for(name: str, new: Incident, because: tuple[Cause, ...]) -> tuple[Cause, ...]:
    """The rows that bear a field's difference: a correction of it, else what supports its new value, else any."""
    own = tuple(c for c in because if c.what == "correction" and c.detail == name)
    if own:
        return own
    alike = ("correction", "role") if name in _WEIGHED_ALIKE else ("correction",)
    others = tuple(c for c in because if c.what not in alike)
    support = set(new.support.get(name, ()))
    bearing = tuple(
        c
        for c in others
        if c.what == "role" or (c.what in ("report", "coding") and support & set(c.mentions))
    )
    return bearing or others or because


def _latest(because: tuple[Cause, ...]) -> datetime | None:
    return max((cause.at for cause in because), default=None)


# ---- causes ----------------------------------------------------------------------------------------------


class _Causes:
    """The rows of an interval, to be asked for those that speak of some incidents."""

    def __init__(
        self, happened: Happened, before: _State, after: _State, since: datetime, until: datetime
    ) -> None:
        self._since, self._until = since, until
        self._head = after.basis.lineage.head
        there = [m for s in (before, after) for m in s.basis.mentions]
        self._report_of = {m.id: m.report_id for m in there}
        self._of_source: dict[str, set[str]] = defaultdict(set)
        for mention in there:
            self._of_source[mention.source or ""].add(mention.id)
        self._roles = happened.roles
        self._codings: dict[str, list[Coding]] = defaultdict(list)
        for coding in happened.codings:
            for report in filter(None, (coding.report_id, coding.previous)):
                self._codings[report].append(coding)
        self._judgements: dict[str, list[Judgement]] = defaultdict(list)
        self._corrections: dict[str, list[Correction]] = defaultdict(list)
        for judgement in happened.judgements:
            self._judgements[judgement.left].append(judgement)
        for correction in happened.corrections:
            self._corrections[correction.mention_id].append(correction)
        self._earlier: dict[str, list[str]] = defaultdict(list)
        for old in after.basis.lineage.steps:
            head = self._head(old)
            if head is not None:
                self._earlier[head].append(old)

    def of(self, *incidents: Incident) -> tuple[Cause, ...]:
        """The rows that speak of their mentions, or of those that these succeed, in order of time.

        A linker's judgement is only named where no report and no person explains the change.
        """
        members = dict.fromkeys(key for each in incidents for key in each.members)
        members |= dict.fromkeys(old for key in list(members) for old in self._earlier[key])
        found = [*self._of_reports(members)]
        for key in members:
            found += [self._judged(j) for j in self._judgements[key] if j.right in members]
            found += [self._corrected(c) for c in self._corrections[key]]
        found += self._of_roles(members)
        telling = [c for c in found if c.what != "judgement" or str(c.by).startswith("user:")]
        return tuple(sorted(dict.fromkeys(telling or found), key=_order))

    def _of_reports(self, members: Iterable[str]) -> Iterable[Cause]:
        by_report: dict[str, list[str]] = defaultdict(list)
        for key in members:
            if key in self._report_of:
                by_report[self._report_of[key]].append(key)
        for report, keys in by_report.items():
            for coding in self._codings[report]:
                yield Cause(
                    "coding" if coding.anew else "report",
                    coding.at,
                    by=coding.coder,
                    report=coding.report_id,
                    source=coding.source,
                    published=None if coding.published is None else coding.published.isoformat(),
                    mentions=tuple(sorted(keys)),
                )

    def _of_roles(self, members: Iterable[str]) -> Iterable[Cause]:
        """What was said of sources that tell of these."""
        inside = set(members)
        for said in self._roles:
            told = self._of_source[said.source] & inside
            if told:
                yield _role(said, told)

    def _withdrawn(self, row: Judgement | Correction) -> bool:
        return row.withdrawn_at is not None and self._since < row.withdrawn_at <= self._until

    def _judged(self, row: Judgement) -> Cause:
        at = row.withdrawn_at if self._withdrawn(row) else row.at
        assert at is not None
        return Cause(
            "judgement",
            at,
            by=row.by,
            detail=row.verdict,
            withdrawn=self._withdrawn(row),
            mentions=(row.left, row.right),
        )

    def _corrected(self, row: Correction) -> Cause:
        at = row.withdrawn_at if self._withdrawn(row) else row.at
        assert at is not None
        return Cause(
            "correction",
            at,
            by=row.by,
            detail=row.field,
            note=row.note or None,
            withdrawn=self._withdrawn(row),
            mentions=(row.mention_id,),
        )


def _role(said: SourceRole, mentions: Iterable[str]) -> Cause:
    return Cause(
        "role",
        said.at,
        by=said.by,
        source=said.source,
        detail=said.role,
        note=said.note or None,
        withdrawn=said.role is None,
        mentions=tuple(sorted(mentions)),
    )


def _order(cause: Cause) -> tuple[str, ...]:
    return (
        cause.at.isoformat(),
        cause.what,
        cause.report or "",
        cause.by or "",
        cause.detail or "",
        *cause.mentions,
    )


# ---- as JSON ---------------------------------------------------------------------------------------------


def entry(change: Change) -> dict[str, Any]:
    """A change as JSON values: one line of the feed; what does not apply is left out (see docs/history.md)."""
    relation = {"merged": "into", "split": "from", "new": "instead_of"}.get(change.what, "with")
    line: dict[str, Any] = {
        "change": change.what,
        "id": change.id,
        "at": None if change.at is None else change.at.isoformat(),
    }
    if change.others:
        line[relation] = list(change.others)
    if change.what == "updated":
        numbers = {cause: number for number, cause in enumerate(change.because)}
        line["fields"] = {
            name: {"from": u.before, "to": u.after, "because": [numbers[c] for c in u.because]}
            for name, u in change.fields.items()
        }
        line["evidence"] = list(change.evidence)
    line["because"] = [_cause(cause) for cause in change.because]
    if change.incident is not None:
        line["incident"] = to_json(change.incident)
    return line


def _cause(cause: Cause) -> dict[str, Any]:
    plain = to_json(cause)
    return {name: value for name, value in plain.items() if value not in (None, False, ())}
