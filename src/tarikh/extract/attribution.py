"""Who says it, in the report's words.

Invariant: speakers are phrases of the text; how sure the report is follows in `extract.status`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tarikh import reference
from tarikh.extract.grouping import Event
from tarikh.extract.parties import PartyHit
from tarikh.extract.roles import hit_class
from tarikh.extract.scene import Scene
from tarikh.extract.stance import core
from tarikh.extract.triggers import Trigger
from tarikh.model import Evidence, Phrase

if TYPE_CHECKING:
    from spacy.tokens import Token

_CLAUSE = (
    *("complement", "open_complement", "preposition_clause", "adverbial_clause", "conjunct", "relative"),
    *("noun_clause", "object", "preposition_object", "preposition", "oblique", "subject", "passive_subject"),
    *("unclear", "predicate", "object_predicate"),
)


def above(trigger: Trigger, lemmas: frozenset[str]) -> Token | None:
    """The nearest verb of these lemmas that the trigger hangs on."""
    token, steps, grammar = trigger.token, 0, trigger.scene.grammar
    while token.head is not token and steps < 12 and grammar.has(token, *_CLAUSE):
        token, steps = token.head, steps + 1
        if token.pos_ == "VERB" and token.lemma_.lower() in lemmas:
            return token
    return None


def speech(trigger: Trigger) -> Token | None:
    """The verb of saying above a trigger, or the one that closes its sentence ("…, the army said")."""
    words = trigger.scene.lexicon.words
    verbs = words["speech_verbs"] | words["claim_verbs"]
    over = above(trigger, verbs)
    if over is not None:
        return over
    for token in trigger.scene.doc:
        if (
            token.pos_ == "VERB"
            and token.lemma_.lower() in verbs
            and trigger.scene.grammar.has(token, "parataxis", "root", "complement")
        ):
            return token
    return None


def _quoted(scene: Scene, noun: Token) -> tuple[str, Evidence]:
    low, high = scene.grammar.noun_phrase(noun)
    words = scene.sentence.text[low:high]
    return words, Evidence((scene.span(low, high),), (words,), 0.6)


def spoken_by(scene: Scene, preposition: Token) -> Token | None:
    """The noun of "according to …", whichever of its words the parser hangs it on."""
    found = scene.grammar.behind(preposition)
    return next(iter(found), None) or next(
        (t for t in preposition.subtree if scene.grammar.has(t, "preposition_object")), None
    )


def attribution_of(event: Event) -> tuple[str | None, Evidence]:
    """The speaker's words, or None."""
    for trigger in core(event):
        verb = speech(trigger)
        subject = trigger.scene.grammar.subject_of(verb) if verb is not None else None
        if subject is not None and subject.pos_ != "PRON":
            return _quoted(trigger.scene, subject)
        for token in trigger.scene.doc:
            if token.lower_ in trigger.scene.lexicon.words["according"]:
                noun = spoken_by(trigger.scene, token)
                if noun is not None:
                    return _quoted(trigger.scene, noun)
    return None, Evidence()


def speaker(scene: Scene, verb: Token) -> PartyHit | None:
    """The party that speaks; a pronoun stands for the party before it in the sentence."""
    subject = scene.grammar.subject_of(verb)
    if subject is None:
        return None
    hit = scene.party_at(subject)
    if hit is None and subject.pos_ == "PRON":
        earlier = [h for h in scene.parties if h.end <= subject.idx and hit_class(h) in ("armed", "forces")]
        return earlier[-1] if earlier else None
    if hit is None:
        low, high = scene.grammar.noun_phrase(subject)
        hit = next((h for h in scene.party_within(low, high) if hit_class(h) is not None), None)
    return hit


def _register_names(text: str) -> set[str]:
    """The parties of the register that the words may mean, whichever of their names is used."""
    return {use.party for named in reference.named(text) for use in named.uses}


def same_side(hit: PartyHit, phrases: Sequence[Phrase]) -> bool:
    """Whether a speaker belongs to one of these phrases: the same words, or the same state."""
    group, names = hit_class(hit), _register_names(hit.text)
    for phrase in phrases:
        if names & _register_names(phrase.text):
            return True
        if phrase.text.lower() == hit.text.lower() or phrase.text in hit.text or hit.text in phrase.text:
            return True
        of_state = phrase.role in ("military", "police", "government") and hit.role in (
            "military",
            "police",
            "government",
        )
        if of_state and hit.nationality == phrase.nationality:
            return True
        if (
            group == "armed"
            and phrase.role == "armed"
            and hit.name is not None
            and phrase.head == phrase.text.split()[-1].lower()
        ):
            return True
    return False
