"""Who says it, and so how sure the report is: reported, claimed, alleged or disputed (codebook section 3).

Invariant: the act and its author are two things; who is only accused of an act that is stated as fact leaves it reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tarikh import reference
from tarikh.extract.acts import HARM_ONLY, is_means
from tarikh.extract.grouping import Event
from tarikh.extract.parties import PartyHit
from tarikh.extract.roles import Sides, hit_class
from tarikh.extract.scene import Scene
from tarikh.extract.triggers import Trigger
from tarikh.model import Evidence, Phrase, Status

if TYPE_CHECKING:
    from spacy.tokens import Token

_CLAUSE = (
    *("complement", "open_complement", "preposition_clause", "adverbial_clause", "conjunct", "relative"),
    *("noun_clause", "object", "preposition_object", "preposition", "oblique", "subject", "passive_subject"),
    *("unclear", "predicate", "object_predicate"),
)


def _core(event: Event) -> list[Trigger]:
    return [t for t in event.triggers if t.act not in HARM_ONLY and not is_means(t.act)] or event.triggers


def _above(trigger: Trigger, lemmas: frozenset[str]) -> Token | None:
    """The nearest verb of these lemmas that the trigger hangs on."""
    token, steps, grammar = trigger.token, 0, trigger.scene.grammar
    while token.head is not token and steps < 12 and grammar.has(token, *_CLAUSE):
        token, steps = token.head, steps + 1
        if token.pos_ == "VERB" and token.lemma_.lower() in lemmas:
            return token
    return None


def _speech(trigger: Trigger) -> Token | None:
    """The verb of saying above a trigger, or the one that closes its sentence ("…, the army said")."""
    words = trigger.scene.lexicon.words
    verbs = words["speech_verbs"] | words["claim_verbs"]
    above = _above(trigger, verbs)
    if above is not None:
        return above
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


def _tied(scene: Scene, preposition: Token) -> Token | None:
    """The noun of "according to …", whichever of its words the parser hangs it on."""
    tied = scene.grammar.behind(preposition)
    return next(iter(tied), None) or next(
        (t for t in preposition.subtree if scene.grammar.has(t, "preposition_object")), None
    )


def attribution_of(event: Event) -> tuple[str | None, Evidence]:
    """The speaker's words, or None."""
    for trigger in _core(event):
        verb = _speech(trigger)
        subject = trigger.scene.grammar.subject_of(verb) if verb is not None else None
        if subject is not None and subject.pos_ != "PRON":
            return _quoted(trigger.scene, subject)
        for token in trigger.scene.doc:
            if token.lower_ in trigger.scene.lexicon.words["according"]:
                noun = _tied(trigger.scene, token)
                if noun is not None:
                    return _quoted(trigger.scene, noun)
    return None, Evidence()


def _speaker(scene: Scene, verb: Token) -> PartyHit | None:
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


def _same_side(hit: PartyHit, phrases: Sequence[Phrase]) -> bool:
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


def _organ(source: str | None, scene: Scene, sides: Sides) -> bool:
    """Whether the report itself is the mouth of the party that did it."""
    name = (source or "").lower()
    words = scene.lexicon.words
    state = any(word in name for word in words["state_organs"]) and "forces" in sides.agent_classes
    group = any(word in name for word in words["group_organs"]) and "armed" in sides.agent_classes
    return state or group


def _evidence(trigger: Trigger, token: Token, reason: str) -> Evidence:
    return Evidence((trigger.scene.span(token.idx, token.idx + len(token)),), (token.text,), 0.5, reason)


def _denied_after(event: Event, scenes: Sequence[Scene]) -> Evidence | None:
    """A denial of an accusation in the two sentences behind it: "a spokesman denied it"."""
    last = max(s.sentence.index for s in event.scenes)
    for scene in scenes:
        if last - 1 < scene.sentence.index <= last + 2:
            for token in scene.doc:
                if token.pos_ == "VERB" and token.lemma_.lower() in scene.lexicon.words["denial_verbs"]:
                    span = scene.span(token.idx, token.idx + len(token))
                    return Evidence((span,), (token.text,), 0.5, "accused and denied")
    return None


def _denial(trigger: Trigger) -> Token | None:
    """The word that denies the trigger's act: a verb above it, or one that the tagger took for an adverb."""
    words = trigger.scene.lexicon.words
    above = _above(trigger, words["denial_verbs"])
    near = (*trigger.token.children, *trigger.token.head.children)
    return above or next((t for t in near if t.lower_ in words["denial_words"]), None)


def _hearsay(trigger: Trigger) -> Token | None:
    """The auxiliary that tells an act as hearsay: "l'armée aurait tué"."""
    grammar = trigger.scene.grammar
    auxiliaries = grammar.children(trigger.token, "auxiliary", "passive_auxiliary")
    return next((a for a in auxiliaries if grammar.conditional(a)), None)


