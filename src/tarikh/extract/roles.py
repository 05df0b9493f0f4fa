"""Who did it and to whom: the parties of an event, from the grammar of the triggers that made its kind.

Invariant: attackers and targets are phrases of the text; no name is made up here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from tarikh import reference
from tarikh.extract import parties
from tarikh.extract.acts import HARM_ONLY, family, is_means
from tarikh.extract.counts import Toll
from tarikh.extract.grouping import Event
from tarikh.extract.kinds import ACTS_OF_KIND, NO_TARGETS
from tarikh.extract.parties import PartyHit
from tarikh.extract.scene import CLASS_OF_ROLE, Scene
from tarikh.extract.triggers import Trigger
from tarikh.model import Phrase

if TYPE_CHECKING:
    from spacy.tokens import Token

Side = Literal["attackers", "targets", "civilians"] | None
Found = list[tuple[Scene, PartyHit]]
_SUFFERED = family("suffered")


@dataclass(slots=True)
class Sides:
    """Phrases of both sides with the classes that the kind is decided from."""

    attackers: tuple[Phrase, ...] = ()
    targets: tuple[Phrase, ...] = ()
    agent_classes: set[str] = field(default_factory=set)
    patient_classes: set[str] = field(default_factory=set)
    crowd_agent: bool = False
    language: str = "en"

    def side_of(self, toll: Toll) -> Side:
        """Which side a count's people are on."""
        if (
            toll.side_hint == "attackers"
            and "armed" in self.patient_classes
            and "armed" not in self.agent_classes
        ):
            return "targets"  # "troops killed 20 assailants": here the assailants are those who were attacked
        if toll.side_hint is not None:
            return toll.side_hint
        hit = parties.classify(toll.victims, self.language) if toll.victims else None
        group = hit_class(hit) if hit is not None else None
        if toll.generic and self.patient_classes and not self.patient_classes & {"people", "protesters"}:
            return None  # "six bodies" beside "five soldiers dead" are no six civilians
        if group in ("people", "protesters"):
            return "civilians"
        if group in ("forces", "armed"):
            return (
                "attackers"
                if group in self.agent_classes and group not in self.patient_classes
                else "targets"
            )
        if len(self.patient_classes) != 1:
            return None  # "twelve dead" on both sides or of nobody told is a total
        return "civilians" if self.patient_classes & {"people", "protesters"} else "targets"


def hit_class(hit: PartyHit) -> str | None:
    """The class of a party hit; a bare register name is an armed party."""
    if hit.role in CLASS_OF_ROLE:
        return CLASS_OF_ROLE[hit.role]
    return "armed" if hit.name is not None else None


def phrase_of(scene: Scene, hit: PartyHit) -> Phrase:
    """A party hit as a phrase of the report."""
    return Phrase(hit.text, (scene.span(hit.start, hit.end),), hit.head, hit.role, hit.nationality)


