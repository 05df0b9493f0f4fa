"""How views are asked of SQLite: no list reads a whole table, and no word that was erased stays in the search."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from store_sample import Clock, made, mention, replace_incidents, report, tell
from tarikh import queries, review
from tarikh.model import Count, Evidence, Span, When, Where
from tarikh.pipeline import relink
from tarikh.queries import Filter
from tarikh.store import Store, open_store, paging, search
from tarikh.store import incidents as derived


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "t.db", Clock()) as opened:
        yield opened


# ---- plans -----------------------------------------------------------------------------------------------


def plans(store: Store, ask: Any) -> list[str]:
    """The plan of every query on `listed`, `tally` and `map_tally` that a question leads to, as lines."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        asked.append((statement, values))

    engine = store._database._engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        ask()
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    with store._database.read() as connection:
        return [
            " · ".join(
                row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            )
            for statement, values in list(asked)
            if re.search(r"FROM (listed|tally|map_tally)", statement)
        ]


@pytest.fixture
def some(store: Store) -> Store:
    told = []
    for number in range(12):
        day = date(2024, 1, 1 + number)
        where = Where("MLI", "Gao", None, "Gao", 16.27 + number % 2 * 9, -0.04, "exact")
        fields: dict[str, Any] = {"when": When(day, day, "day"), "harm": {"killed": Count(number)}}
        told.append(
            made(f"i-{number:016x}", tell(store, str(number)), where=where, sources=("Radio",), **fields)
        )
    replace_incidents(store, told)
    return store


DATES = {"since": date(2024, 1, 2), "until": date(2024, 3, 31)}
BOX = (-1.0, 16.0, 1.0, 17.0)
WALK = "SCAN listed"
"""Along the table in the order of lists, until the page is full."""

FETCHED = r"SEARCH listed USING INTEGER PRIMARY KEY \(rowid=\?\)"
RANGE = r"SEARCH listed USING INTEGER PRIMARY KEY \(rowid>\? AND rowid<\?\)"

HOT: list[tuple[str, dict[str, Any], str, int]] = [
    ("all, newest", {}, f"^{WALK}$", 0),
    ("all, deadliest", {"order": "deadliest"}, "^(SEARCH|SCAN) listed USING INDEX ix_listed_toll", 0),
    ("box and days", {"bbox": BOX, **DATES}, FETCHED, 99),
    ("box", {"bbox": BOX}, FETCHED, 99),
    ("days", DATES, RANGE, 0),
    ("a country of few", {"countries": ("MLI",)}, FETCHED, 99),
    ("a country of many", {"countries": ("MLI",)}, f"^{WALK}$", 0),
    ("kinds of many", {"kinds": ("riot", "shelling")}, f"^{WALK}$", 0),
    ("a rare word", {"text": "radio"}, FETCHED, 99),
    ("a common word", {"text": "radio"}, WALK, 0),
    ("a source", {"sources": ("Radio",)}, FETCHED, 99),
    ("a source of many", {"sources": ("Radio",)}, WALK, 0),
    ("a party and days", {"parties": ("JNIM",), **DATES}, FETCHED, 99),
    ("accepted", {"review": ("accepted",)}, FETCHED, 99),
]


@pytest.mark.parametrize(("name", "asked", "plan", "few"), HOT, ids=[each[0] for each in HOT])
def test_lists_are_read_in_their_order_or_by_few_keys(
    some: Store, name: str, asked: dict[str, Any], plan: str, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "FEW", few)
    monkeypatch.setattr(paging, "FEW", few)
    lines = plans(some, lambda: queries.page(some, Filter(**asked), None, 5))
    assert re.search(plan, lines[-1]), lines
    if few == 0:  # many rows pass: they must come in order, not be sorted
        assert "TEMP B-TREE" not in lines[-1]
    else:
        assert WALK not in lines[-1]
    for line in lines[:-1]:  # what is asked beforehand goes by an index alone
        assert not re.search(r"SCAN listed( ·|$)", line), line


@pytest.mark.parametrize("order", ["newest", "oldest", "deadliest"])
def test_a_later_page_is_entered_where_it_begins(some: Store, order: Any) -> None:
    wanted = Filter(order=order)
    cursor = queries.page(some, wanted, None, 5).next_cursor
    lines = plans(some, lambda: queries.page(some, wanted, cursor, 5))
    assert "SEARCH listed USING" in lines[0]
    assert "TEMP B-TREE" not in lines[0]


