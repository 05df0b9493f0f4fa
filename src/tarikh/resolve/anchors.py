"""Well-known events by which a text without a day of publication can be dated.

Invariant: an event counts only where words of time hang on it or a day stands beside it, never for being named somewhere;
`basis` names it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import date as Day
from datetime import timedelta
from functools import cache
from typing import Any

from tarikh import reference
from tarikh.model import Report, Span, When
from tarikh.resolve.feasts import anchor_data
from tarikh.resolve.frame import Form, Time, known, monday, whole_month
from tarikh.text import fold, straight

Row = Mapping[str, Any]


def _one_of(words: Sequence[str]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)", re.IGNORECASE)


@cache
def _names() -> tuple[re.Pattern[str], Mapping[str, When]]:
    days = {
        straight(name).casefold(): known(row["date"], basis=_basis(name, row["date"]))
        for row in anchor_data()["events"]
        for name in row["names"]
    }
    return _one_of(list(days)), days


def _basis(name: str, day: Day) -> str:
    return f"anchor: {name}, {day.isoformat()}"


def _named(text: str) -> Iterator[tuple[int, int, When]]:
    """Start, end and day of the well-known events that a text names, in its order."""
    pattern, days = _names()
    for match in pattern.finditer(straight(text)):
        day = days.get(match.group().casefold())
        if day is not None:
            yield match.start(), match.end(), day


_BREAK = re.compile(r"[.!?;](?=\s)|\n")
_LEADING_IN = re.compile(r"\s*(?:[^\W\d_]+['\s]\s*){0,2}\Z")
"""What may stand between "two days after" and the name: an article and a word ("the bloody", "la", "l'")."""


@cache
def _recalling(language: str) -> frozenset[str]:
    """Words by which a sentence recalls an event of another time: "since", "began", "years"."""
    if language not in reference.languages():
        return frozenset()
    return frozenset(fold(str(word)) for word in reference.lexicon(language, "dates").get("recalling", ()))


def _recalls(sentence: str, language: str) -> bool:
    return not _recalling(language).isdisjoint(fold(sentence).split())


def _counts_on(form: Form) -> bool:
    """ "Two days after", "the Sunday before": the words go on to name the event."""
    return form.kind in ("offset", "weekday") and form.anchor == "event"


def _lacks_a_year(form: Form) -> bool:
    return (
        form.kind == "date"
        and None not in (form.month, form.day)
        and form.year is None
        and form.year_shift is None
    )


Event = tuple[int, int, When]
"""Start and end of the name of a well-known event in the text, and its day."""

_LEADING_REACH = 40


def _led_to(text: str, end: int, starts: Sequence[int]) -> int | None:
    """Place in `starts` of the name that words of time that end at `end` go on to, with an article at most between."""
    at = bisect_left(starts, end)
    if at == len(starts) or starts[at] - end > _LEADING_REACH:
        return None
    return at if _LEADING_IN.match(text, end, starts[at]) else None


def _within(span: Span, starts: Sequence[int], events: Sequence[Event]) -> bool:
    """Whether words of time are part of a name; names do not overlap."""
    at = bisect_left(starts, span.end) - 1
    return at >= 0 and span.start < events[at][1]


def named_events(
    report: Report, times: Sequence[Time]
) -> tuple[dict[int, When], dict[int, Day], frozenset[int]]:
    """By place in `times`: the well-known event that a phrase counts from, the day of the one beside it, and
    which phrases are part of a name ("the October 7 attack").
    """
    text = straight(report.text)
    events = list(_named(text))
    starts = [event[0] for event in events]
    spans = [(i, time.phrase.spans[0], time.form) for i, time in enumerate(times if events else ())]
    in_text = [row for row in spans if row[1].part == "text"]
    inside = frozenset(i for i, span, _ in in_text if _within(span, starts, events))
    led = {i: _led_to(text, span.end, starts) for i, span, form in in_text if _counts_on(form)}
    hung = {i: at for i, at in led.items() if at is not None}
    days = [(i, span.start) for i, span, form in in_text if i not in inside and _lacks_a_year(form)]
    beside = _beside(days, report, events, set(hung.values()))
    return {i: events[at][2] for i, at in hung.items()}, beside, inside


def _beside(
    days: Sequence[tuple[int, int]], report: Report, events: Sequence[Event], used: Set[int]
) -> dict[int, Day]:
    """Of days without a year, each with where it starts: the day of the well-known event in its sentence.

    The sentence names no other, recalls nothing, and nothing else hangs on the event (`used`, by its place in `events`).
    """
    text = straight(report.text)
    breaks = [0, *(match.end() for match in _BREAK.finditer(text)), len(text) + 1]
    named: dict[int, set[Day | None]] = {}
    for at, (start, _, event) in enumerate(events):
        named.setdefault(bisect_right(breaks, start), set()).add(None if at in used else event.start)
    fit: dict[int, Day] = {}
    for place, (day, *others) in named.items():
        recalls = _recalls(text[breaks[place - 1] : breaks[place]], report.language)
        if day is not None and not others and not recalls:
            fit[place] = day
    places = ((i, bisect_right(breaks, start)) for i, start in days)
    return {i: fit[place] for i, place in places if place in fit}


@cache
def _nouns() -> tuple[re.Pattern[str], Mapping[str, str]]:
    kinds = {
        straight(word).casefold(): kind for kind, words in anchor_data()["nouns"].items() for word in words
    }
    return _one_of(list(kinds)), kinds


@cache
def _no_countries() -> re.Pattern[str]:
    """Names that only hold a country's ("Niger State")."""
    return _one_of([straight(name) for name in anchor_data()["not_countries"]])


