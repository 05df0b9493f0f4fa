"""The language model at the command line: consent, fallback, both coders, review, doctor and comparison. Served from here."""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conftest import REPORTS, Run, Tarikh, json_lines, started
from llm_server import Reply, completion, count, mention, mentions, serving
from tarikh.extract.coder import CODER
from tarikh.llm import prompt

KEY = "sk-very-secret-0123456789"
AMBUSH = mention(
    "ambushed",
    attackers=["Gunmen on motorcycles"],
    targets=["an army convoy"],
    date="on Thursday",
    place="near Ménaka in Mali",
    counts=[count("killed", "killing eleven Malian soldiers"), count("killed", "600 dead")],
)


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the address of a server for the commands of a test."""

    def at(address: str) -> None:
        monkeypatch.setenv("TARIKH_LLM_ADDRESS", address)
        monkeypatch.setenv("TARIKH_LLM_MODEL", "test model+x")
        monkeypatch.setenv("TARIKH_LLM_KEY", KEY)
        monkeypatch.setenv("TARIKH_LLM_TRIES", "1")

    return at


def by_text(body: dict[str, Any], _number: int) -> Reply:
    """The ambush is quoted, a report of it that is broken, and of all others nothing."""
    said = body["messages"][len(prompt.prompt().opening)]["content"]
    if "Gunmen on motorcycles" in said:
        return mentions(AMBUSH)
    return completion("nonsense") if "March in Tunis" in said else mentions()


def mentions_of(run: Run) -> dict[str, list[dict[str, Any]]]:
    return {line["id"]: line["mentions"] for line in run.lines()}


# ---- before anything is sent -------------------------------------------------------------------------------------


def test_nothing_is_sent_without_a_yes(tarikh: Tarikh, tmp_path: Path, endpoint: Any) -> None:
    reports = json_lines(tmp_path / "r.jsonl", REPORTS)
    with serving(mentions()) as server:
        endpoint(server.address)
        for command in (["code", reports], ["add", reports], ["compare-coders", reports]):
            run = tarikh(*command, *(["--coder", "llm"] if command[0] != "compare-coders" else []))
            assert run.code == 2
            assert (
                f"will be sent to {server.address}/chat/completions (model test model+x), and nothing else"
                in " ".join(run.err.split())
            )
            assert "add --yes" in run.err
            assert KEY not in run.err
            assert not run.out
        assert not server.asked


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["code", "r.jsonl", "--coder", "gpt"], "rules, llm, both"),
        (["code", "r.jsonl", "--coder", "llm"], "TARIKH_LLM_ADDRESS"),
        (["recode", "--coder", "llm"], "tarikh add"),
        (["compare-coders", "r.jsonl", "--coder", "rules"], "llm or both"),
    ],
)
def test_wrong_usage_is_one_sentence(tarikh: Tarikh, tmp_path: Path, arguments: list[str], told: str) -> None:
    json_lines(tmp_path / "r.jsonl", REPORTS)
    run = tarikh(*arguments)
    assert run.code == 2
    assert told in run.sentence()


def test_the_rules_are_the_coder_and_nobody_is_asked(tarikh: Tarikh, tmp_path: Path, endpoint: Any) -> None:
    with serving(mentions()) as server:
        endpoint(server.address)
        assert tarikh("code", json_lines(tmp_path / "r.jsonl", REPORTS)).code == 0
        assert not server.asked


# ---- in the place of the rules -----------------------------------------------------------------------------------


def test_a_model_codes_and_what_it_cannot_the_rules_do(tarikh: Tarikh, tmp_path: Path, endpoint: Any) -> None:
    reports = json_lines(tmp_path / "r.jsonl", REPORTS)
    with serving(by_text) as server:
        endpoint(server.address)
        run = tarikh("code", reports, "--coder", "llm", "--yes", "--explain", "--json")
        again = tarikh("code", reports, "--coder", "llm", "--yes", "--workers", "2")
    assert run.code == again.code == 0, run.err
    coded = mentions_of(run)
    assert coded == mentions_of(again) or [m["kind"] for m in coded["c1"]] == ["armed_clash"]
    (ambush,) = coded["c1"]
    assert ambush["targets"] == ["Military of Mali"]
    assert ambush["harm"]["killed"] == [11, 11, 11]
    assert coded["c3"] == []
    assert [m["kind"] for m in coded["c4"]] == ["peaceful_protest"]  # the model failed, the rules coded it
    told = {line["id"]: line["explanation"] for line in run.lines()}
    assert told["c1"]["refused"] == [
        {"field": "harm.killed", "words": "600 dead", "reason": "these words stand nowhere in the report"}
    ]
    assert "coded by the rules alone" in told["c4"]["problem"]
    assert "cannot be used, twice" in run.err
    assert f"{len(REPORTS)} from the cache" not in run.err
    assert KEY not in run.err + run.out


def test_an_answer_of_which_nothing_stands_leaves_the_report_to_the_rules(
    tarikh: Tarikh, tmp_path: Path, endpoint: Any
) -> None:
    reports = json_lines(tmp_path / "r.jsonl", REPORTS[:1])
    lies = mentions(mention("beheaded"), mention("bombed", kind="bombing"))
    for coder in ("llm", "both"):
        with serving(lies) as server:
            endpoint(server.address)
            (line,) = tarikh("code", reports, "--coder", coder, "--yes", "--explain", "--json").lines()
        assert [m["harm"]["killed"] for m in line["mentions"]] == [[11, 11, 11]]
        if coder == "llm":
            assert "of the mentions in it (2) not one stands" in line["explanation"]["problem"]
            assert len(line["explanation"]["refused"]) == 2


def test_a_database_keeps_the_names_of_its_coders_and_a_failure_is_asked_again(
    tarikh: Tarikh, tmp_path: Path, endpoint: Any
) -> None:
    reports = json_lines(tmp_path / "r.jsonl", REPORTS)
    with serving(by_text) as server:
        endpoint(server.address)
        first = tarikh("add", reports, "--db", "t.db", "--coder", "llm", "--yes")
        assert first.code == 0, first.err
        asked = len(server.asked)
        assert tarikh("add", reports, "--db", "t.db", "--coder", "llm", "--yes").code == 0
        assert len(server.asked) == asked + 2  # the one that failed, twice
    listed = tarikh("list", "--db", "t.db", "--json").json()
    assert [(i["kind"], i["killed"]["best"] if isinstance(i.get("killed"), dict) else None) for i in listed]
    from tarikh.store import open_store

    with open_store(tmp_path / "t.db") as store:
        assert store.coders() == [CODER, "llm:test-model-x@1"]
        (problem,) = store.problems()[:1]
        assert problem.stage == "llm"
        assert KEY.encode() not in (tmp_path / "t.db").read_bytes()


def test_a_wrong_key_stops_the_run_with_a_sentence(tarikh: Tarikh, tmp_path: Path, endpoint: Any) -> None:
    reports = json_lines(tmp_path / "r.jsonl", REPORTS)
    with serving(Reply(401, f'{{"error": "bad key {KEY}"}}'.encode())) as server:
        endpoint(server.address)
        run = tarikh("add", reports, "--db", "t.db", "--coder", "llm", "--yes")
    assert run.code == 1
    assert "refuses the key (status 401); check TARIKH_LLM_KEY" in run.err
    assert KEY not in run.err


def test_a_run_is_stopped_at_once_and_goes_on(tarikh: Tarikh, tmp_path: Path, endpoint: Any) -> None:
    reports = json_lines(tmp_path / "r.jsonl", REPORTS)

    def answering(body: dict[str, Any], number: int) -> Reply:
        return replace(mentions(), wait=0.0 if number == 0 else 60.0)

    with serving(answering) as server:
        endpoint(server.address)
        arguments = ("add", reports, "--db", tmp_path / "t.db", "--coder", "llm", "--yes")
        with started(*arguments, env={**os.environ, "TARIKH_LLM_IN_FLIGHT": "1"}) as process:
            deadline = time.monotonic() + 60
            while len(server.asked) < 2 and time.monotonic() < deadline:
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            began = time.monotonic()
            process.wait(30)
            assert time.monotonic() - began < 15
            assert process.returncode == 130


# ---- both --------------------------------------------------------------------------------------------------------


def test_where_both_code_and_disagree_both_values_stay_and_a_person_is_asked(
    tarikh: Tarikh, tmp_path: Path, endpoint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tarikh.second_coder import when

    monkeypatch.setattr(when, "LONG", 5)  # all reports are long, so all are asked about
    civilians = {**AMBUSH, "kind": "bombing", "place": "in Mali", "counts": []}
    reports = json_lines(tmp_path / "r.jsonl", REPORTS[:1])
    with serving(mentions(civilians)) as server:
        endpoint(server.address)
        run = tarikh("add", reports, "--db", "t.db", "--coder", "both", "--yes")
        assert run.code == 0, run.err
        assert len(server.asked) == 1
    from tarikh.store import open_store

    with open_store(tmp_path / "t.db") as store:
        (kept,) = store.mentions()
        assert kept.coder == f"both:test-model-x@1,{CODER}"
        assert (kept.kind, kept.harm["killed"].best) == ("armed_clash", 11)
        (other,) = [c for c in kept.evidence["kind"].rejected if c.value == "bombing"]
        assert other.reasons == ("coders disagree", "llm:test-model-x@1: “ambushed”")
    queue = tarikh("review", "next", "--db", "t.db", "--json").json()
    (item,) = [each for each in queue if each["why"] == "coders disagree"]
    assert item["reasons"][0] == "kind by “ambushed”, or bombing by llm:test-model-x@1: “ambushed”"
    assert tarikh("review", "next", "--after", item["cursor"], "--db", "t.db", "--json").json() == []
    assert tarikh("review", "accept", item["incidents"][0], "--db", "t.db", "--by", "ana").code == 0
    later = tarikh("review", "next", "--db", "t.db", "--json").json()
    assert "coders disagree" not in [each["why"] for each in later]


def test_both_ask_only_where_the_rules_are_unsure(tarikh: Tarikh, tmp_path: Path, endpoint: Any) -> None:
    reports = json_lines(tmp_path / "r.jsonl", REPORTS)
    with serving(mentions()) as server:
        endpoint(server.address)
        run = tarikh("code", reports, "--coder", "both", "--yes")
        assert run.code == 0, run.err
        assert len(server.asked) < len(REPORTS)
    alone = tarikh("code", reports)
    kinds = [[m["kind"] for m in line["mentions"]] for line in run.lines()]
    assert kinds == [[m["kind"] for m in line["mentions"]] for line in alone.lines()]


def test_recode_goes_on_with_another_coder(tarikh: Tarikh, tmp_path: Path, endpoint: Any) -> None:
    reports = json_lines(tmp_path / "r.jsonl", REPORTS[:1])
    assert tarikh("add", reports, "--db", "t.db").code == 0
    before = tarikh("list", "--db", "t.db", "--json").json()[0]["id"]
    with serving(by_text) as server:
        endpoint(server.address)
        run = tarikh("recode", "--db", "t.db", "--coder", "llm", "--yes")
        assert "1 reports coded again" in run.err
        assert tarikh("recode", "--db", "t.db", "--coder", "llm", "--yes").code == 0
        assert len(server.asked) == 1
    assert tarikh("list", "--db", "t.db", "--json").json()[0]["id"] == before


def test_what_is_forgotten_is_taken_out_of_the_kept_answers(
    tarikh: Tarikh, tmp_path: Path, endpoint: Any
) -> None:
    reports = json_lines(tmp_path / "r.jsonl", REPORTS[:1])
    with serving(by_text) as server:
        endpoint(server.address)
        assert tarikh("add", reports, "--db", "t.db", "--coder", "llm", "--yes").code == 0
    kept = tmp_path / "home" / "llm-answers.sqlite"
    assert b"motorcycles" in kept.read_bytes()
    assert kept.stat().st_mode & 0o077 == 0
    assert tarikh("forget", "c1", "--reason", "a witness", "--db", "t.db", "--by", "ana").code == 0
    assert b"motorcycles" not in kept.read_bytes()


# ---- looking after it --------------------------------------------------------------------------------------------


def doctored(run: Run) -> dict[str, Any] | None:
    return next((f for f in run.json() if f["name"] == "language model"), None)


def test_doctor_checks_the_endpoint(tarikh: Tarikh, endpoint: Any) -> None:
    assert "off" in doctored(tarikh("doctor", "--json"))["detail"]
    with serving(mentions()) as server:
        endpoint(server.address)
        found = doctored(tarikh("doctor", "--json"))
        assert found["fine"]
        assert "json_schema" in found["detail"]
        (asked,) = server.asked
        assert "Gunmen" not in asked["messages"][-1]["content"]  # of nobody's reports
    with serving(Reply(401, KEY.encode())) as server:
        endpoint(server.address)
        found = doctored(tarikh("doctor", "--json"))
        assert not found["fine"]
        assert "TARIKH_LLM_KEY" in found["detail"]
        assert KEY not in json.dumps(found)


def test_coders_are_compared_field_by_field(tarikh: Tarikh, tmp_path: Path, endpoint: Any) -> None:
    people = {**REPORTS[0], "mentions": tarikh_mentions(tarikh, tmp_path)}
    labelled = json_lines(tmp_path / "people.jsonl", [people])
    with serving(by_text) as server:
        endpoint(server.address)
        run = tarikh("compare-coders", labelled, "--yes", "--json")
        assert run.code == 0, run.err
        found = run.json()
        assert len(server.asked) > 1  # again under other labels
    pairs = {(a["left"], a["right"]): a for a in found["agreement"]}
    assert set(pairs) == {
        ("people", "rules"),
        ("people", "llm:test-model-x@1"),
        ("rules", "llm:test-model-x@1"),
    }
    assert all(pair["both"] == 1 for pair in pairs.values())
    assert {"kind", "date", "place", "attackers"} <= {f["field"] for f in pairs["people", "rules"]["fields"]}
    assert set(found["label_swap"]) == {"rules", "llm:test-model-x@1"}
    assert found["label_swap"]["rules"]["flipped"] == 0


def tarikh_mentions(tarikh: Tarikh, tmp_path: Path) -> list[dict[str, Any]]:
    return tarikh("code", json_lines(tmp_path / "one.jsonl", REPORTS[:1])).lines()[0]["mentions"]
