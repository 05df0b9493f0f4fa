"""Number expressions: what they are worth, where they stand, and what is no number of people."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tarikh.extract.numbers import find, ordinal


def read(text: str) -> list[tuple[str, int | None, int | None, int | None]]:
    return [(text[n.start : n.end], n.low, n.best, n.high) for n in find(text, "en")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("17 men", ("17", 17, 17, 17)),
        ("1,200 people", ("1,200", 1200, 1200, 1200)),
        ("3 000 people", ("3 000", 3000, 3000, 3000)),
        ("05 dead", ("05", 5, 5, 5)),
        ("twenty-three men", ("twenty-three", 23, 23, 23)),
        ("two hundred and five men", ("two hundred and five", 205, 205, 205)),
        ("a hundred men", ("a hundred", 100, 100, 100)),
        ("2.5 million people", ("2.5 million", 2_500_000, 2_500_000, 2_500_000)),
        ("fourteen (14) cooks", ("fourteen (14)", 14, 14, 14)),
        ("at least 12 men", ("at least 12", 12, 12, None)),
        ("No fewer than nine men", ("No fewer than nine", 9, 9, None)),
        ("more than 80 men", ("more than 80", 80, 80, None)),
        ("over 80 men", ("over 80", 80, 80, None)),
        ("up to 40 men", ("up to 40", None, 40, 40)),
        ("as many as twenty men", ("as many as twenty", None, 20, 20)),
        ("about forty men", ("about forty", 40, 40, None)),
        ('"at least" fifteen', ('at least" fifteen', 15, 15, None)),
        ("between 10 and 15 men", ("between 10 and 15", 10, 12, 15)),
        ("10 to 15 men", ("10 to 15", 10, 12, 15)),
        ("10-15 men", ("10-15", 10, 12, 15)),
        ("two or three men", ("two or three", 2, 2, 3)),
        ("dozens of men", ("dozens", 24, 24, None)),
        ("a dozen men", ("a dozen", 12, 12, None)),
        ("half a dozen men", ("half a dozen", 6, 6, None)),
        ("a couple of men", ("a couple of", 2, 2, None)),
        ("several men", ("several", 3, 3, None)),
        ("hundreds of men", ("hundreds", 200, 200, None)),
        ("tens of thousands of men", ("tens of thousands", 20_000, 20_000, None)),
        ("20 or more men", ("20 or more", 20, 20, None)),
    ],
)
def test_worth(text: str, expected: tuple[str, int | None, int | None, int | None]) -> None:
    assert read(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "in 2023",
        "the 2012 rebellion",
        "on 12 March and on May 13, 2024",
        "from 3 to 4 August",
        "at 11pm, 10:30 and 0200 GMT",
        "30 km away, 7.62mm rounds",
        "$3 million and 500 dollars",
        "aged 14, a 14-year-old, a girl of nine",
        "Musa Bello, 37, a smith",
        "38 per cent, 12%",
        "the 14th Regiment, 444 Brigade, M23, AK-47",
        "the third time, no one, this one, one day",
        "three days, ten hours, a few weeks",
        "Resolution 2719, article 5, No. 7",
    ],
)
def test_no_number_of_people(text: str) -> None:
    assert read(text) == []


def test_the_core_is_the_number_without_its_qualifier() -> None:
    text = "at least 12 men"
    number = find(text, "en")[0]
    assert text[number.core : number.core_end] == "12"
    assert number.count().high is None


def test_two_numbers_in_order() -> None:
    assert [n.best for n in find("three soldiers and two farmers", "en")] == [3, 2]


def test_ordinals() -> None:
    assert ordinal("Third", "en") == 3
    assert ordinal("three", "en") is None


_PIECES = st.sampled_from(
    [
        "at least",
        "up to",
        "12",
        "1,200",
        "twenty",
        "hundred",
        "and",
        "-",
        "a",
        "dozen",
        "of",
        "between",
        "March",
        "(",
        ")",
        "or",
        "more",
        "km",
        "é",
        "№",
        "9" * 30,
    ]
)


@example("12 at least 12")  # the words between belong to one number only
@given(st.lists(_PIECES, max_size=14).map(" ".join) | st.text(max_size=60))
def test_spans_lie_within_the_text_and_bounds_are_in_order(text: str) -> None:
    end = 0
    for number in find(text, "en"):
        assert end <= number.start <= number.core < number.core_end <= number.end <= len(text)
        end = number.end
        known = [n for n in (number.low, number.best, number.high) if n is not None]
        assert known == sorted(known)
        assert number.best is not None