def status_of(
    event: Event, sides: Sides, source: str | None = None, scenes: Sequence[Scene] = ()
) -> tuple[Status, Evidence]:
    """The status and the words that show it; `scenes` are the report's, for a denial that stands behind."""
    core = [t for t in _core(event) if t.scene.sentence.part != "title"] or _core(event)
    accused: Evidence | None = None
    for number, trigger in enumerate(core):
        words = trigger.scene.lexicon.words
        denial = _denial(trigger)
        if denial is not None:
            speaker = _speaker(trigger.scene, denial)
            own = speaker is not None and _same_side(speaker, sides.attackers)
            if not own or number == 0:
                return "disputed", _evidence(trigger, denial, "one says yes, another no")
        accusation = _above(trigger, words["accusation_verbs"])
        adverb = next((c for c in trigger.token.children if c.lower_ in words["accusation_words"]), None)
        if adverb is not None and number == 0:
            accused = _evidence(trigger, adverb, "only alleged")
        hearsay = _hearsay(trigger) if sides.attackers else None
        if hearsay is not None and number == 0:
            accused = _evidence(trigger, hearsay, "told as hearsay")
        if accusation is not None and number == 0:
            accused = _evidence(trigger, accusation, "one party accuses another")
    if accused is not None:
        denied = _denied_after(event, scenes)
        return ("alleged", accused) if denied is None else ("disputed", denied)
    first = core[0]
    verb = _above(
        first, first.scene.lexicon.words["speech_verbs"] | first.scene.lexicon.words["claim_verbs"]
    ) or _speech(first)
    if verb is not None:
        speaker = _speaker(first.scene, verb)
        if speaker is not None and sides.attackers and _same_side(speaker, sides.attackers):
            return "claimed", _evidence(first, verb, "said by the party that did it")
        if verb.lemma_.lower() in first.scene.lexicon.words["claim_verbs"] and speaker is not None:
            return "claimed", _evidence(first, verb, "a claim of one's own deed")
    if _organ(source, first.scene, sides):
        return "claimed", Evidence((), (), 0.5, "the source is the mouth of the party that did it")
    return "reported", Evidence((), (), 0.6, "stated")


def _denied(scene: Scene, token: Token, noun: Token) -> bool:
    """Whether it is said that nobody, or not this one, did it."""
    words, grammar = scene.lexicon.words, scene.grammar
    return (
        grammar.any_child(token, "negation")
        or any(c.lower_ in words["negations"] for c in grammar.children(noun, "determiner"))
        or any(c.lower_ in words["negation_adverbs"] for c in grammar.children(token, "adverb"))
    )


def _author_of(scene: Scene, token: Token) -> Token | None:
    """Who claims an act or is blamed for it by this verb or noun."""
    words, grammar, lemma = scene.lexicon.words, scene.grammar, token.lemma_.lower()
    if token.pos_ == "VERB" and lemma in words["credit_verbs"]:
        credit = words["credit_objects"]
        if grammar.is_passive(token):
            claimed = grammar.subject_of(token)
            named = grammar.prepositional(token, words["agent_prepositions"])
            return next(iter(named), None) if claimed and claimed.lemma_.lower() in credit else None
        if any(o.lemma_.lower() in credit for o in grammar.objects_of(token)):
            return grammar.subject_of(token)
    if token.pos_ == "NOUN" and lemma in words["credit_nouns"] and grammar.has(token, "object"):
        return grammar.subject_of(token.head)
    if lemma in scene.lexicon.author_verbs and token.pos_ == "VERB":
        to_object = scene.lexicon.author_verbs[lemma] == "object"
        objects = grammar.objects_of(token)
        ties = words["to_prepositions"]
        tied = [n for t in (token, *objects) for n in grammar.prepositional(t, ties)]
        nouns = objects if to_object else tied
        return next(iter(nouns or grammar.prepositional(token, words["on_prepositions"])), None)
    return None


def authors(scene: Scene) -> list[tuple[PartyHit, Token]]:
    """Parties that a sentence names as the author of an act told elsewhere: who claimed it, who is blamed for it."""
    found: list[tuple[PartyHit, Token]] = []
    for token in scene.doc:
        noun = _author_of(scene, token) if token.pos_ in ("VERB", "NOUN") else None
        if noun is None or _denied(scene, token, noun):
            continue
        hit = scene.party_at(noun) or next(
            (
                h
                for h in scene.party_within(*scene.grammar.noun_phrase(noun))
                if hit_class(h) in ("armed", "forces")
            ),
            None,
        )
        if hit is not None and hit_class(hit) in ("armed", "forces"):
            found.append((hit, token))
    return found
