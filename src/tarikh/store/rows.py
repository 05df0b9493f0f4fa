"""Dataclasses to rows of the tables and back; and their whole JSON form, `to_json` and `from_json`.

Invariant: what went in comes out equal, but for moments, which come back in UTC. A row of which nothing can be made is a
`StoreError` that names it.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache, wraps
from typing import Any, TypeVar, cast

import sqlalchemy as sa

from tarikh.errors import StoreError
from tarikh.model import (
    Claim,
    Correction,
    Count,
    Decision,
    Evidence,
    Incident,
    Judgement,
    Mention,
    Phrase,
    Problem,
    Reason,
    Report,
    SourceRole,
    When,
    Where,
)
from tarikh.store.damage import sentence
from tarikh.store.json_form import any_from_json, any_to_json, from_json, to_json
from tarikh.store.schema import dumps
from tarikh.text import fold, folded

__all__ = ["from_json", "to_json"]

Row = sa.RowMapping
Fresh = dict[str, Any]

_LARGEST = 2**63 - 1
"""The largest whole number of a column; a figure beyond it is nonsense, and kept as told in `harm`."""


Reading = TypeVar("Reading", bound=Callable[..., Any])


def _of(table: str) -> Callable[[Reading], Reading]:
    """Has a function that reads rows of a table name the one of which nothing can be made."""

    def named(read: Reading) -> Reading:
        @wraps(read)
        def safely(row: Any, *others: Any) -> Any:
            try:
                return read(row, *others)
            except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
                what = f"its values are not of the form that Tarikh writes ({type(error).__name__}: {error})"
                raise StoreError(sentence(table, row.get("id", "without id"), what)) from error

        return cast(Reading, safely)

    return named


def _when_where(when: When, where: Where) -> Fresh:
    return {
        "date_start": when.start,
        "date_end": when.end,
        "date_precision": when.precision,
        "date_basis": when.basis,
        "country": where.country,
        "admin1": where.admin1,
        "admin2": where.admin2,
        "place": where.place,
        "latitude": where.latitude,
        "longitude": where.longitude,
        "place_precision": where.precision,
        "geonameid": where.geonameid,
    }


# Most rows tell of a few days, places and parties: of each value one object, since tens of thousands of mentions are kept in
# memory while they are linked.
_a_when = lru_cache(20_000, typed=True)(When)
_a_where = lru_cache(20_000, typed=True)(Where)
_a_count = lru_cache(20_000, typed=True)(Count)


@lru_cache(20_000)
def _parties(names: tuple[str, ...]) -> tuple[str, ...]:
    return names


def _when(row: Row | Fresh) -> When:
    return _a_when(row["date_start"], row["date_end"], row["date_precision"], row["date_basis"])


def _where(row: Row | Fresh) -> Where:
    return _a_where(
        row["country"],
        row["admin1"],
        row["admin2"],
        row["place"],
        row["latitude"],
        row["longitude"],
        row["place_precision"],
        row["geonameid"],
    )


def _counts(data: Mapping[str, Any]) -> dict[str, Count]:
    for what, bounds in data.items():
        if not all(bound is None or isinstance(bound, int) for bound in bounds):
            raise ValueError(f"the count {what} is none")
    return {what: _a_count(*bounds) for what, bounds in data.items()}


def _bounds(harm: Mapping[str, Count]) -> dict[str, list[int | None]]:
    return {what: [count.low, count.best, count.high] for what, count in harm.items()}


# ---- reports and what is said of them --------------------------------------------------------------------

_REPORT = ("id", "title", "text", "language", "published", "fetched", "source", "url", "given_id", "origin")
_PROBLEM = ("stage", "reason", "origin", "line", "report_id", "at")


def report_row(report: Report) -> Fresh:
    """The columns of a report, without those that the store sets."""
    return {name: getattr(report, name) for name in _REPORT}


@_of("report")
def report_of(row: Row) -> Report:
    """The report of a row."""
    return Report(**{name: row[name] for name in _REPORT})


def problem_row(problem: Problem) -> Fresh:
    """The columns of a problem."""
    return {name: getattr(problem, name) for name in _PROBLEM}


@_of("problem")
def problem_of(row: Row) -> Problem:
    """The problem of a row."""
    return Problem(**{name: row[name] for name in _PROBLEM})


# ---- mentions --------------------------------------------------------------------------------------------

_MENTION = (
    "id",
    "report_id",
    "coder",
    "kind",
    "status",
    "aspect",
    "attribution",
    "trigger",
    "published",
    "source",
    "language",
    "recorded_at",
    "succeeds",
)


def mention_row(mention: Mention) -> Fresh:
    """The columns of a mention."""
    return {
        **{name: getattr(mention, name) for name in _MENTION},
        **_when_where(mention.when, mention.where),
        "attackers": list(mention.attackers),
        "targets": list(mention.targets),
        "harm": _bounds(mention.harm),
        "evidence": {field: to_json(evidence) for field, evidence in mention.evidence.items()},
        "phrases": {field: [to_json(p) for p in phrases] for field, phrases in mention.phrases.items()},
        "details": _packed(mention.details, mention.terms),
    }


@_of("mention")
def mention_of(row: Row | Fresh, evidence: Mapping[str, Evidence] | None = None) -> Mention:
    """The mention of a row; `evidence` stands for what the row has, where it has been read already."""
    told = {field: from_json(Evidence, data) for field, data in row["evidence"].items()}
    names, words = _unpacked(row["details"])
    return Mention(
        **{name: row[name] for name in _MENTION},
        attackers=_parties(tuple(row["attackers"])),
        targets=_parties(tuple(row["targets"])),
        when=_when(row),
        where=_where(row),
        harm=_counts(row["harm"]),
        evidence=told if evidence is None else evidence,
        phrases={
            field: tuple(from_json(Phrase, data) for data in phrases)
            for field, phrases in row["phrases"].items()
        },
        details=names,
        terms=words,
    )


_COUNTED = 2
"""Bytes at the end of `details` that say how many of its numbers are names; a row without them holds names alone."""


def _packed(names: tuple[int, ...], words: tuple[int, ...]) -> bytes | None:
    """Names and words that an act is told with, four bytes each; after them the number of names, where there are words."""
    if not words:
        return array("I", names).tobytes() if names else None
    return array("I", (*names, *words)).tobytes() + len(names).to_bytes(_COUNTED, "little")


def _unpacked(kept: bytes | None) -> tuple[tuple[int, ...], tuple[int, ...]]:
    if not kept:
        return (), ()
    if len(kept) % 4 == 0:
        return tuple(array("I", kept)), ()
    numbers, names = tuple(array("I", kept[:-_COUNTED])), int.from_bytes(kept[-_COUNTED:], "little")
    return numbers[:names], numbers[names:]


# ---- judgements and corrections --------------------------------------------------------------------------


def judgement_row(judgement: Judgement) -> Fresh:
    """The columns of a judgement, its two mentions in order of id."""
    left, right = sorted((judgement.left, judgement.right))
    return {
        "left": left,
        "right": right,
        "verdict": judgement.verdict,
        "score": judgement.score,
        "by": judgement.by,
        "reasons": _reasons(judgement.reasons),
        "at": judgement.at,
        "withdrawn_at": judgement.withdrawn_at,
    }


def _reasons(reasons: Iterable[Reason]) -> list[list[Any]]:
    """Feature, value and weight of each: there are ten to every judgement, and names would double the table."""
    return [[one.feature, one.value, one.weight] for one in reasons]


_NAMES = ("feature", "value", "weight")


def _reason(kept: Any) -> Reason:
    """Of a row; those of before had names."""
    return Reason(*kept) if isinstance(kept, list) else Reason(*(kept[name] for name in _NAMES))


def bare_reasons(kept: Iterable[Any]) -> list[list[Any]]:
    """Reasons of a row without what the reports say: the level ("same place") is ours, what follows it is theirs."""
    told = map(_reason, kept)
    return _reasons(replace(each, value=str(each.value).partition(":")[0]) for each in told)


@_of("judgement")
def judgement_of(row: Row) -> Judgement:
    """The judgement of a row."""
    reasons = tuple(_reason(each) for each in row["reasons"])
    return Judgement(
        row["left"],
        row["right"],
        row["verdict"],
        row["score"],
        row["by"],
        reasons,
        row["at"],
        row["withdrawn_at"],
    )


def _said(judgement: Judgement) -> Fresh:
    """A judgement as an incident's row has it."""
    row = judgement_row(judgement)
    moments = {name: row[name] for name in ("at", "withdrawn_at")}
    return row | {name: at if at is None else at.isoformat() for name, at in moments.items()}


