"""What a language knows of plain words, to tell them from names in a text in capitals: the parser's own word lists, and the lexicons.

Invariant: loaded only for a text in capitals, once a process; words are compared in lower case, and without accents where
capitals may have lost them.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from tarikh import reference
from tarikh.extract.parse import pipeline
from tarikh.extract.place_words import PlaceWords, place_words
from tarikh.text import fold

_SORTS = ("noun", "verb", "adj", "adv")
_ABBREVIATIONS = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "dr",
        "prof",
        "gen",
        "lt",
        "col",
        "maj",
        "capt",
        "sgt",
        "cpl",
        "brig",
        "adm",
        "rev",
        "msgr",
        "fr",
        "hon",
        "sen",
        "gov",
        "st",
        "mt",
        "no",
        "nos",
        "vs",
        "etc",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
        "jr",
        "sr",
        "mm",
        "mme",
        "mlle",
        "sra",
        "dra",
        "ing",
        "lic",
    ]
)
"""Before a full stop these end no sentence."""


@dataclass(frozen=True, slots=True)
class _Lists:
    """One sort of word of the parser's lemmatizer: base forms, irregular forms, and endings with what they stand for."""

    bases: frozenset[str]
    irregular: frozenset[str]
    endings: tuple[tuple[str, str], ...]

    def has(self, word: str) -> bool:
        return (
            word in self.bases
            or word in self.irregular
            or any(self._by_ending(word, *e) for e in self.endings)
        )

    def _by_ending(self, word: str, old: str, new: str) -> bool:
        return (
            len(word) > len(old) + 1
            and word.endswith(old)
            and word[: len(word) - len(old)] + new in self.bases
        )


class CaseWords:
    """Questions on a word in lower case, for one language."""

    def __init__(
        self, language: str, lists: Mapping[str, _Lists], stopwords: Iterable[str], seen: Container[str] = ()
    ) -> None:
        places: PlaceWords = place_words(language)
        self.language = language
        self.particles = places.particles - frozenset(stopwords) - places.common - places.elisions
        self.titles = frozenset(t for t in places.titles if " " not in t)
        self.cues = frozenset(
            cue[0] for cue, role in places.before.items() if len(cue) == 1 and role in ("in", "near")
        )
        self.abbreviations = _ABBREVIATIONS
        self._lists, self._seen = lists, seen
        self._function = frozenset(map(fold, stopwords)) | (places.common - _calendar(language))
        self._never = places.common | places.plain | places.titles | places.organizations
        self._never |= places.directional | places.settlements
        self.calendar = _calendar(language)
        self.doubtful = frozenset(
            fold(str(w)) for w in reference.lexicon(language, "dates").get("capital", ())
        )
        self.is_plain = lru_cache(maxsize=50_000)(self._is_plain)

    def is_function(self, word: str) -> bool:
        """Whether it is a word of grammar, which no name begins or ends with."""
        return fold(word) in self._function

    def _is_plain(self, word: str) -> bool:
        plain = fold(word)
        # Without a word list nothing can be told, and no case is better than a capital on every word.
        return (
            not self._lists
            or len(plain) < 2
            or " " in plain
            or plain in self._function
            or plain in self._never
            or any(sort.has(plain) for sort in self._lists.values())
        )

    def is_common(self, word: str) -> bool:
        """Whether it is a verb, an adjective or an adverb: a small town of that name is rarely meant."""
        plain = fold(word)
        return any(self._lists[s].has(plain) for s in ("verb", "adj", "adv") if s in self._lists)

    def noun_alone(self, word: str) -> bool:
        """Whether it is known as a noun and as nothing else: so the lists have many names of persons."""
        return self.is_plain(word) and not self.is_function(word) and not self.is_common(word)

    def may_name(self, word: str) -> bool:
        """Whether it is a noun that nobody uses in the plural: names of persons are, and names of stuffs."""
        return (
            self.noun_alone(word)
            and word not in self._never
            and f"{word}s" not in self._seen
            and word[-1] != "s"
        )

    def never_place(self, word: str) -> bool:
        """Whether the lexicon of places says that it is mostly something else."""
        return fold(word) in self._never

    def nation(self, word: str) -> bool:
        """Whether it is a nationality, or a country's name."""
        if len(word) <= 3:
            return False
        return bool(reference.countries_by_adjective(word, self.language) or reference.country_by_name(word))


def _calendar(language: str) -> frozenset[str]:
    classes = reference.lexicon(language, "dates").get("classes", {})
    return frozenset(fold(str(w)) for name in ("weekday", "month", "feast") for w in classes.get(name, ()))


@cache
def case_words(language: str) -> CaseWords:
    """The lists of a language. Raises `MissingError` where its parser is not installed."""
    parser: Any = pipeline(language)
    lookups = parser.get_pipe("lemmatizer").lookups if "lemmatizer" in parser.pipe_names else None
    return CaseWords(language, _read(lookups), parser.Defaults.stop_words, parser.vocab.strings)


def _read(lookups: Any) -> dict[str, _Lists]:
    """The lemmatizer's tables; empty where it has none of that form."""
    if lookups is None or not lookups.has_table("lemma_index"):
        return {}
    tables = [lookups.get_table(name, {}) for name in ("lemma_index", "lemma_exc", "lemma_rules")]
    found = {}
    for sort in _SORTS:
        bases, irregular, rules = (table.get(sort, ()) for table in tables)
        endings = tuple((fold(old), fold(new)) for old, new in rules if old)
        found[sort] = _Lists(_folded(bases), _folded(irregular), endings)
    return {sort: lists for sort, lists in found.items() if lists.bases}


def _folded(words: Iterable[str]) -> frozenset[str]:
    # Most are plain already, and there are 300,000 in French.
    return frozenset(w if w.isascii() and w.isalpha() else fold(w) for w in words)
