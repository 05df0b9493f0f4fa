"""MUC-4's slots on invented templates, figures worked out by hand; datelines that give the day of a report.

Invariant: the scorer's reading of a key's date and place is checked on every form that keys have.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tarikh import reading
from tarikh.evaluation import muc4
from tarikh.model import Document, Evidence, Mention, Report, Span, When, Where


def key(kind: str = "ATTACK", day: str | None = "05 MAR 91", place: str | None = "PERU: LIMA (CITY)") -> Any:
    return {"incident_type": [kind], "date": day, "location": place}


def answer(
    kind: str = "ATTACK",
    day: str | None = "1991-03-05",
    country: str | None = "PERU",
    place: str | None = "LIMA",
) -> Any:
    return {"incident_type": kind, "date": (day, day) if day else None, "country": country, "place": place}


@pytest.mark.parametrize(
    ("gold", "guess", "same"),
    [
        (key(), answer(), "type date location"),
        (key("BOMBING"), answer(), "date location"),
        (key(day="- 09 MAR 91"), answer(), "type date location"),
        (key(day="- 04 MAR 91"), answer(), "type location"),
        (key(day="01 MAR 91 - 31 MAR 91"), answer(), "type date location"),
        (key(day=None), answer(), "type location"),
        (key(), answer(day=None), "type location"),
        (key(place="PERU"), answer(), "type date location"),
        (
            key(place="PERU: JUNIN (DEPARTMENT): LA MERCED (TOWN)"),
            answer(place="LA MERCED"),
            "type date location",
        ),
        (key(place="PERU: LIMA (CITY) - CALLAO (CITY)"), answer(place="CALLAO"), "type date location"),
        (key(), answer(place=None), "type date"),
        (key(), answer(country="CHILE"), "type date"),
        (key(), answer(country=None), "type date"),
    ],
)
def test_agreement(gold: Any, guess: Any, same: str) -> None:
    assert [s for s, ok in muc4.agreement(gold, guess).items() if ok] == same.split()


def test_scores_of_three_reports() -> None:
    rows = [
        {"id": "a", "templates": [key(), key("KIDNAPPING", "01 FEB 91", "CHILE")]},
        {"id": "b", "templates": []},
        {"id": "c", "templates": [key("ARSON", None, None)]},
    ]
    predictions = {
        "a": {
            "templates": [answer("KIDNAPPING", "1991-02-01", "CHILE", None), answer("ATTACK", "1991-03-06")]
        },
        "b": {"templates": [answer(day=None, country=None)]},
    }
    errors: list[Any] = []
    slots = muc4.score(rows, predictions, errors)["slots"]
    counts = {s: (row["right"], row["wanted"], row["given"]) for s, row in slots.items()}
    assert counts == {"type": (2, 3, 3), "date": (1, 2, 2), "location": (2, 2, 2)}
    assert [e["what"] for e in errors] == ["date", "invented", "missed"]


def mention(kind: str, trigger: str, targets: tuple[str, ...] = (), **more: Any) -> Mention:
    evidence = {"kind": Evidence((Span("text", 0, 1),), (trigger,))}
    return Mention("m", "r", "c", kind, trigger=trigger, targets=targets, evidence=evidence, **more)


@pytest.mark.parametrize(
    ("kind", "trigger", "targets", "expected"),
    [
        ("attack_on_civilians", "shot", ("Civilians (Peru)",), "ATTACK"),
        ("armed_clash", "stormed", ("Government of Peru",), "ATTACK"),
        ("armed_clash", "ambushed", ("Military of Peru",), None),
        ("armed_clash", "fighting", (), None),
        ("suicide_bombing", "blew himself up", (), "BOMBING"),
        ("abduction", "seized", ("Military of Peru",), "KIDNAPPING"),
        ("looting_or_arson", "burned", (), "ARSON"),
        ("looting_or_arson", "DYNAMITED", (), "BOMBING"),
        ("looting_or_arson", "stole", (), "ROBBERY"),
        ("arrest", "arrested", (), None),
    ],
)
def test_types(kind: str, trigger: str, targets: tuple[str, ...], expected: str | None) -> None:
    assert muc4.incident_type(mention(kind, trigger, targets)) == expected


def test_a_template_names_days_and_places_as_the_keys_do() -> None:
    report = Report("r", "", "x", "en", published=date(1991, 3, 5))
    where = Where(country="COL", admin1="Antioquia", place="Itagüí", precision="exact")
    told = mention("bombing", "bomb", when=When(date(1991, 3, 1), date(1991, 3, 2), "day"), where=where)
    assert muc4.template(told, report) == {
        "incident_type": "BOMBING",
        "date": ("1991-03-01", "1991-03-02"),
        "country": "COLOMBIA",
        "place": "ITAGUI",
    }
    bare = muc4.template(mention("bombing", "bomb"), report)
    assert bare is not None
    assert (bare["date"], bare["country"], bare["place"]) == (("1991-03-05", "1991-03-05"), None, None)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("LIMA, 4 MAR 91 (XYZ) -- [TEXT] POLICE SAID A BRIDGE WAS BLOWN UP.", date(1991, 3, 4)),
        (
            "SAN JOSE (COSTA RICA), 14 DEC 89 -- [TEXT] THE TALKS HAVE FAILED AND FIGHTING WENT ON.",
            date(1989, 12, 14),
        ),
        (
            "KYIV, March 3, 2022 (XYZ) — Shells hit a school in the city on Thursday and the police came.",
            date(2022, 3, 3),
        ),
        (
            "GOMA, 12 January 2025 — Fighting went on for the third day in the hills around the town.",
            date(2025, 1, 12),
        ),
        ("LIMA, 4 MAR (XYZ) -- POLICE SAID A BRIDGE WAS BLOWN UP IN THE CITY.", None),
        ("On Monday, 4 March 2024 — the day of the attack — the police were in the town of Goma.", None),
        ("LIMA, 4 MAR 2091 (XYZ) -- POLICE SAID THAT A BRIDGE WAS BLOWN UP IN THE CITY.", None),
    ],
)
def test_a_dateline_gives_the_day_of_a_report_without_one(text: str, day: date | None) -> None:
    made = reading.report(Document("-", text, language="en"), date(2026, 1, 1))
    assert isinstance(made, Report)
    assert made.published == day


def test_a_day_that_is_given_stands_above_the_dateline() -> None:
    text = "LIMA, 4 MAR 91 (XYZ) -- POLICE SAID A BRIDGE WAS BLOWN UP IN THE CITY."
    made = reading.report(Document("-", text, published="1991-03-06", language="en"), date(2026, 1, 1))
    assert isinstance(made, Report)
    assert made.published == date(1991, 3, 6)
