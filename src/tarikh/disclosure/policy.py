"""The written policy, read from `data/disclosure/`: levels, rules, who sees which level.

Invariant: an unknown level or rule is an error, never "shown"; the version is part of every answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, Literal, get_args

from tarikh import reference
from tarikh.errors import UsageError

Level = Literal["public", "partner", "full"]
LEVELS: tuple[Level, ...] = get_args(Level)
"""From what everybody may see to everything."""

MARK = "[withheld]"
"""Stands where something is known and not shown; what is not known is empty."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy as data. `rules` give for each level what is done; `fresh` is how long an incident is fresh."""

    version: int
    roles: Mapping[str, Level]
    exports: Level
    rules: Mapping[str, Mapping[str, str]]
    survivor_kinds: frozenset[str]
    survivor_harms: tuple[str, ...]
    fresh: timedelta

    def done(self, rule: str, level: Level) -> str:
        """What a rule does at a level."""
        return self.rules[rule][level]

    def of_role(self, role: str) -> Level:
        """The level at which a role sees records; of an unknown role the one that shows least."""
        return self.roles.get(role, LEVELS[0])


@cache
def policy(fresh_hours: int | None = None) -> Policy:
    """The shipped policy; `fresh_hours` is another delay than its own."""
    raw: Mapping[str, Any] = reference.load(reference.data_path("disclosure", "policy.yaml"))
    return Policy(
        version=int(raw["version"]),
        roles={str(role): checked_level(level) for role, level in raw["roles"].items()},
        exports=checked_level(raw["exports"]),
        rules={
            rule: {checked_level(k): str(v) for k, v in row.items()} for rule, row in raw["rules"].items()
        },
        survivor_kinds=frozenset(raw["survivor_kinds"]),
        survivor_harms=tuple(raw["survivor_harms"]),
        fresh=timedelta(hours=raw["fresh_hours"] if fresh_hours is None else fresh_hours),
    )


def checked_level(name: str) -> Level:
    """The level of this name. Raises `UsageError` when there is none."""
    for level in LEVELS:
        if level == name:
            return level
    raise UsageError(f"there is no level of disclosure {name[:40]!a}; there are: {', '.join(LEVELS)}")