def _told_countries(text: str) -> set[str]:
    """The countries that a text names, or whose people it does; a capital alone names its government, not where a coup was."""
    text = _no_countries().sub(lambda match: " " * len(match.group()), text)
    found = [
        {c.iso3 for c in told.countries if not _only_seat(text[told.start : told.end], c)}
        for told in reference.told_countries(text)
    ]
    sure = {code for codes in found if len(codes) == 1 for code in codes}
    # "Congolese" adds nothing to a text that names one of the two.
    return sure.union(*(codes for codes in found if sure.isdisjoint(codes)))


def _only_seat(words: str, country: reference.Country) -> bool:
    name = fold(words)
    if name not in map(fold, country.seats):
        return False
    adjectives = (word for each in country.adjectives.values() for word in each)
    return name not in map(fold, (*country.names, *adjectives))


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


def _bare_unit(form: Form) -> bool:
    """ "Last week", "this month": nothing but the day of publication to count from."""
    counted = form.kind == "offset" and form.anchor == "published" and form.whole
    return counted and form.amount in (0, -1) and form.unit in ("week", "month")


def bounds(report: Report, times: Sequence[Time]) -> dict[int, When]:
    """What "last week" or "last month" means beside a well-known event, or a coup ("last week's coup"), in a text without a day.

    The event's own week or month.
    """
    found: dict[int, When] = {}
    title, body = straight(report.title), straight(report.text)
    countries: set[str] | None = None  # of the whole text: read once, where needed
    clued: list[Row] = []
    for index, time in enumerate(times):
        span = time.phrase.spans[0]
        if not _bare_unit(time.form):
            continue
        text = title if span.part == "title" else body
        event = _event_beside(text, span)
        if event is None and (kind := _noun_beside(text, span)) is not None:
            if countries is None:
                countries, clued = _told_countries(f"{title}\n{body}"), _clued(f"{title}\n{body}")
            event = _event_meant(kind, _told_countries(_sentence(text, span)) or countries, clued)
        if event is None or event.start is None:
            continue
        first = monday(event.start)
        week = When(first, first + timedelta(days=6), "week", event.basis)
        month = whole_month(event.start.year, event.start.month, event.basis)
        found[index] = week if time.form.unit == "week" else month
    return found


_POSSESSIVE = re.compile(r"(?:'s?)?\s+")
_LONGEST_NAME = 80


def _event_beside(text: str, span: Span) -> When | None:
    """The well-known event that "last week's" goes on to name in full."""
    gap = _POSSESSIVE.match(text, span.end)
    start = gap.end() if gap is not None else span.end
    pattern, days = _names()
    match = pattern.match(text, start, min(len(text), start + _LONGEST_NAME))
    return days.get(match.group().casefold()) if match is not None else None


_SENTENCE_REACH = 300


def _sentence(text: str, span: Span) -> str:
    low = max(0, span.start - _SENTENCE_REACH)
    start = max((m.end() for m in _BREAK.finditer(text, low, span.start)), default=low)
    end = _BREAK.search(text, span.end, span.end + _SENTENCE_REACH)
    return text[start : end.start() if end else span.end + _SENTENCE_REACH]


_READ_ALIKE = timedelta(days=731)
"""Two coups of a country within two years (Mali 2020 and 2021): without a name a report of either reads alike."""


def _event_meant(kind: str, countries: Set[str], clued: Sequence[Row]) -> When | None:
    """The coup that is meant: the one whose people the text names in full, else the latest known of the one country told.

    `countries` are those of its sentence, else of the text. Coups are few and the list has them all of late, so the
    latest is what news without a day can mean; where the one before it is within two years, none is.
    """
    rows = [row for row in anchor_data()["events"] if row.get("kind") == kind and row["country"] in countries]
    rows.sort(key=lambda row: row["date"])
    named = [row for row in rows if row in clued]
    if named:
        row = named[0]
        return known(row["date"], basis=_basis(row["names"][0], row["date"])) if len(named) == 1 else None
    if not rows or len(countries) > 1:
        return None
    if len(rows) > 1 and rows[-1]["date"] - rows[-2]["date"] <= _READ_ALIKE:
        return None
    row = rows[-1]
    name = f"the latest {kind} known of {row['country']}, {row['names'][0]}"
    return known(row["date"], basis=_basis(name, row["date"]))


def _clued(text: str) -> list[Row]:
    """The events of which the text names a person in full."""
    return [
        row
        for row in anchor_data()["events"]
        if (clues := row.get("clues")) and _one_of([straight(clue) for clue in clues]).search(text)
    ]
