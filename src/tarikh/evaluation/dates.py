"""Scores of the words of time alone (kind `dates`): what they mean, whoever finds the event.

Two sorts of rows: reports with `timex3` (character spans and ISO values, scored as TempEval-3 does), and reports coded by
the codebook, whose own words of each date are resolved. Invariant: gold's days are never seen by what is scored; its kind,
aspect and trigger are, and the resolver uses them, so the figures are those of words whose event is coded rightly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date as Day
from typing import Any

from tarikh.evaluation.words import gold_spans
from tarikh.extract import times
from tarikh.extract.times import Form, TimePhrase
from tarikh.model import Evidence, Mention, Report, Span, When
from tarikh.resolve import dates
from tarikh.resolve.dates import DateContext

Row = Mapping[str, Any]
Value = tuple[int, int, str]
"""Start and end of words of time, and their TIMEX3 value."""

# ---- words with values ---------------------------------------------------------------------------------------

_SEASONS = {"spring": "SP", "summer": "SU", "autumn": "FA", "winter": "WI"}
_PARTS = {"morning": "MO", "afternoon": "AF", "evening": "EV", "night": "NI"}
_UNITS = {"day": "D", "week": "W", "month": "M", "year": "Y"}


def value(form: Form, found: When) -> str | None:
    """The TIMEX3 value of words of time; None where they have none that is known.

    >>> value(Form("date", month=4, portion="early"), When(Day(1940, 4, 1), Day(1940, 4, 10), "week"))
    '1940-04'
    """
    if form.kind == "duration" and form.unit in _UNITS:
        return f"P{form.amount or 1}{_UNITS[form.unit]}"
    day = found.start
    if day is None:
        return None
    if form.season is not None:
        return f"{day.year:04}-{_SEASONS[form.season]}"
    if found.precision == "year":
        return f"{day.year:04}"
    if found.precision == "month" or form.portion is not None:
        return f"{day.year:04}-{day.month:02}"
    if found.precision == "week":
        year, week, _ = day.isocalendar()
        return f"{year:04}-W{week:02}"
    part = "NI" if form.kind == "night" else _PARTS.get(form.part or "")
    return day.isoformat() + (f"T{part}" if part else "")


def _values(time: TimePhrase, found: When) -> Iterator[Value]:
    """A stretch gives the values of both its ends."""
    span = time.phrase.spans[0]
    form = time.form
    if form.kind == "span" and form.first is not None and form.second is not None and found.end is not None:
        ends = ((form.first, found.start), (form.second, found.end))
        for part, day in ends:
            precise = value(part, When(day, day, found.precision))
            if precise is not None:
                yield span.start, span.end, precise
        return
    inner = form.first if form.kind in ("since", "until") and form.first is not None else form
    given = value(inner, found)
    yield span.start, span.end, given or ""


def values(row: Row) -> list[Value]:
    """The words of time of a text and their values. It is read as undated: a history counts from what it has told."""
    report = Report(
        str(row.get("id")), "", str(row.get("text") or ""), str(row.get("language") or "en"), None
    )
    context = dates.context(report, times.find(report, report.language))
    pairs = zip(context.times, context.resolved, strict=True)
    return [v for time, found in pairs if isinstance(time, TimePhrase) for v in _values(time, found)]


def value_f(rows: Iterable[Row], answers: Mapping[str, Sequence[Value]]) -> dict[str, float]:
    """Relaxed F of the words found, share of right values among them, and value F, their product (TempEval-3, UzZaman et al. 2013)."""
    gold = found = right = given = hit = 0
    for row in rows:
        key, mine = row["timex3"], answers.get(str(row["id"]), ())
        gold, given = gold + len(key), given + len(mine)
        for timex in key:
            over = [v for start, end, v in mine if start < timex["end"] and timex["start"] < end]
            found += bool(over)
            right += timex.get("value") in over
        hit += sum(any(t["start"] < end and start < t["end"] for t in key) for start, end, _ in mine)
    recall, precision = found / max(1, gold), hit / max(1, given)
    relaxed = 2 * recall * precision / (recall + precision) if recall + precision else 0.0
    accuracy = right / max(1, found)
    return {
        "texts_words": gold,
        "precision": precision,
        "recall": recall,
        "relaxed_f": relaxed,
        "value_accuracy": accuracy,
        "value_f": relaxed * accuracy,
    }


# ---- reports coded by the codebook ---------------------------------------------------------------------------


def _report(row: Row) -> Report:
    given = row.get("published")
    return Report(
        str(row.get("id")),
        str(row.get("title") or ""),
        str(row.get("text") or ""),
        str(row.get("language") or "en"),
        Day.fromisoformat(str(given)[:10]) if given else None,
    )


def _mention(row: Row, mention: Row, context: DateContext) -> tuple[Mention, bool]:
    """A mention with gold's kind, aspect and words of trigger and date, never its days; whether any word of time is found in them."""
    words = mention.get("words") or {}
    trigger = str(words.get("trigger") or mention.get("trigger") or "")
    spans = gold_spans(row, {**mention, "trigger": trigger})
    own = [
        time.phrase
        for time in context.times
        if any(time.phrase.spans[0].overlaps(span) for span in spans.get("date", ()))
    ]
    made = Mention(
        str(row.get("id")),
        str(row.get("id")),
        "gold",
        str(mention["kind"]),
        aspect=mention.get("aspect", "new"),
        trigger=trigger,
        evidence={"kind": Evidence(spans.get("trigger", ()), (trigger,))},
        phrases={"date": tuple(own)},
    )
    return made, bool(own)


