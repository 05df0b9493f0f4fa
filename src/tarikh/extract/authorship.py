"""Who is named as the author of an act that another clause or sentence tells: who claimed it, who is blamed for it.

Invariant: an author takes the place of nobody, or of people whom the report only describes ("armed men"), never of a party named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tarikh import reference
from tarikh.extract.parties import PartyHit
from tarikh.extract.roles import hit_class, phrase_of
from tarikh.extract.scene import Scene
from tarikh.model import Mention, Phrase, Span

if TYPE_CHECKING:
    from spacy.tokens import Token

KINDS = reference.kinds_by_force() - {"territory_taken"}
"""Kinds of what somebody claims or is blamed for; who took a place is told with the act itself."""


_ABOVE = 4
"""Words above a claim among which it can be denied: "denied that its men had claimed"."""


@dataclass(frozen=True, slots=True)
class Author:
    """A party named as the author of an act told elsewhere; the sentence, who names it, if anybody, and of how many acts
    ("both attacks")."""

    phrase: Phrase
    span: Span
    sentence: Span
    accuser: Span | None = None
    acts: int = 1


def _denied(scene: Scene, token: Token, noun: Token) -> bool:
    """Whether it is said that nobody, or not this one, did it; or that somebody denies it."""
    words, grammar = scene.lexicon.words, scene.grammar
    above = [token, *token.ancestors][:_ABOVE]
    if any(t.pos_ == "VERB" and t.lemma_.lower() in words["denial_verbs"] for t in above):
        return True
    verbs = above[:2] if token.pos_ not in ("VERB", "AUX") else above[:1]
    return any(c.lower_ in words["negations"] for c in grammar.children(noun, "determiner")) or any(
        grammar.any_child(verb, "negation")
        or any(c.lower_ in words["negation_adverbs"] for c in grammar.children(verb, "adverb"))
        for verb in verbs
    )


def _claims(scene: Scene, token: Token) -> Token | None:
    """Who claims an act by this verb or noun: "claimed the attack", "took credit"."""
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
    return None


def _blamed(scene: Scene, token: Token) -> Token | None:
    """Who is blamed by this verb: "blamed JNIM", "JNIM is blamed", "attributed it to JNIM"."""
    words, grammar, lemma = scene.lexicon.words, scene.grammar, token.lemma_.lower()
    if token.pos_ != "VERB" or lemma not in scene.lexicon.author_verbs:
        return None
    to_object = scene.lexicon.author_verbs[lemma] == "object"
    if to_object and grammar.is_passive(token):
        upon = grammar.prepositional(token, words["on_prepositions"])  # "the attack was blamed on JNIM"
        return next(iter(upon), None) or next(grammar.children(token, "passive_subject", "subject"), None)
    objects = grammar.objects_of(token)
    tied = [n for t in (token, *objects) for n in grammar.prepositional(t, words["to_prepositions"])]
    nouns = objects if to_object else tied
    return next(iter(nouns or grammar.prepositional(token, words["on_prepositions"])), None)


def _marked(scene: Scene, token: Token) -> Token | None:
    """Whose mark an act bears, or to whom those who did it belong: "the hallmarks of JNIM", "thought to belong to JNIM"."""
    words, grammar, lemma = scene.lexicon.words, scene.grammar, token.lemma_.lower()
    if token.pos_ in ("NOUN", "PROPN") and lemma in words["author_marks"]:
        return next(iter(grammar.prepositional(token, words["mark_prepositions"])), None)
    if token.pos_ == "VERB" and lemma in words["belonging_verbs"]:
        subject = grammar.subject_of(token)
        owners = grammar.prepositional(token, words["to_prepositions"])
        known = subject is not None and subject.lemma_.lower() in words["authors_told_before"]
        return next(iter(owners), None) if known else None
    return None


def _stands_behind(scene: Scene, token: Token) -> Token | None:
    """Who "was behind the attack" or "is responsible for it"."""
    words, grammar = scene.lexicon.words, scene.grammar
    if token.lower_ not in words["behind"] or token.head.pos_ not in ("AUX", "VERB", "NOUN", "PROPN"):
        return None
    at = scene.doc[token.i : token.i + 6]
    if not any(t.lemma_.lower() in words["credit_objects"] or t.pos_ == "PRON" for t in at):
        return None
    verb = token.head
    return grammar.subject_of(verb) if verb.pos_ in ("AUX", "VERB") else verb


_SIGNS = (_claims, _blamed, _marked, _stands_behind)


def _party(scene: Scene, noun: Token) -> PartyHit | None:
    """The armed party or force that a noun phrase names."""
    within = scene.party_within(*scene.grammar.noun_phrase(noun))
    hit = scene.party_at(noun) or next((h for h in within if hit_class(h) in ("armed", "forces")), None)
    return hit if hit is not None and hit_class(hit) in ("armed", "forces") else None


def _accuser(scene: Scene, token: Token) -> Span | None:
    """The words for who blames: no author, though the subject of the sentence."""
    subject = scene.grammar.subject_of(token) if token.lemma_.lower() in scene.lexicon.author_verbs else None
    return scene.span(*scene.grammar.noun_phrase(subject)) if subject is not None else None


def _acts(scene: Scene, token: Token) -> int:
    """How many acts are claimed or blamed at once: two in "both attacks are blamed on"."""
    claimed = (token, *scene.grammar.objects_of(token), scene.grammar.subject_of(token))
    nouns = [
        t for t in claimed if t is not None and t.lemma_.lower() in scene.lexicon.words["credit_objects"]
    ]
    return 2 if any(c.lower_ in scene.lexicon.words["both"] for noun in nouns for c in noun.children) else 1


def authors(scene: Scene) -> Iterator[Author]:
    """The parties that a sentence names as the author of an act, in the order of the text."""
    for token in scene.doc:
        nouns = (sign(scene, token) for sign in _SIGNS)
        noun = next((found for found in nouns if found is not None), None)
        if noun is None or _denied(scene, token, noun):
            continue
        hit = _party(scene, noun)
        if hit is not None:
            phrase, at = phrase_of(scene, hit), scene.span(token.idx, token.idx + len(token))
            whole = scene.sentence.span(0, len(scene.sentence.text))
            yield Author(phrase, at, whole, _accuser(scene, token), _acts(scene, token))


def _told_in(mention: Mention, sentence: Span) -> bool:
    spans = mention.evidence["kind"].spans
    return any(s.part == sentence.part and sentence.start <= s.start < sentence.end for s in spans)


def _before(mention: Mention, sentence: Span) -> bool:
    first = mention.evidence["kind"].spans[0]
    return (first.part == "title", -first.start) >= (sentence.part == "title", -sentence.end)


def _of_whom(mention: Mention, author: Author) -> bool:
    """Whether an author may be a mention's attacker: nobody is, or people only described, or who accuses."""
    sides, other = mention.phrases.get("attackers", ()), mention.phrases.get("targets", ())
    if author.phrase.text.lower() in {p.text.lower() for p in other}:
        return False
    accuser = author.accuser
    return all(
        (p.role in ("armed", "civilians", None) and not _named(p))
        or (accuser is not None and any(s.overlaps(accuser) for s in p.spans))
        for p in sides
    )


def _named(phrase: Phrase) -> bool:
    return any(not use.told for name in reference.named(phrase.text) for use in name.uses)


def credited(mentions: Sequence[Mention], scenes: Sequence[Scene]) -> tuple[Mention, ...]:
    """The mentions of a report, in order, with the authors that other words name: of the act of the same sentence, else of the
    one told last before it."""
    made = list(mentions)
    for scene in scenes:
        for author in authors(scene):
            violent = [n for n, m in enumerate(made) if m.kind in KINDS]
            here = [n for n in violent if _told_in(made[n], author.sentence)]
            before = [n for n in violent if _before(made[n], author.sentence)]
            for number in before[-author.acts :] if author.acts > 1 else here[:1] or before[-1:]:
                mention = made[number]
                if _of_whom(mention, author):
                    made[number] = replace(
                        mention, phrases={**mention.phrases, "attackers": (author.phrase,)}
                    )
    return tuple(made)
