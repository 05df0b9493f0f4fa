"""People's judgements, corrections and decisions as a file for another Tarikh: JSON lines under a first line that says what it is.

Invariant: no word of a report is in it; a mention is named by id, report and where its trigger stands. A file is read whole and
checked whole before anything of it is used: a newer format, a cut, an unknown field are a `SourceError` with file and line.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from tarikh import __version__
from tarikh.accounts import checked_name
from tarikh.errors import SourceError, UsageError
from tarikh.imports.opening import UNREADABLE, lines
from tarikh.link import correction_value
from tarikh.model import Correction, Decision, Judgement, Mention, Span, Verdict
from tarikh.review import author, checked_note
from tarikh.store import Act
from tarikh.store.json_form import any_from_json, any_to_json
from tarikh.store.succession import trigger_spans

FORMAT = 1
"""Rises when a reader of before would misread a file."""
MARK = "tarikh_review"
HERE = "@"
"""Between a person's name and the Tarikh where it was said: user:ana@geneva."""
MOST = 200_000
"""Rows of one file."""

What = Literal["judgement", "correction", "decision"]
_HEAD = (MARK, "from", "made", "software", "rows")
_COMMON = ("row", "what", "by", "at", "note", "withdrawn_at", "withdrawn_by", "mentions")
_OWN: Mapping[str, tuple[str, ...]] = {
    "judgement": ("verdict",),
    "correction": ("field", "value"),
    "decision": ("verdict", "seen"),
}
_REF = ("id", "report", "coder", "kind", "spans")


@dataclass(frozen=True, slots=True)
class Ref:
    """A mention of another database: its id, its report's, its coder and kind, and the code points of its trigger."""

    id: str
    report: str
    coder: str
    kind: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """What one person said there. `said` is a verdict or the checked value of `field`; `line` is where it stands."""

    row: str
    what: What
    by: str
    at: datetime
    note: str
    mentions: tuple[Ref, ...]
    said: Any
    field: str = ""
    seen: tuple[Ref, ...] = ()
    withdrawn_by: str | None = None
    withdrawn: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class Portable:
    """A file that was read: the name of the Tarikh that wrote it, with which version, and the rows, oldest first."""

    origin: str
    software: str
    rows: tuple[Row, ...]


# ---- writing -------------------------------------------------------------------------------------------------


def head(origin: str, rows: int, made: datetime) -> dict[str, Any]:
    """The first line of a file."""
    told = (FORMAT, checked_name(origin), made.isoformat(), f"tarikh {__version__}", rows)
    return dict(zip(_HEAD, told, strict=True))


def entry(act: Act, mentions: Mapping[str, Mention]) -> dict[str, Any]:
    """The line of one row of a person."""
    record = act.record
    taken = record.withdrawn_at
    line: dict[str, Any] = {
        "row": act.row,
        "what": _what(record),
        "by": act.by,
        "at": act.at.isoformat(),
        "note": act.note,
        "withdrawn_at": None if taken is None else taken.isoformat(),
        "withdrawn_by": act.withdrawn_by,
        "mentions": [_ref(mentions[key]) for key in act.mentions],
    }
    if isinstance(record, Correction):
        return {**line, "field": record.field, "value": any_to_json(record.value)}
    line["verdict"] = record.verdict
    if isinstance(record, Decision):
        line["seen"] = [_ref(mentions[key]) for key in record.seen if key in mentions]
    return line


def _what(record: Judgement | Correction | Decision) -> What:
    if isinstance(record, Judgement):
        return "judgement"
    return "correction" if isinstance(record, Correction) else "decision"


def _ref(mention: Mention) -> dict[str, Any]:
    spans = [{"in": s.part, "start": s.start, "end": s.end} for s in trigger_spans(mention)]
    told = (mention.id, mention.report_id, mention.coder, mention.kind, spans)
    return dict(zip(_REF, told, strict=True))


# ---- reading -------------------------------------------------------------------------------------------------


def read(path: Path) -> Portable:
    """The rows of a file. Raises `SourceError` that names the line, where any of it is not as `tarikh review export` writes it."""
    found: list[Row] = []
    top: Mapping[str, Any] | None = None
    last = 0
    for number, text in lines(path):
        last = number
        try:
            row = _object(text)
            if top is None:
                top = _head(row)
            else:
                found.append(_row(row, number))
            if len(found) > MOST:
                raise ValueError(f"there are more than {MOST:,} rows; export fewer, by --by NAME")
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, UsageError) as error:
            told = (
                str(error)
                if isinstance(error, ValueError | UsageError)
                else f"is not of the form ({error!r})"
            )
            raise SourceError(f"{path}:{number}: {told}; nothing was taken over") from None
    if top is None:
        raise SourceError(f"{path} is empty; write it with: tarikh review export FILE --as NAME")
    if len(found) != top["rows"]:
        raise SourceError(
            f"{path}:{last}: the file is cut off or was joined: it holds {len(found)} rows, and its first line promises"
            f" {top['rows']}; nothing was taken over"
        )
    return Portable(top["from"], str(top["software"]), tuple(sorted(found, key=lambda r: (r.at, r.line))))


