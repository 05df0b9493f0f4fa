"""Events of UCDP GED as reports with one mention each, coded from the columns of their row alone.

Invariant: the report's text is the row, a line a column, and each field of the mention points to its lines; what GED does not
say (who began, with which weapon) is not said, and its zeros that stand for "not counted so" stay unknown.

Source of the meanings: UCDP GED Codebook (Sundberg and Melander 2013; CC BY 4.0).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path

from tarikh.errors import SourceError, UsageError
from tarikh.gazetteer import Gazetteer
from tarikh.imports import ged_columns, ged_parties, ged_places
from tarikh.imports.opening import STAGE
from tarikh.link import correction_value
from tarikh.link.independence import fingerprint
from tarikh.model import (
    DATA_SETS,
    GED,
    Count,
    DatePrecision,
    Evidence,
    Mention,
    Problem,
    Report,
    Span,
    When,
    Where,
    stable_id,
)
from tarikh.store import Brought

CODER = f"{GED}1"
(SOURCE,) = DATA_SETS
"""The source of every event, whichever release: a release corrects the one before, and is no second witness."""
LANGUAGE = "en"
MOST = 200_000
"""Characters of a row: the longest, with the articles of a battle of months, have some thousands."""

KINDS = {1: "armed_clash", 2: "armed_clash", 3: "attack_on_civilians"}
"""type_of_violence → kind. GED tells no weapon, so no kind of remote violence follows from it."""
_KIND_WHY = {
    1: "type_of_violence 1, fighting of which one side is a state; GED tells no weapon",
    2: "type_of_violence 2, fighting between organized groups; GED tells no weapon",
    3: "type_of_violence 3, violence of an organized party against civilians",
}
_PRECISION: Mapping[int, DatePrecision] = {1: "day", 2: "week", 3: "week", 4: "month", 5: "year"}
_LONGEST: tuple[tuple[int, DatePrecision], ...] = ((1, "day"), (7, "week"), (31, "month"))
"""Days that a precision can span: a longer stretch is coarser, whatever date_prec says."""
_SURE = 0.9
"""Confidence of a field that researchers coded by hand; of an event whose code_status is not clear `_LESS_SURE`."""
_LESS_SURE = 0.6

TOLD = (
    *("type_of_violence", "id", "relid", "conflict_name", "dyad_name", "side_a", "side_a_new_id", "side_b"),
    *(
        "side_b_new_id",
        "date_start",
        "date_end",
        "date_prec",
        "country",
        "adm_1",
        "adm_2",
        "where_coordinates",
    ),
    *(
        "where_description",
        "where_prec",
        "latitude",
        "longitude",
        "best",
        "low",
        "high",
        "deaths_a",
        "deaths_b",
    ),
    *("deaths_civilians", "deaths_unknown", "event_clarity", "code_status", "number_of_sources"),
    *("source_original", "source_office", "source_date", "source_headline", "source_article"),
)
"""The columns of which the text is made, in its order: those that all forms of GED share, so that one row is one text."""
_NUMBERS = (
    *("id", "type_of_violence", "side_a_new_id", "side_b_new_id", "date_prec", "where_prec", "event_clarity"),
    *(
        "best",
        "low",
        "high",
        "deaths_a",
        "deaths_b",
        "deaths_civilians",
        "deaths_unknown",
        "number_of_sources",
    ),
)
_AGGREGATE = "event_clarity 2: GED counts several events together here, which its source did not tell apart; a sum is no incident"


def read(path: Path, gazetteer: Gazetteer | None, today: date) -> Iterator[Brought | Problem]:
    """The events of a file, or the problem of each row that is none; also of the file, where it ends in damage."""
    for each in _to_the_damage(path):
        if isinstance(each, Problem):
            yield each
            continue
        line, row = each
        origin = f"{path}:{line}"
        try:
            yield event(_plain(row), origin, gazetteer, today)
        except (ValueError, UsageError) as error:
            yield Problem(STAGE, str(error), origin, line, row.get("id") or None)


def _to_the_damage(path: Path) -> Iterator[tuple[int, ged_columns.GedRow] | Problem]:
    try:
        yield from ged_columns.rows(path)
    except SourceError as error:
        yield Problem(STAGE, f"{error}; the rows before it were taken", str(path))


def event(
    row: Mapping[str, str], origin: str, gazetteer: Gazetteer | None = None, today: date | None = None
) -> Brought:
    """The report and mention of one row with plain values. Raises `ValueError` or `UsageError` where it cannot be taken."""
    if row["event_clarity"] == "2":
        raise ValueError(_AGGREGATE)
    if int(row["type_of_violence"] or 0) not in KINDS:
        raise ValueError(f"type_of_violence is {row['type_of_violence']!r}; this Tarikh knows 1, 2 and 3")
    report = _report(row, origin)
    nation = ged_places.country(row)
    if nation is None:
        raise ValueError(f"country {row['country'][:60]!r} is not known; a column iso3 can say which it is")
    mention = _mention(row, _Lines(report, row), nation, gazetteer, today)
    known_by = fingerprint("", f"ucdp ged event {row['id']}")  # its columns are like those of any other event
    return Brought(report, CODER, (mention,), known_by)


def _plain(row: Mapping[str, str]) -> dict[str, str]:
    """The row with whole numbers and days written one way, however the file writes them ("1.0", "2024-03-19 00:00:00.000")."""
    # A line break in a cell would look like another column in the text.
    made = {name: " ".join(row.get(name, "").split()) for name in (*TOLD, "iso3")}
    for name in _NUMBERS:
        made[name] = _whole(name, made[name])
    for name in ("date_start", "date_end"):
        made[name] = _day(name, made[name]).isoformat()
    if not made["id"]:
        raise ValueError("has no id; GED gives every event one")
    return made


def _whole(name: str, text: str) -> str:
    if not text:
        return ""
    number = text.removesuffix(".0")
    digits = number.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 13):
        raise ValueError(f"{name} is {text[:40]!r}, which is no whole number")
    return str(int(number))


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise ValueError(f"{name} is {text[:40]!r}, which is no day as 2024-03-19") from None


def _report(row: Mapping[str, str], origin: str) -> Report:
    title = f"{SOURCE} {row['id']}: {row['dyad_name'] or row['side_a'] + ' - ' + row['side_b']}"
    text = "\n".join(f"{name}: {row[name]}" for name in TOLD if row[name])
    if len(title) + len(text) > MOST:
        raise ValueError(f"has {len(text):,} characters; a row of GED has at most {MOST:,}")
    url = f"ucdp:ged:{row['id']}"
    return Report(
        stable_id("r", SOURCE, url, title, text, None),
        title,
        text,
        LANGUAGE,
        source=SOURCE,
        url=url,
        given_id=row["id"],
        origin=origin,
    )


class _Lines:
    """Evidence out of the lines of a report's text."""

    def __init__(self, report: Report, row: Mapping[str, str]) -> None:
        self.report = report
        self._sure = _SURE if row["code_status"].casefold() in ("", "clear") else _LESS_SURE
        self._at: dict[str, Span] = {}
        start = 0
        for line in report.text.split("\n"):
            name = line.partition(":")[0]
            self._at.setdefault(name, Span("text", start, start + len(line)))
            start += len(line) + 1

    def of(self, *names: str, why: str = "") -> Evidence:
        """That a field rests on these columns."""
        spans = tuple(self._at[name] for name in names if name in self._at)
        words = tuple(self.report.words(span) for span in spans)
        return Evidence(spans, words, self._sure, f"UCDP GED: {why or ', '.join(names)}")


