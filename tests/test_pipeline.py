"""The whole flow end to end: the lines of `code`, and what `add` and `recode` keep, also when they are killed.

Invariant: the reports here are so plain that a fault is one of the flow, not of the coding.
"""

from __future__ import annotations

import csv
import json
import os
import signal
import sqlite3
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from conftest import REPORTS, Run, Tarikh, json_lines, started, wait_for_reports
from tarikh import outcomes, pipeline
from tarikh.extract import coder
from tarikh.model import HARMS, Document, Mention, Problem, Report

MENTION = {"incident", "kind", "status", "aspect", "attackers", "targets", "date_start", "date_end"}
MENTION |= {"date_precision", "country", "admin1", "place", "latitude", "longitude", "place_precision"}
MENTION |= {"harm", "trigger", "attribution", "words", "confidence", "spans"}
BODY = REPORTS[2]["text"]


# ---- code: the contract ------------------------------------------------------------------------------------


@pytest.fixture
def coded(tarikh: Tarikh, tmp_path: Path) -> Run:
    return tarikh("code", json_lines(tmp_path / "reports.jsonl", REPORTS))


def test_code_gives_one_line_a_report_in_order(coded: Run) -> None:
    assert coded.code == 0
    assert [line["id"] for line in coded.lines()] == [report["id"] for report in REPORTS]
    assert coded.err == ""
    for line in coded.lines():
        assert set(line) == {"id", "mentions", "interactions"}
        assert line["interactions"] == []
        assert all(set(mention) == MENTION for mention in line["mentions"])
    assert [len(line["mentions"]) for line in coded.lines()] == [1, 1, 1, 1, 1, 0]


def test_code_codes(coded: Run) -> None:
    mention = coded.lines()[0]["mentions"][0]
    assert mention["kind"] == "armed_clash"
    assert (mention["date_start"], mention["date_end"], mention["date_precision"]) == (
        "2025-03-13",
        "2025-03-13",
        "day",
    )
    assert (mention["country"], mention["place"], mention["place_precision"]) == ("MLI", "Ménaka", "near")
    assert mention["targets"] == ["Military of Mali"]
    assert mention["harm"]["killed"] == [11, 11, 11]
    assert mention["harm"]["injured"] == [4, 4, 4]
    assert "displaced" not in mention["harm"]


def test_every_span_is_of_the_text_and_equals_its_words(coded: Run) -> None:
    """The trigger names its main word; its spans are all that tell the act."""
    texts = {report["id"]: {"title": report["title"], "text": report["text"]} for report in REPORTS}
    seen = set()
    for line in coded.lines():
        for mention in line["mentions"]:
            assert set(mention["harm"]) <= set(HARMS)
            for field, spans in mention["spans"].items():
                quoted = []
                for span in spans:
                    text = texts[line["id"]][span["in"]]
                    assert 0 <= span["start"] < span["end"] <= len(text)
                    quoted.append(text[span["start"] : span["end"]])
                words = mention["words"][field.removeprefix("harm.")]
                assert words == " … ".join(quoted) or (field == "trigger" and words in quoted), field
                seen.add(field)
            assert mention["trigger"] == mention["words"]["trigger"]
    assert {"trigger", "attackers", "targets", "date", "place", "harm.killed", "attribution"} <= seen


def test_confidence_is_a_share(coded: Run) -> None:
    for line in coded.lines():
        for mention in line["mentions"]:
            assert {"kind", "date", "place"} <= set(mention["confidence"])
            assert all(0 <= value <= 1 for value in mention["confidence"].values())


def test_two_reports_of_one_event_share_its_incident(coded: Run) -> None:
    first, second, *others = (m["incident"] for line in coded.lines() for m in line["mentions"])
    assert first == second
    assert len({first, *others}) == 1 + len(others)
    assert all(others)


def test_code_ignores_unknown_keys_and_blank_lines_and_names_by_line(tarikh: Tarikh) -> None:
    rows: list[dict[str, Any]] = [
        {"text": BODY, "mentions": [{"kind": "coup"}], "nested": {"deep": [1, {}]}},
        {"id": "", "text": BODY + " Again."},
        {"id": 7, "text": BODY + " And again."},
        {"id": None, "text": BODY + " Once more."},
    ]
    data = "\n\n".join(json.dumps(row) for row in rows)
    done = tarikh("code", "-", stdin=data.encode())
    assert [line["id"] for line in done.lines()] == ["line-1", "line-3", "7", "line-7"]
    assert all(line["mentions"][0]["kind"] == "air_strike" for line in done.lines())


