"""The records of this room: a codebook with its clauses, and what an incident becomes in it.

Invariant: immutable; a coded row comes with the clauses that made it, a refusal with the one clause that says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from tarikh.model import Report

Form = Literal["text", "count", "number", "degrees", "day", "list", "object"]
FORMS: tuple[Form, ...] = ("text", "count", "number", "degrees", "day", "list", "object")
Cell = str | int | float | date | list[Any] | dict[str, Any] | None
Row = Mapping[str, Cell]
"""Cells by name of column, in the order of the codebook's columns; None is unknown, or what the codebook has no value for."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a codebook: its name, the form of its cells, what it means."""

    name: str
    form: Form
    what: str


@dataclass(frozen=True, slots=True)
class Clause:
    """One line of a codebook: under which conditions it fires, and what it then sets or that it refuses.

    Of the clauses of one `question` the first that fits wins. `conditions` are by name of a fact (`facts.FACTS`).
    """

    id: str
    question: str
    words: str
    conditions: Mapping[str, frozenset[str] | range] = field(default_factory=dict)
    sets: Mapping[str, Any] = field(default_factory=dict)
    refuses: bool = False


@dataclass(frozen=True, slots=True)
class Codebook:
    """A codebook as data. `version` is that of the mapping, with `+own` where a file of the user's was laid over it.

    `notice` says whose data it is not; `tables` are by name; `questions` are the clauses by question, in their order;
    `by_kind` those of a question that could fire for a kind, so that an incident does not pass all the others.
    """

    name: str
    title: str
    version: str
    scheme: str
    citation: str
    notice: str
    columns: tuple[Column, ...]
    questions: Mapping[str, tuple[Clause, ...]]
    tables: Mapping[str, Mapping[str, Any]]
    by_kind: Mapping[tuple[str, str], tuple[Clause, ...]]

    @property
    def flat(self) -> bool:
        """Whether every cell is a plain value, so that its rows fit a table."""
        return all(column.form not in ("list", "object") for column in self.columns)


@dataclass(frozen=True, slots=True)
class Around:
    """What may be told besides the incident: its reports, as they may be shown, and when the record last changed.

    `headlines` is whether titles of reports may be given.
    """

    reports: tuple[Report, ...] = ()
    changed: datetime | None = None
    headlines: bool = False


@dataclass(frozen=True, slots=True)
class Coded:
    """An incident in a codebook: its rows, and the clauses that fired, in the order of the questions."""

    incident: str
    codebook: str
    rows: tuple[Row, ...]
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """An incident that a codebook cannot express: the reason in words and the id of the clause that says so."""

    incident: str
    codebook: str
    reason: str
    clause: str
