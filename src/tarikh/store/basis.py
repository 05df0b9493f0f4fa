"""What the store gives as a whole: all that incidents are folded from, and how many there are of everything.

Invariant: values alone; nothing here reads a database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tarikh.model import Correction, Edge, Judgement, Mention
from tarikh.store.succession import Lineage, Origin


@dataclass(frozen=True, slots=True)
class Basis:
    """All that incidents are folded from, as it stood at one moment.

    `origins` gives for mentions coded anew the moment and id of their first coding, `previous` the public ids
    shown before, `roles` what people say that sources are: all as `link.fold` takes them. `revision` says of which state
    it is.
    """

    revision: int
    mentions: list[Mention]
    judgements: list[Judgement]
    corrections: list[Correction]
    origins: dict[str, Origin]
    previous: frozenset[str]
    roles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """What some incidents are folded from, like `Basis`: all that hangs together with a change, or all of a moment.

    `lineage` says which mentions are current in it and what became of those that are not; `edge` is what leads out of it.
    """

    mentions: list[Mention]
    judgements: list[Judgement]
    corrections: list[Correction]
    origins: dict[str, Origin]
    previous: frozenset[str]
    lineage: Lineage
    edge: Edge = field(default_factory=Edge)
    roles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stats:
    """How many there are. `mentions` are current ones; `folded` is whether the incidents are up to date."""

    reports: int
    mentions: int
    incidents: int
    judgements: int
    corrections: int
    problems: int
    orphans: int
    folded: bool

    def __str__(self) -> str:
        return f"{self.reports} reports, {self.mentions} mentions, {self.incidents} incidents, {self.problems} problems"