class _Cast:
    """The parties of one event."""

    def __init__(self, event: Event, kind: str | None, language: str, scenes: Sequence[Scene]) -> None:
        self.event, self.kind, self.language, self.scenes = event, kind, language, scenes
        acts = ACTS_OF_KIND.get(kind or "", ())
        ranks: list[list[Trigger]] = [[t for t in event.triggers if t.act in group] for group in acts]
        ranks.append(
            [t for t in event.triggers if t.act not in HARM_ONLY and not is_means(t.act) and t.act != "kill"]
        )
        ranks.append([t for t in event.triggers if t.act == "kill"])
        ranks.append([t for t in event.triggers if t.act in HARM_ONLY])
        self.ranks = ranks

    def hit(self, scene: Scene, token: Token, others: Sequence[Token] = ()) -> PartyHit | None:
        """The party that a token heads: a hit of the finder, a pronoun's owner, or the noun phrase classified.

        `others` are the tokens of the other side: "gunmen ambushed their patrol" is not the gunmen's patrol.
        """
        if token.pos_ == "PRON" or any(c.pos_ == "PRON" for c in scene.grammar.children(token, "possessor")):
            earlier = self._antecedent(scene, token, others)
            if earlier is not None:
                return earlier
        hit = scene.party_at(token)
        if hit is not None:
            return (
                replace(hit, role="armed") if hit.role == "civilians" and self._member(scene, token) else hit
            )
        states = (
            reference.countries_by_adjective(token.text, self.language)
            if scene.grammar.has(token, "adjective", "premodifier", "possessor")
            else ()
        )
        if states:
            code = states[0].iso3 if len(states) == 1 else None
            return PartyHit(token.idx, token.idx + len(token), token.text, token.text, "military", code, None)
        low, high = scene.grammar.noun_phrase(token)
        for inside in scene.party_within(low, high):
            if inside.role != "thing" and scene.place_at(token) is None:
                return inside
        found = parties.classify(scene.sentence.text[low:high], self.language)
        if found is None:
            return None
        if found.role == "civilians" and self._member(scene, token):
            found = replace(found, role="armed")
        return PartyHit(
            low + found.start,
            low + found.end,
            found.text,
            found.head,
            found.role,
            found.nationality,
            found.name,
        )

    def _member(self, scene: Scene, token: Token) -> bool:
        """Whether people belong to a group that only its name tells of: "members of the ZPLF" are no civilians."""
        words = scene.lexicon.words
        if token.lemma_.lower() not in words["member_nouns"]:
            return False
        owners = scene.grammar.prepositional(token, words["genitive"])
        return any(o.pos_ == "PROPN" and scene.place_at(o) is None for o in owners)

    def _antecedent(self, scene: Scene, token: Token, others: Sequence[Token]) -> PartyHit | None:
        """The armed party before a pronoun ("its men", "they"): the nearest in the sentence."""
        own = scene.party_at(token)
        if token.pos_ != "PRON" and (own is None or hit_class(own) not in ("armed", "forces")):
            return None
        if token.pos_ == "PRON" and token.lower_ not in scene.lexicon.words["pronouns"]:
            return None
        theirs = {scene.party_at(other) for other in others}
        before = [
            h
            for h in scene.parties
            if h.end <= token.left_edge.idx and hit_class(h) in ("armed", "forces") and h not in theirs
        ]
        return before[-1] if before else None

    def tokens(self, side: str) -> Found:
        """The hits of one side: of the best rank of triggers that has any, the trigger that says most."""
        for rank in self.ranks:
            told: list[Found] = []
            for trigger in rank:
                found: Found = []
                own, others = trigger.agents, trigger.patients
                if side != "agents":
                    own, others = others, own
                for token in own:
                    self._add(found, trigger.scene, token, others)
                if found:
                    told.append(found)
            if told:
                return max(told, key=_says)  # the first of those that say as much
        return []

    def _add(self, found: Found, scene: Scene, token: Token, others: Sequence[Token] = ()) -> None:
        if scene.time_at(token) is not None:
            return
        hit = self.hit(scene, token, others)
        if hit is not None and all(
            (hit.text.lower(), hit.role) != (h.text.lower(), h.role) for _, h in found
        ):
            found.append((scene, hit))

    def taken_from(self) -> tuple[Found, Found]:
        """Who took and who lost a place: "wrested X from", "fell to", "lost X to"."""
        took: Found = []
        lost: Found = []
        for trigger in self.event.triggers:
            words, grammar = trigger.scene.lexicon.words, trigger.scene.grammar
            if trigger.act == "lose":
                for token in grammar.prepositional(trigger.token, words["taker_prepositions"]):
                    for noun in (
                        token,
                        *(
                            t
                            for p in grammar.prepositional(token, words["genitive"])
                            for t in grammar.conjuncts(p)
                        ),
                    ):
                        self._add(took, trigger.scene, noun)
                for token in trigger.agents:
                    if not trigger.scene.classes_of(token) & {"place", "post"}:
                        self._add(lost, trigger.scene, token)
            elif trigger.act == "take":
                for token in grammar.prepositional(trigger.token, words["loser_prepositions"]):
                    self._add(lost, trigger.scene, token)
        return took, lost

    def from_tolls(self) -> Found:
        """Those who were killed, hurt or taken, by the words of the counts."""
        found: Found = []
        own = {id(toll) for toll in self.event.tolls}
        for scene in self.event.scenes:
            for toll in scene.tolls:
                if (
                    id(toll) not in own
                    or not toll.victims
                    or toll.victims_span is None
                    or toll.side_hint == "attackers"
                ):
                    continue
                hit = parties.classify(toll.victims, self.language)
                if hit is not None:
                    low, _ = scene.local(toll.victims_span)
                    found.append(
                        (
                            scene,
                            PartyHit(
                                low + hit.start,
                                low + hit.end,
                                hit.text,
                                hit.head,
                                hit.role,
                                hit.nationality,
                                hit.name,
                            ),
                        )
                    )
        return found[:2]

    def armed_nearby(self, patients: Found) -> Found:
        """An armed party named in the event's first sentences, or before them in its paragraph, not on the other side."""
        taken = {(h.start, h.end) for _, h in patients}
        first = self.event.scenes[0].sentence
        before = [
            s
            for s in self.scenes
            if s.sentence.paragraph == first.paragraph and s.sentence.index < first.index
        ]
        if self.event.day_keys() or self.event.town_keys():
            before = []  # told with a day or town of its own, it is another act: its author must not be borrowed
        for scene in (*self.event.scenes[:2], *reversed(before)):
            for hit in scene.parties:
                if hit_class(hit) == "armed" and (hit.start, hit.end) not in taken:
                    return [(scene, hit)]
        return []

    def made_of_trigger(self, acts: Iterable[str], role: str) -> Found:
        """A party that the act itself implies: a march has protesters, a coup a government."""
        wanted = frozenset(acts)
        trigger = next((t for t in self.event.triggers if t.act in wanted), None)
        if trigger is None:
            return []
        return [
            (
                trigger.scene,
                PartyHit(trigger.start, trigger.end, trigger.words, trigger.words, role, None, None),
            )
        ]

    def by_act(self, acts: Sequence[str], side: str) -> Found:
        """Hits of one side of the triggers with these acts."""
        found: Found = []
        for trigger in self.event.triggers:
            if trigger.act in acts:
                for token in trigger.agents if side == "agents" else trigger.patients:
                    self._add(found, trigger.scene, token)
        return found