def said_of(kept: Fresh) -> Judgement:
    """The judgement of an incident's row; those of before have reasons with names."""
    reasons = [
        each if isinstance(each, dict) else dict(zip(_NAMES, each, strict=True)) for each in kept["reasons"]
    ]
    return from_json(Judgement, {**kept, "reasons": reasons})


_CORRECTION = ("mention_id", "field", "by", "at", "note", "withdrawn_at")


def correction_row(correction: Correction) -> Fresh:
    """The columns of a correction."""
    value = any_to_json(correction.value)
    return {**{name: getattr(correction, name) for name in _CORRECTION}, "value": value}


@_of("correction")
def correction_of(row: Row) -> Correction:
    """The correction of a row."""
    return Correction(**{name: row[name] for name in _CORRECTION}, value=any_from_json(row["value"]))


_DECISION = ("mention_id", "verdict", "by", "at", "note", "withdrawn_at")


def decision_row(decision: Decision) -> Fresh:
    """The columns of a decision."""
    return {**{name: getattr(decision, name) for name in _DECISION}, "seen": list(decision.seen)}


@_of("decision")
def decision_of(row: Row) -> Decision:
    """The decision of a row."""
    return Decision(**{name: row[name] for name in _DECISION}, seen=tuple(row["seen"]))


