"""What a person does: accept, reject, same, different, merge, split, correct, undo, forget. The command line and pages call these.

Invariant: an act, a row with who, when and note, and what it changes are one transaction: both are kept, or neither; on
what has changed since it was `seen` it is a `StaleError`. Two people at odds are a recorded conflict, no silent choice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from tarikh import conflicts, link, pipeline, placing
from tarikh.acting import Session, Side, acting, mention_of, of_these, one, sides, unchanged
from tarikh.errors import StoreError, UnknownIdError, UsageError
from tarikh.gazetteer import Gazetteer
from tarikh.link import correction_value, field_of, typed
from tarikh.llm import cache
from tarikh.model import Incident, When
from tarikh.settings import Settings
from tarikh.store import Act, Copy, Likeness, Saying, Store
from tarikh.text import one_line

LONGEST_NOTE = 2_000
LONGEST_NAME = 64
MOST_MEMBERS = 1_000
"""Mentions of an incident from which one is split off, or that one act joins: a row each."""
MOST_PAIRS = 10_000
"""Pairs of mentions that one split keeps apart: a row each."""

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_ROW = re.compile(r"[jcd][0-9]+")


@dataclass(frozen=True, slots=True)
class Done:
    """What an act did: the rows it added (none where it was said already) or took back, and a sentence on it.

    `incidents` are the incidents concerned, by their ids after the act; `conflicts` those that the act is part of.
    `advice` are lines on what is left to do, each with its command.
    """

    sentence: str
    rows: tuple[Act, ...] = ()
    incidents: tuple[str, ...] = ()
    conflicts: tuple[conflicts.Conflict, ...] = ()
    advice: tuple[str, ...] = ()


def author(name: str) -> str:
    """A person's name as it stands in the rows, `user:NAME`. Raises `UsageError` for what is no name."""
    plain = name.strip()
    if not plain:
        raise UsageError("the name of who says it is empty; give one with --by or TARIKH_USER")
    if len(plain) > LONGEST_NAME:
        raise UsageError(
            f"the name of who says it has {len(plain)} characters; at most {LONGEST_NAME} are kept"
        )
    if _CONTROLS.search(plain) or "\n" in plain or "\t" in plain or "\r" in plain:
        raise UsageError(f"the name {plain!r} holds control characters; give it in letters")
    return plain if plain.startswith("user:") and len(plain) > len("user:") else f"user:{plain}"


def checked_note(text: str, needed: str = "") -> str:
    """A note as it is kept. Raises `UsageError` when it is too long, hostile, or empty where `needed` says for what."""
    if len(text) > LONGEST_NOTE:
        raise UsageError(f"the note has {len(text)} characters; write at most {LONGEST_NOTE}")
    if _CONTROLS.search(text):
        raise UsageError("the note holds control characters; write it as plain text")
    plain = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if needed and not plain:
        raise UsageError(f"{needed} needs a reason; write why with --note")
    return plain


# ---- decisions and corrections -------------------------------------------------------------------------------


def accept(store: Store, incident_id: str, by: str, note: str = "", seen: str | None = None) -> Done:
    """Says that an incident is one, and rightly told as it stands.

    `seen`, here and in the other acts, is the version in which the person saw the incident (`IncidentView.version`; of
    several they stand with commas between). Raises `UsageError`, and `StaleError` when it has changed since.
    """
    return _decide(store, incident_id, "accepted", by, checked_note(note), seen)


def reject(store: Store, incident_id: str, by: str, note: str, seen: str | None = None) -> Done:
    """Says that an incident is none; lists and exports leave it out unless asked. Raises as `accept`."""
    return _decide(store, incident_id, "rejected", by, checked_note(note, "a rejection"), seen)


def _decide(
    store: Store,
    incident_id: str,
    verdict: Literal["accepted", "rejected"],
    by: str,
    note: str,
    seen: str | None,
) -> Done:
    by = author(by)
    with acting(store) as session:
        incident = one(session.saying, seen, incident_id)
        made = session.saying.decide(incident.members, verdict, by, note)
        return _done(session, made, f"{incident.id} is {verdict}", [incident.founder])


