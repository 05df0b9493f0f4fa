"""Usable case for texts in capitals alone (agency archives, ticker lines), whole lines for texts broken at a width.

Invariant: the length never changes, so spans fit the report as given; any other text is returned as it is.
The words as given come back by `as_given`: nobody but the parser and the finders sees the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from tarikh import reference
from tarikh.extract.case_words import CaseWords, case_words
from tarikh.gazetteer import Gazetteer
from tarikh.model import Evidence, Mention, Phrase, Report, Span
from tarikh.text import fold, lower

_HEAD = 1000
_FEWEST = 20
_SHARE = 0.95
"""A text is in capitals with so many letters, of which so large a share is upper case ("McDONALD", "13th" are allowed)."""
_FEWEST_LINES, _FULL, _WIDEST = 4, 50, 100
"""A text broken at a width has so many lines; one of so many characters is full, and none is longer than the widest."""
_BULLETS = "-–—•*▪●◦"
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_DATELINE = re.compile(r"\s*[^\n]{2,60}?,[^\S\n][^\n]{0,80}?(?:--|[—–])(?:\s*\[[^\]\n]{1,80}\])*\s*")
"""Where and when, to the dash, with the bracketed headings behind it ("[TEXT]")."""
_ACRONYM = re.compile(r"\w\s{1,2}[(\[]([^\W\d_]{2,8})[)\]]")
_STOP = re.compile(r"[.!?…:]+[\"'”’»)\]]*\s+[\"'“‘«(\[–—-]*\Z|\n\s*\n[\s\"'“«(\[–—-]*\Z|\A[\W_]*\Z")
_INITIAL = re.compile(r"(?:^|[\s(\"“«])(?:[^\W\d_]\.)+\s*\Z")
_QUOTES = " \t\n\"'“‘«([–—-"
_BEFORE = 12
_LONGEST_NAME = 5
_BIG = 100_000
_AFTER_TITLE = 3
_SHORT = 5
_VOWEL = re.compile(r"[AEIOUYÀ-ÖØ-Þ]")


def readable(report: Report, gazetteer: Gazetteer) -> Report:
    """The report as the parser and the finders can read it; the very same where its case tells something."""
    title, text = report.title, unwrapped(report.text)
    if in_capitals(title):
        title = cased(title, case_words(report.language), gazetteer)
    if in_capitals(text):
        text = cased(text, case_words(report.language), gazetteer)
    return report if (title, text) == (report.title, report.text) else replace(report, title=title, text=text)


def unwrapped(text: str) -> str:
    """A text whose lines were broken at a width, with a blank for each such break: a name goes on over it.

    The text itself where any line is as long as a paragraph, or fewer than half of the lines are full.
    """
    lines = text.split("\n")
    if len(lines) < _FEWEST_LINES or max(map(len, lines)) > _WIDEST:
        return text
    full = [len(line) >= _FULL and bool(next_[:1].strip()) for line, next_ in pairwise(lines)]
    if 2 * sum(full) < sum(1 for line in lines if line.strip()):
        return text
    breaks = [
        " " if joins and next_[0] not in _BULLETS else "\n"
        for joins, next_ in zip(full, lines[1:], strict=True)
    ]
    return "".join(part for pair in zip(lines, [*breaks, ""], strict=True) for part in pair)


def in_capitals(text: str) -> bool:
    """Whether a text is in capitals alone; the head tells it of nearly every other text."""
    return _loud(text[:_HEAD]) and (len(text) <= _HEAD or _loud(text))


def _loud(text: str) -> bool:
    upper, small = sum(map(str.isupper, text)), sum(map(str.islower, text))
    return upper >= _FEWEST and upper >= _SHARE * (upper + small)


# ---- words -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Word:
    """A word of the text in lower case; `name` as soon as it is known to be one, `written` as it is to stand."""

    start: int
    end: int
    plain: str
    joined: bool
    written: str | None = None
    name: bool = False

    @property
    def base(self) -> str:
        return self.plain[:-2] if self.plain.endswith(("'s", "’s")) else self.plain


def cased(text: str, words: CaseWords, gazetteer: Gazetteer) -> str:
    """A text in capitals with small letters where no name and no sentence begins; a dateline stays as it is."""
    found = _words_of(text)
    _register(text, found, words)
    _calendar(text, found, words)
    _places(text, found, words, gazetteer)
    _acronyms(text, found, words)
    _persons(found, words, gazetteer)
    _particles(found, words)
    dateline = match.end() if (match := _DATELINE.match(text)) else 0
    letters = list(lower(text))
    letters[:dateline] = text[:dateline]
    for word in found:
        if word.start < dateline:
            continue
        if word.written is not None:
            letters[word.start : word.end] = word.written
        elif word.name or not text[dateline : word.start].strip(_QUOTES) or _opens(text, word.start, words):
            letters[word.start] = text[word.start]
    return "".join(letters)


def _words_of(text: str) -> list[_Word]:
    found: list[_Word] = []
    for match in _WORD.finditer(text):
        gap = text[found[-1].end : match.start()] if found else "."
        joined = bool(gap) and not gap.strip() and gap.count("\n") < 2
        found.append(_Word(match.start(), match.end(), lower(match.group()), joined))
    return found


def _opens(text: str, start: int, words: CaseWords) -> bool:
    """Whether a sentence begins here: after a stop that is no abbreviation's, a bracketed heading or a paragraph's end."""
    before = text[max(0, start - _BEFORE) : start] if start else ""
    if start >= _BEFORE and not before.strip():
        return "\n" in before
    if _STOP.search(before if start >= _BEFORE else text[:start]) is None:
        return False
    last = re.search(r"([^\W\d_]+)\.\s*\Z", before)
    return not (last and (lower(last[1]) in words.abbreviations or _INITIAL.search(before)))


# ---- names -------------------------------------------------------------------------------------------------


def _register(text: str, found: Sequence[_Word], words: CaseWords) -> None:
    """Names of the register, written as the register writes them."""
    for named in reference.named(text):
        inside = [w for w in found if named.start <= w.start < named.end]
        use = max((use.text for use in named.uses), key=lambda t: sum(map(str.isupper, t)))
        if use.islower() or (len(inside) == 1 and len(named.text) <= 3 and words.is_plain(inside[0].plain)):
            continue
        same = len(use) == len(named.text) and fold(use) == fold(named.text)
        for word in inside:
            given = text[word.start : word.end]
            if (
                same
                and (there := use[word.start - named.start : word.end - named.start]).lower() == given.lower()
            ):
                word.written, word.name = there, there[0].isupper()
            else:
                word.name = not words.is_function(word.plain)


def _calendar(text: str, found: Sequence[_Word], words: CaseWords) -> None:
    """Months, days of the week, and nationalities; a word that is something else as well ("march") needs a number by it."""
    for word in found:
        if word.base in words.calendar:
            around = text[max(0, word.start - 3) : word.start] + text[word.end : word.end + 2]
            word.name = word.base not in words.doubtful or any(c.isdigit() for c in around)
        elif words.nation(word.base) or (word.plain == "i" and words.language == "en"):
            word.name = True


def _places(text: str, found: Sequence[_Word], words: CaseWords, gazetteer: Gazetteer) -> None:
    """Names of the gazetteer, the longest first; one that is a plain word as well only where it is big or has a cue."""
    at = 0
    while at < len(found):
        at = next(
            (
                end
                for end in range(_reach(found, at), at, -1)
                if _is_place(text, found[at:end], found[at - 1] if at else None, words, gazetteer)
            ),
            at + 1,
        )


def _reach(found: Sequence[_Word], at: int) -> int:
    end = at + 1
    while (
        end < min(len(found), at + _LONGEST_NAME)
        and found[end].joined
        and found[end - 1].base == found[end - 1].plain
    ):
        end += 1
    return end


def _is_place(
    text: str, run: Sequence[_Word], before: _Word | None, words: CaseWords, gazetteer: Gazetteer
) -> bool:
    """Whether the words are one place's name; marks them as a name if so."""
    first, last = run[0], run[-1]
    if words.is_function(last.base) or (
        words.is_function(first.plain) and first.plain not in words.particles
    ):
        return False
    doubtful = all(words.is_plain(w.base) for w in run)
    cued = before is not None and first.joined and before.plain in words.cues
    short = len(first.base) <= 3 and not cued
    if len(run) == 1 and (not doubtful or short or words.never_place(first.base)):
        return False  # an unknown word is a name anyway, and "CAR" is a country's abbreviation
    name = " ".join(
        text[last.start : last.start + len(last.base)] if w is last else text[w.start : w.end] for w in run
    )
    rows = gazetteer.find(name)
    if not rows or rows[0].matched != "exact":
        return False
    big = any(row.level in ("country", "admin1") or (row.population or 0) > _BIG for row in rows)
    if doubtful and not big and not (cued and not words.is_common(first.base)):
        return False
    for word in run:
        word.name = word is first or not (words.is_function(word.plain) or word.plain in words.particles)
    return True