def _says(found: Found) -> int:
    """How much a list of hits says: a name most, then whose forces, then a class, then a thing."""
    return max(
        3 if h.name else 2 if h.nationality and h.role != "thing" else 1 if h.role != "thing" else 0
        for _, h in found
    )


def _of_class(found: Found, *classes: str) -> Found:
    return [(s, h) for s, h in found if hit_class(h) in classes]


def _owned(found: Found) -> Found:
    """A thing did it only where it says whose it is ("army helicopter", "Russian jets")."""
    return [(s, h) for s, h in found if h.role != "thing" or h.nationality or h.name]


def _crowd(cast: _Cast, agents: Found, patients: Found) -> tuple[Found, Found]:
    kind = cast.kind
    marchers = _of_class(cast.by_act(("protest",), "agents"), "people", "protesters")
    marchers = marchers or cast.made_of_trigger(("protest", "disperse"), "protesters")
    if kind == "peaceful_protest":
        return marchers, []
    if kind == "protest_with_intervention":
        forces = _of_class(cast.by_act(("disperse", "arrest", "fire", "assault"), "agents"), "forces")
        return marchers, forces or _of_class(
            [(s, h) for s in cast.event.scenes for h in s.parties], "forces"
        )[:1]
    if kind == "excessive_force":
        forces = (
            _of_class(agents, "forces")
            or _of_class([(s, h) for s in cast.event.scenes for h in s.parties], "forces")[:1]
        )
        hurt = _of_class(patients, "people", "protesters")
        return forces, hurt[:1] or marchers
    if kind == "riot":
        rioters = _of_class(
            cast.by_act(("riot", "burn", "loot", "protest"), "agents"), "people", "protesters"
        )
        return rioters or cast.made_of_trigger(("riot", "burn", "loot", "protest"), "rioters"), patients
    mob = [(s, h) for s, h in agents if hit_class(h) != "forces"]
    return mob or cast.made_of_trigger(("lynch", "assault", "kill", "attack", "clash"), "rioters"), patients