def _mention(
    row: Mapping[str, str], lines: _Lines, nation: str, gazetteer: Gazetteer | None, today: date | None
) -> Mention:
    kind, when = int(row["type_of_violence"]), _when(row, today)
    prec = int(row["where_prec"] or 0)
    if prec not in ged_places.PRECISION:
        raise ValueError(f"where_prec is {row['where_prec']!r}; this Tarikh knows 1 to 7")
    where: Where = correction_value("place", asdict(ged_places.where(row, prec, nation, gazetteer)))
    sides = tuple(
        correction_value(
            side, ged_parties.side(row[column], _id(row[f"{column}_new_id"]), nation, when.start)
        )
        for side, column in (("attackers", "side_a"), ("targets", "side_b"))
    )
    harm = _harm(row, kind)
    trigger = lines.of("type_of_violence", why=_KIND_WHY[kind])
    began = "GED does not say who began: the first side" if kind != 3 else "the side that used violence"
    evidence = {
        "kind": trigger,
        "attackers": lines.of("side_a", "side_a_new_id", why=began),
        "targets": lines.of("side_b", "side_b_new_id", why="the other side"),
        "date": lines.of("date_start", "date_end", "date_prec"),
        "place": lines.of(
            "where_coordinates", "where_description", "adm_1", "adm_2", "country", "where_prec"
        ),
        **{f"harm.{what}": lines.of(*columns) for what, (_, columns) in harm.items()},
    }
    said = row["source_original"] or None
    if said is not None:
        evidence["attribution"] = lines.of("source_original")
    report = lines.report
    return Mention(
        id=stable_id("m", report.id, CODER),
        report_id=report.id,
        coder=CODER,
        kind=KINDS[kind],
        attackers=sides[0],
        targets=sides[1],
        when=when,
        where=where,
        harm={what: count for what, (count, _) in harm.items()},
        attribution=said,
        trigger=trigger.words[0],
        evidence=evidence,
        source=report.source,
        language=report.language,
    )


