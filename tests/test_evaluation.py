"""The scorers on cases made by hand, the matching against brute force, and `evaluate` against `code`.

Invariant: every expected figure here was worked out by hand from the codebook's section 10, not read off the scorer.
"""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import REPORTS, Tarikh, json_lines
from tarikh import evaluation
from tarikh.errors import UsageError
from tarikh.evaluation import clusters, gold, hrdsattack
from tarikh.evaluation.main_event import MainEvent
from tarikh.evaluation.matching import best_pairs

CLASH: dict[str, Any] = {
    "incident": "A1",
    "kind": "armed_clash",
    "status": "reported",
    "aspect": "new",
    "attackers": ["JNIM"],
    "targets": ["Military of Mali"],
    "date_start": "2025-03-13",
    "date_end": "2025-03-13",
    "date_precision": "day",
    "country": "MLI",
    "admin1": "Ménaka",
    "place": "Ménaka",
    "latitude": 15.92,
    "longitude": 2.40,
    "place_precision": "near",
    "harm": {"killed": [11, 11, 11]},
}
UNIT = {"latitude": 0.0, "longitude": 0.0, "place_precision": "admin1", "place": "Gao", "admin1": "Gao"}


def scored(*pairs: tuple[list[dict[str, Any]], list[dict[str, Any]]]) -> dict[str, Any]:
    """Figures of reports that are given as (gold mentions, predicted mentions)."""
    rows = [{"id": str(number), "mentions": wanted} for number, (wanted, _) in enumerate(pairs)]
    guesses = {str(number): {"mentions": guessed} for number, (_, guessed) in enumerate(pairs)}
    return gold.score(rows, guesses)


def agreement(wanted: dict[str, Any], guessed: dict[str, Any]) -> dict[str, bool]:
    return gold.compare(CLASH | wanted, CLASH | guessed)


# ---- fields ------------------------------------------------------------------------------------------------

FIELD_CASES: dict[str, tuple[dict[str, Any], dict[str, Any], set[str]]] = {
    "the same": ({}, {}, set()),
    "a day later": ({}, {"date_start": "2025-03-14", "date_end": "2025-03-14"}, {"date"}),
    "a longer span": ({}, {"date_end": "2025-03-14"}, {"date"}),
    "no date": ({}, {"date_start": None, "date_end": None}, {"date"}),
    "5 km off": ({}, {"latitude": 15.965}, set()),
    "20 km off": ({}, {"latitude": 16.1}, {"place10"}),
    "60 km off": ({}, {"latitude": 16.46}, {"place10", "place50"}),
    "exact for near": ({}, {"place_precision": "exact"}, {"precision"}),
    "another name at the point": ({}, {"place": "Menaka Ville", "admin1": None}, set()),
    "a unit for a town": ({}, {"place_precision": "admin1"}, {"place10", "place50", "precision"}),
    "a town for a unit": (UNIT, {}, {"place10", "place50", "precision"}),
    "no point": ({}, {"latitude": None, "longitude": None}, {"place10", "place50"}),
    "the unit, its point elsewhere": (UNIT, UNIT | {"latitude": 40.0}, set()),
    "the unit, accents apart": (UNIT, UNIT | {"place": "gào", "admin1": None}, set()),
    "another unit at the point": (UNIT, UNIT | {"place": "Kidal", "admin1": "Kidal"}, {"place10", "place50"}),
    "the unit of another country": (UNIT, UNIT | {"country": "NER"}, {"place10", "place50", "country"}),
    "admin2 for admin1": (UNIT, UNIT | {"place_precision": "admin2"}, {"place10", "place50", "precision"}),
    "a country, points apart": (
        UNIT | {"place_precision": "country"},
        UNIT | {"place_precision": "country", "place": "Mali", "latitude": 17.0},
        set(),
    ),
    "both unknown": (
        {"place_precision": "unknown", "country": None, "latitude": None},
        {"place_precision": "unknown", "country": None, "latitude": None},
        set(),
    ),
    "an alias": ({}, {"attackers": ["GSIM"]}, set()),
    "case and article": ({}, {"attackers": ["the jnim"], "targets": ["military of MALI"]}, set()),
    "one attacker too many": ({}, {"attackers": ["JNIM", "IS Sahel Province"]}, {"attackers"}),
    "order of a side": ({"targets": ["JNIM", "FLA"]}, {"targets": ["FLA", "JNIM"]}, set()),
    "sides swapped": (
        {},
        {"attackers": CLASH["targets"], "targets": CLASH["attackers"]},
        {"attackers", "targets"},
    ),
    "sides of an agreement swapped": (
        {"kind": "agreement"},
        {"kind": "agreement", "attackers": CLASH["targets"], "targets": CLASH["attackers"]},
        set(),
    ),
    "all on one side of an agreement": (
        {"kind": "agreement"},
        {"kind": "agreement", "attackers": ["JNIM", "Military of Mali"], "targets": []},
        set(),
    ),
    "one side of an agreement only": (
        {"kind": "agreement"},
        {"kind": "agreement", "targets": []},
        {"attackers", "targets"},
    ),
    "a country by another name": (
        {"targets": ["Military of DR Congo"]},
        {"targets": ["Military of the Democratic Republic of the Congo"]},
        set(),
    ),
    "null for a count": ({}, {"harm": {}}, {"killed_best", "killed_interval"}),
    "a count for null": ({"harm": {}}, {}, {"killed_best", "killed_interval"}),
    "zero for null": (
        {"harm": {}},
        {"harm": {"killed": [0, 0, 0], "injured": [0, 0, 0]}},
        {"killed_best", "killed_interval", "injured_best"},
    ),
    "null for null": ({"harm": {}}, {"harm": {"killed": None}}, set()),
    "an open bound": ({}, {"harm": {"killed": [11, 11, None]}}, {"killed_interval"}),
    "another status": ({}, {"status": "claimed"}, {"status"}),
    "another aspect": ({}, {"aspect": "background"}, {"aspect"}),
}
IN_RECORD = {"date", "place10", "attackers", "targets", "killed_best"}


