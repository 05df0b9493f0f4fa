"""The acts that words can tell of, and the families that decide what becomes of them. The one table of both.

Invariant: whatever treats some acts unlike others asks for a family here; no other module lists acts for that.
"""

from __future__ import annotations

from collections.abc import Mapping

FAMILIES = {
    "violent": "phases of one attack",
    "crowd": "phases of one demonstration, riot or mob",
    "police": "phases of one police operation",
    "coup": "phases of one seizure of power",
    "harm_only": "adds to an event but makes none of its own",
    "armed_by": "a weapon named beside it is its means",
    "fight": "fighting, whose two sides are those of a clash or an attack",
    "assault": "an attack whose kind follows from who suffered it",
    "suffered": "somebody suffers it: those whom the counts name, where the grammar shows nobody",
    "transitive": "needs an object: with a subject alone (“five killed”) the subject suffered it",
    "accidental": "may be the harm of an accident, a disaster or a beast",
    "generic": "says so little that later sentences may make it precise",
    "support": "fire that supports an assault and never changes what the assault is",
}

TABLE: Mapping[str, str] = {
    "abduct": "violent suffered transitive",
    "air": "violent suffered fight support",
    "air_or_blast": "violent armed_by suffered accidental fight generic",
    "arrest": "crowd police coup transitive",
    "assault": "violent crowd armed_by suffered assault fight transitive",
    "attack": "violent crowd police coup armed_by suffered accidental assault fight generic",
    "blast": "violent armed_by suffered accidental fight generic",
    "bombard": "violent armed_by suffered fight",
    "bombing": "violent armed_by suffered accidental fight",
    "burn": "violent crowd armed_by suffered accidental transitive",
    "clash": "violent crowd police coup fight",
    "coup": "coup",
    "destroy": "violent armed_by accidental fight",
    "die": "violent crowd coup harm_only armed_by suffered accidental assault generic",
    "disperse": "crowd transitive",
    "find": "police transitive",
    "find_down": "violent",
    "fire": "violent crowd police coup armed_by suffered accidental assault fight",
    "gas": "violent suffered fight",
    "grenade": "violent suffered fight support",
    "kill": "violent crowd police coup armed_by suffered accidental assault transitive generic",
    "loot": "violent crowd suffered transitive",
    "lose": "violent",
    "lynch": "violent suffered transitive",
    "mutiny": "coup",
    "protest": "crowd generic",
    "raid": "violent crowd police coup suffered accidental assault fight",
    "rape": "violent suffered transitive",
    "release": "harm_only transitive",
    "riot": "crowd",
    "shell": "violent armed_by suffered fight support",
    "strike": "violent armed_by suffered accidental assault fight generic",
    "strike_noun": "violent armed_by suffered accidental assault fight generic",
    "suicide": "violent suffered fight",
    "take": "violent coup transitive",
    "take_weak": "violent harm_only",
    "throw": "violent crowd armed_by suffered assault fight",
    "toll": "violent crowd harm_only armed_by generic",
    "vague": "violent harm_only generic",
    "wound": "violent crowd coup harm_only armed_by suffered accidental assault transitive generic",
    "agree": "",
    "base": "",
    "move": "",
    "move_weak": "",
    "withdraw": "",
    "withdraw_weak": "",
}
"""Act → its families."""


def family(name: str) -> frozenset[str]:
    """The acts of a family."""
    if name not in FAMILIES:
        raise KeyError(name)
    return frozenset(act for act, families in TABLE.items() if name in families.split())


HARM_ONLY = family("harm_only")


def is_means(act: str) -> bool:
    """Whether the act is only a weapon named in the sentence."""
    return act.startswith("means:")
