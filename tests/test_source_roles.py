"""What people say that sources are: kept for ever, taken back, heard by every fold of now and of then, and nowhere else.

Invariant: what is asked wrongly is one sentence and changes nothing.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from conftest import Tarikh
from store_sample import Clock, mention, refold, report, said, set_back
from tarikh import disclosure, pipeline, queries, review, snapshots, source_roles
from tarikh.api.v1 import changed
from tarikh.changes import Change, applied, changes, entry
from tarikh.disclosure import MARK
from tarikh.disclosure.sight import Sight
from tarikh.errors import StoreError, UnknownIdError, UsageError
from tarikh.history import AsOf
from tarikh.link import fold
from tarikh.model import Count, Incident, Mention
from tarikh.queries import show
from tarikh.store import Store, open_store
from tarikh.store.digests import COLUMNS
from tarikh.store.records import Records
from tarikh.web import past

ARMY, HERALD, OFFICE = "Army Press Service", "The Herald", "Office for Human Rights"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    with open_store(tmp_path / "t.db", clock) as opened:
        yield opened


def tell(store: Store, name: str, source: str, killed: int = 12, day: int = 7) -> Mention:
    told = report(name, source=source, published=date(2024, 5, day))
    store.add_report(told)
    fields = {"attackers": ("Military of Mali",), "harm": {"killed": Count(killed, killed, killed)}}
    return store.add_mentions(told.id, "rules@1", [mention(told, **fields)])[0]


def alone(store: Store) -> Incident:
    """An incident of which one source alone tells."""
    tell(store, "a", ARMY)
    return one(store)


def one(store: Store) -> Incident:
    pipeline.relink(store)
    (found,) = store.incidents()
    return found


def two(store: Store) -> Incident:
    """An incident that two sources tell of, with two figures; the newer one is the press's."""
    first, second = tell(store, "a", OFFICE, 9), tell(store, "b", HERALD, 20, day=9)
    store.add_judgements([said(first, second, "same")])
    return one(store)


# ---- what it changes -------------------------------------------------------------------------------------


def test_what_a_party_alone_tells_is_claimed_until_it_is_taken_back(store: Store) -> None:
    before = alone(store)
    assert before.status == "reported"
    done = source_roles.say(store, ARMY, "party", "ana", "it is the army's own")
    assert done.incidents == (before.id,)
    assert "of the 1 that it tells of, 1 incident changed" in done.sentence
    (after,) = store.incidents()
    assert (after.id, after.status) == (before.id, "claimed")
    assert after.confidence < before.confidence
    assert store.stats().folded
    source_roles.say(store, ARMY, "none", "ben")
    assert store.incidents() == [before]


def test_a_monitor_s_figure_is_preferred_to_a_newer_one(store: Store) -> None:
    before = two(store)
    assert before.harm["killed"].best == 20
    source_roles.say(store, OFFICE, "monitor", "ana")
    (after,) = store.incidents()
    assert after.harm["killed"] == Count(9, 9, 20)
    assert after.confidence > before.confidence
    source_roles.say(store, OFFICE, "none", "ana")
    assert store.incidents() == [before]


def test_what_comes_in_later_is_heard_by_the_role_as_well(store: Store) -> None:
    alone(store)
    source_roles.say(store, ARMY, "party", "ana")
    later = tell(store, "later", ARMY)
    pipeline.relink(store)
    assert store.incident(link_id(store, later)).status == "claimed"


def link_id(store: Store, told: Mention) -> str:
    return store.acts.homes([told.id])[told.id]


