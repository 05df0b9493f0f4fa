"""Snapshots: made twice they are the same; whatever is tampered with, on either side, is named; forgetting is none."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings

from history_sample import Step, histories
from store_sample import Clock, refold, said, tell
from tarikh import pipeline, review, snapshots
from tarikh.errors import SourceError, UsageError
from tarikh.history import AsOf
from tarikh.model import Correction, Count
from tarikh.snapshots import Verdict
from tarikh.store import Store, open_store
from test_history import lived


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Two reports of one event, a third of another, and people's words."""
    clock = Clock()
    with open_store(tmp_path / "chronicle.db", clock) as opened:
        one = tell(opened, "a", harm={"killed": Count(2, 2, 2)}, attribution="a nurse")
        two = tell(opened, "b", harm={"killed": Count(5, 5, 5)})
        tell(opened, "c", kind="bombing")
        opened.add_judgements([said(one, two, "same", "user:ana")])
        opened.add_correction(Correction(one.id, "status", "claimed", "user:ben", clock(), "says the army"))
        refold(opened)
        yield opened


@pytest.fixture
def moment(store: Store) -> datetime:
    return store.past().now()


@pytest.fixture
def snapshot(store: Store, moment: datetime, tmp_path: Path) -> Path:
    return snapshots.make(store, tmp_path / "release", moment).path


def sentences(verdict: Verdict, sort: str = "") -> str:
    return "\n".join(f.sentence for f in verdict.findings if sort in ("", f.sort))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def sql(store: Store, *statements: str) -> None:
    with sqlite3.connect(store.path) as raw:
        for statement in statements:
            raw.execute(statement)


# ---- making ----------------------------------------------------------------------------------------------


def test_a_snapshot_is_verified_after_all_was_linked_anew(store: Store, tmp_path: Path) -> None:
    pipeline.relink(store)
    made = snapshots.make(store, tmp_path / "release", store.past().now())
    pipeline.relink(store, whole=True, progress=lambda done, total: None)
    assert snapshots.verify(made.path, store).findings == ()


