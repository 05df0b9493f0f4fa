"""What a quoted act must stand before it is a mention: the rules' own questions, put to the words that the model quotes.

Invariant: a check only refuses or narrows, and each refusal has its reason; nothing here adds to what the model said.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from tarikh import reference
from tarikh.extract import reality, triggers
from tarikh.extract.attribution import above
from tarikh.extract.scene import CLASS_OF_ROLE, Scene
from tarikh.extract.triggers import Trigger
from tarikh.llm.instructions import orders
from tarikh.model import Phrase, Span

if TYPE_CHECKING:
    from spacy.tokens import Token


LENIENT = frozenset(("present tense: general or habitual", "only describes somebody"))
"""Refusals of the rules that do not hold against a quote: they keep words of the lexicon out that are no act, and whoever quoted
these read the sentence."""
ORDER = "its sentence orders somebody to do something: it tells of nothing that happened"
ARMED = frozenset(("armed", "forces"))


def unreal(scene: Scene, span: Span, story: bool) -> str | None:
    """Why quoted words are no event: an order, negated, planned, threatened, summed up, an accident; None where they may be.

    Where the rules know words of an act in the quote, one of them must stand; else the quote's own head is asked.
    """
    if orders(scene):
        return ORDER
    low, high = scene.local(span)
    known = [t for t in triggers.find(scene) if t.start < high and low < t.end]
    reasons = [reality.refusal(each, story) for each in known or _head(scene, low, high)]
    hard = [None if reason in LENIENT else reason for reason in reasons]
    return None if None in hard or not hard else hard[0]


def denial(scene: Scene, span: Span) -> Token | None:
    """The verb of denial that quoted words hang on."""
    low, high = scene.local(span)
    verbs = scene.lexicon.words["denial_verbs"]
    return next(
        (found for each in _head(scene, low, high) if (found := above(each, verbs)) is not None), None
    )


def _head(scene: Scene, low: int, high: int) -> list[Trigger]:
    """The quote's own word that the others hang on, as a trigger of the act that any harm can come of."""
    inside = [
        t for t in scene.doc if t.idx < high and low < t.idx + len(t) and not t.is_punct and not t.is_space
    ]
    heads = [t for t in inside if t.head is t or t.head not in inside]
    verbs = [t for t in heads if t.pos_ in ("VERB", "NOUN", "PROPN", "ADJ")] or heads
    return [Trigger(scene, t, "attack", low, high, nominal=t.pos_ not in ("VERB", "AUX")) for t in verbs[:1]]


def classes(phrases: Sequence[Phrase]) -> set[str]:
    """The classes of party that phrases show; a proper name of the register is an armed party."""
    return {CLASS_OF_ROLE.get(p.role or "", "armed") for p in phrases if _told(p)}


def _told(phrase: Phrase) -> bool:
    return phrase.role in CLASS_OF_ROLE or any(
        not use.told for name in reference.named(phrase.text) for use in name.uses
    )


def kind_by_parties(kind: str, attackers: Collection[str], targets: Collection[str]) -> tuple[str, str]:
    """The kind, and why another one where the classes of its parties contradict it.

    Models turn battles into attacks on civilians, and by a label; who was attacked decides it, by the words quoted for them.
    """
    if kind == "attack_on_civilians" and targets and set(targets) <= ARMED:
        return "armed_clash", "those attacked are armed by the words quoted for them"
    if kind == "armed_clash" and set(targets) == {"people"} and attackers and set(attackers) <= ARMED:
        return "attack_on_civilians", "those attacked are unarmed by the words quoted for them"
    return kind, ""
