"""Whether a trigger tells of something that happened: not planned, threatened, negated, denied, supposed or summed up.

Invariant: a refusal always carries its reason, so that a person can be told why a sentence is no incident.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from tarikh.extract.acts import family
from tarikh.extract.scene import Scene
from tarikh.extract.triggers import Trigger
from tarikh.text import lower

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

_CLAUSAL = (
    *("open_complement", "complement", "preposition_clause", "noun_clause", "object", "preposition_object"),
    *("adverbial_clause", "conjunct", "subject", "passive_subject", "clause_subject", "preposition", "agent"),
    *("apposition", "compound", "possessor", "object_predicate", "predicate", "oblique", "agent_noun"),
    "noun_modifier",
)
"""Over these a threat, a plan or a denial above a word reaches down to it."""
_COMPLEMENT = (
    *("open_complement", "complement", "object", "preposition_object", "preposition", "preposition_clause"),
    *("passive_subject", "oblique"),
)
_NOT_CLAUSE = (
    *("object", "preposition_object", "preposition", "oblique", "subject", "passive_subject"),
    *("open_complement", "predicate", "object_predicate"),
)
_OF_ADJECTIVE = (
    *("open_complement", "complement", "preposition_clause", "preposition", "preposition_object", "oblique"),
)
_OF_NOUN = (
    *("preposition", "preposition_object", "preposition_clause", "noun_clause", "compound", "complement"),
    "noun_modifier",
)
_SMALL = ("determiner", "adverb", "preconjunct", "coordinator", "case", "marker")
_ROLE = ("subject", "passive_subject", "predicate", "object")
_HARMED = family("accidental") | {"means:blast"}


def _climb(token: Token) -> Iterator[tuple[Token, Token]]:
    """Each head above a token with the token that hangs on it, up to the root."""
    while token.head is not token:
        yield token.head, token
        token = token.head


def _no(scene: Scene, token: Token) -> bool:
    """Whether a determiner makes it none: "no attack"."""
    determiners = scene.grammar.children(token, "determiner")
    return any(c.lower_ in scene.lexicon.words["negations"] for c in determiners)


def _negated_verb(scene: Scene, verb: Token) -> bool:
    words, markers = scene.lexicon.words, scene.grammar.children(verb, "marker")
    return (
        scene.grammar.any_child(verb, "negation")
        or any(c.lower_ in words["negation_adverbs"] for c in verb.children)
        or any(c.lower_ in words["negations"] for c in markers)
    )


def _negated(trigger: Trigger) -> bool:
    scene, token = trigger.scene, trigger.token
    words, grammar = scene.lexicon.words, scene.grammar
    if grammar.any_child(token, "negation"):
        return True
    small = grammar.children(token, *_SMALL)
    if any(c.lower_ in words["negations"] for c in small):
        return True
    if trigger.nominal and token.head.pos_ in ("VERB", "AUX") and grammar.has(token, *_ROLE):
        return _negated_verb(scene, token.head)
    subject = None if trigger.nominal else grammar.subject_of(token)
    if subject is not None and (subject.lower_ in words["negations"] or _no(scene, subject)):
        return True
    return not trigger.nominal and any(_no(scene, o) for o in grammar.objects_of(token))


def _first_of_chain(scene: Scene, token: Token) -> Token:
    """The verb that a verb without words of its own hangs on: in "will shoot, burn and block" one modal is for all."""
    grammar = scene.grammar
    while (
        grammar.has(token, "conjunct")
        and token.head.pos_ in ("VERB", "AUX")
        and not grammar.any_child(token, "auxiliary", "subject", "passive_subject")
    ):
        token = token.head
    return token


def _modal(scene: Scene, token: Token) -> bool:
    """Whether an auxiliary or the verb's own form says that it will, may or would happen."""
    grammar, first = scene.grammar, _first_of_chain(scene, token)
    auxiliaries = list(grammar.children(first, "auxiliary", "passive_auxiliary"))
    if any(c.lower_ in scene.lexicon.words["modals"] for c in auxiliaries):
        return True
    if any(grammar.marked(v, "future") for v in (first, *auxiliaries)):
        return True
    # "Would attack" is no act yet, "aurait attaqué" is one by hearsay: the conditional of its auxiliary is of the past.
    return grammar.conditional(first) and not auxiliaries


