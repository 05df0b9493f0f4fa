"""Dataclasses to JSON values and back, by their annotations, without loss.

Invariant: `from_json(cls, to_json(value)) == value` for every dataclass of the model; days and moments are ISO strings.
A field of no fixed type keeps what JSON cannot say under a key "$": {"$": "Count", "low": 3, …}.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from tarikh import model

T = TypeVar("T")
Change = Callable[[Any], Any]

_TAG = "$"
_TAGGED: Mapping[str, type] = {
    cls.__name__: cls for cls in vars(model).values() if isinstance(cls, type) and is_dataclass(cls)
}
"""What may stand in a field of no fixed type, as a claim's or a correction's value does."""

_PLAIN = (str, int, float, bool, type(None))


def to_json(value: Any) -> Any:
    """The dataclass as JSON values: objects, arrays, strings, numbers, true, false, null.

    Raises `TypeError` for what has no such form.
    """
    kind: Any = type(value)
    return _encoder(kind)(value)


def from_json(cls: type[T], data: Any) -> T:
    """The dataclass that `to_json` wrote. Fields that `data` lacks take their defaults, unknown ones are left out.

    Raises `TypeError`, `ValueError` or `KeyError` when the data does not fit.
    """
    kind: Any = cls
    made: T = _decoder(kind)(data)
    return made


def _same(value: Any) -> Any:
    return value


def _iso(value: date) -> str:
    return value.isoformat()


def _hints(cls: type) -> list[tuple[str, Any]]:
    hints = get_type_hints(cls)
    return [(field.name, hints[field.name]) for field in fields(cls)]


def _optional(kind: Any) -> Any:
    """X of `X | None`; None for any other type."""
    if get_origin(kind) not in (Union, types.UnionType):
        return None
    others = [part for part in get_args(kind) if part is not type(None)]
    return others[0] if len(others) == 1 else Any


def _is_class(kind: Any) -> bool:
    return isinstance(kind, type) and is_dataclass(kind)


# ---- to JSON ---------------------------------------------------------------------------------------------


@cache
def _encoder(kind: Any) -> Change:
    if _is_class(kind):
        return _encode_object(kind)
    if kind in _PLAIN or get_origin(kind) is Literal:
        return _same
    if kind in (date, datetime):
        return _iso
    if (inner := _optional(kind)) is not None and inner is not Any:
        encode = _encoder(inner)
        return encode if encode is _same else lambda value: None if value is None else encode(value)
    if get_origin(kind) is tuple and get_args(kind)[1:] == (Ellipsis,):
        encode = _encoder(get_args(kind)[0])
        return lambda values: list(values) if encode is _same else [encode(value) for value in values]
    if _is_mapping(kind):
        encode = _encoder(get_args(kind)[1])
        return lambda values: {key: encode(value) for key, value in values.items()}
    return any_to_json


def _is_mapping(kind: Any) -> bool:
    origin = get_origin(kind)
    return isinstance(origin, type) and issubclass(origin, Mapping) and get_args(kind)[0] is str


def _encode_object(cls: type) -> Change:
    # Looked up at the first call, not here: a class may hold itself.
    plan: list[tuple[str, Change]] = []

    def encode(value: Any) -> dict[str, Any]:
        if not plan:
            plan.extend((name, _encoder(kind)) for name, kind in _hints(cls))
        return {name: change(getattr(value, name)) for name, change in plan}

    return encode


def any_to_json(value: Any) -> Any:
    """A value of no fixed type as JSON values. Raises `TypeError` for what has no such form."""
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, datetime):
        return {_TAG: "datetime", "iso": value.isoformat()}
    if isinstance(value, date):
        return {_TAG: "date", "iso": value.isoformat()}
    if isinstance(value, tuple):
        return [any_to_json(item) for item in value]
    if isinstance(value, list):
        return {_TAG: "list", "items": [any_to_json(item) for item in value]}
    if isinstance(value, Mapping):
        return _encode_mapping(value)
    if type(value).__name__ in _TAGGED:
        return {_TAG: type(value).__name__, **to_json(value)}
    if is_dataclass(value):
        return to_json(value)
    raise TypeError(f"a {type(value).__name__} has no form in JSON")


def _encode_mapping(value: Mapping[Any, Any]) -> Any:
    if _TAG not in value and all(isinstance(key, str) for key in value):
        return {key: any_to_json(item) for key, item in value.items()}
    return {_TAG: "dict", "items": [[any_to_json(key), any_to_json(item)] for key, item in value.items()]}


# ---- from JSON -------------------------------------------------------------------------------------------


def _number(value: Any) -> Any:
    if not isinstance(value, int | float):
        raise TypeError(f"{value!r:.40} is no number")
    return value


@cache
def _decoder(kind: Any) -> Change:
    if _is_class(kind):
        return _decode_object(kind)
    if kind in (int, float):  # it would be found only when somebody counts with it
        return _number
    if kind in _PLAIN or get_origin(kind) is Literal:
        return _same
    if kind is datetime:
        return datetime.fromisoformat
    if kind is date:
        return date.fromisoformat
    if (inner := _optional(kind)) is not None and inner is not Any:
        decode = _decoder(inner)
        return decode if decode is _same else lambda value: None if value is None else decode(value)
    if get_origin(kind) is tuple and get_args(kind)[1:] == (Ellipsis,):
        decode = _decoder(get_args(kind)[0])
        return tuple if decode is _same else lambda values: tuple([decode(value) for value in values])
    if _is_mapping(kind):
        decode = _decoder(get_args(kind)[1])
        return lambda values: {key: decode(value) for key, value in values.items()}
    return any_from_json


def _decode_object(cls: type) -> Change:
    plan: list[tuple[str, Change]] = []

    def decode(data: Mapping[str, Any]) -> Any:
        if not isinstance(data, dict):
            raise TypeError(f"{data!r:.40} is no object")
        if not plan:
            plan.extend((name, _decoder(kind)) for name, kind in _hints(cls))
        return cls(**{name: change(data[name]) for name, change in plan if name in data})

    return decode


def any_from_json(data: Any) -> Any:
    """The value that `any_to_json` wrote."""
    if isinstance(data, list):
        return tuple(any_from_json(item) for item in data)
    if not isinstance(data, dict):
        return data
    tag = data.get(_TAG)
    if tag is None:
        return {key: any_from_json(item) for key, item in data.items()}
    if tag == "datetime":
        return datetime.fromisoformat(data["iso"])
    if tag == "date":
        return date.fromisoformat(data["iso"])
    if tag == "list":
        return [any_from_json(item) for item in data["items"]]
    if tag == "dict":
        return {any_from_json(key): any_from_json(item) for key, item in data["items"]}
    return from_json(_TAGGED[tag], data)
