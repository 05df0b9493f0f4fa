"""An incident's row in plain words, for feeds and maps: what, where, when, how many, and how far each is known.

Invariant: a place or day that is only known to a unit or a span is told as such; an unknown figure is told as unknown.
"""

from __future__ import annotations

from functools import cache

from tarikh import reference
from tarikh.disclosure import MARK
from tarikh.exports.table import Cell, Row, Table

_NEEDED = (
    "kind", "status", "attackers", "targets", "date_start", "date_end", "date_precision", "place", "place_precision",
    "admin2", "admin1", "country", "killed_low", "killed_best", "killed_high", "injured_low", "injured_best",
    "injured_high", "sources", "disclosure",
)  # fmt: skip

_UNIT = "a point drawn for it is no place where anything happened"
_PRECISION = {
    "exact": "the place itself is known",
    "near": "a place nearby is known",
    "admin2": f"only the district is told, {_UNIT}",
    "admin1": f"only the region is told, {_UNIT}",
    "country": f"only the country is told, {_UNIT}",
}


@cache
def labels() -> dict[str, tuple[str, str]]:
    """Label and family of each kind."""
    return {kind.name: (kind.label, kind.family) for kind in reference.kinds()}


@cache
def _country(code: str) -> str:
    found = reference.country(code)
    return code if found is None else found.name


class Teller:
    """Tells the rows of a table. Raises `UsageError` where it is none of incidents; `form` is what wants it."""

    def __init__(self, table: Table, form: str) -> None:
        self._at = dict(zip(_NEEDED, table.needs(form, *_NEEDED), strict=True))

    def _of(self, row: Row, name: str) -> Cell:
        return row[self._at[name]]

    def family(self, row: Row) -> str:
        """The family of its kind, "" of an unknown one."""
        return labels().get(str(self._of(row, "kind")), ("", ""))[1]

    def kind(self, row: Row) -> str:
        """Its kind for people."""
        kind = str(self._of(row, "kind"))
        return labels().get(kind, (kind, ""))[0]

    def title(self, row: Row) -> str:
        """Kind, place and day in a line."""
        place = self._named(row)
        return ", ".join(part for part in (self.kind(row), place, self._day(row)) if part)

    def sentences(self, row: Row) -> list[str]:
        """What is known of it and how exactly."""
        told = [f"{self.kind(row)}. Status: {self._of(row, 'status')}."]
        told.append(f"Day: {self._day(row) or 'unknown'}{self._dated(row)}.")
        told.append(f"Place: {self._placed(row)}.")
        for name, what in (("attackers", "Attackers"), ("targets", "Targets")):
            told.append(f"{what}: {_listed(self._of(row, name))}.")
        told.append(f"Killed: {self._count(row, 'killed')}. Injured: {self._count(row, 'injured')}.")
        told.append(f"Sources: {_listed(self._of(row, 'sources'))}.")
        return [
            *told,
            f"Coded by machine from news reports; shown at the level {self._of(row, 'disclosure')}.",
        ]

    def _named(self, row: Row) -> str:
        names = [self._of(row, name) for name in ("place", "admin2", "admin1")]
        country = self._of(row, "country")
        told = dict.fromkeys(str(name) for name in names if name and name != MARK)
        return ", ".join([*told, *([_country(str(country))] if country else [])])

    def _placed(self, row: Row) -> str:
        known = _PRECISION.get(str(self._of(row, "place_precision")))
        named = self._named(row) or "unknown"
        return named if known is None else f"{named}; {known}"

    def _day(self, row: Row) -> str:
        start, end = self._of(row, "date_start"), self._of(row, "date_end")
        if start is None and end is None:
            return ""
        if start == end or end is None:
            return str(start)
        return f"until {end}" if start is None else f"{start} to {end}"

    def _dated(self, row: Row) -> str:
        precision = str(self._of(row, "date_precision"))
        return f" (known to the {precision})" if precision in ("week", "month", "year") else ""

    def _count(self, row: Row, what: str) -> str:
        low, best, high = (self._of(row, f"{what}_{bound}") for bound in ("low", "best", "high"))
        if best is not None:
            span = "" if (low, high) == (best, best) else f" ({_bounds(low, high)})"
            return f"{best}{span}"
        return _bounds(low, high)


def _bounds(low: Cell, high: Cell) -> str:
    if low is None and high is None:
        return "unknown"
    if high is None:
        return f"at least {low}"
    return f"at most {high}" if low is None else f"{low} to {high}"


def _listed(names: Cell) -> str:
    return "; ".join(names) if isinstance(names, list) and names else "unknown"
