"""What the data said at an earlier moment: the fold over the rows of then, under the coder of then.

Invariant: a pure function of the rows and the moment; it never looks at what was recorded or withdrawn later.
An id is looked up as it was then: an id that has merged since still stands for its own incident.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time

from tarikh import link
from tarikh.errors import UnknownIdError, UsageError
from tarikh.model import Fingerprint, Incident, Mention, Report
from tarikh.store import Filter, Store
from tarikh.store.basis import Part
from tarikh.store.past import Led
from tarikh.store.recalled import Recalled

FORM = "write a day such as 2025-03-14 (its end in UTC) or a moment such as 2025-03-14T18:30Z"

_SHORTEST = 4
_MOST = 1000
"""Ids that begin alike: beyond so many, an abbreviation is refused anyway."""

Redirects = Mapping[str, tuple[str | None, str]]


def moment(text: str, option: str, now: datetime) -> datetime:
    """The moment that an option was given: the end of a day in UTC, or the moment itself.

    Raises `UsageError` where it is neither, or in the future: nobody knows yet what the data will say.
    """
    try:
        given = _read(text.strip())
    except (ValueError, OverflowError):
        raise UsageError(f"{option} {text!r} is no day and no moment; {FORM}") from None
    begun = given if isinstance(given, datetime) else datetime.combine(given, time.min, UTC)
    if begun > now:
        raise UsageError(
            f"{option} {text} is in the future (in UTC it is {now:%Y-%m-%d %H:%M}):"
            " what the data will say then is not known; leave it out for now"
        )
    return given if isinstance(given, datetime) else datetime.combine(given, time.max, UTC)


def _read(text: str) -> date | datetime:
    if not text.isascii() or text[4:5] + text[7:8] != "--" or "W" in text:
        raise ValueError("a week, or a day without its marks, is more likely a slip")
    if len(text) == len("2025-03-14"):
        return date.fromisoformat(text)
    if len(text) < len("2025-03-14T18"):
        raise ValueError("a moment has an hour")
    read = datetime.fromisoformat(text)
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def emptiness(store: Store, then: datetime) -> str | None:
    """A sentence where nothing had been recorded yet at a moment, else None."""
    first = store.past().first()
    if first is None:
        return "the database holds no report yet; type: tarikh add FILE…"
    if then < first:
        return (
            f"nothing was recorded by {then:%Y-%m-%d %H:%M:%S} UTC; the first report came in on"
            f" {first:%Y-%m-%d} at {first:%H:%M:%S} UTC"
        )
    return None


def folded(basis: Part, store: Store) -> list[Incident]:
    """The incidents of a past basis, by the same fold as those of now (`pipeline.relink`)."""
    return link.fold(
        basis.mentions,
        basis.judgements,
        basis.corrections,
        report_sources=basis.roles,
        origins=basis.origins,
        previous=basis.previous,
        prints=store.fingerprints({each.report_id for each in basis.mentions}),
    )


def ids_of(mentions: Iterable[str]) -> list[str]:
    """The public ids that mentions give to incidents that they found."""
    return [link.incident_id(key) for key in mentions]


class AsOf:
    """A store as it was at a moment, to be asked like the store itself (`queries.Chronicle`)."""

    def __init__(self, store: Store, then: datetime) -> None:
        self.then = then
        self.store = store
        self._past = store.past()
        self._whole: Recalled | None = None
        self._last: Recalled | None = None

    def incidents(self, wanted: Filter | None = None) -> list[Incident]:
        """The incidents that a filter asks for, in its order; all, newest first, without one."""
        return self._all().incidents(wanted or Filter())

    def incident(self, incident_id: str) -> Incident:
        """The incident of an id of then, or of its first characters; only what may belong to it is folded.

        Raises `UnknownIdError` when there was none or more than one.
        """
        self._last = self._around(incident_id)
        try:
            return self._last.incident(incident_id)
        except UnknownIdError as error:
            raise UnknownIdError(f"as of {self.then:%Y-%m-%d %H:%M:%S} UTC: {error}") from None

    def version(self, incident_id: str) -> None:
        """None: the past cannot be acted on."""

    def redirects(self, incident_id: str) -> tuple[str, ...]:
        """The former ids that led to this one at that moment."""
        return (self._last or self._all()).redirects(incident_id)

    def mentions(
        self,
        report_ids: Iterable[str] | None = None,
        ids: Iterable[str] | None = None,
        all_coders: bool = False,
    ) -> list[Mention]:
        """As `Store.mentions`, of those that were recorded by then: with `all_coders` by any, else current then."""
        if not all_coders:
            of = None if report_ids is None else set(report_ids)
            which = None if ids is None else set(ids)
            found = self._past.basis(self.then, which).mentions
            return [m for m in found if of is None or m.report_id in of]
        found = self.store.mentions(report_ids, ids, all_coders=True)
        return [m for m in found if m.recorded_at is not None and m.recorded_at <= self.then]

    def reports(self, ids: Iterable[str] | None = None) -> Iterator[Report]:
        """As `Store.reports`: reports never change, and those that incidents of then name were there."""
        return self.store.reports(ids)

    def fingerprints(self, report_ids: Iterable[str]) -> dict[str, Fingerprint]:
        """As `Store.fingerprints`: a report has the same whenever it is asked."""
        return self.store.fingerprints(report_ids)

    def roles(self) -> dict[str, str]:
        """What people said by then that sources are."""
        return self._past.roles(self.then)

    # ---- folding ---------------------------------------------------------------------------------------------

    def _all(self) -> Recalled:
        if self._whole is None:
            self._whole = self._recalled(self._past.basis(self.then), self._past.led(self.then))
        return self._whole

    def _around(self, wanted: str) -> Recalled:
        """The incidents that an id or the beginning of one may mean, with where former ids led."""
        asked = self._asked(wanted) or self._unshown(wanted)
        near = self._past.neighbors((each.founder for each in asked), self.then)
        ids = ids_of(near)
        led = self._past.led(self.then, [*ids, *(each.shown_id for each in asked)])
        return self._recalled(self._past.basis(self.then, near, ids), led, asked)

    def _asked(self, wanted: str) -> list[Led]:
        """The ids that begin as asked, and all that they led to."""
        if not wanted.isascii():
            return []
        exact = len(wanted) < _SHORTEST
        edge = self._past.led(self.then, [wanted]) if exact else self._past.led(self.then, prefix=wanted)
        found: dict[str, Led] = {}
        while edge := [each for each in edge[:_MOST] if each.shown_id not in found]:
            found |= {each.shown_id: each for each in edge}
            edge = self._past.led(self.then, [each.leads_to for each in edge if each.leads_to])
        return list(found.values())

    def _unshown(self, wanted: str) -> list[Led]:
        """Ids that mentions would have given: of a moment between the coming of rows and the next linking."""
        if len(wanted) < _SHORTEST:
            return []
        ids = ((link.incident_id(key), key) for key in self._past.ids(self.then))
        return [Led(shown, shown, key) for shown, key in ids if shown.startswith(wanted)][:_MOST]

    def _recalled(self, basis: Part, led: list[Led], asked: Iterable[Led] = ()) -> Recalled:
        found = folded(basis, self.store)
        live = {each.id for each in found}
        redirects = {
            each.shown_id: (each.leads_to, each.founder)
            for each in led
            if each.leads_to != each.shown_id and each.shown_id not in live
        }
        homes = {key: each.id for each in found for key in each.members}
        for each in asked:
            if each.shown_id not in live and each.shown_id not in redirects:
                end = homes.get(basis.lineage.head(each.founder) or "")
                redirects[each.shown_id] = (end, each.founder)
        return Recalled(found, self.store.told(found), redirects, self.then)
