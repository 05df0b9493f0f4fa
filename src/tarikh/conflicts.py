"""Rows of people that cannot all be in force, and rows that no incident bears.

Invariant: every row of a person that is not withdrawn is in force, or is found here with what would settle it; a
person's own later word on the very same thing takes the place of the earlier one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tarikh.errors import UsageError
from tarikh.link import correction_value
from tarikh.model import Correction, Count, Decision, Judgement
from tarikh.store import Act, Orphan, Reading, Store
from tarikh.store.succession import Lineage


@dataclass(frozen=True, slots=True)
class Conflict:
    """Rows of people that cannot all be in force: what is meanwhile, and what would settle it."""

    acts: tuple[Act, ...]
    incidents: tuple[str, ...]
    sentence: str
    settle: tuple[str, ...]


def conflicts(store: Store) -> list[Conflict]:
    """All conflicts, judgements before values, in a stable order."""
    return among(store.acts, store.acts.log(standing=True))


def around(reading: Reading, made: Sequence[Act], homes: set[str]) -> list[Conflict]:
    """The conflicts of these rows, and of the incidents of these ids, those of the rows first."""
    inside = [key for members in reading.members(homes).values() for key in members]
    standing = reading.acts_on([*inside, *(key for act in made for key in act.mentions)])
    names = {act.row for act in made}
    found = [
        each
        for each in among(reading, standing)
        if homes & set(each.incidents) or names & {act.row for act in each.acts}
    ]
    return sorted(found, key=lambda each: not names & {act.row for act in each.acts})


def among(reading: Reading, acts: Sequence[Act]) -> list[Conflict]:
    """The conflicts among standing rows, which are given newest first."""
    standing = acts[::-1]
    lineage = reading.lineage(key for act in standing for key in act.mentions)
    heads = {key: head for act in standing for key in act.mentions if (head := lineage.head(key)) is not None}
    homes = reading.homes(heads.values())
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
        heard = heard_of(act)
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
        if len({repr(correction_value(field, heard_of(act).value)) for act in positions}) > 1:
            values = " and ".join(
                f"{act.by} said {value_words(heard_of(act).value)} ({act.row})" for act in positions
            )
            sentence = f"of {field} of {home} {values}; the newest, {positions[-1].row}, is in force until one is taken back"
            found.append(Conflict(tuple(positions), (home,), sentence, _undo(positions)))
    return found


def heard_of(act: Act) -> Correction:
    """What a correction or decision says of a field."""
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


# ---- orphans ---------------------------------------------------------------------------------------------------


def orphans(store: Store) -> list[tuple[Act, Orphan]]:
    """Standing rows of people that no current mention bears, oldest first, each with the reason."""
    standing = store.acts.log(standing=True)[::-1]
    lineage = store.acts.lineage(key for act in standing for key in act.mentions)
    found = []
    for act in standing:
        if isinstance(act.record, Judgement):
            heard: object = lineage.judgement(act.record)
        else:
            heard = lineage.correction(heard_of(act))
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
