"""Well-known events by which a text without a day of publication can be dated.

Invariant: an event counts only when its name, or its sort, its country and its clues, fit one event; `basis` names it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date as Day
from datetime import timedelta
from functools import cache

from tarikh import reference
from tarikh.model import Report, Span, When
from tarikh.resolve.feasts import anchor_data
from tarikh.resolve.frame import Time, monday, whole_month
from tarikh.text import straight


def _one_of(words: Sequence[str]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)", re.IGNORECASE)


@cache
def _names() -> tuple[re.Pattern[str], Mapping[str, Day]]:
    days = {
        straight(name).casefold(): row["date"] for row in anchor_data()["events"] for name in row["names"]
    }
    return _one_of(list(days)), days


def named_days(report: Report) -> Iterator[tuple[Span, Day]]:
    """The well-known events that a text names, with their days, in the order of the text."""
    pattern, days = _names()
    for match in pattern.finditer(straight(report.text)):
        day = days.get(match.group().casefold())
        if day is not None:
            yield Span("text", match.start(), match.end()), day


@cache
def _nouns() -> tuple[re.Pattern[str], Mapping[str, str]]:
    kinds = {
        straight(word).casefold(): kind for kind, words in anchor_data()["nouns"].items() for word in words
    }
    return _one_of(list(kinds)), kinds


@cache
def _countries() -> tuple[re.Pattern[str], Mapping[str, str]]:
    wanted = {row["country"] for row in anchor_data()["events"]}
    names: dict[str, str] = {}
    for country in reference.countries():
        if country.iso3 in wanted:
            adjectives = (word for words in country.adjectives.values() for word in words)
            for name in (*country.names, *adjectives):
                names.setdefault(straight(name).casefold(), country.iso3)
    return _one_of(list(names)), names


_NEAR = 25
"""Characters between "last week" and the noun that it goes with: "last week's military coup", "le putsch de la semaine dernière"."""


def _noun_beside(text: str, span: Span) -> str | None:
    pattern, kinds = _nouns()
    after = pattern.search(text, span.end, min(len(text), span.end + _NEAR))
    before = list(pattern.finditer(text, max(0, span.start - _NEAR), span.start))
    match = after or (before[-1] if before else None)
    if match is None or re.search(
        r"[.!?;\n]", text[min(span.end, match.end()) : max(span.start, match.start())]
    ):
        return None
    return kinds.get(match.group().casefold())


def bounds(report: Report, times: Sequence[Time]) -> dict[int, When]:
    """What "last week" or "last month" means beside a well-known sort of event ("last week's coup") in a text without a day.

    The event's own week or month, where only one event of that sort is known of the countries that the text names.
    """
    found: dict[int, When] = {}
    for index, time in enumerate(times):
        form, span = time.form, time.phrase.spans[0]
        if (
            form.kind != "offset"
            or form.anchor != "published"
            or not form.whole
            or form.amount not in (0, -1)
        ):
            continue
        text = straight(report.title if span.part == "title" else report.text)
        kind = _noun_beside(text, span)
        event = _only_event(kind, report) if kind is not None else None
        if event is None or form.unit not in ("week", "month"):
            continue
        day, name = event
        basis = f"anchor: {name}, {day.isoformat()}"
        first = monday(day)
        week = When(first, first + timedelta(days=6), "week", basis)
        found[index] = week if form.unit == "week" else whole_month(day.year, day.month, basis)
    return found


_LONG_AGO = timedelta(days=3652)


def _only_event(kind: str, report: Report) -> tuple[Day, str] | None:
    """The one event that is meant: by a clue, or the latest where all others are ten years older."""
    pattern, names = _countries()
    text = straight(f"{report.title}\n{report.text}")
    told = {names.get(match.group().casefold()) for match in pattern.finditer(text)}
    rows = [row for row in anchor_data()["events"] if row.get("kind") == kind and row["country"] in told]
    clued = [row for row in rows if any(straight(clue) in text for clue in row.get("clues", ()))]
    chosen = clued or rows
    latest = max(chosen, key=lambda row: row["date"], default=None)
    if latest is None or any(latest["date"] - row["date"] < _LONG_AGO for row in chosen if row is not latest):
        return None
    return latest["date"], str(latest["names"][0])
