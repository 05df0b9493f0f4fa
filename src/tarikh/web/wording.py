"""Values of incidents in the reader's words.

Invariant: unknown is always said, never shown as 0 or as nothing; a place or day is never said more precisely than it is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from tarikh import reference
from tarikh.errors import UsageError
from tarikh.link import correction_value
from tarikh.model import HARMS, Count, Incident, Mention, When, Where
from tarikh.queries import Counts, IncidentRow, Tally
from tarikh.reference import Kind
from tarikh.text import fold
from tarikh.web.language import Texts

FIELDS = ("kind", "status", "attackers", "targets", "date", "place", *(f"harm.{what}" for what in HARMS))
"""The fields of an incident in the order in which pages show them."""


FAMILIES = ("battle", "remote", "civilians", "crowd", "strategic")
"""In the order in which pages show them."""


@cache
def families() -> Mapping[str, str]:
    """The family of each kind."""
    return {kind.name: kind.family for kind in reference.kinds()}


@cache
def kinds_by_family() -> Mapping[str, Sequence[Kind]]:
    """The codebook's kinds in its order, by family in the order of `FAMILIES`."""
    return {name: [kind for kind in reference.kinds() if kind.family == name] for name in FAMILIES}


def family(kind: str) -> str:
    """The family of a kind, which gives it shape and color; a kind of another version has none of its own."""
    return families().get(kind, "strategic")


