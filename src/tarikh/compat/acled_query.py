"""Queries as ACLED's API takes them: every column as a filter, operators, ranges, alternatives.

Invariant: a parameter that means nothing is refused with what would; a cell that is unknown passes no condition.
Source: the requests of the packages `acled` 1.0.2 and acledR, read in their code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Any, Literal

from tarikh.codebooks import Column, Row, codebook
from tarikh.errors import UsageError

OPERATORS = ("=", ">", "<", ">=", "<=", "BETWEEN", "LIKE")
LIMIT = 5_000
"""Rows of an answer where no limit is asked for; 0 is no limit."""
_MOST = 10_000_000
_LONGEST = 2_000
_ALTERNATIVES = 500
"""Values of one query, all alternatives of all columns together: every row is compared with each."""
_OTHERS = (
    "fields",
    "limit",
    "page",
    "export_type",
    "inter_num",
    "population",
    "_format",
    "key",
    "email",
    "terms",
)
_ALIKE = {"country": "=", "timestamp": ">="}
_TEXTS = {"inter1": "inter_names", "inter2": "inter_names", "region": "regions"}

Number = ("count", "number", "degrees")


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a column; `values` are of the column's kind: folded text, numbers or days."""

    column: str
    operator: str
    values: tuple[Any, ...]

    def fits(self, row: Mapping[str, Any]) -> bool:
        """Whether a row passes."""
        cell: Any = row.get(self.column)
        if cell is None:
            return False
        if isinstance(cell, str):
            cell = cell.casefold()
        if self.operator == "LIKE":
            return any(_like(str(cell), str(value)) for value in self.values)
        if self.operator == "BETWEEN":
            return bool(self.values[0] <= cell <= self.values[1])
        if self.operator == "=":
            return cell in self.values
        (value,) = self.values
        above, below = bool(cell > value), bool(cell < value)
        return {">": above, "<": below, ">=": not below, "<=": not above}[self.operator]


