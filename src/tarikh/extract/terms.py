"""The terms of an act: the words that mark the text it is told in, by which two accounts of it resemble each other.

Invariant: what is kept of a word is a number that cannot be read, with its share of the whole; a language without a
table of how common its words are has no terms.

The weights are those of TF-IDF (K. Spärck Jones 1972), the inverse document frequency from a table that ships
(`data/background/`, written by `training/background.py`), so that a report has the same terms whatever was read beside it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b

from tarikh import reference
from tarikh.extract.details import stretch, uncredited
from tarikh.model import Mention, Report
from tarikh.text import fold

KEPT = 32
"""Terms of a mention, the heaviest. Fewer miss likeness, more let common words in (measured on incidents_gva)."""
ONE_IN = 3
"""Of a short text one word in three marks it; so the number of terms tells a long one."""
FEWEST = 8
"""A text of fewer terms has none: two briefs of one line resemble each other by chance."""
ONE_STORY = 4
"""A report of no more mentions tells one story: its acts, and what is told of them again."""
STEP = 0.5
"""Nats between the lines of a table."""
_SHORTEST = 3
_UNKNOWN = 2.0
"""In how many stories a word stands that the table does not have, at most."""


def words_of(text: str) -> list[str]:
    """The folded words of a text that may be terms: of three letters or more, without figures."""
    return [word for word in fold(text).split() if len(word) >= _SHORTEST and word.isalpha()]


def rarity_from(stories: float, total: int) -> float:
    """How rare a word of so many stories is (nats)."""
    return math.log(total / stories) if total else 0.0


@lru_cache(maxsize=8)
def _background(language: str) -> tuple[Mapping[str, float], float] | None:
    """Word -> rarity, and the rarity of a word that is not there; None for a language without a table."""
    path = reference.data_path("background", f"{language}.txt")
    if not path.is_file():
        return None
    total, *lines = path.read_text(encoding="utf-8").splitlines()
    known = {word: int(step) * STEP for step, *words in map(str.split, lines) for word in words}
    return known, rarity_from(_UNKNOWN, int(total))


def termed(mentions: Sequence[Mention], report: Report) -> tuple[tuple[int, ...], ...]:
    """The terms of each mention of a report. Those of a report of few acts are of its whole text: it tells one story, and
    the same words tell that two reports tell it, whichever act each of them put first."""
    others = ([m for m in mentions if m is not mention] for mention in mentions)
    texts = [stretch(m, rest, report, ONE_STORY) for m, rest in zip(mentions, others, strict=True)]
    made = {text: terms(uncredited(text, report.language), report.language) for text in set(texts)}
    return tuple(made[text] for text in texts)


def terms(text: str, language: str) -> tuple[int, ...]:
    """The terms of a text, sorted: 24 bits of a word's hash, and its part of the vector of length 255 in the lowest eight."""
    background = _background(language)
    if background is None:
        return ()
    rarities, unknown = background
    counts = Counter(words_of(text))
    weights = {word: (1 + math.log(times)) * rarities.get(word, unknown) for word, times in counts.items()}
    kept = min(KEPT, len(weights) // ONE_IN)
    heaviest = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))[:kept]
    length = math.sqrt(sum(weight * weight for _, weight in heaviest))
    if len(heaviest) < FEWEST or not length:
        return ()
    return tuple(sorted(_marked(word, weight / length) for word, weight in heaviest))


def _marked(word: str, share: float) -> int:
    digest = int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=3).digest())
    return digest << 8 | max(1, min(255, round(255 * share)))
