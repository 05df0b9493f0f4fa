"""Sentences of a report, by rule, so that only those that can matter are ever parsed.

Invariant: a sentence's text is exactly the report's characters between its start and end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

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


_PARAGRAPH = re.compile(r"[^\n]+")
_END = re.compile(r"(?<=[.!?…])[\"'”’»)\]]*\s+(?=[\"'“‘«(\[—–•-]*\s*[A-ZÀ-ÖØ-Þ0-9])")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"“«])(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|Gen|Lt|Col|Maj|Capt|Sgt|Cpl|Brig|Adm|Rev|Hon|Sen|Gov|St|Mt|No|Nos|vs|etc|approx|Jan|Feb|Mar|Apr"
    r"|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|U\.S|U\.N|U\.K|a\.m|p\.m|i\.e|e\.g|M|MM|Mme|Mlle|env|Ltd|Inc)\.$"
)
_LONGEST = 1500
_DATELINE = re.compile(
    r"\s*[A-ZÀ-Þ][A-ZÀ-Þ'’.\-]{2,}(?:[ /][A-ZÀ-Þ][A-ZÀ-Þ'’.\-]*){0,4}"  # MOGADISHU, PORT SUDAN, BEIRUT/JERUSALEM
    r"(?:, [A-ZÀ-Þ][\w'’.\-]*(?: [A-ZÀ-Þ][\w'’.\-]*){0,4})?"  # ", Democratic Republic of …", ", Sept"
    r"(?:,? ?\d{1,2}(?: [A-Z]\w{2,8})?)?(?:,? \d{4})?(?: ?\([^)\n]{1,40}\))? ?(?:—|–|-{1,2}|:) +(?=\S)"
)
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


def split(report: Report) -> list[Sentence]:
    """The title as one sentence (if any), then the text's; over-long ones are cut at 1,500 characters."""
    sentences: list[Sentence] = []
    if report.title.strip():
        sentences.append(Sentence("title", 0, len(report.title), report.title, 0, 0))
    for number, paragraph in enumerate(_PARAGRAPH.finditer(report.text), 1):
        dateline = _DATELINE.match(paragraph.group()) if number <= _DATELINE_PARAGRAPHS else None
        for start, end in _cuts(paragraph.group()):
            if dateline is not None and start < dateline.end() < end:
                start = dateline.end()
            for low in range(start, end, _LONGEST):
                text = paragraph.group()[low : min(end, low + _LONGEST)]
                lead = len(text) - len(text.lstrip())
                text = text.strip()
                if text:
                    at = paragraph.start() + low + lead
                    sentences.append(Sentence("text", at, at + len(text), text, len(sentences), number))
    return sentences
