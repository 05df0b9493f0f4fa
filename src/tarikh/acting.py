"""One act of a person as one transaction, and what it is about, unchanged since it was seen.

Invariant: when the block of `acting` ends with an error nothing of the act is kept; what is seen is compared within the
transaction that writes, so that of two acts on one version only the first that changes it passes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tarikh import conflicts, pipeline
from tarikh.errors import StaleError, StoreError, TarikhError, UnknownIdError, UsageError
from tarikh.link.compare import BY as LINKER
from tarikh.model import Incident, Mention
from tarikh.store import Act, Linking, Saying, Store, seen


@dataclass(frozen=True, slots=True)
class Session:
    """The transaction of one act."""

    saying: Saying
    work: Linking

    def settle(self) -> None:
        """Links and folds all that waits, so that the incidents are those after the act."""
        with _failing():
            pipeline.settle(self.work)


@contextmanager
def _failing() -> Iterator[None]:
    """A failure of linking or folding says what became of the act."""
    try:
        yield
    except TarikhError:
        raise
    except Exception as error:
        raise StoreError(
            f"what you said was not kept, for the incidents could not be computed ({type(error).__name__}: {error});"
            " everything stands as before: see that tarikh relink ends well, then say it again"
        ) from error


@contextmanager
def acting(store: Store) -> Iterator[Session]:
    """One transaction: what is said in it, checked against what is there, is kept when the block ends well."""
    with _failing():
        pipeline.relink(
            store
        )  # what others left waiting goes first, in parts, so that this transaction is short
    with store.acting(LINKER) as (saying, work):
        yield Session(saying, work)


def unchanged(saying: Saying, given: str | None) -> tuple[str, ...]:
    """The incidents of the versions given, with commas between. Raises `StaleError` when one has changed since."""
    found = () if given is None else tuple(map(seen.read, given.split(",")))
    for version in found:
        since = saying.since(version)
        if since is not None:
            raise _stale(version.incident, since)
    return tuple(version.incident for version in found)


def of_these(versions: Iterable[str], concerned: Iterable[str | None]) -> None:
    """Raises `UsageError` when a version was given of an incident that the act is not on."""
    known = {key for key in concerned if key is not None}
    other = next((key for key in versions if key not in known), None)
    if other is not None:
        what = " or ".join(sorted(known)) or "no incident"
        raise UsageError(f"the version given is of incident {other}, and the act is on {what}")


def _stale(key: str, since: seen.Since) -> StaleError:
    told = [f"{act.by} said {conflicts.said_words(act)} ({act.row}, {_moment(act)})" for act in since.said]
    told += [
        f"{act.withdrawn_by or 'somebody'} took back {act.row} of {act.by} ({conflicts.said_words(act)})"
        for act in since.taken_back
    ]
    told += [f"report {report} of {source or 'an unknown source'} was coded" for source, report in since.told]
    told += [f"report {report} was forgotten" for report in since.forgotten]
    if since.now is None:
        told.append("the current coder finds no such event any more")
    elif since.now != key:
        told.append(f"it is part of {since.now} now")
    some = "; ".join(told[:5]) + ("; …" if len(told) > 5 else "")
    sentence = (
        f"incident {key} has changed since you looked at it ({some or 'it was folded anew'}); nothing of what you said"
        f" is kept: look again with tarikh show {since.now or key}, then say it anew"
    )
    return StaleError(sentence, key, since.now, tuple(told))


def _moment(act: Act) -> str:
    return f"{act.at:%Y-%m-%d %H:%M:%S} UTC"


# ---- ids ---------------------------------------------------------------------------------------------------


def incident_of(saying: Saying, given: str) -> Incident:
    """The incident of an id. Raises `UsageError` when there is none, or the id is a mention's."""
    if given.startswith("m-"):
        mention = mention_of(saying, given)
        home = saying.homes([mention.id]).get(mention.id)
        whose = f", of incident {home}; give the incident" if home else " of no incident yet"
        raise UsageError(f"{mention.id} is a mention{whose}")
    try:
        return saying.incident(given)
    except UnknownIdError as error:
        raise UsageError(str(error)) from error


def mention_of(saying: Saying, given: str) -> Mention:
    """The current mention of an id. Raises `UsageError` when there is none."""
    try:
        return saying.mention(given)
    except UnknownIdError as error:
        raise UsageError(str(error)) from error


@dataclass(frozen=True, slots=True)
class Side:
    """One of two things that are judged: a mention, or an incident by its founding mention."""

    mention: str
    home: str | None
    incident: Incident | None = None

    def words(self) -> str:
        """It, as a sentence names it."""
        if self.incident is None:
            return f"mention {self.mention}"
        return f"incident {self.incident.id} (by its founding mention {self.mention})"


def sides(saying: Saying, given: str | None, *ids: str) -> list[Side]:
    """What is judged, unchanged since it was seen. Raises `UsageError` and `StaleError`."""
    versions, made = unchanged(saying, given), []
    for each in ids:
        if each.startswith("m-"):
            key = mention_of(saying, each).id
            made.append(Side(key, saying.homes([key]).get(key)))
        else:
            incident = incident_of(saying, each)
            made.append(Side(incident.founder, incident.id, incident))
    of_these(versions, [side.home for side in made])
    if given is not None:
        _all_seen(versions, [side.home for side in made])
    return made


def _all_seen(versions: Iterable[str], concerned: Iterable[str | None]) -> None:
    """Raises `UsageError` when the version of an incident concerned was not given: it may have changed unseen."""
    seen_of = set(versions)
    missing = next((key for key in concerned if key is not None and key not in seen_of), None)
    if missing is not None:
        raise UsageError(
            f"the act is on incident {missing} as well; give its version too, with a comma between"
        )


def one(saying: Saying, given: str | None, incident_id: str) -> Incident:
    """An incident, unchanged since it was seen. Raises `UsageError` and `StaleError`."""
    versions = unchanged(saying, given)  # first: the id may lead elsewhere by now
    incident = incident_of(saying, incident_id)
    of_these(versions, [incident.id])
    return incident
