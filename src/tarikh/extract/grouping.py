"""Triggers into events: those of one sentence that tell one act, then those of the report that tell it again.

Invariant: an event never holds two different explicit days or two different explicit towns.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tarikh.extract.acts import HARM_ONLY as HARM_ONLY
from tarikh.extract.acts import family
from tarikh.extract.acts import is_means as is_means
from tarikh.extract.counts import Toll
from tarikh.extract.scene import Scene
from tarikh.extract.times import TimePhrase
from tarikh.extract.triggers import Trigger
from tarikh.model import Phrase
from tarikh.text import fold

if TYPE_CHECKING:
    from spacy.tokens import Token

VIOLENT, CROWD, POLICE, COUP = (family(name) for name in ("violent", "crowd", "police", "coup"))
_DRIVES_MEANS = family("armed_by")
MOST_WORDS = 12
"""Places and times that one event keeps: the first told are those that count, and hostile texts have thousands."""
_FAMILIES = (VIOLENT, CROWD, POLICE, COUP)
_NOUN_LINKS = (
    *("premodifier", "noun_modifier", "preposition_object", "preposition"),
    *("adjective", "possessor", "apposition"),
)
_TOWN_ROLES = (None, "in", "near", "between", "admin2")
_NO_PLACE_ROLES = ("dateline", "demonym", "metonym")
_PATH_ROLES = ("toward", "origin")
"""Where somebody came from or was taken to: the place of the event only where no other is told."""


@dataclass(slots=True)
class Event:
    """A growing event: its triggers, places, times and the scenes that tell it, in order of the text."""

    triggers: list[Trigger]
    places: list[Phrase] = field(default_factory=list)
    times: list[TimePhrase] = field(default_factory=list)
    scenes: list[Scene] = field(default_factory=list)
    means: set[str] = field(default_factory=set)
    tolls: list[Toll] = field(default_factory=list)
    keys: tuple[set[str], set[str]] = field(default_factory=lambda: (set(), set()))
    made_of: tuple[int, int] = (-1, -1)

    @property
    def acts(self) -> frozenset[str]:
        """Acts of its triggers."""
        return frozenset(t.act for t in self.triggers if not is_means(t.act))

    @property
    def core(self) -> bool:
        """Whether it has an act that can be an incident."""
        return bool(self.acts - HARM_ONLY)

    def day_keys(self) -> set[str]:
        """Comparable forms of its explicit times."""
        return self._keys()[0]

    def town_keys(self) -> set[str]:
        """Folded names of its explicit towns."""
        return self._keys()[1]

    def _keys(self) -> tuple[set[str], set[str]]:
        """Both, made anew only when a time or place has come: they are asked for at every comparison."""
        size = (len(self.times), len(self.places))
        if self.made_of != size:
            days = {repr(t.form) for t in self.times if not t.general}
            towns = {fold(p.text) for p in self.places if p.role in _TOWN_ROLES}
            self.keys, self.made_of = (days, towns), size
        return self.keys


def _owner(token: Token, triggers: dict[int, Trigger]) -> Trigger | None:
    """The first trigger met on the way from a token to the root."""
    steps = 0
    while steps < 30:
        if token.i in triggers:
            return triggers[token.i]
        if token.head is token:
            return None
        token, steps = token.head, steps + 1
    return None


def _token_of(scene: Scene, phrase: Phrase) -> Token | None:
    low, high = scene.local(phrase.spans[0])
    first, behind = (bisect_left(scene.doc, offset, key=lambda t: t.idx) for offset in (low, high))
    inside = list(scene.doc[first:behind])
    if not inside:
        return None
    return next(
        (t for t in inside if t.head.i < inside[0].i or t.head.i > inside[-1].i or t.head is t), inside[-1]
    )


def _located(scene: Scene) -> list[Phrase]:
    """The places of a sentence at which something can have happened."""
    places = [p for p in scene.places if p.role not in _NO_PLACE_ROLES and not _of_speaker(scene, p)]
    return [p for p in places if p.role not in _PATH_ROLES] or places


def _of_speaker(scene: Scene, place: Phrase) -> bool:
    """Whether the place only says where who tells, counts or heals is: "a doctor in Gao", "taken to the hospital in Gao"."""
    words, grammar = scene.lexicon.words, scene.grammar
    token = _token_of(scene, place)
    for _ in range(5):
        if token is None or token.head is token or not grammar.has(token, *_NOUN_LINKS):
            return False
        token = token.head
        if token.pos_ not in ("NOUN", "PROPN"):
            continue
        lemma = token.lemma_.lower()
        if lemma in words["speakers"]:
            return True
        if lemma in words["care"] and (
            grammar.has(token, "subject") or grammar.prepositions(token) & words["care_prepositions"]
        ):
            return True
    return False


def _share(
    scene: Scene, triggers: Sequence[Trigger]
) -> tuple[dict[int, list[Phrase]], dict[int, list[TimePhrase]]]:
    """Places and times of a sentence by the trigger (index of token) that the grammar hangs them on; -1 for none."""
    by_token = {t.token.i: t for t in triggers}
    places: dict[int, list[Phrase]] = {}
    times: dict[int, list[TimePhrase]] = {}
    for phrase in _located(scene):
        token = _token_of(scene, phrase)
        owner = _owner(token, by_token) if token is not None else None
        places.setdefault(owner.token.i if owner else -1, []).append(phrase)
    for time in scene.times:
        if time.dateline or time.clock:
            continue
        token = _token_of(scene, time.phrase)
        owner = _owner(token, by_token) if token is not None else None
        times.setdefault(owner.token.i if owner else -1, []).append(time)
    return places, times


def compatible(left: Iterable[str], right: Iterable[str]) -> bool:
    """Whether the acts can be phases of one incident."""
    both = {a for a in (*left, *right) if not is_means(a)}
    if len(both) <= 1:
        return True
    if "protest" in both or "disperse" in both or "riot" in both:
        return both <= CROWD
    return any(both <= family for family in _FAMILIES)


def _apart(left: Event, right: Event) -> bool:
    """Explicitly of different days or different towns."""
    days = left.day_keys(), right.day_keys()
    if days[0] and days[1] and not days[0] & days[1]:
        return True
    towns = left.town_keys(), right.town_keys()
    return bool(towns[0] and towns[1] and not towns[0] & towns[1])


def in_sentence(scene: Scene, triggers: Sequence[Trigger]) -> list[Event]:
    """Events of one sentence: triggers joined unless their acts, days or towns are different."""
    acting = [t for t in triggers if not is_means(t.act)]
    places, times = _share(scene, acting)
    events: list[Event] = []
    for trigger in acting:
        event = Event(
            [trigger], list(places.get(trigger.token.i, ())), list(times.get(trigger.token.i, ())), [scene]
        )
        for other in reversed(events):
            if compatible(other.acts, event.acts) and not _apart(other, event):
                _absorb(other, event)
                break
        else:
            events.append(event)
    means = [t for t in triggers if is_means(t.act)]
    left = _add_means(events, means)
    events.extend(_of_means(scene, events, left, places, times))
    for event in events:
        if not event.times:
            event.times.extend(times.get(-1, ()))
        if not event.places:
            event.places.extend(places.get(-1, ()))
    _lend(scene, events)
    events = [e for e in events if e.triggers]
    _share_tolls(scene, events)
    if not events and scene.tolls:
        return [Event([], scenes=[scene], tolls=list(scene.tolls))]
    return events


def _share_tolls(scene: Scene, events: list[Event]) -> None:
    """Each count goes to the event of the trigger that it hangs on, else to the nearest."""
    owners = {t.token.i: e for e in events for t in e.triggers}
    by_token = {t.token.i: t for e in events for t in e.triggers}
    for toll in scene.tolls:
        if not events:
            return
        owner = _owner(scene.doc[toll.head], by_token)
        if owner is not None:
            owners[owner.token.i].tolls.append(toll)
        else:
            min(events, key=lambda e: min(abs(t.token.i - toll.head) for t in e.triggers)).tolls.append(toll)


def _lend(scene: Scene, events: list[Event]) -> None:
    """An event without a place or day of its own takes the sentence's, where another event has it."""
    usable = _located(scene)
    for event in events:
        if not event.places:
            at = event.triggers[0].start if event.triggers else 0
            near = sorted(usable, key=lambda p: abs(scene.local(p.spans[0])[0] - at))
            event.places.extend(near[:3])
        if not event.times and scene.times:
            at = event.triggers[0].start if event.triggers else 0
            dated = [t for t in scene.times if not t.dateline and not t.clock]
            event.times.extend(sorted(dated, key=lambda t: abs(scene.local(t.phrase.spans[0])[0] - at))[:1])