def _acronyms(text: str, found: Sequence[_Word], words: CaseWords) -> None:
    """What stands in brackets once, has no vowel, or stands by a number stays in capitals; other unknown words are names."""
    bracketed = {lower(m[1]) for m in _ACRONYM.finditer(text)}
    bracketed = {w for w in bracketed if not words.is_plain(w) or (len(w) <= _SHORT and words.noun_alone(w))}
    for word in found:
        given = text[word.start : word.end]
        by_number = text[word.end : word.end + 1] == "-" and text[word.end + 1 : word.end + 2].isdigit()
        dotted = text[word.end : word.end + 1] == "." and len(given) == 1
        if word.written is not None:
            continue
        if word.base in bracketed or dotted or (by_number and len(given) <= 3):
            word.written, word.name = given[: len(word.base)] + word.plain[len(word.base) :], True
        elif not word.name and word.start and text[word.start - 1].isdigit():
            word.written = word.plain  # "3rd", "10th"
        elif not word.name and not words.is_plain(word.base):
            word.name = True
            if len(given) <= 5 and not _VOWEL.search(given):
                word.written = given


def _persons(found: Sequence[_Word], words: CaseWords, gazetteer: Gazetteer) -> None:
    """Names of persons that the word lists have as nouns: behind a title ("MAYOR LUNA"), beside a name, or beside each
    other ("EDGAR CORONADO"); a title before a name is written like one."""
    for at, word in enumerate(found):
        if word.base in words.titles:
            for other in found[at + 1 : at + 1 + _AFTER_TITLE]:
                if not other.joined or not (other.name or words.noun_alone(other.base)):
                    break
                other.name = other.name or other.base not in words.titles
            word.name = at + 1 < len(found) and found[at + 1].joined and found[at + 1].name
        elif not word.name and words.may_name(word.base):
            beside = [found[at - 1]] if at and word.joined else []
            beside += found[at + 1 : at + 2] if at + 1 < len(found) and found[at + 1].joined else []
            town = any(_town(n.base, gazetteer) for n in beside if words.may_name(n.base))
            named = any(n.name and n.base not in words.titles and not words.nation(n.base) for n in beside)
            word.name = named or (town and _town(word.base, gazetteer))