def _like(cell: str, pattern: str) -> bool:
    """As SQL's LIKE between two %: the parts of the pattern follow each other in the cell."""
    at = 0
    for part in pattern.split("%"):
        at = cell.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked for. `groups` must all hold, each by one of its conditions."""

    groups: tuple[tuple[Condition, ...], ...] = ()
    fields: tuple[str, ...] = ()
    limit: int = LIMIT
    page: int = 1
    monadic: bool = False
    words: bool = False
    form: Literal["json", "csv"] = "json"
    messages: tuple[str, ...] = field(default=())

    def fits(self, row: Mapping[str, Any]) -> bool:
        """Whether a row passes."""
        return all(any(condition.fits(row) for condition in group) for group in self.groups)

    def alone(self, column: str) -> Iterator[tuple[Condition, ...]]:
        """The groups that ask for one column and nothing else."""
        return (group for group in self.groups if all(each.column == column for each in group))


def read(pairs: Sequence[tuple[str, str]], columns: Sequence[Column]) -> Query:
    """The query of a request, over these columns. Raises `UsageError` with what is wrong."""
    forms = {column.name: column.form for column in columns}
    given = _once(pairs, forms)
    groups = tuple(
        _group(name, value, given.get(f"{name}_where"), forms)
        for name, value in given.items()
        if name in forms and value.strip()
    )
    _limited(groups)
    return Query(
        groups,
        _fields(given.get("fields"), forms),
        _number(given, "limit", LIMIT, 0),
        _number(given, "page", 1, 1),
        _one_of(given, "export_type", ("dyadic", "monadic")) == "monadic",
        _one_of(given, "inter_num", ("1", "0")) == "0",
        "csv" if _one_of(given, "_format", ("json", "csv")) == "csv" else "json",
        ("population figures are not part of these data",) if given.get("population") else (),
    )


def _limited(groups: Sequence[Sequence[Condition]]) -> None:
    """Refuses more values than every row should be compared with."""
    count = sum(len(condition.values) for group in groups for condition in group)
    if count > _ALTERNATIVES:
        raise UsageError(f"there are more than {_ALTERNATIVES} values in all; ask for less at a time")


def _once(pairs: Sequence[tuple[str, str]], forms: Mapping[str, str]) -> dict[str, str]:
    known = (*forms, *(f"{name}_where" for name in forms), *_OTHERS)
    given: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            near = get_close_matches(name, known, 1)
            way = f"did you mean {near[0]}?" if near else f"the columns are {', '.join(forms)}"
            raise UsageError(f"{name[:60]!a} is no parameter of this endpoint; {way}")
        if name in given:
            raise UsageError(f"{name} is given twice; join several values by |")
        if len(value) > _LONGEST:
            raise UsageError(f"{name} has more than {_LONGEST} characters; ask for less at a time")
        given[name] = value
    for name in given:
        if name.endswith("_where") and name.removesuffix("_where") not in given:
            raise UsageError(f"{name} is given without {name.removesuffix('_where')}, which it would compare")
    return given


def _group(name: str, value: str, operator: str | None, forms: Mapping[str, str]) -> tuple[Condition, ...]:
    """The alternatives of one parameter: `A:OR:B`, and `A:OR:other_column=B`."""
    parts = value.split(":OR:")
    found = []
    for part in parts:
        column, separator, rest = part.partition("=")
        if separator and column in forms:
            found.append(_condition(column, rest, None if column != name else operator, forms[column]))
        else:
            found.append(_condition(name, part, operator, forms[name]))
    return tuple(found)


def _condition(name: str, value: str, operator: str | None, form: str) -> Condition:
    text = form == "text"
    said = (operator or _ALIKE.get(name) or ("LIKE" if text else "=")).strip().upper()
    if said not in OPERATORS:
        raise UsageError(f"{name}_where={operator!a} is no operator; there are {', '.join(OPERATORS)}")
    if said == "LIKE" and not text:
        said = "="
    parts = [each.strip() for each in value.split("|")]
    if not all(parts):  # a part of any text is "", so that everything would be found
        raise UsageError(f"{name} has an empty value{' among others' if any(parts) else ''}; leave it out")
    values = tuple(_value(name, each, form) for each in parts)
    if said == "BETWEEN":
        _between(name, values)
    if said in (">", "<", ">=", "<=") and len(values) != 1:
        raise UsageError(f"{name} needs one value for {said}, not {len(values)}")
    return Condition(name, said, values)


def _between(name: str, values: Sequence[Any]) -> None:
    if len(values) != 2:
        raise UsageError(f"{name} needs two values for BETWEEN, such as {name}=a|b, not {len(values)}")
    if values[0] > values[1]:
        raise UsageError(f"{name} ends before it begins, so that nothing lies between; swap the two values")


def _value(name: str, text: str, form: str) -> Any:
    if name in _TEXTS:
        return _coded(name, text)
    if form == "day":
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise UsageError(f"{name}={text[:40]!a} is no day; write it as 2024-03-19") from None
    if form in Number:
        return _figure(name, text)
    return text.casefold()


def _figure(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise UsageError(f"{name}={text[:40]!a} is no number") from None
    if not abs(number) < 1e15:
        raise UsageError(f"{name}={text[:40]!a} is no number that could be asked for")
    return number


def _coded(name: str, text: str) -> Any:
    """Types of actors and regions, by number or by name: actors as numbers, regions as names, as rows have them."""
    table = codebook("acled").tables[_TEXTS[name]]
    if name == "region":
        numbers = {str(number): word for word, number in table.items()}
        return str(numbers.get(text, text)).casefold()
    numbers = {str(word).casefold(): key for key, word in table.items()}
    return _figure(name, numbers.get(text.casefold(), text))


def _fields(given: str | None, forms: Mapping[str, str]) -> tuple[str, ...]:
    names = tuple(name.strip() for name in (given or "").split("|") if name.strip())
    for name in names:
        if name not in forms:
            raise UsageError(f"fields has {name[:60]!a}; the columns are {', '.join(forms)}")
    return names


def _number(given: Mapping[str, str], name: str, usual: int, least: int) -> int:
    text = given.get(name, "").strip()
    if not text:
        return usual
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or not least <= int(text) <= _MOST:
        raise UsageError(f"{name}={text[:40]!a} is no whole number from {least} to {_MOST:,}")
    return int(text)


def _one_of(given: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = given.get(name, "").strip().lower()
    if value and value not in allowed:
        raise UsageError(f"{name}={value[:40]!a} is not served here; there are {' and '.join(allowed)}")
    return value


def halves(row: Row) -> Iterator[Row]:
    """A row as `export_type=monadic` has it: one for each actor, who stands as actor 1; the other is left out."""
    empty = dict.fromkeys(("actor2", "assoc_actor_2", "inter2"))
    for number in ("1", "2"):
        if number == "1" or row.get("actor2") is not None:
            own = {
                "actor1": f"actor{number}",
                "assoc_actor_1": f"assoc_actor_{number}",
                "inter1": f"inter{number}",
            }
            yield {**row, **{name: row.get(theirs) for name, theirs in own.items()}, **empty}
