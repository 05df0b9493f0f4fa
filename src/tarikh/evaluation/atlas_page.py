"""The error atlas as one HTML file that needs nothing else.

Invariant: everything of a report or a file is escaped; the page's policy lets only its own script and style run and
lets nothing be fetched; what it shows is there without the script, which only filters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any

from tarikh import __version__
from tarikh.evaluation.atlas import Atlas, Cause, Group
from tarikh.evaluation.coding import Trace
from tarikh.evaluation.misses import Miss
from tarikh.evaluation.words import PARTS, gold_spans, predicted_spans, text_of
from tarikh.exports.destination import Destination, encoded, opened
from tarikh.exports.page import policy
from tarikh.extract.sentences import split
from tarikh.model import Part, Report, Span

Row = Mapping[str, Any]
NOTICE = (
    "Made by Tarikh {version}. It holds the texts of the labelled reports: share it as you may share them."
)
LEGEND = (
    "<b>Records</b>: how many records would become right if this cause alone were mended; a missed mention counts at the share of "
    "found ones that are records. <b>Record F1</b>: what that would add. Causes overlap, so gains do not add up. "
    '<mark class="gold">Gold’s words</mark>, <mark class="coded">the coder’s</mark>, <mark class="both">both</mark>. '
    "A red edge: this alone keeps a record from being right."
)
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
_MOST_SENTENCES = 5


def write(atlas: Atlas, destination: Destination, title: str) -> None:
    """Writes the page. Raises `TarikhError` where the file cannot be written."""
    with opened(destination) as stream:
        stream.write(encoded(page(atlas, title)))


def page(atlas: Atlas, title: str) -> str:
    """The page's HTML."""
    style, script = _template("atlas.css"), _template("atlas.js")
    misses = [m for group in atlas.groups for m in group.whole.misses]
    languages = sorted({m.language for m in misses})
    fields = {
        "policy": escape(policy(style, script)),
        "title": escape(title),
        "style": style,
        "script": script,
        "figures": escape(_figures(atlas.figures)),
        "languages": "".join(f"<option>{escape(code)}</option>" for code in languages),
        "groups": "".join(f"<option>{escape(g.whole.name)}</option>" for g in atlas.groups),
        "count": str(len(misses)),
        "legend": LEGEND,
        "language_heads": "".join(f'<th scope="col">{escape(code)}</th>' for code in languages),
        "contents": "\n".join(_contents(atlas.groups, languages)),
        "sections": "\n".join(_section(n, group, atlas.rows) for n, group in enumerate(atlas.groups)),
        "reports": "\n".join(_report(trace) for _, trace in sorted(atlas.stories.items())),
        "notice": escape(NOTICE.format(version=__version__)),
    }
    # One pass: what is filled in is never searched for placeholders itself.
    return _PLACEHOLDER.sub(lambda found: fields[found[1]], _template("atlas.html"))


def _template(name: str) -> str:
    return Path(__file__).with_name("templates").joinpath(name).read_text(encoding="utf-8")


def _figures(figures: Row) -> str:
    record, mention = figures["record"], figures["mention"]
    return (
        f"{figures['reports']} reports, {figures['gold_mentions']} gold mentions, {figures['predicted_mentions']} coded; "
        f"mention F1 {mention['f1']:.3f} (P {mention['precision']:.3f}, R {mention['recall']:.3f}), record F1 {record['f1']:.3f}"
    )


# ---- table of contents -------------------------------------------------------------------------------------


def _contents(groups: Sequence[Group], languages: Sequence[str]) -> Iterator[str]:
    most = max((g.whole.gain for g in groups), default=0.0)
    for n, group in enumerate(groups):
        rows = [_row(group.whole, f"#g{n}", languages, most, "")]
        rows += [
            _row(cause, f"#g{n}c{k}", languages, most, f' data-cause="g{n}c{k}"')
            for k, cause in enumerate(group.causes)
        ]
        yield f'<tbody data-group="{escape(group.whole.name)}">{"".join(rows)}</tbody>'


def _row(cause: Cause, link: str, languages: Sequence[str], most: float, data: str) -> str:
    counts = "".join(f"<td>{cause.languages.get(code, 0) or ''}</td>" for code in languages)
    # An SVG's width is an attribute and no style, which the policy would refuse.
    width = max(0.0, 100 * cause.gain / most) if most > 0 else 0.0
    bar = f'<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width="{width:.1f}" height="8"/></svg>'
    return (
        f'<tr{data}><td><a href="{link}">{escape(cause.name)}</a></td><td>{len(cause.misses)}</td>{counts}'
        f"<td>{_number(cause.records)}</td><td>{_gain(cause.gain)}</td><td>{bar}</td></tr>"
    )


def _number(records: float) -> str:
    return "" if records == 0 else f"{records:.0f}" if records == int(records) else f"≈ {records:.1f}"


def _gain(gain: float) -> str:
    return "" if abs(gain) < 0.00005 else f"{gain:+.4f}"


# ---- misses ------------------------------------------------------------------------------------------------


