"""The store: nothing is kept twice, people's work and public ids lead on for ever."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from store_sample import START, Clock, made, mention, recode, refold, replace_incidents, report, said, tell
from tarikh import link
from tarikh.errors import StoreError, UnknownIdError
from tarikh.model import (
    Claim,
    Correction,
    Count,
    Judgement,
    Problem,
    When,
    Where,
)
from tarikh.store import Filter, Store, open_store, successors


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chronicle.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with open_store(path, Clock()) as opened:
        yield opened


# ---- adding ----------------------------------------------------------------------------------------------


def test_adding_twice_changes_nothing(store: Store) -> None:
    told = report("a")
    found = [mention(told), mention(told, 16, 19)]
    assert store.add_report(told) is True
    first = store.add_mentions(told.id, "rules@1", found)
    before = store.stats()
    assert store.add_report(told) is False
    assert store.add_mentions(told.id, "rules@1", found) == first
    assert store.stats() == before
    assert store.mentions() == first
    assert [replace(m, recorded_at=None) for m in first] == sorted(found, key=lambda m: m.id)


def test_the_moment_of_recording_is_that_of_the_clock_at_first_insertion(store: Store) -> None:
    kept = tell(store, "a", recorded_at=datetime(1999, 1, 1, tzinfo=UTC))
    assert kept.recorded_at is not None
    assert START < kept.recorded_at < START + timedelta(hours=1)
    again = store.add_mentions(kept.report_id, "rules@1", [mention(store.report(kept.report_id))])
    assert again[0].recorded_at == kept.recorded_at


def test_a_clock_elsewhere_is_kept_in_utc(path: Path) -> None:
    elsewhere = datetime(2024, 5, 1, 12, tzinfo=timezone(timedelta(hours=3)))
    with open_store(path, lambda: elsewhere) as store:
        kept = tell(store, "a")
    assert kept.recorded_at == elsewhere
    assert str(kept.recorded_at) == "2024-05-01 09:00:00+00:00"


def test_a_report_that_gave_no_mention_is_coded(store: Store) -> None:
    told = report("quiet")
    store.add_report(told)
    assert not store.is_coded(told.id, "rules@1")
    assert store.add_mentions(told.id, "rules@1", []) == []
    assert store.is_coded(told.id, "rules@1")
    assert not store.is_coded(told.id, "rules@2")
    assert list(store.reports(not_coded_by="rules@1")) == []
    assert list(store.reports(not_coded_by="rules@2")) == [told]


def test_a_changed_text_is_a_new_version(store: Store) -> None:
    first = report("a", "Two died.", url="https://news.example/1")
    second = report("a", "Three died.", url="https://news.example/1")
    other = report("b", "Two died.", url="https://news.example/1", source="The Globe")
    for each in (first, second, other):
        assert store.add_report(each)
    assert store.versions(first.id) == store.versions(second.id) == [first, second]
    assert store.versions(other.id) == [other]
    assert store.report(first.id) == first


def test_reports_without_an_address_are_no_versions_of_each_other(store: Store) -> None:
    one, two = report("a", "One."), report("a", "Two.")
    store.add_report(one)
    store.add_report(two)
    assert store.versions(two.id) == [two]


def test_reports_come_in_the_order_of_recording_whatever_the_page(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tarikh.store.store.PAGE", 3)
    told = [report(str(n)) for n in range(10)]
    for each in told:
        store.add_report(each)
    assert list(store.reports()) == told
    assert list(store.reports(ids=[told[7].id, "r-none", told[2].id])) == [told[2], told[7]]


def test_others_may_write_while_reports_are_read(store: Store) -> None:
    store.add_report(report("a"))
    source = store.reports()
    assert next(source) == report("a")
    store.add_report(report("b"))
    assert list(source) == [report("b")]


def test_one_moment_for_all_still_pages_through(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tarikh.store.store.PAGE", 2)
    with open_store(path, lambda: START) as store:
        told = [report(str(n)) for n in range(7)]
        for each in told:
            store.add_report(each)
        assert sorted(r.id for r in store.reports()) == sorted(r.id for r in told)


def test_reports_by_the_id_that_their_file_gave(store: Store) -> None:
    older, newer = report("a", "Old.", given_id="n-1"), report("a", "New.", given_id="n-1")
    store.add_report(older)
    store.add_report(newer)
    assert store.report_by_given_id("n-1") == newer
    with pytest.raises(UnknownIdError, match="no report"):
        store.report_by_given_id("n-2")
    with pytest.raises(UnknownIdError, match="no report"):
        store.report("r-\ud800")


def test_mentions_need_their_report_and_their_own_ids(store: Store) -> None:
    told = report("a")
    with pytest.raises(UnknownIdError, match="add the report before"):
        store.add_mentions(told.id, "rules@1", [mention(told)])
    store.add_report(told)
    with pytest.raises(StoreError, match="not one of coder"):
        store.add_mentions(told.id, "rules@2", [mention(told)])
    twins = [mention(told), replace(mention(told), kind="bombing")]
    with pytest.raises(StoreError, match="one id"):
        store.add_mentions(told.id, "rules@1", twins)
    assert not store.is_coded(told.id, "rules@1")
    assert store.mentions() == []


def test_mentions_of_some_reports_and_of_some_ids(store: Store) -> None:
    one, two, three = (tell(store, name) for name in "abc")
    assert store.mentions([two.report_id]) == [two]
    assert store.mentions(ids=[three.id, one.id, "m-none"]) == [one, three]
    assert store.mentions([two.report_id], [one.id, two.id]) == [two]
    assert store.mentions([]) == []


def test_problems_of_a_document_are_kept_once_and_of_a_source_each_time(store: Store) -> None:
    of_line = Problem("reading", "the text is empty", "news.jsonl", 12)
    of_report = Problem("extract", "it failed", report_id="r-1", at=START)
    of_source = Problem("sources", "no answer within 20 s", "https://news.example/feed")
    assert store.add_problems([of_line, of_line, of_report, of_source]) == 3
    assert store.add_problems([of_line, of_report, of_source]) == 1
    kept = store.problems()
    assert [p.stage for p in kept] == ["reading", "extract", "sources", "sources"]
    assert kept[1].at == START
    assert all(p.at is not None for p in kept)


# ---- what is said ----------------------------------------------------------------------------------------


def test_judgements_are_kept_once_and_a_changed_mind_is_a_new_row(store: Store) -> None:
    one, two = tell(store, "a"), tell(store, "b")
    rule = said(one, two, "same", "linker@1", 2.5)
    assert store.add_judgements([rule]) == 1
    assert store.add_judgements([rule, replace(rule, left=rule.right, right=rule.left)]) == 0
    same, different = said(one, two, "same"), said(one, two, "different")
    assert [store.add_judgements([j]) for j in (same, same, different, different, same)] == [1, 0, 1, 0, 1]
    kept = store.judgements()
    assert [j.verdict for j in kept] == ["same", "same", "different", "same"]
    assert all(j.at is not None for j in kept)
    assert store.add_judgements(kept) == 0


def test_what_is_withdrawn_no_longer_counts_and_stays(store: Store) -> None:
    one, two = tell(store, "a"), tell(store, "b")
    store.add_judgements([said(one, two, "same"), said(one, two, "same", "linker@1")])
    fixed = Correction(one.id, "kind", "bombing", "user:ana", START)
    assert store.add_correction(fixed)
    assert not store.add_correction(fixed)
    assert store.withdraw_judgements(two.id, one.id, "user:bo") == 0
    assert store.withdraw_judgements(two.id, one.id) == 1
    assert store.withdraw_corrections(one.id, "status") == 0
    assert store.withdraw_corrections(one.id, "kind", "user:ana") == 1
    assert [j.by for j in store.current_judgements()] == ["linker@1"]
    assert store.current_corrections() == []
    assert [j.withdrawn_at is None for j in store.judgements()] == [False, True]
    assert replace(store.corrections()[0], withdrawn_at=None) == fixed
    assert store.add_judgements([said(one, two, "same")]) == 1


def test_nothing_is_said_of_mentions_that_are_not_there(store: Store) -> None:
    one = tell(store, "a")
    with pytest.raises(UnknownIdError, match="m-none"):
        store.add_judgements([Judgement(one.id, "m-none", "same", 1.0, "user:ana")])
    with pytest.raises(UnknownIdError, match="m-none"):
        store.add_correction(Correction("m-none", "kind", "riot", "user:ana", START))
    assert store.judgements() == []


@pytest.mark.parametrize(
    "value",
    [
        None,
        "riot",
        3,
        ("JNIM", "ISWAP"),
        Count(3, 3, None),
        When(date(2024, 3, 1)),
        Where("MLI"),
        {"start": "2024-03-01"},
    ],
)
def test_corrections_keep_values_of_any_field(store: Store, value: Any) -> None:
    one = tell(store, "a")
    fixed = Correction(one.id, "kind", value, "user:ana", START, "see the second report")
    store.add_correction(fixed)
    assert store.current_corrections() == [fixed]


def test_unlinked_mentions_are_found_again_after_a_broken_run(store: Store) -> None:
    one, two = tell(store, "a"), tell(store, "b")
    assert store.unlinked("linker@1") == [one, two]
    store.add_judgements([], compared=[one, one], by="linker@1")
    assert store.unlinked("linker@1") == [two]
    store.add_judgements([said(one, two, "same", "linker@1")], [one, two], "linker@1")
    assert store.unlinked("linker@1") == []
    assert store.unlinked("linker@2") == [one, two]


# ---- coding anew -----------------------------------------------------------------------------------------


def test_the_latest_coder_is_current_and_older_rows_stay(store: Store) -> None:
    old = tell(store, "a")
    (new,) = recode(store, old, "rules@2")
    assert new.succeeds == old.id
    assert store.mentions() == [new]
    assert store.mentions(all_coders=True) == [old, new]
    store.add_mentions(old.report_id, "rules@3", [])
    assert store.mentions() == []


def test_people_are_heard_of_the_successors_and_rules_are_not(store: Store) -> None:
    one, two = tell(store, "a"), tell(store, "b")
    store.add_judgements([said(one, two, "different"), said(one, two, "same", "linker@1", 4.0)])
    store.add_correction(Correction(one.id, "kind", "bombing", "user:ana", START))
    for coder in ("rules@2", "rules@3"):
        (newest,) = recode(store, one, coder)
    ends = tuple(sorted((newest.id, two.id)))
    (heard,) = store.current_judgements()
    assert ((heard.left, heard.right), heard.verdict, heard.by) == (ends, "different", "user:ana")
    (fixed,) = store.current_corrections()
    assert (fixed.mention_id, fixed.value) == (newest.id, "bombing")
    assert store.orphans() == []
    assert store.withdraw_judgements(newest.id, two.id) == 1
    assert store.withdraw_corrections(newest.id, "kind") == 1


def test_corrections_hold_through_a_recoding_and_its_fold(store: Store) -> None:
    one = tell(store, "a")
    store.add_correction(Correction(one.id, "harm.killed", 4, "user:ana", START))
    (before,) = refold(store)
    recode(store, one, "rules@2", kind="bombing")
    (after,) = refold(store)
    assert after.id == before.id
    assert (after.kind, after.harm["killed"]) == ("bombing", Count(4, 4, 4))
    assert store.incident(before.id) == after


def test_work_without_successor_is_listed_and_taken_up_by_a_later_coder(store: Store) -> None:
    one, two = tell(store, "a"), tell(store, "b")
    store.add_judgements([said(one, two, "same"), said(one, two, "same", "linker@1")])
    store.add_correction(Correction(one.id, "kind", "bombing", "user:ana", START))
    recode(store, one, "rules@2", start=16, end=19)
    assert store.current_judgements() == []
    assert store.current_corrections() == []
    lost = store.orphans()
    assert [orphan.lost for orphan in lost] == [(one.id,), (one.id,)]
    assert [type(orphan.record) for orphan in lost] == [Judgement, Correction]
    assert store.stats().orphans == 2
    (found,) = recode(store, one, "rules@3")
    assert found.succeeds == one.id
    assert store.orphans() == []
    assert [c.mention_id for c in store.current_corrections()] == [found.id]


def test_two_told_as_one_keep_both_their_corrections_and_a_contradicted_person_is_asked(store: Store) -> None:
    told = report("a")
    store.add_report(told)
    one, two = store.add_mentions(told.id, "rules@1", [mention(told, 0, 6), mention(told, 7, 11)])
    store.add_judgements([said(one, two, "different")])
    for each in (one, two):
        store.add_correction(Correction(each.id, "kind", "bombing", "user:ana", START))
    (both,) = store.add_mentions(told.id, "rules@2", [mention(told, 0, 11, coder="rules@2")])
    assert both.succeeds in (one.id, two.id)
    assert [c.mention_id for c in store.current_corrections()] == [both.id, both.id]
    (orphan,) = store.orphans()
    assert orphan.lost == tuple(sorted((one.id, two.id)))
    assert "one event" in orphan.reason


def test_a_shared_trigger_is_told_apart_by_place() -> None:
    told = report("a")
    places = [Where("MLI", place=name) for name in ("Ansongo", "Bourem")]
    old = [mention(told, where=where) for where in places]
    new = [mention(told, coder="rules@2", where=where) for where in reversed(places)]
    assert successors(old, new) == {old[0].id: new[1].id, old[1].id: new[0].id}
    assert successors(old, new[:1]) == {old[1].id: new[0].id, old[0].id: new[0].id}
    assert successors(old[:1], new) == {old[0].id: new[1].id}
    assert successors(old, []) == successors([], new) == {}
    assert successors([mention(told, 0, 6)], [mention(told, 6, 11)]) == {}


# ---- incidents and their ids -----------------------------------------------------------------------------


def test_incidents_come_back_as_they_were_put_in(store: Store) -> None:
    one, two = tell(store, "a"), tell(store, "b")
    claim = Claim(
        "harm.killed", Count(3, 3, None), one.id, one.report_id, None, None, "a medic", ("three",), True
    )
    fixed = Correction(one.id, "targets", ("Civilians (Mali)",), "user:ana", START)
    whole = made(
        "i-aaaa1111",
        two,
        one,
        attackers=("JNIM",),
        when=When(date(2024, 3, 1), date(2024, 3, 2), "day", "weekday"),
        where=Where("MLI", "Gao", None, "Ansongo", 15.66, 0.5, "near", 12),
        harm={"killed": Count(3, 3, None), "injured": Count(0, 0, 0)},
        sources=("The Herald",),
        support={"harm.killed": (one.id,)},
        ledger=(claim, replace(claim, field="date", value=When(date(2024, 3, 1)))),
        judgements=(said(one, two, "same"),),
        corrections=(fixed,),
        review="accepted",
        absorbed=("i-bbbb2222",),
        confidence=0.75,
    )
    replace_incidents(store, [whole])
    assert store.incidents() == [whole]
    replace_incidents(store, [replace(whole, review="rejected")])
    assert store.incident(whole.id).review == "rejected"
    replace_incidents(store, [])
    assert store.incidents() == []


def test_a_figure_beyond_all_measure_is_kept_as_told(store: Store) -> None:
    one = tell(store, "a")
    absurd = made("i-aaaa1111", one, harm={"killed": Count(10**30, 10**30, 10**30)})
    replace_incidents(store, [absurd])
    assert store.incidents(Filter(minimum_killed=10)) == [absurd]


def test_redirects_lead_on_through_chains_for_ever(store: Store) -> None:
    one, two, three = (tell(store, name) for name in "abc")
    a, b, c = (made(f"i-{key}{key}", m) for key, m in (("aaaa", one), ("bbbb", two), ("cccc", three)))
    replace_incidents(store, [a, b, c])
    replace_incidents(store, [a, made(b.id, two, three)])
    assert store.incident(c.id).id == b.id
    replace_incidents(store, [made(a.id, one, two, three)])
    assert store.incident(c.id).id == store.incident(b.id).id == store.incident("i-cccc").id == a.id
    assert store.redirects(a.id) == (b.id, c.id)
    for _ in range(2):
        replace_incidents(store, [made(a.id, one, two, three)])
        assert store.redirects(a.id) == (b.id, c.id)


def test_after_a_split_a_former_id_follows_its_founding_mention(store: Store) -> None:
    one, two, three = (tell(store, name) for name in "abc")
    a, b, c = (made(f"i-{key}{key}", m) for key, m in (("aaaa", one), ("bbbb", two), ("cccc", three)))
    replace_incidents(store, [a, b, c])
    replace_incidents(store, [made(a.id, one, two, three)])
    replace_incidents(store, [a, made(b.id, two, three)])
    assert store.incident(b.id).members == (two.id, three.id)
    assert store.incident(c.id).id == b.id
    assert store.redirects(a.id) == ()
    replace_incidents(store, [a, b, c])
    assert [store.incident(each.id) for each in (a, b, c)] == [a, b, c]
    assert store.redirects(b.id) == ()


def test_some_incidents_are_replaced_and_the_others_stay(store: Store) -> None:
    one, two, three = (tell(store, name) for name in "abc")
    a, b, c = (made(f"i-{key}{key}", m) for key, m in (("aaaa", one), ("bbbb", two), ("cccc", three)))
    replace_incidents(store, [a, b, c])
    joined = made(a.id, one, two)
    replace_incidents(store, [joined], partial=True)
    assert sorted(i.id for i in store.incidents()) == [a.id, c.id]
    assert store.incident(b.id) == joined
    (new,) = recode(store, three, "rules@2")
    fresh = made("i-dddddddd", new)
    replace_incidents(store, [fresh], partial=True)
    assert store.incident(c.id) == fresh


def test_an_id_whose_event_is_no_longer_told_says_so(store: Store) -> None:
    one = tell(store, "a")
    (gone,) = refold(store)
    store.add_mentions(one.report_id, "rules@2", [])
    assert refold(store) == []
    with pytest.raises(UnknownIdError, match="no more"):
        store.incident(gone.id)
    recode(store, one, "rules@3")
    (back,) = refold(store)
    assert store.incident(gone.id) == back


def test_fold_and_store_agree_on_former_ids(store: Store) -> None:
    told = [tell(store, name) for name in "abcd"]
    separate = refold(store)
    assert len(separate) == 4
    store.add_judgements([said(told[0], told[3], "same"), said(told[3], told[2], "same")])
    folded = refold(store)
    whole = next(i for i in folded if len(i.members) == 3)
    assert whole.id == link.incident_id(told[0].id)
    assert whole.absorbed == store.redirects(whole.id)
    assert len(whole.absorbed) == 2
    store.withdraw_judgements(told[0].id, told[3].id)
    later = refold(store)
    assert {store.incident(link.incident_id(told[n].id)).id for n in (2, 3)} == {link.incident_id(told[2].id)}
    assert all(i.absorbed == store.redirects(i.id) for i in later)


def test_ids_may_be_shortened_as_long_as_they_are_clear(store: Store) -> None:
    one, two = tell(store, "a"), tell(store, "b")
    a, b = made("i-1234aaaa", one), made("i-1234bbbb", two)
    replace_incidents(store, [a, b])
    assert store.incident("i-1234a") == a
    for wanted, words in [
        ("i-1234", "2 incidents"),
        ("i-1", "too short"),
        ("i-9999", "no incident"),
        ("i-12_4", "no incident"),
        ("", "too short"),
        ("i-é\udc80aa", "no incident"),
    ]:
        with pytest.raises(UnknownIdError, match=words):
            store.incident(wanted)
    replace_incidents(store, [made(a.id, one, two)])
    assert store.incident("i-1234").id == a.id


def test_an_older_fold_does_not_overwrite_a_newer_one(store: Store) -> None:
    tell(store, "a")
    stale = store.basis()
    tell(store, "b")
    refold(store)
    assert store.stats().folded
    assert replace_incidents(store, link.fold(stale.mentions, ()), stale) is False
    assert len(store.incidents()) == 2
    tell(store, "c")
    assert not store.stats().folded


def test_broken_incidents_change_nothing(store: Store) -> None:
    one = tell(store, "a")
    kept = made("i-aaaa1111", one)
    replace_incidents(store, [kept])
    strange = replace(mention(report("z")), id="m-none")
    for broken in (
        [made("i-b", one), made("i-b", one)],
        [made("i-b", one), made("i-c", one)],
        [made("i-b", strange)],
    ):
        with pytest.raises(StoreError):
            replace_incidents(store, broken)
        assert store.incidents() == [kept]


def test_stats_say_what_is_there(store: Store) -> None:
    tell(store, "a")
    refold(store)
    store.add_problems([Problem("reading", "empty")])
    assert str(store.stats()) == "1 reports, 1 mentions, 1 incidents, 1 problems"
