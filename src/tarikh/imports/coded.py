"""Reports coded elsewhere, in the codebook's form (section 10): one JSON line a report, its mentions with words and spans.

Invariant: a line is taken whole or is a `Problem`; spans are those of the line, or of its words where they stand in the text;
words that the text does not hold are told and never kept as if it did.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from tarikh import reading, reference
from tarikh.errors import SourceError, UnknownIdError, UsageError
from tarikh.extract import details, terms
from tarikh.imports.opening import STAGE, UNREADABLE, lines
from tarikh.link import correction_value, printed
from tarikh.model import (
    HARMS,
    LOCATED,
    Aspect,
    Count,
    Document,
    Evidence,
    Mention,
    Problem,
    Report,
    Span,
    When,
    Where,
    stable_id,
)
from tarikh.sources.records import sound
from tarikh.store import Brought

ReportOf = Callable[[str], Report]
"""The report of an id that a file gave it, or of its own; raises `UnknownIdError`."""

KEYS = (
    *("incident", "kind", "status", "aspect", "attackers", "targets", "date_start", "date_end"),
    *("date_precision", "country", "admin1", "admin2", "place", "latitude", "longitude", "place_precision"),
    *("harm", "trigger", "attribution", "words", "confidence", "spans", "place_in_gazetteer"),
)
"""What a mention may hold. `incident` is read and not kept: linking and people say what is one incident; nor is
`place_in_gazetteer`, a mark for scorers."""
_FIELDS = ("kind", "attackers", "targets", "date", "place", "attribution", "status", "aspect")
_SURE = 0.9
"""How sure a field is that somebody coded without saying how sure."""
_MOST = 1_000
"""Mentions of one report."""
_BETWEEN = " … "


def coder_of(name: str) -> str:
    """The name under which a person's coding is kept."""
    return f"person:{name}"


def check(path: Path) -> None:
    """Raises `SourceError` where a file does not begin with a coded report."""
    for number, text in lines(path):
        row = None if text is None else _json(text)
        if not isinstance(row, dict) or not isinstance(row.get("mentions"), list):
            raise SourceError(
                f"{path}:{number}: is no coded report; each line is a JSON object with id and mentions, as tarikh code"
                " writes it (docs/imports.md)"
            )
        return
    raise SourceError(f"{path} is empty; give JSON lines as tarikh code writes them")


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def read(path: Path, coder: str, report_of: ReportOf, today: date) -> Iterator[Brought | Problem]:
    """The coded reports of a file in their order, or the problem of each line that is none."""
    for number, text in _to_the_damage(path):
        origin = f"{path}:{number}"
        if isinstance(text, Problem):
            yield text
            continue
        given = None
        try:
            row = _object(text)
            given = _id(row.get("id"), number)
            report = _report(row, given, origin, report_of, today)
            yield Brought(report, coder, mentions(row["mentions"], report, coder), printed(report))
        except (ValueError, UsageError, UnknownIdError) as error:
            yield Problem(STAGE, str(error), origin, number, given)


def _id(value: Any, number: int) -> str:
    """The id of a report, by the rules of `tarikh code`: a line without one is called by its number."""
    if value is None:
        return f"line-{number}"
    if isinstance(value, bool) or not isinstance(value, str | int) or len(str(value)) > 300:
        raise ValueError("its id must be a short text or a whole number")
    return sound(str(value))


def _to_the_damage(path: Path) -> Iterator[tuple[int, str | Problem | None]]:
    try:
        yield from lines(path)
    except SourceError as error:
        yield 0, Problem(STAGE, f"{error}; the lines before it were taken", str(path))


def _object(text: str | None) -> Mapping[str, Any]:
    if text is None:
        raise ValueError(UNREADABLE)
    try:
        row = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is not JSON, or cut off: {error}") from None
    if not isinstance(row, dict) or not isinstance(row.get("mentions"), list):
        raise ValueError("is no object with a list of mentions")
    if len(row["mentions"]) > _MOST:
        raise ValueError(f"has {len(row['mentions']):,} mentions; a report has at most {_MOST:,}")
    if isinstance(row.get("problem"), dict):
        raise ValueError(
            f"says that the report could not be coded: {row['problem'].get('reason', '')!s:.200}"
        )
    return row


