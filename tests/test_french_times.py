"""Words of time in French come to the same days as in English, whatever their apostrophes and capitals."""

from __future__ import annotations

from datetime import date

import pytest

from tarikh.extract import times
from tarikh.model import Report
from tarikh.resolve import dates

PUBLISHED = date(2024, 5, 10)
"""A Friday."""


def read(text: str, published: date | None = PUBLISHED) -> list[tuple[str, str | None, str | None, str]]:
    report = Report("r", "", text, "fr", published)
    context = dates.context(report, times.find(report, "fr"))
    return [
        (t.phrase.text, str(w.start), str(w.end), w.precision)
        for t, w in zip(context.times, context.resolved, strict=True)
    ]


@pytest.mark.parametrize(
    ("words", "start", "end", "precision"),
    [
        ("jeudi dernier", "2024-05-09", "2024-05-09", "day"),
        ("dans la nuit de mardi à mercredi", "2024-05-07", "2024-05-08", "day"),
        ("dans la nuit du 3 au 4 mars", "2024-03-03", "2024-03-04", "day"),
        ("mercredi soir", "2024-05-08", "2024-05-08", "day"),
        ("mardi vers 17 heures", "2024-05-07", "2024-05-07", "day"),
        ("mi-juin", "2023-06-11", "2023-06-20", "week"),
        ("fin avril", "2024-04-21", "2024-04-30", "week"),
        ("le week-end dernier", "2024-05-04", "2024-05-05", "day"),
        ("la semaine écoulée", "2024-04-29", "2024-05-05", "week"),
        ("avant-hier", "2024-05-08", "2024-05-08", "day"),
        ("hier soir", "2024-05-09", "2024-05-09", "day"),
        ("il y a dix jours", "2024-04-30", "2024-04-30", "day"),
        ("le 1er août", "2023-08-01", "2023-08-01", "day"),
        ("courant mars", "2024-03-01", "2024-03-31", "month"),
        ("depuis lundi", "2024-05-06", "2024-05-10", "day"),
        ("entre le 3 et le 5 mai", "2024-05-03", "2024-05-05", "day"),
        ("à l’aube du 3 mai", "2024-05-03", "2024-05-03", "day"),
        ("le vendredi 3 mai 2024 aux environs de 22 heures", "2024-05-03", "2024-05-03", "day"),
        ("le dimanche de Pâques", "2024-03-31", "2024-03-31", "day"),
        ("la Tabaski", "2023-06-28", "2023-06-28", "day"),
        ("jeudi de la semaine dernière", "2024-05-02", "2024-05-02", "day"),
    ],
)
def test_words_become_days(words: str, start: str, end: str, precision: str) -> None:
    assert read(f"Le pont a sauté {words}.") == [(words, start, end, precision)]


@pytest.mark.parametrize(
    ("words", "day"),
    [("La veille", "2024-05-01"), ("L’avant-veille", "2024-04-30"), ("Le lendemain", "2024-05-03")],
)
def test_some_words_count_from_the_event_told_before(words: str, day: str) -> None:
    rows = read(f"Le 2 mai, un pont a sauté. {words}, une école a brûlé.")
    assert rows[1][1:] == (day, day, "day")


def test_a_running_time_is_general_and_a_regiment_is_no_day() -> None:
    report = Report("r", "", "Les raids se multiplient depuis janvier.", "fr", PUBLISHED)
    assert [t.general for t in times.find(report, "fr")] == [True]
    assert read("Le 9e régiment est arrivé.") == []


def test_without_a_day_of_publication_a_weekday_is_unknown() -> None:
    assert read("Le pont a sauté mardi.", None) == [("mardi", "None", "None", "unknown")]
