"""The cheap gate: a report without the words of conflict goes by in microseconds and is never parsed.

Invariant: the gate errs on the side of letting through; its recall is measured on the gold reports.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import sqrt
from typing import TYPE_CHECKING

from tarikh import reference
from tarikh.extract.sentences import Sentence
from tarikh.model import Report

if TYPE_CHECKING:
    from ahocorasick_rs import AhoCorasick

_SHORTEST = 3
_FEW_WORDS = 20
_HEAD = 6000
"""Characters by which a report is weighed as a whole: in an interview of 100,000 every word comes up once."""
_PART = 900
"""Characters of a paragraph that are weighed at a time."""
_PART_MARGIN = 0.6
"""How much clearer than a report a paragraph must speak: on the training reports it lets in 1 of 57 look-alikes more."""
_PLAIN_WORDS = 2
"""Plain words of conflict that a part must hold: one stands in every politician's speech."""
_BRIEF = 400
"""Characters up to which one plain word is enough."""
_LOOK_ALIKE_WORDS, _LOOK_ALIKE_SHARE = 3, 0.022
"""How many different words of a look-alike, and which share of all, make a page one: a digest has three among hundreds."""
_WORD = re.compile(r"[^\W\d_]{3,}")


def words_of(text: str) -> set[str]:
    """The distinct lower-case words of a text, as the gate sees them."""
    return set(_WORD.findall(text.lower()))


@dataclass(frozen=True, slots=True)
class Gate:
    """A linear model over words (trained by `training/gate.py`)."""

    bias: float
    threshold: float
    weights: Mapping[str, float]

    def score(self, text: str) -> float:
        """How much the words speak of conflict; at or above the threshold the report is coded."""
        words = words_of(text)
        known = self.weights
        total = sum(known[w] for w in words if w in known)
        return total / sqrt(max(_FEW_WORDS, len(words))) + self.bias


@cache
def _gate(language: str) -> Gate | None:
    path = reference.data_path("gate", f"{language}.json")
    if not path.exists():
        return None
    raw = json.loads(path.read_text(encoding="utf-8"))
    return Gate(raw["bias"], raw["threshold"], raw["weights"])


Range = tuple[int, int]


def passages(report: Report) -> list[Range]:
    """Ranges of the text that can tell of an incident: all of it, some paragraphs of a long one, or none.

    A language without a trained gate lets everything through but what plainly is a page of sport, markets or screens.
    """
    gate = _gate(report.language)
    whole = [(0, len(report.text))]
    text = f"{report.title}\n{report.text}"
    if gate is None:
        known = report.language in reference.languages()
        return [] if known and _look_alike(text[:_HEAD], report.language) else whole
    if len(text) <= _BRIEF and _says_it(text, report.language):
        return whole
    head = text[:_HEAD]
    if gate.score(_nameless(head, report.language)) >= gate.threshold and not words_of(head).isdisjoint(
        _conflict_words(report.language)
    ):
        return whole
    return list(_parts(report.text, gate, report.language))


def lets_by(sentence: Sentence, passages: Sequence[Range], language: str) -> bool:
    """Whether a sentence is worth a look: it has a word that matters and stands in the title or in one of the passages."""
    return sentence_may_matter(sentence.text, language) and (
        sentence.part == "title"
        or any(low < sentence.end and sentence.start < high for low, high in passages)
    )


def _look_alike(text: str, language: str) -> bool:
    words = words_of(text)
    found = len(words & _plain_words(language, "look_alikes"))
    return found >= _LOOK_ALIKE_WORDS and found >= _LOOK_ALIKE_SHARE * len(words)


def _nameless(text: str, language: str) -> str:
    """The text with one word for every name of the register: a "Deterrence Force" must not open what a "Brigade" would not."""
    word = str(reference.lexicon(language, "events").get("gate_name", ""))
    kept, at = [], 0
    for name in reference.named(text):
        kept += [text[at : name.start], word]
        at = name.end
    return "".join((*kept, text[at:]))


def may_matter(report: Report) -> bool:
    """Whether the report can be about an incident at all."""
    return bool(passages(report))


@cache
def _conflict_words(language: str) -> frozenset[str]:
    """Words of which a report of an incident has one at least, whatever else it speaks of."""
    return _plain_words(language, "gate_brief") | _plain_words(language, "gate_long")


def _parts(text: str, gate: Gate, language: str) -> Iterator[Range]:
    """Paragraphs of a long text that speak of conflict: a digest buries one incident among weather and football."""
    plain, others = _plain_words(language, "gate_brief"), _plain_words(language, "look_alikes")
    begin = 0
    for paragraph in text.split("\n"):
        for start in range(begin, begin + len(paragraph), _PART):
            part = text[start : min(start + _PART, begin + len(paragraph))]
            words = words_of(part)
            if len(words & plain) < _PLAIN_WORDS or not words.isdisjoint(others):
                continue
            if gate.score(_nameless(part, language)) >= gate.threshold + _PART_MARGIN:
                yield start, start + len(part)
        begin += len(paragraph) + 1


@cache
def _plain_words(language: str, name: str) -> frozenset[str]:
    return frozenset(str(word) for word in reference.lexicon(language, "events").get(name, ()))


def _says_it(text: str, language: str) -> bool:
    """Whether a brief text says in one word what a long one says in many: a flash is too short to be weighed."""
    words = words_of(text)
    return not words.isdisjoint(_plain_words(language, "gate_brief")) and words.isdisjoint(
        _plain_words(language, "look_alikes")
    )


def _stems(language: str) -> set[str]:
    raw = reference.lexicon(language, "events")
    harm = reference.lexicon(language, "counts")
    armed = reference.lexicon(language, "parties")["heads"]
    # Every word for armed people opens a sentence, or a label would decide what is coded.
    found: set[str] = {str(word).split()[0] for role in ("armed", "militia") for word in armed.get(role, ())}
    for word in (*raw["verbs"], *raw["nouns"], *raw.get("gate_also", ()), *harm.get("gate", ())):
        found.add(str(word))
    for entry in (*raw["phrases"], *raw["noun_phrases"]):
        found.update(str(entry["words"]).split()[:1])
    for words in raw["means"].values():
        found.update(str(w).split()[0] for w in words)
    endings = tuple(map(str, raw["gate_endings"]))
    return {stem for word in found if len(stem := _stem(word, endings)) >= _SHORTEST}


def _stem(word: str, endings: tuple[str, ...]) -> str:
    """The part of a lemma that its forms share: "ambush" of "ambushes", "attaqu" of "attaquer" and "attaqué"."""
    ending = next((e for e in endings if word.endswith(e) and len(word) - len(e) >= _SHORTEST), "")
    return word.removesuffix(ending)


@cache
def _automaton(language: str) -> AhoCorasick:
    import ahocorasick_rs

    # A leading blank stands for a word's beginning; `_padded` makes every word begin with one.
    return ahocorasick_rs.AhoCorasick([f" {stem}" for stem in sorted(_stems(language))])


_BREAKS = str.maketrans(dict.fromkeys("\n\t\r\"'“”‘’«»()[]{}<>—–-/.,;:!?…•*|\xa0\u202f", " "))


def _padded(text: str) -> str:
    return f" {text.lower().translate(_BREAKS)}"


def sentence_may_matter(text: str, language: str) -> bool:
    """Whether a sentence holds any word that can be a trigger, a weapon or a count of harm, and so is worth a parse."""
    return bool(_automaton(language).find_matches_as_indexes(_padded(text)))
