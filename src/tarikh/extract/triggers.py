"""Words of a sentence that can tell of an incident: which act, and who did it to whom as far as the grammar says.

Invariant: a trigger is only a candidate; whether it is an incident is decided by `reality` and `grouping`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tarikh import reference
from tarikh.extract.lexicon import Acts, Pattern
from tarikh.extract.scene import Scene, conjuncts, is_passive, objects_of, prepositional, subject_of

if TYPE_CHECKING:
    from spacy.tokens import Token

TRANSITIVE = frozenset(
    (
        "kill",
        "wound",
        "abduct",
        "arrest",
        "rape",
        "assault",
        "lynch",
        "burn",
        "loot",
        "take",
        "disperse",
        "find",
        "release",
    )
)
"""Acts that need an object: with a subject alone ("five killed") the subject suffered it."""


@dataclass(slots=True)
class Trigger:
    """A candidate: its act, head token, characters, and the tokens of agent and patient where the grammar shows them."""

    scene: Scene
    token: Token
    act: str
    start: int
    end: int
    agents: list[Token] = field(default_factory=list)
    patients: list[Token] = field(default_factory=list)
    nominal: bool = False
    passive: bool = False

    @property
    def words(self) -> str:
        """The trigger's words in the text."""
        return self.scene.sentence.text[self.start : self.end]


def _pick(acts: Acts, classes: set[str], has_object: bool) -> str:
    for name, act in acts.items():
        if name in classes:
            return act
    return acts.get("default", "none") if has_object or "none" not in acts else acts["none"]


def _match(pattern: Pattern, head: Token, lexicon_words: Mapping[str, frozenset[str]]) -> int | None:
    """Index of the last token of the pattern, or None. Words may stand up to six tokens apart."""
    last = head.i
    for word in pattern.rest:
        # A particle or preposition of the head may stand behind a long object: "led sixty people … into the bush".
        own = [t for t in head.children if t.i > last + 6 and t.dep_ in ("prep", "prt", "advmod")]
        for token in (*head.doc[last + 1 : last + 7], *own):
            if token.is_sent_start and token.i > head.i:
                return None
            if (
                word == token.lemma_.lower()
                or word == token.lower_
                or (word == "self" and token.lower_ in lexicon_words["reflexive"])
            ):
                last = token.i
                break
        else:
            return None
    return last