def correct(
    store: Store,
    incident_id: str,
    field: str,
    value: str | Any,
    by: str,
    note: str = "",
    seen: str | None = None,
    gazetteer: Gazetteer | None = None,
) -> Done:
    """Says what a field of an incident is; it outranks what the reports say, and is hung on the founding mention.

    `field` is one of `link.corrections.FIELDS`, or a count's bare name; `value` is text as `link.typed` and
    `placing.placed` read it, or a value that `link.correction_value` takes. A place is checked against the `gazetteer`
    (the user's where none is given). Raises `UsageError` when either does not fit, and as `accept`; `MissingError` when
    there is no gazetteer.
    """
    by, note = author(by), checked_note(note)
    name = field_of(field)
    if name == "place":
        meant: Any = placing.placed(value, gazetteer)
    else:
        meant = typed(name, value) if isinstance(value, str) else correction_value(name, value)
    _not_to_come(meant, store.today())
    with acting(store) as session:
        incident = one(session.saying, seen, incident_id)
        made = session.saying.correct(incident.founder, name, meant, by, note)
        told = f"{name} of {incident.id} is corrected to {conflicts.value_words(meant)}"
        return _done(session, made, told, [incident.founder])


def _not_to_come(value: Any, today: date) -> None:
    # A day ahead of us may be today elsewhere.
    if isinstance(value, When) and value.start is not None and value.start > today + timedelta(1):
        raise UsageError(f"{value.start} is in the future; an incident has happened")


# ---- judgements ------------------------------------------------------------------------------------------------


def same(store: Store, left: str, right: str, by: str, note: str = "", seen: str | None = None) -> Done:
    """Says that two mentions, or the founding mentions of two incidents, tell one event. Raises as `accept`.

    The other mentions follow by the rules; those that do not are named. `merge` takes them all.
    """
    by, note = author(by), checked_note(note)
    with acting(store) as session:
        first, second = sides(session.saying, seen, left, right)
        _are_two(first, second)
        told = f"judged as one event: {first.words()} and {second.words()}"
        made = session.saying.judge([(first.mention, second.mention)], "same", by, note)
        if made:
            session.settle()
            told += _behind_words(_behind(session.saying, first, second), first.mention)
        return _done(session, made, told, [first.mention, second.mention, *_members(first, second)])


def _members(*sides: Side) -> list[str]:
    return [key for side in sides if side.incident is not None for key in side.incident.members]


def _behind(saying: Saying, first: Side, second: Side) -> list[str]:
    """The members that did not follow their founding mentions, since a rule or a person keeps them apart."""
    members = _members(first, second)
    homes = saying.homes([first.mention, *members])
    return sorted(key for key in members if homes.get(key) != homes.get(first.mention))


def _behind_words(behind: Sequence[str], founder: str) -> str:
    if not behind:
        return ""
    some = ", ".join(behind[:5]) + (" …" if len(behind) > 5 else "")
    return (
        f"; by the rules {len(behind)} of their mentions stay apart ({some}),"
        f" to join one: tarikh review same {behind[0]} {founder}"
    )


def merge(store: Store, left: str, right: str, by: str, note: str = "", seen: str | None = None) -> Done:
    """Says that two incidents are one, with all their mentions: their founding mentions are the same, and so is each member
    that the rules would keep apart. One act, undone as one.

    What a person called "different" stays so, and is named. Raises as `accept`.
    """
    by, note = author(by), checked_note(note)
    with acting(store) as session:
        first, second = sides(session.saying, seen, left, right)
        for side, given in ((first, left), (second, right)):
            if side.incident is None:
                raise UsageError(f"{given} is a mention; to join mentions: tarikh review same {left} {right}")
        if first.home == second.home:
            raise UsageError(f"{left} and {right} are one incident already, {first.home}; name two")
        if len(_members(first, second)) > MOST_MEMBERS:
            raise UsageError(
                f"the two have {len(_members(first, second))} mentions; join single ones of them"
            )
        told = f"merged: {first.words()} and {second.words()}"
        made = session.saying.judge([(first.mention, second.mention)], "same", by, note)
        session.settle()
        behind = _behind(session.saying, first, second)
        made += session.saying.judge([(first.mention, key) for key in behind], "same", by, note)
        session.settle()
        behind = _behind(session.saying, first, second)
        if behind:
            told += f"; {len(behind)} of their mentions stay apart, since people keep them so: {', '.join(behind[:5])}"
        return _done(session, made, told, _members(first, second))


