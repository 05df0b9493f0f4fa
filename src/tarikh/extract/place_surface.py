"""A title or text as tokens, and the questions asked of the words around a name.

Invariant: token numbers and character offsets are those of the text as given; every question looks a few tokens far.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from tarikh import reference
from tarikh.extract.place_words import LONGEST_CUE, Cues, PlaceWords
from tarikh.text import fold, straight

_TOKEN = re.compile(r"[^\W_]+(?:['’ʼ‘‐‑-][^\W_]+)*")
_ELIDED = re.compile(r"([^\W\d_]+)['’ʼ‘](?=[^\W_])")
_PLAIN_GAP = re.compile(r"[ \t\xa0]+\Z")
DASH = re.compile(r"\s*[–—/-]\s*\Z")
POSSESSIVE = re.compile(r"['’]s\Z|(?<=s)['’]\Z")
_OPENING = re.compile(r"[.!?:;…\n•*]\s*[\"'“‘«(\[–—-]*\s*\Z|\A[\s\"'“‘«(\[–—-]*\Z")
_LONGEST_NAME = 6

folded = lru_cache(maxsize=50_000)(fold)


@dataclass(frozen=True, slots=True)
class Token:
    """A word: its characters, its folded words, whether it has a capital, and what stands before it."""

    start: int
    end: int
    text: str
    words: tuple[str, ...]
    capital: bool
    gap: str

    @property
    def joined(self) -> bool:
        """Whether nothing but blanks stands between it and the token before, or it is what an elided word stands on."""
        return not self.gap or _PLAIN_GAP.match(self.gap) is not None


def tokens_of(text: str, particles: frozenset[str], elisions: frozenset[str] = frozenset()) -> list[Token]:
    """The words of a text, in order; an elided word ("d'" in "d'Alep") is one of its own."""
    found: list[Token] = []
    end = 0
    for match in _TOKEN.finditer(text):
        start, word = match.start(), match.group()
        elided = _ELIDED.match(word) if elisions else None
        if elided is not None and elided[1].lower() in elisions:
            cut = elided.end()
            small = word[:cut]
            found.append(Token(start, start + cut, small, (elided[1].lower(),), False, text[end:start]))
            start, word = start + cut, word[cut:]
            end = start
        words = tuple(folded(word).split())
        # "al-Ayn": a small word hyphened to a name.
        inner = word[len(words[0]) + 1 :] if len(words) > 1 and words[0] in particles else ""
        capital = word[0].isupper() or inner[:1].isupper()
        found.append(Token(start, match.end(), word, words, capital, text[end:start]))
        end = match.end()
    return found


def shouted(tokens: Sequence[Token]) -> bool:
    """Whether capitals tell nothing here: a title in title case, or a text in capitals."""
    long = [t for t in tokens if len(t.text) > 3 and t.text[0].isalpha()]
    return len(long) > 3 and sum(t.capital for t in long) > 0.75 * len(long)


class Surface:
    """The tokens of a title or text. `masked` characters belong to names of parties and hold no place."""

    def __init__(self, text: str, words: PlaceWords, language: str) -> None:
        self.text = straight(text)
        self.words = words
        self.language = language
        self.tokens = tokens_of(self.text, words.particles, words.elisions)
        named = reference.named(self.text)
        self._starts = [n.start for n in named]
        self._ends = [n.end for n in named]

    def is_masked(self, token: Token) -> bool:
        """Whether a token belongs to the name of a party of the register."""
        at = bisect_right(self._starts, token.end - 1) - 1
        return at >= 0 and self._ends[at] > token.start

    def run(self, at: int, bonds: frozenset[str] = frozenset()) -> int:
        """The last token of the capitalized run that begins here; small words count inside it only."""
        last = at
        for n in range(at + 1, min(at + _LONGEST_NAME, len(self.tokens))):
            token = self.tokens[n]
            if not token.joined or self.is_masked(token) or POSSESSIVE.search(self.tokens[n - 1].text):
                break
            if token.capital:
                last = n
            elif (word := " ".join(token.words)) not in self.words.particles and word not in bonds:
                break
        return last

    def name(self, first: int, last: int) -> tuple[str, int]:
        """The characters of a name without its possessive ending, and where they end."""
        start, end = self.tokens[first].start, self.tokens[last].end
        text = POSSESSIVE.sub("", self.text[start:end])
        return text, start + len(text)

    def opens(self, at: int) -> bool:
        """Whether a sentence opens with this token, where any word has a capital."""
        start = self.tokens[at].start
        return _OPENING.search(self.text[max(0, start - 8) : start]) is not None or start == 0

    def titled(self, first: int) -> bool:
        """Whether a person's title stands directly before: "Colonel X"."""
        if first == 0:
            return False
        token, before = self.tokens[first] if first < len(self.tokens) else None, self.tokens[first - 1]
        if token is None or not (token.joined or token.gap == ". "):
            return False
        return before.capital and " ".join(before.words) in self.words.titles

    def nations(self, at: int) -> tuple[reference.Country, ...]:
        """The countries that a token means as an adjective or demonym."""
        return reference.countries_by_adjective(POSSESSIVE.sub("", self.tokens[at].text), self.language)

    def nations_named(self, at: int) -> tuple[reference.Country, ...]:
        """The countries that a token means as a name or an adjective."""
        named = reference.country_by_name(POSSESSIVE.sub("", self.tokens[at].text))
        return (named,) if named and self.tokens[at].capital else self.nations(at)

    def before(self, first: int) -> tuple[tuple[str, ...], str, str | None]:
        """Up to eight words before a name, the cue among them that it depends on, and its role."""
        left: list[str] = []
        owners: list[int] = []
        at = first
        while at > 0 and len(left) < 8 and self.tokens[at].joined:
            at -= 1
            left[:0] = self.tokens[at].words
            owners[:0] = [at] * len(self.tokens[at].words)
        words, settled, k = self.words, False, len(left)
        if self._quarter(left, first):
            return tuple(left), " ".join(left[-2:]), "in"
        for _ in range(7):
            cue = _longest(words.before, left, k)
            if cue:
                return tuple(left), " ".join(cue), words.before[cue]
            if not k or not (
                left[k - 1] in words.skip or left[k - 1] in words.directional or self._owns(owners[k - 1])
            ):
                break
            settled = settled or left[k - 1] in words.settlements
            k -= 1
        return tuple(left), (left[k] if settled else ""), ("in" if settled else None)

    def _quarter(self, left: Sequence[str], first: int) -> bool:
        """Whether "district of" before a name follows a name of its own: "the Xa district of Bo" is a part of Bo."""
        if len(left) < 3 or self.words.before.get(tuple(left[-2:])) not in ("admin1", "admin2"):
            return False
        return self.tokens[first - 3].capital and self.words.after.get((left[-2],)) in ("admin1", "admin2")

    def _owns(self, at: int) -> bool:
        """Whether a word before a name is a demonym or an owner: "in Mali's Gao", "the Sudanese city of"."""
        return bool(POSSESSIVE.search(self.tokens[at].text) or self.nations(at))

    def after(self, last: int, stop: int) -> tuple[str, str | None]:
        """The words after a name that say what it is, and their role."""
        if stop < self.tokens[last].end:
            return "'s", None
        right = self.right(last + 1)
        if not right and (road := self._road(last)):
            return road, "near"
        for n in range(min(LONGEST_CUE, len(right)), 0, -1):
            cue = tuple(right[:n])
            if cue in self.words.after:
                return " ".join(cue), self.words.after[cue]
        if right and right[0] in self.words.sayers:
            return right[0], "sayer"
        return "", None

    def right(self, at: int) -> list[str]:
        """The words of up to three tokens that follow without a break."""
        right: list[str] = []
        for token in self.tokens[at : at + 3]:
            if not token.joined:
                break
            right.extend(token.words)
        return right

    def _road(self, last: int) -> str:
        """The word for a road after two names with a dash between them: "Xa–Bo road"."""
        at = last + 1
        if at >= len(self.tokens) or not self.tokens[at].capital or not DASH.match(self.tokens[at].gap):
            return ""
        right = self.right(self.run(at) + 1)
        return right[0] if right and self.words.after.get((right[0],)) == "near" else ""


def _longest(cues: Cues, left: Sequence[str], k: int) -> tuple[str, ...] | None:
    for n in range(min(LONGEST_CUE, k), 0, -1):
        cue = tuple(left[k - n : k])
        if cue in cues:
            return cue
    return None
