"""Judgements are found by their ends, by the index of when these were recorded; and what linking remembers is what is kept."""

from __future__ import annotations

import contextlib
import gc
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from store_sample import Clock, recode, said, set_back, tell
from tarikh import pipeline, relinking
from tarikh.errors import StoreError
from tarikh.link.compare import BY
from tarikh.model import Candidate, Evidence, Judgement, Mention, Reason, When
from tarikh.store import Store, acts, coding, ends, nearness, open_store, opening, remembered
from tarikh.store.schema import incident, judgement, mention

DAY = date(2024, 5, 6)
WEIGHED = {"date": Evidence((), ("on Monday",), 0.4, "weekday", (Candidate("2024-05-07/2024-05-07", 0.7),))}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "t.db", Clock()) as opened:
        yield opened


def told(store: Store, count: int) -> list[Mention]:
    return [tell(store, f"r{n}", when=When(DAY, DAY, "day"), weighed=WEIGHED) for n in range(count)]


def of_rule(left: Mention, right: Mention) -> Judgement:
    return replace(
        said(left, right, "same", "linker@5", 9.0), reasons=(Reason("place", "same place: Gao", 3.5),)
    )


def plan(connection: sa.Connection, query: str) -> str:
    return "\n".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").all())


def test_both_ends_find_a_judgement_by_the_index_of_both(store: Store) -> None:
    one, two, three = told(store, 3)
    store.add_judgements([said(one, two, "same"), of_rule(two, three)])
    with store._read() as connection:
        ids = {
            end: [
                set(connection.execute(sa.select(judgement.c.id).where(at([each.id]))).scalars())
                for each in (one, two, three)
            ]
            for end, at in (("left", ends.at_left), ("right", ends.at_right))
        }
        assert [a | b for a, b in zip(*ids.values(), strict=True)] == [{1}, {1, 2}, {2}]
        for end, at in (("left", ends.at_left), ("right", ends.at_right)):
            query = sa.select(judgement).where(at(["m1", "m2"]), judgement.c.verdict == "same")
            words = str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
            found = plan(connection, words)
            assert f"USING COVERING INDEX ix_judgement_{end}_end ({end}_at=? AND {end}=?)" in found
            assert "SCAN" not in found
        walk = plan(connection, nearness._SAME.replace("?", "'[]'"))
        for end in ("left", "right"):
            assert f"COVERING INDEX ix_judgement_{end}_end ({end}_at=? AND {end}=? AND verdict=?)" in walk


def test_what_people_said_is_found_without_reading_what_rules_said(store: Store) -> None:
    asked = [
        acts._author("j", None),
        acts._author("j", "user:ana"),
        sa.and_(acts._author("j", None), acts._on("j", ["m1", "m2"])),
    ]
    with store._read() as connection:
        for condition in asked:
            query = sa.select(judgement).where(condition, judgement.c.withdrawn_at.is_(None))
            words = str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
            found = plan(connection, words)
            assert "ix_judgement_people_" in found
            assert "SCAN judgement\n" not in f"{found}\n"


def test_a_second_is_cut_off_and_not_rounded(tmp_path: Path) -> None:
    at = datetime(2024, 5, 1, 8, 0, 0, 999_999, UTC)
    with open_store(tmp_path / "t.db", lambda: at) as store:
        one, two = (tell(store, name, kind="coup") for name in ("a", "b"))
        store.add_judgements([said(one, two, "same")])
        with store._read() as connection:
            seconds = connection.execute(sa.select(judgement.c.left_at, judgement.c.right_at)).one()
            found = connection.execute(sa.select(judgement.c.id).where(ends.at_left([min(one.id, two.id)])))
            assert (tuple(seconds), found.scalar()) == ((int(at.timestamp()),) * 2, 1)


def test_what_was_rolled_back_was_not_folded(store: Store) -> None:
    one, two = told(store, 2)
    with contextlib.suppress(RuntimeError), store.linking(BY) as work:
        relinking.settle(work)
        raise RuntimeError
    assert not store.stats().folded
    assert not store._remembered.folded
    store.add_judgements([said(one, two, "different")])
    assert pipeline.relink(store, progress=lambda done, total: None) == 2


