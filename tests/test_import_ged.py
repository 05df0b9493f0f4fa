"""Events of UCDP GED: what each column becomes, what is not made of them, and how they live beside coded reports.

Invariant: nothing is said that the row does not say; a wrong file changes nothing, a wrong row costs itself.
"""

from __future__ import annotations

import gzip
import json
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import REPORTS, Tarikh, json_lines
from imports_sample import API, ONE_SIDED, ROW, table
from tarikh import pipeline
from tarikh.errors import ReportError, SourceError, UsageError
from tarikh.gazetteer import open_index
from tarikh.imports import ged, ged_columns, ged_parties
from tarikh.imports.keeping import keep
from tarikh.link.orientation import oriented
from tarikh.model import Count, Problem
from tarikh.store import Brought, open_store
from tarikh.web import reading_room

TODAY = date(2026, 1, 1)


def read(path: Path, index: Path | None = None) -> list[Brought | Problem]:
    return list(ged.read(path, None if index is None else open_index(index), TODAY))


def one(tmp_path: Path, index: Path | None = None, **cells: str) -> Any:
    (found,) = read(table(tmp_path / "one.csv", [{**ROW, **cells}]), index)
    return found


def mention(tmp_path: Path, index: Path | None = None, **cells: str) -> Any:
    found = one(tmp_path, index, **cells)
    assert isinstance(found, Brought), found
    return found.mentions[0]


# ---- what a row becomes ----------------------------------------------------------------------------------------


def test_a_clash_with_all_that_its_row_says(tmp_path: Path, index: Path) -> None:
    found = one(tmp_path, index)
    told = found.mentions[0]
    assert (found.report.source, found.report.given_id, found.report.published) == (
        "UCDP GED",
        "900001",
        None,
    )
    assert (told.coder, told.kind, told.status, told.aspect) == (
        "ucdp-ged@1",
        "armed_clash",
        "reported",
        "new",
    )
    assert (told.attackers, told.targets) == (("Government of Mali",), ("JNIM",))
    assert (told.when.start, told.when.end, told.when.precision) == (
        date(2025, 3, 13),
        date(2025, 3, 13),
        "day",
    )
    assert (told.where.country, told.where.admin1, told.where.place) == ("MLI", "Ménaka", "Ménaka")
    assert (told.where.precision, told.where.latitude) == ("near", 15.9182)
    assert told.harm == {
        "killed": Count(11, 11, 11),
        "killed_attackers": Count(11, 11, 11),
        "killed_targets": Count(0, 0, 0),
        "killed_civilians": Count(0, 0, 0),
    }
    assert told.attribution == "security source"


def test_every_field_points_to_its_columns(tmp_path: Path) -> None:
    found = one(tmp_path)
    for field, evidence in found.mentions[0].evidence.items():
        assert evidence.spans, field
        assert tuple(found.report.words(span) for span in evidence.spans) == evidence.words
        assert evidence.reason.startswith("UCDP GED: ")
    assert found.mentions[0].evidence["harm.killed"].words == ("best: 11", "low: 11", "high: 11")


def test_one_sided_violence_has_civilians_and_no_toll_of_its_author(tmp_path: Path, index: Path) -> None:
    (found,) = read(table(tmp_path / "ged.csv", [ONE_SIDED]), index)
    assert isinstance(found, Brought)
    told = found.mentions[0]
    assert told.kind == "attack_on_civilians"
    assert (told.attackers, told.targets) == (("IS Sahel Province",), ("Civilians (Mali)",)), (
        "the branch of the place"
    )
    assert told.harm == {
        "killed": Count(7, 9, 12),
        "killed_targets": Count(None, 7, None),
        "killed_civilians": Count(None, 7, None),
    }
    assert (told.when.precision, told.where.precision, told.where.place) == ("month", "admin1", "Ménaka")


@pytest.mark.parametrize(
    ("prec", "cells", "precision"),
    [
        ("1", {}, "exact"),
        ("2", {}, "near"),
        ("3", {}, "admin2"),
        ("4", {}, "admin1"),
        ("5", {}, "admin1"),
        ("5", {"adm_1": ""}, "country"),
        ("6", {}, "country"),
        ("7", {}, "unknown"),
        ("1", {"latitude": "", "longitude": ""}, "admin2"),
        ("1", {"where_coordinates": "", "adm_2": ""}, "admin1"),
        ("3", {"adm_2": "", "adm_1": ""}, "country"),
    ],
)
def test_a_place_is_never_finer_than_its_row(
    tmp_path: Path, prec: str, cells: dict[str, str], precision: str
) -> None:
    where = mention(tmp_path, where_prec=prec, **cells).where
    assert where.precision == precision
    if precision == "unknown":
        assert (where.country, where.latitude) == (None, None)
    if precision == "country":
        assert where.latitude is None


