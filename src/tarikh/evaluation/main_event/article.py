"""An article as the models of its main event see it: sentences with the word classes that each holds.

Invariant: pure; what a model sees depends on the article's text and its coded mentions alone.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from tarikh import reference
from tarikh.extract import parties as party_phrases
from tarikh.extract import sentences, times, toponyms
from tarikh.extract.sentences import Sentence
from tarikh.gazetteer import Gazetteer
from tarikh.model import Mention, Phrase, Report, Span
from tarikh.pipeline import MOST_PLACES
from tarikh.resolve import dates, party_forms, places
from tarikh.resolve.dates import DateContext
from tarikh.resolve.places import PlaceContext

Features = dict[str, float]
"""What a model sees of one candidate, by name of the feature."""

ACTS = frozenset(
    (
        "arrest",
        "jail",
        "kill",
        "murder",
        "shoot",
        "kidnap",
        "disappear",
        "torture",
        "beat",
        "sexual",
        "execute",
        "threat",
        "raid",
    )
)
"""Word classes that tell of an attack itself."""
_WORD = re.compile(r"[^\W\d_]{4,}")


@cache
def _pattern(language: str) -> re.Pattern[str]:
    raw = reference.lexicon(language, "main_event")["classes"]
    rows = (f"(?P<{name}>{'|'.join(re.escape(str(w)) for w in words)})" for name, words in raw.items())
    return re.compile(r"(?<![^\W\d_])(?:" + "|".join(rows) + ")", re.IGNORECASE)


def classes(text: str, language: str) -> list[tuple[str, int]]:
    """The word classes of a text in its order, each with the offset of its word."""
    return [(str(match.lastgroup), match.start()) for match in _pattern(language).finditer(text)]


def words(text: str) -> frozenset[str]:
    """The longer words of a text, in lower case."""
    return frozenset(_WORD.findall(text.lower()))


@dataclass(frozen=True, slots=True)
class Article:
    """A report with what was read from it once. `found` are the word classes of each sentence."""

    report: Report
    mentions: tuple[Mention, ...]
    sentences: tuple[Sentence, ...]
    found: tuple[tuple[tuple[str, int], ...], ...]
    times: DateContext
    toponyms: tuple[Phrase, ...]
    places: PlaceContext

    def sentence_of(self, span: Span) -> int | None:
        """Index of the sentence that holds a span."""
        at = bisect_right(self.sentences, (span.part == "text", span.start), key=_place) - 1
        if at < 0:
            return None
        sentence = self.sentences[at]
        return at if sentence.part == span.part and span.start < sentence.end else None


def _place(sentence: Sentence) -> tuple[bool, int]:
    return sentence.part == "text", sentence.start


def read(report: Report, mentions: Sequence[Mention], gazetteer: Gazetteer) -> Article:
    """Reads sentences, times and places of a report. Raises `MissingError` for a language without lexicons."""
    language = report.language
    split = sentences.split(report)
    named = toponyms.find(report, gazetteer, language)[:MOST_PLACES]
    hits = [h for text in (report.title, report.text) for h in party_phrases.find(text, language)]
    nations = [party_forms.form(hit.role, hit.nationality) for hit in hits if hit.role and hit.nationality]
    return Article(
        report,
        tuple(mentions),
        split,
        tuple(tuple(classes(s.text, language)) for s in split),
        dates.context(report, times.find(report, language)),
        named,
        places.context(report, named, gazetteer, [n for n in nations if n]),
    )
