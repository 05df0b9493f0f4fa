"""Every miss on a labelled report with its cause, by the alignment that the scorer uses.

Invariant: a gold mention that the scorer finds missed, a coded one that it finds invented and a field that it finds
wrong is a miss here exactly once; a missed and an invented one that tell the same event are one miss.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tarikh.evaluation import gold as scorer
from tarikh.evaluation.causes import IN_RECORD, causes, turned, value
from tarikh.evaluation.coding import Trace
from tarikh.evaluation.matching import best_pairs
from tarikh.evaluation.words import gold_spans, predicted_spans
from tarikh.extract.explain import Explanation, Heard, Told
from tarikh.model import Span

Row = Mapping[str, Any]
_FIELD_WORDS: Mapping[str, tuple[str, ...]] = {
    "kind": (),
    "date": ("date",),
    "place": ("place",),
    "precision": ("place",),
    "date and place": ("date", "place"),
    "attackers": ("attackers",),
    "targets": ("targets",),
    "killed": ("killed", "harm.killed"),
    "killed bounds": ("killed", "harm.killed"),
    "injured": ("injured", "harm.injured"),
    "status": ("status", "attribution"),
    "aspect": ("aspect", "date"),
}


@dataclass(frozen=True, slots=True)
class Miss:
    """One miss: gold's and the coder's value with their words, and what mending it alone would change.

    `record`: how many records would become right; `fewer`: how many coded mentions would go; `more`: would come.
    """

    report: str
    language: str
    group: str
    cause: str
    gold: str | None
    predicted: str | None
    gold_spans: tuple[Span, ...] = ()
    predicted_spans: tuple[Span, ...] = ()
    note: str = ""
    record: int = 0
    fewer: int = 0
    more: int = 0


@dataclass(frozen=True, slots=True)
class _Report:
    """A trace aligned: matched pairs and what is left on either side."""

    trace: Trace
    gold: Sequence[Row]
    predicted: Sequence[Row]
    pairs: Sequence[tuple[int, int, Mapping[str, bool]]]
    words: Sequence[Mapping[str, tuple[Span, ...]]]

    @property
    def missed(self) -> list[int]:
        found = {i for i, _, _ in self.pairs}
        return [i for i in range(len(self.gold)) if i not in found]

    @property
    def invented(self) -> list[int]:
        found = {j for _, j, _ in self.pairs}
        return [j for j in range(len(self.predicted)) if j not in found]

    def miss(self, group: str, cause: str, i: int | None, j: int | None, **more: Any) -> Miss:
        row = self.trace.row
        gold = self.gold[i] if i is not None else None
        coded = self.predicted[j] if j is not None else None
        names = (
            "trigger",
            *_FIELD_WORDS.get(group, _counted(gold, coded) if group == "other counts" else _ALL),
        )
        return Miss(
            str(row["id"]),
            str(row.get("language")),
            group,
            cause,
            value(gold, group) if gold is not None else None,
            value(coded, group) if coded is not None else None,
            _chosen(self.words[i], names) if i is not None else (),
            _chosen(predicted_spans(coded), names) if coded is not None else (),
            **more,
        )


_ALL = ("attackers", "targets", "date", "place")


def _counted(*rows: Row | None) -> tuple[str, ...]:
    names = {what for row in rows if row is not None for what in row.get("harm") or ()}
    return tuple(sorted(names | {f"harm.{name}" for name in names}))


def _chosen(spans: Mapping[str, Sequence[Span]], names: Sequence[str]) -> tuple[Span, ...]:
    return tuple(sorted({span for name in names for span in spans.get(name, ())}))


def misses(trace: Trace) -> list[Miss]:
    """The misses of one report."""
    gold, predicted = trace.row["mentions"], trace.line["mentions"]
    words = [gold_spans(trace.row, mention) for mention in gold]
    report = _Report(trace, gold, predicted, scorer.pair_mentions(gold, predicted), words)
    found = [miss for i, j, same in report.pairs for miss in _of_pair(report, i, j, same)]
    met = _counterparts(report)
    found += [_displaced(report, i, j) for i, j in met]
    taken = {i for i, _ in met}, {j for _, j in met}
    found += [_missed(report, i) for i in report.missed if i not in taken[0]]
    return found + [_invented(report, j) for j in report.invented if j not in taken[1]]


def _of_pair(report: _Report, i: int, j: int, same: Mapping[str, bool]) -> Iterator[Miss]:
    found = list(causes(report.gold[i], report.predicted[j], same))
    needed = {group for group, _ in found if group in IN_RECORD}
    for group, cause in found:
        note = _why(report, j, group)
        yield report.miss(group, cause, i, j, note=note, record=int(needed == {group}))


_EVIDENCE = {
    "killed": "harm.killed",
    "injured": "harm.injured",
    "killed bounds": "harm.killed",
    "precision": "place",
}
_CANDIDATES = 4


def _why(report: _Report, j: int, group: str) -> str:
    """The coder's reason for a field that is wrong, how sure it was, and what it weighed and did not take."""
    evidence = report.trace.mentions[j].evidence.get(_EVIDENCE.get(group, group))
    if evidence is None:
        return ""
    weighed = "; ".join(c.value for c in evidence.rejected[:_CANDIDATES])
    parts = (evidence.reason, f"{evidence.confidence:.2f} sure", weighed and f"weighed as well: {weighed}")
    return " · ".join(part for part in parts if part)


