"""What a source is, as people say it: a monitor, press, an authority, a party to the conflict; and what that changes.

Invariant: the word and the queueing of all mentions of the source are one transaction. The incidents are then folded in parts, for a
source may have a million mentions; what stops that loses nothing, `tarikh relink` goes on.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from tarikh import pipeline
from tarikh.errors import StoreError, UsageError
from tarikh.link.speakers import ROLE_RANKS
from tarikh.model import SourceRole
from tarikh.review import Done, author, checked_note
from tarikh.store import KnownSource, Store
from tarikh.text import fold, one_line

NONE = "none"
"""The word by which a role is taken back."""
WORDS = (*ROLE_RANKS, NONE)
"""What can be said of a source."""

_LONGEST = 80
"""Characters of a name that are shown or compared for what is near."""
_SHOWN = 3


def listed(store: Store, text: str = "") -> list[KnownSource]:
    """The sources whose name holds a text, case and accents apart; those with the most reports first."""
    wanted = fold(text)
    return [each for each in store.source_roles.known() if wanted in fold(each.name)]


def say(store: Store, source: str, role: str, by: str, note: str = "") -> Done:
    """Says what a source is, or takes it back (`none`), and folds all incidents that it tells of anew.

    `source` is the name to the letter. The newest word on a source counts, whoever said it; what it says already changes
    nothing. Raises `UsageError` for a source that no report is of, a role that there is not, or no name; `StoreError` where
    the incidents could not be computed, with what to do.
    """
    by, note = author(by), checked_note(note)
    meant = _meant(role)
    _there(store, source)
    pipeline.relink(store)  # what others left waiting is not counted as changed by this
    before = store.source_roles.digests(source)
    name = one_line(source, _LONGEST)
    if not store.source_roles.say(source, meant, by, note):
        return Done(f"nothing new: {name} {_already(store.source_roles.said(source))}")
    _folded(store, name)
    after = store.source_roles.digests(source)
    changed = tuple(sorted(key for key in after if after[key] != before.get(key)))
    told = f"nothing is said any more of what {name} is" if meant is None else f"{name} is: {meant}"
    number = "1 incident" if len(changed) == 1 else f"{len(changed)} incidents"
    return Done(f"{told}; of the {len(after)} that it tells of, {number} changed", incidents=changed)


def _meant(role: str) -> str | None:
    word = role.strip().casefold()
    if word not in WORDS:
        near = get_close_matches(word[:_LONGEST], WORDS, 1)
        meant = f", did you mean {near[0]}?" if near else ";"
        raise UsageError(f"{role[:_LONGEST]!a} is no role of a source{meant} there are: {', '.join(WORDS)}")
    return None if word == NONE else word


def _there(store: Store, source: str) -> None:
    names = [each.name for each in store.source_roles.known()]
    if source not in names:
        near = _near(source, names)
        beside = f"; near it are: {'; '.join(near)}" if near else ""
        raise UsageError(
            f"no report is of a source called {source[:_LONGEST]!a}{beside}; names are taken to the letter, see: tarikh sources"
        )


def _near(source: str, names: Iterable[str]) -> list[str]:
    """The names most like one: those that hold its words, then those spelled much like it."""
    by_form: dict[str, str] = {}
    for name in names:
        by_form.setdefault(fold(name), name)
    wanted = fold(source[:_LONGEST]).strip()
    holding = [form for form in by_form if wanted and wanted in form][:_SHOWN]
    close = get_close_matches(wanted, by_form, _SHOWN, 0.6)
    return [one_line(by_form[form], _LONGEST) for form in dict.fromkeys((*holding, *close))][:_SHOWN]


def _already(last: SourceRole | None) -> str:
    if last is None:
        return "has no role that could be taken back"
    what = "was taken back" if last.role is None else f"is {last.role} already, said"
    return f"{what} by {last.by} on {last.at:%Y-%m-%d}"


def _folded(store: Store, name: str) -> None:
    try:
        pipeline.relink(store)
    except Exception as error:
        raise StoreError(
            f"what you said of {name} is kept, but the incidents could not be computed anew ({type(error).__name__}: {error});"
            " see that tarikh relink ends well"
        ) from error