def _id(text: str) -> int | None:
    return int(text) if text else None


def _when(row: Mapping[str, str], today: date | None) -> When:
    start, end = date.fromisoformat(row["date_start"]), date.fromisoformat(row["date_end"])
    if end < start:
        raise ValueError(f"date_end {end} is before date_start {start}")
    if today is not None and start > today:
        raise ValueError(f"date_start {start} is in the future; an incident has happened")
    told = _PRECISION.get(int(row["date_prec"] or 0))
    if told is None:
        raise ValueError(f"date_prec is {row['date_prec']!r}; this Tarikh knows 1 to 5")
    days = (end - start).days + 1
    spans = next((name for most, name in _LONGEST if days <= most), "year")
    order: tuple[DatePrecision, ...] = ("day", "week", "month", "year")
    return When(start, end, max(told, spans, key=order.index), "")  # type: ignore[arg-type]


# ---- deaths ------------------------------------------------------------------------------------------------

Told = dict[str, tuple[Count, tuple[str, ...]]]


def _harm(row: Mapping[str, str], kind: int) -> Told:
    """The counts with their columns; a count that GED does not give is absent."""
    found: Told = {}
    total = _total(row)
    if total.known():
        found["killed"] = (total, ("best", "low", "high"))
    exact = total.low == total.best == total.high and row["deaths_unknown"] in ("0", "")
    if kind == 3:
        # The sides are always 0 here: whom the attacker lost is not counted. Who was killed were civilians.
        civilians = _part(row, "deaths_civilians", exact)
        for what in ("killed_targets", "killed_civilians") if civilians is not None else ():
            found[what] = (civilians, ("deaths_civilians",))  # type: ignore[assignment]
        return found
    columns = {
        "killed_attackers": "deaths_a",
        "killed_targets": "deaths_b",
        "killed_civilians": "deaths_civilians",
    }
    for what, column in columns.items():
        count = _part(row, column, exact)
        if count is not None:
            found[what] = (count, (column,))
    return found


def _total(row: Mapping[str, str]) -> Count:
    """Low, best and high; a bound that the best figure has passed, which some rows have, is open."""
    low, best, high = (_number(row, name) for name in ("low", "best", "high"))
    if best is not None:
        low = None if low is not None and low > best else low
        high = None if high is not None and high < best else high
    elif low is not None and high is not None and low > high:
        raise ValueError(f"low is {low} and high is {high}; low must not be above high")
    return Count(low, best, high)


def _part(row: Mapping[str, str], column: str, exact: bool) -> Count | None:
    """Of one side GED gives a best figure alone. A 0 is none killed only where all of the dead are told apart for sure."""
    number = _number(row, column)
    if number is None or (number == 0 and not exact):
        return None
    return Count(number, number, number) if exact else Count(None, number, None)


def _number(row: Mapping[str, str], column: str) -> int | None:
    if not row[column]:
        return None
    number = int(row[column])
    if number < 0:
        raise ValueError(f"{column} is {number}; numbers of people are not below 0")
    return number
