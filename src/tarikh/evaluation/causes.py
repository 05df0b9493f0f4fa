"""In which way a field of a mention differs from gold: a group (the field) and a cause in words.

Invariant: a field gets a cause exactly where the scorer's comparison says that it differs, at most one each (the sides of an agreement are one).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from tarikh.evaluation.gold import TOWN, distance_km, same_place, side_of
from tarikh.text import fold

Row = Mapping[str, Any]
Cause = tuple[str, str]

OTHER_COUNTS = (
    "killed_attackers",
    "killed_targets",
    "killed_civilians",
    "abducted",
    "displaced",
    "arrested",
)
IN_RECORD = frozenset(("kind", "attackers", "targets", "date", "place", "killed"))
"""Groups that a record needs right; the others cost nothing in record F1."""


def causes(gold: Row, predicted: Row, same: Mapping[str, bool]) -> Iterator[Cause]:
    """The group and cause of every difference of a matched pair; `same` is what the scorer found."""
    if gold["kind"] != predicted.get("kind"):
        yield "kind", turned(gold["kind"], predicted.get("kind"))
    # The sides of an agreement are one set, and one miss.
    agreed = gold["kind"] == predicted.get("kind") == "agreement"
    for side in ("attackers",) if agreed else ("attackers", "targets"):
        if not same[side]:
            yield side, _side(gold, predicted, side)
    if not same["date"]:
        yield "date", _date(gold, predicted)
    if not same["place10"]:
        yield "place", _place(gold, predicted)
    elif not same["precision"]:
        yield "precision", turned(gold.get("place_precision"), predicted.get("place_precision"))
    yield from _counts(gold, predicted, same)
    for name in ("status", "aspect"):
        if not same[name]:
            yield name, turned(gold.get(name), predicted.get(name))


def turned(gold: object, predicted: object) -> str:
    """One word of a list taken for another."""
    return f"{gold} coded as {predicted}"


# ---- parties -----------------------------------------------------------------------------------------------


def class_of(name: str) -> str:
    """What sort of party a name is: the generic form without its country, or a named group."""
    plain = re.sub(r"\s*\([^)]*\)$", "", name)
    for form in ("Military", "Police", "Government"):
        if plain.startswith(f"{form} of "):
            return form.lower()
    if plain.startswith("Militia of "):
        return "militia"
    return "a named group" if plain == name else plain.lower()


def _side(gold: Row, predicted: Row, side: str) -> str:
    wanted, given = side_of(gold, side), side_of(predicted, side)
    other = "targets" if side == "attackers" else "attackers"
    if not wanted:
        return "somebody, where gold has nobody"
    if wanted == side_of(predicted, other) and given == side_of(gold, other):
        return "sides turned around"
    if not given:
        return "left empty"
    if given < wanted:
        return "one of several is missing"
    if wanted < given:
        return "one too many"
    sorts = [sorted({class_of(str(n)) for n in row.get(side) or ()}) for row in (gold, predicted)]
    if sorts[0] == sorts[1]:
        return "another group's name" if sorts[0] == ["a named group"] else "of another country or community"
    return f"{' + '.join(sorts[0])} coded as {' + '.join(sorts[1])}"


# ---- date and place ----------------------------------------------------------------------------------------


def _day(row: Row, key: str) -> date | None:
    try:
        return date.fromisoformat(str(row.get(key)))
    except ValueError:
        return None


def _date(gold: Row, predicted: Row) -> str:
    wanted, given = _day(gold, "date_start"), _day(predicted, "date_start")
    if given is None:
        return "unknown, where gold has one"
    if wanted is None:
        return "dated, where gold has it unknown"
    off = abs((given - wanted).days)
    if off == 0:
        return "starts right, ends wrong"
    if off == 1:
        return "starts a day off"
    return (
        "starts within a week of gold"
        if off <= 7
        else "starts within two months"
        if off <= 62
        else "another time altogether"
    )


def _place(gold: Row, predicted: Row) -> str:
    wanted = str(gold.get("place_precision") or "exact")
    given = str(predicted.get("place_precision") or "unknown")
    if given == "unknown":
        return "not resolved"
    if gold.get("country") != predicted.get("country"):
        return "in another country"
    if wanted not in TOWN:
        return f"too precise: {given} for {wanted}" if given in TOWN else f"{wanted} coded as {given}"
    if given not in TOWN:
        return f"only its {given}"
    if fold(str(gold.get("place"))) == fold(str(predicted.get("place"))):
        return "a namesake in the same country, or the gazetteer's point is off"
    return "a neighbor, 10 to 50 km off" if same_place(gold, predicted, 50) else _another(gold, predicted)


def _another(gold: Row, predicted: Row) -> str:
    return "another town" if distance_km(gold, predicted) != float("inf") else "a town without a point"


# ---- counts ------------------------------------------------------------------------------------------------


def _triple(row: Row, what: str) -> list[int | None]:
    return list((row.get("harm") or {}).get(what) or (None, None, None))


def _counts(gold: Row, predicted: Row, same: Mapping[str, bool]) -> Iterator[Cause]:
    for what in ("killed", "injured"):
        if not same[f"{what}_best"]:
            yield what, _count(gold, predicted, what)
    if same["killed_best"] and not same["killed_interval"]:
        yield "killed bounds", "best right, low or high wrong"
    for what in OTHER_COUNTS:
        if _triple(gold, what)[1] != _triple(predicted, what)[1]:
            yield "other counts", f"{what}: {_count(gold, predicted, what)}"


def _count(gold: Row, predicted: Row, what: str) -> str:
    wanted, given = _triple(gold, what)[1], _triple(predicted, what)[1]
    if given is None:
        return "not found"
    if wanted is None:
        return "a number, where gold has none"
    parts = [_triple(gold, f"killed_{side}")[1] for side in ("attackers", "targets")]
    if what == "killed" and None not in parts and given in parts:
        return "one side's dead for all"
    return "too high" if given > wanted else "too low"


# ---- values for people -------------------------------------------------------------------------------------


def _when(row: Row) -> str:
    start, end = row.get("date_start"), row.get("date_end")
    if not start:
        return "unknown"
    days = start if end in (None, start) else f"{start} – {end}"
    return f"{days} ({row.get('date_precision')})"


def _where(row: Row) -> str:
    names = (row.get("place"), row.get("admin1"), row.get("country"))
    return f"{', '.join(str(n) for n in names if n) or 'unknown'} ({row.get('place_precision')})"


def _number(row: Row, what: str) -> str:
    triple = _triple(row, what)
    return (
        "null"
        if triple == [None] * 3
        else "[" + ", ".join("–" if n is None else str(n) for n in triple) + "]"
    )


def _harm(row: Row) -> str:
    return (
        "; ".join(f"{what} {_number(row, what)}" for what in OTHER_COUNTS if any(_triple(row, what)))
        or "null"
    )


_VALUES: Mapping[str, Callable[[Row], str]] = {
    "attackers": lambda row: ", ".join(row.get("attackers") or ()) or "empty",
    "targets": lambda row: ", ".join(row.get("targets") or ()) or "empty",
    "date": _when,
    "place": _where,
    "precision": _where,
    "killed": lambda row: _number(row, "killed"),
    "killed bounds": lambda row: _number(row, "killed"),
    "injured": lambda row: _number(row, "injured"),
    "other counts": _harm,
}


def value(row: Row, group: str) -> str:
    """A mention's value of a group; for groups of whole mentions, the mention in a line."""
    if group in _VALUES:
        return _VALUES[group](row)
    if group in ("status", "aspect", "kind"):
        return str(row.get(group))
    parts = (row["kind"], *(_VALUES[name](row) for name in ("attackers", "targets")))
    return f"{parts[0]}: {parts[1]} → {parts[2]}; {_when(row)}; {_where(row)}"
