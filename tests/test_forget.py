"""Forgetting a report: its words are nowhere in the file, what was coded of it stays, and it does not come back unasked."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from conftest import REPORTS, Tarikh, json_lines
from store_sample import Clock, mention, recode, report
from tarikh import review
from tarikh.errors import UsageError
from tarikh.model import Evidence, Fingerprint, Phrase, Problem, Span
from tarikh.pipeline import relink
from tarikh.store import Store, open_store

SECRET = "Zaliha"
"""A word of the report that must be nowhere afterwards."""


def secret(name: str = "a", **fields: Any) -> Any:
    return report(name, f"Shells fell on the house of {SECRET} Dembélé on Monday, {SECRET} said.", **fields)


def words_of(store: Store) -> bytes:
    """All bytes of the database and its log."""
    path = Path(store.path)
    log = path.with_name(path.name + "-wal")
    return path.read_bytes() + (log.read_bytes() if log.exists() else b"")


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with open_store(tmp_path / "t.db", Clock()) as opened:
        yield opened


def told(store: Store, **fields: Any) -> Any:
    """A report whose words stand in every place where words are kept."""
    one = secret(
        title=f"{SECRET} speaks",
        url=f"https://example.org/{SECRET}",
        given_id=f"n-{SECRET}",
        origin=f"{SECRET}.txt",
        **fields,
    )
    store.add_report(one)
    span = Span("text", 28, 34)
    found = mention(one, 0, 6)
    evidence = {**found.evidence, "attribution": Evidence((span,), (SECRET,), 0.7, f"{SECRET} said")}
    phrases = {"targets": (Phrase(SECRET, (span,), SECRET),)}
    from dataclasses import replace

    found = replace(found, attribution=SECRET, evidence=evidence, phrases=phrases)
    kept = store.add_mentions(one.id, "rules@1", [found])[0]
    store.add_problems([Problem("extract", f"cannot read {SECRET}", one.origin, report_id=one.id)])
    relink(store)
    return one, kept


def test_no_word_of_it_is_left_in_the_file(store: Store) -> None:
    one, kept = told(store)
    assert SECRET.encode() in words_of(store)
    before = store.incidents()[0]
    done = review.forget(store, one.id, "ana", "names a witness")
    assert "rebuilt" in done.sentence
    assert SECRET.encode() not in words_of(store)
    assert SECRET.lower().encode() not in words_of(store)
    after = store.incidents()[0]
    assert (after.id, after.members, after.kind, after.where) == (
        before.id,
        before.members,
        before.kind,
        before.where,
    )
    left = store.mentions(ids=[kept.id])[0]
    assert (left.trigger, left.attribution, left.phrases) == ("", None, {})
    assert all(not each.spans and not each.words and not each.reason for each in left.evidence.values())
    assert left.evidence["attribution"].confidence == 0.7
    bare = store.report(one.id)
    assert (bare.title, bare.text, bare.url, bare.origin, bare.given_id) == ("", "", None, None, None)
    assert (bare.source, bare.published) == (one.source, one.published)
    stone = store.forgetting.tombstones()[0]
    assert (stone.report_id, stone.reason, stone.by) == (one.id, "names a witness", "user:ana")


def test_all_versions_and_all_coders_are_erased(store: Store) -> None:
    first, kept = told(store)
    recode(store, kept, "rules@2")
    second = report("later", f"{SECRET} was here on Tuesday.", url=first.url)
    store.add_report(second)
    assert len(store.versions(first.id)) == 2
    review.forget(store, first.id, "ana", "asked for")
    assert SECRET.encode() not in words_of(store)
    assert {stone.report_id for stone in store.forgetting.tombstones()} == {first.id, second.id}


def test_what_is_forgotten_is_not_coded_anew(store: Store) -> None:
    one, kept = told(store)
    review.forget(store, one.id, "ana", "asked for")
    assert list(store.reports(not_coded_by="rules@9")) == []
    assert [each.id for each in store.mentions()] == [kept.id]


def test_what_people_said_of_its_mentions_stays(store: Store) -> None:
    one, _ = told(store)
    home = store.incidents()[0].id
    review.correct(store, home, "killed", "3", "ana")
    review.accept(store, home, "ana")
    review.forget(store, one.id, "ben", "asked for")
    shown = store.incidents()[0]
    assert (shown.review, shown.harm["killed"].best) == ("accepted", 3)


def test_twice_is_told_and_finishes_what_broke_off(store: Store) -> None:
    one, _ = told(store)
    store.forgetting.forget(
        one.id, "asked for", "user:ana", review.LIKENESS
    )  # the process died before it folded and rebuilt
    assert store.stats().folded is False
    again = review.forget(store, one.id, "ben", "asked for")
    assert "already" in again.sentence
    assert store.stats().folded
    assert len(store.forgetting.tombstones()) == 1
    assert SECRET.encode() not in words_of(store)


def test_a_busy_file_is_said_to_be_not_rebuilt(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    one, _ = told(store)
    monkeypatch.setattr("tarikh.store.opening.BUSY_SECONDS", 0.1)
    reader = sqlite3.connect(store.path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM report").fetchone()
    try:
        done = review.forget(store, one.id, "ana", "asked for")
    finally:
        reader.close()
    assert "type the same again" in done.sentence
    assert store.report(one.id).text == ""


@pytest.mark.parametrize(
    ("name", "reason", "advice"),
    [
        ("r-unknown", "x", "no report"),
        ("", "x", "no report"),
        ("a", " ", "--reason"),
        ("a", "x" * 2001, "2000"),
        ("a", "x\x1b[2J", "control"),
    ],
)
def test_wrong_input_is_refused(store: Store, name: str, reason: str, advice: str) -> None:
    with pytest.raises(UsageError, match=advice):
        review.forget(store, name, "ana", reason)


def test_an_id_of_two_reports_is_asked_back(store: Store) -> None:
    for name in "ab":
        store.add_report(report(name, given_id="line-1"))
    with pytest.raises(UsageError, match="several reports"):
        review.forget(store, "line-1", "ana", "x")


def test_it_does_not_come_back_unasked(tarikh: Tarikh, tmp_path: Path) -> None:
    rows = [{**REPORTS[0], "url": "https://example.org/c1"}]
    path = json_lines(tmp_path / "r.jsonl", rows)
    edited = json_lines(tmp_path / "edited.jsonl", [{**rows[0], "title": "An ambush near Ménaka"}])
    assert tarikh("add", path).code == 0
    before = tarikh("list", "--json").json()
    assert tarikh("forget", "c1", "--reason", "names a witness", "--by", "ana").code == 0
    bare = tarikh("list", "--json").json()
    assert [each["members"] for each in bare] == [each["members"] for each in before]
    assert "motorcycles" not in json.dumps(bare)
    for again in (path, edited):
        refused = tarikh("add", again)
        assert "names a witness" in refused.err
        assert "--again" in refused.err
        assert tarikh("list", "--json").json() == bare
    for name in ("out.html", "out.jsonl"):  # as a level that would show the words, were they there
        assert tarikh("export", name, "--disclosure", "full").code == 0
    assert "soldiers, a security source" not in Path("out.html").read_text(encoding="utf-8")
    assert "forgotten" in tarikh("show", bare[0]["id"]).out
    assert tarikh("add", "--again", path).code == 0
    assert tarikh("list", "--json").json() == before
    assert "1 known" in tarikh("add", path).err


# ---- at the edges ------------------------------------------------------------------------------------------


def test_what_was_being_coded_while_it_was_forgotten_is_not_kept(store: Store) -> None:
    one, kept = told(store)
    review.forget(store, one.id, "ana", "names a witness")
    again = mention(one, 0, 6, coder="rules@2")
    assert store.add_mentions(one.id, "rules@2", [again]) == []
    assert SECRET.encode() not in words_of(store)
    assert [m.id for m in store.mentions()] == [kept.id]


def test_back_again_it_has_its_names_and_its_fingerprint(store: Store) -> None:
    from dataclasses import replace

    from tarikh import link

    one = secret(url="https://example.org/a")
    store.add_report(one)
    printed = link.fingerprint(one.title, one.text, one.source)
    store.add_fingerprints({one.id: printed})
    found = replace(mention(one, 0, 6), details=(7_000, 8_000), terms=(9_000,))
    store.add_mentions(one.id, "rules@1", [found])
    relink(store)
    review.forget(store, one.id, "ana", "names a witness")
    assert store.mentions()[0].details == store.mentions()[0].terms == ()
    assert store.fingerprints([one.id]) == {one.id: Fingerprint()}
    store.add_fingerprints({one.id: printed})  # as it was being coded while it was forgotten
    assert store.fingerprints([one.id]) == {one.id: Fingerprint()}
    assert store.forgetting.remember(one, [found], "user:ana")
    store.add_fingerprints({one.id: printed})
    relink(store)
    assert (store.mentions()[0].details, store.mentions()[0].terms) == ((7_000, 8_000), (9_000,))
    assert store.fingerprints([one.id]) == {one.id: printed}


def test_problems_of_other_files_are_left_alone(store: Store) -> None:
    one, _ = told(
        store,
    )
    other = Problem("read", "an empty text", "other.jsonl:1", report_id=one.given_id)
    store.add_problems([other])
    review.forget(store, one.id, "ana", "names a witness")
    assert [p.reason for p in store.problems() if p.origin == "other.jsonl:1"] == ["an empty text"]


def test_an_older_version_is_known_by_its_own_tombstone(store: Store) -> None:
    first, second = (
        secret(url="https://example.org/a"),
        report("a", "Shells fell.", url="https://example.org/a"),
    )
    store.add_report(first)
    store.add_report(second)
    review.forget(store, second.id, "ana", "names a witness")
    stone = store.forgetting.of(first)
    assert stone is not None
    assert stone.report_id == first.id