def different(store: Store, left: str, right: str, by: str, note: str = "", seen: str | None = None) -> Done:
    """Says that two mentions, or the founding mentions of two incidents, tell two events.

    Of a mention and an incident: that the mention is none of it, so it is judged against every other member.
    Raises as `accept`.
    """
    by, note = author(by), checked_note(note)
    with acting(store) as session:
        first, second = sides(session.saying, seen, left, right)
        mixed = next((side.incident for side in (first, second) if side.incident is not None), None)
        if mixed is None or (first.incident is not None and second.incident is not None):
            _are_two(first, second)
            pairs, told = [(first.mention, second.mention)], f"{first.words()} and {second.words()}"
        else:
            mention = first.mention if first.incident is None else second.mention
            pairs = _against(mixed, mention)
            told = f"mention {mention} and each of the {len(pairs)} other mentions of incident {mixed.id}"
        made = session.saying.judge(pairs, "different", by, note)
        return _done(
            session, made, f"judged as different events: {told}", [k for pair in pairs for k in pair]
        )


def _against(incident: Incident, mention: str) -> list[tuple[str, str]]:
    others = [key for key in incident.members if key != mention]
    if not others:
        raise UsageError(
            f"{mention} is the only mention of incident {incident.id}; there is nothing to keep it from"
        )
    if len(others) > MOST_MEMBERS:
        raise UsageError(f"incident {incident.id} has {len(others)} mentions; judge single pairs of them")
    return [(mention, other) for other in others]


def split(
    store: Store, incident_id: str, mentions: Sequence[str], by: str, note: str = "", seen: str | None = None
) -> Done:
    """Says that these mentions of an incident tell other events than the rest of it: each is "different" from each of the
    rest, in one act, undone as one. Whether they stay together is up to the rules; the public id stays with the founder.

    Raises as `accept`, also when a mention is not of the incident, or none would be left.
    """
    by, note = author(by), checked_note(note)
    with acting(store) as session:
        incident = one(session.saying, seen, incident_id)
        out = list(dict.fromkeys(mention_of(session.saying, key).id for key in mentions))
        foreign = [key for key in out if key not in incident.members]
        if foreign:
            raise UsageError(
                f"{foreign[0]} is no mention of incident {incident.id}; tarikh show {incident.id}"
            )
        rest = [key for key in incident.members if key not in set(out)]
        if not out or not rest:
            raise UsageError(f"name some of the {len(incident.members)} mentions of {incident.id}, not all")
        if len(out) * len(rest) > MOST_PAIRS:
            raise UsageError(f"{len(out)} and {len(rest)} mentions make too many pairs; split off fewer")
        pairs = [(one, two) for one in out for two in rest]
        made = session.saying.judge(pairs, "different", by, note)
        told = f"split off {incident.id}: {', '.join(out[:5])}{' …' if len(out) > 5 else ''}"
        return _done(session, made, told, [*rest, *out])


def _are_two(one: Side, two: Side) -> None:
    if one.mention == two.mention:
        raise UsageError(f"{one.words()} and {two.words()} are the same mention; name two")


def _done(session: Session, made: Sequence[Act], sentence: str, mentions: Sequence[str]) -> Done:
    if not made:
        return Done(f"nothing new, you have said so already: {sentence}")
    session.settle()
    homes = set(session.saying.homes(mentions).values())
    # A newer word may overrule an older one through a chain: then the conflict is of the older row.
    near = conflicts.around(session.saying, made, homes)
    if near:
        sentence += f", recorded as a conflict: {near[0].sentence}"
    return Done(f"{sentence} ({_names(made)})", tuple(made), tuple(sorted(homes)), tuple(near))


def _names(acts: Sequence[Act]) -> str:
    some = ", ".join(act.row for act in acts[:5])
    return f"{'row' if len(acts) == 1 else 'rows'} {some}{' …' if len(acts) > 5 else ''}"


# ---- taking back -------------------------------------------------------------------------------------------------


