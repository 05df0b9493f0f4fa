"""Which of several figures an incident takes where some are bounds alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tarikh.model import Count, Mention
from test_fold import MONDAY, mention, one


def told(key: str, day: int, **harm: tuple[int | None, int | None, int | None]) -> Mention:
    fields: dict[str, Any] = {what: Count(*bounds) for what, bounds in harm.items()}
    return mention(key, harm=fields, published=MONDAY + timedelta(day))


def test_an_exact_figure_within_a_newer_bound_is_heard() -> None:
    exact, bound = told("a", 1, killed=(14, 14, 14)), told("b", 2, killed=(10, 10, None))
    assert one(exact, bound).harm["killed"] == Count(10, 14, 14)
    assert one(exact, bound).support["harm.killed"] == ("a",)


def test_a_newer_bound_that_an_older_figure_does_not_reach_is_heard() -> None:
    exact, bound = told("a", 1, killed=(14, 14, 14)), told("b", 2, killed=(20, 20, None))
    assert one(exact, bound).harm["killed"].best == 20


def test_a_newer_exact_figure_is_heard_whatever_was_told_before() -> None:
    assert one(told("a", 1, killed=(20, 20, None)), told("b", 2, killed=(9, 9, 9))).harm["killed"].best == 9


def test_of_several_figures_within_a_bound_the_newest_is_heard() -> None:
    figures = [told("a", 1, killed=(14, 14, 14)), told("b", 2, killed=(16, 16, 16))]
    assert one(*figures, told("c", 3, killed=(10, 10, None))).harm["killed"].best == 16


def test_who_was_only_hit_is_not_injured_once_as_many_are_told_dead() -> None:
    hit, dead = told("a", 1, injured=(None, 2, 2)), told("b", 2, killed=(2, 2, 2))
    assert "injured" not in one(hit, dead).harm
    assert one(hit, told("b", 2, killed=(1, 1, 1))).harm["injured"] == Count(None, 2, 2)
    said = told("a", 1, injured=(2, 2, 2))
    assert one(said, dead).harm["injured"] == Count(2, 2, 2)


def test_a_report_that_tells_its_own_dead_means_others_by_the_injured() -> None:
    both = told("a", 1, killed=(2, 2, 2), injured=(None, 2, 2))
    assert one(both, told("b", 2, killed=(2, 2, 2))).harm["injured"] == Count(None, 2, 2)
