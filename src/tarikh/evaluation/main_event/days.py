"""Candidates for the day of an article's main event: every phrase of time that it holds, and its day of publication.

Invariant: a candidate never says more than its words: a year alone has neither month nor day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from tarikh.evaluation.main_event.article import Article, Features, words
from tarikh.model import When
from tarikh.resolve.frame import Time

_NEAR = 60
"""Characters on either side of a phrase within which a word of its sentence is close to it."""
_TITLE_WORDS = 4


@dataclass(frozen=True, slots=True)
class DayCandidate:
    """A day, month or year that the article names; `features` are what speaks for it."""

    year: int
    month: int | None
    day: int | None
    features: Features


def candidates(article: Article) -> list[DayCandidate]:
    """The days of an article in the order of its text, that of publication last."""
    told = [
        (time, when)
        for time, when in zip(article.times.times, article.times.resolved, strict=True)
        if when.start is not None and time.form.kind != "part"
    ]
    years = Counter(when.start.year for _, when in told if when.start)
    months = Counter((w.start.year, w.start.month) for _, w in told if w.start and w.precision != "year")
    days = Counter(w.start for _, w in told if w.start and w.precision == "day")
    found = [
        _candidate(article, time, when, number, (years, months, days))
        for number, (time, when) in enumerate(told)
    ]
    if article.report.published is not None:
        found.append(_publication(article, article.report.published, years))
    return found


def _publication(article: Article, day: date, years: Counter[int]) -> DayCandidate:
    features: Features = {"published": 1.0, "published.named": float(years[day.year] > 0)}
    features["published.only"] = float(not years)
    new = [m for m in article.mentions if m.aspect == "new" and m.when.start is None]
    features["published.undated"] = float(bool(new))
    features["earliest"] = float(day.year <= min(years, default=day.year))
    features["latest"] = float(day.year >= max(years, default=day.year))
    return DayCandidate(day.year, day.month, day.day, features)


def _candidate(
    article: Article,
    time: Time,
    when: When,
    number: int,
    counts: tuple[Counter[int], Counter[tuple[int, int]], Counter[date]],
) -> DayCandidate:
    start = when.start
    assert start is not None
    month = start.month if when.precision != "year" else None
    day = start.day if when.precision == "day" else None
    features: Features = {}
    for name in (*_of_form(time, when), *_of_position(article, time, number), *_of_age(article, start, when)):
        features[name] = 1.0
    years, months, days = counts
    features["year.again"] = float(min(4, years[start.year] - 1)) / 4
    if month:
        features["month.again"] = float(min(3, months[start.year, start.month] - 1)) / 3
    if day:
        features["day.again"] = float(min(2, days[start] - 1)) / 2
    features |= _of_words(article, time)
    features |= _of_mentions(article, time)
    features["earliest"] = float(start.year == min(years))
    features["latest"] = float(start.year == max(years))
    return DayCandidate(start.year, month, day, features)


def _of_form(time: Time, when: When) -> Iterator[str]:
    form = time.form
    explicit = "year" if form.year else "month" if form.month else ""
    yield f"form.{form.kind}.{explicit}"
    yield f"precision.{when.precision}"
    yield f"precision.{when.precision}.{explicit}"
    yield f"basis.{when.basis}"
    for name in ("future", "general", "dateline"):
        if getattr(time, name):
            yield name
    if form.kind == "since":
        yield "since"


def _of_position(article: Article, time: Time, number: int) -> Iterator[str]:
    span = time.phrase.spans[0]
    if span.part == "title":
        yield "title"
    at = article.sentence_of(span) or 0
    paragraph = article.sentences[at].paragraph if article.sentences else 0
    yield f"paragraph.{min(6, paragraph)}"
    yield f"third.{min(2, 3 * span.start // max(1, len(article.report.text)))}"
    if number == 0:
        yield "first"
    same = [
        n for n, t in enumerate(article.times.times) if bool(t.form.month or t.form.year) and not t.future
    ]
    if same and article.times.times[same[0]] is time:
        yield "first.explicit"


def _of_age(article: Article, start: date, when: When) -> Iterator[str]:
    published = article.report.published
    if published is None:
        return
    behind = (published - start).days
    years = published.year - start.year
    yield f"years.{years if 0 <= years <= 3 else 4 if 0 <= years <= 6 else 10 if 0 <= years <= 15 else 20 if years > 0 else -1}"
    if when.precision in ("day", "week"):
        steps = (0, 1, 3, 8, 32, 180, 370)
        yield f"days.{next((s for s in steps if behind <= s), 999) if behind >= 0 else -1}"


def _of_words(article: Article, time: Time) -> Features:
    span = time.phrase.spans[0]
    at = article.sentence_of(span)
    if at is None:
        return {}
    sentence = article.sentences[at]
    low, high = span.start - sentence.start, span.end - sentence.start
    features: Features = {}
    explicit = "year" if time.form.year else "month" if time.form.month else "other"
    for name, offset in article.found[at]:
        features[f"in.{name}"] = 1.0
        if low - _NEAR <= offset <= high + _NEAR:
            features[f"near.{name}.{explicit}"] = 1.0
    shared = words(article.report.title) & words(sentence.text)
    features["title.words"] = (
        min(_TITLE_WORDS, len(shared)) / _TITLE_WORDS if sentence.part == "text" else 0.0
    )
    return features


def _of_mentions(article: Article, time: Time) -> Features:
    """Which coded events took their day from this phrase."""
    features: Features = {}
    span = time.phrase.spans[0]
    for mention in article.mentions:
        evidence = mention.evidence.get("date")
        if evidence is None or not any(
            s.part == span.part and s.start < span.end and span.start < s.end for s in evidence.spans
        ):
            continue
        features["coded"] = 1.0
        features[f"coded.{mention.aspect}"] = 1.0
    return features
