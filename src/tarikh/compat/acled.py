"""`/compat/acled/api/…/read`: the user's own incidents, for scripts that were written against ACLED's API.

Invariant: the rows are those of `tarikh export --codebook acled`; nothing of them is ACLED's, and every answer says so.
Source of addresses and fields: the package `acled` 1.0.2, read in its code.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response, StreamingResponse

from tarikh.codebooks import Column, Row, codebook
from tarikh.compat import acled_filter, acled_sums
from tarikh.compat.acled_query import Query, halves, read
from tarikh.compat.dialect import NOTICE, as_json, known_by, plain, told
from tarikh.compat.rows import Asked, Reader, ReaderOf
from tarikh.errors import UnknownIdError
from tarikh.exports.csv import cell
from tarikh.exports.destination import encoded
from tarikh.store.gone import gone
from tarikh.web.people import AskedFirst, may
from tarikh.web.state import StoreOf

_LINES = 500
"""Rows of one piece of an answer."""


def fault(status: int, sentence: str, headers: Mapping[str, str]) -> Response:
    """An error as the API has it: a list of messages."""
    body = {"status": status, "success": False, "error": [{"status": status, "message": sentence}]}
    return as_json(body, status, headers)


def by_key(request: Request) -> None:
    """The older way to say who asks, `key=` with a token of ours; `email=` is taken and not looked at."""
    known_by(request, request.query_params.get("key"))


router = APIRouter(
    prefix="/api", route_class=AskedFirst, dependencies=[Depends(by_key), Depends(may("export"))]
)


@router.get("/acled/read")
def events(request: Request, reader: ReaderOf) -> Response:
    """Events. Raises `UsageError` for a query that means nothing."""
    query = read(request.query_params.multi_items(), codebook("acled").columns)
    wanted, possible = acled_filter.pushed(query)
    asked = Asked("acled", wanted, _shape(query), repr((query.groups, query.monadic)), not possible)
    found = (
        reader.page(asked, query.page, query.limit) if query.limit else (row for row, _ in reader.rows(asked))
    )
    names = query.fields or tuple(column.name for column in codebook("acled").columns)
    lines = (
        {name: row.get(name) for name in names} for row in map(_in_words if query.words else _as_is, found)
    )
    return _answer(query, names, lines, [*told(reader.sight, "acled"), *query.messages])


def _shape(query: Query) -> Any:
    def shaped(row: Row) -> Iterator[Row]:
        return (each for each in (halves(row) if query.monadic else (row,)) if query.fits(each))

    return shaped


def _as_is(row: Row) -> Row:
    return row


def _in_words(row: Row) -> Row:
    """Types of actors in words, as `inter_num=0` asks for."""
    names = codebook("acled").tables["inter_names"]
    one, two = (names.get(str(row.get(f"inter{number}"))) for number in "12")
    pair: Any = row.get("interaction")
    parts = [] if pair is None else [names[digit] for digit in str(pair) if digit != "0"]
    both = f"Sole {parts[0]}" if len(parts) == 1 else "-".join(parts) or None
    return {**row, "inter1": one, "inter2": two, "interaction": both}


@router.get("/deleted/read")
def deleted(request: Request, reader: ReaderOf, store: StoreOf) -> Response:
    """Ids that are not shown any more: of incidents that were merged, taken back, forgotten or rejected."""
    columns = (
        Column("event_id_cnty", "text", "the id"),
        Column("deleted_timestamp", "count", "since when, Unix time"),
    )
    rows = (
        {"event_id_cnty": each.id, "deleted_timestamp": each.at and int(each.at.timestamp())}
        for each in gone(store)
    )
    return _table(request, reader, columns, rows)


@router.get("/actor/read")
def actors(request: Request, reader: ReaderOf) -> Response:
    """Actors, with first and last day and number of events."""
    return _summed(request, reader, "actor")


@router.get("/country/read")
def countries(request: Request, reader: ReaderOf) -> Response:
    """Countries with events."""
    return _summed(request, reader, "country")


@router.get("/region/read")
def regions(request: Request, reader: ReaderOf) -> Response:
    """Regions of the world with events."""
    return _summed(request, reader, "region")


@router.get("/actortype/read")
def types(request: Request, reader: ReaderOf) -> Response:
    """Types of actors with events."""
    return _summed(request, reader, "actortype")


@router.get("/cast/read")
def forecasts() -> Response:
    """There are none. Raises `UnknownIdError`."""
    raise UnknownIdError("there are no forecasts here: these are the user's own incidents and nothing else")


def _summed(request: Request, reader: Reader, what: str) -> Response:
    sums = acled_sums.of(reader)
    return _table(request, reader, acled_sums.COLUMNS[what], sums[what])


def _table(
    request: Request, reader: Reader, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]
) -> Response:
    """A short list, asked as events are."""
    query = read(request.query_params.multi_items(), columns)
    fitting = (row for row in rows if query.fits(row))
    first = (query.page - 1) * query.limit
    some = islice(fitting, first, first + query.limit) if query.limit else fitting
    names = query.fields or tuple(column.name for column in columns)
    lines = ({name: row.get(name) for name in names} for row in some)
    return _answer(query, names, lines, told(reader.sight, "acled"))


# ---- the answer --------------------------------------------------------------------------------------------


def _answer(
    query: Query, names: Sequence[str], rows: Iterator[dict[str, Any]], messages: list[str]
) -> Response:
    """The rows, piece by piece. The first is made before anything is sent, so that a fault of it is an error and no half answer."""
    first = list(islice(rows, _LINES))
    every = chain(first, rows)
    headers = {NOTICE: messages[0]}
    if query.form == "csv":
        return StreamingResponse(_csv(names, every), media_type="text/csv; charset=utf-8", headers=headers)
    return StreamingResponse(_json(every, messages), media_type="application/json", headers=headers)


def _json(rows: Iterable[Mapping[str, Any]], messages: list[str]) -> Iterator[bytes]:
    head = {"status": 200, "success": True, "last_update": None, "messages": messages}
    yield encoded(json.dumps(head, ensure_ascii=False)[:-1] + ', "data": [')
    count = 0
    for part in _parts(rows):
        lines = (
            json.dumps({k: plain(v) for k, v in row.items()}, ensure_ascii=False, allow_nan=False)
            for row in part
        )
        yield encoded((",\n" if count else "\n") + ",\n".join(lines))
        count += len(part)
    yield encoded(f'\n], "count": {count}}}\n')


def _csv(names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    for number, part in enumerate(chain([[]], _parts(rows))):
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        if not number:
            writer.writerow(names)
        writer.writerows([cell(value) for value in row.values()] for row in part)
        yield encoded(buffer.getvalue())


def _parts(rows: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    every = iter(rows)
    while part := list(islice(every, _LINES)):
        yield part
