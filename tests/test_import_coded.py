"""Reports coded by people, in the codebook's form: a round trip loses nothing, and no coder of the machine takes their place.

Invariant: a line is taken whole or not at all, and says what is wrong with it.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from conftest import REPORTS, Tarikh, json_lines
from tarikh.errors import UnknownIdError
from tarikh.exports.gold_form import mention_entry
from tarikh.extract.coder import CODER
from tarikh.imports import coded
from tarikh.model import Problem, Report
from tarikh.store import Brought, open_store

TODAY = date(2026, 1, 1)
GOLD = Path(__file__).parent / "gold"
MENTION: dict[str, Any] = {
    "kind": "armed_clash",
    "attackers": ["Unidentified armed group (Mali)"],
    "targets": ["Military of Mali"],
    "date_start": "2025-03-13",
    "date_end": "2025-03-13",
    "date_precision": "day",
    "country": "MLI",
    "place": "Ménaka",
    "latitude": 15.9182,
    "longitude": 2.4022,
    "place_precision": "near",
    "harm": {"killed": [11, 11, 11]},
    "trigger": "ambushed",
    "words": {"place": "near Ménaka", "killed": "killing eleven"},
}


def nobody(given: str) -> Report:
    raise UnknownIdError(given)


def line(*mentions: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {**REPORTS[0], "mentions": list(mentions), **fields}


def read(tmp_path: Path, *rows: Any) -> list[Brought | Problem]:
    return list(coded.read(json_lines(tmp_path / "coded.jsonl", list(rows)), "person:ana", nobody, TODAY))


def one(tmp_path: Path, **fields: Any) -> Any:
    (found,) = read(tmp_path, line({**MENTION, **fields}))
    return found


def test_a_line_becomes_a_report_with_its_mentions(tmp_path: Path) -> None:
    found = one(tmp_path)
    assert isinstance(found, Brought), found
    (told,) = found.mentions
    assert (told.coder, told.kind, told.status, told.aspect) == (
        "person:ana",
        "armed_clash",
        "reported",
        "new",
    )
    assert found.report.words(told.evidence["kind"].spans[0]) == "ambushed"
    assert found.report.words(told.evidence["place"].spans[0]) == "near Ménaka"
    assert told.evidence["harm.killed"].words == ("killing eleven",)


def test_what_the_coder_writes_comes_back_the_same(tarikh: Tarikh, tmp_path: Path) -> None:
    """Round trip: every mention of `tarikh code`, imported, is written as it was, but for the incident's number."""
    reports = json_lines(tmp_path / "reports.jsonl", REPORTS)
    out = tarikh("code", reports)
    coded_file = tmp_path / "coded.jsonl"
    coded_file.write_text(out.out, encoding="utf-8")
    done = tarikh("import", "coded", coded_file, "--by", "ana", "--reports", reports)
    assert done.code == 0, done.err
    assert "6 reports are new, 0 changed, 0 known already, 5 mentions; 0 rows were not taken" in done.err
    want = {row["id"]: [{**m, "incident": None} for m in row["mentions"]] for row in out.lines()}
    with open_store(tmp_path / "home" / "tarikh.db") as store:
        given = {report.id: report.given_id for report in store.reports()}
        found: dict[str | None, list[Any]] = {row["id"]: [] for row in REPORTS}
        for each in store.mentions():
            assert each.coder == "person:ana"
            found[given[each.report_id]].append(json.loads(json.dumps(mention_entry(each, None))))
    assert found == want
    again = tarikh("import", "coded", coded_file, "--by", "ana")
    assert "0 reports are new, 0 changed, 6 known already" in again.err, "now the database knows their texts"


def test_the_gold_files_are_read_without_loss(tmp_path: Path) -> None:
    rows = [json.loads(text) for text in (GOLD / "sample.jsonl").read_text(encoding="utf-8").splitlines()]
    found = read(tmp_path, *rows)
    for row, each in zip(rows, found, strict=True):
        assert isinstance(each, Brought), each
        for told, want in zip(each.mentions, row["mentions"], strict=True):
            entry = mention_entry(told, None)
            assert told.terms, "it is linked as what the machine codes"
            kept = {k: v for k, v in want.items() if k not in ("incident", "words", "place_in_gazetteer")}
            assert {k: entry[k] for k in kept} == kept


def test_no_coder_of_the_machine_takes_their_place(tarikh: Tarikh, tmp_path: Path) -> None:
    path = json_lines(tmp_path / "coded.jsonl", [line({**MENTION, "kind": "abduction"})])
    tarikh("import", "coded", path, "--by", "ana")
    before = tarikh("list", "--json").json()
    assert [each["kind"] for each in before] == ["abduction"]
    assert "0 reports coded again" in tarikh("recode").err
    added = tarikh("add", json_lines(tmp_path / "reports.jsonl", REPORTS[:1]))
    assert "0 reports coded, 1 known already" in added.err
    assert tarikh("list", "--json").json() == before


def test_people_and_the_machine_on_one_report_can_be_compared(tarikh: Tarikh, tmp_path: Path) -> None:
    reports = json_lines(tmp_path / "reports.jsonl", REPORTS)
    tarikh("add", reports)
    (tmp_path / "coded.jsonl").write_text(tarikh("code", reports).out, encoding="utf-8")
    assert "6 changed" in tarikh("import", "coded", "coded.jsonl", "--by", "ana").err
    agreed = tarikh("review", "agreement", CODER, "person:ana")
    assert agreed.code == 0, agreed.err
    assert "5 looked at by both" in agreed.err
    with open_store(tmp_path / "home" / "tarikh.db") as store:
        assert set(store.coders()) == {CODER, "person:ana"}


