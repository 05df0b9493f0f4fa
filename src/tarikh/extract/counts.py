"""How many people were killed, injured, taken, driven out or arrested, by the words of one parsed sentence (codebook section 7).

Invariant: a toll is made only of words that stand in the sentence; a plural without a number gives none, and what a
sentence does not say is never 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tarikh.extract import numbers
from tarikh.extract.count_marks import Marks
from tarikh.extract.count_nouns import Nouns
from tarikh.extract.count_words import Cue, Draft, lexicon, matches
from tarikh.extract.numbers import Number
from tarikh.extract.sentences import Sentence
from tarikh.extract.tally import Toll, combine
from tarikh.model import Count

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

__all__ = ["Count", "Toll", "combine", "find"]


def find(sentence: Sentence, doc: Doc, language: str) -> list[Toll]:
    """The tolls of one sentence, in the order of their words; `doc` is its parse, with the same text.

    Old figures, parts of a total and running tolls are returned as well, flagged, so that nobody counts them by mistake.
    Raises `MissingError` where the language has no lexicon of counts.
    """
    return _Reader(sentence, doc, language).run()


class _Reader:
    """One pass over one sentence."""

    def __init__(self, sentence: Sentence, doc: Doc, language: str) -> None:
        self.sentence, self.doc, self.language = sentence, doc, language
        self.lex = lexicon(language)
        self.words, self.g = self.lex.words, self.lex.grammar
        self.lower = [t.lower_.replace("\u2019", "'") for t in doc]
        self.numbers = numbers.find(sentence.text, language)
        self.nouns = Nouns(doc, self.lower, self.lex, self.numbers, language)
        self.drafts: list[Draft] = []
        self.used: set[tuple[str, int]] = set()

    def run(self) -> list[Toll]:
        """Grammar first, then word order for what the parser got wrong, then figures without a word of harm."""
        cues = self._cues()
        for step, late in ((self._by_grammar, False), (self._by_order, False), (self._by_grammar, True)):
            if step == self._by_order:
                self._tolls(cues)
            heads = {d.cue.first for d in self.drafts}
            for cue in cues:
                if cue.late == late and cue.first not in heads and not self._unreal(cue) and step(cue):
                    heads.add(cue.first)
        self._besides()
        self._tolls(cues)
        self._elliptic()
        marks = Marks(self.sentence, self.doc, self.lower, self.lex, self.drafts)
        self.drafts += marks.zeros(cues)
        marks.parts(self.numbers, self.nouns.owner_of)
        marks.flag()
        return [marks.toll(d) for d in sorted(self.drafts, key=lambda d: (d.number or (d.cue.first, 0))[0])]

    # Words of harm

    def _cues(self) -> list[Cue]:
        cues: list[Cue] = []
        taken: set[int] = set()
        at = 0
        for at, word in enumerate(self.lower):
            if at in taken or (at in self.nouns.inside and word not in self.lex.cues):
                continue
            length = 0
            for pattern, harm, way, weak, late in self.lex.cues.get(word, ()):
                last = matches(pattern, self.lower, at)
                if last is None or (way != "toll" and length > len(pattern)):
                    continue
                length = length if way == "toll" else len(pattern)
                # "took a seventh life": what is counted stands at the end.
                first = last if way == "noun" and None in pattern else self._verb_of(at, last)
                cues.append(Cue(harm, way, weak, first, last, late))
                if len(pattern) > 1:
                    taken |= {last, last - 1} - {at}
        return cues

    def _verb_of(self, at: int, last: int) -> int:
        """The head of a word of harm that opens with an adverb ("mortellement touché")."""
        token = self.doc[at]
        adverb = token.dep_ in self.g["adverb"] and at < token.head.i <= last
        return token.head.i if adverb else at

    def _unreal(self, cue: Cue) -> bool:
        token = self.doc[cue.first]
        if cue.way == "patient" and any(
            c.i < token.i and self.lower[c.i] in self.words["itself"] for c in token.children
        ):
            return True  # "les obus se sont abattus"
        near = [c for c in token.children if c.dep_ in self.g["auxiliary"] | self.g["negation"]]
        if any(self.lower[c.i] in self.words["modals"] or c.dep_ in self.g["negation"] for c in near):
            return cue.way not in ("state", "noun")
        if cue.way == "noun" and any(
            c.i < token.i and self.lower[c.i] in self.words["unreal"] for c in token.children
        ):
            return True  # "attempted murder"
        return (
            token.head is not token
            and self.lower[token.head.i] in self.words["unreal"]
            and token.head.i < token.i
        )

    # Who was harmed, by grammar

    def _kids(self, token: Token, *labels: str) -> list[Token]:
        wanted = frozenset().union(*(self.g[label] for label in labels))
        return [c for c in token.children if c.dep_ in wanted]

    def _victims(self, cue: Cue) -> list[Token]:
        token = self.doc[cue.first]
        if self.g["behind"] and token.i in self.nouns.number_of and not self._kids(token, "object"):
            return [token]
        if cue.way == "patient":
            return self._patients(token)
        if cue.way == "subject":
            return self._subjects(token) or self._attached(token)
        if cue.way == "lost":
            passive = self._kids(token, "subject") if self._kids(token, "passive") else []
            return self._kids(token, "object") or passive or self._attached(token)
        if cue.way == "state":
            return self._bearers(token)
        if cue.way == "noun":
            own = [token] if token.i in self.nouns.number_of or self.nouns.rank(token) else []
            whose = [
                c
                for c in token.children
                if c.dep_ in self.g["possessor"]
                and (c.i in self.nouns.number_of or self.lower[c.i] in self.words["relative"])
            ]
            return own or self.nouns.of(token) or whose
        return []

    def _patients(self, token: Token) -> list[Token]:
        objects = [
            o
            for o in self._kids(token, "object")
            if o.i > token.i or self.lower[o.i] in self.words["relative"]
        ]
        if self._kids(token, "passive"):
            return self._kids(token, "subject") or self._borrowed(token) or self._attached(token)
        if objects:
            return objects
        if self.lex.tag(token) in self.g["past"]:
            return (
                self._attached(token)
                or [s for s in self._kids(token, "subject") if self._sure(s)]
                or self._borrowed(token)
            )
        return self.nouns.of(token) or (
            self._kids(token, "subject") if self.lex.tag(token) not in self.g["verb"] else []
        )

    def _sure(self, token: Token) -> bool:
        """Whether a subject without an object can be the harmed one ("Two soldiers killed", never "the vote killed")."""
        return (
            token.i in self.nouns.number_of
            or self.lower[token.i] in self.words["people"]
            or bool(self.nouns.of(token))
        )

    def _subjects(self, token: Token) -> list[Token]:
        return self._kids(token, "subject") or self._borrowed(token)

    def _borrowed(self, token: Token) -> list[Token]:
        """The subject of the verb that this one is joined to ("were ambushed and killed")."""
        for _ in range(3):
            if token.dep_ not in self.g["conjunct"]:
                return []
            # "One man died and ten were wounded": a number in between is the subject, whatever the parser says.
            if any(i in self.nouns.inside for i in range(token.head.i + 1, token.i)):
                return []
            token = token.head
            subjects = self._kids(token, "subject")
            if subjects:
                return subjects
        return []

    def _attached(self, token: Token) -> list[Token]:
        return (
            [token.head]
            if token.dep_ in self.g["relative"] | self.g["modifier"] and token.head is not token
            else []
        )

    def _bearers(self, token: Token) -> list[Token]:
        if token.i in self.nouns.number_of:
            return [token]
        if token.dep_ in self.g["relative"] | self.g["modifier"]:
            return [token.head]
        own = self._kids(token, "subject")
        if own or token.head is token or token.dep_ not in self.g["predicate"]:
            return own
        objects = [o for o in self._kids(token.head, "object") if o is not token and o.i < token.i]
        return objects or self._kids(token.head, "subject")

    def _by_grammar(self, cue: Cue) -> bool:
        found = False
        for victim in self._victims(cue):
            whole = self.nouns.resolved(victim)
            parts = [p for p in self.nouns.conjuncts(whole) if p is whole or not self._of_other(p, cue)]
            parts = [*self.nouns.enumerated(whole), *parts] if cue.way in ("patient", "subject") else parts
            known = [p for p in parts if self._add(cue, p, len(parts) > 1)]
            self._alternatives(cue, parts)
            found = found or bool(known)
        return found

    def _of_other(self, token: Token, cue: Cue) -> bool:
        """Whether a noun is counted by a word of another harm: "blessés" in "trois morts et dix blessés"."""
        if not self.g["behind"]:
            return False  # where adjectives stand before their noun, the number is that of the adjective's harm already
        number = self.nouns.inside.get(token.i)
        noun = self.nouns.owner_of.get(number, token) if number is not None else token
        near = [noun, *self.nouns.of(noun), *self.nouns.of(token)]
        near += [c for c in noun.children if c.dep_ in self.g["modifier"] | self.g["relative"]]
        return any(
            harm != cue.harm and not late and way in ("patient", "state", "noun", "subject")
            for t in near
            for pattern, harm, way, _, late in self.lex.cues.get(self.lower[t.i], ())
            if matches(pattern, self.lower, t.i) is not None
        )

    def _alternatives(self, cue: Cue, parts: list[Token]) -> None:
        """ "six soldiers, or eight by another list": not a part but another figure for the same."""
        for part in parts[1:]:
            if any(self.lower[c.i] in self.words["or"] for c in part.head.children if c.i < part.i):
                for draft in self.drafts:
                    if draft.cue is cue and draft.token is not None and draft.token.i == part.i:
                        draft.group, draft.like = (
                            3000 + part.i,
                            next((d for d in self.drafts if d.cue is cue and d is not draft), None),
                        )
                        draft.flags.add("elliptic")

    def _add(self, cue: Cue, token: Token, joined: bool) -> bool:
        """A draft for one noun phrase, if it says how many."""
        got = self.nouns.quantity(token)
        if got is None:
            return False
        count, number, token = got
        if not self._human(token, cue, joined) or (
            self._nominal(cue) and self.nouns.doubtful(token, number, joined)
        ):
            return False
        ranked = numbers.ordinal(self.sentence.text[slice(*number)], self.language) is not None
        if ranked and cue.harm != "killed":
            return False
        key = (cue.harm, number[0])
        if key in self.used:
            return not joined
        if cue.late and any(n == number[0] for _, n in self.used):
            return False
        self.used.add(key)
        self.drafts.append(Draft(cue, count, token, number, cue.first))
        if ranked:
            self.drafts[-1].flags.add("update")
        return True

    def _nominal(self, cue: Cue) -> bool:
        return cue.way == "noun" or (
            cue.way == "patient" and self.lex.tag(self.doc[cue.first]) not in self.g["verb"]
        )

    def _human(self, token: Token, cue: Cue, joined: bool = False) -> bool:
        around = [token, *self.nouns.of(token)]
        nouns = {self.lower[t.i] for t in around} | {
            self.lower[c.i] for c in token.children if c.dep_ in self.g["modifier"] | self.g["compound"]
        }
        if nouns & self.words["things"] and not nouns & self.words["people"]:
            return False
        if nouns & self.words.get(f"never_{cue.harm}", frozenset()):
            return False
        only = self.words.get(f"only_{cue.harm}")
        if only is not None and (not nouns & only or token.i not in self.nouns.number_of):
            return (
                self.lower[token.i] not in self.words["people"]
                and token.i in self.nouns.inside
                and not cue.weak
            )
        if (not cue.weak and cue.way != "lost") or nouns & self.words["people"]:
            return True
        return joined and token.i in self.nouns.number_of and any(d.cue is cue for d in self.drafts)

    # Who was harmed, by word order

    def _by_order(self, cue: Cue) -> bool:
        if cue.way in ("toll",):
            return False
        passive = bool(self._kids(self.doc[cue.first], "passive"))
        if cue.way in ("patient", "lost", "noun") and not passive and self._forward(cue):
            return True
        return cue.way in ("patient", "subject", "state", "noun") and self._backward(cue)

    def _take(self, cue: Cue, number: Number) -> bool:
        owner = self.nouns.owner_of.get(number)
        key = (cue.harm, number.start)
        if (
            owner is None
            or key in self.used
            or any((h, number.start) in self.used for h in ("killed", "injured"))
        ):
            return False
        if not self._human(owner, cue):
            return False
        self.used.add(key)
        self.drafts.append(Draft(cue, number.count(), owner, (number.start, number.end), cue.first))
        for part in self._joined_to(owner):
            self._add(cue, part, True)
        return True

    def _joined_to(self, owner: Token) -> list[Token]:
        """What an enumeration names beside this noun ("two officers and six men dead")."""
        first = owner
        for _ in range(6):
            if first.dep_ not in self.g["conjunct"] or self.lex.tag(first.head) in self.g["verb"]:
                break
            first = first.head
        return [
            t
            for t in self.nouns.conjuncts(first)
            if t.i != owner.i and (t.i in self.nouns.number_of or self.lower[t.i] in self.words["people"])
        ]

    def _forward(self, cue: Cue) -> bool:
        i = cue.last
        for _ in range(4):
            i += 1
            if i < len(self.doc) and self.lower[i] == ",":
                i = next(
                    (n + 1 for n in range(i + 1, min(len(self.doc), i + 7)) if self.lower[n] == ","),
                    len(self.doc),
                )
            if (
                i >= len(self.doc)
                or self.lex.tag(self.doc[i]) in self.g["verb"] | self.g["conjunction"]
                or self.lower[i] in (";", ".")
            ):
                return False
            if i in self.nouns.inside:
                return self._take(cue, self.nouns.inside[i])
        return False

    def _backward(self, cue: Cue) -> bool:
        head = self.doc[cue.first]
        if cue.way == "patient" and (self.lex.tag(head) not in self.g["past"] or self._kids(head, "object")):
            return False
        i = cue.first
        for _ in range(8):
            i = self._before_aside(i - 1)
            if i < 0:
                return False
            token = self.doc[i]
            if i in self.nouns.inside:
                return self._take(cue, self.nouns.inside[i])
            if (
                self.lex.tag(token) not in self.g["filler"]
                and token.dep_ not in self.g["passive"] | self.g["auxiliary"]
                and self.lower[i] not in self.words["of"] | self.words["clitics"]
                and (self.lex.tag(token) not in self.g["conjunction"] or self.nouns.breaks(i, i + 1))
            ):
                return False
            if self.lower[i] in self.lex.cues and cue.way != "subject":
                return False
        return False

    def _before_aside(self, at: int) -> int:
        """The position before an aside between commas ("five men, among them a captain, died")."""
        if at >= 0 and self.lower[at] == ",":
            opening = next((i for i in range(at - 1, max(-1, at - 18), -1) if self.lower[i] == ","), None)
            return opening - 1 if opening is not None else -1
        return at

    def _besides(self) -> None:
        """ "…, as did two soldiers", "besides the bomber": more of the same harm after the verb."""
        for at, last in self.lex.phrases_in("besides", self.lower) if self.drafts else ():
            prior = min(
                (d for d in self.drafts if d.token is not None and d.cue.harm == "killed"),
                key=lambda d: abs(d.cue.first - at),
                default=None,
            )
            if prior is None or ";" in self.lower[min(prior.cue.first, at) : max(prior.cue.first, at)]:
                continue
            for token in self.doc[last + 1 : last + 6]:
                if self.lower[token.i] in self.words["attackers"] or token.i in self.nouns.number_of:
                    self._add(prior.cue, token, True)
                    break

    # Figures that hang on no word of harm

    def _tolls(self, cues: list[Cue]) -> None:
        """ "The toll rose from 11 to 18", "brings the number of dead to nine"."""
        for cue in cues:
            if cue.way != "toll" or (cue.late and any(d.cue.first == cue.first for d in self.drafts)):
                continue
            for number in self.numbers:
                first = next((i for i, n in sorted(self.nouns.inside.items()) if n is number), None)
                owner = self.nouns.owner_of.get(number)
                if first is None or not self._tells(cue, first):
                    continue
                if owner is not None and self._of_other(owner, cue):
                    continue
                if (cue.harm, number.start) in self.used:
                    self._mark(number, "update")
                elif not any(n == number.start for _, n in self.used) and not self._toll_of_things(number):
                    self._put(cue, number, "update")
        if any(c.harm == "killed" for c in cues):
            self._brought(next(c for c in cues if c.harm == "killed"))

    def _tells(self, cue: Cue, first: int) -> bool:
        """Whether a toll word reaches a number: near by, or further on after a verb of rising."""
        if first <= cue.last or ";" in self.lower[cue.last : first] or not self._led(first):
            return False
        risen = any(w in self.words["rise_verbs"] for w in self.lower[max(cue.last + 1, first - 3) : first])
        return (risen and first <= cue.last + 45) or (not cue.late and first <= cue.last + 16)

    def _toll_of_things(self, number: Number) -> bool:
        return (
            number in self.nouns.owner_of
            and self.lower[self.nouns.owner_of[number].i] in self.words["things"]
        )

    def _brought(self, cue: Cue) -> None:
        for at, word in enumerate(self.lower):
            if word not in self.words["rise_bring"]:
                continue
            for i in range(at + 1, min(len(self.doc), at + 14)):
                number = self.nouns.inside.get(i)
                if number is None or not self._led(i) or (cue.harm, number.start) in self.used:
                    continue
                if self.lower[i - 1] not in self.words["of"]:
                    self._put(cue, number, "update")
                    break

    def _put(self, cue: Cue, number: Number, flag: str) -> None:
        self.used.add((cue.harm, number.start))
        draft = Draft(
            cue,
            number.count(),
            self.nouns.owner_of.get(number),
            (number.start, number.end),
            1000 + number.start,
        )
        draft.flags.add(flag)
        self.drafts.append(draft)

    def _mark(self, number: Number, flag: str) -> None:
        for draft in self.drafts:
            if draft.number is not None and draft.number[0] == number.start:
                draft.flags.add(flag)

    def _led(self, at: int) -> bool:
        before = at - 1
        while before >= 0 and self.lower[before] in self.words["before_figure"]:
            before -= 1
        return before >= 0 and self.lower[before] in self.words["rise_before"]

    def _elliptic(self) -> None:
        """ "…; the hospital speaks of nine": a figure that only a verb of saying carries."""
        for number in self.numbers:
            at = min((i for i, n in self.nouns.inside.items() if n is number), default=None)
            owner = self.nouns.owner_of.get(number)
            if (
                at is None
                or owner is None
                or owner.i not in self.nouns.inside
                or any(n == number.start for _, n in self.used)
            ):
                continue
            if self.nouns.of(owner) and not {self.lower[t.i] for t in self.nouns.of(owner)} & (
                self.words["partitive"] | self.words["people"]
            ):
                continue
            said = [i for i in range(max(0, at - 5), at) if self.lower[i] in self.words["counts_as"]]
            if said and not self.nouns.breaks(said[-1], at):
                before = [d for d in self.drafts if d.cue.first < at]
                told = {d.cue.harm for d in before}
                harm = "killed" if not before or "killed" in told else before[-1].cue.harm
                known = any(w in self.words["newly"] for w in self.lower[said[-1] - 2 : at])
                known = known or (not before and any(w in self.words["toll_words"] for w in self.lower[:at]))
                self._put(
                    Cue(harm, "said", False, said[-1], said[-1]), number, "update" if known else "elliptic"
                )
                self.drafts[-1].like = before[-1] if before else None