@pytest.mark.parametrize(("wanted", "guessed", "wrong"), FIELD_CASES.values(), ids=FIELD_CASES)
def test_fields(wanted: dict[str, Any], guessed: dict[str, Any], wrong: set[str]) -> None:
    same = agreement(wanted, guessed)
    assert {name for name in gold.FIELDS if not same[name]} == wrong
    assert same["record"] is not bool(wrong & IN_RECORD)


@pytest.mark.parametrize("name", ["Democratic Republic of the Congo", "DRC"])
def test_a_country_in_brackets_by_another_name(name: str) -> None:
    assert gold.party_key(f"Civilians ({name})") == gold.party_key("Civilians (DR Congo)")


def test_another_kind_is_no_record() -> None:
    same = agreement({}, {"kind": "territory_taken"})
    assert not same["record"]
    assert all(same[name] for name in gold.FIELDS)


# ---- mentions ----------------------------------------------------------------------------------------------


def test_all_right_is_one_everywhere() -> None:
    second = CLASH | {"incident": "A2", "kind": "bombing", "country": "NER", "status": "claimed"}
    result = scored(([CLASH, second], [CLASH, second]), ([], []), ([CLASH], [CLASH]))
    for name in ("mention", "family", "record", "linking_of_found", "linking_end_to_end", "pairs_end_to_end"):
        assert result[name] == {"precision": 1, "recall": 1, "f1": 1}, name
    assert set(result["fields"].values()) == {1}
    assert result["recall_by_class"] == {"claimed": 1, "reported": 1, "new": 1}
    assert (result["reports"], result["gold_mentions"], result["false_alarms_per_empty_report"]) == (3, 3, 0)


def test_nothing_predicted_is_zero_and_nothing_divides_by_it() -> None:
    result = gold.score([{"id": 1, "mentions": [CLASH]}], {})
    assert result["mention"] == {"precision": 0, "recall": 0, "f1": 0}
    assert scored(([], []))["mention"]["f1"] == 0
    assert gold.score([], {})["reports"] == 0


def test_precision_and_recall_by_hand() -> None:
    """Two of three found, one of them with a sister kind; two invented, of which one in an empty report."""
    sister = CLASH | {"kind": "territory_taken"}
    bomb = CLASH | {"kind": "bombing"}
    result = scored(([CLASH, bomb], [sister, bomb]), ([CLASH], [CLASH | {"kind": "coup"}]), ([], [CLASH]))
    assert (result["gold_mentions"], result["predicted_mentions"]) == (3, 4)
    assert result["mention"] == pytest.approx({"precision": 1 / 4, "recall": 1 / 3, "f1": 2 / 7})
    assert result["family"] == pytest.approx({"precision": 2 / 4, "recall": 2 / 3, "f1": 4 / 7})
    assert result["record"] == pytest.approx({"precision": 1 / 4, "recall": 1 / 3, "f1": 2 / 7})
    assert (result["false_alarms_per_empty_report"], result["empty_reports_with_false_alarm"]) == (1, 1)


