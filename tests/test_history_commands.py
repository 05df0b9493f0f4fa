"""Time travel by the command line: what is asked wrongly gets a sentence, what is asked rightly an answer of then."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from conftest import Tarikh
from history_sample import History, leads
from store_sample import Clock, refold, said, set_back, tell
from tarikh.history import AsOf
from tarikh.model import Correction, Count
from tarikh.store import Store, open_store

BEFORE, SINGLE = "2024-04-30", "2024-05-01T08:10Z"


@pytest.fixture
def merged(tmp_path: Path) -> tuple[Path, str, str]:
    """A database of two reports of 1 May 2024, one incident since 10 past 8; the ids of then."""
    clock = Clock()
    path = tmp_path / "old.db"
    with open_store(path, clock) as store:
        one = tell(store, "a", harm={"killed": Count(2, 2, 2)})
        two = tell(store, "b", harm={"killed": Count(5, 5, 5)})
        first, second = (i.id for i in refold(store))
        while clock().minute < 15:
            pass
        store.add_judgements([said(one, two, "same", "user:ana")])
        store.add_correction(Correction(one.id, "kind", "bombing", "user:ben", clock(), "a mine"))
        refold(store)
    return path, first, second


# ---- as of -----------------------------------------------------------------------------------------------


def test_list_show_and_export_as_of(tarikh: Tarikh, merged: tuple[Path, str, str], tmp_path: Path) -> None:
    path, first, second = merged
    assert [i["id"] for i in tarikh("list", "--db", path, "--json").json()] == [first]
    then = tarikh("list", "--db", path, "--json", "--as-of", SINGLE).json()
    assert {i["id"] for i in then} == {first, second}
    assert {i["kind"] for i in then} == {"shelling"}
    few = tarikh("list", "--db", path, "--json", "--as-of", SINGLE, "--min-killed", 5).json()
    assert [i["id"] for i in few] == [second]

    shown = tarikh("show", second, "--db", path, "--json", "--as-of", SINGLE).json()
    assert shown["incident"]["id"] == second
    assert len(shown["mentions"]) == 1
    assert tarikh("show", second[:8], "--db", path, "--json", "--as-of", SINGLE).json() == shown
    assert tarikh("show", second, "--db", path, "--json").json()["incident"]["id"] == first
    later = tarikh("show", second, "--db", path, "--json", "--as-of", "2024-05-01").json()
    assert later["incident"]["id"] == first
    assert later["redirects"] == [second]
    assert "shelling" in tarikh("show", second, "--db", path, "--as-of", SINGLE).out

    out = tmp_path / "then.geojson"
    assert tarikh("export", out, "--db", path, "--as-of", SINGLE).code == 0
    data = json.loads(out.read_text(encoding="utf-8"))
    assert len(data["features"]) == 2
    assert "as of: 2024-05-01T08:10" in out.read_text(encoding="utf-8")


def test_before_the_first_report_is_an_empty_answer_and_a_sentence(
    tarikh: Tarikh, merged: tuple[Path, str, str], tmp_path: Path
) -> None:
    path, first, _ = merged
    listed = tarikh("list", "--db", path, "--json", "--as-of", BEFORE)
    assert (listed.code, listed.json()) == (0, [])
    assert "the first report came in on 2024-05-01 at 08:0" in listed.err
    shown = tarikh("show", first, "--db", path, "--as-of", BEFORE)
    assert shown.code == 1
    assert f"there is no incident {first}" in shown.err
    exported = tarikh("export", tmp_path / "none.csv", "--db", path, "--as-of", BEFORE)
    assert exported.code == 0
    assert "the first report came in" in exported.err
    assert (tmp_path / "none.csv").read_text(encoding="utf-8").count("\n") == 1


WRONG = {
    "no moment": ("yesterday", "is no day and no moment; write a day such as 2025-03-14"),
    "another order": ("14.03.2025", "write a day such as 2025-03-14"),
    "no such day": ("2025-02-30", "write a day such as 2025-03-14"),
    "nothing": ("", "write a day such as 2025-03-14"),
    "the future": ("2091-01-01", "is in the future"),
    "a moment to come": ("2091-01-01T10:00+02:00", "is in the future"),
}


@pytest.mark.parametrize(("text", "advice"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize(
    "command",
    [
        ("list", "--as-of"),
        ("show", "i-12345", "--as-of"),
        ("export", "out.csv", "--as-of"),
        ("changes", "--since"),
        ("changes", "--since", "2024-01-01", "--until"),
        ("snapshot", "out", "--as-of"),
    ],
    ids=lambda words: " ".join(words),
)
def test_a_wrong_moment_is_one_sentence(
    tarikh: Tarikh, merged: tuple[Path, str, str], command: tuple[str, ...], text: str, advice: str
) -> None:
    done = tarikh(*command, text, "--db", merged[0])
    assert (done.code, done.out) == (2, "")
    assert advice in done.sentence()
    assert command[-1] in done.sentence()


# ---- changes ---------------------------------------------------------------------------------------------


def test_changes_name_the_person(tarikh: Tarikh, merged: tuple[Path, str, str]) -> None:
    path, first, second = merged
    told = tarikh("changes", "--since", SINGLE, "--db", path)
    assert told.code == 0
    assert f"merged    {second} into {first}" in told.out
    assert "kind: shelling → bombing" in told.out
    assert "the correction of kind by user:ben (a mine)" in told.out
    lines = tarikh("changes", "--since", SINGLE, "--db", path, "--json").lines()
    assert {(line["change"], line["id"]) for line in lines} == {("merged", second), ("updated", first)}
    assert tarikh("changes", "--since", SINGLE, "--db", path, "--json").lines() == lines
    all_of_it = tarikh("changes", "--since", BEFORE, "--until", SINGLE, "--db", path, "--json").lines()
    assert [line["change"] for line in all_of_it] == ["new", "new"]


def test_changes_where_nothing_changed(tarikh: Tarikh, merged: tuple[Path, str, str]) -> None:
    done = tarikh("changes", "--since", "2024-05-02", "--db", merged[0])
    assert (done.code, done.out) == (0, "")
    assert "nothing changed" in done.err
    early = tarikh("changes", "--since", "2020-01-01", "--until", BEFORE, "--db", merged[0], "--json")
    assert (early.code, early.out) == (0, "")
    assert "nothing was recorded by" in early.err


def test_wrong_usage_of_changes(tarikh: Tarikh, merged: tuple[Path, str, str]) -> None:
    swapped = tarikh("changes", "--since", "2024-06-01", "--until", "2024-05-01", "--db", merged[0])
    assert swapped.code == 2
    assert "swap the two" in swapped.sentence()
    assert "tarikh changes --help" in tarikh("changes", "--db", merged[0]).sentence()
    assert "tarikh add" in tarikh("changes", "--since", "2024-06-01").sentence()


# ---- snapshots -------------------------------------------------------------------------------------------


def test_a_snapshot_is_made_verified_and_tampered_with(
    tarikh: Tarikh, merged: tuple[Path, str, str], tmp_path: Path
) -> None:
    path = merged[0]
    made = tarikh("snapshot", "may", "--db", path, "--as-of", SINGLE)
    assert made.code == 0, made.err
    assert "2 incidents of 2024-05-01 08:10:00 UTC" in made.err
    fine = tarikh("verify", "may", "--db", path)
    assert (fine.code, fine.out) == (0, "")
    assert "follows from the database" in fine.err
    alone = tarikh("verify", "may")
    assert alone.code == 0
    assert "the checksums alone were checked" in alone.out
    again = tarikh("snapshot", "may", "--db", path)
    assert again.code == 2
    assert "never written over" in again.sentence()

    with sqlite3.connect(path) as raw:
        raw.execute(
            "UPDATE mention SET kind = 'air_strike' WHERE recorded_at = (SELECT min(recorded_at) FROM mention)"
        )
    spoiled = tarikh("verify", "may", "--db", path, "--json")
    assert spoiled.code == 1
    assert {f["sort"] for f in spoiled.json()["findings"]} == {"row", "incident"}
    (tmp_path / "may" / "rows.csv").unlink()
    assert tarikh("verify", "may", "--checksums").code == 1


def test_wrong_usage_of_snapshots(tarikh: Tarikh, merged: tuple[Path, str, str], tmp_path: Path) -> None:
    assert "no snapshot at none" in tarikh("verify", "none").sentence()
    assert tarikh("verify", "none").code == 2
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 not really")
    broken = tarikh("verify", "x.zip", "--db", merged[0])
    assert broken.code == 1
    assert "get a whole copy" in broken.sentence()
    assert tarikh("snapshot", "new", "--db", "none.db").code == 2
    (tmp_path / "empty").mkdir()
    nothing = tarikh("verify", "empty", "--db", merged[0])
    assert nothing.code == 1
    assert "manifest.json is missing" in nothing.out


# ---- databases from before -------------------------------------------------------------------------------


def test_a_database_from_before_is_upgraded_with_the_ids_that_it_had(tmp_path: Path) -> None:
    path, clock = tmp_path / "chronicle.db", Clock()
    with open_store(path, clock) as store:
        past = History(store, clock).run([("tell", 1, 2, 0), ("tell", 1, 3, 0), ("say", 0, 1, 3)])
        ids = past.seen[-1].leads
        assert len(set(ids.values())) == 1, "the sample must hold a redirect"
    set_back(path)
    with open_store(path, clock) as store:
        assert_same(store, past)
        now = AsOf(store, clock())
        assert {key: leads(now, key) for key in ids} == ids


def assert_same(store: Store, past: History) -> None:
    """Each state that was noted is what the store says of its moment now."""
    for seen in past.seen:
        assert AsOf(store, seen.at).incidents() == seen.incidents
