"""What may be shown to whom: one written policy (`data/disclosure/`), applied by one pure function, `disclosed`.

Invariant: what is withheld says so and stays countable; nothing that is withheld stands in another field of the same
record; what is unknown stays unknown and is never called withheld.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from tarikh.disclosure.masking import known_party
from tarikh.disclosure.places import Units, UnitsOf, coarsest, no_points
from tarikh.disclosure.policy import LEVELS, MARK, Level, Policy, checked_level, policy
from tarikh.disclosure.record import Beside, Case, Shower
from tarikh.disclosure.sensitive import is_fresh, lasting_rules
from tarikh.errors import ForbiddenError
from tarikh.model import Incident, Mention, Report
from tarikh.queries import IncidentView
from tarikh.reference import contested
from tarikh.store import Filter

__all__ = [
    "LEVELS",
    "MARK",
    "Beside",
    "Disclosed",
    "Level",
    "Noted",
    "Policy",
    "Shown",
    "Units",
    "UnitsOf",
    "Withheld",
    "asks_place",
    "beside",
    "checked_level",
    "disclosed",
    "disclosed_all",
    "lasting",
    "lasting_rules",
    "no_points",
    "noted",
    "policy",
]


@dataclass(frozen=True, slots=True)
class Withheld:
    """One thing that is not shown as it is known: which field, by which rule of the policy, and what was done."""

    field: str
    rule: str
    done: str

    def words(self) -> str:
        """The note as it stands in a cell: `place: admin1 by policy sites`."""
        return f"{self.field}: {self.done} by policy {self.rule}"


@dataclass(frozen=True, slots=True, eq=False)
class Noted:
    """What was withheld of an incident, and the same in words; one object for equal notes (`noted`), so that they are
    counted and written for a million incidents without being made anew."""

    notes: tuple[Withheld, ...] = ()
    words: tuple[str, ...] = ()


@lru_cache(maxsize=10_000)
def noted(notes: tuple[Withheld, ...]) -> Noted:
    """The `Noted` of some notes."""
    return Noted(notes, tuple(note.words() for note in notes))


@dataclass(frozen=True, slots=True)
class Disclosed:
    """A view as it may be shown at a level, and what was withheld from it."""

    view: IncidentView
    level: Level
    version: int
    withheld: tuple[Withheld, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """Incidents with their mentions and reports as they may be shown, and by incident what was withheld.

    A report is as the most careful of the incidents that cite it has it.
    """

    incidents: tuple[Incident, ...]
    mentions: tuple[Mention, ...]
    reports: tuple[Report, ...]
    level: Level
    version: int
    withheld: Mapping[str, tuple[Withheld, ...]] = field(default_factory=dict)

    def coarsened(self) -> frozenset[str]:
        """The ids of incidents that are shown at a coarser place than is known."""
        return frozenset(
            k for k, notes in self.withheld.items() if any(each.field == "place" for each in notes)
        )

    def placed(self) -> Shown:
        """Without the incidents of coarser places: for a question that asks for a place, whose answer would tell it."""
        hidden = self.coarsened()
        kept = tuple(each for each in self.incidents if each.id not in hidden)
        return replace(
            self, incidents=kept, withheld={each.id: self.withheld.get(each.id, ()) for each in kept}
        )


def disclosed(
    view: IncidentView,
    level: Level,
    now: datetime,
    by: Policy | None = None,
    units: Units = no_points,
    others: Beside | None = None,
) -> Disclosed:
    """An incident with all that opens it, as it may be shown at a level, and what was withheld.

    `now` decides whether it is fresh; `units` gives the points of units, without it a coarser place has none. `others`
    is what other incidents of its reports withhold (`beside`).
    Raises `UsageError` where there is no such level.
    """
    chosen = by or policy()
    if checked_level(level) == "full":
        return Disclosed(view, level, chosen.version)
    reports = {report.id: report for report in view.reports}
    shower, notes = _case(view.incident, view.mentions, reports, level, now, chosen, units, None, others)
    incident = shower.incident()
    shown = replace(
        view,
        incident=incident,
        mentions=tuple(shower.mention(each) for each in view.mentions),
        reports=tuple(shower.report(each) for each in view.reports),
        contested=contested.at(incident.where, incident.when.start, incident.when.end),
        standing=shower.standing(view.standing),
        roles={},
    )
    return Disclosed(shown, level, chosen.version, notes)


def disclosed_all(
    incidents: Sequence[Incident],
    mentions: Sequence[Mention],
    reports: Sequence[Report],
    level: Level,
    now: datetime,
    by: Policy | None = None,
    units: Units = no_points,
    flat: bool = False,
    rules: Mapping[str, tuple[str, ...]] | None = None,
    others: Beside | None = None,
) -> Shown:
    """As `disclosed`, of many incidents at once, as exports have them. Mentions and reports of none are left out.

    `flat` is for exports of one row an incident: nothing but values, without words, ledger and reasons.
    `rules` are the `lasting_rules` of incidents where they are known already; those that are not in it are worked out.
    `others` is what incidents besides these withhold of the reports (`beside`); among these it is worked out.
    """
    chosen = by or policy()
    if checked_level(level) == "full":
        return Shown(tuple(incidents), tuple(mentions), tuple(reports), level, chosen.version)
    by_id, texts = {m.id: m for m in mentions}, {r.id: r for r in reports}
    made: list[Incident] = []
    shown: dict[str, Mention] = {}
    told: dict[str, Report] = {}
    notes: dict[str, tuple[Withheld, ...]] = {}
    known = lasting(incidents, mentions, texts, chosen, rules or {})
    own = beside(incidents, mentions, level, now, known, chosen)
    withheld = _joined(own, others or {})
    for incident in incidents:
        members = [by_id[each] for each in incident.members if each in by_id]
        cited = {each: texts[each] for each in _cited(incident, members) if each in texts}
        shower, notes[incident.id] = _case(
            incident, members, cited, level, now, chosen, units, known[incident.id], withheld
        )
        made.append(shower.incident(flat))
        if flat:
            for each in members:
                bare = Mention(each.id, each.report_id, each.coder, each.kind, recorded_at=each.recorded_at)
                shown[each.id] = bare
            continue
        shown |= {each.id: shower.mention(each) for each in members}
        for report in cited.values():
            fresh = shower.report(report)
            told[report.id] = _careful(told.get(report.id, fresh), fresh)
    order = [told[r.id] for r in reports if r.id in told]
    kept = tuple(shown[m.id] for m in mentions if m.id in shown)
    return Shown(tuple(made), kept, tuple(order), level, chosen.version, notes)


def beside(
    incidents: Sequence[Incident],
    mentions: Iterable[Mention],
    level: Level,
    now: datetime,
    rules: Mapping[str, tuple[str, ...]],
    by: Policy | None = None,
) -> dict[str, frozenset[str] | None]:
    """By report what these incidents withhold of it, so that another one that it tells of withholds it too.

    `rules` are the `lasting_rules` of each of them.
    """
    chosen, by_id = by or policy(), {m.id: m for m in mentions}
    found: dict[str, frozenset[str] | None] = {}
    for incident in incidents:
        members = [by_id[each] for each in incident.members if each in by_id]
        shower = _shower(incident, members, {}, level, now, chosen, no_points, rules[incident.id])
        if shower.case.to is not None:
            found = _joined(found, dict.fromkeys(_cited(incident, members), shower.fine))
    return found


def _joined(left: Beside, right: Beside) -> dict[str, frozenset[str] | None]:
    """What either withholds."""
    made = {**left, **right}
    for each in left.keys() & right.keys():
        one, two = left[each], right[each]
        made[each] = None if one is None or two is None else one | two
    return made


def lasting(
    incidents: Iterable[Incident],
    mentions: Iterable[Mention],
    reports: Mapping[str, Report],
    by: Policy,
    rules: Mapping[str, tuple[str, ...]] | None = None,
) -> dict[str, tuple[str, ...]]:
    """The `lasting_rules` of each incident, of those alone worked out that are not in `rules`."""
    by_id, found = {m.id: m for m in mentions}, {}
    for each in incidents:
        known = None if rules is None else rules.get(each.id)
        members = [by_id[key] for key in each.members if key in by_id]
        found[each.id] = lasting_rules(each, members, reports, by) if known is None else known
    return found


def asks_place(wanted: Filter, level: Level) -> bool:
    """Whether the answer to a filter tells of a place finer than a level shows: then only `Shown.placed` may be given.

    Raises `ForbiddenError` where it asks for words or names that the level withholds, for each answer would tell them.
    """
    if checked_level(level) == "full":
        return False
    if wanted.text is not None:
        raise ForbiddenError(
            f"words are withheld at the level {level}, so they cannot be searched; leave out the text"
        )
    for name in wanted.parties:
        # A longer name that holds a known one would be looked for as a whole: "Moussa Traoré of JNIM".
        if not known_party(name):
            raise ForbiddenError(
                f"{name[:60]!a} is no party of the register; others are withheld at the level {level}"
            )
    named = wanted.place is not None or bool(wanted.admin1) or bool(wanted.place_precision)
    return named or wanted.point is not None or wanted.bbox is not None or bool(wanted.areas)


def _cited(incident: Incident, members: Iterable[Mention]) -> dict[str, None]:
    return dict.fromkeys([*(m.report_id for m in members), *(claim.report_id for claim in incident.ledger)])


def _careful(left: Report, right: Report) -> Report:
    """A report that two incidents cite: withheld where one of them withholds it."""
    return replace(
        left,
        title=MARK
        if MARK in (left.title, right.title)
        else left.title
        if left.title.count(MARK) >= right.title.count(MARK)
        else right.title,
        source=MARK if MARK in (left.source, right.source) else left.source,
        url=MARK if MARK in (left.url, right.url) else left.url,
    )


def _case(
    incident: Incident,
    mentions: Sequence[Mention],
    reports: Mapping[str, Report],
    level: Level,
    now: datetime,
    chosen: Policy,
    units: Units,
    lasting: tuple[str, ...] | None = None,
    others: Beside | None = None,
) -> tuple[Shower, tuple[Withheld, ...]]:
    shower = _shower(incident, mentions, reports, level, now, chosen, units, lasting, others)
    return shower, tuple(_notes(shower))


def _shower(
    incident: Incident,
    mentions: Sequence[Mention],
    reports: Mapping[str, Report],
    level: Level,
    now: datetime,
    chosen: Policy,
    units: Units,
    lasting: tuple[str, ...] | None,
    others: Beside | None = None,
) -> Shower:
    if lasting is None:
        lasting = lasting_rules(incident, mentions, reports, chosen)
    fresh = ("fresh",) if is_fresh(incident, mentions, chosen, now) else ()
    rules = tuple(rule for rule in (*lasting, *fresh) if chosen.done(rule, level) != "shown")
    to = coarsest([chosen.done(rule, level) for rule in rules])
    return Shower(Case(incident, tuple(mentions), reports, level, chosen, rules, to, units, others or {}))


def _step(shower: Shower) -> str:
    """How coarse the place became, which is coarser than the rule where a unit is not known."""
    known = shower.where.precision in ("admin2", "admin1", "country")
    return shower.where.precision if known else str(shower.case.to)


def _notes(shower: Shower) -> Iterable[Withheld]:
    """What was withheld of a record, in a fixed order."""
    case, given = shower.case, shower.case.incident
    wheres = [given.where, *(mention.where for mention in case.mentions)]
    if any(shower.place(where) != where for where in wheres):
        for rule in case.rules:
            yield Withheld("place", rule, _step(shower))
    for side, names in (("attackers", given.attackers), ("targets", given.targets)):
        if shower.parties(names) != tuple(names):
            yield Withheld(side, "persons", case.policy.done("persons", case.level))
    if any(shower.source(name) != name for name in given.sources):
        yield Withheld("sources", case.rules[0] if case.rules else "titles", "withheld")
    done = case.policy.done("words", case.level)
    if case.mentions and done != "shown":
        yield Withheld(
            "words", "survivors" if shower.survivors else "words", "withheld" if shower.survivors else done
        )
    if case.reports and (done := case.policy.done("texts", case.level)) != "shown":
        yield Withheld("reports", "texts", done)
    if given.corrections or any(each.by_person() for each in given.judgements):
        yield Withheld("reviewers", "reviewers", case.policy.done("reviewers", case.level))
