"""The named details of an act: rare proper names told with it, by which two accounts of one act know each other.

Invariant: what is kept of a name is a number that cannot be read, with how rare the name is; its place, parties, countries, days,
those who wrote the report, and words that it also writes small are no details.

Rarity is the negative log-chance of the pieces that the reader's tokenizer cuts a word into (a unigram model over the
languages read): a common word is one likely piece, a rare name several.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b

from tarikh import reference
from tarikh.extract.reader import tokenizer
from tarikh.model import Mention, Report, Span, rarity_of
from tarikh.text import fold

RARE = 14.0
"""A word below this is no detail (natural log; "Police" has 13, "Danbatta" 28)."""
RARE_PAIR = 20.0
"""The same for two words beside each other ("John Smith" has 23)."""
ONE_STORY = 2
"""A report of no more mentions tells one story: all its names go with each."""
MOST = 48
"""Details of a mention, the rarest first."""
_WHOLE = 6000
"""Characters of a report of one act that are read."""
_WORD = re.compile(r"(?<![\w'’.-])[^\W\d_][\w'’-]*\w")


@lru_cache(maxsize=50_000)
def rarity(word: str) -> float:
    """How rare a word is: the sum of the negative log-chances of its pieces."""
    cutter, scores = tokenizer()
    pieces = cutter.encode(word, add_special_tokens=False).tokens
    return -sum(scores.get(piece, -20.0) for piece in pieces)


def marked(word: str, rare: float) -> int:
    """A folded word as a number: 24 bits of its hash, and its rarity in the lowest eight."""
    digest = int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=3).digest())
    return digest << 8 | min(255, round(rare))


@lru_cache(maxsize=8)
def _calendar(language: str) -> frozenset[str]:
    classes = reference.lexicon(language, "dates")["classes"]
    return frozenset(fold(str(word)) for name in ("weekday", "month") for word in classes[name])


def _known(mention: Mention, text: str) -> set[str]:
    """Folded words that say where it was, who did it and what country it is about."""
    where = mention.where
    names = [where.place, where.admin1, where.admin2, *mention.attackers, *mention.targets, mention.source]
    names += [text[n.start : n.end] for n in reference.named(text)]
    names += [text[t.start : t.end] for t in reference.told_countries(text)]
    return {word for name in names if name for word in re.findall(r"\w+", fold(name))}


def _names(text: str, small: Collection[str], known: Collection[str]) -> Iterator[int]:
    """Rare words that begin with a capital, and two such words beside each other, which are rarer: a person's name."""
    before, end = "", -1
    for match in _WORD.finditer(text):
        word = match[0].removesuffix("'s").removesuffix("’s")
        folded = fold(word)
        if not word[0].isupper() or len(folded) < 2 or folded in small or folded in known:
            continue
        begins = text[max(0, match.start() - 4) : match.start()].rstrip(" \"'“”«»(–—-")[-1:] in (
            "",
            ".",
            "!",
            "?",
            ":",
            "\n",
        )
        # Every word has a capital there; one that is no rarer without it is no name.
        plain = begins and rarity(word.lower()) <= rarity(word)
        if rarity(word) >= RARE and len(folded) > 2 and not plain:
            yield marked(folded, rarity(word))
        if match.start() == end + 1 and text[end] == " ":
            both = rarity(before) + rarity(word)
            counted = rarity(before) >= RARE and rarity(word) >= RARE  # each word says it already
            if both >= RARE_PAIR and not counted:
                yield marked(f"{fold(before)} {folded}", both)
        before, end = word, match.end()


@lru_cache(maxsize=8)
def _credits(language: str) -> re.Pattern[str]:
    """A line, or brackets, from words that say who wrote a text ("Editing by") on."""
    words = "|".join(re.escape(str(word)) for word in reference.lexicon(language, "status")["credits"])
    return re.compile(rf"(?:\([^()\n]{{0,40}})?\b(?:{words})\b[^()\n]*\)?", re.IGNORECASE)


def uncredited(text: str, language: str) -> str:
    """A text without the names of those who wrote it: one desk writes of many acts."""
    return _credits(language).sub(" ", text)


def _paragraph(report: Report, at: int) -> tuple[int, int]:
    low = report.text.rfind("\n", 0, at) + 1
    high = report.text.find("\n", at)
    return low, high if high >= 0 else len(report.text)


def stretch(mention: Mention, others: Sequence[Mention], report: Report, one_story: int = ONE_STORY) -> str:
    """The text that tells of a mention: all of a report of few acts, else the paragraphs of its triggers."""
    if len(others) < one_story:
        return f"{report.title}\n{report.text[:_WHOLE]}"
    own = [s for s in mention.evidence["kind"].spans if s.part == "text"]
    parts = dict.fromkeys(_paragraph(report, span.start) for span in own)
    theirs = [s.start for m in others for s in m.evidence["kind"].spans if s.part == "text"]
    alone = [p for p in parts if not any(p[0] <= at < p[1] for at in theirs)]
    spans = [s for e in mention.evidence.values() for s in e.spans]
    return "\n".join([*(report.text[a:b] for a, b in alone), *(_sentence(report, s) for s in spans)])


def _sentence(report: Report, span: Span) -> str:
    text = report.title if span.part == "title" else report.text
    low = max(text.rfind(mark, 0, span.start) for mark in (". ", "\n", "! ", "? ")) + 1
    ends = [at for mark in (". ", "\n", "! ", "? ") if (at := text.find(mark, span.end)) >= 0]
    return text[low : min(ends, default=len(text))][:1000]


def detailed(mentions: Sequence[Mention], report: Report) -> tuple[tuple[int, ...], ...]:
    """The details of each mention of a report, sorted."""
    small = {fold(w) for w in _WORD.findall(report.text) if w[0].islower()} | _calendar(report.language)
    found: list[tuple[int, ...]] = []
    for mention in mentions:
        others = [m for m in mentions if m is not mention]
        text = uncredited(stretch(mention, others, report), report.language)
        names = set(_names(text, small, _known(mention, text)))
        rarest = sorted(names, key=lambda detail: (-rarity_of(detail), detail))[:MOST]
        found.append(tuple(sorted(rarest)))
    return tuple(found)