# ---- one event that the scorer does not pair ---------------------------------------------------------------


def _counterparts(report: _Report) -> list[tuple[int, int]]:
    """Missed and invented mentions that tell the same event: gold's trigger led there, or most fields agree."""
    missed, invented = report.missed, report.invented
    weights = [[_kinship(report, i, j) for j in invented] for i in missed]
    return [(missed[a], invented[b]) for a, b in best_pairs(weights)] if invented else []


_ENOUGH = 6
"""Fields of twelve that two mentions of different families share where they tell one event."""


def _kinship(report: _Report, i: int, j: int) -> float:
    gold, coded = report.gold[i], report.predicted[j]
    same = scorer.compare(gold, coded)
    agreeing = sum(same[name] for name in scorer.FIELDS)
    heard = _heard_at(report.trace.story, report.words[i].get("trigger", ()))
    led = any(h.mention == report.trace.mentions[j].id for h in heard)
    alike = (scorer.overlapping(gold, coded) or same["place50"]) and agreeing >= _ENOUGH
    return agreeing + 6.0 * led if led or alike else 0.0


def _displaced(report: _Report, i: int, j: int) -> Miss:
    """A miss that the scorer counts twice: the kind is of another family, or neither date nor place is near."""
    gold, coded = report.gold[i], report.predicted[j]
    same = scorer.compare(gold, coded)
    needed = {group for group, _ in causes(gold, coded, same) if group in IN_RECORD}
    families = scorer.families()
    if families.get(gold["kind"]) != families.get(str(coded.get("kind"))):
        group, cause, mended = "kind", turned(gold["kind"], coded.get("kind")), {"kind"}
    else:
        group, cause, mended = "date and place", "neither is near gold", {"date", "place"}
    note = "too far from gold to be paired: counts as missed and as invented"
    return report.miss(group, cause, i, j, note=note, record=int(needed <= mended))


# ---- missed ------------------------------------------------------------------------------------------------


def _heard_at(story: Explanation | None, spans: Sequence[Span]) -> list[Heard]:
    """The triggers at gold's trigger words."""
    heard = [h for told in story.sentences for h in told.triggers] if story is not None else []
    return [h for h in heard for s in spans if h.span.overlaps(s)]


def _sentence_of(story: Explanation, spans: Sequence[Span]) -> Told | None:
    return next((told for told in story.sentences for s in spans if told.span.overlaps(s)), None)


def _missed(report: _Report, i: int) -> Miss:
    group, cause, note = _why_missed(report, i)
    return report.miss(group, cause, i, None, note=note, record=1, more=1)


def _why_missed(report: _Report, i: int) -> tuple[str, str, str]:
    story = report.trace.story
    if story is None:
        return (
            "unread",
            _plain((report.trace.problem or "not read").partition(";")[0]),
            report.trace.problem or "",
        )
    if not story.passed:
        return "gate", "the report was never parsed", story.gate
    spans = report.words[i].get("trigger", ())
    told = _sentence_of(story, spans)
    if told is None:
        return "trigger", "gold's words are not found in the report", ""
    if told.verdict == "unrelated":
        return "gate", "its passage was taken for other news", told.reason
    if told.verdict == "no_word":
        return "trigger", "no word of its sentence is in the lexicon", told.reason
    if told.verdict == "cold":
        return "trigger", "its sentence leaves the reader cold", told.reason
    heard = _heard_at(story, spans)
    others = ", ".join(f"“{h.words}” {_went(report, h)}" for h in told.triggers)
    if not heard:
        return (
            "trigger",
            "its word is not in the lexicon",
            f"in its sentence: {others or 'no trigger at all'}",
        )
    home = next((h for h in heard if h.mention is not None), None)
    if home is not None:
        return "trigger", "swallowed by a neighbor", _went(report, home)
    first = heard[0]
    sort = "refused" if first.act is None else "dropped"
    return "trigger", f"{sort}: {_plain(first.reason)}", f"“{first.words}”: {first.reason}"


def _plain(reason: str) -> str:
    """A reason without the words of its report, so that like reasons are one cause."""
    return re.sub(r"“[^”]*”", "“…”", reason)


def _went(report: _Report, heard: Heard) -> str:
    if heard.mention is None:
        return f"({heard.reason})"
    ids = [mention.id for mention in report.trace.mentions]
    return f"→ {value(report.predicted[ids.index(heard.mention)], 'mention')}" if heard.mention in ids else ""


# ---- invented ----------------------------------------------------------------------------------------------


def _invented(report: _Report, j: int) -> Miss:
    return report.miss("invented", _why_invented(report, j), None, j, fewer=1)


def _why_invented(report: _Report, j: int) -> str:
    coded = report.predicted[j]
    if not report.gold:
        return "a report without incidents"
    families = scorer.families()
    for i, gold in enumerate(report.gold):
        near = scorer.overlapping(gold, coded) and scorer.same_place(gold, coded, 50)
        if near and families.get(gold["kind"]) == families.get(str(coded.get("kind"))):
            return "a found one again" if i not in report.missed else "beside a missed one of its family"
    if coded.get("aspect") == "background":
        return "nothing in gold: background"
    return "nothing in gold"
