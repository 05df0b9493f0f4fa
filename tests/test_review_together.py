"""Several people at once: an act and its refold are kept together or not at all, and never on what has changed unseen."""

from __future__ import annotations

import multiprocessing
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import Tarikh
from store_sample import Clock, mention, report, said, tell
from tarikh import pipeline, queries, relinking, review
from tarikh.errors import StaleError, StoreError, UsageError
from tarikh.model import Count, Where
from tarikh.review_queue import queue
from tarikh.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "t.db", Clock()) as opened:
        yield opened


def home_of(store: Store, name: str = "a", **fields: Any) -> str:
    """An incident of one report."""
    told = tell(store, name, **fields)
    pipeline.relink(store)
    return store.acts.homes([told.id])[told.id]


def breaks(*_: object, **__: object) -> Any:
    raise ValueError("a row that no fold can read")


# ---- one transaction -------------------------------------------------------------------------------------------

ACTS: dict[str, Callable[[Store, str, str], object]] = {
    "accept": lambda store, one, _: review.accept(store, one, "ana"),
    "reject": lambda store, one, _: review.reject(store, one, "ana", "a drill"),
    "correct": lambda store, one, _: review.correct(store, one, "killed", "3", "ana"),
    "same": lambda store, one, two: review.same(store, one, two, "ana"),
    "different": lambda store, one, two: review.different(store, one, two, "ana"),
    "merge": lambda store, one, two: review.merge(store, one, two, "ana"),
    "undo": lambda store, *_: review.undo(store, "ben"),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_where_folding_fails_nothing_of_the_act_is_kept_and_it_is_said(
    act: Callable[[Store, str, str], object], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = home_of(store, "a"), home_of(store, "b", where=Where("MLI", precision="country"))
    review.correct(store, two, "kind", "bombing", "ben")
    before = store.acts.log(), store.incidents()
    with monkeypatch.context() as patch:
        patch.setattr(relinking.link, "fold", breaks)
        with pytest.raises(StoreError, match=r"not kept.*no fold can read.*tarikh relink"):
            act(store, one, two)
    assert (store.acts.log(), store.incidents()) == before
    assert store.stats().folded
    act(store, one, two)
    assert store.acts.log() != before[0]


# ---- what was seen ---------------------------------------------------------------------------------------------


def test_an_act_on_what_has_changed_is_refused_with_who_did_what_and_keeps_nothing(store: Store) -> None:
    home = home_of(store)
    seen = queries.show(store, home).version
    review.correct(store, home, "killed", "5", "ben", "hospital")
    with pytest.raises(StaleError, match=r"user:ben said harm.killed is 5,5,5.*c1") as caught:
        review.accept(store, home, "ana", seen=seen)
    assert (caught.value.incident, caught.value.now, len(caught.value.changes)) == (home, home, 1)
    assert [act.by for act in store.acts.log()] == ["user:ben"]
    assert review.accept(store, home, "ana", seen=store.version(home)).rows


def test_what_was_taken_back_or_came_in_since_is_told(store: Store) -> None:
    home = home_of(store)
    review.correct(store, home, "killed", "5", "ben")
    seen = store.version(home)
    review.undo(store, "ben")
    with pytest.raises(StaleError, match="user:ben took back c1"):
        review.accept(store, home, "ana", seen=seen)
    seen = store.version(home)
    other = tell(store, "b")
    review.same(store, store.incident(home).founder, other.id, "ben")
    with pytest.raises(StaleError, match=r"said same.*report r-.* of The Herald was coded"):
        review.reject(store, home, "ana", "a drill", seen=seen)


def test_an_incident_that_is_part_of_another_now_is_told(store: Store) -> None:
    one, two = home_of(store, "a"), home_of(store, "b")
    seen = store.version(two)
    review.merge(store, one, two, "ben")
    with pytest.raises(StaleError, match=f"part of {one} now"):
        review.accept(store, two, "ana", seen=seen)


def test_both_sides_of_a_judgement_can_be_bound(store: Store) -> None:
    one, two = home_of(store, "a"), home_of(store, "b")
    seen = f"{store.version(one)},{store.version(two)}"
    review.accept(store, two, "ben")
    with pytest.raises(StaleError, match=two):
        review.merge(store, one, two, "ana", seen=seen)
    for act in (review.merge, review.same, review.different):
        with pytest.raises(UsageError, match=f"on incident {two} as well"):
            act(store, one, two, "ana", seen=store.version(one))
    both = f"{store.version(two)},{store.version(one)}"
    assert review.merge(store, one, two, "ana", seen=both).rows


def test_a_version_of_another_incident_or_none_at_all_is_refused(store: Store) -> None:
    one, two = home_of(store, "a"), home_of(store, "b")
    with pytest.raises(UsageError, match=f"of incident {two}"):
        review.accept(store, one, "ana", seen=store.version(two))
    for text in ("", "x", f"{one}@zz-1", f"{store.version(one)}.1", "i-" + "9" * 5000):
        with pytest.raises(UsageError, match="no version"):
            review.accept(store, one, "ana", seen=text)
    review.accept(store, one, "ana")
    with pytest.raises(StaleError):
        review.undo(store, "ana", seen=_older(store, one))
    assert store.acts.log(standing=True)
    assert review.undo(store, "ana", seen=store.version(one)).rows


def _older(store: Store, home: str) -> str:
    seen = store.version(home)
    review.correct(store, home, "killed", "4", "ben")
    return seen


def test_of_many_threads_on_one_version_one_passes(store: Store) -> None:
    home = home_of(store)
    seen, passed, stale = store.version(home), [], []
    start = threading.Barrier(6)

    def act(number: int) -> None:
        start.wait()
        try:
            passed.append(review.correct(store, home, "killed", str(number), f"p{number}", seen=seen))
        except StaleError as error:
            stale.append(error)

    threads = [threading.Thread(target=act, args=(number,)) for number in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert (len(passed), len(stale), len(store.acts.log())) == (1, 5, 1)


def _act(path: str, home: str, seen: str, number: int) -> str:
    with open_store(path) as own:
        try:
            review.correct(own, home, "killed", str(number), f"p{number}", seen=seen)
        except StaleError:
            return "stale"
    return "kept"


def test_of_two_processes_on_one_version_one_passes(store: Store) -> None:
    home = home_of(store)
    calls = [(str(store.path), home, store.version(home), number) for number in range(2)]
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert sorted(pool.starmap(_act, calls)) == ["kept", "stale"]


# ---- merging, splitting ----------------------------------------------------------------------------------------


def _two_places(store: Store) -> tuple[list[str], list[str]]:
    """Two incidents of two mentions each, in places far from each other."""
    made = []
    for town, latitude in (("Gao", 16.3), ("Mopti", 14.5)):
        where = Where("MLI", town, None, town, latitude, -1.0, "exact")
        pair = [tell(store, f"{town} {n}", where=where).id for n in range(2)]
        pipeline.relink(store)
        review.same(store, *pair, "ana")
        made.append(pair)
    return made[0], made[1]


def test_a_merge_takes_all_members_and_is_undone_as_one(store: Store) -> None:
    left, right = _two_places(store)
    before = store.incidents()
    one, two = (store.acts.homes(pair)[pair[0]] for pair in (left, right))
    done = review.merge(store, one, two, "ben")
    assert [set(each.members) for each in store.incidents()] == [{*left, *right}]
    assert done.incidents == (one,)
    review.undo(store, "ben")
    assert store.incidents() == before
    with pytest.raises(UsageError, match="mention"):
        review.merge(store, left[0], two, "ben")
    with pytest.raises(UsageError, match="one incident already"):
        review.merge(store, one, one, "ben")


def test_members_are_split_off_in_one_act_and_undone_as_one(store: Store) -> None:
    left, right = _two_places(store)
    home = store.acts.homes(left)[left[0]]
    review.merge(store, home, store.acts.homes(right)[right[0]], "ana")
    whole = store.incidents()
    done = review.split(store, home, right, "ben", "the day before")
    assert len(done.rows) == 4
    assert {frozenset(each.members) for each in store.incidents()} == {frozenset(left), frozenset(right)}
    review.undo(store, "ben")
    assert store.incidents() == whole
    for keys, told in (([], "not all"), ([*left, *right], "not all"), (["m-00000000"], "no mention")):
        with pytest.raises(UsageError, match=told):
            review.split(store, home, keys, "ben")


# ---- the queue -------------------------------------------------------------------------------------------------


def test_pages_of_the_queue_are_the_queue_whatever_is_settled_between(store: Store) -> None:
    for number in range(9):
        harm = {"killed": Count(10 + number // 3, 10 + number // 3, 10 + number // 3)}
        tell(
            store,
            f"n{number}",
            harm=harm,
            where=Where("MLI", None, None, f"P{number}", number, number, "exact"),
        )
    pipeline.relink(store)
    whole = queue(store, limit=50)
    assert [item.why for item in whole].count("high harm") == 9
    assert [item.use for item in whole] == sorted((item.use for item in whole), reverse=True)
    found, after = [], None
    while page := queue(store, after=after, limit=2):
        found += page
        after = page[-1].cursor
        for item in page:  # what was shown may be settled
            review.accept(store, item.incidents[0], "ana")
    assert [item.key for item in found] == [item.key for item in whole]
    assert queue(store) == []


def test_doubtful_links_come_once_for_two_incidents_whatever_the_page(store: Store) -> None:
    places = [Where("MLI", None, None, f"P{n}", n, n, "exact") for n in range(4)]
    told = [tell(store, f"n{n}", where=places[n % 4]) for n in range(4)]
    pipeline.relink(store)
    for score, (one, two) in zip((4.5, 4.1, 3.5), ((0, 1), (1, 2), (2, 3)), strict=True):
        store.add_judgements([said(told[one], told[two], "unsure", relinking.LINKER, score)])
    review.same(store, told[0].id, told[2].id, "ana")  # now the first two are of the same two incidents
    whole = [item for item in queue(store, limit=50) if item.why == "uncertain link"]
    assert [round(item.use, 2) for item in whole] == [56.07, 52.23]
    page = queue(store, after=whole[0].cursor, limit=50)
    assert [item.key for item in page if item.why == "uncertain link"] == [whole[1].key]
    review.different(store, told[0].id, told[1].id, "ana")
    left = [item.about for item in queue(store, limit=50) if item.why == "uncertain link"]
    assert left == [tuple(sorted((told[2].id, told[3].id)))], (
        "two incidents that a person keeps apart are settled"
    )


@pytest.mark.parametrize(
    "cursor", ["", "x", "[1]", '["a","b",[]]', "[" * 9000, '[NaN,"a",[]]', "{}", '[1,"a",[2]]']
)
def test_what_is_no_cursor_is_refused(cursor: str, store: Store) -> None:
    with pytest.raises(UsageError, match="place in the queue"):
        queue(store, after=cursor)


def test_old_rows_of_people_are_found_by_what_became_of_their_mentions(store: Store) -> None:
    told = report("a")
    store.add_report(told)
    old = store.add_mentions(told.id, "rules@1", [mention(told)])[0]
    pipeline.relink(store)
    home = store.acts.homes([old.id])[old.id]
    review.correct(store, home, "killed", "5", "ana")
    store.add_mentions(told.id, "rules@2", [mention(told, 6, 11, "rules@2")])
    pipeline.relink(store)
    assert review.correct(store, home, "killed", "6", "ben").conflicts
    assert review.undo(store, "ana").incidents == (home,)


# ---- the command line ------------------------------------------------------------------------------------------


def test_relink_says_what_it_did(chronicle: Path, tarikh: Tarikh, tmp_path: Path) -> None:
    path = tmp_path / "own.db"
    with sqlite3.connect(chronicle) as source, sqlite3.connect(path) as target:
        source.backup(target)
    assert "nothing waits" in tarikh("relink", "--db", path).err
    done = tarikh("relink", "--whole", "--db", path)
    assert (done.code, done.out) == (0, "")
    assert "incidents, as before" in done.err
    key = tarikh("list", "--db", path, "--json").json()[0]["id"]
    seen = tarikh("show", key, "--db", path, "--json").json()["version"]
    assert seen in tarikh("show", key, "--db", path).out
    act = ("review", "accept", key, "--db", path, "--by", "ana", "--if-unchanged", seen)
    assert tarikh(*act).code == 0
    refused = tarikh("review", "reject", *act[2:], "--note", "x")
    assert refused.code == 1
    assert "user:ana said accepted" in refused.sentence()


@pytest.mark.parametrize("words", [("correct", "i-1234", "killed", "-1"), ("undo", "-1")])
def test_a_number_below_0_is_told_as_such(words: tuple[str, ...], tarikh: Tarikh) -> None:
    done = tarikh("review", *words)
    assert done.code == 2
    assert "-1 is below 0" in done.sentence()


def test_an_empty_variable_is_none(tarikh: Tarikh, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TARIKH_DATABASE", "")
    assert str(tmp_path / "home" / "tarikh.db") in tarikh("list").sentence()