@dataclass(frozen=True, slots=True)
class Wording:
    """Says values in one language."""

    t: Texts

    def kind(self, name: str) -> str:
        """A kind, such as "Air strike"; it stands alone or at the beginning of a line."""
        words = self.t.word("kind", name)
        return words[:1].upper() + words[1:]

    def field(self, name: str) -> str:
        """The name of a field."""
        return self.t.word("field", name)

    def day(self, day: date | None) -> str:
        """A day, or that there is none."""
        if day is None:
            return self.t("when.no_day")
        return f"{day.day} {self.month(day.month)} {day.year}"

    def month(self, number: int) -> str:
        """The short name of a month, from 1."""
        return self.t("months").split()[number - 1]

    def moment(self, at: datetime | None) -> str:
        """A moment in UTC, to the minute."""
        return self.t("when.no_day") if at is None else f"{self.day(at.date())}, {at:%H:%M} UTC"

    def when(self, when: When) -> str:
        """The days of an incident with their precision."""
        start, end = when.start, when.end or when.start
        if start is None or end is None or when.precision == "unknown":
            return self.t("when.unknown")
        if when.precision == "day":
            return self._range(start, end)
        if when.precision == "month" and (start.year, start.month) == (end.year, end.month):
            return self.t("when.some_time", span=f"{self.month(start.month)} {start.year}")
        if when.precision == "year" and start.year == end.year:
            return self.t("when.some_time", span=str(start.year))
        return self.t("when.between", span=self._range(start, end))

    def _range(self, start: date, end: date) -> str:
        if start == end:
            return self.day(start)
        if start.year != end.year:
            return f"{self.day(start)} – {self.day(end)}"
        if start.month != end.month:
            return f"{start.day} {self.month(start.month)} – {self.day(end)}"
        return f"{start.day}–{self.day(end)}"

    def country(self, code: str | None) -> str | None:
        """A country's name."""
        found = reference.country(code) if code else None
        return code if found is None else found.name

    def place(self, where: Where) -> str:
        """The name that the words support most precisely: "near Téra", "somewhere in Tillabéri"."""
        precision = where.precision
        if precision == "exact" and where.place:
            return where.place
        if precision == "near" and where.place:
            # French elides: "près d’Abala".
            vowel = fold(where.place)[:1] in tuple("aeiou")
            return self.t("where.near_vowel" if vowel else "where.near", place=where.place)
        unit = {
            "admin2": where.admin2 or where.place,
            "admin1": where.admin1 or where.place,
            "country": self.country(where.country),
        }.get(precision)
        return self.t("where.somewhere", unit=unit) if unit else self.t("where.unknown")

    def around(self, where: Where) -> str:
        """The units around the place that `place` has not said."""
        units: dict[str, list[str | None]] = {
            "exact": [where.admin2, where.admin1],
            "near": [where.admin2, where.admin1],
            "admin2": [where.admin1],
        }
        names: list[str | None] = [
            name for name in units.get(where.precision, []) if name and name != where.place
        ]
        if where.precision != "country":
            names.append(self.country(where.country))
        return ", ".join(dict.fromkeys(name for name in names if name))

    def count(self, count: Count | None) -> str:
        """Low, best and high: "22 (17–22)", "24 or more", "up to 30", "unknown"."""
        if count is None or not count.known():
            return self.t("count.unknown")
        low, best, high = count.low, count.best, count.high
        n = self.t.number
        if best is None:
            if low is None:
                return self.t("count.up_to", n=n(high or 0))
            return self.t("count.or_more", n=n(low)) if high is None else f"{n(low)}–{n(high)}"
        if low == best == high:
            return n(best)
        if low is None and high is None:
            return self.t("count.about", n=n(best))
        if high is None:
            more = self.t("count.or_more", n=n(low or 0))
            return more if low == best else f"{n(best)} ({more})"
        if low is None:
            upto = self.t("count.up_to", n=n(high))
            return upto if best == high else f"{n(best)} ({upto})"
        return f"{n(best)} ({n(low)}–{n(high)})"

    def incidents(self, found: Counts) -> str:
        """How many incidents were found: "812 incidents", "10,000+ incidents"."""
        if found.exact:
            return self.t.count("count.incidents", found.total)
        return self.t("count.incidents_or_more", n=self.t.number(found.total))

    def toll(self, tally: Tally) -> str:
        """What is known of the dead of some incidents; a sum says of how many it is, and none is never 0."""
        known = tally.incidents - tally.unknown
        if not known:
            return self.t("map.toll_unknown")
        killed = self.t.count("count.killed", tally.killed_best)
        n = self.t.number
        return (
            self.t("map.toll_partly", known=killed, of=n(known), all=n(tally.incidents))
            if tally.unknown
            else killed
        )

    def tolls(self, tally: Tally, bare: bool = False) -> str:
        """The known killed of some incidents with their range, and of how many nothing is known; `bare` is for a table."""
        known, n, t = tally.incidents - tally.unknown, self.t.number, self.t
        missing = t("trends.unknown_short", n=n(tally.unknown)) if tally.unknown else ""
        if not known:
            return missing if bare else t("map.toll_unknown")
        killed = n(tally.killed_best)
        if tally.open and tally.killed_low == tally.killed_high:
            killed = t("count.or_more", n=killed)
        elif tally.open or tally.killed_low != tally.killed_high:
            high = n(tally.killed_high)
            high = t("count.or_more", n=high) if tally.open else high
            killed += f" ({n(tally.killed_low)}–{high})"
        killed = killed if bare else t("trends.killed", killed=killed)
        return f"{killed}, {missing}" if missing else killed

    def parties(self, names: Sequence[str]) -> str:
        """A side of parties; none is unknown."""
        return ", ".join(names) if names else self.t("party.unknown")

    def value(self, field: str, value: Any) -> str:
        """A field's value, as a claim, a correction or a record has it."""
        try:
            value = value if isinstance(value, When | Where | Count) else correction_value(field, value)
        except UsageError:
            return str(value)[:300]
        if isinstance(value, When):
            return self.when(value)
        if isinstance(value, Where):
            return ", ".join(part for part in (self.place(value), self.around(value)) if part)
        if isinstance(value, Count) or field.startswith("harm."):
            return self.count(value)
        if isinstance(value, tuple | list):
            return self.parties([str(name) for name in value])
        if value is None:
            return self.t("count.unknown")
        if field == "kind":
            return self.kind(str(value))
        return self.t.word(field, str(value)) if field in ("status", "review") else str(value)

    def of(self, record: Incident | Mention, field: str) -> str:
        """A field of an incident or a mention in words."""
        return self.value(field, raw(record, field))

    def title(self, incident: Incident | IncidentRow) -> str:
        """An incident in one line: kind and place."""
        return self.t("incident.title", kind=self.kind(incident.kind), place=self.place(incident.where))


def raw(record: Incident | Mention, field: str) -> Any:
    """The value of a field; a count that is not stated is None."""
    if field.startswith("harm."):
        return record.harm.get(field.removeprefix("harm."))
    return getattr(record, {"date": "when", "place": "where"}.get(field, field))


def comparable(value: Any) -> Any:
    """A value without what a day was counted from, and names in no order: two that are equal tell the same."""
    if isinstance(value, When):
        return (value.start, value.end, value.precision)
    return frozenset(value) if isinstance(value, tuple) else value
