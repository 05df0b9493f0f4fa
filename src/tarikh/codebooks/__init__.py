"""Five codebooks from one record: ACLED-style, UCDP GED-style, PLOVER, CAMEO and GTD-style, as data under `data/codebooks/`.

Invariant: pure functions of records; every row comes with the clauses that made it, and what a codebook cannot express
comes with the clause that says why. No clause sees a name, and unknown never becomes a number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from tarikh.codebooks import acled, cameo, gtd, plover, ucdp
from tarikh.codebooks.facts import FACTS, VALUES, facts
from tarikh.codebooks.loading import LONGEST, Needs, classes, loaded, strangers
from tarikh.codebooks.record import Around, Cell, Clause, Codebook, Coded, Column, Form, Refused, Row
from tarikh.codebooks.sheet import Inexpressible, Sheet
from tarikh.errors import UsageError
from tarikh.model import Incident

__all__ = [
    "CODEBOOKS",
    "FACTS",
    "LONGEST",
    "VALUES",
    "Around",
    "Cell",
    "Clause",
    "Codebook",
    "Coded",
    "Coder",
    "Column",
    "Form",
    "Refused",
    "Row",
    "classes",
    "codebook",
    "coded",
]


@dataclass(frozen=True, slots=True)
class Coder:
    """How a codebook's rows are made: what its code needs of the file, and the function that fills a sheet."""

    needs: Needs
    rows: Callable[[Sheet], tuple[Row, ...]]


CODEBOOKS: Mapping[str, Coder] = {
    "acled": Coder(acled.NEEDS, acled.rows),
    "ucdp": Coder(ucdp.NEEDS, ucdp.rows),
    "plover": Coder(plover.NEEDS, plover.rows),
    "cameo": Coder(cameo.NEEDS, cameo.rows),
    "gtd": Coder(gtd.NEEDS, gtd.rows),
}
"""Every codebook by the name that commands know it by; a new one is a file, a module and a line here."""


@cache
def codebook(name: str) -> Codebook:
    """A codebook with its columns, clauses and tables. Raises `UsageError` where there is none of this name.

    Raises `RegisterError` with file and line where a file of it cannot be used.
    """
    if name not in CODEBOOKS:
        raise UsageError(f"no codebook is called {name[:60]!a}; there are {', '.join(CODEBOOKS)}")
    strangers(CODEBOOKS)
    return loaded(name, CODEBOOKS[name].needs)


def coded(incident: Incident, name: str, around: Around | None = None) -> Coded | Refused:
    """An incident in a codebook: its rows with the clauses that fired, or the clause that says why there are none.

    `around` gives the reports and the moment of the last change, where they are known. Raises as `codebook`.
    """
    book, known = codebook(name), classes()
    sheet = Sheet(book, facts(incident, known.unarmed, known.of_states), around or Around())
    try:
        rows = CODEBOOKS[name].rows(sheet)
    except Inexpressible as refusal:
        # The mark of what is not known for sure of a scheme is for who reads the clauses, not for who reads a reason.
        return Refused(incident.id, name, refusal.clause.words.removesuffix(" [M]"), refusal.clause.id)
    return Coded(incident.id, name, rows, tuple(sheet.fired))
