"""`tarikh train`: the two methods against hand-made oracles, what is adopted, what is refused, and what a trained folder does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from math import exp, log
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Tarikh, json_lines
from tarikh import fitting
from tarikh.errors import UsageError
from tarikh.extract.scope import coder_name, scope_of
from tarikh.fitting import figures, keeping
from tarikh.fitting.regression import calibration_error, chances, curve, logistic, rising
from tarikh.fitting.samples import Pair, fold_of, labelled
from tarikh.reference import trained


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    trained.kept.cache_clear()
    yield
    trained.kept.cache_clear()


# ---- the methods -------------------------------------------------------------------------------------------------


def test_a_bias_alone_is_the_log_odds_of_the_share() -> None:
    classes = np.array([0] * 30 + [1] * 10)
    made = logistic(np.ones((40, 1)), classes, np.zeros((1, 1)), 1e-9)
    assert made[0, 0] == pytest.approx(log(10 / 30), abs=1e-6)


def test_three_classes_get_their_shares() -> None:
    classes = np.array([0] * 20 + [1] * 10 + [2] * 5)
    made = logistic(np.ones((35, 1)), classes, np.zeros((2, 1)), 1e-9)
    assert made[:, 0] == pytest.approx([log(10 / 20), log(5 / 20)], abs=1e-6)
    assert chances(np.ones((1, 1)), made)[0] == pytest.approx([20 / 35, 10 / 35, 5 / 35], abs=1e-6)


def test_the_pull_is_that_of_the_equation_of_one_weight() -> None:
    """The slope is n·σ(w) − k + pull·(w − prior): its root found by halving."""
    low, high = -5.0, 5.0
    for _ in range(80):
        middle = (low + high) / 2
        slope = 40 / (1 + exp(-middle)) - 10 + 3 * (middle - 1)
        low, high = (middle, high) if slope < 0 else (low, middle)
    made = logistic(np.ones((40, 1)), np.array([0] * 30 + [1] * 10), np.ones((1, 1)), 3.0)
    assert made[0, 0] == pytest.approx(low, abs=1e-7)


def test_few_samples_move_a_weight_little_and_more_move_it_further() -> None:
    def moved(n: int) -> float:
        return abs(float(logistic(np.ones((n, 1)), np.ones(n, int), np.zeros((1, 1)), 5.0)[0, 0]))

    assert 0 < moved(1) < 0.11 < moved(10) < moved(1000)


def test_a_sign_that_nobody_shows_keeps_its_weight() -> None:
    x = np.array([[1.0, 0.0], [1.0, 0.0]])
    assert logistic(x, np.array([0, 1]), np.array([[0.0, 2.5]]), 1.0)[0, 1] == pytest.approx(2.5)


@pytest.mark.parametrize(
    ("values", "pooled"),
    [
        ([1, 2, 3], [1, 2, 3]),
        ([3, 1], [2, 2]),
        ([1, 3, 2, 4], [1, 2.5, 2.5, 4]),
        ([4, 3, 2, 1], [2.5] * 4),
        ([1, 5, 4, 3, 6], [1, 4, 4, 4, 6]),
        ([], []),
    ],
)
def test_neighbors_that_fall_are_pooled(values: list[float], pooled: list[float]) -> None:
    assert rising(values) == pytest.approx(pooled)


def test_sizes_weigh_in_a_pool() -> None:
    assert rising([3, 0], [1, 2]) == pytest.approx([1, 1])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_pooling_is_the_nearest_rise(values: list[float]) -> None:
    """Against the formula of greatest and least means (Barlow et al. 1972)."""
    n = len(values)
    oracle = [
        max(min(float(np.mean(values[a : b + 1])) for b in range(i, n)) for a in range(i + 1))
        for i in range(n)
    ]
    assert rising(values) == pytest.approx(oracle, abs=1e-9)


def test_a_curve_of_few_fields_stays_near_the_one_before() -> None:
    few = curve([(0.5, False)] * 2, lambda _: 0.9, 10)
    many = curve([(0.5, False)] * 500, lambda _: 0.9, 10)
    assert few[0][1] == pytest.approx(9 / 12, abs=1e-4)
    assert many[0][1] < 0.3


def test_the_calibration_error_of_one_bin() -> None:
    assert calibration_error([(0.8, True)] * 8 + [(0.8, False)] * 8) == pytest.approx(0.3, abs=0.26)
    assert calibration_error([(1.0, True)] * 16) == 0
    assert calibration_error([(0.0, True)] * 16) == 1


# ---- what is adopted ---------------------------------------------------------------------------------------------


def told(gold: str, before: str, after: str, count: int, start: int = 0) -> list[tuple[Pair, str, str, str]]:
    return [
        (Pair(f"r{start + n}", 0, (gold, "new"), (before, "new"), None), gold, before, after)
        for n in range(count)
    ]


def test_what_is_clearly_better_is_adopted_and_what_is_not_is_left() -> None:
    rest = told("reported", "reported", "reported", 40, 100)
    clear = figures.status([*told("claimed", "reported", "claimed", 10), *rest], fitting.STATUSES)
    assert clear.adopted
    assert [f.name for f in clear.figures][:3] == ["mean recall", "share right", "recall of reported"]
    noise = figures.status([*told("claimed", "reported", "claimed", 1), *rest], fitting.STATUSES)
    assert not noise.adopted
    assert "left" in noise.why
    same = figures.status([*told("claimed", "claimed", "claimed", 10), *rest], fitting.STATUSES)
    assert (same.adopted, same.better) == (False, 0)


def test_recall_bought_by_a_smaller_share_right_is_left() -> None:
    bought = [
        *told("claimed", "reported", "claimed", 10),
        *told("reported", "reported", "claimed", 12, 100),
        *told("reported", "reported", "reported", 60, 200),
    ]
    verdict = figures.status(bought, fitting.STATUSES)
    assert verdict.better >= figures.BETTER
    assert not verdict.adopted
    assert "share right is worse" in verdict.why


def test_background_is_judged_by_f1() -> None:
    rest = told("new", "new", "new", 40, 100)
    assert figures.aspect([*told("background", "new", "background", 10), *rest]).adopted
    assert not figures.aspect([*told("new", "new", "background", 10), *rest]).adopted


def test_a_curve_needs_fields_of_both_sorts() -> None:
    right = [(f"r{n}", 0.5, 0.95, True) for n in range(60)]
    assert not figures.confidence("date", right).adopted
    both = right + [(f"w{n}", 0.5, 0.2, False) for n in range(6)]
    assert figures.confidence("date", both).adopted


# ---- what is read ------------------------------------------------------------------------------------------------


def test_folds_hang_on_the_id_alone() -> None:
    folds = [fold_of(f"r{n}", 5) for n in range(500)]
    assert folds == [fold_of(f"r{n}", 5) for n in range(500)]
    assert all(70 < folds.count(n) < 130 for n in range(5))


def mention(**given: Any) -> dict[str, Any]:
    return {"kind": "attack_on_civilians", "status": "reported", "aspect": "new", **given}


def test_text_and_corrected_mentions_are_put_together_by_id(tmp_path: Path) -> None:
    texts = json_lines(tmp_path / "a.jsonl", [{"id": "1", "text": "A."}, {"id": "2", "text": "B."}])
    coded = json_lines(tmp_path / "b.jsonl", [{"id": "2", "mentions": [mention()], "interactions": []}])
    rows = labelled([texts, coded])
    assert [(r["id"], r["text"], len(r["mentions"])) for r in rows] == [("2", "B.", 1)]


def test_a_line_of_a_problem_is_no_label(tmp_path: Path) -> None:
    rows = [
        {"id": 1, "text": "A."},
        {"id": 1, "mentions": [], "problem": {"stage": "extract", "reason": "x"}},
    ]
    assert labelled([json_lines(tmp_path / "a.jsonl", rows)]) == []


def test_one_text_under_two_ids_is_taken_once(tmp_path: Path) -> None:
    twice = [{"id": n, "text": "A  b.\n", "mentions": []} for n in "12"]
    assert len(labelled([json_lines(tmp_path / "a.jsonl", twice)])) == 1


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"text": "A.", "mentions": []}, "without an id"),
        ({"id": 1, "mentions": []}, "no text"),
        ({"id": 1, "text": 5, "mentions": []}, "text of report 1 must be text"),
        ({"id": 1, "text": "A.", "mentions": {}}, "list of objects"),
        (
            {"id": 1, "text": "A.", "mentions": [mention(status="rumored")]},
            "status of mention 1 is 'rumored'",
        ),
        ({"id": 1, "text": "A.", "mentions": [mention(harm={"killed": 5})]}, "harm of mention 1"),
        ({"id": 1, "text": "A.", "mentions": [mention(date_start=20250314)]}, "date_start of mention 1"),
        ({"id": 1, "text": "A.", "mentions": [mention(targets="army")]}, "targets of mention 1"),
    ],
)
def test_a_faulty_label_is_told_with_its_report(tmp_path: Path, row: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        labelled([json_lines(tmp_path / "a.jsonl", [row])])


def test_a_report_given_twice_with_other_mentions_is_refused(tmp_path: Path) -> None:
    rows = [{"id": 1, "text": "A.", "mentions": []}, {"id": 1, "mentions": [mention()]}]
    with pytest.raises(UsageError, match="given twice with another mentions"):
        labelled([json_lines(tmp_path / "a.jsonl", rows)])


# ---- the whole ---------------------------------------------------------------------------------------------------

TOWNS = ("Djibo", "Dori", "Kaya", "Arbinda")


def report(number: int, said: bool) -> dict[str, Any]:
    """A tiny report; where somebody tells it, the person who coded it took it for alleged."""
    tail = ", the mayor said." if said else "."
    text = f"Gunmen killed {number + 5} traders near {TOWNS[number % 4]} in Burkina Faso on Monday{tail}"
    coded = mention(
        status="alleged" if said else "reported",
        attackers=["Unidentified armed group (Burkina Faso)"],
        targets=["Civilians (Burkina Faso)"],
        date_start="2025-03-10",
        date_end="2025-03-10",
    )
    return {
        "id": f"t{number}",
        "published": "2025-03-12",
        "language": "en",
        "text": text,
        "mentions": [coded],
    }


REPORTS = [report(n, n % 2 == 0) for n in range(80)]


def test_too_few_reports_are_refused(tarikh: Tarikh) -> None:
    made = tarikh("train", json_lines(Path("few.jsonl"), REPORTS[:29]))
    assert made.code == 2
    assert "29 coded reports are too few" in made.err


@pytest.mark.usefixtures("rules_alone")
def test_training_changes_the_coding_and_its_name_and_can_be_taken_back(
    tarikh: Tarikh, tmp_path: Path
) -> None:
    given = json_lines(Path("coded.jsonl"), REPORTS)
    dry = tarikh("train", given, "--dry-run", "--json")
    assert dry.code == 0, dry.err
    home = tmp_path / "home" / "trained"
    assert not home.exists()
    made = tarikh("train", given)
    assert made.code == 0, made.err
    assert "status: adopted" in made.out
    assert "recall of alleged      0.000 → 1.000  of 40" in made.out
    mark = trained.kept().mark
    assert f"fused@7+trained.{mark}" in made.err
    assert dict(trained.kept().status or {}) == dry.json()["parts"]["status"]

    kept = "".join(p.read_text() for p in home.rglob("*.json"))
    assert "Gunmen" not in kept
    assert "Djibo" not in kept
    manifest = json.loads((home / "manifest.json").read_text())
    assert (manifest["reports"], manifest["coder"], manifest["mark"]) == (80, "fused@7", mark)

    news = json_lines(Path("news.jsonl"), [{k: v for k, v in REPORTS[0].items() if k != "mentions"}])
    assert tarikh("code", news).json()["mentions"][0]["status"] == "alleged"
    finding = next(f for f in tarikh("doctor", "--json").json() if f["name"] == "trained parts")
    assert finding["fine"]
    assert "weights of status" in finding["detail"]

    assert tarikh("train", "--reset").code == 0
    assert list(home.rglob("*.json")) == []
    assert tarikh("code", news).json()["mentions"][0]["status"] == "reported"
    again = tarikh("train", given)
    assert f"+trained.{mark}" in again.err


@pytest.mark.usefixtures("rules_alone")
def test_a_database_is_coded_again_by_a_trained_coder(tarikh: Tarikh) -> None:
    news = json_lines(Path("news.jsonl"), REPORTS[:1])
    assert tarikh("add", news, "--db", "t.db").code == 0
    _write(status=_heavier())
    assert "1 reports coded again" in tarikh("recode", "--db", "t.db").err
    assert "0 reports coded again" in tarikh("recode", "--db", "t.db").err


# ---- the folder --------------------------------------------------------------------------------------------------


def _heavier() -> dict[str, Any]:
    table = json.loads(json.dumps(trained.shipped_weights("status")))
    table["weights"]["said"]["alleged"] = 9.0
    return dict(table)


def _write(**parts: Any) -> Path:
    found = fitting.Fitted(40, 40, (), parts)
    return keeping.write(found, [], fitting_day(), 5)[0]


def fitting_day() -> Any:
    from datetime import UTC, datetime

    return datetime(2025, 3, 14, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TARIKH_TRAINED", str(tmp_path / "trained"))
    return tmp_path / "trained"


def test_parts_are_read_back_and_marked_by_what_they_are(home: Path) -> None:
    _write(status=_heavier(), curves={"curves": {"kind": [[0.2, 0.1], [0.9, 0.8]]}})
    parts = trained.kept()
    assert trained.weights("status")["weights"]["said"]["alleged"] == 9.0
    assert trained.weights("aspect") == trained.shipped_weights("aspect")
    assert trained.curves()["kind"] == [(0.2, 0.1), (0.9, 0.8)]
    assert trained.curves()["date"] == trained.shipped_curves()["date"]
    name = trained.named(trained.CODER)
    assert name == f"fused@7+trained.{parts.mark}"
    assert scope_of(name) == "conflict"
    assert scope_of(coder_name(name, "any_violence")) == "any_violence"
    _write(status=_heavier())
    assert trained.kept().mark != parts.mark


def _broken(home: Path, name: str, change: Any) -> str:
    table = json.loads((home / trained.FILES[name]).read_text())
    change(table)
    _write(**{name: table})
    return trained.kept().fault


@pytest.mark.parametrize(
    "value", [None, "2", True, 1e9, float("nan"), float("inf"), {}, [1]], ids=lambda v: repr(v)
)
def test_a_weight_that_is_none_is_refused(home: Path, value: object) -> None:
    _write(status=_heavier())
    fault = _broken(home, "status", lambda t: t["weights"]["said"].update(alleged=value))
    assert "are not used" in fault
    assert "tarikh train --reset" in fault
    assert trained.weights("status") == trained.shipped_weights("status")
    assert trained.named(trained.CODER) == trained.CODER


@pytest.mark.parametrize(
    "curves",
    [
        {},
        {"shoe": [[0, 0]]},
        {"kind": []},
        {"kind": [[0.9, 0.1], [0.2, 0.8]]},
        {"kind": [[0, 2]]},
        {"kind": 5},
    ],
)
def test_a_curve_that_is_none_is_refused(home: Path, curves: object) -> None:
    _write(curves={"curves": curves})
    assert "calibration.json" in trained.kept().fault
    assert trained.curves() == trained.shipped_curves()


def test_a_changed_or_cut_file_and_another_version_fall_back(home: Path) -> None:
    _write(status=_heavier())
    path, manifest = home / "weights" / "status.json", home / "manifest.json"
    whole, named = path.read_bytes(), json.loads(manifest.read_text())
    for content in (whole[:-20], whole.replace(b"9.0", b"8.0"), b"\xff\xfe", b""):
        path.write_bytes(content)
        trained.kept.cache_clear()
        assert "changed or cut off" in trained.kept().fault
    path.unlink()
    trained.kept.cache_clear()
    assert "No such file" in trained.kept().fault
    path.write_bytes(whole)
    manifest.write_text(json.dumps({**named, "coder": "fused@5"}))
    trained.kept.cache_clear()
    assert "fitted for the coder 'fused@5', and this one is fused@7" in trained.kept().fault
    for text in ("[", "[]", "[" * 100_000, '{"format": 2}', json.dumps({**named, "files": {"../x": "0"}})):
        manifest.write_text(text)
        trained.kept.cache_clear()
        assert trained.kept().fault


def test_a_fault_is_told_where_reports_are_coded(tarikh: Tarikh, tmp_path: Path) -> None:
    where = tmp_path / "home" / "trained"
    where.mkdir(parents=True)
    (where / "manifest.json").write_text("{")
    news = json_lines(Path("news.jsonl"), REPORTS[1:2])
    made = tarikh("code", news)
    assert made.code == 0
    assert "are not used (manifest.json is not JSON)" in made.err
    assert not next(f for f in tarikh("doctor", "--json").json() if f["name"] == "trained parts")["fine"]


def test_reset_takes_away_its_own_files_alone(home: Path) -> None:
    _write(status=_heavier())
    (home / "notes.txt").write_text("mine")
    assert keeping.reset()
    assert not keeping.reset()
    assert [p.name for p in home.rglob("*") if p.is_file()] == ["notes.txt"]
    assert trained.kept() == trained.SHIPPED


def test_off_leaves_the_shipped_parts_in_force(
    home: Path, monkeypatch: pytest.MonkeyPatch, tarikh: Tarikh
) -> None:
    _write(status=_heavier())
    monkeypatch.setenv("TARIKH_TRAINED", "off")
    trained.kept.cache_clear()
    assert trained.kept() == trained.SHIPPED
    made = tarikh("train", json_lines(Path("coded.jsonl"), REPORTS))
    assert made.code == 2
    assert "TARIKH_TRAINED is off" in made.err


def test_other_parts_hold_in_their_context_alone() -> None:
    with trained.using(replace(trained.SHIPPED, raw=True, mark="abcdef")):
        assert trained.curves() == {}
        assert trained.named("x@1") == "x@1+trained.abcdef"
    assert trained.curves() == trained.shipped_curves()
    assert trained.named("x@1") == "x@1"


def test_without_samples_the_shipped_weights_come_back() -> None:
    parts = fitting.weighed([])
    assert parts.status == trained.shipped_weights("status")
    assert parts.aspect == trained.shipped_weights("aspect")


def test_a_command_line_that_names_nothing_says_what_to_name(tarikh: Tarikh) -> None:
    assert "name a file" in tarikh("train").err
    assert "leave one of the two out" in tarikh("train", "x.jsonl", "--reset").err
