"""What coding depends on, and what became of each document: the records that the steps of the pipeline hand on.

Invariant: nothing here reads, codes or asks; a report goes through as one outcome, whatever befalls it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from tarikh.extract.coder import CODER
from tarikh.extract.scope import Scope, coder_name
from tarikh.llm.answers import Refused
from tarikh.model import Mention, Problem, Report
from tarikh.reference import trained


@dataclass(frozen=True, slots=True)
class Rules:
    """What coding depends on besides the text. `today` bounds absurd dates and is never a default date."""

    gazetteer: Path
    today: date
    published: date | None = None
    max_text: int = 200_000
    scope: Scope = "conflict"
    second: Second | None = None

    @property
    def coder(self) -> str:
        """The name under which what is coded by these rules is kept."""
        return self.second.coder if self.second is not None else coder_name(trained.named(CODER), self.scope)


class Second(Protocol):
    """A second coder (`second_coder`): it asks, has `code` code reports and answers, and says whose mentions they are."""

    @property
    def coder(self) -> str:
        """The name under which what it codes is kept."""

    def run(
        self, outcomes: Iterable[Outcome], code: Callable[[Iterable[Outcome]], Iterator[Outcome]]
    ) -> Iterator[Outcome]:
        """The outcomes coded, in their order."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a language model was asked about a report: its answer, what of that was refused, and why it was of no use;
    `first` are the rules' mentions where both code."""

    model: str
    answer: str | None = None
    refused: tuple[Refused, ...] = ()
    problem: Problem | None = None
    first: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one document: a report with its mentions (perhaps none), or a problem."""

    origin: str
    line: int | None = None
    id: str | None = None
    report: Report | None = None
    mentions: tuple[Mention, ...] = ()
    problem: Problem | None = None
    known: bool = False
    field_problem: Problem | None = None
    """What cost the report a field of its own (its day) and did not hinder its coding."""
    asked: Asked | None = None
    coder: str | None = None
    """Under whose name the mentions are kept, where it is not the one of the run."""
    settled: bool = False
    """The mentions stand, and nothing of the report is coded anew."""
