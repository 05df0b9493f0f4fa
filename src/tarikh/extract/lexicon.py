"""The event lexicon of a language, compiled for matching. Words are data; this holds none.

Invariant: everything is keyed by lemma, so one machinery serves every language.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from tarikh import reference
from tarikh.extract.grammar import Grammar

if TYPE_CHECKING:
    from spacy.tokens import Token

Acts = Mapping[str, str]
"""Object class → act; key `default` where no class fits, `none` where there is no object."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A multiword trigger: words after its head, words on it (`beside`), and the classes of its subject and object."""

    rest: tuple[str, ...]
    act: str
    object: frozenset[str] = frozenset()
    subject: frozenset[str] = frozenset()
    passive: bool = False
    beside: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class EventLexicon:
    """Triggers by the lemma of their head (`heads`: all of these), means by their words, and the classes of common nouns."""

    verbs: Mapping[str, Acts]
    phrases: Mapping[str, tuple[Pattern, ...]]
    nouns: Mapping[str, Acts]
    noun_phrases: Mapping[str, tuple[Pattern, ...]]
    heads: frozenset[str]
    means: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]
    classes: Mapping[str, frozenset[str]]
    words: Mapping[str, frozenset[str]]
    lemmas: Mapping[str, str]
    author_verbs: Mapping[str, str]
    grammar: Grammar

    def lemma(self, token: Token) -> str:
        """The token's lemma in lower case, mended where the parser's lemmatizer is known to be wrong."""
        found = token.lemma_.lower()
        return self.lemmas.get(found, found) if self.lemmas else found


def _acts(value: object) -> Acts:
    if isinstance(value, Mapping):
        return {str(k): str(v) for k, v in value.items()}
    return {"default": str(value), "none": str(value)}


def _patterns(entries: Any) -> Mapping[str, tuple[Pattern, ...]]:
    found: dict[str, list[Pattern]] = defaultdict(list)
    for entry in entries:
        head, *rest = str(entry["words"]).lower().split()
        found[head].append(
            Pattern(
                tuple(rest),
                str(entry["act"]),
                frozenset(entry.get("object", ())),
                frozenset(entry.get("subject", ())),
                bool(entry.get("passive", False)),
                frozenset(map(str, entry.get("with", ()))),
            )
        )
    # The longest pattern first: "shoot and kill" before "shoot".
    return {h: tuple(sorted(rows, key=lambda p: -len(p.rest) - len(p.beside))) for h, rows in found.items()}


def _means(entries: Mapping[str, list[str]]) -> Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]:
    found: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
    for name, phrases in entries.items():
        for phrase in phrases:
            words = tuple(str(phrase).lower().split())
            found[words[0]].append((words, name))
    return {first: tuple(sorted(rows, key=lambda r: -len(r[0]))) for first, rows in found.items()}


def _hyphenated(nouns: Mapping[str, str]) -> list[dict[str, str]]:
    """A hyphened noun as the tokens that the parser makes of it: "sit-in" is three."""
    return [
        {"words": str(n).replace("-", " - "), "act": str(act)} for n, act in nouns.items() if "-" in str(n)
    ]


@cache
def events(language: str) -> EventLexicon:
    """The compiled lexicon of a language."""
    raw = reference.lexicon(language, "events")
    status = reference.lexicon(language, "status")
    classes: dict[str, set[str]] = defaultdict(set)
    for name, words in raw["classes"].items():
        for word in words:
            classes[str(word).lower()].add(str(name))
    lists = {
        **{k: v for k, v in raw.items() if isinstance(v, list) and v and isinstance(v[0], str)},
        **status,
    }
    verbs, nouns = ({str(k): _acts(v) for k, v in raw[name].items()} for name in ("verbs", "nouns"))
    phrases = _patterns(raw["phrases"])
    noun_phrases = _patterns([*raw["noun_phrases"], *_hyphenated(raw["nouns"])])
    return EventLexicon(
        verbs=verbs,
        phrases=phrases,
        nouns=nouns,
        noun_phrases=noun_phrases,
        heads=frozenset((*verbs, *phrases, *nouns, *noun_phrases)),
        means=_means(raw["means"]),
        classes={k: frozenset(v) for k, v in classes.items()},
        lemmas={str(k): str(v) for k, v in raw.get("lemmas", {}).items()},
        words={
            str(k): frozenset(str(w).lower() for w in v) for k, v in lists.items() if not isinstance(v, dict)
        },
        grammar=Grammar.of(raw["grammar"]),
        author_verbs={str(k): str(v) for k, v in status["author_verbs"].items()},
    )