def test_an_older_database_is_found_by_both_ends_and_its_reasons_are_read(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    with open_store(path, Clock()) as store:
        one, two, three = told(store, 3)
        store.add_judgements([said(one, two, "same"), of_rule(two, three)])
        before = store.judgements()
    set_back(path, "0015")
    with sqlite3.connect(path) as raw:
        named = '[{"feature":"told","value":"so","weight":1.0}]'
        raw.execute("UPDATE judgement SET reasons = ? WHERE id = 1", (named,))
    with open_store(path, Clock()) as store:
        assert store.judgements() == before
        with store._read() as connection:
            rows = connection.execute(
                sa.select(judgement.c.left, judgement.c.left_at, judgement.c.right, judgement.c.right_at)
            ).all()
            seconds = {
                key: int(at.timestamp())
                for key, at in connection.execute(sa.select(mention.c.id, mention.c.recorded_at))
            }
        assert all((row[1], row[3]) == (seconds[row[0]], seconds[row[2]]) for row in rows)
        assert pipeline.relink(store, progress=lambda done, total: None) == 1


def test_an_incident_of_before_is_read_with_its_reasons(store: Store) -> None:
    one, two = told(store, 2)
    store.add_judgements([said(one, two, "same")])
    pipeline.relink(store, progress=lambda done, total: None)
    (before,) = store.incidents()
    assert before.judgements[-1].reasons
    with store._write() as connection:
        kept = connection.execute(sa.select(incident.c.judgements)).scalar_one()
        named = [
            {
                **j,
                "reasons": [dict(zip(("feature", "value", "weight"), r, strict=True)) for r in j["reasons"]],
            }
            for j in kept
        ]
        assert named != kept
        connection.execute(incident.update().values(judgements=named))
    assert store.incidents() == [before]


def test_the_upgrade_of_a_large_database_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "t.db"
    for large in (10**9, 1000):
        open_store(path).close()
        set_back(path, "0015")
        monkeypatch.setattr(opening, "LARGE", large)
        open_store(path).close()
        told = capsys.readouterr().err
        assert (f"upgrading {path}" in told and "from schema 0015" in told) is (large == 1000)


def test_a_rule_s_judgement_is_folded_though_no_linker_compared(store: Store) -> None:
    one, two = (tell(store, name, kind="coup") for name in ("a", "b"))
    pipeline.relink(store, progress=lambda done, total: None)
    before = store.stats()
    store.add_judgements([replace(of_rule(one, two), score=40.0)])
    assert before.folded
    assert not store.stats().folded


def test_a_slim_mention_is_the_kept_one_without_its_words(store: Store) -> None:
    kept = told(store, 4)
    gone = recode(store, kept[0], "rules@2")[0]
    with store._read() as connection:
        found = {
            each.id: each for each in remembered.slim(connection, [each.id for each in kept] + [gone.id])
        }
        whole = coding.mentions(connection, sa.select(mention))
    assert found.keys() == {gone.id, *(each.id for each in kept[1:])}
    for each in whole:
        if each.id in found:
            date_alone = {
                name: Evidence(
                    confidence=e.confidence, rejected=tuple(replace(c, reasons=()) for c in e.rejected)
                )
                for name, e in each.evidence.items()
                if name == "date"
            }
            assert found[each.id] == replace(each, evidence=date_alone, phrases={}, trigger="")
    assert {e.evidence["date"].confidence for e in found.values() if e.evidence} == {0.4}


@pytest.mark.parametrize(
    ("column", "value"),
    [("attackers", '{"a": 1}'), ("harm", "[3]"), ("date_start", "2024-13-45"), ("recorded_at", "long ago")],
)
def test_a_broken_row_is_named_when_it_is_linked(tmp_path: Path, column: str, value: str) -> None:
    path = tmp_path / "t.db"
    with open_store(path, Clock()) as store:
        told(store, 2)
    with sqlite3.connect(path) as raw:
        key = raw.execute("SELECT id FROM mention ORDER BY id LIMIT 1").fetchone()[0]
        raw.execute(f"UPDATE mention SET {column} = ? WHERE id = ?", (value, key))
    with (
        open_store(path, Clock()) as store,
        pytest.raises(StoreError, match=f"row {key} of the table mention"),
    ):
        pipeline.relink(store, progress=lambda done, total: None)


@pytest.mark.parametrize("running", [True, False])
def test_the_search_for_cycles_is_as_it_was_after_linking(store: Store, running: bool) -> None:
    told(store, 2)
    try:
        gc.enable() if running else gc.disable()
        pipeline.relink(store, progress=lambda done, total: None)
        assert gc.isenabled() is running
    finally:
        gc.enable()
