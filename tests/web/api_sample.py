"""A database for programs that ask: incidents of several kinds, days and places, some without; some rejected, one merged.

Invariant: the same in every run.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from store_sample import Clock
from tarikh import accounts, pipeline, review
from tarikh.model import Count, Evidence, Mention, Problem, Report, Span, When, Where
from tarikh.store import Store, open_store

SIZE = 60
REJECTED = 3
SPANNING = 40
"""An armed clash of which only a span of days is known."""
KINDS = ("armed_clash", "bombing", "riot", "arrest")
WORDS = "three rivers meet here"
_PARTIES = ("JNIM", "Military of Mali", "Boko Haram", "Police of Mali")
_PLACES = (
    ("MLI", "Gao", "Ansongo"),
    ("NER", "Tillabéri", "Téra"),
    ("FJI", "Northern", "Lambasa"),
    ("NGA", "Borno", "Bama"),
)


def where(number: int) -> Where:
    """Places far apart; every tenth is only a region, every fifteenth is not known."""
    country, admin1, place = _PLACES[number % len(_PLACES)]
    if number % 15 == 14:
        return Where()
    longitude = (179.5 if number % 8 < 4 else -179.5) if country == "FJI" else -5.0 + number * 0.5
    latitude = -16.4 if country == "FJI" else 5.0 + number * 0.3
    if number % 10 == 9:
        return Where(country, admin1, None, None, latitude, longitude, "admin1")
    return Where(
        country, admin1, None, f"{place} {number}", latitude, longitude, "exact" if number % 3 else "near"
    )


def _tell(store: Store, number: int) -> None:
    day = date(2024, 1, 1) + timedelta(days=9 * number)
    text = f"Gunmen came to village {number} on Monday. Three people died."
    told = Report(
        f"r-{number:04}", f"News of village {number}", text, "en", day, source=f"Radio {number % 5}"
    )
    store.add_report(told)
    known = number % 12 != 11
    at = where(number)
    evidence = {"kind": Evidence((Span("text", 0, 6),), ("Gunmen",), 0.9)}
    last = day + timedelta(days=30) if number == SPANNING else day
    when = When(day, last, "day" if last == day else "month") if known else When()
    fields: dict[str, Any] = {"harm": {"killed": Count(number % 7, number % 7, None)}} if number % 2 else {}
    mention = Mention(
        f"m-{number:04}", told.id, "rules@1", KINDS[number % len(KINDS)], when=when,
        where=at, trigger="Gunmen", evidence=evidence, published=day, source=told.source, language="en",
        attackers=(_PARTIES[number % 4],), targets=("Civilians (Mali)",), **fields,
    )  # fmt: skip
    store.add_mentions(told.id, "rules@1", [mention])


def build(path: Path, users: bool = False) -> Path:
    """The database; with `users` also one of each role, whose passwords are `WORDS`."""
    with open_store(path, Clock()) as store:
        for number in range(SIZE):
            _tell(store, number)
        store.add_problems([Problem("sources", "the line is no JSON", "news.jsonl:7", 7)])
        pipeline.relink(store)
        found = sorted(store.incidents(), key=lambda each: each.founder)
        for each in found[:REJECTED]:
            review.reject(store, each.id, "ana", "no incident")
        review.same(store, found[-1].id, found[-2].id, "ana", "the same")
        if users:
            for role in accounts.ROLES:
                accounts.add(store.accounts, f"a{role}", WORDS, role)
    return path


def token(path: Path, role: str) -> str:
    """A token of the user of a role."""
    with open_store(path) as store:
        return accounts.add_token(store.accounts, f"a{role}", "test")[0]