def _conditional(scene: Scene, token: Token) -> bool:
    unreal = scene.lexicon.words["unreal_words"]
    return any(c.lower_ in unreal for c in scene.grammar.children(token, "marker", "adverb"))


def _governed(trigger: Trigger) -> str | None:
    """The threat, plan, fear, call or denial that the trigger hangs on."""
    scene = trigger.scene
    for head, token in _climb(trigger.token):
        if not scene.grammar.has(token, *_CLAUSAL):
            return None
        if head.pos_ in ("VERB", "AUX"):
            reason = _under_verb(scene, head, token)
            if reason is not None or _closes(scene, head, token):
                return reason
        else:
            reason = _under_noun(scene, head, token)
            if reason is not None:
                return reason
    return None


def _under_verb(scene: Scene, head: Token, token: Token) -> str | None:
    grammar = scene.grammar
    words, lemma = scene.lexicon.words, head.lemma_.lower()
    done = lemma in words["done_in_past"] and grammar.marked(head, "participle")
    if lemma in words["unreal_verbs"] and grammar.has(token, *_COMPLEMENT) and not done:
        return f"it hangs on “{head.text}”: planned, threatened, feared, called for or prevented"
    if grammar.has(token, *_NOT_CLAUSE) and (_modal(scene, head) or _conditional(scene, head)):
        return f"“{head.text}” stands under a modal or a condition"
    return None


def _closes(scene: Scene, head: Token, token: Token) -> bool:
    """Whether what stands above a verb says nothing of the clause below it any more."""
    if scene.grammar.has(token, "adverbial_clause", "conjunct", "relative"):
        return True
    real = head.lemma_.lower() not in scene.lexicon.words["unreal_verbs"]
    return scene.grammar.has(token, "complement") and real


def _under_noun(scene: Scene, head: Token, token: Token) -> str | None:
    words, grammar, lemma = scene.lexicon.words, scene.grammar, head.lemma_.lower()
    if head.pos_ == "ADP":
        return f"“{head.text}”: negated" if lemma in words["negations"] else None
    if grammar.prepositions(head) & words["negations"] and grammar.has(head, "oblique", "noun_modifier"):
        return f"“{head.text}”: negated"
    if head.pos_ == "ADJ" and lemma in words["unreal_adjectives"] and grammar.has(token, *_OF_ADJECTIVE):
        return f"“{head.text}” says that it has not happened"
    if head.pos_ == "NOUN" and _no(scene, head):
        return f"“no {head.text}”: negated"
    if lemma in words["unreal_nouns"] and grammar.has(token, *_OF_NOUN):
        return f"it hangs on “{head.text}”: a threat, plan, risk or commemoration"
    return None


def _habitual(trigger: Trigger) -> bool:
    first = _first_of_chain(trigger.scene, trigger.token)
    adverbs = trigger.scene.grammar.children(first, "adverb")
    return any(c.lower_ in trigger.scene.lexicon.words["habitual"] for c in adverbs)


def _rescued(trigger: Trigger) -> bool:
    """Pulled out or taken to safety, not taken away."""
    rescues = trigger.scene.lexicon.words["rescues"]
    return trigger.act == "abduct" and any(t.lemma_.lower() in rescues for t in trigger.scene.doc)


@lru_cache(maxsize=1)
def _said(doc: Doc) -> frozenset[str]:
    """Every word of a sentence, by form and lemma; kept for the next trigger of the same sentence."""
    return frozenset(word for t in doc for word in (t.lemma_.lower(), t.lower_))


def _asked(trigger: Trigger) -> bool:
    """Whether a participle says that the act is only wanted: "a withdrawal demanded by the junta"."""
    clauses = trigger.scene.grammar.children(trigger.token, "noun_clause", "adjective")
    unreal = trigger.scene.lexicon.words["unreal_verbs"]
    return trigger.nominal and any(c.pos_ == "VERB" and c.lemma_.lower() in unreal for c in clauses)