def test_published_dates_only_what_is_undated(tarikh: Tarikh) -> None:
    rows = [
        {"id": "undated", "text": BODY},
        {"id": "null", "published": None, "text": BODY + " It was so."},
        {"id": "dated", "published": "2024-06-20", "text": BODY + " So it was."},
    ]
    data = "\n".join(map(json.dumps, rows)).encode()
    without = [line["mentions"][0]["date_start"] for line in tarikh("code", "-", stdin=data).lines()]
    assert without == [None, None, "2024-06-18"]
    given = tarikh("code", "-", "--published", "2025-03-20", stdin=data).lines()
    assert [line["mentions"][0]["date_start"] for line in given] == ["2025-03-18", "2025-03-18", "2024-06-18"]


def test_code_takes_another_gazetteer(tarikh: Tarikh, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARIKH_GAZETTEER", "nowhere.sqlite")
    data = json.dumps(REPORTS[2]).encode()
    missing = tarikh("code", "-", "--gazetteer", "elsewhere.sqlite", stdin=data)
    assert missing.code == 1
    assert missing.out == ""
    assert "tarikh gazetteer build" in missing.sentence()
    found = tarikh("code", "-", "--gazetteer", index, stdin=data)
    assert found.lines()[0]["mentions"][0]["place"] == "Nyala"


def test_code_reads_several_sources_of_several_forms(tarikh: Tarikh, tmp_path: Path) -> None:
    """What is no line of a file is called by the file."""
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "strike.txt").write_text(f"Air strike\n\n{BODY}\n", encoding="utf-8")
    with (tmp_path / "table.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["headline", "body", "day"], ["March", REPORTS[3]["text"], "2025-02-10"]])
    mapped = ("--map", "title=headline", "--map", "text=body", "--map", "published=day")
    table = tarikh("code", "table.csv", *mapped)
    assert table.lines()[0]["mentions"][0]["date_start"] == "2025-02-08"
    done = tarikh("code", "news", "-", stdin=json.dumps(REPORTS[0]).encode())
    assert [line["id"] for line in done.lines()] == [str(Path("news", "strike.txt")), "c1"]
    assert done.lines()[0]["mentions"][0]["spans"]["place"][0]["in"] == "text"


def test_code_without_any_report_says_so(tarikh: Tarikh) -> None:
    done = tarikh("code", "-", "--form", "jsonl", stdin=b"\n\n")
    assert (done.code, done.out) == (1, "")
    assert "nothing to read" in done.err


def test_json_is_whole_where_the_terminal_is_not_utf8(tarikh: Tarikh) -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    with started("code", "-", env=environment) as process:
        out, err = process.communicate(json.dumps(REPORTS[0]).encode(), timeout=60)
    assert process.returncode == 0, err
    assert json.loads(out.decode("ascii"))["mentions"][0]["place"] == "Ménaka"


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_is_a_sentence_and_what_was_coded_is_kept(
    workers: int, tarikh: Tarikh, tmp_path: Path
) -> None:
    """As a terminal sends it: to the whole group of processes."""
    words = ("add", "-", "--form", "jsonl", "--db", "t.db", "--workers", workers)
    with started(*words, start_new_session=True) as process:
        assert process.stdin is not None
        rows = [
            report | {"id": f"{report['id']}/{n}", "source": f"s{n}"} for n in range(90) for report in REPORTS
        ]
        process.stdin.write("".join(json.dumps(row) + "\n" for row in rows).encode())
        process.stdin.flush()
        wait_for_reports(tmp_path / "t.db", 6)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, b"")
    assert "goes on" in Run(130, "", err.decode()).sentence()
    again = tarikh("add", json_lines(tmp_path / "rows.jsonl", rows[:6]), "--db", "t.db")
    assert "0 reports coded, 6 known already" in again.err


# ---- workers -----------------------------------------------------------------------------------------------


def test_workers_change_nothing(tarikh: Tarikh, tmp_path: Path) -> None:
    rows: list[Any] = [r | {"id": f"{r['id']}/{n}", "source": f"s{n}"} for n in range(4) for r in REPORTS]
    rows[3:3] = [{"id": "empty", "text": ""}, {"id": "late", "published": "2091-01-01", "text": "x"}]
    source = json_lines(tmp_path / "rows.jsonl", rows)
    with source.open("a", encoding="utf-8") as file:
        file.write('{"id": "cut", "text": "Gunm\n')
    one, two = tarikh("code", source), tarikh("code", source, "--workers", 2)
    assert len(one.lines()) == len(rows) + 1
    assert (two.code, two.out, two.err) == (one.code, one.out, one.err)