class _Finder:
    """Finds the triggers of one scene; longer patterns hide the shorter ones inside them."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.taken: set[int] = set()

    def all(self) -> Iterator[Trigger]:
        for token in self.scene.doc:
            if token.i in self.taken or self._inside_name(token):
                continue
            found = (
                self._noun_phrase(token)
                or self._verb_phrase(token)
                or self._verb(token)
                or self._noun(token)
                or self._means(token)
            )
            if found is not None:
                yield found

    def _inside_name(self, token: Token) -> bool:
        hit = self.scene.party_at(token)
        return hit is not None and hit.name is not None and token.pos_ not in ("VERB",)

    def _frame(self, verb: Token) -> tuple[list[Token], list[Token], bool]:
        """Agents, patients, passive of a verb."""
        words = self.scene.lexicon.words
        passive = is_passive(verb)
        subject = self._controller(verb) or subject_of(verb)
        subjects = conjuncts(subject) if subject is not None else []
        if passive:
            return (
                [t for a in prepositional(verb, words["agent_prepositions"]) for t in conjuncts(a)],
                subjects,
                True,
            )
        objects = [t for o in objects_of(verb) for t in conjuncts(o)]
        if not objects:
            objects = [
                t
                for o in prepositional(verb, words["patient_prepositions"])
                for t in conjuncts(o)
                if self.scene.time_at(o) is None
            ]
        return subjects, objects, False

    def _controller(self, verb: Token) -> Token | None:
        """Who did it in "accused the RSF of shelling": the object of the verb above, not its subject."""
        if verb.dep_ != "pcomp" or verb.head.lower_ not in self.scene.lexicon.words["object_control"]:
            return None
        return next(iter(objects_of(verb.head.head)), None)

    def _behind(self, verb: Token, last: int) -> list[Token]:
        """To whom a phrase was done: "opened fire on herders", "set fire to a school"."""
        words = self.scene.lexicon.words
        heads = [verb, *self.scene.doc[verb.i + 1 : last + 1]]
        found = [
            p
            for h in heads
            for p in prepositional(h, words["patient_prepositions"] | words["taker_prepositions"])
            if p.i > last
        ]
        return [t for p in found[:1] if self.scene.time_at(p) is None for t in conjuncts(p)]

    def _under(self, verb: Token) -> list[Token]:
        """What a blast struck: "exploded under an army truck"."""
        return [
            t
            for p in prepositional(verb, self.scene.lexicon.words["blast_prepositions"])
            for t in conjuncts(p)
        ]

    def _classes(self, tokens: list[Token]) -> set[str]:
        return set().union(*(self.scene.classes_of(t) for t in tokens)) if tokens else set()

    def _verb_phrase(self, token: Token) -> Trigger | None:
        if token.pos_ not in ("VERB", "AUX", "ADP", "ADV", "NOUN", "ADJ"):
            return None
        for pattern in self.scene.lexicon.phrases.get(self.scene.lexicon.lemma(token), ()):
            if token.pos_ in ("NOUN", "ADJ") and (
                not pattern.rest or token.tag_ not in ("NN", "NNS", "JJ") or len(pattern.rest) < 2
            ):
                continue
            last = _match(pattern, token, self.scene.lexicon.words)
            if last is None:
                continue
            agents, patients, passive = self._frame(token)
            if not passive and not pattern.object:
                others = [
                    t
                    for t in patients
                    if t.lower_ not in pattern.rest and t.lemma_.lower() not in pattern.rest
                ]
                patients = others or self._behind(token, last) or patients
            if not patients and not passive:
                patients = [
                    t
                    for c in self.scene.doc[token.i : last + 1]
                    for t in c.children
                    if t.dep_ in ("pobj", "dobj") and t.i > last
                ]
            if pattern.passive:
                agents, patients, passive = patients, agents, True
            if pattern.object and not self._classes(patients) & pattern.object:
                continue
            if pattern.subject and not self._classes(agents if not passive else patients) & pattern.subject:
                continue
            if pattern.act == "none":
                return None
            if pattern.act == "blast" and pattern.object:
                agents, patients = [], agents  # "stepped on a mine"
            elif pattern.act == "blast":
                agents, patients = ([] if not patients else agents), patients or self._under(token)
            self.taken.update(range(token.i, last + 1) if last - token.i <= 3 else (token.i, last))
            end = self.scene.doc[last]
            return Trigger(
                self.scene,
                token,
                pattern.act,
                token.idx,
                end.idx + len(end),
                agents,
                patients,
                False,
                passive,
            )
        return None

    def _verb(self, token: Token) -> Trigger | None:
        acts = self.scene.lexicon.verbs.get(self.scene.lexicon.lemma(token))
        if acts is None or (
            token.pos_ not in ("VERB", "AUX") and not (token.pos_ == "ADJ" and token.tag_ in ("VBN", "VBD"))
        ):
            return None
        agents, patients, passive = self._frame(token)
        act = _pick(acts, self._classes(patients), bool(patients))
        if act == "taken":  # "were taken from their homes", "taken by gunmen"; not "taken to", "taken ill"
            away = any(
                c.dep_ in ("prep", "agent") and c.lower_ in self.scene.lexicon.words["taken_prepositions"]
                for c in token.children
            )
            act = "abduct" if passive and away else "none"
        if act == "none":
            return None
        if act == "die" or (act in TRANSITIVE and not passive and not patients and agents):
            agents, patients, passive = [], agents, True
        if (
            act == "strike"
            and not passive
            and self._classes(patients) & {"weapon"}
            and not self._classes(patients) & {"people", "forces", "armed"}
        ):
            act, agents, patients = "blast", [], agents  # "the truck hit a mine"
        if act == "blast" and not patients:
            agents, patients = [], self._under(token)
        return Trigger(
            self.scene, token, act, token.idx, token.idx + len(token), agents, patients, False, passive
        )

    def _noun_phrase(self, token: Token) -> Trigger | None:
        for pattern in self.scene.lexicon.noun_phrases.get(token.lemma_.lower(), ()):
            last = token.i + len(pattern.rest)
            if last >= len(self.scene.doc):
                continue
            words = [t.lemma_.lower() for t in self.scene.doc[token.i + 1 : last + 1]]
            if (
                tuple(words) != pattern.rest
                and tuple(t.lower_ for t in self.scene.doc[token.i + 1 : last + 1]) != pattern.rest
            ):
                continue
            head = self.scene.doc[last]
            if head.pos_ == "VERB" and any(c.dep_ in ("nsubj", "nsubjpass") for c in head.children):
                continue  # "drones struck a convoy" is a sentence, not a noun
            self.taken.update(range(token.i, last + 1))
            if pattern.act == "none":
                return None
            while head.dep_ == "compound" and head.head.i == head.i + 1 and head.head.i not in self.taken:
                head = head.head
                if head.lemma_.lower() in self.scene.lexicon.nouns:
                    self.taken.add(head.i)
            return self._nominal(
                head if pattern.rest and pattern.rest[0] != "of" else token,
                pattern.act,
                token.idx,
                self.scene.doc[last],
            )
        return None

    def _noun(self, token: Token) -> Trigger | None:
        acts = self.scene.lexicon.nouns.get(token.lemma_.lower())
        if acts is None or token.pos_ not in ("NOUN", "PROPN") or self.scene.time_at(token) is not None:
            return None
        of = [t for p in prepositional(token, self.scene.lexicon.words["genitive"]) for t in conjuncts(p)]
        act = _pick(acts, self._classes(of), True)
        if act == "none":
            return None
        if (
            token.dep_ == "compound"
            and token.head.pos_ in ("NOUN", "PROPN")
            and token.head.lemma_.lower() not in self.scene.lexicon.nouns
        ):
            return None  # "protest leader", "ceasefire line": the head decides
        return self._nominal(token, act, token.idx, token)

    def _nominal(self, token: Token, act: str, start: int, end: Token) -> Trigger:
        words = self.scene.lexicon.words
        agents = [t for a in prepositional(token, words["agent_prepositions"]) for t in conjuncts(a)]
        patients = [
            t
            for p in prepositional(token, words["patient_prepositions"])
            for t in conjuncts(p)
            if self.scene.time_at(p) is None
        ]
        for noun in prepositional(token, words["between"]):
            agents, patients = [*agents, noun], [*patients, *conjuncts(noun)[1:]]
        for noun in prepositional(token, words["genitive"]):
            if self.scene.time_at(noun) is not None:
                continue
            hit, classes = self.scene.party_at(noun), self.scene.classes_of(noun)
            # "the attack of JNIM" is JNIM's, "the ambush of an army escort" befell the escort.
            did = bool(hit is not None and hit.name) or "armed" in classes
            suffered = act in words["of_patient"] or not did
            (patients if suffered else agents).extend(conjuncts(noun))
        for child in token.children:
            if (
                child.dep_ in ("amod", "compound", "nmod", "poss")
                and self.scene.party_at(child) is None
                and self._nation(child)
            ):
                agents.append(child)
            elif (
                child.dep_ in ("poss", "compound", "amod", "nmod") and self.scene.party_at(child) is not None
            ):
                classes = self.scene.classes_of(child)
                # "the escort attack" befell the escort, "the army raid" was the army's.
                did = (
                    bool(classes & {"armed", "forces"})
                    and act != "arrest"
                    and not (child.dep_ != "poss" and classes & {"post", "unit", "goods"})
                )
                (agents if did else patients).append(child)
        if not agents:  # "the rape of nine women by men in uniform": the agent may hang on the patient
            agents = [
                t
                for p in patients
                for a in prepositional(p, words["agent_prepositions"])
                for t in conjuncts(a)
            ]
        self._light(token, act, agents, patients)
        return Trigger(self.scene, token, act, start, end.idx + len(end), agents, patients, True, False)

    def _nation(self, token: Token) -> bool:
        """Whether a state's adjective says who did it: "an American strike"."""
        return bool(reference.countries_by_adjective(token.text, self.scene.language))

    def _light(self, token: Token, act: str, agents: list[Token], patients: list[Token]) -> None:
        """Who carried it out or suffered it by the verb that the noun hangs on."""
        words, verb = self.scene.lexicon.words, token.head
        if token.dep_ not in ("dobj", "nsubjpass", "pobj") or (agents and patients):
            return
        if token.dep_ == "pobj":
            verb = verb.head
        if verb.pos_ != "VERB":
            return
        subject = subject_of(verb)
        lemma = verb.lemma_.lower()
        if token.dep_ == "nsubjpass":
            agents.extend(prepositional(verb, words["agent_prepositions"]))
        elif (
            subject is not None
            and subject is not token
            and (lemma in words["light_agent"] or act == "agree")
            and not agents
        ):
            agents.extend(conjuncts(subject))
        elif subject is not None and lemma in words["light_patient"] and not patients:
            patients.extend(conjuncts(subject))

    def _means(self, token: Token) -> Trigger | None:
        """A weapon that acts: "a mine killed …", "struck a bomb", "the drone hit …"."""
        for words, name in self.scene.lexicon.means.get(token.lower_, ()) or self.scene.lexicon.means.get(
            token.lemma_.lower(), ()
        ):
            last = token.i + len(words) - 1
            if last >= len(self.scene.doc):
                continue
            if any(
                words[k] not in (t.lower_, t.lemma_.lower())
                for k, t in enumerate(self.scene.doc[token.i : last + 1])
            ):
                continue
            self.taken.update(range(token.i, last + 1))
            head = self.scene.doc[last]
            return Trigger(
                self.scene, head, f"means:{name}", token.idx, head.idx + len(head), [], [], True, False
            )
        return None


def find(scene: Scene) -> list[Trigger]:
    """The triggers and means of a sentence, in order."""
    return list(_Finder(scene).all())