def _town(word: str, gazetteer: Gazetteer) -> bool:
    rows = gazetteer.find(word)
    return bool(rows) and rows[0].matched == "exact"


def _particles(found: Sequence[_Word], words: CaseWords) -> None:
    """A particle that opens a name begins with a capital ("Las Vueltas"), one inside has none ("Luis de la Reina")."""
    for at, word in enumerate(found[:-1]):
        if word.plain not in words.particles or word.name or word.written is not None:
            continue
        inside = at > 0 and word.joined and (found[at - 1].name or found[at - 1].plain in words.particles)
        follows = (
            found[at + 1]
            if found[at + 1].plain not in words.particles
            else found[min(at + 2, len(found) - 1)]
        )
        word.name = not inside and follows.name and found[at + 1].joined


# ---- back to the words as given ------------------------------------------------------------------------------


def as_given(mention: Mention, report: Report, read: Report) -> Mention:
    """The mention with the words of the report as given, for those that it was read with."""
    if read is report:
        return mention
    evidence = {
        field: replace(found, words=tuple(_given(words, found.spans, report, read) for words in found.words))
        for field, found in mention.evidence.items()
    }
    phrases = {
        field: tuple(_phrase_given(phrase, report, read) for phrase in found)
        for field, found in mention.phrases.items()
    }
    spoken = mention.evidence.get("attribution", Evidence()).spans
    told = mention.evidence["kind"].spans if "kind" in mention.evidence else ()
    return replace(
        mention,
        evidence=evidence,
        phrases=phrases,
        trigger=_given(mention.trigger, told, report, read),
        attribution=mention.attribution and _given(mention.attribution, spoken, report, read),
    )


def _phrase_given(phrase: Phrase, report: Report, read: Report) -> Phrase:
    return replace(phrase, text=_given(phrase.text, phrase.spans, report, read))


def _given(words: str, spans: Sequence[Span], report: Report, read: Report) -> str:
    """The characters that stand in the report where these words were read; the words themselves where none are."""
    for start, part in _starts(words, spans, read):
        return report.words(Span(part.part, start, start + len(words)))
    return words


def _starts(words: str, spans: Sequence[Span], read: Report) -> Iterator[tuple[int, Span]]:
    for span in (*spans, Span("text", 0, len(read.text)), Span("title", 0, len(read.title))):
        at = read.words(span).find(words)
        if words and at >= 0:
            yield span.start + at, span