def _add_means(events: list[Event], means: Sequence[Trigger]) -> list[Trigger]:
    """A weapon belongs to the nearest event that does harm; returns those that belong to none."""
    left: list[Trigger] = []
    for trigger in means:
        harmful = [e for e in events if e.acts & _DRIVES_MEANS]
        if not harmful:
            left.append(trigger)
            continue
        event = min(harmful, key=lambda e: min(abs(t.token.i - trigger.token.i) for t in e.triggers))
        if _drives(event, trigger):
            event.means.add(trigger.act.partition(":")[2])
            event.triggers.append(trigger)
    return left


def _of_means(
    scene: Scene,
    events: Sequence[Event],
    left: Sequence[Trigger],
    places: Mapping[int, list[Phrase]],
    times: Mapping[int, list[TimePhrase]],
) -> list[Event]:
    """A weapon that falls, lands, is used or met is an event of its own: "rockets fell on …", "chlorine was used"."""
    told = {name for e in events for name in (*e.acts, *e.means)}
    used = [t for t in left if _in_use(t) and t.act.partition(":")[2] not in told and "suicide" not in told]
    if not used:
        return []
    event = Event(used[:1], list(places.get(-1, ())), list(times.get(-1, ())), [scene])
    event.means.add(used[0].act.partition(":")[2])
    return [event]


