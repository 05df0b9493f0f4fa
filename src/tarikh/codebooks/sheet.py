"""One incident on its way into a codebook: the facts, the clauses that fired, and the cells that they set.

Invariant: a cell that no clause or function set is None; a clause that refuses ends the coding.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tarikh import reference
from tarikh.codebooks.facts import Facts, Party, fits
from tarikh.codebooks.record import Around, Cell, Clause, Codebook, Row
from tarikh.disclosure import MARK
from tarikh.model import Count, Incident


class Inexpressible(Exception):
    """A clause that refuses has fired; caught in `coded`."""

    def __init__(self, clause: Clause) -> None:
        super().__init__(clause.words)
        self.clause = clause


class Sheet:
    """Made anew for each incident."""

    def __init__(self, book: Codebook, facts: Facts, around: Around) -> None:
        self.book, self.facts, self.around = book, facts, around
        self.fired: list[Clause] = []
        self.set: dict[str, Any] = {}
        self.asked = dict(facts.asked)

    @property
    def incident(self) -> Incident:
        """The incident."""
        return self.facts.incident

    def ask(self, *questions: str) -> None:
        """Fires the first clause that fits of each question. Raises `Inexpressible` where it refuses."""
        book, kind = self.book, self.incident.kind
        for question in questions:
            for clause in book.by_kind.get((question, kind), book.questions[question]):
                if fits(self.asked, clause.conditions):
                    if clause.refuses:
                        raise Inexpressible(clause)
                    self.fired.append(clause)
                    self.set |= clause.sets
                    break

    def needed(self, name: str) -> Any:
        """What a clause must have set. Raises `Inexpressible` where a user's own file has left none that does."""
        if name not in self.set:
            raise self.lacking(name, f"no clause of the codebook says its {name}")
        return self.set[name]

    def lacking(self, name: str, words: str) -> Inexpressible:
        """The refusal where what the code cannot do without is missing, whatever clauses a user's own file drops."""
        return Inexpressible(Clause(f"{self.book.name}.needs.{name}", "refuse", words, refuses=True))

    def table(self, name: str, key: object) -> Any:
        """A row of a table; None where it has none, or the key is unknown."""
        return None if key is None else self.book.tables[name].get(str(key))

    def country_name(self, code: str | None) -> str | None:
        """A country's short English name, as Tarikh has it."""
        owner = reference.country(code)
        return None if owner is None else owner.name

    def of_country(self, code: str | None, key: str) -> Any:
        """A cell of the table of countries."""
        return (self.table("countries", code) or {}).get(key)

    def country(self, code: str | None) -> str | None:
        """A country's name in this codebook: that of its table, else our own."""
        return self.of_country(code, "name") or self.country_name(code)

    def row(self, cells: Mapping[str, Cell]) -> Row:
        """A row in the order of the columns: the cells given, then what clauses set; the rest is None."""
        given = {**self.set, **cells}
        return {column.name: given.get(column.name) for column in self.book.columns}


def best(incident: Incident, what: str) -> int | None:
    """The best figure of a count."""
    return incident.harm.get(what, Count()).best


def joined(values: tuple[str, ...], separator: str = "; ") -> str | None:
    """Values in one cell; the separator inside one is a comma. None where there are none."""
    return separator.join(value.replace(";", ",") for value in values) or None


def place(incident: Incident) -> str | None:
    """The most specific name: the place, else the smaller unit, else the larger one."""
    where = incident.where
    names = (where.place, where.admin2, where.admin1)
    return next((name for name in names if name and name != MARK), None)


def point(incident: Incident) -> tuple[float | None, float | None]:
    """Latitude and longitude; none where only the country is known, whose point is nothing but a drawing."""
    where = incident.where
    if where.precision in ("country", "unknown") or where.latitude is None or where.longitude is None:
        return None, None
    return where.latitude, where.longitude


def slot(sheet: Sheet, party: Party, row: Mapping[str, str]) -> str | None:
    """What stands in the place of a party's country: the state's own code, that of the place, a fixed code, or nothing."""
    named = sheet.table("organizations", party.name)
    if named is not None:
        return str(named)
    how = row.get("country")
    if how == "own":
        return party.country or sheet.incident.where.country
    return sheet.incident.where.country if how == "place" else how