def _object(text: str | None) -> Mapping[str, Any]:
    if text is None:
        raise ValueError(UNREADABLE)
    try:
        row = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is not JSON, or cut off ({error})") from None
    if not isinstance(row, dict):
        raise ValueError("is no JSON object")
    return row


def _head(row: Mapping[str, Any]) -> Mapping[str, Any]:
    if MARK not in row:
        raise ValueError("is no file of tarikh review export: its first line does not say so")
    if row[MARK] != FORMAT:
        newer = isinstance(row[MARK], int) and row[MARK] > FORMAT
        way = "install a newer Tarikh here, or export there with this version" if newer else "export it anew"
        raise ValueError(
            f"has format {row[MARK]!r:.20}, written by {row.get('software', 'an unknown program')!s:.60}; this Tarikh"
            f" reads format {FORMAT}: {way}"
        )
    _only(row, _HEAD, "the first line")
    if not isinstance(row["rows"], int) or not isinstance(row["from"], str):
        raise ValueError("the first line must say how many rows there are, and from where")
    checked_name(row["from"])
    return row


def _only(row: Mapping[str, Any], known: Iterable[str], what: str) -> None:
    """Raises `ValueError` where a field is not known, or one is missing."""
    names = tuple(known)
    unknown = next((key for key in row if key not in names), None)
    if unknown is not None:
        near = difflib.get_close_matches(unknown, names, 1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        raise ValueError(f"{what} has an unknown field {unknown!r:.60}{hint}")
    missing = next((name for name in names if name not in row), None)
    if missing is not None:
        raise ValueError(f"{what} lacks the field {missing!r}")


def _row(row: Mapping[str, Any], line: int) -> Row:
    what: Any = row.get("what")
    if not isinstance(what, str) or what not in _OWN:
        raise ValueError(f"'what' is {what!r:.40}; it is one of {', '.join(_OWN)}")
    _only(row, (*_COMMON, *_OWN[what]), f"a {what}")
    by, note = row["by"], row["note"]
    if not isinstance(by, str) or not by.startswith("user:") or HERE in by or not isinstance(note, str):
        raise ValueError("a row names its person as user:NAME, and its note is text")
    author(by.removeprefix("user:"))
    note = checked_note(note)
    refs = tuple(_mention(each) for each in row["mentions"])
    if len(refs) != (2 if what == "judgement" else 1):
        raise ValueError(
            f"a {what} is on {'two mentions' if what == 'judgement' else 'one mention'}, not {len(refs)}"
        )
    said, field = _said(what, row)
    return Row(
        row=str(row["row"])[:40],
        what=what,  # type: ignore[arg-type]  # checked above
        by=by,
        at=_moment(row["at"]),
        note=note,
        mentions=refs,
        said=said,
        field=field,
        seen=tuple(_mention(each) for each in row.get("seen", ())),
        withdrawn_by=row["withdrawn_by"],
        withdrawn=row["withdrawn_at"] is not None,
        line=line,
    )


def _said(what: str, row: Mapping[str, Any]) -> tuple[Any, str]:
    if what == "correction":
        if row["field"] == "review":
            raise ValueError("a correction of review is a decision")
        given = any_from_json(row["value"])
        # A record is taken apart, so that its bounds and names are checked like those that a person types.
        plain = asdict(given) if is_dataclass(given) and not isinstance(given, type) else given
        return correction_value(str(row["field"]), plain), str(row["field"])
    allowed = get_args(Verdict) if what == "judgement" else ("accepted", "rejected")
    if row["verdict"] not in allowed:
        raise ValueError(f"the verdict is {row['verdict']!r:.40}; it is one of {', '.join(allowed)}")
    return row["verdict"], ""


def _moment(text: Any) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise ValueError(f"'at' is {text!r:.40}, which is no moment") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _mention(row: Any) -> Ref:
    if not isinstance(row, dict):
        raise ValueError("a mention is an object with id, report and spans")
    _only(row, _REF, "a mention")
    names = [row[name] for name in _REF[:-1]]
    if not all(isinstance(name, str) and len(name) < 300 for name in names):
        raise ValueError("id, report, coder and kind of a mention are short texts")
    spans = tuple(_span(each) for each in row["spans"])
    return Ref(names[0], names[1], names[2], names[3], spans)


def _span(each: Any) -> Span:
    if (
        not isinstance(each, dict)
        or set(each) != {"in", "start", "end"}
        or each["in"] not in ("title", "text")
    ):
        raise ValueError('a span is {"in": "title" or "text", "start": …, "end": …}')
    if type(each["start"]) is not int or type(each["end"]) is not int or not 0 <= each["start"] < each["end"]:
        raise ValueError("a span starts before it ends")
    return Span(each["in"], each["start"], each["end"])
