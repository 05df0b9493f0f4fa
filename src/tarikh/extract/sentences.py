"""Sentences of a report, by rule, so that only those that can matter are ever parsed.

Invariant: a sentence's text is exactly the report's characters between its start and end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from tarikh.model import Part, Report, Span


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: `index` counts over title (0) and text, `paragraph` is 0 for the title."""

    part: Part
    start: int
    end: int
    text: str
    index: int
    paragraph: int

    def span(self, start: int, end: int) -> Span:
        """A span of the report for offsets within the sentence."""
        return Span(self.part, self.start + start, self.start + end)


_LINE = re.compile(r"[^\n]+")
_STOPS = ".!?:;…\"'”’»)]*|"
_WRAPPED = 40
"""A line of at least so many characters that ends without a stop is wrapped, not a heading."""
_END = re.compile(r"(?<=[.!?…])[\"'”’»)\]]*\s++(?=[\"'“‘«(\[—–•-]*+ ?[A-ZÀ-ÖØ-Þ0-9])")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"“«])(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|Gen|Lt|Col|Maj|Capt|Sgt|Cpl|Brig|Adm|Rev|Hon|Sen|Gov|St|Mt|No|Nos|vs|etc|approx|Jan|Feb|Mar|Apr"
    r"|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|U\.S|U\.N|U\.K|a\.m|p\.m|i\.e|e\.g|M|MM|Mme|Mlle|env|Ltd|Inc)\.$"
)
_LONGEST = 1500
_BULLETS = " \t\r\f\v\xa0\u202f•▪●◦‣∙"
"""Before a sentence these are no part of it, and a bullet misleads a parser."""
_DATELINE = re.compile(
    r"\s*[A-ZÀ-Þ][A-ZÀ-Þ'’.\-]{2,}(?:[ /][A-ZÀ-Þ][A-ZÀ-Þ'’.\-]*){0,4}"  # MOGADISHU, PORT SUDAN, BEIRUT/JERUSALEM
    r"(?:, [A-ZÀ-Þ][\w'’.\-]*(?: [A-ZÀ-Þ][\w'’.\-]*){0,4})?"  # ", Democratic Republic of …", ", Sept"
    r"(?:,? ?\d{1,2}(?: [^\W\d_]{3,10}\.?)?)?(?:,? \d{4})?(?: ?\([^)\n]{1,40}\))? ?(?:—|–|-{1,2}|:) +(?=\S)"
)
_DASHED_STOP = re.compile(
    r"\s*[A-ZÀ-Þ][\w'’\-]*(?:[ /][\w'’\-]+){0,4}(?:, ?\d{1,2} \w{3,10}\.?)?(?: ?\([^)\n]{1,40}\))? ?\.\s?[—–-]{1,2} *(?=\S)"
)
"""A dateline of another manner: "Lima, 3 mar (EFE).- "."""
_DATELINE_PARAGRAPHS = 3
"""Where the reporter sits, in capitals before a dash: no part of the sentence, and it misleads a parser."""


def _cuts(paragraph: str) -> list[tuple[int, int]]:
    bounds, start = [], 0
    for match in _END.finditer(paragraph):
        if not _ABBREVIATION.search(
            paragraph[max(0, start, match.start() - 12) : match.start()].rstrip("\"'”’»)]")
        ):
            bounds.append((start, match.start()))
            start = match.end()
    bounds.append((start, len(paragraph)))
    return bounds


def paragraphs(text: str) -> list[tuple[int, int]]:
    """Ranges of the paragraphs of a text; lines that were wrapped at a width are one paragraph."""
    found: list[tuple[int, int]] = []
    for line in _LINE.finditer(text):
        start, end = line.span()
        if found and _goes_on(text, found[-1], start):
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _goes_on(text: str, before: tuple[int, int], start: int) -> bool:
    """Whether a line goes on with the sentence of the line before it."""
    gap = text[before[1] : start]
    # The last line that is not blank, alone: a paragraph of many lines is not copied for each of them.
    end = before[1]
    while end > before[0] and text[end - 1].isspace():
        end -= 1
    last = text[max(before[0], text.rfind("\n", before[0], end) + 1) : end]
    if gap.count("\n") > 1 or not last or last[-1] in _STOPS:
        return False
    first = text[start : start + 8].lstrip()[:1]
    width = len(last)
    return first.islower() or (width >= _WRAPPED and first.isalnum())


@lru_cache(maxsize=4)
def split(report: Report) -> tuple[Sentence, ...]:
    """The title as one sentence (if any), then the text's; over-long ones are cut at 1,500 characters."""
    sentences: list[Sentence] = []
    if report.title.strip():
        title = report.title[:_LONGEST]
        sentences.append(Sentence("title", 0, len(title), title, 0, 0))
    for number, (begin, finish) in enumerate(paragraphs(report.text), 1):
        paragraph = report.text[begin:finish]
        dateline = (
            (_DATELINE.match(paragraph) or _DASHED_STOP.match(paragraph))
            if number <= _DATELINE_PARAGRAPHS
            else None
        )
        for start, end in _cuts(paragraph):
            if dateline is not None and start < dateline.end() < end:
                start = dateline.end()
            for low in range(start, end, _LONGEST):
                text = paragraph[low : min(end, low + _LONGEST)]
                lead = len(text) - len(text.lstrip(_BULLETS))
                text = text[lead:].rstrip()
                if text:
                    at = begin + low + lead
                    sentences.append(Sentence("text", at, at + len(text), text, len(sentences), number))
    return tuple(sentences)