PAIRS: dict[str, tuple[dict[str, Any], dict[str, Any], bool]] = {
    "the same": ({}, {}, True),
    "the day alone": ({}, {"latitude": 30.0}, True),
    "the place alone": ({}, {"date_start": "2024-01-01", "date_end": "2024-01-01"}, True),
    "neither": ({}, {"date_start": "2024-01-01", "date_end": "2024-01-01", "latitude": 30.0}, False),
    "the family alone": ({}, {"kind": "territory_taken"}, True),
    "another family": ({}, {"kind": "bombing"}, False),
    "no kind": ({}, {"kind": "brawl"}, False),
    "undated both": (
        {"date_start": None, "date_end": None},
        {"date_start": None, "date_end": None, "latitude": 30.0},
        True,
    ),
    "undated one": ({}, {"date_start": None, "date_end": None, "latitude": 30.0}, False),
    "a span that meets it": (
        {"date_end": "2025-03-16"},
        {"date_start": "2025-03-16", "date_end": "2025-03-20", "latitude": 30.0},
        True,
    ),
}


@pytest.mark.parametrize(("wanted", "guessed", "met"), PAIRS.values(), ids=PAIRS)
def test_which_mentions_are_paired(wanted: dict[str, Any], guessed: dict[str, Any], met: bool) -> None:
    assert bool(gold.pair_mentions([CLASH | wanted], [CLASH | guessed])) is met


def test_the_best_total_is_paired_not_the_first() -> None:
    monday = CLASH | {"date_start": "2025-03-10", "date_end": "2025-03-10"}
    pairs = gold.pair_mentions([CLASH, monday], [monday, CLASH])
    assert {(i, j) for i, j, _ in pairs} == {(0, 1), (1, 0)}
    assert all(same["record"] for _, _, same in pairs)


def test_linking_counts_what_was_missed_and_invented() -> None:
    """One incident in three reports: found twice but as two, missed once, and one invented beside."""
    one, other, alone = (CLASH | {"incident": name} for name in ("x", "y", "z"))
    result = scored(([CLASH], [one]), ([CLASH], [other]), ([CLASH], []), ([], [alone]))
    assert result["pairs_of_found"] == {"precision": 0, "recall": 0, "f1": 0}
    assert result["linking_of_found"] == pytest.approx({"precision": 1, "recall": 1 / 2, "f1": 2 / 3})
    assert result["singletons_of_found"] == result["linking_of_found"]
    together = scored(([CLASH], [one]), ([CLASH], [one]))
    assert together["linking_of_found"]["f1"] == 1
    assert together["singletons_of_found"] == pytest.approx({"precision": 1, "recall": 1 / 2, "f1": 2 / 3})
    ends = result["linking_end_to_end"]
    assert (ends["precision"], ends["recall"]) == pytest.approx((1, 2 / 4))


def test_clusters_by_hand() -> None:
    links = [("A", "1"), ("A", "1"), ("A", "2"), ("B", "2")]
    scores = clusters.b_cubed(links)
    assert scores["precision"] == pytest.approx((1 + 1 + 1 / 2 + 1 / 2) / 4)
    assert scores["recall"] == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4)
    assert clusters.pairwise(links) == pytest.approx({"precision": 1 / 2, "recall": 1 / 3, "f1": 2 / 5})
    assert clusters.b_cubed([])["f1"] == clusters.pairwise([])["f1"] == 0


def test_differences_are_told() -> None:
    errors: list[Any] = []
    rows = [{"id": "r", "mentions": [CLASH, CLASH | {"kind": "coup"}]}]
    guess = [CLASH | {"status": "claimed", "harm": {}}, CLASH | {"kind": "bombing"}]
    gold.score(rows, {"r": {"mentions": guess}}, errors)
    assert [(e["report"], e["what"]) for e in errors] == [
        ("r", "differs"),
        ("r", "missed"),
        ("r", "invented"),
    ]
    assert errors[0]["wrong"] == ["killed_best", "killed_interval", "status"]


