"""Estimates against simulated truth: the 95 % intervals hold under the assumptions, and err as documented without them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tarikh.estimates import Estimate, Refusal, chao, chapman, tail

RUNS = 200
Chances = Sequence[float]
World = Callable[[random.Random], list[Chances]]


def even(chances: Chances, size: int = 150) -> World:
    """Each incident is as visible as another; sources see independently."""
    return lambda chance: [chances] * size


def uneven(chances: Chances, size: int = 150) -> World:
    """Half of the incidents are three times as visible as the others."""
    return lambda chance: [tuple(p * (1.5 if n % 2 else 0.5) for p in chances) for n in range(size)]


def captured(world: list[Chances], chance: random.Random) -> list[tuple[bool, ...]]:
    told = [tuple(chance.random() < p for p in chances) for chances in world]
    return [each for each in told if any(each)]


def by_two(told: list[tuple[bool, ...]]) -> Estimate | Refusal:
    return chapman(sum(t[0] for t in told), sum(t[1] for t in told), sum(t[0] and t[1] for t in told))


def by_all(told: list[tuple[bool, ...]]) -> Estimate | Refusal:
    return chao([sum(t) for t in told], len(told[0]))


def simulated(
    world: World, estimator: Callable[..., Estimate | Refusal], truth: int = 150
) -> tuple[float, float, float]:
    """Shares of 200 runs whose interval holds the truth, is all below it; and the mean estimate over the truth."""
    holds, below, values = 0, 0, []
    for run in range(RUNS):
        chance = random.Random(run)
        found = estimator(captured(world(chance), chance))
        assert isinstance(found, Estimate)
        holds += found.low <= truth <= found.high
        below += found.high < truth
        values.append(found.value)
    return holds / RUNS, below / RUNS, sum(values) / RUNS / truth


@pytest.mark.parametrize("chances", [(0.3, 0.3), (0.5, 0.4), (0.6, 0.2)])
def test_two_sources_hold_the_truth_as_often_as_they_say(chances: Chances) -> None:
    holds, _, mean = simulated(even(chances), by_two)
    assert 0.91 <= holds <= 0.99
    assert 0.95 <= mean <= 1.06


@pytest.mark.parametrize("chances", [(0.3, 0.3), (0.3, 0.3, 0.3), (0.2,) * 6])
def test_the_lower_bound_holds_the_truth_where_it_is_exact(chances: Chances) -> None:
    holds, _, mean = simulated(even(chances), by_all)
    assert 0.90 <= holds <= 0.99
    assert 0.95 <= mean <= 1.06


def test_where_incidents_differ_in_visibility_two_sources_are_too_low_and_the_bound_stays_a_bound() -> None:
    _, below, two = simulated(uneven((0.3, 0.3)), by_two)
    _, _, many = simulated(uneven((0.2,) * 6), by_all)
    assert two < 0.93  # what docs/coverage.md says: mostly too low
    assert below > 0.1
    assert many < 1.0


def copied(told: list[tuple[bool, ...]], chance: random.Random) -> list[tuple[bool, ...]]:
    """The second source prints half of what the first has."""
    return [(t[0], t[1] or (t[0] and chance.random() < 0.5)) for t in told]


def test_a_source_that_follows_another_makes_the_estimate_too_low() -> None:
    chance = random.Random(1)
    found = by_two(copied(captured([(0.4, 0.3)] * 400, chance), chance))
    assert isinstance(found, Estimate)
    assert found.high < 400


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (lambda: chao([1] * 20, 1), "only one source"),
        (lambda: chao([1, 2, 2, 2], 3), "only 4 seen"),
        (lambda: chao([1] * 20, 5), "only 0 seen by both"),
        (lambda: chapman(12, 9, 1), "only 1 seen by both"),
        (lambda: chapman(4, 4, 4), "only 4 seen"),
    ],
)
def test_without_the_data_there_is_a_reason_and_no_number(found: Callable[[], object], words: str) -> None:
    refused = found()
    assert isinstance(refused, Refusal)
    assert words in refused.reason


def test_by_hand() -> None:
    # Chapman: 31 * 21 / 11 - 1; the variance 31 * 21 * 20 * 10 / (121 * 12).
    found = chapman(30, 20, 10)
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(58.1818, abs=1e-3)
    assert found.observed == 40
    assert 40 < found.low < found.value < found.high
    # Chao with 3 sources: f1 = 12, f2 = 5: 20 + 2/3 * 12 * 11 / 12.
    bound = chao([1] * 12 + [2] * 5 + [3] * 3, 3)
    assert isinstance(bound, Estimate)
    assert bound.value == pytest.approx(20 + 2 / 3 * 11)


@given(st.lists(st.integers(1, 6), min_size=1, max_size=60), st.integers(1, 6))
def test_an_estimate_is_never_below_what_was_seen(counts: list[int], sources: int) -> None:
    found = chao([min(n, sources) for n in counts], sources)
    if isinstance(found, Estimate):
        assert len(counts) <= found.low <= found.value + 1e-9
        assert found.value <= found.high + 1e-9


@given(st.integers(0, 80), st.integers(0, 80), st.integers(0, 80))
def test_two_sources_are_never_below_what_they_saw(first: int, second: int, both: int) -> None:
    both = min(both, first, second)
    found = chapman(first, second, both)
    if isinstance(found, Estimate):
        assert first + second - both <= found.low + 1e-9
        assert found.low <= found.value + 1e-9
        assert found.value <= found.high + 1e-9


def test_tail_of_poisson_and_of_clumped_counts() -> None:
    expected, chance = tail(0, [5, 5, 5, 5], 2)
    assert expected == 10
    assert chance == pytest.approx(4.54e-5, rel=0.01)  # exp(-10)
    # The same mean, clumped: silence is far less surprising.
    assert tail(0, [0, 20, 0, 0, 0, 20, 0, 0], 2)[1] > 0.05
    assert tail(3, [0, 0, 0], 2) == (0.0, 1.0)


@settings(max_examples=50)
@given(st.lists(st.integers(0, 30), min_size=2, max_size=40), st.integers(0, 20))
def test_a_tail_is_a_chance_and_rises_with_the_count(past: list[int], seen: int) -> None:
    chance, more = tail(seen, past, 2)[1], tail(seen + 1, past, 2)[1]
    assert 0 <= chance <= more + 1e-12 <= 1 + 1e-9


def test_false_alarms_are_about_as_rare_as_said() -> None:
    chance, alarms = random.Random(3), 0
    for _ in range(2000):
        weeks = [sum(chance.random() < 0.05 for _ in range(100)) for _ in range(32)]
        alarms += tail(sum(weeks[:2]), weeks[2:], 2)[1] <= 0.01
    assert alarms / 2000 < 0.025
