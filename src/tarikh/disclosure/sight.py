"""What who asks may see: the disclosure policy laid over every read of a store, for pages, programs and exports.

Invariant: below `full` nothing is given that has not gone through `disclosure`, and no answer depends on a
place, a name or words that are withheld; at `full` nothing of this costs anything.
"""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property, lru_cache
from pathlib import Path

import sqlalchemy as sa

from tarikh import disclosure, link, queries
from tarikh.disclosure import MARK, Beside, Disclosed, Level, Policy, Shown, Units
from tarikh.disclosure.masking import known_party
from tarikh.disclosure.places import coarsened, coarsest
from tarikh.errors import StoreError
from tarikh.gazetteer import open_index
from tarikh.model import Incident, Mention, Report, Where
from tarikh.queries import Counts, IncidentView, Timeline, Trends
from tarikh.store import Filter, Store
from tarikh.store.sensitivity import Guarded, Sensitivity, harmless
from tarikh.store.spots import Spot
from tarikh.store.trends import UNLIMITED, By, Limits, Split

AT_ONCE = 200
"""Incidents that are judged in one go."""
ANSWERS = 8
"""Maps of readers that are remembered: the first view asks for the same places twice, and every reader for the same."""
PLACE_RULES = ("sites", "survivors")
"""The rules of places that last; `fresh` follows from the day."""


