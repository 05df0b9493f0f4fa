"""Who says it, and so how sure the report is: reported, claimed, alleged or disputed (codebook section 3).

Invariant: the words of the speaker are the report's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tarikh.extract.grouping import HARM_ONLY, Event, is_means
from tarikh.extract.roles import Sides, hit_class
from tarikh.extract.scene import noun_phrase, subject_of
from tarikh.extract.triggers import Trigger
from tarikh.model import Evidence, Status

if TYPE_CHECKING:
    from spacy.tokens import Token


def _core(event: Event) -> list[Trigger]:
    return [t for t in event.triggers if t.act not in HARM_ONLY and not is_means(t.act)] or event.triggers


def _speech(trigger: Trigger) -> Token | None:
    """The verb of saying above a trigger, or the one that closes its sentence ("…, the army said")."""
    words = trigger.scene.lexicon.words
    token, steps = trigger.token, 0
    while token.head is not token and steps < 12:
        token, steps = token.head, steps + 1
        if token.pos_ == "VERB" and token.lemma_.lower() in words["speech_verbs"] | words["claim_verbs"]:
            return token
    for token in trigger.scene.doc:
        if token.pos_ == "VERB" and token.lemma_.lower() in words["speech_verbs"] and token.dep_ in ("parataxis", "ROOT", "ccomp"):
            return token
    return None


def attribution_of(event: Event) -> tuple[str | None, Evidence]:
    """The speaker's words, or None."""
    for trigger in _core(event):
        verb = _speech(trigger)
        subject = subject_of(verb) if verb is not None else None
        if subject is not None and subject.pos_ not in ("PRON",):
            low, high = noun_phrase(subject)
            return trigger.scene.sentence.text[low:high], Evidence((trigger.scene.span(low, high),), (trigger.scene.sentence.text[low:high],), 0.6)
        for token in trigger.scene.doc:
            if token.lower_ in trigger.scene.lexicon.words["according"] and token.i + 2 < len(trigger.scene.doc):
                for noun in token.subtree:
                    if noun.dep_ == "pobj":
                        low, high = noun_phrase(noun)
                        return trigger.scene.sentence.text[low:high], Evidence((trigger.scene.span(low, high),), (trigger.scene.sentence.text[low:high],), 0.6)
    return None, Evidence()


def _own_deed(trigger: Trigger, verb: Token, sides: Sides) -> bool:
    """Whether the speaker is the party that did it."""
    subject = subject_of(verb)
    if subject is None:
        return False
    hit = trigger.scene.party_at(subject)
    if hit is None or hit_class(hit) not in ("armed", "forces"):
        return False
    if not sides.attackers:
        return False
    return any(p.text.lower() == hit.text.lower() or (p.role == hit.role and hit.role is not None) for p in sides.attackers)


def status_of(event: Event, sides: Sides) -> tuple[Status, Evidence]:
    """The status and the words that show it."""
    for trigger in _core(event)[:2]:
        words = trigger.scene.lexicon.words
        verb = _speech(trigger)
        around = {t.lower_ for t in trigger.scene.doc}
        if any(t.lemma_.lower() in words["denial_verbs"] for t in trigger.scene.doc if t.pos_ == "VERB"):
            return "disputed", Evidence((trigger.scene.span(trigger.start, trigger.end),), (trigger.words,), 0.5, "denied in the same sentence")
        if around & words["accusation_words"]:
            return "alleged", Evidence((trigger.scene.span(trigger.start, trigger.end),), (trigger.words,), 0.5, "an accusation")
        if verb is not None and (_own_deed(trigger, verb, sides) or (verb.lemma_.lower() in words["claim_verbs"])):
            low, high = verb.idx, verb.idx + len(verb)
            return "claimed", Evidence((trigger.scene.span(low, high),), (verb.text,), 0.5, "said by the party that did it")
    return "reported", Evidence((), (), 0.6, "stated")
