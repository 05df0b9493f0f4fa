"""What a snapshot covers to the last column and key; and what came back after it was forgotten is no tampering."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from store_sample import Clock, mention, report
from tarikh import link, review, snapshots
from tarikh.errors import SourceError, UsageError
from tarikh.evaluation import read_rows
from tarikh.model import Mention, Report
from tarikh.pipeline import relink
from tarikh.snapshots import making
from tarikh.snapshots.container import container
from tarikh.store import Store, digests, open_store
from test_history_snapshots import sentences, sql
from test_independence import OTHER, STORY


def tell(store: Store, name: str, text: str) -> tuple[Report, Mention]:
    one = report(name, text, source=f"Outlet {name}", origin=f"{name}.txt")
    store.add_report(one)
    store.add_fingerprints({one.id: link.printed(one)})
    found = replace(mention(one, 0, 6, attribution="a nurse"), details=(7_000, 8_000))
    return one, store.add_mentions(one.id, "rules@1", [found])[0]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "chronicle.db", Clock()) as opened:
        for name, text in (("a", STORY), ("b", f"{STORY} More of it."), ("c", OTHER)):
            tell(opened, name, text)
        relink(opened)
        yield opened


@pytest.fixture
def moment(store: Store) -> datetime:
    return store.past().now()


@pytest.fixture
def snapshot(store: Store, moment: datetime, tmp_path: Path) -> Path:
    return snapshots.make(store, tmp_path / "release", moment).path


def forget(store: Store, name: str) -> str:
    key = next(r.id for r in store.reports() if r.title == f"News {name}")
    review.forget(store, key, "ana", "asked by a victim")
    return key


def add_again(store: Store, name: str, text: str, **fields: Any) -> None:
    """As `tarikh add --again` does, from another file."""
    one = report(name, text, source=f"Outlet {name}", origin="other.txt", **fields)
    found = replace(mention(one, 0, 6, attribution="a nurse"), details=(7_000, 8_000))
    assert store.forgetting.remember(one, [found], "user:ben")
    store.add_fingerprints({one.id: link.printed(one)})
    relink(store)


# ---- every column and key ----------------------------------------------------------------------------------


ROWS = {
    "details": ("UPDATE mention SET details = x'0102030405060708' WHERE rowid = 1", "mention m-"),
    "details gone": ("UPDATE mention SET details = NULL WHERE rowid = 2", "mention m-"),
    "a fingerprint": ("UPDATE fingerprint SET shingles = x'01020304' WHERE rowid = 1", "fingerprint r-"),
    "its agency": ("UPDATE fingerprint SET credit = 'Reuters' WHERE rowid = 1", "fingerprint r-"),
    "its copies": ("UPDATE fingerprint SET copies = '[\"r-1\"]' WHERE rowid = 1", "fingerprint r-"),
    "a fingerprint that is gone": ("DELETE FROM fingerprint WHERE rowid = 1", "fingerprint r-"),
    "a tombstone from the past": (
        "INSERT INTO tombstone (report_id, reason, \"by\", at) SELECT id, 'x', 'user:eve', '2024-05-01 08:00:30.000000'"
        " FROM report LIMIT 1",
        "tombstone 1 of the database has a moment before",
    ),
}


@pytest.mark.parametrize(("statement", "named"), ROWS.values(), ids=ROWS)
def test_a_changed_row_is_named(store: Store, snapshot: Path, statement: str, named: str) -> None:
    assert snapshots.verify(snapshot, store).findings == ()
    sql(store, statement)
    verdict = snapshots.verify(snapshot, store)
    assert not verdict.same
    assert named in sentences(verdict, "row")


def test_a_public_release_names_nobody_who_coded(store: Store, tmp_path: Path) -> None:
    for number, name in enumerate(("zenobia", "omar")):
        told = report(f"by-{number}", f"{STORY} Part {number}.", source="Outlet", origin=f"{number}.txt")
        store.add_report(told)
        store.add_mentions(told.id, f"person:{name}", [mention(told, 0, 6, coder=f"person:{name}")])
    relink(store)
    moment = store.past().now()
    public = snapshots.make(store, tmp_path / "public", moment, level="public").path
    assert not [file for file in public.iterdir() if b"zenobia" in file.read_bytes()]
    assert (
        json.loads((public / "manifest.json").read_text(encoding="utf-8"))["coders"]["person:[withheld]"] == 2
    )
    assert snapshots.verify(public, store).findings == ()


@pytest.mark.parametrize("key", making.KEYS)
def test_every_key_of_the_manifest_is_compared(store: Store, snapshot: Path, key: str) -> None:
    path = snapshot / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    changed: dict[str, Any] = {
        "format": 1,
        "moment": "2024-05-01T08:00:30+00:00",
        "notice": "All of this is proven.",
        "versions": {**manifest["versions"], "coder": "rules@0"},
        "coders": {"rules@1": 7},
        "settings": {**manifest["settings"], "rule": "highest"},
        "incidents": 50,
        "rows": {**manifest["rows"], "sha256": "0" * 64},
        "forgotten": 3,
        "files": {**manifest["files"], "rows.csv": {"sha256": "0" * 64, "bytes": 5}},
    }
    path.write_text(json.dumps({**manifest, key: changed[key]}), encoding="utf-8")
    assert not snapshots.verify(snapshot, store).same
    path.write_text(json.dumps({k: v for k, v in manifest.items() if k != key}), encoding="utf-8")
    assert not snapshots.verify(snapshot, store).same
    path.write_text(json.dumps({**manifest, "proof": "yes"}), encoding="utf-8")
    assert "proof is no key" in sentences(snapshots.verify(snapshot, store), "file")


@pytest.mark.parametrize("number", [1, 2])
def test_a_snapshot_of_an_older_format_is_still_verified(
    store: Store, moment: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(making, "FORMAT", number)
    monkeypatch.setattr(
        making,
        "write_rows",
        lambda s, p, t, progress=None, form=number, write=making.write_rows: write(s, p, t, progress, form),
    )
    past = type(store.past())
    monkeypatch.setattr(
        past, "counts", lambda self, then, form=number, count=past.counts: count(self, then, form)
    )
    old = snapshots.make(store, tmp_path / "old", moment).path
    assert ("fingerprint" in (old / "rows.csv").read_text(encoding="utf-8")) == (number > 1)
    assert "source_role" not in (old / "manifest.json").read_text(encoding="utf-8")
    monkeypatch.undo()
    (source, *_) = (each.name for each in store.source_roles.known())
    assert store.source_roles.say(source, "party", "user:ana")
    assert snapshots.verify(old, store).findings == ()
    sql(store, "UPDATE mention SET kind = 'bombing'")
    assert "mention m-" in sentences(snapshots.verify(old, store), "row")


def test_the_first_format_has_the_columns_that_it_had() -> None:
    assert "details" not in digests.COLUMNS[1]["mention"]
    assert set(digests.COLUMNS[2]) - set(digests.COLUMNS[1]) == {"fingerprint", "tombstone"}


# ---- added again -------------------------------------------------------------------------------------------


def test_forgotten_before_and_added_again_after_is_no_tampering(store: Store, tmp_path: Path) -> None:
    key = forget(store, "b")
    made = snapshots.make(store, tmp_path / "without", store.past().now())
    assert json.loads((made.path / "manifest.json").read_text(encoding="utf-8"))["forgotten"] == 1
    add_again(store, "b", f"{STORY} More of it.")
    verdict = snapshots.verify(made.path, store)
    assert verdict.same, verdict.findings
    (note,) = verdict.findings
    assert note.sort == "note"
    assert "added again on purpose" in note.sentence
    assert key in note.sentence
    assert "user:ben" in note.sentence


def test_forgotten_and_added_again_after_is_no_tampering(store: Store, snapshot: Path) -> None:
    forget(store, "b")
    add_again(store, "b", f"{STORY} More of it.")
    verdict = snapshots.verify(snapshot, store)
    assert verdict.same, verdict.findings
    assert "added again on purpose" in sentences(verdict, "note")
    forget(store, "b")
    verdict = snapshots.verify(snapshot, store)
    assert verdict.same, verdict.findings
    assert "forgotten since" in sentences(verdict, "note")


def test_tampering_beside_it_is_found(store: Store, snapshot: Path) -> None:
    forget(store, "b")
    add_again(store, "b", f"{STORY} More of it.")
    sql(store, "UPDATE mention SET kind = 'bombing' WHERE source = 'Outlet b'")
    assert "kind" in sentences(snapshots.verify(snapshot, store), "incident")
    sql(store, "UPDATE mention SET kind = 'shelling', details = NULL WHERE source = 'Outlet a'")
    assert "mention m-" in sentences(snapshots.verify(snapshot, store), "row")


def test_what_people_said_of_a_forgotten_mention_is_still_compared(store: Store, tmp_path: Path) -> None:
    home = next(i for i in store.incidents() if "Outlet b" in i.sources)
    review.correct(store, home.id, "killed", "3", "ana", "hospital list")
    made = snapshots.make(store, tmp_path / "later", store.past().now()).path
    for name in "abc":
        forget(store, name)
    assert snapshots.verify(made, store).same
    sql(store, "UPDATE correction SET note = 'no list at all'")
    assert "correction 1" in sentences(snapshots.verify(made, store), "row")


def test_a_fingerprint_made_later_is_no_difference(store: Store, tmp_path: Path) -> None:
    late = report("d", OTHER.replace("Nine", "Ten"), source="Outlet d")
    store.add_report(late)
    made = snapshots.make(store, tmp_path / "later", store.past().now()).path
    store.add_fingerprints({late.id: link.printed(late)})
    verdict = snapshots.verify(made, store)
    assert verdict.same, verdict.findings


# ---- names and files that cannot be -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["x.rar", "x.7z", "X.GZ", "x.tar.bz2", "x.tar.xz", "x.jsonl", "x.db", "x.2025.zst"]
)
def test_an_unknown_archive_is_refused(store: Store, moment: datetime, tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"ends in \.zip, \.tar, \.tar\.gz or \.tgz"):
        snapshots.make(store, tmp_path / name, moment)
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("name", ["release-2025.03", "v1.2", "x.final", "rar", ".hidden"])
def test_a_folder_may_have_a_dot_in_its_name(
    store: Store, moment: datetime, tmp_path: Path, name: str
) -> None:
    assert snapshots.make(store, tmp_path / name, moment).path.is_dir()


def test_what_cannot_be_read_is_told_without_numbers(
    store: Store, snapshot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (snapshot / "rows.csv").unlink()
    (snapshot / "rows.csv").mkdir()
    told = sentences(snapshots.verify(snapshot, store))
    assert f"rows.csv of {snapshot} cannot be read: rows.csv is a link or no file" in told

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "incidents.csv")

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(SourceError, match=r"cannot be read: permission denied$"), container(snapshot) as held:
        held.opened("incidents.csv").__enter__()
    monkeypatch.setattr(Path, "iterdir", refused)
    with pytest.raises(SourceError, match=r"\(permission denied\)"):
        snapshots.verify(snapshot, None)


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "there is no file"), ("folder", "is a folder"), (b"\xff\xfe", ":1 is not UTF-8")],
)
def test_a_labelled_file_that_is_none_is_told_in_words(
    tmp_path: Path, content: str | bytes | None, told: str
) -> None:
    path = tmp_path / "gold.jsonl"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        path.mkdir()
    with pytest.raises(UsageError, match=told) as raised:
        read_rows(path)
    assert "Errno" not in str(raised.value)
