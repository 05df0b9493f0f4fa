"""Incidents as flat rows, as they may be shown at a level: for exports of any length.

Invariant: the same as `disclosed_all` gives. A row that hides nothing, and whose reports tell of nothing hidden, is shown
from its columns; every other one goes through `disclosed_all` with all that its reports tell of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

from tarikh import link
from tarikh.disclosure import MARK, Beside, Noted, Shown, Withheld, beside, disclosed_all, lasting, noted
from tarikh.disclosure.masking import known_party
from tarikh.disclosure.sight import Sight
from tarikh.model import Incident
from tarikh.queries import Chronicle
from tarikh.store import Filter, flat, slim
from tarikh.store.filtering import REVIEWS
from tarikh.store.flat import Flat, Guard, Portion, flat_of

Row = tuple[Flat, Noted]
Progress = Callable[[int, int], None]

WHOLE = 200
"""Whole incidents that are opened at a time."""
NOTHING = noted(())


def rows(sight: Sight, wanted: Filter, progress: Progress | None = None) -> Iterator[Row]:
    """The incidents of a filter, in its order, as they may be shown, each with what is withheld of it.

    Where the filter asks for a place (`Sight.asks_place`), those alone whose place is shown as it is known. Raises
    `ForbiddenError` where it asks for words or names that are withheld.
    """
    placed, store = sight.asks_place(wanted), sight.guarding.store
    if placed:
        _judged(sight)
    guard = None if sight.full else guard_of(sight)
    told = flat.portions(store, wanted, sight.only(wanted), guard, progress=progress)
    return (row for portion in told for row in _shown(sight, portion, placed))


def guard_of(sight: Sight) -> Guard:
    """What tells the rows that may hide something from a sight."""
    return Guard(sight.guarding.policy.version, sight.rules_that_hide(), sight.fresh_from)


def rows_of(shown: Shown) -> Iterator[Row]:
    """The same of whole incidents that are shown already."""
    by_mention = {mention.id: mention.report_id for mention in shown.mentions}
    for each in shown.incidents:
        told = {by_mention[key] for key in each.members if key in by_mention}
        yield flat_of(each, len(told) or None), noted(shown.withheld.get(each.id, ()))


def wholes(sight: Sight, wanted: Filter, progress: Progress | None = None) -> Iterator[Shown]:
    """The whole incidents of a filter, in its order, some at a time, as they may be shown. Raises as `rows`."""
    placed, store = sight.asks_place(wanted), sight.guarding.store
    if placed:
        _judged(sight)
    told = flat.ids(store, wanted, sight.only(wanted), WHOLE, progress)
    each = (sight.all(store.acts.incidents_of(ids)) for ids in told)
    return (shown.placed() if placed else shown for shown in each)


def _judged(sight: Sight) -> None:
    """Has all incidents judged: what is not would be left out of an answer that only judged ones are in."""
    while not sight.full and sight.guarding.judge(WHOLE):
        pass


# ---- one row ---------------------------------------------------------------------------------------------


def _shown(sight: Sight, portion: Portion, placed: bool) -> Iterator[Row]:
    if sight.full:
        yield from ((row, NOTHING) for row in portion.rows)
        return
    careful = _careful(sight, [row for row in portion.rows if row.id in portion.hides])
    policy, level = sight.guarding.policy, sight.level
    done = policy.done("persons", level), policy.done("words", level), policy.done("texts", level)
    reviewers = policy.done("reviewers", level)
    for row in portion.rows:
        if row.id in portion.hides:
            found = careful.get(row.id)
            if found is not None and not (placed and any(n.field == "place" for n in found[1].notes)):
                yield found
            continue
        attackers, targets = _parties(tuple(row.attackers)), _parties(tuple(row.targets))
        hidden = attackers != row.attackers, targets != row.targets
        by_people = reviewers if row.id in portion.by_people else None
        notes = _notes(*hidden, row.mentions > 0, row.reports is not None, by_people, *done)
        yield row._replace(attackers=attackers, targets=targets) if any(hidden) else row, notes


@lru_cache(maxsize=50_000)
def _parties(names: tuple[str, ...]) -> list[str]:
    return [name if known_party(name) else MARK for name in names]


@lru_cache
def _notes(
    attackers: bool, targets: bool, told: bool, reported: bool, by_people: str | None, *done: str
) -> Noted:
    """What is withheld of a row whose place is shown: in the order in which `disclosed_all` says it."""
    persons, words, texts = done
    notes = [Withheld("attackers", "persons", persons)] if attackers else []
    notes += [Withheld("targets", "persons", persons)] if targets else []
    notes += [Withheld("words", "words", words)] if told and words != "shown" else []
    notes += [Withheld("reports", "texts", texts)] if reported and texts != "shown" else []
    notes += [Withheld("reviewers", "reviewers", by_people)] if by_people is not None else []
    return noted(tuple(notes))


def _careful(sight: Sight, rows: Sequence[Flat]) -> dict[str, Row]:
    """Rows that hide something, or whose reports do, by id: as `Sight.all` shows them, of records that hold no more than is asked."""
    if not rows:
        return {}
    guarding, by_id = sight.guarding, {row.id: row for row in rows}
    found, mentions = slim.incidents(guarding.store, by_id)
    reports = slim.reports(guarding.store, {mention.report_id for mention in mentions})
    others = _beside(sight, [report.id for report in reports])
    shown = disclosed_all(
        found, mentions, reports, sight.level, sight.now, guarding.policy, guarding.units, True,
        guarding.rules(found), others,
    )  # fmt: skip
    made: dict[str, Row] = {}
    for each in shown.incidents:
        known = by_id[each.id]
        values = flat_of(each, known.reports, known.recorded)
        made[each.id] = values, noted(shown.withheld.get(each.id, ()))
    return made


def _beside(sight: Sight, report_ids: Sequence[str]) -> Beside:
    """As `Sight` has it for whole records."""
    guarding, hide = sight.guarding, set(sight.rules_that_hide())
    told = slim.told(guarding.store, report_ids)
    homes = list(dict.fromkeys(home for _, home in told if home is not None))
    rules = guarding.rules_of(homes)
    if sight.fresh_from is None:
        homes = [home for home in homes if set(rules[home]) & hide]
    found, members = slim.incidents(guarding.store, homes)
    withheld = beside(found, members, sight.level, sight.now, rules, guarding.policy)
    return {**withheld, **{report: None for report, home in told if home is None}}


# ---- the past --------------------------------------------------------------------------------------------


def of_chronicle(chronicle: Chronicle, found: Sequence[Incident], sight: Sight, flat_only: bool) -> Shown:
    """Incidents of any chronicle, also of the past, as a sight shows them: with what others of then withhold of their reports."""
    policy = sight.guarding.policy
    members = [key for each in found for key in each.members]
    by_id = {each.id: each for each in chronicle.mentions(ids=members, all_coders=True)}
    mentions = list(link.oriented_of(found, by_id).values())
    reports = list(chronicle.reports(dict.fromkeys(m.report_id for m in mentions)))
    others = {} if sight.full else _others(chronicle, [r.id for r in reports], sight)
    units = sight.guarding.units
    return disclosed_all(
        found, mentions, reports, sight.level, sight.now, policy, units, flat_only, others=others
    )


def _others(
    chronicle: Chronicle, report_ids: Iterable[str], sight: Sight
) -> dict[str, frozenset[str] | None]:
    """What all incidents that some reports tell of withhold of them; None of a report that tells of something in no incident."""
    policy = sight.guarding.policy
    told = chronicle.mentions(report_ids=list(report_ids))
    everything = chronicle.incidents(Filter(review=REVIEWS))
    home = {key: each for each in everything for key in each.members}
    found = list({home[m.id].id: home[m.id] for m in told if m.id in home}.values())
    mentions = chronicle.mentions(ids=[key for each in found for key in each.members], all_coders=True)
    reports = {r.id: r for r in chronicle.reports(dict.fromkeys(m.report_id for m in mentions))}
    rules = lasting(found, mentions, reports, policy)
    withheld = beside(found, mentions, sight.level, sight.now, rules, policy)
    return {**withheld, **{m.report_id: None for m in told if m.id not in home}}
