"""Calibrated confidence: rising curves, level at their ends, nothing else touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarikh.model import Evidence, Mention
from tarikh.resolve import confidence

CURVE = [(0.2, 0.1), (0.5, 0.4), (0.9, 0.8)]


@pytest.mark.parametrize(("raw", "share"), [(0.0, 0.1), (0.2, 0.1), (0.35, 0.25), (0.9, 0.8), (1.0, 0.8)])
def test_along_a_curve(raw: float, share: float) -> None:
    assert confidence.along(CURVE, raw) == pytest.approx(share)


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_order_of_two_figures_is_kept(left: float, right: float) -> None:
    low, high = sorted((left, right))
    assert confidence.along(CURVE, low) <= confidence.along(CURVE, high)


def test_only_confidence_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confidence, "curves", lambda: {"kind": CURVE, "harm.killed": CURVE})
    evidence = {
        "kind": Evidence((), ("ambush",), 0.35, "read"),
        "harm.killed_targets": Evidence((), ("five",), 0.9),
        "place": Evidence((), ("Tam",), 0.9),
    }
    made = confidence.calibrated(Mention("m", "r", "c", "armed_clash", evidence=evidence))
    assert made.evidence["kind"] == Evidence((), ("ambush",), 0.25, "read")
    assert made.evidence["harm.killed_targets"].confidence == 0.8
    assert made.evidence["place"].confidence == 0.9
    assert made.kind == "armed_clash"


def test_the_shipped_curves_rise() -> None:
    for field, points in confidence.curves().items():
        assert [x for x, _ in points] == sorted(x for x, _ in points), field
        assert [y for _, y in points] == sorted(y for _, y in points), field
        assert all(0 <= y <= 1 for _, y in points), field
