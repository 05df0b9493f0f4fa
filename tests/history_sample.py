"""Random histories of one chronicle: telling, linking, judging, correcting, withdrawing, coding anew, new versions.

Invariant: after each step the incidents are folded and kept, and what the store then says is noted with its moment.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from hypothesis import strategies as st

from store_sample import Clock, mention, recode, refold, report, said
from tarikh.errors import UnknownIdError
from tarikh.link.speakers import ROLE_RANKS
from tarikh.model import Correction, Count, Incident, Mention, When, Where
from tarikh.store import Store

PLACES = (
    Where(),
    Where(country="MLI", place="Gao", latitude=16.3, longitude=0.0, precision="exact"),
    Where(country="NER", place="Diffa", latitude=13.3, longitude=12.6, precision="near"),
)
VERDICTS = ("same", "different", "unsure", "same")
AUTHORS = ("user:ana", "linker@1", "user:ben", "linker@1")
VALUES = (
    ("kind", "bombing"),
    ("harm.killed", 7),
    ("attackers", ("rebels",)),
    ("date", "2024-04-28"),
    ("review", "accepted"),
    ("status", "claimed"),
)

ROLES = (*ROLE_RANKS, None)

Step = tuple[str, int, int, int]
number = st.integers(0, 9)
step = st.tuples(
    st.sampled_from(
        [
            "tell",
            "tell",
            "tell",
            "say",
            "say",
            "say",
            "correct",
            "unsay",
            "uncorrect",
            "recode",
            "version",
            "role",
        ]
    ),
    number,
    number,
    number,
)
histories = st.lists(step, min_size=1, max_size=14)


@dataclass(slots=True)
class Seen:
    """What the store said at a moment: its incidents, and where every id led that had been shown by then."""

    at: datetime
    incidents: list[Incident]
    leads: dict[str, str | None]


@dataclass(slots=True)
class History:
    """A chronicle that grows by steps; `seen` is what it said after each."""

    store: Store
    clock: Clock
    seen: list[Seen] = field(default_factory=list)
    told: int = 0

    def run(self, steps: list[Step]) -> History:
        for what, *numbers in steps:
            getattr(self, what)(*numbers)
            self.note()
        return self

    def note(self) -> None:
        refold(self.store)
        ids = {i.id for i in self.store.incidents()} | (set(self.seen[-1].leads) if self.seen else set())
        self.seen.append(
            Seen(self.clock.moment, self.store.incidents(), {key: leads(self.store, key) for key in ids})
        )

    def _some(self, n: int) -> Mention | None:
        found = self.store.mentions(all_coders=True)
        return found[n % len(found)] if found else None

    def tell(self, where: int, killed: int, linked: int) -> None:
        self.told += 1
        added = report(str(self.told), source=f"Herald {killed % 3}", published=date(2024, 4, 20 + killed))
        self.store.add_report(added)
        harm = {"killed": Count(killed, killed, killed)} if killed else {}
        day = date(2024, 4, 20)
        fields = {"where": PLACES[where % 3], "harm": harm, "when": When(day, day, "day")}
        made = self.store.add_mentions(added.id, "rules@1", [mention(added, **fields)])[0]
        other = self._some(linked)
        if linked > 3 and other is not None and other.id != made.id:
            judged = [said(made, other, "same", "linker@1", 5.0 + linked)]
            self.store.add_judgements(judged, compared=[made], by="linker@1")

    def say(self, left: int, right: int, what: int) -> None:
        one, two = self._some(left), self._some(right)
        if one is not None and two is not None and one.id != two.id:
            score = 6.0 if what % 4 else -7.0
            self.store.add_judgements([said(one, two, VERDICTS[what % 4], AUTHORS[left % 4], score)])

    def correct(self, which: int, what: int, who: int) -> None:
        on = self._some(which)
        if on is not None:
            name, value = VALUES[what % len(VALUES)]
            by = f"user:{'ana' if who % 2 else 'ben'}"
            self.store.add_correction(Correction(on.id, name, value, by, self.clock(), f"note {who}"))

    def unsay(self, which: int, _: int, __: int) -> None:
        rows = self.store.judgements()
        if rows:
            row = rows[which % len(rows)]
            self.store.withdraw_judgements(row.left, row.right, row.by)

    def uncorrect(self, which: int, _: int, __: int) -> None:
        rows = self.store.corrections()
        if rows:
            row = rows[which % len(rows)]
            self.store.withdraw_corrections(row.mention_id, row.field, row.by)

    def role(self, which: int, what: int, who: int) -> None:
        on = self._some(which)
        if on is not None and on.source is not None:
            role = ROLES[what % len(ROLES)]
            self.store.source_roles.say(on.source, role, f"user:{'ana' if who % 2 else 'ben'}", f"note {who}")

    def recode(self, which: int, lost: int, kind: int) -> None:
        old = self._some(which)
        if old is None:
            return
        coder = f"rules@{2 + self.told + len(self.seen)}"
        if lost > 6:  # the new coder finds nothing in the report
            self.store.add_mentions(old.report_id, coder, [])
            return
        kinds = ("bombing", "shelling", "ambush")
        fields = {"start": 6, "end": 10 + kind % 3, "kind": kinds[kind % 2], "where": PLACES[lost % 3]}
        recode(self.store, old, coder, **fields)

    def version(self, which: int, other: int, _: int) -> None:
        reports = list(self.store.reports())
        url = f"https://news.example/{which % 3}"
        text = f"Shells fell on the old bridge on Monday. Version {len(reports)}."
        added = report("v", text, url=url, source="The Globe")
        self.store.add_report(added)
        self.store.add_mentions(added.id, "rules@1", [mention(added, where=PLACES[other % 3])])


def leads(store: object, key: str) -> str | None:
    """The incident that an id leads to; None where it leads nowhere."""
    try:
        return str(store.incident(key).id)  # type: ignore[attr-defined]
    except UnknownIdError:
        return None