@pytest.mark.parametrize("name", ["release", "release.zip", "release.tar", "release.tar.gz", "release.tgz"])
def test_what_was_made_is_verified(store: Store, moment: datetime, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    made = snapshots.make(store, folder / name, moment)
    assert [p.name for p in folder.iterdir()] == [name]
    assert made.incidents == 2
    verdict = snapshots.verify(made.path, store)
    assert verdict.findings == ()
    assert verdict.same
    assert verdict.rebuilt


@settings(max_examples=8, deadline=None)
@given(histories)
def test_a_snapshot_of_any_moment_can_be_made_later(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Step]
) -> None:
    folder = tmp_path_factory.mktemp("snapshots")
    with lived(steps) as past:
        seen = past.seen[len(past.seen) // 2]
        one = snapshots.make(past.store, folder / "one.zip", seen.at)
        two = snapshots.make(past.store, folder / "two.zip", seen.at)
        assert one.incidents == len(seen.incidents)
        assert one.path.read_bytes() == two.path.read_bytes()
        past.run([("tell", 1, 3, 9), ("say", 0, 1, 3), ("unsay", 0, 0, 0), ("recode", 0, 0, 1)])
        verdict = snapshots.verify(one.path, past.store)
        assert verdict.same, verdict.findings


def test_a_snapshot_is_never_written_over(store: Store, snapshot: Path, moment: datetime) -> None:
    with pytest.raises(UsageError, match="there already"):
        snapshots.make(store, snapshot, moment)
    with pytest.raises(UsageError, match="does not exist"):
        snapshots.make(store, snapshot.parent / "none" / "release", moment)


def test_without_words_nothing_of_the_reports_is_in_it(
    store: Store, moment: datetime, tmp_path: Path
) -> None:
    made = snapshots.make(store, tmp_path / "public", moment, words=False)
    text = "".join(p.read_text(encoding="utf-8") for p in made.path.iterdir())
    assert "nurse" not in text
    assert "fell" not in text
    assert "says the army" not in text
    assert snapshots.verify(made.path, store).same


def test_a_snapshot_at_a_level_withholds_and_is_verified_at_it(
    store: Store, moment: datetime, tmp_path: Path
) -> None:
    made = snapshots.make(store, tmp_path / "public", moment, level="public")
    lines = (made.path / "incidents.jsonl").read_text(encoding="utf-8")
    assert "[withheld]" in lines
    assert '"level":"public"' in lines
    assert "user:ana" not in lines
    assert snapshots.verify(made.path, store).same
    change(made.path / "manifest.json", '"disclosure": "public"', '"disclosure": "full"')
    assert not snapshots.verify(made.path, store).same


# ---- tampering -------------------------------------------------------------------------------------------


def test_a_changed_figure_of_the_snapshot_is_named(store: Store, snapshot: Path) -> None:
    change(snapshot / "incidents.jsonl", '"killed":[2,5,5]', '"killed":[2,50,50]')
    verdict = snapshots.verify(snapshot, store)
    assert not verdict.same
    assert "incidents.jsonl was changed after" in sentences(verdict, "file")
    told = sentences(verdict, "incident")
    assert "harm.killed[1] is 50 in the snapshot, 5 by the database" in told


def test_a_change_whose_checksum_was_put_right_is_found_by_the_database(store: Store, snapshot: Path) -> None:
    change(snapshot / "incidents.csv", "bombing", "shelling")
    manifest = json.loads((snapshot / "manifest.json").read_text(encoding="utf-8"))
    raw = (snapshot / "incidents.csv").read_bytes()
    import hashlib

    manifest["files"]["incidents.csv"] = {"sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw)}
    (snapshot / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert snapshots.verify(snapshot, None).same
    verdict = snapshots.verify(snapshot, store)
    assert 'kind is "shelling" in the snapshot, "bombing" by the database' in sentences(verdict)


ROWS: dict[str, tuple[str, str]] = {
    "a mention": ("UPDATE mention SET kind = 'shelling' WHERE kind = 'bombing'", "mention m-"),
    "words of a report": ("UPDATE report SET text = 'Nothing fell.' WHERE title = 'News c'", "report r-"),
    "a judgement's verdict": ("UPDATE judgement SET verdict = 'different'", "judgement 1 of the database"),
    "a judgement that is gone": ("DELETE FROM judgement", "judgement 1 is gone"),
    "a correction": ("UPDATE correction SET value = '\"disputed\"'", "correction 1 of the database"),
    "a correction's author": ("UPDATE correction SET \"by\" = 'user:eve'", "correction 1 of the database"),
    "a row that is no row": ("UPDATE mention SET harm = '{nonsense' WHERE kind = 'bombing'", "mention m-"),
    "a judgement from the past": (
        'INSERT INTO judgement ("left", "right", verdict, score, "by", reasons, at)'
        " SELECT \"left\", \"right\", 'different', 1, 'user:eve', '[]', '2024-05-01 08:00:30.000000' FROM judgement",
        "judgement 2 of the database has a moment before",
    ),
    "a withdrawal from the past": ("UPDATE judgement SET withdrawn_at = at", "judgement 1 of the database"),
}


@pytest.mark.parametrize(("statement", "named"), ROWS.values(), ids=ROWS)
def test_a_changed_row_of_the_database_is_named(
    store: Store, snapshot: Path, statement: str, named: str
) -> None:
    sql(store, statement)
    verdict = snapshots.verify(snapshot, store)
    assert not verdict.same
    assert named in sentences(verdict, "row")
    assert "changed after" not in sentences(verdict)


def test_a_later_withdrawal_is_no_difference(store: Store, snapshot: Path) -> None:
    row = store.judgements()[0]
    store.withdraw_judgements(row.left, row.right)
    refold(store)
    assert len(store.incidents()) == 3
    assert snapshots.verify(snapshot, store).same


@pytest.mark.parametrize("name", ["incidents.jsonl", "incidents.csv", "rows.csv", "manifest.json"])
def test_a_missing_file_is_named(store: Store, snapshot: Path, name: str) -> None:
    (snapshot / name).unlink()
    for against in (store, None):
        verdict = snapshots.verify(snapshot, against)
        assert not verdict.same
        assert f"{name} is missing" in sentences(verdict, "file")


def test_an_added_file_is_named(store: Store, snapshot: Path) -> None:
    (snapshot / "more.csv").write_text("x", encoding="utf-8")
    assert "more.csv is no file of the snapshot" in sentences(snapshots.verify(snapshot, store))


@pytest.mark.parametrize(
    ("part", "called"), [("coder", "the coder"), ("register", "the register of parties")]
)
def test_another_version_is_named(store: Store, snapshot: Path, part: str, called: str) -> None:
    manifest = json.loads((snapshot / "manifest.json").read_text(encoding="utf-8"))
    change(snapshot / "manifest.json", json.dumps(manifest["versions"][part]), '"rules@0"')
    verdict = snapshots.verify(snapshot, store)
    assert f"{called} is another: rules@0 in the snapshot" in sentences(verdict, "version")
    assert not verdict.same


def test_figures_of_the_manifest_are_checked(store: Store, snapshot: Path) -> None:
    change(snapshot / "manifest.json", '"mention": 3', '"mention": 4')
    assert "rows of each table" in sentences(snapshots.verify(snapshot, store), "row")


def test_lines_taken_out_put_in_or_spoiled_are_named(store: Store, snapshot: Path) -> None:
    path = snapshot / "incidents.jsonl"
    one, two = path.read_text(encoding="utf-8").splitlines()
    other = json.dumps({**json.loads(one), "id": "i-0000000000000000"})
    path.write_text(f"{one}\n{one}\n{other}\n{{oops\n[1]\n", encoding="utf-8")
    told = sentences(snapshots.verify(snapshot, store), "incident")
    assert f"incident {json.loads(two)['id']} is missing" in told
    assert "incident i-0000000000000000 does not follow from the database" in told
    assert "stands in it twice" in told
    assert "line 4 is no incident" in told
    assert "line 5 is no incident" in told


def test_another_chronicle_is_no_list_of_differences(snapshot: Path, tmp_path: Path) -> None:
    with open_store(tmp_path / "other.db", Clock()) as other:
        verdict = snapshots.verify(snapshot, other)
    assert [f.sort for f in verdict.findings if "another chronicle" in f.sentence] == ["row"]
    assert len(verdict.findings) == 1


# ---- hostile archives ------------------------------------------------------------------------------------


def _text(path: Path) -> None:
    path.write_text("just words", encoding="utf-8")


def _cut(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", "{}" * 5000)
    path.write_bytes(path.read_bytes()[:60])


@pytest.mark.parametrize("spoil", [_text, _cut])
def test_what_is_no_archive_is_refused(spoil: Callable[[Path], None], tmp_path: Path) -> None:
    spoil(tmp_path / "bad.zip")
    with pytest.raises(SourceError, match=r"bad\.zip"):
        snapshots.verify(tmp_path / "bad.zip", None)


@pytest.mark.parametrize(
    "manifest",
    [
        "",
        "[]",
        "{}",
        "[" * 100_000,
        '{"format":1,"moment":5}',
        '{"format":1,"moment":"2024-05-01","files":[]}',
    ],
)
def test_a_manifest_that_is_none_is_told(manifest: str, snapshot: Path, store: Store) -> None:
    (snapshot / "manifest.json").write_text(manifest, encoding="utf-8")
    verdict = snapshots.verify(snapshot, store)
    assert not verdict.same
    assert "manifest.json" in sentences(verdict)


def test_another_format_is_told(snapshot: Path, store: Store) -> None:
    change(snapshot / "manifest.json", '"format": 3', '"format": 4')
    assert "format 4" in sentences(snapshots.verify(snapshot, store), "version")


def test_a_tar_with_paths_and_links_writes_nothing(snapshot: Path, tmp_path: Path, store: Store) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    with tarfile.open(folder / "odd.tar", "w") as tar:
        for path in sorted(snapshot.iterdir()):
            tar.add(path, f"release/{path.name}")
        link = tarfile.TarInfo("release/extra")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        tar.addfile(link)
        info = tarfile.TarInfo("../../escaped")
        info.size = 1
        tar.addfile(info, io.BytesIO(b"x"))
    verdict = snapshots.verify(folder / "odd.tar", store)
    assert [f.sentence for f in verdict.findings] == [
        "../../escaped is no file of the snapshot; somebody added it"
    ]
    assert [p.name for p in folder.iterdir()] == ["odd.tar"]
    assert not (tmp_path / "escaped").exists()


# ---- forgetting ------------------------------------------------------------------------------------------


def forget(store: Store, title: str) -> str:
    """Forgets the report of a title."""
    report = next(r.id for r in store.reports() if r.title == title)
    store.forgetting.forget(report, "asked by a victim", "user:ana", review.LIKENESS)
    return report


def test_a_forgotten_report_is_told_as_that(store: Store, snapshot: Path) -> None:
    report = forget(store, "News a")
    verdict = snapshots.verify(snapshot, store)
    assert verdict.same, verdict.findings
    (note,) = verdict.findings
    assert note.sort == "note"
    assert "1 report was forgotten since" in note.sentence
    assert report in note.sentence


def test_its_words_never_come_back(store: Store, snapshot: Path, moment: datetime, tmp_path: Path) -> None:
    assert "nurse" in (snapshot / "incidents.jsonl").read_text(encoding="utf-8")
    forget(store, "News a")
    then = AsOf(store, moment)
    assert "nurse" not in repr(then.incidents())
    assert "nurse" not in repr(then.mentions(all_coders=True))
    made = snapshots.make(store, tmp_path / "again", moment)
    assert "nurse" not in "".join(p.read_text(encoding="utf-8") for p in made.path.iterdir())
    assert "News a" not in (made.path / "incidents.jsonl").read_text(encoding="utf-8")


def test_tampering_beside_forgetting_is_found(store: Store, snapshot: Path) -> None:
    forget(store, "News a")
    sql(store, "UPDATE mention SET kind = 'air_strike' WHERE kind = 'bombing'")
    change(snapshot / "incidents.jsonl", '"killed":[2,5,5]', '"killed":[2,50,50]')
    verdict = snapshots.verify(snapshot, store)
    assert not verdict.same
    assert sentences(verdict, "row").count("mention m-") == 1
    assert "harm.killed[1] is 50" in sentences(verdict, "incident")


@pytest.mark.parametrize("what", ["link", "pipe"])
def test_what_is_no_file_of_the_snapshot_is_not_read(
    store: Store, snapshot: Path, tmp_path: Path, what: str
) -> None:
    rows = snapshot / "rows.csv"
    rows.unlink()
    if what == "link":
        (tmp_path / "secret").write_text("do not show", encoding="utf-8")
        rows.symlink_to(tmp_path / "secret")
    else:
        os.mkfifo(rows)
    try:
        verdict = snapshots.verify(snapshot, store)
        said, same = " ".join(finding.sentence for finding in verdict.findings), verdict.same
    except SourceError as error:
        said, same = str(error), False
    assert not same
    assert "do not show" not in said
    assert "a link or no file" in said
