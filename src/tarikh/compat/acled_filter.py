"""What of an ACLED query the store can answer: countries, kinds and days; so that not every incident is read.

Invariant: the filter lets by at least what the query does; what it lets by besides is left out by the query itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from tarikh import reference
from tarikh.codebooks import codebook
from tarikh.compat.acled_query import Condition, Query
from tarikh.queries import Filter

_KINDS = ("event_type", "sub_event_type", "disorder_type")


def pushed(query: Query) -> tuple[Filter, bool]:
    """The filter for the store, and whether anything can fit at all."""
    wanted = Filter()
    countries, kinds = _countries(query), _kinds(query)
    since, until = _days(query)
    if countries is not None:
        wanted = replace(wanted, countries=tuple(sorted(countries)))
    if kinds is not None:
        wanted = replace(wanted, kinds=tuple(sorted(kinds)))
    possible = countries != set() and kinds != set() and not (since and until and since > until)
    return (replace(wanted, since=since, until=until) if possible else Filter()), possible


def _among(query: Query, column: str, values: Callable[[], Iterator[tuple[str, Any]]]) -> set[str] | None:
    """The keys whose value fits all that is asked of a column; None where nothing is."""
    found: set[str] | None = None
    for group in query.alone(column):
        fitting = {key for key, value in values() if any(each.fits({column: value}) for each in group)}
        found = fitting if found is None else found & fitting
    return found


def _met(left: set[str] | None, right: set[str] | None) -> set[str] | None:
    return right if left is None else left if right is None else left & right


def _countries(query: Query) -> set[str] | None:
    table, found = codebook("acled").tables["countries"], None

    def values(key: str) -> Callable[[], Iterator[tuple[str, Any]]]:
        def each() -> Iterator[tuple[str, Any]]:
            for country in reference.countries():
                row = table.get(country.iso3, {})
                yield country.iso3, row.get("name", country.name) if key == "country" else row.get(key)

        return each

    for column in ("country", "iso", "region"):
        found = _met(found, _among(query, column, values(column)))
    return found


def _kinds(query: Query) -> set[str] | None:
    """The kinds that could be of the types asked for; each may be of several, by its parties."""
    found = None
    for column in _KINDS:
        found = _met(found, _among(query, column, lambda column=column: _types(column)))  # type: ignore[misc]
    return found


def _types(column: str) -> Iterator[tuple[str, Any]]:
    book = codebook("acled")
    every: Collection[str] = [kind.name for kind in reference.kinds()]
    for clause in book.questions["type"]:
        cells = {
            **clause.sets,
            "disorder_type": book.tables["disorder"].get(str(clause.sets.get("sub_event_type"))),
        }
        kinds = clause.conditions.get("kind", every)
        for kind in every:
            if kind in kinds:
                yield kind, cells.get(column)


def _days(query: Query) -> tuple[date | None, date | None]:
    since: date | None = None
    until: date | None = None
    for first, last in _spans(query):
        since = max(filter(None, (since, first)), default=None)
        until = min(filter(None, (until, last)), default=None)
    return since, until


def _spans(query: Query) -> Iterator[tuple[date | None, date | None]]:
    """The spans of days that conditions leave, of those that stand alone."""
    for column in ("event_date", "year"):
        for group in query.alone(column):
            spans = [_span(each) for each in group]
            first = None if any(a is None for a, _ in spans) else min(a for a, _ in spans if a is not None)
            last = None if any(b is None for _, b in spans) else max(b for _, b in spans if b is not None)
            yield first, last


def _span(asked: Condition) -> tuple[date | None, date | None]:
    bounds = [_bounds(asked.column, value) for value in asked.values]
    first, last = min(a for a, _ in bounds), max(b for _, b in bounds)
    if asked.operator in (">", ">="):
        return first, None
    if asked.operator in ("<", "<="):
        return None, last
    return first, last


def _bounds(column: str, value: Any) -> tuple[date, date]:
    if column == "event_date":
        return value, value
    year = int(min(max(value, date.min.year), date.max.year - 1))
    return date(year, 1, 1), date(year + 1, 1, 1) - timedelta(days=1)
