"""Agreement of two coders: alpha against published examples and its own formula, and what counts as missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from conftest import Tarikh
from store_sample import Clock, mention, report, tell
from tarikh import review
from tarikh.agreement import Agreement, FieldAgreement, agreement, alpha
from tarikh.errors import UsageError
from tarikh.model import Count, When
from tarikh.pipeline import relink
from tarikh.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "t.db", Clock()) as opened:
        yield opened


def of(found: Agreement, field: str) -> FieldAgreement | None:
    return next((each for each in found.fields if each.field == field), None)


# ---- alpha -----------------------------------------------------------------------------------------------------

PUBLISHED = {
    "two observers, two values": ("0100000010", "1110010000", 0.095),
    "two observers, five values": ("aabbdcccedda", "babbbccceddd", 0.692),
}
"""Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), parts A and B."""


@pytest.mark.parametrize(("left", "right", "expected"), PUBLISHED.values(), ids=PUBLISHED)
def test_published_examples(left: str, right: str, expected: float) -> None:
    assert alpha(list(zip(left, right, strict=True)), "nominal") == pytest.approx(expected, abs=0.0005)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=12))
def test_figures_by_the_formula(pairs: list[tuple[int, int]]) -> None:
    values = [value for pair in pairs for value in pair]
    assume(len(set(values)) > 1)
    for scale, apart in (
        ("interval", lambda a, b: (a - b) ** 2),
        ("ratio", lambda a, b: ((a - b) / (a + b)) ** 2 if a != b else 0.0),
    ):
        seen = sum(apart(a, b) for a, b in pairs) / len(pairs)
        chance = [apart(a, b) for i, a in enumerate(values) for j, b in enumerate(values) if i != j]
        assert alpha(pairs, scale) == pytest.approx(1 - seen / (sum(chance) / len(chance)))  # type: ignore[arg-type]


# ---- people ----------------------------------------------------------------------------------------------------


def test_who_accepts_stands_behind_what_was_not_corrected(store: Store) -> None:
    for name in "abc":
        tell(store, name, harm={"killed": Count(4, 4, 4)})
    relink(store)
    one, two, three = (each.id for each in store.incidents())
    review.correct(store, one, "killed", "6", "ana")
    review.accept(store, one, "ana")
    review.accept(store, one, "ben")
    review.correct(store, two, "kind", "bombing", "ana")
    review.accept(store, two, "ben")
    review.reject(store, three, "ana", "a drill")
    found = agreement(store, "ana", "user:ben")
    assert (found.both, found.only_left, found.only_right) == (2, 1, 0)
    killed, kind, status = of(found, "harm.killed"), of(found, "kind"), of(found, "status")
    # ana said nothing of the dead of the second: missing, no disagreement.
    assert killed is not None
    assert (killed.units, killed.equal, killed.scale) == (1, 0.0, "ratio")
    assert kind is not None
    assert (kind.units, kind.equal) == (2, 0.5)
    assert status is not None
    assert (status.units, status.alpha) == (1, None)
    assert "one value" in status.note
    assert of(found, "harm.injured") is None


def test_pairs_that_both_judged(store: Store) -> None:
    one, two, three = (tell(store, name) for name in "abc")
    review.same(store, one.id, two.id, "ana")
    review.same(store, one.id, two.id, "ben")
    review.different(store, one.id, three.id, "ana")
    review.different(store, one.id, three.id, "ben")
    link = of(agreement(store, "ana", "ben"), "link")
    assert link is not None
    assert (link.units, link.equal, link.alpha) == (2, 1.0, 1.0)


def test_what_was_taken_back_is_not_said(store: Store) -> None:
    tell(store, "a")
    relink(store)
    home = store.incidents()[0].id
    review.accept(store, home, "ana")
    review.accept(store, home, "ben")
    review.undo(store, "ben")
    with pytest.raises(UsageError, match="nothing can be compared"):
        agreement(store, "ana", "ben")


# ---- coders ----------------------------------------------------------------------------------------------------


def test_coders_are_compared_where_their_triggers_overlap(store: Store) -> None:
    day = When()
    for number, kind in enumerate(("shelling", "bombing", "shelling")):
        told = report(f"r{number}")
        store.add_report(told)
        store.add_mentions(told.id, "rules@1", [mention(told), mention(told, 19, 29, when=day)])
        store.add_mentions(told.id, "rules@2", [mention(told, 6, 11, coder="rules@2", kind=kind)])
    lone = report("lone")
    store.add_report(lone)
    store.add_mentions(lone.id, "rules@1", [mention(lone)])
    found = agreement(store, "rules@1", "rules@2")
    assert (found.unit, found.both, found.only_left, found.only_right) == ("mentions", 3, 3, 0)
    kind_ = of(found, "kind")
    assert kind_ is not None
    assert (kind_.units, kind_.equal) == (3, pytest.approx(2 / 3))
    assert of(found, "date") is None, "an unknown day cannot be compared"


@pytest.mark.parametrize(
    ("left", "right", "advice"),
    [
        ("ana", "nobody", "has coded nothing"),
        ("ana", "user:ana", "one and the same"),
        ("ana", "rules@1", "one sort"),
        ("\x1b[2J", "ana", "has coded nothing"),
    ],
)
def test_who_cannot_be_compared(store: Store, left: str, right: str, advice: str) -> None:
    tell(store, "a")
    relink(store)
    review.accept(store, store.incidents()[0].id, "ana")
    with pytest.raises(UsageError, match=advice) as refused:
        agreement(store, left, right)
    assert "\x1b" not in str(refused.value)


def test_the_command_prints_a_line_a_field(tarikh: Tarikh, tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    with open_store(path, Clock()) as store:
        tell(store, "a")
        relink(store)
        home = store.incidents()[0].id
        review.accept(store, home, "ana")
        review.reject(store, home, "ben", "a drill")
    shown = tarikh("review", "agreement", "ana", "ben", "--db", path)
    assert shown.code == 0, shown.err
    assert "review" in shown.out
    found = tarikh("review", "agreement", "ana", "ben", "--db", path, "--json").json()
    assert [each["field"] for each in found["fields"]] == ["review"]
