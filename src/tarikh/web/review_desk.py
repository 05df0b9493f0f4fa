"""What the review pages show: a window of the queue, and what lies open: an incident, two of them side by side, or rows of people.

Invariant: a version is read before what it is the version of, so that an act on what is seen is never an act on more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tarikh import queries
from tarikh.errors import UnknownIdError, UsageError
from tarikh.model import Incident, Judgement, Mention
from tarikh.queries import IncidentView
from tarikh.review_queue import Item, place, queue
from tarikh.store import Act, Store
from tarikh.store import seen as versions_seen
from tarikh.web import dossier
from tarikh.web.dossier import Dossier, Marked
from tarikh.web.wording import FIELDS, comparable, raw

SIZE = 12
"""Items of the queue that a page lists."""
TEXTS = 6
"""Reports whose texts stand beside an incident; all are on its own page."""
WATCHED = 2 * SIZE
"""Incidents that one page can ask about at once, whether they have changed."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the queue. `at` is the number of the item that lies open, None where the queue has come to its end.

    `after` is the cursor that the part begins after; `incidents` are those that its items name.
    """

    items: tuple[Item, ...]
    at: int | None
    after: str | None
    incidents: Mapping[str, Incident]

    @property
    def item(self) -> Item | None:
        """The item that lies open."""
        return None if self.at is None else self.items[self.at]

    @property
    def before(self) -> Item | None:
        """The item before it in this part."""
        return self.items[self.at - 1] if self.at else None


def window(store: Store, after: str | None = None, at: str | None = None, past: str | None = None) -> Window:
    """The part of the queue after a cursor. The item `at` lies open, or the one that follows it where it is settled by
    now; or the one that follows `past`.

    Raises `UsageError` where one of them is no cursor.
    """
    items = queue(store, after, SIZE)
    number = _number(items, at, past)
    if number is None and (at or past) and items:
        after = past or at
        items = queue(store, after, SIZE)
        number = 0 if items else None
    named = dict.fromkeys(key for item in items for key in item.incidents)
    found = {each.id: each for each in store.acts.incidents_of(named)}
    return Window(tuple(items), number, after, found)


def _number(items: Sequence[Item], at: str | None, past: str | None) -> int | None:
    if past is not None:
        key = place(past)
        return next((number for number, item in enumerate(items) if item.key > key), None)
    first = place(at) if at is not None else None
    return next((number for number, item in enumerate(items) if first is None or item.key >= first), None)


def kept_open(store: Store, found: Window, acted: str | None, pairs: bool) -> tuple[Window, One | None]:
    """What lies open after an act on an incident: an item of it, else (no item is open) the incident by itself.

    `pairs`: an item of two, one of which it is, will do. An incident that is no more leaves the window as it is.
    """
    if acted is None:
        return found, None
    try:
        own = store.incident(acted).id
    except UnknownIdError:
        return found, None
    order = sorted(range(len(found.items)), key=lambda number: number != found.at)
    for number in order:
        about = found.items[number].incidents
        if own in about and (pairs or len(about) == 1):
            return replace(found, at=number), None
    return replace(found, at=None), one(store, own)


# ---- what lies open ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class One:
    """An incident that lies open, with the texts of its first reports."""

    view: IncidentView
    dossier: Dossier
    acts: tuple[Act, ...] = ()
    """Rows of people that are at odds over it."""

    @property
    def incident(self) -> Incident:
        """The incident."""
        return self.view.incident

    @property
    def texts(self) -> tuple[Marked, ...]:
        """The reports whose texts are shown."""
        return self.dossier.reports[:TEXTS]

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions of the incidents that are seen."""
        return (self.view.version,) if self.view.version else ()