def undo(
    store: Store,
    by: str,
    what: str = "1",
    force: bool = False,
    note: str = "",
    seen: str | None = None,
    whole: bool = False,
) -> Done:
    """Takes back a person's last act, the last N acts, or one row (`j12`, `c3`, `d5`); the rows stay, marked.

    `whole` takes back with a row all others of its act, such as those of a merge. Another person's row only with `force`;
    who did it is kept. Raises as `accept`, also when there is nothing to take back.
    """
    by, note = author(by), checked_note(note)
    with acting(store) as session:
        saying = session.saying
        found = _row(saying, what, by, force) if _ROW.fullmatch(what) else _last(saying, by, _count(what))
        if whole:
            moments = {(act.by, act.at) for act in found}
            rest = (act for act in saying.log(found[0].by, standing=True) if (act.by, act.at) in moments)
            found = list(dict.fromkeys((*found, *rest)))
        keys = list(dict.fromkeys(key for act in found for key in act.mentions))
        lineage = saying.lineage(keys)
        heads = [head for key in keys if (head := lineage.head(key)) is not None]
        of_these(unchanged(saying, seen), saying.homes(heads).values())
        saying.withdraw([act.row for act in found], by, note)
        session.settle()
        homes = saying.homes(heads)
        whose = "" if all(act.by == by for act in found) else f" of {found[0].by}"
        return Done(f"taken back: {_names(found)}{whose}", tuple(found), tuple(sorted(set(homes.values()))))


def _count(what: str) -> int:
    if not (what.isascii() and what.isdigit() and len(what) < 10 and int(what) > 0):
        raise UsageError(
            f"{what[:40]!r} is neither a number of acts nor a row such as j12; see: tarikh review log"
        )
    return int(what)


def _row(saying: Saying, name: str, by: str, force: bool) -> list[Act]:
    try:
        act = saying.act(name)
    except UnknownIdError as error:
        raise UsageError(str(error)) from error
    if not act.standing:
        raise UsageError(f"row {name} was taken back already")
    if act.by != by and not force:
        raise UsageError(
            f"row {name} is by {act.by}, not by you ({by}); to take it back all the same, add --force"
        )
    return [act]


def _last(saying: Saying, by: str, count: int) -> list[Act]:
    """The rows of the last acts; the rows of one act were written at one moment."""
    mine = saying.log(by, standing=True)
    moments = set(list(dict.fromkeys(act.at for act in mine))[:count])
    if not moments:
        raise UsageError(f"there is nothing of {by} to undo; see: tarikh review log")
    return [act for act in mine if act.at in moments]


LIKENESS = Likeness(link.printed, link.copies_among, link.speaker)
"""By what `forget` knows the copies of a text, and who speaks."""


def forget(store: Store, report: str, by: str, reason: str, copies: bool = False) -> Done:
    """Erases a report's words for ever, in all its versions and all that was made of it; a tombstone stays.

    Its mentions stay as coded, without words. `copies` forgets the copies of its text as well, which are told otherwise.
    Raises `UsageError` when there is no such report or no reason.
    """
    by, reason = author(by), checked_note(reason)
    if not reason:
        raise UsageError("to forget a report needs a reason; write why with --reason")
    try:
        done = store.forgetting.forget(report, reason, by, LIKENESS, copies)
    except UnknownIdError as error:
        raise UsageError(str(error)) from error
    cache.forget(Settings().home, done.reports)  # what a language model quoted of it
    _refolded(store)
    told = ", ".join(done.reports)
    if done.already is not None:
        told += f" (forgotten already on {done.already.at:%Y-%m-%d} by {done.already.by})"
    rest = "the file was rebuilt without its words"
    if not store.forgetting.overwrite():
        rest = "its words are erased, but another process holds the file: type the same again to rebuild it"
    sentence = f"forgotten: {told}; {done.mentions} mentions stay as coded, without words; {rest}"
    if done.copies:
        one = len(done.copies) == 1
        what = "1 copy of the text is" if one else f"{len(done.copies)} copies of the text are"
        sentence += f"; {what} kept still: forget {'it' if one else 'them'} as well, or all with --copies"
    return Done(sentence, advice=tuple(map(_copy, done.copies)))


def _copy(kept: Copy) -> str:
    said = f"{kept.source or 'unknown source'}, {kept.published or 'undated'}, “{one_line(kept.title, 80)}”"
    return f'kept still: {kept.report_id} ({said}); tarikh forget {kept.report_id} --reason "…"'


def _refolded(store: Store) -> None:
    """Erasing is done and cannot be taken back; where the incidents cannot be computed after it, that is what is said."""
    try:
        pipeline.relink(store)
    except Exception as error:
        raise StoreError(
            f"the report is forgotten, but the incidents could not be computed anew ({type(error).__name__}: {error});"
            " until tarikh relink ends well they may still quote it, and the file holds freed space"
        ) from error