@pytest.mark.parametrize(
    ("prec", "end", "precision"),
    [
        ("1", "2025-03-13", "day"),
        ("1", "2025-03-15", "week"),
        ("2", "2025-03-16", "week"),
        ("3", "2025-03-19", "week"),
        ("2", "2025-04-02", "month"),
        ("4", "2025-04-01", "month"),
        ("5", "2025-12-31", "year"),
        ("3", "2025-12-31", "year"),
    ],
)
def test_a_date_is_never_finer_than_its_row(tmp_path: Path, prec: str, end: str, precision: str) -> None:
    assert mention(tmp_path, date_prec=prec, date_end=end).when.precision == precision


@pytest.mark.parametrize(
    ("cells", "harm"),
    [
        # Some rows contradict themselves: the bound that the best figure has passed is open.
        (
            {"best": "9", "low": "2", "high": "4"},
            {"killed": Count(2, 9, None), "killed_attackers": Count(None, 11, None)},
        ),
        ({"best": "1", "low": "3", "high": "4", "deaths_a": "0"}, {"killed": Count(None, 1, 4)}),
        # Nobody killed for sure is a figure; a 0 beside dead of unknown sides is none.
        (
            {"best": "4", "low": "4", "high": "4", "deaths_a": "0", "deaths_unknown": "4"},
            {"killed": Count(4, 4, 4)},
        ),
        ({"best": "", "low": "", "high": "", "deaths_a": ""}, {}),
    ],
)
def test_unknown_is_never_a_number(tmp_path: Path, cells: dict[str, str], harm: dict[str, Count]) -> None:
    found = mention(tmp_path, **cells).harm
    sides = {"killed_targets", "killed_civilians"} if cells["best"] == "" else set()
    assert {what: count for what, count in found.items() if what not in sides} == harm


def test_sides_are_called_as_the_register_calls_them() -> None:
    day = date(2018, 5, 1)
    assert ged_parties.side("Government of DR Congo (Zaire)", None, "COD", day) == ("Government of DR Congo",)
    assert ged_parties.side("Jama'atu Ahlis Sunna Lidda'awati wal-Jihad", 1051, "NGA", day) == ("Boko Haram",)
    assert ged_parties.side("IS", 234, "NGA", day) == ("ISWAP",)
    assert ged_parties.side("a name that changed", 6716, "MLI", day) == ("JNIM",), "the id knows it"
    assert ged_parties.side("Fulani", None, "NGA", day) == ("Militia of Fulani (Nigeria)",)
    assert ged_parties.side("Supporters of the Red Party", None, "NGA", day) == (
        "Supporters of the Red Party",
    )
    assert ged_parties.side("Civilians", None, "NGA", day) == ("Civilians (Nigeria)",)
    assert ged_parties.side("", None, "NGA", day) == ()


def test_one_row_is_one_text_in_every_form_of_the_file(tmp_path: Path) -> None:
    """The API, the HDX form with tags and iso3, older names of columns, numbers with a point."""
    plain = one(tmp_path).report
    hdx = table(tmp_path / "hdx.csv", [{**ROW, "iso3": "MLI"}], (*API[:37], "iso3", *API[37:]))
    lines = hdx.read_text(encoding="utf-8").splitlines(keepends=True)
    hdx.write_text("".join([lines[0], "#id+code" + ",#x" * 49 + "\n", *lines[1:]]), encoding="utf-8")
    older = table(
        tmp_path / "old.csv", [{**ROW, "id": "900001.0", "where_prec": "2.0", "date_start": "2025-03-13"}]
    )
    text = older.read_text(encoding="utf-8")
    older.write_text(text.replace(",best,high,low,", ",best_est,high_est,low_est,", 1), encoding="utf-8")
    for path in (hdx, older):
        (found,) = read(path)
        assert isinstance(found, Brought), found
        assert found.report.id == plain.id