def _section(n: int, group: Group, rows: Mapping[str, Row]) -> str:
    name = escape(group.whole.name)
    causes = "".join(_cause(f"g{n}c{k}", cause, rows) for k, cause in enumerate(group.causes))
    return (
        f'<section class="group" id="g{n}" data-group="{name}" aria-labelledby="g{n}t">'
        f'<h2 id="g{n}t">{name}</h2><p class="note">{_summary(group.whole)}</p>{causes}</section>'
    )


def _summary(cause: Cause) -> str:
    by_language = ", ".join(f"{escape(code)} {count}" for code, count in cause.languages.items())
    records, gain = _number(cause.records), _gain(cause.gain)
    cost = f"; {records or 'no'} records, record F1 {gain or 'unchanged'}"
    return f"{len(cause.misses)} misses ({by_language}){cost}"


def _cause(id: str, cause: Cause, rows: Mapping[str, Row]) -> str:
    # What alone keeps a record from being right comes first: it is the cheapest to win.
    ordered = sorted(cause.misses, key=lambda m: (-m.record, m.report))
    articles = "".join(_article(miss, rows[miss.report], cause.name) for miss in ordered)
    summary = f'{escape(cause.name)}<small><span class="left"></span>{_summary(cause)}</small>'
    return f'<details class="cause" id="{id}"><summary>{summary}</summary>{articles}</details>'


def _article(miss: Miss, row: Row, under: str) -> str:
    # A missed mention's other fields are not known.
    alone = bool(miss.record) and not miss.more
    flag = "<b>alone keeps a record from being right</b>" if alone else ""
    values = [
        ("cause", miss.cause if miss.cause != under else None),
        ("gold", miss.gold),
        ("coded", miss.predicted),
        ("why", miss.note or None),
    ]
    listed = "".join(
        f'<dt>{name}</dt><dd class="{name}">{escape(value)}</dd>'
        for name, value in values
        if value is not None
    )
    return (
        f'<article{" class=alone" if alone else ""} data-language="{escape(miss.language)}" data-group="{escape(miss.group)}"'
        f' data-alone="{int(alone)}"><p class="of"><a href="#{anchor(miss.report)}">{escape(miss.report)}</a>'
        f"<span>{escape(miss.language)}</span><span>published {escape(str(row.get('published') or 'on no known day'))}</span>"
        f"<span>{escape(str(row.get('source') or ''))}</span>{flag}</p><dl>{listed}</dl>{_sentences(miss, row)}</article>"
    )


def _sentences(miss: Miss, row: Row) -> str:
    """The sentences that hold the miss's words, with the words marked; without any words, none."""
    marks = (*miss.gold_spans, *miss.predicted_spans)
    report = Report(miss.report, text_of(row, "title"), text_of(row, "text"), miss.language)
    told = []
    for sentence in split(report):
        if any(s.part == sentence.part and s.start < sentence.end and sentence.start < s.end for s in marks):
            words = marked(
                row, sentence.part, (sentence.start, sentence.end), miss.gold_spans, miss.predicted_spans
            )
            told.append(f"{'<small>title</small> ' if sentence.part == 'title' else ''}{words}")
    more = f"\n<small>… and {len(told) - _MOST_SENTENCES} more</small>" if len(told) > _MOST_SENTENCES else ""
    return f"<blockquote>{chr(10).join(told[:_MOST_SENTENCES])}{more}</blockquote>" if told else ""


def marked(row: Row, part: Part, within: tuple[int, int], gold: Iterable[Span], coded: Iterable[Span]) -> str:
    """A stretch of a report as HTML with the spans marked; where gold's and the coder's overlap, as both."""
    low, high = within
    text = text_of(row, part)
    sides = [[(s.start, s.end) for s in spans if s.part == part] for spans in (gold, coded)]
    edges = {low, high, *(e for spans in sides for span in spans for e in span if low < e < high)}
    pieces = []
    for start, end in pairwise(sorted(edges)):
        of_gold, of_coded = (any(a <= start and end <= b for a, b in spans) for spans in sides)
        name = "both" if of_gold and of_coded else "gold" if of_gold else "coded" if of_coded else ""
        words = escape(text[start:end])
        pieces.append(f'<mark class="{name}">{words}</mark>' if name else words)
    return "".join(pieces)


# ---- reports -----------------------------------------------------------------------------------------------


def anchor(report: str) -> str:
    """A report's id as an id of the page: other people's ids may hold anything."""
    return "r-" + re.sub(r"[^A-Za-z0-9-]", lambda sign: f"_{ord(sign[0]):x}_", report)


def _report(trace: Trace) -> str:
    row, line = trace.row, trace.line
    gold = [s for m in row["mentions"] for s in gold_spans(row, m).get("trigger", ())]
    coded = [s for m in line["mentions"] for s in predicted_spans(m).get("trigger", ())]
    name = str(row["id"])
    parts = [marked(row, part, (0, len(text_of(row, part))), gold, coded) for part in PARTS]
    head = " · ".join(
        escape(str(row.get(key))) for key in ("language", "published", "source") if row.get(key)
    )
    return (
        f'<details id="{anchor(name)}"><summary>{escape(name)} <small>{head}</small></summary>'
        f'<div class="text"><b>{parts[0]}</b>\n\n{parts[1]}</div></details>'
    )
