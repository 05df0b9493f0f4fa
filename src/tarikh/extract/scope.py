"""What is coded: incidents of the codebook, or any violence at all, ordinary crime as well.

Invariant: the default scope changes nothing; the wider one drops the gate and the reader, which were trained to leave crime
out, and codes by the rules alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from tarikh.extract import gate
from tarikh.extract.scene import Scene
from tarikh.extract.tally import Toll
from tarikh.model import Mention, Report, stable_id

Scope = Literal["conflict", "any_violence"]
TURN = "~"
"""Between a coder's name and the number of the time that it codes a report, from the second on (`store.coding`)."""
SCOPES: tuple[Scope, ...] = ("conflict", "any_violence")


def passages(report: Report, scope: Scope) -> list[gate.Range]:
    """The parts of a text that can tell of an act within the scope."""
    return gate.passages(report) if scope == "conflict" else [(0, len(report.text))]


def seen(scene: Scene, scope: Scope) -> Scene:
    """A scene with its tolls as the scope reads them: in crime news "five shot" are hit, dead or not; in news of war they are dead."""
    if scope == "conflict":
        return scene
    return replace(scene, tolls=tuple(_hit(toll, scene) for toll in scene.tolls))


def _hit(toll: Toll, scene: Scene) -> Toll:
    if toll.harm != "killed" or not 0 <= toll.head < len(scene.doc):
        return toll
    words, head = scene.lexicon.words, scene.doc[toll.head]
    own = [c for c in head.children if not scene.grammar.has(c, "conjunct")]
    around = own if scene.grammar.has(head, "conjunct") else [*own, head.head]
    deadly = any(t.lemma_.lower() in words["deadly"] for t in around)
    return replace(toll, harm="hit") if head.lemma_.lower() in words["struck"] and not deadly else toll


def named(mentions: Sequence[Mention], scope: Scope) -> tuple[Mention, ...]:
    """The mentions under the coder's name for the scope, so that those of both can be kept side by side."""
    if scope == "conflict":
        return tuple(mentions)
    return tuple(
        replace(m, id=stable_id("m", m.id, scope), coder=coder_name(m.coder, scope)) for m in mentions
    )


def coder_name(coder: str, scope: Scope) -> str:
    """The name under which mentions of a scope are kept."""
    return coder if scope == "conflict" else f"{coder}+{scope}"


def scope_of(coder: str) -> Scope:
    """The scope under whose name a coder's mentions are kept; coders of other makers code incidents."""
    name = coder.partition(TURN)[0].rpartition("+")[2]
    return next((scope for scope in SCOPES if scope == name and coder.count("+")), "conflict")


def in_turn(coder: str, mentions: Sequence[Mention], turn: int) -> tuple[str, tuple[Mention, ...]]:
    """The coder's name and its mentions, the first time and each time that it codes a report again after another."""
    if turn < 2:
        return coder, tuple(mentions)
    name = f"{coder}{TURN}{turn}"
    return name, tuple(replace(m, id=stable_id("m", m.id, name), coder=name) for m in mentions)