def test_plots_and_map_of_everything_are_read_from_sums(some: Store) -> None:
    for ask in (
        lambda: queries.timeline(some, Filter()),
        lambda: queries.trends(some, Filter(), "week", "party"),
        lambda: queries.counts(some, Filter(countries=("MLI",))),
    ):
        (line,) = plans(some, ask)
        assert "SEARCH tally USING INTEGER PRIMARY KEY" in line
    lines = plans(some, lambda: queries.overview(some, Filter(), None, 2, 1))
    assert [line for line in lines if "map_tally USING INDEX ix_map_tally_level_cell" in line]
    assert not [line for line in lines if "SCAN map_tally" in line]


# ---- forgetting ------------------------------------------------------------------------------------------

SECRET = "Zaliha"


def _told(store: Store, name: str, words: str, text: str) -> Any:
    one = report(name, text, title=f"{words} speaks")
    store.add_report(one)
    found = mention(one, 0, 6)
    evidence = found.evidence | {"kind": Evidence((Span("text", 0, 6),), (words,), 0.7)}
    return one, store.add_mentions(one.id, "rules@1", [replace(found, evidence=evidence, attribution=words)])[
        0
    ]


def _blobs(store: Store) -> bytes:
    with store._database.read() as connection:
        rows = connection.exec_driver_sql("SELECT block FROM listed_words_data").scalars().all()
        terms = connection.exec_driver_sql("SELECT term FROM listed_words_idx").scalars().all()
    return b"\0".join([*rows, *(t.encode() if isinstance(t, str) else bytes(t or b"") for t in terms)])


def _terms(store: Store) -> set[str]:
    with store._database._engine.connect() as connection:
        connection.exec_driver_sql(
            "CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, listed_words, 'row')"
        )
        found = set(connection.exec_driver_sql("SELECT term FROM temp.terms").scalars())
        connection.exec_driver_sql("DROP TABLE temp.terms")
    return found


@pytest.mark.parametrize("rebuilt", [True, False])
def test_no_erased_word_is_left_in_the_search(store: Store, rebuilt: bool) -> None:
    one, _ = _told(store, "a", SECRET, f"Shells fell on the house of {SECRET} on Monday.")
    _told(store, "b", "Aminata", "Shells fell on the bridge, Aminata said.")
    relink(store)
    assert len(queries.page(store, Filter(text=SECRET)).items) == 1
    # Folded twice more, so that the word was also put in and taken out before.
    home = queries.page(store, Filter(text=SECRET)).items[0]
    review.accept(store, home.id, "ana")
    review.correct(store, home.id, "killed", "3", "ana")
    assert SECRET.lower() in _terms(store)
    assert SECRET.lower().encode() in _blobs(store)
    if rebuilt:
        review.forget(store, one.id, "ana", "names a witness")
    else:
        store.forgetting.forget(one.id, "names a witness", "user:ana", review.LIKENESS)
    assert SECRET.lower() not in _terms(store)
    # Terms are kept without what they share with the term before: no end of the word may stand there either.
    assert not [end for end in ("zaliha", "aliha", "liha") if end.encode() in _blobs(store)]
    assert queries.page(store, Filter(text=SECRET)).items == ()
    assert len(queries.page(store, Filter(text="aminata")).items) == 1
    (row,) = [each for each in queries.page(store, Filter()).items if each.id == home.id]
    assert row.version != home.version
    with store._database.read() as connection:
        connection.exec_driver_sql("INSERT INTO listed_words (listed_words) VALUES ('integrity-check')")


def test_what_is_remembered_is_found_again(store: Store) -> None:
    one, kept = _told(store, "a", SECRET, f"Shells fell on the house of {SECRET} on Monday.")
    relink(store)
    review.forget(store, one.id, "ana", "asked for")
    assert queries.page(store, Filter(text=SECRET)).items == ()
    store.forgetting.remember(one, [kept], "user:ana")
    relink(store)
    assert len(queries.page(store, Filter(text=SECRET)).items) == 1


def test_the_search_is_kept_in_the_transaction_of_the_incident(store: Store) -> None:
    class Broken(Exception):
        pass

    given = made("i-00000000000000aa", tell(store, "a"), kind="riot")

    def put_and_break_off() -> None:
        with store._write() as connection:
            told = derived.told(connection, [given])
            derived.insert(connection, list(derived.prepared([given], told).values()))
            assert connection.exec_driver_sql("SELECT count(*) FROM listed_words('riot')").scalar() == 1
            raise Broken

    with pytest.raises(Broken):
        put_and_break_off()
    with store._database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM listed_words('riot')").scalar() == 0
        assert connection.exec_driver_sql("SELECT count(*) FROM listed").scalar() == 0
