"""Incidents in another codebook: its rows as CSV, JSON lines or Parquet, what it cannot express, and what both are.

Invariant: every incident is in the rows or among the refused, with the clause that says why; each row names the clauses
that made it. Three files appear, each only when it is whole.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

from tarikh import codebooks
from tarikh.codebooks import Around, Codebook, Coded, Column, Refused, Row
from tarikh.disclosure import noted
from tarikh.errors import UsageError
from tarikh.exports.context import Counts, ExportContext, report_ids
from tarikh.exports.csv import cell
from tarikh.exports.destination import encoded, opened, whole
from tarikh.model import Correction, Incident, Judgement, Mention

OURS: tuple[Column, ...] = (
    Column("tarikh_clauses", "text", "ids of the clauses that made the row (docs/codebooks.md)"),
    Column(
        "tarikh_withheld", "text", "what is known and not shown, each with the rule of the disclosure policy"
    ),
)
"""Columns of ours behind those of the codebook."""

REFUSED = ("id", "kind", "date_start", "date_end", "clause", "reason")
"""Columns of the file of incidents that a codebook cannot express."""


@dataclass(frozen=True, slots=True)
class Written:
    """What an export in a codebook holds: incidents coded, their rows, and how many were refused by which clause."""

    codebook: str
    incidents: int = 0
    rows: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    refusals: Path | None = None

    def told(self) -> Iterator[str]:
        """The reasons with how many each refused, the most frequent first."""
        for clause, number in sorted(self.refused.items(), key=lambda item: (-item[1], item[0])):
            yield f"{number:,} × {self.reasons[clause]} ({clause})"


Writer = Callable[[BinaryIO, Sequence[Column], Iterable[Row], Callable[[], str]], None]
"""Writes rows; the last argument tells what goes with the data, and is asked when all rows are written."""
Portion = tuple[Iterable[Incident], ExportContext]
"""Some incidents, with the mentions and reports around them and what is withheld of them."""


def around(incident: Incident, context: ExportContext) -> Around:
    """What may be told besides an incident: its reports at the level full, and when the last of its mentions was recorded."""
    members = [context.mentions[m] for m in incident.members if m in context.mentions]
    full = context.level == "full"
    reports = [context.reports[r] for r in report_ids(incident, context) if full and r in context.reports]
    return Around(tuple(reports), changed(incident, members), full)


def changed(incident: Incident, members: Iterable[Mention]) -> datetime | None:
    """When the record last changed: the newest of its mentions, and of what people and rules said of it."""
    acts: tuple[Correction | Judgement, ...] = (*incident.corrections, *incident.judgements)
    moments = [*(m.recorded_at for m in members), *(a.at for a in acts), *(a.withdrawn_at for a in acts)]
    return max((moment for moment in moments if moment is not None), default=None)


def plain(found: Coded | Refused) -> dict[str, Any]:
    """What became of one incident, as plain JSON values."""
    head = {"incident": found.incident, "codebook": found.codebook}
    if isinstance(found, Refused):
        return {**head, "rows": [], "refused": {"clause": found.clause, "reason": found.reason}}
    rows = [{name: _day(value) for name, value in row.items()} for row in found.rows]
    clauses = [{"clause": c.id, "question": c.question, "words": c.words} for c in found.clauses]
    return {**head, "rows": rows, "clauses": clauses}


def lines(found: Coded | Refused) -> Iterator[str]:
    """What became of one incident, in lines for a person: cells that are known, then the clauses."""
    notice = codebooks.codebook(found.codebook).notice
    if isinstance(found, Refused):
        yield f"{found.incident} cannot be expressed in {found.codebook}: {found.reason} ({found.clause})"
        return
    for row in found.rows:
        width = max(len(name) for name in row)
        yield from (f"{name:<{width}}  {_day(value)}" for name, value in row.items() if value is not None)
        yield f"unknown or unused: {', '.join(name for name, value in row.items() if value is None) or 'nothing'}"
        yield ""
    width = max((len(clause.id) for clause in found.clauses), default=0)
    yield from (f"{clause.id:<{width}}  {clause.words}" for clause in found.clauses)
    yield ""
    yield notice


def _day(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def write(
    portions: Iterable[Portion],
    destination: Path,
    context: ExportContext,
    name: str,
    form: str | None = None,
    counts: Counts | None = None,
    within: Callable[[Path], AbstractContextManager[None]] | None = None,
) -> Written:
    """Writes the rows, `NAME.refused.csv` with what was refused and why, and `NAME.about.json` with what it is.

    `form` is csv, csv-excel, jsonl or parquet, by default what the suffix says. `context` is what goes with all of it,
    `counts` gets how many incidents have what withheld, `within` is as of `destination.opened`. Raises `UsageError` where
    there is no such codebook or form, `TarikhError` when a file cannot be written.
    """
    book = codebooks.codebook(name)
    writer = FORMS[chosen(book, destination, form)]
    counted = Counts() if counts is None else counts
    tally = _Tally(book, counted)
    refusals, about = beside(destination, "refused.csv"), beside(destination, "about.json")
    with ExitStack() as files:  # the rows appear last, in the act in which they are entered in the log
        out = files.enter_context(opened(destination, within))
        left, told = (files.enter_context(opened(path)) for path in (refusals, about))
        left.write(_line(REFUSED))
        rows = tally.rows(portions, left)
        writer(out, (*book.columns, *OURS), rows, lambda: _told(book, context, counted))
        done = Written(name, tally.incidents, tally.written, dict(tally.refused), tally.reasons, refusals)
        what = _about(book, context, counted, done)
        told.write(encoded(json.dumps(what, ensure_ascii=False, indent=1) + "\n"))
    return done


def beside(destination: Path, suffix: str) -> Path:
    """The name of a file that goes with an export: `sahel.csv` has `sahel.refused.csv`."""
    return destination.with_name(f"{destination.stem}.{suffix}")


def chosen(book: Codebook, destination: Path, form: str | None) -> str:
    """The form that is written. Raises `UsageError` where the codebook does not fit it, or nothing says which."""
    by_suffix = {".csv": "csv", ".jsonl": "jsonl", ".parquet": "parquet"}
    wanted = form or by_suffix.get(destination.suffix.lower())
    fitting = tuple(FORMS) if book.flat else ("jsonl",)
    if wanted not in fitting:
        said = f"{form!r} is none" if form else f"{destination.name!r} does not say which"
        raise UsageError(f"the codebook {book.name} is written as {', '.join(fitting)}; {said}")
    return wanted


class _Tally:
    """Codes incidents one after the other and counts what became of them."""

    def __init__(self, book: Codebook, counts: Counts) -> None:
        self.book, self.counts = book, counts
        self.incidents = self.written = 0
        self.refused: Counter[str] = Counter()
        self.reasons: dict[str, str] = {}

    def rows(self, portions: Iterable[Portion], left: BinaryIO) -> Iterator[Row]:
        """The rows with our columns; what is refused goes to the other file."""
        for incidents, context in portions:
            for incident in incidents:
                yield from self._coded(incident, context, left)

    def _coded(self, incident: Incident, context: ExportContext, left: BinaryIO) -> Iterator[Row]:
        withheld = context.withheld.get(incident.id, ())
        found = codebooks.coded(incident, self.book.name, around(incident, context))
        self.counts.add(noted(withheld))
        if isinstance(found, Refused):
            self.refused[found.clause] += 1
            self.reasons[found.clause] = found.reason
            left.write(_line(_refusal(incident, found)))
            return
        self.incidents += 1
        ours = {
            "tarikh_clauses": "; ".join(c.id for c in found.clauses),
            "tarikh_withheld": "; ".join(note.words() for note in withheld) or None,
        }
        for row in found.rows:
            self.written += 1
            yield {**row, **ours}


def _refusal(incident: Incident, found: Refused) -> list[Any]:
    return [incident.id, incident.kind, incident.when.start, incident.when.end, found.clause, found.reason]


def _told(book: Codebook, context: ExportContext, counts: Counts) -> str:
    return json.dumps({**_what(book), **context.metadata(counts)}, ensure_ascii=True)


def _what(book: Codebook) -> dict[str, Any]:
    return {
        "codebook": book.name,
        "codebook_title": book.title,
        "codebook_version": book.version,
        "scheme": book.scheme,
        "citation": book.citation,
        "codebook_notice": book.notice,
    }


def _about(book: Codebook, context: ExportContext, counts: Counts, done: Written) -> dict[str, Any]:
    return {
        **_what(book),
        **context.metadata(counts),
        "incidents": done.incidents,
        "rows": done.rows,
        "refused": [
            {"clause": clause, "reason": done.reasons[clause], "incidents": number}
            for clause, number in sorted(done.refused.items())
        ],
        "columns": [{"name": c.name, "form": c.form, "what": c.what} for c in (*book.columns, *OURS)],
    }


# --- forms ------------------------------------------------------------------------------------------------


def _line(values: Iterable[Any]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cell(value) for value in values)
    return encoded(buffer.getvalue())


def _csv(stream: BinaryIO, columns: Sequence[Column], rows: Iterable[Row], _: Callable[[], str]) -> None:
    stream.write(_line([column.name for column in columns]))
    for row in rows:
        stream.write(_line(row.values()))


def _csv_for_excel(
    stream: BinaryIO, columns: Sequence[Column], rows: Iterable[Row], told: Callable[[], str]
) -> None:
    stream.write(b"\xef\xbb\xbf")
    _csv(stream, columns, rows, told)


def _jsonl(stream: BinaryIO, columns: Sequence[Column], rows: Iterable[Row], _: Callable[[], str]) -> None:
    """One object a line; of records with lists what is unknown is left out, of rows it is null."""
    nested = any(column.form in ("list", "object") for column in columns)
    for row in rows:
        kept = {name: value for name, value in row.items() if value is not None or not nested}
        line = json.dumps(kept, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_plain)
        stream.write(encoded(line + "\n"))


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _parquet(
    stream: BinaryIO, columns: Sequence[Column], rows: Iterable[Row], told: Callable[[], str]
) -> None:
    import pyarrow as pa  # late: a quarter of a second
    import pyarrow.parquet as pq

    types = {
        "text": pa.string(),
        "count": pa.int64(),
        "number": pa.float64(),
        "degrees": pa.float64(),
        "day": pa.date32(),
    }
    fields = [pa.field(c.name, types[c.form], metadata={"what": c.what}) for c in columns]
    schema = pa.schema(fields)
    with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
        for part in _parts(rows):
            writer.write_table(pa.Table.from_pylist(part, schema=schema))
        writer.add_key_value_metadata({"tarikh": told()})


def _parts(rows: Iterable[Row], size: int = 20_000) -> Iterator[list[dict[str, Any]]]:
    part: list[dict[str, Any]] = []
    for row in rows:
        part.append({k: whole(v) if isinstance(v, str) else v for k, v in row.items()})
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part


FORMS: Mapping[str, Writer] = {
    "csv": _csv,
    "csv-excel": _csv_for_excel,
    "jsonl": _jsonl,
    "parquet": _parquet,
}
"""Every form of an export in a codebook; all but jsonl need a flat one."""