# ---- matching ----------------------------------------------------------------------------------------------

_WEIGHTS = st.integers(0, 5).flatmap(
    lambda columns: st.lists(
        st.lists(st.integers(-3, 9).map(lambda n: n / 2), min_size=columns, max_size=columns),
        min_size=0,
        max_size=5,
    )
)


def _best_total(weights: list[list[float]]) -> float:
    """By trying every pairing; leaving a row or column alone is worth nothing."""
    rows, columns = len(weights), len(weights[0]) if weights else 0
    padded = [[max(0.0, w) for w in row] + [0.0] * rows for row in weights]
    return max(
        (sum(padded[i][j] for i, j in enumerate(p)) for p in permutations(range(columns + rows), rows)),
        default=0.0,
    )


@settings(max_examples=150, deadline=None)
@given(_WEIGHTS.filter(lambda w: len(w) + (len(w[0]) if w else 0) <= 8))
def test_no_other_pairing_weighs_more(weights: list[list[float]]) -> None:
    pairs = best_pairs(weights)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
    assert all(weights[i][j] > 0 for i, j in pairs)
    assert sum(weights[i][j] for i, j in pairs) == pytest.approx(_best_total(weights))


# ---- HRDsAttack --------------------------------------------------------------------------------------------


def test_hrdsattack_leaves_null_gold_out_and_folds_names() -> None:
    rows = [
        {
            "id": 1,
            "gold": {"country": "Mali", "city": "Menaka", "year": 2025, "violation_types": ["killing"]},
        },
        {"id": 2, "gold": {"country": None, "city": "Gao", "violation_types": ["kidnapping", "killing"]}},
    ]
    guesses: dict[str, Any] = {
        "1": {"country": "MLI", "city": "Ménaka", "year": 2024, "month": 3, "violation_types": ["killing"]},
        "2": {"country": "MLI", "city": None, "violation_types": ["killing"]},
    }
    result = hrdsattack.score(rows, guesses)
    right = {slot: (row["right"], row["of"]) for slot, row in result["slots"].items()}
    assert right == {
        "country": (1, 1),
        "region": (0, 0),
        "city": (1, 2),
        "year": (0, 1),
        "month": (0, 0),
        "day": (0, 0),
    }
    assert result["slots"]["month"]["share"] is None
    assert result["violation_types"] == pytest.approx({"precision": 1, "recall": 2 / 3, "f1": 4 / 5})


def test_hrdsattack_files_a_territory_under_its_state_and_invents_no_day() -> None:
    made = hrdsattack.record(MainEvent("HKG", town="Hong Kong", year=2025, violations=("killing",)))
    assert (made["country"], made["city"], made["year"]) == ("CHN", "Hong Kong", 2025)
    assert made["month"] is made["day"] is made["region"] is None
    assert made["violation_types"] == ["killing"]
    assert hrdsattack.record(MainEvent())["country"] is None


# ---- the command -------------------------------------------------------------------------------------------


@pytest.fixture
def labelled(tarikh: Tarikh, tmp_path: Path) -> Path:
    """Reports labelled with what was coded, but for one wrong kind, one missed and one invented mention."""
    coded = tarikh("code", json_lines(tmp_path / "reports.jsonl", REPORTS)).lines()
    mentions = [line["mentions"] for line in coded]
    mentions[2][0]["kind"] = "shelling"
    mentions[3] = []
    mentions[5] = [mentions[0][0]]
    rows = [report | {"mentions": told} for report, told in zip(REPORTS, mentions, strict=True)]
    return json_lines(tmp_path / "gold.jsonl", rows)


def test_evaluate_is_code_and_then_score(tarikh: Tarikh, labelled: Path, tmp_path: Path) -> None:
    coded = tarikh("code", "reports.jsonl")
    (tmp_path / "coded.jsonl").write_text(coded.out, encoding="utf-8")
    fresh = tarikh("evaluate", "gold", labelled, "--json", "--errors", 9)
    given_ = tarikh("evaluate", "gold", labelled, "--predictions", "coded.jsonl", "--json", "--errors", 9)
    assert (fresh.code, fresh.err) == (0, "")
    a, b = fresh.json(), given_.json()
    assert a["all"] == b["all"]
    told = [(e["report"], e["what"]) for e in b["errors"]]
    assert told == [("c3", "differs"), ("c4", "invented"), ("c6", "missed")]
    assert [(e["report"], e["what"]) for e in a["errors"]] == told
    assert a["all"]["mention"]["precision"] == pytest.approx(3 / 5)
    assert a["all"]["family"]["recall"] == pytest.approx(4 / 5)