def _report(row: Mapping[str, Any], given: str, origin: str, report_of: ReportOf, today: date) -> Report:
    """The report that a line brings, or names."""
    if row.get("text") is None:
        try:
            return report_of(given)
        except UnknownIdError:
            raise UnknownIdError(
                f"names the report {given!a} and brings no text, and no such report is here; add it first with tarikh"
                " add, or name the file that holds it with --reports"
            ) from None
    told = {name: row.get(name) for name in ("title", "text", "published", "source", "language", "url")}
    wrong = next(
        (name for name, value in told.items() if value is not None and not isinstance(value, str)), None
    )
    if wrong is not None:
        raise ValueError(f"{wrong} must be text")
    document = Document(origin, told.pop("text") or "", id=given, **told)
    made = reading.report(document, today, None, reference.languages())
    if isinstance(made, Problem):
        raise ValueError(made.reason)
    return made


# ---- mentions ----------------------------------------------------------------------------------------------


def mentions(rows: Sequence[Any], report: Report, coder: str) -> tuple[Mention, ...]:
    """The mentions of a report's line. Raises `ValueError` or `UsageError` with the number of the one that is wrong."""
    found = []
    for number, row in enumerate(rows, 1):
        try:
            found.append(_mention(row, report, coder, number))
        except (ValueError, UsageError, TypeError) as error:
            raise ValueError(f"mention {number}: {error}") from None
    names = details.detailed(found, report)
    words = terms.termed(found, report)
    return tuple(
        replace(each, details=own, terms=its) for each, own, its in zip(found, names, words, strict=True)
    )


def _mention(row: Any, report: Report, coder: str, number: int) -> Mention:
    if not isinstance(row, dict):
        raise ValueError("is no object")
    unknown = next((key for key in row if key not in KEYS), None)
    if unknown is not None:
        near = difflib.get_close_matches(str(unknown), KEYS, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(KEYS)}"
        raise ValueError(f"there is no field {unknown!r:.60}; {hint}")
    harm = _harm(row.get("harm"))
    evidence = _evidence(row, report, harm)
    trigger = _text(row, "trigger") or ""
    return Mention(
        id=stable_id("m", report.id, coder, number, json.dumps(row, sort_keys=True)),
        report_id=report.id,
        coder=coder,
        kind=correction_value("kind", row.get("kind")),
        status=correction_value("status", row.get("status", "reported")),
        aspect=_aspect(row.get("aspect", "new")),
        attackers=correction_value("attackers", row.get("attackers") or []),
        targets=correction_value("targets", row.get("targets") or []),
        when=_when(row),
        where=_where(row),
        harm=harm,
        attribution=_text(row, "attribution"),
        trigger=trigger,
        evidence=evidence,
        published=report.published,
        source=report.source,
        language=report.language,
    )


def _text(row: Mapping[str, Any], name: str) -> str | None:
    value = row.get(name)
    if value is None or isinstance(value, str):
        return value or None
    raise ValueError(f"{name} must be text")


def _aspect(value: Any) -> Aspect:
    if value not in ("new", "background"):
        raise ValueError(f"aspect is {value!r:.40}; it is new or background")
    return "new" if value == "new" else "background"


def _when(row: Mapping[str, Any]) -> When:
    start, end, precision = (row.get(name) for name in ("date_start", "date_end", "date_precision"))
    if start is None:
        return When()
    value = {"start": start, "end": end, **({"precision": precision} if precision is not None else {})}
    found: When = correction_value("date", value)
    return replace(found, basis="")


def _where(row: Mapping[str, Any]) -> Where:
    names = ("country", "admin1", "admin2", "place", "latitude", "longitude")
    value = {name: row[name] for name in names if row.get(name) not in (None, "")}
    precision = row.get("place_precision") or "unknown"
    found: Where = correction_value("place", {**value, "precision": precision})
    if precision in LOCATED and found.place is None:
        raise ValueError(f"place_precision is {precision} and no place is named")
    return found