# ---- what is refused -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"event_clarity": "2"}, "a sum is no incident"),
        ({"type_of_violence": "4"}, "type_of_violence is '4'"),
        ({"type_of_violence": ""}, "type_of_violence is ''"),
        ({"where_prec": "8"}, "where_prec is '8'"),
        ({"date_prec": ""}, "date_prec is ''"),
        ({"date_start": "13/03/2025"}, "date_start is '13/03/2025'"),
        ({"date_end": "2025-03-01"}, "is before date_start"),
        ({"date_start": "2031-03-13", "date_end": "2031-03-13"}, "is in the future"),
        ({"best": "many"}, "best is 'many'"),
        ({"deaths_a": "-1"}, "not below 0"),
        ({"latitude": "95"}, "not on the earth"),
        ({"latitude": "16,27"}, "are no degrees as 16.27"),
        ({"latitude": "north"}, "north"),
        ({"latitude": "nan"}, "not on the earth"),
        ({"country": "Atlantis"}, "'Atlantis' is not known"),
        ({"side_b_new_id": "", "side_b": "\u202eevil"}, "control characters"),
        ({"where_coordinates": "\u202eevil"}, "control characters"),
        ({"side_b_new_id": "", "side_b": "x" * 400}, "at most 300 characters"),
        ({"id": ""}, "has no id"),
    ],
)
def test_a_row_that_cannot_be_taken_is_a_problem_with_its_line(
    tmp_path: Path, cells: dict[str, str], words: str
) -> None:
    path = table(tmp_path / "ged.csv", [ROW, {**ROW, "id": "900003", **cells}, ONE_SIDED])
    found = read(path)
    assert [isinstance(each, Problem) for each in found] == [False, True, False]
    problem = found[1]
    assert isinstance(problem, Problem)
    assert words in problem.reason
    assert (problem.line, problem.origin) == (3, f"{path}:3")


@given(
    column=st.sampled_from([*ged.TOLD, "iso3"]),
    cell=st.text(max_size=30) | st.integers().map(str) | st.floats().map(str) | st.dates().map(str),
)
@settings(max_examples=300, deadline=None)
def test_any_cell_is_taken_or_refused_and_makes_nothing_finer(column: str, cell: str) -> None:
    try:
        found = ged.event(ged._plain({**ROW, column: cell}), "x:2", None, TODAY)
    except (ValueError, UsageError):
        return
    told = found.mentions[0]
    order = ("exact", "near", "admin2", "admin1", "country", "unknown")
    assert column == "where_prec" or order.index(told.where.precision) >= order.index("near")
    assert all(count.known() for count in told.harm.values())
    for evidence in told.evidence.values():
        assert tuple(found.report.words(span) for span in evidence.spans) == evidence.words


def test_a_cut_row_and_an_open_quote_are_told(tmp_path: Path) -> None:
    path = table(tmp_path / "ged.csv", [ROW, ONE_SIDED])
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole[:-40], encoding="utf-8")
    _, cut = read(path)
    assert isinstance(cut, Problem)
    assert "cells under 49 columns" in cut.reason
    path.write_text(whole.replace("900002", '"900002'), encoding="utf-8")
    _, quote = read(path)
    assert isinstance(quote, Problem)
    assert "not closed" in quote.reason


def test_a_cut_archive_is_told_after_its_rows(tmp_path: Path) -> None:
    packed = gzip.compress(table(tmp_path / "a.csv", [ROW] * 3).read_bytes() + b"\n" * 100_000)
    path = tmp_path / "ged.csv.gz"
    path.write_bytes(packed[:-20])
    found = read(path)
    assert isinstance(found[-1], Problem)
    assert "the rows before it were taken" in found[-1].reason


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("event_id_cnty,event_date\n1,2\n", "has no column 'id'"),
        (",".join(API).replace("where_prec", "where_precision") + "\n", "is it 'where_precision'"),
        (",".join((*API, "best")) + "\n", "'best' twice"),
        ("<html>no table</html>\n", "has no column"),
        ("x" * 21_000_000, "bad.csv:1: the line is too long for the header"),
    ],
    ids=lambda given: given[:20],
)
def test_a_file_that_is_no_ged_changes_nothing(tarikh: Tarikh, tmp_path: Path, text: str, words: str) -> None:
    good = table(tmp_path / "good.csv", [ROW])
    bad = tmp_path / "bad.csv"
    bad.write_text(text, encoding="utf-8")
    done = tarikh("import", "ged", good, bad)
    assert done.code == 1
    assert words in done.sentence()
    assert "bad.csv" in done.sentence()
    assert not (tmp_path / "home" / "tarikh.db").exists()


def test_a_column_of_a_later_version_is_named_and_left_out(tarikh: Tarikh, tmp_path: Path) -> None:
    done = tarikh("import", "ged", table(tmp_path / "ged.csv", [ROW], (*API, "drone_used")))
    assert done.code == 0
    assert "are left out: drone_used" in done.err


def test_a_file_that_is_not_there_is_one_sentence(tarikh: Tarikh) -> None:
    assert "is not there" in tarikh("import", "ged", "nowhere.csv").sentence()
    with pytest.raises(SourceError):
        ged_columns.header(Path("nowhere.csv"))


