"""What a person does: accept, reject, same, different, correct, undo, forget. The command line and pages call these.

Invariant: every act is a row with who, when and note, and takes effect before the call returns; wrong input is a
`UsageError` and changes nothing; two people at odds are a recorded conflict (`review_queue.conflicts`), no silent choice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

from tarikh import link, pipeline
from tarikh.errors import UnknownIdError, UsageError
from tarikh.link import correction_value, field_of, typed
from tarikh.model import Incident, Mention, Verdict, When
from tarikh.review_queue import Conflict, conflicts
from tarikh.store import Act, Copy, Likeness, Store
from tarikh.store.decisions import parts
from tarikh.text import one_line

LONGEST_NOTE = 2_000
LONGEST_NAME = 64
MOST_MEMBERS = 1_000
"""Members of an incident from which one mention is split off: a row each."""

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
    conflicts: tuple[Conflict, ...] = ()
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
        raise UsageError(f"the name {plain!a} holds control characters; give it in letters")
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


# ---- ids ---------------------------------------------------------------------------------------------------


def incident_of(store: Store, given: str) -> Incident:
    """The incident of an id. Raises `UsageError` when there is none, or the id is a mention's."""
    if given.startswith("m-"):
        mention = _mention(store, given)
        home = store.acts.homes([mention.id]).get(mention.id)
        whose = f", of incident {home}; give the incident" if home else " of no incident yet"
        raise UsageError(f"{mention.id} is a mention{whose}")
    try:
        return store.incident(given)
    except UnknownIdError as error:
        raise UsageError(str(error)) from error


def _mention(store: Store, given: str) -> Mention:
    try:
        return store.acts.mention(given)
    except UnknownIdError as error:
        raise UsageError(str(error)) from error


@dataclass(frozen=True, slots=True)
class _Side:
    """One of two things that are judged: a mention, or an incident by its founding mention."""

    mention: str
    incident: Incident | None = None

    def words(self) -> str:
        if self.incident is None:
            return f"mention {self.mention}"
        return f"incident {self.incident.id} (by its founding mention {self.mention})"


def _side(store: Store, given: str) -> _Side:
    if given.startswith("m-"):
        return _Side(_mention(store, given).id)
    incident = incident_of(store, given)
    return _Side(incident.founder, incident)


# ---- decisions and corrections -------------------------------------------------------------------------------


def accept(store: Store, incident_id: str, by: str, note: str = "") -> Done:
    """Says that an incident is one, and rightly told as it stands. Raises `UsageError`."""
    return _decide(store, incident_id, "accepted", by, checked_note(note))


def reject(store: Store, incident_id: str, by: str, note: str) -> Done:
    """Says that an incident is none; lists and exports leave it out unless asked. Raises `UsageError`."""
    return _decide(store, incident_id, "rejected", by, checked_note(note, "a rejection"))


def _decide(
    store: Store, incident_id: str, verdict: Literal["accepted", "rejected"], by: str, note: str
) -> Done:
    by = author(by)
    incident = incident_of(store, incident_id)
    made = store.acts.decide(incident.members, verdict, by, note)
    return _done(store, made, f"{incident.id} is {verdict}", [incident.founder])


def correct(store: Store, incident_id: str, field: str, value: str | Any, by: str, note: str = "") -> Done:
    """Says what a field of an incident is; it outranks what the reports say, and is hung on the founding mention.

    `field` is one of `link.corrections.FIELDS`, or a count's bare name; `value` is text as `link.typed` reads it, or a
    value that `link.correction_value` takes. Raises `UsageError` when either does not fit.
    """
    by, note = author(by), checked_note(note)
    incident = incident_of(store, incident_id)
    name = field_of(field)
    meant = typed(name, value) if isinstance(value, str) else correction_value(name, value)
    _not_to_come(meant, store.today())
    made = store.acts.correct(incident.founder, name, meant, by, note)
    return _done(store, made, f"{name} of {incident.id} is corrected", [incident.founder])


def _not_to_come(value: Any, today: date) -> None:
    # A day ahead of us may be today elsewhere.
    if isinstance(value, When) and value.start is not None and value.start > today + timedelta(1):
        raise UsageError(f"{value.start} is in the future; an incident has happened")


# ---- judgements ------------------------------------------------------------------------------------------------


def same(store: Store, left: str, right: str, by: str, note: str = "") -> Done:
    """Says that two mentions, or the founding mentions of two incidents, tell one event. Raises `UsageError`.

    The other mentions follow by the rules; those that do not are named.
    """
    by, note = author(by), checked_note(note)
    one, two = _side(store, left), _side(store, right)
    _are_two(one, two)
    told = f"{one.words()} and {two.words()}"
    done = _judge(store, [(one.mention, two.mention)], "same", by, note, told)
    members = [key for side in (one, two) if side.incident is not None for key in side.incident.members]
    return _left_behind(store, done, one.mention, members) if done.rows else done