@dataclass(frozen=True, slots=True)
class Side:
    """One of two: what was judged (`key`), the incident that it is or is of, the values that are compared, and its reports."""

    key: str
    incident: Incident
    record: Incident | Mention
    version: str
    texts: tuple[Marked, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Two:
    """Two that may be one: side by side, with the fields in which they differ."""

    left: Side
    right: Side
    differing: frozenset[str]
    acts: tuple[Act, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that either has."""
        sides = (self.left.record, self.right.record)
        return tuple(f for f in FIELDS if not f.startswith("harm.") or any(raw(s, f) for s in sides))

    @property
    def seen(self) -> str:
        """The versions of both, as an act is bound to them."""
        return ",".join(self.versions)

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions of the incidents that are seen."""
        return tuple(dict.fromkeys((self.left.version, self.right.version)))

    @property
    def together(self) -> bool:
        """Whether both are of one incident now."""
        return self.left.incident.id == self.right.incident.id


def one(store: Store, incident_id: str, acts: tuple[Act, ...] = ()) -> One:
    """An incident. Raises `UnknownIdError`."""
    view = queries.show(store, incident_id)
    return One(view, dossier.dossier(view), acts)


def two(store: Store, left: str, right: str, acts: tuple[Act, ...] = ()) -> Two:
    """Two incidents, or two mentions by their incidents; of one incident the mentions are compared.

    Raises `UnknownIdError` where one is of no incident any more.
    """
    homes = [_home(store, key) for key in (left, right)]
    views = [queries.show(store, home) for home in homes]
    apart = views[0].incident.id != views[1].incident.id
    sides = [_side(key, view, apart) for key, view in zip((left, right), views, strict=True)]
    return Two(sides[0], sides[1], _differing(sides[0].record, sides[1].record), acts)


def _home(store: Store, key: str) -> str:
    if not key.startswith("m-"):
        return store.incident(key).id
    head = store.acts.lineage([key]).head(key)
    home = store.acts.homes([head]).get(head) if head is not None else None
    if home is None:
        raise UnknownIdError(f"mention {key} is of no incident now")
    return home


def _side(key: str, view: IncidentView, whole: bool) -> Side:
    texts = dossier.dossier(view).reports
    record: Incident | Mention = view.incident
    if not whole:
        record = next((m for m in view.mentions if m.id == key), view.mentions[0])
        texts = tuple(each for each in texts if each.report.id == record.report_id)
    shown = texts[: TEXTS // 2]
    return Side(key, view.incident, record, view.version or "", shown, len(texts) - len(shown))


def _differing(left: Incident | Mention, right: Incident | Mention) -> frozenset[str]:
    return frozenset(name for name in FIELDS if comparable(raw(left, name)) != comparable(raw(right, name)))


def opened(store: Store, item: Item) -> One | Two | None:
    """What an item is about; None where only rows of people are left, or what it names is gone since."""
    try:
        pair = _pair(item)
        if pair is not None:
            return two(store, *pair, item.acts)
        return one(store, item.incidents[0], item.acts) if item.incidents else None
    except UnknownIdError:
        return None


def _pair(item: Item) -> tuple[str, str] | None:
    if item.why == "uncertain link":
        return item.about[0], item.about[1]
    if item.why == "conflict" and isinstance(item.acts[0].record, Judgement):
        return item.acts[0].record.left, item.acts[0].record.right
    return None


# ---- what others do meanwhile --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moved:
    """An incident that has changed since it was seen: the one that it is now (None: it is gone), and what came."""

    seen: str
    now: Incident | None
    since: versions_seen.Since


def moved(store: Store, versions: Iterable[str]) -> list[Moved]:
    """Which of the incidents are no longer in the versions in which they were seen.

    Raises `UsageError` for what is no version, or for too many.
    """
    given = list(dict.fromkeys(versions))
    if len(given) > WATCHED:
        raise UsageError(f"{len(given)} versions are too many to ask about; at most {WATCHED}")
    found = []
    for version in map(versions_seen.read, given):
        since = store.acts.since(version)
        if since is not None:
            now = store.acts.incidents_of([since.now]) if since.now is not None else []
            found.append(Moved(version.incident, now[0] if now else None, since))
    return found


def stood(store: Store, incident_ids: Iterable[str]) -> list[str]:
    """The versions in which these incidents stand; what is none any more is left out."""
    made = []
    for key in incident_ids:
        try:
            made.append(store.version(key))
        except UnknownIdError:
            continue
    return made


# ---- what was just done --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """What a person has just done: a row of it, what it was, and the incidents that it was on as they are now."""

    act: Act
    what: str
    incidents: tuple[Incident, ...]


DONE = ("accepted", "rejected", "correction", "same", "different", "merge", "split", "undo")


def told(store: Store, row: str | None, what: str | None) -> Told | None:
    """What the address of a page says was done, read from its row; None where it says nothing that is so."""
    if not row or what not in DONE:
        return None
    try:
        act = store.acts.act(row)
    except (UsageError, UnknownIdError):
        return None
    if act.standing == (what == "undo"):
        return None
    lineage = store.acts.lineage(act.mentions)
    heads = [head for key in act.mentions if (head := lineage.head(key)) is not None]
    homes = dict.fromkeys(store.acts.homes(heads).values())
    return Told(act, what, tuple(store.acts.incidents_of(homes)))