# ---- in the database -------------------------------------------------------------------------------------------


def test_an_event_that_goes_back_to_what_it_was_is_what_it_was(tarikh: Tarikh, tmp_path: Path) -> None:
    path, killed = tmp_path / "ged.csv", []
    for best, counts in (
        ("4", "1 events are new, 0 changed, 0 known"),
        ("13", "0 events are new, 1 changed, 0 known"),
        ("4", "0 events are new, 1 changed, 0 known"),
        ("4", "0 events are new, 0 changed, 1 known"),
        ("13", "0 events are new, 1 changed, 0 known"),
        ("13", "0 events are new, 0 changed, 1 known"),
    ):
        assert (
            counts
            in tarikh(
                "import", "ged", table(path, [{**ROW, "best": best, "high": best, "deaths_a": best}])
            ).err
        )
        (listed,) = tarikh("list", "--json").json()
        killed.append(str(listed["harm"]["killed"]["best"]))
    assert killed == ["4", "13", "4", "4", "13", "13"]


def test_events_are_kept_once_and_a_changed_one_is_a_new_version(tarikh: Tarikh, tmp_path: Path) -> None:
    path = table(tmp_path / "ged.csv", [ROW, ONE_SIDED, {**ROW, "id": "900009", "event_clarity": "2"}])
    first = tarikh("import", "ged", path)
    assert first.code == 0, first.err
    assert "2 events are new, 0 changed, 0 known already" in first.err
    assert "1 rows were not taken" in first.err
    assert "ged.csv:4: event_clarity 2" in first.err
    before = tarikh("list", "--json").json()
    again = tarikh("import", "ged", path)
    assert "0 events are new, 0 changed, 2 known already" in again.err
    assert tarikh("list", "--json").json() == before
    changed = tarikh(
        "import", "ged", table(path, [{**ROW, "best": "12", "high": "12", "deaths_a": "12"}, ONE_SIDED])
    )
    assert "0 events are new, 1 changed, 1 known already" in changed.err
    tolls = {each["harm"]["killed"]["best"] for each in tarikh("list", "--json").json()}
    assert tolls == {12, 9}
    with open_store(tmp_path / "home" / "tarikh.db") as store:
        assert len(store.problems()) == 1


def test_two_events_of_the_data_set_are_two_incidents(tarikh: Tarikh, tmp_path: Path) -> None:
    tarikh("import", "ged", table(tmp_path / "ged.csv", [ROW, {**ROW, "id": "900008"}]))
    assert len(tarikh("list", "--json").json()) == 2


def test_an_event_joins_the_reports_that_tell_it_and_says_where_it_is_from(
    tarikh: Tarikh, tmp_path: Path
) -> None:
    tarikh("add", json_lines(tmp_path / "reports.jsonl", REPORTS[:3]))
    tarikh("import", "ged", table(tmp_path / "ged.csv", [ROW, ONE_SIDED]))
    found = {tuple(each["sources"]): each for each in tarikh("list", "--json").json()}
    assert set(found) == {("River Radio", "Sahel Post", "UCDP GED"), ("Nile Daily",), ("UCDP GED",)}
    alone = tarikh("list", "--source", "UCDP GED")
    assert alone.out.count("UCDP GED alone") == 1
    shown = tarikh("show", found[("UCDP GED",)]["id"])
    assert "from UCDP GED alone" in shown.out
    tarikh("export", "out.geojson", "--source", "UCDP GED")
    assert "Uppsala Conflict Data Program" in Path("out.geojson").read_text(encoding="utf-8"), (
        "whose data it is"
    )
    tarikh("export", "out.zip", "--source", "UCDP GED")
    with zipfile.ZipFile("out.zip") as package:
        described = json.loads(package.read("datapackage.json"))
    assert [source["path"] for source in described["sources"]][1:] == ["https://ucdp.uu.se/"]
    tarikh("export", "out.csv", "--source", "UCDP GED")
    assert Path("out.csv").read_text(encoding="utf-8").count("UCDP GED") >= 2