@pytest.mark.parametrize("words", [(), ("--atlas", "page.html"), ("--predictions", "coded.jsonl")])
def test_reports_that_cannot_be_coded_are_told_with_their_ids(
    words: tuple[str, ...], tarikh: Tarikh, labelled: Path, tmp_path: Path
) -> None:
    rows = [json.loads(line) for line in labelled.read_text(encoding="utf-8").splitlines()]
    bad = [
        {"id": "blank", "text": " ", "mentions": []},
        {"id": "ja", "text": "x", "language": "ja", "mentions": []},
    ]
    json_lines(tmp_path / "some.jsonl", [rows[0], *bad, rows[1]])
    coded = tarikh("code", "some.jsonl")
    (tmp_path / "coded.jsonl").write_text(coded.out, encoding="utf-8")
    done = tarikh("evaluate", "gold", "some.jsonl", "--json", *words)
    assert (done.code, done.json()["all"]["reports"]) == (0, 4)
    assert "problem: blank: has no text" in done.err
    assert "2 of 4 could not be coded, and are scored as if nothing was found: blank, ja" in done.err
    assert "could not" not in tarikh("evaluate", "gold", labelled, "--json").err


def test_labels_never_reach_the_coder(tarikh: Tarikh, labelled: Path, tmp_path: Path) -> None:
    rows = [json.loads(line) | {"mentions": []} for line in labelled.read_text(encoding="utf-8").splitlines()]
    blank = json_lines(tmp_path / "blank.jsonl", rows)
    result = tarikh("evaluate", "gold", blank, "--json").json()["all"]
    assert result["predicted_mentions"] == 5


def test_evaluate_for_people_and_by_language(tarikh: Tarikh, labelled: Path, tmp_path: Path) -> None:
    done = tarikh("evaluate", "gold", labelled, "--errors", 1)
    assert done.code == 0
    for words in ("== all: 6 reports", "mention", "recall by class", '"what": "differs"'):
        assert words in done.out
    french = json_lines(
        tmp_path / "fr.jsonl", [{"id": "f", "language": "fr", "text": "Oui.", "mentions": []}]
    )
    result = tarikh("evaluate", "gold", labelled, french, "--json").json()
    assert (result["all"]["reports"], result["en"]["reports"], result["fr"]["reports"]) == (7, 6, 1)


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b'{"id": "a", "mentions": []}\n{"id": "b", ', "gold.jsonl:2"),
        (b"[]\n", "gold.jsonl:1"),
        (b"\xff\xfe\n", "gold.jsonl"),
    ],
)
def test_a_broken_labelled_file_is_a_sentence(
    data: bytes, where: str, tarikh: Tarikh, tmp_path: Path
) -> None:
    (tmp_path / "gold.jsonl").write_bytes(data)
    for words in (["gold.jsonl"], [json_lines(tmp_path / "x.jsonl", []), "--predictions", "gold.jsonl"]):
        done = tarikh("evaluate", "gold", *words)
        assert done.code == 2
        assert where in done.sentence()


@pytest.mark.parametrize("kind", ["gold", "hrdsattack"])
@pytest.mark.parametrize("row", [{"id": "a", "text": "x"}, {"text": "x", "mentions": [], "gold": {}}])
def test_a_row_without_labels_is_a_sentence(
    row: dict[str, Any], kind: str, tarikh: Tarikh, tmp_path: Path
) -> None:
    done = tarikh("evaluate", kind, json_lines(tmp_path / "gold.jsonl", [row]))
    assert done.code == 2
    assert "gold.jsonl:1" in done.sentence()


def test_the_line_of_a_broken_row_counts_blank_lines(tmp_path: Path) -> None:
    (tmp_path / "gold.jsonl").write_text('\n\n{"id": \n', encoding="utf-8")
    with pytest.raises(UsageError, match=r"gold\.jsonl:3"):
        evaluation.read_rows(tmp_path / "gold.jsonl")