def test_only_incidents_of_the_source_are_folded_anew(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(store, "a", ARMY)
    for number in range(5):
        tell(store, f"b{number}", HERALD)
    pipeline.relink(store)
    folded: list[str | None] = []
    monkeypatch.setattr(
        "tarikh.link.fold",
        lambda rows, *a, **k: folded.extend(m.source for m in rows) or fold(rows, *a, **k),
    )
    source_roles.say(store, ARMY, "party", "ana")
    assert folded == [ARMY]


def test_whatever_code_adds_a_row_its_mentions_wait_to_be_folded(store: Store) -> None:
    before = alone(store)
    assert store.source_roles.say(ARMY, "party", "user:ana")
    assert not store.stats().folded
    assert store.incidents() == [before]
    pipeline.relink(store)
    assert store.incidents()[0].status == "claimed"
    assert store.stats().folded


def test_parts_and_the_whole_give_the_same(store: Store) -> None:
    two(store)
    tell(store, "c", ARMY)
    for source, role in ((OFFICE, "monitor"), (ARMY, "party"), (HERALD, "authority"), (ARMY, "press")):
        source_roles.say(store, source, role, "ana")
        parts = store.incidents()
        assert sorted(refold(store), key=lambda i: i.id) == sorted(parts, key=lambda i: i.id)
        pipeline.relink(store, whole=True)
        assert store.incidents() == parts


def test_show_tells_the_role_and_the_standing_that_follows(store: Store) -> None:
    found = alone(store)
    assert show(store, found.id).roles == {}
    source_roles.say(store, ARMY, "party", "ana")
    view = show(store, found.id)
    assert view.roles == {ARMY: "party"}
    assert view.standing is not None
    assert (view.standing.status, view.standing.confidence) == ("claimed", view.incident.confidence)


def test_a_rule_that_hears_no_party_does_not_hear_the_source(store: Store) -> None:
    two(store)
    source_roles.say(store, HERALD, "party", "ana")
    (found,) = queries.find(store, queries.Filter(), "without-parties")
    assert found.harm["killed"].best == 9
    assert show(store, found.id, "without-parties").incident.harm["killed"].best == 9


# ---- how it is kept --------------------------------------------------------------------------------------


def test_the_newest_word_counts_and_the_same_word_changes_nothing(store: Store) -> None:
    alone(store)
    assert source_roles.say(store, ARMY, "party", "ana", "its own").incidents
    state, revision = store.incidents(), store.basis().revision
    again = source_roles.say(store, ARMY, " Party ", "ben")
    assert again.sentence.startswith(f"nothing new: {ARMY} is party already, said by user:ana on 2024-05-01")
    assert (store.incidents(), store.basis().revision) == (state, revision)
    source_roles.say(store, ARMY, "press", "ben")
    assert store.roles() == {ARMY: "press"}
    with sqlite3.connect(store.path) as raw:
        rows = raw.execute('SELECT source, role, "by", note FROM source_role ORDER BY id').fetchall()
    assert rows == [(ARMY, "party", "user:ana", "its own"), (ARMY, "press", "user:ben", "")]


def test_what_was_never_said_cannot_be_taken_back(store: Store) -> None:
    alone(store)
    assert source_roles.say(store, ARMY, "none", "ana").sentence == (
        f"nothing new: {ARMY} has no role that could be taken back"
    )
    source_roles.say(store, ARMY, "press", "ana")
    source_roles.say(store, ARMY, "none", "ben")
    assert "was taken back by user:ben" in source_roles.say(store, ARMY, "none", "ana").sentence


def test_sources_are_listed_with_reports_and_the_last_word(store: Store) -> None:
    two(store)
    tell(store, "c", HERALD)
    source_roles.say(store, OFFICE, "monitor", "ana", "of the UN")
    first, second = source_roles.listed(store)
    assert (first.name, first.reports, first.role) == (HERALD, 2, None)
    assert (second.name, second.reports, second.role) == (OFFICE, 1, "monitor")
    assert second.said is not None
    assert (second.said.by, second.said.note) == ("user:ana", "of the UN")
    assert [each.name for each in source_roles.listed(store, "HUMAN")] == [OFFICE]
    assert source_roles.listed(store, "ministry") == []


@pytest.mark.parametrize(
    "name", ["Ärzte\u0301 im Feld", "\ud800 Radio", "a\0b", "'; DROP TABLE source_role; --", "𝔓" * 300]
)
def test_any_name_is_compared_to_the_letter(store: Store, name: str) -> None:
    tell(store, "a", name)
    tell(store, "b", ARMY)
    pipeline.relink(store)
    source_roles.say(store, name, "party", "ana")
    assert store.roles() == {name: "party"}
    assert {i.status: i.sources for i in store.incidents()} == {"claimed": (name,), "reported": (ARMY,)}


@pytest.mark.parametrize(
    ("source", "role", "by", "words"),
    [
        ("army press", "party", "ana", "near it are: Army Press Service"),
        ("Army Press Servcie", "party", "ana", "near it are: Army Press Service"),
        ("Ministry of Health", "authority", "ana", "see: tarikh sources"),
        ("", "party", "ana", "no report is of a source called ''"),
        ("\x1b[31m" * 1000, "party", "ana", "no report is of a source called"),
        (ARMY, "partie", "ana", "did you mean party?"),
        (ARMY, "", "ana", "there are: monitor, press, authority, party, none"),
        (ARMY, "party", " ", "the name of who says it is empty"),
    ],
)
def test_what_is_said_wrongly_is_refused_and_changes_nothing(
    store: Store, source: str, role: str, by: str, words: str
) -> None:
    before = alone(store)
    with pytest.raises(UsageError) as refused:
        source_roles.say(store, source, role, by)
    assert words in str(refused.value)
    assert "\x1b" not in str(refused.value)
    with pytest.raises(UsageError, match="note has"):
        source_roles.say(store, ARMY, "party", "ana", "x" * 3000)
    assert (store.incidents(), store.roles()) == ([before], {})


def test_the_store_knows_no_role_of_a_source_that_it_has_not(store: Store) -> None:
    with pytest.raises(UnknownIdError, match="no report is of a source called 'Radio'"):
        store.source_roles.say("Radio", "party", "user:ana")


def test_where_folding_fails_the_word_is_kept_and_that_is_said(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone(store)

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("no")

    with monkeypatch.context() as patch:
        patch.setattr("tarikh.link.fold", broken)
        with pytest.raises(StoreError, match="is kept, but the incidents could not be computed anew"):
            source_roles.say(store, ARMY, "party", "ana")
    pipeline.relink(store)
    assert store.incidents()[0].status == "claimed"


def test_a_database_of_before_is_upgraded_and_heard(tmp_path: Path) -> None:
    with open_store(tmp_path / "old.db", Clock()) as store:
        before = alone(store)
    set_back(tmp_path / "old.db", "0016")
    with open_store(tmp_path / "old.db", Clock()) as store:
        assert store.incidents() == [before]
        source_roles.say(store, ARMY, "party", "ana")
        assert store.incidents()[0].status == "claimed"


# ---- in time ---------------------------------------------------------------------------------------------


def test_the_past_has_the_roles_of_then(store: Store, clock: Clock) -> None:
    before = alone(store)
    first = clock()
    source_roles.say(store, ARMY, "party", "ana")
    second, after = clock(), store.incidents()
    source_roles.say(store, ARMY, "none", "ana")
    third = clock()
    assert AsOf(store, first).incidents() == AsOf(store, third).incidents() == [before]
    assert AsOf(store, second).incidents() == after
    statuses = [show(AsOf(store, then), before.id) for then in (first, second, third)]
    assert [view.incident.status for view in statuses] == ["reported", "claimed", "reported"]
    assert [view.roles for view in statuses] == [{}, {ARMY: "party"}, {}]


def test_changes_name_who_said_it_and_of_what(store: Store, clock: Clock) -> None:
    before = alone(store)
    tell(store, "other", HERALD)
    pipeline.relink(store)
    start = clock()
    source_roles.say(store, ARMY, "party", "ana", "its own")
    (change,) = changes(store, start, clock())
    assert (change.what, change.id) == ("updated", before.id)
    status = change.fields["status"]
    assert (status.before, status.after) == ("reported", "claimed")
    (cause,) = status.because
    assert (cause.what, cause.by, cause.source, cause.detail, cause.note, cause.withdrawn) == (
        *("role", "user:ana", ARMY, "party", "its own"),
        False,
    )
    assert entry(change)["because"][0]["mentions"] == list(before.members)
    middle = clock()
    source_roles.say(store, ARMY, "none", "ben")
    (back,) = changes(store, middle, clock())
    assert [(c.what, c.by, c.detail, c.withdrawn) for c in back.because] == [("role", "user:ben", None, True)]
    assert changes(store, start, clock()) == []
    assert applied([before], [change, back]) == [before]


def test_a_role_is_no_cause_of_fields_that_it_cannot_change(store: Store, clock: Clock) -> None:
    first = tell(store, "a", ARMY)
    one(store)
    start = clock()
    second = tell(store, "b", HERALD)
    store.add_judgements([said(first, second, "same", "linker@1", 9.0)])
    source_roles.say(store, ARMY, "party", "ana")
    (change,) = (c for c in changes(store, start, clock()) if c.what == "updated")
    assert {c.what for c in change.because} == {"report", "role"}
    assert {c.what for c in change.fields["members"].because} == {"report"}
    assert "role" in {c.what for c in change.fields["confidence"].because}


def updated(store: Store, clock: Clock) -> Change:
    alone(store)
    start = clock()
    source_roles.say(store, ARMY, "party", "ana", "a secret")
    (change,) = changes(store, start, clock())
    return change


@pytest.mark.parametrize("level", ["public", "partner"])
def test_below_full_nothing_is_told_of_it(store: Store, clock: Clock, level: disclosure.Level) -> None:
    change = updated(store, clock)
    told = changed.entry(change, Sight(None, level, datetime(2024, 6, 1, tzinfo=UTC)), None)  # type: ignore[arg-type]
    (cause,) = told["because"]
    assert cause.keys() == {"what", "at", "by"}
    assert "ana" not in json.dumps(told)
    assert "secret" not in json.dumps(told)
    view = show(store, change.id)
    shown = disclosure.disclosed(view, level, datetime(2024, 6, 1, tzinfo=UTC)).view
    assert shown.roles == {}


def test_a_page_of_changes_ends_at_a_word_as_at_any_row(store: Store, clock: Clock) -> None:
    alone(store)
    start = clock()
    source_roles.say(store, ARMY, "party", "ana")
    between = clock()
    source_roles.say(store, ARMY, "none", "ana")
    assert start < Records(store).until(start, clock(), 1) < between


# ---- snapshots -------------------------------------------------------------------------------------------


def test_snapshots_before_and_after_are_verified_and_tampering_is_found(store: Store, tmp_path: Path) -> None:
    alone(store)
    old = snapshots.make(store, tmp_path / "old", store.past().now(), level="full").path
    source_roles.say(store, ARMY, "party", "ana", "zenobia")
    new = snapshots.make(store, tmp_path / "new", store.past().now(), level="full").path
    public = snapshots.make(store, tmp_path / "public", store.past().now(), level="public").path
    source_roles.say(store, ARMY, "none", "ana")
    for path in (old, new, public):
        assert snapshots.verify(path, store).findings == ()
    counts = {
        path.name: json.loads((path / "manifest.json").read_text(encoding="utf-8"))["rows"]["counts"]
        for path in (old, new, public)
    }
    assert (counts["old"]["source_role"], counts["new"]["source_role"]) == (0, 1)
    assert "source_role" not in counts["public"], "a word so short would be told by its checksum"
    shown = b"".join(file.read_bytes() for file in public.iterdir())
    for secret in (b"zenobia", b"user:ana", b"source_role"):
        assert secret not in shown
    with sqlite3.connect(store.path) as raw:
        raw.execute("UPDATE source_role SET role = 'monitor' WHERE id = 1")
    assert snapshots.verify(old, store).same
    found = [f.sentence for f in snapshots.verify(new, store).findings]
    assert any("source role 1 of the database is not what it was" in sentence for sentence in found)
    for path in (new, public):
        assert any("incidents.jsonl" in f.sentence for f in snapshots.verify(path, store).findings)


def test_older_formats_have_the_tables_that_they_had() -> None:
    assert set(COLUMNS[3]) - set(COLUMNS[2]) == {"source_role"}
    assert all(COLUMNS[3][name] == columns for name, columns in COLUMNS[2].items())


# ---- on the pages ----------------------------------------------------------------------------------------


def test_the_page_of_the_past_gives_the_change_to_who_said_it(store: Store, clock: Clock) -> None:
    tell(store, "a", HERALD)
    pipeline.relink(store)
    source_roles.say(store, HERALD, "press", "ana")  # before the incident was told of: no step of it
    found = alone_beside(store)
    source_roles.say(store, ARMY, "party", "ana", "a secret")
    review.accept(store, found.id, "ben")
    source_roles.say(store, ARMY, "none", "eva")
    view = show(store, found.id)
    told = past.steps(store, view, clock())
    assert [step.what for step in told[:3]] == ["role_none", "accepted", "role_party"]
    assert [step.by for step in told[:3]] == ["user:eva", "user:ben", "user:ana"]
    assert told[2].changed["status"] == ("reported", "claimed")
    assert "status" not in told[1].changed
    assert not any(step.source == HERALD for step in told)
    (step,) = past.withheld([told[2]], view)
    assert (step.what, step.by, step.source, step.note) == ("role", f"user:{MARK}", "", "")


def alone_beside(store: Store) -> Incident:
    """Another incident that one source alone tells of."""
    told = tell(store, "z", ARMY)
    pipeline.relink(store)
    return store.incident(link_id(store, told))


# ---- from the command line -------------------------------------------------------------------------------


def test_the_commands_say_list_and_take_back(
    tarikh: Tarikh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TARIKH_USER", "ana")
    path = tmp_path / "c.db"
    with open_store(path) as store:
        found = alone(store)
    assert ARMY in tarikh("sources", "--db", path).out
    done = tarikh("sources", "role", ARMY, "party", "--note", "its own", "--db", path)
    assert (done.code, "1 incident changed" in done.err) == (0, True)
    assert "nothing new" in tarikh("sources", "role", ARMY, "party", "--db", path).err
    (row,) = tarikh("sources", "--db", path, "--json", "--find", "army").json()
    assert {key: row[key] for key in ("source", "reports", "role", "by", "note")} == {
        **{"source": ARMY, "reports": 1, "role": "party"},
        **{"by": "user:ana", "note": "its own"},
    }
    shown = tarikh("show", found.id, "--db", path).out
    assert "(party)" in shown
    assert tarikh("list", "--db", path, "--json").json()[0]["status"] == "claimed"
    told = tarikh("changes", "--since", "2024-01-01", "--db", path).out
    assert f"because of the role party of source {ARMY}, by user:ana (its own)" in told
    assert tarikh("sources", "role", ARMY, "none", "--by", "ben", "--db", path).code == 0
    assert "(party)" not in tarikh("show", found.id, "--db", path).out
    assert "user:ben" in tarikh("sources", "--db", path).out


def test_wrong_commands_are_one_sentence(tarikh: Tarikh, tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    with open_store(path) as store:
        alone(store)
    for words in (
        ("sources", "role", "Radio", "party", "--db", path),
        ("sources", "role", ARMY, "parti", "--db", path),
        ("sources", "--db", path, "role", ARMY, "party"),
        ("sources", "--find", "x", "role", ARMY, "party", "--db", path),
        ("sources", "role", ARMY, "--db", path),
        ("sources", "--db", tmp_path / "none.db"),
    ):
        done = tarikh(*words)
        assert done.code == 2, words
        assert done.sentence()
    assert "no source is called like" in tarikh("sources", "--db", path, "--find", "zzz").err
