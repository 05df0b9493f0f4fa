"""Reports that people coded, coded again and laid beside: what can be fitted, and what can be scored, in plain records.

Invariant: a report's labels are cut off before it is coded, and reports of one text are in one fold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from tarikh import pipeline, reference
from tarikh.errors import UsageError
from tarikh.evaluation import read_rows
from tarikh.evaluation.coding import documents
from tarikh.evaluation.gold import pair_mentions
from tarikh.exports.gold_form import report_line
from tarikh.extract.coder import Signs
from tarikh.gazetteer import open_index
from tarikh.model import Aspect, Problem, Status
from tarikh.outcomes import Outcome, Rules
from tarikh.reference import trained
from tarikh.resolve.aspect import day_signs
from tarikh.resolve.confidence import curve_of

Row = Mapping[str, Any]
SAME: Mapping[str, str] = {
    "kind": "kind",
    "date": "date",
    "place": "place10",
    "attackers": "attackers",
    "targets": "targets",
    "status": "status",
    "aspect": "aspect",
    "harm.killed": "killed_best",
    "harm": "injured_best",
}
"""Each field that has a curve: what of a comparison with gold says whether it is right."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A mention of gold, by its number in its report, that was found, with what the coder said of it.

    `signs` are the names of what its telling shows, those of its day among the aspect's; None where the reader alone found it.
    """

    report: str
    number: int
    gold: tuple[str, str]
    coded: tuple[str, str]
    signs: Signs | None


@dataclass(frozen=True, slots=True)
class Sure:
    """A field that was coded: its raw confidence, and whether it is what gold says."""

    report: str
    field: str
    raw: float
    right: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """One report beside gold, or why it could not be coded."""

    report: str
    pairs: tuple[Pair, ...] = ()
    sure: tuple[Sure, ...] = ()
    problem: str = ""


def fold_of(report: str, folds: int) -> int:
    """The fold of a report: by its id alone, whatever else is given and in which order."""
    return int(hashlib.sha256(report.encode()).hexdigest()[:12], 16) % folds


# ---- reading -----------------------------------------------------------------------------------------------------


def labelled(files: Iterable[Path]) -> list[Row]:
    """The reports of some files with the mentions that people gave them, in the order of their first line.

    Text and mentions may stand in two files, and are put together by the id: reports in one, and in the other the lines of
    `tarikh code` that somebody corrected. Raises `UsageError` where a line is none, a label is none of the codebook's, two
    lines of one report contradict each other, or mentions have no text.
    """
    found: dict[str, dict[str, Any]] = {}
    for path in files:
        for row in read_rows(path, labelled=False):
            if row.get("id") is None:
                raise UsageError(
                    f"{path}: a report without an id cannot be told from others; give each line one"
                )
            if isinstance(row.get("problem"), dict):
                continue  # a line of a report that could not be coded: nobody said that it tells of nothing
            known = found.setdefault(str(row["id"]), {"id": str(row["id"])})
            _put(known, row, path)
    rows = [row for row in found.values() if "mentions" in row]
    bare = [row["id"] for row in rows if not str(row.get("text") or "").strip()]
    if bare:
        raise UsageError(
            f"{len(bare)} coded reports have no text (the first: {bare[0]}); name the file of the reports as well"
        )
    return _once(rows)


_WORDS = ("text", "title", "source", "language", "published", "url")


def _put(known: dict[str, Any], row: Row, path: Path) -> None:
    for key, value in row.items():
        if key == "id" or value is None:
            continue
        if key in _WORDS and not isinstance(value, str):
            raise UsageError(
                f"{path}: {key} of report {row['id']} must be text, not {reference.shown(value)}"
            )
        if key == "mentions":
            value = _checked(value, f"{path}: report {row['id']}")
        if key in ("text", "mentions") and known.get(key, value) != value:
            raise UsageError(
                f"{path}: report {row['id']} is given twice with another {key}; leave one of them out"
            )
        known[key] = value


def _checked(mentions: object, where: str) -> list[Row]:
    if not isinstance(mentions, list) or not all(isinstance(m, dict) for m in mentions):
        raise UsageError(f"{where}: mentions must be a list of objects (codebook, section 10)")
    kinds = [kind.name for kind in reference.kinds()]
    for number, mention in enumerate(mentions, 1):
        for key, values in (("kind", kinds), ("status", get_args(Status)), ("aspect", get_args(Aspect))):
            if mention.get(key) not in values:
                raise UsageError(
                    f"{where}: {key} of mention {number} is {reference.shown(mention.get(key))};"
                    f" write one of {', '.join(values)}"
                )
        fault = _fault(mention)
        if fault is not None:
            raise UsageError(f"{where}: {fault[0]} of mention {number} {fault[1]}")
    return mentions


def _fault(mention: Row) -> tuple[str, str] | None:
    """The first field that cannot be laid beside another, and what it must be."""
    for key in ("date_start", "date_end"):
        if not isinstance(mention.get(key), str | None):
            return key, 'must be a day such as "2025-03-14", or null'
    for key in ("attackers", "targets"):
        if not isinstance(mention.get(key), list | None):
            return key, "must be a list of names"
    harm = mention.get("harm") or {}
    if not isinstance(harm, dict) or not all(v is None or _interval(v) for v in harm.values()):
        return "harm", 'must have counts such as {"killed": [5, 5, null]}'
    return None


def _interval(value: object) -> bool:
    return isinstance(value, list) and len(value) == 3 and all(isinstance(v, int | None) for v in value)


def _once(rows: Iterable[Row]) -> list[Row]:
    """Without reports of a text that was given before: one in the fold that is left out would have been learned."""
    texts: dict[str, Row] = {}
    for row in rows:
        texts.setdefault(" ".join(str(row["text"]).split()), row)
    return list(texts.values())


# ---- coding ------------------------------------------------------------------------------------------------------


def beside(
    rows: Sequence[Row], rules: Rules, parts: Callable[[str], trained.Parts], tick: Callable[[], None]
) -> Iterator[Beside]:
    """Each report coded with the parts that its id gives, and laid beside gold."""
    gazetteer = open_index(rules.gazetteer)
    for row, outcome in zip(rows, pipeline.read(documents(rows), rules), strict=True):
        with trained.using(parts(str(row["id"]))):
            yield _beside(row, outcome, gazetteer)
        tick()


def _beside(row: Row, outcome: Outcome, gazetteer: Any) -> Beside:
    report = str(row["id"])
    if outcome.report is None:
        return Beside(report, problem=outcome.problem.reason if outcome.problem else "it was not read")
    traced = pipeline.traced_safely(outcome.report, gazetteer)
    if isinstance(traced, Problem):
        return Beside(report, problem=traced.reason)
    told = report_line(report, traced.mentions, {})["mentions"]
    pairs, matched = [], {}
    for i, j, same in pair_mentions(row["mentions"], told):
        gold, mention = row["mentions"][i], traced.mentions[j]
        matched[j] = same | {"kind": gold["kind"] == mention.kind}
        signs = traced.extraction.signs.get(mention.id)
        if signs is not None:
            days = day_signs(mention, traced.mentions)
            signs = Signs(signs.status, signs.aspect | days)
        values = (str(mention.status), str(mention.aspect))
        pairs.append(Pair(report, i, (gold["status"], gold["aspect"]), values, signs))
    sure = [s for j, m in enumerate(told) for s in _sure(report, m, matched.get(j))]
    return Beside(report, tuple(pairs), tuple(sure))


def _sure(report: str, mention: Row, same: Mapping[str, bool] | None) -> Iterator[Sure]:
    """The fields of a mention; of one that is no mention of gold its kind, which is wrong."""
    for field, raw in mention["confidence"].items():
        name = curve_of(field)
        if field.startswith("harm.") and field not in ("harm.killed", "harm.injured"):
            continue
        if name in SAME and (same is not None or name == "kind"):
            yield Sure(report, name, float(raw), same is not None and same[SAME[name]])
