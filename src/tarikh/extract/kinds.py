"""The kind of an event from its acts, its means and the classes of its parties: the codebook's precedence as a table.

Invariant: the table never sees a name, only classes, so a group's label cannot change the coding.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from tarikh.extract.acts import family

ARMED = frozenset(("armed", "forces"))
ASSAULTS = family("assault")
_FIGHT = tuple(sorted(family("fight")))
ACTS_OF_KIND: dict[str, tuple[tuple[str, ...], ...]] = {
    "territory_taken": (("take", "lose"), _FIGHT),
    "abduction": (("abduct",),),
    "sexual_violence": (("rape",),),
    "looting_or_arson": (("burn", "loot", "destroy"),),
    "arrest": (("arrest",), ("find", "attack", "raid")),
    "weapons_seized": (("find", "find_down"),),
    "agreement": (("agree",),),
    "base_established": (("base",),),
    "withdrawal": (("withdraw", "withdraw_weak"),),
    "movement": (("move", "move_weak"),),
    "coup": (("coup", "mutiny"),),
    "peaceful_protest": (("protest",),),
    "protest_with_intervention": (("protest", "disperse"),),
    "excessive_force": (("fire",), ("kill", "attack", "raid", "assault"), ("die", "wound")),
    "riot": (("riot",), ("burn", "loot", "attack", "raid")),
    "mob_violence": (("lynch",), ("assault", "kill", "attack", "raid", "clash")),
    "armed_clash": (_FIGHT,),
    "attack_on_civilians": (_FIGHT,),
}
"""Acts whose agents and patients are the parties of a kind, best first."""
NO_TARGETS = frozenset(("base_established", "withdrawal", "movement", "peaceful_protest"))
"""Kinds that have no target by the codebook."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What the kind is decided from: acts, means, classes of agents and patients, roles of the agents' hits."""

    acts: frozenset[str]
    means: frozenset[str]
    agents: frozenset[str]
    patients: frozenset[str]
    protest_near: bool = False
    crowd_agent: bool = False
    killed: int = 0
    abducted: int = 0


Rule = tuple[str, str, Callable[[Picture], bool]]


def _has(p: Picture, *acts: str) -> bool:
    return bool(p.acts & set(acts))


def _means(p: Picture, name: str) -> bool:
    return name in p.means or name in p.acts


def _state(agents: Collection[str]) -> bool:
    return "forces" in agents and "armed" not in agents


def _bombed(p: Picture, by_forces: bool = False) -> bool:
    """ "The army bombed a camp" without a weapon named: forces bomb from the air, others with a device that they plant."""
    return (
        _has(p, "air_or_blast")
        and not p.means & {"shell", "blast", "grenade"}
        and by_forces <= _state(p.agents)
    )


RULES: tuple[Rule, ...] = (
    ("coup", "power seized or a mutiny for it", lambda p: _has(p, "coup") or _has(p, "mutiny")),
    (
        "excessive_force",
        "security forces shoot at unarmed demonstrators",
        lambda p: (
            _has(p, "kill", "fire", "die", "wound")
            and not p.crowd_agent
            and ("protesters" in p.patients or (p.protest_near and not p.patients & ARMED))
            and (_state(p.agents) or not p.agents)
        ),
    ),
    ("chemical_attack", "a toxic agent", lambda p: _means(p, "gas")),
    ("suicide_bombing", "a bomber died setting it off", lambda p: _means(p, "suicide")),
    (
        "riot",
        "demonstrators use violence",
        lambda p: (
            _has(p, "riot")
            or (
                ("protesters" in p.agents or p.protest_near or p.crowd_agent)
                and _has(p, "burn", "loot")
                and "forces" not in p.agents
                and "armed" not in p.agents
            )
        ),
    ),
    (
        "mob_violence",
        "a crowd beats or kills",
        lambda p: (
            _has(p, "lynch") or (p.crowd_agent and _has(p, "kill", "assault", "attack", "raid", "fire"))
        ),
    ),
    ("air_strike", "from the air", lambda p: _means(p, "air") or _bombed(p, by_forces=True)),
    ("shelling", "from a distance", lambda p: _means(p, "shell") or _has(p, "bombard")),
    (
        "bombing",
        "a planted or remote device",
        lambda p: _means(p, "blast") or _has(p, "bombing") or _bombed(p),
    ),
    ("grenade", "a hand grenade alone", lambda p: _means(p, "grenade") and not _has(p, "raid", "clash")),
    ("territory_taken", "control of a place taken by fighting", lambda p: _has(p, "take", "lose")),
    ("sexual_violence", "rape", lambda p: _has(p, "rape")),
    (
        "abduction",
        "people taken, at least as many as killed",
        lambda p: _has(p, "abduct") and (p.abducted >= p.killed or not p.killed),
    ),
    (
        "protest_with_intervention",
        "a demonstration dispersed, blocked or arrested",
        lambda p: _has(p, "disperse") or (_has(p, "protest") and _has(p, "arrest", "assault")),
    ),
    (
        "peaceful_protest",
        "a demonstration",
        lambda p: _has(p, "protest") and not _has(p, "attack", "raid", "clash"),
    ),
    ("arrest", "people detained", lambda p: _has(p, "arrest") and not _has(p, "kill", "clash")),
    (
        "armed_clash",
        "both sides are armed",
        lambda p: _has(p, "clash") or (_has(p, *ASSAULTS) and bool(p.patients & ARMED)),
    ),
    ("attack_on_civilians", "unarmed people attacked", lambda p: _has(p, *ASSAULTS)),
    ("abduction", "people taken", lambda p: _has(p, "abduct")),
    ("looting_or_arson", "property burnt or taken", lambda p: _has(p, "burn", "loot", "destroy")),
    ("arrest", "people detained", lambda p: _has(p, "arrest")),
    ("weapons_seized", "arms or devices found before harm", lambda p: _has(p, "find", "find_down")),
    ("agreement", "an agreement concluded", lambda p: _has(p, "agree")),
    ("base_established", "a base set up", lambda p: _has(p, "base")),
    (
        "withdrawal",
        "a place left without fighting",
        lambda p: _has(p, "withdraw") or (_has(p, "withdraw_weak") and bool(p.agents & ARMED)),
    ),
    (
        "movement",
        "forces moved",
        lambda p: _has(p, "move") or (_has(p, "move_weak") and bool(p.agents & ARMED)),
    ),
)
"""First that fits wins: (kind, why, test)."""


def decide(picture: Picture) -> tuple[str, str] | None:
    """The kind and why, or None where the acts are only harm, tolls or vague words."""
    for kind, why, test in RULES:
        if test(picture):
            return kind, why
    return None