def _harm(value: Any) -> dict[str, Count]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError("harm must be an object of counts")
    other = next((name for name in value if name not in HARMS), None)
    if other is not None:
        raise ValueError(f"there is no count {other!r:.40}; there are: {', '.join(HARMS)}")
    found = {
        name: correction_value(f"harm.{name}", value[name]) for name in HARMS if value.get(name) is not None
    }
    return {name: count for name, count in found.items() if count.known()}


# ---- evidence ----------------------------------------------------------------------------------------------


def _evidence(row: Mapping[str, Any], report: Report, harm: Mapping[str, Count]) -> dict[str, Evidence]:
    words, sure, spans = (_mapping(row, name) for name in ("words", "confidence", "spans"))
    fields = dict.fromkeys(
        ("kind", *(_field(n) for n in (*sure, *spans, *words)), *(f"harm.{w}" for w in harm))
    )
    known = {"trigger", *_FIELDS, *(f"harm.{what}" for what in HARMS)}
    other = next((name for name in fields if name not in known), None)
    if other is not None:
        raise ValueError(f"words, spans and confidence name a field {other!r:.40} that there is not")
    found = {}
    for field in fields:
        bare = "trigger" if field == "kind" else field.removeprefix("harm.")
        said = words.get(bare) or (row.get("trigger") if field == "kind" else None)
        told = spans.get("trigger" if field == "kind" else field)
        at = _given(told, report) if told is not None else _located(said, report)
        confidence = sure.get(field, sure.get("trigger") if field == "kind" else None)
        reason = "" if at or not said else "its words are not in the text as it is here"
        told_words = tuple(report.words(span) for span in at)
        if told is not None and isinstance(said, str) and _located(said, report):
            told_words = tuple(said.split(_BETWEEN))  # spans may cover more than the words that tell it
        found[field] = Evidence(at, told_words, _share(confidence), reason)
    return found


def _field(name: str) -> str:
    """The name of the evidence that a key of words, spans or confidence speaks of."""
    return "kind" if name == "trigger" else f"harm.{name}" if name in HARMS else name


def _mapping(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = row.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError(f"{name} must be an object by field")
    return value


def _share(value: Any) -> float:
    if value is None:
        return _SURE
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(f"a confidence is {value!r:.40}; it is a number from 0 to 1")
    return float(value)


def _given(told: Any, report: Report) -> tuple[Span, ...]:
    if not isinstance(told, list):
        raise ValueError("spans are lists of {in, start, end}")
    return tuple(_span(each, report) for each in told)


def _span(each: Any, report: Report) -> Span:
    if (
        not isinstance(each, dict)
        or set(each) != {"in", "start", "end"}
        or each["in"] not in ("title", "text")
    ):
        raise ValueError(f'a span is {{"in": "title" or "text", "start": …, "end": …}}, not {each!r:.60}')
    start, end = each["start"], each["end"]
    length = len(report.title if each["in"] == "title" else report.text)
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= length:
        raise ValueError(
            f"a span from {start!r:.20} to {end!r:.20} is not within the {each['in']} of {length:,} characters"
        )
    return Span(each["in"], start, end)


def _located(said: Any, report: Report) -> tuple[Span, ...]:
    """Where words stand first, in the text or else the title; several parts have an ellipsis between them."""
    if said is None:
        return ()
    if not isinstance(said, str):
        raise ValueError("words must be text by field")
    parts = [part for part in said.split(_BETWEEN) if part.strip()]
    found = [span for part in parts if (span := _first(part, report)) is not None]
    return tuple(found) if len(found) == len(parts) else ()


def _first(part: str, report: Report) -> Span | None:
    for name, text in (("text", report.text), ("title", report.title)):
        start = text.find(part)
        if start >= 0:
            return Span(name, start, start + len(part))  # type: ignore[arg-type]
    return None
