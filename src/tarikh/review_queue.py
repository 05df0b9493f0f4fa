"""What waits for a person: conflicts between people, work without a mention, doubtful links, unlike tolls, high harm.

Invariant: every row of a person that is not withdrawn is in force, or is listed here with what would settle it; a
person's own later word on the very same thing takes the place of the earlier one.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tarikh.errors import UsageError
from tarikh.link import correction_value
from tarikh.link.compare import BY as LINKER
from tarikh.link.compare import SAME_FROM
from tarikh.model import Correction, Count, Decision, Incident, Judgement
from tarikh.store import Act, Filter, Orphan, Store
from tarikh.store.succession import Lineage

HIGH_HARM = 10
"""People killed from which an incident nobody has looked at waits for review."""
APART = 2.0
"""Tolls of one incident conflict when one is more than so many times another, and they differ by three or more."""
NEAR = 1.5
"""A link this little above the bar hangs by a hair."""

Why = Literal["conflict", "orphan", "new reports", "uncertain link", "conflicting tolls", "high harm"]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Rows of people that cannot all be in force: what is meanwhile, and what would settle it."""

    acts: tuple[Act, ...]
    incidents: tuple[str, ...]
    sentence: str
    settle: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits. `use` orders the queue, the greatest first; `reasons` say why, `settle` what to type."""

    why: Why
    use: float
    incidents: tuple[str, ...]
    reasons: tuple[str, ...]
    settle: tuple[str, ...]
    acts: tuple[Act, ...] = ()


MOST = 10_000
"""Things to review that are shown at once."""


def next_up(store: Store, limit: int = 10) -> list[Item]:
    """The most useful things to look at, at most `limit`. Raises `UsageError` when that is below 1."""
    if limit < 1:
        raise UsageError(f"{limit} things to review are none; ask for 1 or more")
    if limit > MOST:
        raise UsageError(f"{limit} things to review are too many at once; ask for at most {MOST:,}")
    stuck = [*map(_conflict_item, conflicts(store)), *map(_orphan_item, orphans(store))]
    found = [*stuck, *_grown(store), *_links(store, limit), *_incidents(store, limit)]
    return sorted(found, key=lambda item: (-item.use, item.why, item.incidents, item.reasons))[:limit]


# ---- conflicts -------------------------------------------------------------------------------------------------


def conflicts(store: Store) -> list[Conflict]:
    """All conflicts, judgements before values, in a stable order."""
    lineage = store.acts.lineage()
    standing = store.acts.log(standing=True)[::-1]
    heads = {key: head for act in standing for key in act.mentions if (head := lineage.head(key)) is not None}
    homes = store.acts.homes(heads.values())
    judged = [act for act in standing if isinstance(act.record, Judgement)]
    valued = [act for act in standing if not isinstance(act.record, Judgement)]
    return [*_judged(judged, lineage, heads, homes), *_valued(valued, lineage, heads, homes)]


def _judged(
    acts: Sequence[Act], lineage: Lineage, heads: Mapping[str, str], homes: Mapping[str, str]
) -> list[Conflict]:
    by_pair: dict[tuple[str, str], list[Act]] = defaultdict(list)
    for act in acts:
        ends = sorted(heads[key] for key in act.mentions if key in heads)
        if len(ends) == 2 and ends[0] != ends[1]:
            by_pair[ends[0], ends[1]].append(act)
    found = []
    for pair, said in sorted(by_pair.items()):
        positions = _positions(said, lineage)
        apart = homes.get(pair[0]) != homes.get(pair[1])
        of_pair = tuple(sorted({homes[key] for key in pair if key in homes}))
        if len({_verdict(act) for act in positions}) > 1:
            state = "they stay apart" if apart else "they stay together"
            found.append(
                Conflict(tuple(positions), of_pair, _at_odds(positions, pair, state), _undo(positions))
            )
        elif all(key in homes for key in pair) and _verdict(positions[0]) == (
            "same" if apart else "different"
        ):
            found.append(_overruled(positions, pair, of_pair))
    return found


def _verdict(act: Act) -> str:
    assert isinstance(act.record, Judgement)
    return act.record.verdict


def _at_odds(positions: Sequence[Act], pair: tuple[str, str], state: str) -> str:
    said = " and ".join(f"{act.by} said {_verdict(act)} ({act.row})" for act in positions)
    return f"of {pair[0]} and {pair[1]} {said}; {state} until one takes it back"


def _overruled(positions: Sequence[Act], pair: tuple[str, str], incidents: tuple[str, ...]) -> Conflict:
    act = positions[0]
    if _verdict(act) == "same":
        why = "people's “different” on other mentions forbid it, and hold through chains"
        settle = tuple(
            f"tarikh show {incident}, then take back a “different”, or: tarikh review undo {act.row}"
            for incident in incidents
        )
    else:
        why, settle = "the incidents are not folded anew since", ("tarikh add any report",)
    sentence = (
        f"{act.by} said {_verdict(act)} of {pair[0]} and {pair[1]} ({act.row}), which is not in force: {why}"
    )
    return Conflict(tuple(positions), incidents, sentence, settle)


def _valued(
    acts: Sequence[Act], lineage: Lineage, heads: Mapping[str, str], homes: Mapping[str, str]
) -> list[Conflict]:
    by_field: dict[tuple[str, str], list[Act]] = defaultdict(list)
    found = []
    for act in acts:
        home = homes.get(heads.get(act.mentions[0], ""))
        if home is None:
            continue
        heard = _heard(act)
        try:
            correction_value(heard.field, heard.value)
        except UsageError as error:
            sentence = (
                f"{act.by} gave {heard.field} of {home} ({act.row}) a value that cannot be read: {error}"
            )
            found.append(Conflict((act,), (home,), sentence, _undo([act])))
        else:
            by_field[home, heard.field].append(act)
    for (home, field), said in sorted(by_field.items()):
        positions = _positions(said, lineage)
        if len({repr(correction_value(field, _heard(act).value)) for act in positions}) > 1:
            values = " and ".join(
                f"{act.by} said {value_words(_heard(act).value)} ({act.row})" for act in positions
            )
            sentence = f"of {field} of {home} {values}; the newest, {positions[-1].row}, is in force until one is taken back"
            found.append(Conflict(tuple(positions), (home,), sentence, _undo(positions)))
    return found


def _heard(act: Act) -> Correction:
    assert not isinstance(act.record, Judgement)
    return act.record.heard() if isinstance(act.record, Decision) else act.record


def _positions(said: Sequence[Act], lineage: Lineage) -> list[Act]:
    """What stands of acts on one thing, oldest first: without those whose author has spoken again on the same mentions."""
    kept: list[Act] = []
    for act in said:
        kept = [old for old in kept if old.by != act.by or not _became(old, act, lineage)]
        kept.append(act)
    return kept


def _became(old: Act, new: Act, lineage: Lineage) -> bool:
    """Whether the mentions of a row are those of an older one, or what they were coded anew as."""
    ends = set(new.mentions)
    return all(ends & _trail(key, lineage) for key in old.mentions)


def _trail(key: str, lineage: Lineage) -> set[str]:
    found = {key}
    while key in lineage.steps:
        key = lineage.steps[key]
        found.add(key)
    return found


def _undo(acts: Iterable[Act]) -> tuple[str, ...]:
    return tuple(f"tarikh review undo {act.row} (by {act.by}; another person needs --force)" for act in acts)


def value_words(value: Any) -> str:
    """A corrected value on one line."""
    if isinstance(value, Count):
        told = [("?" if number is None else str(number)) for number in (value.low, value.best, value.high)]
        return ",".join(told) if value.known() else "unknown"
    if isinstance(value, tuple):
        return "; ".join(map(str, value)) or "unknown"
    if isinstance(value, str):
        return value
    named = {name: getattr(value, name) for name in getattr(value, "__slots__", ())}
    return ", ".join(f"{name} {each}" for name, each in named.items() if each not in (None, "")) or "unknown"


def _conflict_item(conflict: Conflict) -> Item:
    use = 1000.0 + max(act.at.timestamp() for act in conflict.acts) / 1e11
    return Item("conflict", use, conflict.incidents, (conflict.sentence,), conflict.settle, conflict.acts)


# ---- orphans ---------------------------------------------------------------------------------------------------


def orphans(store: Store) -> list[tuple[Act, Orphan]]:
    """Standing rows of people that no current mention bears, oldest first, each with the reason."""
    lineage = store.acts.lineage()
    found = []
    for act in reversed(store.acts.log(standing=True)):
        if isinstance(act.record, Judgement):
            heard: object = lineage.judgement(act.record)
        else:
            heard = lineage.correction(_heard(act))
        if isinstance(heard, Orphan):
            found.append((act, heard))
    return found


def said_words(act: Act) -> str:
    """What a row says, on one line."""
    record = act.record
    if isinstance(record, Judgement):
        return f"{record.verdict}: {record.left} and {record.right}"
    if isinstance(record, Decision):
        return f"{record.verdict}: {record.mention_id}"
    return f"{record.field} is {value_words(record.value)}: {record.mention_id}"


def _orphan_item(found: tuple[Act, Orphan]) -> Item:
    act, orphan = found
    reason = f"{act.by} said {said_words(act)} ({act.row}), which no incident bears: {orphan.reason}"
    settle = (
        f"say it anew of the incident that is meant now, then: tarikh review undo {act.row}",
        "a later coder that finds the event again takes it up by itself",
    )
    return Item("orphan", 900.0, (), (reason,), settle, (act,))


# ---- what was decided on less than is known now ---


def _grown(store: Store) -> list[Item]:
    """Incidents that were decided upon before some of their mentions were there: a rejection would hide these."""
    lineage = store.acts.lineage()
    decided: dict[str, list[Act]] = defaultdict(list)
    acts = [act for act in store.acts.log(standing=True) if isinstance(act.record, Decision)]
    homes = store.acts.homes(filter(None, (lineage.head(act.mentions[0]) for act in acts)))
    for act in acts:
        if (home := homes.get(lineage.head(act.mentions[0]) or "")) is not None:
            decided[home].append(act)
    found = []
    for home, said in sorted(decided.items()):
        incident = store.incident(home)
        fresh = min((_unseen(incident, act, lineage) for act in said), key=len)
        if fresh:
            found.append(_grown_item(incident, said[0], fresh))
    return found


def _unseen(incident: Incident, act: Act, lineage: Lineage) -> list[str]:
    assert isinstance(act.record, Decision)
    seen = {lineage.head(key) for key in act.record.seen}
    return [key for key in incident.members if key not in seen]


def _grown_item(incident: Incident, act: Act, fresh: Sequence[str]) -> Item:
    some = ", ".join(fresh[:5]) + (" …" if len(fresh) > 5 else "")
    reason = (
        f"{incident.id} is {incident.review} by {act.by} ({act.row}), who did not know these mentions: {some}"
    )
    settle = (
        f"tarikh show {incident.id}",
        f"tarikh review accept {incident.id}",
        f"tarikh review reject {incident.id} --note …",
        f"tarikh review different {fresh[0]} {incident.id}",
    )
    use = 80.0 if incident.review == "rejected" else 45.0
    return Item("new reports", use, (incident.id,), (reason,), settle, (act,))


# ---- what the machine is not sure of -----------------------------------------------------------------------------


def _links(store: Store, limit: int) -> list[Item]:
    """Pairs that the linker could not decide, and links that hold an incident of two by a hair."""
    wide = 10 * limit + 100
    unsure = store.acts.of_rule(LINKER, "unsure", wide)
    hairs = [j for j in store.acts.of_rule(LINKER, "same", wide, weakest=True) if j.score < SAME_FROM + NEAR]
    said = {
        tuple(sorted(a.mentions)) for a in store.acts.log(standing=True) if isinstance(a.record, Judgement)
    }
    homes = store.acts.homes(key for j in (*unsure, *hairs) for key in (j.left, j.right))
    open_ = [
        j for j in (*unsure, *hairs) if (j.left, j.right) not in said and j.left in homes and j.right in homes
    ]
    items, seen = [], set()
    for judgement in open_:
        ends = tuple(sorted({homes[judgement.left], homes[judgement.right]}))
        together = len(ends) == 1
        if together == (judgement.verdict == "unsure") or ends in seen:
            continue
        if together and len(store.incident(ends[0]).members) > 2:
            continue
        seen.add(ends)
        items.append(_link(judgement, ends))
        if len(items) >= 2 * limit:
            break
    return items


def _link(judgement: Judgement, ends: tuple[str, ...]) -> Item:
    told = ", ".join(f"{r.feature} {r.value} ({r.weight:+.1f})" for r in judgement.reasons if r.weight)
    state = "are kept apart" if len(ends) == 2 else "are together"
    reason = f"{judgement.left} and {judgement.right} {state}, score {judgement.score:.1f} of {SAME_FROM:.1f}: {told}"
    settle = tuple(
        f"tarikh review {verdict} {judgement.left} {judgement.right}" for verdict in ("same", "different")
    )
    closeness = 10 * math.exp(-abs(judgement.score - SAME_FROM))
    return Item("uncertain link", 50 + closeness, ends, (reason,), settle)


def _incidents(store: Store, limit: int) -> list[Item]:
    """Unreviewed incidents with unlike tolls or many dead; one item for an incident that has both."""
    wide = store.acts.unlike_tolls(10 * limit + 100)
    wanted = Filter(review=("unreviewed",), order="deadliest", minimum_killed=HIGH_HARM, limit=limit)
    found = {each.id: each for each in (*store.incidents(wanted), *map(store.incident, wide))}
    return [item for each in found.values() if (item := _incident(each)) is not None]


def _incident(incident: Incident) -> Item | None:
    killed = incident.harm.get("killed", Count())
    dead = killed.best or killed.low or 0
    told = _tolls(incident)
    reasons = []
    if told:
        reasons.append("reports tell unlike tolls: " + ", ".join(told))
    if dead >= HIGH_HARM:
        reasons.append(f"{dead} people are said to be killed, and nobody has looked at it")
    if not reasons:
        return None
    settle = [f"tarikh show {incident.id}", f"tarikh review accept {incident.id}"]
    settle += [f"tarikh review correct {incident.id} killed LOW,BEST,HIGH --note …"] if told else []
    settle += [f"tarikh review reject {incident.id} --note …"]
    use = (55.0 if told else 40.0) + 5 * math.log10(1 + dead)
    why: Why = "conflicting tolls" if told else "high harm"
    return Item(why, use, (incident.id,), tuple(reasons), tuple(settle))


def _tolls(incident: Incident) -> list[str]:
    """Who says how many, where that is far apart."""
    said = [
        (number, claim.source or claim.report_id)
        for claim in incident.ledger
        if claim.field == "harm.killed" and isinstance(claim.value, Count)
        if (number := claim.value.best if claim.value.best is not None else claim.value.low) is not None
    ]
    if not said:
        return []
    low, high = min(said)[0], max(said)[0]
    if high - low < 3 or high <= APART * low:
        return []
    return [f"{number} ({source})" for number, source in sorted(dict.fromkeys(said))]
