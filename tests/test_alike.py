"""Names told with an act: what is kept of them, and what shared ones say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tarikh.extract.details import detailed, marked, rarity
from tarikh.link.alike import alike, told_alike
from tarikh.link.compare import compare, contradiction, date_level, where_level
from tarikh.model import Evidence, Mention, Report, Span, When, Where, rarity_of

TEXT = (
    "Gunmen shot trader Issoufou Danbatta in Zurmi on Sunday. His neighbor Aisha Bint-Musa took him to Murtala Hospital.\n"
    "On Monday in Talata, Governor Lawal Garkuwa met elders. Men stole goats at the gate of Sheikh Abubakar Tanko."
)


def told(trigger: str, **fields: object) -> Mention:
    at = TEXT.index(trigger)
    evidence = {"kind": Evidence((Span("text", at, at + len(trigger)),), (trigger,))}
    return Mention(f"m-{trigger}", "r", "c", "attack_on_civilians", evidence=evidence, **fields)  # type: ignore[arg-type]


REPORT = Report("r", "", TEXT, "en", date(2024, 5, 7))


def names(mention: Mention, *others: Mention) -> set[int]:
    return {detail >> 8 for detail in detailed((mention, *others), REPORT)[0]}


def hashed(*words: str) -> set[int]:
    return {marked(word, 0) >> 8 for word in words}


def test_rare_names_are_details_and_common_words_are_none() -> None:
    assert rarity("Danbatta") > rarity("Hospital")
    found = names(told("shot"))
    assert hashed("danbatta", "zurmi") <= found
    assert not hashed("gunmen", "sunday", "hospital", "trader") & found


def test_of_several_acts_each_has_the_names_of_its_own_paragraph() -> None:
    first, second, third = told("shot"), told("met"), told("stole")
    assert hashed("danbatta") <= names(first, second, third)
    assert not hashed("garkuwa") & names(first, second, third)


def test_no_name_can_be_read_out_of_a_detail() -> None:
    (details,) = detailed((told("shot"),), REPORT)
    assert all(isinstance(each, int) and each < 1 << 32 for each in details)
    assert details
    assert rarity_of(marked("danbatta", 28.4)) == 28
    assert rarity_of(marked("x", 900.0)) == 255


def made(key: str, *words: str, day: int = 3, point: tuple[float, float] = (10.0, 5.0)) -> Mention:
    on = date(2024, 5, day)
    where = Where("NGA", None, None, f"Town {point}", *point, "exact")
    return Mention(
        key,
        f"r-{key}",
        "c",
        "attack_on_civilians",
        when=When(on, on, "day"),
        where=where,
        published=date(2024, 5, 20),
        details=tuple(sorted(marked(word, 30.0) for word in words)),
    )


SEVEN = tuple(f"name{n}" for n in range(7))


@pytest.mark.parametrize(
    ("shared", "level"),
    [(0, "none alike"), (1, "a few alike"), (2, "several alike"), (4, "many alike"), (7, "all alike")],
)
def test_the_more_names_are_shared_the_more_they_say(shared: int, level: str) -> None:
    left = made("a", *SEVEN)
    right = made("b", *SEVEN[:shared], *(f"other{n}" for n in range(7 - shared)))
    assert alike(left, right)[0] == alike(right, left)[0] == level


def test_where_nothing_is_named_nothing_is_said() -> None:
    assert alike(made("a"), made("b", *SEVEN)) == (None, 0)
    assert all(reason.feature != "names" for reason in compare(made("a"), made("b")).reasons)


def test_another_day_or_town_is_no_proof_against_accounts_that_share_many_names() -> None:
    left, later, far = made("a", *SEVEN), made("b", *SEVEN, day=12), made("c", *SEVEN, point=(12.0, 7.0))
    assert date_level(left, later) == "apart, told alike"
    assert where_level(left, far)[0] == "far, told alike"
    assert contradiction(left, later) is contradiction(left, far) is None
    assert contradiction(left, replace(later, details=())) == "dates apart"
    assert date_level(left, made("d", *SEVEN[:2], day=12)) == "apart, partly alike"


def test_names_never_excuse_both_the_day_and_the_town() -> None:
    left, other = made("a", *SEVEN), made("b", *SEVEN, day=12, point=(12.0, 7.0))
    assert (date_level(left, other), where_level(left, other)[0]) == ("apart", "far")
    assert contradiction(left, other) is not None
    assert compare(left, other).verdict == "different"


@pytest.mark.parametrize(
    "credit",
    [
        "(Reporting by Ibrahim Danbatta; Editing by Angus Garkuwa)",
        "Editing by Angus Garkuwa",
        "Edited by Danbatta",
    ],
)
def test_who_wrote_a_report_is_no_detail_of_its_act(credit: str) -> None:
    report = Report("r", "", f"Gunmen shot a trader on Sunday.\n\n{credit}", "en")
    mention = Mention(
        "m", "r", "c", "abduction", evidence={"kind": Evidence((Span("text", 7, 11),), ("shot",))}
    )
    assert detailed((mention,), report) == ((),)


def test_names_shared_by_reports_of_other_months_are_those_of_officials() -> None:
    left, later = made("a", *SEVEN[:4]), replace(made("b", *SEVEN[:4]), published=date(2024, 9, 1))
    assert told_alike(left, later) is None
    assert (
        told_alike(made("a", *SEVEN), replace(made("b", *SEVEN), published=date(2024, 9, 1))) == "told alike"
    )