def _elsewhere(trigger: Trigger) -> bool:
    """Whether the sentence only leads to another story: "Read also: …"."""
    text = lower(trigger.scene.sentence.text).lstrip(" ►▶→•*-–—>")
    return text.startswith(tuple(trigger.scene.lexicon.words["boilerplate"]))


def _accident(trigger: Trigger, story: bool) -> bool:
    """Harm by an accident, a disaster, a beast or in a drill, in its sentence or its whole story, and nobody armed did it."""
    if trigger.act not in _HARMED:
        return False
    accidents = trigger.scene.lexicon.words["accidents"]
    told = story or not accidents.isdisjoint(_said(trigger.scene.doc))
    return told and not any(trigger.scene.classes_of(agent) & {"armed", "forces"} for agent in trigger.agents)


def _summed(trigger: Trigger) -> bool:
    """A plural or bare noun of many acts: "attacks have multiplied", "214 incidents since January"."""
    token, scene = trigger.token, trigger.scene
    if trigger.act.startswith("means:"):
        return False
    vague = any(t.general for t in scene.times)
    if not trigger.nominal:
        return vague and not any(not t.general and not t.dateline for t in scene.times)
    has_time = any(not t.general for t in scene.times)
    if not scene.grammar.marked(token, "plural"):
        return vague and not has_time
    trend = token.head.lemma_.lower() in scene.lexicon.words["trend_verbs"]
    if trend and scene.grammar.has(token, "subject", "passive_subject"):
        return True
    bare = not any(
        not scene.grammar.marked(c, "indefinite")
        for c in scene.grammar.children(token, "determiner", "possessor")
    )
    return vague or (not has_time and bare and not scene.places)


def accident_story(scenes: Sequence[Scene]) -> bool:
    """Whether title or lead tell of an accident, a disaster, a beast or a drill, and of nobody who attacks."""
    lead = [s for s in scenes if s.sentence.part == "title" or s.sentence.index <= 1]
    if not lead:
        return False
    words = lead[0].lexicon.words
    said = frozenset[str]().union(*(_said(s.doc) for s in lead))
    armed = any(h.role == "armed" or (h.role is None and h.name) for s in lead for h in s.parties)
    if (
        said & words["drills"]
        and lead[0].sentence.part == "title"
        and {t.lower_ for t in lead[0].doc} & words["drills"]
    ):
        return True
    return bool(said & words["accidents"]) and not armed and not said & words["attack_cues"]


def _unreal_form(trigger: Trigger) -> str | None:
    """Why the form of a verb tells of no act that happened."""
    scene, token = trigger.scene, trigger.token
    if _attributive(trigger):
        return "only describes somebody"
    if _modal(scene, token):
        return "future, possible or called for"
    if _conditional(scene, token):
        return "conditional"
    if _habitual(trigger):
        return "habitual"
    if (
        scene.grammar.marked(token, "present")
        and scene.sentence.part != "title"
        and trigger.act != "protest"
        and not scene.grammar.any_child(token, "auxiliary", "passive_auxiliary")
        and not scene.times
    ):
        return "present tense: general or habitual"
    return None


def _attributive(trigger: Trigger) -> bool:
    """Whether a participle stands as an adjective, without words of its own: "the wounded man"."""
    grammar = trigger.scene.grammar
    return grammar.has(trigger.token, "adjective") and not grammar.any_child(
        trigger.token, "oblique", "agent_noun"
    )


def refusal(trigger: Trigger, story: bool = False) -> str | None:
    """Why a trigger is no event, or None where it stands. `story`: the report is of an accident, a disaster or a drill."""
    token, grammar = trigger.token, trigger.scene.grammar
    if _negated(trigger):
        return "negated"
    if _accident(trigger, story):
        return "an accident or disaster"
    if _rescued(trigger):
        return "a rescue"
    if _elsewhere(trigger):
        return "a link to another story"
    if _asked(trigger):
        return "wanted, planned or threatened"
    unreal = None if trigger.nominal else _unreal_form(trigger)
    if unreal is not None:
        return unreal
    carried = trigger.nominal and token.head.pos_ in ("VERB", "AUX") and grammar.has(token, *_ROLE)
    if carried and _modal(trigger.scene, token.head):
        return "future, possible or called for"
    if _summed(trigger):
        return "a sum or series of events, not one"
    return _governed(trigger)
