"""The rules' mentions and the model's, laid side by side: what both say, what one leaves open, and where they disagree.

Invariant: every value is one that one of the two gave, with its words. Where both gave one and they differ the rules' stands, and
the model's stays beside it as a rejected candidate that asks for a person (`DISAGREE`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tarikh.llm.answers import Refused
from tarikh.llm.coder import SURE
from tarikh.model import HARMS, Candidate, Count, Evidence, Mention, When, Where
from tarikh.resolve import merge
from tarikh.store import DISAGREE, successors

NO_INCIDENT = "no incident"
"""The value of one coder where the other alone tells of an act."""


@dataclass(frozen=True, slots=True)
class _Field:
    """How a field is read and said; `open` tells whether a value says nothing."""

    name: str
    read: Callable[[Mention], Any]
    open: Callable[[Any], bool]
    said: Callable[[Any], str]


def _when(value: When) -> str:
    return f"{value.start} to {value.end} ({value.precision})"


def _where(value: Where) -> str:
    parts = (value.place, value.admin2 if value.place is None else None, value.admin1, value.country)
    return ", ".join(part for part in parts if part) + f" ({value.precision})"


def _count(value: Count) -> str:
    low, best, high = ("?" if n is None else str(n) for n in (value.low, value.best, value.high))
    return f"{low}, {best}, {high}"


def _names(value: tuple[str, ...]) -> str:
    return " & ".join(sorted(value))


def _plain(name: str) -> _Field:
    return _Field(name, lambda m: getattr(m, name), lambda value: not value, str)


def _side(name: str) -> _Field:
    return _Field(name, lambda m: tuple(sorted(getattr(m, name))), lambda value: not value, _names)


def _harm(what: str) -> _Field:
    return _Field(
        f"harm.{what}", lambda m: m.harm.get(what), lambda value: value is None or not value.known(), _count
    )


FIELDS = (
    _plain("kind"),
    _plain("status"),
    _plain("aspect"),
    _side("attackers"),
    _side("targets"),
    _Field("date", lambda m: m.when, lambda value: value.start is None, _when),
    _Field("place", lambda m: m.where, lambda value: value.precision in ("unknown", "country"), _where),
    *(_harm(what) for what in HARMS),
)
"""What is compared. Who says it is kept from whichever coder gives it: two quotes of one speaker are no disagreement."""


def combined(
    rules: Sequence[Mention], model: Sequence[Mention], refused: Sequence[Refused]
) -> tuple[Mention, ...]:
    """The mentions of a report that both coded, in the order of their triggers; `refused` is what was not taken of the answer.

    An act that the rules alone see asks for a person only where the answer was whole: what was refused or cut off may be it.
    """
    steps = dict(successors(rules, model))
    taken = set(steps.values())
    for mention in rules:
        if mention.id not in steps:
            other = next((m for m in model if m.id not in taken and merge.same(mention, m)), None)
            if other is not None:
                steps[mention.id] = other.id
                taken.add(other.id)
    by_id = {m.id: m for m in model}
    whole = not any(each.field in ("mention", "answer") for each in refused)
    made: list[Mention] = []
    used: set[str] = set()
    for mention in rules:
        other = by_id.get(steps.get(mention.id, ""))
        if other is not None and other.id not in used:
            used.add(other.id)
            made.append(_joined(mention, other))
        elif other is None and whole:
            made.append(_alone(mention, "the language model quotes no such act"))
        else:
            made.append(mention)
    made += [_alone(m, "the rules find no such act") for m in model if m.id not in taken]
    return tuple(sorted(made, key=_place))


def _place(mention: Mention) -> tuple[bool, int]:
    spans = mention.evidence["kind"].spans
    return (spans[0].part == "text", spans[0].start) if spans else (True, 0)


def _alone(mention: Mention, why: str) -> Mention:
    kind = mention.evidence["kind"]
    other = Candidate(NO_INCIDENT, SURE, (DISAGREE, why))
    return replace(mention, evidence={**mention.evidence, "kind": _beside(kind, other)})


def _beside(evidence: Evidence, other: Candidate) -> Evidence:
    return replace(evidence, rejected=(*evidence.rejected, other))


def _joined(rules: Mention, model: Mention) -> Mention:
    """The rules' mention, with the model's value where the rules give none, and beside it where they differ."""
    evidence = dict(rules.evidence)
    taken: dict[str, Any] = {}
    for field in FIELDS:
        own, other = field.read(rules), field.read(model)
        if field.open(other) or own == other:
            continue
        told = model.evidence.get(field.name, Evidence())
        if field.open(own):
            taken[field.name] = other
            evidence[field.name] = replace(
                told, reason=f"the rules leave it open; {told.reason or model.coder}"
            )
            continue
        words = " … ".join(told.words)
        reasons = (DISAGREE, f"{model.coder}: “{words}”" if words else model.coder)
        beside = Candidate(field.said(other), told.confidence, reasons)
        evidence[field.name] = _beside(evidence.get(field.name, Evidence()), beside)
    if rules.attribution is None and model.attribution is not None and "attribution" in model.evidence:
        taken["attribution"] = model.attribution
        evidence["attribution"] = model.evidence["attribution"]
    return replace(rules, evidence=evidence, **_values(rules, model, taken))


def _values(rules: Mention, model: Mention, taken: Mapping[str, Any]) -> dict[str, Any]:
    """The model's values that are taken, by the names of a mention's fields, with the phrases that they were resolved from."""
    names = {"date": "when", "place": "where"}
    values = {names.get(name, name): value for name, value in taken.items() if not name.startswith("harm.")}
    harm = {name.removeprefix("harm."): value for name, value in taken.items() if name.startswith("harm.")}
    if harm:
        values["harm"] = {**rules.harm, **harm}
    phrases = {name: model.phrases[name] for name in taken if name in model.phrases}
    if phrases:
        values["phrases"] = {**rules.phrases, **phrases}
    return values
