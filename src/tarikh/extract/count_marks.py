"""What stands around a count: zeros, parts of a total, old and running figures, speakers, the side of the victims.

Invariant: marks only qualify a count; the count itself is never changed here.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from tarikh.extract.count_words import Cue, Draft, Lexicon, Pattern, matches
from tarikh.extract.numbers import Number
from tarikh.extract.sentences import Sentence
from tarikh.extract.tally import ESTABLISHED, FLAGS, Side, Toll
from tarikh.model import Count, Span

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

_NOTHING = Count(0, 0, 0)
_LONG = 80
"""Characters of a victims' phrase that are still quoted with the number."""
_NEAR = 18
"""Tokens within which "since January" speaks of a count."""


class Marks:
    """Marks for the drafts of one sentence. `lower` holds its words in lower case."""

    def __init__(
        self, sentence: Sentence, doc: Doc, lower: list[str], lex: Lexicon, drafts: list[Draft]
    ) -> None:
        self.sentence, self.doc, self.lower, self.lex, self.drafts = sentence, doc, lower, lex, drafts
        self.words, self.g = lex.words, lex.grammar
        self.ends = [t.idx + len(t) for t in doc]

    # Nothing happened

    def zeros(self, cues: Sequence[Cue]) -> list[Draft]:
        """ "No casualties", "nobody was hurt", "without anyone being hit": a zero for each harm that is meant."""
        found: dict[str, Draft] = {}
        for at in range(len(self.lower)):
            for harms, last in self._denied(at, cues):
                for harm in harms:
                    cue = Cue(harm, "zero", False, at, last)
                    taken = any(d.cue.harm == harm for d in self.drafts)
                    if not taken and harm not in found:
                        found[harm] = Draft(cue, _NOTHING, None, None, at, flags={"zero"})
        return list(found.values())

    def _denied(self, at: int, cues: Sequence[Cue]) -> list[tuple[tuple[str, ...], int]]:
        word = self.lower[at]
        pairs = word in self.lex.openings["people_pairs"]
        if word in self.words["zero_people"] or (
            pairs and self.lex.phrase_at("people_pairs", self.lower, at) is not None
        ):
            return self._nobody(at, cues)
        if word in self.words["zero_indefinite"] and any(
            w in self.words["zero_without"] for w in self.lower[max(0, at - 6) : at]
        ):
            return self._nobody(at, cues)
        if word in self.words["zero_words"]:
            return self._none_of(at + 1)
        return []

    def _nobody(self, at: int, cues: Sequence[Cue]) -> list[tuple[tuple[str, ...], int]]:
        """The harm word nearest to "nobody", before (as its verb's object) or after it."""
        best: tuple[int, tuple[str, ...], int] | None = None
        for i in range(max(0, at - 4), min(len(self.lower), at + 9)):
            harms = self.lex.zero_verbs.get(self.lower[i])
            cue = next((c for c in cues if c.first == i and c.way in ("patient", "subject", "state")), None)
            if cue is not None:
                harms = self.lex.zero_harms.get(cue.harm)
            if (
                harms
                and not self._partly(at, i)
                and not self._cut(min(i, at), max(i, at))
                and (best is None or abs(i - at) < best[0])
            ):
                best = (abs(i - at), harms, i)
        return [(best[1], best[2])] if best else []

    def _partly(self, at: int, verb: int) -> bool:
        """ "Nobody on its side was hit", "nobody was seriously hurt"."""
        return any(w in self.words["zero_sided"] for w in self.lower[min(at, verb) : max(at, verb) + 4])

    def _cut(self, low: int, high: int) -> bool:
        return any(
            w in (";", ",", ":")
            or (self.lex.tag(self.doc[low + 1 + n]) in self.g["conjunction"] and w not in self.words["or"])
            for n, w in enumerate(self.lower[low + 1 : high])
        )

    def _none_of(self, start: int) -> list[tuple[tuple[str, ...], int]]:
        for i in range(start, min(len(self.lower), start + 4)):
            if self.lower[i] in self.words["zero_cancel"]:
                return []
            for pattern, harms in self.lex.zero_nouns:
                last = matches(pattern, self.lower, i)
                if last is not None:
                    # "No losses of its own": not a word on the other side.
                    sided = any(w in self.words["zero_sided"] for w in self.lower[last + 1 : last + 7])
                    return [] if sided else [(harms, last)]
            if (
                self.lower[i] not in self.words["zero_filler"]
                and self.lex.tag(self.doc[i]) not in self.g["plain_adjective"]
            ):
                return []
        return []

    # Parts of a total

    def parts(self, found: Sequence[Number], owners: Mapping[Number, Token]) -> None:
        """ "Nine dead, including two children": the two are some of the nine."""
        for at, last in self.lex.phrases_in("subset", self.lower) if self.drafts else ():
            prior = self._before(at)
            if prior is None:
                continue
            end = self._clause_end(last)
            for draft in self.drafts:
                if (
                    draft is not prior
                    and draft.token is not None
                    and last < draft.token.i <= last + 4
                    and draft.cue.harm == prior.cue.harm
                ):
                    draft.flags.add("subset")
            for number in found:
                owner = owners.get(number)
                if owner is None or not last < owner.i <= end or self._used(number):
                    continue
                self.drafts.append(
                    Draft(
                        prior.cue,
                        number.count(),
                        owner,
                        (number.start, number.end),
                        2000 + number.start,
                        flags={"subset"},
                    )
                )

    def _before(self, at: int) -> Draft | None:
        earlier = [
            d for d in self.drafts if d.token is not None and d.token.i < at and "subset" not in d.flags
        ]
        return max(earlier, key=lambda d: d.token.i if d.token is not None else -1, default=None)

    def _used(self, number: Number) -> bool:
        return any(d.number is not None and d.number[0] == number.start for d in self.drafts)

    def _clause_end(self, at: int) -> int:
        for i in range(at + 1, min(len(self.lower), at + 14)):
            if self.lower[i] in (";", ".", ",") and i > at + 1:
                return i
        return min(len(self.lower), at + 14)

    # Old and running figures, more of the same

    def flag(self) -> None:
        """Marks each draft, and cuts out the victims' words."""
        if self.drafts:
            self._aggregate()
        for draft in self.drafts:
            draft.victims = self._victims(draft)
            if draft.number is not None and self._superseded(draft.number):
                draft.flags.add("superseded")
            if draft.token is not None:
                self._describe(draft, draft.token)
        for draft in self.drafts:
            if draft.like is not None:
                draft.hint, draft.victims = draft.like.hint, draft.like.victims
                draft.flags -= {"generic", "added", "pronoun"} - draft.like.flags
            self._whom(draft)
            self._since_dead(draft)
            self._earlier(draft)
        self._risen()

    def _whom(self, draft: Draft) -> None:
        """ "Nine died, two of whom later": the two are some of the nine."""
        if draft.token is None or "generic" not in draft.flags:
            return
        prior = [
            d
            for d in self.drafts
            if d is not draft
            and d.token is not None
            and d.token.i < draft.token.i
            and d.cue.harm == draft.cue.harm
        ]
        low, high = self._reach(draft.token)
        if prior and any(w in self.words["relative"] for w in self.lower[low:high]):
            draft.flags.add("subset")

    def _since_dead(self, draft: Draft) -> None:
        """ "Three wounded guards died": they are counted with the dead alone."""
        if draft.cue.harm == "injured" and draft.number is not None:
            same = [d for d in self.drafts if d.cue.harm == "killed" and d.number == draft.number]
            if same and draft.token is not None and self.doc[draft.cue.first].head.i == draft.token.i:
                draft.flags.add("subset")

    def _earlier(self, draft: Draft) -> None:
        """ "The ministry had counted nine": the pluperfect tells an old figure where a new one stands beside it."""
        if draft.cue.way not in ("toll", "said") or draft.number is None or not self._rival(draft.number):
            return
        at = self._at(draft.number[0])
        for i in range(at - 1, max(-1, at - 7), -1):
            if self.lex.tag(self.doc[i]) in self.g["verb"] and any(
                self.lower[c.i] in self.words["had"] for c in self.doc[i].children
            ):
                draft.flags.add("superseded")
                return

    def _describe(self, draft: Draft, token: Token) -> None:
        low, high = self._reach(token)
        # A singular's "number" is the noun itself, which says who it was.
        single = (
            draft.number == (token.idx, token.idx + len(token)) and self.lex.tag(token) not in self.g["empty"]
        )
        figure = (-1, -1) if single or draft.number is None else draft.number
        extent = range(low, max(high, min(len(self.lower), token.i + 2)))
        if {self.lower[i] for i in extent if not figure[0] <= self.doc[i].idx < figure[1]} & self.words[
            "more"
        ]:
            draft.flags.add("added")
        if self.lower[token.i] in self.words["pronouns"] - self.words["reflexive"]:
            draft.flags.add("pronoun")
        draft.hint = self._hint(token, high)
        words = {w for i, w in enumerate(self.lower[low:high], low) if not self._filler(i, figure)}
        # "It lost two men and killed seven": neither is a figure for all.
        paired = any(d.cue.way == "lost" and d.cue.harm == draft.cue.harm for d in self.drafts)
        if draft.hint != "attackers" and not paired and words <= self.words["generic"] | self.words["more"]:
            draft.flags.add("generic")

    def _hint(self, token: Token, high: int) -> Side:
        """The side that the victims' own words tell ("assailants", "himself", "villagers"), or None."""
        beside = (c for c in token.children if c.dep_ in self.g["modifier"] | self.g["compound"])
        named = {self.lower[i] for i in range(token.i, high)} | {self.lower[c.i] for c in beside}
        if named & (self.words["attackers"] | self.words["reflexive"]):
            return "attackers"
        return "civilians" if named & self.words["civilians"] else None

    def _filler(self, at: int, figure: tuple[int, int]) -> bool:
        return figure[0] <= self.doc[at].idx < figure[1] or self.lex.tag(self.doc[at]) in self.g["empty"]

    def _reach(self, token: Token) -> tuple[int, int]:
        """Tokens of a noun phrase, from its left edge to its "of" phrase."""
        low, high = token.left_edge.i, token.i + 1
        while high < len(self.doc) and self.doc[high].dep_ in self.g["behind"]:
            high += 1  # "soldats maliens": an adjective behind its noun
        if high < len(self.doc) and self.lower[high] in self.words["of"]:
            inner = self.lex.of(token, self.lower)
            high = inner[0].i + 1 if inner else high
        return max(low, token.i - 12), high

    def _victims(self, draft: Draft) -> tuple[int, int] | None:
        if draft.token is None:
            return None
        low, high = self._reach(draft.token)
        start = self.doc[low].idx
        end = self.doc[high - 1].idx + len(self.doc[high - 1])
        if draft.number is not None and start <= draft.number[0] < end and draft.number[1] < end:
            start = draft.number[1]
        while start < end and self.lower[self._at(start)] in self.words["of"]:
            start = self.doc[self._at(start)].idx + len(self.doc[self._at(start)])
        text = self.sentence.text[start:end]
        lead = len(text) - len(text.lstrip(" \t\"'“”()"))
        return (start + lead, end) if text.strip() else None

    def _at(self, offset: int) -> int:
        """The token at or after a character offset."""
        return min(bisect_right(self.ends, offset), len(self.ends) - 1)

    def _superseded(self, number: tuple[int, int]) -> bool:
        first, last = bisect_right(self.ends, number[0]), bisect_left(self.ends, number[1])
        for pattern in self.lex.phrases["superseded"]:
            at = first - len(pattern)
            skip = 1 if at >= 0 and self.lower[first - 1] in self.words["before_figure"] else 0
            if (
                at - skip >= 0
                and matches(pattern, self.lower, at - skip) == first - 1 - skip
                and self._rival(number)
            ):
                return True
        return any(
            matches(p, self.lower, i) is not None
            for p in self.lex.phrases["superseded_after"]
            for i in range(last + 1, min(last + 3, len(self.lower)))
        )

    def _rival(self, number: tuple[int, int]) -> bool:
        """An old figure has a new one beside it."""
        return any(d.number is not None and d.number[0] != number[0] for d in self.drafts)

    def _risen(self) -> None:
        for draft in self.drafts:
            if draft.cue.way == "toll" and "superseded" not in draft.flags:
                draft.flags.add("update")

    def _aggregate(self) -> None:
        for at in range(len(self.lower)):
            opened = self.lex.openings["aggregate"].get(self.lower[at], ())
            if not any(self._year_match(p, at) for p in opened):
                continue
            near = [
                d for d in self.drafts if not self._walled(at, d.cue.first) and abs(d.cue.first - at) <= _NEAR
            ]
            near.sort(key=lambda d: abs(d.cue.first - at))
            for draft in near:
                if draft.cue.first == near[0].cue.first:
                    draft.flags.add("aggregate")

    def _walled(self, low: int, high: int) -> bool:
        return ";" in self.lower[min(low, high) : max(low, high)]

    def _year_match(self, pattern: Pattern, at: int) -> bool:
        """As `matches`, where "19??" stands for any year and "*" for any one word."""
        for n, element in enumerate(pattern):
            word = self.lower[at + n] if at + n < len(self.lower) else ""
            wild = element is not None and (
                ("*" in element and word)
                or any(
                    w.endswith("??") and word[:2] == w[:2] and len(word) == 4 and word.isdigit()
                    for w in element
                )
            )
            if not word or (not wild and (element is None or word not in element)):
                return False
        return True

    # Who says it

    @cached_property
    def _according(self) -> list[tuple[int, int]]:
        return list(self.lex.phrases_in("according", self.lower))

    def _speaker(self, draft: Draft) -> tuple[str | None, int]:
        low, high = self._segment(draft.cue.first)
        for at, last in self._according:
            if low <= at < high and last + 1 < high:
                after = self.doc[last + 1 : min(high, last + 8)]
                return self._named(
                    next((t for t in after if self.lex.tag(t) in self.g["common_noun"]), None), draft, False
                )
        verb = self._verb_above(draft.cue.first, low, high)
        if verb is None:
            return None, ESTABLISHED
        return self._named(self._sayer(verb), draft, self.lower[verb.i] in self.words["claims"])

    def _segment(self, at: int) -> tuple[int, int]:
        low = next((i + 1 for i in range(at, -1, -1) if self.lower[i] == ";"), 0)
        return low, next((i for i in range(at, len(self.lower)) if self.lower[i] == ";"), len(self.lower))

    def _verb_above(self, at: int, low: int, high: int) -> Token | None:
        token, came = self.doc[at], ""
        for _ in range(10):
            speaks = self.lower[token.i] in self.words["speech"] and self.lex.tag(token) in self.g["verb"]
            # "The bomb claimed five lives" is no claim.
            if (
                speaks
                and low <= token.i < high
                and not (came in self.g["object"] and self.lower[token.i] in self.words["claims"])
            ):
                return token
            if token.head is token:
                break
            token, came = token.head, token.dep_
        return next(
            (
                t
                for t in self.doc[low:high]
                if self.lower[t.i] in self.words["speech"] and t.dep_ in self.g["aside"]
            ),
            None,
        )

    def _sayer(self, verb: Token) -> Token | None:
        """Who says it: the verb's subject, or that of the verb above it ("the ministry issued a note saying …")."""
        for _ in range(4):
            subject = next((c for c in verb.children if c.dep_ in self.g["subject"]), None)
            if subject is not None or verb.head is verb:
                return subject
            verb = verb.head
        return None

    def _named(self, token: Token | None, draft: Draft, claimed: bool) -> tuple[str | None, int]:
        if token is None or self.lex.tag(token) in self.g["no_speaker"] or token is draft.token:
            return None, ESTABLISHED
        low, high = self._reach(token)
        text = self.sentence.text[self.doc[low].idx : self.doc[high - 1].idx + len(self.doc[high - 1])]
        return text, self._rank([self.lower[i] for i in range(low, high)], draft, claimed)

    def _rank(self, words: Sequence[str], draft: Draft, claimed: bool) -> int:
        rank = max((self.lex.ranks.get(w, 0) for w in words), default=0) or 2
        own = draft.token is not None and any(
            self.lower[c.i] in self.words["own"] for c in draft.token.subtree
        )
        if claimed:
            return 1 if own else 0
        return rank

    # The result

    def toll(self, draft: Draft) -> Toll:
        """The draft as a frozen toll with spans of the report."""
        speaker, rank = self._speaker(draft)
        return Toll(
            harm=draft.cue.harm,
            count=draft.count,
            head=draft.cue.first,
            spans=tuple(self.sentence.span(low, high) for low, high in self._carriers(draft)),
            group=draft.group,
            victims=self.sentence.text[slice(*draft.victims)] if draft.victims is not None else None,
            noun=self._noun(draft),
            victims_span=self._span(draft.victims),
            number_span=self._span(draft.number),
            side_hint=draft.hint,
            speaker=speaker,
            rank=rank,
            order=self.sentence.index,
            title=self.sentence.part == "title",
            **{flag: flag in draft.flags for flag in FLAGS},
        )

    def _noun(self, draft: Draft) -> str | None:
        """The victims' noun where adjectives stand behind it; else it is their last word."""
        if draft.token is None or not self.g["behind"]:
            return None
        inner = self.lex.of(draft.token, self.lower) if self.lex.tag(draft.token) in self.g["empty"] else []
        return self.lower[(inner[0] if inner else draft.token).i].rstrip("s")

    def _carriers(self, draft: Draft) -> list[tuple[int, int]]:
        """Character ranges of the number with its victims, and of the word of harm."""
        first, last = self.doc[draft.cue.first], self.doc[draft.cue.last]
        cue = (first.idx, max(first.idx + len(first), last.idx + len(last)))
        if draft.number is None:
            return [cue]
        low, high = draft.number
        if draft.victims is not None and high < draft.victims[1] < high + _LONG:
            high = draft.victims[1]
        return _joined([(low, high), cue])

    def _span(self, bounds: tuple[int, int] | None) -> Span | None:
        return self.sentence.span(*bounds) if bounds is not None else None


def _joined(bits: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ranges that overlap or nearly touch, as one."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(bits):
        if found and low - found[-1][1] <= 2:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return found
