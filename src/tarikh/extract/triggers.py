"""Words of a sentence that can tell of an incident: which act, and who did it to whom as far as the grammar says.

Invariant: a trigger is only a candidate; whether it is an incident is decided by `reality` and `grouping`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from tarikh import reference
from tarikh.extract.acts import family
from tarikh.extract.grammar import HUNG
from tarikh.extract.lexicon import Acts, Pattern
from tarikh.extract.scene import Scene

if TYPE_CHECKING:
    from spacy.tokens import Token

TRANSITIVE = family("transitive")
_STRAY = 12
"""How far behind a verb a noun may stand that the parser hung on something else."""


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


def _is_word(word: str, token: Token, scene: Scene) -> bool:
    """Whether a word of a pattern, or one of its alternatives between |, is this token by lemma or form."""
    alternatives = word.split("|")
    return token.lower_ in alternatives or scene.lexicon.lemma(token) in alternatives


def _own_words(head: Token, scene: Scene) -> Iterator[Token]:
    """Prepositions, particles, adverbs and objects that belong to a verb, however far behind it."""
    yield from scene.grammar.children(head, "preposition", "particle", "adverb", "object")
    for noun in scene.grammar.children(head, *HUNG):
        yield from scene.grammar.children(noun, "case")


def _match(pattern: Pattern, head: Token, scene: Scene) -> int | None:
    """Index of the last token of the pattern, or None. Words may stand up to six tokens apart."""
    last, reflexive = head.i, scene.lexicon.words["reflexive"]
    for word in pattern.rest:
        # A particle or preposition of the head may stand behind a long object: "led sixty people … into the bush".
        own = (t for t in _own_words(head, scene) if t.i > last + 6)
        for token in chain(head.doc[last + 1 : last + 7], own):
            if token.is_sent_start and token.i > head.i:
                return None
            if _is_word(word, token, scene) or (word == "self" and token.lower_ in reflexive):
                last = token.i
                break
        else:
            return None
    return last


@dataclass(slots=True)
class _Frame:
    """Who did it to whom as far as the grammar of one verb or noun says."""

    agents: list[Token]
    patients: list[Token]
    passive: bool = False


class _Finder:
    """Finds the triggers of one scene; longer patterns hide the shorter ones inside them."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.grammar, self.lexicon = scene, scene.grammar, scene.lexicon
        self.words = scene.lexicon.words
        self.taken: set[int] = set()

    def all(self) -> Iterator[Trigger]:
        for token in self.scene.doc:
            if token.i in self.taken or not self._opens(token) or self._inside_name(token):
                continue
            found = self._noun_phrase(token)
            if (
                found is None and token.i not in self.taken
            ):  # a phrase that is no act hides its words: "a funeral march"
                found = (
                    self._verb_phrase(token) or self._verb(token) or self._noun(token) or self._means(token)
                )
            if found is not None:
                yield found

    def _opens(self, token: Token) -> bool:
        """Whether any word list has the token as its first word: most have none, and are asked nothing more."""
        means = self.lexicon.means
        return (
            self.lexicon.lemma(token) in self.lexicon.heads
            or token.lower_ in means
            or token.lemma_.lower() in means
        )

    def _inside_name(self, token: Token) -> bool:
        hit = self.scene.party_at(token)
        return hit is not None and hit.name is not None and token.pos_ not in ("VERB",)

    def _trigger(
        self, token: Token, act: str, start: int, end: Token, frame: _Frame, nominal: bool = False
    ) -> Trigger:
        return Trigger(
            *(self.scene, token, act, start, end.idx + len(end)),
            *(frame.agents, frame.patients, nominal, frame.passive),
        )

    def _listed(self, nouns: list[Token]) -> list[Token]:
        """The nouns with those that stand in a list with them; words of time are nobody."""
        return [t for n in nouns if self.scene.time_at(n) is None for t in self.grammar.conjuncts(n)]

    def _by(self, token: Token) -> list[Token]:
        """Who did it: "by …"."""
        tied = self.grammar.prepositional(token, self.words["agent_prepositions"])
        return [t for a in tied for t in self.grammar.conjuncts(a)]

    def _on(self, token: Token) -> list[Token]:
        """To whom it was done: "on …", "against …"."""
        return self._listed(self.grammar.prepositional(token, self.words["patient_prepositions"]))

    def _frame(self, verb: Token, active: bool = False) -> _Frame:
        """Agents, patients, passive of a verb; `active` where a phrase has its helping verb as a word of its own."""
        passive = not active and self.grammar.is_passive(verb)
        subject = self._controller(verb) or self.grammar.subject_of(verb)
        if subject is not None and self.scene.time_at(subject) is not None:
            subject = None  # "El 4 de julio hombres armados quemaron …": a day does nothing
        subjects = self.grammar.conjuncts(subject) if subject is not None else self._stray_subject(verb)
        if passive:
            return _Frame(self._by(verb) or self._listed(self._stray_agent(verb)), subjects, True)
        objects = self._listed(self.grammar.objects_of(verb)) or self._on(verb)
        return _Frame(subjects, objects or self._listed(self._stray_object(verb)))

    def _stray(self, verb: Token) -> Iterator[Token]:
        """Nouns behind a verb that the parser hung on a word between: "a interpellé à Niamey quatre suspects"."""
        for token in self.scene.doc[verb.i + 1 : verb.i + _STRAY]:
            if token.pos_ in ("VERB", "SCONJ") or token.text in ":;":
                return
            if self.grammar.has(token, *HUNG, "object", "unclear"):
                yield token

    def _stray_subject(self, verb: Token) -> list[Token]:
        """A noun before a verb that the parser hung on a word of time: "El sábado, en Ayo, hombres armados quemaron …"."""
        for token in reversed(self.scene.doc[max(0, verb.i - _STRAY) : verb.i]):
            if token.pos_ in ("VERB", "SCONJ") or token.text in ":;":
                return []
            bare = token.pos_ in ("NOUN", "PROPN") and not self.grammar.prepositions(token)
            if bare and self.scene.time_at(token.head) and not self.scene.time_at(token):
                return [token] if self._classes([token]) & {"people", "forces", "armed"} else []
        return []

    def _stray_object(self, verb: Token) -> list[Token]:
        """A noun without a preposition is the object, whatever it hangs on."""
        found = (t for t in self._stray(verb) if not self.grammar.prepositions(t) and t.pos_ == "NOUN")
        return [t for t in found if self.scene.time_at(t) is None and self.scene.place_at(t) is None][:1]

    def _stray_agent(self, verb: Token) -> list[Token]:
        by = self.words["agent_prepositions"]
        return [t for t in self._stray(verb) if self.grammar.prepositions(t) & by][:1]

    def _controller(self, verb: Token) -> Token | None:
        """Who did it in "accused the RSF of shelling": the object of the verb above, not its subject."""
        control = self.words["object_control"]
        if self.grammar.has(verb, "preposition_clause") and verb.head.lower_ in control:
            return next(iter(self.grammar.objects_of(verb.head.head)), None)
        if self.grammar.has(verb, "open_complement") and verb.head.lemma_.lower() in control:
            return next(iter(self.grammar.objects_of(verb.head)), None)
        return None

    def _behind(self, verb: Token, last: int) -> list[Token]:
        """To whom a phrase was done: "opened fire on herders", "set fire to a school"."""
        ties = self.words["patient_prepositions"] | self.words["taker_prepositions"]
        heads = [verb, *self.scene.doc[verb.i + 1 : last + 1]]
        found = [p for h in heads for p in self.grammar.prepositional(h, ties) if p.i > last]
        return self._listed(found[:1])

    def _under(self, verb: Token) -> list[Token]:
        """What a blast struck: "exploded under an army truck"."""
        tied = self.grammar.prepositional(verb, self.words["blast_prepositions"])
        return [t for p in tied for t in self.grammar.conjuncts(p)]

    def _classes(self, tokens: list[Token]) -> set[str]:
        return set().union(*(self.scene.classes_of(t) for t in tokens)) if tokens else set()

    # ---- multiword verbs -----------------------------------------------------------------------------------

    def _verb_phrase(self, token: Token) -> Trigger | None:
        if token.pos_ not in ("VERB", "AUX", "ADP", "ADV", "NOUN", "ADJ"):
            return None
        for pattern in self.lexicon.phrases.get(self.lexicon.lemma(token), ()):
            last = _match(pattern, token, self.scene) if self._may_head(pattern, token) else None
            if last is None:
                continue
            verb = self._finite(token, last)
            frame = self._phrase_frame(pattern, verb, token.i, last)
            if not self._fits(pattern, frame) or not self._beside(pattern, verb):
                continue
            if pattern.act == "none":
                return None
            if pattern.act == "blast":
                self._blast(frame, verb, stepped=bool(pattern.object))
            self.taken.update(range(token.i, last + 1) if last - token.i <= 3 else (token.i, last))
            return self._trigger(verb, pattern.act, token.idx, self.scene.doc[last], frame)
        return None

    def _may_head(self, pattern: Pattern, token: Token) -> bool:
        """A noun or adjective heads a multiword verb only by mistake of the tagger, so more words must agree."""
        mended = self.lexicon.lemma(token) != token.lemma_.lower()
        if token.pos_ not in ("NOUN", "ADJ") or (
            mended and self.grammar.marked(token, "adjective_participle")
        ):
            return True
        return len(pattern.rest) >= 2 and self.grammar.marked(token, "phrase_noun")

    def _finite(self, token: Token, last: int) -> Token:
        """The word that carries a phrase whose first verb only helps: "s'est fait exploser", "a été la cible"."""
        inside = token.i < token.head.i <= last
        return token.head if inside and self.grammar.has(token, "helping_verb") else token

    def _phrase_frame(self, pattern: Pattern, verb: Token, first: int, last: int) -> _Frame:
        frame = self._frame(verb, active=verb.i != first)
        if not frame.passive:
            rest = {word for words in pattern.rest for word in words.split("|")}
            others = [t for t in frame.patients if t.lower_ not in rest and t.lemma_.lower() not in rest]
            behind = [] if others or pattern.object else self._behind(verb, last)
            keep = not pattern.object and not pattern.passive
            frame.patients = others or behind or (frame.patients if keep else [])
        if not frame.patients and not frame.passive:
            frame.patients = [
                t
                for c in self.scene.doc[first : last + 1]
                for t in (*self.grammar.behind(c), *self.grammar.children(c, "object"))
                if t.i > last
            ]
        if pattern.passive:
            frame = _Frame(frame.patients, frame.agents, True)
            named = _Frame([], frame.patients)
            self._participle(self.scene.doc[last], named)  # "l'objet d'une attaque perpétrée par …"
            frame.agents = (
                named.agents or self._by(verb) or frame.agents
            )  # "murió a manos de", "muerto a tiros por"
        return frame

    def _fits(self, pattern: Pattern, frame: _Frame) -> bool:
        """Whether subject and object are of the classes that the pattern asks for."""
        if pattern.object and not self._classes(frame.patients) & pattern.object:
            return False
        subjects = frame.patients if frame.passive else frame.agents
        return not pattern.subject or bool(self._classes(subjects) & pattern.subject)

    def _beside(self, pattern: Pattern, verb: Token) -> bool:
        """Whether the words that the pattern asks for hang on the verb: the "s'en" of "s'en prendre à"."""
        own = {form for c in verb.children for form in (c.lower_, c.lemma_.lower())}
        if self.grammar.any_child(verb, "reflexive"):
            own.add("self")
        return pattern.beside <= own

    def _blast(self, frame: _Frame, verb: Token, stepped: bool) -> None:
        """Who was hit: the subject of "stepped on a mine", what "exploded under a truck"."""
        if stepped:
            frame.agents, frame.patients = [], frame.agents
        elif not frame.patients:
            frame.agents, frame.patients = [], self._under(verb)

    # ---- single verbs --------------------------------------------------------------------------------------

    def _verb(self, token: Token) -> Trigger | None:
        acts = self.lexicon.verbs.get(self.lexicon.lemma(token))
        if acts is None or not self._verbal(token):
            return None
        frame = self._frame(token)
        act = self._act_of(token, acts, frame)
        if act == "none":
            return None
        if act == "die" or (act in TRANSITIVE and not frame.passive and not frame.patients and frame.agents):
            frame = _Frame([], frame.agents, True)
        if act == "blast" and not frame.patients:
            frame.agents, frame.patients = [], self._under(token)
        return self._trigger(token, act, token.idx, token, frame)

    def _verbal(self, token: Token) -> bool:
        """Whether the word is a verb, by its tag or by an auxiliary that the tagger overlooked."""
        if token.pos_ in ("VERB", "AUX"):
            return True
        adjective = token.pos_ == "ADJ" and self.grammar.marked(token, "adjective_participle")
        return adjective or self.grammar.any_child(token, "auxiliary", "passive_auxiliary")

    def _act_of(self, token: Token, acts: Acts, frame: _Frame) -> str:
        """The act of a verb by what it was done to; the frame is mended where a thing only seems to act."""
        classes = self._classes(frame.patients)
        act = _pick(acts, classes, bool(frame.patients))
        if act == "taken":  # "were taken from their homes", "taken by gunmen"; not "taken to", "taken ill"
            ties = self.words["taken_prepositions"]
            tied = self.grammar.children(token, "preposition", "agent")
            away = bool(frame.agents) or any(c.lower_ in ties for c in tied)
            return "abduct" if frame.passive and away else "none"
        harmless = "weapon" in classes and not classes & {"people", "forces", "armed"}
        if act == "strike" and harmless and not frame.passive:  # "the truck hit a mine"
            frame.agents, frame.patients = [], frame.agents
            return "blast"
        return act

    # ---- nouns ---------------------------------------------------------------------------------------------

    def _noun_phrase(self, token: Token) -> Trigger | None:
        for pattern in self.lexicon.noun_phrases.get(self.lexicon.lemma(token), ()):
            last = token.i + len(pattern.rest)
            if last >= len(self.scene.doc):
                continue
            behind = self.scene.doc[token.i + 1 : last + 1]
            if not all(_is_word(word, t, self.scene) for word, t in zip(pattern.rest, behind, strict=True)):
                continue
            head = self.scene.doc[last]
            if head.pos_ == "VERB" and self.grammar.any_child(head, "subject", "passive_subject"):
                continue  # "drones struck a convoy" is a sentence, not a noun
            self.taken.update(range(token.i, last + 1))
            if pattern.act == "none":
                return None
            head = self._head_of(pattern, token, self._outer(head))
            return self._nominal(head, pattern.act, token.idx, self.scene.doc[last])
        return None

    def _head_of(self, pattern: Pattern, first: Token, last: Token) -> Token:
        """The noun that a noun phrase is: its last in "air strike", its first in "exchange of fire", "frappe aérienne"."""
        rest = pattern.rest[0].split("|") if pattern.rest else ()
        heads_first = bool(self.grammar.words["head_first"] & {"*", *rest})
        return first if heads_first or not rest else last

    def _outer(self, head: Token) -> Token:
        """The noun that a compound stands before, where it is one thing with it: "air strike campaign"."""
        while (
            self.grammar.has(head, "compound") and head.head.i == head.i + 1 and head.head.i not in self.taken
        ):
            head = head.head
            if head.lemma_.lower() in self.lexicon.nouns:
                self.taken.add(head.i)
        return head

    def _noun(self, token: Token) -> Trigger | None:
        acts = self.lexicon.nouns.get(self.lexicon.lemma(token))
        if acts is None or token.pos_ not in ("NOUN", "PROPN") or self.scene.time_at(token) is not None:
            return None
        of = self.grammar.prepositional(token, self.words["genitive"])
        act = _pick(acts, self._classes([t for p in of for t in self.grammar.conjuncts(p)]), True)
        if act == "none":
            return None
        if (
            self.grammar.has(token, "compound")
            and token.head.pos_ in ("NOUN", "PROPN")
            and token.head.lemma_.lower() not in self.lexicon.nouns
        ):
            return None  # "protest leader", "ceasefire line": the head decides
        return self._nominal(token, act, token.idx, token)

    def _nominal(self, token: Token, act: str, start: int, end: Token) -> Trigger:
        frame = _Frame(self._by(token), self._on(token))
        self._between(token, frame)
        self._of(token, act, frame, end)
        self._described(token, act, frame)
        if not frame.agents:  # "the rape of nine women by men in uniform": the agent may hang on the patient
            frame.agents = [t for p in frame.patients for t in self._by(p)]
        self._participle(token, frame)
        self._light(token, act, frame)
        return self._trigger(token, act, start, end, frame, nominal=True)

    def _between(self, token: Token, frame: _Frame) -> None:
        between = self.words["between"]
        stray = (t for t in self._stray(token) if self.grammar.prepositions(t) & between)
        for noun in self.grammar.prepositional(token, between) or self._listed([*stray][:1])[:1]:
            frame.agents.append(noun)
            frame.patients.extend(self.grammar.conjuncts(noun)[1:])

    def _of(self, token: Token, act: str, frame: _Frame, end: Token) -> None:
        """ "The attack of JNIM" is JNIM's, "the ambush of an army escort" befell the escort."""
        for noun in self.grammar.prepositional(token, self.words["genitive"]):
            if self.scene.time_at(noun) is not None or token.i < noun.i <= end.i:
                continue  # "tirs d'obus": the shells are a word of the act
            hit, classes = self.scene.party_at(noun), self.scene.classes_of(noun)
            did = bool(hit is not None and hit.name) or "armed" in classes
            suffered = act in self.words["of_patient"] or not did
            (frame.patients if suffered else frame.agents).extend(self.grammar.conjuncts(noun))

    def _described(self, token: Token, act: str, frame: _Frame) -> None:
        """ "The escort attack" befell the escort, "the army raid" was the army's, "an American strike" America's."""
        for child in self.grammar.children(token, "adjective", "premodifier", "possessor"):
            if self.scene.party_at(child) is None:
                if self._nation(child):
                    frame.agents.append(child)
                continue
            classes = self.scene.classes_of(child)
            thing = not self.grammar.has(child, "possessor") and classes & {"post", "unit", "goods"}
            did = classes & {"armed", "forces"} and act != "arrest" and not thing
            (frame.agents if did else frame.patients).append(child)

    def _nation(self, token: Token) -> bool:
        """Whether a state's adjective says who did it: "an American strike"."""
        return bool(reference.countries_by_adjective(token.text, self.scene.language))

    def _participle(self, token: Token, frame: _Frame) -> None:
        """What a participle of the noun says: "an ambush laid by rebels", "l'assaut mené contre le camp"."""
        for clause in self.grammar.children(token, "noun_clause", "adjective"):
            if clause.lemma_.lower() not in self.words["light_agent"]:
                continue
            on = self.words["patient_prepositions"]
            stray = [t for t in self._stray(clause) if self.grammar.prepositions(t) & on]
            frame.agents = frame.agents or self._by(clause)
            frame.patients = frame.patients or self._on(clause) or self._listed(stray[:1])

    def _light(self, token: Token, act: str, frame: _Frame) -> None:
        """Who carried it out or suffered it by the verb that the noun hangs on."""
        if not self.grammar.has(token, "object", "passive_subject", "preposition_object", "oblique"):
            return
        verb = self.grammar.governor(token)
        if verb.pos_ != "VERB" or (frame.agents and frame.patients):
            return
        lemma, subject = verb.lemma_.lower(), self.grammar.subject_of(verb)
        if self.grammar.has(token, "passive_subject"):
            frame.agents.extend(self.grammar.prepositional(verb, self.words["agent_prepositions"]))
        elif subject is None or subject is token:
            return
        elif (lemma in self.words["light_agent"] or act == "agree") and not frame.agents:
            frame.agents.extend(self.grammar.conjuncts(subject))
            frame.patients = frame.patients or self._on(verb)
        elif lemma in self.words["light_patient"] and not frame.patients:
            frame.patients.extend(self.grammar.conjuncts(subject))

    def _means(self, token: Token) -> Trigger | None:
        """A weapon that acts: "a mine killed …", "struck a bomb", "the drone hit …"."""
        means = self.lexicon.means
        for words, name in means.get(token.lower_, ()) or means.get(token.lemma_.lower(), ()):
            last = token.i + len(words) - 1
            if last >= len(self.scene.doc):
                continue
            here = self.scene.doc[token.i : last + 1]
            if not all(_is_word(word, t, self.scene) for word, t in zip(words, here, strict=True)):
                continue
            self.taken.update(range(token.i, last + 1))
            return self._trigger(
                here[-1] if not self.grammar.words["head_first"] & {"*"} else token,
                f"means:{name}",
                token.idx,
                here[-1],
                _Frame([], []),
                nominal=True,
            )
        return None


def find(scene: Scene) -> list[Trigger]:
    """The triggers and means of a sentence, in order."""
    return list(_Finder(scene).all())