_CROWD_KINDS = frozenset(
    ("peaceful_protest", "protest_with_intervention", "excessive_force", "riot", "mob_violence")
)


def _both_sides(agents: Found, patients: Found) -> tuple[Found, Found]:
    """ "X and Y fought": the first named is the attacker."""
    armed = _of_class(agents, "armed", "forces")
    return (
        (armed[:1], armed[1:])
        if len(armed) > 1 and not _of_class(patients, "armed", "forces")
        else (agents, patients)
    )


def _cast(cast: _Cast) -> tuple[Found, Found]:
    agents, patients = _owned(cast.tokens("agents")), cast.tokens("patients")
    event, kind = cast.event, cast.kind
    if kind == "armed_clash" and "clash" in event.acts:
        agents, patients = _both_sides(agents, patients)
    if kind in _CROWD_KINDS:
        return _crowd(cast, agents, patients)
    if kind == "territory_taken":
        took, lost = cast.taken_from()
        takers = {(h.start, h.end) for _, h in took}
        held = [(s, h) for s, h in _of_class(patients, "armed", "forces") if (h.start, h.end) not in takers]
        return took or agents, lost or held
    if kind == "agreement":
        both = [(s, h) for s, h in (*agents, *patients) if h.role != "thing"]
        return both[:1], both[1:]
    if kind == "coup":
        return agents, _of_class(patients, "people") or cast.made_of_trigger(("coup", "mutiny"), "government")
    if kind == "arrest" and not agents:
        taken = {(h.start, h.end) for _, h in patients}
        forces = _of_class(
            [(s, h) for s in event.scenes for h in s.parties if (h.start, h.end) not in taken], "forces"
        )
        agents = sorted(forces, key=lambda row: row[1].role != "police")[:1]
    if kind in NO_TARGETS:
        return agents, []
    if not [h for _, h in patients if h.role != "thing"] and event.acts & _SUFFERED:
        patients = cast.from_tolls() or patients
    if not agents and event.acts & _SUFFERED:
        agents = _owned(cast.armed_nearby(patients))
    return agents, patients


_CROWD_ROLE = {
    "riot": ("protesters", "rioters"),
    "peaceful_protest": ("rioters", "protesters"),
    "protest_with_intervention": ("rioters", "protesters"),
}


def _named_by_kind(found: Found, kind: str | None) -> Found:
    """Demonstrators who riot are rioters, whatever they are called."""
    old, new = _CROWD_ROLE.get(kind or "", ("", ""))
    return [(s, replace(h, role=new) if h.role == old else h) for s, h in found]


def sides_of(event: Event, language: str, kind: str | None = None, scenes: Sequence[Scene] = ()) -> Sides:
    """The two sides of an event, by the triggers that made its kind where it is known."""
    agents, patients = _cast(_Cast(event, kind, language, scenes))
    agents = _named_by_kind(agents, kind)
    on_the_other = {(h.text, h.role) for _, h in patients}
    agents = [(s, h) for s, h in agents if (h.text, h.role) not in on_the_other] or agents[:1]
    return Sides(
        tuple(phrase_of(s, h) for s, h in agents),
        tuple(phrase_of(s, h) for s, h in patients),
        {c for _, h in agents if (c := hit_class(h))},
        {c for _, h in patients if (c := hit_class(h))},
        crowd_agent=any(h.role == "rioters" for _, h in agents),
        language=language,
    )