class Guarding:
    """The policy of one application, and the rules that each incident falls under."""

    def __init__(self, store: Store, gazetteer: Path | None, policy: Policy) -> None:
        self.store, self.policy = store, policy
        self.kept = Sensitivity(store)
        self._gazetteer = gazetteer
        self._looked: tuple[int, int] | None = None
        self._judging = threading.Lock()
        self._answers: OrderedDict[tuple[object, ...], list[Guarded]] = OrderedDict()
        self._answering = threading.Lock()

    @cached_property
    def units(self) -> Units:
        """The points of units; none where there is no gazetteer."""
        if self._gazetteer is None:
            return disclosure.no_points
        find, lock = disclosure.UnitsOf(open_index(self._gazetteer)), threading.Lock()

        @lru_cache(maxsize=20_000)
        def found(where: Where) -> tuple[float, float, int | None] | None:
            with lock:
                return find(where)

        return found

    def rules(self, incidents: Sequence[Incident]) -> dict[str, tuple[str, ...]]:
        """The lasting rules of incidents; those that are not judged yet are judged now."""
        return self.rules_of([each.id for each in incidents])

    def rules_of(self, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """The same of ids."""
        known = self.kept.rules(self.policy.version, ids)
        missing = [each for each in ids if each not in known]
        return known | self._judged(missing)[0] if missing else known

    def judge(self, most: int = AT_ONCE) -> int:
        """Judges incidents that are not, at most so many; returns how many are kept now. Nothing where nothing has changed."""
        with self._judging:
            moment = self.kept.moment()
            if moment == self._looked:
                return 0
            ids = self.kept.unjudged(self.policy.version, most)
            kept = self._judged(ids)[1]
            if kept and len(ids) < most and moment[0] == moment[1]:
                self._looked = moment
            return len(ids) if kept else 0

    def _judged(self, ids: Sequence[str]) -> tuple[dict[str, tuple[str, ...]], bool]:
        """The rules of these incidents, and whether they are kept."""
        digests = self.kept.digests(ids)  # first, so that what changes meanwhile is not kept
        incidents = self.store.acts.incidents_of(ids)
        mentions, reports = self.around(incidents)
        by_id, texts = {m.id: m for m in mentions}, {r.id: r for r in reports}
        made = {}
        for each in incidents:
            members = [by_id[key] for key in each.members if key in by_id]
            made[each.id] = disclosure.lasting_rules(each, members, texts, self.policy)
        try:
            self.kept.keep(self.policy.version, made, digests)
        except StoreError as error:  # others write at length: it is worked out again
            _say(error)
            return made, False
        return made, True

    def around(self, incidents: Iterable[Incident]) -> tuple[list[Mention], list[Report]]:
        """The mentions and reports of incidents."""
        incidents = list(incidents)
        members = [member for incident in incidents for member in incident.members]
        by_id = {each.id: each for each in self.store.mentions(ids=members, all_coders=True)}
        mentions = list(link.oriented_of(incidents, by_id).values())
        return mentions, list(self.store.reports(dict.fromkeys(m.report_id for m in mentions)))

    def remembered(self, key: tuple[object, ...], ask: Callable[[], list[Guarded]]) -> list[Guarded]:
        """What `ask` gives; once for a key, as long as nothing changes and all is judged. The lists must not be changed."""
        moment = self.kept.moment()
        if moment != self._looked:
            return ask()
        with self._answering:
            if (moment, *key) in self._answers:
                self._answers.move_to_end((moment, *key))
                return self._answers[moment, *key]
        found = ask()
        with self._answering:
            self._answers[moment, *key] = found
            while len(self._answers) > ANSWERS:
                self._answers.popitem(last=False)
        return found

    def sight(self, level: Level, now: datetime) -> Sight:
        """What is seen at a level. Judges some of what is new, so that small databases are known whole."""
        if level != "full":
            self.judge()
        return Sight(self, level, now)


def keep_up(
    guarding: Guarding,
    stopped: threading.Event,
    pause: float = 5.0,
    wanted: Callable[[], bool] = lambda: True,
) -> None:
    """Judges what comes while it is wanted, until it is stopped; for a thread beside the server.

    A database that cannot be read or written for now is tried again after the pause.
    """
    wait = 0.0
    while not stopped.wait(wait):
        try:
            wait = 0.02 if wanted() and guarding.judge() else pause
        except StoreError as error:
            _say(error)
            wait = pause


def _say(error: StoreError) -> None:
    told = (
        f"what readers may see of new incidents could not be worked out or kept: {error}; it is tried again"
    )
    print(told, file=sys.stderr)


@dataclass(frozen=True, slots=True)
class Sight:
    """What one request may see. `level` is that of who asks."""

    guarding: Guarding
    level: Level
    now: datetime

    @property
    def full(self) -> bool:
        """Whether nothing is withheld."""
        return self.level == "full"

    # ---- questions -------------------------------------------------------------------------------------------

    def only(self, wanted: Filter) -> tuple[sa.ColumnElement[bool], ...]:
        """Conditions besides a filter, so that its answer tells no withheld place.

        Raises `ForbiddenError` where it asks for words or names that are withheld.
        """
        return (self.harmless(),) if self.asks_place(wanted) else ()

    def asks_place(self, wanted: Filter) -> bool:
        """Whether the answer holds only incidents whose place is shown as it is known. Raises as `only`."""
        # The name of a source may tell the place as well: "Radio Kountiéba".
        tells = disclosure.asks_place(wanted, self.level) or bool(wanted.sources)
        return tells and not self.full

    def harmless(self) -> sa.ColumnElement[bool]:
        """The incidents whose place is shown as it is known."""
        return harmless(self._version, self.rules_that_hide(), self.fresh_from)

    def rules_that_hide(self) -> tuple[str, ...]:
        """The lasting rules that make a place coarser at this level."""
        policy = self.guarding.policy
        return tuple(rule for rule in PLACE_RULES if policy.done(rule, self.level) != "shown")

    @property
    def _version(self) -> int:
        return self.guarding.policy.version

    @property
    def fresh_from(self) -> date | None:
        """The first day that is fresh at this level; None where none is."""
        policy = self.guarding.policy
        if not policy.fresh or policy.done("fresh", self.level) == "shown":
            return None
        return (self.now.astimezone(UTC) - policy.fresh).date()

    def guarded(self, wanted: Filter) -> list[Guarded]:
        """The incidents of a filter by place and kind, with the places as they may be shown."""
        plain = replace(wanted, order="newest")
        key = (plain, self.level, self.fresh_from)
        return self.guarding.remembered(
            key, lambda: [replace(each, spot=self.spot(each)) for each in self._guarded(plain)]
        )

    def _guarded(self, wanted: Filter) -> list[Guarded]:
        return self.guarding.kept.guarded(wanted, self._version, self.fresh_from, self.only(wanted))

    def counts(self, wanted: Filter) -> Counts:
        """How many there are; below `full` always exactly, for a number that depends on the time could tell what was gone through."""
        if self.full:
            return queries.counts(self.guarding.store, wanted)
        return Counts(self.timeline(wanted, "month").total.incidents)

    def timeline(self, wanted: Filter, by: By, split: Split = "kind") -> Timeline:
        """As `queries.timeline`, of the incidents that `trends` counts."""
        return self.guarding.store.views.timeline(wanted, by, self._limits(wanted, split))

    def trends(self, wanted: Filter, by: By, split: Split, most: int = 50) -> Trends:
        """As `queries.trends`. Below `full` regions have only incidents whose place is shown, and parties that are withheld are one.

        Raises `ForbiddenError` as `only`.
        """
        return self.guarding.store.views.trends(wanted, by, split, most, self._limits(wanted, split))

    def _limits(self, wanted: Filter, split: Split) -> Limits:
        if self.full:
            return UNLIMITED
        only = self.only(wanted)
        if split == "admin1" and not only:
            only = (self.harmless(),)
        return Limits(only, _party)

    def at(self, wanted: Filter, fits: Callable[[Spot], bool], most: int) -> list[Incident]:
        """The incidents of a filter that are shown at a place, at most so many."""
        there = [each for each in self._guarded(wanted) if fits(self.spot(each))]
        kept = self.guarding.kept
        ids = kept.ids_at(wanted, there, self._version, self.fresh_from, most)
        return self.incidents(self.guarding.store.acts.incidents_of(ids))

    # ---- answers ---------------------------------------------------------------------------------------------

    def spot(self, given: Guarded) -> Spot:
        """A place on the map as it may be shown; of what is not judged only the country."""
        spot = given.spot
        if given.rules is None:
            return _nowhere(spot)
        policy = self.guarding.policy
        rules = (*given.rules, *(("fresh",) if given.fresh else ()))
        to = coarsest([policy.done(rule, self.level) for rule in rules])
        if to is None:
            return spot
        where = coarsened(_where(spot), to, self.guarding.units)
        if where.country is None:
            return _nowhere(spot)
        names: dict[str, str | None] = {"admin1": where.admin1, "admin2": where.admin2, "place": where.place}
        point = {"latitude": where.latitude, "longitude": where.longitude}
        return replace(spot, precision=where.precision, country=where.country, **names, **point)  # type: ignore[arg-type]

    def view(self, view: IncidentView) -> Disclosed:
        """An incident with all that opens it, as it may be shown."""
        by, units = self.guarding.policy, self.guarding.units
        others = self._beside([report.id for report in view.reports])
        return disclosure.disclosed(view, self.level, self.now, by, units, others)

    def _beside(self, report_ids: Iterable[str]) -> Beside:
        """What all incidents of some reports withhold of them; a report that tells of something in no incident says nothing."""
        if self.full:
            return {}
        store = self.guarding.store
        told = store.mentions(report_ids=list(dict.fromkeys(report_ids)))
        homes = store.acts.homes([each.id for each in told])
        found = store.acts.incidents_of(list(dict.fromkeys(homes.values())))
        rules = self.guarding.rules(found)
        if self.fresh_from is None:  # those that hide nothing need not be opened
            found = [each for each in found if set(rules[each.id]) & set(self.rules_that_hide())]
        members = store.mentions(ids=[key for each in found for key in each.members], all_coders=True)
        withheld = disclosure.beside(found, members, self.level, self.now, rules, self.guarding.policy)
        # What is in no incident has no rules that could be asked.
        return {**withheld, **{each.report_id: None for each in told if each.id not in homes}}

    def incidents(self, found: Sequence[Incident]) -> list[Incident]:
        """Incidents as lists show them: values alone, without ledger, reasons and words."""
        if self.full or not found:
            return list(found)
        return list(self.all(found, flat=True).incidents)

    def all(self, found: Sequence[Incident], flat: bool = False) -> Shown:
        """Incidents with their mentions and reports, as they may be shown."""
        mentions, reports = self.guarding.around(found)
        known = self.guarding.rules(found)
        by, units = self.guarding.policy, self.guarding.units
        others = self._beside([report.id for report in reports])
        return disclosure.disclosed_all(
            found, mentions, reports, self.level, self.now, by, units, flat, known, others
        )

    def placed(self, found: Sequence[Incident]) -> list[Incident]:
        """Of some incidents those whose place is shown as it is known."""
        if self.full or not found:
            return list(found)
        return list(self.all(found, flat=True).placed().incidents)


def _party(name: str) -> str:
    return name if known_party(name) else MARK


def _where(spot: Spot) -> Where:
    return Where(
        spot.country,
        spot.admin1,
        spot.admin2,
        spot.place,
        spot.latitude,
        spot.longitude,
        spot.precision,  # type: ignore[arg-type]
    )


def _nowhere(spot: Spot) -> Spot:
    return replace(
        spot, precision="country", admin1=None, admin2=None, place=None, latitude=None, longitude=None
    )
