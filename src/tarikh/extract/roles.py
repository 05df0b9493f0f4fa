"""Who did it and to whom: the parties of an event, from the grammar of its triggers, then from its sentences.

Invariant: attackers and targets are phrases of the text; no name is made up here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from tarikh.extract import parties
from tarikh.extract.counts import Toll
from tarikh.extract.grouping import HARM_ONLY, Event, is_means
from tarikh.extract.parties import PartyHit
from tarikh.extract.scene import Scene, noun_phrase
from tarikh.model import Phrase

if TYPE_CHECKING:
    from spacy.tokens import Token

Side = Literal["attackers", "targets", "civilians"] | None
CLASS_OF_ROLE = {
    "military": "forces",
    "police": "forces",
    "peacekeepers": "forces",
    "faction": "forces",
    "armed": "armed",
    "militia": "armed",
    "civilians": "people",
    "aid_workers": "people",
    "government": "people",
    "protesters": "protesters",
    "rioters": "protesters",
}


@dataclass(slots=True)
class Sides:
    """Phrases of both sides with the classes that the kind is decided from."""

    attackers: tuple[Phrase, ...] = ()
    targets: tuple[Phrase, ...] = ()
    agent_classes: set[str] = field(default_factory=set)
    patient_classes: set[str] = field(default_factory=set)
    crowd_agent: bool = False
    communal: bool = False
    side_of: Callable[[Toll], Side] = lambda toll: None  # noqa: E731


def hit_class(hit: PartyHit) -> str | None:
    """The class of a party hit; a bare register name is an armed party."""
    if hit.role in CLASS_OF_ROLE:
        return CLASS_OF_ROLE[hit.role]
    return "armed" if hit.name is not None else None


def _hit_of(scene: Scene, token: Token, language: str) -> PartyHit | None:
    hit = scene.party_at(token)
    if hit is not None:
        return hit
    low, high = noun_phrase(token)
    for inside in scene.party_within(low, high):
        if inside.role != "thing" and scene.place_at(token) is None:
            return inside
    words = scene.sentence.text[low:high]
    found = parties.classify(words, language)
    if found is None:
        return None
    return PartyHit(low + found.start, low + found.end, found.text, found.head, found.role, found.nationality, found.name)


def phrase_of(scene: Scene, hit: PartyHit) -> Phrase:
    """A party hit as a phrase of the report."""
    return Phrase(hit.text, (scene.span(hit.start, hit.end),), hit.head, hit.role, hit.nationality)


def _collect(event: Event, side: str, language: str) -> list[tuple[Scene, PartyHit]]:
    found: list[tuple[Scene, PartyHit]] = []
    seen: set[tuple[str, str | None, str | None]] = set()
    # The act's own words first; harm words ("killed", "wounded") only fill what those left open.
    strong = [t for t in event.triggers if t.act not in HARM_ONLY and not is_means(t.act) and t.act != "kill"]
    for rank in (strong, [t for t in event.triggers if t.act == "kill"], [t for t in event.triggers if t.act in HARM_ONLY]):
        for trigger in rank:
            for token in trigger.agents if side == "agents" else trigger.patients:
                if trigger.scene.time_at(token) is not None:
                    continue
                hit = _hit_of(trigger.scene, token, language)
                if hit is None:
                    continue
                key = (hit.text.lower(), hit.role, hit.name)
                if key not in seen:
                    seen.add(key)
                    found.append((trigger.scene, hit))
        if found:
            break
    return found


def _from_tolls(event: Event, language: str) -> list[tuple[Scene, PartyHit]]:
    """Those who were killed, hurt or taken, by the words of the counts."""
    found = []
    for scene in event.scenes:
        for toll in scene.tolls:
            if toll not in event.tolls or not toll.victims or toll.side_hint == "attackers":
                continue
            hit = parties.classify(toll.victims, language)
            if hit is not None and toll.number_span is not None:
                low, high = scene.local(toll.victims_span or toll.number_span)
                found.append((scene, PartyHit(low, high, hit.text, hit.head, hit.role, hit.nationality, hit.name)))
    return found


def _fallback_agents(event: Event, patients: Iterable[PartyHit]) -> list[tuple[Scene, PartyHit]]:
    """An armed party named in the event's first sentences that is not on the other side."""
    taken = {(h.start, h.end) for h in patients}
    for scene in event.scenes[:2]:
        for hit in scene.parties:
            if hit_class(hit) == "armed" and (hit.start, hit.end) not in taken:
                return [(scene, hit)]
    return []


_SUFFERED = frozenset("attack fire kill die wound assault strike strike_noun abduct rape blast air shell grenade suicide gas bombing burn loot lynch".split())


def sides_of(event: Event) -> Sides:
    """The two sides of an event."""
    language = "en"
    scene = event.scenes[0]
    language = getattr(scene.sentence, "language", language)
    agents = _collect(event, "agents", language)
    patients = _collect(event, "patients", language)
    if not patients and event.acts & _SUFFERED:
        patients = _from_tolls(event, language)[:2]
    if not agents and event.acts & _SUFFERED:
        agents = _fallback_agents(event, [h for _, h in patients])
    agents = [(s, h) for s, h in agents if (h.text, h.role) not in {(x.text, x.role) for _, x in patients}] or agents[:1]
    sides = Sides(
        tuple(phrase_of(s, h) for s, h in agents),
        tuple(phrase_of(s, h) for s, h in patients),
        {c for _, h in agents if (c := hit_class(h))},
        {c for _, h in patients if (c := hit_class(h))},
        crowd_agent=any(h.role == "rioters" for _, h in agents),
    )
    sides.side_of = _side_chooser(sides, language)
    return sides


def _side_chooser(sides: Sides, language: str) -> Callable[[Toll], Side]:
    def side_of(toll: Toll) -> Side:
        if toll.side_hint is not None:
            return toll.side_hint
        hit = parties.classify(toll.victims, language) if toll.victims else None
        group = hit_class(hit) if hit is not None else None
        if group in ("people", "protesters"):
            return "civilians"
        if group in ("forces", "armed"):
            if group in sides.patient_classes:
                return "targets"
            if group in sides.agent_classes:
                return "attackers"
            return "targets"
        return None

    return side_of