def _left_behind(store: Store, done: Done, founder: str, members: Sequence[str]) -> Done:
    """Adds which members did not follow their founding mentions, since a rule has proof against it."""
    homes = store.acts.homes([founder, *members])
    behind = sorted(key for key in members if homes.get(key) != homes.get(founder))
    if not behind:
        return done
    some = ", ".join(behind[:5]) + (" …" if len(behind) > 5 else "")
    sentence = (
        f"{done.sentence}; by the rules {len(behind)} of their mentions stay apart ({some}),"
        f" to join one: tarikh review same {behind[0]} {founder}"
    )
    return replace(done, sentence=sentence, incidents=tuple(sorted(set(homes.values()))))


def different(store: Store, left: str, right: str, by: str, note: str = "") -> Done:
    """Says that two mentions, or the founding mentions of two incidents, tell two events.

    Of a mention and an incident: that the mention is none of it, so it is judged against every other member.
    Raises `UsageError`.
    """
    by, note = author(by), checked_note(note)
    one, two = _side(store, left), _side(store, right)
    mixed = next((side.incident for side in (one, two) if side.incident is not None), None)
    if mixed is None or (one.incident is not None and two.incident is not None):
        _are_two(one, two)
        return _judge(
            store, [(one.mention, two.mention)], "different", by, note, f"{one.words()} and {two.words()}"
        )
    mention = one.mention if one.incident is None else two.mention
    others = [key for key in mixed.members if key != mention]
    if not others:
        raise UsageError(
            f"{mention} is the only mention of incident {mixed.id}; there is nothing to keep it from"
        )
    if len(others) > MOST_MEMBERS:
        raise UsageError(f"incident {mixed.id} has {len(others)} mentions; judge single pairs of them")
    told = f"mention {mention} and each of the {len(others)} other mentions of incident {mixed.id}"
    return _judge(store, [(mention, other) for other in others], "different", by, note, told)


def _are_two(one: _Side, two: _Side) -> None:
    if one.mention == two.mention:
        raise UsageError(f"{one.words()} and {two.words()} are the same mention; name two")


def _judge(
    store: Store, pairs: Sequence[tuple[str, str]], verdict: Verdict, by: str, note: str, told: str
) -> Done:
    made = store.acts.judge(pairs, verdict, by, note)
    word = "one event" if verdict == "same" else "different events"
    return _done(store, made, f"judged as {word}: {told}", [key for pair in pairs for key in pair])


def _done(store: Store, made: Sequence[Act], sentence: str, mentions: Sequence[str]) -> Done:
    if not made:
        return Done(f"nothing new, you have said so already: {sentence}")
    pipeline.relink(store)
    names, homes = {act.row for act in made}, set(store.acts.homes(mentions).values())
    # A newer word may overrule an older one through a chain: then the conflict is of the older row.
    near = [c for c in conflicts(store) if homes & set(c.incidents) or names & {act.row for act in c.acts}]
    near.sort(key=lambda c: not names & {act.row for act in c.acts})
    if near:
        sentence += f", recorded as a conflict: {near[0].sentence}"
    return Done(f"{sentence} ({_names(made)})", tuple(made), tuple(sorted(homes)), tuple(near))


def _names(acts: Sequence[Act]) -> str:
    some = ", ".join(act.row for act in acts[:5])
    return f"{'row' if len(acts) == 1 else 'rows'} {some}{' …' if len(acts) > 5 else ''}"


# ---- taking back -------------------------------------------------------------------------------------------------


def undo(store: Store, by: str, what: str = "1", force: bool = False, note: str = "") -> Done:
    """Takes back a person's last act, the last N acts, or one row (`j12`, `c3`, `d5`); the rows stay, marked.

    Another person's row only with `force`; who did it is kept. Raises `UsageError` when there is nothing to take back.
    """
    by, note = author(by), checked_note(note)
    found = _row(store, what, by, force) if _ROW.fullmatch(what) else _last(store, by, _count(what))
    store.acts.withdraw([act.row for act in found], by, note)
    pipeline.relink(store)
    homes = store.acts.homes(key for act in found for key in act.mentions)
    whose = "" if all(act.by == by for act in found) else f" of {found[0].by}"
    return Done(f"taken back: {_names(found)}{whose}", tuple(found), tuple(sorted(set(homes.values()))))


def _count(what: str) -> int:
    if not (what.isascii() and what.isdigit() and len(what) < 10 and int(what) > 0):
        raise UsageError(
            f"{what[:40]!a} is neither a number of acts nor a row such as j12; see: tarikh review log"
        )
    return int(what)


def _row(store: Store, name: str, by: str, force: bool) -> list[Act]:
    try:
        parts(name)
    except UnknownIdError as error:
        raise UsageError(str(error)) from error
    act = next((each for each in store.acts.log() if each.row == name), None)
    if act is None:
        raise UsageError(f"there is no row {name}; see: tarikh review log")
    if not act.standing:
        raise UsageError(f"row {name} was taken back already")
    if act.by != by and not force:
        raise UsageError(
            f"row {name} is by {act.by}, not by you ({by}); to take it back all the same, add --force"
        )
    return [act]


def _last(store: Store, by: str, count: int) -> list[Act]:
    """The rows of the last acts; the rows of one act were written at one moment."""
    mine = store.acts.log(by, standing=True)
    moments = list(dict.fromkeys(act.at for act in mine))[:count]
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
    pipeline.relink(store)
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
