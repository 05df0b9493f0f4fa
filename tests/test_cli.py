"""The command line end to end: what goes in, what comes out on which stream, and with which exit code.

Invariant: every wrong usage is one sentence on standard error and exit code 2; standard output is only what was asked for.
"""

from __future__ import annotations

import csv
import json
import subprocess
from pathlib import Path
from typing import Any

import pandas
import pytest

from conftest import PROGRAM, REPORTS, Run, Tarikh, json_lines, started
from tarikh import cli

BODY = REPORTS[2]["text"]


def listed(run: Run) -> list[str]:
    """The kinds of listed incidents, in order."""
    assert run.code == 0, run.err
    return [incident["kind"] for incident in run.json()]


# ---- wrong usage -------------------------------------------------------------------------------------------

WRONG = {
    "unknown command": (["cod"], "'code'"),
    "a command that is none": (["dance"], "tarikh --help"),
    "unknown group command": (["gazetteer", "burn"], "tarikh gazetteer --help"),
    "unknown option": (["code", "x.jsonl", "--publishd", "2025-01-01"], "tarikh code --help"),
    "missing file": (["code"], "tarikh code --help"),
    "missing file of add": (["add"], "tarikh add --help"),
    "empty file name": (["code", ""], "file"),
    "missing incident": (["show"], "tarikh show --help"),
    "missing destination": (["export"], "tarikh export --help"),
    "missing files of evaluate": (["evaluate", "gold"], "tarikh evaluate --help"),
    "missing name": (["gazetteer", "find"], "tarikh gazetteer find --help"),
    "bad date": (["code", "-", "--published", "14/03/2025"], "2025-03-14"),
    "date to come": (["code", "-", "--published", "2091-01-01"], "future"),
    "date before news": (["code", "-", "--published", "0001-01-01"], "--published"),
    "map nonsense": (["code", "-", "--map", "nonsense"], "--map title=headline"),
    "map without a column": (["code", "-", "--map", "title="], "--map title=headline"),
    "map of no field": (["code", "-", "--map", "headline=title"], "title, text"),
    "unknown form": (["code", "-", "--form", "pdf"], "jsonl"),
    "unknown encoding": (["code", "-", "--encoding", "klingon"], "utf-8"),
    "encoding that is no text": (["code", "-", "--encoding", "base64"], "utf-8"),
    "no workers": (["code", "-", "--workers", "0"], "tarikh code --help"),
    "workers in words": (["code", "-", "--workers", "two"], "tarikh code --help"),
    "unknown kind of evaluation": (["evaluate", "silver", "x.jsonl"], "hrdsattack"),
    "labelled file that is not there": (["evaluate", "gold", "x.jsonl"], "x.jsonl"),
    "no database to list": (["list"], "tarikh add"),
    "no database to show": (["show", "i-1234"], "tarikh add"),
    "no database to recode": (["recode"], "tarikh add"),
    "no database to export": (["export", "out.csv"], "tarikh add"),
    "place search in no country": (["gazetteer", "find", "Gao", "--country", "Atlantis"], "MLI"),
}


@pytest.mark.parametrize(("words", "advice"), WRONG.values(), ids=WRONG)
def test_wrong_usage_is_one_sentence(words: list[str], advice: str, tarikh: Tarikh, tmp_path: Path) -> None:
    done = tarikh(*words)
    assert done.code == 2
    assert done.out == ""
    assert advice in done.sentence()
    assert not list(tmp_path.rglob("*.db")), "a wrong command left a database behind"


WRONG_FILTERS = {
    "unknown kind": (["--kind", "ambush"], "armed_clash"),
    "misspelled kind": (["--kind", "Armed Clash"], "did you mean armed_clash"),
    "unknown status": (["--status", "xyz"], "reported"),
    "unknown country": (["--country", "Atlantis"], "MLI"),
    "unknown place": (["--place", "Xyzzyville"], "gazetteer find"),
    "ambiguous place": (["--place", "Tripoli"], "give the country as well"),
    "radius without a place": (["--radius", "5"], "place"),
    "no radius": (["--place", "Nyala", "--radius", "0"], "above 0"),
    "radius that is no number": (["--place", "Nyala", "--radius", "nan"], "above 0"),
    "bad since": (["--since", "2025-02-30"], "2025-03-14"),
    "bad until": (["--until", "tomorrow"], "2025-03-14"),
    "days that cross": (["--since", "2025-02-01", "--until", "2025-01-01"], "swap"),
    "less than nobody killed": (["--min-killed", "-1"], "--help"),
    "more killed than numbers hold": (["--min-killed", "9" * 30], "number"),
    "party without a letter": (["--party", "…"], "letter"),
}