def test_a_defect_on_one_report_costs_that_report(
    tarikh: Tarikh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaking(report: Report, gazetteer: Any, scope: Any) -> coder.Extraction:
        if report.given_id == "c2":
            raise ZeroDivisionError("a defect")
        return coder.extract(report, gazetteer, scope)

    monkeypatch.setattr(pipeline, "extract", breaking)
    done = tarikh("code", json_lines(tmp_path / "reports.jsonl", REPORTS))
    assert [len(line["mentions"]) for line in done.lines()] == [1, 0, 1, 1, 1, 0]
    assert done.lines()[1]["problem"] == {
        "stage": "extract",
        "reason": "coding failed: ZeroDivisionError: a defect",
    }
    assert done.lines()[1]["line"] == 2
    assert "reports.jsonl:2: coding failed" in done.err


# ---- reading to outcomes -----------------------------------------------------------------------------------


def test_every_document_and_problem_is_an_outcome_in_its_order(index: Path) -> None:
    items: list[Document | Problem] = [
        Document("a.jsonl:1", "Gunmen came to the village.", 1),
        Problem("sources", "broken", "a.jsonl:2", 2, "two"),
        Document("a.jsonl:3", "", 3, "three"),
        Document("b.txt", "Gunmen came to the village."),
    ]
    rules = pipeline.Rules(index, date(2025, 4, 1), date(2025, 3, 1))
    outcomes = list(pipeline.read(items, rules))
    assert [(o.id, o.line, o.problem is None) for o in outcomes] == [
        ("line-1", 1, True),
        ("two", 2, False),
        ("three", 3, False),
        (None, None, True),
    ]
    assert [o.report.published for o in outcomes if o.report is not None] == [date(2025, 3, 1)] * 2


def test_incident_ids_name_every_mention(index: Path) -> None:
    mention = Mention("m-1", "r-1", "test", "bombing")
    others = [replace(mention, id=f"m-{n}", report_id=f"r-{n}") for n in (2, 3)]
    found = pipeline.incident_ids([mention, *others])
    assert set(found) == {"m-1", "m-2", "m-3"}
    assert pipeline.incident_ids([]) == {}


# ---- add ---------------------------------------------------------------------------------------------------


def incidents(tarikh: Tarikh, database: object) -> list[dict[str, Any]]:
    found = tarikh("list", "--db", database, "--json")
    assert found.code == 0, found.err
    return sorted(found.json(), key=lambda incident: str(incident["members"]))


def rows_of(database: Path) -> dict[str, list[Any]]:
    """Every row of every table."""
    with sqlite3.connect(database) as read:
        # A virtual table keeps its rows in others, which are read as well.
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        names = [row[0] for row in read.execute(query)]
        return {name: sorted(map(repr, read.execute(f'SELECT * FROM "{name}"'))) for name in names}


def test_add_twice_changes_nothing(tarikh: Tarikh, tmp_path: Path) -> None:
    source = json_lines(tmp_path / "reports.jsonl", [*REPORTS, {"id": "empty", "text": ""}])
    first = tarikh("add", source, "--db", "t.db")
    assert (first.code, first.out) == (0, "")
    assert "6 reports coded, 0 known already, 5 mentions; the database now holds 4 incidents" in first.err
    assert "1 of 7 could not be read or coded" in first.err
    before = rows_of(tmp_path / "t.db")
    again = tarikh("add", source, "--db", "t.db")
    assert again.code == 0
    assert "0 reports coded, 6 known already, 0 mentions; the database now holds 4 incidents" in again.err
    assert rows_of(tmp_path / "t.db") == before


def test_a_later_report_updates_its_incident_and_the_old_id_leads_on(tarikh: Tarikh, tmp_path: Path) -> None:
    first, second = (json_lines(tmp_path / f"{n}.jsonl", [REPORTS[n]]) for n in (0, 1))
    assert tarikh("add", first, "--db", "t.db").code == 0
    (old,) = incidents(tarikh, "t.db")
    assert tarikh("add", second, "--db", "t.db").code == 0
    (new,) = incidents(tarikh, "t.db")
    assert new["id"] == old["id"]
    assert len(new["members"]) == 2
    assert old["harm"]["killed"] == {"low": 11, "best": 11, "high": 11}
    assert new["harm"]["killed"] == {"low": 11, "best": 14, "high": 14}


def test_show_finds_an_incident_by_an_id_that_it_had_before(tarikh: Tarikh, tmp_path: Path) -> None:
    """A person's word merges two incidents; the id that vanishes still leads to what became of it."""
    from tarikh.model import Judgement
    from tarikh.store import open_store

    tarikh("add", json_lines(tmp_path / "two.jsonl", REPORTS[2:4]), "--db", "t.db")
    strike, march = (i for i in incidents(tarikh, "t.db"))
    left, right = sorted((strike["founder"], march["founder"]))
    with open_store(tmp_path / "t.db") as store:
        store.add_judgements([Judgement(left, right, "same", 1.0, "user:ana")])
        pipeline.relink(store)
    (merged,) = incidents(tarikh, "t.db")
    for old in (strike["id"], march["id"]):
        view = tarikh("show", old, "--db", "t.db", "--json").json()
        assert view["incident"]["id"] == merged["id"]
        assert merged["id"] == old or old in view["redirects"]


def test_add_in_parts_is_add_at_once(tarikh: Tarikh, tmp_path: Path) -> None:
    tarikh("add", json_lines(tmp_path / "all.jsonl", REPORTS), "--db", "once.db")
    for number, report in enumerate(reversed(REPORTS)):
        tarikh("add", json_lines(tmp_path / f"{number}.jsonl", [report]), "--db", "parts.db")

    def told(database: str) -> list[Any]:
        return sorted(
            (i["members"], i["kind"], i["harm"], i["when"]) for i in map(_sorted, incidents(tarikh, database))
        )

    assert told("parts.db") == told("once.db")


def _sorted(incident: dict[str, Any]) -> dict[str, Any]:
    return {name: sorted(value) if name == "members" else repr(value) for name, value in incident.items()}


def test_a_killed_add_can_be_run_again(tarikh: Tarikh, tmp_path: Path) -> None:
    rows = [r | {"id": f"{r['id']}/{n}", "source": f"s{n}"} for n in range(3) for r in REPORTS]
    source = json_lines(tmp_path / "rows.jsonl", rows)
    with started("add", "-", "--form", "jsonl", "--db", "killed.db") as process:
        assert process.stdin is not None
        process.stdin.write(source.read_bytes())
        process.stdin.flush()
        wait_for_reports(tmp_path / "killed.db", 5)
        process.kill()
        process.wait(30)
    again = tarikh("add", source, "--db", "killed.db")
    assert again.code == 0, again.err
    assert tarikh("add", source, "--db", "whole.db").code == 0

    def told(database: str) -> list[Any]:
        return sorted((i["members"], i["kind"], i["harm"]) for i in map(_sorted, incidents(tarikh, database)))

    assert told("killed.db") == told("whole.db")
    assert "0 reports coded, 18 known already" in tarikh("add", source, "--db", "killed.db").err


def test_problems_are_kept_with_their_place(tarikh: Tarikh, tmp_path: Path) -> None:
    from tarikh.store import open_store

    source = json_lines(tmp_path / "rows.jsonl", [REPORTS[0], {"id": "empty", "text": " "}])
    tarikh("add", source, "nothing.txt", "--db", "t.db")
    with open_store(tmp_path / "t.db") as store:
        kept = [(p.stage, p.origin, p.line, p.reason) for p in store.problems()]
    assert kept == [
        ("reading", f"{source}:2", 2, "has no text"),
        ("sources", "nothing.txt", None, "is not there; check the path"),
    ]


# ---- recode ------------------------------------------------------------------------------------------------


def test_recode_leaves_alone_what_the_current_coder_coded(tarikh: Tarikh, tmp_path: Path) -> None:
    tarikh("add", json_lines(tmp_path / "reports.jsonl", REPORTS), "--db", "t.db")
    before = incidents(tarikh, "t.db")
    done = tarikh("recode", "--db", "t.db")
    assert (done.code, done.out) == (0, "")
    assert "0 reports coded again" in done.err
    assert incidents(tarikh, "t.db") == before


def test_recode_codes_with_the_new_coder_and_ids_lead_on(
    tarikh: Tarikh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tarikh("add", json_lines(tmp_path / "reports.jsonl", REPORTS), "--db", "t.db")
    before = incidents(tarikh, "t.db")
    monkeypatch.setattr(outcomes, "CODER", "rules@next")
    monkeypatch.setattr(coder, "CODER", "rules@next")
    done = tarikh("recode", "--db", "t.db")
    assert (done.code, done.out) == (0, "")
    assert "6 reports coded again, 5 mentions, 4 incidents, 0 problems" in done.err
    after = incidents(tarikh, "t.db")
    assert sorted(i["kind"] for i in after) == sorted(i["kind"] for i in before)
    for incident in before:
        view = tarikh("show", incident["id"], "--db", "t.db", "--json").json()
        assert view["incident"]["kind"] == incident["kind"]
    assert "0 reports coded again" in tarikh("recode", "--db", "t.db").err