def _place(mention: Mention) -> tuple[bool, Span]:
    spans = mention.evidence["kind"].spans or tuple(p.spans[0] for p in mention.phrases["date"])
    span = spans[0] if spans else Span("text", 0, 0)
    return span.part == "text", span


def _dated(row: Row) -> Iterator[tuple[Row, Mention, bool]]:
    """Gold's mentions in the order of the text, each with what its words of time are resolved to."""
    report = _report(row)
    context = dates.context(report, times.find(report, report.language))
    made = [(mention, *_mention(row, mention, context)) for mention in row.get("mentions") or ()]
    previous: When | None = None
    earlier: list[Mention] = []
    for gold, mention, found in sorted(made, key=lambda m: _place(m[1])):
        done = dates.date(mention, context, previous, earlier)
        earlier.append(done)
        previous = done.when if done.when.start is not None else previous
        yield gold, done, found


def _iso(day: Day | None) -> str | None:
    return day.isoformat() if day is not None else None


def gold_dates(rows: Iterable[Row], errors: list[Row] | None = None) -> dict[str, Any]:
    """Of mentions whose codebook line names words of time: share whose words are found, and whose span of days is right."""
    counts: Counter[str] = Counter()
    sorts: dict[str, Counter[str]] = {}
    for row in rows:
        for gold, done, found in _dated(row):
            words = (gold.get("words") or {}).get("date")
            if not words:
                continue
            mine = (_iso(done.when.start), _iso(done.when.end), done.when.precision)
            want = (gold.get("date_start"), gold.get("date_end"), gold.get("date_precision"))
            right = mine == want
            counts.update(("words", *(("found",) if found else ()), *(("right",) if right else ())))
            sort = (done.phrases["date"][0].role or "other") if found else "not found"
            sorts.setdefault(sort, Counter()).update(("words", *(("right",) if right else ())))
            if errors is not None and not right:
                errors.append({"id": row.get("id"), "words": words, "gold": want, "coded": mine})
    total = max(1, counts["words"])
    return {
        "words": counts["words"],
        "found": counts["found"] / total,
        "right": counts["right"] / total,
        "sorts": {
            name: {"words": c["words"], "right": c["right"]}
            for name, c in sorted(sorts.items(), key=lambda item: -item[1]["words"])
        },
    }


# ---- the kind ------------------------------------------------------------------------------------------------


def score(rows: Sequence[Row], errors: list[Row] | None = None) -> dict[str, Any]:
    """Figures of the rows with `timex3` (all, and each half: every second text) and of those coded by the codebook."""
    histories = [row for row in rows if "timex3" in row]
    coded = [row for row in rows if "mentions" in row]
    result: dict[str, Any] = {}
    if histories:
        answers = {str(row["id"]): values(row) for row in histories}
        result["timex3"] = {
            "all": value_f(histories, answers),
            "texts 1, 3, 5 …": value_f(histories[::2], answers),
            "texts 2, 4, 6 …": value_f(histories[1::2], answers),
        }
    if coded:
        languages = sorted({str(row.get("language") or "en") for row in coded})
        result["gold"] = {"all": gold_dates(coded, errors)}
        for language in languages if len(languages) > 1 else ():
            result["gold"][language] = gold_dates(
                [row for row in coded if (row.get("language") or "en") == language]
            )
    return result