def _in_use(trigger: Trigger) -> bool:
    words = trigger.scene.lexicon.words
    token = trigger.token
    for _ in range(4):
        if token.head is token or trigger.scene.grammar.has(
            token, "relative", "adverbial_clause", "conjunct"
        ):
            return False
        token = token.head
        lemma = token.lemma_.lower()
        if token.pos_ == "VERB":
            return lemma in words["means_verbs"]
        if token.pos_ == "NOUN" and lemma in words["means_verbs"]:
            return True
    return False


_LINKS = (
    *("premodifier", "adjective", "preposition_object", "preposition", "agent", "agent_noun", "oblique"),
    *("noun_modifier", "subject", "passive_subject", "object", "apposition", "conjunct", "predicate"),
    *(
        "preposition_clause",
        "adverbial_noun",
        "noun_clause",
        "relative",
        "adverbial_clause",
        "open_complement",
    ),
)


def _drives(event: Event, trigger: Trigger) -> bool:
    """Whether the weapon did the harm: as subject, agent, object or instrument of a trigger, over no other verb."""
    heads = {t.token.i for t in event.triggers}
    grammar, instrument = trigger.scene.grammar, trigger.scene.lexicon.words["instrument_verbs"]
    token, steps = trigger.token, 0
    while steps < 6 and token.head is not token and grammar.has(token, *_LINKS):
        token, steps = token.head, steps + 1
        if token.i in heads:
            return True
        if token.pos_ == "VERB" and token.lemma_.lower() not in instrument:
            break
    return any(t.i in heads for t in grammar.children(trigger.token, "relative", "noun_clause", "compound"))


def _absorb(into: Event, event: Event) -> None:
    into.triggers.extend(event.triggers)
    into.places.extend(
        p for p in event.places[:MOST_WORDS] if len(into.places) < MOST_WORDS and p not in into.places
    )
    into.times.extend(
        t for t in event.times[:MOST_WORDS] if len(into.times) < MOST_WORDS and t not in into.times
    )
    into.scenes.extend(s for s in event.scenes if all(s is not own for own in into.scenes[-3:]))
    into.means |= event.means
    into.tolls.extend(event.tolls)


def _joins(event: Event, prior: Event, distance: int) -> bool:
    """Whether a later event of the report tells the prior one again."""
    if not compatible(prior.acts, event.acts) or _apart(prior, event):
        return False
    same_day = bool(event.day_keys() & prior.day_keys())
    same_town = bool(event.town_keys() & prior.town_keys())
    bare = not event.day_keys() and not event.town_keys()
    if not event.core:
        return (bare and distance <= 4) or same_day or same_town
    if bare:
        return True
    if same_town or (same_day and not event.town_keys()):
        return True
    if not prior.town_keys() and not prior.day_keys():
        return distance <= 2
    if event.town_keys() and not prior.town_keys():
        return distance <= 2 and (same_day or not event.day_keys())
    return bool(event.day_keys()) and not prior.day_keys() and distance <= 1


def in_report(sentences: Sequence[list[Event]]) -> list[Event]:
    """Events of a report from those of its sentences, in order; follow-ups, anaphora and tolls join the event they tell."""
    events: list[Event] = []
    for group in sentences:
        for event in group:
            home = _home(event, events)
            if home is None:
                events.append(event)
            else:
                _absorb(home, event)
    return [e for n, e in enumerate(events) if n == 0 or _anchored(e)]


def _anchored(event: Event) -> bool:
    """Whether it has a day or a place of its own: without either it is general talk (codebook section 1)."""
    return bool(event.day_keys() or event.places)


def _home(event: Event, events: list[Event]) -> Event | None:
    here = event.scenes[0].sentence.index
    ranked = sorted(events, key=lambda e: here - e.scenes[-1].sentence.index)
    for prior in ranked:
        if prior.scenes[-1] is event.scenes[0]:
            continue
        if _joins(event, prior, here - prior.scenes[-1].sentence.index):
            return prior
    return None
