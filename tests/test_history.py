"""What the data said then is what the store said then: checked on random histories against the store itself."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from history_sample import History, Step, histories, leads
from store_sample import START, Clock, refold, said, tell
from tarikh import history
from tarikh.errors import UsageError
from tarikh.history import AsOf
from tarikh.queries import Filter
from tarikh.store import open_store


@contextmanager
def lived(steps: list[Step]) -> Iterator[History]:
    """A chronicle after these steps."""
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock()
        with open_store(Path(folder) / "chronicle.db", clock) as store:
            yield History(store, clock).run(steps)


@settings(max_examples=30, deadline=None)
@given(histories)
def test_as_of_a_moment_is_what_the_store_said_then(steps: list[Step]) -> None:
    with lived(steps) as past:
        for seen in past.seen:
            then = AsOf(past.store, seen.at)
            assert then.incidents() == seen.incidents
            for key, end in seen.leads.items():
                assert leads(then, key) == end
                assert leads(AsOf(past.store, seen.at), key) == end


@settings(max_examples=15, deadline=None)
@given(histories, st.integers(0, 9))
def test_filters_work_on_the_past_as_on_the_present(steps: list[Step], which: int) -> None:
    wanted = [
        Filter(countries=("MLI",)),
        Filter(minimum_killed=3),
        Filter(place="Gao", point=(16.3, 0.0), radius_km=50),
        Filter(text="bridge"),
        Filter(order="deadliest", limit=2),
        Filter(parties=("rebels",)),
    ][which % 6]
    with lived(steps) as past:
        now = past.clock()
        assert AsOf(past.store, now).incidents(wanted) == past.store.incidents(wanted)


def test_an_id_that_was_first_shown_later_was_absorbed_by_nobody(tmp_path: Path) -> None:
    clock = Clock()
    with open_store(tmp_path / "chronicle.db", clock) as store:
        one, two = tell(store, "a"), tell(store, "b")
        store.add_judgements([said(one, two, "same")])
        (before,) = refold(store)
        then = clock.moment
        assert before.absorbed == ()
        store.withdraw_judgements(one.id, two.id)
        assert len(refold(store)) == 2
        assert AsOf(store, then).incidents() == [before]
        assert AsOf(store, then).incident(before.id) == before
        store.add_judgements([said(one, two, "same")])
        (after,) = refold(store)
        assert len(after.absorbed) == 1
        assert AsOf(store, clock.moment).incident(after.absorbed[0]) == after


NOW = datetime(2025, 3, 14, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2025-03-13", datetime(2025, 3, 13, 23, 59, 59, 999999, UTC)),
        ("2025-03-14", datetime(2025, 3, 14, 23, 59, 59, 999999, UTC)),
        ("2025-03-13T18:30Z", datetime(2025, 3, 13, 18, 30, tzinfo=UTC)),
        ("2025-03-13T18:30", datetime(2025, 3, 13, 18, 30, tzinfo=UTC)),
        ("2025-03-13T18:30:05+02:00", datetime(2025, 3, 13, 16, 30, 5, tzinfo=UTC)),
        ("2025-03-13 18:30", datetime(2025, 3, 13, 18, 30, tzinfo=UTC)),
        ("0001-01-01", datetime(1, 1, 1, 23, 59, 59, 999999, UTC)),
    ],
)
def test_a_day_is_its_end_and_a_moment_is_in_utc(text: str, meant: datetime) -> None:
    assert history.moment(text, "--as-of", NOW) == meant


@pytest.mark.parametrize(
    "text",
    [
        *("", "yesterday", "14/03/2025", "2025-02-30", "2025-W11-4", "20250314", "2025-03-13T25:00"),
        *("1" * 10, "2025-03-13T18:30+99:00", "9" * 5000, "0001-01-01T00:00+14:00", "2025-03-13T"),
    ],
)
def test_what_is_no_moment_is_refused_with_the_form_wanted(text: str) -> None:
    with pytest.raises(UsageError, match="2025-03-14T18:30Z"):
        history.moment(text, "--as-of", NOW)


@pytest.mark.parametrize("text", ["2025-03-15", "2025-03-14T12:01Z", "9999-12-31", "2025-03-14T11:30-02:00"])
def test_the_future_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is in the future"):
        history.moment(text, "--since", NOW)


def test_before_the_first_row_nothing_was_said(tmp_path: Path) -> None:
    with open_store(tmp_path / "chronicle.db", Clock()) as store:
        assert "tarikh add" in str(history.emptiness(store, START))
        History(store, Clock()).run([("tell", 1, 1, 1)])
        sentence = history.emptiness(store, START - timedelta(days=1))
        assert sentence is not None
        assert "2024-05-01" in sentence
        assert history.emptiness(store, START + timedelta(days=1)) is None
        assert AsOf(store, START).incidents() == []