def test_coded_otherwise_is_a_new_turn_and_work_of_people_follows(tarikh: Tarikh, tmp_path: Path) -> None:
    path = json_lines(tmp_path / "coded.jsonl", [line(MENTION)])
    tarikh("import", "coded", path, "--by", "ana")
    key = tarikh("list", "--json").json()[0]["id"]
    tarikh("review", "correct", key, "killed", "12", "--by", "ben")
    json_lines(path, [line({**MENTION, "kind": "bombing"})])
    assert "0 reports are new, 1 changed, 0 known" in tarikh("import", "coded", path, "--by", "ana").err
    (found,) = tarikh("list", "--json").json()
    assert (found["kind"], found["harm"]["killed"]["best"]) == ("bombing", 12)
    assert "1 known already" in tarikh("import", "coded", path, "--by", "ana").err


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "ambush"}, "it must be one of"),
        ({"kind": None}, "it must be one of"),
        ({"status": "sure"}, "it must be one of"),
        ({"aspect": "old"}, "aspect is 'old'"),
        ({"attackers": "JNIM"}, "list of names"),
        ({"attackers": ["\u202eevil"]}, "control characters"),
        ({"date_start": "13.3.2025"}, "cannot be the date"),
        ({"date_end": "2025-03-01"}, "ends before it starts"),
        ({"country": "Mali"}, "ISO alpha-3"),
        ({"place_precision": "precise"}, "it must be one of"),
        ({"place": None}, "no place is named"),
        ({"latitude": 100.0}, "not on the earth"),
        ({"harm": {"dead": [1, 1, 1]}}, "no count 'dead'"),
        ({"harm": {"killed": [3, 2, 1]}}, "must rise"),
        ({"harm": {"killed": ["3", 3, 3]}}, "whole"),
        ({"harm": [1]}, "object of counts"),
        ({"trigger": 4}, "words must be text by field"),
        ({"confidence": {"place": 2}}, "from 0 to 1"),
        ({"spans": {"trigger": [{"in": "text", "start": 5, "end": 9_999}]}}, "not within the text"),
        ({"spans": {"trigger": [{"in": "body", "start": 5, "end": 9}]}}, "a span is"),
        ({"words": {"weather": "rain"}}, "'weather' that there is not"),
        ({"targts": []}, "did you mean 'targets'"),
    ],
)
def test_a_mention_that_is_wrong_costs_its_line(tmp_path: Path, fields: dict[str, Any], words: str) -> None:
    found = read(tmp_path, line(MENTION), line(MENTION, {**MENTION, **fields}, id="second"), line())
    assert [isinstance(each, Problem) for each in found] == [False, True, False]
    problem = found[1]
    assert isinstance(problem, Problem)
    assert problem.reason.startswith("mention 2: ")
    assert words in problem.reason
    assert problem.line == 2


def test_words_that_the_text_does_not_hold_are_told(tmp_path: Path) -> None:
    (told,) = one(tmp_path, words={"place": "close to Ménaka"}).mentions
    assert (told.evidence["place"].spans, told.evidence["place"].words) == ((), ())
    assert "not in the text" in told.evidence["place"].reason


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"id": "c1", "mentions": [', "cut off"),
        ("[1]", "no object"),
        ('{"id": "c1"}', "no object with a list of mentions"),
        ('{"id": "elsewhere", "mentions": []}', "no such report is here"),
        ('{"id": "x", "text": "Le convoi.", "language": 5, "mentions": []}', "language must be text"),
        ('{"id": "x", "text": "  ", "mentions": []}', "has no text"),
        ('{"id": "x", "mentions": [], "problem": {"stage": "reading", "reason": "in Dutch"}}', "in Dutch"),
    ],
)
def test_a_line_that_is_wrong_costs_itself(tarikh: Tarikh, tmp_path: Path, text: str, words: str) -> None:
    path = json_lines(tmp_path / "coded.jsonl", [line(MENTION)])
    path.write_text(path.read_text(encoding="utf-8") + text + "\n", encoding="utf-8")
    done = tarikh("import", "coded", path, "--by", "ana")
    assert done.code == 0
    assert "coded.jsonl:2" in done.err
    assert words in done.err
    assert len(tarikh("list", "--json").json()) == 1


@pytest.mark.parametrize(
    "text", ["", "id,kind\n1,bombing\n", '{"id": "c1", "text": "no mentions"}\n', "\xff\xfe"]
)
def test_a_file_of_another_form_changes_nothing(tarikh: Tarikh, tmp_path: Path, text: str) -> None:
    good = json_lines(tmp_path / "good.jsonl", [line(MENTION)])
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(text.encode("latin-1"))
    done = tarikh("import", "coded", good, bad, "--by", "ana")
    assert done.code == 1
    assert "bad.jsonl" in done.sentence()
    assert not (tmp_path / "home" / "tarikh.db").exists()


def test_who_coded_must_have_a_name(tarikh: Tarikh, tmp_path: Path) -> None:
    path = json_lines(tmp_path / "coded.jsonl", [line(MENTION)])
    assert tarikh("import", "coded", path, "--by", "a b").code == 2
    assert tarikh("import", "coded", path).code == 2
