"""The main event of an article: the one attack that a reader would file it under, where several are told or none.

    main_event(report, mentions, gazetteer) -> MainEvent

Mentions (`tarikh.model.Mention`, of any coder) are weighed as evidence: which places and days they took, their kinds and
aspects. Where nothing was coded the article's words alone decide. Models: `data/main_event/`, made by `training/main_event.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tarikh.evaluation.main_event import days, places, violations
from tarikh.evaluation.main_event.article import read
from tarikh.evaluation.main_event.models import chosen, fitting, models
from tarikh.gazetteer import Gazetteer
from tarikh.model import Mention, Report

__all__ = ["MainEvent", "main_event"]


@dataclass(frozen=True, slots=True)
class MainEvent:
    """Country as ISO alpha-3, region and town as the article writes them, year, month and day each by itself.

    Each is the best guess, also where little speaks for it; None only where the article names nothing of the sort.
    """

    country: str | None = None
    region: str | None = None
    town: str | None = None
    year: int | None = None
    month: int | None = None
    day: int | None = None
    violations: tuple[str, ...] = ()


def main_event(report: Report, mentions: Sequence[Mention], gazetteer: Gazetteer) -> MainEvent:
    """The main event of a report; empty for a language without models."""
    known = models(report.language)
    if known is None:
        return MainEvent()
    article = read(report, mentions, gazetteer)
    told = days.candidates(article)
    named = places.towns(article)
    countries = places.countries(article)
    return MainEvent(
        chosen([(c.name, c.features) for c in countries], known.choices["country"]),
        chosen([(c.name, c.features) for c in named], known.choices["region"]),
        chosen([(c.name, c.features) for c in named], known.choices["town"]),
        chosen([(c.year, c.features) for c in told], known.choices["year"]),
        chosen([(c.month, c.features) for c in told if c.month is not None], known.choices["month"]),
        chosen([(c.day, c.features) for c in told if c.day is not None], known.choices["day"]),
        fitting(violations.features(article), known),
    )