_SOURCE_ROLE = ("source", "role", "by", "at", "note")


def source_role_row(said: SourceRole) -> Fresh:
    """The columns of what was said of a source."""
    return {name: getattr(said, name) for name in _SOURCE_ROLE}


@_of("source_role")
def source_role_of(row: Row) -> SourceRole:
    """What was said of a source, of a row."""
    return SourceRole(**{name: row[name] for name in _SOURCE_ROLE})


# ---- incidents -------------------------------------------------------------------------------------------


def incident_row(incident: Incident, titles: Iterable[str] = (), published: date | None = None) -> Fresh:
    """The columns of an incident. `titles` of its reports are searched as well; `published` is their newest day."""
    killed = incident.harm.get("killed", Count())
    row = {
        "id": incident.id,
        "founder": incident.founder,
        "kind": incident.kind,
        "status": incident.status,
        "attackers": list(incident.attackers),
        "targets": list(incident.targets),
        **_when_where(incident.when, incident.where),
        "killed_low": _column(killed.low),
        "killed_best": _column(killed.best),
        "killed_high": _column(killed.high),
        "harm": _bounds(incident.harm),
        "sources": list(incident.sources),
        "support": {field: list(ids) for field, ids in incident.support.items()},
        "ledger": [to_json(claim) for claim in incident.ledger],
        "judgements": [_said(judgement) for judgement in incident.judgements],
        "corrections": [to_json(correction) for correction in incident.corrections],
        "review": incident.review,
        "absorbed": list(incident.absorbed),
        "confidence": incident.confidence,
        "published": published,
        "places": _places(incident.where),
        "words": _search_words(incident, titles),
    }
    return {**row, "digest": _digest(row, incident.members)}


def _column(number: int | None) -> int | None:
    return None if number is None else min(number, _LARGEST)


def _digest(row: Fresh, members: tuple[str, ...]) -> str:
    plain = [value.isoformat() if isinstance(value, date) else value for value in row.values()]
    return hashlib.sha256(dumps([plain, list(members)]).encode()).hexdigest()[:32]


def _places(where: Where) -> str:
    """The names of place and units, folded, each between bars, so that a whole name can be looked for."""
    names = [folded(name) for name in (where.place, where.admin2, where.admin1) if name]
    return f"|{'|'.join(dict.fromkeys(names))}|" if names else ""


def _search_words(incident: Incident, titles: Iterable[str]) -> str:
    """What the text filter looks through, folded, a space before each word."""
    where = incident.where
    claims = [word for claim in incident.ledger for word in (*claim.words, claim.attribution)]
    told = [where.place, where.admin2, where.admin1, incident.kind, *incident.attackers, *incident.targets]
    told += [*incident.sources, *claims, *sorted(titles)]
    words = [word for text in told if text for word in fold(text).split()]
    return " " + " ".join(dict.fromkeys(words)) if words else ""


@_of("incident")
def incident_of(row: Row, members: tuple[str, ...]) -> Incident:
    """The incident of a row and of its members' ids in their order."""
    return Incident(
        id=row["id"],
        founder=row["founder"],
        members=members,
        kind=row["kind"],
        status=row["status"],
        attackers=tuple(row["attackers"]),
        targets=tuple(row["targets"]),
        when=_when(row),
        where=_where(row),
        harm=_counts(row["harm"]),
        sources=tuple(row["sources"]),
        support={field: tuple(ids) for field, ids in row["support"].items()},
        ledger=tuple(from_json(Claim, data) for data in row["ledger"]),
        judgements=tuple(said_of(data) for data in row["judgements"]),
        corrections=tuple(from_json(Correction, data) for data in row["corrections"]),
        review=row["review"],
        absorbed=tuple(row["absorbed"]),
        confidence=row["confidence"],
    )
