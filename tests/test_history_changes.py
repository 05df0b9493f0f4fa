"""The change feed: applied to what the data said first it gives what the data said last, and it says why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from history_sample import Step, histories
from store_sample import Clock, mention, recode, refold, report, said, tell
from tarikh.changes import Change, applied, changes, entry
from tarikh.errors import UsageError
from tarikh.model import Correction, Count
from tarikh.store import Store, open_store, to_json
from test_history import lived


@settings(max_examples=30, deadline=None)
@given(histories, st.integers(0, 20), st.integers(0, 20))
def test_changes_lead_from_one_state_to_the_other(steps: list[Step], first: int, last: int) -> None:
    with lived(steps) as past:
        one, two = sorted((first % len(past.seen), last % len(past.seen)))
        before, after = past.seen[one], past.seen[two]
        made = changes(past.store, before.at, after.at)
        assert applied(before.incidents, made) == sorted(after.incidents, key=lambda i: i.id)
        assert changes(past.store, before.at, after.at) == made
        assert len({c.id for c in made}) == len(made)
        for change in made:
            assert change.because, change
            assert all(before.at < cause.at <= after.at for cause in change.because)
            assert json.loads(json.dumps(entry(change)))["id"] == change.id
            for update in change.fields.values():
                assert update.before != update.after
                assert set(update.because) <= set(change.because)


class Told:
    """A chronicle and its clock."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store, self.clock = store, clock

    def since(self, moment: object) -> list[Change]:
        refold(self.store)
        return changes(self.store, moment, self.clock())  # type: ignore[arg-type]


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    clock = Clock()
    with open_store(tmp_path / "chronicle.db", clock) as store:
        yield Told(store, clock)


def test_a_new_report_is_new_and_names_itself(told: Told) -> None:
    start = told.clock()
    one = tell(told.store, "a")
    (change,) = told.since(start)
    assert (change.what, [c.report for c in change.because]) == ("new", [one.report_id])
    assert change.because[0].source == "The Herald"
    assert told.since(told.clock()) == []


def test_a_further_report_updates_a_field_from_one_value_to_another(told: Told) -> None:
    one = tell(told.store, "a", harm={"killed": Count(2, 2, 2)})
    refold(told.store)
    start = told.clock()
    two = tell(told.store, "b", harm={"killed": Count(5, 5, 5)})
    told.store.add_judgements([said(one, two, "same", "linker@1", 9.0)])
    (change,) = told.since(start)
    assert change.what == "updated"
    killed = change.fields["harm.killed"]
    assert (killed.before["best"], killed.after["best"]) == (2, 5)
    assert [c.report for c in killed.because] == [two.report_id]
    line = entry(change)
    assert line["fields"]["harm.killed"]["from"] == to_json(Count(2, 2, 2))
    assert line["because"][line["fields"]["harm.killed"]["because"][0]]["what"] == "report"


def test_people_merge_split_and_correct_and_are_named(told: Told) -> None:
    one, two = tell(told.store, "a"), tell(told.store, "b")
    first, second = (i.id for i in refold(told.store))
    start = told.clock()
    told.store.add_judgements([said(one, two, "same", "user:ana")])
    merged = {c.id: c for c in told.since(start)}
    assert (merged[second].what, merged[second].others) == ("merged", (first,))
    assert [(c.by, c.detail) for c in merged[second].because] == [("user:ana", "same")]
    assert merged[first].what == "updated"
    assert set(merged[first].fields) >= {"members"}
    start = told.clock()
    told.store.withdraw_judgements(one.id, two.id, "user:ana")
    told.store.add_correction(Correction(one.id, "kind", "bombing", "user:ben", told.clock(), "a mine"))
    split = {c.id: c for c in told.since(start)}
    assert (split[second].what, split[second].others) == ("split", (first,))
    assert split[second].because[0].withdrawn
    kind = split[first].fields["kind"]
    assert (kind.before, kind.after) == ("shelling", "bombing")
    assert [(c.by, c.note) for c in kind.because] == [("user:ben", "a mine")]
    assert [c.what for c in split[first].fields["members"].because] == ["judgement"]


def test_what_the_new_coder_does_not_find_is_withdrawn(told: Told) -> None:
    one = tell(told.store, "a")
    (old,) = refold(told.store)
    start = told.clock()
    told.store.add_mentions(one.report_id, "rules@2", [])
    (change,) = told.since(start)
    assert (change.what, change.id, change.incident) == ("withdrawn", old.id, None)
    assert [(c.what, c.by) for c in change.because] == [("coding", "rules@2")]


def test_coding_anew_is_an_update_of_the_same_incident(told: Told) -> None:
    one = tell(told.store, "a")
    refold(told.store)
    start = told.clock()
    recode(told.store, one, "rules@2", kind="bombing")
    (change,) = told.since(start)
    assert change.what == "updated"
    assert [(c.what, c.by) for c in change.fields["kind"].because] == [("coding", "rules@2")]


def test_a_new_version_withdraws_what_the_old_one_told(told: Told) -> None:
    for text in ("Shells fell on Monday.", "Shells fell on Sunday."):
        start = told.clock()
        added = report("v", text, url="https://news.example/1")
        told.store.add_report(added)
        told.store.add_mentions(added.id, "rules@1", [mention(added)])
        found = told.since(start)
    assert sorted(c.what for c in found) == ["new", "withdrawn"]
    assert {cause.report for c in found for cause in c.because} == {added.id}


def test_an_incident_stands_in_for_one_whose_founding_is_gone(told: Told) -> None:
    one, two = tell(told.store, "a"), tell(told.store, "b")
    told.store.add_judgements([said(one, two, "same", "user:ana")])
    (old,) = refold(told.store)
    start = told.clock()
    told.store.add_mentions(one.report_id, "rules@2", [])
    found = {c.what: c for c in told.since(start)}
    assert set(found) == {"new", "merged"}
    assert found["merged"].others == (found["new"].id,)
    assert entry(found["new"])["instead_of"] == [old.id]


def test_an_interval_that_ends_before_it_begins_is_refused(told: Told) -> None:
    later = told.clock()
    with pytest.raises(UsageError, match="swap"):
        changes(told.store, told.clock(), later)