@pytest.mark.parametrize(("words", "advice"), WRONG_FILTERS.values(), ids=WRONG_FILTERS)
@pytest.mark.parametrize("command", ["list", "export"])
def test_a_wrong_filter_is_one_sentence(
    command: str, words: list[str], advice: str, tarikh: Tarikh, chronicle: Path, tmp_path: Path
) -> None:
    target = [str(tmp_path / "out.csv")] if command == "export" else []
    done = tarikh(command, *target, "--db", chronicle, *words)
    assert done.code == 2
    assert done.out == ""
    assert advice in done.sentence()
    assert not list(tmp_path.glob("out*"))


def test_a_wrong_setting_is_one_sentence(tarikh: Tarikh, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARIKH_MAX_TEXT", "much")
    for command in (["code", "-"], ["list"], ["doctor"], ["gazetteer", "info"]):
        done = tarikh(*command)
        assert done.code == 2
        assert "TARIKH_MAX_TEXT" in done.sentence()


@pytest.mark.parametrize("words", [[], ["gazetteer"]])
def test_no_command_is_help_and_a_sentence(words: list[str], tarikh: Tarikh) -> None:
    done = tarikh(*words)
    assert done.code == 2
    assert done.out.startswith("Usage: ")
    assert "tarikh demo" in done.sentence()


def test_help_keeps_its_examples_apart(tarikh: Tarikh) -> None:
    done = tarikh("--help")
    assert (done.code, done.err) == (0, "")
    assert any(line.strip().startswith("tarikh list --country MLI") for line in done.out.splitlines())
    assert tarikh("code", "--help").code == 0


def test_a_defect_of_ours_is_not_hidden(tarikh: Tarikh, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr("tarikh.diagnosis.examine", broken)
    with pytest.raises(ZeroDivisionError):
        cli.main(["doctor"])


# ---- list, show --------------------------------------------------------------------------------------------

FILTERS = {
    "nothing": ([], ["air_strike", "armed_clash", "peaceful_protest", "armed_clash"]),
    "code": (["--country", "MLI"], ["armed_clash"]),
    "code in lower case": (["--country", "mli"], ["armed_clash"]),
    "name": (["--country", "Sudan"], ["air_strike"]),
    "two countries": (["--country", "SDN", "--country", "Tunisia"], ["air_strike", "peaceful_protest"]),
    "since": (["--since", "2025-03-14"], ["air_strike"]),
    "on the day": (["--since", "2025-03-13", "--until", "2025-03-13"], ["armed_clash"]),
    "until": (["--until", "2025-02-08"], ["peaceful_protest", "armed_clash"]),
    "kind": (["--kind", "air_strike"], ["air_strike"]),
    "two kinds": (
        ["--kind", "air_strike", "--kind", "peaceful_protest"],
        ["air_strike", "peaceful_protest"],
    ),
    "party": (["--party", "JNIM"], ["armed_clash"]),
    "party by another name": (["--party", "GSIM"], ["armed_clash"]),
    "either side": (["--party", "Military of Mali"], ["armed_clash"]),
    "killed": (["--min-killed", "9"], ["air_strike", "armed_clash"]),
    "unknown is not zero": (["--min-killed", "0"], ["air_strike", "armed_clash", "armed_clash"]),
    "status": (["--status", "claimed"], ["armed_clash"]),
    "source": (["--source", "river radio"], ["armed_clash"]),
    "region": (["--admin1", "Ménaka"], ["armed_clash"]),
    "words": (["--text", "soldiers malian"], ["armed_clash"]),
    "limit": (["--limit", "2"], ["air_strike", "armed_clash"]),
    "place": (["--place", "Nyala"], ["air_strike"]),
    "radius": (["--place", "Ouagadougou", "--country", "BFA", "--radius", "250"], ["armed_clash"]),
    "too small a radius": (["--place", "Ouagadougou", "--country", "BFA", "--radius", "50"], []),
    "all at once": (
        ["--country", "MLI", "--kind", "armed_clash", "--min-killed", "14", "--status", "reported"],
        ["armed_clash"],
    ),
    "none": (["--country", "MLI", "--kind", "coup"], []),
}


@pytest.mark.parametrize(("words", "kinds"), FILTERS.values(), ids=FILTERS)
def test_list_filters(words: list[str], kinds: list[str], tarikh: Tarikh, chronicle: Path) -> None:
    assert listed(tarikh("list", "--db", chronicle, "--json", *words)) == kinds


def test_list_shows_a_table(tarikh: Tarikh, chronicle: Path) -> None:
    done = tarikh("list", "--db", chronicle)
    assert (done.code, done.err) == (0, "")
    assert "near Ménaka" in done.out
    assert "14 (11–14)" in done.out
    assert "armed clash (claimed)" in done.out
    none = tarikh("list", "--db", chronicle, "--kind", "coup")
    assert (none.code, none.out) == (0, "no incidents match\n")


def test_list_takes_the_database_of_the_environment(
    tarikh: Tarikh, chronicle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TARIKH_DATABASE", str(chronicle))
    assert len(listed(tarikh("list", "--json"))) == 4


def test_show_by_id_and_by_its_beginning(tarikh: Tarikh, chronicle: Path) -> None:
    (incident,) = tarikh("list", "--db", chronicle, "--json", "--country", "MLI").json()
    whole = tarikh("show", incident["id"], "--db", chronicle, "--json")
    assert whole.code == 0
    view = whole.json()
    assert view["incident"] == incident
    assert {mention["source"] for mention in view["mentions"]} == {"Sahel Post", "River Radio"}
    assert [report["given_id"] for report in view["reports"]] == ["c1", "c2"]
    assert view["incident"]["harm"]["killed"] == {"low": 11, "best": 14, "high": 14}
    assert {claim["field"] for claim in view["incident"]["ledger"]} >= {"harm.killed"}
    assert tarikh("show", incident["id"][:10], "--db", chronicle, "--json").json() == view


def test_show_for_people(tarikh: Tarikh, chronicle: Path) -> None:
    (incident,) = tarikh("list", "--db", chronicle, "--json", "--country", "MLI").json()
    done = tarikh("show", incident["id"], "--db", chronicle)
    assert (done.code, done.err) == (0, "")
    for words in (incident["id"], "Ledger of claims", "River Radio, 2025-03-15", "ambushed", "linked same"):
        assert words in done.out


@pytest.mark.parametrize("given", ["i", "i-ffffffffffffffff", "'; DROP TABLE incident; --", "%", "\0", "i-*"])
def test_show_of_an_unknown_id_is_a_sentence(given: str, tarikh: Tarikh, chronicle: Path) -> None:
    done = tarikh("show", given, "--db", chronicle)
    assert (done.code, done.out) == (1, "")
    assert done.sentence()


def test_words_of_a_report_cannot_steer_the_terminal(tarikh: Tarikh) -> None:
    """Neither escape sequences nor rich's own markup."""
    row = REPORTS[2] | {"title": "\x1b]0;owned\x07[bold red]Strike[/]\u202e", "source": "\x1b[31mRed"}
    assert tarikh("add", "-", "--db", "t.db", stdin=json.dumps(row).encode()).code == 0
    (incident,) = tarikh("list", "--db", "t.db", "--json").json()
    shown = tarikh("show", incident["id"], "--db", "t.db").out
    assert "[bold red]Strike[/]" in shown
    assert not {"\x1b", "\x07", "\u202e"} & set(shown)
    problem = tarikh("code", "-", stdin=json.dumps({"id": 1, "\x1b[2Jbody": "x"}).encode())
    assert "\x1b" not in problem.err


# ---- export ------------------------------------------------------------------------------------------------


def test_export_in_every_form(tarikh: Tarikh, chronicle: Path, tmp_path: Path) -> None:
    for name in ("out.csv", "out.geojson", "out.jsonl", "out.parquet", "out.html"):
        done = tarikh("export", tmp_path / name, "--db", chronicle)
        assert (done.code, done.out) == (0, "")
        assert "4 incidents" in done.err
    text = (tmp_path / "out.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    assert sorted(row["kind"] for row in rows) == sorted(
        ["air_strike", "armed_clash", "armed_clash", "peaceful_protest"]
    )
    features = json.loads((tmp_path / "out.geojson").read_text(encoding="utf-8"))["features"]
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(features) == len([json.loads(line) for line in lines]) == 4
    assert len(pandas.read_parquet(tmp_path / "out.parquet")) == 4
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "Ménaka" in page
    assert "ambushed an army convoy" not in page
    assert {path.name for path in tmp_path.glob("out.*")} == {
        f"out.{s}"
        for s in ("csv", "csv-metadata.json", "geojson", "jsonl", "jsonl-metadata.json", "parquet", "html")
    }


def test_export_withholds_nothing_where_the_user_says_so(
    tarikh: Tarikh, chronicle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = tarikh("export", tmp_path / "out.html", "--db", chronicle, "--disclosure", "full")
    assert "nothing withheld" in done.err
    assert "ambushed an army convoy" in (tmp_path / "out.html").read_text(encoding="utf-8")
    monkeypatch.setenv("TARIKH_DISCLOSURE", "partner")
    assert "level partner" in tarikh("export", tmp_path / "out.csv", "--db", chronicle).err
    assert (
        "public, partner, full"
        in tarikh("export", "o.csv", "--db", chronicle, "--disclosure", "x").sentence()
    )
    monkeypatch.setenv("TARIKH_DISCLOSURE", "secret")
    assert "TARIKH_DISCLOSURE" in tarikh("export", tmp_path / "out.csv", "--db", chronicle).sentence()


def test_export_filters_and_takes_the_form_from_the_option(
    tarikh: Tarikh, chronicle: Path, tmp_path: Path
) -> None:
    done = tarikh("export", tmp_path / "x.data", "--format", "geojson", "--db", chronicle, "--country", "MLI")
    assert "1 incidents" in done.err
    (feature,) = json.loads((tmp_path / "x.data").read_text(encoding="utf-8"))["features"]
    assert feature["geometry"]["type"] == "Point"
    assert tarikh("export", tmp_path / "x.data", "--db", chronicle).code == 2
    assert tarikh("export", tmp_path / "x.csv", "--format", "xml", "--db", chronicle).code == 2


def test_export_that_cannot_be_written_says_so(tarikh: Tarikh, chronicle: Path, tmp_path: Path) -> None:
    done = tarikh("export", tmp_path / "no" / "folder" / "x.csv", "--db", chronicle)
    assert done.code == 1
    assert "cannot be written" in done.sentence()


# ---- the gazetteer, doctor, demo ---------------------------------------------------------------------------


def test_gazetteer_info_and_find(tarikh: Tarikh) -> None:
    info = tarikh("gazetteer", "info", "--json")
    assert (info.code, info.err) == (0, "")
    assert info.json()["places"] > 200_000
    assert "CC BY 4.0" in tarikh("gazetteer", "info").out
    found = tarikh("gazetteer", "find", "menaka", "--country", "Mali", "--json").json()
    assert {place["country"] for place in found} == {"MLI"}
    assert "Ménaka" in {place["name"] for place in found}
    assert "Ménaka" in tarikh("gazetteer", "find", "Ménaka").out
    for name in ("Xyzzyville", "", "\0", "…"):
        none = tarikh("gazetteer", "find", name)
        assert none.code == 1
        assert none.out.startswith("no place")
        assert tarikh("gazetteer", "find", name, "--json").out == "[]\n"


def test_gazetteer_build_writes_where_it_is_told(
    tarikh: Tarikh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The build itself has tests of its own; here the command's part of it."""
    from tarikh import gazetteer

    asked: list[Path] = []

    def build(path: Path, progress: Any) -> gazetteer.Summary:
        progress(1, 2)
        asked.append(path)
        return gazetteer.Summary(path, 12_345, 67_890, 0.1)

    monkeypatch.setattr(gazetteer, "build", build)
    done = tarikh("gazetteer", "build", "--gazetteer", tmp_path / "deep" / "g.sqlite")
    assert (done.code, done.out, asked) == (0, "", [tmp_path / "deep" / "g.sqlite"])
    assert done.err.startswith("12,345 places with 67,890 names")


@pytest.mark.parametrize("command", [["info"], ["find", "Gao"]])
def test_gazetteer_without_an_index_says_what_to_type(
    command: list[str], tarikh: Tarikh, tmp_path: Path
) -> None:
    (tmp_path / "junk").write_text("no index", encoding="utf-8")
    for path in ("absent", "junk", "."):
        done = tarikh("gazetteer", *command, "--gazetteer", path)
        assert (done.code, done.out) == (1, "")
        assert "tarikh gazetteer build" in done.sentence()


def test_doctor_finds_everything(tarikh: Tarikh, chronicle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = tarikh("doctor")
    assert (done.code, done.err) == (0, "")
    assert "missing" not in done.out
    assert "none yet" in done.out
    monkeypatch.setenv("TARIKH_DATABASE", str(chronicle))
    findings = {finding["name"]: finding for finding in tarikh("doctor", "--json").json()}
    assert all(finding["fine"] for finding in findings.values())
    assert "6 reports" in findings["database"]["detail"]
    assert {"python", "tarikh", "parser (en)", "gazetteer"} <= set(findings)


@pytest.mark.parametrize(
    ("variable", "value", "name", "advice"),
    [
        ("TARIKH_GAZETTEER", "absent.sqlite", "gazetteer", "tarikh gazetteer build"),
        ("TARIKH_MODEL_EN", "no_such_model", "parser (en)", "pip install no-such-model"),
        ("TARIKH_MODEL_EN", "no.such.model", "parser (en)", "pip install"),
        ("TARIKH_DATABASE", "junk", "database", "--db"),
    ],
)
def test_doctor_names_what_is_missing(
    variable: str,
    value: str,
    name: str,
    advice: str,
    tarikh: Tarikh,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "junk").write_text("no database, but long enough to be read as one", encoding="utf-8")
    monkeypatch.setenv(variable, value)
    done = tarikh("doctor")
    assert done.code == 1
    assert advice in done.out
    wrong = [finding for finding in tarikh("doctor", "--json").json() if not finding["fine"]]
    assert [finding["name"] for finding in wrong] == [name]


def test_demo_writes_a_page_and_twice_changes_nothing(tarikh: Tarikh, tmp_path: Path) -> None:
    first = tarikh("demo", "shown")
    assert first.code == 0, first.err
    assert "incidents" in first.out
    assert "tarikh show i-" in first.err
    assert (tmp_path / "shown" / "chronicle.html").stat().st_size > 10_000
    again = tarikh("demo", "shown")
    assert again.out == first.out


def test_a_folder_that_cannot_be_made_is_a_sentence(tarikh: Tarikh, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    below = tmp_path / "file" / "t.db"
    source = json_lines(tmp_path / "one.jsonl", REPORTS[:1])
    for words in (
        ["demo", "file"],
        ["add", source, "--db", below],
        ["gazetteer", "build", "--gazetteer", below],
    ):
        done = tarikh(*words)
        assert done.code == 1
        assert "file" in done.sentence()


@pytest.mark.parametrize("database", [".", "junk"])
def test_what_is_no_database_is_a_sentence(database: str, tarikh: Tarikh, tmp_path: Path) -> None:
    (tmp_path / "junk").write_text("no database, but long enough to be read as one", encoding="utf-8")
    done = tarikh("list", "--db", database)
    assert (done.code, done.out) == (1, "")
    assert done.sentence()
    assert (tmp_path / "junk").read_text(encoding="utf-8").startswith("no database")


# ---- streams and signals -----------------------------------------------------------------------------------


def test_a_reader_that_leaves_is_no_error(tarikh: Tarikh, tmp_path: Path) -> None:
    rows = [report | {"id": f"{report['id']}/{n}"} for n in range(20) for report in REPORTS]
    source = json_lines(tmp_path / "many.jsonl", rows)
    with started("code", source) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        err = process.stderr.read().decode()
        assert process.wait(60) == 0
    assert err == ""


def test_a_full_disk_is_a_sentence(tarikh: Tarikh, chronicle: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no full device")
    with Path("/dev/full").open("wb") as full, started("list", "--db", chronicle, stdout=full) as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert Run(1, "", err.decode()).sentence()


def test_closed_streams_are_no_error(tarikh: Tarikh, chronicle: Path) -> None:
    shell = ("/bin/sh", "-c", 'exec "$@" <&- >&-', "sh", *PROGRAM)
    done = subprocess.run([*shell, "list", "--db", str(chronicle)], stderr=subprocess.PIPE, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    none = subprocess.run([*shell, "code", "-"], stderr=subprocess.PIPE, timeout=60)
    assert none.returncode == 2
    assert "standard input" in Run(2, "", none.stderr.decode()).sentence()


def test_a_log_gets_no_progress_and_each_problem_on_one_line(tarikh: Tarikh) -> None:
    rows = [{"id": 1, "a long and wordless name of a column " * 4: "x"}, {"id": 2, "text": ""}, REPORTS[0]]
    done = tarikh("code", "-", "--form", "jsonl", stdin="\n".join(map(json.dumps, rows)).encode())
    first, second, last = done.err.splitlines()
    assert first.startswith("problem: -:1: has no 'text'")
    assert second == "problem: -:2: has no text"
    assert last == "2 of 3 could not be read or coded"
    assert len(done.lines()) == 3
