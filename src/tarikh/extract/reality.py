"""Whether a trigger tells of something that happened: not planned, threatened, negated, denied, supposed or summed up.

Invariant: a refusal always carries its reason, so that a person can be told why a sentence is no incident.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from tarikh.extract.scene import Scene, subject_of
from tarikh.extract.triggers import Trigger

if TYPE_CHECKING:
    from spacy.tokens import Token

_CLAUSAL = (
    "xcomp",
    "ccomp",
    "pcomp",
    "acl",
    "dobj",
    "pobj",
    "advcl",
    "conj",
    "nsubj",
    "prep",
    "appos",
    "compound",
    "poss",
    "oprd",
    "attr",
    "relcl",
    "nsubjpass",
    "csubj",
    "agent",
)


def _climb(token: Token) -> Iterator[tuple[Token, str]]:
    """The heads of a token with the dependency that led to each, up to the root."""
    while token.head is not token:
        yield token.head, token.dep_
        token = token.head


def _negated(trigger: Trigger, words: Mapping[str, frozenset[str]]) -> bool:
    token = trigger.token
    for child in token.children:
        if child.dep_ == "neg" or (
            child.dep_ in ("det", "advmod", "preconj", "cc") and child.lower_ in words["negations"]
        ):
            return True
    if (
        trigger.nominal
        and token.head.pos_ in ("VERB", "AUX")
        and token.dep_ in ("nsubj", "nsubjpass", "attr", "dobj")
    ):
        return any(c.dep_ == "neg" or c.lower_ in ("never",) for c in token.head.children)
    subject = None if trigger.nominal else subject_of(token)
    if subject is None:
        return False
    return subject.lower_ in words["negations"] or any(
        c.dep_ == "det" and c.lower_ in words["negations"] for c in subject.children
    )


def _first_of_chain(token: Token) -> Token:
    """The verb that a verb without words of its own hangs on: in "will shoot, burn and block" one modal is for all."""
    while (
        token.dep_ == "conj"
        and token.head.pos_ in ("VERB", "AUX")
        and not any(c.dep_ in ("aux", "nsubj", "nsubjpass") for c in token.children)
    ):
        token = token.head
    return token


def _modal(token: Token, words: Mapping[str, frozenset[str]]) -> bool:
    return any(c.dep_ == "aux" and c.lower_ in words["modals"] for c in _first_of_chain(token).children)


def _conditional(token: Token, words: Mapping[str, frozenset[str]]) -> bool:
    return any(c.dep_ in ("mark", "advmod") and c.lower_ in words["unreal_words"] for c in token.children)


def _governed(trigger: Trigger, words: Mapping[str, frozenset[str]]) -> str | None:
    """The threat, plan, fear, call or denial that the trigger hangs on."""
    for head, dep in _climb(trigger.token):
        lemma = head.lemma_.lower()
        if dep not in _CLAUSAL or dep == "relcl":
            return None
        if head.pos_ in ("VERB", "AUX"):
            if lemma in words["unreal_verbs"] and dep in (
                "xcomp",
                "ccomp",
                "dobj",
                "pobj",
                "prep",
                "pcomp",
                "nsubjpass",
                "conj",
            ):
                if dep == "conj":
                    return None
                return f"it hangs on “{head.text}”: planned, threatened, feared, called for or prevented"
            if dep in ("advcl", "conj", "relcl"):
                return None
            if (_modal(head, words) or _conditional(head, words)) and dep in (
                "dobj",
                "pobj",
                "prep",
                "nsubj",
                "nsubjpass",
                "xcomp",
                "attr",
                "oprd",
            ):
                return f"“{head.text}” stands under a modal or a condition"
            if dep in ("ccomp",) and lemma not in words["unreal_verbs"]:
                return None
        elif head.pos_ == "ADP" and lemma in words["negations"]:
            return f"“{head.text}”: negated"
        elif (
            head.pos_ == "ADJ"
            and lemma in words["unreal_adjectives"]
            and dep in ("xcomp", "prep", "pobj", "ccomp", "pcomp")
        ):
            return f"“{head.text}” says that it has not happened"
        elif head.pos_ == "NOUN" and any(
            c.dep_ == "det" and c.lower_ in words["negations"] for c in head.children
        ):
            return f"“no {head.text}”: negated"
        elif lemma in words["unreal_nouns"] and dep in ("prep", "pobj", "pcomp", "acl", "compound", "ccomp"):
            return f"it hangs on “{head.text}”: a threat, plan, risk or commemoration"
    return None


def _habitual(trigger: Trigger, words: Mapping[str, frozenset[str]]) -> bool:
    return any(
        c.dep_ == "advmod" and c.lower_ in words["habitual"] for c in _first_of_chain(trigger.token).children
    )


def _rescued(trigger: Trigger, words: Mapping[str, frozenset[str]]) -> bool:
    """Pulled out or taken to safety, not taken away."""
    return trigger.act == "abduct" and any(t.lemma_.lower() in words["rescues"] for t in trigger.scene.doc)


def _accident(trigger: Trigger, words: Mapping[str, frozenset[str]], story: bool) -> bool:
    """Harm by an accident, a disaster, a beast or in a drill, in its sentence or its whole story, and nobody armed did it."""
    if trigger.act not in _HARMED:
        return False
    told = story or any(
        t.lemma_.lower() in words["accidents"] or t.lower_ in words["accidents"] for t in trigger.scene.doc
    )
    return told and not any(trigger.scene.classes_of(agent) & {"armed", "forces"} for agent in trigger.agents)


def _summed(trigger: Trigger) -> bool:
    """A plural or bare noun of many acts: "attacks have multiplied", "214 incidents since January"."""
    token = trigger.token
    if trigger.act.startswith("means:"):
        return False
    vague = any(t.general for t in trigger.scene.times)
    if not trigger.nominal:
        return vague and not any(not t.general and not t.dateline for t in trigger.scene.times)
    if (
        token.tag_ in ("NNS", "NNPS")
        and token.head.lemma_.lower() in trigger.scene.lexicon.words["trend_verbs"]
        and token.dep_ in ("nsubj", "nsubjpass")
    ):
        return True
    if token.tag_ in ("NNS", "NNPS"):
        has_time = any(not t.general for t in trigger.scene.times)
        return vague or (
            not has_time
            and not any(c.dep_ in ("det", "poss") for c in token.children)
            and not trigger.scene.places
        )
    return vague and not any(not t.general for t in trigger.scene.times)


def accident_story(scenes: Sequence[Scene]) -> bool:
    """Whether title or lead tell of an accident, a disaster, a beast or a drill, and of nobody who attacks."""
    lead = [s for s in scenes if s.sentence.part == "title" or s.sentence.index <= 1]
    if not lead:
        return False
    words = lead[0].lexicon.words
    said = {t.lemma_.lower() for s in lead for t in s.doc} | {t.lower_ for s in lead for t in s.doc}
    armed = any(h.role == "armed" or (h.role is None and h.name) for s in lead for h in s.parties)
    if (
        said & words["drills"]
        and lead[0].sentence.part == "title"
        and {t.lower_ for t in lead[0].doc} & words["drills"]
    ):
        return True
    return bool(said & words["accidents"]) and not armed and not said & words["attack_cues"]


_HARMED = frozenset(
    (
        "kill",
        "die",
        "wound",
        "blast",
        "burn",
        "strike",
        "strike_noun",
        "bombing",
        "destroy",
        "attack",
        "raid",
        "air_or_blast",
        "fire",
        "means:blast",
    )
)


def refusal(trigger: Trigger, story: bool = False) -> str | None:
    """Why a trigger is no event, or None where it stands. `story`: the report is of an accident, a disaster or a drill."""
    words = trigger.scene.lexicon.words
    token = trigger.token
    if _negated(trigger, words):
        return "negated"
    if _accident(trigger, words, story):
        return "an accident or disaster"
    if _rescued(trigger, words):
        return "a rescue"
    if not trigger.nominal and token.dep_ == "amod":
        return "only describes somebody"
    if not trigger.nominal:
        if _modal(token, words):
            return "future, possible or called for"
        if _conditional(token, words):
            return "conditional"
        if _habitual(trigger, words):
            return "habitual"
        if (
            token.tag_ in ("VBP", "VBZ")
            and trigger.scene.sentence.part != "title"
            and trigger.act not in ("protest",)
            and not any(c.dep_ in ("aux", "auxpass") for c in token.children)
            and not trigger.scene.times
        ):
            return "present tense: general or habitual"
    if (
        trigger.nominal
        and token.head.pos_ in ("VERB", "AUX")
        and token.dep_ in ("nsubj", "dobj", "nsubjpass", "attr")
        and _modal(token.head, words)
    ):
        return "future, possible or called for"
    if _summed(trigger):
        return "a sum or series of events, not one"
    return _governed(trigger, words)