def test_an_event_takes_the_sides_that_the_reports_tell(tarikh: Tarikh, tmp_path: Path) -> None:
    """GED does not say who began. Its dead of the government are not the attackers' where reports say who attacked."""
    tarikh("add", json_lines(tmp_path / "reports.jsonl", REPORTS[:2]))
    tarikh("import", "ged", table(tmp_path / "ged.csv", [ROW]))
    (found,) = tarikh("list", "--json").json()
    assert (found["attackers"], found["targets"]) == (["JNIM"], ["Military of Mali"]), (
        "GED names the unidentified"
    )
    assert found["harm"]["killed"] == {"low": 11, "best": 14, "high": 14}
    assert found["harm"]["killed_targets"] == {"low": 11, "best": 14, "high": 14}
    assert found["harm"]["killed_attackers"]["best"] == 0
    claims = {c["field"]: c["value"] for c in found["ledger"] if c["source"] == "UCDP GED"}
    assert claims["attackers"] == ["JNIM"]
    shown = tarikh("show", found["id"]).out
    assert "attackers               “side_b: JNIM" in shown
    tarikh("export", "out.jsonl", "--disclosure", "full")
    assert '["side_b: JNIM' in Path("out.jsonl").read_text(encoding="utf-8")
    lowest = tarikh("list", "--json", "--figures", "lowest").json()[0]["harm"]
    assert (lowest["killed_targets"]["best"], lowest["killed_attackers"]["best"]) == (11, 0)


@pytest.mark.parametrize("turned", [False, True])
def test_orientation_is_the_reports_and_never_theirs(tmp_path: Path, turned: bool) -> None:
    event = mention(tmp_path)
    sides = (("JNIM",), ("Military of Mali",)) if turned else (("Military of Mali",), ("JNIM",))
    told = replace(
        event, id="m-news", coder="rules@1", report_id="r-news", attackers=sides[0], targets=sides[1]
    )
    for members in ([event, told], [told, event]):
        found = {each.id: each for each in oriented(members)}
        assert found["m-news"] == told
        assert (found[event.id].attackers == ("JNIM",)) is turned
        assert found[event.id].harm["killed_targets" if turned else "killed_attackers"].best == 11
        assert (
            "side_a: Government of Mali"
            in found[event.id].evidence["targets" if turned else "attackers"].words
        )


def test_events_are_never_coded_from_their_text(tarikh: Tarikh, tmp_path: Path) -> None:
    tarikh("import", "ged", table(tmp_path / "ged.csv", [ROW, ONE_SIDED]))
    before = tarikh("list", "--json").json()
    assert "0 reports coded again" in tarikh("recode").err
    assert tarikh("list", "--json").json() == before
    with open_store(tmp_path / "home" / "tarikh.db") as store:
        assert store.coders() == ["ucdp-ged@1"]
        assert store.last_coder() is None, "an import says nothing of the scope of coding"


def test_an_import_hinders_no_scope(tarikh: Tarikh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reports = json_lines(tmp_path / "reports.jsonl", REPORTS[:1])
    monkeypatch.setenv("TARIKH_SCOPE", "any_violence")
    assert tarikh("add", reports).code == 0
    assert tarikh("import", "ged", table(tmp_path / "ged.csv", [ROW])).code == 0
    assert tarikh("add", json_lines(tmp_path / "more.jsonl", REPORTS[1:2])).code == 0


def test_a_forgotten_event_does_not_come_back(tarikh: Tarikh, tmp_path: Path) -> None:
    path = table(tmp_path / "ged.csv", [ROW])
    tarikh("import", "ged", path)
    assert tarikh("forget", "900001", "--reason", "asked to").code == 0
    done = tarikh("import", "ged", path)
    assert "was forgotten here" in done.err
    changed = tarikh("import", "ged", table(path, [{**ROW, "best": "13"}]))
    assert "was forgotten here" in changed.err, "nor as another version"


def test_a_history_is_kept_and_a_snapshot_verifies(tarikh: Tarikh, tmp_path: Path) -> None:
    tarikh("import", "ged", table(tmp_path / "ged.csv", [ROW, ONE_SIDED]))
    made = tarikh("snapshot", "release")
    assert made.code == 0, made.err
    tarikh(
        "import", "ged", table(tmp_path / "ged.csv", [{**ROW, "best": "12", "deaths_a": "12", "high": "12"}])
    )
    assert tarikh("verify", "release").code == 0


def test_a_stopped_import_goes_on(tmp_path: Path) -> None:
    rows = read(table(tmp_path / "ged.csv", [{**ROW, "id": str(n)} for n in range(700_000, 700_500)]))

    def stopped() -> Any:
        yield from rows[:450]
        raise KeyboardInterrupt

    with open_store(tmp_path / "t.db") as store:
        with pytest.raises(KeyboardInterrupt):
            keep(store, stopped())
        assert sum(1 for _ in store.reports(not_coded_by="rules@1")) == 0, "none waits to be coded"
        done = keep(store, iter(rows))
        assert (done.new, done.known) == (100, 400)
        assert pipeline.relink(store) == 500


def test_no_page_explains_sentences_of_an_event(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="coded from its columns"):
        reading_room.explained(one(tmp_path).report, None)
